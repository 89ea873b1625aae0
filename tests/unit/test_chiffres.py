"""The registry of figures: identifiers, what defends a figure, documents that quote one, publications gone by."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
import zlib
from pathlib import Path

import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from observatoire.chiffres import verification
from observatoire.chiffres.documents import DocumentIllisible, texte_du_document
from observatoire.chiffres.exposition import reference, rubriques
from observatoire.chiffres.historique import PublicationInconnue, PublicationTropAncienne, date_de, relire
from observatoire.chiffres.identifiant import (
    Identifiant,
    chercher_identifiants,
    code_financeur,
    lire_identifiant,
)
from observatoire.chiffres.lecture import ChiffreInconnu, Redaction, lire_chiffre, lister, trouver_territoires
from observatoire.chiffres.sources import champs_cites, questionnaires_sources, tables_sources
from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.indicators.catalogue import catalogue
from observatoire.storage import fichiers
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.fichiers import CHIFFRES, PARQUET, PUBLIC
from pipelines.cli import app
from pipelines.cli_commun import sortie
from tests.fabrique_chiffres import FINANCEURS, STATUTS, fabriquer

ID = "participations.2025.departement-77.repondantes"
PART = "part_deficit.2025.departement-77.representatif"
CARTES = catalogue()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Three publications: the second changes one figure, masks one and drops one; the file of the first is gone."""
    reglages = Settings(tmp_path_factory.mktemp("donnees"))
    fabriquer(reglages, 1)
    fabriquer(
        reglages,
        2,
        [
            "update mesures set valeur = 0.41, borne_basse = 0.38, borne_haute = 0.44 where indicateur = 'part_deficit'"
            " and valeur is not null",
            "update mesures set valeur = null, statut = 'secret', n_repondants = null where indicateur = 'nb_adherents'",
            "delete from mesures where indicateur = 'nb_salaries'",
            "update mesures set valeur = 0.38901 where indicateur = 'part_cdi' and valeur is not null",
        ],
    )
    fabriquer(reglages, 3, ["delete from evolutions"])
    for version in (1, 2):
        fichiers.ecrire_chiffres(PARQUET.final(reglages, version), CHIFFRES.final(reglages, version))
    PUBLIC.final(reglages, 1).unlink()
    reglages.publication.unlink()
    reglages.publication.symlink_to(PUBLIC.final(reglages, 2).name)
    PUBLIC.final(reglages, 3).unlink()
    return reglages


@pytest.fixture(scope="module")
def con(settings: Settings) -> duckdb.DuckDBPyConnection:
    return ouvrir_publication(settings.publication)


def lancer(settings: Settings, *arguments: str) -> tuple[int, str]:
    # The console has read the width of the terminal when it was imported.
    sortie.width = 200
    resultat = CliRunner().invoke(app, ["chiffre", *arguments, "--donnees", str(settings.donnees)])
    return resultat.exit_code, resultat.output.replace("\u00a0", " ").replace("\u202f", " ")


def test_aller_et_retour(con: duckdb.DuckDBPyConnection) -> None:
    """Every row has one identifier, which leads back to it, and a sentence."""
    lignes = lister(con, montres=False)
    redaction = Redaction(con)
    assert len(lignes) > 1500 and {m.statut for m in lignes} == set(STATUTS)
    vus: set[str] = set()
    for m in lignes:
        texte = str(m.identifiant(2))
        assert texte not in vus
        vus.add(texte)
        lu = lire_identifiant(texte)
        assert (lu, str(lu)) == (m.identifiant(2), texte)
        assert chercher_identifiants(f"voir {texte}, ou «{texte}».") == [lu]
        dite = redaction.phrase(m)
        assert dite.endswith(".") and str(m.millesime) in dite and "  " not in dite


def test_chaque_ligne_se_retrouve(con: duckdb.DuckDBPyConnection) -> None:
    for m in lister(con, montres=False)[::37]:
        chiffre = lire_chiffre(con, lire_identifiant(str(m.identifiant())))
        assert chiffre.mesure == m
        assert chiffre.phrase == Redaction(con).phrase(m)
        assert chiffre.identifiant.publication == 2


def test_financeurs_de_deux_graphies(con: duckdb.DuckDBPyConnection) -> None:
    codes = [code_financeur(f) for f in FINANCEURS]
    assert len(set(codes)) == len(FINANCEURS)
    assert all(re.fullmatch(r"\w+", c) and code_financeur(c) == c for c in codes)
    i = Identifiant("montant_subventions", 2025, "departement", "77", financeur=FINANCEURS[1])
    assert lire_chiffre(con, i).mesure.financeur == FINANCEURS[1]


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("zzz.2025.departement-77.repondantes", "l’indicateur « zzz »"),
        ("participations.1999.departement-77.repondantes", "l’année « 1999 »"),
        ("participations.2025.epci-1.repondantes", "le territoire « epci-1 »"),
        ("participations.2025.departement-77.autre", "la vue « autre »"),
        ("participations.2025.departement-77.repondantes.d-zut", "le domaine « zut »"),
        ("participations.2025.departement-77.repondantes.f-x_000000", "chaque partie existe"),
    ],
)
def test_inconnu_dit_quelle_partie(con: duckdb.DuckDBPyConnection, texte: str, attendu: str) -> None:
    with pytest.raises(ChiffreInconnu) as faute:
        lire_chiffre(con, lire_identifiant(texte))
    assert attendu in str(faute.value).replace("\u00a0", " ")


def test_ce_qui_defend_un_chiffre(con: duckdb.DuckDBPyConnection) -> None:
    chiffre = lire_chiffre(con, lire_identifiant("valeur_benevolat.2025.departement-77.representatif"))
    assert {c.id: c.valeur for c in chiffre.constantes}[
        "smic_horaire_brut"
    ] == 11.88  # in force on 31 December 2025
    assert chiffre.reglages == {"tolerance": "0.01"}
    assert [d.depot_id for d in chiffre.depots] == [
        "aaaaaaaaaaaa"
    ]  # neither cancelled, nor of another year or subject
    textes = {r.titre: dict(r.lignes) for r in rubriques(chiffre)}
    assert textes["Poids"]["Taille efficace"] == "28,5"
    assert textes["Poids"]["secteur"].replace("\u00a0", " ") == "Sport → autres : trop peu de répondantes"
    assert textes["Le chiffre"]["Vue"] == "Représentatif"
    assert textes["Le chiffre"]["Intervalle"].startswith("entre 1")
    assert (
        textes["Le chiffre"]["Publication"].replace("\u00a0", " ") == "n° 2 du 03/11/2026"
    )  # 23:30 UTC is the day after
    assert reference(chiffre).startswith("valeur_benevolat.2025.departement-77.representatif@2")


def test_un_chiffre_masque_ne_livre_rien(con: duckdb.DuckDBPyConnection) -> None:
    for m in lister(con, montres=False):
        if m.statut == "secret" and m.indicateur == "part_cdi":
            chiffre = lire_chiffre(con, m.identifiant())
            lignes = {r.titre: r.lignes for r in rubriques(chiffre)}
            (_, pourquoi) = lignes["Pourquoi il n’est pas montré"][-1]
            assert "rien ne dit lequel" in pourquoi and "moins de 5 associations" in pourquoi
            assert not {"Valeur", "Intervalle"} & dict(lignes["Le chiffre"]).keys()
            assert dict(lignes["Le chiffre"])["Associations qui ont répondu"] == "non dit"
            return
    pytest.fail("aucun chiffre masqué")


def test_tous_les_chiffres_s_exposent(con: duckdb.DuckDBPyConnection) -> None:
    for nom, carte in CARTES.items():
        if nom == "nb_salaries":  # dropped from this publication
            continue
        for vue in carte.vues_permises:
            chiffre = lire_chiffre(con, Identifiant(nom, 2025, "departement", "77", vue))
            titres = [r.titre for r in rubriques(chiffre)]
            assert {"Le chiffre", "Ce qu’il mesure", "Poids"} <= set(titres) or nom == "nb_adherents", nom
            assert all(texte and "{" not in texte for r in rubriques(chiffre) for _, texte in r.lignes), nom


def test_evolution_dans_la_fiche(con: duckdb.DuckDBPyConnection) -> None:
    chiffre = lire_chiffre(con, lire_identifiant("part_deficit.2025.departement-77.repondantes"))
    ((_, dite),) = next(r.lignes for r in rubriques(chiffre) if r.titre == "Évolution")
    assert "augmente de 5,0" in dite


@pytest.mark.parametrize(
    ("nom", "attendus"),
    [
        ("heures_benevolat", ("benevolat",)),
        ("nb_adherents", ("associations",)),
        ("part_dirigeantes", ("benevolat",)),
        ("montant_subventions", ("subventions",)),
        ("part_subventions_qpv", ("associations", "ressources")),
        ("stress_etp_25", ("emploi", "ressources")),
        ("autonomie_accord", ("impact",)),
        ("creations_10000", ()),
        ("nb_associations_repondantes", ("associations", "benevolat", "emploi", "impact", "ressources")),
    ],
)
def test_questionnaires_lus(nom: str, attendus: tuple[str, ...]) -> None:
    carte = CARTES[nom]
    assert questionnaires_sources(carte.sql, carte.liees.values()) == attendus


@pytest.mark.parametrize("nom", CARTES)
def test_chaque_carte_a_une_source(nom: str) -> None:
    tables = tables_sources(CARTES[nom].sql, CARTES[nom].liees.values())
    assert tables and all(t.startswith("courant.") or t == "ref.registre" for t in tables)


def test_champs_cites() -> None:
    lus = champs_cites(CARTES["heures_benevolat"].sql, load_enquetes()["benevolat"])
    assert {"heures_total_an", "heures_reguliers", "unite_heures", "nb_semaines_activite"} <= set(lus)


def test_territoires(con: duckdb.DuckDBPyConnection) -> None:
    assert trouver_territoires(con, "melun") == [("arrondissement", "772", "Melun")]
    assert trouver_territoires(con, "epci-200055655")[0][:2] == ("epci", "200055655")
    assert trouver_territoires(con, "ailleurs") == []


# --- publications gone by -------------------------------------------------------------------------


def test_une_publication_effacee_se_relit(settings: Settings) -> None:
    cites = [lire_identifiant(f"{PART}@1"), lire_identifiant(f"{ID}@1")]
    relus = relire(settings, 1, cites)
    assert {i: a.valeur for i, a in relus.items()} == {cites[0]: 0.389, cites[1]: 1234.5}
    assert (date_de(settings, 1), date_de(settings, 9)) == (date_de(settings, 1), None)
    assert date_de(settings, 1) is not None


def test_ni_fichier_ni_chiffres(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(PublicationInconnue):
        relire(settings, 3, [lire_identifiant(ID)])
    autre = Settings(tmp_path)
    fabriquer(autre, 2)
    with pytest.raises(PublicationTropAncienne):
        relire(autre, 1, [lire_identifiant(ID)])
    (verdict,) = verification.verifier(autre, [lire_identifiant(f"{ID}@1")])
    assert (verdict.etat, verdict.est_a_reprendre) == (verification.TROP_ANCIENNE, False)


def test_les_chiffres_gardes_ne_disent_rien_de_plus(settings: Settings) -> None:
    """Nothing but what the public file showed: no deposit, no association, no value of a masked cell."""
    with duckdb.connect() as con:
        lus = con.read_parquet(str(CHIFFRES.final(settings, 1)))
        attendues = {c for colonnes in fichiers.COLONNES_CHIFFRES.values() for c in colonnes} | {
            "version",
            "publie_le",
        }
        assert set(lus.columns) == attendues
        assert con.sql(
            "select count(*) from lus where statut not in ('ok', 'prudence') and valeur is not null"
        ).fetchall() == [(0,)]
        assert con.sql("select count(*) from lus where statut = 'nd'").fetchall() == [(0,)]


def test_elaguer_garde_les_chiffres(tmp_path: Path) -> None:
    """Those of a publication made before they were kept are written when its file goes."""
    reglages = Settings(tmp_path)
    for version in (1, 2, 3):
        fabriquer(reglages, version)
    fichiers.elaguer(reglages, 1)
    assert set(PUBLIC.versions(reglages)) == {3}
    assert set(CHIFFRES.versions(reglages)) == {1, 2}
    (relu,) = relire(reglages, 1, [lire_identifiant(ID)]).values()
    assert relu.valeur == 1234.5
    assert fichiers.derniere_version(reglages) == 3
    fichiers.balayer(reglages)
    assert set(CHIFFRES.versions(reglages)) == {1, 2}


# --- documents ------------------------------------------------------------------------------------

CITES = f"Voir {ID}@2 et ({PART}@1)."


def ecrire(dossier: Path, suffixe: str, texte: str = CITES) -> Path:
    chemin = dossier / f"note{suffixe}"
    if suffixe == ".docx":
        coupe = len(texte) // 2  # Word cuts a paragraph into runs wherever it likes
        corps = f"<w:p><w:r><w:t>{texte[:coupe]}</w:t></w:r><w:r><w:t>{texte[coupe:]}</w:t></w:r></w:p>"
        _zip(chemin, "word/document.xml", f"<w:document>{corps}</w:document>")
    elif suffixe == ".odt":
        _zip(chemin, "content.xml", f"<text:p>{texte[:12]}<text:span>{texte[12:]}</text:span></text:p>")
    elif suffixe == ".html":
        chemin.write_text(f"<p>{texte[:20]}<b>{texte[20:]}</b></p>", encoding="utf-8")
    elif suffixe == ".pdf":
        flux = zlib.compress(f"BT [({texte[:9]}) -20 ({texte[9:]})] TJ ET".encode("latin-1"))
        chemin.write_bytes(b"%PDF-1.7\n1 0 obj <</Length 9>>\nstream\n" + flux + b"\nendstream\nendobj")
    else:
        chemin.write_text(texte, encoding="utf-8")
    return chemin


def _zip(chemin: Path, nom: str, texte: str) -> None:
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr(nom, texte)
        archive.writestr("autre.bin", f"{PART}@99")


@pytest.mark.parametrize("suffixe", [".md", ".txt", ".html", ".docx", ".odt"])
def test_documents_lus(tmp_path: Path, suffixe: str) -> None:
    trouves = chercher_identifiants(texte_du_document(ecrire(tmp_path, suffixe)))
    assert [str(i) for i in trouves] == [f"{ID}@2", f"{PART}@1"]


def test_pdf_metadonnees_et_texte_simple(tmp_path: Path) -> None:
    lu = texte_du_document(ecrire(tmp_path, ".pdf", f"Voir {ID}@2."))
    assert [str(i) for i in chercher_identifiants(lu)] == [f"{ID}@2"]
    utf16 = f"{PART}@1".encode("utf-16-be").hex()
    chemin = tmp_path / "meta.pdf"
    chemin.write_bytes(f"%PDF-1.4\n<< /Keywords <feff{utf16}> >>".encode())
    assert [str(i) for i in chercher_identifiants(texte_du_document(chemin))] == [f"{PART}@1"]


@pytest.mark.parametrize(
    ("nom", "octets"), [("a.docx", b"PK\x03\x04abime"), ("a.exe", b"x"), ("a.pdf", b"rien")]
)
def test_documents_illisibles(tmp_path: Path, nom: str, octets: bytes) -> None:
    chemin = tmp_path / nom
    chemin.write_bytes(octets)
    with pytest.raises(DocumentIllisible):
        texte_du_document(chemin)


@pytest.mark.parametrize(
    ("cite", "etat", "a_reprendre"),
    [
        (f"{ID}@1", verification.A_JOUR, False),
        (f"{ID}@2", verification.A_JOUR, False),
        (f"{PART}@1", verification.PERIME, True),
        (f"{PART}@2", verification.A_JOUR, False),
        ("part_cdi.2025.departement-77.repondantes@1", verification.A_JOUR, False),  # 38,9 % still
        ("nb_adherents.2025.departement-77.repondantes@1", verification.MASQUE, True),
        ("nb_salaries.2025.departement-77.repondantes@1", verification.DISPARU, True),
        ("nb_adherents.2025.departement-77.repondantes@2", verification.JAMAIS, True),
        (f"{ID}@7", verification.INCONNUE, False),
        (ID, verification.SANS_NUMERO, False),
    ],
)
def test_etats(settings: Settings, cite: str, etat: str, a_reprendre: bool) -> None:
    (verdict,) = verification.verifier(settings, [lire_identifiant(cite)])
    assert (verdict.etat, verdict.est_a_reprendre) == (etat, a_reprendre)


def test_perime_dit_avant_et_maintenant(settings: Settings) -> None:
    (verdict,) = verification.verifier(settings, [lire_identifiant(f"{PART}@1")])
    assert verdict.alors.replace("\u00a0", " ") == "38,9 % (entre 35,0 et 42,8 %)"
    assert verdict.maintenant.replace("\u00a0", " ") == "41,0 % (entre 38,0 et 44,0 %)"
    assert verdict.n_maintenant == 34


# --- command line ---------------------------------------------------------------------------------


def test_commande_voir(settings: Settings) -> None:
    code, dit = lancer(settings, PART)
    assert code == 0
    for attendu in (
        f"{PART}@2",
        "on estime à 41,0 % (entre 38,0 et 44,0 %)",
        "Représentatif",
        "Formule",
        "$",
        "select",
    ):
        assert attendu in dit, attendu


def test_commande_voir_json(settings: Settings) -> None:
    code, dit = lancer(settings, f"{ID}@2", "--json")
    objet = json.loads(dit)
    assert (code, objet["mesure"]["valeur"], objet["identifiant"]) == (0, 1234.5, f"{ID}@2")
    assert objet["phrase"].startswith("Les 34")


def test_commande_voir_ancien(settings: Settings) -> None:
    """The file of the publication is gone: what it showed, and what is shown now."""
    code, dit = lancer(settings, f"{PART}@1")
    assert code == 0
    assert "n’est plus gardé" in dit and "PÉRIMÉ" in dit and "38,9 %" in dit and "41,0 %" in dit


@pytest.mark.parametrize("texte", ["n'importe quoi", f"{ID}@9", "zzz.2025.departement-77.repondantes"])
def test_commande_refuse(settings: Settings, texte: str) -> None:
    assert lancer(settings, texte)[0] == 2


def test_commande_sans_publication(tmp_path: Path) -> None:
    for arguments in ([ID], ["lister"], ["verifier", str(ecrire(tmp_path, ".md"))]):
        assert lancer(Settings(tmp_path), *arguments)[0] == 2


def test_commande_verifier(settings: Settings, tmp_path: Path) -> None:
    code, dit = lancer(settings, "verifier", str(ecrire(tmp_path, ".docx")))
    assert code == 1
    assert "2 chiffres cités, 1 à reprendre" in dit and "PÉRIMÉ" in dit
    code, dit = lancer(settings, "verifier", str(ecrire(tmp_path, ".txt", f"{ID}@2")))
    assert (code, "rien à reprendre" in dit) == (0, True)
    code, dit = lancer(settings, "verifier", str(ecrire(tmp_path, ".pdf", "rien")))
    assert (code, "ne se lit pas toujours" in dit) == (0, True)
    (tmp_path / "casse.docx").write_bytes(b"PK")
    assert lancer(settings, "verifier", str(tmp_path / "casse.docx"))[0] == 2


def test_commande_lister(settings: Settings, tmp_path: Path) -> None:
    code, dit = lancer(
        settings, "lister", "--territoire", "Melun", "-i", "part_deficit", "-m", "2025", "--tous"
    )
    assert (code, "arrondissement-772" in dit) == (0, True)
    chemin = tmp_path / "chiffres.csv"
    assert lancer(settings, "lister", "-i", "montant_subventions", "--csv", str(chemin))[0] == 0
    lignes = list(csv.DictReader(io.StringIO(chemin.read_text("utf-8-sig")), delimiter=";"))
    assert {"Ville de L'Haÿ-les-Roses", "tous"} <= {x["financeur"] for x in lignes}
    assert all(x["phrase"] and lire_identifiant(x["identifiant"]).publication == 2 for x in lignes)
    classeur = tmp_path / "chiffres.xlsx"
    lancer(settings, "lister", "-i", "part_deficit", "--csv", str(classeur))
    page = openpyxl.load_workbook(classeur).worksheets[0]
    assert page.max_row > 5 and page.cell(1, 1).value == "identifiant"
    assert lancer(settings, "lister", "--territoire", "ailleurs")[0] == 2
    assert lancer(settings, "lister", "--csv", str(tmp_path / "x.doc"))[0] == 2
