"""The receipt of a deposit: what became of every line, read again from the warehouse at any time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from observatoire.config.settings import Settings
from observatoire.domain.enquete import Champ, Enquete
from observatoire.domain.francais import ecrire_nombre
from observatoire.domain.loader import load_enquetes
from observatoire.domain.types import type_de
from observatoire.storage.entrepot import EntrepotLecture
from pipelines.sorties.page import fiche, guillemets, liste, page, paragraphe, quand, section, tableau
from pipelines.sorties.recu_lu import Cas, LigneQuiAttend, Lu, Sommes, lire

CAS_MONTRES = 200
RIEN = "(vide)"


@dataclass(frozen=True, slots=True)
class Recu:
    """The receipt in words, from what the warehouse knows."""

    lu: Lu
    enquete: Enquete

    @property
    def invariant(self) -> str:
        """« 412 lignes lues = 405 chargées + 5 en attente + 2 ignorées »."""
        d = self.lu.depot
        return (
            f"{_lignes(d.lignes_lues, 'lue')} = {_nb(d.lignes_chargees, 'chargée')} + "
            f"{ecrire_nombre(d.lignes_en_attente)}\u00a0en attente + {_nb(d.lignes_ignorees, 'ignorée')}"
        )

    @property
    def identite(self) -> list[tuple[str, str]]:
        """What was deposited, by whom, when."""
        d = self.lu.depot
        return [
            ("Dépôt", d.depot_id),
            ("Fichier", d.nom_fichier),
            ("Empreinte (SHA-256)", d.sha256),
            ("Déposé par", d.depose_par or self.lu.qui or "non indiqué"),
            ("Déposé le", f"{quand(d.depose_le)} (heure de Paris)"),
            ("Questionnaire", self.enquete.title),
            ("Année des réponses", ", ".join(map(str, self.lu.millesimes)) or "aucune ligne chargée"),
            ("Données", "fictives (démonstration)" if d.fictif else ""),
        ]

    @property
    def etat(self) -> str:
        """Whether the deposit counts, and in which publication."""
        d = self.lu.depot
        if d.annule:
            suite = f", remplacé par le dépôt {self.lu.remplace_par}" if self.lu.remplace_par else ""
            return (
                f"Annulé{suite}\u00a0: ses lignes ne comptent plus. Rien n’est effacé, il peut être rétabli."
            )
        if d.a_valider:
            return "En attente de validation\u00a0: une autre personne doit le relire avant que ses lignes comptent."
        if self.lu.publication is None:
            return "Chargé, pas encore publié\u00a0: ses lignes compteront à la prochaine publication."
        version, le = self.lu.publication
        return f"Publié\u00a0: ses lignes comptent dans la publication n°\u00a0{version} du {quand(le)}."

    @property
    def remplacement(self) -> str:
        """The deposit whose place this one takes."""
        autre = self.lu.remplace
        if autre is None:
            return ""
        return (
            f"Ce dépôt remplace le dépôt {autre[0]} ({guillemets(autre[1])}, {quand(autre[2])}), "
            "dont les lignes ne comptent plus. Annuler celui-ci remet l’ancien en place."
        )

    @property
    def annulation(self) -> str:
        """How to undo."""
        d = self.lu.depot
        if d.annule:
            return "Dans l’application, bouton «\u00a0Rétablir ce dépôt\u00a0»."
        return (
            "Dans l’application, bouton «\u00a0Annuler ce dépôt\u00a0»\u00a0: les chiffres qui changent sont montrés "
            f"avant. Sur la machine\u00a0: «\u00a0observatoire annuler {d.depot_id}\u00a0». Rien n’est effacé."
        )

    def sommes(self) -> Iterator[tuple[str, str, str, str]]:
        """(quantity, read, loaded, pending) with the cells that cannot be added up said beside."""
        for champ, s in self.lu.sommes.items():
            decrit = self.enquete.champ(champ)
            illisible = f" (+\u00a0{_nb(s.illisibles, 'illisible')})" if s.illisibles else ""
            lue = ("au moins " if s.illisibles else "") + _montant(s.chargee + s.en_attente, decrit)
            titre = f"{decrit.title} ({decrit.unit})" if decrit.unit else decrit.title
            yield titre, lue, _montant(s.chargee, decrit), _montant(s.en_attente, decrit) + illisible


def recu_depot(settings: Settings, depot_id: str, sommes: Mapping[str, Sommes] | None = None) -> str:
    """The receipt of a deposit as a printable HTML page. DepotInconnu when there is no such deposit."""
    return recu_html(lire_recu(settings, depot_id, sommes))


def lire_recu(settings: Settings, depot_id: str, sommes: Mapping[str, Sommes] | None = None) -> Recu:
    """All that the receipt says, in one short opening of the warehouse.

    `sommes` are those of the report when the caller still has them; else they are made again from the loaded
    rows and from the text of the pending cells.
    """
    enquetes = load_enquetes()
    with EntrepotLecture(settings) as con:
        return recu_de(con, depot_id, enquetes, sommes)


def recu_de(
    con: duckdb.DuckDBPyConnection,
    depot_id: str,
    enquetes: Mapping[str, Enquete],
    sommes: Mapping[str, Sommes] | None = None,
) -> Recu:
    """The same on a warehouse that is already open."""
    lu = lire(con, depot_id, enquetes, sommes)
    return Recu(lu, enquetes[lu.depot.questionnaire])


def recu_html(recu: Recu) -> str:
    """A whole page that prints on A4 and needs nothing from outside."""
    lu = recu.lu
    corps = [
        paragraphe(recu.invariant, "fort"),
        paragraphe(recu.etat),
        paragraphe(recu.remplacement) if recu.remplacement else "",
        fiche(recu.identite),
        section(
            "Totaux vérifiés",
            paragraphe("Pour chaque quantité\u00a0: total lu = chargé + en attente.", "doux"),
            tableau(("Quantité", "Lu", "Chargé", "En attente"), recu.sommes(), nombres=(1, 2, 3)),
        )
        if lu.sommes
        else "",
        section("Lignes en attente", *_attente(recu)),
        section(
            "Ce qui a été réparé",
            paragraphe("Compris sans vous\u00a0: à relire.", "doux"),
            *_cas(lu.reparations),
        )
        if lu.reparations
        else "",
        section("Corrigé dans l’application", _corrections(recu)),
        section("Lignes ignorées", *_cas(lu.ignorees)),
        section("Annuler ou rétablir" if not lu.depot.annule else "Rétablir", paragraphe(recu.annulation)),
    ]
    pied = (
        f"Reçu du dépôt {lu.depot.depot_id}. L’empreinte identifie le fichier à l’octet près\u00a0: "
        "le même fichier déposé deux fois n’est compté qu’une fois."
    )
    return page("Reçu de dépôt", corps, pied=pied)


def _attente(recu: Recu) -> list[str]:
    attente = recu.lu.attente
    if not attente:
        return []
    lignes = ((_lieu(x), x.repere, " ".join(x.messages)) for x in attente[:CAS_MONTRES])
    return [
        paragraphe("Elles sont gardées et peuvent être terminées plus tard dans l’application.", "doux"),
        tableau(("Ligne", "Association", "Ce qui la retient"), lignes),
        _reste(len(attente)),
    ]


def _corrections(recu: Recu) -> str:
    lignes = (
        (f"{c.feuille}, {c.cellule}", c.avant or RIEN, c.apres or RIEN, c.qui, quand(c.quand))
        for c in recu.lu.corrections[:CAS_MONTRES]
    )
    return tableau(("Cellule", "Avant", "Après", "Par", "Le"), lignes) + _reste(len(recu.lu.corrections))


def _cas(cas: Sequence[Cas]) -> list[str]:
    phrases = (_phrase(c) + (f". Exemple\u00a0: {c.exemple}" if c.exemple else "") for c in cas)
    return [liste(phrases)] if cas else []


def _phrase(c: Cas) -> str:
    lieux = f" ({c.lieux})" if c.lieux else ""
    return f"{c.cause}\u00a0: {_fois(c.nb)}{lieux}"


def _fois(nb: int) -> str:
    return f"{ecrire_nombre(nb)}\u00a0fois"


def _reste(nb: int) -> str:
    if nb <= CAS_MONTRES:
        return ""
    return paragraphe(f"… et {ecrire_nombre(nb - CAS_MONTRES)} autres, visibles dans l’application.", "doux")


def _lieu(ligne: LigneQuiAttend) -> str:
    return f"{ligne.feuille}, {', '.join(ligne.cellules) or f'ligne {ligne.ligne}'}"


def _lignes(nb: int, participe: str) -> str:
    pluriel = "s" if nb > 1 else ""
    return f"{ecrire_nombre(nb)}\u00a0ligne{pluriel} {participe}{pluriel}"


def _nb(nb: int, participe: str) -> str:
    return f"{ecrire_nombre(nb)}\u00a0{participe}{'s' if nb > 1 else ''}"


def _montant(valeur: float, champ: Champ) -> str:
    return ecrire_nombre(valeur, 2 if type_de(champ).nom == "montant" else None)


def recu_texte(recu: Recu) -> str:
    """The same in plain text, one fact a line."""
    lu = recu.lu
    lignes = ["REÇU DE DÉPÔT", "", recu.invariant, recu.etat, recu.remplacement, ""]
    lignes += [f"{nom}\u00a0: {valeur}" for nom, valeur in recu.identite if valeur]
    lignes += ["", "TOTAUX"] if lu.sommes else []
    lignes += [
        f"- {titre}\u00a0: {lue} lu = {chargee} chargé + {attente} en attente"
        for titre, lue, chargee, attente in recu.sommes()
    ]
    lignes += ["", "EN ATTENTE"] if lu.attente else []
    lignes += [f"- {_lieu(x)}\u00a0: {' '.join(x.messages)}" for x in lu.attente]
    for titre, cas in (("RÉPARÉ", lu.reparations), ("IGNORÉ", lu.ignorees)):
        lignes += ["", titre] if cas else []
        lignes += [f"- {_phrase(c)}" for c in cas]
    lignes += ["", "CORRIGÉ DANS L’APPLICATION"] if lu.corrections else []
    lignes += [
        f"- {c.feuille}, {c.cellule}\u00a0: {c.avant or RIEN} → {c.apres or RIEN} ({c.qui}, {quand(c.quand)})"
        for c in lu.corrections
    ]
    lignes += ["", recu.annulation]
    return "\n".join(lignes).replace("\n\n\n", "\n\n") + "\n"
