-- grain: one row per association and year that fills the field and says whether it acts in a priority district
with qualifiees as (
    select
        q.cle_association, q.millesime, min(v.commune) as commune,
        sum(v.valeur) as valeur, max(q.valeur) as en_quartier
    from base_valeurs as q
    inner join base_valeurs as v on q.cle_association = v.cle_association and q.millesime = v.millesime
    where q.champ = 'qpv' and v.champ = $champ
    group by q.cle_association, q.millesime
)

select
    v.cle_association,
    v.millesime,
    coalesce(v.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    v.valeur * v.en_quartier as valeur,
    v.valeur as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    cast(0 as double) as nb_personnes
from qualifiees as v
inner join base_situation as s on v.cle_association = s.cle_association and v.millesime = s.millesime
where v.valeur > 0
