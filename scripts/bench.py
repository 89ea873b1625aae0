"""Ratios of time and memory, each against the bare reading of the same file, in the same run.

`python scripts/bench.py` runs every bench, `python scripts/bench.py brut` one. Each measure runs in a fresh
process; the median of three is kept, imports apart. Memory is the peak of the whole process tree (Linux).
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from observatoire.domain.francais import ecrire_nombre

REPETITIONS = 3
PAUSE = 0.02
GRAINE = 20261122
COLONNES = 20
LIGNES_BRUT, RAPPORT_BRUT, MEMOIRE_BRUT = 200_000, 2.0, 1_000
SECONDES_GUICHET, ETAPES_GUICHET = 5.0, 4
LIGNES_VERIFIER, RAPPORT_VERIFIER, MEMOIRE_VERIFIER = 10_000, 12.0, 1_100

_XLSX = {
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>
<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>""",
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="Feuille1" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>""",
}


# --- Files ---------------------------------------------------------------------------------------------


def ecrire_xlsx(chemin: Path, lignes: int, colonnes: int) -> None:
    """A workbook as a spreadsheet writes it: shared strings in every other column, 15 % of blanks."""
    from pipelines.ingestion.grille import lettre

    alea = random.Random(GRAINE)
    textes = [f"Association {i} de la commune {alea.randrange(507)}" for i in range(20_000)]
    lettres = [lettre(j) for j in range(colonnes)]
    espace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as z:
        for nom, texte in _XLSX.items():
            z.writestr(nom, texte)
        z.writestr(
            "xl/sharedStrings.xml", f"<sst {espace}>{''.join(f'<si><t>{t}</t></si>' for t in textes)}</sst>"
        )
        with z.open("xl/worksheets/sheet1.xml", "w") as feuille:
            feuille.write(f"<worksheet {espace}><sheetData>".encode())
            for i in range(1, lignes + 1):
                feuille.write(f'<row r="{i}">{_cellules(alea, lettres, i, len(textes))}</row>'.encode())
            feuille.write(b"</sheetData></worksheet>")


def _cellules(alea: random.Random, lettres: list[str], ligne: int, textes: int) -> str:
    cellules = []
    for j, lettre in enumerate(lettres):
        if j and alea.random() < 0.15:
            continue
        if j % 2:
            cellules.append(f'<c r="{lettre}{ligne}"><v>{alea.randrange(10**6) / 100}</v></c>')
        else:
            cellules.append(f'<c r="{lettre}{ligne}" t="s"><v>{alea.randrange(textes)}</v></c>')
    return "".join(cellules)


# --- Measures, each in its own process -----------------------------------------------------------------


def mesurer_calamine(fichier: Path, dossier: Path) -> float:
    """Bare reading: every cell of the sheet as a Python object."""
    import python_calamine

    debut = time.perf_counter()
    lignes = python_calamine.CalamineWorkbook.from_path(fichier).get_sheet_by_index(0).to_python()
    duree = time.perf_counter() - debut
    assert len(lignes) >= LIGNES_VERIFIER
    return duree


def mesurer_verifier(fichier: Path, dossier: Path) -> float:
    """The whole verification in a fresh process, our imports included, that of Great Expectations apart."""
    debut = time.perf_counter()
    import great_expectations  # noqa: F401

    import_gx = time.perf_counter() - debut
    from observatoire.config.settings import Settings
    from pipelines import depot

    bilan = depot.verifier(fichier, Settings(dossier))
    duree = time.perf_counter() - debut - import_gx
    assert (bilan.lignes_chargees, bilan.anomalies) == (LIGNES_VERIFIER, [])
    return duree


def mesurer_brut(fichier: Path, dossier: Path) -> float:
    """From the file to the committed raw rows of the warehouse: hash, child process, one transaction."""
    import hashlib

    # DuckDB imports pandas at the first bound value: an import like the others, kept out of the measure.
    import pandas  # noqa: F401

    from observatoire.config.settings import Settings
    from observatoire.storage.chargement import DepotACharger, charger
    from observatoire.storage.entrepot import EntrepotEcriture
    from pipelines.ingestion.brut import lire_brut_arrow

    settings = Settings(dossier)
    debut = time.perf_counter()
    with fichier.open("rb") as flux:
        sha256 = hashlib.file_digest(flux, "sha256").hexdigest()
    taille = fichier.stat().st_size
    brutes = {f.nom: f.table for f in lire_brut_arrow(fichier)}
    depot = DepotACharger(
        sha256, fichier.name, taille, "associations", "bench", {}, 0, 0, 0, 0, brutes=brutes, fictif=True
    )
    with EntrepotEcriture(settings, octets=taille) as con:
        charger(con, depot)
    duree = time.perf_counter() - debut
    with EntrepotEcriture(settings) as con:
        ecrit = con.execute(
            "select count(*), max(ligne), max(len(cellules)) from depot.lignes_brutes"
        ).fetchall()
    assert ecrit == [(LIGNES_BRUT, LIGNES_BRUT, COLONNES)]
    return duree


def mesurer_guichet(fichier: Path, dossier: Path) -> float:
    """From the drop to the verdict on real, warm workers, watched as a page does."""
    from observatoire.comptes.identite import OPERATEUR
    from observatoire.config.settings import Settings
    from pipelines.chantiers.verdict import Verdict
    from pipelines.guichet import Guichet, ouvrir_atelier

    atelier = ouvrir_atelier()
    g = Guichet(Settings(dossier), OPERATEUR, atelier)
    parts: set[float] = set()

    def examiner(nom: str, octets: bytes) -> Verdict:
        (identifiant,) = g.ouvrir([(nom, octets)])
        while (verdict := g.verdict(identifiant)) is None:
            parts.add(g.avancement(identifiant)[1])
            time.sleep(PAUSE)
        return verdict

    try:
        for future in [atelier.confier(f"essai {i}", time.sleep, 1) for i in range(2)]:
            future.result()
        for i in range(2):
            examiner(f"{i}.csv", b"Nom de l'association;Annee\nClub;2025\n" * (i + 1))
        octets = fichier.read_bytes()
        parts.clear()
        debut = time.perf_counter()
        verdict = examiner(fichier.name, octets)
        duree = time.perf_counter() - debut
    finally:
        atelier.fermer()
    assert (verdict.lignes_chargees, verdict.causes) == (LIGNES_VERIFIER, [])
    assert len(parts) >= ETAPES_GUICHET, parts
    return duree


MESURES: dict[str, Callable[[Path, Path], float]] = {
    "calamine": mesurer_calamine,
    "brut": mesurer_brut,
    "verifier": mesurer_verifier,
    "guichet": mesurer_guichet,
}


@dataclass(frozen=True, slots=True)
class Mesure:
    """Seconds (imports apart) and peak memory of the process tree, in millions of bytes."""

    duree: float
    memoire: float


def mesurer(nom: str, fichier: Path, script: Path = Path(__file__)) -> Mesure:
    """Run one measure of `script` in a fresh process and watch the memory of its whole tree."""
    with tempfile.TemporaryDirectory() as dossier:
        commande = [sys.executable, str(script), "--mesure", nom, str(fichier), dossier]
        with subprocess.Popen(commande, stdout=subprocess.PIPE, text=True) as processus:
            memoire = 0.0
            while processus.poll() is None:
                memoire = max(memoire, sum(memoire_de(p) for p in descendants(processus.pid)))
                time.sleep(PAUSE)
            assert processus.stdout is not None
            sortie = processus.stdout.read()
        if processus.returncode:
            sys.exit(f"la mesure « {nom} » a échoué")
    return Mesure(json.loads(sortie), memoire)


def descendants(pid: int) -> list[int]:
    """The process, its children, their children."""
    try:
        enfants = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(d for e in enfants for d in descendants(int(e)))]


def memoire_de(pid: int) -> float:
    try:
        etat = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return sum(int(x.split()[1]) * 1024 / 1e6 for x in etat.splitlines() if x.startswith("VmRSS"))


# --- Benches -------------------------------------------------------------------------------------------


def comparer(nom: str, fichier: Path, quoi: str, rapport_max: float, memoire_max: float) -> bool:
    """Measure `nom` against the bare reading of `fichier`; True when both bars are held."""
    # Interleaved, so that the load of the machine weighs on both.
    paires = [(mesurer("calamine", fichier), mesurer(nom, fichier)) for _ in range(REPETITIONS)]
    nue, mesuree = (statistics.median(m[i].duree for m in paires) for i in (0, 1))
    memoire = max(b.memoire for _, b in paires)
    rapport = mesuree / nue
    print(
        f"{nom} : {quoi} en {ecrire_nombre(mesuree, 2)} s, lecture nue par calamine {ecrire_nombre(nue, 2)} s : "
        f"rapport {ecrire_nombre(rapport, 2)} (au plus {ecrire_nombre(rapport_max)}), mémoire {ecrire_nombre(memoire, 0)} Mo "
        f"(au plus {ecrire_nombre(memoire_max)})"
    )
    return rapport <= rapport_max and memoire <= memoire_max


def bench_brut() -> bool:
    """200 000 × 20 xlsx into the raw rows of the warehouse."""
    with tempfile.TemporaryDirectory() as dossier:
        fichier = Path(dossier) / "brut.xlsx"
        ecrire_xlsx(fichier, LIGNES_BRUT, COLONNES)
        quoi = f"{ecrire_nombre(LIGNES_BRUT)} lignes × {COLONNES} colonnes dans l’entrepôt"
        return comparer("brut", fichier, quoi, RAPPORT_BRUT, MEMOIRE_BRUT)


def _benevolat(dossier: str) -> Path:
    """10 000 clean answers of 20 columns."""
    from observatoire.domain.loader import load_enquetes
    from tests import fabrique

    enquete = load_enquetes()["benevolat"]
    champs = enquete.champs_actifs()[:COLONNES]
    lignes = fabrique.lignes_valides(enquete, LIGNES_VERIFIER, GRAINE)
    grille = [[c.title for c in champs], *[[ligne[c.name] for c in champs] for ligne in lignes]]
    return fabrique.ecrire_xlsx(Path(dossier) / "benevolat.xlsx", grille)


def bench_guichet() -> bool:
    """10 000 × 20 xlsx from the drop to the whole verdict."""
    with tempfile.TemporaryDirectory() as dossier:
        fichier = _benevolat(dossier)
        mesures = [mesurer("guichet", fichier) for _ in range(REPETITIONS)]
    duree, memoire = statistics.median(m.duree for m in mesures), max(m.memoire for m in mesures)
    print(
        f"guichet : {ecrire_nombre(LIGNES_VERIFIER)} lignes × {COLONNES} colonnes, du dépôt au verdict, en "
        f"{ecrire_nombre(duree, 2)} s (au plus {ecrire_nombre(SECONDES_GUICHET)}), mémoire {ecrire_nombre(memoire, 0)} Mo"
    )
    return duree <= SECONDES_GUICHET


def bench_verifier() -> bool:
    """10 000 × 20 xlsx verified from end to end."""
    with tempfile.TemporaryDirectory() as dossier:
        fichier = _benevolat(dossier)
        quoi = f"{ecrire_nombre(LIGNES_VERIFIER)} lignes × {COLONNES} colonnes vérifiées"
        return comparer("verifier", fichier, quoi, RAPPORT_VERIFIER, MEMOIRE_VERIFIER)


def bench_chiffres() -> bool:
    """Every figure of a big survey, then again after one deposit, against the bare aggregation."""
    from scripts import bench_estimation

    return bench_estimation.comparer()


BENCHS: dict[str, Callable[[], bool]] = {
    "verifier": bench_verifier,
    "guichet": bench_guichet,
    "brut": bench_brut,
    "estimation": bench_chiffres,
}


def main() -> None:
    if sys.argv[1:2] == ["--mesure"]:
        nom, fichier, dossier = sys.argv[2:]
        print(json.dumps(MESURES[nom](Path(fichier), Path(dossier))))
        return
    demandes = sys.argv[1:] or list(BENCHS)
    tenus = [BENCHS[nom]() for nom in demandes]
    sys.exit(0 if all(tenus) else 1)


if __name__ == "__main__":
    main()
