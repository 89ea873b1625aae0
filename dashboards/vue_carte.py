"""What the map shows and how each territory is written: pure functions."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards import affichage, textes, vues
from dashboards import format_fr as fr
from dashboards.figures import classes
from dashboards.modeles import Indicateur, Mesure, Territoire

PAR_HABITANTS = 1000


def base(carte: Indicateur) -> int:
    """Inhabitants a figure is divided by: one for euros, a thousand for counts."""
    return 1 if fr.est_montant(carte.unite) else PAR_HABITANTS


def libelle_base(carte: Indicateur) -> str:
    """« € par habitant », « heures pour 1 000 habitants »."""
    if base(carte) == 1:
        return f"{carte.unite} par habitant"
    return f"{carte.unite} pour {fr.nombre(PAR_HABITANTS)} habitants"


@dataclass(frozen=True, slots=True)
class Vue:
    """What the map shows: indicator, year, level, sector, whether it is divided by the population, in which view.

    `raison` says why the view is not the one asked for.
    """

    carte: Indicateur
    annee: int
    maille: str
    domaine: str
    domaine_libelle: str
    par_habitant: bool
    vue: str = vues.REPONDANTES
    raison: str = ""

    @property
    def base(self) -> int:
        """Inhabitants a value is given for: one for euros, a thousand for counts; 0 when it is not divided."""
        return base(self.carte) if self.par_habitant else 0

    @property
    def en_cercles(self) -> bool:
        """True for a count or a total: an area coloured by it would only say where the big territories are."""
        return self.carte.additif and not self.par_habitant

    @property
    def libelle_valeur(self) -> str:
        """Name of the quantity drawn, with its unit."""
        if not self.par_habitant:
            return "%" if fr.est_part(self.carte.unite) else self.carte.unite
        return libelle_base(self.carte)

    @property
    def titre(self) -> str:
        """The map in one line, for its alternative text, its table and its downloads."""
        maille = "par commune" if self.maille == "commune" else "par intercommunalité"
        dite = fr.est_part(self.carte.unite) or self.libelle_valeur in self.carte.titre.lower()
        unite = "" if dite else f" ({self.libelle_valeur})"
        domaine = "" if self.domaine == textes.TOUS else f", {self.domaine_libelle}"
        vue = vues.libelle(self.carte, self.vue)
        return f"{self.carte.titre} {maille}, {self.annee}{domaine}{unite}, {vue[:1].lower()}{vue[1:]}"


def texte_valeur(vue: Vue, mesure: Mesure | None, tiree: float | None) -> str:
    """Value of a territory as the map draws it, or the sign of its state."""
    if mesure is None or mesure.valeur is None or not vue.par_habitant:
        return affichage.valeur(vue.carte, mesure)
    return textes.ETATS["nd"].signe if tiree is None else fr.utile(tiree)


def bulle(vue: Vue, lieu: Territoire, mesure: Mesure | None, tiree: float | None) -> str:
    """Tooltip of a territory."""
    texte = texte_valeur(vue, mesure, tiree)
    if affichage.est_masquee(mesure):
        return f"{lieu.libelle}{fr.INSECABLE}: {affichage.etat(mesure).libelle}"
    unite = vue.libelle_valeur if vue.par_habitant else affichage.unite(vue.carte, mesure)
    return f"{lieu.libelle}{fr.INSECABLE}: {texte} {unite}".rstrip()


def alt(vue: Vue, classement: classes.Classement) -> str:
    """One sentence: what is shown, lowest and highest class, how many territories have no value."""
    total = len(classement.rangs)
    if not classement.classes:
        return f"Carte{fr.INSECABLE}: {vue.titre}. Aucune valeur publiée pour {fr.nombre(total)} territoires."
    publies = sum(c.effectif for c in classement.classes) + classement.effectif(classes.ZERO)
    unite = vue.libelle_valeur if vue.par_habitant else vue.carte.unite
    bas, haut = classement.classes[0].bas, classement.classes[-1].haut
    return (
        f"Carte{fr.INSECABLE}: {vue.titre}. Valeurs {fr.plage(bas, haut, unite)}, publiées pour "
        f"{fr.nombre(publies)} territoires sur {fr.nombre(total)}{fr.FINE}; le tableau donne chaque valeur."
    )
