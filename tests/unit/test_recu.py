"""The receipt: its numbers are those of the warehouse, it prints alone, and nothing of the file runs in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie, Niveau, catalogue
from observatoire.domain.loader import load_enquetes
from observatoire.storage.chargement import Correspondance, LigneEnAttente, charger
from observatoire.storage.depots import Depot, annuler
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.erreurs import DepotInconnu
from pipelines import depot as facade
from pipelines.ingestion.decisions import Correction
from pipelines.sorties.recu import recu_de, recu_depot, recu_html, recu_texte
from tests.depots_factices import ENQUETES, depot_reponses
from tests.fabrique import ecrire_xlsx, lignes_valides

PIEGE = '<script>alert("x")</script>&'
REPARE = next(c for c, m in catalogue().items() if m.niveau is Niveau.REPARE)
VIDES = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Text, tags and attributes of a page; tags left open are an error."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.balises: list[str] = []
        self.attributs: list[tuple[str, str]] = []
        self.ouvertes: list[str] = []
        self.textes: list[str] = []
        self.feed(html)
        self.close()
        assert self.ouvertes == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.balises.append(tag)
        self.attributs += [(k, v or "") for k, v in attrs]
        if tag not in VIDES:
            self.ouvertes.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.ouvertes.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.ouvertes[-1:] != ["style"] and data.strip():
            self.textes.append(" ".join(data.split()))

    @property
    def texte(self) -> str:
        return " | ".join(self.textes)


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with EntrepotEcriture(Settings(tmp_path / "donnees"), ENQUETES) as con:
        yield con


def fabriquer(con: duckdb.DuckDBPyConnection, contenu: str = "un", **options: object) -> Depot:
    """Three rows loaded, two pending (one amount cannot be read), one total passed over, one repair."""
    nouveau = depot_reponses(
        contenu,
        ["A", "B", "C"],
        nom_fichier=f"{PIEGE}.xlsx",
        lignes_lues=6,
        lignes_en_attente=2,
        lignes_ignorees=1,
        attente=[
            LigneEnAttente("Réponses", 5, ["VA-01"], {"A": None, "C": "1 200,50"}, PIEGE),
            LigneEnAttente("Réponses", 6, ["VA-01"], {"A": None, "C": "environ"}),
        ],
        anomalies=[
            Anomalie("VA-01", "Réponses", 5, "A5", "Nom", repere=PIEGE, details={"titre": "Nom"}),
            Anomalie("VA-01", "Réponses", 6, "A6", "Nom", details={"titre": "Nom"}),
            Anomalie("TO-01", "Réponses", 7, "A7", valeur="TOTAL"),
            Anomalie(REPARE, "Réponses", 2, "D2", "Date", "le 3 mai"),
        ],
        correspondances=[
            Correspondance("Réponses", "A", "Nom", "nom_association", "titre", 100.0),
            Correspondance("Réponses", "C", "Montant", "montant", "titre", 100.0),
        ],
        corrections=[Correction("Réponses", "B3", PIEGE, "12")],
        **options,
    )
    resultat = charger(con, nouveau)
    assert isinstance(resultat, Depot)
    return resultat


def test_tout_y_est(con: duckdb.DuckDBPyConnection) -> None:
    d = fabriquer(con)
    recu = recu_de(con, d.depot_id, ENQUETES)
    assert recu.invariant == "6\u00a0lignes lues = 3\u00a0chargées + 2\u00a0en attente + 1\u00a0ignorée"
    page = Page(recu_html(recu))
    for attendu in (
        recu.invariant.replace("\u00a0", " "),
        d.depot_id,
        d.sha256,
        "Nadia",
        "Réponses",
        "2025",
        "Chargé, pas encore publié",
        "Réponses, A5",
        "observatoire annuler",
        "Réponses, B3",
    ):
        assert attendu in page.texte.replace("\u00a0", " "), attendu
    s = recu.lu.sommes["montant"]
    assert (s.chargee, s.en_attente, s.illisibles) == (3 * 1234.5, 1200.5, 1)
    assert recu.lu.sommes["nb_benevoles"].chargee == 30
    montant = next(x for x in recu.sommes() if "montant" in x[0])
    assert montant[1:] == (
        "au moins 4\u202f904,00",
        "3\u202f703,50",
        "1\u202f200,50 (+\u00a01\u00a0illisible)",
    )
    assert [(c.nb, c.lieux) for c in recu.lu.reparations] == [(1, "D2")]
    assert [(c.cause, c.nb) for c in recu.lu.ignorees] == [("Ligne de total", 1)]
    assert [x.cellules for x in recu.lu.attente] == [("A5",), ("A6",)]
    assert all("cellule A5" not in m for m in recu.lu.attente[0].messages)


def test_rien_de_dehors_et_rien_ne_s_execute(con: duckdb.DuckDBPyConnection) -> None:
    html = recu_html(recu_de(con, fabriquer(con).depot_id, ENQUETES))
    page = Page(html)
    assert html.startswith('<!DOCTYPE html>\n<html lang="fr">')
    assert not {"script", "img", "link", "iframe", "object", "form"} & set(page.balises)
    assert not [v for k, v in page.attributs if k in ("src", "href") or k.startswith("on")]
    assert not re.search(r"url\(|@import|https?://", html)
    assert page.texte.count(PIEGE) >= 3
    assert "@media print" in html
    assert "size: A4" in html


def test_texte(con: duckdb.DuckDBPyConnection) -> None:
    recu = recu_de(con, fabriquer(con).depot_id, ENQUETES)
    texte = recu_texte(recu)
    assert recu.invariant in texte
    assert recu.lu.depot.sha256 in texte
    assert f"Réponses, B3\u00a0: {PIEGE} → 12 (Nadia" in texte
    assert "\n\n\n" not in texte


def test_etats(con: duckdb.DuckDBPyConnection) -> None:
    un = fabriquer(con)
    con.execute("insert into depot.publications values (1, ?, 'Nadia', ?)", [un.depose_le, [un.depot_id]])
    assert "publication n°\u00a01 du" in recu_de(con, un.depot_id, ENQUETES).etat
    con.execute("insert into depot.publications values (2, ?, 'Nadia', [])", [un.depose_le])
    assert "pas encore publié" in recu_de(con, un.depot_id, ENQUETES).etat
    deux = fabriquer(con, "deux", remplace=un.depot_id)
    remplacant, remplace = (recu_de(con, d.depot_id, ENQUETES) for d in (deux, un))
    assert f"remplace le dépôt {un.depot_id}" in remplacant.remplacement
    assert f"remplacé par le dépôt {deux.depot_id}" in remplace.etat
    assert "remplace le dépôt" in Page(recu_html(remplacant)).texte
    annuler(con, deux.depot_id, "Nadia")
    assert recu_de(con, deux.depot_id, ENQUETES).etat.startswith("Annulé\u00a0: ")
    attente = fabriquer(con, "trois", a_valider=True)
    assert "une autre personne" in recu_de(con, attente.depot_id, ENQUETES).etat


def test_heure_de_paris(con: duckdb.DuckDBPyConnection) -> None:
    d = fabriquer(con)
    con.execute("update depot.depots set depose_le = timestamp '2025-07-01 22:30:00'")
    assert ("Déposé le", "02/07/2025 à 00:30 (heure de Paris)") in recu_de(con, d.depot_id, ENQUETES).identite


def test_depot_inconnu(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(DepotInconnu):
        recu_de(con, "absent", ENQUETES)


def test_depuis_un_vrai_depot(tmp_path: Path) -> None:
    """The totals of the receipt are those of the file, added up here by hand."""
    settings = Settings(tmp_path / "donnees")
    enquete = load_enquetes()["emploi"]
    champs = enquete.champs_actifs()
    lignes = lignes_valides(enquete, 12)
    lignes[3]["nom_association"] = None
    titres = [c.title for c in champs]
    chemin = ecrire_xlsx(tmp_path / "e.xlsx", [titres, *([x[c.name] for c in champs] for x in lignes)])
    bilan = facade.deposer(chemin, settings, millesime=2025, qui="Nadia")
    assert (bilan.lignes_chargees, bilan.lignes_en_attente) == (11, 1)
    with EntrepotEcriture(settings) as con:
        recu = recu_de(con, bilan.depot_id, load_enquetes())
    somme = recu.lu.sommes["nb_salaries"]
    assert somme.en_attente == lignes[3]["nb_salaries"]
    assert somme.chargee + somme.en_attente == sum(x["nb_salaries"] for x in lignes)
    assert recu.lu.attente[0].ligne == 5
    assert recu.invariant.replace("\u00a0", " ") in Page(recu_depot(settings, bilan.depot_id)).texte
