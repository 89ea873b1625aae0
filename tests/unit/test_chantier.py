"""Deposits in progress: nothing is lost, nothing personal reaches the disk, two windows never collide."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from pathlib import Path

import pytest

from observatoire.config.settings import Settings
from pipelines.chantiers import chantier as chantiers
from pipelines.chantiers.chantier import ChantierInconnu
from pipelines.ingestion.decisions import Correction, Decisions

DECISIONS = Decisions(
    questionnaire="benevolat",
    millesime=2025,
    feuilles={"2025": True, "Notice": False},
    entetes={"2025": 4},
    colonnes={"Structure": "nom_association", "Couleur": None},
    constantes={"annee": "2025"},
    conventions={"heures_total_an": ","},
    unites={"2025": "milliers"},
    ecartees={"2025": (12, 14)},
    corrections=(Correction("2025", "E7", "une vingtaine", "20"),),
    retirer_personnelles=True,
)


@pytest.fixture
def reglages(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path)


def test_les_decisions_font_l_aller_retour() -> None:
    assert Decisions.from_dict(DECISIONS.to_dict()) == DECISIONS
    assert {f.name for f in dataclasses.fields(Decisions)} == set(DECISIONS.to_dict())


def test_un_chantier_se_relit_apres_un_arret(reglages: Settings) -> None:
    ouvert = chantiers.ouvrir(reglages, "nadia", [("réponses 2025.xlsx", b"abc"), ("autre.csv", b"de")])
    with chantiers.modifier(reglages, ouvert.id) as edition:
        edition.changer(decisions=DECISIONS)
    relu = chantiers.lire(reglages, ouvert.id)
    assert (relu.qui, relu.decisions, relu.revision) == ("nadia", DECISIONS, 2)
    assert [(f.nom, f.taille) for f in relu.fichiers] == [("réponses 2025.xlsx", 3), ("autre.csv", 2)]
    assert [c.id for c in chantiers.lister(reglages)] == [ouvert.id]


def test_les_octets_attendent_hors_du_dossier_des_donnees(reglages: Settings) -> None:
    ouvert = chantiers.ouvrir(reglages, "nadia", [("a.csv", b"canari;06 12 34 56 78")])
    ecrits = [p for p in reglages.donnees.rglob("*") if p.is_file() and b"canari" in p.read_bytes()]
    assert ecrits == [] or not Path("/dev/shm").is_dir()
    chemins, grille = chantiers.sources(reglages, ouvert)
    assert grille is None
    assert [c.read_bytes() for c in chemins] == [b"canari;06 12 34 56 78"]
    assert reglages.quarantaine.stat().st_mode & 0o077 == 0
    chantiers.garder(reglages, ouvert)
    assert not (reglages.quarantaine / ouvert.id).exists()
    (garde,), _ = chantiers.sources(reglages, ouvert)
    assert garde.is_relative_to(reglages.chantiers)


def test_un_nom_de_fichier_n_est_jamais_un_chemin(reglages: Settings) -> None:
    ouvert = chantiers.ouvrir(reglages, "nadia", [("../../etc/evil<script>.exe", b"x")])
    (chemin,), _ = chantiers.sources(reglages, ouvert)
    assert chemin == reglages.quarantaine / ouvert.id / "1.exe"
    assert ouvert.fichiers[0].nom == "evil<script>.exe"


@pytest.mark.parametrize(
    "identifiant", ["", "..", "../../etc", "0" * 15, "0" * 16, "G" * 16, "a" * 16 + "/x"]
)
def test_un_identifiant_inconnu_est_refuse_en_francais(reglages: Settings, identifiant: str) -> None:
    with pytest.raises(ChantierInconnu, match=r"dépôt en cours"):
        chantiers.lire(reglages, identifiant)


def test_la_revision_ne_monte_que_si_un_choix_change(reglages: Settings) -> None:
    ouvert = chantiers.ouvrir(reglages, "nadia", [("a.csv", b"x")])
    with chantiers.modifier(reglages, ouvert.id) as edition:
        edition.changer(decisions=Decisions())
    assert chantiers.lire(reglages, ouvert.id).revision == 1
    with chantiers.modifier(reglages, ouvert.id) as edition:
        edition.changer(remplace="abc")
    assert chantiers.lire(reglages, ouvert.id).revision == 2


def test_deux_fenetres_n_ecrivent_pas_l_une_sur_l_autre(reglages: Settings) -> None:
    ouvert = chantiers.ouvrir(reglages, "nadia", [("a.csv", b"x")])

    def ajouter(nom: str) -> None:
        with chantiers.modifier(reglages, ouvert.id) as edition:
            avant = edition.chantier.decisions
            time.sleep(0.01)
            edition.changer(decisions=dataclasses.replace(avant, feuilles={**avant.feuilles, nom: True}))

    fils = [threading.Thread(target=ajouter, args=(f"f{i}",)) for i in range(8)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    relu = chantiers.lire(reglages, ouvert.id)
    assert set(relu.decisions.feuilles) == {f"f{i}" for i in range(8)}
    assert relu.revision == 9


def test_ce_que_personne_ne_reprend_est_efface(reglages: Settings) -> None:
    vieux = chantiers.ouvrir(reglages, "nadia", [("a.csv", b"x")])
    jeune = chantiers.ouvrir(reglages, "nadia", [("b.csv", b"y")])
    hier = time.time() - chantiers.QUARANTAINE_MAX - 60
    os.utime(reglages.quarantaine / vieux.id, (hier, hier))
    assert chantiers.balayer(reglages) == 1
    with pytest.raises(ChantierInconnu, match="n’est plus là"):
        chantiers.sources(reglages, chantiers.lire(reglages, vieux.id))
    assert chantiers.sources(reglages, jeune)[0]


def test_effacer_ne_garde_que_l_etat(reglages: Settings) -> None:
    ouvert = chantiers.ouvrir(reglages, "nadia", [("a.csv", b"x")])
    chantiers.garder(reglages, ouvert)
    chantiers.ecrire_verdict(reglages, ouvert.id, {"revision": 1})
    chantiers.effacer(reglages, ouvert.id)
    restes = {p.name for p in (reglages.chantiers / ouvert.id).iterdir() if p.suffix == ".json"}
    assert restes == {"etat.json"}


def test_une_quarantaine_ouverte_a_tous_est_refusee(reglages: Settings) -> None:
    reglages.quarantaine.mkdir(parents=True)
    reglages.quarantaine.chmod(0o777)
    with pytest.raises(PermissionError):
        chantiers.ouvrir(reglages, "nadia", [("a.csv", b"x")])
