"""How a measure is written: value, range or sign of its state, precision, state in words. Pure functions."""

from __future__ import annotations

from dashboards import format_fr as fr
from dashboards.modeles import Indicateur, Mesure
from dashboards.textes import ETATS, Etat


def est_plage(mesure: Mesure) -> bool:
    """A convention given as a range (no sampling error behind it) rather than an interval."""
    return mesure.cv is None and mesure.borne_basse is not None and mesure.borne_haute is not None


def est_masquee(mesure: Mesure | None) -> bool:
    """True when there is no value to show."""
    return mesure is None or mesure.valeur is None


def etat(mesure: Mesure | None) -> Etat:
    """State of a measure; a row without a value is never shown as published."""
    if mesure is None or (mesure.valeur is None and mesure.statut in ("ok", "prudence")):
        return ETATS["nd"]
    return ETATS[mesure.statut]


def valeur(carte: Indicateur, mesure: Mesure | None, *, abregee: bool = False) -> str:
    """Text of the value, of the range, or the sign of the state."""
    if mesure is None or mesure.valeur is None:
        return etat(mesure).signe
    if est_plage(mesure):
        return fr.plage(mesure.borne_basse, mesure.borne_haute, carte.unite, carte.decimales)
    ecrire = fr.valeur_abregee if abregee else fr.valeur
    return ecrire(mesure.valeur, carte.unite, carte.decimales)


def unite(carte: Indicateur, mesure: Mesure | None) -> str:
    """Unit to write after the value; none when the value carries it (€, %) or is masked."""
    muette = est_masquee(mesure) or fr.est_part(carte.unite) or fr.est_montant(carte.unite)
    return "" if muette else carte.unite


def repere(carte: Indicateur) -> str:
    """« France, 2018 : 53,0 % (source). », the published figure to read the card beside; empty when there is none."""
    if carte.repere_valeur is None:
        return ""
    forme = (carte.unite, carte.decimales)
    if carte.repere_valeur_haute is not None:
        chiffre = fr.plage(carte.repere_valeur, carte.repere_valeur_haute, *forme)
    else:
        chiffre = fr.valeur(carte.repere_valeur, *forme)
    lieu = f"{carte.repere_territoire}, {carte.repere_annee}"
    return f"{lieu}{fr.INSECABLE}: {chiffre} ({carte.repere_source.rstrip('.')})."


def repondants(carte: Indicateur, nb: int) -> str:
    """« 12 associations répondantes »: what the figure rests on."""
    if carte.theme == "subventions":
        return fr.accord(nb, "bénéficiaire")
    return fr.accord(nb, "association répondante", "associations répondantes")


def nombre_repondants(mesure: Mesure | None) -> str:
    """Number of respondents for a table cell; masked with the figure when the secret says so."""
    if mesure is None or mesure.n_repondants is None:
        return etat(mesure).signe or fr.ND
    return fr.nombre(mesure.n_repondants)


def titre_repondants(carte: Indicateur) -> str:
    """Heading of the column that counts them."""
    return "Bénéficiaires" if carte.theme == "subventions" else "Répondantes"


def precision(carte: Indicateur, mesure: Mesure | None) -> str:
    """Sentence under the value: interval, answers and response rate, or why there is no value."""
    if mesure is None or mesure.valeur is None:
        return etat(mesure).phrase
    phrases = []
    if mesure.cv is not None and mesure.borne_basse is not None and mesure.borne_haute is not None:
        intervalle = fr.plage(mesure.borne_basse, mesure.borne_haute, carte.unite, carte.decimales)
        phrases.append(f"Intervalle de confiance à 95{fr.INSECABLE}%{fr.INSECABLE}: {intervalle}.")
    if mesure.n_repondants is not None:
        phrases.append(f"D’après {repondants(carte, mesure.n_repondants)}.")
    if mesure.taux_reponse is not None:
        phrases.append(
            f"Taux de réponse à la question{fr.INSECABLE}: {fr.pourcentage(mesure.taux_reponse, 0)}."
        )
    return " ".join(phrases)
