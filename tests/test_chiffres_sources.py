"""No page, export or document shows a figure without source, date, what it rests on and how it was made."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboards import affichage, lecture, textes, vues
from dashboards.app_pages import PAGES
from dashboards.components import bloc_theme, export, mention, provenance, requete
from dashboards.components import donnees as component_donnees
from dashboards.documents import DOCUMENTS, Document
from dashboards.modeles import Edition, Indicateur, Mesure
from observatoire.chiffres.identifiant import Identifiant, lire_identifiant
from observatoire.chiffres.lecture import Redaction, lire_chiffre
from observatoire.documents.pdf import GABARITS
from observatoire.indicators.catalogue import POIDS_ECONOMIQUE, REPONDANTES, REPRESENTATIF
from observatoire.territoire.territoire import load_territoire
from tests import fabrique_publication as fabrique
from tests import requetes_montrees as montrees
from tests import sources_chiffres as sources
from tests.pages_ouvertes import Ouvrir, page_ouverte

DASHBOARDS = Path(textes.__file__).parent
# The command line of another DuckDB than the library (PyPI `duckdb-cli`, a development tool).
CLI = shutil.which("duckdb", path=str(Path(sys.executable).parent))
VUES = {v: libelle.replace("\u00a0", " ") for v, libelle in vues.LIBELLES.items()}
EPCI = load_territoire(fabrique.DEPARTEMENT).zones("epci")[3]
NOM_EPCI = f"{EPCI.libelle} ({EPCI.code})"
LIEUX: dict[str, dict[str, str]] = {
    "departement": {},
    "epci": {"niveau": "Intercommunalité", "territoire": NOM_EPCI},
    "commune": {"niveau": "Commune", "territoire": "Meaux (77284)"},
}
PAGES_ECRITES = [(DASHBOARDS / "app_pages" / p.fichier).read_text(encoding="utf-8") for p in PAGES]
SECTIONS = [t for page in PAGES_ECRITES for t in re.findall(r'page\.cartes_de\(\s*"([^"]+)"', page)]
# Folds whose content is made when they are open: every figure of the page, the source of one or two, and the cards
# that a section does not show at once.
OUVERTS = {"tous_les_chiffres": "true", "source-participations": "true", "source-budget_total": "true"}
OUVERTS |= {bloc_theme.cle_des_autres(titre): "true" for titre in SECTIONS}
THEMES = ("mon_territoire", "benevolat", "emploi", "ressources", "effets")
CARTES = {
    "total": {"indicateur": "Participations bénévoles"},
    "avis": {"indicateur": "Lien social\u00a0: d’accord"},
    "zone": {"indicateur": "Budget cumulé", "zone": NOM_EPCI, "habitants": "true"},
}
# Figures that a page works out of the published ones: per inhabitant, in constant euros, differences.
CALCULS: dict[str, dict[str, dict[str, str]]] = {
    "comparer": {
        "par-habitant": {"rapporte": "true"},
        "communes-par-habitant": {"niveau": "Commune", "rapporte": "true", "vue": VUES[REPONDANTES]},
        "ressources": {"theme": "Ressources", "niveau": "Arrondissement", "vue": VUES[REPRESENTATIF]},
    },
    "trajectoires": {
        "constants": {"indicateur": "Budget cumulé"},
        "constants-epci": {"indicateur": "Budget cumulé", **LIEUX["epci"]},
        "courants": {"indicateur": "Budget cumulé", "constants": "false"},
    },
}
# Neither a figure nor a file: a declaration. The method and the words have files without figures.
SANS_FICHIER = ("accessibilite.py",)
SANS_CHIFFRE = (*SANS_FICHIER, "methode.py", "mots.py")
# Columns of `mesures`, in the order of the record.
COLONNES = [{"code": "code_territoire"}.get(f.name, f.name) for f in fields(Mesure)]
TOUTES = f"select {', '.join(COLONNES)} from mesures where financeur = 'tous'"
Fichiers = dict[str, Callable[[], bytes]]


@pytest.fixture(scope="module")
def dossiers(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A publication with a register, one without."""
    trouves = {registre: tmp_path_factory.mktemp("donnees") for registre in (True, False)}
    for registre, dossier in trouves.items():
        fabrique.fabriquer(dossier, registre=registre)
    return trouves


@pytest.fixture(scope="module")
def publies(dossiers: dict[bool, Path]) -> dict[bool, dict[Identifiant, str]]:
    """Every figure of the two publications, as it is written in short."""
    ecrits: dict[bool, dict[Identifiant, str]] = {}
    for registre, dossier in dossiers.items():
        copie = shutil.copy(dossier / "curated" / "observatoire.duckdb", dossier / "copie.duckdb")
        with duckdb.connect(copie, read_only=True) as con:
            cartes = {c.indicateur: c for c in lecture.indicateurs(con)}
            ecrits[registre] = {
                Identifiant(m.indicateur, m.millesime, m.niveau, m.code, m.vue, m.domaine): affichage.valeur(
                    cartes[m.indicateur], m, abregee=True
                )
                for m in itertools.starmap(Mesure, con.sql(TOUTES).fetchall())
            }
    return ecrits


@pytest.fixture(scope="module")
def fiches(dossiers: dict[bool, Path]) -> dict[bool, dict[str, Indicateur]]:
    """The cards of the indicators of the two publications."""
    lues = {}
    for registre, dossier in dossiers.items():
        with duckdb.connect(
            shutil.copy(dossier / "curated" / "observatoire.duckdb", dossier / "copie.duckdb")
        ) as con:
            lues[registre] = montrees.indicateurs(con)
    return lues


@pytest.fixture
def fichiers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fichiers]:
    """What the pages offered to download, by file name."""
    offerts: Fichiers = {}
    vrai = st.download_button

    def noter(*arguments: Any, **options: Any) -> Any:
        offerts[options["file_name"]] = options["data"]
        return vrai(*arguments, **options)

    monkeypatch.setattr(st, "download_button", noter)
    yield offerts


@pytest.fixture
def ouvrir(monkeypatch: pytest.MonkeyPatch, dossiers: dict[bool, Path]) -> Ouvrir:
    def lancer(page: str, *, registre: bool = True, **parametres: str) -> AppTest:
        monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(dossiers[registre]))
        return page_ouverte(page, OUVERTS | parametres)

    return lancer


def html_de(at: AppTest) -> str:
    """Every text of a page: HTML, map, messages, titles of what folds."""
    blocs = [e.value for e in at.get("html") if not e.value.lstrip().startswith("<style")]
    blocs += [json.loads(e.proto.json)["html"] for e in at.get("bidi_component")]
    simples = [
        e.value for genre in ("markdown", "info", "warning", "success", "caption") for e in at.get(genre)
    ]
    simples += [e.label for genre in ("expander", "tab") for e in at.get(genre)]
    return "\n".join(blocs) + "".join(f"<p>{x}</p>" for x in simples)


def fautes_de(at: AppTest, page: str = "") -> list[str]:
    """Figures of a page that lack something, charts included."""
    fautes = sources.fautes_html(html_de(at), est_methode=page == "methode.py")
    for graphique in at.get("plotly_chart"):
        fautes += sources.fautes_graphique(json.loads(graphique.proto.spec))
    dessins = [b.attributs.get(requete.MARQUE_DESSIN) for b in sources.arbre(html_de(at)).tous()]
    cles = [str(g.proto.id) for g in at.get("plotly_chart")]
    fautes += [f"graphique sans requête : {c}" for c in cles if not any(d and c.endswith(d) for d in dessins)]
    return fautes


def cas() -> Iterator[Any]:
    """Every page, in every view, on territories of every kind, with and without a register."""
    for page in PAGES:
        reglages: dict[str, dict[str, str]] = {"": {}}
        if page.adresse == "essentiel":
            reglages = {f"{v}-{n}": {"vue": VUES[v], **lieu} for v in VUES for n, lieu in LIEUX.items()}
        elif page.adresse == "carte":
            reglages = {f"{v}-{n}": {"vue": VUES[v], **choix} for v in VUES for n, choix in CARTES.items()}
        elif page.adresse in THEMES:
            reglages = LIEUX | {v: {"vue": VUES[v]} for v in VUES}
        elif page.adresse in CALCULS:
            reglages |= CALCULS[page.adresse]
        for nom, parametres in reglages.items():
            yield pytest.param(page.fichier, True, parametres, id=f"{page.adresse}-{nom}")
        yield pytest.param(page.fichier, False, {}, id=f"{page.adresse}-sans-registre")


@pytest.mark.parametrize(("page", "registre", "parametres"), cas())
def test_chaque_chiffre_d_une_page_et_de_ses_fichiers_dit_d_ou_il_vient(
    page: str,
    registre: bool,
    parametres: dict[str, str],
    ouvrir: Ouvrir,
    fichiers: Fichiers,
    publies: dict[bool, dict[Identifiant, str]],
    fiches: dict[bool, dict[str, Indicateur]],
    dossiers: dict[bool, Path],
) -> None:
    """And it is the published one, in the card as in the chart and in its table, and what its own query gives."""
    with montrees.noter() as montre:
        at = ouvrir(page, registre=registre, **parametres)
    if CLI:
        fichier = dossiers[registre] / "curated" / "observatoire.duckdb"
        assert montrees.fautes(CLI, fichier, montre, html_de(at)) == []
    assert montrees.fautes_blocs(html_de(at), montre, fiches[registre]) == []
    assert montrees.fautes_comptes(html_de(at), montre, fiches[registre]) == []
    assert fautes_de(at, page) == []
    racine = sources.arbre(html_de(at))
    assert sources.fautes_valeurs(racine, publies[registre]) == []
    for graphique in at.get("plotly_chart"):
        assert sources.fautes_tables(racine, json.loads(graphique.proto.spec)) == []
    marques = [b for b in racine.tous() if b.est_chiffre]
    assert {b.attributs.get(mention.CHIFFRE) for b in marques} - {None} == {
        str(c.identifiant) for c in montre.cartes
    }
    assert marques or page in SANS_CHIFFRE
    assert bool(fichiers) is (page not in SANS_FICHIER)
    for nom, octets in fichiers.items():
        if not nom.endswith(".pdf"):  # documents have their own test
            assert sources.fautes_export(nom, octets()) == [], nom


def test_toutes_les_formes_sont_offertes(ouvrir: Ouvrir, fichiers: Fichiers) -> None:
    ouvrir("essentiel.py")
    for _, suffixe, _, _ in export.FORMES:
        assert any(nom.endswith(suffixe) for nom in fichiers)
    imprimes = [nom for nom in fichiers if nom.endswith(".pdf")]
    assert [nom.split("-publication")[0] for nom in imprimes] == [
        "fiche-departement-77",
        "diaporama-departement-77",
        "chiffres-cles-77",
    ]
    assert all(fichiers[nom]().startswith(b"%PDF-1.7") for nom in imprimes)
    tableurs = [nom for nom in fichiers if not nom.endswith((".png", ".svg", ".pdf"))]
    assert len(tableurs) / len(export.FORMES) == 5  # two open cards, funders, sectors, all the figures
    for suffixe in (".png", ".svg"):
        assert len([nom for nom in fichiers if nom.endswith(suffixe)]) == 4  # two open cards, two charts


def test_l_identifiant_de_chaque_carte_se_relit(ouvrir: Ouvrir) -> None:
    at = ouvrir("essentiel.py", vue=VUES[REPRESENTATIF], **LIEUX["epci"])
    noms = [
        b.attributs[mention.CHIFFRE]
        for b in sources.arbre(html_de(at)).tous()
        if mention.CHIFFRE in b.attributs
    ]
    lus = [lire_identifiant(nom or "") for nom in noms]
    assert len(lus) == 6 and {(x.niveau, x.code, x.publication) for x in lus} == {("epci", EPCI.code, 1)}
    assert {x.vue for x in lus} <= {REPONDANTES, REPRESENTATIF}
    cites = {lire_identifiant(e.value).indicateur: e.value for e in at.code if "@" in e.value}
    assert set(cites) == {"participations", "budget_total"} and set(cites.values()) <= set(noms)


def mentions_de(at: AppTest) -> dict[str, str]:
    """View written on each card."""
    motif = r'data-indicateur="(\w+)".*?<dt>Vue</dt><dd>(.*?)</dd>'
    return {nom: unescape(vue) for nom, vue in re.findall(motif, html_de(at), flags=re.DOTALL)}


def test_vue_par_defaut_et_vue_demandee(ouvrir: Ouvrir) -> None:
    des_cartes = mentions_de(ouvrir("essentiel.py"))
    assert set(des_cartes.values()) == {vues.LIBELLES[REPRESENTATIF]}
    demandees = mentions_de(ouvrir("essentiel.py", vue=VUES[REPONDANTES]))
    assert set(demandees.values()) == {vues.LIBELLES[REPONDANTES]}
    sans = ouvrir("essentiel.py", registre=False, vue=VUES[REPRESENTATIF])
    assert set(mentions_de(sans).values()) == {vues.LIBELLES[REPONDANTES]}
    assert vues.SANS_REGISTRE in unescape(html_de(sans))


def test_vue_impossible_se_dit(ouvrir: Ouvrir) -> None:
    at = ouvrir("essentiel.py", vue=VUES[POIDS_ECONOMIQUE])
    assert set(mentions_de(at).values()) == {vues.LIBELLES[REPRESENTATIF]}
    assert unescape(html_de(at)).count("n’a pas de vue «\u00a0Poids économique\u00a0»") >= 6


def test_carte_dans_la_vue_demandee(ouvrir: Ouvrir) -> None:
    for vue, montree in (
        (REPONDANTES, REPONDANTES),
        (REPRESENTATIF, REPRESENTATIF),
        (POIDS_ECONOMIQUE, REPRESENTATIF),
    ):
        at = ouvrir("carte.py", vue=VUES[vue], **CARTES["total"])
        dites = set(re.findall(r"<dt>Vue</dt><dd>(.*?)</dd>", unescape(html_de(at))))
        assert dites == {vues.LIBELLES[montree]}
        assert ("n’a pas de vue" in unescape(html_de(at))) is (vue != montree)
    avis = ouvrir("carte.py", vue=VUES[REPRESENTATIF], **CARTES["avis"])
    assert "n’a pas de vue «\u00a0Représentatif\u00a0»" in unescape(html_de(avis))


def test_evolutions_dites_en_mots(ouvrir: Ouvrir) -> None:
    html = unescape(html_de(ouvrir("essentiel.py")))
    annees = "Entre 2023 et 2024, en Seine-et-Marne, "
    assert f"{annees}le nombre de participations bénévoles augmente de 100 (entre 20 et 180)." in html
    assert (
        f"{annees}l’écart n’est pas significatif pour «\u00a0Heures de bénévolat\u00a0» (entre −400 et +200)."
        in html
    )
    assert "les chiffres ne se comparent pas\u00a0: question reformulée." in html
    assert "l’évolution de «\u00a0Budget cumulé\u00a0» est masquée" in html
    assert "pour les 70\u00a0associations présentes toutes les années" in html
    assert "augmente" not in unescape(html_de(ouvrir("essentiel.py", **LIEUX["epci"])))


def test_la_phrase_de_la_carte_est_celle_de_la_commande(
    ouvrir: Ouvrir, dossiers: dict[bool, Path], tmp_path: Path
) -> None:
    """The sentence of each card is that of the registry of figures, and a chart says that of its total."""
    at = ouvrir("essentiel.py", **LIEUX["epci"])
    copie = shutil.copy(dossiers[True] / "curated" / "observatoire.duckdb", tmp_path)
    with duckdb.connect(copie, read_only=True) as con:
        redaction = Redaction(con)
        for bloc in sources.arbre(html_de(at)).tous():
            nom = bloc.attributs.get(mention.CHIFFRE)
            if nom:
                lu = lire_chiffre(con, lire_identifiant(nom))
                [phrase] = [b.texte() for b in bloc.tous() if b.classe("phrase")]
                assert phrase == redaction.phrase(lu.mesure) == lu.phrase
        du_graphique = lire_chiffre(
            con, lire_identifiant(f"participations.2024.epci-{EPCI.code}.representatif")
        )
    alternatives = [g.proto.alt for g in at.get("plotly_chart")]
    assert any(a.endswith(du_graphique.phrase) for a in alternatives)


def test_territoire_de_reference_par_defaut_et_choisi(ouvrir: Ouvrir) -> None:
    def references(**parametres: str) -> set[str]:
        html = unescape(html_de(ouvrir("essentiel.py", **parametres)))
        listes = re.findall(r'<ul class="reperes">(.*?)</ul>', html)
        return {li.partition("\u00a0:")[0] for x in listes for li in re.findall(r"<li>(.*?)</li>", x)}

    assert not {x for x in references() if "France" not in x}
    assert "Seine-et-Marne" in references(**LIEUX["epci"])
    assert "CA du Pays de Meaux" in references(**LIEUX["commune"])
    departement = references(**LIEUX["commune"], reference="Seine-et-Marne (77)")
    assert "Seine-et-Marne" in departement and "CA du Pays de Meaux" not in departement
    aucune = references(**LIEUX["commune"], reference="Aucun territoire")
    assert not {x for x in aucune if "France" not in x}


def test_representativite_en_mots_et_en_tableau(ouvrir: Ouvrir) -> None:
    at = ouvrir("qualite.py", annee="2024")
    lu = sources.arbre(html_de(at)).texte()
    assert (
        "350\u00a0associations ont répondu pour 2024" in lu
        and "entre 16\u00a0% et 18\u00a0% ont répondu" in lu
    )
    assert "12,0\u00a0points" in lu and "p\u00a0<\u00a00,001" in lu and "aucune réponse connue" in lu
    assert "Domaine (1 ou 2 salariés)\u00a0: Santé" in lu and "247700057" not in lu
    refusee = sources.arbre(html_de(ouvrir("qualite.py", annee="2023"))).texte()
    assert "Pas de vue représentative pour 2023\u00a0: aucune employeuse n’a répondu" in refusee
    sans = unescape(html_de(ouvrir("qualite.py", registre=False)))
    assert "Répondantes seulement" in sans and "observatoire sources ajouter rna" in sans


# --- the checks can fail


@pytest.mark.skipif(CLI is None, reason="pas de duckdb-cli (make install-dev)")
def test_une_requete_qui_ne_donne_pas_le_chiffre_est_prise(
    ouvrir: Ouvrir, dossiers: dict[bool, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Another year in the query shown, a value moved by a hair in the file, a bound moved: each is seen."""
    assert CLI is not None
    with montrees.noter() as montre:
        html = html_de(ouvrir("essentiel.py", vue=VUES[REPRESENTATIF]))
    assert len(montrees.requetes_de(html, provenance.CHIFFRE)) == 2 and len(montre.cartes) >= 6
    fichier = dossiers[True] / "curated" / "observatoire.duckdb"
    assert montrees.fautes(CLI, fichier, montre, html) == []
    for colonne in ("valeur", "borne_haute"):
        copie = shutil.copy(fichier, tmp_path / f"{colonne}.duckdb")
        with duckdb.connect(copie) as con:
            con.execute(f"update mesures set {colonne} = {colonne} * (1 + 1e-12)")
        assert len(montrees.fautes(CLI, copie, montre, html)) >= 6 + len(montre.ensembles), colonne
    copie = shutil.copy(fichier, tmp_path / "evolutions.duckdb")
    with duckdb.connect(copie) as con:
        con.execute("update evolutions set difference = difference * 2")
    assert any("celle de ses requêtes" in f for f in montrees.fautes(CLI, copie, montre, html))
    vraie = provenance.requete_publiee
    monkeypatch.setattr(provenance, "requete_publiee", lambda i: vraie(replace(i, millesime=i.millesime - 1)))
    assert len(montrees.fautes(CLI, fichier, montre, html)) >= 12


@pytest.mark.skipif(CLI is None, reason="pas de duckdb-cli (make install-dev)")
def test_une_requete_de_tableau_fausse_est_prise(
    ouvrir: Ouvrir, dossiers: dict[bool, Path], fiches: dict[bool, dict[str, Indicateur]], tmp_path: Path
) -> None:
    """A row that moved in the file, a cell that is not the figure of its query: each is seen."""
    assert CLI is not None
    with montrees.noter() as montre:
        html = html_de(ouvrir("qualite.py", annee="2024"))
    fichier = dossiers[True] / "curated" / "observatoire.duckdb"
    assert montre.lectures and montrees.fautes(CLI, fichier, montre, html) == []
    copie = shutil.copy(fichier, tmp_path)
    with duckdb.connect(copie) as con:
        con.execute("update depots set lignes_lues = lignes_lues + 1")
        con.execute("update representativite set ecart = ecart * (1 + 1e-12)")
    # The deposits, their sums, who answered beside whom.
    assert len(montrees.fautes(CLI, copie, montre, html)) == 3
    with montrees.noter() as montre:
        html = html_de(ouvrir("essentiel.py"))
    assert montrees.fautes_blocs(html, montre, fiches[True]) == []
    autre = re.sub(r'<td class="n">[^<]+</td>', '<td class="n">7</td>', html)
    assert len(montrees.fautes_blocs(autre, montre, fiches[True])) > 20
    with montrees.noter() as montre:
        html = html_de(ouvrir("comparer.py", **CALCULS["comparer"]["par-habitant"]))
    assert montrees.fautes_blocs(html, montre, fiches[True]) == []
    autre = re.sub(r"\(écart entre \S+", "(écart entre +777", html)
    assert autre != html and any("l’écart" in f for f in montrees.fautes_blocs(autre, montre, fiches[True]))


def test_un_tableau_sans_requete_est_pris() -> None:
    edition = Edition(3, datetime(2026, 11, 20), False, ())
    paires = mention.paires(vue="v", methode="m", reponses="n", source="s", annee=2024, edition=edition)
    assert sources.fautes_html(mention.entourer("<b>12 %</b>", "x", paires, ())) == ["x : aucune requête"]


def test_une_page_qui_oublie_la_source_est_prise(ouvrir: Ouvrir, monkeypatch: pytest.MonkeyPatch) -> None:
    vraies = mention.liste
    monkeypatch.setattr(mention, "liste", lambda dites: vraies([p for p in dites if p[0] != mention.SOURCE]))
    fautes = fautes_de(ouvrir("essentiel.py"))
    assert len([f for f in fautes if f.endswith("« Source » manque")]) >= 6


@pytest.mark.parametrize("titre", mention.TITRES)
def test_chaque_partie_de_la_mention_est_exigee(titre: str) -> None:
    edition = Edition(3, datetime(2026, 11, 20), False, ())
    paires = mention.paires(vue="v", methode="m", reponses="n", source="s", annee=2024, edition=edition)
    assert sources.fautes_html(mention.entourer("<b>12 %</b>", "x", paires, ("select 1;",))) == []
    vides = [(t, "" if t == titre else d) for t, d in paires]
    assert sources.fautes_html(mention.entourer("<b>12 %</b>", "x", vides, ("select 1;",))) == [
        f"x : « {titre} » manque"
    ]
    manquante = [(t, d) for t, d in paires if t != titre]
    assert sources.fautes_html(mention.entourer("<b>12 %</b>", "x", manquante, ("select 1;",)))


@pytest.mark.parametrize(
    "html",
    [
        "<p>Le département compte 12\u202f345 participations.</p>",
        "<p>Soit 37,4\u00a0% du total</p>",
        "<p>de 1,2 à 3,4\u00a0M€</p>",
        '<table><tr><th scope="col" class="n">Valeur</th></tr><tr><td class="n">12</td></tr></table>',
        '<div class="ob-definition"><p>1\u202f607 heures</p></div>',
        '<div class="ob-texte"><p>1\u202f607 heures</p></div>',
        '<div class="ob-tableau"><table><tr><td class="n">1</td></tr></table></div><p class="ob-source"></p>',
    ],
)
def test_un_chiffre_hors_d_une_carte_est_pris(html: str) -> None:
    assert len(sources.fautes_html(html)) == 1


def test_un_graphique_sans_legende_est_pris() -> None:
    assert len(sources.fautes_graphique({"data": [], "layout": {}})) == len(mention.TITRES) + 1


@pytest.mark.parametrize("colonne", ["vue", "source", "methode", "publication", "publie_le", "n_repondants"])
def test_un_fichier_sans_une_colonne_est_pris(
    colonne: str, dossiers: dict[bool, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(dossiers[True]))
    pub = component_donnees.courante()
    assert pub is not None
    carte = Indicateur("x", "Titre", "benevolat", "d", "f", "heures", "total", "", "Source.", "select 1", 0)
    mesure = Mesure("x", 2024, "epci", "1", "tous", "tous", 3.0, 1.0, 5.0, 0.1, 12, 0.2, "ok", REPRESENTATIF)
    ligne = export.ligne_mesure(mesure, carte, pub, territoire="Ici")
    notice = export.Notice("Titre", cartes=(carte,))
    for _, nom, _, octets in export.FORMES:
        assert sources.fautes_export(nom, octets((ligne,), notice, pub)) == []
        trouee = {k: v for k, v in ligne.items() if k != colonne}
        assert sources.fautes_export(nom, octets((trouee,), notice, pub)), nom


def modules() -> list[Path]:
    """What the public pages are written in: code and templates."""
    racines = [DASHBOARDS / d for d in ("app_pages", "components", "figures", "fiches")]
    code = [c for r in racines for c in r.rglob("*.py")] + list(DASHBOARDS.glob("*.py"))
    return sorted(code) + sorted(GABARITS.glob("*.typ"))


@pytest.mark.parametrize("chemin", modules(), ids=lambda c: "/".join(c.parts[-2:]))
def test_aucun_resultat_ecrit_a_la_main(chemin: Path) -> None:
    source = chemin.read_text(encoding="utf-8")
    if chemin.suffix == ".typ":  # « 100% » is a length there; French figures have a space
        source = re.sub(r"\b\d+%", "", source)
    assert (sources.litteraux if chemin.suffix == ".py" else sources.litteraux_texte)(source) == []
    if chemin.parent.name == "app_pages":
        assert sources.nombres(source, 10) == []


def test_un_resultat_ecrit_a_la_main_est_pris() -> None:
    faute = 'def page():\n    """12 % in a docstring."""\n    st.html(f"<p>{x} et 37,4 % des 12 345 bénévoles</p>")\n'
    assert sources.litteraux(faute) == ["'37,4 %'", "'12 345 bénévoles'"]
    assert sources.nombres("TOTAL = 35475\nAN = 3\n", 10) == ["35475"]
    assert sources.litteraux_texte("#text(size: 12pt)[Le total est de 8 098 participations.]") == [
        "'8 098 participations'"
    ]
    assert len(modules()) > 30


def test_chaque_gabarit_imprimable_a_son_document() -> None:
    """Those that others import, and the note, whose words are not ours, apart."""
    gabarits = {c.stem for c in GABARITS.glob("*.typ")} - {"commun", "feuille", "note"}
    assert gabarits == {d.gabarit for d in DOCUMENTS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.nom)
def test_chaque_page_imprimee_dit_d_ou_viennent_ses_chiffres(
    document: Document, dossiers: dict[bool, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(dossiers[True]))
    pub = component_donnees.courante()
    assert pub is not None
    pages = document.textes(pub)
    controle = sources.fautes_annexe if document.est_annexe else sources.fautes_document
    assert pages and controle(pages) == []


def test_un_document_qui_oublie_la_source_est_pris() -> None:
    edition = Edition(3, datetime(2026, 11, 20), False, ())
    paires = mention.paires(vue="v", methode="m", reponses="n", source="s", annee=2024, edition=edition)
    page = "Budget : 12 345 € " + " ".join(f"{t} : {d}" for t, d in paires)
    assert sources.fautes_document([page, "Sommaire"]) == []
    assert sources.fautes_document([page.replace("Source :", "")]) == ["page 1 : « Source » manque"]
    assert sources.fautes_annexe(["Publication n° 3 du 20 novembre 2026. Source : registre."]) == []
    assert len(sources.fautes_annexe(["Publication n° 3", "Source : registre."])) == 3
