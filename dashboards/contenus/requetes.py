"""Example queries of the published file (observatoire/publications/requetes.toml), their titles as a page writes them."""

from __future__ import annotations

from functools import cache

from dashboards.contenus.chargement import texte
from observatoire.publications.requetes import Requete
from observatoire.publications.requetes import lire_requetes as lire


@cache
def lire_requetes() -> tuple[Requete, ...]:
    """All queries."""
    return tuple(Requete(texte(x.titre), x.sql) for x in lire())
