"""An invented register of associations and the same names as people would have typed them, from one seed."""

from __future__ import annotations

import csv
import random
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

COMMUNES = Path(__file__).parents[1] / "observatoire" / "territoire" / "data" / "77" / "communes.csv"
PART_DISSOUTE = 0.08
PART_HOMONYME_PROCHE = 0.2  # absent ones that have a namesake bar one word in the same commune
PART_MEME_NOM = 0.03
COMMUNE_FAUSSE, COMMUNE_ABSENTE = 0.05, 0.03

# The same name in many communes; {C} is the commune, {dC} « de Melun », {E} a school, {L} a place.
RESEAUX = """Secours populaire français comité {dC}|Les Restaurants du cœur centre {dC}|Croix-Rouge française unité locale {dC}
ADMR {dC}|Conseil local FCPE école {E}|Conseil local FCPE collège {E}|PEEP {dC}|Association des parents d’élèves de l’école {E}
Association des parents d’élèves {dC}|Association familles rurales {dC}|Comité des fêtes {dC}|Comité des fêtes|Club de l’amitié
Club du troisième âge {dC}|Génération Mouvement {dC}|Union nationale des combattants section {dC}|FNACA comité {dC}
Amicale des sapeurs-pompiers {dC}|Société de chasse {dC}|Association communale de chasse agréée|Les Pêcheurs {dC}
Association agréée pour la pêche et la protection du milieu aquatique {dC}|Coopérative scolaire de l’école {E}
Foyer rural {dC}|Foyer rural|Maison des jeunes et de la culture {dC}|Amicale des donneurs de sang {dC}|Comité de jumelage {dC}
Amicale du personnel communal {dC}|Foyer socio-éducatif du collège {E}|Association sportive du collège {E}|Amicale laïque {dC}
Judo club {dC}|Karaté club {dC}|Tennis club {dC}|Tennis de table {dC}|Football club {dC}|Basket club {dC}|Rugby club {dC}
Association sportive {dC}|Union sportive {dC}|Entente sportive {dC}|Club sportif {dC}|Gymnastique volontaire {dC}|Pétanque {dC}
Handball club {dC}|Volley-ball {dC}|Cyclo club {dC}|Les Archers {dC}|Athletic club {dC}|Badminton {dC}|Escrime {dC}|Aïkido {dC}
Chorale {dC}|Harmonie municipale {dC}|École de musique {dC}|Les Amis de l’église {dC}|Les Amis du patrimoine {dC}|Yoga {dC}
Bibliothèque associative {dC}|Les Amis des orgues|AMAP {dC}|Les Jardins familiaux {dC}|Les Randonneurs {dC}|Théâtre {dC}
Club photo {dC}|Association culturelle {dC}|Sports et loisirs {dC}|Amicale des anciens élèves du collège {E}|Scrabble club {dC}
Amicale des locataires {L}|Association de défense du cadre de vie {dC}|Les Amis {L}|Association des commerçants {dC}"""
ECOLES = """Les Tilleuls|Les Peupliers|Le Parc|Les Cerisiers|Le Château|La Fontaine|Les Coquelicots|Le Moulin|Les Hirondelles
La Clairière|Les Grands Champs|Beauregard|Les Ormeaux|La Roseraie|Le Colombier|Les Écureuils|Bellevue|La Prairie|Les Sources
Le Bois Joli|La Garenne|Le Verger|Les Acacias|La Futaie|Les Marronniers"""
LIEUX = """du Clos Saint-Martin|du Ru de Rebais|de la Ferme des Hêtres|du Val Fleuri|des Bords de Marne|du Bois Notre-Dame
du Plateau|de la Gare|du Vieux Lavoir|de la Tour César|du Moulin à vent|du Canal|de la Plaine|des Quatre Vents|du Prieuré
de la Croix Blanche|du Pavé|du Lac|de l’Orangerie|des Trois Rivières|du Haras|du Grand Morin|de l’Yerres|de l’Almont"""
TETES = """Les Ateliers|La Compagnie|Les Petits|Les Amis|Collectif|Le Cercle|Les Jardins|Les Chemins|Maison|Les Passeurs
La Caravane|Les Voix|Le Fil|La Ruche|Les Mains|Terre|L’Envol|Le Relais|Horizon|Les Pieds|Regards|Ensemble|Cœur|La Clé|Lumière
Les Semeurs|Trait d’union|Les Bâtisseurs|Planète|Graines|Le Souffle|Rive|Les Enfants|Radio|Le Théâtre|L’Atelier|Danse|Musique
Les Rencontres|Solidarité|Espoir|Entraide|Culture|Mémoire|Les Fous|Le Jardin|Les Cavaliers|Moto club|Les Rêveurs|La Fabrique
Studio|Le Bal|Les Gens|L’Écho|La Plume|Le Chœur|Les Arts|Les Bénévoles|Alliance|Coup de pouce|Les Explorateurs|Éveil"""
QUALITES = """nomades|solidaires|du monde|en scène|d’ici et d’ailleurs|partagés|de demain|sauvages|d’argile|vagabonds|en herbe
des possibles|verts|lyriques|à l’ouvrage|en mouvement|de lumière|d’espoir|citoyens|créatifs|du soir|bleus|d’antan|éphémères
des cimes|sans frontières|de papier|d’encre|en fête|de velours|du dimanche|gourmands|sonores|d’Afrique|des Antilles|du Portugal
de Kabylie|du Sénégal|de Madagascar|d’Asie|de Bretagne|des îles|et compagnie|au cœur|pour tous|en poésie|de l’Est|du Sud|baroques
électriques|à vapeur|de collection|de la forêt|des oiseaux|aquatiques|équestres|du cinéma|de proximité|du handicap|de l’autisme
des aidants|numériques|du livre|à croquer|en couleurs|de pierre|du fleuve|enchantés|de la lune|de l’horizon"""
ACTIVITES = """théâtre|danse contemporaine|arts plastiques|jardinage|lecture|insertion|échecs|randonnée|cirque|photographie
patchwork|modélisme|généalogie|astronomie|capoeira|escalade|équitation|poterie|couture|aide aux devoirs|médiation animale
réemploi|permaculture|secourisme|accordéon|flamenco|apiculture|plongée|escrime|tricot"""
# How people shorten words, and groups of words.
RACCOURCIS = (
    ("association sportive", ("AS", "Ass. sport.", "Asso sportive", "A.S.")),
    ("parents d’eleves", ("PE", "parents élèves", "parents d'él.")),
    ("association des parents d’eleves", ("APE", "Asso parents d'élèves", "A.P.E.")),
    ("foyer socio-educatif", ("FSE", "foyer socio-éduc.", "F.S.E.")),
    ("union sportive", ("US", "Union sport.", "U.S.")),
    ("entente sportive", ("ES", "E.S.")),
    ("club sportif", ("CS", "Club sport.")),
    ("football club", ("FC", "Foot club", "F.C.")),
    ("tennis club", ("TC", "T.C.")),
    ("judo club", ("JC", "Judo-club")),
    ("maison des jeunes et de la culture", ("MJC", "M.J.C.")),
    ("comite des fetes", ("CDF", "Cté des fêtes", "Comité fêtes")),
    ("association", ("Asso", "Ass.", "Assoc.", "ASSO")),
    ("amicale", ("Amic.", "Amicale")),
    ("gymnastique", ("gym", "gym.")),
    ("football", ("foot",)),
    ("college", ("clg", "col.")),
    ("ecole", ("éc.", "Ec")),
    ("saint", ("St", "St.")),
    ("sainte", ("Ste",)),
    ("municipale", ("mun.", "munic.")),
    ("cooperative", ("coop", "coop.")),
    ("bibliotheque", ("biblio", "bibli.")),
    ("nationale", ("nat.", "natle")),
    ("et", ("&", "+")),
    ("section", ("sect.",)),
    ("francais", ("fr.", "frçs")),
    ("theatre", ("théât.", "th.")),
    ("culturelle", ("cult.",)),
    ("anciens", ("anc.",)),
)
_PETITS = frozenset(("de", "du", "des", "d", "l", "la", "le", "les", "et", "en", "à", "au", "aux"))


@dataclass(frozen=True, slots=True)
class Fiche:
    """One association of the register."""

    rna: str
    nom: str
    commune: dict[str, str]
    dissoute: bool


@dataclass(frozen=True, slots=True)
class Sale:
    """One name as typed, the commune given with it, and the association it speaks of (None: not in there)."""

    nom: str
    commune: dict[str, str] | None
    verite: str | None
    genre: str


@dataclass(frozen=True, slots=True)
class Jeu:
    """A register and the names to find in it."""

    registre: list[Fiche]
    sales: list[Sale]


def lire_communes() -> list[dict[str, str]]:
    with COMMUNES.open(encoding="utf-8", newline="") as fichier:
        return list(csv.DictReader(fichier))


def _choix(texte: str) -> list[str]:
    return [x for ligne in texte.splitlines() for x in ligne.split("|")]


def _de(nom: str) -> str:
    for article, contraction in (("Le ", "du "), ("Les ", "des ")):
        if nom.startswith(article):
            return contraction + nom.removeprefix(article)
    return f"d’{nom}" if sans_accent(nom)[0] in "AEIOUY" else f"de {nom}"


def sans_accent(texte: str) -> str:
    plat = unicodedata.normalize("NFKD", texte.replace("œ", "oe").replace("Œ", "Oe"))
    return "".join(c for c in plat if not unicodedata.combining(c))


def _nom(rng: random.Random, commune: dict[str, str]) -> str:
    lieu = commune["nom"]
    options = {"C": lieu, "dC": _de(lieu), "E": rng.choice(_choix(ECOLES)), "L": rng.choice(_choix(LIEUX))}
    tirage = rng.random()
    if tirage < 0.48:
        return rng.choice(_choix(RESEAUX)).format(**options)
    nom = f"{rng.choice(_choix(TETES))} {rng.choice(_choix(QUALITES))}"
    if tirage < 0.62:
        nom = f"{rng.choice(_choix(TETES))} {options['L']}"
    elif tirage < 0.75:
        nom = f"{nom}, {rng.choice(_choix(ACTIVITES))}"
    elif tirage < 0.82:
        nom = (
            f"Association {rng.choice(_choix(ACTIVITES))} et {rng.choice(_choix(ACTIVITES))} {options['dC']}"
        )
    return f"{nom} {options['dC']}" if tirage > 0.92 else nom


def fabriquer(graine: int, registre: int = 25_000, noms: int = 5_000, absents: int = 500) -> Jeu:
    """The register, and the names typed: `absents` of them speak of associations that are not in it."""
    rng = random.Random(f"rapprochement-{graine}")
    communes = lire_communes()
    poids = [int(c["population"]) ** 0.85 + 80 for c in communes]
    vus: set[tuple[str, str]] = set()
    fiches: list[Fiche] = []
    while len(fiches) < registre + absents:
        commune = rng.choices(communes, poids)[0]
        nom = _nom(rng, commune)
        # Two associations of a commune seldom have the same name but for the commune in it.
        identite = (_sans_commune(nom, commune["nom"]), commune["code"])
        if identite in vus and rng.random() > PART_MEME_NOM:
            continue
        vus.add(identite)
        rna = f"W779{len(fiches):06d}"
        fiches.append(Fiche(rna, nom, commune, rng.random() < PART_DISSOUTE))
    rng.shuffle(fiches)
    hors, dans = _separer(rng, fiches, absents)
    vivantes = [f for f in dans if not f.dissoute]
    presentes = rng.sample(vivantes, noms - absents)
    voisins = _voisins(communes)
    sales = [_salir(rng, f, voisins, f.rna) for f in presentes] + [
        _salir(rng, f, voisins, None) for f in hors
    ]
    rng.shuffle(sales)
    return Jeu(sorted(dans, key=lambda f: f.rna), sales)


def _separer(rng: random.Random, fiches: list[Fiche], absents: int) -> tuple[list[Fiche], list[Fiche]]:
    """(left out, kept): some of those left out have a near namesake in their commune among the kept.

    Near, not the same: nobody can tell two associations of one name and one commune apart by their names.
    """
    racines: dict[tuple[str, str], set[str]] = {}
    for f in fiches:
        racines.setdefault(_debut(f), set()).add(_sans_commune(f.nom, f.commune["nom"]))
    proches = [f for f in fiches if len(racines[_debut(f)]) > 1]
    choisis = rng.sample(proches, min(len(proches), int(absents * PART_HOMONYME_PROCHE)))
    hors = {f.rna for f in choisis}
    hors |= {f.rna for f in rng.sample([f for f in fiches if f.rna not in hors], absents - len(hors))}
    return [f for f in fiches if f.rna in hors], [f for f in fiches if f.rna not in hors]


def _debut(fiche: Fiche) -> tuple[str, str]:
    return fiche.commune["code"], " ".join(fiche.nom.split()[:2])


def _voisins(communes: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    epci: dict[str, list[dict[str, str]]] = {}
    for c in communes:
        epci.setdefault(c["code_epci"], []).append(c)
    return {c["code"]: [v for v in epci[c["code_epci"]] if v is not c] or communes for c in communes}


def _salir(
    rng: random.Random, fiche: Fiche, voisins: dict[str, list[dict[str, str]]], verite: str | None
) -> Sale:
    commune: dict[str, str] | None = fiche.commune
    tirage, genre = rng.random(), "juste"
    if tirage < COMMUNE_FAUSSE:
        # A neighbour, more often a big one: the town people name when they live near it.
        autour = voisins[fiche.commune["code"]]
        commune = rng.choices(autour, [int(c["population"]) + 1 for c in autour])[0]
        genre = "fausse"
    elif tirage < COMMUNE_FAUSSE + COMMUNE_ABSENTE:
        commune, genre = None, "absente"
    return Sale(salir(rng, fiche.nom, fiche.commune["nom"]), commune, verite, genre)


def salir(rng: random.Random, nom: str, commune: str) -> str:
    """The name as somebody else types it."""
    if rng.random() < 0.28:
        nom = _abreger(rng, nom)
    if rng.random() < 0.12:
        nom = _sans_commune(nom, commune) or nom
    elif rng.random() < 0.12 and commune.lower() not in nom.lower():
        nom = f"{nom} {rng.choice([_de(commune), commune, '- ' + commune])}"
    if rng.random() < 0.15:
        nom = _oter_mot(rng, nom)
        if rng.random() < 0.15:
            nom = _oter_mot(rng, nom)
    if rng.random() < 0.05:
        nom = f"{nom} {rng.choice(['77', 'loisirs', 'section locale', '(asso)', 'Seine-et-Marne', '2'])}"
    if rng.random() < 0.05:
        morceaux = nom.split()
        coupe = rng.randrange(1, len(morceaux)) if len(morceaux) > 1 else 0
        nom = " ".join(morceaux[coupe:] + morceaux[:coupe])
    if rng.random() < 0.02:
        nom = "".join(m[0] for m in re.findall(r"\w+", sans_accent(nom)) if m.lower() not in _PETITS).upper()
    fautes = rng.choices((0, 1, 2, 3), (72, 21, 6, 1))[0]
    for _ in range(fautes):
        nom = _faute(rng, nom)
    if rng.random() < 0.03:
        nom = nom[:32]
    return _presenter(rng, nom)


def _abreger(rng: random.Random, nom: str) -> str:
    for long, courts in sorted(RACCOURCIS, key=lambda r: -len(r[0])):
        motif = re.compile(rf"(?<!\w){re.escape(long)}(?!\w)")
        trouve = motif.search(sans_accent(nom).lower())
        # « œ » takes two letters once folded: the positions must be those of the name.
        if trouve and len(sans_accent(nom)) == len(nom) and rng.random() < 0.8:
            nom = nom[: trouve.start()] + rng.choice(courts) + nom[trouve.end() :]
    return nom


def _sans_commune(nom: str, commune: str) -> str:
    return nom.replace(_de(commune), "").replace(commune, "").strip()


def _oter_mot(rng: random.Random, nom: str) -> str:
    morceaux = nom.split()
    pleins = [i for i, m in enumerate(morceaux) if m.lower() not in _PETITS]
    if len(pleins) < 2:
        return nom
    rang = rng.choice(pleins)
    return " ".join(m for i, m in enumerate(morceaux) if i != rang)


def _faute(rng: random.Random, nom: str) -> str:
    """One slip of the keyboard, or of an optical reader."""
    places = [i for i, c in enumerate(nom) if c.isalpha()]
    if len(places) < 5:
        return nom
    i = rng.choice(places)
    lettre = rng.choice("abcdefghilmnoprstuv")
    genre = rng.random()
    if genre < 0.25:
        return nom[:i] + nom[i + 1 :]
    if genre < 0.45:
        return nom[:i] + lettre + nom[i:]
    if genre < 0.65:
        return nom[:i] + lettre + nom[i + 1 :]
    if genre < 0.85 and i + 1 < len(nom):
        return nom[:i] + nom[i + 1] + nom[i] + nom[i + 2 :]
    if genre < 0.92:
        return nom[:i] + nom[i] + nom[i:]
    if genre < 0.96 and " " in nom:
        blanc = rng.choice([j for j, c in enumerate(nom) if c == " "])
        return nom[:blanc] + nom[blanc + 1 :]
    return nom.replace("rn", "m", 1) if "rn" in nom else nom.replace("l", "1", 1).replace("o", "0", 1)


def _presenter(rng: random.Random, nom: str) -> str:
    """Capitals, accents, apostrophes and spaces as they come."""
    if rng.random() < 0.5:
        nom = sans_accent(nom)
    nom = nom.replace("’", rng.choice(["’", "'", " ", "'", "´"]))
    nom = nom.replace("-", rng.choice(["-", " ", "-", " - "]))
    if rng.random() < 0.12 and not nom.lower().startswith("ass"):
        nom = f"{rng.choice(['Association', 'ASSOCIATION', 'Asso', 'Ass.', 'association'])} {nom}"
    return rng.choice([nom, nom, nom.upper(), nom.lower(), nom.title(), f" {nom} "])
