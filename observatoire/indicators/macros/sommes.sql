-- grain: one row per indicator, year, level, zone, sector ('tous' included) and funder ('tous' included)
-- in which somebody answered. Commune or district x sector is left out; the département counts every association, placed or not.
with placees as (
    select u.*, z.niveau, z.code
    from unites as u
    inner join zones as z on z.niveau = 'departement'
    union all
    select u.*, r.niveau, r.code
    from unites as u
    inner join rattachements as r on u.code_commune = r.code_commune
    inner join regles as g on u.indicateur = g.indicateur
    where r.niveau <> 'departement' and (g.communes or r.niveau <> 'commune')
)

select
    indicateur,
    millesime,
    niveau,
    code,
    case when grouping(domaine) = 1 then 'tous' else domaine end as domaine,
    case when grouping(financeur) = 1 then 'tous' else financeur end as financeur,
    count(distinct cle_association) as n,
    sum(nb_personnes) as nb_personnes,
    sum(valeur order by valeur) as numerateur,
    sum(poids order by poids) as denominateur,
    sum(valeur_basse order by valeur_basse) as basse,
    sum(valeur_haute order by valeur_haute) as haute,
    greatest(
        max(abs(valeur)) / nullif(sum(abs(valeur) order by abs(valeur)), 0),
        max(abs(poids)) / nullif(sum(abs(poids) order by abs(poids)), 0),
        max(abs(valeur_haute)) / nullif(sum(abs(valeur_haute) order by abs(valeur_haute)), 0)
    ) as part_max
from placees
group by grouping sets (
    (indicateur, millesime, niveau, code),
    (indicateur, millesime, niveau, code, domaine),
    (indicateur, millesime, niveau, code, financeur),
    (indicateur, millesime, niveau, code, domaine, financeur)
)
having (grouping(financeur) = 1 or financeur is not null)
    and (grouping(domaine) = 1 or niveau not in ('commune', 'qpv'))
