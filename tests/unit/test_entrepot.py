"""The private warehouse: schema, one transaction per deposit, ledger, lock, space, archive."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import subprocess
import sys
import threading
from collections import namedtuple
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.storage import chargement, entrepot
from observatoire.storage.chargement import DejaCharge, DepotACharger, charger
from observatoire.storage.depots import (
    Depot,
    LignesParAnnee,
    annuler,
    apercu_annulation,
    depot,
    depot_actif,
    depots,
    identifiant,
    retablir,
)
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import (
    ComptesFaux,
    DepotInchange,
    DepotInconnu,
    EntrepotAbsent,
    EntrepotOccupe,
    EspaceInsuffisant,
    SchemaIncompatible,
)
from tests.depots_factices import (
    ENQUETES,
    REPONSES,
    champ,
    depot_reponses,
    empreinte,
    lignes_reponses,
)

TABLES = (
    "enquete.reponses",
    "depot.lignes_brutes",
    "depot.anomalies",
    "depot.attente",
    "depot.correspondances",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees")


@pytest.fixture
def con(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with EntrepotEcriture(settings, ENQUETES) as con:
        yield con


def tout(con: duckdb.DuckDBPyConnection, requete: str, *valeurs: Any) -> list[tuple[Any, ...]]:
    with con.cursor() as cur:
        return cur.execute(requete, list(valeurs)).fetchall()


def contenu(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the warehouse, to prove that nothing moved."""
    tables = (*TABLES, "enquete.decisions", "depot.depots", "depot.journal")
    return {t: tout(con, f"select * from {t} order by all") for t in tables}


def charge(con: duckdb.DuckDBPyConnection, nouveau: DepotACharger) -> Depot:
    resultat = charger(con, nouveau)
    assert isinstance(resultat, Depot)
    return resultat


# --- Schema ------------------------------------------------------------------------------------------


def test_schema_des_vrais_questionnaires(settings: Settings) -> None:
    with EntrepotEcriture(settings) as con:
        lues = tout(con, "select table_name from duckdb_tables() where schema_name = 'enquete'")
        vues = {v for (v,) in tout(con, "select view_name from duckdb_views() where schema_name = 'courant'")}
        vides = [tout(con, f"select count(*) from courant.{v}") for v in sorted(vues)]
    assert {t for (t,) in lues} == vues == set(load_enquetes())
    assert vides == [[(0,)]] * len(vues)


def test_champ_ajoute_devient_colonne(settings: Settings) -> None:
    with EntrepotEcriture(settings, ENQUETES) as con:
        charge(con, depot_reponses("avant", ["A"]))
    nouveau = champ("nb_dirigeantes", "effectif", since=2026)
    etendue = dataclasses.replace(REPONSES, champs=(*REPONSES.champs, nouveau))
    with EntrepotEcriture(settings, {"reponses": etendue}) as con:
        charge(con, depot_reponses("apres", ["B"], lignes=lignes_reponses(["B"], nb_dirigeantes=[3])))
        lignes = tout(con, "select nom_association, nb_dirigeantes from courant.reponses order by 1")
        requete = "select comment from duckdb_columns() where column_name = ? and schema_name = 'enquete'"
        (commentaire,) = tout(con, requete, "nb_dirigeantes")
    assert lignes == [("A", None), ("B", 3)]
    assert "Description de nb_dirigeantes." in commentaire[0]


def test_champ_retype_est_refuse_et_nomme(settings: Settings) -> None:
    with EntrepotEcriture(settings, ENQUETES) as con:
        charge(con, depot_reponses("avant", ["A"]))
    retypes = ("montant", "nb_benevoles")
    champs = tuple(champ(c.name, "texte") if c.name in retypes else c for c in REPONSES.champs)
    with (
        pytest.raises(
            SchemaIncompatible, match=r"reponses\.toml, champ nb_benevoles.*reponses\.toml, champ montant"
        ),
        EntrepotEcriture(settings, {"reponses": dataclasses.replace(REPONSES, champs=champs)}),
    ):
        pass
    with EntrepotEcriture(settings, ENQUETES) as con:
        assert tout(con, "select nom_association, nb_benevoles from courant.reponses") == [("A", 10)]


def test_rien_a_faire_quand_le_schema_est_a_jour(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with EntrepotEcriture(settings, ENQUETES):
        pass
    faits: list[bool] = []
    vrai = entrepot.preparer
    monkeypatch.setattr(entrepot, "preparer", lambda *a: faits.append(vrai(*a)))
    for enquetes in (ENQUETES, {"reponses": REPONSES}):
        with EntrepotEcriture(settings, enquetes):
            pass
    assert faits == [False, True]


# --- Loading -----------------------------------------------------------------------------------------


def test_charger_ecrit_tout_le_depot(con: duckdb.DuckDBPyConnection) -> None:
    nouveau = depot_reponses("un", ["A", "B"], fictif=True, archive="raw/aa/x.xlsx", statut="a_revoir")
    resultat = charge(con, nouveau)
    assert resultat.depot_id == identifiant(nouveau.sha256) == nouveau.sha256[:12]
    assert depots(con) == [resultat]
    assert (resultat.statut, resultat.fictif, resultat.ordre, resultat.millesime) == (
        "a_revoir",
        True,
        1,
        2025,
    )
    assert abs(resultat.depose_le - dt.datetime.now(dt.UTC).replace(tzinfo=None)) < dt.timedelta(minutes=1)
    colonnes = "nom_association, nb_benevoles, montant, depot_id, ligne"
    assert tout(con, f"select {colonnes} from courant.reponses order by ligne") == [
        ("A", 10, 1234.5, resultat.depot_id, 2),
        ("B", 10, 1234.5, resultat.depot_id, 3),
    ]
    assert tout(con, "select feuille, ligne, cellules from depot.lignes_brutes order by ligne") == [
        ("Réponses", 1, ["Nom", "Bénévoles"]),
        ("Réponses", 2, ["A", None]),
        ("Réponses", 3, ["B", None]),
    ]
    ((motifs, valeurs, repere, ligne),) = tout(
        con, "select motifs, valeurs, repere, ligne from depot.attente"
    )
    assert (motifs, json.loads(valeurs), repere, ligne) == (
        ["VA-01"],
        {"A": None, "B": "douze"},
        "L’Éveil",
        4,
    )
    colonnes = "numero, code, niveau, cellule, valeur, message"
    assert tout(con, f"select {colonnes} from depot.anomalies order by numero") == [
        (i, a.code, a.niveau.value, a.cellule, a.valeur, a.message)
        for i, a in enumerate(nouveau.anomalies, 1)
    ]
    assert tout(con, "select quoi, objet, qui, apres from depot.journal") == [
        ("charger", resultat.depot_id, "Nadia", "a_revoir")
    ]
    assert tout(con, "select colonne, entete, champ, score from depot.correspondances") == [
        ("A", "Nom", "nom_association", 100.0)
    ]


def test_meme_fichier_n_ajoute_rien(con: duckdb.DuckDBPyConnection) -> None:
    premier = charge(con, depot_reponses("un", ["A"]))
    avant = contenu(con)
    assert charger(con, depot_reponses("un", ["A"])) == DejaCharge(premier)
    assert contenu(con) == avant
    assert depot_actif(con, premier.sha256) == premier


def test_lignes_resumees_comptent_pour_leurs_sources(con: duckdb.DuckDBPyConnection) -> None:
    lignes = lignes_reponses(["A", "B"], lignes_source=[[2, 3, 7], [4]])
    resultat = charge(con, depot_reponses("un", [], lignes=lignes, lignes_lues=6, lignes_chargees=4))
    assert resultat.lignes_chargees == 4
    assert tout(con, "select lignes_source from courant.reponses order by ligne") == [([2, 3, 7],), ([4],)]


@pytest.mark.parametrize(
    "faute",
    [
        {"lignes_lues": 9},
        {"lignes_lues": 5, "lignes_chargees": 3},
        {"lignes_lues": 5, "lignes_en_attente": 2},
        {"lignes": lignes_reponses(["A", "B", "C"])},
        {"lignes": lignes_reponses(["A", "B"], lignes_source=[[2, 3], [4]])},
        {"attente": []},
    ],
    ids=lambda f: "+".join(f),
)
def test_comptes_faux_ne_gardent_rien(con: duckdb.DuckDBPyConnection, faute: dict[str, Any]) -> None:
    charge(con, depot_reponses("avant", ["Z"]))
    avant = contenu(con)
    with pytest.raises(ComptesFaux):
        charger(con, depot_reponses("faux", ["A", "B"], **faute))
    assert contenu(con) == avant


@pytest.mark.parametrize("etape", ["_inscrire", "inserer_brutes", "journaliser", "_verifier"])
def test_panne_a_chaque_etape(
    con: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, etape: str
) -> None:
    avant = contenu(con)
    vraie = getattr(chargement, etape)

    def casser(*args: Any, **options: Any) -> None:
        vraie(*args, **options)
        raise OSError(28, "disque plein")

    monkeypatch.setattr(chargement, etape, casser)
    with pytest.raises(OSError, match="disque plein"):
        charger(con, depot_reponses("un", ["A"]))
    assert contenu(con) == avant
    monkeypatch.undo()
    charge(con, depot_reponses("un", ["A"]))
    assert tout(con, "select count(*) from courant.reponses") == [(1,)]


@pytest.mark.parametrize(
    ("donnes", "attendus"),
    [
        ([0.1, 1234.567, None, 1e11], ["0.1", "1234.57", None, "100000000000"]),
        ([Decimal("0.1"), Decimal("1234.56"), None, Decimal(7)], ["0.1", "1234.56", None, "7"]),
    ],
)
def test_montants_au_centime(
    con: duckdb.DuckDBPyConnection, donnes: list[Any], attendus: list[str | None]
) -> None:
    noms = list("ABCD")
    charge(con, depot_reponses("un", noms, lignes=lignes_reponses(noms, montant=donnes)))
    lus = tout(con, "select montant from courant.reponses order by ligne")
    assert lus == [(None if a is None else Decimal(a),) for a in attendus]


def test_colonne_inconnue_est_nommee(con: duckdb.DuckDBPyConnection) -> None:
    avant = contenu(con)
    with pytest.raises(ValueError, match="couleur"):
        charger(con, depot_reponses("un", ["A"], lignes=lignes_reponses(["A"], couleur=["bleu"])))
    assert contenu(con) == avant


def test_deux_cent_mille_lignes_par_arrow(con: duckdb.DuckDBPyConnection) -> None:
    n = 200_000
    table = pa.table(
        {
            "nom_attribuant": pa.array(["Département"] * n),
            "montant": pa.array([float(i % 1000) for i in range(n)]),
            "feuille": pa.array(["F"] * n),
            "ligne": pa.array(range(2, n + 2), pa.int32()),
        }
    )
    gros = DepotACharger(empreinte("gros"), "gros.csv", 1, "decisions", "tableur", table, n, n, 0, 0)
    charge(con, gros)
    assert tout(con, "select count(*), sum(montant), max(ligne) from courant.decisions") == [
        (n, sum(i % 1000 for i in range(n)), n + 1)
    ]


# --- Current rows, cancelling ------------------------------------------------------------------------


def test_courant_garde_la_derniere_reponse(con: duckdb.DuckDBPyConnection) -> None:
    charge(con, depot_reponses("un", ["A", "B"], valeur=1))
    charge(con, depot_reponses("deux", ["B", "C"], valeur=2))
    vue = "select nom_association, nb_benevoles from courant.reponses order by all"
    assert tout(con, vue) == [("A", 1), ("B", 2), ("C", 2)]
    autre = lignes_reponses(["A", "A"], 3, categorie=[None, "sport"], millesime=[2024, 2025])
    charge(con, depot_reponses("trois", ["A", "A"], lignes=autre))
    # A later deposit replaces the whole answer of the association for the year, other categories included.
    assert tout(con, vue) == [("A", 3), ("A", 3), ("B", 2), ("C", 2)]


def test_association_inconnue_ne_remplace_personne(con: duckdb.DuckDBPyConnection) -> None:
    lignes = lignes_reponses(["A", "B", "C"], cle_association=[None, None, "RNA:W1"])
    charge(con, depot_reponses("un", ["A", "B", "C"], lignes=lignes))
    assert tout(con, "select nom_association from courant.reponses order by 1") == [("A",), ("B",), ("C",)]


def test_sans_cle_toutes_les_lignes_comptent(con: duckdb.DuckDBPyConnection) -> None:
    lignes = {"nom_attribuant": ["D", "D"], "montant": [5, 5], "feuille": ["F", "F"], "ligne": [2, 3]}
    for contenu_fichier in ("un", "deux"):
        charge(
            con,
            DepotACharger(empreinte(contenu_fichier), "f.csv", 1, "decisions", "tableur", lignes, 2, 2, 0, 0),
        )
    assert tout(con, "select count(*), sum(montant) from courant.decisions") == [(4, 20)]


def test_annuler_retablir(con: duckdb.DuckDBPyConnection) -> None:
    un = charge(con, depot_reponses("un", ["A", "B"], valeur=1, statut="a_revoir"))
    deux = charge(con, depot_reponses("deux", ["B"], valeur=2))
    vue = "select nom_association, nb_benevoles from courant.reponses order by all"
    avant = {t: tout(con, f"select * from {t} order by all") for t in TABLES}
    assert apercu_annulation(con, un.depot_id) == [LignesParAnnee("reponses", 2025, 2)]

    assert annuler(con, deux.depot_id, "Nadia").statut == "annule"
    assert tout(con, vue) == [("A", 1), ("B", 1)]
    annuler(con, un.depot_id)
    assert tout(con, vue) == []
    assert {t: tout(con, f"select * from {t} order by all") for t in TABLES} == avant

    assert retablir(con, un.depot_id, "Nadia") == un
    assert tout(con, vue) == [("A", 1), ("B", 1)]
    assert tout(con, "select quoi, objet, qui, avant, apres from depot.journal order by ordre") == [
        ("charger", un.depot_id, "Nadia", None, "a_revoir"),
        ("charger", deux.depot_id, "Nadia", None, "charge"),
        ("annuler", deux.depot_id, "Nadia", "charge", "annule"),
        ("annuler", un.depot_id, "", "a_revoir", "annule"),
        ("retablir", un.depot_id, "Nadia", "annule", "a_revoir"),
    ]


def test_recharger_apres_annulation(con: duckdb.DuckDBPyConnection) -> None:
    noms = []
    for _ in range(3):
        noms.append(charge(con, depot_reponses("un", ["A"])).depot_id)
        annuler(con, noms[-1])
    base = identifiant(empreinte("un"))
    assert noms == [base, f"{base}-2", f"{base}-3"]
    retablir(con, noms[0])
    with pytest.raises(DepotInchange, match=noms[0]):
        retablir(con, noms[1])
    assert tout(con, "select depot_id from courant.reponses") == [(noms[0],)]


def test_gestes_sans_objet(con: duckdb.DuckDBPyConnection) -> None:
    un = charge(con, depot_reponses("un", ["A"]))
    with pytest.raises(DepotInchange, match="n’est pas annulé"):
        retablir(con, un.depot_id)
    annuler(con, un.depot_id)
    with pytest.raises(DepotInchange, match="déjà annulé"):
        annuler(con, un.depot_id)
    for geste in (annuler, retablir, apercu_annulation, depot):
        with pytest.raises(DepotInconnu, match="zzz"):
            geste(con, "zzz")
    assert tout(con, "select count(*) from depot.journal") == [(2,)]


# --- Lock, space, crash ------------------------------------------------------------------------------


def test_un_seul_ecrivain_a_la_fois(settings: Settings) -> None:
    with EntrepotEcriture(settings, ENQUETES):
        lecture = EntrepotLecture(settings, attente_max=0.05)
        for second in (lecture, EntrepotEcriture(settings, ENQUETES, attente_max=0.05)):
            with pytest.raises(EntrepotOccupe, match=r"observatoire\.duckdb"), second:
                pass
    with EntrepotEcriture(settings, ENQUETES, attente_max=0.05) as con:
        assert tout(con, "select count(*) from depot.depots") == [(0,)]


def test_ecrivains_en_file(settings: Settings) -> None:
    def travailler(i: int) -> None:
        with EntrepotEcriture(settings, ENQUETES) as con:
            charger(con, depot_reponses(f"fichier {i % 3}", [f"A{i % 3}"]))

    fils = [threading.Thread(target=travailler, args=(i,)) for i in range(9)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    with EntrepotLecture(settings) as con:
        assert sorted(d.nom_fichier for d in depots(con)) == [f"fichier {i}.xlsx" for i in range(3)]
        assert tout(con, "select count(*) from courant.reponses") == [(3,)]


def test_lecture_ne_peut_pas_ecrire(settings: Settings) -> None:
    with pytest.raises(EntrepotAbsent, match="observatoire deposer"), EntrepotLecture(settings):
        pass
    settings.donnees.mkdir(exist_ok=True)
    duckdb.connect(str(settings.entrepot)).close()  # a first writer killed before its schema
    with pytest.raises(EntrepotAbsent), EntrepotLecture(settings):
        pass
    with EntrepotEcriture(settings, ENQUETES) as con:
        charge(con, depot_reponses("un", ["A"]))
    with EntrepotLecture(settings) as con:
        assert tout(con, "select count(*) from courant.reponses") == [(1,)]
        with pytest.raises(duckdb.InvalidInputException):
            con.execute("delete from depot.depots")


def test_erreur_dans_le_bloc_rend_le_verrou(settings: Settings) -> None:
    with pytest.raises(KeyError), EntrepotEcriture(settings, ENQUETES):
        raise KeyError("panne")
    with EntrepotEcriture(settings, ENQUETES, attente_max=0.05):
        assert settings.entrepot.exists()
    assert not settings.entrepot.with_name("entrepot.duckdb.wal").exists()


def test_autre_logiciel_qui_tient_le_fichier(settings: Settings) -> None:
    with EntrepotEcriture(settings, ENQUETES):
        pass
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('ouvert', flush=True); sys.stdin.read()"
    )
    commande = [sys.executable, "-c", code, str(settings.entrepot)]
    with subprocess.Popen(commande, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as autre:
        assert autre.stdin is not None
        assert autre.stdout is not None
        assert autre.stdout.readline() == "ouvert\n"
        with pytest.raises(EntrepotOccupe, match="Un autre logiciel"), EntrepotEcriture(settings, ENQUETES):
            pass
        autre.stdin.close()


def test_disque_presque_plein(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with EntrepotEcriture(settings, ENQUETES):
        pass
    taille = settings.entrepot.stat().st_size
    usage = namedtuple("usage", "total used free")
    libre = 3 * taille + 1000
    monkeypatch.setattr(entrepot.shutil, "disk_usage", lambda _: usage(0, 0, libre))
    with EntrepotEcriture(settings, ENQUETES, octets=1000) as con:
        assert depots(con) == []
    with pytest.raises(EspaceInsuffisant, match="Mo"), EntrepotEcriture(settings, ENQUETES, octets=1001):
        pass
