"""The invented associations of the demonstration: who they are, where, in which sector."""

from __future__ import annotations

import csv
import random
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ICI = Path(__file__).parent
COMMUNES = ICI.parent / "observatoire" / "territoire" / "data" / "77" / "communes.csv"
TERRITOIRES = COMMUNES.with_name("territoires.csv")
CONTENU = tomllib.loads((ICI / "demonstration" / "contenu.toml").read_text(encoding="utf-8"))

GRAINE = 77
ANNEES = (2024, 2025)
NB_EMPLOYEUSES = 72  # 18 % (methods.md §0)
BLOC_RNA = "W779{:06d}"  # no greffe is numbered 779
BLOC_SIREN, BLOC_SIREN_ZERO = "9990", "0999"  # ends of series, chosen for the demonstration

Reponse = dict[str, Any]


@dataclass
class Association:
    """One invented association; `reponses[questionnaire, annee]` is what it answers, field by field."""

    nom: str
    rna: str | None
    siret: str | None
    commune: dict[str, str]
    secteur: str
    employeuse: bool
    annees: tuple[int, ...]
    reponses: dict[tuple[str, int], Reponse] = field(default_factory=dict)

    def identite(self, annee: int) -> Reponse:
        """The common columns of an answer."""
        return {
            "nom_association": self.nom,
            "rna": self.rna,
            "siret": self.siret,
            "commune": self.commune["nom"],
            "code_commune": self.commune["code"],
            "code_postal": self.commune["codes_postaux"].split()[0],
            "annee": annee,
        }


def alea(partie: str) -> random.Random:
    """A generator of its own for each part: changing one leaves the others as they are."""
    return random.Random(f"{GRAINE}-{partie}")


def lire_csv(chemin: Path) -> list[dict[str, str]]:
    with chemin.open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def de(nom: str) -> str:
    """`de Melun`, `d’Avon`, `du Mée-sur-Seine`, `des Ormes-sur-Voulzie`."""
    for article, contraction in (("Le ", "du "), ("Les ", "des ")):
        if nom.startswith(article):
            return contraction + nom.removeprefix(article)
    return f"d’{nom}" if nom[0] in "AEIOUYÉÈÊÂ" else f"de {nom}"


def cle_luhn(chiffres: str) -> str:
    """The digit that makes `chiffres` + digit valid."""
    somme = 0
    for rang, chiffre in enumerate(reversed(chiffres)):
        double = int(chiffre) * (2 if rang % 2 == 0 else 1)
        somme += double - 9 if double > 9 else double
    return str(-somme % 10)


def siret_invente(bloc: str, numero: int) -> str:
    """A SIRET with right keys in an invented block."""
    siren = f"{bloc}{numero:04d}"
    siren += cle_luhn(siren)
    return siren + "0001" + cle_luhn(siren + "0001")


def tirer(rng: random.Random, poids: dict[Any, int]) -> Any:
    return rng.choices(list(poids), list(poids.values()))[0]


def inventer() -> list[Association]:
    """400 associations without answers; the same ones at every call."""
    rng = alea("identites")
    communes = lire_csv(COMMUNES)
    sieges = rng.choices(communes, [int(c["population"]) for c in communes], k=400)
    secteurs = [s for s, fiche in CONTENU["secteurs"].items() for _ in range(fiche["poids"])]
    rng.shuffle(secteurs)
    chances = {i: CONTENU["secteurs"][s]["employeuses"] * rng.expovariate(1) for i, s in enumerate(secteurs)}
    employeuses = set(sorted(chances, key=lambda i: -chances[i])[:NB_EMPLOYEUSES])
    noms = _noms(rng, secteurs)
    associations = []
    for i, (nom, secteur, commune) in enumerate(zip(noms, secteurs, sieges, strict=True)):
        employeuse = i in employeuses
        bloc = BLOC_SIREN_ZERO if i % 40 == 7 else BLOC_SIREN
        siret = siret_invente(bloc, 1000 + 7 * i) if employeuse or rng.random() < 0.4 else None
        rna = None if siret is None and rng.random() < 0.04 else BLOC_RNA.format(100_000 + 211 * i)
        fidelite = {ANNEES: 96, ANNEES[1:]: 4} if employeuse else {ANNEES: 82, ANNEES[:1]: 7, ANNEES[1:]: 11}
        annees = tirer(rng, fidelite)
        associations.append(Association(nom, rna, siret, commune, secteur, employeuse, annees))
    return associations


def _noms(rng: random.Random, secteurs: list[str]) -> list[str]:
    pris: set[str] = set()
    noms = []
    for secteur in secteurs:
        nom = ""
        while not nom or nom in pris:
            lieu = rng.choice(CONTENU["lieux"])
            nom = rng.choice(CONTENU["secteurs"][secteur]["modeles"]).format(lieu=lieu, de=de(lieu))
        pris.add(nom)
        noms.append(nom)
    return noms
