"""What is kept of a deposit in progress once it is loaded: the files without their authors, or the purified grid."""

from __future__ import annotations

import io

from observatoire.config.settings import Settings
from observatoire.storage.archive import archiver_epure, archiver_grille
from pipelines import chantier as chantiers
from pipelines.chantier import Chantier
from pipelines.ingestion.epuration import octets_grille
from pipelines.ingestion.grille import Classeur
from pipelines.ingestion.metadonnees import sans_metadonnees
from pipelines.reprise import EXTENSION_DOSSIER, emballer

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
        feuilles = [(f.nom, f.lignes) for f in epure.feuilles]
        garde = archiver_grille(settings, chantier.sha256, feuilles, octets_grille(epure))
    elif len(propres) == 1:
        garde = archiver_epure(settings, propres[0], chantier.sha256, chemins[0].suffix)
    else:
        dossier = io.BytesIO()
        emballer(list(zip(chantier.fichiers, propres, strict=True)), dossier)
        garde = archiver_epure(settings, dossier.getvalue(), chantier.sha256, EXTENSION_DOSSIER)
    return garde.relative_to(settings.donnees).as_posix()


def _format(suffixe: str) -> str:
    extension = suffixe.lower().lstrip(".")
    return _COMME_CSV.get(extension, extension)
