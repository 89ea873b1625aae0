"""The sheet that an association gives its accountant: volunteering of a year, its value, the entry, the notes.

Pure functions: what the association answered in, French sentences and lines out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from observatoire.domain.francais import ecrire_nombre
from observatoire.valorisation import (
    LIBELLES_NIVEAU,
    Bareme,
    Ecriture,
    Etp,
    Fourchette,
    ecriture,
    en_etp,
    en_euros,
    viva,
)


@dataclass(frozen=True, slots=True)
class Reponse:
    """One association, one year. Hours are yearly; `contraintes` are told apart and never valued."""

    nom: str
    debut: dt.date
    fin: dt.date
    heures: float
    niveaux: Mapping[str, float] = field(default_factory=dict)
    contraintes: float | None = None
    depenses_soutien: float | None = None


@dataclass(frozen=True, slots=True)
class FicheBenevolat:
    """What the sheet shows. `viva` is None unless the spending on volunteers is known."""

    reponse: Reponse
    etp: Etp
    fourchette: Fourchette
    ecriture: Ecriture
    viva: tuple[float, float] | None
    mentions: tuple[str, ...]


def fiche(reponse: Reponse, bareme: Bareme | None = None) -> FicheBenevolat:
    """The sheet of one association; ValorisationImpossible when a constant or an answer forbids it."""
    fourchette = en_euros(reponse.heures, reponse.fin, niveaux=reponse.niveaux, bareme=bareme)
    rapports = [viva(m, reponse.depenses_soutien) for m in (fourchette.basse, fourchette.haute)]
    bas, haut = rapports
    etp = en_etp(reponse.heures, reponse.fin, bareme)
    base = f"Base d’un équivalent temps plein\u00a0: {ecrire_nombre(etp.base)}\u00a0h par an ({etp.source})."
    return FicheBenevolat(
        reponse,
        etp,
        fourchette,
        ecriture(reponse.debut),
        None if bas is None or haut is None else (bas, haut),
        (base, *_mentions(reponse, fourchette)),
    )


def _mentions(reponse: Reponse, fourchette: Fourchette) -> tuple[str, ...]:
    phrases = [
        "Inscrire la valeur en comptabilité demande que le bénévolat soit essentiel pour comprendre l’activité, et que "
        "l’association sache le compter et le valoriser\u202f; sinon, l’annexe le dit et décrit sa nature et son importance.",
        "La méthode retenue est dite en annexe et reste la même d’une année à l’autre.",
        "Les heures viennent d’un suivi de l’association (états de temps, relevés par action), à conserver.",
        "L’écriture est en classe 8\u00a0: elle ne change pas le résultat.",
        "Valeur équivalente, selon une convention\u00a0: elle ne s’ajoute pas au budget et n’est une recette pour personne.",
    ]
    if reponse.contraintes:
        phrases.append(
            f"{ecrire_nombre(reponse.contraintes)}\u00a0heures contraintes (travail d’intérêt général, activité liée au RSA, "
            "service civique, mécénat de compétences) sont comptées à part et ne sont pas valorisées ici."
        )
    if reponse.fin.year == 2020 or (reponse.debut.year, reponse.fin.year) == (2019, 2020):
        phrases.append(
            "Le plan comptable a changé pour les exercices ouverts à partir du 1er janvier 2020\u00a0: le compte 870, qui "
            "portait le bénévolat, porte désormais les dons en nature\u202f; le bénévolat est au 875."
        )
    return (*fourchette.mentions, *phrases)


def en_lignes(f: FicheBenevolat) -> list[tuple[str, str]]:
    """Label and text of each line, in the order of the sheet."""
    r, e = f.reponse, f.ecriture
    lignes = [
        ("Association", r.nom),
        ("Exercice", f"du {r.debut:%d/%m/%Y} au {r.fin:%d/%m/%Y}"),
        ("Heures de bénévolat", f"{ecrire_nombre(r.heures)}\u00a0h"),
    ]
    lignes += [(f"dont {LIBELLES_NIVEAU[n]}", f"{ecrire_nombre(h)}\u00a0h") for n, h in r.niveaux.items()]
    lignes.append(("Équivalent", f.etp.texte))
    lignes += [(m.libelle, f"{_euros(m.montant)} ({m.calcul})") for m in f.fourchette.methodes]
    lignes.append(("Valeur équivalente", f"de {_euros(f.fourchette.basse)} à {_euros(f.fourchette.haute)}"))
    lignes.append(("Débit", f"{e.debit} {e.libelle_debit}"))
    lignes.append(("Crédit", f"{e.credit} {e.libelle_credit} ({e.reglement})"))
    if f.viva:
        bas, haut = (ecrire_nombre(v, 1) for v in f.viva)
        lignes.append(("Pour 1\u00a0€ de soutien aux bénévoles", f"de {bas} à {haut}\u00a0€"))
    return lignes


def en_texte(f: FicheBenevolat) -> str:
    """The whole sheet as plain text."""
    corps = [f"{titre}\u00a0: {texte}" for titre, texte in en_lignes(f)]
    return "\n".join([*corps, "", *f.mentions]) + "\n"


def _euros(montant: float) -> str:
    return f"{ecrire_nombre(montant, 2)}\u00a0€"
