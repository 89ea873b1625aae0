"""Who is who in the warehouse: links, pairs to decide, decisions that stay, and the journal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.identite import cle_association
from observatoire.registre import ajouter, empreinte
from observatoire.storage.chargement import DejaCharge, DepotACharger, charger
from observatoire.storage.depots import annuler
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.journal import lire as lire_journal
from pipelines import qui_est_qui as qui
from tests.fabrique import luhn

SIREN = luhn("90000100")
FICHES = [
    ("W772000001", "JUDO CLUB DE MELUN", "77288", ""),
    ("W772000002", "KARATE CLUB DE MELUN", "77288", ""),
    ("W772000003", "COMITE DES FETES", "77284", ""),
    ("W772000004", "COMITE DES FETES", "77468", ""),
    ("W772000005", "LES SEMEURS D'ETOILES", "77288", luhn(SIREN + "0001")),
    ("W772000006", "HARMONIE MUNICIPALE", "77288", ""),
    ("W772000007", "HARMONIE MUNICIPALE", "77288", ""),
]
TITRES = "id;titre;siret;adrs_codeinsee;adrs_codepostal;adrs_libcommune;position"
Association = tuple[str, str | None, str | None, str | None]  # name, RNA, SIRET, commune


def poser_registre(
    settings: Settings, dossier: Path, fiches: Sequence[tuple[str, str, str, str]] = FICHES
) -> None:
    decor = [(f"W773{i:06d}", f"PELOTE{i} BASQUE{i % 7}", "77186", "") for i in range(200)]
    lignes = [f"{rna};{nom};{siret};{code};77000;;A" for rna, nom, code, siret in [*fiches, *decor]]
    fichier = dossier / f"rna-{len(fiches)}.csv"
    fichier.write_text("\n".join([TITRES, *lignes]), encoding="utf-8")
    ajouter(settings, "rna", fichier)


def deposer(con: duckdb.DuckDBPyConnection, nom: str, associations: Sequence[Association]) -> str:
    n = len(associations)
    lignes: dict[str, Any] = {
        "nom_association": [a[0] for a in associations],
        "rna": [a[1] for a in associations],
        "siret": [a[2] for a in associations],
        "commune": [a[3] for a in associations],
        "cle_association": [cle_association(*a) for a in associations],
        "millesime": [2025] * n,
        "feuille": ["F"] * n,
        "ligne": list(range(2, n + 2)),
    }
    depot = DepotACharger(
        hashlib.sha256(nom.encode()).hexdigest(), nom, 1, "associations", "tableur", lignes, n, n, 0, 0
    )
    charge = charger(con, depot)
    assert not isinstance(charge, DejaCharge)
    return charge.depot_id


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees")


@pytest.fixture
def con(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with EntrepotEcriture(settings) as con:
        yield con


def rapprochements(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], str]:
    lignes = con.execute("select cle, vers, statut from depot.rapprochements").fetchall()
    return {(cle, vers): statut for cle, vers, statut in lignes}


NOMS: list[Association] = [
    ("Judo-club de Melun", None, None, "77288"),
    ("Harmonie municipale", None, None, "77288"),
    ("Comité des fêtes", None, None, "77186"),
    ("Zigzag bouldingue", None, None, "77288"),
    ("Avec numéro", "W772999999", None, "77288"),
]
JUDO, HARMONIE = "NOM:judo club de melun|77288", "NOM:harmonie municipale|77288"
FETES = "NOM:comite des fetes|77186"


@pytest.fixture
def charge(con: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path) -> qui.BilanRapprochement:
    poser_registre(settings, tmp_path)
    return qui.apres_chargement(con, settings, deposer(con, "a.xlsx", NOMS))


def test_apres_chargement(
    con: duckdb.DuckDBPyConnection, settings: Settings, charge: qui.BilanRapprochement
) -> None:
    comptes = (charge.noms, charge.surs, charge.a_decider, charge.inconnus, charge.decides)
    assert comptes == (4, 1, 2, 1, 0)
    assert charge.registre == empreinte(settings)
    assert rapprochements(con) == {
        (JUDO, "RNA:W772000001"): "sur",
        (HARMONIE, "RNA:W772000006"): "a_decider",
        (HARMONIE, "RNA:W772000007"): "a_decider",
        (FETES, "RNA:W772000003"): "a_decider",
        (FETES, "RNA:W772000004"): "a_decider",
    }
    assert "dont 1 rattachée" in charge.phrase()
    assert qui.resume(con) == {"sur": 1, "a_decider": 2, "confirme": 0, "refuse": 0}


def test_paires_cote_a_cote(con: duckdb.DuckDBPyConnection, charge: qui.BilanRapprochement) -> None:
    paires = qui.paires(con)
    assert [p.cle for p in paires] == [HARMONIE, FETES]
    premiere = paires[0]
    assert (premiere.nom, premiere.commune, premiere.fichiers, premiere.lignes) == (
        "Harmonie municipale", "Melun", ("a.xlsx",), 1,
    )  # fmt: skip
    assert [(c.vers, c.commune) for c in premiere.candidats] == [
        ("RNA:W772000006", "Melun"), ("RNA:W772000007", "Melun"),
    ]  # fmt: skip
    assert premiere.candidats[0].raison == "même nom, même commune"
    assert qui.paires(con, 1) == paires[:1]


def test_decider_et_revenir(con: duckdb.DuckDBPyConnection, charge: qui.BilanRapprochement) -> None:
    avant = rapprochements(con)
    qui.decider(con, HARMONIE, "RNA:W772000007", "valideur-1")
    apres = rapprochements(con)
    assert (apres[HARMONIE, "RNA:W772000006"], apres[HARMONIE, "RNA:W772000007"]) == ("refuse", "confirme")
    qui.decider(con, FETES, None, "valideur-2")
    assert rapprochements(con)[FETES, "RNA:W772000003"] == "refuse"
    assert qui.paires(con) == []
    assert qui.resume(con) == {"sur": 1, "a_decider": 0, "confirme": 1, "refuse": 1}
    with pytest.raises(qui.PaireInconnue, match="déjà décidé"):
        qui.decider(con, FETES, None, "valideur-3")
    qui.revenir(con, FETES, "valideur-2")
    qui.revenir(con, HARMONIE, "valideur-2")
    assert rapprochements(con) == avant
    lignes = [x for x in lire_journal(con) if "rapprocher" in x.quoi or "rapprochement" in x.quoi]
    assert [(x.quoi, x.qui, x.objet) for x in reversed(lignes)] == [
        ("rapprocher", "valideur-1", HARMONIE),
        ("rapprocher", "valideur-2", FETES),
        ("defaire_rapprochement", "valideur-2", FETES),
        ("defaire_rapprochement", "valideur-2", HARMONIE),
    ]
    assert lignes[-1].apres is not None
    assert json.loads(lignes[-1].apres) == {"RNA:W772000006": "refuse", "RNA:W772000007": "confirme"}


def test_lien_sur_ecarte(con: duckdb.DuckDBPyConnection, charge: qui.BilanRapprochement) -> None:
    qui.decider(con, JUDO, None, "v")
    assert rapprochements(con)[JUDO, "RNA:W772000001"] == "refuse"
    qui.revenir(con, JUDO, "v")
    assert rapprochements(con)[JUDO, "RNA:W772000001"] == "sur"


@pytest.mark.parametrize(
    ("cle", "vers", "phrase"),
    [("NOM:rien|77288", None, "aucune décision"), (HARMONIE, "RNA:W772000001", "plus dans la liste")],
)
def test_decision_impossible(
    con: duckdb.DuckDBPyConnection, charge: qui.BilanRapprochement, cle: str, vers: str | None, phrase: str
) -> None:
    avant = rapprochements(con)
    with pytest.raises(qui.PaireInconnue, match=phrase):
        qui.decider(con, cle, vers, "v")
    with pytest.raises(qui.PaireInconnue, match="Aucune décision à défaire"):
        qui.revenir(con, cle, "v")
    assert rapprochements(con) == avant


def test_decision_retenue(
    con: duckdb.DuckDBPyConnection, settings: Settings, charge: qui.BilanRapprochement, tmp_path: Path
) -> None:
    """A decided name comes back in another file, then the register changes: it is never asked again."""
    qui.decider(con, HARMONIE, "RNA:W772000007", "v")
    qui.decider(con, FETES, None, "v")
    encore = qui.apres_chargement(con, settings, deposer(con, "b.xlsx", NOMS))
    assert (encore.decides, encore.surs, encore.a_decider) == (2, 1, 0)
    poser_registre(settings, tmp_path, [("W772000008", "COMITE DES FETES", "77186", ""),
                                        ("W772000009", "ZIGZAG BOULDINGUE", "77288", "")])  # fmt: skip
    bilan = qui.recalculer(con, settings)
    assert (bilan.noms, bilan.decides, bilan.surs, bilan.a_decider) == (4, 2, 2, 0)
    etats = rapprochements(con)
    assert etats[HARMONIE, "RNA:W772000007"] == "confirme" and (FETES, "RNA:W772000008") not in etats
    assert etats["NOM:zigzag bouldingue|77288", "RNA:W772000009"] == "sur"
    assert qui.paires(con) == []


def test_sans_registre_l_entrepot_sert(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    deposer(con, "numeros.xlsx", [(f"Pelote{i} basque", f"W77300000{i}", None, "77186") for i in range(9)])
    deposer(con, "n.xlsx", [("Les Semeurs d’étoiles de Melun", "W772000005", None, "77288")])
    bilan = qui.apres_chargement(con, settings, deposer(con, "a.xlsx", [
        ("Asso Semeurs d'etoiles", None, None, "77288"),
    ]))  # fmt: skip
    assert (bilan.registre, bilan.surs) == ("entrepot", 1)
    assert "Aucun registre n’est chargé" in bilan.phrase()
    assert rapprochements(con) == {("NOM:asso semeurs d etoiles|77288", "RNA:W772000005"): "sur"}


def test_deux_noms_d_une_association(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    depot = deposer(con, "a.xlsx", [
        ("Les Semeurs d'étoiles", None, None, "77288"),
        ("Association Semeurs d’Etoiles", None, None, "77288"),
        ("Les Semeurs d'étoile filante", None, None, "77288"),
        ("Les Semeurs d'étoiles", None, None, "77284"),
        ("Club de voile", None, None, "77288"),
    ])  # fmt: skip
    bilan = qui.apres_chargement(con, settings, depot)
    base = "NOM:association semeurs d etoiles|77288"
    etats = rapprochements(con)
    assert etats["NOM:les semeurs d etoiles|77288", base] == "sur"  # the same words
    assert {v for (c, v), e in etats.items() if e == "sur"} == {base}
    proche = "NOM:les semeurs d etoile filante|77288"
    assert etats.pop((proche, base)) == "a_decider"
    # Another commune is never the same association by its name.
    assert not any("77284" in c + v for c, v in etats)
    assert bilan.meme_fichier == 2
    assert bilan.noms == 5


def test_deux_noms_dans_deux_depots(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The second file asks about the first one, and the first one again asks nothing more."""
    ancien, nouveau = ("Zébulon et compagnie", None, None, "77288"), ("Asso Zebulon", None, None, "77288")
    premier = deposer(con, "a.xlsx", [ancien, ("Club de voile", None, None, "77288")])
    qui.apres_chargement(con, settings, premier)
    assert rapprochements(con) == {}
    bilan = qui.apres_chargement(con, settings, deposer(con, "b.xlsx", [nouveau]))
    paire = ("NOM:asso zebulon|77288", "NOM:zebulon et compagnie|77288")
    # One word of two: under the bar, the two stay apart.
    assert paire not in rapprochements(con) and bilan.inconnus == 1
    qui.apres_chargement(
        con, settings, deposer(con, "c.xlsx", [("La compagnie Zébulon", None, None, "77288")])
    )
    lie = ("NOM:la compagnie zebulon|77288", "NOM:zebulon et compagnie|77288")
    assert rapprochements(con) == {lie: "sur"}
    qui.apres_chargement(con, settings, deposer(con, "d.xlsx", [ancien]))
    assert rapprochements(con) == {lie: "sur"}


def test_une_decision_vaut_pour_les_autres_ecritures(
    con: duckdb.DuckDBPyConnection, settings: Settings, charge: qui.BilanRapprochement
) -> None:
    """« L’Harmonie Municipale » follows « Harmonie municipale »: one question for both, and one answer."""
    autre = deposer(con, "b.xlsx", [("Asso L’Harmonie municipale", None, None, "77288")])
    assert qui.apres_chargement(con, settings, autre).surs == 1
    suiveuse = "NOM:asso l harmonie municipale|77288"
    assert {v: e for (c, v), e in rapprochements(con).items() if c == suiveuse} == {HARMONIE: "sur"}
    assert [p.cle for p in qui.paires(con)] == [HARMONIE, FETES]
    qui.decider(con, HARMONIE, "RNA:W772000007", "v")
    qui.recalculer(con, settings)
    assert {v: e for (c, v), e in rapprochements(con).items() if c == suiveuse} == {HARMONIE: "sur"}


def test_siren_du_registre(con: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path) -> None:
    poser_registre(settings, tmp_path)
    depot = deposer(con, "a.xlsx", [("Semeurs", None, luhn(SIREN + "0001"), "77288")])
    assert qui.apres_chargement(con, settings, depot).noms == 0
    assert rapprochements(con) == {(f"SIREN:{SIREN}", "RNA:W772000005"): "sur"}
    assert qui.resume(con)["sur"] == 0  # it has a number: nobody is asked anything
    qui.recalculer(con, settings)
    assert len(rapprochements(con)) == 1


def test_depot_annule(con: duckdb.DuckDBPyConnection, settings: Settings, tmp_path: Path) -> None:
    poser_registre(settings, tmp_path)
    depot = deposer(con, "a.xlsx", NOMS)
    qui.apres_chargement(con, settings, depot)
    assert len(qui.paires(con)) == 2
    annuler(con, depot, "v")
    assert qui.paires(con) == []


def test_meme_reponse_a_chaque_fois(
    con: duckdb.DuckDBPyConnection, settings: Settings, charge: qui.BilanRapprochement
) -> None:
    requete = "select cle, vers, statut, score, marge, raison from depot.rapprochements order by cle, vers"
    avant = con.execute(requete).fetchall()
    qui.recalculer(con, settings)
    assert con.execute(requete).fetchall() == avant and len(avant) == 5
