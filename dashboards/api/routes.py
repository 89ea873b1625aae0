"""Addresses of the programs, and the page that lists them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from dashboards.api import fichiers, figure, filtres, mesures
from dashboards.api.reponses import Refus, entetes, etiquette, inchange, json_reponse, route
from dashboards.api.source import courante
from observatoire.publications.licence import licence

ADRESSES = {
    "/api/mesures.csv": "Les chiffres, en CSV technique (virgule, point, UTF-8)",
    "/api/mesures.metadata.json": "Ce que disent les colonnes et les indicateurs de ce fichier",
    "/api/figure/{identifiant}.json": "Un chiffre, sa phrase, son intervalle, son état",
    "/api/figure/{identifiant}.metadata.json": "Définition, formule, source, précautions, constantes, requête",
    "/api/publication.duckdb": "Le fichier public entier",
    "/api/publication/parquet/{table}.parquet": "Une table",
    "/api/publication/SHA256SUMS": "Empreintes des fichiers",
    "/api/publication/dossier/{chemin}": "Un fichier du dossier à emporter : datapackage.json, csv/mesures.csv…",
}


def index(requete: Request) -> Response:
    """`/api/`: what there is to read."""
    source = courante()
    etag = etiquette("index", source.identite)
    if (deja := inchange(requete, etag)) is not None:
        return deja
    contenu = {
        "publication": source.version,
        "adresses": ADRESSES,
        "filtres": [*filtres.COLONNES, f"{filtres.FORME}={'|'.join(filtres.FORMES)}"],
        "tables": list(source.parquets),
        "licence": licence(),
    }
    return json_reponse(contenu, entetes=entetes(etag))


def inconnue(requete: Request) -> Response:
    """Any other address under `/api/`."""
    raise Refus(404, "Adresse inconnue. La liste est à l’adresse /api/.")


ROUTES = (
    route("/api", index),
    route("/api/", index),
    route("/api/mesures.csv", mesures.csv_mesures),
    route("/api/mesures.metadata.json", mesures.metadonnees),
    route("/api/figure/{identifiant}.metadata.json", figure.metadonnees),
    route("/api/figure/{identifiant}.json", figure.figure),
    route("/api/publication.duckdb", fichiers.duckdb),
    route("/api/publication/parquet/{table}.parquet", fichiers.parquet),
    route("/api/publication/SHA256SUMS", fichiers.sommes),
    route("/api/publication/dossier/{chemin:path}", fichiers.dossier),
    route("/api/{reste:path}", inconnue),
)
