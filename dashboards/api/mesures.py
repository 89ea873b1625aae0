"""The figures as a technical CSV sent as it is read, and the description that goes with it."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Generator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import duckdb
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dashboards import chiffre, lecture
from dashboards.api import filtres as filtrage
from dashboards.api.filtres import Filtres
from dashboards.api.reponses import Refus, entetes, etiquette, inchange, json_reponse
from dashboards.api.source import Source, courante
from dashboards.modeles import Indicateur
from observatoire.chiffres.exposition import STATUTS
from observatoire.chiffres.identifiant import Identifiant, code_financeur
from observatoire.chiffres.lecture import Edition, lire_edition
from observatoire.domain.export import neutraliser
from observatoire.indicators.catalogue import VUES
from observatoire.publications.licence import licence

PAR_LOT = 2000
# Files sent at the same time by one process: each holds one cursor and one batch of rows.
ENVOIS_MAX = 16
_envois = threading.BoundedSemaphore(ENVOIS_MAX)
COLONNES = {
    "identifiant": "Nom du chiffre, à citer",
    "indicateur": "Nom de l’indicateur",
    "titre": "Titre de l’indicateur",
    "millesime": "Année des données",
    "niveau": "Échelle du territoire",
    "code_territoire": "Code du territoire (Insee, SIREN…), un texte",
    "territoire": "Nom du territoire",
    "domaine": "Domaine d’activité ; « tous » pour l’ensemble",
    "financeur": "Financeur ; « tous » pour l’ensemble",
    "vue": "Ce que le chiffre représente",
    "valeur": "Valeur ; vide quand le chiffre n’est pas montré",
    "unite": "Unité ; une part va de 0 à 1",
    "borne_basse": "Bas de l’intervalle ou de la fourchette",
    "borne_haute": "Haut de l’intervalle ou de la fourchette",
    "cv": "Coefficient de variation, dans les vues pondérées",
    "n_repondants": "Associations qui ont répondu ; vide quand le chiffre est masqué",
    "taux_reponse": "Répondantes ÷ associations du cadre",
    "statut": "État du chiffre",
    "methode": "Comment il est calculé",
    "source": "D’où viennent les données",
    "publication": "Numéro de la publication",
    "publie_le": "Date de la publication",
    "donnees_fictives": "true pour une démonstration",
}
_REQUETE = """
    select m.indicateur, i.titre, m.millesime, m.niveau, m.code_territoire,
           coalesce(t.libelle, m.code_territoire) as territoire, m.domaine, m.financeur, m.vue, m.valeur, i.unite,
           m.borne_basse, m.borne_haute, m.cv, m.n_repondants, m.taux_reponse, m.statut, i.source
    from (select * from mesures where {condition}) as m
    inner join indicateurs as i using (indicateur)
    left join territoires as t on t.niveau = m.niveau and t.code = m.code_territoire
    order by m.indicateur, m.millesime, m.niveau, m.code_territoire, m.domaine, m.financeur, m.vue
"""


def csv_mesures(requete: Request) -> Response:
    """`/api/mesures.csv`: comma, point, UTF-8; every row stands alone."""
    source, filtres = courante(), filtrage.lire(requete)
    etag = etiquette("mesures.csv", source.identite, filtres.utiles)
    if (deja := inchange(requete, etag)) is not None:
        return deja
    nom = f"mesures-publication-{source.version}{'' if filtres.utiles else '-complet'}.csv"
    suite = {**entetes(etag), "Content-Disposition": f'attachment; filename="{nom}"'}
    con = source.ouvrir()
    try:
        filtrage.exiger_connues(con, filtres)
        edition = lire_edition(con)
    except BaseException:
        con.close()
        raise
    if requete.method == "HEAD":
        con.close()
        return Response(headers=suite, media_type="text/csv; charset=utf-8")
    if not _envois.acquire(blocking=False):
        con.close()
        raise Refus(
            503,
            "Trop de fichiers sont demandés à la fois. Recommencez dans quelques secondes.",
            **{"Retry-After": "5"},
        )
    return StreamingResponse(
        _lignes(con, edition, filtres), headers=suite, media_type="text/csv; charset=utf-8"
    )


def _lignes(
    con: duckdb.DuckDBPyConnection, edition: Edition, filtres: Filtres
) -> Generator[bytes, None, None]:
    """The file, a batch at a time: what is in memory does not depend on how many rows there are."""
    try:
        cartes = {carte.indicateur: carte for carte in lecture.indicateurs(con)}
        condition, valeurs = filtres.condition()
        con.execute(_REQUETE.format(condition=condition), valeurs)
        fin = (edition.version, edition.publie_le.date().isoformat(), "true" if edition.fictif else "false")
        yield _csv([tuple(COLONNES)])
        while lot := con.fetchmany(PAR_LOT):
            yield _csv([_ligne(ligne, cartes, fin) for ligne in lot])
    finally:
        con.close()
        _envois.release()


def _csv(lignes: Sequence[Sequence[Any]]) -> bytes:
    sortie = io.StringIO(newline="")
    csv.writer(sortie, lineterminator="\n").writerows(
        [neutraliser(v) if isinstance(v, str) else v for v in ligne] for ligne in lignes
    )
    return sortie.getvalue().encode()


def _ligne(ligne: tuple[Any, ...], cartes: Mapping[str, Indicateur], fin: tuple[Any, ...]) -> tuple[Any, ...]:
    *faits, origine = ligne
    indicateur, _, millesime, niveau, code, _, domaine, financeur, vue = faits[:9]
    nom = Identifiant(indicateur, millesime, niveau, code, vue, domaine, _financeur(financeur), fin[0])
    return (str(nom), *faits, chiffre.methode(cartes[indicateur], vue), origine, *fin)


_financeur = lru_cache(maxsize=4096)(code_financeur)


_FICHE = (
    "indicateur", "titre", "theme", "libelle_theme", "definition", "formule", "precautions", "source", "unite",
    "decimales", "estimateur", "raison_secret", "dit", "ne_dit_pas", "repere_valeur", "repere_valeur_haute",
    "repere_territoire", "repere_annee", "repere_source",
)  # fmt: skip


def metadonnees(requete: Request) -> Response:
    """`/api/mesures.metadata.json`: what the columns hold, and the card of each indicator of the file."""
    source, filtres = courante(), filtrage.lire(requete)
    etag = etiquette("mesures.metadata", source.identite, filtres.utiles)
    if (deja := inchange(requete, etag)) is not None:
        return deja
    con = source.ouvrir()
    try:
        filtrage.exiger_connues(con, filtres)
        contenu = _description(con, source, filtres)
    finally:
        con.close()
    return json_reponse(contenu, entetes=entetes(etag))


def _description(con: duckdb.DuckDBPyConnection, source: Source, filtres: Filtres) -> dict[str, Any]:
    edition = lire_edition(con)
    condition, valeurs = filtres.condition()
    nb = con.execute(f"select count(*) from mesures where {condition}", valeurs).fetchall()[0][0]
    curseur = con.execute(
        f"select * from indicateurs where indicateur in (select indicateur from mesures where {condition}) order by indicateur",
        valeurs,
    )
    noms = [d[0] for d in curseur.description or ()]
    fiches = [dict(zip(noms, ligne, strict=True)) for ligne in curseur.fetchall()]
    return {
        "titre": "Mesures de l’observatoire de la vie associative",
        "lignes": int(nb),
        "filtres": {nom: list(v) for nom, v in filtres.utiles.items()},
        "publication": publication(edition),
        "licence": licence(),
        "colonnes": COLONNES,
        "statuts": STATUTS,
        "vues": VUES,
        "indicateurs": [
            {c: fiche[c] for c in _FICHE if c in fiche and fiche[c] not in (None, "")} for fiche in fiches
        ],
    }


def publication(edition: Edition) -> dict[str, Any]:
    """Number, date (universal time) and fictitious mark of a publication."""
    return {"numero": edition.version, "publie_le": edition.publie_le, "donnees_fictives": edition.fictif}
