-- grain: one row per published decision; the beneficiary takes the key it has in the surveys when it is known there
select
    coalesce(
        par_cle.cle_association,
        par_rna.cle_association,
        par_siren.cle_association,
        s.cle_association,
        s.nom_beneficiaire
    ) as cle_association,
    coalesce(
        cast(s.annee_exercice as integer),
        cast(extract(year from s.date_convention) as integer),
        cast(s.millesime as integer)
    ) as millesime,
    s.nom_attribuant as financeur,
    s.commune_beneficiaire as commune,
    cast(s.montant as double) as montant
from courant.subventions as s
left join base_identites as par_cle on s.cle_association = par_cle.identite
left join base_identites as par_rna on s.rna_beneficiaire = par_rna.identite
left join base_identites as par_siren on substr(s.id_beneficiaire, 1, 9) = par_siren.identite
