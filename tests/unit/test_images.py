"""Images of the cards and charts: the words of the page, the drawing of the page, nothing that is masked."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from html import escape
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboards import affichage, textes, vues
from dashboards import format_fr as fr
from dashboards.chiffre import Cadrage, Chiffre
from dashboards.components import carte_chiffre, mention
from dashboards.fiches import image
from dashboards.figures import barres, graphique_svg, intervalles, lignes, parts, representativite, theme
from dashboards.modeles import Depot, Edition, Evolution, Indicateur, Mesure, Presence, Territoire
from dashboards.trajectoire import Point
from observatoire.indicators.catalogue import REPRESENTATIF

SVG = "{http://www.w3.org/2000/svg}"
EDITION = Edition(7, datetime(2026, 11, 20), True, ())
LIEU = Territoire("epci", "200072346", "CA du Pays de Fontainebleau", 68_000, None)
CARTE = Indicateur(
    "participations", "Participations bénévoles", "benevolat", "d", "f", "participations", "total", "",
    "Questionnaire « Le bénévolat ».", "select 1", 0,
)  # fmt: skip
DITES = mention.paires(
    vue="Représentatif", methode="Somme", reponses="n", source="S", annee=2024, edition=EDITION
)
HOSTILE = '#panic("x") *gras* $x^2$ <b>&amp;</b> \\ [@ref] "'


def mesure(valeur: float | None = 12_345.0, statut: str = "ok", domaine: str = "tous") -> Mesure:
    bornes = (10_111.0, 14_222.0, 0.08) if valeur is not None else (None, None, None)
    return Mesure(
        "participations",
        2024,
        "epci",
        LIEU.code,
        domaine,
        "tous",
        valeur,
        *bornes,
        33,
        0.2,
        statut,
        REPRESENTATIF,
    )


def chiffre(m: Mesure | None, **autres: Any) -> Chiffre:
    cadrage = Cadrage(LIEU, 2024, "tous", textes.TOUS_DOMAINES, vues.AU_MIEUX, EDITION, True)
    retenue = vues.Retenue(m, REPRESENTATIF, "Une raison.")
    voisine = mesure(98_765.0)
    return Chiffre(CARTE, retenue, cadrage, voisine, "Seine-et-Marne", **autres)


def lu(svg: bytes) -> tuple[str, str]:
    """Title and description of an image."""
    racine = ET.fromstring(svg)
    assert racine.tag == f"{SVG}svg" and racine.get("role") == "img"
    return racine.findtext(f"{SVG}title") or "", racine.findtext(f"{SVG}desc") or ""


def dessin(svg: bytes) -> str:
    """What is drawn, the words for who does not see left out."""
    return re.sub(r"<title>.*?</title><desc>.*?</desc>", "", svg.decode(), flags=re.DOTALL)


def taille(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    largeur, hauteur = struct.unpack(">II", png[16:24])
    return largeur, hauteur


def test_la_carte_dit_les_mots_de_la_page() -> None:
    evolution = Evolution(**_evolution())
    c = chiffre(mesure(), evolutions=(evolution,))
    titre, texte = lu(image.de_chiffre(c, "Seine-et-Marne").svg())
    assert titre == CARTE.titre
    html = carte_chiffre.entete_html(c)
    attendus = [
        affichage.valeur(CARTE, c.mesure, abregee=True), affichage.etat(c.mesure).libelle, c.phrase, c.comparaison,
        str(c.identifiant), "Une raison.", textes.FICTIF_NU, f"{LIEU.libelle} · 2024", *(m for _, m in c.mouvements),
        *(d for _, d in mention.de(c)),
    ]  # fmt: skip
    for attendu in attendus:
        assert attendu and attendu in texte
    for de_la_page in (c.phrase, c.comparaison, str(c.identifiant), *(m for _, m in c.mouvements)):
        assert escape(de_la_page) in html
    assert "10\u202f111" in c.phrase and "14\u202f222" in c.phrase


def _evolution() -> dict[str, Any]:
    return {
        "indicateur": "participations", "methode": "coupes", "prix": "courants", "de": 2023, "a": 2024,
        "vue": REPRESENTATIF, "valeur_avant": 11_845.0, "valeur_apres": 12_345.0, "difference": 500.0, "borne_basse": 100.0,
        "borne_haute": 900.0, "est_significative": True, "n_avant": 30, "n_apres": 33, "rupture": None, "statut": "ok",
    }  # fmt: skip


def test_les_points_ont_la_taille_d_une_image() -> None:
    largeur, hauteur = taille(image.de_chiffre(chiffre(mesure()), "Seine-et-Marne").png())
    assert largeur == round(480 * image.PPP / 72) and 400 < hauteur < 2000


@pytest.mark.parametrize("statut", ["secret", "non_publie", "nd"])
def test_un_chiffre_masque_n_est_jamais_ecrit(statut: str) -> None:
    fuites = Evolution(**_evolution())
    fuyant = image.de_chiffre(chiffre(mesure(54_321.0, statut), evolutions=(fuites,)), "Seine-et-Marne")
    vide = replace(mesure(None, statut), n_repondants=None, taux_reponse=None)
    nu = image.de_chiffre(chiffre(vide), "Seine-et-Marne")
    assert fuyant.svg() == nu.svg() and fuyant.png() == nu.png()
    _, texte = lu(fuyant.svg())
    etat = textes.ETATS[statut].libelle
    assert f"{etat[:1].upper()}{etat[1:]}" in texte.splitlines()
    for nombre in (54_321, 10_111, 14_222, 33, 500):
        assert fr.nombre(nombre) not in texte.replace(str(vide.code), "")


@pytest.mark.parametrize(
    "cle", ["auteur", "titre", "ou", "avis", "valeur", "unite", "etat", "masque", "phrases", "reperes", "mouvements",
            "identifiants", "mention"],
)  # fmt: skip
def test_tout_ce_qui_est_dit_est_dessine(cle: str) -> None:
    entiere = image.de_chiffre(chiffre(mesure(), evolutions=(Evolution(**_evolution()),)), "Seine-et-Marne")
    avant = entiere.contenu[cle]
    autre: Any = (not avant) if isinstance(avant, bool) else avant[:-1] if isinstance(avant, list) else "Z"
    changee = image.Image(entiere.contenu | {cle: autre}, entiere.lu)
    assert dessin(changee.svg()) != dessin(entiere.svg())


def test_un_texte_n_est_jamais_du_balisage() -> None:
    def lettres(titre: str) -> int:
        c = replace(chiffre(mesure()), carte=replace(CARTE, titre=titre, source=titre))
        svg = image.de_chiffre(replace(c, reference=None, lieu_reference=""), HOSTILE).svg()
        if titre == HOSTILE:
            dit, texte = lu(svg)
            assert dit == HOSTILE and HOSTILE in texte
        # The title is drawn once and quoted by no sentence: as many shapes as it has letters.
        return dessin(svg).count("<use")

    plat = re.sub(r"\S", "n", HOSTILE)
    assert lettres(HOSTILE) == lettres(plat)


# --- charts


def presences() -> list[Presence]:
    return [_presence(m, i) for i, m in enumerate(("a", HOSTILE))]


def _presence(modalite: str, rang: int) -> Presence:
    valeurs: dict[str, Any] = dict.fromkeys(Presence.__dataclass_fields__)
    return Presence(
        **valeurs | {"modalite": modalite, "part_cadre": 0.4, "part_repondantes": 0.2 + rang / 10}
    )


def depot() -> Depot:
    valeurs: dict[str, Any] = dict.fromkeys(Depot.__dataclass_fields__)
    return Depot(**valeurs | {"questionnaire": "emploi", "chargees": 231, "en_attente": 44, "ignorees": 55})


def figures() -> dict[str, tuple[Callable[[], go.Figure], list[str]]]:
    """Every kind of chart of the pages, and what its image must write."""
    m, masquee = mesure(), mesure(None, "secret", "sport")
    annees = [Point(2022, 10.0, 8.0, 12.0, 5), Point(2023, None, statut="secret"),
              Point(2024, 30.0, n=7)]  # fmt: skip
    payees = [replace(m, financeur=f, millesime=a) for f in ("Région", HOSTILE) for a in (2023, 2024)]
    return {
        "financeurs": (lambda: barres.par_financeur(payees, "€"), ["Région", "2023", "2024", "12\u202f345\u00a0€"]),
        "domaines": (lambda: barres.par_domaine([m, masquee], {"tous": "Tous", "sport": "Sport"}, "h"), ["Tous"]),
        "depots": (lambda: barres.lignes_par_questionnaire([depot()]), ["Emploi", "231", "44", "55", "Lignes chargées"]),
        "points": (
            lambda: intervalles.points(["Ici", "Là"], [m, masquee], ["12 345", "s. s."]), ["Ici", "Là", "12 345", "s. s."],
        ),
        "trajectoire": (
            lambda: lignes.trajectoire(annees, "heures", 0, {2024: "Question changée"}, {2022: "Réforme"}),
            ["2022", "10", "30", fr.SECRET, "rupture de série", "Réforme"],
        ),
        "empilee": (lambda: parts.empilee([("Subventions", 0.6), ("Dons", 0.4)]), ["Subventions (60\u00a0%)", "60\u00a0%"]),
        "divergentes": (lambda: parts.divergentes([parts.Avis("Lien", 0.6, 0.3, 0.1)]), ["Lien", "60\u00a0%", "D’accord"]),
        "presences": (lambda: representativite.comparer(presences(), {}), ["40,0\u00a0%", "20,0\u00a0%", "Registre"]),
    }  # fmt: skip


@pytest.mark.parametrize("nom", figures())
def test_chaque_graphique_se_dessine_sans_navigateur(nom: str) -> None:
    faire, attendus = figures()[nom]
    figure = theme.legender(faire(), mention.ligne(DITES, 52))
    if nom == "trajectoire":
        lignes.degager_axe(figure)
    svg = graphique_svg.svg(figure, nom)
    racine = ET.fromstring(svg)
    ecrits = [t.text or "" for t in racine.iter(f"{SVG}text")]
    assert not [x for x in attendus if x not in ecrits]
    assert "Somme" not in "".join(ecrits)  # the mention is written by the image, once
    hauteur = float(racine.get("height") or 0)
    for x in racine.iter(f"{SVG}text"):
        assert 0 < float(x.get("x") or -1) < graphique_svg.LARGEUR and 0 < float(x.get("y") or -1) < hauteur
    if nom in ("financeurs", "presences"):
        assert HOSTILE.replace(" ", "") in "".join(ecrits).replace(" ", "")


def test_les_barres_ont_les_longueurs_des_valeurs() -> None:
    payees = [replace(mesure(v), financeur=f) for f, v in (("A", 100.0), ("B", 25.0))]
    racine = ET.fromstring(graphique_svg.svg(barres.par_financeur(payees, "€")))
    longueurs = [float(r.get("width") or 0) for r in racine.iter(f"{SVG}rect")]
    assert len(longueurs) == 2 and longueurs[0] == pytest.approx(4 * longueurs[1], rel=0.001)


def test_un_intervalle_va_d_une_borne_a_l_autre() -> None:
    figure = intervalles.points(["Ici"], [mesure()], ["12 345"])
    racine = ET.fromstring(graphique_svg.svg(figure))
    [trait] = [p.get("d") or "" for p in racine.iter(f"{SVG}path")]
    bas, haut = map(float, re.findall(r"M([\d.]+) [\d.]+H([\d.]+)M", trait)[0])
    [point] = [float(c.get("cx") or 0) for c in racine.iter(f"{SVG}circle")]
    assert (haut - point) / (point - bas) == pytest.approx((14_222 - 12_345) / (12_345 - 10_111), rel=0.01)


def test_un_dessin_inconnu_est_refuse() -> None:
    for trace in (go.Pie(values=[1]), go.Bar(x=["a"], y=[1]), go.Scatter(x=[1], y=[1], mode="none")):
        with pytest.raises(graphique_svg.DessinInconnu):
            graphique_svg.svg(go.Figure(trace))
    trame = barres.par_financeur([mesure()], "€").update_traces(marker={"pattern": {"shape": "|"}})
    with pytest.raises(graphique_svg.DessinInconnu, match="trame"):
        graphique_svg.svg(trame)


def test_l_image_d_un_graphique_dit_d_ou_il_vient() -> None:
    figure = theme.legender(barres.par_financeur([mesure()], "€"), mention.ligne(DITES, 52))
    cites = ["participations.2024.epci-200072346.representatif@7"]
    faite = image.de_graphique(
        figure, "Subventions, Ici, 2024", "Une phrase.", EDITION, "Seine-et-Marne", cites
    )
    titre, texte = lu(faite.svg())
    assert titre == "Subventions" and texte.splitlines()[1] == "Ici, 2024"
    for attendu in ("Une phrase.", *cites, mention.texte(DITES), textes.FICTIF_NU):
        assert attendu in texte
    largeur, hauteur = taille(faite.png())
    assert largeur == round(640 * image.PPP / 72) and hauteur > 300
    with pytest.raises(ValueError, match="d’où il vient"):
        image.de_graphique(barres.par_financeur([mesure()], "€"), "T", "", EDITION, "Seine-et-Marne")
