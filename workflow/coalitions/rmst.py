"""Two groups of spells compared by restricted mean survival time: difference, ratio, permutation test, curve over tau, shares that are over.

Estimates are those of `survival.restricted_mean`: area under Kaplan-Meier to tau with Greenwood-type variance. Difference and its normal interval after Royston and Parmar (2013),
the ratio on the log scale after Uno et al. (2014), both as in the R package survRM2 (without covariates). Time is a whole number of days.
The sign is always group minus reference, the reference being the last label in sorted order unless it is named.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from coalitions import survival
from coalitions.survival import Mean, NotEstimable, SurvivalInputError, check_times

CELLS = 2_000_000  # draws times spells that are held at a time


@dataclass(frozen=True)
class Difference:
    """Restricted mean of `group` minus that of `reference`, in days, and their ratio, with normal intervals and two-sided p.

    `permutation_p` is missing without draws; `undefined` counts draws in which a shuffled group was not observed up to tau: they count as extreme.
    """

    tau_days: int
    group: object
    reference: object
    one: Mean
    other: Mean
    difference: float
    se: float
    lower: float
    upper: float
    p: float
    ratio: float
    ratio_lower: float
    ratio_upper: float
    ratio_p: float
    permutation_p: float | None
    draws: int
    undefined: int


def two_groups(group, n: int, reference=None) -> tuple[np.ndarray, object, object]:
    """Whether each spell is of the group that is compared, its label, and the label of the reference; SurvivalInputError unless there are exactly two labels."""
    group = np.asarray(group)
    if len(group) != n:
        raise SurvivalInputError(f"group has {len(group)} values for {n} spells")
    if pd.isna(group).any():
        raise SurvivalInputError(f"group is missing at position {int(np.argmax(pd.isna(group)))}")
    labels = np.unique(group).tolist()
    if len(labels) != 2:
        raise SurvivalInputError(f"{len(labels)} groups instead of two: {', '.join(map(str, labels[:5]))}")
    reference = labels[1] if reference is None else reference
    if reference not in labels:
        raise SurvivalInputError(f"no spell is of the reference {reference}")
    compared = labels[1 - labels.index(reference)]
    return group == compared, compared, reference


def difference(
    time, event, group, tau: int, draws: int = 0, rng: np.random.Generator | None = None, confidence: float = 0.95, reference=None, studentised: bool = True
) -> Difference | NotEstimable:
    """Difference and ratio of the restricted means of two groups at `tau` days.

    Parameters: days; event (0/1); group (two labels); tau in days; number of label permutations with their generator; confidence level; label of the reference; whether the
    permuted statistic is the difference over its standard error (Horiguchi and Uno 2020; robust where the groups are censored differently) or the bare difference.
    Not estimable if a group is still running at its last exit before tau, or if neither group has any spread.
    """
    time, event, _ = check_times(time, event)
    mine, compared, reference = two_groups(group, len(time), reference)
    if draws and rng is None:
        raise ValueError("permutations need a generator")
    means = []
    for label, mask in ((compared, mine), (reference, ~mine)):
        result = survival.restricted_mean(time[mask], event[mask], tau)
        if isinstance(result, NotEstimable):
            return NotEstimable(f"{label}: {result.reason}")
        means.append(result)
    one, other = means
    estimate, se = one.estimate - other.estimate, float(np.hypot(one.se, other.se))
    if se == 0:
        return NotEstimable(f"neither group has an end before {tau} days that could give a standard error")
    z = ndtri(0.5 + confidence / 2)
    log_ratio, log_se = np.log(one.estimate / other.estimate), np.hypot(one.se / one.estimate, other.se / other.estimate)
    p, undefined = (None, 0) if not draws else permutation_p(time, event, mine, tau, draws, rng, studentised)
    return Difference(
        int(tau), compared, reference, one, other, estimate, se, float(estimate - z * se), float(estimate + z * se), float(2 * ndtr(-abs(estimate / se))),
        float(np.exp(log_ratio)), float(np.exp(log_ratio - z * log_se)), float(np.exp(log_ratio + z * log_se)), float(2 * ndtr(-abs(log_ratio / log_se))), p, draws, undefined,
    )  # fmt: skip


def permutation_p(time, event, mine, tau: int, draws: int, rng: np.random.Generator, studentised: bool = True) -> tuple[float, int]:
    """Two-sided permutation p of the difference of restricted means, and the number of draws in which it does not exist (they count as extreme).

    Labels are shuffled, many draws at a time. The observed labelling counts as a draw (Phipson and Smyth 2010), so p is never 0.
    """
    order = np.lexsort((1 - np.asarray(event), np.asarray(time)))  # an end precedes a censoring of the same day
    time, event, mine = np.asarray(time)[order], np.asarray(event)[order], np.asarray(mine, dtype=bool)[order]
    observed = float(np.abs(_statistics(time, event, mine[None], tau, studentised))[0])
    extreme = undefined = 0
    block = max(1, CELLS // len(time))
    for first in range(0, draws, block):
        size = min(block, draws - first)
        values = np.abs(_statistics(time, event, rng.permuted(np.broadcast_to(mine, (size, len(mine))), axis=1), tau, studentised))
        missing = np.isnan(values)
        undefined += int(missing.sum())
        extreme += int((missing | (values >= observed * (1 - 1e-12))).sum())
    return (1 + extreme) / (1 + draws), undefined


def _statistics(time, event, members, tau, studentised):
    """Statistic of each line of `members` (draws x spells, sorted as `permutation_p` does); missing where a group is not observed up to tau.

    Ends on the same day are taken one after the other: the products and sums of Kaplan-Meier and its variance are the same.
    """
    area, variance = np.zeros(len(members)), np.zeros(len(members))
    ends = np.flatnonzero((event == 1) & (time < tau))
    grid = np.append(time[ends], tau).astype(float)
    width = np.diff(grid)
    unknown = np.zeros(len(members), dtype=bool)
    for sign, mine in ((1, members), (-1, ~members)):
        risk = np.cumsum(mine[:, ::-1], axis=1, dtype=np.int32)[:, ::-1][:, ends]
        left = risk - 1
        hit = mine[:, ends]
        curve = np.cumprod(np.where(hit, left / np.maximum(risk, 1), 1.0), axis=1)
        pieces = curve * width
        area += sign * (grid[0] + pieces.sum(axis=1))
        if studentised:
            rest = np.cumsum(pieces[:, ::-1], axis=1)[:, ::-1]
            variance += np.where(hit & (left > 0), rest**2 / np.maximum(risk * left.astype(float), 1.0), 0.0).sum(axis=1)
        last = len(time) - 1 - np.argmax(mine[:, ::-1], axis=1)
        unknown |= (time[last] < tau) & (event[last] == 0)
    if studentised:
        with np.errstate(divide="ignore", invalid="ignore"):
            area = np.where(area == 0, 0.0, area / np.sqrt(variance))
    return np.where(unknown, np.nan, area)


def _line(result) -> dict:
    """One line of a table: estimates of a Difference, or missing ones with the reason."""
    names = ("difference", "se", "lower", "upper", "p", "ratio", "ratio_lower", "ratio_upper")
    if isinstance(result, NotEstimable):
        return dict.fromkeys(("mean_group", "mean_reference", *names), np.nan) | {"reason": result.reason}
    return {"mean_group": result.one.estimate, "mean_reference": result.other.estimate} | {name: getattr(result, name) for name in names} | {"reason": ""}


def curve_of_differences(time, event, group, taus, confidence: float = 0.95, reference=None) -> pd.DataFrame:
    """The difference at each tau: `tau_days, mean_group, mean_reference, difference, se, lower, upper, p, ratio, ratio_lower, ratio_upper, reason`, in days.

    Intervals are pointwise: a curve whose intervals exclude 0 somewhere is not a test (Zhao et al. 2016 give bands). A tau that cannot be had has its reason.
    """
    return pd.DataFrame([{"tau_days": int(tau)} | _line(difference(time, event, group, int(tau), confidence=confidence, reference=reference)) for tau in taus])


def dropping(time, event, group, tau: int, longest: int, of=None, confidence: float = 0.95, reference=None) -> pd.DataFrame:
    """The difference without the k longest spells, k from 0 to `longest`: does it rest on a few long-lived ones?

    `of` names the group whose longest spells are left out; None: the longest of both. Among equally long ones those still running go first, then by label.
    Columns `dropped` (k), `position` (of the spell that goes at this step in the input, -1 at k = 0) and those of `curve_of_differences`.
    This trims on the outcome: it shows what an estimate rests on, and is not itself an estimate of the difference.
    """
    time, event, _ = check_times(time, event)
    mine, compared, reference = two_groups(group, len(time), reference)
    if of is not None and of not in (compared, reference):
        raise SurvivalInputError(f"no spell is of the group {of}")
    label = np.asarray(group)
    candidates = np.arange(len(time)) if of is None else np.flatnonzero(label == of)
    order = candidates[np.lexsort((mine[candidates], event[candidates], -time[candidates]))]
    keep, rows = np.ones(len(time), dtype=bool), []
    for k in range(min(longest, len(order)) + 1):
        if k:
            keep[order[k - 1]] = False
        both = mine[keep].any() and (~mine[keep]).any()
        result = difference(time[keep], event[keep], label[keep], tau, confidence=confidence, reference=reference) if both else NotEstimable("only one group is left")
        rows.append({"dropped": k, "position": int(order[k - 1]) if k else -1, "tau_days": int(tau)} | _line(result))
    return pd.DataFrame(rows)


def shares_over(time, event, group, horizons, confidence: float = 0.95) -> pd.DataFrame:
    """Share of spells of each group that are over within given days, one minus Kaplan-Meier: `group, days, n, n_at_risk, share, se, lower, upper`.

    A spell of exactly so many days is over within them; `n_at_risk` is the number still observed on that day. Log-log intervals. Missing where a group is not observed so long.
    """
    time, event, _ = check_times(time, event)
    group = np.asarray(group)
    rows = []
    for label in np.unique(group).tolist():
        mask = group == label
        curve = survival.kaplan_meier(time[mask], event[mask], confidence=confidence)
        times, alive = curve["time_days"].to_numpy(), curve["survival"].to_numpy()
        for days in horizons:
            row = {"group": label, "days": int(days), "n": int(mask.sum()), "n_at_risk": int((time[mask] >= days).sum())}
            position = int(np.searchsorted(times, days, side="right")) - 1
            value, lower, upper = survival.survival_at(curve, days)
            se = 0.0 if position < 0 else float(curve["std_err"].iloc[position])
            known = days <= times[-1] or alive[-1] <= 0
            rows.append(row | dict(zip(("share", "se", "lower", "upper"), (1 - value, se, 1 - upper, 1 - lower) if known else [np.nan] * 4, strict=True)))
    return pd.DataFrame(rows)


def share_differences(time, event, group, horizons, confidence: float = 0.95, reference=None) -> pd.DataFrame:
    """Share over within given days, group minus reference: `days, share_group, share_reference, difference, se, lower, upper, p`, with Greenwood variances and normal intervals.

    Missing where a group is not observed so long, or where no standard error exists.
    """
    time, event, _ = check_times(time, event)
    _, compared, reference = two_groups(group, len(time), reference)
    table = shares_over(time, event, group, horizons, confidence).set_index("group")
    one, other = table.loc[[compared]].reset_index(), table.loc[[reference]].reset_index()
    z = ndtri(0.5 + confidence / 2)
    result = pd.DataFrame({"days": one["days"], "share_group": one["share"], "share_reference": other["share"]})
    result["difference"] = result["share_group"] - result["share_reference"]
    result["se"] = np.hypot(one["se"], other["se"]).where(lambda se: se > 0)
    result["lower"], result["upper"] = result["difference"] - z * result["se"], result["difference"] + z * result["se"]
    result["p"] = 2 * ndtr(-(result["difference"] / result["se"]).abs())
    return result
