"""Deposits that replace one another, wait for a second reader, come back; warehouses written before all this."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.storage import journal
from observatoire.storage.brut import empreinte_contenu
from observatoire.storage.chargement import DejaCharge, charger
from observatoire.storage.corrections import corrections_de
from observatoire.storage.ddl import ddl
from observatoire.storage.depots import (
    Depot,
    annuler,
    depot,
    depot_de_meme_contenu,
    depots,
    identifiant,
    retablir,
    valider,
)
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import DepotInchange, DepotInconnu, ValidationRefusee
from observatoire.storage.publication import publier
from observatoire.storage.publications import lister_publications
from pipelines.ingestion.decisions import Correction
from tests.depots_factices import ENQUETES, REPONSES, depot_reponses, empreinte


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees")


@pytest.fixture
def con(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with EntrepotEcriture(settings, ENQUETES) as con:
        yield con


def charge(con: duckdb.DuckDBPyConnection, contenu: str, **options: Any) -> str:
    resultat = charger(con, depot_reponses(contenu, [f"Asso {contenu}"], **options))
    assert isinstance(resultat, Depot)
    return resultat.depot_id


def chaine(con: duckdb.DuckDBPyConnection) -> tuple[str, str, str]:
    """Three deposits, each in the place of the one before."""
    a = charge(con, "a")
    b = charge(con, "b", remplace=a)
    return a, b, charge(con, "c", remplace=b)


def comptes(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Deposits whose rows count, as the view of the answers sees them."""
    with con.cursor() as cur:
        lus = {d for (d,) in cur.execute("select distinct depot_id from courant.reponses").fetchall()}
        vus = {d for (d,) in cur.execute("select depot_id from depot.en_vigueur").fetchall()}
    assert lus == vus == {d.depot_id for d in depots(con) if d.actif}
    return lus


# --- Replace, undo, redo -------------------------------------------------------------------------------


def test_remplacer_annule_l_autre_du_meme_geste(con: duckdb.DuckDBPyConnection) -> None:
    a = charge(con, "a", statut="a_revoir")
    b = charge(con, "b", remplace=a, qui="Nadia")
    assert comptes(con) == {b}
    assert (depot(con, b).remplace, depot(con, b).depose_par) == (a, "Nadia")
    (ligne,) = [x for x in journal.lire(con, objet=a) if x.quoi == "remplacer"]
    assert (ligne.objet, ligne.avant, ligne.apres, ligne.qui) == (a, "a_revoir", b, "Nadia")
    assert [x.quoi for x in journal.lire(con, objet=b)] == ["remplacer", "charger"]
    assert journal.lire(con, objet=b)[1].avant == a
    annuler(con, b, "Paul")
    assert comptes(con) == {a}
    assert depot(con, a).statut == "a_revoir", "il reprend le statut qu’il avait"
    assert [(x.quoi, x.objet, x.qui) for x in journal.lire(con, 2)] == [
        ("retablir", a, "Paul"),
        ("annuler", b, "Paul"),
    ]
    retablir(con, b)
    assert comptes(con) == {b}


def test_on_ne_remplace_que_ce_qui_compte(con: duckdb.DuckDBPyConnection) -> None:
    a, b, _ = chaine(con)
    avant = journal.lire(con)
    for vise in (a, b):
        with pytest.raises(DepotInchange, match="ne peut plus être remplacé"):
            charge(con, "autre", remplace=vise)
    with pytest.raises(DepotInconnu):
        charge(con, "autre", remplace="inconnu")
    attend = charge(con, "attend", a_valider=True)
    with pytest.raises(DepotInchange, match="attend d’être validé"):
        charge(con, "autre", remplace=attend)
    assert len(journal.lire(con)) == len(avant) + 1
    assert not any(d.nom_fichier == "autre.xlsx" for d in depots(con))


def test_memes_octets_autres_choix(con: duckdb.DuckDBPyConnection) -> None:
    a = charge(con, "a")
    assert isinstance(charger(con, depot_reponses("a", ["X"])), DejaCharge)
    corrections = (Correction("Réponses", "B3", "douze", "12"), Correction("Réponses", "A2", None, "Éveil"))
    b = charge(con, "a", remplace=a, corrections=corrections, decisions='{"millesime": 2025}', qui="Nadia")
    assert b == f"{a}-2"
    assert depot(con, b).decisions == '{"millesime": 2025}'
    assert comptes(con) == {b}
    assert [(c.cellule, c.avant, c.apres, c.qui) for c in corrections_de(con, b)] == [
        ("B3", "douze", "12", "Nadia"),
        ("A2", None, "Éveil", "Nadia"),
    ]
    assert corrections_de(con, a) == []
    annuler(con, b)
    assert comptes(con) == {a}
    retablir(con, b)
    assert comptes(con) == {b}
    deja = charger(con, depot_reponses("a", ["X"]))
    assert isinstance(deja, DejaCharge)
    assert (deja.depot.depot_id, deja.meme_contenu) == (b, False)


def test_chaine_de_trois(con: duckdb.DuckDBPyConnection) -> None:
    a, b, c = chaine(con)
    assert comptes(con) == {c}
    for vise in (a, b):
        with pytest.raises(DepotInchange, match=f"« {c} » a déjà pris cette place"):
            retablir(con, vise)
        with pytest.raises(DepotInchange, match="déjà annulé"):
            annuler(con, vise)
    assert comptes(con) == {c}
    annuler(con, c)
    assert comptes(con) == {b}
    annuler(con, b)
    assert comptes(con) == {a}
    retablir(con, c)
    assert comptes(con) == {c}, "le premier sort, même si celui du milieu est resté annulé"
    annuler(con, c)
    assert comptes(con) == {a}
    annuler(con, a)
    assert comptes(con) == set()
    retablir(con, b)
    assert comptes(con) == {b}
    annuler(con, b)
    assert comptes(con) == set(), "le premier avait été annulé pour lui-même"


def test_deux_suites_du_meme(con: duckdb.DuckDBPyConnection) -> None:
    a = charge(con, "a")
    b = charge(con, "b", remplace=a)
    annuler(con, b)
    c = charge(con, "c", remplace=a)
    with pytest.raises(DepotInchange, match=f"« {c} » a déjà pris cette place"):
        retablir(con, b)
    annuler(con, c)
    retablir(con, b)
    assert comptes(con) == {b}


def test_fichier_recharge_entre_temps(con: duckdb.DuckDBPyConnection) -> None:
    a = charge(con, "a")
    b = charge(con, "b", remplace=a)
    encore = charge(con, "a")
    with pytest.raises(DepotInchange, match=f"dépôt « {encore} »"):
        annuler(con, b)
    assert comptes(con) == {b, encore}
    annuler(con, encore)
    annuler(con, b)
    assert comptes(con) == {a}


# --- Same content --------------------------------------------------------------------------------------


def test_classeur_reenregistre(con: duckdb.DuckDBPyConnection) -> None:
    cellules: list[list[str | None]] = [["Nom", "Bénévoles"], ["Éveil", "12", None], [None, ""], ["Ru", "3"]]
    pareil: list[list[str | None]] = [["Nom", "Bénévoles", ""], ["Éveil", "12"], ["Ru", "3"]]
    marque = empreinte_contenu([cellules], "reponses", 2025)
    assert marque is not None
    assert empreinte_contenu([pareil], "reponses", 2025) == marque
    autres = [
        empreinte_contenu([cellules], "reponses", 2024),
        empreinte_contenu([cellules], "autre", 2025),
        empreinte_contenu([[*cellules, ["Fin"]]], "reponses", 2025),
        empreinte_contenu([[["Nom", "Bénévoles"], ["Éveil", None, "12"], ["Ru", "3"]]], "reponses", 2025),
        empreinte_contenu([pareil[:2], pareil[2:]], "reponses", 2025),
    ]
    assert len({marque, *autres}) == 6
    assert empreinte_contenu([[[None, ""]]], "reponses", 2025) is None
    assert depot_de_meme_contenu(con, marque) is None
    a = charge(con, "a", empreinte_contenu=marque)
    trouve = depot_de_meme_contenu(con, marque)
    assert trouve is not None and trouve.depot_id == a
    deja = charger(con, depot_reponses("reenregistre", ["X"], empreinte_contenu=marque))
    assert isinstance(deja, DejaCharge)
    assert (deja.depot.depot_id, deja.meme_contenu) == (a, True)
    b = charge(con, "reenregistre", empreinte_contenu=marque, remplace=a)
    annuler(con, b)
    annuler(con, a)
    assert depot_de_meme_contenu(con, marque) is None


# --- Four eyes -----------------------------------------------------------------------------------------


def test_a_valider_ne_compte_pas_encore(con: duckdb.DuckDBPyConnection) -> None:
    a = charge(con, "a")
    b = charge(con, "b", remplace=a, a_valider=True, qui="Nadia")
    assert comptes(con) == {a}, "le dépôt remplacé compte tant que l’autre n’est pas validé"
    assert isinstance(charger(con, depot_reponses("b", ["X"])), DejaCharge), "il n’est pas chargé deux fois"
    for qui in ("Nadia", " nadia ", "", "  "):
        with pytest.raises(ValidationRefusee, match="autre personne"):
            valider(con, b, qui)
    with pytest.raises(ValidationRefusee, match="n’est pas à valider"):
        valider(con, a, "Paul")
    assert comptes(con) == {a}
    assert not valider(con, b, "Paul").a_valider
    assert comptes(con) == {b}
    lignes = journal.lire(con)
    assert [(x.quoi, x.objet, x.avant, x.apres, x.qui) for x in lignes[:2]] == [
        ("remplacer", a, "charge", b, "Paul"),
        ("valider", b, "a_valider", "charge", "Paul"),
    ]
    with pytest.raises(ValidationRefusee, match="n’est pas à valider"):
        valider(con, b, "Paul")
    annuler(con, b)
    assert comptes(con) == {a}


def test_a_valider_annule_puis_retabli_attend_encore(con: duckdb.DuckDBPyConnection) -> None:
    a = charge(con, "a")
    b = charge(con, "b", remplace=a, a_valider=True)
    annuler(con, b)
    with pytest.raises(ValidationRefusee):
        valider(con, b, "Paul")
    assert comptes(con) == {a}
    assert retablir(con, b).a_valider
    assert comptes(con) == {a}


def test_deux_suites_a_valider(con: duckdb.DuckDBPyConnection) -> None:
    a = charge(con, "a")
    b, c = (charge(con, x, remplace=a, a_valider=True) for x in "bc")
    valider(con, c, "Paul")
    with pytest.raises(DepotInchange, match=f"« {c} »"):
        valider(con, b, "Paul")
    assert comptes(con) == {c}
    assert depot(con, b).a_valider


# --- Publications --------------------------------------------------------------------------------------


def remplir(con: duckdb.DuckDBPyConnection, version: int) -> dict[str, str]:
    con.execute("create table pub.mesures as select 1.5 as valeur union all select null")
    return {}


def test_publications_inscrites(settings: Settings) -> None:
    assert lister_publications(settings) == []
    with EntrepotEcriture(settings, ENQUETES) as con:
        a = charge(con, "a")
        b = charge(con, "b", remplace=a)
        charge(con, "c", a_valider=True)
    publication = publier(settings, remplir, enquetes=ENQUETES, qui="Nadia", garder=2)
    assert (publication.depots, publication.en_attente) == ((b,), 1)
    with EntrepotEcriture(settings, ENQUETES) as con:
        annuler(con, b)

    def casse(con: duckdb.DuckDBPyConnection, version: int) -> dict[str, str]:
        raise RuntimeError("panne")

    with pytest.raises(RuntimeError, match="panne"):
        publier(settings, casse, enquetes=ENQUETES, qui="Paul")
    (seule,) = lister_publications(settings)
    assert (seule.version, seule.qui, seule.depots, seule.chiffres) == (1, "Nadia", (b,), 1)
    assert (seule.presente, seule.courante, seule.publie_le) == (True, True, publication.publie_le)
    for qui in ("Paul", "Zoé"):
        publier(settings, remplir, enquetes=ENQUETES, qui=qui, garder=2)
    lues = [(p.version, p.qui, p.depots, p.presente, p.courante) for p in lister_publications(settings)]
    assert lues == [
        (3, "Zoé", (a,), True, True),
        (2, "Paul", (a,), True, False),
        (1, "Nadia", (b,), False, False),
    ]
    assert lister_publications(settings)[2].chiffres is None


# --- A warehouse written before ------------------------------------------------------------------------

ANCIEN = """
create schema depot;
create schema courant;
create table depot.depots (
    depot_id varchar primary key, sha256 varchar not null, nom_fichier varchar not null, taille bigint not null,
    questionnaire varchar not null, source varchar not null, millesime integer,
    statut varchar not null check (statut in ('charge', 'a_revoir', 'annule')),
    depose_le timestamp not null, lignes_lues bigint not null, lignes_chargees bigint not null,
    lignes_en_attente bigint not null, lignes_ignorees bigint not null, fictif boolean not null, archive varchar,
    ordre bigint not null, check (lignes_lues = lignes_chargees + lignes_en_attente + lignes_ignorees)
);
create table depot.journal (
    ordre bigint not null, quand timestamp not null, qui varchar not null, quoi varchar not null,
    objet varchar not null, avant varchar, apres varchar
);
create table depot.schema_applique (empreinte varchar not null);
insert into depot.schema_applique values ('ancienne');
create view courant.reponses as
select e.* from enquete.reponses as e inner join depot.depots as d on e.depot_id = d.depot_id
where d.statut <> 'annule';
insert into depot.depots
select id, sha, id || '.xlsx', 1, 'reponses', 'tableur', 2025, statut, timestamp '2026-01-01', 1, 1, 0, 0, false,
    null, ordre
from (values ('un', '{sha}', 'charge', 1), ('deux', 'beef', 'annule', 2)) as t(id, sha, statut, ordre);
insert into depot.journal values (1, timestamp '2026-01-02', '', 'annuler', 'deux', 'a_revoir', 'annule');
insert into enquete.reponses (nom_association, nb_benevoles, millesime, cle_association, depot_id, feuille, ligne)
select 'Asso ' || id, 4, 2025, 'NOM:' || id, id, 'Réponses', 2
from (values ('un'), ('deux')) as t(id);
"""


@pytest.fixture
def ancien(settings: Settings) -> Settings:
    settings.donnees.mkdir()
    with duckdb.connect(str(settings.entrepot)) as con:
        con.execute("create schema enquete")
        con.execute(ddl(REPONSES))
        con.execute(ANCIEN.format(sha=empreinte("un")))
    return settings


def test_ancien_entrepot_lu_d_abord(ancien: Settings) -> None:
    with EntrepotLecture(ancien) as con:
        lus = depots(con)
    assert [(d.depot_id, d.statut, d.a_valider, d.remplace, d.actif) for d in lus] == [
        ("un", "charge", False, None, True),
        ("deux", "annule", False, None, False),
    ]
    with EntrepotEcriture(ancien, ENQUETES) as con:
        assert comptes(con) == {"un"}


def test_ancien_entrepot_ecrit(ancien: Settings) -> None:
    with EntrepotEcriture(ancien, ENQUETES) as con:
        assert comptes(con) == {"un"}
        assert retablir(con, "deux").statut == "a_revoir"
        deja = charger(con, depot_reponses("un", ["X"]))
        assert isinstance(deja, DejaCharge) and deja.depot.depot_id == "un"
        nouveau = charge(con, "un", remplace="un")
        assert nouveau == identifiant(empreinte("un"))
        assert comptes(con) == {"deux", nouveau}
    publier(ancien, remplir, enquetes=ENQUETES)
    assert [p.depots for p in lister_publications(ancien)] == [("deux", nouveau)]
