-- grain: one row per association and year whose card names a district, and commune of that district: the place where it
-- counts is the part of the commune that lies there (the latest card not after that year, else the earliest one)
with fiches as (
    select
        u.cle_association, u.millesime, a.code_qpv,
        row_number() over (
            partition by u.cle_association, u.millesime
            order by case when a.millesime <= u.millesime then 0 else 1 end,
                abs(a.millesime - u.millesime), a.code_qpv
        ) as rang
    from (select distinct cle_association, millesime from unites) as u
    inner join courant.associations as a on u.cle_association = a.cle_association
    where a.code_qpv is not null
)

select f.cle_association, f.millesime, q.code_commune, concat(q.code_commune, '|', q.code) as lieu
from fiches as f
inner join appartenances as q on q.niveau = 'qpv' and f.code_qpv = q.code
where f.rang = 1
