"""Likeness of the members of coalitions: what a draw by lot gives exactly, who is in a pool, and what cannot be compared."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from coalitions import likeness

STATES = pd.DataFrame(
    [(name, "1", "1", region, entry, end) for name, region, entry, end in [
        ("AAA", "europe", "", ""), ("BBB", "europe", "", ""), ("CCC", "europe", "", ""), ("DDD", "asia", "", ""), ("EEE", "asia", "", ""), ("FFF", "africa", "1990-01-01", ""),
        ("GGG", "africa", "", "1989-12-31"),
    ]] + [("XXX", "", "", "europe", "", "")], columns=["state", "cow_code", "gw_number", "region", "entry", "exit"],
)  # fmt: skip
CLUBS = pd.DataFrame(
    [("UN", name, "1945-10-24", "") for name in ("AAA", "BBB", "CCC", "DDD", "EEE")]
    + [
        ("NATO", "AAA", "1949-04-04", ""),
        ("NATO", "BBB", "1949-04-04", ""),
        ("EU", "AAA", "1958-01-01", ""),
        ("EU", "CCC", "1958-01-01", "1999-12-31"),
        ("OECD", "BBB", "1961-09", ""),
    ],
    columns=["organisation", "state", "joined", "left"],
)
DAY = np.datetime64("1995-07-01")


@pytest.fixture
def world():
    return likeness.World(STATES, CLUBS)


def coalition(*starts, theatre="T", region="europe"):
    return pd.DataFrame({"operation_id": [f"c{i}" for i in range(len(starts))], "start": pd.to_datetime(list(starts)), "theatre": theatre, "region": region, "scope_all": 1})


def test_who_exists_on_a_day_and_belongs_to_what(world):
    names, regions, belongs = world.on(DAY)
    assert names.tolist() == ["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"]
    assert regions[-1] == "africa"
    assert world.organisations.tolist() == ["EU", "NATO", "OECD"]  # the UN has nearly all
    assert belongs[0].tolist() == [True, True, False]
    assert world.on(np.datetime64("2000-01-01"))[2][2].tolist() == [False, False, False]  # left the day before
    assert world.on(np.datetime64("1980-01-01"))[0].tolist()[-1] == "GGG"


def test_dissimilarity_by_hand(world):
    matrix = world.dissimilarity(DAY, None, "organisations")
    assert matrix[0, 1] == pytest.approx(2 / 3)  # NATO of EU, NATO, OECD
    assert matrix[0, 2] == pytest.approx(1 / 2)
    assert matrix[3, 4] == 1  # both without any organisation: nothing in common
    assert matrix.diagonal().tolist() == [0] * 6
    assert world.dissimilarity(DAY, None, "regions")[3, 4] == 0
    assert world.dissimilarity(DAY, None, "both")[0, 1] == pytest.approx(1 / 3)
    assert world.dissimilarity(DAY, None, "alliances")[0, 1] == pytest.approx(1 / 2)


@pytest.mark.parametrize("m", [2, 3, 4, 5, 6, 7])
def test_moments_of_a_draw_are_those_of_all_draws(m):
    random = np.random.default_rng(3).random((7, 7))
    matrix = np.triu(random, 1) + np.triu(random, 1).T
    values = [likeness.dispersion(matrix[np.ix_(chosen, chosen)]) for chosen in combinations(range(7), m)]
    mean, sd = likeness.draw_moments(likeness.pool_moments(matrix), m)
    assert mean == pytest.approx(np.mean(values))
    assert sd == pytest.approx(np.std(values), abs=1e-12)


def test_moments_without_a_draw_are_missing():
    matrix = np.ones((3, 3)) - np.eye(3)
    assert np.isnan(likeness.draw_moments(likeness.pool_moments(matrix), 1)).all()
    assert np.isnan(likeness.draw_moments(likeness.pool_moments(matrix), 4)).all()
    assert likeness.draw_moments(likeness.pool_moments(matrix), 2) == (1.0, 0.0)  # all pairs are equal


def test_lines_give_observed_and_expected_or_the_reason(world):
    frame = coalition("1995-07-01", "1995-07-01", "1995-07-01", "1980-01-01")
    members = {"c0": ["AAA", "BBB"], "c1": ["AAA", "XXX"], "c3": ["AAA", "FFF"]}  # XXX is no state, FFF not yet one; c2 has nobody
    table = likeness.lines(frame, members, world, {}, "world", "organisations")
    assert table["reason"].tolist() == [None, likeness.ONE, likeness.ONE, likeness.ONE]
    assert table["left_out"].tolist() == [0, 1, 0, 1]
    assert table.loc[0, "observed"] == pytest.approx(2 / 3)
    assert table.loc[0, "pool"] == 6
    assert likeness.standardised(table)[0] > 0
    assert np.isnan(likeness.standardised(table)[1])


def test_a_pool_of_which_everybody_is_drawn_gives_nothing_to_compare(world):
    table = likeness.lines(coalition("1995-07-01"), {"c0": ["AAA", "BBB", "CCC"]}, world, {}, "region", "organisations")
    assert table.loc[0, "reason"] == likeness.ALIKE
    assert table.loc[0, "pool"] == 3


def test_pools_hold_the_members(world):
    members = np.array([0, 5])
    assert likeness.pool_of(world, DAY, "world", "asia", members, set()) is None
    assert likeness.pool_of(world, DAY, "region", "asia", members, set()).tolist() == [0, 3, 4, 5]
    assert likeness.pool_of(world, DAY, "active", "asia", members, {"BBB", "GGG"}).tolist() == [0, 1, 5]


@pytest.mark.parametrize("pool", likeness.POOLS)
def test_draws_by_lot_have_the_exact_moments(world, pool):
    frame, members, active = coalition("1995-07-01"), {"c0": ["AAA", "DDD"]}, {1995: {"BBB", "CCC", "EEE"}}
    lots = likeness.drawn(frame, members, world, active, pool, ("organisations", "regions"), 4000, 5)
    again = likeness.drawn(frame, members, world, active, pool, ("regions",), 4000, 5)
    assert (lots["regions"] == again["regions"]).all()
    for measure, values in lots.items():
        line = likeness.lines(frame, members, world, active, pool, measure).loc[0]
        assert values.mean() == pytest.approx(line["expected"], abs=0.03)
        assert values.std() == pytest.approx(line["sd_draw"], abs=0.03)


def test_member_sets_leave_out_supporters_late_joiners_and_hosts():
    frame = pd.DataFrame(
        [("c0", "BBB", "contributor", 1, 0), ("c0", "AAA", "lead", 1, 0), ("c0", "CCC", "supporter", 0, 0), ("c0", "DDD", "contributor", 1, 1), ("c0", "EEE", "host", 1, 0),
         ("c0", "AAA", "lead", 1, 1)], columns=["operation_id", "state", "role", "counted", "joined_later"],
    )  # fmt: skip
    assert likeness.member_sets(frame, "launch", "kept") == {"c0": ["AAA", "BBB", "EEE"]}
    assert likeness.member_sets(frame, "ever", "dropped") == {"c0": ["AAA", "BBB", "DDD"]}


def test_active_states_are_those_of_every_year_that_a_spell_touches():
    frame = pd.DataFrame({"operation_id": "c", "state": ["AAA", "BBB"], "counted": [1, 0], "joined": pd.to_datetime(["1999-12-31", "1999-01-01"]), "duration_days": [2, 9]})
    assert likeness.active_states(frame) == {1999: {"AAA"}, 2000: {"AAA"}}


def test_a_coalition_counts_once_under_its_oldest_name_and_only_if_it_deployed():
    frame = pd.DataFrame(
        [("b", "ahc", 1, np.nan), ("a", "ahc", 1, np.nan), ("c", "ahc", 1, "b"), ("d", "un", 1, np.nan), ("e", "ahc", 0, np.nan)],
        columns=["operation_id", "arrangement", "deployed", "predecessor_id"],
    ).assign(start=pd.Timestamp("2000-01-01"), theatre="T", region="asia", scope_all=1)  # fmt: skip
    assert likeness.coalitions(frame)["operation_id"].tolist() == ["a", "b"]


def test_mean_by_theatre_is_that_of_single_values_if_each_has_its_own():
    values = np.array([1.0, 2.0, 4.0, 7.0])
    mean, se, groups = likeness.mean_by_theatre(values, np.array(list("abcd")))
    assert (mean, groups) == (3.5, 4)
    assert se == pytest.approx(values.std(ddof=1) / 2)
    assert likeness.mean_by_theatre(values, np.array(list("aabb")))[1] == pytest.approx(np.sqrt(2 * 2 * (4 / 4) ** 2))
    assert np.isnan(likeness.mean_by_theatre(values, np.array(list("aaaa")))[1])
