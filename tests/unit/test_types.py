"""Field types: every example of every type, and the cases of `tests/cases/valeurs.csv`."""

from __future__ import annotations

import csv
import datetime as dt
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from observatoire.domain import nomenclature
from observatoire.domain.anomalie import catalogue
from observatoire.domain.enquete import Champ
from observatoire.domain.types import TYPES, type_de
from observatoire.domain.types._nettoyage import plier
from observatoire.domain.types.base import Contexte, Exemple, Lecture, Lieux, Valeur

CAS = Path(__file__).parents[1] / "cases"
LISTES = ("nomenclature", "nomenclature_multiple")
REMPLIS_AILLEURS = {"feuille", "ligne", "cellule", "colonne", "repere", "valeur"}


@dataclass(frozen=True)
class Commune:
    code: str
    nom: str


class LieuxEssai:
    """A few communes: what a type asks of a territory, no more."""

    communes = tuple(
        Commune(*c)
        for c in (
            ("77284", "Meaux"),
            ("77288", "Melun"),
            ("77410", "Saint-Germain-Laxis"),
            ("77186", "Fontainebleau"),
            ("77100", "Le Châtelet-en-Brie"),
            ("77268", "Magny-le-Hongre"),
            ("77449", "Serris"),
        )
    )
    postaux: Mapping[str, tuple[str, ...]] = {
        "77100": ("77284",),
        "77000": ("77288",),
        "77700": ("77268", "77449"),
    }
    proches: Mapping[str, tuple[str, float]] = {"fontainbleau": ("77186", 96.0), "mo": ("77284", 70.0)}

    def _de(self, codes: Sequence[str]) -> list[Commune]:
        return [c for c in self.communes if c.code in codes]

    def par_code(self, code: str) -> Commune | None:
        return next(iter(self._de([code])), None)

    def par_nom(self, texte: str) -> list[Commune]:
        cle = re.sub(r"\(.*\)|cedex.*|\d{5}", "", plier(texte)).replace("-", " ").strip()
        cle = re.sub(r"^st\b", "saint", cle)
        return [c for c in self.communes if plier(c.nom).replace("-", " ") == cle]

    def par_code_postal(self, code_postal: str) -> list[Commune]:
        return self._de(self.postaux.get(code_postal, ()))

    def proche(self, texte: str) -> tuple[Commune, float] | None:
        trouve = self.proches.get(plier(texte))
        return (self._de([trouve[0]])[0], trouve[1]) if trouve else None

    def quartiers(self, texte: str) -> list[Commune]:
        connus = (
            Commune("QN07701M", "Beauval"),
            Commune("QN02A01M", "Les Cannes"),
            Commune("QP077003", "Mail"),
        )
        return [q for q in connus if texte in (q.code, q.nom)]


LIEUX: Lieux = LieuxEssai()


def champ(nom_type: str, **constraints: Any) -> Champ:
    liste = "essai" if nom_type in LISTES else None
    return Champ("champ", nom_type, "Titre", "Description", nomenclature=liste, constraints=constraints)


def lire(nom_type: str, brut: Valeur, colonne: Sequence[Valeur] = (), **constraints: Any) -> Lecture:
    """Read `brut` as the pipeline does: the whole column observed first, `brut` among it."""
    c = champ(nom_type, **constraints)
    faits = TYPES[nom_type].observer([*colonne, brut], c) if colonne else {}
    return TYPES[nom_type].lire(brut, c, Contexte(LIEUX, 2025, faits))


@pytest.fixture(autouse=True)
def liste_essai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nomenclature, "DOSSIER", CAS / "nomenclatures")


def cellule(texte: str) -> Valeur:
    """A cell of the CSV: text, or `{genre valeur}` for the other kinds of cells."""
    m = re.fullmatch(r"\{(\w+) ?([^}]*)\}", texte)
    if m is None:
        return texte
    genre, valeur = m.groups()
    match genre:
        case "nombre":
            return int(valeur) if valeur.lstrip("-").isdigit() else float(valeur)
        case "date":
            return dt.date.fromisoformat(valeur)
        case "instant":
            return dt.datetime.fromisoformat(valeur)
        case "heure":
            return dt.time.fromisoformat(valeur)
        case "durée":
            return dt.timedelta(hours=float(valeur))
        case "vrai" | "faux":
            return genre == "vrai"
    raise ValueError(texte)


def ecrire(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "vrai" if valeur else "faux"
    return valeur.isoformat() if isinstance(valeur, dt.date) else str(valeur)


def lire_cas() -> list[dict[str, str]]:
    with (CAS / "valeurs.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


VALEURS = lire_cas()


@pytest.mark.parametrize("cas", VALEURS, ids=lambda c: f"{c['type']}-{c['brut']!r}-{c['colonne']}")
def test_valeurs(cas: dict[str, str]) -> None:
    colonne = [cellule(v) for v in cas["colonne"].split("|")] if cas["colonne"] else []
    lu = lire(cas["type"], cellule(cas["brut"]), colonne)
    attendu = {c: cas[c] for c in ("valeur", "code", "motif", "drapeau")}
    obtenu = {"valeur": ecrire(lu.valeur), "code": lu.code, "motif": lu.motif, "drapeau": lu.drapeau}
    assert {c: v or "" for c, v in obtenu.items()} == attendu, cas["commentaire"]


def test_valeurs_couvrent_tous_les_types() -> None:
    assert {c["type"] for c in VALEURS} == set(TYPES)
    assert len(VALEURS) > 250
    bruts = "".join(c["brut"] for c in VALEURS)
    assert {"\u00a0", "\u202f", "\u2009", "\u0301"} <= set(bruts)
    assert len({tuple(c[k] for k in ("type", "brut", "colonne")) for c in VALEURS}) == len(VALEURS)


EXEMPLES = [(nom, exemple) for nom, type_champ in TYPES.items() for exemple in type_champ.exemples]


@pytest.mark.parametrize(
    ("nom", "exemple"), EXEMPLES, ids=lambda v: v if isinstance(v, str) else repr(v.brut)
)
def test_exemples(nom: str, exemple: Exemple) -> None:
    lu = lire(nom, exemple.brut)
    assert (lu.valeur, lu.code, lu.motif, lu.drapeau) == (
        exemple.valeur,
        exemple.code,
        exemple.motif,
        exemple.drapeau,
    )
    assert type(lu.valeur) is type(exemple.valeur)


@pytest.mark.parametrize("nom", TYPES)
def test_chaque_type_est_complet(nom: str) -> None:
    t = TYPES[nom]
    assert (t.nom, type_de(champ(nom))) == (nom, t)
    assert t.sql in {"VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "DECIMAL(18,2)", "DATE", "BOOLEAN"}
    assert t.table_schema in {"string", "integer", "number", "date", "year", "boolean"}
    assert t.lisible and t.excel
    assert any(e.valeur is not None and e.code is None for e in t.exemples)
    assert any(e.code is not None for e in t.exemples)


def test_type_inconnu() -> None:
    with pytest.raises(KeyError, match=r"champ .*« licorne »"):
        type_de(Champ("champ", "licorne", "Titre", "Description"))


def lectures_connues() -> list[tuple[str, Valeur, Lecture]]:
    lues = [(nom, e.brut, lire(nom, e.brut)) for nom, e in EXEMPLES]
    for cas in VALEURS:
        colonne = [cellule(v) for v in cas["colonne"].split("|")] if cas["colonne"] else []
        brut = cellule(cas["brut"])
        lues.append((cas["type"], brut, lire(cas["type"], brut, colonne)))
    return lues


def test_details_remplissent_les_messages() -> None:
    codes = set()
    for nom, brut, lu in lectures_connues():
        if lu.code is None:
            continue
        codes.add(lu.code)
        message = catalogue()[lu.code].message
        trous = {t for _, t, _, _ in string.Formatter().parse(message) if t} - REMPLIS_AILLEURS
        manquants = {t for t in trous if lu.details.get(t) in (None, "")}
        assert not manquants, (nom, brut, lu.code)
        assert not [v for v in lu.details.values() if v == "…"], (nom, brut)
    familles = ("NB", "PC", "LI", "BO", "DA", "ID", "CM")
    ailleurs = {"NB-02", "NB-15"}  # need the whole column, or the depositor's answer
    assert {c for c in catalogue() if c.startswith(familles)} - codes == ailleurs


def test_le_niveau_commande_la_valeur() -> None:
    sans_valeur = {"ID-05"}  # the old number is kept beside, the field has no value
    for nom, brut, lu in lectures_connues():
        if lu.code:
            perdue = catalogue()[lu.code].niveau.refuse or lu.code in sans_valeur
            assert (lu.valeur is None) == perdue, (nom, brut, lu.code)
        else:
            assert (lu.valeur is None) == (lu.motif is not None), (nom, brut)


def test_bornes_des_intervalles() -> None:
    lectures = {
        ("effectif", "10 à 20"): (10, 20),
        ("effectif", "plus de 100"): (100, None),
        ("effectif", "moins de 5"): (0, 5),
        ("montant", "12 à 15 k€"): (12000, 15000),
        ("montant", "plus de 12 k€"): (12000, None),
        ("part", "20 à 30 %"): (0.2, 0.3),
        ("part", "plus de 50 %"): (0.5, None),
        ("effectif", "30"): (None, None),
    }
    for (nom, brut), attendu in lectures.items():
        lu = lire(nom, brut)
        assert (lu.bas, lu.haut) == attendu, brut


def test_proposition_de_ce_qui_a_ete_saisi() -> None:
    saisies: list[tuple[Valeur, str]] = [
        (dt.date(2024, 12, 10), "10-12"),
        (dt.datetime(2024, 12, 10), "10-12"),
        ("10/12/2024", "10-12"),
        ("10-déc", "10-12"),
        ("déc-20", "12-20"),
        (dt.date(1900, 1, 19), "19"),
        ("vendredi 19 janvier 1900", "19"),
    ]
    for brut, proposition in saisies:
        assert lire("effectif", brut).details["proposition"] == proposition
    assert lire("effectif", 45636, [1, 2, 3]).details["proposition"] == "10-12"
    assert lire("heures", dt.datetime(1900, 1, 1, 6, 0)).details["proposition"] == "30:00"


def test_contraintes_du_champ() -> None:
    assert lire("montant", "-500", minimum=-1000).valeur == Decimal("-500.00")
    assert lire("montant", "(1 234,50)", minimum=-5000).valeur == Decimal("-1234.50")
    assert lire("montant", "−500", minimum=None).valeur == Decimal("-500.00")
    assert lire("note", 7, maximum=5).details["bornes"] == "de 0 à 5"
    assert lire("note", "4/5", maximum=5).valeur == 4.0
    assert lire("effectif", 53, minimum=1, maximum=52).details["bornes"] == "de 1 à 52"
    assert lire("effectif", -1).details["bornes"] == "0 ou plus"
    assert lire("annee", 1890, minimum=1901).code == "DA-05"
    assert lire("texte", "abcdef", maxLength=5).details == {"longueur": 6, "maximum": 5}
    assert lire("texte", "abcde", maxLength=5).valeur == "abcde"


def test_exemple_du_champ_dans_le_message() -> None:
    c = Champ("nb", "effectif", "Nb", "", example="27")
    assert TYPES["effectif"].lire("douze", c, Contexte()).details == {
        "attendu": "un nombre entier",
        "exemple": "27",
    }


def test_commune_sans_territoire() -> None:
    lu = TYPES["commune"].lire("Meaux", champ("commune"), Contexte())
    assert (lu.valeur, lu.code) == (None, "CM-02")
    assert TYPES["commune"].lire("77284", champ("commune"), Contexte()).valeur == "77284"


def test_commune_proposee() -> None:
    assert lire("commune", "Mo").details["proposition"] == "Vouliez-vous dire «\u00a0Meaux\u00a0»\u202f?"
    assert lire("commune", "Fontainbleau").details["lu"] == "Fontainebleau"
    assert lire("commune", "77700").details["communes"] == "Magny-le-Hongre, Serris"


def test_liste_oubliee_est_une_faute_du_questionnaire() -> None:
    with pytest.raises(ValueError, match="demande une nomenclature"):
        TYPES["nomenclature"].lire("x", Champ("c", "nomenclature", "T", "D"), Contexte())
