-- grain: one row per answer (association, year, category) and field of the card or of volunteering that is filled
with a as (
    select
        cle_association, cast(millesime as integer) as millesime, commune, '' as bloc,
        cast(nb_adherents as double) as adherents, cast(nb_adherents_femmes as double) as adherentes,
        cast(nb_adherents_moins_18 as double) as adherents_mineurs,
        cast(nb_beneficiaires as double) as beneficiaires, cast(nb_beneficiaires_qpv as double) as beneficiaires_qpv,
        cast(nb_situations_non_recours as double) as non_recours, cast(nb_droits_ouverts as double) as droits_ouverts,
        cast(nb_non_connaissance as double) as non_connaissance, cast(nb_non_demande as double) as non_demande,
        cast(nb_non_reception as double) as non_reception, cast(nb_non_proposition as double) as non_proposition,
        case when employeuse then 1 when not employeuse then 0 end as employeuse,
        case when qpv then 1 when not qpv then 0 end as qpv,
        case when annee_creation <= millesime then cast(millesime as double) - annee_creation end as age,
        case when territoire_intervention in ('quartier', 'commune', 'epci') then 1
            when territoire_intervention is not null then 0
        end as rayon_local
    from courant.associations
),

b as (
    select *, cast(millesime as integer) as annee_reponse, coalesce(categorie, '') as bloc
    from courant.benevolat
),

f as (
    select cle_association, millesime, commune, bloc, 'adherents' as champ, adherents as valeur from a
    union all select cle_association, millesime, commune, bloc, 'adherentes', adherentes from a
    union all select cle_association, millesime, commune, bloc, 'adherents_mineurs', adherents_mineurs from a
    union all select cle_association, millesime, commune, bloc, 'beneficiaires', beneficiaires from a
    union all select cle_association, millesime, commune, bloc, 'beneficiaires_qpv', beneficiaires_qpv from a
    union all select cle_association, millesime, commune, bloc, 'non_recours', non_recours from a
    union all select cle_association, millesime, commune, bloc, 'droits_ouverts', droits_ouverts from a
    union all select cle_association, millesime, commune, bloc, 'non_connaissance', non_connaissance from a
    union all select cle_association, millesime, commune, bloc, 'non_demande', non_demande from a
    union all select cle_association, millesime, commune, bloc, 'non_reception', non_reception from a
    union all select cle_association, millesime, commune, bloc, 'non_proposition', non_proposition from a
    union all select cle_association, millesime, commune, bloc, 'employeuse', employeuse from a
    union all select cle_association, millesime, commune, bloc, 'qpv', qpv from a
    union all select cle_association, millesime, commune, bloc, 'age', age from a
    union all select cle_association, millesime, commune, bloc, 'rayon_local', rayon_local from a
    union all select cle_association, annee_reponse, commune, bloc, 'dirigeants', nb_dirigeants from b
    union all select cle_association, annee_reponse, commune, bloc, 'dirigeantes', nb_dirigeants_femmes from b
    union all select cle_association, annee_reponse, commune, bloc, 'dirigeants_moins_40', nb_dirigeants_moins_40 from b
    union all select cle_association, annee_reponse, commune, bloc, 'dirigeants_65_plus', nb_dirigeants_65_plus from b
    union all select cle_association, annee_reponse, commune, bloc, 'dirigeants_nouveaux', nb_dirigeants_nouveaux from b
    union all select cle_association, annee_reponse, commune, bloc, 'benevoles', nb_benevoles_distincts from b
    union all select cle_association, annee_reponse, commune, bloc, 'benevoles_femmes', nb_benevoles_femmes from b
    union all select cle_association, annee_reponse, commune, bloc, 'benevoles_moins_30', nb_benevoles_moins_30 from b
    union all select cle_association, annee_reponse, commune, bloc, 'heures_contraintes', heures_contraintes from b
    union all select cle_association, annee_reponse, commune, bloc, 'soutien', montant_soutien_benevoles from b
)

select cle_association, millesime, commune, bloc, champ, cast(valeur as double) as valeur
from f
where valeur is not null
