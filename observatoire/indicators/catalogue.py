"""The indicators: one card (TOML) and one query (SQL) each, found in the folders of the themes.

Adding `<theme>/<nom>.toml` and its query adds the indicator everywhere: figures, tables, pages and tests.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from observatoire.domain.francais import ecrire_nombre

DOSSIER = Path(__file__).parent
PARTAGES = "partages"
THEMES = {
    "vie_associative": "Vie associative",
    "gouvernance": "Gouvernance",
    "benevolat": "Bénévolat",
    "emploi": "Emploi",
    "ressources": "Ressources",
    "effets": "Effets sur les personnes",
    "droits": "Accès aux droits",
    "subventions": "Subventions",
    "territoires": "Équité territoriale",
}
# Quotients: the sum of valeur over the sum of poids.
QUOTIENTS = ("ratio", "moyenne", "proportion")
# Figures of a territory: one association has no value of its own to set beside them.
COLLECTIFS = ("gini", "par_habitant", "gini_territoires")
ESTIMATEURS = ("compte", "total", *QUOTIENTS, "mediane", *COLLECTIFS)
SECRETS = ("associations", "personnes", "aucun")
REPONDANTES, REPRESENTATIF, POIDS_ECONOMIQUE = "repondantes", "representatif", "poids_economique"
VUES = {
    REPONDANTES: "1 association = 1 voix",
    REPRESENTATIF: "Représentatif",
    POIDS_ECONOMIQUE: "Poids économique",
}
# Views of each estimator; the others say something of the respondents only. A total is never weighted by money.
VUES_ESTIMATEURS = {
    "total": (REPONDANTES, REPRESENTATIF),
    "ratio": (REPONDANTES, REPRESENTATIF),
    "mediane": (REPONDANTES, REPRESENTATIF),
    "moyenne": (REPONDANTES, REPRESENTATIF, POIDS_ECONOMIQUE),
    "proportion": (REPONDANTES, REPRESENTATIF, POIDS_ECONOMIQUE),
}
# Themes that say something of each person: no share of 0 or 100 %, nothing below the EPCI.
SENSIBLES = ("effets", "droits")
# What people say: weights of associations cannot speak for them, money still less.
OPINIONS = ("effets",)
# What funders publish: the theme, and the table of their amounts as the queries name it.
SUBVENTIONS, BASE_SUBVENTIONS = "subventions", "base_subventions"
TOUTES, CONCERNEES = "toutes", "concernees"
ATTENDUES = (TOUTES, CONCERNEES)
Parametre = str | int | float
_LIEE = re.compile(r"\$(\w+)")
_TROU = re.compile(r"\{(\w+)\}")
TEXTES = ("definition", "formule", "precautions", "source")
SOURCE, POUR_CENT = "source_", "_pct"


def des_financeurs(theme: str, sql: str) -> bool:
    """True for what funders publish: nobody answered, and those counted are the beneficiaries."""
    return theme == SUBVENTIONS or BASE_SUBVENTIONS in sql


@dataclass(frozen=True, slots=True)
class Carte:
    """What an indicator is.

    `estimateur`: `compte` (distinct associations), `total` (sum of valeur), `ratio`, `moyenne` and
    `proportion` of associations (sum of valeur / sum of poids), `mediane` and `gini` of valeur over the
    associations, `par_habitant` (sum of valeur / population of the zone), `gini_territoires` (of the total per
    inhabitant, over the EPCI, for the département). `secret`: what the threshold counts; `min_personnes`: dated
    constant that asks for more persons. `dominance`: also hide a cell that one association nearly makes alone
    (default: totals). `famille_secret`: indicator whose cells this one is proportional to, or that rests on the
    same answers; both are hidden together. `vues`: the views it may have (default: those of its estimator, the
    respondents only for opinions and public data). `attendues`: who should have given a value, `toutes` those
    that answered the questionnaire (an absence is then a missing answer, the default of totals) or the
    `concernees` only. `communes`: may be shown for a commune. `requete`: name of the SQL
    file, of the theme or of `partages`, when several cards share it. `parametres`: values bound in the SQL, read
    in the texts as `{nom}`; `constantes`: names bound in the SQL to the identifier of a dated constant, which
    the texts read as `{identifier}`, its source as `{source_identifier}`, and a share as `{identifier_pct}`. `dit` and `ne_dit_pas`: what the
    figure says, and does not. `repere_…`: a published figure to read it beside, all of them or none.
    """

    nom: str
    theme: str
    sql: str
    titre: str
    unite: str
    decimales: int
    definition: str
    formule: str
    estimateur: str
    secret: str
    raison_secret: str
    precautions: str
    source: str
    dit: str
    ne_dit_pas: str
    dominance: bool | None = None
    famille_secret: str = ""
    communes: bool = True
    vues: Sequence[str] = ()
    attendues: str = ""
    min_personnes: str = ""
    repere_valeur: float | None = None
    repere_valeur_haute: float | None = None
    repere_territoire: str = ""
    repere_annee: str = ""
    repere_source: str = ""
    requete: str = ""
    parametres: Mapping[str, Parametre] = field(default_factory=dict)
    constantes: Mapping[str, str] = field(default_factory=dict)

    @property
    def liees(self) -> dict[str, Parametre]:
        """Values to bind when the query runs."""
        return {**self.parametres, **self.constantes}

    @property
    def constantes_lues(self) -> set[str]:
        """Identifiers of the dated constants that the query or the texts need."""
        trous = set(_TROU.findall(" ".join(getattr(self, cle) for cle in TEXTES)))
        lues = {nom.removeprefix(SOURCE).removesuffix(POUR_CENT) for nom in trous - self.parametres.keys()}
        return set(self.constantes.values()) | lues | ({self.min_personnes} - {""})

    @property
    def est_dominance(self) -> bool:
        """True when a cell made by one association is hidden."""
        if self.dominance is None:
            return self.estimateur in ("total", "par_habitant", "gini_territoires")
        return self.dominance

    @property
    def famille(self) -> str:
        """Name of the indicator that leads the masks of this one, itself by default."""
        return self.famille_secret or self.nom

    @property
    def vues_permises(self) -> tuple[str, ...]:
        """Views the indicator is published in, `repondantes` first."""
        if self.vues:
            return tuple(vue for vue in VUES if vue in self.vues)
        if self.theme in OPINIONS or self.secret == "aucun":
            return (REPONDANTES,)
        return VUES_ESTIMATEURS.get(self.estimateur, (REPONDANTES,))

    @property
    def est_attendue_de_toutes(self) -> bool:
        """True when an association that answered the questionnaire and has no value left the question out."""
        return (self.attendues or (TOUTES if self.estimateur == "total" else CONCERNEES)) == TOUTES

    def textes(self, constantes: Mapping[str, str]) -> dict[str, str]:
        """The texts of the card with their `{nom}` filled; KeyError names an unknown one."""
        valeurs = {nom: francais(v) for nom, v in self.parametres.items()} | dict(constantes)
        return {cle: getattr(self, cle).format_map(valeurs) for cle in TEXTES}


_DEDUITES = {"nom", "theme", "sql"}
_CLES = {f.name: f for f in fields(Carte) if f.name not in _DEDUITES}
_TYPES = {
    "decimales": int,
    "dominance": bool,
    "communes": bool,
    "vues": list,
    "parametres": dict,
    "constantes": dict,
    "repere_valeur": float,
    "repere_valeur_haute": float,
}
_REPERE = ("repere_valeur", "repere_territoire", "repere_annee", "repere_source")
REPERES = (*_REPERE, "repere_valeur_haute")


def francais(valeur: Parametre) -> str:
    """A constant as a French sentence writes it: 1607.0 → « 1 607 », 12.02 → « 12,02 »."""
    if isinstance(valeur, str):
        return valeur
    return ecrire_nombre(valeur)


@cache
def catalogue(dossier: Path = DOSSIER) -> Mapping[str, Carte]:
    """All cards by name, in the order of the themes. ValueError lists every fault at once."""
    cartes: dict[str, Carte] = {}
    fautes: list[str] = []
    for theme in THEMES:
        for chemin in sorted((dossier / theme).glob("*.toml")):
            brut = tomllib.loads(chemin.read_text(encoding="utf-8"))
            requete = _requete(dossier, theme, f"{brut.get('requete') or chemin.stem}.sql")
            sql = requete.read_text(encoding="utf-8") if requete.is_file() else ""
            trouvees = [*_fautes_cles(brut), *_fautes_requete(brut, requete.name, sql)]
            if chemin.stem in cartes:
                trouvees.append("nom déjà pris par un autre thème")
            fautes += [f"{theme}/{chemin.name} : {faute}" for faute in trouvees]
            if not trouvees:
                cartes[chemin.stem] = Carte(nom=chemin.stem, theme=theme, sql=sql, **brut)
    fautes += _fautes_ensemble(cartes)
    if fautes:
        raise ValueError("Indicateurs :\n- " + "\n- ".join(fautes))
    return cartes


def _requete(dossier: Path, theme: str, nom: str) -> Path:
    """The query of the theme, else the one that several themes share."""
    propre = dossier / theme / nom
    return propre if propre.is_file() else dossier / PARTAGES / nom


def _fautes_cles(brut: Mapping[str, Any]) -> Iterator[str]:
    for cle in brut.keys() - _CLES.keys():
        yield f"clé « {cle} » inconnue"
    for cle, champ in _CLES.items():
        attendu = _TYPES.get(cle, str)
        if cle not in brut:
            if champ.default is MISSING and champ.default_factory is MISSING:
                yield f"clé « {cle} » manquante"
        elif type(brut[cle]) is not attendu:
            yield f"clé « {cle} » : {attendu.__name__} attendu"
        elif attendu is str and not brut[cle].strip():
            yield f"clé « {cle} » vide"
    if 0 < sum(cle in brut for cle in _REPERE) < len(_REPERE):
        yield f"repère incomplet : {', '.join(cle for cle in _REPERE if cle not in brut)}"
    if brut.get("estimateur", "total") not in ESTIMATEURS:
        yield f"estimateur « {brut['estimateur']} » inconnu"
    yield from _fautes_vues(brut)
    if brut.get("secret", "aucun") not in SECRETS:
        yield f"secret « {brut['secret']} » inconnu"


def _fautes_vues(brut: Mapping[str, Any]) -> Iterator[str]:
    vues = brut.get("vues", [])
    if not isinstance(vues, list):
        return
    for vue in vues:
        if vue not in VUES:
            yield f"vue « {vue} » inconnue"
        elif vue != REPONDANTES and vue not in VUES_ESTIMATEURS.get(brut.get("estimateur", ""), ()):
            yield f"vue « {vue} » impossible pour l’estimateur « {brut.get('estimateur')} »"
    if vues and REPONDANTES not in vues:
        yield f"la vue « {REPONDANTES} » est toujours là"
    if brut.get("attendues", TOUTES) not in ATTENDUES:
        yield f"attendues « {brut['attendues']} » inconnu"


def _fautes_requete(brut: Mapping[str, Any], nom: str, sql: str) -> Iterator[str]:
    if not sql:
        yield f"requête « {nom} » absente"
        return
    if not sql.startswith("-- grain: "):
        yield f"{nom} : la première ligne doit dire le grain (« -- grain: … »)"
    liees = set(_LIEE.findall(sql))
    donnees = {*brut.get("parametres", {}), *brut.get("constantes", {})}
    for manquant in sorted(liees - donnees):
        yield f"{nom} : paramètre « ${manquant} » sans valeur dans la carte"
    for inutile in sorted(donnees - liees):
        yield f"paramètre « {inutile} » inutilisé par {nom}"


def _fautes_ensemble(cartes: Mapping[str, Carte]) -> Iterator[str]:
    for carte in cartes.values():
        if carte.theme in OPINIONS and POIDS_ECONOMIQUE in carte.vues_permises:
            yield f"{carte.nom} : une opinion n’a pas de poids économique"
        if carte.theme in SENSIBLES and carte.communes:
            yield f"{carte.nom} : une donnée sensible ne descend pas à la commune (communes = false)"
        meneuse = cartes.get(carte.famille)
        if meneuse is None:
            yield f"{carte.nom} : famille de secret « {carte.famille} » inconnue"
        elif any(getattr(meneuse, cle) != getattr(carte, cle) for cle in ("famille", "secret", "communes")):
            yield f"{carte.nom} : le secret doit être celui de « {meneuse.nom} »"
