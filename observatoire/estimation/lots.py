"""Successive publications: no figure changes for fewer respondents than a batch.

The same cell published twice, with one more respondent the second time, gives that respondent away by a
subtraction. Against the publication in force, for the same year of answers:
- a figure shown then and now whose number of respondents moved by less than the batch keeps its former row, which
  says the publication it comes from; a correction that leaves the number unchanged is published;
- a cell masked then stays masked until its respondents moved by a batch: shown now, it would give away those that
  it protected then.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from observatoire.estimation.systeme import Case

PRECEDENTES, EFFECTIFS = "precedentes", "secret_effectifs"
_CLE = "indicateur, millesime, niveau, code, domaine, financeur"


def lire_precedente(con: duckdb.DuckDBPyConnection, publique: Path, analyse: Path) -> bool:
    """Copy what the publication in force shows, and the numbers it masks; False when there is none.

    `publique` and `analyse` are its two files. Without the second, what was masked stays so.
    """
    if not publique.exists():
        return False
    _copier(
        con,
        publique,
        PRECEDENTES,
        "select indicateur, millesime, niveau, code_territoire as code, domaine, financeur, vue, valeur, "
        "borne_basse as basse, borne_haute as haute, cv, n_repondants as n, taux_reponse, statut, publication "
        "from avant.mesures",
    )
    con.execute(
        f"create or replace temp table {EFFECTIFS} (indicateur varchar, millesime integer, niveau varchar, "
        "code varchar, domaine varchar, financeur varchar, n bigint)"
    )
    if analyse.exists():
        _copier(con, analyse, EFFECTIFS, f"select {_CLE}, n from avant.{EFFECTIFS}")
    return True


def _copier(con: duckdb.DuckDBPyConnection, chemin: Path, table: str, requete: str) -> None:
    texte = str(chemin.resolve()).replace("'", "''")
    con.execute(f"attach '{texte}' as avant (read_only)")
    try:
        con.execute(f"create or replace temp table {table} as {requete}")
    except duckdb.CatalogException:
        # A file of an older version: it has not this table, nothing is known of it.
        pass
    finally:
        con.execute("detach avant")


def deja_masquees(con: duckdb.DuckDBPyConnection, lot: int) -> list[tuple[str, int, Case]]:
    """(famille, millesime, cell) that must stay masked. Reads `cellules`, `regles` and the copies."""
    lignes = con.execute(
        f"""
        select distinct g.famille, c.millesime, c.niveau, c.code, c.domaine, c.financeur
        from cellules as c
        inner join regles as g on c.indicateur = g.indicateur
        inner join {PRECEDENTES} as p
            on c.indicateur = p.indicateur and c.millesime = p.millesime and c.niveau = p.niveau
            and c.code = p.code and c.domaine = p.domaine and c.financeur = p.financeur and p.statut = 'secret'
        left join {EFFECTIFS} as e
            on c.indicateur = e.indicateur and c.millesime = e.millesime and c.niveau = e.niveau
            and c.code = e.code and c.domaine = e.domaine and c.financeur = e.financeur
        where g.secret <> 'aucun' and (e.n is null or abs(c.n - e.n) < $lot)
        order by all
        """,
        {"lot": lot},
    ).fetchall()
    return [(famille, int(millesime), Case(*place)) for famille, millesime, *place in lignes]


def figer(con: duckdb.DuckDBPyConnection, schema: str, lot: int) -> int:
    """Give back their former row to the figures of `schema`.mesures that moved by less than `lot` respondents."""
    lignes = con.execute(
        f"""
        update {schema}.mesures as m
        set valeur = p.valeur, borne_basse = p.basse, borne_haute = p.haute, cv = p.cv, n_repondants = p.n,
            taux_reponse = p.taux_reponse, statut = p.statut, publication = p.publication
        from {PRECEDENTES} as p, regles as g
        where m.indicateur = p.indicateur and m.millesime = p.millesime and m.niveau = p.niveau
            and m.code_territoire = p.code and m.domaine = p.domaine and m.financeur = p.financeur and m.vue = p.vue
            and m.indicateur = g.indicateur and g.secret <> 'aucun'
            and p.n is not null and m.n_repondants is not null and p.n > 0
            and m.statut in ('ok', 'prudence') and p.statut in ('ok', 'prudence')
            and m.n_repondants <> p.n and abs(m.n_repondants - p.n) < $lot
        """,
        {"lot": lot},
    ).fetchone()
    return int(lignes[0]) if lignes else 0
