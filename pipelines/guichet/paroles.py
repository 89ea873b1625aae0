"""« Paroles à relire »: extracts with consent, decided by somebody else than who deposited them."""

from __future__ import annotations

from observatoire.comptes import nb_pouvant
from observatoire.comptes.identite import Role
from observatoire.storage import paroles as decisions
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import EntrepotAbsent
from pipelines import paroles
from pipelines.guichet.acces import Base, exige


class Paroles(Base):
    """Moderation of the extracts."""

    @exige(Role.VALIDEUR)
    def paroles(self) -> paroles.Relecture:
        """The extracts in force, with what each may give away."""
        try:
            with EntrepotLecture(self.settings) as con:
                return paroles.relecture(con, self.settings)
        except EntrepotAbsent:
            return paroles.Relecture((), 0, ())

    @exige(Role.VALIDEUR)
    def accepter_parole(self, identifiant: str, texte: str | None = None) -> str:
        """Accept an extract, cut to `texte` when it is given; the decision taken."""
        with EntrepotEcriture(self.settings) as con:
            return paroles.decider(con, identifiant, self.qui.sujet, coupe=texte)

    @exige(Role.VALIDEUR)
    def refuser_parole(self, identifiant: str, raison: str) -> None:
        """Refuse an extract, with the reason."""
        with EntrepotEcriture(self.settings) as con:
            paroles.decider(con, identifiant, self.qui.sujet, refus=raison)

    @exige(Role.VALIDEUR)
    def revenir_parole(self, identifiant: str) -> None:
        """Take a decision back."""
        with EntrepotEcriture(self.settings) as con:
            decisions.revenir(con, identifiant, self.qui.sujet)

    @exige(Role.VALIDEUR)
    def relecteurs(self) -> int:
        """How many open accounts may read extracts again."""
        return nb_pouvant(self.settings, Role.VALIDEUR)
