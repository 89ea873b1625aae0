"""What every export does to a text, whoever writes it (CSV, workbook): a spreadsheet must never run it."""

from __future__ import annotations

import re

APOSTROPHE = "'"
FORMULE = re.compile(r"^'*[=+\-@\t\r\n＝＋－＠]")
# No text from the first to the second, itself left out, is a formula, in the order of their bytes.
SANS_FORMULE = (("0", "="), ("A", "＋"))
# Tables whose numbers are made with so many decimals: what is below is noise.
DECIMALES = {"ponderation.repliques": 4}


def neutraliser(texte: str) -> str:
    """Prefix with an apostrophe what a spreadsheet would take for a formula; one already prefixed gets a second one."""
    return f"{APOSTROPHE}{texte}" if FORMULE.match(texte) else texte


def retablir(texte: str) -> str:
    """The text before `neutraliser`: export then import is the identity."""
    return texte[1:] if texte.startswith(APOSTROPHE) and FORMULE.match(texte) else texte
