"""Run the product's verification on folders of real files and write what it says, as a page of the documentation.

    python scripts/corpus.py DOSSIER [DOSSIER…] --sortie docs/corpus.md

One row per file, each in its own bounded process; `scripts/corpus.toml` holds the choices that a depositor would
make for the files that need some, run apart. Every recognised amount, number of hours or of people is added up
again by an independent reader (tests/independant.py). Exit code 1 when a run ends in a failure, or when a
difference is not explained by what the depositor is told.
"""

from __future__ import annotations

import argparse
import fnmatch
import multiprocessing
import multiprocessing.connection
import resource
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RACINE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(RACINE), str(RACINE / "scripts")]

from corpus_examen import Examen, examiner  # noqa: E402
from corpus_page import page  # noqa: E402

from observatoire.config.settings import Settings  # noqa: E402
from pipelines.ingestion.decisions import Decisions  # noqa: E402

CHOIX = Path(__file__).with_suffix(".toml")
DUREE, MEMOIRE = 120, 3 << 30
SECONDES_CPU = 110


@dataclass(frozen=True, slots=True)
class Choix:
    """What the depositor would choose for the files of a pattern, under a name shown in the table."""

    fichiers: str
    nom: str
    decisions: Decisions


def lire_choix(chemin: Path) -> list[Choix]:
    """The choices of a TOML file: `[[choix]]` with `fichiers`, `nom` and the fields of `Decisions`."""
    choix = []
    for brut in tomllib.loads(chemin.read_text(encoding="utf-8"))["choix"]:
        fichiers, nom = brut.pop("fichiers"), brut.pop("nom")
        # TOML has no null: an empty text says that a column feeds nothing.
        brut["colonnes"] = {t: c or None for t, c in brut.get("colonnes", {}).items()}
        choix.append(Choix(fichiers, nom, Decisions.from_dict(brut)))
    return choix


def travaux(dossiers: list[Path], choix: list[Choix]) -> Iterator[tuple[Path, str, Decisions, str]]:
    """(path, relative name, decisions, name of the choices) of each run, in a fixed order."""
    fichiers = {
        f"{d.resolve().name}/{p.relative_to(d).as_posix()}": p
        for d in dossiers
        for p in d.rglob("*")
        if p.is_file()
    }
    for relatif, chemin in sorted(fichiers.items()):
        yield chemin, relatif, Decisions(), ""
        for c in choix:
            if fnmatch.fnmatchcase(relatif, c.fichiers):
                yield chemin, relatif, c.decisions, c.nom


def _prechauffer(settings: Settings) -> None:
    """Import and build here what every run needs, by a first run: the processes are forks of this one."""
    essai = settings.donnees / "essai.csv"
    essai.write_text("nomAttribuant;nomBeneficiaire;dateConvention;montant\nVille;Club;01/02/2025;100\n")
    examiner(essai, essai.name, settings, Decisions(), "")


def _enfant(
    envoi: multiprocessing.connection.Connection,
    chemin: Path,
    relatif: str,
    settings: Settings,
    decisions: Decisions,
    nom: str,
) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMOIRE, MEMOIRE))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDES_CPU, SECONDES_CPU + 2))
    envoi.send(examiner(chemin, relatif, settings, decisions, nom))


def executer(chemin: Path, relatif: str, settings: Settings, decisions: Decisions, nom: str) -> Examen:
    """One run in its own process: its outcome, or how it died."""
    contexte = multiprocessing.get_context("fork")
    recu, envoi = contexte.Pipe(duplex=False)
    enfant = contexte.Process(target=_enfant, args=(envoi, chemin, relatif, settings, decisions, nom))
    enfant.start()
    envoi.close()
    examen = Examen(relatif, nom)
    try:
        if recu.poll(DUREE):
            examen = recu.recv()
        else:
            examen.panne = f"plus de {DUREE} secondes"
            enfant.kill()
    except EOFError:
        enfant.join()
        examen.panne = f"arrêt, code {enfant.exitcode}"
    enfant.join()
    return examen


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("dossiers", type=Path, nargs="+", metavar="DOSSIER")
    arguments.add_argument("--sortie", type=Path, required=True)
    arguments.add_argument("--choix", type=Path, default=CHOIX)
    options = arguments.parse_args()
    liste = list(travaux(options.dossiers, lire_choix(options.choix)))
    examens = []
    with tempfile.TemporaryDirectory() as donnees:
        settings = Settings(Path(donnees))
        _prechauffer(settings)
        for rang, (chemin, relatif, decisions, nom) in enumerate(liste, 1):
            print(f"{rang}/{len(liste)} {relatif}{f' ↳ {nom}' if nom else ''}", file=sys.stderr, flush=True)
            examens.append(executer(chemin, relatif, settings, decisions, nom))
    commande = f"python scripts/corpus.py {' '.join(d.resolve().name for d in options.dossiers)}"
    options.sortie.write_text(
        page(examens, f"{commande} --sortie docs/{options.sortie.name}"), encoding="utf-8"
    )
    pannes = [e for e in examens if e.panne]
    inexpliques = sum(len(s.inexpliques) for e in examens for s in e.sommes)
    incoherences = sum(len(e.incoherences) for e in examens)
    print(
        f"{len(examens)} passages, {len(pannes)} pannes, {inexpliques} écarts non expliqués, {incoherences} incohérences, "
        f"au plus {max((e.secondes for e in examens), default=0):.1f} s et "
        f"{max((e.memoire for e in examens), default=0) // 1024} Mo",
        file=sys.stderr,
    )
    return 1 if pannes or inexpliques or incoherences else 0


if __name__ == "__main__":
    sys.exit(main())
