"""Printable pages: one file, no outside resource, everything escaped by the helpers that make it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from html import escape
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
_STYLE = """
:root { --encre: #1f2a33; --doux: #55616b; --trait: #d9d4c8; --accent: #0e5a63; --fond: #f1ece1; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--encre); font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; color: var(--accent); }
h2 { font-size: 1.15rem; margin: 1.75rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid var(--trait); }
p { margin: .4rem 0; }
.doux { color: var(--doux); }
.fort { font-size: 1.15rem; font-weight: 600; padding: .75rem 1rem; background: var(--fond);
  border-left: 5px solid var(--accent); }
.marque { color: var(--doux); font-size: .9rem; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .3rem 1rem; margin: .75rem 0; }
dt { color: var(--doux); } dd { margin: 0; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0; font-size: .95rem; }
caption { text-align: left; color: var(--doux); padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .5rem; border-bottom: 1px solid var(--trait); }
thead th { background: var(--fond); }
tbody th { font-weight: 400; }
.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n { white-space: nowrap; }
ul { margin: .4rem 0; padding-left: 1.25rem; }
footer { margin-top: 2rem; padding-top: .5rem; border-top: 1px solid var(--trait); color: var(--doux); font-size: .85rem; }
@media screen and (max-width: 40rem) {
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  table, thead, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { padding: .5rem 0; border-bottom: 1px solid var(--trait); }
  th, td { border: 0; padding: .1rem 0; }
  tbody th { font-weight: 600; }
  td.n { text-align: left; white-space: normal; }
  td::before { content: attr(data-titre) "\\00a0: "; color: var(--doux); }
  td:empty { display: none; }
}
@page { size: A4; margin: 16mm 14mm; }
@media print {
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  h1, h2 { break-after: avoid; } tr, dl, li, .fort { break-inside: avoid; } thead { display: table-header-group; }
  .fort, thead th { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""


def page(titre: str, corps: Iterable[str], *, pied: str) -> str:
    """A whole HTML document; `corps` are pieces made by the functions below."""
    return (
        '<!DOCTYPE html>\n<html lang="fr">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f'<meta name="robots" content="noindex">\n<title>{escape(titre)}</title>\n<style>{_STYLE}</style>\n</head>\n'
        '<body>\n<main>\n<p class="marque">Observatoire de la vie associative</p>\n'
        f"<h1>{escape(titre)}</h1>\n{''.join(corps)}"
        f"<footer><p>{escape(pied)}</p></footer>\n</main>\n</body>\n</html>\n"
    )


def section(titre: str, *morceaux: str) -> str:
    """A titled part; nothing when it would be empty."""
    contenu = "".join(morceaux)
    return f"<section>\n<h2>{escape(titre)}</h2>\n{contenu}</section>\n" if contenu else ""


def paragraphe(texte: str, classe: str = "") -> str:
    """One sentence or more, of `classe` « fort » or « doux »."""
    attribut = f' class="{classe}"' if classe else ""
    return f"<p{attribut}>{escape(texte)}</p>\n"


def fiche(lignes: Iterable[tuple[str, str]]) -> str:
    """Labels and values; those without a value are left out."""
    paires = "".join(f"<dt>{escape(n)}</dt><dd>{escape(v)}</dd>\n" for n, v in lignes if v)
    return f"<dl>\n{paires}</dl>\n" if paires else ""


def liste(phrases: Iterable[str]) -> str:
    """Bullets."""
    points = "".join(f"<li>{escape(p)}</li>\n" for p in phrases)
    return f"<ul>\n{points}</ul>\n" if points else ""


def tableau(
    titres: Sequence[str],
    lignes: Iterable[Sequence[str]],
    *,
    nombres: Collection[int] = (),
    legende: str = "",
) -> str:
    """A table whose first column names the row; `nombres` are the 0-based columns set to the right."""

    def balise(j: int, nom: str, texte: str, attributs: str = "") -> str:
        classe = ' class="n"' if j in nombres else ""
        return f"<{nom}{attributs}{classe}>{escape(texte)}</{nom}>"

    def rangee(ligne: Sequence[str]) -> str:
        tete = balise(0, "th", ligne[0], ' scope="row"')
        suite = (
            balise(j, "td", texte, f' data-titre="{escape(titres[j])}"')
            for j, texte in enumerate(ligne[1:], start=1)
        )
        return f"<tr>{tete}{''.join(suite)}</tr>\n"

    corps = "".join(map(rangee, lignes))
    if not corps:
        return ""
    tete = "".join(balise(j, "th", t, ' scope="col"') for j, t in enumerate(titres))
    dit = f"<caption>{escape(legende)}</caption>\n" if legende else ""
    return f"<table>\n{dit}<thead><tr>{tete}</tr></thead>\n<tbody>\n{corps}</tbody>\n</table>\n"


def quand(instant: dt.datetime) -> str:
    """An instant kept in universal time without zone, at the time of Paris: « 05/03/2025 à 14:02 »."""
    return f"{instant.replace(tzinfo=dt.UTC).astimezone(PARIS):%d/%m/%Y à %H:%M}"


def guillemets(texte: str) -> str:
    """« texte » with spaces that do not break."""
    return f"«\u00a0{texte}\u00a0»"
