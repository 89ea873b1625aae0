"""Sections on what was asked to whom: frame, waves, response rates and representativity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from observatoire.documents.modele import Bloc, Colonne, Paragraphe, Section
from observatoire.methode import ecrire as e
from observatoire.methode.modele import AnneeCadre, Depots, Methodologie
from observatoire.registre.formats import GENRES

DIMENSIONS = {
    "employeuse": "Emploi de salariés",
    "taille": "Taille",
    "secteur": "Secteur",
    "epci": "Intercommunalité du siège",
}
SANS_REGISTRE = (
    "Aucun registre des associations n’a été chargé : les chiffres d’enquête portent sur les "
    f"{e.REPONDANTES_SEULEMENT}. Ils ne disent rien de celles qui n’ont pas répondu, et aucun taux de réponse n’est calculé."
)


def sections(m: Methodologie) -> Iterator[Section]:
    """Frame, waves, response and representativity."""
    yield Section("cadre", "Le cadre : parmi quelles associations", tuple(_cadre(m)))
    yield Section("vagues", "Les réponses reçues", tuple(_vagues(m)))
    yield Section("reponse", "Taux de réponse et représentativité", tuple(_reponse(m)))


def _cadre(m: Methodologie) -> Iterator[Bloc]:
    if not m.cadre:
        yield Paragraphe(SANS_REGISTRE, est_avis=True)
        return
    c = e.Constantes(m)
    yield Paragraphe(
        "Personne ne connaît le nombre exact d’associations actives. Deux nombres sont donc donnés, jamais un seul. "
        "N bas compte les associations dont une preuve d’activité est connue : une réponse à l’enquête, une subvention "
        f"depuis moins de {c['cadre_subvention_ans']}, l’emploi de salariés, une déclaration depuis moins de "
        f"{c['cadre_declaration_ans']}. N haut compte toutes celles dont rien ne dit qu’elles ont cessé : ni dissoutes, "
        f"ni muettes depuis plus de {c['cadre_silence_ans']}."
    )
    colonnes = [Colonne("Année"), *(Colonne(t, nombre=True) for t in (
        "N bas", "N haut", "A répondu", "Subvention", "Salariés", "Déclaration"))]  # fmt: skip
    yield e.tableau(
        m,
        "Associations du cadre et preuves d’activité",
        colonnes,
        [
            [str(a.millesime), *map(e.nombre, (a.n_bas, a.n_haut, a.a_repondu, a.a_subvention, a.est_employeuse, a.a_declare))]
            for a in m.cadre
        ],
        "registre des associations et réponses ; une association peut avoir plusieurs preuves, une réponse d’une année "
        "suivante en est une",
    )  # fmt: skip
    if any(a.est_date is False for a in m.cadre):
        yield Paragraphe(
            "Le registre ne date pas assez de déclarations : N bas est pris égal à N haut.", est_avis=True
        )
    if any(a.est_salariat is False for a in m.cadre):
        yield Paragraphe(
            "Le registre ne dit pas qui emploie : la taille n’a pas servi aux groupes.", est_avis=True
        )
    if m.sources:
        yield e.tableau(
            m,
            "Fichiers officiels du registre",
            [Colonne("Fichier", part=2), Colonne("Format"), Colonne("Ajouté le"),
             *(Colonne(t, nombre=True) for t in ("Lignes", "Gardées", "Dissoutes", "Ailleurs", "Doublons"))],
            [
                [GENRES.get(s.genre, s.genre), s.format, e.date_courte(dt.date.fromisoformat(s.ajoute_le[:10])),
                 *map(e.nombre, (s.lues, s.gardees, s.dissoutes, s.hors_territoire, s.doublons))]
                for s in m.sources
            ],
            "fichiers publiés sous Licence Ouverte (RNA, Sirene) ou liste du réseau",
        )  # fmt: skip


def _vagues(m: Methodologie) -> Iterator[Bloc]:
    if not m.depots:
        yield Paragraphe("Aucun dépôt n’est compté dans cette publication.")
        return
    yield Paragraphe(
        "Chaque tableur reçu est un dépôt. Aucune ligne ne disparaît : lignes lues = chargées + en attente + ignorées. "
        "Par association et par année, la dernière réponse remplace la précédente."
        + (f" {e.accord(m.annules, 'dépôt annulé', 'dépôts annulés')}, non comptés." if m.annules else "")
    )
    lignes = [_ligne_depots(m, d) for d in m.depots]
    titres = ("Dépôts", "Lignes lues", "Chargées", "En attente", "Ignorées")
    yield e.tableau(
        m,
        "Dépôts comptés",
        [
            Colonne("Questionnaire", part=2),
            Colonne("Reçus", part=1.6),
            *(Colonne(t, nombre=True) for t in titres),
        ],
        lignes,
        "journal des dépôts",
    )
    annees = sorted({v.millesime for v in m.vagues})
    if annees:
        noms = list(dict.fromkeys(v.questionnaire for v in m.vagues))
        nombres = {(v.questionnaire, v.millesime): v.n_repondantes for v in m.vagues}
        yield e.tableau(
            m,
            "Associations répondantes, par questionnaire et année",
            [Colonne("Questionnaire", part=2), *(Colonne(str(a), nombre=True) for a in annees)],
            [
                [m.titres.get(n, "Tous questionnaires"), *(e.nombre(nombres.get((n, a))) for a in annees)]
                for n in noms
            ],
            "chiffres publiés du département ; pour un questionnaire, le plus grand nombre de répondantes d’un "
            "indicateur qui ne lit que lui ; tiret : non publié, ou aucun indicateur de ce genre",
        )


def _ligne_depots(m: Methodologie, d: Depots) -> Sequence[str]:
    titre = m.titres.get(d.questionnaire, d.questionnaire)
    suite = f" ({d.source})" if d.source and d.source != "tableur" else ""
    return [
        titre + suite,
        e.dates(d.du, d.au),
        *map(e.nombre, (d.nb, d.lues, d.chargees, d.en_attente, d.ignorees)),
    ]


def _reponse(m: Methodologie) -> Iterator[Bloc]:
    if not m.cadre:
        yield Paragraphe(f"Sans registre, il n’y a pas de taux de réponse : {e.REPONDANTES_SEULEMENT}.")
        return
    pesees = [a for a in m.cadre if a.n_repondantes is not None]
    if pesees:
        yield e.tableau(
            m,
            "Taux de réponse",
            [Colonne("Année"), Colonne("Répondantes", nombre=True), Colonne("Taux de réponse", part=1.8),
             Colonne("Plus grand écart", part=2.2), Colonne("χ² (degrés de liberté)", nombre=True, part=1.5)],
            [
                [str(a.millesime), e.nombre(a.n_repondantes), e.plage(e.part(a.taux_bas), e.part(a.taux_haut)), _ecart(m, a),
                 f"{e.nombre(a.chi2, 1)} ({a.chi2_ddl})" if a.chi2 is not None else e.RIEN]
                for a in pesees
            ],
            "répondantes rapportées à N haut puis à N bas ; écart entre la part dans l’échantillon et la part dans le "
            "cadre, en points ; χ² de la dimension la plus éloignée du cadre",
        )  # fmt: skip
    derniere = max((n.millesime for n in m.representativite), default=None)
    for dimension, titre in DIMENSIONS.items():
        niveaux = [n for n in m.representativite if (n.millesime, n.dimension) == (derniere, dimension)]
        if niveaux:
            yield e.tableau(
                m,
                f"{titre}, {derniere} : qui a répondu, qui est dans le cadre",
                [Colonne(titre, part=2.6), *(Colonne(t, nombre=True, part=1.1) for t in (
                    "Répondantes", "Cadre", "Part des répondantes", "Part du cadre", "Écart (points)"))],
                [[n.libelle, e.nombre(n.n_repondantes), e.nombre(n.n_cadre), e.part(n.part_repondantes),
                  e.part(n.part_cadre), e.points(n.ecart)] for n in niveaux],
                "réponses et registre (N bas) ; les niveaux de trop peu de répondantes sont réunis",
                est_detail=len(niveaux) > 2,
            )  # fmt: skip


def _ecart(m: Methodologie, a: AnneeCadre) -> str:
    """« + 14,5 points, secteur Loisirs »."""
    if a.ecart_max is None or not a.ecart_ou:
        return e.RIEN
    dimension, _, modalite = a.ecart_ou.partition(" : ")
    nom = next(
        (n.libelle for n in m.representativite if (n.dimension, n.modalite) == (dimension, modalite)),
        modalite,
    )
    return f"{e.points(a.ecart_max)} ({DIMENSIONS.get(dimension, dimension).lower()} : {nom})"
