"""Names of associations as two people write them, reduced to the words they share."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from observatoire.domain.types._nettoyage import plier

_MOTS = re.compile(r"[a-z0-9]+")
_LETTRES_POINTEES = re.compile(r"\b(?:[a-z]\.\s?){2,}[a-z]?\b\.?")
_ASS_SPORT = re.compile(r"\bass(?:o|oc)?\b\.? sport\b\.?")
_ESPERLUETTE = re.compile(r"[&+]")
_NUMERO = re.compile(r"\bn\s?[°º]\s?|\bnumero\b")
_PARENTHESE = re.compile(r"\(\s*([^()\s]{2,12})\s*\)?\s*$")

# Words that say nothing of who it is.
_VIDES = """
de du des d le la les l et en au aux a pour par sur sous dans un une avec son sa ses qui que ou s n
ass asso assoc assos assn association associations associatif associative loi 1901 1908 dit dite
departement departemental section sect locale local"""
VIDES = frozenset(_VIDES.split())
# One writing of each word; the value may be several words.
_ABREGES = {
    "as": "sportif",
    "asc": "sportif culturel",
    "us": "union sportif",
    "es": "entente sportif",
    "ac": "athletic club",
    "fc": "football club",
    "jc": "judo club",
    "tc": "tennis club",
    "bc": "basket club",
    "rc": "rugby club",
    "csm": "club sportif municipal",
    "cs": "club sportif",
    "fse": "foyer socio educatif",
    "ape": "parent eleve",
    "peep": "parent eleve enseignement public",
    "apel": "parent eleve enseignement libre",
    "aappma": "agree peche protection milieu aquatique",
    "mjc": "maison jeune culture",
    "cdf": "comite fete",
    "gym": "gymnastique",
    "foot": "football",
    "basketball": "basket",
    "hand": "handball",
    "volley": "volleyball",
    "amic": "amicale",
    "cte": "comite",
    "ctre": "centre",
    "cercl": "cercle",
    "st": "saint",
    "ste": "sainte",
    "sts": "saint",
    "sainte": "saint",
    "clb": "club",
    "col": "college",
    "clg": "college",
    "mat": "maternel",
    "elem": "elementaire",
    "prim": "primaire",
    "muni": "municipal",
    "mun": "municipal",
    "cult": "culturel",
    "fed": "federation",
    "dept": "departement",
    "intercom": "intercommunal",
    "anc": "ancien",
    "combat": "combattant",
    "ac2": "ancien combattant",
    "biblio": "bibliotheque",
    "mediath": "mediatheque",
    "harm": "harmonie",
    "orch": "orchestre",
    "gpe": "groupe",
    "grpe": "groupe",
    "synd": "syndicat",
    "cop": "cooperative",
    "coop": "cooperative",
    "scol": "scolaire",
    "pop": "populaire",
    "cath": "catholique",
}
_MAL_ECRIT = "association"  # typed wrong more often than any other word, and says nothing
_FEMININS = (("ives", "if"), ("ive", "if"), ("elles", "el"), ("elle", "el"), ("ales", "al"), ("aux", "al"))
_GARDES = frozenset({"amicale", "chorale", "chapelle", "rive", "vive", "belle", "eaux"})


@lru_cache(maxsize=131072)
def _racine(mot: str) -> tuple[str, ...]:
    """A word without plural or feminine, its abbreviations written in full; empty when it says nothing."""
    if mot in VIDES:
        return ()
    if mot in _ABREGES:
        return tuple(_ABREGES[mot].split())
    if 9 <= len(mot) <= 13 and OSA.distance(mot, _MAL_ECRIT, score_cutoff=2) <= 2:
        return ()
    if mot[0].isdigit():
        return (mot.lstrip("0") or "0",)
    if len(mot) > 4 and mot not in _GARDES:
        for fin, simple in _FEMININS:
            if mot.endswith(fin) and len(mot) > len(fin) + 2:
                return (mot[: -len(fin)] + simple,)
    if len(mot) > 3 and mot[-1] in "sx" and mot[-2] != "s":
        mot = mot[:-1]
    return (mot,) if mot not in _ABREGES else tuple(_ABREGES[mot].split())


@lru_cache(maxsize=131072)
def mots(nom: str) -> tuple[str, ...]:
    """Words of a name, in its order, each once; the words left when nothing else would be."""
    texte = _NUMERO.sub(" ", _ESPERLUETTE.sub(" ", plier(nom)))
    texte = _LETTRES_POINTEES.sub(lambda m: re.sub(r"[.\s]", "", m[0]) + " ", texte)
    bruts = _coller(_MOTS.findall(_ASS_SPORT.sub(" as ", texte)))
    reduits = [racine for mot in bruts for racine in _racine(mot)]
    return tuple(dict.fromkeys(reduits or bruts))


def _coller(bruts: list[str]) -> list[str]:
    """`a s c melun` → `asc melun`; a lone letter stays."""
    colles: list[str] = []
    lettres = ""
    for mot in [*bruts, ""]:
        if len(mot) == 1 and mot.isalpha() and mot not in "ldn":
            lettres += mot
            continue
        if lettres:
            colles.append(lettres)
        lettres = ""
        if mot:
            colles.append(mot)
    return colles


def normaliser(nom: str) -> str:
    """The words in one text, as the register keeps them."""
    return " ".join(mots(nom))


def cle_triee(norme: str) -> str:
    """The words sorted: two names that say the same in another order have the same."""
    return " ".join(sorted(norme.split()))


def separer_sigle(titre: str) -> tuple[str, str | None]:
    """(`ABC PETITE ENFANCE`, `ABCPE`) of `ABC PETITE ENFANCE (ABCPE)`; no sigle in most titles."""
    trouve = _PARENTHESE.search(titre)
    if not trouve or trouve.start() == 0 or not trouve[1].replace(".", "").replace("-", "").isalnum():
        return titre, None
    return titre[: trouve.start()].strip(), trouve[1].rstrip(")")


def initiales(norme: str) -> frozenset[str]:
    """Sigles that the words may make, with the « a » of « association » or not; none under three letters."""
    premieres = "".join(mot[0] for mot in norme.split())
    return frozenset(s for s in (premieres, "a" + premieres) if len(s) >= 3)
