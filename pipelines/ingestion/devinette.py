"""Which questionnaire a file answers, and in which sheets. An unlike file is refused, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from observatoire.domain.enquete import Enquete
from pipelines.ingestion import fiches, origines
from pipelines.ingestion.appariement import Vocabulaire, apparier, connaisseur
from pipelines.ingestion.caviardage import FEUILLES_DU_GABARIT
from pipelines.ingestion.correspondance import Correspondance
from pipelines.ingestion.decisions import Decisions
from pipelines.ingestion.dossier import SEPARATEUR
from pipelines.ingestion.grille import Appariement, Classeur, Feuille, FichierRefuse, Table
from pipelines.ingestion.table import Connu, reperer_table
from pipelines.ingestion.titres import formes
from pipelines.ingestion.unites import montants_exiges

IDENTITE = 0.25  # weight of a column that only says who answers
PROCHE = 0.5  # weight of a column recognised by resemblance
SEUIL = 2.0
PART_MINIMALE = 0.2
PART_SANS_NOM = 0.5  # a table that does not say who answers: most of its columns must be known
AUSSI_BIEN = 0.8
MEMES_TITRES = 0.6


@dataclass(frozen=True, slots=True)
class Devinette:
    """The questionnaire found: its tables (one sheet a year, say), how their columns match, why.

    `candidats` are the questionnaires that the file may answer, best first: name, score, why.
    """

    enquete: Enquete
    tables: list[Table]
    appariements: list[Appariement]
    score: float
    raison: str
    candidats: list[tuple[str, float, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Essai:
    """One table read with one questionnaire."""

    enquete: Enquete
    table: Table
    appariement: Appariement
    score: float

    @property
    def raison(self) -> str:
        """How many columns were recognised, and the first ones."""
        titres = [self.enquete.champ(nom).title for nom in self.appariement.champs]
        cites = ", ".join(f"«\u00a0{t}\u00a0»" for t in titres[:3])
        dont = f", dont {cites}" if cites else ""
        mots = "colonnes reconnues" if len(titres) > 1 else "colonne reconnue"
        return f"{len(titres)} {mots} sur {len(self.table.colonnes)}{dont}"


class Lecteur:
    """The tables of a workbook, and how they match questionnaires, given what the person decided."""

    def __init__(
        self,
        enquetes: Iterable[Enquete],
        donnee: Correspondance | None = None,
        choix: Decisions | None = None,
    ) -> None:
        self.enquetes = list(enquetes)
        self._donnee = donnee
        self._choix = choix or Decisions()
        self._vocabulaires = [Vocabulaire(e.champs) for e in self.enquetes]
        self._connu: Connu = connaisseur(self.enquetes, donnee)

    def tables(self, classeur: Classeur) -> list[Table]:
        """One table at most for each sheet to read.

        Beside a table that reads well, a sheet of the same file that lists the questions explains them: it is no form.
        """
        tables = [t for f in classeur.feuilles if self.a_lire(f) and (t := self.table(f)) is not None]
        nets = {
            t.feuille.fichier
            for t in tables
            if not t.feuille.transposee and any(e.score >= SEUIL and _ressemble(e) for e in self.essais(t))
        }
        return [
            t
            for t in tables
            if not (t.feuille.transposee and t.feuille.fichier in nets) or self.demandee(t.feuille)
        ]

    def a_lire(self, feuille: Feuille) -> bool:
        """True for a visible sheet, unless the person said otherwise."""
        return self._choix.feuilles.get(feuille.nom, feuille.visible)

    def demandee(self, feuille: Feuille) -> bool:
        """True for a sheet that the person asked to read."""
        return self._choix.feuilles.get(feuille.nom) is True

    def fiche(self, feuille: Feuille) -> fiches.Fiche | None:
        """The questions found down a column, if any; those of our own template are explained, not asked."""
        if feuille.nom.rpartition(SEPARATEUR)[2] in FEUILLES_DU_GABARIT:
            return None
        return fiches.chercher(feuille, self.enquetes, self._vocabulaires)

    def table(self, feuille: Feuille) -> Table | None:
        """The table of a sheet; the row of titles that the person showed is never discussed."""
        if feuille.nom in self._choix.entetes:
            return reperer_table(feuille, self._connu, self._choix.entetes[feuille.nom] - 1)
        fiche = self.fiche(feuille)
        if fiche is not None and (fiche.nommee or len(self.enquetes) == 1):
            return fiches.lire_fiche(feuille, fiche, self._connu)
        return reperer_table(feuille, self._connu)

    def essais(self, table: Table) -> list[Essai]:
        """The table read with each questionnaire; a column that several know is shared between them."""
        lecture = origines.lecture(c.entete for c in table.colonnes)
        unite_dite = table.feuille.nom in self._choix.unites
        appariements = [
            apparier(table.colonnes, e, self._donnee, v, lecture, unite_dite)
            for e, v in zip(self.enquetes, self._vocabulaires, strict=True)
        ]
        connues = [{c.index for c, _, _ in a.champs.values()} for a in appariements]
        parts = {j: 1 / sum(j in x for x in connues) for j in set().union(*connues)}
        return [
            Essai(enquete, table, appariement, _score(enquete, appariement, parts))
            for enquete, appariement in zip(self.enquetes, appariements, strict=True)
        ]


def deviner(
    classeur: Classeur,
    enquetes: Mapping[str, Enquete] | Iterable[Enquete],
    correspondance: Correspondance | None = None,
    choix: Decisions | None = None,
    exigees: Iterable[str] | None = None,
) -> Devinette | None:
    """The questionnaire of a file, or None when no sheet has enough of what makes one questionnaire.

    Columns that say who answers hardly count; a column that several questionnaires know is shared between
    them. All the visible sheets that match as well are returned, and those that the person asked for. A table that
    only lacks who answers is returned for want of better: the missing column can then be named. `exigees` are the given titles that
    must be in the file (all of them by default): FichierRefuse names those that are not.
    """
    lecteur = Lecteur(enquetes.values() if isinstance(enquetes, Mapping) else enquetes, correspondance, choix)
    tous = [e for table in lecteur.tables(classeur) for e in lecteur.essais(table)]
    probables = [e for e in tous if e.score >= SEUIL]
    surs = [e for e in probables if _ressemble(e)]
    anonymes = [e for e in probables if len(e.appariement.champs) > PART_SANS_NOM * len(e.table.colonnes)]
    # At last a table that says who and how much, and little else: what is missing can be given for all its rows.
    essentiels = [e for e in tous if _dit_l_essentiel(e)]
    return _retenir(surs or anonymes or essentiels, tous, lecteur, _a_trouver(correspondance, exigees))


def tables_pour(
    classeur: Classeur,
    enquete: Enquete,
    correspondance: Correspondance | None = None,
    choix: Decisions | None = None,
    exigees: Iterable[str] | None = None,
) -> Devinette | None:
    """The tables of a file for a questionnaire that the person has named; None when no table is found."""
    lecteur = Lecteur([enquete], correspondance, choix)
    essais = [e for table in lecteur.tables(classeur) for e in lecteur.essais(table)]
    return _retenir(essais, essais, lecteur, _a_trouver(correspondance, exigees))


def _a_trouver(donnee: Correspondance | None, exigees: Iterable[str] | None) -> Correspondance:
    """The given columns that must be in the file."""
    colonnes = donnee.colonnes if donnee else {}
    exigees = colonnes if exigees is None else exigees
    return Correspondance(colonnes={t: colonnes[t] for t in exigees if t in colonnes})


def candidats(essais: Iterable[Essai]) -> list[tuple[str, float, str]]:
    """Each questionnaire at its best in the file, best first: name, score, why."""
    meilleurs: dict[str, Essai] = {}
    for essai in essais:
        ancien = meilleurs.get(essai.enquete.name)
        if essai.score > 0 and (ancien is None or essai.score > ancien.score):
            meilleurs[essai.enquete.name] = essai
    tries = sorted(meilleurs.values(), key=lambda e: (-e.score, e.enquete.name))
    return [(e.enquete.name, round(e.score, 2), e.raison) for e in tries]


def _score(enquete: Enquete, appariement: Appariement, parts: Mapping[int, float]) -> float:
    identite = set(enquete.identite.values()) | set(enquete.millesime_de)
    return sum(
        (IDENTITE if champ in identite else 1.0)
        * (PROCHE if methode == "proche" else 1.0)
        * parts.get(colonne.index, 1.0)
        for champ, (colonne, _, methode) in appariement.champs.items()
    )


def _ressemble(essai: Essai) -> bool:
    """Who answers is there, and a fair share of the columns is known."""
    enquete, table, appariement = essai.enquete, essai.table, essai.appariement
    servis = {*appariement.champs, *appariement.constantes}
    qui = servis & {enquete.identite[r] for r in ("nom", "rna", "siret") if r in enquete.identite}
    return bool(qui) and len(appariement.champs) >= PART_MINIMALE * len(table.colonnes)


def _dit_l_essentiel(essai: Essai) -> bool:
    """Who is there, with every amount that the questionnaire requires, each by its very title."""
    nom = essai.enquete.identite["nom"]
    montants = montants_exiges(essai.enquete)
    champs = essai.appariement.champs
    return bool(montants) and all(n in champs and champs[n][2] != "proche" for n in (nom, *montants))


def _retenir(
    essais: Sequence[Essai], tous: Sequence[Essai], lecteur: Lecteur, a_trouver: Correspondance
) -> Devinette | None:
    """The best reading, with the other sheets that read as well or that the person asked for."""
    if not essais:
        return None
    meilleur = max(essais, key=lambda e: (e.score, len(e.table.donnees)))
    demandes = [
        e
        for e in tous
        if e.enquete is meilleur.enquete and lecteur.demandee(e.table.feuille) and e not in essais
    ]
    retenus = [
        e
        for e in (*essais, *demandes)
        if e is meilleur
        or (e.enquete is meilleur.enquete and lecteur.demandee(e.table.feuille))
        or _aussi_bien(e, meilleur)
    ]
    rangs = {id(e): n for n, e in enumerate(tous)}
    retenus.sort(key=lambda e: rangs.get(id(e), 0))
    absentes = a_trouver.absentes(c for e in retenus for c in e.table.colonnes)
    if absentes:
        raise FichierRefuse("EN-06", colonnes=", ".join(f"«\u00a0{t}\u00a0»" for t in absentes))
    for essai in retenus:
        if essai.table.feuille.transposee:
            fiches.ecarter_explications(essai.table, essai.enquete, essai.appariement)
    return Devinette(
        meilleur.enquete,
        [e.table for e in retenus],
        [e.appariement for e in retenus],
        round(meilleur.score, 2),
        meilleur.raison,
        candidats(tous),
    )


def _aussi_bien(essai: Essai, meilleur: Essai) -> bool:
    """True for another sheet of the same survey: as many fields, and nearly the same titles (years aside).

    A sheet that only details or sums up the best one has other titles: reading it would count twice. A form of one
    association is read beside the others as soon as it looks like the questionnaire: some questions stay blank.
    """
    if essai.enquete is not meilleur.enquete or not essai.table.donnees:
        return False
    if essai.table.feuille.transposee and meilleur.table.feuille.transposee:
        return essai.score >= SEUIL and _ressemble(essai)
    titres, autres = ({formes(c.entete)[3] for c in e.table.colonnes} for e in (essai, meilleur))
    communs = len(titres & autres) / len(titres | autres)
    return communs >= MEMES_TITRES and essai.score >= AUSSI_BIEN * meilleur.score > 0
