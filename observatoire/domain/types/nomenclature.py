"""One answer of a list; the value is its code."""

from __future__ import annotations

from observatoire.domain.enquete import Champ
from observatoire.domain.nomenclature import CODE_NSP, Nomenclature, charger_nomenclature
from observatoire.domain.types._nettoyage import NE_SAIT_PAS, VIDE, absence, reparer_mojibake
from observatoire.domain.types.base import Contexte, Exemple, Lecture, TypeChamp, Valeur
from observatoire.domain.types.texte import en_texte

CHOIX_MAX = 12


def liste_de(champ: Champ) -> Nomenclature:
    """The list of a field. ValueError when the questionnaire names none (a fault of the questionnaire)."""
    if champ.nomenclature is None:
        raise ValueError(f"{champ.name} : le type « {champ.type} » demande une nomenclature")
    return charger_nomenclature(champ.nomenclature)


def hors_liste(texte: str, liste: Nomenclature) -> Lecture:
    """LI-01 with the nearest answer and the possible ones."""
    proche = liste.proche(texte)
    libelles = [ligne.libelle for ligne in liste.lignes]
    details = {
        "proposition": f"Vouliez-vous dire «\u00a0{proche.libelle}\u00a0»\u202f?"
        if proche
        else "Rien ne s’en approche.",
        "choix": ", ".join(libelles[:CHOIX_MAX]) + ("…" if len(libelles) > CHOIX_MAX else ""),
    }
    return Lecture(code="LI-01", details=details)


class ChoixUnique(TypeChamp):
    """Code of a nomenclature, VARCHAR; the answer « nsp » of a list is a missing value."""

    nom, lisible = "nomenclature", "une réponse de la liste"
    exemples = (
        Exemple("sport", "sport"),
        Exemple("Sport", "sport"),
        Exemple("CULTURE ET PATRIMOINE", "culture"),
        Exemple("Foot", "sport", "LI-02", drapeau="rapproche"),
        Exemple("1 : Sport", "sport", "LI-02", drapeau="rapproche"),
        Exemple("Ne sait pas", motif="nsp"),
        Exemple("sans objet", motif="sans_objet"),
        Exemple("Sprot", code="LI-01"),
        Exemple(3, code="LI-01"),
    )

    def lire(self, brut: Valeur, champ: Champ, contexte: Contexte) -> Lecture:
        """Read a cell as one answer of the list."""
        if brut is None:
            return VIDE
        liste = liste_de(champ)
        texte = brut if isinstance(brut, str) else en_texte(brut)
        trouve = liste.chercher(texte) or (
            None if texte.isascii() else liste.chercher(reparer_mojibake(texte))
        )
        if trouve is None:
            return absence(texte) or hors_liste(texte, liste)
        ligne, exact = trouve
        if ligne.code == CODE_NSP:
            return NE_SAIT_PAS
        if exact:
            return Lecture(ligne.code)
        return Lecture(ligne.code, "LI-02", drapeau="rapproche", details={"lu": ligne.libelle})


TYPE = ChoixUnique()
