"""What derives from the questionnaires: same as committed, complete, and accepted by those who read it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from observatoire.domain.anomalie import Niveau, catalogue
from observatoire.domain.derived.dictionnaire import dictionnaire
from observatoire.domain.derived.messages import EFFETS, FAMILLES, messages
from observatoire.domain.derived.table_schema import table_schema
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from observatoire.storage.ddl import COLONNES_TECHNIQUES, ddl
from pipelines import deriver

RACINE = Path(__file__).parents[2]
ENQUETES = load_enquetes()
TYPES_TABLE_SCHEMA = {"string", "integer", "number", "boolean", "date", "year", "array"}


@pytest.mark.parametrize("chemin", deriver.artefacts())
def test_fichier_derive_a_jour(chemin: str) -> None:
    assert RACINE.joinpath(chemin).read_bytes().decode("utf-8") == deriver.artefacts()[chemin]


def test_aucun_fichier_derive_en_trop() -> None:
    assert deriver.ecarts() == []
    assert len(deriver.artefacts()) == 5 * len(ENQUETES) + 2


def test_recrire_puis_verifier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(deriver, "RACINE", tmp_path)
    monkeypatch.setattr(deriver.ecarts, "__defaults__", (tmp_path,))
    monkeypatch.setattr(deriver.recrire, "__defaults__", (tmp_path,))
    assert deriver.main([]) == 0
    assert deriver.main(["--verifier"]) == 0
    schema = tmp_path / "docs/schemas/emploi.json"
    schema.write_text("{}", encoding="utf-8")
    tmp_path.joinpath("docs/schemas/ancien.json").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert deriver.main(["--verifier"]) == 1
    dits = capsys.readouterr().err.splitlines()
    assert dits[:2] == ["diffère : docs/schemas/ancien.json", "diffère : docs/schemas/emploi.json"]
    assert deriver.main([]) == 0
    assert json.loads(schema.read_text(encoding="utf-8"))["name"] == "emploi"
    assert not tmp_path.joinpath("docs/schemas/ancien.json").exists()


@pytest.mark.parametrize("nom", ENQUETES)
def test_ddl_s_execute_et_commente_chaque_colonne(nom: str) -> None:
    enquete = ENQUETES[nom]
    with duckdb.connect(":memory:") as con:
        con.execute("create schema enquete")
        con.execute(ddl(enquete))
        con.execute(ddl(enquete))
        colonnes = con.execute(
            "select column_name, comment, is_nullable from duckdb_columns() "
            "where schema_name = 'enquete' order by column_index"
        ).fetchall()
        commentaire = con.execute(
            "select comment from duckdb_tables() where schema_name = 'enquete'"
        ).fetchall()
    champs = enquete.champs_actifs()
    assert [c[0] for c in colonnes] == [*(c.name for c in champs), *(c[0] for c in COLONNES_TECHNIQUES)]
    assert all(c[1] for c in colonnes)
    assert {c[0] for c in colonnes if not c[2]} == {
        *(c.name for c in champs if c.obligatoire),
        "depot_id",
        "feuille",
        "ligne",
    }
    assert commentaire[0][0].startswith(enquete.title)


def test_ddl_double_les_apostrophes() -> None:
    with duckdb.connect(":memory:") as con:
        con.execute("create schema enquete")
        texte = ddl(ENQUETES["emploi"]).replace("’", "''")
        assert con.execute(texte) is not None


@pytest.mark.parametrize("nom", ENQUETES)
def test_table_schema_dit_les_champs_les_types_et_les_listes(nom: str) -> None:
    enquete, schema = ENQUETES[nom], json.loads(table_schema(ENQUETES[nom]))
    champs = {c["name"]: c for c in schema["fields"]}
    assert list(champs) == [c.name for c in enquete.champs_actifs()]
    for champ in enquete.champs_actifs():
        ecrit = champs[champ.name]
        assert ecrit["type"] in TYPES_TABLE_SCHEMA
        assert ecrit["constraints"]["required"] == champ.obligatoire
        if type_de(champ).nom == "nomenclature":
            codes = charger_nomenclature(champ.nomenclature or "").codes
            assert ecrit["constraints"]["enum"] == list(codes)
            assert ecrit["example"] in codes


def test_table_schema_donne_un_exemple_de_son_type() -> None:
    champs = {c["name"]: c for c in json.loads(table_schema(ENQUETES["subventions"]))["fields"]}
    assert champs["date_convention"]["example"] == "2025-03-15"
    assert float(champs["montant"]["example"]) == 12000
    assert float(champs["pourcentage"]["example"]) == 1


@pytest.mark.parametrize("nom", ENQUETES)
def test_dictionnaire_dit_chaque_champ_et_chaque_liste(nom: str) -> None:
    enquete, lignes = ENQUETES[nom], dictionnaire(ENQUETES[nom]).splitlines()
    titres = [ligne.removeprefix("### ") for ligne in lignes if ligne.startswith("### ")]
    assert titres == [c.title for c in enquete.champs_actifs()]
    noms = [ligne.split("`")[1] for ligne in lignes if ligne.startswith("`")]
    assert noms == [c.name for c in enquete.champs_actifs()]
    ancres = {c.nomenclature for c in enquete.champs_actifs() if c.nomenclature}
    assert {f'<a id="liste-{a}"></a>' for a in ancres} == {x for x in lignes if x.startswith('<a id="liste-')}
    assert all(c.title.lower() in lignes[-1] for c in enquete.champs if c.personnel)


def test_page_des_messages_dit_chaque_code_une_fois() -> None:
    lignes = messages(catalogue().values()).splitlines()
    codes = [ligne[4:].split(" · ")[0] for ligne in lignes if ligne.startswith("### ")]
    assert sorted(codes) == sorted(catalogue())
    assert [f"> {m.message}" in lignes for m in catalogue().values()] == [True] * len(codes)
    assert set(EFFETS) == set(Niveau)


def test_les_messages_sont_ranges_par_famille() -> None:
    lignes = messages(catalogue().values()).splitlines()
    titres = [x.removeprefix("## ") for x in lignes if x.startswith("## ")]
    assert titres == list(FAMILLES.values())
    suivant = [lignes[i + 4] for i, x in enumerate(lignes) if x.startswith("## ")]
    assert [x[4:6] for x in suivant] == list(FAMILLES)
