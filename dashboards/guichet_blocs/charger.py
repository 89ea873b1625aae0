"""Step « Charger »: replace or add, with the differences first; then one button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun, etapes, suivi, verifier

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

GENRES = {
    "nouvelle": ("nouvelle", "nouvelles"),
    "changee": ("changée", "changées"),
    "identique": ("identique", "identiques"),
    "disparue": ("disparue", "disparues"),
}
AJOUT = ""


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """The whole step."""
    _remplacement(g, chantier, verdict)
    if verdict.differences is not None and chantier.remplace:
        differences(verdict.differences, {c.champ: c.titre for c in verdict.colonnes})
    verifier.resume(verdict)
    _refus(g, chantier)
    with st.container(horizontal=True, key="suite"):
        if st.button("Retour", icon=":material/arrow_back:", key="retour"):
            etapes.passer("verifier")
        if st.button(
            f"Charger {fr.accord(verdict.lignes_chargees, 'ligne')}",
            type="primary",
            icon=":material/done_all:",
            disabled=not verdict.chargeable,
            key="charger",
        ):
            commun.faire(lambda: g.charger(chantier.id))


def en_cours(g: Guichet, chantier: Chantier) -> None:
    """Progress of the load."""
    suivi.attendre(
        lambda: not g.chargement_en_cours(chantier.id), lambda: ("Chargement, d’un seul tenant", 0.9)
    )


def _remplacement(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    par_id: dict[str, dict[str, Any] | None] = {d["depot_id"]: d for d in verdict.remplacables}
    if chantier.remplace:
        par_id.setdefault(chantier.remplace, None)
    if not par_id:
        return
    commun.section(
        "Ajouter ou remplacer",
        "Des dépôts du même questionnaire et de la même année sont déjà chargés. Celui-ci en prend-il la place ?",
    )
    options = [AJOUT, *par_id]
    actuel = chantier.remplace or AJOUT
    choisi = st.radio(
        "Ce dépôt",
        options,
        index=options.index(actuel),
        format_func=lambda o: commun.proteger(_libelle(o, par_id.get(o))),
        key=f"remplace-{chantier.revision}",
    )
    if choisi != actuel:
        commun.faire(lambda: g.remplacer(chantier.id, choisi or None))


def _libelle(choix: str, depot: dict[str, Any] | None) -> str:
    if choix == AJOUT:
        return "s’ajoute aux autres"
    if depot is None:
        return f"remplace le dépôt {choix}"
    qui = f" par {depot['depose_par']}" if depot["depose_par"] else ""
    return (
        f"remplace «{fr.INSECABLE}{depot['nom_fichier']}{fr.INSECABLE}», déposé le "
        f"{commun.quand(depot['depose_le'])}{qui} ({fr.accord(depot['lignes_chargees'], 'ligne')})"
    )


def differences(brut: dict[str, Any], titres: Mapping[str, str]) -> None:
    """What the replacement changes, line by line."""
    comptes = brut["comptes"]
    phrase = ", ".join(
        fr.accord(comptes.get(genre, 0), *mots).replace(fr.INSECABLE, " ") for genre, mots in GENRES.items()
    )
    commun.section("Ce que le remplacement change", f"Lignes{fr.INSECABLE}: {phrase}.")
    lignes = [ligne for d in brut["lignes"] for ligne in _lignes(d, titres)]
    if not lignes:
        commun.encart("Aucune valeur ne change.", genre="bien")
        return
    tableau.afficher(
        (
            Colonne("Association", entete_de_ligne=True),
            Colonne("Ligne"),
            Colonne("Donnée"),
            Colonne("Avant"),
            Colonne("Après"),
        ),
        lignes,
        "Différences avec le dépôt remplacé",
        defilant=len(lignes) > 10,
    )
    if brut["total"] > len(brut["lignes"]):
        commun.note(
            f"{fr.nombre(len(brut['lignes']))} lignes montrées sur {fr.nombre(brut['total'])} qui diffèrent."
        )


def _lignes(difference: dict[str, Any], titres: Mapping[str, str]) -> list[list[str]]:
    mot = GENRES[difference["genre"]][0]
    repere = difference.get("repere") or difference["cle"]
    champs = difference.get("champs") or {}
    if difference["genre"] != "changee" or not champs:
        return [[repere, mot, "", "", ""]]
    return [
        [repere, mot, titres.get(champ, champ), _texte(avant), _texte(apres)]
        for champ, (avant, apres) in champs.items()
    ]


def _texte(valeur: object) -> str:
    if valeur is None or valeur == "":
        return "(vide)"
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    return fr.tel_quel(valeur) if isinstance(valeur, int | float) else str(valeur)


def _refus(g: Guichet, chantier: Chantier) -> None:
    _, raison = g.chargement(chantier.id)
    if raison:
        commun.encart(raison, "Le chargement n’a pas eu lieu", "refus")
