"""What is said of a query that is not run, or that fails: a French sentence around DuckDB's words, and the place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PHRASES = {
    "vide": "Écrivez une requête : il n’y a rien à lancer.",
    "longue": "Cette requête est trop longue. Découpez-la, ou travaillez dans un carnet.",
    "plusieurs": "Une seule requête à la fois : il y en a plusieurs, séparées par un point-virgule ou faites d’un « pivot ». "
    "Gardez-en une.",
    "ecriture": "Seules les requêtes qui lisent sont permises ici : commencez par « select », « from », « with », « describe » "
    "ou « summarize ». Rien ne s’écrit, ne s’ouvre ni ne se règle depuis cette page.",
    "delai": "La requête a été arrêtée : elle durait plus de {duree} secondes. Gardez moins de lignes (« where », « limit ») "
    "ou regroupez avant de joindre.",
    "memoire": "La requête demande trop de mémoire. Gardez moins de colonnes ou de lignes, ou regroupez d’abord.",
    "interrompue": "La requête s’est arrêtée sans répondre : elle demandait sans doute trop de mémoire ou de temps. "
    "Gardez moins de lignes.",
    "ouverture": "Le fichier de la publication ne s’ouvre pas. Prévenez la personne qui administre l’observatoire.",
    "occupe": "D’autres requêtes tournent déjà. Attendez quelques secondes et relancez la vôtre.",
    "absente": "Aucune publication n’a encore été faite : il n’y a rien à interroger.",
    "lecture": "La requête ne se lit pas{ou} : vérifiez les virgules, les parenthèses et les guillemets.",
    "permission": "Cette requête veut atteindre un autre fichier, une extension ou un réglage de la machine : c’est fermé ici. "
    "Seules les tables de la publication se lisent.",
    "table": "La table ou la fonction « {nom} » n’existe pas{ou}.{conseil}",
    "colonne": "La colonne « {nom} » n’existe pas dans ces tables{ou}.{conseil}",
    "groupe": "Avec un regroupement, chaque colonne se regroupe ou se résume : ajoutez celle-ci à « group by », ou prenez "
    "« any_value »{ou}.",
    "fonction": "Cette fonction ne prend pas ce genre de valeurs{ou}. Convertissez d’abord : « cast(… as double) ».",
    "valeur": "Une valeur ne se convertit pas ou ne se calcule pas{ou}. « try_cast » laisse vide ce qui ne se convertit pas.",
    "fuseau": "Une date avec fuseau horaire ne se montre pas ici{ou} : écrivez « cast(… as timestamp) ».",
    "parametre": "Il manque la valeur d’un paramètre (« $nom » ou « ? ») : écrivez-la dans la requête.",
    "autre": "DuckDB refuse cette requête{ou}.",
}
_GENRES = {
    "ParserException": "lecture",
    "SyntaxException": "lecture",
    "PermissionException": "permission",
    "IOException": "permission",
    "OutOfMemoryException": "memoire",
    "ConversionException": "valeur",
    "OutOfRangeException": "valeur",
}
_JSON = re.compile(r"\{.*\}\s*\Z", re.DOTALL)
EXTRAIT = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a query fails: line and character from 1, and that line."""

    ligne: int
    caractere: int
    texte: str

    @property
    def extrait(self) -> str:
        """The line around the place, with a mark below it."""
        debut = max(0, self.caractere - 1 - EXTRAIT // 2)
        montre = self.texte[debut : debut + EXTRAIT]
        return f"{montre}\n{' ' * (self.caractere - 1 - debut)}▲"


class RequeteRefusee(Exception):
    """A query that gives nothing: its message is a French sentence; `dit` is DuckDB's own, empty for ours."""

    def __init__(self, code: str, *, dit: str = "", place: Place | None = None, **details: object) -> None:
        ou = f" (ligne {place.ligne}, caractère {place.caractere})" if place else ""
        phrase = _PHRASES[code].format(ou=ou, **details)
        super().__init__(re.sub(r" ([:;?!»])", "\u00a0\\1", phrase).replace("« ", "«\u00a0"))
        self.code, self.dit, self.place = code, dit, place


def de_duckdb(genre: str, dit: str, sql: str) -> RequeteRefusee:
    """The refusal for an error of DuckDB, told as JSON (`errors_as_json`)."""
    trouve = _JSON.search(dit)
    erreur: Mapping[str, Any] = json.loads(trouve[0]) if trouve else {}
    phrase = str(erreur.get("exception_message", dit)).strip()
    place = _place(sql, erreur.get("position"))
    code = _code(genre, phrase, erreur)
    proches = [c for c in str(erreur.get("candidates", "")).split(",") if c]
    conseil = f" Essayez : {', '.join(f'« {c} »' for c in proches)}." if proches else ""
    return RequeteRefusee(code, dit=phrase, place=place, nom=erreur.get("name", ""), conseil=conseil)


def _code(genre: str, phrase: str, erreur: Mapping[str, Any]) -> str:
    if erreur.get("error_subtype") == "COLUMN_NOT_FOUND":
        return "colonne"
    if erreur.get("error_subtype") == "MISSING_ENTRY":
        return "table"
    if "GROUP BY" in phrase:
        return "groupe"
    if phrase.startswith("No function matches"):
        return "fonction"
    if "prepared statement parameters" in phrase:
        return "parametre"
    if "pytz" in phrase:
        return "fuseau"
    if "configuration" in phrase or "read-only" in phrase:
        return "permission"
    return _GENRES.get(genre, "autre")


def _place(sql: str, position: object) -> Place | None:
    """DuckDB counts bytes from the start of the query."""
    if position is None:
        return None
    avant = sql.encode()[: int(str(position))].decode(errors="ignore")
    ligne = avant.count("\n") + 1
    return Place(ligne, len(avant) - (avant.rfind("\n") + 1) + 1, sql.split("\n")[ligne - 1])
