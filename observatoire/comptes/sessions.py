"""Who is asking now: password check, sessions, persons sent by another door."""

from __future__ import annotations

import secrets
import sqlite3

from observatoire.comptes import base, freins, motdepasse
from observatoire.comptes.gestion import normaliser_sujet
from observatoire.comptes.identite import AccesRefuse, Identite, Role
from observatoire.comptes.reglages import porte_locale
from observatoire.config.settings import Settings

DUREE = 12 * 3600.0
VU_TOUTES_LES = 60.0
REFUS = "Identifiant ou mot de passe incorrect."
SEANCE_TERMINEE = "Votre session est terminée. Reconnectez-vous."


def _identite(ligne: sqlite3.Row, porte: str) -> Identite:
    role = Role(ligne["role"]) if ligne["role"] and ligne["actif"] else None
    return Identite(ligne["sujet"], ligne["nom"], role, porte)


def authentifier(settings: Settings, sujet: str, mot_de_passe: str, adresse: str) -> Identite:
    """The person behind this login and password; AccesRefuse, always the same, otherwise.

    An unknown login costs the same hash and the same brakes as a known one. What was typed is written
    nowhere: the journal names the account only when there is one.
    """
    cle = sujet.strip().lower()[:254]
    with base.ecrire(settings) as con:
        reste = freins.compter_essai(con, cle, adresse)
        ligne = con.execute("select * from comptes where sujet = ?", (cle,)).fetchone()
        connu = cle if ligne else None
        if reste:
            base.noter(con, "connexion freinée", connu, adresse=adresse)
    if reste:
        raise AccesRefuse(freins.phrase_attente(reste))
    juste = motdepasse.verifier(ligne["empreinte"] if ligne else None, mot_de_passe)
    with base.ecrire(settings) as con:
        if not (juste and ligne["actif"] and porte_locale(settings)):
            base.noter(con, "connexion refusée", connu, adresse=adresse)
        else:
            freins.effacer_essais(con, cle, adresse)
            if motdepasse.a_rehacher(ligne["empreinte"]):
                con.execute(
                    "update comptes set empreinte = ? where sujet = ? and empreinte = ?",
                    (motdepasse.hacher(mot_de_passe), cle, ligne["empreinte"]),
                )
            return _identite(ligne, "local")
    raise AccesRefuse(REFUS)


def ouvrir_session(settings: Settings, identite: Identite, adresse: str) -> str:
    """Random token of a new session of twelve hours; only its hash is kept."""
    jeton, quand = secrets.token_urlsafe(32), base.maintenant()
    with base.ecrire(settings) as con:
        con.execute("delete from sessions where expire_le <= ?", (quand,))
        con.execute(
            "insert into sessions values (?, ?, ?, ?, ?)",
            (base.empreinte(jeton), identite.sujet, quand, quand, quand + DUREE),
        )
        con.execute("update comptes set vu_le = ? where sujet = ?", (quand, identite.sujet))
        base.noter(con, "connexion", identite.sujet, adresse=adresse, detail="mot de passe")
    return jeton


def identite_de_session(settings: Settings, jeton: str) -> Identite | None:
    """The person of a session that is still good, with the role of this very moment."""
    if not settings.comptes.exists():
        return None
    quand, cle = base.maintenant(), base.empreinte(jeton)
    with base.lire(settings) as con:
        ligne = con.execute(
            "select c.*, s.vu_le as session_vue from sessions s join comptes c using (sujet) "
            "where s.empreinte = ? and s.expire_le > ? and c.actif = 1 and c.empreinte is not null",
            (cle, quand),
        ).fetchone()
    if ligne is None:
        return None
    if quand - ligne["session_vue"] > VU_TOUTES_LES:
        with base.ecrire(settings) as con:
            con.execute("update sessions set vu_le = ? where empreinte = ?", (quand, cle))
    return _identite(ligne, "local")


def fermer_session(settings: Settings, jeton: str, adresse: str) -> None:
    """Revoke one session; an unknown token changes nothing."""
    with base.ecrire(settings) as con:
        ligne = con.execute(
            "delete from sessions where empreinte = ? returning sujet", (base.empreinte(jeton),)
        ).fetchone()
        if ligne:
            base.noter(con, "déconnexion", ligne["sujet"], adresse=adresse)


def fermer_sessions(settings: Settings, par: Identite, sujet: str) -> None:
    """Revoke all sessions of a person at every door: herself, or an administrator."""
    cle = normaliser_sujet(sujet)
    if par.sujet != cle:
        base.exiger_role(par, Role.ADMIN)
    with base.ecrire(settings) as con:
        con.execute("delete from sessions where sujet = ?", (cle,))
        con.execute("update comptes set jetons_apres = ? where sujet = ?", (base.maintenant(), cle))
        base.noter(con, "déconnexion", cle, par=par.sujet, detail="toutes les sessions")


def changer_mot_de_passe(
    settings: Settings, identite: Identite, ancien: str, nouveau: str, adresse: str
) -> None:
    """A new password for who still knows the old one; every session is closed, the current one too."""
    authentifier(settings, identite.sujet, ancien, adresse)
    motdepasse.verifier_politique(nouveau, identite.sujet)
    if ancien == nouveau:
        raise AccesRefuse("Le nouveau mot de passe est le même que l’ancien.")
    empreinte = motdepasse.hacher(nouveau)
    with base.ecrire(settings) as con:
        con.execute("update comptes set empreinte = ? where sujet = ?", (empreinte, identite.sujet))
        con.execute("delete from sessions where sujet = ?", (identite.sujet,))
        base.noter(con, "mot de passe changé", identite.sujet, adresse=adresse)


def identite_externe(
    settings: Settings, sujet: str, nom: str, porte: str, emis_le: float | None = None
) -> Identite | None:
    """The person another door vouches for, with the role of our table; None when her token was revoked."""
    cle = normaliser_sujet(sujet)
    with base.lire(settings) as con:
        ligne = con.execute("select * from comptes where sujet = ?", (cle,)).fetchone()
    if ligne is None:
        return Identite(cle, nom or cle, None, porte)
    # Signed cookies count whole seconds: one made in the second of the revocation is refused too.
    if emis_le is not None and emis_le <= int(ligne["jetons_apres"]):
        return None
    return _identite(ligne, porte)


def noter_visite(settings: Settings, identite: Identite, adresse: str, emis_le: float | None = None) -> None:
    """Remember a person of another door (no role by default), so that an administrator sees her in the list."""
    quand = base.maintenant()
    with base.lire(settings) as con:
        ligne = con.execute("select vu_le from comptes where sujet = ?", (identite.sujet,)).fetchone()
    vu = ligne["vu_le"] if ligne else None
    if vu is not None and quand - vu < DUREE and (emis_le is None or emis_le <= vu):
        return
    with base.ecrire(settings) as con:
        con.execute(
            "insert into comptes (sujet, nom, porte, cree_le, vu_le) values (?, ?, ?, ?, ?) "
            "on conflict do update set vu_le = excluded.vu_le",
            (identite.sujet, identite.nom, identite.porte, quand, quand),
        )
        base.noter(con, "connexion", identite.sujet, adresse=adresse, detail=identite.porte)
