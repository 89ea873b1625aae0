"""Kinds of rows of the table `versions` of a publication."""

LOGICIEL, EMPREINTE, PERIMETRE, REGLAGE = "logiciel", "empreinte", "perimetre", "reglage"
