"""What helps the person whose file was not recognised: the titles found, the nearest questionnaires, a form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from observatoire.domain.anomalie import couper
from observatoire.domain.enquete import Enquete
from pipelines.ingestion import origines
from pipelines.ingestion.appariement import connaisseur
from pipelines.ingestion.cellules import en_texte, est_texte
from pipelines.ingestion.correspondance import Correspondance
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.devinette import Lecteur, candidats
from pipelines.ingestion.grille import Classeur, Feuille, lettre
from pipelines.ingestion.personnel import cellule_personnelle
from pipelines.ingestion.table import ligne_probable

TITRES_CITES = 6
PROCHES_CITES = 2


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
    outil = origines.provenance(classeur)
    titres = _titres(lues, enquetes.values())
    phrases = [
        f"Il a été fait avec {outil.libelle}." if outil is not origines.INCONNU else "",
        titres,
        _proches(candidats(essais), enquetes) if titres else "",
    ]
    for feuille in lues:
        fiche = lecteur.fiche(feuille)
        if fiche is not None:
            phrases.append(
                f"Les questions semblent écrites de haut en bas, dans la colonne {lettre(fiche.colonne)} de la feuille"
                f" «\u00a0{feuille.nom}\u00a0», mais aucune n’y demande le nom de l’association."
            )
            break
    return "".join(f" {p}" for p in phrases if p)


def _titres(feuilles: Iterable[Feuille], enquetes: Iterable[Enquete]) -> str:
    """The titles of the most likely row; personal ones are left out."""
    connu = connaisseur(enquetes)
    notes = [(*ligne_probable(f, connu), f) for f in feuilles]
    if not notes:
        return ""
    note, rang, feuille = max(notes, key=lambda n: n[0])
    textes = [en_texte(v) for v in feuille.lignes[rang] if est_texte(v)]
    titres = [couper(t) for t in dict.fromkeys(textes) if not cellule_personnelle(t)]
    if note <= 0 or not titres:
        return ""
    cites = ", ".join(f"«\u00a0{t}\u00a0»" for t in titres[:TITRES_CITES])
    suite = "…" if len(titres) > TITRES_CITES else "."
    return f"Titres lus à la ligne {rang + 1} de la feuille «\u00a0{feuille.nom}\u00a0»\u00a0: {cites}{suite}"


def _proches(trouves: list[tuple[str, float, str]], enquetes: Mapping[str, Enquete]) -> str:
    cites = [f"«\u00a0{enquetes[nom].title}\u00a0» ({raison})" for nom, _, raison in trouves[:PROCHES_CITES]]
    if not cites:
        return "Aucun de ces titres n’est dans un questionnaire."
    return f"Le plus proche\u00a0: {' puis '.join(cites)}."
