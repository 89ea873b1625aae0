"""Asks the query of an indicator which rows, and which cells, of the answers it depends on.

Nothing says beforehand which cells a query reads: a field counts when emptying it, or moving it, changes what an
association brings; a row counts when removing it does. The base tables and the query run again each time, on the
answers of the contributing associations only, in the in-memory schema `courant`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import duckdb

from observatoire.chiffres.identifiant import Identifiant
from observatoire.chiffres.sources import bases, bases_lues, champs_cites, champs_de_contexte
from observatoire.domain.enquete import Enquete
from observatoire.estimation.systeme import TOUS
from observatoire.indicators.catalogue import Carte
from observatoire.indicators.run import situer
from observatoire.indicators.valeurs import COLONNES
from observatoire.storage.connexion import nom_sql
from observatoire.storage.insertion import en_table
from pipelines.provenance import Lecteur, Origine

VALEUR, CLASSEMENT, LIGNE = "valeur", "classement", "ligne"
CHIFFRES = ("valeur", "poids", "valeur_basse", "valeur_haute", "nb_personnes")
_NUMERIQUES = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL")
# (association, funder): an indicator gives one row for each, in a year.
Cle: TypeAlias = tuple[str, str | None]


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


class Sonde:
    """Asks the query of an indicator which rows and fields of the answers it depends on."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        carte: Carte,
        identifiant: Identifiant,
        cles: Collection[Cle],
        enquetes: Mapping[str, Enquete],
    ) -> None:
        self.con, self.carte, self.annee = con, carte, identifiant.millesime
        # What places an association matters only to the figure of a place, or of a sector.
        self.place = [
            n
            for n, oui in (
                ("code_commune", identifiant.niveau != "departement"),
                ("domaine", identifiant.domaine != TOUS),
            )
            if oui
        ]
        self.cles = set(cles)
        self.enquetes = enquetes
        self.lecteur = Lecteur(con, "entrepot")
        self.lignes = {nom: self._isoler(enquete) for nom, enquete in enquetes.items()}
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
            if not est_source and not self.place:
                continue
            # Elsewhere than in its sources, an answer may only place the association.
            cites = champs_cites(self.carte.sql, enquete) if est_source else champs_de_contexte(enquete)
            roles = self._champs(enquete, cites)
            lignes = self._lignes_utiles(enquete) if est_source else {}
            for cle in self.cles:
                champs = roles.get(cle, {})
                if not est_source:
                    champs = {c: r for c, r in champs.items() if r == CLASSEMENT}
                utiles = lignes.get(cle) or [
                    x for x in self.lignes[nom].get(cle[0], []) if self._est_de_l_annee(x)
                ]
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

    def _calculer(self) -> dict[Cle, tuple[list[Any], list[Any]]]:
        """What the query gives of the contributing associations in the year of the figure: numbers, then place."""
        for base in bases_lues(self.carte.sql):
            self.con.execute(f"create or replace temp table {base} as {bases()[base]}")
        colonnes = ", ".join(COLONNES)
        self.con.execute(
            f"create or replace temp table unites as select {colonnes} from ({self.carte.sql}) as u "
            "where valeur is not null and poids is not null",
            self.carte.liees,
        )
        if self.place:
            situer(self.con)
        lignes = self.con.execute(f"select {colonnes} from unites").fetchall()
        noms = list(COLONNES)
        resultat: dict[Cle, tuple[list[Any], list[Any]]] = {}
        for ligne in lignes:
            u = dict(zip(noms, ligne, strict=True))
            cle = (u["cle_association"], u["financeur"])
            if u["millesime"] == self.annee and cle in self.cles:
                resultat[cle] = ([u[c] for c in CHIFFRES], [u[c] for c in self.place])
        return resultat

    def _changes(self) -> dict[Cle, str]:
        """What the answers as they are put now do to each association."""
        apres, roles = self._calculer(), {}
        for cle, avant in self.avant.items():
            suite = apres.get(cle)
            if suite is None or suite[0] != avant[0]:
                roles[cle] = VALEUR
            elif suite != avant:
                roles[cle] = CLASSEMENT
        return roles

    def _champs(self, enquete: Enquete, champs: Sequence[str]) -> dict[Cle, dict[str, str]]:
        """Role of each field, by association: fields are tried together, then by halves."""
        genres = self._genres(enquete.name)
        lignes = [x for groupe in self.lignes[enquete.name].values() for x in groupe]
        remplis = [c for c in champs if any(x[c] is not None or self._est_nsp(x, c) for x in lignes)]
        roles: dict[Cle, dict[str, str]] = {}
        groupes = [remplis]
        while groupes:
            groupe = groupes.pop()
            changes = self._essayer(enquete.name, groupe, genres) if groupe else {}
            if len(groupe) == 1:
                for cle, role in changes.items():
                    roles.setdefault(cle, {})[groupe[0]] = role
            elif changes:
                milieu = len(groupe) // 2
                groupes += [groupe[:milieu], groupe[milieu:]]
        self._poser(enquete.name, "*")
        return roles

    def _essayer(self, nom: str, champs: Sequence[str], genres: Mapping[str, str]) -> dict[Cle, str]:
        """What happens when these fields are emptied, then when they are moved (a zero, or a second place, changes nothing when emptied)."""
        roles: dict[Cle, str] = {}
        for essai in (_vider, _bouger):
            remplacements = [f"{v} as {nom_sql(c)}" for c in champs if (v := essai(c, genres[c]))]
            if remplacements:
                self._poser(nom, f"* replace ({', '.join(remplacements)})")
                changes = self._changes()
                roles |= {cle: role for cle, role in changes.items() if roles.get(cle) != VALEUR}
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
        origine = Origine(
            ligne["depot_id"], enquete.name, ligne["feuille"], ligne["ligne"], ligne["lignes_source"]
        )
        for champ, role in remplis.items():
            # What pairs the answers of a person is nobody's business, not even here.
            est_code = enquete.champ(champ).appariement
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
                    None if est_code else lue.texte,
                    "" if ligne[champ] is None else str(ligne[champ]),
                    lue.corrigee,
                )


def _vider(champ: str, genre: str) -> str:
    return f"cast(null as {genre})"


def _bouger(champ: str, genre: str) -> str | None:
    """A number moved by one, a yes turned into a no, a text made into another; None for the rest."""
    if genre == "VARCHAR":
        return f"{nom_sql(champ)} || '¤'"
    if genre == "BOOLEAN":
        return f"not {nom_sql(champ)}"
    return f"cast({nom_sql(champ)} + 1 as {genre})" if genre.startswith(_NUMERIQUES) else None
