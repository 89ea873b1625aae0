"""The glossary: words that the pages of elected officials may use, and where they stand in a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote

from dashboards.contenus.chargement import DOSSIER, ContenuInvalide, doubles, entrees, manques, texte
from observatoire.domain.types._nettoyage import plier

GLOSSAIRE = DOSSIER / "glossaire.toml"
PAGE, RECHERCHE = "mots", "q"
MAX_DEFINITION = 50


@dataclass(frozen=True, slots=True)
class Mot:
    """A word, the ways it is written, what it means in one sentence. `source` where it states a rule of ours."""

    nom: str
    formes: tuple[str, ...]
    definition: str
    source: str = ""

    @property
    def ancre(self) -> str:
        """Name of its place in the page."""
        return ancre(self.nom)

    @property
    def adresse(self) -> str:
        """Where the page of words shows it."""
        return f"{PAGE}?{RECHERCHE}={quote(self.nom)}"


def ancre(nom: str) -> str:
    """« équivalent temps plein (ETP) » → « equivalent-temps-plein-etp »."""
    nu = unicodedata.normalize("NFKD", nom).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", nu).strip("-")


@cache
def lire_mots(chemin: Path = GLOSSAIRE) -> tuple[Mot, ...]:
    """The words in alphabetical order. ContenuInvalide lists every fault."""
    bruts = entrees(chemin, "mot")
    fautes = doubles([str(x.get("nom")) for x in bruts], "mot")
    fautes += doubles([plier(f) for x in bruts for f in x.get("formes", [])], "écriture")
    for brut in bruts:
        nom = str(brut.get("nom") or "sans nom")
        fautes += manques(brut, ("nom", "formes", "definition"), nom)
        if len(str(brut.get("definition", "")).split()) > MAX_DEFINITION:
            fautes.append(f"{nom} : définition de plus de {MAX_DEFINITION} mots")
        if not str(brut.get("definition", ".")).endswith("."):
            fautes.append(f"{nom} : une définition finit par un point")
    if fautes:
        raise ContenuInvalide(chemin.name, fautes)
    mots = (
        Mot(
            texte(x["nom"]),
            tuple(texte(f) for f in x["formes"]),
            texte(x["definition"]),
            texte(x.get("source", "")),
        )
        for x in bruts
    )
    return tuple(sorted(mots, key=lambda m: plier(m.nom)))


def chercher(recherche: str, mots: Sequence[Mot]) -> list[Mot]:
    """Words whose name or writing holds what is searched; failing that, whose definition does."""
    cle = plier(recherche)
    if not cle:
        return list(mots)
    trouves = [m for m in mots if any(cle in plier(f) for f in (m.nom, *m.formes))]
    return trouves or [m for m in mots if cle in plier(m.definition)]


@cache
def motif(mots: tuple[Mot, ...]) -> re.Pattern[str]:
    """Every writing of the words, the longest first; an acronym keeps its capitals, other words do not."""
    formes = sorted({f for m in mots for f in m.formes}, key=len, reverse=True)
    ecrits = [_ecrite(f) for f in formes]
    return re.compile(rf"(?<!\w)(?:{'|'.join(ecrits)})(?!\w)") if ecrits else re.compile(r"(?!)")


def _ecrite(forme: str) -> str:
    """A writing as a pattern: any space for a space, either apostrophe, either case but for an acronym."""
    morceaux = [re.escape(m).replace("’", "[’']") for m in re.split(r"[\s\u00a0\u202f]+", forme)]
    ecrit = r"[\s\u00a0\u202f]+".join(morceaux)
    return ecrit if est_sigle(forme) else f"(?i:{ecrit})"


def est_sigle(forme: str) -> bool:
    """True for « ETP », « OMS-5 »."""
    return re.fullmatch(r"[A-ZÀ-Þ]{2,}[\w-]*", forme) is not None


def annoter(contenu: str, mots: Sequence[Mot] | None = None) -> str:
    """The text as HTML, each word of the glossary leading to its definition the first time it is written."""
    connus = lire_mots() if mots is None else tuple(mots)
    par_forme = {plier(f): m for m in connus for f in m.formes}
    deja: set[str] = set()
    morceaux, fin = [], 0
    for trouve in motif(connus).finditer(contenu):
        mot = par_forme.get(plier(trouve[0]))
        if mot is None or mot.nom in deja:
            continue
        deja.add(mot.nom)
        morceaux += [escape(contenu[fin : trouve.start()]), _lien(mot, trouve[0])]
        fin = trouve.end()
    return "".join(morceaux) + escape(contenu[fin:])


def _lien(mot: Mot, ecrit: str) -> str:
    return (
        f'<a class="ob-mot" href="{escape(mot.adresse)}" target="_self" title="{escape(mot.definition)}">'
        f"{escape(ecrit)}</a>"
    )
