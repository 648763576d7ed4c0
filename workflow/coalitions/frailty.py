"""Cox regression with a shared gamma frailty by cluster: penalised partial likelihood, the variance of the frailty by its integrated likelihood.

Members of a cluster share a factor of their hazard, drawn from a gamma distribution of mean 1 and variance `theta` (its logarithm is the effect b of the cluster). For given
theta coefficients and effects maximise the partial likelihood less (1 / theta) times the sum over clusters of exp(b) - 1 - b; at the maximum exp(b) = (1 / theta + events) / (1
/ theta + cumulative hazard), so this is the fixed point of the EM algorithm (Therneau, Grambsch and Pankratz 2003; Therneau and Grambsch 2000, chapter 9). With d the events of
a cluster, the likelihood integrated over the frailties is the penalised one plus the sum over clusters of

    log(1 + theta) + ... + log(1 + (d - 1) theta) - (d + 1 / theta) log(1 + d theta) + d,

written so that nothing cancels near theta = 0, where it is the partial likelihood of the plain Cox model. It is maximised over theta. Conventions beside those of
`coalitions.cox`:

- ties, risk sets, centring, checks and refusals are those of the plain model, which is fitted first. Private pieces of `cox` are imported for that: `_at` (likelihood of the
  covariates given an offset, here the effect), `_means_product`, `_standardised`, `_design`, `_codes`;
- standard errors come from the penalised information and take theta as known, as R's `coxph` with `frailty(sparse = FALSE)`. With more than five clusters R by default leaves
  out what clusters tell about one another (`sparse = TRUE`, here `information="sparse"`) to save time. That is no information any more: where a covariate is the same for all
  members of a cluster and a few clusters are large it can have a negative variance (R then drops the covariate; here the model is not estimable). Estimates do not depend on
  it;
- theta = 0 lies on the edge: the likelihood ratio is referred to an even mixture of 0 and chi-square with one degree of freedom (Self and Liang 1987). Limits of theta are
  those of its profile likelihood (ratio against chi-square with one degree of freedom), 0 where it does not fall so far.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, ndtr, ndtri

from coalitions import cox
from coalitions.cox import _at, _codes, _design, _means_product, _standardised
from coalitions.survival import NotEstimable, SurvivalInputError

FEWEST_CLUSTERS = 5
MOST_CELLS = 50_000_000  # clusters times days with an event
MOST_THETA = 100.0
MAX_ITERATIONS = 100
_SLOW = 0.03  # a step that gains more than so much of what the one before did asks for a new information
_GRID = (0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0, MOST_THETA)
_INFORMATION = ("full", "sparse")


# ---- The likelihood ------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Clustered:
    """Spells with risk sets, standardised covariates and clusters."""

    data: cox.Prepared
    z: np.ndarray
    efron: bool
    deaths: np.ndarray  # by cluster: number of events


@dataclass(frozen=True)
class _Maximum:
    """Where the penalised likelihood of a theta is largest: coefficients, effects, information (of the partial likelihood) there or nearby."""

    theta: float
    beta: np.ndarray
    effects: np.ndarray
    penalised: float
    integrated: float
    information: np.ndarray


def _excess(b: np.ndarray) -> np.ndarray:
    """exp(b) - 1 - b without cancellation near 0."""
    small = np.abs(b) < 1e-2
    inside = np.where(small, b, 0.0)
    series = np.zeros_like(inside)
    for power in range(9, 1, -1):
        series = (series + 1) * inside / power if power > 2 else (series + 1) * inside**2 / 2
    return np.where(small, series, np.expm1(b) - b)


def _correction(deaths: np.ndarray, theta: float) -> float:
    """What is added to the penalised likelihood to integrate the frailties out."""
    steps = np.concatenate(([0.0], np.cumsum(np.log1p(theta * np.arange(deaths.max())))))[deaths]
    return float((steps - (deaths + 1 / theta) * np.log1p(deaths * theta) + deaths).sum())


def _correction_slope(deaths: np.ndarray, theta: float) -> float:
    """Its derivative by theta: sum of k / (1 + k theta), less d / theta, plus log(1 + d theta) / theta^2."""
    k = np.arange(deaths.max())
    steps = np.concatenate(([0.0], np.cumsum(k / (1 + k * theta))))[deaths]
    x = deaths * theta
    small = x < 1e-2
    inside = np.where(small, x, 0.0)
    series = sum((-1) ** (power + 1) * inside**power / power for power in range(2, 10))
    return float((steps + np.where(small, series, np.log1p(x) - x) / theta**2).sum())


def _shares(spells: _Clustered, point) -> tuple[np.ndarray, np.ndarray | None]:
    """By cluster and event time: its share of the risk of the risk set, and the share of its members that die there (None under Breslow's ties)."""
    data, clusters, days = spells.data, len(spells.deaths), len(spells.data.ties)
    inside = data.last > data.first
    cell, risk = data.cluster * (days + 1), point.risk
    held = np.bincount((cell + data.last)[inside], risk[inside], clusters * (days + 1))
    entered = inside & (data.first > 0)
    held -= np.bincount((cell + data.first)[entered], risk[entered], clusters * (days + 1))
    held = held.reshape(clusters, days + 1)[:, :0:-1].cumsum(axis=1)[:, ::-1]
    shares = np.maximum(held, 0) / point.total
    if point.dying is None:
        return shares, None
    dying = np.bincount(data.cluster[data.deaths] * days + data.last[data.deaths] - 1, risk[data.deaths], clusters * days)
    return shares, dying.reshape(clusters, days) / point.total


def _information(spells: _Clustered, point) -> np.ndarray:
    """Information of the partial likelihood about coefficients and effects (in this order)."""
    k, data = len(spells.z), spells.data
    clusters = len(spells.deaths)
    shares, dying = _shares(spells, point)
    sums = np.concatenate((point.sums, shares))
    out = -_means_product(sums, None if dying is None else np.concatenate((point.dying, dying)), point.squares)
    out[:k, :k] = point.information
    across = np.stack([np.bincount(data.cluster, line * point.expected, clusters) for line in spells.z])
    out[:k, k:] += across
    out[k:, :k] += across.T
    at = np.arange(k, k + clusters)
    out[at, at] += np.bincount(data.cluster, point.expected, clusters)
    return out


def _penalised(spells: _Clustered, beta: np.ndarray, effects: np.ndarray, theta: float, careful: bool):
    """The likelihood given effects, and what is left of it after the penalty."""
    point = _at(spells.data, spells.z, beta, effects[spells.data.cluster], spells.efron, careful)
    return point, point.log_likelihood - float(_excess(effects).sum()) / theta


def _maximum(spells: _Clustered, theta: float, beta: np.ndarray, effects: np.ndarray, information: np.ndarray | None) -> _Maximum | NotEstimable:
    """Newton with step halving over coefficients and effects: the penalised likelihood is concave.

    The information of a neighbour serves as long as steps shrink: it is what costs most.
    """
    k, clusters, fresh, before = len(spells.z), len(spells.deaths), False, np.inf
    point, value = _penalised(spells, beta, effects, theta, False)
    for _ in range(MAX_ITERATIONS):
        gradient = np.concatenate((point.gradient, spells.deaths - np.bincount(spells.data.cluster, point.expected, clusters) - np.expm1(effects) / theta))
        if information is None:
            information, fresh = _information(spells, point), True
        step = _newton(information, effects, theta, gradient)
        if not fresh and not gradient @ step <= _SLOW * before:
            information, fresh = _information(spells, point), True
            step = _newton(information, effects, theta, gradient)
        gain = float(gradient @ step)
        if gain < 1e-20 or (fresh and before < 1e-12):  # as in `cox`: with a fresh information the gain is squared with every step
            return _Maximum(theta, beta, effects, value, value + _correction(spells.deaths, theta), information)
        for _ in range(40):
            new, new_value = _penalised(spells, beta + step[:k], effects + step[k:], theta, point.careful)
            if new_value >= value - 1e-12 * (1 + abs(value)) and np.isfinite(new.information).all():
                break
            step = step / 2
        else:
            break
        beta, effects, point, value, before, fresh = beta + step[:k], effects + step[k:], new, new_value, gain, False
    return NotEstimable(f"the penalised likelihood did not converge at a variance of the frailty of {theta:.3g}")


def _newton(information: np.ndarray, effects: np.ndarray, theta: float, gradient: np.ndarray) -> np.ndarray:
    held, at = information.copy(), np.arange(len(gradient) - len(effects), len(gradient))
    held[at, at] += np.exp(effects) / theta
    try:
        return np.linalg.solve(held, gradient)
    except np.linalg.LinAlgError:
        return np.full(len(gradient), np.nan)


# ---- The variance of the frailty -----------------------------------------------------------------------------------------------------------------------------------


class _Profile:
    """The integrated likelihood by theta. Every maximum is kept: the next one starts from the nearest."""

    def __init__(self, spells: _Clustered, plain: cox.CoxModel, expected: np.ndarray):
        self.spells, self.plain_log_likelihood = spells, plain.log_likelihood
        self._known = {0.0: (plain.coefficients * plain._scale, np.zeros(len(spells.deaths)), None)}
        self._found: dict[float, _Maximum] = {}
        self.slope_at_zero = float(((spells.deaths - expected) ** 2 - spells.deaths).sum() / 2)

    def at(self, theta: float) -> _Maximum:
        if theta not in self._found:
            nearest = min(self._known, key=lambda known: abs(np.log((known + 1e-4) / (theta + 1e-4))))
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):  # a step too far is halved
                found = _maximum(self.spells, theta, *self._known[nearest])
            if isinstance(found, NotEstimable):
                raise _NoMaximumError(found.reason)
            self._found[theta], self._known[theta] = found, (found.beta, found.effects, found.information)
        return self._found[theta]

    def log_likelihood(self, theta: float) -> float:
        return self.plain_log_likelihood if theta == 0 else self.at(theta).integrated

    def slope(self, theta: float) -> float:
        """Derivative by theta: coefficients and effects are at their maximum, so that only the penalty and the correction count."""
        if theta == 0:
            return self.slope_at_zero
        return float(_excess(self.at(theta).effects).sum()) / theta**2 + _correction_slope(self.spells.deaths, theta)

    def best(self) -> float:
        """The theta of the largest of all maxima."""
        grid = [0.0, *_GRID]
        slopes = [self.slope(theta) for theta in grid]
        if slopes[-1] > 0:
            raise _NoMaximumError(f"the likelihood still rises where the variance of the frailty is {MOST_THETA:g}")
        maxima = [0.0]
        for low, high, left, right in zip(grid, grid[1:], slopes, slopes[1:], strict=False):
            if left > 0 >= right:
                low = max(low, self._first_rise(high)) if low == 0 else low
                maxima.append(brentq(self.slope, low, high, xtol=1e-13, rtol=1e-12) if self.slope(low) > 0 else low)
        return max(maxima, key=self.log_likelihood)

    def _first_rise(self, high: float) -> float:
        """A small theta at which the likelihood rises, if it does at 0: brentq is not asked for the limit at 0 itself."""
        theta = high / 10
        while self.slope(theta) <= 0 and theta > 1e-7:
            theta /= 10
        return theta

    def limits(self, best: float, confidence: float) -> tuple[float, float]:
        """Profile likelihood limits; the upper one is missing if it is above `MOST_THETA`."""
        level = self.log_likelihood(best) - float(chdtri(1, 1 - confidence)) / 2

        def above(theta: float) -> float:
            return self.log_likelihood(theta) - level

        lower = 0.0 if best == 0 or above(0.0) >= 0 else brentq(above, 0.0, best, xtol=1e-10, rtol=1e-9)
        low, high = best, max(2 * best, 0.05)
        while above(high) > 0:
            if high >= MOST_THETA:
                return lower, float("nan")
            low, high = high, min(2 * high, MOST_THETA)
        return lower, brentq(above, low, high, xtol=1e-10, rtol=1e-9)


class _NoMaximumError(Exception):
    """The likelihood has no maximum that can be found; says why."""


# ---- Models --------------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class FrailtyModel:
    """A Cox model with a shared gamma frailty. `coefficients` are log hazard ratios given the frailty; `frailties` the estimated factors by cluster, of mean 1.

    `theta` is the variance of the frailty with its profile likelihood limits (missing if theta was given), `log_likelihood` the integrated one and `log_likelihood_plain` that of
    theta = 0, the plain Cox model; `ratio` twice their difference, `p` its probability under theta = 0 (mixture, see above; missing if theta was given).
    """

    terms: list[str]
    coefficients: np.ndarray
    covariance: np.ndarray
    theta: float
    theta_lower: float
    theta_upper: float
    fixed: bool
    log_likelihood: float
    log_likelihood_plain: float
    penalised_log_likelihood: float
    frailties: pd.Series
    plain: cox.CoxModel
    n: int
    events: int
    clusters: int
    ties: str
    information: str
    confidence: float
    warnings: tuple[str, ...]
    _profile: _Profile = field(repr=False)

    @property
    def params(self) -> pd.Series:
        """Coefficients by term."""
        return pd.Series(self.coefficients, index=self.terms)

    @property
    def se(self) -> pd.Series:
        """Standard errors by term, from the penalised information at this theta."""
        return pd.Series(np.sqrt(np.diag(self.covariance)), index=self.terms)

    @property
    def ratio(self) -> float:
        """Likelihood ratio statistic of theta against 0; never negative if theta was estimated."""
        return 2 * (self.log_likelihood - self.log_likelihood_plain)

    @property
    def p(self) -> float:
        """p of theta = 0: half of the upper tail of chi-square with one degree of freedom, 1 if theta is estimated as 0."""
        if self.fixed:
            return float("nan")
        return float(chdtrc(1, self.ratio)) / 2 if self.ratio > 0 else 1.0

    def table(self) -> pd.DataFrame:
        """One line per term, columns of `cox.CoxModel.table`. `naive_se` is the standard error of the plain model without frailty and without clusters, for comparison."""
        estimate, se = self.coefficients, np.sqrt(np.diag(self.covariance))
        margin = ndtri(0.5 + self.confidence / 2) * se
        lower, upper, statistic = estimate - margin, estimate + margin, estimate / se
        return pd.DataFrame(
            {
                "term": self.terms, "estimate": estimate, "se": se, "naive_se": self.plain.naive_se.to_numpy(), "lower": lower, "upper": upper,
                "hazard_ratio": np.exp(estimate), "hazard_ratio_lower": np.exp(lower), "hazard_ratio_upper": np.exp(upper),
                "statistic": statistic, "p": 2 * ndtr(-np.abs(statistic)),
            }
        )  # fmt: skip

    def profile(self, thetas) -> pd.DataFrame:
        """The integrated log likelihood at given variances of the frailty: `theta, log_likelihood`. Raises SurvivalInputError for a theta below 0 or without a maximum."""
        thetas = [float(theta) for theta in np.atleast_1d(thetas)]
        if not all(0 <= theta < np.inf for theta in thetas):
            raise SurvivalInputError("theta must be 0 or more")
        try:
            return pd.DataFrame({"theta": thetas, "log_likelihood": [self._profile.log_likelihood(theta) for theta in thetas]})
        except _NoMaximumError as error:
            raise SurvivalInputError(str(error)) from None


def fit(
    time, event, design: pd.DataFrame, cluster, entry=None, strata=None, ties: str = "efron", theta: float | None = None, information: str = "full", confidence: float = 0.95,
    events_per_parameter: float = cox.EVENTS_PER_PARAMETER, refused_events_per_parameter: float = cox.REFUSED_EVENTS_PER_PARAMETER,
) -> FrailtyModel | NotEstimable:  # fmt: skip
    """Cox model of spells with a shared gamma frailty by cluster.

    Parameters: time and entry in whole days; event 1/0; design without constant, one numeric column per term; cluster and strata: labels, one per spell; `efron` or `breslow`;
    theta to fix the variance of the frailty (None: estimated); information of the standard errors, `full` or `sparse` (R's default, see above); level of the intervals; events per
    parameter below which there is a warning, and below which the model is refused.
    Raises SurvivalInputError for missing values and for a theta below 0. Not estimable with fewer than five clusters, with no cluster of two spells that are at risk at some event,
    where the plain Cox model is not (no events, a covariate that is constant or collinear, separation), if the likelihood rises without end with theta, or without a variance.
    """
    if information not in _INFORMATION:
        raise ValueError(f"information must be one of {', '.join(_INFORMATION)}, not {information}")
    if theta is not None and not 0 <= theta < np.inf:
        raise SurvivalInputError(f"theta must be 0 or more, not {theta}")
    codes, labels = _codes(cluster, "cluster", len(np.asarray(time)))
    data = cox.prepare(time, event, entry, strata, codes)
    plain = cox.fit_prepared(data, design, ties, None, confidence, events_per_parameter, refused_events_per_parameter)
    if isinstance(data, NotEstimable):
        return data
    if len(labels) < FEWEST_CLUSTERS:
        return NotEstimable(f"{len(labels)} clusters: a frailty needs at least {FEWEST_CLUSTERS}")
    used = data.cluster if data.ever is None else data.cluster[data.ever]
    if np.bincount(used).max() < 2:
        return NotEstimable("no cluster has two spells that are at risk at some event: frailty and hazard cannot be told apart")
    if isinstance(plain, NotEstimable):
        return plain
    if len(labels) * len(data.ties) > MOST_CELLS:
        return NotEstimable(f"{len(labels)} clusters times {len(data.ties)} days with an event are more than {MOST_CELLS}")
    z, _, scale = _standardised(data, *_design(design, data.n))
    deaths = np.bincount(data.cluster[data.deaths], minlength=len(labels))
    spells = _Clustered(data, z, ties == "efron", deaths)
    profile = _Profile(spells, plain, np.bincount(data.cluster, plain._point.expected, len(labels)))
    try:
        best = profile.best() if theta is None else float(theta)
        limits = profile.limits(best, confidence) if theta is None else (float("nan"), float("nan"))
        log_likelihood = profile.log_likelihood(best)
        found = profile.at(best) if best > 0 else None
    except _NoMaximumError as error:
        return NotEstimable(str(error))
    beta = plain.coefficients if found is None else found.beta / scale
    covariance = plain.naive_covariance * 1.0 if found is None else _covariance(spells, found, information == "sparse") / np.outer(scale, scale)
    if not (np.isfinite(covariance).all() and np.linalg.eigvalsh(covariance * np.outer(scale, scale))[0] > 0):
        return NotEstimable(f"the {information} penalised information gives no positive variance")
    effects = np.zeros(len(labels)) if found is None else found.effects
    penalised = plain.log_likelihood if found is None else found.penalised
    notes = [note for note in plain.warnings if "clusters" not in note]
    if theta is None and np.isnan(limits[1]):
        notes.append(f"the upper limit of the variance of the frailty is above {MOST_THETA:g}")
    return FrailtyModel(
        plain.terms, beta, covariance, best, *limits, theta is not None, log_likelihood, plain.log_likelihood, penalised, pd.Series(np.exp(effects), index=labels, name="frailty"),
        plain, data.n, data.events, len(labels), ties, information, confidence, tuple(notes), profile,
    )  # fmt: skip


def _covariance(spells: _Clustered, found: _Maximum, sparse: bool) -> np.ndarray:
    """Covariance of the coefficients from the penalised information; `sparse` leaves out what clusters tell about one another."""
    k, information = len(spells.z), _information(spells, _penalised(spells, found.beta, found.effects, found.theta, False)[0])
    effects = information[k:, k:]
    effects = np.diag(np.diag(effects)) if sparse else effects.copy()
    at = np.arange(len(effects))
    effects[at, at] += np.exp(found.effects) / found.theta
    across = information[:k, k:]
    return np.linalg.inv(information[:k, :k] - across @ np.linalg.solve(effects, across.T))
