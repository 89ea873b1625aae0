"""Blocks of « Trajectoires »: all the associations each year, and beside them the same ones; what moved, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go
import streamlit as st

from dashboards import (
    affichage,
    chiffre,
    lecture,
    lecture_comparer,
    lecture_derivees,
    textes,
    trajectoire,
    vues,
)
from dashboards import format_fr as fr
from dashboards.components import cadre, encart, export, filtres, images, mention, requete, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.contenus.evenements import Evenement, evenements_de
from dashboards.figures import lignes, theme
from dashboards.modeles import Evolution, Indicateur, Mesure, Territoire
from dashboards.trajectoire import COUPES, PANEL, Point
from observatoire.chiffres.requete import requete_evolutions

CONSTANTS = "constants"
D_OFFICE = "participations"
# Rows of the table, in the order in which the two kinds of lines are shown.
TITRES = {COUPES: "Chaque année, toutes les réponses", PANEL: "Les mêmes associations, chaque année"}


@dataclass(frozen=True, slots=True)
class Suivi:
    """What is followed: indicator, place, sector, view, kind of euros; the figures, and what moved.

    `mesures` are in the euros shown, `publiees` as the publication gives them: only these have an identifier.
    """

    carte: Indicateur
    lieu: Territoire
    domaine: str
    domaine_libelle: str
    vue: str
    raison: str
    prix: str
    mesures: tuple[Mesure, ...]
    publiees: tuple[Mesure, ...]
    evolutions: Mapping[str, list[Evolution]]
    ruptures: Mapping[int, str]

    @property
    def annees(self) -> list[int]:
        """Years with a figure, shown or not."""
        return [m.millesime for m in self.mesures]

    @property
    def evenements(self) -> tuple[Evenement, ...]:
        """Events within these years."""
        annees = self.annees
        return evenements_de(self.carte.indicateur, min(annees), max(annees)) if annees else ()

    @property
    def unite(self) -> str:
        """Unit, the euros said of a year when they are constant."""
        if self.prix == chiffre.CONSTANTS and self.annees:
            return f"euros constants de {max(self.annees)}"
        return "euros courants" if fr.est_montant(self.carte.unite) else self.carte.unite


def choisir(pub: Publication) -> Suivi:
    """Filters, and what they give."""
    cartes = pub.lire(lecture.indicateurs)
    carte = st.selectbox(
        "Indicateur",
        cartes,
        index=next((i for i, c in enumerate(cartes) if c.indicateur == D_OFFICE), 0),
        format_func=lambda c: c.titre,
        key=filtres.INDICATEUR,
        bind="query-params",
    )
    with filtres.grille(4):
        niveau = filtres.niveau(pub, tuple(textes.NIVEAUX))
        lieu = filtres.territoire(pub, niveau)
        domaine, libelle = filtres.domaine(pub, niveau)
        demandee = filtres.vue()
    montant = fr.est_montant(carte.unite)
    constants = montant and st.toggle("Euros constants", value=True, key=CONSTANTS, bind="query-params")
    avec_registre = pub.lire(lecture.est_ponderee)
    vue, raison = vues.pour_indicateur(carte, demandee, niveau, avec_registre=avec_registre)
    mesures = publiees = pub.lire(lecture_comparer.serie, carte.indicateur, niveau, lieu.code, domaine, vue)
    if constants:
        mesures = pub.lire(lecture_derivees.deflatees, carte.indicateur, niveau, lieu.code, domaine, vue)
        if len(mesures) < len(publiees):
            constants, mesures = False, publiees
            raison = f"{raison} L’indice des prix d’une année manque{fr.INSECABLE}: euros courants.".strip()
    prix = trajectoire.prix_de(montant, constants)
    toutes = pub.lire(lecture.evolutions)
    suivies: dict[str, list[Evolution]] = {}
    if niveau == "departement" and domaine == textes.TOUS:
        suivies = {m: trajectoire.evolutions_de(carte.indicateur, m, prix, toutes) for m in (COUPES, PANEL)}
    return Suivi(
        carte, lieu, domaine, libelle, vue, raison, prix, mesures, publiees, suivies,
        trajectoire.ruptures(carte.indicateur, toutes),
    )  # fmt: skip


def entete(s: Suivi) -> None:
    """What is followed, in which euros, with which reserve."""
    cadre.section(s.carte.titre, s.carte.definition)
    phrases = [s.raison] if s.raison else []
    if fr.est_montant(s.carte.unite):
        dit = (
            f"Montants en {s.unite}{fr.INSECABLE}: la hausse des prix est retirée, d’après l’indice de l’Insee."
            if s.prix == chiffre.CONSTANTS
            else "Montants en euros courants\u00a0: la hausse des prix n’est pas retirée."
        )
        phrases.append(dit)
    if len(s.annees) < 2:
        phrases.append("Une seule année est publiée\u00a0: il n’y a pas encore de trajectoire.")
    if not s.evolutions:
        phrases.append(textes.EVOLUTIONS)
    if phrases:
        st.html(f'<div class="ob-note">{"".join(f"<p>{escape(p)}</p>" for p in phrases)}</div>')


def _mentions(s: Suivi, methode: str, points: Sequence[Point], pub: Publication) -> mention.Paires:
    effectifs = ", ".join(f"{p.annee}{fr.INSECABLE}: {fr.nombre(p.n)}" for p in points if p.n is not None)
    vue = s.vue if methode == COUPES else vues.REPONDANTES
    prix = f", {s.unite}" if fr.est_montant(s.carte.unite) else ""
    return mention.paires(
        vue=vues.libelle(s.carte, vue),
        methode=f"{chiffre.methode(s.carte, vue)}{prix}",
        reponses=effectifs or "non montrées",
        source=s.carte.source,
        annee=", ".join(str(p.annee) for p in points) or ", ".join(str(a) for a in s.annees),
        edition=pub.edition,
    )


@st.cache_resource(max_entries=300, show_spinner=False)
def _figure(
    points: tuple[Point, ...],
    forme: tuple[str, int | None],
    ruptures: tuple[tuple[int, str], ...],
    evenements: tuple[tuple[int, str], ...],
    legende: str,
) -> go.Figure:
    figure = lignes.trajectoire(points, *forme, dict(ruptures), dict(evenements))
    return lignes.degager_axe(theme.legender(figure, legende))


def _requetes(s: Suivi, pub: Publication, *methodes: str) -> tuple[str, ...]:
    """Queries of these lines: the figure each year, in constant euros too, what moved for the same associations."""
    autres = [requete_evolutions([s.carte.indicateur])] if PANEL in methodes and s.evolutions else []
    if s.prix == chiffre.CONSTANTS and COUPES in methodes:
        qui = (s.carte.indicateur, s.lieu.niveau, s.lieu.code, s.domaine, s.vue)
        autres += pub.requetes(lecture_derivees.deflatees, *qui)
    return requete.des(s.publiees if COUPES in methodes else (), *autres)


def _series(s: Suivi) -> dict[str, list[Point]]:
    """Points of each kind of line; none of the panel where it is not followed."""
    return {
        COUPES: trajectoire.points(s.mesures),
        PANEL: trajectoire.points_du_panel(s.evolutions.get(PANEL, [])),
    }


def graphiques(s: Suivi, pub: Publication) -> None:
    """The two lines side by side, each with its own numbers of answers; what moved under each."""
    for methode, colonne in zip(TITRES, st.columns(2, gap="large"), strict=True):
        points = _series(s)[methode]
        with colonne:
            st.html(
                f'<div class="ob-fiche ob-egale"><h3>{TITRES[methode]}</h3><p>{_explication(s, methode)}</p></div>'
            )
            if not points:
                st.info(_rien(s, methode), icon=":material/info:")
                continue
            _graphique(s, methode, points, pub)
            _mouvements(s, methode, pub)


def _explication(s: Suivi, methode: str) -> str:
    if methode == PANEL:
        return (
            "Panel constant\u00a0: seules les associations qui ont répondu toutes les années. Ce qui bouge n’est pas dû "
            "à un changement de répondantes\u202f; les associations créées ou disparues n’y sont pas."
        )
    qui = (
        "L’ensemble des associations, estimé chaque année"
        if s.vue != vues.REPONDANTES
        else "Celles qui ont répondu cette année-là"
    )
    return f"{qui}\u00a0: les répondantes ne sont pas les mêmes d’une année à l’autre."


def _rien(s: Suivi, methode: str) -> str:
    if methode == PANEL and not s.evolutions:
        return "Le panel n’est suivi que pour le département entier, tous domaines réunis."
    return "Rien à montrer pour cet indicateur."


def _graphique(s: Suivi, methode: str, points: Sequence[Point], pub: Publication) -> None:
    nom = f"{s.carte.titre}, {s.lieu.libelle}, {TITRES[methode].lower()}"
    dites = _mentions(s, methode, points, pub)
    forme = (s.carte.unite, s.carte.decimales)
    valeurs = ", ".join(f"{p.annee}{fr.INSECABLE}: {_valeur(s, p)}" for p in points)
    figure = _figure(
        tuple(points),
        forme,
        tuple(s.ruptures.items()),
        tuple((e.annee, e.titre) for e in s.evenements),
        mention.ligne(dites, encart.LARGEUR_LEGENDE),
    )
    encart.dessiner(figure, f"trajectoire-{methode}", f"{nom}. {valeurs}.", _requetes(s, pub, methode))
    cites = [chiffre.cite(m, pub.edition) for m in s.publiees] if methode == COUPES else []
    images.de_graphique(figure, nom, f"{valeurs}.", pub, cites)


def _valeur(s: Suivi, p: Point, *, abregee: bool = True) -> str:
    if p.valeur is None:
        return textes.ETATS.get(p.statut, textes.ETATS["nd"]).signe
    ecrire = fr.valeur_abregee if abregee else fr.valeur
    return ecrire(p.valeur, s.carte.unite, s.carte.decimales)


def _mouvements(s: Suivi, methode: str, pub: Publication) -> None:
    """What moved, one sentence a pair of years."""
    dites = trajectoire.phrases(s.carte, s.evolutions.get(methode, []), s.lieu)
    if not dites:
        return
    points = _series(s)[methode]
    contenu = "".join(f"<p>{escape(p)}</p>" for p in dites)
    st.html(
        mention.entourer(
            f'<div class="ob-mouvement">{contenu}</div>',
            f"Évolution, {TITRES[methode].lower()}",
            _mentions(s, methode, points, pub),
            (requete_evolutions([s.carte.indicateur]),),
        )
    )


def reperes(s: Suivi) -> None:
    """Breaks and events, in words."""
    lignes_ = [
        f"<li><strong>{annee}, rupture de série.</strong> {escape(raison.rstrip('.'))}. Avant et après ne se "
        "comparent pas.</li>"
        for annee, raison in s.ruptures.items()
    ] + [
        f"<li><strong>{e.annee}, {escape(e.titre.lower())}.</strong> {escape(e.texte)} Source{fr.INSECABLE}: "
        f"{escape(e.source)}.</li>"
        for e in s.evenements
    ]
    if lignes_:
        st.html(f'<div class="ob-note"><ul>{"".join(lignes_)}</ul></div>')


def table(s: Suivi, pub: Publication) -> None:
    """Year after year, both lines, with the files."""
    series, par_annee = _series(s), {m.millesime: m for m in s.mesures}
    publiees = {m.millesime: m for m in s.publiees}
    panel = {p.annee: p for p in series[PANEL]}
    annees = sorted({*par_annee, *panel})
    lignes_, lignes_export = [], []
    for annee in annees:
        mesure, point = par_annee.get(annee), panel.get(annee)
        lignes_.append(
            [
                str(annee),
                affichage.valeur(s.carte, mesure),
                affichage.bornes(s.carte, mesure),
                affichage.nombre_repondants(mesure),
                affichage.etat(mesure).libelle,
                _valeur(s, point, abregee=False) if point else "–",
                fr.nombre(point.n) if point and point.n is not None else "–",
            ]
        )
        if mesure is not None:
            lignes_export.append(
                export.ligne_mesure(
                    publiees[annee],
                    s.carte,
                    pub,
                    territoire=s.lieu.libelle,
                    valeur_en_euros_constants=mesure.valeur if s.prix == chiffre.CONSTANTS else None,
                    euros_de=max(s.annees) if s.prix == chiffre.CONSTANTS else None,
                    panel_valeur=None if point is None else point.valeur,
                    panel_associations=None if point is None else point.n,
                    rupture=s.ruptures.get(annee, ""),
                )
            )
    unite = "" if fr.est_part(s.carte.unite) else f" ({s.unite})"
    titre = f"{s.carte.titre}, {s.lieu.libelle}, {s.domaine_libelle.lower()}{unite}"
    tableau.afficher(
        [
            Colonne("Année", entete_de_ligne=True),
            Colonne("Toutes les réponses", nombre=True),
            Colonne("Intervalle", nombre=True),
            Colonne(affichage.titre_repondants(s.carte), nombre=True),
            Colonne("Fiabilité"),
            Colonne("Mêmes associations", nombre=True),
            Colonne("Combien", nombre=True),
        ],
        lignes_,
        titre,
        provenance=_mentions(s, COUPES, series[COUPES], pub),
        requetes=_requetes(s, pub, *TITRES),
    )
    filtres_dits = (
        ("Territoire", s.lieu.libelle),
        ("Domaine", s.domaine_libelle),
        ("Vue", vues.LIBELLES[s.vue]),
        ("Prix", s.unite),
        ("Panel", "Les mêmes associations toutes les années ; vue « 1 association = 1 voix »."),
    )
    export.boutons(
        lignes_export, pub, "trajectoire", s.carte.indicateur, s.lieu.niveau, s.lieu.code, s.domaine, s.vue,
        s.prix, notice=export.Notice(titre, filtres_dits, (s.carte,)),
    )  # fmt: skip
