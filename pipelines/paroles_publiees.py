"""The extracts of a publication: consented, read again, without anything that says whose they are."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb

from observatoire.config.cle import lire_cle
from observatoire.config.settings import Settings
from observatoire.domain.paroles import SEUIL, empreinte, en_ligne
from observatoire.indicators.catalogue import REPONDANTES
from observatoire.indicators.valeurs import bases
from observatoire.storage.insertion import inserer
from observatoire.storage.paroles import RETENUES, decisions
from observatoire.territoire import load_territoire
from pipelines.paroles import interdit

COMPTE = "nb_associations_repondantes"
SANS_DOMAINE = "non_classe"
EPCI, DEPARTEMENT = "epci", "departement"


@dataclass(frozen=True, slots=True)
class _Reponse:
    """One answer in force: `cle` names the association everywhere, `ecrite` is the key of the answer itself."""

    cle: str
    ecrite: str
    millesime: int
    epci: str
    domaine: str
    texte: str | None
    accord: bool


def publier_paroles(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make `pub.paroles` and `pub.paroles_bilan`. Needs `pub.mesures`.

    Reads `courant.associations` under its published keys, and the decisions of the warehouse. Only a text with the
    consent of the answer in force, a decision on that very text, and no personal datum is written.
    """
    reponses = _reponses(con, settings)
    dites = [r for r in reponses if r.texte is not None]
    accordees = [r for r in dites if r.accord]
    retenues = _retenues(con, accordees)
    seuil = _seuil(con)
    lignes = _situer(retenues, reponses, seuil, settings.departement, _comptes_publics(con))
    sel = lire_cle(settings)
    lignes.sort(key=lambda x: hmac.digest(sel, "|".join(map(str, ("parole", *x[0]))).encode(), "sha256"))
    con.execute(
        "create table pub.paroles (rang integer, millesime integer, niveau varchar, code_territoire varchar, "
        "domaine varchar, extrait varchar)"
    )
    colonnes = ("millesime", "niveau", "code_territoire", "domaine", "extrait")
    valeurs = {c: [x[1][i] for x in lignes] for i, c in enumerate(colonnes)}
    inserer(con, "pub.paroles", {"rang": list(range(1, len(lignes) + 1)), **valeurs})
    _bilan(con, seuil, [dites, accordees, [r for r, _ in retenues]])


def _seuil(con: duckdb.DuckDBPyConnection) -> int:
    ((seuil,),) = con.execute(
        "select cast(valeur as integer) from ref.parametres where id = $id order by valable_du desc limit 1",
        {"id": SEUIL},
    ).fetchall()
    return int(seuil)


def _reponses(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[_Reponse]:
    """Answers by association and year, but for those who refuse any publication, then or since."""
    refus = bases()["base_refus"]
    lignes = con.execute(f"""
        with refus as ({refus})
        select a.cle_association, e.cle_association, a.millesime, a.commune, coalesce(a.secteur, $sans), a.parole,
            coalesce(a.publier_parole, false)
        from courant.associations as a
        inner join entrepot.enquete.associations as e
            on a.depot_id = e.depot_id and a.feuille = e.feuille and a.ligne = e.ligne
        where a.cle_association is not null and a.millesime is not null and a.consentement is distinct from 'non'
            and a.cle_association not in (select cle_association from refus)""",
        {"sans": SANS_DOMAINE},
    ).fetchall()  # fmt: skip
    territoire = load_territoire(settings.departement)
    reponses = {}
    for cle, ecrite, millesime, commune, domaine, texte, accord in lignes:
        lieu = territoire.par_code(commune) if commune else None
        propre = None if texte is None else en_ligne(texte)
        reponses[cle, millesime] = _Reponse(
            cle, ecrite, millesime, lieu.code_epci if lieu else "", domaine, propre, bool(accord)
        )
    return list(reponses.values())


def _retenues(con: duckdb.DuckDBPyConnection, accordees: Sequence[_Reponse]) -> list[tuple[_Reponse, str]]:
    """Answers that a moderator kept, with the text to publish."""
    prises = decisions(con, "entrepot")
    retenues = []
    for r in accordees:
        texte = r.texte or ""
        prise = prises.get((r.ecrite, r.millesime, empreinte(texte)))
        if prise is None or prise.decision not in RETENUES:
            continue
        publie = prise.texte or texte
        if interdit(texte) is None and interdit(publie) is None:
            retenues.append((r, publie))
    return retenues


def _comptes_publics(con: duckdb.DuckDBPyConnection) -> frozenset[tuple[int, str, str, str]]:
    """(year, level, code, domain) of the cells whose number of associations is shown to all."""
    requete = """
        select millesime, niveau, code_territoire, domaine from pub.mesures
        where indicateur = $compte and vue = $vue and valeur is not null"""
    lignes = con.execute(requete, {"compte": COMPTE, "vue": REPONDANTES}).fetchall()
    return frozenset((an, niveau, code, domaine) for an, niveau, code, domaine in lignes)


def _situer(
    retenues: Sequence[tuple[_Reponse, str]],
    reponses: Sequence[_Reponse],
    seuil: int,
    departement: str,
    publics: Collection[tuple[int, str, str, str]],
) -> list[tuple[tuple[str, int, str], tuple[int, str, str, str | None, str]]]:
    """(what the order is drawn from, the row): the smallest place and the domain that enough associations share.

    An EPCI is named when `seuil` associations spoke there that year, published or not, and as many answered in the
    domain; at the département, a domain that fewer associations share is left out. Neither is said where the number
    of associations is masked: an extract would tell that somebody answered there.
    """
    parlantes = Counter((r.millesime, r.epci) for r in reponses if r.texte is not None and r.epci)
    semblables = Counter((r.millesime, r.epci, r.domaine) for r in reponses)
    partout = Counter((r.millesime, r.domaine) for r in reponses)
    lignes = []
    for r, texte in retenues:
        an, lieu = r.millesime, (DEPARTEMENT, departement)
        assez = partout[an, r.domaine] >= seuil and (an, *lieu, r.domaine) in publics
        local = parlantes[an, r.epci] >= seuil and semblables[an, r.epci, r.domaine] >= seuil
        if assez and local and (an, EPCI, r.epci, r.domaine) in publics:
            lieu = (EPCI, r.epci)
        trace = hashlib.sha256(texte.encode()).hexdigest()
        lignes.append(((r.cle, an, trace), (an, *lieu, r.domaine if assez else None, texte)))
    return lignes


def _bilan(con: duckdb.DuckDBPyConnection, seuil: int, etapes: Sequence[Sequence[_Reponse]]) -> None:
    """Counts by year, left empty under the threshold."""
    con.execute(
        "create table pub.paroles_bilan (millesime integer, nb_recus integer, nb_accords integer, nb_publies integer)"
    )
    annees = sorted({r.millesime for r in etapes[0]})
    comptes = [Counter(r.millesime for r in etape) for etape in etapes]
    valeurs = [[c[an] if c[an] >= seuil else None for an in annees] for c in comptes]
    noms = ("nb_recus", "nb_accords", "nb_publies")
    inserer(con, "pub.paroles_bilan", {"millesime": annees, **dict(zip(noms, valeurs, strict=True))})
