"""Problems of a deposit in progress, grouped by cause; repairs and information apart."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun
from observatoire.domain.anomalie import Niveau

if TYPE_CHECKING:
    from pipelines.guichet.en_cours import Verdict

GROUPES_MAX = 15
PHRASES_MAX = 3
REPARATIONS_MAX = 200
A_PART = (Niveau.REPARE, Niveau.INFO)


def afficher(verdict: Verdict) -> None:
    """Groups that ask for something, the worst first; then repairs, then information."""
    causes = [c for c in verdict.causes if Niveau(c.niveau) not in A_PART]
    nb = sum(c.nb for c in causes)
    if causes:
        commun.section(
            f"{fr.accord(len(causes), 'cause')}, {fr.accord(nb, 'endroit')} à regarder",
            "Tout est là, en une fois. Le plus gênant est en premier.",
        )
        for rang, cause in enumerate(causes[:GROUPES_MAX]):
            _groupe(rang, cause)
        reste = len(causes) - GROUPES_MAX
        if reste > 0:
            commun.note(
                f"{fr.accord(reste, 'autre cause', 'autres causes')}, moins fréquentes, dans le fichier annoté."
            )
    else:
        commun.section("Aucun problème", "Toutes les cellules utiles ont été comprises.")
    reparations(verdict.reparations, verdict.totaux.get("reparations", len(verdict.reparations)))
    infos = [c for c in verdict.causes if Niveau(c.niveau) is Niveau.INFO]
    if infos:
        with st.expander(f"Pour information ({len(infos)})"):
            for rang, cause in enumerate(infos):
                _groupe(rang, cause)


def _groupe(rang: int, cause: Any) -> None:
    with st.container(border=True, key=f"cause-{cause.code}-{rang}", gap="xsmall"):
        st.html(carte(cause))
        commun.lien("aide", f"Aide {cause.code}", ":material/help:", code=cause.code)


def carte(cause: Any) -> str:
    """A cause: level, count, column, the sentences with their first cells."""
    colonne = f" — colonne «\u00a0{cause.colonne}\u00a0»" if cause.colonne else ""
    niveau = Niveau(cause.niveau)
    phrases = "".join(_phrase(*p) for p in cause.phrases[:PHRASES_MAX])
    reste = max(cause.nb_phrases, len(cause.phrases)) - PHRASES_MAX
    suite = (
        f"<li>… et {fr.accord(reste, 'autre valeur', 'autres valeurs')}, dans le fichier annoté.</li>"
        if reste > 0
        else ""
    )
    return (
        f'<div class="gu-cause"><h3>{escape(cause.cause + colonne)}</h3>'
        f'<p><span class="gu-marque {niveau.value}">{escape(niveau.libelle)}</span> '
        f"{fr.accord(cause.nb, 'fois', 'fois')}</p>"
        f"<ul>{phrases}{suite}</ul></div>"
    )


def _phrase(phrase: str, lieux: list[str], nb: int) -> str:
    plus = f" et {fr.accord(nb - len(lieux), 'autre', 'autres')}" if nb > len(lieux) and lieux else ""
    place = f'<span class="gu-lieu">{escape(ou(lieux) + plus)}</span>' if lieux else ""
    return f"<li>{place}{escape(phrase)}</li>"


def ou(lieux: list[str]) -> str:
    """« Réponses 2025, C5 (Club de judo), C7 (Amis du livre) »: the sheet is said once."""
    morceaux = [lieu.split(" · ") for lieu in lieux]
    if len({m[0] for m in morceaux}) > 1 or any(len(m) < 2 for m in morceaux):
        return f"{fr.FINE}; ".join(lieux)
    cellules = (m[1] + (f" ({' · '.join(m[2:])})" if m[2:] else "") for m in morceaux)
    return f"{morceaux[0][0]}, {', '.join(cellules)}"


def reparations(lignes: list[Any], total: int) -> None:
    """Cells understood otherwise than written: before and after, nothing to do."""
    if not lignes:
        return
    with st.expander(
        fr.accord(total, "cellule comprise autrement qu’écrite", "cellules comprises autrement qu’écrites")
    ):
        commun.note("Rien à faire : vérifiez seulement que la lecture est la bonne.")
        tableau.afficher(
            (
                Colonne("Cellule", entete_de_ligne=True),
                Colonne("Ligne"),
                Colonne("Colonne"),
                Colonne("Écrit"),
                Colonne("Lu comme"),
                Colonne("Pourquoi"),
            ),
            [
                [f"{r.feuille} · {r.cellule}", r.repere, r.colonne, r.avant, r.apres, r.cause]
                for r in lignes[:REPARATIONS_MAX]
            ],
            "Avant et après",
            defilant=len(lignes) > 8,
        )
        if total > REPARATIONS_MAX:
            commun.note(f"Les {REPARATIONS_MAX} premières sont montrées.")
