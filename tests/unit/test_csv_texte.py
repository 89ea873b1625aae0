"""CSV files: encoding and delimiter decided and said, widths checked, quotes respected, nothing swallowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.ingestion.grille import Classeur
from pipelines.ingestion.lecteur import lire_fichier

TEXTE = "Nom;Ville;Année\nL’été à Meaux;Melun;2025\n"


def lire(tmp_path: Path, contenu: bytes | str, nom: str = "f.csv") -> Classeur:
    chemin = tmp_path / nom
    chemin.write_bytes(contenu if isinstance(contenu, bytes) else contenu.encode())
    return lire_fichier(chemin)


@pytest.mark.parametrize(
    ("encodage", "dit"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("cp1252", "cp1252")],
)
def test_encodage_dit(tmp_path: Path, encodage: str, dit: str) -> None:
    classeur = lire(tmp_path, TEXTE.encode(encodage))
    assert classeur.encodage == dit
    assert classeur.feuilles[0].lignes == [["Nom", "Ville", "Année"], ["L’été à Meaux", "Melun", "2025"]]
    assert (classeur.format, classeur.feuilles[0].nom) == ("csv", "f")


def test_utf16_gros_boutiste(tmp_path: Path) -> None:
    assert lire(tmp_path, b"\xfe\xff" + TEXTE.encode("utf-16-be")).feuilles[0].lignes[1][0] == "L’été à Meaux"


@pytest.mark.parametrize("separateur", [";", ",", "\t", "|"])
def test_separateur_choisi(tmp_path: Path, separateur: str) -> None:
    lignes = [["Nom", "Objet", "Montant"], ["A", 'un "vrai", projet; ici | là\tbas', "3"], ["B", "", "4"]]
    contenu = "\n".join(
        separateur.join(f'"{c.replace(chr(34), chr(34) * 2)}"' if c != "Nom" else c for c in ligne)
        for ligne in lignes
    )
    classeur = lire(tmp_path, contenu)
    assert classeur.separateur == separateur
    assert classeur.feuilles[0].lignes == [[c or None for c in ligne] for ligne in lignes]
    assert classeur.feuilles[0].largeurs_fausses == {}


@pytest.mark.parametrize(
    ("contenu", "separateur"),
    [
        ("nom;montant\nA, B et C;1,5\nD, E;2,5\n", ";"),
        ("Titre, avec une virgule\n\nnom;ville;montant\nA;Melun;1\n", ";"),
        ("nom,objet\nA,x; y; z\nB,u; v; w\n", ","),
        ("sep=|\nnom|ville\nA;B|Melun\n", "|"),
        ("nom\nA\nB\n", ";"),
    ],
)
def test_separateur_au_milieu_des_autres(tmp_path: Path, contenu: str, separateur: str) -> None:
    assert lire(tmp_path, contenu).separateur == separateur


def test_virgules_decimales_sans_guillemets(tmp_path: Path) -> None:
    contenu = "nom,montant,nature\nA,12000,argent\nB,1500,50,argent\nC,3,5,argent\nD,7,argent\n"
    classeur = lire(tmp_path, contenu)
    assert classeur.separateur == ","
    assert classeur.feuilles[0].largeurs_fausses == {2: 4, 3: 4}
    assert classeur.feuilles[0].lignes[2] == ["B", "1500", "50", "argent"]


def test_largeurs(tmp_path: Path) -> None:
    contenu = (
        "Enquête 2025\n\nnom;ville;nombre\n"
        "A;Melun;1;;\n"  # trailing empty fields: no fault
        "\n;;\n"  # blank rows: no fault
        "B;Melun\n"  # a field is missing
        "C;Melun;3;oui\n"  # one too many
        "Source : nous\n"
    )
    feuille = lire(tmp_path, contenu).feuilles[0]
    assert feuille.largeurs_fausses == {6: 2, 7: 4, 8: 1}
    assert feuille.lignes[3] == ["A", "Melun", "1", None]
    assert feuille.lignes[4] == feuille.lignes[5] == [None] * 4


def test_entete_qui_finit_par_un_separateur(tmp_path: Path) -> None:
    feuille = lire(tmp_path, "nom;ville;\nA;Melun;\nB;Meaux\nC;Torcy;x\n").feuilles[0]
    assert feuille.largeurs_fausses == {}


def test_champ_sur_plusieurs_lignes(tmp_path: Path) -> None:
    feuille = lire(tmp_path, 'nom;objet\nA;"ligne 1\nligne 2"\nB;fin\n').feuilles[0]
    assert feuille.lignes == [["nom", "objet"], ["A", "ligne 1\nligne 2"], ["B", "fin"]]


def test_guillemet_jamais_referme_ne_coute_que_sa_ligne(tmp_path: Path) -> None:
    lignes = [f"Association {i};Melun;{i}" for i in range(50)]
    lignes[20] = '"Association 20;Melun;20'
    feuille = lire(tmp_path, "nom;ville;nombre\n" + "\n".join(lignes)).feuilles[0]
    assert len(feuille.lignes) == 51
    assert feuille.largeurs_fausses == {21: 1}
    assert feuille.lignes[21][0] == lignes[20]
    assert [x[0] for i, x in enumerate(feuille.lignes) if i not in (0, 21)] == [
        f"Association {i}" for i in range(50) if i != 20
    ]


def test_guillemet_ferme_au_milieu(tmp_path: Path) -> None:
    feuille = lire(tmp_path, 'nom;ville\n"Les Amis" de Melun;Melun\nB;Meaux\n').feuilles[0]
    assert feuille.largeurs_fausses == {1: 1}
    assert feuille.lignes[2] == ["B", "Meaux"]


def test_guillemets_apres_espace(tmp_path: Path) -> None:
    feuille = lire(tmp_path, 'nom, objet, ville\nA, "un, deux", Melun\nB, "trois", Meaux\n').feuilles[0]
    assert feuille.lignes[1] == ["A", "un, deux", "Melun"]
    assert feuille.largeurs_fausses == {}


@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
def test_fins_de_ligne(tmp_path: Path, fin: str) -> None:
    feuille = lire(tmp_path, f"nom;ville{fin}A;Melun{fin}{fin}B;Meaux{fin}").feuilles[0]
    assert feuille.lignes == [["nom", "ville"], ["A", "Melun"], [None, None], ["B", "Meaux"]]


def test_les_cellules_restent_du_texte(tmp_path: Path) -> None:
    feuille = lire(tmp_path, 'cp;siret;note;code\n01000;00512345600012;NA;="10004"\n').feuilles[0]
    assert feuille.lignes[1] == ["01000", "00512345600012", "NA", '="10004"']


def test_champ_trop_long(tmp_path: Path) -> None:
    feuille = lire(tmp_path, f"nom;objet\nA;{'x' * 40_000}\nB;court\n").feuilles[0]
    assert feuille.largeurs_fausses == {1: 1}
    assert feuille.lignes[2] == ["B", "court"]
