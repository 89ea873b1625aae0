"""One key per association: the identities it gave here and there, and the links decided with the register."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from observatoire.domain.enquete import Enquete
from observatoire.storage.connexion import nom_sql
from observatoire.storage.insertion import inserer

# The best key first, when several were said to be one another's.
PREFIXES = ("RNA:", "SIREN:", "NOM:")

# A decision of a person wins over a sure link, and both over the rules below. Two targets: none is taken.
_DECIDES = """
    create or replace temp table decides as
    with rangs as (
        select cle, vers, rank() over (partition by cle order by case statut when 'confirme' then 1 else 2 end) as rang
        from {base}.depot.rapprochements
        where statut in ('sur', 'confirme') and cle <> vers
    )
    select cle, case when count(distinct vers) = 1 then min(vers) end as vers
    from rangs where rang = 1 group by cle"""

# An association that gave its RNA here and its SIRET there is one association when one of its rows gives
# both; a name without number is linked when a single association bears it in that commune.
_AUTOMATIQUES = """
    with paires as (
        select 'SIREN:' || substr(siret, 1, 9) as cle, 'RNA:' || rna as vers
        from identites where rna is not null and siret is not null
    ),
    noms as (
        select n.cle_association as cle, coalesce(p.vers, i.cle_association) as vers
        from identites as n
        inner join identites as i on n.cle_nom = i.cle_nom and i.cle_association not like 'NOM:%'
        left join paires as p on i.cle_association = p.cle
        where n.cle_association like 'NOM:%' and not exists (
            select 1 from {base}.depot.rapprochements as r
            where r.statut = 'refuse' and r.cle = n.cle_association and r.vers in (i.cle_association, p.vers)
        )
    )
    select cle, min(vers) as vers from (select * from paires union all select * from noms) as t
    where cle not in (select cle from decides)
    group by cle having count(distinct vers) = 1"""


def poser_alias(con: duckdb.DuckDBPyConnection, enquetes: Iterable[Enquete], base: str) -> None:
    """Make the temporary table `alias` (cle → vers): the key under which each association is counted."""
    identites = " union all ".join(_identites(e, base) for e in enquetes)
    con.execute(f"create or replace temp table identites as {identites}")
    con.execute(_DECIDES.format(base=base))
    con.execute("create or replace temp table alias (cle varchar, vers varchar)")
    decides = con.execute("select cle, vers from decides where vers is not null").fetchall()
    liens = dict(con.execute(_AUTOMATIQUES.format(base=base)).fetchall()) | dict(decides)
    resolus = {cle: bout for cle in liens if (bout := _bout(liens, cle)) != cle}
    inserer(con, "alias", {"cle": list(resolus), "vers": list(resolus.values())})


def _bout(liens: dict[str, str], cle: str) -> str:
    """End of the chain of links that starts at `cle`; the best key of a ring."""
    vus = [cle]
    while (suivante := liens.get(vus[-1])) is not None:
        if suivante in vus:
            return min(vus[vus.index(suivante) :], key=_rang)
        vus.append(suivante)
    return vus[-1]


def _rang(cle: str) -> tuple[int, str]:
    rang = next((i for i, p in enumerate(PREFIXES) if cle.startswith(p)), len(PREFIXES))
    return rang, cle


def _identites(enquete: Enquete, base: str) -> str:
    champs = enquete.identite
    return f"""
        select distinct e.cle_association, {nom_sql(champs["rna"])} as rna, {nom_sql(champs["siret"])} as siret,
            lower({nom_sql(champs["nom"])}) || '|' || coalesce({nom_sql(champs["commune"])}, '') as cle_nom
        from {base}.enquete.{nom_sql(enquete.name)} as e
        inner join {base}.depot.en_vigueur as d on e.depot_id = d.depot_id
        where e.cle_association is not null"""
