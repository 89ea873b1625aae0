"""French sentences and labels shared by pages, figures, tables and exports."""

from __future__ import annotations

from dataclasses import dataclass

from dashboards.format_fr import ND, NON_PUBLIE, SECRET

NOM = "Observatoire de la vie associative"
CONFORMITE = "partiellement conforme"
PAGE_ENTIERE = f"Voir cette page sur le site de l’{NOM[0].lower()}{NOM[1:]}"
FICTIF = (
    "<strong>Données fictives de démonstration.</strong> Les associations et les chiffres de cette page "
    "sont inventés\u00a0: ils ne décrivent aucun territoire réel."
)
FICTIF_NU = "Données fictives de démonstration\u00a0: elles ne décrivent aucun territoire réel."
SANS_PUBLICATION = (
    "Aucune publication n’est disponible pour le moment. Déposez au moins un tableur avec la commande "
    "`observatoire deposer`, puis lancez `observatoire publier`\u202f; cette page affichera les chiffres. "
    "Pour un essai avec des données inventées\u00a0: `observatoire demo`."
)
PUBLICATION_ILLISIBLE = (
    "Le fichier de la publication ne peut pas être lu. Lancez de nouveau `observatoire publier` pour en "
    "produire un autre\u202f; si le message revient, prévenez la personne qui tient le serveur."
)
REPONDANTES = (
    "Les chiffres d’enquête portent sur les seules associations qui ont répondu\u202f; ils ne sont pas "
    "étendus à toutes les associations du territoire."
)


SUBVENTIONS = (
    "Les subventions sont celles que les financeurs ont publiées dans les fichiers déposés\u202f; une commune "
    "sans montant publié n’est pas une commune sans subvention."
)
PAR_HABITANT = (
    "Le total des associations répondantes est divisé par toute la population\u00a0: un territoire où peu "
    "d’associations ont répondu paraît plus bas qu’il n’est."
)
TOTAUX = (
    "Cette carte montre des totaux, par des cercles\u00a0: un territoire peuplé en a naturellement davantage. "
    "«\u00a0Rapporter à la population\u00a0» permet de comparer."
)
COMMUNE_DECLAREE = "Une association est comptée dans la commune qu’elle déclare, où qu’elle agisse."
EVOLUTIONS = "L’évolution d’une année à l’autre n’est calculée que pour le département entier."
INDICATIF = "intervalle indicatif (échantillon non probabiliste)"
TRAIT = "Trait fin\u00a0: intervalle indicatif\u202f; la valeur est écrite au bout."
INDICATIF_LONG = (
    "Les associations ont choisi de répondre\u00a0: l’échantillon n’est pas tiré au sort et l’intervalle est "
    "indicatif. Le redressement ne corrige que ce que le registre sait (taille, domaine, intercommunalité)."
)
SANS_CONTOUR = (
    "Cantons, arrondissements, quartiers prioritaires et regroupements n’ont pas de contour ici\u00a0: "
    "leurs chiffres sont dans les autres pages."
)
HACHURES = "Une hachure ou des points ne veulent pas dire zéro."


@dataclass(frozen=True, slots=True)
class Etat:
    """How a status is shown: the sign put in place of the value, its label and one sentence."""

    signe: str
    libelle: str
    phrase: str


ETATS = {
    "ok": Etat("", "fiable", ""),
    "prudence": Etat("", "à lire avec prudence", "Peu de réponses, ou réponses très dispersées."),
    "non_publie": Etat(
        NON_PUBLIE,
        "non publié",
        "Trop peu de réponses, ou réponses trop dispersées, pour publier un chiffre fiable.",
    ),
    "secret": Etat(
        SECRET, "secret statistique", "Chiffre masqué pour qu’aucune association ne puisse être reconnue."
    ),
    "nd": Etat(ND, "non disponible", "Aucune donnée reçue pour ce territoire, cette année et ce domaine."),
}

# States of the map of the answers.
COUVERTURE = {
    "secret": "quelques réponses au plus, protégées par le secret",
    "non_publie": "réponses non montrées",
    "absente": "aucune réponse connue",
}

NIVEAUX = {
    "departement": "Département",
    "arrondissement": "Arrondissement",
    "epci": "Intercommunalité",
    "canton": "Canton",
    "commune": "Commune",
    "qpv": "Quartier prioritaire",
    "regroupement": "Regroupement de communes",
}

TOUS = "tous"
TOUS_DOMAINES = "Tous les domaines"
QUESTIONNAIRES = {
    "associations": "Associations",
    "benevolat": "Bénévolat",
    "emploi": "Emploi",
    "ressources": "Ressources",
    "impact": "Effets sur les personnes",
    "subventions": "Subventions",
}
STATUTS_DEPOT = {"charge": "chargé", "a_revoir": "à revoir", "annule": "annulé"}
# What follows from an anomaly, by level of the catalogue, for readers who did not deposit the file.
NIVEAUX_ANOMALIE = {
    "bloquant": "valeur écartée, à corriger",
    "a_corriger": "valeur écartée, à corriger",
    "a_confirmer": "ligne en attente d’une réponse",
    "a_verifier": "ligne comptée, à vérifier",
    "repare": "réparé et signalé",
    "info": "pour information",
}
