"""The staff's counter: every service of the deposit app, each asking for a role.

The only package of `pipelines` that a page may import: whatever page calls, the service checks the person itself.
Reading the warehouse takes its lock for milliseconds; long work goes to two warm worker processes.
"""

from __future__ import annotations

from observatoire.requetes.dire import RequeteRefusee
from observatoire.storage.erreurs import ErreurEntrepot
from pipelines.chantiers.atelier import Atelier, AtelierDirect, AtelierPlein
from pipelines.chantiers.chantier import ChantierInconnu, PlusDePlace
from pipelines.chantiers.reprise import RepriseImpossible
from pipelines.chantiers.travaux import DepotImpossible
from pipelines.guichet.acces import SERVICES
from pipelines.guichet.associations import Associations
from pipelines.guichet.charges import Charges
from pipelines.guichet.en_cours import DepotRefuse
from pipelines.guichet.paroles import Paroles
from pipelines.guichet.requetes import Requetes

# What a service may answer instead of a result: each of these says why in French.
REFUS = (
    AtelierPlein,
    ChantierInconnu,
    DepotImpossible,
    DepotRefuse,
    ErreurEntrepot,
    PlusDePlace,
    RepriseImpossible,
    RequeteRefusee,
)

__all__ = ["REFUS", "SERVICES", "Atelier", "AtelierDirect", "Guichet", "ouvrir_atelier"]


def ouvrir_atelier(*, direct: bool = False) -> Atelier:
    """The workers of a server; `direct` does the work at once, in this process."""
    return AtelierDirect(attendues=REFUS) if direct else Atelier(attendues=REFUS)


class Guichet(Charges, Associations, Paroles, Requetes):
    """All the services, for one person."""
