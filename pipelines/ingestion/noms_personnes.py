"""Names of persons in cells: a first name and a last name, a title of courtesy, a login made of a name.

The lists (observatoire/domain/personnes) hold folded words only: common first names, those that are also common
words (`ambigu`), common last names, and people whose names associations, schools and streets bear.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import observatoire.domain
from observatoire.domain.types._nettoyage import plier

DOSSIER = Path(observatoire.domain.__file__).with_name("personnes")
LONGUEUR_MAX = 60
_PARTICULES = frozenset(
    [
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "el",
        "al",
        "ben",
        "bel",
        "da",
        "do",
        "dos",
        "das",
        "di",
        "van",
        "von",
        "der",
        "den",
        "d",
        "l",
        "et",
    ]
)
# Words that no name of a person holds: what is named after somebody is not somebody.
_CHOSES = frozenset(
    [
        "association",
        "asso",
        "amicale",
        "amis",
        "amies",
        "club",
        "comite",
        "ecole",
        "college",
        "lycee",
        "salle",
        "stade",
        "gymnase",
        "espace",
        "centre",
        "maison",
        "foyer",
        "cercle",
        "theatre",
        "union",
        "sporting",
        "sportive",
        "sport",
        "as",
        "us",
        "js",
        "ac",
        "fc",
        "es",
        "rc",
        "rue",
        "avenue",
        "place",
        "boulevard",
        "allee",
        "chemin",
        "square",
        "quai",
        "parc",
        "residence",
        "cite",
        "quartier",
        "saint",
        "sainte",
        "st",
        "ste",
        "fondation",
        "fonds",
        "institut",
        "mediatheque",
        "bibliotheque",
        "musee",
        "mairie",
        "commune",
        "ville",
        "conseil",
        "service",
        "direction",
        "departement",
        "region",
        "federation",
        "ligue",
        "harmonie",
        "chorale",
        "ensemble",
        "orchestre",
        "atelier",
        "jardin",
        "jardins",
        "fete",
        "fetes",
        "projet",
        "action",
        "tournoi",
        "trophee",
        "coupe",
        "prix",
        "groupe",
        "collectif",
        "compagnie",
        "cie",
        "societe",
        "sarl",
        "sas",
        "scop",
        "hopital",
        "clinique",
        "ehpad",
        "creche",
        "judo",
        "football",
        "tennis",
        "danse",
        "musique",
        "aide",
        "accueil",
        "les",
        "notre",
        "un",
        "une",
        "mon",
        "nos",
    ]
)
_FONCTIONS = frozenset(
    [
        "maire",
        "maires",
        "president",
        "presidente",
        "presidents",
        "prefet",
        "prefete",
        "sous",
        "directeur",
        "directrice",
        "ministre",
        "monsieur",
        "madame",
        "mesdames",
        "messieurs",
        "mademoiselle",
        "depute",
        "deputee",
        "senateur",
        "senatrice",
        "adjoint",
        "adjointe",
        "secretaire",
        "tresorier",
        "tresoriere",
        "inspecteur",
        "inspectrice",
        "recteur",
        "rectrice",
        "commissaire",
        "chef",
        "cheffe",
        "responsable",
        "personne",
        "tout",
        "conseiller",
        "conseillere",
        "le",
        "la",
        "les",
        "et",
        "ou",
        "bricolage",
        "loyal",
        "propre",
        "proviseur",
        "principal",
        "principale",
    ]
)
_QUALITES = frozenset(
    [
        *(
            "vice",
            "membre",
            "bureau",
            "general",
            "generale",
            "benevole",
            "salarie",
            "salariee",
            "adherent",
            "adherente",
        ),
        *(
            "animateur",
            "animatrice",
            "coordinateur",
            "coordinatrice",
            "comptable",
            "administrateur",
            "administratrice",
        ),
    ]
)
_MOT = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_CIVILITE = r"(?:M\.|MM\.|Mr\.?|MR\.?|[Mm]mes?|MME|Mlles?|MLLE|[Mm]adame|MADAME|[Mm]onsieur|MONSIEUR|Mademoiselle|Dr\.?|Docteur)"
_PARTICULE = (
    r"(?:(?:[Dd]e (?:[Ll]a |[Ll]['’])?|[Dd]u |[Dd]es |[Dd]['’]|[Ll]a |[Ll]e |[Ee]l |[Vv]an |[Bb]en ))?"
)
_MAJUSCULE = r"[A-ZÀ-ÖØ-Þ][\w'’-]+"
_COURTOIS = re.compile(
    rf"(?<![\w.-]){_CIVILITE}\s+(?P<nom>{_PARTICULE}{_MAJUSCULE}(?: {_PARTICULE}{_MAJUSCULE}){{0,2}})"
)
_COURTOIS_NU = re.compile(r"(?<![\w.-])(?:M|mme|mr|mlle|madame|monsieur) (?P<nom>[^\W\d_][\w'’-]{2,})")
_APPELE = re.compile(
    r"(?i:\b(?:contact(?:er|ez)?|joindre|(?:r)?appeler|voir avec|aupr[eè]s de|adresser [aà]|demander|par|avec"
    r"|r[eé]f[eé]rente?s?|pr[eé]sidente?|tr[eé]sori[eè]re?|secr[eé]taire|responsable|interlocut\w+|coordinat\w+"
    r"|directeur|directrice|animat(?:eur|rice)|chez))\s*:?\s+"
    rf"(?P<nom>{_MAJUSCULE}(?: {_PARTICULE}{_MAJUSCULE}){{1,2}})"
)
_LIEU_AVANT = re.compile(
    r"(?:rue|avenue|av\.?|bd|boulevard|place|allee|square|quai|cours|impasse|chemin|ecole|college|lycee|hopital|centre"
    r"|espace|salle|stade|gymnase|cite|quartier|residence|fondation|parc|maison|amis|amies|musee|chateau|prix|theatre"
    r"|association|comite|institut|clinique)\s+(?:de |du |des |d')?$"
)
# A company or a school may bear a title of courtesy: « Compagnie Monsieur Max », « Madame Suzie Productions ».
_MAISONS = re.compile(
    r"(?:compagnie|cie|ecoles?|colleges?|lycees?|groupe|theatre|cirque|ensemble|orchestre|fanfare|association|amicale)\b"
)
_SUITES = frozenset(
    [
        "production",
        "productions",
        "prod",
        "editions",
        "films",
        "theatre",
        "spectacle",
        "spectacles",
        "cirque",
        "records",
        "studio",
        "company",
        "band",
    ]
)
# What a text holds before any of the shapes above is looked for.
_MOTS = (
    *(
        "m. ",
        "mm. ",
        "m ",
        "m\u00a0",
        "m.\u00a0",
        "mr",
        "mme",
        "mlle",
        "madame",
        "monsieur",
        "mademoiselle",
        "dr ",
        "dr. ",
        "docteur",
    ),
    *(
        "contact",
        "joindre",
        "appeler",
        "voir avec",
        "adresser",
        "demander",
        "par ",
        "avec ",
        "rent",
        "sident",
    ),
    *(
        "sori",
        "taire",
        "responsable",
        "interlocut",
        "coordinat",
        "direct",
        "animat",
        "chez ",
        "près de",
        "pres de",
    ),
)
_INDICE = re.compile(
    r"\b(?:m|mm|mr|mmes?|mlles?|madame|monsieur|mademoiselle|dr|docteur)\b|contact|joindre|appeler|voir avec|adresser"
    r"|demander|\bpar |\bavec |r[eé]f[eé]rent|pr[eé]sident|tr[eé]sori|secr[eé]taire|responsable|interlocut|coordinat"
    r"|direct|animat|\bchez |pr[eè]s de",
    re.IGNORECASE,
)
_COMPTE = re.compile(r"([a-z]+)(?:[._]([a-z]+))(?:\d{0,4})")


@cache
def _liste(nom: str) -> dict[str, str]:
    with (DOSSIER / f"{nom}.csv").open(encoding="utf-8", newline="") as flux:
        lignes = csv.reader(flux)
        next(lignes)
        return {ligne[0]: ligne[-1] for ligne in lignes}


def est_prenom(mot: str, *, sur: bool = True) -> bool:
    """True for a folded first name (« jean-luc » by its first half); `sur` leaves out those that are common words."""
    prenoms = _liste("prenoms")
    ambigu = prenoms.get(mot) or prenoms.get(mot.partition("-")[0] if "-" in mot else "")
    return ambigu == "0" or (ambigu == "1" and not sur)


def est_patronyme(mot: str) -> bool:
    """True for a common folded last name."""
    return mot in _liste("patronymes")


def _celebre(mots: list[str]) -> bool:
    plat = " ".join(mots).replace("-", " ")
    celebres = _liste("celebres")
    return plat in celebres or any(" ".join(plat.split()[k:]) in celebres for k in range(1, len(mots) - 1))


def nom_complet(texte: str, *, sur: bool = True) -> bool:
    """True for a cell that is the name of a person and nothing else: « Jeanne Martin », « LE GOFF Loïc », « Mme Roux ».

    Without `sur`, one half is enough: a first name that is also a common word, or a common last name.
    """
    texte = texte.strip()
    if not 5 <= len(texte) <= LONGUEUR_MAX:
        return False
    courtois = _COURTOIS.match(texte)
    if courtois and courtois.end() == len(texte):
        return not _fonction(courtois["nom"]) and _SUITES.isdisjoint(plier(courtois["nom"]).split())
    bruts = texte.replace(",", " ").split()
    if not 2 <= len(bruts) <= 5 or not all(_MOT.fullmatch(m) for m in bruts):
        return False
    mots = [plier(m).rstrip(".") for m in bruts]
    noms = [m for m in mots if m not in _PARTICULES]
    capitales = all(b[0].isupper() for b, m in zip(bruts, mots, strict=True) if m not in _PARTICULES)
    minuscules = texte.islower() and len(noms) == 2
    if not (capitales or minuscules) or len(noms) < 2 or not _CHOSES.isdisjoint(mots) or _celebre(mots):
        return False
    return _prenom_et_nom(mots) or (not sur and _a_demi(mots))


def _a_demi(mots: list[str]) -> bool:
    return any(est_prenom(m, sur=False) or est_patronyme(m) for m in (mots[0], mots[-1]))


def _prenom_et_nom(mots: list[str]) -> bool:
    """A first name at one end; a doubtful one needs a known last name at the other."""
    for prenom, autres in ((mots[0], mots[1:]), (mots[-1], mots[:-1])):
        if est_prenom(prenom):
            return True
        if est_prenom(prenom, sur=False) and (est_patronyme(autres[-1]) or est_patronyme(" ".join(autres))):
            return True
    return False


def nomme_une_chose(texte: str) -> bool:
    """True for a text that holds a word of associations, schools or places: « Amicale Jean Moulin »."""
    return not _CHOSES.isdisjoint(re.split(r"[\s'-]+", plier(texte)))


def prenom_seul(texte: str, *, sur: bool = False) -> bool:
    """True for a cell that is one first name; with `sur`, one that is no common word."""
    plat = plier(texte)
    return " " not in plat and est_prenom(plat, sur=sur)


def compte_nominatif(texte: str) -> bool:
    """True for a login made of a name: `jeanne.martin`, `martin_jeanne2`."""
    trouve = _COMPTE.fullmatch(texte.strip())
    return trouve is not None and any(est_prenom(m) or est_patronyme(m) for m in trouve.groups())


def _fonction(nom: str) -> bool:
    mots = plier(nom).replace("'", " ").replace("-", " ").split()
    utiles = [m for m in mots if m not in _PARTICULES]
    return not utiles or utiles[0] in _FONCTIONS


def fonction_seule(texte: str) -> bool:
    """True for an office without its holder: « Trésorière adjointe », « Président »."""
    mots = plier(texte).replace("-", " ").split()
    return bool(mots) and all(m in _FONCTIONS or m in _PARTICULES or m in _QUALITES for m in mots)


def annonce_un_nom(textes: str) -> bool:
    """Quick look at a whole column: False when none of its texts can pass `peut_nommer`."""
    plat = textes.lower()
    return any(mot in plat for mot in _MOTS)


def peut_nommer(texte: str) -> bool:
    """Quick look: a title of courtesy or a word that comes before a name."""
    return _INDICE.search(texte) is not None


def personnes_nommees(texte: str) -> Iterator[tuple[int, int]]:
    """(start, end) of the persons a free text names: « M. Dupont », « Mme Le Goff », « contacter Jeanne Martin ».

    Offices (« Madame la Maire »), places (« rue du Docteur Roux ») and well-known names are not persons met here.
    """
    maison = len(texte) <= LONGUEUR_MAX and _MAISONS.match(plier(texte)) is not None
    for trouve in _COURTOIS.finditer(texte):
        if maison or not _SUITES.isdisjoint(plier(trouve["nom"]).split()):
            continue
        if not _fonction(trouve["nom"]) and not _LIEU_AVANT.search(plier(texte[: trouve.start()]) + " "):
            yield trouve.span()
    for trouve in _COURTOIS_NU.finditer(texte):
        mot = plier(trouve["nom"])
        if est_patronyme(mot) or est_prenom(mot):
            yield trouve.span()
    for trouve in _APPELE.finditer(texte):
        mots = plier(trouve["nom"]).split()
        if _CHOSES.isdisjoint(mots) and not _celebre(mots) and _prenom_et_nom_suivi(mots):
            yield trouve.span("nom")


def _prenom_et_nom_suivi(mots: list[str]) -> bool:
    return est_prenom(mots[0]) or (est_prenom(mots[0], sur=False) and est_patronyme(mots[-1]))
