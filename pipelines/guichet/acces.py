"""What every service of the counter starts with: who asks, and with what right."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

from observatoire.comptes import quatre_yeux
from observatoire.comptes.identite import AccesRefuse, Identite, Role
from observatoire.config.settings import Settings
from observatoire.storage.depots import depot
from observatoire.storage.entrepot import EntrepotLecture
from pipelines.chantiers.atelier import Atelier

P = ParamSpec("P")
R = TypeVar("R")
B = TypeVar("B", bound="Base")
# Every service and the role it asks for: the access matrix of the tests is made of it.
SERVICES: dict[str, Role] = {}


class Base:
    """What `qui` may ask of the observatory in `settings`; long work goes to `atelier`."""

    def __init__(self, settings: Settings, qui: Identite, atelier: Atelier) -> None:
        self.settings = settings
        self.qui = qui
        self.atelier = atelier

    def _reglages(self) -> Settings:
        """The settings with what an administrator changed in the application."""
        return replace(self.settings, quatre_yeux=quatre_yeux(self.settings))

    def _exiger_sien(self, depot_id: str) -> None:
        """AccesRefuse for somebody else's loaded deposit, but to a validator."""
        with EntrepotLecture(self.settings) as con:
            depose_par = depot(con, depot_id).depose_par
        if depose_par != self.qui.sujet and not self.qui.peut(Role.VALIDEUR):
            self._refuser(
                "Ce dépôt a été fait par une autre personne : il faut le droit de validation pour y toucher."
            )

    def _refuser(self, phrase: str) -> NoReturn:
        raise AccesRefuse(phrase)


def exige(role: Role) -> Callable[[Callable[Concatenate[B, P], R]], Callable[Concatenate[B, P], R]]:
    """Refuse the service to a person who has not this role, before anything is read."""

    def decorer(methode: Callable[Concatenate[B, P], R]) -> Callable[Concatenate[B, P], R]:
        SERVICES[methode.__name__] = role

        @functools.wraps(methode)
        def gardee(self: B, *args: P.args, **kwargs: P.kwargs) -> R:
            if not self.qui.peut(role):
                raise AccesRefuse(
                    f"Il faut le droit de {role.libelle} pour faire cela. "
                    "Demandez-le à la personne qui administre l’outil."
                )
            return methode(self, *args, **kwargs)

        return gardee

    return decorer
