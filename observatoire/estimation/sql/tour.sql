-- grain: one row updated per cell that a fragile equality asks to mask; see secret.py for the rule
update blocs
set masque = 1
where bloc in (
    with etats as (
        select
            e.total,
            e.parts,
            max(t.masque) as total_masque,
            sum(p.masque) as nb_masquees,
            count(*) - sum(p.masque) as nb_montrees,
            max(t.n) - sum(p.n) as n_hors,
            max(t.n) - sum(case when p.masque = 0 then p.n else 0 end) as n_caches,
            max(t.nb_personnes) - sum(case when p.masque = 0 then p.nb_personnes else 0 end) as p_caches,
            max(t.n_min) as n_min,
            max(t.p_min) as p_min
        from egalites as e
        inner join blocs as t on e.total = t.bloc
        inner join blocs as p on e.part = p.bloc
        group by e.total, e.parts
    ),

    fragiles as (
        select *
        from etats
        where (total_masque = 0 and nb_masquees + n_hors > 0
                and (nb_masquees = 1 or n_caches < n_min or p_caches < p_min))
            or (total_masque = 1 and nb_masquees = 0 and n_hors = 0)
    ),

    -- the smallest shown part first; a part worth zero would hide nothing, so it comes last
    rangees as (
        select
            e.part,
            row_number() over (
                partition by e.total, e.parts
                order by case when p.taille > 0 then 0 else 1 end, p.taille, p.n, p.bloc
            ) as rang
        from fragiles as f
        inner join egalites as e on f.total = e.total and f.parts = e.parts
        inner join blocs as p on e.part = p.bloc
        where p.masque = 0
    )

    select part
    from rangees
    where rang = 1
    union
    select total
    from fragiles
    where total_masque = 0 and nb_montrees = 0 and (n_hors = 0 or n_caches < n_min or p_caches < p_min)
)
