"""The report of a national run: what each size cost, against its limit, as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from observatoire.domain.francais import ecrire_nombre
from observatoire.storage.reunion import ENSEMBLE
from scripts.france_cas import QUESTIONNAIRE, Taille
from scripts.france_etapes import CHARGER, COPIER, ESTIMER, ETAPES, LIMITES, PROTEGER, PUBLIER, Releve
from scripts.france_lecture import LECTEURS, Attente

DEBUT, FIN = "<!-- mesures : début -->", "<!-- mesures : fin -->"
REUNIR, COPIER_REUNION = "reunir", "copier_reunion"
PENTE_MAX, COPIE_MAX, PAGE_MAX, SEIZE_MAX = 1.05, 10.0, 8.0, 350.0
TITRES = {
    CHARGER: "Charger les vagues dans l’entrepôt",
    ESTIMER: "Estimer (valeurs, poids, intervalles, évolutions)",
    PROTEGER: "Protéger (règles, τ-Argus, attaque)",
    PUBLIER: "Publier (DuckDB, Parquet, CSV, notices, deux jeux)",
}
DITS_LIMITES = {
    CHARGER: "DuckDB seul insère les mêmes lignes",
    ESTIMER: "DuckDB seul somme les mêmes réponses",
    PUBLIER: "copie et fsync des mêmes octets",
}
LUES = {"departement": "fichier du département", ENSEMBLE: "fichier réuni"}


@dataclass(frozen=True, slots=True)
class Etage:
    """One size: its départements, the joint file, the readers."""

    taille: int
    releves: Sequence[Releve]
    reunion: Releve
    attentes: dict[str, Attente]

    def processeur(self, etape: str) -> float:
        """Seconds of processor of a step; publishing ends with the joint file."""
        plus = self.reunion.processeurs[REUNIR] if etape == PUBLIER else 0.0
        return plus + sum(r.processeurs[etape] for r in self.releves)

    def duree(self, etape: str) -> float:
        """Seconds of a step, one département after the other."""
        return sum(r.durees[etape] for r in self.releves)

    def memoire(self) -> float:
        """MiB of the largest process."""
        return max(r.memoire for r in (*self.releves, self.reunion))

    def octets(self, quoi: str) -> int:
        """Bytes of one kind of file."""
        return sum(r.octets[quoi] for r in self.releves)


@dataclass(frozen=True, slots=True)
class But:
    """A goal: what it says, the measure, the most it may be."""

    titre: str
    mesure: float
    plafond: float

    @property
    def est_tenu(self) -> bool:
        """True when the measure is within."""
        return self.mesure <= self.plafond


def buts(etages: Sequence[Etage]) -> list[But]:
    """Every goal of the run, on its largest size."""
    dernier = etages[-1]
    dits = [
        But(
            f"Pente de l’étape « {TITRES[e].split(' (')[0].lower()} », du plus petit au plus grand",
            pente(etages, e),
            PENTE_MAX,
        )
        for e in (CHARGER, ESTIMER, PUBLIER)
        if len(etages) > 1
    ]
    dits.append(
        But(
            "Publier, rapporté à la copie des mêmes octets",
            dernier.duree(PUBLIER) / dernier.duree(COPIER),
            COPIE_MAX,
        )
    )
    for nom, attente in dernier.attentes.items():
        dits.append(
            But(f"Page d’une commune, rapportée à une requête vide ({LUES[nom]})", attente.rapport, PAGE_MAX)
        )
        dits.append(
            But(f"La même à {LECTEURS} lecteurs, 95 % ({LUES[nom]})", attente.rapport_seize, SEIZE_MAX)
        )
    return dits


def tenus(etages: Sequence[Etage]) -> bool:
    """True when every goal is held."""
    return all(but.est_tenu for but in buts(etages))


def pente(etages: Sequence[Etage], etape: str) -> float:
    """Least-squares slope of log(seconds of processor) on log(size): 1 when twice the country costs twice."""
    xs = [math.log(e.taille) for e in etages]
    ys = [math.log(e.processeur(etape)) for e in etages]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)


def ecrire(etages: Sequence[Etage], taille: Taille, ouvriers: int, duree: float) -> str:
    """The whole report."""
    dernier = etages[-1]
    reponses = sum(r.lignes["reponses"] for r in dernier.releves)
    lignes = [
        f"Cas inventé (graine fixe) pour {ecrire_nombre(101)} départements : {ecrire_nombre(taille.communes)} communes, "
        f"{ecrire_nombre(taille.associations)} associations, {ecrire_nombre(taille.vagues)} vagues de "
        f"{ecrire_nombre(taille.reponses)} réponses au questionnaire « {QUESTIONNAIRE} ». "
        f"Ce passage : {ecrire_nombre(dernier.taille)} département(s), {ecrire_nombre(reponses)} réponses, "
        f"{ecrire_nombre(ouvriers)} processus à la fois, {ecrire_nombre(duree / 60, 1)} minutes en tout.",
        "",
        "**Ce que coûte chaque taille**",
        "",
        *_tableau(
            ["départements", "durées additionnées (s)", *(f"{TITRES[e].split(' (')[0]} (s de processeur)" for e in ETAPES),
             "réunir (s de processeur)", "mémoire d’un processus (Mio)", "entrepôts (Mo)", "publications (Mo)", "fichier réuni (Mo)",
             "chiffres réunis"],
            [_ligne(e) for e in etages],
        ),
        "",
        f"**Chaque étape et sa limite ({ecrire_nombre(dernier.taille)} département(s))**",
        "",
        *_tableau(["étape", "durée (s)", "limite", "durée de la limite (s)", "rapport"], [_limite(dernier, e) for e in LIMITES]),
        "",
        "**Lire la page d’une commune**",
        "",
        *_tableau(["fichier", "départements", "requête vide (ms)", "page (ms)", f"page à {LECTEURS} lecteurs, 95 % (ms)"],
                  [[LUES[nom], _n(e.taille, 0), *(_n(x, 2) for x in (a.rien, a.page, a.page_seize))] for e in etages for nom, a in e.attentes.items()]),
        "",
        "**Buts**",
        "",
        *_tableau(["but", "mesuré", "au plus", "tenu"],
                  [[b.titre, _n(b.mesure, 2), _n(b.plafond, 2), "oui" if b.est_tenu else "non"] for b in buts(etages)]),
    ]  # fmt: skip
    return "\n".join(lignes) + "\n"


def inserer(chemin: Path, texte: str) -> None:
    """Put the report between its two marks in a document; alone in a new file."""
    if not chemin.is_file():
        chemin.write_text(texte, encoding="utf-8")
        return
    avant, _, suite = chemin.read_text(encoding="utf-8").partition(DEBUT)
    _, fin, apres = suite.partition(FIN)
    if not fin:
        raise SystemExit(f"{chemin.name} : il manque les repères « {DEBUT} » et « {FIN} ».")
    chemin.write_text(f"{avant}{DEBUT}\n\n{texte}\n{FIN}{apres}", encoding="utf-8")


def _ligne(e: Etage) -> list[str]:
    processeurs = [_n(sum(r.processeurs[etape] for r in e.releves), 1) for etape in ETAPES]
    tailles = [e.octets("entrepot"), e.octets("publication"), e.reunion.octets[REUNIR]]
    return [
        _n(e.taille, 0), _n(sum(e.duree(etape) for etape in ETAPES), 0), *processeurs, _n(e.reunion.processeurs[REUNIR], 1), _n(e.memoire(), 0),
        *(_n(t / 1e6, 0) for t in tailles), _n(e.reunion.lignes["mesures"], 0),
    ]  # fmt: skip


def _limite(e: Etage, etape: str) -> list[str]:
    mesure, limite = e.duree(etape), e.duree(LIMITES[etape])
    return [TITRES[etape], _n(mesure, 1), DITS_LIMITES[etape], _n(limite, 2), _n(mesure / limite, 1)]


def _tableau(titres: Sequence[str], lignes: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(x)} |" for x in (titres, ["---"] * len(titres), *lignes)]


def _n(nombre: float, decimales: int) -> str:
    return ecrire_nombre(nombre, decimales)
