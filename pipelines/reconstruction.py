"""Rebuild the warehouse from the archives and the journal: every gesture is made again, in its order.

Each gesture made again must leave in the new journal the very lines that it had left; what differs is named, and
nothing is passed over in silence. The new journal then takes the dates and the authors of the old one.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.exploitation.restauration import exiger_vide
from observatoire.exploitation.sauvegarde import SANS
from observatoire.storage import depots as ledger
from observatoire.storage import memoire, paroles
from observatoire.storage.archive import EN_COURS, empreinte
from observatoire.storage.chargement import DejaCharge, charger, redire
from observatoire.storage.connexion import transaction
from observatoire.storage.copie_journal import CHARGER, REGISTRE, Ligne, lire_copie, refaire
from observatoire.storage.entrepot import EntrepotEcriture, verrouiller
from observatoire.storage.erreurs import ErreurEntrepot
from observatoire.storage.journal import ANNULER, OUBLIER, PURGER, REMPLACER
from observatoire.storage.publications import PUBLIER
from observatoire.territoire import load_territoire
from pipelines import qui_est_qui
from pipelines.analyse import analyser
from pipelines.chantiers.reprise import EXTENSION_DOSSIER, EXTENSION_GRILLE, deballer
from pipelines.compte import dresser
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.dossier import lire_classeur
from pipelines.ingestion.epuration import lire_grille
from pipelines.ingestion.grille import Classeur, FichierRefuse
from pipelines.quality.controles import comparer
from pipelines.sorties.annote import sans_a_corriger
from pipelines.versement import a_charger, reponses_presentes

Suivi = Callable[[str, float], None]


class RienARejouer(ErreurEntrepot):
    """There is no journal to rebuild from."""


@dataclass(slots=True)
class Reconstruction:
    """What was made again, and every difference (`ecarts`), in French sentences without any value."""

    vers: Path
    gestes: int = 0
    depots: int = 0
    ecarts: list[str] = field(default_factory=list)


def reconstruire(
    settings: Settings, vers: Path, *, suivi: Suivi = lambda etape, part: None
) -> Reconstruction:
    """Make in `vers`, empty, a data folder whose warehouse is made again; the rest is copied as it is.

    RienARejouer without a copy of the journal. The old warehouse is not read: it may be lost.
    """
    exiger_vide(vers)
    with verrouiller(settings):
        lignes = lire_copie(settings.journal)
        if not lignes:
            raise RienARejouer(
                f"« {settings.journal} » est vide ou absent : il n’y a rien à rejouer. Restaurez une sauvegarde."
            )
        _copier(settings, vers)
    bilan = Reconstruction(vers, len(lignes))
    # The judgements that depend on a setting are in the journal, as they were made.
    with EntrepotEcriture(nouveaux := replace(settings, donnees=vers)) as con:
        _Rejeu(con, nouveaux, lignes, bilan, suivi).tout()
        _dater(con, lignes)
        refaire(con, nouveaux)
    return bilan


def _copier(settings: Settings, vers: Path) -> None:
    """Everything but the warehouse and what is not kept by a backup either."""
    entrepot = settings.entrepot.name
    sauf = (
        *SANS,
        entrepot,
        f"{entrepot}.wal",
        settings.verrou.name,
        settings.tenu.name,
        settings.journal.name,
    )

    def ecarter(dossier: str, noms: list[str]) -> list[str]:
        a_la_racine = Path(dossier) == settings.donnees
        return [n for n in noms if n.startswith(EN_COURS) or (a_la_racine and n in sauf)]

    if vers.exists():
        vers.rmdir()
    shutil.copytree(settings.donnees, vers, symlinks=True, ignore=ecarter)


@dataclass(slots=True)
class _Rejeu:
    con: duckdb.DuckDBPyConnection
    settings: Settings
    lignes: Sequence[Ligne]
    bilan: Reconstruction
    suivi: Suivi

    def tout(self) -> None:
        """Make every gesture again; the lines that a gesture brings with it are not made twice."""
        purges = {x["objet"] for x in self.lignes if x["quoi"] == PURGER}
        rang = 0
        while rang < len(self.lignes):
            ligne = self.lignes[rang]
            self.suivi(f"Geste n° {ligne['ordre']}", rang / len(self.lignes))
            avant = self._dernier()
            if ligne["quoi"] == CHARGER and ligne["objet"] in purges:
                self._dire(
                    ligne, "son archive a été purgée : ses réponses ne sont plus que dans l’ancien entrepôt"
                )
            else:
                self._geste(ligne)
            faites = self._apres(avant)
            rang += self._comparer(rang, faites)

    def _geste(self, ligne: Ligne) -> None:
        gestes: Mapping[str, Callable[[Ligne], object]] = {
            CHARGER: self._charger,
            ANNULER: lambda x: ledger.annuler(self.con, x["objet"], x["qui"]),
            "retablir": lambda x: ledger.retablir(self.con, x["objet"], x["qui"]),
            "valider": lambda x: ledger.compter(self.con, x["objet"], x["qui"]),
            "retenir": self._retenir,
            PUBLIER: self._inscrire,
            qui_est_qui.RATTACHER: self._rattacher,
            qui_est_qui.RAPPROCHER: self._decider,
            qui_est_qui.DEFAIRE: self._decider,
            **dict.fromkeys(paroles.ACTES.values(), self._relire),
            paroles.REVENIR: lambda x: paroles.revenir(self.con, x["detail"][paroles.EXTRAIT], x["qui"]),
            **dict.fromkeys((PURGER, OUBLIER), self._noter),
        }
        geste = gestes.get(ligne["quoi"])
        if geste is None:
            self._dire(ligne, "ce geste ne sait pas être refait par cette version")
            return
        try:
            geste(ligne)
        except (ErreurEntrepot, FichierRefuse, qui_est_qui.PaireInconnue) as faute:
            self._dire(ligne, f"refusé ({type(faute).__name__})")

    def _charger(self, ligne: Ligne) -> None:
        d = ligne["detail"]
        if not d.get("sha256"):
            self._dire(ligne, "le journal ne dit pas ce qui a été chargé")
            return
        archive = self.settings.donnees / (d["archive"] or "")
        if not d["archive"] or not archive.is_file():
            self._dire(ligne, "son archive manque")
            return
        if d["empreinte_archive"] and empreinte(archive) != d["empreinte_archive"]:
            self._dire(ligne, "son archive n’a plus la bonne empreinte")
        decisions = Decisions.from_dict(json.loads(d["decisions"])) if d["decisions"] else Decisions()
        with tempfile.TemporaryDirectory() as dossier:
            chemins, classeur = lire_archive(archive, d, Path(dossier))
            analyse = analyser(
                chemins,
                load_enquetes(),
                lieux=load_territoire(self.settings.departement, self.settings.territoires),
                decisions=decisions,
                classeur=sans_a_corriger(classeur),
            )
        bilan = dresser(Path(d["nom_fichier"]), d["sha256"], self.settings, analyse)
        lot = analyse.lot
        if lot.enquete.cle:
            comparer(lot, reponses_presentes(self.con, lot, sauf=d["remplace"]))
        nouveau = a_charger(
            bilan,
            analyse,
            d["archive"],
            d["fictif"],
            ligne["qui"],
            remplace=d["remplace"],
            a_valider=ligne["apres"] == "a_valider",
            decisions=decisions if d["decisions"] else None,
            empreinte_archive=d["empreinte_archive"],
        )
        garde = ("nom_fichier", "taille", "statut", "source", "empreinte_contenu")
        nouveau = replace(
            nouveau,
            **{nom: d[nom] for nom in garde},
            millesime=d["millesime"],
            depose_le=dt.datetime.fromisoformat(d["depose_le"]),
        )
        fait = charger(self.con, nouveau)
        if isinstance(fait, DejaCharge):
            self._dire(ligne, "le même fichier est déjà chargé")
            return
        self.bilan.depots += 1
        if "dites" in d:
            redire(self.con, fait.depot_id, d["dites"])
        self._juger(ligne, fait, d["anomalies"] if "dites" in d else Counter(a.code for a in lot.anomalies))

    def _juger(self, ligne: Ligne, fait: ledger.Depot, anomalies: Mapping[str, int]) -> None:
        """Say what is not as it was: rows by destination, questionnaire, anomalies by code."""
        d = ligne["detail"]
        for champ in (
            "questionnaire",
            "lignes_lues",
            "lignes_chargees",
            "lignes_en_attente",
            "lignes_ignorees",
        ):
            if getattr(fait, champ) != d[champ]:
                self._dire(ligne, f"{champ} : {d[champ]} alors, {getattr(fait, champ)} maintenant")
        attendues = d.get("anomalies")
        if attendues is None:
            self._dire(
                ligne, "chargé par une version qui ne gardait pas le compte des anomalies : non comparé"
            )
        elif attendues != dict(anomalies):
            codes = sorted(c for c in {*attendues, *anomalies} if attendues.get(c, 0) != anomalies.get(c, 0))
            self._dire(ligne, f"anomalies différentes ({', '.join(codes)})")

    def _retenir(self, ligne: Ligne) -> None:
        questionnaire, _, titres = ligne["objet"].partition(" ")
        nom = ligne["detail"].get("nom", "")
        memoire.retenir(self.con, titres, questionnaire, nom, ligne["apres"], ligne["qui"])

    def _inscrire(self, ligne: Ligne) -> None:
        from observatoire.storage.publications import inscrire

        publie_le = dt.datetime.fromisoformat(ligne["detail"]["publie_le"])
        inscrire(self.con, int(ligne["objet"]), publie_le, ligne["qui"], ligne["detail"]["depots"])

    def _rattacher(self, ligne: Ligne) -> None:
        """The links that the machine had found then, not those that the present register would give."""
        d = ligne["detail"]
        qui_est_qui.ecrire_liens(self.con, d["cles"], d["lignes"], ligne["objet"])

    def _decider(self, ligne: Ligne) -> None:
        qui_est_qui.remettre(
            self.con, ligne["quoi"], ligne["objet"], json.loads(ligne["apres"]), ligne["qui"]
        )

    def _relire(self, ligne: Ligne) -> None:
        """What was decided of an extract; without its detail (erased, or older), it is to be read again."""
        d = ligne["detail"]
        if paroles.EXTRAIT not in d:
            self._dire(ligne, "l’extrait n’est plus nommé : il est à relire")
            return
        paroles.decider(
            self.con, d[paroles.EXTRAIT], ligne["qui"], coupe=d["coupe"], refus=d["refus"],
            quand=dt.datetime.fromisoformat(d["quand"]),
        )  # fmt: skip

    def _noter(self, ligne: Ligne) -> None:
        from observatoire.storage.journal import journaliser

        with transaction(self.con) as cur:
            journaliser(
                cur, ligne["quoi"], ligne["objet"], qui=ligne["qui"], avant=ligne["avant"], apres=ligne["apres"],
                detail=ligne["detail"] or None,
            )  # fmt: skip

    def _dernier(self) -> int:
        with self.con.cursor() as cur:
            return int(cur.execute("select coalesce(max(ordre), 0) from depot.journal").fetchall()[0][0])

    def _apres(self, ordre: int) -> list[tuple[Any, ...]]:
        requete = "select quoi, objet, avant, apres from depot.journal where ordre > ? order by ordre"
        with self.con.cursor() as cur:
            return cur.execute(requete, [ordre]).fetchall()

    def _comparer(self, rang: int, faites: Sequence[tuple[Any, ...]]) -> int:
        """How many lines of the old journal this gesture accounts for: its own, and those it brought."""
        for saut, faite in enumerate(faites):
            voulue = self.lignes[rang + saut] if rang + saut < len(self.lignes) else None
            if voulue is None or faite != tuple(voulue[c] for c in ("quoi", "objet", "avant", "apres")):
                self._dire(self.lignes[rang], f"la ligne « {faite[0]} » qu’il laisse n’est pas celle d’alors")
                return max(1, saut)
        suivantes = self.lignes[rang + max(1, len(faites)) :]
        if suivantes and suivantes[0]["quoi"] == REMPLACER:
            self._dire(suivantes[0], "remplacement qui ne s’est pas refait")
            return max(1, len(faites)) + 1
        return max(1, len(faites))

    def _dire(self, ligne: Ligne, quoi: str) -> None:
        objet = (
            f" du dépôt {ligne['objet']}"
            if ligne["detail"].get("sha256") or len(ligne["objet"]) == 12
            else ""
        )
        self.bilan.ecarts.append(f"Geste n° {ligne['ordre']} (« {ligne['quoi']} »{objet}) : {quoi}.")


def lire_archive(archive: Path, d: Mapping[str, Any], dossier: Path) -> tuple[list[Path], Classeur]:
    """The workbook of a deposit, from what was kept of it."""
    if archive.name.endswith(EXTENSION_GRILLE):
        return [], lire_grille(archive)
    if archive.name.endswith(EXTENSION_DOSSIER):
        recus, chemins = deballer(archive, dossier)
        return chemins, lire_classeur(chemins, [r.nom for r in recus])
    return [archive], lire_classeur([archive], [d["nom_fichier"]])


def _dater(con: duckdb.DuckDBPyConnection, lignes: Sequence[Ligne]) -> None:
    """The journal of the new warehouse is the old one; dates and authors of what was decided follow it."""
    champs = ("ordre", "quand", "qui", "quoi", "objet", "avant", "apres")
    with transaction(con) as cur:
        cur.execute("delete from depot.journal")
        for x in lignes:
            # What the ledger says is not said twice; the status of a deposit may have changed since.
            propre = {c: v for c, v in x["detail"].items() if c not in REGISTRE or c == "statut"}
            detail = json.dumps(propre, ensure_ascii=False, sort_keys=True) if propre else None
            cur.execute(
                f"insert into depot.journal ({', '.join(champs)}, detail) values (?, ?, ?, ?, ?, ?, ?, ?)",
                [*(x[c] for c in champs), detail],
            )
        cur.execute(
            """
            update depot.rapprochements as r set quand = j.quand from (
                select objet, max(quand) as quand from depot.journal where quoi in (?, ?) group by objet
            ) as j where r.cle = j.objet and r.statut in ('confirme', 'refuse')""",
            [qui_est_qui.RAPPROCHER, qui_est_qui.DEFAIRE],
        )
        for x in (x for x in lignes if x["quoi"] == "retenir"):
            cur.execute(
                "update depot.memoire set quand = ? where questionnaire || ' ' || empreinte = ?",
                [x["detail"].get("quand", x["quand"]), x["objet"]],
            )
