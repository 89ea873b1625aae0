"""The demonstration: load the invented register and workbooks of `data/raw/demo`, publish, and say what happened."""

from __future__ import annotations

import tomllib
from pathlib import Path

from rich.console import Console

from observatoire.comptes.identite import OPERATEUR
from observatoire.config.settings import Settings
from observatoire.domain.francais import accord
from observatoire.domain.paroles import en_ligne
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.paroles import extraits
from pipelines import depot
from pipelines.ingestion.entetes import Correspondance
from pipelines.paroles import decider
from pipelines.rapport import compte_rendu
from pipelines.sources import registre

DOSSIER = Path(__file__).parents[1] / "data" / "raw" / "demo"


def charger(reglages: Settings, console: Console, dossier: Path = DOSSIER) -> None:
    """Load the files of the manifest (already loaded ones add nothing) and publish when something is new."""
    manifeste = tomllib.loads((dossier / "manifeste.toml").read_text(encoding="utf-8"))
    nouveau = False
    for entree in manifeste.get("registre", []):
        fiche = registre.ajouter(reglages, entree["genre"], dossier / entree["fichier"])
        for phrase in registre.phrases(fiche):
            console.print(phrase, soft_wrap=True, markup=False)
        nouveau |= fiche.deja is None
    for entree in manifeste["depot"]:
        donnee = Correspondance(
            questionnaire=entree.get("questionnaire"),
            colonnes=entree.get("colonnes", {}),
            constantes=entree.get("constantes", {}),
        )
        bilan = depot.deposer(
            dossier / entree["fichier"],
            reglages,
            questionnaire=entree.get("questionnaire"),
            millesime=entree.get("millesime"),
            correspondance=donnee,
            fictif=True,
            suivi=_annoncer(console, entree["fichier"]),
        )
        compte_rendu(bilan, console)
        console.print()
        nouveau |= bilan.charge
    nouveau |= relire(reglages, console, dossier)
    if nouveau or not reglages.publication.exists():
        publication = depot.publier(reglages)
        console.print(f"Publication n° {publication.version} prête.")
    else:
        console.print("Tout était déjà chargé et publié.")


def relire(reglages: Settings, console: Console, dossier: Path = DOSSIER) -> bool:
    """Decide of the invented extracts as the demonstration says; True when one was decided."""
    prevues = tomllib.loads((dossier / "paroles.toml").read_text(encoding="utf-8"))["parole"]
    par_texte = {en_ligne(p["texte"]): p for p in prevues}
    with EntrepotEcriture(reglages) as con:
        a_relire = [
            (x, par_texte[x.texte])
            for x in extraits(con)
            if x.accord and x.decision is None and x.texte in par_texte
        ]
        for extrait, prevue in a_relire:
            decider(
                con,
                extrait.identifiant,
                OPERATEUR.sujet,
                coupe=prevue.get("coupe"),
                refus=prevue.get("raison"),
            )
    if a_relire:
        console.print(f"Parole du terrain : {accord(len(a_relire), 'extrait relu', 'extraits relus')}.")
    return bool(a_relire)


def _annoncer(console: Console, nom: str) -> depot.Suivi:
    """Prints each step of one file."""

    def annoncer(etape: str) -> None:
        console.print(f"{nom} — {etape}…", style="dim")

    return annoncer
