"""The method of a publication as a document in French: one writing for the page, the PDF and the command."""

from __future__ import annotations

from dataclasses import replace

from observatoire.documents.modele import (
    Bloc,
    Colonne,
    Definition,
    Document,
    Liste,
    Paragraphe,
    Section,
    Tableau,
)
from observatoire.domain.francais import jour, typographie
from observatoire.methode import ecrire as e
from observatoire.methode import texte_annexes, texte_enquete, texte_poids, texte_regles
from observatoire.methode.modele import Methodologie

TITRE = "Méthode"
AUTEUR = "Observatoire de la vie associative"
FICTIF = "Données fictives de démonstration : les associations et les chiffres sont inventés."


def rediger(m: Methodologie) -> Document:
    """The document of `m`; every number in it comes from `m`."""
    sections = (
        Section("essentiel", "L’essentiel", tuple(_essentiel(m))),
        *texte_enquete.sections(m),
        *texte_poids.sections(m),
        *texte_regles.sections(m),
        *texte_annexes.sections(m),
    )
    reference = e.reference(m)
    return Document(
        titre=f"{TITRE} de l’observatoire",
        auteur=AUTEUR,
        chapeau=typographie(f"{m.departement}, {reference}"),
        reference=typographie(reference[0].upper() + reference[1:]),
        date=jour(m.edition.publie_le).isoformat(),
        avis=typographie(FICTIF) if m.edition.fictif else "",
        sections=tuple(
            Section(s.nom, typographie(s.titre), tuple(map(_bloc, s.blocs)), s.est_annexe) for s in sections
        ),
    )


def _essentiel(m: Methodologie) -> list[Bloc]:
    c = e.Constantes(m)
    depots = sum(d.nb for d in m.depots)
    faits = [
        ("Réponses.", f"{e.accord(depots, 'dépôt compté', 'dépôts comptés')}, "
         f"{e.accord(sum(d.chargees for d in m.depots), 'ligne chargée', 'lignes chargées')}, années {e.enumerer(list(map(str, m.annees)))}."),
    ]  # fmt: skip
    derniere = next(
        (a for a in reversed(m.cadre) if a.n_bas is not None and a.n_repondantes is not None), None
    )
    if derniere is not None:
        faits.append(
            ("Cadre.", f"De {e.nombre(derniere.n_bas)} à {e.nombre(derniere.n_haut)} associations en {derniere.millesime} ; "
             f"taux de réponse {e.plage(e.part(derniere.taux_bas), e.part(derniere.taux_haut))}.")
        )  # fmt: skip
    else:
        faits.append(("Cadre.", f"Pas de poids : {e.REPONDANTES_SEULEMENT}."))
    faits += [
        ("Intervalles.", f"Échantillon volontaire : {e.INDICATIF}."),
        ("Conventions.", f"Un équivalent temps plein vaut {c['heures_etp']} ; SMIC horaire brut "
         + (c.au("smic_horaire_brut", m.annees[-1]) + f" pour {m.annees[-1]}." if m.annees else c["smic_horaire_brut"] + ".")),
        ("Chiffres.", f"{e.accord(len(m.fiches), 'indicateur')} ; "
         f"{e.accord(sum(x.statuts.get('ok', 0) + x.statuts.get('prudence', 0) for x in m.etats), 'case publiée', 'cases publiées')}, "
         f"{e.accord(sum(x.statuts.get('secret', 0) for x in m.etats), 'case masquée', 'cases masquées')} par le secret."),
    ]  # fmt: skip
    return [Liste(faits)]


def _bloc(bloc: Bloc) -> Bloc:
    """The same block with French unbreakable spaces."""
    t = typographie
    if isinstance(bloc, Paragraphe):
        return replace(bloc, texte=t(bloc.texte))
    if isinstance(bloc, Liste):
        return Liste(tuple((t(tete), t(texte)) for tete, texte in bloc.elements))
    if isinstance(bloc, Definition):
        return Definition(bloc.nom, t(bloc.titre), tuple((nom, t(texte)) for nom, texte in bloc.textes))
    colonnes = tuple(Colonne(t(c.titre), c.nombre, c.part) for c in bloc.colonnes)
    lignes = tuple(tuple(map(t, ligne)) for ligne in bloc.lignes)
    return Tableau(t(bloc.titre), colonnes, lignes, t(bloc.source), bloc.est_detail)
