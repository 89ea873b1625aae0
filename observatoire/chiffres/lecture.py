"""A published figure with everything that defends it, read in one publication and nowhere else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import duckdb

from observatoire.chiffres.identifiant import Identifiant, code_financeur
from observatoire.chiffres.lieux import Lieu
from observatoire.chiffres.phrase import Evolution, phrase, valeur_en_mots
from observatoire.chiffres.sources import questionnaires_sources
from observatoire.estimation.systeme import TOUS
from observatoire.indicators.catalogue import catalogue

ANNULE = "annule"
_LIEE = re.compile(r"\$(\w+) = (.*)")
T = TypeVar("T")


class ChiffreInconnu(LookupError):
    """No such figure in this publication; the message says which part of the identifier is unknown."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Number and date (universal time) of a publication, and whether it counts invented deposits."""

    version: int
    publie_le: dt.datetime
    fictif: bool = False


@dataclass(frozen=True, slots=True)
class Fiche:
    """The card of an indicator, as the publication has it."""

    indicateur: str
    titre: str
    definition: str
    formule: str
    unite: str
    estimateur: str
    precautions: str
    source: str
    sql: str
    decimales: int | None = 0
    theme: str = ""
    libelle_theme: str = ""
    secret: str = ""
    raison_secret: str = ""
    dit: str = ""
    ne_dit_pas: str = ""
    parametres: str = ""
    repere_valeur: float | None = None
    repere_valeur_haute: float | None = None
    repere_territoire: str = ""
    repere_annee: str = ""
    repere_source: str = ""


@dataclass(frozen=True, slots=True)
class Mesure:
    """A row of `mesures`. `publication` is the one that first gave this row."""

    indicateur: str
    millesime: int
    niveau: str
    code_territoire: str
    domaine: str
    financeur: str
    vue: str
    valeur: float | None
    borne_basse: float | None
    borne_haute: float | None
    cv: float | None
    n_repondants: int | None
    taux_reponse: float | None
    statut: str
    publication: int

    def identifiant(self, publication: int | None = None) -> Identifiant:
        """The name of this figure, in `publication`."""
        return Identifiant(
            self.indicateur, self.millesime, self.niveau, self.code_territoire, self.vue, self.domaine,
            code_financeur(self.financeur), publication,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Constante:
    """A dated constant that a figure uses: its value on 31 December of the year, its source."""

    id: str
    valeur: float
    unite: str
    source: str
    statut: str
    valable_du: dt.date | None
    libelle: str = ""


@dataclass(frozen=True, slots=True)
class DepotLu:
    """A deposit whose answers may enter the figure; never its file name."""

    depot_id: str
    questionnaire: str
    source: str | None
    millesime: int | None
    statut: str
    depose_le: dt.datetime | None
    fictif: bool = False


@dataclass(frozen=True, slots=True)
class Chiffre:
    """One figure of one publication. `redressement` is the row of its year, `journal` the groups put together."""

    identifiant: Identifiant
    fiche: Fiche
    mesure: Mesure
    lieu: Lieu
    domaine: str
    edition: Edition
    constantes: tuple[Constante, ...]
    reglages: Mapping[str, str]
    depots: tuple[DepotLu, ...]
    questionnaires: tuple[str, ...]
    redressement: Mapping[str, Any] | None
    journal: tuple[Mapping[str, Any], ...]
    evolutions: tuple[Evolution, ...]
    seuils: Mapping[str, float]

    @property
    def phrase(self) -> str:
        """The French sentence of the figure."""
        return phrase(self.fiche, self.mesure, self.lieu, self.domaine)


def lire_edition(con: duckdb.DuckDBPyConnection) -> Edition:
    """Number and date of an open publication."""
    ((version, publie_le, fictif),) = _lignes(con, "select version, publie_le, fictif from _publication")
    return Edition(int(version), publie_le, bool(fictif))


def lire_chiffre(con: duckdb.DuckDBPyConnection, identifiant: Identifiant) -> Chiffre:
    """The figure `identifiant` (its @N left aside) in the open publication `con`. ChiffreInconnu when it has none."""
    edition = lire_edition(con)
    mesure = _mesure(con, identifiant)
    if mesure is None:
        raise ChiffreInconnu(_pourquoi(con, identifiant))
    fiche = _objet(
        Fiche, _tableau(con, "select * from indicateurs where indicateur = ?", mesure.indicateur)[0]
    )
    trouvees = (_LIEE.fullmatch(morceau) for morceau in fiche.parametres.split(" ; "))
    reglages: dict[str, str] = {m[1]: m[2] for m in trouvees if m}
    valeurs = _en_vigueur(con, mesure.millesime)
    lues = questionnaires_sources(fiche.sql, reglages.values())
    return Chiffre(
        identifiant=mesure.identifiant(edition.version),
        fiche=fiche,
        mesure=mesure,
        lieu=_lieu(con, mesure),
        domaine="" if mesure.domaine == TOUS else _domaine(con, mesure.domaine),
        edition=edition,
        constantes=tuple(valeurs[c] for c in _constantes(fiche, reglages) if c in valeurs),
        reglages={n: v for n, v in reglages.items() if v not in valeurs},
        depots=tuple(_depots(con, lues, mesure.millesime)),
        questionnaires=lues,
        redressement=_ligne_de_l_annee(con, "redressement", mesure.millesime),
        journal=tuple(_journal(con, mesure.millesime)),
        evolutions=tuple(_evolutions(con, mesure)),
        seuils={c.id: c.valeur for c in valeurs.values()},
    )


def lister(
    con: duckdb.DuckDBPyConnection,
    *,
    indicateur: str | None = None,
    millesime: int | None = None,
    territoire: tuple[str, str] | None = None,
    vue: str | None = None,
    domaine: str | None = None,
    montres: bool = True,
) -> list[Mesure]:
    """Rows of an open publication that match every filter; `montres`: those that have a value only."""
    niveau, code = territoire or (None, None)
    valeurs = {
        "indicateur": indicateur, "millesime": millesime, "niveau": niveau, "code": code, "vue": vue,
        "domaine": domaine, "montres": montres,
    }  # fmt: skip
    colonnes = ", ".join(f.name for f in fields(Mesure))
    lignes = _lignes(
        con,
        f"select {colonnes} from mesures where ($indicateur is null or indicateur = $indicateur) "
        "and ($millesime is null or millesime = $millesime) and ($niveau is null or niveau = $niveau) "
        "and ($code is null or code_territoire = $code) and ($vue is null or vue = $vue) "
        "and ($domaine is null or domaine = $domaine) and (not $montres or valeur is not null) "
        "order by indicateur, millesime, niveau, code_territoire, domaine, financeur, vue",
        valeurs,
    )
    return [Mesure(*ligne) for ligne in lignes]


class Redaction:
    """Writes many figures of one open publication: cards, names of territories and of sectors are read once."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.edition = lire_edition(con)
        self.fiches = {f["indicateur"]: _objet(Fiche, f) for f in _tableau(con, "select * from indicateurs")}
        lieux = _lignes(con, "select niveau, code, libelle, note from territoires")
        self.lieux = {(x[0], x[1]): Lieu(*x) for x in lieux}
        self.domaines = dict(_lignes(con, "select code, libelle from domaines"))

    def phrase(self, mesure: Mesure) -> str:
        """The sentence of a figure."""
        domaine = "" if mesure.domaine == TOUS else self.domaines.get(mesure.domaine, mesure.domaine)
        return phrase(self.fiches[mesure.indicateur], mesure, self.lieu(mesure), domaine)

    def lieu(self, mesure: Mesure) -> Lieu:
        """The territory of a figure."""
        place = (mesure.niveau, mesure.code_territoire)
        return self.lieux.get(place) or Lieu(*place, mesure.code_territoire)

    def ligne(self, mesure: Mesure) -> dict[str, Any]:
        """A row of an export: identifier, words, numbers, sentence, publication, fictitious mark."""
        fiche = self.fiches[mesure.indicateur]
        return {
            "identifiant": str(mesure.identifiant(self.edition.version)),
            "titre": fiche.titre,
            "territoire": self.lieu(mesure).libelle,
            "millesime": mesure.millesime,
            "domaine": mesure.domaine,
            "financeur": mesure.financeur,
            "vue": mesure.vue,
            "valeur": mesure.valeur,
            "unite": fiche.unite,
            "borne_basse": mesure.borne_basse,
            "borne_haute": mesure.borne_haute,
            "n_repondants": mesure.n_repondants,
            "taux_reponse": mesure.taux_reponse,
            "statut": mesure.statut,
            "valeur_en_mots": valeur_en_mots(fiche, mesure),
            "phrase": self.phrase(mesure),
            "publication": self.edition.version,
            "donnees_fictives": self.edition.fictif,
        }


def trouver_territoires(con: duckdb.DuckDBPyConnection, texte: str) -> list[tuple[str, str, str]]:
    """(level, code, name) of the territories written `texte`: `epci-200040251`, a code, or a name."""
    return _lignes(
        con,
        "select niveau, code, libelle from territoires where concat(niveau, '-', code) = $t or code = $t "
        "or lower(libelle) = lower($t) order by niveau, code",
        {"t": texte},
    )


def _mesure(con: duckdb.DuckDBPyConnection, i: Identifiant) -> Mesure | None:
    lignes = _tableau(
        con,
        "select * from mesures where indicateur = ? and millesime = ? and niveau = ? and code_territoire = ? "
        "and vue = ? and domaine = ? and (financeur = ?) = ?",
        i.indicateur, i.millesime, i.niveau, i.code, i.vue, i.domaine, TOUS, i.financeur == TOUS,
    )  # fmt: skip
    voulu = code_financeur(i.financeur)
    return next((_objet(Mesure, x) for x in lignes if code_financeur(x["financeur"]) == voulu), None)


def _pourquoi(con: duckdb.DuckDBPyConnection, i: Identifiant) -> str:
    """Which part of an identifier that gives nothing is unknown."""
    essais = (
        ("indicateur", i.indicateur, "l’indicateur"),
        ("millesime", i.millesime, "l’année"),
        ("concat(niveau, '-', code_territoire)", f"{i.niveau}-{i.code}", "le territoire"),
        ("vue", i.vue, "la vue"),
        ("domaine", i.domaine, "le domaine"),
    )
    for expression, valeur, nom in essais:
        if not _lignes(con, f"select 1 from mesures where {expression} = ? limit 1", valeur):
            return f"Aucun chiffre «\u00a0{i}\u00a0»\u00a0: {nom} «\u00a0{valeur}\u00a0» n’est pas dans cette publication."
    return f"Aucun chiffre «\u00a0{i}\u00a0» dans cette publication\u00a0: chaque partie existe, pas leur réunion."


def _lieu(con: duckdb.DuckDBPyConnection, mesure: Mesure) -> Lieu:
    place = (mesure.niveau, mesure.code_territoire)
    lignes = _lignes(con, "select libelle, note from territoires where niveau = ? and code = ?", *place)
    return Lieu(*place, *lignes[0]) if lignes else Lieu(*place, mesure.code_territoire)


def _domaine(con: duckdb.DuckDBPyConnection, code: str) -> str:
    lignes = _lignes(con, "select libelle from domaines where code = ?", code)
    return str(lignes[0][0]) if lignes else code


def _constantes(fiche: Fiche, reglages: Mapping[str, str]) -> list[str]:
    """Identifiers of the constants: those bound in the query, and those that the texts quote."""
    carte = catalogue().get(fiche.indicateur)
    return sorted({*reglages.values(), *(carte.constantes_lues if carte else ())})


def _en_vigueur(con: duckdb.DuckDBPyConnection, annee: int) -> dict[str, Constante]:
    """Each constant of the publication on 31 December of the year, else the nearest value it has."""
    jour = dt.date(annee, 12, 31)
    valeurs: dict[str, Constante] = {}
    for ligne in _tableau(con, "select * from parametres order by id, valable_du nulls first"):
        constante = _objet(Constante, ligne)
        fin, connue = ligne.get("valable_au"), valeurs.get(constante.id)
        couvre = (constante.valable_du is None or constante.valable_du <= jour) and (
            fin is None or jour <= fin
        )
        if couvre or connue is None:
            valeurs[constante.id] = constante
    return valeurs


def _depots(con: duckdb.DuckDBPyConnection, lues: Sequence[str], annee: int) -> Iterator[DepotLu]:
    """Deposits in force of the questionnaires read, of that year or of several."""
    for ligne in _tableau(con, "select * from depots where statut <> ? order by depose_le, depot_id", ANNULE):
        if ligne["questionnaire"] in lues and ligne["millesime"] in (None, annee):
            yield _objet(DepotLu, ligne)


def _evolutions(con: duckdb.DuckDBPyConnection, mesure: Mesure) -> Iterator[Evolution]:
    """What is known of the trend up to this year: of the département and of all sectors only."""
    if mesure.niveau != "departement" or (mesure.domaine, mesure.financeur) != (TOUS, TOUS):
        return
    for ligne in _annee(con, "evolutions", mesure.millesime, "a"):
        if (ligne["indicateur"], ligne["vue"]) == (mesure.indicateur, mesure.vue):
            yield _objet(Evolution, ligne)


def _journal(con: duckdb.DuckDBPyConnection, annee: int) -> Iterator[dict[str, Any]]:
    """Groups put together while weighing, sectors and EPCI under their names."""
    noms = dict(_lignes(con, "select code, libelle from domaines"))
    noms |= dict(_lignes(con, "select code, libelle from territoires where niveau = 'epci'"))
    for ligne in _annee(con, "redressement_journal", annee):
        yield ligne | {c: noms.get(ligne[c], ligne[c]) for c in ("groupe", "vers")}


def _ligne_de_l_annee(con: duckdb.DuckDBPyConnection, table: str, annee: int) -> Mapping[str, Any] | None:
    return next(iter(_annee(con, table, annee)), None)


def _annee(
    con: duckdb.DuckDBPyConnection, table: str, annee: int, colonne: str = "millesime"
) -> list[dict[str, Any]]:
    """Rows of a year; none when the publication is older than the table."""
    if not _lignes(con, "select 1 from duckdb_tables() where table_name = ?", table):
        return []
    return _tableau(con, f"select * from {table} where {colonne} = ?", annee)


def _objet(genre: type[T], ligne: Mapping[str, Any]) -> T:
    """A record from the columns it knows; the others, and those a publication lacks, are left."""
    connus = {f.name for f in fields(genre)}  # type: ignore[arg-type]
    absents = {n: v for n, v in ligne.items() if n in connus and v is None and not _accepte_rien(genre, n)}
    return genre(**{n: v for n, v in ligne.items() if n in connus and n not in absents})


def _accepte_rien(genre: type[Any], nom: str) -> bool:
    return "None" in str(genre.__annotations__[nom])


def _lignes(con: duckdb.DuckDBPyConnection, sql: str, *valeurs: Any) -> list[tuple[Any, ...]]:
    with con.cursor() as cur:
        return cur.execute(sql, _liees(valeurs)).fetchall()


def _tableau(con: duckdb.DuckDBPyConnection, sql: str, *valeurs: Any) -> list[dict[str, Any]]:
    with con.cursor() as cur:
        cur.execute(sql, _liees(valeurs))
        noms = [d[0] for d in cur.description or ()]
        return [dict(zip(noms, ligne, strict=True)) for ligne in cur.fetchall()]


def _liees(valeurs: Sequence[Any]) -> Any:
    """Named values when they come as one mapping, else positional."""
    return valeurs[0] if len(valeurs) == 1 and isinstance(valeurs[0], dict) else list(valeurs)
