"""Blocks of « Comparer »: two to four territories of a kind, the same figures, differences said when they are sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go
import streamlit as st

from dashboards import affichage, chiffre, comparaison, lecture, lecture_comparer, textes, voisins, vues
from dashboards import format_fr as fr
from dashboards.components import cadre, encart, export, filtres, images, mention, requete, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.figures import intervalles, theme
from dashboards.modeles import Indicateur, Mesure, Territoire
from dashboards.voisins import Profil
from observatoire.territoire.carte import fond
from observatoire.territoire.territoire import DepartementAbsent

AVEC, THEME, HABITANTS = "avec", "theme", "rapporte"
MAXIMUM, D_OFFICE = 3, 2
NIVEAUX = ("epci", "commune", "canton", "arrondissement", "qpv", "regroupement")
# Districts and groupings of communes may overlap, and so share respondents.
SEPARES = ("arrondissement", "epci", "canton", "commune", "qpv")


@dataclass(frozen=True, slots=True)
class Comparaison:
    """Which territories, which figures: the first territory is the one the others are read beside."""

    lieux: tuple[Territoire, ...]
    annee: int
    cartes: tuple[Indicateur, ...]
    theme: str
    vue: str
    rapportee: bool
    profils: Mapping[str, Profil]

    @property
    def niveau(self) -> str:
        """Level of the territories."""
        return self.lieux[0].niveau

    @property
    def independants(self) -> bool:
        """True when no association may answer in two of the territories."""
        return self.niveau in SEPARES


@st.cache_resource(max_entries=8, show_spinner=False)
def _surfaces(departement: str) -> dict[str, float]:
    """Area of each commune; empty when the département has no outlines."""
    try:
        contours = fond(departement, "commune")
    except DepartementAbsent:
        return {}
    echelle = float(contours["metres_par_unite"])
    return {c: voisins.surface_km2(chemin, echelle) for c, chemin in contours["chemins"].items()}


def _profils(pub: Publication, niveau: str) -> dict[str, Profil]:
    lieux = [t for t in pub.lire(lecture.territoires) if t.niveau == niveau]
    return voisins.profils(lieux, pub.lire(lecture_comparer.communes_de, niveau), _surfaces(pub.departement))


def choisir(pub: Publication) -> Comparaison:
    """Filters: a territory, those to read beside it (the most alike first), a theme, a view."""
    themes = dict.fromkeys(c.theme for c in pub.lire(lecture.indicateurs))
    libelles = {c.theme: c.libelle_theme or c.theme for c in pub.lire(lecture.indicateurs)}
    with filtres.grille(5):
        niveau = filtres.niveau(pub, NIVEAUX)
        lieu = filtres.territoire(pub, niveau)
        annee = filtres.annee(pub)
        theme_ = st.selectbox(
            "Thème",
            [libelles[t] for t in themes],
            key=THEME,
            bind="query-params",
        )
        vue = filtres.vue()
    profils = _profils(pub, niveau)
    pareils = voisins.proches(lieu.code, profils)
    sans_population = [
        t for t in pub.lire(lecture.territoires)
        if t.niveau == niveau and t.code not in profils and t.code != lieu.code
    ]  # fmt: skip
    par_nom = {t.etiquette: t for t in [*(p.lieu for p in pareils), *sans_population]}
    choisis = st.multiselect(
        f"Comparer avec (au plus {MAXIMUM}, du plus semblable au moins semblable)",
        list(par_nom),
        key=f"{AVEC}_{niveau}",
        bind="query-params",
        max_selections=MAXIMUM,
        placeholder=f"Sans choix, les {D_OFFICE} plus semblables",
    )
    autres = [par_nom[nom] for nom in choisis if nom in par_nom][:MAXIMUM]
    if not autres:
        autres = list(par_nom.values())[:D_OFFICE]
    rapportee = st.toggle("Rapporter les totaux à la population", key=HABITANTS, bind="query-params")
    filtres.dire_vue(vue, pub.lire(lecture.est_ponderee))
    cartes = tuple(c for c in pub.lire(lecture.indicateurs) if libelles[c.theme] == theme_)
    return Comparaison((lieu, *autres), annee, cartes, theme_, vue, rapportee, profils)


def chapeau(c: Comparaison, pub: Publication) -> None:
    """Who is compared, how alike they are."""
    lignes = []
    for lieu in c.lieux:
        profil = c.profils.get(lieu.code)
        suite = voisins.decrire(profil) if profil else "population inconnue"
        note = f" · {lieu.note}" if lieu.note else ""
        lignes.append(
            f"<li><strong>{escape(lieu.libelle)}</strong>{fr.INSECABLE}: {suite}{escape(note)}</li>"
        )
    ici = c.profils.get(c.lieux[0].code)
    reserves = [
        f"<p>{escape(reserve)}</p>"
        for lieu in c.lieux[1:]
        if ici and (autre := c.profils.get(lieu.code)) and (reserve := voisins.reserve(ici, autre))
    ]
    densite = "" if all(p.densite for p in c.profils.values()) else " Densité non connue à cette échelle."
    st.html(
        f'<div class="ob-fiche" {mention.COMPTE}="{mention.reference(pub.edition)}"><ul>{"".join(lignes)}</ul>'
        f"{''.join(reserves)}<p>Les territoires gardent l’ordre choisi{fr.INSECABLE}: ce n’est pas un classement."
        f"{densite}</p></div>"
    )


def mesures(c: Comparaison, pub: Publication) -> dict[str, tuple[str, list[Mesure | None]]]:
    """View and figures of each indicator, in the order of the territories: one view for all of them."""
    fiches = [pub.lire(lecture.fiche, c.annee, t.niveau, t.code, textes.TOUS) for t in c.lieux]
    avec_registre = pub.lire(lecture.est_ponderee)
    lues = {}
    for carte in c.cartes:
        vue, _ = vues.pour_indicateur(carte, c.vue, c.niveau, avec_registre=avec_registre)
        brutes = [fiche.get(carte.indicateur, {}).get(vue) for fiche in fiches]
        if any(m is not None for m in brutes):
            lues[carte.indicateur] = (vue, brutes)
    return lues


def _requetes(
    c: Comparaison, lues: Sequence[tuple[str, list[Mesure | None]]], pub: Publication
) -> tuple[str, ...]:
    """Queries of the chart and of the table: figures, and inhabitants where the page divides by them."""
    habitants = pub.requetes(lecture.territoires) if c.rapportee else ()
    return requete.des((m for _, ms in lues for m in ms), *habitants)


def _texte(carte: Indicateur, mesure: Mesure | None, brute: Mesure | None, rapportee: bool) -> str:
    """Value and interval of a cell, or why there is none."""
    if rapportee and carte.additif:
        if brute is not None and brute.valeur is not None and mesure is None:
            return "base trop petite"
        if mesure is None or mesure.valeur is None:
            return affichage.valeur(carte, mesure)
        bornes = ""
        if affichage.est_estimee(mesure) or affichage.est_plage(carte, mesure):
            bornes = f" ({fr.utile(mesure.borne_basse)} – {fr.utile(mesure.borne_haute)})"
        return f"{fr.utile(mesure.valeur)}{bornes}"
    bornes = affichage.bornes(carte, mesure)
    valeur = affichage.valeur(carte, mesure, abregee=True)
    return valeur if bornes == "–" else f"{valeur} ({bornes})"


def table(c: Comparaison, lues: Mapping[str, tuple[str, list[Mesure | None]]], pub: Publication) -> None:
    """The same figures side by side, then what may be said of their differences; with the files."""
    ici, *autres = c.lieux
    cartes = {carte.indicateur: carte for carte in c.cartes}
    lignes, lignes_export = [], []
    for nom, (_, brutes) in lues.items():
        carte = cartes[nom]
        rapportee = c.rapportee and carte.additif
        montrees = [
            comparaison.rapporter(carte, m, t) if rapportee else m
            for m, t in zip(brutes, c.lieux, strict=True)
        ]
        differences = [
            comparaison.comparer(carte, m, montrees[0], independants=c.independants) for m in montrees[1:]
        ]
        dites = [
            comparaison.dire(carte, d, ici.libelle, independants=c.independants, rapportee=rapportee)
            for d in differences
        ]
        unite = comparaison.libelle_base(carte) if rapportee else carte.unite
        dite = fr.est_part(carte.unite) or unite in carte.titre.lower()
        suffixe = "" if dite else f" ({unite})"
        textes_ = [_texte(carte, m, b, c.rapportee) for m, b in zip(montrees, brutes, strict=True)]
        lignes.append(
            [
                f"{carte.titre}{suffixe}",
                *textes_,
                *dites,
            ]
        )
        for rang, (lieu, mesure) in enumerate(zip(c.lieux, brutes, strict=True)):
            if mesure is not None:
                divisee = montrees[rang] if rapportee else None
                lignes_export.append(
                    export.ligne_mesure(
                        mesure,
                        carte,
                        pub,
                        territoire=lieu.libelle,
                        population=lieu.population,
                        valeur_rapportee=None if divisee is None else divisee.valeur,
                        unite_rapportee=comparaison.libelle_base(carte) if rapportee else "",
                        difference_avec=ici.libelle if rang else "",
                        difference=dites[rang - 1] if rang else "",
                    )
                )
    titre = f"{c.theme}{fr.INSECABLE}: {', '.join(t.libelle for t in c.lieux)}, {c.annee}"
    tableau.afficher(
        [
            Colonne("Indicateur", entete_de_ligne=True),
            *(Colonne(t.libelle, nombre=True) for t in c.lieux),
            *(Colonne(f"{t.libelle}, par rapport à {ici.libelle}") for t in autres),
        ],
        lignes,
        titre,
        provenance=mentions(c, list(lues.values()), cartes, pub),
        requetes=_requetes(c, list(lues.values()), pub),
    )
    filtres_dits = (
        ("Territoires", ", ".join(t.etiquette for t in c.lieux)),
        ("Année", str(c.annee)),
        ("Thème", c.theme),
        ("Ce que disent les chiffres", vues.LIBELLES[c.vue]),
    )
    export.boutons(
        lignes_export, pub, "comparer", c.niveau, *(t.code for t in c.lieux), c.annee, c.theme, c.vue,
        notice=export.Notice(titre, filtres_dits, tuple(cartes[nom] for nom in lues)),
    )  # fmt: skip


def mentions(
    c: Comparaison,
    lues: Sequence[tuple[str, list[Mesure | None]]],
    cartes: Mapping[str, Indicateur],
    pub: Publication,
) -> mention.Paires:
    """What the table rests on."""
    vues_lues = dict.fromkeys(vue for vue, _ in lues)
    sources = dict.fromkeys(carte.source.rstrip(".") for carte in cartes.values())
    nb = [m.n_repondants for _, ms in lues for m in ms if m is not None and m.n_repondants]
    appui = (
        f"de {fr.nombre(min(nb))} à {fr.nombre(max(nb))} selon la case" if nb else textes.ETATS["nd"].libelle
    )
    return mention.paires(
        vue=" ; ".join(vues.LIBELLES[v] for v in vues_lues).replace(" ;", fr.FINE + ";") or "aucune",
        methode="celle de chaque indicateur (page Méthode)\u202f; l’intervalle d’une différence vient des deux intervalles",
        reponses=appui,
        source="\u202f; ".join(sources),
        annee=c.annee,
        edition=pub.edition,
    )


@st.cache_resource(max_entries=200, show_spinner=False)
def _figure(
    noms: tuple[str, ...], mesures_: tuple[Mesure | None, ...], textes_: tuple[str, ...], legende: str
) -> go.Figure:
    return theme.legender(intervalles.points(noms, mesures_, textes_), legende)


def graphique(c: Comparaison, lues: Mapping[str, tuple[str, list[Mesure | None]]], pub: Publication) -> None:
    """One indicator of the theme drawn with its intervals."""
    cartes = {carte.titre: carte for carte in c.cartes if carte.indicateur in lues}
    if not cartes:
        st.info("Aucun chiffre de ce thème à cette échelle.", icon=":material/info:")
        return
    # The chart opens on the first figure that most of the territories show.
    montres = [
        sum(m is not None and m.valeur is not None for m in lues[x.indicateur][1]) for x in cartes.values()
    ]
    titre = st.selectbox(
        "Indicateur du graphique",
        list(cartes),
        index=montres.index(max(montres)),
        key="dessin",
        bind="query-params",
    )
    carte = cartes[titre]
    vue, brutes = lues[carte.indicateur]
    rapportee = c.rapportee and carte.additif
    montrees = [
        comparaison.rapporter(carte, m, t) if rapportee else m for m, t in zip(brutes, c.lieux, strict=True)
    ]
    textes_ = tuple(_texte(carte, m, b, c.rapportee) for m, b in zip(montrees, brutes, strict=True))
    noms = tuple(t.libelle for t in c.lieux)
    reponses = ", ".join(
        f"{t.libelle} {affichage.nombre_repondants(m)}" for t, m in zip(c.lieux, brutes, strict=True)
    )
    dites = mention.paires(
        vue=vues.libelle(carte, vue), methode=chiffre.methode(carte, vue), reponses=reponses,
        source=carte.source, annee=c.annee, edition=pub.edition,
    )  # fmt: skip
    unite = comparaison.libelle_base(carte) if rapportee else carte.unite
    cadre.section(carte.titre, carte.definition)
    alt = f"{carte.titre}, {c.annee}, {unite}. " + ". ".join(
        f"{n}{fr.INSECABLE}: {t}" for n, t in zip(noms, textes_, strict=True)
    )
    figure = _figure(noms, tuple(montrees), textes_, mention.ligne(dites, encart.LARGEUR_LEGENDE))
    encart.dessiner(figure, "comparer", alt, _requetes(c, [(vue, brutes)], pub))
    cites = [chiffre.cite(m, pub.edition) for m in brutes if m is not None]
    images.de_graphique(figure, f"{carte.titre}, {c.annee}, {unite}", "", pub, cites)
    trait = f"Trait{fr.INSECABLE}: {textes.INDICATIF}. " if any(map(affichage.est_estimee, montrees)) else ""
    st.html(
        f'<div class="ob-note"><p>{trait}Sur beaucoup de comparaisons, une sur vingt paraît assurée par hasard.</p></div>'
    )
