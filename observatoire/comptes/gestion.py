"""Who has an account and what it may do: creation, one-time links, roles, closing."""

from __future__ import annotations

import re
import secrets
import sqlite3
from dataclasses import dataclass

from observatoire.comptes import base, motdepasse
from observatoire.comptes.identite import OPERATEUR, AccesRefuse, Identite, Role
from observatoire.config.settings import Settings

INVITATION_JOURS = 7
_SUJET = re.compile(r"[^\s\x00-\x1f\x7f<>\"'`,;]{3,254}")
LIEN_INVALIDE = (
    "Ce lien n’est plus valable\u00a0: il a déjà servi ou il a plus de sept jours. "
    "Demandez-en un autre à la personne qui administre l’observatoire."
)
DERNIER_ADMIN = (
    "C’est le dernier compte d’administration\u00a0: donnez d’abord ce rôle à une autre personne qui s’est "
    "déjà connectée."
)


@dataclass(frozen=True, slots=True)
class Compte:
    """One known person, as the page « Comptes » lists her."""

    sujet: str
    nom: str
    role: Role | None
    actif: bool
    porte: str
    mot_de_passe: bool
    cree_le: float
    vu_le: float | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A pending one-time link; `sujet` is None for the first administrator, who chooses it."""

    sujet: str | None
    role: Role
    expire_le: float
    nouveau: bool = True


def normaliser_sujet(sujet: str) -> str:
    """Lower-case login or e-mail; AccesRefuse when it cannot be one."""
    plie = sujet.strip().lower()
    if not _SUJET.fullmatch(plie) or plie == OPERATEUR.sujet:
        raise AccesRefuse(
            "Identifiant illisible\u00a0: une adresse électronique, ou un nom court sans espace."
        )
    return plie


def _nom(nom: str) -> str:
    propre = " ".join(c for c in nom.split())[:120]
    if not propre or not propre.isprintable():
        raise AccesRefuse("Indiquez le nom à afficher.")
    return propre


def _ligne(con: sqlite3.Connection, sujet: str) -> sqlite3.Row | None:
    ligne: sqlite3.Row | None = con.execute("select * from comptes where sujet = ?", (sujet,)).fetchone()
    return ligne


def _admin_restant(con: sqlite3.Connection, sauf: str = "") -> bool:
    """True when somebody else can administrate: active, with a password or already seen."""
    requete = (
        "select 1 from comptes where role = 'admin' and actif = 1 and sujet <> ? "
        "and (empreinte is not null or vu_le is not null)"
    )
    return con.execute(requete, (sauf,)).fetchone() is not None


def _garder_un_admin(con: sqlite3.Connection, ligne: sqlite3.Row) -> None:
    if ligne["role"] == "admin" and ligne["actif"] and not _admin_restant(con, ligne["sujet"]):
        raise AccesRefuse(DERNIER_ADMIN)


def creer_compte(
    settings: Settings, par: Identite, sujet: str, nom: str, mot_de_passe: str, role: Role | None
) -> Identite:
    """A local account with its password. Administrators only."""
    base.exiger_role(par, Role.ADMIN)
    cle, nom = normaliser_sujet(sujet), _nom(nom)
    motdepasse.verifier_politique(mot_de_passe, cle)
    empreinte = motdepasse.hacher(mot_de_passe)
    with base.ecrire(settings) as con:
        if _ligne(con, cle):
            raise AccesRefuse("Un compte porte déjà cet identifiant.")
        _inserer(con, cle, nom, role, "local", empreinte)
        base.noter(con, "compte créé", cle, par=par.sujet, detail=role or "aucun rôle")
    return Identite(cle, nom, role)


def _inserer(
    con: sqlite3.Connection, sujet: str, nom: str, role: Role | None, porte: str, empreinte: str | None = None
) -> None:
    con.execute(
        "insert into comptes (sujet, nom, role, empreinte, porte, cree_le) values (?, ?, ?, ?, ?, ?)",
        (sujet, nom, role, empreinte, porte, base.maintenant()),
    )


def inviter(settings: Settings, par: Identite, sujet: str, role: Role) -> str:
    """Token of a one-time link for this person, seven days; a former link of hers stops working.

    For somebody who has an account, the link only sets a new password: her role stays.
    """
    base.exiger_role(par, Role.ADMIN)
    cle = normaliser_sujet(sujet)
    with base.ecrire(settings) as con:
        ligne = _ligne(con, cle)
        if ligne and not ligne["actif"]:
            raise AccesRefuse("Ce compte est fermé\u00a0: rouvrez-le d’abord.")
        con.execute("delete from invitations where sujet = ?", (cle,))
        jeton = _invitation(con, cle, role, par.sujet)
        base.noter(con, "invitation", cle, par=par.sujet, detail=role)
    return jeton


def _invitation(con: sqlite3.Connection, sujet: str | None, role: Role, par: str) -> str:
    jeton, quand = secrets.token_urlsafe(32), base.maintenant()
    con.execute("delete from invitations where expire_le < ?", (quand,))
    con.execute(
        "insert into invitations values (?, ?, ?, ?, ?, ?)",
        (base.empreinte(jeton), sujet, role, quand, quand + INVITATION_JOURS * base.JOUR, par),
    )
    return jeton


def lien_premier_admin(settings: Settings, base_url: str) -> str | None:
    """One-time link that makes the first administrator; None once there is one. A former link is cancelled."""
    with base.ecrire(settings) as con:
        if _admin_restant(con):
            return None
        con.execute("delete from invitations where sujet is null")
        jeton = _invitation(con, None, Role.ADMIN, OPERATEUR.sujet)
        base.noter(con, "premier lien", par=OPERATEUR.sujet)
    return f"{base_url.rstrip('/')}/invitation/{jeton}"


def _invitation_valable(con: sqlite3.Connection, jeton: str) -> sqlite3.Row:
    ligne: sqlite3.Row | None = con.execute(
        "select * from invitations where empreinte = ? and expire_le > ?",
        (base.empreinte(jeton), base.maintenant()),
    ).fetchone()
    if ligne is None or (ligne["sujet"] is None and _admin_restant(con)):
        raise AccesRefuse(LIEN_INVALIDE)
    return ligne


def lire_invitation(settings: Settings, jeton: str) -> Invitation:
    """What the link opens, without using it; AccesRefuse when it is no longer good."""
    with base.lire(settings) as con:
        ligne = _invitation_valable(con, jeton)
        nouveau = ligne["sujet"] is None or _ligne(con, ligne["sujet"]) is None
    return Invitation(ligne["sujet"], Role(ligne["role"]), ligne["expire_le"], nouveau)


def accepter_invitation(
    settings: Settings, jeton: str, sujet: str | None, nom: str, mot_de_passe: str
) -> Identite:
    """Use the link: make the account, or give an existing one its new password and close its sessions."""
    prevu = lire_invitation(settings, jeton)
    cle = normaliser_sujet(prevu.sujet or sujet or "")
    motdepasse.verifier_politique(mot_de_passe, cle)
    empreinte = motdepasse.hacher(mot_de_passe)
    with base.ecrire(settings) as con:
        invitation = _invitation_valable(con, jeton)
        con.execute("delete from invitations where empreinte = ?", (invitation["empreinte"],))
        ligne = _ligne(con, cle)
        if ligne is None:
            nom = _nom(nom)
            _inserer(con, cle, nom, Role(invitation["role"]), "local", empreinte)
            base.noter(con, "compte créé", cle, par=invitation["par"], detail=invitation["role"])
            return Identite(cle, nom, Role(invitation["role"]))
        if invitation["sujet"] is None:
            # The first administrator takes a name somebody already has at another door: never her account.
            raise AccesRefuse("Un compte porte déjà cet identifiant.")
        if not ligne["actif"]:
            raise AccesRefuse(LIEN_INVALIDE)
        role = ligne["role"] or invitation["role"]
        con.execute("update comptes set empreinte = ?, role = ? where sujet = ?", (empreinte, role, cle))
        con.execute("delete from sessions where sujet = ?", (cle,))
        base.noter(con, "mot de passe renouvelé", cle, par=invitation["par"])
        return Identite(cle, ligne["nom"], Role(role))


def donner_role(settings: Settings, par: Identite, sujet: str, role: Role | None, nom: str = "") -> None:
    """Give a role, or none, to a person of any door, known yet or not. Administrators only."""
    base.exiger_role(par, Role.ADMIN)
    cle = normaliser_sujet(sujet)
    with base.ecrire(settings) as con:
        ligne = _ligne(con, cle)
        if ligne is None:
            _inserer(con, cle, _nom(nom or cle), role, "externe")
        else:
            if role is not Role.ADMIN:
                _garder_un_admin(con, ligne)
            con.execute("update comptes set role = ? where sujet = ?", (role, cle))
        avant = (ligne["role"] if ligne else None) or "aucun"
        base.noter(con, "rôle changé", cle, par=par.sujet, detail=f"{avant} → {role or 'aucun'}")


def desactiver(settings: Settings, par: Identite, sujet: str) -> None:
    """Close an account and all its sessions and links; the row stays, for the journals. Administrators only."""
    _activer(settings, par, sujet, False)


def reactiver(settings: Settings, par: Identite, sujet: str) -> None:
    """Open a closed account again, with its role and password. Administrators only."""
    _activer(settings, par, sujet, True)


def _activer(settings: Settings, par: Identite, sujet: str, actif: bool) -> None:
    base.exiger_role(par, Role.ADMIN)
    cle = normaliser_sujet(sujet)
    with base.ecrire(settings) as con:
        ligne = _ligne(con, cle)
        if ligne is None:
            raise AccesRefuse("Aucun compte ne porte cet identifiant.")
        if not actif:
            _garder_un_admin(con, ligne)
            con.execute("delete from sessions where sujet = ?", (cle,))
            con.execute("delete from invitations where sujet = ?", (cle,))
        con.execute(
            "update comptes set actif = ?, jetons_apres = ? where sujet = ?",
            (int(actif), base.maintenant(), cle),
        )
        base.noter(con, "compte rouvert" if actif else "compte fermé", cle, par=par.sujet)


def lister(settings: Settings, par: Identite) -> list[Compte]:
    """Every known person, by login. Administrators only."""
    base.exiger_role(par, Role.ADMIN)
    with base.lire(settings) as con:
        lignes = con.execute("select * from comptes order by sujet").fetchall()
    return [
        Compte(
            ligne["sujet"],
            ligne["nom"],
            Role(ligne["role"]) if ligne["role"] else None,
            bool(ligne["actif"]),
            ligne["porte"],
            ligne["empreinte"] is not None,
            ligne["cree_le"],
            ligne["vu_le"],
        )
        for ligne in lignes
    ]


def nb_pouvant(settings: Settings, role: Role) -> int:
    """How many open accounts may do what `role` may."""
    with base.lire(settings) as con:
        lignes = con.execute("select role from comptes where actif and role is not null").fetchall()
    return sum(Role(ligne["role"]).couvre(role) for ligne in lignes)
