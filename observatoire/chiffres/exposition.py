"""All that defends a figure, in French: headings, labels and texts, for the command line, a page or a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from observatoire.chiffres.lecture import Chiffre, Constante
from observatoire.chiffres.lieux import nommer
from observatoire.chiffres.phrase import (
    MONTRES,
    SANS_SECRET,
    composer,
    intervalle_en_mots,
    phrase_evolution,
    valeur_en_mots,
)
from observatoire.chiffres.quantites import quantite
from observatoire.domain.francais import FINE, INSECABLE, date_courte, ecrire_nombre
from observatoire.estimation.systeme import TOUS
from observatoire.indicators.catalogue import REPONDANTES, VUES, francais

STATUTS = {
    "ok": "publié",
    "prudence": "publié, à lire avec prudence",
    "non_publie": "non publié (n. p.)",
    "secret": "masqué par le secret (s. s.)",
    "nd": "non disponible (n. d.)",
}
MESURE, EVOLUTION = "Ce qu’il mesure", "Évolution"
_ESTIMEE = (
    "Une estimation pour toutes les associations du cadre\u00a0: ce qui suit, écrit pour les répondantes, s’y lit "
    "pour l’ensemble."
)


class Rubrique(NamedTuple):
    """A heading and its lines (label, text); an empty label is a paragraph."""

    titre: str
    lignes: tuple[tuple[str, str], ...]


def rubriques(chiffre: Chiffre) -> list[Rubrique]:
    """The headings that have something to say, in reading order; the query is apart (`fiche.sql`)."""
    fiche = chiffre.fiche
    toutes = (
        Rubrique("Le chiffre", tuple(_chiffre(chiffre))),
        Rubrique(
            EVOLUTION, tuple(("", phrase_evolution(fiche, e, chiffre.lieu)) for e in chiffre.evolutions)
        ),
        Rubrique("Pourquoi il n’est pas montré", tuple(_absence(chiffre))),
        Rubrique(
            MESURE,
            tuple(
                (titre, texte)
                for titre, texte in (
                    ("Dans cette vue", _ESTIMEE if chiffre.mesure.vue != REPONDANTES else ""),
                    ("Définition", fiche.definition),
                    ("Formule", fiche.formule),
                    ("Précautions", fiche.precautions),
                    ("Ce qu’il dit", fiche.dit),
                    ("Ce qu’il ne dit pas", fiche.ne_dit_pas),
                    ("Repère", repere(chiffre)),
                    ("Source", fiche.source),
                )
                if texte
            ),
        ),
        Rubrique("Constantes", tuple((c.libelle or c.id, _constante(c)) for c in chiffre.constantes)),
        Rubrique("Poids", tuple(_poids(chiffre))),
        Rubrique("Dépôts dont les réponses peuvent y entrer", tuple(_depots(chiffre))),
    )
    return [
        Rubrique(r.titre, tuple((nom, composer(texte)) for nom, texte in r.lignes))
        for r in toutes
        if r.lignes
    ]


def statut_en_mots(chiffre: Chiffre) -> str:
    """The status, and what it rests on."""
    texte = STATUTS[chiffre.mesure.statut]
    if chiffre.mesure.statut == "prudence":
        return f"{texte} (réponses peu nombreuses, dispersées, ou souvent laissées vides)"
    return texte


def repere(chiffre: Chiffre) -> str:
    """The published figure to read it beside; empty when the card has none."""
    f = chiffre.fiche
    if f.repere_valeur is None:
        return ""
    valeurs = [v for v in (f.repere_valeur, f.repere_valeur_haute) if v is not None]
    texte = " à ".join(quantite(v, f.unite, f.decimales or 0) for v in valeurs)
    return f"{texte} ({f.repere_territoire}, {f.repere_annee}). {f.repere_source}"


def reference(chiffre: Chiffre) -> str:
    """How a document cites it: identifier, publication and date."""
    return f"{chiffre.identifiant}, publication n°{INSECABLE}{chiffre.edition.version} du {date_courte(chiffre.edition.publie_le)}"


def _chiffre(c: Chiffre) -> Iterator[tuple[str, str]]:
    m = c.mesure
    valeur, intervalle = valeur_en_mots(c.fiche, m), intervalle_en_mots(c.fiche, m)
    if valeur:
        yield "Valeur", f"{valeur} (zéro compté, et non une absence de réponse)" if m.valeur == 0 else valeur
        if intervalle and intervalle != valeur:
            yield "Intervalle", f"{intervalle} (indicatif{INSECABLE}: les réponses sont volontaires)"
        elif not intervalle:
            yield "Intervalle", "aucun"
    yield "Fiabilité", statut_en_mots(c)
    if m.cv is not None:
        yield "Coefficient de variation", quantite(m.cv, "part", 1)
    yield "Vue", f"{VUES.get(m.vue, m.vue)}{'' if m.vue != REPONDANTES else ' (répondantes seulement)'}"
    yield "Territoire", nommer(c.lieu)
    yield "Domaine", c.domaine or "tous les domaines"
    if m.financeur != TOUS:
        yield "Financeur", m.financeur
    yield "Année", str(m.millesime)
    yield (
        "Associations comptées" if c.fiche.secret == SANS_SECRET else "Associations qui ont répondu",
        "non dit" if m.n_repondants is None else ecrire_nombre(m.n_repondants),
    )
    if c.fiche.secret != SANS_SECRET:
        taux = "inconnu sans registre" if m.taux_reponse is None else quantite(m.taux_reponse, "part", 1)
        yield "Taux de réponse", taux
    depuis = (
        f"{FINE}; inchangé depuis la publication n°{INSECABLE}{m.publication}"
        if m.publication != c.edition.version
        else ""
    )
    yield "Publication", f"n°{INSECABLE}{c.edition.version} du {date_courte(c.edition.publie_le)}{depuis}"
    if c.edition.fictif:
        yield "Attention", "données fictives de démonstration"


def _absence(c: Chiffre) -> Iterator[tuple[str, str]]:
    """Why a figure may be hidden, in general: nothing here depends on what it hides."""
    if c.mesure.statut in MONTRES:
        return
    if c.mesure.statut == "nd":
        yield "", "Aucune réponse reçue ne permet de le calculer. Ce n’est pas un zéro."
        return
    if c.mesure.statut == "non_publie":
        yield (
            "",
            (
                f"Un chiffre n’est pas publié quand son coefficient de variation dépasse {_part(c.seuils, 'cv_non_publie')}, "
                f"ou quand plus de {_part(c.seuils, 'non_reponse_inutilisable')} des associations n’ont pas répondu à la question."
            ),
        )
        return
    if c.fiche.raison_secret:
        yield "Règle", c.fiche.raison_secret
    yield (
        "",
        (
            f"Un chiffre est masqué dans l’un de ces cas, et rien ne dit lequel{INSECABLE}: moins de "
            f"{_entier(c.seuils, 'secret_min_associations')} associations (pour des personnes, moins de "
            f"{_entier(c.seuils, 'secret_min_personnes')} personnes ou de {_entier(c.seuils, 'secret_min_unites')} associations)"
            f"{FINE}; une association qui fait à elle seule plus de {_part(c.seuils, 'secret_dominance')} du total{FINE}; tout le monde "
            f"a donné la même réponse à une question sensible{FINE}; un autre chiffre masqué se déduirait de celui-ci{FINE}; la case est "
            f"vide, et masquée pour que «{INSECABLE}masqué{INSECABLE}» ne veuille rien dire{FINE}; il l’était déjà dans la publication précédente."
        ),
    )


def _constante(c: Constante) -> str:
    depuis = f", depuis le {date_courte(c.valable_du)}" if c.valable_du else ""
    unite = f"{INSECABLE}{c.unite}" if c.unite else ""
    return f"{francais(c.valeur)}{unite} ({c.statut}{depuis}). {c.source}"


def _poids(c: Chiffre) -> Iterator[tuple[str, str]]:
    if c.fiche.secret == SANS_SECRET:
        yield "", "Aucun poids : données publiées, telles quelles."
        return
    if c.mesure.vue == REPONDANTES:
        yield (
            "",
            "Répondantes seulement : chaque association compte pour une, rien n’est étendu aux autres.",
        )
        return
    r = c.redressement or {}
    nombres: tuple[tuple[str, str, int], ...] = (
        ("Répondantes pesées", "n_repondantes", 0), ("Cadre, compte bas", "n_bas", 0), ("Cadre, compte haut", "n_haut", 0),
        ("Taille efficace", "n_efficace", 1), ("Effet du plan", "deff", 2), ("Plus petit poids", "poids_min", 2),
        ("Plus grand poids", "poids_max", 2),
    )  # fmt: skip
    for titre, cle, decimales in nombres:
        if r.get(cle) is not None:
            yield titre, ecrire_nombre(r[cle], decimales)
    if r.get("taux_bas") is not None:
        yield (
            "Taux de réponse",
            f"de {quantite(r['taux_bas'], 'part', 1)} à {quantite(r['taux_haut'], 'part', 1)}",
        )
    if r.get("ecart_max") is not None:
        yield (
            "Plus grand écart au cadre",
            f"{quantite(100 * r['ecart_max'], 'points', 1, signe=True)} ({r['ecart_ou']})",
        )
    if r.get("marges"):
        yield "Marges calées", str(r["marges"])
    for operation in c.journal:
        if operation.get("est_ensemble"):
            yield str(operation["etape"]), _operation(operation)
    yield (
        "",
        (
            "Ces poids sont ceux de l’ensemble des répondantes de l’année ; une question à laquelle toutes n’ont pas répondu a "
            "les siens, faits de la même manière."
        ),
    )


def _operation(o: Mapping[str, Any]) -> str:
    vers = f" → {o['vers']}" if o.get("vers") else ""
    return f"{o['groupe']}{vers}{INSECABLE}: {o['raison']}" if o.get("raison") else f"{o['groupe']}{vers}"


def _depots(c: Chiffre) -> Iterator[tuple[str, str]]:
    for d in c.depots:
        annee = f", données de {d.millesime}" if d.millesime else ""
        fictif = ", fictif" if d.fictif else ""
        quand = f", déposé le {date_courte(d.depose_le)}" if d.depose_le else ""
        yield (
            d.depot_id,
            f"{d.questionnaire} ({d.source or 'tableur'}){quand}{annee}{fictif}",
        )
    if not c.depots and not c.questionnaires:
        yield (
            "",
            "Aucun dépôt : ce chiffre vient du registre des associations.",
        )


def _part(seuils: Mapping[str, float], cle: str) -> str:
    return quantite(seuils[cle], "part", 0) if cle in seuils else "un seuil"


def _entier(seuils: Mapping[str, float], cle: str) -> str:
    return ecrire_nombre(seuils[cle], 0) if cle in seuils else "n"
