-- grain: one row per association and year that counts its time on calls for projects, in full-time equivalents
with heures as (
    select cle_association, millesime, min(commune) as commune, sum(valeur) as heures
    from base_valeurs
    where champ = 'heures_aap'
    group by cle_association, millesime
)

select
    h.cle_association,
    h.millesime,
    coalesce(h.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    h.heures / nullif(p.valeur, 0) as valeur,
    cast(1 as double) as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from heures as h
inner join base_situation as s on h.cle_association = s.cle_association and h.millesime = s.millesime
inner join base_parametres as p on p.id = $base_etp and h.millesime = p.millesime
