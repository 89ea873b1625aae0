"""The sentence of a published figure: the same in a page, a chart, a PDF, the API and the command line.

Pure functions. A sentence follows the status and the interval, never the sign alone: a masked figure has no
number, a change whose interval holds zero is neither a rise nor a fall. The words of an indicator come from its
definition (« Part des femmes parmi… » → « la part des femmes parmi… »), or from `tournures.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from observatoire.chiffres.lieux import UnLieu, de, elide, sur
from observatoire.chiffres.quantites import (
    PART,
    ecart,
    ecart_entre,
    entre,
    est_pluriel,
    nombre,
    quantite,
)
from observatoire.domain.francais import FINE, INSECABLE, ecrire_nombre, typographie
from observatoire.estimation.systeme import TOUS
from observatoire.indicators.catalogue import POIDS_ECONOMIQUE, REPONDANTES

TOURNURES = Path(__file__).with_name("tournures.toml")
MONTRES = ("ok", "prudence")
SANS_SECRET = "aucun"
# First word of a definition → the same with its article. Those of the last lines are counted.
_TETES = {
    "Part": "la part", "Nombre": "le nombre", "Note": "la note", "Score": "le score", "Indice": "l’indice",
    "Écart": "l’écart", "Somme": "la somme", "Temps": "le temps", "Valeur": "la valeur", "Budget": "le budget",
    "Âge": "l’âge", "Fourchette": "la fourchette", "Montant": "le montant", "Taux": "le taux",
    "Heures": "le nombre d’heures", "Équivalents": "le nombre d’équivalents", "Subventions": "le montant des subventions",
}  # fmt: skip
_REPONDANTE = re.compile(r" répondantes?\b")
_POPULATION = re.compile(r",? (?:des|dans les) associations$")
_CELLES = re.compile(r"^la part des associations (?=dont |qui )")
_CITATION = re.compile(r"«[^»]*»|\([^)]*\)")
_MILLIERS = re.compile(r"(?<=\d) (?=\d{3}\b)")
_BASE = re.compile(r"sur la base de (\d[\d\s\u202f]*heures par an)")
_SINGULIERS = {"déclarent": "déclare", "cumulent": "cumule"}


class UneFiche(Protocol):
    """What a sentence needs of the card of an indicator; `secret` is read too when it is there."""

    @property
    def indicateur(self) -> str:
        """Name."""

    @property
    def titre(self) -> str:
        """Title."""

    @property
    def definition(self) -> str:
        """Definition, its constants filled in."""

    @property
    def unite(self) -> str:
        """Unit."""

    @property
    def decimales(self) -> int | None:
        """Decimals shown."""

    @property
    def estimateur(self) -> str:
        """Estimator of the card."""


class UneMesure(Protocol):
    """What a sentence needs of a row of `mesures`; `vue` is read too when it is there."""

    @property
    def millesime(self) -> int:
        """Year."""

    @property
    def financeur(self) -> str:
        """Funder, `tous` for all."""

    @property
    def valeur(self) -> float | None:
        """Value, None unless shown."""

    @property
    def borne_basse(self) -> float | None:
        """Low bound."""

    @property
    def borne_haute(self) -> float | None:
        """High bound."""

    @property
    def n_repondants(self) -> int | None:
        """Associations behind the figure."""

    @property
    def statut(self) -> str:
        """ok, prudence, non_publie, secret, nd."""


@dataclass(frozen=True, slots=True)
class Evolution:
    """A row of `evolutions`: what moved from one year to another, and its interval."""

    indicateur: str
    methode: str
    vue: str
    prix: str
    de: int
    a: int
    valeur_avant: float | None
    valeur_apres: float | None
    difference: float | None
    borne_basse: float | None
    borne_haute: float | None
    est_significative: bool | None
    n_avant: int | None
    n_apres: int | None
    rupture: str | None
    statut: str


@dataclass(frozen=True, slots=True)
class _Tournure:
    compte: tuple[str, str] | None = None
    objet: str = ""
    verbe: str = ""
    dit: str = ""
    beneficiaires: tuple[str, str] | None = None
    signe: bool = False


_ABSENCES = {
    "secret": "chiffre masqué, pour que personne ne puisse deviner la réponse d’une association ou d’une personne",
    "non_publie": "chiffre non publié, parce que trop incertain ou appuyé sur trop peu de réponses à cette question",
    "nd": f"donnée non disponible, faute de réponse ou de source{FINE}; ce n’est pas un zéro",
}
_EVOLUTIONS_ABSENTES = {
    "secret": "est masquée, pour que personne ne puisse deviner la réponse d’une association ou d’une personne",
    "non_publie": "n’est pas publiée, parce que l’un des deux chiffres ne l’est pas",
    "nd": "n’est pas connue",
}
_PRUDENCE = (
    f" À lire avec prudence{INSECABLE}: réponses peu nombreuses, dispersées, ou souvent laissées vides."
)


def phrase(fiche: UneFiche, mesure: UneMesure, lieu: UnLieu, domaine: str = "", vue: str = "") -> str:
    """One or two French sentences that say the figure. `domaine` is the label of its sector, empty for all.

    `vue` wins over that of `mesure`; without either, the respondents only.
    """
    vue = vue or str(getattr(mesure, "vue", "")) or REPONDANTES
    if mesure.statut not in MONTRES or mesure.valeur is None:
        return composer(_absence(fiche, mesure, lieu, domaine))
    if vue != REPONDANTES:
        texte = _estimee(fiche, mesure, lieu, domaine, vue)
    elif getattr(fiche, "secret", "") == SANS_SECRET or _tournure(fiche).dit:
        texte = _publique(fiche, mesure, lieu, domaine)
    else:
        texte = _declaree(fiche, mesure, lieu, domaine)
    return composer(texte + (_PRUDENCE if mesure.statut == "prudence" else ""))


def composer(texte: str) -> str:
    """French spaces in a text that mixes ours and that of a card: « 10 000 », « : », « ; », « » never break."""
    return typographie(_MILLIERS.sub(FINE, texte)).replace("'", "’")


def phrase_evolution(fiche: UneFiche, evolution: Evolution, lieu: UnLieu) -> str:
    """One sentence on what moved between two years: a rise or a fall only when the interval leaves zero out."""
    return composer(_evolution(fiche, evolution, lieu))


def _evolution(fiche: UneFiche, evolution: Evolution, lieu: UnLieu) -> str:
    annees = f"Entre {evolution.de} et {evolution.a}"
    if evolution.rupture:
        return f"{annees}, les chiffres ne se comparent pas{INSECABLE}: {_suite(evolution.rupture)}."
    bornes = (evolution.borne_basse, evolution.borne_haute)
    if evolution.statut not in MONTRES or evolution.difference is None:
        raison = _EVOLUTIONS_ABSENTES.get(evolution.statut, _EVOLUTIONS_ABSENTES["nd"])
        return f"{annees}, {sur(lieu)}, l’évolution de {_cite(fiche.titre)} {raison}."
    forme = _forme_nue(fiche)
    prix = f", en euros constants de {evolution.a}" if evolution.prix == "constants" else ""
    debut = f"{annees}, {sur(lieu)}, {_panel(evolution)}"
    sens = _sens(*bornes) if evolution.est_significative else 0
    if not sens:
        intervalle = ""
        if bornes[0] is not None and bornes[1] is not None and evolution.difference:
            intervalle = f" ({ecart_entre(bornes[0], bornes[1], *forme, signe=True)})"
        return f"{debut}l’écart n’est pas significatif pour {_cite(fiche.titre)}{prix}{intervalle}."
    bas, haut = sorted(abs(b) for b in bornes if b is not None)
    verbe = "augmente" if sens > 0 else "baisse"
    return (
        f"{debut}{_fermer(_POPULATION.sub('', _objet(fiche)))} {verbe} de {ecart(abs(evolution.difference), *forme)}{prix} "
        f"({ecart_entre(bas, haut, *forme)})."
    )


def _suite(raison: str) -> str:
    """A reason after a colon: small initial (« RNA refondu » keeps its own), no final point."""
    propre = raison.strip().rstrip(".")
    return propre if propre[1:2].isupper() else propre[:1].lower() + propre[1:]


def valeur_en_mots(fiche: UneFiche, mesure: UneMesure) -> str:
    """« 38,9 % », « entre 5,3 et 10,6 millions d’euros » for a card that gives a range; empty when not shown."""
    if mesure.valeur is None or mesure.statut not in MONTRES:
        return ""
    forme = (fiche.unite, fiche.decimales or 0)
    if "{fourchette}" in _tournure(fiche).verbe and str(getattr(mesure, "vue", REPONDANTES)) == REPONDANTES:
        return _fourchette(fiche, mesure)
    return quantite(mesure.valeur, *forme, signe=_tournure(fiche).signe)


def intervalle_en_mots(fiche: UneFiche, mesure: UneMesure) -> str:
    """« entre 35,1 % et 42,7 % »; empty when the figure has no interval."""
    bas, haut = mesure.borne_basse, mesure.borne_haute
    if mesure.valeur is None or mesure.statut not in MONTRES or bas is None or haut is None:
        return ""
    return entre(bas, haut, fiche.unite, fiche.decimales or 0, signe=_tournure(fiche).signe)


def objet(fiche: UneFiche) -> str:
    """What the indicator measures, with its article: « la part des femmes parmi les dirigeants »."""
    return _objet(fiche)


def _declaree(fiche: UneFiche, mesure: UneMesure, lieu: UnLieu, domaine: str) -> str:
    """What those that answered say: they speak for themselves only."""
    tournure, annee = _tournure(fiche), mesure.millesime
    qui = _repondantes(mesure.n_repondants, lieu, domaine)
    if tournure.verbe or tournure.compte:
        verbe = tournure.verbe or "déclarent {valeur}"
        if mesure.n_repondants == 1:
            verbe = " ".join(_SINGULIERS.get(mot, mot) for mot in verbe.split(" "))
        dit = verbe.format(valeur=_compte(fiche, mesure), fourchette=_fourchette(fiche, mesure))
        return _majuscule(f"{qui} {dit} en {annee}{_base(fiche)}.")
    preposition = "parmi" if fiche.estimateur in ("proportion", "mediane") else "dans"
    sujet = _POPULATION.sub("", _objet(fiche))
    if fiche.estimateur in ("proportion", "mediane") and mesure.n_repondants != 1:
        sujet = _CELLES.sub("la part de celles ", sujet.replace("la moitié des associations", "la moitié"))
    texte = f"{preposition} {qui}, {_fermer(sujet)} est {_de_valeur(fiche, mesure)} en {annee}"
    return _majuscule(texte + _base(fiche) + "." + _reserve_du_changement(fiche, mesure))


def _publique(fiche: UneFiche, mesure: UneMesure, lieu: UnLieu, domaine: str) -> str:
    tournure = _tournure(fiche)
    dans = f", dans le domaine {_cite(domaine)}" if domaine else ""
    financeur = "les financeurs" if mesure.financeur == TOUS else f"le financeur {_cite(mesure.financeur)}"
    n, noms = mesure.n_repondants, tournure.beneficiaires
    pour = f", pour {ecrire_nombre(n)}{INSECABLE}{noms[n >= 2]}" if noms and n else ""
    if tournure.dit:
        dit = tournure.dit.format(valeur=_valeur(fiche, mesure), financeur=financeur)
    else:
        dit = f"{_fermer(_objet(fiche))} est {_de_valeur(fiche, mesure)}"
        pour = pour or ", d’après les données publiées"
    return f"En {mesure.millesime}, {sur(lieu)}{dans}, {dit}{pour}."


def _estimee(fiche: UneFiche, mesure: UneMesure, lieu: UnLieu, domaine: str, vue: str) -> str:
    """What is thought of all the associations, with its interval."""
    dans = f", dans le domaine {_cite(domaine)}" if domaine else ""
    poids = ", chaque association comptant selon son budget" if vue == POIDS_ECONOMIQUE else ""
    bas, haut = mesure.borne_basse, mesure.borne_haute
    valeur = quantite(mesure.valeur or 0.0, *_forme_nue(fiche))
    intervalle = ""
    if bas is not None and haut is not None:
        intervalle = f" ({entre(bas, haut, *_forme_nue(fiche))})"
    n = mesure.n_repondants
    appui = f"à partir de {_associations(n)}" if n else "à partir des associations"
    return (
        f"En {mesure.millesime}, {sur(lieu)}{dans}{poids}, on estime à {valeur}{intervalle} {_objet(fiche)}"
        f"{_base(fiche)}, {appui} qui {'a' if n == 1 else 'ont'} répondu. Les réponses sont volontaires{INSECABLE}: "
        "l’intervalle est indicatif."
    )


def _absence(fiche: UneFiche, mesure: UneMesure, lieu: UnLieu, domaine: str) -> str:
    raison = _ABSENCES.get(mesure.statut, _ABSENCES["nd"])
    dans = f" dans le domaine {_cite(domaine)}" if domaine else ""
    paye = "" if mesure.financeur == TOUS else f", financeur {_cite(mesure.financeur)}"
    return f"{_cite(fiche.titre)} {sur(lieu)}{dans}{paye} en {mesure.millesime}{INSECABLE}: {raison}."


def _reserve_du_changement(fiche: UneFiche, mesure: UneMesure) -> str:
    """What the interval of a change allows to say."""
    if not _tournure(fiche).signe:
        return ""
    if mesure.borne_basse is None or mesure.borne_haute is None:
        return " Sans intervalle publié, cet écart ne permet de conclure ni à une hausse ni à une baisse."
    sens = _sens(mesure.borne_basse, mesure.borne_haute)
    if not sens:
        return f" L’intervalle contient zéro{INSECABLE}: l’écart n’est pas significatif."
    return f" Cette {'hausse' if sens > 0 else 'baisse'} est significative, sa cause n’est pas connue."


def _sens(basse: float | None, haute: float | None) -> int:
    """1 above zero for sure, -1 below, 0 when the interval holds zero or is not known."""
    if basse is None or haute is None:
        return 0
    return 1 if basse > 0 else -1 if haute < 0 else 0


def _panel(evolution: Evolution) -> str:
    if evolution.methode != "panel":
        return ""
    n = evolution.n_apres
    return f"pour {f'les {_associations(n)}' if n else 'les associations'} présentes toutes les années, "


def _repondantes(n: int | None, lieu: UnLieu, domaine: str) -> str:
    ou = f"{de(lieu)} du domaine {_cite(domaine)}" if domaine else de(lieu)
    if n == 1:
        return f"la seule association {ou} qui a répondu"
    return f"les {f'{ecrire_nombre(n)}{INSECABLE}' if n else ''}associations {ou} qui ont répondu"


def _associations(n: int) -> str:
    return f"{ecrire_nombre(n)}{INSECABLE}association{'s' if n >= 2 else ''}"


def _forme(fiche: UneFiche) -> tuple[str, int]:
    return fiche.unite, fiche.decimales or 0


def _forme_nue(fiche: UneFiche) -> tuple[str, int]:
    """Without the unit when what is measured already says « le nombre de… »."""
    if _objet(fiche).startswith("le nombre ") and fiche.unite != PART:
        return "", fiche.decimales or 0
    return _forme(fiche)


def _compte(fiche: UneFiche, mesure: UneMesure) -> str:
    """« 12 949 heures de bénévolat »; « 1,2 million d’heures » is never written: the number is whole."""
    noms = _tournure(fiche).compte
    if noms is None or mesure.valeur is None:
        return _valeur(fiche, mesure)
    unite, decimales = _forme(fiche)
    nom = noms[est_pluriel(mesure.valeur, decimales)]
    return f"{nombre(mesure.valeur, unite, decimales)}{INSECABLE}{nom}"


def _valeur(fiche: UneFiche, mesure: UneMesure) -> str:
    return quantite(mesure.valeur or 0.0, *_forme(fiche), signe=_tournure(fiche).signe)


def _de_valeur(fiche: UneFiche, mesure: UneMesure) -> str:
    """« de 38,9 % »."""
    return f"de {quantite(mesure.valeur or 0.0, *_forme_nue(fiche), signe=_tournure(fiche).signe)}"


def _fourchette(fiche: UneFiche, mesure: UneMesure) -> str:
    """The range that a card gives for the respondents; the value alone when it has none."""
    if mesure.borne_basse is None or mesure.borne_haute is None:
        return f"à partir de {_valeur(fiche, mesure)}"
    return entre(mesure.borne_basse, mesure.borne_haute, *_forme(fiche))


def _base(fiche: UneFiche) -> str:
    """The base of a count in full-time equivalents, as the definition gives it."""
    trouve = _BASE.search(fiche.definition) if fiche.unite.startswith("ETP") else None
    return f", sur la base de {trouve[1]}" if trouve else ""


def _objet(fiche: UneFiche) -> str:
    tournure = _tournure(fiche)
    if tournure.objet:
        return tournure.objet
    if tournure.compte:
        nom = tournure.compte[1]
        return f"le nombre d’{nom}" if elide(nom) else f"le nombre de {nom}"
    premiere = re.split(r"\.(?:\s|$)", fiche.definition, maxsplit=1)[0]
    premiere = re.split(rf"[\s{INSECABLE}]:", _BASE.sub("", premiere), maxsplit=1)[0]
    tete, _, suite = _REPONDANTE.sub("", premiere).strip().partition(" ")
    mot = tete.rstrip(",")
    if mot not in _TETES or not suite:
        return f"l’indicateur {_cite(fiche.titre)}"
    return f"{_TETES[mot]}{tete[len(mot) :]} {suite}"


def _fermer(sujet: str) -> str:
    """The subject, with the comma that closes what an odd one opened; the last comma of a list opens nothing."""
    morceaux = _CITATION.sub("", sujet).split(", ")
    est_liste = re.search(r" (?:et|ou) ", morceaux[-1])
    return f"{sujet}," if len(morceaux) % 2 == 0 and not est_liste else sujet


def _cite(texte: str) -> str:
    return f"«{INSECABLE}{texte.replace(chr(39), '’')}{INSECABLE}»"


def _majuscule(texte: str) -> str:
    return texte[:1].upper() + texte[1:]


def _tournure(fiche: UneFiche) -> _Tournure:
    return tournures().get(fiche.indicateur, _Tournure())


@cache
def tournures() -> Mapping[str, _Tournure]:
    """What `tournures.toml` says of each indicator."""
    brut = tomllib.loads(TOURNURES.read_text(encoding="utf-8"))
    return {nom: _Tournure(**{c: _fixe(v) for c, v in cles.items()}) for nom, cles in brut.items()}


def _fixe(valeur: Any) -> Any:
    return tuple(valeur) if isinstance(valeur, list) else valeur
