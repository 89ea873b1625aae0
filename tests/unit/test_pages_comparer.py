"""Comprendre, Comparer, Trajectoires, Carte, Données ouvertes: what is loaded, compared, drawn and given."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import duckdb
import pytest
import streamlit as st
from openpyxl import load_workbook
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboards import comparaison, fonds, lecture_derivees, trajectoire, voisins
from dashboards.comparaison import Difference
from dashboards.components import donnees as composant_donnees
from dashboards.components import mention
from dashboards.contenus import evenements, fiches, mots, requetes
from dashboards.contenus.chargement import ContenuInvalide
from dashboards.figures import carte_image, carte_svg, intervalles, lignes
from dashboards.figures.classes import classer
from dashboards.lecture_derivees import Demande
from dashboards.modeles import Evolution, Indicateur, Mesure, Territoire
from dashboards.vue_carte import base
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.territoire.carte import fond
from observatoire.territoire.territoire import load_territoire
from tests import fabrique_publication as fabrique
from tests import sources_chiffres as sources
from tests.pages_ouvertes import Ouvrir, page_ouverte
from tests.test_chiffres_sources import html_de

CARTE = Indicateur("x", "Titre", "benevolat", "d", "f", "heures", "total", "", "s", "select 1", 0)
PART = replace(CARTE, unite="part", estimateur="proportion", decimales=1)
EUROS = replace(CARTE, unite="€")


@pytest.fixture(scope="module")
def donnees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("donnees")
    fabrique.fabriquer(dossier, registre=True)
    return dossier


@pytest.fixture
def ouvrir(monkeypatch: pytest.MonkeyPatch, donnees: Path) -> Ouvrir:
    def lancer(page: str, **parametres: str) -> AppTest:
        monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(donnees))
        return page_ouverte(page, parametres)

    return lancer


def texte(at: AppTest) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html_de(at))).replace("\u00a0", " "))


def mesure(
    valeur: float | None,
    bas: float | None = None,
    haut: float | None = None,
    statut: str = "ok",
    an: int = 2024,
) -> Mesure:
    cv = None if bas is None else 0.1
    return Mesure("x", an, "epci", "1", "tous", "tous", valeur, bas, haut, cv, 12, None, statut)


# --- texts


def test_les_cartes_se_lisent_en_deux_minutes_et_ont_leur_chiffre() -> None:
    lues = fiches.lire_fiches()
    assert len(lues) == 13 and all(1 <= f.minutes <= fiches.MINUTES_MAX for f in lues)
    assert all(f.sources and f.chiffre for f in lues)
    secteurs = {x.code for x in charger_nomenclature("secteurs").lignes}
    couverts = {s for c in fiches.lire_competences() for s in c.secteurs}
    assert secteurs - couverts == {"non_classe"}


def test_toutes_les_fautes_d_un_fichier_de_cartes_sont_dites(tmp_path: Path) -> None:
    chemin = tmp_path / "c.toml"
    chemin.write_text(
        '[[carte]]\nid = "a"\ntitre = "T"\nchapeau = "C"\ntexte = ["' + "mot " * 400 + '"]\n'
        'chiffre = "licornes"\ncompetences = ["chasse"]\nsources = []\n[[carte]]\nid = "a"\ntitre = "U"\n',
        encoding="utf-8",
    )
    with pytest.raises(ContenuInvalide) as refus:
        fiches.lire_fiches(chemin)
    dites = " ".join(refus.value.fautes)
    for attendue in ("double", "402 mots", "licornes", "chasse", "« sources »", "« texte »", "« chiffre »"):
        assert attendue in dites


def test_les_fautes_des_autres_fichiers_sont_dites(tmp_path: Path) -> None:
    chemin = tmp_path / "c.toml"
    chemin.write_text('[[mot]]\nnom = "a"\nformes = ["b", "B"]\ndefinition = "c"\n', encoding="utf-8")
    with pytest.raises(ContenuInvalide) as refus:
        mots.lire_mots(chemin)
    assert len(refus.value.fautes) == 2
    chemin.write_text('[[competence]]\ncode = "x"\nsecteurs = ["lune"]\n', encoding="utf-8")
    with pytest.raises(ContenuInvalide, match="lune"):
        fiches.lire_competences(chemin)
    chemin.write_text('[[evenement]]\nannee = "1"\ntitre = "t"\nindicateurs = ["z"]\n', encoding="utf-8")
    with pytest.raises(ContenuInvalide, match="z »") as fautes:
        evenements.lire_evenements(chemin)
    assert len(fautes.value.fautes) == 4


def test_annoter_une_fois_sans_toucher_au_texte() -> None:
    html = mots.annoter("L’ETP <b> & l’ETP ; des SUBVENTIONS")
    assert html.count('class="ob-mot"') == 2 and "&lt;b&gt; &amp;" in html
    assert sources.arbre(html).texte().replace("  ", " ").strip().startswith("L’ ETP <b> & l’ETP")
    assert "smicard" in mots.annoter("un smicard") and "<a" not in mots.annoter("un smicard")


def test_chercher_un_mot() -> None:
    tous = mots.lire_mots()
    assert [m.nom for m in mots.chercher("etp", tous)] == ["équivalent temps plein (ETP)"]
    assert "médiane" in [m.nom for m in mots.chercher("MEDIAN", tous)]
    assert mots.chercher("", tous) == list(tous) and mots.chercher("zzz", tous) == []


# --- who is alike


def test_surface_des_communes_egale_celle_du_departement() -> None:
    assert voisins.surface_km2("M0,0l10,0 0,10 -10,0zM2,2l0,2 2,0 0,-2z", 1000.0) == pytest.approx(96.0)
    contours = fond("77", "commune")
    surfaces = [voisins.surface_km2(c, contours["metres_par_unite"]) for c in contours["chemins"].values()]
    assert sum(surfaces) == pytest.approx(5915, rel=0.01)  # Insee: 5 915 km²


def test_les_plus_proches_par_population_et_densite() -> None:
    def lieu(code: str, population: int | None) -> Territoire:
        return Territoire("commune", code, code, population, None)

    lieux = [lieu("a", 1000), lieu("b", 1100), lieu("c", 1100), lieu("d", 90_000), lieu("e", None)]
    profils = voisins.profils(lieux, {x: (x,) for x in "abcd"}, {"a": 10.0, "b": 11.0, "c": 110.0, "d": 10.0})
    assert [p.lieu.code for p in voisins.proches("a", profils)] == ["b", "c", "d"]
    assert "e" not in profils and voisins.reserve(profils["a"], profils["b"]) == ""
    assert "90 fois plus d’habitants que a" in voisins.reserve(profils["a"], profils["d"])
    assert "au km²" in voisins.reserve(profils["a"], profils["c"])
    assert voisins.tranche(400).startswith("moins de 500") and "et plus" in voisins.tranche(300_000)


# --- what a difference allows to say


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty publication with two territories, « ici » and « là », and a small one."""
    with duckdb.connect(":memory:") as con:
        con.execute(
            "create table mesures (indicateur varchar, millesime integer, niveau varchar, code_territoire varchar, "
            "domaine varchar, financeur varchar, vue varchar, valeur double, borne_basse double, borne_haute double, "
            "cv double, n_repondants integer, taux_reponse double, statut varchar)"
        )
        con.execute(
            "create table territoires (niveau varchar, code varchar, libelle varchar, population bigint, note varchar)"
        )
        con.execute(
            "insert into territoires values ('epci', 'ici', 'Ici', 20000, null), ('epci', 'la', 'Là', 40000, null), "
            "('epci', 'bas', 'Bas', 999, null), ('epci', 'vide', 'Vide', null, null)"
        )
        con.execute("create table communes (code varchar, libelle varchar, population bigint)")
        con.execute("create table parametres (id varchar, valable_du varchar, valeur varchar)")
        yield con


def poser(con: duckdb.DuckDBPyConnection, **par_code: Mesure) -> None:
    """The figures of these territories."""
    for code, m in par_code.items():
        ligne = (
            m.indicateur, m.millesime, m.niveau, code, m.domaine, m.financeur, m.vue, m.valeur, m.borne_basse,
            m.borne_haute, m.cv, m.n_repondants, m.taux_reponse, m.statut,
        )  # fmt: skip
        con.execute(f"insert into mesures values ({', '.join('?' * len(ligne))})", ligne)


def demande(base: int = 0, minimum: int = 1000) -> Demande:
    return Demande((("x", "repondantes", base),), 2024, "epci", "tous", minimum, ("la", "ici", "bas", "vide"))


def juger(
    con: duckdb.DuckDBPyConnection, carte: Indicateur, ici: Mesure, la: Mesure, *, independants: bool = True
) -> Difference:
    """What « ici » is said to be beside « là »."""
    con.execute("delete from mesures")
    poser(con, ici=ici, la=la)
    lus = {e.code: e for e in lecture_derivees.ecarts(con, demande())}
    return comparaison.juger(carte, lus.get("ici"), independants=independants)


def test_intervalle_d_une_difference(con: duckdb.DuckDBPyConnection) -> None:
    symetrique = juger(con, CARTE, mesure(50, 44, 56), mesure(40, 32, 48))
    assert (symetrique.bas, symetrique.haut) == (0.0, 20.0) and symetrique.etat == comparaison.PAREILLES
    sure = juger(con, CARTE, mesure(60, 54, 66), mesure(40, 32, 48))
    assert sure.etat == comparaison.CERTAINE and (sure.bas, sure.haut) == (10.0, 30.0)
    # Near zero, the interval of a share leans: so does that of the difference.
    part = juger(con, PART, mesure(0.3, 0.2, 0.4), mesure(0.01, 0.0, 0.08))
    assert part.bas == pytest.approx(0.29 - math.hypot(0.1, 0.07))
    assert part.haut == pytest.approx(0.29 + math.hypot(0.1, 0.01))
    # A bound on the wrong side of its value counts for nothing.
    assert juger(con, CARTE, mesure(50, 52, 56), mesure(40, 40, 40)).bas == 10.0


def test_dependants_seuls_des_intervalles_separes_comptent(con: duckdb.DuckDBPyConnection) -> None:
    presque = (mesure(60, 54, 66), mesure(48, 42, 54.5))
    assert juger(con, CARTE, *presque).etat == comparaison.CERTAINE
    dependants = juger(con, CARTE, *presque, independants=False)
    assert dependants.etat == comparaison.PAREILLES
    dit = comparaison.dire(CARTE, dependants, "Ici", independants=False)
    assert dit == "les intervalles se recouvrent"
    separes = juger(con, CARTE, mesure(60, 54, 66), mesure(40, 32, 48), independants=False)
    assert separes.etat == comparaison.CERTAINE


@pytest.mark.parametrize(
    ("ici", "autre", "carte", "attendu"),
    [
        (mesure(None, statut="secret"), mesure(5, 4, 6), CARTE, "un chiffre manque"),
        (mesure(9), mesure(5), CARTE, "sans intervalle"),
        (mesure(9, 8, 10), mesure(5, 4, 6), replace(CARTE, est_convention=True), "non testée"),
        (mesure(9, 8, 10), mesure(5, 4, 6), CARTE, "plus élevé que Là (écart entre +\u202f3 et +\u202f5)"),
        (mesure(5, 4, 6), mesure(9, 8, 10), CARTE, "plus bas que Là"),
        (mesure(0.5, 0.45, 0.55), mesure(0.3, 0.25, 0.35), PART, "points"),
    ],
)
def test_une_difference_en_mots(
    con: duckdb.DuckDBPyConnection, ici: Mesure, autre: Mesure, carte: Indicateur, attendu: str
) -> None:
    difference = juger(con, carte, ici, autre)
    assert attendu in comparaison.dire(carte, difference, "Là", independants=True)


def test_rapporter_aux_habitants_au_dessus_d_une_base(con: duckdb.DuckDBPyConnection) -> None:
    poser(con, ici=mesure(400, 300, 500), la=mesure(None, statut="secret"), bas=mesure(8), vide=mesure(3))
    par_code = {m.code: m for m in lecture_derivees.rapportees(con, demande(1000))}
    # Too few inhabitants, or not known: nothing; masked: masked.
    assert set(par_code) == {"ici", "la"}
    ici = par_code["ici"]
    assert (ici.valeur, ici.borne_basse, ici.borne_haute, ici.n_repondants) == (20, 15, 25, 12)
    assert (par_code["la"].valeur, par_code["la"].statut) == (None, "secret")
    (euros,) = [m for m in lecture_derivees.rapportees(con, demande(base(EUROS))) if m.code == "ici"]
    assert euros.valeur == 0.02
    petites = lecture_derivees.rapportees(con, demande(1000, minimum=1))
    assert {m.code: m.valeur for m in petites}["bas"] == pytest.approx(8 * 1000 / 999)
    assert {m.code for m in lecture_derivees.rapportees(con, demande(0))} == {"ici", "la", "bas", "vide"}
    assert lecture_derivees.ecarts(con, replace(demande(1000), voulues=())) == ()


def test_ecart_de_deux_chiffres_rapportes(con: duckdb.DuckDBPyConnection) -> None:
    poser(con, ici=mesure(400, 300, 500), la=mesure(400, 300, 500), bas=mesure(8, 7, 9))
    (ecart,) = lecture_derivees.ecarts(con, demande(1000))
    assert (ecart.code, ecart.ecart) == ("ici", 10.0)
    assert ecart.bas == pytest.approx(10 - math.hypot(5, 2.5))


# --- pages


def test_comparer_garde_l_ordre_choisi_et_l_adresse(ouvrir: Ouvrir, donnees: Path) -> None:
    communes = {z.libelle: f"{z.libelle} ({z.code})" for z in load_territoire("77").zones("commune")}
    at = ouvrir("comparer.py", niveau="Commune", territoire=communes["Meaux"], avec_commune=communes["Avon"])
    lu = texte(at)
    assert "Meaux, Avon, 2024" in lu and "fois plus d’habitants" in lu
    assert [x.value for x in at.multiselect] == [[communes["Avon"]]]
    assert "ce n’est pas un classement" in lu
    entetes = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', html_de(at))
    assert [unescape(e) for e in entetes] == ["Indicateur", "Meaux", "Avon", "Avon, par rapport à Meaux"]


def test_comparer_ne_montre_que_ce_qui_est_publie(ouvrir: Ouvrir, donnees: Path) -> None:
    at = ouvrir("comparer.py", theme="Ressources")
    lignes = re.findall(r"<tbody>(.*?)</tbody>", html_de(at), flags=re.DOTALL)
    masquees = [c for c in re.findall(r"<td[^>]*>(.*?)</td>", lignes[0]) if "s.\u00a0s." in unescape(c)]
    assert masquees
    for ligne in re.findall(r"<tr>(.*?)</tr>", lignes[0], flags=re.DOTALL):
        valeurs = [unescape(x) for x in re.findall(r'<td class="n">(.*?)</td>', ligne)]
        dites = [unescape(x) for x in re.findall(r"<td>(.*?)</td>", ligne)]
        assert len(valeurs) == 3 and len(dites) == 2
        for valeur, dite in zip(valeurs[1:], dites, strict=True):
            if re.match(r"[ns]\.", valeur) or re.match(r"[ns]\.", valeurs[0]):
                assert "un chiffre manque" in dite


def test_comparer_rapporte_dans_le_fichier(
    ouvrir: Ouvrir, donnees: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offerts: dict[str, Callable[[], bytes]] = {}
    vrai = st.download_button
    monkeypatch.setattr(
        st, "download_button", lambda *a, **o: (offerts.update({o["file_name"]: o["data"]}), vrai(*a, **o))[1]
    )
    ouvrir("comparer.py", theme="Bénévolat", rapporte="true")
    [nom] = [n for n in offerts if n.endswith("technique.csv")]
    lignes_ = [x for x in sources.lignes_csv(offerts[nom]()) if x["valeur_rapportee"]]
    assert lignes_
    for ligne in lignes_:
        base = 1 if ligne["unite"] == "€" else comparaison.PAR_HABITANTS
        attendu = float(ligne["valeur"]) * base / float(ligne["population"])
        assert float(ligne["valeur_rapportee"]) == pytest.approx(attendu)
    [classeur] = [n for n in offerts if n.endswith(".xlsx")]
    assert "Données" in load_workbook(io.BytesIO(offerts[classeur]())).sheetnames


def test_trajectoire_montre_rupture_euros_et_panel(ouvrir: Ouvrir) -> None:
    lu = texte(ouvrir("trajectoires.py", indicateur="Salariés"))
    assert "2024, rupture de série. Question reformulée" in lu
    lu = texte(ouvrir("trajectoires.py"))
    assert "pour les 70 associations présentes toutes les années" in lu and "Participations bénévoles" in lu
    lu = texte(ouvrir("trajectoires.py", indicateur="Budget cumulé"))
    assert "euros constants de 2024" in lu
    courants = texte(ouvrir("trajectoires.py", indicateur="Budget cumulé", constants="false"))
    assert "euros courants" in courants and "euros constants de" not in courants
    ailleurs = texte(ouvrir("trajectoires.py", niveau="Canton"))
    assert "n’est calculée que pour le département" in ailleurs and "hausse" not in ailleurs


def test_deflater_et_points(con: duckdb.DuckDBPyConnection) -> None:
    suite = (mesure(100, 90, 110, an=2023), mesure(None, statut="secret", an=2024))
    for m in suite:
        poser(con, ici=m)
    de = ("x", "epci", "ici", "tous", "repondantes")
    con.execute("insert into parametres values ('ipc', '2023-01-01', '100.0'), ('smic', '2024-01-01', '12')")
    assert (
        lecture_derivees.deflatees(con, *de) == ()
    )  # the last year gives the euros: without its index, none
    con.execute("insert into parametres values ('ipc', '2024-01-01', '110.0')")
    prix = lecture_derivees.deflatees(con, *de)
    assert [m.millesime for m in prix] == [2023, 2024] and prix[1].valeur is None
    assert prix[0].valeur == pytest.approx(110) and prix[0].borne_basse == pytest.approx(99)
    con.execute("delete from parametres where valable_du = '2023-01-01'")
    assert [m.millesime for m in lecture_derivees.deflatees(con, *de)] == [2024]
    assert trajectoire.points(suite)[1].statut == "secret"
    panel = [
        Evolution("x", "panel", "repondantes", "courants", de, de + 1, float(de), de + 1.0, 1.0, 0, 2, True, 5, 5,
                  None, statut)
        for de, statut in ((2022, "ok"), (2023, "secret"))
    ]  # fmt: skip
    assert [(p.annee, p.valeur) for p in trajectoire.points_du_panel(panel)] == [
        (2022, 2022.0), (2023, 2023.0), (2024, None),
    ]  # fmt: skip


def test_une_ligne_s_arrete_a_une_rupture_et_a_une_annee_masquee() -> None:
    point = trajectoire.Point
    suite = [point(2020, 1.0, 0.5, 1.5), point(2021, 2.0, 1.5, 2.5), point(2022, None), point(2023, 3.0)]
    assert [[p.annee for p in t] for t in lignes.troncons(suite, {2021: "x"})] == [[2020], [2021], [2023]]
    figure = lignes.trajectoire(suite, "heures", 0, {2021: "question changée"}, {2020: "Confinements"})
    noms = [a.text for a in figure.layout.annotations]
    assert noms == ["rupture de série", "Confinements"] and len(figure.layout.shapes) == 3
    assert any("n.\u00a0d." in (t.text or ()) for t in figure.data)


def test_points_et_intervalles_dans_l_ordre_des_territoires() -> None:
    figure = intervalles.points(["B", "A"], [mesure(5, 4, 6), mesure(None, statut="secret")], ["5", "s. s."])
    assert list(figure.layout.yaxis.categoryarray) == ["B", "A"]
    assert figure.data[0].error_x.array[0] == 1 and figure.data[1].text == ("s. s.",)


def test_comprendre_suit_la_competence_et_l_adresse(ouvrir: Ouvrir) -> None:
    toutes = html_de(ouvrir("comprendre.py"))
    assert [toutes.count(f'id="{f.id}"') for f in fiches.lire_fiches()] == [1] * 13
    assert toutes.count(mention.CHIFFRE + "=") == len({f.chiffre for f in fiches.lire_fiches()})
    sport = html_de(ouvrir("comprendre.py", competence="Sport"))
    assert "Sport\u00a0: ce que disent les associations" in sport and 'id="quartiers"' not in sport
    titre = next(f.titre for f in fiches.lire_fiches() if f.id == "emploi")
    une = html_de(ouvrir("comprendre.py", fiche=titre))
    assert une.count('class="ob-lecon"') == 1 and 'id="emploi"' in une


def test_mots_cherches_depuis_l_adresse(ouvrir: Ouvrir) -> None:
    assert html_de(ouvrir("mots.py", q="SMIC")).count("<dt>") < 5 < html_de(ouvrir("mots.py")).count("<dt>")


def test_donnees_ouvertes_donne_l_empreinte_et_des_requetes_qui_marchent(
    ouvrir: Ouvrir, donnees: Path
) -> None:
    at = ouvrir("donnees_ouvertes.py")
    fichier = (donnees / "curated" / "observatoire.duckdb").resolve()
    assert any(hashlib.sha256(fichier.read_bytes()).hexdigest() in c.value for c in at.code)
    assert 'href="api/publication.duckdb"' in html_de(at) and "Licence Ouverte" in texte(at)
    pub = composant_donnees.courante()
    assert pub is not None
    lignes_ = pub.lire(_executer)
    assert len(lignes_) == len(requetes.lire_requetes()) and min(lignes_) > 0


def _executer(con: duckdb.DuckDBPyConnection) -> list[int]:
    return [len(con.cursor().execute(r.sql).fetchall()) for r in requetes.lire_requetes()]


# --- map


def test_cercles_proportionnels_aux_valeurs() -> None:
    contours = fond("77", "epci")
    codes = list(contours["chemins"])[:4]
    valeurs: dict[str, float | None] = dict(zip(codes, (400.0, 100.0, 0.0, None), strict=True))
    cercles = carte_svg.cercles(contours, valeurs)
    assert [c.code for c in cercles] == codes[:2] and cercles[0].rayon == pytest.approx(2 * cercles[1].rayon)
    rayons = carte_svg.legende_cercles(valeurs, "heures", 0)
    assert [t for _, t in rayons] == ["400", "100", "25"] and rayons[0][0] == 2 * rayons[1][0]
    assert (
        carte_svg.cercles(contours, dict.fromkeys(codes)) == [] and carte_svg.legende_cercles({}, "€") == []
    )


def test_un_total_n_est_jamais_une_surface_coloree(ouvrir: Ouvrir) -> None:
    total = ouvrir("carte.py", indicateur="Participations bénévoles")
    svg = json.loads(total.get("bidi_component")[0].proto.json)["html"]
    assert not re.search(r'<path class="k-\d', svg) and 'class="k-uni"' in svg and "<circle" in svg
    part = ouvrir("carte.py", indicateur="Lien social\u00a0: d’accord")
    svg = json.loads(part.get("bidi_component")[0].proto.json)["html"]
    assert re.search(r'<path class="k-\d', svg) and 'class="rond" data-code' not in svg


def test_fond_de_carte_servi_une_fois_pour_toutes(monkeypatch: pytest.MonkeyPatch, donnees: Path) -> None:
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(donnees))
    client = TestClient(Starlette(routes=list(fonds.ROUTES)))
    reponse = client.get("/" + fonds.adresse("77", "commune"))
    assert reponse.status_code == 200 and "immutable" in reponse.headers["cache-control"]
    assert reponse.json() == fond("77", "commune")["chemins"]
    for faux in ("fond/77-commune-000000000000.json", "fond/..%2f..%2fx"):
        assert client.get(f"/{faux}").status_code == 404


def test_image_de_la_carte_dit_tout(donnees: Path) -> None:
    contours = fond("77", "epci")
    codes = list(contours["chemins"])
    mesures = {c: mesure(float(rang + 1)) for rang, c in enumerate(codes[:-1])}
    classement = classer(codes, mesures, {c: m.valeur for c, m in mesures.items()})
    dites = [(t, "ce que c’est & <tout>") for t in mention.TITRES]
    entrees = carte_svg.legende(classement, "heures", 0)
    svg = carte_image.svg(
        carte_svg.dessiner(contours, classement, {}, "x"),
        contours,
        "Titre long " * 9,
        entrees,
        [],
        dites,
        "Fictif",
    )
    racine = ET.fromstring(svg)
    lu = " ".join(racine.itertext())
    assert all(f"{t}\u00a0:" in lu for t in mention.TITRES) and "IGN" in lu and "Fictif" in lu
    assert [
        e for e in racine.iter() if e.tag.endswith("path") and e.get("data-code")
    ] and "data-trace" not in svg
    assert carte_image.png(svg).startswith(b"\x89PNG")
