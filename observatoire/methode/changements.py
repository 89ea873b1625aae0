"""What differs between the publication in force and the one that takes its place, figures left aside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from observatoire.domain.francais import INSECABLE, date_courte, ecrire_nombre

if TYPE_CHECKING:
    import duckdb

STATUTS = {"hypothese": "hypothèse"}
CONSTANTE, FICHE, QUESTIONNAIRE, VERSION = "constante", "indicateur", "questionnaire", "version"
# For each kind: the table, and the query that gives its rows in a publication `{base}`.
REQUETES = {
    CONSTANTE: ("parametres", "select * from {base}.parametres"),
    FICHE: ("indicateurs", """
        select indicateur as nom, titre as libelle, md5(concat_ws('|', titre, definition, formule, precautions, source,
            unite, estimateur, secret, dit, ne_dit_pas, parametres, sql)) as texte
        from {base}.indicateurs"""),
    QUESTIONNAIRE: ("questionnaires", "select questionnaire as nom, titre as libelle, empreinte as texte from {base}.questionnaires"),
    VERSION: ("versions", "select concat(genre, '|', nom) as nom, libelle, valeur as texte from {base}.versions"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ecart:
    """One thing that differs; `avant` or `apres` None when it is not there."""

    objet: str
    nom: str
    libelle: str
    avant: str | None
    apres: str | None


def changements(con: duckdb.DuckDBPyConnection, precedente: Path) -> tuple[int | None, list[Ecart]]:
    """Number of the publication `precedente` (None: there is none), and what `pub` changes of it.

    A kind that the older file has no table for is not compared: nothing is known of it.
    """
    if not precedente.exists():
        return None, []
    chemin = str(precedente.resolve()).replace("'", "''")
    con.execute(f"attach '{chemin}' as avant_methode (read_only)")
    try:
        tables = _tables(con) & _tables(con, "pub")
        ((depuis,),) = con.execute("select version from avant_methode._publication").fetchall()
        return depuis, [
            Ecart(objet, *ecart)
            for objet, (table, requete) in REQUETES.items()
            if table in tables
            for ecart in _comparer(_lire(con, requete, "avant_methode"), _lire(con, requete, "pub"))
        ]
    finally:
        con.execute("detach avant_methode")


def comparer_fichiers(avant: Path, apres: Path) -> list[Ecart]:
    """What the public file `apres` changes of the public file `avant`."""
    import duckdb

    chemin = str(apres.resolve()).replace("'", "''")
    with duckdb.connect(":memory:", config={"autoinstall_known_extensions": False}) as con:
        con.execute(f"attach '{chemin}' as pub (read_only)")
        return changements(con, avant)[1]


def _tables(con: duckdb.DuckDBPyConnection, base: str = "avant_methode") -> set[str]:
    requete = (
        f"select table_name from duckdb_tables() where database_name = '{base}' and schema_name = 'main'"
    )
    return {nom for (nom,) in con.execute(requete).fetchall()}


def _lire(con: duckdb.DuckDBPyConnection, requete: str, base: str) -> dict[str, tuple[str, str]]:
    """Name → label and comparable text."""
    resultat = con.execute(requete.format(base=base))
    noms = [d[0] for d in resultat.description or ()]
    lignes = [dict(zip(noms, ligne, strict=True)) for ligne in resultat.fetchall()]
    return dict((x["nom"], (x["libelle"], x["texte"])) if "nom" in x else _constante(x) for x in lignes)


def _constante(ligne: Mapping[str, Any]) -> tuple[str, tuple[str, str]]:
    """A dated constant: a value that starts another day is another thing. A file of before the labels has none."""
    du, au = ligne["valable_du"], ligne["valable_au"]
    dates = ("" if du is None else f" depuis le {date_courte(du)}") + (
        "" if au is None else f" jusqu’au {date_courte(au)}"
    )
    texte = f"{ecrire_nombre(ligne['valeur'])}{INSECABLE}{ligne['unite']}{dates}, {STATUTS.get(ligne['statut'], ligne['statut'])} : {ligne['source']}"
    return f"{ligne['id']}|{du or ''}", (ligne.get("libelle") or ligne["id"], texte)


def _comparer(
    avant: Mapping[str, tuple[str, str]], apres: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str, str | None, str | None]]:
    for nom in sorted(avant.keys() | apres.keys()):
        ancien, nouveau = avant.get(nom), apres.get(nom)
        if ancien is None or nouveau is None or ancien[1] != nouveau[1]:
            libelle = (nouveau or ancien or ("", ""))[0]
            yield nom, libelle, ancien and ancien[1], nouveau and nouveau[1]
