-- grain: one row per spelling of an identity (key, RNA, SIREN) of an association that filed its own card
with identites as (
    select cle_association as identite, cle_association
    from courant.associations
    union
    select rna, cle_association
    from courant.associations
    where rna is not null
    union
    select substr(siret, 1, 9), cle_association
    from courant.associations
    where siret is not null
)

select identite, min(cle_association) as cle_association
from identites
where cle_association is not null
group by identite
