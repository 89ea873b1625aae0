-- grain: one row per association and year met anywhere; its sector and commune after its own card,
-- the latest one not after that year, else the earliest one
with demandes as (
    select cle_association, millesime
    from base_reponses
    union
    select cle_association, millesime
    from base_subventions
),

fiches as (
    select
        d.cle_association,
        d.millesime,
        a.secteur,
        a.commune,
        case when a.millesime <= d.millesime then 0 else 1 end as apres,
        abs(a.millesime - d.millesime) as ecart
    from demandes as d
    inner join courant.associations as a on d.cle_association = a.cle_association
),

secteurs as (
    select
        cle_association, millesime, secteur,
        row_number() over (partition by cle_association, millesime order by apres, ecart, secteur) as rang
    from fiches
    where secteur is not null
),

communes as (
    select
        cle_association, millesime, commune,
        row_number() over (partition by cle_association, millesime order by apres, ecart, commune) as rang
    from fiches
    where commune is not null
)

select d.cle_association, d.millesime, coalesce(s.secteur, 'non_classe') as domaine, c.commune
from demandes as d
left join secteurs as s on d.cle_association = s.cle_association and d.millesime = s.millesime and s.rang = 1
left join communes as c on d.cle_association = c.cle_association and d.millesime = c.millesime and c.rang = 1
