"""Groupings of communes that the network makes: basins, contracts, the area of a federation."""

from __future__ import annotations

from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.territoire import load_territoire
from observatoire.territoire.ajouts import Ajout
from observatoire.territoire.lieux import REGROUPEMENT
from pipelines.sources.listes import (
    BilanListe,
    code_de,
    communes_nommees,
    enregistrer,
    exiger_sans_faute,
    lire_lignes,
    maintenant,
)
from pipelines.sources.registre import compter

TITRES = {
    "groupe": (
        "regroupement", "code regroupement", "nom du regroupement", "groupe", "code cv", "bassin", "zone", "secteur",
        "territoire", "libelle regroupement", "nom regroupement", "code",
    ),
    "commune": (
        "code insee", "commune", "code commune", "insee com", "codgeo", "insee", "communes", "nom de la commune",
        "nom commune", "depcom", "epci", "code epci",
    ),
    "libelle": ("", "libelle regroupement", "nom regroupement", "nom du regroupement", "lib cv", "libelle", "nom"),
}  # fmt: skip


def ajouter(settings: Settings, fichier: Path, nom: str | None = None) -> BilanListe:
    """Load groupings: one row per grouping and commune (or several communes, or an EPCI, in one cell).

    A grouping of the same code is replaced, the others stay. SourceRefusee, with row numbers, when a commune is
    unknown or a grouping has one commune only: nothing has changed then.
    """
    nom = nom or fichier.name
    territoire = load_territoire(settings.departement)
    bilan, fautes = BilanListe(nom), []
    noms: dict[str, str] = {}
    membres: dict[str, dict[str, None]] = {}
    premieres: dict[str, int] = {}
    for ligne in lire_lignes(fichier, nom, TITRES):
        bilan.lignes += 1
        groupe = ligne.valeurs["groupe"]
        code = groupe if groupe.isascii() and groupe.isalnum() else code_de(groupe)
        if not code:
            fautes.append(f"Ligne {ligne.numero}\u00a0: le nom du regroupement manque.")
            continue
        communes, inconnues, ailleurs = communes_nommees(territoire, ligne.valeurs["commune"])
        bilan.ailleurs += ailleurs
        if not ligne.valeurs["commune"]:
            inconnues = ["la commune manque"]
        fautes += [f"Ligne {ligne.numero}\u00a0: {faute}." for faute in inconnues]
        if ailleurs and not communes and not inconnues:
            continue
        noms.setdefault(code, ligne.valeurs.get("libelle") or groupe)
        premieres.setdefault(code, ligne.numero)
        membres.setdefault(code, {}).update(dict.fromkeys(c.code for c in communes))
    fautes += [
        f"Ligne {premieres[code]}\u00a0: «\u00a0{noms[code]}\u00a0» n’a qu’une commune du département\u00a0; "
        "ce n’est pas un regroupement."
        for code, communes_du_groupe in membres.items()
        if len(communes_du_groupe) < 2 and not fautes
    ]
    if not membres and not fautes:
        fautes.append("Aucun regroupement n’a de commune dans le département.")
    exiger_sans_faute(nom, fautes)
    quand = maintenant()
    bilan.zones = [
        Ajout(REGROUPEMENT, code, noms[code], tuple(sorted(communes)), source=nom, ajoute_le=quand)
        for code, communes in membres.items()
    ]
    enregistrer(settings, REGROUPEMENT, bilan)
    return bilan


def phrases(bilan: BilanListe) -> list[str]:
    """The report of one list, in French."""
    dites = [
        f"«\u00a0{bilan.fichier}\u00a0»\u00a0: {compter(bilan.lignes, 'ligne lue', 'lignes lues')}, "
        f"{compter(len(bilan.zones), 'regroupement', 'regroupements')}, "
        f"dont {compter(bilan.remplacees, 'remplacé', 'remplacés')}."
    ]
    if bilan.ailleurs:
        dites.append(f"{compter(bilan.ailleurs, 'ligne', 'lignes')} d’un autre département.")
    return dites + [
        f"{a.libelle} ({a.code})\u00a0: {compter(len(a.communes), 'commune', 'communes')}."
        for a in bilan.zones
    ]
