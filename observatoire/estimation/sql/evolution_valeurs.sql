-- grain of apports: one row per indicator followed, year and association with a value; of inscrites: one per association,
-- with its rank and its class in the frame. Sums are exact decimals: their order does not matter.
create or replace temp table inscrites as
with classes as (
    select cle_association, min(classe) as classe
    from cadre
    group by cle_association
)

select
    t.cle_association, c.classe, cast(row_number() over (order by t.cle_association) as integer) - 1 as numero
from (
    select cle_association from unites
    union
    select cle_association from poids
) as t
left join classes as c on t.cle_association = c.cle_association;

create or replace temp table apports as
select
    u.indicateur, cast(u.millesime as integer) as millesime, i.numero,
    cast(sum(cast(u.valeur as decimal(38, 12))) as double) as y,
    cast(sum(cast(u.poids as decimal(38, 12))) as double) as x,
    cast(sum(cast(u.nb_personnes as decimal(38, 12))) as double) as nb_personnes
from unites as u
inner join inscrites as i on u.cle_association = i.cle_association
where u.indicateur in (select indicateur from suivis)
group by u.indicateur, u.millesime, i.numero
