"""Estimands on entries and gaps, on small made-up panels: the sign of what they give, and every reason why they give nothing."""

import numpy as np
import pandas as pd
import pytest

from coalitions import catalogue
from coalitions.estimands import Panels
from coalitions.estimands_fragmentation import ESTIMANDS_FRAGMENTATION

SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 0, "seed": 1, "within_years": [1], "scopes": {"broad": "True"}}


def operations(rows):
    frame = pd.DataFrame(rows, columns=["operation_id", "arrangement", "organisation", "theatres", "start", "end"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    frame["status"] = np.where(frame["end"].isna(), "ongoing", "ended")
    frame["theatre"] = frame["theatres"].str.split("+").str[0]
    frame["region"] = np.where(frame["theatre"].isna(), None, "africa")
    return frame.assign(chain_id=frame["operation_id"], parent_id=None, predecessor_id=None, deployed=1, scope_broad=1, scope_strict=1)


def theatres(frame):
    names = sorted({name for text in frame["theatres"].dropna() for name in text.split("+")})
    return pd.DataFrame({"theatre": names, "kind": ["sea" if name.startswith("SEA") else "land" for name in names]})


def estimate(name, frame, spec, **settings):
    return ESTIMANDS_FRAGMENTATION[name](Panels(operations=frame, theatres=theatres(frame)), spec, SETTINGS | settings)


# ---- fragmentation

ENTRY = {
    "scope": "broad", "since": 1990, "diversity_index": "simpson", "diversity_of": "providers", "others": "un-and-regional", "event_estimator": "interaction-weighted",
    "resolution": "year", "places": "all", "post_years": 5,
}  # fmt: skip


def entered(follow, entered_theatres=10, controls=8, seed=1):
    """Theatres with a UN operation throughout; in some a coalition enters, and a share `follow` of these sees an organisation follow within the year."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(entered_theatres + controls):
        rows.append((f"un-{i}", "un", "UN", f"T{i:02d}", "1980-01-01", None))
        year = 1992 + int(rng.integers(20))
        if i < entered_theatres:
            rows.append((f"ahc-{i}", "ahc", None, f"T{i:02d}", f"{year}-03-01", None))
            if i < follow * entered_theatres:
                rows.append((f"eu-{i}", "regional", "EU", f"T{i:02d}", f"{year}-09-01", None))
        else:
            rows.append((f"eu-{i}", "regional", "EU", f"T{i:02d}", f"{year}-01-01", f"{year + 1}-12-31"))
    return operations(rows)


def effect(frame, settings=None, **spec):
    return estimate("entry_effect", frame, ENTRY | spec, **(settings or {}))


def test_others_that_come_after_the_coalition_make_it_positive_and_the_coalition_itself_does_not_count():
    many, none = effect(entered(0.8)), effect(entered(0))
    assert many.theta > 0.6
    assert many.lower > 0
    assert abs(none.theta) < 0.2
    assert none.details["theta_with_coalitions"] == pytest.approx(none.theta + 1, abs=0.01)
    assert (many.n, many.events) == (18, 10)
    assert many.details["mean_before"] == pytest.approx(1)
    assert many.details["mean_after"] == pytest.approx(1.8, abs=0.01)
    assert "un-0" in many.records
    assert "un-15" not in many.records


def test_others_that_give_way_make_it_negative():
    frame = entered(0)
    entry = frame[frame["arrangement"] == "ahc"].set_index("theatre")["start"]
    leaving = frame["operation_id"].isin([f"un-{i}" for i in range(8)])
    frame.loc[leaving, "end"] = frame.loc[leaving, "theatre"].map(entry) + pd.Timedelta(days=20)
    frame["status"] = np.where(frame["end"].isna(), "ongoing", "ended")
    assert effect(frame).upper < 0


def test_later_coalitions_count_among_all_but_the_entrant_only():
    frame = entered(0)
    second = frame[frame["arrangement"] == "ahc"].assign(start=lambda rows: rows["start"] + pd.Timedelta(days=200))
    second = second.assign(operation_id=second["operation_id"] + "b", chain_id=second["operation_id"] + "b")
    frame = pd.concat([frame, second], ignore_index=True)
    assert effect(frame, others="all-but-entrant").theta == pytest.approx(effect(frame).theta + 1, abs=0.01)


def test_month_index_unit_and_estimator_are_those_asked_for():
    frame = entered(0.8)
    found = [effect(frame, **{name: value}).theta for name, value in (
        ("resolution", "month"), ("diversity_index", "shannon"), ("diversity_of", "operations"), ("event_estimator", "two-way"))]  # fmt: skip
    assert np.allclose(found, effect(frame).theta, atol=0.1)
    assert effect(frame, event_estimator="two-way").test.startswith("two-way fixed effects")
    assert effect(frame, diversity_of="operations").unit == "effective operations"


def test_places_at_sea_can_be_left_out():
    frame = entered(0.8)
    frame["theatres"] = frame["theatres"].replace({f"T{i:02d}": f"SEA{i}" for i in range(6)})
    assert effect(frame).events == 10
    found = effect(frame, places="land")
    assert found.reason == "fewer than five theatres in a group (4 entered, 8 never entered)"


@pytest.mark.parametrize(("change", "spec", "reason"), [
    (lambda f: f.assign(scope_strict=0), {"scope": "strict"}, "no operation of the scope deployed"),
    (lambda f: f[~f["operation_id"].isin([f"ahc-{i}" for i in range(6)])], {}, "fewer than five theatres in a group (4 entered, 14 never entered)"),
    (lambda f: f, {"since": 2020}, "fewer than five theatres in a group (0 entered, 8 never entered)"),
    (lambda f: f, {"post_years": 12}, "fewer than five theatres are observed in a year from 1 to 12 after the entry"),
    (lambda f: f[f["arrangement"] != "regional"], {}, "the outcome does not vary: the effect has no variance"),
])  # fmt: skip
def test_entries_that_tell_nothing_come_with_the_reason(change, spec, reason):
    found = effect(change(entered(0)).reset_index(drop=True), **spec)
    assert (found.theta, found.reason) == (None, reason)


def test_operations_without_theatre_or_deployment_and_another_order_change_nothing():
    frame = entered(0.5)
    more = operations([("x-1", "ahc", None, None, "2001-01-01", None), ("y-1", "ahc", None, "T17", None, None)])
    more.loc[1, "deployed"] = 0
    shuffled = pd.concat([frame, more]).sample(frac=1, random_state=2).reset_index(drop=True)
    one, other = effect(frame), effect(shuffled)
    assert (one.theta, one.lower, one.records) == (pytest.approx(other.theta), pytest.approx(other.lower), other.records)


def test_draws_of_dates_share_the_layout_and_move_the_estimate():
    frame = entered(0.8)
    data = Panels(operations=frame, theatres=theatres(frame))
    first = ESTIMANDS_FRAGMENTATION["entry_effect"](data, ENTRY, SETTINGS)
    late = frame["arrangement"] == "regional"
    moved = data.redrawn(operations=frame.assign(start=frame["start"].where(~late, frame["start"] + pd.Timedelta(days=150))))
    assert ESTIMANDS_FRAGMENTATION["entry_effect"](moved, ENTRY, SETTINGS).theta != first.theta


def test_permutations_and_details_stand_beside_the_primary_only():
    found = effect(entered(0.8), {"permutations": 60})
    assert 0 < found.details["permutation_p"] < 0.1
    assert {"pre_trend_p", "theta_around_un_entry", "theta_other_estimator", "effects"} <= set(found.details)
    assert "pre_trend_p" not in effect(entered(0.8), {"details": False}).details


# ---- gap-filling

GAP = {"scope": "broad", "since": 1945, "comparator": "both", "gap_window": "at-launch", "date_strata": "region", "gap_place": "primary", "occupants_from": "register"}


def gaps(n=8):
    """Coalitions, each in a theatre where the UN is away for five years (in one for eleven); they come in those years."""
    rows = []
    for i in range(n):
        year = 1960 + 6 * i
        away = f"{year + (11 if i == 2 else 5)}-01-01"
        rows += [(f"un-{i}a", "un", "UN", f"T{i}", "1950-01-01", f"{year}-01-01"), (f"un-{i}b", "un", "UN", f"T{i}", away, None)]
        rows.append((f"ahc-{i}", "ahc", None, f"T{i}", f"{year + 2}-06-01", None))
    return operations(rows)


def share(frame, settings=None, **spec):
    return estimate("gap_share", frame, GAP | spec, **(settings or {}))


def test_coalitions_in_gaps_are_more_often_there_than_permuted_dates():
    found = share(gaps(), {"permutations": 500})
    assert found.details["share_into_gap"] == 1
    assert found.details["share_expected"] == pytest.approx(9 / 64)
    assert found.theta == pytest.approx(55 / 64)
    assert found.details["permutation_p"] < 0.01
    swapped, ahc = gaps(), gaps()["arrangement"] == "ahc"  # each comes in the gap of another; in the long gap one comes all the same
    swapped.loc[ahc, "start"] = np.roll(swapped.loc[ahc, "start"].to_numpy(), -1)
    assert share(swapped).theta == pytest.approx(1 / 8 - 9 / 64)


def test_windows_occupants_and_places_are_those_asked_for():
    frame = gaps()
    assert share(frame, gap_window="year-around").theta == pytest.approx(55 / 64)
    assert share(frame, comparator="regional").reason == "every place is as empty at one date as at another: the difference has no variance"
    frame.loc[frame["arrangement"] == "un", "scope_strict"] = 0
    assert share(frame, scope="strict").theta == pytest.approx(55 / 64)
    assert "no variance" in share(frame, scope="strict", occupants_from="scope").reason
    frame.loc[frame["operation_id"] == "ahc-0", "theatres"] = "T0+T7"  # the UN is in T7 when it comes
    assert share(frame, gap_place="all").details["share_into_gap"] == pytest.approx(7 / 8)


def test_a_year_before_and_after_are_not_the_same():
    frame = gaps()
    coming = frame["operation_id"].str.endswith("b") & (frame["arrangement"] == "un")
    frame.loc[coming, "start"] = frame.loc[frame["arrangement"] == "ahc", "start"].to_numpy() + np.timedelta64(100, "D")
    frame.loc[frame["operation_id"] == "un-2b", "start"] = pd.Timestamp("1990-01-01")
    assert [share(frame, gap_window=window).events for window in ("at-launch", "year-before", "year-around")] == [8, 8, 1]


def test_a_new_name_is_no_launch_and_eras_cut_the_strata():
    frame = gaps()
    frame.loc[frame["operation_id"] == "ahc-3", "predecessor_id"] = "ahc-2"
    assert share(frame).n == 7
    assert share(frame, date_strata="region-era").n < 8


@pytest.mark.parametrize(("change", "spec", "reason"), [
    (lambda f: f[f["arrangement"] != "ahc"], {}, "0 launches with a date to swap: fewer than five"),
    (lambda f: f, {"since": 2010}, "0 launches with a date to swap: fewer than five"),
    (lambda f: f.assign(theatre="T0", theatres="T0"), {}, "launches in 1 theatres: too few for a variance by theatre"),
    (lambda f: f.assign(theatre=None, theatres=None, region=None), {}, "0 launches with a date to swap: fewer than five"),
])  # fmt: skip
def test_launches_that_tell_nothing_come_with_the_reason(change, spec, reason):
    found = share(change(gaps()).reset_index(drop=True), **spec)
    assert (found.theta, found.reason) == (None, reason)


def test_another_order_of_rows_gives_the_same_share():
    frame = gaps()
    one, other = share(frame), share(frame.sample(frac=1, random_state=3).reset_index(drop=True))
    assert (one.theta, one.lower, one.p) == pytest.approx((other.theta, other.lower, other.p))


def test_tables_that_estimands_need_are_declared():
    assert set(ESTIMANDS_FRAGMENTATION) <= set(catalogue.ESTIMANDS)
