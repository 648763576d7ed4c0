"""Regression of counts: what is refused and what is not estimable."""

import numpy as np
import pandas as pd
import pytest

from coalitions import glm
from coalitions.survival import NotEstimable


def model(counts, exposure=1.0, family="poisson", **options):
    y = pd.Series(counts, dtype=float)
    design = pd.DataFrame({"decade": (np.arange(len(y)) - (len(y) - 1) / 2) / 10})
    return glm.count_model(y, design, pd.Series(exposure, index=y.index, dtype=float), family, **options)


COUNTS = np.random.default_rng(3).poisson(np.exp(0.5 + 0.03 * np.arange(60)))
SPREAD = np.random.default_rng(3).negative_binomial(1.5, 0.3, 80)


@pytest.mark.parametrize("family", ["poisson", "negative-binomial"])
def test_without_an_event_there_is_no_rate(family):
    assert model([0] * 30, family=family) == NotEstimable("no events")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_too_few_periods_are_counted(n):
    assert model([2] * n) == NotEstimable(f"only {n} periods")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_missing_counts_are_refused_not_dropped(bad):
    with pytest.raises(ValueError, match="must be finite"):
        model([1, 2, bad, 4, 5, 6])


@pytest.mark.parametrize("bad", [np.nan, 0.0, np.inf])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_an_exposure_that_is_missing_or_zero_is_refused(bad):
    with pytest.raises(ValueError, match="must be finite"):
        model([1, 2, 3, 4, 5, 6], [1, 1, bad, 1, 1, 1])


def test_a_missing_value_of_the_design_is_refused():
    with pytest.raises(ValueError, match="must be finite"):
        glm.count_model(pd.Series([1, 2, 3, 4, 5]), pd.DataFrame({"x": [1, 2, np.nan, 4, 5]}), pd.Series([1.0] * 5))


def test_coefficients_solve_the_likelihood_equations():
    found = model(COUNTS)
    x = np.column_stack([np.ones(60), (np.arange(60) - 29.5) / 10])
    assert x.T @ (COUNTS - np.exp(x @ found.params.to_numpy())) == pytest.approx([0, 0], abs=1e-6)
    assert list(found.params.index) == ["const", "decade"]
    assert (found.alpha, found.n, found.events) == (0, 60, COUNTS.sum())


def test_twice_the_exposure_halves_the_rate_and_leaves_the_trend():
    one, two = model(COUNTS), model(COUNTS, exposure=2.0)
    assert two.params["const"] == pytest.approx(one.params["const"] - np.log(2))
    assert two.params["decade"] == pytest.approx(one.params["decade"])


def test_overdispersed_counts_have_a_positive_alpha_and_even_ones_are_poisson():
    assert model(SPREAD, family="negative-binomial").alpha > 0.1
    even = model([3, 4] * 20, family="negative-binomial")
    assert even.alpha == 0
    pd.testing.assert_series_equal(even.params, model([3, 4] * 20).params)


@pytest.mark.parametrize(("n", "lags"), [(10, 2), (80, 3), (100, 4), (1000, 6)])
def test_lags_are_those_of_newey_and_west(n, lags):
    assert glm.newey_west_lags(n) == lags


def test_lags_can_be_given():
    assert model(COUNTS, lags=0).lags == 0
    assert model(COUNTS, lags=0).hac_se["decade"] != model(COUNTS).hac_se["decade"]


@pytest.mark.parametrize("family", ["poisson", "negative-binomial"])
def test_an_indicator_of_periods_without_events_has_no_coefficient(family):
    y, later = pd.Series(np.where(np.arange(60) < 50, COUNTS, 0)), (np.arange(60) >= 50).astype(float)
    design = pd.DataFrame({"decade": (np.arange(60) - 29.5) / 10, "later": later})
    found = glm.count_model(y, design, pd.Series(1.0, index=y.index), family)
    assert found == NotEstimable("the terms set periods without events apart: a coefficient would be infinite")
    y.iloc[55] = 1
    assert np.abs(glm.count_model(y, design, pd.Series(1.0, index=y.index), family).params).max() < 10


def test_events_in_one_period_of_a_trend_leave_a_finite_coefficient_unless_they_are_at_its_end():
    exog = np.column_stack([np.ones(20), np.arange(20.0)])
    assert not glm.separated(np.eye(20)[7], exog)
    assert glm.separated(np.eye(20)[19], exog)


def test_a_family_that_nobody_knows_is_refused():
    with pytest.raises(ValueError):
        model(COUNTS, family="quasi")


def test_terms_that_say_the_same_are_not_estimable():
    design = pd.DataFrame({"decade": np.arange(8) / 10, "always": 1.0})
    found = glm.count_model(pd.Series([1, 2, 3, 1, 2, 3, 0, 4]), design, pd.Series(1.0, index=range(8)))
    assert found.reason == "the terms of the model are collinear"
