"""Blocks of « Ressources »: the structure of the resources, and « Et si les subventions baissaient ? »."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import affichage
from dashboards import format_fr as fr
from dashboards.chiffre import Chiffre
from dashboards.components import bloc_theme, cadre, encart, export, mention, requete, tableau
from dashboards.components.bloc_theme import Theme
from dashboards.components.tableau import Colonne
from dashboards.figures import parts, theme

STRUCTURE = (
    "part_financement_public",
    "part_commandes_publiques",
    "part_cotisations",
    "part_activites",
    "part_dons_mecenat",
)
AUTRES = "Autres ressources, par différence"
# Shares come from questions that not all answered: their sum may leave one by so much.
TOLERANCE = 0.02
SOMME = "Toutes les associations n’ont pas répondu à chaque question\u00a0: la somme des parts s’écarte un peu du tout."
INCOMPLETE = "Les parts connues ici ne font pas un tout\u00a0: une barre serait trompeuse."
BAISSES = (10, 25, 50, 100)
BAISSE = "baisse"
HYPOTHESES = (
    "La baisse touche toutes les subventions publiques, du même taux, d’un coup.",
    "Rien d’autre ne change\u00a0: ni dépenses évitées, ni réserves, ni autres ressources trouvées.",
    "Une association «\u00a0ne tiendrait pas\u00a0» quand ses ressources ne couvrent plus ses charges de l’année.",
)


def structure(page: Theme) -> None:
    """The resources divided by origin: a stacked bar, and its table."""
    choix, pub = page.choix, page.pub
    lieu, chiffres = choix.territoire, page.chiffres(STRUCTURE)
    if not chiffres:
        return
    vues_lues = {c.retenue.vue for c in chiffres}
    titre = f"D’où viennent les ressources, {lieu.libelle}, {choix.annee}"
    cadre.section("D’où viennent les ressources", "Sur cent euros de ressources, la part de chaque origine.")
    dites = _mention(page, chiffres, "colonne Répondantes")
    requetes = requete.des(c.place for c in chiffres)
    lignes = [_ligne(c) for c in chiffres]
    montrees = [
        (_origine(c), c.mesure.valeur)
        for c in chiffres
        if c.mesure is not None and c.mesure.valeur is not None
    ]
    reste = 1 - sum(part for _, part in montrees)
    entiere = len(montrees) == len(chiffres) and len(vues_lues) == 1 and reste >= -TOLERANCE
    if entiere and reste > 0:
        montrees.append((AUTRES, reste))
        lignes.append([AUTRES, fr.pourcentage(reste), "–", "–", "–"])
    colonnes = [
        Colonne("Origine", entete_de_ligne=True),
        Colonne("Part", nombre=True),
        Colonne("Intervalle", nombre=True),
        Colonne("Répondantes", nombre=True),
        Colonne("Fiabilité"),
    ]
    if entiere:
        figure = encart.figure(
            lambda: theme.legender(
                parts.empilee(montrees),
                mention.ligne(dites, encart.LARGEUR_LEGENDE),
            ),
            pub, "structure", choix.annee, lieu.niveau, lieu.code, choix.domaine, choix.vue,
        )  # fmt: skip
        phrases = " ".join(c.phrase for c in chiffres)
        encart.afficher(
            figure, titre, "structure", (colonnes, lignes), dites, requetes, pub, phrases, chiffres
        )
        _dire(SOMME if reste < 0 else "")
    else:
        _dire(INCOMPLETE)
        tableau.afficher(colonnes, lignes, titre, provenance=dites, requetes=requetes)
    _exporter(page, chiffres, "structure")


def _dire(phrase: str) -> None:
    if phrase:
        st.html(f'<div class="ob-note"><p>{phrase}</p></div>')


def simulateur(page: Theme) -> None:
    """Share of the associations that would not hold, and their jobs, for a fall that the reader chooses."""
    cadre.section(
        f"Et si les subventions baissaient{fr.FINE}?",
        "Une arithmétique sur les comptes déclarés, et non une prévision.",
    )
    elements = "".join(f"<li>{escape(h)}</li>" for h in HYPOTHESES)
    st.html(f'<div class="ob-texte ob-avis"><p><strong>Hypothèses</strong></p><ul>{elements}</ul></div>')
    choisie = st.segmented_control(
        "Baisse des subventions publiques",
        BAISSES,
        default=BAISSES[1],
        format_func=_ecrite,
        key=BAISSE,
        bind="query-params",
        required=True,
    )
    bloc_theme.grille(page.chiffres([f"stress_{choisie}", f"stress_etp_{choisie}"]), page.pub)
    _toutes_les_baisses(page)


def _ecrite(baisse: int) -> str:
    return f"{fr.MOINS}{baisse}{fr.INSECABLE}%"


def _toutes_les_baisses(page: Theme) -> None:
    lignes, tous = [], []
    for baisse in BAISSES:
        chiffres = page.chiffres([f"stress_{baisse}", f"stress_etp_{baisse}"])
        tous += chiffres
        lignes.append([_ecrite(baisse), *(t for c in chiffres for t in _cellules(c))])
    if not tous:
        return
    colonnes = [
        Colonne("Baisse", entete_de_ligne=True),
        Colonne("Associations qui ne tiendraient pas", nombre=True),
        Colonne("Intervalle", nombre=True),
        Colonne("Leurs emplois, en équivalents temps plein", nombre=True),
        Colonne("Intervalle", nombre=True),
    ]
    titre = f"Les quatre baisses, {page.choix.territoire.libelle}, {page.choix.annee}"
    largeurs = {len(ligne) for ligne in lignes}
    if largeurs == {len(colonnes)}:
        n = affichage.reponses(tous[0].carte, tous[0].mesure)
        tableau.afficher(
            colonnes, lignes, titre, provenance=_mention(page, tous, n),
            requetes=requete.des(c.place for c in tous),
        )  # fmt: skip
        _exporter(page, tous, "baisses")


def _cellules(c: Chiffre) -> tuple[str, str]:
    return affichage.valeur(c.carte, c.mesure), affichage.bornes(c.carte, c.mesure)


def _origine(c: Chiffre) -> str:
    """« Dons et mécénat » of « Part des dons et du mécénat »."""
    nom = c.carte.titre.removeprefix("Part des ").replace(" et du ", " et ")
    return nom[:1].upper() + nom[1:]


def _ligne(c: Chiffre) -> list[str]:
    return [
        _origine(c),
        *_cellules(c),
        affichage.nombre_repondants(c.mesure),
        affichage.etat(c.mesure).libelle,
    ]


def _mention(page: Theme, chiffres: Sequence[Chiffre], reponses: str) -> mention.Paires:
    return mention.paires(
        vue=" · ".join(dict.fromkeys(c.vue for c in chiffres)),
        methode=" · ".join(dict.fromkeys(c.methode for c in chiffres)),
        reponses=reponses,
        source=chiffres[0].carte.source,
        annee=page.choix.annee,
        edition=page.pub.edition,
    )


def _exporter(page: Theme, chiffres: Sequence[Chiffre], nom: str) -> None:
    choix = page.choix
    lieu = choix.territoire
    lignes = [
        export.ligne_mesure(
            c.mesure, c.carte, page.pub, territoire=lieu.libelle, domaine_libelle=choix.domaine_libelle
        )
        for c in chiffres
        if c.mesure is not None
    ]
    notice = export.Notice(
        f"{nom.capitalize()}, {lieu.libelle}, {choix.annee}", cartes=[c.carte for c in chiffres]
    )
    export.boutons(
        lignes, page.pub, nom, lieu.niveau, lieu.code, choix.annee, choix.domaine, choix.vue, notice=notice
    )
