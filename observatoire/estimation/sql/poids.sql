-- grain: one row added per association of the set
insert into poids
select
    m.jeu, m.vue, m.cle_association, $millesime, p.poids, p.poids_haut, m.facteur, p.strate, p.n_strate,
    p.taille_strate, p.taille_haute, p.marge_epci
from pesee as p
inner join membres as m on p.cle_association = m.cle_association
where m.jeu = $jeu
