"""Concurrent pairs: found by a sweep, compared with looking at every pair."""

import itertools

import numpy as np
import pandas as pd
import pytest

from coalitions import build, pairs

DAY = pd.Timedelta(days=1)


def everywhere(spells):
    """Pairs by looking at all of them."""
    found = set()
    for a, b in itertools.combinations(spells.itertuples(), 2):
        if a.theatre == b.theatre and a.start <= b.end and b.start <= a.end:
            one, two = sorted((a.operation_id, b.operation_id))
            found.add((one, two, a.theatre, max(a.start, b.start), min(a.end, b.end), (min(a.end, b.end) - max(a.start, b.start)).days + 1))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_the_sweep_finds_what_looking_at_every_pair_finds(seed):
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2000-01-01") + pd.to_timedelta(rng.integers(0, 60, 80), unit="D")
    spells = pd.DataFrame(
        {
            "operation_id": [f"op-{i:03d}" for i in rng.permutation(80)],
            "theatre": rng.choice(list("ABC"), 80),
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(0, 15, 80), unit="D"),
        }
    )
    result = pairs.concurrent(spells)
    assert set(result.itertuples(index=False, name=None)) == everywhere(spells)
    assert not result.duplicated(["operation_a", "operation_b", "theatre"]).any()


def spell(name, first, last, theatre="AFG"):
    return {"operation_id": name, "theatre": theatre, "start": pd.Timestamp(first), "end": pd.Timestamp(last)}


def test_one_common_day_is_an_overlap_of_one_day():
    result = pairs.concurrent(pd.DataFrame([spell("b", "2003-01-01", "2003-01-10"), spell("a", "2003-01-10", "2003-02-01")]))
    assert result[["operation_a", "operation_b", "overlap_days"]].to_numpy().tolist() == [["a", "b", 1]]


def test_a_handover_on_the_next_day_is_no_overlap():
    assert pairs.concurrent(pd.DataFrame([spell("a", "2003-01-01", "2003-01-10"), spell("b", "2003-01-11", "2003-02-01")])).empty


def test_the_last_day_of_one_theatre_never_meets_the_first_of_the_next():
    assert pairs.concurrent(pd.DataFrame([spell("a", "2003-01-01", "2003-12-31", "AFG"), spell("b", "2003-01-01", "2003-12-31", "BIH")])).empty


def test_a_pair_that_shares_two_theatres_has_two_rows():
    rows = [spell(name, "2003-01-01", "2003-01-02", theatre) for name in "ab" for theatre in ("AFG", "BIH")]
    assert pairs.concurrent(pd.DataFrame(rows))["theatre"].tolist() == ["AFG", "BIH"]


def test_no_spell_has_no_pair():
    empty = pd.DataFrame([spell("a", "2003-01-01", "2003-01-02")]).iloc[:0]
    assert pairs.concurrent(empty).empty
    assert list(pairs.concurrent(empty).columns) == ["operation_a", "operation_b", "theatre", "overlap_start", "overlap_end", "overlap_days"]


@pytest.mark.parametrize(("start", "end", "expected"), [([], [], 0), ([5], [5], 0), ([5, 5], [5, 5], 1), ([1, 2, 3], [3, 3, 3], 3)])
def test_small_cases_of_the_sweep(start, end, expected):
    i, j = pairs.overlapping(np.array(start, dtype=np.int64), np.array(end, dtype=np.int64))
    assert len(i) == len(j) == expected


@pytest.fixture
def family(register):
    """The tiny register with a task force of Beta Force and a task force of that."""
    frame = register["operations"]
    base = frame[frame["operation_id"] == "beta-force-2003"].iloc[0]
    for name, parent in (("task-force-2004", "beta-force-2003"), ("sub-force-2005", "task-force-2004")):
        frame.loc[len(frame) + 2] = {**base, "operation_id": name, "parent_id": parent, "predecessor_id": "", "nested": "1", "start": name[-4:]}
        register["tasks"].loc[len(register["tasks"]) + 2] = [name, "stabilisation"]
        register["operation_theatres"].loc[len(register["operation_theatres"]) + 2] = [name, "AFG", "1"]
    return register


@pytest.mark.parametrize(
    "pair", [("beta-force-2003", "task-force-2004"), ("sub-force-2005", "task-force-2004")], ids=["umbrella is a younger name", "umbrella is itself a task force"]
)
def test_an_umbrella_and_its_task_force_are_related(pair, family, rules, cutoff):
    found = build.all_panels(family, rules, 1985, cutoff)["concurrent_pairs"].set_index(["operation_a", "operation_b"])
    assert found.loc[pair, "related"] == 1


def test_a_task_force_is_no_provider_beside_its_umbrella(family, rules, cutoff):
    years = build.all_panels(family, rules, 1985, cutoff)["theatre_years"]
    assert years.query("scope == 'broad' and theatre == 'AFG' and year == 2004")["n_providers"].tolist() == [1]


def test_pairs_are_described_by_what_both_sides_share():
    operations = pd.DataFrame({"operation_id": list("abc"), "arrangement": ["ahc", "un", "ahc"], "parent_id": [None, None, "a"], "chain_id": list("abc")})
    tasks = pd.DataFrame({"operation_id": list("aabc"), "task": ["x", "y", "y", "z"]})
    members = pd.DataFrame({"operation_id": list("aaacc"), "state": ["FRA", "DEU", "USA", "FRA", "FRA"], "counted": [1, 1, 0, 1, 1]})
    found = pd.DataFrame({"operation_a": ["a", "a"], "operation_b": ["b", "c"]})
    result = pairs.described(found, operations, tasks, members)
    assert result["arrangement_a"].tolist() == ["ahc", "ahc"]
    assert result["arrangement_b"].tolist() == ["un", "ahc"]
    assert result["related"].tolist() == [0, 1]
    assert result["shared_tasks"].tolist() == [1, 0]
    assert result["members_jaccard"].isna().tolist() == [True, False]
    assert result["members_jaccard"][1] == 0.5
