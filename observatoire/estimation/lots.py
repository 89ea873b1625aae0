"""Successive publications: no figure changes for fewer respondents than a batch.

The same cell published twice, with one more respondent the second time, gives that respondent away by a
subtraction. Against the publication in force, for the same year of answers:
- a figure shown then and now whose number of respondents moved by less than the batch keeps its former row, which
  says the publication it comes from; a correction that leaves the number unchanged is published;
- what a total moved by, less what the parts of it that moved did, is a batch too, or nothing: the smallest of
  them keeps its former row until it is;
- a cell masked then stays masked until its respondents moved by a batch: shown now, it would give away those that
  it protected then;
- an association that left (deposit cancelled, refusal of any publication) is in no figure: where its departure
  alone moves one by less than a batch, neither the former row (it counts it) nor the new one (their difference is
  its answer) is shown. The cell is masked, until a batch moved it from what was last shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from observatoire.estimation.systeme import TOUS, Case, Decoupage, Zone, decouper

PRECEDENTES, EFFECTIFS, UNITES, EVOLUTIONS = "precedentes", "secret_effectifs", "secret_unites", "evolutions"
RETRAITS = "retraits"
_CLE = "indicateur, millesime, niveau, code, domaine, financeur"
_SQL = Path(__file__).with_name("sql")


def lire_precedente(con: duckdb.DuckDBPyConnection, publique: Path, analyse: Path) -> bool:
    """Copy what the publication in force shows, and the numbers it masks; False when there is none.

    `publique` and `analyse` are its two files. Without the second, what was masked stays so.
    """
    con.execute(f"create or replace temp table {RETRAITS} ({_TYPES}, n_montre bigint)")
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
    con.execute(f"create or replace temp table {EVOLUTIONS}_avant as select 1 where false")
    _copier(con, publique, f"{EVOLUTIONS}_avant", f"select * from avant.{EVOLUTIONS}")
    con.execute(f"create or replace temp table {EFFECTIFS} ({_TYPES}, n bigint, n_montre bigint)")
    con.execute(
        f"create or replace temp table {UNITES} (indicateur varchar, millesime integer, cle_association varchar, "
        "code_commune varchar, domaine varchar, financeur varchar)"
    )
    if analyse.exists():
        _copier(con, analyse, EFFECTIFS, f"select {_CLE}, n, null::bigint as n_montre from avant.{EFFECTIFS}")
        _copier(con, analyse, EFFECTIFS, f"select {_CLE}, n, n_montre from avant.{EFFECTIFS}")
        _copier(con, analyse, UNITES, f"from avant.{UNITES}")
    return True


_TYPES = (
    "indicateur varchar, millesime integer, niveau varchar, code varchar, domaine varchar, financeur varchar"
)


def _copier(con: duckdb.DuckDBPyConnection, chemin: Path, table: str, requete: str) -> None:
    texte = str(chemin.resolve()).replace("'", "''")
    con.execute(f"attach '{texte}' as avant (read_only)")
    try:
        con.execute(f"create or replace temp table {table} as {requete}")
    except (duckdb.CatalogException, duckdb.BinderException):
        # A file of an older version: it has not this table or column, nothing is known of it.
        pass
    finally:
        con.execute("detach avant")


def a_garder() -> Iterator[tuple[str, str]]:
    """What the analysts' file keeps for the next publication: table, query on the temporary tables of this one."""
    yield (
        EFFECTIFS,
        f"select distinct {', '.join(f'c.{nom}' for nom in _CLE.split(', '))}, c.n, r.n_montre "
        f"from temp.cellules as c left join temp.{RETRAITS} as r using ({_CLE}) where c.statut = 'secret'",
    )
    yield (
        UNITES,
        "select distinct u.indicateur, cast(u.millesime as integer) as millesime, u.cle_association, u.code_commune, "
        "u.domaine, u.financeur from temp.unites as u inner join temp.regles as g using (indicateur) "
        "where g.secret <> 'aucun'",
    )


def deja_masquees(con: duckdb.DuckDBPyConnection, lot: int, seuil: int) -> list[tuple[str, int, Case]]:
    """(famille, millesime, cell) that must stay masked, or be masked because an association left.

    Reads `unites`, `cellules`, `regles`, `rattachements` and the copies; fills `partis` and `retraits`. `seuil`:
    smallest group that a difference may tell.
    """
    con.execute((_SQL / "retraits.sql").read_text(encoding="utf-8").replace("$lot", str(int(lot))))
    mouvements = _lire_mouvements(
        con,
        f"select distinct {_CLE}, n from cellules where n > 0 and not exists (select 1 from {RETRAITS} as r "
        f"where {_memes('r', 'cellules')})",
    )
    a_taire = [
        (*cle, case, m.avant)
        for cle, cases in mouvements.items()
        for case, m in _retenues(cases, _decoupage(con), lot, seuil)
        if m.est_perdue
    ]
    _ajouter_retraits(con, a_taire)
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
        where g.secret <> 'aucun' and e.n_montre is null and (e.n is null or abs(c.n - e.n) < $lot)
        union
        select distinct g.famille, r.millesime, r.niveau, r.code, r.domaine, r.financeur
        from {RETRAITS} as r
        inner join regles as g on r.indicateur = g.indicateur
        order by all
        """,
        {"lot": lot},
    ).fetchall()
    return [(famille, int(millesime), Case(*place)) for famille, millesime, *place in lignes]


def figer(con: duckdb.DuckDBPyConnection, schema: str, lot: int, seuil: int) -> int:
    """Give back their former row to the figures of `schema`.mesures that moved by less than `lot` respondents.

    Returns the number of rows. `schema` is quoted; `seuil` as in `deja_masquees`.
    """
    mouvements = _lire_mouvements(
        con,
        f"select {_CLE.replace('code', 'code_territoire as code')}, min(n_repondants) as n from {schema}.mesures "
        "where statut in ('ok', 'prudence') and n_repondants > 0 group by all",
    )
    decoupage = _decoupage(con)
    retenues = [
        (*cle, case, m)
        for cle, cases in mouvements.items()
        for case, m in _retenues(cases, decoupage, lot, seuil)
    ]
    _poser(con, "a_figer", [x[:3] for x in retenues if not x[3].est_perdue])
    _taire(con, schema, [(*x[:3], x[3].avant) for x in retenues if x[3].est_perdue])
    lignes = con.execute(
        f"""
        update {schema}.mesures as m
        set valeur = p.valeur, borne_basse = p.basse, borne_haute = p.haute, cv = p.cv, n_repondants = p.n,
            taux_reponse = p.taux_reponse, statut = p.statut, publication = p.publication
        from {PRECEDENTES} as p, a_figer as a
        where {_memes("p")} and {_memes("a")} and m.vue = p.vue
        """
    ).fetchone()
    return int(lignes[0]) if lignes else 0


def _taire(con: duckdb.DuckDBPyConnection, schema: str, cases: Sequence[tuple[str, int, Case, int]]) -> None:
    """Mask figures that can keep neither row, and note what was last shown of them."""
    _ajouter_retraits(con, cases)
    _poser(con, "a_taire", [x[:3] for x in cases])
    con.execute(
        f"update {schema}.mesures as m set valeur = null, borne_basse = null, borne_haute = null, cv = null, "
        f"n_repondants = null, taux_reponse = null, statut = 'secret' from a_taire as a where {_memes('a')}"
    )
    con.execute(f"update cellules set statut = 'secret' from a_taire as a where {_memes('a', 'cellules')}")


def _ajouter_retraits(con: duckdb.DuckDBPyConnection, cases: Sequence[tuple[str, int, Case, int]]) -> None:
    if cases:
        con.executemany(
            f"insert into {RETRAITS} values (?, ?, ?, ?, ?, ?, ?)", [(i, m, *c, n) for i, m, c, n in cases]
        )


def _decoupage(con: duckdb.DuckDBPyConnection) -> Decoupage:
    return decouper(con.execute("select code_commune, niveau, code from rattachements").fetchall())


def _memes(autre: str, ici: str = "m") -> str:
    """The rows of `ici` (`mesures` by default) and of `autre` speak of the same cell."""
    territoire = "code_territoire" if ici == "m" else "code"
    return " and ".join(
        f"{ici}.{territoire if nom == 'code' else nom} = {autre}.{nom}" for nom in _CLE.split(", ")
    )


class Mouvement(NamedTuple):
    """Respondents when last shown, and now; `est_perdue`: its former row cannot come back.

    It is masked in the publication in force, or counts an association that left since.
    """

    avant: int
    apres: int
    est_perdue: bool


def _lire_mouvements(
    con: duckdb.DuckDBPyConnection, actuelles: str
) -> dict[tuple[str, int], dict[Case, Mouvement]]:
    """Cells of the query `actuelles` (key, n) whose number is not the one last shown, by indicator and year."""
    mouvements: dict[tuple[str, int], dict[Case, Mouvement]] = defaultdict(dict)
    for indicateur, millesime, *place, avant, apres, est_perdue in con.execute(
        f"""
        with references_ as (
            select {_CLE}, min(n) as n, false as est_masquee
            from {PRECEDENTES} where statut in ('ok', 'prudence') and n > 0 group by all
            union all
            select {_CLE}, n_montre, true from {EFFECTIFS} where n_montre is not null
        ),
        actuelles as ({actuelles})
        select {", ".join(f"a.{nom}" for nom in _CLE.split(", "))}, p.n, a.n,
            p.est_masquee or x.indicateur is not null
        from actuelles as a
        inner join references_ as p using ({_CLE})
        inner join regles as g on a.indicateur = g.indicateur and g.secret <> 'aucun'
        left join partis as x using ({_CLE})
        where a.n <> p.n
        order by all
        """
    ).fetchall():
        mouvements[indicateur, int(millesime)][Case(*place)] = Mouvement(int(avant), int(apres), est_perdue)
    return mouvements


def _retenues(
    mouvements: Mapping[Case, Mouvement], decoupage: Decoupage, lot: int, seuil: int
) -> Iterator[tuple[Case, Mouvement]]:
    """Cells that cannot show their new row; those whose former row may come back first.

    What a total moved by beyond its parts is read in one publication alone, the parts keeping their former row:
    it is a group like any other, of `seuil` associations or none.
    """
    bouge = {c: m.apres - m.avant for c, m in mouvements.items() if abs(m.apres - m.avant) >= lot}
    yield from ((c, mouvements[c]) for c in sorted(mouvements.keys() - bouge.keys()))
    while trouves := petits_restes(bouge, decoupage, seuil):
        for total, parts in trouves:
            ici = [c for c in (*parts, total) if c in bouge]
            if total not in ici or len(ici) == 1:
                continue
            if 0 < abs(bouge[total] - sum(bouge[c] for c in ici if c != total)) < seuil:
                choix = min(ici, key=lambda c: (mouvements[c].est_perdue, c == total, mouvements[c].apres, c))
                del bouge[choix]
                yield choix, mouvements[choix]


def petits_restes(bouge: Mapping[Case, int], decoupage: Decoupage, lot: int) -> list[tuple[Case, list[Case]]]:
    """Totals, and parts of them that share nothing, whose moves differ by less than a batch, and by something."""
    places: dict[tuple[str, str], dict[Zone, int]] = defaultdict(dict)
    domaines: dict[Case, dict[Case, int]] = defaultdict(dict)
    for case, d in bouge.items():
        places[case.domaine, case.financeur][case[:2]] = d
        if case.domaine != TOUS:
            domaines[case._replace(domaine=TOUS)][case] = d
    trouves: list[tuple[Case, list[Case]]] = []
    for place, zones in sorted(places.items()):
        for zone, d in sorted(zones.items()):
            for dedans in decoupage.dedans.get(zone, {}).values():
                parts = [z for z in dedans if z in zones]
                if parts and 0 < abs(d - sum(zones[z] for z in parts)) < lot:
                    trouves.append((Case(*zone, *place), [Case(*z, *place) for z in parts]))
    for total, parts_du_total in sorted(domaines.items()):
        if total in bouge and 0 < abs(bouge[total] - sum(parts_du_total.values())) < lot:
            trouves.append((total, sorted(parts_du_total)))
    return trouves


def _poser(con: duckdb.DuckDBPyConnection, table: str, cases: Iterable[tuple[str, int, Case]]) -> None:
    lignes = [(indicateur, millesime, *case) for indicateur, millesime, case in cases]
    con.execute(f"create or replace temp table {table} ({_TYPES})")
    if lignes:
        colonnes = [list(colonne) for colonne in zip(*lignes, strict=True)]
        con.execute(
            f"insert into {table} select {', '.join(f'unnest(${i})' for i in range(1, 7))}",
            colonnes,
        )


def figer_evolutions(con: duckdb.DuckDBPyConnection, schema: str, lot: int) -> None:
    """The same for the table of evolutions: its former row, or nothing when an association left."""
    colonnes = [nom for nom, *_ in con.execute(f"describe {schema}.{EVOLUTIONS}").fetchall()]
    connues = {nom for nom, *_ in con.execute(f"describe {EVOLUTIONS}_avant").fetchall()}
    if not connues.issuperset(colonnes):
        return
    valeurs = [c for c in colonnes if c not in ("indicateur", "methode", "vue", "prix", "de", "a")]
    nuls = ", ".join(f"{c} = null" for c in valeurs if c not in ("rupture", "statut"))
    bouge = (
        "p.indicateur = e.indicateur and p.methode = e.methode and p.vue = e.vue and p.prix = e.prix and p.de = e.de "
        "and p.a = e.a and p.statut = 'ok' and e.statut = 'ok' and (e.n_avant <> p.n_avant or e.n_apres <> p.n_apres) "
        f"and ((e.n_avant <> p.n_avant and abs(e.n_avant - p.n_avant) < {int(lot)}) "
        f"or (e.n_apres <> p.n_apres and abs(e.n_apres - p.n_apres) < {int(lot)}))"
    )
    partis = (
        "exists (select 1 from partis as x where x.indicateur = e.indicateur and x.millesime in (e.de, e.a))"
    )
    con.execute(
        f"update {schema}.{EVOLUTIONS} as e set {nuls}, statut = 'secret' from {EVOLUTIONS}_avant as p "
        f"where {bouge} and {partis}"
    )
    gardees = ", ".join(f"{c} = p.{c}" for c in valeurs)
    con.execute(f"update {schema}.{EVOLUTIONS} as e set {gardees} from {EVOLUTIONS}_avant as p where {bouge}")
