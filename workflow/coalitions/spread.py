"""What drives the spread of a claim's multiverse: shares of the variance by choice, choices that flip the verdict, and what could not be estimated.

Input is the published table `claims/multiverse.csv`, of one claim (`dimensions` is `name=value; name=value`). Multiverse: Steegen et al. (2016).
"""

import math
import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

INTERACTIONS = "interactions"
SPREAD = ["dimension", "share", "lowest_value", "lowest_mean", "highest_value", "highest_mean", "n", "reason"]
DRIVERS = ["claim", "dimension", "value", "specifications", "share_same_sign", "share_same_verdict", "mean_theta", "not_estimable"]
NO_REASON = "no reason recorded"
_DIGITS = 10  # of a share: what is below is rounding, which differs between machines
_SAME = 1e-9  # published estimates have ten digits: a smaller relative range is rounding
_NUMBER = re.compile(r"(?<![\w.-])(?:\d{4}-\d{2}-\d{2}|-?\d+(?:\.\d+)?)(?![\w-])")


def check_specification(text: str) -> dict[str, str]:
    """A specification's text as names and values; ValueError if it is none."""
    pairs = [pair.partition("=") for pair in text.split("; ")]
    if any(not name or not sign for name, sign, _ in pairs) or len({name for name, _, _ in pairs}) < len(pairs):
        raise ValueError(f"multiverse, column dimensions: {text!r} is no list of name=value with each name once, joined by '; '")
    return {name: value for name, _, value in pairs}


def parsed(dimensions: pd.Series) -> pd.DataFrame:
    """One column of text for each dimension, with the index of the input; the reverse of `claims.specification_text`. ValueError for a text that is no specification."""
    return pd.DataFrame([check_specification(text) for text in dimensions], index=dimensions.index, dtype=object)


def spread(multiverse: pd.DataFrame, dimensions: Sequence[str]) -> pd.DataFrame:
    """Shares of the variance of theta over the specifications that have one, by dimension, largest first, and a last line `interactions` for the rest.

    Shares are those of Lindeman, Merenda and Gold (1980) in R2 of the additive model with a dummy for each value, averaged over all orders of the dimensions (Grömping
    2007), since specifications that cannot be estimated leave the factorial unbalanced; in a balanced one they are the eta-squared of an analysis of variance. Two
    dimensions that always change together share equally. Shares and `interactions` (one minus R2) add up to one.

    Parameters: multiverse of one claim (`dimensions`, `theta`); names of the claim's dimensions.
    Returns `dimension, share, lowest_value, lowest_mean, highest_value, highest_mean, n, reason`: the values with the lowest and the highest mean of theta (none where all
    means are one), and the number of specifications with one. A share is missing, with a reason, where there is nothing to divide or too little to divide it from; a
    dimension of which a single value is left has none of the spread, and says so.
    """
    known = multiverse[multiverse["theta"].notna()]
    theta, chosen = known["theta"].to_numpy(float), parsed(known["dimensions"]).reindex(columns=list(dimensions))
    parameters = 1 + sum(max(chosen[name].nunique() - 1, 0) for name in dimensions)
    nothing = _nothing_to_divide(theta, parameters)
    shares = {} if nothing else _lmg(theta, chosen)
    rows = []
    for name in dimensions:
        means = known["theta"].groupby(chosen[name], sort=False).mean()
        rows.append([name, shares.get(name, np.nan), *_ends(means), len(known), nothing or ("a single value is left" if len(means) == 1 else None)])
    rows.sort(key=lambda row: 0 if np.isnan(row[1]) else -row[1])
    rows.append([INTERACTIONS, np.nan if nothing else max(0.0, round(1 - sum(shares.values()), _DIGITS)), None, np.nan, None, np.nan, len(known), nothing])
    texts = dict.fromkeys(("lowest_value", "highest_value", "reason"), object)
    return pd.DataFrame(rows, columns=SPREAD).astype(dict.fromkeys(("share", "lowest_mean", "highest_mean"), float) | texts)


def _ends(means: pd.Series) -> list:
    """The value with the lowest mean and that mean, and the same for the highest; no value where all means are one. Of equal means the first is named."""
    if means.empty:
        return [None, np.nan, None, np.nan]
    tolerance = _SAME * means.abs().max()
    low, high = means.index[means <= means.min() + tolerance][0], means.index[means >= means.max() - tolerance][0]
    alike = len(means) > 1 and low == high
    return [None if alike else low, means.min(), None if alike else high, means.max()]


def _nothing_to_divide(theta: np.ndarray, parameters: int) -> str | None:
    """Why a spread has no shares; None if it has."""
    if len(theta) == 0:
        return "no specification has an estimate"
    if len(theta) == 1:
        return "a single specification has an estimate"
    if np.ptp(theta) <= _SAME * np.abs(theta).max():
        return f"the estimate is the same in all {len(theta)} specifications"
    if len(theta) <= parameters:
        return f"{len(theta)} specifications for {parameters} parameters of the additive model"
    return None


def _lmg(theta: np.ndarray, chosen: pd.DataFrame) -> dict[str, float]:
    """The share of each column in R2: the mean rise over all orders, from R2 of every subset of columns (Shapley value)."""
    varying = [name for name in chosen if chosen[name].nunique() > 1]
    blocks = [pd.get_dummies(chosen[name], drop_first=True).to_numpy(float) for name in varying]
    design = np.column_stack([*blocks, theta])
    design -= design.mean(axis=0)
    triangle = np.linalg.qr(design, mode="r")  # has the cross-products of the whole table in as many lines as there are columns
    y, ends = triangle[:, -1], np.cumsum([0, *(block.shape[1] for block in blocks)])
    columns = [np.arange(start, end) for start, end in pairwise(ends)]
    total, size = y @ y, len(varying)
    explained = np.zeros(2**size)
    for subset in range(1, 2**size):
        x = triangle[:, np.concatenate([columns[i] for i in range(size) if subset >> i & 1])]
        left, singular, _ = np.linalg.svd(x, full_matrices=False)
        kept = left[:, singular > 1e-9 * singular[0]]  # values that were only estimable together are one direction
        explained[subset] = np.sum((kept.T @ y) ** 2) / total
    weights = [math.factorial(others) * math.factorial(size - others - 1) / math.factorial(size) for others in range(size)]
    shares = dict.fromkeys(chosen, 0.0)
    for i, name in enumerate(varying):
        without = [subset for subset in range(2**size) if not subset >> i & 1]
        rises = sum(weights[subset.bit_count()] * (explained[subset | 1 << i] - explained[subset]) for subset in without)
        shares[name] = max(0.0, round(float(rises), _DIGITS))
    return shares


def verdict_drivers(multiverse: pd.DataFrame, dimensions: Sequence[str], sesoi: float | None) -> pd.DataFrame:
    """How the specifications with each value of each dimension agree with the primary one: which choice flips the sign or the verdict.

    Shares are as in `claims.robustness`: of the specifications that are estimable; for a claim of fact (`sesoi` missing) the sign is the verdict. They are missing where none is
    estimable, or the primary one is not. Parameters: multiverse of one claim; its dimensions; its smallest effect of interest.
    Returns `claim, dimension, value, specifications, share_same_sign, share_same_verdict, mean_theta, not_estimable`, in the order of the dimensions and specifications.
    """
    primary = multiverse[multiverse["primary"] == 1].iloc[0]
    usable = multiverse["verdict"] != "not-estimable"
    verdict = (multiverse["verdict"] == primary["verdict"]).astype(float)
    of_fact = sesoi is None or np.isnan(sesoi) or np.isnan(primary["theta"])
    sign = verdict if of_fact else (np.sign(multiverse["theta"]) == np.sign(primary["theta"])).astype(float)
    compared = usable & (primary["verdict"] != "not-estimable")
    numbers = pd.DataFrame({"sign": sign.where(compared), "verdict": verdict.where(compared), "theta": multiverse["theta"], "lost": (~usable).astype(int)})
    chosen, rows = parsed(multiverse["dimensions"]), []
    for name in dimensions:
        for value, mine in numbers.groupby(chosen[name], sort=False):
            rows.append([primary["claim"], name, value, len(mine), mine["sign"].mean(), mine["verdict"].mean(), mine["theta"].mean(), int(mine["lost"].sum())])
    return pd.DataFrame(rows, columns=DRIVERS)


def infeasible(multiverse: pd.DataFrame) -> pd.DataFrame:
    """Why specifications of a claim are not estimable, most frequent reason first: `claim, reason, specifications, example`.

    Reasons that differ in their numbers or days only are one; a number that varies is given as a range. `example` is the first specification with the reason. Every
    specification that is not estimable is counted once.
    """
    lost = multiverse[multiverse["verdict"] == "not-estimable"]
    reasons = lost["reason"].astype(object).where(lost["reason"].notna(), NO_REASON).astype(str)
    frames = lost.assign(reason=reasons).groupby(reasons.str.replace(_NUMBER, "#", regex=True), sort=False)
    rows = [[mine["claim"].iloc[0], generalised(mine["reason"].unique()), len(mine), mine["dimensions"].iloc[0]] for _, mine in frames]
    rows.sort(key=lambda row: (-row[2], row[1]))
    return pd.DataFrame(rows, columns=["claim", "reason", "specifications", "example"])


def generalised(reasons: Sequence[str]) -> str:
    """One text for reasons that differ in numbers or days only: a number that varies becomes `lowest to highest`."""
    numbers = list(zip(*(_NUMBER.findall(reason) for reason in reasons), strict=True))
    ranges = iter([_range(values) for values in numbers])
    return _NUMBER.sub(lambda _: next(ranges), reasons[0])


def _range(values: Sequence[str]) -> str:
    """The lowest and the highest of numbers (or of days) as they are written; one of them if they are the same."""
    days = any("-" in value[1:] for value in values)
    low, high = (pick(values, key=lambda value: value if days else float(value)) for pick in (min, max))
    return low if low == high else f"{low} to {high}"


def benjamini_hochberg(p_values: Sequence[float]) -> np.ndarray:
    """p-values adjusted for the rate of false discoveries (Benjamini and Hochberg 1995), in the order given. A missing one stays missing and is not counted."""
    p = np.asarray(p_values, dtype=float)
    adjusted, known = np.full(len(p), np.nan), np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(-p[known], kind="stable")]
    count = len(order)
    adjusted[order] = np.minimum(1, np.minimum.accumulate(p[order] * (count / np.arange(count, 0, -1))))
    return adjusted
