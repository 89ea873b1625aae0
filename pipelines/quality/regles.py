"""The contract of a typed batch, derived from the questionnaire: one list of rules, two engines run it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de

FORMES = {
    "rna": r"^W\d[0-9A-Z]\d{7}$",
    "siren": r"^\d{9}$",
    "siret": r"^(?:\d{14}|\d{9})$",
    "commune": r"^(?:\d{2}|2[AB])\d{3}$",
    "code_postal": r"^\d{5}$",
}
BORNES = {"effectif": (0, None), "heures": (0, None), "etp": (0, None), "part": (0, 1)}


@dataclass(frozen=True, slots=True)
class RegleQualite:
    """One rule on one column of the typed frame.

    `genre`: `non_vide`, `bornes` (`minimum`, `maximum`), `parmi` (`valeurs`), `forme` (`motif`), `longueur`
    (`maximum`). `code` is the anomaly a broken rule becomes; `description` is the French sentence shown.
    """

    genre: str
    champ: str
    code: str
    description: str
    params: dict[str, Any] = field(default_factory=dict, hash=False)

    @property
    def identifiant(self) -> str:
        """Stable name of the rule, used to match results (never their position)."""
        return f"{self.champ}.{self.genre}"


def regles_de(enquete: Enquete, presents: set[str] | None = None) -> list[RegleQualite]:
    """Rules of `enquete` on the columns in `presents` (all when None), in the order of the fields."""
    regles: list[RegleQualite] = []
    for champ in enquete.champs_actifs():
        if presents is None or champ.name in presents:
            regles += _regles_du_champ(champ)
    return regles


def _regles_du_champ(champ: Champ) -> list[RegleQualite]:
    nom, titre, type_champ = champ.name, champ.title, type_de(champ)
    regles = []
    if champ.obligatoire:
        regles.append(RegleQualite("non_vide", nom, "VA-01", f"« {titre} » est toujours rempli."))
    defaut = BORNES.get(type_champ.nom, (None, None))
    minimum = champ.constraints.get("minimum", defaut[0])
    maximum = champ.constraints.get("maximum", defaut[1])
    if (minimum, maximum) != (None, None):
        bornes = {"minimum": minimum, "maximum": maximum}
        phrase = f"« {titre} » reste dans les valeurs possibles ({minimum} à {'…' if maximum is None else maximum})."
        regles.append(RegleQualite("bornes", nom, "NB-06", phrase, bornes))
    if champ.nomenclature and type_champ.nom == "nomenclature":
        codes = list(charger_nomenclature(champ.nomenclature).codes)
        phrase = f"« {titre} » est un code de la liste."
        regles.append(RegleQualite("parmi", nom, "LI-01", phrase, {"valeurs": codes}))
    if type_champ.nom in FORMES:
        phrase = f"« {titre} » a la forme attendue."
        regles.append(RegleQualite("forme", nom, "ID-04", phrase, {"motif": FORMES[type_champ.nom]}))
    if "maxLength" in champ.constraints:
        longueur = {"maximum": champ.constraints["maxLength"]}
        phrase = f"« {titre} » compte au plus {longueur['maximum']} caractères."
        regles.append(RegleQualite("longueur", nom, "TX-02", phrase, longueur))
    return regles
