"""Trends over calendar time: Mann-Kendall tests of series by year, trend models of launches, UN launches by kind."""

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from coalitions import counts, glm
from coalitions.survival import NotEstimable

SERIES = ("ahc_launches", "ahc_active_1_july", "ahc_memberships_1_july", "ahc_distinct_states_1_july", "un_active_1_july", "regional_active_1_july")
STARTS = (1945, 1990, 2000)


def estimates(operations: pd.DataFrame, system_years: pd.DataFrame, scopes: list[str], confidence: float, halt_since: int) -> dict[str, pd.DataFrame]:
    """Tables `mann_kendall`, `launch_trend` and `un_launches`.

    Parameters: operations panel; system-years; names of inclusion rules; confidence level; last year of the base period of UN launches.
    A series of 1 July leaves out a year whose 1 July is not observed; launches of the year of the cut-off are scaled by the observed part in the models and left out of
    Mann-Kendall.
    """
    tests, models = [], []
    for scope in scopes:
        for since in STARTS:
            years = system_years[(system_years["scope"] == scope) & (system_years["year"] >= since)].sort_values("year").reset_index(drop=True)
            whole = years[years["exposure_years"] == 1]
            for series in SERIES:
                result = counts.mann_kendall(whole[series])
                tests.append(
                    {
                        "scope": scope, "series": series, "since": since, "n": len(whole), "s": result.s, "variance": result.variance, "correction": result.correction,
                        "z": result.z, "p": result.p, "tau": result.tau, "slope_per_year": result.slope,
                    }
                )  # fmt: skip
            for family in ("poisson", "negative-binomial"):
                models += trend_rows(years, family, confidence, {"scope": scope, "model": family, "since": since})
    columns = ["scope", "model", "since", "term", "n", "events", "estimate", "se", "lower", "upper", "statistic", "p", "reason"]
    return {"mann_kendall": pd.DataFrame(tests), "launch_trend": pd.DataFrame(models)[columns].astype({"reason": object}), "un_launches": un_launches(operations, halt_since)}


def trend_rows(years: pd.DataFrame, family: str, confidence: float, keys: dict) -> list[dict]:
    """Rows of the trend table for one model of AHC launches: `const` (log launches per year in the middle of the series) and `decade`."""
    decades = pd.DataFrame({"decade": (years["year"] - years["year"].mean()) / 10})
    model = glm.count_model(years["ahc_launches"], decades, years["exposure_years"], family)
    blank = {"estimate": np.nan, "se": np.nan, "lower": np.nan, "upper": np.nan, "statistic": np.nan, "p": np.nan}
    base = keys | {"n": len(years), "events": int(years["ahc_launches"].sum()), "reason": None}
    if isinstance(model, NotEstimable):
        return [base | blank | {"term": "decade", "reason": model.reason}]
    z = ndtri(0.5 + confidence / 2)
    rows = []
    for term in model.params.index:
        b, se = float(model.params[term]), float(model.se[term])
        rows.append(base | {"term": term, "estimate": b, "se": se, "lower": b - z * se, "upper": b + z * se, "statistic": b / se, "p": float(2 * ndtr(-abs(b / se)))})
    return rows


def un_launches(operations: pd.DataFrame, halt_since: int) -> pd.DataFrame:
    """Every UN operation that deployed, renamed ones left out, with its kind and period (`to <year>` or `after <year>`)."""
    frame = operations[(operations["arrangement"] == "un") & (operations["deployed"] == 1) & operations["predecessor_id"].isna()]
    period = np.where(frame["start"].dt.year > halt_since, f"after {halt_since}", f"to {halt_since}")
    frame = frame.assign(period=period)[["operation_id", "name", "un_kind", "multidimensional", "start", "period"]]
    return frame.sort_values(["start", "operation_id"], ignore_index=True)
