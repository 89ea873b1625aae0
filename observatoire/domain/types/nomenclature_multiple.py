"""Several answers of a list in one cell; the value is their codes joined by `;`."""

from __future__ import annotations

import re

from observatoire.domain.enquete import Champ
from observatoire.domain.nomenclature import CODE_NSP, LigneNomenclature, Nomenclature
from observatoire.domain.types._nettoyage import NE_SAIT_PAS, VIDE, absence, nettoyer
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur
from observatoire.domain.types.nomenclature import hors_liste, liste_de
from observatoire.domain.types.texte import en_texte

LONGUEUR_MAX = 2000  # many long labels; beyond, the cell is a free text
_SEPARATEURS = re.compile(r"[;\n|]")
_FAIBLES = re.compile(r"(\s*,\s+|\s+[/+&]\s+|,)")


def _decouper(texte: str, liste: Nomenclature) -> list[tuple[LigneNomenclature, bool]] | str:
    """Answers of a cell, or the first piece that is none. A comma may belong to a label: the longest wins."""
    trouves = []
    for partie in filter(str.strip, _SEPARATEURS.split(texte)):
        pieces = _FAIBLES.split(partie)
        debut = 0
        while debut < len(pieces):
            for fin in range(len(pieces), debut, -2):
                trouve = liste.chercher("".join(pieces[debut:fin]))
                if trouve:
                    trouves.append(trouve)
                    debut = fin + 1
                    break
            else:
                return pieces[debut].strip()
    return trouves


class ChoixMultiple(TypeChamp):
    """Codes of a nomenclature, VARCHAR, in the order written, each once."""

    nom, lisible = "nomenclature_multiple", "des réponses de la liste"
    exemples = (
        Exemple("Sport", "sport"),
        Exemple("Sport;Culture et patrimoine", "sport;culture"),
        Exemple("Sport, Action sociale, humanitaire", "sport;social"),
        Exemple("Foot ; sport", "sport", "LI-02", drapeau="rapproche"),
        Exemple("nsp", motif="nsp"),
        Exemple("", motif="vide"),
        Exemple("Sport ; Cuisine", code="LI-01"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as answers of the list."""
        if brut is None:
            return VIDE
        liste = liste_de(champ)
        texte = brut if isinstance(brut, str) else en_texte(brut)
        lus = _decouper(nettoyer(texte, lignes=True), liste) if len(texte) <= LONGUEUR_MAX else []
        if isinstance(lus, str) or not lus:
            return absence(texte) or hors_liste(lus if isinstance(lus, str) else texte, liste)
        codes = [ligne.code for ligne, _ in lus if ligne.code != CODE_NSP]
        if not codes:
            return NE_SAIT_PAS
        valeur = ";".join(dict.fromkeys(codes))
        if all(exact for _, exact in lus):
            return Lecture(valeur)
        libelles = ", ".join(dict.fromkeys(ligne.libelle for ligne, _ in lus))
        return Lecture(valeur, "LI-02", drapeau="rapproche", details={"lu": libelles})


TYPE = ChoixMultiple()
