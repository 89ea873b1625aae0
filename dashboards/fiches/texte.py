"""The text of a printed document, from what its template reads: to be searched, compared and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import format_fr as fr

_AVANT = ("surtitre", "titre", "sous_titre", "annonce")
_APRES = ("diffusion", "citer", "signes", "contact", "avis")


def page(contenu: Mapping[str, Any]) -> str:
    """The text of a sheet: its title, its figures, all that defends them."""
    morceaux = [str(contenu[nom]) for nom in _AVANT if contenu.get(nom)]
    morceaux += _cites(contenu.get("chapeau", ""))
    for nom in ("constat", "recit", "demande"):
        for texte in contenu.get(nom, ()):
            morceaux += _cites(texte)
    morceaux += [t for c in contenu["chiffres"] for t in chiffre(c)]
    return "\n".join([*morceaux, *(str(contenu[nom]) for nom in _APRES if contenu.get(nom))])


def diapositives(contenu: Mapping[str, Any]) -> list[str]:
    """The text of each slide that shows one figure."""
    return ["\n".join([*chiffre(c), contenu["diffusion"]]) for c in contenu["chiffres"]]


def chiffre(c: Mapping[str, Any]) -> list[str]:
    """The texts of a figure, in reading order."""
    barres = [f"{b['annee']}{fr.INSECABLE}: {b['texte']}" for b in c.get("barres", ())]
    tendance = [c["tendance"]["texte"]] if c.get("tendance") else []
    tete = [
        c["titre"],
        c.get("repli", ""),
        c.get("ici", ""),
        f"{c['valeur']} {c.get('unite', '')}",
        c.get("etat", ""),
    ]
    mention = [f"{titre}{fr.INSECABLE}: {texte}" for titre, texte in c["mention"]]
    return [*tete, *barres, c["phrase"], *c.get("reperes", ()), *tendance, c["identifiant"], *mention]


def _cites(texte: str | Sequence[Sequence[str]]) -> list[str]:
    """A text, or its pieces when it quotes figures."""
    return [texte] if isinstance(texte, str) else ["".join(morceau for morceau, _ in texte)]
