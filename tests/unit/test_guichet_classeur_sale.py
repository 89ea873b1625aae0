"""The messy workbook from drop to load: everything said at once, every choice followed, nothing lost, nothing personal."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path

import duckdb
import pytest

from observatoire.config.settings import Settings
from pipelines.chantiers.verdict import Verdict
from pipelines.guichet import Guichet
from tests import classeur_sale as sale
from tests import guichet_prets as prets


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "d")


@pytest.fixture
def g(settings: Settings) -> Guichet:
    return prets.guichet(settings)


def causes(v: Verdict) -> set[tuple[str, str]]:
    """(code, first cell) of all that is said of the sheet of the year."""
    return {
        (c.code, lieu.split(" · ")[1])
        for c in v.causes
        for _, lieux, _ in c.phrases
        for lieu in lieux
        if lieu.startswith(f"{sale.FEUILLE} · ")
    }


def invariant(v: Verdict) -> None:
    assert v.lignes_lues == v.lignes_chargees + v.lignes_en_attente + v.lignes_ignorees
    for champ, _, lue, chargee, attente in v.sommes:
        assert lue == pytest.approx(chargee + attente), champ


def test_a_l_ouverture_tout_est_montre(g: Guichet) -> None:
    """Every sheet has a preview, those that are not read too; personal data is found before anything is kept."""
    v = prets.verdict(g, prets.ouvrir(g, sale.octets(), sale.CLASSEUR))
    assert v.questionnaire == "ressources"
    assert [(f.nom, f.visible, f.lue) for f in v.feuilles] == [
        (sale.NOTICE, True, False),
        (sale.PASSEE, True, True),
        (sale.FEUILLE, True, False),
        (sale.CACHEE, False, False),
    ]
    apercu = {f.nom: f for f in v.feuilles}[sale.FEUILLE]
    assert apercu.lignes == 13
    assert apercu.apercu[sale.LIGNE_TITRES - 1][1:5] == sale.TITRES[1:5]
    assert v.bloque_par_personnel
    natures = {(p["feuille"], p["lettre"]) for p in v.personnelles}
    assert {(sale.PASSEE, "H"), (sale.FEUILLE, "H"), (sale.NOTICE, None)} <= natures


def test_une_question_par_colonne_ambigue(g: Guichet) -> None:
    """The year’s sheet is chosen with its title row: one question on dots, one on thousands."""
    identifiant = prets.ouvrir(
        g,
        sale.octets(),
        sale.CLASSEUR,
        feuilles=sale.DECISIONS["feuilles"],
        entetes=sale.DECISIONS["entetes"],
    )
    v = prets.verdict(g, identifiant)
    questions = {(q["genre"], q["colonne"], q["nb"]) for q in v.questions}
    assert questions == {("separateur", "F", 8), ("unite", "G", 1)}
    invariant(v)


def test_le_verdict_dit_tout_d_un_coup(g: Guichet) -> None:
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR, **sale.DECISIONS)
    v = prets.verdict(g, identifiant)
    assert (v.millesimes, v.questions, v.bloque_par_personnel) == ([2025], [], False)
    attendues = {
        ("ID-01", "B7"),
        ("NB-04", "D7"),
        ("FO-01", "E8"),
        ("CM-02", "C9"),
        ("TX-01", "A10"),
        ("DO-01", "A6"),
        ("DO-01", "A11"),
        ("EN-03", "I5"),
        ("RG-01", "H5"),
        ("TO-01", "A14"),
        ("TO-02", "A16"),
        ("TO-05", "D14"),
        ("NB-15", "G5"),
    }
    assert attendues <= causes(v)
    assert {(c.cellule, c.code) for c in v.cellules} == {("B7", "ID-01"), ("E8", "FO-01"), ("C9", "CM-02")}
    assert {(r.ligne, *r.motifs) for r in v.retenues} == {(6, "DO-01"), (11, "DO-01")}
    assert {(r.cellule, r.apres) for r in v.reparations} >= {("A10", "Théâtre du Lavoir")}
    assert (v.lignes_lues, v.lignes_chargees, v.lignes_en_attente, v.lignes_ignorees) == (11, 6, 2, 3)
    invariant(v)
    dons = next(s for s in v.sommes if s[0] == "montant_dons")
    assert dons[2] == sum(1000 + 500 * i for i in range(8))
    total = next(s for s in v.sommes if s[0] == "montant_total")
    assert total[2] == sum(int(t.replace(".", "")) for t in sale.TOTAUX)
    assert [i.lettre for i in v.inconnues] == ["I"] or "I" in [i.lettre for i in v.inconnues]


def test_du_depot_au_chiffre_charge_et_retour_a_la_cellule(g: Guichet, settings: Settings) -> None:
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR, **sale.DECISIONS)
    g.corriger(identifiant, sale.CORRECTIONS)
    g.ecarter(identifiant, [sale.LIGNE_ECARTEE])
    v = prets.verdict(g, identifiant)
    assert [c.cellule for c in v.cellules] == ["B7"]
    assert (v.lignes_lues, v.lignes_chargees, v.lignes_en_attente, v.lignes_ignorees) == (11, 7, 0, 4)
    invariant(v)
    depot_id = prets.charger(g, identifiant)
    depot = g.depot(depot_id)
    assert (depot.lignes_lues, depot.lignes_chargees, depot.lignes_en_attente, depot.lignes_ignorees) == (
        11,
        7,
        0,
        4,
    )
    recu = g.recu(depot_id)
    assert depot_id in recu
    assert not [c for c in sale.CANARIS if c.decode() in recu]
    # A figure leads back to its cell: deposit, sheet, row, column.
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        trouve = con.execute(
            "select feuille, ligne, nb_aap_deposes, montant_dons from enquete.ressources "
            "where depot_id = ? and nom_association = 'Boules de Meaux'",
            [depot_id],
        ).fetchall()
        colonne = con.execute(
            "select colonne from depot.correspondances where depot_id = ? and champ = 'nb_aap_deposes'",
            [depot_id],
        ).fetchall()
        corrigees = con.execute(
            "select feuille, cellule, avant, apres from depot.corrections where depot_id = ? order by cellule",
            [depot_id],
        ).fetchall()
    assert trouve == [(sale.FEUILLE, 7, 20, 1500)]
    assert colonne == [("D",)]
    assert f"{colonne[0][0]}{trouve[0][1]}" == "D7"
    assert corrigees == sorted(dataclasses.astuple(c) for c in sale.CORRECTIONS)


def test_un_choix_se_reprend(g: Guichet) -> None:
    """A correction put back disappears, a row comes back, the purified grid keeps the file’s own cells."""
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR, **sale.DECISIONS)
    avant = prets.verdict(g, identifiant)
    g.corriger(identifiant, sale.CORRECTIONS)
    g.ecarter(identifiant, [sale.LIGNE_ECARTEE])
    g.corriger(identifiant, [dataclasses.replace(c, apres=c.avant) for c in sale.CORRECTIONS])
    g.ecarter(identifiant, [sale.LIGNE_ECARTEE], oui=False)
    assert g.chantier(identifiant).decisions.corrections == ()
    apres = prets.verdict(g, identifiant)
    assert dataclasses.replace(apres, revision=1, secondes=0) == dataclasses.replace(
        avant, revision=1, secondes=0
    )


def test_une_feuille_cochee_apres_le_retrait_est_entiere(g: Guichet) -> None:
    """Personal data agreed to be left out, then another sheet is ticked: it is still there to be read."""
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR, retirer_personnelles=True)
    assert prets.verdict(g, identifiant).lignes_lues == 2
    g.decider(identifiant, **sale.DECISIONS)
    assert prets.verdict(g, identifiant).lignes_lues == 11
    g.corriger(identifiant, sale.CORRECTIONS)
    depot_id = prets.charger(g, identifiant)
    repris = g.reprendre(depot_id)
    v = prets.verdict(g, repris)
    assert (v.lignes_lues, v.lignes_chargees, v.lignes_en_attente) == (11, 6, 2)
    assert len(g.chantier(repris).decisions.corrections) == 3


# --- Personal data ---------------------------------------------------------------------------------------
def test_rien_de_personnel_sur_le_disque(
    g: Guichet, settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not before the person agrees, not after, not in the archive, the warehouse or the logs."""
    caplog.set_level(logging.DEBUG)
    nom = "Ressources de Mme Canari Planté.xlsx"
    identifiant = prets.ouvrir(g, sale.octets(), nom)
    g.annoter(identifiant)
    assert prets.contenants(settings.donnees, sale.CANARIS) == []
    assert prets.contenants(settings.quarantaine, sale.CANARIS)
    g.charger(identifiant)
    assert "données personnelles" in (g.chargement(identifiant)[1] or "")
    g.decider(identifiant, **sale.DECISIONS)
    g.corriger(identifiant, sale.CORRECTIONS)
    g.annoter(identifiant)
    assert g.annote(identifiant) is not None
    assert prets.contenants(settings.donnees, sale.CANARIS) == []
    depot_id = prets.charger(g, identifiant)
    assert g.depot(depot_id).archive
    assert prets.contenants(settings.donnees, sale.CANARIS) == []
    assert list(settings.quarantaine.iterdir()) == []
    sorties = caplog.text + "".join(capfd.readouterr())
    assert not [c for c in sale.CANARIS if c.decode() in sorties]


def test_les_exemples_montres_sont_masques(g: Guichet, settings: Settings) -> None:
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR)
    brut = (settings.chantiers / identifiant / "verdict.json").read_text(encoding="utf-8")
    exemples = [e for p in json.loads(brut)["personnelles"] for e in p["exemples_masques"]]
    assert exemples
    assert all("***" in e for e in exemples)
    assert "06***" in brut


def test_abandonner_oublie_tout(g: Guichet, settings: Settings) -> None:
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR)
    g.annoter(identifiant)
    g.abandonner(identifiant)
    assert list(settings.quarantaine.iterdir()) == []
    restes = {p.name for p in (settings.chantiers / identifiant).iterdir() if not p.name.startswith(".")}
    assert restes == {"etat.json"}
    assert g.chantiers() == []
    assert prets.contenants(settings.donnees, sale.CANARIS) == []


def test_octets_disparus_apres_le_retrait(g: Guichet, settings: Settings) -> None:
    """The machine restarts: memory is lost, the purified grid is enough to go on and load."""
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR, **sale.DECISIONS)
    avant = prets.verdict(g, identifiant)
    for chemin in (settings.quarantaine / identifiant).iterdir():
        chemin.unlink()
    g.corriger(identifiant, sale.CORRECTIONS[:1])
    apres = prets.verdict(g, identifiant)
    assert (apres.panne, apres.lignes_lues, apres.lignes_chargees) == (None, 11, avant.lignes_chargees)
    assert {p["lettre"] for p in apres.personnelles} == {p["lettre"] for p in avant.personnelles}
    assert prets.charger(g, identifiant)


def test_octets_disparus_avant_le_retrait(g: Guichet, settings: Settings) -> None:
    """Nothing was agreed to: the person is told to send the file again, in French."""
    identifiant = prets.ouvrir(g, sale.octets(), sale.CLASSEUR)
    for chemin in (settings.quarantaine / identifiant).iterdir():
        chemin.unlink()
    g.decider(identifiant, millesime=2025)
    panne = prets.verdict(g, identifiant).panne
    assert panne is not None and "Déposez-le de nouveau" in panne
