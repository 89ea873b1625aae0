"""Priority districts and groupings: lists, places, what may be shown at which level, what a depositor is told."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from observatoire.config.settings import Settings, load_settings
from observatoire.domain.loader import load_enquetes
from observatoire.estimation.systeme import Case, absentes, couches, decouper, egalites
from observatoire.indicators import run
from observatoire.indicators.catalogue import SENSIBLES, catalogue
from observatoire.indicators.valeurs import macro
from observatoire.territoire import Territoire, load_territoire
from pipelines import depot
from pipelines.cli import app
from pipelines.sources import qpv, regroupements
from pipelines.sources.registre import SourceRefusee
from tests.fabrique import ecrire_xlsx

LISTE_2024 = """code_qp;lib_qp;insee_com;pop
QN07701M;Beauval;77284;5 000
QN07704M;Plateau;77288,77285;5500,6
QN07705M;Schweitzer;Melun;
QN09301M;Ailleurs;93066;100
"""
# The titles of the file of 2015, and a grouping that crosses another.
LISTE_2015 = "CODE_QP;NOM_QP;COMMUNE_QP\nQP077001;Beauval;Meaux\n"
GROUPES = """Regroupement;Code INSEE
Bassin nord;77284
Bassin nord;77330
Pays de Meaux entier;200072130
Autre bassin;77284
Autre bassin;77108
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path / "donnees")


def ecrire(dossier: Path, nom: str, texte: str) -> Path:
    chemin = dossier / nom
    chemin.write_text(texte, encoding="utf-8")
    return chemin


@pytest.fixture
def territoire(settings: Settings, tmp_path: Path) -> Territoire:
    qpv.ajouter(settings, ecrire(tmp_path, "qp2024.csv", LISTE_2024))
    qpv.ajouter(settings, ecrire(tmp_path, "qp2015.csv", LISTE_2015))
    regroupements.ajouter(settings, ecrire(tmp_path, "groupes.csv", GROUPES))
    return load_territoire(settings.departement, settings.territoires)


# --- lists ----------------------------------------------------------------------------------------


def test_liste_des_quartiers(territoire: Territoire) -> None:
    """Both decrees live side by side, several communes in one cell, populations when the file has them."""
    zones = {z.code: (z.libelle, z.population, z.note) for z in territoire.zones("qpv")}
    assert zones == {
        "QN07701M": ("Beauval", 5000, "périmètre de 2024"), "QN07704M": ("Plateau", 5501, "périmètre de 2024"),
        "QN07705M": ("Schweitzer", None, "périmètre de 2024"), "QP077001": ("Beauval", None, "périmètre de 2015"),
    }  # fmt: skip
    assert [c.nom for c in territoire.communes_de("qpv", "QN07704M")] == ["Melun", "Le Mée-sur-Seine"]


def test_liste_des_regroupements(territoire: Territoire) -> None:
    zones = {z.code: z for z in territoire.zones("regroupement")}
    assert set(zones) == {"bassin-nord", "pays-de-meaux-entier", "autre-bassin"}
    assert zones["pays-de-meaux-entier"].nb_communes == 26
    nord = zones["bassin-nord"]
    assert nord.population == sum(c.population for c in territoire.communes_de("regroupement", "bassin-nord"))


def test_liste_xlsx_et_relecture(settings: Settings, tmp_path: Path) -> None:
    """A workbook, a title line above, codes as numbers; a new list of the same decree replaces the former one."""
    lignes = [
        ["Liste des quartiers", None, None],
        ["Code du quartier", "Nom du quartier", "Code commune"],
        ["QN07701M", "Beauval", 77284],
        ["QN07705M", "Schweitzer", 77288],
    ]
    assert len(qpv.ajouter(settings, ecrire_xlsx(tmp_path / "liste.xlsx", lignes)).zones) == 2
    qpv.ajouter(settings, ecrire_xlsx(tmp_path / "liste2.xlsx", lignes[:3]))
    zones = load_territoire(settings.departement, settings.territoires).zones("qpv")
    assert [z.code for z in zones] == ["QN07701M"]


@pytest.mark.parametrize(
    ("texte", "dits"),
    [
        ("regroupement;commune\nX;Melunn\nX;Meaux\n", ["Ligne 2", "« Melunn »", "« Melun »"]),
        ("regroupement;commune\nX;Meaux\n;Melun\nX;77999\n", ["Ligne 3", "Ligne 4", "77999"]),
        ("regroupement;commune\nX;Meaux\nY;Meaux\nY;Melun\n", ["Ligne 2", "n’a qu’une commune"]),
        ("groupes;lieux\nX;Meaux\n", ["colonnes attendues"]),
    ],
)
def test_regroupement_refuse(settings: Settings, tmp_path: Path, texte: str, dits: list[str]) -> None:
    """The fault, its row and what was meant; nothing is written."""
    with pytest.raises(SourceRefusee) as refus:
        regroupements.ajouter(settings, ecrire(tmp_path, "g.csv", texte))
    message = str(refus.value).replace("\u00a0", " ")
    assert all(dit in message for dit in dits), message
    assert not settings.territoires.exists()


def test_liste_de_contrats_refusee_comme_quartiers(settings: Settings, tmp_path: Path) -> None:
    contrats = ecrire(
        tmp_path, "contrats.csv", "codgeo;code_cv;lib_cv\n200072130;CN07704I;77 - CA du Pays de Meaux\n"
    )
    with pytest.raises(SourceRefusee, match="contrats de ville"):
        qpv.ajouter(settings, contrats)
    (zone,) = regroupements.ajouter(settings, contrats).zones
    assert (zone.code, zone.libelle, len(zone.communes)) == ("CN07704I", "77 - CA du Pays de Meaux", 26)


def test_commandes(settings: Settings, tmp_path: Path) -> None:
    donnees = ["--donnees", str(settings.donnees)]
    liste = ecrire(tmp_path, "qpv.csv", LISTE_2024)
    lance = CliRunner().invoke
    ajout = lance(app, ["sources", "ajouter", "qpv", str(liste), *donnees])
    assert ajout.exit_code == 0 and "3 quartiers prioritaires" in ajout.output
    assert "QN07701M — Beauval" in lance(app, ["sources", "lister", "qpv", *donnees]).output
    assert "Quartiers prioritaires : 3" in lance(app, ["sources", "etat", *donnees]).output
    assert lance(app, ["sources", "retirer", "qpv", "QN07799M", *donnees]).exit_code != 0
    assert lance(app, ["sources", "retirer", "qpv", "QN07701M", *donnees]).exit_code == 0
    assert "Beauval" not in lance(app, ["sources", "lister", "qpv", *donnees]).output
    assert lance(app, ["sources", "retirer", "qpv", *donnees]).exit_code == 0
    assert load_territoire(settings.departement, settings.territoires).zones("qpv") == ()


# --- places ---------------------------------------------------------------------------------------


def test_lieux(territoire: Territoire) -> None:
    """A commune with districts is cut in as many places, each with all the zones of the commune."""
    lignes = list(territoire.rattachements())
    meaux = {lieu for lieu, niveau, code in lignes if (niveau, code) == ("commune", "77284")}
    assert meaux == {"77284", "77284|QN07701M", "77284|QP077001"}
    zones = {lieu: {(n, c) for x, n, c in lignes if x == lieu} for lieu in meaux}
    assert zones["77284|QN07701M"] - zones["77284"] == {("qpv", "QN07701M")}
    assert ("regroupement", "autre-bassin") in zones["77284"]


def test_commune_somme_de_ses_lieux(territoire: Territoire) -> None:
    decoupage = decouper(territoire.rattachements())
    assert decoupage.partagees == {"77284", "77285", "77288"}
    cases = [Case("commune", "77284"), Case("commune", "77330"), Case("qpv", "QN07701M")]
    toutes = {e.total: e.parts for e in egalites(decoupage, cases)}
    assert len(toutes[Case("commune", "77284")]) == 3
    assert set(toutes[Case("qpv", "QN07701M")]) < set(toutes[Case("commune", "77284")])
    dedans = decoupage.dedans["commune", "77284"]
    assert {z for zones in dedans.values() for z in zones if z[0] == "qpv"} == {
        ("qpv", "QN07701M"),
        ("qpv", "QP077001"),
    }
    # A zone that is never shown is not an empty one.
    vides = absentes(decoupage, cases, {("qpv", "QN07705M")})
    assert Case("qpv", "QN07704M") in vides and Case("qpv", "QN07705M") not in vides


def test_regroupements_qui_se_recouvrent(territoire: Territoire) -> None:
    etages = couches(territoire.rattachements())
    trois = [etages["regroupement", c] for c in ("autre-bassin", "bassin-nord", "pays-de-meaux-entier")]
    assert sorted(trois) == [0, 1, 2]
    assert {rang for (niveau, _), rang in etages.items() if niveau != "regroupement"} == {0}


# --- what may be shown ----------------------------------------------------------------------------


def test_donnees_sensibles_pas_sous_l_epci(territoire: Territoire) -> None:
    """What says something of each person: no commune, no district, no grouping or canton without a whole EPCI."""
    con = duckdb.connect()
    con.execute("create schema ref; create table ref.domaines (code varchar, libelle varchar)")
    run._poser_territoire(con, territoire)
    constantes = dict.fromkeys([c.min_personnes for c in catalogue().values()], 11.0)
    run._poser_regles(con, catalogue().values(), constantes)
    con.execute(f"create temp table permises as {macro('permises')}")
    permis: dict[str, set[tuple[str, str]]] = {}
    for nom, niveau, code in con.execute("select indicateur, niveau, code from permises").fetchall():
        permis.setdefault(nom, set()).add((niveau, code))
    entiers = set()
    for niveau in ("canton", "regroupement"):
        for zone in territoire.zones(niveau):
            ici = {c.code for c in territoire.communes_de(niveau, zone.code)}
            if any(
                {c.code for c in territoire.communes_de("epci", e.code)} <= ici
                for e in territoire.zones("epci")
            ):
                entiers.add((niveau, zone.code))
    assert ("regroupement", "pays-de-meaux-entier") in entiers
    hauts = {(n, z.code) for n in ("departement", "arrondissement", "epci") for z in territoire.zones(n)}
    sensibles = [c for c in catalogue().values() if c.theme in SENSIBLES]
    assert len(sensibles) > 20
    for carte in sensibles:
        assert not carte.communes
        assert permis[carte.nom] == hauts | entiers
    assert ("qpv", "QN07701M") in permis["budget_total"]
    assert ("qpv", "QN07701M") not in permis["montant_subventions"]
    assert ("regroupement", "bassin-nord") not in permis["heures_mediane"]


# --- what a depositor is told ----------------------------------------------------------------------


def test_quartiers_dans_un_depot(settings: Settings, territoire: Territoire, tmp_path: Path) -> None:
    """Outside the list, in another commune than the head office, or by its name: said, or read."""
    assert any(c.name == "code_qpv" for c in load_enquetes()["associations"].champs_actifs(2025))
    lignes = [
        ["nom_association", "commune", "annee", "Code QPV"],
        ["Les Amis du Loing", "Meaux", 2025, "QN07701M"],
        ["Le Lavoir", "Meaux", 2025, "QN07799M"],
        ["La Halle", "Chelles", 2025, "QN07701M"],
        ["Le Préau", "Melun", 2025, "schweitzer"],
        ["Le Moulin", "Meaux", 2025, "beauval"],
        ["La Grange", "Meaux", 2025, "non"],
    ]
    bilan = depot.deposer(
        ecrire_xlsx(tmp_path / "depot.xlsx", lignes), settings, questionnaire="associations"
    )
    assert bilan.lignes_chargees == 6
    dites = [(a.code, a.cellule) for a in bilan.anomalies if a.code.startswith("QP")]
    assert sorted(dites) == [("QP-01", "D3"), ("QP-03", "D4")]
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        codes = con.execute("select nom_association, code_qpv from enquete.associations").fetchall()
    assert dict(codes) == {
        "Les Amis du Loing": "QN07701M", "Le Lavoir": "QN07799M", "La Halle": "QN07701M",
        "Le Préau": "QN07705M", "Le Moulin": "QN07701M", "La Grange": None,
    }  # fmt: skip
