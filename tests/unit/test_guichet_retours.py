"""What comes back to the counter: the annotated copy, the same file, a replacement, pending rows, a known layout."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook, load_workbook

from observatoire.comptes.identite import Role
from observatoire.config.settings import Settings
from pipelines.guichet import Guichet
from pipelines.ingestion.decisions import Correction
from pipelines.sorties.marque import FEUILLE_A_CORRIGER
from tests import classeur_sale as sale
from tests import guichet_prets as prets

FEUILLE = "Feuil1"
CHOIX: dict[str, Any] = {"questionnaire": "benevolat", "colonnes": {"Total des heures de l’année": None}}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "d")


@pytest.fixture
def g(settings: Settings) -> Guichet:
    return prets.guichet(settings)


def fautif(dossier: Path) -> bytes:
    """Eight clubs, « beaucoup » in D4."""
    lignes = prets.simples(8)
    lignes[2][3] = "beaucoup"
    return prets.benevolat(dossier, lignes)


def annotee(g: Guichet, identifiant: str) -> bytes:
    g.annoter(identifiant)
    copie = g.annote(identifiant)
    assert copie is not None, g.refus_annote(identifiant)
    return copie[1]


def retouchee(octets: bytes, **cellules: Any) -> bytes:
    """The workbook with these cells typed again (`D4=12`), in its first sheet that is not ours."""
    livre = load_workbook(io.BytesIO(octets))
    page = next(p for p in livre.worksheets if p.title != FEUILLE_A_CORRIGER)
    for adresse, valeur in cellules.items():
        page[adresse] = valeur
    livre.properties.title = "enregistré de nouveau"
    tampon = io.BytesIO()
    livre.save(tampon)
    return tampon.getvalue()


def reference(octets: bytes, texte: object) -> bytes:
    """The annotated copy with another reference typed over its own."""
    livre = load_workbook(io.BytesIO(octets))
    livre[FEUILLE_A_CORRIGER]["B2"] = texte
    tampon = io.BytesIO()
    livre.save(tampon)
    return tampon.getvalue()


# --- Annotated copy --------------------------------------------------------------------------------------
def test_la_copie_annotee_ferme_le_premier_depot(g: Guichet, tmp_path: Path) -> None:
    premier = prets.ouvrir(g, fautif(tmp_path), **CHOIX)
    assert prets.verdict(g, premier).lignes_en_attente + prets.verdict(g, premier).valeurs_ecartees == 1
    second = prets.ouvrir(g, retouchee(annotee(g, premier), D4=12), "réponses - à corriger.xlsx")
    v = prets.verdict(g, second)
    assert (v.corrige, v.cellules, v.lignes_lues, v.valeurs_ecartees) == (premier, [], 8, 0)
    chantier = g.chantier(second)
    assert chantier.decisions.colonnes == CHOIX["colonnes"]
    assert (chantier.corrige, chantier.remplace) == (premier, None)
    prets.charger(g, second)
    assert g.chantiers() == []
    assert g.chantier(premier).abandonne


def test_la_copie_annotee_remplace_le_depot_charge(g: Guichet, tmp_path: Path) -> None:
    premier = prets.ouvrir(g, fautif(tmp_path))
    copie = retouchee(annotee(g, premier), D4=12)
    ancien = prets.charger(g, premier)
    second = prets.ouvrir(g, copie)
    v = prets.verdict(g, second)
    assert g.chantier(second).remplace == ancien
    assert v.differences is not None
    assert v.differences["comptes"] == {"changee": 1, "identique": 7}
    (ligne,) = v.differences["lignes"]
    assert {c: tuple(x) for c, x in ligne["champs"].items()} == {"nb_benevoles_reguliers": (None, 12)}
    nouveau = prets.charger(g, second)
    assert [(d.depot_id, d.actif) for d in g.depots()] == [(nouveau, True), (ancien, False)]


def test_une_chaine_de_copies_se_ferme_entiere(g: Guichet, tmp_path: Path) -> None:
    premier = prets.ouvrir(g, fautif(tmp_path))
    deuxieme = prets.ouvrir(g, retouchee(annotee(g, premier), D4="trop"))
    troisieme = prets.ouvrir(g, retouchee(annotee(g, deuxieme), D4=12))
    assert g.chantier(troisieme).corrige == deuxieme
    prets.charger(g, troisieme)
    assert g.chantiers() == []


def test_les_cellules_retapees_sont_dans_la_copie(g: Guichet, tmp_path: Path) -> None:
    premier = prets.ouvrir(g, fautif(tmp_path))
    g.corriger(premier, [Correction(FEUILLE, "D4", "beaucoup", "14")])
    second = prets.ouvrir(g, annotee(g, premier))
    assert (prets.verdict(g, second).cellules, g.chantier(second).decisions.corrections) == ([], ())


@pytest.mark.parametrize(
    "texte",
    [
        "0" * 16,
        "f" * 16,
        "../../etc/passwd",
        "=1+1",
        "0123456789abcdef/../x",
        "A" * 64,
        "",
        None,
        12345678901234567,
        "<script>",
    ],
)
def test_une_reference_retapee_est_sans_effet(g: Guichet, tmp_path: Path, texte: object) -> None:
    premier = prets.ouvrir(g, fautif(tmp_path))
    second = prets.ouvrir(g, reference(annotee(g, premier), texte))
    v = prets.verdict(g, second)
    assert (v.refus, v.panne, v.corrige, v.lignes_lues) == (None, None, None, 8)
    assert g.chantier(premier).ouvert


def test_la_reference_d_une_autre_personne_est_sans_effet(settings: Settings, tmp_path: Path) -> None:
    """Typing somebody else’s reference neither shows her choices nor closes her deposit; a validator may."""
    ana = prets.guichet(settings, "ana", Role.DEPOSANT)
    leo = prets.guichet(settings, "leo", Role.DEPOSANT)
    chef = prets.guichet(settings, "chef", Role.VALIDEUR)
    premier = prets.ouvrir(ana, fautif(tmp_path), **CHOIX)
    copie = retouchee(annotee(ana, premier), D4=12)
    second = prets.ouvrir(leo, copie)
    assert prets.verdict(leo, second).corrige is None
    assert leo.chantier(second).decisions.colonnes == {}
    prets.charger(leo, second)
    assert ana.chantier(premier).ouvert
    assert prets.verdict(chef, prets.ouvrir(chef, retouchee(copie, D5=13))).corrige == premier


# --- The same file, replacement, undo, redo --------------------------------------------------------------
def test_le_meme_fichier_deux_fois(g: Guichet, tmp_path: Path) -> None:
    octets = prets.benevolat(tmp_path, prets.simples(4))
    depot_id = prets.deposer(g, octets)
    encore = prets.ouvrir(g, octets, "copie.xlsx")
    v = prets.verdict(g, encore)
    assert v.deja is not None
    assert (v.deja["depot_id"], v.deja["meme_contenu"], v.chargeable) == (depot_id, False, False)
    g.charger(encore)
    rien, refus = g.chargement(encore)
    assert rien is None
    assert refus is not None and depot_id in refus
    assert len(g.depots()) == 1


def test_le_meme_classeur_enregistre_de_nouveau(g: Guichet, tmp_path: Path) -> None:
    octets = prets.benevolat(tmp_path, prets.simples(4))
    depot_id = prets.deposer(g, octets)
    autres = retouchee(octets, A1="Nom de l’association")
    assert autres != octets
    encore = prets.ouvrir(g, autres)
    v = prets.verdict(g, encore)
    assert v.deja is not None
    assert (v.deja["depot_id"], v.deja["meme_contenu"], v.chargeable) == (depot_id, True, False)
    g.charger(encore)
    assert "Les mêmes réponses" in (g.chargement(encore)[1] or "")


def publique(settings: Settings) -> str:
    """Fingerprint of every public table of figures, rows in order; the number of the publication aside."""
    empreinte = hashlib.sha256()
    with duckdb.connect(str(settings.publication), read_only=True) as con:
        tables = con.execute(
            "select table_schema, table_name from information_schema.tables where table_type = 'BASE TABLE' order by 1, 2"
        ).fetchall()
        assert len(tables) > 3
        for schema, table in tables:
            if table in ("_publication", "depots"):
                continue
            quoi = "* exclude (publication)" if table == "mesures" else "*"
            lignes = con.execute(f'select {quoi} from "{schema}"."{table}" order by all').fetchall()
            empreinte.update(repr((schema, table, lignes)).encode())
    return empreinte.hexdigest()


def publier(g: Guichet) -> str:
    g.publier()
    assert g.refus_publication() is None
    return publique(g.settings)


def test_remplacer_defaire_refaire(g: Guichet, tmp_path: Path) -> None:
    """Differences first; undoing brings the old deposit back, redoing the new one, figures byte for byte."""
    lignes = prets.simples(14)
    ancien = prets.deposer(g, prets.benevolat(tmp_path, lignes))
    avant = publier(g)
    nouvelles = [*[[*ligne] for ligne in lignes[1:]], ["Club neuf", "Melun", 2025, 50, 500]]
    nouvelles[0][3] = 99
    identifiant = prets.ouvrir(g, prets.benevolat(tmp_path, nouvelles))
    assert [d["depot_id"] for d in prets.verdict(g, identifiant).remplacables] == [ancien]
    g.remplacer(identifiant, ancien)
    v = prets.verdict(g, identifiant)
    assert v.differences is not None
    assert v.differences["comptes"] == {"changee": 1, "nouvelle": 1, "disparue": 1, "identique": 12}
    assert v.differences["total"] == 3
    nouveau = prets.charger(g, identifiant)
    apres = publier(g)
    assert apres != avant
    touches = g.apercu_annulation(nouveau)
    assert any(c.indicateur for c in touches)
    g.annuler(nouveau)
    assert [(d.depot_id, d.actif) for d in g.depots()] == [(nouveau, False), (ancien, True)]
    assert publier(g) == avant
    g.retablir(nouveau)
    assert [(d.depot_id, d.actif) for d in g.depots()] == [(nouveau, True), (ancien, False)]
    assert publier(g) == apres


def test_remplacer_puis_se_raviser(g: Guichet, tmp_path: Path) -> None:
    ancien = prets.deposer(g, prets.benevolat(tmp_path, prets.simples(3)))
    identifiant = prets.ouvrir(g, prets.benevolat(tmp_path, prets.simples(3, 10)))
    g.remplacer(identifiant, ancien)
    g.remplacer(identifiant, None)
    assert prets.verdict(g, identifiant).differences is None
    prets.charger(g, identifiant)
    assert g.depot(ancien).actif


# --- Pending rows ----------------------------------------------------------------------------------------
def en_double(dossier: Path) -> bytes:
    """Four clubs; « Club 0 » answers twice, in rows 2 and 6."""
    return prets.benevolat(dossier, [*prets.simples(4), ["Club 0", "Melun", 2025, 77, 770]])


def test_finir_plus_tard_depuis_les_octets(g: Guichet, tmp_path: Path) -> None:
    ancien = prets.deposer(g, en_double(tmp_path))
    assert sorted((x.ligne, *x.motifs) for x in g.attente()) == [(2, "DO-01"), (6, "DO-01")]
    repris = g.reprendre(ancien)
    g.ecarter(repris, [(FEUILLE, 6)])
    v = prets.verdict(g, repris)
    assert (v.deja, v.lignes_chargees, v.lignes_en_attente) == (None, 4, 0)
    nouveau = prets.charger(g, repris)
    assert [(d.depot_id, d.actif) for d in g.depots()] == [(nouveau, True), (ancien, False)]
    assert g.attente() == []


def test_finir_plus_tard_depuis_la_grille_epuree(g: Guichet, settings: Settings) -> None:
    ancien = prets.deposer(g, sale.octets(), sale.CLASSEUR, **sale.DECISIONS)
    archive = g.depot(ancien).archive or ""
    assert archive.endswith(".grille.zip")
    repris = g.reprendre(ancien)
    v = prets.verdict(g, repris)
    assert (v.personnelles, v.lignes_lues, v.lignes_en_attente) == ([], 11, 2)
    g.corriger(repris, sale.CORRECTIONS)
    g.ecarter(repris, [sale.LIGNE_ECARTEE])
    g.corriger(repris, [dataclasses.replace(sale.CORRECTIONS[1], apres="310")])
    nouveau = prets.charger(g, repris)
    assert (g.depot(nouveau).lignes_chargees, g.depot(nouveau).remplace) == (7, ancien)
    assert prets.contenants(settings.donnees, sale.CANARIS) == []
    with duckdb.connect(str(settings.entrepot), read_only=True) as con:
        valeurs = con.execute(
            "select montant_cotisations from courant.ressources where nom_association = 'Chorale des Tilleuls'"
        ).fetchall()
    assert [float(v) for (v,) in valeurs] == [310.0]
    # Taken up once more, a correction can still be put back to what the file says.
    encore = g.reprendre(nouveau)
    g.corriger(encore, [dataclasses.replace(sale.CORRECTIONS[1], apres="#DIV/0!")])
    assert ("E8", "FO-01") in [(c.cellule, c.code) for c in prets.verdict(g, encore).cellules]


def benevalibre() -> bytes:
    """An export: three people, one of them twice, one without a name."""
    titres = "Prénom,Nom,Pseudo,Association,Titre,Description,Date,Date de fin,Durée,Durée (en heures)"
    titres += ",En attente de modération,Distance (en km),Catégorie,Projet,Niveau"
    saisies = [
        ("Zoé", "Canari", "zoe77"),
        ("Zoé", "Canari", "zoe77"),
        ("Ali", "Canari", "ali"),
        ("", "", ""),
    ]
    lignes = [
        f"{p},{n},{s},Club du Ru,Accueil,,2025-03-0{i},,2:00:00,2.0,False,,Accueil,,"
        for i, (p, n, s) in enumerate(saisies, 1)
    ]
    return "\n".join([titres, *lignes]).encode()


def test_finir_plus_tard_depuis_benevalibre(g: Guichet, settings: Settings) -> None:
    """The names are gone from the archive, and as many different volunteers are counted."""

    def distincts() -> list[tuple[Any, ...]]:
        with duckdb.connect(str(settings.entrepot), read_only=True) as con:
            return con.execute(
                "select nom_association, nb_benevoles_distincts, heures_total_an from courant.benevolat"
            ).fetchall()

    ancien = prets.deposer(g, benevalibre(), "benevalo-export.csv", retirer_personnelles=True)
    avant = distincts()
    assert avant[0][1] == 2
    repris = g.reprendre(ancien)
    assert prets.verdict(g, repris).origine.startswith("Béné")
    prets.charger(g, repris)
    assert distincts() == avant
    assert prets.contenants(settings.donnees, (b"Canari", b"zoe77")) == []


def fiche(nom: str, benevoles: object) -> bytes:
    """A form: labels down column A, the answers of one association beside."""
    livre = Workbook()
    page = livre.worksheets[0]
    page.title = "Fiche"
    for ligne in (
        ["Questionnaire bénévolat"],
        ["Nom de l’association", nom],
        ["Commune du siège", "Melun"],
        ["Année des données", 2025],
        ["Bénévoles réguliers", benevoles],
        ["Total des heures de l’année", 300],
    ):
        page.append(ligne)
    tampon = io.BytesIO()
    livre.save(tampon)
    return tampon.getvalue()


def test_un_dossier_de_fiches_est_un_depot(g: Guichet) -> None:
    fichiers = [(f"fiche {i}.xlsx", fiche(f"Club {i}", 10 + i)) for i in range(4)]
    fichiers[2] = (fichiers[2][0], fiche("Club 2", "une foule"))
    (identifiant,) = g.ouvrir(fichiers, ensemble=True)
    v = prets.verdict(g, identifiant)
    assert (v.questionnaire, v.lignes_lues, v.lignes_chargees) == ("benevolat", 4, 4)
    (fausse,) = v.cellules
    assert (fausse.feuille, fausse.cellule) == ("fiche 2.xlsx › Fiche", "B5")
    ancien = prets.charger(g, identifiant)
    assert (g.depot(ancien).archive or "").endswith(".dossier")
    repris = g.reprendre(ancien)
    assert [f.nom for f in g.chantier(repris).fichiers] == [n for n, _ in fichiers]
    g.corriger(repris, [Correction(fausse.feuille, fausse.cellule, "une foule", "30")])
    v = prets.verdict(g, repris)
    assert (v.cellules, v.valeurs_ecartees, v.lignes_chargees) == ([], 0, 4)
    nouveau = prets.charger(g, repris)
    assert g.depot(nouveau).actif and not g.depot(ancien).actif


# --- Memory ----------------------------------------------------------------------------------------------
def etrange(dossier: Path, premier: int, titres: tuple[str, ...] = ("Quoi", "Où", "An", "Troupe")) -> bytes:
    dossier.mkdir(parents=True, exist_ok=True)
    livre = Workbook()
    page = livre.worksheets[0]
    page.append(list(titres))
    for ligne in prets.simples(4, premier):
        page.append(ligne[:4])
    livre.save(dossier / "e.xlsx")
    return (dossier / "e.xlsx").read_bytes()


CHOISIES = {"Quoi": "nom_association", "An": "annee", "Troupe": "nb_benevoles_reguliers"}


def test_une_correspondance_choisie_est_reproposee(g: Guichet, tmp_path: Path) -> None:
    """No questionnaire knows these titles: what was chosen once is taken again, by the name of the first file."""
    inconnu = prets.ouvrir(g, etrange(tmp_path, 0), "première.xlsx")
    assert prets.verdict(g, inconnu).refus is not None
    g.decider(inconnu, questionnaire="benevolat", colonnes=CHOISIES)
    prets.charger(g, inconnu)
    suivant = prets.ouvrir(g, etrange(tmp_path, 20), "suivante.xlsx")
    v = prets.verdict(g, suivant)
    assert (v.memoire, v.refus, v.questionnaire) == ("première.xlsx", None, "benevolat")
    assert (v.lignes_lues, v.lignes_chargees) == (4, 4)
    assert {c.champ for c in v.colonnes if c.etat == "choisi"} == set(CHOISIES.values())
    # One column changed: the others stay as they were taken again.
    decisions = g.chantier(suivant).decisions
    g.decider(suivant, colonnes={**decisions.colonnes, "Troupe": "nb_dirigeants"})
    v = prets.verdict(g, suivant)
    assert v.memoire == "première.xlsx"
    assert {c.champ for c in v.colonnes if c.etat == "choisi"} == {
        "nom_association",
        "annee",
        "nb_dirigeants",
    }


def test_la_memoire_se_refuse(g: Guichet, tmp_path: Path) -> None:
    prets.deposer(g, etrange(tmp_path, 0), questionnaire="benevolat", colonnes=CHOISIES)
    suivant = prets.ouvrir(g, etrange(tmp_path, 20))
    assert prets.verdict(g, suivant).memoire == "réponses.xlsx"
    g.refuser_memoire(suivant)
    v = prets.verdict(g, suivant)
    assert (v.memoire, g.chantier(suivant).decisions.colonnes) == (None, {})
    g.recommencer(suivant)
    assert prets.verdict(g, suivant).memoire is None


def test_d_autres_titres_ne_rappellent_rien(g: Guichet, tmp_path: Path) -> None:
    prets.deposer(g, etrange(tmp_path, 0), questionnaire="benevolat", colonnes=CHOISIES)
    autre = prets.ouvrir(g, etrange(tmp_path, 20, ("Quoi", "Où", "An", "Équipe")))
    v = prets.verdict(g, autre)
    assert v.memoire is None
    assert v.refus is not None


def test_un_choix_deja_fait_passe_avant_la_memoire(g: Guichet, tmp_path: Path) -> None:
    """A deposit that has columns chosen by hand is left alone."""
    prets.deposer(g, etrange(tmp_path, 0), questionnaire="benevolat", colonnes=CHOISIES)
    suivant = prets.ouvrir(g, etrange(tmp_path, 20))
    g.refuser_memoire(suivant)
    g.decider(suivant, questionnaire="benevolat", colonnes={**CHOISIES, "Troupe": "nb_dirigeants"})
    v = prets.verdict(g, suivant)
    assert v.memoire is None
    assert "nb_dirigeants" in {c.champ for c in v.colonnes if c.etat == "choisi"}
