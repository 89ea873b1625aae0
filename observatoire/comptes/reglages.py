"""Settings an administrator changes from the app, and secrets the server makes for itself."""

from __future__ import annotations

import secrets

from observatoire.comptes import base
from observatoire.comptes.identite import AccesRefuse, Identite, Role
from observatoire.config.settings import Settings

_QUATRE_YEUX = "quatre_yeux"
_PORTE_LOCALE = "porte_locale"
_SECRET_COOKIES = "secret_cookies"


def _valeur(settings: Settings, cle: str) -> str | None:
    with base.lire(settings) as con:
        ligne = con.execute("select valeur from reglages where cle = ?", (cle,)).fetchone()
    return None if ligne is None else str(ligne["valeur"])


def _changer(settings: Settings, par: Identite, cle: str, oui: bool) -> None:
    base.exiger_role(par, Role.ADMIN)
    with base.ecrire(settings) as con:
        con.execute("insert or replace into reglages values (?, ?)", (cle, "oui" if oui else "non"))
        base.noter(con, "réglage", par=par.sujet, detail=f"{cle} : {'oui' if oui else 'non'}")


def quatre_yeux(settings: Settings) -> bool:
    """True when somebody else than the depositor must validate; an administrator's choice wins over Settings."""
    valeur = _valeur(settings, _QUATRE_YEUX)
    return settings.quatre_yeux if valeur is None else valeur == "oui"


def changer_quatre_yeux(settings: Settings, par: Identite, oui: bool) -> None:
    """Ask for two persons, or one, before a deposit counts. Administrators only."""
    _changer(settings, par, _QUATRE_YEUX, oui)


def porte_locale(settings: Settings) -> bool:
    """True when people may sign in with a password of ours."""
    return _valeur(settings, _PORTE_LOCALE) != "non"


def changer_porte_locale(settings: Settings, par: Identite, ouverte: bool) -> None:
    """Open or close the password door (its sessions end); only who came in by another one may close it."""
    if not ouverte and par.porte in ("local", "commande"):
        raise AccesRefuse(
            "Pour fermer l’entrée par mot de passe, connectez-vous d’abord par l’autre entrée\u00a0: "
            "vous êtes ainsi sûr de pouvoir revenir."
        )
    _changer(settings, par, _PORTE_LOCALE, ouverte)
    if not ouverte:
        with base.ecrire(settings) as con:
            con.execute("delete from sessions")


def secret_cookies(settings: Settings) -> str:
    """Secret that signs Streamlit's cookies, made once: a restart signs nobody out."""
    with base.ecrire(settings) as con:
        con.execute(
            "insert or ignore into reglages values (?, ?)", (_SECRET_COOKIES, secrets.token_urlsafe(32))
        )
        (valeur,) = con.execute("select valeur from reglages where cle = ?", (_SECRET_COOKIES,)).fetchone()
    return str(valeur)
