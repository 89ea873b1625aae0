"""Finds the figures of a page, a chart, a file or a document, and says which ones lack their source.

A page marks its figures (`dashboards.components.mention`): what is marked must say view, method, answers, source,
year and publication; what is not marked may hold no number with a unit.
"""

from __future__ import annotations

import ast
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

from openpyxl import load_workbook

from dashboards import format_fr as fr
from dashboards import vues
from dashboards.components import mention, requete
from dashboards.components.export import DONNEES, LISEZ_MOI
from dashboards.textes import ETATS
from observatoire.chiffres.identifiant import Identifiant, lire_identifiant
from observatoire.estimation.cadre import LIBELLES_CLASSES
from observatoire.indicators.catalogue import catalogue

UNITES = sorted(
    {"%", "€", "points", "associations", "répondantes", "bénévoles", "salariés", "emplois"}
    | {c.unite for c in catalogue().values() if c.unite not in ("part", "indice", "€", "")},
    key=len,
    reverse=True,
)
_NOMBRE = r"\d+(?:[\u202f\u00a0 .,]\d+)*"
CHIFFRE = re.compile(
    rf"(?<![\w-])({_NOMBRE})[\s\u00a0\u202f]*(?:[kM]|Md)?({'|'.join(re.escape(u) for u in UNITES)})(?!\w)"
)
# Names are no figures: « 1 association = 1 voix », « 1 ou 2 salariés ».
NOMS = (*vues.LIBELLES.values(), *vues.SENS.values(), *LIBELLES_CLASSES.values())
PERMIS = tuple(x.replace("\u00a0", " ") for x in NOMS)
ANNEE, PUBLICATION = re.compile(r"\b(19|20)\d\d\b"), re.compile(r"Publication n°\D*\d+ du \d\d/\d\d/\d{4}")
EDITION = re.compile(r"[Pp]ublication n°\D*\d+ du \d")
VIDES = {"br", "img", "input", "path", "circle", "rect", "line", "hr", "meta", "link"}
# Texts of the cards: constants and definitions, with their own source.
FICHES = ("ob-definition", "ob-provenance")
DE_CHIFFRE = ("identifiant", "vue", "vue_libelle", "n_repondants", "statut", "methode", "source", "publie_le")
DE_TOUT = ("publication",)
# What a card writes when the publication has no row for it.
ABSENT = ETATS["nd"].signe


class Bloc:
    """One element: its attributes, and its text, its children included."""

    def __init__(self, balise: str, attributs: Mapping[str, str | None]) -> None:
        self.balise, self.attributs = balise, dict(attributs)
        self.morceaux: list[str | Bloc] = []

    @property
    def est_chiffre(self) -> bool:
        """True for what a page marks as a figure or a set of figures."""
        return mention.CHIFFRE in self.attributs or mention.CHIFFRES in self.attributs

    def texte(self, *, sans_chiffres: bool = False) -> str:
        """Text of the element; without what is marked, when it is asked for."""
        if sans_chiffres and (self.est_chiffre or self.attributs.get(mention.COMPTE)):
            return " "
        return "".join(
            m if isinstance(m, str) else f" {m.texte(sans_chiffres=sans_chiffres)} " for m in self.morceaux
        )

    def tous(self) -> Iterator[Bloc]:
        """The element and all those inside."""
        yield self
        for morceau in self.morceaux:
            if isinstance(morceau, Bloc):
                yield from morceau.tous()

    def classe(self, nom: str) -> bool:
        """True when the element has this class."""
        return nom in (self.attributs.get("class") or "").split()


class _Arbre(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.racine = Bloc("", {})
        self.pile = [self.racine]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        bloc = Bloc(tag, dict(attrs))
        self.pile[-1].morceaux.append(bloc)
        if tag not in VIDES:
            self.pile.append(bloc)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pile[-1].morceaux.append(Bloc(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in [b.balise for b in self.pile[1:]]:
            while self.pile.pop().balise != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self.pile[-1].balise not in ("style", "script"):
            self.pile[-1].morceaux.append(data)


def arbre(html: str) -> Bloc:
    """The elements of some HTML."""
    lecteur = _Arbre()
    lecteur.feed(html)
    return lecteur.racine


def fautes_html(html: str, *, est_methode: bool = False) -> list[str]:
    """Figures of some HTML that lack a part of their mention, numbers outside any, tables of numbers unmarked.

    The page of the method says constants and thresholds in its sentences: their table there gives their sources.
    """
    racine = arbre(html)
    for bloc in racine.tous():
        if est_methode and bloc.classe("ob-texte"):
            bloc.attributs[mention.COMPTE] = "constantes"
        for avant, apres in itertools.pairwise(b for b in bloc.morceaux if isinstance(b, Bloc)):
            if avant.classe("ob-tableau") and apres.classe("ob-source") and apres.texte().strip():
                avant.attributs[mention.COMPTE] = apres.attributs[mention.COMPTE] = "sa ligne de source"
    fautes = [faute for bloc in racine.tous() if bloc.est_chiffre for faute in _fautes_mention(bloc)]
    fautes += [f"{b.attributs[mention.CHIFFRES]} : aucune requête" for b in racine.tous() if _sans_requete(b)]
    for bloc in racine.tous():
        if any(bloc.classe(nom) for nom in FICHES):
            if "Source" not in bloc.texte() and CHIFFRE.search(bloc.texte()):
                fautes.append(f"fiche sans source : {bloc.texte()[:60]!r}")
            bloc.attributs[mention.COMPTE] = "fiche"
    for table in [b for b in racine.tous() if b.balise == "table" and _a_sa_source(b)]:
        table.attributs[mention.COMPTE] = "sa colonne Source"
    fautes += [f"tableau sans provenance : {t[:60]!r}" for t in _tableaux_nus(racine, False)]
    return fautes + fautes_texte(racine.texte(sans_chiffres=True))


def fautes_valeurs(racine: Bloc, publies: Mapping[Identifiant, str]) -> list[str]:
    """Cards whose value is not the published one, or none; `publies`: the value of each figure, as it is written."""
    fautes = []
    for bloc in [b for b in racine.tous() if b.attributs.get(mention.CHIFFRE)]:
        cite = bloc.attributs[mention.CHIFFRE] or ""
        attendu = publies.get(replace(lire_identifiant(cite), publication=None), ABSENT)
        vu = next((b.texte().strip() for b in bloc.tous() if b.balise == "strong"), None)
        if vu != attendu:
            fautes.append(f"{cite} : {vu!r} au lieu de {attendu!r}")
    return fautes


def fautes_tables(racine: Bloc, graphique: Mapping[str, Any]) -> list[str]:
    """Points of a chart with a label whose value is in no row of the tables of the page, beside their name."""
    cases = [x for b in racine.tous() if b.balise == "table" for x in _cases(b)]
    fautes = []
    for trace in graphique["data"]:
        etiquettes = trace.get("text")
        if not isinstance(etiquettes, list) or trace.get("mode") == "text":
            continue  # the end of an interval has no name of its own
        couche = trace.get("orientation") == "h" or (
            trace["type"] == "scatter" and isinstance(trace["y"][0], str)
        )
        noms, valeurs = (trace["y"], trace["x"]) if couche else (trace["x"], trace["y"])
        for nom, valeur, dite in zip(noms, valeurs, etiquettes, strict=True):
            dits = {
                dite.split(" (")[0],
                fr.nombre(valeur),
                fr.pourcentage(abs(valeur)),
                fr.pourcentage(abs(valeur), 0),
            }
            cherche = _plat(unescape(str(nom).replace("<br>", " ")))
            if not any(cherche in titres and any(_plat(x) in case for x in dits) for titres, case in cases):
                fautes.append(f"{trace.get('name') or ''} {nom} : {dite!r} n’est pas dans le tableau")
    return fautes


def _cases(table: Bloc) -> Iterator[tuple[str, str]]:
    """Each cell of a table, with the text of its row and the heading of its column."""
    rangees = [[x for x in b.tous() if x.balise in ("th", "td")] for b in table.tous() if b.balise == "tr"]
    titres = [_plat(x.texte()) for x in rangees[0]] if rangees else []
    for rangee in rangees[1:]:
        ligne = " ".join(_plat(x.texte()) for x in rangee)
        for titre, case in zip(titres, rangee, strict=True):
            yield f"{titre} {ligne}", _plat(case.texte())


def _plat(texte: str) -> str:
    return " ".join(texte.replace("\u202f", " ").replace("\u00a0", " ").split())


def _sans_requete(bloc: Bloc) -> bool:
    """True for a set of figures that does not show the query which gives them; a table of words has none to give."""
    if mention.CHIFFRES not in bloc.attributs:
        return False
    return not any(requete.MARQUE in b.attributs for b in bloc.tous())


def _a_sa_source(table: Bloc) -> bool:
    """True for a table that gives the source of each row: the parameters."""
    return any(b.balise == "th" and b.texte() == "Source" for b in table.tous())


def _tableaux_nus(bloc: Bloc, couvert: bool) -> Iterator[str]:
    """Tables with columns of numbers, outside any mark, that have no column « Source »."""
    couvert = couvert or bloc.est_chiffre or bool(bloc.attributs.get(mention.COMPTE))
    if bloc.balise == "table" and not couvert and any(b.classe("n") for b in bloc.tous()):
        yield bloc.texte()
    for enfant in bloc.morceaux:
        if isinstance(enfant, Bloc):
            yield from _tableaux_nus(enfant, couvert)


def _fautes_mention(bloc: Bloc) -> list[str]:
    nom = bloc.attributs.get(mention.CHIFFRE) or bloc.attributs.get(mention.CHIFFRES) or ""
    dits = {}
    for paire in bloc.tous():
        if paire.balise == "div" and len(paire.morceaux) == 2:
            titre, texte = paire.morceaux
            if isinstance(titre, Bloc) and isinstance(texte, Bloc) and titre.balise == "dt":
                dits[titre.texte()] = texte.texte().strip()
    return [f"{nom} : {faute}" for faute in _fautes_paires(dits)]


def _fautes_paires(dits: Mapping[str, str]) -> Iterator[str]:
    yield from (f"« {titre} » manque" for titre in mention.TITRES if not dits.get(titre))
    if dits.get(mention.DIFFUSION) and not PUBLICATION.search(dits[mention.DIFFUSION].replace("\u00a0", " ")):
        yield f"« {mention.DIFFUSION} » sans numéro ni date"
    annee = dits.get(mention.ANNEE, "")
    if annee and not ANNEE.search(annee) and annee != "selon la ligne":
        yield f"« {mention.ANNEE} » sans année"


def fautes_texte(texte: str) -> list[str]:
    """Numbers with a unit in a text that no mention covers."""
    propre = re.sub(r"[\s\u00a0]+", " ", texte)
    for permis in PERMIS:
        propre = propre.replace(permis, " ")
    return [f"chiffre sans source : {m[0]!r}" for m in CHIFFRE.finditer(propre)]


def fautes_graphique(trace: Mapping[str, Any]) -> list[str]:
    """Parts of the mention that a chart does not write in its own image."""
    titre = (trace.get("layout", {}).get("title") or {}).get("text", "")
    plat = re.sub(r"<br>|[\s\u00a0]+", " ", titre)
    manques = [f"graphique sans « {t} »" for t in mention.TITRES if f"{t} : " not in plat]
    return manques + ([] if PUBLICATION.search(plat) else ["graphique sans publication"])


def lignes_csv(octets: bytes) -> list[dict[str, str]]:
    """Rows of one of our CSV files, French or technical."""
    texte = octets.decode("utf-8-sig")
    separateur = ";" if ";" in texte.splitlines()[0] else ","
    return list(csv.DictReader(io.StringIO(texte), delimiter=separateur))


def fautes_export(nom: str, octets: bytes) -> list[str]:
    """What a downloaded file does not say of its figures, row by row; its « Lisez-moi » when it is a workbook."""
    if nom.endswith(".csv"):
        return _fautes_lignes(nom, lignes_csv(octets))
    if nom.endswith(".svg"):
        return [f"{nom} : {faute}" for faute in fautes_document([arbre(octets.decode()).texte()])]
    if nom.endswith(".png"):  # the drawing of the SVG of the same name
        return [] if octets.startswith(b"\x89PNG") else [f"{nom} : image illisible"]
    classeur = load_workbook(io.BytesIO(octets), read_only=True)
    if classeur.sheetnames != [LISEZ_MOI, DONNEES]:
        return [f"{nom} : feuilles {classeur.sheetnames}"]
    dits = [[str(v or "") for v in ligne] for ligne in classeur[LISEZ_MOI].iter_rows(values_only=True)]
    titres, *reste = [list(x) for x in classeur[DONNEES].iter_rows(values_only=True)] or [[]]
    lignes = [{t: "" if v is None else str(v) for t, v in zip(titres, x, strict=True)} for x in reste]
    fautes = _fautes_lignes(nom, lignes)
    if not any(t == "Publication" and re.search(r"\d+ du \d\d/\d\d/\d{4}", x) for t, x in dits):
        fautes.append(f"{nom} : le Lisez-moi ne dit pas la publication")
    notice = "\n".join(" ".join(x) for x in dits)
    for vue in {x["vue"] for x in lignes if x.get("vue")}:
        if f"({vue})" not in notice:
            fautes.append(f"{nom} : le Lisez-moi ne dit pas la vue {vue}")
    if lignes and _est_de_chiffres(lignes[0]) and "Source" not in notice:
        fautes.append(f"{nom} : le Lisez-moi ne dit aucune source")
    return fautes


def _est_de_chiffres(ligne: Mapping[str, str]) -> bool:
    """True for a row of figures; a dated constant has its own columns."""
    return bool({"valeur", "part_repondantes"} & ligne.keys()) and "valable_du" not in ligne


def _fautes_lignes(nom: str, lignes: Sequence[Mapping[str, str]]) -> list[str]:
    fautes = set()
    for ligne in lignes:
        for colonne in (*DE_TOUT, *(DE_CHIFFRE if _est_de_chiffres(ligne) else ())):
            vide_permis = (
                (colonne == "n_repondants" and ligne.get("statut") in ("secret", "nd"))
                or (colonne == "identifiant" and ligne.get("financeur") != "tous")
                or (colonne in ("statut", "identifiant") and "part_repondantes" in ligne)
            )
            if not ligne.get(colonne) and not vide_permis:
                fautes.add(f"{nom} : colonne « {colonne} » vide ou absente")
    return sorted(fautes)


def fautes_document(pages: Iterable[str]) -> list[str]:
    """Pages of a printable document that give a number with a unit without saying all of its mention."""
    fautes = []
    for rang, page in enumerate(pages, start=1):
        plat = re.sub(r"[\s\u00a0]+", " ", page)
        if not CHIFFRE.search(plat):
            continue
        fautes += [f"page {rang} : « {t} » manque" for t in mention.TITRES if f"{t} :" not in plat]
        fautes += [] if PUBLICATION.search(plat) else [f"page {rang} : publication non dite"]
    return fautes


def fautes_annexe(pages: Iterable[str]) -> list[str]:
    """Copies of an annex that do not say their publication, or give no source."""
    fautes = []
    for rang, page in enumerate(pages, start=1):
        plat = re.sub(r"[\s\u00a0]+", " ", page)
        fautes += [] if EDITION.search(plat) else [f"exemplaire {rang} : publication non dite"]
        fautes += [] if "Source" in plat else [f"exemplaire {rang} : aucune source"]
    return fautes


def litteraux(source: str) -> list[str]:
    """Texts of a module, its docstrings apart, that hold a number with a unit: a result written by hand."""
    module = ast.parse(source)
    documentations = {
        id(noeud.body[0].value)
        for noeud in ast.walk(module)
        if isinstance(noeud, ast.Module | ast.ClassDef | ast.FunctionDef)
        and noeud.body
        and isinstance(noeud.body[0], ast.Expr)
    }
    textes = [
        noeud.value
        for noeud in ast.walk(module)
        if isinstance(noeud, ast.Constant)
        and isinstance(noeud.value, str)
        and id(noeud) not in documentations
    ]
    return [x for texte in textes for x in litteraux_texte(texte)]


def litteraux_texte(texte: str) -> list[str]:
    """The same for a template."""
    return [
        faute.partition(" : ")[2]
        for faute in fautes_texte(re.sub(r"\d+(?=[\d.]*(px|rem|em|pt|mm)\b)", "", texte))
    ]


def nombres(source: str, plafond: int) -> list[str]:
    """Numbers of a module above `plafond`: a page computes and copies none."""
    return [
        repr(noeud.value)
        for noeud in ast.walk(ast.parse(source))
        if isinstance(noeud, ast.Constant)
        and isinstance(noeud.value, int | float)
        and not isinstance(noeud.value, bool)
        and abs(noeud.value) > plafond
    ]
