"""One figure and all that must be said with it: a frozen record, and its words. No Streamlit, no SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dashboards import affichage, textes, vues
from dashboards import format_fr as fr
from dashboards.modeles import Edition, Evolution, Indicateur, Mesure, Territoire
from observatoire.chiffres.identifiant import Identifiant
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
# What a card says of the respondents is then estimated for all the associations.
PORTEES = {
    REPRESENTATIF: "Ici, estimation pour toutes les associations du territoire, d’après ces réponses.",
    POIDS_ECONOMIQUE: "Ici, chaque association compte à proportion de son budget.",
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
    """A figure as it is shown. `reference`: the same in the territory of reference, `lieu_reference`."""

    carte: Indicateur
    retenue: vues.Retenue
    cadrage: Cadrage
    reference: Mesure | None = None
    lieu_reference: str = ""
    evolutions: Sequence[Evolution] = field(default=())

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
    def methode(self) -> str:
        """How the value was made, in a few words."""
        return methode(self.carte, self.retenue.vue)

    @property
    def vue(self) -> str:
        """Name of the view, in words."""
        return vues.libelle(self.carte, self.retenue.vue)

    @property
    def definition(self) -> str:
        """The definition of the card, and whom the figure speaks of when it is weighted."""
        portee = "" if affichage.est_masquee(self.mesure) else PORTEES.get(self.retenue.vue)
        return " ".join(x for x in (self.carte.definition, portee) if x)

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
    if vues.est_publique(carte):
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


def titre_evolution(evolution: Evolution) -> str:
    """Who is compared: all the associations, or the same ones."""
    prix = f", en euros de {evolution.a}" if evolution.prix == CONSTANTS else ""
    if evolution.methode == COUPES:
        return f"Toutes les associations, estimées chaque année{prix}"
    nb = f" ({fr.nombre(evolution.n_apres)})" if evolution.n_apres else ""
    return f"Les mêmes associations les deux années{nb}{prix}"


def phrase_evolution(carte: Indicateur, evolution: Evolution) -> str:
    """« hausse de 3,2 % (entre + 1,0 et + 5,4 %) », « pas d’évolution assurée… », or why nothing is said."""
    if evolution.rupture:
        return f"rupture de série{fr.INSECABLE}: {evolution.rupture.rstrip('.')}. Les deux années ne se comparent pas."
    if evolution.statut != "ok" or evolution.difference is None:
        return f"non montrée ({textes.ETATS.get(evolution.statut, textes.ETATS['nd']).libelle})."
    if evolution.borne_basse is None or evolution.borne_haute is None:
        return "différence connue, sans intervalle\u00a0: rien n’est assuré."
    ecart, bas, haut, unite = _echelle(carte, evolution)
    decimales = 1 if max(abs(v) for v in (ecart, bas, haut)) < 100 else 0
    bornes = f"entre {fr.signe(bas, decimales)} et {fr.signe(haut, decimales)}{unite}"
    if not evolution.est_significative:
        return f"pas d’évolution assurée ({bornes})."
    sens = "hausse" if ecart > 0 else "baisse"
    return f"{sens} de {fr.nombre(abs(ecart), decimales)}{unite} ({bornes})."


def _echelle(carte: Indicateur, evolution: Evolution) -> tuple[float, float, float, str]:
    """Difference and bounds: in points for a share, in % of the first year otherwise, in the unit failing that."""
    valeurs = (evolution.difference or 0.0, evolution.borne_basse or 0.0, evolution.borne_haute or 0.0)
    if fr.est_part(carte.unite):
        facteur, unite = 100.0, f"{fr.INSECABLE}points"
    elif evolution.avant:
        facteur, unite = 100.0 / abs(evolution.avant), f"{fr.INSECABLE}%"
    else:
        facteur, unite = 1.0, f"{fr.INSECABLE}{carte.unite}"
    ecart, bas, haut = (v * facteur for v in valeurs)
    return ecart, bas, haut, unite


def sens(evolution: Evolution) -> str:
    """Sign drawn beside the sentence, never alone: up, down, nothing sure, broken series, nothing to show."""
    if evolution.rupture:
        return "╱╱"
    if evolution.statut != "ok" or evolution.difference is None:
        return "–"
    if not evolution.est_significative:
        return "≈"
    return "↗" if evolution.difference > 0 else "↘"
