"""Loaded deposits: list, receipt, undo, redo, replace, validate, publish; what still waits."""

from __future__ import annotations

from typing import Any

from observatoire.comptes.identite import Role
from observatoire.domain.anomalie import Modele, catalogue
from observatoire.storage import depots as ledger
from observatoire.storage import journal
from observatoire.storage.depots import Depot
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from pipelines import depot as services
from pipelines.apercu import ChiffreTouche, apercu_chiffres
from pipelines.chantiers import reprise
from pipelines.guichet.acces import exige
from pipelines.guichet.en_cours import EnCours


class Charges(EnCours):
    """What was loaded, and what is done with it."""

    @exige(Role.LECTEUR)
    def depots(self) -> list[Depot]:
        """Every deposit, the latest first; empty when nothing was ever loaded."""
        try:
            with EntrepotLecture(self.settings) as con:
                return list(reversed(ledger.depots(con)))
        except EntrepotAbsent:
            return []

    @exige(Role.LECTEUR)
    def depot(self, depot_id: str) -> Depot:
        """One deposit; DepotInconnu."""
        with EntrepotLecture(self.settings) as con:
            return ledger.depot(con, depot_id)

    @exige(Role.LECTEUR)
    def recu(self, depot_id: str) -> str:
        """Printable receipt, a whole HTML page."""
        from pipelines.sorties.recu import recu_depot

        return recu_depot(self.settings, depot_id)

    @exige(Role.DEPOSANT)
    def reprendre(self, depot_id: str) -> str:
        """Take a loaded deposit up again to finish its pending lines; id of the new deposit in progress.

        One's own, or anybody's for a validator.
        """
        self._exiger_sien(depot_id)
        return self._demander(reprise.reprendre(self.settings, self.qui.sujet, depot_id))

    @exige(Role.LECTEUR)
    def attente(self) -> list[Any]:
        """Rows that wait, of every deposit in force."""
        from observatoire.storage.attente import lignes_en_attente

        try:
            with EntrepotLecture(self.settings) as con:
                return lignes_en_attente(con)
        except EntrepotAbsent:
            return []

    @exige(Role.DEPOSANT)
    def apercu_annulation(self, depot_id: str) -> list[ChiffreTouche]:
        """Figures that move if this deposit is undone."""
        return apercu_chiffres(self.settings, depot_id)

    @exige(Role.DEPOSANT)
    def annuler(self, depot_id: str) -> None:
        """Take a deposit out of the figures; one's own, or anybody's for a validator."""
        self._exiger_sien(depot_id)
        services.annuler(depot_id, self.settings, self.qui.sujet)

    @exige(Role.DEPOSANT)
    def retablir(self, depot_id: str) -> None:
        """Bring a cancelled deposit back."""
        self._exiger_sien(depot_id)
        services.retablir(depot_id, self.settings, self.qui.sujet)

    @exige(Role.VALIDEUR)
    def valider(self, depot_id: str) -> None:
        """Let a deposit count, by somebody else than its depositor."""
        services.valider(depot_id, self.settings, self.qui.sujet)

    @exige(Role.VALIDEUR)
    def publier(self) -> None:
        """Compute and publish in the background; `publication_en_cours` and `refus_publication` tell the rest."""
        self.atelier.confier("publier", services.publier, self._reglages(), self.qui.sujet)

    @exige(Role.LECTEUR)
    def publication_en_cours(self) -> bool:
        """True while a publication is being made."""
        return self.atelier.en_cours("publier")

    @exige(Role.LECTEUR)
    def refus_publication(self) -> str | None:
        """Why the last publication asked for here was not made."""
        return self.atelier.refus("publier")

    @exige(Role.LECTEUR)
    def publications(self) -> list[Any]:
        """Numbered publications, each with the deposits it holds."""
        return services.lister_publications(self.settings)

    @exige(Role.LECTEUR)
    def journal(self, objet: str | None = None) -> list[Any]:
        """Who did what, when, to which deposit; the latest first."""
        try:
            with EntrepotLecture(self.settings) as con:
                return journal.lire(con, objet=objet)
        except EntrepotAbsent:
            return []

    @exige(Role.LECTEUR)
    def aide(self, code: str) -> Modele | None:
        """The catalogue's entry of an anomaly code."""
        return catalogue().get(code)
