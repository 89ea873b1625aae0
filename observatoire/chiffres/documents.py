"""The text of a document, to look for the identifiers it quotes. Standard library only, no XML parser, no macro run.

A PDF is searched in its metadata and in its streams as they are: letters drawn by number of glyph cannot be read.
"""

from __future__ import annotations

import contextlib
import html
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

TAILLE_MAX = 64_000_000
TEXTES = (".md", ".txt", ".csv", ".json")
PAGES = (".html", ".htm", ".svg", ".xml")
# Parts of a zipped document that hold text, and the end of what is one line there.
ZIPPES = {
    ".docx": (re.compile(r"(?:word/(?:document|footnotes|endnotes|header\d*|footer\d*|comments)|docProps/\w+)\.xml"), "w:p"),
    ".odt": (re.compile(r"(?:content|styles|meta)\.xml"), "text:p"),
}  # fmt: skip
FORMATS = (*TEXTES, *PAGES, *ZIPPES, ".pdf")
_BALISE = re.compile(r"<[^>]*>")
_FLUX = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_CHAINE = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]+>", re.DOTALL)
_MONTRE = re.compile(rb"\[((?:[^\[\]\\]|\\.)*)\]\s*TJ|(\((?:\\.|[^\\()])*\))\s*Tj", re.DOTALL)


class DocumentIllisible(ValueError):
    """What a file holds cannot be read; the message says why."""


def texte_du_document(chemin: Path) -> str:
    """All the text of a document, lines apart. DocumentIllisible for an unknown or damaged one."""
    suffixe = chemin.suffix.lower()
    if suffixe not in FORMATS:
        raise DocumentIllisible(f"{chemin.name}\u00a0: format inconnu. Lus\u00a0: {', '.join(FORMATS)}.")
    if chemin.stat().st_size > TAILLE_MAX:
        raise DocumentIllisible(f"{chemin.name}\u00a0: fichier trop gros.")
    if suffixe in ZIPPES:
        return _zippe(chemin, *ZIPPES[suffixe])
    octets = chemin.read_bytes()
    if suffixe == ".pdf":
        return "\n".join(_pdf(octets))
    texte = octets.decode("utf-8", "replace")
    return texte if suffixe in TEXTES else _page(texte)


def est_muet(chemin: Path) -> bool:
    """True when finding no identifier in this document says little: a PDF draws letters that cannot be read."""
    return chemin.suffix.lower() == ".pdf"


def _page(texte: str) -> str:
    """Text of a page, then the values of its attributes: an identifier may be in a link or an alternative text."""
    attributs = "\n".join(_BALISE.findall(texte))
    return html.unescape(f"{_BALISE.sub('', texte)}\n{attributs}")


def _zippe(chemin: Path, parties: re.Pattern[str], paragraphe: str) -> str:
    """Text of the parts of a zipped document; what is written in several runs of a paragraph is put together."""
    morceaux, reste = [], TAILLE_MAX
    try:
        with zipfile.ZipFile(chemin) as archive:
            for info in archive.infolist():
                if not parties.fullmatch(info.filename):
                    continue
                with archive.open(info) as flux:
                    octets = flux.read(reste + 1)
                reste -= len(octets)
                if reste < 0:
                    raise DocumentIllisible(f"{chemin.name}\u00a0: trop gros une fois ouvert.")
                texte = re.sub(
                    rf"</{paragraphe}>|<[\w:]*(?:br|tab)/>", "\n", octets.decode("utf-8", "replace")
                )
                morceaux.append(html.unescape(_BALISE.sub("", texte)))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as faute:
        raise DocumentIllisible(f"{chemin.name}\u00a0: fichier abîmé ou protégé.") from faute
    return "\n".join(morceaux)


def _pdf(octets: bytes) -> Iterator[str]:
    if not octets.startswith(b"%PDF"):
        raise DocumentIllisible("Ce fichier n’est pas un PDF.")
    reste = TAILLE_MAX
    yield from _textes_du_pdf(_FLUX.sub(b"", octets))
    for flux in _FLUX.finditer(octets):
        contenu = flux[1]
        with contextlib.suppress(zlib.error):
            contenu = zlib.decompressobj().decompress(contenu, reste)
        yield from _textes_du_pdf(contenu)
        reste -= len(contenu)
        if reste <= 0:
            return


def _textes_du_pdf(contenu: bytes) -> Iterator[str]:
    """What is drawn, its pieces put together; else the strings of metadata, and the bytes themselves."""
    montres = _MONTRE.findall(contenu)
    if montres:
        yield from ("".join(map(_chaine, _CHAINE.findall(tableau or seule))) for tableau, seule in montres)
        return
    yield contenu.decode("latin-1")
    yield from map(_chaine, _CHAINE.findall(contenu))


def _chaine(brute: bytes) -> str:
    """A PDF string: between brackets or in hexadecimal, in Latin-1 or UTF-16."""
    if brute.startswith(b"<"):
        chiffres = re.sub(rb"\s", b"", brute[1:-1])
        octets = bytes.fromhex((chiffres + b"0" * (len(chiffres) % 2)).decode("ascii"))
    else:
        octets = re.sub(rb"\\([0-7]{1,3})", lambda m: bytes([int(m[1], 8) % 256]), brute[1:-1])
        octets = re.sub(rb"\\(.)", rb"\1", octets)
    if octets.startswith(b"\xfe\xff"):
        return octets[2:].decode("utf-16-be", "replace")
    return octets.decode("latin-1")
