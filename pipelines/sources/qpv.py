"""Official list of the priority districts (QPV): code, name, communes, population."""

from __future__ import annotations

import re
from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.domain.types.qpv import TYPE
from observatoire.registre.formats import SOURCES
from observatoire.territoire import load_territoire
from observatoire.territoire.ajouts import Ajout
from observatoire.territoire.lieux import QPV
from pipelines.sources.listes import (
    BilanListe,
    communes_nommees,
    enregistrer,
    exiger_sans_faute,
    lire_lignes,
    maintenant,
)
from pipelines.sources.registre import SourceRefusee, compter

TITRES = SOURCES["qpv"].titres
PERIMETRES = {"QN": 2024, "QP": 2015}
_CODE = re.compile(TYPE.forme)
_CONTRAT = re.compile(r"CN\d{5}[A-Z]")


def ajouter(settings: Settings, fichier: Path, nom: str | None = None) -> BilanListe:
    """Load a list; the districts of the same decree that the file no longer has are removed.

    A district without any commune in the département is elsewhere. SourceRefusee, with row numbers, when a row
    cannot be read: nothing has changed then.
    """
    nom = nom or fichier.name
    territoire = load_territoire(settings.departement)
    bilan, fautes, quand = BilanListe(nom), [], maintenant()
    zones: dict[str, Ajout] = {}
    for ligne in lire_lignes(fichier, nom, TITRES):
        bilan.lignes += 1
        v = ligne.valeurs
        code = v["code"].upper().replace(" ", "")
        if _CONTRAT.fullmatch(code):
            raise SourceRefusee(
                f"«\u00a0{nom}\u00a0» est une liste de contrats de ville, pas de quartiers. Chargez-la avec\u00a0: "
                "«\u00a0observatoire sources ajouter regroupements FICHIER\u00a0»."
            )
        if not _CODE.fullmatch(code):
            fautes.append(
                f"Ligne {ligne.numero}\u00a0: «\u00a0{v['code']}\u00a0» n’est pas un code de quartier prioritaire."
            )
            continue
        communes, inconnues, ailleurs = communes_nommees(territoire, v["commune"])
        if not communes and not code[2:5].lstrip("0").startswith(territoire.code):
            bilan.ailleurs += 1
            continue
        fautes += [f"Ligne {ligne.numero}\u00a0: {faute}." for faute in inconnues]
        if not communes and not inconnues:
            raison = "n’a que des communes d’ailleurs" if ailleurs else "n’a pas de commune"
            fautes.append(f"Ligne {ligne.numero}\u00a0: le quartier {code} {raison}.")
            continue
        deja = zones.get(code)
        codes = dict.fromkeys([*(deja.communes if deja else ()), *(c.code for c in communes)])
        habitants = _nombre(v.get("population", "")) or (deja.population if deja else None)
        zones[code] = Ajout(
            QPV, code, v.get("libelle") or code, tuple(codes), habitants, PERIMETRES[code[:2]], nom, quand
        )
    exiger_sans_faute(nom, fautes)
    if not zones:
        raise SourceRefusee(
            f"Aucun quartier de «\u00a0{nom}\u00a0» n’est dans le département {territoire.code}. Rien n’a été changé."
        )
    bilan.zones = list(zones.values())
    perimetres = {a.perimetre for a in bilan.zones}
    anciens = load_territoire(settings.departement, settings.territoires).zones(QPV)
    enregistrer(settings, QPV, bilan, (z.code for z in anciens if PERIMETRES[z.code[:2]] in perimetres))
    return bilan


def phrases(bilan: BilanListe) -> list[str]:
    """The report of one list, in French."""
    communes = {c for a in bilan.zones for c in a.communes}
    perimetres = " et ".join(str(p) for p in sorted({a.perimetre or 0 for a in bilan.zones}))
    sans = sum(a.population is None for a in bilan.zones)
    dites = [
        f"«\u00a0{bilan.fichier}\u00a0»\u00a0: {compter(bilan.lignes, 'ligne lue', 'lignes lues')}, "
        f"{compter(len(bilan.zones), 'quartier prioritaire', 'quartiers prioritaires')} dans "
        f"{compter(len(communes), 'commune', 'communes')} (périmètre de {perimetres}), "
        f"{compter(bilan.ailleurs, 'ligne', 'lignes')} d’un autre département."
    ]
    if sans:
        dites.append(
            f"Population inconnue pour {compter(sans, 'quartier', 'quartiers')}\u00a0: les chiffres par habitant seront "
            "«\u00a0non disponibles\u00a0»."
        )
    return dites


def _nombre(ecrit: str) -> int | None:
    chiffres = re.sub(r"\s", "", ecrit).replace(",", ".")
    return round(float(chiffres)) if re.fullmatch(r"\d+(\.\d+)?", chiffres) else None
