"""Register of the associations of the territory, and the links from a name to it."""

from observatoire.registre.registre import BilanRegistre, EtatRegistre, ajouter, empreinte, etat

__all__ = ["BilanRegistre", "EtatRegistre", "ajouter", "empreinte", "etat"]
