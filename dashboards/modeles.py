"""What a page reads in a publication, as frozen records. No SQL, no Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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


@dataclass(frozen=True, slots=True)
class Indicateur:
    """One card of the table `indicateurs`: what the figure is, says and does not say, in words and in SQL."""

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

    @property
    def additif(self) -> bool:
        """True when figures of two territories may be added, and so divided by the population."""
        return self.estimateur in ("compte", "total")


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
class CauseAnomalie:
    """Number of anomalies of one cause and level over the published deposits."""

    cause: str
    niveau: str
    nb: int
    nb_depots: int
