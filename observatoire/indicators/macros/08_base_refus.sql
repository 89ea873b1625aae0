-- grain: one row per association whose last answer on consent refuses any publication, totals included
with accords as (
    select
        cle_association,
        consentement,
        row_number() over (partition by cle_association order by millesime desc, consentement desc) as rang
    from courant.associations
    where consentement is not null
)

select cle_association
from accords
where rang = 1 and consentement = 'non'
