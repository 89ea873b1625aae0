"""A figure of a printed document: its value, its sentence, what to read it beside, and all that defends it.

The figure is that of the pages (`dashboards.chiffre`), its sentence that of `observatoire.chiffres.phrase`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dashboards import affichage, chiffre, textes, vues
from dashboards import format_fr as fr
from dashboards.chiffre import Cadrage, Chiffre
from dashboards.components import mention
from dashboards.lecture_papier import Fonds, Releve
from dashboards.modeles import Evolution, Indicateur, Mesure, Territoire
from observatoire.chiffres.phrase import phrase_evolution
from observatoire.indicators.catalogue import REPRESENTATIF

ANNEES_MONTREES = 3
SENS_EGAL = "≈"


@dataclass(frozen=True, slots=True)
class Retenu:
    """A figure kept for a sheet: that of the place asked for or, where it has none to show, of a wider one.

    `ici`: what is known of the place asked for, when the figure is that of another.
    """

    chiffre: Chiffre
    lieu: Territoire
    ici: Mesure | None
    est_repli: bool

    @property
    def mesure(self) -> Mesure:
        """The measure that is shown; an empty one when the publication has no row."""
        return self.chiffre.mesure or self.chiffre.absente


def retenir(
    fonds: Fonds, carte: Indicateur, lieux: tuple[Territoire, ...], annee: int, *, reference: bool = True
) -> Retenu:
    """The figure of the first of `lieux` that shows one, else that of the first; beside it, the département's."""
    essais = [_composer(fonds, carte, lieu, annee, reference=reference) for lieu in lieux]
    rang = next((i for i, c in enumerate(essais) if not affichage.est_masquee(c.mesure)), 0)
    return Retenu(essais[rang], lieux[rang], essais[0].mesure if rang else None, rang > 0)


def _composer(fonds: Fonds, carte: Indicateur, lieu: Territoire, annee: int, *, reference: bool) -> Chiffre:
    cadrage = Cadrage(
        lieu, annee, textes.TOUS, textes.TOUS_DOMAINES, vues.AU_MIEUX, fonds.edition, fonds.avec_registre
    )
    voisin = fonds.departement
    a_part = lieu.niveau == voisin.niveau or not reference
    releves: Releve = {} if a_part else fonds.releve(voisin, annee)
    evolutions = chiffre.evolutions_de(carte.indicateur, fonds.evolutions, cadrage)
    return chiffre.composer(
        carte, fonds.releve(lieu, annee), ("" if a_part else voisin.libelle, releves), cadrage, evolutions
    )


def bloc(fonds: Fonds, retenu: Retenu, demande: Territoire, numero: int) -> dict[str, Any]:
    """A figure as a template reads it: every text is ready."""
    c, m = retenu.chiffre, retenu.mesure
    etat = affichage.etat(c.mesure)
    return {
        "numero": numero,
        "titre": c.carte.titre,
        "repli": _repli(retenu, demande),
        "valeur": affichage.valeur(c.carte, c.mesure, abregee=True),
        "unite": affichage.unite(c.carte, c.mesure),
        "statut": m.statut,
        "etat": "" if m.statut == "ok" else etat.libelle,
        "masque": affichage.est_masquee(c.mesure),
        "phrase": c.phrase,
        "ici": _ici(retenu, demande),
        "reperes": [x for x in (c.comparaison, c.repere) if x],
        "tendance": tendance(fonds, retenu),
        "barres": barres(fonds, retenu),
        "identifiant": str(c.identifiant),
        "mention": [[titre, texte] for titre, texte in mention.de(c) if titre != mention.DIFFUSION],
    }


def _repli(retenu: Retenu, demande: Territoire) -> str:
    """The wider place that the figure is of, when it is not that of the sheet."""
    return retenu.lieu.libelle if retenu.est_repli and retenu.lieu != demande else ""


def _ici(retenu: Retenu, demande: Territoire) -> str:
    """What is known of the place of the sheet, when the figure is that of another."""
    if not retenu.est_repli:
        return ""
    return f"{demande.libelle}{fr.INSECABLE}: {affichage.etat(retenu.ici).signe}"


def tendance(fonds: Fonds, retenu: Retenu) -> dict[str, str]:
    """What may be said of the move from the year before: sign and sentence; empty when there is no year before.

    For the département, what the publication estimated; elsewhere, two indicative intervals that do not meet.
    """
    c = retenu.chiffre
    if affichage.est_masquee(c.mesure):
        return {}
    if c.evolutions:
        evolution = _dite(c)
        texte = phrase_evolution(c.carte, evolution, c.cadrage.lieu)
        if evolution.rupture:
            texte = f"{texte.rstrip('.')} (rupture de série)."
        return {"sens": chiffre.sens(evolution), "texte": texte}
    avant = _annee_d_avant(fonds, retenu)
    if avant is None:
        return {}
    annees = f"De {avant.millesime} à {c.cadrage.annee}{fr.INSECABLE}: "
    rupture = _rupture(fonds, c.carte, avant.millesime, c.cadrage.annee)
    if rupture:
        return {"sens": "╱╱", "texte": f"{annees}rupture de série, les deux années ne se comparent pas."}
    if c.carte.des_financeurs:
        return {
            "sens": "–",
            "texte": f"{annees}non comparé, les financeurs ne publient pas tous chaque année.",
        }
    return _comparer(annees, avant, retenu.mesure)


def _dite(c: Chiffre) -> Evolution:
    return next((e for e in c.evolutions if e.statut == "ok" or e.rupture), c.evolutions[0])


def _comparer(annees: str, avant: Mesure, apres: Mesure) -> dict[str, str]:
    if not (affichage.est_estimee(avant) and affichage.est_estimee(apres)):
        return {
            "sens": "–",
            "texte": f"{annees}non comparé, ce ne sont pas les mêmes associations qui répondent.",
        }
    bas, haut = (apres.borne_basse or 0.0), (apres.borne_haute or 0.0)
    if bas > (avant.borne_haute or 0.0):
        return {"sens": "↗", "texte": f"{annees}hausse, les deux intervalles ne se recoupent pas."}
    if haut < (avant.borne_basse or 0.0):
        return {"sens": "↘", "texte": f"{annees}baisse, les deux intervalles ne se recoupent pas."}
    return {
        "sens": SENS_EGAL,
        "texte": f"{annees}pas d’évolution assurée, les deux intervalles se recoupent.",
    }


def _annee_d_avant(fonds: Fonds, retenu: Retenu) -> Mesure | None:
    c = retenu.chiffre
    releve = fonds.releve(retenu.lieu, c.cadrage.annee - 1)
    avant = releve.get(c.carte.indicateur, {}).get(c.retenue.vue)
    return None if affichage.est_masquee(avant) else avant


def _rupture(fonds: Fonds, carte: Indicateur, de: int, a: int) -> bool:
    """True when the question changed between these years, as the publication says of the département."""
    suivies: tuple[Evolution, ...] = fonds.evolutions
    return any(e.rupture and (e.indicateur, e.de, e.a) == (carte.indicateur, de, a) for e in suivies)


def barres(fonds: Fonds, retenu: Retenu) -> list[dict[str, Any]]:
    """The last years of an estimate, as parts of the highest, bounds included; none when nothing may be compared."""
    c = retenu.chiffre
    if c.retenue.vue != REPRESENTATIF or affichage.est_masquee(c.mesure):
        return []
    annees = [a for a in sorted(fonds.annees) if a <= c.cadrage.annee][-ANNEES_MONTREES:]
    lues = {a: fonds.releve(retenu.lieu, a).get(c.carte.indicateur, {}).get(c.retenue.vue) for a in annees}
    montrees = {a: m for a, m in lues.items() if m is not None and not affichage.est_masquee(m)}
    if len(montrees) < 2 or any(affichage.est_plage(c.carte, m) for m in montrees.values()):
        return []
    if any((m.borne_basse or m.valeur or 0.0) < 0 for m in montrees.values()):
        return []
    plafond = max(_haut(m) for m in montrees.values()) or 1.0
    return [_barre(c.carte, a, lues[a], plafond) for a in annees]


def _haut(m: Mesure) -> float:
    return max(x for x in (m.borne_haute, m.valeur, 0.0) if x is not None)


def _barre(carte: Indicateur, annee: int, m: Mesure | None, plafond: float) -> dict[str, Any]:
    def part(valeur: float | None) -> float | None:
        return None if valeur is None else round(valeur / plafond, 4)

    vide: Mapping[str, Any] = {"part": None, "bas": None, "haut": None}
    if m is None or affichage.est_masquee(m):
        return {"annee": str(annee), "texte": affichage.etat(m).signe, **vide}
    texte = affichage.valeur(carte, m, abregee=True)
    return {
        "annee": str(annee), "texte": texte,
        "part": part(m.valeur), "bas": part(m.borne_basse), "haut": part(m.borne_haute),
    }  # fmt: skip
