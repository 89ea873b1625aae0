-- grain of partis: one row per cell in which an association counted that answers no more for that year; of retraits:
-- one row per cell that its departure would give away, n_montre being the number of respondents last shown.
create or replace temp table partis as
with parties as (
    select a.*
    from secret_unites as a
    where not exists (
        select 1 from unites as u where u.cle_association = a.cle_association and u.millesime = a.millesime
    )
),

placees as (
    select p.*, z.niveau, z.code
    from parties as p
    inner join zones as z on z.niveau = 'departement'
    union all
    select p.*, r.niveau, r.code
    from parties as p
    inner join rattachements as r on p.code_commune = r.code_commune
    where r.niveau <> 'departement'
)

select distinct p.indicateur, p.millesime, p.niveau, p.code, d.domaine, f.financeur
from placees as p
inner join (select distinct domaine from cellules) as d on d.domaine in ('tous', p.domaine)
inner join (select distinct financeur from cellules) as f on f.financeur in ('tous', p.financeur);

insert into retraits
with nombres as (
    select distinct indicateur, millesime, niveau, code, domaine, financeur, n
    from cellules
),

montrees as (
    select distinct indicateur, millesime, niveau, code, domaine, financeur, n
    from precedentes
    where statut in ('ok', 'prudence') and n > 0
)

select c.indicateur, c.millesime, c.niveau, c.code, c.domaine, c.financeur, m.n
from nombres as c
inner join partis as x using (indicateur, millesime, niveau, code, domaine, financeur)
inner join montrees as m using (indicateur, millesime, niveau, code, domaine, financeur)
inner join regles as g on c.indicateur = g.indicateur and g.secret <> 'aucun'
where c.n <> m.n and abs(c.n - m.n) < $lot
union
select c.indicateur, c.millesime, c.niveau, c.code, c.domaine, c.financeur, e.n_montre
from nombres as c
inner join secret_effectifs as e using (indicateur, millesime, niveau, code, domaine, financeur)
where e.n_montre is not null and c.n <> e.n_montre and abs(c.n - e.n_montre) < $lot
