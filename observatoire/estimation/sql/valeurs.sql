-- grain: one row per weighted indicator, year and association with a value; its rows add up, funders together.
-- numero: rank of the association in `numeros`. Sums are exact decimals: their order does not matter.
create or replace temp table numeros as
select cle_association, cast(row_number() over (order by cle_association) as integer) as numero
from (select cle_association from unites union select cle_association from poids);

create or replace temp table valeurs as
select
    u.indicateur, cast(u.millesime as integer) as millesime, n.numero,
    min(u.code_commune) as code_commune,
    min(u.domaine) as domaine,
    cast(sum(cast(u.valeur as decimal(38, 12))) as double) as y,
    cast(sum(cast(u.poids as decimal(38, 12))) as double) as x,
    cast(sum(cast(coalesce(u.valeur_haute, u.valeur) as decimal(38, 12))) as double) as y_haut
from unites as u
inner join numeros as n on u.cle_association = n.cle_association
where u.indicateur in (select indicateur from vues_demandees)
group by u.indicateur, u.millesime, n.numero
order by u.indicateur, u.millesime, n.numero
