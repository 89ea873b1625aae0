"""What can be wrong in the TOML of a questionnaire. Each function returns its faults as French sentences."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from observatoire.domain.anomalie import catalogue
from observatoire.domain.enquete import IDENTITE, Champ, Enquete, Regle
from observatoire.domain.nomenclature import noms_nomenclatures
from observatoire.domain.types import TYPES, type_de
from observatoire.domain.types._nettoyage import plier
from observatoire.domain.types.base import Contexte

TITRE_MAX = 45
TEXTES = ("name", "title", "description", "grain", "version")
OPTIONS = ("feuille", "cle", "doublon_identique", "millesime_de", "identite")

_CLES_ENQUETE = {*TEXTES, *OPTIONS, "communs", "champ", "regle"}
_CLES_CHAMP = {c.name for c in dataclasses.fields(Champ)}
_CHAMP_REQUIS = ("name", "type", "title", "description", "example")
_CLES_REGLE = {c.name for c in dataclasses.fields(Regle)}
_REGLE_REQUISE = ("kind", "code", "parties", "tout", "description")
_TYPES_A_LISTE = ("nomenclature", "nomenclature_multiple")
_CONTRAINTES: dict[str, tuple[type, ...]] = {
    "required": (bool,),
    "minimum": (int, float),
    "maximum": (int, float),
    "maxLength": (int,),
}


def fautes_enquete(fichier: str, spec: Mapping[str, Any]) -> list[str]:
    """Faults of the top keys."""
    fautes = [f"{fichier}: clé « {cle} » inconnue" for cle in spec if cle not in _CLES_ENQUETE]
    fautes += [f"{fichier}: {faute}" for faute in _textes_manquants(spec, TEXTES)]
    if spec.get("name") != Path(fichier).stem:
        fautes.append(f"{fichier}: name = « {spec.get('name')} », le fichier s’appelle autrement")
    if (doublon := spec.get("doublon_identique", "ignorer")) not in ("ignorer", "garder"):
        fautes.append(f"{fichier}: doublon_identique = « {doublon} » (ignorer ou garder)")
    if not spec.get("champ"):
        fautes.append(f"{fichier}: aucun [[champ]]")
    return fautes


def fautes_champs(tables: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Faults of each field (file, table), and collisions of their names, titles and aliases once folded."""
    fautes: list[str] = []
    pris: dict[str, str] = {}
    noms: set[str] = set()
    for fichier, table in tables:
        nom = str(table.get("name", "(sans nom)"))
        lieu = f"{fichier} › {nom}"
        propres = _fautes_champ(table)
        fautes += [f"{lieu}: {faute}" for faute in propres]
        if nom in noms:
            fautes.append(f"{lieu}: deux champs portent ce nom")
        noms.add(nom)
        if propres:
            continue
        for entete in (nom, table["title"], *table.get("aliases", ())):
            plie = plier(entete)
            if pris.setdefault(plie, nom) != nom:
                fautes.append(f"{lieu}: l’en-tête « {entete} » désigne déjà « {pris[plie]} »")
    return fautes


def fautes_references(fichier: str, spec: Mapping[str, Any], noms: set[Any]) -> list[str]:
    """Names of fields that the key, the year, the identity and the rules cite and that are not in `noms`."""
    cites = [(cle, nom) for cle in ("cle", "millesime_de") for nom in spec.get(cle, [])]
    identite = spec.get("identite", IDENTITE)
    cites += [("identite", nom) for nom in identite.values()]
    fautes = [f"{fichier} › {cle}: « {nom} » n’est pas un champ" for cle, nom in cites if nom not in noms]
    fautes += [f"{fichier} › identite: rôle « {role} » inconnu" for role in identite if role not in IDENTITE]
    for rang, regle in enumerate(spec.get("regle", []), start=1):
        fautes += [f"{fichier} › regle {rang}: {faute}" for faute in _fautes_regle(regle, noms)]
    return fautes


def exemples_refuses(enquete: Enquete) -> list[str]:
    """Fields whose example is refused by their own type."""
    fautes = []
    contexte = Contexte(lieux=_ToutLieu())
    for champ in enquete.champs_actifs():
        lecture = type_de(champ).lire(champ.example, champ, contexte)
        if lecture.valeur is None or (lecture.code and catalogue()[lecture.code].niveau.refuse):
            cause = lecture.code or lecture.motif
            fautes.append(f"{champ.name}: l’exemple « {champ.example} » est refusé ({cause})")
    return fautes


def _textes_manquants(table: Mapping[str, Any], cles: Sequence[str]) -> list[str]:
    return [
        f"« {cle} » manque ou n’est pas un texte"
        for cle in cles
        if not isinstance(table.get(cle), str) or not table[cle]
    ]


def _fautes_champ(table: Mapping[str, Any]) -> list[str]:
    fautes = [f"clé « {cle} » inconnue" for cle in table if cle not in _CLES_CHAMP]
    fautes += _textes_manquants(table, _CHAMP_REQUIS)
    nom = str(table.get("name", ""))
    if not (nom.isidentifier() and nom.isascii() and nom.islower()):
        fautes.append("le nom s’écrit en minuscules, sans accent ni espace")
    if len(str(table.get("title", ""))) > TITRE_MAX:
        fautes.append(f"title dépasse {TITRE_MAX} caractères")
    if not all(isinstance(alias, str) for alias in table.get("aliases", [])):
        fautes.append("aliases est une liste de textes")
    type_, liste = table.get("type"), table.get("nomenclature")
    if type_ is not None and type_ not in TYPES:
        fautes.append(f"type « {type_} » inconnu (connus : {', '.join(TYPES)})")
    if liste is not None and liste not in noms_nomenclatures():
        fautes.append(f"nomenclature « {liste} » inconnue (connues : {', '.join(noms_nomenclatures())})")
    if (liste is not None) != (type_ in _TYPES_A_LISTE):
        fautes.append(f"une nomenclature va avec les types {' et '.join(_TYPES_A_LISTE)}, et eux seuls")
    fautes += [f"{cle} est une année" for cle in ("since", "until") if not isinstance(table.get(cle, 0), int)]
    return fautes + _fautes_contraintes(table)


def _fautes_contraintes(table: Mapping[str, Any]) -> list[str]:
    contraintes = table.get("constraints", {})
    if not isinstance(contraintes, dict):
        return ["constraints est une table"]
    fautes = [f"contrainte « {cle} » inconnue" for cle in contraintes if cle not in _CONTRAINTES]
    fautes += [
        f"contrainte « {cle} » = {valeur!r} n’est pas du bon genre"
        for cle, valeur in contraintes.items()
        if cle in _CONTRAINTES and type(valeur) not in _CONTRAINTES[cle]
    ]
    if not fautes and contraintes.get("minimum", 0) > contraintes.get("maximum", float("inf")):
        fautes.append("minimum dépasse maximum")
    if contraintes.get("required") and table.get("personnel"):
        fautes.append("un champ personnel ne peut pas être obligatoire")
    return fautes


def _fautes_regle(regle: Mapping[str, Any], noms: set[Any]) -> list[str]:
    fautes = [f"clé « {cle} » inconnue" for cle in regle if cle not in _CLES_REGLE]
    fautes += [f"« {cle} » manque" for cle in _REGLE_REQUISE if not regle.get(cle)]
    if regle.get("kind") not in ("partie", "somme", "plafond"):
        fautes.append(f"kind « {regle.get('kind')} » inconnu (partie, somme ou plafond)")
    if regle.get("code") not in catalogue():
        fautes.append(f"code « {regle.get('code')} » absent du catalogue des anomalies")
    cites = [*regle.get("parties", []), regle.get("tout")]
    return fautes + [f"« {nom} » n’est pas un champ" for nom in cites if nom not in noms]


class _ToutLieu:
    """A territory where every commune exists: the example of a questionnaire depends on no département."""

    def par_code(self, code: str) -> Any | None:
        return SimpleNamespace(code=code, nom=code)

    def par_nom(self, texte: str) -> Sequence[Any]:
        return [SimpleNamespace(code="00000", nom=texte)]

    def par_code_postal(self, code_postal: str) -> Sequence[Any]:
        return []

    def proche(self, texte: str) -> tuple[Any, float] | None:
        return None

    def quartiers(self, texte: str) -> Sequence[Any]:
        return [SimpleNamespace(code=texte, libelle=texte)]
