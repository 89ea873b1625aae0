"""Pages of the door, made by the server: they work without JavaScript and before any Streamlit code runs."""

from __future__ import annotations

from html import escape

from dashboards.textes import NOM
from observatoire.comptes import Identite, Invitation
from observatoire.comptes.motdepasse import REGLE

POLITIQUE = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
AIDE = "Un oubli\u202f? Demandez un nouveau lien à la personne qui administre l’observatoire."


def page(titre: str, corps: str, erreur: str = "", note: str = "") -> bytes:
    """A whole document; `corps` is HTML, the other texts are escaped here."""
    alerte = f'<p class="erreur" role="alert" id="erreur">{escape(erreur)}</p>' if erreur else ""
    avis = f'<p class="avis" role="status">{escape(note)}</p>' if note else ""
    prefixe = "Erreur\u00a0: " if erreur else ""
    return (
        '<!doctype html><html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{prefixe}{escape(titre)} · {NOM}</title>"
        '<link rel="icon" href="/connexion/logo.svg"><link rel="stylesheet" href="/connexion/porte.css"></head>'
        f'<body><main><header class="ob-titre"><p class="sur">{NOM} · espace de dépôt</p>'
        f"<h1>{escape(titre)}</h1></header>{alerte}{avis}{corps}</main></body></html>"
    ).encode()


def _champ(nom: str, libelle: str, genre: str, rempli: str, *, valeur: str = "", aide: str = "") -> str:
    """One labelled field; `rempli` is its autocomplete purpose."""
    decrit = f' aria-describedby="aide-{nom}"' if aide else ""
    note = f'<p class="aide" id="aide-{nom}">{escape(aide)}</p>' if aide else ""
    return (
        f'<p class="champ"><label for="{nom}">{escape(libelle)}</label>'
        f'<input id="{nom}" name="{nom}" type="{genre}" required autocomplete="{rempli}" spellcheck="false" '
        f'autocapitalize="none" value="{escape(valeur)}"{decrit}></p>{note}'
    )


def _formulaire(action: str, jeton: str, champs: str, bouton: str, suite: str = "") -> str:
    return (
        f'<form method="post" action="{escape(action)}"><input type="hidden" name="csrf" value="{escape(jeton)}">'
        f'<input type="hidden" name="suite" value="{escape(suite)}">{champs}'
        f'<p><button type="submit">{escape(bouton)}</button></p></form>'
    )


def connexion(
    jeton: str,
    suite: str,
    *,
    locale: bool,
    oidc: str = "",
    sujet: str = "",
    erreur: str = "",
    note: str = "",
    ailleurs: bool = False,
) -> bytes:
    """Sign-in page: password form, button of the identity provider, or both."""
    corps = ""
    if oidc:
        corps += f'<p><a class="bouton" href="/connexion/oidc">Se connecter avec {escape(oidc)}</a></p>'
    if oidc and ailleurs:
        # A link: browsers stop a form whose answer leads to another site.
        corps += f'<p><a href="/auth/logout">Se déconnecter aussi de {escape(oidc)}</a></p>'
    if locale:
        champs = _champ("sujet", "Identifiant ou adresse électronique", "text", "username", valeur=sujet)
        champs += _champ("mot_de_passe", "Mot de passe", "password", "current-password")
        corps += _formulaire("/connexion", jeton, champs, "Se connecter", suite)
        corps += f'<p class="aide">{AIDE}</p>'
    if not corps:
        corps = "<p>L’entrée se fait par le portail de votre structure.</p>"
    return page("Se connecter", corps, erreur, note)


def invitation(
    jeton: str, lien: str, offre: Invitation, *, sujet: str = "", nom: str = "", erreur: str = ""
) -> bytes:
    """Page of a one-time link: choose the password, and the login for the first administrator."""
    champs = ""
    if offre.sujet is None:
        champs += _champ("sujet", "Adresse électronique ou identifiant", "text", "username", valeur=sujet)
    else:
        champs += f"<p>Identifiant\u00a0: <strong>{escape(offre.sujet)}</strong></p>"
    if offre.nouveau:
        champs += _champ("nom", "Nom à afficher", "text", "name", valeur=nom)
    champs += _deux_fois()
    titre = "Créer votre compte" if offre.nouveau else "Choisir un nouveau mot de passe"
    role = f"<p>Ce compte aura le droit de {escape(offre.role.libelle)}.</p>" if offre.nouveau else ""
    bouton = "Créer mon compte" if offre.nouveau else "Enregistrer"
    return page(titre, role + _formulaire(f"/invitation/{lien}", jeton, champs, bouton), erreur)


def _deux_fois() -> str:
    return _champ("nouveau", "Mot de passe", "password", "new-password", aide=REGLE) + _champ(
        "encore", "Le même, encore une fois", "password", "new-password"
    )


def mot_de_passe(jeton: str, *, erreur: str = "") -> bytes:
    """Change one's own password."""
    champs = _champ("ancien", "Mot de passe actuel", "password", "current-password") + _deux_fois()
    corps = _formulaire("/mot-de-passe", jeton, champs, "Changer mon mot de passe")
    return page("Changer de mot de passe", corps + '<p><a href="/">Revenir à l’application</a></p>', erreur)


def deconnexion(jeton: str) -> bytes:
    """Confirm before leaving: a link alone must sign nobody out."""
    corps = _formulaire("/deconnexion", jeton, "", "Se déconnecter")
    return page("Se déconnecter", corps + '<p><a href="/">Rester dans l’application</a></p>')


def sans_droit(jeton: str, identite: Identite) -> bytes:
    """Somebody known by her provider, to whom nothing was given here."""
    corps = (
        f"<p>Vous êtes connecté en tant que <strong>{escape(identite.nom)}</strong> "
        f"({escape(identite.sujet)}), mais aucun droit ne vous a été donné.</p>"
        "<p>Transmettez cet identifiant à la personne qui administre l’observatoire\u00a0: elle vous donnera un "
        'rôle dans la page «\u00a0Comptes\u00a0». Puis <a href="/">réessayez</a>.</p>'
    )
    return page("Aucun droit", corps + _formulaire("/deconnexion", jeton, "", "Se déconnecter"))


def lien_expire(_jeton: str, phrase: str) -> bytes:
    """A one-time link that no longer opens anything."""
    return page("Lien expiré", '<p><a href="/connexion">Se connecter</a></p>', phrase)
