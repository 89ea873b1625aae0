"""Properties of the field types: no cell makes them fail, no figure is lost without a word."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from observatoire.domain import nomenclature
from observatoire.domain.anomalie import Anomalie, catalogue
from observatoire.domain.types import TYPES
from observatoire.domain.types._nettoyage import nettoyer, plier, reparer_mojibake
from observatoire.domain.types.base import Lecture, Valeur
from observatoire.domain.types.siret import FIN_EFFACEE
from tests.unit.test_types import REMPLIS_AILLEURS, lire

PYTHON = {
    "VARCHAR": str, "BIGINT": int, "INTEGER": int, "DOUBLE": float,
    "DECIMAL(18,2)": Decimal, "DATE": dt.date, "BOOLEAN": bool,
}  # fmt: skip
MOTIFS = {"vide", "non_communique", "nsp", "sans_objet"}
ESPACES = (" ", "\u00a0", "\u202f", "\u2009")
FRANCAIS = string.ascii_letters + "éèêàçùûîôëïœÉÈÀÇŒ’« »–€0123456789 .,"

textes_nombres = st.text(alphabet="0123456789 .,-+/%€kMh:~'()\u00a0\u202f", max_size=20)
mots = st.lists(
    st.sampled_from(
        [
            *("1", "10", "20", "2,5", "1.234", "à", "et", "de", "plus", "moins", "entre", "env.", "une", "%"),
            *("trentaine", "ETP", "mi-temps", "h/sem", "par mois", "k€", "12/03/2024", "mars", "2024", "ou"),
            *("W772001234", "77100", "732829320", "nsp", ";", "|", "Sport", "Meaux", "(77)", "1 day,"),
            *("3:30:00", "E+13", "#REF!", "½", "²", "٣", "au", "3h30", "+", "<", "annuel", "10-déc"),
        ]
    ),
    max_size=6,
).map(" ".join)
cellules: st.SearchStrategy[Valeur] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-10, 60_000),
    st.floats(),
    st.floats(0, 60_000),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.text(st.characters(), max_size=30),
    st.text(st.sampled_from(" ,;-1a\u00a0é\n/"), min_size=1, max_size=4).map(lambda t: t * 9000),
    textes_nombres,
    mots,
)


@pytest.fixture(autouse=True, scope="module")
def liste_essai() -> object:
    avec = pytest.MonkeyPatch()
    avec.setattr(nomenclature, "DOSSIER", Path(__file__).parents[1] / "cases" / "nomenclatures")
    yield None
    avec.undo()


def francais(montant: Decimal, espace: str, suffixe: str = "") -> str:
    return f"{montant:,.2f}".translate({ord(","): espace, ord("."): ","}) + suffixe


@pytest.mark.parametrize("nom", TYPES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(brut=cellules, colonne=st.lists(cellules, max_size=4))
def test_jamais_d_erreur(nom: str, brut: Valeur, colonne: Sequence[Valeur]) -> None:
    lu = lire(nom, brut, colonne)
    assert isinstance(lu, Lecture)
    assert lu.motif is None or lu.motif in MOTIFS
    if lu.valeur is not None:
        assert type(lu.valeur) is PYTHON[TYPES[nom].sql]
        assert lu.motif is None
        str(lu.valeur).encode("utf-8")
    else:
        assert lu.code or lu.motif, "une valeur perdue sans un mot"
    if lu.code:
        modele = catalogue()[lu.code]
        assert not (modele.niveau.refuse and lu.valeur is not None)
        trous = {t for _, t, _, _ in string.Formatter().parse(modele.message) if t} - REMPLIS_AILLEURS
        assert trous <= set(lu.details)
        assert "{" not in Anomalie(lu.code, valeur="x", details=lu.details).phrase


@given(
    centimes=st.integers(0, 10**13),
    espace=st.sampled_from([*ESPACES, "."]),
    suffixe=st.sampled_from(["", " €", "€", "\u00a0€", " euros"]),
)
def test_montant_francais_aller_retour(centimes: int, espace: str, suffixe: str) -> None:
    montant = Decimal(centimes) / 100
    lu = lire("montant", francais(montant, espace, suffixe))
    assert (lu.valeur, lu.code) == (montant, None)


@given(montant=st.floats(0, 1e9), espace=st.sampled_from(ESPACES))
def test_cellule_et_texte_disent_le_meme_montant(montant: float, espace: str) -> None:
    arrondi = round(montant, 2)
    cellule, texte = lire("montant", arrondi), lire("montant", francais(Decimal(repr(arrondi)), espace))
    assert cellule == texte == Lecture(Decimal(repr(arrondi)).quantize(Decimal("0.01")))


ECRITURES = {
    "france": (" ", ","), "insecable": ("\u00a0", ","), "fine": ("\u202f", ","), "points": (".", ","),
    "anglais": (",", "."), "suisse": ("’", "."), "nu": ("", ","), "export": ("", "."),
}  # fmt: skip


@example(ecriture="france", centimes=[123456789, 2200080], entiers=False)
@example(ecriture="points", centimes=[123450, 123400], entiers=True)
@example(ecriture="anglais", centimes=[123400], entiers=True)
@given(
    ecriture=st.sampled_from(sorted(ECRITURES)),
    centimes=st.lists(st.integers(0, 10**11), min_size=1, max_size=6),
    entiers=st.booleans(),
)
def test_la_somme_lue_est_la_somme_ecrite(ecriture: str, centimes: list[int], entiers: bool) -> None:
    """The sum shown by the spreadsheet is the sum read, or the cells that differ are refused."""
    milliers, virgule = ECRITURES[ecriture]
    montants = [Decimal(c // 100 * 100 if entiers and c % 3 else c) / 100 for c in centimes]
    colonne = []
    for montant in montants:
        texte = f"{montant:,.0f}" if montant == int(montant) else f"{montant:,.2f}"
        colonne.append(texte.replace(",", "_").replace(".", virgule).replace("_", milliers))
    lues = [lire("montant", texte, colonne) for texte in colonne]
    refusees = [montant for montant, lu in zip(montants, lues, strict=True) if lu.valeur is None]
    assert {lu.code for lu in lues if lu.valeur is None} <= {"NB-03"}
    assert sum(lu.valeur for lu in lues if lu.valeur is not None) + sum(refusees) == sum(montants)
    for montant, lu in zip(montants, lues, strict=True):
        assert lu.valeur in (None, montant)


@pytest.mark.parametrize(
    ("texte", "juste", "faux"),
    [
        ("1 234 567,89", "1234567.89", "1234"),
        ("22 000,80", "22000.80", "22000"),
        ("1.234,50", "1234.50", "1.2345"),
    ],
)
def test_erreur_muette_d_un_autre_import(texte: str, juste: str, faux: str) -> None:
    assert lire("montant", texte).valeur == Decimal(juste) != Decimal(faux)


@given(jour=st.dates(dt.date(1900, 3, 1), dt.date(2099, 12, 31)))
def test_date_dans_toutes_ses_ecritures(jour: dt.date) -> None:
    points = f"{jour.day}.{jour.month}.{jour.year}"
    for texte in (jour.isoformat(), f"{jour:%d/%m/%Y}", points, f"{jour:%Y%m%d}"):
        assert lire("date", texte) == Lecture(jour)
    numero = (jour - dt.date(1899, 12, 30)).days
    if 20_000 <= numero <= 60_000:
        assert lire("date", numero).valeur == lire("date", str(numero)).valeur == jour


def cle_luhn(base: str) -> str:
    """`base` and its check digit."""
    total = sum(sum(divmod(int(c) * (2 - i % 2), 10)) for i, c in enumerate(reversed(base)))
    return base + str(-total % 10)


@given(base=st.integers(1_0000000, 9_9999999), nic=st.integers(1, 9999), chiffres=st.integers(3, 13))
@example(base=40052240, nic=2000, chiffres=5)
def test_siret_abime_jamais_devine(base: int, nic: int, chiffres: int) -> None:
    siret = cle_luhn(cle_luhn(str(base)) + f"{nic:04d}")
    if siret.endswith(FIN_EFFACEE):
        # What a rounding leaves: said damaged, however it is written.
        assert {lire("siret", brut).code for brut in (siret, float(siret), int(siret))} == {"ID-01"}
        return
    assert {lire("siret", brut).valeur for brut in (siret, float(siret), int(siret))} == {siret}
    ecrit = f"{float(siret):.{chiffres - 1}e}"
    assert lire("siret", ecrit.replace(".", ",").replace("e", "E")).code == "ID-01"
    arrondi = float(ecrit)
    lu = lire("siret", arrondi)
    assume(arrondi != float(siret) and arrondi < 10**14)
    assert lu.valeur != siret
    if chiffres <= 10:
        assert (lu.valeur, lu.code) == (None, "ID-01")


@given(heures=st.integers(0, 9999), minutes=st.integers(0, 59))
def test_duree_dans_toutes_ses_ecritures(heures: int, minutes: int) -> None:
    attendu = pytest.approx(heures + minutes / 60)
    duree = dt.timedelta(hours=heures, minutes=minutes)
    horloge = f"{heures}:{minutes:02d}"
    for brut in (f"{heures}h{minutes:02d}", horloge, f"{horloge}:00", duree, str(duree)):
        assert lire("heures", brut).valeur == attendu


@given(st.text(st.characters(), max_size=40))
def test_plier_une_fois_suffit(texte: str) -> None:
    assert plier(plier(texte)) == plier(texte)
    assert nettoyer(nettoyer(texte)) == nettoyer(texte)


@given(st.text(FRANCAIS, max_size=40))
def test_mojibake_se_defait(texte: str) -> None:
    propre = nettoyer(texte)
    assert reparer_mojibake(propre) == propre
    for codage in ("latin-1", "cp1252"):
        abime = propre.encode("utf-8").decode(codage, "replace")
        assume("\ufffd" not in abime)
        assert reparer_mojibake(abime) == propre
