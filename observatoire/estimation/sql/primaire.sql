-- grain: one row per cell; n_min and p_min are the counts its indicator asks for
create or replace temp table cellules_statut as
with seuils as (
    select
        g.*,
        case g.secret
            when 'aucun' then 0
            when 'personnes' then greatest($min_associations, $min_associations_personnes)
            else $min_associations
        end as n_min,
        case g.secret when 'personnes' then $min_personnes else 0 end as p_min
    from regles as g
)

select
    c.*, s.famille, s.secret, s.n_min, s.p_min,
    case
        when c.n = 0 then 'nd'
        when c.n < s.n_min or c.nb_personnes < s.p_min then 'secret'
        when s.secret <> 'aucun' and s.dominance and c.part_max > $dominance then 'secret'
        when c.valeur is null then 'nd'
        else 'ok'
    end as statut
from cellules as c
inner join seuils as s on c.indicateur = s.indicateur
