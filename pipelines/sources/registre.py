"""The register seen from the commands: add a file, say what became of it, say what the register holds."""

from __future__ import annotations

from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.francais import ecrire_nombre
from observatoire.registre import registre
from observatoire.registre.formats import GENRES, RegistreRefuse
from observatoire.registre.registre import BilanRegistre
from observatoire.storage.erreurs import ErreurEntrepot
from pipelines.ingestion.grille import FichierRefuse, Valeur
from pipelines.ingestion.lecteur import lire_fichier

__all__ = ["GENRES", "SourceRefusee", "ajouter", "compter", "phrases", "phrases_etat"]
CLASSEURS = (".xlsx", ".xls", ".ods")


class SourceRefusee(ErreurEntrepot):
    """A file that cannot enter the register: nothing has changed."""


def ajouter(
    settings: Settings, genre: str, fichier: Path, nom: str | None = None, extrait_le: str = ""
) -> BilanRegistre:
    """Add an official file (CSV), or a list of solicited associations (CSV or workbook), to the register.

    `nom` is the name to show when `fichier` is a copy. SourceRefusee when it cannot be read; `str()` is the
    sentence to show.
    """
    try:
        lignes = _lignes(fichier) if fichier.suffix.lower() in CLASSEURS else None
        return registre.ajouter(settings, genre, fichier, lignes, nom, extrait_le=extrait_le)
    except FichierRefuse as refus:
        anomalie = Anomalie(refus.code, details={"fichier": nom or fichier.name, **refus.details})
        raise SourceRefusee(anomalie.message) from refus
    except RegistreRefuse as refus:
        raise SourceRefusee(str(refus)) from refus


def _lignes(fichier: Path) -> list[list[str | None]]:
    """Rows of the first sheet that holds some."""
    pleines = [f for f in lire_fichier(fichier).feuilles if f.lignes]
    lignes = [[texte_de(v) for v in ligne] for ligne in pleines[0].lignes] if pleines else []
    return [x for x in lignes if any(x)]


def texte_de(valeur: Valeur) -> str | None:
    """A cell as text, a whole number without decimals; None when it is empty."""
    if valeur is None:
        return None
    if isinstance(valeur, float) and valeur == int(valeur):
        return str(int(valeur))
    return str(valeur).strip() or None


def phrases(bilan: BilanRegistre) -> list[str]:
    """The report of one file, in French."""
    if bilan.deja:
        return [
            f"«\u00a0{bilan.fichier}\u00a0» est déjà dans le registre depuis le {_jour(bilan.deja)}. Rien n’a changé."
        ]
    dites = [
        f"«\u00a0{bilan.fichier}\u00a0» ({bilan.format})\u00a0: {compter(bilan.lues, 'ligne lue', 'lignes lues')}, "
        f"{compter(bilan.gardees, 'association gardée', 'associations gardées')}"
        + (f", dont {compter(bilan.dissoutes, 'dissoute', 'dissoutes')}" if bilan.dissoutes else "")
        + "."
    ]
    ecartees = [
        (bilan.hors_territoire, "hors du département", "hors du département"),
        (bilan.autres, "qui n’est pas une association", "qui ne sont pas des associations"),
        (bilan.sans_nom, "sans nom diffusé", "sans nom diffusé"),
        (bilan.doublons, "en double", "en double"),
    ]
    dits = [f"{ecrire_nombre(n)} {un if n == 1 else plusieurs}" for n, un, plusieurs in ecartees if n]
    if dits:
        dites.append(f"Écartées\u00a0: {', '.join(dits)}.")
    if bilan.sans_commune:
        dites.append(
            f"{compter(bilan.sans_commune, 'association gardée', 'associations gardées')} sans commune reconnue."
        )
    if bilan.illisibles:
        dites.append(
            f"{compter(bilan.illisibles, 'ligne illisible', 'lignes illisibles')} (nombre de colonnes ou guillemets)\u202f; "
            f"le reste du fichier est lu."
        )
    if bilan.absentes:
        noms = ", ".join(f"«\u00a0{a}\u00a0»" for a in bilan.absentes)
        dites.append(f"Colonnes absentes, facultatives\u00a0: {noms}.")
    if bilan.nouvelles:
        noms = ", ".join(f"«\u00a0{a}\u00a0»" for a in bilan.nouvelles)
        dites.append(f"Colonnes nouvelles, non lues\u00a0: {noms}.")
    return dites


def phrases_etat(settings: Settings) -> list[str]:
    """What the register holds and where it comes from, in French."""
    present = registre.etat(settings)
    if present is None:
        return [
            "Aucun registre n’est chargé. Ajoutez le fichier du RNA de votre département\u00a0: "
            "«\u00a0observatoire sources ajouter rna FICHIER\u00a0»."
        ]
    dites = [
        f"Registre du {_jour(present.quand)}\u00a0: {compter(present.lignes, 'association', 'associations')}, "
        f"{compter(present.actives, 'active', 'actives')}, {compter(present.dissoutes, 'dissoute', 'dissoutes')}, "
        f"{ecrire_nombre(present.avec_siren)} avec un SIREN, {compter(present.sollicitees, 'sollicitée', 'sollicitées')}."
    ]
    return dites + [_source(s) for s in present.sources]


def _source(s: BilanRegistre) -> str:
    return (
        f"{_jour(s.quand)}, {s.format}\u00a0: «\u00a0{s.fichier}\u00a0», "
        f"{compter(s.gardees, 'association gardée', 'associations gardées')} sur {compter(s.lues, 'ligne', 'lignes')}."
    )


def compter(nombre: int, un: str, plusieurs: str) -> str:
    """A number and what it counts."""
    return f"{ecrire_nombre(nombre)} {un if nombre < 2 else plusieurs}"


def _jour(quand: str) -> str:
    annee, mois, jour = quand[:10].split("-")
    return f"{jour}/{mois}/{annee}"
