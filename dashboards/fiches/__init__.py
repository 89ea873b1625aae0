"""Printed documents, made from one publication: `fiche_pdf` for a page, `ecrire` and `toutes` for the command line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from dashboards.contact import contact
from dashboards.fiches import diaporama, feuilles
from dashboards.fiches.feuilles import LieuInconnu, UnLieu
from dashboards.lecture_papier import Fonds
from dashboards.modeles import Territoire
from observatoire.documents.pdf import composer, feuille

__all__ = ["GENRES", "Ecrit", "LieuInconnu", "UnLieu", "ecrire", "fiche_pdf", "lieux", "toutes"]
FICHE, CLES, DIAPORAMA = "fiche", "chiffres-cles", "diaporama"
GENRES = (FICHE, CLES, DIAPORAMA)
_ORDRE = ("departement", "arrondissement", "epci", "canton", "regroupement", "qpv", "commune")


@dataclass(frozen=True, slots=True)
class Ecrit:
    """A sheet among all: its territory, the file, how many of its figures are those of a wider place."""

    lieu: Territoire
    octets: bytes
    nb_chiffres: int
    nb_replis: int

    @property
    def nom(self) -> str:
        """« commune-77284 »: name of the file in the archive, without its ending."""
        return f"{self.lieu.niveau}-{self.lieu.code}"


def fiche_pdf(con: duckdb.DuckDBPyConnection, lieu: UnLieu, fonds: Fonds | None = None) -> bytes:
    """The printed sheet (A4, PDF/UA-1) of a territory, from an open publication. LieuInconnu when it has none.

    `fonds`: what was read once for several sheets (`feuilles.fonds_de_fiche`).
    """
    return _fiche(fonds or feuilles.fonds_de_fiche(con, lieu), lieu).octets


def ecrire(con: duckdb.DuckDBPyConnection, genre: str, lieu: UnLieu | None) -> bytes:
    """One document of `GENRES`; `lieu` None means the département."""
    if genre == CLES:
        contenu = feuilles.chiffres_cles(feuilles.fonds_du_departement(con), contact())
        return feuille("cles", contenu, contenu["date"])[0]
    if genre == DIAPORAMA:
        fonds = feuilles.fonds_du_departement(con) if lieu is None else feuilles.fonds_de_fiche(con, lieu)
        contenu = diaporama.diapositives(fonds, lieu, contact())
        return composer("diaporama", contenu, contenu["date"])
    fonds = feuilles.fonds_de_fiche(con, lieu)
    return _fiche(fonds, lieu or fonds.departement).octets


def lieux(fonds: Fonds) -> list[Territoire]:
    """Every territory of the publication, the widest first."""
    return sorted(fonds.lieux.values(), key=lambda t: (_ORDRE.index(t.niveau), t.code))


def toutes(fonds: Fonds) -> Iterator[Ecrit]:
    """The sheet of every territory, one at a time."""
    for lieu in lieux(fonds):
        yield _fiche(fonds, lieu)


def _fiche(fonds: Fonds, lieu: UnLieu) -> Ecrit:
    contenu = feuilles.fiche(fonds, lieu, contact())
    octets, _ = feuille("fiche", contenu, contenu["date"])
    chiffres = contenu["chiffres"]
    return Ecrit(
        feuilles.trouver(fonds, lieu), octets, len(chiffres), sum(bool(c["repli"]) for c in chiffres)
    )
