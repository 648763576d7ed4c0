"""Delays to the start: how many days pass from the trigger, the request or the decision to the first day at work.

Delays are whole days known to lie between two bounds, as dates of a month or a year are. Their distribution is the nonparametric maximum likelihood estimate of
Turnbull (1976), written out here: lifelines has the estimate and no variance, and the restricted mean needs one. The variance is that of the observed information on
the support of the estimate; without imprecise dates it is Greenwood's, and the estimate Kaplan-Meier's.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from coalitions import dates, scopes
from coalitions.panels import ARRANGEMENTS
from coalitions.survival import NotEstimable

CLOCKS = {"decision": "decided", "request": "requested", "trigger": "triggered"}
AGAINST = {"ahc minus un": ("ahc", "un"), "ahc minus regional": ("ahc", "regional")}
FEWEST = 5
COLUMNS = {
    "starts": [
        "scope", "clock", "never_deployed", "model", "term", "horizon_days", "n", "events", "without_date", "started_before", "imprecise",
        "estimate", "se", "lower", "upper", "statistic", "p", "reason",
    ],
    "start_curves": ["scope", "clock", "arrangement", "first_day", "last_day", "mass", "started", "ci_lower", "ci_upper"],
}  # fmt: skip


@dataclass(frozen=True)
class Delays:
    """Turnbull's estimate: intervals of days `first` to `last` (infinite if open) with their masses, and the root of the covariance matrix of the masses."""

    first: np.ndarray
    last: np.ndarray
    mass: np.ndarray
    root: np.ndarray
    n: int


def turnbull(lower, upper, tolerance: float = 1e-5, iterations: int = 200) -> Delays | NotEstimable:
    """Distribution of whole days known to lie between `lower` and `upper`, both included; `upper` is infinite where the event has not happened by the day before `lower`.

    The masses on the innermost intervals (Turnbull 1976) are found by constrained Newton steps (Wang 2007), until no change could raise the log-likelihood by a hundred-thousandth,
    and further as long as rounding allows, so that processors agree; masses below a millionth of a case are dropped. Not estimable if it does not converge.
    """
    from scipy.optimize import nnls  # a quarter of a second that most jobs need not wait

    lower, upper = np.asarray(lower, dtype=float), np.asarray(upper, dtype=float)
    ends = np.concatenate((lower, upper))
    right = np.repeat((0, 1), len(lower))
    order = np.lexsort((right, ends))  # a left end precedes a right end on the same day
    ends, right = ends[order], right[order]
    innermost = np.flatnonzero((right[:-1] == 0) & (right[1:] == 1))
    first, last = ends[innermost], ends[innermost + 1]
    covers = ((lower[:, None] <= first) & (last <= upper[:, None])).astype(float)
    covers, weight = np.unique(covers, axis=0, return_counts=True)
    mass, n, gain = np.full(len(first), 1 / len(first)), len(lower), np.inf
    for _ in range(iterations):
        height = covers @ mass
        score = covers / height[:, None]
        gain = float((weight @ score).max() - n)
        if gain <= tolerance * 1e-7:
            break
        root = np.sqrt(weight)[:, None]
        step = nnls(np.vstack([root * (score - 2), np.ones((1, len(mass)))]), np.append(np.zeros(len(weight)), 1.0))[0]
        step, size = step / step.sum() - mass, 1.0
        slope, was = float(weight @ score @ step), float(weight @ np.log(height))
        while size > 1e-12:
            reached = covers @ (mass + size * step)
            if reached.min() > 0 and float(weight @ np.log(reached)) >= was + size * slope / 3:
                break
            size /= 2
        if gain <= tolerance and size <= 1e-12:  # what is left to gain is lost in rounding
            break
        mass = np.maximum(mass + size * step, 0.0)
    else:
        if gain > tolerance:
            return NotEstimable(f"the distribution of delays does not converge in {iterations} steps")
    held = mass > 1e-6 / n
    first, last, mass, covers = first[held], last[held], mass[held] / mass[held].sum(), covers[:, held]
    score = covers / (covers @ mass)[:, None]
    # masses sum to one: the information is taken within the plane of changes that sum to zero
    plane = np.linalg.svd(np.ones((1, len(mass))))[2][1:].T
    value, vector = np.linalg.eigh(plane.T @ (score.T * weight) @ score @ plane) if len(mass) > 1 else (np.empty(0), np.empty((0, 0)))
    kept = value > 1e-9 * value.max(initial=0)
    return Delays(first, last, mass, plane @ vector[:, kept] / np.sqrt(value[kept]), n)


def restricted_mean_delay(delays: Delays, tau: int) -> tuple[float, float, float, float] | NotEstimable:
    """Mean of the delay restricted to `tau` days, its standard error, and its least and greatest value if mass sits at the first or last day of its interval.

    Mass within an interval sits in its middle. Not estimable if mass lies beyond a last day that is before `tau`.
    """
    if (delays.first[np.isinf(delays.last)] < tau).any():
        return NotEstimable(f"the longest wait is observed for {delays.first[np.isinf(delays.last)].min() - 1:.0f} days and not over, below the horizon of {tau} days")
    first, last = np.minimum(delays.first, tau), np.minimum(delays.last, tau)
    middle = np.minimum((delays.first + np.where(np.isinf(delays.last), delays.first, delays.last)) / 2, tau)
    return float(middle @ delays.mass), float(np.linalg.norm(middle @ delays.root)), float(first @ delays.mass), float(last @ delays.mass)


def median_delay(delays: Delays, confidence: float = 0.95) -> tuple[float | None, float | None, float | None]:
    """The day by which half have started (the middle of its interval) and its limits, by inverting log-log limits of the curve (Brookmeyer and Crowley 1982).

    None where half never start, or where a limit of the curve never falls to half.
    """
    table = curve(delays, confidence)
    found = []
    for column in ("started", "ci_upper", "ci_lower"):
        reached = np.flatnonzero(table[column].fillna(0) >= 0.5 - 1e-9)
        line = table.iloc[reached[0]] if len(reached) else None
        found.append(None if line is None or np.isinf(line["last_day"]) else float((line["first_day"] + line["last_day"]) / 2))
    return found[0], found[1], found[2]


def curve(delays: Delays, confidence: float = 0.95) -> pd.DataFrame:
    """Share started by the last day of every interval of the estimate: `first_day, last_day` (infinite: not by the cut-off), `mass, started, ci_lower, ci_upper` (log-log limits).

    Limits are missing where none or all have started.
    """
    started = np.minimum(np.cumsum(delays.mass), 1.0)
    se = np.linalg.norm(np.cumsum(delays.root, axis=0), axis=1) if delays.root.shape[1] else np.zeros(len(started))
    z, inside = ndtri(0.5 + confidence / 2), (started < 1 - 1e-9) & (se > 0)
    waiting = np.where(inside, 1 - started, 0.5)
    spread = z * se / (waiting * np.abs(np.log(waiting)))
    lower, upper = (np.where(inside, 1 - waiting ** np.exp(sign * spread), np.nan) for sign in (-1, 1))
    return pd.DataFrame({"first_day": delays.first, "last_day": delays.last, "mass": delays.mass, "started": started, "ci_lower": lower, "ci_upper": upper})


def eligible(operations: pd.DataFrame, scope: str, rule: str | None) -> pd.Series:
    """Who is in a scope and deployed; with its `rule` also those that never deployed and would be in it, had they deployed."""
    deployed = operations["deployed"] == 1
    inside = (operations[f"scope_{scope}"] == 1) & deployed
    return inside if rule is None else inside | (~deployed & scopes.select(operations.assign(deployed=1), rule))


def waits(operations: pd.DataFrame, clock: str, cutoff: pd.Timestamp) -> pd.DataFrame:
    """The operations whose clock has a date, with `least` and `most` days from it to the start (infinite: not started by the cut-off), `middle`, `imprecise` and `early`.

    A start before the date is a wait of zero days; `early` says that it was before it for certain. A renamed arrangement is not set up anew, and is left out; so is a
    clock that starts after the cut-off.
    """
    frame = operations[operations["predecessor_id"].isna() & operations[CLOCKS[clock]].notna()]
    since = dates.expand(frame[CLOCKS[clock]])
    frame, since = frame[since["point"] <= cutoff], since[since["point"] <= cutoff]
    start = {name: pd.to_datetime(frame[name]) for name in ("start_earliest", "start", "start_latest")}
    waiting = (frame["deployed"] != 1) | (start["start_earliest"] > cutoff)
    least, most = (start["start_earliest"] - since["latest"]).dt.days, (start["start_latest"] - since["earliest"]).dt.days
    open_since = (cutoff - since["latest"]).dt.days + 1
    return frame.assign(
        least=least.where(~waiting, open_since).clip(lower=0).astype(float), most=most.clip(lower=0).astype(float).where(~waiting, np.inf),
        middle=(start["start"] - since["point"]).dt.days.where(~waiting, open_since).clip(lower=0).astype(float), waiting=waiting,
        imprecise=(~waiting & (most > least)).astype(int), early=(~waiting & (most < 0)).astype(int),
    )  # fmt: skip


# ---- Tables --------------------------------------------------------------------------------------------------------------------------------------------------------


def estimates(operations: pd.DataFrame, rules: dict[str, str], cutoff: pd.Timestamp, horizon_days: int, confidence: float) -> dict[str, pd.DataFrame]:
    """Tables `starts` and `start_curves`, for every inclusion rule and clock.

    Parameters: operations panel; inclusion rules by name; the last day observed; horizon of the restricted mean, in days; confidence level.
    `starts` has a line per arrangement with its `restricted mean` and its `median` (days), and the differences of both between coalitions and the others, with never-deployed
    cases kept as censored and without them (`never_deployed`: kept, dropped). The difference of medians has no interval: the limits stand with the medians. A line
    that cannot be estimated has its reason. `start_curves` has the curves with never-deployed cases kept.
    """
    rows, curves = [], []
    for scope, rule in rules.items():
        for kept, condition in (("kept", rule), ("dropped", None)):
            inside = eligible(operations, scope, condition)
            whole = operations[inside & operations["predecessor_id"].isna()]
            for clock in CLOCKS:
                known = waits(operations, clock, cutoff)
                known = known[inside.reindex(known.index)]
                found = {}
                for kind in ARRANGEMENTS:
                    group = known[known["arrangement"] == kind]
                    head = {
                        "scope": scope, "clock": clock, "never_deployed": kept, "term": kind, "horizon_days": horizon_days, "n": len(group),
                        "events": int((~group["waiting"]).sum()), "without_date": int((whole["arrangement"] == kind).sum()) - len(group),
                        "started_before": int(group["early"].sum()), "imprecise": int(group["imprecise"].sum()),
                    }  # fmt: skip
                    found[kind] = _group(group, horizon_days, confidence)
                    rows += [head | row for row in _lines(found[kind])]
                    if kept == "kept" and not isinstance(found[kind], NotEstimable):
                        curves.append(curve(found[kind][0], confidence).assign(scope=scope, clock=clock, arrangement=kind))
                for term, (one, other) in AGAINST.items():
                    sizes = known[known["arrangement"].isin((one, other))]
                    head = {"scope": scope, "clock": clock, "never_deployed": kept, "term": term, "horizon_days": horizon_days, "n": len(sizes)}
                    head |= {"events": int((~sizes["waiting"]).sum()), "started_before": int(sizes["early"].sum()), "imprecise": int(sizes["imprecise"].sum())}
                    rows += [head | row for row in _compared(found[one], found[other], confidence)]
    table = pd.DataFrame(rows, columns=COLUMNS["starts"]).astype(
        {"without_date": "Float64", "reason": object} | dict.fromkeys(("estimate", "se", "lower", "upper", "statistic", "p"), float)
    )
    shown = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=COLUMNS["start_curves"])
    shown["last_day"] = shown["last_day"].where(np.isfinite(shown["last_day"].astype(float)))
    return {"starts": table, "start_curves": shown[COLUMNS["start_curves"]]}


def _group(group: pd.DataFrame, horizon: int, confidence: float):
    """The distribution of a group, its restricted mean and its median; NotEstimable with the reason of the first that fails."""
    if len(group) < FEWEST:
        return NotEstimable(f"fewer than five operations with a dated clock ({len(group)})")
    distribution = turnbull(group["least"], group["most"])
    if isinstance(distribution, NotEstimable):
        return distribution
    return distribution, restricted_mean_delay(distribution, horizon), median_delay(distribution, confidence), confidence


def _lines(found) -> list[dict]:
    """Lines `restricted mean` and `median` of one arrangement."""
    if isinstance(found, NotEstimable):
        return [{"model": model, "reason": found.reason} for model in ("restricted mean", "median")]
    _, mean, (median, lower, upper), confidence = found
    if isinstance(mean, NotEstimable):
        first = {"model": "restricted mean", "reason": mean.reason}
    else:
        first = {"model": "restricted mean", "estimate": mean[0], "se": mean[1]}
        first |= {"lower": mean[0] - ndtri(0.5 + confidence / 2) * mean[1], "upper": mean[0] + ndtri(0.5 + confidence / 2) * mean[1]}
    second = {"model": "median", "estimate": median, "lower": lower, "upper": upper, "reason": "half have not started" if median is None else None}
    return [first, second]


def _compared(one, other, confidence: float) -> list[dict]:
    """Lines `difference of restricted means` and `difference of medians` of two arrangements."""
    names = ("difference of restricted means", "difference of medians")
    if fault := next((part for part in (one, other) if isinstance(part, NotEstimable)), None):
        return [{"model": name, "reason": fault.reason} for name in names]
    fault = next((part[1] for part in (one, other) if isinstance(part[1], NotEstimable)), None)
    if fault:
        lines = [{"model": names[0], "reason": fault.reason}]
    else:
        theta, se, z = one[1][0] - other[1][0], float(np.hypot(one[1][1], other[1][1])), ndtri(0.5 + confidence / 2)
        lines = [{"model": names[0], "estimate": theta, "reason": "all delays of a group are alike: no variance"}]
        if se > 1e-9:
            lines = [
                {"model": names[0], "estimate": theta, "se": se, "lower": theta - z * se, "upper": theta + z * se, "statistic": theta / se, "p": float(2 * ndtr(-abs(theta / se)))}
            ]
    medians = one[2][0], other[2][0]
    return [
        *lines,
        {"model": names[1]}
        | ({"reason": "half have not started"} if None in medians else {"estimate": medians[0] - medians[1], "reason": "no interval: see those of the medians"}),
    ]
