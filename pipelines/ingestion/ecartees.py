"""Rows of a table that are no answers, once its columns are known: left out by the person, unfinished, an example."""

from __future__ import annotations

import re
from collections.abc import Iterable

from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.types import type_de
from observatoire.domain.types._nettoyage import plier
from observatoire.domain.types.base import Contexte, Valeur
from pipelines.ingestion.cellules import en_texte, vide
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.grille import Appariement, Table
from pipelines.ingestion.lot import affiche
from pipelines.ingestion.origines import colonne_de_soumission

ECARTEE, EXEMPLE, INACHEVEE = "TO-07", "TO-08", "MO-02"
REPONSES_MINIMUM = 3
_EXEMPLE = re.compile(r"(?:(?:par )?exemples?|(?:p\. ?)?ex\.?)(?:\s*:.*)?")


def ecarter(table: Table, enquete: Enquete, appariement: Appariement, choix: Decisions) -> None:
    """Move these rows from the data to the ignored ones, each with its code."""
    _deplacer(table, (n - 1 for n in choix.ecartees.get(table.feuille.nom, ())), ECARTEE)
    soumission = colonne_de_soumission((c.index, c.entete) for c in table.colonnes)
    if soumission is not None:
        lignes = table.feuille.lignes
        _deplacer(table, [i for i in table.donnees if vide(lignes[i][soumission])], INACHEVEE)
    premiere = table.ligne_entete + 1
    if premiere in table.donnees[:1] and _exemple(table.feuille.lignes[premiere], enquete, appariement):
        _deplacer(table, (premiere,), EXEMPLE)


def _deplacer(table: Table, rangs: Iterable[int], code: str) -> None:
    partis = set(rangs).intersection(table.donnees)
    if partis:
        table.donnees[:] = [i for i in table.donnees if i not in partis]
        table.ignorees.update(dict.fromkeys(partis, code))


def _exemple(ligne: list[Valeur], enquete: Enquete, appariement: Appariement) -> bool:
    """A first row that says it is an example, or only repeats those of the questionnaire."""
    premier = next((en_texte(v) for v in ligne if not vide(v)), "")
    if _EXEMPLE.fullmatch(plier(premier)):
        return True
    reponses = [
        (enquete.champ(nom), ligne[c.index])
        for nom, (c, _, _) in appariement.champs.items()
        if not vide(ligne[c.index])
    ]
    return len(reponses) >= REPONSES_MINIMUM and all(_egale(v, champ) for champ, v in reponses)


def _egale(valeur: Valeur, champ: Champ) -> bool:
    if plier(affiche(valeur)) == plier(champ.example):
        return True
    lire = type_de(champ).lire
    lue = lire(valeur, champ, Contexte()).valeur
    return lue is not None and lue == lire(champ.example, champ, Contexte()).valeur
