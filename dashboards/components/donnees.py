"""The current publication for the pages: found through the symlink, opened once, read through a cache."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import duckdb
import streamlit as st

from dashboards import lecture, lecture_base, lecture_derivees, textes
from dashboards.modeles import Edition, Territoire
from observatoire.config.settings import load_settings
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.erreurs import PublicationAbsente

P = ParamSpec("P")
T = TypeVar("T")
Connexion = duckdb.DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Publication:
    """The publication a page reads: real path (never the symlink), identity of the file, edition."""

    chemin: Path
    identite: str
    departement: str
    edition: Edition

    def lire(self, requete: Callable[Concatenate[Connexion, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Result of one function of a module `lecture*`, kept for all sessions of this publication."""
        if kwargs:
            raise TypeError("les requêtes se lisent par arguments positionnels")
        resultat: T = _lire(self.identite, _nom(requete), args, self.chemin)[0]
        return resultat

    def requetes(
        self, requete: Callable[Concatenate[Connexion, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[str, ...]:
        """The SQL that `lire` runs for the same call, ready to paste."""
        if kwargs:
            raise TypeError("les requêtes se lisent par arguments positionnels")
        requetes: tuple[str, ...] = _lire(self.identite, _nom(requete), args, self.chemin)[1]
        return requetes

    def requetes_habitants(self, lieux: Sequence[Territoire]) -> tuple[str, ...]:
        """Queries of the inhabitants of territories of one level; none when none has any."""
        connus = [t for t in lieux if t.population]
        if not connus:
            return ()
        return self.requetes(lecture_derivees.habitants, connus[0].niveau, tuple(t.code for t in connus))


def _nom(requete: Callable[..., Any]) -> str:
    """Full name of a function of a module `dashboards.lecture*`: part of the key of the cache."""
    return f"{requete.__module__}.{requete.__name__}"


@st.cache_resource(max_entries=2000, show_spinner=False)
def _lire(
    identite: str, requete: str, arguments: tuple[Hashable, ...], _chemin: Path
) -> tuple[Any, tuple[str, ...]]:
    """What the function gives, and the SQL it ran."""
    module, _, nom = requete.rpartition(".")
    fonction = getattr(import_module(module), nom)
    with lecture_base.noter() as requetes:
        resultat = fonction(ouvrir_publication(_chemin), *arguments)
    return resultat, tuple(requetes)


def courante() -> Publication | None:
    """The publication behind the symlink; None when there is none. DuckDB's error if unreadable."""
    reglages = load_settings()
    try:
        chemin = reglages.publication.resolve(strict=True)
        etat = chemin.stat()
    except FileNotFoundError:
        return None
    identite = f"{chemin}|{etat.st_ino}|{etat.st_mtime_ns}|{etat.st_size}"
    edition, _ = _lire(identite, _nom(lecture.edition), (), chemin)
    return Publication(chemin, identite, reglages.departement, edition)


# What nearly every page reads, whatever its filters.
COMMUNES: tuple[Callable[[Connexion], Any], ...] = (
    lecture.annees,
    lecture.depots,
    lecture.domaines,
    lecture.est_ponderee,
    lecture.evolutions,
    lecture.indicateurs,
    lecture.territoires,
)


def chauffer(deja: str) -> str:
    """Read what pages share in the current publication, unless it is `deja`; gives its identity, `deja` without one."""
    try:
        publication = courante()
    except (duckdb.Error, PublicationAbsente):
        return deja
    if publication is None or publication.identite == deja:
        return deja
    for requete in COMMUNES:
        publication.lire(requete)
    return publication.identite


def exiger() -> Publication:
    """The current publication, or a French sentence saying what to do and the end of the page."""
    try:
        publication = courante()
    except (duckdb.Error, PublicationAbsente):
        st.error(textes.PUBLICATION_ILLISIBLE, icon=":material/error:")
        st.stop()
    if publication is None:
        st.info(textes.SANS_PUBLICATION, icon=":material/info:")
        st.stop()
    return publication
