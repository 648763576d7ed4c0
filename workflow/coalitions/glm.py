"""Regression of counts. The only module that calls statsmodels' count models.

Defaults that are said aloud: log link, offset log(exposure), missing values refused, covariance of Newey and West (1987) with Bartlett weights and no small-sample correction.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.discrete.discrete_model import NegativeBinomial
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from coalitions.survival import NotEstimable


@dataclass(frozen=True)
class CountModel:
    """Coefficients with standard errors, by term; `alpha` is the overdispersion of the negative binomial (0 for Poisson), `lags` of the covariance."""

    params: pd.Series
    se: pd.Series
    alpha: float
    lags: int
    n: int
    events: int


def newey_west_lags(n: int) -> int:
    """Number of lags floor(4 (n / 100)^(2/9)) (Newey and West 1994)."""
    return int(np.floor(4 * (n / 100) ** (2 / 9)))


def count_model(counts: pd.Series, design: pd.DataFrame, exposure: pd.Series, family: str = "poisson", lags: int | None = None) -> CountModel | NotEstimable:
    """Poisson or negative binomial (NB2) regression of counts per period with HAC standard errors.

    Parameters: counts; design without constant (one column per term, time in order); exposure (> 0); `poisson` or `negative-binomial`; lags, by default Newey-West's.
    Not estimable without events, or if the likelihood does not converge.
    """
    y, x = counts.to_numpy(dtype=float), design.to_numpy(dtype=float)
    offset = np.log(exposure.to_numpy(dtype=float))
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(offset).all()):
        raise ValueError("counts, design and exposure must be finite: missing values are not dropped")
    if y.sum() == 0:
        return NotEstimable("no events")
    if len(y) < 3 + x.shape[1]:
        return NotEstimable(f"only {len(y)} periods")
    lags = newey_west_lags(len(y)) if lags is None else lags
    robust = {"cov_type": "HAC", "cov_kwds": {"maxlags": lags, "use_correction": False}}
    exog = np.column_stack([np.ones(len(y)), x])
    terms = ["const", *design.columns]
    fit = GLM(y, exog, family=Poisson(), offset=offset, missing="raise").fit(**robust)
    if not fit.converged:
        return NotEstimable("the Poisson likelihood did not converge")
    alpha = 0.0
    if family == "negative-binomial":
        dispersion = (((y - fit.mu) ** 2 - y) / fit.mu**2).mean()
        if dispersion > 0:  # no overdispersion: the negative binomial is the Poisson
            start = np.append(fit.params, max(dispersion, 1e-3))
            full = NegativeBinomial(y, exog, loglike_method="nb2", offset=offset, missing="raise").fit(start_params=start, disp=0, maxiter=200, method="bfgs", gtol=1e-8, **robust)
            if full.mle_retvals["converged"] and full.params[-1] > 0:
                fit, alpha = full, float(full.params[-1])
    params = pd.Series(np.asarray(fit.params)[: len(terms)], index=terms)
    se = pd.Series(np.asarray(fit.bse)[: len(terms)], index=terms)
    if not (np.isfinite(se).all() and (se > 0).all()):
        return NotEstimable("no finite standard error")
    return CountModel(params, se, alpha, lags, len(y), int(y.sum()))
