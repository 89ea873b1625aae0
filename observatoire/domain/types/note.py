"""A mark on a scale, decimals allowed (means of groups): 0–10 unless the field says otherwise."""

from __future__ import annotations

from observatoire.domain.enquete import Champ
from observatoire.domain.types._ecritures import analyser
from observatoire.domain.types._nombres import TypeNombre
from observatoire.domain.types._separateurs import simplifier
from observatoire.domain.types.base import Contexte, Exemple, Lecture


class Note(TypeNombre):
    """Mark, DOUBLE; `7/10` and `7 sur 10` are read when the scale is that of the field."""

    nom, sql, table_schema, excel = "note", "DOUBLE", "number", "0.0"
    lisible, exemple = "une note", "7"
    maximum = 10
    exemples = (
        Exemple(7, 7.0),
        Exemple("7,5", 7.5),
        Exemple("7/10", 7.0),
        Exemple("7 sur 10", 7.0),
        Exemple("NSP", motif="nsp"),
        Exemple(11, code="NB-06"),
        Exemple("4/5", code="NB-01"),
        Exemple("bien", code="NB-01"),
    )

    def lire_texte(self, texte: str, champ: Champ, contexte: Contexte) -> Lecture:
        """Take `out of n` off when n is the top of the scale."""
        simple = simplifier(texte).replace(" sur ", "/")
        note = analyser(simple, contexte.colonne.get("decimale"))
        maximum = champ.constraints.get("maximum", self.maximum)
        if note and note.unite.startswith("/") and int(note.unite[1:]) == maximum:
            return super().lire_texte(simple.partition("/")[0], champ, contexte)
        return super().lire_texte(texte, champ, contexte)


TYPE = Note()
