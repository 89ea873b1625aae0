"""Forget an association: its answers are erased wherever they can name it, and the whole data folder is searched."""

from pipelines.oubli.effacement import oublier
from pipelines.oubli.objets import AssociationInconnue, Oubli, OubliImpossible, Rapport
from pipelines.oubli.preuve import phrases, sceau

__all__ = ["AssociationInconnue", "Oubli", "OubliImpossible", "Rapport", "oublier", "phrases", "sceau"]
