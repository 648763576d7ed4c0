"""Agreement between independent coders: Krippendorff's alpha and per cent agreement by variable, with bootstrap intervals over cases."""

import krippendorff
import numpy as np
import pandas as pd

from coalitions import dates

DATES = ("start", "end", "decided")
# Whose coding is compared with whose, by round: the first coders with the second ones under the first codebook; the register after adjudication with a third coder under the
# rules that were sharpened.
ROUNDS = {"first codebook": ("first", "second-"), "sharpened codebook": ("sharpened", "third-")}


def sides(codings: pd.DataFrame) -> pd.DataFrame:
    """Codings with `round` and `side` (`first`, `second`) of their coder; a coder of no round raises ValueError."""
    found = pd.DataFrame({"round": None, "side": None}, index=codings.index, dtype=object)
    for name, (one, other) in ROUNDS.items():
        for side, mine in (("first", codings["coder"] == one), ("second", codings["coder"].str.startswith(other))):
            found.loc[mine, ["round", "side"]] = [name, side]
    if found["round"].isna().any():
        raise ValueError(f"coder {codings.loc[found['round'].isna(), 'coder'].iloc[0]!r} is of no round: first, second-..., sharpened, third-...")
    return codings.assign(**found)


def agreement(codings: pd.DataFrame, draws: int, confidence: float, seed: int) -> pd.DataFrame:
    """One row per round and variable: how far two independent codings of the same cases agree.

    Parameters: register's `codings` (coder, operation_id, variable, value; text); number of bootstrap draws over cases; confidence level; seed.
    Alpha is nominal, for dates interval on the middle day (Krippendorff 2019, ch. 12; the `krippendorff` library). An empty value is a coder who found none:
    the case is left out of
    alpha and of per cent agreement and counted in `one_empty`; `both_empty` agrees on nothing and is left out too.
    `compatible` is, for dates, the share whose intervals of possible days overlap.
    Where every coding has the same value alpha is not defined and is missing.
    """
    rows = []
    for number, ((held, variable), group) in enumerate(sides(codings).groupby(["round", "variable"], sort=True)):
        wide = group.pivot(index="operation_id", columns="side", values="value")
        wide = wide.reindex(columns=["first", "second"]).dropna()
        known = wide[(wide["first"] != "") & (wide["second"] != "")]
        is_date = variable in DATES
        values = np.stack([_coded(known[side], is_date) for side in ("first", "second")]) if len(known) else np.empty((2, 0))
        level = "interval" if is_date else "nominal"
        rng = np.random.default_rng([seed, number])
        picks = rng.integers(0, max(len(known), 1), size=(draws, len(known)))
        alphas = np.array([_alpha(values[:, pick], level) for pick in picks]) if len(known) > 1 else np.array([np.nan])
        tail = 100 * (1 - confidence) / 2
        lower, upper = np.nanpercentile(alphas, [tail, 100 - tail]) if np.isfinite(alphas).any() else (np.nan, np.nan)
        rows.append(
            {
                "round": held,
                "variable": variable,
                "level": level,
                "cases": len(wide),
                "both_coded": len(known),
                "one_empty": int(((wide["first"] == "") != (wide["second"] == "")).sum()),
                "both_empty": int(((wide["first"] == "") & (wide["second"] == "")).sum()),
                "agreement": float((known["first"] == known["second"]).mean()) if len(known) else np.nan,
                "compatible": _compatible(known) if is_date and len(known) else np.nan,
                "alpha": _alpha(values, level) if len(known) > 1 else np.nan,
                "alpha_lower": float(lower),
                "alpha_upper": float(upper),
            }
        )
    return pd.DataFrame(rows)


def disagreements(codings: pd.DataFrame) -> pd.DataFrame:
    """Every case and variable in which the two codings differ, both values beside each other: the list from which adjudication works."""
    wide = sides(codings).pivot(index=["round", "operation_id", "variable"], columns="side", values="value")
    wide = wide.reindex(columns=["first", "second"]).dropna()
    different = wide[wide["first"] != wide["second"]]
    return different.replace("", np.nan).reset_index().rename_axis(columns=None).sort_values(["round", "variable", "operation_id"], ignore_index=True)


def _coded(values: pd.Series, is_date: bool) -> np.ndarray:
    if is_date:
        return values.map(lambda text: float(dates.middle(text).astype("int64"))).to_numpy(dtype=float)
    return values.to_numpy(dtype=str)


def _alpha(values: np.ndarray, level: str) -> float:
    if values.shape[1] < 2 or len(np.unique(values)) < 2:
        return np.nan
    if level == "nominal":
        values = np.unique(values, return_inverse=True)[1].reshape(values.shape).astype(float)
    return float(krippendorff.alpha(reliability_data=values, level_of_measurement=level))


def _compatible(known: pd.DataFrame) -> float:
    bounds = {side: dates.expand(known[side]) for side in ("first", "second")}
    overlap = (bounds["first"]["earliest"] <= bounds["second"]["latest"]) & (bounds["second"]["earliest"] <= bounds["first"]["latest"])
    return float(overlap.mean())
