"""Who may ask what of the counter: role × service, one's own deposits, four eyes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from observatoire.comptes import changer_quatre_yeux
from observatoire.comptes.identite import OPERATEUR, AccesRefuse, Identite, Role
from observatoire.config.settings import Settings
from observatoire.storage.erreurs import ErreurEntrepot
from pipelines.guichet import REFUS, SERVICES, Guichet
from pipelines.ingestion.decisions import Correction
from tests import guichet_prets as prets

ROLES: list[Role | None] = [None, *Role]
# The least that each gesture on the figures asks for: loosening one of these is never an accident.
PLANCHERS = {
    "ouvrir": Role.DEPOSANT,
    "verdict": Role.DEPOSANT,
    "annote": Role.DEPOSANT,
    "charger": Role.DEPOSANT,
    "annuler": Role.DEPOSANT,
    "retablir": Role.DEPOSANT,
    "valider": Role.VALIDEUR,
    "publier": Role.VALIDEUR,
    "interroger": Role.ANALYSTE,
    "contenu_analyse": Role.ANALYSTE,
    "paires": Role.VALIDEUR,
    "decider_paire": Role.VALIDEUR,
    "ajouter_registre": Role.VALIDEUR,
}


class Touche(Exception):
    """Something was read or asked."""


class Interdit:
    """Settings, workers and arguments that nobody may look at."""

    def __getattr__(self, nom: str) -> Any:
        raise Touche(nom)


def appel(role: Role | None, service: str) -> Callable[[], object]:
    interdit: Any = Interdit()
    g = Guichet(interdit, Identite("x", "X", role), interdit)
    methode = getattr(g, service)
    parametres = inspect.signature(methode).parameters.values()
    attendus = [p for p in parametres if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
    return lambda: methode(*[interdit for _ in attendus])


def sans_garde(classe: type) -> list[str]:
    """Public methods of a counter that ask for no role, or that two of its parents define."""
    fautifs = []
    for nom, _ in inspect.getmembers(classe, inspect.isfunction):
        if nom.startswith("_"):
            continue
        definis = [k for k in classe.__mro__ if nom in vars(k)]
        if nom not in SERVICES or len(definis) != 1 or not hasattr(vars(definis[0])[nom], "__wrapped__"):
            fautifs.append(nom)
    return fautifs


def test_chaque_methode_publique_demande_un_role() -> None:
    assert sans_garde(Guichet) == []
    assert {n for n, _ in inspect.getmembers(Guichet, inspect.isfunction) if not n.startswith("_")} == set(
        SERVICES
    )
    assert len(SERVICES) > 40


def test_une_methode_sans_role_est_vue() -> None:
    class Passoire(Guichet):
        def tout_effacer(self) -> None: ...

        def publier(self) -> None: ...

    assert sans_garde(Passoire) == ["publier", "tout_effacer"]


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize("role", ROLES, ids=lambda r: r or "aucun")
def test_matrice(role: Role | None, service: str) -> None:
    """Refused before anything is looked at, or let in, exactly as declared."""
    agir = appel(role, service)
    if role is None or not role.couvre(SERVICES[service]):
        with pytest.raises(AccesRefuse, match="droit de"):
            agir()
        return
    try:
        agir()
    except (Touche, TypeError, KeyError, ValueError, *REFUS):
        pass  # let in: the arguments are nonsense


def test_qui_analyse_ne_depose_pas_et_l_inverse() -> None:
    """Each right is given apart: neither holds the other."""
    assert not Role.ANALYSTE.couvre(Role.DEPOSANT) and not Role.DEPOSANT.couvre(Role.ANALYSTE)
    assert not Role.LECTEUR.couvre(Role.ANALYSTE) and not Role.ANALYSTE.couvre(Role.VALIDEUR)
    assert all(r.couvre(Role.LECTEUR) and r.couvre(r) for r in Role)
    assert all(Role.ADMIN.couvre(r) for r in Role)


def test_planchers() -> None:
    assert {n: SERVICES[n] for n in PLANCHERS} == PLANCHERS


def test_un_refus_n_ecrit_rien(tmp_path: Path) -> None:
    settings = Settings(donnees=tmp_path / "d")
    lecteur = prets.guichet(settings, "luc", Role.LECTEUR)
    with pytest.raises(AccesRefuse):
        lecteur.ouvrir([("a.xlsx", b"x")])
    assert not settings.donnees.exists()
    assert not settings.quarantaine.exists()


# --- One's own deposits ----------------------------------------------------------------------------------
@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "d")


def test_un_depot_en_cours_n_est_qu_a_sa_deposante(settings: Settings, tmp_path: Path) -> None:
    """It may hold personal data: another depositor neither sees nor moves it, a validator does."""
    ana = prets.guichet(settings, "ana", Role.DEPOSANT)
    leo = prets.guichet(settings, "leo", Role.DEPOSANT)
    chef = prets.guichet(settings, "chef", Role.VALIDEUR)
    identifiant = prets.ouvrir(ana, prets.benevolat(tmp_path, prets.simples(3)))
    gestes: list[Callable[[], object]] = [
        lambda: leo.chantier(identifiant),
        lambda: leo.verdict(identifiant),
        lambda: leo.recommencer(identifiant),
        lambda: leo.avancement(identifiant),
        lambda: leo.decider(identifiant, millesime=1990),
        lambda: leo.refuser_memoire(identifiant),
        lambda: leo.corriger(identifiant, [Correction("Feuil1", "A2", "Club 0", "Rien")]),
        lambda: leo.ecarter(identifiant, [("Feuil1", 2)]),
        lambda: leo.remplacer(identifiant, None),
        lambda: leo.charger(identifiant),
        lambda: leo.chargement(identifiant),
        lambda: leo.chargement_en_cours(identifiant),
        lambda: leo.annoter(identifiant),
        lambda: leo.annote(identifiant),
        lambda: leo.refus_annote(identifiant),
        lambda: leo.abandonner(identifiant),
    ]
    for geste in gestes:
        with pytest.raises(AccesRefuse, match="autre personne"):
            geste()
    assert leo.chantiers() == []
    assert [c.id for c in ana.chantiers()] == [c.id for c in chef.chantiers()] == [identifiant]
    assert prets.verdict(ana, identifiant).lignes_chargees == 3
    assert ana.chantier(identifiant).revision == 1
    assert prets.charger(chef, identifiant)


def test_un_depot_charge_ne_se_touche_que_par_sa_deposante(settings: Settings, tmp_path: Path) -> None:
    ana = prets.guichet(settings, "ana", Role.DEPOSANT)
    leo = prets.guichet(settings, "leo", Role.DEPOSANT)
    chef = prets.guichet(settings, "chef", Role.VALIDEUR)
    depot = prets.deposer(ana, prets.benevolat(tmp_path, prets.simples(3)))
    autre = prets.ouvrir(leo, prets.benevolat(tmp_path, prets.simples(4)))
    for geste in (
        lambda: leo.annuler(depot),
        lambda: leo.retablir(depot),
        lambda: leo.reprendre(depot),
        lambda: leo.remplacer(autre, depot),
    ):
        with pytest.raises(AccesRefuse, match="autre personne"):
            geste()
    assert [d.statut for d in chef.depots()] == ["charge"]
    chef.annuler(depot)
    ana.retablir(depot)
    assert [(e.quoi, e.qui) for e in chef.journal(depot)][:2] == [("retablir", "ana"), ("annuler", "chef")]


# --- Four eyes -------------------------------------------------------------------------------------------
def test_quatre_yeux(settings: Settings, tmp_path: Path) -> None:
    """With the setting, a deposit counts once another validator has validated it; its depositor cannot."""
    changer_quatre_yeux(settings, OPERATEUR, True)
    ana = prets.guichet(settings, "ana", Role.VALIDEUR)
    chef = prets.guichet(settings, "chef", Role.VALIDEUR)
    depot = prets.deposer(ana, prets.benevolat(tmp_path, prets.simples(6)))
    assert (ana.depot(depot).a_valider, ana.depot(depot).actif) == (True, False)
    ana.publier()
    assert [list(p.depots) for p in ana.publications()] == [[]]
    with pytest.raises(ErreurEntrepot, match=r"quelqu’un d’autre|autre personne"):
        ana.valider(depot)
    assert not ana.depot(depot).actif
    chef.valider(depot)
    assert ana.depot(depot).actif
    ana.publier()
    assert [list(p.depots) for p in ana.publications()] == [[depot], []]
    assert ("valider", "chef") in [(e.quoi, e.qui) for e in chef.journal(depot)]


def test_sans_quatre_yeux_un_depot_compte_aussitot(settings: Settings, tmp_path: Path) -> None:
    changer_quatre_yeux(settings, OPERATEUR, False)
    ana = prets.guichet(settings, "ana", Role.VALIDEUR)
    assert ana.depot(prets.deposer(ana, prets.benevolat(tmp_path, prets.simples(2)))).actif


def test_quatre_yeux_un_remplacement_attend_aussi(settings: Settings, tmp_path: Path) -> None:
    """The replaced deposit counts until the new one is validated."""
    ana = prets.guichet(settings, "ana", Role.DEPOSANT)
    chef = prets.guichet(settings, "chef", Role.VALIDEUR)
    ancien = prets.deposer(ana, prets.benevolat(tmp_path, prets.simples(3)))
    changer_quatre_yeux(settings, OPERATEUR, True)
    identifiant = prets.ouvrir(ana, prets.benevolat(tmp_path, prets.simples(4)))
    ana.remplacer(identifiant, ancien)
    nouveau = prets.charger(ana, identifiant)
    assert (ana.depot(ancien).actif, ana.depot(nouveau).actif) == (True, False)
    chef.valider(nouveau)
    assert (ana.depot(ancien).actif, ana.depot(nouveau).actif) == (False, True)
