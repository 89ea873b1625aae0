"""Layouts of the official files: which column holds what, and what must be there to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from observatoire.domain.types._nettoyage import plier

RNA, SIRENE, SOLLICITEES = "rna", "sirene", "sollicitees"
GENRES = {
    RNA: "Répertoire national des associations (RNA)",
    SIRENE: "Répertoire Sirene, associations",
    SOLLICITEES: "Associations sollicitées",
}


class RegistreRefuse(ValueError):
    """A file that cannot enter the register; `str()` is the French sentence to show."""


@dataclass(frozen=True, slots=True)
class Format:
    """One layout: field → titles it may have, the first one being the official one.

    `exigees` are the fields without which nothing can be read; `signature` tells the layout from the others.
    """

    nom: str
    genre: str
    colonnes: Mapping[str, Sequence[str]]
    exigees: Sequence[str]
    signature: str


_WALDEC = Format(
    "RNA « waldec »",
    RNA,
    {
        "rna": ("id",),
        "siret": ("siret",),
        "nom": ("titre",),
        "sigle": ("titre_court",),
        "objet": ("objet_social1",),
        "code_commune": ("adrs_codeinsee",),
        "code_postal": ("adrs_codepostal",),
        "commune": ("adrs_libcommune",),
        "position": ("position",),
        "dissolution": ("date_disso",),
        "creation": ("date_creat",),
        "declaration": ("date_decla",),
    },
    ("rna", "nom", "code_commune", "code_postal", "commune", "position"),
    "adrs_libcommune",
)
_IMPORT = Format(
    "RNA « import »",
    RNA,
    {
        "rna": ("id",),
        "siret": ("siret",),
        "nom": ("titre",),
        "objet": ("objet_social1",),
        "code_commune": ("adrs_codeinsee",),
        "code_postal": ("adrs_codepostal",),
        "commune": ("libcom",),
        "position": ("position",),
        "observation": ("observation",),
        "creation": ("date_creat",),
    },
    ("rna", "nom", "code_commune", "code_postal", "commune", "position"),
    "libcom",
)
_API = Format(
    "RNA, interface de programmation",
    RNA,
    {
        "rna": ("id_association",),
        "siret": ("siret",),
        "nom": ("titre",),
        "sigle": ("titre_court",),
        "objet": ("objet_social1",),
        "code_commune": ("adresse_code_insee",),
        "code_postal": ("adresse_code_postal",),
        "commune": ("adresse_libelle_commune",),
        "position": ("position_activite",),
        "dissolution": ("date_declaration_dissolution",),
        "observation": ("observation",),
        "creation": ("date_creation",),
        "declaration": ("date_derniere_declaration",),
    },
    ("rna", "nom", "code_commune", "code_postal", "commune", "position"),
    "id_association",
)
_SIRENE = Format(
    "Sirene",
    SIRENE,
    {
        "siren": ("siren",),
        "siret": ("siret",),
        "rna": ("identifiantAssociationUniteLegale",),
        "nom": ("denominationUniteLegale", "denomination"),
        "sigle": ("sigleUniteLegale",),
        "code_commune": ("codeCommuneEtablissement", "codeCommune"),
        "code_postal": ("codePostalEtablissement", "codePostal"),
        "commune": ("libelleCommuneEtablissement", "libelleCommune"),
        "position": ("etatAdministratifUniteLegale",),
        "effectif": ("trancheEffectifsUniteLegale",),
        "activite": ("activitePrincipaleUniteLegale", "activitePrincipale"),
        "categorie": ("categorieJuridiqueUniteLegale", "categorieJuridique"),
        "siege": ("etablissementSiege",),
    },
    ("siren", "nom", "code_commune", "categorie"),
    "siren",
)
_SOLLICITEES = Format(
    "liste d’associations sollicitées",
    SOLLICITEES,
    {
        "nom": ("nom", "nom de l'association", "association", "structure", "denomination", "titre"),
        "commune": ("commune", "ville", "commune du siege", "localite"),
        "code_commune": ("code commune", "code insee", "code_commune", "insee"),
        "code_postal": ("code postal", "cp", "code_postal"),
        "rna": ("rna", "numero rna", "n° rna", "n°rna", "id rna"),
        "siret": ("siret", "numero siret", "n° siret", "siren"),
    },
    ("nom",),
    "nom",
)
FORMATS = (_API, _WALDEC, _IMPORT, _SIRENE, _SOLLICITEES)
CHAMPS = tuple(dict.fromkeys(champ for f in FORMATS for champ in f.colonnes))


@dataclass(frozen=True, slots=True)
class Lecture:
    """A layout recognised: rank of the column of each field, titles of the fields that are not there."""

    format: Format
    rangs: Mapping[str, int]
    absentes: Sequence[str]


def reconnaitre(genre: str, entetes: Sequence[str], fichier: str) -> Lecture:
    """The layout of these titles. RegistreRefuse names every column that is missing."""
    plies = [plier(e) for e in entetes]
    essais = [(_placer(f, plies), f) for f in FORMATS if f.genre == genre]
    rangs, choisi = max(essais, key=lambda e: (plier(e[1].signature) in plies, len(e[0])))
    manquantes = [choisi.colonnes[c][0] for c in choisi.exigees if c not in rangs]
    if len(manquantes) == len(choisi.exigees):
        raise RegistreRefuse(
            f"«\u00a0{fichier}\u00a0» n’est pas un fichier que l’observatoire sait lire sous le nom "
            f"«\u00a0{GENRES[genre]}\u00a0»\u00a0: aucune des colonnes {_citer(manquantes)} n’y figure. "
            f"Vérifiez que c’est le bon fichier, avec ses titres sur la première ligne."
        )
    if manquantes:
        une = len(manquantes) == 1
        raise RegistreRefuse(
            f"Il manque {'la colonne' if une else 'les colonnes'} {_citer(manquantes)} dans "
            f"«\u00a0{fichier}\u00a0» ({choisi.nom}). Rien n’a été changé. Reprenez le fichier tel que publié, "
            f"sans ôter ni renommer de colonne."
        )
    absentes = [titres[0] for champ, titres in choisi.colonnes.items() if champ not in rangs]
    return Lecture(choisi, rangs, absentes if choisi.genre != SOLLICITEES else [])


def _placer(modele: Format, plies: Sequence[str]) -> dict[str, int]:
    rangs = {}
    for champ, titres in modele.colonnes.items():
        trouve = next((plies.index(t) for t in map(plier, titres) if t in plies), None)
        if trouve is not None:
            rangs[champ] = trouve
    return rangs


def _citer(titres: Sequence[str]) -> str:
    cites = [f"«\u00a0{t}\u00a0»" for t in titres]
    return cites[0] if len(cites) == 1 else f"{', '.join(cites[:-1])} et {cites[-1]}"
