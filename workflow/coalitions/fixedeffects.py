"""Linear regression with fixed effects of units and periods, and its variance clustered by unit. Plain numpy: some thousand rows and a few dozen terms.

Definitions that are said aloud: least squares of y on the terms, unit effects and period effects; units are swept out (Frisch, Waugh and Lovell), periods are dummies.
The variance is the sandwich summed by cluster (Liang and Zeger 1986) with the small-sample factor G / (G - 1) x (N - 1) / (N - K), where K counts every effect: what R gives for
`lm` with dummies and `sandwich::vcovCL(type = "HC1")`. Limits and p are those of Student's t with G - 1 degrees of freedom.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc, stdtr, stdtrit

from coalitions.survival import NotEstimable

FEWEST = 5  # clusters below which no variance is given


@dataclass(frozen=True)
class Linear:
    """Coefficients of the terms and their covariance; degrees of freedom for t; rows, clusters and rank with every effect."""

    params: np.ndarray
    cov: np.ndarray
    df: int
    n: int
    clusters: int
    rank: int


@dataclass(frozen=True)
class Design:
    """Terms with the effects swept out, ready for many outcomes: made by `design`, read by `fit`."""

    k: int
    x: np.ndarray
    inverse: np.ndarray
    influence: np.ndarray
    unit: np.ndarray
    size: np.ndarray
    order: np.ndarray
    first: np.ndarray
    clusters: int
    rank: int


def two_way(y, terms, unit, period=None, cluster=None) -> Linear | NotEstimable:
    """Regression of `y` on the columns of `terms` with effects of `unit` and, if given, `period`; variance clustered by `cluster` (the units, if none is given).

    Parameters: n values; n x k terms; codes of units, periods and clusters (any labels). Units lie within clusters, or the variance is not the one wanted.
    Not estimable with fewer than five clusters, no spare row, or terms that the effects explain. Raises ValueError for lengths that differ or values that are missing.
    """
    held = design(terms, unit, period, cluster)
    return held if isinstance(held, NotEstimable) else fit(held, y)


def design(terms, unit, period=None, cluster=None) -> Design | NotEstimable:
    """What `two_way` needs to know of the terms and the effects, whatever the outcome. Parameters and refusals as there."""
    x = np.asarray(terms, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    unit = np.unique(unit, return_inverse=True)[1]
    if len(x) != len(unit):
        raise ValueError("terms and unit must have one row each per observation")
    if not np.isfinite(x).all():
        raise ValueError("terms must be finite: missing values are not dropped")
    n, k = x.shape
    if not n:
        return NotEstimable("no observation")
    groups = unit if cluster is None else np.unique(cluster, return_inverse=True)[1]
    clusters = int(groups.max()) + 1
    if clusters < FEWEST:
        return NotEstimable(f"{clusters} clusters: too few for a variance")
    if period is not None:
        codes = np.unique(period, return_inverse=True)[1]
        x = np.column_stack([x, codes[:, None] == np.arange(1, codes.max() + 1)])
    size = np.bincount(unit)
    order = np.argsort(unit, kind="stable")
    x = x - (np.add.reduceat(x[order], np.cumsum(size) - size, axis=0) / size[:, None])[unit]
    gram = x.T @ x
    scale = np.sqrt(np.diag(gram))
    if (scale[:k] < 1e-9).any():
        return NotEstimable("a term is explained by the effects of units")
    scale[scale < 1e-9] = 1.0
    values, vectors = np.linalg.eigh(gram / np.outer(scale, scale))
    kept = values > 1e-10
    # A period without contrast may drop out; a term that hides behind the effects has a share in a direction of no variation.
    if (np.abs(vectors[:k, ~kept]) > 1e-5).any():
        return NotEstimable("a term is explained by the effects of units and periods")
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(scale, scale)
    rank = int(kept.sum()) + len(size)
    if n <= rank:
        return NotEstimable(f"{n} observations for {rank} effects")
    place = np.argsort(groups, kind="stable")
    return Design(k, x, inverse, x @ inverse[:, :k], unit, size, place, np.searchsorted(groups[place], np.arange(clusters)), clusters, rank)


def fit(held: Design, y) -> Linear:
    """The regression of one outcome on a design. Raises ValueError for a length that differs or a value that is missing."""
    y = np.asarray(y, dtype=float)
    n = len(held.x)
    if len(y) != n:
        raise ValueError("y, terms and unit must have one row each per observation")
    if not np.isfinite(y).all():
        raise ValueError("y and terms must be finite: missing values are not dropped")
    y = y - (np.bincount(held.unit, weights=y) / held.size)[held.unit]
    params = held.inverse @ (held.x.T @ y)
    scores = held.influence * (y - held.x @ params)[:, None]
    sums = np.add.reduceat(scores[held.order], held.first, axis=0)
    factor = held.clusters / (held.clusters - 1) * (n - 1) / (n - held.rank)
    return Linear(params[: held.k], factor * sums.T @ sums, held.clusters - 1, n, held.clusters, held.rank)


def limits(estimate: float, se: float, df: float, confidence: float) -> dict:
    """Limits from Student's t, the statistic and its two-sided p, with estimate and standard error; names of the columns of tables."""
    t = float(stdtrit(df, 0.5 + confidence / 2))
    return {
        "estimate": float(estimate), "se": float(se), "lower": float(estimate - t * se), "upper": float(estimate + t * se), "statistic": float(estimate / se),
        "p": float(2 * stdtr(df, -abs(estimate / se))),
    }  # fmt: skip


def joint(params: np.ndarray, cov: np.ndarray, df: float) -> tuple[float, int, float] | NotEstimable:
    """Wald test that all are zero, as F: the statistic divided by the number of terms, that number, and p from F with `df` below. Not estimable if their covariance is singular."""
    q = len(params)
    if not q:
        return NotEstimable("no term to test")
    scale = np.sqrt(np.diag(cov))
    if (scale < 1e-12).any() or np.linalg.matrix_rank(cov / np.outer(scale, scale), tol=1e-8) < q:
        return NotEstimable("the covariance of the terms is singular")
    f = float(params @ np.linalg.solve(cov, params)) / q
    return f, q, float(fdtrc(q, df, f))
