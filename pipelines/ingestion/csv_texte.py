"""CSV without guessing in silence: encoding, delimiter and widths are decided, and said. For the child."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median_low

from pipelines.ingestion.limites import PARTAGER, Limites, Refus, trop

SEPARATEURS = (";", ",", "\t", "|")
EXTRAIT = 60
_NOMBRE = re.compile(r"[-+]?[\d\s\u00a0\u202f.,%€/:]+$")
_ANNONCE = re.compile(r"sep=(.)\s*$", re.IGNORECASE)

Ligne = list[str | None]


@dataclass(slots=True)
class TexteLu:
    """A CSV file as read: its rows (unpadded), the faulty widths, and what was decided to read it."""

    encodage: str
    separateur: str
    lignes: list[Ligne]
    largeurs_fausses: dict[int, int] = field(default_factory=dict)


def decoder(donnees: bytes) -> tuple[str, str]:
    """(text, encoding): the byte order mark decides, then UTF-8, then Windows-1252. NUL bytes are refused."""
    if donnees.startswith(b"\xef\xbb\xbf"):
        essais: tuple[str, ...] = ("utf-8-sig",)
    elif donnees.startswith((b"\xff\xfe", b"\xfe\xff")):
        essais = ("utf-16",)
    else:
        essais = ("utf-8", "cp1252")
    for encodage in essais:
        try:
            texte = donnees.decode(encodage)
        except UnicodeDecodeError:
            continue
        if "\0" in texte:
            raise Refus("FI-04", raison="caractères nuls")
        return texte, encodage
    raise Refus("FI-04", raison="encodage inconnu")


def _largeurs(extrait: Sequence[str], separateur: str) -> list[int]:
    try:
        return [len(ligne) for ligne in csv.reader(extrait, delimiter=separateur)]
    except csv.Error:
        return [len(ligne.split(separateur)) for ligne in extrait]


def choisir_separateur(extrait: Sequence[str]) -> str:
    """The delimiter that cuts the first lines most consistently, at the width of the widest early line.

    Lines wider than the header weigh half: an unquoted decimal comma widens them without changing it.
    """
    annonce = _ANNONCE.match(extrait[0]) if extrait else None
    if annonce and annonce[1] in SEPARATEURS:
        return annonce[1]
    notes: list[tuple[float, int, str]] = []
    for separateur in SEPARATEURS:
        largeurs = [n for n in _largeurs(extrait, separateur) if n]
        entete = next((n for n in largeurs[:10] if n > 1 and 2 * n >= max(largeurs[:10])), 1)
        if entete > 1:
            egales = sum(n == entete for n in largeurs) + 0.5 * sum(n > entete for n in largeurs)
            notes.append((round(egales / len(largeurs), 1), entete, separateur))
    return max(notes, key=lambda n: n[:2])[2] if notes else SEPARATEURS[0]


def enregistrements(
    physiques: Sequence[str], separateur: str, caracteres: int
) -> Iterator[tuple[list[str], bool]]:
    """(fields, sound) of each record, quotes respected.

    A record whose quotes are wrong (never closed, closed in the middle) costs its own first line only: that
    line is given whole, unsound, and the reading starts again on the next one.
    """
    csv.field_size_limit(caracteres)
    espace = any(f'{separateur} "' in ligne for ligne in physiques[:EXTRAIT])
    debut, total = 0, len(physiques)
    while debut < total:
        reste = (physiques[i] for i in range(debut, total))
        lecteur = csv.reader(reste, delimiter=separateur, strict=True, skipinitialspace=espace)
        base = debut
        try:
            for champs in lecteur:
                yield champs, True
                debut = base + lecteur.line_num
        except csv.Error:
            yield [physiques[debut].rstrip("\r\n")], False
            debut += 1


def _rempli(champs: Sequence[str]) -> int:
    return sum(1 for c in champs if c.strip())


def _utile(champs: Sequence[str]) -> int:
    """Width without the trailing empty fields."""
    n = len(champs)
    while n and not champs[n - 1].strip():
        n -= 1
    return n


def ligne_entete(debut: Sequence[Sequence[str]]) -> int:
    """Index of the record that gives the width: the first one filled as most records are, and with text."""
    remplis = [_rempli(champs) for champs in debut]
    typique = median_low([n for n in remplis if n > 1] or [0])
    for i, champs in enumerate(debut):
        textes = sum(1 for c in champs if c.strip() and not _NOMBRE.match(c.strip()))
        if remplis[i] >= max(2, 0.7 * typique) and textes >= 0.7 * remplis[i]:
            return i
    return next((i for i, n in enumerate(remplis) if n and n >= typique), 0)


def lire_csv(donnees: bytes, limites: Limites) -> TexteLu:
    """Read the bytes of a CSV file; row index = record index, empty fields are None."""
    texte, encodage = decoder(donnees)
    physiques = list(io.StringIO(texte, newline=""))
    premieres = [ligne for ligne in physiques[: 2 * EXTRAIT] if ligne.strip()][:EXTRAIT]
    separateur = choisir_separateur(premieres)
    bruts: list[list[str]] = []
    casses: set[int] = set()
    largeur = 0
    for champs, sain in enregistrements(physiques, separateur, limites.caracteres):
        if not sain:
            casses.add(len(bruts))
            champs = [champs[0][: limites.caracteres]]
        bruts.append(champs)
        largeur = max(largeur, _utile(champs))
        if len(bruts) > limites.lignes:
            raise trop(len(physiques), "lignes", limites.lignes, PARTAGER)
        if largeur > limites.colonnes:
            raise trop(largeur, "colonnes", limites.colonnes)
        if largeur * len(bruts) > limites.cellules:
            raise trop(largeur * len(bruts), "cellules", limites.cellules)
    lignes: list[Ligne] = [[c or None for c in champs[:largeur]] for champs in bruts]
    return TexteLu(encodage, separateur, lignes, _fausses(bruts, casses))


def _fausses(bruts: Sequence[list[str]], casses: set[int]) -> dict[int, int]:
    """Rows whose width is not the header's; blank rows, rows above and trailing empty fields are no fault."""
    entete = ligne_entete(bruts[:30])
    attendue = bruts[entete] if bruts else []
    maximum, minimum = len(attendue), _utile(attendue)
    fausses = dict.fromkeys(sorted(casses), 1)
    for i in range(entete + 1, len(bruts)):
        champs = bruts[i]
        if i not in casses and (len(champs) < minimum or len(champs) > maximum) and _rempli(champs):
            utile = _utile(champs)
            if len(champs) < minimum or utile > maximum:
                fausses[i] = len(champs) if len(champs) < minimum else utile
    return fausses
