"""Column titles that announce personal data, and the innocent ones that look like them."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.ingestion.titres import formes

COURRIEL = "une adresse électronique"
TELEPHONE = "un numéro de téléphone"
NIR = "un numéro de sécurité sociale"
IBAN = "des coordonnées bancaires"
ADRESSE = "une adresse postale"
ADRESSE_IP = "une adresse IP"
NAISSANCE = "une date ou un lieu de naissance"
PRENOM = "un prénom"
NOM = "le nom d’une personne"

# Titles are compared folded, punctuation and apostrophes as spaces: « l’e-mail » is « l e mail ».
# What begins with these words is a count, a share, a thing or money, not a person.
_INNOCENT = re.compile(
    r"(?:nb|nombres?|nbre|part|taux|pourcentage|total|effectif|montant|age|sexe|genre|parite|anciennete|heures?|duree"
    r"|type|statut|mode|annee|fonction|qualite|presence|existence|couts?|budget|frais|charges|depenses|achats"
    r"|produits|recettes|cotisations|femmes?|hommes?|dont)\b.*"
    r"|.*\b(?:siret|siren|rna|oui non|site|internet|web|url|facebook|nb|nombre|formations?)\b.*"
)
_CHOSE = (
    r"(?:associations?|asso|structures?|organismes?|etablissements?|beneficiaires?|attribuants?|attributaires?"
    r"|collectivites?|communes?|villes?|clubs?|dispositifs?|projets?|programmes?|actions?|financeurs?|reseaux?"
    r"|federations?|services?|territoires?|departements?|feuille|fichier|tableau|fournisseur|tiers|lieux?)"
)
_PERSONNE = (
    r"(?:personne|contact|presidente?|vice presidente?|tresoriere?|secretaire|dirigeante?|responsable"
    r"|referente?|representante?|interlocut(?:eur|rice)|repondante?|signataire|benevole|salariee?|adherente?"
    r"|administrat(?:eur|rice)|direct(?:eur|rice)|coordinat(?:eur|rice)|usagere?|enfant|parent|declarante?"
    r"|demandeur|mandataire|animat(?:eur|rice)|elue?|agent|conjointe?|utilisateur)"
)
_DE = r"(?:de |du |de la |de l |des |d |d une |d un |l )*"
_MOTIFS: dict[str, tuple[str, ...]] = {
    ADRESSE_IP: (r"(?:adresse )?i ?p(?: address)?", "ipaddr", "client ip"),
    COURRIEL: (
        r".*\b(?:courriels?|e ?mails?|mails?|mel|messagerie|adresse electronique|user ?name|login)\b.*",
        r".*email",
        "nom d utilisateur",
        "submitted by",
    ),
    TELEPHONE: (
        r".*\b(?:telephones?|tel|phone|whatsapp)\b.*",
        rf"(?:numero (?:de )?)?(?:portable|mobile|gsm|fax|telecopie)(?: {_DE}{_PERSONNE}s?)?",
    ),
    NIR: (r".*\bnir\b.*", r"numero (?:de )?(?:securite sociale|secu|s ?s)\b.*", "securite sociale", "secu"),
    IBAN: (r".*\b(?:iban|rib|bic|numero de compte|compte bancaire|coordonnees bancaires)\b.*",),
    NAISSANCE: (r".*\b(?:naissance|naiss|birth)\b.*", r"nee?(?: e)? le"),
    ADRESSE: (
        r"(?:adresses?|adr ?\d?)(?: postale| complete| personnelle| \d| ligne \d)?",
        rf".*\badresse {_DE}{_PERSONNE}s?\b.*",
        rf"(?:adresse )?{_DE}domicile(?: {_DE}{_PERSONNE}s?)?",
        r"(?:numero et )?voie|.*\bpublipostage voie|complement d adresse|rue|coordonnees",
    ),
    NOM: (
        r"noms?(?: de famille| de naissance| usuel| d usage| marital)?|nom et|votre nom|your name\b.*",
        rf"noms? (?:et \w+ )?{_DE}{_PERSONNE}s?(?: \w+)?",
        rf"(?:la |le |l )?{_PERSONNE}(?: legale?| a contacter| e| nom| principale?)?",
        r"personnes? (?:a contacter|referente|ressource|contact)",
        r"responsable (?:de l action|du projet|legal)",
        r"saisi par|rempli par|redige par|enqueteur|(?:nom du )?(?:depute|senateur)",
        r"noms? (?:et )?prenoms?|prenoms? (?:et )?noms?",
        r"identite|etat civil|signature|.*\bcivilite|.*\bfull ?name\b.*",
    ),
    PRENOM: (r".*\b(?:prenoms?|first ?name|pseudo|pseudonyme|surname|last ?name)\b.*",),
}
_LEXIQUE = {nature: re.compile("|".join(f"(?:{m})" for m in motifs)) for nature, motifs in _MOTIFS.items()}
_NOM_DE_CHOSE = re.compile(rf"noms? (?:complet |officiel )?{_DE}{_CHOSE}\b.*|{_CHOSE}")
_RESPONSABLE = re.compile(r"(?:representant|responsable|president|contact|interlocuteur|correspondant)\w*\b")


@lru_cache(maxsize=4096)
def titre_personnel(titre: str) -> str | None:
    """Kind of personal data that a column title announces, None for an innocent one.

    Of a two-level title the last level speaks first; « Nom » alone is a person's only under a contact.
    """
    plat = formes(titre)[0]
    niveaux = [formes(n)[0] for n in titre.split("›")] if "›" in titre else [plat]
    dernier = niveaux[-1]
    if len(niveaux) > 1 and dernier in ("nom", "noms"):
        return NOM if any(_RESPONSABLE.match(n) for n in niveaux[:-1]) else None
    for texte in dict.fromkeys((dernier, plat)):
        if _INNOCENT.fullmatch(texte) or _NOM_DE_CHOSE.fullmatch(texte):
            return None
        for nature, motif in _LEXIQUE.items():
            if motif.fullmatch(texte):
                return nature
    return None
