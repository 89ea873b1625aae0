"""An invented France: communes, register and answers of each département, in the product's own layout, from a seed.

Every département is drawn from its own stream of the seed, so that a small case is the start of a large one.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from observatoire.registre.construction import SCHEMA
from scripts.bench_estimation import CLASSES, tirer

GRAINE = 20261122
METROPOLE = (*(f"{i:02d}" for i in range(1, 96) if i != 20), "2A", "2B")
OUTRE_MER = ("971", "972", "973", "974", "976")
DEPARTEMENTS = (*sorted(METROPOLE), *OUTRE_MER)
QUESTIONNAIRE = "benevolat"
DISSOUTES, DATEES = 0.12, 0.9
ARRONDISSEMENTS, CANTONS, EPCI = 4, 20, 12
# One respondent in two answers every year, the others once in a while.
FIDELES = 0.5


@dataclass(frozen=True, slots=True)
class Taille:
    """What the whole country holds; a département has its share."""

    communes: int = 35_000
    associations: int = 3_000_000
    vagues: int = 10
    reponses: int = 100_000

    @property
    def annees(self) -> tuple[int, ...]:
        """Years of the waves, the last one complete."""
        return tuple(range(2026 - self.vagues, 2026))


ESSAI = Taille(communes=2_000, associations=40_000, vagues=1, reponses=4_000)


@dataclass(frozen=True)
class Cas:
    """The invented case of one département: what the generator writes and what the product reads."""

    departement: str
    taille: Taille
    dossier: Path

    @property
    def settings(self) -> Settings:
        """Settings of the product for this département, whatever the environment says."""
        return Settings(self.dossier / self.departement, departement=self.departement, memoire=None)

    @property
    def part(self) -> tuple[int, int]:
        """Its rank and how many there are."""
        return DEPARTEMENTS.index(self.departement), len(DEPARTEMENTS)

    @cached_property
    def codes(self) -> list[str]:
        """INSEE codes of its communes: the overseas ones have two digits left for them."""
        rang, _ = self.part
        metropole = min(self.taille.communes // len(DEPARTEMENTS) * 105 // 100, 900)
        if self.departement in OUTRE_MER:
            reste = self.taille.communes - metropole * len(METROPOLE)
            combien = _part(max(reste, 3 * len(OUTRE_MER)), len(OUTRE_MER), rang - len(METROPOLE))
            return [f"{self.departement}{i:02d}" for i in range(1, min(combien, 99) + 1)]
        return [f"{self.departement}{i:03d}" for i in range(1, metropole + 1)]

    def alea(self, quoi: int) -> np.random.Generator:
        """The stream of this département for one kind of thing."""
        return np.random.default_rng([GRAINE, self.part[0], quoi])

    def poids(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Population of each commune."""
        return np.round(self.alea(0).lognormal(6.6, 1.2, len(self.codes))) + 20

    def ecrire(self, enquetes: Mapping[str, Enquete]) -> dict[int, pa.Table]:
        """Write territory and register; returns the answers of each wave, as the warehouse takes them."""
        self.settings.donnees.mkdir(parents=True, exist_ok=True)
        ecrire_territoire(self)
        table = registre(self)
        ecrire_registre(self, table)
        return {annee: vague(self, enquetes[QUESTIONNAIRE], table, annee) for annee in self.taille.annees}


def geographie(dossier: Path) -> Path:
    """Folder of the invented communes of every département."""
    return dossier / "geographie"


def ecrire_territoire(cas: Cas) -> None:
    """The four files that the product reads of a département."""
    racine = geographie(cas.dossier) / cas.departement
    racine.mkdir(parents=True, exist_ok=True)
    d, populations = cas.departement, cas.poids().astype(int)
    rangs = np.arange(len(cas.codes))
    lignes = [
        {
            "code": code, "nom": f"Essai-{code}", "population": int(populations[i]), "codes_postaux": f"{code[:2]}{i % 900 + 100:03d}",
            "code_epci": f"2{cas.part[0]:03d}{i % EPCI:05d}", "code_arrondissement": f"{d}{i % ARRONDISSEMENTS + 1}",
            "code_canton": f"{d}{i % CANTONS + 1:02d}", "anciens_codes": "", "autres_noms": "",
        }
        for i, code in enumerate(cas.codes)
    ]  # fmt: skip
    _csv(racine / "communes.csv", lignes)
    zones = [("departement", d, f"Département {d}", rangs >= 0)]
    for niveau, titre in (("arrondissement", "Arrondissement"), ("epci", "CC"), ("canton", "Canton")):
        codes = np.array([ligne[f"code_{niveau}"] for ligne in lignes])
        zones += [(niveau, str(c), f"{titre} {c}", codes == c) for c in sorted(set(codes))]
    _csv(racine / "territoires.csv", [_zone(d, *zone, populations) for zone in zones])
    _csv(racine / "homonymes.csv", [{"nom": "Aucun"}])
    chemins = {"chemins": {}, "etiquettes": {}}
    contours = {
        "departement": d, "sources": ["Territoire inventé : essai de charge (sans licence)"], "metres_par_unite": 1.0,
        "origine": [0.0, 0.0], "largeur": 1, "hauteur": 1, "viewBox": "0 0 1 1",
        "couches": {"commune": chemins, "epci": chemins},
    }  # fmt: skip
    (racine / "contours.json").write_text(json.dumps(contours, ensure_ascii=False), encoding="utf-8")


def _zone(d: str, niveau: str, code: str, libelle: str, dedans: Any, populations: Any) -> dict[str, Any]:
    habitants, nombre = int(populations[dedans].sum()), int(dedans.sum())
    return {
        "niveau": niveau, "code": code, "libelle": libelle, "population": habitants, "population_ensemble": habitants,
        "nb_communes": nombre, "nb_communes_ensemble": nombre, "note": "", "code_departement": d,
    }  # fmt: skip


def registre(cas: Cas) -> pa.Table:
    """Its share of the register: one association in eight dissolved, one in ten that nothing dates."""
    alea = cas.alea(1)
    n = _part(cas.taille.associations, cas.part[1], cas.part[0])
    chances = cas.poids()
    lieux = alea.choice(len(cas.codes), n, p=chances / chances.sum())
    secteurs = [c.code for c in charger_nomenclature("secteurs").lignes]
    annees = alea.choice([2005, 2018, 2022, 2024], n, p=[0.1, 0.2, 0.4, 0.3])
    prefixe = f"W{cas.part[0]:03d}"
    numeros = np.char.add(prefixe, np.char.zfill(np.arange(n).astype("U6"), 6))
    dates = pa.array([f"{a}-06-01" for a in annees], mask=alea.random(n) >= DATEES)
    vides = dict.fromkeys(SCHEMA.names)
    colonnes: dict[str, Any] = vides | {
        "cle": pa.array(np.char.add("RNA:", numeros).tolist()),
        "rna": pa.array(numeros.tolist()),
        "nom": pa.array([f"Association {x}" for x in numeros]),
        "nom_norme": pa.array([f"association {x.lower()}" for x in numeros.tolist()]),
        "code_commune": pa.array(np.array(cas.codes)[lieux].tolist()),
        "secteur": pa.array(alea.choice(secteurs, n).tolist()),
        "effectif_tranche": pa.array(alea.choice(list(CLASSES), n, p=list(CLASSES.values())).tolist()),
        "etat": pa.array(np.where(alea.random(n) < DISSOUTES, "dissoute", "active").tolist()),
        "sollicitee": pa.array([False] * n),
        "source": pa.array(["rna"] * n),
        "date_declaration": dates,
        "date_creation": dates,
    }
    return pa.table(
        {c: pa.nulls(n, SCHEMA.field(c).type) if v is None else v for c, v in colonnes.items()}
    ).cast(SCHEMA)


def ecrire_registre(cas: Cas, table: pa.Table) -> None:
    """The Parquet of the register."""
    chemin = cas.settings.registre
    chemin.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, chemin, compression="zstd")


def vague(cas: Cas, enquete: Enquete, table: pa.Table, annee: int) -> pa.Table:
    """Typed answers of one year, as a load takes them: fields, year, key, sheet and row."""
    alea = cas.alea(annee)
    actives = np.flatnonzero(np.asarray(table["etat"]) == "active")
    n = min(_part(cas.taille.reponses, cas.part[1], cas.part[0]), len(actives))
    fideles = int(n * FIDELES)
    autres = alea.choice(actives[fideles:], n - fideles, replace=False)
    fiches = table.take(pa.array(np.concatenate([actives[:fideles], autres])))
    colonnes: dict[str, Any] = {
        "millesime": pa.array(np.full(n, annee, dtype=np.int32)),
        "cle_association": fiches["cle"],
        "qualite": pa.nulls(n, pa.string()),
        "feuille": pa.array(["Feuille1"] * n),
        "ligne": pa.array(np.arange(2, n + 2, dtype=np.int32)),
    }
    connus = {"commune": "code_commune", "rna": "rna", "nom_association": "nom"}
    for champ in enquete.champs_actifs():
        if champ.name in connus:
            colonnes[champ.name] = fiches[connus[champ.name]]
        elif champ.name == "annee":
            colonnes[champ.name] = colonnes["millesime"]
        elif champ.nomenclature:
            codes = [c.code for c in charger_nomenclature(champ.nomenclature).lignes]
            colonnes[champ.name] = pa.array(alea.choice(codes, n).tolist())
        elif champ.name != "consentement":
            colonnes[champ.name] = tirer(champ.name, champ.type, type_de(champ).sql, n, annee, alea)
    return pa.table(colonnes)


def _part(total: int, parts: int, rang: int) -> int:
    """Share of `rang` when `total` things are dealt out one by one."""
    return total // parts + (rang < total % parts)


def _csv(chemin: Path, lignes: Iterable[Mapping[str, Any]]) -> None:
    lignes = list(lignes)
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        ecrivain = csv.DictWriter(flux, lignes[0].keys())
        ecrivain.writeheader()
        ecrivain.writerows(lignes)
