"""Great Expectations as the gate: one suite from the questionnaire, one ephemeral context per deposit.

Imported lazily, never by a page. Measured traps (one context shared by threads gives wrong verdicts, results out
of order, truncated lists…) are why each rule below holds: see docs/choix.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelines.quality.regles import RegleQualite

if TYPE_CHECKING:
    import great_expectations as gx
    import pandas as pd

REPERE = "_rang"


def expectation(regle: RegleQualite) -> Any:
    """The GX expectation of one rule; `meta` carries its code and name, `description` its sentence."""
    import great_expectations.expectations as gxe

    commun: dict[str, Any] = {
        "column": regle.champ,
        "description": regle.description,
        "severity": "critical",
        "meta": {"code": regle.code, "regle": regle.identifiant},
    }
    match regle.genre:
        case "non_vide":
            return gxe.ExpectColumnValuesToNotBeNull(**commun)
        case "bornes":
            return gxe.ExpectColumnValuesToBeBetween(
                min_value=regle.params["minimum"], max_value=regle.params["maximum"], **commun
            )
        case "parmi":
            return gxe.ExpectColumnValuesToBeInSet(value_set=regle.params["valeurs"], **commun)
        case "forme":
            return gxe.ExpectColumnValuesToMatchRegex(regex=regle.params["motif"], **commun)
        case "longueur":
            return gxe.ExpectColumnValueLengthsToBeBetween(max_value=regle.params["maximum"], **commun)
    raise ValueError(f"genre de règle inconnu : {regle.genre}")


def suite(nom: str, regles: list[RegleQualite]) -> gx.ExpectationSuite:
    """The suite of a questionnaire, generated from its rules."""
    import great_expectations as gx

    return gx.ExpectationSuite(name=nom, expectations=[expectation(r) for r in regles])


def juger(cadre: pd.DataFrame, nom: str, regles: list[RegleQualite]) -> dict[str, list[int]]:
    """Run the suite on the typed frame; returns rule name → values of `_rang` on the broken rows.

    `cadre` holds one column per field of `regles` and `_rang`, the row numbers of the batch. Every column must be
    there. RuntimeError when GX itself could not judge a rule.
    """
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    if not regles:
        return {}
    # Without this configuration GX prepares the temporary folder of a documentation site that shows values.
    configuration = DataContextConfig(store_backend_defaults=InMemoryStoreBackendDefaults())
    contexte = gx.get_context(mode="ephemeral", project_config=configuration)
    contexte.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = contexte.data_sources.add_pandas("depot")
    lot = source.add_dataframe_asset("lot").add_batch_definition_whole_dataframe("lot")
    resultat = lot.get_batch({"dataframe": cadre}).validate(
        suite(nom, regles),
        result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [REPERE]},
    )
    fautes: dict[str, list[int]] = {}
    for ligne in resultat.results:
        regle = _nom_regle(ligne)
        if ligne.exception_info and "unexpected_index_list" not in ligne.result and not ligne.success:
            raise RuntimeError(f"la règle {regle} n’a pas pu être vérifiée : {ligne.exception_info}")
        fautes[regle] = [int(u[REPERE]) for u in ligne.result.get("unexpected_index_list") or []]
    return fautes


def _nom_regle(resultat: Any) -> str:
    """Name of the rule that a result answers, found by its `meta`, never by its position."""
    return str(resultat.expectation_config.meta["regle"])
