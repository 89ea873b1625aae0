"""Second look at an .xlsx: error cells and formulas never calculated, which calamine gives as empty; what is hidden.

Runs in the child, after the grid. The sheets are searched as bytes; only those that hold an error cell or
a formula are looked into, with true addresses.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from pipelines.ingestion.limites import Refus

MORCEAU = 1 << 20
COLONNES_SUIVIES = 2_000
_ERREUR = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt=["']e["'][^>]*>(.*?)</(?:\w+:)?c>""", re.DOTALL)
_INDICES = (b't="e"', b"t='e'", b"<f", b":f>", b":f ", b'hidden="1"', b'hidden="true"')
# A formula whose <v> is missing or empty, up to the end of its cell.
_SANS_VALEUR = re.compile(
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_AVEC_VALEUR = (re.compile(rb"</f><v>[^<]"), re.compile(rb"<f [^>]*/><v>[^<]"))
_DEBUT_CELLULE = re.compile(rb"<(?:\w+:)?c[\s>]")
_REFERENCE = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_TEXTE_CALCULE = re.compile(rb"""\bt=["']str["']""")
_VALEUR = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_BALISE = re.compile(rb"<(?:\w+:)?(row|c)(?:\s([^>]*?))?/?>")
_MASQUEE = re.compile(rb"""<(?:\w+:)?row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d{1,7})\"""")
_COLONNE = re.compile(rb"<(?:\w+:)?col\s([^>]*)/?>")
_BORNE = re.compile(rb"""\b(min|max)=["'](\d{1,5})["']""")
_CACHEE = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_LIGNE = re.compile(rb"""\br=["'](\d+)["']""")


@dataclass(slots=True)
class Regard:
    """Findings on one sheet, 0-based (row, column); `masquees` its hidden rows, then its hidden columns."""

    erreurs: dict[tuple[int, int], str] = field(default_factory=dict)
    non_calculees: set[tuple[int, int]] = field(default_factory=set)
    masquees: set[int] = field(default_factory=set)
    colonnes_masquees: set[int] = field(default_factory=set)

    @property
    def utile(self) -> bool:
        """True when there is something to say."""
        return bool(self.erreurs or self.non_calculees or self.masquees or self.colonnes_masquees)


def regarder(donnees: bytes) -> dict[str, Regard]:
    """Findings by sheet name; the sheets without any are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(donnees)) as archive:
            suspectes = [nom for nom in archive.namelist() if _est_feuille(nom) and _a_regarder(archive, nom)]
            noms = _feuilles_par_fichier(archive) if suspectes else {}
            regards = {noms[f]: _examiner(archive.read(f)) for f in suspectes if f in noms}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError) as erreur:
        raise Refus("FI-04", raison="feuille abîmée") from erreur
    return {nom: r for nom, r in regards.items() if r.utile}


def _est_feuille(nom: str) -> bool:
    return "/worksheets/" in f"/{nom.lower()}" and nom.lower().endswith(".xml")


def _a_regarder(archive: zipfile.ZipFile, nom: str) -> bool:
    """True when the bytes of a sheet hold an error cell, a formula or something hidden."""
    fin = b""
    with archive.open(nom) as flux:
        while morceau := flux.read(MORCEAU):
            vu = fin + morceau
            if any(indice in vu for indice in _INDICES):
                return True
            fin = morceau[-16:]
    return False


def _examiner(xml: bytes) -> Regard:
    regard = Regard(
        masquees={int(m[1]) - 1 for m in _MASQUEE.finditer(xml)},
        colonnes_masquees=_colonnes_masquees(xml),
    )
    positions = _Positions(xml)
    if b't="e"' in xml or b"t='e'" in xml:
        for trouve in _ERREUR.finditer(xml):
            texte = _VALEUR.search(trouve[1])
            lu = texte[1].decode("utf-8", "replace") if texte else "#ERREUR"
            regard.erreurs[positions.de(trouve.start())] = lu
    for trouve in () if _toutes_calculees(xml) else _SANS_VALEUR.finditer(xml):
        debut = _debut_cellule(xml, trouve.start())
        balise = xml[debut : xml.find(b">", debut)]
        if not _TEXTE_CALCULE.search(balise):
            position = positions.de(debut)
            if position not in regard.erreurs:
                regard.non_calculees.add(position)
    return regard


def _colonnes_masquees(xml: bytes) -> set[int]:
    """Hidden columns. A range that goes on to the far right hides what is empty: it is cut."""
    masquees: set[int] = set()
    for balise in _COLONNE.finditer(xml):
        bornes = {m[1]: int(m[2]) for m in _BORNE.finditer(balise[1])}
        if _CACHEE.search(balise[1]) and b"min" in bornes:
            fin = min(bornes.get(b"max", bornes[b"min"]), bornes[b"min"] + COLONNES_SUIVIES)
            masquees.update(range(bornes[b"min"] - 1, fin))
    return masquees


def _toutes_calculees(xml: bytes) -> bool:
    """Quick count: as many formulas followed by a value as formulas."""
    formules = xml.count(b"<f>") + xml.count(b"<f ") + xml.count(b":f>") + xml.count(b":f ")
    return formules == sum(len(motif.findall(xml)) for motif in _AVEC_VALEUR)


def _debut_cellule(xml: bytes, position: int) -> int:
    """Start of the <c> that holds the formula at `position`: the tag just before it."""
    debut = xml.rfind(b"<", 0, position)
    while debut > 0 and not _DEBUT_CELLULE.match(xml, debut):
        debut = xml.rfind(b"<", 0, debut)
    return max(debut, 0)


class _Positions:
    """(row, column) of the cell whose tag starts at a byte offset."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._comptees: dict[int, tuple[int, int]] | None = None

    def de(self, debut: int) -> tuple[int, int]:
        reference = _REFERENCE.search(self._xml, debut, self._xml.find(b">", debut))
        if reference:
            return int(reference[2]) - 1, _indice(reference[1])
        if self._comptees is None:  # the address may be left out: then cells follow one another
            self._comptees = dict(self._compter())
        return self._comptees.get(debut, (0, 0))

    def _compter(self) -> Iterator[tuple[int, tuple[int, int]]]:
        ligne, colonne = -1, -1
        for balise in _BALISE.finditer(self._xml):
            attributs = b" " + (balise[2] or b"")
            if balise[1] == b"row":
                numero = _LIGNE.search(attributs)
                ligne, colonne = (int(numero[1]) - 1 if numero else ligne + 1), -1
                continue
            reference = _REFERENCE.search(attributs)
            colonne = _indice(reference[1]) if reference else colonne + 1
            yield balise.start(), (ligne, colonne)


def _indice(lettres: bytes) -> int:
    n = 0
    for lettre in lettres:
        n = n * 26 + lettre - 64
    return n - 1


def _feuilles_par_fichier(archive: zipfile.ZipFile) -> dict[str, str]:
    """Entry of the archive → sheet name, through the workbook and its relations."""
    classeur = "xl/workbook.xml"
    for relation in _racine(archive, "_rels/.rels"):
        if relation.get("Type", "").endswith("/officeDocument"):
            classeur = relation.get("Target", classeur).lstrip("/")
    dossier, fichier = posixpath.split(classeur)
    cibles = {
        r.get("Id", ""): posixpath.normpath(posixpath.join("/" + dossier, r.get("Target", ""))).lstrip("/")
        for r in _racine(archive, f"{dossier}/_rels/{fichier}.rels".lstrip("/"))
    }
    noms = {}
    for feuille in _racine(archive, classeur).iterfind(".//{*}sheet"):
        lien = next((v for k, v in feuille.attrib.items() if k.endswith("}id")), "")
        noms[cibles.get(lien, "")] = feuille.get("name", "")
    return noms


def _racine(archive: zipfile.ZipFile, nom: str) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        racine: Element = fromstring(archive.read(nom), forbid_dtd=True)
    except (KeyError, ParseError, DefusedXmlException) as erreur:
        raise Refus("FI-04", raison=f"{nom} illisible") from erreur
    return racine
