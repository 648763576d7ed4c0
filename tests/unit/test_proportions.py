"""Shares and their differences by hand and at their edges."""

import numpy as np
import pytest

from coalitions import proportions


def test_newcombe_gives_the_limits_of_his_table():
    found = proportions.difference(48, 80, 56, 70)  # Newcombe (1998), table II, example a, method 10
    assert (round(found.lower, 4), round(found.upper, 4)) == (0.0524, 0.3339)
    assert found.estimate == pytest.approx(0.2)


def test_the_difference_turns_its_sign_with_the_periods():
    one, other = proportions.difference(3, 10, 9, 12), proportions.difference(9, 12, 3, 10)
    assert (one.lower, one.upper) == pytest.approx((-other.upper, -other.lower))
    assert one.fisher_p == pytest.approx(other.fisher_p)


def test_limits_at_the_edges_and_without_cases():
    low, high = proportions.wilson([0, 5, 0], [5, 5, 0])
    assert (low[0], high[1]) == (0, 1)
    assert 0 < high[0] < 1
    assert np.isnan([low[2], high[2]]).all()
    low, high = proportions.agresti_coull([0, 5, 0], [5, 5, 0])
    assert (low[0], high[1]) == (0, 1)
    assert np.isnan(low[2])


def test_agresti_coull_adds_about_two_successes_and_two_failures():
    low, high = proportions.agresti_coull(4, 10)
    assert (low + high) / 2 == pytest.approx((4 + 1.92) / (10 + 3.84), abs=1e-3)


def test_all_or_none_have_no_score_and_a_p_of_one():
    found = proportions.difference(5, 5, 8, 8)
    assert (found.statistic, found.p, found.fisher_p) == (0, 1, 1)
    assert found.lower < 0 < found.upper


def test_fisher_by_hand():
    # Of the five tables with these margins two have the probability 1/70, two 16/70, one 36/70.
    assert proportions.fisher(4, 4, 0, 4) == pytest.approx(2 / 70)
    assert proportions.fisher(3, 4, 1, 4) == pytest.approx(34 / 70)


def test_a_share_without_cases_is_refused():
    with pytest.raises(ValueError, match="at least one case"):
        proportions.difference(0, 0, 1, 2)
