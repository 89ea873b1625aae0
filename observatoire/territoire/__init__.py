"""Communes, EPCI, arrondissements, cantons, département: who belongs where, names, outlines."""

from observatoire.territoire.territoire import Commune, DepartementAbsent, Territoire, Zone, load_territoire

__all__ = ["Commune", "DepartementAbsent", "Territoire", "Zone", "load_territoire"]
