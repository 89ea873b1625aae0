"""« Requêtes »: what an analyst reads in the analysts' file of the publication in force, and what is kept of it."""

from __future__ import annotations

from observatoire.comptes import base
from observatoire.comptes.identite import Role
from observatoire.domain.francais import accord
from observatoire.requetes.contenu import Contenu, lire_contenu
from observatoire.requetes.dire import RequeteRefusee
from observatoire.requetes.executer import Resultat, empreinte, executer
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
        """Run one query. RequeteRefusee says why there is no result. The journal keeps who, and the query's shape."""
        if not self.settings.analyse.exists():
            raise RequeteRefusee("absente")
        try:
            resultat = executer(self.settings.analyse, sql)
        except RequeteRefusee as refus:
            self._retenir(sql, refus.code)
            raise
        self._retenir(sql, accord(len(resultat.lignes), "ligne lue", "lignes lues"))
        return resultat

    def _retenir(self, sql: str, issue: str) -> None:
        """In the access journal, as the connections are: who asked, the shape of the query, what came of it."""
        with base.ecrire(self.settings) as con:
            base.noter(con, "requête", self.qui.sujet, detail=f"{empreinte(sql)} : {issue}")
