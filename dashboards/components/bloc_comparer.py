"""Blocks of « Comparer »: two to four territories of a kind, the same figures, differences said when they are sure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go
import streamlit as st

from dashboards import affichage, chiffre, comparaison, textes, voisins, vues
from dashboards import format_fr as fr
from dashboards.components import cadre, encart, export, images, mention, requete, tableau
from dashboards.components.choix_comparer import Comparaison, Lue, ecarts, montrees, requetes
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.figures import intervalles, theme
from dashboards.modeles import Indicateur, Mesure
from dashboards.vue_carte import libelle_base


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
    densite = (
        f" Densité{fr.INSECABLE}: habitants rapportés à la surface des contours de la carte."
        if all(p.densite for p in c.profils.values())
        else " Densité non connue à cette échelle."
    )
    st.html(
        f'<div class="ob-fiche" {mention.COMPTE}="{mention.reference(pub.edition)}"><ul>{"".join(lignes)}</ul>'
        f"{''.join(reserves)}<p>Les territoires gardent l’ordre choisi{fr.INSECABLE}: ce n’est pas un classement."
        f"{densite}</p>{requete.volet(pub.requetes_habitants(c.lieux))}</div>"
    )


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


def table(c: Comparaison, lues: Mapping[str, Lue], pub: Publication) -> None:
    """The same figures side by side, then what may be said of their differences; with the files."""
    ici, *autres = c.lieux
    cartes = {carte.indicateur: carte for carte in c.cartes}
    lignes, lignes_export = [], []
    toutes, separations = montrees(c, lues, pub), ecarts(c, lues, pub)
    for nom, (_, brutes) in lues.items():
        carte, chiffres = cartes[nom], toutes[nom]
        rapportee = c.rapportee and carte.additif
        differences = [
            comparaison.juger(carte, separations.get((nom, t.code)), independants=c.independants)
            for t in autres
        ]
        dites = [
            comparaison.dire(carte, d, ici.libelle, independants=c.independants, rapportee=rapportee)
            for d in differences
        ]
        unite = libelle_base(carte) if rapportee else carte.unite
        dite = fr.est_part(carte.unite) or unite in carte.titre.lower()
        suffixe = "" if dite else f" ({unite})"
        textes_ = [_texte(carte, m, b, c.rapportee) for m, b in zip(chiffres, brutes, strict=True)]
        lignes.append(
            [
                f"{carte.titre}{suffixe}",
                *textes_,
                *dites,
            ]
        )
        for rang, (lieu, mesure) in enumerate(zip(c.lieux, brutes, strict=True)):
            if mesure is not None:
                divisee = chiffres[rang] if rapportee else None
                lignes_export.append(
                    export.ligne_mesure(
                        mesure,
                        carte,
                        pub,
                        territoire=lieu.libelle,
                        population=lieu.population,
                        valeur_rapportee=None if divisee is None else divisee.valeur,
                        unite_rapportee=libelle_base(carte) if rapportee else "",
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
        requetes=requetes(c, lues, pub, avec_ecarts=True),
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
    lues: Sequence[Lue],
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


def graphique(c: Comparaison, lues: Mapping[str, Lue], pub: Publication) -> None:
    """One indicator of the theme drawn with its intervals."""
    cartes = {carte.titre: carte for carte in c.cartes if carte.indicateur in lues}
    if not cartes:
        st.info("Aucun chiffre de ce thème à cette échelle.", icon=":material/info:")
        return
    # The chart opens on the first figure that most of the territories show.
    toutes = montrees(c, lues, pub)
    montres = [
        sum(m is not None and m.valeur is not None for m in toutes[x.indicateur]) for x in cartes.values()
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
    chiffres = toutes[carte.indicateur]
    textes_ = tuple(_texte(carte, m, b, c.rapportee) for m, b in zip(chiffres, brutes, strict=True))
    noms = tuple(t.libelle for t in c.lieux)
    reponses = ", ".join(
        f"{t.libelle} {affichage.nombre_repondants(m)}" for t, m in zip(c.lieux, brutes, strict=True)
    )
    dites = mention.paires(
        vue=vues.libelle(carte, vue), methode=chiffre.methode(carte, vue), reponses=reponses,
        source=carte.source, annee=c.annee, edition=pub.edition,
    )  # fmt: skip
    unite = libelle_base(carte) if rapportee else carte.unite
    cadre.section(carte.titre, carte.definition)
    if not any(m is not None and m.valeur is not None for m in chiffres):
        st.info(
            "Aucun de ces territoires ne montre ce chiffre\u00a0: le tableau dit pourquoi.",
            icon=":material/info:",
        )
        return
    alt = f"{carte.titre}, {c.annee}, {unite}. " + ". ".join(
        f"{n}{fr.INSECABLE}: {t}" for n, t in zip(noms, textes_, strict=True)
    )
    figure = _figure(noms, tuple(chiffres), textes_, mention.ligne(dites, encart.LARGEUR_LEGENDE))
    encart.dessiner(figure, "comparer", alt, requetes(c, {carte.indicateur: lues[carte.indicateur]}, pub))
    cites = [chiffre.cite(m, pub.edition) for m in brutes if m is not None]
    images.de_graphique(figure, f"{carte.titre}, {c.annee}, {unite}", "", pub, cites)
    trait = f"Trait{fr.INSECABLE}: {textes.INDICATIF}. " if any(map(affichage.est_estimee, chiffres)) else ""
    st.html(
        f'<div class="ob-note"><p>{trait}Sur beaucoup de comparaisons, une sur vingt paraît assurée par hasard.</p></div>'
    )
