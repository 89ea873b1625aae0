"""What a workbook says beside its cells: authors, comments, headers, pictures. Taken out before the bytes are kept.

Only the cells are judged by an analysis. Comments (their authors and texts) are blanked whatever they hold, ours
included: nobody has looked into them, and no answer stands there. What is left is searched once more; when a
person is still named somewhere (a drop-down list, a defined name), the workbook is not kept: its grid is.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePath

from pipelines.ingestion.grille import Classeur
from pipelines.ingestion.noms_personnes import nom_complet, prenom_seul
from pipelines.ingestion.personnel import cellule_personnelle, masquer

_DATE = (1980, 1, 1, 0, 0, 0)
_VIDES = re.compile(
    r"(?:.*/)?(?:printersettings|media|embeddings|activex|ctrlprops|pictures|thumbnails|objectreplacements)/.*"
    r"|docprops/thumbnail\..*",
    re.IGNORECASE,
)
_FIGEES = {
    "docprops/core.xml": ("creator", "lastModifiedBy", "description", "keywords", "contentStatus"),
    "docprops/app.xml": ("Manager", "Company", "HyperlinkBase"),
    "meta.xml": ("initial-creator", "creator", "printed-by", "description", "keyword", "editing-duration"),
}
_ENTETES = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
_ODS_ENTETES = ("header", "footer", "header-left", "footer-left", "header-first", "footer-first")
_ATTRIBUTS = re.compile(rb'(\b(?:displayName|userId|userName|reservationPassword|w:author)=")[^"]*(")')
_CHEMIN = re.compile(rb'(<(?:\w+:)?absPath\b[^>]*?\burl=")[^"]*(")')
_DONNEES = re.compile(rb"<(?:\w+:)?sheetData\b.*</(?:\w+:)?sheetData>", re.DOTALL)
_TEXTES = re.compile(rb'>([^<>]{5,})<|="([^"<>]{5,})"')
_MORCEAUX = re.compile(r"[,;|\n\"]+")
_CODE = re.compile(r"[\w:/.#-]+")


def sans_metadonnees(chemin: Path, format: str) -> bytes | None:
    """The same workbook, cell for cell, without the persons around it; None when that cannot be sure.

    xlsx: creator, last author, manager, company, comments and their authors, threaded comments and persons, page headers
    and footers, pictures, embedded files, printer settings, path of the file. ods: the same. csv: its own bytes.
    xls: always None. The same file always gives the same bytes.
    """
    if format == "csv":
        return chemin.read_bytes()
    if format not in ("xlsx", "ods"):
        return None
    sortie = io.BytesIO()
    with zipfile.ZipFile(chemin) as lu, zipfile.ZipFile(sortie, "w") as ecrit:
        for entree in lu.infolist():
            nom = entree.filename
            contenu = _sans_personne(nom.lower(), lu.read(entree), format)
            if _nomme_encore(nom.lower(), contenu):
                return None
            fiche = zipfile.ZipInfo(nom, _DATE)
            fiche.compress_type = zipfile.ZIP_STORED if nom == "mimetype" else zipfile.ZIP_DEFLATED
            fiche.external_attr = 0o600 << 16
            ecrit.writestr(fiche, contenu)
    return sortie.getvalue()


def _sans_personne(nom: str, contenu: bytes, format: str) -> bytes:
    if _VIDES.fullmatch(nom):
        return b""
    for balise in _FIGEES.get(nom, ()):
        contenu = _blanchir(contenu, balise)
    return _xlsx(nom, contenu) if format == "xlsx" else _ods(nom, contenu)


def _xlsx(nom: str, contenu: bytes) -> bytes:
    dossier, fichier = PurePath(nom).parent.name, PurePath(nom).name
    if fichier.startswith("comments") or dossier in ("comments", "threadedcomments"):
        for balise in ("author", "t", "text" if dossier == "threadedcomments" else "author"):
            contenu = _blanchir(contenu, balise)
    if dossier == "worksheets" or dossier == "chartsheets":
        for balise in _ENTETES:
            contenu = _blanchir(contenu, balise)
    if dossier in ("persons", "revisions") or fichier == "workbook.xml":
        contenu = _CHEMIN.sub(rb"\1\2", _ATTRIBUTS.sub(rb"\1\2", contenu))
    return contenu


def _ods(nom: str, contenu: bytes) -> bytes:
    if nom in ("content.xml", "styles.xml"):
        for balise in ("annotation", "annotation-end", "tracked-changes"):
            contenu = _oter(contenu, balise)
    if nom == "styles.xml":
        for balise in _ODS_ENTETES:
            contenu = _blanchir(contenu, balise)
    return contenu


def _element(balise: str) -> bytes:
    return rb"<(?P<b>(?:[\w-]+:)?" + balise.encode() + rb")(?P<a>(?:\s[^>]*)?)(?<!/)>.*?</(?P=b)>"


def _blanchir(contenu: bytes, balise: str) -> bytes:
    """Empty every element of that name, whatever its prefix."""
    return re.sub(_element(balise), rb"<\g<b>\g<a>></\g<b>>", contenu, flags=re.DOTALL)


def _oter(contenu: bytes, balise: str) -> bytes:
    return re.sub(_element(balise), b"", contenu, flags=re.DOTALL)


def _nomme_encore(nom: str, contenu: bytes) -> bool:
    """True when something personal is left outside the cells, which the analysis has judged."""
    if not nom.endswith((".xml", ".rels", ".vml")):
        return False
    partagees = nom.endswith(("sharedstrings.xml", "content.xml"))
    trouvee: Callable[[str], bool] = _cellule if partagees else _personne
    return any(trouvee(t) for t in set(_textes(_DONNEES.sub(b"", contenu))))


def _textes(contenu: bytes) -> Iterator[str]:
    for trouve in _TEXTES.finditer(contenu):
        yield html.unescape((trouve[1] or trouve[2]).decode("utf-8", "replace"))


def _cellule(texte: str) -> bool:
    return cellule_personnelle(texte) is not None


def _personne(texte: str) -> bool:
    if cellule_personnelle(texte):
        return True
    return any(nom_complet(m) for m in _MORCEAUX.split(texte) if " " in m)


# --- Names of files and sheets ----------------------------------------------------------------------------
def nom_sans_personne(nom: str) -> str:
    """A file name without the persons it names, ending kept: « Mme Martin réponses.xlsx » → « M*** réponses.xlsx ».

    E-mails, telephones, NIR, IBAN, a title of courtesy and a name, a first name and a last name.
    """
    suffixe = PurePath(nom).suffix
    corps = nom.removesuffix(suffixe) if len(suffixe) <= 6 else nom
    suffixe = nom[len(corps) :]
    if cellule_personnelle(corps):
        return masquer(corps) + suffixe
    mots = [m for m in re.split(r"[ _]+|-(?=[^\W\d])", corps) if m]
    for debut in range(len(mots) - 1):
        paire = mots[debut : debut + 2]
        if cellule_personnelle(" ".join(mots)) or _nomme(paire):
            gardes = [*mots[:debut], "***", *mots[debut + 2 :]]
            return nom_sans_personne(" ".join(gardes) + suffixe)
    return nom


def _nomme(paire: list[str]) -> bool:
    nom = " ".join(paire)
    return nom_complet(nom) and (
        prenom_seul(paire[0], sur=True) or prenom_seul(paire[1], sur=True) or "." in nom
    )


def porte_une_personne(nom: str) -> bool:
    """True for a sheet name that holds a person."""
    return nom_sans_personne(nom) != nom


def _nom_de_rang(rang: int, pris: set[str]) -> str:
    noms = (f"Feuille {rang}{suite}" for suite in ("", *(f" ({n})" for n in range(2, len(pris) + 3))))
    return next(n for n in noms if n not in pris)


def masquer_noms(classeur: Classeur) -> list[str]:
    """Rename, in place, the file and the sheets that bear somebody's name; the new names of those sheets.

    To be called once the file is read and before anything is said of it: a sheet becomes « Feuille 3 », its place.
    """
    classeur.nom_fichier = nom_sans_personne(classeur.nom_fichier)
    renommees = []
    for rang, feuille in enumerate(classeur.feuilles, 1):
        if porte_une_personne(feuille.nom):
            feuille.nom = _nom_de_rang(rang, {f.nom for f in classeur.feuilles})
            renommees.append(feuille.nom)
    return renommees
