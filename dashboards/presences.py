"""Representativity in words a non-statistician reads: who answered beside whom the register holds. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from dashboards import format_fr as fr
from dashboards.modeles import Operation, Presence, Redressement
from observatoire.estimation.cadre import LIBELLES_CLASSES

DIMENSIONS = {
    "employeuse": "Emploi",
    "taille": "Taille",
    "secteur": "Domaine",
    "epci": "Intercommunalité",
}
AUTRES = "autres"
SEUIL_HASARD, SEUIL_NET = 0.05, 0.001
_EMPLOI = {"employeuse": "Avec au moins un salarié", "sans": "Sans salarié"}
_MARGES = {"groupes": "groupes de taille et de domaine"}
SANS_REGISTRE = (
    "Répondantes seulement\u00a0: aucun registre des associations n’est chargé. On ne peut pas dire à qui les "
    "répondantes ressemblent, ni combien d’associations se sont tues\u202f; les chiffres ne parlent que d’elles. "
    "Pour charger un registre\u00a0: `observatoire sources ajouter rna FICHIER`, puis `observatoire publier`."
)


def libelles(
    dimension: str, domaines: Mapping[str, str], intercommunalites: Mapping[str, str]
) -> dict[str, str]:
    """Names of the levels of a dimension."""
    autres = {AUTRES: "Autres, réunies (trop peu de réponses)"}
    connus: dict[str, Mapping[str, str]] = {
        "employeuse": _EMPLOI,
        "taille": LIBELLES_CLASSES,
        "secteur": domaines,
        "epci": intercommunalites,
    }
    return {**connus.get(dimension, {}), **autres}


def participation(bilan: Redressement) -> str:
    """How many answered, out of how many; the rate is a range, since nobody knows how many are active."""
    if bilan.n_repondantes is None or not bilan.n_bas or not bilan.n_haut:
        return ""
    bas, haut = fr.pourcentage(bilan.taux_bas, 0), fr.pourcentage(bilan.taux_haut, 0)
    taux = bas if bas == haut else f"entre {bas} et {haut}"
    return (
        f"{fr.accord(bilan.n_repondantes, 'association a répondu', 'associations ont répondu')} pour "
        f"{bilan.millesime}. Le registre en connaît {fr.nombre(bilan.n_bas)} dont une preuve d’activité est récente, "
        f"{fr.nombre(bilan.n_haut)} en comptant celles que rien ne dit disparues\u00a0: {taux} ont répondu."
    )


def ecart(bilan: Redressement, noms: Mapping[str, Mapping[str, str]]) -> str:
    """The widest gap between those who answered and the register."""
    if bilan.ecart_max is None or not bilan.ecart_ou:
        return ""
    dimension, _, modalite = (m.strip() for m in bilan.ecart_ou.partition(":"))
    nom = noms.get(dimension, {}).get(modalite, modalite)
    sens = "plus nombreuses" if bilan.ecart_max > 0 else "moins nombreuses"
    points = fr.nombre(abs(100 * bilan.ecart_max), 1)
    return (
        f"Le plus grand écart{fr.INSECABLE}: les associations «{fr.INSECABLE}{nom}{fr.INSECABLE}» "
        f"({DIMENSIONS.get(dimension, dimension).lower()}) sont {sens} parmi les répondantes que dans le registre, de "
        f"{points}{fr.INSECABLE}points."
    )


def hasard(bilan: Redressement) -> str:
    """What χ² says, in words first."""
    if bilan.chi2 is None or bilan.chi2_p is None:
        return ""
    if bilan.chi2_p < SEUIL_HASARD:
        verdict = (
            "Un tel écart ne vient guère du hasard\u00a0: toutes les associations n’ont pas répondu avec la même "
            "facilité, et c’est ce que la vue représentative corrige."
        )
    else:
        verdict = "Un tel écart peut venir du hasard\u00a0: rien ne montre que les répondantes diffèrent du registre."
    p = (
        f"p{fr.INSECABLE}<{fr.INSECABLE}{fr.tel_quel(SEUIL_NET)}"
        if bilan.chi2_p < SEUIL_NET
        else (f"p{fr.INSECABLE}={fr.INSECABLE}{fr.nombre(bilan.chi2_p, 3)}")
    )
    libertes = fr.accord(bilan.chi2_ddl or 0, "degré de liberté", "degrés de liberté")
    return f"{verdict} (χ²{fr.INSECABLE}={fr.INSECABLE}{fr.nombre(bilan.chi2, 1)}, {libertes}, {p}.)"


def poids(bilan: Redressement) -> str:
    """What the weights cost: how many associations an answer stands for, and what precision is left."""
    if bilan.poids_min is None or bilan.poids_max is None or bilan.n_efficace is None:
        return ""
    marges = [_MARGES.get(m.strip(), m.strip()) for m in (bilan.marges or "").split(",") if m.strip()]
    return (
        f"Dans la vue représentative, une réponse vaut de {fr.nombre(bilan.poids_min, 1)} à "
        f"{fr.nombre(bilan.poids_max, 1)} associations. La précision est celle de {fr.nombre(bilan.n_efficace)} réponses "
        f"de même poids. Redressement sur{fr.INSECABLE}: {', '.join(marges) or 'aucune marge'}."
    )


def reserves(bilan: Redressement) -> list[str]:
    """What the register does not know, and why a year has no weights."""
    dites = []
    if bilan.refus:
        dites.append(
            f"Pas de vue représentative pour {bilan.millesime}{fr.INSECABLE}: {bilan.refus.rstrip('.')}."
        )
    if bilan.est_salariat is False:
        dites.append("Le registre ne dit pas qui emploie\u00a0: la taille n’a pas pu être corrigée.")
    if bilan.est_date is False:
        dites.append(
            "Le registre ne date pas les déclarations\u00a0: les poids reposent sur toutes les associations que "
            "rien ne dit disparues."
        )
    return dites


def taux(presence: Presence) -> str:
    """Response rate of a level, a range when the two counts of the register differ."""
    if presence.taux_bas is None or presence.taux_haut is None:
        return fr.ND
    bas, haut = fr.pourcentage(presence.taux_bas, 0), fr.pourcentage(presence.taux_haut, 0)
    return bas if bas == haut else f"{bas} à {haut}"


def operation(ligne: Operation, noms: Mapping[str, Mapping[str, str]]) -> str:
    """« Intercommunalité : CC Brie Nangissienne réunie avec les autres (trop peu de répondantes) »."""
    plats = {code: nom for libelle in noms.values() for code, nom in libelle.items()} | {AUTRES: "les autres"}

    def dire(codes: str) -> str:
        return " + ".join(plats.get(c, c) for c in codes.split("+"))

    etape, _, classe = (m.strip() for m in ligne.etape.partition(","))
    ou = DIMENSIONS.get(etape.lower(), etape[:1].upper() + etape[1:])
    ou = f"{ou} ({dire(classe)})" if classe else ou
    suite = "abandonné" if ligne.vers == "abandon" else f"avec {dire(ligne.vers)}"
    return f"{ou}{fr.INSECABLE}: {dire(ligne.groupe)}, {suite} ({ligne.raison})."
