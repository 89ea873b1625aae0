"""What is to be forgotten, and the proof that it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from observatoire.exploitation.recherche import Aiguilles
from observatoire.storage.erreurs import ErreurEntrepot

# Sheet → rows (columns of a turned sheet), from 1.
Places = dict[str, set[int]]


class AssociationInconnue(ErreurEntrepot):
    """No deposit speaks of this association."""


class OubliImpossible(ErreurEntrepot):
    """Something must be done first; the sentence says what."""


@dataclass(slots=True)
class Oubli:
    """What is to be forgotten: every key and identifier of the association, and the archives to remove at the end."""

    cle: str
    cles: list[str]
    numeros: list[str]
    textes: list[str]
    archives: list[str] = field(default_factory=list)

    @property
    def aiguilles(self) -> Aiguilles:
        """What must be found nowhere afterwards."""
        return Aiguilles(tuple(self.numeros), tuple(self.textes))


@dataclass(frozen=True, slots=True)
class Rapport:
    """The proof: what was erased, what was searched, what is left; without any identifier."""

    association: str
    fait_le: str
    qui: str
    effaces: Mapping[str, int]
    fichiers: int
    octets: int
    restent: Mapping[str, int]
    registre: int
    noms_partages: int
    signature: str = ""

    @property
    def prouve(self) -> bool:
        """True when nothing is left."""
        return not self.restent
