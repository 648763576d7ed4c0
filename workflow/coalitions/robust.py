"""Regressions with robust variance that are fitted thousands of times: Poisson and logistic by scoring, and Poisson with a constant for each unit.

Said aloud: canonical links; missing values refused; the variance is the sandwich of scores summed by group (every row its own group by default), times G / (G - 1) for G groups
(White 1982, Liang and Zeger 1986; the correction is that of Stata and of `cadjust` in R's `sandwich`), so that it holds under over- and underdispersion.
"""

from dataclasses import dataclass

import numpy as np

from coalitions.survival import NotEstimable

FAMILIES = ("poisson", "binomial")
TOLERANCE, STEPS = 1e-11, 60
EXTREME = 25  # a linear predictor beyond this is a probability of 0 or 1, or no events: the maximum lies at infinity
SINGULAR = 1e-9


@dataclass(frozen=True)
class Fit:
    """Coefficients with robust standard errors, in the order of the design; numbers of rows and of groups."""

    params: np.ndarray
    se: np.ndarray
    n: int
    groups: int


def regression(y, design, family: str = "poisson", exposure=None, groups=None) -> Fit | NotEstimable:
    """Regression of `y` on the columns of `design` (with its constant, if it is to have one).

    Parameters: counts, or 0/1; array of rows and terms; `poisson` (log link, offset log(`exposure`)) or `binomial` (logit); labels of the groups whose rows are not independent.
    Not estimable: fewer rows than terms and two, terms that depend on each other, fewer than two groups, a maximum at infinity (separation), no variance. Raises ValueError for
    missing values or an unknown family.
    """
    y, x = np.asarray(y, dtype=float), np.asarray(design, dtype=float)
    offset = np.zeros(len(y)) if exposure is None else np.log(np.asarray(exposure, dtype=float))
    if family not in FAMILIES:
        raise ValueError(f"family {family!r} is unknown; there are {' and '.join(FAMILIES)}")
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(offset).all()):
        raise ValueError("counts, design and exposure must be finite: missing values are not dropped")
    if len(y) < x.shape[1] + 2:
        return NotEstimable(f"only {len(y)} rows for {x.shape[1]} terms")
    scale = np.abs(x).max(axis=0)
    if (scale == 0).any() or np.linalg.svd(x / scale, compute_uv=False)[-1] < SINGULAR * np.sqrt(len(y)):
        return NotEstimable("terms of the model depend on each other")
    if y.sum() == 0 or (family == "binomial" and y.min() == 1):
        return NotEstimable("no events" if y.sum() == 0 else "nothing but events")
    beta = np.zeros(x.shape[1])
    if family == "poisson":  # scoring from a start far below the data overshoots
        beta = np.linalg.lstsq(x, np.log(np.maximum(y, 0.5)) - offset, rcond=None)[0]
    for _ in range(STEPS):
        mu, weight = _mean(x @ beta + offset, family)
        try:
            step = np.linalg.solve((x * weight[:, None]).T @ x, x.T @ (y - mu))
        except np.linalg.LinAlgError:
            return NotEstimable("the maximum of the likelihood lies at infinity (separation)")
        beta = beta + np.clip(step, -5, 5)
        if not np.abs(x @ beta).max() < EXTREME + np.abs(offset).max():
            return NotEstimable("the maximum of the likelihood lies at infinity (separation)")
        if np.abs(step).max() < TOLERANCE * (1 + np.abs(beta).max()):
            break
    else:
        return NotEstimable("the likelihood did not converge")
    mu, weight = _mean(x @ beta + offset, family)
    return _sandwich(beta, (x * weight[:, None]).T @ x, x * (y - mu)[:, None], groups)


def within(y, terms, exposure) -> Fit | NotEstimable:
    """Poisson regression with a constant for each unit, which drop out of the conditional likelihood (Hausman, Hall and Griliches 1984); variance by unit (Wooldridge 1999).

    Parameters: counts, units by periods; terms, units by periods by terms; exposure by period. Units without events say nothing and are left out.
    Not estimable: fewer than two units with events, or terms that do not vary within them.
    """
    y, x, exposure = np.asarray(y, dtype=float), np.asarray(terms, dtype=float), np.asarray(exposure, dtype=float)
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(exposure).all() and (exposure > 0).all()):
        raise ValueError("counts, terms and exposure must be finite, exposure above 0")
    used = y.sum(axis=1) > 0
    y, x = y[used], x[used]
    if len(y) < 2:
        return NotEstimable(f"{len(y)} units with events")
    total, beta = y.sum(axis=1), np.zeros(x.shape[2])
    spread, scale = x - x.mean(axis=1, keepdims=True), np.ptp(x, axis=1).max(axis=0)
    if (scale == 0).any() or np.linalg.svd((spread / scale).reshape(-1, x.shape[2]), compute_uv=False)[-1] < SINGULAR:
        return NotEstimable("a term does not vary within the units that have events")
    value = _conditional_likelihood(y, x, total, exposure, beta)
    for _ in range(STEPS):
        score, information = _conditional(y, x, total, exposure, beta)
        try:
            step = np.linalg.solve(information, score.sum(axis=0))
        except np.linalg.LinAlgError:
            return NotEstimable("the maximum of the likelihood lies at infinity (separation)")
        if np.abs(step * scale).max() < TOLERANCE * (1 + np.abs(beta * scale).max()):
            break
        for _ in range(STEPS):  # halve a step that would go downhill: a few large values of a term let plain scoring overshoot
            ahead = _conditional_likelihood(y, x, total, exposure, beta + step)
            if ahead >= value - 1e-12 * abs(value):
                break
            step = step / 2
        beta, value = beta + step, ahead
        if np.abs(beta * scale).max() > EXTREME:
            return NotEstimable("the maximum of the likelihood lies at infinity (separation)")
    else:
        return NotEstimable("the likelihood did not converge")
    score, information = _conditional(y, x, total, exposure, beta)
    return _sandwich(beta, information, score, None)


def _conditional(y, x, total, exposure, beta):
    """Score of each unit and information of the conditional likelihood."""
    eta = x @ beta
    share = np.exp(eta - eta.max(axis=1, keepdims=True)) * exposure
    share /= share.sum(axis=1, keepdims=True)
    score = np.einsum("it,itk->ik", y - total[:, None] * share, x)
    centred = x - np.einsum("it,itk->ik", share, x)[:, None, :]
    return score, np.einsum("i,it,itk,itl->kl", total, share, centred, centred, optimize=True)


def _conditional_likelihood(y, x, total, exposure, beta) -> float:
    """Logarithm of the conditional likelihood, without what holds no coefficient."""
    eta = x @ beta
    top = eta.max(axis=1)
    return float((y * eta).sum() - (total * (top + np.log((np.exp(eta - top[:, None]) * exposure).sum(axis=1)))).sum())


def _mean(eta, family: str):
    if family == "poisson":
        mu = np.exp(np.minimum(eta, 700))
        return mu, mu
    mu = 1 / (1 + np.exp(-np.clip(eta, -700, 700)))
    return mu, mu * (1 - mu)


def _sandwich(beta, information, scores, groups) -> Fit | NotEstimable:
    if groups is not None:
        place = np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
        scores = np.column_stack([np.bincount(place, weights=column) for column in scores.T])
    size = len(scores)
    if size < 2:
        return NotEstimable("a single group: no variance")
    try:
        bread = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return NotEstimable("terms of the model depend on each other")
    variance = np.diag(bread @ (scores.T @ scores) @ bread) * size / (size - 1)
    if not (np.isfinite(variance).all() and (variance > 1e-18).all()):
        return NotEstimable("no variance: all rows of a group are alike")
    return Fit(beta, np.sqrt(variance), len(scores) if groups is None else len(place), size)
