"""The gate of the staff application: nothing behind it runs, answers or receives for somebody it does not know."""

from __future__ import annotations

import re
from http.cookies import CookieError
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboards import connexion, pages_porte
from dashboards.connexion import adresse_client, poser_csrf
from dashboards.identification import ConfigPorte, Venue, oidc_ouvert, resoudre, sans_doublon
from observatoire import comptes
from observatoire.comptes import AccesRefuse, Role

SANTE = "/_stcore/health"
OIDC = ("/auth/login", "/oauth2callback", "/auth/logout")
FERMES = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
ENVOI = "/_stcore/upload_file"
MACHINERIE = ("/_stcore", "/media", "/static", "/app/", "/component")
LECTURES = ("GET", "HEAD")
SECONDES_HEURE = "3600"


class Porte:
    """ASGI middleware around the whole staff process."""

    def __init__(self, app: ASGIApp, config: ConfigPorte) -> None:
        self.app = app
        self.config = config

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Host, origin, our own routes, identity, role; then only the application."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._flux(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        config, requete = self.config, Request(scope, receive)
        reponse = _refus_avant(requete, config)
        if reponse is None and not _libre(requete):
            reponse = await connexion.repondre(requete, config, venue_de(requete, config))
            if reponse is None:
                reponse = self._identifie(requete, config)
        if reponse is not None:
            reponse.headers["Cache-Control"] = "no-store"
            await reponse(scope, receive, send)
        else:
            await self.app(scope, receive, _Memoire(send, requete, config))

    def _identifie(self, requete: Request, config: ConfigPorte) -> Response | None:
        """None when the request may go on to the application."""
        venue, chemin = venue_de(requete, config), _chemin(requete)
        page = _page_demandee(requete)
        if venue is None:
            if page:
                suite = quote(requete.url.path + (f"?{requete.url.query}" if requete.url.query else ""))
                return RedirectResponse(f"/connexion?suite={suite}", status_code=303)
            return _texte("Connexion nécessaire.", 401)
        if page and venue.identite.porte != "local":
            comptes.noter_visite(config.settings, venue.identite, adresse_client(requete), venue.emis_le)
        if venue.identite.role is None:
            if page:
                return connexion.html(requete, config, pages_porte.sans_droit, 403, venue.identite)
            return _texte("Aucun droit.", 403)
        if _sous(chemin, FERMES):
            return _texte("Interface fermée.", 403)
        if _sous(chemin, (ENVOI,)):
            return _refus_envoi(requete, config, venue)
        return None

    async def _flux(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A websocket: checked when it opens, and again at each message that comes in."""
        prise, config = HTTPConnection(scope), self.config
        statut = 0
        if not hote_permis(prise, config):
            statut = 400
        elif not origine_permise(prise, config):
            statut = 403
        else:
            venue = venue_de(prise, config)
            statut = 401 if venue is None else 403 if venue.identite.role is None else 0
        if statut:
            await _refuser_flux(scope, receive, send, statut)
            return
        sujet = venue.identite.sujet if venue else ""

        async def surveille() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                vue = venue_de(prise, config)
                if vue is None or vue.identite.role is None or vue.identite.sujet != sujet:
                    await send({"type": "websocket.close", "code": 1008})
                    return {"type": "websocket.disconnect", "code": 1008}
            return message

        await self.app(scope, surveille, send)


class _Memoire:
    """Sends the application's pages on, never kept by a cache, with the token its forms need."""

    def __init__(self, send: Send, requete: Request, config: ConfigPorte) -> None:
        self.send = send
        self.requete = requete
        self.config = config

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            entetes = MutableHeaders(scope=message)
            if entetes.get("content-type", "").startswith("text/html"):
                entetes["Cache-Control"] = "no-store"
                poser_csrf(entetes, self.requete, self.config)
        await self.send(message)


def venue_de(demande: HTTPConnection, config: ConfigPorte) -> Venue | None:
    """Who sends this request."""
    try:
        cookies = demande.cookies
    except CookieError:
        cookies = {}
    return resoudre(sans_doublon(demande.headers.items()), cookies, config)


def hote_permis(demande: HTTPConnection, config: ConfigPorte) -> bool:
    """True when the Host header names this server (a page elsewhere may point its own name at us)."""
    hotes = demande.headers.getlist("host")
    return len(hotes) == 1 and _nom_hote(f"//{hotes[0]}") in config.hotes


def _nom_hote(adresse: str) -> str:
    try:
        morceaux = urlsplit(adresse)
        _ = morceaux.port
    except ValueError:
        return ""
    if morceaux.username is not None or morceaux.path or morceaux.query or morceaux.fragment:
        return ""
    return (morceaux.hostname or "").lower().rstrip(".")


def origine_permise(demande: HTTPConnection, config: ConfigPorte) -> bool:
    """True without an Origin, or with ours: a browser always sends one with what changes something."""
    origines = demande.headers.getlist("origin")
    if not origines:
        return True
    try:
        origine = urlsplit(origines[0])
    except ValueError:
        return False
    if len(origines) > 1 or origine.scheme not in ("http", "https"):
        return False
    if config.securise and origine.hostname == urlsplit(config.adresse).hostname:
        return origines[0] == config.adresse
    return origine.netloc == demande.headers.get("host")


def _chemin(requete: HTTPConnection) -> str:
    """The path as it is compared: one slash at a time, lower case."""
    return re.sub(r"/+", "/", requete.url.path).lower()


def _sous(chemin: str, prefixes: tuple[str, ...]) -> bool:
    return any(chemin == p or chemin.startswith(p.rstrip("/") + "/") for p in prefixes)


def _libre(requete: Request) -> bool:
    """The only requests the application gets from anybody: its health, and the way of OIDC when there is one."""
    if requete.method not in LECTURES:
        return False
    if requete.url.path == SANTE:
        return True
    ailleurs = requete.headers.get("sec-fetch-site") == "cross-site" and requete.url.path == "/auth/logout"
    return requete.method == "GET" and requete.url.path in OIDC and oidc_ouvert() and not ailleurs


def _page_demandee(requete: Request) -> bool:
    """True for somebody who opens a page, not for what a page loads."""
    accepte = "text/html" in requete.headers.get("accept", "")
    return requete.method in LECTURES and accepte and not _sous(_chemin(requete), MACHINERIE)


def _refus_avant(requete: Request, config: ConfigPorte) -> Response | None:
    if not hote_permis(requete, config):
        return _texte("Ce serveur ne répond pas à ce nom.", 400)
    if requete.method not in LECTURES and not origine_permise(requete, config):
        return _texte("Cette demande vient d’un autre site.", 403)
    return None


def _refus_envoi(requete: Request, config: ConfigPorte, venue: Venue) -> Response | None:
    if not venue.identite.peut(Role.DEPOSANT):
        return _texte("Il faut le droit de dépôt pour envoyer un fichier.", 403)
    if requete.method in ("PUT", "POST"):
        try:
            comptes.compter_envoi(config.settings, venue.identite.sujet)
        except AccesRefuse as refus:
            reponse = _texte(str(refus), 429)
            reponse.headers["Retry-After"] = SECONDES_HEURE
            return reponse
    return None


def _texte(phrase: str, statut: int) -> Response:
    return PlainTextResponse(phrase, status_code=statut)


async def _refuser_flux(scope: Scope, receive: Receive, send: Send, statut: int) -> None:
    """Refuse a websocket before it opens, with the status when the server can say it."""
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": statut, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 1008})
