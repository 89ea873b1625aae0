"""Write the demonstration deposits: 400 invented associations, six files, the mess of real spreadsheets, and a register.

    python scripts/demonstration.py [--dossier data/raw/demo]

Seeded: the same bytes at every run. Everything is invented; data/raw/demo/LISEZMOI.md says how.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

RACINE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(RACINE), str(RACINE / "scripts")]

import demonstration_fichiers as fichiers  # noqa: E402
import demonstration_paroles as paroles  # noqa: E402
import demonstration_registre as registre  # noqa: E402
from demonstration_enquetes import subventions, utilite  # noqa: E402
from demonstration_population import ANNEES, Association, alea, inventer  # noqa: E402
from demonstration_reponses import repondre  # noqa: E402
from demonstration_salissures import Brut, Salisseur, Tableau  # noqa: E402
from openpyxl import Workbook  # noqa: E402

from observatoire.domain.loader import load_enquetes  # noqa: E402
from observatoire.domain.nomenclature import charger_nomenclature  # noqa: E402
from pipelines.ingestion.gabarit import classeur_gabarit  # noqa: E402

DOSSIER = RACINE / "data" / "raw" / "demo"
ENQUETES = load_enquetes()
FICHIERS = {
    "associations": "associations-2024-2025.xlsx",
    "benevolat": "benevolat-par-annee.xlsx",
    "emploi": "emploi-2024-2025.xlsx",
    "ressources": "ressources-2024-2025.xlsx",
    "impact": "utilite-sociale.ods",
    "subventions": "subventions-scdl.csv",
}
# Who answers: share of the associations without staff, share of the employers.
REPONSES = {
    "associations": (1.0, 1.0),
    "benevolat": (0.9, 0.9),
    "emploi": (0.18, 0.95),
    "ressources": (0.8, 0.9),
}
ESPACES = ("\u202f", "\u00a0", " ")

Lieux = list[tuple[str, list[str]]]  # sheet and addresses of each row


def tableaux(associations: list[Association]) -> dict[str, list[Tableau]]:
    """The rows of every file, by questionnaire; volunteering has one table a year."""
    rng = alea("reponses")
    lignes: dict[str, list[dict[str, Any]]] = {q: [] for q in REPONSES}
    participe = {
        (q, a.nom): rng.random() < parts[a.employeuse] for q, parts in REPONSES.items() for a in associations
    }
    for annee in ANNEES:
        for a in associations:
            for q in REPONSES:
                if annee in a.annees and participe[q, a.nom]:
                    lignes[q].append(a.reponses[q, annee])
    lignes["impact"] = utilite(alea("utilite"), associations)
    lignes["subventions"] = subventions(alea("subventions"), associations)
    tables = {q: [Tableau(q, _types(q), rangees)] for q, rangees in lignes.items()}
    tables["benevolat"] = [
        Tableau(str(annee), _types("benevolat"), [r for r in lignes["benevolat"] if r["annee"] == annee])
        for annee in ANNEES
    ]
    courriels = alea("courriels")
    for ligne in tables["emploi"][0].lignes:
        numero = courriels.randint(100, 999)
        ligne["courriel"] = courriels.choice((f"contact-{numero}@exemple.invalid", None))
        ligne["couleur"] = courriels.choice(("vert", "orange", None))
    return tables


def _types(questionnaire: str) -> dict[str, str]:
    """Type of each field of the questionnaire that the file has a column for."""
    titres = fichiers.TITRES.get(questionnaire)
    actifs = ENQUETES[questionnaire].champs_actifs()
    return {c.name: c.type for c in actifs if titres is None or c.name in titres}


def repeter(tables: dict[str, list[Tableau]]) -> None:
    """Answers sent twice: the same, another one, under a name nearly the same; a grant published twice."""
    rng = alea("doublons")
    for tableau in (tables["associations"][0], tables["benevolat"][1], tables["ressources"][0]):
        tableau.repeter(_rang(rng, tableau), "reponse_identique", "DO-03")
    for questionnaire, champ in (("associations", "nb_adherents"), ("emploi", "nb_salaries")):
        tableau = tables[questionnaire][0]
        rang = _rang(rng, tableau, champ)
        tableau.repeter(rang, "reponse_contradictoire", "DO-01", **{champ: tableau.lignes[rang][champ] + 2})
    for tableau in (tables["associations"][0], tables["benevolat"][0]):
        rang = _rang(rng, tableau)
        nom = f"Association {tableau.lignes[rang]['nom_association']}"
        tableau.repeter(rang, "nom_proche", "DO-05", nom_association=nom, rna=None, siret=None)
    tables["subventions"][0].repeter(40, "ligne_identique", "DO-04")


def _rang(rng: Random, tableau: Tableau, champ: str = "rna") -> int:
    """A row of the last year, with something in `champ`, that no other one repeats."""
    derniere = tableau.lignes[-1]["annee"]
    rangs = [i for i, ligne in enumerate(tableau.lignes) if ligne["annee"] == derniere and ligne[champ]]
    return rng.choice([i for i in rangs if i not in tableau.reserves])


def habiller(questionnaire: str, tableau: Tableau) -> None:
    """Write the clean cells in the style of the file: labels, oui/non, amounts in French letters."""
    champs = {c.name: c for c in ENQUETES[questionnaire].champs_actifs()}
    for rang, ligne in enumerate(tableau.lignes):
        for champ in tableau.types:
            valeur = ligne[champ]
            if valeur is None or isinstance(valeur, Brut):
                continue
            liste = champs[champ].nomenclature
            if isinstance(valeur, bool):
                ligne[champ] = "oui" if valeur else "non"
            elif liste and valeur in charger_nomenclature(liste).codes:
                ligne[champ] = charger_nomenclature(liste).libelle(valeur)
            elif questionnaire == "subventions":
                ligne[champ] = f"{valeur:.2f}" if champ == "montant" else str(valeur)
            elif champs[champ].type == "montant":
                espace = ESPACES[rang % len(ESPACES)]
                ligne[champ] = f"{valeur:,}".replace(",", espace) + f"{espace}€"


def ecrire_associations(tables: list[Tableau], chemin: Path) -> Lieux:
    """The template of the network, filled."""
    enquete = ENQUETES["associations"]
    champs = [c.name for c in enquete.champs_actifs()]
    rangees = [{c: fichiers.cellule(ligne, c) for c in champs} for ligne in tables[0].lignes]
    classeur = classeur_gabarit(enquete, lignes=rangees)
    for p in tables[0].plantes:
        if isinstance(rangees[p.rang][p.champ], dt.datetime):
            case = classeur[enquete.feuille].cell(p.rang + 2, champs.index(p.champ) + 1)
            case.number_format = "dd/mm/yyyy"
    chemin.write_bytes(fichiers.octets_xlsx(classeur))
    lettres = fichiers.lettres(1, len(champs))
    return [(enquete.feuille, [f"{x}{i}" for x in lettres]) for i in range(2, len(rangees) + 2)]


def ecrire_benevolat(tables: list[Tableau], chemin: Path) -> Lieux:
    """One sheet a year: titles above, column A empty, two levels of headers, total, notes; a hidden sheet."""
    classeur = Workbook()
    lieux: Lieux = []
    for tableau in tables:
        page = fichiers.feuille(classeur, tableau.nom)
        page["B1"] = f"Enquête sur le bénévolat, année {tableau.nom}"
        page["B2"] = "Données inventées pour la démonstration"
        fichiers.poser_titres(page, "benevolat", 4, 2)
        debut = 6
        lieux += [
            (tableau.nom, adresses)
            for adresses in fichiers.poser_lignes(page, "benevolat", tableau.lignes, debut, 2)
        ]
        fin = debut + len(tableau.lignes)
        page.cell(fin, 2, "TOTAL")
        for j in range(5, 12):
            colonne = (v for (v,) in page.iter_rows(debut, fin - 1, j, j, values_only=True))
            page.cell(fin, j, sum(v for v in colonne if isinstance(v, int)))
        page.cell(fin + 2, 2, "Source : enquête fictive auprès d’associations inventées.")
        page.cell(fin + 3, 2, "NB : les heures sont par an, sauf indication contraire.")
    notice = classeur.create_sheet("Notice")
    notice["A1"] = "Comment remplir : une ligne par association, une feuille par année."
    cachee = classeur.create_sheet("brouillon")
    cachee["A1"], cachee.sheet_state = "À ne pas lire", "hidden"
    chemin.write_bytes(fichiers.octets_xlsx(classeur))
    return lieux


def ecrire_emploi(tables: list[Tableau], chemin: Path) -> Lieux:
    """Two surveys pasted one under the other: titles repeated, a blank row, an e-mail column."""
    classeur = Workbook()
    page = fichiers.feuille(classeur, "Emploi")
    lignes = tables[0].lignes
    bascule = next(i for i, ligne in enumerate(lignes) if ligne["annee"] == ANNEES[1])
    fichiers.poser_titres(page, "emploi", 1, 1)
    lieux = list(fichiers.poser_lignes(page, "emploi", lignes[:60], 2, 1))
    lieux += fichiers.poser_lignes(page, "emploi", lignes[60:bascule], 63, 1)
    suite = bascule + 3
    fichiers.poser_titres(page, "emploi", suite, 1)
    lieux += fichiers.poser_lignes(page, "emploi", lignes[bascule:], suite + 1, 1)
    chemin.write_bytes(fichiers.octets_xlsx(classeur))
    return [("Emploi", adresses) for adresses in lieux]


def ecrire_ressources(tables: list[Tableau], chemin: Path) -> Lieux:
    """A treasurer's table: title, two levels of headers, a spacer column, amounts typed as text."""
    classeur = Workbook()
    page = fichiers.feuille(classeur, "Comptes")
    page["A1"] = "Ressources des associations, exercices 2024 et 2025 (données inventées)"
    fichiers.poser_titres(page, "ressources", 3, 1)
    lieux = list(fichiers.poser_lignes(page, "ressources", tables[0].lignes, 5, 1))
    page.cell(6 + len(lieux), 1, "Source : comptes de résultat inventés.")
    chemin.write_bytes(fichiers.octets_xlsx(classeur))
    return [("Comptes", adresses) for adresses in lieux]


def ecrire_impact(tables: list[Tableau], chemin: Path) -> Lieux:
    """An export of anonymous answers in OpenDocument, the whole questions as titles."""
    titres = fichiers.TITRES["impact"]
    lignes = [[fichiers.cellule(ligne, c) for c in titres] for ligne in tables[0].lignes]
    chemin.write_bytes(fichiers.octets_ods("Réponses anonymes", [list(titres.values()), *lignes]))
    lettres = fichiers.lettres(1, len(titres))
    return [("Réponses anonymes", [f"{x}{i}" for x in lettres]) for i in range(2, len(lignes) + 2)]


def ecrire_subventions(tables: list[Tableau], chemin: Path) -> Lieux:
    """Open data as funders publish it (SCDL 2.1 and a budget year); one decimal comma without quotes."""
    titres, tableau = fichiers.TITRES["subventions"], tables[0]
    rang = next(i for i in range(200, 300) if tableau.lignes[i]["dispositif"] and i not in tableau.sales)
    fautif = f"{tableau.lignes[rang]['montant'].partition('.')[0]},50"
    tableau.planter(rang, "montant", "virgule_sans_guillemets", fautif, "LG-01")
    lignes = [[fichiers.cellule(ligne, c) for c in titres] for ligne in tableau.lignes]
    textes = fichiers.texte_csv([list(titres.values()), *lignes]).splitlines(keepends=True)
    textes[rang + 1] = textes[rang + 1].replace(f'"{fautif}"', fautif)
    chemin.write_bytes("".join(textes).encode())
    lettres = fichiers.lettres(1, len(titres))
    return [(chemin.stem, [f"{x}{i}" for x in lettres]) for i in range(2, len(lignes) + 2)]


ECRIRE: dict[str, Callable[[list[Tableau], Path], Lieux]] = {
    "associations": ecrire_associations,
    "benevolat": ecrire_benevolat,
    "emploi": ecrire_emploi,
    "ressources": ecrire_ressources,
    "impact": ecrire_impact,
    "subventions": ecrire_subventions,
}


def journal(questionnaire: str, tables: list[Tableau], lieux: Lieux) -> Iterable[list[Any]]:
    """What was planted in a file, at its address."""
    champs = list(fichiers.TITRES.get(questionnaire) or _types(questionnaire))
    debut = 0
    for tableau in tables:
        for p in sorted(tableau.plantes, key=lambda p: (p.rang, champs.index(p.champ))):
            page, adresses = lieux[debut + p.rang]
            lieu = [FICHIERS[questionnaire], page, adresses[champs.index(p.champ)]]
            yield [*lieu, p.champ, p.genre, p.ecriture, p.code]
        debut += len(tableau.lignes)


def main() -> None:
    """Write everything."""
    arguments = argparse.ArgumentParser(description="Récrit les dépôts de démonstration.")
    arguments.add_argument("--dossier", type=Path, default=DOSSIER)
    dossier: Path = arguments.parse_args().dossier
    dossier.mkdir(parents=True, exist_ok=True)
    associations = repondre(inventer())
    inscrites = registre.inscrites(associations)
    tables = tableaux(associations)
    repeter(tables)
    Salisseur([t for membres in tables.values() for t in membres], alea("salissures")).salir()
    decisions = paroles.parler(tables["associations"][0], associations)
    plantes: list[list[Any]] = [["fichier", "feuille", "cellule", "champ", "genre", "ecriture", "code"]]
    manifeste = ["# Dépôts de démonstration : tout est inventé. Récrit par scripts/demonstration.py.", ""]
    for genre, fichier in registre.FICHIERS.items():
        texte = {"rna": registre.rna, "sirene": registre.sirene}[genre](inscrites)
        (dossier / fichier).write_bytes(texte.encode())
        manifeste += ["[[registre]]", f'genre = "{genre}"', f'fichier = "{fichier}"', ""]
    for questionnaire, fichier in FICHIERS.items():
        for tableau in tables[questionnaire]:
            habiller(questionnaire, tableau)
        lieux = ECRIRE[questionnaire](tables[questionnaire], dossier / fichier)
        plantes += journal(questionnaire, tables[questionnaire], lieux)
        manifeste += ["[[depot]]", f'fichier = "{fichier}"', f'questionnaire = "{questionnaire}"']
        manifeste += ["fictif = true", ""]
    (dossier / "manifeste.toml").write_text("\n".join(manifeste), encoding="utf-8")
    (dossier / "paroles.toml").write_text(paroles.en_toml(decisions), encoding="utf-8")
    (dossier / "salissures.csv").write_bytes(fichiers.texte_csv(plantes).encode())


if __name__ == "__main__":
    main()
