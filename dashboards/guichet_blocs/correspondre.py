"""Step « Faire correspondre »: one line per expected column, required first; what is not found is open."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun, etapes

if TYPE_CHECKING:
    from pipelines.guichet import Guichet
    from pipelines.guichet.en_cours import Chantier, Verdict

ABSENTE = "Pas dans mon fichier"
ETATS = {"trouve": "trouvée", "choisi": "choisie", "constante": "même valeur partout"}
Choix = dict[str, tuple[str | None, str]]


def afficher(g: Guichet, chantier: Chantier, verdict: Verdict) -> None:
    """The whole step, as one form: nothing moves until « Continuer »."""
    if verdict.memoire:
        commun.encart(
            f"Correspondance de «{fr.INSECABLE}{verdict.memoire}{fr.INSECABLE}» reprise. Vous pouvez la changer.",
            genre="bien",
        )
        if st.button("Ne pas reprendre", icon=":material/restart_alt:", key="sans-memoire"):
            commun.faire(
                lambda: g.refuser_memoire(chantier.id),
                "Correspondance oubliée pour ce dépôt. Regardez-la de nouveau.",
            )
    ouvertes = [c for c in verdict.colonnes if not _reglee(c)]
    reglees = [c for c in verdict.colonnes if _reglee(c)]
    ouvertes.sort(key=lambda c: (not c.obligatoire, c.etat != "propose", not c.propositions))
    titres = _titres(verdict)
    choix: Choix = {}
    with st.form(f"colonnes-{chantier.revision}", border=False):
        _ouvertes([c for c in ouvertes if _demande(c)], titres, chantier.revision, choix)
        _repliees(reglees, [c for c in ouvertes if not _demande(c)], titres, chantier.revision, choix)
        with st.container(horizontal=True, key="suite"):
            retour = st.form_submit_button("Retour", icon=":material/arrow_back:")
            suite = st.form_submit_button("Continuer", type="primary")
    _inconnues(verdict)
    if retour:
        etapes.passer("reconnaitre")
    if suite:
        _appliquer(g, chantier, verdict, choix)


def _reglee(colonne: Any) -> bool:
    return colonne.etat in ETATS


def _demande(colonne: Any) -> bool:
    """True for a column worth a look: required, or the file has something like it."""
    return colonne.obligatoire or colonne.etat == "propose" or bool(colonne.propositions)


def etat(colonne: Any) -> str:
    """State of an expected column in words."""
    if colonne.etat == "propose":
        return (
            f"proposée, {fr.pourcentage((colonne.score or 0) / (100 if (colonne.score or 0) > 1 else 1), 0)}"
        )
    if colonne.etat == "absent":
        return "à choisir" if _demande(colonne) else "pas dans mon fichier"
    return ETATS[colonne.etat]


def _titres(verdict: Verdict) -> list[str]:
    """Every title of the file, those that feed nothing first."""
    libres = [c.entete for c in verdict.inconnues]
    return list(dict.fromkeys([*libres, *(c.entete for c in verdict.colonnes if c.entete)]))


def _ouvertes(colonnes: list[Any], titres: list[str], revision: int, choix: Choix) -> None:
    if not colonnes:
        commun.encart("Toutes les colonnes utiles de votre fichier ont été reconnues.", genre="bien")
        return
    commun.section(
        "À regarder",
        "Pour chaque information attendue, dites quelle colonne de votre fichier la contient.",
    )
    for colonne in colonnes:
        with st.container(border=True, key=f"attendue-{colonne.champ}"):
            st.html(carte(colonne))
            _choisir(colonne, titres, revision, choix)


def _repliees(
    reglees: list[Any], absentes: list[Any], titres: list[str], revision: int, choix: Choix
) -> None:
    groupes = (
        (reglees, fr.accord(len(reglees), "colonne reconnue", "colonnes reconnues")),
        (
            absentes,
            fr.accord(len(absentes), "information absente", "informations absentes") + " de votre fichier",
        ),
    )
    for colonnes, titre in groupes:
        if colonnes:
            with st.expander(titre):
                for colonne in colonnes:
                    st.html(carte(colonne))
                    _choisir(colonne, titres, revision, choix)


def carte(colonne: Any) -> str:
    """An expected column: title, state, header and letter in the file, examples."""
    obligatoire = '<span class="gu-marque">obligatoire</span> ' if colonne.obligatoire else ""
    lieu = ""
    if colonne.entete:
        lieu = f"Colonne {colonne.lettre} «\u00a0{colonne.entete}\u00a0»"
    elif colonne.valeur is not None:
        lieu = f"Valeur de toutes les lignes\u00a0: {colonne.valeur}"
    elif colonne.propositions:
        lieu = f"Colonnes proches\u00a0: {', '.join(colonne.propositions)}"
    exemples = f" — par exemple {', '.join(colonne.exemples)}" if colonne.exemples else ""
    detail = f'<p class="gu-detail">{escape(lieu + exemples)}</p>' if lieu else ""
    return (
        f'<div class="gu-colonne"><h3>{escape(colonne.titre)}</h3>'
        f'<p>{obligatoire}<span class="gu-marque {escape(colonne.etat)}">{escape(etat(colonne))}</span></p>'
        f'<p class="gu-detail">{escape(colonne.description)}</p>{detail}</div>'
    )


def _choisir(colonne: Any, titres: list[str], revision: int, choix: Choix) -> None:
    proches = [t for t in colonne.propositions if t in titres]
    options: list[str | None] = [None, *dict.fromkeys([*proches, *titres])]
    retenu = st.selectbox(
        f"Colonne de mon fichier pour {commun.proteger(colonne.titre)}",
        options,
        index=options.index(colonne.entete) if colonne.entete in options else 0,
        format_func=lambda t: ABSENTE if t is None else t,
        key=f"colonne-{colonne.champ}-{revision}",
    )
    constante = ""
    if colonne.etat == "constante" or (colonne.obligatoire and colonne.etat == "absent"):
        constante = st.text_input(
            "… ou la même valeur pour toutes les lignes",
            value=colonne.valeur or "",
            max_chars=120,
            key=f"constante-{colonne.champ}-{revision}",
        )
    choix[colonne.champ] = (retenu, constante.strip())


def decisions(actuelles: Any, colonnes: list[Any], choix: Choix) -> dict[str, dict[str, str | None]]:
    """Only what the person changed: titles that move, titles that feed nothing, values for every row."""
    titres, constantes = dict(actuelles.colonnes), dict(actuelles.constantes)
    for colonne in colonnes:
        retenu, constante = choix.get(colonne.champ, (colonne.entete, colonne.valeur or ""))
        if retenu != colonne.entete:
            if colonne.entete is not None and titres.get(colonne.entete, colonne.champ) == colonne.champ:
                titres[colonne.entete] = None
            if retenu is not None:
                titres[retenu] = colonne.champ
        elif colonne.etat == "propose" and retenu is not None:
            titres[retenu] = colonne.champ
        if constante and retenu is None:
            constantes[colonne.champ] = constante
        else:
            constantes.pop(colonne.champ, None)
    return {"colonnes": titres, "constantes": constantes}


def _appliquer(g: Guichet, chantier: Chantier, verdict: Verdict, choix: Choix) -> None:
    nouvelles = decisions(chantier.decisions, verdict.colonnes, choix)
    avant = {"colonnes": dict(chantier.decisions.colonnes), "constantes": dict(chantier.decisions.constantes)}
    st.query_params["etape"] = "verifier"
    if nouvelles != avant:
        commun.faire(lambda: g.decider(chantier.id, **nouvelles))
        return
    manquantes = etapes.manquantes(verdict)
    if manquantes:
        st.warning(
            commun.proteger(
                f"Il manque encore une colonne obligatoire{fr.INSECABLE}: {', '.join(manquantes)}."
            ),
            icon=":material/info:",
        )
        return
    st.rerun()


def _inconnues(verdict: Verdict) -> None:
    if not verdict.inconnues:
        return
    nb = fr.accord(len(verdict.inconnues), "autre colonne", "autres colonnes")
    with st.expander(f"{nb} de votre fichier, sans usage dans les chiffres"):
        commun.note("Elles sont conservées dans l’archive du dépôt et n’entrent dans aucun chiffre.")
        tableau.afficher(
            (
                Colonne("Feuille"),
                Colonne("Colonne"),
                Colonne("Titre", entete_de_ligne=True),
                Colonne("Exemples"),
            ),
            [[c.feuille, c.lettre, c.entete, ", ".join(c.exemples)] for c in verdict.inconnues],
            "Colonnes conservées dans l’archive",
            defilant=len(verdict.inconnues) > 10,
        )
