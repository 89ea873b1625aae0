-- grain: one row per level and association of the set of the indicator; $hors where it has no value there
with valeurs as (
    select millesime, cle_association, min(code_commune) as code_commune, min(domaine) as domaine, sum(valeur) as y
    from unites
    where indicateur = $indicateur
    group by millesime, cle_association
),

membres_peses as (
    select
        p.millesime, v.code_commune, v.domaine, v.y, p.cle_association,
        p.poids * p.facteur as poids, p.strate, cast(p.taille_strate as double) as taille_strate
    from jeux as j
    inner join poids as p on j.jeu = p.jeu
    left join valeurs as v on p.cle_association = v.cle_association and p.millesime = v.millesime
    where j.indicateur = $indicateur and j.vue = $vue
),

niveaux as (
    -- groupings that overlap are put in different layers: an association is in one cell of each at most
    select distinct niveau, couche
    from zones
),

places as (
    select r.code_commune, r.niveau, r.code, z.couche
    from rattachements as r
    inner join zones as z on r.niveau = z.niveau and r.code = z.code
)

select
    m.millesime, n.niveau, n.couche,
    case
        when m.y is null then $hors
        when n.niveau = 'departement' then (select min(code) from zones where niveau = 'departement')
        else coalesce(r.code, $hors)
    end as code,
    coalesce(m.domaine, $hors) as domaine, coalesce(m.y, 0) as y, m.poids, m.strate, m.taille_strate
from membres_peses as m
cross join niveaux as n
left join places as r on m.code_commune = r.code_commune and n.niveau = r.niveau and n.couche = r.couche
order by m.millesime, n.niveau, n.couche, m.cle_association
