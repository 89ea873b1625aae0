"""The indicators: one card (TOML) and one query (SQL) each, found in the folders of the themes.

Adding `<theme>/<nom>.toml` and its query adds the indicator everywhere: figures, tables, pages and tests.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from observatoire.domain.francais import ecrire_nombre

DOSSIER = Path(__file__).parent
THEMES = {
    "vie_associative": "Vie associative",
    "benevolat": "Bénévolat",
    "emploi": "Emploi",
    "ressources": "Ressources",
    "effets": "Effets sur les personnes",
    "subventions": "Subventions",
}
ESTIMATEURS = ("compte", "total", "ratio", "moyenne")
SECRETS = ("associations", "personnes", "aucun")
Parametre = str | int | float
_LIEE = re.compile(r"\$(\w+)")
_TROU = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Carte:
    """What an indicator is.

    `estimateur`: `compte` (distinct associations), `total` (sum of valeur), `ratio` and `moyenne`
    (sum of valeur / sum of poids). `secret`: what the threshold counts. `dominance`: also hide a cell that
    one association nearly makes alone (default: totals only). `famille_secret`: indicator whose cells this
    one is proportional to; both are hidden together. `communes`: may be shown for a commune. `requete`: name
    of the SQL file when several cards share it. `parametres`: values bound in the SQL, read in the texts as
    `{nom}`; `constantes`: names bound in the SQL to the identifier of a dated constant, which the texts read
    as `{identifier}`. `dit` and `ne_dit_pas`: what the figure says, and does not.
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
        trous = set(_TROU.findall(" ".join((self.definition, self.formule, self.precautions))))
        return set(self.constantes.values()) | (trous - self.parametres.keys())

    @property
    def est_dominance(self) -> bool:
        """True when a cell made by one association is hidden."""
        return self.estimateur == "total" if self.dominance is None else self.dominance

    @property
    def famille(self) -> str:
        """Name of the indicator that leads the masks of this one, itself by default."""
        return self.famille_secret or self.nom

    def textes(self, constantes: Mapping[str, str]) -> dict[str, str]:
        """Definition, formula and precautions with their `{nom}` filled; KeyError names an unknown one."""
        valeurs = {nom: francais(v) for nom, v in self.parametres.items()} | dict(constantes)
        return {
            cle: getattr(self, cle).format_map(valeurs) for cle in ("definition", "formule", "precautions")
        }


_DEDUITES = {"nom", "theme", "sql"}
_CLES = {f.name: f for f in fields(Carte) if f.name not in _DEDUITES}
_TYPES = {"decimales": int, "dominance": bool, "communes": bool, "parametres": dict, "constantes": dict}


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
            requete = chemin.with_name(f"{brut.get('requete') or chemin.stem}.sql")
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
    if brut.get("estimateur", "total") not in ESTIMATEURS:
        yield f"estimateur « {brut['estimateur']} » inconnu"
    if brut.get("secret", "aucun") not in SECRETS:
        yield f"secret « {brut['secret']} » inconnu"


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
        meneuse = cartes.get(carte.famille)
        if meneuse is None:
            yield f"{carte.nom} : famille de secret « {carte.famille} » inconnue"
        elif any(getattr(meneuse, cle) != getattr(carte, cle) for cle in ("famille", "secret", "communes")):
            yield f"{carte.nom} : le secret doit être celui de « {meneuse.nom} »"
