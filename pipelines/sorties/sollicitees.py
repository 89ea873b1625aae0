"""The register of associations as the follow-up reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from observatoire.config.settings import Settings
from observatoire.domain.identite import cle_association


@dataclass(frozen=True, slots=True)
class Sollicitee:
    """One association of the register; `etat` is active, dissoute or inconnue."""

    rna: str | None
    siren: str | None
    siret: str | None
    nom: str
    code_commune: str | None
    libelle_commune: str | None
    secteur: str | None
    effectif_tranche: str | None
    etat: str
    sollicitee: bool

    @property
    def cles(self) -> tuple[str, ...]:
        """The keys an answer may bear for it."""
        siren = self.siren or (self.siret or "")[:9]
        cles = (
            cle_association(None, self.rna, None, None),
            cle_association(None, None, siren or None, None),
            None if self.rna or siren else cle_association(self.nom, None, None, self.code_commune),
        )
        return tuple(c for c in cles if c)


def lire_registre(settings: Settings) -> list[Sollicitee] | None:
    """Every association of the register; None when there is none."""
    if not settings.registre.is_file():
        return None
    colonnes = list(Sollicitee.__slots__)
    surs: dict[str, Any] = {"nom": "", "etat": "inconnue", "sollicitee": False}
    lignes: list[dict[str, Any]] = pq.read_table(settings.registre, columns=colonnes).to_pylist()
    for ligne in lignes:
        ligne.update({c: sur for c, sur in surs.items() if ligne[c] is None})
    return [Sollicitee(**ligne) for ligne in lignes]
