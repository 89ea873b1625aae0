"""Which answers each figure weighs, and their weights: one weighting per distinct set of associations.

A question that every respondent should answer (a total) is weighted on those that gave a value: leaving it
out is one more non-response. A question that concerns some only (a ratio, a proportion) is weighted on those
that answered its questionnaire. `poids_economique` asks in addition for a known budget. Indicators that rest
on the same associations share their weights.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatoire.estimation.groupes import MargeVide, Operation
from observatoire.estimation.poids import Pesee, Regles, peser
from observatoire.estimation.souvenirs import Souvenirs

if TYPE_CHECKING:
    import duckdb
    import polars as pl

SQL = Path(__file__).with_name("sql")
REPONDANTES, REPRESENTATIF, POIDS_ECONOMIQUE = "repondantes", "representatif", "poids_economique"
ESTIMES = ("total", "ratio", "moyenne", "proportion", "mediane")
CONCERNEES = "concernees"
# The code that decides of the weights; a change there forgets all.
_CODE = ("calage", "groupes", "intervalles", "poids", "ponderation")


@dataclass(frozen=True, slots=True)
class Demande:
    """An indicator to weigh.

    `vues`: those it may have. `est_de_toutes`: an absence of value is a missing answer. `est_part`: between 0
    and 1. `questionnaires`: those its query reads.
    """

    indicateur: str
    estimateur: str
    vues: Sequence[str]
    est_de_toutes: bool = False
    est_part: bool = False
    questionnaires: Sequence[str] = ()

    @property
    def vues_ponderees(self) -> tuple[str, ...]:
        """Views that need weights."""
        return tuple(v for v in self.vues if v != REPONDANTES) if self.estimateur in ESTIMES else ()


@dataclass(slots=True)
class Redressement:
    """Every weighting of a publication by number, and the years (or sets) that could not be weighted."""

    pesees: dict[int, Pesee] = field(default_factory=dict)
    refus: dict[int, str] = field(default_factory=dict)


def attendre(con: duckdb.DuckDBPyConnection, demandes: Sequence[Demande]) -> None:
    """Make `attendues` (who should have answered each indicator) and `non_reponses` (the rate of absences).

    Reads `unites`, `base_reponses` and `base_refus`. Of the questionnaires that the query reads, the one is
    kept that all the associations with a value answered and the fewest others. `non_reponses`: indicateur,
    millesime, n_attendues, n_obtenues, taux (0–1), only for the questions asked to all.
    """
    con.execute(
        "create or replace temp table demandes (indicateur varchar, est_de_toutes boolean, questionnaire varchar)"
    )
    con.executemany(
        "insert into demandes values (?, ?, ?)",
        [(d.indicateur, d.est_de_toutes, q) for d in demandes for q in d.questionnaires or (None,)],
    )
    for nom in ("attendues", "non_reponses"):
        con.execute(_requete(nom))


def ponderer(
    con: duckdb.DuckDBPyConnection,
    demandes: Sequence[Demande],
    constantes: Mapping[str, float],
    suivi: Callable[[float], None] = lambda part: None,
    memoire: Path | None = None,
) -> Redressement:
    """Make `jeux` (indicateur, vue, millesime, jeu) and `poids`; needs `attendues`, `cadre` and `unites`.

    `poids`: one row per set, association and year: jeu, vue, cle_association, millesime, poids (for the low
    count of the frame), poids_haut (for the high one), facteur (the budget in the economic view, else 1),
    strate, n_strate, taille_strate, taille_haute, marge_epci. A year without a frame, or that no weight can speak for,
    has no row: `Redressement.refus` says why. `suivi` is told the share that is done. `memoire`:
    private folder of the weights already worked out.
    """
    con.execute("create or replace temp table vues_demandees (indicateur varchar, vue varchar)")
    couples = [(d.indicateur, vue) for d in demandes for vue in d.vues_ponderees]
    if couples:
        con.executemany("insert into vues_demandees values (?, ?)", couples)
    con.execute(_requete("jeux"))
    con.execute(_requete("poids_vide"))
    ici = Path(__file__).parent
    code = [(ici / f"{nom}.py").read_bytes() for nom in _CODE]
    souvenirs = Souvenirs(memoire, [*code, version("svy").encode(), version("polars").encode()])
    bilan = _peser_tous(con, Regles.lire(constantes), souvenirs, suivi)
    souvenirs.oublier()
    return bilan


def _peser_tous(
    con: duckdb.DuckDBPyConnection, regles: Regles, souvenirs: Souvenirs, suivi: Callable[[float], None]
) -> Redressement:
    bilan = Redressement()
    jeux = con.execute("select jeu, millesime from jeux group by all order by millesime, jeu").fetchall()
    cadre, annee_lue, empreinte = None, None, b""
    for rang, (jeu, annee) in enumerate(jeux):
        suivi(rang / len(jeux))
        if cadre is None or annee != annee_lue:
            cadre, annee_lue = con.execute(_requete("cadre_annee"), {"millesime": annee}).pl(), annee
            empreinte = cadre.write_csv().encode()
        membres = [
            cle
            for (cle,) in con.execute(
                "select cle_association from membres where jeu = $jeu order by cle_association", {"jeu": jeu}
            ).fetchall()
        ]
        try:
            pesee = _retrouver(souvenirs, cadre, empreinte, membres, regles)
        except MargeVide as vide:
            bilan.refus[jeu] = str(vide)
            continue
        bilan.pesees[jeu] = pesee
        con.register("pesee", pesee.poids.to_arrow())
        con.execute(_requete("poids"), {"jeu": jeu, "millesime": annee})
        con.unregister("pesee")
    return bilan


def _retrouver(
    souvenirs: Souvenirs, cadre: pl.DataFrame, empreinte: bytes, membres: Sequence[str], regles: Regles
) -> Pesee:
    """The weights of these associations in this frame, worked out unless they were."""
    import polars as pl

    nom = souvenirs.nom(repr(regles).encode(), empreinte, "\n".join(membres).encode())
    connue: dict[str, Any] | None = souvenirs.lire(nom)
    if connue is None:
        pesee = peser(cadre, membres, regles)
        nombres = {n: getattr(pesee, n) for n in ("n", "n_bas", "n_haut", "n_efficace")}
        journal = [(o.etape, o.groupe, o.vers, o.raison) for o in pesee.journal]
        contenu = {
            "poids": pesee.poids.to_dict(as_series=False),
            "journal": journal,
            "marges": list(pesee.marges),
        }
        souvenirs.garder(nom, contenu | nombres)
        return pesee
    connue["poids"] = pl.DataFrame(connue["poids"], schema_overrides={"marge_epci": pl.String})
    connue["journal"] = tuple(Operation(*o) for o in connue["journal"])
    return Pesee(**connue)


def _requete(nom: str) -> str:
    return (SQL / f"{nom}.sql").read_text(encoding="utf-8")
