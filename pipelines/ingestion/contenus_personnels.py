"""What the cells of a column say against the title it bears, or in favour of names it does not announce.

A title stands as soon as one cell can be what it announces: « Contact » over « oui, non, oui » names nobody,
« Téléphone » over amounts is a charge, « Nom » over names of associations is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from observatoire.domain.types._nettoyage import plier
from pipelines.ingestion.noms_personnes import (
    LONGUEUR_MAX,
    est_patronyme,
    est_prenom,
    fonction_seule,
    nom_complet,
    nomme_une_chose,
)
from pipelines.ingestion.titres_personnels import COURRIEL, IBAN, NAISSANCE, NIR, NOM, PRENOM, TELEPHONE

VALEURS_MINIMUM = 3
ECHANTILLON = 200
PLUS_LONGUE_COCHE = 18
LISTE_MAX = 400
PART_CHOSES = 0.5
PART_PATRONYMES = 0.25
PART_COURTS = 0.6
_COCHES = frozenset(
    [
        *("oui", "non", "o", "n", "x", "v", "ok", "vrai", "faux", "true", "false", "yes", "no", "0", "1"),
        *("nc", "nr", "na", "n/a", "nsp", "ras", "neant", "aucun", "aucune", "-", "--", "/", "?", "fait"),
        *("fourni", "fournie", "manquant", "manquante", "recu", "recue", "transmis", "transmise", "joint"),
        *("jointe", "a fournir", "ne sait pas", "sans objet", "non concerne", "non renseigne", "a jour"),
        *("valide", "signe", "signee", "en cours", "en attente", "oui fourni", "non fourni"),
    ]
)
_QUANTITE = re.compile(
    r"[-+]?\d[\d \u00a0\u202f]*(?:[.,]\d+)?\s*(?:%|€|k€|eur|euros?|h|heures?|min|j|jours?)?(?:\s?\d\d)?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d)(?:[ T]\d{1,2}[:h]\d\d.*)?"
)
_MONTANT = re.compile(r"€|\d,\d\d?$")
_SIX_CHIFFRES = re.compile(r"(?:\d\D*){6}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_AROBASE = re.compile(r"@|\barobase\b|\(at\)|\[at\]", re.IGNORECASE)
_INITIALE = re.compile(r"(?:[A-ZÀ-Þ]\.[ -]?){1,2} ?(?P<apres>[^\W\d_].*)|(?P<avant>[^\W\d_].*) [A-ZÀ-Þ]\.")
_FAMILLE = re.compile(r"(?i:famille|consorts|[ée]poux) [A-ZÀ-Þ][\w'’-]+(?: [A-ZÀ-Þ][\w'’-]+)?")
_ENTRE_NOMS = re.compile(r" ?[,;/&] ?| et ")
_MOT_DE_NOM = re.compile(r"[^\W\d_]+(?:['’ -][^\W\d_]+){0,3}")


# --- Against a title -------------------------------------------------------------------------------------
def contredit(nature: str, valeurs: Iterable[object]) -> bool:
    """True when no cell can be what the title announces; one or two cells contradict nothing."""
    remplies = [v for v in valeurs if v is not None and v != ""]
    if len(remplies) < VALEURS_MINIMUM:
        return False
    distinctes = dict.fromkeys(remplies)
    if any(_peut_etre(nature, v) for v in distinctes):
        return nature == NOM and _noms_de_choses(distinctes)
    return True


def _peut_etre(nature: str, valeur: object) -> bool:
    """True when a cell can hold a datum of this kind."""
    if isinstance(valeur, bool):
        return False
    if isinstance(valeur, (int, float)):
        return _nombre_possible(nature, f"{valeur:.0f}" if valeur == valeur // 1 else "")
    if not isinstance(valeur, str):
        return nature == NAISSANCE
    texte = valeur.strip()
    if nature == COURRIEL:
        return _AROBASE.search(texte) is not None
    if len(texte) <= PLUS_LONGUE_COCHE and plier(texte).rstrip(" .!") in _COCHES:
        return False
    if _DATE.fullmatch(texte):
        return nature == NAISSANCE
    if nature == NAISSANCE:
        return True
    if nature in (NIR, IBAN, TELEPHONE):
        return _nombre_possible(nature, texte) or (nature == IBAN and _BIC.fullmatch(texte) is not None)
    if nature not in (NOM, PRENOM) or len(texte) > LONGUEUR_MAX:
        return True
    return not (_QUANTITE.fullmatch(texte) or fonction_seule(texte))


def _nombre_possible(nature: str, texte: str) -> bool:
    """True for a number, or a text that holds one, long enough for this kind; amounts are nobody's number."""
    if nature in (NOM, PRENOM, COURRIEL):
        return False
    if nature not in (NIR, IBAN, TELEPHONE):
        return True
    if nature == TELEPHONE and _MONTANT.search(texte):
        return False
    return _SIX_CHIFFRES.search(texte) is not None


def _noms_de_choses(valeurs: Iterable[object]) -> bool:
    """Names of associations, schools or places under « Nom »; one person among them and the title stands."""
    textes = list(dict.fromkeys(v.strip() for v in valeurs if isinstance(v, str)))
    debut = textes[:ECHANTILLON]
    if len(debut) < VALEURS_MINIMUM or sum(map(nomme_une_chose, debut)) < PART_CHOSES * len(debut):
        return False
    return not any(nom_complet(t) or _un_mot_de_nom(t) for t in textes if not nomme_une_chose(t))


def _un_mot_de_nom(texte: str) -> bool:
    plat = plier(texte)
    return " " not in plat and (est_patronyme(plat) or est_prenom(plat))


# --- In favour of names ----------------------------------------------------------------------------------
def nom_annonce(texte: str) -> bool:
    """« Jeanne Martin, Loïc Roux et Inès Petit », « J. Martin », « Le Goff L. », « Famille MARTIN »."""
    texte = " ".join(texte.split())
    if len(texte) > LISTE_MAX:
        return False
    parts = [p for p in _ENTRE_NOMS.split(texte) if p]
    if len(parts) > 1 and 2 * sum(map(nom_complet, parts)) >= len(parts):
        return True
    if trouve := _INITIALE.fullmatch(texte):
        reste = trouve["apres"] or trouve["avant"]
        return _MOT_DE_NOM.fullmatch(reste) is not None and not nomme_une_chose(reste)
    return _FAMILLE.fullmatch(texte) is not None


def noms_de_famille(textes: Sequence[str]) -> bool:
    """A column under an ambiguous « … › Nom »: mostly one or two words, a quarter of them common last names."""
    courts = [t for t in textes if _MOT_DE_NOM.fullmatch(t) and not nomme_une_chose(t)]
    connus = sum(est_patronyme(plier(t)) for t in courts)
    return (
        bool(textes) and len(courts) >= PART_COURTS * len(textes) and connus >= PART_PATRONYMES * len(textes)
    )
