"""Step « Reconnaître »: what the file looks like, its questionnaire and year, its sheets, personal data."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import streamlit as st

from dashboards import format_fr as fr
from dashboards.guichet_blocs import apercu, commun, etapes, personnelles
from pipelines.guichet.en_cours import titres_questionnaires

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

ANNEES = 15


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """The whole step."""
    _constat(verdict)
    if verdict.deja:
        _deja(verdict)
    _oubliees(verdict)
    personnelles.afficher(g, chantier, verdict)
    _choix(g, chantier, verdict)
    apercu.feuilles(g, chantier, verdict)
    etapes.bas(None, "correspondre", empeche=_empeche(verdict))


def _empeche(verdict: Verdict) -> str:
    """What must be done here before going on; nothing when the step is settled."""
    if verdict.refus:
        return "Choisissez le questionnaire, l’année ou les feuilles pour continuer, ou redéposez un autre fichier."
    if verdict.deja:
        return f"Ce fichier est déjà chargé{fr.INSECABLE}: il n’y a rien de plus à faire."
    return "Retirez d’abord les données personnelles, plus haut." if verdict.bloque_par_personnel else ""


def _constat(verdict: Verdict) -> None:
    if verdict.refus:
        refus(verdict)
        return
    annee = f", année {verdict.millesimes[0]}" if len(verdict.millesimes) == 1 else ""
    raison = f"{verdict.raison.rstrip('.')}. " if verdict.raison else ""
    commun.encart(
        f"{raison}{fr.accord(verdict.lignes_lues, 'ligne lue', 'lignes lues')}.",
        f"On dirait le questionnaire «{fr.INSECABLE}{verdict.titre}{fr.INSECABLE}»{annee}",
        "bien",
    )
    if verdict.origine:
        commun.note(f"Provenance{fr.INSECABLE}: {verdict.origine}.")


def refus(verdict: Verdict) -> None:
    """Why the file is not taken, its code, and where the help is."""
    assert verdict.refus is not None
    commun.encart(
        verdict.refus["message"], f"Ce fichier ne peut pas être lu ainsi [{verdict.refus['code']}]", "refus"
    )
    commun.lien(
        "aide",
        f"Que faire{fr.FINE}? Aide {verdict.refus['code']}",
        ":material/help:",
        code=verdict.refus["code"],
    )


def _oubliees(verdict: Verdict) -> None:
    """A sheet as long as those that are read, and that is not read: never in silence."""
    oubliees = etapes.oubliees(verdict)
    if verdict.refus or not oubliees:
        return
    noms = ", ".join(
        f"«{fr.INSECABLE}{f.nom}{fr.INSECABLE}» ({fr.accord(f.lignes, 'ligne remplie', 'lignes remplies')})"
        for f in oubliees
    )
    commun.encart(
        f"{noms}. Si c’est là que sont les réponses, cochez «{fr.INSECABLE}Lire cette feuille{fr.INSECABLE}» plus bas.",
        "Une feuille de votre classeur n’est pas lue"
        if len(oubliees) < 2
        else f"{len(oubliees)} feuilles de votre classeur ne sont pas lues",
        "attention",
    )


def _deja(verdict: Verdict) -> None:
    deja = verdict.deja or {}
    qui = f" par {deja['depose_par']}" if deja.get("depose_par") else ""
    commun.encart(
        f"Ce fichier a déjà été chargé le {commun.quand(deja['depose_le'])}{qui} "
        f"({fr.accord(deja['lignes_chargees'], 'ligne')}). Rien n’a été ajouté.",
        "Déjà chargé",
        "attention",
    )
    commun.lien("depots", "Voir ce dépôt", ":material/receipt_long:", id=deja["depot_id"])


def _choix(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    commun.section("Le questionnaire et l’année", "Ce qui a été reconnu peut être changé.")
    gauche, droite = st.columns(2)
    with gauche:
        _questionnaire(g, chantier, verdict)
    with droite:
        _millesime(g, chantier, verdict)


def _questionnaire(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    titres = titres_questionnaires()
    raisons = {nom: raison for nom, _, raison in verdict.candidats}
    ordre = list(dict.fromkeys([*(nom for nom in raisons if nom in titres), *titres]))
    actuel = chantier.decisions.questionnaire or verdict.questionnaire
    choisi = st.selectbox(
        "Questionnaire",
        ordre,
        index=ordre.index(actuel) if actuel in ordre else None,
        format_func=lambda nom: titres[nom],
        placeholder="Choisissez le questionnaire",
        key=f"questionnaire-{chantier.revision}",
    )
    raison = raisons.get(choisi, "") if choisi else ""
    if raison not in ("", verdict.raison):
        commun.note(raison)
    if choisi is not None and choisi != actuel:
        commun.faire(lambda: g.decider(chantier.id, questionnaire=choisi, colonnes={}))


def _millesime(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    present = dt.date.today().year
    annees: list[int | None] = [None, *range(present + 1, present - ANNEES, -1)]
    trouvees = ", ".join(map(str, verdict.millesimes)) or "à préciser"
    actuelle = chantier.decisions.millesime
    choisie = st.selectbox(
        "Année des données",
        annees,
        index=annees.index(actuelle) if actuelle in annees else 0,
        format_func=lambda a: f"Celle que dit le fichier ({trouvees})" if a is None else str(a),
        key=f"annee-{chantier.revision}",
    )
    if choisie != actuelle:
        commun.faire(lambda: g.decider(chantier.id, millesime=choisie))
