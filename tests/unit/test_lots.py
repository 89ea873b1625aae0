"""Successive publications, end to end: late answers, batches, refusals, cancelled deposits, districts and groupings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from observatoire.config.settings import Settings, load_settings
from observatoire.estimation.audit import DEMASQUEE, LOT, auditer, comparer
from observatoire.estimation.lots import petits_restes
from observatoire.estimation.systeme import Case, decouper
from observatoire.storage import connexion
from observatoire.storage.connexion import ouvrir_publication
from observatoire.storage.depots import annuler
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.fichiers import ANALYSE, PUBLIC
from pipelines import depot
from pipelines.cli import app
from tests.fabrique import ecrire_xlsx
from tests.unit.test_audit import DISTANCES

MEAUX, MELUN = "Meaux", "Melun"
QUARTIER = "QN07701M"
DEPARTEMENT = ("budget_total", "departement", "77", "tous")
COMMUNE_MEAUX = ("budget_total", "commune", "77284", "tous")
Place = tuple[str, str, str, str]
Ligne = tuple[str | None, float | None, int | None, int]


def budget(i: int) -> int:
    """Amounts that no sum of a few others makes."""
    return 10_000 + 137 * i + i * i


class Monde:
    """A data folder where associations answer, publication after publication."""

    def __init__(self, racine: Path) -> None:
        self.racine = racine
        self.settings: Settings = load_settings(racine / "donnees")
        self.fichiers = 0
        self.depots: dict[str, list[str]] = {}

    def deposer(
        self,
        associations: list[tuple[int, str]],
        nom: str = "",
        accord: str | None = None,
        ressources: bool = True,
    ) -> None:
        """Card and budget of associations (number, commune), in two deposits remembered as `nom`."""
        lignes: list[list[Any]] = [
            ["nom_association", "rna", "commune", "annee", "secteur", "code_qpv", "consentement"]
        ]
        for i, commune in associations:
            quartier = QUARTIER if commune == MEAUX and i % 2 else None
            secteur = "Sport" if i % 3 else "Culture et patrimoine"
            lignes.append([f"Les Amis du Ru {i}", f"W77{i:07d}", commune, 2025, secteur, quartier, accord])
        budgets: list[list[Any]] = [["nom_association", "rna", "commune", "annee", "montant_total"]]
        budgets += [
            [f"Les Amis du Ru {i}", f"W77{i:07d}", commune, 2025, budget(i)] for i, commune in associations
        ]
        self._deposer("associations", lignes, nom)
        if ressources:
            self._deposer("ressources", budgets, nom)

    def _deposer(self, questionnaire: str, lignes: list[list[Any]], nom: str) -> None:
        self.fichiers += 1
        chemin = ecrire_xlsx(self.racine / f"{questionnaire}-{self.fichiers}.xlsx", lignes)
        bilan = depot.deposer(chemin, self.settings, questionnaire=questionnaire)
        assert bilan.charge, [a.message for a in bilan.anomalies]
        assert bilan.lignes_en_attente == 0, [a.message for a in bilan.anomalies]
        assert bilan.depot_id
        self.depots.setdefault(nom, []).append(bilan.depot_id)

    def annuler(self, nom: str) -> None:
        with EntrepotEcriture(self.settings) as con:
            for identifiant in self.depots[nom]:
                annuler(con, identifiant)

    def publier(self) -> int:
        return depot.publier(self.settings).version

    def mesures(self, version: int) -> dict[Place, Ligne]:
        """Indicator, level, code, sector → status, value, number, publication of the row."""
        with ouvrir_publication(PUBLIC.final(self.settings, version)) as con:
            lignes = con.execute(
                "select indicateur, niveau, code_territoire, domaine, statut, valeur, n_repondants, publication "
                "from mesures where millesime = 2025 and financeur = 'tous' and vue = 'repondantes'"
            ).fetchall()
        return {(i, n, c, d): (s, v, nb, p) for i, n, c, d, s, v, nb, p in lignes}

    def fuites(self, avant: int, apres: int) -> list[Any]:
        """What a reader of both public files recovers, and of the second alone."""
        with (
            ouvrir_publication(PUBLIC.final(self.settings, avant)) as a,
            ouvrir_publication(PUBLIC.final(self.settings, apres)) as b,
        ):
            tables = [*comparer(a, b, 3), *auditer(b, DISTANCES)]
        assert len(tables) > 100
        # Kept rows do not add up with new ones: the attack goes on, each known to less than a batch.
        assert [t.non_additives for t in tables if t.non_additives] == []
        return [f for t in tables for f in t.fuites]


@pytest.fixture(scope="module")
def vie(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Monde]:
    """1: 27 associations; 2: one more; 3: three more; 4: one of the first refuses; 5: its neighbours make a batch;
    6: a deposit of one association is cancelled."""
    monde = Monde(tmp_path_factory.mktemp("lots"))
    listes = monde.racine / "qpv.csv"
    listes.write_text(f"code_qp;lib_qp;insee_com;pop\n{QUARTIER};Beauval;77284;9000\n", encoding="utf-8")
    groupes = monde.racine / "groupes.csv"
    groupes.write_text("regroupement;commune\nDeux villes;Meaux\nDeux villes;Melun\n", encoding="utf-8")
    for genre, fichier in (("qpv", listes), ("regroupements", groupes)):
        commande = ["sources", "ajouter", genre, str(fichier), "--donnees", str(monde.settings.donnees)]
        assert CliRunner().invoke(app, commande).exit_code == 0
    monde.deposer([(i, MEAUX) for i in range(1, 16)], accord="nominatif")
    monde.deposer([(i, MELUN) for i in range(20, 32)], accord="agrege")
    monde.deposer([(99, MEAUX)], accord="non")
    assert monde.publier() == 1
    monde.deposer([(40, MEAUX)], "tardive")
    assert monde.publier() == 2
    monde.deposer([(41, MEAUX), (43, MEAUX), (42, MELUN), (44, MELUN)])
    assert monde.publier() == 3
    monde.deposer([(3, MEAUX)], "refus", accord="Aucune publication", ressources=False)
    assert monde.publier() == 4
    monde.deposer([(i, MEAUX) for i in (51, 52, 53, 55)])
    assert monde.publier() == 5
    monde.annuler("tardive")
    assert monde.publier() == 6
    yield monde
    while connexion._ouvertes:
        connexion._ouvertes.popitem()[1].close()


def total(*numeros: int) -> float:
    return float(sum(map(budget, numeros)))


PREMIERES = (*range(1, 16), *range(20, 32))
ENSUITE = (*PREMIERES, 40, 41, 42, 43, 44)


def test_niveaux_publies(vie: Monde) -> None:
    """A district and a grouping are published as the other levels are."""
    un = vie.mesures(1)
    quartier = [i for i in range(1, 16) if i % 2]
    assert un["budget_total", "qpv", QUARTIER, "tous"] == ("ok", total(*quartier), 8, 1)
    assert un["budget_total", "regroupement", "deux-villes", "tous"][:3] == ("ok", total(*PREMIERES), 27)
    assert un[DEPARTEMENT] == ("ok", total(*PREMIERES), 27, 1)
    assert not [c for c in un if c[1] == "qpv" and c[3] != "tous"]


def test_une_de_plus_ne_bouge_rien(vie: Monde) -> None:
    un, deux = vie.mesures(1), vie.mesures(2)
    montres = {c for c, ligne in un.items() if ligne[0] in ("ok", "prudence")}
    assert len(montres) > 20
    assert {c: deux[c][:3] for c in montres} == {c: un[c][:3] for c in montres}
    assert deux[DEPARTEMENT][3] == 1  # the row says the publication it comes from
    masques = {c for c, ligne in un.items() if ligne[0] == "secret"}
    assert masques and all(deux[c][0] == "secret" for c in masques)
    assert vie.fuites(1, 2) == []


def test_un_lot_bouge(vie: Monde) -> None:
    trois = vie.mesures(3)
    assert trois[DEPARTEMENT] == ("ok", total(*ENSUITE), 32, 3)
    # Melun moved by two: shown beside a total that moved by five, the new row of Meaux would tell those two.
    assert trois["budget_total", "commune", "77288", "tous"][1:3] == (total(*range(20, 32)), 12)
    assert trois[COMMUNE_MEAUX][1:] == (total(*range(1, 16)), 15, 1)
    assert vie.fuites(2, 3) == []
    assert vie.fuites(1, 3) == []


@pytest.mark.parametrize("version", [1, 6])
def test_un_refus_des_le_depart(vie: Monde, version: int) -> None:
    """« non » on the first answer: counted nowhere; « oui » and « dans des totaux » are counted, and not named."""
    un = vie.mesures(version)
    assert not [c for c, ligne in un.items() if ligne[1] == budget(99)]
    if version == 1:
        assert un[DEPARTEMENT][1:3] == (total(*PREMIERES), 27)
        assert un["nb_associations_repondantes", "departement", "77", "tous"][2] == 27
    with ouvrir_publication(ANALYSE.final(vie.settings, version)) as con:
        assert (
            con.execute("select 1 from secret_unites where cle_association = 'RNA:W770000099'").fetchall()
            == []
        )
        comptees = con.execute("select count(distinct cle_association) from secret_unites").fetchall()
        assert comptees >= [(27,)]


def test_un_refus_est_retire(vie: Monde) -> None:
    """« non », said later: neither the former figure nor the new one, whose difference is her answer."""
    quatre, trois = vie.mesures(4), vie.mesures(3)
    assert trois[COMMUNE_MEAUX][0] == "ok"
    for place in (DEPARTEMENT, COMMUNE_MEAUX, ("budget_total", "qpv", QUARTIER, "tous")):
        assert quatre[place][:3] == ("secret", None, None), place
    # Melun has nothing to do with her.
    assert quatre["budget_total", "commune", "77288", "tous"][:2] == ("ok", total(*range(20, 32)))
    assert vie.fuites(3, 4) == []
    avec_elle = total(*ENSUITE), total(*PREMIERES), total(*range(1, 16)), total(*range(1, 16, 2))
    assert not [c for c, ligne in quatre.items() if ligne[1] in avec_elle]


def test_un_refus_dans_aucun_fichier_public(vie: Monde) -> None:
    """No table of the public file holds her name, number or answer, nor does the analysts' file a figure with her."""
    chemin = PUBLIC.final(vie.settings, 4)
    with ouvrir_publication(chemin) as con:
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        assert len(tables) > 10
        for schema, table in tables:
            lignes = con.execute(f'select * from "{schema}"."{table}"').fetchall()
            textes = {str(valeur) for ligne in lignes for valeur in ligne}
            assert not textes & {"W770000003", "Les Amis du Ru 3", "RNA:W770000003", str(budget(3))}, table
            assert not any("Amis du Ru" in t or "W77000" in t for t in textes), table
    with ouvrir_publication(ANALYSE.final(vie.settings, 4)) as con:
        ((nb,),) = con.execute(
            "select count(*) from secret_unites where cle_association = 'RNA:W770000003'"
        ).fetchall()
        assert nb == 0
        ((accord,),) = con.execute(
            "select consentement from enquete.associations where cle_association = 'RNA:W770000003'"
        ).fetchall()
        assert accord == "non"


def test_apres_un_refus_un_lot_remontre(vie: Monde) -> None:
    """Four more in Meaux, one less: three since what was last shown, and she is in none of them."""
    cinq = vie.mesures(5)
    presentes = [i for i in (*ENSUITE, 51, 52, 53, 55) if i != 3]
    assert cinq[DEPARTEMENT] == ("ok", total(*presentes), 35, 5)
    assert all(ligne[1] != total(*range(1, 16)) for ligne in cinq.values())
    assert vie.fuites(3, 5) == []
    assert vie.fuites(4, 5) == []


def test_un_depot_annule_est_retire(vie: Monde) -> None:
    """The figures with the cancelled deposit are gone, though it moves them by one only."""
    six, cinq = vie.mesures(6), vie.mesures(5)
    assert cinq[DEPARTEMENT][0] == "ok"
    assert six[DEPARTEMENT][:3] == ("secret", None, None)
    assert not [c for c, ligne in six.items() if c[0] == "budget_total" and ligne[1] == cinq[DEPARTEMENT][1]]
    assert vie.fuites(5, 6) == []


def test_audit_de_deux_publications(vie: Monde) -> None:
    """The command compares two kept publications."""
    commande = [
        "secret",
        "auditer",
        "--publication",
        "3",
        "--contre",
        "1",
        "--donnees",
        str(vie.settings.donnees),
    ]
    sortie = CliRunner().invoke(app, commande)
    assert sortie.exit_code == 0, sortie.output
    assert "0\u00a0retrouvée." in sortie.output


def test_la_comparaison_voit_une_fuite(vie: Monde, tmp_path: Path) -> None:
    """One late respondent shown at once, one masked cell shown in a zone that did not move: both are told."""
    copie = tmp_path / "copie.duckdb"
    copie.write_bytes(PUBLIC.final(vie.settings, 1).read_bytes())
    with duckdb.connect(str(copie)) as con:
        con.execute(
            "update mesures set n_repondants = n_repondants + 1, valeur = valeur + 5 "
            "where indicateur = 'budget_total' and niveau = 'departement' and domaine = 'tous' and statut = 'ok'"
        )
        con.execute(
            "update mesures set statut = 'ok', n_repondants = 2, valeur = 9 where statut = 'secret' "
            "and indicateur = 'budget_total' and niveau = 'commune' and code_territoire in ("
            "select code_territoire from mesures where statut = 'secret' and indicateur = 'budget_total' "
            "and niveau = 'commune' limit 1)"
        )
        with ouvrir_publication(PUBLIC.final(vie.settings, 1)) as avant:
            genres = [f.genre for t in comparer(avant, con, 3) for f in t.fuites]
    assert genres.count(LOT) == 1
    assert set(genres) <= {LOT, DEMASQUEE}


def test_reste_des_mouvements() -> None:
    """The zone moved by four, one of its communes by three: the fourth would be known by a double difference."""
    lieux = [(c, n, z) for c in "abc" for n, z in (("departement", "D"), ("epci", "E"), ("commune", c))]
    decoupage = decouper(lieux)
    total_, a, b = Case("epci", "E"), Case("commune", "a"), Case("commune", "b")
    assert petits_restes({total_: 4, a: 3}, decoupage, 3) == [(total_, [a])]
    assert petits_restes({total_: 7, a: 4, b: 3}, decoupage, 3) == []
    assert petits_restes({total_: 6, a: 3}, decoupage, 3) == []
    sport = total_._replace(domaine="sport")
    assert petits_restes({total_: 4, sport: 3}, decoupage, 3) == [(total_, [sport])]
