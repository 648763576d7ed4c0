"""Accelerated failure time models: Weibull, log-logistic, log-normal.

The logarithm of the time is a linear predictor plus an error times a scale: extreme value, logistic or normal. Coefficients are logarithms of time ratios: above 0 a spell lasts
longer. Written out (Kalbfleisch and Prentice 2002, chapter 3) because lifelines has no clustered variance, stops within the tolerance of its search, which differs between
machines, and takes half a second a model; lifelines arbitrates in the tests. Said aloud: Newton in the parameters in which the likelihood is concave (Burridge 1981); the variance
is clustered (squared sums of scores over clusters between inverses of the observed information), without small-sample correction; without clusters it is the inverse of the
observed information.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, log_ndtr, ndtr, ndtri

from coalitions.survival import NotEstimable, SurvivalInputError, check_times

FAMILIES = ("Weibull", "log-logistic", "log-normal")
EVENTS_PER_PARAMETER = 1.0  # below this a model is not fitted
STEPS = 50


@dataclass(frozen=True)
class AftModel:
    """Coefficients (log time ratios, `Intercept` the last) with their covariance, scale of the error, log likelihood of the times and Akaike's criterion."""

    family: str
    coefficients: pd.Series
    covariance: pd.DataFrame
    scale: float
    log_likelihood: float
    aic: float
    n: int
    events: int
    clusters: int | None

    def table(self, confidence: float = 0.95) -> pd.DataFrame:
        """A line per term: `term, estimate, se, lower, upper, statistic, p` (Wald, normal)."""
        estimate, se = self.coefficients.to_numpy(), np.sqrt(np.diag(self.covariance))
        margin = ndtri(0.5 + confidence / 2) * se
        columns = {"estimate": estimate, "se": se, "lower": estimate - margin, "upper": estimate + margin, "statistic": estimate / se, "p": 2 * ndtr(-np.abs(estimate / se))}
        return pd.DataFrame({"term": self.coefficients.index, **columns})


def fit(time, event, design: pd.DataFrame, family: str, cluster=None) -> AftModel | NotEstimable:
    """Accelerated failure time model of spells.

    Parameters: whole days; event 1/0; design without constant, one numeric column per term; `Weibull`, `log-logistic` or `log-normal`; labels of clusters.
    Raises SurvivalInputError for times that no estimator should accept and for missing values. Not estimable without events, with too few, with a term that is constant, a
    combination of others, or separated (no event at one of two values: the times there would be infinite), or if the search fails.
    """
    if family not in FAMILIES:
        raise ValueError(f"family {family!r} is unknown; there are {', '.join(FAMILIES)}")
    time, event, _ = check_times(time, event)
    x, terms = design.to_numpy(dtype=float), [str(name) for name in design.columns]
    if len(x) != len(time) or not np.isfinite(x).all():
        raise SurvivalInputError("the design must have a finite number for every spell and term")
    reason = _cannot_fit(event, x, terms)
    if reason:
        return NotEstimable(reason)
    exog = np.column_stack([x, np.ones(len(x))])
    parameters = _maximum(np.log(time), event, exog, family)
    if isinstance(parameters, NotEstimable):
        return parameters
    likelihood, scores, information = _at(np.log(time), event, exog, family, parameters)
    covariance, clusters = np.linalg.inv(information), None
    if cluster is not None:
        codes = pd.factorize(np.asarray(cluster), sort=True)[0]
        if (codes < 0).any():
            raise SurvivalInputError(f"cluster is missing at position {int(np.argmax(codes < 0))}")
        clusters = int(codes.max()) + 1
        influence = np.column_stack([np.bincount(codes, column) for column in scores.T]) @ covariance
        covariance = influence.T @ influence
    names = [*terms, "Intercept"]
    likelihood -= float(np.log(time[event == 1]).sum())  # of the times, not of their logarithms
    return AftModel(
        family, pd.Series(parameters[:-1], index=names), pd.DataFrame(covariance[:-1, :-1], index=names, columns=names), float(np.exp(parameters[-1])),
        likelihood, 2 * len(parameters) - 2 * likelihood, len(time), int(event.sum()), clusters,
    )  # fmt: skip


def _cannot_fit(event, x, terms) -> str:
    """Why a model cannot be fitted, found before any fit; empty if nothing speaks against it."""
    if not event.any():
        return "no events"
    for term, column in zip(terms, x.T, strict=True):
        levels, level = np.unique(column, return_inverse=True)
        if len(levels) == 1:
            return f"{term} is constant"
        if len(levels) == 2 and (np.bincount(level[event == 1], minlength=2) == 0).any():
            return f"separated: no events where {term} is {levels[np.argmin(np.bincount(level[event == 1], minlength=2))]:g}"
    if event.sum() < EVENTS_PER_PARAMETER * (len(terms) + 2):
        return f"{int(event.sum())} events for {len(terms) + 2} parameters"
    if np.linalg.matrix_rank((x - x.mean(axis=0)) / x.std(axis=0)) < len(terms):
        return "a term is a combination of the others"
    return ""


def _errors(z, event, family):
    """Log density (ended) or survivor function (censored) of the standardised error, with its first two derivatives."""
    if family == "Weibull":
        return event * z - np.exp(z), event - np.exp(z), -np.exp(z)
    if family == "log-logistic":
        share = expit(z)
        return event * z - (1 + event) * np.logaddexp(0, z), event - (1 + event) * share, -(1 + event) * share * (1 - share)
    half_log = 0.5 * np.log(2 * np.pi)
    mills = np.exp(-0.5 * z**2 - half_log - log_ndtr(-z))
    value = np.where(event == 1, -0.5 * z**2 - half_log, log_ndtr(-z))
    return value, np.where(event == 1, -z, -mills), np.where(event == 1, -1.0, -mills * (mills - z))


def _at(log_time, event, exog, family, parameters):
    """Log likelihood of the log times, scores by spell and observed information for coefficients and the log scale."""
    scale = np.exp(parameters[-1])
    z = (log_time - exog @ parameters[:-1]) / scale
    value, first, second = _errors(z, event, family)
    scores = np.column_stack([exog * (-first / scale)[:, None], -first * z - event])
    cross = exog.T @ ((second * z + first) / scale)
    information = -np.block([[(exog * (second / scale**2)[:, None]).T @ exog, cross[:, None]], [cross[None], np.array([[(second * z**2 + first * z).sum()]])]])
    return float(value.sum() - event.sum() * parameters[-1]), scores, information


def _maximum(log_time, event, exog, family):
    """Coefficients and log scale at the maximum, or NotEstimable.

    Newton with step halving in one over the scale and the coefficients times that: the standardised error is linear in them and the likelihood concave.
    """
    rows = np.column_stack([-exog, log_time])
    first = np.linalg.lstsq(exog, log_time, rcond=None)[0]
    spread = float(np.std(log_time - exog @ first)) or 1.0
    at = np.append(first, 1.0) / spread

    def likelihood(values):
        return -np.inf if values[-1] <= 0 else float(_errors(rows @ values, event, family)[0].sum() + event.sum() * np.log(values[-1]))

    best = likelihood(at)
    for _ in range(STEPS):
        _, slope, bend = _errors(rows @ at, event, family)
        gradient, information = rows.T @ slope, -(rows * bend[:, None]).T @ rows
        gradient[-1] += event.sum() / at[-1]
        information[-1, -1] += event.sum() / at[-1] ** 2
        root = np.sqrt(np.diag(information))
        if not np.isfinite(root).all() or np.linalg.eigvalsh(information / np.outer(root, root))[0] < 1e-12:
            return NotEstimable("the likelihood has no maximum: it is flat in some direction")
        step = np.linalg.solve(information, gradient)
        if gradient @ step < 1e-18:
            return np.append(at[:-1] / at[-1], -np.log(at[-1]))
        for _ in range(40):
            new = likelihood(at + step)
            if new >= best - 1e-13 * (1 + abs(best)):
                break
            step = step / 2
        else:
            return NotEstimable("the likelihood did not converge")
        stalled = gradient @ step < 1e-12 and new <= best
        at, best = at + step, new
        if stalled:  # rounding: no digit is left to gain
            return np.append(at[:-1] / at[-1], -np.log(at[-1]))
    return NotEstimable("the likelihood did not converge")
