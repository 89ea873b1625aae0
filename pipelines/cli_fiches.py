"""The command that writes the printed documents of a publication: sheets, key figures, slides, note, method."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from observatoire.config.settings import Settings, load_settings
from pipelines.cli_commun import SANS_PUBLICATION, Donnees, app, commande, refuser, sortie
from pipelines.francais import Groupe

if TYPE_CHECKING:
    from dashboards.modeles import Territoire

ANNEXE, NOTE = "annexe", "note"
INDEX = "index.csv"
COLONNES = (
    "fichier", "niveau", "code", "territoire", "chiffres", "chiffres_d_un_territoire_plus_grand", "publication",
    "publie_le",
)  # fmt: skip
Sortie = Annotated[Path | None, typer.Option("--sortie", help="Fichier à écrire, ou dossier où l’écrire.")]
documents = typer.Typer(
    cls=Groupe,
    invoke_without_command=True,
    help="Documents imprimables d’une publication (PDF) : fiche d’un territoire, chiffres clés, diaporama, note, annexe.",
)
app.add_typer(documents, name="fiches")


@documents.callback()
def fiches(
    ctx: typer.Context,
    territoire: Annotated[
        str | None,
        typer.Option("--territoire", help="niveau-code (epci-200040251), code, ou nom s’il est seul."),
    ] = None,
    genre: Annotated[
        str,
        typer.Option("--genre", help="fiche, chiffres-cles, diaporama, annexe (note : fiches note FICHIER)."),
    ] = "fiche",
    tous: Annotated[
        bool,
        typer.Option("--tous", help="La fiche de chaque territoire, dans une archive ZIP avec son index."),
    ] = False,
    destination: Sortie = None,
    donnees: Donnees = None,
) -> None:
    """Écrit un document imprimable de la publication en vigueur, ou toutes les fiches en une commande."""
    if ctx.invoked_subcommand is not None:
        return
    from dashboards.fiches import GENRES, LieuInconnu
    from observatoire.documents.pdf import DocumentTropLong

    if genre == NOTE:
        raise refuser("Une note a ses propres textes : observatoire fiches note FICHIER.toml.")
    if genre not in (*GENRES, ANNEXE):
        raise refuser(f"Genre inconnu : « {genre} ». Attendu : {', '.join((*GENRES, ANNEXE, NOTE))}.")
    if tous and (territoire or genre != GENRES[0]):
        raise refuser("--tous écrit les fiches de tous les territoires : il va sans --territoire ni --genre.")
    reglages = _publie(donnees)
    try:
        if tous:
            _toutes(reglages, destination)
        else:
            _un(reglages, genre, territoire, destination)
    except (LieuInconnu, DocumentTropLong) as refus:
        raise refuser(str(refus)) from None


@commande(documents)
def note(
    fichier: Annotated[
        Path, typer.Argument(help="Textes de la note (.toml) ; exemple : data/raw/demo/note-exemple.toml.")
    ],
    destination: Sortie = None,
    donnees: Donnees = None,
) -> None:
    """Écrit une note de plaidoyer de deux pages ; un chiffre cité périmé, masqué ou absent l’arrête."""
    from dashboards.contact import contact
    from dashboards.fiches.note import NoteRefusee, contenu, lire_note
    from observatoire.documents.pdf import DocumentTropLong, feuille
    from observatoire.storage.connexion import ouvrir_publication

    reglages = _publie(donnees)
    try:
        lue = lire_note(fichier)
        with ouvrir_publication(reglages.publication) as con:
            dit = contenu(con, reglages, lue, contact())
        octets, _ = feuille("note", dit, dit["date"], pages=2)
    except (NoteRefusee, DocumentTropLong) as refus:
        raise refuser(str(refus)) from None
    _ecrire(octets, destination, f"note-{fichier.stem}")


def _publie(donnees: Path | None) -> Settings:
    reglages = load_settings(donnees)
    if not reglages.publication.exists():
        raise refuser(SANS_PUBLICATION)
    return reglages


def _un(reglages: Settings, genre: str, territoire: str | None, destination: Path | None) -> None:
    from dashboards import fiches as papier
    from observatoire.storage.connexion import ouvrir_publication

    with ouvrir_publication(reglages.publication) as con:
        if genre == ANNEXE:
            octets, nom = _annexe(con), "methode"
        else:
            lieu = None if territoire is None else _territoire(con, territoire)
            if genre == papier.CLES and lieu is not None and lieu.niveau != "departement":
                raise refuser(
                    "Les chiffres clés sont ceux du département ; pour un territoire : --genre fiche."
                )
            octets = papier.ecrire(con, genre, lieu)
            nom = f"{genre}-{lieu.niveau}-{lieu.code}" if lieu else f"{genre}-departement"
    _ecrire(octets, destination, nom)


def _annexe(con: Any) -> bytes:
    from observatoire.documents.pdf import pdf
    from observatoire.methode.lecture import lire_methodologie
    from observatoire.methode.texte import rediger

    return pdf(rediger(lire_methodologie(con)))


def _territoire(con: Any, texte: str) -> Territoire:
    from dashboards import lecture
    from observatoire.domain.types._nettoyage import plier

    cherche = plier(texte)
    trouves = [
        t
        for t in lecture.territoires(con)
        if cherche in (f"{t.niveau}-{t.code}".lower(), t.code.lower(), plier(t.libelle))
    ]
    if len(trouves) == 1:
        return trouves[0]
    if not trouves:
        raise refuser(f"Territoire « {texte} » inconnu. Exemple : epci-200040251, 77284 ou Avon.")
    proposes = " ; ".join(f"{t.niveau}-{t.code} ({t.libelle})" for t in trouves)
    raise refuser(f"Territoire « {texte} » : précisez lequel : {proposes}.")


def _chemin(destination: Path | None, nom: str, suffixe: str) -> Path:
    """The file to write: `nom` in the folder asked for, else the file asked for."""
    if destination is None:
        return Path(f"{nom}{suffixe}")
    if destination.is_dir():
        return destination / f"{nom}{suffixe}"
    if destination.suffix.lower() != suffixe:
        raise refuser(f"« {destination.name} » : le fichier doit finir par {suffixe}.")
    return destination


def _ecrire(octets: bytes, destination: Path | None, nom: str) -> None:
    chemin = _chemin(destination, nom, ".pdf")
    chemin.write_bytes(octets)
    sortie.print(f"Écrit : {chemin}", soft_wrap=True, markup=False)


def _toutes(reglages: Settings, destination: Path | None) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from dashboards import fiches as papier
    from dashboards import format_fr as fr
    from dashboards.fiches.feuilles import fonds_de_fiche
    from observatoire.storage.connexion import ouvrir_publication

    with ouvrir_publication(reglages.publication) as con:
        fonds = fonds_de_fiche(con)
    chemin = _chemin(destination, f"fiches-publication-{fonds.edition.version:04d}", ".zip")
    provisoire = chemin.with_name(f".{chemin.name}.en-cours")
    publie_le = fr.date_iso(fonds.edition.publie_le)
    lignes: list[tuple[Any, ...]] = []
    colonnes = (
        TextColumn("Fiches"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        TextColumn("{task.fields[lieu]}", markup=False),
    )  # fmt: skip
    try:
        with (
            zipfile.ZipFile(provisoire, "w", zipfile.ZIP_STORED) as archive,
            Progress(*colonnes, console=sortie, transient=True) as progres,
        ):
            tache = progres.add_task("", total=len(fonds.lieux), lieu="")
            for x in papier.toutes(fonds):
                fichier = f"{x.lieu.niveau}/{x.nom}.pdf"
                _ajouter(archive, fichier, x.octets, publie_le)
                lignes.append(
                    (fichier, x.lieu.niveau, x.lieu.code, x.lieu.libelle, x.nb_chiffres, x.nb_replis,
                     fonds.edition.version, publie_le)
                )  # fmt: skip
                progres.update(tache, advance=1, lieu=x.lieu.libelle)
            _ajouter(archive, INDEX, _index(lignes), publie_le)
        provisoire.replace(chemin)
    finally:
        provisoire.unlink(missing_ok=True)
    sortie.print(f"{len(lignes)} fiches écrites dans {chemin}, avec {INDEX}.", soft_wrap=True, markup=False)


def _ajouter(archive: zipfile.ZipFile, nom: str, octets: bytes, jour: str) -> None:
    """One entry dated of the publication: same publication, same archive."""
    annee, mois, quantieme = map(int, jour.split("-"))
    archive.writestr(zipfile.ZipInfo(nom, (annee, mois, quantieme, 0, 0, 0)), octets)


def _index(lignes: list[tuple[Any, ...]]) -> bytes:
    texte = io.StringIO()
    ecrivain = csv.writer(texte, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(COLONNES)
    ecrivain.writerows(lignes)
    return texte.getvalue().encode("utf-8-sig")
