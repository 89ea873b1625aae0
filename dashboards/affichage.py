"""How a measure is written: value, range or sign of its state, precision, state in words. Pure functions."""

from __future__ import annotations

from dashboards import format_fr as fr
from dashboards.modeles import Indicateur, Mesure
from dashboards.textes import ETATS, INDICATIF, Etat

CONFIANCE = 0.95
# Below this rate, a whole percentage would say nothing.
SEUIL_TAUX = 0.1


def est_plage(carte: Indicateur, mesure: Mesure) -> bool:
    """A convention given as a range rather than a value with its interval."""
    bornee = mesure.borne_basse is not None and mesure.borne_haute is not None
    return bornee and (carte.est_convention or mesure.cv is None)


def est_estimee(mesure: Mesure | None) -> bool:
    """True when the value has a sampling interval."""
    return mesure is not None and mesure.cv is not None and mesure.borne_basse is not None


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
    if est_plage(carte, mesure):
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
    if carte.des_financeurs:
        return fr.accord(nb, "bénéficiaire")
    return fr.accord(nb, "association répondante", "associations répondantes")


def nombre_repondants(mesure: Mesure | None) -> str:
    """Number of respondents for a table cell; masked with the figure when the secret says so."""
    if mesure is None or mesure.n_repondants is None:
        return etat(mesure).signe or fr.ND
    return fr.nombre(mesure.n_repondants)


def titre_repondants(carte: Indicateur) -> str:
    """Heading of the column that counts them."""
    return "Bénéficiaires" if carte.des_financeurs else "Répondantes"


def intervalle(carte: Indicateur, mesure: Mesure | None) -> str:
    """« Entre 32 214 et 44 928 (95 %) », with what the reader must know of it; empty when there is none."""
    if mesure is None or mesure.valeur is None or not est_estimee(mesure):
        return ""
    confiance = f"{fr.nombre(100 * CONFIANCE)}{fr.INSECABLE}%"
    if est_plage(carte, mesure):
        return f"La fourchette réunit les deux conventions de prix et l’incertitude à {confiance}\u202f; {INDICATIF}."
    bornes = fr.entre(mesure.borne_basse, mesure.borne_haute, carte.unite, carte.decimales)
    return f"{bornes[:1].upper()}{bornes[1:]} ({confiance} de confiance)\u202f; {INDICATIF}."


def bornes(carte: Indicateur, mesure: Mesure | None) -> str:
    """The interval in a table cell: « 10 – 14 »; a dash when the figure has none."""
    if mesure is None or mesure.valeur is None or not est_estimee(mesure):
        return "–"
    forme = (mesure.borne_basse, mesure.borne_haute, carte.unite, carte.decimales)
    return fr.plage(*forme, ("", "–")).strip()


def reponses(carte: Indicateur, mesure: Mesure | None) -> str:
    """« 12 associations répondantes, 20 % de celles dont l’activité est connue »; the sign of the state when masked."""
    if mesure is None or mesure.n_repondants is None:
        return etat(mesure).signe or fr.ND
    texte = repondants(carte, mesure.n_repondants)
    if mesure.taux_reponse is None or not mesure.n_repondants:
        return texte
    taux = fr.pourcentage(mesure.taux_reponse, 0 if mesure.taux_reponse >= SEUIL_TAUX else 1)
    return f"{texte}, soit {taux} de celles dont le registre connaît l’activité"


def lecture(carte: Indicateur, mesure: Mesure | None) -> str:
    """Sentence under the value: interval and caution, or why there is no value."""
    if mesure is None or mesure.valeur is None:
        return etat(mesure).phrase
    return " ".join(p for p in (intervalle(carte, mesure), etat(mesure).phrase) if p)


def precision(carte: Indicateur, mesure: Mesure | None) -> str:
    """The same, and the answers it rests on."""
    if mesure is None or mesure.valeur is None:
        return etat(mesure).phrase
    return f"{lecture(carte, mesure)} D’après {reponses(carte, mesure)}.".strip()
