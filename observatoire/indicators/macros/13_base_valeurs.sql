-- grain: one row per answer (association, year, category) and field that is filled, all questionnaires together
with e as (
    select
        *, cast(millesime as integer) as annee_reponse,
        case when coalesce(nb_cdd, nb_vacations) is not null then coalesce(nb_cdd, 0) + coalesce(nb_vacations, 0)
        end as nb_cdd_vacations
    from courant.emploi
),

r as (
    select *, cast(millesime as integer) as annee_reponse
    from courant.ressources
),

v as (
    select cle_association, millesime, commune, bloc, champ, valeur from base_fiches
    union all select cle_association, annee_reponse, commune, '', 'salaries', cast(nb_salaries as double) from e
    union all select cle_association, annee_reponse, commune, '', 'cdd', cast(nb_cdd_vacations as double) from e
    union all select cle_association, annee_reponse, commune, '', 'contrats_aides', nb_contrats_aides from e
    union all select cle_association, annee_reponse, commune, '', 'alternants', nb_alternants from e
    union all select cle_association, annee_reponse, commune, '', 'salariees', nb_femmes from e
    union all select cle_association, annee_reponse, commune, '', 'etp', etp_total from e
    union all select cle_association, annee_reponse, commune, '', 'etp_fragiles', etp_financement_moins_12_mois from e
    union all select cle_association, annee_reponse, commune, '', 'departs', nb_departs from e
    union all select cle_association, annee_reponse, commune, '', 'postes_vacants', nb_postes_non_pourvus from e
    union all select cle_association, annee_reponse, commune, '', 'aap_deposes', nb_aap_deposes from r
    union all select cle_association, annee_reponse, commune, '', 'aap_obtenus', nb_aap_obtenus from r
    union all select cle_association, annee_reponse, commune, '', 'heures_aap', heures_aap from r
    union all select cle_association, millesime, commune, '', 'total', total from base_budgets
    union all select cle_association, millesime, commune, '', 'commandes', est_detaille * commandes from base_budgets
    union all select cle_association, millesime, commune, '', 'cotisations', est_detaille * cotisations from base_budgets
    union all select cle_association, millesime, commune, '', 'dons_mecenat', est_detaille * dons_mecenat from base_budgets
    union all select cle_association, millesime, commune, '', 'activites', est_detaille * activites from base_budgets
    union all select cle_association, millesime, commune, '', 'subventions', subventions from base_budgets
    union all select cle_association, millesime, commune, '', 'hhi', hhi from base_budgets
    union all select cle_association, millesime, commune, '', 'part_premier', part_premier from base_budgets
    union all select cle_association, millesime, commune, '', 'reserves_mois', reserves_mois from base_budgets
    union all select cle_association, millesime, commune, '', 'tresorerie_mois', tresorerie_mois from base_budgets
    union all select cle_association, millesime, commune, '', 'est_deficit', est_deficit from base_budgets
    union all select cle_association, millesime, commune, '', 'pluriannuel', pluriannuel from base_budgets
)

select cle_association, millesime, commune, bloc, champ, cast(valeur as double) as valeur
from v
where valeur is not null
