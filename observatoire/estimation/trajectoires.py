"""From one year to the next, for the département: repeated surveys and, beside, the same associations.

- `coupes`: each year's weighted figure; the interval is that of the difference, by `Estimate.contrast` of svy
  on both years together, the association being the primary unit: those that answered twice do not count as
  two. Strata are the size classes and no finite population is credited: cautious.
- `panel`: the associations that gave a value in every year, one voice each; what moved is then no longer who
  answered. The panel is one set for all years, so that two panels never differ by one association.

A difference is significant when its interval leaves zero out and nothing broke the series in between. Amounts
in euros are given a second time in euros of the last year (consumer price index, `ipc`). svy 0.35 has no
contrast of medians (no linearised scores): they have no row here.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from observatoire.estimation.intervalles import Vecteur
from observatoire.estimation.ponderation import REPONDANTES, REPRESENTATIF, Demande
from observatoire.estimation.souvenirs import Souvenirs

if TYPE_CHECKING:
    import duckdb

SQL = Path(__file__).with_name("sql")
COUPES, PANEL = "coupes", "panel"
COURANTS, CONSTANTS = "courants", "constants"
ESTIMES = ("total", "ratio", "moyenne", "proportion")
HORS = "hors"
Ligne = dict[str, Any]
# indicateur, year before, year after → why they are not to be compared, or None
Ruptures = Callable[[str, int, int], str | None]

COLONNES = {
    "indicateur": "varchar", "methode": "varchar", "vue": "varchar", "prix": "varchar", "de": "integer",
    "a": "integer", "valeur_avant": "double", "valeur_apres": "double", "difference": "double",
    "borne_basse": "double", "borne_haute": "double", "est_significative": "boolean", "n_avant": "integer",
    "n_apres": "integer", "rupture": "varchar", "statut": "varchar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Regles:
    """What may be shown of a panel: enough associations in it and left out of it, persons, no dominance."""

    min_associations: int
    min_personnes: int
    dominance: float


def evolutions(
    con: duckdb.DuckDBPyConnection,
    demandes: Sequence[Demande],
    regles: Regles,
    ipc: Mapping[int, float],
    monetaires: Sequence[str],
    de_personnes: Sequence[str],
    ruptures: Ruptures,
    memoire: Path | None = None,
    suivi: Callable[[float], None] = lambda part: None,
) -> list[Ligne]:
    """Rows of `COLONNES`, one per indicator, method, kind of euros and pair of following years.

    Reads `unites`, `jeux`, `poids`, `cadre` and `cellules` with its statuses. `ipc`: year → yearly index.
    `monetaires` and `de_personnes`: indicators in euros, and those about persons. A difference needs both
    figures shown; a panel obeys `regles`. What may not be shown has its statut only. `memoire`: folder of the
    differences already worked out; `suivi` is told the share that is done.
    """
    lignes: list[Ligne] = []
    suivies = [d for d in demandes if d.estimateur in ESTIMES and d.vues_ponderees]
    donnees = _Donnees(con, suivies)
    statuts = _statuts_coupes(con)
    souvenirs = Souvenirs(memoire, [Path(__file__).read_bytes(), version("svy").encode()])
    for rang, demande in enumerate(suivies):
        suivi(rang / len(suivies))
        prix = [COURANTS, CONSTANTS] if demande.indicateur in monetaires else [COURANTS]
        for methode in (COUPES, PANEL):
            vagues = donnees.lire(demande.indicateur, methode)
            annees = sorted(vagues)
            for de, a in itertools.pairwise(annees):
                paire = (vagues[de], vagues[a])
                if methode == COUPES:
                    statut = _statut_coupes(statuts, demande, de, a)
                else:
                    hors = [
                        donnees.effectifs[demande.indicateur, annee] - len(vagues[annee]) for annee in (de, a)
                    ]
                    statut = _statut_panel(demande, paire, hors, regles, demande.indicateur in de_personnes)
                for p in prix:
                    deflateurs = _deflateurs(ipc, annees, p)
                    base = {
                        "indicateur": demande.indicateur, "methode": methode, "prix": p, "de": de, "a": a,
                        "vue": REPRESENTATIF if methode == COUPES else REPONDANTES, "statut": statut,
                        "rupture": ruptures(demande.indicateur, de, a),
                    }  # fmt: skip
                    if deflateurs is None:
                        lignes.append(_completer({**base, "statut": "nd"}))
                    elif statut != "ok":
                        lignes.append(_completer(base))
                    else:
                        facteurs = {annee: deflateurs[annee] for annee in (de, a)}
                        lignes.append(_completer(base | _retrouver(souvenirs, demande, paire, facteurs)))
    souvenirs.oublier()
    return lignes


@dataclass(frozen=True, slots=True)
class Vague:
    """One year of an indicator: associations in order, class, weight, value, base; `dedans` without a value is a zero."""

    numero: Vecteur
    classe: Vecteur
    poids: Vecteur
    y: Vecteur
    x: Vecteur
    dedans: Vecteur
    nb_personnes: Vecteur

    def __len__(self) -> int:
        return len(self.numero)


class _Donnees:
    """Values and weights of the indicators followed, read once; reads `unites`, `poids`, `jeux` and `cadre`."""

    def __init__(self, con: duckdb.DuckDBPyConnection, demandes: Sequence[Demande]) -> None:
        con.execute("create or replace temp table suivis (indicateur varchar)")
        if demandes:
            con.executemany("insert into suivis values (?)", [(d.indicateur,) for d in demandes])
        con.execute((SQL / "evolution_valeurs.sql").read_text(encoding="utf-8"))
        self._classes = _codes(
            con.execute("select classe from inscrites order by numero").fetchnumpy()["classe"]
        )
        lus = con.execute(
            "select indicateur, millesime, numero, y, x, nb_personnes from apports order by all"
        ).fetchnumpy()
        self._apports = {
            (str(lus["indicateur"][i]), int(lus["millesime"][i])): {
                c: np.asarray(lus[c][i:j]) for c in ("numero", "y", "x", "nb_personnes")
            }
            for i, j in _tranches(lus["indicateur"], lus["millesime"])
        }
        self.effectifs = {cle: len(v["numero"]) for cle, v in self._apports.items()}
        poids = con.execute(
            "select p.jeu, i.numero, p.poids from poids as p "
            "inner join inscrites as i on p.cle_association = i.cle_association order by all"
        ).fetchnumpy()
        self._poids = {
            int(poids["jeu"][i]): (np.asarray(poids["numero"][i:j]), np.asarray(poids["poids"][i:j]))
            for i, j in _tranches(poids["jeu"])
        }
        jeux = con.execute(
            "select indicateur, millesime, jeu from jeux where vue = $vue", {"vue": REPRESENTATIF}
        ).fetchall()
        self._jeux = {(indicateur, int(annee)): int(jeu) for indicateur, annee, jeu in jeux}
        for table in ("apports", "inscrites", "suivis"):
            con.execute(f"drop table {table}")

    def lire(self, indicateur: str, methode: str) -> dict[int, Vague]:
        """Year → values: of the associations weighed, or of those that have one every year."""
        annees = sorted({a for nom, a in self._jeux.keys() | self._apports.keys() if nom == indicateur})
        if methode == COUPES:
            jeux = {a: self._poids.get(self._jeux.get((indicateur, a), -1)) for a in annees}
            return {a: self._coupe(indicateur, a, *jeu) for a, jeu in jeux.items() if jeu is not None}
        parts = {a: self._apports[indicateur, a] for a in annees if (indicateur, a) in self._apports}
        if not parts:
            return {}
        fideles = functools.reduce(np.intersect1d, (p["numero"] for p in parts.values()))
        return {a: self._panel(part, fideles) for a, part in parts.items()} if len(fideles) else {}

    def _coupe(self, indicateur: str, annee: int, numero: Vecteur, poids: Vecteur) -> Vague:
        part = self._apports.get((indicateur, annee))
        vides = np.zeros(len(numero))
        if part is None:
            return Vague(numero, self._classes[numero], poids, vides, vides, vides.astype(bool), vides)
        place = np.minimum(np.searchsorted(part["numero"], numero), len(part["numero"]) - 1)
        dedans = part["numero"][place] == numero
        y, x, nb = (np.where(dedans, part[c][place], 0.0) for c in ("y", "x", "nb_personnes"))
        return Vague(numero, self._classes[numero], poids, y, x, dedans, nb)

    def _panel(self, part: Mapping[str, Vecteur], fideles: Vecteur) -> Vague:
        ici = np.searchsorted(part["numero"], fideles)
        un = np.ones(len(fideles))
        y, x, nb = (part[c][ici] for c in ("y", "x", "nb_personnes"))
        return Vague(fideles, np.full(len(fideles), -1), un, y, x, un.astype(bool), nb)


def _codes(textes: Any) -> Any:
    """Rank of each text among the distinct ones."""
    tous = np.ma.filled(np.ma.asarray(textes, dtype=object), "").astype(str)
    return np.unique(tous, return_inverse=True)[1]


def _tranches(*cles: Any) -> Iterator[tuple[int, int]]:
    """Start and end of each run of equal keys."""
    nombre = len(cles[0])
    if nombre:
        change = np.logical_or.reduce([np.asarray(c[1:] != c[:-1], dtype=bool) for c in cles])
        bornes = [0, *(np.flatnonzero(change) + 1).tolist(), nombre]
        yield from itertools.pairwise(bornes)


def _retrouver(
    souvenirs: Souvenirs, demande: Demande, paire: tuple[Vague, Vague], facteurs: Mapping[int, float]
) -> Ligne:
    """The difference, worked out unless the very same answers and weights were."""
    colonnes = _empiler(paire)
    nom = souvenirs.nom(
        repr((demande.estimateur, facteurs, [len(v) for v in paire])).encode(),
        *(np.ascontiguousarray(c).tobytes() for c in colonnes.values()),
    )
    connue = souvenirs.lire(nom)
    if connue is None:
        connue = _difference(demande, colonnes, [len(v) for v in paire], facteurs)
        souvenirs.garder(nom, connue)
    return dict(connue)


def _empiler(paire: tuple[Vague, Vague]) -> dict[str, Vecteur]:
    """Both years end to end; associations and classes are numbered within the pair: who else is there does not matter."""
    colonnes = {
        c: np.concatenate([getattr(v, c) for v in paire])
        for c in ("numero", "classe", "poids", "y", "x", "dedans")
    }
    rangs = {c: np.unique(colonnes[c], return_inverse=True)[1] for c in ("numero", "classe")}
    return colonnes | rangs


def _completer(ligne: Ligne) -> Ligne:
    """Every column; what a break of series forbids is not said."""
    complete = {colonne: ligne.get(colonne) for colonne in COLONNES}
    if complete["rupture"]:
        complete["est_significative"] = None
    return complete


def _deflateurs(ipc: Mapping[int, float], annees: Sequence[int], prix: str) -> dict[int, float] | None:
    """Year → factor to the euros of the last year; None when an index is missing."""
    if prix == COURANTS:
        return dict.fromkeys(annees, 1.0)
    if any(annee not in ipc for annee in annees):
        return None
    return {annee: ipc[annees[-1]] / ipc[annee] for annee in annees}


def _difference(
    demande: Demande,
    colonnes: Mapping[str, Vecteur],
    tailles: Sequence[int],
    facteurs: Mapping[int, float],
) -> Ligne:
    """Values, difference and its interval, by svy; `facteurs`: each year and what brings it to the euros wanted."""
    import polars as pl
    import svy

    de, a = facteurs
    annees = np.repeat([str(annee) for annee in facteurs], tailles)
    cumul = pl.DataFrame(
        {
            "association": colonnes["numero"].astype(str),
            "classe": colonnes["classe"].astype(str),
            "poids": colonnes["poids"],
            "y": colonnes["y"] * np.repeat(list(facteurs.values()), tailles),
            "x": colonnes["x"],
            "vague": np.where(colonnes["dedans"], annees, HORS),
        }
    )
    calcul = svy.Sample(cumul, svy.Design(stratum="classe", psu="association", wgt="poids")).estimation
    estimes: Any = (
        calcul.total("y", by="vague") if demande.estimateur == "total" else calcul.ratio("y", "x", by="vague")
    )
    valeurs = {x["vague"]: x for x in estimes.to_polars().iter_rows(named=True)}
    ecart = estimes.contrast({str(de): -1, str(a): 1}).to_polars().row(0, named=True)
    basse, haute = ecart["lci"], ecart["uci"]
    return {
        "valeur_avant": valeurs[str(de)]["est"],
        "valeur_apres": valeurs[str(a)]["est"],
        "difference": ecart["est"],
        "borne_basse": basse,
        "borne_haute": haute,
        "est_significative": bool(basse > 0 or haute < 0),
        "n_avant": valeurs[str(de)]["n"],
        "n_apres": valeurs[str(a)]["n"],
    }


def _statuts_coupes(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, int], str]:
    """Status of the weighted figure of the département, by indicator and year."""
    lignes = con.execute(
        "select indicateur, millesime, case when statut = 'ok' then fiabilite else statut end from cellules "
        "where vue = $vue and niveau = 'departement' and domaine = 'tous' and financeur = 'tous'",
        {"vue": REPRESENTATIF},
    ).fetchall()
    return {(indicateur, int(annee)): statut for indicateur, annee, statut in lignes}


def _statut_coupes(statuts: Mapping[tuple[str, int], str], demande: Demande, de: int, a: int) -> str:
    """`ok` when both figures are shown, else the reason of the first that is not."""
    deux = [statuts[demande.indicateur, n] for n in (de, a) if (demande.indicateur, n) in statuts]
    caches = [s for s in deux if s not in ("ok", "prudence")]
    return "nd" if len(deux) < 2 else (caches or ["ok"])[0]


def _statut_panel(
    demande: Demande, paire: tuple[Vague, Vague], hors: Sequence[int], regles: Regles, personnes: bool
) -> str:
    """`secret` when the panel, or those it leaves `hors` of a published figure, are too few or dominated."""
    for lot, dehors in zip(paire, hors, strict=True):
        if len(lot) < regles.min_associations or 0 < dehors < regles.min_associations:
            return "secret"
        if personnes and lot.nb_personnes.sum() < regles.min_personnes:
            return "secret"
        for montants in (lot.y,) if demande.estimateur == "total" else (lot.y, lot.x):
            if np.abs(montants).max() > regles.dominance * np.abs(montants).sum() > 0:
                return "secret"
    return "ok"


def indices(con: duckdb.DuckDBPyConnection) -> dict[int, float]:
    """Yearly price index by year, from `ref.parametres`."""
    return dict(_annuels(con))


def _annuels(con: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, float]]:
    requete = (
        "select year(cast(valable_du as date)), cast(valeur as double) from ref.parametres where id = 'ipc'"
    )
    for annee, valeur in con.execute(requete).fetchall():
        yield int(annee), float(valeur)
