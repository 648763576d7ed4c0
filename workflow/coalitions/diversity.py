"""Effective numbers: how many equally large providers or operations would be as diverse as those observed (Hill 1973; Laakso and Taagepera 1979)."""

import numpy as np
import pandas as pd


def effective_number(weights, order: int = 2) -> float:
    """Hill number of non-negative weights: order 2 is the inverse Simpson index, order 1 the exponential of Shannon entropy.

    0 for no weight at all. Raises ValueError for a negative or missing weight, or another order.
    """
    w = np.asarray(weights, dtype=float)
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weights must be finite and not negative")
    if w.sum() == 0:
        return 0.0
    p = w[w > 0] / w.sum()
    if order == 2:
        return float(1 / (p**2).sum())
    if order == 1:
        return float(np.exp(-(p * np.log(p)).sum()))
    raise ValueError("order must be 1 or 2")


def by_theatre_year(years: pd.DataFrame, rules: list[str]) -> pd.DataFrame:
    """Effective number of operations and of providers in each theatre and year, weighted by days at work.

    Parameters: `panels.theatre_operation_years` (operation, theatre, year, provider, days_active, scope_*); names of scopes.
    Returns `scope, theatre, year, n_operations, n_providers, operations_simpson, operations_shannon, providers_simpson, providers_shannon`.
    """
    return _effective(years, rules, ["theatre", "year"])


def by_year(theatre_years: pd.DataFrame, years: pd.DataFrame, rules: list[str]) -> pd.DataFrame:
    """System level by year: providers of the whole system, and the mean over theatres with an operation at work.

    Returns `scope, year, n_theatres, system_providers_simpson, system_providers_shannon, mean_providers_simpson, mean_operations_simpson, share_several_providers`.
    """
    once = years.drop_duplicates(["operation_id", "year"])
    system = _effective(once, rules, ["year"]).set_index(["scope", "year"])
    grouped = theatre_years.groupby(["scope", "year"])
    frame = pd.DataFrame(
        {
            "n_theatres": grouped["theatre"].size(),
            "system_providers_simpson": system["providers_simpson"],
            "system_providers_shannon": system["providers_shannon"],
            "mean_providers_simpson": grouped["providers_simpson"].mean(),
            "mean_operations_simpson": grouped["operations_simpson"].mean(),
            "share_several_providers": grouped["n_providers"].agg(lambda n: (n > 1).mean()),
        }
    )
    return frame.reset_index().sort_values(["scope", "year"], ignore_index=True)


def _effective(years: pd.DataFrame, rules: list[str], keys: list[str]) -> pd.DataFrame:
    parts = []
    for scope in rules:
        chosen = years[years[f"scope_{scope}"] == 1]
        part = pd.DataFrame({"n_operations": chosen.groupby(keys)["operation_id"].nunique(), "n_providers": chosen.groupby(keys)["provider"].nunique()})
        for unit, column in (("operations", "operation_id"), ("providers", "provider")):
            days = chosen.groupby([*keys, column])["days_active"].sum()
            levels = list(range(len(keys)))
            share = days / days.groupby(level=levels).transform("sum")
            # The sums of `effective_number`, for all groups at once.
            part[f"{unit}_simpson"] = 1 / (share**2).groupby(level=levels).sum()
            part[f"{unit}_shannon"] = np.exp(-(share * np.log(share)).groupby(level=levels).sum())
        parts.append(part.reset_index().assign(scope=scope))
    frame = pd.concat(parts)
    return frame[["scope", *[c for c in frame.columns if c != "scope"]]].sort_values(["scope", *keys], ignore_index=True)
