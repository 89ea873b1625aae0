"""Column titles that announce personal data, and the innocent ones that look like them."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

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
    r"|membres? d une? .*|.*\bnaissance d\w* (?:l )?(?:association|structure|club|projet)\b.*"
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
    r"|demandeur|mandataire|animat(?:eur|rice)|elue?|agente?|conjointe?|utilisateur|pere|mere|papa|maman|tut(?:eur|rice)"
    r"|licenciee?|eleve|stagiaire|intervenante?|participante?|entraineure?|entraineuse|coach|arbitre|encadrante?"
    r"|format(?:eur|rice)|chauffeur|conduct(?:eur|rice)|accompagnat(?:eur|rice)|medecin|parrain|marraine|gerante?"
    r"|locataire|residente?|joueu(?:r|se)|capitaine|proche|aidante?|candidate?|gardienn?e?|donat(?:eur|rice)|inscrite?"
    r"|employee?|collaborat(?:eur|rice)|membre|emprunteu(?:r|se)|deleguee?|correspondante?|observat(?:eur|rice)|athlete"
    r"|heberge(?:e|ant)|patiente?|invitee?)"
)
# As columns of software name a person's: « dir_nom », « enqNom », « Enfant[nom] ».
_ABREGE = r"(?:dir|enq|pres|tres|tresor|sec|secr|resp|rep|repr|rl|decl|ref|benev|adh|sal|lic|usag|cont|pers|participant)"
_DE = r"(?:de |du |de la |de l |des |d |d une |d un |l )*"
# What somebody does to a line of a table; « organisé par » or « financé par » is rather an association's.
_GESTE = r"(?:effectue|saisi|rempli|verifie|controle|recu|instruit|traite|encadre|anime|redige|note|suivi|accueilli|visite)"
_SORTE = r"(?:de famille|de naissance|naissance|usuel|d usage|usage|marital|de jeune fille|jeune fille|patronymique)"
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
        rf"compte (?:instagram|twitter|x|discord|facebook|linkedin|snapchat|tiktok) (?!{_DE}{_CHOSE}).*",
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
        r"d(?:t|ate)?naiss(?:ance)?\b.*|.*\bnee?(?: e)? le\b.*|nee?(?: e)? a\b.*|ddn|dob|d d n",
    ),
    ADRESSE: (
        r"(?:adresses?|adr ?\d?)(?: postale| complete| personnelle| \d| ligne \d)?",
        rf".*\badresse {_DE}{_PERSONNE}s?\b.*",
        rf"(?:adresse )?{_DE}domicile(?: {_DE}{_PERSONNE}s?)?",
        rf"(?:numero et )?(?:voie|rue)(?: (?:ou )?(?:voie|rue))?|numero et nom {_DE}(?:voie|rue)|.*\bpublipostage voie|coordonnees",
        rf"(?:complement|suite|fin|ligne) {_DE}adresse(?: \d)?",
        # Of an association: often the home of its president. « Adresse du siège » gives a commune to the questionnaires:
        # such a column is judged by its content when it feeds nothing.
        r"adresse (?:du |de la |de l |de )?(?:association|structure|asso|organisme|correspondance)",
        r"(?:home|street|postal|mailing) address|address(?: line)?(?: \d)?|(?:lieu|adresse) de residence",
        rf"coordonnees {_DE}{_PERSONNE}s?",
    ),
    NOM: (
        rf"noms?(?: {_SORTE}){{0,2}}(?: ?\d)?(?: unite legale| {_DE}{_PERSONNE}s?)?|nom et|votre nom|your name\b.*",
        rf"noms? (?:et \w+ )?{_DE}{_PERSONNE}s?\b.*",
        rf"{_ABREGE} (?:(?:\w+ )?noms?|legale?)",
        rf"(?:la |le |l )?{_PERSONNE}(?: legale?| a contacter| e| nom| principale?| referente?)?(?: \d)?",
        rf"(?:la |le |l )?{_PERSONNE}(?: e)? {_DE}{_CHOSE}",
        rf"{_PERSONNE}(?: e)? (?:noms?|et telephone|et mail)",
        r"(?:family|contact|respondent|person) ?names?|name of (?:the )?(?:contact|person|respondent)\b.*|contact person",
        r"(?:membre|representante?) (?:du|de la|de l|au|a la) (?:bureau|ca|conseil|direction)(?: \d)?|elue? referente?",
        rf"identite {_DE}{_PERSONNE}s?|(?:fiche|dossier|questionnaire) (?:saisie?|remplie?|suivie?|redigee?) par|suivi par",
        r"auteurs?(?: de la fiche)?|author|correspondante?|intervenante?|chef(?:fe)? de projet|en charge|a contacter",
        r"personnes? (?:referente|ressource|contact)",
        r"(?:personnes?|contacts?|qui) (?:(?:a|d|en cas d|en cas de) )?(?:prevenir|joindre|rappeler|contacter|urgence)\b.*",
        r"(?:(?:veuf|veuve|epoux|epouse|conjoint|divorcee?) )+de",
        rf"(?:\w+ )?{_GESTE}e?s? par",
        r"responsable (?:de l action|du projet|legal)",
        r"saisi par|rempli par|redige par|enqueteur|(?:nom du )?(?:depute|senateur)",
        r"noms? (?:et )?prenoms?|prenoms? (?:et )?noms?",
        rf"identite|etat civil|signature|.*\bciv(?:ilite)?(?: et nom| {_DE}{_PERSONNE}s?)?|.*\bfull ?name\b.*",
    ),
    PRENOM: (r".*\b(?:prenoms?|first ?name|given ?name|surname|last ?name)\b.*",),
}
_LEXIQUE = {nature: re.compile("|".join(f"(?:{m})" for m in motifs)) for nature, motifs in _MOTIFS.items()}
_NOM_DE_CHOSE = re.compile(rf"noms? (?:complet |officiel )?{_DE}{_CHOSE}\b.*|{_CHOSE}")
_RESPONSABLE = re.compile(
    rf"(?:representant|responsable|president|contact|interlocuteur|correspondant)\w*\b.*|{_PERSONNE}|{_ABREGE}"
)
_NIVEAUX = re.compile(r"\s*[›:\[\]]\s*|\s+[-–—|]\s+|[()]")
# « Quel est votre nom ? », « Q3. Merci d’indiquer votre nom » say « nom ».
_RANG = re.compile(r"^(?:(?:q|g|question ?)?\d+[a-z]?(?: \d+)* )+")
_CADRE = re.compile(
    r"^(?:(?:quels?|quelles?) (?:est|sont) |(?:pouvez|voulez) vous (?:bien )?|(?:merci|priere|vous (?:devez|pouvez)) "
    r"(?:bien vouloir |de |d )?"
    r"|veuillez |si oui )?(?:(?:nous )?(?:indique|renseigne|precise|donne|laisse|note|inscrire|ecrire|entre|communique"
    r"|saisi)(?:r|z|ssez)?"
    r"(?: nous| moi| ici)? )?"
)
_POSSESSIF = re.compile(r"\b(?:votre|vos|notre|nos|son|ses|leurs?|mon|mes) |^(?:le|la|les|l|un|une) ")
_FAUTES = ("naissance", "telephone", "electronique", "adresse", "prenom", "courriel", "securite", "bancaire")
# One slip away from a word of the lexicon, and another word.
_PAS_DES_FAUTES = frozenset(("courrier", "telephonie", "adresser"))


_NOM_DE_LIEU = re.compile(
    r"\b(?:communes?|villes?|lieux?|epci|quartiers?|rues?|salles?|stades?|gymnases?|ecoles?|colleges?|lycees?|clubs?"
    r"|especes?|scientifique|vernaculaire|commun|latin|chev(?:al|aux)|chiens?|chats?|anim(?:al|aux)|bateaux?|equipes?"
    r"|produits?|marques?|outils?|logiciels?|fichiers?|films?|spectacles?|festivals?|associations?|structures?)\b"
)


@lru_cache(maxsize=4096)
def titre_personnel(titre: str) -> str | None:
    """Kind of personal data that a column title announces, None for an innocent one.

    Of a two-level title the last level speaks first; « Nom » alone is a person's only under a contact.
    """
    plat = formes(titre)[0]
    niveaux = [formes(n)[0] for n in titre.split("›")] if "›" in titre else [plat]
    dernier = niveaux[-1]
    if len(niveaux) > 1 and dernier in ("nom", "noms"):
        return NOM if any(_RESPONSABLE.fullmatch(n) for n in niveaux[:-1]) else None
    for texte in dict.fromkeys((dernier, plat)):
        if _innocent(texte):
            return None
        if nature := _nature(texte):
            return nature
    return _nature_reecrite(titre, dernier)


def _innocent(texte: str) -> bool:
    return (_INNOCENT.fullmatch(texte) or _NOM_DE_CHOSE.fullmatch(texte)) is not None


def _nature(texte: str) -> str | None:
    return next((nature for nature, motif in _LEXIQUE.items() if motif.fullmatch(texte)), None)


def _nature_reecrite(titre: str, dernier: str) -> str | None:
    """The same without what frames a title: rank, question, possessive, upper level, slip of the keyboard."""
    nu = _sans_cadre(dernier)
    niveaux = [n for brut in _NIVEAUX.split(" ".join(titre.split())) if (n := _sans_cadre(formes(brut)[0]))]
    if len(niveaux) > 1 and niveaux[-1] in ("nom", "noms"):
        return NOM if any(_RESPONSABLE.fullmatch(n) for n in niveaux[:-1]) else None
    for texte in dict.fromkeys((nu, *niveaux[-1:], _sans_faute(nu))):
        if texte != dernier and _innocent(texte):
            return None
        if nature := _nature(texte):
            return nature
    return None


def _sans_cadre(texte: str) -> str:
    return _POSSESSIF.sub("", _CADRE.sub("", _RANG.sub("", texte), count=1))


def _sans_faute(texte: str) -> str:
    return " ".join(_corrige(mot) for mot in texte.split())


def _corrige(mot: str) -> str:
    if len(mot) < 6 or mot in _PAS_DES_FAUTES or mot.startswith(_FAUTES):
        return mot
    return next((juste for juste in _FAUTES if OSA.distance(mot, juste, score_cutoff=1) == 1), mot)


def titre_ambigu(titre: str) -> bool:
    """True for « Identité › Nom », « Nom 2 », « Nom du sociétaire »: of a person or of a thing, the cells say."""
    plat = formes(titre)[0]
    if _NOM_DE_CHOSE.fullmatch(plat) or _NOM_DE_LIEU.search(plat):
        return False
    dernier = formes(_NIVEAUX.split(" ".join(titre.split()).rstrip(" ])"))[-1])[0].rstrip("0123456789 ")
    return dernier in ("nom", "noms") or plat.startswith(("nom ", "noms "))


_LIEU_OU_CHOSE = re.compile(
    rf".*\b(?:{_CHOSE}|raison sociale|denomination|equipements?|ecoles?|colleges?|lycees?|quartiers?|qpv|salles?"
    r"|pieces?|oeuvres?|livres?|romans?|films?|spectacles?|chansons?|morceaux?|repertoire|compositeurs?"
    r"|auteurs? (?:joue|etudie|lu|interprete|cite|traduit)e?s?"
    r"|gymnases?|stades?|sites?|rues?|voirie|trace|intitules?|titre (?:du|de)|objet|libelle)\b.*|nombeneficiaire|nomattribuant"
)


@lru_cache(maxsize=4096)
def titre_de_chose(titre: str) -> bool:
    """True for a title that announces associations, places or things, which may bear the name of somebody."""
    texte = formes(titre.rpartition("›")[2] or titre)[0]
    return _NOM_DE_CHOSE.fullmatch(texte) is not None or _LIEU_OU_CHOSE.fullmatch(texte) is not None
