-- grain: one row per cell that its largest contributor makes for more than $part: the share of the first two.
-- Below, the first two cannot make more than twice $part.
with suspectes as (
    select c.indicateur, c.millesime, c.niveau, c.code, c.domaine, c.financeur
    from cellules as c
    inner join regles as g on c.indicateur = g.indicateur
    where g.dominance and g.secret <> 'aucun' and c.n > 1 and c.part_max > $part
),

placees as (
    select s.*, u.cle_association, u.valeur, u.poids, u.valeur_haute
    from suspectes as s
    inner join rattachements as r on s.niveau = r.niveau and s.code = r.code
    inner join unites as u on s.indicateur = u.indicateur and s.millesime = u.millesime and r.code_commune = u.code_commune
    where s.niveau <> 'departement' and s.domaine in ('tous', u.domaine) and s.financeur in ('tous', u.financeur)
    union all
    select s.*, u.cle_association, u.valeur, u.poids, u.valeur_haute
    from suspectes as s
    inner join unites as u on s.indicateur = u.indicateur and s.millesime = u.millesime
    where s.niveau = 'departement' and s.domaine in ('tous', u.domaine) and s.financeur in ('tous', u.financeur)
),

apports as (
    select
        indicateur, millesime, niveau, code, domaine, financeur, cle_association,
        abs(sum(valeur)) as valeur, abs(sum(poids)) as poids, abs(sum(valeur_haute)) as haute
    from placees
    group by indicateur, millesime, niveau, code, domaine, financeur, cle_association
),

ranges as (
    select
        *,
        row_number() over (partition by indicateur, millesime, niveau, code, domaine, financeur order by valeur desc) as rv,
        row_number() over (partition by indicateur, millesime, niveau, code, domaine, financeur order by poids desc) as rp,
        row_number() over (partition by indicateur, millesime, niveau, code, domaine, financeur order by haute desc) as rh
    from apports
)

select
    indicateur, millesime, niveau, code, domaine, financeur,
    greatest(
        sum(case when rv <= 2 then valeur end) / nullif(sum(valeur), 0),
        sum(case when rp <= 2 then poids end) / nullif(sum(poids), 0),
        sum(case when rh <= 2 then haute end) / nullif(sum(haute), 0)
    ) as part_deux
from ranges
group by indicateur, millesime, niveau, code, domaine, financeur
