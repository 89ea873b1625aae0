"""Blocks of « Comprendre » and « Mots »: cards with their local figure, what a power of elected officials meets."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import affichage, lecture, textes, vues
from dashboards import format_fr as fr
from dashboards.chiffre import Chiffre
from dashboards.components import blocs, cadre, carte_chiffre, export, filtres, mention, requete, tableau
from dashboards.components.donnees import Publication
from dashboards.components.filtres import Choix
from dashboards.components.tableau import Colonne
from dashboards.contenus import fiches, mots
from dashboards.contenus.fiches import Competence, Fiche
from dashboards.contenus.mots import Mot
from dashboards.modeles import Indicateur, Mesure

COMPETENCE, FICHE = "competence", "fiche"
TOUTES = "Toutes"
# Letters that a word and its plural share.
RACINE = 5


def choisir(pub: Publication) -> tuple[Choix, Competence | None, Fiche | None]:
    """Filters: place and year of the figures, power of the reader, one card or all."""
    with filtres.grille(5):
        competence = _une(
            "Mes compétences d’élu", [(c.code, c.libelle) for c in fiches.lire_competences()], COMPETENCE
        )
        fiche = _une("Carte à lire", [(f.id, f.titre) for f in fiches.lire_fiches()], FICHE)
        echelle = filtres.niveau(pub, tuple(textes.NIVEAUX))
        lieu = filtres.territoire(pub, echelle)
        annee = filtres.annee(pub)
    choix = Choix(annee, lieu, textes.TOUS, textes.TOUS_DOMAINES, vues.AU_MIEUX)
    par_code = {c.code: c for c in fiches.lire_competences()}
    par_id = {f.id: f for f in fiches.lire_fiches()}
    return choix, par_code.get(competence), par_id.get(fiche)


def _une(titre: str, choix: Sequence[tuple[str, str]], cle: str) -> str:
    """One of these (code, label), or none of them; its code is what the address carries."""
    libelles = {"": TOUTES, **dict(choix)}
    codes = {libelle: code for code, libelle in libelles.items()}
    choisi = st.selectbox(titre, list(codes), key=cle, bind="query-params")
    return codes[choisi]


def retenues(competence: Competence | None, fiche: Fiche | None) -> list[Fiche]:
    """The cards to show: one, or those of a power (the closest first), or all."""
    if fiche is not None:
        return [fiche]
    toutes = list(fiches.lire_fiches())
    if competence is None:
        return toutes
    gardees = [f for f in toutes if f.concerne(competence.code)]
    return sorted(gardees, key=lambda f: not f.competences)


def sommaire(montrees: Sequence[Fiche]) -> None:
    """The way to each card, when there are several."""
    if len(montrees) < 2:
        return
    liens = "".join(
        f'<li><a href="#{escape(f.id)}" target="_self">{escape(f.titre)}</a></li>' for f in montrees
    )
    st.html(f'<nav class="ob-sommaire" aria-label="Cartes"><ul>{liens}</ul></nav>')


def cartes(montrees: Sequence[Fiche], choix: Choix, pub: Publication) -> None:
    """Each card with the figure of the territory; a figure two cards share is shown with the first."""
    connus = {c.indicateur: c for c in pub.lire(lecture.indicateurs)}
    lieu = choix.territoire
    chiffres = pub.lire(lecture.fiche, choix.annee, lieu.niveau, lieu.code, choix.domaine)
    reference, cadrage = blocs.reference(choix, pub), blocs.cadrer(choix, pub)
    montres: dict[str, Fiche] = {}
    composes: list[Chiffre] = []
    for fiche in montrees:
        gauche, droite = st.columns([3, 2], gap="large")
        with gauche:
            st.html(texte_html(fiche))
        with droite:
            carte = connus.get(fiche.chiffre)
            if fiche.chiffre in montres:
                premiere = montres[fiche.chiffre]
                st.html(
                    f'<div class="ob-note"><p>Le chiffre d’ici est avec la carte «{fr.INSECABLE}'
                    f'<a href="#{escape(premiere.id)}" target="_self">{escape(premiere.titre)}</a>'
                    f"{fr.INSECABLE}».</p></div>"
                )
            elif carte is not None:
                montres[fiche.chiffre] = fiche
                compose = blocs.composer(carte, chiffres, reference, cadrage, pub)
                composes.append(compose)
                carte_chiffre.afficher(compose, pub)
    lignes = [
        export.ligne_mesure(c.mesure, c.carte, pub, territoire=lieu.libelle) for c in composes if c.mesure
    ]
    titre = f"Chiffres des cartes, {lieu.libelle}, {choix.annee}"
    notice = export.Notice(titre, cartes=tuple(c.carte for c in composes))
    export.boutons(lignes, pub, "comprendre", lieu.niveau, lieu.code, choix.annee, notice=notice)


def texte_html(fiche: Fiche) -> str:
    """A card of text, folded on a phone only: the words of the glossary lead to their definition."""
    paragraphes = "".join(f"<p>{mots.annoter(p)}</p>" for p in fiche.texte)
    sources = " ; ".join(fiche.sources).replace(" ;", "\u202f;")
    return (
        f'<article class="ob-lecon" id="{escape(fiche.id)}"><h2>{escape(fiche.titre)}</h2>'
        f'<p class="chapeau">{escape(fiche.chapeau)}</p><details><summary>Lire cette carte</summary>{paragraphes}'
        f'<p class="sources">Pour en savoir plus{fr.INSECABLE}: {escape(sources)}. '
        f"{_duree(fiche)}.</p></details></article>"
    )


def _duree(fiche: Fiche) -> str:
    return f"Lecture{fr.INSECABLE}: {fr.accord(fiche.minutes, 'minute', 'minutes')}"


def contribution(competence: Competence, choix: Choix, pub: Publication) -> None:
    """What the associations of the sectors of a power say here: a table by sector, never their sum."""
    lieu, libelles = choix.territoire, dict(pub.lire(lecture.domaines))
    cadre.section(
        f"{competence.libelle}{fr.INSECABLE}: ce que disent les associations",
        f"{lieu.libelle}, {choix.annee}. Une case masquée l’est pour protéger les réponses.",
    )
    domaines = [d for d in competence.secteurs if d in libelles] if lieu.niveau != "commune" else []
    if competence.secteurs and not domaines:
        st.html('<div class="ob-note"><p>Par commune, les domaines ne sont pas publiés.</p></div>')
    colonnes = [(textes.TOUS, textes.TOUS_DOMAINES), *((d, libelles[d]) for d in domaines)]
    fiches_lues = {
        code: pub.lire(lecture.fiche, choix.annee, lieu.niveau, lieu.code, code) for code, _ in colonnes
    }
    connus = {c.indicateur: c for c in pub.lire(lecture.indicateurs)}
    cartes_ = [connus[i] for i in competence.indicateurs if i in connus]
    lignes, lignes_export, montrees = [], [], list[Mesure | None]()
    for carte in cartes_:
        # One view a row: the cells of a row may be read side by side.
        vue, _ = vues.pour_indicateur(
            carte, choix.vue, lieu.niveau, avec_registre=pub.lire(lecture.est_ponderee)
        )
        mesures = [fiches_lues[code].get(carte.indicateur, {}).get(vue) for code, _ in colonnes]
        montrees += mesures
        lignes.append([carte.titre, *(_cellule(carte, m) for m in mesures), vues.libelle(carte, vue)])
        lignes_export += [
            export.ligne_mesure(m, carte, pub, territoire=lieu.libelle, domaine_libelle=libelle)
            for m, (_, libelle) in zip(mesures, colonnes, strict=True)
            if m is not None
        ]
    titre = f"{competence.libelle}, {lieu.libelle}, {choix.annee}"
    tableau.afficher(
        [
            Colonne("Indicateur", entete_de_ligne=True),
            *(Colonne(libelle, nombre=True) for _, libelle in colonnes),
            Colonne("Vue"),
        ],
        lignes,
        titre,
        provenance=mention.paires(
            vue="colonne Vue du tableau",
            methode="selon l’indicateur, écrite dans les fichiers",
            reponses="dans les fichiers à télécharger",
            source="\u202f; ".join(dict.fromkeys(c.source.rstrip(".") for c in cartes_)),
            annee=choix.annee,
            edition=pub.edition,
        ),
        requetes=requete.des(montrees),
    )
    export.boutons(
        lignes_export, pub, competence.code, lieu.niveau, lieu.code, choix.annee,
        notice=export.Notice(titre, cartes=tuple(cartes_)),
    )  # fmt: skip


def _cellule(carte: Indicateur, mesure: Mesure | None) -> str:
    unite = affichage.unite(carte, mesure)
    return f"{affichage.valeur(carte, mesure, abregee=True)} {unite}".rstrip()


def glossaire(pub: Publication) -> None:
    """The words, searched by what the address carries."""
    recherche = st.text_input(
        "Chercher un mot", key=mots.RECHERCHE, bind="query-params", placeholder="Par exemple : ETP"
    )
    trouves = mots.chercher(recherche, mots.lire_mots())
    if not trouves:
        st.info("Aucun mot ne correspond. Essayez avec moins de lettres.", icon=":material/search:")
    st.html(f'<div class="ob-lexique"><dl>{"".join(_entree(m) for m in trouves)}</dl></div>')
    lignes: list[export.Ligne] = [
        {
            "mot": m.nom,
            "ecritures": ", ".join(m.formes),
            "definition": m.definition,
            "source": m.source,
            "publication": pub.edition.version,
        }
        for m in trouves
    ]
    export.boutons(lignes, pub, "mots", notice=export.Notice("Les mots de l’observatoire"))


def _entree(mot: Mot) -> str:
    """One word: the whole entry is what a definition with a number gives its source in."""
    autres = [f for f in mot.formes if _ecrite_a_part(f, mot.nom)]
    aussi = f' <span class="aussi">Aussi{fr.INSECABLE}: {escape(", ".join(autres))}.</span>' if autres else ""
    source = (
        f' <span class="aussi">Source{fr.INSECABLE}: {escape(mot.source.rstrip("."))}.</span>'
        if mot.source
        else ""
    )
    return (
        f'<div class="ob-definition" id="{escape(mot.ancre)}"><dt>{escape(mot.nom)}</dt>'
        f"<dd>{escape(mot.definition)}{aussi}{source}</dd></div>"
    )


def _ecrite_a_part(forme: str, nom: str) -> bool:
    """True for a way of writing the word that its name does not announce (not its plural)."""
    return forme.casefold()[:RACINE] not in nom.casefold()
