"""Finding the table in a sheet: header row, levels, end of the table, rows named as ignored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingestion.grille import Feuille, Table
from pipelines.ingestion.table import reperer_table
from pipelines.ingestion.titres import formes

CONNUS = {
    formes(t)[2]
    for t in (
        "Nom de l’association", "Nom", "RNA", "Commune", "Nb bénévoles", "Bénévoles réguliers", "Budget",
        "Bénévoles › réguliers", "Bénévoles › occasionnels", "Adhérents › Total", "Objet", "Montant",
    )
}  # fmt: skip
ENTETE = ["Nom", "Commune", "Nb bénévoles", "Budget"]
LIGNES: list[list[Any]] = [
    ["Les Amis du Loing", "Nemours", 12, 3000],
    ["Club de judo", "Melun", 8, 1500.5],
    ["Chorale", "Meaux", 30, 800],
]


def connu(texte: str) -> bool:
    return formes(texte)[2] in CONNUS


def feuille(*lignes: Sequence[Any], **options: Any) -> Feuille:
    largeur = max(map(len, lignes))
    return Feuille("F", [[*ligne, *[None] * (largeur - len(ligne))] for ligne in lignes], **options)


def reperer(*lignes: Sequence[Any], **options: Any) -> Table:
    table = reperer_table(feuille(*lignes, **options), connu)
    assert table is not None
    return table


def entetes(table: Table) -> list[str]:
    return [c.entete for c in table.colonnes]


# --- Header row ------------------------------------------------------------------------------------------
def test_titre_au_dessus_et_colonne_a_vide() -> None:
    table = reperer(
        [None, "Enquête 2025 sur le bénévolat"], [], [None, "Département", "Seine-et-Marne"], [],
        [None, *ENTETE], *[[None, *x] for x in LIGNES],
    )  # fmt: skip
    assert table.ligne_entete == 4
    assert entetes(table) == ENTETE
    assert [c.index for c in table.colonnes] == [1, 2, 3, 4]
    assert table.donnees == [5, 6, 7] and table.ignorees == {}


def test_titre_fusionne_nest_pas_un_groupe() -> None:
    table = reperer(["Enquête 2025"], ENTETE, *LIGNES, fusions=[(0, 0, 0, 3)])
    assert entetes(table) == ENTETE and table.ligne_entete == 1


def test_colonnes_du_csv_en_texte() -> None:
    table = reperer(ENTETE, *[[str(v).replace(".", ",") for v in x] for x in LIGNES])
    assert table.ligne_entete == 0 and table.donnees == [1, 2, 3]


def test_sans_vocabulaire_la_structure_suffit() -> None:
    table = reperer(["fichier", "code", "somme"], ["x-2020", "07712R", 19875.06], ["y-2021", "07714R", 3.0])
    assert table.ligne_entete == 0 and table.donnees == [1, 2]


@pytest.mark.parametrize(
    "lignes",
    [
        [[]],
        [[None, None]],
        [["Une phrase seule sur la page", None]],
        [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
        [["01/02/2024", "12"], ["03/04/2024", "15"]],
    ],
    ids=["rien", "vide", "phrase", "nombres", "csv sans titres"],
)
def test_pas_de_table(lignes: list[list[Any]]) -> None:
    assert reperer_table(feuille(*lignes), connu) is None


def test_colonne_sans_titre_mais_avec_donnees() -> None:
    table = reperer(["Nom", None, "Budget", None], ["A", "x", 3, None], ["B", "y", 4, None])
    assert entetes(table) == ["Nom", "(colonne B sans titre)", "Budget"]


def test_titre_sur_plusieurs_lignes_et_espaces() -> None:
    assert entetes(reperer([" Nom \n de l’association ", "Budget"], ["A", 3], ["B", 4])) == [
        "Nom de l’association",
        "Budget",
    ]


def test_annees_en_titre() -> None:
    table = reperer(["Nom", "Commune", 2023.0, 2024.0], ["A", "Melun", 3, 4], ["B", "Meaux", 5, 6])
    assert entetes(table) == ["Nom", "Commune", "2023", "2024"]


# --- Two levels ------------------------------------------------------------------------------------------
GROUPES = ["Nom", "Commune", "Bénévoles", None, "Budget"]
SOUS = [None, None, "réguliers", "occasionnels", None]
JOINTS = ["Nom", "Commune", "Bénévoles › réguliers", "Bénévoles › occasionnels", "Budget"]
DONNEES = [["A", "Melun", 3, 4, 100], ["B", "Meaux", 5, 6, 200]]


def test_deux_niveaux_fusionnes() -> None:
    fusions = [(1, 2, 1, 3), (1, 0, 2, 0), (1, 1, 2, 1), (1, 4, 2, 4)]
    table = reperer(["Titre"], GROUPES, SOUS, *DONNEES, fusions=fusions)
    assert entetes(table) == JOINTS
    assert table.ligne_entete == 2 and table.donnees == [3, 4]


def test_deux_niveaux_sans_fusion() -> None:
    table = reperer(GROUPES, SOUS, *DONNEES)
    assert entetes(table) == JOINTS and table.donnees == [2, 3]


def test_groupes_au_dessus_d_un_entete_complet() -> None:
    haut = ["Le financeur", None, "La subvention", None]
    table = reperer(
        haut, ["Nom", "RNA", "Objet", "Montant"], ["A", "W1", "x", 3], fusions=[(0, 0, 0, 1), (0, 2, 0, 3)]
    )
    assert entetes(table) == [
        "Le financeur › Nom",
        "Le financeur › RNA",
        "La subvention › Objet",
        "La subvention › Montant",
    ]
    assert table.ligne_entete == 1 and table.donnees == [2]


def test_groupe_sur_une_partie_des_colonnes() -> None:
    haut = [None, None, "Bénévoles", None, None]
    bas = ["Nom", "Commune", "réguliers", "occasionnels", "Budget"]
    assert entetes(reperer(haut, bas, *DONNEES, fusions=[(0, 2, 0, 3)])) == JOINTS


def test_sous_titres_repetes_sans_fusion() -> None:
    haut = ["Association", None, "Représentant légal", None, "Budget"]
    bas = ["Nom", "Courriel", "Nom", "Courriel", "Montant"]
    table = reperer(haut, bas, ["A", "a@b.fr", "Martin", "c@d.fr", 3])
    assert entetes(table)[:4] == [
        "Association › Nom",
        "Association › Courriel",
        "Représentant légal › Nom",
        "Représentant légal › Courriel",
    ]


def test_un_seul_niveau_reste_simple() -> None:
    table = reperer(["Nom", None, "Commune"], ["A", "x", "Melun"], ["B", "y", "Meaux"])
    assert table.ligne_entete == 0 and table.donnees == [1, 2]


def test_cellules_fusionnees_dans_les_donnees() -> None:
    table = reperer(
        ["Nom", None, "Budget"],
        ["A", None, 3],
        ["B", None, 4],
        fusions=[(0, 0, 0, 1), (1, 0, 1, 1), (2, 0, 2, 1)],
    )
    assert entetes(table) == ["Nom", "Budget"] and table.donnees == [1, 2]


@pytest.mark.parametrize(
    ("haut", "premiere", "suite", "fusions"),
    [
        (["Nom", None, "Commune"], ["A", "x", None], ["B", "y", "Meaux"], []),
        (["Nom", "Objet", None], ["A", "rue", "Melun"], ["B", "place", "Meaux"], [(0, 1, 0, 2)]),
        (["Nom", None, "Objet"], ["A", "x", "bal"], ["B", "y", None], [(0, 0, 0, 1)]),
    ],
)
def test_une_reponse_en_texte_nest_pas_un_second_niveau(
    haut: list[Any], premiere: list[Any], suite: list[Any], fusions: list[tuple[int, int, int, int]]
) -> None:
    table = reperer(haut, premiere, suite, fusions=fusions)
    assert table.ligne_entete == 0 and table.donnees == [1, 2]


def test_second_niveau_de_textes_reconnu_par_le_vocabulaire() -> None:
    table = reperer(["Nom", "Adhérents", None], [None, "Total", "Autres"], ["A", "douze", "trois"])
    assert entetes(table) == ["Nom", "Adhérents › Total", "Adhérents › Autres"] and table.donnees == [2]


# --- Rows that are no answers ----------------------------------------------------------------------------
TOTAUX: list[list[Any]] = [
    ["TOTAL", None, 50, 5300.5],
    ["Total général :", None, None, None],
    [None, "Totaux 2025", 50, 5300.5],
    ["Sous-total Melun", None, 3, 4],
    ["Moyenne", None, 16.67, 1766.8],
    ["Total des réponses", None, 50, 12],
    ["Somme", None, 50, 5300.5],
    [None, None, 50, 5300.5],
]


@pytest.mark.parametrize("total", TOTAUX, ids=lambda x: str(x[0] or x[1]))
def test_totaux(total: list[Any]) -> None:
    table = reperer(ENTETE, *LIGNES, total)
    assert table.donnees == [1, 2, 3] and table.ignorees == {4: "TO-01"}


VRAIES_REPONSES: list[list[Any]] = [
    ["Total Danse", "Melun", 3, 100],
    ["Total Danse", None, 3, 100],
    ["Total", "Melun", 3, 100],
    ["Moyenne montagne 77", "Provins", None, None],
    ["Ensemble vocal", None, 3, 100],
    ["Notes en bulles", "Meaux", 4, 10],
    ["Notes en bulles", None, None, 10],
    ["Source de vie", "Torcy", 5, 20],
    ["Source de vie", None, 5, None],
    ["Champ libre", "Torcy", 5, 20],
    [None, None, 7, 21],
    ["Lecture : plaisir et partage", "Melun", 3, 1],
]


@pytest.mark.parametrize("reponse", VRAIES_REPONSES, ids=lambda x: f"{x[0]}-{x[1]}")
@pytest.mark.parametrize("place", ["fin", "milieu"])
def test_une_association_n_est_jamais_un_total_ni_une_note(reponse: list[Any], place: str) -> None:
    suite = [*LIGNES, reponse] if place == "fin" else [LIGNES[0], reponse, *LIGNES[1:]]
    table = reperer(ENTETE, *suite)
    assert table.donnees == [1, 2, 3, 4] and table.ignorees == {}


NOTES: list[list[Any]] = [
    ["Source : enquête RESO77, 2025"],
    ["N.B. : chiffres provisoires"],
    ["* données déclarées par les associations"],
    ["(1) hors volontaires en service civique"],
    ["Source :", "enquête"],
    ["Note de lecture : 12 bénévoles réguliers en moyenne"],
    ["Source INSEE 2024"],
    [None, None, "Remarque : à relire"],
]


@pytest.mark.parametrize("note", NOTES, ids=lambda x: str(x[0] or x[2])[:12])
def test_notes_sous_le_tableau(note: list[Any]) -> None:
    table = reperer(ENTETE, *LIGNES, note)
    assert table.donnees == [1, 2, 3] and table.ignorees == {4: "TO-02"}


def test_lignes_blanches_notes_et_fin() -> None:
    table = reperer(
        ENTETE, *LIGNES, [], ["TOTAL", None, 50, 5300.5], [], [], ["Source : nous"],
        ["Les données ont été relues par les associations elles-mêmes."], [], [None, "  "],
    )  # fmt: skip
    assert table.donnees == [1, 2, 3]
    assert table.ignorees == {4: "TO-03", 5: "TO-01", 6: "TO-03", 7: "TO-03", 8: "TO-02", 9: "TO-02"}


def test_les_reponses_apres_un_trou_sont_lues() -> None:
    table = reperer(ENTETE, LIGNES[0], [], [], [], LIGNES[1], ["Total", None, 20, 4500.5], LIGNES[2])
    assert table.donnees == [1, 5, 7]
    assert table.ignorees == {2: "TO-03", 3: "TO-03", 4: "TO-03", 6: "TO-01"}


def test_titres_repetes() -> None:
    table = reperer(ENTETE, LIGNES[0], [], [], ["NOM ", "Commune", "Nb bénévoles", "Budget"], LIGNES[1])
    assert table.donnees == [1, 5] and table.ignorees == {2: "TO-03", 3: "TO-03", 4: "TO-04"}


def test_une_cellule_en_erreur_nest_pas_une_ligne_blanche() -> None:
    table = reperer(ENTETE, LIGNES[0], [], LIGNES[1], erreurs={(2, 3): "#REF!"}, non_calculees=set())
    assert table.donnees == [1, 2, 3] and table.ignorees == {}


def test_lignes_de_largeur_fausse_sans_colonne_de_trop() -> None:
    table = reperer(
        ["nom", "montant", "nature", None], ["A", "1", "x"], ["B", "1", "5", "x"], largeurs_fausses={2: 4}
    )
    assert entetes(table) == ["nom", "montant", "nature"] and table.donnees == [1, 2]


def test_titres_seuls() -> None:
    table = reperer(ENTETE, [], [])
    assert table.donnees == [] and table.ignorees == {}


cellules = st.one_of(
    st.none(),
    st.integers(0, 99),
    st.sampled_from(["TOTAL", "Source : x", "Melun", "Nom", "  ", "Total Danse", "12,5"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(cellules, min_size=4, max_size=4), max_size=25))
def test_chaque_ligne_est_lue_ou_nommee(lignes: list[list[Any]]) -> None:
    table = reperer(ENTETE, LIGNES[0], *lignes)
    pleines = [
        i for i, x in enumerate(table.feuille.lignes) if any(v is not None and str(v).strip() for v in x)
    ]
    assert sorted([*table.donnees, *table.ignorees]) == list(range(table.ligne_entete + 1, max(pleines) + 1))
    assert {i for i, code in table.ignorees.items() if code == "TO-03"}.isdisjoint(pleines)
    assert set(table.ignorees.values()) <= {"TO-01", "TO-02", "TO-03", "TO-04"}
