"""What is kept of a deposit in progress once it is loaded: the files without their authors, or the purified grid."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.domain.types._nettoyage import est_erreur
from observatoire.storage.archive import archiver_epure, archiver_grille
from pipelines.chantiers import chantier as chantiers
from pipelines.chantiers.chantier import Chantier
from pipelines.chantiers.reprise import EXTENSION_DOSSIER, emballer
from pipelines.ingestion.epuration import GRILLE, octets_grille
from pipelines.ingestion.grille import Classeur
from pipelines.ingestion.metadonnees import sans_metadonnees

_COMME_CSV = {"tsv": "csv", "txt": "csv"}


def archiver_chantier(settings: Settings, chantier: Chantier, epure: Classeur, *, personnel: bool) -> str:
    """Keep the files of a deposit in progress; path under the data folder.

    The grid `epure` when the cells held personal data, or when what stands beside the cells (authors,
    comments) cannot be taken out of the bytes.
    """
    chemins, _ = chantiers.sources(settings, chantier)
    contenus = [] if personnel else [sans_metadonnees(c, _format(c.suffix)) for c in chemins]
    propres = [c for c in contenus if c is not None]
    if not propres or len(propres) < len(contenus):
        garde = _archiver_grille(settings, chantier.sha256, tel_que_recu(epure))
    elif len(propres) == 1:
        garde = archiver_epure(settings, propres[0], chantier.sha256, chemins[0].suffix)
    else:
        dossier = io.BytesIO()
        emballer(list(zip(chantier.fichiers, propres, strict=True)), dossier)
        garde = archiver_epure(settings, dossier.getvalue(), chantier.sha256, EXTENSION_DOSSIER)
    return garde.relative_to(settings.donnees).as_posix()


def tel_que_recu(classeur: Classeur) -> Classeur:
    """The workbook as the file has it: the cells typed again are choices, kept with the deposit and not in its grid."""
    feuilles = []
    for feuille in classeur.feuilles:
        lignes, erreurs = [list(x) for x in feuille.lignes], dict(feuille.erreurs)
        for (i, j), recu in feuille.originaux.items():
            if isinstance(recu, str) and est_erreur(recu):
                lignes[i][j], erreurs[i, j] = None, str(recu)
            else:
                lignes[i][j] = recu
        feuilles.append(replace(feuille, lignes=lignes, erreurs=erreurs, originaux={}))
    return replace(classeur, feuilles=feuilles)


def _archiver_grille(settings: Settings, sha256: str, grille: Classeur) -> Path:
    """The grid under the hash of the file; two readings of the same file may leave two grids."""
    octets = octets_grille(grille)
    feuilles = [(f.nom, f.lignes) for f in grille.feuilles]
    garde = archiver_grille(settings, sha256, feuilles, octets)
    with zipfile.ZipFile(garde) as z:
        if GRILLE in z.namelist() and z.read(GRILLE) == octets:
            return garde
    return archiver_grille(settings, f"{sha256}-{hashlib.sha256(octets).hexdigest()[:8]}", feuilles, octets)


def _format(suffixe: str) -> str:
    extension = suffixe.lower().lstrip(".")
    return _COMME_CSV.get(extension, extension)
