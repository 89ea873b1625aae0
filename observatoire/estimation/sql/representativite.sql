-- grain: one row per year, dimension and level of the frame: respondents, low count, high count
with repondantes as (
    select distinct millesime, cle_association
    from attendues
    where indicateur = $ensemble
),

fiches as (
    select
        c.millesime, c.est_actif, c.est_plausible, r.cle_association is not null as a_repondu,
        case when c.classe = $sans then 'sans' else 'employeuse' end as employeuse,
        c.classe as taille, c.secteur, coalesce(c.code_epci, 'sans_epci') as epci
    from cadre as c
    left join repondantes as r on c.millesime = r.millesime and c.cle_association = r.cle_association
),

niveaux as (
    select millesime, est_actif, est_plausible, a_repondu, 'employeuse' as dimension, employeuse as modalite
    from fiches
    union all
    select millesime, est_actif, est_plausible, a_repondu, 'taille', taille
    from fiches
    union all
    select millesime, est_actif, est_plausible, a_repondu, 'secteur', secteur
    from fiches
    union all
    select millesime, est_actif, est_plausible, a_repondu, 'epci', epci
    from fiches
)

select
    millesime, dimension, modalite,
    count(*) filter (where a_repondu) as n,
    count(*) filter (where est_actif or a_repondu) as n_bas,
    count(*) filter (where est_plausible or a_repondu) as n_haut
from niveaux
group by millesime, dimension, modalite
having count(*) filter (where est_plausible or a_repondu) > 0
order by millesime, dimension, modalite
