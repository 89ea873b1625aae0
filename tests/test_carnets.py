"""The notebooks run from end to end on one small weighted publication, and are committed without outputs."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient

from observatoire.config.settings import Settings, load_settings
from observatoire.domain.parametre import parametre
from observatoire.estimation.repliques import noms
from observatoire.publications.requetes import Requete, lire_requetes
from observatoire.registre import ajouter
from observatoire.requetes.contenu import EXEMPLES, lire_contenu
from observatoire.requetes.executer import executer
from pipelines import depot
from pipelines.sources import publiques
from tests.test_bout_en_bout import fichiers_subventions, remplir_gabarit

CARNETS = sorted((Path(__file__).parents[1] / "dashboards" / "notebooks").glob("*.ipynb"))
# What the last cell of each one says; a bare group must be above zero.
DITS = {
    "1-demarrer": [
        r"5 chiffres refaits, plus grand écart 0,0000 €"
    ],  # one funder over two years, three over one
    "2-refaire-un-chiffre": [
        r"([1-9]\d*) chiffres refaits, plus grand écart 0,0000\b",
        r"([1-9]\d*) réponses suivies jusqu’à leur ligne",
    ],
    "3-ponderer": [
        r"Totaux refaits : 2, fourchettes : 1, plus grand écart relatif sous un milliardième",
        # One small survey of equal weights: the spread of 200 draws alone sets them apart.
        r"Écarts-types par les répliques, rapportés à ceux de la publication : (0,[89]|1,[01])\d à",
    ],
    "4-croiser-insee": [
        r"([1-9]\d*) chiffres par habitant refaits, plus grand écart 0,0000\b",
        r"CA du Pays de Meaux +2021 +0\.240* +0\.250* ",
        r"Territoires croisés avec Filosofi : 2",
    ],
    "5-cartographier": [r"23 intercommunalités dessinées : \d+ montrées, \d+ masquées ou sans réponse"],
    "6-nouvel-indicateur": [
        r"24 valeurs, une par association et par année ; moyennes refaites : 1, plus grand écart 0,0000\b",
        r"estimateur « moyene » inconnu",
    ],
}
ASSOCIATIONS = 40
pytestmark = pytest.mark.xdist_group("carnets")


def _registre(settings: Settings, dossier: Path) -> None:
    """The associations that answered, and three times as many that did not."""
    lignes = ["id;titre;siret;adrs_codeinsee;adrs_codepostal;adrs_libcommune;position;date_creat;date_decla"]
    for i in range(4 * ASSOCIATIONS):
        nom = f"Les Amis du Ru {i}"
        lignes.append(f"W77{i:07d};{nom};;77288;77000;MELUN;A;1998-01-15;2024-06-01")
    fichier = dossier / "rna.csv"
    fichier.write_text("\n".join(lignes), encoding="utf-8")
    ajouter(settings, "rna", fichier)


def _filosofi(settings: Settings, dossier: Path) -> None:
    """As Insee gives it: quoted codes, a decimal comma, a secret cell."""
    fichier = dossier / "filosofi_2021.csv"
    fichier.write_text(
        '"CODGEO";"LIBGEO";"NBPERSMENFISC21";"MED21";"TP6021"\n"77288";"Melun";"100";"21000";"27,1"\n'
        '"77284";"Meaux";"300";"21000";"24,0"\n"77143";"Crégy-lès-Meaux";"100";"25000";"s"\n',
        encoding="utf-8",
    )
    publiques.ajouter(settings, "filosofi", fichier, settings.departement)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    dossier = tmp_path_factory.mktemp("carnets")
    settings = replace(load_settings(dossier / "donnees"), memoire=None)
    for nom in ("associations", "benevolat"):
        depot.deposer(remplir_gabarit(nom, dossier / f"{nom}.xlsx", ASSOCIATIONS), settings)
    for fichier in fichiers_subventions(dossier):
        depot.deposer(fichier, settings)
    _registre(settings, dossier)
    _filosofi(settings, dossier)
    depot.publier(settings)
    return settings


@pytest.fixture(scope="module")
def sorties(settings: Settings) -> dict[str, str]:
    """What each notebook says, errors included: one kernel for all, emptied between two of them."""
    tous = nbformat.v4.new_notebook()
    debuts = []
    for chemin in CARNETS:
        debuts.append(len(tous.cells))
        tous.cells += [nbformat.v4.new_code_cell("%reset -f"), *nbformat.read(chemin, as_version=4).cells]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OBSERVATOIRE_DONNEES", str(settings.donnees))
        NotebookClient(tous, timeout=120, kernel_name="python3", allow_errors=True).execute()
    fins = [*debuts[1:], len(tous.cells)]
    return {
        chemin.stem: "\n".join(_dit(s) for c in tous.cells[a:b] for s in c.get("outputs", []))
        for chemin, a, b in zip(CARNETS, debuts, fins, strict=True)
    }


def _dit(sortie: dict[str, Any]) -> str:
    if sortie["output_type"] == "error":
        return f"ERREUR {sortie['ename']} : {sortie['evalue']}"
    return str(sortie.get("text", ""))


def test_six_carnets_sans_sorties() -> None:
    assert [c.stem for c in CARNETS] == list(DITS)
    for chemin in CARNETS:
        cellules = nbformat.read(chemin, as_version=4).cells
        assert all(not c.get("outputs") and not c.get("execution_count") for c in cellules), chemin.name
        assert cellules[0].source.startswith("# ") and "OBSERVATOIRE_DONNEES" in cellules[0].source
        assert "assert " in cellules[-1].source and "print(" in cellules[-1].source


@pytest.mark.parametrize("carnet", DITS)
def test_carnet(carnet: str, sorties: dict[str, str]) -> None:
    assert "ERREUR" not in sorties[carnet], sorties[carnet]
    for attendu in DITS[carnet]:
        assert re.search(attendu, sorties[carnet]), sorties[carnet]


def test_croiser_sans_filosofi(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who may read the public file only is told what is missing, and the rest runs."""
    (tmp_path / "curated").mkdir()
    copie = tmp_path / "curated" / "observatoire.duckdb"
    copie.write_bytes(settings.publication.resolve().read_bytes())
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(tmp_path))
    (carnet,) = [c for c in CARNETS if c.stem.startswith("4-")]
    monde: dict[str, Any] = {}
    for cellule in json.loads(carnet.read_text(encoding="utf-8"))["cells"]:
        if cellule["cell_type"] == "code":
            exec("".join(cellule["source"]), monde)
    dit = capsys.readouterr().out
    assert "Filosofi n’a pas été ajouté" in dit and "Territoires croisés avec Filosofi : 0" in dit


def test_une_faute_dans_les_poids_est_vue(settings: Settings, tmp_path: Path) -> None:
    """The notebook of weights fails when one published weight is not the one used."""
    source = next(c for c in CARNETS if c.stem.startswith("3-"))
    analyse = tmp_path / "curated" / "analyse"
    analyse.mkdir(parents=True)
    copie = analyse / "analyse.duckdb"
    copie.write_bytes(settings.analyse.resolve().read_bytes())
    with duckdb.connect(str(copie)) as con:
        con.execute(
            "update ponderation.poids set poids = poids * 1.000001 where rowid = (select min(rowid) from ponderation.poids)"
        )
    with pytest.MonkeyPatch.context() as patch, pytest.raises(AssertionError):
        patch.setenv("OBSERVATOIRE_DONNEES", str(tmp_path))
        monde: dict[str, Any] = {}
        for cellule in json.loads(source.read_text(encoding="utf-8"))["cells"]:
            if cellule["cell_type"] == "code":
                exec("".join(cellule["source"]), monde)


@pytest.mark.parametrize("requete", lire_requetes(EXEMPLES), ids=lambda r: r.titre)
def test_exemples_de_la_page_requetes(requete: Requete, settings: Settings) -> None:
    assert executer(settings.analyse, requete.sql).lignes


def test_la_page_decrit_tout_le_fichier(settings: Settings) -> None:
    contenu = lire_contenu(settings.analyse)
    assert {"enquete", "ponderation", "mesure", "meta", "pub", "ref", "source"} <= set(contenu.schemas)
    assert len(contenu.exemples) == len(lire_requetes(EXEMPLES)) + len(lire_requetes())
    for table in contenu.tables:
        assert table.description and table.colonnes, table
        assert all(c.titre and c.definition for c in table.colonnes), table.adresse
    un_de_chaque = {t.schema: t for t in contenu.tables}
    for table in un_de_chaque.values():
        assert len(executer(settings.analyse, f"from {table.adresse} limit 1").colonnes) == len(
            table.colonnes
        )


def test_les_repliques_se_disent_en_une_ligne(settings: Settings) -> None:
    """Hundreds of columns, one description: in the source, in what the page shows; every one has it in the file."""
    (table,) = [t for t in lire_contenu(settings.analyse).tables if t.adresse == "ponderation.repliques"]
    nombre = int(parametre("repliques_nombre", dt.date.today()).valeur)
    assert [c.nom for c in table.colonnes] == ["jeu", "cle_association", *noms(nombre)]
    assert [c.nom for c in table.colonnes_a_lire] == ["jeu", "cle_association", f"r001 à r{nombre:03d}"]
    requete = "select distinct comment from duckdb_columns() where table_name = 'repliques' and column_name like 'r%'"
    assert len(executer(settings.analyse, requete).lignes) == 1
    assert executer(settings.analyse, "from ponderation.repliques").lignes
