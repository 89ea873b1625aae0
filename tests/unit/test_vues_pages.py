"""Which view of a figure is shown, and what is said of it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dashboards import affichage, chiffre, presences, vues
from dashboards import format_fr as fr
from dashboards.components import carte_chiffre, export
from dashboards.components.donnees import Publication
from dashboards.figures import barres, classes, theme
from dashboards.modeles import Edition, Evolution, Indicateur, Mesure, Operation, Redressement, Territoire
from observatoire.estimation.intervalles import NIVEAU
from observatoire.indicators.catalogue import POIDS_ECONOMIQUE, REPONDANTES, REPRESENTATIF

TOTAL = Indicateur(
    "heures", "Heures", "benevolat", "Définition.", "Formule.", "heures", "total", "", "Enquête.", "select 1", 0,
    vues=(REPONDANTES, REPRESENTATIF),
)  # fmt: skip
AVIS = replace(
    TOTAL, indicateur="avis", theme="effets", unite="part", estimateur="proportion", vues=(REPONDANTES,)
)
PART = replace(
    AVIS, indicateur="part", theme="ressources", vues=(REPONDANTES, REPRESENTATIF, POIDS_ECONOMIQUE)
)


def mesure(vue: str, valeur: float | None = 10.0, statut: str = "ok", **autres: object) -> Mesure:
    """One measure; a weighted one has its interval."""
    cv = None if vue == REPONDANTES or valeur is None else 0.1
    bornes = (None, None) if cv is None or valeur is None else (0.8 * valeur, 1.2 * valeur)
    lue = Mesure("heures", 2024, "epci", "1", "tous", "tous", valeur, *bornes, cv, 12, 0.2, statut, vue)
    return replace(lue, **autres)  # type: ignore[arg-type]


def cellule(*mesures: Mesure) -> dict[str, Mesure]:
    return {m.vue: m for m in mesures}


TOUT = cellule(mesure(REPONDANTES), mesure(REPRESENTATIF, 40.0), mesure(POIDS_ECONOMIQUE, 0.6))


@pytest.mark.parametrize(
    ("carte", "demandee", "attendue"),
    [
        (TOTAL, vues.AU_MIEUX, REPRESENTATIF),
        (AVIS, vues.AU_MIEUX, REPONDANTES),
        (replace(PART, theme="gouvernance"), vues.AU_MIEUX, REPONDANTES),
        (PART, vues.AU_MIEUX, REPRESENTATIF),
        (TOTAL, REPONDANTES, REPONDANTES),
        (PART, POIDS_ECONOMIQUE, POIDS_ECONOMIQUE),
        (TOTAL, POIDS_ECONOMIQUE, REPRESENTATIF),
        (AVIS, POIDS_ECONOMIQUE, REPONDANTES),
        (AVIS, REPRESENTATIF, REPONDANTES),
    ],
)
def test_vue_retenue_et_repli_dit(carte: Indicateur, demandee: str, attendue: str) -> None:
    retenue = vues.retenir(carte, TOUT, demandee, "epci", avec_registre=True)
    assert retenue.vue == attendue
    assert bool(retenue.raison) is (demandee not in (vues.AU_MIEUX, attendue))


def test_sans_registre_repondantes_seulement() -> None:
    carte = replace(TOTAL, vues=(REPONDANTES,))
    seule = cellule(mesure(REPONDANTES))
    assert vues.retenir(carte, seule, vues.AU_MIEUX, "epci", avec_registre=False) == vues.Retenue(
        seule[REPONDANTES], REPONDANTES
    )
    demandee = vues.retenir(carte, seule, REPRESENTATIF, "epci", avec_registre=False)
    assert demandee.vue == REPONDANTES and "répondantes seulement" in demandee.raison


def test_estimation_trop_imprecise() -> None:
    imprecise = cellule(mesure(REPONDANTES), mesure(REPRESENTATIF, None, "non_publie"))
    au_mieux = vues.retenir(TOTAL, imprecise, vues.AU_MIEUX, "epci", avec_registre=True)
    assert (au_mieux.vue, au_mieux.mesure) == (REPONDANTES, imprecise[REPONDANTES])
    assert "seules répondantes" in au_mieux.raison
    voulue = vues.retenir(TOTAL, imprecise, REPRESENTATIF, "epci", avec_registre=True)
    assert voulue.vue == REPRESENTATIF and affichage.etat(voulue.mesure).libelle == "non publié"


def test_secret_n_est_jamais_contourne() -> None:
    """A figure masked in one view is not looked for in another."""
    masquee = cellule(mesure(REPONDANTES, None, "secret"), mesure(REPRESENTATIF, None, "secret"))
    for demandee in vues.LIBELLES:
        retenue = vues.retenir(TOTAL, masquee, demandee, "epci", avec_registre=True)
        assert affichage.etat(retenue.mesure).libelle == "secret statistique"


def test_une_commune_parle_par_ses_repondantes() -> None:
    assert vues.retenir(TOTAL, TOUT, vues.AU_MIEUX, "commune", avec_registre=True).vue == REPONDANTES
    assert vues.retenir(TOTAL, TOUT, REPRESENTATIF, "commune", avec_registre=True).vue == REPRESENTATIF


def test_vue_absente_de_la_case() -> None:
    seule = cellule(mesure(REPONDANTES))
    retenue = vues.retenir(TOTAL, seule, REPRESENTATIF, "epci", avec_registre=True)
    assert retenue.mesure is seule[REPONDANTES] and "seules répondantes" in retenue.raison


def test_niveau_de_confiance_est_celui_du_calcul() -> None:
    assert affichage.CONFIANCE == NIVEAU


def test_fourchette_de_conventions_jamais_lue_comme_une_valeur() -> None:
    carte = replace(TOTAL, unite="€", est_convention=True)
    estimee = mesure(REPRESENTATIF, 2_000_000.0)
    assert affichage.valeur(carte, estimee) == "de\u00a01,60 à\u00a02,40\u00a0M€"
    assert "conventions" in affichage.intervalle(carte, estimee)
    assert affichage.valeur(replace(carte, est_convention=False), estimee) == "2\u202f000\u202f000\u00a0€"


LIEU = Territoire("epci", "200", "CC d’essai", 1000, None)
EDITION = Edition(7, datetime(2026, 11, 20, 8), True, ())


def cadrage(vue: str = vues.AU_MIEUX, lieu: Territoire = LIEU) -> chiffre.Cadrage:
    return chiffre.Cadrage(lieu, 2024, "tous", "Tous les domaines", vue, EDITION, True)


def test_carte_dit_tout() -> None:
    carte = replace(
        TOTAL, repere_valeur=12.0, repere_territoire="France", repere_annee="2018", repere_source="Insee."
    )
    composee = chiffre.composer(carte, {"heures": TOUT}, ("Département", {"heures": TOUT}), cadrage())
    assert str(composee.identifiant) == "heures.2024.epci-200.representatif@7"
    html = carte_chiffre.entete_html(composee)
    for dit in (
        "<strong>40</strong>", "heures", "fiable", "(entre 32 et 48", "l’intervalle est indicatif",
        "Département\u00a0: 40 heures", "France, 2018\u00a0: 12 (Insee).", "Représentatif",
        "12\u00a0associations répondantes", "20\u00a0%", "Enquête", "2024", "n°\u00a07 du 20/11/2026",
        "on estime à 40",
    ):  # fmt: skip
        assert dit in html, dit
    repondantes = chiffre.composer(carte, {"heures": TOUT}, ("", {}), cadrage(REPONDANTES))
    assert "France" not in carte_chiffre.entete_html(repondantes)
    assert "on estime" not in carte_chiffre.entete_html(repondantes)


def test_trois_absences_et_zero_sont_dessines_autrement() -> None:
    classes_css = set()
    for valeur, statut in (
        (0.0, "ok"),
        (None, "nd"),
        (None, "secret"),
        (None, "non_publie"),
        (3.0, "prudence"),
    ):
        lue = {"heures": cellule(mesure(REPONDANTES, valeur, statut))}
        html = carte_chiffre.entete_html(chiffre.composer(TOTAL, lue, ("", {}), cadrage(REPONDANTES)))
        classes_css.add(html.split('"')[1])
        assert affichage.etat(lue["heures"][REPONDANTES]).libelle in html
    assert len(classes_css) == 5
    css = (Path(carte_chiffre.__file__).parents[1] / "static" / "observatoire.css").read_text(
        encoding="utf-8"
    )
    for etat in ("e-nd", "e-secret", "e-non_publie"):
        assert f".ob-chiffre.{etat} .valeur {{" in css


def evolution(**autres: object) -> Evolution:
    base = Evolution(
        "heures", "coupes", REPRESENTATIF, "courants", 2023, 2024, 200.0, 230.0, 30.0, 10.0, 50.0, True, 9, 9,
        None, "ok",
    )  # fmt: skip
    return replace(base, **autres)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("autres", "signe", "dit"),
    [
        ({}, "↗", "augmente de 30"),
        ({"difference": -30.0, "borne_basse": -50.0, "borne_haute": -10.0}, "↘", "baisse de 30"),
        ({"est_significative": False, "borne_basse": -2.0}, "≈", "pas significatif"),
        ({"rupture": "Question reformulée."}, "╱╱", "ne se comparent pas"),
        ({"statut": "secret", "difference": None}, "–", "masquée"),
    ],
)
def test_le_signe_d_une_evolution_dit_comme_sa_phrase(
    autres: dict[str, object], signe: str, dit: str
) -> None:
    composee = chiffre.composer(TOTAL, {"heures": TOUT}, ("", {}), cadrage(), [evolution(**autres)])
    [(dessine, phrase)] = composee.mouvements
    assert dessine == signe and dit in phrase


def test_evolution_du_departement_seul() -> None:
    departement = cadrage(lieu=replace(LIEU, niveau="departement"))
    euros = [evolution(prix="courants"), evolution(prix="constants"), evolution(methode="panel")]
    retenues = chiffre.evolutions_de("heures", euros, departement)
    assert [(e.methode, e.prix) for e in retenues] == [("coupes", "constants"), ("panel", "courants")]
    assert chiffre.evolutions_de("heures", euros, cadrage()) == ()


def test_classeur_avec_sa_notice(tmp_path: Path) -> None:
    pub = Publication(tmp_path, "x", "77", EDITION)
    ligne = export.ligne_mesure(mesure(REPRESENTATIF, 40.5), TOTAL, pub, territoire="=1+1")
    octets = export.xlsx_octets([ligne], export.Notice("Titre", (("Année", "2024"),), (TOTAL,)), pub)
    classeur = load_workbook(io.BytesIO(octets))
    assert classeur.sheetnames == ["Lisez-moi", "Données"]
    titres, valeurs = classeur["Données"].iter_rows(values_only=True)
    lu = dict(zip(titres, valeurs, strict=True))
    assert (lu["valeur"], lu["vue"], lu["territoire"]) == (40.5, REPRESENTATIF, "'=1+1")
    assert lu["precision_intervalle"].startswith("intervalle indicatif") and lu["donnees_fictives"] is True
    notice = {str(t): str(x) for t, x in classeur["Lisez-moi"].iter_rows(values_only=True)}
    assert notice["Publication"] == "n° 7 du 20/11/2026" and notice["Année"] == "2024"
    assert vues.SENS[REPRESENTATIF] == notice[f"Vue « Représentatif » ({REPRESENTATIF})"]
    assert notice["Heures"] == "Définition." and "fictives" in notice["Attention"]


def test_barres_avec_leur_intervalle_et_legende_dans_l_image() -> None:
    mesures = [mesure(REPRESENTATIF, 40.0, domaine="sport"), mesure(REPRESENTATIF, 10.0, domaine="culture")]
    figure = theme.legender(barres.par_domaine(mesures, {}, "heures"), "Vue : x.<br>Source : y.")
    assert list(figure.data[0].error_x.array) == pytest.approx([8.0, 2.0])
    assert list(figure.data[0].error_x.arrayminus) == pytest.approx([8.0, 2.0])
    assert list(figure.data[1].text) == ["\u00a040", "\u00a010"]
    assert figure.layout.title.text.endswith("Source : y.") and figure.layout.margin.b > 40
    nue = barres.par_domaine([mesure(REPONDANTES, 40.0, domaine="sport")], {}, "heures")
    assert len(nue.data) == 1 and nue.data[0].error_x.array is None


def test_sans_reponse_est_un_etat_a_part() -> None:
    lues = {
        "a": mesure(REPONDANTES, 6.0),
        "b": mesure(REPONDANTES, None, "secret"),
        "c": mesure(REPONDANTES, 0.0),
    }
    classement = classes.classer(list("abcd"), lues, {c: m.valeur for c, m in lues.items()})
    rangs = classes.sans_reponse(classement).rangs
    assert rangs == {"a": 0, "b": classes.SECRET, "c": classes.ABSENTE, "d": classes.ABSENTE}


BILAN = Redressement(
    2024, 350, 2000, 2200, 0.159, 0.175, -0.064, "employeuse : sans", 17.9, 3, 0.2, 300.4, 1.2, 1.1, 9.8,
    "groupes, EPCI des associations sans salarié", False, False, None,
)  # fmt: skip


def test_representativite_en_mots() -> None:
    noms = {d: presences.libelles(d, {"sante": "Santé"}, {"200": "CC d’essai"}) for d in presences.DIMENSIONS}
    assert "entre 16\u00a0% et 18\u00a0% ont répondu" in presences.participation(BILAN)
    assert "«\u00a0Sans salarié\u00a0» (emploi) sont moins nombreuses" in presences.ecart(BILAN, noms)
    assert "peut venir du hasard" in presences.hasard(BILAN) and "p\u00a0=\u00a00,200" in presences.hasard(
        BILAN
    )
    assert "ne vient guère du hasard" in presences.hasard(replace(BILAN, chi2_p=0.01))
    assert "de 1,1 à 9,8 associations" in presences.poids(
        BILAN
    ) and "taille et de domaine" in presences.poids(BILAN)
    assert len(presences.reserves(replace(BILAN, refus="rien"))) == 3
    operation = Operation(2024, "secteur, 10_49+50_plus", "sante", "autres", "trop peu de répondantes")
    dite = presences.operation(operation, noms)
    assert dite == (
        "Domaine (10 à 49 salariés + 50 salariés ou plus)\u00a0: Santé, avec les autres (trop peu de répondantes)."
    )


def test_nombres_des_fiches_ne_se_coupent_pas() -> None:
    assert fr.typographie("pour 10 000 habitants") == "pour 10\u202f000 habitants"
    assert fr.typographie("en 2018 400 fois") == "en 2018 400 fois"
    assert fr.entre(0.1, 0.25, "part") == "entre\u00a010,0 et\u00a025,0\u00a0%"
    assert (fr.signe(1.25, 1), fr.signe(-3.0), fr.signe(0.0, 1)) == ("+\u202f1,3", "−\u202f3", "0,0")


def test_ce_que_publient_les_financeurs_n_est_pas_une_reponse() -> None:
    """Known by the table it is computed from, whatever its theme."""
    commun = ("Titre", "territoires", "d", "f", "€ par habitant", "par_habitant", "", "Source.")
    publiee = Indicateur("x", *commun, "select sum(montant) from base_subventions")
    repondue = Indicateur("x", *commun, "select sum(montant) from base_ressources")
    assert publiee.des_financeurs and not repondue.des_financeurs
    assert vues.libelle(publiee, REPONDANTES) == vues.PUBLIEES != vues.libelle(repondue, REPONDANTES)
    assert affichage.repondants(publiee, 3) == "3\u00a0bénéficiaires" != affichage.repondants(repondue, 3)
