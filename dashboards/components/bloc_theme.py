"""What the pages of a theme share: the filters, the figures of the place, cards by section, the foot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboards import format_fr as fr
from dashboards import lecture
from dashboards.chiffre import Cadrage, Chiffre
from dashboards.components import blocs, cadre, carte_chiffre, donnees, export, filtres
from dashboards.components.blocs import Fiche
from dashboards.components.donnees import Publication
from dashboards.components.filtres import Choix
from dashboards.modeles import Indicateur

# Cards of a section shown at once: a row on a wide screen, what is read in a minute on a phone.
OUVERTES = 3


def cle_des_autres(titre: str) -> str:
    """Key of the fold of a section, and its name in the address."""
    return f"plus-{export.nom_fichier(titre)}"


@dataclass(frozen=True, slots=True)
class Theme:
    """A page of figures once its filters are read."""

    pub: Publication
    choix: Choix
    cartes: Mapping[str, Indicateur]
    fiche: Fiche
    cadrage: Cadrage
    reference: tuple[str, Fiche]

    def chiffre(self, nom: str) -> Chiffre | None:
        """One figure of the place; None when the publication has no such indicator."""
        carte = self.cartes.get(nom)
        if carte is None:
            return None
        return blocs.composer(carte, self.fiche, self.reference, self.cadrage, self.pub)

    def chiffres(self, noms: Sequence[str]) -> list[Chiffre]:
        """Those of these figures that the publication has."""
        return [c for c in map(self.chiffre, noms) if c is not None]

    def cartes_de(self, titre: str, chapeau: str, noms: Sequence[str], ouvertes: int = OUVERTES) -> None:
        """A section of figure cards: the first `ouvertes` at once, the others in a fold that names them."""
        cadre.section(titre, chapeau)
        chiffres = self.chiffres(noms)
        if ouvertes:
            grille(chiffres[:ouvertes], self.pub)
        autres = chiffres[ouvertes:]
        if not autres:
            return
        dits = (
            fr.accord(len(autres), "autre chiffre", "autres chiffres")
            if ouvertes
            else fr.accord(len(autres), "chiffre")
        )
        # A number in the name of a fold would be read as a figure without its source.
        nommes = [c.carte.titre for c in autres if not re.search(r"\d", c.carte.titre)]
        noms_ = " · ".join([*nommes, *(["…"] if len(nommes) < len(autres) else [])])
        volet = st.expander(
            f"{dits}{fr.INSECABLE}: {noms_}",
            icon=":material/add_chart:",
            key=cle_des_autres(titre),
            bind="query-params",
        )
        if volet.open:
            with volet:
                grille(autres, self.pub)

    def par_domaine(self, nom: str) -> None:
        """One figure by sector."""
        total = self.chiffre(nom)
        if total is not None:
            blocs.par_domaine(total.carte, self.choix, total, self.pub)

    def finir(self) -> None:
        """Every figure of the place, and the foot of the page."""
        blocs.tous_les_chiffres(self.cartes, self.fiche, self.choix, self.cadrage, self.pub)
        cadre.pied(self.pub)


def grille(chiffres: Sequence[Chiffre], pub: Publication) -> None:
    """Cards, three in a row on a wide screen, one on a phone."""
    with blocs.grille():
        for composee in chiffres:
            carte_chiffre.afficher(composee, pub)


def ouvrir(titre: str, chapeau: str, *, recherche: bool = False) -> Theme:
    """Title, filters, and what is known of the place. `recherche`: a box that finds a place by its name."""
    pub = donnees.exiger()
    cadre.titre(pub, titre, chapeau)
    if recherche:
        filtres.chercher(pub)
    choix = filtres.barre(pub)
    lieu = choix.territoire
    theme = Theme(
        pub,
        choix,
        {carte.indicateur: carte for carte in pub.lire(lecture.indicateurs)},
        pub.lire(lecture.fiche, choix.annee, lieu.niveau, lieu.code, choix.domaine),
        blocs.cadrer(choix, pub),
        blocs.reference(choix, pub),
    )
    blocs.chapeau_territoire(choix, theme.fiche, theme.cadrage, theme.pub)
    return theme
