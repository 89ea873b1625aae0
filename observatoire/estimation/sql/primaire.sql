-- grain: one row per cell; n_min and p_min are the counts its indicator asks for. A sensitive share is hidden when
-- everybody, or nobody, gave the same answer: one would know what each person said.
create or replace temp table cellules_statut as
with seuils as (
    select
        g.*,
        case g.secret
            when 'aucun' then 0
            when 'personnes' then greatest($min_associations, $min_associations_personnes)
            else $min_associations
        end as n_min,
        case g.secret when 'personnes' then greatest($min_personnes, coalesce(g.min_personnes, 0)) else 0 end as p_min
    from regles_completes as g
)

select
    c.*, s.famille, s.estimateur, s.secret, s.dominance, s.n_min, s.p_min,
    case
        when c.n = 0 then 'nd'
        when c.n < s.n_min or c.nb_personnes < s.p_min then 'secret'
        when s.secret <> 'aucun' and s.dominance and (c.part_max > $dominance or c.part_deux > $dominance_deux)
            then 'secret'
        when s.secret <> 'aucun' and s.sensible and (c.valeur <= 0 or c.valeur >= s.plafond) then 'secret'
        when c.valeur is null then 'nd'
        else 'ok'
    end as statut
from cellules_completes as c
inner join seuils as s on c.indicateur = s.indicateur
