"""The invented register of the demonstration: who could have answered, in the layouts of the RNA and of Sirene.

The associations of the demonstration that have a number are in it, among others that never answered. These are
a little smaller and more rural: what the weighting then sets right can be seen on the pages.
"""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from functools import cache

from demonstration_population import (
    ANNEES,
    BLOC_SIREN,
    COMMUNES,
    CONTENU,
    Association,
    alea,
    de,
    lire_csv,
    siret_invente,
    tirer,
)

from observatoire.registre.tri import secteurs_rna

NB_AUTRES = 1_300
PART_EMPLOYEUSES = 0.1
BLOC_RNA = "W778{:06d}"  # no greffe is numbered 778 either
PREMIER_SIREN = 6_000
TRANCHES = {"01": 46, "02": 24, "03": 13, "11": 11, "12": 5, "21": 1}
# Number of employees up to which each code of Sirene goes.
BORNES = {2: "01", 5: "02", 9: "03", 19: "11", 49: "12", 99: "21", 199: "22"}
FICHIERS = {"rna": "registre-rna.csv", "sirene": "registre-sirene.csv"}
NAF = {
    "sport": "93.12Z", "culture": "90.01Z", "education": "85.59B", "sante": "86.90F", "social": "88.99B",
    "loisirs": "79.90Z", "economie": "78.10Z", "droits": "94.91Z",
}  # fmt: skip
TITRES_RNA = (
    "id", "siret", "titre", "objet_social1", "date_creat", "date_decla", "adrs_codeinsee", "adrs_codepostal",
    "adrs_libcommune", "position", "date_disso",
)  # fmt: skip
TITRES_SIRENE = (
    "siren", "siret", "denominationUniteLegale", "identifiantAssociationUniteLegale",
    "categorieJuridiqueUniteLegale", "trancheEffectifsUniteLegale", "activitePrincipaleUniteLegale",
    "codeCommuneEtablissement", "codePostalEtablissement", "libelleCommuneEtablissement",
    "etatAdministratifUniteLegale", "etablissementSiege",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inscrite:
    """One row of the register: `tranche` is the code of Sirene, empty without staff; `declaree` a year."""

    nom: str
    rna: str | None
    siret: str | None
    commune: dict[str, str]
    secteur: str
    tranche: str
    creee: int
    declaree: int


def inscrites(associations: list[Association]) -> list[Inscrite]:
    """The associations of the demonstration, then the others, under names of their own."""
    connues = [_connue(alea(f"registre-{a.nom}"), a) for a in associations if a.rna or a.siret]
    return connues + _autres(alea("registre"), {a.nom for a in associations})


def _connue(rng: random.Random, a: Association) -> Inscrite:
    salaries = max((a.reponses["emploi", annee].get("nb_salaries") or 0 for annee in ANNEES), default=0)
    tranche = next((code for borne, code in BORNES.items() if salaries <= borne), "31")
    creee = a.reponses["associations", ANNEES[-1]]["annee_creation"]
    tranche = tranche if a.employeuse and a.siret else ""
    return Inscrite(a.nom, a.rna, a.siret, a.commune, a.secteur, tranche, creee, _declaree(rng, creee))


def _declaree(rng: random.Random, creee: int) -> int:
    """Year of the last declaration: most associations declare something every few years, some forget."""
    return max(creee, ANNEES[-1] - (rng.randint(0, 4) if rng.random() < 0.78 else rng.randint(5, 15)))


def _autres(rng: random.Random, pris: set[str]) -> list[Inscrite]:
    communes = lire_csv(COMMUNES)
    chances = [int(c["population"]) ** 0.85 for c in communes]  # a little more rural than those that answer
    secteurs = {s: fiche["poids"] + 12 for s, fiche in CONTENU["secteurs"].items()}
    lignes: list[Inscrite] = []
    while len(lignes) < NB_AUTRES:
        secteur = tirer(rng, secteurs)
        lieu = rng.choice(CONTENU["lieux"])
        nom = rng.choice(CONTENU["secteurs"][secteur]["modeles"]).format(lieu=lieu, de=de(lieu))
        if nom in pris:
            continue
        pris.add(nom)
        rang = len(lignes)
        employeuse = rng.random() < PART_EMPLOYEUSES
        siret = siret_invente(BLOC_SIREN, PREMIER_SIREN + rang) if employeuse or rng.random() < 0.2 else None
        creee = 2023 - int(min(rng.expovariate(1 / 17), 110))
        lignes.append(
            Inscrite(
                nom, BLOC_RNA.format(100_000 + 137 * rang), siret, rng.choices(communes, chances)[0], secteur,
                tirer(rng, TRANCHES) if employeuse else "", creee, _declaree(rng, creee),
            )
        )  # fmt: skip
    return lignes


@cache
def _objets() -> dict[str, str]:
    """Sector → a family of the RNA that says it."""
    return {secteur: famille for famille, secteur in reversed(list(secteurs_rna().items()))}


def rna(lignes: list[Inscrite]) -> str:
    """The register as a file « waldec »."""
    return _csv(
        TITRES_RNA,
        [
            (
                x.rna, x.siret or "", x.nom, f"{_objets()[x.secteur]}000", f"{x.creee}-01-15",
                f"{x.declaree}-06-01", x.commune["code"], x.commune["codes_postaux"].split()[0],
                x.commune["nom"].upper(), "A", "0001-01-01",
            )
            for x in lignes if x.rna
        ],
    )  # fmt: skip


def sirene(lignes: list[Inscrite]) -> str:
    """Those that have a SIRET, as an extract of Sirene."""
    return _csv(
        TITRES_SIRENE,
        [
            (
                x.siret[:9], x.siret, x.nom.upper(), x.rna or "", "9220", x.tranche or "NN",
                NAF.get(x.secteur, "94.99Z"), x.commune["code"], x.commune["codes_postaux"].split()[0],
                x.commune["nom"].upper(), "A", "true",
            )
            for x in lignes if x.siret
        ],
    )  # fmt: skip


def _csv(titres: tuple[str, ...], lignes: list[tuple[str, ...]]) -> str:
    sortie = io.StringIO(newline="")
    ecrivain = csv.writer(sortie, delimiter=";", lineterminator="\n", quoting=csv.QUOTE_ALL)
    ecrivain.writerow(titres)
    ecrivain.writerows(lignes)
    return sortie.getvalue()
