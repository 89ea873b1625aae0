"""« Paroles à relire » at the counter, and « Parole du terrain » before the public."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import acces, textes
from dashboards.components import bloc_parole
from dashboards.guichet_blocs import paroles as bloc
from dashboards.lecture_paroles import Parole
from dashboards.modeles import Territoire
from observatoire.comptes import OPERATEUR, creer_compte
from observatoire.comptes.identite import Identite, Role
from observatoire.config.settings import Settings
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.paroles import MARQUE
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.paroles import ACCEPTEE, COUPEE, REFUSEE, extraits
from pipelines.guichet import ouvrir_atelier
from tests import fabrique_publication as fabrique
from tests.pages_ouvertes import DELAI
from tests.unit.test_paroles import PHRASE, deposer, ligne

DASHBOARDS = Path(textes.__file__).parent
MECHANT = "Le <b>car</b> [ici](http://x.fr) est plein, écrivez-nous à Provins."
Ouvrir = Callable[..., AppTest]


def texte(at: AppTest) -> str:
    html = "\n".join(e.value for e in at.get("html") if not e.value.lstrip().startswith("<style"))
    return unescape(re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "donnees")


@pytest.fixture
def relire(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Ouvrir:
    def lancer(qui: str = "vera") -> AppTest:
        monkeypatch.setattr(acces, "identite_courante", lambda: Identite(qui, qui.title(), Role.VALIDEUR))
        monkeypatch.setattr(acces, "atelier", lambda: ouvrir_atelier(direct=True))
        monkeypatch.setattr(acces, "lire_config", lambda: SimpleNamespace(settings=settings))
        monkeypatch.setattr(acces, "bandeau", lambda identite: None)
        at = AppTest.from_file(str(DASHBOARDS / "guichet_pages" / "paroles.py"), default_timeout=DELAI).run()
        assert not at.exception, at.exception
        return at

    return lancer


def etats(settings: Settings) -> dict[str, str | None]:
    with EntrepotLecture(settings) as con:
        return {x.texte: x.decision.decision if x.decision else None for x in extraits(con)}


def cle(settings: Settings, phrase: str) -> str:
    with EntrepotLecture(settings) as con:
        return next(x.identifiant for x in extraits(con) if x.texte == phrase)


def test_accepter_couper_refuser_revenir(settings: Settings, relire: Ouvrir) -> None:
    deposer(settings, [ligne(1, PHRASE), ligne(2, MECHANT), ligne(3, "Hors sujet."), ligne(4, "Sans.", None)])
    at = relire()
    dit = texte(at)
    assert "Cercle Orvelune 1" in dit and MECHANT in dit and "Sans." not in dit
    assert "cite la commune de son siège" in dit and "cite une commune\u00a0: Provins" in dit
    assert bloc.REGLE in dit and "0\u00a0extrait relu sur 3" in at.get("progress")[0].proto.text

    at.text_area(key=f"texte-{cle(settings, PHRASE)}").set_value("Nous avons un château à Melun.")
    at.button(key=f"accepter-{cle(settings, PHRASE)}").click().run()
    assert "ôter des mots" in at.warning[0].value and etats(settings)[PHRASE] is None
    at.text_area(key=f"texte-{cle(settings, PHRASE)}").set_value(PHRASE.replace(" à Melun", ""))
    at.button(key=f"accepter-{cle(settings, PHRASE)}").click().run()
    assert etats(settings)[PHRASE] == COUPEE
    assert "coupé" in at.success[0].value and PHRASE.replace("à Melun", MARQUE) in texte(at)

    at.button(key=f"refuser-{cle(settings, 'Hors sujet.')}").click().run()
    assert "Dites pourquoi" in at.warning[0].value
    at.selectbox(key=f"raison-{cle(settings, 'Hors sujet.')}").set_value(bloc.RAISONS[-1])
    at.button(key=f"refuser-{cle(settings, 'Hors sujet.')}").click().run()
    at.button(key=f"accepter-{cle(settings, MECHANT)}").click().run()
    assert etats(settings) == {PHRASE: COUPEE, MECHANT: ACCEPTEE, "Hors sujet.": REFUSEE, "Sans.": None}
    assert "Tous les extraits sont relus." in texte(at)

    at.button(key=f"revenir-{cle(settings, MECHANT)}").click().run()
    assert etats(settings)[MECHANT] is None and "de nouveau à relire" in at.success[0].value


def test_qui_a_depose_ne_relit_pas_et_la_page_dit_qu_il_est_seul(settings: Settings, relire: Ouvrir) -> None:
    deposer(settings, [ligne(1, PHRASE)], qui="vera")
    at = relire()
    assert "Vous avez déposé cet extrait" in texte(at) and bloc.SEUL in texte(at)
    assert not [b for b in at.button if b.label in ("Accepter", "Refuser")]
    for sujet in ("vera", "nora"):
        creer_compte(settings, OPERATEUR, sujet, sujet.title(), "une phrase de passe longue 9", Role.VALIDEUR)
    assert bloc.SEUL not in texte(relire())
    assert [b for b in relire("nora").button if b.label == "Accepter"]


def test_rien_a_relire_et_ce_qui_fut_ecarte(settings: Settings, relire: Ouvrir) -> None:
    assert "Aucun extrait avec accord" in texte(relire())
    deposer(
        settings,
        [
            *(ligne(i, f"Phrase {i}.", None) for i in range(1, 5)),
            ligne(5, "Écrivez à bureau@exemple.fr, merci."),
        ],
    )
    at = relire()
    assert "Aucun extrait avec accord" in texte(at)
    assert "cellule G6" in texte(at) and "bureau@exemple.fr" not in texte(at)


def test_un_extrait_masque_ne_s_accepte_pas(settings: Settings, relire: Ouvrir) -> None:
    deposer(settings, [ligne(1, "Merci à M*** pour tout.")])
    at = relire()
    identifiant = cle(settings, "Merci à M*** pour tout.")
    assert (
        at.button(key=f"accepter-{identifiant}").disabled
        and not at.button(key=f"refuser-{identifiant}").disabled
    )


# --- Before the public


@pytest.fixture(scope="module")
def donnees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("donnees")
    fabrique.fabriquer(dossier)
    return dossier


@pytest.fixture
def lire(monkeypatch: pytest.MonkeyPatch, donnees: Path) -> Ouvrir:
    def lancer(dossier: Path = donnees, **parametres: str) -> AppTest:
        monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(dossier))
        at = AppTest.from_file(str(DASHBOARDS / "public.py"), default_timeout=DELAI)
        at = at.switch_page("app_pages/parole.py")
        for nom, valeur in parametres.items():
            at.query_params[nom] = valeur
        at.run()
        assert not at.exception and not at.error
        return at

    return lancer


def citations(at: AppTest) -> list[tuple[str, str]]:
    html = "\n".join(e.value for e in at.get("html"))
    motif = r"<blockquote><p>(.*?)</p></blockquote><figcaption>(.*?)</figcaption>"
    return [(unescape(a), unescape(b)) for a, b in re.findall(motif, html, flags=re.DOTALL)]


def test_des_citations_avec_domaine_lieu_et_annee(lire: Ouvrir) -> None:
    vues = citations(lire())
    dans_l_ordre = [p[-1] for p in sorted(fabrique.PAROLES) if p[1] == 2024]
    assert [a for a, _ in vues] == dans_l_ordre
    origines = [b for _, b in vues]
    assert origines[1].startswith("Sport\u00a0· CA Melun Val de Seine\u00a0· 2024")
    assert origines[2] == f"{bloc_parole.SANS_DOMAINE}\u00a0· Seine-et-Marne (département)\u00a0· 2024"
    dit = texte(lire())
    assert "Des mots, pas des chiffres." in dit and "moins de 5" in dit and "déposé l’extrait" in dit


def test_filtres_et_repli_dit(lire: Ouvrir) -> None:
    melun = {"niveau": "Intercommunalité", "territoire": "CA Melun Val de Seine (247700057)"}
    assert [a for a, _ in citations(lire(**melun))] == [fabrique.PAROLES[1][-1]]
    meaux = lire(niveau="Intercommunalité", territoire="CA du Pays de Meaux (200072130)")
    assert len(citations(meaux)) == 3 and "voici ceux de tout le département" in texte(meaux)
    commune = lire(niveau="Commune", territoire="Melun (77288)")
    assert [a for a, _ in citations(commune)] == [fabrique.PAROLES[1][-1]]
    assert "jamais plus fin que l’intercommunalité" in texte(commune)
    sport = lire(domaine="Sport")
    assert [a for a, _ in citations(sport)] == [fabrique.PAROLES[1][-1]]
    assert [a for a, _ in citations(lire(annee="2023"))] == ["=1+1\u202f; la salle est trouvée\u202f!"]


def test_aucun_extrait_se_dit(lire: Ouvrir, tmp_path: Path) -> None:
    at = lire(domaine=charger_nomenclature("secteurs").libelle("sante"))
    assert not citations(at) and "Aucun extrait publié pour 2024" in at.info[0].value
    chemin = fabrique.fabriquer(tmp_path)
    with duckdb.connect(str(chemin)) as con:
        con.execute("drop table paroles; drop table paroles_bilan")
    ancienne = lire(tmp_path)
    assert not citations(ancienne) and "Aucun extrait publié" in ancienne.info[0].value


def test_fichier_a_telecharger(lire: Ouvrir, monkeypatch: pytest.MonkeyPatch) -> None:
    offerts: dict[str, Any] = {}
    monkeypatch.setattr(st, "download_button", lambda *a, **o: offerts.setdefault(o["file_name"], o["data"]))
    lire(annee="2023")
    nom = next(n for n in offerts if n.endswith("fr.csv"))
    assert nom.startswith("paroles-departement-77-2023")
    (rangee,) = csv.DictReader(io.StringIO(offerts[nom]().decode("utf-8-sig")), delimiter=";")
    assert rangee["extrait"] == "'=1+1 ; la salle est trouvée !", "jamais lu comme une formule"
    assert (rangee["code_territoire"], rangee["domaine"], rangee["millesime"]) == (
        "247700057",
        "culture",
        "2023",
    )
    assert not {"rang", "cle_association"} & rangee.keys()


def test_trente_a_la_fois_puis_un_volet(lire: Ouvrir, tmp_path: Path) -> None:
    chemin = fabrique.fabriquer(tmp_path)
    nombre = bloc_parole.MONTRES + 7
    with duckdb.connect(str(chemin)) as con:
        con.execute("delete from paroles")
        con.execute(
            "insert into paroles select i, 2024, 'departement', '77', 'sport', 'Phrase ' || i from range(?) as t(i)",
            [nombre],
        )
    at = lire(tmp_path)
    assert len(citations(at)) == nombre
    assert [e.label for e in at.expander] == ["Les 7\u00a0extraits suivants"]


def test_le_lieu_choisi() -> None:
    ici = Territoire("epci", "1", "CC d’Ici", 10, "")
    dep = Territoire("departement", "77", "Seine-et-Marne", 100, "")
    local = Parole(1, 2024, "epci", "1", "CC d’Ici", "sport", "Sport", "A.")
    autre = Parole(2, 2024, "epci", "2", "CC d’Ailleurs", "sport", "Sport", "B.")
    assert bloc_parole.choisir([local, autre], dep, dep, "Seine-et-Marne")[0] == [local, autre]
    assert bloc_parole.choisir([local, autre], ici, ici, "Seine-et-Marne")[:2] == ([local], "CC d’Ici")
    gardes, nom, dit = bloc_parole.choisir([autre], ici, ici, "Seine-et-Marne")
    assert (gardes, nom) == ([autre], "Seine-et-Marne") and "CC d’Ici" in dit
    assert bloc_parole.choisir([], ici, ici, "Seine-et-Marne")[0] == ()
