"""Who answered, beside whom the frame holds: shares, gaps, χ², response rates, log of the weighting.

The counts of this card are published, so they obey the secret: a sector or an EPCI whose number of
respondents is masked in the figures joins « autres » here too, and so does any level with too few of them.
A response rate is a range, from the high to the low count of the frame (cadre.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatoire.estimation.cadre import SANS, Cadre
from observatoire.estimation.groupes import AUTRES
from observatoire.estimation.ponderation import REPRESENTATIF, Demande, Redressement

if TYPE_CHECKING:
    import duckdb

SQL = Path(__file__).with_name("sql")
# The set of all the associations that answered anything: no figure, but the weights of reference.
ENSEMBLE = Demande("", "total", (REPRESENTATIF,))
DIMENSIONS = ("employeuse", "taille", "secteur", "epci")
Ligne = dict[str, Any]


def representativite(con: duckdb.DuckDBPyConnection, temoin: str, minimum: int) -> list[Ligne]:
    """Rows of the card, by year, dimension of `DIMENSIONS` and level.

    Keys: millesime, dimension, modalite, n_repondantes, n_cadre (low count), n_cadre_haut, part_repondantes,
    part_cadre, ecart (shares 0–1), taux_bas, taux_haut. Reads `cadre`, `attendues`, and the statuses of the
    cells of `temoin` (the indicator that counts respondents) in `cellules`. Empty without a frame.
    """
    comptes: dict[tuple[int, str], dict[str, tuple[int, int, int]]] = {}
    for annee, dimension, modalite, *nombres in con.execute(
        _requete("representativite"), {"sans": SANS, "ensemble": ENSEMBLE.indicateur}
    ).fetchall():
        comptes.setdefault((annee, dimension), {})[modalite] = tuple(nombres)
    masques = _masques(con, temoin)
    lignes: list[Ligne] = []
    for (annee, dimension), niveaux in comptes.items():
        sommes = _reunir(niveaux, masques.get((annee, dimension), set()), minimum)
        n, cadre = (sum(s[i] for s in sommes.values()) for i in (0, 1))
        if len(sommes) < 2 or not n:
            continue
        for modalite, (n_ici, n_bas, n_haut) in sorted(sommes.items()):
            lignes.append(
                {
                    "millesime": annee,
                    "dimension": dimension,
                    "modalite": modalite,
                    "n_repondantes": n_ici,
                    "n_cadre": n_bas,
                    "n_cadre_haut": n_haut,
                    "part_repondantes": n_ici / n,
                    "part_cadre": n_bas / cadre,
                    "ecart": n_ici / n - n_bas / cadre,
                    "taux_bas": n_ici / n_haut if n_haut else None,
                    "taux_haut": n_ici / n_bas if n_bas else None,
                }
            )
    return lignes


def synthese(
    con: duckdb.DuckDBPyConnection, cadre: Cadre, bilan: Redressement, carte: list[Ligne]
) -> list[Ligne]:
    """One row per year: counts, response rate with its range, widest gap, χ², effective size, what was met.

    Keys: millesime, n_repondantes, n_bas, n_haut, taux_bas, taux_haut, ecart_max, ecart_ou, chi2, chi2_ddl,
    chi2_p (the most significant dimension), n_efficace, deff, poids_min, poids_max, marges, est_salariat,
    est_date, refus (why the year has no weights, or None).
    """
    lignes = []
    jeux = dict(
        con.execute(
            "select millesime, jeu from jeux where indicateur = $nom order by millesime",
            {"nom": ENSEMBLE.indicateur},
        ).fetchall()
    )
    for annee, jeu in jeux.items():
        pesee = bilan.pesees.get(jeu)
        pire = max((x for x in carte if x["millesime"] == annee), key=lambda x: abs(x["ecart"]), default=None)
        ligne: Ligne = {
            "millesime": annee,
            "ecart_max": pire and pire["ecart"],
            "ecart_ou": pire and f"{pire['dimension']} : {pire['modalite']}",
            **_chi2([x for x in carte if x["millesime"] == annee]),
            "est_salariat": cadre.est_salariat,
            "est_date": cadre.est_date,
            "refus": bilan.refus.get(jeu),
        }
        if pesee is not None:
            w = pesee.poids["poids"].to_numpy()
            ligne |= {
                "n_repondantes": pesee.n, "n_bas": pesee.n_bas, "n_haut": pesee.n_haut,
                "taux_bas": pesee.n / pesee.n_haut, "taux_haut": pesee.n / pesee.n_bas,
                "n_efficace": pesee.n_efficace, "deff": pesee.deff, "poids_min": float(w.min()),
                "poids_max": float(w.max()), "marges": ", ".join(pesee.marges),
            }  # fmt: skip
        lignes.append({cle: ligne.get(cle) for cle in COLONNES_SYNTHESE})
    return lignes


COLONNES_SYNTHESE = {
    "millesime": "integer", "n_repondantes": "integer", "n_bas": "integer", "n_haut": "integer",
    "taux_bas": "double", "taux_haut": "double", "ecart_max": "double", "ecart_ou": "varchar", "chi2": "double",
    "chi2_ddl": "integer", "chi2_p": "double", "n_efficace": "double", "deff": "double", "poids_min": "double",
    "poids_max": "double", "marges": "varchar", "est_salariat": "boolean", "est_date": "boolean",
    "refus": "varchar",
}  # fmt: skip
COLONNES_CARTE = {
    "millesime": "integer", "dimension": "varchar", "modalite": "varchar", "n_repondantes": "integer",
    "n_cadre": "integer", "n_cadre_haut": "integer", "part_repondantes": "double", "part_cadre": "double",
    "ecart": "double", "taux_bas": "double", "taux_haut": "double",
}  # fmt: skip
COLONNES_JOURNAL = {
    "millesime": "integer", "jeu": "integer", "ordre": "integer", "etape": "varchar", "groupe": "varchar",
    "vers": "varchar", "raison": "varchar", "est_ensemble": "boolean",
}  # fmt: skip


def journal(con: duckdb.DuckDBPyConnection, bilan: Redressement) -> list[Ligne]:
    """Log of every weighting, one row per operation; no count in it."""
    jeux = con.execute(
        "select jeu, millesime, max(indicateur = $nom) from jeux group by jeu, millesime order by jeu",
        {"nom": ENSEMBLE.indicateur},
    ).fetchall()
    return [
        {
            "millesime": annee, "jeu": jeu, "ordre": ordre, "etape": o.etape, "groupe": o.groupe,
            "vers": o.vers, "raison": o.raison, "est_ensemble": bool(ensemble),
        }
        for jeu, annee, ensemble in jeux
        if jeu in bilan.pesees
        for ordre, o in enumerate(bilan.pesees[jeu].journal)
    ]  # fmt: skip


def _masques(con: duckdb.DuckDBPyConnection, temoin: str) -> dict[tuple[int, str], set[str]]:
    masques: dict[tuple[int, str], set[str]] = {}
    for annee, dimension, modalite in con.execute(_requete("temoins"), {"temoin": temoin}).fetchall():
        masques.setdefault((annee, dimension), set()).add(modalite)
    return masques


def _reunir(
    niveaux: Mapping[str, tuple[int, int, int]], masques: set[str], minimum: int
) -> dict[str, tuple[int, int, int]]:
    """Counts by level, the masked and the small ones together."""
    # A level where nobody answered, and that nothing masks, says so.
    petits = {m for m, c in niveaux.items() if m in masques or 0 < c[0] < minimum}
    grands = sorted(
        (m for m, c in niveaux.items() if m not in petits and c[0]), key=lambda m: (niveaux[m][0], m)
    )
    while petits and grands and sum(niveaux[m][0] for m in petits) < minimum:
        petits.add(grands.pop(0))
    sommes: dict[str, tuple[int, int, int]] = {}
    for modalite, nombres in niveaux.items():
        vers = AUTRES if modalite in petits else modalite
        a, b, c = sommes.get(vers, (0, 0, 0))
        sommes[vers] = (a + nombres[0], b + nombres[1], c + nombres[2])
    return sommes if sommes.get(AUTRES, (minimum,))[0] >= minimum else {}


def _chi2(lignes: list[Ligne]) -> Ligne:
    """χ² of the dimension that departs most from the frame; levels that the frame does not hold are left."""
    from scipy.special import chdtrc  # scipy.stats takes two seconds to import

    essais = []
    for dimension in DIMENSIONS:
        ici = [x for x in lignes if x["dimension"] == dimension and x["n_cadre"]]
        n = sum(x["n_repondantes"] for x in ici)
        if len(ici) < 2 or not n:
            continue
        total = sum(x["n_cadre"] for x in ici)
        attendus = [n * x["n_cadre"] / total for x in ici]
        valeur = sum((x["n_repondantes"] - a) ** 2 / a for x, a in zip(ici, attendus, strict=True))
        essais.append((float(chdtrc(len(ici) - 1, valeur)), valeur, len(ici) - 1))
    if not essais:
        return {"chi2": None, "chi2_ddl": None, "chi2_p": None}
    p, valeur, ddl = min(essais)
    return {"chi2": valeur, "chi2_ddl": ddl, "chi2_p": p}


def _requete(nom: str) -> str:
    return (SQL / f"{nom}.sql").read_text(encoding="utf-8")
