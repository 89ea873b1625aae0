"""The views of the figures: what the weighting is asked for, and the tables that tell how it went."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from observatoire.domain.rupture import entre, load_ruptures
from observatoire.estimation.cadre import SANS_CADRE, Cadre, effectifs, poser_cadre
from observatoire.estimation.estimer import completer_cellules, estimer
from observatoire.estimation.poids import CONSTANTES as CONSTANTES_POIDS
from observatoire.estimation.ponderation import Demande, Redressement, attendre, ponderer
from observatoire.estimation.representativite import (
    COLONNES_CARTE,
    COLONNES_JOURNAL,
    COLONNES_SYNTHESE,
    ENSEMBLE,
    journal,
    representativite,
    synthese,
)
from observatoire.estimation.trajectoires import COLONNES as COLONNES_EVOLUTIONS
from observatoire.estimation.trajectoires import Regles, evolutions, indices
from observatoire.indicators.catalogue import Carte
from observatoire.indicators.valeurs import bases

TEMOIN = "nb_associations_repondantes"
CONSTANTES = (
    *CONSTANTES_POIDS, "cadre_subvention_ans", "cadre_declaration_ans", "cadre_silence_ans", "cv_prudence",
    "cv_non_publie", "non_reponse_prudence", "non_reponse_inutilisable",
)  # fmt: skip
PART, EURO = "part", "€"
Table = tuple[Sequence[Mapping[str, Any]], Mapping[str, str]]
# Told the share of a step that is done.
Part = Callable[[float], None]
_TABLE = re.compile(r"\b(courant\.\w+|base_\w+)")
# Tables that place, date or describe an association, whatever the question.
CONTEXTE = {"base_identites", "base_situation", "base_reponses", "base_refus", "base_parametres"}
FICHE = "associations"


def _muet(part: float) -> None:
    """Progress for nobody."""


def demandes(cartes: Collection[Carte]) -> tuple[Demande, ...]:
    """What each card asks of the weighting; a view it may not have is never computed."""
    return tuple(
        Demande(
            indicateur=carte.nom,
            estimateur=carte.estimateur,
            vues=carte.vues_permises,
            est_de_toutes=carte.est_attendue_de_toutes and carte.secret != "aucun",
            est_part=carte.unite == PART,
            questionnaires=questionnaires(carte.sql),
        )
        for carte in cartes
    )


def questionnaires(sql: str) -> tuple[str, ...]:
    """Questionnaires that a query reads, the base tables followed; the card of the association only when alone."""
    lues: set[str] = set()
    restent, vues = [sql], set[str]()
    while restent:
        for table in _TABLE.findall(restent.pop()):
            if table.startswith("courant."):
                lues.add(table.removeprefix("courant."))
            elif table not in CONTEXTE and table not in vues:
                vues.add(table)
                restent.append(bases().get(table, ""))
    return tuple(sorted(lues - {FICHE, "subventions"} or lues & {FICHE}))


def peser_cellules(
    con: duckdb.DuckDBPyConnection,
    cartes: Collection[Carte],
    registre: Path | None,
    constantes: Mapping[str, float],
    suivis: tuple[Part, Part] = (_muet, _muet),
    memoire: Path | None = None,
) -> tuple[Cadre, Redressement]:
    """Add the weighted views to `cellules`; without a register, their columns only.

    `registre` is the Parquet of the register (docs/registre.md). Needs `unites`, `cellules` and the base tables.
    `suivis` are told the share done of the weights, then of the estimates. `memoire`: folder of the weights
    already worked out.
    """
    suivi_poids, suivi_estimations = suivis
    voulues = demandes(cartes)
    cadre = poser_cadre(con, registre, constantes)
    effectifs(con)
    attendre(con, (ENSEMBLE, *voulues))
    bilan = ponderer(con, (ENSEMBLE, *voulues), constantes, suivi_poids, memoire)
    estimer(con, voulues, constantes, suivi_estimations)
    completer_cellules(con)
    return (SANS_CADRE if cadre.est_vide else cadre), bilan


def poids_d_un_indicateur(
    con: duckdb.DuckDBPyConnection,
    carte: Carte,
    vue: str,
    annee: int,
    registre: Path,
    constantes: Mapping[str, float],
    memoire: Path | None = None,
) -> dict[str, float]:
    """Weight of each association in one view of one indicator, the budget counted in; needs `unites` and the bases."""
    voulues = demandes([carte])
    poser_cadre(con, registre, constantes)
    attendre(con, voulues)
    ponderer(con, voulues, constantes, memoire=memoire)
    lignes = con.execute(
        "select p.cle_association, p.poids * p.facteur from jeux as j inner join poids as p on j.jeu = p.jeu "
        "where j.indicateur = $nom and j.vue = $vue and p.millesime = $annee",
        {"nom": carte.nom, "vue": vue, "annee": annee},
    ).fetchall()
    return dict(lignes)


def tables_du_redressement(
    con: duckdb.DuckDBPyConnection,
    cartes: Collection[Carte],
    redresse: tuple[Cadre, Redressement],
    constantes: Mapping[str, float],
    minimum: int,
    *,
    memoire: Path | None = None,
    suivi: Part = _muet,
) -> dict[str, Table]:
    """Tables that a publication adds about the weighting: name → rows, and type of each column.

    Once the secret is applied: `representativite`, `redressement` (one row per year), `redressement_journal`
    and `evolutions`. `minimum`: fewest associations that may be shown. `memoire`: folder of the differences
    already worked out.
    """
    cadre, bilan = redresse
    presences = representativite(con, TEMOIN, minimum)
    suivies = evolutions(
        con,
        demandes(cartes),
        Regles(minimum, int(constantes["secret_min_personnes"]), constantes["secret_dominance"]),
        indices(con),
        [c.nom for c in cartes if c.unite.startswith(EURO)],
        [c.nom for c in cartes if c.secret == "personnes"],
        partial(entre, load_ruptures()),
        memoire,
        suivi,
    )
    return {
        "representativite": (presences, COLONNES_CARTE),
        "redressement": (synthese(con, cadre, bilan, presences), COLONNES_SYNTHESE),
        "redressement_journal": (journal(con, bilan), COLONNES_JOURNAL),
        "evolutions": (suivies, COLONNES_EVOLUTIONS),
    }
