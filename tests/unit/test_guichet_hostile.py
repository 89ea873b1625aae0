"""Files sent to break the counter: each gets a French sentence, nothing is left behind, the workers live."""

from __future__ import annotations

import errno
import io
import os
import re
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from observatoire.comptes.identite import Identite, Role
from observatoire.config.settings import Settings
from pipelines.chantiers import chantier as chantiers
from pipelines.chantiers.atelier import Atelier
from pipelines.chantiers.chantier import ChantierInconnu, PlusDePlace
from pipelines.guichet import Guichet
from pipelines.guichet.en_cours import DepotRefuse
from tests import fabrique_fichiers
from tests import guichet_prets as prets
from tests.properties.test_fichiers_abimes import bombe

DELAI = 120.0
pytestmark = pytest.mark.xdist_group("ouvriers")
JARGON = re.compile(
    r"traceback|error|exception|zipfile|openpyxl|calamine|none|null|/tmp|/dev/shm", re.IGNORECASE
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "d")


@pytest.fixture
def g(settings: Settings, atelier: Atelier) -> Guichet:
    return Guichet(settings, Identite("ana", "Ana", Role.DEPOSANT), atelier)


def attendre(g: Guichet, identifiant: str) -> None:
    fin = time.monotonic() + DELAI
    while g.verdict(identifiant) is None:
        assert time.monotonic() < fin
        time.sleep(0.02)


def hostiles(dossier: Path) -> dict[str, bytes]:
    dossier.mkdir(parents=True, exist_ok=True)
    sain = prets.benevolat(dossier, prets.simples(2))
    return {
        "bombe.xlsx": bombe(dossier / "bombe.xlsx").read_bytes(),
        "vide.xlsx": b"",
        "vide.csv": b"",
        "blancs.csv": b"\n\n  \n",
        "programme.xlsx": b"MZ\x90\x00" + os.urandom(4000),
        "programme.exe": b"MZ\x90\x00" + os.urandom(4000),
        "tronqué.xlsx": sain[: len(sain) // 2],
        "archive.xlsx": fabrique_fichiers.archive(dossier / "a.zip", {"lisez-moi.txt": "rien"}).read_bytes(),
        "page.xlsx": b"<!doctype html><html><script>alert(1)</script></html>",
        "image.png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    }


def test_chaque_fichier_hostile_a_sa_phrase(g: Guichet, settings: Settings, tmp_path: Path) -> None:
    """No breakdown, no English, no byte kept; the workers are the same and a good file is read after."""
    fichiers = hostiles(tmp_path / "h")
    identifiants = dict(zip(fichiers, g.ouvrir(list(fichiers.items())), strict=True))
    for nom, identifiant in identifiants.items():
        attendre(g, identifiant)
        v = prets.verdict(g, identifiant)
        assert v.panne is None, nom
        assert v.refus is not None, nom
        assert v.refus["message"].endswith((".", "?", "!", "…", "»")), (nom, v.refus)
        assert not JARGON.search(v.refus["message"].replace(nom, "")), (nom, v.refus)
        assert not v.chargeable
        restes = {p.name for p in (settings.chantiers / identifiant).iterdir() if not p.name.startswith(".")}
        assert restes <= {"etat.json", "verdict.json", "avancement.json"}, nom
    assert list(settings.quarantaine.iterdir()) == []
    vivants = g.atelier.pids
    bon = g.ouvrir([("bon.xlsx", prets.benevolat(tmp_path, prets.simples(2)))])[0]
    attendre(g, bon)
    assert prets.verdict(g, bon).lignes_chargees == 2
    assert vivants and set(vivants) <= set(g.atelier.pids)


def test_un_fichier_illisible_se_redepose(settings: Settings) -> None:
    """Its bytes are gone: asked again, the counter says so in French instead of failing."""
    g = prets.guichet(settings)
    identifiant = prets.ouvrir(g, b"MZ\x90\x00", "programme.xlsx")
    g.decider(identifiant, millesime=2025)
    panne = prets.verdict(g, identifiant).panne
    assert panne is not None and "Déposez-le de nouveau" in panne
    g.charger(identifiant)
    assert g.chargement(identifiant)[0] is None


@pytest.mark.parametrize(
    ("fichiers", "phrase"),
    [
        ([], "au moins un fichier"),
        ([("gros.xlsx", bytes(25_000_000))], "dépasse 20 Mo"),
        ([(f"{i}.csv", b"a") for i in range(201)], "au plus 200 fichiers"),
        ([(f"{i}.csv", bytes(15_000_000)) for i in range(7)], "trop lourds ensemble"),
    ],
    ids=["rien", "25 Mo", "201 fichiers", "105 Mo"],
)
def test_trop_est_refuse_avant_d_etre_recu(
    settings: Settings, fichiers: list[tuple[str, bytes]], phrase: str
) -> None:
    with pytest.raises(DepotRefuse, match=phrase):
        prets.guichet(settings).ouvrir(fichiers)
    assert not settings.quarantaine.exists()
    assert not settings.chantiers.exists()


@pytest.mark.parametrize(
    ("nom", "montre"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\Users\\ana\\reponses.csv", "reponses.csv"),
        ("/etc/cron.d/x.csv", "x.csv"),
        ("..", ".."),
        ("a\x00b\n.csv", "ab.csv"),
        ("", "fichier"),
        ("/", "fichier"),
        ("é" * 400 + ".csv", None),
        ("nul.csv;rm -rf .sh", "nul.csv;rm -rf .sh"),
    ],
)
def test_un_nom_n_est_jamais_un_chemin(settings: Settings, nom: str, montre: str | None) -> None:
    g = prets.guichet(settings)
    identifiant = prets.ouvrir(g, b"x", nom)
    (recu,) = g.chantier(identifiant).fichiers
    assert re.fullmatch(r"1\.[a-z0-9]{1,7}", recu.sur_disque)
    assert recu.nom == montre or (montre is None and len(recu.nom) <= 150 and recu.nom.endswith(".csv"))
    racines = (settings.donnees, settings.quarantaine)
    for chemin in settings.donnees.parent.rglob("*"):
        assert any(chemin.is_relative_to(r) or r.is_relative_to(chemin) for r in racines)


@pytest.mark.parametrize("identifiant", ["..", "../../x", "0" * 16, "", "a/b", "\x00" * 16])
def test_un_identifiant_invente_est_refuse(settings: Settings, identifiant: str) -> None:
    g = prets.guichet(settings)
    for service in (g.chantier, g.verdict, g.charger, g.annoter, g.annote, g.abandonner, g.avancement):
        with pytest.raises(ChantierInconnu, match="dépôt en cours"):
            service(identifiant)


def test_plus_de_place_ne_laisse_rien(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The memory is full at the third file: the three are refused together, in French."""
    ecrire, ecrits = chantiers._ecrire, []

    def plein(chemin: Path, octets: bytes, *, durable: bool = True) -> None:
        if chemin.is_relative_to(settings.quarantaine):
            ecrits.append(chemin)
            if len(ecrits) == 3:
                raise OSError(errno.ENOSPC, "plein")
        ecrire(chemin, octets, durable=durable)

    monkeypatch.setattr(chantiers, "_ecrire", plein)
    fichiers = [(f"{i}.xlsx", prets.benevolat(tmp_path, prets.simples(i + 1))) for i in range(3)]
    with pytest.raises(PlusDePlace, match="plus assez de place"):
        prets.guichet(settings).ouvrir(fichiers)
    assert list(settings.quarantaine.iterdir()) == list(settings.chantiers.iterdir()) == []


def test_cent_mille_fusions_s_annotent(settings: Settings, tmp_path: Path) -> None:
    """A workbook that openpyxl takes hours to open is annotated from its grid."""
    lignes = prets.simples(4)
    lignes[1][3] = "beaucoup"
    sain = prets.benevolat(tmp_path, lignes)
    fusions = "".join(f'<mergeCell ref="T{i}:U{i}"/>' for i in range(10, 100_010))
    sortie = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sain)) as z, zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as neuf:
        for nom in z.namelist():
            contenu = z.read(nom)
            if nom == "xl/worksheets/sheet1.xml":
                marque = f'</sheetData><mergeCells count="100000">{fusions}</mergeCells>'.encode()
                contenu = contenu.replace(b"</sheetData>", marque)
            neuf.writestr(nom, contenu)
    g = prets.guichet(settings)
    identifiant = prets.ouvrir(g, sortie.getvalue())
    assert prets.verdict(g, identifiant).lignes_lues == 4
    debut = time.monotonic()
    g.annoter(identifiant)
    assert time.monotonic() - debut < 20
    copie = g.annote(identifiant)
    assert copie is not None
    page = load_workbook(io.BytesIO(copie[1]))["Feuil1"]
    assert page["D3"].value == "beaucoup"
    assert page["D3"].comment is not None


def test_un_travail_sans_fin_est_arrete(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its worker is stopped and replaced; the page gets a sentence."""
    monkeypatch.setattr("pipelines.chantiers.atelier.DUREE_MAX", 1.5)
    seul = Atelier(1)
    try:
        travail = seul.confier("sans fin", time.sleep, DELAI)
        with pytest.raises(Exception, match="demande trop de temps"):
            travail.result(DELAI)
        assert "demande trop de temps" in (seul.refus("sans fin") or "")
        monkeypatch.setattr("pipelines.chantiers.atelier.DUREE_MAX", DELAI)
        assert seul.confier("suite", os.getpid).result(DELAI) in seul.pids
    finally:
        seul.fermer()
