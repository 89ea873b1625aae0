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
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from observatoire.estimation.systeme import TOUS, Case, Decoupage, Zone, decouper

PRECEDENTES, EFFECTIFS, UNITES, EVOLUTIONS = "precedentes", "secret_effectifs", "secret_unites", "evolutions"
RETRAITS = "retraits"
_CLE = "indicateur, millesime, niveau, code, domaine, financeur"
_SQL = Path(__file__).with_name("sql")
# (indicateur, millesime) → cell → by how many respondents what is shown moved
Mouvements = dict[tuple[str, int], dict[Case, int]]


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


def deja_masquees(con: duckdb.DuckDBPyConnection, lot: int) -> list[tuple[str, int, Case]]:
    """(famille, millesime, cell) that must stay masked, or be masked because an association left.

    Reads `unites`, `cellules`, `regles`, `rattachements` and the copies; fills `retraits`.
    """
    _noter_retraits(con, lot)
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


def _noter_retraits(con: duckdb.DuckDBPyConnection, lot: int) -> None:
    """Fill `partis` (cells of the associations that left) and `retraits` (those masked for it)."""
    con.execute((_SQL / "retraits.sql").read_text(encoding="utf-8").replace("$lot", str(int(lot))))


def figer(con: duckdb.DuckDBPyConnection, schema: str, lot: int) -> int:
    """Give back their former row to the figures of `schema`.mesures that moved by less than `lot` respondents.

    Returns the number of rows. `schema` is quoted.
    """
    mouvements, n = _mouvements(con, schema)
    decoupage = decouper(con.execute("select code_commune, niveau, code from rattachements").fetchall())
    partis: dict[tuple[str, int], set[Case]] = defaultdict(set)
    for indicateur, millesime, *place in con.execute(f"select {_CLE} from partis").fetchall():
        partis[indicateur, int(millesime)].add(Case(*place))
    gardees: list[tuple[str, int, Case]] = []
    tues: list[tuple[str, int, Case]] = []
    for cle, cases in mouvements.items():
        for case in _a_figer(cases, n[cle], decoupage, lot, partis[cle]):
            (tues if case in partis[cle] else gardees).append((*cle, case))
    _poser(con, "a_figer", gardees)
    _poser(con, "a_taire", tues)
    con.execute(
        f"update {schema}.mesures as m set valeur = null, borne_basse = null, borne_haute = null, cv = null, "
        f"n_repondants = null, taux_reponse = null, statut = 'secret' from a_taire as a where {_memes('a')}"
    )
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


def _memes(autre: str) -> str:
    """The rows of `mesures` (m) and of `autre` speak of the same cell."""
    places = {nom: f"{autre}.{nom}" for nom in _CLE.split(", ")}
    return " and ".join(
        f"m.{'code_territoire' if nom == 'code' else nom} = {place}" for nom, place in places.items()
    )


def _mouvements(
    con: duckdb.DuckDBPyConnection, schema: str
) -> tuple[Mouvements, dict[tuple[str, int], dict[Case, int]]]:
    """Respondents more (or fewer) of each figure shown then and now, and their number now."""
    mouvements: Mouvements = defaultdict(dict)
    n: dict[tuple[str, int], dict[Case, int]] = defaultdict(dict)
    for indicateur, millesime, *place, avant, apres in con.execute(
        f"""
        select m.indicateur, m.millesime, m.niveau, m.code_territoire, m.domaine, m.financeur,
            min(p.n), min(m.n_repondants)
        from {schema}.mesures as m
        inner join {PRECEDENTES} as p on {_memes("p")} and m.vue = p.vue
        inner join regles as g on m.indicateur = g.indicateur and g.secret <> 'aucun'
        where p.n > 0 and m.n_repondants is not null
            and m.statut in ('ok', 'prudence') and p.statut in ('ok', 'prudence')
        group by all order by all
        """
    ).fetchall():
        if apres != avant:
            case = Case(*place)
            mouvements[indicateur, int(millesime)][case] = int(apres - avant)
            n[indicateur, int(millesime)][case] = int(apres)
    return mouvements, n


def _a_figer(
    mouvements: Mapping[Case, int], n: Mapping[Case, int], decoupage: Decoupage, lot: int, partis: set[Case]
) -> Iterator[Case]:
    """Cells that cannot show their new row; those that no association left first."""
    bouge = {case: d for case, d in mouvements.items() if abs(d) >= lot}
    yield from sorted(mouvements.keys() - bouge.keys())
    while trouves := petits_restes(bouge, decoupage, lot):
        for total, parts in trouves:
            ici = [c for c in (*parts, total) if c in bouge]
            if total in bouge and 0 < abs(bouge[total] - sum(bouge[c] for c in ici if c != total)) < lot:
                choix = min(ici, key=lambda c: (c in partis, c == total, n[c], c))
                del bouge[choix]
                yield choix


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
