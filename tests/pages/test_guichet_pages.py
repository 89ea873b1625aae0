"""The staff pages without a browser, on the real services: what they show of a deposit, and what they do with it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import Workbook, load_workbook
from streamlit.testing.v1 import AppTest

from dashboards import acces
from dashboards.guichet_blocs import commun, correspondre, corriger, problemes, questions, reception
from dashboards.guichet_pages import PAGES, PageGuichet
from observatoire.comptes.identite import Identite, Role
from observatoire.config.settings import Settings
from pipelines.guichet import Guichet, ouvrir_atelier
from pipelines.ingestion.decisions import Decisions
from tests.pages_ouvertes import DELAI

ENTREE = Path(__file__).parents[2] / "dashboards" / "deposer.py"
COURRIEL = "bureau@exemple.fr"
MECHANT = "Amis *du* <b>livre</b> [ici](http://x.fr) :red[a]"
Ouvrir = Callable[..., AppTest]


def classeur(
    *, courriel: bool = False, benevoles: dict[int, object] | None = None, sans_nom: int = -1
) -> bytes:
    """Twelve associations under two title rows; row 7 says « une foule », a total row closes the table."""
    livre = Workbook()
    page = livre.active
    assert page is not None
    page.title = "Réponses 2025"
    page["A1"] = "Enquête bénévolat 2025"
    titres = [
        "Nom de l’association",
        "Commune",
        "Nombre de bénévoles",
        "Heures de bénévolat",
        "Année",
        "Badge",
    ]
    page.append([])
    page.append(titres + (["E-mail du président"] if courriel else []))
    valeurs = {3: "une foule", **(benevoles or {})}
    for i in range(12):
        nom = None if i == sans_nom else MECHANT if i == 5 else f"Club de boules {i}"
        ligne = [nom, "Melun", valeurs.get(i, 10 + i), 100 + i, 2025, "bleu"]
        page.append(ligne + ([COURRIEL] if courriel else []))
    page.append(["TOTAL", None, 200])
    livre.create_sheet("Notice")["A1"] = "Merci de remplir la première feuille."
    tampon = io.BytesIO()
    livre.save(tampon)
    return tampon.getvalue()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "donnees")


@pytest.fixture
def guichet(settings: Settings) -> Guichet:
    return Guichet(settings, Identite("nadia", "Nadia", Role.ADMIN), ouvrir_atelier(direct=True))


@pytest.fixture
def ouvrir(monkeypatch: pytest.MonkeyPatch, settings: Settings, guichet: Guichet) -> Ouvrir:
    def lancer(page: str, role: Role = Role.ADMIN, **parametres: str) -> AppTest:
        monkeypatch.setattr(acces, "identite_courante", lambda: Identite("nadia", "Nadia", role))
        monkeypatch.setattr(acces, "atelier", lambda: guichet.atelier)
        monkeypatch.setattr(acces, "lire_config", lambda: SimpleNamespace(settings=settings))
        monkeypatch.setattr(acces, "bandeau", lambda identite: None)
        at = AppTest.from_file(str(ENTREE), default_timeout=DELAI)
        at.run()
        at.switch_page(f"guichet_pages/{page}")
        for cle, valeur in parametres.items():
            at.query_params[cle] = valeur
        at.run()
        assert not at.exception, at.exception
        return at

    return lancer


def texte(at: AppTest) -> str:
    html = "\n".join(e.value for e in at.get("html") if not e.value.lstrip().startswith("<style"))
    return unescape(re.sub(r"<[^>]+>", " ", html))


def bouton(at: AppTest, debut: str) -> object:
    return next(b for b in at.button if b.label.startswith(debut))


def deposer(guichet: Guichet, octets: bytes, nom: str = "enquete.xlsx") -> str:
    (identifiant,) = guichet.ouvrir([(nom, octets)])
    return identifiant


def charge(guichet: Guichet, octets: bytes, nom: str = "enquete.xlsx") -> str:
    identifiant = deposer(guichet, octets, nom)
    guichet.charger(identifiant)
    depot_id, refus = guichet.chargement(identifiant)
    assert refus is None
    assert depot_id is not None
    return depot_id


@pytest.mark.parametrize("page", [p for p in PAGES if p.fichier != "comptes.py"], ids=lambda p: p.adresse)
def test_page_vide(ouvrir: Ouvrir, page: PageGuichet) -> None:
    """Every page opens on an empty warehouse, with its title and no English breakdown."""
    at = ouvrir(page.fichier)
    assert page.titre.split()[0] in texte(at)


@pytest.mark.parametrize("page", [p for p in PAGES if p.role is not Role.LECTEUR], ids=lambda p: p.adresse)
def test_page_refusee_au_lecteur(monkeypatch: pytest.MonkeyPatch, page: PageGuichet) -> None:
    """A page checks the role itself: run without its menu, it stops on a sentence before anything else."""
    monkeypatch.setattr(acces, "identite_courante", lambda: Identite("lea", "Léa", Role.LECTEUR))
    at = AppTest.from_file(str(ENTREE.parent / "guichet_pages" / page.fichier), default_timeout=DELAI).run()
    assert f"demande le droit de {page.role.libelle}" in texte(at)
    assert len(at.get("html")) == 1
    assert not at.button


def test_deposer_un_fichier(ouvrir: Ouvrir, guichet: Guichet) -> None:
    """One file alone is examined without another click."""
    at = ouvrir("deposer.py")
    at.file_uploader[0].set_value(("enquete.xlsx", classeur(), "application/octet-stream")).run()
    (chantier,) = guichet.chantiers()
    assert (chantier.nom, chantier.qui) == ("enquete.xlsx", "nadia")
    assert chantier.id in at.query_params["depot"]
    assert "enquete.xlsx" in texte(at)


def test_plusieurs_fichiers(ouvrir: Ouvrir, guichet: Guichet) -> None:
    """Two files are two deposits, or one when the person says so."""
    deux = [(f"{n}.xlsx", classeur(benevoles={0: n}), "application/octet-stream") for n in (1, 2)]
    at = ouvrir("deposer.py")
    at.file_uploader[0].set_value(deux).run()
    bouton(at, "Examiner").click().run()
    assert sorted(c.nom for c in guichet.chantiers()) == ["1.xlsx", "2.xlsx"]
    assert at.file_uploader[0].value == []
    at.file_uploader[0].set_value(deux).run()
    next(r for r in at.radio if r.label.startswith("Ces 2")).set_value(reception.ENSEMBLE).run()
    bouton(at, "Examiner").click().run()
    assert [len(c.fichiers) for c in guichet.chantiers()].count(2) == 1


def test_donnees_personnelles_puis_verifier(ouvrir: Ouvrir, guichet: Guichet) -> None:
    identifiant = deposer(guichet, classeur(courriel=True))
    at = ouvrir("depot.py", depot=identifiant)
    assert at.query_params["etape"] == "reconnaitre"
    assert "E-mail du président" in texte(at)
    assert COURRIEL not in texte(at)
    assert bouton(at, "Continuer").disabled
    bouton(at, "Retirer").click().run()
    assert guichet.chantier(identifiant).decisions.retirer_personnelles
    assert "seront chargées" in texte(at) or "À regarder" in texte(at)


def test_reconnaitre_deplacer_les_titres(ouvrir: Ouvrir, guichet: Guichet) -> None:
    identifiant = deposer(guichet, classeur())
    at = ouvrir("depot.py", depot=identifiant, etape="reconnaitre")
    assert "12 lignes" in texte(at).replace("\u00a0", " ") or "13 lignes" in texte(at).replace("\u00a0", " ")
    choisie = next(b for b in at.button if b.key == "titre-0-3")
    autre = next(b for b in at.button if b.key == "titre-0-4")
    assert choisie.help == "Titres à la ligne 3"
    autre.click().run()
    assert guichet.chantier(identifiant).decisions.entetes == {"Réponses 2025": 4}


def test_verifier_dit_tout(ouvrir: Ouvrir, guichet: Guichet) -> None:
    identifiant = deposer(guichet, classeur())
    verdict = guichet.verdict(identifiant)
    assert verdict is not None
    at = ouvrir("depot.py", depot=identifiant, etape="verifier")
    vu = texte(at).replace("\u00a0", " ").replace("\u202f", " ")
    assert f"{verdict.lignes_chargees} lignes sur {verdict.lignes_lues} seront chargées" in vu
    assert "« une foule »" in vu
    assert "C7 (Club de boules 3)" in vu
    assert {c.cellule for c in verdict.cellules} == {"C7"}
    assert 'aria-current="step"' in "".join(e.value for e in at.get("html"))


def test_donnees_jamais_lues_comme_du_balisage(ouvrir: Ouvrir, guichet: Guichet) -> None:
    """A name full of marks is shown as it is: no tag of its own, no link."""
    identifiant = deposer(guichet, classeur(benevoles={5: "beaucoup"}), nom="*gras* <i>nom.xlsx")
    at = ouvrir("depot.py", depot=identifiant, etape="verifier")
    html = "".join(e.value for e in at.get("html"))
    assert MECHANT in texte(at)
    assert "<b>livre</b>" not in html
    assert "<i>nom" not in html
    assert "*gras* <i>nom.xlsx" in texte(at)
    assert not any("<b>" in m.value for m in at.markdown)


def test_proteger() -> None:
    protege = commun.proteger("a@b.fr *x* [y](http://z.fr) :material/home: $1$")
    assert "\\*x\\*" in protege
    assert "a@b.fr" not in protege
    assert "http://" not in protege.replace("\\", "")
    assert ":material" not in protege.replace("\\:", "")


def test_corriger_ici_puis_charger(ouvrir: Ouvrir, guichet: Guichet) -> None:
    identifiant = deposer(guichet, classeur())
    verdict = guichet.verdict(identifiant)
    assert verdict is not None
    groupes = corriger.regrouper(verdict.cellules)
    assert list(corriger.tableau(groupes)["Cellule"]) == ["C7"]
    guichet.corriger(identifiant, corriger.corrections(groupes, [" 25 "]))
    corrige = guichet.verdict(identifiant)
    assert corrige is not None
    assert corrige.cellules == []
    at = ouvrir("depot.py", depot=identifiant, etape="charger")
    bouton(at, "Charger").click().run()
    depot_id = guichet.chantier(identifiant).depot_id
    assert depot_id is not None
    depot = guichet.depot(depot_id)
    assert f"{depot.lignes_lues} = {depot.lignes_chargees} + 0 + {depot.lignes_ignorees}" in texte(at)
    assert "C’est chargé" in texte(at)


@pytest.mark.parametrize(("etape", "presse"), [("verifier", "Continuer"), ("charger", "Charger")])
def test_accord_sur_ce_qui_est_montre(ouvrir: Ouvrir, guichet: Guichet, etape: str, presse: str) -> None:
    """A press accepts what is on the screen: changed elsewhere meanwhile, the deposit is shown again, not loaded."""
    identifiant = deposer(guichet, classeur())
    verdict = guichet.verdict(identifiant)
    assert verdict is not None
    at = ouvrir("depot.py", depot=identifiant, etape=etape)
    groupes = corriger.regrouper(verdict.cellules)
    guichet.corriger(identifiant, corriger.corrections(groupes, ["25"]))
    bouton(at, presse).click().run()
    assert at.query_params["etape"] == etape
    assert guichet.chantier(identifiant).depot_id is None
    assert [s.value for s in at.warning if "relisez avant de continuer" in s.value]
    bouton(at, presse).click().run()
    assert not [s for s in at.warning if "relisez" in s.value]
    assert (at.query_params["etape"], guichet.chantier(identifiant).depot_id is None) == (
        "charger",
        etape == "verifier",
    )


def test_refaire_la_page_ne_perd_rien(ouvrir: Ouvrir, guichet: Guichet) -> None:
    """A new session on the same address shows the same step."""
    identifiant = deposer(guichet, classeur())
    for etape in ("reconnaitre", "correspondre", "verifier", "charger"):
        assert ouvrir("depot.py", depot=identifiant, etape=etape).query_params["etape"] == etape


def test_remplacer_montre_les_differences(ouvrir: Ouvrir, guichet: Guichet) -> None:
    ancien = charge(guichet, classeur())
    nouveau = deposer(guichet, classeur(benevoles={0: 99}), nom="enquete-v2.xlsx")
    at = ouvrir("depot.py", depot=nouveau, etape="charger")
    (choix,) = [r for r in at.radio if r.label == "Ce dépôt"]
    choix.set_value(ancien).run()
    assert guichet.chantier(nouveau).remplace == ancien
    vu = texte(at).replace("\u00a0", " ")
    assert "1 changée" in vu
    assert re.search(r"Club de boules 0\s+changée\s+Nombre total de bénévoles\s+10\s+99", vu)


def test_copie_annotee_qui_revient(ouvrir: Ouvrir, guichet: Guichet) -> None:
    """Loaded, annotated, corrected in the spreadsheet, sent back: it takes the place of the first deposit."""
    premier = deposer(guichet, classeur())
    ouvrir("depot.py", depot=premier, etape="verifier", annoter="1")
    annote = guichet.annote(premier)
    assert annote is not None
    guichet.charger(premier)
    livre = load_workbook(io.BytesIO(annote[1]))
    livre["Réponses 2025"]["C7"] = 25
    tampon = io.BytesIO()
    livre.save(tampon)
    retour = deposer(guichet, tampon.getvalue(), annote[0])
    at = ouvrir("depot.py", depot=retour, etape="charger")
    assert "copie annotée" in texte(at)
    (choix,) = [r for r in at.radio if r.label == "Ce dépôt"]
    assert choix.value == guichet.chantier(premier).depot_id
    assert re.search(r"Club de boules 3\s+changée\s+Nombre total de bénévoles\s+\(vide\)\s+25", texte(at))


def test_annuler_demande_puis_retablir(ouvrir: Ouvrir, guichet: Guichet) -> None:
    depot_id = charge(guichet, classeur())
    at = ouvrir("depots.py", id=depot_id)
    bouton(at, "Annuler ce dépôt").click().run()
    assert guichet.depot(depot_id).actif, "rien ne change avant la confirmation"
    assert "Les chiffres qui bougent" in texte(at)
    next(b for b in at.button if b.key == f"oui-annuler-{depot_id}").click().run()
    assert not guichet.depot(depot_id).actif
    bouton(at, "Rétablir").click().run()
    assert guichet.depot(depot_id).actif


def test_listes(ouvrir: Ouvrir, guichet: Guichet) -> None:
    depot_id = charge(guichet, classeur(sans_nom=7))
    depot = guichet.depot(depot_id)
    assert depot.lignes_en_attente == 1
    vu = texte(ouvrir("depots.py", Role.LECTEUR))
    assert re.search(rf"enquete\.xlsx.*nadia.*Bénévolat.*2025.*chargé\s+{depot.lignes_lues}", vu, re.DOTALL)
    assert re.search(r"nadia\s+a chargé\s+enquete\.xlsx", texte(ouvrir("journal.py", Role.LECTEUR)))
    at = ouvrir("attente.py", Role.LECTEUR)
    assert "Réponses 2025, ligne 11" in texte(at)
    assert not [b for b in at.button if b.label == "Reprendre"]


def test_reprendre_les_lignes_en_attente(ouvrir: Ouvrir, guichet: Guichet) -> None:
    depot_id = charge(guichet, classeur(sans_nom=7))
    at = ouvrir("attente.py")
    bouton(at, "Reprendre").click().run()
    (chantier,) = guichet.chantiers()
    assert chantier.remplace == depot_id
    assert at.query_params["etape"] == "verifier"


def test_laisser_de_cote_puis_remettre(ouvrir: Ouvrir, guichet: Guichet) -> None:
    identifiant = deposer(guichet, classeur(sans_nom=7))
    at = ouvrir("depot.py", depot=identifiant, etape="verifier")
    (case,) = at.checkbox
    assert "ligne 11" in case.label
    case.check()
    bouton(at, "Laisser de côté").click().run()
    assert guichet.chantier(identifiant).decisions.ecartees == {"Réponses 2025": (11,)}
    bouton(at, "Remettre").click().run()
    assert guichet.chantier(identifiant).decisions.ecartees == {}


def test_publier(ouvrir: Ouvrir, guichet: Guichet) -> None:
    charge(guichet, classeur())
    at = ouvrir("publications.py", Role.VALIDEUR)
    bouton(at, "Publier").click().run()
    assert guichet.publications() == []
    next(b for b in at.button if b.key == "oui-publier").click().run()
    assert [p.version for p in guichet.publications()] == [1]
    assert "1 dépôt : enquete.xlsx" in texte(at).replace("\u00a0", " ")


REGISTRE = "nom;commune;rna\nBoules club numéro 3;Melun;W770000001\nClub de boulistes;Melun;W770000002\n"


@pytest.fixture
def registre(guichet: Guichet) -> Guichet:
    """A register of two associations, neither of which is surely one of the deposited names."""
    guichet.ajouter_registre("sollicitees", "registre.csv", REGISTRE.encode())
    charge(guichet, classeur())
    return guichet


def test_qui_est_qui(ouvrir: Ouvrir, registre: Guichet) -> None:
    avant = registre.resume_paires()["a_decider"]
    premiere = registre.paires()[0]
    at = ouvrir("qui_est_qui.py", Role.VALIDEUR)
    vu = texte(at)
    assert premiere.nom in vu
    assert premiere.candidats[0].nom in vu
    assert re.search(rf"à décider\s+{avant}", vu)
    bouton(at, "Même association").click().run()
    assert registre.resume_paires()["confirme"] == 1
    assert premiere.cle not in {p.cle for p in registre.paires()}
    bouton(at, "Défaire").click().run()
    assert registre.resume_paires() == {**registre.resume_paires(), "confirme": 0, "a_decider": avant}
    bouton(at, "Passer").click().run()
    assert registre.paires()[1].nom in texte(at)
    bouton(at, "Aucune").click().run()
    assert registre.resume_paires()["refuse"] == 1


def test_reponses(ouvrir: Ouvrir, registre: Guichet) -> None:
    at = ouvrir("reponses.py")
    at.selectbox(key="questionnaire").set_value("benevolat").run()
    at.selectbox(key="annee").set_value(2025).run()
    tableau = registre.tableau_reponses("benevolat", 2025)
    assert tableau.ensemble.base == 2
    assert f"({tableau.ensemble.repondantes} sur 2)" in texte(at).replace("\u00a0", " ")
    relances = registre.relances("benevolat", 2025)
    assert f"{len(relances)} association" in texte(at).replace("\u00a0", " ")
    noms = dict(registre.repondantes("benevolat", 2025))
    assert MECHANT in noms.values()
    assert sorted(at.selectbox(key="association").options) == sorted(noms.values())


@pytest.mark.parametrize("code", ["NB-01", "fi-08"])
def test_aide(ouvrir: Ouvrir, guichet: Guichet, code: str) -> None:
    modele = guichet.aide(code.upper())
    assert modele is not None
    at = ouvrir("aide.py", code=code)
    assert f"{code.upper()} — {modele.cause}" in texte(at)
    assert "Que faire" in texte(at)


def test_aide_inconnue(ouvrir: Ouvrir) -> None:
    assert "Aucun message ne porte le code XX-99" in texte(ouvrir("aide.py", code="XX-99"))


def test_depot_inconnu(ouvrir: Ouvrir) -> None:
    at = ouvrir("depot.py", depot="0" * 16)
    assert any("n’existe pas" in w.value for w in at.warning)


def colonne(champ: str, etat: str, entete: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(champ=champ, etat=etat, entete=entete, valeur=None)


@pytest.mark.parametrize(
    ("choix", "attendu"),
    [
        ({"nb": ("Effectif", "")}, {"Adhérents": None, "Effectif": "nb"}),
        ({"nb": (None, "")}, {"Adhérents": None}),
        ({"nb": ("Adhérents", "")}, {}),
        ({"commune": ("Ville", "")}, {"Ville": "commune"}),
    ],
)
def test_decisions_de_correspondance(
    choix: dict[str, tuple[str | None, str]], attendu: dict[str, str | None]
) -> None:
    colonnes = [colonne("nb", "trouve", "Adhérents"), colonne("commune", "absent")]
    assert correspondre.decisions(Decisions(), colonnes, choix)["colonnes"] == attendu


def test_proposition_acceptee_et_constante() -> None:
    colonnes = [colonne("nb", "propose", "Effectif"), colonne("commune", "absent")]
    lues = correspondre.decisions(Decisions(), colonnes, {"nb": ("Effectif", ""), "commune": (None, "Melun")})
    assert lues == {"colonnes": {"Effectif": "nb"}, "constantes": {"commune": "Melun"}}


def test_question_du_separateur() -> None:
    question = {"genre": "separateur", "exemple": "1.234", "titre": "Budget", "nb": 3, "feuille": "F"}
    reponses = questions.lectures(question)
    assert {signe: libelle.split(" (")[0] for signe, libelle in reponses.items()} == {
        ",": "1\u202f234",
        ".": "1,234",
    }


def test_cellules_identiques_en_une_fois() -> None:
    def cellule(adresse: str, valeur: str) -> SimpleNamespace:
        return SimpleNamespace(
            feuille="F",
            cellule=adresse,
            ligne=2,
            repere="",
            colonne="Commune",
            champ="commune",
            valeur=valeur,
            probleme=f"« {valeur} » inconnue",
            code="CM-02",
        )

    groupes = corriger.regrouper(
        [cellule("C2", "Melum"), cellule("C3", "Melum"), cellule("C4", ""), cellule("C5", "")]
    )
    assert [[c.cellule for c in x] for x in groupes] == [["C2", "C3"], ["C4"], ["C5"]]
    faites = corriger.corrections(groupes, ["Melun", "", "Torcy"])
    assert [(c.cellule, c.avant, c.apres) for c in faites] == [
        ("C2", "Melum", "Melun"),
        ("C3", "Melum", "Melun"),
        ("C5", "", "Torcy"),
    ]


def test_lieux_d_une_cause() -> None:
    assert problemes.ou(["F · C2 · Judo", "F · C3"]) == "F, C2 (Judo), C3"
    assert problemes.ou(["F · C2", "G · C3"]) == "F · C2\u202f; G · C3"


def test_csv_neutralise(ouvrir: Ouvrir, guichet: Guichet) -> None:
    """The pages hand their rows to the one CSV writer, which neutralises formulas."""
    octets = commun.export.csv_octets([{"Fichier": "=1+1", "Lignes": 3}], francais=True)
    assert list(csv.reader(io.StringIO(octets.decode("utf-8-sig")), delimiter=";"))[1] == ["'=1+1", "3"]


def test_une_cause_compte_aussi_les_phrases_qui_ne_sont_pas_gardees() -> None:
    from dashboards import format_fr as fr
    from dashboards.guichet_blocs import problemes
    from pipelines.chantiers.verdict import Cause

    gardees = [(f"« {i} » n’est pas un nombre.", ["2025 · A1"], 1) for i in range(200)]
    carte = problemes.carte(Cause("NB-01", "a_corriger", "Ce n’est pas un nombre", None, 900, gardees, 900))
    assert f"{fr.accord(900 - problemes.PHRASES_MAX, 'autre valeur', 'autres valeurs')}" in carte
