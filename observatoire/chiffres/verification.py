"""Is a document that quotes published figures still right? Each quoted figure against the publication in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from observatoire.chiffres.historique import (
    Ancien,
    PublicationInconnue,
    PublicationTropAncienne,
    relire,
    version_courante,
)
from observatoire.chiffres.identifiant import Identifiant
from observatoire.chiffres.phrase import MONTRES, intervalle_en_mots, valeur_en_mots
from observatoire.config.settings import Settings

A_JOUR, PERIME, DISPARU, MASQUE = "à jour", "périmé", "disparu", "masqué depuis"
TROP_ANCIENNE, INCONNUE, JAMAIS, SANS_NUMERO = (
    "publication trop ancienne", "publication inconnue", "jamais publié", "sans publication",
)  # fmt: skip
A_REPRENDRE = frozenset({PERIME, DISPARU, MASQUE, JAMAIS})
STATUTS = {
    "ok": "publié",
    "prudence": "à lire avec prudence",
    "non_publie": "non publié",
    "secret": "masqué",
    "nd": "non disponible",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One quoted figure: what it was in the publication quoted, what it is now, in words. Empty: not shown."""

    identifiant: Identifiant
    etat: str
    titre: str
    alors: str
    maintenant: str
    publication: int
    n_maintenant: int | None = None

    @property
    def est_a_reprendre(self) -> bool:
        """True when the document says something that is no longer published."""
        return self.etat in A_REPRENDRE


def verifier(settings: Settings, cites: Iterable[Identifiant]) -> list[Verdict]:
    """A verdict per quoted figure, in their order. Reads each publication quoted, and the one in force, once."""
    cites = list(cites)
    courante = version_courante(settings)
    presents = relire(settings, courante, cites) if cites and courante else {}
    anciens: dict[int, dict[Identifiant, Ancien] | str] = {}
    for version in {i.publication for i in cites if i.publication is not None}:
        try:
            anciens[version] = relire(settings, version, [i for i in cites if i.publication == version])
        except PublicationTropAncienne:
            anciens[version] = TROP_ANCIENNE
        except PublicationInconnue:
            anciens[version] = INCONNUE
    return [_verdict(i, anciens, presents.get(i), courante) for i in cites]


def en_mots(chiffre: Ancien | None) -> str:
    """« 38,9 % (entre 35,1 et 42,7 %), à lire avec prudence »; the status of what is not shown."""
    if chiffre is None:
        return STATUTS["nd"]
    valeur, intervalle = valeur_en_mots(chiffre, chiffre), intervalle_en_mots(chiffre, chiffre)
    if not valeur:
        return STATUTS[chiffre.statut]
    texte = valeur if not intervalle or intervalle == valeur else f"{valeur} ({intervalle})"
    return texte if chiffre.statut == "ok" else f"{texte}, {STATUTS[chiffre.statut]}"


def _verdict(
    i: Identifiant,
    anciens: dict[int, dict[Identifiant, Ancien] | str],
    present: Ancien | None,
    courante: int,
) -> Verdict:
    lus = anciens.get(i.publication) if i.publication is not None else SANS_NUMERO
    avant = lus.get(i) if isinstance(lus, dict) else None
    etat = lus if isinstance(lus, str) else _etat(avant, present)
    connu = present or avant
    return Verdict(
        i,
        etat,
        connu.titre if connu else i.indicateur,
        "" if isinstance(lus, str) else en_mots(avant),
        en_mots(present),
        courante,
        present.n_repondants if present else None,
    )


def _etat(avant: Ancien | None, present: Ancien | None) -> str:
    if avant is None or avant.statut not in MONTRES:
        return JAMAIS
    if present is None:
        return DISPARU
    if present.statut not in MONTRES:
        return MASQUE
    return A_JOUR if en_mots(avant) == en_mots(present) else PERIME


def reprendre(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Those that the document must say otherwise."""
    return [v for v in verdicts if v.est_a_reprendre]
