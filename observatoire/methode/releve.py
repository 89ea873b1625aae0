"""What a publication keeps of how it was made, so that its method can be told from its file alone.

Called once the figures are computed, on the connection that computed them. Nothing here may help to undo the
secret: no count of a group of the weighting, no reason of one masked cell, no count of masks by table or level
(the statuses of `mesures` already give the masks), and counts below the threshold are left empty.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

import observatoire
from observatoire.config.settings import Settings
from observatoire.domain.enquete import Enquete
from observatoire.domain.francais import INSECABLE
from observatoire.indicators.catalogue import DOSSIER, catalogue
from observatoire.indicators.run import MIN_ASSOCIATIONS
from observatoire.indicators.vues import questionnaires
from observatoire.methode.changements import changements
from observatoire.methode.releve_genres import EMPREINTE, LOGICIEL, PERIMETRE, REGLAGE
from observatoire.registre.registre import etat
from observatoire.storage.insertion import inserer
from observatoire.territoire import load_territoire
from observatoire.territoire.carte import fond

if TYPE_CHECKING:
    from observatoire.estimation.secret import Bilan

# Components that make the figures, with what each does.
COMPOSANTS = {
    "duckdb": "Calcul des indicateurs",
    "svy": "Poids, totaux, moyennes et intervalles",
    "pytauargus": "Masques complémentaires (τ-Argus)",
    "scipy": "Attaque du secret par programmation linéaire",
}
# Below so many masked cells, in figures that anyone may count, the reasons are not detailed at all.
DETAIL_MIN, PAS = 1000, 100
ENSEMBLE_EPCI = "plusieurs EPCI"
RAISON_NEUTRE = "moins de répondantes que le minimum, ou réunion pour l’atteindre"


def relever(
    con: duckdb.DuckDBPyConnection, settings: Settings, enquetes: Mapping[str, Enquete], masques: Bilan
) -> None:
    """Add to `pub` the tables that tell of the method. Needs the tables of `calculer`."""
    (minimum,) = con.execute(
        "select cast(valeur as integer) from ref.parametres where id = $id order by valable_du desc limit 1",
        {"id": MIN_ASSOCIATIONS},
    ).fetchall()[0]
    minimum = settings.secret_min_associations or int(minimum)
    _versions(con, settings, minimum)
    _questionnaires(con, enquetes)
    _registre(con, settings)
    _cadre(con, minimum)
    _secret(con, masques)
    _taire(con)
    _changements(con, settings)


def empreinte(dossier: Path, *motifs: str) -> str:
    """Fingerprint of the files of a folder: names and contents, in order."""
    somme = hashlib.sha256()
    for chemin in sorted({p for motif in motifs for p in dossier.rglob(motif)}):
        contenu = hashlib.sha256(chemin.read_bytes()).hexdigest()
        somme.update(f"{chemin.relative_to(dossier).as_posix()} {contenu}\n".encode())
    return somme.hexdigest()


def _poser(con: duckdb.DuckDBPyConnection, nom: str, colonnes: str, lignes: Sequence[Sequence[Any]]) -> None:
    con.execute(f"create or replace table pub.{nom} ({colonnes})")
    noms = [c.split()[0] for c in colonnes.split(", ")]
    if lignes:
        valeurs = zip(*lignes, strict=True)
        inserer(con, f"pub.{nom}", {n: list(v) for n, v in zip(noms, valeurs, strict=True)})


def _versions(con: duckdb.DuckDBPyConnection, settings: Settings, minimum: int) -> None:
    domaine = Path(observatoire.__file__).parent / "domain"
    registre = etat(settings)
    departement = load_territoire(settings.departement).zones("departement")[0]
    lignes = [
        (LOGICIEL, "observatoire", "L’observatoire", observatoire.__version__),
        (LOGICIEL, "python", "Langage", platform.python_version()),
        *((LOGICIEL, nom, role, _version(nom)) for nom, role in COMPOSANTS.items()),
        (EMPREINTE, "catalogue", "Fiches et requêtes des indicateurs", empreinte(DOSSIER, "*.toml", "*.sql")),
        (EMPREINTE, "questionnaires", "Questionnaires et nomenclatures",
         empreinte(domaine, "enquetes/*.toml", "nomenclatures/*.csv")),
        *([(EMPREINTE, "registre", "Registre des associations", registre.sha256)] if registre else []),
        (PERIMETRE, "departement", "Département", f"{departement.libelle} ({settings.departement})"),
        *((PERIMETRE, f"source_{rang}", "Source", texte)
          for rang, texte in enumerate(fond(settings.departement, "commune")["sources"], 1)),
        (REGLAGE, MIN_ASSOCIATIONS, "Associations au moins derrière un chiffre", str(minimum)),
        (REGLAGE, "quatre_yeux", "Validation d’un dépôt par une autre personne",
         "oui" if settings.quatre_yeux else "non"),
    ]  # fmt: skip
    _poser(con, "versions", "genre varchar, nom varchar, libelle varchar, valeur varchar", lignes)


def _version(composant: str) -> str:
    try:
        return version(composant)
    except PackageNotFoundError:
        return f"inconnue{INSECABLE}: paquet absent"


def _questionnaires(con: duckdb.DuckDBPyConnection, enquetes: Mapping[str, Enquete]) -> None:
    dossier = Path(observatoire.__file__).parent / "domain" / "enquetes"
    _poser(
        con,
        "questionnaires",
        "questionnaire varchar, titre varchar, version varchar, grain varchar, nb_champs integer, empreinte varchar",
        [
            (
                e.name,
                e.title,
                e.version,
                e.grain,
                len(e.champs_actifs()),
                empreinte(dossier, f"{e.name}.toml"),
            )
            for e in enquetes.values()
        ],
    )
    lues = [(c.nom, q) for c in catalogue().values() for q in questionnaires(c.sql)]
    _poser(con, "sources_indicateurs", "indicateur varchar, questionnaire varchar", lues)


def _registre(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    registre = etat(settings)
    nombres = (
        "lues",
        "gardees",
        "dissoutes",
        "hors_territoire",
        "sans_nom",
        "autres",
        "doublons",
        "illisibles",
    )
    _poser(
        con,
        "registre_sources",
        "genre varchar, format varchar, ajoute_le varchar, sha256 varchar, "
        + ", ".join(f"{n} integer" for n in nombres),
        [
            (s.genre, s.format, s.quand, s.sha256, *(getattr(s, n) for n in nombres))
            for s in (registre.sources if registre else [])
        ],
    )


def _cadre(con: duckdb.DuckDBPyConnection, minimum: int) -> None:
    """Evidence of activity by year; the number of groups of the weighting, never what is in each."""
    preuves = ("a_repondu", "a_subvention", "est_employeuse", "a_declare", "est_actif", "est_plausible")
    sommes = ", ".join(
        f"cast(case when sum({p}::integer) >= $minimum then sum({p}::integer) end as integer) as {p}"
        for p in preuves
    )
    con.execute(
        f"""
        create or replace table pub.cadre_bilan as
        with bilan as (select millesime, {sommes} from cadre group by millesime),
        groupes as (
            select p.millesime, cast(count(distinct p.strate) as integer) as nb_groupes
            from poids as p
            where p.jeu in (select jeu from jeux where indicateur = '')
            group by p.millesime
        )
        select b.*, g.nb_groupes from bilan as b left join groupes as g on b.millesime = g.millesime
        order by b.millesime""",
        {"minimum": minimum},
    )


def _taire(con: duckdb.DuckDBPyConnection) -> None:
    """Keep the log of the weighting silent on EPCI and on « none » against « too few ».

    Some empty cells are shown as masked: a reason that says « no answer », or the name of an EPCI that joined
    others, would tell them apart.
    """
    con.execute(
        "update pub.redressement_journal set groupe = case when etape = 'EPCI' then $epci else groupe end, "
        "raison = $raison where etape not in ('calage', 'rognage')",
        {"epci": ENSEMBLE_EPCI, "raison": RAISON_NEUTRE},
    )


def _secret(con: duckdb.DuckDBPyConnection, masques: Bilan) -> None:
    """Reasons of the masks, rounded: the exact ones would tell whether a given mask hides anything."""
    (publics,) = con.execute(
        "select count(*) from pub.mesures where statut = 'secret' and vue = 'repondantes'"
    ).fetchall()[0]
    nombres = {
        "regle": masques.primaires, "complement": masques.complementaires, "vide": masques.leurres,
    }  # fmt: skip
    detail = [(nom, PAS * round(n / PAS)) for nom, n in nombres.items()] if publics >= DETAIL_MIN else []
    _poser(con, "secret_bilan", "raison varchar, environ integer", detail)


def _changements(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    depuis, lignes = changements(con, settings.publication)
    con.execute("alter table pub._publication add column precedente integer")
    con.execute("update pub._publication set precedente = $depuis", {"depuis": depuis})
    _poser(
        con,
        "changements",
        "depuis integer, objet varchar, nom varchar, libelle varchar, avant varchar, apres varchar",
        [(depuis, x.objet, x.nom, x.libelle, x.avant, x.apres) for x in lignes],
    )
