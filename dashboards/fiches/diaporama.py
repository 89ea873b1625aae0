"""Slides 16:9 for a meeting: the same figures as the sheets, one a slide, and the list of those to quote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards import affichage
from dashboards import format_fr as fr
from dashboards.fiches import feuilles
from dashboards.fiches.chiffres import Retenu, bloc
from dashboards.lecture_papier import Fonds

NB_CHIFFRES = 6
LIRE = (
    ("L’intervalle", "Il dit où se trouve sans doute la vraie valeur\u202f; il est indicatif, les réponses étant volontaires."),
    ("La flèche", "Hausse ou baisse seulement quand elle est assurée\u202f; sinon, rien ne permet de conclure."),
    (f"{fr.SECRET}, {fr.NON_PUBLIE}, {fr.ND}", "Masqué par le secret, trop incertain, non disponible\u00a0: jamais un zéro."),
    ("Une participation", "Une personne bénévole dans deux associations compte deux fois."),
)  # fmt: skip


def diapositives(fonds: Fonds, lieu: feuilles.UnLieu | None = None, contact: str = "") -> dict[str, Any]:
    """What the template `diaporama` reads: the département's key figures, or those of the sheet of a territory."""
    demande = fonds.departement if lieu is None else feuilles.trouver(fonds, lieu)
    if demande.niveau == "departement":
        contenu, retenus = feuilles.chiffres_cles(fonds, contact), feuilles.cles(fonds)[0]
    else:
        contenu, retenus = feuilles.fiche(fonds, demande, contact), feuilles.retenus_de(fonds, demande)
    blocs = [
        bloc(fonds, r, demande, n) | {"comparaison": _comparaison(r)}
        for n, r in enumerate(retenus[:NB_CHIFFRES], start=1)
    ]
    return contenu | {
        "nom": f"La vie associative, {demande.libelle}, diaporama",
        "titre": demande.libelle,
        "surtitre": "La vie associative en chiffres",
        "chiffres": blocs,
        "lire": [list(x) for x in LIRE],
        "echelle": 1.0,
    }


def _comparaison(retenu: Retenu) -> list[dict[str, Any]]:
    """The place and the département as two bars, for what may be compared from one place to another."""
    c = retenu.chiffre
    ici, la_bas = c.mesure, c.reference
    if not c.lieu_reference or c.carte.additif or ici is None or la_bas is None:
        return []
    valeurs = [ici.valeur, la_bas.valeur]
    if any(v is None or v < 0 for v in valeurs):
        return []
    return _barres(c.carte, ((retenu.lieu.libelle, ici), (c.lieu_reference, la_bas)))


def _barres(carte: Any, lignes: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    plafond = max(m.valeur for _, m in lignes) or 1.0
    return [
        {"nom": nom, "texte": affichage.valeur(carte, m, abregee=True), "part": round(m.valeur / plafond, 4)}
        for nom, m in lignes
    ]
