"""The method of one publication as frozen records: what was run, on what, with which thresholds. No sentence here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edition:
    """Number, date (universal time) and nature of the publication."""

    version: int
    publie_le: dt.datetime
    fictif: bool


@dataclass(frozen=True, slots=True)
class SourceCadre:
    """An official file of the register: when it was added, what became of its lines."""

    genre: str
    format: str
    ajoute_le: str
    lues: int
    gardees: int
    dissoutes: int
    hors_territoire: int
    doublons: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AnneeCadre:
    """The frame and the weights of one year. Counts below the secret's threshold, or unknown, are None.

    `n_bas` have a proof of activity, `n_haut` are not known to have stopped; rates are respondents over them.
    """

    millesime: int
    n_repondantes: int | None = None
    n_bas: int | None = None
    n_haut: int | None = None
    taux_bas: float | None = None
    taux_haut: float | None = None
    ecart_max: float | None = None
    ecart_ou: str | None = None
    chi2: float | None = None
    chi2_ddl: int | None = None
    chi2_p: float | None = None
    n_efficace: float | None = None
    deff: float | None = None
    poids_min: float | None = None
    poids_max: float | None = None
    marges: str | None = None
    est_salariat: bool | None = None
    est_date: bool | None = None
    refus: str | None = None
    a_repondu: int | None = None
    a_subvention: int | None = None
    est_employeuse: int | None = None
    a_declare: int | None = None
    nb_groupes: int | None = None


@dataclass(frozen=True, slots=True)
class Depots:
    """Deposits of one questionnaire and source that count: dates, and rows read = loaded + pending + ignored."""

    questionnaire: str
    source: str
    nb: int
    du: dt.datetime | None
    au: dt.datetime | None
    lues: int
    chargees: int
    en_attente: int
    ignorees: int


@dataclass(frozen=True, slots=True)
class Vague:
    """A questionnaire ('' for all) and a year: the largest number of respondents of the figures drawn from it alone."""

    questionnaire: str
    millesime: int
    n_repondantes: int | None


@dataclass(frozen=True, slots=True)
class Niveau:
    """One level of one dimension of the card of representativity: sample beside frame."""

    millesime: int
    dimension: str
    modalite: str
    libelle: str
    n_repondantes: int
    n_cadre: int
    part_repondantes: float
    part_cadre: float
    ecart: float
    taux_bas: float | None
    taux_haut: float | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One kind of line of the log of the weighting, and how many times it is there."""

    millesime: int
    etape: str
    groupe: str
    vers: str
    raison: str
    est_ensemble: bool
    fois: int


@dataclass(frozen=True, slots=True)
class Constante:
    """One dated value of one constant."""

    id: str
    libelle: str
    valeur: float
    unite: str
    valable_du: dt.date | None
    valable_au: dt.date | None
    source: str
    statut: str


@dataclass(frozen=True, slots=True)
class Etats:
    """Cells of `mesures` by status, for one level and view."""

    niveau: str
    vue: str
    statuts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ligne:
    """A version, fingerprint, boundary or setting (`genre`)."""

    genre: str
    nom: str
    libelle: str
    valeur: str


@dataclass(frozen=True, slots=True)
class Changement:
    """What differs from the publication `depuis`; see changements.py."""

    depuis: int
    objet: str
    nom: str
    libelle: str
    avant: str | None
    apres: str | None


@dataclass(frozen=True, slots=True)
class Fiche:
    """Definition of one indicator, as published."""

    indicateur: str
    titre: str
    libelle_theme: str
    definition: str
    formule: str
    precautions: str
    source: str
    estimateur: str


@dataclass(frozen=True, slots=True)
class Rupture:
    """A break of series that the published evolutions carry."""

    indicateur: str
    titre: str
    raison: str


@dataclass(frozen=True, slots=True)
class Methodologie:
    """Everything that the method page, its PDF and its JSON say of one publication."""

    edition: Edition
    departement: str
    fiches: tuple[Fiche, ...]
    annees: tuple[int, ...]
    cadre: tuple[AnneeCadre, ...]
    sources: tuple[SourceCadre, ...]
    depots: tuple[Depots, ...]
    annules: int
    titres: Mapping[str, str]
    vagues: tuple[Vague, ...]
    representativite: tuple[Niveau, ...]
    journal: tuple[Operation, ...]
    constantes: tuple[Constante, ...]
    etats: tuple[Etats, ...]
    masques: Mapping[str, int]
    lignes: tuple[Ligne, ...]
    empreintes_questionnaires: Mapping[str, str]
    changements: tuple[Changement, ...]
    ruptures: tuple[Rupture, ...]
    precedente: int | None

    @property
    def est_ponderee(self) -> bool:
        """True when one year at least has weights: figures speak for more than those that answered."""
        return any(annee.n_efficace is not None for annee in self.cadre)

    def constante(self, nom: str, jour: dt.date | None = None) -> Constante | None:
        """The value of a constant on a day (the latest one by default); None when it has none."""
        valeurs = [
            c
            for c in self.constantes
            if c.id == nom
            and (
                jour is None
                or (
                    (c.valable_du is None or c.valable_du <= jour)
                    and (c.valable_au is None or jour <= c.valable_au)
                )
            )
        ]
        return max(valeurs, key=lambda c: c.valable_du or dt.date.min, default=None)

    def de_genre(self, genre: str) -> tuple[Ligne, ...]:
        """Versions, fingerprints, boundaries or settings."""
        return tuple(ligne for ligne in self.lignes if ligne.genre == genre)
