"""An independent reading of the cells of real files, to check what the product reads and publishes against.

Reads with openpyxl, xlrd, odfpy or csv, shares no code with the product. As a script:
`python -m tests.independant --donnees DOSSIER FICHIER…` compares the publication of DOSSIER with the sum over the
cells of the files, less the lines that the warehouse says are pending or ignored.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import io
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import xlrd

FINANCEUR = ("nomattribuant", "coll_nom", "autorité administrative", "nom de l’attributaire")
MONTANT = ("montant", "sub_montant", "montant décidé ligne", "montant  total de la subvention")
DATE = ("dateconvention", "acte_date", "date convention", "date de la convention de subvention")
ANNEE = ("annee", "année")


Grille = list[list[Any]]

NB_COLONNES_MAX, NB_LIGNES_MAX = 1_000, 250_000
_BLANCS = re.compile(r"[\s\u00a0\u202f\u2009]")
_MONNAIE = re.compile(r"€|euros?$|eur$", re.IGNORECASE)
_ZERO = frozenset({"zéro", "zero", "aucun", "aucune", "néant", "neant", "nul"})
_DUREE = re.compile(r"(\d+)h(\d{1,2})?(?:mn|min)?|(\d+):(\d\d)(?::(\d\d))?", re.IGNORECASE)


def feuilles(chemin: Path) -> dict[str, Grille]:
    """Sheets by name, cell [i][j] being row i + 1 and column j + 1 of the file; a CSV is one sheet named after it."""
    lecteurs = {".xlsx": _xlsx, ".xls": _xls, ".ods": _ods}
    return lecteurs.get(chemin.suffix.lower(), _csv)(chemin)


def _xlsx(chemin: Path) -> dict[str, Grille]:
    livre = openpyxl.load_workbook(chemin, data_only=True)
    return {f.title: [list(r) for r in f.iter_rows(values_only=True)] for f in livre.worksheets}


def _xls(chemin: Path) -> dict[str, Grille]:
    livre = xlrd.open_workbook(chemin)

    def valeur(cellule: Any) -> Any:
        if cellule.ctype == xlrd.XL_CELL_DATE:
            return xlrd.xldate_as_datetime(cellule.value, livre.datemode)
        if cellule.ctype == xlrd.XL_CELL_BOOLEAN:
            return bool(cellule.value)
        return None if cellule.ctype == xlrd.XL_CELL_ERROR else cellule.value

    return {p.name: [[valeur(c) for c in p.row(i)] for i in range(p.nrows)] for p in livre.sheets()}


def _ods(chemin: Path) -> dict[str, Grille]:
    from odf import opendocument, table, teletype
    from odf.text import P

    def valeur(cellule: Any) -> Any:
        genre = cellule.getAttribute("valuetype")
        if genre in ("float", "currency", "percentage"):
            return float(cellule.getAttribute("value"))
        if genre == "date":
            return dt.datetime.fromisoformat(cellule.getAttribute("datevalue"))
        return "\n".join(teletype.extractText(p) for p in cellule.getElementsByType(P)) or None

    def fois(element: Any, attribut: str, maximum: int) -> int:
        return min(int(element.getAttribute(attribut) or 1), maximum)

    def ligne(rangee: Any) -> list[Any]:
        cellules: list[Any] = []
        for c in rangee.childNodes:
            if c.qname[1] in ("table-cell", "covered-table-cell"):
                cellules += [valeur(c)] * fois(c, "numbercolumnsrepeated", NB_COLONNES_MAX)
        return cellules

    def grille(feuille: Any) -> Grille:
        lignes: Grille = []
        for rangee in feuille.getElementsByType(table.TableRow):
            lues = ligne(rangee)
            vide = all(v is None for v in lues)
            repetee = fois(rangee, "numberrowsrepeated", NB_LIGNES_MAX)
            lignes += [[]] * repetee if vide else [list(lues) for _ in range(repetee)]
        while lignes and not lignes[-1]:
            lignes.pop()
        return lignes

    livre = opendocument.load(str(chemin)).spreadsheet
    return {f.getAttribute("name"): grille(f) for f in livre.getElementsByType(table.Table)}


def _csv(chemin: Path) -> dict[str, Grille]:
    octets = chemin.read_bytes()
    if octets[:2] in (b"\xff\xfe", b"\xfe\xff"):
        texte = octets.decode("utf-16")
    else:
        try:
            texte = octets.decode("utf-8-sig")
        except UnicodeDecodeError:
            texte = octets.decode("cp1252", "replace")
    lectures = [list(csv.reader(io.StringIO(texte, newline=""), delimiter=d)) for d in ";,\t|"]
    return {chemin.stem: max(lectures, key=_regularite)}


def _regularite(grille: Grille) -> tuple[float, int]:
    """How much a way of cutting gives rows of one same width, of several cells."""
    largeurs = Counter(len(x) for x in grille if x)
    largeur, nb = largeurs.most_common(1)[0] if largeurs else (0, 0)
    return (nb / len(grille), largeur) if largeur > 1 else (0.0, largeur)


def cellules(chemin: Path) -> Iterable[tuple[int, list[Any]]]:
    """(1-based row, cells) of the first sheet."""
    yield from enumerate(next(iter(feuilles(chemin).values())), 1)


def titre(valeur: Any) -> str:
    return str(valeur or "").strip().lower().replace("'", "’")


def nombre(valeur: Any, decimale: str | None = None) -> Decimal | None:
    """A cell as a number: French or English separators, euros, a duration in hours; None for anything else.

    `decimale` is the decimal separator that the person gave for the column. Otherwise the last of two different
    separators is the decimal one, a lone one is decimal, one that comes back is not.
    """
    if isinstance(valeur, bool):
        return None
    if isinstance(valeur, int | float):
        return Decimal(str(valeur))
    if isinstance(valeur, dt.timedelta):
        return Decimal(str(valeur.total_seconds())) / 3600
    if isinstance(valeur, dt.time):
        return Decimal(valeur.hour) + Decimal(valeur.minute) / 60
    if not isinstance(valeur, str):
        return None
    texte = _MONNAIE.sub("", _BLANCS.sub("", valeur))
    if texte.lower() in _ZERO:
        return Decimal(0)
    if duree := _DUREE.fullmatch(texte):
        h, m, h2, m2, s2 = (int(g or 0) for g in duree.groups())
        return Decimal(h + h2) + Decimal(m + m2) / 60 + Decimal(s2) / 3600
    signes = [s for s in ",." if s in texte]
    decimale = decimale or (max(signes, key=texte.rindex) if len(signes) == 2 else (signes or [","])[0])
    if texte.count(decimale) > 1:
        texte = texte.replace(decimale, "")
    for signe in {",", "."} - {decimale}:
        texte = texte.replace(signe, "")
    if not re.fullmatch(r"-?\d*[.,]?\d*", texte):
        return None
    try:
        return Decimal(texte.replace(decimale, "."))
    except InvalidOperation:
        return None


def annee_de(valeur: Any) -> int | None:
    if isinstance(valeur, dt.date):
        return valeur.year
    trouve = re.search(r"(19|20)\d\d", str(valeur or ""))
    return int(trouve[0]) if trouve else None


def lignes(chemin: Path, fixe: str | None = None) -> dict[int, tuple[str, int | None, Decimal]]:
    """Row → (funder, year, amount) for every row with an amount. `fixe` is the funder when no column says it."""
    rangs: dict[str, int] = {}
    trouvees = {}
    for numero, ligne in cellules(chemin):
        if not rangs:
            titres = [titre(v) for v in ligne]
            noms = {"financeur": FINANCEUR, "montant": MONTANT, "date": DATE, "annee": ANNEE}
            essai = {
                cle: j
                for cle, vus in noms.items()
                for j, t in enumerate(titres)
                if t in vus
                or (cle == "montant" and t.startswith("montant ") and "total de la subvention" in t)
            }
            if "montant" in essai and ("financeur" in essai or fixe):
                rangs = essai
            continue
        montant = nombre(ligne[rangs["montant"]]) if len(ligne) > rangs["montant"] else None
        if montant is None:
            continue
        financeur = fixe or str(ligne[rangs["financeur"]] or "").strip()
        annee = annee_de(ligne[rangs["annee"]]) if "annee" in rangs else None
        if annee is None and "date" in rangs:
            annee = annee_de(ligne[rangs["date"]])
        trouvees[numero] = (financeur, annee, montant)
    return trouvees


def attendu(
    chemins: Iterable[Path], donnees: Path, fixes: dict[str, str] | None = None
) -> dict[tuple[str, int], Decimal]:
    """Sum by funder and year over the cells, less the rows pending or ignored in the warehouse of `donnees`."""
    sommes: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    with duckdb.connect(str(donnees / "entrepot.duckdb"), read_only=True) as con:
        for chemin in chemins:
            sha256 = hashlib.sha256(chemin.read_bytes()).hexdigest()
            requete = """
                select unnest(lignes_source) from depot.attente join depot.depots using (depot_id) where sha256 = $s
                union select ligne from depot.anomalies join depot.depots using (depot_id)
                where sha256 = $s and code in ('TO-01', 'TO-02', 'TO-03', 'TO-04', 'DO-03')"""
            exclues = {n for (n,) in con.execute(requete, {"s": sha256}).fetchall()}
            for numero, (financeur, annee, montant) in lignes(chemin, (fixes or {}).get(chemin.name)).items():
                if numero not in exclues and annee is not None:
                    sommes[financeur, annee] += montant
    return dict(sommes)


def publie(donnees: Path) -> dict[tuple[str, int], Decimal]:
    """Published amounts by funder and year."""
    with duckdb.connect(str((donnees / "curated" / "observatoire.duckdb").resolve()), read_only=True) as con:
        requete = """
            select financeur, millesime, valeur from mesures
            where indicateur = 'montant_subventions' and niveau = 'departement' and domaine = 'tous'
              and financeur <> 'tous'"""
        return {(f, a): Decimal(str(v)) for f, a, v in con.execute(requete).fetchall()}


def ecarts(a: dict[tuple[str, int], Decimal], b: dict[tuple[str, int], Decimal]) -> list[str]:
    """Differences of more than half a centime."""
    return [
        f"{cle}: cellules {a.get(cle)} ≠ publié {b.get(cle)}"
        for cle in sorted(set(a) | set(b))
        if abs(a.get(cle, Decimal(0)) - b.get(cle, Decimal(0))) > Decimal("0.005") or (cle in a) != (cle in b)
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--donnees", type=Path, required=True)
    arguments.add_argument(
        "--financeur", action="append", default=[], help="fichier=nom, quand aucune colonne ne le dit"
    )
    arguments.add_argument("fichiers", type=Path, nargs="+")
    options = arguments.parse_args()
    fixes = dict(f.split("=", 1) for f in options.financeur)
    voulu, vu = attendu(options.fichiers, options.donnees, fixes), publie(options.donnees)
    differences = ecarts(voulu, vu)
    print(f"{len(voulu)} couples financeur × année, {sum(voulu.values())} € ; {len(differences)} écarts")
    print("\n".join(differences))
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
