"""Typer in French: help, panel titles and usage errors."""

from __future__ import annotations

import re
from typing import Any

from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

rich_utils.ARGUMENTS_PANEL_TITLE = "Arguments"
rich_utils.OPTIONS_PANEL_TITLE = "Options"
rich_utils.COMMANDS_PANEL_TITLE = "Commandes"
rich_utils.ERRORS_PANEL_TITLE = "Erreur"
rich_utils.DEFAULT_STRING = "[par défaut : {}]"
rich_utils.ENVVAR_STRING = "[variable : {}]"
rich_utils.REQUIRED_LONG_STRING = "[obligatoire]"
rich_utils.ABORTED_TEXT = "Interrompu."
rich_utils.RICH_HELP = "Aide : [blue]{command_path} {help_option}[/]"

_PHRASES = (
    (re.compile(r"Missing argument '([^']*)'\.?"), r"Il manque : \1."),
    (re.compile(r"Missing option '([^']*)'\.?"), r"Il manque l’option \1."),
    (re.compile(r"Missing command\.?"), "Il manque une commande."),
    (re.compile(r"No such option:? '?([^' ]*)'?"), r"Option inconnue : \1."),
    (re.compile(r"No such command '([^']*)'\.?"), r"Commande inconnue : \1."),
    (re.compile(r"Got unexpected extra arguments? \((.*)\)"), r"De trop : \1."),
    (re.compile(r"Option '([^']*)' requires an argument\.?"), r"L’option \1 attend une valeur."),
    (re.compile(r"Invalid value for '([^']*)': (.*)"), r"Valeur refusée pour \1 : \2"),
    (re.compile(r"'([^']*)' is not a valid (?:int|integer)\.?"), r"« \1 » n’est pas un nombre entier."),
    (re.compile(r"(?:File|Path|Directory) '([^']*)' does not exist\.?"), r"« \1 » n’existe pas."),
    (re.compile(r"Did you mean (.*)\?"), r"Vouliez-vous dire \1 ?"),
)


def traduire(message: str) -> str:
    """A usage error of the command line, in French."""
    for motif, phrase in _PHRASES:
        message = motif.sub(phrase, message)
    return message


def _traduire_aide(option: Any) -> Any:
    if option is not None:
        option.help = "Affiche cette aide."
    return option


class Commande(TyperCommand):
    """A command whose help is in French."""

    def get_help_option(self, ctx: Any) -> Any:
        """The --help option with a French text."""
        return _traduire_aide(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        """The usage line with French typography."""
        return super().get_usage(ctx).replace("Usage:", "Usage\u00a0:")


class Groupe(TyperGroup):
    """The group of commands, help in French."""

    def get_help_option(self, ctx: Any) -> Any:
        """The --help option with a French text."""
        return _traduire_aide(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        """The usage line with French typography."""
        return super().get_usage(ctx).replace("Usage:", "Usage\u00a0:")
