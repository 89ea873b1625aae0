"""The name by which a published figure is quoted: `participations.2025.epci-200040251.representatif@12`.

Parts, separated by dots: indicator, year, level-code of the territory, view; then `d-<sector>` and `f-<funder>`
when the figure is not that of all sectors or of all funders (a funder is a name: `code_financeur` makes its part). After `@`, the publication that gave the figure:
without it, the figure of the publication in force.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from observatoire.domain.types._nettoyage import plier
from observatoire.estimation.systeme import TOUS

REPONDANTES = "repondantes"
_FORME = re.compile(
    r"(?P<indicateur>[a-z][a-z0-9_]*)\.(?P<millesime>\d{4})\.(?P<niveau>[a-z]+)-(?P<code>[0-9A-Za-z_-]+)"
    r"\.(?P<vue>[a-z_]+)(?:\.d-(?P<domaine>\w+))?(?:\.f-(?P<financeur>\w+))?(?:@(?P<publication>\d+))?"
)
_CODE_FINANCEUR = re.compile(r"[a-z0-9_]*_[0-9a-f]{6}")
LONGUEUR_FINANCEUR = 48


@dataclass(frozen=True, slots=True, order=True)
class Identifiant:
    """Place of one figure in `mesures`; `publication` None means the one in force.

    `financeur` is the name of the funder, or the code that stands for it once the identifier is written.
    """

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
        parts += [f"f-{code_financeur(self.financeur)}"] if self.financeur != TOUS else []
        return ".".join(parts) + (f"@{self.publication}" if self.publication is not None else "")

    def dans(self, publication: int | None) -> Identifiant:
        """The same figure, in another publication."""
        return replace(self, publication=publication)


def code_financeur(nom: str) -> str:
    """Letters of the name and a print of its exact spelling: two spellings are two funders; a code stays itself."""
    if nom == TOUS or _CODE_FINANCEUR.fullmatch(nom):
        return nom
    lettres = re.sub(r"[^a-z0-9]+", "_", plier(nom)).strip("_")[:LONGUEUR_FINANCEUR].rstrip("_")
    return f"{lettres}_{hashlib.sha256(nom.encode()).hexdigest()[:6]}"


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
