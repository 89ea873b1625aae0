"""Which tool made a file, by its titles and marks, and what each tool's titles mean.

Signatures: ODK/KoboToolbox metadata and `group/question` titles, LimeSurvey response columns, the time stamp of
Google Forms, the column names of the SCDL subsidy schema, the marks of our template. Extracts of the registers of
associations and companies are no answers: they are refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from observatoire.domain.anomalie import enumerer
from observatoire.domain.types._nettoyage import plier
from pipelines.ingestion.cellules import en_texte, vide
from pipelines.ingestion.dossier import SEPARATEUR
from pipelines.ingestion.grille import Classeur, Feuille, FichierRefuse
from pipelines.ingestion.titres import formes

PREFIXE_GABARIT = "observatoire:"
LIGNES_REGARDEES = 15
TITRE_MAX = 60


@dataclass(frozen=True, slots=True)
class Provenance:
    """The tool that made the file: `code`, its name on a screen, why it was recognised."""

    code: str
    libelle: str
    raison: str


INCONNU = Provenance("inconnu", "Classeur sans outil reconnu", "aucune marque d’un outil connu")


def _mots(texte: str) -> frozenset[str]:
    return frozenset(texte.split())


_ODK = _mots(
    "_id _uuid _submission_time _index __version__ _version _validation_status _submitted_by _tags _notes _status"
    " _parent_index _parent_table_name _duration _last_edited_by _total_media _media_count _media_all_received"
    " _xform_id_string _attachments _geolocation _bamboo_dataset_id formhub/uuid meta/instanceid meta/rootuuid"
    " meta/instancename meta/deprecatedid meta-instanceid meta-instancename instanceid submissiondate key"
    " deviceid subscriberid simserial phonenumber username start end today"
)
_ODK_SURS = _mots(
    "meta/instanceid meta/rootuuid meta-instanceid _submission_time _uuid __version__ _validation_status"
    " _parent_table_name _submitted_by formhub/uuid"
)
_ODK_PERSONNES = {
    "_submitted_by": "un nom d’utilisateur",
    "username": "un nom d’utilisateur",
} | dict.fromkeys(("phonenumber", "deviceid", "subscriberid", "simserial"), "l’identifiant d’un téléphone")
_LIME = _mots("id submitdate lastpage startlanguage seed startdate datestamp ipaddr refurl token")
_LIME_SURS = frozenset(("submitdate", "lastpage", "startlanguage", "seed"))
_LIME_EN_CLAIR = {
    "id de la reponse": "id",
    "date de soumission": "submitdate",
    "derniere page": "lastpage",
    "langue de depart": "startlanguage",
    "tete de serie": "seed",
    "date de lancement": "startdate",
    "date de la derniere action": "datestamp",
    "adresse ip": "ipaddr",
    "url de reference": "refurl",
}
_LIME_CODE = re.compile(r"([a-z]+)\. \S.*")
_QUESTION_LIME = re.compile(r"[A-Za-z]\w*(?:\[\w+\])*\. +(?P<texte>\S.*)", re.DOTALL)
_SOUS_QUESTION = re.compile(r".*\[(?P<texte>[^\[\]]+)\]\s*", re.DOTALL)
_CHEMIN = re.compile(r"[^/]+(?:/[^/]+)+")
_HORODATEURS = frozenset(("horodateur", "timestamp", "horodatage"))
_SCDL = _mots(
    "nomattribuant idattribuant dateconvention referencedecision nombeneficiaire idbeneficiaire objet montant nature"
    " conditionsversement datesperiodeversement idrae notificationue pourcentagesubvention"
)
_SCDL_2 = {"rnabeneficiaire": "rnaBeneficiaire", "dispositifaide": "dispositifAide"}
_SCDL_MINIMUM = 7
# Fields of our questionnaire that the schema asks for and that a file made without it hardly ever has.
SCDL_SEUL = _mots("conditions_versement dates_versement id_rae notification_ue pourcentage")
_SCDL_SEUL_MINIMUM = 3
_PARENT = "_parent_table_name"  # there in the main table too, where it is empty
_TYPES_XLSFORM = re.compile(
    r"(?:begin|end)[ _](?:group|repeat)|select[ _](?:one|multiple|all)\b.*|rank .+|text|string|integer|decimal|range|date|time"
    r"|datetime|note|calculate|geopoint|geotrace|geoshape|image|photo|audio|video|file|barcode|acknowledge|trigger|hidden"
    r"|start|end|today|deviceid|subscriberid|simserial|phonenumber|phone ?number|username|email|audit|xml-external"
    r"|csv-external|(?:get|add) .+|(?:imei|start time|end time|location|gps|int|osm)"
)
_FEUILLES_XLSFORM = _mots("survey choices settings cascades external_choices entities osm columns")
# A grant made out in English: its sum, who received it, its date.
_ANGLAIS = tuple(
    re.compile(rf"\b(?:{mots})\b")
    for mots in ("amount|grant value", "recipient|grantee|beneficiary|awardee", "date|year")
)

_REGISTRES: tuple[tuple[frozenset[str], int, str], ...] = (
    (
        _mots(
            "id_ex gestion date_creat date_publi groupement objet_social1 objet_social2 adrs_codeinsee rup_mi"
            " maj_time position"
        ),
        7,
        "du répertoire national des associations (RNA)",
    ),
    (
        _mots(
            "id_association id_ex_association is_waldec code_gestion date_creation date_publication_creation"
            " objet_social1 adresse_code_insee adresse_gestion_nom titre_court position_activite"
        ),
        6,
        "du répertoire national des associations (RNA)",
    ),
    (
        _mots(
            "siren nic siret statutdiffusionunitelegale statutdiffusionetablissement unitepurgeeunitelegale"
            " datecreationunitelegale datecreationetablissement denominationunitelegale"
            " categoriejuridiqueunitelegale activiteprincipaleunitelegale activiteprincipaleetablissement"
            " etatadministratifunitelegale etatadministratifetablissement trancheeffectifsunitelegale"
            " trancheeffectifsetablissement codecommuneetablissement identifiantassociationunitelegale"
            " libellecommuneetablissement categorieentreprise nomenclatureactiviteprincipaleunitelegale"
        ),
        5,
        "du répertoire Sirene des entreprises et des établissements",
    ),
)


def _rangees(classeur: Classeur) -> Iterator[list[str]]:
    """The first rows of the visible sheets as folded texts."""
    for feuille in classeur.feuilles:
        if feuille.visible:
            for ligne in feuille.lignes[:LIGNES_REGARDEES]:
                titres = [en_texte(v).casefold() for v in ligne]
                if any(titres):
                    yield titres


def refuser_registre(classeur: Classeur) -> None:
    """FichierRefuse (FI-13) for an extract of a register: it is loaded as a source, not as answers."""
    for titres in _rangees(classeur):
        for signature, minimum, registre in _REGISTRES:
            if len(signature.intersection(titres)) >= minimum:
                raise FichierRefuse("FI-13", registre=registre)


def refuser_formulaire(classeur: Classeur) -> None:
    """FichierRefuse (FI-15) for the definition of a form (XLSForm): it lists the questions, not the answers."""
    pleines = [
        f for f in classeur.feuilles if f.visible and not all(map(vide, chain.from_iterable(f.lignes)))
    ]
    modeles = {f.fichier for f in pleines if est_formulaire(f)}
    autres = any(
        not est_formulaire(f) and _nom_propre(f) not in _FEUILLES_XLSFORM and _tableau(f) for f in pleines
    )
    if modeles and not autres and modeles == {f.fichier for f in pleines}:
        raise FichierRefuse("FI-15")


def _tableau(feuille: Feuille) -> bool:
    """True for a sheet that may hold answers: two rows, at least, of two cells."""
    return sum(sum(not vide(v) for v in ligne) > 1 for ligne in feuille.lignes) > 1


def _nom_propre(feuille: Feuille) -> str:
    """Name of a sheet without the file it comes from."""
    return plier(feuille.nom.rpartition(SEPARATEUR)[2])


def est_formulaire(feuille: Feuille) -> bool:
    """True for the `survey` or `choices` sheet of an XLSForm: columns (type or list name), name, label."""
    for i, ligne in enumerate(feuille.lignes[:LIGNES_REGARDEES]):
        titres = [en_texte(v).casefold().replace("_", " ") for v in ligne]
        if "name" not in titres or not any(t == "label" or t.startswith("label:") for t in titres):
            continue
        if "list name" in titres:
            return True
        if "type" in titres:
            types = [en_texte(x[titres.index("type")]).casefold() for x in feuille.lignes[i + 1 :]]
            remplis = [t for t in types if t]
            return 2 * sum(_TYPES_XLSFORM.fullmatch(t) is not None for t in remplis) > len(remplis)
    return False


def est_repetition(feuille: Feuille) -> bool:
    """True for the table of a repeat group in an ODK or KoboToolbox export: each row points at its parent."""
    for i, ligne in enumerate(feuille.lignes[:LIGNES_REGARDEES]):
        parent = next((j for j, v in enumerate(ligne) if en_texte(v).casefold() == _PARENT), None)
        if parent is not None:
            dessous = [x for x in feuille.lignes[i + 1 :] if not all(map(vide, x))]
            return bool(dessous) and not any(vide(x[parent]) for x in dessous)
    return False


def subventions_en_anglais(classeur: Classeur) -> bool:
    """True for a list of grants in English (360Giving and the like): titles of a sum, a recipient, a date."""
    for titres in _rangees(classeur):
        plats = [formes(t)[0] for t in titres if len(t) <= TITRE_MAX]
        if all(any(signe.search(t) for t in plats) for signe in _ANGLAIS):
            return True
    return False


def provenance(classeur: Classeur, champs: Iterable[str] = ()) -> Provenance:
    """The tool that made the file, `INCONNU` when nothing says it. `champs` are the fields that its columns feed."""
    if marque := _marque_du_gabarit(classeur):
        return Provenance("gabarit", "Gabarit de l’observatoire", f"marque «\u00a0{marque}\u00a0» du gabarit")
    return next((p for titres in _rangees(classeur) if (p := _outil(titres))), None) or _scdl_en_clair(champs)


def _scdl_en_clair(champs: Iterable[str]) -> Provenance:
    """The SCDL schema under its French labels: its columns were recognised, whatever their titles."""
    reconnus = set(champs)
    if len(reconnus) < _SCDL_MINIMUM or len(reconnus & SCDL_SEUL) < _SCDL_SEUL_MINIMUM:
        return INCONNU
    raison = f"{len(reconnus)} colonnes du schéma, sous des titres en français"
    return Provenance("scdl", "Schéma SCDL «\u00a0Subventions\u00a0», titres en français", raison)


def _marque_du_gabarit(classeur: Classeur) -> str | None:
    lignes = (x for f in classeur.feuilles if not f.visible for x in f.lignes[:5] if len(x) > 1)
    return next((f"{x[1]}" for x in lignes if str(x[0]).startswith(PREFIXE_GABARIT)), None)


def _outil(titres: list[str]) -> Provenance | None:
    trouves = set(titres)
    if est_odk(titres):
        return Provenance("odk_kobo", "ODK ou KoboToolbox", _cites(_ODK & trouves))
    if est_limesurvey(titres):
        return Provenance("limesurvey", "LimeSurvey", _cites(t for t in titres if _code_lime(t) in _LIME))
    scdl = _SCDL & trouves
    if len(scdl) >= _SCDL_MINIMUM:
        ajouts = [ecrit for plat, ecrit in _SCDL_2.items() if plat in trouves]
        if ajouts:
            return Provenance("scdl", "Schéma SCDL «\u00a0Subventions\u00a0», version 2", _cites(ajouts))
        raison = f"{len(scdl)} colonnes du schéma, sans {enumerer(_SCDL_2.values())}"
        return Provenance("scdl", "Schéma SCDL «\u00a0Subventions\u00a0», version 1", raison)
    premier = next((t for t in titres if t), "")
    if premier in _HORODATEURS and sum(map(bool, titres)) > 2:
        return Provenance("google_forms", "Google Forms", _cites([premier]))
    return None


def _cites(titres: Iterable[str]) -> str:
    cites = sorted(set(titres))[:4]
    mot = "colonnes" if len(cites) > 1 else "colonne"
    return f"{mot} " + enumerer(f"«\u00a0{t}\u00a0»" for t in cites)


def est_odk(titres: Iterable[str]) -> bool:
    """True when titles hold the metadata that ODK and KoboToolbox add to the answers."""
    plats = {t.casefold() for t in titres}
    surs = plats & _ODK_SURS
    return len(surs) >= 2 or (bool(surs) and len(plats & _ODK) >= 2) or bool(surs & {"meta/instanceid"})


def _code_lime(titre: str) -> str:
    """Code of a response column of LimeSurvey, whatever the style of its heading; the title itself otherwise."""
    plat = plier(titre)
    code = m[1] if (m := _LIME_CODE.fullmatch(plat)) else plat
    return code if code in _LIME else _LIME_EN_CLAIR.get(plat, plat)


def est_limesurvey(titres: Iterable[str]) -> bool:
    """True when titles hold the response columns of LimeSurvey."""
    codes = {_code_lime(t) for t in titres if t}
    return len(codes & _LIME_SURS) >= 2


def colonne_de_soumission(titres: Iterable[tuple[int, str]]) -> int | None:
    """Index of the column that says when an answer was sent, in a LimeSurvey export; None elsewhere."""
    paires = [(j, _code_lime(t)) for j, t in titres]
    if len({c for _, c in paires} & _LIME_SURS) < 2:
        return None
    return next((j for j, code in paires if code == "submitdate"), None)


@dataclass(frozen=True, slots=True)
class Lecture:
    """How to read the titles of one table: those of metadata, and the part of a title that is the question.

    `precision` is tried before the whole title (the sub-question says more), `question` after it.
    """

    metadonnees: frozenset[str] = frozenset()
    precision: Callable[[str], str | None] = lambda titre: None
    question: Callable[[str], str | None] = lambda titre: None

    def ignore(self, titre: str) -> bool:
        """True for a column that the tool added: it feeds nothing."""
        return titre.casefold() in self.metadonnees


def lecture(titres: Iterable[str]) -> Lecture:
    """How to read these titles, by the tool that wrote them."""
    plats = [t.casefold() for t in titres]
    if est_odk(plats):
        ensemble = set(plats)
        return Lecture(frozenset(_ODK), question=lambda titre: _dernier_segment(titre, ensemble))
    if est_limesurvey(plats):
        ajoutees = frozenset(t for t in plats if _code_lime(t) in _LIME)
        return Lecture(ajoutees, _sous_question_limesurvey, _question_limesurvey)
    premier = next((t for t in plats if t), "")
    return Lecture(frozenset((premier,))) if premier in _HORODATEURS else Lecture()


def _dernier_segment(titre: str, titres: set[str]) -> str | None:
    """`group/question` → `question`; nothing for one choice of a question that has its own column."""
    if not _CHEMIN.fullmatch(titre):
        return None
    groupe, _, question = titre.rpartition("/")
    return None if groupe.casefold() in titres else question


def _question_limesurvey(titre: str) -> str | None:
    """`Q3. Nom de l’association` → the text after the code."""
    trouve = _QUESTION_LIME.fullmatch(titre)
    return trouve["texte"] if trouve else None


def _sous_question_limesurvey(titre: str) -> str | None:
    """`Q3[SQ001]. Emploi [CDI]` → what is in the last brackets."""
    trouve = _SOUS_QUESTION.fullmatch(titre)
    return trouve["texte"] if trouve else None


def personnes(titres: Iterable[tuple[int, str]]) -> dict[int, str]:
    """Columns added by a tool that name a person or her telephone: index → kind."""
    paires = [(j, t.casefold()) for j, t in titres]
    natures = {}
    if est_odk(t for _, t in paires):
        natures = {j: _ODK_PERSONNES[t] for j, t in paires if t in _ODK_PERSONNES}
    elif est_limesurvey(t for _, t in paires):
        natures = {j: "une adresse IP" for j, t in paires if _code_lime(t) == "ipaddr"}
    return natures
