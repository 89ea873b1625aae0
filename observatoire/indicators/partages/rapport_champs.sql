-- grain: one row per association and year whose answer fills both fields, the one below the line above zero
with rapports as (
    select
        d.cle_association,
        d.millesime,
        min(d.commune) as commune,
        sum(n.valeur) as numerateur,
        sum(d.valeur) as denominateur
    from base_valeurs as d
    inner join base_valeurs as n
        on d.cle_association = n.cle_association and d.millesime = n.millesime and d.bloc = n.bloc
    where d.champ = $denominateur and n.champ = $numerateur and d.valeur > 0
    group by d.cle_association, d.millesime
)

select
    r.cle_association,
    r.millesime,
    coalesce(r.commune, s.commune) as code_commune,
    s.domaine,
    cast(null as varchar) as financeur,
    r.numerateur * $facteur as valeur,
    r.denominateur as poids,
    cast(null as double) as valeur_basse,
    cast(null as double) as valeur_haute,
    r.denominateur * $personnes as nb_personnes
from rapports as r
inner join base_situation as s on r.cle_association = s.cle_association and r.millesime = s.millesime
