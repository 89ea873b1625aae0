"""What a page reads in a publication, as frozen records. No SQL, no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from observatoire.chiffres.phrase import Evolution as Evolution
from observatoire.indicators.catalogue import des_financeurs


@dataclass(frozen=True, slots=True)
class Edition:
    """The `_publication` row: number, date, fictitious or not, identifiers of its deposits."""

    version: int
    publie_le: datetime
    fictif: bool
    depots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mesure:
    """One row of `mesures`. `valeur` is None unless `statut` is ok or prudence."""

    indicateur: str
    millesime: int
    niveau: str
    code: str
    domaine: str
    financeur: str
    valeur: float | None
    borne_basse: float | None
    borne_haute: float | None
    cv: float | None
    n_repondants: int | None
    taux_reponse: float | None
    statut: str
    vue: str = "repondantes"


@dataclass(frozen=True, slots=True)
class Indicateur:
    """One card of the table `indicateurs`: what the figure is, says and does not say, in words and in SQL.

    `vues`: the views the publication has for it. `est_convention`: its bounds are a range of conventions (two ways
    to price an hour), not only an interval.
    """

    indicateur: str
    titre: str
    theme: str
    definition: str
    formule: str
    unite: str
    estimateur: str
    precautions: str
    source: str
    sql: str
    decimales: int | None = None
    libelle_theme: str = ""
    dit: str = ""
    ne_dit_pas: str = ""
    parametres: str = ""
    repere_valeur: float | None = None
    repere_valeur_haute: float | None = None
    repere_territoire: str = ""
    repere_annee: str = ""
    repere_source: str = ""
    secret: str = ""
    vues: tuple[str, ...] = ("repondantes",)
    est_convention: bool = False

    @property
    def additif(self) -> bool:
        """True when figures of two territories may be added, and so divided by the population."""
        return self.estimateur in ("compte", "total")

    @property
    def des_financeurs(self) -> bool:
        """True for what funders publish: nobody answered, and those counted are the beneficiaries."""
        return des_financeurs(self.theme, self.sql)


@dataclass(frozen=True, slots=True)
class Territoire:
    """A territory of any level, with the note that goes with its name."""

    niveau: str
    code: str
    libelle: str
    population: int | None
    note: str | None

    @property
    def etiquette(self) -> str:
        """Unique label with the code, as the lists and the address of the page carry it."""
        return f"{self.libelle} ({self.code})"


@dataclass(frozen=True, slots=True)
class Depot:
    """One deposit, without its file name."""

    depot_id: str
    questionnaire: str
    source: str | None
    millesime: int | None
    statut: str
    depose_le: datetime | None
    lues: int
    chargees: int
    en_attente: int
    ignorees: int
    fictif: bool

    @property
    def equilibre(self) -> bool:
        """True when no line was lost: read = loaded + pending + ignored."""
        return self.lues == self.chargees + self.en_attente + self.ignorees


@dataclass(frozen=True, slots=True)
class Lignes:
    """Lines of the deposits in force, of a questionnaire or of all (None)."""

    questionnaire: str | None
    depots: int
    lues: int
    chargees: int
    en_attente: int
    ignorees: int


@dataclass(frozen=True, slots=True)
class CauseAnomalie:
    """Number of anomalies of one cause and level over the published deposits."""

    cause: str
    niveau: str
    nb: int
    nb_depots: int


@dataclass(frozen=True, slots=True)
class Presence:
    """One row of `representativite`: who answered beside whom the register holds, for one level of a dimension."""

    millesime: int
    dimension: str
    modalite: str
    n_repondantes: int
    n_cadre: int
    n_cadre_haut: int
    part_repondantes: float
    part_cadre: float
    ecart: float
    taux_bas: float | None
    taux_haut: float | None


@dataclass(frozen=True, slots=True)
class Redressement:
    """One row of `redressement`: how the weighting of a year went. `refus` says why there is none."""

    millesime: int
    n_repondantes: int | None
    n_bas: int | None
    n_haut: int | None
    taux_bas: float | None
    taux_haut: float | None
    ecart_max: float | None
    ecart_ou: str | None
    chi2: float | None
    chi2_ddl: int | None
    chi2_p: float | None
    n_efficace: float | None
    deff: float | None
    poids_min: float | None
    poids_max: float | None
    marges: str | None
    est_salariat: bool | None
    est_date: bool | None
    refus: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One line of the log of the weighting of all the respondents: groups put together, margins given up."""

    millesime: int
    etape: str
    groupe: str
    vers: str
    raison: str
