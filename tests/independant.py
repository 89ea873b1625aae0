"""An independent sum of subsidies over the cells of real files, to check the published figures against.

Reads with openpyxl, xlrd or csv, shares no code with the product. As a script:
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
from collections import defaultdict
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


def cellules(chemin: Path) -> Iterable[tuple[int, list[Any]]]:
    """(1-based row, cells) of the first sheet."""
    if chemin.suffix == ".xlsx":
        feuille = openpyxl.load_workbook(chemin, data_only=True).worksheets[0]
        yield from enumerate((list(r) for r in feuille.iter_rows(values_only=True)), 1)
    elif chemin.suffix == ".xls":
        livre = xlrd.open_workbook(chemin)
        page = livre.sheet_by_index(0)
        for i in range(page.nrows):
            ligne = []
            for cellule in page.row(i):
                date = cellule.ctype == xlrd.XL_CELL_DATE
                ligne.append(
                    xlrd.xldate_as_datetime(cellule.value, livre.datemode) if date else cellule.value
                )
            yield i + 1, ligne
    else:
        octets = chemin.read_bytes()
        try:
            texte = octets.decode("utf-8-sig")
        except UnicodeDecodeError:
            texte = octets.decode("cp1252")
        separateur = max(";,\t", key=texte.split("\n", 1)[0].count)
        yield from enumerate(csv.reader(io.StringIO(texte, newline=""), delimiter=separateur), 1)


def titre(valeur: Any) -> str:
    return str(valeur or "").strip().lower().replace("'", "’")


def nombre(valeur: Any) -> Decimal | None:
    if isinstance(valeur, int | float):
        return Decimal(str(valeur))
    texte = re.sub(r"[\s\u00a0\u202f€]|euros?", "", str(valeur or ""), flags=re.I).replace(",", ".")
    try:
        return Decimal(texte)
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
