"""The associations of the warehouse: those that gave a name only, those that gave a number, names alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from observatoire.domain.loader import load_enquetes
from observatoire.registre.alignement import aligner
from observatoire.registre.construction import Ligne, en_table
from observatoire.registre.noms import cle_triee, mots, normaliser
from observatoire.registre.rapprochement import (
    DOUTEUX,
    SUR,
    Candidat,
    Demande,
    Lien,
    Note,
    comparer,
    expliquer,
)
from observatoire.storage.connexion import nom_sql
from observatoire.storage.depots import Depot

PROCHE_MIN = 0.75  # two names of one commune nearer than that are shown side by side
PROCHES_MAX = 5


@dataclass(frozen=True, slots=True)
class Nomme:
    """One association that gave its name and no number: the files it is in, and how many rows."""

    cle: str
    nom: str
    code_commune: str | None
    fichiers: tuple[str, ...]
    lignes: int


def nommes(con: duckdb.DuckDBPyConnection, seul: Depot | None = None) -> list[Nomme]:
    """Associations without number of the deposits in force, or of one deposit, by key."""
    with con.cursor() as cur:
        condition = "d.depot_id = ?" if seul else "true"
        requete = f"""
            select cle, min(nom), min(commune), list(distinct fichier order by fichier), sum(nb)
            from ({_identites(cur, "NOM:%", condition, seul.questionnaire if seul else None)}) as t
            group by cle order by cle"""
        valeurs = [seul.depot_id] if seul else []
        lignes = cur.execute(requete, valeurs).fetchall()
    return [Nomme(cle, nom, commune, tuple(fichiers), int(nb)) for cle, nom, commune, fichiers, nb in lignes]


def _identites(
    cur: duckdb.DuckDBPyConnection, motif: str, condition: str, questionnaire: str | None = None
) -> str:
    """SQL of (cle, nom, commune, fichier, nb) of the rows whose key is like `motif`."""
    presentes = {
        nom
        for (nom,) in cur.execute(
            "select table_name from duckdb_tables() where schema_name = 'enquete'"
        ).fetchall()
    }
    morceaux = []
    for enquete in load_enquetes().values():
        if enquete.name not in presentes or questionnaire not in (None, enquete.name):
            continue
        nom, commune = (nom_sql(enquete.identite[c]) for c in ("nom", "commune"))
        morceaux.append(f"""
            select e.cle_association as cle, {nom} as nom, {commune} as commune, d.nom_fichier as fichier, count(*) as nb
            from enquete.{nom_sql(enquete.name)} as e
            inner join depot.en_vigueur as d on e.depot_id = d.depot_id
            where e.cle_association like '{motif}' and {nom} is not null and {condition}
            group by all""")
    vide = "select null::varchar as cle, null::varchar as nom, null::varchar as commune, null::varchar as fichier, 0 as nb where false"
    return " union all ".join(morceaux) or vide


def connus(con: duckdb.DuckDBPyConnection, communes: Mapping[str, str]) -> pa.Table:
    """Associations that gave a number, as a register: one name each, the most frequent one.

    `communes`: code → name.
    """
    with con.cursor() as cur:
        requete = f"""
            select cle, nom, min(commune) as commune, sum(nb) as nb
            from ({_identites(cur, "%:%", "e.cle_association not like 'NOM:%'")}) as t
            group by cle, nom
            qualify row_number() over (partition by cle order by sum(nb) desc, nom) = 1
            order by cle"""
        lignes = cur.execute(requete).fetchall()
    fiches = []
    for cle, nom, commune, _ in lignes:
        genre, _, numero = cle.partition(":")
        rna, siren = (numero, None) if genre == "RNA" else (None, numero)
        lieu = communes.get(commune or "")
        fiches.append(Ligne(rna, siren, None, nom, None, normaliser(nom), commune, lieu, source="entrepot"))
    return en_table(fiches)


def numeros(con: duckdb.DuckDBPyConnection, registre: Path) -> list[tuple[str, str, str, str | None]]:
    """(SIREN key of the warehouse, RNA key, name, commune) for the SIREN that the register gives to one RNA."""
    with con.cursor() as cur:
        cles = f"select distinct cle from ({_identites(cur, 'SIREN:%', 'true')}) as t"
        requete = f"""
            select c.cle, min(r.cle), min(r.nom), min(r.libelle_commune)
            from ({cles}) as c
            inner join read_parquet(?) as r on c.cle = 'SIREN:' || r.siren
            where r.rna is not null
            group by c.cle having count(*) = 1 order by c.cle"""
        return cur.execute(requete, [str(registre)]).fetchall()


def memes_noms(
    memoire: duckdb.DuckDBPyConnection,
    con: duckdb.DuckDBPyConnection,
    noms: Sequence[Nomme],
    liees: set[str],
    communes: Mapping[str, str],
) -> list[Lien]:
    """Names that may be two writings of one association of a commune.

    The same words: linked, whatever was decided of the other. Near: asked, unless the other (`liees`) is settled.
    `noms` are those to place: each points to another one. Of two to place, the second by key points to the
    first; a pair known the other way round is not asked twice.
    """
    a_placer = {n.cle for n in noms}
    liees = liees | (_liees(con) - a_placer)
    tous = [n for n in nommes(con) if n.code_commune]
    if len(tous) < 2:
        return []
    fiches = [
        Ligne(
            nom=n.nom,
            nom_norme=normaliser(n.nom),
            code_commune=n.code_commune,
            libelle_commune=communes.get(n.code_commune or ""),
        )
        for n in tous
    ]
    table = en_table(fiches).set_column(0, "cle", pa.array([n.cle for n in tous], pa.string()))
    inverses = _paires_connues(con)
    demandes = [Demande(n.cle, n.nom, n.code_commune) for n in tous if n.cle in a_placer]
    liens = []
    for d, notes in zip(demandes, comparer(memoire, demandes, table), strict=True):
        autres = [n for n in notes if n.meme_commune and n.fiche.vers != d.cle]
        autres = [n for n in autres if n.fiche.vers < d.cle or n.fiche.vers not in a_placer]
        proches = [_a_plat(d, n) for n in autres if (n.fiche.vers, d.cle) not in inverses]
        proches = sorted((n for n in proches if _proche(n)), key=lambda n: (-n.score, n.fiche.vers))
        identiques = [n for n in proches if cle_triee(" ".join(n.fiche.mots)) == cle_triee(normaliser(d.nom))]
        libres = [n for n in proches if n.fiche.vers not in liees]
        if retenus := identiques[:1] or libres[:PROCHES_MAX]:
            liens.append(_lien(d, retenus, SUR if identiques else DOUTEUX))
    return liens


def _liees(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Names that have a number by now."""
    requete = """
        select distinct cle from depot.rapprochements
        where statut in ('sur', 'confirme') and vers not like 'NOM:%'"""
    with con.cursor() as cur:
        return {cle for (cle,) in cur.execute(requete).fetchall()}


def _paires_connues(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    with con.cursor() as cur:
        return set(
            cur.execute("select cle, vers from depot.rapprochements where vers like 'NOM:%'").fetchall()
        )


def _a_plat(demande: Demande, note: Note) -> Note:
    """The same comparison with words that all weigh the same: too few names here to say which are rare."""
    lu = aligner(mots(demande.nom), note.fiche.mots, lambda _: 1.0, note.fiche.lieu, note.meme_commune)
    return replace(note, alignement=lu, score=round(lu.score, 6))


def _proche(note: Note) -> bool:
    lu = note.alignement
    return note.score >= PROCHE_MIN and not (lu.en_trop and lu.manquants)


def _lien(demande: Demande, notes: Sequence[Note], verdict: str) -> Lien:
    candidats = tuple(
        Candidat(n.fiche.vers, n.fiche.nom, n.fiche.libelle, n.score, expliquer(n)) for n in notes
    )
    return Lien(demande.cle, verdict, candidats, None)
