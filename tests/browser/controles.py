"""What is checked on every page, whatever it shows: accessibility, French, print, what goes through the network."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass, field
from typing import Any

# Words of an interface in English that are no French word: whole words, whatever their case.
MOTS_ANGLAIS = (
    "about|add|all|and|app|apply|are|back|browse|cancel|clear|click|close|collapse|column|copied|copy|dark|deploy|download|drag|drop|edit|"
    "empty|enter|error|exit|expand|file|files|filter|fullscreen|get|help|hide|home|host|insert|keyboard|light|loading|made|main|more|"
    "navigate|navigation menu|next|no results|not found|of|open|opens|options|please|press|previous|print|record|reload|remove|rerun|reset|"
    "running|save|screencast|search|select|selected|settings|show|sidebar|skip|sort ascending|sort descending|stop|the|this|to|toggle|upload|view|wait|warning|"
    "wide mode|with|you|your"
)
_ANGLAIS = re.compile(rf"(?<![\w’'./@-])(?:{MOTS_ANGLAIS})(?![\w’'./@-])", re.IGNORECASE)
# Code shown as such, names of our files and of the tool that draws the pages are not translated.
_DITS = """() => {
  const vus = [], cache = 'script, style, noscript, code, pre, [data-testid=stCode], [data-testid=stIconMaterial], .js-plotly-plot style';
  const parcours = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = parcours.nextNode(); n; n = parcours.nextNode()) {
    const e = n.parentElement;
    if (!n.data.trim() || e.closest(cache) || !e.checkVisibility()) continue;
    vus.push(n.data.trim());
  }
  for (const e of document.querySelectorAll('[aria-label],[title],[placeholder],[alt],[aria-description],[aria-roledescription]')) {
    if (e.closest(cache)) continue;
    for (const a of ['aria-label', 'title', 'placeholder', 'alt', 'aria-description', 'aria-roledescription'])
      if (e.getAttribute(a)) vus.push(e.getAttribute(a));
  }
  return [...new Set([document.title, ...vus])];
}"""


def mots_anglais(texte: str) -> list[str]:
    """English interface words of a text."""
    return _ANGLAIS.findall(texte)


def textes_anglais(page: Any) -> list[str]:
    """Visible texts and names for screen readers that hold an English interface word."""
    return [texte for texte in page.evaluate(_DITS) if mots_anglais(texte)]


def violations(page: Any) -> list[str]:
    """What axe-core refuses on the page as it is: rule, first element."""
    from axe_playwright_python.sync_playwright import Axe

    reponse = Axe().run(page).response
    assert len(reponse["passes"]) > 20  # it did look at something
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in reponse["violations"]]


@dataclass
class Transfert:
    """Bytes received by a page: by HTTP as sent on the wire, by WebSocket once deflated as the server does."""

    http: int = 0
    websocket: int = 0
    lourds: list[tuple[int, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """All bytes."""
        return self.http + self.websocket


def ecouter(page: Any) -> Transfert:
    """Count what this page receives from now on."""
    compte, adresses = Transfert(), {}
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")

    def fini(evenement: dict[str, Any]) -> None:
        taille = int(evenement["encodedDataLength"])
        compte.http += taille
        compte.lourds.append((taille, adresses.get(evenement["requestId"], "")))

    def trame(evenement: dict[str, Any]) -> None:
        brut = evenement["response"]["payloadData"]
        octets = base64.b64decode(brut) if evenement["response"]["opcode"] == 2 else brut.encode()
        compte.websocket += len(zlib.compress(octets, 6))

    cdp.on("Network.responseReceived", lambda e: adresses.update({e["requestId"]: e["response"]["url"]}))
    cdp.on("Network.loadingFinished", fini)
    cdp.on("Network.webSocketFrameReceived", trame)
    return compte
