"""One figure and all that must be said with it: a frozen record, and its words. No Streamlit, no SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboards import affichage, textes, vues
from dashboards import format_fr as fr
from dashboards.modeles import Edition, Evolution, Indicateur, Mesure, Territoire
from observatoire.chiffres.identifiant import Identifiant
from observatoire.chiffres.phrase import phrase, phrase_evolution
from observatoire.chiffres.requete import Place
from observatoire.indicators.catalogue import POIDS_ECONOMIQUE, REPONDANTES, REPRESENTATIF

COUPES, PANEL = "coupes", "panel"
COURANTS, CONSTANTS = "courants", "constants"
# What each estimator does, in words; the weighted views say it of all the associations.
CALCULS = {
    "compte": "Nombre d’associations",
    "total": "Somme des réponses",
    "ratio": "Rapport de deux sommes",
    "moyenne": "Moyenne des réponses",
    "proportion": "Part des associations",
    "mediane": "Médiane des réponses",
    "gini": "Indice de Gini entre associations",
    "par_habitant": "Somme rapportée aux habitants",
    "gini_territoires": "Indice de Gini entre intercommunalités",
}
POIDS = {
    REPONDANTES: "sans pondération",
    REPRESENTATIF: "pondération sur le registre des associations",
    POIDS_ECONOMIQUE: "pondération sur le registre, puis par le budget",
}


@dataclass(frozen=True, slots=True)
class Cadrage:
    """What surrounds the figures of a page: place, year, sector, view asked for, publication."""

    lieu: Territoire
    annee: int
    domaine: str
    domaine_libelle: str
    vue: str
    edition: Edition
    avec_registre: bool


@dataclass(frozen=True, slots=True)
class Chiffre:
    """A figure as it is shown. `reference`: the same in the territory of reference, `lieu_reference`.

    `ailleurs`: name of the territory when it is not that of the page.
    """

    carte: Indicateur
    retenue: vues.Retenue
    cadrage: Cadrage
    reference: Mesure | None = None
    lieu_reference: str = ""
    evolutions: Sequence[Evolution] = field(default=())
    ailleurs: str = ""

    @property
    def mesure(self) -> Mesure | None:
        """The measure that is shown."""
        return self.retenue.mesure

    @property
    def identifiant(self) -> Identifiant:
        """The name by which this figure is quoted, publication included."""
        c = self.cadrage
        return Identifiant(
            self.carte.indicateur,
            c.annee,
            c.lieu.niveau,
            c.lieu.code,
            self.retenue.vue,
            c.domaine,
            publication=c.edition.version,
        )

    @property
    def place(self) -> Place:
        """What names the figure in a query: its row, or its identifier when the publication has none."""
        return self.mesure or self.identifiant

    @property
    def methode(self) -> str:
        """How the value was made, in a few words."""
        return methode(self.carte, self.retenue.vue)

    @property
    def vue(self) -> str:
        """Name of the view, in words."""
        return vues.libelle(self.carte, self.retenue.vue)

    @property
    def phrase(self) -> str:
        """The sentence of the figure: text of the card, and what stands for a picture of it."""
        c = self.cadrage
        domaine = "" if c.domaine == textes.TOUS else c.domaine_libelle
        return phrase(self.carte, self.mesure or self.absente, c.lieu, domaine, self.retenue.vue)

    @property
    def mouvements(self) -> tuple[tuple[str, str], ...]:
        """Sign and sentence of each move from the year before; that none can be shown is said once."""
        if affichage.est_masquee(self.mesure):
            return ()
        dites = [e for e in self.evolutions if e.rupture or e.difference is not None] or self.evolutions[:1]
        return tuple((sens(e), phrase_evolution(self.carte, e, self.cadrage.lieu)) for e in dites)

    @property
    def absente(self) -> Mesure:
        """The measure of a cell that the publication does not have: nothing is known of it."""
        c, vide = self.cadrage, (None,) * 6
        lieu = (c.lieu.niveau, c.lieu.code, c.domaine, textes.TOUS)
        return Mesure(self.carte.indicateur, c.annee, *lieu, *vide, "nd", self.retenue.vue)

    @property
    def comparaison(self) -> str:
        """The figure of the territory of reference in the same view; empty when there is none to give."""
        if self.reference is None or not self.lieu_reference:
            return ""
        valeur = affichage.valeur(self.carte, self.reference, abregee=True)
        unite = affichage.unite(self.carte, self.reference)
        return f"{self.lieu_reference}{fr.INSECABLE}: {valeur} {unite}".rstrip()

    @property
    def repere(self) -> str:
        """The national figure, beside an estimate for all the associations only."""
        estimee = self.retenue.vue == REPRESENTATIF and not affichage.est_masquee(self.mesure)
        return affichage.repere(self.carte) if estimee else ""


def methode(carte: Indicateur, vue: str) -> str:
    """« Somme des réponses, sans pondération »."""
    calcul = CALCULS.get(carte.estimateur, carte.estimateur)
    if carte.des_financeurs:
        return f"{calcul.replace('réponses', 'montants publiés')}, {POIDS[REPONDANTES]}"
    return f"{calcul}, {POIDS[vue]}"


def composer(
    carte: Indicateur,
    fiche: Mapping[str, Mapping[str, Mesure]],
    reference: tuple[str, Mapping[str, Mapping[str, Mesure]]],
    cadrage: Cadrage,
    evolutions: Sequence[Evolution] = (),
) -> Chiffre:
    """The figure of a card in a territory. `reference`: name and figures of the territory to read it beside."""
    retenue = vues.retenir(
        carte,
        fiche.get(carte.indicateur, {}),
        cadrage.vue,
        cadrage.lieu.niveau,
        avec_registre=cadrage.avec_registre,
    )
    nom, voisine = reference
    de_reference = voisine.get(carte.indicateur, {}).get(retenue.vue)
    return Chiffre(carte, retenue, cadrage, de_reference, nom, evolutions)


def cite(mesure: Mesure, edition: Edition) -> str:
    """The name by which a measure is quoted, publication included; empty for one of a single funder."""
    if mesure.financeur != textes.TOUS:
        return ""
    identifiant = Identifiant(
        mesure.indicateur, mesure.millesime, mesure.niveau, mesure.code, mesure.vue, mesure.domaine
    )
    return str(identifiant.dans(edition.version))


def evolutions_de(indicateur: str, toutes: Sequence[Evolution], cadrage: Cadrage) -> tuple[Evolution, ...]:
    """What the publication knows of the move to the year shown: for the département, all sectors together.

    Amounts are kept in constant euros, when the price index allows it.
    """
    if cadrage.lieu.niveau != "departement" or cadrage.domaine != textes.TOUS:
        return ()
    ici = [e for e in toutes if e.indicateur == indicateur and e.a == cadrage.annee]
    choisies = []
    for methode_ in (COUPES, PANEL):
        par_prix = {e.prix: e for e in ici if e.methode == methode_}
        constante = par_prix.get(CONSTANTS)
        if constante is not None and constante.statut != "nd":
            choisies.append(constante)
        elif COURANTS in par_prix:
            choisies.append(par_prix[COURANTS])
    return tuple(choisies)


def sens(evolution: Evolution) -> str:
    """Sign drawn beside the sentence, never alone: up, down, nothing sure, broken series, nothing to show."""
    if evolution.rupture:
        return "╱╱"
    if evolution.statut != "ok" or evolution.difference is None:
        return "–"
    if not evolution.est_significative:
        return "≈"
    return "↗" if evolution.difference > 0 else "↘"
