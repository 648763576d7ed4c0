"""The pace of events: trend, limits, unevenness."""

import numpy as np
import pytest

from coalitions import arrivals


def test_laplace_by_hand():
    found = arrivals.pace([2.0, 4.0, 9.0], 10.0)
    assert found.laplace == pytest.approx((5 / 10 - 0.5) * 6)
    assert found.slope == pytest.approx(0, abs=1e-9)
    assert found.p == pytest.approx(1)
    late = arrivals.pace([8.0, 9.0, 7.0], 10.0)
    assert late.laplace == pytest.approx(0.3 * 6)
    assert late.slope > 0


def test_the_limits_leave_out_zero_exactly_when_the_test_rejects():
    rng = np.random.default_rng(3)
    for _ in range(50):
        times = rng.random(6) ** rng.uniform(0.4, 2.5)
        found = arrivals.pace(times, 1.0)
        assert (found.p < 0.05) == (not found.lower < 0 < found.upper)
        assert found.lower < found.slope < found.upper


def test_the_unit_of_time_and_the_direction_do_not_matter():
    times = np.array([1.0, 2.0, 2.5, 7.0, 9.0])
    one, other, back = arrivals.pace(times, 10), arrivals.pace(times * 365.25, 3652.5), arrivals.pace(10 - times, 10)
    assert other.slope * 365.25 == pytest.approx(one.slope)
    assert (back.slope, back.lower) == pytest.approx((-one.slope, -one.upper))


def test_moments_join_at_zero():
    for sign in (1, -1):
        assert arrivals._moments(sign * 0.99e-3) == pytest.approx(arrivals._moments(sign * 1.01e-3), abs=1e-5)
    x = np.linspace(0, 1, 200001)
    weight = np.exp(-3 * x)
    mean = (x * weight).sum() / weight.sum()
    assert arrivals._moments(-3.0) == pytest.approx((mean, ((x - mean) ** 2 * weight).sum() / weight.sum()), abs=1e-5)


def test_the_slope_is_recovered_and_its_limits_hold_in_nineteen_of_twenty():
    rng, truth = np.random.default_rng(5), 1.5
    inside, slopes = [], []
    for _ in range(400):
        times = np.log1p(rng.random(12) * np.expm1(truth)) / truth
        found = arrivals.pace(times, 1.0)
        inside.append(found.lower < truth < found.upper)
        slopes.append(found.slope)
    assert np.mean(slopes) == pytest.approx(truth, abs=0.2)
    assert 0.92 < np.mean(inside) < 0.985


def test_events_at_one_end_have_no_limit_there():
    found = arrivals.pace([0.0, 0.0, 0.0], 10.0)
    assert found.slope == -np.inf
    assert found.upper < 0


@pytest.mark.parametrize(("times", "message"), [([], "no event"), ([11.0], "between 0 and"), ([np.nan], "between 0 and")])
def test_times_that_cannot_be_are_refused(times, message):
    with pytest.raises(ValueError, match=message):
        arrivals.pace(times, 10.0)


def test_even_gaps_are_regular_and_bunches_clustered():
    null = arrivals.null_spacings(9, 2000, 1)
    even, bunch = arrivals.spacing(np.arange(1, 10), 10.0, null), arrivals.spacing([1, 1.01, 1.02, 1.03, 1.04, 1.05, 8, 8.01, 8.02], 10.0, null)
    assert even.greenwood == pytest.approx(0.1)
    assert even.variation == pytest.approx(0)
    assert even.p_regular < 0.01
    assert bunch.p_clustered < 0.01


def test_the_standard_has_its_mean_and_level():
    null = arrivals.null_spacings(5, 20000, 1)
    assert null.mean() == pytest.approx(2 / 7, rel=0.01)  # Moran (1947): 2 / (n + 2)
    rng = np.random.default_rng(2)
    p = [arrivals.spacing(rng.random(5), 1.0, null).p_clustered for _ in range(400)]
    assert np.mean(np.array(p) < 0.1) == pytest.approx(0.1, abs=0.04)


def test_one_event_has_no_gap():
    with pytest.raises(ValueError, match="two events"):
        arrivals.spacing([1.0], 10.0, arrivals.null_spacings(1, 10, 1))
