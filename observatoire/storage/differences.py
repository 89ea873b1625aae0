"""Line by line, what a new version of a file changes in the deposit it would replace."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb

from observatoire.domain.enquete import Enquete
from observatoire.domain.loader import load_enquetes
from observatoire.storage.connexion import nom_sql
from observatoire.storage.insertion import Colonnes, en_table, inserer

NOUVELLE, CHANGEE, IDENTIQUE, DISPARUE = "nouvelle", "changee", "identique", "disparue"
# Two rows without key are one row changed when they share their association and the most of these fields.
REPERES_MAX = 5
_TYPES_REPERES = ("date", "montant")
_TABLE = "nouvelles_lignes"


class Lieu(NamedTuple):
    """Sheet and 1-based row."""

    feuille: str
    ligne: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One row: `genre` is nouvelle, changee, identique or disparue; `champs` gives (before, after) by field.

    `cle` is (association, year, other key fields), without the latter when the questionnaire has no key;
    `repere` the name of the association. `lieu_avant` is None for a new row, `lieu_apres` for a gone one.
    """

    genre: str
    cle: tuple[Any, ...]
    repere: str | None
    lieu_avant: Lieu | None
    lieu_apres: Lieu | None
    champs: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


class _Ligne(NamedTuple):
    lieu: Lieu
    cle: tuple[Any, ...]
    valeurs: tuple[Any, ...]
    egalite: tuple[Hashable, ...]


_Signature = Callable[[_Ligne], tuple[Hashable, ...] | None]


def differences(
    con: duckdb.DuckDBPyConnection, questionnaire: str | Enquete, colonnes: Colonnes, remplace: str
) -> list[Difference]:
    """Compare the typed rows `colonnes` (as DepotACharger.lignes) with those of the deposit `remplace`.

    In the order of the new file, then the rows that are gone. Rows of a same key are paired; without key, or
    when a key is found on one side only, equal rows first, then those that share the most of what identifies
    them. The values of `colonnes` are rounded as the warehouse would keep them.
    """
    enquete = load_enquetes()[questionnaire] if isinstance(questionnaire, str) else questionnaire
    lecture = _Lecture(enquete)
    with con.cursor() as cur:
        avant = lecture.lignes(cur, en_table("enquete", enquete.name), remplace)
        cur.execute(
            f"create or replace temp table {_TABLE} as from {en_table('enquete', enquete.name)} limit 0"
        )
        try:
            inserer(cur, _TABLE, colonnes)
            apres = lecture.lignes(cur, _TABLE)
        finally:
            cur.execute(f"drop table {_TABLE}")
    return [lecture.difference(a, b) for a, b in _apparier(avant, apres, lecture.signatures())]


class _Lecture:
    """What of a questionnaire is compared, and how two rows are known to be the same."""

    def __init__(self, enquete: Enquete) -> None:
        self.enquete = enquete
        self.champs = [c.name for c in enquete.champs_actifs()]
        self.autres = [c for c in enquete.cle if c not in enquete.millesime_de]
        presents = set(self.champs)
        self.identite = {r: c for r, c in enquete.identite.items() if c in presents}

    def lignes(self, cur: duckdb.DuckDBPyConnection, table: str, depot_id: str | None = None) -> list[_Ligne]:
        """Rows of a table (of one deposit of it), by place."""
        colonnes = ", ".join(map(nom_sql, ("feuille", "ligne", "cle_association", "millesime", *self.champs)))
        requete = f"""
            select {colonnes} from {table}
            where $depot_id is null or depot_id = $depot_id order by feuille, ligne, rowid"""
        rangs = [4 + self.champs.index(c) for c in self.autres]
        return [
            _Ligne(
                Lieu(x[0], x[1]),
                (x[2], x[3], *(x[i] for i in rangs)),
                x[3:],
                tuple(tuple(v) if isinstance(v, list) else v for v in x[3:]),
            )
            for x in cur.execute(requete, {"depot_id": depot_id}).fetchall()
        ]

    def signatures(self) -> Iterator[_Signature]:
        """What two rows must share to be the same one, the surest first."""
        if self.enquete.cle:
            yield lambda x: (*x.cle, x.egalite) if x.cle[0] is not None else None
            yield lambda x: x.cle if x.cle[0] is not None else None
        yield lambda x: x.egalite
        ancres = [self.identite[r] for r in ("siret", "rna", "nom") if r in self.identite]
        reperes = self._reperes()
        for nombre in range(len(reperes), -1, -1):
            for communs in combinations(reperes, nombre):
                for ancre in ancres:
                    if ancre not in communs or nombre == len(reperes):
                        yield self._partage(ancre, communs)

    def _reperes(self) -> list[str]:
        """Fields that two rows without a common key share when they are the same one."""
        reperes = [self.identite[r] for r in ("nom", "commune") if r in self.identite]
        if not self.enquete.cle:
            actifs = self.enquete.champs_actifs()
            reperes += [c.name for c in actifs if c.obligatoire]
            reperes += [c.name for c in actifs if c.type in _TYPES_REPERES]
        return list(dict.fromkeys(reperes))[:REPERES_MAX]

    def _partage(self, ancre: str, communs: Sequence[str]) -> _Signature:
        # The year goes first in the compared values, hence 1 +; a row of another year is another row.
        lire = itemgetter(0, *(1 + self.champs.index(c) for c in (ancre, *communs)))

        def signature(ligne: _Ligne) -> tuple[Hashable, ...] | None:
            valeurs: tuple[Hashable, ...] = lire(ligne.egalite)
            return None if None in valeurs[1:] else (*valeurs, *ligne.cle[2:])

        return signature

    def difference(self, avant: _Ligne | None, apres: _Ligne | None) -> Difference:
        """What became of a row."""
        presente = apres or avant
        assert presente is not None
        nom = self.identite.get("nom")
        repere = presente.valeurs[1 + self.champs.index(nom)] if nom else None
        champs = {}
        if avant and apres and avant.egalite != apres.egalite:
            paires = zip(("millesime", *self.champs), avant.valeurs, apres.valeurs, strict=True)
            champs = {nom: (a, b) for nom, a, b in paires if a != b}
        genre = NOUVELLE if avant is None else DISPARUE if apres is None else CHANGEE if champs else IDENTIQUE
        return Difference(
            genre, presente.cle, repere, avant.lieu if avant else None, apres.lieu if apres else None, champs
        )


def _apparier(
    avant: Sequence[_Ligne], apres: Sequence[_Ligne], signatures: Iterable[_Signature]
) -> list[tuple[_Ligne | None, _Ligne | None]]:
    """Pair the rows of both sides, one signature after the other, in the order of each file."""
    trouvees: dict[int, int] = {}
    reste_avant, reste_apres = list(range(len(avant))), list(range(len(apres)))
    for signature in signatures:
        if not reste_avant or not reste_apres:
            break
        files: dict[tuple[Hashable, ...], list[int]] = defaultdict(list)
        for i in reversed(reste_avant):
            if (cle := signature(avant[i])) is not None:
                files[cle].append(i)
        for j in reste_apres:
            cle = signature(apres[j])
            if cle is not None and files.get(cle):
                trouvees[j] = files[cle].pop()
        prises = set(trouvees.values())
        reste_avant = [i for i in reste_avant if i not in prises]
        reste_apres = [j for j in reste_apres if j not in trouvees]
    paires: list[tuple[_Ligne | None, _Ligne | None]] = [
        (avant[trouvees[j]] if j in trouvees else None, ligne) for j, ligne in enumerate(apres)
    ]
    return paires + [(avant[i], None) for i in reste_avant]
