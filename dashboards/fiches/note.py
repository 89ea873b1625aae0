"""The advocacy note: words written by the staff in a TOML file, figures taken from the publication by their identifier.

A text never holds a figure: it quotes one as `{identifiant}`, and the note writes its value and its number among the
evidence. A figure that is out of date, masked or absent stops the note.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import duckdb

from dashboards import affichage, chiffre, lecture, textes, vues
from dashboards import format_fr as fr
from dashboards.components import mention
from dashboards.fiches.feuilles import SIGNES
from dashboards.modeles import Indicateur, Mesure
from observatoire.chiffres.identifiant import Identifiant, lire_identifiant
from observatoire.chiffres.lecture import Chiffre, ChiffreInconnu, lire_chiffre
from observatoire.chiffres.phrase import MONTRES, composer, valeur_en_mots
from observatoire.chiffres.verification import A_JOUR, SANS_NUMERO, verifier
from observatoire.config.settings import Settings

_CITE = re.compile(r"\{([^{}]*)\}")
EN_TETE_MAX, PREUVES_MAX = 3, 10


class NoteRefusee(ValueError):
    """A note that cannot be written; the message says every reason, in French."""


@dataclass(frozen=True, slots=True)
class Note:
    """The words of a note. Paragraphs may quote figures; `chiffres` are those shown in large."""

    titre: str
    chapeau: str
    constat: Sequence[str]
    recit: Sequence[str]
    demande: Sequence[str]
    interlocuteur: str
    chiffres: Sequence[str]
    echeance: str = ""
    citation: str = ""
    citation_de: str = ""
    redaction: str = ""

    @property
    def textes(self) -> tuple[str, ...]:
        """Every text that may quote a figure, in reading order."""
        return (self.chapeau, *self.constat, *self.recit, *self.demande)


def lire_note(chemin: Path) -> Note:
    """The note of a file; NoteRefusee tells all that is wrong with it."""
    try:
        brut = tomllib.loads(chemin.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as faute:
        raise NoteRefusee(f"{chemin.name}\u00a0: ce fichier n’est pas du TOML lisible ({faute}).") from None
    fautes = list(_fautes(brut))
    if fautes:
        raise NoteRefusee(f"{chemin.name}\u00a0: " + " ".join(fautes))
    return Note(**{nom: _propre(valeur) for nom, valeur in brut.items()})


def _fautes(brut: Mapping[str, Any]) -> Iterable[str]:
    listes = {"constat", "recit", "demande", "chiffres"}
    facultatifs = {"echeance", "citation", "citation_de", "redaction"}
    connus = {f.name for f in fields(Note)}
    yield from (f"Clé inconnue «\u00a0{nom}\u00a0»." for nom in brut if nom not in connus)
    for nom in sorted(connus):
        valeur = brut.get(nom)
        if valeur in (None, "", []):
            if nom not in facultatifs:
                yield f"«\u00a0{nom}\u00a0» manque."
        elif nom in listes:
            if not isinstance(valeur, list) or not all(isinstance(x, str) and x.strip() for x in valeur):
                yield f"«\u00a0{nom}\u00a0» doit être une liste de textes."
        elif not isinstance(valeur, str):
            yield f"«\u00a0{nom}\u00a0» doit être un texte."
    if brut.get("citation") and not brut.get("citation_de"):
        yield "«\u00a0citation_de\u00a0» manque\u00a0: une citation dit de qui elle est, et avec son accord."
    if isinstance(brut.get("chiffres"), list) and len(brut["chiffres"]) > EN_TETE_MAX:
        yield f"«\u00a0chiffres\u00a0»\u00a0: {EN_TETE_MAX} au plus en tête de note."


def _propre(valeur: Any) -> Any:
    return tuple(map(composer, valeur)) if isinstance(valeur, list) else composer(valeur)


def contenu(con: duckdb.DuckDBPyConnection, settings: Settings, note: Note, contact: str) -> dict[str, Any]:
    """What the template `note` reads. NoteRefusee when a figure may not be quoted."""
    preuves = _preuves(con, settings, note)
    cartes = {c.indicateur: c for c in lecture.indicateurs(con)}
    rangs = {texte: rang for rang, texte in enumerate(preuves, start=1)}
    edition = lecture.edition(con)
    ecrits = {
        texte: _bloc(rangs[texte], lu, cartes[lu.fiche.indicateur], edition) for texte, lu in preuves.items()
    }

    def citer(texte: str) -> list[list[str]]:
        morceaux = _CITE.split(texte)
        return [
            [ecrits[m.strip()]["valeur"], str(rangs[m.strip()])] if i % 2 else [m, ""]
            for i, m in enumerate(morceaux)
            if m
        ]

    return {
        "nom": f"{note.titre}, note de plaidoyer",
        "titre": note.titre,
        "surtitre": "Note de plaidoyer",
        "auteur": textes.NOM,
        "date": fr.date_iso(edition.publie_le),
        "reference": mention.reference(edition),
        "diffusion": f"{mention.DIFFUSION}{fr.INSECABLE}: {mention.reference(edition)}.",
        "avis": textes.FICTIF_NU if edition.fictif else "",
        "contact": contact or textes.NOM,
        "signes": SIGNES,
        "chapeau": citer(note.chapeau),
        "constat": [citer(t) for t in note.constat],
        "recit": [citer(t) for t in note.recit],
        "citation": [note.citation, note.citation_de] if note.citation else [],
        "demande": [citer(t) for t in note.demande],
        "interlocuteur": note.interlocuteur,
        "echeance": note.echeance,
        "redaction": note.redaction,
        "en_tete": [ecrits[x.strip()] for x in note.chiffres],
        "chiffres": list(ecrits.values()),
    }


def _preuves(con: duckdb.DuckDBPyConnection, settings: Settings, note: Note) -> dict[str, Chiffre]:
    """Figures quoted, in their order, each once. NoteRefusee lists those that may not be."""
    cites = [*note.chiffres, *(x for t in note.textes for x in _CITE.findall(t))]
    uniques = dict.fromkeys(x.strip() for x in cites)
    lus: dict[str, Chiffre] = {}
    refus = [] if len(uniques) <= PREUVES_MAX else [f"{len(uniques)} chiffres cités, {PREUVES_MAX} au plus."]
    identifiants: dict[str, Identifiant] = {}
    for texte in uniques:
        try:
            identifiants[texte] = lire_identifiant(texte)
        except ValueError as faute:
            refus.append(str(faute))
    for texte, verdict in zip(identifiants, verifier(settings, identifiants.values()), strict=True):
        refus += _refus(con, texte, verdict.etat, verdict.alors, verdict.maintenant, identifiants[texte], lus)
    if refus:
        raise NoteRefusee("La note cite des chiffres à reprendre\u00a0: " + " ".join(refus))
    return lus


def _refus(
    con: duckdb.DuckDBPyConnection, texte: str, etat: str, alors: str, maintenant: str, i: Identifiant,
    lus: dict[str, Chiffre],
) -> list[str]:  # fmt: skip
    """Why a figure may not be quoted; otherwise it is put in `lus`."""
    if etat not in (A_JOUR, SANS_NUMERO):
        dit = f", alors {alors}" if alors else ""
        return [f"«\u00a0{texte}\u00a0» est {etat}{dit}, aujourd’hui {maintenant}."]
    try:
        lu = lire_chiffre(con, i)
    except ChiffreInconnu as faute:
        return [str(faute)]
    if lu.mesure.statut not in MONTRES:
        return [f"«\u00a0{texte}\u00a0» n’est pas montré\u00a0: {maintenant}."]
    lus[texte] = lu
    return []


def _bloc(numero: int, lu: Chiffre, carte: Indicateur, edition: Any) -> dict[str, Any]:
    m = lu.mesure
    mesure = Mesure(
        m.indicateur, m.millesime, m.niveau, m.code_territoire, m.domaine, m.financeur, m.valeur, m.borne_basse,
        m.borne_haute, m.cv, m.n_repondants, m.taux_reponse, m.statut, m.vue,
    )  # fmt: skip
    dites = mention.paires(
        vue=vues.libelle(carte, m.vue),
        methode=chiffre.methode(carte, m.vue),
        reponses=affichage.reponses(carte, mesure),
        source=carte.source,
        annee=m.millesime,
        edition=edition,
    )
    return {
        "numero": numero,
        "titre": carte.titre,
        "lieu": lu.lieu.libelle,
        "valeur": valeur_en_mots(lu.fiche, m),
        "court": affichage.valeur(carte, mesure, abregee=True),
        "unite": affichage.unite(carte, mesure),
        "phrase": lu.phrase,
        "identifiant": str(lu.identifiant),
        "mention": [[titre, texte] for titre, texte in dites if titre != mention.DIFFUSION],
    }
