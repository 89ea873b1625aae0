"""Accounts: who may come in, what each may do, one-time links, and the access journal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboards import acces
from dashboards import format_fr as fr
from dashboards.components import cadre
from dashboards.components.export import Ligne, csv_octets
from dashboards.guichet_blocs import commun
from dashboards.identification import lire_config
from observatoire import comptes
from observatoire.comptes import Acces, AccesRefuse, Compte, Role
from observatoire.config.settings import load_settings

AUCUN = "aucun droit"
LIGNES_VUES = 100
LIGNES_EXPORT = 100_000
REUSSITE, ECHEC, LIEN = "comptes-fait", "comptes-refus", "comptes-lien"


def _libelle(role: Role | None) -> str:
    return role.libelle if role else AUCUN


def _agir(geste: Callable[[], object], phrase: str) -> None:
    """Do it and keep what to say for the next run: the French refusal, or the sentence."""
    try:
        geste()
    except AccesRefuse as refus:
        st.session_state[ECHEC] = str(refus)
    else:
        st.session_state[REUSSITE] = phrase


def _annoncer() -> None:
    if phrase := st.session_state.pop(ECHEC, None):
        st.error(phrase, icon=":material/error:")
    if phrase := st.session_state.pop(REUSSITE, None):
        st.success(phrase, icon=":material/check:")
    if lien := st.session_state.pop(LIEN, None):
        st.warning(
            "Copiez ce lien maintenant et transmettez-le à la personne\u00a0: il ne sera plus affiché. "
            "Il sert une seule fois, pendant sept jours."
        )
        st.code(lien, language=None, wrap_lines=True)


def _qui() -> comptes.Identite:
    """Callbacks run before the page: they ask again who is there."""
    identite = acces.identite_courante()
    if identite is None:
        raise AccesRefuse("Votre session est terminée.")
    return identite


def _adresse() -> str:
    config = lire_config()
    return config.adresse or f"http://{st.context.headers.get('Host', 'localhost')}"


def _inviter() -> None:
    def geste() -> None:
        jeton = comptes.inviter(
            load_settings(), _qui(), st.session_state["invite-sujet"], st.session_state["invite-role"]
        )
        st.session_state[LIEN] = f"{_adresse()}/invitation/{jeton}"

    _agir(geste, "Le lien est prêt.")


def _donner() -> None:
    sujet, role = st.session_state["role-sujet"], st.session_state["role-role"]
    _agir(
        lambda: comptes.donner_role(load_settings(), _qui(), sujet, role),
        f"Le droit est changé\u00a0: {_libelle(role)}.",
    )


def _activer(sujet: str, actif: bool) -> None:
    geste = comptes.reactiver if actif else comptes.desactiver
    _agir(
        lambda: geste(load_settings(), _qui(), sujet),
        "Le compte est rouvert." if actif else "Le compte est fermé et ses sessions aussi.",
    )


def _quatre_yeux() -> None:
    oui = st.session_state["quatre-yeux"]
    _agir(
        lambda: comptes.changer_quatre_yeux(load_settings(), _qui(), oui),
        "Une autre personne devra valider chaque dépôt." if oui else "Un dépôt compte dès qu’il est chargé.",
    )


def _porte_locale() -> None:
    _agir(
        lambda: comptes.changer_porte_locale(load_settings(), _qui(), st.session_state["porte-locale"]),
        "L’entrée par mot de passe est changée.",
    )


def _ligne_compte(compte: Compte) -> dict[str, str]:
    return {
        "Identifiant": compte.sujet,
        "Nom": compte.nom,
        "Droit": _libelle(compte.role) if compte.actif else "compte fermé",
        "Entrée": "mot de passe" if compte.mot_de_passe else compte.porte,
        "Dernière connexion": fr.date_heure(compte.vu_le) if compte.vu_le else "jamais",
    }


def _ligne_acces(acces_: Acces) -> dict[str, str]:
    return {
        "Quand": fr.date_heure(acces_.quand),
        "Événement": acces_.evenement,
        "Identifiant": acces_.sujet or "",
        "Par": commun.qui(acces_.par) if acces_.par else "",
        "Adresse": acces_.adresse or "",
        "Détail": acces_.detail,
    }


def _personnes(liste: list[Compte]) -> None:
    cadre.section(
        "Les personnes",
        "Le dépôt et l’analyse (requêtes sur les réponses) comprennent chacun la lecture\u00a0; la validation comprend les deux, "
        "l’administration comprend tout.",
    )
    st.dataframe([_ligne_compte(c) for c in liste], hide_index=True)
    gauche, droite = st.columns(2)
    with gauche, st.form("inviter"):
        cadre.sous_titre("Inviter, ou remplacer un mot de passe oublié")
        st.text_input("Adresse électronique ou identifiant", key="invite-sujet")
        st.selectbox("Droit", list(Role), format_func=_libelle, key="invite-role")
        st.form_submit_button("Préparer le lien", on_click=_inviter)
    with droite, st.form("roles"):
        cadre.sous_titre("Changer un droit")
        sujets = [c.sujet for c in liste]
        st.selectbox(
            "Personne", sujets, key="role-sujet", accept_new_options=True, placeholder="Choisir ou écrire"
        )
        st.selectbox("Nouveau droit", [None, *Role], format_func=_libelle, key="role-role")
        st.form_submit_button("Changer le droit", on_click=_donner)
    with st.container(border=True):
        cadre.sous_titre("Fermer ou rouvrir un compte")
        choisi = st.selectbox(
            "Compte", liste, format_func=lambda c: f"{c.nom} ({c.sujet})", key="compte-choisi"
        )
        st.button(
            "Fermer ce compte" if choisi.actif else "Rouvrir ce compte",
            on_click=_activer,
            args=(choisi.sujet, not choisi.actif),
        )


def _reglages() -> None:
    cadre.section("Règles")
    reglages = load_settings()
    st.toggle(
        "Une autre personne valide chaque dépôt (quatre yeux)",
        value=comptes.quatre_yeux(reglages),
        key="quatre-yeux",
        on_change=_quatre_yeux,
    )
    st.toggle(
        "Entrée par mot de passe",
        value=comptes.porte_locale(reglages),
        key="porte-locale",
        on_change=_porte_locale,
    )


def _export(par: comptes.Identite) -> bytes:
    lignes: list[Ligne] = [
        _ligne_acces(a) for a in comptes.journal_acces(load_settings(), par, LIGNES_EXPORT)
    ]
    return csv_octets(lignes, francais=True)


def _journal(par: comptes.Identite) -> None:
    cadre.section("Journal des accès", "Gardé douze mois. Aucun mot de passe n’y figure.")
    lignes = comptes.journal_acces(load_settings(), par, LIGNES_VUES)
    st.dataframe([_ligne_acces(a) for a in lignes], hide_index=True)
    st.download_button(
        "Télécharger tout le journal (CSV)",
        data=partial(_export, par),
        file_name=f"journal-des-acces-{par.sujet}.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )


identite = acces.exiger(Role.ADMIN)
st.html(commun.STYLE)
st.html('<header class="ob-titre"><p class="sur">Espace de dépôt</p><h1>Comptes</h1></header>')
_annoncer()
_personnes(comptes.lister(load_settings(), identite))
_reglages()
_journal(identite)
