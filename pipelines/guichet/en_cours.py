"""Deposits in progress: open, choose, examine, correct, load."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from observatoire.comptes.identite import Role
from observatoire.domain.loader import load_enquetes
from pipelines.chantiers import chantier as chantiers
from pipelines.chantiers import travaux
from pipelines.chantiers.atelier import AtelierPlein
from pipelines.chantiers.chantier import Chantier, ChantierInconnu, PlusDePlace
from pipelines.chantiers.verdict import Verdict, avec_apercus
from pipelines.guichet.acces import Base, exige
from pipelines.ingestion.decisions import Correction, Decisions

TAILLE_MAX = 20_000_000
FICHIERS_MAX = 200


class DepotRefuse(Exception):
    """These files cannot be taken in; the message is French."""


class EnCours(Base):
    """The five steps of a deposit, from the drop to the load."""

    @exige(Role.DEPOSANT)
    def ouvrir(self, fichiers: Sequence[tuple[str, bytes]], *, ensemble: bool = False) -> list[str]:
        """Take files in, one deposit each, or a single one for all; returns the ids. DepotRefuse says why not."""
        _verifier_reception(fichiers)
        chantiers.balayer(self.settings)
        groupes = [list(fichiers)] if ensemble else [[f] for f in fichiers]
        recus: list[Chantier] = []
        try:
            for groupe in groupes:
                recus.append(chantiers.ouvrir(self.settings, self.qui.sujet, groupe))
        except PlusDePlace:
            for recu in recus:
                chantiers.oublier(self.settings, recu.id)
            raise
        for recu in recus:
            self._demander(recu)
        return [recu.id for recu in recus]

    @exige(Role.DEPOSANT)
    def chantiers(self) -> list[Chantier]:
        """One's own deposits in progress, the latest first; everybody's for a validator."""
        return [c for c in chantiers.lister(self.settings) if self._sien(c)]

    @exige(Role.DEPOSANT)
    def chantier(self, identifiant: str) -> Chantier:
        """One deposit in progress; ChantierInconnu when there is none, AccesRefuse when it is somebody else's."""
        chantier = chantiers.lire(self.settings, identifiant)
        if not self._sien(chantier):
            self._refuser(
                "Ce dépôt en cours est celui d’une autre personne : il faut le droit de validation pour le voir."
            )
        return chantier

    @exige(Role.DEPOSANT)
    def verdict(self, identifiant: str) -> Verdict | None:
        """What is known of the present revision; None while it is being examined (it is asked for if nobody did)."""
        # Asked first: a job that ends in between has written its verdict before it stops being under way.
        en_cours = self.atelier.en_cours(identifiant)
        chantier = self.chantier(identifiant)
        brut = chantiers.lire_verdict(self.settings, identifiant)
        if brut is not None and brut["revision"] == chantier.revision:
            return avec_apercus(Verdict.from_dict(brut), chantiers.lire_apercus(self.settings, chantier))
        if en_cours:
            return None
        panne = self.atelier.refus(identifiant)
        if panne is not None:
            return Verdict(chantier.revision, chantier.nom, panne=panne)
        self._demander(chantier)
        return None

    @exige(Role.DEPOSANT)
    def recommencer(self, identifiant: str) -> None:
        """Examine again after a breakdown."""
        self._examiner(self.chantier(identifiant))

    @exige(Role.DEPOSANT)
    def avancement(self, identifiant: str) -> tuple[str, float]:
        """The step under way and its share."""
        return chantiers.lire_avancement(self.settings, self.chantier(identifiant).id)

    @exige(Role.DEPOSANT)
    def decider(self, identifiant: str, **choix: Any) -> None:
        """Change some of the decisions (fields of `Decisions`) and examine again."""
        inconnus = choix.keys() - {c.name for c in dataclasses.fields(Decisions)}
        if inconnus:
            raise TypeError(f"ce ne sont pas des choix : {', '.join(sorted(inconnus))}")
        self._modifier(identifiant, lambda d: dataclasses.replace(d, **choix))

    @exige(Role.DEPOSANT)
    def refuser_memoire(self, identifiant: str) -> None:
        """Forget the matching taken again from an earlier file, for this deposit only, and recognise it afresh."""
        self._modifier(
            identifiant,
            lambda d: dataclasses.replace(d, questionnaire=None, colonnes={}, conventions={}),
            memoire=None,
            sans_memoire=True,
        )

    @exige(Role.DEPOSANT)
    def corriger(self, identifiant: str, corrections: Sequence[Correction]) -> None:
        """Type cells again; a later correction of the same cell wins, back to the first text it disappears."""

        def fusionner(decisions: Decisions) -> Decisions:
            toutes = {(c.feuille, c.cellule): c for c in decisions.corrections}
            for c in corrections:
                ancienne = toutes.get((c.feuille, c.cellule))
                avant = ancienne.avant if ancienne else c.avant
                toutes[c.feuille, c.cellule] = dataclasses.replace(c, avant=avant)
            gardees = tuple(c for c in toutes.values() if c.apres != c.avant)
            return dataclasses.replace(decisions, corrections=gardees)

        self._modifier(identifiant, fusionner)

    @exige(Role.DEPOSANT)
    def ecarter(self, identifiant: str, lignes: Sequence[tuple[str, int]], *, oui: bool = True) -> None:
        """Leave rows (sheet, 1-based row) out of the deposit, or take them back."""

        def changer(decisions: Decisions) -> Decisions:
            ecartees = {f: set(n) for f, n in decisions.ecartees.items()}
            for feuille, ligne in lignes:
                ensemble = ecartees.setdefault(feuille, set())
                (ensemble.add if oui else ensemble.discard)(ligne)
            return dataclasses.replace(
                decisions, ecartees={f: tuple(sorted(n)) for f, n in ecartees.items() if n}
            )

        self._modifier(identifiant, changer)

    @exige(Role.DEPOSANT)
    def remplacer(self, identifiant: str, depot_id: str | None) -> None:
        """Say which deposit this one replaces, or none; one's own, or anybody's for a validator."""
        self.chantier(identifiant)
        if depot_id is not None:
            self._exiger_sien(depot_id)
        self._modifier(identifiant, lambda d: d, remplace=depot_id)

    @exige(Role.DEPOSANT)
    def charger(self, identifiant: str) -> None:
        """Load in the background; `chargement` tells the outcome."""
        chantier = self.chantier(identifiant)
        if chantier.remplace is not None:
            self._exiger_sien(chantier.remplace)
        self.atelier.confier(
            f"verser {identifiant}", travaux.verser, self._reglages(), identifiant, self.qui.sujet
        )

    @exige(Role.DEPOSANT)
    def chargement(self, identifiant: str) -> tuple[str | None, str | None]:
        """(id of the deposit once loaded, French reason when it could not be); both None while it runs."""
        cle = f"verser {identifiant}"
        chantier = self.chantier(identifiant)
        if self.atelier.en_cours(cle):
            return None, None
        return chantier.depot_id, self.atelier.refus(cle) if chantier.depot_id is None else None

    @exige(Role.DEPOSANT)
    def chargement_en_cours(self, identifiant: str) -> bool:
        """True while the load runs."""
        return self.atelier.en_cours(f"verser {self.chantier(identifiant).id}")

    @exige(Role.DEPOSANT)
    def annoter(self, identifiant: str) -> None:
        """Ask for the annotated copy; `annote` gives it once it is made."""
        self.chantier(identifiant)
        self.atelier.confier(
            f"annoter {identifiant}", travaux.annoter_chantier, self._reglages(), identifiant
        )

    @exige(Role.DEPOSANT)
    def annote(self, identifiant: str) -> tuple[str, bytes] | None:
        """(file name, bytes) of the annotated copy of the present revision; None until it is made."""
        chantier = self.chantier(identifiant)
        octets = chantiers.lire_annote(self.settings, chantier)
        racine = Path(chantier.fichiers[0].nom).stem
        return None if octets is None else (f"{racine} - à corriger.xlsx", octets)

    @exige(Role.DEPOSANT)
    def refus_annote(self, identifiant: str) -> str | None:
        """Why the annotated copy could not be made; None otherwise."""
        return self.atelier.refus(f"annoter {self.chantier(identifiant).id}")

    @exige(Role.DEPOSANT)
    def abandonner(self, identifiant: str) -> None:
        """Drop a deposit in progress: the file is forgotten, nothing was loaded."""
        self.chantier(identifiant)
        with chantiers.modifier(self.settings, identifiant) as edition:
            self._exiger_ouvert(edition.chantier)
            edition.changer(abandonne=True)
        chantiers.effacer(self.settings, identifiant)

    def _modifier(
        self, identifiant: str, changement: Callable[[Decisions], Decisions], **champs: Any
    ) -> None:
        self.chantier(identifiant)
        with chantiers.modifier(self.settings, identifiant) as edition:
            self._exiger_ouvert(edition.chantier)
            edition.changer(decisions=changement(edition.chantier.decisions), **champs)
        self._demander(edition.chantier)

    def _exiger_ouvert(self, chantier: Chantier) -> None:
        if self.atelier.en_cours(f"verser {chantier.id}"):
            raise ChantierInconnu("Ce dépôt est en train d’être chargé : il ne change plus.")
        if not chantier.ouvert:
            raise ChantierInconnu("Ce dépôt a déjà été chargé ou abandonné : il ne change plus.")

    def _sien(self, chantier: Chantier) -> bool:
        return chantier.qui == self.qui.sujet or self.qui.peut(Role.VALIDEUR)

    def _demander(self, chantier: Chantier) -> str:
        """Ask for the examination; when too many wait already, `verdict` asks again."""
        with contextlib.suppress(AtelierPlein):
            self._examiner(chantier)
        return chantier.id

    def _examiner(self, chantier: Chantier) -> None:
        if not chantier.ouvert:
            return
        if not self.atelier.en_cours(chantier.id):
            chantiers.ecrire_avancement(self.settings, chantier.id, chantiers.EN_ATTENTE, 0.0)
        self.atelier.confier(
            chantier.id, travaux.examiner, self._reglages(), chantier.id, self.qui.peut(Role.VALIDEUR)
        )


def titres_questionnaires() -> Mapping[str, str]:
    """Name → French title of every questionnaire."""
    return {nom: enquete.title for nom, enquete in load_enquetes().items()}


def _verifier_reception(fichiers: Sequence[tuple[str, bytes]]) -> None:
    if not fichiers:
        raise DepotRefuse("Choisissez au moins un fichier.")
    if len(fichiers) > FICHIERS_MAX:
        raise DepotRefuse(f"Déposez au plus {FICHIERS_MAX} fichiers à la fois.")
    if sum(len(octets) for _, octets in fichiers) > TAILLE_MAX * 5:
        raise DepotRefuse("Ces fichiers sont trop lourds ensemble : déposez-les en plusieurs fois.")
    trop = [nom for nom, octets in fichiers if len(octets) > TAILLE_MAX]
    if trop:
        raise DepotRefuse(f"« {trop[0]} » dépasse 20 Mo. Partagez-le en plusieurs fichiers.")


__all__ = ["AtelierPlein", "ChantierInconnu", "DepotRefuse", "EnCours", "titres_questionnaires"]
