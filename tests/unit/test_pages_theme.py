"""The pages of a theme and of a place: every view and territory, the fallback, the alerts, the simulator, the bars."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date, datetime
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import chiffre, lecture_territoire, vues
from dashboards import format_fr as fr
from dashboards.components import bloc_alertes, bloc_effets, bloc_ressources, bloc_theme
from dashboards.components.bloc_alertes import Regle
from dashboards.figures import parts
from dashboards.modeles import Edition, Indicateur, Mesure, Territoire
from observatoire.domain.parametre import load_parametres
from observatoire.estimation.effets import DISPOSITIFS
from observatoire.indicators.catalogue import REPONDANTES, REPRESENTATIF, catalogue
from observatoire.territoire.territoire import load_territoire
from tests import fabrique_publication as fabrique
from tests.pages_ouvertes import ENTREE, Ouvrir, page_ouverte

PAGES = ("mon_territoire", "benevolat", "emploi", "ressources", "effets")
CANTON = load_territoire(fabrique.DEPARTEMENT).zones("canton")[0]
LIEUX = {
    "departement": {},
    "canton": {"niveau": "Canton", "territoire": f"{CANTON.libelle} ({CANTON.code})"},
    "commune": {"niveau": "Commune", "territoire": "Meaux (77284)"},
}


@pytest.fixture(scope="module")
def donnees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("donnees")
    fabrique.fabriquer(dossier, registre=True)
    return dossier


@pytest.fixture
def ouvrir(monkeypatch: pytest.MonkeyPatch, donnees: Path) -> Ouvrir:
    def lancer(page: str, **parametres: str) -> AppTest:
        monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(donnees))
        return page_ouverte(f"{page}.py", parametres)

    return lancer


@pytest.fixture(scope="module")
def con(donnees: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A copy: DuckDB opens one path only once in a process."""
    copie = shutil.copy(donnees / "curated" / "observatoire.duckdb", tmp_path_factory.mktemp("copie"))
    return duckdb.connect(copie, read_only=True)


def plis(page: str) -> dict[str, str]:
    """What opens every fold of secondary cards of a page."""
    code = (ENTREE.parent / "app_pages" / f"{page}.py").read_text(encoding="utf-8")
    titres = re.findall(r'page\.cartes_de\(\s*"([^"]+)"', code)
    return {bloc_theme.cle_des_autres(titre): "true" for titre in titres}


def html(at: AppTest) -> str:
    return unescape("\n".join(e.value for e in at.get("html") if not e.value.lstrip().startswith("<style")))


def cartes(at: AppTest) -> dict[str, str]:
    """The HTML of each card, by indicator."""
    morceaux = re.findall(r"<article.*?</article>", html(at), flags=re.DOTALL)
    return {re.findall(r'data-indicateur="(\w+)"', m)[0]: m for m in morceaux}


def tableau(at: AppTest, legende: str) -> str:
    """The HTML of the table that bears this caption."""
    return html(at).split(f"<caption>{legende}</caption>")[1].split("</table>")[0]


@pytest.mark.parametrize("vue", vues.LIBELLES)
@pytest.mark.parametrize("lieu", LIEUX)
@pytest.mark.parametrize("page", PAGES)
def test_chaque_page_sur_chaque_lieu_et_dans_chaque_vue(
    page: str, lieu: str, vue: str, ouvrir: Ouvrir
) -> None:
    at = ouvrir(page, vue=vues.LIBELLES[vue].replace("\u00a0", " "), **plis(page), **LIEUX[lieu])
    lues = cartes(at)
    assert len(lues) >= 6 and set(lues) <= set(catalogue())
    assert all('<p class="phrase">' in c for c in lues.values())
    assert not re.search(
        r"(?<![\w-])(nan|None|null|NaT)(?![\w-])",
        re.sub(r"<pre.*?</pre>|<[^>]+>", " ", html(at), flags=re.DOTALL),
    )


def test_les_chiffres_secondaires_sont_replies_sous_leur_nom(ouvrir: Ouvrir) -> None:
    """The fold names what it holds; opened by the address, it adds those cards and no other."""
    at = ouvrir("ressources")
    fermes, volets = set(cartes(at)), [v.label for v in at.expander if "chiffres\u00a0:" in v.label]
    assert len(volets) == 3 and "3\u00a0chiffres\u00a0: Réserves, en mois d’activité · " in "".join(volets)
    ouverts = cartes(ouvrir("ressources", **plis("ressources")))
    nouvelles = {n: c for n, c in ouverts.items() if n not in fermes}
    assert fermes < set(ouverts) and len(nouvelles) == 2 + 3 + 3
    for carte in nouvelles.values():
        titre = re.findall(r"<h3>(.*?)</h3>", carte)[0]
        assert any(titre in v for v in volets)


def test_commune_masquee_parle_par_ce_qui_la_contient(ouvrir: Ouvrir, con: duckdb.DuckDBPyConnection) -> None:
    """Where the commune is hidden and its EPCI is not, the card is that of the EPCI, and says both."""
    code, libelle, code_epci, epci, valeur = con.execute(
        "select c.code, c.libelle, c.code_epci, t.libelle, e.valeur from communes c "
        "join mesures m on m.niveau = 'commune' and m.code_territoire = c.code "
        "join mesures e on e.niveau = 'epci' and e.code_territoire = c.code_epci and e.vue = 'representatif' "
        "join territoires t on t.niveau = 'epci' and t.code = c.code_epci "
        "where m.indicateur = 'participations' and e.indicateur = 'participations' and m.millesime = 2024 "
        "and e.millesime = 2024 and e.domaine = 'tous' and m.statut = 'secret' and e.statut = 'ok' and e.valeur > 0 "
        "order by c.code limit 1"
    ).fetchone()  # type: ignore[misc]
    carte = cartes(ouvrir("mon_territoire", niveau="Commune", territoire=f"{libelle} ({code})"))[
        "participations"
    ]
    assert f"Participations bénévoles · {epci}" in carte
    assert f"participations.2024.epci-{code_epci}.representatif@1" in carte
    assert f"<strong>{fr.nombre(valeur)}</strong>" in carte
    assert "chiffre masqué" in carte and libelle in carte and "Voici le chiffre de" in carte


def test_recherche_par_nom_choisit_le_niveau_et_le_lieu(ouvrir: Ouvrir) -> None:
    at = ouvrir("mon_territoire")
    recherche = at.selectbox(key="lieu")
    nom = next(o for o in recherche.options if o == f"{CANTON.libelle} (canton)")
    recherche.select(nom).run()
    assert not at.exception
    assert at.selectbox(key="niveau").value == "canton"
    assert at.selectbox(key="territoire").value.code == CANTON.code
    assert f"{CANTON.libelle} · 2024" in html(at)


def test_les_filtres_suivent_le_menu(ouvrir: Ouvrir) -> None:
    at = ouvrir("benevolat", annee="2023", niveau="Commune", territoire="Meaux (77284)")
    for page in ("ressources", "carte", "emploi", "essentiel"):
        at.switch_page(f"app_pages/{page}.py").run()
        assert at.selectbox(key="annee").value == 2023, page
    assert at.selectbox(key="territoire").value.code == "77284"
    at.selectbox(key="annee").select(2024).run()
    at.switch_page("app_pages/effets.py").run()
    assert at.selectbox(key="annee").value == 2024


def test_englobants(con: duckdb.DuckDBPyConnection) -> None:
    code, epci, canton = con.execute(
        "select code, code_epci, code_canton from communes where code = '77284'"
    ).fetchone()  # type: ignore[misc]
    trouves = lecture_territoire.englobants(con, "commune", code)
    assert [(t.niveau, t.code) for t in trouves if t.niveau in ("epci", "canton")] == [
        ("epci", epci),
        ("canton", canton),
    ]
    assert trouves[0].niveau == "epci"
    assert {t.niveau for t in lecture_territoire.englobants(con, "epci", epci)} == {"departement"}
    assert not [t for t in lecture_territoire.englobants(con, "departement", "77") if t.code == "77"]


EDITION = Edition(7, datetime(2026, 11, 20, 8), True, ())
LIEU = Territoire("epci", "200", "CC d’essai", 1000, None)
CADRAGE = chiffre.Cadrage(LIEU, 2024, "tous", "Tous les domaines", vues.AU_MIEUX, EDITION, True)
CARTE = Indicateur(
    "part_cdd", "Part des CDD", "emploi", "Part des CDD.", "F.", "part", "ratio", "", "S.", "select 1", 1,
    vues=(REPONDANTES, REPRESENTATIF),
)  # fmt: skip


def regle(valeur: float | None, bas: float | None, haut: float | None, statut: str = "ok") -> Regle:
    vue = REPONDANTES if bas is None else REPRESENTATIF
    mesure = Mesure(
        "part_cdd", 2024, "epci", "200", "tous", "tous", valeur, bas, haut, bas and 0.1, 12, None, statut, vue
    )
    return Regle(chiffre.Chiffre(CARTE, vues.Retenue(mesure, vue), CADRAGE), 0.3, "Règle.")


@pytest.mark.parametrize(
    ("construite", "verdict"),
    [
        (regle(0.4, 0.35, 0.45), bloc_alertes.DEPASSE),
        (regle(0.4, 0.25, 0.5), bloc_alertes.INCERTAIN),
        (regle(0.2, 0.15, 0.25), bloc_alertes.SOUS),
        (regle(0.4, 0.3, 0.5), bloc_alertes.INCERTAIN),
        (regle(0.4, None, None), bloc_alertes.PLUS_HAUT),
        (regle(0.2, None, None), bloc_alertes.PLUS_BAS),
        (regle(None, None, None, "secret"), "secret statistique"),
    ],
)
def test_une_alerte_suit_l_intervalle(construite: Regle, verdict: str) -> None:
    assert construite.verdict == verdict
    assert construite.seuil_ecrit == "30,0\u00a0%"


def test_chaque_alerte_montre_sa_preuve(ouvrir: Ouvrir) -> None:
    regles = [p for p in load_parametres() if p.id.startswith(bloc_alertes.PREFIXE)]
    assert len(regles) >= 5 and all(p.id.removeprefix(bloc_alertes.PREFIXE) in catalogue() for p in regles)
    at = ouvrir("emploi")
    table = tableau(at, "Règles d’alerte, Seine-et-Marne, 2024")
    lignes = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table)
    assert len(lignes) == len(regles)
    for p in regles:
        carte = catalogue()[p.id.removeprefix(bloc_alertes.PREFIXE)]
        [ligne] = [x for x in lignes if x.startswith(fr.typographie(carte.titre))]
        assert fr.valeur(p.valeur, carte.unite, carte.decimales) in ligne
        assert "–" in ligne and "2024" in ligne and p.source in ligne


def test_regle_hors_de_sa_periode_ne_compte_pas() -> None:
    p: dict[str, Any] = {"id": "alerte_part_cdd", "valable_du": date(2025, 1, 1), "valable_au": None}
    assert list(bloc_alertes._en_vigueur((p,), 2024)) == []
    assert list(bloc_alertes._en_vigueur((p,), 2025)) == [p]
    assert list(bloc_alertes._en_vigueur(({**p, "id": "heures_etp"},), 2025)) == []


def test_simulateur_montre_la_baisse_choisie_et_ses_hypotheses(ouvrir: Ouvrir) -> None:
    at = ouvrir("ressources", baisse=f"{fr.MOINS}50\u00a0%")
    lues = cartes(at)
    assert {"stress_50", "stress_etp_50"} <= set(lues) and "stress_25" not in lues
    defaut = cartes(ouvrir("ressources"))
    assert "stress_25" in defaut and "stress_50" not in defaut
    dit = html(at)
    assert all(h in dit for h in bloc_ressources.HYPOTHESES)
    quatre = tableau(at, "Les quatre baisses, Seine-et-Marne, 2024")
    assert [b for b in bloc_ressources.BAISSES if f'row">{fr.MOINS}{b}\u00a0%' in quatre] == [10, 25, 50, 100]


def graphique(at: AppTest, cle: str) -> dict[str, Any]:
    [dessin] = [g for g in at.get("plotly_chart") if f"graphique-{cle}" in g.proto.id]
    lu: dict[str, Any] = json.loads(dessin.proto.spec)
    return lu


def test_structure_fait_un_tout_et_egale_son_tableau(ouvrir: Ouvrir) -> None:
    at = ouvrir("ressources")
    traces = graphique(at, "structure")["data"]
    assert len(traces) == len(bloc_ressources.STRUCTURE) + 1
    assert sum(t["x"][0] for t in traces) == pytest.approx(1.0)
    table = tableau(at, "D’où viennent les ressources, Seine-et-Marne, 2024")
    for trace in traces:
        assert fr.pourcentage(trace["x"][0]) in table


def test_barres_divergentes_a_part_de_ceux_qui_ne_savent_pas(ouvrir: Ouvrir) -> None:
    figure = parts.divergentes([parts.Avis("Lien", 0.6, 0.2, 0.1), parts.Avis("Droits", 0.5, 0.3, 0.05)])
    contre, pour, nsp = figure.data
    assert list(contre.x) == [-0.2, -0.3] and list(pour.x) == [0.6, 0.5]
    assert min(nsp.base) > 0.6 and list(nsp.text) == ["10\u00a0%", "5\u00a0%"]
    traces = graphique(ouvrir("effets"), "avis")["data"]
    nb = len([c for c in catalogue() if c.endswith(bloc_effets.ACCORD)])
    assert [len(t["x"]) for t in traces] == [nb, nb, nb]


def test_effets_disent_leur_facon_de_mesurer_et_qui_appeler(ouvrir: Ouvrir) -> None:
    dit = html(ouvrir("effets"))
    assert all(d.mention in dit for d in DISPOSITIFS.values())
    assert "Déclaratif rétrospectif" in dit and "3114" in dit
    assert "oms5_part_retrouvees" in cartes(ouvrir("effets"))


def test_evolutions_masquees_ne_se_repetent_pas() -> None:
    base = chiffre.Chiffre(CARTE, vues.Retenue(regle(0.4, 0.3, 0.5).chiffre.mesure, REPRESENTATIF), CADRAGE)
    cachee = chiffre.Evolution(
        "part_cdd", "coupes", REPRESENTATIF, "courants", 2023, 2024, None, None, None, None, None, None, None,
        None, None, "secret",
    )  # fmt: skip
    dite = replace(
        cachee, statut="ok", difference=0.1, borne_basse=0.05, borne_haute=0.15, est_significative=True
    )
    assert len(replace(base, evolutions=(cachee, cachee)).mouvements) == 1
    assert [s for s, _ in replace(base, evolutions=(cachee, dite)).mouvements] == ["↗"]
    masquee = regle(None, None, None, "secret").chiffre
    assert replace(masquee, evolutions=(cachee, dite)).mouvements == ()
