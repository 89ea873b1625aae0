"""A territory inside a French sentence: « en Seine-et-Marne », « au Mée-sur-Seine », « d’Avon ». Pure text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from observatoire.domain.francais import INSECABLE
from observatoire.domain.types._nettoyage import plier

APOSTROPHE = "’"
# Départements whose name takes « le », « les », « à »; before a vowel it takes « l’ », the others « la ».
_MASCULINS = frozenset(
    [
        "bas-rhin",
        "calvados",
        "cantal",
        "cher",
        "doubs",
        "finistere",
        "gard",
        "gers",
        "haut-rhin",
        "jura",
        "loir-et-cher",
        "loiret",
        "lot",
        "lot-et-garonne",
        "maine-et-loire",
        "morbihan",
        "nord",
        "pas-de-calais",
        "puy-de-dome",
        "rhone",
        "tarn",
        "tarn-et-garonne",
        "territoire-de-belfort",
        "val-d-oise",
        "val-de-marne",
        "var",
    ]
)
_PLURIELS = frozenset(
    [
        "alpes-de-haute-provence",
        "alpes-maritimes",
        "ardennes",
        "bouches-du-rhone",
        "cotes-d-armor",
        "deux-sevres",
        "hautes-alpes",
        "hautes-pyrenees",
        "hauts-de-seine",
        "landes",
        "pyrenees-atlantiques",
        "pyrenees-orientales",
        "vosges",
        "yvelines",
    ]
)
_VILLES = frozenset({"paris", "mayotte", "la-reunion"})
_INTERCOMMUNALITES = {
    "CC": "communauté de communes",
    "CA": "communauté d’agglomération",
    "CU": "communauté urbaine",
}
# An h that stops the elision, in the names of places: Hautefeuille, Ham, Hangest, Houssaye, Le Havre.
_H_ASPIRE = re.compile(r"ha(?!bi)|hou|hoc|hun", re.IGNORECASE)
_VOYELLE = re.compile(r"[aeiouyhœæ]", re.IGNORECASE)
_ARTICLE = re.compile(r"(le|les|la|l’)(?:\s+|(?<=’))(.+)", re.IGNORECASE)


class UnLieu(Protocol):
    """What a territory must tell; `note` is the part that the figures cover (« partie seine-et-marnaise »)."""

    @property
    def niveau(self) -> str:
        """Level: departement, epci, commune…"""

    @property
    def libelle(self) -> str:
        """Name."""

    @property
    def note(self) -> str | None:
        """Part covered, when it is not the whole."""


@dataclass(frozen=True, slots=True)
class Lieu:
    """A territory of a publication."""

    niveau: str
    code: str
    libelle: str
    note: str | None = None


def elide(mot: str) -> bool:
    """True when « de », « le », « que » lose their vowel before this word."""
    initiale = plier(mot[:1])
    if not _VOYELLE.match(initiale or " "):
        return False
    return not (initiale == "h" and _H_ASPIRE.match(plier(mot)))


def avec_de(nom: str) -> str:
    """« de Melun », « d’Avon », « du Mée-sur-Seine », « de La Rochette », « des Ormes-sur-Voulzie »."""
    article, reste = _article(nom)
    if article in ("le", "les"):
        return f"{'du' if article == 'le' else 'des'} {reste}"
    return f"d{APOSTROPHE}{nom}" if article is None and elide(nom) else f"de {nom}"


def avec_a(nom: str) -> str:
    """« à Melun », « au Mée-sur-Seine », « aux Ormes-sur-Voulzie », « à La Rochette »."""
    article, reste = _article(nom)
    if article in ("le", "les"):
        return f"{'au' if article == 'le' else 'aux'} {reste}"
    return f"à {nom}"


def nommer(lieu: UnLieu) -> str:
    """The place with its article: « la Seine-et-Marne », « le canton de Meaux », « Melun »."""
    article, nom = _designer(lieu)
    return f"{article}{nom}" if article.endswith(APOSTROPHE) or not article else f"{article} {nom}"


def de(lieu: UnLieu) -> str:
    """« de Seine-et-Marne », « du canton de Meaux », « de la communauté de communes Bassée-Montois », « d’Avon »."""
    article, nom = _designer(lieu)
    if not article:
        return avec_de(nom)
    if _est_compose(lieu, article):
        return f"de {nom}"
    contracte = {"le": f"du {nom}", "les": f"des {nom}", "l’": f"de l’{nom}"}
    return contracte.get(article, f"de {article} {nom}")


def sur(lieu: UnLieu) -> str:
    """« en Seine-et-Marne », « dans l’Oise », « dans les Yvelines », « à Melun », « au Mée-sur-Seine »."""
    article, nom = _designer(lieu)
    if not article:
        return avec_a(nom)
    if _est_compose(lieu, article):
        return f"en {nom}"
    return f"dans l’{nom}" if article == "l’" else f"dans {article} {nom}"


def _designer(lieu: UnLieu) -> tuple[str, str]:
    """Article (empty for a town) and name, the part covered included."""
    article, nom = _nu(lieu)
    note = (lieu.note or "").strip().replace("'", APOSTROPHE)
    if not note.startswith("partie"):
        return article, nom
    entier = Lieu(lieu.niveau, "", lieu.libelle)
    return "la", f"{note} {de(entier)}"


def _nu(lieu: UnLieu) -> tuple[str, str]:
    nom = " ".join(lieu.libelle.replace("'", APOSTROPHE).split())
    if lieu.niveau == "commune":
        return "", nom
    if lieu.niveau == "departement":
        return _departement(nom)
    if lieu.niveau == "epci":
        return _intercommunalite(nom)
    if lieu.niveau == "arrondissement":
        return "l’", f"arrondissement {avec_de(nom)}"
    if lieu.niveau == "canton":
        return "le", f"canton {avec_de(nom)}"
    cite = f"«{INSECABLE}{nom}{INSECABLE}»"
    if lieu.niveau == "qpv":
        return "le", f"quartier prioritaire {cite}"
    return "le", f"territoire {cite}"


def _departement(nom: str) -> tuple[str, str]:
    cle = re.sub(r"[^a-z0-9]+", "-", plier(nom))
    if cle in _VILLES:
        return "", nom
    if cle in _PLURIELS:
        return "les", nom
    if elide(nom):
        return "l’", nom
    return ("le" if cle in _MASCULINS else "la"), nom


def _intercommunalite(nom: str) -> tuple[str, str]:
    sigle, _, reste = nom.partition(" ")
    if sigle in _INTERCOMMUNALITES and reste:
        return "la", f"{_INTERCOMMUNALITES[sigle]} {reste.removesuffix(' Agglomération')}"
    if nom.startswith("Eurométropole"):
        return "l’", nom
    if nom.startswith("Métropole"):
        return "la", nom
    return "l’", f"intercommunalité «{INSECABLE}{nom}{INSECABLE}»"


def _est_compose(lieu: UnLieu, article: str) -> bool:
    """True for « la Seine-et-Marne »: such a name takes « en » and « de » alone; « la Marne » keeps its article."""
    return lieu.niveau == "departement" and article == "la" and "-" in lieu.libelle and not lieu.note


def _article(nom: str) -> tuple[str | None, str]:
    """Article that a name of town starts with, in lower case, and the rest of the name."""
    trouve = _ARTICLE.fullmatch(nom)
    return (trouve[1].lower(), trouve[2]) if trouve else (None, nom)
