"""From an analysed file to its verdict: what is shown of its sheets, columns, problems and repairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from itertools import islice
from typing import Any

from observatoire.domain.anomalie import Anomalie, Niveau, couper
from observatoire.domain.enquete import Champ
from pipelines.analyse import Analyse
from pipelines.bilan import Bilan, Groupe
from pipelines.chantiers.souvenir import empreinte_titres
from pipelines.chantiers.verdict import (
    Cause,
    CelluleFausse,
    ColonneAttendue,
    ColonneInconnue,
    FeuilleVue,
    LigneRetenue,
    Reparation,
    Verdict,
)
from pipelines.ingestion.appariement import proposables, scores_proches
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.epuration import Trouvaille
from pipelines.ingestion.grille import Appariement, Classeur, Feuille, Table, lettre
from pipelines.ingestion.lot import Lot, affiche

APERCU_LIGNES, APERCU_COLONNES = 15, 14
EXEMPLES = 3
CELLULES_CITEES = 3
LIGNES_A_CORRIGER = 500
PHRASES_MAX = 200


def dresser_verdict(
    revision: int,
    bilan: Bilan,
    analyse: Analyse | None,
    classeur: Classeur | None,
    trouvailles: Sequence[Mapping[str, Any]],
    decisions: Decisions,
) -> Verdict:
    """The verdict of an examined deposit; `classeur` is the purified workbook, the only one that is shown."""
    verdict = Verdict(revision, bilan.fichier)
    if bilan.refus:
        verdict.refus = {"code": bilan.refus.code, "message": bilan.refus.message}
    verdict.personnelles = [{**t, "retiree": decisions.retirer_personnelles} for t in trouvailles]
    verdict.causes = [voir_cause(g) for g in bilan.groupes()]
    tables = {t.feuille.nom: t for t in analyse.tables} if analyse else {}
    if classeur is not None:
        verdict.feuilles = [_vue(f, tables.get(f.nom)) for f in classeur.feuilles]
    if analyse is None:
        return verdict
    lot = analyse.lot
    for nom in ("questionnaire", "raison", "source", "lignes_lues", "lignes_chargees", "lignes_en_attente"):
        setattr(verdict, nom, getattr(bilan, nom))
    verdict.lignes_ignorees, verdict.valeurs_ecartees = bilan.lignes_ignorees, bilan.valeurs_ecartees
    verdict.a_revoir, verdict.millesimes = bilan.a_revoir, list(bilan.millesimes)
    verdict.titre, verdict.origine = lot.enquete.title, analyse.origine.libelle
    verdict.candidats = list(analyse.candidats)
    verdict.questions = [asdict(q) for q in analyse.questions]
    verdict.corrections_perdues = list(analyse.corrections_perdues)
    verdict.empreinte = empreinte_titres(analyse)
    verdict.sommes = [(c, lot.enquete.champ(c).title, *s) for c, s in bilan.sommes.items()]
    verdict.colonnes = [_attendue(champ, analyse, decisions) for champ in lot.enquete.champs_actifs()]
    verdict.inconnues = _inconnues(analyse)
    rangs = {(o.feuille, o.ligne): i for i, o in enumerate(lot.origines)}
    reparees = [a for a in lot.anomalies if _est_reparee(a, lot, rangs)]
    fausses = [a for a in lot.anomalies if _est_fausse(a, lot, rangs)]
    retenues = _retenues(lot)
    verdict.totaux = {"reparations": len(reparees), "cellules": len(fausses), "retenues": len(retenues)}
    verdict.reparations = [_reparation(a, lot, rangs) for a in reparees[:LIGNES_A_CORRIGER]]
    verdict.cellules = [_fausse(a) for a in fausses[:LIGNES_A_CORRIGER]]
    verdict.retenues = retenues[:LIGNES_A_CORRIGER]
    return verdict


def apercus_caches(verdict: Verdict, masque: Classeur) -> list[dict[str, Any]]:
    """The preview of the sheets that the verdict shows empty, from the whole workbook with its personal data masked.

    A name that no list knows may stand beside a telephone: such a preview is shown, and never written on disk.
    """
    vides = {f.nom for f in verdict.feuilles if not f.lignes}
    return [asdict(_vue(f, None)) for f in masque.feuilles if f.nom in vides and f.lignes]


def voir_trouvaille(trouvaille: Trouvaille) -> dict[str, Any]:
    """Personal data found, without the list of its cells."""
    vue = {c.name: getattr(trouvaille, c.name) for c in fields(trouvaille) if c.name != "places"}
    return vue | {"lettre": None if trouvaille.colonne is None else lettre(trouvaille.colonne)}


def voir_colonne(feuille: str, colonne: int, entete: str, nature: str) -> dict[str, Any]:
    """A column that a source never keeps, in the same form."""
    return voir_trouvaille(Trouvaille(feuille, colonne, entete, nature, 0))


def voir_cause(groupe: Groupe) -> Cause:
    """Problems of one cause as the pages show them."""
    toutes = groupe.phrases
    phrases = [
        (phrase, [_lieu(a) for a in anomalies[:CELLULES_CITEES] if _lieu(a)], len(anomalies))
        for phrase, anomalies in islice(toutes.items(), PHRASES_MAX)
    ]
    return Cause(
        groupe.code,
        groupe.niveau.value,
        groupe.cause,
        groupe.colonne,
        groupe.nb,
        phrases,
        len(toutes),
    )


def _lieu(anomalie: Anomalie) -> str:
    lieu = anomalie.cellule or (f"ligne {anomalie.ligne}" if anomalie.ligne else "")
    morceaux = [
        m for m in (anomalie.feuille, lieu, couper(anomalie.repere) if anomalie.repere else None) if m
    ]
    return " · ".join(morceaux)


def _vue(feuille: Feuille, table: Table | None) -> FeuilleVue:
    remplies = [i for i, ligne in enumerate(feuille.lignes) if any(v not in (None, "") for v in ligne)]
    largeur = max((len(x) for x in feuille.lignes), default=0)
    entete = table.ligne_entete if table else None
    debut = max(0, (entete or 0) - APERCU_LIGNES // 2) if entete is not None else (remplies or [0])[0]
    extrait = feuille.lignes[debut : debut + APERCU_LIGNES]
    return FeuilleVue(
        feuille.nom,
        len(remplies),
        largeur,
        feuille.visible,
        table is not None,
        table is not None and table.feuille.transposee,
        None if entete is None else entete + 1,
        debut + 1,
        [[couper(affiche(v)) for v in ligne[:APERCU_COLONNES]] for ligne in extrait],
        [lettre(j) for j in range(min(largeur, APERCU_COLONNES))],
    )


def _attendue(champ: Champ, analyse: Analyse, decisions: Decisions) -> ColonneAttendue:
    attendue = ColonneAttendue(champ.name, champ.title, champ.description, champ.obligatoire, "absent")
    for table, appariement in zip(analyse.tables, analyse.appariements, strict=True):
        if champ.name in appariement.champs:
            colonne, score, methode = appariement.champs[champ.name]
            attendue.etat = {"donne": "choisi", "proche": "propose"}.get(methode, "trouve")
            attendue.entete, attendue.lettre = colonne.entete, table.feuille.axe(colonne.index)
            attendue.feuille, attendue.score = table.feuille.nom, score
            attendue.exemples = _exemples(table, colonne.index, analyse)
            return attendue
        if champ.name in appariement.constantes:
            attendue.etat, attendue.valeur = "constante", appariement.constantes[champ.name]
            return attendue
    libres = [
        colonne
        for table, appariement in zip(analyse.tables, analyse.appariements, strict=True)
        for colonne in proposables(appariement, analyse.personnelles.get(table.feuille.nom, {}))
        if colonne.entete not in decisions.sans_usage
    ]
    attendue.propositions = list(dict.fromkeys(c.entete for c, _ in scores_proches(champ, libres)))
    return attendue


def _inconnues(analyse: Analyse) -> list[ColonneInconnue]:
    vues: dict[tuple[str, str], ColonneInconnue] = {}
    for table, appariement in zip(analyse.tables, analyse.appariements, strict=True):
        for colonne in _hors_personnelles(appariement, table, analyse):
            nom = table.feuille.nom
            exemples = _exemples(table, colonne.index, analyse)
            vues.setdefault(
                (nom, colonne.entete),
                ColonneInconnue(nom, table.feuille.axe(colonne.index), colonne.entete, exemples),
            )
    return list(vues.values())


def _hors_personnelles(appariement: Appariement, table: Table, analyse: Analyse) -> Iterable[Any]:
    cachees = analyse.personnelles.get(table.feuille.nom, {})
    return (c for c in appariement.inconnues if c.index not in cachees and c.entete)


def _exemples(table: Table, index: int, analyse: Analyse) -> list[str]:
    """First different values of a column; none of a personal one."""
    if index in analyse.personnelles.get(table.feuille.nom, {}):
        return []
    valeurs: dict[str, None] = {}
    for i in table.donnees[:200]:
        valeur = table.feuille.lignes[i][index]
        if valeur not in (None, ""):
            valeurs.setdefault(couper(affiche(valeur)))
        if len(valeurs) == EXEMPLES:
            break
    return list(valeurs)


Rangs = Mapping[tuple[str, int], int]


def _rang(anomalie: Anomalie, lot: Lot, rangs: Rangs) -> int | None:
    return rangs.get((anomalie.feuille or "", lot.ligne_de(anomalie) or 0))


def _est_reparee(anomalie: Anomalie, lot: Lot, rangs: Rangs) -> bool:
    return (
        anomalie.niveau is Niveau.REPARE
        and anomalie.champ is not None
        and _rang(anomalie, lot, rangs) is not None
    )


def _reparation(anomalie: Anomalie, lot: Lot, rangs: Rangs) -> Reparation:
    apres = affiche(lot.colonnes[anomalie.champ or ""][_rang(anomalie, lot, rangs) or 0])
    return Reparation(
        anomalie.code,
        anomalie.modele.cause,
        anomalie.feuille or "",
        anomalie.cellule or "",
        anomalie.repere or "",
        anomalie.colonne or "",
        couper(anomalie.valeur or ""),
        couper(apres),
    )


def _est_fausse(anomalie: Anomalie, lot: Lot, rangs: Rangs) -> bool:
    if not anomalie.niveau.refuse or anomalie.cellule is None or anomalie.champ is None:
        return False
    return not anomalie.code.startswith("RG") and _rang(anomalie, lot, rangs) is not None


def _fausse(anomalie: Anomalie) -> CelluleFausse:
    return CelluleFausse(
        anomalie.feuille or "",
        anomalie.cellule or "",
        anomalie.ligne or 0,
        anomalie.repere or "",
        anomalie.colonne or "",
        anomalie.champ or "",
        couper(anomalie.valeur or ""),
        anomalie.phrase,
        anomalie.code,
    )


def _retenues(lot: Lot) -> list[LigneRetenue]:
    phrases: dict[tuple[str, int], list[str]] = {}
    for anomalie in lot.anomalies:
        ligne = lot.ligne_de(anomalie)
        if anomalie.feuille and ligne:
            phrases.setdefault((anomalie.feuille, ligne), []).append(f"{anomalie.phrase} [{anomalie.code}]")
    return [
        LigneRetenue(
            lot.origines[i].feuille,
            lot.origines[i].ligne,
            lot.repere(i) or "",
            sorted(set(motifs)),
            list(dict.fromkeys(phrases.get((lot.origines[i].feuille, lot.origines[i].ligne), ()))),
        )
        for i, motifs in sorted(lot.attente.items())
        if i not in lot.doublons
    ]
