-- grain: one row per indicator asked to all and year; taux is the share of the answers without a value
create or replace temp table non_reponses as
with demandees as (
    select distinct indicateur
    from demandes
    where est_de_toutes
),

obtenues as (
    select distinct indicateur, millesime, cle_association
    from unites
)

select
    a.indicateur,
    a.millesime,
    count(*) as n_attendues,
    count(o.cle_association) as n_obtenues,
    1 - count(o.cle_association) / cast(count(*) as double) as taux
from attendues as a
inner join demandees as d on a.indicateur = d.indicateur
left join obtenues as o
    on a.indicateur = o.indicateur and a.millesime = o.millesime and a.cle_association = o.cle_association
group by a.indicateur, a.millesime
