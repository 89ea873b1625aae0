"""When a page of Streamlit is quiet: what was asked of the server was answered, and nothing is left to draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DELAI = 180_000
"""Milliseconds before a page is said to be stuck. No promise on speed: `make bench` holds these."""

# What the browser sends and gets is read as it goes: until the server has answered a gesture, the page still shows what
# it showed, at rest; a widget whose code is on its way is a skeleton. A rerun is field 11 of BackMsg, the start of a run field 4 of ForwardMsg.
_ECOUTE = """(() => {
    const champs = octets => {
        const lus = [];
        let i = 0;
        const nombre = () => {
            for (let valeur = 0, poids = 1; ; poids *= 128) {
                const o = octets[i++] ?? 0;
                valeur += (o & 127) * poids;
                if (o < 128) return valeur;
            }
        };
        while (i < octets.length) {
            const cle = nombre(), genre = cle % 8;
            lus.push((cle - genre) / 8);
            const saut = genre === 2 ? nombre() : genre === 5 ? 4 : genre === 1 ? 8 : (nombre(), 0);
            i += saut;
        }
        return lus;
    };
    const suivies = new WeakSet(), envoyer = WebSocket.prototype.send;
    window.demandees = window.servies = 0;
    WebSocket.prototype.send = function (message) {
        if (!suivies.has(this)) {
            suivies.add(this);
            this.addEventListener('message', e => {
                if (e.data instanceof ArrayBuffer && champs(new Uint8Array(e.data)).includes(4))
                    window.servies = performance.now();
            });
        }
        if (message instanceof Uint8Array && champs(message).includes(11)) window.demandees = performance.now();
        return envoyer.call(this, message);
    };
})()"""
_CALME = """() => {
    const app = document.querySelector('.stApp');
    return app && app.dataset.testScriptState === 'notRunning' && window.servies > 0 && window.servies >= window.demandees
        && !document.querySelector(
            '[data-stale="true"], [data-testid=stProgress], [data-testid=stSpinner], [data-testid=stSkeleton]');
}"""


def ecouter(page: Any) -> None:
    """Before the first address: from then on `attendre` knows what was asked of the server."""
    page.set_default_timeout(DELAI)
    page.add_init_script(_ECOUTE)


def attendre(page: Any, repos: int = 120) -> None:
    """Wait until the page is quiet, twice, `repos` milliseconds apart."""
    for _ in range(2):
        page.wait_for_timeout(repos)
        page.wait_for_function(_CALME)


def lire_jusqu_a(page: Any, lire: Callable[[], Any], attendu: Any) -> None:
    """Read until it is what is expected; what was read last, when it never is."""
    for _ in range(DELAI // 100):
        if lire() == attendu:
            return
        page.wait_for_timeout(100)
    assert lire() == attendu
