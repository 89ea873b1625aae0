"""The sheet of an association: its own figures, and of the others exactly what the public file says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from observatoire.config.settings import Settings
from observatoire.indicators.catalogue import catalogue
from observatoire.storage import connexion
from observatoire.storage.erreurs import PublicationAbsente
from observatoire.territoire import load_territoire
from pipelines import depot
from pipelines.sorties.fiche_association import (
    AssociationNonPubliee,
    Fiche,
    fiche_association,
    fiche_html,
    mettre_en_page,
    par_indicateur,
)
from tests.unit.test_recu import Page
from tests.unit.test_suivi import MEAUX, MELUN, charger_reponses

ANNEE = 2025
FONTAINEBLEAU = load_territoire("77").par_nom("Fontainebleau")[0]
PIEGE = "<b>Les Amis</b> & co"


def cle(n: int) -> str:
    return f"RNA:W77000{n:04d}"


def lieu(n: int) -> str:
    """Commune of an association but the last one."""
    return MELUN.code if n <= 30 else FONTAINEBLEAU.code


def qui(n: int, commune: str) -> dict[str, Any]:
    return {
        "cle": cle(n),
        "nom_association": PIEGE if n == 1 else f"Asso {n}",
        "rna": cle(n)[4:],
        "commune": commune,
    }


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Melun: 30 answers, Fontainebleau: as many. Meaux: one answer, masked, and it takes another place with it."""
    settings = Settings(tmp_path_factory.mktemp("fiche") / "donnees")
    lignes = [
        qui(n, lieu(n)) | {"nb_salaries": 10 + n % 3, "nb_cdi": 5, "etp_total": 4.5} for n in range(1, 61)
    ]
    lignes.append(qui(99, MEAUX.code) | {"nb_salaries": 4321, "nb_cdi": 1234, "etp_total": 987.5})
    charger_reponses(settings, "emploi", lignes)
    fiches = [qui(n, lieu(n)) | {"secteur": "sport" if n <= 30 else "culture"} for n in range(1, 61)]
    fiches.append(qui(99, MEAUX.code) | {"secteur": "culture"})
    fiches[1]["consentement"] = "non"
    charger_reponses(settings, "fiches", fiches, "associations")
    depot.publier(settings)
    yield settings
    while connexion._ouvertes:
        connexion._ouvertes.popitem()[1].close()


@pytest.fixture(scope="module")
def une(settings: Settings) -> Fiche:
    return fiche_association(settings, cle(1), ANNEE)


def test_ses_valeurs(une: Fiche) -> None:
    propres = {nom: c.propre for nom, c in par_indicateur(une).items()}
    assert propres["nb_salaries"] == 11
    assert propres["part_cdi"] == pytest.approx(5 / 11)
    assert propres["etp_salaries"] == 4.5
    assert propres["heures_benevolat"] is None
    assert "nb_associations_repondantes" not in propres
    assert (une.nom, une.commune, une.secteur) == (PIEGE, "Melun", "Sport")
    assert une.epci == load_territoire("77").zone("epci", MELUN.code_epci).libelle
    assert not une.refuse


def test_les_autres_sont_lus_dans_le_fichier_public(settings: Settings, une: Fiche) -> None:
    """Every figure on others is a cell shown by the public file; every cell it hides is hidden here."""
    vus = masques = 0
    with connexion.ouvrir_publication(settings.publication) as con:
        for n in (1, 40, 99):
            f = une if n == 1 else fiche_association(settings, cle(n), ANNEE)
            epci = {1: MELUN, 40: FONTAINEBLEAU, 99: MEAUX}[n].code_epci
            secteur = "sport" if n == 1 else "culture"
            places = [("epci", epci, "tous"), ("departement", "77", secteur), ("departement", "77", "tous")]
            for c in f.chiffres:
                assert len(c.reperes) == len(places)
                for repere, place in zip(c.reperes, places, strict=True):
                    lignes = con.execute(
                        "select valeur, n_repondants, statut from mesures where indicateur = ? and millesime = ? and "
                        "niveau = ? and code_territoire = ? and domaine = ? and financeur = 'tous' and vue = 'repondantes'",
                        [c.indicateur, ANNEE, *place],
                    ).fetchall()
                    valeur, nombre, statut = lignes[0] if lignes else (None, None, "nd")
                    if statut in ("ok", "prudence"):
                        vus += 1
                        assert (repere.valeur, repere.n_repondants) == (valeur, nombre)
                        assert repere.dit == ""
                    else:
                        masques += statut == "secret"
                        assert (repere.valeur, repere.n_repondants, repere.moyenne) == (None, None, None)
                        assert repere.dit != ""
    assert vus >= 5
    assert masques >= 3


def test_secret_dit_et_voisine_absente(settings: Settings, une: Fiche) -> None:
    """Meaux has one answer: neither its own EPCI nor the sheet of anybody else lets it out."""
    f = fiche_association(settings, cle(99), ANNEE)
    assert {r.dit for r in par_indicateur(f)["nb_salaries"].reperes if r.niveau == "epci"} == {
        "secret statistique"
    }
    assert "secret statistique" in Page(mettre_en_page(f)).texte
    for chiffre in ("4 321", "4\u202f321", "4321", "1234", "987,5"):
        assert chiffre not in mettre_en_page(une)
    texte = Page(mettre_en_page(une)).texte.lower()
    assert "asso 2" not in texte
    assert "rang " not in texte


def test_les_reponses_des_autres_ne_changent_rien(
    settings: Settings, une: Fiche, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Difference attack: with every neighbour's answer changed in the analysts' file, the sheet is the same."""
    faux = tmp_path / "analyse.duckdb"
    faux.write_bytes(settings.analyse.resolve().read_bytes())
    faux.chmod(0o600)
    with duckdb.connect(str(faux)) as con:
        con.execute(
            "update enquete.emploi set nb_salaries = 1, nb_cdi = 0 where cle_association <> ?", [cle(1)]
        )
        con.execute("delete from enquete.associations where cle_association <> ?", [cle(1)])
        con.execute("update mesures set valeur = 0, n_repondants = 1, statut = 'ok'")
    monkeypatch.setattr(Settings, "analyse", property(lambda _: faux))
    assert fiche_association(settings, cle(1), ANNEE) == une


def test_refus_de_publication_dit(settings: Settings) -> None:
    f = fiche_association(settings, cle(2), ANNEE)
    assert f.refuse
    assert par_indicateur(f)["nb_salaries"].propre == 12
    assert "Vous avez refusé toute publication" in Page(mettre_en_page(f)).texte


def test_page(settings: Settings) -> None:
    html = fiche_html(settings, cle(1), ANNEE)
    page = Page(html)
    assert not {"script", "img", "link", "b"} & set(page.balises)
    assert PIEGE in page.texte
    assert "http" not in html.replace("http-equiv", "")
    assert catalogue()["part_cdi"].titre in page.texte
    assert "45" in page.texte


def test_inconnue_ou_autre_annee(settings: Settings) -> None:
    for nom, annee in (("RNA:W779999999", ANNEE), (cle(1), 2019), ("' or 1=1 --", ANNEE)):
        with pytest.raises(AssociationNonPubliee):
            fiche_association(settings, nom, annee)


def test_sans_publication(tmp_path: Path) -> None:
    with pytest.raises(PublicationAbsente):
        fiche_association(Settings(tmp_path), cle(1), ANNEE)
