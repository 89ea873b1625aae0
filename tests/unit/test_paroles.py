"""« Parole du terrain »: what may be cut, who decides, what survives, what is published of it and what never is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from observatoire.comptes.identite import AccesRefuse, Role
from observatoire.config.settings import Settings
from observatoire.domain.loader import load_enquetes
from observatoire.domain.paroles import MARQUE, couper, empreinte
from observatoire.publications.dictionnaire import lire_dictionnaire
from observatoire.storage.connexion import litteral
from observatoire.storage.entrepot import EntrepotEcriture, EntrepotLecture
from observatoire.storage.erreurs import ParoleRefusee
from observatoire.storage.journal import lire as lire_journal
from observatoire.storage.paroles import ACCEPTEE, COUPEE, REFUSEE, Extrait, extraits
from pipelines import depot, paroles
from pipelines.cli import app
from pipelines.ingestion.correspondance import correspondance_de
from pipelines.paroles_publiees import publier_paroles
from pipelines.publication import references, resoudre
from pipelines.sorties.prerempli import gabarit_prerempli
from tests.fabrique import ecrire_xlsx
from tests.guichet_prets import guichet

ENQUETES = load_enquetes()
TITRES = [
    "Nom de l’association", "Numéro RNA", "Commune du siège", "Année des données", "Secteur d’activité principal",
    "Accord de publication", "Une réussite, une difficulté", "Publier cet extrait",
]  # fmt: skip
PHRASE = "Nous avons une salle à Melun le mercredi, mais plus personne ne tient la trésorerie."
MELUN, MEAUX = "247700057", "200072130"
Ligne = list[Any]


def ligne(i: int, phrase: str | None = None, publier: str | None = "oui", **autres: Any) -> Ligne:
    """One answer; the sentence says its number, so that it is found again."""
    valeurs = {
        "nom": f"Cercle Orvelune {i}",
        "rna": f"W77{i:07d}",
        "commune": "Melun",
        "annee": 2025,
        "secteur": "Sport",
        "accord": "Dans des totaux seulement",
        **autres,
    }
    return [*valeurs.values(), phrase, publier]


def deposer(settings: Settings, lignes: Sequence[Ligne], qui: str = "dora", **options: Any) -> str:
    chemin = settings.donnees.parent / f"reponses-{len(list(settings.donnees.parent.glob('*.xlsx')))}.xlsx"
    ecrire_xlsx(chemin, [TITRES, *lignes])
    bilan = depot.deposer(chemin, settings, questionnaire="associations", qui=qui, **options)
    assert bilan.depot_id and bilan.lignes_chargees == len(lignes)
    return bilan.depot_id


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(donnees=tmp_path / "donnees")


def presents(settings: Settings) -> dict[str, Extrait]:
    with EntrepotLecture(settings) as con:
        return {x.texte: x for x in extraits(con)}


def decider(settings: Settings, texte: str, qui: str = "vera", **choix: str) -> str:
    identifiant = presents(settings)[texte].identifiant
    with EntrepotEcriture(settings) as con:
        return paroles.decider(con, identifiant, qui, **choix)


def forcer(settings: Settings, texte: str) -> None:
    """Put a decision in the warehouse that nobody could take: the publication looks again."""
    with EntrepotEcriture(settings) as con:
        con.execute(
            "insert into depot.paroles select cle_association, millesime, ?, 'acceptee', null, null, 'x', now()::timestamp "
            "from courant.associations where parole = ?",
            [empreinte(texte), texte],
        )
        assert {x.texte: x for x in extraits(con)}[texte].decision is not None


def tout_accepter(settings: Settings) -> None:
    for texte, x in presents(settings).items():
        if x.accord and x.decision is None:
            decider(settings, texte)


def publier(settings: Settings, masquees: Sequence[tuple[str, str]] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """The two public tables, made as a publication makes them; of its figures, which counts are shown.

    `masquees` are the cells (code of the place, domain) whose number of associations the secret hides.
    """
    with duckdb.connect() as con:
        con.execute(f"attach {litteral(str(settings.entrepot))} as entrepot (read_only)")
        con.execute("attach ':memory:' as pub")
        con.execute(
            """
            create table pub.mesures as
            select 'nb_associations_repondantes' as indicateur, 'repondantes' as vue, annee as millesime, niveau,
                code as code_territoire, domaine, 9.0 as valeur
            from range(2024, 2027) as a(annee)
            cross join (values ('epci', $melun), ('epci', $meaux), ('departement', '77')) as t(niveau, code)
            cross join (values ('sport'), ('culture'), ('sante')) as d(domaine)""",
            {"melun": MELUN, "meaux": MEAUX},
        )
        for code, domaine in masquees:
            sql = "update pub.mesures set valeur = null where code_territoire = ? and domaine = ?"
            con.execute(sql, [code, domaine])
        resoudre(con, ENQUETES.values())
        references(con, settings)
        publier_paroles(con, settings)
        tables = {nom: con.execute(f"from pub.{nom}").fetchall() for nom in ("paroles", "paroles_bilan")}
        requete = "select table_name, column_name from duckdb_columns() where database_name = 'pub' and table_name <> 'mesures'"
        decrites = lire_dictionnaire()
        for table, colonne in con.execute(requete).fetchall():
            assert colonne in decrites[table].colonnes
    return tables


def publies(settings: Settings) -> list[str]:
    return [x[-1] for x in publier(settings)["paroles"]]


# --- Cutting


@pytest.mark.parametrize(
    ("propose", "attendu"),
    [
        (PHRASE, PHRASE),
        (PHRASE.replace("à Melun", "[…]"), PHRASE.replace("à Melun", MARQUE)),
        (PHRASE.replace("à Melun", "[...]"), PHRASE.replace("à Melun", MARQUE)),
        (PHRASE.replace(" à Melun", ""), PHRASE.replace("à Melun", MARQUE)),
        ("plus personne ne tient la trésorerie.", f"{MARQUE} plus personne ne tient la trésorerie."),
        ("Nous avons une salle", f"Nous avons une salle {MARQUE}"),
        # A « ne » that goes would turn the sentence round: the mark is written all the same.
        (PHRASE.replace(" ne ", " "), PHRASE.replace(" ne ", f" {MARQUE} ")),
        (PHRASE.replace("une salle", "une grande salle"), None),
        (PHRASE.replace("mercredi", "jeudi"), None),
        (PHRASE.replace("Melun", "melun"), None),
        ("la trésorerie le mercredi", None),
        (PHRASE + " Merci.", None),
        (PHRASE + "!", None),
        ("", None),
        ("[…]", None),
        (", .", None),
    ],
)
def test_une_coupe_n_ajoute_rien(propose: str, attendu: str | None) -> None:
    assert couper(PHRASE, propose) == attendu


def test_la_marque_reste_ou_elle_est_ecrite() -> None:
    assert couper("a b a c", "[…] a c") == "[…] a c"
    assert couper("a b a c", "a […] c") == "a […] c"
    assert couper("a b c", "a […] b […] c") == "a b c"


def test_l_empreinte_ne_tient_qu_aux_mots() -> None:
    assert empreinte(" Un  te\u0301moin\n ici") == empreinte("Un témoin ici")
    assert empreinte("Un témoin ici") != empreinte("Un témoin là")


# --- Who decides, and what of


def test_le_deposant_ne_relit_pas(settings: Settings) -> None:
    deposer(settings, [ligne(1, PHRASE)])
    for qui in ("dora", " DORA ", ""):
        with pytest.raises(ParoleRefusee, match="autre personne"):
            decider(settings, PHRASE, qui)
    assert decider(settings, PHRASE) == ACCEPTEE
    with pytest.raises(ParoleRefusee, match="déjà relu"):
        decider(settings, PHRASE)


def test_jamais_sans_accord(settings: Settings) -> None:
    deposer(settings, [ligne(1, "Sans réponse.", None), ligne(2, "Un non.", "non")])
    for texte in ("Sans réponse.", "Un non."):
        assert not presents(settings)[texte].accord
        with pytest.raises(ParoleRefusee, match="accord"):
            decider(settings, texte)
    with EntrepotLecture(settings) as con:
        lue = paroles.relecture(con, settings)
    assert (lue.paroles, lue.sans_accord) == ((), 2)


def test_le_journal_dit_le_geste_sans_le_texte(settings: Settings) -> None:
    depot_id = deposer(settings, [ligne(1, PHRASE), ligne(2, "Le car est plein."), ligne(3, "À refuser.")])
    assert decider(settings, PHRASE, coupe=PHRASE.replace("à Melun", MARQUE)) == COUPEE
    assert decider(settings, "Le car est plein.", coupe="Le car est plein.") == ACCEPTEE
    with pytest.raises(ParoleRefusee, match="Dites pourquoi"):
        decider(settings, "À refuser.", refus="  ")
    assert decider(settings, "À refuser.", refus="hors du sujet") == REFUSEE
    with EntrepotEcriture(settings) as con:
        identifiant = {x.texte: x for x in extraits(con)}[PHRASE].identifiant
        from observatoire.storage.paroles import revenir

        revenir(con, identifiant, "vera")
        with pytest.raises(ParoleRefusee, match="Aucune décision"):
            revenir(con, identifiant, "vera")
        lignes = [x for x in lire_journal(con, objet=depot_id) if x.qui == "vera"]
    assert [x.quoi for x in lignes] == [
        "revenir_parole",
        "refuser_parole",
        "accepter_parole",
        "couper_parole",
    ]
    assert lignes[-1].avant == "Feuil1, ligne 2" and lignes[-1].apres == COUPEE
    dit = json.dumps([[x.avant, x.apres, x.objet] for x in lignes], ensure_ascii=False)
    assert not any(mot in dit for mot in ("salle", "car", "refuser", "sujet", "Orvelune"))
    assert presents(settings)[PHRASE].decision is None
    assert publies(settings) == ["Le car est plein."]


def test_une_decision_survit_au_meme_texte_et_meurt_avec_lui(settings: Settings) -> None:
    premier = deposer(settings, [ligne(1, PHRASE)])
    decider(settings, PHRASE, coupe=PHRASE.replace("à Melun", MARQUE))
    depot.annuler(premier, settings, "dora")
    assert publies(settings) == [], "un dépôt annulé ne publie rien"
    deposer(settings, [ligne(1, f" {PHRASE} ")], qui="denis")
    assert publies(settings) == [PHRASE.replace("à Melun", MARQUE)]
    deposer(settings, [ligne(1, PHRASE + " Enfin.")], qui="denis")
    assert presents(settings)[PHRASE + " Enfin."].decision is None
    assert publies(settings) == []
    deposer(settings, [ligne(1, PHRASE, annee=2024)], qui="denis")
    assert presents(settings)[PHRASE].decision is None, "une autre année se relit"


def test_un_accord_retire_ote_l_extrait(settings: Settings) -> None:
    deposer(settings, [ligne(i, f"Phrase {i}.") for i in range(1, 4)])
    tout_accepter(settings)
    assert sorted(publies(settings)) == ["Phrase 1.", "Phrase 2.", "Phrase 3."]
    deposer(settings, [ligne(1, "Phrase 1.", "non"), ligne(2, "Phrase 2.", None)])
    assert publies(settings) == ["Phrase 3."]
    # The association then refuses any publication, in a later year.
    deposer(settings, [ligne(3, None, None, annee=2026, accord="Aucune publication")])
    assert publies(settings) == []


# --- Personal data


def test_un_morceau_masque_ne_parait_jamais(settings: Settings) -> None:
    masquee = "Pour aider, écrivez à contact@exemple.invalid"
    cachee = "Merci à M*** pour tout."
    deposer(settings, [*(ligne(i, f"Phrase {i}.") for i in range(1, 5)), ligne(5, masquee), ligne(6, cachee)])
    assert masquee not in presents(settings) and not any("@" in texte for texte in presents(settings))
    with pytest.raises(ParoleRefusee, match="masqué"):
        decider(settings, cachee)
    with pytest.raises(ParoleRefusee, match="masqué"):
        decider(settings, cachee, coupe="Merci pour tout.")
    with EntrepotLecture(settings) as con:
        lue = paroles.relecture(con, settings)
    forcer(settings, cachee)
    assert [lieu for _, lieu, _ in lue.ecartees] == ["Feuil1, G6"]
    assert publies(settings) == []
    assert decider(settings, "Phrase 1.") == ACCEPTEE and publies(settings) == ["Phrase 1."]


def test_ce_qui_est_trop_long_est_dit_a_sa_cellule(settings: Settings, tmp_path: Path) -> None:
    maximum = ENQUETES["associations"].champ("parole").constraints["maxLength"]
    assert maximum == 280
    ecrire_xlsx(tmp_path / "l.xlsx", [TITRES, ligne(1, "é" * maximum), ligne(2, "é" * (maximum + 1))])
    bilan = depot.deposer(tmp_path / "l.xlsx", settings, questionnaire="associations")
    dites = [(a.code, a.cellule, a.champ) for a in bilan.anomalies if a.code == "TX-02"]
    assert dites == [("TX-02", "G3", "parole")]
    assert [len(texte) for texte in presents(settings)] == [maximum]


def test_l_accord_n_est_jamais_donne_d_avance(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="chaque association donne"):
        correspondance_de(None, [], ["publier_parole=oui"], "associations", ENQUETES)
    deposer(settings, [ligne(1, PHRASE)])
    octets = gabarit_prerempli(settings, "RNA:W770000001", "associations", 2026)
    (tmp_path / "g.xlsx").write_bytes(octets)
    page = openpyxl.load_workbook(tmp_path / "g.xlsx")["Réponses"]
    rangs = {case.value: case.column for case in page[1]}
    case = page.cell(2, rangs["Publier cet extrait"])
    assert case.value is None and case.comment is None
    assert page.cell(2, rangs[ENQUETES["associations"].champ("parole").title]).value is None


# --- What a reader could recognise


@pytest.mark.parametrize(
    ("phrase", "mots"),
    [
        ("Le cercle d’Orvelune 1 a doublé.", ["nom de l’association"]),
        ("Notre salle de Melun est froide.", ["commune de son siège", "Melun"]),
        ("Notre salle de MELUN est froide.", ["commune de son siège"]),
        ("Nous allons à Fontainebleau en car.", ["cite une commune", "Fontainebleau"]),
        ("Les Gaules de Brumelune nous prêtent un local.", ["association connue", "Les Gaules de Brumelune"]),
        ("Nos gaules, et celles des gaules de Brumelune.", ["association connue"]),
    ],
)
def test_ce_qui_nomme_est_signale(settings: Settings, phrase: str, mots: list[str]) -> None:
    deposer(settings, [ligne(1, phrase), ligne(2, None, None, nom="Les Gaules de Brumelune")])
    with EntrepotLecture(settings) as con:
        (parole,) = paroles.relecture(con, settings).paroles
    assert all(mot in " ".join(parole.avertissements) for mot in mots)


def test_une_phrase_ordinaire_ne_signale_rien(settings: Settings) -> None:
    deposer(settings, [ligne(i, "Le cercle des parents a trouvé une salle.") for i in range(1, 5)])
    with EntrepotLecture(settings) as con:
        assert [p.avertissements for p in paroles.relecture(con, settings).paroles] == [()] * 4


# --- What is published


def test_le_lieu_et_le_domaine_ne_sont_dits_que_s_ils_sont_partages(settings: Settings) -> None:
    lignes = [ligne(i, f"Melun {i}.", "non" if i == 5 else "oui") for i in range(1, 6)]
    lignes += [ligne(i, f"Meaux {i}.", commune="Meaux", secteur="Culture") for i in range(11, 15)]
    lignes += [ligne(20, "Seule.", commune="Melun", secteur="Santé")]
    lignes += [ligne(30, None, None, commune="Meaux", secteur="Culture")]
    deposer(settings, lignes)
    tout_accepter(settings)
    tables = publier(settings)
    vus = {x[-1]: x[1:-1] for x in tables["paroles"]}
    # Five spoke in Melun, one without consent; four spoke in Meaux, where five answered.
    assert {vus[f"Melun {i}."] for i in range(1, 5)} == {(2025, "epci", MELUN, "sport")}
    assert {vus[f"Meaux {i}."] for i in range(11, 15)} == {(2025, "departement", "77", "culture")}
    assert vus["Seule."] == (2025, "departement", "77", None)
    assert tables["paroles_bilan"] == [(2025, 10, 9, 9)]
    deposer(settings, [ligne(30, "Meaux 30.", None, commune="Meaux", secteur="Culture")])
    vus = {x[-1]: x[1:-1] for x in publier(settings)["paroles"]}
    assert vus["Meaux 11."] == (2025, "epci", MEAUX, "culture"), "la cinquième a parlé, même sans accord"


def test_rien_n_est_dit_ou_le_nombre_d_associations_est_masque(settings: Settings) -> None:
    deposer(settings, [ligne(i, f"Melun {i}.") for i in range(1, 7)])
    tout_accepter(settings)
    for masquees, attendu in (
        ([], ("epci", MELUN, "sport")),
        ([(MELUN, "sport")], ("departement", "77", "sport")),
        ([("77", "sport")], ("departement", "77", None)),
    ):
        assert {x[2:-1] for x in publier(settings, masquees)["paroles"]} == {attendu}


def test_les_petits_comptes_sont_masques(settings: Settings) -> None:
    deposer(settings, [ligne(i, f"Phrase {i}.", "oui" if i < 4 else "non") for i in range(1, 7)])
    tout_accepter(settings)
    assert publier(settings)["paroles_bilan"] == [(2025, 6, None, None)]


def test_l_ordre_est_tire_par_la_cle(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    deposer(settings, [ligne(i, f"Phrase {i}.") for i in range(1, 9)])
    tout_accepter(settings)
    ordres = []
    for cle in ("une clé", "une clé", "une autre"):
        monkeypatch.setenv("OBSERVATOIRE_CLE", cle)
        rangees = publier(settings)["paroles"]
        assert [x[0] for x in rangees] == list(range(1, 9))
        ordres.append([x[-1] for x in rangees])
    assert ordres[0] == ordres[1] != ordres[2]
    assert sorted(ordres[0]) not in (ordres[0], ordres[2])


def test_rien_d_une_association_ni_d_un_texte_sans_accord(settings: Settings) -> None:
    lignes = [ligne(i, f"Phrase {i}.") for i in range(1, 9)]
    lignes += [ligne(9, "CANARI sans réponse.", None), ligne(10, "CANARI refusé.")]
    lignes += [ligne(11, "CANARI aucune publication.", accord="Aucune publication")]
    depot_id = deposer(settings, lignes)
    for texte in [f"Phrase {i}." for i in range(1, 9)]:
        decider(settings, texte)
    decider(settings, "CANARI refusé.", refus="hors du sujet")
    with pytest.raises(ParoleRefusee, match="accord"):
        decider(settings, "CANARI aucune publication.")
    forcer(settings, "CANARI aucune publication.")
    forcer(settings, "CANARI sans réponse.")
    tables = publier(settings)
    assert len(tables["paroles"]) == 8
    dit = repr(tables)
    interdits = ["CANARI", "Orvelune", "W77000", depot_id, "vera", "dora", "Feuil1", "77288"]
    assert [mot for mot in interdits if mot in dit] == []
    with EntrepotLecture(settings) as con:
        assert not any(x.identifiant in dit or empreinte(x.texte) in dit for x in extraits(con))


# --- Staff and command line


def test_services_du_guichet(settings: Settings) -> None:
    deposer(settings, [ligne(1, PHRASE)])
    identifiant = presents(settings)[PHRASE].identifiant
    with pytest.raises(AccesRefuse):
        guichet(settings, "denis", Role.DEPOSANT).paroles()
    with pytest.raises(ParoleRefusee):
        guichet(settings, "dora").accepter_parole(identifiant)
    vera = guichet(settings, "vera")
    assert vera.accepter_parole(identifiant, PHRASE.replace("à Melun", MARQUE)) == COUPEE
    (parole,) = vera.paroles().dans(COUPEE)
    assert parole.extrait.texte == PHRASE and parole.extrait.decision is not None
    assert parole.extrait.decision.texte == PHRASE.replace("à Melun", MARQUE)
    vera.revenir_parole(identifiant)
    vera.refuser_parole(identifiant, "permet de reconnaître l’association")
    assert publies(settings) == []


def test_commandes(settings: Settings) -> None:
    deposer(settings, [ligne(1, PHRASE), ligne(2, "Le car est plein.")])
    donnees = ["--donnees", str(settings.donnees)]

    def lister(*options: str) -> dict[str, dict[str, Any]]:
        sortie = CliRunner().invoke(app, ["paroles", "lister", "--json", *options, *donnees])
        return {x["texte"]: x for x in json.loads(sortie.stdout)}

    cles = {texte: x["identifiant"] for texte, x in lister().items()}
    assert "Melun" in " ".join(lister()[PHRASE]["avertissements"])
    coupe = PHRASE.replace("à Melun", MARQUE)
    for geste in (
        ["accepter", cles[PHRASE], "--texte", coupe],
        ["refuser", cles["Le car est plein."], "--raison", "x"],
    ):
        assert CliRunner().invoke(app, ["paroles", *geste, *donnees]).exit_code == 0
    assert lister() == {}
    toutes = lister("--toutes")
    assert (toutes[PHRASE]["etat"], toutes[PHRASE]["texte_publie"]) == (COUPEE, coupe)
    assert CliRunner().invoke(app, ["paroles", "revenir", cles[PHRASE], *donnees]).exit_code == 0
    assert list(lister()) == [PHRASE]


def test_un_entrepot_d_avant_n_a_pas_d_extrait(settings: Settings) -> None:
    deposer(settings, [ligne(1, PHRASE)])
    with EntrepotEcriture(settings) as con:
        con.execute("drop view courant.associations")
        con.execute("create view courant.associations as select 1 as nb_adherents")
        assert extraits(con) == []
    vide = replace(settings, donnees=settings.donnees.parent / "ailleurs")
    assert guichet(vide, "vera").paroles().paroles == ()
