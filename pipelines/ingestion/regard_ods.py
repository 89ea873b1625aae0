"""Second look at an .ods: cells that show an error, formulas never calculated. Runs in the child.

The content is one XML file where rows and cells may stand for many (`number-…-repeated`): the tags are counted
in order, only when the file holds a formula at all.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
import zlib

from pipelines.ingestion.limites import Limites, Refus
from pipelines.ingestion.regard import Regard

_BALISE = re.compile(
    rb"<table:(table-row|table-cell|covered-table-cell|table)\b([^>]*?)(/?)>|</table:table-cell>", re.DOTALL
)
_REPETITION = re.compile(rb'number-(?:rows|columns)-repeated="(\d{1,9})"')
_NOM = re.compile(rb'table:name="([^"]*)"')
_TEXTE = re.compile(rb"<text:p[^>]*>([^<]*)</text:p>")
_ERREUR = re.compile(rb"#[A-Z/0-9?!]{2,9}[!?]?|#N/A|Err:\d{3}")


def regarder_ods(donnees: bytes, limites: Limites) -> dict[str, Regard]:
    """Findings by sheet name; the sheets without any are left out."""
    try:
        with zipfile.ZipFile(io.BytesIO(donnees)) as archive:
            xml = archive.read("content.xml")
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, EOFError) as erreur:
        raise Refus("FI-04", raison="contenu abîmé") from erreur
    if b"table:formula=" not in xml:
        return {}
    regards: dict[str, Regard] = {}
    regard = Regard()
    ligne = colonne = suivante = 0
    for balise in _BALISE.finditer(xml):
        genre, attributs = balise[1], balise[2] or b""
        if genre == b"table":
            nom = _NOM.search(attributs)
            regard = regards.setdefault(html.unescape(nom[1].decode()) if nom else "", Regard())
            ligne = colonne = suivante = 0
        elif genre == b"table-row":
            ligne, colonne = suivante, 0
            suivante += _fois(attributs)
        elif genre is not None:
            if b"table:formula=" in attributs and ligne < limites.lignes and colonne < limites.colonnes:
                fin = balise.end() if balise[3] else xml.find(b"</table:table-cell>", balise.end())
                _juger(regard, (ligne, colonne), attributs, xml[balise.end() : max(fin, balise.end())])
            colonne += _fois(attributs)
    return {nom: r for nom, r in regards.items() if r.erreurs or r.non_calculees}


def _fois(attributs: bytes) -> int:
    repetition = _REPETITION.search(attributs)
    return int(repetition[1]) if repetition else 1


def _juger(regard: Regard, position: tuple[int, int], attributs: bytes, contenu: bytes) -> None:
    textes = _TEXTE.search(contenu)
    texte = textes[1].strip() if textes else b""
    if b'calcext:value-type="error"' in attributs or _ERREUR.fullmatch(texte):
        regard.erreurs[position] = html.unescape(texte.decode("utf-8", "replace")) or "#ERREUR"
    elif b"office:value-type=" not in attributs and not texte:
        regard.non_calculees.add(position)
