-- grain: one row per indicator, year and association that answered the questionnaire the indicator rests on
create or replace temp table attendues as
with reponses as (
    select distinct cle_association, millesime, questionnaire
    from base_reponses
    where cle_association not in (select cle_association from base_refus)
),

tailles as (
    select questionnaire, count(*) as n
    from reponses
    group by questionnaire
),

valeurs as (
    select distinct indicateur, cle_association, millesime
    from unites
),

-- values of associations that did not answer that questionnaire: another one explains the indicator better
dehors as (
    select d.indicateur, d.questionnaire, count(v.cle_association) - count(r.cle_association) as nb
    from demandes as d
    left join valeurs as v on d.indicateur = v.indicateur
    left join reponses as r
        on v.cle_association = r.cle_association and v.millesime = r.millesime and d.questionnaire = r.questionnaire
    where d.questionnaire is not null
    group by d.indicateur, d.questionnaire
),

choix as (
    select
        h.indicateur, h.questionnaire,
        row_number() over (partition by h.indicateur order by h.nb, t.n, h.questionnaire) as rang
    from dehors as h
    inner join tailles as t on h.questionnaire = t.questionnaire
)

select c.indicateur, r.millesime, r.cle_association
from choix as c
inner join reponses as r on c.questionnaire = r.questionnaire
where c.rang = 1
union
select d.indicateur, r.millesime, r.cle_association
from demandes as d
cross join reponses as r
where d.questionnaire is null
