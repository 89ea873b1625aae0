"""Forms filled from top to bottom: questions down one column, one association in each column at its right.

Such a sheet is turned, so that the rest of the engine reads it as a table; `Feuille.transposee` keeps the way back
to the addresses of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from observatoire.domain.enquete import Enquete
from observatoire.domain.types import type_de
from observatoire.domain.types._nettoyage import plier
from pipelines.ingestion.appariement import Vocabulaire
from pipelines.ingestion.cellules import est_texte, nombre, vide
from pipelines.ingestion.grille import Appariement, Classeur, Feuille, Table
from pipelines.ingestion.table import Connu, reperer_table

TITRES_MINIMUM = 4
COLONNES_SONDEES = 4
LIGNES_SONDEES = 400
CHIFFRES_MINIMUM = 2
NATURES_CHIFFREES = ("effectif", "montant", "heures", "etp", "part", "note")
EXPLICATION = "TO-09"
_AIDE = re.compile(
    r"(?:aides?|descriptions?|consignes?|precisions?|explications?|exemples?|ex|definitions?|unites?|formats?|types?"
    r"|commentaires?|mode d emploi|notice)\b.*"
)


@dataclass(frozen=True, slots=True)
class Fiche:
    """A sheet whose questions go down `colonne` (0-based): how many are known, is the name of who answers one."""

    colonne: int
    connus: int
    nommee: bool
    vocabulaire: Vocabulaire


def chercher(
    feuille: Feuille, enquetes: Iterable[Enquete], vocabulaires: Sequence[Vocabulaire]
) -> Fiche | None:
    """The questions of one questionnaire down a column, when more of them stand there than in any row."""
    meilleure: Fiche | None = None
    for enquete, vocabulaire in zip(enquetes, vocabulaires, strict=True):
        fiche = _dans(feuille, enquete, vocabulaire)
        if fiche and (
            meilleure is None or (fiche.connus, fiche.nommee) > (meilleure.connus, meilleure.nommee)
        ):
            meilleure = fiche
    return meilleure


def _dans(feuille: Feuille, enquete: Enquete, vocabulaire: Vocabulaire) -> Fiche | None:
    largeur = len(feuille.lignes[0]) if feuille.lignes else 0
    trouvees: list[Fiche] = []
    for j in range(min(COLONNES_SONDEES, largeur - 1)):
        places = {c for x in feuille.lignes[:LIGNES_SONDEES] if (c := _champ(x[j], vocabulaire))}
        if len(places) >= TITRES_MINIMUM:
            qui = {enquete.identite[r] for r in ("nom", "rna", "siret") if r in enquete.identite}
            trouvees.append(Fiche(j, len(places), bool(qui & places), vocabulaire))
    if not trouvees:
        return None
    fiche = max(trouvees, key=lambda f: (f.connus, -f.colonne))
    en_ligne = max(
        len({c for v in ligne if (c := _champ(v, vocabulaire))}) for ligne in feuille.lignes[:LIGNES_SONDEES]
    )
    return fiche if fiche.connus > en_ligne else None


def _champ(valeur: object, vocabulaire: Vocabulaire) -> str | None:
    if not isinstance(valeur, str) or not 1 < len(valeur) < 300:
        return None
    candidat = vocabulaire.exact(valeur)
    return candidat.champ if candidat else None


def tourner(feuille: Feuille) -> Feuille:
    """The same sheet, rows for columns, with its addresses."""
    return replace(
        feuille,
        lignes=[list(colonne) for colonne in zip(*feuille.lignes, strict=True)],
        fusions=[(c1, r1, c2, r2) for r1, c1, r2, c2 in feuille.fusions],
        erreurs={(j, i): texte for (i, j), texte in feuille.erreurs.items()},
        non_calculees={(j, i) for i, j in feuille.non_calculees},
        originaux={(j, i): valeur for (i, j), valeur in feuille.originaux.items()},
        largeurs_fausses={},  # the rows of a form written as CSV end where the answers end
        masquees=feuille.colonnes_masquees,
        colonnes_masquees=feuille.masquees,
        transposee=not feuille.transposee,
    )


def lire_fiche(feuille: Feuille, fiche: Fiche, connu: Connu) -> Table | None:
    """The table of a form: its sheet turned, without the section titles that hold no answer."""
    table = reperer_table(tourner(feuille), connu, fiche.colonne)
    if table is None:
        return None
    lignes = table.feuille.lignes
    pleines = {j for i in table.donnees for j, v in enumerate(lignes[i]) if not vide(v)}
    pleines |= {j for _, j in (*table.feuille.erreurs, *table.feuille.non_calculees)}
    servis = {_champ(c.entete, fiche.vocabulaire) for c in table.colonnes if c.index in pleines} | {None}
    table.colonnes = [
        c for c in table.colonnes if c.index in pleines or _champ(c.entete, fiche.vocabulaire) not in servis
    ]
    return table


def ecarter_explications(table: Table, enquete: Enquete, appariement: Appariement) -> None:
    """Set aside the column of explanations beside the questions (TO-09): it holds no answer."""
    lignes = table.feuille.lignes
    remplies = [i for i in table.donnees if any(not vide(v) for v in lignes[i])]
    if len(remplies) < 2 or remplies[0] != table.ligne_entete + 1:
        return
    premiere, suivantes = lignes[remplies[0]], [lignes[i] for i in remplies[1:]]
    lues = [c.index for c, _, _ in appariement.champs.values()]
    debut = min(lues, default=0)
    titres = [plier(v) for v in premiere[: debut + 1] if isinstance(v, str)]
    chiffrees = [
        c.index
        for nom, (c, _, _) in appariement.champs.items()
        if type_de(enquete.champ(nom)).nom in NATURES_CHIFFREES
    ]
    textes = sum(est_texte(premiere[j]) for j in chiffrees)
    chiffres = any(nombre(premiere[j]) is not None for j in chiffrees)
    reponses = any(nombre(x[j]) is not None for x in suivantes for j in chiffrees)
    if any(_AIDE.fullmatch(t) for t in titres) or (textes >= CHIFFRES_MINIMUM and not chiffres and reponses):
        table.donnees.remove(remplies[0])
        table.ignorees[remplies[0]] = EXPLICATION


def est_fiche(classeur: Classeur, enquetes: Iterable[Enquete]) -> bool:
    """True when a visible sheet is a form filled from top to bottom: a folder of them is one deposit."""
    connues = list(enquetes)
    vocabulaires = [Vocabulaire(e.champs) for e in connues]
    fiches = (chercher(f, connues, vocabulaires) for f in classeur.feuilles if f.visible)
    return any(f is not None and f.nommee for f in fiches)
