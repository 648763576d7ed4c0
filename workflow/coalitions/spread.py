"""Which choice drives the spread of a multiverse, which choice moves the verdict, and what could not be estimated.

A multiverse is a full factorial of its dimensions (Steegen et al. 2016), less what cannot be estimated: it is not balanced any more, so that the share of a dimension depends on
what stands beside it. The shares here are averages over all orders in which the dimensions can be taken in (Lindeman, Merenda and Gold 1980; Groemping 2007); in a balanced
factorial they are the analysis of variance's.
"""

import itertools
import math
import re

import numpy as np
import pandas as pd

INTERACTIONS = "interactions"
COLUMNS = ["dimension", "share", "lowest_value", "lowest_mean", "highest_value", "highest_mean", "n", "reason"]


def parsed(dimensions: pd.Series) -> pd.DataFrame:
    """The texts of specifications (`name=value; name=value`) as a table, a column of text for each name."""
    return pd.DataFrame([dict(part.split("=", 1) for part in text.split("; ")) for text in dimensions], index=dimensions.index)


def spread(multiverse: pd.DataFrame, dimensions: list[str]) -> pd.DataFrame:
    """Shares of the variance of theta by dimension, over the specifications that can be estimated; the largest first, `interactions` last.

    Parameters: rows of one claim (`dimensions`, `theta`, `verdict`); names of its dimensions. Returns `dimension, share, lowest_value, lowest_mean, highest_value, highest_mean, n,
    reason`: values with the lowest and highest mean of theta. `interactions` is what main effects leave of the variance. Without variance there are no shares, and a
    reason; nor has a dimension a share of which a single value can be estimated.
    """
    known = multiverse[multiverse["theta"].notna()]
    theta, values = known["theta"].to_numpy(dtype=float), parsed(known["dimensions"]).reindex(columns=dimensions)
    reason = None
    if len(theta) < 2:
        reason = f"{len(theta)} specification(s) with an estimate"
    elif np.ptp(theta) <= 1e-12 * max(1.0, np.abs(theta).max()):
        reason = "every specification has the same estimate"
    varied = [name for name in dimensions if values[name].nunique() > 1] if reason is None else []
    shares = dict(zip(varied, averaged_shares(theta, [values[name].to_numpy() for name in varied]), strict=True)) if varied else {}
    rows = []
    for name in dimensions:
        means = known["theta"].groupby(values[name]).mean().sort_index()
        ends = (means.idxmin(), means.min(), means.idxmax(), means.max()) if len(means) else (None, np.nan, None, np.nan)
        alone = None if name in varied else f"estimates for a single value of it, {means.index[0]}" if len(means) == 1 else None
        rows.append([name, shares.get(name, np.nan), *ends, len(theta), reason or alone])
    rows.sort(key=lambda row: (-np.nan_to_num(row[1]), row[0]))
    left = max(0.0, 1 - sum(shares.values())) if reason is None else np.nan
    frame = pd.DataFrame([*rows, [INTERACTIONS, left, None, np.nan, None, np.nan, len(theta), reason]], columns=COLUMNS)
    return frame.astype({"share": float, "lowest_mean": float, "highest_mean": float, "lowest_value": object, "highest_value": object, "reason": object})


def averaged_shares(y: np.ndarray, factors: list[np.ndarray]) -> np.ndarray:
    """Share of the variance of `y` that each factor explains, averaged over all orders of taking them in (Lindeman, Merenda and Gold 1980).

    They sum to the R2 of the additive model.

    Parameters: values; for each factor its level by value. The model has a dummy for each level of each factor but the first.
    """
    blocks = [np.column_stack([(levels == level) - np.mean(levels == level) for level in np.unique(levels)[1:]] or [np.empty((len(y), 0))]) for levels in factors]
    x, centred = np.column_stack(blocks), y - y.mean()
    ends = np.cumsum([0, *(block.shape[1] for block in blocks)])
    columns = [np.arange(start, stop) for start, stop in itertools.pairwise(ends)]
    gram, moment, total = x.T @ x, x.T @ centred, float(centred @ centred)

    def explained(subset: int) -> float:
        held = np.concatenate([columns[k] for k in range(len(factors)) if subset >> k & 1] or [np.empty(0, dtype=int)]).astype(int)
        if not len(held):
            return 0.0
        # Levels that only occur together leave the matrix short of rank: the least-squares solution of least norm explains the same.
        return float(moment[held] @ np.linalg.pinv(gram[np.ix_(held, held)], rcond=1e-10, hermitian=True) @ moment[held]) / total

    k = len(factors)
    r2 = [explained(subset) for subset in range(1 << k)]
    weight = [math.factorial(size) * math.factorial(k - size - 1) / math.factorial(k) for size in range(k)]
    shares = np.zeros(k)
    for subset in range(1 << k):
        for factor in range(k):
            if not subset >> factor & 1:
                shares[factor] += weight[subset.bit_count()] * (r2[subset | 1 << factor] - r2[subset])
    return np.maximum(shares, 0.0)


def shares(table: pd.DataFrame) -> list[dict]:
    """Dimensions with their shares (None where there is none), for a claim's JSON file."""
    return [{"dimension": row.dimension, "share": None if np.isnan(row.share) else float(row.share)} for row in table.itertuples()]


def verdict_drivers(multiverse: pd.DataFrame, dimensions: list[str], fact: bool = False) -> pd.DataFrame:
    """Which choice moves the verdict: for each value of each dimension `claim, dimension, value, specifications, share_same_sign, share_same_verdict, mean_theta`.

    Shares are of the specifications that can be estimated, against the primary one (specification 0). For a claim of fact the sign is the verdict.
    """
    usable, primary = multiverse["verdict"] != "not-estimable", multiverse[multiverse["specification"] == 0].iloc[0]
    values = parsed(multiverse["dimensions"])
    agree = pd.DataFrame(
        {
            "share_same_sign": (np.sign(multiverse["theta"]) == np.sign(primary["theta"])).where(multiverse["theta"].notna() & pd.notna(primary["theta"])).astype(float),
            "share_same_verdict": (multiverse["verdict"] == primary["verdict"]).astype(float).where(usable), "mean_theta": multiverse["theta"],
        }
    )  # fmt: skip
    if fact:
        agree["share_same_sign"] = agree["share_same_verdict"]
    parts = []
    for name in dimensions:
        by_value = agree.groupby(values[name], sort=True)
        part = by_value.mean().assign(specifications=by_value.size()).rename_axis("value").reset_index()
        parts.append(part.assign(claim=primary["claim"], dimension=name))
    return pd.concat(parts, ignore_index=True)[["claim", "dimension", "value", "specifications", "share_same_sign", "share_same_verdict", "mean_theta"]]


def infeasible(multiverse: pd.DataFrame) -> pd.DataFrame:
    """Why specifications have no estimate: `claim, reason, specifications, example` (the text of one of them), reasons without the numbers of the case."""
    without = multiverse[multiverse["verdict"] == "not-estimable"]
    reasons = without["reason"].fillna("no reason given").map(lambda text: re.sub(r"\d+", "#", re.sub(r"\d+ days", "some days", re.sub(r" \([^)]*\d[^)]*\)", "", text))))
    grouped = without.assign(reason=reasons).groupby(["claim", "reason"], sort=False)
    return grouped.agg(specifications=("dimensions", "size"), example=("dimensions", "first")).reset_index().astype({"specifications": "int64"})


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p-values that bound the false discovery rate (Benjamini and Hochberg 1995), in the order given; a missing one stays missing and does not count."""
    p = np.asarray(p, dtype=float)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")[::-1]]
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(1, np.minimum.accumulate(p[order] * len(known) / np.arange(len(known), 0, -1)))
    return adjusted
