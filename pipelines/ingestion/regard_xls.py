"""Second look at an .xls: the cells that show an error, which calamine gives as empty. Runs in the child.

The workbook stream is taken out of its OLE2 container, then its records are walked, only when some bytes look
like an error. A damaged container gives no finding: the grid was already read by a stricter parser.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from pipelines.ingestion.regard import Regard

ERREURS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
FIN_DE_CHAINE = 0xFFFFFFFA  # above: free sector, end of chain, table sector
_CODES = rb"[\x00\x07\x0f\x17\x1d\x24\x2a]"
_INDICE = re.compile(
    rb"\x05\x02\x08\x00.{6}" + _CODES + rb"\x01|\x06\x00.{8}\x02." + _CODES + rb".{3}\xff\xff", re.DOTALL
)
_BOF, _EOF, _FEUILLE, _FORMULE, _BOOLEEN_OU_ERREUR = 0x0809, 0x000A, 0x0085, 0x0006, 0x0205
_BIFF8 = 0x0600


def regarder_xls(donnees: bytes) -> dict[str, Regard]:
    """Findings by sheet name; the sheets without any are left out."""
    try:
        flux = _flux_du_classeur(donnees)
        if not _INDICE.search(flux):
            return {}
        regards = {nom: _examiner(flux, debut) for nom, debut in _feuilles(flux)}
    except (struct.error, IndexError):
        return {}
    return {nom: r for nom, r in regards.items() if r.erreurs}


def _flux_du_classeur(donnees: bytes) -> bytes:
    """The « Workbook » (or « Book ») stream of an OLE2 file; empty when it is too small to be a real one."""
    taille = 1 << min(struct.unpack_from("<H", donnees, 30)[0], 16)

    def secteur(n: int) -> bytes:
        return donnees[(n + 1) * taille : (n + 2) * taille]

    def entiers(bloc: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(bloc) // 4}I", bloc[: len(bloc) // 4 * 4])

    tables = list(struct.unpack_from("<109I", donnees, 76))
    suite, restants = struct.unpack_from("<II", donnees, 68)
    for _ in range(min(restants, len(donnees) // taille)):
        if suite >= FIN_DE_CHAINE:
            break
        *autres, suite = entiers(secteur(suite))
        tables += autres
    fat = [n for t in tables if t < FIN_DE_CHAINE for n in entiers(secteur(t))]

    def chaine(debut: int) -> bytes:
        secteurs: list[bytes] = []
        while debut < FIN_DE_CHAINE and len(secteurs) <= len(fat):
            secteurs.append(secteur(debut))
            debut = fat[debut]
        return b"".join(secteurs)

    repertoire = chaine(struct.unpack_from("<I", donnees, 48)[0])
    for i in range(0, len(repertoire) - 127, 128):
        nom = repertoire[i : i + 64].decode("utf-16-le", "replace").split("\0")[0].casefold()
        debut, longueur = struct.unpack_from("<II", repertoire, i + 116)
        if nom in ("workbook", "book"):
            return chaine(debut)[:longueur] if longueur >= struct.unpack_from("<I", donnees, 56)[0] else b""
    return b""


def _fiches(flux: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """(number, content) of the records of one substream, those of nested charts left out."""
    profondeur = 0
    while position + 4 <= len(flux):
        numero, longueur = struct.unpack_from("<HH", flux, position)
        contenu = flux[position + 4 : position + 4 + longueur]
        position += 4 + longueur
        profondeur += (numero == _BOF) - (numero == _EOF)
        if profondeur <= 0:
            return
        if profondeur == 1:
            yield numero, contenu


def _feuilles(flux: bytes) -> Iterator[tuple[str, int]]:
    version = 0
    for numero, contenu in _fiches(flux, 0):
        if numero == _BOF:
            version = struct.unpack_from("<H", contenu)[0]
        elif numero == _FEUILLE:
            debut, longueur = struct.unpack_from("<I", contenu)[0], contenu[6]
            if version < _BIFF8:
                yield contenu[7 : 7 + longueur].decode("cp1252", "replace"), debut
            elif contenu[7] & 1:
                yield contenu[8 : 8 + 2 * longueur].decode("utf-16-le", "replace"), debut
            else:
                yield contenu[8 : 8 + longueur].decode("latin-1"), debut


def _examiner(flux: bytes, debut: int) -> Regard:
    regard = Regard()
    for numero, contenu in _fiches(flux, debut):
        if numero == _BOOLEEN_OU_ERREUR and contenu[7]:
            code = contenu[6]
        elif numero == _FORMULE and contenu[6] == 2 and contenu[12:14] == b"\xff\xff":
            code = contenu[8]
        else:
            continue
        ligne, colonne = struct.unpack_from("<HH", contenu)
        regard.erreurs[ligne, colonne] = ERREURS.get(code, "#ERREUR")
    return regard
