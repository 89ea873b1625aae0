"""The demonstration deposits: invented, reproducible, skewed as real ones, and as messy as said."""

from __future__ import annotations

import csv
import datetime as dt
import re
import statistics
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.cell import coordinate_to_tuple
from python_calamine import CalamineWorkbook
from stdnum.fr import siret

from observatoire.config.settings import Settings
from observatoire.registre import registre
from pipelines import depot

RACINE = Path(__file__).parents[2]
DEMO = RACINE / "data" / "raw" / "demo"
SCRIPT = RACINE / "scripts" / "demonstration.py"
CONTENU = tomllib.loads((SCRIPT.parent / "demonstration" / "contenu.toml").read_text(encoding="utf-8"))
MANIFESTE = tomllib.loads((DEMO / "manifeste.toml").read_text(encoding="utf-8"))["depot"]
REGISTRE = {
    d["genre"]: d["fichier"]
    for d in tomllib.loads((DEMO / "manifeste.toml").read_text(encoding="utf-8"))["registre"]
}
QUESTIONNAIRES = {d["fichier"]: d["questionnaire"] for d in MANIFESTE}
COMMUNES = RACINE / "observatoire" / "territoire" / "data" / "77" / "communes.csv"

# Columns (title as written) of each file, and its first data row.
NOM = {
    "associations-2024-2025.xlsx": "Nom de l’association",
    "benevolat-par-annee.xlsx": "Nom de l’association",
    "emploi-2024-2025.xlsx": "Structure",
    "ressources-2024-2025.xlsx": "Dénomination",
    "utilite-sociale.ods": "Nom de la structure",
    "subventions-scdl.csv": "nomBeneficiaire",
}
# The rows of the table of raw values of the method, each under the name it has in `salissures.csv`.
GENRES = {
    "montant_espaces", "montant_europeen", "montant_americain", "montant_unite", "euros_et_kiloeuros",
    "intervalle", "borne", "approche", "date_dans_nombres", "frequence", "texte_etp", "zero",
    "non_communique", "nsp", "sans_objet", "oui_non", "date_ecrite", "part", "decompose", "mojibake",
    "commune_ecrite", "nom_ecrit", "nom_proche", "donnee_personnelle", "reponse_identique",
    "reponse_contradictoire", "siret_scientifique", "siret_sans_zero", "formule_erreur",
    "formule_non_calculee",
}  # fmt: skip

Grilles = dict[tuple[str, str], list[list[Any]]]


def lire(dossier: Path) -> Grilles:
    """(file, sheet) → rows, for all the deposits of a folder."""
    grilles: Grilles = {}
    for nom in NOM:
        chemin = dossier / nom
        if chemin.suffix == ".csv":
            with chemin.open(encoding="utf-8", newline="") as flux:
                grilles[nom, chemin.stem] = [[v or None for v in ligne] for ligne in csv.reader(flux)]
        elif chemin.suffix == ".ods":
            classeur = CalamineWorkbook.from_path(str(chemin))
            for feuille in classeur.sheet_names:
                rangees = classeur.get_sheet_by_name(feuille).to_python()
                grilles[nom, feuille] = [[None if v == "" else v for v in ligne] for ligne in rangees]
        else:
            for page in load_workbook(chemin).worksheets:
                grilles[nom, page.title] = [list(ligne) for ligne in page.iter_rows(values_only=True)]
    return grilles


@pytest.fixture(scope="module")
def grilles() -> Grilles:
    return lire(DEMO)


@pytest.fixture(scope="module")
def plantees() -> list[dict[str, str]]:
    with (DEMO / "salissures.csv").open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


@pytest.fixture(scope="module")
def abimees(plantees: list[dict[str, str]]) -> set[tuple[str, str, int, int]]:
    """(file, sheet, row, column), 0-based, of the messy cells."""
    return {(p["fichier"], p["feuille"], *_place(p["cellule"])) for p in plantees}


@pytest.fixture(scope="module")
def deux_fois(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    dossiers = (tmp_path_factory.mktemp("un"), tmp_path_factory.mktemp("deux"))
    for dossier in dossiers:
        subprocess.run([sys.executable, str(SCRIPT), "--dossier", str(dossier)], check=True)
    return dossiers


def _place(cellule: str) -> tuple[int, int]:
    ligne, colonne = coordinate_to_tuple(cellule)
    return ligne - 1, colonne - 1


def _tables(grilles: Grilles) -> dict[tuple[str, str], tuple[int, list[str], list[int]]]:
    """For each sheet of answers: row of the titles, titles, rows of data."""
    tables = {}
    for (fichier, feuille), lignes in grilles.items():
        haut = next((i for i, ligne in enumerate(lignes[:10]) if NOM[fichier] in ligne), None)
        if haut is None:
            continue
        titres = [str(t or "") for t in lignes[haut]]
        premiere = titres.index(NOM[fichier])
        lieux = [i for i in range(haut + 1, len(lignes)) if _reponse(lignes[i], premiere, titres)]
        tables[fichier, feuille] = (haut, titres, lieux)
    return tables


def _reponse(ligne: list[Any], premiere: int, titres: list[str]) -> bool:
    """A row of answers: neither blank, nor total, nor note, nor repeated titles."""
    remplies = [v for v in ligne if v is not None]
    return len(remplies) > 2 and ligne[premiere] not in (None, "TOTAL", titres[premiere])


def _colonne(
    grilles: Grilles, fichier: str, titre: str, abimees: set[tuple[str, str, int, int]]
) -> list[tuple[str, int, Any]]:
    """(sheet, row, value) of a column of `fichier`, without the messy cells."""
    valeurs = []
    for (nom, feuille), (_, titres, lieux) in _tables(grilles).items():
        if nom == fichier and titre in titres:
            j = titres.index(titre)
            propres = (i for i in lieux if (nom, feuille, i, j) not in abimees)
            valeurs += [(feuille, i, grilles[nom, feuille][i][j]) for i in propres]
    assert valeurs, (fichier, titre)
    return valeurs


def test_deux_executions_donnent_les_memes_octets(deux_fois: tuple[Path, Path]) -> None:
    un, deux = deux_fois
    noms = sorted(p.name for p in un.iterdir())
    assert {*NOM, "manifeste.toml", "salissures.csv"} <= set(noms)
    assert [(p, (un / p).read_bytes()) for p in noms] == [(p, (deux / p).read_bytes()) for p in noms]


def test_les_fichiers_de_la_demonstration_sont_ceux_du_script(
    deux_fois: tuple[Path, Path], grilles: Grilles
) -> None:
    ecrites = lire(deux_fois[0])
    assert {cle: ecrites[cle] for cle in _tables(ecrites)} == {cle: grilles[cle] for cle in _tables(grilles)}
    for nom in ("manifeste.toml", "salissures.csv", "subventions-scdl.csv", *REGISTRE.values()):
        assert (deux_fois[0] / nom).read_text(encoding="utf-8") == (DEMO / nom).read_text(encoding="utf-8")


def test_six_questionnaires_tous_fictifs_et_legers() -> None:
    assert sorted(QUESTIONNAIRES) == sorted(NOM)
    assert sorted(QUESTIONNAIRES.values()) == [
        "associations",
        "benevolat",
        "emploi",
        "impact",
        "ressources",
        "subventions",
    ]
    assert all(d["fictif"] is True for d in MANIFESTE)
    assert sum((DEMO / f).stat().st_size for f in QUESTIONNAIRES) < 1_500_000


def test_aucune_donnee_personnelle(grilles: Grilles, plantees: list[dict[str, str]]) -> None:
    anciens = {p["ecriture"] for p in plantees if p["champ"] == "rna"}
    textes = {v for lignes in grilles.values() for ligne in lignes for v in ligne if isinstance(v, str)}
    courriels = {v for v in textes if "@" in v}
    assert courriels
    assert all(re.search(r"@exemple\.invalid$", v) for v in courriels)
    telephone = re.compile(r"(?<![\d,])(?:\+33|0)[ .]?[1-9](?:[ .-]?\d{2}){4}(?!\d)")
    assert not [v for v in textes - anciens if telephone.search(v)]
    assert not [v for v in textes if re.search(r"\b(?:M\.|Mme|Mlle|Monsieur|Madame|Président)", v)]


@pytest.mark.parametrize("fichier", NOM)
def test_les_noms_sont_tous_inventes(
    fichier: str, grilles: Grilles, abimees: set[tuple[str, str, int, int]]
) -> None:
    modeles = [m for s in CONTENU["secteurs"].values() for m in s["modeles"]]
    debuts = {re.sub(r" ?\{(de|lieu)\}", "", m) for m in modeles}
    inventes = re.compile(
        f"({'|'.join(map(re.escape, debuts))})( de | d’| )({'|'.join(map(re.escape, CONTENU['lieux']))})"
    )
    noms = {v for _, _, v in _colonne(grilles, fichier, NOM[fichier], abimees)}
    assert len(noms) >= 35
    assert not [n for n in noms if not inventes.fullmatch(n)]


def test_les_lieux_inventes_ne_sont_pas_des_communes() -> None:
    with COMMUNES.open(encoding="utf-8") as flux:
        communes = {c["nom"].casefold() for c in csv.DictReader(flux)}
    assert not communes & {lieu.casefold() for lieu in CONTENU["lieux"]}


def test_toutes_les_communes_existent(grilles: Grilles, abimees: set[tuple[str, str, int, int]]) -> None:
    with COMMUNES.open(encoding="utf-8") as flux:
        communes = {c["nom"] for c in csv.DictReader(flux)}
    sieges = [
        v
        for fichier, titre in (
            ("associations-2024-2025.xlsx", "Commune du siège"),
            ("benevolat-par-annee.xlsx", "Ville"),
            ("emploi-2024-2025.xlsx", "Commune"),
            ("ressources-2024-2025.xlsx", "Commune"),
            ("utilite-sociale.ods", "Commune"),
        )
        for _, _, v in _colonne(grilles, fichier, titre, abimees)
    ]
    assert len(set(sieges)) > 80
    assert set(sieges) <= communes


def test_les_numeros_sont_bien_formes_et_dans_les_blocs_annonces(
    grilles: Grilles, abimees: set[tuple[str, str, int, int]]
) -> None:
    rna = {v for _, _, v in _colonne(grilles, "associations-2024-2025.xlsx", "Numéro RNA", abimees) if v}
    sirets = {v for _, _, v in _colonne(grilles, "associations-2024-2025.xlsx", "Numéro SIRET", abimees) if v}
    for titre in ("idAttribuant", "idBeneficiaire"):
        sirets |= {v for _, _, v in _colonne(grilles, "subventions-scdl.csv", titre, abimees) if v}
    assert 370 <= len(rna) <= 400
    assert len(sirets) > 150
    assert not [v for v in rna if not re.fullmatch(r"W779\d{6}", v)]
    assert not [v for v in sirets if not (v.startswith(("9990", "0999")) and siret.is_valid(v))]
    lisez_moi = (DEMO / "LISEZMOI.md").read_text(encoding="utf-8")
    assert all(f"`{bloc}`" in lisez_moi for bloc in ("W779", "W778", "9990", "0999"))


def test_registre_invente_contient_les_associations_et_d_autres(tmp_path: Path, grilles: Grilles) -> None:
    reglages = Settings(tmp_path)
    for genre, fichier in REGISTRE.items():
        bilan = registre.ajouter(reglages, genre, DEMO / fichier)
        assert bilan.lues == bilan.gardees > 500 and not bilan.sans_commune
    etat = registre.etat(reglages)
    assert etat is not None and etat.actives == etat.lignes > 1600
    with (DEMO / REGISTRE["rna"]).open(encoding="utf-8", newline="") as flux:
        lignes = list(csv.DictReader(flux, delimiter=";"))
    assert all(re.fullmatch(r"W77[89]\d{6}", x["id"]) for x in lignes)
    assert all(siret.is_valid(x["siret"]) for x in lignes if x["siret"])
    inscrits = {x["id"] for x in lignes}
    page = next(g for (nom, _), g in grilles.items() if nom == "associations-2024-2025.xlsx" and len(g) > 100)
    numeros = {v for ligne in page for v in ligne if re.fullmatch(r"W779\d{6}", str(v))}
    assert len(numeros) > 370 and len(numeros & inscrits) > 0.97 * len(numeros)


def test_deux_annees_et_quatre_cents_associations(
    grilles: Grilles, abimees: set[tuple[str, str, int, int]]
) -> None:
    fichier = "associations-2024-2025.xlsx"
    annees = Counter(v for _, _, v in _colonne(grilles, fichier, "Année des données", abimees))
    noms = {v for _, _, v in _colonne(grilles, fichier, NOM[fichier], abimees)}
    assert set(annees) == {2024, 2025}
    assert min(annees.values()) > 340
    assert 390 <= len(noms) <= 400
    assert {f for n, f in grilles if n == "benevolat-par-annee.xlsx"} == {
        "2024",
        "2025",
        "Notice",
        "brouillon",
    }
    assert len(_tables(grilles)["subventions-scdl.csv", "subventions-scdl"][2]) == 601


def _par_nom(
    grilles: Grilles, fichier: str, titres: tuple[str, str], abimees: set[tuple[str, str, int, int]]
) -> dict[tuple[str, Any], Any]:
    """(name, year) → value of a column, both cells clean."""
    titre, annee = titres
    noms = {(f, i): v for f, i, v in _colonne(grilles, fichier, NOM[fichier], abimees)}
    annees = {(f, i): v for f, i, v in _colonne(grilles, fichier, annee, abimees)}
    lues = _colonne(grilles, fichier, titre, abimees)
    return {(noms[f, i], annees[f, i]): v for f, i, v in lues if (f, i) in noms and (f, i) in annees}


def test_les_employeuses_tiennent_l_argent(grilles: Grilles, abimees: set[tuple[str, str, int, int]]) -> None:
    titres = ("Association employeuse", "Année des données")
    employeuses = _par_nom(grilles, "associations-2024-2025.xlsx", titres, abimees)
    fichier = "ressources-2024-2025.xlsx"
    tables = _tables(grilles)[fichier, "Comptes"]
    total = tables[1].index("Ressources")
    noms = {i: v for _, i, v in _colonne(grilles, fichier, NOM[fichier], abimees)}
    annees = {i: v for _, i, v in _colonne(grilles, fichier, "Exercice", abimees)}
    budgets: dict[str, list[int]] = {"oui": [], "non": []}
    for i in tables[2]:
        montant = grilles[fichier, "Comptes"][i][total]
        statut = employeuses.get((noms.get(i, ""), annees.get(i)))
        if statut and (fichier, "Comptes", i, total) not in abimees and i in noms and "€" in str(montant):
            budgets[statut].append(int(re.sub(r"\D", "", montant)))
    part = Counter(v for v in employeuses.values() if v)
    assert part["oui"] / part.total() == pytest.approx(0.18, abs=0.02)
    assert min(len(b) for b in budgets.values()) > 80
    assert sum(budgets["oui"]) > 0.8 * sum(sum(b) for b in budgets.values())


def test_les_heures_sont_tres_inegales(grilles: Grilles, abimees: set[tuple[str, str, int, int]]) -> None:
    fichier = "benevolat-par-annee.xlsx"
    heures = []
    for feuille in ("2024", "2025"):
        _, titres, lieux = _tables(grilles)[fichier, feuille]
        j, unite = titres.index("Heures de bénévolat"), titres.index("Unité")
        for i in lieux:
            ligne = grilles[fichier, feuille][i]
            cases = ((fichier, feuille, i, k) for k in (j, j + 1, unite))
            if ligne[unite] in (None, "par an") and not abimees & set(cases) and isinstance(ligne[j], int):
                heures.append(ligne[j] + ligne[j + 1])
    assert len(heures) > 400
    assert 2.2 < statistics.mean(heures) / statistics.median(heures) < 3.4


def test_une_ligne_sur_dix_est_sale(grilles: Grilles, abimees: set[tuple[str, str, int, int]]) -> None:
    tables = _tables(grilles)
    sales = Counter((fichier, feuille) for fichier, feuille, _ in {place[:3] for place in abimees})
    assert set(sales) == set(tables)
    for cle, (_, _, lieux) in tables.items():
        assert 0.08 < sales[cle] / len(lieux) < 0.14, cle


def test_chaque_genre_de_salissure_est_plante(plantees: list[dict[str, str]]) -> None:
    assert {p["genre"] for p in plantees} >= GENRES


def test_chaque_salissure_est_dans_sa_cellule(grilles: Grilles, plantees: list[dict[str, str]]) -> None:
    for p in plantees:
        ligne, colonne = _place(p["cellule"])
        lu = grilles[p["fichier"], p["feuille"]][ligne][colonne]
        if p["genre"] == "virgule_sans_guillemets":
            assert [lu, grilles[p["fichier"], p["feuille"]][ligne][colonne + 1]] == p["ecriture"].split(",")
        else:
            assert lu == _attendu(p["ecriture"]), p


def _attendu(ecriture: str) -> Any:
    if not ecriture.startswith("@"):
        return ecriture
    brut = ecriture[1:]
    if re.fullmatch(r"\d+", brut):
        return int(brut)
    return dt.datetime.fromisoformat(brut) if re.fullmatch(r"\d{4}-\d\d-\d\d", brut) else brut


def test_une_seule_formule_et_une_seule_erreur(grilles: Grilles) -> None:
    textes = [v for lignes in grilles.values() for ligne in lignes for v in ligne if isinstance(v, str)]
    assert [v for v in textes if v.startswith("=")] == ["=2+1"]
    assert [v for v in textes if v.startswith("#")] == ["#DIV/0!"]


@pytest.mark.lent
@pytest.mark.parametrize("fichier", NOM)
def test_chaque_depot_est_charge_et_chaque_salissure_dite(
    fichier: str, plantees: list[dict[str, str]], tmp_path: Path
) -> None:
    bilan = depot.verifier(DEMO / fichier, Settings(tmp_path))
    assert bilan.refus is None
    assert bilan.questionnaire == QUESTIONNAIRES[fichier]
    assert bilan.millesimes == (2024, 2025)
    assert not bilan.a_revoir
    assert 0 <= bilan.lignes_en_attente < 0.02 * bilan.lignes_lues
    dits: dict[tuple[str | None, int | None, str | None], set[str]] = {}
    for anomalie in bilan.anomalies:
        dits.setdefault((anomalie.feuille, anomalie.ligne, anomalie.cellule), set()).add(anomalie.code)
    ici = [p for p in plantees if p["fichier"] == fichier]
    assert len(ici) > 20
    for p in ici:
        ligne = coordinate_to_tuple(p["cellule"])[0]
        de_la_cellule = dits.get((p["feuille"], ligne, p["cellule"]), set())
        de_la_ligne = dits.get((p["feuille"], ligne, None), set())
        assert (p["code"] in de_la_cellule | de_la_ligne) if p["code"] else not de_la_cellule - {"NB-02"}, p
