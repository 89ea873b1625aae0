"""Registry of the public pages: adding a line and a file adds a page and its tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One page: file beside this module, title of the menu, path of its address, icon, what it shows.

    A page out of the menu (`au_menu` false) is reached from the foot of every page.
    """

    fichier: str
    titre: str
    adresse: str
    icone: str
    aide: str
    au_menu: bool = True


PAGES = (
    Page(
        "essentiel.py",
        "L’essentiel",
        "essentiel",
        ":material/insights:",
        "Les chiffres clés d’un territoire, avec leur source et leur mode de calcul.",
    ),
    Page(
        "mon_territoire.py",
        "Mon territoire",
        "mon_territoire",
        ":material/location_on:",
        "Votre commune, intercommunalité, canton ou quartier, en quelques chiffres.",
    ),
    Page(
        "carte.py",
        "Carte",
        "carte",
        ":material/map:",
        "Un indicateur par intercommunalité ou par commune, en carte et en tableau.",
    ),
    Page(
        "benevolat.py",
        "Bénévolat",
        "benevolat",
        ":material/volunteer_activism:",
        "Ce que les bénévoles donnent, qui ils sont, ce que cela vaudrait.",
    ),
    Page(
        "emploi.py",
        "Emploi et précarité",
        "emploi",
        ":material/badge:",
        "Emplois, contrats, fragilités et alertes.",
    ),
    Page(
        "ressources.py",
        "Ressources",
        "ressources",
        ":material/savings:",
        "De quoi vivent les associations, et si les subventions baissaient.",
    ),
    Page(
        "effets.py",
        "Effets sur les personnes",
        "effets",
        ":material/diversity_3:",
        "Ce que déclarent les personnes accueillies, avant et après.",
    ),
    Page(
        "parole.py",
        "Parole du terrain",
        "parole",
        ":material/format_quote:",
        "Une réussite, une difficulté, dans les mots des associations.",
    ),
    Page(
        "comparer.py",
        "Comparer",
        "comparer",
        ":material/compare_arrows:",
        "Deux à quatre territoires qui se ressemblent, les mêmes chiffres côte à côte.",
    ),
    Page(
        "trajectoires.py",
        "Trajectoires",
        "trajectoires",
        ":material/timeline:",
        "Un chiffre d’année en année, pour toutes les associations et pour les mêmes.",
    ),
    Page(
        "comprendre.py",
        "Comprendre",
        "comprendre",
        ":material/school:",
        "Ce qu’est une association, comment elle vit, comment lire un chiffre.",
    ),
    Page(
        "mots.py",
        "Mots",
        "mots",
        ":material/dictionary:",
        "Les mots employés dans ces pages, en une phrase chacun.",
    ),
    Page(
        "qualite.py",
        "Qualité des données",
        "qualite",
        ":material/fact_check:",
        "Qui a répondu, ce qui a été déposé et lu, ce qui reste à corriger.",
    ),
    Page(
        "methode.py",
        "Méthode",
        "methode",
        ":material/menu_book:",
        "Définitions, seuils, limites et protection des données.",
    ),
    Page(
        "donnees_ouvertes.py",
        "Données ouvertes",
        "donnees_ouvertes",
        ":material/download:",
        "Les fichiers à reprendre, leur licence, comment les citer et les interroger.",
    ),
    Page(
        "accessibilite.py",
        "Accessibilité",
        "accessibilite",
        ":material/accessibility_new:",
        "Déclaration d’accessibilité : ce qui est vérifié, ce qui manque, à qui le dire.",
        au_menu=False,
    ),
)

# Parts of the menu, each from the page that opens it to the next; the first pages stand alone.
PARTIES = {
    "essentiel": "",
    "benevolat": "Thèmes",
    "comparer": "Comparer et suivre",
    "comprendre": "Comprendre",
    "qualite": "Sources et méthode",
}


def par_partie() -> dict[str, list[Page]]:
    """The pages under the title of their part."""
    parties: dict[str, list[Page]] = {}
    titre = ""
    for page in PAGES:
        titre = PARTIES.get(page.adresse, titre)
        parties.setdefault(titre, []).append(page)
    return parties
