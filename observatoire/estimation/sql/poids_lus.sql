-- grain: one row per set of answers and association, sets and associations in order
select
    p.jeu, n.numero, p.poids, p.facteur, dense_rank() over (order by p.jeu, p.strate) - 1 as strate,
    cast(p.n_strate as double) as n_strate,
    cast(p.taille_strate as double) as taille_strate,
    cast(p.taille_haute as double) as taille_haute
from poids as p
inner join numeros as n on p.cle_association = n.cle_association
order by p.jeu, n.numero
