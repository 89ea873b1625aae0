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
APPAREIL = "l’identifiant d’un appareil"
PSEUDO = "un pseudonyme ou un identifiant de connexion"

# Titles are compared folded, punctuation and apostrophes as spaces: « l’e-mail » is « l e mail ».
# What begins with these words is a count, a share, a thing or money, not a person.
_INNOCENT = re.compile(
    r"(?:nb|nombres?|nbre|part|taux|pourcentage|total|effectif|montant|age|sexe|genre|parite|anciennete|heures?|duree"
    r"|type|statut|mode|annee|fonction|qualite|presence|existence|couts?|budget|frais|charges|depenses|achats"
    r"|produits|recettes|cotisations|femmes?|hommes?|dont|(?:avez|disposez|acceptez|souhaitez|utilisez|etes) vous)\b.*"
    r"|.*\bnaissance d\w* (?:l )?(?:association|structure|club|projet)\b.*"
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
    ADRESSE_IP: (
        r"(?:adresse )?i ?p(?: ?v ?[46])?(?: address)?(?: (?:du|de la) \w+)?",
        r"ipaddr(?:ess)?|(?:client|remote|user) (?:ip|addr(?:ess)?)",
    ),
    APPAREIL: (r"(?:device|subscriber|sim|phone) ?(?:id|serial|imei|number)|imei|android id",),
    PSEUDO: (
        r".*\b(?:user ?name|login|pseudos?|pseudonymes?|nick ?name|screen ?name)\b.*",
        r"(?:nom|identifiant|compte|code) (?:d |de l |de |)(?:utilisat(?:eur|rice)|connexion|usager|session)\b.*",
        r"user(?: ?id)?|utilisat(?:eur|rice)",
        rf"compte (?:instagram|twitter|x|discord|facebook|linkedin|snapchat|tiktok) {_DE}{_PERSONNE}s?\b.*",
        r"(?:cree|modifie|valide|soumis|envoye|mis a jour|complete|verifie|enregistre)e? par",
        r"(?:created|submitted|modified|updated|edited|entered) by",
    ),
    COURRIEL: (
        r".*\b(?:courriels?|e ?mails?|mails?|mel|messagerie|adresse electronique)\b.*",
        r".*email",
    ),
    TELEPHONE: (
        r".*\b(?:telephones?|tel|phone|whatsapp)\b.*",
        rf"(?:numero (?:de )?)?(?:portable|mobile|gsm|fax|telecopie)(?: {_DE}{_PERSONNE}s?)?",
    ),
    NIR: (
        r".*\bnir\b.*|(?:num|no|n) (?:ss|secu)",
        rf"numero insee {_DE}{_PERSONNE}s?",
        r"numero (?:de )?(?:securite sociale|secu|s ?s)\b.*",
        "securite sociale",
        "secu",
    ),
    IBAN: (
        r".*\b(?:iban|rib|bic|numero de compte|compte bancaire|(?:coordonnees|references) bancaires)\b.*",
    ),
    NAISSANCE: (
        r".*\b(?:naissance|naiss|birth|birth ?day|birth ?date)\b.*",
        r"nee?(?: e)? (?:le|a)\b.*|ddn|dob|d d n",
    ),
    ADRESSE: (
        r"(?:adresses?|adr ?\d?)(?: postale| complete| personnelle| \d| ligne \d)?",
        rf".*\badresse {_DE}{_PERSONNE}s?\b.*",
        rf"(?:adresse )?{_DE}domicile(?: {_DE}{_PERSONNE}s?)?",
        r"(?:numero et )?(?:voie|rue)|.*\bpublipostage voie|complement d adresse|coordonnees|ligne d adresse(?: \d)?",
        # Of an association: often the home of its president. « Adresse du siège » gives a commune to the questionnaires:
        # such a column is judged by its content when it feeds nothing.
        r"adresse (?:du |de la |de l |de )?(?:association|structure|asso|organisme|correspondance)",
        r"(?:home|street|postal|mailing) address|address(?: line)?(?: \d)?|(?:lieu|adresse) de residence",
        rf"coordonnees {_DE}{_PERSONNE}s?",
    ),
    NOM: (
        r"noms?(?: de famille| de naissance| usuel| d usage| marital)?|nom et|votre nom|your name\b.*",
        rf"noms? (?:et \w+ )?{_DE}{_PERSONNE}s?(?: \w+)?",
        rf"(?:la |le |l )?{_PERSONNE}(?: legale?| a contacter| e| nom| principale?| referente?)?(?: \d)?",
        rf"(?:la |le |l )?{_PERSONNE}(?: e)? {_DE}{_CHOSE}",
        rf"{_PERSONNE}(?: e)? (?:noms?|et telephone|et mail)",
        r"(?:family|contact|respondent|person) ?names?|name of (?:the )?(?:contact|person|respondent)\b.*|contact person",
        r"(?:membre|representante?) (?:du|de la|de l|au|a la) (?:bureau|ca|conseil|direction)(?: \d)?|elue? referente?",
        rf"identite {_DE}{_PERSONNE}s?|(?:fiche|dossier|questionnaire) (?:saisie?|remplie?|suivie?|redigee?) par|suivi par",
        r"auteurs?(?: de la fiche)?|author|correspondante?|intervenante?|chef(?:fe)? de projet|en charge|a contacter",
        r"personnes? (?:a contacter|referente|ressource|contact)",
        r"responsable (?:de l action|du projet|legal)",
        r"saisi par|rempli par|redige par|enqueteur|(?:nom du )?(?:depute|senateur)",
        r"noms? (?:et )?prenoms?|prenoms? (?:et )?noms?",
        rf"identite|etat civil|signature|.*\bciv(?:ilite)?(?: et nom| {_DE}{_PERSONNE}s?)?|.*\bfull ?name\b.*",
    ),
    PRENOM: (r".*\b(?:prenoms?|first ?name|given ?name|surname|last ?name)\b.*",),
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


_LIEU_OU_CHOSE = re.compile(
    rf".*\b(?:{_CHOSE}|raison sociale|denomination|equipements?|ecoles?|colleges?|lycees?|quartiers?|qpv|salles?"
    r"|gymnases?|stades?|sites?|rues?|voirie|trace|intitules?|titre (?:du|de)|objet|libelle)\b.*|nombeneficiaire|nomattribuant"
)


@lru_cache(maxsize=4096)
def titre_de_chose(titre: str) -> bool:
    """True for a title that announces associations, places or things, which may bear the name of somebody."""
    texte = formes(titre.rpartition("›")[2] or titre)[0]
    return _NOM_DE_CHOSE.fullmatch(texte) is not None or _LIEU_OU_CHOSE.fullmatch(texte) is not None
