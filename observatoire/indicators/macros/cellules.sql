-- grain: one row per cell that may be published, answered or not (funders: only those met).
-- taille ranks the cells of a table from the smallest: the total, else the base of the ratio.
with annees as (
    select distinct indicateur, millesime from unites
    union
    select g.indicateur, r.millesime
    from regles as g
    cross join (select distinct millesime from base_reponses) as r
),

attendues as (
    select a.indicateur, a.millesime, z.niveau, z.code, d.code as domaine
    from annees as a
    inner join permises as z on a.indicateur = z.indicateur
    cross join (select code from domaines union all select 'tous') as d
    where d.code = 'tous' or z.niveau not in ('commune', 'qpv')
),

lignes as (
    select
        indicateur, millesime, niveau, code, domaine, financeur,
        n, nb_personnes, part_max, numerateur, denominateur, basse, haute
    from sommes
    inner join permises using (indicateur, niveau, code)
    union all
    select indicateur, millesime, niveau, code, domaine, 'tous', 0, 0, 0, null, null, null, null
    from attendues
),

toutes as (
    select
        indicateur, millesime, niveau, code, domaine, financeur,
        cast(sum(n) as bigint) as n,
        coalesce(sum(nb_personnes), 0) as nb_personnes, coalesce(max(part_max), 0) as part_max,
        max(numerateur) as numerateur, max(denominateur) as denominateur,
        max(basse) as basse, max(haute) as haute
    from lignes
    group by indicateur, millesime, niveau, code, domaine, financeur
)

select
    t.*,
    case when g.estimateur = 'compte' then cast(t.n as double)
        when g.estimateur = 'mediane' then case when t.financeur = 'tous' then d.mediane end
        when g.estimateur = 'gini' then case when t.financeur = 'tous' then d.gini end
        when g.estimateur = 'par_habitant' then t.numerateur / nullif(z.population, 0)
        when g.estimateur in ('total', 'gini_territoires') then t.numerateur
        else t.numerateur / nullif(t.denominateur, 0)
    end as valeur,
    abs(case when g.estimateur = 'compte' then cast(t.n as double)
        when g.estimateur in ('ratio', 'moyenne', 'proportion') then t.denominateur
        else t.numerateur
    end) as taille
from toutes as t
inner join regles as g on t.indicateur = g.indicateur
left join zones as z on t.niveau = z.niveau and t.code = z.code
left join distributions as d
    on t.indicateur = d.indicateur and t.millesime = d.millesime and t.niveau = d.niveau and t.code = d.code
    and t.domaine = d.domaine
