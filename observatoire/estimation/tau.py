"""τ-Argus (MOD) on the tables zones × sectors of one level, each alone, in a child process.

τ-Argus knows neither zones that cross one another nor linked tables: complement.py closes what it leaves. Its
optimal method (OPT), which takes any set of equalities, ends in a memory fault after forty seconds on the linked
tables of one indicator, and MOD on zones ⊃ communes aborts: hence these tables, the child, and a failure that
costs the masks of a table, never the publication.
"""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# What one table may cost, in seconds of processor: a busy machine masks the same cells as a free one.
SECONDES = 60
# A child that waits without working is stopped all the same.
DELAI = 3600
TOTAL = "Total"
METHODE = "MOD"
# No rule: the statuses given hold. τ-Argus wants the blank.
VIDE = " "
# Columns of a table given to τ-Argus; lpl, upl: how far the value must stay unknown below and above.
ENTETES = """\
<SEPARATOR> ";"
<SAFE> S
<UNSAFE> U
<PROTECT> P
zone
  <RECODEABLE>
  <TOTCODE> "Total"
domaine
  <RECODEABLE>
  <TOTCODE> "Total"
valeur
  <NUMERIC>
  <DECIMALS> 3
cout
  <NUMERIC> <COST>
statut
  <STATUS>
lpl
  <NUMERIC> <LOWERPL>
upl
  <NUMERIC> <UPPERPL>
"""
LOT = f"""\
<OPENTABLEDATA> "table.tab"
<OPENMETADATA> "table.rda"
<SPECIFYTABLE> "zone""domaine"|"valeur"|""|"cout"
<SAFETYRULE>{VIDE}
<READTABLE> 0
<SUPPRESS> {METHODE}(1)
<WRITETABLE> (1,5,SO+,"sortie.tab")
"""


class Ligne(NamedTuple):
    """One cell: zone and sector (TOTAL for all), value, price of masking it, masked or not, safety distances."""

    zone: str
    domaine: str
    valeur: float
    cout: float
    est_masquee: bool
    lpl: float = 0.0
    upl: float = 0.0


def supprimer(tableaux: Sequence[Sequence[Ligne]]) -> list[list[int] | None]:
    """For each table, ranks of the lines that τ-Argus masks beside those given; None when it gave up."""
    sorties: list[list[int] | None] = []
    while len(sorties) < len(tableaux):
        faites = _en_enfant(tableaux[len(sorties) :])
        # What the child did not write is the table on which it stopped: the next child starts after it.
        sorties += faites if len(faites) + len(sorties) == len(tableaux) else [*faites, None]
    return sorties


def _en_enfant(tableaux: Sequence[Sequence[Ligne]]) -> list[list[int] | None]:
    """Answers of one child for the first tables, as far as it went."""
    with tempfile.TemporaryDirectory(prefix="tau-") as dossier:
        demande = Path(dossier) / "demande.json"
        contenu = [[tuple(ligne) for ligne in tableau] for tableau in tableaux]
        demande.write_text(json.dumps(contenu), encoding="utf-8")
        # It writes its logs in its current folder.
        with subprocess.Popen(
            [sys.executable, "-m", __name__, str(demande)],
            cwd=dossier,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as enfant:
            try:
                enfant.wait(DELAI)
            except subprocess.TimeoutExpired:
                # With the copy that it made of itself, which would go on writing in the folder.
                os.killpg(enfant.pid, signal.SIGKILL)
        reponses = Path(dossier) / "reponses.jsonl"
        if not reponses.exists():
            return []
        return [json.loads(ligne) for ligne in reponses.read_text(encoding="utf-8").splitlines()]


def main(demande: Path) -> None:
    """Protect the tables of `demande`, in its folder; each answer is written as soon as it is known.

    The work is done in a copy of this process (fork): the table that kills it costs a copy, not the three seconds
    that the imports take.
    """
    import pytauargus.engine  # noqa: F401 loaded once, for all the copies

    tableaux = json.loads(demande.read_text(encoding="utf-8"))
    reponses = demande.parent / "reponses.jsonl"
    reponses.touch()
    faits = 0
    while faits < len(tableaux):
        copie = os.fork()
        if copie == 0:
            with reponses.open("a", encoding="utf-8") as flux:
                for tableau in tableaux[faits:]:
                    lignes = [Ligne(*ligne) for ligne in tableau]
                    _borner()
                    print(json.dumps(_proteger(demande.parent, lignes)), file=flux, flush=True)
            os._exit(0)
        os.waitpid(copie, 0)
        faits = len(reponses.read_text(encoding="utf-8").splitlines())
        if faits < len(tableaux):
            with reponses.open("a", encoding="utf-8") as flux:
                print("null", file=flux)
            faits += 1


def _borner() -> None:
    """From now on, this process has SECONDES of processor left: the system kills it after them."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    depuis = math.ceil(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (depuis + SECONDES, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _proteger(dossier: Path, lignes: Sequence[Ligne]) -> list[int] | None:
    from pytauargus.batch import BatchError
    from pytauargus.engine import run_batch
    from pytauargus.result import parse_simple_tab

    texte = "".join(
        f"{x.zone};{x.domaine};{x.valeur:.3f};{x.cout:.3f};{'U' if x.est_masquee else 'S'};{x.lpl:.3f};{x.upl:.3f}\n"
        for x in lignes
    )
    for nom, contenu in (("table.rda", ENTETES), ("table.tab", texte), ("lot.arb", LOT)):
        (dossier / nom).write_text(contenu, encoding="utf-8")
    try:
        run_batch(str(dossier / "lot.arb"))
    except BatchError:
        return None
    rangs = {(x.zone, x.domaine): i for i, x in enumerate(lignes)}
    cases = parse_simple_tab(dossier / "sortie.tab", ["zone", "domaine"], "valeur", is_freq=False)
    return sorted(
        rangs[case["zone"].strip(), case["domaine"].strip()] for case in cases if case["status"] == "M"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
