"""The child process that opens a deposited file: bounds itself, checks, parses, writes JSON lines.

Run as `python -I enfant.py FD NAME LIMITS`, never imported by the parent. One JSON value per line on
standard output: `{"classeur": …}`, then per sheet `{"feuille": …}` and lists of rows, then `{"fin": …}`; or
`{"refus": …}`. A crash of a parser kills this process only. Dates travel as `{"t": …}`, `{"d": …}`,
`{"h": …}`, `{"s": …}`.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from observatoire.domain.francais import ecrire_nombre
from pipelines.ingestion.limites import PARTAGER, RACCOURCIR, Limites, Refus, trop, trop_lourd, volume

CELLULES_PAR_ENVOI = 8_000
FUSIONS_MAX = 50_000


def borner(limites: Limites) -> None:
    """Bound this very process before anything of the file is looked at."""
    for ressource, valeur in (
        (resource.RLIMIT_AS, limites.memoire),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(ressource, (valeur, valeur))
    resource.setrlimit(resource.RLIMIT_CPU, (limites.cpu, limites.cpu + 2))


def _coder(valeur: object) -> dict[str, Any]:
    if isinstance(valeur, dt.datetime):
        return {"t": valeur.isoformat()}
    if isinstance(valeur, dt.date):
        return {"d": valeur.isoformat()}
    if isinstance(valeur, dt.time):
        return {"h": valeur.isoformat()}
    if isinstance(valeur, dt.timedelta):
        return {"s": valeur.total_seconds()}
    raise TypeError(type(valeur).__name__)


class Envoi:
    """Writes the lines, and refuses past the bound on what is sent."""

    def __init__(self, limites: Limites) -> None:
        self._limites = limites
        self._sortie = sys.stdout.buffer
        self._encoder = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=_coder).encode
        self._envoyes = 0
        self._feuille = ""

    def feuille(self, nom: str, visible: bool, fusions: Sequence[tuple[int, ...]]) -> None:
        """Announce a sheet: the rows that follow are its own."""
        self._feuille = nom
        self.message({"feuille": nom, "visible": visible, "fusions": fusions})

    def message(self, objet: object) -> None:
        """Send one JSON line."""
        ligne = self._encoder(objet).encode("utf-8")
        self._envoyes += len(ligne)
        if self._envoyes > self._limites.transport:
            limite = f"plus de {volume(self._limites.transport)} de texte"
            raise Refus("FI-05", **trop_lourd(limite, PARTAGER))
        self._sortie.write(ligne + b"\n")

    def lignes(self, lignes: Iterable[list[Any]], largeur: int) -> None:
        """Send rows by groups, empty cells as null."""
        reste, debut = iter(lignes), 0
        groupe = max(1, CELLULES_PAR_ENVOI // max(1, largeur))
        while morceau := [[None if c == "" else c for c in ligne] for ligne in islice(reste, groupe)]:
            self._verifier_textes(morceau, debut)
            self.message(morceau)
            debut += len(morceau)

    def _verifier_textes(self, morceau: list[list[Any]], debut: int) -> None:
        permis = self._limites.caracteres
        for i, ligne in enumerate(morceau, debut):
            for cellule in ligne:
                if cellule.__class__ is str and len(cellule) > permis:
                    # The grid is of no use to the child, but for this address.
                    from pipelines.ingestion.grille import adresse

                    place = adresse(i, ligne.index(cellule))
                    limite = f"texte de plus de {ecrire_nombre(permis)} caractères dans la cellule {place}"
                    raise Refus("FI-05", **trop_lourd(limite, RACCOURCIR), feuille=self._feuille)

    def fin(self, regards: list[tuple[str, dict[str, Any]]]) -> None:
        """Say that all was sent, with what the second look found by sheet name."""
        self.message({"fin": regards})
        self._sortie.flush()

    def refus(self, refus: Refus) -> None:
        """Say why the file is not read."""
        self._sortie.write(json.dumps({"refus": refus.code, "details": refus.details}).encode() + b"\n")
        self._sortie.flush()


def envoyer_csv(donnees: bytes, nom: str, limites: Limites, envoi: Envoi) -> None:
    """Read and send a CSV file as one sheet named after the file."""
    from pipelines.ingestion.csv_texte import lire_csv

    lu = lire_csv(donnees, limites)
    envoi.message({"classeur": "csv", "encodage": lu.encodage, "separateur": lu.separateur})
    envoi.feuille(Path(nom).stem, visible=True, fusions=[])
    envoi.lignes(lu.lignes, max(map(len, lu.lignes), default=1))
    envoi.fin([(Path(nom).stem, {"largeurs": list(lu.largeurs_fausses.items())})])


def envoyer_classeur(donnees: bytes, nature: str, limites: Limites, envoi: Envoi) -> None:
    """Read and send the worksheets of an xlsx, xls or ods file."""
    import python_calamine as calamine

    try:
        classeur = calamine.CalamineWorkbook.from_filelike(io.BytesIO(donnees))
        feuilles = [m for m in classeur.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
        if len(feuilles) > limites.feuilles:
            raise trop(len(feuilles), "feuilles", limites.feuilles, PARTAGER)
        envoi.message({"classeur": nature})
        cellules = 0
        for meta in feuilles:
            feuille = classeur.get_sheet_by_name(meta.name)
            hauteur, largeur = _dimensions(feuille)
            cellules += hauteur * largeur
            _verifier_dimensions(hauteur, largeur, cellules, limites)
            plages = islice(feuille.merged_cell_ranges or (), FUSIONS_MAX)
            fusions = [(*debut, *fin) for debut, fin in plages]
            visible = meta.visible == calamine.SheetVisibleEnum.Visible
            envoi.feuille(meta.name, visible, fusions)
            envoi.lignes(_grille(feuille), largeur)
            del feuille
        classeur.close()
    except calamine.PasswordError as erreur:
        raise Refus("FI-01") from erreur
    except calamine.CalamineError as erreur:
        raise Refus("FI-04", raison=str(erreur)[:200]) from erreur
    envoi.fin(_regards(donnees, nature, limites))


def _dimensions(feuille: Any) -> tuple[int, int]:
    fin = feuille.end
    return (fin[0] + 1, fin[1] + 1) if fin else (0, 0)


def _verifier_dimensions(hauteur: int, largeur: int, cellules: int, limites: Limites) -> None:
    if hauteur > limites.lignes:
        raise trop(hauteur, "lignes", limites.lignes)
    if largeur > limites.colonnes:
        raise trop(largeur, "colonnes", limites.colonnes)
    if cellules > limites.cellules:
        raise trop(cellules, "cellules", limites.cellules)


def _grille(feuille: Any) -> Iterator[list[Any]]:
    """Rows from A1 on: indexes are addresses. `iter_rows` gives the empty rows above, not the columns."""
    if not feuille.end:
        return iter(())
    marge = [None] * feuille.start[1]
    return (marge + ligne for ligne in feuille.iter_rows()) if marge else iter(feuille.iter_rows())


def _regards(donnees: bytes, nature: str, limites: Limites) -> list[tuple[str, dict[str, Any]]]:
    """What calamine does not show: error cells, formulas never calculated, hidden rows and columns (in .xls: error cells)."""
    if nature == "xlsx":
        from pipelines.ingestion.regard import regarder

        regards = regarder(donnees)
    elif nature == "ods":
        from pipelines.ingestion.regard_ods import regarder_ods

        regards = regarder_ods(donnees, limites)
    else:
        from pipelines.ingestion.regard_xls import regarder_xls

        regards = regarder_xls(donnees)
    return [
        (
            nom,
            {
                "erreurs": [[*position, texte] for position, texte in regard.erreurs.items()],
                "non_calculees": [list(position) for position in regard.non_calculees],
                "masquees": sorted(regard.masquees),
                "colonnes_masquees": sorted(regard.colonnes_masquees),
            },
        )
        for nom, regard in regards.items()
    ]


def _panne(genre: type[BaseException], erreur: BaseException, trace: TracebackType | None) -> None:
    """Last words of an unforeseen failure (a panic of the parser above all): its kind, never a value."""
    del erreur, trace
    sys.stdout.buffer.write(json.dumps({"panne": genre.__name__}).encode() + b"\n")
    sys.stdout.buffer.flush()


def main() -> None:
    """Read the open file descriptor named by the arguments and write the grid."""
    descripteur, nom, brut = sys.argv[1:]
    limites = Limites(**json.loads(brut))
    borner(limites)
    sys.excepthook = _panne
    envoi = Envoi(limites)
    try:
        from pipelines.ingestion.precontrole import format_de

        with os.fdopen(int(descripteur), "rb") as flux:
            donnees = flux.read(limites.taille + 1)
        nature = format_de(nom, donnees, limites)
        if nature == "csv":
            envoyer_csv(donnees, nom, limites, envoi)
        else:
            envoyer_classeur(donnees, nature, limites, envoi)
    except Refus as refus:
        envoi.refus(refus)
    except MemoryError:
        envoi.refus(Refus("FI-05", **trop_lourd(f"plus de {volume(limites.memoire)} de mémoire")))
    sys.stdout.buffer.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
