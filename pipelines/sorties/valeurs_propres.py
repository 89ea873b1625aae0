"""The own values of one association, by the queries of the indicators, on the answers as they were published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.domain.parametre import parametres_du_reseau
from observatoire.fiche_benevolat import FicheBenevolat, Reponse, fiche
from observatoire.indicators.catalogue import COLLECTIFS, QUOTIENTS, catalogue
from observatoire.indicators.run import preparer
from observatoire.storage.connexion import CONFIG_ENTREPOT, litteral, nom_sql
from observatoire.storage.erreurs import ErreurEntrepot, PublicationAbsente
from observatoire.valorisation import NIVEAUX, Bareme


class AssociationNonPubliee(ErreurEntrepot):
    """The publication counts no answer of this association for that year."""


@dataclass(frozen=True, slots=True)
class Propres:
    """What one association answered: one value per indicator, its commune and its sector that year."""

    cle: str
    nom: str
    commune: str | None
    domaine: str
    refuse: bool
    valeurs: Mapping[str, float]


def lire_propres(settings: Settings, cle: str, millesime: int) -> Propres:
    """Values of `cle` for `millesime`, from the analysts' file of the current publication."""
    if not settings.analyse.exists():
        raise PublicationAbsente(
            f"Aucune publication ne peut être ouverte\u00a0: «\u00a0{settings.analyse}\u00a0». Publiez d’abord."
        )
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        _brancher(con, settings.analyse.resolve())
        trouvee = _cle(con, cle)
        _restreindre(con, trouvee)
        preparer(con)
        situation = con.execute(
            "select domaine, commune from base_situation where cle_association = ? and millesime = ?",
            [trouvee, millesime],
        ).fetchall()
        if not situation:
            raise AssociationNonPubliee(
                f"La publication ne compte aucune réponse de «\u00a0{cle}\u00a0» pour {millesime}. "
                "Chargez ses réponses, publiez, puis redemandez sa fiche."
            )
        nom, commune = _identite(con, trouvee, millesime)
        refuse = bool(con.execute("select 1 from base_refus where cle_association = ?", [trouvee]).fetchall())
        valeurs = _valeurs(con, trouvee, millesime)
    return Propres(trouvee, nom or cle, situation[0][1] or commune, situation[0][0], refuse, valeurs)


def fiche_benevolat(settings: Settings, cle: str, millesime: int) -> FicheBenevolat:
    """Volunteering of one association for its accounts, from the analysts' file and the constants of the network.

    AssociationNonPubliee without yearly hours for that year; PublicationAbsente, ValorisationImpossible.
    """
    propres = lire_propres(settings, cle, millesime)
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        _brancher(con, settings.analyse.resolve())
        _restreindre(con, propres.cle)
        preparer(con)
        ((heures, *niveaux),) = con.execute(
            "select sum(heures), sum(execution), sum(encadrement), sum(expertise) from base_benevolat "
            "where cle_association = ? and millesime = ? and heures is not null",
            [propres.cle, millesime],
        ).fetchall()
    if heures is None:
        raise AssociationNonPubliee(
            f"La publication ne compte aucune heure de bénévolat de «\u00a0{cle}\u00a0» pour {millesime}."
        )
    detail = {n: h for n, h in zip(NIVEAUX, niveaux, strict=True) if h}
    soutien = propres.valeurs.get("viva")
    smic = propres.valeurs.get("valeur_benevolat")
    reponse = Reponse(
        propres.nom,
        dt.date(millesime, 1, 1),
        dt.date(millesime, 12, 31),
        heures,
        detail,
        propres.valeurs.get("heures_contraintes"),
        smic / soutien if smic and soutien else None,
    )
    return fiche(reponse, Bareme(parametres_du_reseau(settings.parametres)))


def _brancher(con: duckdb.DuckDBPyConnection, analyse: Path) -> None:
    con.execute(f"attach {litteral(str(analyse))} as publie (read_only)")
    con.execute("create schema courant")
    con.execute("create schema ref")
    con.execute("create view ref.parametres as from publie.parametres")
    con.execute("create view ref.domaines as from publie.domaines")


def _cle(con: duckdb.DuckDBPyConnection, cle: str) -> str:
    """The key under which the publication knows the association; a number that two gave names nobody."""
    identites = " union ".join(
        f"select cle_association as cle, {nom_sql(e.identite['rna'])} as rna, "
        f"substr({nom_sql(e.identite['siret'])}, 1, 9) as siren from publie.enquete.{nom_sql(e.name)}"
        for e in load_enquetes().values()
    )
    requete = f"""
        select distinct cle from ({identites}) as i
        where cle is not null and (cle = $cle or 'RNA:' || rna = $cle or 'SIREN:' || siren = $cle)"""
    trouvees = [c for (c,) in con.execute(requete, {"cle": cle}).fetchall()]
    return trouvees[0] if len(trouvees) == 1 else cle


def _restreindre(con: duckdb.DuckDBPyConnection, cle: str) -> None:
    """`courant.<questionnaire>` with the rows of one association; decisions on subsidies name it otherwise, all stay."""
    for enquete in load_enquetes().values():
        table = nom_sql(enquete.name)
        suite = "" if enquete.name == "subventions" else f" where cle_association = {litteral(cle)}"
        con.execute(f"create view courant.{table} as from publie.enquete.{table}{suite}")


def _identite(con: duckdb.DuckDBPyConnection, cle: str, millesime: int) -> tuple[str | None, str | None]:
    """Name and commune as it last gave them, its own questionnaires first."""
    requete = " union all ".join(
        f"select {nom_sql(e.identite['nom'])} as nom, {nom_sql(e.identite['commune'])} as commune, "
        f"abs(millesime - $annee) as ecart, {int(e.name == 'subventions')} as rang "
        f"from courant.{nom_sql(e.name)} where cle_association = $cle"
        for e in load_enquetes().values()
    )
    lignes = con.execute(
        f"select nom, commune from ({requete}) order by rang, ecart nulls last, nom",
        {"cle": cle, "annee": millesime},
    ).fetchall()
    return (
        next((nom for nom, _ in lignes if nom), None),
        next((commune for _, commune in lignes if commune), None),
    )


def _valeurs(con: duckdb.DuckDBPyConnection, cle: str, millesime: int) -> dict[str, float]:
    """One value per indicator that it answered: the sum over its funders, or the quotient of a share or a mean."""
    valeurs = {}
    for carte in catalogue().values():
        ((valeur, poids),) = con.execute(
            f"select sum(valeur), sum(poids) from ({carte.sql}) as u where valeur is not null "
            "and poids is not null and cle_association = $cle_fiche and millesime = $annee_fiche",
            {"cle_fiche": cle, "annee_fiche": millesime, **carte.liees},
        ).fetchall()
        if carte.estimateur in COLLECTIFS or valeur is None:
            continue
        if carte.estimateur not in QUOTIENTS:
            valeurs[carte.nom] = valeur
        elif poids:
            valeurs[carte.nom] = valeur / poids
    return valeurs
