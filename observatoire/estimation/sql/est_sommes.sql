-- grain: one row per year, zone and sector ('tous' included) of one indicator in one view: estimates and variances.
-- The sums per group are those of the linearised values of svy; n_strate and the finite population are of the
-- whole group, in which the associations outside the domain count as zeros. High sums: valeur_haute, high weights.
with valeurs as (
    select
        u.millesime, u.cle_association,
        min(u.code_commune) as code_commune, min(u.domaine) as domaine,
        sum(u.valeur) as y, sum(u.poids) as x, sum(coalesce(u.valeur_haute, u.valeur)) as y_haut
    from unites as u
    where u.indicateur = $indicateur
    group by u.millesime, u.cle_association
),

pesees as (
    select
        v.millesime, v.code_commune, v.domaine, p.strate, p.jeu, p.poids,
        v.y * p.facteur as y,
        p.poids * p.facteur * v.y as wy,
        p.poids * p.facteur * v.x as wx,
        p.poids * p.facteur * v.y_haut * (p.taille_haute / cast(p.taille_strate as double)) as wy_haut
    from valeurs as v
    inner join jeux as j on j.indicateur = $indicateur and j.vue = $vue and v.millesime = j.millesime
    inner join poids as p on j.jeu = p.jeu and v.cle_association = p.cle_association
),

placees as (
    select p.*, z.niveau, z.code
    from pesees as p
    inner join zones as z on z.niveau = 'departement'
    union all
    select p.*, r.niveau, r.code
    from pesees as p
    inner join rattachements as r on p.code_commune = r.code_commune
    where r.niveau <> 'departement'
),

groupes as (
    select
        jeu, strate, millesime, niveau, code,
        case when grouping(domaine) = 1 then 'tous' else domaine end as domaine,
        count(*) as n,
        sum(poids) as w, sum(y) as y, min(y) as y_min,
        sum(wy) as wy, sum(wx) as wx, sum(wy_haut) as wyh,
        sum(wy * wy) as wyy, sum(wy * wx) as wxy, sum(wx * wx) as wxx, sum(wy_haut * wy_haut) as wyyh
    from placees
    group by grouping sets (
        (jeu, strate, millesime, niveau, code), (jeu, strate, millesime, niveau, code, domaine)
    )
    having grouping(domaine) = 1 or niveau <> 'commune'
),

-- a group with one answer tells nothing of its dispersion: null, and the figure is not published
strates as (
    select distinct
        jeu, strate, n_strate,
        (1 - n_strate / cast(taille_strate as double)) * n_strate / nullif(n_strate - 1, 0) as a,
        (1 - n_strate / cast(taille_haute as double)) * n_strate / nullif(n_strate - 1, 0) as a_haut
    from poids
),

totaux as (
    select
        g.*, sum(g.wy) over cellule / nullif(sum(g.wx) over cellule, 0) as rapport,
        sum(g.wx) over cellule as base, s.a, s.a_haut, s.n_strate
    from groupes as g
    inner join strates as s on g.jeu = s.jeu and g.strate = s.strate
    window cellule as (partition by g.millesime, g.niveau, g.code, g.domaine)
),

variances as (
    select
        *,
        a * (wyy - wy * wy / n_strate) as v_total,
        a_haut * (wyyh - wyh * wyh / n_strate) as v_haut,
        a * (
            wyy - 2 * rapport * wxy + rapport * rapport * wxx
            - (wy - rapport * wx) * (wy - rapport * wx) / n_strate
        ) / nullif(base * base, 0) as v_rapport
    from totaux
)

select
    millesime, niveau, code, domaine,
    sum(n) as n, sum(n) - count(*) as ddl, sum(w) as w, sum(y) as y, min(y_min) as y_min,
    sum(wy) as total, sum(wyh) as total_haut, sum(wx) as base, sum(wxx) as base_carres, any_value(rapport) as rapport,
    case when count(a) = count(*) then sum(v_total) end as v_total,
    case when count(a) = count(*) then sum(v_haut) end as v_haut,
    case when count(a) = count(*) then sum(v_rapport) end as v_rapport,
    sum(v_total * v_total / nullif(n_strate - 1, 0)) as v2_total,
    sum(v_rapport * v_rapport / nullif(n_strate - 1, 0)) as v2_rapport
from variances
group by millesime, niveau, code, domaine
