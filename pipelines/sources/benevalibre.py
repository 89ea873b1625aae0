"""Bénévalibre exports: one line per action becomes one row per association, year and category.

Layout checked on Bénévalibre 2.0.1 (CSV and XLSX): 15 columns. `Durée` is English text (`2 days, 3:00:00`), so
hours come from `Durée (en heures)`. Lines still to be moderated do not count. First names, names, pseudonyms
and free text are used for nothing but a count of distinct volunteers, and kept nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from observatoire.domain.anomalie import Anomalie
from observatoire.domain.identite import cle_association
from observatoire.domain.types.base import Contexte, Lecture, Lieux, Valeur
from pipelines.ingestion.caviardage import caviarder
from pipelines.ingestion.conversion import valeur_constante
from pipelines.ingestion.grille import Appariement, Classeur, Colonne, Feuille, Table, adresse
from pipelines.ingestion.lot import Grille, Lot, Origine, affiche
from pipelines.ingestion.titres_personnels import titre_personnel

NOM = "benevalibre"
LIBELLE = "Bénévalibre"
RAISON = "colonnes d’un export Bénévalibre"
QUESTIONNAIRE = "benevolat"
PSEUDO = "Pseudo"
PERSONNES = ("Prénom", "Nom", PSEUDO)
TEXTES_LIBRES = ("Titre", "Description")
ASSOCIATION, DATE, HEURES = "Association", "Date", "Durée (en heures)"
MODERATION, CATEGORIE = "En attente de modération", "Catégorie"
SIGNATURE = frozenset({*PERSONNES, ASSOCIATION, DATE, HEURES, MODERATION, CATEGORIE})
OUI = frozenset({True, "true", "vrai", "oui", "1"})


@dataclass(slots=True)
class _Cumul:
    """What is summed for one association, year and category."""

    heures: float = 0.0
    lignes: list[int] = field(default_factory=list)
    personnes: dict[tuple[str, ...], str] = field(default_factory=dict)
    anonymes: int = 0


def reconnaitre(classeur: Classeur) -> Feuille | None:
    """The sheet of a Bénévalibre export, recognised by its column titles; None for another file."""
    for feuille in classeur.feuilles:
        if feuille.lignes and {str(v) for v in feuille.lignes[0] if v is not None} >= SIGNATURE:
            return feuille
    return None


def comme_table(lot: Lot, feuille: Feuille) -> tuple[Table, Appariement]:
    """The export as a table, for who shows which column feeds which field."""
    colonnes = [Colonne(j, str(v)) for j, v in enumerate(feuille.lignes[0]) if v is not None]
    ignorees = {n - 1: code for nom, n, code in lot.ignorees if nom == feuille.nom}
    donnees = [i for i in range(1, len(feuille.lignes)) if i not in ignorees]
    lus = {j: champ for (nom, champ), j in lot.adresses.items() if nom == feuille.nom}
    champs = {lus[c.index]: (c, 100.0, "titre") for c in colonnes if c.index in lus}
    inconnues = [c for c in colonnes if c.index not in lus]
    return Table(feuille, 0, colonnes, donnees, ignorees), Appariement(champs, inconnues)


def convertir(
    lot: Lot,
    feuille: Feuille,
    constantes: dict[str, str],
    *,
    lieux: Lieux | None,
    ecartees: Collection[int] = (),
) -> dict[int, str]:
    """Fill `lot` with the summed rows of `feuille`; lines passed over and lines in error are all named.

    `ecartees` are the 1-based lines that the person left out. Returns the personal columns, 0-based, with their kind.
    """
    lot.feuilles[feuille.nom] = feuille
    rang = {str(v): j for j, v in enumerate(feuille.lignes[0]) if v is not None}
    lot.personnelles = True
    for titre in PERSONNES:
        _signaler_colonne(lot, feuille, rang[titre], titre, "nom de personne")
    for titre in TEXTES_LIBRES:
        if titre in rang:
            _signaler_colonne(lot, feuille, rang[titre], titre, "texte libre")
    autres = {t: n for t in rang if t not in PERSONNES and (n := titre_personnel(t))}
    for titre, nature in autres.items():
        _signaler_colonne(lot, feuille, rang[titre], titre, nature)
    cachees = frozenset(rang[t] for t in (*PERSONNES, *TEXTES_LIBRES, *autres) if t in rang)
    lues = {rang[t] for t in (ASSOCIATION, DATE, HEURES)}
    colonnes = [Colonne(j, t) for t, j in rang.items()]
    caviarder(lot, feuille, colonnes, lues, cachees, range(1, len(feuille.lignes)))
    lecteur = _Lecteur(lot, feuille, rang, lieux)
    cumuls: dict[tuple[str, int, str | None], _Cumul] = defaultdict(_Cumul)
    fausses: list[int] = []
    for i in range(1, len(feuille.lignes)):
        ligne = feuille.lignes[i]
        if all(v in (None, "") for v in ligne):
            _ignorer(lot, feuille, i, "TO-03", None)
        elif i + 1 in ecartees:
            _ignorer(lot, feuille, i, "TO-07", None)
        elif i in feuille.largeurs_fausses:
            # A name may stand under any title: nothing is read across.
            lecteur.dire(i, "LG-01", largeur=feuille.largeurs_fausses[i], attendue=len(rang))
            fausses.append(i)
        elif _vrai(ligne[rang[MODERATION]]):
            _ignorer(lot, feuille, i, "MO-01", rang[MODERATION])
        else:
            _cumuler(lecteur, i, cumuls, fausses)
    # The titles say what the file is; a number that starts again at each sum still counts distinct volunteers.
    substituts = {(0, j): feuille.lignes[0][j] for j in cachees} | lecteur.numeros
    lot.grilles.append(Grille(feuille, tuple(range(1, len(feuille.lignes))), cachees, substituts))
    _ecrire(lot, feuille, rang, cumuls, constantes, lieux)
    _retenir_fausses(lot, feuille, fausses, lecteur)
    natures = dict.fromkeys((rang[t] for t in PERSONNES), "nom de personne")
    natures |= dict.fromkeys((rang[t] for t in TEXTES_LIBRES if t in rang), "texte libre")
    return natures | {rang[t]: nature for t, nature in autres.items()}


def _signaler_colonne(lot: Lot, feuille: Feuille, j: int, titre: str, nature: str) -> None:
    lot.anomalies.append(Anomalie("RG-01", feuille.nom, 1, adresse(0, j), titre, details={"nature": nature}))


def _vrai(valeur: Valeur) -> bool:
    return (valeur.strip().casefold() if isinstance(valeur, str) else valeur) in OUI


def _ignorer(lot: Lot, feuille: Feuille, i: int, code: str, j: int | None) -> None:
    lot.ignorees.append((feuille.nom, i + 1, code))
    cellule = None if j is None else adresse(i, j)
    lot.anomalies.append(Anomalie(code, feuille.nom, i + 1, cellule, MODERATION if j is not None else None))


@dataclass(slots=True)
class _Lecteur:
    """Reads the cells of one line through the types of the questionnaire."""

    lot: Lot
    feuille: Feuille
    rang: dict[str, int]
    lieux: Lieux | None
    anomalies: dict[int, list[Anomalie]] = field(default_factory=lambda: defaultdict(list))
    numeros: dict[tuple[int, int], Valeur] = field(default_factory=dict)

    def lire(self, i: int, titre: str, champ: str, type_nom: str) -> Any:
        """Typed value of the cell under `titre` on 0-based row i, or None after saying why."""
        from observatoire.domain.types import TYPES

        modele = self.lot.enquete.champ(champ)
        brut = self.feuille.lignes[i][self.rang[titre]]
        if nature := self.masquee(i, titre):
            self.dire(i, "RG-02", titre, affiche(brut), champ, nature=nature)
            return None
        lecture: Lecture = TYPES[type_nom].lire(brut, modele, Contexte(self.lieux))
        if lecture.valeur is None:
            code = lecture.code or "VA-01"
            details = {"titre": titre, "exemple": modele.example, **lecture.details}
            self.dire(i, code, titre, affiche(brut), champ, **details)
        return lecture.valeur

    def masquee(self, i: int, titre: str) -> str | None:
        """Kind of the personal datum that was in a cell, None for nearly all."""
        return self.lot.caviardees.get((self.feuille.nom, self.rang[titre]), {}).get(i)

    def dire(
        self,
        i: int,
        code: str,
        colonne: str | None = None,
        valeur: str | None = None,
        champ: str | None = None,
        /,
        **details: Any,
    ) -> None:
        """Say why 0-based row i cannot be read, at the cell under `colonne` when there is one."""
        cellule = adresse(i, self.rang[colonne]) if colonne else None
        self.anomalies[i].append(
            Anomalie(code, self.feuille.nom, i + 1, cellule, colonne, valeur, champ, details=details)
        )


def _cumuler(
    lecteur: _Lecteur,
    i: int,
    cumuls: dict[tuple[str, int, str | None], _Cumul],
    fausses: list[int],
) -> None:
    nom = lecteur.lire(i, ASSOCIATION, "nom_association", "texte")
    date = lecteur.lire(i, DATE, "annee", "date")
    heures = lecteur.lire(i, HEURES, "heures_total_an", "heures")
    if nom is None or date is None or heures is None:
        fausses.append(i)
        return
    ligne = lecteur.feuille.lignes[i]
    categorie = None if lecteur.masquee(i, CATEGORIE) else ligne[lecteur.rang[CATEGORIE]]
    cumul = cumuls[nom, date.year, str(categorie).strip() if categorie else None]
    cumul.heures += heures
    cumul.lignes.append(i + 1)
    personne = tuple(affiche(ligne[lecteur.rang[t]]).strip() for t in PERSONNES)
    if any(personne):
        numero = cumul.personnes.setdefault(personne, str(len(cumul.personnes) + 1))
        lecteur.numeros[i, lecteur.rang[PSEUDO]] = numero
    else:
        cumul.anonymes += 1


def _ecrire(
    lot: Lot,
    feuille: Feuille,
    rang: dict[str, int],
    cumuls: dict[tuple[str, int, str | None], _Cumul],
    constantes: dict[str, str],
    lieux: Lieux | None,
) -> None:
    champs = lot.enquete.champs_actifs()
    for champ in champs:
        lot.colonnes.setdefault(champ.name, [])
    for nom_champ, titre in (("nom_association", ASSOCIATION), ("annee", DATE), ("heures_total_an", HEURES)):
        lot.adresses[feuille.nom, nom_champ] = rang[titre]
        lot.entetes[feuille.nom, nom_champ] = titre
    fixes = {n: valeur_constante(lot.enquete.champ(n), v, lieux) for n, v in constantes.items()}
    for (nom, annee, categorie), cumul in sorted(cumuls.items(), key=lambda c: c[1].lignes[0]):
        i = len(lot.origines)
        valeurs: dict[str, Any] = {
            **fixes,
            "nom_association": nom,
            "annee": annee,
            "categorie": categorie,
            "heures_total_an": round(cumul.heures, 6),
            "nb_actions": len(cumul.lignes),
            "nb_benevoles_distincts": len(cumul.personnes) or None,
        }
        if cumul.anonymes:
            lot.qualite[i] = {"nb_benevoles_distincts": {"drapeau": "borne", "bas": len(cumul.personnes)}}
        for champ in champs:
            lot.colonnes[champ.name].append(valeurs.get(champ.name))
        lot.origines.append(Origine(feuille.nom, cumul.lignes[0], tuple(cumul.lignes)))
        lot.millesimes.append(annee)
        lot.cles.append(
            cle_association(nom, valeurs.get("rna"), valeurs.get("siret"), valeurs.get("commune"))
        )


def _retenir_fausses(lot: Lot, feuille: Feuille, fausses: list[int], lecteur: _Lecteur) -> None:
    """Lines that cannot be read stay pending, one row each, with what is wrong."""
    for i in fausses:
        k = len(lot.origines)
        for champ in lot.enquete.champs_actifs():
            lot.colonnes[champ.name].append(None)
        lot.origines.append(Origine(feuille.nom, i + 1, (i + 1,)))
        lot.millesimes.append(None)
        lot.cles.append(None)
        for anomalie in lecteur.anomalies[i]:
            lot.retenir(k, anomalie.code)
    for anomalies in lecteur.anomalies.values():
        lot.anomalies += anomalies
