"""The survey frame: the associations among which those that answered stand, and what proves them active.

Nobody knows how many associations are active: the register (docs/registre.md) keeps those that stopped
without saying so. Two counts are therefore kept for each year, never one:
- `N_bas`: those with at least one proof of activity (they answered, got a subsidy lately, employ somebody,
  declared something to the RNA lately);
- `N_haut`: those that nothing says dissolved, unless they have been silent for very long.

One register serves all years: an association enters the frame the year it was created. The register does not keep
when one was dissolved, so that it is left out of every year it did not answer in.

Strata use the register's sector, commune and number of employees, for those that answered as for the
others; an association that answered but is not in the register is added with what it said. Without a
register there is no frame, and figures are those of the respondents.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

SQL = Path(__file__).with_name("sql")
# Size classes by number of employees, from the smallest, and the codes of Sirene they gather.
SANS, INCONNUE = "sans", "inconnue"
CLASSES = {
    SANS: ("", "NN", "00"),
    "1_2": ("01",),
    "3_9": ("02", "03"),
    "10_49": ("11", "12"),
    "50_plus": ("21", "22", "31", "32", "41", "42", "51", "52", "53"),
}
LIBELLES_CLASSES = {
    SANS: "Sans salarié",
    "1_2": "1 ou 2 salariés",
    "3_9": "3 à 9 salariés",
    "10_49": "10 à 49 salariés",
    "50_plus": "50 salariés ou plus",
    INCONNUE: "Salariat inconnu",
}
# Share of the dated rows below which silence proves nothing: the frame is then everything not dissolved.
PART_DATEE = 0.5


@dataclass(frozen=True, slots=True)
class Cadre:
    """What the frame of a publication can tell, for the card of representativity and the method page.

    `est_salariat`: the register knows who employs. `est_date`: it knows when associations last declared
    something; otherwise `N_bas` would be little more than those that answered, and weights rest on `N_haut`.
    """

    lignes: int
    est_salariat: bool
    est_date: bool

    @property
    def est_vide(self) -> bool:
        """True without a register: figures are those of the respondents only."""
        return self.lignes == 0


SANS_CADRE = Cadre(0, False, False)


def poser_cadre(
    con: duckdb.DuckDBPyConnection, registre: Path | None, constantes: Mapping[str, float]
) -> Cadre:
    """Make the temporary table `cadre`: one row per association and year of answers.

    Columns: cle_association, millesime, code_commune, code_epci, secteur, classe (of `CLASSES`), a_repondu,
    a_subvention, est_employeuse, a_declare, est_actif (counted in N_bas), est_plausible (in N_haut). Reads
    `base_identites`, `base_reponses`, `base_subventions`, `base_situation`, `base_refus`, `courant.emploi`
    and `rattachements`. Without a register the table is there, empty.
    """
    if registre is None or not registre.is_file():
        con.execute(_requete("cadre_vide"))
        return SANS_CADRE
    _lire(con, registre)
    con.execute(
        _requete("cadre"),
        {
            "subvention": int(constantes["cadre_subvention_ans"]),
            "declaration": int(constantes["cadre_declaration_ans"]),
            "silence": int(constantes["cadre_silence_ans"]),
        },
    )
    lignes, tranches, dates = con.execute(
        "select count(*), count(effectif_tranche), count(annee_declaration) / greatest(count(rna), 1) "
        "from registre_lu where etat is distinct from 'dissoute'"
    ).fetchall()[0]
    if lignes == 0:
        return SANS_CADRE
    etat = Cadre(lignes, tranches > 0, dates >= PART_DATEE)
    if not etat.est_salariat:
        con.execute("update cadre set classe = $classe", {"classe": INCONNUE})
    if not etat.est_date:
        con.execute("update cadre set est_actif = true where est_plausible")
    return etat


def _lire(con: duckdb.DuckDBPyConnection, registre: Path) -> None:
    """Table `registre_lu`; a register of before the dates has none."""
    champs = {
        nom for nom, *_ in con.execute("describe from read_parquet($f)", {"f": str(registre)}).fetchall()
    }
    declaration, creation = (
        f"cast(substr({nom if nom in champs else 'cast(null as varchar)'}, 1, 4) as integer)"
        for nom in ("date_declaration", "date_creation")
    )
    con.execute(
        "create or replace temp table registre_lu as select cle, rna, cast(siren as varchar) as siren, code_commune, secteur, effectif_tranche, "
        f"etat, {declaration} as annee_declaration, {creation} as annee_creation from read_parquet($f)",
        {"f": str(registre)},
    )
    lignes = [(code, classe) for classe, codes in CLASSES.items() for code in codes]
    con.execute(
        "create or replace temp table classes as select unnest($codes) as code, unnest($classes) as classe",
        {"codes": [c for c, _ in lignes], "classes": [c for _, c in lignes]},
    )


def effectifs(con: duckdb.DuckDBPyConnection) -> None:
    """Make `effectifs_cadre`: associations of the frame by year, zone and sector ('tous' included).

    Columns: millesime, niveau, code, domaine, n_bas, n_haut. The département counts every association, placed
    in a commune or not.
    """
    con.execute(_requete("effectifs"))


def _requete(nom: str) -> str:
    return (SQL / f"{nom}.sql").read_text(encoding="utf-8")
