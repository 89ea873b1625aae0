"""Changing one parameter of the network changes the figures, their captions and the method, with no line of code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
import pytest
from streamlit.testing.v1 import AppTest

from observatoire.config.settings import Settings
from observatoire.documents import pdf
from observatoire.domain.loader import load_enquetes
from observatoire.domain.parametre import COLONNES, load_parametres
from observatoire.indicators.catalogue import catalogue
from observatoire.methode.lecture import en_json, lire_methodologie
from observatoire.methode.texte import rediger
from pipelines import depot
from pipelines.sorties.valeurs_propres import AssociationNonPubliee, fiche_benevolat
from tests.fabrique import ecrire_xlsx, lignes_valides
from tests.pages_ouvertes import DELAI

RACINE = Path(__file__).parents[2]
NIVEAUX = ("heures_execution", "heures_encadrement", "heures_expertise")
RESEAU = """\
heures_etp,Heures d’un équivalent temps plein,1645,h/an,2020-01-01,,Accord du réseau de 2024,convention,2026-01-01
smic_horaire_brut,SMIC horaire brut,20,€/h,2020-01-01,,Barème d’essai,hypothese,2026-01-01
cout_horaire_execution,Coût d’une heure d’accueil,15,€/h,2020-01-01,,Grille du réseau,hypothese,2026-01-01
cout_horaire_encadrement,Coût d’une heure d’animation,25,€/h,2020-01-01,,Grille du réseau,hypothese,2026-01-01
cout_horaire_expertise,Coût d’une heure de direction,40,€/h,2020-01-01,,Grille du réseau,hypothese,2026-01-01
"""


class Lu:
    """What one publication says of the value of volunteering."""

    def __init__(self, settings: Settings) -> None:
        self.fichier, self.reseau = settings.publication.resolve(), Path()
        with duckdb.connect(str(settings.publication.resolve()), read_only=True) as con:
            lignes = con.execute(
                "select indicateur, valeur, borne_haute, statut from mesures where niveau = 'departement' "
                "and domaine = 'tous' and financeur = 'tous' and vue = 'repondantes' and millesime = 2025"
            ).fetchall()
            self.chiffres = {nom: (valeur, haute, statut) for nom, valeur, haute, statut in lignes}
            self.textes = {
                nom: " ".join(reste)
                for nom, *reste in con.execute(
                    "select indicateur, definition, formule, precautions, source from indicateurs"
                ).fetchall()
            }
            self.parametres = con.execute("select id, valeur, source from parametres").fetchall()


@pytest.fixture(scope="module")
def lus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lu, Lu, Settings]]:
    """The same answers published twice: with the shipped constants, then with those of a network."""
    settings = Settings(tmp_path_factory.mktemp("donnees"))
    enquete = load_enquetes()["benevolat"]
    lignes = lignes_valides(enquete, 12, graine=5)
    for ligne in lignes:
        ligne["annee"] = 2025
        ligne["heures_total_an"] = sum(ligne[n] for n in NIVEAUX)
        ligne["heures_reguliers"] = ligne["heures_occasionnels"] = None
    titres = {c.name: c.title for c in enquete.champs_actifs()}
    tableau = [[*titres.values()], *([ligne[nom] for nom in titres] for ligne in lignes)]
    chemin = ecrire_xlsx(settings.donnees / "benevolat.xlsx", tableau)
    assert depot.deposer(chemin, settings).lignes_chargees == 12
    depot.publier(settings)
    avant = Lu(settings)
    settings.parametres.mkdir()
    (settings.parametres / "reseau.csv").write_text(",".join(COLONNES) + "\n" + RESEAU, encoding="utf-8")
    depot.publier(settings)
    apres = Lu(settings)
    apres.reseau = settings.parametres / "reseau.csv"
    yield avant, apres, settings


def test_les_chiffres_changent(lus: tuple[Lu, Lu, Settings]) -> None:
    avant, apres, _ = lus
    heures = avant.chiffres["heures_benevolat"][0]
    assert heures == apres.chiffres["heures_benevolat"][0] > 0
    assert avant.chiffres["etp_benevolat"][0] == pytest.approx(heures / 1607)
    assert apres.chiffres["etp_benevolat"][0] == pytest.approx(heures / 1645)
    assert avant.chiffres["valeur_benevolat"][0] == pytest.approx(heures * 11.88)
    assert apres.chiffres["valeur_benevolat"][0] == pytest.approx(heures * 20)
    assert avant.chiffres["valeur_remplacement"][2] == "nd"
    assert apres.chiffres["valeur_remplacement"][0] > 15 * heures


def test_les_legendes_changent_avec_leur_source(lus: tuple[Lu, Lu, Settings]) -> None:
    avant, apres, _ = lus
    for nom in ("etp_benevolat", "etp_aap"):
        assert "1\u202f607" in avant.textes[nom] and "1\u202f645" not in avant.textes[nom]
        assert "1\u202f645" in apres.textes[nom] and "1\u202f607" not in apres.textes[nom]
        assert "Accord du réseau de 2024" in apres.textes[nom]
    assert "12,31" in avant.textes["valeur_benevolat"]
    assert "20\u00a0€" in apres.textes["valeur_benevolat"]
    assert "Barème d’essai" in apres.textes["valeur_benevolat"]
    assert "Barème d’essai" in apres.textes["viva"]


def test_la_table_des_parametres_dit_la_source_du_reseau(lus: tuple[Lu, Lu, Settings]) -> None:
    _, apres, _ = lus
    assert ("heures_etp", 1645.0, "Accord du réseau de 2024") in apres.parametres
    assert ("cout_horaire_expertise", 40.0, "Grille du réseau") in apres.parametres
    assert "heures_etp_payees" in {nom for nom, *_ in apres.parametres}


def methode(lu: Lu) -> tuple[dict[str, Any], str]:
    """The method of a publication as JSON, and what the PDF is made of."""
    with duckdb.connect(str(lu.fichier), read_only=True) as con:
        m = lire_methodologie(con)
    compose = json.dumps(pdf.donnees(rediger(m)), ensure_ascii=False)
    return json.loads(json.dumps(asdict(m), default=en_json)), compose


def test_la_methode_et_son_pdf_changent_ensemble(lus: tuple[Lu, Lu, Settings]) -> None:
    """JSON, text of the PDF, and the log of changes that says what was there before."""
    (json_avant, pdf_avant), (json_apres, pdf_apres) = methode(lus[0]), methode(lus[1])
    for ancien, nouveau in (
        ("1\u202f607\u00a0h/an", "1\u202f645\u00a0h/an"),
        ("11,88\u00a0€/h", "20\u00a0€/h"),
    ):
        assert (
            ancien in pdf_avant
            and nouveau not in pdf_avant.replace("35x47", "").split("Seuils et paramètres")[0]
        )
        assert nouveau in pdf_apres and ancien not in pdf_apres.split("Seuils et paramètres")[0]
    for source in ("Accord du réseau de 2024", "Barème d’essai"):
        assert source in pdf_apres and source not in pdf_avant
        assert source in json.dumps(json_apres, ensure_ascii=False)
    assert json_apres["precedente"] == json_avant["edition"]["version"] == 1
    constantes = {c["libelle"] for c in json_apres["changements"] if c["objet"] == "constante"}
    assert {
        "Heures d’un équivalent temps plein",
        "SMIC horaire brut",
        "Coût d’une heure d’accueil",
    } <= constantes
    assert any(
        c["avant"] and "1\u202f607" in c["avant"] and "01/01/2020" not in c["avant"]
        for c in json_apres["changements"]
    )


def test_rien_d_autre_ne_change(lus: tuple[Lu, Lu, Settings]) -> None:
    """Only the figures, the cards and the parts of the method that read these constants differ."""
    avant, apres, _ = lus
    changees = {p.id for p in load_parametres(apres.reseau)}
    dependants = {
        nom
        for nom, carte in catalogue().items()
        if (carte.constantes_lues | set(carte.liees.values())) & changees
    }
    assert (
        {"etp_benevolat", "valeur_benevolat", "valeur_remplacement", "viva"} <= dependants < set(catalogue())
    )
    # Published figures only: which empty cells are masked among the others is drawn anew with the values.
    montres = "select * exclude (publication) from {}mesures where statut in ('ok', 'prudence')"
    ici, avant_ = montres.format(""), montres.format("avant.")
    with duckdb.connect(str(apres.fichier), read_only=True) as con:
        con.execute(f"attach '{avant.fichier}' as avant (read_only)")
        lignes = con.execute(
            f"select distinct indicateur from (({ici} except {avant_}) union all ({avant_} except {ici}))"
        ).fetchall()
    differents = {nom for (nom,) in lignes}
    assert {"etp_benevolat", "valeur_benevolat"} <= differents <= dependants
    assert {nom for nom in avant.textes if avant.textes[nom] != apres.textes[nom]} <= dependants
    (json_avant, _), (json_apres, _) = methode(avant), methode(apres)
    cles = {cle for cle in json_avant if json_avant[cle] != json_apres[cle]}
    assert cles <= {
        "edition",
        "fiches",
        "constantes",
        "changements",
        "precedente",
        "lignes",
        "etats",
        "masques",
    }
    fiches = {
        f["indicateur"] for f, g in zip(json_avant["fiches"], json_apres["fiches"], strict=True) if f != g
    }
    assert fiches and fiches <= dependants
    assert {c["nom"] for c in json_apres["changements"] if c["objet"] == "indicateur"} == fiches
    assert not [c for c in json_apres["changements"] if c["objet"] in ("questionnaire", "version")]


def test_la_page_de_methode_change(lus: tuple[Lu, Lu, Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, settings = lus
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(settings.donnees))
    at = AppTest.from_file(str(RACINE / "dashboards" / "public.py"), default_timeout=DELAI).run()
    at.switch_page("app_pages/methode.py").run()
    page = " ".join(str(getattr(e, "value", "")) for e in at.get("html"))
    assert not at.exception
    assert "Heures ÷ 1\u202f645\u00a0h/an" in page and "SMIC horaire brut 20\u00a0€/h" in page
    assert "base de 1\u202f645" in page and "base de 1\u202f607" not in page
    assert "Accord du réseau de 2024" in page and "Coût d’une heure d’accueil" in page


def test_la_fiche_des_comptes_suit_le_reseau(lus: tuple[Lu, Lu, Settings]) -> None:
    """One association's sheet: its own hours, the base and the SMIC of the network, the spending it gave."""
    _, _, settings = lus
    with duckdb.connect(str(settings.analyse.resolve()), read_only=True) as con:
        ((cle, heures, contraintes, soutien),) = con.execute(
            "select cle_association, heures_total_an, heures_contraintes, montant_soutien_benevoles "
            "from enquete.benevolat order by ligne limit 1"
        ).fetchall()
    f = fiche_benevolat(settings, cle, 2025)
    assert (f.reponse.heures, f.reponse.contraintes) == (pytest.approx(heures), pytest.approx(contraintes))
    assert f.etp.valeur == pytest.approx(heures / 1645) and f.etp.source == "Accord du réseau de 2024"
    assert f.fourchette.basse == pytest.approx(min(20 * heures, f.fourchette.methodes[-1].montant))
    assert [m.code for m in f.fourchette.methodes] == ["smic", "niveaux", "remplacement"]
    assert f.reponse.depenses_soutien == pytest.approx(float(soutien))
    assert f.viva is not None and f.ecriture.credit == "875"
    with pytest.raises(AssociationNonPubliee):
        fiche_benevolat(settings, "RNA:W770000999", 2025)
