"""Registry of the printable documents: what is registered here is walked by the tests, figure by figure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dashboards.components.donnees import Publication
from dashboards.fiches import diaporama, feuilles, image, texte
from observatoire.methode.lecture import lire_methodologie
from observatoire.methode.texte import rediger
from observatoire.storage.connexion import ouvrir_publication


@dataclass(frozen=True, slots=True)
class Document:
    """One kind of document. `textes` gives, for a publication, the plain text of each page of each copy.

    `est_annexe`: it tells how figures are made (thresholds, constants, counts), table by table, and is no figure.
    """

    nom: str
    gabarit: str
    textes: Callable[[Publication], list[str]]
    est_annexe: bool = False


def _fiches(pub: Publication) -> list[str]:
    with ouvrir_publication(pub.chemin) as con:
        fonds = feuilles.fonds_de_fiche(con)
    return [texte.page(feuilles.fiche(fonds, lieu)) for lieu in fonds.lieux.values()]


def _cles(pub: Publication) -> list[str]:
    with ouvrir_publication(pub.chemin) as con:
        return [texte.page(feuilles.chiffres_cles(feuilles.fonds_du_departement(con)))]


def _diaporama(pub: Publication) -> list[str]:
    with ouvrir_publication(pub.chemin) as con:
        return texte.diapositives(diaporama.diapositives(feuilles.fonds_du_departement(con)))


def _images(pub: Publication) -> list[str]:
    """The image of each key figure, shown or not."""
    with ouvrir_publication(pub.chemin) as con:
        montres, masques = feuilles.cles(fonds := feuilles.fonds_du_departement(con))
    nom = fonds.departement.libelle
    return [
        f"{i.contenu['titre']}\n{i.lu}"
        for i in (image.de_chiffre(r.chiffre, nom) for r in (*montres, *masques))
    ]


def _annexe(pub: Publication) -> list[str]:
    with ouvrir_publication(pub.chemin) as con:
        return ["\n".join(rediger(lire_methodologie(con)).textes())]


# The advocacy note holds words of its own: its figures are checked in tests/unit/test_fiches_pdf.py.
DOCUMENTS: tuple[Document, ...] = (
    Document("fiche", "fiche", _fiches),
    Document("chiffres-cles", "cles", _cles),
    Document("diaporama", "diaporama", _diaporama),
    Document("image", "image", _images),
    Document("annexe", "sections", _annexe, est_annexe=True),
)
