"""Accounts, roles and sessions of the staff."""

from observatoire.comptes.base import Acces, journal_acces
from observatoire.comptes.freins import compter_envoi
from observatoire.comptes.gestion import (
    Compte,
    Invitation,
    accepter_invitation,
    creer_compte,
    desactiver,
    donner_role,
    inviter,
    lien_premier_admin,
    lire_invitation,
    lister,
    nb_pouvant,
    normaliser_sujet,
    reactiver,
)
from observatoire.comptes.identite import OPERATEUR, AccesRefuse, Identite, Role
from observatoire.comptes.reglages import (
    changer_porte_locale,
    changer_quatre_yeux,
    porte_locale,
    quatre_yeux,
    secret_cookies,
)
from observatoire.comptes.sessions import (
    authentifier,
    changer_mot_de_passe,
    fermer_session,
    fermer_sessions,
    identite_de_session,
    identite_externe,
    noter_visite,
    ouvrir_session,
)

__all__ = [
    "OPERATEUR",
    "Acces",
    "AccesRefuse",
    "Compte",
    "Identite",
    "Invitation",
    "Role",
    "accepter_invitation",
    "authentifier",
    "changer_mot_de_passe",
    "changer_porte_locale",
    "changer_quatre_yeux",
    "compter_envoi",
    "creer_compte",
    "desactiver",
    "donner_role",
    "fermer_session",
    "fermer_sessions",
    "identite_de_session",
    "identite_externe",
    "inviter",
    "journal_acces",
    "lien_premier_admin",
    "lire_invitation",
    "lister",
    "nb_pouvant",
    "normaliser_sujet",
    "noter_visite",
    "ouvrir_session",
    "porte_locale",
    "quatre_yeux",
    "reactiver",
    "secret_cookies",
]
