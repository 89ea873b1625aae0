"""The mess of real spreadsheets, planted cell by cell: the writings are in `demonstration/salissures.csv`."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from demonstration_population import COMMUNES, ICI, cle_luhn, lire_csv

PART_SALE = 0.10
PART_DEUX = 0.15  # messy rows that get a second messy cell
# A number that is the code of one commune and the postcode of another would be asked about.
CODES_POSTAUX = {code for commune in lire_csv(COMMUNES) for code in commune["codes_postaux"].split()}
ORIGINE_SERIE = dt.date(1899, 12, 30)
MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


@dataclass(frozen=True)
class Brut:
    """A cell written as it stands, whatever the style of its workbook."""

    valeur: Any


@dataclass
class Plante:
    """One messy cell: where it was planted, what it shows, the code of the anomaly expected there, if any."""

    tableau: Tableau
    rang: int
    champ: str
    genre: str
    ecriture: str
    code: str


@dataclass
class Tableau:
    """One table of a workbook before it is laid out: its rows, field by field, and the type of each field."""

    nom: str
    types: dict[str, str]
    lignes: list[dict[str, Any]]
    plantes: list[Plante] = field(default_factory=list)
    reserves: set[int] = field(default_factory=set)  # rows to leave clean: another one repeats them

    def __post_init__(self) -> None:
        self.lignes = [dict.fromkeys(self.types) | ligne for ligne in self.lignes]

    @property
    def sales(self) -> set[int]:
        return {p.rang for p in self.plantes}

    def repeter(self, rang: int, genre: str, code: str, **changes: Any) -> None:
        """Add a row that repeats row `rang`, but for `changes`."""
        self.lignes.append(self.lignes[rang] | changes)
        self.reserves |= {rang, len(self.lignes) - 1}
        nom = next(iter(self.types.keys() & {"nom_association", "nom_beneficiaire"}))
        self.planter(len(self.lignes) - 1, nom, genre, self.lignes[-1][nom], code)

    def planter(self, rang: int, champ: str, genre: str, ecriture: str, code: str) -> None:
        """Replace one cell and note it."""
        self.lignes[rang][champ] = Brut(_decoder(ecriture))
        self.plantes.append(Plante(self, rang, champ, genre, ecriture, code))


def _decoder(ecriture: str) -> Any:
    """`@` marks a cell that is no text: number, date, error, formula."""
    if not ecriture.startswith("@"):
        return ecriture
    brut = ecriture[1:]
    if brut.isdigit():
        return int(brut)
    return dt.datetime.fromisoformat(brut) if brut[:4].isdigit() else brut


def _mojibake(texte: str) -> str:
    return "".join(c if c.isascii() else c.encode().decode("cp1252", "replace") for c in texte)


def _milliers(montant: float, espace: str) -> str:
    return f"{montant:,.2f}".translate({44: espace, 46: ","}) + espace + "€"


def _nombre(valeur: float) -> str:
    return f"{valeur:g}".replace(".", ",")


FORMES: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "valeur": lambda v, _: v,
    "milliers_insecable": lambda v, _: _milliers(v, "\u00a0"),
    "milliers_fine": lambda v, _: _milliers(v, "\u202f"),
    "milliers_espace": lambda v, _: _milliers(v, " "),
    "europeen": lambda v, _: f"{v:,.2f}".translate({44: ".", 46: ","}),
    "americain": lambda v, _: f"{v:,.2f}",
    "k": lambda v, _: _nombre(v / 1000),
    "m": lambda v, _: _nombre(round(v / 1e6, 2)),
    "bas": lambda v, _: round(v * 0.8),
    "haut": lambda v, _: round(v * 1.2) + 1,
    "gonfle": lambda v, _: round(v * 1.2),
    "jma": lambda v, _: f"{v:%d/%m/%Y}",
    "jma_points": lambda v, _: f"{v:%d.%m.%y}",
    "mois_annee": lambda v, _: f"{MOIS[v.month - 1]} {v.year}",
    "annee": lambda v, _: v.year,
    "serie": lambda v, _: (v - ORIGINE_SERIE).days,
    "pourcent": lambda v, _: round(v * 100),
    "virgule": lambda v, _: _nombre(v),
    "nfd": lambda v, _: unicodedata.normalize("NFD", v),
    "mojibake": lambda v, _: _mojibake(v),
    "majuscules": lambda v, _: v.upper(),
    "minuscules": lambda v, _: v.lower(),
    "st": lambda v, _: v.replace("Sainte-", "Ste ").replace("Saint-", "St "),
    "faute": lambda v, _: v[:5] + v[6:],
    "insee": lambda _, ligne: ligne["code_commune"],
    "groupes": lambda v, _: f"{v[:3]} {v[3:6]} {v[6:9]} {v[9:]}",
    "scientifique": lambda v, _: f"{int(v):.5E}".replace(".", ","),
    "sans_zero": lambda v, _: v.lstrip("0"),
    "siren": lambda v, _: v[:9],
    "cle_fausse": lambda v, _: v[:-1] + str((int(cle_luhn(v[:-1])) + 3) % 10),
}

SI: dict[str, Callable[[Any, dict[str, Any]], bool]] = {
    "": lambda v, _: True,
    "rempli": lambda v, _: v is not None,
    "positif": lambda v, _: bool(v) and v > 0,
    "zero": lambda v, _: v == 0 and v is not None,
    "petit": lambda v, _: v is not None and 1 <= v < 5,
    "dizaine": lambda v, _: bool(v) and 10 <= v <= 300,
    "trente": lambda v, _: bool(v) and 27 <= v <= 33,
    "mille": lambda v, _: bool(v) and v >= 1_000,
    "cents": lambda v, _: bool(v) and v >= 1_000 and v % 100 == 0,
    "million": lambda v, _: bool(v) and v >= 1_000_000,
    "un_et_demi": lambda v, _: v == 1.5,
    "demi": lambda v, _: v == 0.5,
    "vrai": lambda v, _: v is True,
    "faux": lambda v, _: v is False,
    "accent": lambda v, _: not v.isascii() and "\ufffd" not in _mojibake(v),
    "saint": lambda v, _: v.startswith("Saint"),
    "long": lambda v, _: len(v) >= 14,
    "code_seul": lambda _, ligne: ligne["code_commune"] not in CODES_POSTAUX,
    "rna": lambda _, ligne: isinstance(ligne.get("rna") or ligne.get("rna_beneficiaire"), str),
    "siret": lambda _, ligne: isinstance(ligne.get("siret") or ligne.get("id_beneficiaire"), str),
    "zero_de_tete": lambda v, _: v is not None and v.startswith("0"),
    "sans_heures": lambda v, ligne: v is None and ligne.get("heures_reguliers") is None,
    "cinq": lambda v, _: v == "Tout à fait d’accord",
    "nsp": lambda v, _: v == "Ne sait pas",
    "sport": lambda v, _: v == "sport",
    "epci": lambda v, _: v == "epci",
    "semaine": lambda v, _: v == "semaine",
}


class _Variables(dict[str, Any]):
    """What a writing may ask of a cell, worked out when it asks."""

    def __init__(self, valeur: Any, ligne: dict[str, Any]) -> None:
        super().__init__()
        self.valeur, self.ligne = valeur, ligne

    def __missing__(self, nom: str) -> Any:
        return FORMES[nom](self.valeur, self.ligne)


class Salisseur:
    """Plants every writing of the list at least once, then more until a tenth of the rows are messy."""

    def __init__(self, tableaux: list[Tableau], rng: random.Random) -> None:
        self.tableaux, self.rng = tableaux, rng
        self.modeles = lire_csv(ICI / "demonstration" / "salissures.csv")
        self.faits: Counter[int] = Counter()

    def salir(self) -> None:
        for numero in range(len(self.modeles)):
            lieux = [t for t in self.tableaux if self._champs(numero, t)]
            if not any(self._essayer(numero, t) for t in self.rng.sample(lieux, len(lieux))):
                raise ValueError(f"aucune cellule pour la salissure {self.modeles[numero]}")
        for tableau in self.tableaux:
            self._completer(tableau)

    def _completer(self, tableau: Tableau) -> None:
        """Add messy rows, any kind of those that suit the table."""
        possibles = [n for n in range(len(self.modeles)) if self._champs(n, tableau)]
        genres = sorted({self.modeles[n]["genre"] for n in possibles})
        while len(tableau.sales) < PART_SALE * len(tableau.lignes):
            genre = self.rng.choice(genres)
            memes = [n for n in possibles if self.modeles[n]["genre"] == genre]
            self._essayer(self.rng.choice(memes), tableau)

    def _champs(self, numero: int, tableau: Tableau) -> list[str]:
        """Fields that the writing may hit: named, or of a type in capitals; `-name` is left out."""
        cibles = self.modeles[numero]["cible"].split("|")
        vises = (c for c, genre in tableau.types.items() if c in cibles or genre.upper() in cibles)
        return [c for c in vises if f"-{c}" not in cibles]

    def _essayer(self, numero: int, tableau: Tableau) -> bool:
        """Plant writing `numero` in a cell that suits it, in a clean row most of the time."""
        modele = self.modeles[numero]
        fois = int(modele["fois"] or 1_000)
        if self.faits[numero] >= fois:
            return False
        deja = self.rng.random() < PART_DEUX
        candidates = [
            (rang, champ)
            for rang, ligne in enumerate(tableau.lignes)
            for champ in self._champs(numero, tableau)
            if self._convient(modele["si"], ligne, champ)
            and rang not in tableau.reserves
            and (deja or rang not in tableau.sales)
        ]
        if not candidates:
            return False
        rang, champ = self.rng.choice(candidates)
        ligne = tableau.lignes[rang]
        ecriture = modele["ecriture"].format_map(_Variables(ligne.get(champ), ligne))
        tableau.planter(rang, champ, modele["genre"], ecriture, modele["code"])
        self.faits[numero] += 1
        return True

    def _convient(self, si: str, ligne: dict[str, Any], champ: str) -> bool:
        valeur = ligne.get(champ)
        return champ in ligne and not isinstance(valeur, Brut) and SI[si](valeur, ligne)
