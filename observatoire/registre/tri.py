"""Which rows of an official file are associations of the territory, and what is kept of them."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from observatoire.domain import nomenclature
from observatoire.domain.types import siret as type_siret
from observatoire.domain.types._nettoyage import nettoyer
from observatoire.registre.construction import Ligne, etat_rna, etat_sirene
from observatoire.registre.formats import CHAMPS, RNA, SIRENE, SOLLICITEES
from observatoire.registre.noms import normaliser, separer_sigle
from observatoire.territoire import Commune, Territoire

NON_DIFFUSE = "[ND]"
CATEGORIE_ASSOCIATION = "92"
_W = re.compile(r"W\d[0-9A-Z]\d{7}")
_JOUR = re.compile(r"\d{4}-\d\d-\d\d")
_COUPE = re.compile(r"\s*\.\.\.$")
# Activities (NAF) that say a sector; the others, 94.99Z first, do not.
_NAF = {
    "93": "sport",
    "90": "culture",
    "91": "culture",
    "59": "culture",
    "85": "education",
    "72": "education",
    "86": "sante",
    "87": "sante",
    "88": "social",
    "55.20": "loisirs",
    "79": "loisirs",
    "78": "economie",
    "94.91": "droits",
    "94.1": "economie",
}
Lieu = tuple[str | None, str | None, str | None]


def trier(
    con: duckdb.DuckDBPyConnection, genre: str, territoire: Territoire
) -> tuple[list[Ligne], dict[str, int]]:
    """Rows of `lues` to keep, and the counts of a `BilanRegistre`. A number read twice is kept once."""
    lieux = con.execute(
        "select distinct code_commune, code_postal, commune from lues order by all"
    ).fetchall()
    places = {lieu: situer(territoire, *lieu) for lieu in lieux}
    ici = [lieu for lieu, place in places.items() if place is not None or genre == SOLLICITEES]
    lues = con.execute("select count(*) from lues").fetchall()[0][0]
    colonnes = ("code_commune", "code_postal", "commune")
    con.register(
        "ici", pa.table({c: pa.array([lieu[i] for lieu in ici], pa.string()) for i, c in enumerate(colonnes)})
    )
    egal = " and ".join(f"l.{c} is not distinct from ici.{c}" for c in colonnes)
    liste = ", ".join(f"l.{c}" for c in CHAMPS)
    lignes = con.execute(
        f"select {liste} from lues as l inner join ici on {egal} order by l.rowid"
    ).fetchall()
    con.unregister("ici")
    comptes = {"lues": lues, "hors_territoire": lues - len(lignes), "sans_nom": 0, "autres": 0, "doublons": 0}
    gardees = _garder(genre, [dict(zip(CHAMPS, x, strict=True)) for x in lignes], places, comptes)
    comptes["gardees"] = len(gardees)
    comptes["dissoutes"] = sum(x.etat == "dissoute" for x in gardees)
    comptes["sans_commune"] = sum(x.code_commune is None for x in gardees)
    return gardees, comptes


def _garder(
    genre: str,
    lignes: Sequence[dict[str, Any]],
    places: dict[Lieu, Commune | bool | None],
    comptes: dict[str, int],
) -> list[Ligne]:
    retenues: dict[str, Ligne] = {}
    # The seat of a legal unit comes before its other establishments.
    for brute in sorted(lignes, key=lambda x: x["siege"] not in (None, "true", "True", "1")):
        place = places[brute["code_commune"], brute["code_postal"], brute["commune"]]
        if genre == SIRENE and not (brute["categorie"] or "").startswith(CATEGORIE_ASSOCIATION):
            comptes["autres"] += 1
            continue
        if not brute["nom"] or brute["nom"] == NON_DIFFUSE:
            comptes["sans_nom"] += 1
            continue
        ligne = _ligne(genre, brute, place if isinstance(place, Commune) else None)
        if not ligne.nom_norme:
            comptes["sans_nom"] += 1
        elif ligne.cle in retenues:
            comptes["doublons"] += 1
        else:
            retenues[ligne.cle] = ligne
    return list(retenues.values())


def _ligne(genre: str, brute: dict[str, Any], commune: Commune | None) -> Ligne:
    nom, sigle = separer_sigle(nettoyer(brute["nom"]))
    court = brute["sigle"] and _COUPE.sub("", nettoyer(brute["sigle"]))
    if (
        sigle is None
        and court
        and court != NON_DIFFUSE
        and " " not in court
        and len(court) <= 12
        and court != nom
    ):
        sigle = court
    siret = _siret(brute["siret"])
    siren = _siret(brute["siren"]) or (siret[:9] if siret else None)
    etat = "inconnue"
    if genre == RNA:
        etat = etat_rna(brute["position"], brute["dissolution"])
    elif genre == SIRENE:
        etat = etat_sirene(brute["position"])
    return Ligne(
        rna=_rna(genre, brute),
        siren=siren,
        siret=siret if siret and len(siret) == 14 else None,
        nom=nom,
        sigle=sigle,
        nom_norme=normaliser(nom),
        code_commune=commune.code if commune else None,
        libelle_commune=commune.nom if commune else brute["commune"] and nettoyer(brute["commune"]),
        code_postal=brute["code_postal"],
        secteur=_secteur(brute),
        effectif_tranche=brute["effectif"] if brute["effectif"] not in (NON_DIFFUSE, "NN") else None,
        etat=etat,
        source=genre,
        date_declaration=max((_date(brute["creation"]), _date(brute["declaration"])), key=lambda d: d or ""),
        date_creation=_date(brute["creation"]),
    )


def _date(texte: str | None) -> str | None:
    """The day, year first; None for the years 0001 and 1900 that stand for « unknown »."""
    trouve = _JOUR.match(texte or "")
    return trouve[0] if trouve and "1901" <= trouve[0][:4] <= "2999" else None


def _rna(genre: str, brute: dict[str, Any]) -> str | None:
    """The W number; for the files of before 2009, the one that replaced it when it is told, else their own."""
    numero = (brute["rna"] or "").replace(" ", "").upper()
    if _W.fullmatch(numero):
        return numero
    if genre != RNA:
        return None
    repris = _W.search((brute["observation"] or "").upper())
    return repris[0] if repris else numero or None


def _siret(texte: str | None) -> str | None:
    chiffres = "".join((texte or "").split())
    if not chiffres.isdigit():
        return None
    lu = type_siret.TYPE.juger(chiffres)
    return lu.valeur if isinstance(lu.valeur, str) else None


def _secteur(brute: dict[str, Any]) -> str | None:
    famille = (brute["objet"] or "")[:3]
    if famille.strip("0"):
        secteur = secteurs_rna().get(famille)
        if secteur:
            return secteur
    activite = brute["activite"] or ""
    return next((s for debut, s in _NAF.items() if activite.startswith(debut)), None)


@cache
def secteurs_rna() -> dict[str, str]:
    """Family of the RNA (three digits) → sector of the observatory."""
    chemin = Path(nomenclature.__file__).with_name("nomenclatures") / f"{nomenclature.SECTEURS_RNA}.csv"
    with chemin.open(encoding="utf-8", newline="") as flux:
        return {x["famille"]: x["secteur"] for x in csv.DictReader(flux)}


def situer(
    territoire: Territoire, code: str | None, code_postal: str | None, libelle: str | None
) -> Commune | bool | None:
    """The commune of today; True when it is in the département without saying which; None when it is elsewhere."""
    if code and (commune := territoire.par_code(code)):
        return commune
    if code and len(code) == 5 and not code.startswith(territoire.code) and code != "00000":
        return None
    d_ici = any(x and x.startswith(territoire.code) for x in (code, code_postal))
    if not d_ici and (code or code_postal):
        return None
    nommees = {c.code: c for c in territoire.par_nom(libelle)} if libelle else {}
    desservies = {c.code: c for c in territoire.par_code_postal(code_postal or "")}
    communes = {k: c for k, c in desservies.items() if k in nommees} or nommees or desservies
    if len(communes) == 1:
        return next(iter(communes.values()))
    return True if d_ici else None
