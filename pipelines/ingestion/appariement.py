"""Which column feeds which field: what the person said, the title, an alias, then resemblance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from observatoire.domain.enquete import Champ, Enquete
from pipelines.ingestion.correspondance import Correspondance
from pipelines.ingestion.grille import Appariement, Colonne
from pipelines.ingestion.origines import Lecture
from pipelines.ingestion.titres import SCORES, formes, mots_utiles
from pipelines.ingestion.unites import en_milliers, sans_milliers

ACCEPTE = 88.0
MARGE = 5.0
PROPOSE = 60.0
DERNIER_NIVEAU = 2.0
MOT_SEMBLABLE = 80.0


@dataclass(frozen=True, slots=True)
class Candidat:
    """A field that a column may feed, how sure, and by what method."""

    champ: str
    score: float
    methode: str


class Vocabulaire:
    """The titles and aliases of a questionnaire, by comparison form."""

    def __init__(self, champs: Iterable[Champ]) -> None:
        self.personnels: set[str] = set()
        self._rangs: list[dict[str, dict[str, str]]] = [defaultdict(dict) for _ in SCORES]
        self._libelles: list[tuple[str, tuple[str, ...]]] = []
        for champ in champs:
            if champ.personnel:
                self.personnels.add(champ.name)
            titres = [(champ.title, "titre"), (champ.name, "titre"), *((a, "alias") for a in champ.aliases)]
            self._libelles += [(champ.name, mots_utiles(t)) for t, _ in titres]
            for titre, methode in titres:
                for rang, forme in enumerate(formes(titre)):
                    if forme:
                        self._rangs[rang][forme].setdefault(champ.name, methode)
        self._textes = [" ".join(mots) for _, mots in self._libelles]
        self._tries = [" ".join(sorted(mots)) for _, mots in self._libelles]

    def connait(self, titre: str) -> bool:
        """True when a text is a title or an alias, whatever its form."""
        return any(forme in rang for rang, forme in zip(self._rangs, formes(titre), strict=True) if forme)

    def exact(self, titre: str) -> Candidat | None:
        """The field of which this is the title or an alias; None when two fields say the same."""
        for rang, forme, score in zip(self._rangs, formes(titre), SCORES, strict=True):
            trouves = rang.get(forme) if forme else None
            if not trouves:
                continue
            utiles = {c: m for c, m in trouves.items() if c not in self.personnels} or trouves
            en_titre = [c for c, m in utiles.items() if m == "titre"]
            noms = en_titre if len(en_titre) == 1 else list(utiles)
            return Candidat(noms[0], score, utiles[noms[0]]) if len(noms) == 1 else None
        return None

    def proche(self, titre: str) -> Candidat | None:
        """The only field whose titles are nearly this one: a typing error, word for word."""
        mots = mots_utiles(titre)
        notes: dict[str, float] = {}
        surs: dict[str, float] = {}
        for rang, note in self._semblables(mots):
            champ, autres = self._libelles[rang]
            notes[champ] = max(notes.get(champ, 0.0), note)
            if note >= ACCEPTE and _mot_a_mot(mots, autres):
                surs[champ] = max(surs.get(champ, 0.0), note)
        if not surs:
            return None
        champ, note = max(surs.items(), key=lambda x: x[1])
        second = max((n for c, n in notes.items() if c != champ), default=0.0)
        return Candidat(champ, min(note, SCORES[-1] - 1), "proche") if note - second >= MARGE else None

    def _semblables(self, mots: Sequence[str]) -> list[tuple[int, float]]:
        """(rank, score) of the titles near these words, in their order or sorted, near enough to matter."""
        seuil = ACCEPTE - MARGE
        ordre = process.extract(
            " ".join(mots), self._textes, scorer=fuzz.ratio, limit=None, score_cutoff=seuil
        )
        tries = process.extract(
            " ".join(sorted(mots)), self._tries, scorer=fuzz.ratio, limit=None, score_cutoff=seuil
        )
        return [(rang, note) for _, note, rang in (*ordre, *tries)]


def _mot_a_mot(mots: Sequence[str], autres: Sequence[str]) -> bool:
    """True when each word has its like in the other: « CDD » is no « CDI », « adhérente » no « adhérent »."""
    restants = list(autres)
    for mot in sorted(mots, key=len, reverse=True):
        if not restants:
            return False
        semblable = process.extractOne(mot, restants, scorer=fuzz.ratio)[0]
        if not _meme_mot(mot, semblable):
            return False
        restants.remove(semblable)
    return not restants


def _meme_mot(mot: str, autre: str) -> bool:
    if mot == autre:
        return True
    court, long = sorted((mot, autre), key=len)
    if len(court) <= 4 or any(c.isdigit() for c in mot + autre):
        return False
    if long == f"{court}e" or (long.endswith(court) and len(long) - len(court) > 1):
        return False
    return fuzz.ratio(mot, autre) >= MOT_SEMBLABLE


def connaisseur(enquetes: Iterable[Enquete], donnee: Correspondance | None = None) -> Callable[[str], bool]:
    """Test of a cell: is it a known column title, of any of these questionnaires or given by the person?"""
    vocabulaire = Vocabulaire(c for e in enquetes for c in e.champs)
    donnes = {formes(titre)[0] for titre in (donnee.colonnes if donnee else {})}
    return lambda texte: vocabulaire.connait(texte) or formes(texte)[0] in donnes


def apparier(
    entetes: Sequence[Colonne],
    enquete: Enquete,
    correspondance: Correspondance | None = None,
    vocabulaire: Vocabulaire | None = None,
    lecture: Lecture | None = None,
    unite_dite: bool = False,
) -> Appariement:
    """Match columns and fields; a column feeds one field at most, and conversely.

    A column that says the same as a better one goes to `collisions` (winner first) and not to `inconnues`;
    columns of personal fields feed nothing and stay in `inconnues`. `vocabulaire` spares building it again;
    `lecture` says how the tool that made the file writes its titles. Once the person has said the unit of the
    amounts (`unite_dite`), a title that says thousands of euros is matched without these words.
    """
    donnee = correspondance or Correspondance()
    vocabulaire = vocabulaire or Vocabulaire(enquete.champs)
    actifs = {c.name for c in enquete.champs_actifs()}
    # A consent is never given for a whole file, whoever asks.
    permis = actifs - {c.name for c in enquete.champs if c.accord}
    constantes = {champ: v for champ, v in donnee.constantes.items() if champ in permis}
    pretendants: dict[str, list[tuple[Colonne, Candidat]]] = defaultdict(list)
    libres: list[Colonne] = []
    lecture = lecture or Lecture()
    ecartees = {
        c.index
        for c in entetes
        if donnee.champ_de(c) is None and (donnee.ecarte(c) or lecture.ignore(c.entete))
    }
    lues = [c for c in entetes if c.index not in ecartees]
    for colonne, candidat in zip(
        lues, _candidats(lues, vocabulaire, donnee, lecture, unite_dite), strict=True
    ):
        if candidat is None:
            libres.append(colonne)
        elif candidat.champ in actifs and candidat.champ not in constantes:
            pretendants[candidat.champ].append((colonne, candidat))
    champs: dict[str, tuple[Colonne, float, str]] = {}
    collisions: dict[str, list[Colonne]] = {}
    for champ, claims in pretendants.items():
        claims.sort(key=lambda x: (x[1].methode != "donne", -x[1].score, x[0].index))
        colonne, candidat = claims[0]
        champs[champ] = (colonne, candidat.score, candidat.methode)
        if len(claims) > 1:
            collisions[champ] = [c for c, _ in claims]
    _par_ressemblance(libres, vocabulaire, champs, actifs - set(constantes))
    prises = {c.index for c, _, _ in champs.values()} | {c.index for cs in collisions.values() for c in cs}
    inconnues = [c for c in entetes if c.index not in prises]
    return Appariement(champs, inconnues, collisions, constantes)


def _candidats(
    entetes: Sequence[Colonne],
    vocabulaire: Vocabulaire,
    donnee: Correspondance,
    lecture: Lecture,
    unite_dite: bool,
) -> list[Candidat | None]:
    """What each column is by its words: given, whole title, or last level when no other column ends alike."""
    derniers = [formes(c.entete.rpartition("›")[2])[2] for c in entetes]
    parties = [(lecture.precision(c.entete), lecture.question(c.entete)) for c in entetes]
    uniques = Counter(formes(x)[2] for partie in parties for x in set(partie) if x)

    def partiel(texte: str | None) -> Candidat | None:
        """What a part of a title is, when no other column has the same."""
        seul = texte is not None and uniques[formes(texte)[2]] == 1
        return _amoindri(vocabulaire.exact(texte)) if texte is not None and seul else None

    candidats: list[Candidat | None] = []
    for colonne, dernier, (precision, question) in zip(entetes, derniers, parties, strict=True):
        donne = donnee.champ_de(colonne)
        if donne is not None:
            candidats.append(Candidat(donne, 100.0, "donne"))
            continue
        candidat = partiel(precision) or vocabulaire.exact(colonne.entete) or partiel(question)
        if candidat is None and "›" in colonne.entete and derniers.count(dernier) == 1:
            candidat = _amoindri(vocabulaire.exact(colonne.entete.rpartition("›")[2]))
        if candidat is None and unite_dite and en_milliers(colonne.entete):
            candidat = _amoindri(vocabulaire.exact(sans_milliers(colonne.entete)))
            if candidat is None and derniers.count(dernier) == 1:
                seul = sans_milliers(colonne.entete.rpartition("›")[2])
                candidat = _amoindri(vocabulaire.exact(seul))
        candidats.append(candidat)
    return candidats


def _amoindri(candidat: Candidat | None) -> Candidat | None:
    """A field found by a part of the title only: a little less sure."""
    return candidat and Candidat(candidat.champ, candidat.score - DERNIER_NIVEAU, candidat.methode)


def _par_ressemblance(
    libres: Sequence[Colonne],
    vocabulaire: Vocabulaire,
    champs: dict[str, tuple[Colonne, float, str]],
    ouverts: set[str],
) -> None:
    trouves = [(candidat, c) for c in libres if (candidat := vocabulaire.proche(c.entete))]
    for candidat, colonne in sorted(trouves, key=lambda x: (-x[0].score, x[1].index)):
        if candidat.champ in ouverts and candidat.champ not in champs:
            champs[candidat.champ] = (colonne, candidat.score, candidat.methode)


def proposables(appariement: Appariement, personnelles: Collection[int]) -> list[Colonne]:
    """Columns to propose for a field that was not found: never a personal one.

    Those that feed nothing, and those that another field was claimed by: one of the two is perhaps this one.
    """
    colonnes = [*appariement.inconnues, *(c for cs in appariement.collisions.values() for c in cs)]
    return [c for c in colonnes if c.index not in personnelles]


def scores_proches(champ: Champ, colonnes: Iterable[Colonne]) -> list[tuple[Colonne, float]]:
    """Columns that look like a field, best first, three at most: proposals (score of 60 at least)."""
    libelles = [" ".join(mots_utiles(t)) for t in (champ.title, *champ.aliases)]
    notes = []
    for colonne in colonnes:
        mots = " ".join(mots_utiles(colonne.entete))
        notes.append((colonne, max(0.9 * fuzz.token_set_ratio(mots, x) for x in libelles)))
    return sorted([n for n in notes if n[1] >= PROPOSE], key=lambda n: (-n[1], n[0].index))[:3]


def proches_de(champ: Champ, colonnes: Iterable[Colonne]) -> list[Colonne]:
    """The columns to propose for a required field that was not found, at most three."""
    return [colonne for colonne, _ in scores_proches(champ, colonnes)]
