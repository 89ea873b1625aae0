-- grain: one row updated per cell of an indicator of inequality between territories: the département has the Gini
-- index of its EPCI (two at least), or is masked with them; no other zone has one
update cellules
set
    valeur = g.gini,
    basse = null,
    haute = null,
    n = case when cellules.niveau = 'departement'
            and (g.gini is not null or g.masque = 1 or cellules.statut = 'secret') then cellules.n
        else 0
    end,
    statut = case when cellules.niveau <> 'departement' then 'nd'
        when g.masque = 1 or cellules.statut = 'secret' then 'secret'
        when cellules.statut = 'ok' and g.gini is not null then 'ok'
        else 'nd'
    end
from (
    with ecarts as (
        select
            indicateur, millesime, domaine, part_population, part_valeur,
            coalesce(lag(part_population) over (
                partition by indicateur, millesime, domaine order by rang
            ), 0) as population_avant,
            coalesce(lag(part_valeur) over (partition by indicateur, millesime, domaine order by rang), 0) as valeur_avant
        from lorenz
    ),

    ginis as (
        select
            indicateur, millesime, domaine,
            case when count(*) >= 2
                then 1 - sum((part_population - population_avant) * (part_valeur + valeur_avant))
            end as gini
        from ecarts
        group by indicateur, millesime, domaine
    )

    select c.indicateur, c.millesime, c.niveau, c.code, c.domaine, max(i.gini) as gini,
        max(case when e.statut = 'secret' then 1 else 0 end) as masque
    from cellules as c
    inner join regles as r on c.indicateur = r.indicateur and r.estimateur = 'gini_territoires'
    left join ginis as i on c.indicateur = i.indicateur and c.millesime = i.millesime and c.domaine = i.domaine
        and c.niveau = 'departement'
    left join cellules as e on c.indicateur = e.indicateur and c.millesime = e.millesime and c.domaine = e.domaine
        and e.niveau = 'epci'
    group by c.indicateur, c.millesime, c.niveau, c.code, c.domaine
) as g
where cellules.indicateur = g.indicateur and cellules.millesime = g.millesime and cellules.niveau = g.niveau
    and cellules.code = g.code and cellules.domaine = g.domaine
