"""Which figures moved from one publication to another, and why: read in the figures that are kept for ever.

A figure is what a reader may quote: value, range, state. One that is masked now is told by its state: the value it
had is not written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from observatoire.config.settings import Settings
from observatoire.methode.changements import Ecart, comparer_fichiers
from observatoire.storage.connexion import CONFIG_ENTREPOT, attacher
from observatoire.storage.fichiers import CHIFFRES, PUBLIC

NOUVEAU, RETIRE, MONTRE, MASQUE, CHANGE = "nouveau", "retire", "montre", "masque", "change"
GENRES = {
    NOUVEAU: "apparus",
    RETIRE: "retirés",
    MONTRE: "montrés, et tus auparavant",
    MASQUE: "tus, et montrés auparavant",
    CHANGE: "modifiés",
}
# A move smaller than this, relative, is the rounding of a computation.
TOLERANCE = 1e-9
_CLE = "indicateur, millesime, niveau, code_territoire, domaine, financeur, vue"


class PublicationSansChiffres(LookupError):
    """Nothing is kept of this publication."""


@dataclass(frozen=True, slots=True)
class Mouvement:
    """One figure that is not the same; None where it has no value."""

    genre: str
    indicateur: str
    titre: str
    unite: str
    millesime: int
    niveau: str
    code_territoire: str
    domaine: str
    financeur: str
    vue: str
    avant: float | None
    apres: float | None
    n_avant: int | None
    n_apres: int | None
    statut_avant: str | None
    statut_apres: str | None


@dataclass(frozen=True, slots=True)
class Comparaison:
    """What differs between two publications. `nombres`: figures by kind of move; `communs`: those in both.

    `depots`: deposits counted in the second and not the first, and the other way. None when a file is not kept.
    """

    avant: int
    apres: int
    communs: int
    nombres: Mapping[str, int]
    par_indicateur: Sequence[tuple[str, str, int]]
    mouvements: Sequence[Mouvement]
    ecarts: Sequence[Ecart] | None
    depots: tuple[tuple[str, ...], tuple[str, ...]] | None = field(default=None)

    @property
    def pareilles(self) -> bool:
        """Whether every figure is the same."""
        return not any(self.nombres.values())


def comparer(settings: Settings, avant: int, apres: int, *, limite: int | None = None) -> Comparaison:
    """Compare two publications; `limite` figures are detailed, those of the whole territory first.

    PublicationSansChiffres when the figures of one are not kept.
    """
    for version in (avant, apres):
        if not CHIFFRES.final(settings, version).is_file():
            raise PublicationSansChiffres(f"Les chiffres de la publication n° {version} ne sont pas gardés.")
    a, b = CHIFFRES.final(settings, avant), CHIFFRES.final(settings, apres)
    fichiers = PUBLIC.final(settings, avant), PUBLIC.final(settings, apres)
    return comparer_chiffres((avant, a, fichiers[0]), (apres, b, fichiers[1]), limite=limite)


def comparer_chiffres(
    avant: tuple[int, Path, Path], apres: tuple[int, Path, Path], *, limite: int | None = None
) -> Comparaison:
    """Compare by files: number, figures (Parquet), public file (may be gone) of each publication."""
    with duckdb.connect(":memory:", config=CONFIG_ENTREPOT) as con:
        con.execute("set threads = 2")
        con.read_parquet(str(avant[1])).create_view("avant")
        con.read_parquet(str(apres[1])).create_view("apres")
        con.execute(f"create temp table mouvements as {_MOUVEMENTS}", {"tolerance": TOLERANCE})
        con.execute(f"update mouvements set avant = null, n_avant = null where genre = '{MASQUE}'")
        comptes = con.execute("select genre, count(*) from mouvements where genre is not null group by all")
        nombres = dict.fromkeys(GENRES, 0) | dict(comptes.fetchall())
        communs = con.execute("select count(*) from mouvements where est_commun").fetchall()[0][0]
        par_indicateur = con.execute("""
            select indicateur, any_value(titre), count(*) as nb from mouvements
            where genre is not null group by indicateur order by nb desc, indicateur""").fetchall()
        lignes = con.execute(
            "select * exclude (est_commun) from mouvements where genre is not null order by niveau <> 'departement', "
            f"domaine <> 'tous', financeur <> 'tous', {_CLE}" + (f" limit {int(limite)}" if limite else "")
        ).fetchall()
    presents = avant[2].is_file() and apres[2].is_file()
    return Comparaison(
        avant[0],
        apres[0],
        communs,
        nombres,
        par_indicateur,
        [Mouvement(*x) for x in lignes],
        comparer_fichiers(avant[2], apres[2]) if presents else None,
        _depots(avant[2], apres[2]) if presents else None,
    )


_MOUVEMENTS = f"""
    with cotes as (
        select coalesce(a.indicateur, b.indicateur) as indicateur, coalesce(b.titre, a.titre) as titre,
            coalesce(b.unite, a.unite) as unite, coalesce(a.millesime, b.millesime) as millesime,
            coalesce(a.niveau, b.niveau) as niveau, coalesce(a.code_territoire, b.code_territoire) as code_territoire,
            coalesce(a.domaine, b.domaine) as domaine, coalesce(a.financeur, b.financeur) as financeur,
            coalesce(a.vue, b.vue) as vue, a.valeur as avant, b.valeur as apres, a.n_repondants as n_avant,
            b.n_repondants as n_apres, a.statut as statut_avant, b.statut as statut_apres,
            a.borne_basse as basse_avant, b.borne_basse as basse_apres, a.borne_haute as haute_avant,
            b.borne_haute as haute_apres
        from avant as a full join apres as b using ({_CLE})
    )
    select case
            when statut_avant is null and apres is null then null
            when statut_apres is null and avant is null then null
            when statut_avant is null then '{NOUVEAU}'
            when statut_apres is null then '{RETIRE}'
            when avant is null and apres is not null then '{MONTRE}'
            when avant is not null and apres is null then '{MASQUE}'
            when abs(apres - avant) > $tolerance * greatest(abs(avant), abs(apres)) or statut_avant <> statut_apres
                or n_avant is distinct from n_apres
                or abs(basse_apres - basse_avant) > 1e-6 * greatest(abs(basse_avant), abs(basse_apres))
                or abs(haute_apres - haute_avant) > 1e-6 * greatest(abs(haute_avant), abs(haute_apres)) then '{CHANGE}'
        end as genre,
        indicateur, titre, unite, millesime, niveau, code_territoire, domaine, financeur, vue, avant, apres, n_avant,
        n_apres, statut_avant, statut_apres, statut_avant is not null and statut_apres is not null as est_commun
    from cotes
"""


def _depots(avant: Path, apres: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    lus = []
    for chemin in (avant, apres):
        with attacher(chemin) as con:
            ((texte,),) = con.execute("select depots from _publication").fetchall()
        lus.append({d for d in texte.split(", ") if d})
    return tuple(sorted(lus[1] - lus[0])), tuple(sorted(lus[0] - lus[1]))


def raisons(comparaison: Comparaison) -> Iterator[str]:
    """Why figures moved, one sentence each: deposits, then what differs in the method."""
    if comparaison.depots is None:
        yield "Un des deux fichiers n’est plus gardé : seuls les chiffres sont comparés, non leurs raisons."
        return
    ajoutes, retires = comparaison.depots
    for depots, verbe in ((ajoutes, "compté"), (retires, "retiré")):
        if depots:
            s = "s" if len(depots) > 1 else ""
            yield f"{len(depots)} dépôt{s} {verbe}{s} : {', '.join(depots)}."
    for x in comparaison.ecarts or ():
        if x.avant is None:
            sens = "nouveau"
        elif x.apres is None:
            sens = "retiré"
        elif x.objet in ("indicateur", "questionnaire"):
            sens = "modifié"
        else:
            sens = f"{x.avant} → {x.apres}"
        yield f"{x.objet.capitalize()} « {x.libelle} » : {sens}."
    if not (ajoutes or retires or comparaison.ecarts or comparaison.pareilles):
        yield "Mêmes dépôts, même méthode : ce qui a bougé vient d’une correction, d’une relecture ou du registre."
