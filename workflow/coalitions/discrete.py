"""Discrete time: complementary log-log regression of ends on operation-years. The only module that calls statsmodels' binomial models.

Said aloud: with this link a coefficient is a log hazard ratio of the grouped proportional hazards model (Prentice and Gloeckler 1978); time is a cubic polynomial, which Carter and
Signorino (2010) advise over dummies and splines; the variance is clustered (observed information as bread) without small-sample correction; missing values are refused.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.families.links import CLogLog
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from coalitions.survival import NotEstimable, SurvivalInputError

EVENTS_PER_PARAMETER = 1.0  # below this a model is not fitted
DIVERGED = 20  # the coefficient of a 0/1 term beyond this is on its way to infinity


@dataclass(frozen=True)
class DiscreteModel:
    """Coefficients (log hazard ratios, `const` first) with clustered standard errors, by term."""

    params: pd.Series
    se: pd.Series
    n: int
    events: int
    clusters: int

    def table(self, confidence: float = 0.95) -> pd.DataFrame:
        """A line per term: `term, estimate, se, lower, upper, statistic, p` (Wald, normal)."""
        estimate, se = self.params.to_numpy(), self.se.to_numpy()
        margin = ndtri(0.5 + confidence / 2) * se
        columns = {"estimate": estimate, "se": se, "lower": estimate - margin, "upper": estimate + margin, "statistic": estimate / se, "p": 2 * ndtr(-np.abs(estimate / se))}
        return pd.DataFrame({"term": self.params.index, **columns})


def polynomial(years) -> pd.DataFrame:
    """Time since the first year in decades, squared and cubed."""
    decades = np.asarray(years, dtype=float) / 10
    return pd.DataFrame({"time": decades, "time squared": decades**2, "time cubed": decades**3})


def fit(event, design: pd.DataFrame, cluster) -> DiscreteModel | NotEstimable:
    """Complementary log-log regression of a 0/1 event per unit and year.

    Parameters: events; design without constant, one numeric column per term; labels of clusters.
    Raises SurvivalInputError for missing values. Not estimable without events or without years that end nothing, with too few events, with a term that is constant, a combination
    of others, or separated (one of two values of a term has no event, or nothing but events), or if the likelihood does not converge.
    """
    y, x, terms = np.asarray(event, dtype=float), design.to_numpy(dtype=float), [str(name) for name in design.columns]
    codes = pd.factorize(np.asarray(cluster), sort=True)[0]
    if len(x) != len(y) or len(codes) != len(y) or not np.isin(y, (0, 1)).all() or not np.isfinite(x).all() or (codes < 0).any():
        raise SurvivalInputError("events must be 0 or 1, and the design and the clusters known for every line")
    reason = _cannot_fit(y, x, terms)
    if reason:
        return NotEstimable(reason)
    model = GLM(y, np.column_stack([np.ones(len(y)), x]), family=Binomial(link=CLogLog()), missing="raise")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # convergence and separation are checked here
        try:
            result = model.fit(maxiter=500, tol=1e-10, tol_criterion="params", cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False})
        except (PerfectSeparationError, np.linalg.LinAlgError, ValueError):
            return NotEstimable("the likelihood did not converge")
    params, se, dummy = np.asarray(result.params), np.asarray(result.bse), np.isin(x, (0, 1)).all(axis=0)
    if not result.converged or not np.isfinite(params).all() or np.abs(params[1:][dummy]).max(initial=0) > DIVERGED:
        return NotEstimable("the likelihood did not converge")
    if not (np.isfinite(se).all() and (se > 0).all()):
        return NotEstimable("no finite standard error")
    names = ["const", *terms]
    return DiscreteModel(pd.Series(params, index=names), pd.Series(se, index=names), len(y), int(y.sum()), int(codes.max()) + 1)


def _cannot_fit(y, x, terms) -> str:
    """Why a model cannot be fitted, found before any fit; empty if nothing speaks against it."""
    if not y.any() or y.all():
        return "no events" if not y.any() else "every line is an event"
    for term, column in zip(terms, x.T, strict=True):
        levels, level = np.unique(column, return_inverse=True)
        if len(levels) == 1:
            return f"{term} is constant"
        if len(levels) == 2:
            ends, lines = np.bincount(level[y == 1], minlength=2), np.bincount(level, minlength=2)
            if (ends == 0).any() or (ends == lines).any():
                return f"separated: {'no' if (ends == 0).any() else 'nothing but'} events where {term} is {levels[np.argmax((ends == 0) | (ends == lines))]:g}"
    if y.sum() < EVENTS_PER_PARAMETER * (len(terms) + 1):
        return f"{int(y.sum())} events for {len(terms) + 1} parameters"
    if np.linalg.matrix_rank((x - x.mean(axis=0)) / x.std(axis=0)) < len(terms):
        return "a term is a combination of the others"
    return ""
