"""Small pieces of sentence that the sections share. A value that is not known is a dash, never a zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from observatoire.documents.modele import Colonne, Tableau
from observatoire.domain.francais import (
    FINE,
    INSECABLE,
    MOINS,
    accord,
    date_courte,
    date_longue,
    ecrire_nombre,
    ecrire_part,
)
from observatoire.methode.modele import Constante, Methodologie

RIEN = "—"
INDICATIF = "intervalle indicatif (échantillon non probabiliste)"
REPONDANTES_SEULEMENT = "répondantes seulement"
NIVEAUX = {
    "departement": "Département",
    "arrondissement": "Arrondissements",
    "epci": "Intercommunalités",
    "canton": "Cantons",
    "commune": "Communes",
    "qpv": "Quartiers prioritaires",
    "regroupement": "Regroupements de communes",
}
_PART, _SANS_UNITE = "part", ("indice", "facteur")


def reference(m: Methodologie) -> str:
    """Number and date of the publication, as every source line quotes them."""
    return f"publication n°{INSECABLE}{m.edition.version} du {date_longue(m.edition.publie_le)}"


def nombre(valeur: float | None, decimales: int = 0) -> str:
    """A number, or the dash."""
    if valeur is None:
        return RIEN
    return f"{MOINS if valeur < 0 else ''}{ecrire_nombre(abs(valeur), decimales)}"


def part(valeur: float | None, decimales: int = 1) -> str:
    """A share, or the dash."""
    return RIEN if valeur is None else ecrire_part(valeur, decimales)


def points(valeur: float) -> str:
    """A gap of shares in points, with its sign: « + 2,7 »."""
    return f"{MOINS if valeur < 0 else '+'}{INSECABLE}{ecrire_nombre(abs(100 * valeur), 1)}"


def plage(bas: str, haut: str) -> str:
    """« de 6,2 % à 7,2 % », or one value when both are written alike."""
    return bas if bas == haut else f"de {bas} à {haut}"


def dates(du: dt.datetime | None, au: dt.datetime | None) -> str:
    """Range of days, short."""
    return (
        plage(*(RIEN if d is None else date_courte(d) for d in (du, au)))
        .replace("de ", "du ")
        .replace(" à ", " au ")
    )


def enumerer(mots: Sequence[str]) -> str:
    """« a, b et c »."""
    return mots[0] if len(mots) == 1 else f"{', '.join(mots[:-1])} et {mots[-1]}" if mots else RIEN


def valeur(constante: Constante) -> str:
    """A constant with its unit: « 1 607 h/an », « 85 % », « 12,31 €/h »."""
    if constante.unite == _PART:
        return ecrire_part(constante.valeur, 4)
    if constante.unite in _SANS_UNITE:
        return ecrire_nombre(constante.valeur)
    return f"{ecrire_nombre(constante.valeur)}{INSECABLE}{constante.unite}"


def validite(constante: Constante) -> str:
    """Since when, until when."""
    debut = "" if constante.valable_du is None else f"depuis le {date_courte(constante.valable_du)}"
    if constante.valable_au is None:
        return debut
    return f"du {date_courte(constante.valable_du)} au {date_courte(constante.valable_au)}" if constante.valable_du else f"jusqu’au {date_courte(constante.valable_au)}"  # fmt: skip


class Constantes:
    """The constants of a publication by name, written; the dash for one that it does not have."""

    def __init__(self, m: Methodologie) -> None:
        self.m = m

    def __getitem__(self, nom: str) -> str:
        trouvee = self.m.constante(nom)
        return RIEN if trouvee is None else valeur(trouvee)

    def nombre(self, nom: str) -> str:
        """Without its unit."""
        trouvee = self.m.constante(nom)
        return RIEN if trouvee is None else ecrire_nombre(trouvee.valeur)

    def au(self, nom: str, annee: int) -> str:
        """The value in force at the end of a year of answers."""
        trouvee = self.m.constante(nom, dt.date(annee, 12, 31))
        return RIEN if trouvee is None else valeur(trouvee)

    def source(self, nom: str) -> str:
        """Where it comes from, without the final stop."""
        trouvee = self.m.constante(nom)
        return RIEN if trouvee is None else trouvee.source.rstrip(".")


def tableau(
    m: Methodologie,
    titre: str,
    colonnes: Iterable[Colonne],
    lignes: Iterable[Sequence[str]],
    source: str,
    *,
    est_detail: bool = False,
) -> Tableau:
    """A table whose source line ends with the publication."""
    return Tableau(
        titre, tuple(colonnes), tuple(map(tuple, lignes)), f"Source : {source} ; {reference(m)}.", est_detail
    )


__all__ = [
    "FINE", "INDICATIF", "INSECABLE", "NIVEAUX", "REPONDANTES_SEULEMENT", "RIEN", "Constantes", "accord", "date_courte", "dates",
    "enumerer", "nombre", "part", "plage", "points", "reference", "tableau", "valeur", "validite",
]  # fmt: skip
