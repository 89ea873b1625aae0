"""What a file may cost, and the refusal the child process answers with. Light imports only: the child process starts with it."""

from __future__ import annotations

from dataclasses import dataclass

from observatoire.domain.francais import ecrire_nombre

MO = 1_000_000
GIO = 1 << 30
# What to do about a file that asks too much: each refusal says the one that answers its cause.
ALLEGER = (
    "Y a-t-il une cellule isolée très loin, par exemple en XFD1048576\u202f? Supprimez les lignes et les colonnes vides,"
    " réenregistrez, ou partagez le fichier en plusieurs."
)
PARTAGER = "Partagez-le en plusieurs fichiers."
RACCOURCIR = "Raccourcissez ce texte."
# What to do about a file that is no spreadsheet.
ENREGISTRER = "Enregistrez-le au format .xlsx, .ods ou .csv et déposez-le de nouveau."


class Refus(Exception):
    """A refusal decided in the child; the parent turns it into `FichierRefuse`."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Limites:
    """Bounds of one reading (bytes, counts, seconds). The defaults are those of an upload.

    `lignes` leaves room for titles and notes around 200 000 answers; `ratio` (unzipped to zipped) is only
    looked at above `ratio_seuil` bytes, small entries being harmless; `transport` bounds what the child
    sends back.
    """

    taille: int = 20 * MO
    decompresse: int = 200 * MO
    ratio: int = 100
    ratio_seuil: int = MO
    entrees: int = 2_000
    feuilles: int = 50
    lignes: int = 201_000
    colonnes: int = 1_000
    cellules: int = 5_000_000
    caracteres: int = 32_767
    transport: int = 256 * MO
    memoire: int = GIO
    cpu: int = 25
    duree: int = 30


# Bulk public files, put there by the staff: larger, in the same gigabyte and the same thirty seconds.
MASSE = Limites(taille=100 * MO, decompresse=1_000 * MO, lignes=1_048_576, cellules=8_000_000)


def volume(octets: int) -> str:
    """A size in words: « 20 Mo », « 1 Go »."""
    mega = round(octets / MO)
    return f"{mega // 1000}\u00a0Go" if mega >= 1000 else f"{mega}\u00a0Mo"


def trop_lourd(limite: str, remede: str = ALLEGER) -> dict[str, str]:
    """Details of a refusal FI-05: the bound that was passed, and what to do about it."""
    return {"limite": limite, "remede": remede}


def trop(nombre: int, quoi: str, permis: int, remede: str = ALLEGER) -> Refus:
    """Refusal FI-05 for a count over its bound."""
    limite = f"{ecrire_nombre(nombre)}\u00a0{quoi}, {ecrire_nombre(permis)} au plus"
    return Refus("FI-05", **trop_lourd(limite, remede))


def format_refuse(extension: str, remede: str = ENREGISTRER) -> Refus:
    """Refusal FI-06 for what is no spreadsheet, with what to do about it."""
    return Refus("FI-06", extension=extension, remede=remede)
