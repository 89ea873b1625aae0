"""What the sheets of one page say: the sheet of a territory, and the key figures of the département."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import duckdb

from dashboards import affichage, lecture, lecture_papier, textes
from dashboards import format_fr as fr
from dashboards.components import mention
from dashboards.fiches import carte
from dashboards.fiches.chiffres import Retenu, bloc, retenir
from dashboards.lecture_papier import Fonds, Place, lire_fonds
from dashboards.modeles import Territoire
from observatoire.chiffres.lieux import sur
from observatoire.chiffres.phrase import intervalle_en_mots

# Needs and supply, in six figures: what people give, the jobs, the money.
DE_LA_FICHE = (
    "participations", "heures_benevolat", "nb_salaries", "budget_total", "part_financement_public",
    "montant_subventions",
)  # fmt: skip
# In the order they are wanted: the first of them that may be shown make the page.
CLES = (
    "creations_10000", "participations", "heures_benevolat", "etp_benevolat", "nb_salaries", "etp_salaries",
    "part_employeuses", "budget_total", "part_financement_public", "part_commandes_publiques",
    "part_reserves_faibles", "lien_social_accord",
)  # fmt: skip
NB_CLES = 9
REPONDANTES = "nb_associations_repondantes"
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


def _departements(con: duckdb.DuckDBPyConnection) -> list[Place]:
    return [(t.niveau, t.code) for t in lecture.territoires(con) if t.niveau == "departement"]


def _voisins(con: duckdb.DuckDBPyConnection, lieu: UnLieu) -> list[Place]:
    places = [(lieu.niveau, lieu.code), *_departements(con)]
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
    retenus = retenus_de(fonds, demande)
    nature = textes.NIVEAUX[demande.niveau]
    return _page(fonds, demande, contact) | {
        "titre": demande.libelle,
        "surtitre": f"Fiche territoire · {nature}",
        "nom": f"{demande.libelle}, fiche territoire",
        "sous_titre": _situation(fonds, demande),
        "chapeau": _chapeau(fonds, demande, annee),
        "annonce": _annonce(demande, retenus),
        "chiffres": [bloc(fonds, r, demande, n) for n, r in enumerate(retenus, start=1)],
    }


def retenus_de(fonds: Fonds, demande: Territoire) -> list[Retenu]:
    """The figures of a sheet, each that of the territory or, where it has none to show, of a wider one."""
    annee = annee_de(fonds, DE_LA_FICHE)
    lieux = tuple(
        x for x in (demande, fonds.parent(demande, "epci"), _large(fonds, demande)) if x is not None
    )
    return [retenir(fonds, fonds.cartes[i], lieux, annee) for i in DE_LA_FICHE if i in fonds.cartes]


def fonds_du_departement(con: duckdb.DuckDBPyConnection) -> Fonds:
    """What the key figures and the slides need."""
    return lire_fonds(con, (*dict.fromkeys((*CLES, *DE_LA_FICHE)), REPONDANTES), _departements(con))


def cles(fonds: Fonds) -> tuple[list[Retenu], list[Retenu]]:
    """Key figures of the département: those of the page, then those that cannot be shown."""
    lieu, annee = fonds.departement, annee_de(fonds, CLES)
    tous = [retenir(fonds, fonds.cartes[i], (lieu,), annee) for i in CLES if i in fonds.cartes]
    montres = [r for r in tous if not affichage.est_masquee(r.chiffre.mesure)]
    return montres[:NB_CLES], [r for r in tous if r not in montres]


def chiffres_cles(fonds: Fonds, contact: str = "") -> dict[str, Any]:
    """The key figures of the département on one side of a page: what the template `cles` reads."""
    lieu, annee = fonds.departement, annee_de(fonds, CLES)
    montres, manquants = cles(fonds)
    noms = ", ".join(r.chiffre.carte.titre for r in manquants)
    return _page(fonds, lieu, contact) | {
        "titre": lieu.libelle,
        "surtitre": "Les chiffres clés de la vie associative",
        "nom": f"Les chiffres clés de la vie associative, {lieu.libelle}",
        "sous_titre": _situation(fonds, lieu),
        "chapeau": f"{_registre(fonds, annee)}{_chapeau(fonds, lieu, annee)}",
        "annonce": f"Sans chiffre à montrer pour {annee}{fr.INSECABLE}: {noms}." if noms else "",
        "chiffres": [_court(bloc(fonds, r, lieu, n), r) for n, r in enumerate(montres, start=1)],
    }


def _court(contenu: dict[str, Any], retenu: Retenu) -> dict[str, Any]:
    """A figure of a narrow column: its interval instead of its sentence."""
    c, m = retenu.chiffre.carte, retenu.mesure
    bornes = intervalle_en_mots(c, m)
    dites = [f"{bornes[:1].upper()}{bornes[1:]}."] if bornes else []
    dites += [affichage.etat(m).phrase] if m.statut != "ok" else []
    return contenu | {"phrase": " ".join(dites)}


def _registre(fonds: Fonds, annee: int) -> str:
    """How many associations the register holds, between its two counts."""
    r = fonds.redressements.get(annee)
    if r is None or r.n_bas is None or r.n_haut is None:
        return ""
    return (
        f"Le registre (RNA, Sirene) compte, en {annee}, entre {fr.nombre(r.n_bas)} et {fr.nombre(r.n_haut)}{fr.INSECABLE}"
        "associations actives. "
    )


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
        "avis": textes.FICTIF_NU if edition.fictif else "",
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
            f"nombreuses ou protégées par le secret. Ceux de cette fiche viennent d’un territoire plus grand, nommé sur "
            f"chacun{fr.INSECABLE}: {noms}."
        )
    nb = fr.accord(len(replis), "chiffre")
    return (
        f"{nb} sur {len(retenus)} ne peut être montré pour {demande.libelle}" if len(replis) == 1
        else f"{nb} sur {len(retenus)} ne peuvent être montrés pour {demande.libelle}"
    ) + f"{fr.INSECABLE}: à la place, celui d’un territoire plus grand, nommé à côté ({noms})."  # fmt: skip
