"""One row per association, from the rows of every file loaded: the same number is the same association."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import duckdb
import pyarrow as pa

from observatoire.domain.identite import cle_association
from observatoire.registre.formats import RNA, SIRENE, SOLLICITEES
from observatoire.registre.noms import cle_triee
from observatoire.registre.rapprochement import DISSOUTE, SUR, Demande, rapprocher

INCONNUE, ACTIVE = "inconnue", "active"


@dataclass(slots=True)
class Ligne:
    """One association as a file gives it, or as the register keeps it.

    `date_declaration`: last day it declared something to the RNA (its creation at least), year-month-day;
    `date_creation`: the day of its creation.
    """

    rna: str | None = None
    siren: str | None = None
    siret: str | None = None
    nom: str = ""
    sigle: str | None = None
    nom_norme: str = ""
    code_commune: str | None = None
    libelle_commune: str | None = None
    code_postal: str | None = None
    secteur: str | None = None
    effectif_tranche: str | None = None
    etat: str = INCONNUE
    sollicitee: bool = False
    source: str = ""
    date_declaration: str | None = None
    date_creation: str | None = None

    @property
    def cle(self) -> str:
        """Its key, as the deposits make it."""
        cle = cle_association(self.nom, self.rna, self.siren, self.code_commune)
        assert cle is not None
        return cle


CHAMPS_LIGNE = tuple(Ligne.__dataclass_fields__)
SCHEMA = pa.schema(
    [("cle", pa.string())] + [(c, pa.bool_() if c == "sollicitee" else pa.string()) for c in CHAMPS_LIGNE]
)


@dataclass(frozen=True, slots=True)
class Fusion:
    """The register and what was put together to make it."""

    lignes: list[Ligne]
    meme_numero: int
    rna_siren: int
    meme_nom: int
    sollicitees_retrouvees: int


def fusionner(sources: Sequence[Sequence[Ligne]]) -> Fusion:
    """Put the rows together; `sources` in loading order: the last file loaded has the last word.

    A RNA and a SIREN are one association when a row gives both and no other RNA claims that SIREN; then when
    one RNA row and one Sirene row alone bear that name in that commune.
    """
    toutes = [ligne for source in reversed(sources) for ligne in source]
    officielles = [x for x in toutes if x.source in (RNA, SIRENE)]
    par_numero: dict[str, Ligne] = {}
    vus: dict[str, set[str]] = defaultdict(set)
    for x in officielles:
        cle = f"R{x.rna}" if x.rna else f"S{x.siren}"
        if x.rna and x.siren:
            vus[x.siren].add(x.rna)
        if cle in par_numero:
            _completer(par_numero[cle], x)
        else:
            par_numero[cle] = Ligne(**asdict(x))
    meme_numero = len(officielles) - len(par_numero)
    liees = _lier_numeros(par_numero, vus)
    nommees = _lier_noms(par_numero)
    lignes = sorted(par_numero.values(), key=lambda x: x.cle)
    retrouvees = _marquer(lignes, [x for x in toutes if x.source == SOLLICITEES])
    return Fusion(sorted(lignes, key=lambda x: x.cle), meme_numero, liees, nommees, retrouvees)


def _completer(garde: Ligne, autre: Ligne) -> None:
    """Fill what `garde` does not say; the RNA names an association, Sirene counts its employees."""
    for champ in (
        "rna",
        "siren",
        "siret",
        "sigle",
        "code_commune",
        "libelle_commune",
        "code_postal",
        "secteur",
    ):
        if getattr(garde, champ) is None:
            setattr(garde, champ, getattr(autre, champ))
    garde.effectif_tranche = garde.effectif_tranche or autre.effectif_tranche
    garde.date_creation = garde.date_creation or autre.date_creation
    garde.date_declaration = max(garde.date_declaration or "", autre.date_declaration or "") or None
    if garde.etat == INCONNUE:
        garde.etat = autre.etat
    if autre.source not in garde.source.split("+"):
        garde.source = "+".join(sorted({*garde.source.split("+"), autre.source}))


def _lier_numeros(par_numero: dict[str, Ligne], vus: dict[str, set[str]]) -> int:
    liees = 0
    for siren, numeros in sorted(vus.items()):
        unite = par_numero.get(f"S{siren}")
        if len(numeros) > 1:
            for numero in numeros:
                # Two associations give one SIREN: it proves nothing.
                par_numero[f"R{numero}"].siren = par_numero[f"R{numero}"].siret = None
        elif unite is not None:
            _completer(par_numero[f"R{min(numeros)}"], unite)
            del par_numero[f"S{siren}"]
            liees += 1
    return liees


def _lier_noms(par_numero: dict[str, Ligne]) -> int:
    noms: dict[tuple[str, str], list[str]] = defaultdict(list)
    for cle, x in par_numero.items():
        if x.code_commune and x.nom_norme:
            noms[cle_triee(x.nom_norme), x.code_commune].append(cle)
    liees = 0
    for cles in noms.values():
        if len(cles) == 2:
            rna, unite = (par_numero[c] for c in sorted(cles))
            if rna.rna and not rna.siren and not unite.rna and rna.etat == unite.etat:
                _completer(rna, unite)
                del par_numero[max(cles)]
                liees += 1
    return liees


def _marquer(lignes: list[Ligne], demandees: Sequence[Ligne]) -> int:
    """Mark the associations that were asked to answer; those that are nowhere else are added."""
    par_cle = {x.cle: x for x in lignes} | {f"SIREN:{x.siren}": x for x in lignes if x.siren}
    sans_numero = [x for x in demandees if x.cle not in par_cle]
    demandes = [
        Demande(str(i), x.nom, x.code_commune) for i, x in enumerate(sans_numero) if not (x.rna or x.siren)
    ]
    with duckdb.connect() as con:
        liens = {
            lien.cle: lien.candidats[0].vers
            for lien in rapprocher(con, demandes, en_table(lignes))
            if lien.verdict == SUR
        }
    retrouvees = 0
    for x in demandees:
        if x.cle in par_cle:
            par_cle[x.cle].sollicitee = True
            retrouvees += 1
    for i, x in enumerate(sans_numero):
        vers = liens.get(str(i))
        if vers is not None:
            par_cle[vers].sollicitee = True
            retrouvees += 1
        elif x.cle not in par_cle:
            nouvelle = Ligne(**asdict(x))
            nouvelle.sollicitee = True
            par_cle[x.cle] = nouvelle
            lignes.append(nouvelle)
    return retrouvees


def en_table(lignes: Sequence[Ligne]) -> pa.Table:
    """The rows as the Parquet file has them."""
    return pa.Table.from_pylist([{"cle": x.cle, **asdict(x)} for x in lignes], schema=SCHEMA)


def etat_rna(position: str | None, dissolution: str | None) -> str:
    """State in the RNA: A active, R taken over, D dissolved, S removed; a date of dissolution says it too."""
    if position in ("D", "S") or (dissolution and not dissolution.startswith(("0001", "0000", "1900"))):
        return DISSOUTE
    return ACTIVE if position in ("A", "R") else INCONNUE


def etat_sirene(position: str | None) -> str:
    """State of the legal unit: A active, C closed."""
    return {"A": ACTIVE, "C": DISSOUTE}.get(position or "", INCONNUE)
