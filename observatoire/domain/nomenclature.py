"""Lists of answers: `nomenclatures/<nom>.csv` and what people type instead, `<nom>.corrections.csv`."""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

DOSSIER = Path(__file__).with_name("nomenclatures")
COLONNES = ("code", "libelle", "description")
COLONNES_CORRECTIONS = ("saisie", "code")
SECTEURS_RNA = "rna_secteurs"  # not a list of answers: RNA family → code of `secteurs`
CODE_NSP = "nsp"  # the answer « ne sait pas » of any list
LONGUEUR_MAX = 500  # no label is longer: such a text is not looked up
PROXIMITE = 0.75  # similarity from which an answer is worth proposing
_PREFIXE = re.compile(r"[0-9a-z]{1,4}\s*[:.)-]\s*(.+)")
_PONCTUATION = re.compile(r"[^0-9a-z<>+%]+")


@dataclass(frozen=True, slots=True)
class LigneNomenclature:
    """One answer of a list."""

    code: str
    libelle: str
    description: str


@dataclass(frozen=True, slots=True)
class Nomenclature:
    """A list in its order. `exacts` and `corriges` index it by folded text."""

    nom: str
    lignes: tuple[LigneNomenclature, ...]
    exacts: Mapping[str, LigneNomenclature]
    corriges: Mapping[str, LigneNomenclature]

    def chercher(self, texte: str) -> tuple[LigneNomenclature, bool] | None:
        """The answer that a text says and whether it is its code or label (case, accents, punctuation apart).

        A known correction, or a code before the label (`1 : Oui`), is found too, as not exact.
        """
        if len(texte) > LONGUEUR_MAX:
            return None
        cle = _cle(texte)
        if cle in self.exacts:
            return self.exacts[cle], True
        if cle in self.corriges:
            return self.corriges[cle], False
        m = _PREFIXE.fullmatch(_plier(texte))
        suite = _cle(m.group(1)) if m else ""
        ligne = self.exacts.get(suite) or self.corriges.get(suite)
        return None if ligne is None else (ligne, False)

    def proche(self, texte: str) -> LigneNomenclature | None:
        """The nearest answer, to propose and never to take."""
        connus = {**self.corriges, **self.exacts}
        trouve = difflib.get_close_matches(_cle(texte[:100]), connus, n=1, cutoff=PROXIMITE)
        return connus[trouve[0]] if trouve else None

    @property
    def choix(self) -> tuple[LigneNomenclature, ...]:
        """The answers in their order."""
        return self.lignes

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes in the order of the list."""
        return tuple(ligne.code for ligne in self.lignes)

    @property
    def libelles(self) -> tuple[str, ...]:
        """Labels in the order of the list, as the template offers them."""
        return tuple(ligne.libelle for ligne in self.lignes)

    def libelle(self, code: str) -> str:
        """Label of a code; KeyError names the list when it is not there."""
        for ligne in self.lignes:
            if ligne.code == code:
                return ligne.libelle
        raise KeyError(f"{self.nom} : pas de code « {code} »")


def charger_nomenclature(nom: str) -> Nomenclature:
    """The list called `nom`, read once. ValueError lists all the faults of its two files."""
    return _charger(nom, DOSSIER)


def noms_nomenclatures() -> tuple[str, ...]:
    """Names of the lists, in alphabetical order."""
    noms = (chemin.stem for chemin in DOSSIER.glob("*.csv"))
    return tuple(sorted(nom for nom in noms if "." not in nom and nom != SECTEURS_RNA))


@cache
def secteur_rna() -> Mapping[str, str]:
    """Sector of each RNA family: first three digits of the « objet social » → code of `secteurs`."""
    fautes: list[str] = []
    colonnes = ("famille", "libelle", "secteur")
    lignes = _lire(DOSSIER / f"{SECTEURS_RNA}.csv", colonnes, fautes, obligatoire=True)
    if fautes:
        raise ValueError("nomenclature : " + " ; ".join(fautes))
    return {ligne["famille"]: ligne["secteur"] for _, ligne in lignes}


@cache
def _charger(nom: str, dossier: Path) -> Nomenclature:
    fautes: list[str] = []
    brutes = _lire(dossier / f"{nom}.csv", COLONNES, fautes, obligatoire=True)
    corrections = _lire(dossier / f"{nom}.corrections.csv", COLONNES_CORRECTIONS, fautes, obligatoire=False)
    lignes = tuple(LigneNomenclature(*(ligne[c] for c in COLONNES)) for _, ligne in brutes)
    par_code = {ligne.code: ligne for ligne in reversed(lignes)}
    exacts: dict[str, LigneNomenclature] = {}
    for (numero, _), entree in zip(brutes, lignes, strict=True):
        if not entree.code or not entree.libelle:
            fautes.append(f"{nom}.csv, ligne {numero} : code ou libellé vide")
        if par_code[entree.code] is not entree:
            fautes.append(f"{nom}.csv, ligne {numero} : code « {entree.code} » en double")
        for texte in (entree.code, entree.libelle):
            if exacts.setdefault(_cle(texte), entree) is not entree:
                fautes.append(f"{nom}.csv, ligne {numero} : « {texte} » désigne déjà une autre réponse")
    if not lignes and not fautes:
        fautes.append(f"{nom}.csv : aucune réponse")
    corriges = _corriges(nom, corrections, par_code, exacts, fautes)
    if fautes:
        raise ValueError("nomenclature : " + " ; ".join(fautes))
    return Nomenclature(nom, lignes, exacts, corriges)


def _corriges(
    nom: str,
    corrections: Iterable[tuple[int, dict[str, str]]],
    par_code: Mapping[str, LigneNomenclature],
    exacts: Mapping[str, LigneNomenclature],
    fautes: list[str],
) -> dict[str, LigneNomenclature]:
    """Index of the corrections; their faults are added to `fautes`."""
    corriges: dict[str, LigneNomenclature] = {}
    for numero, ligne in corrections:
        ou, cle, code = f"{nom}.corrections.csv, ligne {numero}", _cle(ligne["saisie"]), ligne["code"]
        if code not in par_code:
            fautes.append(f"{ou} : code « {code} » inconnu")
        elif not cle:
            fautes.append(f"{ou} : saisie vide")
        elif cle in exacts or cle in corriges:
            fautes.append(f"{ou} : « {ligne['saisie']} » est déjà dans la liste")
        else:
            corriges[cle] = par_code[code]
    return corriges


def _lire(
    chemin: Path, colonnes: tuple[str, ...], fautes: list[str], *, obligatoire: bool
) -> list[tuple[int, dict[str, str]]]:
    """Rows of a CSV with their line number; faults of form are added to `fautes`."""
    if not chemin.is_file():
        if obligatoire:
            fautes.append(f"{chemin.name} : fichier introuvable")
        return []
    with chemin.open(encoding="utf-8", newline="") as flux:
        lecteur = csv.DictReader(flux)
        if tuple(lecteur.fieldnames or ()) != colonnes:
            fautes.append(f"{chemin.name} : colonnes attendues {', '.join(colonnes)}")
            return []
        lignes = []
        for ligne in lecteur:
            if None in ligne or None in ligne.values():
                fautes.append(f"{chemin.name}, ligne {lecteur.line_num} : {len(colonnes)} colonnes attendues")
            else:
                lignes.append((lecteur.line_num, {c: ligne[c].strip() for c in colonnes}))
    return lignes


def _plier(texte: str) -> str:
    from observatoire.domain.types._nettoyage import plier  # here, since the types import this module

    return plier(texte)


@lru_cache(maxsize=16384)
def _cle(texte: str) -> str:
    plie = _plier(texte)
    return _PONCTUATION.sub(" ", plie).strip() or plie
