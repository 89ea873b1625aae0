"""Weighted estimates of every cell, with interval and reliability, in the views an indicator may have.

The sums, the medians and their variances are those of svy, worked out by `sommes.py` (svy needs 0.2 to 0.5 s for
one indicator over the communes, and there are thousands of domains). What to know of svy 0.35 to read these figures:
- degrees of freedom of a domain: its answers less the groups it meets; none left gives no interval. Money is
  made by a few groups, so ours are the smaller of that and Satterthwaite's, (ΣV_h)² / Σ(V_h² / (n_h − 1));
- its Wilson interval is empty at 0 and 100 %, and uses Student's quantile: ours is the plain one, on the size
  that the standard error of svy is worth (`intervalles.taille_du_plan`);
- `median` returns an observed value (« higher »), and its interval need not be centred on it;
- `by=` gives no row to an empty domain, and a null in `by` is a level of its own.

Whom the figures speak for: the value and the low bound of a total use the low count of the frame, its high
bound the high count (cadre.py). The low bound of a total never falls below what was declared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from observatoire.estimation.intervalles import (
    Vecteur,
    fiabilite,
    symetrique,
    taille_corrigee,
    taille_du_plan,
    taille_efficace,
    wilson,
)
from observatoire.estimation.ponderation import Demande
from observatoire.estimation.sommes import Lignes, Monde, medianes, poser_valeurs, sommer

if TYPE_CHECKING:
    import duckdb

SQL = Path(__file__).with_name("sql")
CLES = ("millesime", "niveau", "code", "domaine")
ESTIMATION = ("valeur", "basse", "haute", "cv", "fiabilite")


def estimer(
    con: duckdb.DuckDBPyConnection,
    demandes: Sequence[Demande],
    constantes: Mapping[str, float],
    suivi: Callable[[float], None] = lambda part: None,
) -> int:
    """Make `estimations`: one row per indicator, view, year, zone and sector with an answer; returns how many.

    Columns: indicateur, vue, millesime, niveau, code, domaine, valeur, basse, haute, cv, fiabilite (ok,
    prudence, non_publie). Reads `unites`, `poids`, `jeux`, `zones`, `rattachements`, `non_reponses`. `suivi`
    is told the share that is done.
    """
    con.execute(_requete("estimations_vide"))
    poser_valeurs(con)
    monde = Monde(con)
    nombre = 0
    for rang, demande in enumerate(demandes, 1):
        for vue in demande.vues_ponderees:
            lignes = monde.lignes(demande.indicateur, vue)
            estimees = None if lignes is None else _estimer(monde, demande, lignes, constantes)
            if estimees is not None:
                nombre += _ajouter(con, demande, vue, estimees)
        suivi(rang / len(demandes))
    con.execute(
        _requete("fiabilites"),
        {
            "prudence_au_dela": constantes["non_reponse_prudence"],
            "inutilisable_au_dela": constantes["non_reponse_inutilisable"],
        },
    )
    con.execute(_requete("estimations_non_reponse"))
    return nombre


def completer_cellules(con: duckdb.DuckDBPyConnection) -> None:
    """Give `cellules` the columns vue, cv, fiabilite, taux_reponse, and a row per cell of the other views.

    These rows repeat the counts of their cell (n, nb_personnes, part_max, taille): the secret counts who
    answered, never weights, and masks all the views of a cell together.
    """
    con.execute(_requete("cellules_vues"))


def _estimer(
    monde: Monde, demande: Demande, lignes: Lignes, constantes: Mapping[str, float]
) -> dict[str, Any] | None:
    """Columns of `estimations` of one indicator in one view."""
    if demande.estimateur == "mediane":
        trouvees = medianes(monde, lignes, int(constantes["poids_min_groupe"]))
        if trouvees is None:
            return None
        cv = _cv(trouvees["ecart"], np.abs(trouvees["valeur"]))
        return trouvees | {"cv": cv, "fiabilite": fiabilite(cv, trouvees["n"], constantes)}
    s = sommer(monde, lignes)
    if demande.estimateur == "total":
        valeur, cv, basse, haute = total(s)
    elif demande.estimateur == "proportion":
        valeur, cv, basse, haute = proportion(s)
    else:
        valeur, cv, basse, haute = rapport(s, est_part=demande.est_part)
    estimees = {"valeur": valeur, "basse": basse, "haute": haute, "cv": cv}
    return {c: s[c] for c in CLES} | estimees | {"fiabilite": fiabilite(cv, s["n"], constantes)}


def total(s: Mapping[str, Vecteur]) -> tuple[Vecteur, Vecteur, Vecteur, Vecteur]:
    """Value, coefficient of variation and bounds of totals, from the sums of `sommes.py`."""
    ecart = np.sqrt(np.maximum(s["v_total"], 0))
    ddl = _ddl(s, "total")
    basse, _ = symetrique(s["total"], ecart, ddl)
    _, haute = symetrique(s["total_haut"], np.sqrt(np.maximum(s["v_haut"], 0)), ddl)
    basse = np.where(s["y_min"] >= 0, np.maximum(basse, s["y"]), basse)
    return s["total"], _cv(ecart, np.abs(s["total"])), np.minimum(basse, s["total"]), haute


def rapport(s: Mapping[str, Vecteur], *, est_part: bool) -> tuple[Vecteur, Vecteur, Vecteur, Vecteur]:
    """The same for ratios and means. A share (0–1) is bounded, and judged on the larger of p and 1 − p."""
    r, ecart = s["rapport"], np.sqrt(np.maximum(s["v_rapport"], 0))
    basse, haute = symetrique(r, ecart, _ddl(s, "rapport"))
    if not est_part:
        return r, _cv(ecart, np.abs(r)), basse, haute
    return r, _cv(ecart, np.maximum(r, 1 - r)), np.clip(basse, 0, 1), np.clip(haute, 0, 1)


def proportion(s: Mapping[str, Vecteur]) -> tuple[Vecteur, Vecteur, Vecteur, Vecteur]:
    """The same for proportions: Wilson on the size its variance is worth, Kish's at 0 and 100 %.

    Its coefficient is that of the larger of p and 1 − p: an interval of ± 2 points around 3 % can be read.
    """
    p, ecart = np.clip(s["rapport"], 0, 1), np.sqrt(np.maximum(s["v_rapport"], 0))
    du_plan = taille_du_plan(p, ecart, s["n"])
    kish = taille_corrigee(taille_efficace(s["base"], s["base_carres"]), s["w"])
    taille = np.where(np.isnan(du_plan), kish, du_plan)
    basse, haute = wilson(p, taille)
    basse, haute = np.minimum(basse, p), np.maximum(haute, p)
    ecart = np.where(np.isnan(du_plan), (haute - basse) / 2 / 1.96, ecart)
    ecart = np.where(np.isnan(s["v_rapport"]), np.nan, ecart)
    return p, _cv(ecart, np.maximum(p, 1 - p)), basse, haute


def _ddl(s: Mapping[str, Vecteur], genre: str) -> Vecteur:
    """Degrees of freedom: the smaller of svy's and Satterthwaite's."""
    carres, v = s[f"v2_{genre}"], s[f"v_{genre}"]
    satterthwaite = np.divide(v * v, carres, out=np.full(v.shape, np.inf), where=carres > 0)
    return np.minimum(s["ddl"], satterthwaite)


def _cv(ecart: Vecteur, reference: Vecteur) -> Vecteur:
    """Standard error over the value; 0 when nothing varies, unknown when the value alone is zero."""
    quotient = np.divide(ecart, reference, out=np.full(ecart.shape, np.nan), where=reference > 0)
    return np.where((ecart == 0) & ~np.isnan(reference), 0.0, quotient)


def _ajouter(con: duckdb.DuckDBPyConnection, demande: Demande, vue: str, lignes: Mapping[str, Any]) -> int:
    import pyarrow as pa

    textes = {"niveau", "code", "domaine", "fiabilite"}
    table = pa.table(
        {
            c: pa.array(list(lignes[c]), pa.string())
            if c in textes
            else pa.array(np.asarray(lignes[c]), from_pandas=True)
            for c in (*CLES, *ESTIMATION)
        }
    )
    con.register("estimees", table)
    con.execute(_requete("estimations_ajout"), {"indicateur": demande.indicateur, "vue": vue})
    con.unregister("estimees")
    return len(table)


def _requete(nom: str) -> str:
    return (SQL / f"{nom}.sql").read_text(encoding="utf-8")
