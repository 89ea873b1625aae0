"""Page « Requêtes »: the query, its rows or the sentence that says why there are none, and their CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import export, tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun
from observatoire.comptes.identite import AccesRefuse
from observatoire.requetes.dire import RequeteRefusee
from observatoire.requetes.executer import Bornes, empreinte
from observatoire.storage.erreurs import PublicationAbsente

if TYPE_CHECKING:
    from observatoire.requetes.contenu import Contenu
    from observatoire.requetes.executer import Resultat
    from pipelines.guichet import Guichet

SQL, FAIT, EXEMPLE = "requetes-sql", "requetes-fait", "requetes-exemple"
MONTREES = 100
LONGUEUR = 200
BORNES = Bornes()
AVERTIR = (
    "Ces réponses sont celles d’associations reconnaissables, et rien n’est masqué ici\u00a0: un résultat qui sort de cette page "
    "ne se diffuse pas sans le secret statistique. Le journal garde qui a interrogé et la forme de la requête, jamais ses valeurs."
)


def ouvrir(g: Guichet) -> Contenu | None:
    """What the file holds; None, with a sentence, when there is nothing to query."""
    try:
        contenu = g.contenu_analyse()
    except PublicationAbsente as absente:
        commun.encart(str(absente), genre="attention")
        return None
    if contenu is None:
        commun.encart("Aucune publication n’a encore été faite\u00a0: il n’y a rien à interroger.")
    return contenu


def ecrire(g: Guichet, contenu: Contenu) -> None:
    """The form, an example to start from, and what the last query gave."""
    commun.encart(AVERTIR, genre="attention")
    commun.section(
        "Écrire une requête", f"Publication n°\u00a0{contenu.version} du {fr.date_courte(contenu.publie_le)}."
    )
    st.selectbox(
        "Partir d’un exemple",
        [titre for titre, _ in contenu.exemples],
        index=None,
        placeholder="Choisir un exemple",
        key=EXEMPLE,
        on_change=_reprendre,
        args=(dict(contenu.exemples),),
    )
    with st.form("requete", border=False):
        st.text_area(
            "Requête SQL", key=SQL, height=220, placeholder="select … from enquete.benevolat limit 20"
        )
        lancer = st.form_submit_button("Lancer", type="primary", icon=":material/play_arrow:")
    if lancer:
        st.session_state[FAIT] = _lancer(g, contenu)
    if fait := st.session_state.get(FAIT):
        _montrer(*fait)


def _reprendre(exemples: dict[str, str]) -> None:
    """Put the example chosen where the query is written."""
    if choisi := st.session_state.get(EXEMPLE):
        st.session_state[SQL] = exemples[choisi]


def _lancer(g: Guichet, contenu: Contenu) -> tuple[str, Contenu, Resultat | RequeteRefusee] | None:
    sql = st.session_state[SQL]
    try:
        with st.spinner("La requête tourne…"):
            return sql, contenu, g.interroger(sql)
    except RequeteRefusee as refus:
        return sql, contenu, refus
    except AccesRefuse as refus_acces:
        commun.encart(str(refus_acces), genre="refus")
        return None


def _montrer(sql: str, contenu: Contenu, fait: Resultat | RequeteRefusee) -> None:
    if isinstance(fait, RequeteRefusee):
        commun.encart(str(fait), "La requête n’a rien donné", "refus")
        if fait.place:
            st.code(fait.place.extrait, language=None)
        if fait.dit:
            with st.expander("Ce que dit DuckDB"):
                st.code(fait.dit, language=None, wrap_lines=True)
        return
    commun.note(_phrase(fait))
    noms = colonnes_uniques([nom for nom, _ in fait.colonnes])
    tableau.afficher(
        [Colonne(nom, nombre=nombre) for nom, (_, nombre) in zip(noms, fait.colonnes, strict=True)],
        [[_cellule(v) for v in ligne] for ligne in fait.lignes[:MONTREES]],
        "Résultat de la requête",
        defilant=True,
    )
    if fait.lignes:
        commun.telecharger_csv(
            "Télécharger le résultat (CSV)", lignes_csv(fait, contenu), "requete",
            f"publication-{contenu.version}", empreinte(sql),
        )  # fmt: skip


def _phrase(fait: Resultat) -> str:
    """How many rows, in how long, and what was cut."""
    dit = f"{fr.accord(len(fait.lignes), 'ligne')} en {fr.nombre(fait.secondes, 1)}\u00a0s."
    if fait.coupe:
        bornes = {"lignes": fr.accord(BORNES.lignes, "ligne"), "volume": f"{BORNES.volume >> 20}\u00a0Mo"}
        dit += (
            f" Le résultat est plus long\u00a0: il est coupé à {bornes[fait.coupe]}, à l’écran comme dans le CSV. "
            "Regroupez, ou ajoutez une condition."
        )
    if len(fait.lignes) > MONTREES:
        dit += f" L’écran montre les {MONTREES} premières\u00a0; le CSV les a toutes."
    if fait.abregees:
        dit += f" {fr.accord(fait.abregees, 'cellule trop longue', 'cellules trop longues')} pour un tableur\u00a0: la fin manque."
    return dit


def _cellule(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, float):
        return fr.decimal_csv(valeur) or ""
    texte = str(valeur)
    return texte if len(texte) <= LONGUEUR else f"{texte[: LONGUEUR - 1]}…"


def colonnes_uniques(noms: list[str]) -> list[str]:
    """The names, a second of the same name numbered."""
    vus: dict[str, int] = {}
    uniques = []
    for nom in noms:
        vus[nom] = vus.get(nom, 0) + 1
        uniques.append(nom if vus[nom] == 1 else f"{nom}_{vus[nom]}")
    return uniques


def lignes_csv(fait: Resultat, contenu: Contenu) -> list[export.Ligne]:
    """Rows for the file: those of the query, then what each export of the house says of where it comes from."""
    origine: dict[str, export.Valeur] = {
        "source": "Fichier des analystes, réponses et poids non masqués",
        "publication": contenu.version,
        "publie_le": fr.date_iso(contenu.publie_le),
        "donnees_fictives": contenu.fictif,
    }
    noms = colonnes_uniques([*(nom for nom, _ in fait.colonnes), *origine])
    return [dict(zip(noms, (*ligne, *origine.values()), strict=True)) for ligne in fait.lignes]
