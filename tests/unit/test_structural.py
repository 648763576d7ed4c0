"""A break at an unknown time: where it is, what it is worth."""

import numpy as np
import pytest

from coalitions import structural

CRITICAL = {0.9: 7.12, 0.95: 8.68, 0.99: 12.16}  # Andrews (1993, corrected 2003), one parameter, 15 per cent trimming


def test_a_step_is_found_where_it_is():
    values = np.concatenate([np.tile([0.0, 1.0], 10), np.tile([5.0, 6.0], 10)])
    found = structural.search(values, 99, 1)
    assert found.before == 20
    assert (found.mean_before, found.mean_after) == (0.5, 5.5)
    assert found.p < 1e-6
    assert found.permutation_p == pytest.approx(0.01)


def test_the_largest_f_by_hand():
    values = np.array([0.0] * 5 + [0.0, 2.0] + [2.0] * 13)
    f, k = structural.largest_f(values)
    sums = []
    for cut in range(3, 18):
        one, other = values[:cut], values[cut:]
        left = ((one - one.mean()) ** 2).sum() + ((other - other.mean()) ** 2).sum()
        total = ((values - values.mean()) ** 2).sum()
        sums.append(np.inf if left < 1e-12 else (total - left) / (left / 18))
    assert f[0] == max(sums)
    assert k[0] == 3 + int(np.argmax(sums))


def test_hansens_p_at_andrews_critical_values():
    for level, value in CRITICAL.items():
        assert structural.hansen_p(value) == pytest.approx(1 - level, rel=0.05)
    assert structural.hansen_p(0.0) == 1


def test_andrews_critical_values_by_the_tail_of_the_limit():
    # The largest squared standardised Brownian bridge on [0.15, 0.85], for large x: density of chi-square(1) times x, with the length of the interval on the log-odds scale.
    length = 2 * np.log(0.85 / 0.15)
    for level, x in CRITICAL.items():
        tail = np.sqrt(x) * np.exp(-x / 2) / np.sqrt(2 * np.pi) * ((1 - 1 / x) * length + 2 / x)
        assert tail == pytest.approx(1 - level, rel=0.08)  # Andrews' values are simulated


def test_the_search_keeps_its_level_where_a_test_at_the_best_year_would_not():
    rng = np.random.default_rng(4)
    f = structural.largest_f(rng.normal(size=(2000, 80)))[0]
    p = np.array([structural.hansen_p(x) for x in f])
    assert np.mean(p < 0.05) == pytest.approx(0.05, abs=0.02)
    assert np.mean(f > 3.96) > 0.25  # the critical value of a year chosen beforehand


def test_constant_short_and_missing_values():
    assert structural.search([2.0] * 30).statistic == 0
    for values in ([1.0] * 5, [np.nan] * 30):
        with pytest.raises(ValueError, match="at least 20 values"):
            structural.search(values)
