"""Sections that list: constants, versions, what changed, licence, definitions of the indicators."""

from __future__ import annotations

from collections.abc import Iterator

import observatoire
from observatoire.documents.modele import Bloc, Colonne, Definition, Liste, Paragraphe, Section
from observatoire.domain.parametre import parametres
from observatoire.methode import ecrire as e
from observatoire.methode.changements import CONSTANTE, FICHE, QUESTIONNAIRE, STATUTS, VERSION
from observatoire.methode.modele import Changement, Constante, Methodologie
from observatoire.methode.releve_genres import EMPREINTE, LOGICIEL, PERIMETRE, REGLAGE

OBJETS = {
    CONSTANTE: "Constante",
    FICHE: "Indicateur",
    QUESTIONNAIRE: "Questionnaire",
    VERSION: "Version ou réglage",
}
_COURT = 12  # characters of a fingerprint that are shown


def sections(m: Methodologie) -> Iterator[Section]:
    """Constants, versions, changes, licence; then the definitions, at the end of the PDF."""
    yield Section("parametres", "Seuils et paramètres", tuple(_parametres(m)))
    yield Section("changements", "Ce qui a changé", tuple(_changements(m)))
    yield Section("versions", "Versions et empreintes", tuple(_versions(m)))
    yield Section("licence", "Sources et licence", tuple(_licence(m)))
    themes = dict.fromkeys(f.libelle_theme for f in m.fiches)
    for rang, theme in enumerate(themes):
        blocs = tuple(
            Definition(f.indicateur, f.titre, tuple(
                (nom, texte) for nom, texte in (
                    ("Définition", f.definition), ("Calcul", f.formule), ("À savoir", f.precautions), ("Source", f.source))
                if texte))
            for f in m.fiches if f.libelle_theme == theme
        )  # fmt: skip
        yield Section(
            f"theme-{rang}", f"Définitions : {theme or 'autres indicateurs'}", blocs, est_annexe=True
        )


def en_vigueur(m: Methodologie) -> list[Constante]:
    """The latest value of each constant, in the order of the file."""
    noms = dict.fromkeys(c.id for c in m.constantes)
    return [c for c in (m.constante(nom) for nom in noms) if c is not None]


def _parametres(m: Methodologie) -> Iterator[Bloc]:
    if not m.constantes:
        yield Paragraphe("La publication ne donne aucun paramètre.")
        return
    # A publication of before the labels has none.
    libelles = {p.id: p.libelle for p in parametres()}
    yield e.tableau(
        m,
        "Seuils et paramètres en vigueur",
        [Colonne("Paramètre", part=2.4), Colonne("Valeur", nombre=True, part=1.4), Colonne("Validité", part=1.2),
         Colonne("Statut", part=1.1), Colonne("Source", part=3)],
        [[c.libelle or libelles.get(c.id, c.id), e.valeur(c), e.validite(c), STATUTS.get(c.statut, c.statut), c.source] for c in en_vigueur(m)],
        "table « parametres », dernière valeur de chacun ; le fichier à télécharger donne aussi les précédentes",
        est_detail=True,
    )  # fmt: skip


def _changements(m: Methodologie) -> Iterator[Bloc]:
    if m.precedente is None:
        yield Paragraphe("Il n’y a pas de publication précédente à laquelle comparer celle-ci.")
        return
    depuis = f"la publication n°{e.INSECABLE}{m.precedente}"
    if not m.changements:
        yield Paragraphe(
            f"Aucune constante, aucune fiche, aucun questionnaire et aucune version n’ont changé depuis {depuis}."
        )
        return
    yield e.tableau(
        m,
        f"Constantes, fiches, questionnaires et versions changés depuis {depuis}",
        [
            Colonne("Objet", part=1.2),
            Colonne("Nom", part=2),
            Colonne("Avant", part=2),
            Colonne("Après", part=2),
        ],
        [_ligne(c) for c in m.changements],
        f"comparaison des fichiers publiés ; {depuis}",
        est_detail=len(m.changements) > 5,
    )


def _ligne(c: Changement) -> list[str]:
    if c.objet == CONSTANTE:
        return [OBJETS[c.objet], c.libelle, c.avant or "absente", c.apres or "retirée"]
    if c.objet == FICHE or c.nom.startswith(EMPREINTE) or c.objet == QUESTIONNAIRE:
        avant, apres = (None if x is None else "empreinte " + x[:_COURT] for x in (c.avant, c.apres))
        titre = f"{c.libelle} ({c.nom})" if c.objet == FICHE else c.libelle
        return [OBJETS[c.objet], titre, avant or "absent", apres or "retiré"]
    return [OBJETS.get(c.objet, c.objet), c.libelle, c.avant or "absent", c.apres or "retiré"]


def _versions(m: Methodologie) -> Iterator[Bloc]:
    logiciels = m.de_genre(LOGICIEL)
    if not logiciels:
        yield Paragraphe("Cette publication date d’avant le relevé des versions.")
        return
    yield e.tableau(
        m,
        "Logiciels employés",
        [Colonne("Logiciel"), Colonne("Version"), Colonne("Ce qu’il fait", part=3)],
        [[x.nom, x.valeur, x.libelle] for x in logiciels],
        "relevé au moment de la publication",
        est_detail=True,
    )
    empreintes = [[x.libelle, x.valeur] for x in m.de_genre(EMPREINTE)]
    empreintes += [
        [f"Questionnaire « {m.titres.get(n, n)} »", x] for n, x in m.empreintes_questionnaires.items()
    ]
    yield e.tableau(
        m,
        "Empreintes (SHA-256)",
        [Colonne("Objet", part=2), Colonne("Empreinte", part=3)],
        empreintes,
        "fichiers employés par le calcul ; la même empreinte veut dire les mêmes fichiers",
        est_detail=True,
    )
    yield e.tableau(
        m,
        "Réglages",
        [Colonne("Réglage", part=3), Colonne("Valeur")],
        [[x.libelle, x.valeur] for x in m.de_genre(REGLAGE)],
        "réglages du réseau au moment de la publication",
    )


def _licence(m: Methodologie) -> Iterator[Bloc]:
    elements = [("Périmètre.", f"{x.valeur}") if x.nom == "departement" else ("Découpages.", x.valeur) for x in m.de_genre(PERIMETRE)]  # fmt: skip
    if m.sources:
        elements.append(("Registre.", "RNA et Sirene, Licence Ouverte, aux dates dites plus haut."))
    elements += [
        ("Citer.", f"Observatoire de la vie associative, {e.reference(m)}, avec le numéro de l’indicateur."),
        ("Logiciel.", f"Libre, sous licence {observatoire.__license__} ; les requêtes de chaque indicateur sont dans le fichier publié."),
    ]  # fmt: skip
    yield Liste(elements)
    if m.ruptures:
        yield Liste([(f"Rupture de série, {r.titre}.", r.raison) for r in m.ruptures])
