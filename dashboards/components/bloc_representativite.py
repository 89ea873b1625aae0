"""Blocks of « Qualité des données » on who answered: verdict, bars beside the register, coverage map, log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import plotly.graph_objects as go
import streamlit as st

from dashboards import fonds, lecture, presences, textes, vues
from dashboards import format_fr as fr
from dashboards.components import cadre, encart, export, filtres, images, mention, requete, tableau
from dashboards.components import carte as composant
from dashboards.components.blocs import REPONDANTES as TEMOIN
from dashboards.components.donnees import Publication
from dashboards.components.encart import LARGEUR_LEGENDE
from dashboards.components.tableau import Colonne
from dashboards.figures import carte_svg, classes, representativite, theme
from dashboards.modeles import Presence, Redressement
from observatoire.territoire.carte import fond
from observatoire.territoire.territoire import DepartementAbsent

SOURCE = "Dépôts de l’observatoire et registre des associations (RNA, Sirene)"
METHODE = "parts comparées, sans pondération"
TITRE = "À qui ressemblent les associations qui ont répondu"
Noms = Mapping[str, Mapping[str, str]]


def afficher(pub: Publication) -> None:
    """The whole card of representativity, for the year chosen; one sentence without a register."""
    cadre.section(
        TITRE, "Les associations répondent si elles le veulent. Cette fiche dit lesquelles l’ont fait."
    )
    bilans = {b.millesime: b for b in pub.lire(lecture.redressements)}
    if not bilans:
        st.info(presences.SANS_REGISTRE, icon=":material/info:")
        _couverture(pub, filtres.annee(pub))
        return
    with filtres.grille(4):
        annee = filtres.annee(pub)
    bilan = bilans.get(annee)
    if bilan is None:
        st.info(f"Personne n’a répondu pour {annee}.", icon=":material/info:")
        return
    noms = _noms(pub)
    _verdict(bilan, noms, pub)
    lignes = tuple(p for p in pub.lire(lecture.representativite) if p.millesime == annee)
    _dimensions(lignes, noms, annee, pub)
    _couverture(pub, annee)
    _journal(annee, noms, pub)


def _noms(pub: Publication) -> Noms:
    domaines = dict(pub.lire(lecture.domaines))
    epci = {t.code: t.libelle for t in pub.lire(lecture.territoires) if t.niveau == "epci"}
    return {d: presences.libelles(d, domaines, epci) for d in presences.DIMENSIONS}


def mentions(annee: int, n: str, pub: Publication) -> mention.Paires:
    """What the comparison rests on."""
    return mention.paires(
        vue=vues.LIBELLES[vues.REPONDANTES],
        methode=METHODE,
        reponses=n,
        source=SOURCE,
        annee=annee,
        edition=pub.edition,
    )


def _verdict(bilan: Redressement, noms: Noms, pub: Publication) -> None:
    phrases = [
        presences.participation(bilan),
        presences.ecart(bilan, noms),
        presences.hasard(bilan),
        presences.poids(bilan),
        *presences.reserves(bilan),
    ]
    contenu = "".join(f"<p>{escape(p)}</p>" for p in phrases if p)
    nb = fr.accord(bilan.n_repondantes or 0, "association répondante", "associations répondantes")
    dites = mentions(bilan.millesime, nb, pub)
    requetes = pub.requetes(lecture.redressements)
    st.html(mention.entourer(f'<div class="ob-invariant">{contenu}</div>', TITRE, dites, requetes))


@st.cache_resource(max_entries=200, show_spinner=False)
def _figure(lignes: tuple[Presence, ...], libelles: tuple[tuple[str, str], ...], legende: str) -> go.Figure:
    return theme.legender(representativite.comparer(lignes, dict(libelles)), legende)


def _dimensions(lignes: Sequence[Presence], noms: Noms, annee: int, pub: Publication) -> None:
    """Bars and table of each dimension, beside one another."""
    ici = {d: tuple(p for p in lignes if p.dimension == d) for d in presences.DIMENSIONS}
    montrees = [d for d, presentes in ici.items() if presentes]
    if not montrees:
        st.info("Trop peu de réponses pour comparer au registre.", icon=":material/info:")
        return
    onglets = st.tabs([presences.DIMENSIONS[d] for d in montrees], key="onglets-representativite")
    for onglet, dimension in zip(onglets, montrees, strict=True):
        with onglet:
            _dimension(dimension, ici[dimension], noms[dimension], annee, pub)
    export.boutons(
        [_ligne(p, noms, pub) for p in lignes], pub, "representativite", annee,
        notice=export.Notice(f"{TITRE}, {annee}", (("Source", SOURCE), ("Méthode", METHODE))),
    )  # fmt: skip


def _dimension(
    dimension: str, lignes: tuple[Presence, ...], noms: Mapping[str, str], annee: int, pub: Publication
) -> None:
    nom = f"{presences.DIMENSIONS[dimension]}, {annee}{fr.INSECABLE}: registre et répondantes"
    total = sum(p.n_repondantes for p in lignes)
    dites = mentions(annee, fr.accord(total, "association répondante", "associations répondantes"), pub)
    requetes = pub.requetes(lecture.representativite)
    gauche, droite = st.columns([2, 3], gap="medium")
    with gauche:
        libelles = tuple(sorted(noms.items()))
        figure = _figure(lignes, libelles, mention.ligne(dites, LARGEUR_LEGENDE))
        encart.dessiner(figure, f"representativite-{dimension}", nom, requetes)
        images.de_graphique(figure, f"Qui a répondu, {nom[:1].lower()}{nom[1:]}", "", pub)
    with droite:
        titres = ("Registre", "Répondantes", "Écart (points)", "Réponses", "Taux de réponse")
        colonnes = [
            Colonne(presences.DIMENSIONS[dimension], entete_de_ligne=True),
            *(Colonne(t, nombre=True) for t in titres),
        ]
        cellules = [
            [
                noms.get(p.modalite, p.modalite),
                fr.pourcentage(p.part_cadre),
                fr.pourcentage(p.part_repondantes),
                fr.signe(100 * p.ecart, 1),
                fr.nombre(p.n_repondantes),
                presences.taux(p),
            ]
            for p in lignes
        ]
        tableau.afficher(colonnes, cellules, nom, provenance=dites, requetes=requetes)


def _ligne(p: Presence, noms: Noms, pub: Publication) -> dict[str, export.Valeur]:
    return {
        "millesime": p.millesime,
        "dimension": p.dimension,
        "modalite": p.modalite,
        "libelle": noms[p.dimension].get(p.modalite, p.modalite),
        "vue": vues.REPONDANTES,
        "vue_libelle": vues.LIBELLES[vues.REPONDANTES],
        "n_repondants": p.n_repondantes,
        "n_cadre": p.n_cadre,
        "n_cadre_haut": p.n_cadre_haut,
        "part_repondantes": p.part_repondantes,
        "part_cadre": p.part_cadre,
        "ecart": p.ecart,
        "taux_bas": p.taux_bas,
        "taux_haut": p.taux_haut,
        "methode": METHODE,
        "source": SOURCE,
        "publication": pub.edition.version,
        "publie_le": fr.date_iso(pub.edition.publie_le),
        "donnees_fictives": pub.edition.fictif,
    }


def _couverture(pub: Publication, annee: int) -> None:
    """Map of the answers by commune: where nobody answered is hatched."""
    cartes = {c.indicateur: c for c in pub.lire(lecture.indicateurs)}
    mesures = pub.lire(lecture.carte, TEMOIN, annee, "commune", textes.TOUS, vues.REPONDANTES)
    try:
        contours = fond(pub.departement, "commune")
    except DepartementAbsent as absent:
        st.info(str(absent), icon=":material/info:")
        return
    if TEMOIN not in cartes or not mesures:
        return
    lieux = {t.code: t.libelle for t in pub.lire(lecture.territoires) if t.niveau == "commune"}
    valeurs = {code: m.valeur for code, m in mesures.items()}
    classement = classes.sans_reponse(classes.classer(list(lieux), mesures, valeurs))
    nb, total = classement.effectif(classes.ABSENTE), len(lieux)
    titre = f"Où l’on a répondu, par commune, {annee}"
    bulles = {
        code: f"{nom}{fr.INSECABLE}: {_reponses(classement.rangs.get(code), valeurs.get(code))}"
        for code, nom in lieux.items()
    }
    alt = (
        f"Carte{fr.INSECABLE}: {titre}. Aucune réponse connue dans {fr.nombre(nb)} communes sur "
        f"{fr.nombre(total)}\u202f; elles sont hachurées."
    )
    svg = carte_svg.dessiner(contours, classement, bulles, alt, traces=False)
    entrees = carte_svg.legende(classement, cartes[TEMOIN].unite, 0, textes.COUVERTURE)
    dites = mentions(annee, "légende de la carte", pub)
    cadre.section(titre, alt.partition(". ")[2])
    unites = carte_svg.unites_par_pixel(contours)
    requetes = requete.des(mesures.values())
    composant.afficher(
        composant.html(svg, entrees, titre, contours["sources"], unites, dites, requetes),
        "carte-couverture",
        _rien,
        fonds.adresse(pub.departement, "commune"),
    )


def _rien(_code: str) -> None:
    """A click on this map chooses nothing."""


def _reponses(rang: int | str | None, valeur: float | None) -> str:
    if isinstance(rang, str):
        return textes.COUVERTURE.get(rang, rang)
    return fr.accord(int(valeur or 0), "réponse")


def _journal(annee: int, noms: Noms, pub: Publication) -> None:
    operations = [o for o in pub.lire(lecture.operations) if o.millesime == annee]
    if not operations:
        return
    with st.expander(f"Ce que le redressement a dû réunir ou abandonner ({fr.nombre(len(operations))})"):
        lignes = "".join(f"<li>{escape(presences.operation(o, noms))}</li>" for o in operations)
        st.html(f'<div class="ob-texte"><ul>{lignes}</ul></div>')
