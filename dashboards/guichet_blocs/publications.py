"""Page « Publications »: publish, and what each publication holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboards import format_fr as fr
from dashboards.components import tableau
from dashboards.components.tableau import Colonne
from dashboards.guichet_blocs import commun, suivi

if TYPE_CHECKING:
    from pipelines.guichet import Guichet


def publier(g: Guichet) -> None:
    """The button, or the progress of the publication being made."""
    if g.publication_en_cours():
        suivi.attendre(
            lambda: not g.publication_en_cours(), lambda: ("Calcul et publication des chiffres", 0.5)
        )
        return
    refus = g.refus_publication()
    if refus:
        commun.encart(refus, "La dernière publication demandée n’a pas eu lieu", "refus")
    commun.confirmer(
        "publier",
        "Publier les chiffres",
        "Les chiffres publics seront recalculés et remplacés. La publication précédente reste gardée sous son numéro.",
        ":material/publish:",
        lambda: commun.faire(g.publier),
    )


def lister(g: Guichet) -> None:
    """Number, date, who, and the deposits each one holds."""
    commun.section("Les publications")
    publications = g.publications()
    if not publications:
        commun.encart("Aucune publication n’a encore été faite.")
        return
    fichiers = {d.depot_id: d.nom_fichier for d in g.depots()}
    tableau.afficher(
        (
            Colonne("Numéro", entete_de_ligne=True),
            Colonne("Date"),
            Colonne("Par"),
            Colonne("Chiffres", nombre=True),
            Colonne("Dépôts qu’elle contient"),
        ),
        [_ligne(p, fichiers) for p in publications],
        "Publications, la plus récente en premier",
        marquee=next((i for i, p in enumerate(publications) if p.courante), None),
    )


def _ligne(publication: Any, fichiers: dict[str, str]) -> list[str]:
    numero = f"n°{fr.INSECABLE}{publication.version}" + (" (en ligne)" if publication.courante else "")
    contenus = ", ".join(fichiers.get(d, d) for d in publication.depots)
    return [
        numero,
        commun.quand(publication.publie_le),
        commun.qui(publication.qui),
        fr.ND if publication.chiffres is None else fr.nombre(publication.chiffres),
        f"{fr.accord(len(publication.depots), 'dépôt')}{f' : {contenus}' if contenus else ''}".replace(
            " :", "\u00a0:"
        ),
    ]
