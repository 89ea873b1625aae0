"""What each invented association says of 2024 and 2025, questionnaire by questionnaire."""

from __future__ import annotations

import random

from demonstration_population import ANNEES, CONTENU, Association, alea, tirer

COUT_ETP = 38_000
EQUIPE_MAX = 200
CONTRATS = ("nb_cdi", "nb_cdd", "nb_vacations", "nb_alternants", "nb_cddi")
FINANCEURS = ("montant_sub", "montant_commandes", "montant_mecenat")
CONSENTEMENTS = {"nominatif": 40, "agrege": 45, "non": 4, None: 11}
INTERVENTION = {"commune": 46, "epci": 24, "departement": 14, "quartier": 9, "region": 4, "national": 3}
EN_QUARTIER = {"social": 0.5, "education": 0.45, "economie": 0.5, "sante": 0.35}
SUIVI_DES_DROITS = {"social": 0.6, "sante": 0.4, "droits": 0.35, "education": 0.1}
PART_MINEURS = {"sport": 0.5, "education": 0.35, "culture": 0.2, "loisirs": 0.12}


def repondre(associations: list[Association]) -> list[Association]:
    """Give every association its answers, both years."""
    for partie in (_fiche, _ressources, _emploi, _benevolat, _quartiers_et_droits, _gouvernance):
        tirage = alea(partie.__name__)
        for association in associations:
            partie(tirage, association)
    return associations


def part_de(rng: random.Random, nombre: int, part: float) -> int:
    """How many of `nombre` people, each with the chance `part`."""
    return sum(rng.random() < part for _ in range(nombre))


def arrondi(montant: float) -> int:
    """A budget line as associations write it: tens of euros, then hundreds."""
    return round(montant, -1 if montant < 2_000 else -2).__int__()


def _fiche(rng: random.Random, a: Association) -> None:
    secteur = CONTENU["secteurs"][a.secteur]
    creation = 2023 - int(min(rng.expovariate(1 / 19), 110))
    adherents = round(rng.lognormvariate(4.3, 1.0)) + 5
    fiche = {
        "secteur": a.secteur,
        "annee_creation": creation,
        "employeuse": a.employeuse,
        "territoire_intervention": tirer(rng, INTERVENTION),
        "publics": rng.choice(secteur["publics"]),
        "consentement": tirer(rng, CONSENTEMENTS),
    }
    mineurs = PART_MINEURS.get(a.secteur, 0.03)
    for annee in ANNEES:
        reponse = {**a.identite(annee), **fiche, "nb_adherents": adherents}
        reponse["nb_adherents_femmes"] = part_de(rng, adherents, secteur["femmes"])
        reponse["nb_adherents_moins_18"] = part_de(rng, adherents, mineurs)
        reponse["nb_beneficiaires"] = round(adherents * rng.uniform(0.8, 5)) if rng.random() < 0.6 else None
        a.reponses["associations", annee] = reponse
        adherents = max(5, round(adherents * rng.lognormvariate(0.02, 0.08)))


def _ressources(rng: random.Random, a: Association) -> None:
    """Resources that add up to their total; few associations hold most of the money."""
    taille = rng.lognormvariate(12.3, 1.15) if a.employeuse else rng.lognormvariate(9.1, 1.05)
    poids = {}
    for champ, (part_sans, part_avec, moyenne, _) in CONTENU["ressources"].items():
        if rng.random() < (part_avec if a.employeuse else part_sans):
            poids[champ] = moyenne * rng.gammavariate(1.2, 1)
    poids = poids or {"montant_cotisations": 1.0}
    montants = {champ: taille * p / sum(poids.values()) for champ, p in poids.items()}
    for annee in ANNEES:
        lignes = {champ: m for champ, montant in montants.items() if (m := arrondi(montant))}
        if rng.random() < 0.45:
            lignes["montant_produits_financiers"] = rng.randint(3, 250)
        total = sum(lignes.values())
        financeurs = [m for c, m in lignes.items() if c.startswith(FINANCEURS)]
        reponse = {**a.identite(annee), "montant_total": total, **lignes}
        reponse["montant_charges"] = arrondi(total * rng.lognormvariate(-0.01, 0.06))
        reponse["montant_fonds_propres"] = arrondi(total * rng.uniform(-0.05, 0.7))
        reponse["montant_tresorerie"] = arrondi(total * rng.uniform(-0.02, 0.5))
        reponse["montant_premier_financeur"] = max(financeurs, default=None)
        if a.employeuse:
            deposes = round(rng.expovariate(1 / 3))
            reponse["taux_pluriannuel"] = round(rng.choice((0, 0, 1, 2, 3, 4, 6, 8)) * 0.05, 2)
            reponse["nb_aap_deposes"], reponse["nb_aap_obtenus"] = deposes, part_de(rng, deposes, 0.5)
            reponse["heures_aap"] = deposes * rng.randint(12, 45)
        a.reponses["ressources", annee] = reponse
        for champ in montants:
            montants[champ] *= rng.lognormvariate(CONTENU["ressources"][champ][3], 0.1)


def _emploi(rng: random.Random, a: Association) -> None:
    """Staff paid with about half of the budget; an association without staff writes 0."""
    quotite = min(1.0, max(0.35, rng.gauss(0.68, 0.13)))
    insertion = 0.45 if a.secteur == "economie" else 0.0
    # One person after the other, the same in both years: the team grows or shrinks by its last members.
    equipe = rng.choices(CONTRATS, (70, 17, 6, 7, 100 * insertion), k=EQUIPE_MAX)
    profils = [(rng.random(), rng.random(), rng.random()) for _ in range(EQUIPE_MAX)]
    femmes = CONTENU["secteurs"][a.secteur]["femmes"] + 0.08
    court = rng.choice((0, 0, 0.1, 0.2, 0.4))
    for annee in ANNEES:
        budget = a.reponses["ressources", annee]["montant_total"]
        etp = round(max(0.1, 0.55 * budget / COUT_ETP), 1) if a.employeuse else 0.0
        salaries = max(1, round(etp / quotite)) if a.employeuse else 0
        reponse = {**a.identite(annee), "nb_salaries": salaries, "etp_total": etp}
        for contrat in CONTRATS:
            reponse[contrat] = equipe[:salaries].count(contrat)
        presents = profils[:salaries]
        reponse["nb_contrats_aides"] = sum(aide < 0.08 for aide, _, _ in presents)
        reponse["nb_temps_partiel"] = sum(partiel < 0.53 for _, partiel, _ in presents)
        reponse["nb_femmes"] = sum(femme < femmes for _, _, femme in presents)
        reponse["etp_financement_moins_12_mois"] = round(etp * court, 1)
        reponse["nb_postes_non_pourvus"] = part_de(rng, salaries, 0.04)
        reponse["nb_departs"] = part_de(rng, salaries, 0.12)
        a.reponses["emploi", annee] = reponse


def _benevolat(rng: random.Random, a: Association) -> None:
    """Volunteers and their time: the mean of the hours is about 2.8 times their median (methods.md §0)."""
    femmes = CONTENU["secteurs"][a.secteur]["femmes"]
    reguliers = max(2, round(rng.lognormvariate(2.1, 1.0)))
    occasionnels = round(rng.lognormvariate(2.2, 1.0)) if rng.random() < 0.8 else 0
    heures = min(900.0, rng.lognormvariate(4.0, 1.3))
    ponctuelles = min(60.0, rng.lognormvariate(2.0, 0.7))
    unite = tirer(rng, {"an": 78, "semaine": 12, "mois": 6, "total": 4})
    sans_heures = rng.random() < 0.11
    semaines = {"semaine": rng.randint(28, 46), "mois": 52}.get(unite)
    for annee in ANNEES:
        distincts = reguliers + occasionnels
        dirigeants = min(distincts, rng.randint(3, 12))
        reponse = {
            **a.identite(annee),
            "nb_benevoles_distincts": distincts,
            "nb_benevoles_reguliers": reguliers,
            "nb_benevoles_occasionnels": occasionnels,
            "nb_dirigeants": dirigeants,
            "nb_dirigeants_femmes": part_de(rng, dirigeants, 0.39),
            "nb_benevoles_femmes": part_de(rng, distincts, femmes),
            "nb_benevoles_moins_30": part_de(rng, distincts, 0.16),
        }
        if a.secteur == "social" and rng.random() < 0.15:
            reponse["heures_contraintes"] = rng.randrange(20, 300, 10)
        total_reguliers, total_occasionnels = round(reguliers * heures), round(occasionnels * ponctuelles)
        if unite == "total":
            reponse["heures_total_an"] = total_reguliers + total_occasionnels
        elif not sans_heures:
            diviseur = {"an": 1, "mois": 12}.get(unite, semaines or 1)
            reponse["heures_reguliers"] = max(1, round(total_reguliers / diviseur))
            reponse["heures_occasionnels"] = round(total_occasionnels / diviseur)
            reponse["unite_heures"] = None if unite == "an" and rng.random() < 0.3 else unite
            reponse["nb_semaines_activite"] = semaines
        a.reponses["benevolat", annee] = reponse
        reguliers = max(2, round(reguliers * rng.lognormvariate(-0.03, 0.12)))
        occasionnels = round(occasionnels * rng.lognormvariate(0.01, 0.18))
        heures = min(900.0, heures * rng.lognormvariate(-0.01, 0.08))


def _quartiers_et_droits(rng: random.Random, a: Association) -> None:
    """Who acts in a priority district, and what those who help people see of the rights not taken up."""
    en_quartier = rng.random() < EN_QUARTIER.get(a.secteur, 0.12)
    part = rng.betavariate(4, 3) if en_quartier else rng.betavariate(1, 14)
    suit = rng.random() < SUIVI_DES_DROITS.get(a.secteur, 0.02)
    for annee in ANNEES:
        fiche = a.reponses["associations", annee]
        beneficiaires = fiche["nb_beneficiaires"]
        fiche["qpv"] = en_quartier if rng.random() < 0.9 else None
        if beneficiaires and rng.random() < 0.7:
            fiche["nb_beneficiaires_qpv"] = part_de(rng, beneficiaires, part)
        if beneficiaires and suit:
            fiche["nb_situations_non_recours"] = part_de(rng, beneficiaires, rng.uniform(0.05, 0.3))
            fiche["nb_droits_ouverts"] = part_de(rng, fiche["nb_situations_non_recours"], 0.45)


def _gouvernance(rng: random.Random, a: Association) -> None:
    """Age and renewal of the boards; a fifth of the associations know what they spend on their volunteers."""
    compte_soutien = rng.random() < 0.2
    for annee in ANNEES:
        reponse = a.reponses["benevolat", annee]
        dirigeants = reponse["nb_dirigeants"]
        ages = [rng.random() for _ in range(dirigeants)]
        reponse["nb_dirigeants_moins_40"] = sum(age < 0.17 for age in ages)
        reponse["nb_dirigeants_65_plus"] = sum(age > 0.64 for age in ages)
        reponse["nb_dirigeants_nouveaux"] = part_de(rng, dirigeants, 0.12)
        if compte_soutien:
            soutien = reponse["nb_benevoles_distincts"] * rng.uniform(15, 120)
            reponse["montant_soutien_benevoles"] = arrondi(max(soutien, 50))
