"""Forget an association: its answers are erased wherever they can name it, and the whole data folder is searched.

What was asked is written first (`oubli.json`, private): a command cut short is finished by running it again. The
archives are written again without its rows, then one transaction erases it from the warehouse, which is written again;
the next publication, made at once, still keeps its departure from being read (estimation/lots.py), and only then
are the earlier files of the analysts withdrawn.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.cle import lire_cle
from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.exploitation.purge import compacter, oter, recopier_journal
from observatoire.exploitation.recherche import Aiguilles, Publiques, fouiller
from observatoire.storage import fichiers, paroles
from observatoire.storage.archive import archiver_grille, empreinte, synchroniser
from observatoire.storage.connexion import nom_sql, transaction
from observatoire.storage.copie_journal import CHARGER
from observatoire.storage.entrepot import ouvrir_ecriture, ouvrir_lecture, verrouiller
from observatoire.storage.erreurs import ErreurEntrepot
from observatoire.storage.insertion import en_table
from observatoire.storage.journal import EFFACE, OUBLIER, journaliser
from pipelines.alias import poser_alias
from pipelines.chantiers import chantier as chantiers
from pipelines.ingestion.epuration import octets_grille
from pipelines.ingestion.grille import Classeur, Feuille
from pipelines.publication import DU_REGISTRE
from pipelines.reconstruction import lire_archive

Suivi = Callable[[str, float], None]
Publier = Callable[[Settings, str], object]
# Texts of the warehouse that may quote a cell, beside the rows of the deposits.
_QUOTES = ("depot.anomalies", "depot.attente", "depot.corrections", "depot.rapprochements")


class AssociationInconnue(ErreurEntrepot):
    """No deposit speaks of this association."""


class OubliImpossible(ErreurEntrepot):
    """Something must be done first; the sentence says what."""


@dataclass(slots=True)
class Oubli:
    """What is to be forgotten: every key and identifier of the association, and the archives to remove at the end."""

    cle: str
    cles: list[str]
    numeros: list[str]
    textes: list[str]
    archives: list[str] = field(default_factory=list)

    @property
    def aiguilles(self) -> Aiguilles:
        """What must be found nowhere afterwards."""
        return Aiguilles(tuple(self.numeros), tuple(self.textes))


@dataclass(frozen=True, slots=True)
class Rapport:
    """The proof: what was erased, what was searched, what is left; without any identifier."""

    association: str
    fait_le: str
    qui: str
    effaces: Mapping[str, int]
    fichiers: int
    octets: int
    restent: Mapping[str, int]
    registre: int
    noms_partages: int
    signature: str = ""

    @property
    def prouve(self) -> bool:
        """True when nothing is left."""
        return not self.restent


def oublier(
    settings: Settings, cle: str, qui: str, publier: Publier, *, suivi: Suivi = lambda etape, part: None
) -> tuple[Rapport, Path]:
    """Erase, publish, search; the report and its file. AssociationInconnue when nothing speaks of `cle`."""
    effaces: dict[str, int] = defaultdict(int)
    with verrouiller(settings):
        suivi("Recherche de ses réponses", 0.0)
        oubli = _reprendre(settings, cle) or _reperer(settings, cle)
        _exiger_sans_chantier(settings, oubli)
        _ecrire(settings, oubli)
        with ouvrir_ecriture(settings) as con:
            suivi("Archives", 0.1)
            nouvelles, videes = _archives(con, settings, oubli, effaces)
            # Noted before they are named by the ledger: run again, the command knows what to remove.
            _ecrire(settings, oubli)
            suivi("Entrepôt", 0.3)
            _effacer(con, settings, oubli, nouvelles, videes, effaces, qui)
        compacter(settings)
        recopier_journal(settings)
        oter(settings, oubli.archives)
        _oter_calculs(settings)
    suivi("Publication", 0.4)
    publier(settings, qui)
    with verrouiller(settings):
        effaces["fichiers des analystes"] = _oter_analystes(settings)
        suivi("Recherche dans tous les fichiers", 0.8)
        rapport = _prouver(settings, oubli, dict(effaces), qui)
        chemin = _signer(settings, rapport)
        if rapport.prouve:
            _plan(settings).unlink()
    return replace(rapport, signature=json.loads(chemin.read_text(encoding="utf-8"))["signature"]), chemin


def _plan(settings: Settings) -> Path:
    return settings.donnees / "oubli.json"


def _reprendre(settings: Settings, cle: str) -> Oubli | None:
    """What a command cut short had begun."""
    if not _plan(settings).is_file():
        return None
    oubli = Oubli(**json.loads(_plan(settings).read_text(encoding="utf-8")))
    if cle not in (oubli.cle, *oubli.cles):
        raise OubliImpossible(
            "Un autre effacement n’est pas fini : relancez-le d’abord, avec la même association."
        )
    return oubli


def _ecrire(settings: Settings, oubli: Oubli) -> None:
    provisoire = _plan(settings).with_suffix(".tmp")
    provisoire.touch(mode=0o600)
    provisoire.write_text(json.dumps(asdict(oubli), ensure_ascii=False), encoding="utf-8")
    synchroniser(provisoire)
    provisoire.replace(_plan(settings))


def _reperer(settings: Settings, cle: str) -> Oubli:
    """All the keys under which the association answered, and all that names it."""
    enquetes = load_enquetes()
    with ouvrir_lecture(settings):
        # Says when nothing was ever loaded, and brings an old file to date.
        pass
    with duckdb.connect(":memory:") as memoire:
        memoire.execute(f"attach '{settings.entrepot}' as entrepot (read_only)")
        poser_alias(memoire, enquetes.values(), "entrepot")
        alias = dict(memoire.execute("select cle, vers from alias").fetchall())
        vise = alias.get(cle, cle)
        connues: set[str] = set()
        noms: set[str] = set()
        autres: set[str] = set()
        numeros: set[str] = set()
        for enquete in enquetes.values():
            champs = [enquete.identite[c] for c in ("rna", "siret", "nom")]
            colonnes = ", ".join(nom_sql(c) for c in champs)
            requete = (
                f"select distinct cle_association, {colonnes} from entrepot.enquete.{nom_sql(enquete.name)}"
            )
            for autre, rna, siret, nom in memoire.execute(requete).fetchall():
                if autre is not None and alias.get(autre, autre) == vise:
                    connues.add(autre)
                    noms |= {nom} - {None}
                    numeros |= {n for n in (rna, siret, siret and siret[:9]) if n}
                elif nom:
                    autres.add(nom.casefold())
    if not connues:
        raise AssociationInconnue("Aucun dépôt ne parle de cette association. Rien n’a été effacé.")
    for connue in {*connues, cle, vise}:
        genre, _, valeur = connue.partition(":")
        (noms if genre == "NOM" else numeros).add(valeur)
    # A name that another association bears too names nobody.
    propres = sorted(n for n in noms if n.casefold() not in autres)
    return Oubli(cle, sorted({*connues, cle, vise}), sorted(numeros), propres)


def _exiger_sans_chantier(settings: Settings, oubli: Oubli) -> None:
    """Deposits in progress are somebody's work: they are finished or dropped first. The closed ones are erased."""
    ouverts = {c.id for c in chantiers.lister(settings)}
    for fouille in fouiller([settings.chantiers, settings.quarantaine], oubli.aiguilles):
        dossier = next(
            p
            for p in (fouille.chemin, *fouille.chemin.parents)
            if p.parent in (settings.chantiers, settings.quarantaine)
        )
        if fouille.trouvees and dossier.name in ouverts:
            raise OubliImpossible(
                "Un dépôt en cours parle de cette association : chargez-le ou abandonnez-le, puis relancez. Rien n’a "
                "été effacé."
            )
        if fouille.trouvees:
            shutil.rmtree(dossier, ignore_errors=True)


Places = dict[str, set[int]]


def _archives(
    con: duckdb.DuckDBPyConnection, settings: Settings, oubli: Oubli, effaces: dict[str, int]
) -> tuple[dict[str, str | None], dict[str, Places]]:
    """Write again the archives that hold it: (deposit → new archive or none, deposit → sheet → rows emptied)."""
    motif = oubli.aiguilles.motif()
    nouvelles: dict[str, str | None] = {}
    videes: dict[str, Places] = {}
    requete = "select depot_id, sha256, archive, nom_fichier, questionnaire from depot.depots order by ordre"
    with con.cursor() as cur:
        depots = cur.execute(requete).fetchall()
    for depot_id, sha256, archive, nom, questionnaire in depots:
        places = _lignes_connues(con, depot_id, questionnaire, oubli)
        chemin = settings.donnees / (archive or "")
        if archive and chemin.is_file():
            with tempfile.TemporaryDirectory() as dossier:
                _, classeur = lire_archive(chemin, {"nom_fichier": nom}, Path(dossier))
            tournees = _tournees(con, depot_id)
            for feuille in classeur.feuilles:
                places[feuille.nom] |= _places(feuille, motif, feuille.nom in tournees)
                if not _reste(con, depot_id, questionnaire, feuille.nom, places[feuille.nom]):
                    places[feuille.nom] |= set(
                        range(1, 1 + max(len(feuille.lignes), *map(len, feuille.lignes), 0))
                    )
            if any(places.values()):
                vide = _vider(classeur, places, tournees)
                nouvelles[depot_id] = _garder(settings, sha256, vide)
                if nouvelles[depot_id] != archive:
                    oubli.archives = [*{*oubli.archives, archive}]
                    effaces["archives"] += 1
        if any(places.values()):
            videes[depot_id] = places
    return nouvelles, videes


def _tournees(con: duckdb.DuckDBPyConnection, depot_id: str) -> set[str]:
    """Sheets whose titles go down a column: a row of theirs is a column of the file."""
    requete = "select distinct feuille from depot.correspondances where depot_id = ? and colonne similar to '[0-9]+'"
    return {f for (f,) in con.execute(requete, [depot_id]).fetchall()}


def _lignes_connues(
    con: duckdb.DuckDBPyConnection, depot_id: str, questionnaire: str, oubli: Oubli
) -> defaultdict[str, set[int]]:
    """Where the warehouse knows that it answered, the rows that were summed included."""
    places: defaultdict[str, set[int]] = defaultdict(set)
    requete = f"""
        select feuille, ligne, lignes_source from {en_table("enquete", questionnaire)}
        where depot_id = ? and list_contains(?::varchar[], cle_association)"""
    for feuille, ligne, source in con.execute(requete, [depot_id, oubli.cles]).fetchall():
        places[feuille] |= {ligne, *(source or ())}
    motif = oubli.aiguilles.motif()
    requete = "select feuille, ligne, lignes_source, coalesce(repere, '') || ' ' || valeurs from depot.attente where depot_id = ?"
    for feuille, ligne, source, texte in con.execute(requete, [depot_id]).fetchall():
        if motif.search(texte):
            places[feuille] |= {ligne, *(source or ())}
    return places


def _places(feuille: Feuille, motif: Any, tournee: bool) -> set[int]:
    """1-based rows (columns of a turned sheet) that hold an identifier."""
    return {
        (j if tournee else i) + 1
        for i, ligne in enumerate(feuille.lignes)
        for j, valeur in enumerate(ligne)
        if valeur is not None and motif.search(_texte(valeur))
    }


def _texte(valeur: object) -> str:
    return str(int(valeur)) if isinstance(valeur, float) and valeur.is_integer() else str(valeur)


def _reste(
    con: duckdb.DuckDBPyConnection, depot_id: str, questionnaire: str, feuille: str, places: Collection[int]
) -> bool:
    """True when somebody else answered in that sheet, or when it was not touched."""
    if not places:
        return True
    table = en_table("enquete", questionnaire)
    requete = f"""
        select count(*) from (
            select feuille, ligne from {table} where depot_id = $d
            union all select feuille, ligne from depot.attente where depot_id = $d
        ) where feuille = $f and not list_contains($p::integer[], ligne)"""
    valeurs = {"d": depot_id, "f": feuille, "p": sorted(places)}
    autres = con.execute(requete, valeurs).fetchall()[0][0]
    lue = con.execute(
        f"select 1 from {table} where depot_id = ? and feuille = ? limit 1", [depot_id, feuille]
    ).fetchall()
    return bool(autres) or not lue


def _vider(classeur: Classeur, places: Mapping[str, Collection[int]], tournees: Collection[str]) -> Classeur:
    """The same workbook with these rows emptied: the others keep their place, and their addresses."""
    feuilles = []
    for feuille in classeur.feuilles:
        vises = places.get(feuille.nom, ())
        colonne = feuille.nom in tournees

        def visee(i: int, j: int, vises: Collection[int] = vises, colonne: bool = colonne) -> bool:
            return (j if colonne else i) + 1 in vises

        feuilles.append(
            replace(
                feuille,
                lignes=[
                    [None if visee(i, j) else v for j, v in enumerate(ligne)]
                    for i, ligne in enumerate(feuille.lignes)
                ],
                erreurs={c: v for c, v in feuille.erreurs.items() if not visee(*c)},
                non_calculees={c for c in feuille.non_calculees if not visee(*c)},
                originaux={c: v for c, v in feuille.originaux.items() if not visee(*c)},
            )
        )
    return replace(classeur, feuilles=feuilles)


def _garder(settings: Settings, sha256: str, classeur: Classeur) -> str | None:
    """Archive of the emptied workbook; None when nothing is left in it."""
    if not any(v not in (None, "") for f in classeur.feuilles for ligne in f.lignes for v in ligne):
        return None
    octets = octets_grille(classeur)
    nom = f"{sha256}-{hashlib.sha256(octets).hexdigest()[:8]}"
    garde = archiver_grille(settings, nom, [(f.nom, f.lignes) for f in classeur.feuilles], octets)
    return garde.relative_to(settings.donnees).as_posix()


def _effacer(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    oubli: Oubli,
    nouvelles: Mapping[str, str | None],
    videes: Mapping[str, Places],
    effaces: dict[str, int],
    qui: str,
) -> None:
    """One transaction: rows, counts, archives, texts that quote it, and the line that says so."""
    motif = oubli.aiguilles.motif()
    marque = _marque(settings, oubli.cle)
    with transaction(con) as cur:
        effaces["paroles"] += paroles.oublier(cur, oubli.cles)
        for depot_id, places in videes.items():
            _effacer_lignes(cur, depot_id, places, effaces)
        for depot_id, archive in nouvelles.items():
            somme = empreinte(settings.donnees / archive) if archive else None
            cur.execute(
                "update depot.depots set archive = ?, empreinte_archive = ?, empreinte_contenu = null where depot_id = ?",
                [archive, somme, depot_id],
            )
        for table in _QUOTES:
            effaces[table.partition(".")[2]] += _oter_citations(cur, table, motif)
        _oter_decisions(cur, videes, motif)
        _oter_du_journal(cur, oubli, motif, nouvelles)
        journaliser(cur, OUBLIER, marque, qui=qui)


def _effacer_lignes(
    cur: duckdb.DuckDBPyConnection, depot_id: str, places: Places, effaces: dict[str, int]
) -> None:
    (questionnaire,) = cur.execute(
        "select questionnaire from depot.depots where depot_id = ?", [depot_id]
    ).fetchall()[0]
    typees = en_table("enquete", questionnaire)
    retires = {}
    for nom, table in (("réponses", typees), ("attente", "depot.attente")):
        total = 0
        for feuille, lignes in places.items():
            ou = "depot_id = ? and feuille = ? and list_contains(?::integer[], ligne)"
            valeurs = [depot_id, feuille, sorted(lignes)]
            requete = (
                f"select count(*), coalesce(sum(coalesce(len(lignes_source), 1)), 0) from {table} where {ou}"
            )
            nombre, sources = cur.execute(requete, valeurs).fetchall()[0]
            cur.execute(f"delete from {table} where {ou}", valeurs)
            effaces[nom] += nombre
            total += int(sources)
        retires[nom] = total
    cur.execute(
        # An emptied row is one that is passed over, as it is when the archive is read again.
        "update depot.depots set lignes_ignorees = lignes_ignorees + $c + $a, lignes_chargees = lignes_chargees - $c, "
        "lignes_en_attente = lignes_en_attente - $a where depot_id = $d",
        {"c": retires["réponses"], "a": retires["attente"], "d": depot_id},
    )
    for table in ("depot.lignes_brutes", "depot.anomalies"):
        for feuille, lignes in places.items():
            ou = "depot_id = ? and feuille = ? and list_contains(?::integer[], ligne)"
            valeurs = [depot_id, feuille, sorted(lignes)]
            nombre = cur.execute(f"delete from {table} where {ou}", valeurs).fetchall()[0][0]
            effaces[table.partition(".")[2]] += nombre


def _oter_citations(cur: duckdb.DuckDBPyConnection, table: str, motif: Any) -> int:
    """Rows of a table whose text quotes it, wherever they are."""
    lignes = cur.execute(f"select rowid, * from {table}").fetchall()
    vises = [x[0] for x in lignes if any(motif.search(str(v)) for v in x[1:] if v is not None)]
    if vises and table == "depot.attente":
        raise AssertionError("une ligne en attente cite encore l’association")
    cur.execute(f"delete from {table} where list_contains(?::bigint[], rowid)", [vises])
    return len(vises)


def _oter_decisions(cur: duckdb.DuckDBPyConnection, videes: Mapping[str, Places], motif: Any) -> None:
    """The choices of the depositors, without the cells typed again in its rows."""
    for depot_id, texte in cur.execute(
        "select depot_id, decisions from depot.depots where decisions is not null"
    ).fetchall():
        choix = json.loads(texte)
        gardees = [
            c
            for c in choix.get("corrections", ())
            if int("".join(filter(str.isdigit, c["cellule"])) or 0)
            not in videes.get(depot_id, {}).get(c["feuille"], ())
            and not motif.search(json.dumps(c, ensure_ascii=False))
        ]
        if len(gardees) != len(choix.get("corrections", ())):
            choix["corrections"] = gardees
            texte_propre = json.dumps(choix, ensure_ascii=False)
            cur.execute("update depot.depots set decisions = ? where depot_id = ?", [texte_propre, depot_id])
            cellules = [(c["feuille"], c["cellule"]) for c in gardees]
            for feuille, cellule in cur.execute(
                "select feuille, cellule from depot.corrections where depot_id = ?", [depot_id]
            ).fetchall():
                if (feuille, cellule) not in cellules:
                    cur.execute(
                        "delete from depot.corrections where depot_id = ? and feuille = ? and cellule = ?",
                        [depot_id, feuille, cellule],
                    )


def _oter_du_journal(
    cur: duckdb.DuckDBPyConnection, oubli: Oubli, motif: Any, nouvelles: Collection[str]
) -> None:
    """Its lines stay, without what names it; what a gesture needs for the others stays too."""
    champs = ("objet", "avant", "apres", "detail")
    for ordre, quoi, *valeurs in cur.execute(
        f"select ordre, quoi, {', '.join(champs)} from depot.journal"
    ).fetchall():
        ligne = dict(zip(champs, valeurs, strict=True))
        if ligne["detail"]:
            detail = json.loads(ligne["detail"])
            if quoi == CHARGER and ("dites" in detail or ligne["objet"] in nouvelles):
                requete = (
                    "select * exclude (depot_id) from depot.anomalies where depot_id = ? order by numero"
                )
                dites = cur.execute(requete, [ligne["objet"]])
                noms = [d[0] for d in dites.description or ()]
                colonnes = list(zip(*dites.fetchall(), strict=True)) or [()] * len(noms)
                detail["dites"] = dict(zip(noms, colonnes, strict=True))
                detail["anomalies"] = Counter(detail["dites"]["code"])
            for nom in ("cles", "lignes"):
                if nom in detail:
                    detail[nom] = [
                        x for x in detail[nom] if not motif.search(json.dumps(x, ensure_ascii=False))
                    ]
            ligne["detail"] = json.dumps(detail, ensure_ascii=False, sort_keys=True)
        if any(motif.search(v) for v in ligne.values() if v) or ligne["objet"] in oubli.cles:
            quoi, ligne = OUBLIER, {"objet": EFFACE, "avant": None, "apres": None, "detail": None}
        cur.execute(
            "update depot.journal set quoi = ?, objet = ?, avant = ?, apres = ?, detail = ? where ordre = ?",
            [quoi, *(ligne[c] for c in champs), ordre],
        )


def _oter_calculs(settings: Settings) -> None:
    """What was worked out with its answers is worked out again."""
    for dossier in (settings.memoire_masques, settings.memoire_poids, settings.memoire_evolutions):
        shutil.rmtree(dossier, ignore_errors=True)


def _oter_analystes(settings: Settings) -> int:
    """Withdraw the files and folders of the analysts that precede the current ones."""
    return len(fichiers.retirer_analyses(settings))


def _prouver(settings: Settings, oubli: Oubli, effaces: Mapping[str, int], qui: str) -> Rapport:
    """Read every file again. Official files are public and hold no answer: what repeats them is counted apart."""
    nombre = octets = registre = 0
    restent: dict[str, int] = {}
    racines = [settings.donnees, settings.quarantaine]
    publiques = Publiques((settings.registre.parent, settings.sources), DU_REGISTRE)
    for fouille in fouiller(racines, oubli.aiguilles, sauf=[_plan(settings)], publiques=publiques):
        nombre, octets, registre = nombre + 1, octets + fouille.octets, registre + fouille.publiques
        if fouille.trouvees:
            lieu = next(r for r in racines if r in fouille.chemin.parents)
            restent[fouille.chemin.relative_to(lieu).as_posix()] = fouille.trouvees
    partages = len(oubli.cles) and sum(1 for c in oubli.cles if c.startswith("NOM:")) - len(oubli.textes)
    return Rapport(
        _marque(settings, oubli.cle),
        dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        qui,
        {k: v for k, v in effaces.items() if v},
        nombre,
        octets,
        restent,
        registre,
        max(0, partages),
    )


def _marque(settings: Settings, cle: str) -> str:
    """What stands for the association: who knows its key and that of the installation can find it again."""
    return hmac.new(lire_cle(settings), cle.encode(), "sha256").hexdigest()[:12]


def _signer(settings: Settings, rapport: Rapport) -> Path:
    """Write the report, with a seal made with the key of the installation."""
    objet = {c: v for c, v in asdict(rapport).items() if c != "signature"}
    objet["signature"] = sceau(settings, objet)
    dossier = settings.donnees / "oublis"
    dossier.mkdir(mode=0o700, exist_ok=True)
    chemin = dossier / f"{rapport.fait_le.replace(':', '').replace('+0000', '')}-{rapport.association}.json"
    chemin.write_text(json.dumps(objet, ensure_ascii=False, indent=1), encoding="utf-8")
    synchroniser(chemin)
    return chemin


def sceau(settings: Settings, objet: Mapping[str, Any]) -> str:
    """Seal of a report: anybody who holds the key can make it again."""
    texte = json.dumps(
        {c: v for c, v in objet.items() if c != "signature"}, ensure_ascii=False, sort_keys=True
    )
    return hmac.new(lire_cle(settings), texte.encode(), "sha256").hexdigest()


def phrases(rapport: Rapport, chemin: Path) -> Iterable[str]:
    """The report in French sentences."""
    quoi: Sequence[str] = [f"{nombre} {nom}" for nom, nombre in rapport.effaces.items()]
    yield f"Effacé : {', '.join(quoi) or 'rien'}."
    yield f"{rapport.fichiers} fichiers relus en entier ({rapport.octets / 1e6:.1f} Mo)."
    if rapport.prouve:
        yield "Il en reste 0 occurrence."
    for nom, nombre in rapport.restent.items():
        yield f"Il en reste {nombre} dans « {nom} »."
    if rapport.registre:
        yield (
            f"Les fichiers officiels et ce qui les reprend la citent {rapport.registre} fois : ils sont publics et ne "
            "contiennent aucune réponse."
        )
    if rapport.noms_partages:
        yield "Un nom que d’autres associations portent aussi n’a pas été cherché."
    yield "Hors d’atteinte : les sauvegardes déjà faites et les fichiers déjà téléchargés. Détruisez les premières."
    yield f"Rapport signé : {chemin}"
