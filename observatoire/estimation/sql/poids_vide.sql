-- grain: one row per set of answers and association
create or replace temp table poids (
    jeu integer, vue varchar, cle_association varchar, millesime integer, poids double, poids_haut double,
    facteur double, strate varchar, n_strate integer, taille_strate integer, taille_haute integer,
    marge_epci varchar
)
