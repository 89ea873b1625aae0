"""Links from a name to the register: rules on names written by hand, figures on a seed of the bench."""

from __future__ import annotations

import importlib.util
import random
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import duckdb
import pyarrow as pa
import pytest

from observatoire.registre.alignement import aligner, proximite
from observatoire.registre.confiance import COEFFICIENTS, GRAINE_DE_CALAGE, TRAITS, confiance
from observatoire.registre.construction import Ligne, en_table
from observatoire.registre.noms import cle_triee, mots, normaliser, separer_sigle
from observatoire.registre.rapprochement import DOUTEUX, INCONNU, SUR, Demande, Lien, rapprocher

SCRIPTS = Path(__file__).parents[2] / "scripts"
MELUN, MEAUX, TORCY = ("77288", "Melun"), ("77284", "Meaux"), ("77468", "Torcy")
FICHES = [
    ("W770000001", "JUDO CLUB DE MELUN", MELUN, "active", None),
    ("W770000002", "KARATE CLUB DE MELUN", MELUN, "active", None),
    ("W770000003", "JUDO CLUB DE MEAUX", MEAUX, "active", None),
    ("W770000004", "COMITE DES FETES", MEAUX, "active", None),
    ("W770000005", "COMITE DES FETES", TORCY, "active", None),
    ("W770000006", "Les Semeurs d’étoiles", TORCY, "active", None),
    ("W770000007", "Foyer socio-éducatif du collège Les Tilleuls", MEAUX, "active", None),
    ("W770000008", "L’Oiseau de papier", MELUN, "dissoute", None),
    ("W770000009", "Centre ressource pour l’accueil numérique", MEAUX, "active", "CRAN"),
    ("W770000010", "Harmonie municipale", MELUN, "active", None),
    ("W770000011", "Harmonie municipale", MELUN, "active", None),
    ("W770000012", "Association sportive de Torcy", TORCY, "active", None),
]


def registre(decor: int = 300) -> pa.Table:
    """The rows above among others that share no word with them, so that rare words are rare."""
    lignes = [
        Ligne(
            rna=rna,
            nom=nom,
            nom_norme=normaliser(nom),
            sigle=sigle,
            etat=etat,
            code_commune=c,
            libelle_commune=n,
        )
        for rna, nom, (c, n), etat, sigle in FICHES
    ]
    for i in range(decor):
        nom = f"Pelote{i} basque{i % 17}"
        lignes.append(Ligne(rna=f"W771{i:06d}", nom=nom, nom_norme=normaliser(nom), code_commune="77186",
                            libelle_commune="Fontainebleau", etat="active"))  # fmt: skip
    return en_table(lignes)


def lier(nom: str, commune: str | None = None, texte: str | None = None) -> Lien:
    with duckdb.connect() as con:
        return rapprocher(con, [Demande("NOM:x", nom, commune, texte)], registre())[0]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Association Judo-Club de Melun", "JUDO CLUB MELUN"),
        ("A.S. Torcy", "Association sportive de Torcy"),
        ("Ass. sport. Torcy", "ASSOCIATION SPORTIVE TORCY"),
        ("FSE collège", "Foyer socio-éducatif du collège"),
        ("APE de Meaux", "Association des parents d’élèves de Meaux"),
        ("St-Fargeau & Ponthierry", "Saint Fargeau et Ponthierry"),
        ("L'amicale", "L’AMICALE"),
        ("Amic. des anciens combattants", "Amicale de l'ancien combattant"),
        ("Section n° 3 Foot", "football 3"),
        ("Associtaion des Fêtes", "fete"),
    ],
)  # fmt: skip
def test_memes_mots(a: str, b: str) -> None:
    assert cle_triee(normaliser(a)) == cle_triee(normaliser(b)) != ""


def test_mots_differents() -> None:
    assert cle_triee(normaliser("Judo club")) != cle_triee(normaliser("Karaté club"))
    assert mots("Association de la") == ("association", "de", "la")  # nothing else is left to compare
    assert separer_sigle("ABC PETITE ENFANCE (ABCPE)") == ("ABC PETITE ENFANCE", "ABCPE")
    assert separer_sigle("LES AMIS (DE MELUN ET MEAUX)") == ("LES AMIS (DE MELUN ET MEAUX)", None)


def test_proximite() -> None:
    assert proximite("acceuil", "accueil") > 0.7
    assert proximite("mun", "municipal") == 0.85
    assert proximite("judo", "karate") == 0
    assert proximite("77", "78") == 0


def test_alignement_compte_les_mots() -> None:
    lu = aligner(("judo", "club"), ("karate", "club"), lambda _: 1.0)
    assert (lu.en_trop, lu.manquants, lu.score) == (("judo",), ("karate",), 0.5)
    colle = aligner(("judoclub",), ("judo", "club"), lambda _: 1.0)
    assert colle.en_trop == colle.manquants == () and colle.score > 0.9
    assert aligner(("a1", "club"), ("club", "a1"), lambda _: 1.0).score == 1.0


@pytest.mark.parametrize(
    ("nom", "commune", "rna", "raison"),
    [
        ("Judo-club", "77288", "W770000001", "même nom, même commune"),
        ("Asso des Semeurs d'etoiles", "77468", "W770000006", "même nom, même commune"),
        ("Les Semeurs d'étioles", "77468", "W770000006", "un mot diffère\xa0: «\xa0etiole\xa0» pour «\xa0etoile\xa0», même commune"),
        ("FSE college les Tilleuls", "77284", "W770000007", "même nom, même commune"),
        ("A.S. Torcy", "77468", "W770000012", "même nom, même commune"),
    ],
)  # fmt: skip
def test_sur(nom: str, commune: str, rna: str, raison: str) -> None:
    lien = lier(nom, commune)
    assert (lien.verdict, lien.candidats[0].vers, lien.candidats[0].raison) == (SUR, f"RNA:{rna}", raison)


def test_commune_par_son_nom() -> None:
    assert lier("Comité des fêtes", texte="TORCY").candidats[0].vers == "RNA:W770000005"
    assert lier("Judo club", texte="Melun") == lier("Judo club", "77288")


@pytest.mark.parametrize(
    ("nom", "commune", "attendu", "mot"),
    [
        ("Judo club de Melun", "77284", "RNA:W770000001", "autre commune"),  # the name says Melun, the deposit Meaux
        ("Comité des fêtes", None, "RNA:W770000004", "commune inconnue"),
        ("L'Oiseau de papier", "77288", "RNA:W770000008", "association dissoute"),
        ("CRAN", "77284", "RNA:W770000009", "sigle de ce nom"),
        ("Harmonie municipale", "77288", "RNA:W770000010", "même nom"),  # two of them: nobody can tell
        ("Comité des fêtes", "77186", "RNA:W770000004", "autre commune"),
    ],
)  # fmt: skip
def test_douteux(nom: str, commune: str | None, attendu: str, mot: str) -> None:
    lien = lier(nom, commune)
    assert lien.verdict == DOUTEUX
    proposes = {c.vers: c.raison for c in lien.candidats}
    assert len(proposes) <= 5
    assert mot in proposes[attendu]


def test_un_mot_pour_un_autre_n_est_jamais_sur() -> None:
    lien = lier("Aïkido club de Melun", "77288")
    assert lien.verdict != SUR


def test_inconnu() -> None:
    assert lier("Zigzag bouldingue", "77288") == Lien("NOM:x", INCONNU, (), None)
    with duckdb.connect() as con:
        assert rapprocher(con, [Demande("a", "Judo")], en_table([]))[0].verdict == INCONNU


def test_parquet_comme_table(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    pq.write_table(registre(), tmp_path / "r.parquet")
    demandes = [Demande(str(i), nom, c[0]) for i, (_, nom, c, _, _) in enumerate(FICHES)]
    with duckdb.connect() as con:
        assert rapprocher(con, demandes, tmp_path / "r.parquet") == rapprocher(con, demandes, registre())


def test_ordre_indifferent() -> None:
    table = registre()
    demandes = [Demande(str(i), nom.lower(), c[0]) for i, (_, nom, c, _, _) in enumerate(FICHES)]
    melange = pa.Table.from_pylist(
        random.Random(3).sample(table.to_pylist(), table.num_rows), schema=table.schema
    )
    with duckdb.connect() as con:
        un = rapprocher(con, demandes, table)
        deux = rapprocher(con, demandes[::-1], melange)[::-1]
    assert un == deux
    assert {x.verdict for x in un} == {SUR, DOUTEUX}


def test_confiance_croissante() -> None:
    assert set(COEFFICIENTS) == set(TRAITS)
    faible, forte = (0.7, 0.05, 0.0, 0.0, 3.0, 4.0), (1.0, 0.4, 0.0, 0.0, 0.0, 12.0)
    assert confiance(faible) < 0.7 < 0.99 < confiance(forte) < 1


@cache
def banc() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rapprochement", SCRIPTS / "rapprochement.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["rapprochement"] = module
    spec.loader.exec_module(module)
    return module


def test_banc_sur_une_autre_graine() -> None:
    """A fifth of the bench: 5 000 associations, 1 000 names of which 100 are not in the register."""
    graine = 20
    assert graine != GRAINE_DE_CALAGE and graine not in banc().GRAINES
    m = banc().mesurer(graine, registre=5_000, noms=1_000, absents=100)
    assert m.surs > 600 and m.stable
    assert m.justes >= 0.98
    assert m.rappel >= 0.76
    assert m.rappel_file >= 0.93
    assert m.cle_exacte < 0.5  # the names are really dirty


def test_generateur_dit_la_verite() -> None:
    jeu = banc().fabriquer(5, registre=800, noms=200, absents=20)
    presents = {f.rna: f for f in jeu.registre}
    assert len(jeu.registre) == 800 and len(jeu.sales) == 200
    verites = [s.verite for s in jeu.sales]
    assert verites.count(None) == 20 and {v for v in verites if v} <= set(presents)
    justes = [s for s in jeu.sales if s.verite and s.genre == "juste"]
    assert all(s.commune == presents[s.verite].commune for s in justes) and len(justes) > 150
    fausses = [s for s in jeu.sales if s.verite and s.genre == "fausse"]
    assert fausses and all(s.commune != presents[s.verite].commune for s in fausses)
    assert sum(s.nom == presents[s.verite].nom for s in justes) < 0.4 * len(justes)
    assert banc().fabriquer(5, registre=800, noms=200, absents=20) == jeu
