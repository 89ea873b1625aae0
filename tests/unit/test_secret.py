"""Disclosure control: thresholds, dominance, and no cell read by subtraction."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import numpy as np
import pytest

from observatoire.estimation.secret import Seuils, proteger
from observatoire.estimation.systeme import Case

SEUILS = Seuils(min_associations=5, dominance=0.85, min_personnes=11, min_associations_personnes=3)
# commune → arrondissement, EPCI, canton
ZONES = {
    "c1": ("A1", "E1", "K1"), "c2": ("A1", "E1", "K2"), "c3": ("A1", "E2", "K2"), "c4": ("A2", "E2", "K1"),
    "c5": ("A2", "E3", "K3"), "c6": ("A2", "E3", "K3"), "c7": ("A2", "E3", "K2"), "c8": ("A1", "E2", "K3"),
}  # fmt: skip
DOMAINES = ("sport", "culture", "social")
NIVEAUX = ("arrondissement", "epci", "canton")
Cellule = tuple[str, str, str]  # niveau, code, domaine
Unite = tuple[str | None, str, float]  # commune, domaine, valeur


def placer(commune: str | None, domaine: str) -> set[Cellule]:
    """Cells in which an association counts."""
    places: set[tuple[str, str]] = {("departement", "D")}
    if commune is not None:
        places |= set(zip(NIVEAUX, ZONES[commune], strict=True))
    cellules = {(n, c, d) for n, c in places for d in ("tous", domaine)}
    return cellules | ({("commune", commune, "tous")} if commune is not None else set())


def proteger_unites(
    unites: Iterable[Unite],
    secret: str = "associations",
    dominance: bool = True,
    personnes: float = 0,
    autres: Mapping[str, Iterable[Unite]] | None = None,
    seuils: Seuils = SEUILS,
) -> dict[Cellule, str]:
    """Statuses of the cells made of these associations (one indicator, one year)."""
    con = duckdb.connect()
    con.execute(
        "create temp table cellules (indicateur varchar, millesime integer, niveau varchar, code varchar, "
        "domaine varchar, financeur varchar, n bigint, nb_personnes double, part_max double, part_deux double, "
        "valeur double, taille double)"
    )
    con.execute(
        "create temp table regles (indicateur varchar, secret varchar, dominance boolean, famille varchar)"
    )
    con.execute("create temp table rattachements (code_commune varchar, niveau varchar, code varchar)")
    for commune, zones in ZONES.items():
        lignes = [("departement", "D"), ("commune", commune), *zip(NIVEAUX, zones, strict=True)]
        con.executemany("insert into rattachements values (?, ?, ?)", [(commune, *ligne) for ligne in lignes])
    for nom, lot in {"x": unites, **(autres or {})}.items():
        con.execute("insert into regles values (?, ?, ?, 'x')", [nom, secret, dominance])
        contenus: dict[Cellule, list[float]] = defaultdict(list)
        for commune, domaine, valeur in lot:
            for cellule in placer(commune, domaine):
                contenus[cellule].append(valeur)
        for cellule, valeurs in contenus.items():
            total = sum(valeurs)
            part = max(map(abs, valeurs)) / sum(map(abs, valeurs)) if any(valeurs) else 0
            deux = sum(sorted(map(abs, valeurs))[-2:]) / sum(map(abs, valeurs)) if any(valeurs) else 0
            effectifs = (len(valeurs), personnes * len(valeurs))
            ligne = (nom, 2025, *cellule, "tous", *effectifs, part, deux, total, abs(total))
            con.execute(f"insert into cellules values ({', '.join('?' * len(ligne))})", ligne)
    proteger(con, seuils)
    statuts = con.execute(
        "select niveau, code, domaine, statut from cellules where indicateur = 'x'"
    ).fetchall()
    return {(n, c, d): s for n, c, d, s in statuts}


def lot(commune: str | None, combien: int, domaine: str = "sport", valeur: float = 10) -> list[Unite]:
    return [(commune, domaine, valeur)] * combien


def egalites() -> list[tuple[Cellule, list[Cellule]]]:
    """Every equality that a reader of the tables can write: a total and its parts."""
    toutes: list[tuple[Cellule, list[Cellule]]] = []
    codes = {n: sorted({z[i] for z in ZONES.values()}) for i, n in enumerate(NIVEAUX)}
    for d in ("tous", *DOMAINES):
        toutes += [(("departement", "D", d), [(n, c, d) for c in codes[n]]) for n in NIVEAUX]
    toutes.append((("departement", "D", "tous"), [("commune", c, "tous") for c in ZONES]))
    for i, n in enumerate(NIVEAUX):
        for code in codes[n]:
            communes = [("commune", c, "tous") for c, z in ZONES.items() if z[i] == code]
            toutes.append(((n, code, "tous"), communes))
    for n, liste in {**codes, "departement": ["D"]}.items():
        toutes += [((n, c, "tous"), [(n, c, d) for d in DOMAINES]) for c in liste]
    return toutes


# --- primary rules --------------------------------------------------------------------------------


@pytest.mark.parametrize(("combien", "attendu"), [(1, "secret"), (4, "secret"), (5, "ok"), (40, "ok")])
def test_seuil(combien: int, attendu: str) -> None:
    assert set(proteger_unites(lot("c1", combien)).values()) == {attendu}


@pytest.mark.parametrize(
    ("gros", "dominance", "attendu"), [(900, True, "secret"), (220, True, "ok"), (900, False, "ok")]
)
def test_dominance(gros: float, dominance: bool, attendu: str) -> None:
    """One association with 94 % of the total masks it; with 79 %, or for a ratio of counts, it does not."""
    statuts = proteger_unites([*lot("c1", 6), ("c1", "sport", gros)], dominance=dominance)
    assert set(statuts.values()) == {attendu}


@pytest.mark.parametrize(("personnes", "attendu"), [(1, "secret"), (2, "secret"), (3, "ok")])
def test_personnes(personnes: float, attendu: str) -> None:
    """Five associations are not enough when they speak of fewer than eleven persons."""
    statuts = proteger_unites(lot("c1", 5), secret="personnes", personnes=personnes)
    assert set(statuts.values()) == {attendu}


def test_donnees_publiques() -> None:
    assert set(proteger_unites(lot("c1", 1), secret="aucun").values()) == {"ok"}


def test_valeurs_nulles() -> None:
    """Five associations that all answer zero make a publishable zero."""
    assert set(proteger_unites(lot("c1", 5, valeur=0)).values()) == {"ok"}


# --- complementary rule ---------------------------------------------------------------------------


def test_plus_petite_voisine_masquee() -> None:
    """In E3, c5 is masked (4): c6 (10) goes with it, c7 (20) stays."""
    statuts = proteger_unites([*lot("c5", 4), *lot("c6", 10), *lot("c7", 20), *lot("c1", 30), *lot("c3", 30)])
    assert statuts["commune", "c5", "tous"] == "secret"
    assert statuts["commune", "c6", "tous"] == "secret"
    assert statuts["commune", "c7", "tous"] == "ok"
    assert statuts["epci", "E3", "tous"] == "ok"


def test_masquees_trop_petites_ensemble() -> None:
    """c5 (1) and c6 (2) are masked, but their sum is a cell of three: c7 goes too, then the total is kept."""
    statuts = proteger_unites([*lot("c5", 1), *lot("c6", 2), *lot("c7", 9), *lot("c1", 30), *lot("c3", 30)])
    assert {statuts["commune", c, "tous"] for c in ("c5", "c6", "c7")} == {"secret"}
    assert statuts["epci", "E3", "tous"] == "ok"


def test_total_egal_a_sa_seule_partie() -> None:
    """E2 has answers in c3 only: whatever masks one masks the other, though E2 passes the thresholds."""
    unites = [*lot("c1", 3), *lot("c2", 30), *lot("c3", 8), *lot("c5", 30), *lot("c6", 30)]
    statuts = proteger_unites(unites)
    assert statuts["commune", "c1", "tous"] == "secret"
    assert statuts["commune", "c3", "tous"] == statuts["epci", "E2", "tous"]


def test_domaines() -> None:
    """Sport has three associations: the next smallest sector is masked in the same zones."""
    unites = [*lot("c1", 3), *lot("c1", 8, "culture"), *lot("c1", 20, "social")]
    statuts = proteger_unites(unites)
    assert statuts["departement", "D", "sport"] == statuts["departement", "D", "culture"] == "secret"
    assert statuts["departement", "D", "social"] == statuts["departement", "D", "tous"] == "ok"


def test_sans_commune_compte_comme_partie_cachee() -> None:
    """The only zone answering is masked; the associations without a commune keep the département readable."""
    statuts = proteger_unites([*lot("c1", 3), *lot(None, 30)])
    assert statuts["epci", "E1", "tous"] == "secret"
    assert statuts["departement", "D", "tous"] == "ok"


@pytest.mark.parametrize(("combien", "attendu"), [(2, "secret"), (5, "ok")])
def test_reste_trop_petit(combien: int, attendu: str) -> None:
    """Every zone is shown: the département minus its zones would be the sum of the two without a commune."""
    communes = [u for c in ZONES for u in lot(c, 10)]
    statuts = proteger_unites([*communes, *lot("c1", 1), *lot(None, combien)])
    zones = [c for c in ZONES if statuts["commune", c, "tous"] == "secret"]
    assert bool(zones) is (attendu == "secret")
    assert statuts["departement", "D", "tous"] == "ok"


def test_famille_masquee_ensemble() -> None:
    """A cell masked in one unit of a family is masked in the leader."""
    unites = [*lot("c1", 20), *lot("c3", 20), *lot("c5", 20), *lot("c6", 20)]
    seule = proteger_unites(unites)
    assert set(seule.values()) == {"ok"}
    accompagnee = proteger_unites(unites, autres={"y": [*unites[1:], ("c1", "sport", 9000)]})
    assert accompagnee["commune", "c1", "tous"] == "secret"


def fuites(unites: list[Unite], statuts: Mapping[Cellule, str]) -> tuple[list[Any], int]:
    """Equalities that give a masked cell away alone; number of cells that all of them give away together."""
    inconnues = sorted(c for c, s in statuts.items() if s == "secret")
    rang = {c: i for i, c in enumerate(inconnues)}
    hors = {d: sum(1 for c, x, _ in unites if c is None and d in ("tous", x)) for d in ("tous", *DOMAINES)}
    restes: dict[str, int] = {}
    seules, matrice = [], []
    for total, parts in egalites():
        presentes = [c for c in (total, *parts) if c in statuts]
        cachees = [c for c in presentes if statuts[c] == "secret"]
        reste = hors[total[2]] if total[0] == "departement" and parts[0][0] != "departement" else 0
        if len(cachees) == 1 and not reste:
            seules.append((total, cachees))
        ligne = dict.fromkeys((rang[c] for c in cachees), 1.0)
        if total in rang:
            ligne[rang[total]] = -1.0
        if reste:
            ligne[len(rang) + restes.setdefault(total[2], len(restes))] = 1.0
        if ligne:
            matrice.append(ligne)
    if not matrice:
        return seules, 0
    a = np.zeros((len(matrice), len(rang) + len(restes)))
    for i, ligne in enumerate(matrice):
        for j, valeur in ligne.items():
            a[i, j] = valeur
    _, valeurs, droite = np.linalg.svd(a)
    noyau = droite[int((valeurs > 1e-9).sum()) :]
    libres = (np.abs(noyau) > 1e-9).any(axis=0) if len(noyau) else np.zeros(a.shape[1], bool)
    return seules, int((~libres[: len(rang)]).sum())


def au_hasard(graine: int) -> list[Unite]:
    rng = random.Random(graine)
    communes: list[str | None] = [*ZONES, *([None] if graine % 2 else [])]
    poids = [rng.choice([1, 2, 5, 20]) for _ in communes]
    return [
        (rng.choices(communes, poids)[0], rng.choices(DOMAINES, [6, 3, 1])[0], rng.lognormvariate(3, 2))
        for _ in range(rng.choice([12, 40, 120, 300]))
    ]


@pytest.mark.parametrize("graine", range(40))
def test_rien_par_soustraction(graine: int) -> None:
    """No equality of the published tables gives a masked cell, in any random world."""
    unites = au_hasard(graine)
    statuts = proteger_unites(unites)
    seules, retrouvees = fuites(unites, statuts)
    assert seules == []
    assert retrouvees == 0
    effectifs: dict[Cellule, int] = defaultdict(int)
    for commune, domaine, _valeur in unites:
        for cellule in placer(commune, domaine):
            effectifs[cellule] += 1
    assert all(effectifs[c] >= SEUILS.min_associations for c, s in statuts.items() if s == "ok")


def test_le_controle_voit_une_fuite() -> None:
    """The check above is not empty: primary masks alone give cells away."""
    unites = [*lot("c5", 4), *lot("c6", 10), *lot("c7", 20), *lot("c1", 30), *lot("c3", 30)]
    statuts = dict.fromkeys(proteger_unites(unites), "ok") | {("commune", "c5", "tous"): "secret"}
    seules, retrouvees = fuites(unites, statuts)
    assert len(seules) >= 3
    assert retrouvees == 1


# --- the fixture of the requirements: one rule, one case -------------------------------------------

LARGE = [*lot("c3", 30), *lot("c5", 30), *lot("c6", 30)]


def statut_f11(seuils: Seuils, unites: list[Unite], **options: Any) -> str:
    return proteger_unites([*unites, *LARGE], seuils=seuils, **options)["commune", "c1", "tous"]


TROIS = Seuils(3, 0.85, 11, 3, dominance_deux=0.90)


@pytest.mark.parametrize(("n", "attendu"), [(2, "secret"), (3, "ok")])
def test_f11_deux_unites(n: int, attendu: str) -> None:
    assert statut_f11(TROIS, lot("c1", n), dominance=False) == attendu


@pytest.mark.parametrize(("montants", "attendu"), [((86, 8, 6), "secret"), ((34, 33, 33), "ok")])
def test_f11_une_a_86_pour_cent(montants: tuple[int, ...], attendu: str) -> None:
    """Three units, the largest with 86 % of the total."""
    assert statut_f11(TROIS, [("c1", "sport", float(v)) for v in montants]) == attendu


@pytest.mark.parametrize(("montants", "attendu"), [((46, 45, 5, 4), "secret"), ((46, 44, 5, 5), "ok")])
def test_f11_deux_a_90_pour_cent(montants: tuple[int, ...], attendu: str) -> None:
    """The first two make 91 % of the total, then 90 % exactly."""
    assert statut_f11(TROIS, [("c1", "sport", float(v)) for v in montants]) == attendu


@pytest.mark.parametrize(("n", "personnes", "attendu"), [(2, 50, "secret"), (3, 3.5, "secret"), (3, 4, "ok")])
def test_f11_personnes(n: int, personnes: float, attendu: str) -> None:
    """Eleven persons at least, from three associations at least."""
    options: dict[str, Any] = {"secret": "personnes", "personnes": personnes, "dominance": False}
    assert statut_f11(TROIS, lot("c1", n), **options) == attendu


def test_f11_une_case_masquee_en_entraine_une_autre() -> None:
    """E3 = c5 + c6 + c7, one of them masked: a second is, and it is not the only one unknown in its EPCI."""
    statuts = proteger_unites([*lot("c5", 2), *lot("c6", 9), *lot("c7", 20), *lot("c1", 30), *lot("c3", 30)])
    masquees = [c for c in ("c5", "c6", "c7") if statuts["commune", c, "tous"] == "secret"]
    assert masquees == ["c5", "c6"]
    assert statuts["epci", "E3", "tous"] == "ok"


def test_f11_complement_d_une_unite() -> None:
    """Ten in the EPCI, nine in its only shown commune: the complement is one association."""
    statuts = proteger_unites([*lot("c1", 9), *lot("c2", 1), *lot("c3", 30), *lot("c5", 30)])
    assert statuts["commune", "c2", "tous"] == "secret"
    assert "secret" in (statuts["commune", "c1", "tous"], statuts["epci", "E1", "tous"])


def test_f11_epci_moins_communes() -> None:
    """Every commune of an EPCI passes, its total would leave two associations of another: nothing differs by two."""
    unites = [*lot("c5", 10), *lot("c6", 10), *lot("c7", 2), *lot("c1", 30), *lot("c3", 30)]
    statuts = proteger_unites(unites)
    seules, retrouvees = fuites(unites, statuts)
    assert (seules, retrouvees) == ([], 0)
    montrees = [c for c in ("c5", "c6", "c7") if statuts["commune", c, "tous"] == "ok"]
    reste = 22 - 10 * len(montrees)
    assert statuts["epci", "E3", "tous"] == "secret" or reste >= SEUILS.min_associations


@pytest.mark.parametrize(("part", "attendu"), [(0.0, "secret"), (1.0, "secret"), (0.5, "ok")])
def test_f11_donnee_sensible(part: float, attendu: str) -> None:
    """Everybody, or nobody, gave the answer: one would know what each said."""
    con = duckdb.connect()
    con.execute(
        "create temp table cellules as select 'x' as indicateur, 2025 as millesime, 'departement' as niveau, "
        "'D' as code, 'tous' as domaine, 'tous' as financeur, 20 as n, 40.0 as nb_personnes, 0.1 as part_max, "
        "$part as valeur, 20.0 as taille",
        {"part": part},
    )
    con.execute(
        "create temp table regles as select 'x' as indicateur, 'personnes' as secret, false as dominance, "
        "'x' as famille, 'proportion' as estimateur, true as sensible, 1.0 as plafond"
    )
    con.execute("create temp table rattachements (code_commune varchar, niveau varchar, code varchar)")
    proteger(con, TROIS)
    assert con.execute("select statut from cellules").fetchall() == [(attendu,)]


@pytest.mark.parametrize(
    ("deja", "attendu"), [((), "nd"), ((("vide", 2025, Case("commune", "c1")),), "secret")]
)
def test_tableau_que_personne_n_a_rempli(deja: tuple[tuple[str, int, Case], ...], attendu: str) -> None:
    """It is not read, unless an earlier publication masked one of its cells: what was hidden stays so."""
    con = duckdb.connect()
    con.execute("""
        create temp table cellules as
        select i as indicateur, 2025 as millesime, z[1] as niveau, z[2] as code, 'tous' as domaine, 'tous' as financeur,
            cast(if(i = 'vide', 0, 20) as bigint) as n, 0.0 as nb_personnes, if(i = 'vide', 0, 0.1) as part_max,
            if(i = 'vide', null, 200.0) as valeur, if(i = 'vide', null, 200.0) as taille
        from (values ('vide'), ('x')) as f(i), (values (['departement', 'D']), (['commune', 'c1'])) as p(z)""")
    con.execute(
        "create temp table regles as select unnest(['vide', 'x']) as indicateur, 'associations' as secret, true as dominance, unnest(['vide', 'x']) as famille"
    )
    con.execute(
        "create temp table rattachements as select 'c1' as code_commune, unnest(['departement', 'commune']) as niveau, unnest(['D', 'c1']) as code"
    )
    proteger(con, SEUILS, deja=deja)
    statuts = dict(con.execute("select indicateur, statut from cellules where niveau = 'commune'").fetchall())
    assert statuts == {"vide": attendu, "x": "ok"}
