"""Passwords: what we ask for (CNIL, délibération 2022-100) and how they are kept (argon2id)."""

from __future__ import annotations

import re
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from observatoire.comptes.identite import AccesRefuse

# OWASP's smallest argon2id setting: 30 ms here. The library's default (64 MiB, 4 lanes) takes eight times as
# long and would let a burst of guesses fill the memory of a small server.
HACHEUR = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
LONGUEUR_MAXIMALE = 256
DIFFERENTS_MINIMUM = 6
# 80 bits: length asked for, by number of kinds of characters used.
LONGUEURS = {4: 12, 3: 14}
_CLASSES = (
    str.islower,
    str.isupper,
    str.isdigit,
    lambda c: not c.isalnum(),
)
REGLE = (
    "Au moins 12 caractères avec minuscule, majuscule, chiffre et signe, "
    "ou au moins 14 caractères avec trois de ces quatre sortes."
)


def _normal(mot_de_passe: str) -> str:
    """One form for a same text: an accent is typed as one or two characters depending on the keyboard."""
    return unicodedata.normalize("NFC", mot_de_passe)


def verifier_politique(mot_de_passe: str, sujet: str) -> None:
    """Raise AccesRefuse, saying why, when the password is too weak for this login."""
    texte = _normal(mot_de_passe)
    if len(texte) > LONGUEUR_MAXIMALE:
        raise AccesRefuse(f"Mot de passe trop long\u00a0: {LONGUEUR_MAXIMALE} caractères au plus.")
    sortes = sum(any(est(c) for c in texte) for est in _CLASSES)
    minimum = LONGUEURS.get(sortes)
    if minimum is None or len(texte) < minimum:
        raise AccesRefuse(f"Mot de passe trop faible. {REGLE}")
    if len(set(texte)) < DIFFERENTS_MINIMUM:
        raise AccesRefuse("Mot de passe trop faible\u00a0: trop de caractères répétés.")
    plie = texte.casefold()
    morceaux = [sujet, sujet.split("@")[0], *re.split(r"[^\w]+", sujet.split("@")[0])]
    if any(len(m) >= 4 and m in plie for m in morceaux) or sujet in plie:
        raise AccesRefuse("Le mot de passe ne doit pas contenir votre identifiant.")


def hacher(mot_de_passe: str) -> str:
    """The argon2id hash, with its salt and parameters."""
    return HACHEUR.hash(_normal(mot_de_passe))


# Somebody who does not exist is checked against this: an unknown login costs what a known one costs.
LEURRE = hacher("un mot de passe que personne n’a choisi")


def verifier(empreinte: str | None, mot_de_passe: str) -> bool:
    """True when it is the password; without a hash, the same work and False."""
    texte = _normal(mot_de_passe[: LONGUEUR_MAXIMALE * 4])
    try:
        return HACHEUR.verify(empreinte or LEURRE, texte) and empreinte is not None
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return False


def a_rehacher(empreinte: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return HACHEUR.check_needs_rehash(empreinte)
