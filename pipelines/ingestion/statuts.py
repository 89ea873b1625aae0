"""Requests that were not granted: a column nobody reads says that the row is refused, pending or cancelled (LG-04)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.types._nettoyage import plier
from pipelines.ingestion.cellules import en_texte, est_texte
from pipelines.ingestion.grille import Appariement, Colonne, Table
from pipelines.ingestion.lignes import DESORDRE
from pipelines.ingestion.lot import Lot
from pipelines.ingestion.titres import formes
from pipelines.ingestion.unites import montants_exiges

NON_ACCORDEE = "LG-04"
_TITRE = re.compile(r"\b(?:statut|etat|etape|phase|decision|avis|suite|situation)s?\b")
_REFUS = re.compile(
    r"\b(?:refus\w*|rejet\w*|irrecevab\w*|inelig\w*|annul\w*|ajourn\w*|abandon\w*|desist\w*|retrait|retiree?s?"
    r"|defavorables?|sans suite|brouillons?|instruction|a instruire|en attente|a l’etude|a l'etude"
    r"|non (?:accord|attribu|retenu|recevab|eligib|vot)\w*)\b"
)
_SEULE = re.compile(r"demandee?s?|(?:demande )?deposee?s?|en cours|attente|non")
_CONTRAIRE = re.compile(r"\b(?:non|pas|jamais|sans) (?:ete )?(?:refus|rejet|annul|ajourn)\w*")


def retenir_non_accordees(
    lot: Lot,
    table: Table,
    appariement: Appariement,
    debut: int,
    personnelles: Collection[int],
    muettes: Collection[str],
) -> None:
    """Hold the rows that a column of status says not granted.

    Only where a row is a sum granted. `muettes` are the titles that the person said feed nothing: saying so of the
    column keeps its rows.
    """
    if not montants_exiges(lot.enquete):
        return
    feuille = table.feuille
    for colonne in _colonnes(appariement, personnelles, muettes):
        for rang, source in enumerate(table.donnees, debut):
            if source in feuille.largeurs_fausses or DESORDRE in lot.attente.get(rang, ()):
                continue
            valeur = feuille.lignes[source][colonne.index]
            if not est_texte(valeur) or not non_accordee(en_texte(valeur)):
                continue
            lot.retenir(rang, NON_ACCORDEE)
            lot.anomalies.append(
                Anomalie(
                    NON_ACCORDEE,
                    feuille.nom,
                    feuille.ligne_dite(source, colonne.index),
                    feuille.adresse(source, colonne.index),
                    colonne.entete,
                    en_texte(valeur),
                    repere=lot.repere(rang),
                )
            )


def _colonnes(
    appariement: Appariement, personnelles: Collection[int], muettes: Collection[str]
) -> Iterator[Colonne]:
    tues = {formes(t)[0] for t in muettes}
    for colonne in appariement.inconnues:
        titre = formes(colonne.entete)[0]
        if colonne.index not in personnelles and titre not in tues and _TITRE.search(titre):
            yield colonne


def non_accordee(texte: str) -> bool:
    """True when a status says that the request was not granted: refused, not decided yet, given up."""
    plat = plier(texte)
    if _CONTRAIRE.search(plat):
        return False
    return _SEULE.fullmatch(plat) is not None or _REFUS.search(plat) is not None
