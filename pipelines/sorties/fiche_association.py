"""The sheet of one association: its own figures beside the published ones of its EPCI, its sector, its département.

Its own values come from its answers; everything about the others comes from the public file and from nothing else.
Whatever that file masks stays masked here: the sheet tells an association nothing that it could not read already.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.francais import ecrire_nombre
from observatoire.indicators.catalogue import COLLECTIFS, Carte, catalogue
from observatoire.storage.connexion import ouvrir_publication
from observatoire.territoire import load_territoire
from pipelines.sorties.page import fiche, page, paragraphe, quand, section, tableau
from pipelines.sorties.valeurs_propres import AssociationNonPubliee, Propres, lire_propres

__all__ = ["AssociationNonPubliee", "Fiche", "Repere", "fiche_association", "fiche_html"]

MONTRES = ("ok", "prudence")
TOUS = "tous"
ETATS = {
    "secret": "secret statistique",
    "nd": "aucune réponse",
    "non_publie": "non publié",
}


@dataclass(frozen=True, slots=True)
class Repere:
    """A published figure: of which zone or sector, its value when it is shown, how many answered.

    `moyenne` is what each respondent makes of a published total. `dit` replaces a value that is not shown.
    """

    niveau: str
    libelle: str
    valeur: float | None
    n_repondants: int | None
    moyenne: float | None
    dit: str


@dataclass(frozen=True, slots=True)
class Chiffre:
    """One indicator: the association's own value (None when it did not answer) and the published ones."""

    indicateur: str
    titre: str
    unite: str
    decimales: int
    estimateur: str
    propre: float | None
    reperes: tuple[Repere, ...]


@dataclass(frozen=True, slots=True)
class Fiche:
    """The whole sheet. `refuse`: the association refused any publication and is in none of these figures."""

    nom: str
    commune: str
    epci: str
    secteur: str
    millesime: int
    version: int
    publie_le: str
    fictif: bool
    refuse: bool
    chiffres: tuple[Chiffre, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


def fiche_association(settings: Settings, cle_association: str, millesime: int) -> Fiche:
    """The sheet of one association for a year.

    PublicationAbsente when nothing is published, AssociationNonPubliee when none of its answers is.
    """
    public = ouvrir_publication(settings.publication)
    propres = lire_propres(settings, cle_association, millesime)
    territoire = load_territoire(settings.departement)
    commune = territoire.par_code(propres.commune) if propres.commune else None
    with public.cursor() as cur:
        ((version, publie_le, fictif),) = cur.execute(
            "select version, publie_le, fictif from _publication"
        ).fetchall()
        domaines = dict(cur.execute("select code, libelle from domaines").fetchall())
        cases = [("departement", settings.departement, TOUS, territoire.nom)]
        if commune and commune.code_epci:
            libelle = territoire.zone("epci", commune.code_epci).libelle
            cases.insert(0, ("epci", commune.code_epci, TOUS, libelle))
        if propres.domaine in domaines:
            dit = f"{domaines[propres.domaine]}, tout le département"
            cases.insert(len(cases) - 1, ("departement", settings.departement, propres.domaine, dit))
        chiffres = _chiffres(cur, propres, millesime, cases)
    return Fiche(
        propres.nom,
        commune.nom if commune else "",
        cases[0][3] if cases[0][0] == "epci" else "",
        domaines.get(propres.domaine, ""),
        millesime,
        version,
        quand(publie_le),
        fictif,
        propres.refuse,
        tuple(chiffres),
    )


def _chiffres(
    cur: duckdb.DuckDBPyConnection, propres: Propres, millesime: int, cases: list[tuple[str, str, str, str]]
) -> list[Chiffre]:
    chiffres = []
    for carte in catalogue().values():
        # Each association counts for one, or has no value of its own: there is nothing to set beside.
        if carte.estimateur in ("compte", *COLLECTIFS):
            continue
        reperes = tuple(_repere(cur, carte, millesime, *case) for case in cases)
        chiffres.append(
            Chiffre(
                carte.nom,
                carte.titre,
                carte.unite,
                carte.decimales,
                carte.estimateur,
                propres.valeurs.get(carte.nom),
                reperes,
            )
        )
    return chiffres


def _repere(
    cur: duckdb.DuckDBPyConnection,
    carte: Carte,
    millesime: int,
    niveau: str,
    code: str,
    domaine: str,
    libelle: str,
) -> Repere:
    """One cell of the public file, as it is there."""
    lignes = cur.execute(
        "select valeur, n_repondants, statut from mesures where indicateur = ? and millesime = ? and niveau = ? "
        "and code_territoire = ? and domaine = ? and financeur = ? and vue = 'repondantes'",
        [carte.nom, millesime, niveau, code, domaine, TOUS],
    ).fetchall()
    valeur, n, statut = lignes[0] if lignes else (None, None, "nd")
    if statut not in MONTRES or valeur is None:
        return Repere(niveau, libelle, None, None, None, ETATS.get(statut, ETATS["nd"]))
    moyenne = valeur / n if carte.estimateur == "total" and n else None
    return Repere(niveau, libelle, valeur, n, moyenne, "")


def fiche_html(settings: Settings, cle_association: str, millesime: int) -> str:
    """The same as a printable page; the exceptions are those of `fiche_association`."""
    return mettre_en_page(fiche_association(settings, cle_association, millesime))


def mettre_en_page(f: Fiche) -> str:
    """A whole HTML page."""
    repondus = [c for c in f.chiffres if c.propre is not None]
    absents = [c.titre for c in f.chiffres if c.propre is None]
    corps = [
        fiche(
            [
                ("Commune", f.commune),
                ("Intercommunalité", f.epci),
                ("Domaine", f.secteur),
                ("Année des réponses", str(f.millesime)),
                ("Données", "fictives (démonstration)" if f.fictif else ""),
            ]
        ),
        paragraphe(
            "Vos réponses, à côté des chiffres publiés. Les chiffres des autres sont ceux de la publication, avec les "
            f"mêmes cases masquées\u00a0: «\u00a0{ETATS['secret']}\u00a0» veut dire que trop peu d’associations, ou une seule qui "
            "pèse presque tout, sont derrière. Il n’y a ni classement ni réponse d’une autre association.",
        ),
        paragraphe(
            "Vous avez refusé toute publication\u00a0: vos réponses ne sont dans aucun des chiffres publiés.",
            "fort",
        )
        if f.refuse
        else "",
        *(section(c.titre, _chiffre(c)) for c in repondus),
        section("Sans réponse de votre part", paragraphe(", ".join(absents) + ".")) if absents else "",
    ]
    pied = (
        f"Chiffres publiés\u00a0: publication n°\u00a0{f.version} du {f.publie_le}, associations répondantes seulement. "
        "Cette fiche est faite pour l’association, qui en dispose."
    )
    return page(f"{f.nom}, {f.millesime}", corps, pied=pied)


def _chiffre(c: Chiffre) -> str:
    """Own value first, then one row per published figure."""
    total = c.estimateur == "total"
    titres = ["De qui", f"Valeur ({_unite(c)})", "Associations répondantes"]
    vous = ["Votre association", _ecrire(c.propre, c), ""]
    if total:
        titres.append("Moyenne par répondante")
        vous.append("")
    lignes = [vous]
    for r in c.reperes:
        n = "" if r.n_repondants is None else ecrire_nombre(r.n_repondants)
        ligne = [r.libelle, r.dit or _ecrire(r.valeur, c), n]
        lignes.append([*ligne, _moyenne(r, c)] if total else ligne)
    return tableau(titres, lignes, nombres=range(1, len(titres)))


def _unite(c: Chiffre) -> str:
    return "%" if c.unite == "part" else c.unite


def _ecrire(valeur: float | None, c: Chiffre) -> str:
    if valeur is None:
        return ""
    if c.unite == "part":
        return ecrire_nombre(valeur * 100, c.decimales)
    return ecrire_nombre(valeur, c.decimales)


def _moyenne(r: Repere, c: Chiffre) -> str:
    return "" if r.moyenne is None else ecrire_nombre(r.moyenne, max(1, c.decimales))


def par_indicateur(f: Fiche) -> Mapping[str, Chiffre]:
    """The figures of a sheet by indicator."""
    return {c.indicateur: c for c in f.chiffres}
