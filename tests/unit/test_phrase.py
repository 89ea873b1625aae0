"""The sentence of a figure: grammar, typography, and what it may say of a masked or doubtful figure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observatoire.chiffres.lecture import Fiche, Mesure
from observatoire.chiffres.lieux import Lieu, avec_a, avec_de, de, nommer, sur
from observatoire.chiffres.phrase import (
    Evolution,
    intervalle_en_mots,
    objet,
    phrase,
    phrase_evolution,
    tournures,
    valeur_en_mots,
)
from observatoire.chiffres.quantites import au_singulier, entre, quantite
from observatoire.domain.parametre import load_parametres
from observatoire.indicators.catalogue import (
    POIDS_ECONOMIQUE,
    POUR_CENT,
    REPONDANTES,
    REPRESENTATIF,
    SOURCE,
    catalogue,
    francais,
)
from observatoire.territoire import load_territoire

SEINE_ET_MARNE = Lieu("departement", "77", "Seine-et-Marne")
INSECABLE, FINE = "\u00a0", "\u202f"
CARTES = catalogue()
CONSTANTES = {p.id: francais(p.valeur) for p in load_parametres()}
CONSTANTES |= {f"{SOURCE}{p.id}": p.source for p in load_parametres()}
CONSTANTES |= {f"{p.id}{POUR_CENT}": francais(round(100 * p.valeur, 6)) for p in load_parametres()}


def fiche(nom: str = "part_deficit", **autres: Any) -> Fiche:
    carte = CARTES[nom]
    return Fiche(
        **{
            "indicateur": nom, "titre": carte.titre, "unite": carte.unite, "decimales": carte.decimales,
            "estimateur": carte.estimateur, "secret": carte.secret, "formule": "", "precautions": "", "source": "",
            "sql": carte.sql, "definition": carte.textes(CONSTANTES)["definition"],
        }
        | autres
    )  # fmt: skip


def mesure(valeur: float | None = 0.389, statut: str = "ok", vue: str = REPONDANTES, **autres: Any) -> Mesure:
    champs: dict[str, Any] = {
        "indicateur": "part_deficit", "millesime": 2025, "niveau": "departement", "code_territoire": "77",
        "domaine": "tous", "financeur": "tous", "vue": vue, "valeur": valeur, "borne_basse": None, "borne_haute": None,
        "cv": None, "n_repondants": 34, "taux_reponse": None, "statut": statut, "publication": 3,
    }  # fmt: skip
    return Mesure(**(champs | autres))


def simple(texte: str) -> str:
    """The same with ordinary spaces, to be compared."""
    return texte.replace(INSECABLE, " ").replace(FINE, " ")


@pytest.mark.parametrize(
    ("nom", "valeur", "attendue"),
    [
        ("part_deficit", 0.389, "Parmi les 34 associations de Seine-et-Marne qui ont répondu, la part de celles dont les "
         "charges de l’année dépassent les ressources est de 38,9 % en 2025."),
        ("heures_benevolat", 13400, "Les 34 associations de Seine-et-Marne qui ont répondu déclarent 13 400 heures de "
         "bénévolat en 2025."),
        ("heures_benevolat", 1, "Les 34 associations de Seine-et-Marne qui ont répondu déclarent 1 heure de bénévolat en 2025."),
        ("heures_benevolat", 0, "Les 34 associations de Seine-et-Marne qui ont répondu déclarent 0 heure de bénévolat en 2025."),
        ("budget_total", 27385932, "Les 34 associations de Seine-et-Marne qui ont répondu cumulent 27,39 millions d’euros de "
         "ressources en 2025."),
        ("budget_total", 1_200_000, "Les 34 associations de Seine-et-Marne qui ont répondu cumulent 1,20 million d’euros de "
         "ressources en 2025."),
        ("budget_median", 12948.5, "Parmi les 34 associations de Seine-et-Marne qui ont répondu, le budget annuel que la "
         "moitié dépasse est de 12 949 € en 2025."),
        ("nb_associations_repondantes", 34, "En 2025, en Seine-et-Marne, 34 associations ont répondu à au moins un "
         "questionnaire de l’observatoire."),
        ("etp_par_poste", 0.66, "Dans les 34 associations de Seine-et-Marne qui ont répondu, le nombre d’équivalents temps "
         "plein pour un salarié est de 0,66 en 2025."),
        ("oms5", 61.9, "Dans les 34 associations de Seine-et-Marne qui ont répondu, le score moyen de bien-être OMS-5, de 0 à "
         "100, est de 62 points sur 100 en 2025."),
        ("hhi_financeurs", 0.435, "Dans les 34 associations de Seine-et-Marne qui ont répondu, l’indice moyen de concentration "
         "des subventions publiques de chaque association entre ses financeurs, de 0 (dispersées) à 1 (un seul financeur), est "
         "de 0,44 en 2025."),
        ("autonomie_solde", 52.4, "Dans les 34 associations de Seine-et-Marne qui ont répondu, l’écart, en points, entre les "
         "personnes d’accord et celles qui ne sont pas d’accord avec la phrase « Je me débrouille mieux seul » est de 52 points "
         "en 2025."),
        ("montant_subventions", 7_799_420, "En 2025, en Seine-et-Marne, les subventions publiées par les financeurs totalisent "
         "7,80 millions d’euros, pour 34 bénéficiaires."),
        ("viva", 10.6, "Dans les 34 associations de Seine-et-Marne qui ont répondu, la valeur équivalente du bénévolat, au "
         "SMIC, est de 10,6 € pour 1 € de soutien en 2025."),
    ],
)  # fmt: skip
def test_repondantes(nom: str, valeur: float, attendue: str) -> None:
    assert simple(phrase(fiche(nom), mesure(valeur), SEINE_ET_MARNE)) == attendue


def test_fourchette_de_la_fiche() -> None:
    dite = phrase(
        fiche("valeur_benevolat"), mesure(5.28e6, borne_basse=5.28e6, borne_haute=10.57e6), SEINE_ET_MARNE
    )
    assert simple(dite) == (
        "Les 34 associations de Seine-et-Marne qui ont répondu déclarent un bénévolat dont la valeur équivalente est "
        "comprise entre 5,28 et 10,57 millions d’euros en 2025."
    )


def test_representatif() -> None:
    m = mesure(0.389, vue=REPRESENTATIF, borne_basse=0.351, borne_haute=0.427, n_repondants=1302)
    assert simple(phrase(fiche(), m, SEINE_ET_MARNE)) == (
        "En 2025, en Seine-et-Marne, on estime à 38,9 % (entre 35,1 et 42,7 %) la part des associations dont les charges de "
        "l’année dépassent les ressources, à partir de 1 302 associations qui ont répondu. Les réponses sont volontaires : "
        "l’intervalle est indicatif."
    )
    dite = phrase(
        fiche("heures_benevolat"),
        replace(m, valeur=245000.0, borne_basse=2.3e5, borne_haute=2.6e5),
        SEINE_ET_MARNE,
    )
    assert "on estime à 245 000 (entre 230 000 et 260 000) le nombre d’heures de bénévolat," in simple(dite)


def test_poids_economique_le_dit() -> None:
    dite = phrase(fiche(), mesure(vue=POIDS_ECONOMIQUE), SEINE_ET_MARNE)
    assert "chaque association comptant selon son budget" in dite


def test_domaine_et_financeur() -> None:
    melun = Lieu("commune", "77288", "Melun")
    assert simple(phrase(fiche("nb_salaries"), mesure(12), melun, "Sport")) == (
        "Les 34 associations de Melun du domaine « Sport » qui ont répondu déclarent 12 personnes salariées au 31 décembre en 2025."
    )
    dite = phrase(
        fiche("montant_subventions"), mesure(1510, financeur="Ville de L'Haÿ", n_repondants=1), melun
    )
    assert simple(dite) == (
        "En 2025, à Melun, les subventions publiées par le financeur « Ville de L’Haÿ » totalisent 1 510 €, pour 1 bénéficiaire."
    )


def test_prudence() -> None:
    assert "À lire avec prudence" in phrase(fiche(), mesure(statut="prudence"), SEINE_ET_MARNE)
    assert "prudence" not in phrase(fiche(), mesure(), SEINE_ET_MARNE)


@pytest.mark.parametrize("statut", ["secret", "non_publie", "nd"])
@pytest.mark.parametrize("nom", CARTES)
def test_masque_sans_nombre(nom: str, statut: str) -> None:
    """Whatever the row still holds, nothing of a figure that is not shown reaches the sentence."""
    m = mesure(98765.0, statut, n_repondants=54321, borne_basse=11111.0, borne_haute=99999.0)
    dite = phrase(fiche(nom, titre="Titre"), m, SEINE_ET_MARNE)
    assert re.findall(r"\d+", simple(dite)) == ["2025"]
    assert ("zéro" in dite) == (statut == "nd")
    assert valeur_en_mots(fiche(nom), m) == intervalle_en_mots(fiche(nom), m) == ""


def test_secret_ne_dit_pas_qu_il_y_a_une_reponse() -> None:
    """Some masked cells are empty: the sentence must not say that somebody answered."""
    dite = phrase(fiche(), mesure(None, "secret", n_repondants=None), SEINE_ET_MARNE)
    assert simple(dite) == (
        "« Part des associations en déficit » en Seine-et-Marne en 2025 : chiffre masqué, pour que personne ne puisse "
        "deviner la réponse d’une association ou d’une personne."
    )


@pytest.mark.parametrize(
    ("bas", "haut", "attendu"),
    [
        (None, None, "ne permet de conclure ni à une hausse ni à une baisse"),
        (-1.0, 5.0, "n’est pas significatif"),
        (0.5, 5.0, "Cette hausse est significative, sa cause n’est pas connue"),
        (-5.0, -0.5, "Cette baisse est significative, sa cause n’est pas connue"),
        (0.0, 5.0, "n’est pas significatif"),
    ],
)
def test_un_changement_suit_son_intervalle(bas: float | None, haut: float | None, attendu: str) -> None:
    dite = phrase(fiche("oms5_changement"), mesure(2.0, borne_basse=bas, borne_haute=haut), SEINE_ET_MARNE)
    assert attendu in dite
    assert "de +2,0 points sur 100" in simple(dite)
    assert not re.search(r"grâce|impact|économie", dite)


def evolution(**autres: Any) -> Evolution:
    champs: dict[str, Any] = {
        "indicateur": "part_deficit", "methode": "coupes", "vue": REPRESENTATIF, "prix": "courants", "de": 2024, "a": 2025,
        "valeur_avant": 0.35, "valeur_apres": 0.40, "difference": 0.05, "borne_basse": 0.01, "borne_haute": 0.09,
        "est_significative": True, "n_avant": 30, "n_apres": 40, "rupture": None, "statut": "ok",
    }  # fmt: skip
    return Evolution(**(champs | autres))


@pytest.mark.parametrize(
    ("autres", "attendue"),
    [
        ({}, "Entre 2024 et 2025, en Seine-et-Marne, la part des associations dont les charges de l’année dépassent les "
         "ressources augmente de 5,0 points (entre 1,0 et 9,0 points)."),
        ({"difference": -0.05, "borne_basse": -0.09, "borne_haute": -0.01}, "Entre 2024 et 2025, en Seine-et-Marne, la part des "
         "associations dont les charges de l’année dépassent les ressources baisse de 5,0 points (entre 1,0 et 9,0 points)."),
        ({"borne_basse": -0.01, "est_significative": False}, "Entre 2024 et 2025, en Seine-et-Marne, l’écart n’est pas "
         "significatif pour « Part des associations en déficit » (entre −1,0 et +9,0 points)."),
        # The flag alone makes no rise: the interval holds zero.
        ({"borne_basse": -0.01}, "Entre 2024 et 2025, en Seine-et-Marne, l’écart n’est pas significatif pour « Part des "
         "associations en déficit » (entre −1,0 et +9,0 points)."),
        ({"rupture": "Question reformulée."}, "Entre 2024 et 2025, les chiffres ne se comparent pas : question reformulée."),
        ({"rupture": "RNA refondu"}, "Entre 2024 et 2025, les chiffres ne se comparent pas : RNA refondu."),
        ({"statut": "secret"}, "Entre 2024 et 2025, en Seine-et-Marne, l’évolution de « Part des associations en déficit » est "
         "masquée, pour que personne ne puisse deviner la réponse d’une association ou d’une personne."),
        ({"methode": "panel", "difference": 0.0, "borne_basse": 0.0, "borne_haute": 0.0, "est_significative": False},
         "Entre 2024 et 2025, en Seine-et-Marne, pour les 40 associations présentes toutes les années, l’écart n’est pas "
         "significatif pour « Part des associations en déficit »."),
    ],
)  # fmt: skip
def test_evolution(autres: dict[str, Any], attendue: str) -> None:
    assert simple(phrase_evolution(fiche(), evolution(**autres), SEINE_ET_MARNE)) == attendue


def test_evolution_en_euros_constants() -> None:
    dite = phrase_evolution(
        fiche("budget_total"),
        evolution(prix="constants", difference=2e6, borne_basse=1e6, borne_haute=3e6),
        SEINE_ET_MARNE,
    )
    assert simple(dite).endswith(
        "augmente de 2,00 millions d’euros, en euros constants de 2025 (entre 1,00 et 3,00 millions d’euros)."
    )


@pytest.mark.parametrize(
    ("niveau", "libelle", "dans", "du"),
    [
        ("departement", "Seine-et-Marne", "en Seine-et-Marne", "de Seine-et-Marne"),
        ("departement", "Marne", "dans la Marne", "de la Marne"),
        ("departement", "Oise", "dans l’Oise", "de l’Oise"),
        ("departement", "Hérault", "dans l’Hérault", "de l’Hérault"),
        ("departement", "Yvelines", "dans les Yvelines", "des Yvelines"),
        ("departement", "Val-de-Marne", "dans le Val-de-Marne", "du Val-de-Marne"),
        ("departement", "Haute-Savoie", "en Haute-Savoie", "de Haute-Savoie"),
        ("departement", "La Réunion", "à La Réunion", "de La Réunion"),
        ("departement", "Paris", "à Paris", "de Paris"),
        ("commune", "Melun", "à Melun", "de Melun"),
        ("commune", "Avon", "à Avon", "d’Avon"),
        ("commune", "Émerainville", "à Émerainville", "d’Émerainville"),
        ("commune", "Héricy", "à Héricy", "d’Héricy"),
        ("commune", "Hautefeuille", "à Hautefeuille", "de Hautefeuille"),
        ("commune", "Yèbles", "à Yèbles", "d’Yèbles"),
        ("commune", "Le Mée-sur-Seine", "au Mée-sur-Seine", "du Mée-sur-Seine"),
        ("commune", "Les Ormes-sur-Voulzie", "aux Ormes-sur-Voulzie", "des Ormes-sur-Voulzie"),
        ("commune", "La Rochette", "à La Rochette", "de La Rochette"),
        ("commune", "L'Haÿ-les-Roses", "à L’Haÿ-les-Roses", "de L’Haÿ-les-Roses"),
        ("commune", "Lesches", "à Lesches", "de Lesches"),
        ("arrondissement", "Provins", "dans l’arrondissement de Provins", "de l’arrondissement de Provins"),
        ("canton", "Ozoir-la-Ferrière", "dans le canton d’Ozoir-la-Ferrière", "du canton d’Ozoir-la-Ferrière"),
        ("epci", "CA du Pays de Meaux", "dans la communauté d’agglomération du Pays de Meaux",
         "de la communauté d’agglomération du Pays de Meaux"),
        ("epci", "CC du Pays de l'Ourcq", "dans la communauté de communes du Pays de l’Ourcq",
         "de la communauté de communes du Pays de l’Ourcq"),
        ("epci", "Métropole du Grand Paris", "dans la Métropole du Grand Paris", "de la Métropole du Grand Paris"),
        ("qpv", "Beauval", "dans le quartier prioritaire « Beauval »", "du quartier prioritaire « Beauval »"),
        ("regroupement", "Sud", "dans le territoire « Sud »", "du territoire « Sud »"),
    ],
)  # fmt: skip
def test_lieux(niveau: str, libelle: str, dans: str, du: str) -> None:
    lieu = Lieu(niveau, "", libelle)
    assert (simple(sur(lieu)), simple(de(lieu))) == (dans, du)


def test_partie_d_un_epci() -> None:
    lieu = Lieu("epci", "200055655", "CA Roissy Pays de France", "partie seine-et-marnaise")
    entier = "la partie seine-et-marnaise de la communauté d’agglomération Roissy Pays de France"
    assert (nommer(lieu), sur(lieu), de(lieu)) == (entier, f"dans {entier}", f"de {entier}")


def test_tous_les_lieux_du_departement() -> None:
    territoire = load_territoire("77")
    zones = [
        z for n in ("departement", "arrondissement", "epci", "canton", "commune") for z in territoire.zones(n)
    ]
    assert len(zones) > 500
    for zone in zones:
        dits = " ".join((sur(zone), de(zone), nommer(zone)))
        assert not re.search(r"'|  |\b(?:à|de) Les? |\bde [AEIOUÉÈÊ]|\bl’l’", dits), dits


@given(
    st.text(alphabet="AbcdeéÉLls ’-Hœ", min_size=1, max_size=20)
    .map(lambda t: " ".join(t.split()))
    .filter(bool)
)
def test_prepositions_sans_double_espace(nom: str) -> None:
    for dit in (avec_a(nom), avec_de(nom)):
        assert "  " not in dit and dit[0] in "aàd"


@given(
    st.sampled_from(sorted(CARTES)),
    st.floats(-1e12, 1e12),
    st.floats(0, 1e12),
    st.integers(2, 10**6),
    st.sampled_from(["ok", "prudence", "secret", "nd", "non_publie"]),
    st.sampled_from([REPONDANTES, REPRESENTATIF, POIDS_ECONOMIQUE]),
)
def test_typographie(nom: str, valeur: float, largeur: float, n: int, statut: str, vue: str) -> None:
    m = mesure(
        valeur, statut, vue, borne_basse=valeur - largeur, borne_haute=valeur + largeur, n_repondants=n
    )
    dite = phrase(fiche(nom), m, Lieu("epci", "1", "CC du Pays de l'Ourcq"), "Défense de causes, de droits")
    assert dite[0].isupper() or dite[0] in "«" or dite[0].isdigit()
    assert dite.endswith(".")
    assert not re.search(r"  |'| [:;!?%€]|« | »|, ,|,,| \.|\{|\d \d|\.\.", dite), dite
    assert not re.search(rf"[^{FINE}{INSECABLE}][;!?»:]", dite), dite


@pytest.mark.parametrize(
    ("valeur", "unite", "decimales", "attendue"),
    [
        (0.3894, "part", 1, "38,9 %"),
        (1.99, "heures", 0, "2 heures"),
        (1.4, "heures", 0, "1 heure"),
        (1.9, "ETP", 1, "1,9 équivalent temps plein"),
        (312.5, "ETP", 1, "312,5 équivalents temps plein"),
        (0.35, "ETP pour 1 000 habitants", 2, "0,35 équivalent temps plein pour 1 000 habitants"),
        (1, "personnes accueillies", 0, "1 personne accueillie"),
        (5.2, "mois", 1, "5,2 mois"),
        (0.43, "indice de 0 à 1", 2, "0,43"),
        (999_999, "€", 0, "999 999 €"),
        (1_000_000, "€", 0, "1,00 million d’euros"),
        (2_500_000_000, "€", 0, "2,50 milliards d’euros"),
        (-1234.5, "€", 0, "−1 235 €"),
        (5.31, "€ par habitant", 2, "5,31 € par habitant"),
        (31.6, "points de 10 à 40", 1, "31,6 points"),
    ],
)
def test_quantites(valeur: float, unite: str, decimales: int, attendue: str) -> None:
    assert simple(quantite(valeur, unite, decimales)) == attendue


def test_intervalles() -> None:
    assert simple(entre(0.351, 0.427, "part", 1)) == "entre 35,1 et 42,7 %"
    assert simple(entre(1, 6, "heures", 0)) == "entre 1 et 6 heures"
    assert simple(entre(900_000, 1_200_000, "€", 0)) == "entre 900 000 € et 1,20 million d’euros"
    assert simple(entre(1_200_000, 3_400_000, "€", 0)) == "entre 1,20 et 3,40 millions d’euros"
    assert (
        au_singulier("équivalents temps plein pour 1 000 habitants")
        == "équivalent temps plein pour 1 000 habitants"
    )


@pytest.mark.parametrize("nom", CARTES)
def test_chaque_indicateur_a_ses_mots(nom: str) -> None:
    """No card is left with the sentence of last resort, « l’indicateur « titre » est de… »."""
    assert not objet(fiche(nom)).startswith("l’indicateur"), (
        f"{nom} : donnez-lui une tournure (tournures.toml)"
    )
    assert objet(fiche(nom)).split(" ")[0].rstrip(",") in {"la", "le"} or objet(fiche(nom)).startswith("l’")


def test_tournures_d_indicateurs_connus() -> None:
    assert set(tournures()) <= set(CARTES)


def test_indicateur_inconnu_a_une_phrase() -> None:
    autre = fiche(
        indicateur="autre", titre="Chose", definition="Ce que l’on voit.", unite="choses", decimales=0
    )
    assert simple(phrase(autre, mesure(3.0), SEINE_ET_MARNE)) == (
        "Parmi les 34 associations de Seine-et-Marne qui ont répondu, l’indicateur « Chose » est de 3 choses en 2025."
    )
