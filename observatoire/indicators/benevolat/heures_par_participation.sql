-- grain: one row per association and year that gives yearly hours and both kinds of volunteers
with reponses as (
    select
        cle_association,
        millesime,
        min(commune) as commune,
        sum(heures) as heures,
        sum(reguliers + occasionnels) as participations
    from base_benevolat
    where heures is not null and reguliers + occasionnels > 0
    group by cle_association, millesime
)

select
    r.cle_association,
    r.millesime,
    coalesce(r.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    r.heures as valeur,
    r.participations as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    r.participations as nb_personnes
from reponses as r
inner join base_situation as s on r.cle_association = s.cle_association and r.millesime = s.millesime
