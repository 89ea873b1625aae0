"""Blocks of the page « L’essentiel »: each shows a figure with its table, its sources and its downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from dashboards import affichage, chiffre, lecture, textes, vues
from dashboards import format_fr as fr
from dashboards.chiffre import Cadrage, Chiffre
from dashboards.components import cadre, encart, export, mention, requete, tableau
from dashboards.components.donnees import Publication
from dashboards.components.filtres import Choix
from dashboards.components.tableau import Colonne
from dashboards.figures import barres, theme
from dashboards.modeles import Indicateur, Mesure

REPONDANTES = "nb_associations_repondantes"
TOUS_LES_CHIFFRES = "tous_les_chiffres"
Fiche = Mapping[str, Mapping[str, Mesure]]


def grille() -> Any:
    """Container of the cards: three in a row on a wide screen, one on a phone."""
    return st.grid(3, min_column_width=300, gap="medium")


def cadrer(choix: Choix, pub: Publication) -> Cadrage:
    """What surrounds the figures of the page."""
    return Cadrage(
        choix.territoire, choix.annee, choix.domaine, choix.domaine_libelle, choix.vue, pub.edition,
        pub.lire(lecture.est_ponderee),
    )  # fmt: skip


def chapeau_territoire(choix: Choix, fiche: Fiche, cadrage: Cadrage, pub: Publication) -> None:
    """Where, when, on how many answers the figures below rest."""
    territoire = choix.territoire
    morceaux = [f"{fr.nombre(territoire.population)} habitants"] if territoire.population else []
    if territoire.note:
        morceaux.append(territoire.note)
    reponses = fiche.get(REPONDANTES, {}).get(vues.REPONDANTES)
    if reponses is not None and reponses.valeur is not None:
        nb = int(reponses.valeur)
        dites = fr.accord(nb, "association a répondu", "associations ont répondu")
        morceaux.append(f"<strong>{dites}</strong> pour {choix.annee}")
    domaine = "" if choix.domaine == textes.TOUS else f" · {escape(choix.domaine_libelle)}"
    phrases = textes.REPONDANTES if not cadrage.avec_registre else textes.INDICATIF_LONG
    if territoire.niveau != "departement" or choix.domaine != textes.TOUS:
        phrases += f" {textes.EVOLUTIONS}"
    volet = requete.volet(requete.des([reponses], *pub.requetes_habitants([territoire])))
    st.html(
        f'<div class="ob-fiche" {mention.COMPTE}="{mention.reference(cadrage.edition)}">'
        f"<h2>{escape(territoire.libelle)} · {choix.annee}{domaine}</h2>"
        f"<p>{' · '.join(morceaux)}.</p><p>{phrases}</p>{volet}</div>"
    )


def composer(
    carte: Indicateur, fiche: Fiche, reference: tuple[str, Fiche], cadrage: Cadrage, pub: Publication
) -> Chiffre:
    """The figure of a card, with its move from the year before where the publication knows it."""
    suivies = chiffre.evolutions_de(carte.indicateur, pub.lire(lecture.evolutions), cadrage)
    return chiffre.composer(carte, fiche, reference, cadrage, suivies)


def reference(choix: Choix, pub: Publication) -> tuple[str, Fiche]:
    """Name and figures of the territory to read the page beside; nothing when none is asked for."""
    lieu = choix.reference
    if lieu is None:
        return "", {}
    return lieu.libelle, pub.lire(lecture.fiche, choix.annee, lieu.niveau, lieu.code, choix.domaine)


def _mention(carte: Indicateur, vue: str, n: str, annee: int | str, pub: Publication) -> mention.Paires:
    return mention.paires(
        vue=vues.libelle(carte, vue),
        methode=chiffre.methode(carte, vue),
        reponses=n,
        source=carte.source,
        annee=annee,
        edition=pub.edition,
    )


def subventions(carte: Indicateur, choix: Choix, total: Chiffre, pub: Publication) -> None:
    """Subsidies by funder and year. `total`: the figure of all the funders, that the chart divides."""
    lieu = choix.territoire
    vue = vues.libelle(carte, vues.REPONDANTES)
    cadre.section(f"{carte.titre} par financeur", f"{lieu.libelle}, {choix.domaine_libelle.lower()}. {vue}.")
    mesures = pub.lire(lecture.par_financeur, carte.indicateur, lieu.niveau, lieu.code, choix.domaine)
    if not mesures:
        st.info("Aucune subvention n’a été déposée pour ce territoire.", icon=":material/info:")
        return
    annees = sorted({m.millesime for m in mesures}, reverse=True)
    par_cle = {(m.financeur, m.millesime): m for m in mesures}
    noms = barres.financeurs_principaux(mesures, len(mesures))
    noms += sorted({m.financeur for m in mesures} - set(noms))
    colonnes = [Colonne("Financeur", entete_de_ligne=True), *(Colonne(str(a), nombre=True) for a in annees)]
    lignes = [
        [nom, *(affichage.valeur(carte, par_cle.get((nom, annee))) for annee in annees)] for nom in noms
    ]
    if len(noms) > barres.MAX_CATEGORIES or len(annees) > barres.MAX_SERIES:
        st.html(
            '<div class="ob-note"><p>Le graphique montre au plus les '
            f"{barres.MAX_CATEGORIES} premiers financeurs et les {barres.MAX_SERIES} dernières années"
            f"{fr.FINE}; le tableau les donne tous.</p></div>"
        )
    alt = f"{carte.titre} par financeur et par année, {lieu.libelle}, {choix.domaine_libelle.lower()}, {vue}"
    n = fr.accord(len(noms), "financeur")
    dites = _mention(carte, vues.REPONDANTES, n, ", ".join(str(a) for a in annees), pub)
    figure = encart.figure(
        lambda: theme.legender(
            barres.par_financeur(mesures, carte.unite), mention.ligne(dites, encart.LARGEUR_LEGENDE)
        ),
        pub, carte.indicateur, "financeurs", lieu.niveau, lieu.code, choix.domaine,
    )  # fmt: skip
    encart.afficher(
        figure,
        alt,
        "financeurs",
        (colonnes, lignes),
        dites,
        requete.des(mesures),
        pub,
        total.phrase,
        (total,),
    )
    _definition(carte)
    lignes_export = [export.ligne_mesure(m, carte, pub, territoire=lieu.libelle) for m in mesures]
    notice = _notice(f"{carte.titre} par financeur", choix, (carte,))
    export.boutons(
        lignes_export,
        pub,
        carte.indicateur,
        "financeurs",
        lieu.niveau,
        lieu.code,
        choix.domaine,
        notice=notice,
    )


def _definition(carte: Indicateur) -> None:
    st.html(f'<div class="ob-note"><p>{escape(carte.definition)}</p></div>')


def _notice(titre: str, choix: Choix, cartes: Sequence[Indicateur]) -> export.Notice:
    filtres = (
        ("Territoire", choix.territoire.libelle),
        ("Année", str(choix.annee)),
        ("Domaine", choix.domaine_libelle),
        ("Ce que disent les chiffres", vues.LIBELLES[choix.vue]),
    )
    return export.Notice(f"{titre}, {choix.territoire.libelle}, {choix.annee}", filtres, tuple(cartes))


def par_domaine(carte: Indicateur, choix: Choix, total: Chiffre, pub: Publication) -> None:
    """One figure by sector, `total` being that of all; not shown for a commune, where sectors are not published."""
    lieu = choix.territoire
    if lieu.niveau == "commune":
        return
    ponderee = total.cadrage.avec_registre
    vue, raison = vues.pour_indicateur(carte, choix.vue, lieu.niveau, avec_registre=ponderee)
    mesures = pub.lire(lecture.par_domaine, carte.indicateur, choix.annee, lieu.niveau, lieu.code, vue)
    if not any(m.valeur for m in mesures):
        return
    nom_vue = vues.libelle(carte, vue)
    cadre.section(f"{carte.titre} par domaine", f"{lieu.libelle}, {choix.annee}. {nom_vue}. {raison}".strip())
    libelles = pub.lire(lecture.domaines)
    noms = dict(libelles)
    colonnes = [
        Colonne("Domaine", entete_de_ligne=True),
        Colonne(carte.unite.capitalize(), nombre=True),
        Colonne("Intervalle", nombre=True),
        Colonne(affichage.titre_repondants(carte), nombre=True),
        Colonne("Fiabilité"),
    ]
    triees = sorted(mesures, key=lambda m: (m.valeur is None, -(m.valeur or 0)))
    lignes = [
        [
            noms.get(m.domaine, m.domaine),
            affichage.valeur(carte, m),
            affichage.bornes(carte, m),
            affichage.nombre_repondants(m),
            affichage.etat(m).libelle,
        ]
        for m in triees
    ]
    alt = f"{carte.titre} par domaine, {lieu.libelle}, {choix.annee}, {nom_vue}"
    n = affichage.repondants(carte, sum(m.n_repondants or 0 for m in mesures))
    dites = _mention(carte, vue, f"{n} dans les domaines montrés", choix.annee, pub)
    legende = mention.ligne(dites, encart.LARGEUR_LEGENDE)
    if any(affichage.est_estimee(m) for m in mesures):
        legende += f"<br>{textes.TRAIT}"
    figure = encart.figure(
        lambda: theme.legender(barres.par_domaine(mesures, noms, carte.unite), legende),
        pub, carte.indicateur, "domaines", choix.annee, lieu.niveau, lieu.code, vue,
    )  # fmt: skip
    encart.afficher(
        figure, alt, "domaines", (colonnes, lignes), dites, requete.des(mesures), pub, total.phrase, (total,)
    )
    _definition(carte)
    lignes_export = [
        export.ligne_mesure(
            m, carte, pub, territoire=lieu.libelle, domaine_libelle=noms.get(m.domaine, m.domaine)
        )
        for m in triees
    ]
    export.boutons(
        lignes_export, pub, carte.indicateur, "domaines", lieu.niveau, lieu.code, choix.annee, vue,
        notice=_notice(f"{carte.titre} par domaine", choix, (carte,)),
    )  # fmt: skip


def tous_les_chiffres(
    cartes: Mapping[str, Indicateur], fiche: Fiche, choix: Choix, cadrage: Cadrage, pub: Publication
) -> None:
    """Every indicator of the territory in one table, each in its view, with its download; made when it is opened."""
    volet = st.expander(
        "Tous les indicateurs de ce territoire",
        icon=":material/table:",
        key=TOUS_LES_CHIFFRES,
        bind="query-params",
    )
    if volet.open:
        with volet:
            _table_de_tous(cartes, fiche, choix, cadrage, pub)


def _table_de_tous(
    cartes: Mapping[str, Indicateur], fiche: Fiche, choix: Choix, cadrage: Cadrage, pub: Publication
) -> None:
    colonnes = [
        Colonne("Indicateur", entete_de_ligne=True),
        Colonne("Valeur", nombre=True),
        Colonne("Unité"),
        Colonne("Intervalle", nombre=True),
        Colonne("Répondantes", nombre=True),
        Colonne("Fiabilité"),
        Colonne("Vue"),
    ]
    lignes, lignes_export, montrees = [], [], []
    sources: dict[str, None] = {}
    for carte in cartes.values():
        retenue = vues.retenir(
            carte,
            fiche.get(carte.indicateur, {}),
            choix.vue,
            choix.territoire.niveau,
            avec_registre=cadrage.avec_registre,
        )
        mesure = retenue.mesure
        montrees.append(mesure)
        lignes.append(
            [
                carte.titre,
                affichage.valeur(carte, mesure),
                affichage.unite(carte, mesure),
                affichage.bornes(carte, mesure),
                affichage.nombre_repondants(mesure),
                affichage.etat(mesure).libelle,
                vues.libelle(carte, retenue.vue),
            ]
        )
        if mesure is not None:
            sources[carte.source.partition("\u202f;")[0].rstrip(".")] = None
            lieu = choix.territoire
            lignes_export.append(
                export.ligne_mesure(
                    mesure, carte, pub, territoire=lieu.libelle, domaine_libelle=choix.domaine_libelle
                )
            )
    dites = mention.paires(
        vue="celle de chaque ligne",
        methode="celle de chaque indicateur, donnée page Méthode et dans les fichiers à télécharger",
        reponses="colonne Répondantes",
        source=" · ".join(sources) or "aucune réponse",
        annee=choix.annee,
        edition=pub.edition,
    )
    tableau.afficher(
        colonnes, lignes, f"Tous les indicateurs, {choix.territoire.libelle}, {choix.annee}", provenance=dites,
        requetes=requete.des(montrees),
    )  # fmt: skip
    lieu = choix.territoire
    export.boutons(
        lignes_export, pub, "indicateurs", lieu.niveau, lieu.code, choix.annee, choix.domaine, choix.vue,
        notice=_notice("Tous les indicateurs", choix, tuple(cartes.values())),
    )  # fmt: skip
