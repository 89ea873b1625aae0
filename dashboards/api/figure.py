"""One figure by its identifier: its value and sentence, and all that defends it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from dashboards import chiffre, lecture
from dashboards.api.mesures import publication
from dashboards.api.reponses import (
    FRAICHEUR,
    POUR_TOUJOURS,
    Refus,
    entetes,
    etiquette,
    inchange,
    json_reponse,
)
from dashboards.api.source import Source, ancienne, courante
from observatoire.chiffres import historique
from observatoire.chiffres.exposition import reference, repere, rubriques, statut_en_mots
from observatoire.chiffres.identifiant import Identifiant, lire_identifiant
from observatoire.chiffres.lecture import Chiffre, ChiffreInconnu, lire_chiffre
from observatoire.chiffres.lieux import nommer
from observatoire.chiffres.phrase import phrase_evolution, valeur_en_mots
from observatoire.indicators.catalogue import VUES
from observatoire.publications.licence import licence


def figure(requete: Request) -> Response:
    """`/api/figure/ID.json`: the figure, its sentence, its interval, its state."""
    identifiant, source, fraicheur = _demande(requete)
    etag = etiquette("figure", source.identite if source else None, str(identifiant))
    if (deja := inchange(requete, etag, fraicheur)) is not None:
        return deja
    contenu = _ancien(identifiant) if source is None else _valeurs(*_lire(source, identifiant))
    return json_reponse(contenu, entetes=entetes(etag, fraicheur))


def metadonnees(requete: Request) -> Response:
    """`/api/figure/ID.metadata.json`: definition, method, source, constants, deposits, query."""
    identifiant, source, fraicheur = _demande(requete)
    if source is None:
        raise Refus(
            410,
            f"Le fichier de la publication n°\u00a0{identifiant.publication} n’est plus gardé\u00a0; sa valeur l’est\u00a0: /api/figure/{identifiant}.json",
        )
    etag = etiquette("figure.metadata", source.identite, str(identifiant))
    if (deja := inchange(requete, etag, fraicheur)) is not None:
        return deja
    return json_reponse(_defense(*_lire(source, identifiant)), entetes=entetes(etag, fraicheur))


def _demande(requete: Request) -> tuple[Identifiant, Source | None, str]:
    """The identifier, its publication (None: only its figures are kept), how long the answer holds."""
    try:
        identifiant = lire_identifiant(requete.path_params["identifiant"])
    except ValueError as faute:
        raise Refus(400, str(faute)) from faute
    source = courante()
    voulue = identifiant.publication
    if voulue is None:
        return identifiant, source, FRAICHEUR
    if voulue == source.version:
        return identifiant, source, POUR_TOUJOURS
    if not 1 <= voulue < source.version:
        raise Refus(404, f"Aucune publication ne porte le numéro {voulue}.")
    return identifiant, ancienne(voulue), POUR_TOUJOURS


def _lire(source: Source, identifiant: Identifiant) -> tuple[Chiffre, str]:
    """The figure, and how it was made in a few words."""
    con = source.ouvrir()
    try:
        trouve = lire_chiffre(con, identifiant)
        [carte] = [x for x in lecture.indicateurs(con) if x.indicateur == identifiant.indicateur]
        return trouve, chiffre.methode(carte, identifiant.vue)
    except ChiffreInconnu as faute:
        raise Refus(404, str(faute)) from faute
    finally:
        con.close()


def _valeurs(c: Chiffre, methode: str) -> dict[str, Any]:
    m = c.mesure
    return {
        "identifiant": str(c.identifiant),
        "phrase": c.phrase,
        "valeur": m.valeur,
        "valeur_en_mots": valeur_en_mots(c.fiche, m),
        "unite": c.fiche.unite,
        "borne_basse": m.borne_basse,
        "borne_haute": m.borne_haute,
        "cv": m.cv,
        "n_repondants": m.n_repondants,
        "taux_reponse": m.taux_reponse,
        "statut": m.statut,
        "statut_en_mots": statut_en_mots(c),
        "indicateur": m.indicateur,
        "titre": c.fiche.titre,
        "millesime": m.millesime,
        "territoire": {"niveau": m.niveau, "code": m.code_territoire, "nom": nommer(c.lieu)},
        "domaine": m.domaine,
        "financeur": m.financeur,
        "vue": m.vue,
        "vue_en_mots": VUES[m.vue],
        "methode": methode,
        "source": c.fiche.source,
        "evolutions": [phrase_evolution(c.fiche, e, c.lieu) for e in c.evolutions],
        "citation": reference(c),
        "publication": publication(c.edition),
        "licence": licence(),
        "metadata": f"/api/figure/{c.identifiant}.metadata.json",
    }


def _defense(c: Chiffre, methode: str) -> dict[str, Any]:
    fiche = c.fiche
    return {
        "identifiant": str(c.identifiant),
        "titre": fiche.titre,
        "definition": fiche.definition,
        "unite": fiche.unite,
        "formule": fiche.formule,
        "methode": methode,
        "source": fiche.source,
        "precautions": fiche.precautions,
        "dit": fiche.dit,
        "ne_dit_pas": fiche.ne_dit_pas,
        "repere": repere(c),
        "statut_en_mots": statut_en_mots(c),
        "constantes": [asdict(x) for x in c.constantes],
        "questionnaires": list(c.questionnaires),
        "rubriques": [
            {"titre": r.titre, "lignes": [{"nom": n, "texte": t} for n, t in r.lignes]} for r in rubriques(c)
        ],
        "sql": fiche.sql,
        "citation": reference(c),
        "publication": publication(c.edition),
        "licence": licence(),
    }


def _ancien(identifiant: Identifiant) -> dict[str, Any]:
    """What is kept for ever of a figure whose publication is gone."""
    version = identifiant.publication or 0
    try:
        ancien = historique.relire(courante().settings, version, [identifiant]).get(identifiant)
    except historique.PublicationInconnue as faute:
        raise Refus(404, str(faute)) from faute
    except historique.PublicationTropAncienne as faute:
        raise Refus(410, str(faute)) from faute
    if ancien is None:
        raise Refus(404, f"Aucun chiffre «\u00a0{identifiant}\u00a0» dans cette publication.")
    return {
        "identifiant": str(identifiant),
        "phrase": None,
        **{c: v for c, v in asdict(ancien).items() if c not in ("definition", "estimateur")},
        "valeur_en_mots": valeur_en_mots(ancien, ancien),
        "publication": {"numero": version, "publie_le": historique.date_de(courante().settings, version)},
        "licence": licence(),
    }
