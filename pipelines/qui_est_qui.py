"""Who is who: names without number linked to the register, pairs to decide, decisions remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.registre.rapprochement import CANDIDATS_MAX, DOUTEUX, SUR, Demande, Lien, rapprocher
from observatoire.registre.registre import empreinte
from observatoire.storage.connexion import transaction
from observatoire.storage.depots import depot
from observatoire.storage.erreurs import ErreurEntrepot
from observatoire.storage.insertion import inserer
from observatoire.storage.journal import journaliser, maintenant
from observatoire.territoire import load_territoire
from pipelines.noms_deposes import Nomme, connus, memes_noms, nommes, numeros

A_DECIDER, CONFIRME, REFUSE = "a_decider", "confirme", "refuse"
DECIDES = (CONFIRME, REFUSE)
ENTREPOT = "entrepot"  # stands for the register when none was loaded
MACHINE = "observatoire"
# What the journal says of the gestures on links.
RATTACHER, RAPPROCHER, DEFAIRE = "rattacher", "rapprocher", "defaire_rapprochement"


class PaireInconnue(ErreurEntrepot):
    """Nothing to decide under this key, or already decided; the sentence says which."""


@dataclass(frozen=True, slots=True)
class BilanRapprochement:
    """What was found for the names without number. `decides` were decided before and are not asked again."""

    noms: int
    surs: int
    a_decider: int
    inconnus: int
    decides: int
    meme_fichier: int
    registre: str

    def phrase(self) -> str:
        """One French sentence for the report and the receipt."""
        if not self.noms:
            return "Toutes les associations ont un numéro RNA ou SIRET."
        fond = "au registre" if self.registre != ENTREPOT else "aux associations déjà connues par leur numéro"
        suite = (
            ""
            if self.registre != ENTREPOT
            else " Aucun registre n’est chargé\u00a0: «\u00a0observatoire sources ajouter\u00a0»."
        )
        return (
            f"Associations sans numéro\u00a0: {self.noms}, dont {self.surs} rattachées {fond}, "
            f"{self.a_decider} à décider, {self.inconnus} introuvables et {self.decides} déjà décidées.{suite}"
        )


@dataclass(frozen=True, slots=True)
class Choix:
    """One association that may be the one deposited."""

    vers: str
    nom: str
    commune: str | None
    score: float
    raison: str


@dataclass(frozen=True, slots=True)
class Paire:
    """What was deposited on the left, what it may be on the right, best first."""

    cle: str
    nom: str
    commune: str | None
    fichiers: tuple[str, ...]
    lignes: int
    candidats: tuple[Choix, ...]


def apres_chargement(con: duckdb.DuckDBPyConnection, settings: Settings, depot_id: str) -> BilanRapprochement:
    """Link the names without number of a deposit; call it once the deposit is committed."""
    return _rattacher(con, settings, nommes(con, depot(con, depot_id)))


def recalculer(con: duckdb.DuckDBPyConnection, settings: Settings) -> BilanRapprochement:
    """Link again every name that nobody has decided, after the register has changed."""
    return _rattacher(con, settings, nommes(con))


def _rattacher(
    con: duckdb.DuckDBPyConnection, settings: Settings, noms: Sequence[Nomme]
) -> BilanRapprochement:
    decides = _cles_decidees(con)
    libres = [n for n in noms if n.cle not in decides]
    territoire = load_territoire(settings.departement)
    communes = {c.code: c.nom for c in territoire.communes}
    version = empreinte(settings)
    demandes = [Demande(n.cle, n.nom, n.code_commune) for n in libres]
    # In memory: the comparison makes temporary tables, and the warehouse has one writer.
    with duckdb.connect() as memoire:
        liens = rapprocher(memoire, demandes, settings.registre if version else connus(con, communes))
        surs = {lien.cle for lien in liens if lien.verdict == SUR}
        jumeaux = memes_noms(memoire, con, [n for n in libres if n.cle not in surs], surs | decides, communes)
    lignes = _lignes(libres, liens, jumeaux, communes)
    lignes += _lignes_numeros(con, settings) if version else []
    ecrire_liens(con, [n.cle for n in libres], lignes, version or ENTREPOT)
    etats = {x["cle"]: x["statut"] for x in lignes if x["cle"].startswith("NOM:")}
    etats.update({x["cle"]: SUR for x in lignes if x["statut"] == SUR and x["cle"].startswith("NOM:")})
    trouves = sum(e == SUR for e in etats.values())
    return BilanRapprochement(
        noms=len(noms),
        surs=trouves,
        a_decider=len(etats) - trouves,
        inconnus=len(libres) - len(etats),
        decides=len(noms) - len(libres),
        meme_fichier=len(jumeaux),
        registre=version or ENTREPOT,
    )


def _lignes(
    noms: Sequence[Nomme], liens: Sequence[Lien], jumeaux: Sequence[Lien], communes: Mapping[str, str]
) -> list[dict[str, Any]]:
    par_cle = {n.cle: n for n in noms}
    rangs: dict[tuple[str, str], dict[str, Any]] = {}
    # The same words as another name: whatever is decided of that one holds for this one.
    suiveurs = {lien.cle for lien in jumeaux if lien.verdict == SUR}
    for lien in [*(x for x in liens if x.cle not in suiveurs), *jumeaux]:
        if lien.verdict not in (SUR, DOUTEUX):
            continue
        for rang, c in enumerate(lien.candidats):
            if lien.verdict == SUR and rang:
                break
            n = par_cle[lien.cle]
            rangs.setdefault(
                (lien.cle, c.vers),
                {
                    "cle": lien.cle,
                    "nom": n.nom,
                    "commune": communes.get(n.code_commune or "", n.code_commune),
                    "vers": c.vers,
                    "vers_nom": c.nom,
                    "vers_commune": c.commune,
                    "score": c.score,
                    "marge": lien.marge,
                    "statut": SUR if lien.verdict == SUR else A_DECIDER,
                    "raison": c.raison,
                },
            )
    par_nom: dict[str, list[dict[str, Any]]] = {}
    for ligne in sorted(rangs.values(), key=lambda x: (x["cle"], -x["score"], x["vers"])):
        par_nom.setdefault(ligne["cle"], []).append(ligne)
    return [ligne for lignes in par_nom.values() for ligne in lignes[:CANDIDATS_MAX]]


def _lignes_numeros(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[dict[str, Any]]:
    """SIREN of the deposits whose RNA the register gives: the same association under two numbers."""
    return [
        {
            "cle": cle,
            "nom": nom,
            "commune": commune,
            "vers": vers,
            "vers_nom": nom,
            "vers_commune": commune,
            "score": 1.0,
            "marge": None,
            "statut": SUR,
            "raison": "même association dans le registre, par son SIREN",
        }
        for cle, vers, nom, commune in numeros(con, settings.registre)
    ]


def ecrire_liens(
    con: duckdb.DuckDBPyConnection, cles: Sequence[str], lignes: Sequence[dict[str, Any]], registre: str
) -> None:
    """Replace what the machine had said of these keys; what somebody decided stays."""
    with transaction(con) as cur:
        cur.execute(
            "delete from depot.rapprochements where statut in ('sur', 'a_decider') "
            "and (list_contains(?::varchar[], cle) or cle like 'SIREN:%')",
            [list(cles)],
        )
        if lignes:
            colonnes = {nom: [x[nom] for x in lignes] for nom in lignes[0]}
            quand = maintenant()
            inserer(cur, "depot.rapprochements", colonnes, registre=registre, qui=MACHINE, quand=quand)
        if cles or lignes:
            detail = {"cles": list(cles), "lignes": list(lignes)}
            journaliser(cur, RATTACHER, registre, qui=MACHINE, detail=detail)


def _cles_decidees(con: duckdb.DuckDBPyConnection) -> set[str]:
    requete = "select distinct cle from depot.rapprochements where statut in ('confirme', 'refuse')"
    with con.cursor() as cur:
        return {cle for (cle,) in cur.execute(requete).fetchall()}


def paires(con: duckdb.DuckDBPyConnection, limite: int | None = None) -> list[Paire]:
    """The pairs to decide, the most likely first; those of cancelled deposits are not asked."""
    presents = {n.cle: n for n in nommes(con)}
    requete = """
        select cle, nom, commune, vers, vers_nom, vers_commune, score, raison
        from depot.rapprochements where statut = 'a_decider' order by cle, score desc, vers"""
    with con.cursor() as cur:
        lignes = cur.execute(requete).fetchall()
    groupes: dict[str, list[tuple[Any, ...]]] = {}
    for ligne in lignes:
        if ligne[0] in presents:
            groupes.setdefault(ligne[0], []).append(ligne)
    trouvees = [
        Paire(
            cle,
            g[0][1],
            g[0][2],
            presents[cle].fichiers,
            presents[cle].lignes,
            tuple(Choix(*x[3:]) for x in g),
        )
        for cle, g in groupes.items()
    ]
    trouvees.sort(key=lambda p: (-p.candidats[0].score, p.cle))
    return trouvees[:limite]


def decider(con: duckdb.DuckDBPyConnection, cle: str, vers: str | None, qui: str) -> None:
    """Confirm one candidate (the others are refused), or refuse them all with None. PaireInconnue otherwise."""
    with transaction(con) as cur:
        avant = _etats(cur, cle)
        if not avant:
            raise PaireInconnue("Cette association n’attend aucune décision. Rechargez la page.")
        if any(statut in DECIDES for statut in avant.values()):
            raise PaireInconnue(
                "Quelqu’un a déjà décidé pour cette association. Revenez d’abord sur cette décision."
            )
        if vers is not None and vers not in avant:
            raise PaireInconnue("Cette proposition n’est plus dans la liste. Rechargez la page.")
        apres = {v: CONFIRME if v == vers else REFUSE for v in avant}
        _changer(cur, cle, apres, qui)
        journaliser(cur, RAPPROCHER, cle, qui=qui, avant=_json(avant), apres=_json(apres))


def revenir(con: duckdb.DuckDBPyConnection, cle: str, qui: str) -> None:
    """Undo the last decision: every candidate takes back the state it had. PaireInconnue without a decision."""
    with transaction(con) as cur:
        actuels = _etats(cur, cle)
        requete = "select avant from depot.journal where quoi = 'rapprocher' and objet = ? order by ordre desc limit 1"
        lignes = cur.execute(requete, [cle]).fetchall()
        if not lignes or not any(statut in DECIDES for statut in actuels.values()):
            raise PaireInconnue("Aucune décision à défaire pour cette association.")
        avant = json.loads(lignes[0][0])
        _changer(cur, cle, avant, qui)
        journaliser(cur, DEFAIRE, cle, qui=qui, avant=_json(actuels), apres=_json(avant))


def remettre(con: duckdb.DuckDBPyConnection, quoi: str, cle: str, etats: Mapping[str, str], qui: str) -> None:
    """Make a decision of the journal again: the states that it had left."""
    with transaction(con) as cur:
        avant = _etats(cur, cle)
        _changer(cur, cle, etats, qui)
        journaliser(cur, quoi, cle, qui=qui, avant=_json(avant), apres=_json(_etats(cur, cle)))


def _etats(cur: duckdb.DuckDBPyConnection, cle: str) -> dict[str, str]:
    requete = "select vers, statut from depot.rapprochements where cle = ? order by vers"
    return dict(cur.execute(requete, [cle]).fetchall())


def _changer(cur: duckdb.DuckDBPyConnection, cle: str, etats: Mapping[str, str], qui: str) -> None:
    for vers, statut in etats.items():
        cur.execute(
            "update depot.rapprochements set statut = ?, qui = ?, quand = ? where cle = ? and vers = ?",
            [statut, qui, maintenant(), cle, vers],
        )


def _json(etats: Mapping[str, str]) -> str:
    return json.dumps(dict(etats), ensure_ascii=False, sort_keys=True)


def resume(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many associations without number are in each state; one counts once, for the furthest state."""
    requete = (
        "select cle, list(distinct statut) from depot.rapprochements where cle like 'NOM:%' group by cle"
    )
    with con.cursor() as cur:
        etats = [set(statuts) for _, statuts in cur.execute(requete).fetchall()]
    comptes = dict.fromkeys((SUR, A_DECIDER, CONFIRME, REFUSE), 0)
    for presents in etats:
        comptes[next(e for e in (CONFIRME, SUR, A_DECIDER, REFUSE) if e in presents)] += 1
    return comptes
