"""A figure card, or a chart, as one image: what it shows, and under it all that defends it.

The words are those of the page (`dashboards.chiffre`, `components.mention`); the chart is the very figure of the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape
from typing import Any

from dashboards import affichage, textes
from dashboards import format_fr as fr
from dashboards.chiffre import Chiffre
from dashboards.components import mention
from dashboards.modeles import Edition
from observatoire.chiffres.phrase import MONTRES
from observatoire.documents import pdf

GABARIT = "image"
PPP = 160.0
# A gap that the line of a chart writes as HTML.
_SAUT = re.compile(r"<br>")


@dataclass(frozen=True, slots=True)
class Image:
    """What the template reads, and what somebody who does not see the image is told."""

    contenu: dict[str, Any]
    lu: str

    def png(self) -> bytes:
        """The image as points."""
        return pdf.vues(GABARIT, self.contenu, self.contenu["date"], PPP)[0]

    def svg(self) -> bytes:
        """The image as vectors, its words in its title and description."""
        return pdf.dessin(GABARIT, self.contenu, self.contenu["date"], self.contenu["titre"], self.lu)


def de_chiffre(c: Chiffre, departement: str) -> Image:
    """Image of a card. A figure that is not shown is never written, whatever the measure holds."""
    c = _sans_rien_de_masque(c)
    m, etat = c.mesure, affichage.etat(c.mesure)
    masque = affichage.est_masquee(m)
    cadrage = c.cadrage
    domaine = "" if cadrage.domaine == textes.TOUS else f" · {cadrage.domaine_libelle}"
    return _image(
        cadrage.edition,
        departement,
        titre=c.carte.titre,
        ou=f"{cadrage.lieu.libelle} · {cadrage.annee}{domaine}",
        masque=masque,
        valeur=f"{etat.libelle[:1].upper()}{etat.libelle[1:]}"
        if masque
        else affichage.valeur(c.carte, m, abregee=True),
        unite=affichage.unite(c.carte, m),
        etat="" if masque else etat.libelle,
        phrases=[p for p in (c.retenue.raison, c.phrase) if p],
        reperes=[x for x in (c.comparaison, c.repere) if x],
        mouvements=[list(x) for x in c.mouvements],
        identifiants=[str(c.identifiant)],
        mention=mention.texte(mention.de(c)),
    )


def _sans_rien_de_masque(c: Chiffre) -> Chiffre:
    m = c.mesure
    if m is None or m.statut in MONTRES:
        return c
    nue = replace(
        m, valeur=None, borne_basse=None, borne_haute=None, cv=None, n_repondants=None, taux_reponse=None
    )
    return replace(c, retenue=replace(c.retenue, mesure=nue), evolutions=())


def de_graphique(
    figure: Any,
    titre: str,
    phrase: str,
    edition: Edition,
    departement: str,
    identifiants: Sequence[str] = (),
) -> Image:
    """Image of a chart (a `go.Figure` that `theme.legender` finished); ValueError when it bears no mention.

    `phrase` is what the chart says: drawn when it tells of one figure only, always told to who does not see.
    """
    from dashboards.figures import graphique_svg

    dite = figure.layout.title.text
    if not dite:
        raise ValueError(f"«\u00a0{titre}\u00a0»\u00a0: un graphique dit d’où il vient")
    nom, _, ou = titre.partition(", ")
    return _image(
        edition,
        departement,
        titre=nom,
        ou=f"{ou[:1].upper()}{ou[1:]}",
        graphique=graphique_svg.svg(figure, titre),
        phrases=[phrase] if phrase and len(identifiants) == 1 else [],
        dit="" if len(identifiants) == 1 else phrase,
        identifiants=list(identifiants),
        mention=unescape(_SAUT.sub(" ", dite)),
    )


def _image(edition: Edition, departement: str, *, dit: str = "", **propre: Any) -> Image:
    """`dit`: what is told and not drawn."""
    vide: dict[str, Any] = {
        "graphique": "", "valeur": "", "unite": "", "etat": "", "masque": False, "reperes": [], "mouvements": [],
    }  # fmt: skip
    commun = {
        "auteur": f"{textes.NOM} · {departement}",
        "nom": propre["titre"],
        "date": fr.date_iso(edition.publie_le),
        "avis": textes.FICTIF_NU if edition.fictif else "",
    }
    contenu = vide | propre | commun
    valeur = f"{contenu['valeur']} {contenu['unite']} {contenu['etat']}".split(" ")
    lignes = [
        contenu["avis"], contenu["ou"], " ".join(filter(None, valeur)), *contenu["phrases"], dit, *contenu["reperes"],
        *(texte for _, texte in contenu["mouvements"]), *contenu["identifiants"], contenu["mention"],
    ]  # fmt: skip
    return Image(contenu, "\n".join(x for x in lignes if x))
