"""What the person says about her columns, when the titles do not say it: wins over any recognition."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from observatoire.domain.enquete import Enquete
from pipelines.ingestion.grille import Colonne
from pipelines.ingestion.titres import formes

_CLES = ("questionnaire", "colonnes", "constantes")


@dataclass(frozen=True, slots=True)
class Correspondance:
    """`colonnes` {title as written: field}; `constantes` {field: value of every row}; the questionnaire.

    `sans_usage` are the titles that the person said feed nothing.
    """

    questionnaire: str | None = None
    colonnes: Mapping[str, str] = field(default_factory=dict)
    constantes: Mapping[str, str] = field(default_factory=dict)
    sans_usage: frozenset[str] = frozenset()

    def ecarte(self, colonne: Colonne) -> bool:
        """True for a column that the person said feeds nothing."""
        return bool(self.sans_usage) and formes(colonne.entete)[0] in {formes(t)[0] for t in self.sans_usage}

    def champ_de(self, colonne: Colonne) -> str | None:
        """Field given for a column, by its title or the last level of it; None when nothing was said."""
        plies = {formes(titre)[0]: champ for titre, champ in self.colonnes.items()}
        return plies.get(formes(colonne.entete)[0]) or plies.get(formes(colonne.entete.rpartition("›")[2])[0])

    def absentes(self, colonnes: Iterable[Colonne]) -> list[str]:
        """Titles given for a field of which no title is among the columns."""
        servis = {self.champ_de(c) for c in colonnes}
        return [titre for titre, champ in self.colonnes.items() if champ not in servis]


def lire_correspondance(chemin: Path) -> Correspondance:
    """Read a TOML file: `questionnaire`, `[colonnes]`, `[constantes]`. ValueError lists all that is wrong."""
    fichier = f"Le fichier de correspondance {_cite(chemin.name)}"
    try:
        brut = tomllib.loads(chemin.read_text(encoding="utf-8-sig"))
    except OSError as erreur:
        raise ValueError(f"{fichier} est introuvable ou illisible.") from erreur
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as erreur:
        raise ValueError(f"{fichier} n’est pas du TOML valable ({erreur}).") from erreur
    if fautes := _fautes(brut):
        raise ValueError(f"{fichier} est à corriger\u00a0: {_enumerer(fautes)}.")
    return Correspondance(
        brut.get("questionnaire"),
        dict(brut.get("colonnes", {})),
        {champ: str(valeur) for champ, valeur in brut.get("constantes", {}).items()},
    )


def correspondance_de(
    fichier: Path | None,
    colonnes: Sequence[str],
    constantes: Sequence[str],
    questionnaire: str | None,
    enquetes: Mapping[str, Enquete],
) -> Correspondance | None:
    """What a command line gives: a file, `TITRE=champ` and `champ=valeur`; options win over the file.

    None when nothing is given. ValueError lists, in French, all that is wrong.
    """
    lue = lire_correspondance(fichier) if fichier else Correspondance()
    titres = [x.rpartition("=")[::2] for x in colonnes]
    valeurs = [x.partition("=")[::2] for x in constantes]
    fautes = [
        f"{_cite(x)} doit s’écrire {_cite('VOTRE COLONNE=champ')}" for x in _mal_ecrites(colonnes, titres)
    ]
    fautes += [f"{_cite(x)} doit s’écrire {_cite('champ=valeur')}" for x in _mal_ecrites(constantes, valeurs)]
    donnee = Correspondance(
        questionnaire or lue.questionnaire,
        {**lue.colonnes, **{t.strip(): c.strip() for t, c in titres if t.strip() and c.strip()}},
        {**lue.constantes, **{c.strip(): v.strip() for c, v in valeurs if c.strip() and v.strip()}},
    )
    fautes += verifier_champs(donnee, enquetes)
    if fautes:
        raise ValueError(f"Correspondance à corriger\u00a0: {_enumerer(fautes)}.")
    return donnee if donnee != Correspondance() else None


def verifier_champs(donnee: Correspondance, enquetes: Mapping[str, Enquete]) -> list[str]:
    """Faults of names: unknown questionnaire, fields that are not in it (or in none when it is not named)."""
    nom = donnee.questionnaire
    if nom is not None and nom not in enquetes:
        return [f"questionnaire inconnu, {_cite(nom)} (connus\u00a0: {', '.join(enquetes)})"]
    possibles = [enquetes[nom]] if nom is not None else list(enquetes.values())
    champs = list(dict.fromkeys(c.name for e in possibles for c in e.champs_actifs()))
    demandes = dict.fromkeys((*donnee.colonnes.values(), *donnee.constantes))
    fautes = [f"champ inconnu, {_cite(champ)}" for champ in demandes if champ not in champs]
    if fautes:
        return [*fautes, f"champs possibles\u00a0: {', '.join(champs)}"]
    accords = {c.name for e in possibles for c in e.champs_actifs() if c.accord}
    return [
        f"{_cite(champ)} est un accord que chaque association donne sur sa ligne, jamais pour tout un fichier"
        for champ in donnee.constantes
        if champ in accords
    ]


def _mal_ecrites(options: Sequence[str], coupees: Sequence[Sequence[str]]) -> list[str]:
    return [
        option for option, parts in zip(options, coupees, strict=True) if not all(p.strip() for p in parts)
    ]


def _fautes(brut: Mapping[str, Any]) -> list[str]:
    fautes = [
        f"{_cite(cle)} n’est pas attendu (attendus\u00a0: {', '.join(_CLES)})"
        for cle in brut
        if cle not in _CLES
    ]
    if not isinstance(brut.get("questionnaire", ""), str):
        fautes.append(f"{_cite('questionnaire')} doit être un nom entre guillemets")
    for cle, types, attendu in (
        ("colonnes", (str,), "un nom de champ"),
        ("constantes", (str, int, float), "un texte"),
    ):
        table = brut.get(cle, {})
        if not isinstance(table, dict):
            fautes.append(f"{_cite(cle)} doit être une table, [{cle}]")
            continue
        fautes += [
            f"[{cle}] {_cite(nom)} doit recevoir {attendu}"
            for nom, valeur in table.items()
            if not isinstance(valeur, types) or isinstance(valeur, bool) or valeur == ""
        ]
    return fautes


def _cite(texte: str) -> str:
    return f"«\u00a0{texte}\u00a0»"


def _enumerer(fautes: Sequence[str]) -> str:
    return "\u202f; ".join(fautes)
