"""One deposit, one or several files: read each, name its sheets after it, say the ones that cannot be read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from observatoire.domain.anomalie import Anomalie
from pipelines.ingestion.grille import Classeur, Feuille, FichierRefuse
from pipelines.ingestion.lecteur import lire_fichier

SEPARATEUR = " › "
FORMAT = "dossier"


def lire_classeur(chemins: Path | Sequence[Path], noms: Sequence[str] | None = None) -> Classeur:
    """The workbook of a deposit. Several files make one, whose sheets are called « fichier.xlsx › Feuille ».

    `noms` are the names that the person gave to the files. A file among several that cannot be read is kept in
    `non_lus`; FichierRefuse when none can be read.
    """
    chemins = [chemins] if isinstance(chemins, Path) else list(chemins)
    noms = list(noms) if noms else [c.name for c in chemins]
    if len(chemins) == 1:
        return lire_fichier(chemins[0], nom=noms[0])
    lus: list[tuple[str, Classeur]] = []
    refus: list[tuple[str, FichierRefuse]] = []
    for chemin, nom in zip(chemins, _distincts(noms), strict=True):
        try:
            lus.append((nom, lire_fichier(chemin, nom=nom)))
        except FichierRefuse as erreur:
            refus.append((nom, erreur))
    if not lus:
        raise refus[0][1] if refus else FichierRefuse("FI-07", fichier="")
    empreintes = sorted(f"{nom}\t{classeur.sha256}" for nom, classeur in lus)
    return Classeur(
        f"{lus[0][0]} et {len(chemins) - 1} autres" if len(chemins) > 2 else " et ".join(noms),
        FORMAT,
        hashlib.sha256("\n".join(empreintes).encode()).hexdigest(),
        sum(classeur.taille for _, classeur in lus),
        [_nommer(nom, f) for nom, classeur in lus for f in classeur.feuilles],
        non_lus=[(nom, _phrase(nom, erreur)) for nom, erreur in refus],
    )


def _distincts(noms: Sequence[str]) -> list[str]:
    """Two files of the same name are numbered: their sheets must not be taken for one another."""
    vus: dict[str, int] = {}
    distincts = []
    for nom in noms:
        vus[nom] = vus.get(nom, 0) + 1
        chemin = Path(nom)
        distincts.append(nom if vus[nom] == 1 else f"{chemin.stem} ({vus[nom]}){chemin.suffix}")
    return distincts


def _nommer(fichier: str, feuille: Feuille) -> Feuille:
    return replace(feuille, nom=f"{fichier}{SEPARATEUR}{feuille.nom}", fichier=fichier)


def _phrase(nom: str, refus: FichierRefuse) -> str:
    return Anomalie(refus.code, details={"fichier": nom, **refus.details}).phrase
