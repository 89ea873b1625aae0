"""Blocks of « Parole du terrain »: the extracts as quotations, and how they were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from dashboards import format_fr as fr
from dashboards import lecture_paroles, lecture_territoire, textes
from dashboards.components import cadre, export, mention, requete, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.lecture_paroles import DEPARTEMENT, EPCI, Bilan, Parole
from dashboards.modeles import Territoire

MONTRES = 30
SOURCE = "Questionnaire «\u00a0Associations\u00a0», extraits dont la publication est acceptée"
METHODE = "compte des associations qui ont écrit un extrait"
SANS_DOMAINE = "Domaine non précisé"
AVIS = (
    "<strong>Des mots, pas des chiffres.</strong> Ces phrases ne disent pas combien d’associations pensent la même chose\u202f; "
    "celles qui ont écrit ont choisi de le faire."
)
AILLEURS = "D’autres extraits du département peuvent venir d’ici sans que leur lieu soit dit."
PEU = ", car le lieu n’est dit que si assez d’associations y ont écrit"


def avertir() -> None:
    """What the extracts are not."""
    st.html(f'<div class="ob-texte ob-avis" role="note"><p>{AVIS}</p></div>')


def extraits(pub: Publication, annee: int, lieu: Territoire, domaine: tuple[str, str]) -> None:
    """The extracts of the place; those of the whole département, which is said, when none is tied to the place."""
    code, libelle = domaine
    tous = pub.lire(lecture_paroles.paroles, annee, code)
    gardes, nom, repli = choisir(tous, lieu, _dessus(pub, lieu), cadre.nom_departement(pub))
    precise = "" if code == textes.TOUS else f", {libelle.lower()}"
    cadre.section(f"{nom} · {annee}{precise}", repli)
    if not gardes:
        st.info(
            f"Aucun extrait publié pour {annee}{precise}. Les extraits paraissent quand leur association l’accepte, "
            "et après relecture.",
            icon=":material/info:",
        )
        return
    reference = mention.reference(pub.edition)
    st.html(_citations(gardes[:MONTRES], reference))
    if len(gardes) > MONTRES:
        with st.expander(f"Les {fr.accord(len(gardes) - MONTRES, 'extrait suivant', 'extraits suivants')}"):
            st.html(_citations(gardes[MONTRES:], reference))
    notice = export.Notice(
        f"Parole du terrain, {nom}, {annee}",
        filtres=(("À savoir", "Des mots, pas des chiffres\u00a0: les associations ont choisi d’écrire."),),
    )
    export.boutons(
        [_ligne(p, pub) for p in gardes], pub, "paroles", lieu.niveau, lieu.code, annee, code, notice=notice
    )


def choisir(
    tous: Sequence[Parole], lieu: Territoire, dessus: Territoire, departement: str
) -> tuple[Sequence[Parole], str, str]:
    """(extracts, name of the place they are from, what to say of it).

    `dessus` is the place that may be named: `lieu` itself, or the EPCI or the département that holds it.
    """
    plus_haut = (
        "" if dessus == lieu else "Le lieu d’un extrait n’est jamais plus fin que l’intercommunalité\u00a0: "
    )
    if dessus.niveau != EPCI:
        return tous, dessus.libelle, f"{plus_haut}voici ceux de tout le département." if plus_haut else ""
    d_ici = [p for p in tous if (p.niveau, p.code) == (EPCI, dessus.code)]
    if d_ici:
        suite = f"{plus_haut}voici ceux de {dessus.libelle}. " if plus_haut else ""
        return d_ici, dessus.libelle, f"{suite}{AILLEURS}"
    if not tous:
        return (), dessus.libelle, ""
    return (
        tous,
        departement,
        f"Aucun extrait n’est rattaché à {dessus.libelle}{PEU}\u00a0: voici ceux de tout le département.",
    )


def _dessus(pub: Publication, lieu: Territoire) -> Territoire:
    """The smallest place that an extract may name and that holds this one."""
    if lieu.niveau in (EPCI, DEPARTEMENT):
        return lieu
    autres = pub.lire(lecture_territoire.englobants, lieu.niveau, lieu.code)
    return next(t for n in (EPCI, DEPARTEMENT) for t in autres if t.niveau == n)


def _citations(paroles: Sequence[Parole], reference: str) -> str:
    """Quotations; a number that an association wrote is its own word, and the mark says where it was published."""
    return f'<div class="ob-paroles" {mention.COMPTE}="{escape(reference)}">{"".join(map(_citation, paroles))}</div>'


def _citation(p: Parole) -> str:
    lieu = f"{p.lieu} (département)" if p.niveau == DEPARTEMENT else p.lieu
    origine = f"{fr.INSECABLE}· ".join((p.domaine_libelle or SANS_DOMAINE, lieu, str(p.millesime)))
    return (
        f'<figure class="ob-parole"><blockquote><p>{escape(fr.typographie(p.extrait))}</p></blockquote>'
        f"<figcaption>{escape(origine)}</figcaption></figure>"
    )


def _ligne(p: Parole, pub: Publication) -> dict[str, export.Valeur]:
    return {
        "extrait": p.extrait,
        "domaine": p.domaine,
        "domaine_libelle": p.domaine_libelle,
        "niveau": p.niveau,
        "code_territoire": p.code,
        "territoire": p.lieu,
        "millesime": p.millesime,
        "source": SOURCE,
        "publication": pub.edition.version,
        "publie_le": fr.date_iso(pub.edition.publie_le),
        "donnees_fictives": pub.edition.fictif,
    }


def choix(pub: Publication) -> None:
    """How the extracts were chosen, and how many were received, consented and published each year."""
    cadre.section("Comment ces extraits sont choisis")
    minimum = pub.lire(lecture_paroles.seuil)
    lieu = (
        f" L’intercommunalité n’est dite que si {fr.accord(minimum, 'association')} au moins y ont écrit cette année-là, et si "
        "autant y répondent dans le même domaine, en nombre publié\u202f; sinon l’extrait est rattaché au département."
        if minimum
        else ""
    )
    st.html(
        f'<div class="ob-texte" {mention.COMPTE}="{escape(mention.reference(pub.edition))}"><ul>'
        "<li><strong>Accord.</strong> L’association coche elle-même «\u00a0Publier cet extrait\u00a0»\u202f; sans réponse, rien "
        "ne paraît. Un accord retiré ôte l’extrait de la publication suivante.</li>"
        "<li><strong>Relecture.</strong> Une autre personne que celle qui a déposé l’extrait l’accepte, le coupe ou le refuse. "
        "Elle ne peut qu’ôter des mots\u00a0: «\u00a0[…]\u00a0» marque chaque coupe.</li>"
        "<li><strong>Sans nom.</strong> Ni association ni personne\u202f; une phrase qui contient une donnée personnelle ne "
        f"paraît jamais.{lieu}</li>"
        "<li><strong>Ordre.</strong> Il est tiré au sort\u00a0: il ne dit ni l’importance, ni la date.</li></ul>"
        f"{requete.volet(pub.requetes(lecture_paroles.seuil) if minimum else ())}</div>"
    )
    if bilans := pub.lire(lecture_paroles.bilans):
        _compter(bilans, minimum, pub)


def _compter(bilans: Sequence[Bilan], minimum: int | None, pub: Publication) -> None:
    def dit(nombre: int | None) -> str:
        return fr.nombre(nombre) if nombre is not None else f"moins de {minimum or 'quelques'}"

    tableau.afficher(
        [
            Colonne("Année", entete_de_ligne=True),
            Colonne("Reçus", nombre=True),
            Colonne("Avec accord", nombre=True),
            Colonne("Publiés", nombre=True),
        ],
        [[str(b.millesime), dit(b.recus), dit(b.accords), dit(b.publies)] for b in bilans],
        "Extraits reçus, avec accord et publiés, dans tout le département",
        provenance=mention.paires(
            vue="répondantes qui ont écrit",
            methode=METHODE,
            reponses="colonne Reçus",
            source=SOURCE,
            annee=", ".join(str(b.millesime) for b in bilans),
            edition=pub.edition,
        ),
        requetes=pub.requetes(lecture_paroles.bilans),
    )
