"""Estimands on small made-up panels: what they cannot give, and the sign of what they give."""

import numpy as np
import pandas as pd
import pytest

from coalitions.estimands import ESTIMANDS, Panels

SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 0, "seed": 1, "within_years": [1, 3]}
DURATION = {"scope": "broad", "comparator": "un", "tau_years": 5, "chains": "merged", "nested": "as-scope", "exclude": 0}
TREND = {"scope": "broad", "since": 1945, "family": "poisson", "denominator": "year", "outcome": "launches"}
HALT = {"kinds": "multidimensional", "halt_since": 2014, "base_from": 1990}


def spells(ahc, un, regional=(), ended=True):
    """Spells of so many days by arrangement."""
    days = [*ahc, *un, *regional]
    kinds = ["ahc"] * len(ahc) + ["un"] * len(un) + ["regional"] * len(regional)
    frame = pd.DataFrame({"spell_id": [f"s{i:02d}" for i in range(len(days))], "arrangement": kinds, "duration_days": days, "ended": int(ended), "nested": 0})
    return frame.assign(scope_broad=1, scope_strict=1)


def rmst(frame, settings=None, **spec):
    return ESTIMANDS["rmst_difference"](Panels(spells=frame), DURATION | spec, SETTINGS | (settings or {}))


SHORT, LONG = [100, 200, 300, 400, 500, 600], [1000, 1500, 2000, 2500, 3000, 3500]


def test_theta_is_positive_if_coalitions_live_shorter():
    found = rmst(spells(SHORT, LONG))
    assert found.lower > 0
    assert found.theta == pytest.approx(found.details["rmst_comparator_years"] - found.details["rmst_ahc_years"])
    assert (found.n, found.events) == (12, 12)


def test_theta_changes_its_sign_when_the_groups_change_places():
    assert rmst(spells(LONG, SHORT)).theta == pytest.approx(-rmst(spells(SHORT, LONG)).theta)


def test_restricted_means_are_in_years_and_restricted():
    found = rmst(spells(SHORT, [9000, 9000, 9000, 9000, 9000, 8000]))
    assert found.details["rmst_comparator_years"] == pytest.approx(5, abs=1e-3)
    assert found.details["rmst_ahc_years"] == pytest.approx(350 / 365.25)
    assert found.details["over_within_1_years_ahc"] == pytest.approx(0.5)
    assert found.details["tau_days"] == 1826


@pytest.mark.parametrize(("ahc", "un"), [(SHORT[:4], LONG), (SHORT, LONG[:4]), ([], []), (SHORT, [])])
def test_groups_of_fewer_than_five_are_not_compared(ahc, un):
    found = rmst(spells(ahc, un))
    assert found.theta is None
    assert found.reason == f"fewer than five spells in a group ({len(ahc)} AHC, {len(un)} comparator)"


def test_the_longest_lived_coalitions_can_be_left_out_but_not_below_five():
    assert rmst(spells([*SHORT, 9000], LONG), exclude=1).theta == pytest.approx(rmst(spells(SHORT, LONG)).theta)
    assert "fewer than five" in rmst(spells(SHORT, LONG), exclude=3).reason


def test_a_curve_that_is_not_known_up_to_the_horizon_is_not_extended():
    found = rmst(spells(SHORT, [100] * 6, ended=False))
    assert found.theta is None
    assert "still running, below tau of 1826 days" in found.reason


@pytest.mark.parametrize(("comparator", "n"), [("un", 12), ("regional", 11), ("both", 17)])
def test_the_comparator_is_the_arrangement_that_is_asked_for(comparator, n):
    assert rmst(spells(SHORT, LONG, [700, 800, 900, 1000, 1100]), comparator=comparator).n == n


def test_a_scope_leaves_out_and_nested_spells_can_be_taken_in(panels):
    frame = spells([*SHORT, 700], LONG)
    frame.loc[0, ["scope_strict", "nested"]] = [0, 1]
    assert (rmst(frame, scope="strict").n, rmst(frame, scope="broad").n) == (12, 13)


def test_permutations_repeat_with_their_seed_and_stand_beside_the_asymptotic_p():
    one, two = (rmst(spells(SHORT, LONG), {"permutations": 99}).details["permutation_p"] for _ in range(2))
    assert one == two
    assert 0.01 <= one < 0.1
    assert "permutation_p" not in rmst(spells(SHORT, LONG)).details


def test_two_groups_that_all_outlive_the_horizon_are_not_estimable():
    assert rmst(spells([5000] * 6, [6000] * 6)).reason


def system(launches, first=1987, partial=181 / 365):
    """System years to 2026 with so many launches; the last year is observed in part."""
    n = len(launches)
    frame = pd.DataFrame({"scope": "broad", "year": range(first, first + n), "exposure_years": [1.0] * (n - 1) + [partial], "ahc_launches": launches, "states_in_system": 190})
    for name in ("ahc_active_any_day", "ahc_active_1_july", "ahc_active_year_end", "ahc_memberships_1_july", "ahc_distinct_states_1_july"):
        frame[name] = [5 + i % 3 for i in range(n)]
    return frame


OPERATIONS = pd.DataFrame(
    {
        "operation_id": ["a-1992", "b-1999", "c-2004", "p-2016", "r-2017", "x-2018", "ahc-2003"],
        "name": ["A", "B", "C", "P", "R", "X", "F"],
        "arrangement": ["un"] * 6 + ["ahc"],
        "deployed": [1, 1, 1, 1, 1, 0, 1],
        "predecessor_id": [None, None, None, None, "c-2004", None, None],
        "un_kind": ["multidimensional", "transitional-administration", "multidimensional", "police-justice", "multidimensional", "multidimensional", None],
        "start": pd.to_datetime(["1992-03-01", "1999-10-25", "2004-06-01", "2016-01-01", "2017-01-01", None, "2003-01-01"]),
        "scope_broad": 1,
    }
)


def trend(frame, cutoff=None, **spec):
    return ESTIMANDS["launch_trend"](Panels(operations=OPERATIONS, system_years=frame), TREND | spec, SETTINGS | ({"cutoff": cutoff} if cutoff else {}))


RISING = [i // 8 + i % 2 for i in range(39)] + [3]


def test_theta_is_positive_if_launches_become_more_frequent():
    found = trend(system(RISING))
    assert found.lower > 0
    assert found.details["rate_ratio_per_decade"] == pytest.approx(np.exp(found.theta))
    assert found.records == ["ahc-2003"]


def test_theta_is_negative_if_they_become_rarer():
    assert trend(system([5 - i // 8 + i % 2 for i in range(39)] + [0])).upper < 0


def test_the_year_of_the_cut_off_counts_with_its_observed_part():
    half = [4, *[2, 6] * 9, 4]  # up and down around four, the same backwards: a constant series has no variance but rounding, which processors disagree on
    level = [*half, *half[::-1]]
    whole, part = trend(system(level, partial=1.0)), trend(system([*level[:-1], 2], partial=0.5))
    assert part.theta == pytest.approx(0, abs=1e-8)
    assert whole.theta == pytest.approx(0, abs=1e-8)
    assert part.exposure_years == 39.5


@pytest.mark.parametrize(("since", "reason"), [(2025, "only 2 periods"), (2030, "no year of the series is observed")])
def test_too_short_a_series_is_not_estimable(since, reason):
    found = trend(system(RISING), since=since)
    assert (found.theta, found.reason) == (None, reason)


def test_a_series_without_a_launch_is_not_estimable():
    assert trend(system([0] * 40)).reason == "no events"


def test_a_last_december_that_is_not_observed_is_left_out():
    assert trend(system(RISING), outcome="active_year_end").details["last_year"] == 2025


def test_a_last_first_of_july_that_is_not_observed_is_left_out():
    frame = system(RISING)
    frame.loc[39, "ahc_active_1_july"] = 0
    assert trend(frame, outcome="active_1_july").details["last_year"] == 2025


def test_four_periods_of_which_one_is_partial_do_not_stop_the_run():
    assert trend(system(RISING), since=2023) is not None


def test_a_series_that_begins_after_the_cut_off_is_not_estimable_for_any_outcome():
    assert trend(system(RISING), since=2030, outcome="active_year_end").reason


def test_a_first_of_july_that_is_the_cut_off_is_observed():
    frame = system(RISING, partial=182 / 365)
    before = trend(frame, "2026-07-01").details["mann_kendall_ahc_active_1_july"]
    frame.loc[39, "ahc_active_1_july"] = 100
    assert trend(frame, "2026-07-01").details["mann_kendall_ahc_active_1_july"] != before


def halt(operations=OPERATIONS, settings=None, **spec):
    return ESTIMANDS["launch_halt"](Panels(operations=operations), HALT | spec, SETTINGS | (settings or {}))


def test_the_fact_holds_if_nothing_was_launched_later_renamed_and_planned_missions_aside():
    found = halt()
    assert found.holds is True
    assert found.theta is None
    assert found.details["launches_before"] == 3
    assert found.details["later"] == []
    assert found.details["last_launch"] == "c-2004"
    assert 0 < found.p < 1


def test_one_later_launch_breaks_the_fact_and_is_named():
    found = halt(kinds="with-police")
    assert found.holds is False
    assert found.details["later"] == ["p-2016 (police-justice, 2016-01-01)"]
    assert found.theta == pytest.approx(-np.log((1 / found.details["years_after"]) / (3 / 25)))


def test_a_launch_on_the_last_day_of_the_base_period_is_earlier_and_on_the_next_day_later():
    frame = OPERATIONS.copy()
    frame.loc[2, "start"] = pd.Timestamp("2014-12-31")
    assert halt(frame).holds is True
    frame.loc[2, "start"] = pd.Timestamp("2015-01-01")
    assert halt(frame).holds is False


@pytest.mark.parametrize(("kinds", "n"), [("multidimensional", 3), ("with-police", 4), ("any-peacekeeping", 4), ("with-political", 5)])
def test_each_set_of_kinds_holds_the_narrower_one(kinds, n):
    frame = pd.concat([OPERATIONS, OPERATIONS.iloc[[0]].assign(operation_id="s-1995", un_kind="political", start=pd.Timestamp("1995-01-01"))], ignore_index=True)
    assert halt(frame, kinds=kinds).n == n


def test_without_a_launch_in_the_base_period_there_is_no_rate():
    found = halt(base_from=2010)
    assert (found.theta, found.holds, found.reason) == (None, None, "no launch in the base period")


def test_a_base_period_that_ends_after_the_cut_off_is_not_estimable():
    assert halt(halt_since=2026).reason


def test_an_estimate_is_plain_values():
    found = halt().as_dict()
    assert found["holds"] is True
    assert set(found) >= {"theta", "lower", "upper", "unit", "n", "events", "p", "reason", "records", "details"}


def test_a_table_is_made_when_it_is_read_and_an_undeclared_one_names_those_that_there_are():
    made = []

    def spells():
        made.append(1)
        return pd.DataFrame({"spell_id": ["a"]})

    panels = Panels(spells=spells, operations=pd.DataFrame())
    assert made == []
    assert len(panels.spells) == len(panels.spells) == 1
    assert made == [1]
    with pytest.raises(AttributeError, match="no table 'vetoes' among operations, spells"):
        panels.vetoes  # noqa: B018
    other = panels.redrawn(spells=pd.DataFrame())
    assert other.of_structure(("k",), lambda: 1) == panels.of_structure(("k",), lambda: 2) == 1
    assert panels.apart(spells=pd.DataFrame()).of_structure(("k",), lambda: 3) == 3


def test_each_value_of_a_world_is_made_once_and_in_the_order_asked_for():
    data, asked = Panels(), []

    def made(new):
        asked.append(new)
        return [10 * at for at in new]

    assert data.each_of_world(("x",), ["a", "b"], made) == [0, 10]
    assert data.apart().each_of_world(("x",), ["b", "c", "a"], made) == [10, 10, 0]
    assert asked == [[0, 1], [1]]
    assert data.each_of_world(("y",), ["b"], made) == [0]
    assert data.each_of_world(("x",), [], made) == []
