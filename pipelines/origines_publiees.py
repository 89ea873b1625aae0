"""Sources of a publication: the questionnaires, the official registers, the territory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.francais import INSECABLE
from observatoire.publications.licence import licence
from observatoire.publications.schemas import Origine
from observatoire.registre.formats import SOURCES
from observatoire.registre.magasin import bilans
from observatoire.registre.registre import etat, jour_du_nom
from observatoire.territoire.ajouts import lire_ajouts
from observatoire.territoire.carte import fond
from observatoire.territoire.lieux import QPV

OUVERTE = "Licence Ouverte 2.0 (Etalab)"


def origines(
    con: duckdb.DuckDBPyConnection, settings: Settings, enquetes: Mapping[str, Enquete]
) -> list[Origine]:
    """Every source of the publication being made, once its table `depots` is there."""
    return [
        *_questionnaires(con, enquetes),
        *_registres(settings),
        *_tables(settings),
        *_quartiers(settings),
        *_territoire(fond(settings.departement, "commune")["sources"]),
    ]


def _questionnaires(con: duckdb.DuckDBPyConnection, enquetes: Mapping[str, Enquete]) -> Iterator[Origine]:
    requete = """
        select questionnaire, strftime(max(depose_le), '%Y-%m-%d'), cast(sum(lignes_lues) as bigint)
        from pub.depots where list_contains((select string_split(depots, ', ') from pub._publication), depot_id)
        group by questionnaire order by questionnaire"""
    for nom, quand, lignes in con.execute(requete).fetchall():
        titre = enquetes[nom].title if nom in enquetes else nom
        yield Origine(nom, titre, "Dépôts de l’observatoire", _des_reponses(), None, quand, lignes)


def _des_reponses() -> str:
    """Only figures are given away."""
    return f"{licence()['nom']} pour les chiffres\u202f; réponses non diffusées"


def _registres(settings: Settings) -> Iterator[Origine]:
    registre = etat(settings)
    for s in registre.sources if registre else []:
        yield _origine(s.genre, s.extrait_le or _ajoute(s.quand), s.lues)


def _tables(settings: Settings) -> Iterator[Origine]:
    """The tables of public sources, but those that the register already tells of."""
    for b in bilans(settings):
        if not SOURCES[b.source].registre:
            yield _origine(b.source, b.extrait_le or _ajoute(b.quand), b.gardees)


def _quartiers(settings: Settings) -> Iterator[Origine]:
    """The priority districts loaded, by file."""
    fichiers: dict[str, list[str]] = {}
    for ajout in lire_ajouts(settings.territoires):
        if ajout.niveau == QPV:
            fichiers.setdefault(ajout.source, []).append(ajout.ajoute_le)
    for fichier, jours in sorted(fichiers.items()):
        yield _origine(QPV, jour_du_nom(fichier) or _ajoute(max(jours)), len(jours))


def _ajoute(quand: str) -> str:
    """What is said when nobody knows the day of the extraction."""
    return f"inconnu, ajouté le {quand[:10]}"


def _origine(nom: str, quand: str, lignes: int) -> Origine:
    s = SOURCES[nom]
    return Origine(nom, s.titre, s.producteur, s.licence, s.adresse, quand, lignes)


def _territoire(textes: Iterable[str]) -> Iterator[Origine]:
    """The texts of the map: « What : who (licence), after which edition »."""
    for rang, texte in enumerate(textes, 1):
        debut, _, edition = texte.partition(", d’après ")
        titre, _, producteur = debut.partition(f"{INSECABLE}: ")
        dite = OUVERTE if "Licence Ouverte" in texte else "voir la source"
        yield Origine(f"territoire_{rang}", titre, producteur or titre, dite, None, edition or debut, None)
