"""The catalogue of anomalies as a volunteer reads it: every code says what to do, in plain words."""

from __future__ import annotations

import dataclasses
import re
from string import Formatter

import pytest

from observatoire.domain.anomalie import Anomalie, Modele, catalogue

MODELES = list(catalogue().values())
CODES = [m.code for m in MODELES]
LONGUEURS = range(60, 701)
PHRASES = range(2, 5)
MOTS_INTERDITS = re.compile(
    r"(?i)\b(strings?|floats?|integers?|int|null|none|nan|nat|regex|regexp|expressions? régulières?|constraints?|"
    r"contraintes?|defaults?|types? de données?|schémas?|json|api|bool|booleans?|booléens?|pars(e|er|ing)|"
    r"dataframes?|encodages?|utf8|bytes?|octets?|exceptions?|traceback|base de données|sql|médianes?)\b"
)
# Holes that are filled with whole sentences.
SUITES = {"raison", "proposition", "aide", "proches", "remede"}
PLACE = {f.name for f in dataclasses.fields(Anomalie)} - {"code", "details"}

des_codes = pytest.mark.parametrize("modele", MODELES, ids=CODES)


def trous(texte: str) -> set[str]:
    """Names between braces."""
    return {nom for _, nom, _, _ in Formatter().parse(texte) if nom is not None}


def phrases(texte: str) -> list[str]:
    """Sentences, each with the sign that ends it; « etc. » apart, a stop is followed by a space."""
    return re.findall(r"\S.*?(?:[.!?…](?=\s|$)|$)", texte)


def sans_suites(texte: str) -> str:
    """The text without the holes that are sentences of their own."""
    return re.sub(r" ?\{(" + "|".join(SUITES) + r")\}", "", texte)


def sans_trous(texte: str) -> str:
    """The text with an ellipsis for each hole."""
    return re.sub(r"\{\w+\}", "…", texte)


def test_le_catalogue_est_la() -> None:
    assert len(MODELES) > 90


@des_codes
def test_chaque_code_dit_que_faire(modele: Modele) -> None:
    assert len(modele.aide) in LONGUEURS
    assert len(phrases(modele.aide)) in PHRASES
    assert modele.aide not in modele.message


def test_deux_codes_ne_disent_pas_la_meme_aide() -> None:
    aides = [m.aide for m in MODELES]
    assert len(set(aides)) == len(aides)


@des_codes
def test_pas_de_mot_de_technicien(modele: Modele) -> None:
    for texte in (modele.cause, sans_trous(modele.message), sans_trous(modele.aide)):
        assert MOTS_INTERDITS.findall(texte) == []


@pytest.mark.parametrize(
    "mot", ["null", "String", "un type de donnée", "valeur par default", "schéma JSON", "NaN"]
)
def test_les_mots_de_technicien_sont_vus(mot: str) -> None:
    assert MOTS_INTERDITS.search(mot)


@pytest.mark.parametrize("mot", ["nulle part", "annuler", "le type « Classeur Excel (.xlsx) »", "partout"])
def test_les_mots_ordinaires_passent(mot: str) -> None:
    assert not MOTS_INTERDITS.search(mot)


FAUTES = re.compile(r" [;:!?»%€]|« |«(?!\u00a0)|(?<!\u00a0)»|'|\s\s|(?<![\s#/A-Z0-9])[;!?]|\d \d{3}\b")


@des_codes
def test_typographie(modele: Modele) -> None:
    for texte in (modele.cause, modele.message, modele.aide):
        assert FAUTES.findall(texte) == []
        assert texte == texte.strip()


@pytest.mark.parametrize("texte", ["l'an", "a : b", "« a »", "«a»", "quoi?", "quoi ?", "20 %", "12 000"])
def test_les_fautes_de_typographie_sont_vues(texte: str) -> None:
    assert FAUTES.search(texte)


@des_codes
def test_chaque_phrase_est_finie(modele: Modele) -> None:
    for texte in (sans_suites(modele.message), modele.aide):
        assert phrases(texte)
        for phrase in phrases(texte):
            assert phrase[-1] in ".!?…"
            assert re.match(r"[A-ZÀÉÊÎÔ«{0-9=]", phrase)
    assert not modele.cause.endswith(".")


@des_codes
def test_les_trous_sont_ceux_du_message(modele: Modele) -> None:
    connus = trous(modele.message) | PLACE
    assert trous(modele.aide) == set()
    assert trous(modele.commande) <= connus


def test_les_trous_sont_trouves() -> None:
    assert trous("« {valeur} » puis {lu}.") == {"valeur", "lu"}
    assert phrases("Au lieu de 12,5 écrivez 13. Fini\u202f? Oui.") == [
        "Au lieu de 12,5 écrivez 13.",
        "Fini\u202f?",
        "Oui.",
    ]
