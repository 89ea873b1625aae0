"""Associations: who is who, the register, who answered, what is sent back to each."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from observatoire.comptes.identite import Role
from observatoire.domain.loader import load_enquetes
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from pipelines import qui_est_qui
from pipelines.guichet.acces import Base, exige
from pipelines.ingestion.gabarit import ecrire_gabarit

EXTENSIONS_REGISTRE = (".csv", ".txt", ".tsv", ".xlsx")


class Associations(Base):
    """Identities, register, follow-up of the answers."""

    @exige(Role.LECTEUR)
    def resume_paires(self) -> dict[str, int]:
        """How many links are sure, to decide, confirmed, refused."""
        try:
            with EntrepotLecture(self.settings) as con:
                return dict(qui_est_qui.resume(con))
        except EntrepotAbsent:
            return {}

    @exige(Role.VALIDEUR)
    def paires(self, limite: int = 50) -> list[Any]:
        """Names to compare with their candidates, side by side."""
        try:
            with EntrepotLecture(self.settings) as con:
                return qui_est_qui.paires(con, limite)
        except EntrepotAbsent:
            return []

    @exige(Role.VALIDEUR)
    def decider_paire(self, cle: str, vers: str | None) -> None:
        """Link a name to a candidate, or to none of them."""
        with EntrepotEcriture(self.settings) as con:
            qui_est_qui.decider(con, cle, vers, self.qui.sujet)

    @exige(Role.VALIDEUR)
    def revenir_paire(self, cle: str) -> None:
        """Ask again."""
        with EntrepotEcriture(self.settings) as con:
            qui_est_qui.revenir(con, cle, self.qui.sujet)

    @exige(Role.LECTEUR)
    def etat_registre(self) -> Any:
        """What the register holds; None when none was loaded."""
        from observatoire.registre import etat

        return etat(self.settings)

    @exige(Role.VALIDEUR)
    def ajouter_registre(self, genre: str, nom: str, octets: bytes) -> Any:
        """Add an official file to the register, then match again the names nobody decided on."""
        from pipelines.sources.registre import ajouter

        suffixe = Path(nom).suffix.lower()
        with tempfile.TemporaryDirectory() as dossier:
            chemin = Path(dossier) / f"registre{suffixe if suffixe in EXTENSIONS_REGISTRE else '.csv'}"
            chemin.write_bytes(octets)
            bilan = ajouter(self.settings, genre, chemin, nom=nom)
        with EntrepotEcriture(self.settings) as con:
            qui_est_qui.recalculer(con, self.settings)
        return bilan

    @exige(Role.LECTEUR)
    def tableau_reponses(self, questionnaire: str, millesime: int) -> Any:
        """Who answered, by EPCI, sector and size."""
        from pipelines.sorties.suivi import tableau_reponses

        return tableau_reponses(self.settings, questionnaire, millesime)

    @exige(Role.DEPOSANT)
    def relances(self, questionnaire: str, millesime: int) -> list[dict[str, Any]]:
        """Associations that did not answer, as rows of a CSV."""
        from pipelines.sorties.suivi import relances

        return relances(self.settings, questionnaire, millesime)

    @exige(Role.LECTEUR)
    def gabarit(self, questionnaire: str, millesime: int | None = None) -> tuple[str, bytes]:
        """(file name, bytes) of the template to send."""
        tampon = io.BytesIO()
        with tempfile.TemporaryDirectory() as dossier:
            chemin = Path(dossier) / "gabarit.xlsx"
            ecrire_gabarit(load_enquetes()[questionnaire], chemin, millesime=millesime)
            tampon.write(chemin.read_bytes())
        annee = f"-{millesime}" if millesime else ""
        return f"{questionnaire}{annee}.xlsx", tampon.getvalue()

    @exige(Role.DEPOSANT)
    def gabarit_prerempli(self, cle: str, questionnaire: str, millesime: int) -> tuple[str, bytes]:
        """(file name, bytes) of the template of one association, with what it answered last year."""
        from pipelines.sorties.prerempli import gabarit_prerempli

        nom = f"{questionnaire}-{millesime}-{cle.partition(':')[2] or 'association'}"
        sur = "".join(c if c.isascii() and c.isalnum() else "-" for c in nom.lower()).strip("-")
        return f"{sur}.xlsx", gabarit_prerempli(self.settings, cle, questionnaire, millesime)

    @exige(Role.DEPOSANT)
    def fiche_association(self, cle: str, millesime: int) -> str:
        """Printable sheet of one association beside the published figures, a whole HTML page."""
        from pipelines.sorties.fiche_association import fiche_html

        return fiche_html(self.settings, cle, millesime)

    @exige(Role.DEPOSANT)
    def repondantes(self, questionnaire: str, millesime: int) -> list[tuple[str, str]]:
        """(key, name) of the associations that answered, by name."""
        from pipelines.sorties.suivi import repondantes

        return repondantes(self.settings, questionnaire, millesime)
