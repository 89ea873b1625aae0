"""Who is asking, and what that person may do. Nothing here reads a page or a request."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Role(enum.StrEnum):
    """What a person may do. An analyst reads the answers and deposits nothing; a depositor, the other way round."""

    LECTEUR = "lecteur"
    ANALYSTE = "analyste"
    DEPOSANT = "deposant"
    VALIDEUR = "valideur"
    ADMIN = "admin"

    @property
    def libelle(self) -> str:
        """The role as a French screen names it."""
        return {
            "lecteur": "lecture",
            "analyste": "analyse",
            "deposant": "dépôt",
            "valideur": "validation",
        }.get(self, "administration")

    def couvre(self, demande: Role) -> bool:
        """True when this role may do what `demande` may."""
        return self is demande or demande in _COMPRIS[self]


# The other roles that each one holds: a validator already reads every answer that is deposited.
_COMPRIS = {
    Role.LECTEUR: frozenset[Role](),
    Role.ANALYSTE: frozenset({Role.LECTEUR}),
    Role.DEPOSANT: frozenset({Role.LECTEUR}),
    Role.VALIDEUR: frozenset({Role.LECTEUR, Role.ANALYSTE, Role.DEPOSANT}),
    Role.ADMIN: frozenset({Role.LECTEUR, Role.ANALYSTE, Role.DEPOSANT, Role.VALIDEUR}),
}


@dataclass(frozen=True, slots=True)
class Identite:
    """A person as one of the three doors named her: `sujet` is unique, `role` comes from our own table only.

    `role` is None for somebody who is known to an identity provider but was given nothing here.
    """

    sujet: str
    nom: str
    role: Role | None = None
    porte: str = "local"

    def peut(self, demande: Role) -> bool:
        """True when the person has at least this role."""
        return self.role is not None and self.role.couvre(demande)


class AccesRefuse(Exception):
    """The person may not do this; the message is French and ready to be shown."""


# Who runs a command on the machine itself: the file permissions are her door.
OPERATEUR = Identite("operateur", "Commande locale", Role.ADMIN, "commande")
