"""Shares, steps of rates, slopes and breaks against R: make_reference_launches.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import estimands_launches, launches, proportions, structural

EXPECTED = Path(__file__).parent / "expected"


def rows(name: str) -> list:
    return list(pd.read_csv(EXPECTED / f"launch_{name}.csv", float_precision="round_trip").itertuples(index=False))


@pytest.mark.parametrize("row", rows("shares"), ids=lambda row: f"{row.x1}/{row.n1} and {row.x2}/{row.n2}")
def test_shares(row):
    ours = proportions.difference(row.x1, row.n1, row.x2, row.n2)
    assert_allclose(np.ravel(proportions.wilson(row.x1, row.n1)), [row.w1_lower, row.w1_upper], rtol=1e-10, atol=1e-12)
    for field in ("lower", "upper", "caffo_lower", "caffo_upper", "p", "fisher_p"):
        assert_allclose(getattr(ours, field), getattr(row, field), rtol=1e-9, atol=1e-12, err_msg=field)


def test_steps_of_rates():
    series = pd.read_csv(EXPECTED / "launch_series.csv")
    for row, which in zip(rows("steps"), (["one"], ["one", "other"]), strict=True):
        ours = launches.step([series[name].to_numpy() for name in which], series["exposure"].to_numpy(), series["after"].to_numpy() == 1, lags=4)
        assert_allclose([ours.estimate, ours.se], [row.estimate, row.se], rtol=1e-8)


def test_the_slope_of_a_short_series():
    y = [16, 16, 16, 15, 14, 14, 13, 12, 12, 12, 11, 11]
    (row,) = rows("slope")
    first, last = launches.day("2000-01-01"), launches.day("2011-12-31")
    # Operations at work on 1 July make the series: all begin before the window, each drop is an end in the spring before.
    ends = [launches.day(f"{2000 + i}-03-01") for i in range(1, 12) for _ in range(y[i - 1] - y[i])]
    start = np.full(16, first - 10.0)
    finish = np.array(ends + [last + 10.0] * (16 - len(ends)))
    limits, text = estimands_launches._slope("least-squares-hac", start, finish, start > first, finish < last, first, last, 0.95)
    assert_allclose([limits["theta"], limits["theta"] / limits["statistic"]], [-row.slope, row.se], rtol=1e-9)
    assert "(2 lags)" in text


@pytest.mark.parametrize("row", rows("breaks"), ids=lambda row: row.series)
def test_the_search_for_a_break(row):
    ours = structural.search([float(v) for v in row.values.split()])
    assert ours.before == row.before
    assert_allclose([ours.statistic, ours.p], [row.statistic, row.p], rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("row", rows("ratios"))
def test_rate_ratios(row):
    ours = launches.rate_ratio(row.before, row.years_before, row.after, row.years_after)
    assert_allclose(ours, [row.ratio, row.lower, row.upper, row.p], rtol=1e-7)
