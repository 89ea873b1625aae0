"""Read a deposited file into a grid. The file is opened by a bounded child process, never by this one."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from observatoire.domain.types.base import Valeur
from pipelines.ingestion.grille import Classeur, Feuille, FichierRefuse
from pipelines.ingestion.limites import PARTAGER, Limites, trop_lourd, volume

ENFANT = Path(__file__).with_name("enfant.py")
ENVIRONNEMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
_journal = logging.getLogger(__name__)


def lire_fichier(chemin: Path, limites: Limites | None = None, nom: str | None = None) -> Classeur:
    """Grid of a spreadsheet or CSV file, with true addresses.

    Raises FichierRefuse (FI-01, 02, 04, 05, 06, 07, 09, 10) when nothing can be read. Memory, time and every
    count are bounded by `limites` in a child process; the bytes read are the bytes hashed. `nom` is the name
    that the person gave to the file, when the path is another one.
    """
    limites = limites or Limites()
    nom = (nom or chemin.name).encode("utf-8", "replace").decode()
    try:
        flux = chemin.open("rb")
        taille = os.fstat(flux.fileno()).st_size
    except OSError as erreur:
        raise FichierRefuse("FI-10", fichier=nom) from erreur
    with flux:
        if taille == 0:
            raise FichierRefuse("FI-07", fichier=nom)
        if taille > limites.taille:
            limite = f"plus de {volume(limites.taille)}"
            raise FichierRefuse("FI-05", fichier=nom, **trop_lourd(limite, PARTAGER))
        sha256 = hashlib.file_digest(flux, "sha256").hexdigest()
        flux.seek(0)
        lu = _Lecture(nom, limites)
        lu.executer(flux.fileno())
    classeur = Classeur(nom, lu.format, sha256, taille, lu.feuilles, lu.encodage, lu.separateur)
    _refuser_vide(classeur)
    return classeur


def _refuser_vide(classeur: Classeur) -> None:
    if any(cellule is not None for f in classeur.feuilles for ligne in f.lignes for cellule in ligne):
        return
    if any(f.non_calculees for f in classeur.feuilles):
        raise FichierRefuse("FI-09", fichier=classeur.nom_fichier)
    if not any(f.erreurs for f in classeur.feuilles):
        raise FichierRefuse("FI-07", fichier=classeur.nom_fichier)


def _decoder(objet: dict[str, Any]) -> Any:
    """Typed cells come as one-key objects; any other object is a message of the protocol."""
    if len(objet) != 1:
        return objet
    ((cle, valeur),) = objet.items()
    if cle == "t":
        return dt.datetime.fromisoformat(valeur)
    if cle == "d":
        return dt.date.fromisoformat(valeur)
    if cle == "h":
        return dt.time.fromisoformat(valeur)
    if cle == "s":
        return dt.timedelta(seconds=valeur)
    return objet


class _Lecture:
    """One run of the child: what it sent, and the refusal it amounts to when it did not finish."""

    def __init__(self, nom: str, limites: Limites) -> None:
        self._nom = nom
        self._limites = limites
        self._fini = False
        self._hors_delai = False
        # Non-finite numbers are not cells of a spreadsheet: they stay the text they are.
        self._decoder = json.JSONDecoder(object_hook=_decoder, parse_constant=str).decode
        self.format = ""
        self.encodage: str | None = None
        self.separateur: str | None = None
        self.feuilles: list[Feuille] = []

    def executer(self, descripteur: int) -> None:
        """Spawn the child on an open file, take all it sends, and make sure it is gone."""
        commande = [sys.executable, "-I", str(ENFANT), str(descripteur), self._nom]
        with subprocess.Popen(
            [*commande, json.dumps(asdict(self._limites))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(descripteur,),
            env=ENVIRONNEMENT,
            start_new_session=True,
        ) as enfant:
            assert enfant.stdout is not None
            minuterie = threading.Timer(self._limites.duree, self._arreter, (enfant,))
            minuterie.start()
            try:
                for ligne in self._messages(enfant.stdout):
                    self._recevoir(ligne)
            finally:
                minuterie.cancel()
                _laisser_partir(enfant)
        if not self._fini:
            raise self._refus(enfant.returncode)

    def _arreter(self, enfant: subprocess.Popen[bytes]) -> None:
        self._hors_delai = True
        enfant.kill()

    def _messages(self, sortie: IO[bytes]) -> Iterator[str]:
        """Whole lines of the child, bounded in all; a line cut short (a crash, the bound) ends them."""
        reste = self._limites.transport + 4096
        while (ligne := sortie.readline(reste)).endswith(b"\n"):
            reste -= len(ligne)
            yield ligne.decode("utf-8")

    def _recevoir(self, ligne: str) -> None:
        message = self._decoder(ligne)
        if isinstance(message, list):
            self.feuilles[-1].lignes.extend(message)
        elif "feuille" in message:
            fusions = [(f[0], f[1], f[2], f[3]) for f in message["fusions"]]
            self.feuilles.append(Feuille(message["feuille"], [], message["visible"], fusions))
        elif "classeur" in message:
            self.format = message["classeur"]
            self.encodage = message.get("encodage")
            self.separateur = message.get("separateur")
        elif "refus" in message:
            raise FichierRefuse(message["refus"], **{"fichier": self._nom, **message["details"]})
        elif "panne" in message:
            _journal.warning("lecture de %s interrompue : %s", self._nom, message["panne"])
            raise FichierRefuse("FI-04", fichier=self._nom, raison=message["panne"])
        elif "fin" in message:
            self._completer(dict(message["fin"]))
            self._fini = True

    def _completer(self, regards: Mapping[str, Mapping[str, Any]]) -> None:
        """Put the findings of the second look in the sheets, and give every row the same width."""
        for feuille in self.feuilles:
            regard = regards.get(feuille.nom, {})
            feuille.erreurs = {(i, j): texte for i, j, texte in regard.get("erreurs", ())}
            feuille.non_calculees = {(i, j) for i, j in regard.get("non_calculees", ())}
            feuille.masquees = set(regard.get("masquees", ()))
            feuille.colonnes_masquees = set(regard.get("colonnes_masquees", ()))
            feuille.largeurs_fausses = dict(regard.get("largeurs", ()))
            egaliser(feuille, self._limites)

    def _refus(self, code_retour: int | None) -> FichierRefuse:
        """Why the child stopped without finishing."""
        if self._hors_delai:
            limite = f"plus de {self._limites.duree} secondes"
        elif code_retour in (-signal.SIGXCPU, -signal.SIGKILL):
            limite = f"plus de {self._limites.cpu} secondes de calcul"
        elif code_retour is not None and code_retour < 0:
            limite = f"plus de {volume(self._limites.memoire)} de mémoire"
        else:
            return FichierRefuse("FI-04", fichier=self._nom, raison=f"lecture interrompue ({code_retour})")
        return FichierRefuse("FI-05", fichier=self._nom, **trop_lourd(limite))


def _laisser_partir(enfant: subprocess.Popen[bytes]) -> None:
    """A child that has said its last word gets a second to leave."""
    try:
        enfant.wait(timeout=1)
    except subprocess.TimeoutExpired:
        enfant.kill()


def egaliser(feuille: Feuille, limites: Limites) -> None:
    """Pad the rows to one width, with room for the cells that only the second look has seen."""
    vues = [
        p
        for p in (*feuille.erreurs, *feuille.non_calculees)
        if p[0] < limites.lignes and p[1] < limites.colonnes
    ]
    hauteur = max((i + 1 for i, _ in vues), default=0)
    largeur = max(max(map(len, feuille.lignes), default=0), max((j + 1 for _, j in vues), default=0))
    vide: list[Valeur] = []
    feuille.lignes.extend(list(vide) for _ in range(hauteur - len(feuille.lignes)))
    for ligne in feuille.lignes:
        if len(ligne) < largeur:
            ligne.extend([None] * (largeur - len(ligne)))
