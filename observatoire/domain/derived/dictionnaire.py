"""Questionnaire → data dictionary in Markdown. Pure text."""

from __future__ import annotations

from itertools import groupby

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de

AVIS = (
    "<!-- Page produite par « make derive » à partir de observatoire/domain/enquetes. Ne pas la modifier. -->"
)


def dictionnaire(enquete: Enquete) -> str:
    """The whole page: what a row is, its fields by section, its lists, its rules, what is refused."""
    morceaux = [_tete(enquete)]
    actifs = enquete.champs_actifs()
    for section, champs in groupby(actifs, key=lambda c: c.section):
        morceaux.append(f"## {section}\n\n" + "\n".join(_champ(c) for c in champs))
    morceaux += [_liste(nom) for nom in dict.fromkeys(c.nomenclature for c in actifs) if nom is not None]
    if enquete.regles:
        lignes = "\n".join(f"- {r.description} (`{r.code}`)" for r in enquete.regles)
        morceaux.append(f"## Cohérence d’une ligne\n\n{lignes}\n")
    morceaux.append(_refuses(enquete))
    return "\n".join(morceaux)


def _tete(enquete: Enquete) -> str:
    doublon = {
        "ignorer": "Une ligne identique à une autre est ignorée et signalée.",
        "garder": "Deux lignes identiques sont chargées toutes les deux et signalées.",
    }[enquete.doublon_identique]
    cle = f" Une seule ligne par association et par {_et(enquete.cle)}." if enquete.cle else ""
    return (
        f"{AVIS}\n\n# {enquete.title} (`{enquete.name}`)\n\n{enquete.description}\n\n"
        f"**Grain.** {enquete.grain}{cle} {doublon}\n\n"
        f"Version {enquete.version}. Le gabarit se télécharge avec `observatoire gabarit {enquete.name}`.\n"
    )


def _et(noms: tuple[str, ...]) -> str:
    return " et ".join(f"`{nom}`" for nom in noms)


def _champ(champ: Champ) -> str:
    faits = [f"`{champ.name}`", type_de(champ).lisible]
    faits += [f"unité\u00a0: {champ.unit}"] if champ.unit else []
    faits += ["**obligatoire**"] if champ.obligatoire else []
    faits += [_bornes(champ)] if _bornes(champ) else []
    faits += [f"liste [{champ.nomenclature}](#liste-{champ.nomenclature})"] if champ.nomenclature else []
    faits += [f"depuis {champ.since}"] if champ.since else []
    faits += [f"jusqu’en {champ.until}"] if champ.until else []
    texte = f"{champ.description} Exemple\u00a0: {champ.example}"
    alias = " · ".join(champ.aliases)
    reconnus = f"\nEn-têtes reconnus\u00a0: {alias}\n" if alias else ""
    return f"### {champ.title}\n\n{' · '.join(faits)}\n\n{texte}\n{reconnus}"


def _bornes(champ: Champ) -> str:
    mini, maxi = champ.constraints.get("minimum"), champ.constraints.get("maximum")
    if mini is not None and maxi is not None:
        return f"de {mini} à {maxi}"
    if mini is not None:
        return f"au moins {mini}"
    if maxi is not None:
        return f"au plus {maxi}"
    longueur = champ.constraints.get("maxLength")
    return f"{longueur} caractères au plus" if longueur else ""


def _liste(nom: str) -> str:
    choix = "\n".join(
        f"| `{c.code}` | {c.libelle} | {c.description} |" for c in charger_nomenclature(nom).lignes
    )
    tete = "| Code | Libellé | Précision |\n|---|---|---|"
    return f'<a id="liste-{nom}"></a>\n\n## Liste «\u00a0{nom}\u00a0»\n\n{tete}\n{choix}\n'


def _refuses(enquete: Enquete) -> str:
    refuses = ", ".join(c.title.lower() for c in enquete.champs if c.personnel)
    return (
        "## Refusé à l’entrée\n\nCes colonnes ne sont ni chargées ni archivées, "
        f"quel que soit leur titre exact\u00a0: {refuses}.\n"
    )
