"""The questionnaires load, say what the other parts count on, and every fault of a file is told at once."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from observatoire.domain.loader import DOSSIER, SpecError, load_enquete, load_enquetes
from observatoire.domain.types._nettoyage import plier

CAS = Path(__file__).parents[1] / "cases" / "entetes.csv"
ENQUETES = load_enquetes()
COMMUNS = ["nom_association", "rna", "siret", "commune", "code_postal", "annee"]
PERSONNELS = {
    "prenom",
    "nom_personne",
    "courriel",
    "telephone",
    "adresse_personnelle",
    "adresse_ip",
    "date_naissance",
    "nir",
    "iban",
}

COMMUNS_TOML = """
name = "communs"
[[champ]]
name = "nom_association"
type = "texte"
title = "Nom"
description = "Le nom."
example = "Les Amis"
constraints = { required = true }
[[champ]]
name = "courriel"
type = "texte"
title = "Courriel"
description = "Refusé."
example = "x"
personnel = true
"""

ENQUETE_TOML = """
name = "essai"
title = "Essai"
description = "Un essai."
grain = "Une ligne."
version = "1.0"
cle = []
millesime_de = []
{tete}
identite = {{ nom = "nb" }}
[[champ]]
name = "nb"
type = "effectif"
title = "Nombre"
description = "Un nombre."
example = "3"
{champ}
{suite}
"""


def ecrire(dossier: Path, tete: str = "", champ: str = "", suite: str = "") -> Path:
    dossier.joinpath("communs.toml").write_text(COMMUNS_TOML, encoding="utf-8")
    chemin = dossier / "essai.toml"
    chemin.write_text(ENQUETE_TOML.format(tete=tete, champ=champ, suite=suite), encoding="utf-8")
    return chemin


def autre_champ(nom: str, **cles: str) -> str:
    table = {"type": '"texte"', "title": f'"{nom}"', "description": '"Texte."', "example": '"x"'} | cles
    return f'[[champ]]\nname = "{nom}"\n' + "\n".join(
        f"{cle} = {valeur}" for cle, valeur in table.items() if valeur
    )


def regle(**cles: str) -> str:
    table = {
        "kind": '"partie"',
        "code": '"CO-01"',
        "parties": '["nb"]',
        "tout": '"nb"',
        "description": '"D."',
    }
    return "[[regle]]\n" + "\n".join(f"{cle} = {valeur}" for cle, valeur in (table | cles).items())


def test_les_six_questionnaires() -> None:
    assert list(ENQUETES) == ["associations", "benevolat", "emploi", "impact", "ressources", "subventions"]


@pytest.mark.parametrize("nom", ["associations", "benevolat", "emploi", "impact", "ressources"])
def test_les_colonnes_communes_ouvrent_le_questionnaire(nom: str) -> None:
    champs = [c.name for c in ENQUETES[nom].champs]
    assert champs[: len(COMMUNS)] == COMMUNS
    assert set(champs[-len(PERSONNELS) :]) == PERSONNELS


def test_les_subventions_gardent_leurs_propres_colonnes_et_refusent_les_personnelles() -> None:
    enquete = ENQUETES["subventions"]
    assert [c.name for c in enquete.champs_actifs()][:2] == ["nom_attribuant", "id_attribuant"]
    assert {c.name for c in enquete.champs if c.personnel} == PERSONNELS
    assert enquete.cle == () and enquete.doublon_identique == "garder"
    assert enquete.millesime_de == ("annee_exercice", "date_convention")
    assert enquete.identite == {
        "nom": "nom_beneficiaire",
        "rna": "rna_beneficiaire",
        "siret": "id_beneficiaire",
        "commune": "commune_beneficiaire",
    }


@pytest.mark.parametrize(
    ("nom", "cle", "requis"),
    [
        ("associations", ("annee",), {"nom_association"}),
        ("benevolat", ("annee", "categorie"), {"nom_association"}),
        ("emploi", ("annee",), {"nom_association"}),
        ("ressources", ("annee",), {"nom_association"}),
        ("impact", (), {"nom_association"}),
        ("subventions", (), {"nom_attribuant", "nom_beneficiaire", "montant"}),
    ],
)
def test_cle_et_champs_obligatoires(nom: str, cle: tuple[str, ...], requis: set[str]) -> None:
    enquete = ENQUETES[nom]
    assert enquete.cle == cle
    assert {c.name for c in enquete.champs if c.obligatoire} == requis


@pytest.mark.parametrize(
    ("questionnaire", "entete", "champ"),
    [tuple(ligne.values()) for ligne in csv.DictReader(CAS.open(encoding="utf-8", newline=""))],
)
def test_les_titres_rencontres_designent_un_seul_champ(questionnaire: str, entete: str, champ: str) -> None:
    trouves = {
        c.name
        for c in ENQUETES[questionnaire].champs
        if plier(entete) in {plier(x) for x in (c.name, c.title, *c.aliases)}
    }
    assert trouves == {champ}


@pytest.mark.parametrize("nom", ENQUETES)
def test_aucun_titre_ambigu_meme_sans_ponctuation(nom: str) -> None:
    vus: dict[str, str] = {}
    for champ in ENQUETES[nom].champs:
        for entete in (champ.name, champ.title, *champ.aliases):
            nu = " ".join(re.sub(r"[^0-9a-z%<>+]+", " ", plier(entete)).split())
            assert vus.setdefault(nu, champ.name) == champ.name, entete
    assert len(vus) > 50


@pytest.mark.parametrize("nom", ENQUETES)
def test_les_sections_se_suivent(nom: str) -> None:
    sections = [c.section for c in ENQUETES[nom].champs_actifs()]
    assert all(sections)
    suite = [s for i, s in enumerate(sections) if i == 0 or s != sections[i - 1]]
    assert len(suite) == len(set(suite))


@pytest.mark.parametrize("nom", ENQUETES)
def test_typographie_des_textes_montres(nom: str) -> None:
    for champ in ENQUETES[nom].champs:
        for texte in (champ.title, champ.description):
            assert not re.search(r" [;:!?»%€]|« |'", texte), texte


def test_oms5_cite_sa_source_et_ons4_ne_se_combine_pas() -> None:
    enquete = ENQUETES["impact"]
    assert "bien et de bonne humeur" in enquete.champ("oms5_1").description
    assert all("OMS-5" in enquete.champ(f"oms5_{i}").description for i in range(1, 6))
    assert "Office for National Statistics" in enquete.champ("ons4_anxiete").description
    assert [enquete.champ("oms5_score").constraints[c] for c in ("minimum", "maximum")] == [0, 100]


def test_le_detail_des_ressources_couvre_chaque_montant_recu() -> None:
    enquete = ENQUETES["ressources"]
    somme = next(r for r in enquete.regles if r.kind == "somme")
    hors = {
        "montant_total",
        "montant_charges",
        "montant_fonds_propres",
        "montant_tresorerie",
        "montant_premier_financeur",
    }
    recus = {c.name for c in enquete.champs_actifs() if c.type == "montant"} - hors
    assert (somme.code, somme.tout, somme.tolerance) == ("CO-02", "montant_total", 0.01)
    assert set(somme.parties) == recus


def test_un_questionnaire_juste_se_charge(tmp_path: Path) -> None:
    enquete = load_enquete(ecrire(tmp_path, champ='aliases = ["Nb"]'))
    assert [(c.name, c.personnel) for c in enquete.champs] == [("nb", False), ("courriel", True)]
    assert enquete.champ("nb").aliases == ("Nb",)


def test_since_et_until_bornent_les_champs_actifs(tmp_path: Path) -> None:
    enquete = load_enquete(ecrire(tmp_path, champ="until = 2024", suite=autre_champ("neuf", since="2025")))
    assert [c.name for c in enquete.champs_actifs(2024)] == ["nb"]
    assert [c.name for c in enquete.champs_actifs(2025)] == ["neuf"]
    assert [c.name for c in enquete.champs_actifs()] == ["nb", "neuf"]


FAUTES = {
    "clé inconnue": ({"champ": 'titel = "x"'}, "essai.toml › nb: clé « titel »"),
    "clé du questionnaire": ({"tete": "couleur = 1"}, "essai.toml: clé « couleur »"),
    "type inconnu": ({"suite": autre_champ("a", type='"nombre"')}, "essai.toml › a: type « nombre »"),
    "nomenclature inconnue": (
        {"suite": autre_champ("a", type='"nomenclature"', nomenclature='"couleurs"')},
        "essai.toml › a: nomenclature « couleurs »",
    ),
    "nomenclature absente": (
        {"suite": autre_champ("a", type='"nomenclature"')},
        "essai.toml › a: une nomenclature",
    ),
    "nom en double": ({"suite": autre_champ("nb")}, "essai.toml › nb: deux champs"),
    "alias en double": (
        {"suite": autre_champ("a", aliases='["NOMBRE"]')},
        "essai.toml › a: l’en-tête « NOMBRE »",
    ),
    "alias accentué en double": (
        {"champ": 'aliases = ["Bénévoles"]', "suite": autre_champ("a", aliases='["BENEVOLES"]')},
        "essai.toml › a: l’en-tête « BENEVOLES »",
    ),
    "alias d’une colonne refusée": (
        {"suite": autre_champ("a", aliases='["courriel"]')},
        "communs.toml › courriel: l’en-tête « courriel »",
    ),
    "exemple refusé": ({"suite": autre_champ("a", type='"effectif"')}, "essai.toml › a: l’exemple « x »"),
    "titre manquant": ({"suite": autre_champ("a", title="")}, "essai.toml › a: « title » manque"),
    "titre trop long": (
        {"suite": autre_champ("a", title=f'"{"x" * 46}"')},
        "essai.toml › a: title dépasse 45",
    ),
    "nom mal écrit": ({"suite": autre_champ("Clé")}, "essai.toml › Clé: le nom s’écrit"),
    "contrainte inconnue": ({"champ": "constraints = { max = 3 }"}, "essai.toml › nb: contrainte « max »"),
    "contrainte mal typée": (
        {"champ": 'constraints = { minimum = "3" }'},
        "essai.toml › nb: contrainte « minimum »",
    ),
    "bornes inversées": (
        {"champ": "constraints = { minimum = 3, maximum = 2 }"},
        "essai.toml › nb: minimum dépasse",
    ),
    "personnel et obligatoire": (
        {"suite": autre_champ("a", personnel="true", constraints="{ required = true }")},
        "essai.toml › a: un champ personnel ne peut pas",
    ),
    "règle sur un champ inconnu": (
        {"suite": regle(parties='["x"]')},
        "essai.toml › regle 1: « x » n’est pas un champ",
    ),
    "règle d’un genre inconnu": (
        {"suite": regle(kind='"moyenne"')},
        "essai.toml › regle 1: kind « moyenne »",
    ),
    "règle sans code connu": ({"suite": regle(code='"ZZ-99"')}, "essai.toml › regle 1: code « ZZ-99 »"),
    "règle sans tout": ({"suite": regle(tout='""')}, "essai.toml › regle 1: « tout » manque"),
    "doublon inconnu": ({"tete": 'doublon_identique = "jeter"'}, "essai.toml: doublon_identique = « jeter »"),
}


@pytest.mark.parametrize("cas", FAUTES)
def test_chaque_faute_nomme_le_fichier_et_le_champ(cas: str, tmp_path: Path) -> None:
    morceaux, attendu = FAUTES[cas]
    with pytest.raises(SpecError) as erreur:
        load_enquete(ecrire(tmp_path, **morceaux))
    assert [p for p in erreur.value.problemes if p.startswith(attendu)], erreur.value.problemes


def test_toutes_les_fautes_d_un_coup(tmp_path: Path) -> None:
    chemin = ecrire(
        tmp_path,
        tete="couleur = 1",
        champ='titel = "x"',
        suite=autre_champ("a", type='"nombre"') + "\n" + autre_champ("b", title=""),
    )
    with pytest.raises(SpecError) as erreur:
        load_enquete(chemin)
    lieux = [p.split(":")[0] for p in erreur.value.problemes]
    assert lieux == ["essai.toml", "essai.toml › nb", "essai.toml › a", "essai.toml › b"]


def test_fichier_illisible(tmp_path: Path) -> None:
    chemin = ecrire(tmp_path)
    chemin.write_text("name = ", encoding="utf-8")
    tmp_path.joinpath("communs.toml").unlink()
    with pytest.raises(SpecError) as erreur:
        load_enquete(chemin)
    assert [p.split(":")[0] for p in erreur.value.problemes] == ["essai.toml", "communs.toml"]


def test_les_questionnaires_sont_tous_dans_le_dossier() -> None:
    assert {p.stem for p in DOSSIER.glob("*.toml")} == {*ENQUETES, "communs"}
