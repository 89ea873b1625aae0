"""« Parole du terrain » for those who read it again: the extracts to decide, and what each may give away."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.francais import INSECABLE
from observatoire.domain.paroles import en_ligne
from observatoire.domain.types._nettoyage import plier
from observatoire.registre.noms import VIDES, mots
from observatoire.storage import paroles
from observatoire.storage.connexion import litteral
from observatoire.storage.erreurs import ParoleRefusee
from observatoire.storage.paroles import Extrait
from observatoire.territoire import load_territoire
from observatoire.territoire.territoire import Territoire
from pipelines.ingestion.caviardage import MASQUE
from pipelines.ingestion.personnel import cellule_personnelle

# A word borne by so few associations of the warehouse names one of them.
RARE, LETTRES_MIN, NOMS_CITES = 2, 4, 3
# A full name of fewer words is a common word of the language.
MOTS_MIN = 2
_MOTS = re.compile(r"\w+")
_LIENS = frozenset({"le", "la", "les", "l"})


@dataclass(frozen=True, slots=True)
class Parole:
    """An extract with consent, and what to look at before deciding. `bloquee`: why it can never be published.

    The warnings are those of an extract that is to be read; nobody looks at them once it is decided.
    """

    extrait: Extrait
    libelle_commune: str
    avertissements: tuple[str, ...]
    bloquee: str | None


@dataclass(frozen=True, slots=True)
class Relecture:
    """All there is to read again: extracts with consent, those without (counted), cells put aside when loaded."""

    paroles: tuple[Parole, ...]
    sans_accord: int
    ecartees: tuple[tuple[str, str, str], ...]

    def dans(self, *etats: str) -> list[Parole]:
        """Those in one of these states (`a_relire`: nothing decided yet)."""
        return [
            p
            for p in self.paroles
            if (p.extrait.decision.decision if p.extrait.decision else paroles.A_RELIRE) in etats
        ]


def relecture(con: duckdb.DuckDBPyConnection, settings: Settings) -> Relecture:
    """The extracts in force with what each may give away."""
    tous = paroles.extraits(con)
    accordes = [x for x in tous if x.accord]
    territoire = load_territoire(settings.departement)
    a_lire = any(x.decision is None for x in accordes)
    reperes = _Reperes(con, settings, territoire) if a_lire else None
    return Relecture(
        tuple(
            Parole(
                x,
                _commune(territoire, x),
                reperes.avertir(x) if reperes and x.decision is None else (),
                interdit(x.texte),
            )
            for x in accordes
        ),
        len(tous) - len(accordes),
        _ecartees(con),
    )


def interdit(texte: str) -> str | None:
    """Why a text may never be published, whoever accepted it: personal data, or a piece already masked."""
    if nature := cellule_personnelle(texte):
        return f"contient {nature}"
    return "contient un morceau masqué" if MASQUE in texte else None


def decider(
    con: duckdb.DuckDBPyConnection,
    identifiant: str,
    qui: str,
    *,
    coupe: str | None = None,
    refus: str | None = None,
) -> str:
    """Decide of an extract (see storage); ParoleRefusee also when what would be kept holds a personal datum."""
    if refus is None:
        for extrait in paroles.extraits(con):
            if extrait.identifiant == identifiant and (raison := interdit(extrait.texte)):
                raise ParoleRefusee(f"Cet extrait {raison}{INSECABLE}: il ne peut être que refusé.")
        if coupe is not None and (raison := interdit(en_ligne(coupe))):
            raise ParoleRefusee(f"Ce texte {raison}{INSECABLE}: rien n’a changé.")
    return paroles.decider(con, identifiant, qui, coupe=coupe, refus=refus)


def _ecartees(con: duckdb.DuckDBPyConnection) -> tuple[tuple[str, str, str], ...]:
    """(file, sheet and cell, message) of the extracts that were not loaded: personal data, or too long."""
    requete = """
        select d.nom_fichier, n.feuille || ', ' || n.cellule, n.message
        from depot.anomalies as n inner join depot.en_vigueur as d using (depot_id)
        where n.champ = 'parole' and n.code in ('RG-02', 'TX-02') order by d.ordre, n.numero"""
    with con.cursor() as cur:
        return tuple((nom, lieu, message) for nom, lieu, message in cur.execute(requete).fetchall())


def _commune(territoire: Territoire, extrait: Extrait) -> str:
    commune = territoire.par_code(extrait.commune) if extrait.commune else None
    return commune.nom if commune else ""


class _Reperes:
    """Names of the warehouse, of the register and of the communes, to find them in a text."""

    def __init__(self, con: duckdb.DuckDBPyConnection, settings: Settings, territoire: Territoire) -> None:
        with con.cursor() as cur:
            requete = (
                "select distinct nom_association from courant.associations where nom_association is not null"
            )
            noms = [nom for (nom,) in cur.execute(requete).fetchall()]
            registre = _noms_du_registre(cur, settings)
        self._porteuses = Counter(mot for nom in noms for mot in set(mots(nom)))
        connus = {mots(nom): nom for nom in noms} | {tuple(norme.split()): nom for norme, nom in registre}
        self._connus: dict[str, list[tuple[tuple[str, ...], str]]] = defaultdict(list)
        for suite, nom in connus.items():
            if len(suite) >= MOTS_MIN:
                self._connus[suite[0]].append((suite, nom))
        self._communes = _par_premier_mot(territoire)

    def avertir(self, extrait: Extrait) -> tuple[str, ...]:
        """What a reader could recognise the association by, in French; empty when nothing was found."""
        siens, dits = mots(extrait.nom), _dits(extrait.texte)
        phrases = [self._propre(siens, set(dits))]
        if autres := sorted(self._citees(dits, siens)):
            phrases.append(f"cite une association connue{INSECABLE}: {', '.join(autres[:NOMS_CITES])}")
        siennes, voisines = self._lieux(extrait)
        if siennes:
            phrases.append(f"cite la commune de son siège{INSECABLE}: {', '.join(siennes)}")
        if voisines:
            phrases.append(f"cite une commune{INSECABLE}: {', '.join(voisines)}")
        return tuple(x for x in phrases if x)

    def _citees(self, dits: Sequence[str], siens: Sequence[str]) -> set[str]:
        """Other associations whose whole name is in the words of a text."""
        return {
            nom
            for i, mot in enumerate(dits)
            for suite, nom in self._connus.get(mot, ())
            if suite != siens and dits[i : i + len(suite)] == suite
        }

    def _propre(self, siens: Sequence[str], dits: Collection[str]) -> str:
        """Its own name, or a word of it that hardly any other bears."""
        if len(siens) >= MOTS_MIN and set(siens) <= set(dits):
            return "cite le nom de l’association"
        rares = [
            mot for mot in siens if mot in dits and len(mot) >= LETTRES_MIN and self._porteuses[mot] <= RARE
        ]
        return f"reprend un mot rare du nom de l’association{INSECABLE}: {', '.join(rares)}" if rares else ""

    def _lieux(self, extrait: Extrait) -> tuple[list[str], list[str]]:
        """Communes named: the association's own, then others, which must bear their capital letter."""
        siennes: dict[str, None] = {}
        voisines: dict[str, None] = {}
        ecrits = _MOTS.findall(extrait.texte)
        plies = [plier(mot) for mot in ecrits]
        for i, mot in enumerate(plies):
            for code, nom, suite in self._communes.get(mot, ()):
                if tuple(plies[i : i + len(suite)]) != suite:
                    continue
                if code == extrait.commune:
                    siennes[nom] = None
                elif ecrits[i][0].isupper():
                    voisines[nom] = None
        return list(siennes), list(voisines)


def _dits(texte: str) -> tuple[str, ...]:
    """Words of a text as names are compared, said twice when they are."""
    return tuple(mot for ecrit in texte.split() for mot in mots(ecrit) if mot not in VIDES)


def _noms_du_registre(cur: duckdb.DuckDBPyConnection, settings: Settings) -> list[tuple[str, str]]:
    """(normal form, name) of every association of the register; none without a register."""
    if not settings.registre.is_file():
        return []
    source = f"read_parquet({litteral(str(settings.registre))})"
    requete = f"select nom_norme, min(nom) from {source} where nom_norme <> '' group by nom_norme"
    return cur.execute(requete).fetchall()


def _par_premier_mot(territoire: Territoire) -> Mapping[str, list[tuple[str, str, tuple[str, ...]]]]:
    """{first word of a name, without its article: (code, name, words)} of every commune."""
    index: dict[str, list[tuple[str, str, tuple[str, ...]]]] = defaultdict(list)
    for commune in territoire.communes:
        for nom in (commune.nom, *commune.autres_noms):
            suite = _sans_article(_MOTS.findall(plier(nom)))
            index[suite[0]].append((commune.code, nom, suite))
    return index


def _sans_article(suite: Iterable[str]) -> tuple[str, ...]:
    tous = tuple(suite)
    return tous[1:] if len(tous) > 1 and tous[0] in _LIENS else tous
