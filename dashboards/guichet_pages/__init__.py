"""Registry of the staff pages: adding a line and a file adds a page, its role and its tests."""

from __future__ import annotations

from dataclasses import dataclass

from observatoire.comptes.identite import Role


@dataclass(frozen=True, slots=True)
class PageGuichet:
    """One page: file beside this module, title, path of its address, icon, what it does, who may open it, in the menu or not."""

    fichier: str
    titre: str
    adresse: str
    icone: str
    aide: str
    role: Role
    au_menu: bool = True


PAGES = (
    PageGuichet(
        "deposer.py",
        "Déposer",
        "deposer",
        ":material/upload_file:",
        "Déposer un tableur, reprendre un dépôt en cours, télécharger un gabarit.",
        Role.DEPOSANT,
    ),
    PageGuichet(
        "depot.py",
        "Dépôt en cours",
        "depot",
        ":material/edit_document:",
        "Un dépôt en cours, en cinq étapes.",
        Role.DEPOSANT,
        au_menu=False,
    ),
    PageGuichet(
        "depots.py",
        "Dépôts",
        "depots",
        ":material/inventory_2:",
        "Ce qui a été chargé, les reçus, annuler et rétablir.",
        Role.LECTEUR,
    ),
    PageGuichet(
        "attente.py",
        "En attente",
        "attente",
        ":material/pending_actions:",
        "Les lignes qui n’entrent encore dans aucun chiffre.",
        Role.LECTEUR,
    ),
    PageGuichet(
        "paroles.py",
        "Paroles à relire",
        "paroles",
        ":material/format_quote:",
        "Accepter, couper ou refuser les extraits que les associations acceptent de publier.",
        Role.VALIDEUR,
    ),
    PageGuichet(
        "qui_est_qui.py",
        "Qui est qui",
        "qui-est-qui",
        ":material/compare_arrows:",
        "Rapprocher les noms des dépôts du registre des associations.",
        Role.LECTEUR,
    ),
    PageGuichet(
        "reponses.py",
        "Réponses",
        "reponses",
        ":material/how_to_reg:",
        "Qui a répondu, qui relancer, ce qu’on renvoie à chaque association.",
        Role.LECTEUR,
    ),
    PageGuichet(
        "publications.py",
        "Publications",
        "publications",
        ":material/publish:",
        "Publier les chiffres, et ce que contient chaque publication.",
        Role.LECTEUR,
    ),
    PageGuichet(
        "requetes.py",
        "Requêtes",
        "requetes",
        ":material/terminal:",
        "Interroger les réponses en SQL, sans rien pouvoir changer, et lire les carnets.",
        Role.ANALYSTE,
    ),
    PageGuichet(
        "journal.py",
        "Journal",
        "journal",
        ":material/history:",
        "Qui a fait quoi, quand, sur quel dépôt.",
        Role.LECTEUR,
    ),
    PageGuichet(
        "aide.py",
        "Aide",
        "aide",
        ":material/help:",
        "Ce que veut dire chaque message et ce qu’il faut faire.",
        Role.LECTEUR,
    ),
    PageGuichet(
        "comptes.py",
        "Comptes",
        "comptes",
        ":material/group:",
        "Les personnes, leurs droits, les liens d’invitation et le journal des accès.",
        Role.ADMIN,
    ),
)
