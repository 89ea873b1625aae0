"""Every key under which an association answered, and all that names it; written first, so that a cut is finished."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.exploitation.recherche import fouiller
from observatoire.storage.archive import synchroniser
from observatoire.storage.connexion import nom_sql
from observatoire.storage.entrepot import ouvrir_lecture
from pipelines.alias import poser_alias
from pipelines.chantiers import chantier as chantiers
from pipelines.oubli.objets import AssociationInconnue, Oubli, OubliImpossible


def chemin_du_plan(settings: Settings) -> Path:
    """Where what was asked is written, until it is proven."""
    return settings.donnees / "oubli.json"


def reprendre(settings: Settings, cle: str) -> Oubli | None:
    """What a command cut short had begun."""
    if not chemin_du_plan(settings).is_file():
        return None
    oubli = Oubli(**json.loads(chemin_du_plan(settings).read_text(encoding="utf-8")))
    if cle not in (oubli.cle, *oubli.cles):
        raise OubliImpossible(
            "Un autre effacement n’est pas fini : relancez-le d’abord, avec la même association."
        )
    return oubli


def ecrire_plan(settings: Settings, oubli: Oubli) -> None:
    """Write what is to be forgotten, whole or not at all."""
    provisoire = chemin_du_plan(settings).with_suffix(".tmp")
    provisoire.touch(mode=0o600)
    provisoire.write_text(json.dumps(asdict(oubli), ensure_ascii=False), encoding="utf-8")
    synchroniser(provisoire)
    provisoire.replace(chemin_du_plan(settings))


def reperer(settings: Settings, cle: str) -> Oubli:
    """All the keys under which the association answered, and all that names it."""
    enquetes = load_enquetes()
    with ouvrir_lecture(settings):
        # Says when nothing was ever loaded, and brings an old file to date.
        pass
    with duckdb.connect(":memory:") as memoire:
        memoire.execute(f"attach '{settings.entrepot}' as entrepot (read_only)")
        poser_alias(memoire, enquetes.values(), "entrepot")
        alias = dict(memoire.execute("select cle, vers from alias").fetchall())
        vise = alias.get(cle, cle)
        connues: set[str] = set()
        noms: set[str] = set()
        autres: set[str] = set()
        numeros: set[str] = set()
        for enquete in enquetes.values():
            champs = [enquete.identite[c] for c in ("rna", "siret", "nom")]
            colonnes = ", ".join(nom_sql(c) for c in champs)
            requete = (
                f"select distinct cle_association, {colonnes} from entrepot.enquete.{nom_sql(enquete.name)}"
            )
            for autre, rna, siret, nom in memoire.execute(requete).fetchall():
                if autre is not None and alias.get(autre, autre) == vise:
                    connues.add(autre)
                    noms |= {nom} - {None}
                    numeros |= {n for n in (rna, siret, siret and siret[:9]) if n}
                elif nom:
                    autres.add(nom.casefold())
    if not connues:
        raise AssociationInconnue("Aucun dépôt ne parle de cette association. Rien n’a été effacé.")
    for connue in {*connues, cle, vise}:
        genre, _, valeur = connue.partition(":")
        (noms if genre == "NOM" else numeros).add(valeur)
    # A name that another association bears too names nobody.
    propres = sorted(n for n in noms if n.casefold() not in autres)
    return Oubli(cle, sorted({*connues, cle, vise}), sorted(numeros), propres)


def exiger_sans_chantier(settings: Settings, oubli: Oubli) -> None:
    """Deposits in progress are somebody's work: they are finished or dropped first. The closed ones are erased."""
    ouverts = {c.id for c in chantiers.lister(settings)}
    for fouille in fouiller([settings.chantiers, settings.quarantaine], oubli.aiguilles):
        dossier = next(
            p
            for p in (fouille.chemin, *fouille.chemin.parents)
            if p.parent in (settings.chantiers, settings.quarantaine)
        )
        if fouille.trouvees and dossier.name in ouverts:
            raise OubliImpossible(
                "Un dépôt en cours parle de cette association : chargez-le ou abandonnez-le, puis relancez. Rien n’a "
                "été effacé."
            )
        if fouille.trouvees:
            shutil.rmtree(dossier, ignore_errors=True)
