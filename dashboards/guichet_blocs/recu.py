"""Receipt of a loaded deposit: the equality that nothing was lost, the printable page, what can be done next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.export import nom_fichier
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun
from dashboards.textes import ETATS, STATUTS_DEPOT
from observatoire.comptes.identite import Role
from observatoire.storage import paroles

if TYPE_CHECKING:
    from pipelines.guichet import Guichet

HAUTEUR = 700
# Lines of the journal that are not about a deposit.
RAPPROCHER, DEFAIRE, RETENIR = "rapprocher", "defaire_rapprochement", "retenir"


def etat(depot: Any) -> str:
    """Status of a deposit in words; one that waits for a second person says so."""
    mot = STATUTS_DEPOT.get(depot.statut, depot.statut)
    return "à valider par une autre personne" if depot.actif and depot.a_valider else mot


def invariant(depot: Any) -> None:
    """Lines read = loaded + pending + ignored, with the numbers."""
    comptes = (depot.lignes_chargees, depot.lignes_en_attente, depot.lignes_ignorees)
    st.html(
        '<div class="ob-invariant"><p>Lignes lues = chargées + en attente + ignorées</p>'
        f'<p class="egalite">{fr.nombre(depot.lignes_lues)} = {" + ".join(map(fr.nombre, comptes))}</p></div>'
    )


def afficher(g: Guichet, depot_id: str) -> None:
    """Everything about one deposit: counts, receipt, what may be done, its journal."""
    with commun.phrases():
        depot = g.depot(depot_id)
        commun.encart(
            f"{depot.nom_fichier} ({etat(depot)}), déposé le {commun.quand(depot.depose_le)}"
            f"{f' par {depot.depose_par}' if depot.depose_par else ''}. Dépôt {depot_id}.",
            "C’est chargé" if depot.actif else "Ce dépôt est annulé",
            "bien" if depot.actif else "attention",
        )
        invariant(depot)
        _suites(g, depot)
        _recu(g, depot_id)
        noms = {d.depot_id: d.nom_fichier for d in g.depots()}
        journal(g.journal(depot_id), "Ce qui a été fait sur ce dépôt", noms, seul=True)


def _recu(g: Guichet, depot_id: str) -> None:
    page = g.recu(depot_id)
    commun.section("Le reçu", "À garder ou à imprimer.")
    st.download_button(
        "Télécharger le reçu",
        page.encode("utf-8"),
        file_name=f"{nom_fichier('recu', depot_id)}.html",
        mime="text/html",
        on_click="ignore",
        icon=":material/print:",
        key="recu",
    )
    with st.expander("Lire le reçu ici"):
        st.iframe(page, height=HAUTEUR, alt=f"Reçu du dépôt {depot_id}")


def _suites(g: Guichet, depot: Any) -> None:
    depot_id, deposant, valideur = depot.depot_id, g.qui.peut(Role.DEPOSANT), g.qui.peut(Role.VALIDEUR)
    valider = reprise = retablir = False
    with st.container(horizontal=True, key="actions"):
        if depot.actif and depot.a_valider and valideur:
            valider = st.button("Valider ce dépôt", type="primary", icon=":material/verified:", key="valider")
        if depot.actif and depot.lignes_en_attente and deposant:
            reprise = st.button(
                "Reprendre les lignes en attente", icon=":material/edit_note:", key="reprendre"
            )
        if not depot.actif and deposant:
            retablir = st.button("Rétablir ce dépôt", type="primary", icon=":material/redo:", key="retablir")
        if depot.actif and valideur:
            commun.lien("publications", "Publier les chiffres", ":material/publish:")
    if depot.actif and deposant:
        _annuler(g, depot_id)
    if valider:
        commun.faire(lambda: g.valider(depot_id), "Dépôt validé. Publiez pour mettre les chiffres à jour.")
    if reprise:
        reprendre(g, depot_id)
    if retablir:
        commun.faire(lambda: g.retablir(depot_id), "Dépôt rétabli. Publiez pour mettre les chiffres à jour.")


def reprendre(g: Guichet, depot_id: str) -> None:
    """Open the deposit again at the step of its problems."""
    with commun.phrases():
        commun.aller("depot", depot=g.reprendre(depot_id), etape="verifier")


def _annuler(g: Guichet, depot_id: str) -> None:
    cle = f"annuler-{depot_id}"
    if st.query_params.get("confirmer") == cle:
        with commun.phrases():
            with st.spinner("Calcul de ce qui change dans les chiffres…"):
                touches = g.apercu_annulation(depot_id)
            chiffres(touches)
    commun.confirmer(
        cle,
        "Annuler ce dépôt",
        "Ses lignes sortiront des chiffres à la prochaine publication. Rien n’est effacé\u00a0: "
        "vous pourrez le rétablir.",
        ":material/undo:",
        lambda: commun.faire(lambda: g.annuler(depot_id), "Dépôt annulé. Vous pouvez le rétablir."),
    )


def chiffres(touches: list[Any]) -> None:
    """Figures that move: before and after."""
    commun.section("Les chiffres qui bougent", "Pour tout le département, à la prochaine publication.")
    if not touches:
        commun.note("Aucun chiffre publié ne change.")
        return
    tableau.afficher(
        (
            Colonne("Indicateur", entete_de_ligne=True),
            Colonne("Année", nombre=True),
            Colonne("Avant", nombre=True),
            Colonne("Après", nombre=True),
            Colonne("Réponses", nombre=True),
        ),
        [
            [
                t.titre,
                str(t.millesime),
                _chiffre(t.avant, t.statut_avant, t),
                _chiffre(t.apres, t.statut_apres, t),
                f"{fr.nombre(t.n_avant)} → {fr.nombre(t.n_apres)}",
            ]
            for t in touches
        ],
        "Avant et après l’annulation",
        defilant=len(touches) > 10,
    )


def _chiffre(valeur: float | None, statut: str | None, touche: Any) -> str:
    """A figure as the public pages would write it, or the sign of its state."""
    if valeur is None:
        return ETATS[statut].signe if statut in ETATS else ETATS["nd"].signe
    return fr.valeur(valeur, touche.unite, touche.decimales)


ACTES = {
    "charger": "a chargé",
    "annuler": "a annulé",
    "retablir": "a rétabli",
    "remplacer": "a remplacé",
    "valider": "a validé",
    "publier": "a publié",
    "rattacher": "a rattaché les noms sans numéro",
    "purger": "a purgé l’archive",
    "oublier": "a effacé une association",
    RAPPROCHER: "a décidé pour",
    DEFAIRE: "est revenu sur",
    RETENIR: "a retenu une correspondance",
    paroles.ACTES[paroles.ACCEPTEE]: "a accepté un extrait",
    paroles.ACTES[paroles.COUPEE]: "a coupé un extrait",
    paroles.ACTES[paroles.REFUSEE]: "a refusé un extrait",
    paroles.REVENIR: "est revenu sur un extrait",
}
ETATS_DITS = {
    **STATUTS_DEPOT,
    paroles.ACCEPTEE: "accepté",
    paroles.COUPEE: "coupé",
    paroles.REFUSEE: "refusé",
    paroles.A_RELIRE: "à relire",
}


NOMS_INCONNUS: Mapping[str, str] = {}
COLONNES_JOURNAL = ("Quand", "Qui", "Quoi", "Dépôt", "Détail")


def journal(
    lignes: list[Any], legende: str, noms: Mapping[str, str] = NOMS_INCONNUS, *, seul: bool = False
) -> None:
    """Lines of the journal: when, who, what; the deposit, by its file name, is left out when it is the only one."""
    commun.section(legende)
    if not lignes:
        commun.note("Rien pour le moment.")
        return
    titres = [t for t in COLONNES_JOURNAL if not (seul and t == "Dépôt")]
    textes = [dict(zip(COLONNES_JOURNAL, ligne_journal(x, noms), strict=True)) for x in lignes]
    tableau.afficher(
        [Colonne(t, entete_de_ligne=t == "Quand") for t in titres],
        [[texte[t] for t in titres] for texte in textes],
        legende,
        defilant=len(lignes) > 12,
    )


def ligne_journal(ligne: Any, noms: Mapping[str, str] = NOMS_INCONNUS) -> list[str]:
    """A line of the journal in words."""
    if ligne.quoi == RETENIR:
        objet, detail = "", ""
    elif ligne.quoi in (RAPPROCHER, DEFAIRE):
        objet, detail = ligne.objet.partition(":")[2], _rapprochement(ligne.apres)
    else:
        etats = [ETATS_DITS.get(e, noms.get(e, e)) for e in (ligne.avant, ligne.apres) if e]
        objet = f"{noms[ligne.objet]} ({ligne.objet})" if ligne.objet in noms else ligne.objet
        detail = " → ".join(etats)
    return [
        commun.quand(ligne.quand),
        commun.qui(ligne.qui),
        ACTES.get(ligne.quoi, ligne.quoi),
        objet,
        detail,
    ]


def _rapprochement(etats: str) -> str:
    """What was decided for a name, from the state of each of its candidates."""
    lies = [
        vers.replace(":", fr.INSECABLE) for vers, etat_ in json.loads(etats).items() if etat_ == "confirme"
    ]
    if lies:
        return f"même association que {', '.join(lies)}"
    return "à décider" if "a_decider" in json.loads(etats).values() else "aucune des propositions"
