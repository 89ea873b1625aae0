"""Hostile and damaged files: the parent survives, each gets a grid or a code, within the bounds.

Everything is generated here, small and quick. `GRAINE` changes the seed of the mutations.
"""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import xlwt
from openpyxl import Workbook

from observatoire.domain.anomalie import Anomalie, catalogue
from pipelines.ingestion.grille import Classeur, FichierRefuse
from pipelines.ingestion.lecteur import lire_fichier
from tests.fabrique_fichiers import ESPACE, OLE, archive, feuille_xml, ods_brut, parties, xlsx_brut

GRAINE = int(os.environ.get("GRAINE", "20250312"))
NB_MUTATIONS = 20
MEMOIRE_KO = 1_100_000
DUREE = 30.0


def lire(chemin: Path) -> Classeur | FichierRefuse:
    """Read a file; whatever it holds, nothing but FichierRefuse may come out, in time."""
    debut = time.monotonic()
    try:
        resultat: Classeur | FichierRefuse = lire_fichier(chemin)
    except FichierRefuse as refus:
        assert refus.code in catalogue()
        assert "…" not in Anomalie(refus.code, details=refus.details).phrase
        resultat = refus
    assert time.monotonic() - debut < DUREE
    return resultat


class Guetteur(threading.Thread):
    """Largest memory (kB) of the children of this process, each one's own: the peak the kernel keeps for it.

    `getrusage` would not do: a child starts with the peak of what it was forked from.
    """

    PAS = 0.005

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.pics: dict[int, int] = {}
        self._assez = threading.Event()

    def run(self) -> None:
        moi = psutil.Process()
        ma_commande = moi.cmdline()
        while not self._assez.wait(self.PAS):
            for enfant in moi.children():
                with contextlib.suppress(psutil.Error, OSError, IndexError):
                    # Until it runs its own program, a child is its parent.
                    if enfant.cmdline() not in ([], ma_commande):
                        etat = Path(f"/proc/{enfant.pid}/status").read_text(encoding="ascii")
                        pic = int(etat.split("VmHWM:")[1].split()[0])
                        self.pics[enfant.pid] = max(self.pics.get(enfant.pid, 0), pic)

    def finir(self) -> None:
        self._assez.set()
        self.join()


@pytest.fixture(autouse=True, scope="module")
def memoire_des_enfants() -> Iterator[None]:
    """No child of these tests takes more."""
    guetteur = Guetteur()
    guetteur.start()
    yield
    guetteur.finir()
    assert guetteur.pics and max(guetteur.pics.values()) < MEMOIRE_KO


def test_le_guetteur_voit_la_memoire_d_un_enfant() -> None:
    guetteur = Guetteur()
    guetteur.start()
    grand = "import time; x = bytearray(200_000_000); time.sleep(0.5)"
    subprocess.run([sys.executable, "-c", grand], check=True)
    guetteur.finir()
    assert 195_000 < max(guetteur.pics.values()) < 300_000


def cellule(reference: str, contenu: str = "<v>1</v>") -> str:
    return f'<c r="{reference}">{contenu}</c>'


def chaines_partagees(texte: str) -> str:
    return f'<sst xmlns="{ESPACE}" count="1" uniqueCount="1"><si><t>{texte}</t></si></sst>'


def renvois(nombre: int) -> str:
    return "".join(
        f'<row r="{i}">' + "".join(f'<c r="{c}{i}" t="s"><v>0</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for i in range(1, nombre // 10 + 1)
    )


def avec_chaines(chemin: Path, texte: str, nombre: int) -> Path:
    contenus = parties()
    contenus["[Content_Types].xml"] = contenus["[Content_Types].xml"].replace(
        b"</Types>",
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument'
        b'.spreadsheetml.sharedStrings+xml"/></Types>',
    )
    autres: dict[str, str | bytes] = {**contenus, "xl/sharedStrings.xml": chaines_partagees(texte)}
    return xlsx_brut(
        chemin,
        feuille_xml(renvois(nombre)),
        autres | {"xl/worksheets/sheet1.xml": feuille_xml(renvois(nombre))},
    )


def milliard_de_rires(chemin: Path) -> Path:
    entites = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return _avec_doctype(chemin, f'[<!ENTITY l0 "lol">{entites}]', "&l9;")


def entite_externe(chemin: Path) -> Path:
    return _avec_doctype(chemin, '[<!ENTITY f SYSTEM "file:///etc/passwd">]', "&f;")


def _avec_doctype(chemin: Path, entites: str, texte: str) -> Path:
    xml = feuille_xml(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{texte}</t></is></c></row>')
    return xlsx_brut(chemin, xml.replace("<worksheet", f"<!DOCTYPE x {entites}><worksheet", 1))


def bombe(chemin: Path) -> Path:
    return xlsx_brut(chemin, feuille_xml(cellule("A1", "<is><t>" + "0" * 30_000_000 + "</t></is>")))


def entrees(nombre: int) -> Callable[[Path], Path]:
    return lambda chemin: archive(chemin, {**parties(), **{f"xl/media/{i}.png": b"x" for i in range(nombre)}})


def taille_menteuse(chemin: Path) -> Path:
    """The central directory announces fewer bytes than the entry holds."""
    xlsx_brut(chemin, feuille_xml(renvois(20_000)))
    octets = bytearray(chemin.read_bytes())
    with zipfile.ZipFile(chemin) as lu:
        info = lu.getinfo("xl/worksheets/sheet1.xml")
    vraie, fausse = info.file_size.to_bytes(4, "little"), (100).to_bytes(4, "little")
    chemin.write_bytes(octets.replace(vraie, fausse))
    return chemin


def ods_immense(chemin: Path) -> Path:
    rangee = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" '
        'office:value="1" table:number-columns-repeated="16384"><text:p>1</text:p></table:table-cell></table:table-row>'
    )
    return ods_brut(chemin, rangee)


def texte(contenu: bytes) -> Callable[[Path], object]:
    return lambda chemin: chemin.write_bytes(contenu)


HOSTILES: dict[str, tuple[Callable[[Path], object], set[str]]] = {
    "coin-lointain.xlsx": (
        lambda p: xlsx_brut(p, feuille_xml(f'<row r="1">{cellule("A1")}</row><row r="1048576">{cellule("XFD1048576")}</row>')),
        {"FI-05"},
    ),
    "ligne-4-milliards.xlsx": (
        lambda p: xlsx_brut(p, feuille_xml(f'<row r="4000000000">{cellule("A4000000000")}</row>')), {"FI-04", "FI-05"},
    ),
    "colonne-zzzzzz.xlsx": (lambda p: xlsx_brut(p, feuille_xml(f'<row r="1">{cellule("ZZZZZZ1")}</row>')), {"FI-04", "FI-05"}),
    "large.xlsx": (lambda p: xlsx_brut(p, feuille_xml(f'<row r="1">{cellule("A1")}{cellule("XFD1")}</row>')), {"FI-05"}),
    "bombe.xlsx": (bombe, {"FI-05"}),
    "chaine-clonee.xlsx": (lambda p: avec_chaines(p, f"{random.Random(1).getrandbits(4_000_000):x}", 100_000), {"FI-05"}),
    "chaine-longue.xlsx": (lambda p: avec_chaines(p, "é" * 40_000, 10), {"FI-05"}),
    "milliard-de-rires.xlsx": (milliard_de_rires, {"FI-04"}),
    "entite-externe.xlsx": (entite_externe, {"FI-04"}),
    "trop-d-entrees.xlsx": (entrees(2_100), {"FI-05"}),
    "taille-menteuse.xlsx": (taille_menteuse, {"FI-04"}),
    "feuille-sans-fin.xlsx": (lambda p: xlsx_brut(p, feuille_xml(renvois(100))[:-60]), {"FI-04", "FI-07"}),
    "classeur-profond.xlsx": (lambda p: xlsx_brut(p, feuille_xml("<a>" * 100_000)), {"FI-04", "FI-07"}),
    "sans-classeur.xlsx": (lambda p: archive(p, {"xl/x.xml": b"<x/>"}), {"FI-04"}),
    "immense.ods": (ods_immense, {"FI-04", "FI-05"}),
    "ods-sans-contenu.ods": (
        lambda p: archive(p, {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), {"FI-04"},
    ),
    "chiffre.xlsx": (texte(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")), {"FI-01"}),
    "ole-vide.xls": (texte(OLE + b"\xff" * 2_000), {"FI-04", "FI-05"}),
    "200-000-colonnes.csv": (texte(b"a;" * 200_000 + b"\n" + b"1;" * 200_000), {"FI-05"}),
    "300-000-lignes.csv": (texte(b"a;b\n" * 300_000), {"FI-05"}),
    "hasard.csv": (texte(random.Random(2).randbytes(50_000)), {"FI-04"}),
}  # fmt: skip
LISIBLES: dict[str, Callable[[Path], object]] = {
    "fusion-totale.xlsx": lambda p: xlsx_brut(
        p, feuille_xml(f'<row r="1">{cellule("A1")}</row>', '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    ),
    "dimension-menteuse.xlsx": lambda p: xlsx_brut(
        p, feuille_xml(f'<row r="1">{cellule("A1")}</row>').replace("<sheetData>", '<dimension ref="A1:XFD1048576"/><sheetData>')
    ),
    "formule-profonde.xlsx": lambda p: xlsx_brut(
        p, feuille_xml(f'<row r="1">{cellule("A1", "<f>" + "(" * 8000 + "1" + ")" * 8000 + "</f><v>1</v>")}</row>')
    ),
    "mille-guillemets.csv": texte(b"a;b\n" + b'"x;1\ny;2\n' * 1_000),
    "un-guillemet.csv": texte(b'a;b\n"x;1\n' + b"y;2\n" * 20_000),
}  # fmt: skip


@pytest.mark.parametrize("nom", HOSTILES)
def test_fichier_hostile_refuse_avec_un_code(tmp_path: Path, nom: str) -> None:
    preparer, codes = HOSTILES[nom]
    preparer(tmp_path / nom)
    resultat = lire(tmp_path / nom)
    assert isinstance(resultat, FichierRefuse)
    assert resultat.code in codes


@pytest.mark.parametrize("nom", LISIBLES)
def test_fichier_bizarre_mais_lisible(tmp_path: Path, nom: str) -> None:
    LISIBLES[nom](tmp_path / nom)
    resultat = lire(tmp_path / nom)
    assert isinstance(resultat, Classeur)
    assert any(v is not None for ligne in resultat.feuilles[0].lignes for v in ligne)


def test_mille_guillemets_coutent_mille_lignes(tmp_path: Path) -> None:
    LISIBLES["mille-guillemets.csv"](tmp_path / "f.csv")
    resultat = lire(tmp_path / "f.csv")
    assert isinstance(resultat, Classeur)
    feuille = resultat.feuilles[0]
    assert sum(x == ["y", "2"] for x in feuille.lignes) + len(feuille.largeurs_fausses) >= 1_000


# --- Random mutations ------------------------------------------------------------------------------------
def modele_xlsx(chemin: Path) -> None:
    classeur = Workbook()
    for i in range(60):
        classeur.active.append([f"Association {i}", i, i * 1.5, "oui", None])
    classeur.active.merge_cells("A1:B1")
    classeur.save(chemin)


def modele_xls(chemin: Path) -> None:
    classeur = xlwt.Workbook()
    feuille = classeur.add_sheet("Réponses")
    for i in range(60):
        for j, valeur in enumerate([f"Association {i}", i, i * 1.5, xlwt.Formula("1+1")]):
            feuille.write(i, j, valeur)
    classeur.save(str(chemin))


def modele_ods(chemin: Path) -> None:
    rangee = '<table:table-row><table:table-cell office:value-type="string"><text:p>A{}</text:p></table:table-cell></table:table-row>'
    ods_brut(chemin, "".join(rangee.format(i) for i in range(60)))


def modele_csv(chemin: Path) -> None:
    chemin.write_text("nom;nombre;texte\n" + "".join(f'"Asso {i}";{i};"a; ""b"""\n' for i in range(60)))


def muter(octets: bytes, rng: random.Random) -> bytes:
    """One of: bytes changed, a piece cut, doubled, zeroed, or the end lost."""
    lot = bytearray(octets)
    debut = rng.randrange(len(lot))
    fin = min(len(lot), debut + rng.randint(1, 400))
    match rng.randrange(5):
        case 0:
            for _ in range(rng.randint(1, 30)):
                lot[rng.randrange(len(lot))] = rng.randrange(256)
        case 1:
            del lot[debut:fin]
        case 2:
            lot[debut:debut] = lot[debut:fin]
        case 3:
            lot[debut:fin] = bytes(fin - debut)
        case _:
            del lot[debut:]
    return bytes(lot)


@pytest.mark.parametrize(
    "modele", [modele_xlsx, modele_xls, modele_ods, modele_csv], ids=["xlsx", "xls", "ods", "csv"]
)
def test_mutations(tmp_path: Path, modele: Callable[[Path], None]) -> None:
    suffixe = modele.__name__.removeprefix("modele_")
    source = tmp_path / f"source.{suffixe}"
    modele(source)
    assert isinstance(lire(source), Classeur)
    octets = source.read_bytes()
    refus = 0
    for i in range(NB_MUTATIONS):
        chemin = tmp_path / f"{i}.{suffixe}"
        chemin.write_bytes(muter(octets, random.Random(f"{GRAINE}-{suffixe}-{i}")))
        refus += isinstance(lire(chemin), FichierRefuse)
    assert isinstance(lire(source), Classeur)
    assert refus or suffixe == "csv"
