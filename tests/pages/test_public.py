"""The public pages without a browser: every page of the registry, every state, the published figures."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from dashboards import format_fr as fr
from dashboards.app_pages import PAGES, Page
from observatoire.indicators.catalogue import catalogue
from tests import fabrique_publication as fabrique
from tests.pages_ouvertes import DELAI

ENTREE = Path(__file__).parents[2] / "dashboards" / "public.py"
INTERDITS = ("file_uploader", "camera_input", "audio_input", "chat_input")
Ouvrir = Callable[..., AppTest]


@pytest.fixture(scope="module")
def donnees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("donnees")
    fabrique.fabriquer(dossier)
    return dossier


@pytest.fixture(scope="module")
def reelles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A later publication of data that are not invented."""
    dossier = tmp_path_factory.mktemp("reelles")
    fabrique.fabriquer(dossier, fictif=False, version=3)
    return dossier


@pytest.fixture
def ouvrir(monkeypatch: pytest.MonkeyPatch, donnees: Path) -> Ouvrir:
    def lancer(page: str = PAGES[0].fichier, dossier: Path = donnees, **parametres: str) -> AppTest:
        monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(dossier))
        at = AppTest.from_file(str(ENTREE), default_timeout=DELAI).switch_page(f"app_pages/{page}")
        for cle, valeur in parametres.items():
            at.query_params[cle] = valeur
        return at.run()

    return lancer


def contenu(at: AppTest) -> str:
    """All HTML of the page, style sheet apart."""
    return "\n".join(e.value for e in at.get("html") if not e.value.lstrip().startswith("<style"))


def texte(at: AppTest) -> str:
    """Words of a page; a query is not French."""
    return unescape(re.sub(r"<pre.*?</pre>|<[^>]+>", " ", contenu(at), flags=re.DOTALL))


def valeurs_des_cartes(at: AppTest) -> dict[str, str]:
    motif = r'data-indicateur="(\w+)".*?<strong>(.*?)</strong>'
    return {nom: unescape(v) for nom, v in re.findall(motif, contenu(at), flags=re.DOTALL)}


def une(donnees: Path, sql: str, *valeurs: Any) -> tuple[Any, ...]:
    """First row of a query on a copy: DuckDB opens one path only once in a process."""
    copie = donnees / "copie.duckdb"
    if not copie.exists():
        shutil.copy(donnees / "curated" / "observatoire.duckdb", copie)
    with duckdb.connect(str(copie), read_only=True) as con:
        ligne = con.execute(sql, list(valeurs)).fetchone()
    assert ligne is not None
    return ligne


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.adresse)
class TestToutesLesPages:
    def test_sans_erreur_avec_titre_bandeau_et_pied(self, page: Page, ouvrir: Ouvrir) -> None:
        """And receives no file, and keeps French punctuation together."""
        at = ouvrir(page.fichier)
        assert not at.exception and not at.error
        html = contenu(at)
        assert html.count("<h1>") == 1 and page.titre in html
        assert "Données fictives de démonstration" in html
        assert "n°\u00a01 du 20/11/2026" in html
        assert not re.search(r"(?<![\w-])(nan|None|null|NaT)(?![\w-])", texte(at))
        assert not any(at.get(genre) for genre in INTERDITS)
        assert not re.findall(r"« \S+|\S+ »|\S+ [;!?](?=\s)|\S+ :(?=\s)", texte(at))

    def test_sans_bandeau_quand_rien_n_est_fictif(self, page: Page, ouvrir: Ouvrir, reelles: Path) -> None:
        html = contenu(ouvrir(page.fichier, reelles))
        assert "fictives" not in html and "n°\u00a03 du" in html

    def test_sans_publication_dit_quoi_faire(self, page: Page, ouvrir: Ouvrir, tmp_path: Path) -> None:
        at = ouvrir(page.fichier, tmp_path)
        assert not at.exception
        [message] = at.info
        assert "observatoire publier" in message.value and "observatoire deposer" in message.value

    def test_publication_illisible(self, page: Page, ouvrir: Ouvrir, tmp_path: Path) -> None:
        curated = tmp_path / "curated"
        curated.mkdir()
        (curated / "observatoire.duckdb").write_bytes(b"pas une base " * 500)
        at = ouvrir(page.fichier, tmp_path)
        assert not at.exception
        [message] = at.error
        assert "observatoire publier" in message.value and "pas une base" not in message.value

    def test_parametre_inconnu_retombe_sur_le_defaut(self, page: Page, ouvrir: Ouvrir) -> None:
        at = ouvrir(page.fichier, annee="1850", niveau="galaxie", maille="x", domaine="<script>", zone="?")
        assert not at.exception and not at.error
        assert "1850" not in contenu(at) and "galaxie" not in contenu(at)


def test_chiffres_de_l_essentiel_egaux_a_la_publication(ouvrir: Ouvrir, donnees: Path) -> None:
    cartes = valeurs_des_cartes(ouvrir())
    assert len(cartes) == 6
    for indicateur, affichee in cartes.items():
        valeur, bas, haut = une(
            donnees,
            "select valeur, borne_basse, borne_haute from mesures where indicateur = ? and millesime = 2024 "
            "and niveau = 'departement' and domaine = 'tous' and financeur = 'tous'",
            indicateur,
        )
        carte = catalogue()[indicateur]
        if indicateur == "valeur_benevolat":
            assert affichee == fr.plage(bas, haut, "€")
        else:
            assert affichee == fr.valeur_abregee(valeur, carte.unite, carte.decimales)


def test_carte_chiffre_dit_source_date_repondants_et_calcul(ouvrir: Ouvrir, donnees: Path) -> None:
    at = ouvrir(**{"source-participations": "true"})
    html = contenu(at)
    (n,) = une(
        donnees,
        "select n_repondants from mesures where indicateur = 'nb_salaries' and millesime = 2024 "
        "and niveau = 'departement' and domaine = 'tous'",
    )
    bloc = html[html.index('data-indicateur="nb_salaries"') :].split("</article>")[0]
    assert f"{n}\u00a0associations répondantes" in bloc and "<dt>Source</dt>" in bloc and "2024" in bloc
    assert [e.label for e in at.expander].count("D’où vient ce chiffre\u202f?") == 6
    assert at.code[0].value == "participations.2024.departement-77.repondantes@1"
    assert at.code[1].value.endswith("?source-participations=true")
    volet = html[html.index('class="ob-provenance"') :]
    assert unescape(volet[volet.index("<details>") :]).count(catalogue()["participations"].sql.strip()) == 1
    assert "<b>Définition</b>" in volet and "<b>Formule</b>" in volet and "<b>D-0002</b>" in volet
    assert "Aucune" not in volet and len(at.get("download_button")) > len(ouvrir().get("download_button"))


def test_etats_sans_chiffre_sont_distincts(ouvrir: Ouvrir, donnees: Path) -> None:
    attendus = {"secret": "s.\u00a0s.", "nd": "n.\u00a0d.", "non_publie": "n.\u00a0p."}
    for statut, signe in attendus.items():
        code, libelle = une(
            donnees,
            "select t.code, t.libelle from mesures m join territoires t on t.niveau = m.niveau "
            "and t.code = m.code_territoire where m.indicateur = 'participations' and m.millesime = 2024 "
            "and m.niveau = 'commune' and m.domaine = 'tous' and m.statut = ? order by t.code limit 1",
            statut,
        )
        at = ouvrir(niveau="Commune", territoire=f"{libelle} ({code})")
        assert valeurs_des_cartes(at)["participations"] == signe


def test_filtres_lus_dans_l_adresse(ouvrir: Ouvrir) -> None:
    at = ouvrir(annee="2023", niveau="Commune", territoire="Meaux (77284)")
    assert at.selectbox(key="annee").value == 2023
    assert at.selectbox(key="territoire").value.code == "77284"
    assert "Meaux · 2023" in texte(at)
    assert at.selectbox(key="domaine_commune").options == ["Tous les domaines"]


def test_tableau_de_tous_les_indicateurs(ouvrir: Ouvrir) -> None:
    assert "<caption>Tous les indicateurs" not in contenu(ouvrir())
    html = contenu(ouvrir(tous_les_chiffres="true"))
    manquants = [c.titre for c in catalogue().values() if f">{fr.typographie(c.titre)}</th>" not in html]
    assert not manquants


def test_subventions_par_financeur_en_graphique_et_en_tableau(ouvrir: Ouvrir, donnees: Path) -> None:
    at = ouvrir()
    html = contenu(at)
    for financeur in fabrique.FINANCEURS:
        (montant,) = une(
            donnees,
            "select valeur from mesures where indicateur = 'montant_subventions' and niveau = 'departement' "
            "and domaine = 'tous' and millesime = 2024 and financeur = ?",
            financeur,
        )
        assert fr.euros(montant) in html
    assert "<b>Ville de Provins</b>" not in html and "&lt;b&gt;Ville de Provins&lt;/b&gt;" in html
    graphiques = at.get("plotly_chart")
    assert len(graphiques) == 2
    assert json.loads(graphiques[0].proto.config)["locale"] == "fr"
    series = json.loads(graphiques[0].proto.spec)["data"]
    assert [serie["name"] for serie in series] == [str(annee) for annee in fabrique.ANNEES]
    assert series[0]["y"][0].startswith("Conseil départemental")


@pytest.mark.parametrize("maille", ["Intercommunalité", "Commune"])
def test_carte_et_tableau_disent_la_meme_chose(ouvrir: Ouvrir, donnees: Path, maille: str) -> None:
    niveau = {"Intercommunalité": "epci", "Commune": "commune"}[maille]
    at = ouvrir("carte.py", maille=maille, indicateur="Participations bénévoles")
    [composant] = at.get("bidi_component")
    svg = composant.proto.json
    (nb,) = une(donnees, "select count(*) from territoires where niveau = ?", niveau)
    assert svg.count("data-trace=") == nb
    (positives,) = une(
        donnees,
        "select count(*) from mesures where indicateur = 'participations' and millesime = 2024 "
        "and niveau = ? and domaine = 'tous' and valeur > 0",
        niveau,
    )
    assert svg.count('<circle class=\\"rond\\" data-code=') == positives > 0
    html = contenu(at)
    valeur, libelle = une(
        donnees,
        "select m.valeur, t.libelle from mesures m join territoires t on t.niveau = m.niveau "
        "and t.code = m.code_territoire where indicateur = 'participations' and millesime = 2024 "
        "and m.niveau = ? and domaine = 'tous' order by valeur desc nulls last, libelle limit 1",
        niveau,
    )
    premiere = re.findall(r"<tbody><tr>(.*?)</tr>", html, flags=re.DOTALL)[0]
    assert fr.nombre(valeur) in premiere and str(libelle) in unescape(premiere)
    assert html.count("<tr>") + html.count("<tr class") == nb + 1


def test_carte_rapportee_a_la_population(ouvrir: Ouvrir, donnees: Path) -> None:
    at = ouvrir("carte.py", indicateur="Subventions publiées", habitants="true")
    valeur, libelle = une(
        donnees,
        "select m.valeur / t.population as v, t.libelle from mesures m join territoires t "
        "on t.niveau = m.niveau and t.code = m.code_territoire where indicateur = 'montant_subventions' "
        "and millesime = 2024 and m.niveau = 'epci' and domaine = 'tous' and financeur = 'tous' "
        "order by v desc nulls last limit 1",
    )
    premiere = re.findall(r"<tbody><tr>(.*?)</tr>", contenu(at), flags=re.DOTALL)[0]
    assert fr.utile(valeur) in premiere and str(libelle) in unescape(premiere)
    assert "€ par habitant" in texte(at)


def test_territoire_choisi_est_marque_et_mene_a_sa_fiche(ouvrir: Ouvrir) -> None:
    at = ouvrir("carte.py", maille="Commune", zone="Meaux (77284)")
    html = contenu(at)
    assert "<h3>Meaux</h3>" in html
    assert re.search(r'<tr class="choisie" aria-current="true"><th scope="row">Meaux</th>', html)
    assert any("Tous les chiffres" in lien.label for lien in at.get("page_link"))


def test_invariant_des_lignes(ouvrir: Ouvrir, donnees: Path) -> None:
    comptes = une(
        donnees,
        "select sum(lignes_lues), sum(lignes_chargees), sum(lignes_en_attente), sum(lignes_ignorees) "
        "from depots",
    )
    lues, chargees, attente, ignorees = (fr.nombre(int(n)) for n in comptes)
    lu = texte(ouvrir("qualite.py"))
    assert f"{lues} = {chargees} + {attente} + {ignorees}" in lu and "aucune ligne n’a disparu" in lu
    assert all(depot[0] in lu for depot in fabrique.DEPOTS)
    assert all(anomalie[3] in lu for anomalie in fabrique.ANOMALIES)


def test_ecart_de_lignes_est_dit(ouvrir: Ouvrir, tmp_path: Path) -> None:
    chemin = fabrique.fabriquer(tmp_path)
    with duckdb.connect(str(chemin)) as con:
        con.execute("update depots set lignes_lues = lignes_lues + 1 where depot_id = 'D-0004'")
    lu = texte(ouvrir("qualite.py", tmp_path))
    assert "Écart constaté sur 1\u00a0dépôt" in lu and "aucune ligne n’a disparu" not in lu


def test_methode_donne_toutes_les_definitions_et_les_seuils(ouvrir: Ouvrir) -> None:
    lu = texte(ouvrir("methode.py"))
    assert not [c.titre for c in catalogue().values() if fr.typographie(c.titre) not in lu]
    for carte in catalogue().values():
        assert fr.typographie(carte.ne_dit_pas) in lu
    assert "Nombre minimal d’associations pour publier un chiffre" in lu and "85\u00a0%" in lu


def test_nouvelle_publication_lue_sans_redemarrer(ouvrir: Ouvrir, tmp_path: Path) -> None:
    fabrique.fabriquer(tmp_path, version=1)
    at = ouvrir("methode.py", tmp_path)
    assert "n°\u00a01 du" in contenu(at)
    fabrique.fabriquer(tmp_path, version=2)
    assert "n°\u00a02 du" in contenu(at.run())


def test_publication_sans_aucun_chiffre(ouvrir: Ouvrir, tmp_path: Path) -> None:
    chemin = fabrique.fabriquer(tmp_path)
    with duckdb.connect(str(chemin)) as con:
        for table in ("mesures", "depots", "anomalies"):
            con.execute(f"delete from {table}")
    for page in PAGES:
        at = ouvrir(page.fichier, tmp_path)
        assert not at.exception and not at.error
