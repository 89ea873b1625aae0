"""Link names without number to the register: sure links, doubtful ones with their candidates, unknown names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from observatoire.registre.alignement import Alignement, aligner
from observatoire.registre.candidats import Fiche, Index, Registre, chercher
from observatoire.registre.confiance import SEUIL_SUR, confiance, traits
from observatoire.registre.noms import mots

SUR, DOUTEUX, INCONNU = "sur", "douteux", "inconnu"
DISSOUTE = "dissoute"
CANDIDATS_MAX = 5
SEUIL_DOUTEUX = 0.40  # under it, nobody is asked
SEUIL_MONTRE = 0.20  # under it, a candidate is not shown beside a better one
AUTRE_COMMUNE, COMMUNE_INCONNUE, MALUS_DISSOUTE = 0.18, 0.06, 0.02  # taken off the score
NOTE_SIGLE = 0.75
SCORE_SUR_MIN = 0.6
INFORMATION_MIN = 2.0  # words shared that say less than that prove nothing


@dataclass(frozen=True, slots=True)
class Demande:
    """A name to find: its key, the name as deposited, the commune by its INSEE code or as written."""

    cle: str
    nom: str
    code_commune: str | None = None
    commune_texte: str | None = None


@dataclass(frozen=True, slots=True)
class Candidat:
    """One association of the register that may be meant, with a score from 0 to 1 and why."""

    vers: str
    nom: str
    commune: str | None
    score: float
    raison: str


@dataclass(frozen=True, slots=True)
class Lien:
    """The answer for one name: one candidate when sure; `marge` is how far the second one is behind."""

    cle: str
    verdict: str
    candidats: tuple[Candidat, ...]
    marge: float | None


@dataclass(frozen=True, slots=True)
class Note:
    """One candidate compared: `score` counts the words, then the commune and the state."""

    score: float
    fiche: Fiche
    alignement: Alignement
    meme_commune: bool
    commune_connue: bool
    sigle: bool


def rapprocher(con: duckdb.DuckDBPyConnection, demandes: Sequence[Demande], registre: Registre) -> list[Lien]:
    """One link per name, in the order given. The same names give the same links, in any order, at every run."""
    return [juger(d, n) for d, n in zip(demandes, comparer(con, demandes, registre), strict=True)]


def comparer(
    con: duckdb.DuckDBPyConnection, demandes: Sequence[Demande], registre: Registre
) -> list[list[Note]]:
    """The candidates of each name, best first; equal ones by key."""
    index = Index(con, registre)
    if not index.fiches:
        return [[] for _ in demandes]
    lues = [(mots(d.nom), d.code_commune or index.code(d.commune_texte)) for d in demandes]
    trouves = chercher(con, index, lues)
    return [_noter(index, liste, code, rangs) for (liste, code), rangs in zip(lues, trouves, strict=True)]


def _noter(index: Index, liste: tuple[str, ...], code: str | None, rangs: Sequence[int]) -> list[Note]:
    notes = []
    serre = "".join(liste)
    for rang in rangs:
        fiche = index.fiches[rang]
        meme = code is not None and fiche.commune == code
        connue = code is not None and fiche.commune is not None
        lu = aligner(liste, fiche.mots, index.poids, fiche.lieu, meme)
        sigle = lu.score < NOTE_SIGLE and len(liste) <= 2 and not fiche.sigles.isdisjoint((serre, liste[0]))
        score = NOTE_SIGLE if sigle else lu.score
        if not meme:
            score -= AUTRE_COMMUNE if connue else COMMUNE_INCONNUE
        if fiche.etat == DISSOUTE:
            score -= MALUS_DISSOUTE
        notes.append(Note(round(score, 6), fiche, lu, meme, connue, sigle))
    notes.sort(key=lambda n: (-n.score, n.fiche.vers))
    return notes


def juger(demande: Demande, notes: Sequence[Note]) -> Lien:
    """Sure, doubtful or unknown, from the candidates best first."""
    if not notes or notes[0].score < SEUIL_DOUTEUX:
        return Lien(demande.cle, INCONNU, (), None)
    certain = peut_etre_sur(notes[0]) and confiance(traits_de(notes)) >= SEUIL_SUR
    candidats = tuple(
        Candidat(n.fiche.vers, n.fiche.nom, n.fiche.libelle, max(0.0, n.score), expliquer(n))
        for n in notes[: 1 if certain else CANDIDATS_MAX]
        if n.score >= SEUIL_MONTRE
    )
    return Lien(demande.cle, SUR if certain else DOUTEUX, candidats, marge(notes))


def marge(notes: Sequence[Note]) -> float | None:
    """How far the second candidate is behind; None when there is none."""
    return round(notes[0].score - notes[1].score, 6) if len(notes) > 1 else None


def peut_etre_sur(note: Note) -> bool:
    """What no margin makes up for: a dissolved association, another commune, a sigle, one word for another."""
    lu = note.alignement
    contredite = note.commune_connue and not note.meme_commune
    autre_mot = bool(lu.en_trop and lu.manquants)
    faible = note.score < SCORE_SUR_MIN or lu.gagne < INFORMATION_MIN
    return not (note.fiche.etat == DISSOUTE or contredite or note.sigle or autre_mot or faible)


def traits_de(notes: Sequence[Note]) -> tuple[float, ...]:
    """The traits of the best candidate, for `confiance`."""
    premier = notes[0]
    second = notes[1] if len(notes) > 1 else None
    ailleurs = (
        second is not None
        and not second.meme_commune
        and premier.meme_commune
        and second.alignement.score >= premier.alignement.score
    )
    return traits(
        premier.score,
        marge(notes),
        premier.alignement,
        homonyme_ailleurs=ailleurs,
        commune_connue=premier.commune_connue,
    )


def expliquer(note: Note) -> str:
    """Why this candidate, in French: what is the same, what differs."""
    lu = note.alignement
    morceaux = []
    if note.sigle:
        morceaux.append("sigle de ce nom")
    elif not (lu.changes or lu.en_trop or lu.manquants):
        morceaux.append("même nom")
    else:
        ecrits = [
            f"« {a} » pour « {b} »".replace("« ", "«\u00a0").replace(" »", "\u00a0»") for a, b in lu.changes
        ]
        morceaux += _liste("un mot diffère", "des mots diffèrent", ecrits)
        morceaux += _liste("un mot en moins", "mots en moins", lu.manquants)
        morceaux += _liste("un mot en plus", "mots en plus", lu.en_trop)
    if note.meme_commune:
        morceaux.append("même commune")
    else:
        morceaux.append("autre commune" if note.commune_connue else "commune inconnue")
    if note.fiche.etat == DISSOUTE:
        morceaux.append("association dissoute")
    return ", ".join(morceaux)


def _liste(un: str, plusieurs: str, valeurs: Sequence[str]) -> list[str]:
    return [f"{un if len(valeurs) == 1 else plusieurs}\u00a0: {' et '.join(valeurs)}"] if valeurs else []
