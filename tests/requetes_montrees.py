"""What a page shows against the queries that it shows, run by the command line of another DuckDB."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, field, is_dataclass, replace
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from unittest import mock

from dashboards import affichage, comparaison, lecture
from dashboards import format_fr as fr
from dashboards.chiffre import Chiffre
from dashboards.components import bloc_trajectoires, choix_comparer, donnees, mention, provenance, requete
from dashboards.components.carte_chiffre import entete_html
from dashboards.components.donnees import Publication
from dashboards.lecture_derivees import Ecart
from dashboards.modeles import Evolution, Indicateur, Lignes, Mesure
from observatoire.chiffres.requete import CLES, COLONNES, Place, requete_evolutions, requete_publiee
from tests import sources_chiffres as sources

_SUITE = "-- fin"
Cle = tuple[Any, ...]


@dataclass
class Montre:
    """What a page shows: its cards, the sets of figures of its blocks, and what it read otherwise, by query."""

    cartes: list[Chiffre] = field(default_factory=list)
    ensembles: dict[str, list[tuple[Place, ...]]] = field(default_factory=dict)
    lectures: dict[str, Any] = field(default_factory=dict)
    evolutions: dict[str, list[Evolution]] = field(default_factory=dict)

    def niveau_de(self, requetes: Iterable[str]) -> str:
        """Level of the territories of a block, by its queries."""
        return next(places[0].niveau for sql in requetes for places in self.ensembles.get(sql, ()))


@contextmanager
def noter() -> Iterator[Montre]:
    """Cards, open or folded, and queries of the page that is drawn meanwhile."""
    montre = Montre()
    volet, lire = provenance.volet, Publication.requetes

    def noter_carte(c: Chiffre, pub: Any) -> None:
        montre.cartes.append(c)
        volet(c, pub)

    def noter_ensemble(*chiffres: Place) -> str:
        sql = requete_publiee(*chiffres)
        montre.ensembles.setdefault(sql, []).append(chiffres)
        return sql

    def noter_lecture(pub: Publication, fonction: Any, *arguments: Any) -> tuple[str, ...]:
        requetes = lire(pub, fonction, *arguments)
        montre.lectures |= dict.fromkeys(requetes, pub.lire(fonction, *arguments))
        return requetes

    def noter_evolutions(indicateurs: Iterable[str] = ()) -> str:
        noms = list(indicateurs)
        sql = requete_evolutions(noms)
        pub = donnees.courante()
        assert pub is not None
        montre.evolutions[sql] = [e for e in pub.lire(lecture.evolutions) if e.indicateur in noms]
        return sql

    with ExitStack() as pile:
        pile.enter_context(mock.patch.object(bloc_trajectoires, "requete_evolutions", noter_evolutions))
        pile.enter_context(mock.patch.object(provenance, "volet", noter_carte))
        pile.enter_context(mock.patch.object(requete, "requete_publiee", noter_ensemble))
        pile.enter_context(mock.patch.object(Publication, "requetes", noter_lecture))
        yield montre


def requetes_de(html: str, genre: str) -> list[str]:
    """Queries of a kind that this HTML shows."""
    motif = rf'<pre {requete.MARQUE}="{genre}"><code>(.*?)</code></pre>'
    return [unescape(x) for x in re.findall(motif, html, re.DOTALL)]


def lancer(duckdb: str, fichier: Path, requetes: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Rows of each query, all run by one process, read-only; a query that fails stops it."""
    toutes = list(dict.fromkeys(requetes))
    lignes = "\n".join(f"{sql}\n.print {_SUITE}" for sql in toutes)
    fait = subprocess.run(
        [duckdb, "-readonly", "-bail", "-json", str(fichier)],
        input=lignes, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert fait.returncode == 0 and not fait.stderr, fait.stderr
    *reponses, reste = fait.stdout.split(f"{_SUITE}\n")
    assert len(reponses) == len(toutes) and not reste.strip()
    # An empty result is written « [] », or nothing, or an unclosed bracket, according to the version.
    lues = [json.loads(r) if r.strip() not in ("", "[", "[{]") else [] for r in reponses]
    return dict(zip(toutes, lues, strict=True))


def fautes(duckdb: str, fichier: Path, montre: Montre, html: str) -> list[str]:
    """What a page shows and its own queries do not give; `html` is the page.

    Numbers are compared exactly; each card is drawn again from what the command line read, and each figure of a table
    must be written in it.
    """
    ecrites = {c.identifiant: provenance.requetes_html(c) for c in montre.cartes}
    de_cartes = [sql for x in ecrites.values() for genre in _GENRES for sql in requetes_de(x, genre)]
    d_ensembles = requetes_de(html, requete.ENSEMBLE)
    lues = lancer(duckdb, fichier, [*de_cartes, *d_ensembles])
    trouvees = [f for c in montre.cartes for f in _fautes_carte(c, ecrites[c.identifiant], lues, html)]
    trouvees += [
        f"requête montrée par aucune carte : {sql}"
        for genre in _GENRES
        for sql in requetes_de(html, genre)
        if sql not in de_cartes
    ]
    for sql in dict.fromkeys(d_ensembles):
        if sql in montre.ensembles:
            trouvees += [f for places in montre.ensembles[sql] for f in _fautes_ensemble(places, lues[sql])]
        elif sql in montre.lectures:
            trouvees += _fautes_lecture(sql, montre.lectures[sql], lues[sql])
        elif sql in montre.evolutions:
            if [Evolution(**ligne) for ligne in lues[sql]] != montre.evolutions[sql]:
                trouvees.append(f"évolutions : {sql}")
        else:
            trouvees.append(f"requête d’aucune lecture : {sql}")
    return trouvees


_GENRES = (provenance.CHIFFRE, provenance.REFERENCE, provenance.EVOLUTIONS)


def _fautes_carte(
    c: Chiffre, ecrite: str, lues: Mapping[str, list[dict[str, Any]]], html: str
) -> Iterator[str]:
    rendu = {g: [lues[sql] for sql in requetes_de(ecrite, g)] for g in _GENRES}
    ((lignes,), reference, evolutions) = (rendu[g] for g in _GENRES)
    relue = _relire(c.identifiant, lignes)
    if relue != c.mesure:
        yield f"{c.identifiant} : {c.mesure} au lieu de {relue}"
    refaite = replace(
        c, retenue=replace(c.retenue, mesure=relue), reference=None, evolutions=(), lieu_reference=""
    )
    if reference and c.reference is not None:
        voisine = _relire(c.reference, reference[0])
        refaite = replace(refaite, reference=voisine, lieu_reference=c.lieu_reference)
    if evolutions:
        toutes = [Evolution(**ligne) for ligne in evolutions[0]]
        gardees = {(e.methode, e.prix, e.a) for e in c.evolutions}
        refaite = replace(refaite, evolutions=tuple(e for e in toutes if (e.methode, e.prix, e.a) in gardees))
    if entete_html(refaite) not in html:
        yield f"{c.identifiant} : la carte n’est pas celle de ses requêtes"


def _relire(place: Place, lignes: list[dict[str, Any]]) -> Mesure | None:
    if not lignes:
        return None
    (ligne,) = lignes
    return Mesure(**{champ: getattr(place, champ) for champ in CLES.values()}, **ligne)


def cle(place: Place) -> Cle:
    """What names a figure, in the order of the keys."""
    return tuple(getattr(place, champ) for champ in CLES.values())


def _fautes_ensemble(places: tuple[Place, ...], lignes: list[dict[str, Any]]) -> Iterator[str]:
    communes = dict(zip(CLES, cle(places[0]), strict=True))
    rendues = {tuple({**communes, **ligne}[nom] for nom in CLES): ligne for ligne in lignes}
    if len(rendues) != len(lignes):
        yield f"des chiffres ne se distinguent pas : {places[0]}"
    for place in places:
        ligne = rendues.get(cle(place))
        if isinstance(place, Mesure):
            attendue = {colonne: getattr(place, colonne) for colonne in COLONNES}
            if ligne is None or {colonne: ligne[colonne] for colonne in COLONNES} != attendue:
                yield f"{place} au lieu de {ligne}"
        elif ligne is not None:  # an identifier alone: the page found no such figure
            yield f"{place} : absent de la page, et pourtant {ligne}"


def _fautes_lecture(sql: str, lu: Any, lignes: list[dict[str, Any]]) -> Iterator[str]:
    """Records that a function read, against the rows that its query gives: one for one, value by value."""
    fiches = [(lu,)] if isinstance(lu, int) else list(lu.items() if isinstance(lu, dict) else lu)
    attendues = sorted(repr([_plat(v) for v in _valeurs(x)]) for x in fiches)
    rendues = sorted(repr([_plat(v) for v in ligne.values()]) for ligne in lignes)
    if attendues != rendues:
        yield f"{sql} : {[x for x in attendues if x not in rendues][:1]} au lieu de {[x for x in rendues if x not in attendues][:1]}"


def _valeurs(fiche: Any) -> Iterable[Any]:
    if is_dataclass(fiche) and not isinstance(fiche, type):
        return astuple(fiche)
    return fiche.values() if isinstance(fiche, dict) else fiche


def _plat(valeur: Any) -> str:
    if isinstance(valeur, datetime):  # the command line writes no useless zero
        return str(valeur).rstrip("0") if valeur.microsecond else str(valeur)
    if isinstance(valeur, float) and valeur.is_integer():
        return str(int(valeur))
    return str(valeur).replace("\u202f", " ").replace("\u00a0", " ")


def fautes_blocs(html: str, montre: Montre, cartes: Mapping[str, Indicateur]) -> list[str]:
    """Tables where a figure of their own query is not written."""
    trouvees = []
    for bloc in sources.arbre(html).tous():
        nom = bloc.attributs.get(mention.CHIFFRES)
        if nom is None or bloc.balise == "figure":
            continue
        requetes = _requetes_du(bloc)
        ecrit = _plat(" ".join(b.texte() for b in bloc.tous() if b.balise == "table"))
        lues = [x for sql in requetes for x in montre.lectures.get(sql, ())]
        derivees = [x for x in lues if isinstance(x, Mesure)]
        trouvees += [f"{nom} : {absent} n’y est pas" for absent in _absents(derivees, ecrit, cartes, True)]
        trouvees += [
            f"{nom} : l’écart {x} n’y est pas"
            for x in lues
            if isinstance(x, Ecart)
            and _ecart_dit(x, cartes[x.indicateur], montre.niveau_de(requetes), bool(derivees)) not in ecrit
        ]
        for sql in requetes if not derivees else ():
            # Two blocks may show the same query, each for its own figures.
            manques = [_absents(places, ecrit, cartes) for places in montre.ensembles.get(sql, [()])]
            trouvees += [f"{nom} : {absent} n’y est pas" for absent in min(manques, key=len)]
    return trouvees


def _requetes_du(bloc: sources.Bloc) -> list[str]:
    return [b.texte().strip() for b in bloc.tous() if requete.MARQUE in b.attributs]


def _absents(
    places: Iterable[Place], ecrit: str, cartes: Mapping[str, Indicateur], derivees: bool = False
) -> list[str]:
    """Figures that are not written; one that is worked out of another may have no unit of its own."""
    absents = []
    for place in places:
        if isinstance(place, Mesure) and place.valeur is not None:
            carte = cartes[place.indicateur]
            formes = {_plat(affichage.valeur(carte, place, abregee=a)) for a in (True, False)}
            formes |= {_plat(fr.utile(place.valeur))} if derivees else set()
            if not any(f in ecrit for f in formes):
                absents.append(f"{place.indicateur} {formes}")
    return absents


def _ecart_dit(x: Ecart, carte: Indicateur, niveau: str, rapportes: bool) -> str:
    """What the page must say of a difference, the name of the other territory apart: its interval when it is shown."""
    independants = niveau in choix_comparer.SEPARES
    difference = comparaison.juger(carte, x, independants=independants)
    dite = comparaison.dire(
        carte, difference, "", independants=independants, rapportee=rapportes and carte.additif
    )
    return _plat(dite[dite.index("(écart") :] if "(écart" in dite else dite.rpartition(" :")[2])


def fautes_comptes(html: str, montre: Montre, cartes: Mapping[str, Indicateur]) -> list[str]:
    """Headings with a count that shows no query, or where an answer of their own queries is not written."""
    trouvees = []
    for bloc in sources.arbre(html).tous():
        origine = bloc.attributs.get(mention.COMPTE)
        if not origine or bloc.classe("ob-paroles"):  # the words of an association are no count of ours
            continue
        requetes = _requetes_du(bloc)
        ecrit = _plat(" ".join(b.texte() for b in bloc.tous() if b.balise in ("h2", "h3", "p", "ul")))
        if not requetes and sources.CHIFFRE.search(ecrit):
            trouvees.append(f"compte sans requête : {ecrit[:80]!r}")
        for sql in requetes:
            places = [x for p in montre.ensembles.get(sql, ()) for x in p]
            lues = montre.lectures.get(sql, ())
            lues = lues if isinstance(lues, tuple) else (lues,)
            manques = _absents([*places, *(x for x in lues if isinstance(x, Mesure))], ecrit, cartes, True)
            manques += [str(n) for n in _comptes(lues) if _plat(fr.nombre(n)) not in ecrit]
            trouvees += [f"{origine} : {x} n’y est pas" for x in manques]
    return trouvees


def _comptes(lues: Iterable[Any]) -> Iterator[int]:
    for x in lues:
        if isinstance(x, Lignes):
            yield from () if x.questionnaire else (x.lues, x.chargees, x.en_attente, x.ignorees)
        elif isinstance(x, int):
            yield x
        elif isinstance(x, tuple):
            yield x[1]  # a code, its inhabitants


def indicateurs(con: Any) -> dict[str, Indicateur]:
    """The cards of a publication, by name."""
    return {c.indicateur: c for c in lecture.indicateurs(con)}
