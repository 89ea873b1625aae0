"""Kinds of rows of the table `versions` of a publication."""

LOGICIEL, EMPREINTE, PERIMETRE, REGLAGE, COMPAREE = (
    "logiciel",
    "empreinte",
    "perimetre",
    "reglage",
    "comparee",
)
