"""Catalogue of anomalies → help page of the messages, in Markdown. Pure text."""

from __future__ import annotations

from collections.abc import Iterable

from observatoire.domain.anomalie import Modele, Niveau
from observatoire.domain.derived.dictionnaire import AVIS

EFFETS = {
    Niveau.BLOQUANT: "Le fichier ou la valeur ne peut pas être pris tel quel.",
    Niveau.A_CORRIGER: "La valeur est écartée. Si elle est obligatoire, la ligne attend.",
    Niveau.A_CONFIRMER: "La ligne attend que quelqu’un décide.",
    Niveau.A_VERIFIER: "La ligne est chargée, la valeur est à relire.",
    Niveau.REPARE: "La valeur a été rétablie sans perte, il n’y a rien à faire.",
    Niveau.INFO: "Pour information.",
}

FAMILLES = {
    "FI": "Le fichier",
    "FE": "Les feuilles",
    "EN": "Les titres de colonnes",
    "LG": "Les lignes",
    "TO": "Les lignes ignorées",
    "MO": "La modération",
    "VA": "Les réponses obligatoires",
    "NB": "Les nombres",
    "PC": "Les parts",
    "TX": "Les textes",
    "LI": "Les listes",
    "BO": "Oui ou non",
    "DA": "Les dates et les années",
    "ID": "Les identifiants",
    "CM": "Les communes",
    "QP": "Les quartiers prioritaires",
    "CO": "La cohérence d’une ligne",
    "DO": "Les doublons",
    "FO": "Les formules",
    "RG": "Les données personnelles",
}


def messages(modeles: Iterable[Modele]) -> str:
    """The whole page: the levels, then each code with its cause, its sentence and its help."""
    niveaux = "\n".join(f"| {n.libelle} | {EFFETS[n]} |" for n in Niveau)
    morceaux = [
        f"{AVIS}\n\n# Les messages de la vérification\n\n"
        "Chaque message dit où se trouve le problème, ce qui est écrit, pourquoi cela ne va pas "
        "et quoi faire. "
        "Les mots entre accolades sont remplacés par ce qui a été lu dans le fichier.\n\n"
        f"| Niveau | Ce qu’il retient |\n|---|---|\n{niveaux}\n"
    ]
    familles: dict[str, list[Modele]] = {prefixe: [] for prefixe in FAMILLES}
    for modele in modeles:
        familles[modele.code.partition("-")[0]].append(modele)
    for prefixe, siens in familles.items():
        morceaux += [f"## {FAMILLES[prefixe]}\n", *(_code(m) for m in sorted(siens, key=lambda m: m.code))]
    return "\n".join(morceaux)


def _code(modele: Modele) -> str:
    aide = f"\n{modele.aide}\n" if modele.aide else ""
    aide += f"\nEn ligne de commande\u00a0: `{modele.commande}`.\n" if modele.commande else ""
    return (
        f'<a id="{modele.code.lower()}"></a>\n\n### {modele.code} · {modele.cause}\n\n'
        f"*{modele.niveau.libelle}*\n\n> {modele.message}\n{aide}"
    )
