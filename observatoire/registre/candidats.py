"""Which rows of the register may be the one asked for: shared rare words, found in DuckDB."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa
from rapidfuzz import process
from rapidfuzz.distance import OSA

from observatoire.registre.alignement import SEUIL_MOT
from observatoire.registre.noms import initiales, mots, normaliser

FREQUENT = 400  # a word in more names than that finds candidates in the commune asked for only
RETENUS = 15  # candidates rescored for one name
VOISINS = 4  # words of the register tried for a word it does not know
PART_MIN = 0.35  # a candidate that shares less than that of what the best one shares is not rescored
BONUS_COMMUNE = 4000  # thousandths
INCONNU = 5.0  # weight of a long word that the register does not have: a rare word, or a slip of the keyboard
_COLONNES = "cle, nom, nom_norme, sigle, code_commune, libelle_commune, etat"
Registre: TypeAlias = "Path | pa.Table"


@dataclass(frozen=True, slots=True, eq=False)
class Fiche:
    """One association of the register, as the comparison needs it."""

    vers: str
    nom: str
    mots: tuple[str, ...]
    sigles: frozenset[str]
    commune: str | None
    libelle: str | None
    lieu: frozenset[str]
    etat: str


class Index:
    """The register in memory, and how rare its words are. `vers` orders it: the same at every run."""

    def __init__(self, con: duckdb.DuckDBPyConnection, registre: Registre) -> None:
        source = "read_parquet(?)" if isinstance(registre, Path) else "registre_lu"
        if not isinstance(registre, Path):
            con.register("registre_lu", registre)
        requete = f"select {_COLONNES} from {source} order by cle"
        lignes = con.execute(requete, [str(registre)] if isinstance(registre, Path) else []).fetchall()
        if not isinstance(registre, Path):
            con.unregister("registre_lu")
        self.fiches = [_fiche(*ligne) for ligne in lignes]
        self.frequences: dict[str, int] = {}
        for fiche in self.fiches:
            for mot in fiche.mots:
                self.frequences[mot] = self.frequences.get(mot, 0) + 1
        self.vocabulaire = sorted(self.frequences)
        self.lieux = {f.commune: f.lieu for f in self.fiches if f.commune}
        noms: dict[str, set[str]] = {}
        for fiche in self.fiches:
            if fiche.commune and fiche.libelle:
                noms.setdefault(normaliser(fiche.libelle), set()).add(fiche.commune)
        self._codes = {nom: min(codes) for nom, codes in noms.items() if len(codes) == 1}
        self._poids = {m: math.log(1 + len(self.fiches) / n) for m, n in self.frequences.items()}
        self.sigle = math.log(1 + len(self.fiches)) if self.fiches else 1.0

    def code(self, commune: str | None) -> str | None:
        """The code of the commune that bears this name in the register; None when unknown or ambiguous."""
        return self._codes.get(normaliser(commune)) if commune else None

    def poids(self, mot: str) -> float:
        """How much a word tells: the rarer, the more."""
        connu = self._poids.get(mot)
        if connu is None:
            connu = self._poids[mot] = INCONNU * min(1.0, len(mot) / 6)
        return connu


def _fiche(
    cle: str, nom: str, norme: str, sigle: str | None, code: str | None, libelle: str | None, etat: str
) -> Fiche:
    sigles = initiales(norme) | ({s} if sigle and (s := "".join(mots(sigle))) else set())
    lieu = frozenset(mots(libelle)) | {code[:2]} if libelle and code else frozenset()
    return Fiche(cle, nom, tuple(norme.split()), frozenset(sigles), code, libelle, lieu, etat)


def reparer(index: Index, inconnus: Sequence[str]) -> dict[str, list[tuple[str, float]]]:
    """For each word that the register does not have, the nearest words that it has, best first."""
    reparations: dict[str, list[tuple[str, float]]] = {}
    par_longueur: dict[int, list[str]] = {}
    for mot in index.vocabulaire:
        par_longueur.setdefault(len(mot), []).append(mot)
    for mot in inconnus:
        n = len(mot)
        if n < 4 or mot.isdigit():
            continue
        ecart = int(n * (1 - SEUIL_MOT)) + 1
        cibles = [m for k in range(n - ecart, n + ecart + 1) for m in par_longueur.get(k, ())]
        trouves = process.extract(
            mot, cibles, scorer=OSA.normalized_similarity, limit=None, score_cutoff=SEUIL_MOT
        )
        proches = sorted(((m, note) for m, note, _ in trouves), key=lambda t: (-t[1], t[0]))[:VOISINS]
        reparations[mot] = proches + _separer(index, mot)
    return reparations


def _separer(index: Index, mot: str) -> list[tuple[str, float]]:
    """Both halves of two words stuck together, or the start of longer words."""
    moities = [
        m
        for i in range(3, len(mot) - 2)
        if mot[:i] in index.frequences and mot[i:] in index.frequences
        for m in (mot[:i], mot[i:])
    ]
    return [(m, 0.9) for m in dict.fromkeys(moities)]


def chercher(
    con: duckdb.DuckDBPyConnection, index: Index, demandes: Sequence[tuple[tuple[str, ...], str | None]]
) -> list[list[int]]:
    """Ranks in `index.fiches` of the candidates of each (words, commune), most promising first."""
    _poser_registre(con, index)
    uniques = sorted({m for liste, _ in demandes for m in liste})
    reparations = reparer(index, [m for m in uniques if m not in index.frequences])
    rangs: list[int] = []
    noms: list[str] = []
    poids: list[float] = []
    for rang, (liste, commune) in enumerate(demandes):
        lieu = index.lieux.get(commune or "", frozenset())
        # The commune finds everybody there: its words count when there are no others.
        for mot in [m for m in liste if m not in lieu] or liste:
            for variante, note in [(mot, 1.0), *reparations.get(mot, ())]:
                rangs.append(rang)
                noms.append(variante)
                poids.append(round(index.poids(variante) * note, 6))
            if len(liste) <= 2 and 3 <= len(mot) <= 10:
                rangs.append(rang)
                noms.append(f"§{mot}")
                poids.append(index.sigle)
    table = pa.table(
        {"rang": pa.array(rangs, pa.int32()), "mot": noms, "poids": pa.array(poids, pa.float64())}
    )
    communes = pa.table(
        {
            "rang": pa.array(range(len(demandes)), pa.int32()),
            "commune": pa.array([c for _, c in demandes], pa.string()),
        }
    )
    con.register("mots_demandes_lus", table)
    con.register("demandes_lues", communes)
    try:
        lignes = con.execute(_CANDIDATS, [FREQUENT, BONUS_COMMUNE, RETENUS, PART_MIN]).fetchall()
    finally:
        for nom in ("mots_demandes_lus", "demandes_lues"):
            con.unregister(nom)
        con.execute("drop table mots_registre")
    trouves: list[list[int]] = [[] for _ in demandes]
    for rang, fiche in lignes:
        trouves[rang].append(fiche)
    return trouves


# Weights are summed as whole thousandths: the sum does not depend on the order of the threads.
_CANDIDATS = """
with mots_demandes as (
    select rang, mot, max(poids) as poids from mots_demandes_lus group by rang, mot
),
paires as (
    select d.rang, r.fiche, bool_or(r.commune = c.commune) as ici,
        sum(cast(round(d.poids * 1000) as bigint)) as total
    from mots_demandes as d
    inner join demandes_lues as c on d.rang = c.rang
    inner join mots_registre as r on d.mot = r.mot
    where r.frequence <= ? or r.commune = c.commune
    group by d.rang, r.fiche
),
notes as (
    select rang, fiche, total + case when ici then ? else 0 end as note from paires
)
select rang, fiche from notes
qualify row_number() over (partition by rang order by note desc, fiche) <= ?
    and note >= ? * max(note) over (partition by rang)
order by rang, note desc, fiche"""


def _poser_registre(con: duckdb.DuckDBPyConnection, index: Index) -> None:
    fiches: list[int] = []
    noms: list[str] = []
    communes: list[str | None] = []
    for rang, fiche in enumerate(index.fiches):
        for mot in {*fiche.mots, *(f"§{s}" for s in fiche.sigles)}:
            fiches.append(rang)
            noms.append(mot)
            communes.append(fiche.commune)
    lue = pa.table(
        {"fiche": pa.array(fiches, pa.int32()), "mot": noms, "commune": pa.array(communes, pa.string())}
    )
    con.register("mots_registre_lus", lue)
    con.execute("""
        create or replace temp table mots_registre as
        select fiche, mot, commune, count(*) over (partition by mot) as frequence from mots_registre_lus""")
    con.unregister("mots_registre_lus")
