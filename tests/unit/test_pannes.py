"""A disk that fills up, refuses or fails: one sentence, nothing lost, one retry. And logs that hold no value."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.exploitation.restauration import restaurer
from observatoire.exploitation.sauvegarde import sauvegarder, verifier
from observatoire.storage import evenements
from observatoire.storage.archive import EN_COURS
from observatoire.storage.chargement import charger
from observatoire.storage.copie_journal import lire_copie
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from pipelines import cli
from pipelines.pannes import phrase_systeme
from tests.depots_factices import ENQUETES, depot_reponses

FAUTES = (errno.ENOSPC, errno.EIO, errno.EACCES)
CANARI = "Jeanne Zylberstein"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "d")
    with EntrepotEcriture(settings, ENQUETES) as con:
        charger(con, depot_reponses("un", ["A", CANARI]))
    return settings


class Panne:
    """Makes the call number `rang` to the system fail, and counts them all."""

    CIBLES: tuple[tuple[Any, str], ...] = (
        (os, "fsync"),
        *((Path, nom) for nom in ("rename", "replace", "chmod", "symlink_to", "mkdir", "touch", "open")),
    )

    def __init__(self, monkeypatch: pytest.MonkeyPatch, rang: int, faute: int) -> None:
        self.vus = 0
        for objet, nom in self.CIBLES:
            monkeypatch.setattr(objet, nom, self._envelopper(getattr(objet, nom), rang, faute))

    def _envelopper(self, vraie: Callable[..., Any], rang: int, faute: int) -> Callable[..., Any]:
        def appel(*args: Any, **options: Any) -> Any:
            self.vus += 1
            if self.vus == rang:
                raise OSError(faute, os.strerror(faute))
            return vraie(*args, **options)

        return appel


def etapes(geste: Callable[[], object]) -> int:
    with pytest.MonkeyPatch.context() as rechange:
        compteur = Panne(rechange, 0, 0)
        geste()
    return compteur.vus


def test_sauvegarder_a_chaque_etape(settings: Settings, tmp_path: Path) -> None:
    nombre = etapes(lambda: sauvegarder(settings, tmp_path / "temoin.tar.zst"))
    assert nombre >= 6
    for faute in FAUTES:
        for rang in range(1, nombre + 1):
            dest = tmp_path / f"{faute}-{rang}.tar.zst"
            with pytest.MonkeyPatch.context() as rechange:
                Panne(rechange, rang, faute)
                try:
                    sauvegarder(settings, dest)
                except OSError as vue:
                    assert phrase_systeme(vue) is not None
            # Whole or absent, nothing beside; then one retry is enough.
            assert not list(tmp_path.glob(f"{EN_COURS}*"))
            if not dest.exists():
                sauvegarder(settings, dest)
            verifier(dest)


def test_restaurer_a_chaque_etape(settings: Settings, tmp_path: Path) -> None:
    faite = sauvegarder(settings, tmp_path / "s.tar.zst").chemin
    nombre = etapes(lambda: restaurer(faite, tmp_path / "temoin"))
    assert nombre >= 8
    for faute in FAUTES:
        for rang in range(1, nombre + 1):
            vers = tmp_path / f"{faute}-{rang}"
            with pytest.MonkeyPatch.context() as rechange:
                Panne(rechange, rang, faute)
                try:
                    restaurer(faite, vers)
                except OSError as vue:
                    assert phrase_systeme(vue) is not None
            if not vers.exists():
                restaurer(faite, vers)
            assert (vers / "entrepot.duckdb").read_bytes() == settings.entrepot.read_bytes()
            assert (vers / "journal.jsonl").read_bytes() == settings.journal.read_bytes()


def test_charger_a_chaque_etape(settings: Settings) -> None:
    """The copy of the journal and the log may wait; the deposit is there whole, or not at all."""

    def geste(contenu: str) -> None:
        with EntrepotEcriture(settings, ENQUETES) as con:
            charger(con, depot_reponses(contenu, [contenu]))

    nombre = etapes(lambda: geste("temoin"))
    assert nombre >= 3
    attendus = 2
    for faute in FAUTES:
        for rang in range(1, nombre + 1):
            with pytest.MonkeyPatch.context() as rechange:
                Panne(rechange, rang, faute)
                try:
                    geste(f"{faute}-{rang}")
                except OSError as vue:
                    assert phrase_systeme(vue) is not None
            geste(f"{faute}-{rang}")
            attendus += 1
    with EntrepotLecture(settings) as con:
        assert con.execute("select count(*), count(distinct sha256) from depot.depots").fetchall() == [
            (attendus, attendus)
        ]
    assert [x["ordre"] for x in lire_copie(settings.journal)] == list(range(1, attendus + 1))


@pytest.mark.parametrize("faute", [*FAUTES, errno.EROFS])
def test_une_phrase_et_le_code_2(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    faute: int,
) -> None:
    monkeypatch.setattr(
        sys,
        "argv",
        ["observatoire", "sauvegarder", str(tmp_path / "s.tar.zst"), "--donnees", str(settings.donnees)],
    )
    with monkeypatch.context() as rechange:
        Panne(rechange, 4, faute)
        with pytest.raises(SystemExit) as fin:
            cli.main()
    assert fin.value.code == 2
    dit = capsys.readouterr().err
    assert "relancez la même commande" in dit and "Traceback" not in dit
    assert CANARI not in dit
    with pytest.raises(SystemExit) as fin:
        cli.main()
    assert fin.value.code == 0


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("IO Error: Could not write file: No space left on device", "plus de place"),
        ("Cannot open file: Read-only file system", "lecture seule"),
        ("Cannot open file: Permission denied", "refuse l’accès"),
        ("Could not read: Input/output error", "Le disque répond par une erreur"),
    ],
)
def test_ce_que_dit_duckdb(texte: str, attendu: str) -> None:
    phrase = phrase_systeme(duckdb.IOException(texte))
    assert phrase is not None and attendu in phrase


def test_une_faute_de_programme_n_est_pas_une_panne() -> None:
    assert phrase_systeme(duckdb.BinderException("no such column")) is None


# --- Logs --------------------------------------------------------------------------------------------


def evenements_de(settings: Settings) -> list[dict[str, Any]]:
    return [json.loads(x) for f in settings.evenements.glob("*.jsonl") for x in f.read_text().splitlines()]


def test_rien_de_personnel_dans_les_evenements(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    evenements.noter(settings, "commande", commande=f"/tmp/{CANARI}.xlsx", fin=CANARI, valeur="W770000003 12")
    evenements.noter_geste(settings, "rapprocher", f"NOM:{CANARI.lower()}|77288", 3)
    monkeypatch.setattr(
        sys, "argv", ["observatoire", "annuler", CANARI, "--oui", "--donnees", str(settings.donnees)]
    )
    with pytest.raises(SystemExit):
        cli.main()
    monkeypatch.setattr(
        sys, "argv", ["observatoire", "publications", "lister", "--donnees", str(settings.donnees)]
    )
    with pytest.raises(SystemExit):
        cli.main()
    lus = evenements_de(settings)
    assert [(e["evenement"], e.get("quoi"), e.get("commande")) for e in lus] == [
        ("geste", "charger", None),
        ("commande", None, evenements.TU),
        ("geste", "rapprocher", None),
        ("commande", None, "annuler"),
        ("commande", None, "publications-lister"),
    ]
    assert lus[0]["objet"] and lus[2]["objet"] is None
    assert lus[3]["fin"] == "DepotInconnu"
    octets = b"".join(f.read_bytes() for f in settings.evenements.iterdir()).decode().casefold()
    for canari in (*CANARI.casefold().split(), "w770000003", "nadia", "xlsx"):
        assert canari not in octets


def test_les_vieux_evenements_sont_otes(settings: Settings) -> None:
    for annee in (2020, 2021):
        for mois in range(1, 13):
            (settings.evenements / f"{annee}-{mois:02d}.jsonl").write_text("{}\n")
    for fichier in settings.evenements.glob("20[3-9]*.jsonl"):
        fichier.unlink()
    for fichier in settings.evenements.glob("202[2-9]*.jsonl"):
        fichier.unlink()
    evenements.noter(settings, "commande")
    assert len(list(settings.evenements.iterdir())) == evenements.MOIS_GARDES + 1
