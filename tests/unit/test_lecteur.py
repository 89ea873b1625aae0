"""Reading files: true addresses, typed cells, the second look, refusals with their code, the bounded child."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl import Workbook

from observatoire.domain.anomalie import Anomalie, catalogue
from pipelines.ingestion import lecteur
from pipelines.ingestion.grille import FichierRefuse, adresse
from pipelines.ingestion.lecteur import lire_fichier
from pipelines.ingestion.limites import Limites
from tests.fabrique_fichiers import OLE, archive, feuille_xml, ods_brut, parties, xlsx, xlsx_brut

GRILLE = [["Nom", "Ville"], ["Les Amis du Loing", "Nemours"], ["Club de judo", "Melun"]]
CELLULES = {adresse(3 + i, 2 + j): v for i, x in enumerate(GRILLE) for j, v in enumerate(x)}  # from C4


def ecrire_xlsx(chemin: Path) -> None:
    classeur = Workbook()
    for reference, valeur in CELLULES.items():
        classeur.active[reference] = valeur
    classeur.save(chemin)


def ecrire_xls(chemin: Path) -> None:
    classeur = xlwt.Workbook()
    feuille = classeur.add_sheet("Feuille")
    for i, ligne in enumerate(GRILLE):
        for j, valeur in enumerate(ligne):
            feuille.write(3 + i, 2 + j, valeur)
    classeur.save(str(chemin))


def ecrire_ods(chemin: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Feuille")
    table.addElement(TableRow(numberrowsrepeated=3))
    for ligne in GRILLE:
        rangee = TableRow()
        rangee.addElement(TableCell(numbercolumnsrepeated=2))
        for valeur in ligne:
            cellule = TableCell(valuetype="string")
            cellule.addElement(P(text=valeur))
            rangee.addElement(cellule)
        table.addElement(rangee)
    document.spreadsheet.addElement(table)
    document.save(str(chemin))


@pytest.mark.parametrize("ecrire", [ecrire_xlsx, ecrire_xls, ecrire_ods], ids=["xlsx", "xls", "ods"])
def test_indices_de_la_grille_sont_les_adresses(tmp_path: Path, ecrire: Callable[[Path], None]) -> None:
    chemin = tmp_path / f"decale.{ecrire.__name__.removeprefix('ecrire_')}"
    ecrire(chemin)
    classeur = lire_fichier(chemin)
    feuille = classeur.feuilles[0]
    lues = {adresse(i, j): v for i, x in enumerate(feuille.lignes) for j, v in enumerate(x) if v is not None}
    assert lues == CELLULES
    assert {len(ligne) for ligne in feuille.lignes} == {4}
    assert classeur.format == chemin.suffix[1:]
    assert classeur.sha256 == hashlib.sha256(chemin.read_bytes()).hexdigest()
    assert (classeur.nom_fichier, classeur.taille) == (chemin.name, chemin.stat().st_size)


def test_cellules_typees(tmp_path: Path) -> None:
    ligne = [
        "01000", 12.5, 3, True, dt.datetime(2025, 3, 1, 8, 30), dt.date(1998, 5, 4), dt.time(8, 30),
        dt.timedelta(days=1, hours=6), "NA", "  espaces  ", "é\u00a0€\U0001f3c9", '{"d": "piège"}', None, "fin",
    ]  # fmt: skip
    classeur = lire_fichier(xlsx(tmp_path / "types.xlsx", {"t": [ligne]}))
    lue = classeur.feuilles[0].lignes[0]
    assert lue == ligne
    assert [type(v) for v in lue[:5]] == [str, float, float, bool, dt.datetime]


def test_feuilles_masquees_fusions_et_ordre(tmp_path: Path) -> None:
    classeur = Workbook()
    classeur.active.title = "2025"
    classeur.active["B2"] = "Bénévoles"
    classeur.active.merge_cells("B2:D2")
    cachee = classeur.create_sheet("Listes")
    cachee.append(["oui"])
    cachee.sheet_state = "hidden"
    classeur.create_sheet("vide")
    classeur.save(tmp_path / "f.xlsx")
    feuilles = lire_fichier(tmp_path / "f.xlsx").feuilles
    assert [(f.nom, f.visible) for f in feuilles] == [("2025", True), ("Listes", False), ("vide", True)]
    assert feuilles[0].fusions == [(1, 1, 1, 3)]
    assert feuilles[2].lignes == []


def test_second_regard_erreurs_et_formules(tmp_path: Path) -> None:
    xml = feuille_xml(
        '<row r="2"><c r="B2" t="inlineStr"><is><t>Nom</t></is></c>'
        '<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="D2"><f>A1+1</f></c>'
        '<c r="E2"><f>A1+1</f><v></v></c><c r="F2" t="str"><f>""</f><v></v></c><c r="G2"><f>2*2</f><v>4</v></c>'
        '<c r="H2"><f t="shared" si="0"/><v>7</v></c><c r="I2"><f t="shared" si="0"/></c></row>'
        '<row r="9"><c r="C9"><f>SUM(C3:C8)</f><v/></c></row>'
    )
    feuille = lire_fichier(xlsx_brut(tmp_path / "f.xlsx", xml)).feuilles[0]
    assert {adresse(*p): t for p, t in feuille.erreurs.items()} == {"C2": "#DIV/0!"}
    assert {adresse(*p) for p in feuille.non_calculees} == {"D2", "E2", "I2", "C9"}
    assert feuille.lignes[1][6:8] == [4.0, 7.0]
    assert len(feuille.lignes) == 9 and {len(x) for x in feuille.lignes} == {9}


def test_second_regard_sans_adresses_ecrites(tmp_path: Path) -> None:
    xml = feuille_xml(
        '<row><c t="inlineStr"><is><t>a</t></is></c><c><v>1</v></c></row>'
        "<row><c><v>1</v></c><c><v>2</v></c><c><f>A2</f></c></row>"
        '<row r="5"><c><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
    )
    feuille = lire_fichier(xlsx_brut(tmp_path / "f.xlsx", xml)).feuilles[0]
    assert feuille.non_calculees == {(1, 2)}
    assert feuille.erreurs == {(4, 1): "#N/A"}


def test_second_regard_suit_le_nom_des_feuilles(tmp_path: Path) -> None:
    classeur = Workbook()
    classeur.active.title = "première"
    classeur.active.append(["a", 1])
    seconde = classeur.create_sheet("l’été & l’hiver")
    seconde.append(["b", "=1+1"])
    classeur.move_sheet(seconde, -1)
    classeur.save(tmp_path / "f.xlsx")
    feuilles = {f.nom: f.non_calculees for f in lire_fichier(tmp_path / "f.xlsx").feuilles}
    assert feuilles == {"l’été & l’hiver": {(0, 1)}, "première": set()}


def test_second_regard_ods(tmp_path: Path) -> None:
    lignes = (
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>'
        '<table:table-row><table:table-cell office:value-type="string"><text:p>Nom</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
        '<table:table-cell table:formula="of:=[.A1]" office:value-type="string" calcext:value-type="error">'
        "<text:p>Err:502</text:p></table:table-cell>"
        '<table:table-cell table:formula="of:=1+1"/>'
        '<table:table-cell table:formula="of:=2+2" office:value-type="float" office:value="4">'
        "<text:p>4</text:p></table:table-cell></table:table-row>"
    )
    feuille = lire_fichier(ods_brut(tmp_path / "f.ods", lignes)).feuilles[0]
    assert {adresse(*p): t for p, t in feuille.erreurs.items()} == {"D3": "#DIV/0!", "E3": "Err:502"}
    assert {adresse(*p) for p in feuille.non_calculees} == {"F3"}
    assert (feuille.lignes[2][0], feuille.lignes[2][6]) == ("Nom", 4.0)


def test_nombre_non_fini_reste_un_texte(tmp_path: Path) -> None:
    xml = feuille_xml(
        '<row r="1"><c r="A1"><v>NaN</v></c><c r="B1"><v>1e400</v></c><c r="C1"><v>2</v></c></row>'
    )
    ligne = lire_fichier(xlsx_brut(tmp_path / "f.xlsx", xml)).feuilles[0].lignes[0]
    assert [type(v) for v in ligne] == [str, str, float]


REFUS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "absent.xlsx": ("FI-10", lambda p: None),
    "dossier.xlsx": ("FI-10", lambda p: p.mkdir()),
    "rien.csv": ("FI-07", lambda p: p.touch()),
    "blancs.csv": ("FI-07", lambda p: p.write_text("\n;;\n \n".replace(" ", ""))),
    "vierge.xlsx": ("FI-07", lambda p: xlsx(p, {"a": [], "b": []})),
    "formules.xlsx": ("FI-09", lambda p: xlsx(p, {"a": [["=1+1", "=2+2"]]})),
    "page.xls": ("FI-02", lambda p: p.write_text("<html><table><tr><td>Nom</td></tr></table></html>")),
    "page16.xls": ("FI-02", lambda p: p.write_text("\r\n<HTML><body></body></HTML>", encoding="utf-16")),
    "xml2003.xls": ("FI-02", lambda p: p.write_text('<?xml version="1.0"?><Workbook xmlns="urn:schemas"/>')),
    "page.csv": ("FI-02", lambda p: p.write_text("<!DOCTYPE html><html></html>")),
    "texte.xlsx": ("FI-04", lambda p: p.write_text("Nom;Ville\nA;Melun\n")),
    "hasard.xls": ("FI-04", lambda p: p.write_bytes(bytes(range(256)) * 8)),
    "tronque.xlsx": ("FI-04", lambda p: p.write_bytes(_octets_xlsx()[:3000])),
    "ole.xls": ("FI-04", lambda p: p.write_bytes(OLE + bytes(4000))),
    "nuls.csv": ("FI-04", lambda p: p.write_bytes(b"Nom;Ville\nA\0B;Melun\n")),
    "encodage.csv": ("FI-04", lambda p: p.write_bytes(b"Nom;Ville\nA\x81\x8d;Melun\n")),
    "doubles.xlsx": ("FI-04", lambda p: _archive_double(p)),
    "parent.xlsx": ("FI-04", lambda p: archive(p, {**parties(), "xl/../../evil": b"x"})),
    "chiffre.xlsx": ("FI-01", lambda p: p.write_bytes(OLE + "EncryptedPackage".encode("utf-16-le") + bytes(900))),
    "chiffre.xls": (
        "FI-01",
        lambda p: p.write_bytes(
            OLE + b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(12) + b"\x2f\x00\x02\x00\x00\x00" + bytes(900)
        ),
    ),
    "chiffre.ods": ("FI-01", lambda p: ods_brut(p, "<table:table-row/>", "<manifest:encryption-data/>")),
    "macros.xlsm": ("FI-06", lambda p: p.write_bytes(_octets_xlsx())),
    "macros.xlsx": ("FI-06", lambda p: archive(p, {**parties(), "xl/vbaProject.bin": b"x"})),
    "binaire.xlsx": ("FI-06", lambda p: archive(p, {"[Content_Types].xml": b"", "xl/workbook.bin": b"x"})),
    "lettre.xlsx": ("FI-06", lambda p: archive(p, {"[Content_Types].xml": b"", "word/document.xml": b"x"})),
    "lettre.ods": ("FI-06", lambda p: archive(p, {"mimetype": b"application/vnd.oasis.opendocument.text"})),
    "donnees.json": ("FI-06", lambda p: p.write_text("[]")),
    "note.pdf": ("FI-06", lambda p: p.write_bytes(b"%PDF-1.4")),
    "note.csv": ("FI-06", lambda p: p.write_bytes(b"%PDF-1.4")),
    "sansextension": ("FI-06", lambda p: p.write_text("a;b")),
    "archive.zip": ("FI-06", lambda p: archive(p, {"a.csv": b"a;b"})),
}  # fmt: skip


def _octets_xlsx() -> bytes:
    import io

    memoire = io.BytesIO()
    classeur = Workbook()
    classeur.active.append(["Nom", "Ville"])
    classeur.save(memoire)
    return memoire.getvalue()


def _archive_double(chemin: Path) -> None:
    import warnings
    import zipfile

    with warnings.catch_warnings(), zipfile.ZipFile(chemin, "w") as sortie:
        warnings.simplefilter("ignore")
        for nom, contenu in [*parties().items(), ("xl/workbook.xml", b"<x/>")]:
            sortie.writestr(nom, contenu)


@pytest.mark.parametrize("nom", REFUS)
def test_refus(tmp_path: Path, nom: str) -> None:
    code, preparer = REFUS[nom]
    preparer(tmp_path / nom)
    with pytest.raises(FichierRefuse) as refus:
        lire_fichier(tmp_path / nom)
    assert refus.value.code == code
    phrase = Anomalie(code, details=refus.value.details).phrase
    assert nom in phrase and "…" not in phrase


ETROITES = [
    (Limites(taille=100), "taille", "Mo"),
    (Limites(lignes=5), "lignes", "30\u00a0lignes, 5 au plus"),
    (Limites(colonnes=2), "colonnes", "3\u00a0colonnes, 2 au plus"),
    (Limites(cellules=50), "cellules", "cellules, 50 au plus"),
    (Limites(feuilles=1), "feuilles", "2\u00a0feuilles, 1 au plus"),
    (Limites(caracteres=10), "caracteres", "texte de plus de 10 caractères"),
    (Limites(decompresse=1000), "decompresse", "une fois décompressé"),
    (Limites(entrees=3), "entrees", "fichiers dans l’archive"),
    (Limites(ratio=1, ratio_seuil=100), "ratio", "compressé"),
    (Limites(transport=200), "transport", "de texte"),
]


@pytest.mark.parametrize(("limites", "nom", "mots"), ETROITES, ids=[x[1] for x in ETROITES])
def test_chaque_limite_dit_son_nom(tmp_path: Path, limites: Limites, nom: str, mots: str) -> None:
    lignes = [["Les Amis du Loing", 12, "Nemours"]] * 30
    chemin = xlsx(tmp_path / f"{nom}.xlsx", {"a": lignes, "b": lignes})
    assert len(lire_fichier(chemin).feuilles) == 2
    with pytest.raises(FichierRefuse) as refus:
        lire_fichier(chemin, limites)
    assert refus.value.code == "FI-05"
    assert mots in str(refus.value.details["limite"])


@pytest.mark.parametrize(
    ("limites", "mots"),
    [(Limites(lignes=5), "lignes"), (Limites(colonnes=2), "colonnes"), (Limites(cellules=50), "cellules")],
)
def test_limites_du_csv(tmp_path: Path, limites: Limites, mots: str) -> None:
    chemin = tmp_path / "f.csv"
    chemin.write_text("nom;ville;nombre\n" + "A;Melun;3\n" * 30)
    assert len(lire_fichier(chemin).feuilles[0].lignes) == 31
    with pytest.raises(FichierRefuse) as refus:
        lire_fichier(chemin, limites)
    assert refus.value.code == "FI-05" and mots in str(refus.value.details["limite"])


# --- The child -------------------------------------------------------------------------------------------
FAUX_ENFANTS = {
    "dort": ("import time; time.sleep(60)", "FI-05", "2 secondes"),
    "avorte": ("import os; os.abort()", "FI-05", "mémoire"),
    "boucle": (
        "import resource as r; r.setrlimit(r.RLIMIT_CPU, (1, 3))\nwhile True: pass",
        "FI-05",
        "calcul",
    ),
    "coupe": ("print('{\"classeur\": \"xl', end='')", "FI-04", ""),
    "muet": ("", "FI-04", ""),
    "panne": ("import json; print(json.dumps({'panne': 'PanicException'}))", "FI-04", ""),
}


@pytest.mark.parametrize("nom", FAUX_ENFANTS)
def test_enfant_qui_finit_mal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nom: str) -> None:
    programme, code, mots = FAUX_ENFANTS[nom]
    (tmp_path / "enfant.py").write_text(programme)
    (tmp_path / "f.csv").write_text("a;b\n1;2\n")
    monkeypatch.setattr(lecteur, "ENFANT", tmp_path / "enfant.py")
    # Only the one that sleeps may meet the clock: the others have their own limit to meet, and are told by the
    # processor they take, whatever the machine does beside.
    horloge = time.monotonic if nom == "dort" else _calcul_des_enfants
    debut = horloge()
    with pytest.raises(FichierRefuse) as refus:
        lire_fichier(tmp_path / "f.csv", Limites(duree=2 if nom == "dort" else 600))
    assert refus.value.code == code
    assert mots in str(refus.value.details.get("limite", ""))
    assert horloge() - debut < 10


def _calcul_des_enfants() -> float:
    """Seconds of processor of the children that have finished."""
    fini = os.times()
    return fini.children_user + fini.children_system


def test_enfant_isole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "enfant.py").write_text(
        "import json, os, sys\n"
        "faits = {'env': sorted(os.environ), 'isole': sys.flags.isolated, 'entree': sys.stdin.read(),"
        " 'session': os.getsid(0) == os.getpid()}\n"
        "print(json.dumps({'refus': 'FI-04', 'details': faits}))"
    )
    (tmp_path / "f.csv").write_text("a;b\n1;2\n")
    monkeypatch.setattr(lecteur, "ENFANT", tmp_path / "enfant.py")
    monkeypatch.setenv("SECRET", "x")
    with pytest.raises(FichierRefuse) as refus:
        lire_fichier(tmp_path / "f.csv")
    faits: dict[str, Any] = dict(refus.value.details)
    assert set(faits["env"]) <= {"LC_ALL", "LC_CTYPE", "MALLOC_ARENA_MAX"}
    assert (faits["isole"], faits["entree"], faits["session"]) == (1, "", True)


def test_enfant_borne_ses_ressources() -> None:
    programme = (
        "import json, resource, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pipelines.ingestion.enfant import borner; from pipelines.ingestion.limites import Limites\n"
        "borner(Limites())\n"
        "noms = ('AS', 'CPU', 'FSIZE', 'CORE', 'NOFILE')\n"
        "print(json.dumps({n: resource.getrlimit(getattr(resource, 'RLIMIT_' + n)) for n in noms}))"
    )
    racine = str(Path(lecteur.__file__).parents[2])
    sortie = subprocess.run([sys.executable, "-I", "-c", programme, racine], capture_output=True, check=True)
    assert json.loads(sortie.stdout) == {
        "AS": [1 << 30, 1 << 30],
        "CPU": [25, 27],
        "FSIZE": [0, 0],
        "CORE": [0, 0],
        "NOFILE": [32, 32],
    }


def test_codes_du_lecteur_sont_au_catalogue() -> None:
    assert {code for code, _ in REFUS.values()} | {"FI-05"} <= set(catalogue())
