-- Accounts of the staff. One row per known person, whatever the door; tokens are kept as SHA-256 only.
create table if not exists comptes (
    sujet text primary key,
    nom text not null,
    role text check (role in ('lecteur', 'analyste', 'deposant', 'valideur', 'admin')),
    actif integer not null default 1,
    empreinte text,
    porte text not null,
    cree_le real not null,
    vu_le real,
    jetons_apres real not null default 0
) strict;
create table if not exists invitations (
    empreinte text primary key,
    sujet text,
    role text not null check (role in ('lecteur', 'analyste', 'deposant', 'valideur', 'admin')),
    cree_le real not null,
    expire_le real not null,
    par text not null
) strict;
create table if not exists sessions (
    empreinte text primary key,
    sujet text not null references comptes (sujet),
    cree_le real not null,
    vu_le real not null,
    expire_le real not null
) strict;
create table if not exists acces (
    id integer primary key,
    quand real not null,
    evenement text not null,
    sujet text,
    par text,
    adresse text,
    detail text not null default ''
) strict;
create index if not exists acces_quand on acces (quand);
create table if not exists essais (
    genre text not null,
    cle text not null,
    nb integer not null,
    dernier real not null,
    primary key (genre, cle)
) strict;
create table if not exists envois (sujet text not null, quand real not null) strict;
create table if not exists reglages (cle text primary key, valeur text not null) strict;
