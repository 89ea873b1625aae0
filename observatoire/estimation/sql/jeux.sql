-- grain of jeux: one row per indicator, view and year; of membres: one row per set and association.
-- Two indicators weigh the same set when they rest on the same associations.
create or replace temp table sollicitees as
with budgets as (
    select cle_association, cast(millesime as integer) as millesime, max(cast(montant_total as double)) as budget
    from courant.ressources
    where montant_total > 0
    group by cle_association, millesime
),

toutes as (
    select distinct indicateur
    from demandes
    where est_de_toutes
),

bases as (
    select distinct u.indicateur, u.millesime, u.cle_association
    from unites as u
    inner join toutes as t on u.indicateur = t.indicateur
    union all
    select a.indicateur, a.millesime, a.cle_association
    from attendues as a
    where a.indicateur not in (select indicateur from toutes)
)

select
    v.indicateur, v.vue, b.millesime, b.cle_association,
    case when v.vue = 'poids_economique' then m.budget else 1 end as facteur
from vues_demandees as v
inner join bases as b on v.indicateur = b.indicateur
left join budgets as m on b.cle_association = m.cle_association and b.millesime = m.millesime
where v.vue <> 'poids_economique' or m.budget is not null;

create or replace temp table jeux as
with empreintes as (
    select
        indicateur, vue, millesime, count(*) as n,
        bit_xor(hash(cle_association)) as empreinte
    from sollicitees
    group by indicateur, vue, millesime
)

select
    indicateur, vue, millesime,
    cast(dense_rank() over (order by millesime, vue, n, empreinte) as integer) as jeu
from empreintes
where exists (select 1 from cadre);

create or replace temp table membres as
with premiers as (
    select jeu, min(indicateur) as indicateur, any_value(vue) as vue, any_value(millesime) as millesime
    from jeux
    group by jeu
)

select p.jeu, p.vue, s.cle_association, s.facteur
from premiers as p
inner join sollicitees as s
    on p.indicateur = s.indicateur and p.vue = s.vue and p.millesime = s.millesime;

drop table sollicitees
