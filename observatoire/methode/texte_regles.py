"""Sections on rules: reliability, conventions, secret, known limits."""

from __future__ import annotations

from collections.abc import Iterator

from observatoire.documents.modele import Bloc, Colonne, Liste, Paragraphe, Section
from observatoire.indicators.catalogue import VUES
from observatoire.methode import ecrire as e
from observatoire.methode.modele import Methodologie

STATUTS = {
    "ok": "Publiées",
    "prudence": "Avec prudence",
    "non_publie": "Non publiées (fiabilité)",
    "secret": "Masquées (secret)",
    "nd": "Sans réponse",
}
RAISONS = {
    "regle": "sous une règle du secret",
    "complement": "masquées en plus, pour qu’aucune différence ne rende les premières",
    "vide": "vides, masquées parmi les autres pour qu’une case masquée puisse être vide",
}
LIMITES = (
    ("Des répondantes volontaires.", "L’échantillon n’est pas tiré au sort : chaque intervalle est un {indicatif}. Le "
     "redressement ne corrige que ce que le registre sait ; si la réponse dépend d’autre chose, aucun poids ne répare le biais."),
    ("Des participations, pas des personnes.", "Une personne bénévole dans deux associations compte deux fois : on ne "
     "peut pas en tirer une part de la population."),
    ("Une valeur équivalente.", "La valeur du bénévolat est une convention, donnée sous la forme d’une fourchette ; elle "
     "ne s’ajoute pas aux budgets et n’est pas une dépense évitée."),
    ("Une commune déclarée.", "L’association est placée dans la commune qu’elle déclare ; elle peut agir ailleurs. Une "
     "intercommunalité à cheval sur deux départements n’est comptée que pour sa partie intérieure."),
    ("Des subventions publiées.", "Une subvention absente d’un fichier publié n’est pas une subvention nulle."),
    ("Des déclarations, pas des preuves.", "Les effets sur les personnes sont déclarés par elles : ils ne montrent pas, à "
     "eux seuls, que l’association en est la cause."),
    ("Un registre imparfait.", "Le RNA garde des associations qui ont cessé sans le dire : d’où deux nombres, N bas et N haut."),
)  # fmt: skip


def sections(m: Methodologie) -> Iterator[Section]:
    """Reliability, conventions, secret, limits."""
    yield Section("fiabilite", "Intervalles et fiabilité", tuple(_fiabilite(m)))
    yield Section("conventions", "Conventions", tuple(_conventions(m)))
    yield Section("secret", "Secret statistique", tuple(_secret(m)))
    limites = [(t, texte.format(indicatif=e.INDICATIF)) for t, texte in LIMITES]
    yield Section("limites", "Ce que ces chiffres ne disent pas", (Liste(limites),))


def _fiabilite(m: Methodologie) -> Iterator[Bloc]:
    c = e.Constantes(m)
    if m.est_ponderee:
        yield Paragraphe(
            f"Chaque chiffre pondéré a un {e.INDICATIF} à 95{e.INSECABLE}% : intervalle de svy avec population finie ; Wilson pour "
            "les proportions. Un total va de la borne basse sur N bas à la borne haute sur N haut."
        )
    else:
        yield Paragraphe(
            f"Les chiffres d’enquête portent sur les {e.REPONDANTES_SEULEMENT} : ils n’ont pas d’intervalle d’extrapolation."
        )
    yield e.tableau(
        m,
        "Quand un chiffre est publié",
        [Colonne("Mesure", part=2.4), Colonne("Publié"), Colonne("À lire avec prudence", part=1.3), Colonne("Non publié")],
        [
            ["Coefficient de variation", f"jusqu’à {c['cv_prudence']}", f"jusqu’à {c['cv_non_publie']}", "au-delà"],
            ["Associations qui n’ont pas répondu à la question", f"jusqu’à {c['non_reponse_prudence']}",
             f"jusqu’à {c['non_reponse_inutilisable']}", "au-delà"],
        ],
        f"{c.source('cv_non_publie')} ; {c.source('non_reponse_inutilisable')}",
    )  # fmt: skip


def _conventions(m: Methodologie) -> Iterator[Bloc]:
    c = e.Constantes(m)
    yield Liste(
        (
            ("Équivalent temps plein.", f"Heures ÷ {c['heures_etp']} (source : {c.source('heures_etp')}). La base est écrite à "
             "côté de chaque chiffre."),
            *_fiche(m, "Valeur du bénévolat.", "valeur_benevolat"),
            ("Euros constants.", "Les évolutions en euros sont données aussi en euros de la dernière année (indice des prix "
             f"à la consommation : {c.source('ipc').split(' ; ')[0]})."),
            ("Heures manquantes.", "Une réponse manquante n’est jamais un zéro et n’est jamais inventée : aucune imputation. "
             "Elle compte comme une non-réponse, que le seuil ci-dessus peut faire retirer."),
            ("Valeurs approchées.", "« Une trentaine » vaut 30, « 10 à 20 » vaut 15 ; la réponse reste marquée. « Plus de "
             "100 » n’est pas un nombre : la valeur n’est pas comptée."),
            ("Heures peu plausibles.", f"Au-delà de {c['heures_max_par_benevole']} par bénévole, la réponse est signalée à "
             "l’association."),
            ("Refus de publication.", "Une association qui refuse toute publication n’entre dans aucun chiffre tiré de ses réponses."),
        )
    )  # fmt: skip
    if m.annees:
        noms = ("heures_etp", "smic_horaire_brut", "ipc")
        lignes = []
        for nom in noms:
            trouvee = m.constante(nom)
            if trouvee is not None:
                lignes.append([trouvee.libelle, *(c.au(nom, a) for a in m.annees)])
        yield e.tableau(
            m,
            "Constantes par année de réponses",
            [Colonne("Constante", part=2.4), *(Colonne(str(a), nombre=True) for a in m.annees)],
            lignes,
            "table des constantes, valeur en vigueur au 31 décembre",
        )


def _fiche(m: Methodologie, tete: str, indicateur: str) -> list[tuple[str, str]]:
    """What the published card of an indicator says of its computation."""
    return [(tete, f"{f.formule} {f.precautions}") for f in m.fiches if f.indicateur == indicateur]


def _secret(m: Methodologie) -> Iterator[Bloc]:
    c = e.Constantes(m)
    minimum = next(
        (x.valeur for x in m.lignes if x.nom == "secret_min_associations"),
        c.nombre("secret_min_associations"),
    )
    yield Paragraphe(
        "Le secret est posé à la publication, jamais dans une page. Il compte les associations qui ont répondu, jamais des "
        "poids ; une case masquée l’est dans toutes les vues."
    )
    yield Liste(
        (
            ("Associations.", f"Au moins {minimum} derrière chaque chiffre."),
            ("Dominance.", f"La plus grosse ne fait pas plus de {c['secret_dominance']} d’un total, les deux plus grosses "
             f"pas plus de {c['secret_dominance_deux']}."),
            ("Personnes.", f"Au moins {c['secret_min_personnes']} derrière une donnée sur des personnes, venant d’au moins "
             f"{c.nombre('secret_min_unites')} associations ; {c['secret_min_bien_etre']} pour une part sous un seuil de bien-être."),
            ("Différences.", f"Un chiffre masqué reste inconnu à {c['secret_marge']} près de chaque côté ; un chiffre déjà publié "
             f"ne change que si {c['secret_lot']} au moins sont venues ou parties."),
        )
    )  # fmt: skip
    yield e.tableau(
        m,
        "Cases publiées et masquées, par niveau et vue",
        [Colonne("Niveau", part=1.5), Colonne("Vue", part=1.6), *(Colonne(t, nombre=True) for t in STATUTS.values())],
        [
            [e.NIVEAUX.get(x.niveau, x.niveau.capitalize()), VUES.get(x.vue, x.vue),
             *(e.nombre(x.statuts.get(s, 0)) for s in STATUTS)]
            for x in sorted(m.etats, key=lambda x: (list(e.NIVEAUX).index(x.niveau) if x.niveau in e.NIVEAUX else 99,
                                                    list(VUES).index(x.vue) if x.vue in VUES else 9))
        ],
        "table « mesures » : une case par indicateur, année, territoire, domaine et financeur",
    )  # fmt: skip
    if m.masques:
        yield Paragraphe(
            "Sur l’ensemble de la publication, environ "
            + e.enumerer([f"{e.accord(n, 'case')} {RAISONS.get(r, r)}" for r, n in m.masques.items()])
            + ". Ces nombres sont arrondis et comptent une seule fois les indicateurs d’une même famille."
        )
    yield Paragraphe(
        "Ce qui n’est pas dit, parce qu’il aiderait à retrouver un chiffre : quelles cases sont masquées par une règle et "
        "lesquelles en plus ; leur nombre par niveau, territoire ou indicateur ; le nombre de répondantes de chaque groupe "
        "du redressement ; les intercommunalités qu’il réunit ; la raison, case par case."
    )
