"""Invented public files of full size: RNA « waldec » and the two stocks of Sirene, from a seed, written by DuckDB.

`python scripts/sources_inventees.py DOSSIER --lignes 3000000`. Personal columns hold words that must be found nowhere.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb

from observatoire.registre.formats import SOURCES, Format
from observatoire.storage.connexion import litteral, nom_sql

GRAINE = 20261122
CANARI = "CANARI"
VIDE = "''"
LIGNES = 3_000_000
_COMMUNE = "case when h % 50 = 0 then '2A' || lpad(cast(h % 300 + 1 as varchar), 3, '0') else lpad(cast(h % 95 + 1 as varchar), 2, '0') || lpad(cast(h % 363 + 1 as varchar), 3, '0') end"
_SIREN = "lpad(cast(i as varchar), 9, '0')"
# Expressions by official title; the other columns of a layout hold the word that must not enter.
VALEURS = {
    "RNA « waldec »": {
        "id": "'W' || lpad(cast(i as varchar), 9, '0')",
        "siret": "case when h % 4 = 0 then lpad(cast(h % 99999999999999 as varchar), 14, '0') else '' end",
        "titre": "'ASSOCIATION ' || case h % 4 when 0 then 'SPORTIVE ET CULTURELLE' when 1 then 'DES PARENTS' when 2 then 'D''ENTRAIDE' else 'DES AMIS' end || ' DE ' || cast(h % 9973 as varchar)",
        "titre_court": "'A' || cast(h % 997 as varchar)",
        "objet": "'promouvoir la pratique du sport, de la musique et de l''entraide ; \"accueillir\" les habitants ' || cast(h as varchar)",
        "objet_social1": "lpad(cast((h % 50 + 1) * 1000 as varchar), 6, '0')",
        "adrs_codeinsee": _COMMUNE,
        "adrs_codepostal": "lpad(cast(h % 95 + 1 as varchar), 2, '0') || '000'",
        "adrs_libcommune": "'COMMUNE ' || cast(h % 363 as varchar)",
        "position": "case when h % 8 = 0 then 'D' else 'A' end",
        "date_creat": "'2001-05-' || lpad(cast(h % 28 + 1 as varchar), 2, '0')",
        "date_decla": "'2024-05-' || lpad(cast(h % 28 + 1 as varchar), 2, '0')",
        "date_disso": "case when h % 8 = 0 then '2020-01-01' else '0001-01-01' end",
    },
    "Sirene, stock des unités légales": {
        "siren": _SIREN,
        "denominationUniteLegale": "case when h % 10 = 0 then 'ASSOCIATION ' || cast(h % 9973 as varchar) else '' end",
        "categorieJuridiqueUniteLegale": "case when h % 10 = 0 then '9220' when h % 10 < 6 then '1000' else '5499' end",
        "etatAdministratifUniteLegale": "case when h % 3 = 0 then 'C' else 'A' end",
        "trancheEffectifsUniteLegale": "case when h % 6 = 0 then '11' else 'NN' end",
        "activitePrincipaleUniteLegale": "'94.99Z'",
        "nicSiegeUniteLegale": "'00011'",
        "dateCreationUniteLegale": "'2001-05-04'",
    },
    "Sirene, stock des établissements": {
        "siren": _SIREN,
        "siret": f"{_SIREN} || '00011'",
        "etablissementSiege": "'true'",
        "codeCommuneEtablissement": _COMMUNE,
        "codePostalEtablissement": "lpad(cast(h % 95 + 1 as varchar), 2, '0') || '000'",
        "libelleCommuneEtablissement": "'COMMUNE ' || cast(h % 363 as varchar)",
        "etatAdministratifEtablissement": "case when h % 3 = 0 then 'F' else 'A' end",
        "activitePrincipaleEtablissement": "'94.99Z'",
    },
}
FORMATS = {f.nom: f for s in SOURCES.values() for f in s.formats if f.nom in VALEURS}


def ecrire(nom: str, chemin: Path, lignes: int) -> Path:
    """One invented file of the layout `nom`."""
    modele = FORMATS[nom]
    separateur = ";" if modele.genre == "rna" else ","
    with duckdb.connect(config={"memory_limit": "500MB"}) as con:
        con.execute(
            f"copy (select {_colonnes(modele)} from (select i, hash(i + {GRAINE}) % 1000000007 as h "
            f"from range({lignes}) as t(i))) to {litteral(str(chemin))} (format csv, header true, delimiter {litteral(separateur)})"
        )
    return chemin


def _colonnes(modele: Format) -> str:
    titres = [*(noms[0] for noms in modele.colonnes.values()), *modele.connues]
    valeurs = VALEURS[modele.nom] | {t: _reste(t) for t in modele.connues}
    return ", ".join(f"{valeurs.get(t, VIDE)} as {nom_sql(t)}" for t in titres)


def _reste(titre: str) -> str:
    """Half of the columns that nobody reads are empty, as in the real files."""
    return f"'{CANARI}'" if len(titre) % 2 else VIDE


def main() -> None:
    """Write the three files."""
    lecteur = argparse.ArgumentParser(description=__doc__)
    lecteur.add_argument("dossier", type=Path)
    lecteur.add_argument("--lignes", type=int, default=LIGNES)
    choix = lecteur.parse_args()
    choix.dossier.mkdir(parents=True, exist_ok=True)
    for rang, nom in enumerate(VALEURS):
        print(ecrire(nom, choix.dossier / f"{rang}-20261101.csv", choix.lignes))


if __name__ == "__main__":
    main()
