"""Registry of the public pages: adding a line and a file adds a page and its tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """One page: file beside this module, title of the menu, path of its address, icon, what it shows."""

    fichier: str
    titre: str
    adresse: str
    icone: str
    aide: str


PAGES = (
    Page(
        "essentiel.py",
        "L’essentiel",
        "essentiel",
        ":material/insights:",
        "Les chiffres clés d’un territoire, avec leur source et leur mode de calcul.",
    ),
    Page(
        "carte.py",
        "Carte",
        "carte",
        ":material/map:",
        "Un indicateur par intercommunalité ou par commune, en carte et en tableau.",
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
)
