"""What the time of volunteers is worth by convention: full-time equivalents, range in euros, accounts.

Formulas of methods of the network: hours ÷ base = full-time equivalents; low bound = hours × gross hourly SMIC on
the last day of the year; high bound = hours of each level × its multiple of the SMIC; replacement cost = hours of
each level × the hourly cost of the equivalent job, when the network gives its table. Compelled hours (community
service, RSA activity, civic service) are no volunteering: they are told apart and never counted. The result is an
equivalent value; it is no money saved by anybody, and is never added to a budget.

Accounts: règlement ANC n° 2018-06 (years from 1 January 2020): debit 864, credit 875. Before, règlement CRC
n° 99-01: debit 864, credit 870 (875 held gifts in kind).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.parametre import Parametre, parametres

NIVEAUX = ("execution", "encadrement", "expertise")
LIBELLES_NIVEAU = {"execution": "exécution", "encadrement": "encadrement", "expertise": "expertise"}
BASE_ETP, SMIC = "heures_etp", "smic_horaire_brut"
SANS_DETAIL = "encadrement"
TOLERANCE = 0.01  # share of the hours that the levels may leave out
PREMIER_EXERCICE_2018_06 = dt.date(2020, 1, 1)


class ValorisationImpossible(ValueError):
    """Something that the computation needs is missing or contradictory; the message says what."""


@dataclass(frozen=True, slots=True)
class Etp:
    """Full-time equivalents and the base that makes them."""

    valeur: float
    base: float
    source: str

    @property
    def texte(self) -> str:
        """« 1,5 ETP, base 1 607 h »."""
        return f"{ecrire_nombre(self.valeur, 1)}\u00a0ETP, base {ecrire_nombre(self.base)}\u00a0h"


@dataclass(frozen=True, slots=True)
class Methode:
    """One way to give hours a value: euros, and the sentence that says how."""

    code: str
    libelle: str
    montant: float
    calcul: str


@dataclass(frozen=True, slots=True)
class Fourchette:
    """`basse` and `haute` in euros; `methodes` are all those that could be computed, floor first."""

    heures: float
    au: dt.date
    basse: float
    haute: float
    methodes: tuple[Methode, ...]
    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ecriture:
    """The entry in class 8, without effect on the result."""

    debit: str
    libelle_debit: str
    credit: str
    libelle_credit: str
    reglement: str


class Bareme:
    """The dated constants of the valuation, shipped or of the network."""

    def __init__(self, valeurs: Sequence[Parametre] | None = None) -> None:
        self._valeurs = tuple(parametres() if valeurs is None else valeurs)

    def chercher(self, nom: str, au: dt.date) -> Parametre | None:
        """The constant `nom` in force on that day; None when there is none."""
        return next((v for v in self._valeurs if v.id == nom and v.couvre(au)), None)

    def lire(self, nom: str, au: dt.date) -> Parametre:
        """The same; ValorisationImpossible when there is none."""
        trouve = self.chercher(nom, au)
        if trouve is None:
            raise ValorisationImpossible(f"paramètre «\u00a0{nom}\u00a0» sans valeur au {au.isoformat()}")
        return trouve


def en_etp(heures: float, au: dt.date, bareme: Bareme | None = None, base: str = BASE_ETP) -> Etp:
    """Full-time equivalents of yearly hours; `base` names the constant (`heures_etp`, `heures_etp_payees`)."""
    constante = (bareme or Bareme()).lire(base, au)
    return Etp(heures / constante.valeur, constante.valeur, constante.source)


def en_euros(
    heures: float,
    au: dt.date,
    *,
    niveaux: Mapping[str, float] | None = None,
    bareme: Bareme | None = None,
) -> Fourchette:
    """Range in euros of the yearly `heures` of volunteers, at the SMIC in force on `au`.

    `niveaux`: hours by level (`NIVEAUX`), used when they cover `heures` within 1 %. ValorisationImpossible for
    negative hours, an unknown level, or levels that exceed the hours.
    """
    bareme = bareme or Bareme()
    detail = _detail(heures, niveaux or {})
    smic = bareme.lire(SMIC, au)
    multiples = {n: bareme.lire(f"coef_{n}", au).valeur for n in NIVEAUX}
    methodes = [_au_smic(heures, smic)]
    mentions = [
        f"SMIC horaire brut de {ecrire_nombre(smic.valeur, 2)}\u00a0€ au {au:%d/%m/%Y} ({smic.source})."
    ]
    if detail:
        methodes.append(_par_niveaux(detail, multiples, smic))
        methodes += _remplacement(detail, au, bareme)
    else:
        montant = heures * multiples[SANS_DETAIL] * smic.valeur
        calcul = f"toutes les heures × {ecrire_nombre(multiples[SANS_DETAIL])} × SMIC"
        methodes.append(Methode("niveaux", "SMIC pondéré, niveau supposé", montant, calcul))
        mentions.append(
            "Le détail par niveau ne couvre pas les heures\u00a0: la borne haute suppose l’encadrement."
        )
    montants = [m.montant for m in methodes]
    return Fourchette(heures, au, min(montants), max(montants), tuple(methodes), tuple(mentions))


def _detail(heures: float, niveaux: Mapping[str, float]) -> dict[str, float]:
    """The hours by level when they cover the total, else nothing."""
    inconnus = sorted(set(niveaux) - set(NIVEAUX))
    if heures < 0 or inconnus or any(h < 0 for h in niveaux.values()):
        raise ValorisationImpossible(
            f"heures négatives ou niveau inconnu\u00a0: {', '.join(inconnus) or heures}"
        )
    somme = sum(niveaux.values())
    if somme > heures * (1 + TOLERANCE):
        raise ValorisationImpossible(f"les niveaux font {somme}\u00a0heures, plus que le total {heures}")
    couvre = somme > 0 and abs(somme - heures) <= TOLERANCE * heures
    return {n: niveaux.get(n, 0.0) for n in NIVEAUX} if couvre else {}


def _au_smic(heures: float, smic: Parametre) -> Methode:
    return Methode("smic", "SMIC horaire brut", heures * smic.valeur, "heures × SMIC horaire brut")


def _par_niveaux(detail: Mapping[str, float], multiples: Mapping[str, float], smic: Parametre) -> Methode:
    montant = sum(h * multiples[n] for n, h in detail.items()) * smic.valeur
    termes = (
        f"{ecrire_nombre(h)}\u00a0h d’{LIBELLES_NIVEAU[n]} × {ecrire_nombre(multiples[n])}"
        for n, h in detail.items()
    )
    return Methode("niveaux", "SMIC pondéré par niveau", montant, f"({' + '.join(termes)}) × SMIC")


def _remplacement(detail: Mapping[str, float], au: dt.date, bareme: Bareme) -> list[Methode]:
    """Replacement cost, when the network gives an hourly cost for every level that has hours."""
    couts = {n: bareme.chercher(f"cout_horaire_{n}", au) for n, h in detail.items() if h}
    if not couts or None in couts.values():
        return []
    lus = {n: c for n, c in couts.items() if c is not None}
    sources = "\u202f; ".join(sorted({c.source for c in lus.values()}))
    montant = sum(detail[n] * c.valeur for n, c in lus.items())
    return [Methode("remplacement", "Coût de remplacement", montant, f"heures × coût horaire ({sources})")]


def ecriture(debut_exercice: dt.date) -> Ecriture:
    """Accounts of the entry for a year that starts that day: the plan changed on 1 January 2020."""
    if debut_exercice >= PREMIER_EXERCICE_2018_06:
        return Ecriture("864", "Personnel bénévole", "875", "Bénévolat", "règlement ANC n°\u00a02018-06")
    return Ecriture("864", "Personnel bénévole", "870", "Bénévolat", "règlement CRC n°\u00a099-01")


def viva(valeur: float, depenses_soutien: float | None) -> float | None:
    """Equivalent value for one euro spent to support volunteers; None unless that spending is known, above 0."""
    return valeur / depenses_soutien if depenses_soutien else None
