"""The rows under the titles: data, or total, note, blank row, repeated titles, each named with its code."""

from __future__ import annotations

from collections.abc import Sequence

from observatoire.domain.types._nettoyage import plier
from observatoire.domain.types.base import Valeur
from pipelines.ingestion.cellules import en_texte, est_identifiant, est_texte, nombre, vide
from pipelines.ingestion.grille import Colonne, Feuille
from pipelines.ingestion.reperes import (
    LONGUE,
    debut_de_note,
    est_note,
    est_suspect,
    total_probable,
    total_sur,
)

TOTAL, NOTE, BLANCHE, ENTETE, DESORDRE = "TO-01", "TO-02", "TO-03", "TO-04", "TO-06"
ECHANTILLON = 300


def classer(
    feuille: Feuille, colonnes: Sequence[Colonne], niveaux: Sequence[int]
) -> tuple[list[int], dict[int, str]]:
    """(data rows, ignored rows with their code) below the header rows `niveaux`."""
    return _Classement(feuille, colonnes, niveaux).executer()


class _Classement:
    """One pass over the rows; what costs is only computed for the rows that look suspect."""

    def __init__(self, feuille: Feuille, colonnes: Sequence[Colonne], niveaux: Sequence[int]) -> None:
        self._lignes = feuille.lignes
        self._debut = niveaux[-1] + 1
        self._abimees = {i for i, _ in (*feuille.erreurs, *feuille.non_calculees)}
        self._titres = [_titres(feuille.lignes[i]) for i in niveaux]
        self._plies = {plier(t) for t in self._titres[-1].values()}
        self._indices = [c.index for c in colonnes]
        self._donnees: list[int] = []
        self._ignorees: dict[int, str] = {}
        self._descriptives: list[int] | None = None
        self._sommes: dict[int, _Somme] = {}

    def executer(self) -> tuple[list[int], dict[int, str]]:
        blanches: list[int] = []
        for i in range(self._debut, len(self._lignes)):
            ligne = self._lignes[i]
            premier = next((j for j, v in enumerate(ligne) if not vide(v)), None)
            if premier is None and i not in self._abimees:
                blanches.append(i)
                continue
            self._ignorees.update(dict.fromkeys(blanches, BLANCHE))  # they count once something follows
            blanches.clear()
            code = None if premier is None else self._code(ligne, premier)
            if code is None:
                self._donnees.append(i)
            else:
                self._ignorees[i] = code
        self._notes_finales()
        return self._donnees, dict(sorted(self._ignorees.items()))

    def _code(self, ligne: list[Valeur], premier: int) -> str | None:
        if self._repete_titres(ligne, premier):
            return ENTETE
        if self._melange_titres(ligne, premier):
            return DESORDRE if self._deplaces(ligne) else ENTETE
        nom = _premier_texte(ligne, premier)
        if nom is None:
            return TOTAL if self._somme_muette(ligne) else None
        texte = str(ligne[nom])
        if not est_suspect(texte):
            return None
        plat = plier(texte)
        if self._est_total(ligne, plat, nom):
            return TOTAL
        return NOTE if est_note(plat, _remplies(ligne)) else None

    def _repete_titres(self, ligne: list[Valeur], premier: int) -> bool:
        valeur = ligne[premier]
        if not isinstance(valeur, str):
            return False
        for titres in self._titres:
            if titres.get(premier, "").casefold() == " ".join(valeur.split()).casefold():
                communs = sum(_plie(ligne[j]) == plier(t) for j, t in titres.items())
                return communs >= max(2, 0.8 * len(titres)) or len(titres) == communs == 1
        return False

    def _melange_titres(self, ligne: list[Valeur], premier: int) -> bool:
        """True when a row opens with a title and is mostly made of them, wherever they stand."""
        if _plie(ligne[premier]) not in self._plies:
            return False
        textes = [_plie(v) for v in ligne if not vide(v)]
        return len(self._plies.intersection(textes)) >= max(3, 0.5 * len(textes))

    def _deplaces(self, ligne: list[Valeur]) -> bool:
        """True when a title of the row does not stand in its own column."""
        titres = {j: plier(t) for j, t in self._titres[-1].items()}
        return any(_plie(v) not in ("", titres.get(j)) for j, v in enumerate(ligne) if not vide(v))

    def _est_total(self, ligne: list[Valeur], plat: str, nom: int) -> bool:
        """A total: named as one, its describing columns (nearly) empty; a doubtful name must add up."""
        sur = total_sur(plat)
        if not sur and not total_probable(plat):
            return False
        descriptives = [j for j in self._colonnes_descriptives() if j != nom]
        remplies = sum(not vide(ligne[j]) for j in descriptives)
        if sur:
            return remplies <= len(descriptives) // 3
        return not remplies and self._additionne(ligne, toutes=False)

    def _somme_muette(self, ligne: list[Valeur]) -> bool:
        """A row of figures without a word, each the sum of its column, when the other rows have words."""
        if not self._colonnes_descriptives() or any(est_identifiant(v) for v in ligne):
            return False
        return self._additionne(ligne, toutes=True)

    def _additionne(self, ligne: list[Valeur], toutes: bool) -> bool:
        verdicts = []
        for j in self._indices:
            valeur = nombre(ligne[j])
            if valeur is not None:
                somme = self._sommes.setdefault(j, _Somme(j))
                verdicts.append(somme.egale(valeur, self._lignes, self._donnees, moyenne=not toutes))
            elif toutes and not vide(ligne[j]):
                return False
        return bool(verdicts) and (all(verdicts) if toutes else any(verdicts))

    def _colonnes_descriptives(self) -> list[int]:
        """Columns that say what a row is about (texts, identifiers, dates), mostly filled at the top."""
        if self._descriptives is None:
            haut = self._lignes[self._debut : self._debut + ECHANTILLON]
            pleines = [x for x in haut if len(_remplies(x)) > 1]
            self._descriptives = [
                j
                for j in self._indices
                if 2 * sum(not vide(x[j]) and nombre(x[j]) is None for x in pleines) > len(pleines)
            ]
        return self._descriptives

    def _notes_finales(self) -> None:
        """Lone texts at the end: notes when worded as such or, after a gap, when they are sentences."""
        while len(self._donnees) > 1 and len(self._indices) >= 3:
            i = self._donnees[-1]
            remplies = _remplies(self._lignes[i])
            if len(remplies) != 1 or i in self._abimees:
                return
            ecart = 0
            while self._ignorees.get(i - ecart - 1) in (BLANCHE, NOTE):
                ecart += 1
            texte = en_texte(remplies[0])
            phrase = ecart >= 2 and (len(texte) >= LONGUE or texte.endswith("."))
            if not (phrase or debut_de_note(plier(texte))):
                return
            self._ignorees[self._donnees.pop()] = NOTE


class _Somme:
    """Running sum of a column over the data rows met so far, and since the last total that matched."""

    def __init__(self, colonne: int) -> None:
        self._colonne = colonne
        self._vues = 0
        self._total = self._partiel = 0.0
        self._nb = 0

    def egale(
        self, valeur: float, lignes: Sequence[list[Valeur]], donnees: Sequence[int], moyenne: bool
    ) -> bool:
        """True when `valeur` is the sum of the column (or of its last part), or its mean if allowed."""
        for i in donnees[self._vues :]:
            ajout = nombre(lignes[i][self._colonne])
            if ajout is not None:
                self._total += ajout
                self._partiel += ajout
                self._nb += 1
        self._vues = len(donnees)
        attendues = [self._total, self._partiel] + ([self._total / self._nb] if moyenne and self._nb else [])
        juste = self._nb > 1 and any(a and abs(valeur - a) <= max(0.01, 0.001 * abs(a)) for a in attendues)
        if juste:
            self._partiel = 0.0
        return juste


def _remplies(ligne: Sequence[Valeur]) -> list[Valeur]:
    return [v for v in ligne if not vide(v)]


def _titres(ligne: Sequence[Valeur]) -> dict[int, str]:
    return {j: " ".join(v.split()) for j, v in enumerate(ligne) if isinstance(v, str) and v.strip()}


def _plie(valeur: Valeur) -> str:
    return plier(valeur) if isinstance(valeur, str) else ""


def _premier_texte(ligne: Sequence[Valeur], premier: int) -> int | None:
    for j in range(premier, len(ligne)):
        valeur = ligne[j]
        if isinstance(valeur, str) and valeur and (valeur[0].isalpha() or est_texte(valeur)):
            return j
    return None
