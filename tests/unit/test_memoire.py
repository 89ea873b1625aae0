"""What the warehouse remembers: layouts of columns, the journal, pending rows, the cell behind a value."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.storage import journal
from observatoire.storage.attente import anomalies_de, lignes_en_attente
from observatoire.storage.chargement import Correspondance, LigneEnAttente, charger
from observatoire.storage.depots import Depot, annuler
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.memoire import retenir, retrouver
from pipelines.provenance import provenance
from tests.depots_factices import ENQUETES, depot_reponses


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with EntrepotEcriture(Settings(tmp_path), ENQUETES) as con:
        yield con


def test_memoire_des_correspondances(con: duckdb.DuckDBPyConnection) -> None:
    assert retrouver(con, "e1") is None
    retenir(con, "e1", "reponses", "bilan.xlsx", '{"v": 1}', "Nadia")
    retenir(con, "e1", "decisions", "dons.xlsx", '{"v": 2}', "Paul")
    retenir(con, "e1", "reponses", "bilan-2.xlsx", '{"v": 3}', "Zoé")
    lue = retrouver(con, "e1", "reponses")
    assert lue is not None
    assert (lue.nom, lue.decisions, lue.qui) == ("bilan-2.xlsx", '{"v": 3}', "Zoé")
    autre, derniere = retrouver(con, "e1", "decisions"), retrouver(con, "e1")
    assert autre is not None and autre.qui == "Paul"
    assert derniere == lue, "sans questionnaire, le dernier choix"
    assert retrouver(con, "e2") is None
    assert [(x.quoi, x.qui, x.avant, x.apres) for x in journal.lire(con)] == [
        ("retenir", "Zoé", '{"v": 1}', '{"v": 3}'),
        ("retenir", "Paul", None, '{"v": 2}'),
        ("retenir", "Nadia", None, '{"v": 1}'),
    ]


def test_journal_du_dernier_au_premier(con: duckdb.DuckDBPyConnection) -> None:
    for i in range(5):
        retenir(con, f"e{i}", "reponses", "f.xlsx", "{}", "Nadia")
    assert [x.objet for x in journal.lire(con, 2)] == ["reponses e4", "reponses e3"]
    assert [x.ordre for x in journal.lire(con)] == [5, 4, 3, 2, 1]
    assert [x.ordre for x in journal.lire(con, objet="reponses e1")] == [2]
    assert journal.lire(con, objet="inconnu") == []


def charge(con: duckdb.DuckDBPyConnection, contenu: str, **options: Any) -> str:
    resultat = charger(con, depot_reponses(contenu, ["Ru", "Éveil"], **options))
    assert isinstance(resultat, Depot)
    return resultat.depot_id


def test_lignes_en_attente(con: duckdb.DuckDBPyConnection) -> None:
    a, b = charge(con, "a"), charge(con, "b")
    attend = charge(con, "attend", a_valider=True)
    (de_b, de_a) = lignes_en_attente(con)
    assert (de_b.depot_id, de_a.depot_id) == (b, a)
    assert (de_a.nom_fichier, de_a.questionnaire, de_a.feuille, de_a.ligne) == (
        "a.xlsx",
        "reponses",
        "Réponses",
        4,
    )
    assert (de_a.repere, de_a.motifs, de_a.valeurs) == ("L’Éveil", ("VA-01",), {"A": None, "B": "douze"})
    lues = anomalies_de(con, a)
    assert [(x.numero, x.code, x.ligne) for x in lues] == [(1, "VA-01", 4), (2, "TO-01", 5)]
    assert de_a.messages == (lues[0].message,)
    assert lues[0].message
    assert lignes_en_attente(con, attend) == []
    annuler(con, b)
    assert [x.depot_id for x in lignes_en_attente(con)] == [a]
    assert lignes_en_attente(con, b) == []


def test_feuille_tournee(con: duckdb.DuckDBPyConnection) -> None:
    """One association a column: a pending row is a column of the file, a field is one of its rows."""
    depot_id = charge(
        con,
        "tournee",
        attente=[LigneEnAttente("Réponses", 28, ["VA-01"], {"4": "douze"}, "L’Éveil")],
        anomalies=[
            Anomalie("VA-01", "Réponses", 4, "AB4", "Nom", details={"titre": "Nom"}),
            Anomalie("VA-01", "Réponses", 28, "B28", "Autre", details={"titre": "Autre"}),
        ],
        correspondances=[Correspondance("Réponses", "4", "Nom", "nom_association", "titre")],
    )
    (ligne,) = lignes_en_attente(con)
    assert ligne.messages == (anomalies_de(con, depot_id)[0].message,)
    lue = provenance(con, depot_id, "reponses", "nom_association", "Réponses", 28)
    assert lue == ("Réponses", "AB4")


def test_provenance(con: duckdb.DuckDBPyConnection) -> None:
    depot_id = charge(con, "a")
    lue = provenance(con, depot_id, "reponses", "nom_association", "Réponses", 3)
    assert lue == ("Réponses", "A3")
    assert provenance(con, depot_id, "reponses", "montant", "Réponses", 3) is None
    assert provenance(con, depot_id, "reponses", "nom_association", "Autre", 3) is None
    assert provenance(con, depot_id, "decisions", "nom_association", "Réponses", 3) is None


def test_decisions_gardees(con: duckdb.DuckDBPyConnection) -> None:
    texte = json.dumps({"questionnaire": "reponses", "ecartees": {"Réponses": [7]}}, ensure_ascii=False)
    charge(con, "a", decisions=texte)
    with con.cursor() as cur:
        assert cur.execute("select decisions from depot.depots").fetchall() == [(texte,)]
