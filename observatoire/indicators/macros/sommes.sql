-- grain: one row per indicator, year, level, zone, sector ('tous' included) and funder ('tous' included)
-- in which somebody answered. Commune or district x sector is left out; the département counts every association,
-- placed or not. Sums are exact decimals: the same answers give the same bits, in whatever order they are read.
with repetees as (
    select indicateur, millesime, cle_association
    from unites
    group by indicateur, millesime, cle_association
    having count(*) > 1
),

-- counting distinct associations is dear: only those that have several rows need it
lignes as (
    select u.*, 'tous' as payeur, r.cle_association as repetee
    from unites as u
    left join repetees as r
        on u.indicateur = r.indicateur and u.millesime = r.millesime and u.cle_association = r.cle_association
    union all
    select u.*, u.financeur, u.cle_association
    from unites as u
    where u.financeur is not null
),

placees as (
    select u.*, z.niveau, z.code
    from lignes as u
    inner join zones as z on z.niveau = 'departement'
    union all
    select u.*, r.niveau, r.code
    from lignes as u
    inner join rattachements as r on u.code_commune = r.code_commune
    inner join regles as g on u.indicateur = g.indicateur
    where r.niveau <> 'departement' and (g.communes or r.niveau <> 'commune')
),

-- one row per set, then its name: an engine may refuse grouping() under the name of the column it groups
sommees as (
    select
        indicateur, millesime, niveau, code, payeur, domaine, grouping(domaine) as est_tous,
        count(*) - count(repetee) + count(distinct repetee) as n,
        cast(sum(cast(nb_personnes as decimal(38, 12))) as double) as nb_personnes,
        cast(sum(cast(valeur as decimal(38, 12))) as double) as numerateur,
        cast(sum(cast(poids as decimal(38, 12))) as double) as denominateur,
        cast(sum(cast(valeur_basse as decimal(38, 12))) as double) as basse,
        cast(sum(cast(valeur_haute as decimal(38, 12))) as double) as haute,
        greatest(
            max(abs(valeur)) / nullif(cast(sum(cast(abs(valeur) as decimal(38, 12))) as double), 0),
            max(abs(poids)) / nullif(cast(sum(cast(abs(poids) as decimal(38, 12))) as double), 0),
            max(abs(valeur_haute)) / nullif(cast(sum(cast(abs(valeur_haute) as decimal(38, 12))) as double), 0)
        ) as part_max
    from placees
    group by grouping sets (
        (indicateur, millesime, niveau, code, payeur), (indicateur, millesime, niveau, code, payeur, domaine)
    )
)

select
    indicateur, millesime, niveau, code, case when est_tous = 1 then 'tous' else domaine end as domaine,
    payeur as financeur, n, nb_personnes, numerateur, denominateur, basse, haute, part_max
from sommees
where est_tous = 1 or niveau not in ('commune', 'qpv')
