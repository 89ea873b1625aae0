"""A free text: line breaks are kept."""

from __future__ import annotations

from observatoire.domain.types.base import Exemple
from observatoire.domain.types.texte import Texte


class TexteLong(Texte):
    """Free text, VARCHAR."""

    nom = "texte_long"
    lisible = "un texte libre"
    lignes = True
    exemples = (
        Exemple("Une réussite :\r\n  un échec. ", "Une réussite :\nun échec."),
        Exemple("DÃ©veloppement", "Développement", "TX-01", drapeau="mojibake"),
        Exemple("", motif="vide"),
    )


TYPE = TexteLong()
