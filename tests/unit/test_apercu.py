"""What a gesture on a deposit moves in the figures; undo and redo; links decided with the register."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.storage.chargement import DepotACharger, charger
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.depots import Depot
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.erreurs import DepotInchange, DepotInconnu, EntrepotAbsent, ValidationRefusee
from pipelines import depot
from pipelines.apercu import ChiffreTouche, apercu_chiffres
from pipelines.publication import resoudre
from tests.depots_factices import empreinte

COMMUNES = ("77288", "77284", "77118")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees", secret_min_associations=3)


def charge(
    settings: Settings,
    contenu: str,
    noms: list[str],
    questionnaire: str = "emploi",
    champs: dict[str, Any] | None = None,
    **options: Any,
) -> str:
    """One row per name, all of 2025; `champs` give one value or one per row."""
    n = len(noms)
    valeurs = {"nb_salaries": 2} if champs is None else champs
    lignes: dict[str, Any] = {
        "nom_association": noms,
        "commune": [COMMUNES[i % 3] for i in range(n)],
        "millesime": [2025] * n,
        "cle_association": [f"NOM:{nom.lower()}|{COMMUNES[i % 3]}" for i, nom in enumerate(noms)],
        "feuille": ["Réponses"] * n,
        "ligne": list(range(2, n + 2)),
    }
    lignes |= {nom: v if isinstance(v, list) else [v] * n for nom, v in valeurs.items()}
    nouveau = DepotACharger(
        empreinte(contenu),
        f"{contenu}.xlsx",
        1,
        questionnaire,
        "tableur",
        lignes,
        n,
        n,
        0,
        0,
        2025,
        **options,
    )
    with EntrepotEcriture(settings) as con:
        resultat = charger(con, nouveau)
    assert isinstance(resultat, Depot)
    return resultat.depot_id


def touches(
    lus: list[ChiffreTouche],
) -> dict[str, tuple[float | None, float | None, int, int, str | None, str | None]]:
    return {
        x.indicateur: (x.avant, x.apres, x.n_avant, x.n_apres, x.statut_avant, x.statut_apres) for x in lus
    }


# --- What would move -----------------------------------------------------------------------------------


def test_chiffres_touches(settings: Settings) -> None:
    charge(settings, "a", [f"A{i}" for i in range(6)])
    b = charge(settings, "b", [f"B{i}" for i in range(4)], champs={"nb_salaries": 5})
    octets = settings.entrepot.read_bytes()
    lus = apercu_chiffres(settings, b)
    assert settings.entrepot.read_bytes() == octets, "l’aperçu n’écrit rien"
    assert touches(lus) == {
        "nb_salaries": (32, 12, 10, 6, "ok", "ok"),
        "nb_associations_repondantes": (10, 6, 10, 6, "ok", "ok"),
    }
    (salaries,) = [x for x in lus if x.indicateur == "nb_salaries"]
    assert (salaries.millesime, salaries.titre != "", salaries.unite) == (2025, True, "salariés")
    depot.annuler(b, settings)
    retour = touches(apercu_chiffres(settings, b, retablir=True))
    assert retour["nb_salaries"] == (12, 32, 6, 10, "ok", "ok")


def test_meme_masque_que_la_publication(settings: Settings) -> None:
    """Two respondents left: the figure is masked here as it would be on the pages."""
    charge(settings, "a", ["A0", "A1"])
    b = charge(settings, "b", [f"B{i}" for i in range(4)])
    apercu = touches(apercu_chiffres(settings, b))
    assert apercu["nb_salaries"] == (12, None, 6, 2, "ok", "secret")
    depot.annuler(b, settings)
    assert publie(settings, "nb_salaries") == (None, "secret")
    assert touches(apercu_chiffres(settings, b, retablir=True))["nb_salaries"][:2] == (None, 12)


def test_remplacement_dans_l_apercu(settings: Settings) -> None:
    """Undoing a deposit brings back the one it replaced: the figures say both."""
    noms = [f"A{i}" for i in range(6)]
    a = charge(settings, "a", noms)
    b = charge(settings, "b", noms, champs={"nb_salaries": 3}, remplace=a)
    assert touches(apercu_chiffres(settings, b)) == {"nb_salaries": (18, 12, 6, 6, "ok", "ok")}


def test_apercu_d_une_validation(settings: Settings) -> None:
    noms = [f"A{i}" for i in range(6)]
    a = charge(settings, "a", noms)
    b = charge(settings, "b", noms, champs={"nb_salaries": 3}, remplace=a, a_valider=True, qui="Nadia")
    assert apercu_chiffres(settings, b) == [], "il ne compte pas encore"
    assert touches(apercu_chiffres(settings, b, valider=True))["nb_salaries"][:2] == (12, 18)
    with pytest.raises(ValidationRefusee):
        apercu_chiffres(settings, a, valider=True)


def test_geste_impossible(settings: Settings) -> None:
    with pytest.raises(EntrepotAbsent):
        apercu_chiffres(settings, "inconnu")
    a = charge(settings, "a", ["A"])
    with pytest.raises(DepotInconnu):
        apercu_chiffres(settings, "inconnu")
    with pytest.raises(DepotInchange):
        apercu_chiffres(settings, a, retablir=True)


# --- Undo, redo, publish -------------------------------------------------------------------------------


def publie(settings: Settings, indicateur: str) -> tuple[Any, ...]:
    depot.publier(settings)
    with ouvrir_publication(settings.publication) as con:
        requete = """
            select valeur, statut from mesures
            where indicateur = ? and niveau = 'departement' and domaine = 'tous' and financeur = 'tous'"""
        (ligne,) = con.execute(requete, [indicateur]).fetchall()
    return tuple(ligne)


def exporter(settings: Settings, dossier: Path) -> dict[str, bytes]:
    """Every public table of a new publication as CSV, but what says when and from what it was made."""
    publication = depot.publier(settings)
    dossier.mkdir()
    with duckdb.connect(str(publication.chemin), read_only=True) as con:
        tables = [t for t in publication.tables if t not in ("_publication", "depots")]
        for table in tables:
            colonnes = "* exclude (publication)" if table == "mesures" else "*"
            con.execute(f"copy (select {colonnes} from {table}) to '{dossier}/{table}.csv' (header)")
    assert {"mesures", "anomalies", "indicateurs", "communes", "dictionnaire"} <= set(tables)
    return {chemin.name: chemin.read_bytes() for chemin in sorted(dossier.iterdir())}


def test_annuler_puis_retablir_rend_les_memes_octets(settings: Settings, tmp_path: Path) -> None:
    noms = [f"A{i}" for i in range(40)]
    salaries = [1 + i % 7 for i in range(40)]
    a = charge(settings, "a", noms, champs={"nb_salaries": salaries})
    charge(settings, "fiches", noms, "associations", {"secteur": "sport"})
    un = exporter(settings, tmp_path / "un")
    plus = {"nb_salaries": [2 * n for n in salaries]}
    b = charge(settings, "b", noms, champs=plus, remplace=a)
    deux = exporter(settings, tmp_path / "deux")
    assert un["mesures.csv"] != deux["mesures.csv"]
    depot.annuler(b, settings, "Nadia")
    assert exporter(settings, tmp_path / "trois") == un
    depot.retablir(b, settings, "Nadia")
    assert exporter(settings, tmp_path / "quatre") == deux


def test_ce_qui_attend_ne_se_publie_pas(settings: Settings) -> None:
    a = charge(settings, "a", [f"A{i}" for i in range(6)])
    b = charge(settings, "b", [f"B{i}" for i in range(4)], a_valider=True, qui="Nadia")
    publication = depot.publier(settings, "Paul")
    assert (publication.depots, publication.en_attente) == ((a,), 1)
    with ouvrir_publication(settings.publication) as con:
        assert con.execute("select depot_id from depots").fetchall() == [(a,)]
        requete = "select max(n_repondants) from mesures where indicateur = 'nb_salaries'"
        assert con.execute(requete).fetchall() == [(6,)]
    depot.valider(b, settings, "Paul")
    assert publie(settings, "nb_salaries") == (20, "ok")
    assert [p.qui for p in depot.lister_publications(settings)] == ["", "Paul"]


# --- Links decided with the register -------------------------------------------------------------------


def lier(settings: Settings, *liens: tuple[str, str, str]) -> None:
    with EntrepotEcriture(settings) as con, con.cursor() as cur:
        for cle, vers, statut in liens:
            cur.execute(
                "insert into depot.rapprochements (cle, nom, vers, vers_nom, score, statut, raison, qui, quand) "
                "values (?, 'Nom', ?, 'Nom', 1, ?, 'essai', 'Nadia', ?)",
                [cle, vers, statut, dt.datetime(2026, 1, 1)],
            )


def cles(settings: Settings) -> list[str]:
    """Keys under which the answers are counted."""
    with duckdb.connect(":memory:") as con:
        con.execute(f"attach '{settings.entrepot}' as entrepot (read_only)")
        resoudre(con, load_enquetes().values())
        lues = con.execute("select distinct cle_association from courant.emploi order by 1").fetchall()
    return [cle for (cle,) in lues]


NOM, AUTRE = "NOM:ru|77288", "NOM:ru bis|77284"
RNA, SECOND, SIREN = "RNA:W772001234", "RNA:W772009999", "SIREN:732829320"


@pytest.mark.parametrize(
    ("liens", "attendues"),
    [
        ([], [NOM, AUTRE]),
        ([(NOM, RNA, "sur")], [AUTRE, RNA]),
        ([(NOM, RNA, "a_decider"), (AUTRE, RNA, "refuse")], [NOM, AUTRE]),
        ([(NOM, RNA, "confirme"), (NOM, SECOND, "sur")], [AUTRE, RNA]),
        ([(NOM, RNA, "confirme"), (NOM, SECOND, "confirme")], [NOM, AUTRE]),
        ([(NOM, AUTRE, "confirme"), (AUTRE, SIREN, "sur")], [SIREN]),
        ([(NOM, AUTRE, "confirme"), (AUTRE, NOM, "confirme")], [AUTRE]),
    ],
    ids=[
        "rien",
        "sûr",
        "ni à décider ni refusé",
        "confirmé",
        "deux confirmés",
        "de proche en proche",
        "en rond",
    ],
)
def test_rapprochements(liens: list[tuple[str, str, str]], attendues: list[str], settings: Settings) -> None:
    charge(settings, "a", ["Ru", "Ru bis"])
    lier(settings, *liens)
    assert cles(settings) == sorted(attendues)


@pytest.mark.parametrize(
    ("liens", "attendue"),
    [
        ([], RNA),
        ([(NOM, RNA, "refuse")], NOM),
        ([(NOM, SECOND, "confirme")], SECOND),
        ([(NOM, RNA, "confirme"), (NOM, SECOND, "confirme")], NOM),
    ],
    ids=["même nom, même commune", "refusé", "une décision l’emporte", "deux décisions"],
)
def test_decision_contre_regle_des_noms(
    liens: list[tuple[str, str, str]], attendue: str, settings: Settings
) -> None:
    charge(settings, "a", ["Ru"])
    charge(settings, "fiches", ["Ru"], "associations", {"rna": RNA[4:], "cle_association": RNA})
    lier(settings, *liens)
    assert cles(settings) == [attendue]
