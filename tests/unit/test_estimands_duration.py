"""Estimands on ends, starts, African coalitions and what follows, on small made-up panels: the sign of what they give, and every reason why they give nothing."""

import numpy as np
import pandas as pd
import pytest

from coalitions import gaptimes
from coalitions.delays import waits
from coalitions.estimands import Panels
from coalitions.estimands_duration import ESTIMANDS_DURATION

CUTOFF = pd.Timestamp("2026-06-30")
SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 0, "seed": 1, "within_years": [1, 3], "scopes": {"broad": "True", "strict": "deployed and not nested"}}


def estimate(name, spec, operations=None, spells=None, **settings):
    return ESTIMANDS_DURATION[name](Panels(operations=operations, spells=spells), spec, SETTINGS | settings)


# ---- easily-dissolved

ENDS = {"scope": "broad", "comparator": "un", "ends": "completed-or-withdrawn", "horizon_years": 5, "chains": "merged", "nested": "as-scope"}


def spells(ahc, un, regional=()):
    """Spells of (days, way of ending) by arrangement; no way: still running."""
    rows = [(kind, days, how) for kind, group in (("ahc", ahc), ("un", un), ("regional", regional)) for days, how in group]
    frame = pd.DataFrame(rows, columns=["arrangement", "duration_days", "ended_how"])
    frame["spell_id"] = [f"s{i:02d}" for i in range(len(frame))]
    return frame.assign(ended=frame["ended_how"].notna().astype(int), nested=0, scope_broad=1, scope_strict=1)


QUICK = [(d, "completed") for d in (100, 200, 300, 400)] + [(500, "withdrawn"), (3000, "completed")]
SLOW = [(d, "completed") for d in (1900, 2500, 3000, 4000)] + [(1000, "handed-over"), (700, "withdrawn")]


def dissolved(frame, settings=None, **spec):
    return estimate("incidence_difference", ENDS | spec, spells=frame, **(settings or {}))


def test_the_incidence_difference_is_positive_if_coalitions_are_dissolved_more_often():
    found = dissolved(spells(QUICK, SLOW))
    assert found.theta == pytest.approx(5 / 6 - 1 / 6)
    assert found.details["ended_otherwise_comparator"] == pytest.approx(1 / 6)
    assert (found.n, found.events) == (12, 6)
    assert found.lower < found.theta < found.upper
    assert dissolved(spells(SLOW, QUICK)).theta == pytest.approx(-found.theta)


@pytest.mark.parametrize(("ends", "theta"), [("completed", 4 / 6), ("completed-or-withdrawn", 4 / 6), ("any-but-handed-over", 3 / 6)])
def test_ends_are_grouped_as_asked(ends, theta):
    slow = [(600, "collapsed") if how == "handed-over" else (days, how) for days, how in SLOW]
    assert dissolved(spells(QUICK, slow), ends=ends).theta == pytest.approx(theta)


def test_a_spell_over_on_the_last_day_of_the_horizon_counts_and_on_the_next_does_not():
    at, after = (dissolved(spells([*QUICK[:5], (days, "completed")], SLOW)).details["dissolved_ahc"] for days in (1826, 1827))
    assert (at, after) == pytest.approx((1.0, 5 / 6))


def test_a_spell_that_was_only_renamed_is_censored_and_an_unknown_way_competes():
    found = dissolved(spells([*QUICK, (50, "renamed")], SLOW))
    assert found.theta == pytest.approx(5 / 6 - 1 / 6)
    assert found.details["renamed_only"] == 1
    frame = spells([*QUICK, (50, "completed")], SLOW)
    frame.loc[6, "ended_how"] = None
    assert dissolved(frame).details["dissolved_ahc"] == pytest.approx(5 / 7)
    assert dissolved(frame).details["ways_of_ending_ahc"]["not-known"] == 1


@pytest.mark.parametrize(("ahc", "un", "reason"), [
    (QUICK[:4], SLOW, "fewer than five spells in a group (4 AHC, 6 comparator)"),
    (QUICK, [], "fewer than five spells in a group (6 AHC, 0 comparator)"),
    (QUICK, [(100, None)] * 6, "a group is not observed up to 1826 days"),
    ([(9000, "completed")] * 5, [(9000, "completed")] * 5, "neither group has a standard error at 1826 days"),
])  # fmt: skip
def test_incidences_that_cannot_be_had_come_with_the_reason(ahc, un, reason):
    found = dissolved(spells(ahc, un))
    assert (found.theta, found.reason) == (None, reason)


def test_comparator_scope_and_nested_spells_are_those_asked_for():
    frame = spells(QUICK, SLOW, SLOW)
    frame.loc[0, ["scope_strict", "nested"]] = [0, 1]
    assert [dissolved(frame, comparator=c).n for c in ("un", "regional", "both")] == [12, 12, 18]
    assert [dissolved(frame, scope="strict", nested=nested).n for nested in ("as-scope", "included")] == [11, 12]


def test_details_are_left_out_if_not_asked_for():
    assert "dissolved_ahc" not in dissolved(spells(QUICK, SLOW), {"details": False}).details


# ---- fast

DELAY = {"clock": "decision", "scope": "broad", "comparator": "un", "domain": "all", "never_deployed": "kept", "horizon_days": 365}


def operations(ahc, un, domain="land"):
    """Operations decided and started as said; no start: never deployed."""
    rows = [(kind, decided, start) for kind, group in (("ahc", ahc), ("un", un)) for decided, start in group]
    frame = pd.DataFrame(rows, columns=["arrangement", "decided", "start_text"])
    bounds = [("NaT",) * 2 if text is None else pd.Period(text, {4: "Y", 7: "M", 10: "D"}[len(text)]) for text in frame["start_text"]]
    frame["start_earliest"] = pd.to_datetime([b.start_time.normalize() if isinstance(b, pd.Period) else None for b in bounds])
    frame["start_latest"] = pd.to_datetime([b.end_time.normalize() if isinstance(b, pd.Period) else None for b in bounds])
    frame["start"] = frame["start_earliest"] + (frame["start_latest"] - frame["start_earliest"]) // 2
    frame["operation_id"] = [f"o{i:02d}" for i in range(len(frame))]
    frame = frame.assign(requested=None, triggered=None, predecessor_id=None, domain=domain, nested=0, deployed=frame["start"].notna().astype(int), scope_broad=1)
    return frame.assign(scope_strict=frame["deployed"])


def days(*waits_):
    return [("2010-01-01", str((pd.Timestamp("2010-01-01") + pd.Timedelta(days=d)).date())) for d in waits_]


FAST, LATE = days(0, 1, 5, 10, 20, 30), days(20, 60, 90, 150, 200, 300)


def delay(frame, **spec):
    return estimate("start_delay", DELAY | spec, operations=frame)


def test_the_delay_is_positive_if_coalitions_start_sooner():
    found = delay(operations(FAST, LATE))
    assert found.theta == pytest.approx(820 / 6 - 11)
    assert found.lower > 0
    assert found.details["theta_least"] == found.details["theta_most"] == pytest.approx(found.theta)
    assert found.details["theta_middle_days"] == pytest.approx(found.theta)
    assert delay(operations(LATE, FAST)).theta == pytest.approx(-found.theta)


def test_the_standard_error_of_exact_delays_is_that_of_their_mean():
    assert delay(operations(FAST, LATE)).details["se"] == pytest.approx(np.hypot(*(np.std(v) / np.sqrt(6) for v in ([0, 1, 5, 10, 20, 30], [20, 60, 90, 150, 200, 300]))))


def test_a_start_before_the_decision_is_no_delay_and_is_counted():
    found = delay(operations([*FAST, ("2010-01-01", "2009-10-01"), ("2010-01-15", "2010-01")], LATE))
    assert found.details["started_before_ahc"] == 1  # the start in the same month may be later
    assert found.details["mean_ahc_days"] <= (66 + 16) / 8
    assert delay(operations([*FAST, ("2010-01-01", "2009-10-01")], LATE)).details["mean_ahc_days"] == pytest.approx(66 / 7)


@pytest.mark.parametrize(("decided", "start", "least", "most"), [
    ("2010-01-01", "2010-01-11", 10, 10), ("2010-01", "2010-03-01", 29, 59), ("2010-01-01", "2010-02", 31, 58), ("2010", "2010", 0, 364), ("2010-01-01", None, 6025, np.inf),
    ("2010-01-10~", "2010-01-20", 9, 11), ("2010-01-01", "2027-01-01", 6025, np.inf),
])  # fmt: skip
def test_imprecise_dates_bound_the_delay(decided, start, least, most):
    row = waits(operations([(decided, start)], []), "decision", CUTOFF).iloc[0]
    assert (row["least"], row["most"]) == (least, most)


def test_month_precise_starts_widen_the_bounds_of_theta_but_do_not_drop_cases():
    found = delay(operations([*FAST, ("2010-01-01", "2010-04")], LATE))
    assert found.details["imprecise_ahc"] == 1
    assert found.details["theta_least"] < found.theta < found.details["theta_most"]
    assert found.n == 13


def test_never_deployed_cases_wait_until_the_cut_off_or_are_dropped_and_need_the_rule_of_their_scope():
    frame = operations([*FAST, ("2010-01-01", None)], LATE)
    assert delay(frame).details["mean_ahc_days"] == pytest.approx((66 + 365) / 7)
    assert (delay(frame).events, delay(frame).details["not_started_ahc"]) == (12, 1)
    assert delay(frame, never_deployed="dropped").n == 12
    assert delay(frame, scope="strict").n == 13
    assert delay(frame.assign(nested=[0] * 6 + [1] + [0] * 6), scope="strict").n == 12


def test_delays_are_restricted_to_the_horizon_and_a_delay_of_the_horizon_is_not():
    assert [delay(operations([*FAST, *days(d)], LATE)).details["mean_ahc_days"] for d in (364, 365, 366, 2000)] == pytest.approx([430 / 7] + [431 / 7] * 3)


def test_renamed_arrangements_and_undated_clocks_and_other_domains_are_left_out():
    frame = operations([*FAST, *days(300)], LATE)
    frame.loc[6, "predecessor_id"] = "o00"
    assert delay(frame).n == 12
    frame = operations([*FAST, (None, "2010-01-01")], LATE)
    assert (delay(frame).n, delay(frame).details["without_date_ahc"]) == (12, 1)
    assert delay(operations(FAST, LATE, ["land"] * 11 + ["maritime"]), domain="land").n == 11


@pytest.mark.parametrize(("frame", "spec", "reason"), [
    (operations(FAST[:4], LATE), {}, "fewer than five operations with a dated decision in a group (4 AHC, 6 comparator)"),
    (operations(FAST, LATE), {"clock": "request"}, "fewer than five operations with a dated request in a group (0 AHC, 0 comparator)"),
    (operations(FAST, [*LATE, ("2026-06-01", None), ("2026-06-01", None)]).iloc[[*range(6), 12, 13, 12, 13, 12]], {}, "the longest wait is observed for 29 days and not over, below the horizon of 365 days"),
    (operations(days(5, 5, 5, 5, 5), days(9, 9, 9, 9, 9)), {}, "all delays of a group are alike: the difference has no variance"),
])  # fmt: skip
def test_delays_that_cannot_be_had_come_with_the_reason(frame, spec, reason):
    found = delay(frame, **spec)
    assert (found.theta, found.reason) == (None, reason)


def test_a_clock_that_starts_after_the_cut_off_is_not_looked_at():
    assert len(waits(operations([("2026-06-30", None), ("2026-07-01", None)], []), "decision", CUTOFF)) == 1


# ---- africa-ct

AFRICA = {
    "scope": "broad", "two_state": "kept", "io_umbrella": "kept", "sea_based": "kept", "counter_tasks": "counterterrorism-or-insurgency", "tau_years": 10, "chains": "merged",
}  # fmt: skip


def coalitions(african, other, running=()):
    frame = pd.DataFrame({"duration_days": [*african, *other], "region": ["africa"] * len(african) + ["asia"] * len(other)})
    frame["spell_id"] = [f"c{i:02d}" for i in range(len(frame))]
    frame = frame.assign(
        arrangement="ahc", tasks="counterterrorism+training-advice", domain="land", two_state=0, io_umbrella=0, nested=0, scope_broad=1, ended=1, ended_how="completed"
    )
    frame.loc[list(running), ["ended", "ended_how"]] = [0, None]
    return frame


SHORT, LONG = [100, 200, 300, 400, 500, 600], [1000, 1500, 2000, 2500, 3000, 3500, 900]


def african(frame, settings=None, **spec):
    return estimate("restricted_subgroup_difference", AFRICA | spec, spells=frame, **(settings or {}))


def test_the_subgroup_difference_is_positive_if_african_coalitions_live_shorter():
    found = african(coalitions(SHORT, LONG))
    assert found.theta == pytest.approx((np.mean(LONG) - np.mean(SHORT)) / 365.25)
    assert (found.details["n_african"], found.details["n_other"]) == (6, 7)
    assert found.lower > 0
    assert african(coalitions(LONG, SHORT)).theta == pytest.approx(-found.theta)


def test_without_censoring_the_interval_is_welchs():
    from scipy import stats

    found, reference = african(coalitions(SHORT, LONG)), stats.ttest_ind(LONG, SHORT, equal_var=False)
    assert (found.statistic, found.p, found.details["df"]) == pytest.approx((reference.statistic, reference.pvalue, reference.df))
    assert (found.lower, found.upper) == pytest.approx(np.array(reference.confidence_interval(0.95)) / 365.25)


@pytest.mark.parametrize(("column", "value", "dimension"), [("two_state", 1, "two_state"), ("io_umbrella", 1, "io_umbrella"), ("domain", "maritime", "sea_based")])
def test_borderline_cases_are_dropped_from_both_groups(column, value, dimension):
    frame = coalitions(SHORT, LONG)
    frame.loc[[0, 6], column] = value
    assert african(frame).n == 13
    found = african(frame, **{dimension: "dropped"})
    assert (found.details["n_african"], found.details["n_other"]) == (5, 6)


def test_tasks_are_whole_words_of_the_list():
    frame = coalitions(SHORT, LONG)
    frame.loc[0, "tasks"] = "counterinsurgency"
    frame.loc[6, "tasks"] = "counter-piracy"
    assert [african(frame, counter_tasks=t).details["n_african"] for t in ("counterterrorism-or-insurgency", "counterterrorism")] == [6, 5]
    assert african(frame.assign(arrangement=["ahc"] * 12 + ["un"])).n == 12


@pytest.mark.parametrize(("frame", "reason"), [
    (coalitions(SHORT[:4], LONG), "fewer than five coalitions in a group (4 African counterterrorism, 7 other)"),
    (coalitions([], []), "fewer than five coalitions in a group (0 African counterterrorism, 0 other)"),
    (coalitions(SHORT, LONG, running=[5]), "African counterterrorism: the longest observed spell is 600 days and still running, below tau of 3652 days"),
    (coalitions([5000] * 5, [6000] * 5), "neither group has an end before 3652 days that could give a standard error"),
])  # fmt: skip
def test_subgroups_that_cannot_be_compared_come_with_the_reason(frame, reason):
    found = african(frame)
    assert (found.theta, found.reason) == (None, reason)


def test_permutations_repeat_with_their_seed_and_are_left_out_if_not_asked_for():
    one, two = (african(coalitions(SHORT, LONG), {"permutations": 199}).details["permutation_p"] for _ in range(2))
    assert one == two
    assert 0.005 <= one < 0.05
    assert "permutation_p" not in african(coalitions(SHORT, LONG)).details


# ---- stop-gap

FOLLOWED = {"scope": "broad", "comparator": "un", "recurrence_years": 5, "handovers": "counted", "ends_in": "primary", "next_from": "register"}


def ends(ahc, un, heirs=()):
    """One end per theatre on 2010-01-01, followed after so many days by a regional operation (None: by nothing); `heirs`: theatres in which it is the successor."""
    rows = []
    for number, (kind, gap) in enumerate([("ahc", g) for g in ahc] + [("un", g) for g in un]):
        rows.append((f"t{number:02d}", f"a{number:02d}", kind, "2009-01-01", "2010-01-01", "ended", f"b{number:02d}" if number in heirs else None))
        if gap is not None:
            rows.append((f"t{number:02d}", f"b{number:02d}", "regional", str((pd.Timestamp("2010-01-01") + pd.Timedelta(days=gap)).date()), None, "ongoing", None))
    frame = pd.DataFrame(rows, columns=["theatre", "operation_id", "arrangement", "start", "end", "status", "successor_id"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    return frame.assign(
        theatres=frame["theatre"], chain_id=frame["operation_id"], deployed=1, nested=0, scope_broad=1, scope_strict=(frame["arrangement"] != "regional").astype(int)
    )


OFTEN, SELDOM = [10, 100, 200, 300, None, None], [100, None, None, None, None, None]


def followed(frame, **spec):
    return estimate("recurrence_difference", FOLLOWED | spec, operations=frame)


def test_recurrence_is_positive_if_coalitions_are_followed_more_often():
    found = followed(ends(OFTEN, SELDOM))
    assert found.theta == pytest.approx(4 / 6 - 1 / 6)
    assert found.details["next_ahc"] == {"regional": 4}
    assert (found.n, found.events, found.details["theatres"]) == (12, 5, 12)
    assert found.details["se"] == pytest.approx(np.sqrt(4 / 6 * 2 / 6 / 6 + 1 / 6 * 5 / 6 / 6))
    assert followed(ends(SELDOM, OFTEN)).theta == pytest.approx(-found.theta)


def test_shares_and_variances_are_those_of_gaptimes():
    frame = ends([10, 100, 4000, None, 700, 90], [50, None, 3000, None, 20, 900])
    found = followed(frame)
    gaps = gaptimes.gaps(frame, frame[["operation_id", "theatre"]].assign(primary=1), CUTOFF)
    table = gaptimes.recurrence(gaps, (5,)).set_index("arrangement")
    assert found.details["followed_ahc"] == pytest.approx(table.loc["ahc", "recurrence"])
    assert found.details["se"] == pytest.approx(np.hypot(table.loc["ahc", "std_err"], table.loc["un", "std_err"]))


@pytest.mark.parametrize(("gap", "share"), [(1825, 5 / 6), (1826, 5 / 6), (1827, 4 / 6)])
def test_a_start_on_the_last_day_of_the_horizon_counts(gap, share):
    assert followed(ends([*OFTEN[:5], gap], SELDOM)).details["followed_ahc"] == pytest.approx(share)


def test_a_successor_by_hand_over_counts_or_is_passed_over():
    frame = ends(OFTEN, SELDOM, heirs=[0, 1])
    assert followed(frame).details["handed_over_ahc"] == 2
    assert followed(frame, handovers="passed-over").details["followed_ahc"] == pytest.approx(2 / 6)


def test_who_can_be_next_is_the_register_or_the_scope():
    frame = ends(OFTEN, SELDOM)
    assert followed(frame, scope="strict").theta == pytest.approx(3 / 6)
    assert followed(frame, scope="strict", next_from="scope").reason == "no end is followed within the horizon: the difference has no variance"


def test_an_end_counts_once_in_its_main_theatre_or_once_in_each():
    frame = ends(OFTEN, SELDOM)
    frame.loc[frame["operation_id"] == "a00", "theatres"] = "t00+t11"
    assert followed(frame).n == 12
    assert followed(frame, ends_in="all").n == 13
    assert followed(frame, ends_in="all").details["theatres"] == 12


def test_both_groups_in_the_same_theatres_are_not_independent():
    """Ends of both kinds in a theatre are followed by the same operation: their difference varies less than the shares."""
    frame = ends(OFTEN, SELDOM)
    twins = frame[frame["operation_id"].isin([f"a{n:02d}" for n in range(6)])].assign(arrangement="un")
    twins = twins.assign(operation_id=twins["operation_id"] + "u", chain_id=twins["operation_id"] + "u")
    kept = frame[~frame["operation_id"].isin([f"a{n:02d}" for n in range(6, 12)])]
    found = followed(
        pd.concat(
            [kept, twins.assign(end=twins["end"] + pd.Timedelta(days=0)), ends([], [None]).assign(theatre="t20", theatres="t20", operation_id="z", chain_id="z")], ignore_index=True
        )
    )
    assert found.details["se"] < 0.5 * np.hypot(*[np.sqrt(4 / 6 * 2 / 6 / 6)] * 2)


@pytest.mark.parametrize(("frame", "spec", "reason"), [
    (ends(OFTEN[:4], SELDOM), {}, "fewer than five ends in a group (4 AHC, 6 comparator)"),
    (ends(OFTEN, SELDOM).assign(theatre="t", theatres="t").iloc[[0, 2, 4, 6, 8, 9, 10, 12, 13, 14, 15]], {}, "ends in 1 theatres: too few for a variance by theatre"),
    (ends([1, 2, 3, 4, 5], SELDOM), {}, "AHC: every end is followed within 1826 days: the share has no variance"),
    (ends(OFTEN, [3] * 6), {}, "comparator: every end is followed within 1826 days: the share has no variance"),
    (ends([None] * 5, [None] * 5), {}, "no end is followed within the horizon: the difference has no variance"),
    (ends([None] * 5, [None] * 5), {"recurrence_years": 20}, "AHC: no end is observed for 7305 days"),
    (ends(OFTEN, SELDOM).assign(scope_strict=0), {"scope": "strict"}, "no operation of the scope deployed"),
    (ends(OFTEN, SELDOM).assign(deployed=0), {}, "no operation of the scope deployed"),
])  # fmt: skip
def test_recurrences_that_cannot_be_had_come_with_the_reason(frame, spec, reason):
    found = followed(frame, **spec)
    assert (found.theta, found.reason) == (None, reason)


# ---- all


@pytest.mark.parametrize(("name", "spec", "panels"), [
    ("incidence_difference", ENDS, {"spells": spells(QUICK, SLOW)}), ("start_delay", DELAY, {"operations": operations(FAST, LATE)}),
    ("restricted_subgroup_difference", AFRICA, {"spells": coalitions(SHORT, LONG)}), ("recurrence_difference", FOLLOWED, {"operations": ends(OFTEN, SELDOM)}),
])  # fmt: skip
def test_the_order_of_rows_and_a_second_run_change_nothing(name, spec, panels):
    first, second = (estimate(name, spec, permutations=99, **panels).as_dict() for _ in range(2))
    assert first == second
    turned = {key: frame.iloc[::-1].reset_index(drop=True) for key, frame in panels.items()}
    turned = estimate(name, spec, **turned).as_dict()
    assert turned["records"] == first["records"] == sorted(first["records"])
    assert [turned[key] for key in ("theta", "lower", "upper", "p")] == pytest.approx([first[key] for key in ("theta", "lower", "upper", "p")])


@pytest.mark.parametrize(("name", "spec", "key", "frame"), [
    ("incidence_difference", ENDS, "spells", spells(QUICK, SLOW)), ("start_delay", DELAY, "operations", operations(FAST, [*LATE, ("2010", "2010-05"), ("2011-02", None)])),
    ("recurrence_difference", FOLLOWED, "operations", ends(OFTEN, SELDOM)),
])  # fmt: skip
def test_panels_with_fewer_operations_share_nothing_that_is_not_theirs(name, spec, key, frame):
    whole, settings = Panels(**{"operations": None, "spells": None} | {key: frame}), SETTINGS | {"details": False}
    ESTIMANDS_DURATION[name](whole, spec, settings)
    for gone in frame.index:
        fewer = frame.drop(gone).reset_index(drop=True)
        assert ESTIMANDS_DURATION[name](whole.apart(**{key: fewer}), spec, settings) == estimate(name, spec, details=False, **{key: fewer})


def test_an_operation_that_was_no_renamed_one_without_its_elder_waits_by_its_own_dates():
    frame = operations(FAST, [*LATE, *days(700)])
    renamed = frame.assign(predecessor_id=frame["predecessor_id"].where(frame.index != 12, "o11"))
    whole = Panels(operations=renamed, spells=None)
    assert ESTIMANDS_DURATION["start_delay"](whole, DELAY, SETTINGS).n == 12
    found = ESTIMANDS_DURATION["start_delay"](whole.apart(operations=frame), DELAY, SETTINGS)
    assert (found.n, found) == (13, delay(frame))


def test_the_registry_holds_the_four():
    assert sorted(ESTIMANDS_DURATION) == ["incidence_difference", "recurrence_difference", "restricted_subgroup_difference", "start_delay"]
