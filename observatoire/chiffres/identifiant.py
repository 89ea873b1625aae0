"""The name by which a published figure is quoted: `participations.2025.epci-200040251.representatif@12`.

Parts, separated by dots: indicator, year, level-code of the territory, view; then `d-<sector>` and `f-<funder>`
when the figure is not that of all sectors or of all funders. After `@`, the publication that gave the figure:
without it, the figure of the publication in force.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from observatoire.estimation.systeme import TOUS

REPONDANTES = "repondantes"
_FORME = re.compile(
    r"(?P<indicateur>[a-z][a-z0-9_]*)\.(?P<millesime>\d{4})\.(?P<niveau>[a-z]+)-(?P<code>[0-9A-Za-z_-]+)"
    r"\.(?P<vue>[a-z_]+)(?:\.d-(?P<domaine>\w+))?(?:\.f-(?P<financeur>\w+))?(?:@(?P<publication>\d+))?"
)


@dataclass(frozen=True, slots=True, order=True)
class Identifiant:
    """Place of one figure in `mesures`; `publication` None means the one in force."""

    indicateur: str
    millesime: int
    niveau: str
    code: str
    vue: str = REPONDANTES
    domaine: str = TOUS
    financeur: str = TOUS
    publication: int | None = None

    def __str__(self) -> str:
        parts = [self.indicateur, str(self.millesime), f"{self.niveau}-{self.code}", self.vue]
        parts += [f"d-{self.domaine}"] if self.domaine != TOUS else []
        parts += [f"f-{self.financeur}"] if self.financeur != TOUS else []
        return ".".join(parts) + (f"@{self.publication}" if self.publication is not None else "")

    def dans(self, publication: int | None) -> Identifiant:
        """The same figure, in another publication."""
        return replace(self, publication=publication)


def lire_identifiant(texte: str) -> Identifiant:
    """The identifier written `texte`; ValueError, in French, when it is none."""
    forme = _FORME.fullmatch(texte.strip())
    if forme is None:
        raise ValueError(
            f"« {texte} » n’est pas un identifiant de chiffre. Exemple : participations.2025.departement-77.repondantes@3"
        )
    parties = forme.groupdict()
    return Identifiant(
        parties["indicateur"],
        int(parties["millesime"]),
        parties["niveau"],
        parties["code"],
        parties["vue"],
        parties["domaine"] or TOUS,
        parties["financeur"] or TOUS,
        int(parties["publication"]) if parties["publication"] else None,
    )


def chercher_identifiants(texte: str) -> list[Identifiant]:
    """Identifiers quoted in a text, in their order, each once."""
    vus = dict.fromkeys(m.group() for m in re.finditer(rf"(?<![\w.]){_FORME.pattern}", texte))
    return [lire_identifiant(vu) for vu in vus]
