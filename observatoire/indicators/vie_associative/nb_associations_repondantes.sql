-- grain: one row per association and year in which it answered at least one survey questionnaire;
-- several answers may name several communes, so that of its own card comes first
with reponses as (
    select cle_association, millesime, min(commune) as commune
    from base_reponses
    group by cle_association, millesime
)

select
    r.cle_association,
    r.millesime,
    coalesce(s.commune, r.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    cast(1 as double) as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from reponses as r
inner join base_situation as s on r.cle_association = s.cle_association and r.millesime = s.millesime
