"""Regressions with robust variance: cases that can be checked by hand, invariances, and every refusal. Numbers from R are in tests/reference."""

import numpy as np
import pytest

from coalitions import robust
from coalitions.survival import NotEstimable

ONE = np.ones((6, 1))


def test_a_constant_is_the_logarithm_of_the_mean_and_its_variance_that_of_the_mean():
    y = np.array([1, 2, 3, 1, 5, 6])
    fit = robust.regression(y, ONE)
    assert fit.params[0] == pytest.approx(np.log(3))
    assert fit.se[0] == pytest.approx(np.std(y) / np.sqrt(5) / 3)
    assert (fit.n, fit.groups) == (6, 6)


def test_rows_that_are_doubled_in_their_group_say_nothing_more():
    y, group = np.array([1, 2, 3, 1, 5, 6]), np.arange(6)
    once, twice = robust.regression(y, ONE, groups=group), robust.regression(np.tile(y, 2), np.ones((12, 1)), groups=np.tile(group, 2))
    assert twice.se == pytest.approx(once.se)
    assert (twice.n, twice.groups) == (12, 6)


def test_two_groups_have_the_ratio_of_their_means_whatever_the_order_of_rows():
    y, x = np.array([1, 2, 3, 4, 5, 9]), np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    fit = robust.regression(y, x)
    assert fit.params[1] == pytest.approx(np.log(3))
    order = np.array([5, 0, 3, 2, 4, 1])
    again = robust.regression(y[order], x[order])
    assert np.allclose(again.params, fit.params)
    assert np.allclose(again.se, fit.se)


def test_a_longer_exposure_lowers_the_rate():
    y = np.array([2, 4, 6, 2, 4, 6])
    assert robust.regression(y, ONE, exposure=np.full(6, 2.0)).params[0] == pytest.approx(np.log(2))


@pytest.mark.parametrize(("y", "x", "family", "reason"), [
    ([0] * 6, ONE, "poisson", "no events"),
    ([1] * 6, ONE, "binomial", "nothing but events"),
    ([0, 1], np.ones((2, 1)), "binomial", "only 2 rows for 1 terms"),
    ([0, 0, 0, 1, 1, 1], np.column_stack([np.ones(6), [0, 1, 2, 3, 4, 5]]), "binomial", "the maximum of the likelihood lies at infinity (separation)"),
    ([0, 0, 0, 1, 2, 1], np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]]), "poisson", "the maximum of the likelihood lies at infinity (separation)"),
    ([1, 2, 3, 1, 2, 3], np.ones((6, 2)), "poisson", "terms of the model depend on each other"),
    ([1, 2, 3, 1, 2, 3], np.column_stack([np.ones(6), np.zeros(6)]), "poisson", "terms of the model depend on each other"),
    ([2] * 6, ONE, "poisson", "no variance: all rows of a group are alike"),
])  # fmt: skip
def test_what_cannot_be_had_comes_with_the_reason(y, x, family, reason):
    assert robust.regression(y, x, family) == NotEstimable(reason)


def test_a_single_group_has_no_variance():
    assert robust.regression([1, 2, 3, 1, 2, 4], ONE, groups=["a"] * 6) == NotEstimable("a single group: no variance")


def test_missing_values_and_unknown_families_are_refused():
    with pytest.raises(ValueError, match="must be finite"):
        robust.regression([1, np.nan, 3, 1, 2, 4], ONE)
    with pytest.raises(ValueError, match="family 'gamma' is unknown"):
        robust.regression([1, 2, 3, 1, 2, 4], ONE, "gamma")
    with pytest.raises(ValueError, match="must be finite"):
        robust.within([[1, np.nan]], np.zeros((1, 2, 1)), [1, 1])


def test_constants_of_units_take_out_their_levels():
    """Each unit has three times as many events in the period with the term: the ratio is three whatever the level."""
    y = np.array([[1, 3], [2, 6], [4, 12], [10, 30]])
    x = np.tile([0.0, 1.0], (4, 1))[:, :, None]
    fit = robust.within(np.vstack([y, [[2, 5]]]), np.concatenate([x, x[:1]]), [1, 1])
    assert fit.params[0] == pytest.approx(np.log(56 / 19))
    assert fit.groups == 5
    assert robust.within(np.vstack([y, [[2, 5]], [[0, 0]]]), np.concatenate([x, x[:2]]), [1, 1]).se == pytest.approx(fit.se)
    assert robust.within(np.vstack([y, [[2, 5]]]), np.concatenate([x, x[:1]]), [1, 2]).params[0] == pytest.approx(np.log(28 / 19))


@pytest.mark.parametrize(("y", "x", "reason"), [
    ([[0, 0], [0, 0]], [[0, 1], [0, 1]], "0 units with events"),
    ([[1, 2], [0, 0]], [[0, 1], [0, 1]], "1 units with events"),
    ([[1, 2], [2, 1]], [[1, 1], [0, 0]], "a term does not vary within the units that have events"),
    ([[0, 2], [0, 1]], [[0, 1], [0, 1]], "the maximum of the likelihood lies at infinity (separation)"),
])  # fmt: skip
def test_units_that_say_nothing_are_refused_with_the_reason(y, x, reason):
    assert robust.within(y, np.array(x, dtype=float)[:, :, None], [1, 1]) == NotEstimable(reason)


def test_a_few_large_values_of_a_term_do_not_let_the_steps_overshoot():
    rng = np.random.default_rng(3)
    x = np.where(rng.random((40, 80)) < 0.02, rng.integers(1, 9, (40, 80)), 0).astype(float)
    y = rng.poisson(0.03 * np.exp(0.6 * x))
    fit = robust.within(y, x[:, :, None], np.ones(80))
    assert abs(fit.params[0] - 0.6) < 4 * fit.se[0]
