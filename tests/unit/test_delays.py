"""Delays to the start: Turnbull's estimate, its curve and median, and the published tables."""

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from coalitions import delays as module
from coalitions import survival
from coalitions.delays import curve, median_delay, restricted_mean_delay, turnbull


def test_turnbull_without_intervals_is_kaplan_meier_with_greenwood():
    rng = np.random.default_rng(3)
    time, event = rng.integers(1, 400, 80), rng.integers(0, 2, 80)
    time[:2], event[:2] = 400, 1
    delays = turnbull(time + (1 - event), np.where(event, time, np.inf))
    mean, se, least, most = restricted_mean_delay(delays, 365)
    kernel = survival.restricted_mean(time, event, 365)
    assert (mean, se) == pytest.approx((kernel.estimate, kernel.se), rel=1e-6)
    assert least == most == pytest.approx(mean)


def test_turnbull_of_intervals_agrees_with_lifelines_and_with_the_nature_of_a_maximum():
    rng = np.random.default_rng(5)
    lower = rng.integers(0, 200, 40).astype(float)
    upper = lower + np.where(rng.random(40) < 0.5, rng.integers(1, 60, 40), 0)
    delays = turnbull(lower, upper)
    fitter = KaplanMeierFitter().fit_interval_censoring(lower, upper, tol=1e-9)
    for day in (25, 75, 125, 175, 225):
        lines = fitter.survival_function_.loc[:day].iloc[-1]
        mine = 1 - delays.mass[delays.first <= day].sum(), 1 - delays.mass[delays.last <= day].sum()
        assert mine[0] - 2e-3 <= lines.min()
        assert lines.max() <= mine[1] + 2e-3
    covers = (lower[:, None] <= delays.first) & (delays.last <= upper[:, None])
    assert (covers / (covers @ delays.mass)[:, None]).sum(axis=0) == pytest.approx(np.full(len(delays.mass), 40), rel=1e-3)


def test_turnbull_of_one_day_and_of_delays_that_half_never_end():
    one = turnbull([7, 7], [7, 7])
    assert restricted_mean_delay(one, 365) == pytest.approx((7, 0, 7, 7))
    assert median_delay(one)[0] == 7
    assert median_delay(turnbull([1, 500, 500, 500], [1, np.inf, np.inf, np.inf]))[0] is None


def test_turnbull_that_is_stopped_early_says_so():
    assert turnbull([0, 2, 4, 1], [3, 6, 8, 5], iterations=0).reason == "the distribution of delays does not converge in 0 steps"


def test_the_curve_and_the_median_have_the_limits_of_kaplan_meier_where_nothing_is_imprecise():
    rng = np.random.default_rng(3)
    time, event = rng.integers(1, 400, 80), (rng.random(80) < 0.8).astype(int)
    ours = curve(turnbull(time + (1 - event), np.where(event, time, np.inf)))
    theirs = survival.kaplan_meier(time, event).set_index("time_days")
    known = ours[np.isfinite(ours["last_day"]) & ours["ci_lower"].notna()]
    assert len(known) > 30
    theirs = theirs.loc[known["last_day"]]
    np.testing.assert_allclose(known["started"], 1 - theirs["survival"], atol=1e-6)
    np.testing.assert_allclose(known["ci_lower"], 1 - theirs["ci_upper"], atol=1e-5)
    np.testing.assert_allclose(known["ci_upper"], 1 - theirs["ci_lower"], atol=1e-5)
    expected = survival.quantile(survival.kaplan_meier(time, event))
    assert median_delay(turnbull(time + (1 - event), np.where(event, time, np.inf))) == pytest.approx(expected, abs=1)


OPERATIONS = pd.DataFrame(
    {
        "operation_id": [f"op-{i}-2010" for i in range(14)], "arrangement": ["ahc"] * 7 + ["un"] * 7, "predecessor_id": np.nan, "deployed": [1] * 6 + [0] + [1] * 7,
        "decided": ["2010-01-01"] * 13 + [None], "requested": [None] * 14, "triggered": ["2009-12-01"] * 14,
        "start_earliest": pd.to_datetime(["2010-01-11"] * 6 + [None] + ["2010-02-10"] * 7),
        "start": pd.to_datetime(["2010-01-11"] * 5 + ["2010-01-16", None] + ["2010-02-10"] * 3 + ["2010-03-10"] * 4),
        "start_latest": pd.to_datetime(["2010-01-11"] * 5 + ["2010-01-21", None] + ["2010-02-10"] * 3 + ["2010-04-10"] * 4), "scope_all": [1] * 6 + [0] + [1] * 7,
    }
)  # fmt: skip


@pytest.fixture(scope="module")
def tables():
    return module.estimates(OPERATIONS, {"all": "deployed"}, pd.Timestamp("2020-12-31"), 365, 0.95)


def test_every_clock_arrangement_and_difference_has_a_line_and_what_is_missing_its_reason(tables):
    starts = tables["starts"]
    assert len(starts) == 3 * 2 * (3 * 2 + 2 * 2)
    empty = starts["estimate"].isna()
    assert starts.loc[empty, "reason"].notna().all()
    request = starts[starts["clock"] == "request"]
    assert request["reason"].str.contains("fewer than five").all()
    assert (starts.loc[starts["term"] == "regional", "n"] == 0).all()


def test_counts_say_who_has_no_date_who_waits_and_who_is_imprecise(tables):
    starts = tables["starts"].query("clock == 'decision' and model == 'restricted mean'").set_index(["never_deployed", "term"])
    assert starts.loc[("kept", "ahc"), ["n", "events", "imprecise"]].tolist() == [7, 6, 1]
    assert starts.loc[("dropped", "ahc"), "n"] == 6
    assert starts.loc[("kept", "un"), "without_date"] == 1
    assert starts.loc[("dropped", "ahc"), "estimate"] == pytest.approx(10, abs=2)
    assert starts.loc[("kept", "ahc"), "estimate"] == pytest.approx((6 * starts.loc[("dropped", "ahc"), "estimate"] + 365) / 7, abs=1)


def test_the_curves_end_where_nobody_is_left_to_wait_for(tables):
    curves = tables["start_curves"].query("clock == 'decision'")
    ahc = curves[curves["arrangement"] == "ahc"]
    assert ahc["mass"].sum() == pytest.approx(1)
    assert ahc["last_day"].isna().sum() == 1  # the one that never deployed
    assert curves[curves["arrangement"] == "un"]["last_day"].notna().all()
