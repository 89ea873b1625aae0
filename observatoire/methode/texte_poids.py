"""Section on how answers speak for the others: weights, and the log of what was put together or given up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from observatoire.documents.modele import Bloc, Colonne, Liste, Paragraphe, Section
from observatoire.methode import ecrire as e
from observatoire.methode.modele import Methodologie, Operation


def sections(m: Methodologie) -> Iterator[Section]:
    """Weights."""
    yield Section("poids", "Des répondantes à l’ensemble : les poids", tuple(_poids(m)))


def _poids(m: Methodologie) -> Iterator[Bloc]:
    for a in m.cadre:
        if a.refus:
            yield Paragraphe(f"{a.millesime} n’a pas de vue pondérée. {a.refus}", est_avis=True)
    if not m.est_ponderee:
        yield Paragraphe(f"Aucun poids : chaque association compte pour une, {e.REPONDANTES_SEULEMENT}.")
        return
    c = e.Constantes(m)
    yield Liste(
        (
            ("Groupes.", "Taille (nombre de salariés) × secteur, et × intercommunalité dès "
             f"{c['poids_min_epci']} répondantes. Un groupe de moins de {c['poids_min_groupe']} répondantes rejoint son "
             "voisin ; employeuses et associations sans salarié ne sont jamais réunies."),
            ("Poids.", "Nombre d’associations du groupe dans le cadre ÷ nombre de répondantes du groupe (svy)."),
            ("Calage.", "Sur les groupes et sur l’intercommunalité des associations sans salarié, facteurs entre "
             f"{c.nombre('poids_facteur_min')} et {c.nombre('poids_facteur_max')}, poids d’au plus "
             f"{c.nombre('poids_rognage')} fois le poids médian, écart relatif admis {c.nombre('poids_tolerance')}, "
             f"{c['poids_tours_max']} au plus."),
            ("Trois vues.", "« 1 association = 1 voix » (poids 1), « représentatif » (poids du redressement), « poids "
             "économique » (poids × budget, jamais pour une opinion ni pour un total)."),
        )
    )  # fmt: skip
    titres = (
        "Groupes",
        "Répondantes",
        "Taille efficace",
        "Effet de plan",
        "Plus petit poids",
        "Plus grand poids",
    )
    yield e.tableau(
        m,
        "Redressement de l’ensemble des réponses",
        [Colonne("Année"), *(Colonne(t, nombre=True) for t in titres), Colonne("Marges respectées", part=2.4)],
        [
            [str(a.millesime), *map(e.nombre, (a.nb_groupes, a.n_repondantes, a.n_efficace)),
             *(e.nombre(x, 2) for x in (a.deff, a.poids_min, a.poids_max)), a.marges or e.RIEN]
            for a in m.cadre
            if a.n_efficace is not None
        ],
        "redressement (svy) ; taille efficace et effet de plan de Kish",
    )  # fmt: skip
    yield from _journal(m)


def _journal(m: Methodologie) -> Iterator[Bloc]:
    principales = [o for o in m.journal if o.est_ensemble]
    if principales:
        yield Paragraphe(
            "Ce que le redressement de l’ensemble des réponses a réuni ou abandonné. Un groupe en rejoint un autre quand il "
            "a moins de répondantes que le minimum, ou pour que l’autre l’atteigne."
        )
        annees: dict[str, list[str]] = {}
        for annee in sorted({o.millesime for o in principales}):
            for o in _groupees(principales, annee):
                annees.setdefault(phrase(o), []).append(str(annee))
        yield Liste(tuple((f"{e.enumerer(liste)}.", texte) for texte, liste in annees.items()))
    autres = sum(o.fois for o in m.journal if not o.est_ensemble)
    if autres:
        yield Paragraphe(
            f"Chaque ensemble d’associations qui ont répondu à une même question a ses propres poids : {e.accord(autres, 'autre opération', 'autres opérations')} "
            "du même genre sont dans la table « redressement_journal » du fichier publié."
        )


def _groupees(operations: Sequence[Operation], annee: int) -> Iterator[Operation]:
    """Operations of a year; those of a step that end in the same group make one."""
    par_etape: dict[tuple[str, str, str], list[Operation]] = {}
    for o in operations:
        if o.millesime == annee:
            par_etape.setdefault((o.etape, o.vers, o.raison), []).append(o)
    for (etape, vers, raison), liste in par_etape.items():
        noms = e.enumerer([f"« {o.groupe} »" for o in liste])
        yield Operation(annee, etape, noms, vers, raison, True, sum(o.fois for o in liste))


def phrase(o: Operation) -> str:
    """One line of the log in French. `groupe` holds names already quoted."""
    etape, _, classe = o.etape.partition(", ")
    if etape == "taille":
        return f"Taille : {o.groupe} rejoint « {o.vers} »."
    if etape == "secteur":
        qui = classe[:1].lower() + classe[1:]
        return f"Parmi les associations « {qui} », secteurs réunis : {o.groupe}."
    if etape == "EPCI":
        return f"Marge géographique : {e.accord(o.fois, 'intercommunalité réunie', 'intercommunalités réunies')}."
    if etape == "calage":
        return f"Marge géographique abandonnée : {o.raison}."
    return f"Rognage des poids abandonné : {o.raison}."
