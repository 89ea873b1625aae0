"""Rules of the accounts: passwords, brakes, links, sessions, roles, journal; with a clock of our own."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from observatoire import comptes
from observatoire.comptes import OPERATEUR, AccesRefuse, Identite, Role, base, freins, motdepasse
from observatoire.config.settings import Settings

MOT = "Sapin-bleu-2026"
AUTRE = "Chouette&Hibou77"
ICI = "192.0.2.7"


class Horloge:
    def __init__(self) -> None:
        self.instant = 1_800_000_000.0

    def avance(self, secondes: float) -> None:
        self.instant += secondes


@pytest.fixture
def horloge(monkeypatch: pytest.MonkeyPatch) -> Horloge:
    pendule = Horloge()
    monkeypatch.setattr(base, "maintenant", lambda: pendule.instant)
    return pendule


@pytest.fixture
def ici(tmp_path: Path, horloge: Horloge) -> Settings:
    return Settings(donnees=tmp_path)


@pytest.fixture
def admin(ici: Settings) -> Identite:
    return comptes.creer_compte(ici, OPERATEUR, "Cheffe@Exemple.fr", "Cheffe", MOT, Role.ADMIN)


@pytest.fixture
def lectrice(ici: Settings, admin: Identite) -> Identite:
    return comptes.creer_compte(ici, admin, "lectrice", "Lectrice", AUTRE, Role.LECTEUR)


def evenements(ici: Settings) -> list[tuple[str, str | None]]:
    return [(a.evenement, a.sujet) for a in comptes.journal_acces(ici, OPERATEUR)]


def essayer(ici: Settings, sujet: str, mot: str, adresse: str = ICI) -> str:
    try:
        comptes.authentifier(ici, sujet, mot, adresse)
    except AccesRefuse as refus:
        return str(refus)
    return ""


# --- the file


def test_fichier_prive_et_wal(ici: Settings, admin: Identite) -> None:
    with base.lire(ici) as con:
        assert con.execute("pragma journal_mode").fetchone()[0] == "wal"
        con.execute("begin immediate")
        con.execute("insert into reglages values ('x', 'y')")
        con.execute("commit")
        fichiers = sorted(ici.donnees.glob("comptes.sqlite*"))
        assert len(fichiers) == 3
        assert {stat.S_IMODE(f.stat().st_mode) for f in fichiers} == {0o600}


def test_aucun_secret_en_clair(ici: Settings, admin: Identite) -> None:
    lien = comptes.inviter(ici, admin, "venue", Role.LECTEUR)
    session = comptes.ouvrir_session(ici, admin, ICI)
    essayer(ici, "cheffe@exemple.fr", "MotDePasseTapé-9")
    essayer(ici, "SecretTapeAuMauvaisEndroit-1", "x")
    octets = b"".join(f.read_bytes() for f in ici.donnees.glob("comptes.sqlite*")).lower()
    for secret in (MOT, lien, session, "MotDePasseTapé-9", "SecretTapeAuMauvaisEndroit-1"):
        assert secret.lower().encode() not in octets
    assert b"cheffe@exemple.fr" in octets


# --- passwords


@pytest.mark.parametrize("mot", ["Sapin-bleu-2026", "abcdefghij-KLM", "sapin-bleu-2026", "Aé1!aé1!Xyz9"])
def test_mot_de_passe_accepte(mot: str) -> None:
    motdepasse.verifier_politique(mot, "personne")


@pytest.mark.parametrize(
    ("mot", "raison"),
    [
        ("Sapin-b1", "trop faible"),
        ("Aé1!aé1!Xyz", "trop faible"),  # 11 characters, 4 kinds
        ("abcdefghi-KLM", "trop faible"),  # 13 characters, 3 kinds
        ("sapinbleusapinbleu2026", "trop faible"),  # 2 kinds, whatever the length
        ("Aaaaaaaaaaaa1!", "répétés"),
        ("Xy-personne-2026", "identifiant"),
        ("Xy-PERSONNE-2026", "identifiant"),
        ("A1-" + "é" * 300, "trop long"),
    ],
)
def test_mot_de_passe_refuse(mot: str, raison: str) -> None:
    with pytest.raises(AccesRefuse, match=raison):
        motdepasse.verifier_politique(mot, "personne@exemple.fr")


def test_argon2id_aux_parametres_dits_et_rehachage(ici: Settings, admin: Identite) -> None:
    from argon2 import PasswordHasher

    def garde() -> str:
        with base.lire(ici) as con:
            return str(con.execute("select empreinte from comptes").fetchone()[0])

    assert garde().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    with base.ecrire(ici) as con:
        con.execute("update comptes set empreinte = ?", (PasswordHasher(1, 8, 1).hash(MOT),))
    assert essayer(ici, "cheffe@exemple.fr", MOT) == ""
    assert garde().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert essayer(ici, "cheffe@exemple.fr", MOT) == ""


def test_accent_compose_ou_non(ici: Settings) -> None:
    comptes.creer_compte(ici, OPERATEUR, "venue", "Venue", "Forêt-bleue-26", Role.LECTEUR)
    assert essayer(ici, "venue", "Fore\u0302t-bleue-26") == ""


# --- sign in and brakes


def test_meme_reponse_et_meme_travail_pour_un_inconnu(
    ici: Settings, lectrice: Identite, monkeypatch: pytest.MonkeyPatch
) -> None:
    comptes.donner_role(ici, OPERATEUR, "sans-mot-de-passe", Role.LECTEUR)
    comptes.creer_compte(ici, OPERATEUR, "fermee", "Fermée", MOT, Role.LECTEUR)
    comptes.desactiver(ici, OPERATEUR, "fermee")
    vrai, hachages = motdepasse.HACHEUR.verify, []
    espion = type("Espion", (), {"verify": staticmethod(lambda e, m: hachages.append(e) or vrai(e, m))})
    monkeypatch.setattr(motdepasse, "HACHEUR", espion)
    cas = {"lectrice": "faux", "inconnue": "faux", "sans-mot-de-passe": "faux", "fermee": MOT, "": ""}
    reponses = [essayer(ici, sujet, mot, f"192.0.2.{i}") for i, (sujet, mot) in enumerate(cas.items())]
    assert set(reponses) == {"Identifiant ou mot de passe incorrect."}
    assert len(hachages) == len(cas)
    assert evenements(ici)[:5] == [
        ("connexion refusée", None),
        ("connexion refusée", "fermee"),
        ("connexion refusée", "sans-mot-de-passe"),
        ("connexion refusée", None),
        ("connexion refusée", "lectrice"),
    ]


@pytest.mark.parametrize("sujet", ["lectrice", "inconnue"])
def test_frein_par_compte_delai_croissant(
    ici: Settings, lectrice: Identite, horloge: Horloge, sujet: str
) -> None:
    for i in range(5):
        assert "incorrect" in essayer(ici, sujet, "faux", f"192.0.2.{i}")
    for i, attente in enumerate((15, 30, 60, 120, 240, 480, 900, 900)):
        horloge.avance(attente - 1)
        # Even the right password has to wait, and waiting tries do not lengthen the delay.
        assert (
            essayer(ici, sujet, AUTRE, f"198.51.100.{i}")
            == "Trop d’essais. Attendez 1 seconde avant de recommencer."
        )
        horloge.avance(1)
        assert "incorrect" in essayer(ici, sujet, "faux", f"203.0.113.{i}")


def test_reussite_efface_le_frein_du_compte(ici: Settings, lectrice: Identite) -> None:
    for _ in range(4):
        essayer(ici, "lectrice", "faux")
    assert essayer(ici, "lectrice", AUTRE) == ""
    for _ in range(4):
        assert "incorrect" in essayer(ici, "lectrice", "faux")


def test_frein_par_adresse_puis_oubli(ici: Settings, lectrice: Identite, horloge: Horloge) -> None:
    for i in range(20):
        assert "incorrect" in essayer(ici, f"inconnue-{i}", "faux")
    assert "Trop d’essais" in essayer(ici, "lectrice", AUTRE)
    assert essayer(ici, "lectrice", AUTRE, "198.51.100.9") == ""
    horloge.avance(freins.OUBLI + 1)
    assert essayer(ici, "lectrice", AUTRE) == ""


def test_essais_paralleles_comptes_un_par_un(ici: Settings, lectrice: Identite) -> None:
    reponses: list[str] = []
    fils = [
        threading.Thread(target=lambda i=i: reponses.append(essayer(ici, "lectrice", "faux", f"192.0.2.{i}")))
        for i in range(12)
    ]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert sum("incorrect" in r for r in reponses) == 5 and len(reponses) == 12


def test_trente_envois_par_heure_et_par_compte(ici: Settings, horloge: Horloge) -> None:
    for _ in range(30):
        comptes.compter_envoi(ici, "a")
    with pytest.raises(AccesRefuse, match="30 fichiers"):
        comptes.compter_envoi(ici, "a")
    comptes.compter_envoi(ici, "b")
    horloge.avance(3601)
    comptes.compter_envoi(ici, "a")


# --- sessions


def test_session_ouverte_relue_fermee(ici: Settings, lectrice: Identite) -> None:
    jeton = comptes.ouvrir_session(ici, lectrice, ICI)
    assert comptes.identite_de_session(ici, jeton) == lectrice
    assert comptes.identite_de_session(ici, jeton + "x") is None
    comptes.fermer_session(ici, jeton, ICI)
    assert comptes.identite_de_session(ici, jeton) is None
    assert evenements(ici)[0] == ("déconnexion", "lectrice")


def test_session_de_douze_heures_meme_si_elle_sert(
    ici: Settings, lectrice: Identite, horloge: Horloge
) -> None:
    jeton = comptes.ouvrir_session(ici, lectrice, ICI)
    for _ in range(11):
        horloge.avance(3600)
        assert comptes.identite_de_session(ici, jeton) is not None
    horloge.avance(3600)
    assert comptes.identite_de_session(ici, jeton) is None


def test_role_lu_a_chaque_fois(ici: Settings, admin: Identite, lectrice: Identite) -> None:
    jeton = comptes.ouvrir_session(ici, lectrice, ICI)
    for role in (Role.VALIDEUR, None, Role.DEPOSANT):
        comptes.donner_role(ici, admin, "lectrice", role)
        vue = comptes.identite_de_session(ici, jeton)
        assert vue is not None and vue.role == role
    comptes.desactiver(ici, admin, "lectrice")
    assert comptes.identite_de_session(ici, jeton) is None
    comptes.reactiver(ici, admin, "lectrice")
    assert comptes.identite_de_session(ici, jeton) is None


def test_changer_de_mot_de_passe_ferme_toutes_les_sessions(ici: Settings, lectrice: Identite) -> None:
    jetons = [comptes.ouvrir_session(ici, lectrice, ICI) for _ in range(2)]
    for ancien, nouveau in (("faux", MOT), (AUTRE, "faible"), (AUTRE, AUTRE)):
        with pytest.raises(AccesRefuse):
            comptes.changer_mot_de_passe(ici, lectrice, ancien, nouveau, ICI)
    assert all(comptes.identite_de_session(ici, j) for j in jetons)
    comptes.changer_mot_de_passe(ici, lectrice, AUTRE, MOT, ICI)
    assert not any(comptes.identite_de_session(ici, j) for j in jetons)
    assert essayer(ici, "lectrice", AUTRE) and not essayer(ici, "lectrice", MOT)


def test_fermer_les_sessions_d_autrui_demande_l_administration(
    ici: Settings, admin: Identite, lectrice: Identite
) -> None:
    jeton = comptes.ouvrir_session(ici, admin, ICI)
    with pytest.raises(AccesRefuse):
        comptes.fermer_sessions(ici, lectrice, admin.sujet)
    assert comptes.identite_de_session(ici, jeton)
    comptes.fermer_sessions(ici, admin, admin.sujet)
    assert comptes.identite_de_session(ici, jeton) is None


# --- one-time links


def test_premier_lien_une_fois_et_le_dernier_seul(ici: Settings) -> None:
    perime, lien = (comptes.lien_premier_admin(ici, "http://127.0.0.1:8502/") for _ in range(2))
    assert lien is not None and perime is not None and lien.startswith("http://127.0.0.1:8502/invitation/")
    with pytest.raises(AccesRefuse, match="plus valable"):
        comptes.accepter_invitation(ici, perime.rsplit("/", 1)[1], "pirate", "Pirate", MOT)
    jeton = lien.rsplit("/", 1)[1]
    with pytest.raises(AccesRefuse, match="faible"):
        comptes.accepter_invitation(ici, jeton, "cheffe", "Cheffe", "faible")
    assert comptes.accepter_invitation(ici, jeton, "Cheffe", "Cheffe", MOT) == Identite(
        "cheffe", "Cheffe", Role.ADMIN
    )
    with pytest.raises(AccesRefuse, match="plus valable"):
        comptes.accepter_invitation(ici, jeton, "autre", "Autre", MOT)
    assert comptes.lien_premier_admin(ici, "http://127.0.0.1:8502") is None


def test_premier_lien_sans_effet_des_qu_il_y_a_un_admin(ici: Settings) -> None:
    lien = comptes.lien_premier_admin(ici, "http://h")
    comptes.creer_compte(ici, OPERATEUR, "cheffe", "Cheffe", MOT, Role.ADMIN)
    assert lien is not None
    with pytest.raises(AccesRefuse, match="plus valable"):
        comptes.accepter_invitation(ici, lien.rsplit("/", 1)[1], "pirate", "Pirate", MOT)


def test_premier_lien_ne_prend_pas_un_compte_existant(ici: Settings) -> None:
    comptes.donner_role(ici, OPERATEUR, "venue@exemple.fr", Role.LECTEUR)
    lien = comptes.lien_premier_admin(ici, "http://h")
    assert lien is not None
    with pytest.raises(AccesRefuse, match="déjà"):
        comptes.accepter_invitation(ici, lien.rsplit("/", 1)[1], "venue@exemple.fr", "Pirate", MOT)


def test_invitation_sept_jours_identifiant_impose(ici: Settings, admin: Identite, horloge: Horloge) -> None:
    jeton = comptes.inviter(ici, admin, "Venue@Exemple.fr", Role.DEPOSANT)
    horloge.avance(7 * 86_400)
    with pytest.raises(AccesRefuse, match="plus valable"):
        comptes.accepter_invitation(ici, jeton, None, "Venue", MOT)
    jeton = comptes.inviter(ici, admin, "Venue@Exemple.fr", Role.DEPOSANT)
    horloge.avance(7 * 86_400 - 1)
    recue = comptes.accepter_invitation(ici, jeton, "autre@exemple.fr", "Venue", MOT)
    assert recue == Identite("venue@exemple.fr", "Venue", Role.DEPOSANT)


def test_invitation_pour_un_mot_de_passe_oublie(ici: Settings, admin: Identite, lectrice: Identite) -> None:
    session = comptes.ouvrir_session(ici, lectrice, ICI)
    jeton = comptes.inviter(ici, admin, "lectrice", Role.ADMIN)
    assert comptes.accepter_invitation(ici, jeton, None, "", MOT).role == Role.LECTEUR
    assert comptes.identite_de_session(ici, session) is None
    assert essayer(ici, "lectrice", AUTRE) and not essayer(ici, "lectrice", MOT)


def test_fermer_un_compte_annule_son_lien(ici: Settings, admin: Identite, lectrice: Identite) -> None:
    jeton = comptes.inviter(ici, admin, "lectrice", Role.LECTEUR)
    comptes.desactiver(ici, admin, "lectrice")
    with pytest.raises(AccesRefuse, match="plus valable"):
        comptes.accepter_invitation(ici, jeton, None, "", MOT)
    with pytest.raises(AccesRefuse, match="fermé"):
        comptes.inviter(ici, admin, "lectrice", Role.LECTEUR)


# --- roles


GESTES = {
    "creer_compte": lambda s, p: comptes.creer_compte(s, p, "neuf", "Neuf", MOT, Role.ADMIN),
    "inviter": lambda s, p: comptes.inviter(s, p, "neuf", Role.ADMIN),
    "donner_role": lambda s, p: comptes.donner_role(s, p, "lectrice", Role.ADMIN),
    "desactiver": lambda s, p: comptes.desactiver(s, p, "lectrice"),
    "reactiver": lambda s, p: comptes.reactiver(s, p, "lectrice"),
    "lister": comptes.lister,
    "journal_acces": comptes.journal_acces,
    "changer_quatre_yeux": lambda s, p: comptes.changer_quatre_yeux(s, p, True),
    "changer_porte_locale": lambda s, p: comptes.changer_porte_locale(s, p, True),
}


def test_un_fichier_d_avant_le_role_d_analyse_le_prend(ici: Settings, admin: Identite) -> None:
    """Only the list of roles changes: persons, their rights and their links stay."""
    comptes.creer_compte(ici, admin, "luce", "Luce", AUTRE, Role.DEPOSANT)
    con = sqlite3.connect(ici.comptes)
    con.execute("pragma writable_schema = on")
    con.execute("update sqlite_master set sql = replace(sql, ?, '')", ("'analyste', ",))
    con.commit()
    con.close()
    con = sqlite3.connect(ici.comptes)
    with pytest.raises(sqlite3.IntegrityError):
        con.execute("update comptes set role = 'analyste'")
    con.close()
    comptes.donner_role(ici, admin, "luce", Role.ANALYSTE)
    assert {c.sujet: c.role for c in comptes.lister(ici, admin)} == {
        "cheffe@exemple.fr": Role.ADMIN,
        "luce": Role.ANALYSTE,
    }
    con = sqlite3.connect(ici.comptes)
    assert con.execute("pragma integrity_check").fetchall() == [("ok",)]
    con.close()


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("geste", sorted(GESTES))
def test_gestes_d_administration(ici: Settings, lectrice: Identite, geste: str, role: Role | None) -> None:
    avant = comptes.lister(ici, OPERATEUR)
    par = Identite("quelqu-une", "Quelqu’une", role)
    if role is Role.ADMIN:
        GESTES[geste](ici, par)
    else:
        with pytest.raises(AccesRefuse, match="administration"):
            GESTES[geste](ici, par)
        assert comptes.lister(ici, OPERATEUR) == avant


def test_dernier_admin_ni_ferme_ni_retrograde(ici: Settings, admin: Identite, lectrice: Identite) -> None:
    # Somebody never seen and without a password could not bring anybody back.
    comptes.donner_role(ici, admin, "jamais-venue@exemple.fr", Role.ADMIN)
    for geste in (
        lambda: comptes.desactiver(ici, admin, admin.sujet),
        lambda: comptes.donner_role(ici, admin, admin.sujet, Role.VALIDEUR),
        lambda: comptes.donner_role(ici, admin, admin.sujet, None),
    ):
        with pytest.raises(AccesRefuse, match="dernier compte"):
            geste()
    comptes.donner_role(ici, admin, "lectrice", Role.ADMIN)
    comptes.donner_role(ici, admin, admin.sujet, Role.LECTEUR)
    with pytest.raises(AccesRefuse, match="dernier compte"):
        comptes.desactiver(ici, OPERATEUR, "lectrice")


@pytest.mark.parametrize("sujet", ["", "ab", "a b c", "operateur", "x<script>", "a\nb1", "z" * 300])
def test_identifiants_refuses(ici: Settings, admin: Identite, sujet: str) -> None:
    with pytest.raises(AccesRefuse, match="Identifiant illisible"):
        comptes.inviter(ici, admin, sujet, Role.LECTEUR)


def test_deux_comptes_de_meme_identifiant(ici: Settings, admin: Identite) -> None:
    with pytest.raises(AccesRefuse, match="déjà"):
        comptes.creer_compte(ici, admin, " CHEFFE@exemple.fr ", "Double", MOT, Role.LECTEUR)


# --- other doors


def test_personne_d_une_autre_porte_sans_role_puis_avec(ici: Settings, admin: Identite) -> None:
    venue = comptes.identite_externe(ici, "Venue@Exemple.fr", "Venue", "oidc", 1.0)
    assert venue == Identite("venue@exemple.fr", "Venue", None, "oidc")
    comptes.noter_visite(ici, venue, ICI, 1.0)
    [vue] = [c for c in comptes.lister(ici, admin) if c.sujet == venue.sujet]
    assert (vue.role, vue.porte, vue.mot_de_passe) == (None, "oidc", False)
    comptes.donner_role(ici, admin, venue.sujet, Role.DEPOSANT)
    encore = comptes.identite_externe(ici, "venue@exemple.fr", "Venue", "oidc", 1.0)
    assert encore is not None and encore.role == Role.DEPOSANT
    comptes.desactiver(ici, admin, venue.sujet)
    fermee = comptes.identite_externe(ici, "venue@exemple.fr", "Venue", "proxy")
    assert fermee is not None and fermee.role is None


def test_sortie_revoque_les_jetons_deja_signes(ici: Settings, admin: Identite, horloge: Horloge) -> None:
    comptes.donner_role(ici, admin, "venue", Role.LECTEUR)
    venue = comptes.identite_externe(ici, "venue", "", "oidc", horloge.instant)
    assert venue is not None
    comptes.fermer_sessions(ici, venue, "venue")
    assert comptes.identite_externe(ici, "venue", "", "oidc", horloge.instant) is None
    assert comptes.identite_externe(ici, "venue", "", "oidc", horloge.instant + 1) is not None


# --- settings and journal


def test_quatre_yeux_du_reglage_puis_de_l_administration(ici: Settings, admin: Identite) -> None:
    stricts = Settings(donnees=ici.donnees, quatre_yeux=True)
    assert (comptes.quatre_yeux(ici), comptes.quatre_yeux(stricts)) == (False, True)
    comptes.changer_quatre_yeux(ici, admin, False)
    assert (comptes.quatre_yeux(ici), comptes.quatre_yeux(stricts)) == (False, False)


def test_entree_par_mot_de_passe_fermee_par_qui_peut_revenir(ici: Settings, admin: Identite) -> None:
    with pytest.raises(AccesRefuse, match="l’autre entrée"):
        comptes.changer_porte_locale(ici, admin, False)
    jeton = comptes.ouvrir_session(ici, admin, ICI)
    comptes.changer_porte_locale(ici, Identite("x@y.fr", "X", Role.ADMIN, "oidc"), False)
    assert comptes.identite_de_session(ici, jeton) is None
    assert essayer(ici, admin.sujet, MOT) == "Identifiant ou mot de passe incorrect."
    comptes.changer_porte_locale(ici, OPERATEUR, True)
    assert essayer(ici, admin.sujet, MOT) == ""


def test_journal_douze_mois(ici: Settings, admin: Identite, horloge: Horloge) -> None:
    horloge.avance(365 * 86_400)
    comptes.donner_role(ici, admin, "venue", Role.LECTEUR)
    assert ("compte créé", admin.sujet) in evenements(ici)
    horloge.avance(2 * 86_400)
    comptes.donner_role(ici, admin, "venue", None)
    lignes = comptes.journal_acces(ici, admin)
    assert [(a.evenement, a.detail, a.par) for a in lignes] == [
        ("rôle changé", "lecteur → aucun", admin.sujet),
        ("rôle changé", "aucun → lecteur", admin.sujet),
    ]


def test_secret_des_cookies_fait_une_fois(ici: Settings) -> None:
    premier = comptes.secret_cookies(ici)
    assert len(premier) >= 40 and comptes.secret_cookies(ici) == premier


def test_transaction_defaite_si_elle_echoue(ici: Settings, admin: Identite) -> None:
    with pytest.raises(sqlite3.IntegrityError), base.ecrire(ici) as con:
        con.execute("update comptes set role = 'valideur'")
        con.execute("update comptes set role = 'reine'")
    assert comptes.lister(ici, admin)[0].role == Role.ADMIN
