"""What helps the person whose file was not recognised: the titles found, the nearest questionnaires, a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from observatoire.domain.anomalie import couper
from observatoire.domain.enquete import Enquete
from pipelines.ingestion import origines
from pipelines.ingestion.appariement import connaisseur
from pipelines.ingestion.cellules import en_texte, est_texte
from pipelines.ingestion.correspondance import Correspondance
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.devinette import Essai, Lecteur, candidats
from pipelines.ingestion.grille import Classeur, Feuille, lettre
from pipelines.ingestion.personnel import cellule_personnelle
from pipelines.ingestion.table import ligne_probable

TITRES_CITES = 6
PROCHES_CITES = 2
COLONNES_MINIMUM = 2


def aider(
    classeur: Classeur,
    enquetes: Mapping[str, Enquete],
    correspondance: Correspondance | None = None,
    choix: Decisions | None = None,
) -> str:
    """Sentences to add to the refusal, each with a space before; empty when there is nothing to say."""
    lecteur = Lecteur(enquetes.values(), correspondance, choix)
    lues = [f for f in classeur.feuilles if lecteur.a_lire(f) and f.lignes]
    essais = [e for f in lues if (t := lecteur.table(f)) for e in lecteur.essais(t)]
    lus = _titres(lues, enquetes.values())
    phrases = [_outil(classeur, lues), lus and _citer(*lus)]
    if origines.subventions_en_anglais(classeur):
        phrases.append(
            "Titres en anglais\u00a0: indiquez les colonnes du bénéficiaire, du montant et de la date."
        )
    elif lus:
        phrases.append(_proches(essais, enquetes))
    for feuille in lues:
        fiche = lecteur.fiche(feuille)
        if fiche is not None:
            phrases.append(
                f"Les questions semblent écrites de haut en bas, dans la colonne {lettre(fiche.colonne)} de la feuille"
                f" «\u00a0{feuille.nom}\u00a0», mais aucune n’y demande le nom de l’association."
            )
            break
    return "".join(f" {p}" for p in phrases if p)


def _outil(classeur: Classeur, lues: Sequence[Feuille]) -> str:
    """What made the file; when it is only the details of a longer export, which one to send."""
    outil = origines.provenance(classeur)
    if outil is origines.INCONNU:
        return ""
    if lues and all(origines.est_repetition(f) for f in lues):
        return "C’est un tableau de répétitions (une ligne par élément d’une réponse)\u00a0: déposez l’export principal."
    return f"Il a été fait avec {outil.libelle}."


def _titres(
    feuilles: Iterable[Feuille], enquetes: Iterable[Enquete]
) -> tuple[Feuille, int, list[str]] | None:
    """The most likely row of titles: its sheet, its 0-based number, its texts; personal ones are left out."""
    connu = connaisseur(enquetes)
    notes = [(*ligne_probable(f, connu), f) for f in feuilles]
    if not notes:
        return None
    note, rang, feuille = max(notes, key=lambda n: n[0])
    textes = [en_texte(v) for v in feuille.lignes[rang] if est_texte(v)]
    titres = [couper(t) for t in dict.fromkeys(textes) if not cellule_personnelle(t)]
    return (feuille, rang, titres) if note > 0 and titres else None


def _citer(feuille: Feuille, rang: int, titres: Sequence[str]) -> str:
    cites = ", ".join(f"«\u00a0{t}\u00a0»" for t in titres[:TITRES_CITES])
    suite = "…" if len(titres) > TITRES_CITES else "."
    return f"Titres lus à la ligne {rang + 1} de la feuille «\u00a0{feuille.nom}\u00a0»\u00a0: {cites}{suite}"


def _proches(essais: Sequence[Essai], enquetes: Mapping[str, Enquete]) -> str:
    """The nearest questionnaires; one column in common by chance makes none."""
    nets = [e for e in essais if len(e.appariement.champs) >= COLONNES_MINIMUM]
    trouves = candidats(nets)[:PROCHES_CITES]
    if not trouves:
        seule = any(e.appariement.champs for e in essais)
        mots = (
            "une seule de ces colonnes y est demandée" if seule else "aucune de ces colonnes n’y est demandée"
        )
        return f"Aucun questionnaire ne convient\u00a0: {mots}."
    cites = [f"«\u00a0{enquetes[nom].title}\u00a0» ({raison})" for nom, _, raison in trouves]
    return f"Le plus proche\u00a0: {' puis '.join(cites)}."
