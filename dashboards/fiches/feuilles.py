"""What the sheets of one page say: the sheet of a territory, and the key figures of the département."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import duckdb

from dashboards import affichage, textes
from dashboards import format_fr as fr
from dashboards.components import mention
from dashboards.fiches import carte
from dashboards.fiches.chiffres import Retenu, bloc, retenir
from dashboards.lecture_papier import Fonds, Place, lire_fonds
from dashboards.modeles import Territoire
from observatoire.chiffres.lieux import sur

# Needs and supply, in six figures: what people give, the jobs, the money.
DE_LA_FICHE = (
    "participations", "heures_benevolat", "nb_salaries", "budget_total", "part_financement_public",
    "montant_subventions",
)  # fmt: skip
CLES = (
    "creations_10000", "participations", "heures_benevolat", "etp_benevolat", "nb_salaries", "etp_salaries",
    "budget_total", "part_financement_public", "part_commandes_publiques",
)  # fmt: skip
REPONDANTES = "nb_associations_repondantes"
AVIS = "Données fictives de démonstration : les associations et les chiffres sont inventés."
SIGNES = (
    f"{fr.SECRET}{fr.INSECABLE}: masqué par le secret. {fr.NON_PUBLIE}{fr.INSECABLE}: non publié, trop incertain. "
    f"{fr.ND}{fr.INSECABLE}: non disponible, ce n’est pas un zéro."
)
CITER = (
    "Pour citer un chiffre, recopiez son identifiant\u00a0: il dit l’indicateur, l’année, le territoire, la vue et la "
    "publication."
)
RETROUVER = "Sa définition, sa requête et ses dépôts se retrouvent avec lui sur les pages de l’observatoire."


class UnLieu(Protocol):
    """A territory: its level and its code."""

    @property
    def niveau(self) -> str:
        """Level."""

    @property
    def code(self) -> str:
        """Code."""


class LieuInconnu(LookupError):
    """No such territory in the publication; the message is French."""


def fonds_de_fiche(con: duckdb.DuckDBPyConnection, lieu: UnLieu | None = None) -> Fonds:
    """What the sheets of all territories need; of one and of those it falls back to when `lieu` is given."""
    return lire_fonds(con, (*DE_LA_FICHE, REPONDANTES), None if lieu is None else _voisins(con, lieu))


def _voisins(con: duckdb.DuckDBPyConnection, lieu: UnLieu) -> list[Place]:
    from dashboards import lecture, lecture_papier

    places = [(lieu.niveau, lieu.code)]
    places += [(t.niveau, t.code) for t in lecture.territoires(con) if t.niveau == "departement"]
    if lieu.niveau == "commune":
        places.append(("epci", lecture_papier.communes(con).get(lieu.code, {}).get("epci", "")))
    return places


def trouver(fonds: Fonds, lieu: UnLieu) -> Territoire:
    """The territory of the publication; LieuInconnu when it has none."""
    trouve = fonds.lieux.get((lieu.niveau, lieu.code))
    if trouve is None:
        raise LieuInconnu(f"Le territoire {lieu.niveau}-{lieu.code} n’est pas dans cette publication.")
    return trouve


def annee_de(fonds: Fonds, indicateurs: Sequence[str]) -> int:
    """The last year for which the département shows at least half of the figures it shows at best."""
    departement = fonds.departement

    def montres(annee: int) -> int:
        releve = fonds.releve(departement, annee)
        return sum(any(not affichage.est_masquee(m) for m in releve.get(i, {}).values()) for i in indicateurs)

    comptes = {a: montres(a) for a in fonds.annees}
    if not comptes:
        raise LieuInconnu("Cette publication ne contient encore aucun chiffre.")
    return max(a for a, n in comptes.items() if 2 * n >= max(comptes.values()))


def fiche(fonds: Fonds, lieu: UnLieu, contact: str = "") -> dict[str, Any]:
    """The sheet of a territory: what the template `fiche` reads."""
    demande = trouver(fonds, lieu)
    annee = annee_de(fonds, DE_LA_FICHE)
    lieux = tuple(x for x in (demande, fonds.parent(demande, "epci"), _large(fonds, demande)) if x is not None)
    cartes = [fonds.cartes[i] for i in DE_LA_FICHE if i in fonds.cartes]
    retenus = [retenir(fonds, c, lieux, annee) for c in cartes]
    nature = textes.NIVEAUX[demande.niveau]
    contenu = _page(fonds, demande, contact) | {
        "titre": demande.libelle,
        "surtitre": f"Fiche territoire · {nature}",
        "nom": f"{demande.libelle}, fiche territoire",
        "sous_titre": _situation(fonds, demande),
        "chapeau": _chapeau(fonds, demande, annee),
        "annonce": _annonce(demande, retenus),
        "chiffres": [bloc(fonds, r, demande, n) for n, r in enumerate(retenus, start=1)],
    }
    return contenu


def chiffres_cles(fonds: Fonds, contact: str = "") -> dict[str, Any]:
    """The key figures of the département on one side of a page: what the template `cles` reads."""
    lieu = fonds.departement
    annee = annee_de(fonds, CLES)
    cartes = [fonds.cartes[i] for i in CLES if i in fonds.cartes]
    retenus = [retenir(fonds, c, (lieu,), annee) for c in cartes]
    return _page(fonds, lieu, contact) | {
        "titre": lieu.libelle,
        "surtitre": "Les chiffres clés de la vie associative",
        "nom": f"Les chiffres clés de la vie associative, {lieu.libelle}",
        "sous_titre": _situation(fonds, lieu),
        "chapeau": _chapeau(fonds, lieu, annee),
        "annonce": "",
        "chiffres": [bloc(fonds, r, lieu, n) for n, r in enumerate(retenus, start=1)],
    }


def _large(fonds: Fonds, lieu: Territoire) -> Territoire | None:
    """The département, for a place too small to have its own figures."""
    return fonds.departement if lieu.niveau in ("commune", "qpv", "regroupement") else None


def _page(fonds: Fonds, lieu: Territoire, contact: str) -> dict[str, Any]:
    edition = fonds.edition
    svg, alt = carte.encart(fonds, lieu, fonds.departement.code)
    return {
        "auteur": textes.NOM,
        "date": fr.date_iso(edition.publie_le),
        "reference": mention.reference(edition),
        "avis": AVIS if edition.fictif else "",
        "carte": {"svg": svg, "alt": alt, "credits": carte.credits(fonds.departement.code) if svg else ""},
        "diffusion": f"{mention.DIFFUSION}{fr.INSECABLE}: {mention.reference(edition)}.",
        "contact": contact or f"{textes.NOM}, {fonds.departement.libelle}",
        "signes": SIGNES,
        "citer": f"{CITER} {RETROUVER}",
    }


def _situation(fonds: Fonds, lieu: Territoire) -> str:
    """« 14 523 habitants · CA Melun Val de Seine · arrondissement de Melun »."""
    habitants = [fr.accord(lieu.population, "habitant")] if lieu.population else []
    zones = [z.libelle for n in ("epci",) if (z := fonds.parent(lieu, n)) is not None]
    if lieu.niveau in ("epci", "canton", "arrondissement"):
        nb = len(fonds.membres(lieu))
        zones += [fr.accord(nb, "commune")] if nb else []
    return " · ".join([*habitants, *zones, *([lieu.note] if lieu.note else [])])


def _chapeau(fonds: Fonds, lieu: Territoire, annee: int) -> str:
    """On how many answers the sheet rests, and what its figures are."""
    releve = fonds.releve(lieu, annee).get(REPONDANTES, {})
    m = next(iter(releve.values()), None)
    compte = ""
    if m is not None and m.valeur is not None:
        nb = int(m.valeur)
        ont = fr.accord(nb, "association a répondu", "associations ont répondu")
        phrase = f"{sur(lieu)}, {ont}"
        compte = f"{phrase[:1].upper()}{phrase[1:]} à l’observatoire pour {annee}. "
    return compte + (textes.INDICATIF_LONG if fonds.avec_registre else textes.REPONDANTES)


def _annonce(demande: Territoire, retenus: Sequence[Retenu]) -> str:
    """What is said when figures are those of a wider place."""
    replis = [r for r in retenus if r.est_repli]
    if not replis:
        return ""
    noms = " ou ".join(dict.fromkeys(r.lieu.libelle for r in replis))
    if len(replis) == len(retenus):
        return (
            f"Aucun de ces chiffres ne peut être montré pour {demande.libelle}{fr.INSECABLE}: réponses absentes, trop peu "
            f"nombreuses ou protégées par le secret. Ceux de cette fiche sont ceux d’un territoire plus grand, écrit sur "
            f"chacun{fr.INSECABLE}: {noms}."
        )
    nb = fr.accord(len(replis), "chiffre")
    return (
        f"{nb} sur {len(retenus)} ne peut être montré pour {demande.libelle}" if len(replis) == 1
        else f"{nb} sur {len(retenus)} ne peuvent être montrés pour {demande.libelle}"
    ) + f"{fr.INSECABLE}: le territoire plus grand qui les remplace est écrit sur chacun ({noms})."  # fmt: skip
