"""Send the answers of a publication to the lake: what changed since the last time, in one transaction.

Only what the indicators read leaves the département: no free text, no file or sheet name; of `qualite`, the reasons.
"""

from __future__ import annotations

import contextlib
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

from observatoire.chiffres.sources import champs_cites, champs_de_contexte
from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.federation.lac import LAC, REGISTRE, code, ouvrir, preparer, seul
from observatoire.indicators.catalogue import catalogue
from observatoire.storage.connexion import litteral, nom_sql
from observatoire.storage.erreurs import ErreurEntrepot

TECHNIQUES = ("millesime", "cle_association", "qualite", "depot_id", "ligne")
ESSAIS = 12
CREATIONS = ("cle", "date_creation", "code_commune", "secteur")
# An attempt of a transaction that another writer overtook.
CONFLITS = ("conflict", "Conflict", "could not serialize", "deadlock", "duplicate key", "already exists")


class LacOccupe(ErreurEntrepot):
    """Other writers overtook every attempt."""


@dataclass(frozen=True, slots=True)
class Envoi:
    """What one sending changed; `publication` is that of the installation, `essais` the transactions it took."""

    departement: str
    publication: int
    nouveaux: int
    changes: int
    retires: int
    lignes: int
    essais: int

    @property
    def est_vide(self) -> bool:
        """True when the lake already had everything."""
        return not (self.nouveaux or self.changes or self.retires)


def colonnes_envoyees(enquete: Enquete) -> tuple[str, ...]:
    """Columns of a questionnaire that leave the département: fields that a query reads, technical ones."""
    requetes = "\n".join(c.sql for c in catalogue().values())
    lus = {*champs_cites(requetes, enquete), *champs_de_contexte(enquete)}
    champs = [c.name for c in enquete.champs_actifs() if c.name in lus and c.name not in TECHNIQUES]
    return (*champs, *TECHNIQUES)


def envoyer(settings: Settings, enquetes: Mapping[str, Enquete], publication: int, fichier: Path) -> Envoi:
    """Bring the lake to the answers of the analysts' file of a publication; nothing when it already has them."""
    departement = code(settings.departement)
    with ouvrir(settings) as con:
        con.create_function("reasons_only", _motifs, [str], str)
        con.execute(f"attach {litteral(str(fichier))} as publie (read_only)")
        tables = {nom: _preparer_source(con, nom, colonnes_envoyees(e)) for nom, e in enquetes.items()}
        if creations := _preparer_registre(con):
            tables[REGISTRE] = creations
        con.execute("detach publie")
        with seul(settings, departement):
            return _insister(con, lambda: _envoyer(con, departement, publication, tables))


def _insister(con: duckdb.DuckDBPyConnection, geste: Callable[[], Envoi]) -> Envoi:
    """Make the gesture in a transaction, again when another département's was written meanwhile."""
    for essai in range(1, ESSAIS + 1):
        con.execute("begin transaction")
        try:
            fait = geste()
            con.execute("commit")
            return replace(fait, essais=essai)
        except duckdb.Error as faute:
            _annuler(con)
            if not any(mot in str(faute) for mot in CONFLITS):
                raise
        except BaseException:
            _annuler(con)
            raise
        time.sleep(random.uniform(0.02, 0.1) * essai)
    raise LacOccupe(
        f"Le lac a refusé {ESSAIS} essais : d’autres installations écrivaient. Relancez la commande."
    )


def _annuler(con: duckdb.DuckDBPyConnection) -> None:
    # Already gone with a commit that failed.
    with contextlib.suppress(duckdb.TransactionException):
        con.execute("rollback")


def _envoyer(
    con: duckdb.DuckDBPyConnection,
    departement: str,
    publication: int,
    tables: Mapping[str, Mapping[str, str]],
) -> Envoi:
    preparer(con, tables)
    lies = {"departement": departement}
    _relever(con, tables, lies)
    nouveaux, changes, retires, lignes = (
        int(n or 0)
        for n in con.execute(
            "select count(*) filter (where ancienne is null), count(*) filter (where ancienne is not null "
            "and neuve is not null), count(*) filter (where neuve is null), sum(lignes) from differences"
        ).fetchall()[0]
    )
    envoi = Envoi(departement, publication, nouveaux, changes, retires, lignes, 1)
    if envoi.est_vide:
        return envoi
    touches = "(select depot_id from differences where questionnaire = $questionnaire)"
    for table in _tables_touchees(con):
        valeurs = {**lies, "questionnaire": table}
        cible = f"{LAC}.enquete.{nom_sql(table)}"
        con.execute(
            f"delete from {cible} where departement = $departement and depot_id in {touches}", valeurs
        )
        if table in tables:
            colonnes = ", ".join(map(nom_sql, tables[table]))
            con.execute(
                f"insert into {cible} (departement, {colonnes}) select $departement, {colonnes} "
                f"from temp.{nom_sql('envoi_' + table)} where depot_id in {touches}",
                valeurs,
            )
    con.execute(
        f"delete from {LAC}.federation.depots where departement = $departement and exists (select 1 from differences "
        "as x where x.depot_id = depots.depot_id and x.questionnaire = depots.questionnaire)",
        lies,
    )
    con.execute(
        f"insert into {LAC}.federation.depots select $departement, depot_id, questionnaire, neuve, lignes, "
        "current_timestamp::timestamp from differences where neuve is not null",
        lies,
    )
    con.execute(
        f"insert into {LAC}.federation.envois values ($departement, $publication, current_timestamp::timestamp, "
        "$nouveaux, $changes, $retires, $lignes)",
        {n: v for n, v in asdict(envoi).items() if n != "essais"},
    )
    return envoi


def _relever(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, Mapping[str, str]], lies: Mapping[str, str]
) -> None:
    """Make `differences`: the deposits that the lake does not have as they are here."""
    ici = " union all ".join(
        f"select depot_id, {litteral(t)} as questionnaire, count(*) as lignes, "
        f"concat(count(*), '-', sum(md5_number_lower(e::varchar))) as empreinte "
        f"from temp.{nom_sql('envoi_' + t)} as e group by depot_id"
        for t in tables
    )
    con.execute(
        f"create or replace temp table differences as select coalesce(i.depot_id, d.depot_id) as depot_id, "
        "coalesce(i.questionnaire, d.questionnaire) as questionnaire, d.empreinte as ancienne, "
        f"i.empreinte as neuve, i.lignes from ({ici}) as i full outer join "
        f"(from {LAC}.federation.depots where departement = $departement) as d "
        "on i.depot_id = d.depot_id and i.questionnaire = d.questionnaire "
        "where i.empreinte is distinct from d.empreinte",
        lies,
    )


def _tables_touchees(con: duckdb.DuckDBPyConnection) -> list[str]:
    lignes = con.execute("select distinct questionnaire from differences order by all").fetchall()
    return [nom for (nom,) in lignes]


def _preparer_source(con: duckdb.DuckDBPyConnection, table: str, voulues: tuple[str, ...]) -> dict[str, str]:
    source = f"publie.enquete.{nom_sql(table)}"
    presentes = {nom: genre for nom, genre, *_ in con.execute(f"describe {source}").fetchall()}
    colonnes = {c: presentes[c] for c in voulues if c in presentes}
    liste = ", ".join(
        "case when qualite is not null then reasons_only(qualite) end as qualite"
        if c == "qualite"
        else nom_sql(c)
        for c in colonnes
    )
    con.execute(f"create or replace temp table {nom_sql('envoi_' + table)} as select {liste} from {source}")
    return colonnes


def _preparer_registre(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Dated creations of the register, as one deposit; empty without a register, or with one that has no dates."""
    colonnes = con.execute(
        "select column_name from duckdb_columns() where database_name = 'publie' "
        "and schema_name = 'ponderation' and table_name = 'registre'"
    ).fetchall()
    if not {(c,) for c in CREATIONS} <= set(colonnes):
        return {}
    con.execute(
        f"create or replace temp table envoi_{REGISTRE} as select {', '.join(CREATIONS)}, "
        f"'{REGISTRE}' as depot_id from publie.ponderation.registre where date_creation is not null"
    )
    return dict.fromkeys((*CREATIONS, "depot_id"), "VARCHAR")


def _motifs(qualite: str) -> str:
    """Why a field has no value, without what was written in its cell."""
    lus = json.loads(qualite)
    return json.dumps({champ: {c: v[c] for c in ("motif",) if c in v} for champ, v in lus.items()})
