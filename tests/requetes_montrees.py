"""The cards of a page against the query that each shows, run by the command line of another DuckDB."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from unittest import mock

from dashboards.chiffre import Chiffre
from dashboards.components import provenance
from dashboards.components.carte_chiffre import entete_html
from dashboards.modeles import Mesure

_REQUETE = re.compile(rf'<pre {provenance.MARQUE}="publiee"><code>(.*?)</code></pre>', re.DOTALL)
_SUITE = "-- fin"


@contextmanager
def cartes_notees() -> Iterator[list[Chiffre]]:
    """The figures of the cards that a page shows, in order, open or folded."""
    notees: list[Chiffre] = []
    vrai = provenance.volet

    def volet(c: Chiffre, pub: Any) -> None:
        notees.append(c)
        vrai(c, pub)

    with mock.patch.object(provenance, "volet", volet):
        yield notees


def requetes_de(html: str) -> list[str]:
    """Queries of the published file that this HTML shows."""
    return [unescape(x) for x in _REQUETE.findall(html)]


def lancer(duckdb: str, fichier: Path, requetes: list[str]) -> list[list[dict[str, Any]]]:
    """Rows of each query, all run by one process, read-only; a query that fails stops it."""
    lignes = "\n".join(f"{sql}\n.print {_SUITE}" for sql in requetes)
    fait = subprocess.run(
        [duckdb, "-readonly", "-bail", "-json", str(fichier)],
        input=lignes, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert fait.returncode == 0 and not fait.stderr, fait.stderr
    *reponses, reste = fait.stdout.split(f"{_SUITE}\n")
    assert len(reponses) == len(requetes) and not reste.strip()
    # An empty result is written « [] », or nothing, or an unclosed bracket, according to the version.
    return [json.loads(r) if r.strip() not in ("", "[", "[{]") else [] for r in reponses]


def fautes(duckdb: str, fichier: Path, cartes: list[Chiffre], html: str) -> list[str]:
    """Cards that are not what their own query gives; `html` is what the page shows.

    Every number is compared exactly, then the card is drawn again from what the command line read.
    """
    requetes = [sql for c in cartes for sql in requetes_de(provenance.requetes_html(c))]
    assert len(requetes) == len(cartes)
    trouvees = []
    for c, lignes in zip(cartes, lancer(duckdb, fichier, requetes), strict=True):
        relue = _relire(c, lignes)
        if relue != c.mesure:
            trouvees.append(f"{c.identifiant} : {c.mesure} au lieu de {relue}")
        if entete_html(replace(c, retenue=replace(c.retenue, mesure=relue))) not in html:
            trouvees.append(f"{c.identifiant} : la carte n’est pas celle de sa requête")
    ouvertes = requetes_de(html)
    return trouvees + [f"requête montrée par aucune carte : {sql}" for sql in ouvertes if sql not in requetes]


def _relire(c: Chiffre, lignes: list[dict[str, Any]]) -> Mesure | None:
    if not lignes:
        return None
    (ligne,) = lignes
    i = c.identifiant
    return Mesure(i.indicateur, i.millesime, i.niveau, i.code, i.domaine, i.financeur, vue=i.vue, **ligne)
