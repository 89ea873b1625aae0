"""Blocks of the page « Méthode ». Definitions and thresholds come from the publication, never from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import Any

import streamlit as st

from dashboards import affichage
from dashboards import format_fr as fr
from dashboards.components import cadre, export, tableau
from dashboards.components.donnees import Publication
from dashboards.components.tableau import Colonne
from dashboards.modeles import Indicateur
from dashboards.textes import ETATS, STATUTS_PARAMETRE
from observatoire.domain.parametre import parametres as constantes

_LIRE = """
<div class="ob-texte"><ul>
<li><strong>Des associations répondantes.</strong> Les totaux additionnent les réponses reçues\u00a0: ils
ne sont pas extrapolés aux associations qui n’ont pas répondu. Un total plus grand d’une année sur l’autre
peut venir d’un plus grand nombre de réponses.</li>
<li><strong>Des participations, pas des personnes.</strong> Une personne bénévole dans deux associations
compte deux fois\u00a0: on ne peut pas en tirer une part de la population.</li>
<li><strong>Une valeur équivalente, pas une économie.</strong> La valeur du bénévolat est une convention,
donnée sous la forme d’une fourchette\u202f; elle ne s’ajoute pas aux budgets.</li>
<li><strong>Une commune déclarée.</strong> L’association est placée dans la commune qu’elle déclare\u202f;
elle peut agir ailleurs. Une subvention absente d’un fichier publié n’est pas une subvention nulle.</li>
<li><strong>Des déclarations, pas des preuves.</strong> Les effets sur les personnes sont déclarés par
elles\u00a0: ils ne montrent pas, à eux seuls, que l’association en est la cause.</li>
</ul></div>
"""
_PRIVEE = """
<div class="ob-texte"><ul>
<li>Le fichier que lisent ces pages ne contient que des chiffres agrégés et déjà protégés\u00a0: aucun nom
d’association, de bénévole ou de personne interrogée.</li>
<li>Un chiffre qui repose sur trop peu d’associations, ou que l’une d’elles fait presque à elle seule, est
masqué au moment de la publication, ainsi que les chiffres qui permettraient de le retrouver par
différence.</li>
<li>Les colonnes de données personnelles (noms, adresses électroniques, numéros de téléphone) sont
refusées au dépôt et ne sont jamais enregistrées.</li>
<li>Ces pages ne reçoivent aucun fichier, ne déposent aucun témoin de suivi et n’appellent aucun autre
site.</li>
</ul></div>
"""
_ACCES = """
<div class="ob-texte"><p>Chaque graphique et chaque carte a son tableau, les états sont distingués par un
mot et un motif autant que par une couleur, et toutes les pages se parcourent au clavier. Aucun audit de
conformité au RGAA n’a encore été fait.</p></div>
"""


def lire_les_chiffres() -> None:
    """What may be said of the figures, and what may not."""
    cadre.section("Lire ces chiffres")
    st.html(_LIRE)


def etats() -> None:
    """The signs met in place of a figure."""
    cadre.section("Quand il n’y a pas de chiffre")
    zero = ["0", "zéro", "Des associations ont répondu, et leur total est nul."]
    lignes = [zero, *([e.signe, e.libelle, e.phrase] for e in ETATS.values() if e.signe)]
    colonnes = [Colonne("Signe", entete_de_ligne=True), Colonne("Nom"), Colonne("Sens")]
    tableau.afficher(colonnes, lignes, "Signes employés à la place d’un chiffre")


def _definition(carte: Indicateur) -> str:
    paragraphes = [f"<p>{escape(carte.definition)}</p>"]
    for libelle, texte in (
        ("Calcul", carte.formule),
        ("Dit", carte.dit),
        ("Ne dit pas", carte.ne_dit_pas),
        ("À savoir", carte.precautions),
        ("Repère", affichage.repere(carte)),
        ("Source", carte.source),
    ):
        if texte:
            paragraphes.append(f'<p class="detail"><b>{libelle}</b>\u00a0: {escape(texte)}</p>')
    return (
        f'<div class="ob-definition" id="{escape(carte.indicateur)}"><h3>{escape(carte.titre)}</h3>'
        f"{''.join(paragraphes)}</div>"
    )


def definitions(cartes: Sequence[Indicateur]) -> None:
    """Every indicator, as its card says it."""
    cadre.section("Définitions", f"{fr.accord(len(cartes), 'indicateur')}, par thème.")
    themes = dict.fromkeys(carte.libelle_theme for carte in cartes)
    for theme in themes:
        contenu = [carte for carte in cartes if carte.libelle_theme == theme]
        with st.expander(f"{theme} ({fr.accord(len(contenu), 'indicateur')})"):
            st.html("".join(_definition(carte) for carte in contenu))


def _en_vigueur(lignes: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The latest value of each parameter, in the order of the file."""
    derniers: dict[str, Mapping[str, Any]] = {}
    for ligne in lignes:
        ancien = derniers.get(ligne["id"])
        if ancien is None or str(ligne["valable_du"] or "") >= str(ancien["valable_du"] or ""):
            derniers[ligne["id"]] = ligne
    return list(derniers.values())


def _depuis(valeur: date | str | None) -> str:
    """Start of validity, whichever way the publication stores it."""
    if not valeur:
        return ""
    return fr.date_courte(date.fromisoformat(valeur) if isinstance(valeur, str) else valeur)


def _valeur(valeur: float, unite: str) -> str:
    return fr.pourcentage(valeur, 0) if fr.est_part(unite) else fr.tel_quel(valeur)


def parametres(lignes: Sequence[Mapping[str, Any]], pub: Publication) -> None:
    """Thresholds and dated constants with their sources; the former values are in the download."""
    cadre.section(
        "Seuils et paramètres",
        "La valeur la plus récente de chacun\u202f; le fichier à télécharger donne aussi les précédentes.",
    )
    if not lignes:
        st.info("La publication ne donne aucun paramètre.", icon=":material/info:")
        return
    libelles = {constante.id: constante.libelle for constante in constantes()}
    titres = ("Paramètre", "Valeur", "Unité", "Depuis", "Statut", "Source")
    colonnes = [Colonne(t, nombre=t == "Valeur", entete_de_ligne=t == "Paramètre") for t in titres]
    cellules = [
        [
            fr.typographie(ligne.get("libelle") or libelles.get(ligne["id"], ligne["id"])),
            _valeur(float(ligne["valeur"]), str(ligne["unite"] or "")),
            "" if fr.est_part(str(ligne["unite"])) else str(ligne["unite"] or ""),
            _depuis(ligne["valable_du"]),
            STATUTS_PARAMETRE.get(str(ligne["statut"]), str(ligne["statut"] or "")),
            fr.typographie(str(ligne["source"] or "")),
        ]
        for ligne in _en_vigueur(lignes)
    ]
    tableau.afficher(colonnes, cellules, "Seuils et paramètres en vigueur")
    exportes = [
        {
            **{c: v if isinstance(v, int | float) else str(v or "") for c, v in ligne.items()},
            "publication": pub.edition.version,
        }
        for ligne in lignes
    ]
    export.boutons(exportes, pub, "parametres")


def vie_privee() -> None:
    """What protects people and associations."""
    cadre.section("Vie privée et secret statistique")
    st.html(_PRIVEE)


def accessibilite() -> None:
    """State of accessibility, without a claim that was not audited."""
    cadre.section("Accessibilité")
    st.html(_ACCES)
