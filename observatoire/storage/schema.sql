-- Private warehouse: what is known of every deposit. Every statement can run again on an existing file.
create schema if not exists depot;
create schema if not exists enquete;
create schema if not exists courant;

create table if not exists depot.depots (
    depot_id varchar primary key,
    sha256 varchar not null,
    nom_fichier varchar not null,
    taille bigint not null,
    questionnaire varchar not null,
    source varchar not null,
    millesime integer,
    statut varchar not null check (statut in ('charge', 'a_revoir', 'annule')),
    depose_le timestamp not null,
    lignes_lues bigint not null,
    lignes_chargees bigint not null,
    lignes_en_attente bigint not null,
    lignes_ignorees bigint not null,
    fictif boolean not null,
    archive varchar,
    ordre bigint not null,
    check (lignes_lues = lignes_chargees + lignes_en_attente + lignes_ignorees)
);

create table if not exists depot.lignes_brutes (
    depot_id varchar not null,
    feuille varchar not null,
    ligne integer not null,
    cellules varchar[]
);

create table if not exists depot.anomalies (
    depot_id varchar not null,
    numero integer not null,
    code varchar not null,
    niveau varchar not null,
    feuille varchar,
    ligne integer,
    cellule varchar,
    colonne varchar,
    champ varchar,
    repere varchar,
    valeur varchar,
    message varchar not null
);

create table if not exists depot.attente (
    depot_id varchar not null,
    feuille varchar not null,
    ligne integer not null,
    lignes_source integer[],
    repere varchar,
    motifs varchar[] not null,
    valeurs varchar not null
);

create table if not exists depot.correspondances (
    depot_id varchar not null,
    feuille varchar not null,
    colonne varchar not null,
    entete varchar not null,
    champ varchar not null,
    methode varchar not null,
    score double
);

create table if not exists depot.journal (
    ordre bigint not null,
    quand timestamp not null,
    qui varchar not null,
    quoi varchar not null,
    objet varchar not null,
    avant varchar,
    apres varchar
);

create table if not exists depot.schema_applique (empreinte varchar not null);

comment on table depot.depots is 'Un dépôt par fichier chargé. Heures en temps universel.';
comment on column depot.depots.statut is 'charge, a_revoir (chargé, trop de lignes en attente) ou annule';
comment on column depot.depots.ordre is 'Rang de chargement : à clé égale, la ligne du plus grand rang est la ligne courante';
comment on table depot.lignes_brutes is 'Cellules telles que lues, une ligne par ligne de feuille (numérotée à partir de 1)';
comment on table depot.anomalies is 'Ce qui a été dit au déposant, cellule par cellule';
comment on table depot.attente is 'Lignes non chargées : valeurs brutes (JSON), codes des motifs, adresse';
comment on table depot.correspondances is 'Quelle colonne du fichier a rempli quel champ';
comment on table depot.journal is 'Qui a fait quoi, quand : valeurs avant et après';
