"""What can go wrong with the warehouse, each said in one French sentence that names the way out."""

from __future__ import annotations


class ErreurEntrepot(Exception):
    """Base of the errors a person may meet; `str()` is the sentence to show."""


class EntrepotOccupe(ErreurEntrepot):
    """Another process holds the warehouse."""


class EntrepotAbsent(ErreurEntrepot):
    """Nothing was ever loaded in this data folder."""


class EspaceInsuffisant(ErreurEntrepot):
    """The disk has not room enough to write safely."""


class DepotInconnu(ErreurEntrepot):
    """No deposit bears this identifier."""


class DepotInchange(ErreurEntrepot):
    """The deposit cannot take the status asked for."""


class ValidationRefusee(ErreurEntrepot):
    """The deposit cannot be validated, or not by this person."""


class ParoleRefusee(ErreurEntrepot):
    """The decision on an extract cannot be taken, or not by this person."""


class PublicationAbsente(ErreurEntrepot):
    """No publication can be opened at this path."""


class ComptesFaux(AssertionError):
    """A developer's error: the lines written are not the lines counted. Nothing was kept."""


class SchemaIncompatible(ValueError):
    """A developer's error: a field of a questionnaire was renamed or retyped under loaded data."""
