"""Figures of the public pages: what is drawn is what was published, and nothing else."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.figures import barres, carte_svg, classes, theme
from dashboards.modeles import Depot, Mesure

SVG = "{http://www.w3.org/2000/svg}"
FOND: dict[str, Any] = {
    "viewBox": "0 0 400 300",
    "largeur": 200,
    "hauteur": 150,
    "metres_par_unite": 250.0,
    "chemins": {code: f"M{10 * rang} 0h9v9z" for rang, code in enumerate("ABCDEFGH")},
    "sources": ("IGN",),
}


def mesure(
    code: str = "77",
    valeur: float | None = 1.0,
    statut: str = "ok",
    *,
    annee: int = 2024,
    domaine: str = "tous",
    financeur: str = "tous",
) -> Mesure:
    return Mesure("x", annee, "epci", code, domaine, financeur, valeur, None, None, None, 9, None, statut)


MESURES = {
    "A": mesure("A", 10.0),
    "B": mesure("B", 20.0),
    "C": mesure("C", 20.0),
    "D": mesure("D", 400.0, "prudence"),
    "E": mesure("E", 0.0),
    "F": mesure("F", None, "secret"),
    "G": mesure("G", None, "non_publie"),
}


@pytest.fixture
def classement() -> classes.Classement:
    return classes.classer(list("ABCDEFGH"), MESURES, {c: m.valeur for c, m in MESURES.items()})


def test_zero_secret_et_absence_sont_trois_etats(classement: classes.Classement) -> None:
    assert {c: classement.rangs[c] for c in "EFGH"} == {
        "E": classes.ZERO,
        "F": classes.SECRET,
        "G": classes.NON_PUBLIE,
        "H": classes.ND,
    }
    assert [(c.bas, c.haut, c.effectif) for c in classement.classes] == [
        (10, 10, 1),
        (20, 20, 2),
        (400, 400, 1),
    ]


@given(
    st.dictionaries(
        st.text("abcdefgh", min_size=1, max_size=4),
        st.one_of(st.none(), st.floats(-1e9, 1e9, allow_nan=False)),
        max_size=60,
    )
)
def test_classes_couvrent_toutes_les_valeurs(valeurs: dict[str, float | None]) -> None:
    mesures = {c: mesure(c, v, "ok" if v is not None else "nd") for c, v in valeurs.items()}
    resultat = classes.classer(list(valeurs), mesures, valeurs)
    assert set(resultat.rangs) == set(valeurs)
    assert len(resultat.classes) <= classes.NB_CLASSES
    assert sum(c.effectif for c in resultat.classes) == sum(1 for v in valeurs.values() if v)
    for precedente, suivante in zip(resultat.classes, resultat.classes[1:], strict=False):
        assert precedente.haut < suivante.bas
    par_rang = {c.rang: c for c in resultat.classes}
    for code, rang in resultat.rangs.items():
        valeur = valeurs[code]
        if isinstance(rang, int):
            assert valeur is not None and par_rang[rang].bas <= valeur <= par_rang[rang].haut


def test_carte_dessine_chaque_forme_une_fois(classement: classes.Classement) -> None:
    bulles = {code: f"{code} <script> & « x »" for code in FOND["chemins"]}
    racine = ET.fromstring(carte_svg.dessiner(FOND, classement, bulles, 'Alt "cité" <b>', choisi="B"))
    assert (racine.get("role"), racine.get("aria-label")) == ("img", 'Alt "cité" <b>')
    formes = [p for p in racine.iter(f"{SVG}path") if p.get("data-code")]
    assert [p.get("data-code") for p in formes] == list("ABCDEFGH")
    assert [p.get("class") for p in formes] == [
        "k-0", "k-2", "k-2", "k-4", "k-zero", "k-secret", "k-non_publie", "k-nd",
    ]  # fmt: skip
    titres = [p.findtext(f"{SVG}title") for p in formes]
    assert titres == list(bulles.values())
    assert not list(racine.iter(f"{SVG}script"))
    [choisie] = [p for p in racine.iter(f"{SVG}path") if p.get("class") == "choisi"]
    assert choisie.get("d") == FOND["chemins"]["B"]
    motifs = {p.get("id") for p in racine.iter(f"{SVG}pattern")}
    assert motifs == {"m-secret", "m-non_publie", "m-nd", "m-absente"}


def test_legende_du_plus_haut_au_plus_bas_puis_les_etats(classement: classes.Classement) -> None:
    entrees = carte_svg.legende(classement, "heures", 0)
    assert [(e.classe, e.effectif) for e in entrees] == [
        ("4", 1),
        ("2", 2),
        ("0", 1),
        ("zero", 1),
        ("secret", 1),
        ("non_publie", 1),
        ("nd", 1),
    ]
    assert [e.libelle for e in entrees][:4] == ["400", "20", "10", "0"]
    for entree in entrees:
        assert ET.fromstring(carte_svg.pastille(entree.classe, 2.0)).find("rect") is not None


def test_carte_sans_aucune_valeur() -> None:
    vide = classes.classer(list("ABCDEFGH"), {}, {})
    formes = ET.fromstring(carte_svg.dessiner(FOND, vide, {}, "vide")).iter(f"{SVG}path")
    assert {p.get("class") for p in formes if p.get("data-code")} == {"k-nd"}
    assert [e.classe for e in carte_svg.legende(vide, "€")] == ["nd"]


def test_echelle_de_dix_kilometres(classement: classes.Classement) -> None:
    racine = ET.fromstring(carte_svg.dessiner(FOND, classement, {}, "x"))
    [echelle] = [g for g in racine.iter(f"{SVG}g") if g.get("class") == "echelle"]
    chemin = echelle.find(f"{SVG}path")
    assert chemin is not None and "h40" in (chemin.get("d") or "")


FINANCEES = [
    mesure(valeur=valeur, statut="ok" if valeur is not None else "secret", annee=annee, financeur=nom)
    for nom, annee, valeur in [
        ("Ville de Meaux", 2023, 100.0),
        ("Ville de Meaux", 2024, 300.0),
        ("Région <Île>", 2023, 5000.0),
        ("Région <Île>", 2024, None),
        ("Masquée", 2024, None),
    ]
]


def test_barres_par_financeur() -> None:
    figure = barres.par_financeur(FINANCEES, "€")
    assert [serie.name for serie in figure.data] == ["2023", "2024"]
    assert list(figure.data[0].x) == [5000.0, 100.0]
    assert list(figure.data[1].x) == [None, 300.0]
    assert list(figure.data[0].y) == ["Région &lt;Île&gt;", "Ville de Meaux"]
    assert list(figure.data[1].text) == ["", "300\u00a0€"]
    apparences = {(s.marker.color, s.marker.pattern.shape) for s in figure.data}
    assert len({couleur for couleur, _ in apparences}) == len({motif for _, motif in apparences}) == 2


def test_barres_limitees_aux_premiers_financeurs_et_dernieres_annees() -> None:
    mesures = [
        mesure(valeur=float(1000 * rang + annee), annee=annee, financeur=f"F{rang}")
        for rang in range(barres.MAX_CATEGORIES + 3)
        for annee in range(2019, 2025)
    ]
    figure = barres.par_financeur(mesures, "€")
    assert [s.name for s in figure.data] == ["2022", "2023", "2024"]
    assert [list(s.y) for s in figure.data] == [[f"F{r}" for r in range(10, 2, -1)]] * 3


def test_barres_par_domaine_ne_dessinent_pas_ce_qui_est_masque() -> None:
    mesures = [
        mesure(domaine="sport", valeur=3.0),
        mesure(domaine="culture", valeur=7.0),
        mesure(domaine="loisirs", valeur=None, statut="secret"),
    ]
    [serie] = barres.par_domaine(mesures, {"sport": "Sport", "culture": "Culture"}, "participations").data
    assert (list(serie.y), list(serie.x)) == (["Culture", "Sport"], [7.0, 3.0])


def test_lignes_par_questionnaire_additionnent_les_depots() -> None:
    depots = [
        Depot("a", "benevolat", None, 2024, "charge", None, 10, 7, 2, 1, True),
        Depot("b", "benevolat", None, 2024, "charge", None, 5, 5, 0, 0, True),
        Depot("c", "nouveau", None, 2024, "charge", None, 3, 0, 3, 0, True),
    ]
    figure = barres.lignes_par_questionnaire(depots)
    assert [list(s.x) for s in figure.data] == [[12, 0], [2, 3], [1, 0]]
    assert list(figure.data[0].y) == ["Bénévolat", "nouveau"]


def test_figures_vides() -> None:
    assert [len(s.x or ()) for s in barres.par_domaine([], {}, "€").data] == [0]
    assert not barres.par_financeur([], "€").data


def test_configuration_francaise() -> None:
    config = theme.config("subventions")
    assert config["locale"] == "fr"
    assert config["locales"]["fr"]["format"]["decimal"] == ","
    assert len(config["locales"]["fr"]["format"]["months"]) == 12
    assert config["toImageButtonOptions"]["filename"] == "subventions"
    assert "topojsonURL" not in config and config["displaylogo"] is False


def _luminance(couleur: str) -> float:
    canaux = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    lineaires = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux]
    return sum(p * c for p, c in zip((0.2126, 0.7152, 0.0722), lineaires, strict=True))


def _contraste(a: str, b: str) -> float:
    haut, bas = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (haut + 0.05) / (bas + 0.05)


def test_contrastes() -> None:
    assert all(_contraste(texte, theme.PAPIER) >= 4.5 for texte in (theme.ENCRE, theme.GRIS, theme.PETROLE))
    assert all(_contraste(serie, theme.PAPIER) >= 3 for serie in theme.SERIES[: barres.MAX_SERIES])
    lumieres = [_luminance(c) for c in theme.CLASSES]
    assert lumieres == sorted(lumieres, reverse=True)
    for claire, foncee in zip(theme.CLASSES, theme.CLASSES[1:], strict=False):
        assert _contraste(claire, foncee) > 1.3
