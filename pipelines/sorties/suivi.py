"""Who answered a questionnaire and who did not: rates by EPCI, sector and size, and whom to remind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from observatoire.config.settings import Settings
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.loader import load_enquetes
from observatoire.domain.nomenclature import charger_nomenclature
from observatoire.territoire import Territoire, load_territoire
from pipelines.sorties.reponses import Repondante, lire_repondantes
from pipelines.sorties.sollicitees import Sollicitee, lire_registre

SOLLICITEES, ACTIVES, SANS_REGISTRE = "sollicitees", "actives", "sans_registre"
INCONNU = ""
# Sizes as Sirene writes them (tranche d’effectifs salariés).
TRANCHES = {
    "NN": "Aucun salarié connu",
    "00": "0 salarié",
    "01": "1 ou 2 salariés",
    "02": "3 à 5 salariés",
    "03": "6 à 9 salariés",
    "11": "10 à 19 salariés",
    "12": "20 à 49 salariés",
    "21": "50 à 99 salariés",
    "22": "100 à 199 salariés",
    "31": "200 à 249 salariés",
    "32": "250 à 499 salariés",
    "41": "500 à 999 salariés",
    "42": "1\u202f000 à 1\u202f999 salariés",
    "51": "2\u202f000 à 4\u202f999 salariés",
    "52": "5\u202f000 à 9\u202f999 salariés",
    "53": "10\u202f000 salariés et plus",
}


@dataclass(frozen=True, slots=True)
class Taux:
    """`repondantes` of `base` associations answered; without a base (no register), only who answered is known."""

    code: str
    libelle: str
    repondantes: int
    base: int | None

    @property
    def taux(self) -> float | None:
        """Share that answered, None without a base."""
        return self.repondantes / self.base if self.base else None


@dataclass(frozen=True, slots=True)
class Tableau:
    """The board of one questionnaire and one year.

    `genre` says what the base is: `sollicitees`, `actives` (nobody is marked as asked) or `sans_registre`;
    `phrase` says it in French. `hors_base` answered without being in the base. Each breakdown adds up to
    `ensemble`.
    """

    questionnaire: str
    titre: str
    millesime: int
    genre: str
    phrase: str
    ensemble: Taux
    hors_base: int
    par_epci: tuple[Taux, ...]
    par_secteur: tuple[Taux, ...]
    par_taille: tuple[Taux, ...]


def tableau_reponses(settings: Settings, questionnaire: str, millesime: int) -> Tableau:
    """Response rates of `questionnaire` for `millesime`. KeyError when there is no such questionnaire."""
    enquete = load_enquetes()[questionnaire]
    territoire = load_territoire(settings.departement)
    repondantes = lire_repondantes(settings, enquete, millesime)
    genre, base = _base(settings)
    if genre == SANS_REGISTRE:
        return _sans_registre(questionnaire, enquete.title, millesime, repondantes, territoire)
    trouvees, hors = _rapprocher(base, repondantes)
    lignes = [(x, x in trouvees) for x in base]

    def ventiler(code: Callable[[Sollicitee], str], libelles: dict[str, str]) -> tuple[Taux, ...]:
        return _ventiler([(code(x), oui) for x, oui in lignes], libelles)

    return Tableau(
        questionnaire,
        enquete.title,
        millesime,
        genre,
        _phrase(genre, len(base), hors),
        Taux("tous", "Ensemble", len(trouvees), len(base)),
        hors,
        ventiler(lambda x: _epci(x.code_commune, territoire), _epcis(territoire)),
        ventiler(lambda x: x.secteur or INCONNU, _secteurs()),
        ventiler(lambda x: x.effectif_tranche or INCONNU, dict(TRANCHES) | {INCONNU: "Taille inconnue"}),
    )


def relances(settings: Settings, questionnaire: str, millesime: int) -> list[dict[str, str]]:
    """Associations of the base that did not answer, as rows of a CSV, by EPCI, commune and name.

    Empty without a register: nobody knows then who was asked. Nothing on persons is in the register.
    """
    territoire = load_territoire(settings.departement)
    genre, base = _base(settings)
    if genre == SANS_REGISTRE:
        return []
    trouvees, _ = _rapprocher(base, lire_repondantes(settings, load_enquetes()[questionnaire], millesime))
    libelles = _epcis(territoire)
    lignes = [
        {
            "association": x.nom,
            "commune": x.libelle_commune or "",
            "rna": x.rna or "",
            "siret": x.siret or x.siren or "",
            "epci": libelles[_epci(x.code_commune, territoire)],
        }
        for x in base
        if x not in trouvees
    ]
    return sorted(lignes, key=lambda x: (x["epci"], x["commune"], x["association"], x["rna"], x["siret"]))


def repondantes(settings: Settings, questionnaire: str, millesime: int) -> list[tuple[str, str]]:
    """(key, name) of the associations that answered, by name."""
    lues = lire_repondantes(settings, load_enquetes()[questionnaire], millesime)
    return sorted(((x.cle, x.nom) for x in lues), key=lambda x: (x[1].casefold(), x[0]))


def _base(settings: Settings) -> tuple[str, list[Sollicitee]]:
    registre = lire_registre(settings)
    if registre is None:
        return SANS_REGISTRE, []
    vivantes = [x for x in registre if x.etat != "dissoute"]
    if any(x.sollicitee for x in registre):
        return SOLLICITEES, [x for x in vivantes if x.sollicitee]
    return ACTIVES, [x for x in vivantes if x.etat == "active"]


def _rapprocher(
    base: Iterable[Sollicitee], repondantes: Sequence[Repondante]
) -> tuple[frozenset[Sollicitee], int]:
    """Associations of the base that answered, and how many answered outside the base."""
    de_cle = {cle: x for x in base for cle in x.cles}
    trouvees, hors = set(), 0
    for repondante in repondantes:
        siennes = {de_cle[cle] for cle in repondante.cles if cle in de_cle}
        trouvees |= siennes
        hors += not siennes
    return frozenset(trouvees), hors


def _ventiler(lignes: Sequence[tuple[str, bool]], libelles: dict[str, str]) -> tuple[Taux, ...]:
    """One rate per code met, in the order of the list of labels; unknown codes last."""
    base = Counter(code for code, _ in lignes)
    oui = Counter(code for code, repondu in lignes if repondu)
    rang = {code: i for i, code in enumerate(libelles) if code != INCONNU}
    codes = sorted(base, key=lambda c: (c == INCONNU, rang.get(c, len(rang)), c))
    return tuple(Taux(c, libelles.get(c, c), oui[c], base[c]) for c in codes)


def _phrase(genre: str, nb: int, hors: int) -> str:
    quoi = {
        SOLLICITEES: "associations sollicitées et non dissoutes du registre",
        ACTIVES: "associations actives du registre (aucune n’y est marquée comme sollicitée)",
    }[genre]
    suite = ""
    if hors:
        debut = "1\u00a0association a" if hors == 1 else f"{ecrire_nombre(hors)}\u00a0associations ont"
        suite = (
            f" {debut} répondu sans être dans cette base, hors des taux\u00a0: pas sollicitée, ou sans numéro et pas "
            "encore rattachée au registre."
        )
    return f"Taux calculés sur les {ecrire_nombre(nb)}\u00a0{quoi}.{suite}"


def _sans_registre(
    questionnaire: str, titre: str, millesime: int, repondantes: Sequence[Repondante], territoire: Territoire
) -> Tableau:
    """Only who answered: no register, hence no rate and nobody to remind."""

    def compter(codes: Iterable[str], libelles: dict[str, str]) -> tuple[Taux, ...]:
        return tuple(
            Taux(t.code, t.libelle, t.repondantes, None)
            for t in _ventiler([(c, True) for c in codes], libelles)
        )

    return Tableau(
        questionnaire,
        titre,
        millesime,
        SANS_REGISTRE,
        "Aucun registre n’est chargé\u00a0: on sait qui a répondu, pas qui n’a pas répondu. Il n’y a donc ni taux ni "
        "relance. Chargez le répertoire des associations pour les avoir.",
        Taux("tous", "Ensemble", len(repondantes), None),
        0,
        compter((_epci(x.commune, territoire) for x in repondantes), _epcis(territoire)),
        compter((x.secteur or INCONNU for x in repondantes), _secteurs()),
        (),
    )


def _epci(code_commune: str | None, territoire: Territoire) -> str:
    commune = territoire.par_code(code_commune) if code_commune else None
    return commune.code_epci if commune else INCONNU


def _epcis(territoire: Territoire) -> dict[str, str]:
    libelles = {z.code: z.libelle for z in territoire.zones("epci")}
    return libelles | {INCONNU: "Commune inconnue ou hors d’un EPCI du département"}


def _secteurs() -> dict[str, str]:
    return {c.code: c.libelle for c in charger_nomenclature("secteurs").lignes} | {INCONNU: "Domaine inconnu"}
