"""Brakes: guesses of passwords, by account and by client address, and uploads by account."""

from __future__ import annotations

import hashlib
import sqlite3

from observatoire.comptes import base
from observatoire.comptes.identite import AccesRefuse
from observatoire.config.settings import Settings
from observatoire.domain.francais import ecrire_nombre

# Failures allowed before the delay starts. An address often stands for a whole office: it gets more.
ESSAIS = {"compte": 5, "adresse": 20}
DELAI_INITIAL = 15.0
DELAI_MAXIMAL = 900.0
OUBLI = 24 * 3600.0
ENVOIS_PAR_HEURE = 30


def _cle(texte: str) -> str:
    """Keys are hashed: people type their password in the login field."""
    return hashlib.sha256(texte.encode()).hexdigest()


def attente(nb: int, genre: str) -> float:
    """Seconds to wait after the last of `nb` failures: 0, then 15, 30, 60… up to a quarter of an hour."""
    rang = nb - ESSAIS[genre]
    return 0.0 if rang < 0 else min(DELAI_INITIAL * 2 ** min(rang, 20), DELAI_MAXIMAL)


def compter_essai(con: sqlite3.Connection, sujet: str, adresse: str) -> float:
    """Count one more try *before* it is checked (parallel guesses gain nothing); gives seconds to wait.

    0 means go on. While the delay runs, tries are refused and not counted.
    """
    quand = base.maintenant()
    con.execute("delete from essais where dernier < ?", (quand - OUBLI,))
    cles = (("compte", _cle(sujet)), ("adresse", _cle(adresse)))
    reste = 0.0
    for genre, cle in cles:
        ligne = con.execute(
            "select nb, dernier from essais where genre = ? and cle = ?", (genre, cle)
        ).fetchone()
        if ligne:
            reste = max(reste, ligne["dernier"] + attente(ligne["nb"], genre) - quand)
    if reste > 0:
        return reste
    for genre, cle in cles:
        con.execute(
            "insert into essais values (?, ?, 1, ?) on conflict do update set nb = nb + 1, dernier = ?",
            (genre, cle, quand, quand),
        )
    return 0.0


def effacer_essais(con: sqlite3.Connection, sujet: str, adresse: str) -> None:
    """After a success: the account starts afresh, the address gets back the try it just spent."""
    con.execute("delete from essais where genre = 'compte' and cle = ?", (_cle(sujet),))
    con.execute("update essais set nb = nb - 1 where genre = 'adresse' and cle = ?", (_cle(adresse),))


def phrase_attente(secondes: float) -> str:
    """What to tell somebody who has to wait."""
    if secondes < 60:
        duree = f"{ecrire_nombre(max(1, round(secondes)), 0)} seconde{'s' if secondes >= 1.5 else ''}"
    else:
        minutes = -(-int(secondes) // 60)
        duree = f"{ecrire_nombre(minutes, 0)} minute{'s' if minutes > 1 else ''}"
    return f"Trop d’essais. Attendez {duree} avant de recommencer."


def compter_envoi(settings: Settings, sujet: str) -> None:
    """Count one upload of this account; AccesRefuse past thirty in an hour."""
    with base.ecrire(settings) as con:
        quand = base.maintenant()
        con.execute("delete from envois where quand < ?", (quand - 3600,))
        (nb,) = con.execute("select count(*) from envois where sujet = ?", (sujet,)).fetchone()
        if nb >= ENVOIS_PAR_HEURE:
            raise AccesRefuse(
                f"Vous avez envoyé {ENVOIS_PAR_HEURE} fichiers en une heure\u00a0: c’est la limite. "
                "Réessayez un peu plus tard."
            )
        con.execute("insert into envois values (?, ?)", (sujet, quand))
