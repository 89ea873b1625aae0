"""From the titles of the columns to the fields of a questionnaire: the names that the other modules use."""

from pipelines.ingestion.appariement import apparier, connaisseur, proches_de, proposables, scores_proches
from pipelines.ingestion.correspondance import Correspondance, correspondance_de, lire_correspondance
from pipelines.ingestion.devinette import Devinette, deviner, tables_pour

__all__ = [
    "Correspondance",
    "Devinette",
    "apparier",
    "connaisseur",
    "correspondance_de",
    "deviner",
    "lire_correspondance",
    "proches_de",
    "proposables",
    "scores_proches",
    "tables_pour",
]
