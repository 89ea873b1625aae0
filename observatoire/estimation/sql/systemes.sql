-- grain: one row per equality with a term that is not shown, its parts in a list
select
    t.famille,
    t.millesime,
    t.bloc as total,
    list(p.bloc order by p.bloc) as parts,
    max(t.n) - sum(p.n) as n_hors,
    max(t.n) - sum(p.n) < max(t.n_min)
        or max(t.nb_personnes) - sum(p.nb_personnes) < max(t.p_min) as est_hors_fragile
from egalites as e
inner join blocs as t on e.total = t.bloc
inner join blocs as p on e.part = p.bloc
group by t.famille, t.millesime, t.bloc, e.parts
having max(t.masque) = 1 or max(p.masque) = 1 or max(t.n) > sum(p.n)
order by t.famille, t.millesime, t.bloc, e.parts
