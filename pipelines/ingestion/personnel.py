"""Personal data at the door: which columns, which cells, and how to show them without showing them.

Titles are read with a lexicon, contents with check digits (NIR, IBAN) and narrow shapes (e-mail, telephone):
a SIRET, an amount or a date is never taken for a person's number.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import cast

from stdnum import iban
from stdnum.fr import nir

from observatoire.domain.types._nettoyage import plier
from observatoire.domain.types.base import Valeur
from pipelines.ingestion.contenus_personnels import contredit, nom_annonce, noms_de_famille
from pipelines.ingestion.grille import Colonne, Table
from pipelines.ingestion.noms_personnes import (
    compte_nominatif,
    nom_complet,
    personnes_nommees,
    peut_nommer,
    prenom_seul,
)
from pipelines.ingestion.titres import formes
from pipelines.ingestion.titres_personnels import (
    ADRESSE,
    ADRESSE_IP,
    COURRIEL,
    IBAN,
    NIR,
    NOM,
    PRENOM,
    PSEUDO,
    TELEPHONE,
    titre_ambigu,
    titre_de_chose,
    titre_personnel,
)

ECHANTILLON = 2_000
PART_MINIMALE = 0.3
ECHANTILLON_NOMS = 200
PART_NOMS = 0.5
PART_SURE = 0.25
PRENOMS_MINIMUM = 3
TEXTES_MINIMUM = 3

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
_VOIE = re.compile(
    r"\d{1,4} ?(?:bis|ter|quater|[a-d])?,? ?(?:rue|avenue|av|bd|boulevard|bvd|place|pl|allees?|all|chemin|ch|impasse|imp"
    r"|route|rte|square|quai|cours|sente|sentier|ruelle|villa|clos|mail|lotissement|residence|hameau|faubourg|passage)\b\.?"
)
_UN_MASQUE = r"[^,*]{0,2}\*\*\*(?:@\*\*\*\.[^\s,]+)?"
_MASQUES = re.compile(rf"{_UN_MASQUE}(?:, {_UN_MASQUE})*")
_NUMEROTE = re.compile(
    r"(?!.*\btel)(?:.*\b)?(?:id|identifiants?|codes?|references?|(?:ancien )?numero (?:rna|w|de dossier|(?:de |de la )?prefecture)|rna|siret)\b"
)
_valide_nir = cast("Callable[[str], bool]", nir.is_valid)
_valide_iban = cast("Callable[[str], bool]", iban.is_valid)


def peut_etre_personnel(texte: str) -> bool:
    """Quick look that rules out nearly every cell, SIRET included."""
    if "@" in texte:
        return True
    n = len(texte)
    return n > 9 and not (n == 14 and texte.isdigit()) and _CHIFFRES(texte) is not None


def cellule_personnelle(texte: str, *, nomme: bool = True) -> str | None:
    """Kind of personal data in a free text (« Mme Martin au 06… »), None for nearly every cell.

    Without `nomme` (names of associations and of places) a person only counts when the cell says nothing else.
    """
    if nature := numero_personnel(texte):
        return nature
    if peut_nommer(texte) and (nom_complet(texte) if not nomme else _nommee(texte)):
        return NOM
    return None


def numero_personnel(texte: str) -> str | None:
    """Kind of the first e-mail or personal number of a text."""
    if peut_etre_personnel(texte):
        for _, _, nature in _numeros(texte):
            return nature
    return None


def _nommee(texte: str) -> bool:
    return next(personnes_nommees(texte), None) is not None


def nombre_personnel(valeur: float) -> str | None:
    """Kind of personal data in a number: fifteen digits with the key of a NIR."""
    chiffres = str(int(valeur)) if 1e14 <= valeur < 1e15 and valeur == valeur // 1 else ""
    return NIR if chiffres and _valide_nir(chiffres) else None


def titre_numerote(titre: str) -> bool:
    """True for a column of numbers that are nobody's (reference, RNA, SIRET…)."""
    return _NUMEROTE.match(formes(titre)[0]) is not None


def _numeros(texte: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of the e-mails and personal numbers of a text, kind by kind."""
    if "@" in texte:
        yield from ((*m.span(), COURRIEL) for m in _COURRIEL.finditer(texte))
    yield from ((*m.span(), NIR) for m in _NIR.finditer(texte) if _valide_nir(m.group()))
    yield from ((*m.span(), IBAN) for m in _IBAN.finditer(texte) if _valide_iban(m.group()))
    yield from ((*m.span(), TELEPHONE) for m in _TELEPHONE.finditer(texte))


def _extraits(texte: str) -> list[tuple[int, int, str]]:
    """All the personal data of a text from left to right; of two that overlap, the surer one."""
    gardes: list[tuple[int, int, str]] = []
    for debut, fin, nature in (*_numeros(texte), *((*s, NOM) for s in personnes_nommees(texte))):
        if all(fin <= d or f <= debut for d, f, _ in gardes):
            gardes.append((debut, fin, nature))
    return sorted(gardes)


def masquer(valeur: object) -> str:
    """A value shown without being given: `jeanne@asso.fr` → `je***@***.fr`, the rest of a text unchanged.

    A value in which nothing is recognised (a name, a number) keeps its first character only.
    """
    texte = " ".join(str(valeur).split())
    masque, reste = "", 0
    for debut, fin, nature in _extraits(texte):
        masque += texte[reste:debut] + _caviarder(texte[debut:fin], nature)
        reste = fin
    return masque + texte[reste:] if reste else f"{texte[:1]}***"


def nature_masquee(texte: str) -> str | None:
    """Kind of what `extrait_masque` left of a cell, when that is all there is; None for any other text."""
    if "***" not in texte or not _MASQUES.fullmatch(texte):
        return None
    return COURRIEL if "@" in texte else TELEPHONE if texte[0] in "+0123456789" else NOM


def extrait_masque(texte: str) -> str:
    """Only the masked data of a cell: « Mme Martin au 06… » → `M***, 06***`."""
    texte = " ".join(texte.split())
    return ", ".join(_caviarder(texte[d:f], nature) for d, f, nature in _extraits(texte)) or "***"


def _caviarder(trouve: str, nature: str) -> str:
    if nature == COURRIEL:
        nom, _, domaine = trouve.partition("@")
        return f"{nom[:2]}***@***.{domaine.rpartition('.')[2]}"
    return f"{trouve[: 1 if nature == NOM else 2]}***"


# --- Columns ---------------------------------------------------------------------------------------------
def colonnes_personnelles(table: Table, colonnes: Iterable[Colonne] | None = None) -> dict[int, str]:
    """{column index: kind of personal data} by the titles that no content contradicts, then by the contents.

    `colonnes` defaults to all of the table's. A column whose cells are personal here and there only is not
    one: its cells are found one by one with `cellule_personnelle`.
    """
    natures: dict[int, str] = {}
    for colonne in table.colonnes if colonnes is None else colonnes:
        nature = titre_personnel(colonne.entete)
        if not nature or contredit(nature, _valeurs(table, colonne)):
            nature = _nature_du_contenu(table, colonne)
        # An old prefecture number (0772…) has the ten digits of a telephone.
        if nature and not (nature == TELEPHONE and titre_numerote(colonne.entete)):
            natures[colonne.index] = nature
    return natures


def _valeurs(table: Table, colonne: Colonne) -> Iterator[Valeur]:
    return (table.feuille.lignes[i][colonne.index] for i in table.donnees)


def _nature_du_contenu(table: Table, colonne: Colonne) -> str | None:
    remplies = [v for v in islice(_valeurs(table, colonne), ECHANTILLON) if v not in (None, "")]
    comptes: dict[str, int] = {}
    for valeur in remplies:
        nature = _cellule_entiere(valeur)
        if nature:
            comptes[nature] = comptes.get(nature, 0) + 1
    nature, nombre = max(comptes.items(), key=lambda x: x[1], default=("", 0))
    if nombre and nombre >= PART_MINIMALE * len(remplies):
        return nature
    ambigu = titre_ambigu(colonne.entete)
    if titre_de_chose(colonne.entete) and not ambigu:
        return None
    textes = [v.strip() for v in {*remplies[:ECHANTILLON_NOMS]} if isinstance(v, str)]
    if ambigu and noms_de_famille(textes):
        return NOM
    return _nature_des_textes(textes)


def _nature_des_textes(textes: Sequence[str]) -> str | None:
    """Names, first names, logins or home addresses: at least half of the texts of a column, each counted once."""
    besoin = PART_NOMS * len(textes)
    # Half of a column of names may go unknown, not nine cells out of ten.
    noms = sum(nom_complet(t) for t in textes)
    if (
        textes
        and noms >= PART_SURE * len(textes)
        and sum(nom_complet(t, sur=False) for t in textes) >= besoin
    ):
        return NOM
    if textes and sum(nom_annonce(t) for t in textes) >= besoin:
        return NOM
    for nature, est in ((ADRESSE, _adresse_postale), (PSEUDO, compte_nominatif)):
        if textes and sum(map(est, textes)) >= besoin:
            return nature
    distincts = {t for t in textes if prenom_seul(t)}
    surs = sum(prenom_seul(t, sur=True) for t in distincts)
    # « Rose, Violette, Prune » are colours: half of them must be nothing but first names.
    prenoms = 2 * surs >= len(distincts) >= PRENOMS_MINIMUM
    if prenoms and sum(t in distincts for t in textes) >= besoin:
        return PRENOM
    # « Rappeler Mme Roux, 06… » in half of the remarks: the column is a list of persons, whatever else it says.
    natures = [n for t in textes if (n := cellule_personnelle(t))]
    return natures[0] if len(textes) >= TEXTES_MINIMUM and len(natures) >= besoin else None


def _adresse_postale(texte: str) -> bool:
    return texte[:1].isdigit() and _VOIE.match(plier(texte)) is not None


def _adresse_ip(texte: str) -> bool:
    if _IP.fullmatch(texte):
        return all(int(n) < 256 for n in texte.split("."))
    if texte.count(":") < 2 or len(texte) > 45:
        return False
    try:
        ipaddress.IPv6Address(texte)
    except ValueError:
        return False
    return True


def _cellule_entiere(valeur: object) -> str | None:
    """Kind of a cell that holds little else than a personal datum; a number is only one with a valid key."""
    if isinstance(valeur, (int, float)) and not isinstance(valeur, bool):
        return nombre_personnel(valeur)
    if not isinstance(valeur, str):
        return None
    texte = valeur.strip()
    if _adresse_ip(texte):
        return ADRESSE_IP
    if not peut_etre_personnel(texte):
        return None
    trouve = next(_numeros(texte), None)
    return trouve[2] if trouve and 2 * (trouve[1] - trouve[0]) >= len(plier(texte)) else None
