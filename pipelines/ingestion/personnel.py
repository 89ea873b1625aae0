"""Personal data at the door: which columns, which cells, and how to show them without showing them.

Titles are read with a lexicon, contents with check digits (NIR, IBAN) and narrow shapes (e-mail, telephone):
a SIRET, an amount or a date is never taken for a person's number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import cast

from stdnum import iban
from stdnum.fr import nir

from observatoire.domain.types._nettoyage import plier
from pipelines.ingestion.grille import Colonne, Table
from pipelines.ingestion.titres import formes
from pipelines.ingestion.titres_personnels import ADRESSE_IP, COURRIEL, IBAN, NIR, TELEPHONE, titre_personnel

ECHANTILLON = 2_000
PART_MINIMALE = 0.3

# --- Contents --------------------------------------------------------------------------------------------
# The shortest number of a person has ten digits: a SIREN, a date or what follows the W of an RNA has fewer.
_CHIFFRES = re.compile(r"[0-9][0-9 .\-/]{8,}[0-9]").search
_COURRIEL = re.compile(r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)*\.[A-Za-z]{2,}")
_TELEPHONE = re.compile(
    r"(?<![\w.,+])(?<!\d[ .\-/])(?:(?:\+|00)33[ .\-]?(?:\(0\)[ .]?)?[1-9]|0[1-9])"
    r"(?P<s>[ .\-/]?)\d\d(?:(?P=s)\d\d){3}(?![ .\-/]?\d)"
)
_NIR = re.compile(
    r"(?<!\w)[1-478] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AaBb]) ?\d{3} ?\d{3} ?\d\d(?!\w)"
)
_IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d\d(?: ?[0-9A-Za-z]{4}){3,7}(?: ?[0-9A-Za-z]{1,4})?(?!\w)")
_IP = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_NUMEROTE = re.compile(
    r"(?!.*\btel)(?:.*\b)?(?:id|identifiants?|codes?|references?|numero (?:rna|w|de dossier)|rna|siret)\b"
)
_valide_nir = cast("Callable[[str], bool]", nir.is_valid)
_valide_iban = cast("Callable[[str], bool]", iban.is_valid)


def peut_etre_personnel(texte: str) -> bool:
    """Quick look that rules out nearly every cell, SIRET included."""
    if "@" in texte:
        return True
    n = len(texte)
    return n > 9 and not (n == 14 and texte.isdigit()) and _CHIFFRES(texte) is not None


def cellule_personnelle(texte: str) -> str | None:
    """Kind of personal data in a free text (« Mme Martin au 06… »), None for nearly every cell."""
    if not peut_etre_personnel(texte):
        return None
    trouve = _chercher(texte)
    return trouve[1] if trouve else None


def nombre_personnel(valeur: float) -> str | None:
    """Kind of personal data in a number: fifteen digits with the key of a NIR."""
    chiffres = str(int(valeur)) if 1e14 <= valeur < 1e15 and valeur == valeur // 1 else ""
    return NIR if chiffres and _valide_nir(chiffres) else None


def titre_numerote(titre: str) -> bool:
    """True for a column of numbers that are nobody's (reference, RNA, SIRET…)."""
    return _NUMEROTE.match(formes(titre)[0]) is not None


def _chercher(texte: str) -> tuple[re.Match[str], str] | None:
    """First personal datum of a text and its kind."""
    if "@" in texte and (courriel := _COURRIEL.search(texte)):
        return courriel, COURRIEL
    for trouve in _NIR.finditer(texte):
        if _valide_nir(trouve.group()):
            return trouve, NIR
    for trouve in _IBAN.finditer(texte):
        if _valide_iban(trouve.group()):
            return trouve, IBAN
    telephone = _TELEPHONE.search(texte)
    return (telephone, TELEPHONE) if telephone else None


def masquer(valeur: object) -> str:
    """A value shown without being given: `jeanne@asso.fr` → `je***@***.fr`, the rest of a text unchanged.

    A value in which nothing is recognised (a name, a number) keeps its first character only.
    """
    texte = " ".join(str(valeur).split())
    masque = ""
    reste = texte
    while trouve := _chercher(reste):
        masque += reste[: trouve[0].start()] + _caviarder(trouve[0].group())
        reste = reste[trouve[0].end() :]
    return masque + reste if masque else f"{texte[:1]}***"


def extrait_masque(texte: str) -> str:
    """Only the masked data of a cell: « Mme Martin au 06… » → `06***`, the words around may be a name."""
    extraits = []
    reste = " ".join(texte.split())
    while trouve := _chercher(reste):
        extraits.append(_caviarder(trouve[0].group()))
        reste = reste[trouve[0].end() :]
    return ", ".join(extraits) or "***"


def _caviarder(trouve: str) -> str:
    if "@" not in trouve:
        return f"{trouve[:2]}***"
    nom, _, domaine = trouve.partition("@")
    return f"{nom[:2]}***@***.{domaine.rpartition('.')[2]}"


# --- Columns ---------------------------------------------------------------------------------------------
def colonnes_personnelles(table: Table, colonnes: Iterable[Colonne] | None = None) -> dict[int, str]:
    """{column index: kind of personal data} by the titles, then by the contents of the others.

    `colonnes` defaults to all of the table's. A column whose cells are personal here and there only is not
    one: its cells are found one by one with `cellule_personnelle`.
    """
    natures: dict[int, str] = {}
    for colonne in table.colonnes if colonnes is None else colonnes:
        nature = titre_personnel(colonne.entete) or _nature_du_contenu(table, colonne.index)
        # An old prefecture number (0772…) has the ten digits of a telephone.
        if nature and not (nature == TELEPHONE and titre_numerote(colonne.entete)):
            natures[colonne.index] = nature
    return natures


def _nature_du_contenu(table: Table, index: int) -> str | None:
    lignes = table.feuille.lignes
    remplies = [v for i in table.donnees[:ECHANTILLON] if (v := lignes[i][index]) not in (None, "")]
    comptes: dict[str, int] = {}
    for valeur in remplies:
        nature = _cellule_entiere(valeur)
        if nature:
            comptes[nature] = comptes.get(nature, 0) + 1
    nature, nombre = max(comptes.items(), key=lambda x: x[1], default=("", 0))
    return nature if nombre and nombre >= PART_MINIMALE * len(remplies) else None


def _cellule_entiere(valeur: object) -> str | None:
    """Kind of a cell that holds little else than a personal datum; a number is only one with a valid key."""
    if isinstance(valeur, (int, float)) and not isinstance(valeur, bool):
        return nombre_personnel(valeur)
    if not isinstance(valeur, str):
        return None
    texte = valeur.strip()
    if _IP.fullmatch(texte) and all(int(n) < 256 for n in texte.split(".")):
        return ADRESSE_IP
    if not peut_etre_personnel(texte):
        return None
    trouve = _chercher(texte)
    return trouve[1] if trouve and 2 * len(trouve[0].group()) >= len(plier(texte)) else None
