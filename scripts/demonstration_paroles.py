"""« Parole du terrain »: a sentence in some answers, with or without consent, and what the moderators decide of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from demonstration_population import ANNEES, ICI, Association, alea
from demonstration_salissures import Tableau

PAROLES: list[dict[str, Any]] = tomllib.loads(
    (ICI / "demonstration" / "paroles.toml").read_text(encoding="utf-8")
)["parole"]
ACCORD = {"oui": True, "non": False, "vide": None}
RETIREE = "non"
EN_TETE = (
    "# Ce que la relecture décide des extraits de la démonstration. Récrit par scripts/demonstration.py."
)


def parler(tableau: Tableau, associations: Iterable[Association]) -> list[dict[str, str]]:
    """Give each sentence to a clean answer of its sector, year and place; the decisions to apply once loaded."""
    rng = alea("paroles")
    epci = {a.nom: a.commune["code_epci"] for a in associations}
    libres = set(range(len(tableau.lignes))) - tableau.sales - tableau.reserves
    decisions = []
    for parole in PAROLES:
        annee = parole.get("annee", ANNEES[-1])
        rangs = [
            rang
            for rang, ligne in enumerate(tableau.lignes)
            if rang in libres
            and ligne["annee"] == annee
            and ligne["secteur"] == parole["secteur"]
            and epci[ligne["nom_association"]] == parole.get("epci", epci[ligne["nom_association"]])
            and ligne["consentement"] != RETIREE
        ]
        rang = rng.choice(rangs)
        libres.remove(rang)
        ligne = tableau.lignes[rang]
        texte, coupe = (parole.get(c, "").format(commune=ligne["commune"]) for c in ("texte", "coupe"))
        ligne["publier_parole"] = ACCORD[parole.get("publier", "oui")]
        if "code" in parole:
            tableau.planter(rang, "parole", parole["genre"], texte, parole["code"])
            continue
        ligne["parole"] = texte
        decision = parole.get("decision", "accepter")
        if ligne["publier_parole"] and decision != "attendre":
            decisions.append({"texte": texte, "coupe": coupe, "raison": parole.get("raison", "")})
    return decisions


def en_toml(decisions: Iterable[Mapping[str, str]]) -> str:
    """The decisions as the demonstration reads them: accepted, unless a cut or a reason of refusal is written."""
    lignes = [EN_TETE]
    for decision in decisions:
        lignes += ["", "[[parole]]"]
        lignes += [f"{cle} = {json.dumps(v, ensure_ascii=False)}" for cle, v in decision.items() if v]
    return "\n".join(lignes) + "\n"
