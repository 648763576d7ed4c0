"""Kaplan-Meier, median, restricted mean survival time and k-sample log-rank, on integer days.

Written out rather than taken from a library because the pipeline needs them with left truncation, at a million spells and inside permutations; statsmodels and
R's `survival` arbitrate in `tests/reference`. Conventions, said aloud:

- time is an integer number of days at the exit from observation; `event` is 1 (ended) or 0 (censored); `entry` is the day of entry, 0 if absent;
- a spell is at risk on (entry, time], as in R and in Andersen et al. (1993);
- an event precedes a censoring at the same time;
- intervals of the survival function are log-log (Kalbfleisch and Prentice 2002), limits of the median Brookmeyer and Crowley (1982) on the same scale.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtri

DAYS_PER_YEAR = 365.25


class SurvivalInputError(ValueError):
    """Times, events or entries that no survival estimator should accept."""


@dataclass(frozen=True)
class NotEstimable:
    """An estimate that the data cannot give, and why."""

    reason: str


@dataclass(frozen=True)
class Mean:
    """Restricted mean survival time up to `tau_days`: estimate, standard error and n, in days."""

    tau_days: int
    estimate: float
    se: float
    n: int
    events: int


def check_times(time, event, entry=None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three arrays as integers, or SurvivalInputError naming the first offending position.

    Refuses missing values, fractional days, an event other than 0/1 (1/2 coding included), and time not after entry.
    """
    time, event = np.asarray(time), np.asarray(event)
    entry = np.zeros(len(time)) if entry is None else np.asarray(entry)
    if len(time) == 0:
        raise SurvivalInputError("no spells")
    for name, values in (("time", time), ("event", event), ("entry", entry)):
        if len(values) != len(time):
            raise SurvivalInputError(f"{name} has {len(values)} values for {len(time)} spells")
        try:
            values = values.astype(float)
        except (TypeError, ValueError):
            raise SurvivalInputError(f"{name} is not a number everywhere: missing values are not allowed") from None
        if not np.isfinite(values).all():
            raise SurvivalInputError(f"{name} is missing or infinite at position {int(np.argmin(np.isfinite(values)))}")
        if name != "event" and (values % 1 != 0).any():
            raise SurvivalInputError(f"{name} is not a whole number of days at position {int(np.argmax(values % 1 != 0))}")
    if not np.isin(event.astype(float), (0, 1)).all():
        raise SurvivalInputError("event must be 0 or 1 (a coding of 1 and 2 is refused)")
    time, event, entry = time.astype(np.int64), event.astype(np.int64), entry.astype(np.int64)
    if (entry < 0).any():
        raise SurvivalInputError(f"negative entry at position {int(np.argmax(entry < 0))}")
    if (time <= entry).any():
        raise SurvivalInputError(f"time is not after entry at position {int(np.argmax(time <= entry))}: a spell lasts at least one day")
    return time, event, entry


def _counts(time, event, entry):
    """Distinct exit times with numbers at risk, events and censorings. Many spells are counted by day, few are sorted."""
    top = int(time.max()) + 1
    if _by_day(top, len(time)):
        leave = np.bincount(time, minlength=top)
        distinct = np.flatnonzero(leave)
        events, exits = np.bincount(time[event == 1], minlength=top)[distinct], leave[distinct]
        entered = np.cumsum(np.bincount(entry, minlength=top))[distinct - 1]  # entry < t
        return distinct, entered - (np.cumsum(leave) - leave)[distinct], events, exits - events
    order = np.argsort(time, kind="stable")
    sorted_time = time[order]
    distinct, first = np.unique(sorted_time, return_index=True)
    exits = np.diff(np.append(first, len(time)))
    events = np.add.reduceat(event[order], first)
    left = len(time) - first
    late = len(time) - np.searchsorted(np.sort(entry), distinct, side="left")  # not yet entered just before t: entry >= t
    return distinct, left - late, events, exits - events


def _by_day(days: int, n: int) -> bool:
    """Whether counting by day beats sorting: it takes the days, sorting takes the spells times their logarithm."""
    return days <= 4 * n


def kaplan_meier(time, event, entry=None, confidence: float = 0.95) -> pd.DataFrame:
    """Kaplan-Meier estimate at every distinct exit time.

    Returns `time_days, n_at_risk, n_event, n_censored, survival, std_err, ci_lower, ci_upper`. The interval is log-log; it is missing where survival is 0.
    With left truncation an early risk set that dies out would hold survival at 0 for ever; such a curve comes with `n_at_risk` to show it: see `early_zero`.
    """
    time, event, entry = check_times(time, event, entry)
    distinct, risk, events, censored = _counts(time, event, entry)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - events / risk)
        greenwood = np.cumsum(events / (risk * (risk - events)))
        se_log = np.sqrt(greenwood)
        z = ndtri(0.5 + confidence / 2)
        spread = z * se_log / np.abs(np.log(survival))
        lower, upper = survival ** np.exp(spread), survival ** np.exp(-spread)
    lower, upper = np.where(survival == 1, 1.0, lower), np.where(survival == 1, 1.0, upper)
    dead = survival <= 0
    lower, upper = np.where(dead, np.nan, lower), np.where(dead, np.nan, upper)
    std_err = np.where(dead, np.nan, survival * np.where(np.isfinite(se_log), se_log, 0))
    return pd.DataFrame(
        {
            "time_days": distinct, "n_at_risk": risk, "n_event": events, "n_censored": censored,
            "survival": survival, "std_err": std_err, "ci_lower": lower, "ci_upper": upper,
        }
    )  # fmt: skip


def early_zero(curve: pd.DataFrame) -> bool:
    """Whether survival falls to 0 while spells are still to come: left truncation with an early risk set that died out."""
    zero = curve["survival"].to_numpy() <= 0
    return bool(zero.any() and zero.argmax() < len(curve) - 1)


def quantile(curve: pd.DataFrame, p: float = 0.5) -> tuple[float, float, float]:
    """Time at which survival falls to `p`, with its Brookmeyer-Crowley limits; NaN where the curve does not fall so far.

    Where the curve is exactly `p` over a stretch, the middle of the stretch is taken, as R does when it prints a curve;
    a curve that ends at `p` gives the time at which it got there.
    """
    return _crossing(curve, "survival", p), _crossing(curve, "ci_lower", p), _crossing(curve, "ci_upper", p)


def _crossing(curve: pd.DataFrame, column: str, p: float, tolerance: float = 1.5e-8) -> float:
    values, times = curve[column].to_numpy(), curve["time_days"].to_numpy(dtype=float)
    if column != "survival":  # a limit is missing where survival is 0: the curve is below p there
        values = np.where(np.isnan(values), 0.0, values) if column == "ci_lower" else values
        # an upper limit that is missing carries the last known limit forward, as R does
        values = pd.Series(values).ffill().to_numpy() if column == "ci_upper" else values
    reached = values < p + tolerance
    if not reached.any():
        return float("nan")
    first = int(np.argmax(reached))
    below = np.flatnonzero(values < p - tolerance)
    return (times[first] + times[below[0]]) / 2 if values[first] >= p - tolerance and below.size else times[first]


def survival_at(curve: pd.DataFrame, days: float) -> tuple[float, float, float]:
    """Survival and its limits at a time: (1, 1, 1) before the first exit."""
    position = int(np.searchsorted(curve["time_days"].to_numpy(), days, side="right")) - 1
    if position < 0:
        return 1.0, 1.0, 1.0
    row = curve.iloc[position]
    return float(row["survival"]), float(row["ci_lower"]), float(row["ci_upper"])


def at_risk(time, days, entry=None) -> np.ndarray:
    """Number at risk just before each of `days`."""
    time, entry = np.asarray(time), np.zeros(len(time)) if entry is None else np.asarray(entry)
    return np.array([int(((time >= d) & (entry < max(d, 1))).sum()) for d in days])


def restricted_mean(time, event, tau_days: int, entry=None) -> Mean | NotEstimable:
    """Restricted mean survival time: area under the Kaplan-Meier curve to `tau_days`, with its variance (Klein and Moeschberger 2003, 4.5).

    Not estimable if the last spell is censored before `tau_days`: the curve is not known up to there, and no convention is silently put in its place.
    """
    time, event, entry = check_times(time, event, entry)
    distinct, risk, events, _ = _counts(time, event, entry)
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.cumprod(1 - events / risk)
    if distinct[-1] < tau_days and survival[-1] > 0:
        return NotEstimable(f"the longest observed spell is {distinct[-1]} days and still running, below tau of {tau_days} days")
    inside = distinct < tau_days
    grid = np.concatenate(([0], distinct[inside], [tau_days]))
    height = np.concatenate(([1.0], survival[inside]))
    pieces = np.diff(grid) * height
    rest = np.cumsum(pieces[::-1])[::-1][1:]  # area from each exit time to tau
    n, d = risk[inside], events[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where((d > 0) & (n > d), rest**2 * d / (n * (n - d)), 0.0)
    return Mean(int(tau_days), float(pieces.sum()), float(np.sqrt(terms.sum())), len(time), int(event[time <= tau_days].sum()))


@dataclass(frozen=True)
class LogRank:
    """k-sample log-rank test: statistic, degrees of freedom, asymptotic p, observed and expected events by group."""

    statistic: float
    df: int
    p: float
    groups: list
    observed: list
    expected: list


def log_rank(time, event, group, entry=None, strata=None) -> LogRank | NotEstimable:
    """k-sample log-rank test (Peto and Peto 1972), stratified if `strata` is given, with left truncation if `entry` is.

    The variance is hypergeometric, as in R's `survdiff`. p comes from the upper tail itself, so that a tiny p is not rounded to 0.
    """
    time, event, entry = check_times(time, event, entry)
    group = np.asarray(group)
    if pd.isna(group).any():
        raise SurvivalInputError(f"group is missing at position {int(np.argmax(pd.isna(group)))}")
    labels, code = np.unique(group, return_inverse=True)
    k = len(labels)
    if k < 2:
        return NotEstimable("only one group")
    strata = np.zeros(len(time)) if strata is None else np.asarray(strata)
    if pd.isna(strata).any():
        raise SurvivalInputError(f"stratum is missing at position {int(np.argmax(pd.isna(strata)))}")
    observed, expected, covariance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for stratum in np.unique(strata):
        inside = strata == stratum
        o, e, v = _score(time[inside], event[inside], entry[inside], code[inside], k)
        observed, expected, covariance = observed + o, expected + e, covariance + v
    if observed.sum() == 0:
        return NotEstimable("no events")
    usable = np.flatnonzero(expected > 0)
    if len(usable) < 2:
        return NotEstimable("fewer than two groups were ever at risk")
    keep = usable[:-1]
    difference = (observed - expected)[keep]
    statistic = float(difference @ np.linalg.pinv(covariance[np.ix_(keep, keep)]) @ difference)
    df = len(keep)
    return LogRank(statistic, df, float(chdtrc(df, statistic)), labels.tolist(), observed.tolist(), expected.tolist())


def _score(time, event, entry, code, k):
    died_at = time[event == 1]
    if len(died_at) == 0:
        return np.zeros(k), np.zeros(k), np.zeros((k, k))
    top = int(time.max()) + 1
    by_day = _by_day(top * k, len(time))
    if by_day:
        there, came, dead = (np.bincount(g * top + days, minlength=k * top).reshape(k, top) for g, days in ((code, time), (code, entry), (code[event == 1], died_at)))
        distinct = np.flatnonzero(dead.any(axis=0))
        risk = np.cumsum(came, axis=1)[:, distinct - 1] - (np.cumsum(there, axis=1) - there)[:, distinct]
        risk, died = (np.ascontiguousarray(counts, dtype=float) for counts in (risk, dead[:, distinct]))  # sums over rows in one order, by whichever way they were counted
    else:
        distinct = np.unique(died_at)
        risk, died = np.empty((k, len(distinct))), np.empty((k, len(distinct)))
    for g in () if by_day else range(k):
        mine = code == g
        exits, entries, deaths = np.sort(time[mine]), np.sort(entry[mine]), np.sort(time[mine & (event == 1)])
        left = len(exits) - np.searchsorted(exits, distinct, side="left")
        late = len(entries) - np.searchsorted(entries, distinct, side="left")
        risk[g] = left - late
        died[g] = np.searchsorted(deaths, distinct, side="right") - np.searchsorted(deaths, distinct, side="left")
    n, d = risk.sum(axis=0), died.sum(axis=0)
    share = risk / n
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(n > 1, d * (n - d) / (n - 1), 0.0)
    covariance = np.diag(share @ factor) - (share * factor) @ share.T
    return died.sum(axis=1), (share * d).sum(axis=1), covariance


def permuted_p(statistic, labels: np.ndarray, draws: int, rng: np.random.Generator) -> float:
    """Two-sided permutation p of `statistic(labels)`: (1 + draws at least as large in absolute value) / (1 + draws); `labels` are shuffled.

    The observed value counts as one draw (Phipson and Smyth 2010), so p is never 0. Draws in which the statistic does not exist count as extreme.
    """
    observed = abs(statistic(labels))
    extreme = 0
    for _ in range(draws):
        value = statistic(rng.permutation(labels))
        extreme += not abs(value) < observed - 1e-12
    return (1 + extreme) / (1 + draws)


def summary(spells: pd.DataFrame, taus: list[float], confidence: float) -> dict[str, float | int | None]:
    """One line of the duration summary for one group of spells (`duration_days`, `ended`, `start`).

    Keys: n, events, median_years with limits, rmst_<tau> with limits, share over within 1, 3, 5 years is left to the curve, mean_calendar_years.
    """
    time, event = spells["duration_days"].to_numpy(dtype=float), spells["ended"].to_numpy()
    curve = kaplan_meier(time, event, confidence=confidence)
    median = [value / DAYS_PER_YEAR for value in quantile(curve)]
    row = {"n": len(time), "events": int(event.sum()), "median_years": median[0], "median_lower": median[1], "median_upper": median[2]}
    z = ndtri(0.5 + confidence / 2)
    for tau in taus:
        result = restricted_mean(time, event, round(tau * DAYS_PER_YEAR))
        known = isinstance(result, Mean)
        row[f"rmst_{tau:g}"] = result.estimate / DAYS_PER_YEAR if known else np.nan
        row[f"rmst_{tau:g}_lower"] = (result.estimate - z * result.se) / DAYS_PER_YEAR if known else np.nan
        row[f"rmst_{tau:g}_upper"] = (result.estimate + z * result.se) / DAYS_PER_YEAR if known else np.nan
    last = spells["start"] + pd.to_timedelta(time - 1, unit="D")
    row["mean_calendar_years"] = float((last.dt.year - spells["start"].dt.year + 1).mean())
    return row


def permuted_log_rank_p(time, event, group, draws: int, rng: np.random.Generator) -> float:
    """Permutation p of the k-sample log-rank statistic: the group labels are shuffled `draws` times, all shuffles at once.

    The statistic is the quadratic form of the log-rank scores (observed minus expected by spell) with their permutation covariance, which is the same for every shuffle
    (Peto and Peto 1972): each draw costs one product. The observed labelling counts as a draw, so p is never 0.
    """
    time, event, _ = check_times(time, event)
    labels, code = np.unique(np.asarray(group), return_inverse=True)
    if len(labels) < 2:
        raise SurvivalInputError("only one group: there are no labels to shuffle")
    distinct, risk, events, _ = _counts(time, event, np.zeros_like(time))
    hazard = np.cumsum(events / risk)
    scores = event - hazard[np.searchsorted(distinct, time)]
    centred = scores - scores.mean()
    n, sizes = len(time), np.bincount(code)
    share = sizes / n
    covariance = (np.diag(share) - np.outer(share, share)) * n / (n - 1) * (centred**2).sum()
    inverse = np.linalg.pinv(covariance[:-1, :-1])
    member = np.zeros((n, len(labels) - 1))
    member[np.arange(n)[code < len(labels) - 1], code[code < len(labels) - 1]] = 1

    def statistic(sums):
        return np.einsum("...i,ij,...j->...", sums, inverse, sums)

    observed = statistic(centred @ member)
    order = rng.permuted(np.broadcast_to(np.arange(n), (draws, n)), axis=1)
    sums = np.stack([(centred[order] * member[:, g]).sum(axis=1) for g in range(member.shape[1])], axis=1)
    return float((1 + (statistic(sums) >= observed - 1e-9).sum()) / (1 + draws))
