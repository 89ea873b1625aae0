"""Which questionnaire a file answers, and in which sheets. An unlike file is refused, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from observatoire.domain.enquete import Enquete
from pipelines.ingestion.appariement import Vocabulaire, apparier, connaisseur
from pipelines.ingestion.correspondance import Correspondance
from pipelines.ingestion.grille import Appariement, Classeur, FichierRefuse, Table
from pipelines.ingestion.table import reperer_table
from pipelines.ingestion.titres import formes

IDENTITE = 0.25  # weight of a column that only says who answers
PROCHE = 0.5  # weight of a column recognised by resemblance
SEUIL = 2.0
PART_MINIMALE = 0.2
PART_SANS_NOM = 0.5  # a table that does not say who answers: most of its columns must be known
AUSSI_BIEN = 0.8
MEMES_TITRES = 0.6


@dataclass(frozen=True, slots=True)
class Devinette:
    """The questionnaire found: its tables (one sheet a year, say), how their columns match, why."""

    enquete: Enquete
    tables: list[Table]
    appariements: list[Appariement]
    score: float
    raison: str


@dataclass(frozen=True, slots=True)
class _Essai:
    enquete: Enquete
    table: Table
    appariement: Appariement
    score: float


def deviner(
    classeur: Classeur,
    enquetes: Mapping[str, Enquete] | Iterable[Enquete],
    correspondance: Correspondance | None = None,
) -> Devinette | None:
    """The questionnaire of a file, or None when no sheet has enough of what makes one questionnaire.

    Columns that say who answers hardly count; a column that several questionnaires know is shared between
    them. All the visible sheets that match as well are returned. A table that only lacks who answers is returned for
    want of better: the missing column can then be named.
    """
    candidates = list(enquetes.values()) if isinstance(enquetes, Mapping) else list(enquetes)
    vocabulaires = [Vocabulaire(e.champs) for e in candidates]
    essais, anonymes = [], []
    for table in _tables(classeur, candidates, correspondance):
        appariements = [
            apparier(table.colonnes, e, correspondance, v)
            for e, v in zip(candidates, vocabulaires, strict=True)
        ]
        connues = [{c.index for c, _, _ in a.champs.values()} for a in appariements]
        for enquete, appariement in zip(candidates, appariements, strict=True):
            parts = {j: 1 / sum(j in x for x in connues) for j in set().union(*connues)}
            score = _score(enquete, appariement, parts)
            if score < SEUIL:
                continue
            essai = _Essai(enquete, table, appariement, score)
            if _ressemble(essai):
                essais.append(essai)
            elif len(appariement.champs) > PART_SANS_NOM * len(table.colonnes):
                anonymes.append(essai)
    return _retenir(essais or anonymes, correspondance)


def tables_pour(
    classeur: Classeur, enquete: Enquete, correspondance: Correspondance | None = None
) -> Devinette | None:
    """The tables of a file for a questionnaire that the person has named; None when no table is found."""
    essais = []
    for table in _tables(classeur, [enquete], correspondance):
        appariement = apparier(table.colonnes, enquete, correspondance)
        essais.append(_Essai(enquete, table, appariement, _score(enquete, appariement, {})))
    return _retenir(essais, correspondance)


def _tables(
    classeur: Classeur, enquetes: list[Enquete], correspondance: Correspondance | None
) -> list[Table]:
    connu = connaisseur(enquetes, correspondance)
    tables = (reperer_table(f, connu) for f in classeur.feuilles if f.visible)
    return [t for t in tables if t is not None]


def _score(enquete: Enquete, appariement: Appariement, parts: Mapping[int, float]) -> float:
    identite = set(enquete.identite.values()) | set(enquete.millesime_de)
    return sum(
        (IDENTITE if champ in identite else 1.0)
        * (PROCHE if methode == "proche" else 1.0)
        * parts.get(colonne.index, 1.0)
        for champ, (colonne, _, methode) in appariement.champs.items()
    )


def _ressemble(essai: _Essai) -> bool:
    """Who answers is there, and a fair share of the columns is known."""
    enquete, table, appariement = essai.enquete, essai.table, essai.appariement
    servis = {*appariement.champs, *appariement.constantes}
    qui = servis & {enquete.identite[r] for r in ("nom", "rna", "siret") if r in enquete.identite}
    return bool(qui) and len(appariement.champs) >= PART_MINIMALE * len(table.colonnes)


def _retenir(essais: list[_Essai], correspondance: Correspondance | None) -> Devinette | None:
    if not essais:
        return None
    meilleur = max(essais, key=lambda e: (e.score, len(e.table.donnees)))
    retenus = [e for e in essais if e is meilleur or _aussi_bien(e, meilleur)]
    if correspondance:
        absentes = correspondance.absentes(c for e in retenus for c in e.table.colonnes)
        if absentes:
            raise FichierRefuse("EN-06", colonnes=", ".join(f"«\u00a0{t}\u00a0»" for t in absentes))
    return Devinette(
        meilleur.enquete,
        [e.table for e in retenus],
        [e.appariement for e in retenus],
        round(meilleur.score, 2),
        _raison(meilleur),
    )


def _aussi_bien(essai: _Essai, meilleur: _Essai) -> bool:
    """True for another sheet of the same survey: as many fields, and nearly the same titles (years aside).

    A sheet that only details or sums up the best one has other titles: reading it would count twice.
    """
    if essai.enquete is not meilleur.enquete or not essai.table.donnees:
        return False
    titres, autres = ({formes(c.entete)[3] for c in e.table.colonnes} for e in (essai, meilleur))
    communs = len(titres & autres) / len(titres | autres)
    return communs >= MEMES_TITRES and essai.score >= AUSSI_BIEN * meilleur.score > 0


def _raison(essai: _Essai) -> str:
    titres = [essai.enquete.champ(nom).title for nom in essai.appariement.champs]
    cites = ", ".join(f"«\u00a0{t}\u00a0»" for t in titres[:3])
    dont = f", dont {cites}" if cites else ""
    return f"{len(titres)} colonnes reconnues sur {len(essai.table.colonnes)}{dont}"
