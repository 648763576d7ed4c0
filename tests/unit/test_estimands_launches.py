"""Estimands on the coming and going of operations, on small made-up panels: sign, hand-checked numbers, and every reason why they give nothing."""

import numpy as np
import pandas as pd
import pytest

from coalitions import catalogue, launches
from coalitions.estimands import Panels
from coalitions.estimands_launches import ESTIMANDS_LAUNCHES, _slope

SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 0, "seed": 1, "within_years": [1, 3]}
CUTOFF = pd.Timestamp("2026-06-30")


def panels(rows) -> Panels:
    """Panels of operations from (arrangement, start, end) and further columns by name; each is a spell of its own."""
    frame = pd.DataFrame([dict(zip(("arrangement", "start", "end"), row, strict=False)) | (row[3] if len(row) > 3 else {}) for row in rows])
    defaults = {
        "un_kind": "traditional",
        "domain": "land",
        "theatre": None,
        "nested": 0,
        "status": None,
        "scope_strict": 1,
        "scope_broad": 1,
        "parent_id": None,
        "military": 0,
        "monitoring": 0,
        "diplomatic": 0,
    }
    for name, value in defaults.items():
        frame[name] = frame[name].where(frame[name].notna(), value) if name in frame else value
    frame["operation_id"] = [f"o{i:03d}" for i in range(len(frame))]
    frame["theatre"] = frame["theatre"].fillna(frame["operation_id"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    frame["status"] = frame["status"].where(frame["status"].notna(), pd.Series(np.where(frame["end"].isna(), "ongoing", "ended")))
    frame["ended"] = (frame["status"] == "ended").astype(int)
    last = frame["end"].fillna(frame["start"].where(frame["status"] == "unknown", CUTOFF))
    frame = frame.assign(theatres=frame["theatre"], chain_id=frame["operation_id"], spell_id=frame["operation_id"], predecessor_id=None, deployed=1, name="x")
    frame["duration_days"] = (last - frame["start"]).dt.days + 1
    return Panels(operations=frame, spells=frame)


def estimate(name, data, spec, **settings):
    return ESTIMANDS_LAUNCHES[name](data, spec, SETTINGS | settings)


def test_every_estimand_says_what_it_needs():
    assert set(ESTIMANDS_LAUNCHES) <= set(catalogue.ESTIMANDS)


# ---- un-drawdown

DRAWDOWN = {"kinds": "any-peacekeeping", "slope": "least-squares", "drawdown_from": 2014, "through": "cutoff"}
FALL = [("un", "2000-01-01", f"{year}-06-30") for year in range(2015, 2025)] + [("un", "2000-01-01", None)] * 5


def test_the_slope_is_that_of_a_line_through_every_day():
    data = panels([*FALL, ("un", "2016-02-01", None), ("un", "2018-02-01", "2019-02-01")])
    found = estimate("active_slope", data, DRAWDOWN)
    days = np.arange(launches.day("2014-01-01"), launches.day("2026-06-30") + 1)
    start, last = launches.days(data.spells["start"]), launches.last_day(data.spells)
    at_work = ((start[:, None] <= days) & (last[:, None] >= days)).sum(axis=0)
    assert found.theta == pytest.approx(-np.polyfit((days - days[0]) / 365.25, at_work, 1)[0], rel=1e-9)
    assert found.lower < found.theta < found.upper
    assert (found.events, found.details["launches"], found.details["ends"]) == (13, 2, 11)
    assert (found.details["at_work_first"], found.details["at_work_last"]) == (15, 6)
    assert found.details["closed"][0] == "o000"


@pytest.mark.parametrize("slope", ["least-squares", "least-squares-hac", "theil-sen", "net-flow"])
def test_a_fall_is_positive_and_a_rise_negative_however_it_is_estimated(slope):
    # Ends and launches at uneven days: a line through equal steps would have no variance.
    ends = ["2015-02-01", "2016-11-01", "2017-02-01", "2019-03-01", "2019-08-01", "2022-01-01", "2024-10-01"]
    fall = estimate("active_slope", panels([("un", "2000-01-01", day) for day in ends]), DRAWDOWN | {"slope": slope})
    rise = estimate("active_slope", panels([("un", day, None) for day in ends]), DRAWDOWN | {"slope": slope})
    assert fall.theta > 0 > rise.theta
    assert fall.lower <= fall.theta <= fall.upper


def test_net_flow_by_hand():
    found = estimate("active_slope", panels(FALL), DRAWDOWN | {"slope": "net-flow"})
    years = (launches.day("2026-06-30") - launches.day("2014-01-01") + 1) / 365.25
    assert found.theta == pytest.approx(10 / years)
    assert found.theta / found.statistic == pytest.approx(np.sqrt(10) / years)


def test_an_end_at_the_cutoff_is_still_at_work_there():
    rows = [("un", "2000-01-01", f"{year}-06-30") for year in range(2016, 2021)]
    assert estimate("active_slope", panels([*rows, ("un", "2000-01-01", "2026-06-30")]), DRAWDOWN).events == 5
    assert estimate("active_slope", panels([*rows, ("un", "2000-01-01", "2026-06-29")]), DRAWDOWN).events == 6


def test_the_window_can_end_with_the_brief():
    found = estimate("active_slope", panels(FALL), DRAWDOWN | {"through": "brief"})
    assert found.details["ends"] == 9


def test_kinds_and_other_arrangements_are_left_out():
    rows = [*FALL, ("un", "2015-01-01", "2016-01-01", {"un_kind": "political"}), ("ahc", "2015-01-01", "2016-01-01"), ("un", "2015-01-01", None, {"status": "unknown"})]
    assert estimate("active_slope", panels(rows), DRAWDOWN).events == 10
    assert estimate("active_slope", panels(rows), DRAWDOWN | {"kinds": "with-political"}).events == 12
    assert estimate("active_slope", panels(rows), DRAWDOWN).details["unknown_end"] == 1
    assert estimate("active_slope", panels(rows), DRAWDOWN | {"kinds": "multidimensional"}).reason == "fewer than five launches and ends in the window (0)"


@pytest.mark.parametrize(("rows", "spec", "reason"), [
    (FALL[:4], {}, "fewer than five launches and ends in the window (4)"),
    (FALL, {"drawdown_from": 2030}, "nothing after 2030 is observed"),
    (FALL, {"slope": "theil-sen", "drawdown_from": 2020, "through": "brief"}, "fewer than five launches and ends in the window (4)"),
    ([("un", f"{y}-08-01", f"{y}-09-01") for y in range(2014, 2022)], {"slope": "theil-sen"}, "the number at work is the same in every year: no variance"),
    ([("un", "2000-01-01", f"{y}-01-01") for y in range(2015, 2027)], {"slope": "least-squares-hac"}, "the counts lie on a line: no variance"),
])  # fmt: skip
def test_slopes_that_cannot_be_had_come_with_the_reason(rows, spec, reason):
    found = estimate("active_slope", panels(rows), DRAWDOWN | spec)
    assert (found.theta, found.reason) == (None, reason)


def test_the_interval_of_launches_and_ends_covers_where_that_of_yearly_counts_does_not():
    # Launches and ends at the same constant rate: the number at work is a random walk and its expected slope 0.
    rng, length, covered = np.random.default_rng(6), 4564, {"least-squares": 0, "least-squares-hac": 0}
    for _ in range(300):
        ends, births = np.sort(rng.integers(1, length - 1, rng.poisson(8))), rng.integers(1, length, rng.poisson(8))
        start = np.concatenate((np.full(20, -10.0), births))
        finish = np.concatenate((ends - 1.0, np.full(20 - len(ends), length + 10.0), np.full(len(births), length + 10.0)))
        for way in covered:
            found = _slope(way, start, finish, start > 0, finish < length - 1, 0, length - 1, 0.95)
            covered[way] += found[0]["lower"] < 0 < found[0]["upper"] if isinstance(found, tuple) else 1
    assert covered["least-squares"] / 300 > 0.9
    assert covered["least-squares-hac"] / 300 < 0.75


# ---- replacement

REPLACEMENT = {"scope": "strict", "political": "as-scope", "comparator": "both", "break_after": 2014, "since": 1990, "share_of": "launches", "chains": "merged"}
BEFORE = [("ahc", f"{1995 + i}-05-01", f"{1996 + i}-05-01") for i in range(6)] + [("un", f"{1995 + i}-07-01", f"{2001 + i}-07-01") for i in range(12)]
BEFORE += [("regional", f"{1997 + i}-02-01", f"{1999 + i}-02-01") for i in range(6)]
AFTER = [("ahc", f"{2015 + i}-05-01", None) for i in range(8)] + [("regional", f"{2016 + i}-05-01", None) for i in range(4)]


def test_the_share_before_and_after_by_hand():
    found = estimate("share_shift", panels(BEFORE + AFTER), REPLACEMENT)
    assert found.theta == pytest.approx(8 / 12 - 6 / 24)
    assert (found.n, found.events) == (36, 14)
    assert found.lower < found.theta < found.upper
    d = found.details
    assert (d["ahc_before"], d["n_before"], d["ahc_after"], d["n_after"]) == (6, 24, 8, 12)
    assert d["un_rate_after"] == 0
    assert "un_rate_ratio" not in d
    assert d["ratio_of_rate_ratios"] == pytest.approx((8 / 6) / (4 / 18))
    assert d["first_share_after"] == found.details["share_after"]  # every theatre is another


def test_comparator_scope_and_break_are_those_asked_for():
    data = panels([*BEFORE, *AFTER, ("ahc", "2020-01-01", None, {"scope_strict": 0})])
    assert estimate("share_shift", data, REPLACEMENT | {"scope": "broad"}).n == 37
    assert estimate("share_shift", data, REPLACEMENT | {"comparator": "regional"}).theta == pytest.approx(8 / 12 - 6 / 12)
    assert estimate("share_shift", data, REPLACEMENT | {"comparator": "un"}).theta == pytest.approx(1 - 6 / 18)
    assert estimate("share_shift", data, REPLACEMENT | {"break_after": 2001}).details["n_before"] == 6 + 7 + 5


def test_political_missions_that_monitor_count_if_asked_for_and_mere_offices_do_not():
    outside = {"scope_strict": 0, "un_kind": "political"}
    monitors = [("un", f"{2016 + i}-01-01", None, outside | {"monitoring": 1}) for i in range(3)]
    data = panels([*BEFORE, *AFTER, *monitors, ("un", "2020-01-01", None, outside), ("un", "2020-01-01", None, outside | {"monitoring": 1, "diplomatic": 1})])
    assert estimate("share_shift", data, REPLACEMENT).details["n_after"] == 12
    included = estimate("share_shift", data, REPLACEMENT | {"political": "included"})
    assert (included.details["n_after"], included.details["ahc_after"]) == (15, 8)
    assert included.details["un_rate_after"] > 0


def test_a_launch_on_the_last_day_of_the_year_of_the_break_is_before_it():
    rows = [*BEFORE, *AFTER]
    before = estimate("share_shift", panels([*rows, ("ahc", "2014-12-31", None)]), REPLACEMENT)
    after = estimate("share_shift", panels([*rows, ("ahc", "2015-01-01", None)]), REPLACEMENT)
    assert (before.details["n_before"], after.details["n_before"]) == (25, 24)


def test_the_share_of_operation_days_by_hand():
    rows = [("ahc", "2010-01-01", "2014-12-31")] * 5 + [("un", "2000-01-01", None)] * 5 + [("ahc", "2015-01-01", None)] * 10
    found = estimate("share_shift", panels(rows), REPLACEMENT | {"share_of": "active"})
    before = 5 * (launches.day("2014-12-31") - launches.day("2010-01-01") + 1)
    un = 5 * (launches.day("2014-12-31") - launches.day("2000-01-01") + 1)
    assert found.theta == pytest.approx(10 / 15 - before / (before + un))
    assert found.lower < found.theta < found.upper


def test_only_first_responses_count_if_asked_for():
    busy = [(kind, start, end, {"theatre": "AAA"}) for kind, start, end in AFTER]
    found = estimate("share_shift", panels(BEFORE + AFTER + busy), REPLACEMENT | {"share_of": "first-responses"})
    assert found.details["n_after"] == 12 + 1  # all are still at work in that theatre, so that only the first of them is a first response
    launched = estimate("share_shift", panels(BEFORE + AFTER + busy), REPLACEMENT)
    assert launched.details["n_after"] == 24


@pytest.mark.parametrize(("rows", "spec", "reason"), [
    (BEFORE + AFTER[:4], {}, "fewer than five launches in a period (24 before, 4 after)"),
    (AFTER, {}, "fewer than five launches in a period (0 before, 12 after)"),
    (BEFORE + AFTER, {"since": 2000, "break_after": 1990}, "no year from 2000 to 1990 and after it is observed"),
    (BEFORE + AFTER, {"break_after": 2026}, "no year from 1990 to 2026 and after it is observed"),
    (AFTER, {"share_of": "active"}, "fewer than five operations at work in a period (0 before, 12 after)"),
    ([("ahc", "2010-01-01", None)] * 6, {"share_of": "active"}, "operations at work are all of one type: no variance"),
])  # fmt: skip
def test_shares_that_cannot_be_had_come_with_the_reason(rows, spec, reason):
    found = estimate("share_shift", panels(rows), REPLACEMENT | spec)
    assert (found.theta, found.reason) == (None, reason)


def test_the_order_of_rows_does_not_matter_and_details_can_be_left_out():
    one, other = panels(BEFORE + AFTER), panels(AFTER[::-1] + BEFORE[::-1])
    for share_of in ("launches", "active", "first-responses"):
        a, b = (estimate("share_shift", data, REPLACEMENT | {"share_of": share_of}) for data in (one, other))
        assert (a.theta, a.lower, a.p) == pytest.approx((b.theta, b.lower, b.p))
    assert "ahc_rate_before" not in estimate("share_shift", one, REPLACEMENT, details=False).details


# ---- maritime-steady

STEADY = {
    "scope": "strict", "waters": "gulf-red-sea", "waters_by": "any", "task_forces": "one", "pace_since": 1987, "pace_factor": 2, "steadiness": "rate-and-spacing", "through": "cutoff",
}  # fmt: skip
SEA = {"domain": "maritime", "theatre": "hormuz-gulf"}


def fleet(days):
    return panels([("ahc", str(day), None, SEA) for day in days])


def evenly(n):
    return pd.date_range("1987-07-01", "2026-01-01", periods=n).date


def test_many_even_launches_are_steady_and_few_cannot_tell():
    many, few = estimate("steady_pace", fleet(evenly(30)), STEADY), estimate("steady_pace", fleet(evenly(5)), STEADY)
    assert many.holds is True
    assert many.lower > 0
    assert many.reason == ""
    assert few.holds is None
    assert few.lower < 0 < few.theta
    assert few.reason == "5 launches cannot tell a steady pace from one that changes by a factor of 2 per decade"


def test_a_rate_that_doubles_and_more_is_not_steady():
    late = [f"{year}-03-0{i}" for i, year in enumerate((2019, 2020, 2021, 2022, 2023, 2024, 2025, 2026, 2026), start=1)]
    found = estimate("steady_pace", fleet(late), STEADY | {"steadiness": "rate"})
    assert found.holds is False
    assert found.upper < 0
    assert found.details["rate_ratio_lower"] > 2


def test_clusters_are_not_steady_where_the_gaps_count():
    bunches = [f"{year}-06-{day:02d}" for year in (1995, 2006, 2017) for day in range(1, 11)]
    assert estimate("steady_pace", fleet(bunches), STEADY).holds is False
    assert estimate("steady_pace", fleet(bunches), STEADY | {"steadiness": "rate"}).holds is True
    assert estimate("steady_pace", fleet(bunches), STEADY).details["clustered_p"] < 0.05


def test_theta_mirrors_the_interval_of_the_rate_ratio():
    found = estimate("steady_pace", fleet([*evenly(12), "2024-01-01", "2025-01-01"]), STEADY)
    d = found.details
    assert found.theta == pytest.approx(np.log(2) - abs(np.log(d["rate_ratio_per_decade"])))
    assert found.lower == pytest.approx(np.log(2) - max(abs(np.log(d["rate_ratio_lower"])), abs(np.log(d["rate_ratio_upper"]))))
    assert found.upper == pytest.approx(np.log(2))


@pytest.mark.parametrize(("rows", "spec", "reason"), [
    (evenly(4), {}, "fewer than five launches (4)"),
    (evenly(30)[:10], {"pace_since": 2001}, "fewer than five launches (0)"),
    (["1987-01-01"] * 6, {}, "all launches lie at one end of the window: the trend has no limit"),
])  # fmt: skip
def test_paces_that_cannot_be_had_come_with_the_reason(rows, spec, reason):
    found = estimate("steady_pace", fleet(rows), STEADY | spec)
    assert (found.theta, found.holds, found.reason) == (None, None, reason)
