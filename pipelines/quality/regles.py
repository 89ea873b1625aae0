"""The contract of a typed batch, derived from the questionnaire: one list of rules, two engines run it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from observatoire.domain.types._nombres import ecrire_bornes


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
        regles.append(RegleQualite("non_vide", nom, "VA-01", f"«\u00a0{titre}\u00a0» est toujours rempli."))
    minimum, maximum = type_champ.bornes(champ)
    if (minimum, maximum) != (None, None):
        bornes = {"minimum": minimum, "maximum": maximum}
        # A year is written without thousands separator.
        mots = f"de {minimum} à {maximum}" if type_champ.nom == "annee" else ecrire_bornes(minimum, maximum)
        phrase = f"«\u00a0{titre}\u00a0» reste dans les valeurs possibles ({mots})."
        regles.append(RegleQualite("bornes", nom, "NB-06", phrase, bornes))
    if champ.nomenclature and type_champ.nom == "nomenclature":
        codes = list(charger_nomenclature(champ.nomenclature).codes)
        phrase = f"«\u00a0{titre}\u00a0» est un code de la liste."
        regles.append(RegleQualite("parmi", nom, "LI-01", phrase, {"valeurs": codes}))
    if type_champ.forme:
        phrase = f"«\u00a0{titre}\u00a0» a la forme d’un identifiant lu."
        motif = f"^(?:{type_champ.forme})$"
        regles.append(RegleQualite("forme", nom, "ID-04", phrase, {"motif": motif}))
    if "maxLength" in champ.constraints:
        longueur = {"maximum": champ.constraints["maxLength"]}
        phrase = f"«\u00a0{titre}\u00a0» compte au plus {longueur['maximum']} caractères."
        regles.append(RegleQualite("longueur", nom, "TX-02", phrase, longueur))
    return regles


def documenter(enquete: Enquete) -> str:
    """Markdown list of the rules that gate a deposit of `enquete`, those across columns included."""
    lignes = [
        f"# Règles de qualité\u00a0: {enquete.title}",
        "",
        "<!-- Fichier dérivé du questionnaire\u00a0: ne pas modifier, lancer « make derive ». -->",
        "",
        "Une ligne qui enfreint une de ces règles attend\u00a0; le [code](../messages.md) dit quoi faire.",
        "",
        "| Règle | Code | Ce qui est exigé |",
        "|---|---|---|",
    ]
    lignes += [f"| `{r.identifiant}` | {r.code} | {r.description} |" for r in regles_de(enquete)]
    if enquete.regles:
        lignes += ["", "Signalé sans retenir la ligne\u00a0:", ""]
        lignes += [f"- {r.code} — {r.description}" for r in enquete.regles]
    return "\n".join(lignes) + "\n"
