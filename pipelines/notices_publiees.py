"""The notices of a publication being made, compared with the one in force."""

from __future__ import annotations

import duckdb

from observatoire.config.settings import Settings
from observatoire.publications.comparaison import Comparaison, comparer_chiffres
from observatoire.publications.notices import MONTRES, ecrire_notices, lire_fiche
from observatoire.storage.fichiers import CHIFFRES, PUBLIC, cible
from observatoire.storage.jeu import Contenu, Notices


def notices(settings: Settings) -> Notices:
    """The function that gives the texts of both sets; the figures are compared once."""
    comparaisons: dict[int, Comparaison | None] = {}

    def _notices(con: duckdb.DuckDBPyConnection, contenu: Contenu) -> dict[str, str]:
        if contenu.version not in comparaisons:
            comparaisons[contenu.version] = _comparer(settings, contenu.version)
        return ecrire_notices(lire_fiche(con, settings.departement), contenu, comparaisons[contenu.version])

    return _notices


def _comparer(settings: Settings, version: int) -> Comparaison | None:
    courante = cible(settings.publication)
    avant = None if courante is None else PUBLIC.version(courante)
    if avant is None or courante is None or not CHIFFRES.final(settings, avant).is_file():
        return None
    return comparer_chiffres(
        (avant, CHIFFRES.final(settings, avant), courante),
        (version, CHIFFRES.provisoire(settings, version), PUBLIC.provisoire(settings, version)),
        limite=MONTRES,
    )
