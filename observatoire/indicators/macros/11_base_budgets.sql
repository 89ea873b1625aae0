-- grain: one row per association and year with a positive total of resources.
-- subventions is null when no line of subsidy is filled; hhi and part_premier are shares between 0 and 1;
-- est_detaille: one line of resources at least is filled, and those left blank are zeros.
with lignes as (
    select
        cle_association,
        cast(millesime as integer) as millesime,
        commune,
        cast(montant_total as double) as total,
        cast(montant_charges as double) as charges,
        cast(montant_fonds_propres as double) as fonds_propres,
        cast(montant_tresorerie as double) as tresorerie,
        cast(montant_premier_financeur as double) as premier,
        cast(taux_pluriannuel as double) as taux_pluriannuel,
        coalesce(
            montant_sub_etat, montant_sub_region, montant_sub_departement, montant_sub_epci, montant_sub_commune,
            montant_sub_caf, montant_sub_europe, montant_sub_asp, montant_sub_autres
        ) as une_ligne,
        coalesce(
            montant_cotisations, montant_dons, montant_mecenat, montant_activites, montant_commandes_publiques,
            montant_produits_financiers, montant_autres
        ) as une_ressource,
        coalesce(cast(montant_cotisations as double), 0) as cotisations,
        coalesce(cast(montant_dons as double), 0) + coalesce(cast(montant_mecenat as double), 0) as dons_mecenat,
        coalesce(cast(montant_activites as double), 0) as activites,
        coalesce(cast(montant_commandes_publiques as double), 0) as commandes,
        coalesce(cast(montant_sub_etat as double), 0) as etat, coalesce(cast(montant_sub_region as double), 0) as region,
        coalesce(cast(montant_sub_departement as double), 0) as departement,
        coalesce(cast(montant_sub_epci as double), 0) as epci,
        coalesce(cast(montant_sub_commune as double), 0) as communes,
        coalesce(cast(montant_sub_caf as double), 0) as caf, coalesce(cast(montant_sub_europe as double), 0) as europe,
        coalesce(cast(montant_sub_asp as double), 0) as asp, coalesce(cast(montant_sub_autres as double), 0) as autres
    from courant.ressources
    where montant_total > 0
),

sommes as (
    select
        *,
        case when une_ligne is not null
            then etat + region + departement + epci + communes + caf + europe + asp + autres
        end as subventions,
        etat * etat + region * region + departement * departement + epci * epci + communes * communes
        + caf * caf + europe * europe + asp * asp + autres * autres as carres
    from lignes
)

select
    cle_association, millesime, commune, total, charges, subventions,
    case when subventions > 0 then carres / nullif(subventions * subventions, 0) end as hhi,
    premier / nullif(total, 0) as part_premier,
    fonds_propres / nullif(charges / 12, 0) as reserves_mois,
    tresorerie / nullif(charges / 12, 0) as tresorerie_mois,
    case when charges > total then 1 when charges is not null then 0 end as est_deficit,
    taux_pluriannuel * total as pluriannuel,
    case when une_ligne is not null or une_ressource is not null then 1 end as est_detaille,
    cotisations, dons_mecenat, activites, commandes
from sommes
