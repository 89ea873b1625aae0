"""The published files as they are, and their checksums. A name of a table is looked up, never made into a path."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from dashboards.api.reponses import Refus, entetes, etiquette, inchange
from dashboards.api.source import courante


def duckdb(requete: Request) -> Response:
    """`/api/publication.duckdb`: the public file."""
    source = courante()
    return _fichier(requete, source.chemin, source.identite, "application/vnd.duckdb", source.chemin.name)


def parquet(requete: Request) -> Response:
    """`/api/publication/parquet/<table>.parquet`."""
    source, table = courante(), requete.path_params["table"]
    tables = source.parquets
    if table not in tables:
        raise Refus(404, f"Aucune table de ce nom. Tables\u00a0: {', '.join(tables)}.")
    chemin = tables[table]
    return _fichier(requete, chemin, source.identite, "application/vnd.apache.parquet", chemin.name)


GENRES = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
    ".duckdb": "application/vnd.duckdb",
    "": "text/plain; charset=utf-8",
}


def dossier(requete: Request) -> Response:
    """`/api/publication/dossier/<chemin>`: a file of the folder to carry away, looked up in its list."""
    source, nom = courante(), requete.path_params["chemin"]
    fichiers = source.dossier
    if nom not in fichiers:
        notices = ", ".join(f for f in fichiers if "/" not in f) or "aucun"
        raise Refus(
            404, f"Aucun fichier de ce nom dans le dossier de la publication. À sa racine\u00a0: {notices}."
        )
    chemin = fichiers[nom]
    return _fichier(requete, chemin, f"{source.identite}-{nom}", GENRES[chemin.suffix], chemin.name)


def sommes(requete: Request) -> Response:
    """`/api/publication/SHA256SUMS`: of the files above, put in one folder under the names they are sent with."""
    source = courante()
    etag = etiquette("sommes", source.identite)
    if (deja := inchange(requete, etag)) is not None:
        return deja
    try:
        texte = source.sommes.read_text(encoding="utf-8")
    except FileNotFoundError as faute:
        raise Refus(404, "Cette publication n’a pas de fichier d’empreintes.") from faute
    return Response(
        texte.replace("  ../", "  "), headers=entetes(etag), media_type="text/plain; charset=utf-8"
    )


def _fichier(requete: Request, chemin: Path, identite: str, genre: str, nom: str) -> Response:
    etag = etiquette(chemin.name, identite)
    if (deja := inchange(requete, etag)) is not None:
        return deja
    if not chemin.is_file():
        raise Refus(404, "Ce fichier n’est plus là\u00a0: une autre publication l’a remplacé. Recommencez.")
    return FileResponse(chemin, media_type=genre, filename=nom, headers=entetes(etag))
