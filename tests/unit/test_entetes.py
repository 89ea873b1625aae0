"""Matching column titles and fields, what the person gives, guessing the questionnaire."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.loader import load_enquetes
from pipelines.ingestion.appariement import Vocabulaire
from pipelines.ingestion.entetes import (
    Correspondance,
    apparier,
    connaisseur,
    correspondance_de,
    deviner,
    lire_correspondance,
    proches_de,
    scores_proches,
    tables_pour,
)
from pipelines.ingestion.grille import Classeur, Colonne, Feuille, FichierRefuse
from pipelines.ingestion.titres import formes

ENQUETES = load_enquetes()


def champ(name: str, title: str, *aliases: str, requis: bool = False, personnel: bool = False) -> Champ:
    contraintes = {"required": True} if requis else {}
    return Champ(name, "texte", title, "", aliases=aliases, constraints=contraintes, personnel=personnel)


NOM = champ("nom_association", "Nom de l’association", "Structure", "Dénomination", requis=True)
PETITE = Enquete(
    "petite", "Petite", "", "", "1",
    (
        NOM,
        champ("budget", "Budget annuel", "Budget", "Total des produits"),
        champ("nb_adherents", "Nombre d’adhérents", "Adhérents", "Adhérents › Total"),
        champ("nb_femmes", "Dont femmes", "Adhérentes"),
        champ("nb_cdi", "Salariés en CDI", "CDI"),
        champ("moins_18", "Adhérents de moins de 18 ans"),
        champ("courriel", "Adresse électronique", "E-mail", "Courriel", personnel=True),
    ),
)  # fmt: skip


def colonnes(*titres: str) -> list[Colonne]:
    return [Colonne(i, t) for i, t in enumerate(titres)]


def trouve(*titres: str, **options: Any) -> dict[str, tuple[str, str]]:
    resultat = apparier(colonnes(*titres), PETITE, **options)
    return {nom: (c.entete, methode) for nom, (c, _, methode) in resultat.champs.items()}


# --- Forms of a title ------------------------------------------------------------------------------------
SEMBLABLES = [
    ("Budget", "BUDGET (en €)", 1),
    ("Budget", "3. Budget ?", 1),
    ("Budget", "budget\u00a0*", 0),
    ("Nb adhérents", "Nombre d’adhérents", 2),
    ("Nombre d'adhérents", "Nbre d’adhérent(e)s", 2),
    ("Nombre d’adhérents", "Nombre d’adhérent·e·s", 0),
    ("Nombre d’adhérents", "Nombre d'adhérent.e.s", 0),
    ("Nombre de salariés", "nombre de salarié⋅es", 0),
    ("Nom du bénéficiaire", "nomBeneficiaire", 2),
    ("dates periode versement", "datesPeriodeVersement", 0),
    ("datesperiodeversement", "datesPeriodeVersement", 1),
    ("code_postal", "Code Postal", 0),
    ("Nom", "Nоm", 0),  # Cyrillic о
    ("Nom", "No\u200bm ", 0),
    ("Bénévoles", "Be\u0301ne\u0301voles", 0),
    ("Bénévoles", "BÃ©nÃ©voles", 0),
    ("N° SIRET", "Numéro SIRET", 0),
    ("Budget", "Budget 2024", 3),
    ("Bénévoles › réguliers", "Bénévoles > réguliers", 0),
]


@pytest.mark.parametrize(("un", "autre", "rang"), SEMBLABLES)
def test_titres_semblables(un: str, autre: str, rang: int) -> None:
    assert formes(un)[rang] == formes(autre)[rang] != ""


DIFFERENTS = [
    ("Budget", "Budget (k€)"),
    ("Budget", "Budget (en milliers d’euros)"),
    ("Adhérents", "Adhérentes"),
    ("Moins de 18 ans", "Moins de 30 ans"),
    ("CDI", "CDD"),
    ("Femmes", "Hommes"),
]


@pytest.mark.parametrize(("un", "autre"), DIFFERENTS)
def test_titres_differents(un: str, autre: str) -> None:
    assert not set(formes(un)) & set(formes(autre))


# --- Matching --------------------------------------------------------------------------------------------
def test_titre_alias_ressemblance() -> None:
    resultat = apparier(
        colonnes("Nom de l'association", "Total des produits", "Nombre d’adhérants", "Météo"), PETITE
    )
    assert {n: (c.index, m) for n, (c, _, m) in resultat.champs.items()} == {
        "nom_association": (0, "titre"),
        "budget": (1, "alias"),
        "nb_adherents": (2, "proche"),
    }
    assert resultat.champs["nom_association"][1] == 100
    assert 88 <= resultat.champs["nb_adherents"][1] < 92
    assert [c.entete for c in resultat.inconnues] == ["Météo"]
    assert resultat.collisions == {}


@pytest.mark.parametrize(
    "titre",
    [
        "Salariés en CDD",
        "CDD",
        "Nombre d’adhérentes bis",
        "Adhérents de moins de 30 ans",
        "Budget (k€)",
        "Nom du club",
    ],
)
def test_une_ressemblance_trompeuse_ne_suffit_pas(titre: str) -> None:
    assert trouve(titre) == {}


def test_feminin_nest_pas_masculin() -> None:
    assert trouve("Nombre d’adhérentes") == {}
    assert trouve("Adhérentes") == {"nb_femmes": ("Adhérentes", "alias")}


def test_collision_dite_et_une_seule_colonne_par_champ() -> None:
    resultat = apparier(colonnes("Budget 2024", "Structure", "Budget", "Budget"), PETITE)
    assert resultat.champs["budget"][0].index == 2
    assert [c.index for c in resultat.collisions["budget"]] == [2, 3, 0]
    assert resultat.inconnues == []


def test_deux_niveaux_entiers_puis_dernier_niveau() -> None:
    assert trouve("Adhérents › Total", "Finances › Budget", "Identité › Structure") == {
        "nb_adherents": ("Adhérents › Total", "alias"),
        "budget": ("Finances › Budget", "titre"),
        "nom_association": ("Identité › Structure", "alias"),
    }


def test_dernier_niveau_ambigu() -> None:
    assert trouve("Prévu › Budget", "Réalisé › Budget") == {}


def test_colonnes_personnelles_ne_servent_aucun_champ() -> None:
    resultat = apparier(colonnes("Structure", "E-mail"), PETITE)
    assert set(resultat.champs) == {"nom_association"}
    assert [c.entete for c in resultat.inconnues] == ["E-mail"]


def test_propositions() -> None:
    proposees = scores_proches(NOM, colonnes("Nom complet de votre association", "Téléphone", "Le nom"))
    assert proposees[0][0].index == 0 and all(score >= 60 for _, score in proposees)
    assert [c.index for c in proches_de(NOM, colonnes("Météo", "Nom de l’assoc"))] == [1]


@pytest.mark.parametrize("nom", ENQUETES)
def test_chaque_titre_et_alias_mene_a_son_champ(nom: str) -> None:
    vocabulaire = Vocabulaire(ENQUETES[nom].champs)
    verifies = 0
    for c in ENQUETES[nom].champs:
        for titre in (c.title, c.name, *c.aliases):
            candidat = vocabulaire.exact(titre)
            assert candidat is not None and candidat.champ == c.name, titre
            verifies += 1
    assert verifies > 100


# --- What the person gives -------------------------------------------------------------------------------
def test_ce_que_la_personne_donne_l_emporte() -> None:
    donnee = Correspondance(
        None, {"raison_sociale": "nom_association", "Budget": "nb_adherents"}, {"nb_cdi": "3"}
    )
    resultat = apparier(colonnes("Raison sociale", "budget", "Structure", "CDI"), PETITE, donnee)
    assert {n: (c.index, s, m) for n, (c, s, m) in resultat.champs.items()} == {
        "nom_association": (0, 100.0, "donne"),
        "nb_adherents": (1, 100.0, "donne"),
    }
    assert resultat.constantes == {"nb_cdi": "3"}
    assert [c.index for c in resultat.collisions["nom_association"]] == [0, 2]
    assert [c.entete for c in resultat.inconnues] == ["CDI"]


def test_colonne_donnee_avant_un_titre_exact() -> None:
    donnee = Correspondance(colonnes={"Recettes 2025": "budget"})
    assert trouve("Budget annuel", "Recettes 2025", correspondance=donnee)["budget"] == (
        "Recettes 2025",
        "donne",
    )


def test_lire_correspondance(tmp_path: Path) -> None:
    chemin = tmp_path / "c.toml"
    chemin.write_text(
        'questionnaire = "subventions"\n[colonnes]\n"Raison sociale" = "nom_beneficiaire"\n'
        '[constantes]\nnom_attribuant = "État"\nannee_exercice = 2024\n'
    )
    lue = lire_correspondance(chemin)
    assert lue == Correspondance(
        "subventions",
        {"Raison sociale": "nom_beneficiaire"},
        {"nom_attribuant": "État", "annee_exercice": "2024"},
    )


def test_lire_correspondance_dit_toutes_les_fautes(tmp_path: Path) -> None:
    chemin = tmp_path / "c.toml"
    chemin.write_text('colonne = 1\nquestionnaire = 3\n[colonnes]\nA = 2\n[constantes]\nb = ""\n')
    with pytest.raises(ValueError, match=r"colonne\s».*questionnaire\s».*A\s».*b\s»") as faute:
        lire_correspondance(chemin)
    assert "c.toml" in str(faute.value)


@pytest.mark.parametrize("contenu", [None, "a = ", "\xff".encode("latin-1")])
def test_correspondance_illisible(tmp_path: Path, contenu: str | bytes | None) -> None:
    chemin = tmp_path / "c.toml"
    if contenu is not None:
        chemin.write_bytes(contenu if isinstance(contenu, bytes) else contenu.encode())
    with pytest.raises(ValueError, match=r"c\.toml"):
        lire_correspondance(chemin)


def test_options_de_la_ligne_de_commande(tmp_path: Path) -> None:
    chemin = tmp_path / "c.toml"
    chemin.write_text('questionnaire = "subventions"\n[colonnes]\nA = "objet"\nB = "montant"\n')
    donnee = correspondance_de(
        chemin, ["A = nature", "x=y = objet"], ["nom_attribuant=État = ANCT"], None, ENQUETES
    )
    assert donnee == Correspondance(
        "subventions", {"A": "nature", "B": "montant", "x=y": "objet"}, {"nom_attribuant": "État = ANCT"}
    )
    assert correspondance_de(None, [], [], None, ENQUETES) is None


@pytest.mark.parametrize(
    ("colonnes_", "constantes", "questionnaire", "mots"),
    [
        (["sans égal"], ["k"], None, ["sans égal", "« k »"]),
        (["A=inventé"], ["autre=1"], "emploi", ["inventé", "autre", "nb_salaries"]),
        (["A=courriel"], [], "emploi", ["courriel"]),
        ([], ["montant=1"], "inconnu", ["inconnu", "subventions"]),
    ],
)
def test_options_fausses(
    colonnes_: list[str], constantes: list[str], questionnaire: str | None, mots: list[str]
) -> None:
    with pytest.raises(ValueError, match="à corriger") as faute:
        correspondance_de(None, colonnes_, constantes, questionnaire, ENQUETES)
    assert all(mot in str(faute.value).replace("\u00a0", " ") for mot in mots)


# --- Guessing --------------------------------------------------------------------------------------------
def classeur(**feuilles: Sequence[Sequence[Any]]) -> Classeur:
    return Classeur(
        "f.xlsx", "xlsx", "0" * 64, 1,
        [Feuille(nom, [list(x) for x in lignes], visible=not nom.startswith("_")) for nom, lignes in feuilles.items()],
    )  # fmt: skip


@pytest.mark.parametrize("nom", ENQUETES)
def test_chaque_gabarit_est_reconnu(nom: str) -> None:
    titres = [c.title for c in ENQUETES[nom].champs_actifs()]
    devine = deviner(classeur(f2025=[titres, ["x"] * len(titres)]), ENQUETES)
    assert devine is not None and devine.enquete.name == nom
    assert set(devine.appariements[0].champs) == {c.name for c in ENQUETES[nom].champs_actifs()}
    assert devine.score > 2 and "reconnues" in devine.raison


ETRANGERS = {
    "odk": ["type", "name", "label", "hint", "constraint", "required", "relevant"],
    "choix": ["list name", "name", "label"],
    "360giving": ["Identifier", "Title", "Description", "Currency", "Amount Awarded", "Award Date",
                  "Recipient Org:Name", "Recipient Org:City", "Funding Org:Name"],
    "identite seule": ["Nom de l’association", "RNA", "SIRET", "Commune", "Code postal", "Année"],
    "annuaire": ["Nom", "Prénom", "Courriel", "Téléphone", "Adresse"],
    "comptes": ["Date", "Libellé", "Débit", "Crédit", "Solde"],
    "dépenses": ["Department Family", "Entity", "Expense Type", "Supplier", "Amount"],
    "une seule colonne utile": ["Nom de l’association", "Budget", "Couleur", "Logo", "Slogan"],
}  # fmt: skip


@pytest.mark.parametrize("nom", ETRANGERS)
def test_un_fichier_etranger_n_est_pas_devine(nom: str) -> None:
    titres = ETRANGERS[nom]
    assert deviner(classeur(a=[titres, [f"v{i}" for i in range(len(titres))]]), ENQUETES) is None


SUBVENTIONS = ["nomAttribuant", "nomBeneficiaire", "objet", "montant", "dateConvention"]
LIGNE = ["Ville", "Asso", "Fonctionnement", 3, "2024-01-01"]


def test_une_feuille_par_annee_et_rien_d_autre() -> None:
    devine = deviner(
        classeur(
            Lisezmoi=[["Mode d’emploi"], ["Remplissez"]],
            a2023=[SUBVENTIONS, LIGNE],
            a2024=[["Subventions 2024"], SUBVENTIONS, LIGNE, LIGNE],
            détail=[["rubrique", "nomBeneficiaire", "objet", "montant", "étape", "code"], ["x"] * 6],
            _masquée=[SUBVENTIONS, LIGNE],
            vierge=[SUBVENTIONS],
        ),
        ENQUETES.values(),
    )
    assert devine is not None and devine.enquete.name == "subventions"
    assert [t.feuille.nom for t in devine.tables] == ["a2024", "a2023"] or [
        t.feuille.nom for t in devine.tables
    ] == ["a2023", "a2024"]
    assert len(devine.appariements) == 2


def test_questionnaire_impose() -> None:
    donnee = Correspondance("subventions", {"raison_sociale": "nom_beneficiaire"}, {"nom_attribuant": "État"})
    fichier = classeur(a=[["fichier", "raison_sociale", "montant"], ["x-2020", "Asso", 3.5]])
    assert deviner(classeur(a=[["fichier", "raison_sociale"], ["x-2020", "Asso"]]), ENQUETES) is None
    devine = tables_pour(fichier, ENQUETES["subventions"], donnee)
    assert devine is not None and set(devine.appariements[0].champs) == {"nom_beneficiaire", "montant"}
    assert devine.appariements[0].constantes == {"nom_attribuant": "État"}
    assert tables_pour(classeur(a=[[1, 2], [3, 4]]), ENQUETES["subventions"]) is None


def test_colonne_donnee_mais_absente() -> None:
    donnee = Correspondance(None, {"Truc": "objet", "Machin": "montant", "montant": "montant"})
    with pytest.raises(FichierRefuse) as refus:
        tables_pour(classeur(a=[SUBVENTIONS, LIGNE]), ENQUETES["subventions"], donnee)
    assert (
        refus.value.code == "EN-06"
        and "Truc" in str(refus.value.details)
        and "Machin" not in str(refus.value.details)
    )


def test_connaisseur() -> None:
    connu = connaisseur([PETITE], Correspondance(None, {"ma colonne": "budget"}))
    assert [connu(t) for t in ("budget (€)", "MA COLONNE", "Courriel", "CDD", "")] == [
        True,
        True,
        True,
        False,
        False,
    ]
