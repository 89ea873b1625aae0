"""Routes of the door: sign in, sign out, one-time links, password; forms of ours, without Streamlit."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import parse_qsl

import anyio
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from streamlit.auth_util import encode_provider_token

from dashboards import pages_porte
from dashboards.identification import COOKIE_SESSION, ConfigPorte, Venue, nom_oidc, oidc_ouvert
from observatoire import comptes
from observatoire.comptes import AccesRefuse, Identite
from observatoire.comptes.sessions import DUREE

P = ParamSpec("P")
T = TypeVar("T")
COOKIE_CSRF = "observatoire_csrf"
CORPS_MAXIMAL = 16_384
STATIQUE = Path(__file__).with_name("static")
FICHIERS = {
    "/connexion/porte.css": STATIQUE / "porte.css",
    "/connexion/police.woff2": STATIQUE / "atkinson-hyperlegible-next.woff2",
    "/connexion/logo.svg": STATIQUE / "logo.svg",
}
PAGE_PERIMEE = "La page est restée ouverte trop longtemps. Recommencez."
DIFFERENTS = "Les deux mots de passe ne sont pas les mêmes."
_JETON = re.compile(r"[\w-]{43}")
# Two hashes at once at most: 19 MiB each, whatever the number of people at the door.
_hachages = anyio.CapacityLimiter(2)


async def repondre(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response | None:
    """The answer of one of our routes; None for any other path."""
    chemin = requete.url.path
    if chemin in FICHIERS:
        return FileResponse(FICHIERS[chemin]) if requete.method in ("GET", "HEAD") else _methode()
    if chemin.startswith("/invitation/"):
        gestes: tuple[Geste | None, Geste | None] | None = (_lire_invitation, _accepter)
    else:
        gestes = ROUTES.get(chemin)
    if gestes is None:
        return None
    geste = {"GET": gestes[0], "HEAD": gestes[0], "POST": gestes[1]}.get(requete.method)
    return _methode() if geste is None else await geste(requete, config, venue)


def _methode() -> Response:
    return PlainTextResponse("Demande impossible à cette adresse.", status_code=405)


def adresse_client(requete: Request) -> str:
    """Address of the browser (the one the local proxy says, when there is one: uvicorn reads it)."""
    return requete.client.host if requete.client else "inconnue"


def chemin_sur(suite: str) -> str:
    """A path of ours to go back to; the home page for anything else."""
    sur = (
        suite.startswith("/")
        and not suite.startswith(("//", "/\\"))
        and suite.isprintable()
        and "\\" not in suite
    )
    return suite if sur else "/"


def _jeton_csrf(requete: Request) -> str:
    recu = requete.cookies.get(COOKIE_CSRF, "")
    return recu if _JETON.fullmatch(recu) else secrets.token_urlsafe(32)


def _cookie(
    reponse: Response, config: ConfigPorte, requete: Request, nom: str, valeur: str, duree: float
) -> None:
    securise = config.securise or requete.url.scheme == "https"
    reponse.set_cookie(
        nom, valeur, max_age=int(duree), path="/", httponly=True, secure=securise, samesite="lax"
    )


def poser_csrf(entetes: MutableHeaders, requete: Request, config: ConfigPorte) -> None:
    """Give the browser the token of its forms, unless it has one."""
    if not _JETON.fullmatch(requete.cookies.get(COOKIE_CSRF, "")):
        reponse = Response()
        _cookie(reponse, config, requete, COOKIE_CSRF, secrets.token_urlsafe(32), DUREE)
        entetes.append("set-cookie", reponse.headers["set-cookie"])


def html(
    requete: Request,
    config: ConfigPorte,
    fabrique: Callable[..., bytes],
    statut: int,
    *arguments: Any,
    **nommes: Any,
) -> Response:
    """A page of ours, made with the token its form sends back."""
    jeton = _jeton_csrf(requete)
    reponse = HTMLResponse(fabrique(jeton, *arguments, **nommes), status_code=statut)
    reponse.headers["Content-Security-Policy"] = pages_porte.POLITIQUE
    _cookie(reponse, config, requete, COOKIE_CSRF, jeton, DUREE)
    return reponse


async def _champs(requete: Request) -> dict[str, str] | None:
    """Fields of a form of ours; None when it is too long or does not carry the token of this browser."""
    corps = b""
    try:
        async for bloc in requete.stream():
            corps += bloc
            if len(corps) > CORPS_MAXIMAL:
                return None
        paires = parse_qsl(corps.decode("utf-8"), keep_blank_values=True, max_num_fields=20)
    except (ClientDisconnect, UnicodeDecodeError, ValueError):
        return None
    champs = dict(paires)
    attendu = requete.cookies.get(COOKIE_CSRF, "")
    juste = hmac.compare_digest(champs.get("csrf", "").encode(), attendu.encode())
    return champs if attendu and juste else None


async def _lentement(fonction: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return await anyio.to_thread.run_sync(partial(fonction, *args, **kwargs), limiter=_hachages)


def _page_connexion(
    requete: Request, config: ConfigPorte, statut: int, suite: str, **nommes: Any
) -> Response:
    return html(
        requete,
        config,
        pages_porte.connexion,
        statut,
        suite,
        locale=comptes.porte_locale(config.settings),
        oidc=nom_oidc() if oidc_ouvert() else "",
        **nommes,
    )


async def _lire_connexion(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    suite = chemin_sur(requete.query_params.get("suite", "/"))
    if venue is not None:
        return RedirectResponse(suite, status_code=303)
    sortie = requete.query_params.get("sortie", "")
    note = "Vous êtes déconnecté." if sortie else ""
    return _page_connexion(requete, config, 200, suite, note=note, ailleurs=sortie == "oidc")


async def _connecter(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    champs = await _champs(requete)
    if champs is None:
        return _page_connexion(requete, config, 403, "/", erreur=PAGE_PERIMEE)
    suite, sujet = chemin_sur(champs.get("suite", "/")), champs.get("sujet", "")
    client = adresse_client(requete)
    try:
        identite = await _lentement(
            comptes.authentifier, config.settings, sujet, champs.get("mot_de_passe", ""), client
        )
    except AccesRefuse as refus:
        return _page_connexion(requete, config, 401, suite, sujet=sujet, erreur=str(refus))
    return _entrer(requete, config, identite, suite)


def _entrer(requete: Request, config: ConfigPorte, identite: Identite, suite: str) -> Response:
    """Open a session and go in; the one this browser had is over."""
    client = adresse_client(requete)
    if ancien := requete.cookies.get(COOKIE_SESSION):
        comptes.fermer_session(config.settings, ancien, client)
    reponse = RedirectResponse(suite, status_code=303)
    jeton = comptes.ouvrir_session(config.settings, identite, client)
    _cookie(reponse, config, requete, COOKIE_SESSION, jeton, DUREE)
    return reponse


async def _lire_deconnexion(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    if venue is None:
        return RedirectResponse("/connexion", status_code=303)
    return html(requete, config, pages_porte.deconnexion, 200)


async def _deconnecter(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    if await _champs(requete) is None:
        return html(requete, config, pages_porte.deconnexion, 403)
    if jeton := requete.cookies.get(COOKIE_SESSION):
        comptes.fermer_session(config.settings, jeton, adresse_client(requete))
    par_oidc = venue is not None and venue.identite.porte == "oidc"
    if venue is not None and par_oidc:
        # Their cookie cannot be called back: every one signed until now is refused here.
        comptes.fermer_sessions(config.settings, venue.identite, venue.identite.sujet)
    reponse = RedirectResponse(
        "/connexion?sortie=oidc" if par_oidc else "/connexion?sortie=1", status_code=303
    )
    _cookie(reponse, config, requete, COOKIE_SESSION, "", 0)
    return reponse


async def _lire_invitation(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    return await _invitation(requete, config, 200)


async def _invitation(
    requete: Request, config: ConfigPorte, statut: int, erreur: str = "", **saisis: str
) -> Response:
    lien = requete.url.path.removeprefix("/invitation/")
    try:
        offre = comptes.lire_invitation(config.settings, lien)
    except AccesRefuse as refus:
        return html(requete, config, pages_porte.lien_expire, 410, str(refus))
    return html(requete, config, pages_porte.invitation, statut, lien, offre, erreur=erreur, **saisis)


async def _accepter(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    champs = await _champs(requete)
    if champs is None:
        return await _invitation(requete, config, 403, PAGE_PERIMEE)
    saisis = {"sujet": champs.get("sujet", ""), "nom": champs.get("nom", "")}
    nouveau = champs.get("nouveau", "")
    if nouveau != champs.get("encore"):
        return await _invitation(requete, config, 400, DIFFERENTS, **saisis)
    lien = requete.url.path.removeprefix("/invitation/")
    try:
        identite = await _lentement(
            comptes.accepter_invitation, config.settings, lien, saisis["sujet"], saisis["nom"], nouveau
        )
    except AccesRefuse as refus:
        return await _invitation(requete, config, 400, str(refus), **saisis)
    return _entrer(requete, config, identite, "/")


async def _lire_mot_de_passe(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    if venue is None or venue.identite.porte != "local":
        return RedirectResponse("/connexion?suite=/mot-de-passe", status_code=303)
    return html(requete, config, pages_porte.mot_de_passe, 200)


async def _changer_mot_de_passe(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    if venue is None or venue.identite.porte != "local":
        return PlainTextResponse("Connexion nécessaire.", status_code=401)
    champs = await _champs(requete)
    if champs is None:
        return html(requete, config, pages_porte.mot_de_passe, 403, erreur=PAGE_PERIMEE)
    ancien, nouveau = champs.get("ancien", ""), champs.get("nouveau", "")
    try:
        if nouveau != champs.get("encore"):
            raise AccesRefuse(DIFFERENTS)
        await _lentement(
            comptes.changer_mot_de_passe,
            config.settings,
            venue.identite,
            ancien,
            nouveau,
            adresse_client(requete),
        )
    except AccesRefuse as refus:
        return html(requete, config, pages_porte.mot_de_passe, 400, erreur=str(refus))
    return _entrer(requete, config, venue.identite, "/")


async def _etat(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    statut = 401 if venue is None else 403 if venue.identite.role is None else 204
    return Response(status_code=statut)


async def _vers_oidc(requete: Request, config: ConfigPorte, venue: Venue | None) -> Response:
    """Streamlit's own sign-in route wants a token of two minutes, made when somebody asks."""
    if not oidc_ouvert():
        return RedirectResponse("/connexion", status_code=303)
    return RedirectResponse(f"/auth/login?provider={encode_provider_token('default')}", status_code=303)


Geste = Callable[[Request, ConfigPorte, Venue | None], Any]
ROUTES: dict[str, tuple[Geste | None, Geste | None]] = {
    "/connexion": (_lire_connexion, _connecter),
    "/connexion/etat": (_etat, None),
    "/connexion/oidc": (_vers_oidc, None),
    "/deconnexion": (_lire_deconnexion, _deconnecter),
    "/mot-de-passe": (_lire_mot_de_passe, _changer_mot_de_passe),
}
