"""« Requêtes »: what an analyst reads in the analysts' file of the publication in force, and what is kept of it."""

from __future__ import annotations

from observatoire.comptes import base as comptes
from observatoire.comptes.identite import Role
from observatoire.requetes.contenu import Contenu, lire_contenu
from observatoire.requetes.dire import RequeteRefusee
from observatoire.requetes.executer import Resultat, empreinte, executer
from observatoire.storage.evenements import noter
from pipelines.guichet.acces import Base, exige


class Requetes(Base):
    """Read-only SQL on the analysts' file; never on the warehouse."""

    @exige(Role.ANALYSTE)
    def contenu_analyse(self) -> Contenu | None:
        """Tables, columns and example queries of the analysts' file; None before the first publication."""
        if not self.settings.analyse.exists():
            return None
        return lire_contenu(self.settings.analyse)

    @exige(Role.ANALYSTE)
    def interroger(self, sql: str) -> Resultat:
        """Run one query. RequeteRefusee says why there is no result.

        The access journal keeps who and the shape of the query, the events how it went; neither keeps a value.
        """
        if not self.settings.analyse.exists():
            raise RequeteRefusee("absente")
        dits: dict[str, str | int | None] = {"forme": empreinte(sql)}
        with comptes.ecrire(self.settings) as con:
            comptes.noter(con, "requête sur les réponses", self.qui.sujet, detail=f"forme {dits['forme']}")
        try:
            resultat = executer(self.settings.analyse, sql)
        except RequeteRefusee as refus:
            noter(self.settings, "requete", **dits, issue=refus.code)
            raise
        noter(
            self.settings, "requete", **dits, issue="lue", lignes=len(resultat.lignes),
            millisecondes=round(1000 * resultat.secondes),
        )  # fmt: skip
        return resultat
