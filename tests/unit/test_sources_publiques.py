"""Public sources at any size: what is kept, for a département or the country, what is told, what never enters."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from observatoire.config.settings import Settings
from observatoire.publications.schemas import DICTIONNAIRE, decrire
from observatoire.registre import etat
from observatoire.registre.formats import DOSSIER, GENRES, SOURCES
from observatoire.registre.magasin import FRANCE, bilans, table
from observatoire.registre.registre import jour_du_nom
from pipelines.cli import app
from pipelines.origines_publiees import _quartiers, _registres, _tables
from pipelines.sources import publiques, qpv
from pipelines.sources.registre import SourceRefusee
from pipelines.sources_publiees import poser_sources
from tests.fabrique import luhn
from tests.unit.test_registre import CANARIS, IMPORT, WALDEC, ecrire, waldec

SIREN = luhn("90000100")
SIRET = luhn(SIREN + "0001")
ARRONDI = "45032466000000"
UNITES = next(f for f in SOURCES["sirene"].formats if f.table == "sirene_unites")
ETABLISSEMENTS = next(f for f in SOURCES["sirene"].formats if f.table == "sirene_etablissements")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees")


def lignes(settings: Settings, rang: int = -1) -> list[dict[str, Any]]:
    return pq.read_table(table(settings, bilans(settings)[rang])).to_pylist()


def titres_de(modele: Any) -> list[str]:
    return [*(noms[0] for noms in modele.colonnes.values()), *modele.connues]


def rna_france(chemin: Path, plus: Sequence[dict[str, str]] = ()) -> Path:
    return ecrire(
        chemin,
        WALDEC,
        [
            waldec("W772000001", "D’ICI"),
            waldec(
                "W132000001", "DE MARSEILLE", "13055", adrs_codepostal="13001", adrs_libcommune="Marseille"
            ),
            waldec("W2A2000001", "CORSE", "", adrs_codepostal="20000", adrs_libcommune="Ajaccio"),
            waldec("W9R2000001", "RÉUNION DISSOUTE", "97411", position="D", date_disso="2020-01-01"),
            *plus,
        ],
    )


def test_rna_de_toute_la_france(settings: Settings, tmp_path: Path) -> None:
    fichier = rna_france(tmp_path / "rna_waldec_20261101.csv")
    bilan, au_registre = publiques.ajouter(settings, "rna", fichier, FRANCE)
    assert (bilan.lues, bilan.gardees, bilan.etats) == (4, 4, {"active": 3, "dissoute": 1})
    assert (bilan.extrait_le, bilan.encodage, bilan.format) == ("2026-11-01", "cp1252", "RNA « waldec »")
    lus = {x["rna"]: (x["code_departement"], x["etat"]) for x in lignes(settings)}
    assert lus == {
        "W772000001": ("77", "active"), "W132000001": ("13", "active"), "W2A2000001": ("2A", "active"),
        "W9R2000001": ("974", "dissoute"),
    }  # fmt: skip
    # Our département takes its own for its register.
    present = etat(settings)
    assert au_registre is not None and present is not None and (au_registre.gardees, present.lignes) == (1, 1)
    assert "Parmi elles\u00a0: 3 actives, 1 dissoute ou fermée." in list(publiques.phrases(bilan))


def test_un_departement_seulement(settings: Settings, tmp_path: Path) -> None:
    bilan, au_registre = publiques.ajouter(settings, "rna", rna_france(tmp_path / "r.csv"), "13")
    assert (bilan.lues, bilan.gardees, bilan.ailleurs, au_registre) == (4, 1, 3, None)
    assert [x["rna"] for x in lignes(settings)] == ["W132000001"]
    with pytest.raises(SourceRefusee, match="du département 92"):
        publiques.ajouter(settings, "rna", tmp_path / "r.csv", "92")
    assert len(bilans(settings)) == 1


def test_meme_fichier_et_fichier_plus_recent(settings: Settings, tmp_path: Path) -> None:
    ancien = rna_france(tmp_path / "a.csv")
    publiques.ajouter(settings, "rna", ancien, FRANCE)
    marque = table(settings, bilans(settings)[0]).stat().st_mtime_ns
    encore, _ = publiques.ajouter(settings, "rna", ancien, FRANCE)
    (phrase,) = publiques.phrases(encore)
    assert re.search(r"déjà gardé depuis le \d\d/\d\d/\d{4} \(toute la France\)\. Rien n’a changé\.", phrase)
    assert table(settings, bilans(settings)[0]).stat().st_mtime_ns == marque
    publiques.ajouter(
        settings, "rna", rna_france(tmp_path / "b.csv", [waldec("W772000009", "NOUVELLE")]), FRANCE
    )
    # The newer file takes the place of the older one; the other layout stands beside it.
    assert [b.fichier for b in bilans(settings)] == ["b.csv"] and len(lignes(settings)) == 5
    ancienne = {
        "id": "132P01",
        "titre": "VIEILLE",
        "libcom": "Marseille",
        "adrs_codeinsee": "13055",
        "position": "A",
    }
    publiques.ajouter(settings, "rna", ecrire(tmp_path / "c.csv", IMPORT, [ancienne]), FRANCE)
    assert [b.format for b in bilans(settings)] == ["RNA « waldec »", "RNA « import »"]
    assert len(list(settings.sources.glob("*.parquet"))) == 2


@pytest.mark.parametrize("forme", ["zip", "gz"])
def test_archives(settings: Settings, tmp_path: Path, forme: str) -> None:
    clair = rna_france(tmp_path / "r.csv")
    paquet = tmp_path / f"r.csv.{forme}"
    if forme == "zip":
        with zipfile.ZipFile(paquet, "w", zipfile.ZIP_DEFLATED) as z:
            z.write(clair, "rna.csv")
            z.writestr("lisezmoi.pdf", b"%PDF")
    else:
        paquet.write_bytes(gzip.compress(clair.read_bytes()))
    assert publiques.ajouter(settings, "rna", paquet, FRANCE)[0].gardees == 4
    assert [p.name for p in settings.sources.iterdir() if p.is_dir()] == []
    abimee = tmp_path / f"abimee.{forme}"
    abimee.write_bytes(paquet.read_bytes()[: -len(paquet.read_bytes()) // 3])
    with pytest.raises(SourceRefusee):
        publiques.ajouter(settings, "rna", abimee, FRANCE)


def test_archive_demesuree(settings: Settings, tmp_path: Path) -> None:
    paquet = tmp_path / "bombe.csv.gz"
    paquet.write_bytes(gzip.compress(b"id;titre\n" + b" " * 50_000_000))
    with pytest.raises(SourceRefusee, match="démesurée"):
        publiques.ajouter(settings, "rna", paquet, FRANCE)


def test_derive_dite(settings: Settings, tmp_path: Path) -> None:
    sans = [t for t in WALDEC if t != "position"]
    with pytest.raises(SourceRefusee, match="Il manque la colonne «\u00a0position\u00a0»"):
        publiques.ajouter(settings, "rna", ecrire(tmp_path / "s.csv", sans, [waldec("W1", "X")]), FRANCE)
    assert bilans(settings) == [] and not settings.registre.exists()
    avec = ecrire(
        tmp_path / "n.csv", [*WALDEC, "indice_secret"], [waldec("W772000001", "X Y", indice_secret="canari")]
    )
    bilan, _ = publiques.ajouter(settings, "rna", avec, FRANCE)
    assert "Colonnes nouvelles, non lues\u00a0: «\u00a0indice_secret\u00a0»." in list(
        publiques.phrases(bilan)
    )
    assert "canari" not in str(lignes(settings))


def unites(chemin: Path) -> Path:
    titres = titres_de(UNITES)
    base = {"siren": SIREN, "denominationUniteLegale": "ASSO", "categorieJuridiqueUniteLegale": "9220",
            "etatAdministratifUniteLegale": "A", "trancheEffectifsUniteLegale": "11", "nicSiegeUniteLegale": "00011"}  # fmt: skip
    personne = base | {"siren": luhn("90000700"), "categorieJuridiqueUniteLegale": "1000", "denominationUniteLegale": "",
                       "nomUniteLegale": CANARIS[2], "prenom1UniteLegale": "CANARI"}  # fmt: skip
    fermee = base | {
        "siren": luhn("90000800"),
        "etatAdministratifUniteLegale": "C",
        "denominationUniteLegale": "FERMÉE",
    }
    societe = base | {"siren": luhn("90000900"), "categorieJuridiqueUniteLegale": "5499"}
    return ecrire(chemin, titres, [base, personne, fermee, societe], ",", "utf-8")


def test_stock_de_sirene(settings: Settings, tmp_path: Path) -> None:
    titres = titres_de(ETABLISSEMENTS)
    base = {"siren": SIREN, "siret": SIRET, "etablissementSiege": "true", "codeCommuneEtablissement": "77288",
            "codePostalEtablissement": "77000", "libelleCommuneEtablissement": "MELUN",
            "etatAdministratifEtablissement": "A", "libelleVoieEtablissement": CANARIS[3]}  # fmt: skip
    antenne = base | {"siret": luhn(SIREN + "0002"), "etablissementSiege": "false", "codeCommuneEtablissement": "13055",
                      "etatAdministratifEtablissement": "F"}  # fmt: skip
    inconnu = base | {"siren": luhn("90000900"), "siret": luhn(luhn("90000900") + "0001")}
    stock = ecrire(tmp_path / "StockEtablissement_utf8.csv", titres, [base, antenne, inconnu], ",", "utf-8")
    assert publiques.est_par_morceaux("sirene", stock)
    with pytest.raises(SourceRefusee, match="Ajoutez d’abord celui des unités légales"):
        publiques.ajouter(settings, "sirene", stock, "77")
    bilan, _ = publiques.ajouter(settings, "sirene", unites(tmp_path / "StockUniteLegale_utf8.csv"), "77")
    # The file of the legal units gives no address: the country is kept.
    assert (bilan.perimetre, bilan.lues, bilan.gardees, bilan.etats) == (
        FRANCE,
        4,
        2,
        {"active": 1, "dissoute": 1},
    )
    bilan, au_registre = publiques.ajouter(settings, "sirene", stock, FRANCE)
    assert (bilan.lues, bilan.gardees, bilan.etats) == (3, 2, {"active": 1, "fermee": 1})
    assert au_registre is not None and au_registre.gardees == 1
    registre = pq.read_table(settings.registre).to_pylist()
    assert [(x["siren"], x["nom"], x["effectif_tranche"], x["code_commune"]) for x in registre] == [
        (SIREN, "ASSO", "11", "77288")
    ]
    gardes = "".join(str(pq.read_table(p).to_pylist()) for p in settings.donnees.rglob("*.parquet"))
    assert SIREN in gardes and not [c for c in (*CANARIS, "CANARI") if c in gardes]


def test_populations_et_revenus(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "CODGEO;LIBGEO;POP_COG2023;POP_COG2024\n1001;A;10,0;832.0\n77288;Melun;;45000\n2A004;B;5;7\n"
    )
    bilan, _ = publiques.ajouter(settings, "populations", tmp_path / "p.csv", FRANCE)
    lus = {
        (x["code_commune"], x["annee"]): (x["population"], x["code_departement"]) for x in lignes(settings)
    }
    assert lus == {
        ("01001", 2023): (10, "01"), ("01001", 2024): (832, "01"), ("77288", 2024): (45000, "77"),
        ("2A004", 2023): (5, "2A"), ("2A004", 2024): (7, "2A"),
    }  # fmt: skip
    (tmp_path / "f.csv").write_text(
        "CODGEO;LIBGEO;MED21;TP6021;PPFAM21;D121\n77288;Melun;21 500,5;23,0;1;\n13055;M;s;nd;1;2\n"
    )
    bilan, _ = publiques.ajouter(settings, "filosofi", tmp_path / "f.csv", "77")
    (melun,) = lignes(settings)
    assert (melun["annee"], melun["revenu_median"], melun["taux_pauvrete"], melun["premier_decile"]) == (
        2021,
        21500.5,
        0.23,
        None,
    )
    assert bilan.ailleurs == 1 and bilan.nouvelles == []


def test_subventions(settings: Settings, tmp_path: Path) -> None:
    titres = [
        "nomAttribuant",
        "idAttribuant",
        "dateConvention",
        "nomBeneficiaire",
        "idBeneficiaire",
        "rnaBeneficiaire",
        "montant",
    ]
    base = {
        "nomAttribuant": "Ville",
        "dateConvention": "05/12/2016",
        "nomBeneficiaire": "JUDO",
        "montant": "40\u00a0000,50",
    }
    fichier = ecrire(
        tmp_path / "scdl.csv",
        titres,
        [
            base | {"idBeneficiaire": f" {SIRET[:3]} {SIRET[3:]}'"},
            base | {"idBeneficiaire": SIREN, "dateConvention": "2014", "montant": "1000 euros"},
            base | {"rnaBeneficiaire": "w77 2000001", "dateConvention": "2016-12-05"},
            base | {"nomBeneficiaire": "CANARI UNE PERSONNE"},
            base | {"nomBeneficiaire": "CANARI ARRONDI", "idBeneficiaire": ARRONDI + ".0"},
        ],
    )
    bilan, _ = publiques.ajouter(settings, "subventions", fichier, "77")
    assert (bilan.perimetre, bilan.etats) == (FRANCE, {"numero": 3, "numero_faux": 1, "sans_numero": 1})
    lus = [
        (x["siret"], x["siren"], x["rna"], x["annee"], x["montant"], x["beneficiaire"])
        for x in lignes(settings)
    ]
    assert lus == [
        (SIRET, SIREN, None, 2016, 40000.5, "JUDO"),
        (None, SIREN, None, 2014, 1000.0, "JUDO"),
        (None, None, "W772000001", 2016, 40000.5, "JUDO"),
        (None, None, None, 2016, 40000.5, None),
        (None, None, None, 2016, 40000.5, None),
    ]
    # The files of several funders add up.
    publiques.ajouter(settings, "subventions", ecrire(tmp_path / "b.csv", titres, [base]), "77")
    assert len(bilans(settings)) == 2
    sources = {o.source: o for o in _tables(settings)}
    assert sources["subventions"].licence.startswith("Licence Ouverte") and list(_registres(settings)) == []


def test_au_fichier_des_analystes(settings: Settings, tmp_path: Path) -> None:
    """Every kept table that the register does not hold is published, typed, described, for the département alone."""
    (tmp_path / "p.csv").write_text("CODGEO;LIBGEO;POP_COG2024\n1001;A;832\n77288;Melun;45000\n")
    (tmp_path / "f.csv").write_text("CODGEO;LIBGEO;MED21;TP6021\n77288;Melun;21 500,5;23,0\n")
    (tmp_path / "f22.csv").write_text("CODGEO;LIBGEO;MED22\n77288;Melun;22000\n")
    titres = ["nomAttribuant", "idBeneficiaire", "nomBeneficiaire", "montant", "dateConvention"]
    convention = dict(zip(titres, ("Ville", SIREN, "JUDO", "12", "2016-12-05"), strict=True))
    personne = convention | {"idBeneficiaire": "", "nomBeneficiaire": "CANARI UNE PERSONNE"}
    publiques.ajouter(settings, "populations", tmp_path / "p.csv", FRANCE)
    publiques.ajouter(settings, "filosofi", tmp_path / "f.csv", FRANCE)
    publiques.ajouter(
        settings, "subventions", ecrire(tmp_path / "s.csv", titres, [convention, personne]), "77"
    )
    publiques.ajouter(settings, "rna", rna_france(tmp_path / "r.csv"), FRANCE)
    with duckdb.connect() as con:
        con.execute(
            "attach ':memory:' as pub; create schema pub.source; create schema pub.meta; create table pub.indicateurs "
            "(indicateur varchar, titre varchar, definition varchar, unite varchar, source varchar)"
        )
        con.execute(f"create table pub.meta.dictionnaire ({DICTIONNAIRE})")
        assert sorted(poser_sources(con, settings)) == ["filosofi", "populations", "subventions"]
        decrire(con)
        assert con.sql("select code_commune, annee, population from pub.source.populations").fetchall() == [
            ("77288", 2024, 45000)
        ]
        assert con.sql("select annee, revenu_median, taux_pauvrete from pub.source.filosofi").fetchall() == [
            (2021, 21500.5, 0.23)
        ]
        assert con.sql("select siren, montant from pub.source.subventions order by all").fetchall() == [
            (SIREN, 12.0), (None, 12.0),
        ]  # fmt: skip
        unites = dict(
            con.sql(
                "select colonne, unite from pub.meta.dictionnaire where nom_table = 'filosofi'"
            ).fetchall()
        )
        assert unites["taux_pauvrete"] == "part" and unites["revenu_median"] == "€ par an"
        # Nothing that is kept is left out but the département, which is that of the publication, and the name of who
        # receives: a true number may be that of a person, and the register names the associations.
        for bilan in bilans(settings):
            if bilan.table != "rna":
                gardees = {c.name for c in pq.read_schema(table(settings, bilan))}
                publiees = {n for n, *_ in con.execute(f"describe pub.source.{bilan.table}").fetchall()}
                assert gardees - publiees == {"code_departement"} | ({"beneficiaire"} & gardees)
        publiques.ajouter(settings, "filosofi", tmp_path / "f22.csv", FRANCE)
        con.execute(
            "drop table pub.source.filosofi; drop table pub.source.populations; drop table pub.source.subventions"
        )
        poser_sources(con, settings)
        assert con.sql("select annee from pub.source.filosofi").fetchall() == [(2022,)]


def test_commande(settings: Settings, tmp_path: Path) -> None:
    def dire(*mots: str) -> tuple[int, str]:
        sortie = CliRunner().invoke(app, ["sources", *mots, "--donnees", str(settings.donnees)])
        return sortie.exit_code, " ".join(sortie.output.split())

    fichier = str(rna_france(tmp_path / "rna_20261101.csv"))
    assert dire("ajouter", "rna", fichier)[0] == 0 and bilans(settings) == []
    (origine,) = _registres(settings)
    assert (origine.extrait_le, origine.licence, origine.lignes) == ("2026-11-01", SOURCES["rna"].licence, 4)
    # A file that does not tell its day: the day it was added is not given for that of its extraction.
    sans_jour = str(rna_france(tmp_path / "sans_jour.csv"))
    assert "13, ajouté le" in dire("ajouter", "rna", sans_jour, "--departement", "13")[1]
    code, dit = dire("ajouter", "rna", fichier, "--france")
    assert code == 0 and "toute la France, extrait le 01/11/2026" in dit
    assert "toute la France : 4 lignes" in dire("etat")[1]
    assert dire("ajouter", "rna", fichier, "--france", "--departement", "13")[0] != 0
    assert "n’est pas un jour" in dire("ajouter", "rna", fichier, "--extrait-le", "hier")[1]
    assert "Source inconnue" in dire("ajouter", "cadastre", fichier)[1]


def test_quartiers_dans_les_sources(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "qpv_20240101.csv").write_text(
        "code_qp;lib_qp;insee_com\nQN07701A;Le Mail;77288\n", encoding="utf-8"
    )
    qpv.ajouter(settings, tmp_path / "qpv_20240101.csv")
    (origine,) = _quartiers(settings)
    assert (origine.source, origine.extrait_le, origine.lignes) == ("qpv", "2024-01-01", 1)
    assert origine.licence == SOURCES["qpv"].licence


def test_jour_du_nom() -> None:
    assert jour_du_nom("rna_waldec_20261101_dpt_77.csv") == "2026-11-01"
    assert (
        jour_du_nom("stock 2026-03-31.zip") == "2026-03-31"
        and jour_du_nom("StockUniteLegale_utf8.zip") is None
    )


@pytest.mark.parametrize("nom", sorted(SOURCES))
def test_declarations(nom: str) -> None:
    source = SOURCES[nom]
    assert source.titre and source.producteur and source.licence and (source.formats or source.titres)
    for modele in source.formats:
        assert set(modele.exigees) | set(modele.par_annee) <= set(modele.colonnes)
        lues = {t for noms in modele.colonnes.values() for t in noms}
        assert not lues & set(modele.connues)
        assert not [
            t for t in lues if re.search("civilite|courriel|mail|telephone|prenom|nomUnite|nomUsage", t)
        ]
        assert nom in GENRES or (DOSSIER / f"{modele.table}.sql").is_file()
