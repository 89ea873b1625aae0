"""Public files of any size, seen from the commands: what to keep of one, what became of it, what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from observatoire.config.settings import Settings
from observatoire.domain.anomalie import Anomalie
from observatoire.domain.francais import ecrire_nombre
from observatoire.registre import magasin, registre
from observatoire.registre.formats import RNA, SIRENE, SOLLICITEES, SOURCES, RegistreRefuse, reconnaitre
from observatoire.registre.lecture import lire_entetes
from observatoire.registre.magasin import FRANCE, UNITES, BilanSource
from observatoire.registre.registre import AucuneIci, BilanRegistre
from observatoire.storage.a_part import dossier_a_part
from pipelines.ingestion.grille import FichierRefuse
from pipelines.ingestion.lecteur import lire_fichier
from pipelines.sources.registre import CLASSEURS, SourceRefusee, compter, texte_de

NOMS = tuple(nom for nom, s in SOURCES.items() if s.formats and nom != SOLLICITEES)
ETATS = {
    "active": ("active", "actives"),
    "dissoute": ("dissoute ou fermée", "dissoutes ou fermées"),
    "fermee": ("établissement fermé", "établissements fermés"),
    "inconnue": ("d’état inconnu", "d’état inconnu"),
    "numero": ("avec un numéro", "avec un numéro"),
    "numero_faux": (
        "au numéro de bénéficiaire faux ou arrondi (nom non gardé)",
        "au numéro de bénéficiaire faux ou arrondi (nom non gardé)",
    ),
    "sans_numero": (
        "sans numéro de bénéficiaire (nom non gardé)",
        "sans numéro de bénéficiaire (nom non gardé)",
    ),
}
ENTETE_MAX = 20


def ajouter(
    settings: Settings, nom: str, fichier: Path, perimetre: str, extrait_le: str | None = None
) -> tuple[BilanSource, BilanRegistre | None]:
    """Keep a public file; the register of our département takes what it can of RNA and Sirene.

    SourceRefusee when it cannot be read; `str()` is the sentence to show.
    """
    try:
        lignes = _lignes(nom, fichier) if fichier.suffix.lower() in CLASSEURS else None
        bilan = magasin.ajouter(settings, nom, fichier, perimetre, lignes=lignes, extrait_le=extrait_le)
        if bilan.deja or nom not in (RNA, SIRENE) or bilan.table == UNITES:
            return bilan, None
        return bilan, _au_registre(settings, nom, bilan, fichier)
    except FichierRefuse as refus:
        raise SourceRefusee(
            Anomalie(refus.code, details={"fichier": fichier.name, **refus.details}).message
        ) from refus
    except RegistreRefuse as refus:
        raise SourceRefusee(str(refus)) from refus


def _au_registre(settings: Settings, nom: str, bilan: BilanSource, fichier: Path) -> BilanRegistre | None:
    """Feed the register from the table, when it speaks of our département."""
    if bilan.perimetre not in (FRANCE, settings.departement):
        return None
    with dossier_a_part(settings.donnees, "extrait") as dossier:
        ici = dossier / "ici.parquet"
        magasin.extraire(settings, bilan, settings.departement, ici)
        try:
            return registre.ajouter(settings, nom, fichier, table=ici, extrait_le=bilan.extrait_le)
        except AucuneIci:
            # The table is kept all the same: it speaks of elsewhere.
            return None


def _lignes(nom: str, fichier: Path) -> list[list[str | None]]:
    """Rows of the first sheet whose titles are those of the source, on one of its first lines."""
    feuilles = [[[texte_de(v) for v in x] for x in f.lignes] for f in lire_fichier(fichier).feuilles]
    pleines = [[x for x in lignes if any(x)] for lignes in feuilles]
    for lignes in pleines:
        for rang, entetes in enumerate(lignes[:ENTETE_MAX]):
            try:
                reconnaitre(nom, [t or "" for t in entetes], fichier.name)
            except RegistreRefuse:
                continue
            return lignes[rang:]
    # Nothing fits: the refusal names what the first line lacks.
    return next((lignes for lignes in pleines if lignes), [])


def phrases(bilan: BilanSource) -> Iterator[str]:
    """The report of one file, in French."""
    if bilan.deja:
        yield (
            f"«\u00a0{bilan.fichier}\u00a0» est déjà gardé depuis le {_jour(bilan.deja)} ({dire_perimetre(bilan.perimetre)}). "
            "Rien n’a changé."
        )
        return
    yield (
        f"«\u00a0{bilan.fichier}\u00a0» ({bilan.format}, {dire_perimetre(bilan.perimetre)}, {_extrait(bilan)})\u00a0: "
        f"{compter(bilan.lues, 'ligne lue', 'lignes lues')}, {compter(bilan.gardees, 'ligne gardée', 'lignes gardées')}."
    )
    dits = [f"{ecrire_nombre(n)} {ETATS[etat][n > 1]}" for etat, n in bilan.etats.items()]
    if dits:
        yield f"Parmi elles\u00a0: {', '.join(dits)}."
    if bilan.ailleurs:
        yield f"{compter(bilan.ailleurs, 'ligne laissée', 'lignes laissées')}\u00a0: hors du périmètre, ou sans la donnée attendue."
    if bilan.illisibles:
        yield f"{compter(bilan.illisibles, 'ligne illisible', 'lignes illisibles')} (nombre de colonnes ou guillemets)."
    for titre, colonnes in (
        ("Colonnes absentes, facultatives", bilan.absentes),
        ("Colonnes nouvelles, non lues", bilan.nouvelles),
    ):
        if colonnes:
            noms = ", ".join(f"«\u00a0{c}\u00a0»" for c in colonnes)
            yield f"{titre}\u00a0: {noms}."


def phrases_etat(settings: Settings) -> Iterator[str]:
    """What is kept, one sentence a table."""
    for b in magasin.bilans(settings):
        yield (
            f"{SOURCES[b.source].titre}, {dire_perimetre(b.perimetre)}\u00a0: {compter(b.gardees, 'ligne', 'lignes')} de "
            f"«\u00a0{b.fichier}\u00a0», {_extrait(b)}."
        )


def _extrait(bilan: BilanSource) -> str:
    """The day of the extraction, or that of the adding when the file does not tell."""
    return f"extrait le {_jour(bilan.extrait_le)}" if bilan.extrait_le else f"ajouté le {_jour(bilan.quand)}"


def est_par_morceaux(nom: str, fichier: Path) -> bool:
    """Whether a plain file is one of the national stocks, that only the tables of sources can read."""
    if nom != SIRENE or fichier.suffix.lower() in CLASSEURS:
        return False
    if fichier.suffix.lower() in (".zip", ".gz"):
        return True
    try:
        entetes, _ = lire_entetes(fichier, fichier.name)
        return reconnaitre(nom, entetes, fichier.name).format.table != SIRENE
    except (RegistreRefuse, UnicodeDecodeError):
        return False


def dire_perimetre(perimetre: str) -> str:
    """« toute la France » or « département 77 »."""
    return "toute la France" if perimetre == FRANCE else f"département {perimetre}"


def _jour(quand: str) -> str:
    annee, mois, jour = quand[:10].split("-")
    return f"{jour}/{mois}/{annee}"
