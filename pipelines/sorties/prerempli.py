"""The template of one association, ready to send back: who it is filled in, last year's figures as notes only.

Last year's figures are never put in as answers: a file sent back as it is would pass them off as this year's.
What hardly changes (name, numbers, commune, sector, categories of volunteers) is written; every other answer of
last year is a note on its empty cell, « en 2024 : 12 », and the « À lire » sheet says so.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.domain.types import type_de
from observatoire.storage.entrepot import EntrepotLecture
from observatoire.storage.erreurs import ErreurEntrepot
from observatoire.territoire import Territoire, load_territoire
from pipelines.ingestion.gabarit import classeur_gabarit
from pipelines.ingestion.gabarit_aide import FEUILLE_AIDE
from pipelines.ingestion.lot import affiche
from pipelines.sorties.marque import AUTEUR
from pipelines.sorties.reponses import autres_cles, lignes_de

Lignes = list[dict[str, Any]]
TYPES_STABLES = frozenset({"texte", "rna", "siret", "siren", "commune", "code_postal", "annee"})
NOMENCLATURES_STABLES = frozenset({"secteurs", "territoires_intervention"})
_DATE_ZIP = (2000, 1, 1, 0, 0, 0)
_FOND = PatternFill("solid", fgColor="FFF8E1")


class AssociationInconnue(ErreurEntrepot):
    """No answer of this association is in force."""


def gabarit_prerempli(settings: Settings, cle_association: str, questionnaire: str, millesime: int) -> bytes:
    """The .xlsx template of `questionnaire` for `millesime`, for one association. AssociationInconnue."""
    ((_, octets),) = _gabarits(
        settings, [cle_association], questionnaire, millesime, lambda fait, total: None
    )
    return octets


def gabarits_preremplis(
    settings: Settings,
    cles: Sequence[str],
    questionnaire: str,
    millesime: int,
    suivi: Callable[[int, int], None] = lambda fait, total: None,
) -> bytes:
    """A zip of the templates of many associations; `suivi(done, total)` is called after each."""
    sortie, pris = io.BytesIO(), set[str]()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in _gabarits(settings, cles, questionnaire, millesime, suivi):
            base, rang = _nom_sur(f"{questionnaire}-{millesime}-{nom}"), 2
            libre = base
            while libre in pris:
                libre, rang = f"{base}-{rang}", rang + 1
            pris.add(libre)
            archive.writestr(zipfile.ZipInfo(f"{libre}.xlsx", date_time=_DATE_ZIP), octets)
    return sortie.getvalue()


def _gabarits(
    settings: Settings,
    cles: Sequence[str],
    questionnaire: str,
    millesime: int,
    suivi: Callable[[int, int], None],
) -> list[tuple[str, bytes]]:
    enquetes = load_enquetes()
    enquete, territoire = enquetes[questionnaire], load_territoire(settings.departement)
    with EntrepotLecture(settings) as con:
        connues = {cle: autres_cles(con, enquetes.values(), cle) for cle in cles}
        lues = {cle: {nom: lignes_de(con, e, connues[cle]) for nom, e in enquetes.items()} for cle in connues}
    gabarits = []
    for fait, cle in enumerate(cles, start=1):
        gabarits.append(_gabarit(cle, lues[cle], enquete, enquetes, millesime, territoire))
        suivi(fait, len(cles))
    return gabarits


def _gabarit(
    cle: str,
    lues: Mapping[str, Lignes],
    enquete: Enquete,
    enquetes: Mapping[str, Enquete],
    millesime: int,
    territoire: Territoire,
) -> tuple[str, bytes]:
    identite = _identite(cle, lues, enquetes)
    passees = [x for x in lues[enquete.name] if x["millesime"] is not None and x["millesime"] < millesime]
    # Without a key, the rows of two years do not answer to one another.
    annee = passees[0]["millesime"] if passees and enquete.cle else None
    dernieres: Lignes = [x for x in passees if annee is not None and x["millesime"] == annee] or [{}]
    champs = enquete.champs_actifs(millesime)
    lignes = [_ligne(enquete, champs, identite, passee, millesime, territoire) for passee in dernieres]
    livre = classeur_gabarit(enquete, millesime, lignes)
    notes = 0
    for rang, passee in enumerate(dernieres, start=2):
        notes += _noter(livre, enquete, champs, rang, passee, lignes[rang - 2], annee, territoire)
    _prevenir(livre, str(identite["nom"]), annee if notes else None)
    tampon = io.BytesIO()
    livre.save(tampon)
    return str(identite["nom"]), tampon.getvalue()


def _identite(cle: str, lues: Mapping[str, Lignes], enquetes: Mapping[str, Enquete]) -> dict[str, Any]:
    """Name, numbers, commune and postcode as the latest answers give them, whatever the questionnaire."""
    trouvee: dict[str, Any] = {}
    lignes = [(x, enquetes[nom]) for nom, toutes in lues.items() for x in toutes]
    for ligne, enquete in sorted(lignes, key=lambda x: -(x[0]["millesime"] or 0)):
        for quoi, champ in {**enquete.identite, "code_postal": "code_postal"}.items():
            if trouvee.get(quoi) is None:
                trouvee[quoi] = ligne.get(champ)
    if not trouvee.get("nom"):
        raise AssociationInconnue(
            f"Aucune réponse de l’association «\u00a0{cle}\u00a0» n’est dans l’entrepôt\u00a0: rien à préremplir. "
            "Envoyez-lui le gabarit vide."
        )
    return trouvee


def _ligne(
    enquete: Enquete,
    champs: Sequence[Champ],
    identite: Mapping[str, Any],
    passee: Mapping[str, Any],
    millesime: int,
    territoire: Territoire,
) -> dict[str, Any]:
    """What is written as an answer: identity, year asked, what hardly changes."""
    champ_de = {champ: quoi for quoi, champ in enquete.identite.items()}
    ligne: dict[str, Any] = {}
    for champ in champs:
        if champ.name in champ_de:
            valeur = identite.get(champ_de[champ.name])
        elif champ.name == "code_postal":
            valeur = identite.get("code_postal")
        elif champ.name in enquete.millesime_de:
            valeur = millesime if type_de(champ).nom == "annee" else None
        else:
            valeur = passee.get(champ.name) if _stable(champ) else None
        ligne[champ.name] = _cellule(valeur, champ, territoire)
    return ligne


def _stable(champ: Champ) -> bool:
    return type_de(champ).nom in TYPES_STABLES or champ.nomenclature in NOMENCLATURES_STABLES


def _cellule(valeur: Any, champ: Champ, territoire: Territoire) -> Any:
    """A typed value as a person writes it in the template."""
    genre = type_de(champ).nom
    if valeur is None:
        return None
    if genre == "commune":
        commune = territoire.par_code(valeur)
        return commune.nom if commune else valeur
    if champ.nomenclature:
        liste = charger_nomenclature(champ.nomenclature)
        codes = re.split(r"\s*[;|,]\s*", valeur) if isinstance(valeur, str) else list(valeur)
        return "\u00a0; ".join(liste.libelle(c) if c in liste.codes else c for c in codes)
    if genre == "booleen":
        return "oui" if valeur else "non"
    return valeur


def _noter(
    livre: Workbook,
    enquete: Enquete,
    champs: Sequence[Champ],
    rang: int,
    passee: Mapping[str, Any],
    ligne: Mapping[str, Any],
    annee: int | None,
    territoire: Territoire,
) -> int:
    """Put last year's answers as notes on the cells left empty; how many."""
    page, notes = livre[enquete.feuille], 0
    for colonne, champ in enumerate(champs, start=1):
        valeur = passee.get(champ.name)
        if annee is None or valeur is None or ligne[champ.name] is not None or champ.accord:
            continue
        texte = f"en {annee}\u00a0: {_dire(_cellule(valeur, champ, territoire), champ)}"
        cellule = page.cell(rang, colonne)
        cellule.comment = Comment(texte, AUTEUR, height=60, width=220)
        cellule.fill = _FOND
        notes += 1
    return notes


def _dire(valeur: Any, champ: Champ) -> str:
    if isinstance(valeur, str) or hasattr(valeur, "year"):
        return affiche(valeur)
    if type_de(champ).nom == "part":
        return f"{ecrire_nombre(round(float(valeur) * 100, 6))}\u00a0%"
    unite = f"\u00a0{champ.unit}" if champ.unit else ""
    return f"{ecrire_nombre(valeur)}{unite}"


def _prevenir(livre: Workbook, nom: str, annee: int | None) -> None:
    """Say at the top of « À lire » what was written beforehand and what was not."""
    phrases = [f"Ce gabarit est prérempli pour\u00a0: {nom}. Relisez ce qui est écrit, corrigez si besoin."]
    if annee is not None:
        phrases.append(
            f"Les réponses de {annee} ne sont pas recopiées, pour ne pas être renvoyées par erreur\u00a0: passez la souris "
            f"sur une cellule jaune pour lire celle de {annee}, et écrivez celle de cette année."
        )
    page = livre[FEUILLE_AIDE]
    page.insert_rows(2, amount=len(phrases) + 1)
    for rang, phrase in enumerate(phrases, start=2):
        page.cell(rang, 1, phrase).font = Font(bold=True)
        page.cell(rang, 1).data_type = "s"
        page.cell(rang, 1).fill = _FOND


def _nom_sur(texte: str) -> str:
    """A file name in plain ASCII, no longer than most systems take."""
    plat = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plat).strip("-")[:100] or "gabarit"
