"""The lists of answers, what people type for them, and the families of the RNA."""

from __future__ import annotations

import pytest

from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature, noms_nomenclatures, secteur_rna
from observatoire.domain.types import type_de
from observatoire.domain.types.base import Contexte

CODES = {
    "consentements": ("nominatif", "agrege", "non"),
    "likert5": ("1", "2", "3", "4", "5", "nsp"),
    "natures_subvention": ("numeraire", "nature"),
    "groupes_mesure": ("action", "comparaison"),
    "plans_mesure": ("avant_apres_comparaison", "avant_apres", "retrospectif", "satisfaction"),
    "secteurs": (
        "sport", "culture", "loisirs", "droits", "social", "sante", "education", "economie", "environnement",
        "non_classe",
    ),
    "territoires_intervention": (
        "quartier", "commune", "epci", "departement", "region", "national", "international",
    ),
    "unites_heures": ("an", "mois", "semaine"),
    "vagues": ("avant", "apres", "unique"),
}  # fmt: skip


def test_les_listes_et_leurs_codes() -> None:
    assert {nom: charger_nomenclature(nom).codes for nom in noms_nomenclatures()} == CODES


@pytest.mark.parametrize("nom", CODES)
def test_chaque_reponse_a_un_libelle_et_une_precision(nom: str) -> None:
    for ligne in charger_nomenclature(nom).lignes:
        assert ligne.libelle and ligne.description
        assert len(ligne.libelle) <= 45


@pytest.mark.parametrize(
    ("nom", "saisie", "code"),
    [
        ("secteurs", "SPORT", "sport"),
        ("secteurs", "Culture et loisirs", "culture"),
        ("secteurs", "Éducation populaire", "education"),
        ("secteurs", "solidarite", "social"),
        ("consentements", "oui", "nominatif"),
        ("consentements", "Non", "non"),
        ("consentements", "anonyme", "agrege"),
        ("unites_heures", "h/sem", "semaine"),
        ("unites_heures", "annuel", "an"),
        ("likert5", "tout à fait", "5"),
        ("likert5", "4", "4"),
        ("plans_mesure", "Avant/après", "avant_apres"),
        ("vagues", "T1", "apres"),
        ("territoires_intervention", "77", "departement"),
        ("territoires_intervention", "IDF", "region"),
        ("natures_subvention", "Numéraire", "numeraire"),
        ("natures_subvention", "Financier", "numeraire"),
    ],
)
def test_ce_que_les_gens_ecrivent(nom: str, saisie: str, code: str) -> None:
    trouve = charger_nomenclature(nom).chercher(saisie)
    assert trouve is not None
    assert trouve[0].code == code


@pytest.mark.parametrize(
    ("famille", "secteur"),
    [
        ("011", "sport"),
        ("032", "social"),
        ("030", "economie"),
        ("034", "loisirs"),
        ("036", "social"),
        ("038", "loisirs"),
        ("040", "droits"),
        ("024", "environnement"),
        ("010", "culture"),
        ("050", "non_classe"),
    ],
)
def test_familles_du_rna(famille: str, secteur: str) -> None:
    assert secteur_rna()[famille] == secteur


def test_les_familles_decalees_n_existent_pas() -> None:
    assert len(secteur_rna()) == 29
    assert not {"025", "026", "027", "028", "029", "100"} & set(secteur_rna())
    assert set(secteur_rna().values()) == set(CODES["secteurs"])


def test_les_libelles_du_gabarit_se_relisent_sans_anomalie() -> None:
    lus = 0
    for enquete in load_enquetes().values():
        for champ in enquete.champs_actifs():
            if champ.nomenclature is None:
                continue
            for ligne in charger_nomenclature(champ.nomenclature).lignes:
                lecture = type_de(champ).lire(ligne.libelle, champ, Contexte())
                assert lecture.code is None, (champ.name, ligne.libelle)
                assert lecture.valeur == ligne.code or (ligne.code == "nsp" and lecture.motif == "nsp")
                lus += 1
    assert lus > 50
