"""Replicate weights: each set of weights drawn again B times, so that anybody works out the precision of anything.

Rescaling bootstrap of Rao and Wu (1988), drawn without replacement (Chipperfield and Preston, 2007). In a group of n
respondents out of N, half of them, m = ⌊n / 2⌋, are drawn; with λ² = m (1 − n / N) / (n − m), the weight is multiplied
by 1 − λ + λ n / m when drawn, by 1 − λ otherwise: never negative. Over all the draws, the variance of a total is
exactly that of the published intervals, (1 − n / N) n / (n − 1) Σ (z − z̄)², finite population included. Then each
replicate is raked to the margins that the weights meet: what the register knows varies no more.

What svy 0.35 has does not do: `create_bs_wgts` knows no finite population (`pop_size` is not read) and draws by the
order of the rows; `rake` with replicates starts them from the weights of before the trimming, checks no convergence
of theirs, and takes ten times as long. `tests/unit/test_repliques.py` holds the raking equal to its own.

Who is drawn hangs on the key of the association and on the rank of the replicate alone: neither the order of the rows
nor the set matters, and a replicate draws nearly the same associations in every set and year, so that the variance
of a difference between two of them counts what they share.
A group of one respondent, or all of whose associations answered, does not vary.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from observatoire.domain import export

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

NOMBRE = "repliques_nombre"
GRAINE = 20_260_101
# The rounding of the weights is far below the noise of the draws.
DECIMALES = export.DECIMALES["ponderation.repliques"]
Vecteur = npt.NDArray[np.float64]
Entiers = npt.NDArray[np.int64]
_LU = """
    select jeu, cle_association, poids, concat(strate) as strate, n_strate, taille_strate,
        coalesce(marge_epci, '') as marge
    from temp.poids order by jeu, strate, marge, cle_association"""


def noms(nombre: int) -> list[str]:
    """Names of the columns: r001, r002…"""
    return [f"r{rang:03d}" for rang in range(1, nombre + 1)]


def lire(con: duckdb.DuckDBPyConnection, nombre: int, tolerance: float, tours: int) -> pa.RecordBatchReader:
    """The replicates of the sets of `temp.poids`, one batch by set, worked out as they are read.

    Columns: jeu, cle_association, then those of `noms`; sets in order. A set of which one replicate cannot be raked
    has no row.
    """
    import pyarrow as pa

    lus = con.execute(_LU).fetchnumpy()
    colonnes = [pa.field("jeu", pa.int32()), pa.field("cle_association", pa.string())]
    schema = pa.schema([*colonnes, *(pa.field(nom, pa.float64()) for nom in noms(nombre))])
    return pa.RecordBatchReader.from_batches(schema, _lots(schema, lus, tolerance, tours))


def _lots(
    schema: pa.Schema, lus: Mapping[str, Any], tolerance: float, tours: int
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    # An association is in several sets: its numbers are worked out once.
    codees = pa.array(lus["cle_association"], pa.string()).dictionary_encode()
    hasards, rangs = tirer_hasards(codees.dictionary.to_pylist(), len(schema) - 2), codees.indices.to_numpy()
    jeux, debuts = np.unique(lus["jeu"], return_index=True)
    for jeu, debut, fin in zip(jeux, debuts, np.append(debuts, len(lus["jeu"]))[1:], strict=True):
        poids, n, taille = (np.asarray(lus[c][debut:fin]) for c in ("poids", "n_strate", "taille_strate"))
        strates, marges = (
            np.unique(lus[c][debut:fin].astype(str), return_inverse=True)[1] for c in ("strate", "marge")
        )
        tires = poids * tirer(hasards[:, rangs[debut:fin]], strates, n / taille)
        cales = caler(tires, poids, (strates, marges), tolerance, tours)
        if cales is not None:
            repliques = (pa.array(replique) for replique in np.round(cales, DECIMALES, out=cales))
            jeu_repete = pa.array(np.full(len(poids), jeu), pa.int32())
            cles = codees[debut:fin].dictionary_decode()
            yield pa.record_batch([jeu_repete, cles, *repliques], schema=schema)


def tirer(hasards: npt.NDArray[np.uint64], strate: Entiers, taux: Vecteur) -> Vecteur:
    """What multiplies each weight in each replicate, (replicate, association), as `hasards`; `taux` is n / N of the group."""
    groupes = range(int(strate.max(initial=-1)) + 1)
    seuils = np.zeros((len(hasards), len(groupes)), dtype=np.uint64)
    for groupe in groupes:
        valeurs = hasards[:, strate == groupe]
        if tires := valeurs.shape[1] // 2:
            seuils[:, groupe] = np.partition(valeurs, tires - 1, axis=1)[:, tires - 1]
    n = np.bincount(strate)[strate]
    m = n // 2
    echelle = np.sqrt(np.maximum(1 - taux, 0.0) * m / (n - m))
    # Alone in its group: m is 0, and so is the scale.
    tiree = 1 - echelle + echelle * n / np.maximum(m, 1)
    return np.where(hasards <= seuils[:, strate], tiree, 1 - echelle)


def tirer_hasards(cles: Sequence[str], nombre: int) -> npt.NDArray[np.uint64]:
    """A number of 64 bits for each replicate and association, from both alone (splitmix64)."""
    sel = str(GRAINE).encode()
    lus = [hashlib.blake2b(c.encode(), digest_size=8, key=sel).digest() for c in cles]
    noyaux = np.frombuffer(b"".join(lus), dtype="<u8")
    rangs = _melanger(np.arange(1, nombre + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    return _melanger(rangs[:, None] ^ noyaux)


def _melanger(x: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    for decalage, facteur in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        x = (x ^ (x >> np.uint64(decalage))) * np.uint64(facteur)
    return x ^ (x >> np.uint64(31))


def caler(
    repliques: Vecteur, poids: Vecteur, marges: tuple[Entiers, Entiers], tolerance: float, tours: int
) -> Vecteur | None:
    """`repliques` raked to the two margins that `poids` meets; None when one of them does not converge.

    Rows that are in the same levels of both margins take the same factor: the work is done on their sums.
    """
    premiere, seconde = marges
    largeur = int(seconde.max()) + 1
    cases, case = np.unique(premiere * largeur + seconde, return_inverse=True)
    lignes, colonnes = np.divmod(cases, largeur)
    sommes = np.stack([np.bincount(case, replique, len(cases)) for replique in repliques], axis=1)
    par_colonne = np.argsort(colonnes, kind="stable")
    debuts = [np.unique(x, return_index=True)[1] for x in (lignes, colonnes[par_colonne])]
    cibles = [np.bincount(niveaux, poids)[:, None] for niveaux in marges]
    facteurs: Vecteur = np.ones_like(sommes)
    for _ in range(tours):
        # No matrix product: its last bits would hang on the machine.
        ecarts = cibles[0] / np.add.reduceat(sommes * facteurs, debuts[0], axis=0)
        if np.abs(ecarts - 1).max() <= tolerance:
            calees: Vecteur = repliques * facteurs[case].T
            return calees
        facteurs = facteurs * ecarts[lignes]
        ecarts = cibles[1] / np.add.reduceat((sommes * facteurs)[par_colonne], debuts[1], axis=0)
        facteurs = facteurs * ecarts[colonnes]
    return None
