"""The rows that are not one answer per association: anonymous answers of people, published grants."""

from __future__ import annotations

import datetime as dt
import random

from demonstration_population import (
    ANNEES,
    BLOC_SIREN,
    CONTENU,
    TERRITOIRES,
    Association,
    Reponse,
    de,
    lire_csv,
    siret_invente,
    tirer,
)

NB_UTILITE = 40
NB_SUBVENTIONS = 600
PUBLICATION_MIN = 3_500  # smaller communes need not publish their grants
GRANDE = 20_000  # above, a grant pays for running the association
ONS4 = {"ons4_satisfaction": 6.9, "ons4_utilite": 7.3, "ons4_bonheur": 6.8, "ons4_anxiete": 3.4}
GSES = tuple(f"gses_{i}" for i in range(1, 11))
OMS5 = tuple(f"oms5_{i}" for i in range(1, 6))
ACCORD = (
    "Pas du tout d’accord",
    "Plutôt pas d’accord",
    "Ni d’accord ni pas d’accord",
    "Plutôt d’accord",
    "Tout à fait d’accord",
    "Ne sait pas",
)
LIKERT = (
    "li_lien_social",
    "li_confiance",
    "li_competences",
    "li_autonomie",
    "li_acces_droits",
    "li_pouvoir_agir",
)
DISPOSITIFS = {"satisfaction": 50, "retrospectif": 25, "avant_apres": 25}


def utilite(rng: random.Random, associations: list[Association]) -> list[Reponse]:
    """About 900 answers over 40 associations, one row per anonymous person; a few rows are groups."""
    chances = {"social": 5, "education": 4, "sante": 3, "economie": 3, "culture": 2}
    tirages = sorted(associations, key=lambda a: -(rng.random() ** (1 / chances.get(a.secteur, 1))))
    reponses = []
    for rang, a in enumerate(tirages[:NB_UTILITE]):
        dispositif, ecart = tirer(rng, DISPOSITIFS), rng.gauss(0, 0.5)
        for annee in a.annees:
            commun = {**a.identite(annee), "dispositif": dispositif}
            nombre = min(45, 5 + round(rng.expovariate(1 / 7.5)))
            if dispositif == "avant_apres":
                reponses += _avant_apres(rng, commun, nombre, ecart)
            else:
                reponses += [{**commun, "vague": "unique", **_personne(rng, ecart)} for _ in range(nombre)]
            if rang % 13 == 0:
                reponses.append({**commun, "vague": "unique", **_groupe(rng, ecart)})
    return reponses


def _avant_apres(rng: random.Random, commun: Reponse, nombre: int, ecart: float) -> list[Reponse]:
    """The same people twice, tied by a code they make; a quarter does not come back, a few forget their code."""
    avant, apres = [], []
    for jour in rng.sample(range(1, 100), nombre):
        code = "".join(rng.choices("ABCDEFGHJKLMNPRSTUVZ", k=2)) + f"{jour:02d}"
        humeur = ecart + rng.gauss(0, 0.8)
        avant.append({**commun, "vague": "avant", "code_vague": code, **_personne(rng, ecart, humeur - 0.6)})
        if rng.random() < 0.75:
            retrouve = code if rng.random() < 0.95 else None
            suite = _personne(rng, ecart, humeur + rng.gauss(0, 0.3))
            apres.append({**commun, "vague": "apres", "code_vague": retrouve, **suite})
    for reponse in avant + apres:
        humeur = 0.35 * (reponse["vague"] == "apres")
        reponse |= {champ: min(4, max(1, round(rng.gauss(2.8 + humeur, 0.7)))) for champ in GSES}
    return avant + apres


def _note(rng: random.Random, moyenne: float, ecart_type: float, haut: int) -> int:
    return min(haut, max(0, round(rng.gauss(moyenne, ecart_type))))


def _personne(rng: random.Random, ecart: float, humeur: float | None = None) -> Reponse:
    if humeur is None:
        humeur = ecart + rng.gauss(0, 0.8)
    reponse: Reponse = {"nb_repondants": 1}
    for champ, moyenne in ONS4.items():
        sens = -1 if champ == "ons4_anxiete" else 1
        reponse[champ] = _note(rng, moyenne + sens * humeur, 1.5, 10) if rng.random() > 0.03 else None
    complet = rng.random() > 0.06
    for champ in OMS5:
        reponse[champ] = _note(rng, 3.1 + humeur / 2, 0.9, 5) if complet else None
    for champ in LIKERT:
        poids = (4, 10 - 2 * ecart, 20, 38 + 5 * ecart, 22 + 5 * ecart, 6)
        reponse[champ] = rng.choices(ACCORD, poids)[0] if rng.random() > 0.04 else None
    return reponse


def _groupe(rng: random.Random, ecart: float) -> Reponse:
    """Means of a group whose answers stay with the association."""
    reponse: Reponse = {"nb_repondants": rng.randint(12, 40)}
    reponse["oms5_score"] = round(rng.gauss(63 + 5 * ecart, 4), 1)
    for champ, moyenne in ONS4.items():
        reponse[champ] = round(moyenne + rng.gauss(0, 0.3), 1)
    return reponse


def subventions(rng: random.Random, associations: list[Association]) -> list[Reponse]:
    """600 of the grants that the associations count in their resources, as their funders publish them."""
    epci = {z["code"]: z["libelle"] for z in lire_csv(TERRITOIRES) if z["niveau"] == "epci"}
    accordees = [
        (a, annee, champ, montant)
        for annee in ANNEES
        for a in associations
        if annee in a.annees
        for champ in CONTENU["financeurs"]
        if (montant := a.reponses["ressources", annee].get(champ))
        and not (champ == "montant_sub_commune" and int(a.commune["population"]) < PUBLICATION_MIN)
    ]
    retenues = sorted(rng.sample(range(len(accordees)), min(NB_SUBVENTIONS, len(accordees))))
    numeros: dict[str, int] = {}
    lignes: list[Reponse] = []
    for a, annee, champ, montant in (accordees[i] for i in retenues):
        fiche = CONTENU["financeurs"][champ]
        nom = fiche["nom"].format(epci=epci[a.commune["code_epci"]], de_commune=de(a.commune["nom"]))
        numero = numeros.setdefault(nom, len(numeros))
        jour = dt.date(annee, rng.randint(2, 10), rng.randint(1, 28))
        dispositif = rng.choice(fiche["dispositifs"])
        lignes.append(
            {
                "nom_attribuant": nom,
                "id_attribuant": siret_invente(BLOC_SIREN, 8000 + numero),
                "date_convention": jour,
                "annee_exercice": annee,
                "reference_decision": f"DEMO-{annee}-{len(lignes) + 1:04d}",
                "nom_beneficiaire": a.nom,
                "id_beneficiaire": a.siret,
                "rna_beneficiaire": a.rna if a.siret is None or rng.random() < 0.8 else None,
                "objet": rng.choice(fiche["objets"] if montant < GRANDE else fiche["objets"][:1]).format(
                    annee=annee
                ),
                "montant": montant,
                "nature": "aide en numéraire",
                "conditions_versement": rng.choice(("unique", "unique", "échelonné")),
                "dates_versement": f"{jour}_{jour + dt.timedelta(days=rng.randint(20, 200))}",
                "notification_ue": False,
                "pourcentage": 1,
                "dispositif": dispositif or None,
            }
        )
    return lignes
