"""The cards of « Comprendre » and the powers of elected officials they bear upon, from `comprendre.toml` and
`competences.toml`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboards.contenus.chargement import (
    DOSSIER,
    MOTS_PAR_MINUTE,
    ContenuInvalide,
    doubles,
    entrees,
    manques,
    texte,
)
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.indicators.catalogue import catalogue

COMPRENDRE, COMPETENCES = DOSSIER / "comprendre.toml", DOSSIER / "competences.toml"
MINUTES_MAX = 2


@dataclass(frozen=True, slots=True)
class Competence:
    """A public policy in the hands of elected officials, the sectors and the indicators that speak of it."""

    code: str
    libelle: str
    secteurs: tuple[str, ...]
    indicateurs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fiche:
    """One idea, in two minutes at most, with the indicator whose local figure goes with it."""

    id: str
    titre: str
    chapeau: str
    texte: tuple[str, ...]
    chiffre: str
    competences: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def nb_mots(self) -> int:
        """Words to read: heading, summary and text."""
        return len(" ".join((self.titre, self.chapeau, *self.texte)).split())

    @property
    def minutes(self) -> int:
        """Minutes to read it aloud, rounded up."""
        return -(-self.nb_mots // MOTS_PAR_MINUTE)

    def concerne(self, competence: str) -> bool:
        """True when the card bears upon this power; one that names none bears upon all."""
        return not self.competences or competence in self.competences


@cache
def lire_competences(chemin: Path = COMPETENCES) -> tuple[Competence, ...]:
    """The powers, in the order of the file. ContenuInvalide lists every fault."""
    brutes = entrees(chemin, "competence")
    connus = {x.code for x in charger_nomenclature("secteurs").lignes}
    fautes = doubles([str(x.get("code")) for x in brutes], "code")
    for brute in brutes:
        nom = str(brute.get("code") or brute.get("libelle") or "sans code")
        fautes += manques(brute, ("code", "libelle", "indicateurs"), nom)
        fautes += _inconnus(nom, "domaine", brute.get("secteurs", []), connus)
        fautes += _inconnus(nom, "indicateur", brute.get("indicateurs", []), catalogue().keys())
    if fautes:
        raise ContenuInvalide(chemin.name, fautes)
    return tuple(
        Competence(x["code"], texte(x["libelle"]), tuple(x.get("secteurs", ())), tuple(x["indicateurs"]))
        for x in brutes
    )


@cache
def lire_fiches(chemin: Path = COMPRENDRE) -> tuple[Fiche, ...]:
    """The cards, in the order of the file. ContenuInvalide lists every fault."""
    brutes = entrees(chemin, "carte")
    competences = {c.code for c in lire_competences()}
    fautes = doubles([str(x.get("id")) for x in brutes], "id")
    fiches = []
    for brute in brutes:
        nom = str(brute.get("id") or brute.get("titre") or "sans id")
        fautes += manques(brute, ("id", "titre", "chapeau", "texte", "chiffre", "sources"), nom)
        fautes += _inconnus(nom, "compétence", brute.get("competences", []), competences)
        fautes += _inconnus(nom, "indicateur", [x for x in [brute.get("chiffre")] if x], catalogue().keys())
        fiche = Fiche(
            nom,
            texte(brute.get("titre", "")),
            texte(brute.get("chapeau", "")),
            tuple(texte(x) for x in brute.get("texte", ())),
            str(brute.get("chiffre", "")),
            tuple(brute.get("competences", ())),
            tuple(texte(x) for x in brute.get("sources", ())),
        )
        if fiche.minutes > MINUTES_MAX:
            fautes.append(f"{nom} : {fiche.nb_mots} mots, plus de {MINUTES_MAX} minutes de lecture")
        fiches.append(fiche)
    if fautes:
        raise ContenuInvalide(chemin.name, fautes)
    return tuple(fiches)


def _inconnus(nom: str, quoi: str, valeurs: Sequence[str], connus: Collection[str]) -> list[str]:
    return [f"{nom} : {quoi} inconnu « {v} »" for v in valeurs if v not in connus]
