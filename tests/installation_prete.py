"""A small installation where every gesture of the staff was made once, and a light publication of all its answers."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import duckdb

from observatoire.comptes.identite import Role
from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.estimation.ponderation import SQL
from observatoire.registre import ajouter
from observatoire.storage import paroles
from observatoire.storage.entrepot import EntrepotEcriture
from observatoire.storage.publication import Publication
from observatoire.storage.publication import publier as publier_fichiers
from pipelines import depot, qui_est_qui
from pipelines.ingestion.entetes import Correspondance
from pipelines.publication import poser_ponderation, qualite, references, resoudre
from tests import classeur_sale as sale
from tests import fabrique
from tests import guichet_prets as prets

HARMONIE = "NOM:harmonie municipale|77288"
# An association that answered twice, under its number and in a workbook with persons' names.
OUBLIEE, RNA_OUBLIEE, NOM_OUBLIEE = "RNA:W770000003", "W770000003", "Les Amis du Ru 3"
FICHES = (
    ("W772000001", "JUDO CLUB DE MELUN", "77288"),
    ("W772000006", "HARMONIE MUNICIPALE", "77288"),
    ("W772000007", "HARMONIE MUNICIPALE", "77288"),
)


def installer(settings: Settings, travail: Path) -> dict[str, str]:
    """Make every gesture; name → deposit."""
    travail.mkdir(parents=True, exist_ok=True)
    settings.donnees.mkdir(parents=True)
    settings.cle.write_text("0" * 64, encoding="ascii")
    settings.cle.chmod(0o400)
    _registre(settings, travail)
    enquetes = load_enquetes()
    emploi = enquetes["emploi"]
    lignes = fabrique.lignes_valides(emploi, 12)
    noms = [c.name for c in emploi.champs_actifs()]
    titres = [{c.name: c.title for c in emploi.champs_actifs()}[n] for n in noms]
    # A title that only the command's correspondence explains.
    titres[noms.index("nom_association")] = "Structure ZZ"
    chemin = fabrique.ecrire_xlsx(travail / "emploi.xlsx", [titres, *([x[n] for n in noms] for x in lignes)])
    donnee = Correspondance(colonnes={"Structure ZZ": "nom_association"})
    faits = {}
    bilan = depot.deposer(
        chemin, settings, questionnaire="emploi", correspondance=donnee, fictif=True, qui="cli"
    )
    faits["emploi"] = bilan.depot_id
    g = prets.guichet(settings)
    ouvert = prets.ouvrir(g, sale.octets(), sale.CLASSEUR, **sale.DECISIONS)
    g.corriger(ouvert, sale.CORRECTIONS)
    g.ecarter(ouvert, [sale.LIGNE_ECARTEE])
    faits["sale"] = prets.charger(g, ouvert)
    noms_sans_numero = [
        ["Judo-club de Melun", "Melun", 2025, 12, 120],
        ["Harmonie municipale", "Melun", 2025, 13, 130],
        ["", "Melun", 2025, 14, 140],
    ]
    faits["premier"] = prets.deposer(g, prets.benevolat(travail, [*prets.simples(6), *noms_sans_numero]))
    with EntrepotEcriture(settings) as con:
        qui_est_qui.decider(con, HARMONIE, "RNA:W772000007", "nadia")
        qui_est_qui.revenir(con, HARMONIE, "nadia")
        qui_est_qui.decider(con, HARMONIE, "RNA:W772000006", "nadia")
    autre = [["Club 40", "Meaux", 2024, 3, 30]]
    octets = prets.benevolat(travail, autre, "annule.xlsx")
    # Said to feed nothing: remembered for the next file with these titles.
    choix = {"questionnaire": "benevolat", "colonnes": {"Bénévoles réguliers": None}}
    faits["annule"] = prets.deposer(g, octets, "annulé.xlsx", **choix)
    depot.annuler(faits["annule"], settings, "nadia")
    depot.retablir(faits["annule"], settings, "nadia")
    depot.annuler(faits["annule"], settings, "nadia")
    corrige = fabrique.ecrire_xlsx(travail / "corrige.xlsx", [
        [*titres], *([x[n] for n in noms] for x in lignes[:11])
    ])  # fmt: skip
    bilan = depot.deposer(
        corrige,
        settings,
        correspondance=donnee,
        questionnaire="emploi",
        fictif=True,
        qui="cli",
        remplace=faits["emploi"],
    )
    faits["corrige"] = bilan.depot_id
    # Undone: the replaced deposit counts again.
    depot.annuler(faits["corrige"], settings, "nadia")
    faits["paroles"] = _relire_des_paroles(settings, travail)
    quatre = replace(settings, quatre_yeux=True)
    en_attente = prets.benevolat(travail, prets.simples(3, 20), "quatre.xlsx")
    faits["valide"] = prets.deposer(prets.guichet(quatre, "lea", Role.DEPOSANT), en_attente, "quatre.xlsx")
    depot.valider(faits["valide"], settings, "nadia")
    return faits


def _relire_des_paroles(settings: Settings, travail: Path) -> str:
    """Extracts accepted, cut, refused, and one decision taken back; the last one is that of who will be forgotten."""
    enquete = load_enquetes()["associations"]
    champs = enquete.champs_actifs()
    lignes = [
        x
        | {
            "parole": f"La salle {x['nom_association']} ferme tôt, dommage.",
            "publier_parole": "oui",
            "consentement": "Oui avec le nom",
        }
        for x in fabrique.lignes_valides(enquete, 6)
    ]
    # An extract that names somebody is no answer, however often its file is read.
    lignes[5]["parole"] = "accueil@club.invalid"
    chemin = fabrique.ecrire_xlsx(
        travail / "paroles.xlsx", [[c.title for c in champs], *([x[c.name] for c in champs] for x in lignes)]
    )
    fait = depot.deposer(chemin, settings, questionnaire="associations", fictif=True, qui="cli")
    with EntrepotEcriture(settings) as con:
        dits = paroles.extraits(con)
        assert len(dits) == 5 and all(x.accord for x in dits)
        paroles.decider(con, dits[0].identifiant, "nadia")
        paroles.decider(con, dits[1].identifiant, "nadia", refus="Une personne se reconnaîtrait")
        paroles.revenir(con, dits[1].identifiant, "nadia")
        for dit in dits[1:]:
            paroles.decider(con, dit.identifiant, "nadia", coupe=dit.texte.replace(", dommage", ""))
    return str(fait.depot_id)


def _registre(settings: Settings, travail: Path) -> None:
    decor = [(f"W773{i:06d}", f"PELOTE{i} BASQUE{i % 7}", "77186") for i in range(60)]
    lignes = [f"{rna};{nom};;{code};77000;;A" for rna, nom, code in [*FICHES, *decor]]
    entete = "id;titre;siret;adrs_codeinsee;adrs_codepostal;adrs_libcommune;position"
    fichier = travail / "rna.csv"
    fichier.write_text("\n".join([entete, *lignes]), encoding="utf-8")
    ajouter(settings, "rna", fichier)


def remplir(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
    """A figure per questionnaire that any change of any answer in force moves, and the state of the deposits."""
    enquetes = load_enquetes()
    con.execute("use memory")
    resoudre(con, enquetes.values())
    sommes = " union all ".join(
        f"select '{nom}' as indicateur, count(*)::double as valeur, sum(hash(e))::varchar as empreinte "
        f"from memory.courant.{nom} as e"
        for nom in enquetes
    )
    con.execute(f"create table pub.mesures as {sommes}")
    qualite(con, enquetes.values())
    return {}


def publier(settings: Settings) -> Publication:
    """A light publication: no estimate, no mask."""

    def analyse(con: duckdb.DuckDBPyConnection, version: int) -> Mapping[str, str]:
        con.execute("create schema pub.enquete")
        for nom in load_enquetes():
            con.execute(f"create table pub.enquete.{nom} as from memory.courant.{nom}")
        _peser(con, settings)
        poser_ponderation(con, settings)
        return {}

    return publier_fichiers(settings, remplir, remplir_analyse=analyse)


def _peser(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Equal weights for every association that answered something, one set by year."""
    references(con, settings)
    con.execute((SQL / "poids_vide.sql").read_text(encoding="utf-8"))
    repondantes = " union ".join(
        f"select cle_association, millesime from memory.courant.{e.name}"
        for e in load_enquetes().values()
        if e.cle
    )
    con.execute(
        f"""
        insert into poids
        select dense_rank() over (order by millesime), 'representatif', cle_association, millesime, 3.0, 3.0, 1.0, 'toutes',
            n, 3 * n, 3 * n, null
        from (select *, count(*) over (partition by millesime) as n from ({repondantes}) where cle_association is not null)"""
    )


def copier(prete: Settings, vers: Path) -> Settings:
    """The same installation elsewhere."""
    shutil.copytree(prete.donnees, vers, symlinks=True)
    return replace(prete, donnees=vers)
