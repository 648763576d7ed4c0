"""Competing risks on integer days: cumulative incidence, Gray's test, subdistribution hazards.

A spell ends in one of K ways (`cause` 1 to K) or is censored (`cause` 0). Conventions of `survival`: time is a whole number of days at the exit, a spell is at risk on
(entry, time], an event precedes a censoring at the same time. R's `survival` and `cmprsk` arbitrate in `tests/reference`. Two choices where they differ, said aloud:

- standard errors of an incidence: `delta` is the Greenwood-type estimate (Andersen et al. 1993, IV.4); `jackknife` is the infinitesimal jackknife of R's multi-state `survfit`,
  the same number without left truncation, another one with it (by a tenth in small samples; for a single cause `survfit` prints Greenwood's, so `delta` is the default);
  `aalen` is that of Aalen (1978) with Gray's correction for ties, which is what `cmprsk::cuminc` prints. It differs from the others in the third digit;
- intervals: `log-log` is on the scale of log(-log(incidence)) (Choudhury 2002) as in `survfit(conf.type = "log-log")`, `plain` is normal, cut at 0 and 1.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr, ndtri

from coalitions.survival import NotEstimable, SurvivalInputError, check_times

EVENTS_PER_PARAMETER = 5.0  # below about five, intervals and coefficients of proportional hazards models go wrong (Vittinghoff and McCulloch 2007)

SEPARATED = "separated, or nearly so: the likelihood rises without end"


def check_causes(time, cause, entry=None, causes: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Time, cause and entry as integers, and the number of causes K; or SurvivalInputError naming the first offending position.

    Refuses what `check_times` refuses, and causes that are missing, negative, fractional or above `causes`. K is `causes`, by default the largest cause that occurs.
    """
    cause = np.asarray(cause)
    if len(cause) != len(np.asarray(time)):
        raise SurvivalInputError(f"cause has {len(cause)} values for {len(np.asarray(time))} spells")
    try:
        number = cause.astype(float)
    except (TypeError, ValueError):
        raise SurvivalInputError("cause is not a number everywhere: 0 is censored, causes are 1, 2, ...") from None
    wrong = ~np.isfinite(number) | (number < 0) | (number % 1 != 0)
    if wrong.any():
        raise SurvivalInputError(f"cause is not 0, 1, 2, ... at position {int(np.argmax(wrong))}")
    time, _, entry = check_times(time, (number > 0).astype(np.int64), entry)
    cause = number.astype(np.int64)
    if causes is not None and cause.max() > causes:
        raise SurvivalInputError(f"cause is above {causes} at position {int(np.argmax(cause > causes))}")
    return time, cause, entry, int(causes or max(cause.max(), 1))


def _counts(time, cause, entry, k):
    """Distinct exit times with numbers at risk, ends by cause (a column each) and censorings."""
    order = np.argsort(time, kind="stable")
    sorted_time = time[order]
    start = np.flatnonzero(np.append(True, np.diff(sorted_time) > 0))
    distinct, size = sorted_time[start], np.diff(np.append(start, len(time)))
    position = np.repeat(np.arange(len(distinct)), size)
    table = np.bincount(position * (k + 1) + cause[order], minlength=len(distinct) * (k + 1)).reshape(-1, k + 1)
    late = len(time) - np.searchsorted(np.sort(entry), distinct, side="left") if entry.any() else 0  # not yet entered just before t: entry >= t
    return distinct, len(time) - start - late, table[:, 1:], table[:, 0]


def cumulative_incidence(time, cause, entry=None, confidence: float = 0.95, variance: str = "delta", interval: str = "log-log", causes: int | None = None) -> pd.DataFrame:
    """Aalen-Johansen estimate of the incidence of every cause, at every distinct exit time.

    Parameters: days; cause (0 censored, 1 to K); day of entry; confidence level; `variance` `delta`, `jackknife` or `aalen` and `interval` `log-log` or `plain` (see above);
    K, by default the largest cause that occurs (say it where a group may lack the last cause).
    Returns a line per cause and time: `cause, time_days, n_at_risk, n_event, n_censored, survival, incidence, std_err, ci_lower, ci_upper`; `survival` is Kaplan-Meier for an
    end of any kind, and the incidences sum to one minus it. The interval is (0, 0) where the incidence is 0; log-log has none where it is 1.
    With left truncation an early risk set that dies out holds everything where it is: `survival.early_zero` on the lines of one cause tells.
    """
    if variance not in ("delta", "jackknife", "aalen"):
        raise ValueError(f"variance must be delta, jackknife or aalen, not {variance!r}")
    if interval not in ("log-log", "plain"):
        raise ValueError(f"interval must be log-log or plain, not {interval!r}")
    time, cause, entry, k = check_causes(time, cause, entry, causes)
    distinct, risk, events, censored = _counts(time, cause, entry, k)
    n, total = risk.astype(float), events.sum(axis=1).astype(float)
    survival = np.cumprod(1 - total / n)
    before = np.append(1.0, survival[:-1])
    parts = []
    for position in range(k):
        d = events[:, position].astype(float)
        incidence = np.cumsum(before * d / n)
        if variance == "jackknife":
            square = _jackknife(incidence, before, n, d, total, distinct, time, cause, entry, position + 1)
        else:
            square = (_delta if variance == "delta" else _aalen)(incidence, survival, before, n, d, total)
        se = np.sqrt(np.maximum(square, 0))
        lower, upper = _limits(incidence, se, confidence, interval)
        counts = {"cause": position + 1, "time_days": distinct, "n_at_risk": risk, "n_event": events[:, position], "n_censored": censored}
        parts.append(pd.DataFrame(counts | {"survival": survival, "incidence": incidence, "std_err": se, "ci_lower": lower, "ci_upper": upper}))
    return pd.concat(parts, ignore_index=True)


def _delta(incidence, survival, before, n, d, total):
    """Sum over s <= t of the variance of before(s) dA(s) - (F(t) - F(s)) dA.(s) / (1 - dA.(s)), the increments being multinomial; expanded in powers of F(t)."""
    alive = total < n
    own = before**2 * d * (n - d) / n**3
    with np.errstate(divide="ignore", invalid="ignore"):
        both = np.where(alive, total / (n * (n - total)), 0.0)
    cross = np.where(alive, before * d / n**2, 0.0)
    return _powers(incidence, both, cross, own)


def _aalen(incidence, survival, before, n, d, total):
    """Sum over s <= t of (1 - (F(t) - F(s)) / S(s))^2 for the cause and ((F(t) - F(s)) / S(s))^2 for the others, times Poisson variances corrected for ties (cmprsk)."""
    other = total - d
    with np.errstate(divide="ignore", invalid="ignore"):
        own = before**2 * d / n**2 * np.where(d > 1, 1 - (d - 1) / (n - 1), 1.0)
        rest = before**2 * other / n**2 * np.where(other > 1, 1 - (other - 1) / (n - 1), 1.0)
        inverse = np.where(survival > 0, 1 / survival, 0.0)
    return _powers(incidence, (own + rest) * inverse**2, own * inverse, own)


def _jackknife(incidence, before, n, d, total, distinct, time, cause, entry, of):
    """Sum over spells of the squared influence on F(t): of before(s) / n(s) (dN - dA) less (F(t) - F(s)) / (n(s) (1 - dA.(s))) (dN. - dA.) while at risk, up to t.

    An influence is p - F(t) q with p and q running while a spell is at risk and fixed after its exit, so that the sum over all spells is one of running sums.
    """
    with np.errstate(divide="ignore"):
        later = np.where(total < n, 1 / (n - total), 0.0)  # nothing that is left can change once all have ended
    p = np.append(0.0, -np.cumsum(before * d / n**2 + incidence * later * total / n))
    q = np.append(0.0, -np.cumsum(later * total / n))
    exit_, start = np.searchsorted(distinct, time), np.searchsorted(distinct, entry, side="right")
    jump = np.where(cause > 0, later[exit_], 0.0)
    gone_p = p[exit_ + 1] - p[start] + np.where(cause == of, (before / n)[exit_], 0.0) + incidence[exit_] * jump
    gone_q = q[exit_ + 1] - q[start] + jump

    def running(position, values):
        return np.cumsum(np.bincount(position, weights=values, minlength=len(distinct) + 1)[: len(distinct)])

    def inside(values):  # sum over the spells that have entered and not left
        return running(start, values) - running(exit_, values)

    square = running(exit_, gone_p**2) - 2 * incidence * running(exit_, gone_p * gone_q) + incidence**2 * running(exit_, gone_q**2)
    drift, base = p[1:] - incidence * q[1:], (p[start], q[start])
    entered = inside(base[0] ** 2) - 2 * incidence * inside(base[0] * base[1]) + incidence**2 * inside(base[1] ** 2)
    return square + drift**2 * inside(np.ones(len(time))) - 2 * drift * (inside(base[0]) - incidence * inside(base[1])) + entered


def _powers(incidence, both, cross, own):
    """Sum over s <= t of own(s) + (F(t) - F(s))^2 both(s) - 2 (F(t) - F(s)) cross(s)."""
    zero, one = np.cumsum(own), np.cumsum(cross)
    constant = zero + np.cumsum(both * incidence**2) + 2 * np.cumsum(cross * incidence)
    return constant - 2 * incidence * (np.cumsum(both * incidence) + one) + incidence**2 * np.cumsum(both)


def _limits(incidence, se, confidence, interval):
    z = ndtri(0.5 + confidence / 2)
    if interval == "plain":
        return np.maximum(incidence - z * se, 0), np.minimum(incidence + z * se, 1)
    inside = (incidence > 0) & (incidence < 1 - 1e-12)  # a sum that should be 1 may miss it by a rounding error
    safe = np.where(inside, incidence, 0.5)
    spread = z * se / (safe * -np.log(safe))
    lower, upper = safe ** np.exp(spread), safe ** np.exp(-spread)
    outside = np.where(incidence <= 0, 0.0, np.nan)
    return np.where(inside, lower, outside), np.where(inside, upper, outside)


def at(curve: pd.DataFrame, days) -> pd.DataFrame:
    """Incidences at given days: a line per cause and day with `cause, days, incidence, std_err, ci_lower, ci_upper`.

    0 before the first exit; missing after the last one, unless nothing was left running (the curve is not known there; R's `summary(extend = TRUE)` would carry it on).
    """
    days = np.atleast_1d(np.asarray(days))
    parts = []
    for cause, lines in curve.groupby("cause", sort=True):
        times = lines["time_days"].to_numpy()
        position = np.searchsorted(times, days, side="right") - 1
        values = lines[["incidence", "std_err", "ci_lower", "ci_upper"]].to_numpy()[np.maximum(position, 0)]
        values[position < 0] = 0.0
        if lines["survival"].iloc[-1] > 0:
            values[days > times[-1]] = np.nan
        part = pd.DataFrame(values, columns=["incidence", "std_err", "ci_lower", "ci_upper"])
        part.insert(0, "days", days)
        part.insert(0, "cause", cause)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class IncidenceDifference:
    """Incidence of a cause in one group minus that in another at a day, with standard error, normal interval and two-sided p."""

    cause: int
    days: int
    estimate: float
    se: float
    lower: float
    upper: float
    p: float


def difference_at(one: pd.DataFrame, other: pd.DataFrame, days: int, cause: int, confidence: float = 0.95) -> IncidenceDifference | NotEstimable:
    """Difference between two independent curves of `cumulative_incidence` at a day. Not estimable if one of them is not known there, or if neither has any spread."""
    values = []
    for curve in (one, other):
        line = at(curve[curve["cause"] == cause], days)
        if line["incidence"].isna().any():
            return NotEstimable(f"a group is not observed up to {days} days")
        values.append((float(line["incidence"].iloc[0]), float(line["std_err"].iloc[0])))
    (first, first_se), (second, second_se) = values
    se = float(np.hypot(first_se, second_se))
    if se == 0:
        return NotEstimable(f"neither group has a standard error at {days} days")
    z, estimate = ndtri(0.5 + confidence / 2), first - second
    return IncidenceDifference(int(cause), int(days), estimate, se, float(estimate - z * se), float(estimate + z * se), float(2 * ndtr(-abs(estimate / se))))


# ---- Gray's test -------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gray:
    """Test of equal incidence of one cause: statistic, degrees of freedom, asymptotic p; by group the observed ends and those expected if the incidences were equal."""

    cause: int
    statistic: float
    df: int
    p: float
    groups: list
    observed: list
    expected: list


def gray_test(time, cause, group, strata=None, rho: float = 0.0) -> dict[int, Gray | NotEstimable]:
    """k-sample test of equal cumulative incidence, for every cause (Gray 1988), as `cmprsk::cuminc`: its weights (1 - F)^rho, its variance, its correction for ties.

    Parameters: days; cause (0 censored, 1 to K); group; strata (scores and variances are summed over them); `rho`. No left truncation.
    A group that is never at risk when the cause strikes takes no degree of freedom. p comes from the upper tail itself. The statistic is not symmetric in the causes:
    a difference in one incidence may come from another cause.
    Not estimable with one group, without events of the cause, where the variance is singular, or where the groups hardly overlap (cmprsk gives a number there, from a
    common incidence above 1).
    """
    time, cause, _, k = check_causes(time, cause)
    labels, code = _labels(group, len(time), "group")
    _, layer = _labels(np.zeros(len(time), dtype=int) if strata is None else strata, len(time), "stratum")
    if len(labels) < 2:
        return {of: NotEstimable("only one group") for of in range(1, k + 1)}
    return {of: _gray(time, cause, code, layer, labels, of, rho) for of in range(1, k + 1)}


def _labels(values, n, name):
    values = np.asarray(values)
    if len(values) != n:
        raise SurvivalInputError(f"{name} has {len(values)} values for {n} spells")
    if pd.isna(values).any():
        raise SurvivalInputError(f"{name} is missing at position {int(np.argmax(pd.isna(values)))}")
    return np.unique(values, return_inverse=True)


def _gray(time, cause, code, layer, labels, of, rho) -> Gray | NotEstimable:
    if not (cause == of).any():
        return NotEstimable(f"no events of cause {of}")
    g = len(labels)
    score, covariance, observed, expected = np.zeros(g), np.zeros((g, g)), np.zeros(g), np.zeros(g)
    kind = np.where(cause == of, 1, np.where(cause > 0, 2, 0))
    for stratum in range(layer.max() + 1):
        inside = layer == stratum
        s, v, o, e = _gray_score(time[inside], kind[inside], code[inside], g, rho)
        score, covariance, observed, expected = score + s, covariance + v, observed + o, expected + e
    usable = np.flatnonzero(expected > 0)
    if len(usable) < 2:
        return NotEstimable("fewer than two groups were ever at risk")
    keep = usable[:-1]
    matrix = covariance[np.ix_(keep, keep)]
    if not np.isfinite(matrix).all():
        return NotEstimable("the incidence common to all groups passes 1 while groups are still compared: they hardly overlap")
    if np.linalg.matrix_rank(matrix, hermitian=True) < len(keep):
        return NotEstimable("the variance of the scores is singular")
    statistic = float(score[keep] @ np.linalg.solve(matrix, score[keep]))
    return Gray(of, statistic, len(keep), float(chdtrc(len(keep), statistic)), labels.tolist(), observed.astype(int).tolist(), expected.tolist())


def _lag(values, first):
    """Values just before each time: shifted by one along the last axis."""
    return np.concatenate((np.full((*values.shape[:-1], 1), first), values[..., :-1]), axis=-1)


def _gray_score(time, kind, code, g, rho):
    """Scores, their covariance, observed and expected events in one stratum. `kind` is 1 for the cause of interest, 2 for another, 0 for censored.

    In the notation of Gray (1988): h = Y / S(t-), R = h (1 - F(t-)), F0 the incidence common to all groups with increments dN1 / sum h. The score of group i is the sum of
    weight * (dN1_i - dN1 R_i / sum R). Its influence through group k is a_ik = weight * h_i (1[i=k] - h_k / sum h) at an end of the cause, and
    through later times C_ik - c_ik(t), where c_ik sums a_ik dF0 / (1 - F0(t-)).
    """
    distinct = np.unique(time[kind > 0])
    if len(distinct) == 0:
        return np.zeros(g), np.zeros((g, g)), np.zeros(g), np.zeros(g)
    at_risk, own, other = (np.empty((g, len(distinct))) for _ in range(3))
    for i in range(g):
        mine = code == i
        exits = np.sort(time[mine])
        at_risk[i] = len(exits) - np.searchsorted(exits, distinct, side="left")
        for ends, which in ((own, 1), (other, 2)):
            ends[i] = np.bincount(np.searchsorted(distinct, time[mine & (kind == which)]), minlength=len(distinct))
    here = at_risk > 0
    safe = np.where(here, at_risk, 1.0)
    survival = np.cumprod(1 - (own + other) / safe, axis=1)
    before = _lag(survival, 1.0)
    incidence_before = _lag(np.cumsum(np.where(here, before * own / safe, 0.0), axis=1), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.where(here, at_risk / before, 0.0)
        total, dead = h.sum(axis=0), own.sum(axis=0)
        common = np.cumsum(dead / total)
        left = 1 - _lag(common, 0.0)
        weight = np.where(left > 1e-9, np.maximum(left, 1e-9) ** rho, 0.0)  # F0 may pass 1 once a single group is left: nothing is compared then
        expected = dead * h * (1 - incidence_before) / (h * (1 - incidence_before)).sum(axis=0)
        a = weight * h[:, None] * (np.eye(g)[:, :, None] - (h / total)[None])
        path = np.cumsum(np.where(dead > 0, a * dead / (total * np.maximum(left, 1e-9)), 0.0), axis=2)
        later = path[:, :, -1:] - path
        ratio = np.where(survival > 0, (1 - common) / survival, 0.0)
        ties = np.where(dead > 1, 1 - (dead - 1) / (total * before - 1), 1.0)
        own_variance = np.where(here & (dead > 0), ties * before * dead / (total * safe), 0.0)
        ties = np.where(other > 1, 1 - (other - 1) / np.maximum(safe - 1, 1), 1.0)
        other_variance = np.where(survival > 0, ties * before**2 * other / safe**2, 0.0)
    if (((h > 0).sum(axis=0) > 1) & (dead > 0) & (left <= 1e-9)).any():
        return np.full(g, np.nan), np.full((g, g), np.nan), own.sum(axis=1), np.where(dead > 0, expected, 0.0).sum(axis=1)
    first, second = a + (1 - ratio) * later, ratio * later
    covariance = np.einsum("ikt,jkt,kt->ij", first, first, own_variance) + np.einsum("ikt,jkt,kt->ij", second, second, other_variance)
    score = np.where(here & (dead > 0), weight * (own - expected), 0.0).sum(axis=1)
    return score, covariance, own.sum(axis=1), np.where(dead > 0, expected, 0.0).sum(axis=1)


# ---- Subdistribution hazard regression ---------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FineGray:
    """Subdistribution hazard model of one cause: coefficients (log hazard ratios) by term with their robust covariance, and the baseline.

    `events` ends by the cause, `competing` by another, `clusters` the number of clusters (None: every spell for itself). `baseline` has `time_days` and `jump`, the
    increment of the cumulative subdistribution hazard at covariates of 0.
    """

    of: int
    coefficients: pd.Series
    covariance: pd.DataFrame
    loglik: float
    loglik_null: float
    n: int
    events: int
    competing: int
    clusters: int | None
    baseline: pd.DataFrame

    def table(self, confidence: float = 0.95) -> pd.DataFrame:
        """A line per term: `term, estimate, se, lower, upper, statistic, p, hazard_ratio`; interval and p are normal, the hazard ratio is that of the subdistribution."""
        b, se = self.coefficients.to_numpy(), np.sqrt(np.diag(self.covariance))
        z = ndtri(0.5 + confidence / 2)
        columns = {"estimate": b, "se": se, "lower": b - z * se, "upper": b + z * se, "statistic": b / se, "p": 2 * ndtr(-np.abs(b / se)), "hazard_ratio": np.exp(b)}
        return pd.DataFrame({"term": self.coefficients.index, **columns})


def fine_gray(time, cause, design, of: int, cluster=None, events_per_parameter: float = EVENTS_PER_PARAMETER) -> FineGray | NotEstimable:
    """Proportional subdistribution hazards (Fine and Gray 1999), as `cmprsk::crr`: ties as Breslow, censoring weights by Kaplan-Meier, variance of their equations 7 and 8.

    Parameters: days; cause (0 censored, 1 to K); design (data frame or matrix, a column per term, no constant); the cause that is modelled; clusters, over which influences
    are summed (Zhou et al. 2012); the least number of events per term.
    The hazard ratio is one of incidences, not of rates: it is to be read beside a cause-specific model. No left truncation.
    Not estimable without events, with too few per term, with a term that is constant or a combination of others, or if groups are separated (a coefficient would be infinite).
    """
    time, cause, _, _ = check_causes(time, cause)
    if not isinstance(design, pd.DataFrame):
        matrix = np.asarray(design)
        matrix = matrix[:, None] if matrix.ndim == 1 else matrix
        design = pd.DataFrame(matrix, columns=[f"x{i + 1}" for i in range(matrix.shape[1])])
    if len(design) != len(time) or not design.shape[1]:
        raise SurvivalInputError(f"the design has {len(design)} lines and {design.shape[1]} terms for {len(time)} spells")
    raw = design.to_numpy(dtype=float)
    if not np.isfinite(raw).all():
        line, column = np.argwhere(~np.isfinite(raw))[0]
        raise SurvivalInputError(f"{design.columns[column]} is missing or infinite at position {line}")
    groups = None if cluster is None else _labels(cluster, len(time), "cluster")[1]
    hit = cause == of
    reason = _cannot_fit(raw, hit, list(design.columns), of, events_per_parameter, groups)
    if reason:
        return NotEstimable(reason)
    order = np.argsort(time, kind="stable")
    centre, scale = raw.mean(axis=0), raw.std(axis=0)
    risk = _Subdistribution(time[order], hit[order], (cause > 0)[order] & ~hit[order], (cause == 0)[order], ((raw - centre) / scale)[order])
    fitted = risk.maximise()
    if isinstance(fitted, NotEstimable):
        return fitted
    beta, state = fitted
    influence = risk.influence(beta, state)
    if groups is not None:
        influence = np.column_stack([np.bincount(groups[order], weights=column) for column in influence.T])
    inverse = np.linalg.inv(state.information)
    covariance = inverse @ (influence.T @ influence) @ inverse / np.outer(scale, scale)
    coefficients = beta / scale
    jump = risk.ends / state.total * np.exp(-coefficients @ centre)
    terms = list(design.columns)
    return FineGray(
        int(of), pd.Series(coefficients, index=terms), pd.DataFrame(covariance, index=terms, columns=terms), state.loglik, risk.state(np.zeros_like(beta)).loglik,
        len(time), int(hit.sum()), int(((cause > 0) & ~hit).sum()), None if groups is None else int(groups.max() + 1), pd.DataFrame({"time_days": risk.times, "jump": jump}),
    )  # fmt: skip


def predicted_incidence(model: FineGray, covariates, days) -> np.ndarray:
    """Incidence of the model's cause at given days for one set of covariates (in the order of the terms): 1 - exp(-cumulative subdistribution hazard)."""
    hazard = np.append(0.0, np.cumsum(model.baseline["jump"].to_numpy())) * np.exp(np.asarray(covariates, dtype=float) @ model.coefficients.to_numpy())
    return -np.expm1(-hazard[np.searchsorted(model.baseline["time_days"].to_numpy(), np.atleast_1d(days), side="right")])


def _cannot_fit(raw, hit, terms, of, events_per_parameter, groups) -> str:
    """Why a model cannot be fitted, found before any fit; empty if nothing speaks against it."""
    events, p = int(hit.sum()), raw.shape[1]
    if events == 0:
        return f"no events of cause {of}"
    for term, column in zip(terms, raw.T, strict=True):
        if (column == column[0]).all():
            return f"{term} is constant"
        levels, level = np.unique(column, return_inverse=True)
        if len(levels) == 2 and (np.bincount(level[hit], minlength=2) == 0).any():
            empty = levels[np.argmin(np.bincount(level[hit], minlength=2))]
            return f"separated: no events of cause {of} where {term} is {empty:g}"
    if events < events_per_parameter * p:
        return f"{events} events of cause {of} for {p} terms, fewer than {events_per_parameter:g} each"
    if np.linalg.matrix_rank((raw - raw.mean(axis=0)) / raw.std(axis=0)) < p:
        return "a term is a combination of the others"
    if groups is not None and groups.max() + 1 <= p:
        return f"{groups.max() + 1} clusters for {p} terms"
    return ""


@dataclass(frozen=True)
class _State:
    """Likelihood at a coefficient, and what the scores are made of: sums over risk sets at the times of ends, cumulative hazards at the exits."""

    loglik: float
    score: np.ndarray
    information: np.ndarray
    effect: np.ndarray  # exp(x beta), shifted
    total: np.ndarray  # S0 at each time, unshifted
    mean: np.ndarray  # weighted mean of x at each time
    hazard: np.ndarray  # increment of the baseline for the shifted effect
    exposure: np.ndarray  # of each spell: its weighted cumulative hazard


class _Subdistribution:
    """Sums over weighted risk sets: a spell stays at risk until its exit and, if it ended in another way, after it with weight G(t-) / G(exit-).

    Arguments sorted by time: days, ends by the cause, by another, censorings, standardised design. All sums are cumulative: n log n, whatever the number of events.
    """

    def __init__(self, time, hit, other, censored, x):
        self.hit, self.x = hit, x
        self.times, self.ends = np.unique(time[hit], return_counts=True)
        self.first = np.searchsorted(time, self.times, side="left")  # spells that leave before each time
        self.last = np.searchsorted(self.times, time, side="right")  # times of ends up to each exit
        self.gone = np.searchsorted(time, self.times, side="left") - 1
        # Kaplan-Meier of the censoring just before each time. As in cmprsk, a spell that ends at t counts as at risk of censoring at t.
        self.exits, start, self.position = np.unique(time, return_index=True, return_inverse=True)
        self.lost = np.bincount(self.position, weights=censored).astype(float)
        self.at_risk = (len(time) - start).astype(float)
        free = _lag(np.cumprod(1 - self.lost / self.at_risk), 1.0)
        self.free_at = free[np.searchsorted(self.exits, self.times)]
        self.stay = np.where(other, 1 / free[self.position], 0.0)
        self.censored = censored

    def _over_risk_sets(self, values):
        """Weighted sum of values (already times exp(x beta)) over the risk set at each time of an end."""
        running = np.cumsum(values[::-1], axis=0)[::-1][self.first]
        kept = np.cumsum((values.T * self.stay).T, axis=0)
        kept = np.concatenate((np.zeros((1, *values.shape[1:])), kept))[self.gone + 1]
        return running + (kept.T * self.free_at).T

    def _after(self, values):
        """Sum of values over the times of ends after each exit."""
        return np.concatenate((np.cumsum(values[::-1], axis=0)[::-1], np.zeros((1, *values.shape[1:]))))[self.last]

    def _up_to(self, values):
        """Sum of values over the times of ends up to each exit."""
        return np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)))[self.last]

    def state(self, beta) -> _State:
        linear = self.x @ beta
        shift = linear.max()
        effect = np.exp(linear - shift)
        total = self._over_risk_sets(effect)
        mean = self._over_risk_sets(self.x * effect[:, None]) / total[:, None]
        hazard = self.ends / total
        exposure = self._up_to(hazard) + self.stay * self._after(hazard * self.free_at)
        loglik = float(linear[self.hit].sum() - (self.ends * (np.log(total) + shift)).sum())
        score = self.x[self.hit].sum(axis=0) - self.ends @ mean
        information = (self.x * (effect * exposure)[:, None]).T @ self.x - (mean * self.ends[:, None]).T @ mean
        return _State(loglik, score, information, effect, total * np.exp(shift), mean, hazard, exposure)

    def maximise(self, most: int = 60) -> tuple[np.ndarray, _State] | NotEstimable:
        """Newton with step halving until the step is below 1e-10 of a standard deviation."""
        beta = np.zeros(self.x.shape[1])
        state = self.state(beta)
        events = self.ends.sum()
        for _ in range(most):
            least = np.linalg.eigvalsh(state.information)[0] / events
            if least < 1e-7:
                return NotEstimable(SEPARATED)
            step = np.linalg.solve(state.information, state.score)
            if np.abs(step).max() < 1e-10:
                return beta, state
            for _ in range(30):
                if np.ptp(self.x @ (beta + step)) < 500:  # beyond that exp() underflows
                    candidate = self.state(beta + step)
                    if candidate.loglik >= state.loglik - 1e-11 * abs(state.loglik):
                        break
                step = step / 2
            else:
                return NotEstimable(SEPARATED)
            beta, state = beta + step, candidate
        return NotEstimable("the likelihood did not converge")

    def influence(self, beta, state: _State) -> np.ndarray:
        """eta + psi of Fine and Gray (1999), by spell: the part of the score and the part of the estimated censoring weights."""
        weighted = state.mean * state.hazard[:, None]
        compensator = self.x * state.exposure[:, None] - self._up_to(weighted) - self.stay[:, None] * self._after(weighted * self.free_at[:, None])
        own = np.zeros_like(self.x)
        own[self.hit] = self.x[self.hit] - state.mean[self.last[self.hit] - 1]
        eta = own - state.effect[:, None] * compensator
        # q(u): spells that ended in another way before u, over the times of ends from u on.
        start = np.searchsorted(self.times, self.exits, side="left")
        ahead = np.append(np.cumsum((state.hazard * self.free_at)[::-1])[::-1], 0.0)[start]
        ahead_mean = np.concatenate((np.cumsum((weighted * self.free_at[:, None])[::-1], axis=0)[::-1], np.zeros((1, self.x.shape[1]))))[start]
        kept = self.stay * state.effect
        sums = np.column_stack([np.bincount(self.position, weights=kept * column, minlength=len(self.exits)) for column in (np.ones(len(kept)), *self.x.T)])
        sums = np.concatenate((np.zeros((1, sums.shape[1])), np.cumsum(sums, axis=0)[:-1]))
        q = sums[:, 1:] * ahead[:, None] - sums[:, :1] * ahead_mean
        compensated = np.cumsum(q * (self.lost / self.at_risk**2)[:, None], axis=0)
        psi = np.where(self.censored[:, None], (q / self.at_risk[:, None])[self.position], 0.0) - compensated[self.position]
        return eta + psi
