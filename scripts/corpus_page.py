"""The page of the corpus, in Markdown: one row per file, totals, refusals, sums and their differences."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from corpus_examen import Examen
from corpus_sommes import CENTIME, Ecart, Somme

from observatoire.domain.anomalie import catalogue
from observatoire.domain.francais import ecrire_nombre

CAUSES_MAX = 4
PHRASES_MAX = 20
MESSAGES = "messages.md"
_SPECIAUX = re.compile(r"([\\`*_{}\[\]<>#|~])")


def page(examens: list[Examen], commande: str) -> str:
    """The whole document; nothing in it depends on the machine but the seconds."""
    morceaux = [
        "# Les fichiers réels et ce que la vérification en dit\n",
        f"Page écrite par `{commande}`. Chaque fichier passe seul, tel quel, dans la vérification ; "
        "les lignes marquées d’un nom de choix (↳) le repassent avec ce que le déposant aurait indiqué "
        "à l’étape « Faire correspondre » (`scripts/corpus.toml`). Lues = chargeables + en attente + ignorées. "
        "« Causes » donne les quatre codes les plus graves, avec leur nombre.\n",
        "## Fichier par fichier\n",
        *_tableau(examens),
        "## Totaux\n",
        *_totaux(examens),
        "## Les refus, dans les mots dits au déposant\n",
        *_refus(examens),
        "## Les sommes, contre une lecture indépendante\n",
        *_sommes(examens),
        "## Les écarts, ligne par ligne\n",
        *_ecarts(examens),
    ]
    return _typographier("\n".join(morceaux)).rstrip() + "\n"


def _typographier(texte: str) -> str:
    for simple, fine in ((" ;", "\u202f;"), (" : ", "\u00a0: "), ("« ", "«\u00a0"), (" »", "\u00a0»")):
        texte = texte.replace(simple, fine)
    return texte


def echapper(texte: str) -> str:
    """A text of a file as plain text of a Markdown table."""
    return _SPECIAUX.sub(r"\\\1", " ".join(texte.split()))


def _lien(code: str) -> str:
    return f"[{code}]({MESSAGES}#{code.lower()})" if code in catalogue() else code


def _nombre(valeur: Decimal | None) -> str:
    return "—" if valeur is None else ecrire_nombre(valeur.quantize(Decimal("0.000001")))


def _rangee(*cellules: str) -> str:
    return f"| {' | '.join(cellules)} |"


def _verdict(examen: Examen) -> str:
    if examen.panne:
        return f"**panne** ({examen.panne})"
    if examen.refus:
        return f"refusé, {_lien(examen.refus)}"
    return "à charger" if examen.comptes[1] else "rien à charger"


def _tableau(examens: Iterable[Examen]) -> Iterator[str]:
    yield _rangee(
        "Fichier", "Outil d’origine", "Reconnu comme", "Verdict", "Lues", "Chargeables", "En attente",
        "Ignorées", "Causes", "Secondes",
    )  # fmt: skip
    yield "|---|---|---|---|--:|--:|--:|--:|---|--:|"
    for e in examens:
        nom = f"↳ {echapper(e.choix)}" if e.choix else echapper(e.fichier)
        causes = ", ".join(f"{_lien(c)} × {ecrire_nombre(n)}" for c, n in e.causes[:CAUSES_MAX])
        suite = " …" if len(e.causes) > CAUSES_MAX else ""
        comptes = [ecrire_nombre(n) if e.reconnu else "" for n in e.comptes]
        secondes = ecrire_nombre(e.secondes, 2)
        yield _rangee(
            nom, e.outil or "—", e.questionnaire or "—", _verdict(e), *comptes, causes + suite, secondes
        )
    yield ""


def _totaux(examens: list[Examen]) -> Iterator[str]:
    bruts = [e for e in examens if not e.choix]
    choisis = [e for e in examens if e.choix]
    yield _rangee(
        "", "Fichiers", "Reconnus", "À charger", "Refusés", "Pannes", "Lues", "Chargeables", "En attente",
        "Ignorées",
    )  # fmt: skip
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    dossiers = sorted({e.fichier.split("/")[0] for e in examens})
    groupes = [(d, [e for e in bruts if e.fichier.split("/")[0] == d]) for d in dossiers]
    for nom, siens in [*groupes, ("**Tels quels**", bruts), ("**Avec les choix du déposant**", choisis)]:
        yield _rangee(nom, *_compter(siens))
    yield ""
    charges = {e.fichier for e in examens if e.comptes[1] and not e.refus}
    yield f"Fichiers dont des lignes se chargent, tels quels ou avec les choix du déposant : {len(charges)}.\n"
    par_refus = Counter(e.refus for e in bruts if e.refus)
    codes = ", ".join(f"{_lien(c)} × {n}" for c, n in sorted(par_refus.items()))
    yield f"Refus des fichiers tels quels : {codes or 'aucun'}.\n"


def _compter(examens: list[Examen]) -> list[str]:
    charges = [e for e in examens if e.comptes[1] and not e.refus]
    nombres = [
        len(examens),
        sum(e.reconnu for e in examens),
        len(charges),
        sum(bool(e.refus) for e in examens),
        sum(bool(e.panne) for e in examens),
        *(sum(e.comptes[k] for e in examens) for k in range(4)),
    ]
    return [ecrire_nombre(n) for n in nombres]


def _refus(examens: Iterable[Examen]) -> Iterator[str]:
    phrases: dict[tuple[str, str], list[str]] = defaultdict(list)
    for e in examens:
        if e.refus:
            phrases[e.refus, e.phrase].append(e.fichier + (f" ({e.choix})" if e.choix else ""))
    par_code: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    for (code, phrase), fichiers in phrases.items():
        par_code[code].append((phrase, fichiers))
    for code, siennes in sorted(par_code.items()):
        siennes.sort(key=lambda x: (-len(x[1]), x[1]))
        for phrase, fichiers in siennes[:PHRASES_MAX]:
            suite = f" et {len(fichiers) - 2} autres" if len(fichiers) > 2 else ""
            yield (
                f"- {_lien(code)}, {len(fichiers)} fichier{'s' if len(fichiers) > 1 else ''} "
                f"({', '.join(map(echapper, fichiers[:2]))}{suite}) : {echapper(phrase)}"
            )
        if len(siennes) > PHRASES_MAX:
            yield f"- {_lien(code)} : {len(siennes) - PHRASES_MAX} autres phrases, où seuls changent les titres cités."
    yield ""


def _sommes(examens: Iterable[Examen]) -> Iterator[str]:
    comparees = [(e, s) for e in examens for s in e.sommes]
    egales = sum(not s.ecarts for _, s in comparees)
    manques = sum(len(s.inexpliques) for _, s in comparees)
    cellules = ecrire_nombre(sum(s.cellules for _, s in comparees))
    yield (
        f"{len(comparees)} colonnes, {cellules} cellules : {egales} sommes égales, "
        f"{len(comparees) - egales} différentes et détaillées plus bas. "
        f"Différences que rien ne dit au déposant : {manques}.\n"
    )
    yield _rangee(
        "Fichier", "Colonne", "Champ", "Somme lue", "dont chargeable", "dont en attente",
        "Somme indépendante", "Écart",
    )  # fmt: skip
    yield "|---|---|---|--:|--:|--:|--:|--:|"
    for e, s in comparees:
        valeurs = (s.lue, s.chargeable, s.attente, s.independante, s.lue - s.independante)
        sommes = (ecrire_nombre(Decimal(0) if abs(v) < CENTIME / 2 else v, 2) for v in valeurs)
        yield _rangee(_nom(e), _colonne(s), s.champ, *sommes)
    yield ""
    for e in examens:
        for phrase in e.incoherences:
            yield f"**{_nom(e)} : {echapper(phrase)}.**\n"


def _nom(e: Examen) -> str:
    return echapper(e.fichier) + (f" ↳ {echapper(e.choix)}" if e.choix else "")


def _colonne(s: Somme) -> str:
    return f"{echapper(s.feuille)} › {echapper(s.colonne)}"


def _ecarts(examens: Iterable[Examen]) -> Iterator[str]:
    yield "Chaque cellule : son texte → ce qui a été lu (— : rien, la cellule ne compte pas).\n"
    for e in examens:
        for s in e.sommes:
            if not s.ecarts:
                continue
            yield f"### {_nom(e)}, {_colonne(s)}\n"
            par_cause: dict[tuple[str | None, str], list[Ecart]] = defaultdict(list)
            for ecart in s.ecarts:
                par_cause[ecart.code, ecart.pourquoi].append(ecart)
            for (code, pourquoi), siens in par_cause.items():
                total = sum(((x.lu or Decimal(0)) - (x.ecrit or Decimal(0)) for x in siens), Decimal(0))
                titre = "**non expliqué**" if code is None else f"{_lien(code)} {pourquoi}"
                cellules = " ; ".join(f"{x.cellule} « {echapper(x.texte)} » → {_nombre(x.lu)}" for x in siens)
                yield (
                    f"- {titre}, {ecrire_nombre(len(siens))} cellule{'s' if len(siens) > 1 else ''}, "
                    f"écart {_nombre(total)} : {cellules}"
                )
            yield ""
