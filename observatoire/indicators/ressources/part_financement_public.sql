-- grain: one row per association and year with a positive total and at least one subsidy line filled in (0 counts);
-- public orders are sales and stay out of the numerator
with subventions as (
    select
        cle_association, millesime, commune, montant_total,
        coalesce(
            montant_sub_etat, montant_sub_region, montant_sub_departement, montant_sub_epci, montant_sub_commune,
            montant_sub_caf, montant_sub_europe, montant_sub_asp, montant_sub_autres
        ) as une_ligne,
        coalesce(cast(montant_sub_etat as double), 0) + coalesce(cast(montant_sub_region as double), 0)
        + coalesce(cast(montant_sub_departement as double), 0) + coalesce(cast(montant_sub_epci as double), 0)
        + coalesce(cast(montant_sub_commune as double), 0) + coalesce(cast(montant_sub_caf as double), 0)
        + coalesce(cast(montant_sub_europe as double), 0) + coalesce(cast(montant_sub_asp as double), 0)
        + coalesce(cast(montant_sub_autres as double), 0) as montant_subventions
    from courant.ressources
)

select
    r.cle_association,
    cast(r.millesime as integer) as millesime,
    coalesce(r.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    r.montant_subventions as valeur,
    cast(r.montant_total as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from subventions as r
inner join base_situation as s on r.cle_association = s.cle_association and r.millesime = s.millesime
where r.montant_total > 0 and r.une_ligne is not null
