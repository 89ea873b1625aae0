"""From a figure down to the answers that make it: associations, then deposit, sheet, row and A1 cell.

Private: needs the warehouse. Nothing says beforehand which cells a query reads, so the query is asked: a field
counts when emptying it, or moving it, in the answers in force changes what the association brings; a row counts
when removing it does. The bases and the query of the indicator run again each time, on those answers only.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import duckdb

from observatoire.chiffres.identifiant import Identifiant, code_financeur
from observatoire.chiffres.sources import COURANT, REGISTRE, bases, bases_lues, champs_cites, tables_sources
from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.loader import load_enquetes
from observatoire.estimation.systeme import TOUS
from observatoire.indicators.catalogue import Carte, catalogue
from observatoire.indicators.run import COLONNES, preparer, remplir_unites
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral, nom_sql
from observatoire.storage.entrepot import ouvrir_lecture, verrouiller
from observatoire.storage.insertion import en_table
from observatoire.territoire import load_territoire
from pipelines.provenance import Lecteur, Origine
from pipelines.publication import references, resoudre

VALEUR, CLASSEMENT, LIGNE = "valeur", "classement", "ligne"
_CHIFFRES = ("valeur", "poids", "valeur_basse", "valeur_haute", "nb_personnes")
_NUMERIQUES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL")
# (association, funder): an indicator gives one row for each, in a year.
Cle: TypeAlias = tuple[str, str | None]
Ligne: TypeAlias = tuple[str, str, int]


class SansContribution(LookupError):
    """This figure has no answer behind it, or its territory is not one the answers are placed in."""


@dataclass(frozen=True, slots=True)
class Cellule:
    """One cell of a deposit. `role`: what it does to the figure; `valeur` is what was kept of `texte`."""

    depot_id: str
    questionnaire: str
    depose_le: str
    feuille: str
    ligne: int
    adresse: str | None
    champ: str
    titre: str
    role: str
    texte: str | None
    valeur: str
    corrigee: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one association brings (to one funder when there are several), and the cells it comes from."""

    cle: str
    nom: str
    financeur: str | None
    valeur: float
    poids: float
    valeur_basse: float | None
    valeur_haute: float | None
    nb_personnes: float | None
    domaine: str
    commune: str | None
    cellules: tuple[Cellule, ...]


@dataclass(frozen=True, slots=True)
class Descente:
    """All the contributions to a figure. `recalcul`: the figure of the respondents as the warehouse gives it now."""

    identifiant: Identifiant
    contributions: tuple[Contribution, ...]
    recalcul: float | None
    remplaces: Mapping[str, tuple[str, ...]]
    est_registre: bool


def descendre(settings: Settings, identifiant: Identifiant) -> Descente:
    """The answers behind a figure. SansContribution, EntrepotAbsent, EntrepotOccupe."""
    carte = catalogue().get(identifiant.indicateur)
    if carte is None:
        raise SansContribution(f"L’indicateur «\u00a0{identifiant.indicateur}\u00a0» n’existe plus.")
    enquetes = load_enquetes()
    with _atelier(settings) as con:
        resoudre(con, enquetes.values())
        references(con, settings)
        preparer(con)
        remplir_unites(con, [carte])
        unites = _unites(con, settings, identifiant)
        if not unites:
            raise SansContribution("Aucune réponse en vigueur ne contribue à ce chiffre.")
        tables = tables_sources(carte.sql, carte.liees.values())
        noms = [n for n in enquetes if f"{COURANT}{n}" in tables]
        sonde = _Sonde(con, carte, identifiant.millesime, unites.keys(), [enquetes[n] for n in enquetes])
        cellules = sonde.cellules(noms)
        contributions = tuple(
            Contribution(cle[0], sonde.nom(cle[0]), cle[1], *u[:5], domaine=u[6], commune=u[5], cellules=tuple(cellules[cle]))
            for cle, u in unites.items()
        )
        lus = {c.depot_id for x in contributions for c in x.cellules}
        remplaces = {d: a for d in sorted(lus) if (a := sonde.lecteur.ancetres(d))}
    return Descente(identifiant, contributions, _recalcul(carte, contributions), remplaces, REGISTRE in tables)


@contextmanager
def _atelier(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """In-memory database with the warehouse attached read-only as `entrepot`; the lock is held meanwhile."""
    with verrouiller(settings), duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        # Through the reader first: it says when nothing was loaded, and brings an old file to date.
        with ouvrir_lecture(settings):
            pass
        con.execute(f"attach {litteral(str(settings.entrepot))} as entrepot (read_only)")
        yield con


def _unites(con: duckdb.DuckDBPyConnection, settings: Settings, i: Identifiant) -> dict[Cle, tuple[Any, ...]]:
    """Rows of `unites` inside the year, territory, sector and funder of the figure."""
    territoire = load_territoire(settings.departement)
    communes: list[str] | None = None
    if i.niveau != "departement":
        communes = [c for c, niveau, code in territoire.rattachements() if (niveau, code) == (i.niveau, i.code)]
        if not communes:
            raise SansContribution(f"Les réponses ne sont pas placées au niveau «\u00a0{i.niveau}\u00a0».")
    lignes = con.execute(
        f"select cle_association, financeur, {', '.join(_CHIFFRES)}, code_commune, domaine from unites "
        "where millesime = $annee and ($communes is null or list_contains($communes, code_commune)) "
        f"and ($domaine = '{TOUS}' or domaine = $domaine) order by cle_association, financeur",
        {"annee": i.millesime, "communes": communes, "domaine": i.domaine},
    ).fetchall()
    voulu = code_financeur(i.financeur)
    return {(c, f): tuple(u) for c, f, *u in lignes if voulu == TOUS or code_financeur(f or TOUS) == voulu}


class _Sonde:
    """Asks the query of an indicator which rows and fields of the answers it depends on."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        carte: Carte,
        annee: int,
        cles: Collection[Cle],
        enquetes: Sequence[Enquete],
    ) -> None:
        self.con, self.carte, self.annee = con, carte, annee
        self.cles = set(cles)
        self.enquetes = {e.name: e for e in enquetes}
        self.lecteur = Lecteur(con, "entrepot")
        self.lignes = {e.name: self._isoler(e) for e in enquetes}
        self.avant = self._calculer()

    def nom(self, cle: str) -> str:
        """The name that an association gives itself, the latest one; its key when it gave none."""
        for nom, enquete in self.enquetes.items():
            for ligne in reversed(self.lignes[nom].get(cle, [])):
                donne = ligne[enquete.identite["nom"]]
                if donne:
                    return str(donne)
        return cle

    def cellules(self, noms: Sequence[str]) -> dict[Cle, list[Cellule]]:
        """Cells by association (and funder): those of `noms` that make the value, then those that place it."""
        trouvees: dict[Cle, list[Cellule]] = {cle: [] for cle in self.cles}
        for nom, enquete in self.enquetes.items():
            est_source = nom in noms
            roles = self._champs(enquete)
            lignes = self._lignes_utiles(enquete) if est_source else {}
            for cle in self.cles:
                champs = roles.get(cle, {})
                if not est_source:
                    champs = {c: r for c, r in champs.items() if r == CLASSEMENT}
                utiles = lignes.get(cle) or [x for x in self.lignes[nom].get(cle[0], []) if self._est_de_l_annee(x)]
                for ligne in utiles if champs or est_source else ():
                    trouvees[cle] += self._de_la_ligne(enquete, ligne, champs, est_source=est_source)
        return trouvees

    def _isoler(self, enquete: Enquete) -> dict[str, list[dict[str, Any]]]:
        """Keep in `source.<name>` the rows of the contributing associations; their values by association."""
        self.con.execute("create schema if not exists source")
        cles = sorted({cle for cle, _ in self.cles})
        cle_sql = "q.cle_association"
        jointure = ""
        if enquete.name == "subventions":
            # The key of a beneficiary is decided by a base table: the same query, its rows named.
            texte = bases()["base_subventions"].replace("select", "select s.depot_id, s.feuille, s.ligne,", 1)
            jointure = f"left join ({texte}) as b on (b.depot_id, b.feuille, b.ligne) = (q.depot_id, q.feuille, q.ligne)"
            cle_sql = "coalesce(b.cle_association, q.cle_association)"
        self.con.execute(
            f"create or replace table {en_table('source', enquete.name)} as "
            f"select q.*, {cle_sql} as _cle, row_number() over (partition by {cle_sql} "
            f"order by q.millesime, q.depot_id, q.feuille, q.ligne) as _rang "
            f"from {en_table('courant', enquete.name)} as q {jointure} where list_contains(?, {cle_sql})",
            [cles],
        )
        self.con.execute(f"select * from {en_table('source', enquete.name)} order by _cle, _rang")
        colonnes = [d[0] for d in self.con.description or ()]
        lignes: dict[str, list[dict[str, Any]]] = {}
        for brute in self.con.fetchall():
            ligne = dict(zip(colonnes, brute, strict=True))
            lignes.setdefault(ligne["_cle"], []).append(ligne)
        self._poser(enquete.name, "*")
        return lignes

    def _poser(self, nom: str, colonnes: str, condition: str = "true") -> None:
        self.con.execute(
            f"create or replace table {en_table('courant', nom)} as select {colonnes.replace('*', '* exclude (_cle, _rang)', 1)} "
            f"from {en_table('source', nom)} where {condition}"
        )

    def _calculer(self) -> dict[Cle, tuple[Any, ...]]:
        """What the query gives of the contributing associations in the year of the figure."""
        for base in bases_lues(self.carte.sql):
            self.con.execute(f"create or replace temp table {base} as {bases()[base]}")
        lignes = self.con.execute(
            f"select {', '.join(COLONNES)} from ({self.carte.sql}) as u where valeur is not null and poids is not null",
            self.carte.liees,
        ).fetchall()
        noms = list(COLONNES)
        resultat: dict[Cle, tuple[Any, ...]] = {}
        for ligne in lignes:
            u = dict(zip(noms, ligne, strict=True))
            cle = (u["cle_association"], u["financeur"])
            if u["millesime"] == self.annee and cle in self.cles:
                resultat[cle] = (*(u[c] for c in _CHIFFRES), u["code_commune"], u["domaine"])
        return resultat

    def _changes(self) -> dict[Cle, str]:
        """What the answers as they are put now do to each association."""
        apres, roles = self._calculer(), {}
        for cle, avant in self.avant.items():
            suite = apres.get(cle)
            if suite is None or suite[:5] != avant[:5]:
                roles[cle] = VALEUR
            elif suite != avant:
                roles[cle] = CLASSEMENT
        return roles

    def _champs(self, enquete: Enquete) -> dict[Cle, dict[str, str]]:
        """Role of each field, by association."""
        roles: dict[Cle, dict[str, str]] = {}
        lignes = [x for groupe in self.lignes[enquete.name].values() for x in groupe]
        genres = self._genres(enquete.name)
        for champ in champs_cites(self.carte.sql, enquete):
            if all(x[champ] is None and not self._est_nsp(x, champ) for x in lignes):
                continue
            for essai in _essais(champ, genres[champ]):
                self._poser(enquete.name, f"* replace ({essai} as {nom_sql(champ)})")
                for cle, role in self._changes().items():
                    if roles.setdefault(cle, {}).get(champ) != VALEUR:
                        roles[cle][champ] = role
        self._poser(enquete.name, "*")
        return roles

    def _lignes_utiles(self, enquete: Enquete) -> dict[Cle, list[dict[str, Any]]]:
        """Rows whose removal changes what the association brings."""
        utiles: dict[Cle, list[dict[str, Any]]] = {}
        groupes = self.lignes[enquete.name]
        for rang in range(1, max((len(g) for g in groupes.values()), default=0) + 1):
            self._poser(enquete.name, "*", f"_rang <> {rang}")
            for cle, role in self._changes().items():
                groupe = groupes.get(cle[0], [])
                if role == VALEUR and rang <= len(groupe):
                    utiles.setdefault(cle, []).append(groupe[rang - 1])
        self._poser(enquete.name, "*")
        return utiles

    def _genres(self, nom: str) -> dict[str, str]:
        lignes = self.con.execute(f"describe {en_table('source', nom)}").fetchall()
        return {colonne: genre for colonne, genre, *_ in lignes}

    def _est_de_l_annee(self, ligne: Mapping[str, Any]) -> bool:
        return ligne["millesime"] is None or int(ligne["millesime"]) == self.annee

    @staticmethod
    def _est_nsp(ligne: Mapping[str, Any], champ: str) -> bool:
        """True for an answer kept beside the values: « ne sait pas »."""
        return f'"{champ}"' in (ligne["qualite"] or "")

    def _de_la_ligne(
        self, enquete: Enquete, ligne: Mapping[str, Any], champs: Mapping[str, str], *, est_source: bool
    ) -> Iterator[Cellule]:
        remplis = {c: r for c, r in champs.items() if ligne[c] is not None or self._est_nsp(ligne, c)}
        if est_source and VALEUR not in remplis.values():
            # The row itself counts, whatever it says: the cell that names the association stands for it.
            remplis[enquete.identite["nom"]] = LIGNE
        origine = Origine(ligne["depot_id"], enquete.name, ligne["feuille"], ligne["ligne"], ligne["lignes_source"])
        for champ, role in remplis.items():
            for lue in self.lecteur.lire(origine, champ):
                yield Cellule(
                    ligne["depot_id"],
                    enquete.name,
                    self.lecteur.depose_le(ligne["depot_id"]),
                    ligne["feuille"],
                    lue.ligne,
                    lue.adresse,
                    champ,
                    enquete.champ(champ).title,
                    role,
                    lue.texte,
                    "" if ligne[champ] is None else str(ligne[champ]),
                    lue.corrigee,
                )


def _essais(champ: str, genre: str) -> list[str]:
    """Ways to change a field: empty it, move a number, turn a yes into a no."""
    nom = nom_sql(champ)
    essais = [f"cast(null as {genre})"]
    if genre.startswith(_NUMERIQUES):
        # A zero changes nothing when it is emptied.
        essais.append(f"cast({nom} + 1 as {genre})")
    if genre == "BOOLEAN":
        essais.append(f"not {nom}")
    return essais


def _recalcul(carte: Carte, contributions: Sequence[Contribution]) -> float | None:
    """The figure of the respondents from its contributions; None for an estimator of territories."""
    valeurs = [c.valeur for c in contributions]
    if carte.estimateur == "compte":
        return float(len({c.cle for c in contributions}))
    if carte.estimateur == "total":
        return sum(valeurs)
    if carte.estimateur == "mediane":
        return statistics.median(valeurs)
    if carte.estimateur in ("ratio", "moyenne", "proportion"):
        poids = sum(c.poids for c in contributions)
        return sum(valeurs) / poids if poids else None
    return None
