"""Text as people type it: the one normaliser of the project, mojibake repair, markers of a missing value."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from observatoire.domain.types.base import Lecture

_UNIFIES = str.maketrans(
    {
        **dict.fromkeys("’‘‛ʼʹ`´′＇", "'"),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "Æ": "ae",
    }
)
_OTEES = frozenset({"Mn", "Me", "Cf", "Cc", "Cs"})
_INVISIBLES = frozenset({"Cf", "Cc", "Cs"})
LONGUEUR_UTILE = 200  # no number, date, place or answer is longer: such a cell is refused without a search


@lru_cache(maxsize=65536)
def plier(texte: str) -> str:
    """Comparison form: NFKC, lower case, no accent, nothing invisible, one `'`, one `-`, single spaces."""
    if texte.isascii() and texte.isprintable():
        return " ".join(texte.lower().replace("`", "'").split())
    plat = unicodedata.normalize("NFKD", texte.translate(_UNIFIES)).casefold()
    plat = unicodedata.normalize("NFKD", plat).translate(_UNIFIES)
    gardes = [c for c in plat if c.isspace() or unicodedata.category(c) not in _OTEES]
    return unicodedata.normalize("NFC", " ".join("".join(gardes).split()))


def nettoyer(texte: str, lignes: bool = False) -> str:
    """Text to store: NFC, invisible characters removed, spaces collapsed; line breaks kept with `lignes`."""
    if texte.isascii() and texte.isprintable() and "  " not in texte:
        return texte.strip()
    texte = unicodedata.normalize("NFC", texte.replace("_x000D_", ""))
    gardes = [c for c in texte if c.isspace() or unicodedata.category(c) not in _INVISIBLES]
    if not lignes:
        return " ".join("".join(gardes).split())
    morceaux = (" ".join(ligne.split()) for ligne in "".join(gardes).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(morceaux)).strip()


def _octets() -> dict[str, int]:
    """Byte of each character that a wrong cp1252 or Latin-1 reading of UTF-8 shows."""
    table = {chr(octet): octet for octet in range(0x80, 0x100)}
    for octet in range(0x80, 0xA0):
        caractere = bytes([octet]).decode("cp1252", "ignore")
        if caractere:
            table[caractere] = octet
    return table


_OCTETS = _octets()
_SUITE = "[" + re.escape("".join(c for c, o in _OCTETS.items() if o < 0xC0)) + "]"
_SUITE_BASSE = "[" + re.escape("".join(c for c, o in _OCTETS.items() if o < 0xA0)) + "]"
_MOJIBAKE = re.compile(f"(?:[ÂÃÅ]{_SUITE}|â{_SUITE_BASSE}{_SUITE}|ð{_SUITE_BASSE}{_SUITE}{_SUITE})+")
_BOM_ABIMEE = "ï»¿"
_A_ACCENT_PERDU = re.compile("Ã +")


def _redecoder(morceau: re.Match[str]) -> str:
    octets = bytes(_OCTETS[c] for c in morceau.group())
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return morceau.group()


def reparer_mojibake(texte: str) -> str:
    """UTF-8 once read as cp1252 or Latin-1, put right: `BÃ©nÃ©voles` → `Bénévoles`; other texts unchanged."""
    if texte.isascii():
        return texte
    repare = texte.removeprefix(_BOM_ABIMEE)
    for _ in range(3):
        suivant = _MOJIBAKE.sub(_redecoder, repare)
        if suivant == repare:
            break
        repare = _A_ACCENT_PERDU.sub("à ", suivant)
    return repare


# Compared without spaces, dots nor apostrophes.
_NON_COMMUNIQUE = re.compile(
    r"n/?[crd]|noncommuniquee?|nonrenseignee?|nondisponible|(?:non|in)connue?|acompleter|pasdereponse"
    r"|sansreponse|aucunereponse|nonrepondu|\(vide\)"
)
_NSP = re.compile(r"nspp?|(?:je)?nesai[st]pas|nesaventpas|neseprononcepas|aucuneidee")
_SANS_OBJET = re.compile(r"s/?o|sansobjet|n/?a|nonconcernee?s?|nonapplicable")
_PONCTUATION_SEULE = re.compile(r"[?\-/.*_]+")
_ERREUR = re.compile(
    r"#(?:n/?a|ref!?|div/0!?|valeur!?|value!?|nom\??|name\??|nul{1,2}!?|nombre!?|num!?|#{2,})|err:\d+"
)

VIDE = Lecture(motif="vide")
NON_COMMUNIQUE = Lecture(motif="non_communique")
NE_SAIT_PAS = Lecture(motif="nsp")
SANS_OBJET = Lecture(motif="sans_objet")
FORMULE_EN_ERREUR = Lecture(code="FO-01")


def est_erreur(texte: str) -> bool:
    """True for what a spreadsheet shows when a formula fails: `#DIV/0!`, `#REF!`, `Err:502`, `#####`."""
    return _ERREUR.fullmatch(plier(texte)) is not None


def absence(texte: str) -> Lecture | None:
    """The reading of a text that stands for no value, None when it says something.

    Empty → `vide`; `NC`, `?`, `-`… → `non_communique`; `NSP` → `nsp`; `sans objet` → `sans_objet`;
    `#DIV/0!` → FO-01. Free texts do not use it: an association may be called « NA ».
    """
    if len(texte) <= LONGUEUR_UTILE:
        return _absence(texte)
    return None if nettoyer(texte[:LONGUEUR_UTILE]) or nettoyer(texte) else VIDE


@lru_cache(maxsize=65536)
def _absence(texte: str) -> Lecture | None:
    plat = plier(texte)
    if not plat:
        return VIDE
    serre = plat.replace(" ", "")
    if _PONCTUATION_SEULE.fullmatch(serre):
        return NON_COMMUNIQUE
    if _ERREUR.fullmatch(plat):
        return FORMULE_EN_ERREUR
    serre = serre.replace(".", "").replace("'", "")
    if _NON_COMMUNIQUE.fullmatch(serre):
        return NON_COMMUNIQUE
    if _NSP.fullmatch(serre):
        return NE_SAIT_PAS
    return SANS_OBJET if _SANS_OBJET.fullmatch(serre) else None
