"""What the machine refused, in one French sentence: disk full, read-only, rights, failing disk."""

from __future__ import annotations

import errno

_PHRASES = {
    errno.ENOSPC: "Il n’y a plus de place sur le disque. Libérez-en",
    errno.EDQUOT: "Votre quota de disque est atteint. Libérez de la place",
    errno.EROFS: "Le disque est en lecture seule. Remontez-le en écriture",
    errno.EACCES: "Le système refuse l’accès à un fichier ou à un dossier. Rendez-le à l’utilisateur du service",
    errno.EPERM: "Le système refuse ce geste sur un fichier. Rendez-le à l’utilisateur du service",
    errno.EIO: "Le disque répond par une erreur (entrée ou sortie). Vérifiez-le",
}
SUITE = ", puis relancez la même commande : ce qui était enregistré l’est toujours, rien n’est à moitié."
# DuckDB and Arrow say it in words.
_MOTS = (
    ("no space left", errno.ENOSPC),
    ("read-only file system", errno.EROFS),
    ("permission denied", errno.EACCES),
    ("input/output error", errno.EIO),
)


def phrase_systeme(faute: Exception) -> str | None:
    """The sentence, and the file when it is known; None when the machine is not at fault."""
    code = faute.errno if isinstance(faute, OSError) else None
    texte = str(faute).lower()
    if code not in _PHRASES:
        code = next((c for mots, c in _MOTS if mots in texte), None)
    if code is not None:
        fichier = f" (« {faute.filename} »)" if isinstance(faute, OSError) and faute.filename else ""
        return f"{_PHRASES[code]}{fichier}{SUITE}"
    if isinstance(faute, FileNotFoundError) or (isinstance(faute, OSError) and faute.errno == errno.ENOENT):
        return f"Fichier introuvable{f' : « {faute.filename} »' if faute.filename else ''}. Rien n’a été modifié."
    if isinstance(faute, OSError):
        return f"Lecture ou écriture impossible : {faute}. Rien n’a été modifié."
    return None
