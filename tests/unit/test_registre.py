"""The register: official layouts, territory, duplicates, drift of a layout, and what is never kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from observatoire.config.settings import Settings
from observatoire.registre import ajouter, empreinte, etat
from observatoire.registre.construction import SCHEMA, Ligne, fusionner
from observatoire.registre.formats import RegistreRefuse
from observatoire.registre.tri import secteurs_rna, situer
from observatoire.territoire import load_territoire
from pipelines.sources import registre as source
from tests.fabrique import luhn


def titres(texte: str) -> list[str]:
    return re.split("[;,]", texte)


WALDEC = titres(
    "id;id_ex;siret;rup_mi;gestion;date_creat;date_decla;date_publi;date_disso;nature;groupement;titre;titre_court;objet;"
    "objet_social1;objet_social2;adrs_complement;adrs_numvoie;adrs_repetition;adrs_typevoie;adrs_libvoie;adrs_distrib;"
    "adrs_codeinsee;adrs_codepostal;adrs_libcommune;adrg_declarant;adrg_libvoie;adrg_codepostal;dir_civilite;telephone;"
    "siteweb;email;publiweb;observation;position;maj_time"
)
IMPORT = titres(
    "id;id_ex;siret;gestion;date_creat;date_publi;nature;groupement;titre;objet;objet_social1;objet_social2;adr1;adr2;adr3;"
    "adrs_codepostal;libcom;adrs_codeinsee;dir_civilite;telephone;siteweb;email;observation;position;rup_mi;maj_time"
)
API = titres(
    "id;is_waldec;id_association;siret;titre;titre_court;objet_social1;adresse_code_insee;adresse_code_postal;"
    "adresse_libelle_commune;adresse_gestion_nom;telephone;email;position_activite;date_declaration_dissolution;observation"
)
SIRENE = titres(
    "siren,siret,etablissementSiege,denominationUniteLegale,sigleUniteLegale,identifiantAssociationUniteLegale,"
    "categorieJuridiqueUniteLegale,etatAdministratifUniteLegale,trancheEffectifsUniteLegale,activitePrincipaleUniteLegale,"
    "codeCommuneEtablissement,codePostalEtablissement,libelleCommuneEtablissement,nomUniteLegale"
)
SIREN = luhn("90000100")
SIRET = luhn(SIREN + "0001")
CANARIS = ("0600000000", "canari@exemple.test", "CANARI DECLARANT", "12 rue du Canari")


def ecrire(
    chemin: Path, titres: list[str], lignes: list[dict[str, str]], sep: str = ";", encodage: str = "cp1252"
) -> Path:
    def cellule(texte: str) -> str:
        return '"' + texte.replace('"', '""') + '"' if any(c in texte for c in f'{sep}"\n') else texte

    textes = [sep.join(titres), *(sep.join(cellule(x.get(t, "")) for t in titres) for x in lignes)]
    chemin.write_bytes("\n".join(textes).encode(encodage))
    return chemin


def waldec(rna: str, titre: str, code: str = "77288", **autres: str) -> dict[str, str]:
    base = {
        "id": rna, "titre": titre, "adrs_codeinsee": code, "adrs_codepostal": "77000", "adrs_libcommune": "MELUN",
        "position": "A", "date_disso": "0001-01-01", "objet_social1": "011000", "telephone": CANARIS[0],
        "email": CANARIS[1], "adrg_declarant": CANARIS[2], "adrg_libvoie": CANARIS[3],
    }  # fmt: skip
    return base | autres


def sirene(siren: str, nom: str, **autres: str) -> dict[str, str]:
    base = {
        "siren": siren, "denominationUniteLegale": nom, "categorieJuridiqueUniteLegale": "9220",
        "etatAdministratifUniteLegale": "A", "codeCommuneEtablissement": "77288", "trancheEffectifsUniteLegale": "02",
        "libelleCommuneEtablissement": "MELUN", "codePostalEtablissement": "77000", "nomUniteLegale": CANARIS[2],
        "activitePrincipaleUniteLegale": "93.12Z", "etablissementSiege": "true",
    }  # fmt: skip
    return base | autres


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "donnees")


def lignes(settings: Settings) -> dict[str, dict[str, object]]:
    return {x["cle"]: x for x in pq.read_table(settings.registre).to_pylist()}


def test_waldec(settings: Settings, tmp_path: Path) -> None:
    fichier = ecrire(
        tmp_path / "waldec.csv",
        WALDEC,
        [
            waldec("W772000001", "FÊTES ET LOISIRS\u00a0DE MELUN (FLM)", objet='dit "pour\ntous"; et plus'),
            waldec("W772000002", "DISSOUTE", position="D", date_disso="2020-05-01"),
            waldec("W772000003", "PARTIE À PARIS", "75114", adrs_codepostal="75014", adrs_libcommune="PARIS"),
            waldec("W772000004", "", "77288"),
            waldec("W772000001", "EN DOUBLE"),
            waldec("W772000005", "SANS CODE", "", adrs_codepostal="77100", adrs_libcommune="Meaux"),
        ],
    )
    bilan = ajouter(settings, "rna", fichier)
    comptes = (
        bilan.lues,
        bilan.gardees,
        bilan.hors_territoire,
        bilan.sans_nom,
        bilan.doublons,
        bilan.dissoutes,
    )
    assert comptes == (6, 3, 1, 1, 1, 1)
    assert bilan.encodage == "cp1252" and bilan.format == "RNA « waldec »"
    registre = lignes(settings)
    assert set(registre) == {"RNA:W772000001", "RNA:W772000002", "RNA:W772000005"}
    une = registre["RNA:W772000001"]
    assert une["nom"] == "FÊTES ET LOISIRS DE MELUN" and une["sigle"] == "FLM"
    assert (une["code_commune"], une["libelle_commune"], une["secteur"]) == ("77288", "Melun", "sport")
    assert une["nom_norme"] == "fete loisir melun" and une["etat"] == "active" and une["sollicitee"] is False
    assert registre["RNA:W772000002"]["etat"] == "dissoute"
    assert registre["RNA:W772000005"]["code_commune"] == "77284"


def test_import_et_api(settings: Settings, tmp_path: Path) -> None:
    ancien = {"id": "772P0772013056", "titre": "ANCIENNE", "libcom": "MELUN", "adrs_codeinsee": "77288",
              "adrs_codepostal": "77000", "position": "A"}  # fmt: skip
    repris = ancien | {
        "id": "772P0772013057",
        "titre": "REPRISE",
        "position": "R",
        "observation": "Reprise W772013057",
    }
    bilan = ajouter(settings, "rna", ecrire(tmp_path / "import.csv", IMPORT, [ancien, repris]))
    assert (bilan.format, bilan.gardees) == ("RNA « import »", 2)
    api = {"id": "1", "id_association": "W772013057", "titre": "REPRISE ET NOMMÉE", "adresse_code_insee": "77288",
           "adresse_code_postal": "77000", "adresse_libelle_commune": "Melun", "position_activite": "A",
           "objet_social1": "006000"}  # fmt: skip
    ajouter(settings, "rna", ecrire(tmp_path / "api.csv", API, [api], encodage="utf-8-sig"))
    registre = lignes(settings)
    assert set(registre) == {"RNA:772P0772013056", "RNA:W772013057"}
    # The last file loaded has the last word.
    assert registre["RNA:W772013057"]["nom"] == "REPRISE ET NOMMÉE"
    assert registre["RNA:W772013057"]["secteur"] == "culture"


def test_rna_et_sirene_sont_une_association(settings: Settings, tmp_path: Path) -> None:
    autre = luhn("90000200")
    double = luhn("90000300")
    ajouter(
        settings,
        "rna",
        ecrire(
            tmp_path / "w.csv",
            WALDEC,
            [
                waldec("W772000001", "AVEC SIRET", siret=SIRET),
                waldec("W772000002", "JUDO CLUB DE MELUN"),
                waldec("W772000003", "UNE ANTENNE", siret=luhn(double + "0001")),
                waldec("W772000004", "AUTRE ANTENNE", siret=luhn(double + "0002")),
            ],
        ),
    )
    bilan = ajouter(
        settings,
        "sirene",
        ecrire(
            tmp_path / "s.csv",
            SIRENE,
            [
                sirene(SIREN, "NOM CHEZ SIRENE", siret=SIRET, trancheEffectifsUniteLegale="11"),
                sirene(autre, "Judo-club Melun"),
                sirene(double, "FEDERATION DE TOUT"),
                sirene(luhn("90000400"), "SARL", categorieJuridiqueUniteLegale="5499"),
                sirene(luhn("90000500"), "[ND]"),
                sirene(SIREN, "NOM CHEZ SIRENE", etablissementSiege="false", siret=luhn(SIREN + "0002")),
            ],
            sep=",",
            encodage="utf-8",
        ),
    )
    assert (bilan.lues, bilan.gardees, bilan.autres, bilan.sans_nom, bilan.doublons) == (6, 3, 1, 1, 1)
    registre = lignes(settings)
    assert set(registre) == {f"RNA:W77200000{i}" for i in (1, 2, 3, 4)} | {f"SIREN:{double}"}
    une = registre["RNA:W772000001"]
    assert (une["nom"], une["siren"], une["siret"], une["effectif_tranche"]) == (
        "AVEC SIRET",
        SIREN,
        SIRET,
        "11",
    )
    assert une["source"] == "rna+sirene"
    assert registre["RNA:W772000002"]["siren"] == autre
    # Two associations give the same SIREN: it names neither.
    assert registre["RNA:W772000003"]["siren"] is None and registre["RNA:W772000004"]["siren"] is None


def test_deux_rna_de_meme_nom_restent_deux() -> None:
    memes = [
        Ligne(rna=f"W77200000{i}", nom="A", nom_norme="a", code_commune="77288", source="rna") for i in (1, 2)
    ]
    assert len(fusionner([memes]).lignes) == 2
    unite = [Ligne(siren=SIREN, nom="A", nom_norme="a", code_commune="77288", source="sirene")]
    assert len(fusionner([memes, unite]).lignes) == 3
    assert len(fusionner([memes[:1], unite]).lignes) == 1


def test_sollicitees(settings: Settings, tmp_path: Path) -> None:
    ajouter(
        settings,
        "rna",
        ecrire(tmp_path / "w.csv", WALDEC, [
            waldec("W772000001", "LES SEMEURS D'ETOILES"), waldec("W772000002", "JUDO CLUB", siret=SIRET),
            waldec("W772000003", "PAS SOLLICITEE"),
        ]),
    )  # fmt: skip
    classeur = Workbook()
    assert classeur.active is not None
    for ligne in (
        ["Association", "Ville", "N° RNA", "SIRET"],
        ["Asso Semeurs d’étoiles", "Melun", None, None],
        ["peu importe", None, None, SIRET],
        ["Une toute nouvelle", "Meaux", None, None],
        ["Numéro inconnu", "Meaux", "W772999999", None],
    ):
        classeur.active.append(ligne)
    classeur.save(tmp_path / "liste.xlsx")
    bilan = source.ajouter(settings, "sollicitees", tmp_path / "liste.xlsx")
    assert (bilan.lues, bilan.gardees) == (4, 4)
    registre = lignes(settings)
    marquees = {c for c, x in registre.items() if x["sollicitee"]}
    assert marquees == {
        "RNA:W772000001", "RNA:W772000002", "RNA:W772999999", "NOM:une toute nouvelle|77284"
    }  # fmt: skip
    assert registre["RNA:W772000003"]["sollicitee"] is False


def test_meme_fichier_deux_fois(settings: Settings, tmp_path: Path) -> None:
    fichier = ecrire(tmp_path / "w.csv", WALDEC, [waldec("W772000001", "UNE")])
    ajouter(settings, "rna", fichier)
    octets, marque = settings.registre.read_bytes(), empreinte(settings)
    encore = ajouter(settings, "rna", fichier)
    assert encore.deja and settings.registre.read_bytes() == octets and empreinte(settings) == marque
    assert "est déjà dans le registre depuis le" in source.phrases(encore)[0]
    present = etat(settings)
    assert present is not None and len(present.sources) == 1 and present.sources[0].deja is None
    ajouter(settings, "rna", ecrire(tmp_path / "w2.csv", WALDEC, [waldec("W772000002", "DEUX")]))
    assert set(lignes(settings)) == {"RNA:W772000001", "RNA:W772000002"}
    assert empreinte(settings) != marque


def test_derive_du_schema(settings: Settings, tmp_path: Path) -> None:
    titres = ["adrs_libcom" if t == "adrs_codeinsee" else t for t in WALDEC if t != "titre"]
    fichier = ecrire(tmp_path / "derive.csv", titres, [waldec("W772000001", "X")])
    with pytest.raises(
        RegistreRefuse,
        match="Il manque les colonnes «\u00a0titre\u00a0» et «\u00a0adrs_codeinsee\u00a0» dans ",
    ):
        ajouter(settings, "rna", fichier)
    assert etat(settings) is None and not settings.registre.exists()
    sans_sigle = [t for t in WALDEC if t != "titre_court"]
    bilan = ajouter(settings, "rna", ecrire(tmp_path / "b.csv", sans_sigle, [waldec("W772000001", "X Y")]))
    assert bilan.absentes == ["titre_court"]
    assert "Colonnes absentes, facultatives\u00a0: «\u00a0titre_court\u00a0»." in source.phrases(bilan)


@pytest.mark.parametrize(
    ("contenu", "phrase"),
    [
        (b"a;b;c\n1;2;3\n", "n\u2019est pas un fichier que l\u2019observatoire sait lire"),
        (b"", "est vide"),
        (b"PK\x03\x04\0\0zip", "caract\u00e8res nuls"),
        (";".join(WALDEC).encode() + b"\nW752000001" + b";" * 22 + b"75114;75014;PARIS" + b";" * 11, "Aucune ligne"),
    ],
)  # fmt: skip
def test_refus(settings: Settings, tmp_path: Path, contenu: bytes, phrase: str) -> None:
    (tmp_path / "f.csv").write_bytes(contenu)
    with pytest.raises(source.SourceRefusee, match=phrase):
        source.ajouter(settings, "rna", tmp_path / "f.csv")
    assert not settings.registre.exists()


def test_lignes_illisibles_comptees(settings: Settings, tmp_path: Path) -> None:
    fichier = ecrire(tmp_path / "w.csv", WALDEC, [waldec(f"W77200000{i}", f"NOM {i} X") for i in range(4)])
    textes = fichier.read_text("cp1252").splitlines()
    textes[2] += ";de trop;encore"
    fichier.write_text("\n".join(textes), encoding="cp1252")
    bilan = ajouter(settings, "rna", fichier)
    assert (bilan.gardees, bilan.illisibles) == (3, 1)
    assert any("1 ligne illisible" in p for p in source.phrases(bilan))


def test_rien_de_personnel(settings: Settings, tmp_path: Path) -> None:
    ajouter(settings, "rna", ecrire(tmp_path / "w.csv", WALDEC, [waldec("W772000001", "UNE")]))
    ajouter(settings, "sirene", ecrire(tmp_path / "s.csv", SIRENE, [sirene(SIREN, "DEUX")], ",", "utf-8"))
    gardes = [p for p in settings.donnees.rglob("*") if p.is_file()]
    assert len(gardes) == 4
    for chemin in gardes:
        texte = (
            str(pq.read_table(chemin).to_pylist())
            if chemin.suffix == ".parquet"
            else chemin.read_text("utf-8")
        )
        assert "W772000001" in texte or SIREN in texte or chemin.suffix == ".json"
        assert not [c for c in CANARIS if c in texte]


def test_etat_et_fiche(settings: Settings, tmp_path: Path) -> None:
    assert "Aucun registre n’est chargé" in source.phrases_etat(settings)[0]
    ajouter(settings, "rna", ecrire(tmp_path / "w.csv", WALDEC, [waldec("W772000001", "UNE", siret=SIRET)]))
    phrases = source.phrases_etat(settings)
    assert "1 association, 1 active, 0 dissoute, 1 avec un SIREN, 0 sollicitée." in phrases[0]
    assert "«\u00a0w.csv\u00a0», 1 association gardée sur 1 ligne." in phrases[1]
    fiche = json.loads(settings.registre.with_suffix(".json").read_text("utf-8"))
    assert fiche["sources"][0]["sha256"] and fiche["lignes"] == 1 and fiche["departement"] == "77"
    with duckdb.connect() as con:
        colonnes = [
            x[0] for x in con.execute("describe from read_parquet(?)", [str(settings.registre)]).fetchall()
        ]
    assert colonnes == SCHEMA.names
    assert {"rna", "siren", "siret", "nom", "sigle", "nom_norme", "code_commune", "libelle_commune", "code_postal",
            "secteur", "effectif_tranche", "etat", "sollicitee", "source"} < set(colonnes)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "postal", "nom", "attendu"),
    [
        ("77288", None, None, "77288"),
        (None, "77000", "MELUN", "77288"),
        (None, None, "Melun", "77288"),
        ("75114", "77000", "Melun", None),
        (None, "75014", "Melun", None),
        ("77999", "77999", "Nulle part", True),
        (None, None, "Nulle part", None),
    ],
)
def test_situer(code: str | None, postal: str | None, nom: str | None, attendu: object) -> None:
    trouve = situer(load_territoire("77"), code, postal, nom)
    assert getattr(trouve, "code", trouve) == attendu


def test_familles_du_rna() -> None:
    assert (secteurs_rna()["032"], secteurs_rna()["030"]) == ("social", "economie")
