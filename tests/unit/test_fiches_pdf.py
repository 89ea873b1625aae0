"""Printed documents: one page, accessible, the same bytes, and nothing that the public file does not show."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pdfua
import pikepdf
import pytest
from typer.testing import CliRunner

from dashboards import affichage, lecture, lecture_papier
from dashboards import format_fr as fr
from dashboards.components import mention
from dashboards.fiches import LieuInconnu, carte, diaporama, ecrire, feuilles, fiche_pdf, lieux, note
from dashboards.fiches.chiffres import bloc
from dashboards.figures import theme
from dashboards.lecture_papier import Fonds
from dashboards.modeles import Indicateur, Territoire
from observatoire.chiffres.identifiant import Identifiant, lire_identifiant
from observatoire.chiffres.quantites import quantite
from observatoire.config.settings import Settings
from observatoire.documents import pdf
from observatoire.storage.connexion import ouvrir_publication
from pipelines.cli import app
from tests import fabrique_publication as fabrique
from tests import sources_chiffres as sources

RACINE = Path(__file__).parents[2]
EXEMPLE = RACINE / "data" / "raw" / "demo" / "note-exemple.toml"
MAL_ESPACE = re.compile(r"\S [;:!?»]|« |\d [€%]|n° \d|\d \d{3}\b|'")
PARTIES = [t for t in mention.TITRES if t != mention.DIFFUSION]
Connexion = duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def dossiers(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """A publication with a register, one without."""
    trouves = {registre: tmp_path_factory.mktemp("papier") for registre in (True, False)}
    for registre, dossier in trouves.items():
        fabrique.fabriquer(dossier, registre=registre)
    return trouves


@pytest.fixture(scope="module")
def con(dossiers: dict[bool, Path]) -> Iterator[Connexion]:
    with ouvrir_publication(Settings(dossiers[True]).publication) as ouverte:
        yield ouverte


@pytest.fixture(scope="module")
def fonds(con: Connexion) -> Fonds:
    return feuilles.fonds_de_fiche(con)


@pytest.fixture(scope="module")
def contenus(fonds: Fonds) -> dict[str, dict[str, Any]]:
    """What the template of each sheet reads."""
    return {f"{x.niveau}-{x.code}": feuilles.fiche(fonds, x) for x in lieux(fonds)}


@pytest.fixture(scope="module")
def publiees(con: Connexion) -> dict[Identifiant, tuple[str, float | None]]:
    """Every row of the public file, read apart: status and value by identifier."""
    lignes = con.execute(
        "select indicateur, millesime, niveau, code_territoire, vue, domaine, statut, valeur from mesures "
        "where domaine = 'tous' and financeur = 'tous'"
    ).fetchall()
    return {Identifiant(*ligne[:6], publication=1): (ligne[6], ligne[7]) for ligne in lignes}


def textes(x: Any) -> Iterator[str]:
    if isinstance(x, str):
        yield x
    elif isinstance(x, dict):
        for nom, valeur in x.items():
            if nom != "svg":
                yield from textes(valeur)
    elif isinstance(x, list):
        for valeur in x:
            yield from textes(valeur)


def lieu(fonds: Fonds, nom: str) -> Territoire:
    niveau, _, code = nom.partition("-")
    return fonds.lieux[niveau, code]


# --- nothing masked is shown


def test_chaque_territoire_a_sa_fiche(contenus: dict[str, dict[str, Any]], fonds: Fonds) -> None:
    niveaux = [nom.split("-")[0] for nom in contenus]
    assert {n: niveaux.count(n) for n in set(niveaux)} == {
        "departement": 1, "arrondissement": 5, "epci": 23, "canton": 23, "commune": 507,
    }  # fmt: skip
    assert all(5 <= len(c["chiffres"]) <= 7 for c in contenus.values())


def test_aucune_fiche_ne_revele_une_case_masquee(
    contenus: dict[str, dict[str, Any]],
    publiees: dict[Identifiant, tuple[str, float | None]],
    fonds: Fonds,
) -> None:
    """Each figure is that of the public file, in the place it names; a masked one has no digit but its year."""
    masques = montres = 0
    for contenu in contenus.values():
        for c in contenu["chiffres"]:
            i = lire_identifiant(c["identifiant"])
            statut, valeur = publiees.get(i, ("nd", None))
            carte_ = fonds.cartes[i.indicateur]
            assert c["masque"] is (valeur is None) and c["statut"] == statut
            if valeur is None:
                masques += 1
                assert (
                    c["valeur"] in (fr.SECRET, fr.ND, fr.NON_PUBLIE) and not c["barres"] and not c["tendance"]
                )
                assert set(re.findall(r"\d+", c["phrase"])) <= {str(i.millesime), *noms(fonds, i)}
            else:
                montres += 1
                assert ecrit(carte_, valeur) in (c["valeur"], *bornes(c["valeur"])), c
    assert masques > 20 and montres > 2000


def noms(fonds: Fonds, i: Identifiant) -> list[str]:
    """Digits of the names that a sentence says."""
    return re.findall(r"\d+", fonds.lieux[i.niveau, i.code].libelle + fonds.cartes[i.indicateur].titre)


def bornes(texte: str) -> list[str]:
    """A figure given as a range starts with its value here."""
    return [texte] if "à" in texte or "–" in texte else []


def ecrit(carte_: Indicateur, valeur: float) -> str:
    return fr.valeur_abregee(valeur, carte_.unite, carte_.decimales)


def test_chaque_nombre_vient_de_la_publication(
    contenus: dict[str, dict[str, Any]], con: Connexion, fonds: Fonds
) -> None:
    """Numbers of the years, references and trends of a sheet are numbers that the public file shows somewhere."""
    montres: dict[str, set[str]] = {}
    for indicateur, *valeurs in con.execute(
        "select indicateur, valeur, borne_basse, borne_haute from mesures where valeur is not null and "
        "domaine = 'tous' and financeur = 'tous'"
    ).fetchall():
        carte_ = fonds.cartes[indicateur]
        permis = montres.setdefault(indicateur, set())
        permis.update(ecrit(carte_, v) for v in valeurs if v is not None)
    vus = 0
    for contenu in contenus.values():
        for c in contenu["chiffres"]:
            indicateur = lire_identifiant(c["identifiant"]).indicateur
            for barre in c["barres"]:
                vus += barre["part"] is not None
                assert barre["part"] is None or barre["texte"] in montres[indicateur]
            for repere in c["reperes"]:
                if repere.startswith("Seine-et-Marne"):
                    valeur = repere.partition(f"{fr.INSECABLE}: ")[2]
                    unite = fonds.cartes[indicateur].unite
                    assert valeur.removesuffix(f" {unite}") in montres[indicateur], repere
    assert vus > 500


def test_chaque_nombre_d_une_phrase_est_de_sa_case(
    contenus: dict[str, dict[str, Any]], con: Connexion, fonds: Fonds
) -> None:
    """The numbers of a sentence are the value, the bounds, the answers and the year of its row, or those of its card."""
    lignes = con.execute(
        "select indicateur, millesime, niveau, code_territoire, vue, valeur, borne_basse, borne_haute, n_repondants "
        "from mesures where domaine = 'tous' and financeur = 'tous'"
    ).fetchall()
    cases = {Identifiant(*ligne[:5], publication=1): ligne[5:] for ligne in lignes}
    vus = 0
    for contenu in contenus.values():
        for c in contenu["chiffres"]:
            i = lire_identifiant(c["identifiant"])
            carte_ = fonds.cartes[i.indicateur]
            *valeurs, n = cases.get(i, (None, None, None, None))
            forme = (carte_.unite, carte_.decimales or 0)
            permis = {str(i.millesime), *nombres(carte_.titre + carte_.definition), fr.nombre(n or 0)}
            permis |= set(nombres(fonds.lieux[i.niveau, i.code].libelle))
            for v in (v for v in valeurs if v is not None):
                permis |= set(nombres(quantite(v, *forme) + " " + quantite(v, "", forme[1])))
            lus = set(nombres(c["phrase"]))
            vus += len(lus)
            assert lus <= permis, (c["phrase"], lus - permis)
    assert vus > 5000


def nombres(texte: str) -> list[str]:
    """Numbers of a French text, thousands put together."""
    return re.findall(r"\d+(?:\u202f\d{3})*(?:,\d+)?", texte)


def test_le_repli_dit_ou_et_pourquoi(contenus: dict[str, dict[str, Any]], fonds: Fonds) -> None:
    """A commune without a figure gets that of its EPCI, else of the département, and says it each time."""
    replis = 0
    for nom, contenu in contenus.items():
        demande = lieu(fonds, nom)
        for c in contenu["chiffres"]:
            i = lire_identifiant(c["identifiant"])
            ailleurs = (i.niveau, i.code) != (demande.niveau, demande.code)
            assert bool(c["repli"]) is ailleurs
            if not ailleurs:
                continue
            replis += 1
            assert demande.niveau == "commune" and i.niveau in ("epci", "departement")
            assert c["repli"] == fonds.lieux[i.niveau, i.code].libelle
            assert c["ici"].startswith(demande.libelle) and contenu["annonce"]
    entier = next(c for c in contenus.values() if all(x["repli"] for x in c["chiffres"]))
    assert replis > 1000 and "Aucun de ces chiffres" in entier["annonce"]


def test_un_chiffre_masque_mis_dans_les_donnees_serait_pris(
    fonds: Fonds, publiees: dict[Identifiant, tuple[str, float | None]]
) -> None:
    """The walk above fails on a sheet that shows what the file masks."""
    demande = fonds.departement
    retenu = feuilles.retenus_de(fonds, demande)[0]
    c = bloc(fonds, retenu, demande, 1)
    i = lire_identifiant(c["identifiant"])
    falsifiees = publiees | {i: ("secret", None)}
    with pytest.raises(AssertionError):
        test_aucune_fiche_ne_revele_une_case_masquee({"x": {"chiffres": [c]}}, falsifiees, fonds)


# --- what defends a figure


def test_chaque_chiffre_a_sa_mention(contenus: dict[str, dict[str, Any]]) -> None:
    for contenu in contenus.values():
        assert (
            contenu["diffusion"] == f"Diffusion{fr.INSECABLE}: Publication n°{fr.INSECABLE}1 du 20/11/2026."
        )
        for c in contenu["chiffres"]:
            dites = dict(c["mention"])
            assert list(dites) == PARTIES and all(dites.values())
            i = lire_identifiant(c["identifiant"])
            assert i.publication == 1 and dites[mention.ANNEE] == str(i.millesime)
            assert c["phrase"].endswith(".")


def test_typographie(contenus: dict[str, dict[str, Any]], con: Connexion) -> None:
    documents = [*contenus.values(), *autres(con)]
    for contenu in documents:
        for texte in textes(contenu):
            assert not MAL_ESPACE.search(texte), texte


def autres(con: Connexion) -> list[dict[str, Any]]:
    """Key figures, and slides of the département and of an EPCI."""
    departement = feuilles.fonds_du_departement(con)
    epci = lecture_papier.lire_fonds(con, feuilles.DE_LA_FICHE)
    zone = next(x for x in lieux(epci) if x.niveau == "epci")
    return [
        feuilles.chiffres_cles(departement),
        diaporama.diapositives(departement),
        diaporama.diapositives(epci, zone),
    ]


def test_evolutions_selon_l_intervalle(contenus: dict[str, dict[str, Any]]) -> None:
    """A rise or a fall only when it is sure, a broken series said, nothing compared between respondents."""
    sens = {c["tendance"]["sens"] for x in contenus.values() for c in x["chiffres"] if c["tendance"]}
    assert sens == {"↗", "↘", "≈", "–", "╱╱"}
    departement = {c["titre"]: c["tendance"] for c in contenus["departement-77"]["chiffres"]}
    assert departement["Participations bénévoles"]["sens"] == "↗"
    assert departement["Heures de bénévolat"]["sens"] == "≈"
    assert departement["Salariés"]["texte"].endswith(
        "ne se comparent pas\u00a0: question reformulée (rupture de série)."
    )
    for contenu in contenus.values():
        for c in contenu["chiffres"]:
            if c["tendance"] and lire_identifiant(c["identifiant"]).vue == "repondantes":
                assert "hausse" not in c["tendance"]["texte"] and "baisse" not in c["tendance"]["texte"]


# --- the files


def exemples(contenus: dict[str, dict[str, Any]]) -> list[str]:
    """Long names, a commune with nothing to show, the shortest and the longest sheets."""
    tailles = sorted(contenus, key=lambda nom: len(json.dumps(contenus[nom])))
    muette = next(nom for nom, c in contenus.items() if all(x["repli"] for x in c["chiffres"]))
    longs = sorted(contenus, key=lambda nom: -len(contenus[nom]["titre"]))[:3]
    return list(dict.fromkeys((tailles[0], *tailles[-4:], muette, *longs, "commune-77089", "departement-77")))


def test_une_page_et_le_meme_fichier(contenus: dict[str, dict[str, Any]]) -> None:
    """Typst refuses a file that is not PDF/UA-1; the text is never shrunk under what can be read."""
    for nom in exemples(contenus):
        octets, echelle = pdf.feuille("fiche", contenus[nom], contenus[nom]["date"])
        assert pdf.nombre_de_pages(octets) == 1 and echelle >= pdf.ECHELLES[-1]
        assert octets == pdf.feuille("fiche", contenus[nom], contenus[nom]["date"])[0]
        for marque in (b"pdfuaid", b"/StructTreeRoot", b"fr-FR", b"/Title", b"/Alt"):
            assert marque in octets


def test_une_page_de_trop_est_refusee(contenus: dict[str, dict[str, Any]]) -> None:
    long = contenus["departement-77"] | {"chapeau": "Un texte trop long. " * 2000}
    with pytest.raises(pdf.DocumentTropLong, match="une page"):
        pdf.feuille("fiche", long, long["date"])


def test_sans_accessibilite_typst_refuse(tmp_path: Path) -> None:
    """The checker is alive: an image without alternative text does not pass."""
    import typst

    fautif = tmp_path / "x.typ"
    svg = '"<svg xmlns=\\"http://www.w3.org/2000/svg\\" viewBox=\\"0 0 1 1\\"></svg>"'
    fautif.write_text(f'#set document(title: "x")\n#image(bytes({svg}), format: "svg")\n', encoding="utf-8")
    with pytest.raises(typst.TypstError, match="alt"):
        typst.compile(fautif, format="pdf", pdf_standards="ua-1")


def constats(octets: bytes, dossier: Path) -> list[str]:
    """Rules of PDF/UA-1 that a second validator finds broken."""
    fichier = dossier / "x.pdf"
    fichier.write_bytes(octets)
    return [x.rule_id for x in pdfua.validate(str(fichier)).findings]


def test_un_second_validateur_accepte_chaque_genre(con: Connexion, tmp_path: Path) -> None:
    """pdfua reads the file itself, typst only what it writes; without its language a file is refused."""
    zone = Territoire("epci", "200040251", "", None, None)
    for genre, lieu in (("fiche", zone), ("chiffres-cles", None), ("diaporama", None)):
        assert constats(ecrire(con, genre, lieu), tmp_path) == [], genre
    sans_langue = io.BytesIO()
    with pikepdf.open(io.BytesIO(fiche_pdf(con, zone))) as abime:
        del abime.Root.Lang
        abime.save(sans_langue)
    assert constats(sans_langue.getvalue(), tmp_path)


def test_genres(con: Connexion, dossiers: dict[bool, Path]) -> None:
    assert pdf.nombre_de_pages(ecrire(con, "chiffres-cles", None)) == 1
    assert 8 <= pdf.nombre_de_pages(ecrire(con, "diaporama", None)) <= 10
    zone = Territoire("epci", "200040251", "", None, None)
    assert 8 <= pdf.nombre_de_pages(ecrire(con, "diaporama", zone)) <= 10
    assert ecrire(con, "fiche", zone) == fiche_pdf(con, zone)
    with pytest.raises(LieuInconnu, match="commune-99999"):
        fiche_pdf(con, Territoire("commune", "99999", "", None, None))
    with ouvrir_publication(Settings(dossiers[False]).publication) as sans:
        octets = ecrire(sans, "chiffres-cles", None)
        assert pdf.nombre_de_pages(octets) == 1 and not lecture.est_ponderee(sans)


def test_couleurs_de_l_identite() -> None:
    gabarit = (pdf.GABARITS / "commun.typ").read_text(encoding="utf-8")
    for nom in ("ENCRE", "GRIS", "PETROLE", "OCRE", "PRUNE", "SABLE"):
        assert f'{nom.lower()} = rgb("{getattr(theme, nom)}")' in gabarit
    assert (theme.PETROLE, theme.ENCRE, theme.CLASSES[1]) == (carte.FONCE, carte.ENCRE, carte.VOISIN)


def test_polices_embarquees(con: Connexion) -> None:
    octets = ecrire(con, "chiffres-cles", None)
    assert b"AtkinsonHyperlegibleNext" in octets and b"BricolageGrotesque" in octets


def test_la_carte_montre_le_territoire(fonds: Fonds) -> None:
    for nom in ("commune-77089", "epci-200040251", "canton-7718", "departement-77"):
        svg, alt = carte.encart(fonds, lieu(fonds, nom), "77")
        assert carte.FONCE in svg and svg.startswith("<svg") and lieu(fonds, nom).libelle in alt
    assert "<circle" in carte.encart(fonds, lieu(fonds, "commune-77089"), "77")[0]
    assert carte.encart(fonds, Territoire("qpv", "QN1", "Ici", None, None), "77") == ("", "")


# --- the note


def ecrire_note(dossier: Path, **changes: Any) -> Path:
    brut = {
        "titre": "Titre", "chapeau": "Chapeau.", "constat": [f"On compte {{{ICI}}}."], "recit": ["Récit."],
        "demande": ["Demande."], "interlocuteur": "La mairie.", "chiffres": [ICI],
    } | changes  # fmt: skip
    chemin = dossier / "note.toml"
    lignes = (f"{nom} = {json.dumps(valeur, ensure_ascii=False)}\n" for nom, valeur in brut.items() if valeur)
    chemin.write_text("".join(lignes), encoding="utf-8")
    return chemin


ICI = "participations.2024.departement-77.repondantes"


def test_note(con: Connexion, dossiers: dict[bool, Path], tmp_path: Path) -> None:
    contenu = note.contenu(con, Settings(dossiers[True]), note.lire_note(ecrire_note(tmp_path)), "")
    (preuve,) = contenu["chiffres"]
    assert preuve["identifiant"] == f"{ICI}@1" and [t for t, _ in preuve["mention"]] == PARTIES
    assert contenu["constat"][0][1] == [preuve["valeur"], "1"] and preuve["valeur"] in preuve["phrase"]
    octets, _ = pdf.feuille("note", contenu, contenu["date"], pages=2)
    assert pdf.nombre_de_pages(octets) == 2


def refuses(con: Connexion) -> list[str]:
    """A figure of each kind that cannot be quoted: masked, of a publication that never was, unknown."""
    (masque,) = con.execute(
        "select concat(indicateur, '.', millesime, '.epci-', code_territoire, '.', vue) from mesures where "
        "niveau = 'epci' and statut = 'secret' and domaine = 'tous' and financeur = 'tous' order by all limit 1"
    ).fetchall()[0]
    return [masque, f"{ICI}@9", "inconnu.2024.departement-77.repondantes", "n’importe quoi"]


@pytest.mark.parametrize("rang", range(4))
def test_un_chiffre_qui_ne_se_cite_pas_arrete_la_note(
    rang: int, con: Connexion, dossiers: dict[bool, Path], tmp_path: Path
) -> None:
    mauvais = refuses(con)[rang]
    chemin = ecrire_note(tmp_path, recit=[f"Il y en a {{{mauvais}}}."])
    with pytest.raises(note.NoteRefusee, match=re.escape(mauvais)):
        note.contenu(con, Settings(dossiers[True]), note.lire_note(chemin), "")


@pytest.mark.parametrize(
    ("changes", "dit"),
    [
        ({"demande": None}, "demande"), ({"inconnu": "x"}, "inconnu"), ({"constat": "x"}, "liste"),
        ({"chiffres": [ICI] * 4}, "3 au plus"), ({"citation": "x"}, "citation_de"),
    ],
)  # fmt: skip
def test_une_note_mal_ecrite_le_dit(changes: dict[str, Any], dit: str, tmp_path: Path) -> None:
    with pytest.raises(note.NoteRefusee, match=dit):
        note.lire_note(ecrire_note(tmp_path, **changes))


def test_l_exemple_de_note_se_lit() -> None:
    lue = note.lire_note(EXEMPLE)
    assert lue.demande and lue.citation_de and tomllib.loads(EXEMPLE.read_text(encoding="utf-8"))
    cites = [lire_identifiant(x) for t in lue.textes for x in note._CITE.findall(t)]
    assert len(cites) >= 5 and not sources.litteraux_texte(" ".join(lue.textes))


# --- the command


def test_commande(dossiers: dict[bool, Path], tmp_path: Path) -> None:
    lancer = CliRunner().invoke
    base = ["fiches", "--donnees", str(dossiers[True]), "--sortie", str(tmp_path)]
    for arguments, fichier in (
        (["--territoire", "epci-200040251"], "fiche-epci-200040251.pdf"),
        (["--territoire", "La Chapelle-Rablais"], "fiche-commune-77089.pdf"),
        (["--genre", "chiffres-cles"], "chiffres-cles-departement.pdf"),
        (["--genre", "diaporama"], "diaporama-departement.pdf"),
        (["--genre", "annexe"], "methode.pdf"),
    ):
        resultat = lancer(app, [*base, *arguments])
        assert resultat.exit_code == 0, resultat.output
        assert (tmp_path / fichier).read_bytes().startswith(b"%PDF")
    for arguments, dit in (
        (["--genre", "affiche"], "Genre inconnu"),
        (["--territoire", "Provins"], "précisez"),
        (["--territoire", "Nulle-Part"], "inconnu"),
        (["--genre", "note"], "fiches note"),
        (["--tous", "--territoire", "77"], "--tous"),
    ):
        resultat = lancer(app, [*base, *arguments])
        assert resultat.exit_code == 2 and dit in resultat.output, resultat.output
    mauvaise = ecrire_note(tmp_path, constat=[f"{{{ICI}@9}}"])
    resultat = lancer(app, ["fiches", "note", str(mauvaise), "--donnees", str(dossiers[True])])
    assert resultat.exit_code == 2 and "à reprendre" in resultat.output


def test_toutes_les_fiches(
    dossiers: dict[bool, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fonds: Fonds
) -> None:
    """The archive holds what its index says, and is the same twice. A few territories: all of them take half a minute."""
    gardes = {k: v for k, v in fonds.lieux.items() if k[0] in ("departement", "epci") or k[1] == "77089"}
    vraie = lecture.territoires
    monkeypatch.setattr(
        lecture, "territoires", lambda c: tuple(t for t in vraie(c) if (t.niveau, t.code) in gardes)
    )
    archives = []
    for nom in ("a.zip", "b.zip"):
        chemin = tmp_path / nom
        resultat = CliRunner().invoke(
            app, ["fiches", "--tous", "--donnees", str(dossiers[True]), "--sortie", str(chemin)]
        )
        assert resultat.exit_code == 0, resultat.output
        archives.append(chemin.read_bytes())
    assert archives[0] == archives[1] and sorted(p.name for p in tmp_path.iterdir()) == ["a.zip", "b.zip"]
    with zipfile.ZipFile(io.BytesIO(archives[0])) as archive:
        lignes = list(
            csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig")), delimiter=";")
        )
        assert [x["fichier"] for x in lignes] == [n for n in archive.namelist() if n != "index.csv"]
        assert len(lignes) == len(gardes)
        for ligne in lignes:
            octets = archive.read(ligne["fichier"])
            assert octets.startswith(b"%PDF") and ligne["publication"] == "1"
    muette = next(x for x in lignes if x["code"] == "77089")
    assert muette["territoire"] == "La Chapelle-Rablais"
    assert 0 <= int(muette["chiffres_d_un_territoire_plus_grand"]) <= int(muette["chiffres"])


def test_une_valeur_masquee_n_est_dans_aucun_etat(fonds: Fonds) -> None:
    """What the sheets rest on: a row that is not shown has no value in the public file either."""
    for annees in fonds.mesures.values():
        for releve in annees.values():
            for vues in releve.values():
                assert all(m.valeur is None or m.statut in ("ok", "prudence") for m in vues.values())
                assert all(m.valeur is None or not affichage.est_masquee(m) for m in vues.values())
