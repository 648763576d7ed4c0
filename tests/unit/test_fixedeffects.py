"""Regression with fixed effects: what dummies by least squares give, and what cannot be had."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from coalitions import fixedeffects
from coalitions.survival import NotEstimable


def panel(units=12, years=8, seed=3, dropped=9):
    """An unbalanced panel with one continuous and one binary term."""
    rng = np.random.default_rng(seed)
    unit, year = (code.ravel() for code in np.indices((units, years)))
    kept = np.sort(rng.choice(len(unit), len(unit) - dropped, replace=False))
    unit, year = unit[kept], year[kept]
    x = np.column_stack([rng.normal(size=len(unit)) + unit / 5, (year > unit % 7).astype(float)])
    return x @ [0.7, -0.4] + unit * 0.3 + np.sin(year) + rng.normal(size=len(unit)), x, unit, year


def by_dummies(y, x, unit, year):
    """The same by least squares with every dummy, and the clustered variance written out."""
    full = np.column_stack([x, unit[:, None] == np.unique(unit), year[:, None] == np.unique(year)[1:]]).astype(float)
    bread = np.linalg.inv(full.T @ full)
    beta = bread @ full.T @ y
    scores = full * (y - full @ beta)[:, None]
    sums = np.array([scores[unit == u].sum(axis=0) for u in np.unique(unit)])
    g, (n, k) = len(sums), full.shape
    return beta[:2], (g / (g - 1) * (n - 1) / (n - k) * bread @ sums.T @ sums @ bread)[:2, :2], k


def test_least_squares_with_dummies_gives_the_same():
    y, x, unit, year = panel()
    found = fixedeffects.two_way(y, x, unit, year)
    beta, cov, k = by_dummies(y, x, unit, year)
    assert_allclose(found.params, beta, rtol=1e-10)
    assert_allclose(found.cov, cov, rtol=1e-9)
    assert (found.rank, found.df, found.clusters, found.n) == (k, 11, 12, len(y))


def test_order_and_labels_of_rows_do_not_matter():
    y, x, unit, year = panel()
    order = np.random.default_rng(1).permutation(len(y))
    one, other = fixedeffects.two_way(y, x, unit, year), fixedeffects.two_way(y[order], x[order], np.array([f"T{u:02d}" for u in unit])[order], year[order] + 1990)
    assert_allclose(one.params, other.params, rtol=1e-10)
    assert_allclose(one.cov, other.cov, rtol=1e-9)


def test_a_known_effect_without_noise_is_recovered():
    _, x, unit, year = panel()
    found = fixedeffects.two_way(x @ [2.0, -1.0] + unit - year, x, unit, year)
    assert_allclose(found.params, [2, -1], atol=1e-10)


@pytest.mark.parametrize(("change", "reason"), [
    (lambda y, x, u, t: (y, u.astype(float), u, t), "a term is explained by the effects of units"),
    (lambda y, x, u, t: (y, np.column_stack([x[:, 0], t + 2.0 * u]), u, t), "a term is explained by the effects of units and periods"),
    (lambda y, x, u, t: (y, np.column_stack([x, x[:, 0] - x[:, 1]]), u, t), "a term is explained by the effects of units and periods"),
    (lambda y, x, u, t: (y[u < 4], x[u < 4], u[u < 4], t[u < 4]), "4 clusters: too few for a variance"),
    (lambda y, x, u, t: (y[:0], x[:0], u[:0], t[:0]), "no observation"),
])  # fmt: skip
def test_what_cannot_be_estimated_says_why(change, reason):
    found = fixedeffects.two_way(*change(*panel()))
    assert isinstance(found, NotEstimable)
    assert found.reason == reason


def test_as_many_effects_as_rows_leave_nothing():
    found = fixedeffects.two_way([1.0, 2, 3, 4, 5, 6], np.arange(6.0) ** 2, [0, 0, 1, 2, 3, 4], [0, 1, 0, 0, 0, 0])
    assert isinstance(found, NotEstimable)


def test_missing_values_and_lengths_that_differ_are_refused():
    y, x, unit, year = panel()
    with pytest.raises(ValueError, match="missing values"):
        fixedeffects.two_way(np.where(unit == 0, np.nan, y), x, unit, year)
    with pytest.raises(ValueError, match="one row each"):
        fixedeffects.two_way(y[1:], x, unit, year)


def test_the_joint_test_of_one_term_is_the_square_of_its_t():
    y, x, unit, year = panel()
    fit = fixedeffects.two_way(y, x, unit, year)
    line = fixedeffects.limits(fit.params[0], fit.cov[0, 0] ** 0.5, fit.df, 0.95)
    f, q, p = fixedeffects.joint(fit.params[:1], fit.cov[:1, :1], fit.df)
    assert (f, q, p) == pytest.approx((line["statistic"] ** 2, 1, line["p"]))


@pytest.mark.parametrize("cov", [np.zeros((2, 2)), np.ones((2, 2))])
def test_a_singular_covariance_gives_no_joint_test(cov):
    assert fixedeffects.joint(np.ones(2), cov, 5).reason == "the covariance of the terms is singular"
