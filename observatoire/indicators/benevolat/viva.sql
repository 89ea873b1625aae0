-- grain: one row per association and year that gives its yearly hours and what it spends on its volunteers
with heures as (
    select cle_association, millesime, min(commune) as commune, sum(heures) as heures
    from base_benevolat
    where heures is not null
    group by cle_association, millesime
),

soutiens as (
    select cle_association, millesime, sum(valeur) as soutien
    from base_valeurs
    where champ = 'soutien'
    group by cle_association, millesime
)

select
    h.cle_association,
    h.millesime,
    coalesce(h.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    h.heures * p.valeur as valeur,
    d.soutien as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from heures as h
inner join soutiens as d on h.cle_association = d.cle_association and h.millesime = d.millesime
inner join base_situation as s on h.cle_association = s.cle_association and h.millesime = s.millesime
inner join base_parametres as p on p.id = $smic and h.millesime = p.millesime
where d.soutien > 0
