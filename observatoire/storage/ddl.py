"""Questionnaire → DuckDB table of the private warehouse, with its comments. Pure text."""

from __future__ import annotations

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.types import type_de

SCHEMA = "enquete"

# Columns that every table of answers ends with: name, SQL type, « not null », comment.
COLONNES_TECHNIQUES: tuple[tuple[str, str, bool, str], ...] = (
    ("millesime", "INTEGER", False, "Année des données, lue dans la ligne ou donnée au dépôt."),
    (
        "cle_association",
        "VARCHAR",
        False,
        "Clé de l’association\u00a0: RNA, sinon SIREN, sinon nom et commune.",
    ),
    (
        "qualite",
        "VARCHAR",
        False,
        "JSON par champ\u00a0: motif d’absence, lecture interprétée, texte écarté. NULL si tout est net.",
    ),
    ("depot_id", "VARCHAR", True, "Dépôt d’où vient la ligne."),
    ("feuille", "VARCHAR", True, "Feuille du classeur déposé."),
    ("ligne", "INTEGER", True, "Ligne de la feuille, comptée à partir de 1."),
    (
        "lignes_source",
        "INTEGER[]",
        False,
        "Lignes de la feuille résumées par celle-ci, quand il y en a plusieurs.",
    ),
)


def ddl(enquete: Enquete) -> str:
    """SQL that creates the table of a questionnaire, then comments it and each column."""
    table = f"{SCHEMA}.{enquete.name}"
    colonnes = [(c.name, type_de(c).sql, c.obligatoire, _commentaire(c)) for c in enquete.champs_actifs()]
    colonnes += COLONNES_TECHNIQUES
    corps = ",\n".join(f"    {nom} {sql}{' not null' if requis else ''}" for nom, sql, requis, _ in colonnes)
    commentaires = [f"comment on table {table} is {_texte(f'{enquete.title}. {enquete.grain}')};"]
    commentaires += [f"comment on column {table}.{nom} is {_texte(texte)};" for nom, _, _, texte in colonnes]
    return (
        f"-- {enquete.grain}\ncreate table if not exists {table} (\n{corps}\n);\n"
        + "\n".join(commentaires)
        + "\n"
    )


def _commentaire(champ: Champ) -> str:
    unite = f" [{champ.unit}]" if champ.unit else ""
    liste = f" Liste\u00a0: {champ.nomenclature}." if champ.nomenclature else ""
    return f"{champ.title}{unite}. {champ.description}{liste}"


def _texte(texte: str) -> str:
    return "'" + texte.replace("'", "''") + "'"
