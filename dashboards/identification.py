"""Who sends this request: session of ours, trusted proxy, or OIDC cookie. One function for the gate and the pages."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import URLSafeTimedSerializer
from streamlit.auth_util import get_cookie_with_chunks, get_origin_from_redirect_uri, get_secrets_auth_section
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from observatoire import comptes
from observatoire.comptes import AccesRefuse, Identite
from observatoire.config.settings import Settings, load_settings

COOKIE_SESSION = "observatoire_session"
OIDC_JOURS = 0.5
HOTES_LOCAUX = frozenset({"127.0.0.1", "localhost"})


@dataclass(frozen=True, slots=True)
class ConfigPorte:
    """How people come in: public address, names this server answers to, secret of the proxy."""

    settings: Settings
    adresse: str = ""
    hotes: frozenset[str] = HOTES_LOCAUX
    secret_proxy: str = field(default="", repr=False)

    @property
    def securise(self) -> bool:
        """True when people reach us through HTTPS."""
        return self.adresse.startswith("https://")


def lire_config(settings: Settings | None = None) -> ConfigPorte:
    """From the environment.

    `OBSERVATOIRE_ADRESSE_DEPOT` (public address, such as https://depot.exemple.fr), `OBSERVATOIRE_HOTES` (other
    names, comma separated), `OBSERVATOIRE_PROXY_SECRET` (opens the proxy door).
    """
    adresse = os.environ.get("OBSERVATOIRE_ADRESSE_DEPOT", "").rstrip("/")
    noms = {h.strip().lower() for h in os.environ.get("OBSERVATOIRE_HOTES", "").split(",")}
    noms |= {urlsplit(adresse).hostname or ""}
    return ConfigPorte(
        settings or load_settings(),
        adresse,
        HOTES_LOCAUX | (noms - {""}),
        os.environ.get("OBSERVATOIRE_PROXY_SECRET", ""),
    )


def secrets_oidc(config: ConfigPorte, adresse: str) -> dict[str, Any] | None:
    """Streamlit's `[auth]` secrets from the environment; None when `OBSERVATOIRE_OIDC_CLIENT` is not set.

    Also read: `OBSERVATOIRE_OIDC_SECRET`, `OBSERVATOIRE_OIDC_METADATA` (discovery document) and
    `OBSERVATOIRE_OIDC_PROMPT` (default `login`: whoever comes back after twelve hours shows who she is again).
    """
    client = os.environ.get("OBSERVATOIRE_OIDC_CLIENT")
    if not client:
        return None
    return {
        "auth": {
            "redirect_uri": f"{config.adresse or adresse}/oauth2callback",
            "cookie_secret": comptes.secret_cookies(config.settings),
            "client_id": client,
            "client_secret": os.environ.get("OBSERVATOIRE_OIDC_SECRET", ""),
            "server_metadata_url": os.environ.get("OBSERVATOIRE_OIDC_METADATA", ""),
            "client_kwargs": {"prompt": os.environ.get("OBSERVATOIRE_OIDC_PROMPT", "login")},
        }
    }


def oidc_ouvert() -> bool:
    """True when Streamlit knows an identity provider."""
    return bool(get_secrets_auth_section())


def nom_oidc() -> str:
    """Name of the identity provider on the button."""
    return os.environ.get("OBSERVATOIRE_OIDC_NOM", "le compte de votre structure")


def sans_doublon(entetes: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by lower-case name; one sent twice is dropped (a client may have slipped its own before the proxy's)."""
    vus: dict[str, list[str]] = {}
    for nom, valeur in entetes:
        vus.setdefault(nom.lower(), []).append(valeur)
    return {nom: valeurs[0] for nom, valeurs in vus.items() if len(valeurs) == 1}


@dataclass(frozen=True, slots=True)
class Venue:
    """A person and, for an OIDC cookie, the second it was signed."""

    identite: Identite
    emis_le: float | None = None


def resoudre(entetes: Mapping[str, str], cookies: Mapping[str, str], config: ConfigPorte) -> Venue | None:
    """The person behind these headers (lower-case names) and cookies; roles are read in our table each time."""
    jeton = cookies.get(COOKIE_SESSION, "")
    identite = comptes.identite_de_session(config.settings, jeton) if jeton else None
    if identite is not None:
        return Venue(identite)
    identite = _proxy(entetes, config)
    if identite is not None:
        return Venue(identite)
    return _oidc(cookies, config) if oidc_ouvert() else None


def resoudre_identite(
    entetes: Mapping[str, str], cookies: Mapping[str, str], config: ConfigPorte
) -> Identite | None:
    """Same, without the date."""
    venue = resoudre(entetes, cookies, config)
    return venue.identite if venue else None


def _proxy(entetes: Mapping[str, str], config: ConfigPorte) -> Identite | None:
    recu = entetes.get("x-observatoire-secret", "")
    if not config.secret_proxy or not hmac.compare_digest(_octets(recu), config.secret_proxy.encode()):
        return None
    sujet, nom = (_texte(entetes.get(f"x-observatoire-{n}", "")) for n in ("sujet", "nom"))
    return _externe(config, sujet, nom, "proxy")


def _octets(valeur: str) -> bytes:
    """Bytes of a header, that the server decoded as Latin-1."""
    return valeur.encode("latin-1", errors="replace")


def _texte(valeur: str) -> str:
    return _octets(valeur).decode("utf-8", errors="replace")


def _externe(
    config: ConfigPorte, sujet: str, nom: str, porte: str, emis_le: float | None = None
) -> Identite | None:
    try:
        return comptes.identite_externe(config.settings, sujet, nom, porte, emis_le)
    except AccesRefuse:
        return None


def _oidc(cookies: Mapping[str, str], config: ConfigPorte) -> Venue | None:
    """Streamlit's own cookie, refused twelve hours after it was signed or once it was revoked here."""
    secret = get_cookie_secret()
    if not secret or USER_COOKIE_NAME not in cookies:
        return None

    def un(nom: str) -> bytes | None:
        return decode_signed_value(secret, nom, _octets(cookies.get(nom, "")), max_age_days=OIDC_JOURS)

    brut = get_cookie_with_chunks(un, USER_COOKIE_NAME)
    if brut is None:
        return None
    dires = json.loads(brut)
    if dires.get("origin") != get_origin_from_redirect_uri() or not dires.get("is_logged_in"):
        return None
    _, signe = URLSafeTimedSerializer(secret, salt=USER_COOKIE_NAME).loads(
        cookies[USER_COOKIE_NAME], return_timestamp=True
    )
    emis_le = signe.timestamp()
    sujet = _sujet_oidc(dires)
    identite = _externe(config, sujet, str(dires.get("name") or ""), "oidc", emis_le)
    return Venue(identite, emis_le) if identite else None


def _sujet_oidc(dires: Mapping[str, Any]) -> str:
    """The e-mail when the provider says it has checked it; otherwise its own identifier, which nobody can choose.

    An e-mail that anybody can type in a profile would give the role of somebody else.
    """
    courriel = dires.get("email")
    if isinstance(courriel, str) and dires.get("email_verified") is True:
        return courriel
    sub = str(dires.get("sub") or "")
    if sub != sub.lower():  # ours ignore case, theirs does not
        sub = hashlib.sha256(sub.encode()).hexdigest()
    return f"oidc:{dires.get('provider', '')}:{sub}" if sub else ""
