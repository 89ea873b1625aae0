"""Role × page: each page run by itself, without its menu, for each role and for nobody."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import acces
from dashboards.guichet_pages import PAGES, PageGuichet
from observatoire.comptes.identite import Identite, Role
from observatoire.config.settings import Settings
from pipelines.guichet import ouvrir_atelier
from tests.pages_ouvertes import DELAI

DOSSIER = Path(__file__).parents[2] / "dashboards"
ROLES: list[Role | None] = [None, *Role]
# Written out: an analyst never deposits, a depositor never reads the answers of others.
MATRICE = {
    Role.LECTEUR: {Role.LECTEUR},
    Role.ANALYSTE: {Role.LECTEUR, Role.ANALYSTE},
    Role.DEPOSANT: {Role.LECTEUR, Role.DEPOSANT},
    Role.VALIDEUR: {Role.LECTEUR, Role.ANALYSTE, Role.DEPOSANT, Role.VALIDEUR},
    Role.ADMIN: set(Role),
}


def lancer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fichier: str, identite: Identite | None
) -> AppTest:
    donnees = tmp_path / "d"
    monkeypatch.setenv("OBSERVATOIRE_DONNEES", str(donnees))
    monkeypatch.setattr(acces, "identite_courante", lambda: identite)
    monkeypatch.setattr(acces, "atelier", lambda: ouvrir_atelier(direct=True))
    monkeypatch.setattr(acces, "lire_config", lambda: SimpleNamespace(settings=Settings(donnees=donnees)))
    monkeypatch.setattr(acces, "bandeau", lambda identite: None)
    return AppTest.from_file(str(DOSSIER / fichier), default_timeout=DELAI).run()


def lu(at: AppTest) -> str:
    return re.sub(r"<[^>]+>", " ", "\n".join(e.value for e in at.get("html")))


@pytest.mark.parametrize("role", ROLES, ids=lambda r: r or "aucun droit")
@pytest.mark.parametrize("page", [p for p in PAGES if p.fichier != "comptes.py"], ids=lambda p: p.adresse)
def test_role_et_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: PageGuichet, role: Role | None
) -> None:
    at = lancer(monkeypatch, tmp_path, f"guichet_pages/{page.fichier}", Identite("x", "X", role))
    permise = role is not None and page.role in MATRICE[role]
    if permise:
        assert "Cette page demande" not in lu(at)
        assert "<h1>" in "\n".join(e.value for e in at.get("html"))
    else:
        assert f"demande le droit de {page.role.libelle}" in lu(at)
        assert len(at.get("html")) == 1, "rien d’autre que le refus"
        assert not (at.button or at.selectbox or at.file_uploader)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.adresse)
def test_personne(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, page: PageGuichet) -> None:
    at = lancer(monkeypatch, tmp_path, f"guichet_pages/{page.fichier}", None)
    assert "Votre session est terminée." in lu(at)
    assert len(at.get("html")) == 1


@pytest.mark.parametrize(
    "role", [None, *(r for r in Role if r is not Role.ADMIN)], ids=lambda r: r or "aucun droit"
)
def test_comptes_ferme_a_qui_n_administre_pas(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, role: Role | None
) -> None:
    at = lancer(monkeypatch, tmp_path, "guichet_pages/comptes.py", Identite("x", "X", role))
    assert f"demande le droit de {Role.ADMIN.libelle}" in lu(at)
    assert len(at.get("html")) == 1 and not at.button
