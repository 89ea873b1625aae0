"""No technical word on a page of elected officials that the glossary does not hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.app_pages import PAGES
from dashboards.contenus import fiches, mots
from dashboards.contenus.mots import Mot
from tests import fabrique_publication as fabrique
from tests import sources_chiffres as sources
from tests.pages_ouvertes import DELAI, ENTREE
from tests.test_chiffres_sources import html_de

LEXIQUE = Path(__file__).parents[1] / "lexique_technique.txt"
# Written for those who check: they speak the language of the method.
POUR_ANALYSTES = ("qualite.py", "methode.py", "donnees_ouvertes.py", "accessibilite.py")
REGLAGES: dict[str, Sequence[dict[str, str]]] = {
    "comprendre.py": tuple({"competence": c.libelle} for c in fiches.lire_competences()),
    "comparer.py": ({"theme": "Ressources", "rapporte": "true"}, {"niveau": "Commune"}),
    "trajectoires.py": ({"indicateur": "Budget cumulé"},),
    "carte.py": ({"indicateur": "Participations bénévoles"}, {"indicateur": "Valeur du bénévolat"}),
}
SIGLE = re.compile(r"(?<![\w’'./-])[A-ZÀ-Þ]{2,}(?:-?\d+)?(?![\w’'/-])")
# Codes and file formats, not words: Roman numerals, districts, the buttons of the files.
HORS = re.compile(r"^(?:[IVX]+|CSV|XLSX|PNG|SVG|PDF|SQL)$")
# What is quoted as it is, not said to the reader: code, names of places and of sources.
TUS = ("code", "pre")


@cache
def lexique() -> tuple[str, ...]:
    """Every writing of the technical words."""
    lignes = LEXIQUE.read_text(encoding="utf-8").splitlines()
    ecrits = (x.split("|") for x in lignes if x.strip() and not x.startswith("#"))
    return tuple(forme.strip() for formes in ecrits for forme in formes)


@cache
def motif_du_lexique() -> re.Pattern[str]:
    formes = sorted(lexique(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, formes))})(?![\w-])", re.IGNORECASE)


@cache
def lieux() -> re.Pattern[str]:
    """Names of the territories: « CA Melun Val de Seine » is a name."""
    zones = fabrique.load_territoire(fabrique.DEPARTEMENT)
    noms = {z.libelle for n in fabrique.NIVEAUX for z in zones.zones(n)} | set(fabrique.FINANCEURS)
    plats = {re.sub(r"\s+", " ", n.replace("'", "’")) for n in noms}
    return re.compile("|".join(re.escape(n) for n in sorted(plats, key=len, reverse=True)))


def inconnus(texte: str, glossaire: tuple[Mot, ...] | None = None) -> list[str]:
    """Technical words and acronyms of a text that the glossary does not hold."""
    connus = mots.lire_mots() if glossaire is None else glossaire
    plat = re.sub(r"[\s\u00a0\u202f]+", " ", texte.replace("'", "’"))
    plat = lieux().sub(" ", plat)
    reste = mots.motif(connus).sub(" · ", plat)
    trouves = [m[0].lower() for m in motif_du_lexique().finditer(reste)]
    trouves += [m[0] for m in SIGLE.finditer(reste) if not HORS.match(m[0])]
    return sorted(set(trouves))


def texte_de(at: AppTest) -> str:
    """What a page says, with the titles of its filters."""
    racine = sources.arbre(html_de(at))
    for bloc in racine.tous():
        bloc.morceaux = [m for m in bloc.morceaux if isinstance(m, str) or m.balise not in TUS]
    titres = [
        e.label for genre in ("selectbox", "multiselect", "toggle", "text_input") for e in at.get(genre)
    ]
    return " . ".join([unescape(racine.texte()), *titres])


def cas() -> Iterator[Any]:
    for page in PAGES:
        if page.fichier not in POUR_ANALYSTES:
            for reglage in ({}, *REGLAGES.get(page.fichier, ())):
                yield pytest.param(page.fichier, reglage, id="-".join([page.adresse, *reglage.values()]))


@pytest.fixture(scope="module")
def donnees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("donnees")
    fabrique.fabriquer(dossier, registre=True)
    return dossier


@pytest.mark.parametrize(("page", "reglage"), cas())
def test_chaque_mot_technique_d_une_page_est_explique(
    page: str, reglage: dict[str, str], donnees: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(donnees))
    at = AppTest.from_file(str(ENTREE), default_timeout=DELAI).switch_page(f"app_pages/{page}")
    for cle, valeur in reglage.items():
        at.query_params[cle] = valeur
    at.run()
    assert not at.exception and not at.error
    texte = texte_de(at)
    assert len(texte) > 500
    assert inconnus(texte) == []


def test_un_mot_absent_du_glossaire_est_pris() -> None:
    assert inconnus("La variance de l’échantillon, selon le CEREQ.") == ["CEREQ", "variance"]
    assert inconnus("Un équivalent temps plein, des subventions, l’OMS-5 et le SMIC.") == []
    prive = tuple(m for m in mots.lire_mots() if m.nom != "médiane")
    assert inconnus("La médiane des budgets", prive) == ["médiane"]
    assert inconnus("La Médiane des budgets") == []


def test_le_glossaire_couvre_le_lexique_qu_emploient_les_pages_et_ne_definit_pas_un_mot_par_un_inconnu() -> (
    None
):
    assert len(lexique()) > 120
    for mot in mots.lire_mots():
        assert inconnus(mot.definition) == [], mot.nom
