"""Indicators: every card of the registry has its texts, its query and its hand-made case tested."""

from __future__ import annotations

import csv
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.domain.parametre import load_parametres
from observatoire.domain.types import type_de
from observatoire.indicators.catalogue import (
    DOSSIER,
    ESTIMATEURS,
    PARTAGES,
    POUR_CENT,
    QUOTIENTS,
    SECRETS,
    SENSIBLES,
    SOURCE,
    THEMES,
    Carte,
    catalogue,
    francais,
)
from observatoire.indicators.run import calculer, lire_constantes, preparer, remplir_unites
from observatoire.indicators.valeurs import COLONNES

CAS = Path(__file__).parents[1] / "cases" / "indicateurs"
CARTES = catalogue()
SUPPLEMENT = {
    "qualite": "varchar",
    "millesime": "integer",
    "cle_association": "varchar",
    "depot_id": "varchar",
}
# One of each subject that the observatory must speak of, and how it is estimated.
SUJETS = {
    "nb_associations_repondantes": "compte", "participations": "total", "heures_benevolat": "total",
    "etp_benevolat": "total", "valeur_benevolat": "total", "heures_mediane": "mediane", "viva": "ratio",
    "nb_salaries": "total", "etp_salaries": "total", "part_cdi": "ratio", "part_temps_partiel": "ratio",
    "part_etp_fragiles": "ratio", "budget_total": "total", "budget_median": "mediane",
    "part_financement_public": "ratio", "hhi_financeurs": "moyenne", "part_premier_financeur": "moyenne",
    "reserves_mois": "mediane", "heures_par_aap": "ratio", "part_pluriannuel": "ratio",
    "stress_10": "proportion", "stress_25": "proportion", "stress_50": "proportion", "stress_100": "proportion",
    "stress_etp_10": "total", "stress_etp_100": "total", "part_dirigeantes": "ratio",
    "part_dirigeants_65_plus": "ratio", "taux_renouvellement_dirigeants": "ratio", "nb_adherents": "total",
    "ons4_satisfaction": "moyenne", "ons4_utilite": "moyenne", "ons4_bonheur": "moyenne", "ons4_anxiete": "moyenne",
    "oms5": "moyenne", "gses": "moyenne", "oms5_changement": "moyenne", "oms5_part_hausse": "ratio",
    "confiance_accord": "ratio", "confiance_desaccord": "ratio", "confiance_solde": "ratio", "confiance_nsp": "ratio",
    "non_recours_100": "ratio", "montant_subventions": "total", "gini_subventions": "gini",
    "subventions_par_habitant": "par_habitant", "etp_1000_habitants": "par_habitant",
    "gini_subventions_territoires": "gini_territoires", "part_associations_qpv": "proportion",
    "creations_10000": "par_habitant",
}  # fmt: skip
MESURES = {
    "indicateur": "VARCHAR", "millesime": "INTEGER", "niveau": "VARCHAR", "code_territoire": "VARCHAR",
    "domaine": "VARCHAR", "financeur": "VARCHAR", "vue": "VARCHAR", "valeur": "DOUBLE",
    "borne_basse": "DOUBLE", "borne_haute": "DOUBLE", "cv": "DOUBLE", "n_repondants": "INTEGER",
    "taux_reponse": "DOUBLE", "statut": "VARCHAR", "publication": "INTEGER",
}  # fmt: skip
DOMAINES = ("sport", "culture", "social", "non_classe")
# commune → arrondissement, EPCI, canton: not nested in one another
COMMUNES = {
    "77288": ("772", "E1", "C1"), "77152": ("772", "E1", "C2"), "77296": ("772", "E2", "C1"),
    "77284": ("771", "E3", "C2"), "77143": ("771", "E3", "C3"), "77186": ("774", "E2", "C3"),
}  # fmt: skip
NIVEAUX_COMMUNE = ("arrondissement", "epci", "canton")


class TerritoireFictif:
    """Six communes in zones that cross each other."""

    def zones(self, niveau: str) -> tuple[SimpleNamespace, ...]:
        rang = {n: i for i, n in enumerate(NIVEAUX_COMMUNE)}
        if niveau == "departement":
            codes = ["77"]
        elif niveau == "commune":
            codes = list(COMMUNES)
        elif niveau not in rang:
            codes = []
        else:
            codes = sorted({zones[rang[niveau]] for zones in COMMUNES.values()})
        return tuple(
            SimpleNamespace(
                niveau=niveau, code=c, libelle=f"Zone {c}", population=1000, note="", code_departement="77"
            )
            for c in codes
        )

    def rattachements(self) -> Iterator[tuple[str, str, str]]:
        for commune, zones in COMMUNES.items():
            yield commune, "departement", "77"
            yield commune, "commune", commune
            for niveau, code in zip(NIVEAUX_COMMUNE, zones, strict=True):
                yield commune, niveau, code

    def appartenances(self) -> Iterator[tuple[str, str, str]]:
        return iter(())


def lire(chemin: Path) -> list[dict[str, str | None]]:
    with chemin.open(encoding="utf-8", newline="") as flux:
        return [{k: v or None for k, v in ligne.items()} for ligne in csv.DictReader(flux)]


def remplir(con: duckdb.DuckDBPyConnection, table: str, lignes: Iterable[Mapping[str, Any]]) -> None:
    for ligne in lignes:
        noms, valeurs = list(ligne), list(ligne.values())
        con.execute(f"insert into {table} ({', '.join(noms)}) values ({', '.join('?' * len(noms))})", valeurs)


def entrepot(reponses: Mapping[str, Iterable[Mapping[str, Any]]]) -> duckdb.DuckDBPyConnection:
    """A warehouse with the true columns of every questionnaire and these rows."""
    con = duckdb.connect()
    con.execute("create schema courant; create schema ref")
    for nom, enquete in load_enquetes().items():
        champs = {c.name: type_de(c).sql for c in enquete.champs_actifs()} | SUPPLEMENT
        con.execute(f"create table courant.{nom} ({', '.join(f'{c} {t}' for c, t in champs.items())})")
        remplir(con, f"courant.{nom}", reponses.get(nom, ()))
    con.execute("create table ref.domaines (code varchar, libelle varchar)")
    remplir(con, "ref.domaines", ({"code": d, "libelle": d.title()} for d in DOMAINES))
    con.execute(
        "create table ref.parametres (id varchar, valeur double, unite varchar, valable_du date, "
        "valable_au date, source varchar, statut varchar)"
    )
    remplir(con, "ref.parametres", lire(CAS / "entree_parametres.csv"))
    con.execute(
        "create table ref.registre (cle_association varchar, annee_creation integer, code_commune varchar, "
        "secteur varchar)"
    )
    return con


@pytest.fixture(scope="module")
def cas() -> Iterator[duckdb.DuckDBPyConnection]:
    """The units of all indicators on the small world of `cases/indicateurs/entree_*.csv`."""
    noms = {p.stem.removeprefix("entree_") for p in CAS.glob("entree_*.csv")} - {"parametres", "registre"}
    assert noms == set(load_enquetes())
    con = entrepot({nom: lire(CAS / f"entree_{nom}.csv") for nom in noms})
    remplir(con, "ref.registre", lire(CAS / "entree_registre.csv"))
    preparer(con)
    remplir_unites(con, CARTES.values())
    yield con
    con.close()


# --- the registry ---------------------------------------------------------------------------------


def test_identifiants() -> None:
    assert {nom: CARTES[nom].estimateur for nom in SUJETS} == SUJETS
    assert len(CARTES) >= 45
    assert {c.theme for c in CARTES.values()} == set(THEMES)
    assert {c.estimateur for c in CARTES.values()} == set(ESTIMATEURS)


def test_une_requete_sert_plusieurs_cartes() -> None:
    """Families share one query with parameters, and no two cards compute the same thing."""
    calculs = {(c.sql, str(sorted(c.liees.items())), c.estimateur) for c in CARTES.values()}
    assert len(calculs) == len(CARTES)
    assert len({c.sql for c in CARTES.values()}) < len(CARTES) / 2


def test_reperes() -> None:
    """A benchmark has its year, territory and source, in the unit of the card, and reads in the table of cards."""
    avec = [c for c in CARTES.values() if c.repere_valeur is not None]
    assert {c.nom for c in avec} >= {"part_temps_partiel", "etp_par_poste", "creations_10000"}
    for carte in avec:
        assert carte.repere_valeur is not None
        assert carte.repere_territoire and re.search(r"\b(19|20)\d\d\b", carte.repere_annee)
        assert len(carte.repere_source) > 10
        assert carte.unite != "part" or 0 < carte.repere_valeur < 1
        assert carte.repere_valeur_haute is None or carte.repere_valeur < carte.repere_valeur_haute


def test_jamais_une_economie() -> None:
    """The value of volunteering is never told as money saved: not in a card, a page, a document or a template."""
    mot = re.compile(r"\béconomi(?:e|es|ser|sée?s?)\b", re.IGNORECASE)
    racine = DOSSIER.parents[1]
    textes = [
        chemin
        for dossier in (racine / "dashboards", racine / "pipelines", racine / "observatoire")
        for chemin in dossier.rglob("*")
        if chemin.suffix in (".py", ".toml", ".typ", ".html", ".md", ".ipynb") and chemin.is_file()
    ]
    assert len(textes) > 250 and any(c.name == "valeur_benevolat.toml" for c in textes)
    assert [c.name for c in textes if mot.search(c.read_text(encoding="utf-8"))] == []
    assert mot.search("une Économie pour la commune")


@pytest.mark.parametrize(("echelle", "dit"), [("ons4", "pas été validée"), ("gses", "à remplacer par")])
def test_traduction_dite(echelle: str, dit: str) -> None:
    """A scale asked in a working translation says so in each of its cards, as in the questionnaire."""
    fiches = [c for nom, c in CARTES.items() if nom.startswith(echelle)]
    assert len(fiches) >= 2
    assert all("traduction de travail" in c.precautions and dit in c.precautions for c in fiches)
    champs = [c for c in load_enquetes()["impact"].champs_actifs() if c.name.startswith(f"{echelle}_")]
    assert len(champs) >= 4
    assert all("traduction de travail" in c.description for c in champs if "score" not in c.name)


def test_tout_est_utilise() -> None:
    """No query without a card."""
    requetes = {p.stem for theme in (*THEMES, PARTAGES) for p in (DOSSIER / theme).glob("*.sql")}
    assert requetes == {c.requete or nom for nom, c in CARTES.items()}


@pytest.mark.parametrize("carte", CARTES.values(), ids=CARTES)
def test_textes(carte: Carte) -> None:
    """Texts are complete sentences, with French typography, and their constants are printed."""
    constantes = {f"{prefixe}{nom}{suffixe}" for nom in carte.constantes_lues
                  for prefixe in ("", SOURCE) for suffixe in ("", POUR_CENT)}  # fmt: skip
    textes = carte.textes(dict.fromkeys(constantes, "1 607"))
    for cle in ("titre", "raison_secret", "dit", "ne_dit_pas"):
        textes[cle] = getattr(carte, cle)
    assert textes["definition"].count(". ") == 0
    for cle, texte in textes.items():
        assert texte[0].isupper() or texte[0].isdigit(), cle
        assert "{" not in texte and "'" not in texte, cle
        assert not re.search(r"[^\s] ?[ \u00a0][;!?]|[^\u00a0\u202f\s][;!?»]|[ \w]:|« ", texte), cle
        assert cle == "titre" or texte.endswith("."), cle


@pytest.mark.parametrize("carte", CARTES.values(), ids=CARTES)
def test_requete(carte: Carte) -> None:
    """SQL stays short, lower case, explicit and in the subset that other engines run."""
    lignes = carte.sql.splitlines()
    code = sans_notes(carte.sql)
    assert 10 <= len(lignes) <= 60
    assert max(map(len, lignes)) <= 120
    hors_textes = re.sub(r"'[^']*'", "''", code)
    assert hors_textes == hors_textes.lower()
    interdits = (
        r"\b(pivot|arg_max|arg_min|quantile_cont|list|unnest|exclude|qualify|array_agg|range)\b|::|\[|\{"
    )
    assert not re.search(interdits, code)
    assert all(re.match(r"\s*(nullif\(|\d)", reste) for reste in code.split("/")[1:])


def sans_notes(sql: str) -> str:
    return "\n".join(ligne.split("--")[0] for ligne in sql.splitlines())


def test_macros_portables() -> None:
    macros = sorted((DOSSIER / "macros").glob("*.sql"))
    assert len(macros) >= 10
    for chemin in macros:
        texte = chemin.read_text(encoding="utf-8")
        assert texte.startswith("-- grain: "), chemin.name
        assert len(texte.splitlines()) <= 60, chemin.name
        assert not re.search(r"\b(pivot|arg_max|quantile_cont|exclude|qualify)\b|::|\[", texte), chemin.name
        assert all(re.match(r"\s*(nullif\(|\d)", reste) for reste in sans_notes(texte).split(" / ")[1:])


def test_fautes_toutes_dites(tmp_path: Path) -> None:
    """A faulty registry never loads: each fault is named with its file, in one error."""
    bonne = (DOSSIER / "emploi" / "nb_salaries.toml").read_text(encoding="utf-8")
    sql = (DOSSIER / "emploi" / "nb_salaries.sql").read_text(encoding="utf-8")
    (tmp_path / "emploi").mkdir()
    (tmp_path / "ressources").mkdir()
    for nom, carte, requete in (
        ("bonne", bonne, sql),
        ("sans_requete", bonne, None),
        ("sans_grain", bonne, "select 1"),
        ("estimateur", bonne.replace('"total"', '"medianne"'), sql),
        ("cle", bonne.replace("titre =", "tittre ="), sql),
        ("genre", bonne.replace("decimales = 0", 'decimales = "0"'), sql),
        ("repere", "repere_valeur = 2.2\n" + bonne, sql),
        ("liee", bonne, sql + "and e.annee = $annee"),
        ("inutile", bonne + "\n[parametres]\nrien = 1\n", sql),
        ("famille", bonne + "\n", sql),
    ):
        texte = carte if nom != "famille" else 'famille_secret = "absente"\n' + carte
        (tmp_path / "emploi" / f"{nom}.toml").write_text(texte, encoding="utf-8")
        if requete:
            (tmp_path / "emploi" / f"{nom}.sql").write_text(requete, encoding="utf-8")
    for suffixe, texte in (("toml", bonne), ("sql", sql)):
        (tmp_path / "ressources" / f"bonne.{suffixe}").write_text(texte, encoding="utf-8")
    with pytest.raises(ValueError) as erreur:
        catalogue(tmp_path)
    message = str(erreur.value)
    for attendu in (
        "sans_requete.toml : requête « sans_requete.sql » absente",
        "sans_grain.toml : sans_grain.sql : la première ligne",
        "estimateur « medianne » inconnu",
        "clé « tittre » inconnue",
        "clé « titre » manquante",
        "clé « decimales » : int attendu",
        "repère incomplet : repere_territoire, repere_annee, repere_source",
        "paramètre « $annee » sans valeur",
        "paramètre « rien » inutilisé",
        "famille : famille de secret « absente » inconnue",
        "ressources/bonne.toml : nom déjà pris",
    ):
        assert attendu in message
    assert "emploi/bonne.toml" not in message


def test_constantes_livrees() -> None:
    """The dated constants that are shipped hold all those that the cards need, today's SMIC included."""
    fournis = {p.id for p in load_parametres()}
    assert set().union(*(c.constantes_lues for c in CARTES.values())) <= fournis
    assert {"heures_etp", "smic_horaire_brut"} <= fournis


def test_constante_manquante() -> None:
    con = entrepot({})
    con.execute("delete from ref.parametres where id in ('heures_etp', 'secret_min_personnes')")
    with pytest.raises(ValueError, match="heures_etp, secret_min_personnes"):
        lire_constantes(con, CARTES)


@pytest.mark.parametrize(
    ("valeur", "texte"), [(1607.0, "1\u202f607"), (12.02, "12,02"), (0.85, "0,85"), (2, "2")]
)
def test_francais(valeur: float, texte: str) -> None:
    assert francais(valeur) == texte


# --- one association, one year: cases computed by hand --------------------------------------------


def nombre(valeur: Any) -> Any:
    return None if valeur is None else pytest.approx(float(valeur), rel=1e-6)


@pytest.mark.parametrize("nom", CARTES)
def test_cas(cas: duckdb.DuckDBPyConnection, nom: str) -> None:
    attendues = lire(CAS / f"{nom}.csv")
    assert attendues
    assert list(attendues[0]) == list(COLONNES)
    tri = "order by cle_association, millesime, financeur"
    obtenues = cas.execute(
        f"select {', '.join(COLONNES)} from unites where indicateur = $nom {tri}", {"nom": nom}
    ).fetchall()
    triees = sorted(attendues, key=lambda u: (u["cle_association"], u["millesime"], u["financeur"]))
    for obtenue, attendue in zip(obtenues, triees, strict=True):
        textes = {c: attendue[c] for c in ("cle_association", "code_commune", "domaine", "financeur")}
        ligne = dict(zip(COLONNES, obtenue, strict=True))
        assert {c: ligne[c] for c in textes} == textes
        chiffres = [c for c in COLONNES if c not in textes]
        assert {c: ligne[c] for c in chiffres} == {c: nombre(attendue[c]) for c in chiffres}


def test_vecteurs_publies(cas: duckdb.DuckDBPyConnection) -> None:
    """2 355 h are 1.465 FTE and 28 307.10 € at 12.02 €; OMS-5 (3, 3, 2, 4, 1) is 52."""
    lignes = cas.execute(
        "select indicateur, round(valeur, 3) from unites "
        "where millesime = 2026 and cle_association like '%001'"
    ).fetchall()
    vecteurs = dict(lignes)
    assert (vecteurs["heures_benevolat"], vecteurs["etp_benevolat"]) == (2355, 1.465)
    assert vecteurs["valeur_benevolat"] == 28307.10
    notes = cas.execute(
        "select note from base_effets where question = 'oms5' and nb = 1 and millesime = 2025"
    ).fetchall()
    assert notes == [(52.0,)]


def test_concentration_publiee(cas: duckdb.DuckDBPyConnection) -> None:
    """Funders of 60, 25, 10 and 5 thousand euros make an index of 0.435."""
    vecteur = cas.execute(
        "select valeur from unites where indicateur = 'hhi_financeurs' and cle_association like '%003'"
    ).fetchall()
    assert vecteur == [(pytest.approx(0.435),)]


def test_un_code_relie_deux_reponses_et_pas_plus(cas: duckdb.DuckDBPyConnection) -> None:
    """Before and after of one person; a code used twice, never met again or of the comparison group pairs nobody."""
    paires = cas.execute(
        "select personne, avant, apres from base_paires where question = 'oms5' order by personne"
    ).fetchall()
    assert paires == [("LU14", 40, 52), ("MA03", 80, 76)]
    codes = {c for (c,) in cas.execute("select distinct code_vague from courant.impact").fetchall()}
    assert {"VE21", "JU30", "CC01"} < codes


def test_grain(cas: duckdb.DuckDBPyConnection) -> None:
    doublons = cas.execute(
        "select indicateur, cle_association, millesime, financeur from unites "
        "group by all having count(*) > 1"
    ).fetchall()
    assert doublons == []
    assert {n for (n,) in cas.execute("select distinct indicateur from unites").fetchall()} == set(CARTES)


def test_refus_de_publication(cas: duckdb.DuckDBPyConnection) -> None:
    """An association that says no is in no survey figure of any year; what funders publish stays."""
    lignes = cas.execute("select distinct indicateur from unites where cle_association = 'RNA:W770000009'")
    publics = {nom for nom, carte in CARTES.items() if carte.secret == "aucun"}
    assert {nom for (nom,) in lignes.fetchall()} == publics >= {"montant_subventions"}
    assert cas.execute(
        "select count(*) from courant.emploi where cle_association like '%009'"
    ).fetchone() == (1,)


# --- the table mesures ----------------------------------------------------------------------------


def reponses_au_hasard(graine: int, combien: int) -> dict[str, list[dict[str, Any]]]:
    """Answers of `combien` associations over two years, with holes."""
    rng = random.Random(graine)
    reponses: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for i in range(combien):
        base: dict[str, Any] = {
            "cle_association": f"RNA:W77{i:07d}",
            "commune": rng.choices([*COMMUNES, "75056", None], [40, 25, 10, 10, 8, 5, 1, 1])[0],
        }
        secteur = rng.choices(DOMAINES, [50, 20, 25, 5])[0]
        for annee in (2024, 2025):
            ligne = base | {"millesime": annee}
            salaries = rng.choice([0, 0, 1, 2, 5, 40])
            total = rng.choice([1000, 5000, 20000, 800000])
            reponses["associations"].append(ligne | {
                "secteur": secteur, "rna": base["cle_association"][4:], "annee_creation": 2020 - i % 30,
                "nb_adherents": 10 + i, "nb_adherents_femmes": i // 3, "employeuse": salaries > 0,
                "nb_beneficiaires": 20 + i, "nb_situations_non_recours": i // 4, "qpv": i % 3 == 0,
            })  # fmt: skip
            if rng.random() < 0.8:
                reponses["benevolat"].append(ligne | {
                    "nb_benevoles_reguliers": rng.randint(0, 20), "nb_benevoles_occasionnels": 3,
                    "heures_total_an": rng.choice([0, 50, 300, 5000]),
                })  # fmt: skip
            if rng.random() < 0.7:
                reponses["emploi"].append(ligne | {
                    "nb_salaries": salaries, "nb_cdi": salaries // 2, "nb_temps_partiel": salaries // 3,
                    "etp_total": salaries * 0.7,
                })  # fmt: skip
                reponses["ressources"].append(ligne | {
                    "montant_total": total, "montant_sub_commune": total * 0.3, "montant_sub_etat": i,
                    "montant_charges": total * (0.7 + 0.4 * rng.random()), "montant_fonds_propres": total / 4,
                    "montant_premier_financeur": total * rng.random(),
                })  # fmt: skip
            if rng.random() < 0.5:
                reponses["impact"].append(ligne | {
                    "nb_repondants": rng.randint(1, 15), "ons4_satisfaction": rng.randint(0, 10),
                    "ons4_utilite": 5, "ons4_bonheur": 6, "ons4_anxiete": 2, "oms5_score": 50,
                })  # fmt: skip
            reponses["subventions"].append({
                "cle_association": base["cle_association"], "millesime": annee,
                "nom_attribuant": rng.choice(["Ville", "Région"]), "nom_beneficiaire": "x",
                "montant": rng.randint(1, 900),
            })  # fmt: skip
    return reponses


@pytest.fixture(scope="module")
def publie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    con = entrepot(reponses_au_hasard(7, 120))
    settings = Settings(tmp_path_factory.mktemp("donnees"))
    calculer(con, settings, TerritoireFictif(), version=3)  # type: ignore[arg-type]
    yield con
    con.close()


def test_colonnes(publie: duckdb.DuckDBPyConnection) -> None:
    colonnes = publie.execute("select column_name, column_type from (describe pub.mesures)").fetchall()
    assert dict(colonnes) == MESURES
    assert list(dict(colonnes)) == list(MESURES)


def test_grain_des_mesures(publie: duckdb.DuckDBPyConnection) -> None:
    cle = "indicateur, millesime, niveau, code_territoire, domaine, financeur, vue"
    total, distincts = publie.execute(
        f"select count(*), count(distinct ({cle})) from pub.mesures"
    ).fetchall()[0]
    assert total == distincts > 1000
    assert publie.execute(
        "select distinct vue, publication, cv, taux_reponse from pub.mesures"
    ).fetchall() == [("repondantes", 3, None, None)]


def test_grille_complete(publie: duckdb.DuckDBPyConnection) -> None:
    """Every declared cell is there, answered or not; commune × sector and effects by commune never are."""
    lignes = publie.execute(
        "select indicateur, niveau, count(*) from pub.mesures where financeur = 'tous' group by all"
    ).fetchall()
    obtenues = {(i, n): nb for i, n, nb in lignes}
    zones = {n: len(TerritoireFictif().zones(n)) for n in ("departement", *NIVEAUX_COMMUNE, "commune")}
    attendues = {
        (nom, niveau): 2 * zones[niveau] * (1 if niveau == "commune" else 1 + len(DOMAINES))
        for nom, carte in CARTES.items()
        for niveau in zones
        if (carte.communes or niveau != "commune") and (niveau != "canton" or carte.theme not in SENSIBLES)
    }
    assert obtenues == attendues
    assert not [nom for nom, carte in CARTES.items() if carte.theme == "effets" and carte.communes]


def test_statuts(publie: duckdb.DuckDBPyConnection) -> None:
    """A masked or empty cell shows nothing; a shown cell has at least five associations."""
    lignes = publie.execute(
        "select indicateur, statut, valeur, borne_basse, borne_haute, n_repondants from pub.mesures"
    ).fetchall()
    vus: dict[str, int] = defaultdict(int)
    for indicateur, statut, valeur, basse, haute, n in lignes:
        vus[statut] += 1
        if statut == "secret":
            assert (valeur, basse, haute, n) == (None, None, None, None)
        elif statut == "nd":
            assert (valeur, basse, haute, n) == (None, None, None, 0)
        else:
            assert statut == "ok" and valeur is not None
            assert n >= (1 if CARTES[indicateur].secret == "aucun" else 5)
            assert ((basse, haute) == (None, None)) is (indicateur != "valeur_benevolat")
    assert min(vus["ok"], vus["secret"], vus["nd"]) > 20


def test_estimateurs(publie: duckdb.DuckDBPyConnection) -> None:
    """Each shown cell equals a plain loop over the units, whatever the estimator."""
    rattachements: dict[str | None, list[tuple[str, str]]] = defaultdict(list)
    for commune, niveau, code in TerritoireFictif().rattachements():
        rattachements[commune].append((niveau, code))
    unites: dict[tuple[Any, ...], list[tuple[Any, ...]]] = defaultdict(list)
    for nom, cle, annee, commune, domaine, financeur, *valeurs in publie.execute(
        f"select indicateur, {', '.join(COLONNES)} from unites"
    ).fetchall():
        for niveau, code in {("departement", "77"), *rattachements[commune]}:
            for d in ("tous", domaine):
                for f in {"tous", financeur or "tous"}:
                    unites[nom, annee, niveau, code, d, f].append((cle, *valeurs))
    compares, vus = 0, set()
    for *cellule, valeur, haute, n in publie.execute(
        "select indicateur, millesime, niveau, code_territoire, domaine, financeur, valeur, borne_haute, "
        "n_repondants from pub.mesures where statut = 'ok'"
    ).fetchall():
        lignes = unites[tuple(cellule)]
        cles = {u[0] for u in lignes}
        vus.add(CARTES[cellule[0]].estimateur)
        assert valeur == pytest.approx(attendue(unites, tuple(cellule)), rel=1e-9)
        assert n == len(cles)
        assert haute is None or haute == pytest.approx(sum(u[4] for u in lignes), rel=1e-9)
        compares += 1
    assert compares > 200
    assert vus >= set(ESTIMATEURS) - {"gini_territoires"}


def attendue(unites: Mapping[tuple[Any, ...], list[tuple[Any, ...]]], cellule: tuple[Any, ...]) -> float:
    """The figure of a cell, from its units, by a plain loop. Every zone of the test has 1 000 inhabitants."""
    lignes = unites[cellule]
    valeurs = sorted(u[1] for u in lignes)
    estimateur = CARTES[cellule[0]].estimateur
    if estimateur == "compte":
        return len({u[0] for u in lignes})
    if estimateur in QUOTIENTS:
        return sum(valeurs) / sum(u[2] for u in lignes)
    if estimateur == "mediane":
        return statistics.median(valeurs)
    if estimateur == "gini":
        return gini(valeurs)
    if estimateur == "par_habitant":
        return sum(valeurs) / 1000
    if estimateur == "gini_territoires":
        nom, annee, _, _, *reste = cellule
        zones = ((nom, annee, "epci", z.code, *reste) for z in TerritoireFictif().zones("epci"))
        return gini([sum(u[1] for u in unites[zone]) for zone in zones if unites.get(zone)])
    assert estimateur == "total"
    return sum(valeurs)


def gini(valeurs: list[float]) -> float:
    """Mean absolute difference over twice the mean: another way than the query's."""
    ecarts = sum(abs(a - b) for a in valeurs for b in valeurs)
    return ecarts / (2 * len(valeurs) * sum(valeurs))


@pytest.mark.parametrize(
    ("valeurs", "indice", "milieu"), [([0, 1, 2, 3, 14], 0.6, 2), ([5, 5, 5, 5], 0, 5), ([1, 9], 0.4, 5)]
)
def test_gini_et_mediane(valeurs: list[float], indice: float, milieu: float) -> None:
    assert gini(valeurs) == pytest.approx(indice)
    con = duckdb.connect()
    con.execute("create table zones as select 'departement' as niveau, '77' as code")
    con.execute(
        "create table rattachements (code_commune varchar, niveau varchar, code varchar); "
        "create table regles as select * from (values ('a', 'gini', true), ('b', 'mediane', true)) "
        "as r(indicateur, estimateur, communes)"
    )
    con.execute(
        "create table unites (indicateur varchar, millesime integer, domaine varchar, valeur double, "
        "code_commune varchar)"
    )
    con.executemany(
        "insert into unites values (?, 2025, 'sport', ?, null)", [(i, v) for i in "ab" for v in valeurs]
    )
    requete = (DOSSIER / "macros" / "distributions.sql").read_text(encoding="utf-8")
    lignes = con.execute(f"select indicateur, gini, mediane from ({requete}) where domaine = 'tous'")
    obtenus = {i: (g, m) for i, g, m in lignes.fetchall()}
    assert obtenus["a"][0] == pytest.approx(indice, abs=1e-12)
    assert obtenus["b"][1] == milieu


def test_inegalite_entre_territoires(publie: duckdb.DuckDBPyConnection) -> None:
    """The index comes from zones that are shown, and from them all; elsewhere there is none."""
    lignes = publie.execute(
        "select indicateur, niveau, millesime, domaine, valeur, statut from pub.mesures "
        "where indicateur like 'gini_%_territoires'"
    ).fetchall()
    assert {statut for _, niveau, *_, statut in lignes if niveau != "departement"} == {"nd"}
    masquees = set(
        publie.execute(
            "select indicateur, millesime, domaine from pub.mesures where niveau = 'epci' and statut = 'secret'"
        ).fetchall()
    )
    publies = 0
    for nom, niveau, annee, domaine, valeur, statut in lignes:
        if niveau != "departement":
            continue
        source = "etp_salaries" if nom == "gini_etp_territoires" else nom
        if (source, annee, domaine) in masquees:
            assert (valeur, statut) == (None, "secret")
        elif statut == "ok":
            publies += 1
            points = publie.execute(
                "select part_population, part_valeur from pub.lorenz "
                "where indicateur = ? and millesime = ? and domaine = ? order by rang",
                [nom, annee, domaine],
            ).fetchall()
            assert points[-1] == pytest.approx((1, 1))
            aire = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise([(0.0, 0.0), *points]))
            assert valeur == pytest.approx(1 - 2 * aire)
    assert publies >= 4


def test_financeurs(publie: duckdb.DuckDBPyConnection) -> None:
    """Subsidies by funder add up to 'tous', and to the deposited rows; no other indicator has funders."""
    lignes = publie.execute(
        "select millesime, financeur, valeur from pub.mesures where indicateur = 'montant_subventions' "
        "and niveau = 'departement' and domaine = 'tous'"
    ).fetchall()
    montants = {(a, f): v for a, f, v in lignes}
    sources = publie.execute(
        "select millesime, nom_attribuant, sum(montant) from courant.subventions group by all"
    ).fetchall()
    assert {(a, f): float(v) for a, f, v in sources} == {c: v for c, v in montants.items() if c[1] != "tous"}
    for annee in (2024, 2025):
        assert montants[annee, "tous"] == montants[annee, "Ville"] + montants[annee, "Région"]
    autres = publie.execute(
        "select distinct indicateur from pub.mesures where financeur <> 'tous'"
    ).fetchall()
    assert autres == [("montant_subventions",)]


def test_famille_masquee_ensemble(publie: duckdb.DuckDBPyConnection) -> None:
    """Hours, FTE and value are one figure in three units: a cell masked in one is masked in all."""
    statuts = defaultdict(set)
    for nom, *cellule, statut in publie.execute(
        "select indicateur, millesime, niveau, code_territoire, domaine, statut from pub.mesures"
    ).fetchall():
        if CARTES[nom].famille == "heures_benevolat":
            statuts[tuple(cellule)].add(statut)
    assert len(statuts) > 50
    assert all(len(s) == 1 for s in statuts.values())
    assert {"ok"} in statuts.values() and {"secret"} in statuts.values()


def test_fiches(publie: duckdb.DuckDBPyConnection) -> None:
    """The published cards carry their base and their SQL, and every indicator of `mesures` has one."""
    lignes = publie.execute(
        "select indicateur, definition, sql, secret, theme from pub.indicateurs"
    ).fetchall()
    fiches = {nom: reste for nom, *reste in lignes}
    assert list(fiches) == list(CARTES)
    assert "1\u202f607" in fiches["etp_benevolat"][0]
    for nom, (_, sql, secret, theme) in fiches.items():
        assert (sql, theme) == (CARTES[nom].sql, CARTES[nom].theme)
        assert secret in SECRETS
    publies = publie.execute("select distinct indicateur from pub.mesures").fetchall()
    assert {n for (n,) in publies} == set(CARTES)


def test_tables_de_reference(publie: duckdb.DuckDBPyConnection) -> None:
    communes = publie.execute(
        "select code, code_arrondissement, code_epci, code_canton, population from pub.communes"
    ).fetchall()
    assert {c: tuple(zones) for c, *zones, _ in communes} == COMMUNES
    assert {p for *_, p in communes} == {1000}
    niveaux = publie.execute("select niveau, count(*) from pub.territoires group by niveau").fetchall()
    assert dict(niveaux) == {"departement": 1, "arrondissement": 3, "epci": 3, "canton": 3, "commune": 6}
    assert publie.execute("select code from pub.domaines").fetchall() == [(d,) for d in DOMAINES]
    assert publie.execute("select count(*) from pub.parametres").fetchone() == (
        len(lire(CAS / "entree_parametres.csv")),
    )


def test_base_attachee_et_vide(tmp_path: Path) -> None:
    """The tables also go to an attached database; without any answer, they are there and empty."""
    con = entrepot({})
    fichier = tmp_path / "cible.duckdb"
    con.execute(f"attach '{fichier}' as cible")
    calculer(con, Settings(tmp_path), TerritoireFictif(), version=1, schema="cible")  # type: ignore[arg-type]
    con.close()
    with duckdb.connect(str(fichier), read_only=True) as lue:
        assert lue.execute("select count(*) from mesures").fetchone() == (0,)
        assert lue.execute("select count(*) from indicateurs").fetchone() == (len(CARTES),)
        assert lue.execute("select count(*) from territoires").fetchone() == (16,)
