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

alter table depot.depots add column if not exists depose_par varchar;
alter table depot.depots add column if not exists remplace varchar;
alter table depot.depots add column if not exists a_valider boolean default false;
alter table depot.depots add column if not exists decisions varchar;
alter table depot.depots add column if not exists empreinte_contenu varchar;
alter table depot.depots add column if not exists empreinte_archive varchar;

-- The deposits whose rows count.
create or replace view depot.en_vigueur as
select * from depot.depots where statut <> 'annule' and not coalesce(a_valider, false);

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

alter table depot.journal add column if not exists detail varchar;

create table if not exists depot.corrections (
    depot_id varchar not null,
    feuille varchar not null,
    cellule varchar not null,
    avant varchar,
    apres varchar,
    qui varchar not null,
    quand timestamp not null
);

create table if not exists depot.memoire (
    empreinte varchar not null,
    questionnaire varchar not null,
    nom varchar not null,
    decisions varchar not null,
    qui varchar not null,
    quand timestamp not null,
    primary key (empreinte, questionnaire)
);

create table if not exists depot.rapprochements (
    cle varchar not null,
    nom varchar not null,
    commune varchar,
    vers varchar not null,
    vers_nom varchar not null,
    vers_commune varchar,
    score double not null,
    marge double,
    statut varchar not null check (statut in ('sur', 'a_decider', 'confirme', 'refuse')),
    raison varchar not null,
    registre varchar,
    qui varchar not null,
    quand timestamp not null,
    primary key (cle, vers)
);

create table if not exists depot.paroles (
    cle_association varchar not null,
    millesime integer not null,
    empreinte varchar not null,
    decision varchar not null check (decision in ('acceptee', 'coupee', 'refusee')),
    texte varchar,
    raison varchar,
    qui varchar not null,
    quand timestamp not null,
    primary key (cle_association, millesime, empreinte)
);

create table if not exists depot.publications (
    version integer primary key,
    publie_le timestamp not null,
    qui varchar not null,
    depots varchar[] not null
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
comment on column depot.depots.remplace is 'Dépôt que celui-ci remplace, annulé par le même geste et rétabli si celui-ci est annulé';
comment on column depot.depots.a_valider is 'Vrai tant qu’une autre personne que le déposant doit l’avoir relu : ses lignes ne comptent pas';
comment on column depot.depots.decisions is 'Choix du déposant (JSON) : feuilles, titres, colonnes, conventions, lignes écartées';
comment on column depot.depots.empreinte_contenu is 'Empreinte des cellules lues : un classeur réenregistré sans changement a la même';
comment on column depot.depots.empreinte_archive is 'SHA-256 du fichier gardé dans raw/ (celui reçu, sans auteurs ni commentaires, ou sa grille)';
comment on column depot.journal.detail is 'Ce qu’il faut en plus pour refaire le geste (JSON)';
comment on table depot.corrections is 'Cellules corrigées dans l’application avant le chargement : avant, après, qui, quand';
comment on table depot.memoire is 'Correspondances de colonnes retenues, par empreinte des titres et questionnaire';
comment on table depot.rapprochements is 'Associations sans numéro rattachées au registre : liens sûrs, paires à décider, décisions';
comment on table depot.paroles is 'Relecture des extraits « Parole du terrain » : une décision par association, année et texte';
comment on column depot.paroles.empreinte is 'Empreinte du texte reçu : un texte changé n’a plus de décision, le même redéposé retrouve la sienne';
comment on column depot.paroles.texte is 'Texte coupé par la relecture ; vide quand l’extrait est accepté entier ou refusé';
comment on table depot.publications is 'Publications : numéro, date, auteur, dépôts comptés';
