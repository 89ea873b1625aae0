"""Retention and erasure: no published figure is lost, and nothing that names the association is left anywhere."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from observatoire.config.settings import Settings
from observatoire.exploitation import purge
from observatoire.exploitation.recherche import Aiguilles, Publiques, fouiller
from observatoire.exploitation.sante import Etat, examiner
from observatoire.storage.fichiers import ANALYSE
from pipelines import depot
from pipelines.cli import app
from pipelines.oubli import AssociationInconnue, OubliImpossible, Rapport, oublier, sceau
from pipelines.publication import DU_REGISTRE
from pipelines.reconstruction import reconstruire
from tests import classeur_sale as sale
from tests import guichet_prets as prets
from tests import installation_prete as prete
from tests.conftest import Installation

DEMAIN = dt.date.today() + dt.timedelta(days=2)
JUDO = f"SIREN:{sale.SIRETS[3][:9]}"


@pytest.fixture
def settings(installation: Installation, tmp_path: Path) -> Settings:
    return prete.copier(installation.settings, tmp_path / "d")


def parquet(settings: Settings, version: int) -> dict[str, bytes]:
    dossier = settings.curated / f"parquet-{version:04d}"
    return {f.name: f.read_bytes() for f in dossier.glob("*.parquet") if f.name != "_publication.parquet"}


# --- Retention ---------------------------------------------------------------------------------------


def test_purger_liste_d_abord_puis_efface(
    settings: Settings, tmp_path: Path, installation: Installation
) -> None:
    avant = parquet(settings, 1)
    bleu = Aiguilles((), ("bleu",))
    vues = {f.chemin.name for f in fouiller([settings.donnees], bleu) if f.trouvees}
    assert settings.entrepot.name in vues and len(vues) == 2
    archives = list(settings.raw.rglob("*.*"))
    ligne = ["purger", "--avant", DEMAIN.isoformat(), "--donnees", str(settings.donnees)]
    rendu = CliRunner().invoke(app, ligne)
    assert rendu.exit_code == 0, rendu.output
    assert "Rien n’a été effacé" in rendu.output
    assert all(a.exists() for a in archives)
    assert purge.a_purger(settings, dt.date(2020, 1, 1)) == []
    rendu = CliRunner().invoke(app, [*ligne, "--confirmer"])
    assert rendu.exit_code == 0, rendu.output
    assert not any(a.is_file() for a in archives)
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        assert con.execute("select count(*) from depot.lignes_brutes").fetchall() == [(0,)]
        lignes = con.execute("select objet, avant, apres from depot.journal where quoi = 'purger'").fetchall()
    assert len(lignes) == len(installation.depots) and all(x[1:] == (None, None) for x in lignes)
    # The file of the warehouse no longer holds a cell that only the raw rows had.
    assert not [f for f in fouiller([settings.donnees], bleu) if f.trouvees]
    # Not one published figure moves.
    assert prete.publier(settings).version == 2
    assert parquet(settings, 2) == avant
    assert max(c.etat for c in examiner(settings)) is Etat.BON
    assert purge.purger(settings, DEMAIN, "x") == []
    # What can no longer be replayed is named.
    bilan = reconstruire(settings, tmp_path / "b")
    assert sum("purgée" in e for e in bilan.ecarts) == len(installation.depots)


def test_purge_coupee_se_finit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, installation: Installation
) -> None:
    def coupee(settings: Settings) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as rechange, pytest.raises(KeyboardInterrupt):
        rechange.setattr(purge, "compacter", coupee)
        purge.purger(settings, DEMAIN, "x")
    assert len(purge.purger(settings, DEMAIN, "x")) == len(installation.depots)
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        assert con.execute("select count(*) from depot.journal where quoi = 'purger'").fetchall() == [
            (len(installation.depots),)
        ]
    assert (
        purge.restes(
            settings, [x.relative_to(settings.donnees).as_posix() for x in settings.raw.rglob("*.*")]
        )
        == []
    )


# --- Search ------------------------------------------------------------------------------------------


def test_la_recherche_voit_partout(tmp_path: Path) -> None:
    """Every kind of file that the data folder holds: the needle is seen in each, and not where it is not."""
    aiguilles = Aiguilles(("W770000003", "900001009"), ("Les Écureuils",))
    texte = "LES ÉCUREUILS"
    (tmp_path / "a.csv").write_text(texte, encoding="utf-8")
    (tmp_path / "b.csv").write_text(texte, encoding="cp1252")
    (tmp_path / "c.txt").write_text(texte, encoding="utf-16")
    (tmp_path / "d.txt").write_text("siret 900 001 009 00012")
    (tmp_path / "W770000003.txt").write_text("")
    with zipfile.ZipFile(tmp_path / "e.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("x.xml", "<v>W770000003</v>")
    with zipfile.ZipFile(tmp_path / "f.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("dedans.xlsx", (tmp_path / "e.zip").read_bytes())
    with duckdb.connect() as con:
        con.execute("create table t as select 'w770000003' as v from range(5000)")
        con.execute(f"copy t to '{tmp_path / 'g.parquet'}' (compression zstd)")
        con.execute(f"attach '{tmp_path / 'h.duckdb'}' as h")
        con.execute("create table h.t as select ['x', 'W770000003'] as v from range(5000)")
    (tmp_path / "z.txt").write_text("Les Écureuilsons W770000004 900001008")
    vues = {f.chemin.name: f.trouvees for f in fouiller([tmp_path], aiguilles)}
    assert vues.pop("z.txt") == 0
    assert set(vues) == {
        "a.csv",
        "b.csv",
        "c.txt",
        "d.txt",
        "W770000003.txt",
        "e.zip",
        "f.zip",
        "g.parquet",
        "h.duckdb",
    }
    assert all(vues.values()), vues


def test_ce_qui_reprend_le_registre_est_compte_a_part(tmp_path: Path) -> None:
    """In the same DuckDB file, an answer is seen beside the register that names the same association."""
    aiguilles = Aiguilles(("W770000003",), ())
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "rna.csv").write_text("W770000003")
    (tmp_path / "ponderation.registre.csv").write_text("W770000003")
    for nom, cle in (("propre", "W770000009"), ("reste", "W770000003")):
        with duckdb.connect(str(tmp_path / f"{nom}.duckdb")) as con:
            con.execute("create schema ponderation; create schema enquete")
            con.execute("create table ponderation.registre as select 'W770000003' as rna")
            con.execute(f"create table enquete.benevolat as select '{cle}' as rna")
    publiques = Publiques((tmp_path / "sources",), DU_REGISTRE)
    vues = {
        f.chemin.name: (f.trouvees, f.publiques) for f in fouiller([tmp_path], aiguilles, publiques=publiques)
    }
    assert vues == {
        "ponderation.registre.csv": (0, 1),
        "propre.duckdb": (0, 1),
        "reste.duckdb": (1, 1),
        "rna.csv": (0, 1),
    }


# --- Erasure -----------------------------------------------------------------------------------------


def effacer(settings: Settings, cle: str) -> tuple[Rapport, Path]:
    return oublier(settings, cle, "nadia", lambda s, qui: prete.publier(s))


def comptes(settings: Settings, cle: str) -> dict[str, tuple[int, int]]:
    """Rows of an association, and of the others, in the tables of the weights."""
    with duckdb.connect(str(settings.analyse), read_only=True) as con:
        requete = "select count(*) filter (where cle_association = $cle), count(*) filter (where cle_association <> $cle) from "
        return {
            table: con.execute(f"{requete} ponderation.{table}", {"cle": cle}).fetchall()[0]
            for table in ("poids", "repliques")
        }


@pytest.mark.parametrize(
    ("cle", "aiguilles"),
    [
        (prete.OUBLIEE, Aiguilles((prete.RNA_OUBLIEE,), (prete.NOM_OUBLIEE,))),
        (JUDO, Aiguilles((sale.SIRETS[3][:9],), ("Judo du Val",))),
        (prete.HARMONIE, Aiguilles((), ("Harmonie municipale",))),
    ],
    ids=["numéro", "grille épurée", "nom rattaché"],
)
def test_rien_ne_reste(settings: Settings, tmp_path: Path, cle: str, aiguilles: Aiguilles) -> None:
    def ou() -> set[str]:
        """Top folders where it is found, what repeats the official register apart."""
        publiques = Publiques((settings.registre.parent,), DU_REGISTRE)
        vues = (f for f in fouiller([settings.donnees], aiguilles, publiques=publiques) if f.trouvees)
        return {f.chemin.relative_to(settings.donnees).parts[0] for f in vues}

    assert ou() >= {"entrepot.duckdb", "raw", "curated"}
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        requete = "select sum(lignes_chargees) from depot.depots"
        avant = con.execute(requete).fetchall()[0][0]
    avant_poids = comptes(settings, cle)
    rapport, chemin = effacer(settings, cle)
    assert rapport.restent == {} and rapport.prouve
    # Weights and replicates alike: those of the association go, the others have theirs worked out again.
    assert avant_poids["poids"] == avant_poids["repliques"]
    # Attached to another, the association is weighed under the key of that one.
    assert (avant_poids["poids"][0] > 0) is (cle != prete.HARMONIE)
    for siennes, autres in comptes(settings, cle).values():
        assert siennes == 0 and autres > 0
    assert rapport.fichiers > 20 and rapport.effaces["réponses"] >= 1 and rapport.effaces["archives"] >= 1
    assert ou() == set()
    assert not (settings.donnees / "oubli.json").exists()
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        assert avant - con.execute(requete).fetchall()[0][0] == rapport.effaces["réponses"]
        ligne = con.execute(
            "select objet, avant, apres, detail from depot.journal order by ordre desc"
        ).fetchall()[1]
    assert ligne == (rapport.association, None, None, None)
    # The other answers are all there, the ledger is right, and the whole can still be rebuilt.
    assert max(c.etat for c in examiner(settings)) is Etat.BON
    assert list(ANALYSE.versions(settings)) == [2]
    objet = json.loads(chemin.read_text())
    assert objet["signature"] == sceau(settings, objet) != sceau(settings, objet | {"fichiers": 1})
    with pytest.raises(AssociationInconnue):
        effacer(settings, cle)


def test_les_autres_se_rejouent(settings: Settings, tmp_path: Path) -> None:
    """After an erasure, the warehouse is rebuilt without the association, and gives the same figures."""
    effacer(settings, prete.OUBLIEE)
    bilan = reconstruire(settings, tmp_path / "b")
    assert bilan.ecarts == []
    refaite = Settings(tmp_path / "b")
    for s in (settings, refaite):
        assert prete.publier(s).version == 3
    assert parquet(refaite, 3) == parquet(settings, 3)


@pytest.mark.parametrize("etape", ["effacer", "oter", "_oter_analystes"])
def test_un_effacement_coupe_se_finit(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, etape: str
) -> None:
    def coupe(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as rechange, pytest.raises(KeyboardInterrupt):
        rechange.setattr(f"pipelines.oubli.effacement.{etape}", coupe)
        effacer(settings, prete.OUBLIEE)
    with pytest.raises(OubliImpossible):
        effacer(settings, JUDO)
    assert effacer(settings, prete.OUBLIEE)[0].prouve


def test_depot_en_cours(settings: Settings) -> None:
    g = prets.guichet(settings)
    octets = prets.benevolat(settings.donnees.parent, [["Club 3", "Melun", 2023, 1, 2]], "encours.xlsx")
    ouvert = prets.ouvrir(g, octets)
    with pytest.raises(OubliImpossible, match="dépôt en cours"):
        effacer(settings, "NOM:club 3|77379")
    g.abandonner(ouvert)
    assert effacer(settings, "NOM:club 3|77379")[0].prouve


def test_un_reste_est_dit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    (settings.donnees / "notes.txt").write_text(f"appeler {prete.NOM_OUBLIEE.upper()}")
    monkeypatch.setattr(depot, "publier", lambda s, qui: prete.publier(s))
    rendu = CliRunner().invoke(
        app, ["oublier", "--oui", "--association", prete.OUBLIEE, "--donnees", str(settings.donnees)]
    )
    assert rendu.exit_code == 1
    assert "Il en reste 1 dans « notes.txt »" in rendu.output
    assert prete.RNA_OUBLIEE not in rendu.output
