"""What the words of the report take from results: sentences that stay true when the data change."""

import math

from coalitions import phrases


def size(term, n, at="peak", counted="contributors", model="median", estimate=7.0):
    return {"term": term, "n": n, "size_at": at, "counted_members": counted, "model": model, "estimate": estimate}


def test_the_share_whose_size_is_known_is_of_all_operations_and_others_are_taken_together():
    rows = [size("ahc", 9), size("un", 3), size("regional", 1), size("ahc", 99, at="launch"), size("un", 99, counted="with-supporters")]
    summary = [{"arrangement": kind, "n": n} for kind, n in (("ahc", 10), ("un", 4), ("regional", 4))]
    assert phrases._size_known(rows, summary) == {"ahc": 0.9, "others": 0.5}
    assert phrases._size_known(rows, summary[:1]) is None


def test_the_operation_that_holds_most_departures_is_named_only_if_the_table_warns_of_it():
    warned = [{"warning": None}, {"warning": "few groups; 12 of 30 events are of mnf-iraq-2003"}]
    assert phrases._most(warned) == {"events": 12, "of": 30, "operation_id": "mnf-iraq-2003"}
    assert phrases._most([{"warning": math.nan}]) is None


def test_the_network_is_compared_in_the_first_and_the_last_year_with_two_coalitions():
    years = [{"year": year, "operations": n, "memberships": m} for year, n, m in ((1980, 5, 5), (1991, 1, 3), (1992, 2, 8), (2025, 10, 90), (2026, 9, 9))]
    found = phrases._network(years, 2025)
    assert [(found[when]["year"], found[when]["members"]) for when in ("then", "now")] == [(1992, 4), (2025, 9)]
    assert phrases._network(years[:3], 2025) is None


def test_medians_are_of_contributors_at_peak_first():
    rows = [size("ahc", 9, at="launch", estimate=4.0), size("ahc", 9, estimate=6.0), size("un", 9, estimate=20.0), size("un", 9, model="ratio", estimate=3.0)]
    assert phrases._medians(rows) == [{"at": "peak", "ahc": 6.0, "un": 20.0}, {"at": "launch", "ahc": 4.0}]


def test_comparisons_are_sorted_by_what_their_interval_leaves_out():
    rows = [{"estimate": e, "lower": low, "upper": high} for e, low, high in ((2, 1, 3), (-2, -3, -1), (0, -1, 1), (math.nan, math.nan, math.nan))]
    found = phrases._likeness(rows)
    assert [[row["estimate"] for row in found[kind]] for kind in ("more", "less", "open")] == [[2], [-2], [0]]
