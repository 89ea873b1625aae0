"""Lists of the network on its territory, read with the row of each fault: what QPV and groupings share."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.types._nettoyage import plier
from observatoire.territoire import Commune, Territoire
from observatoire.territoire.ajouts import Ajout, ecrire_ajouts, lire_ajouts
from pipelines.ingestion.grille import FichierRefuse, Valeur
from pipelines.ingestion.lecteur import lire_fichier
from pipelines.sources.registre import SourceRefusee

FAUTES_DITES = 20
_ENTRE = re.compile(r"\s*[,;/|]\s*")
_EPCI = re.compile(r"2\d{8}")
_INSEE = re.compile(r"\d{5}|2[AB]\d{3}")
_SIGNES = re.compile(r"[^a-z0-9]+")


@dataclass(slots=True)
class BilanListe:
    """What became of a list: zones kept, replaced, rows elsewhere."""

    fichier: str
    lignes: int = 0
    zones: list[Ajout] = field(default_factory=list)
    remplacees: int = 0
    ailleurs: int = 0


@dataclass(frozen=True, slots=True)
class Ligne:
    """A row under its titles, with its number in the file."""

    numero: int
    valeurs: Mapping[str, str]


def lire_lignes(fichier: Path, nom: str, titres: Mapping[str, Sequence[str]]) -> list[Ligne]:
    """Rows of the first sheet that has the columns asked for: `titres` gives field → titles, folded.

    SourceRefusee names the columns that no sheet has, among those whose list does not start with an empty title.
    """
    try:
        feuilles = [f.lignes for f in lire_fichier(fichier, nom=nom).feuilles]
    except FichierRefuse as refus:
        raise SourceRefusee(
            Anomalie(refus.code, details={"fichier": nom, **refus.details}).message
        ) from refus
    exigees = [champ for champ, noms in titres.items() if noms[0]]
    for lignes in feuilles:
        for rang, entetes in enumerate(lignes[:20]):
            places = _placer([_titre(v) for v in entetes], titres)
            if all(champ in places for champ in exigees):
                return [
                    Ligne(numero, {c: texte(ligne[j]) for c, j in places.items()})
                    for numero, ligne in enumerate(lignes[rang + 1 :], start=rang + 2)
                    if any(texte(v) for v in ligne)
                ]
    demandes = " ; ".join(
        f"«\u00a0{titres[c][0]}\u00a0» (ou {', '.join(titres[c][1:3])})" for c in exigees
    ).replace(" ;", "\u202f;")
    raise SourceRefusee(
        f"«\u00a0{nom}\u00a0» n’a pas les colonnes attendues\u00a0: {demandes}. Rien n’a été changé."
    )


def _placer(entetes: Sequence[str], titres: Mapping[str, Sequence[str]]) -> dict[str, int]:
    places: dict[str, int] = {}
    for champ, noms in titres.items():
        for nom in filter(None, noms):
            if nom in entetes and entetes.index(nom) not in places.values():
                places[champ] = entetes.index(nom)
                break
    return places


def _titre(valeur: Valeur) -> str:
    return _SIGNES.sub(" ", plier(texte(valeur))).strip()


def texte(valeur: Valeur) -> str:
    """A cell as text; a whole number without decimals, a code INSEE that lost its zero with it."""
    if valeur is None:
        return ""
    if isinstance(valeur, float) and valeur == int(valeur):
        return str(int(valeur))
    return str(valeur).strip()


def communes_nommees(territoire: Territoire, ecrit: str) -> tuple[list[Commune], list[str], bool]:
    """Communes of a cell (codes or names, one or several), what could not be read, whether some lie elsewhere.

    The code of an EPCI stands for its communes in the département.
    """
    trouvees: list[Commune] = []
    fautes: list[str] = []
    ailleurs = False
    for morceau in filter(None, _ENTRE.split(ecrit)):
        code = morceau.upper().zfill(5) if morceau.isdigit() and len(morceau) == 4 else morceau.upper()
        epci = [z for z in territoire.zones("epci") if z.code == code]
        if epci:
            trouvees += territoire.communes_de("epci", code)
        elif _EPCI.fullmatch(code):
            ailleurs = True
        elif _INSEE.fullmatch(code):
            commune = territoire.par_code(code)
            if commune:
                trouvees.append(commune)
            elif code.startswith(territoire.code):
                fautes.append(f"«\u00a0{morceau}\u00a0» n’est le code INSEE d’aucune commune du département")
            else:
                ailleurs = True
        else:
            noms = territoire.par_nom(morceau)
            trouvees += noms if len(noms) == 1 else []
            if len(noms) != 1:
                fautes.append(_inconnue(territoire, morceau, noms))
    return list(dict.fromkeys(trouvees)), fautes, ailleurs


def _inconnue(territoire: Territoire, nom: str, noms: Sequence[Commune]) -> str:
    if noms:
        codes = ", ".join(f"{c.nom} ({c.code})" for c in noms)
        return f"«\u00a0{nom}\u00a0» désigne plusieurs communes\u00a0: {codes}"
    proche = territoire.proche(nom)
    suite = f"\u202f; vouliez-vous dire «\u00a0{proche[0].nom}\u00a0»\u202f?" if proche else ""
    return f"«\u00a0{nom}\u00a0» n’est pas une commune du département{suite}"


def exiger_sans_faute(nom: str, fautes: Sequence[str]) -> None:
    """SourceRefusee that says the faults, the first ones in full."""
    if fautes:
        reste = len(fautes) - FAUTES_DITES
        suite = [f"… et {ecrire_nombre(reste)} autres."] if reste > 0 else []
        dites = "\n".join(["", *(f.replace("?.", "?") for f in fautes[:FAUTES_DITES]), *suite])
        raise SourceRefusee(f"«\u00a0{nom}\u00a0»\u00a0: rien n’a été changé.{dites}")


def code_de(nom: str) -> str:
    """Code made from a name: small letters, digits and hyphens."""
    return _SIGNES.sub("-", plier(nom)).strip("-")


def enregistrer(settings: Settings, niveau: str, bilan: BilanListe, remplace: Iterable[str] = ()) -> None:
    """Add the zones of `bilan` to the list of the level: same codes replaced, those of `remplace` removed."""
    nouvelles = {a.code: a for a in bilan.zones}
    anciennes = {a.code: a for a in lire_ajouts(settings.territoires) if a.niveau == niveau}
    bilan.remplacees = len(anciennes.keys() & nouvelles.keys())
    otees = set(remplace)
    gardees = {c: a for c, a in anciennes.items() if c not in otees}
    ecrire_ajouts(settings.territoires, niveau, {**gardees, **nouvelles}.values())


def retirer(settings: Settings, niveau: str, codes: Sequence[str]) -> list[Ajout]:
    """Remove zones of a list, all of them without `codes`; returns them. SourceRefusee names an unknown code."""
    listees = {a.code: a for a in lire_ajouts(settings.territoires) if a.niveau == niveau}
    inconnus = [c for c in codes if c not in listees]
    if inconnus:
        raise SourceRefusee(f"Code absent de la liste\u00a0: {', '.join(inconnus)}. Rien n’a été changé.")
    otes = [listees[c] for c in codes] if codes else list(listees.values())
    ecrire_ajouts(settings.territoires, niveau, [a for a in listees.values() if a not in otes])
    return otes


def lister(settings: Settings, niveau: str) -> Iterator[Ajout]:
    """Zones of a list, by code."""
    return (a for a in lire_ajouts(settings.territoires) if a.niveau == niveau)


def maintenant() -> str:
    """Time of an addition, as the lists keep it (universal time)."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0).isoformat()
