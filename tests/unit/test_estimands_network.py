"""Estimands on size and likeness on small made-up panels: the sign of what they give, and every reason why they give nothing."""

import numpy as np
import pandas as pd
import pytest

from coalitions import catalogue, network, sizes
from coalitions.estimands import Panels
from coalitions.estimands_network import ESTIMANDS_NETWORK, members_with

STATES = pd.DataFrame(
    [(name, "1", region) for name, region in zip(["AAA", "BBB", "CCC", "DDD", "EEE", "FFF"], ["europe"] * 3 + ["asia"] * 2 + ["africa"], strict=True)] + [("XXX", "", "europe")],
    columns=["state", "cow_code", "region"],
).assign(gw_number="", entry="", exit="")
CLUBS = pd.DataFrame(
    [("NATO", "AAA", "1949"), ("NATO", "BBB", "1949"), ("EU", "AAA", "1958"), ("EU", "CCC", "1958"), ("OECD", "BBB", "1961-09")], columns=["organisation", "state", "joined"]
).assign(left="")
SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 0, "seed": 1}
SIZE = {
    "scope": "all", "comparator": "un", "size_at": "peak", "counted_members": "contributors", "size_by": "median-ratio", "domain": "all", "since": 1945,
}  # fmt: skip
ALIKE = {
    "scope": "all", "eligible_pool": "world", "likeness": "organisations", "members_at": "launch", "host_members": "kept", "standardised_by": "draws", "since": 1945,
}  # fmt: skip


def sized(ahc, un, regional=(), **columns):
    rows = [(f"{kind}-{i}", kind, size) for kind, group in (("ahc", ahc), ("un", un), ("regional", regional)) for i, size in enumerate(group)]
    frame = pd.DataFrame(rows, columns=["spell_id", "arrangement", "n_members_peak"])
    frame["n_members_peak"] = frame["n_members_peak"].astype("Float64")
    frame = frame.assign(operation_ids=frame["spell_id"], start=pd.Timestamp("2000-01-01"), domain="land", scope_all=1, n_members_launch=frame["n_members_peak"])
    return frame.assign(**columns)


def operations_of(spells):
    return pd.DataFrame({"operation_id": spells["spell_id"], "contributors_peak": spells["n_members_peak"] * 2})


MEMBERS = pd.DataFrame(
    [("ahc-0", "AAA", "2000-01-01", 100, 0, 1), ("ahc-0", "BBB", "2000-01-01", 50, 0, 1), ("ahc-0", "BBB", "2000-02-01", 60, 1, 0), ("ahc-0", "CCC", "2000-02-15", 5, 1, 0),
     ("ahc-0", "DDD", "2000-06-01", 5, 1, 0)], columns=["operation_id", "state", "joined", "duration_days", "joined_later", "counted"],
).assign(joined=lambda frame: pd.to_datetime(frame["joined"]), role="contributor")  # fmt: skip


def size(spells, memberships=MEMBERS, settings=None, **spec):
    data = Panels(spells=spells, operations=operations_of(spells), memberships=memberships)
    return ESTIMANDS_NETWORK["size_ratio"](data, SIZE | spec, SETTINGS | (settings or {}))


SMALL, LARGE = [2, 3, 3, 4, 5, 6], [9, 12, 12, 20, 31]


def test_size_is_positive_if_coalitions_are_smaller():
    found = size(sized(SMALL, LARGE))
    assert found.theta == pytest.approx(np.log(12 / 3.5))
    assert found.lower > 0
    assert found.details["ratio"] == pytest.approx(3.5 / 12)
    assert found.details["ratio_lower"] < found.details["ratio"] < found.details["ratio_upper"]
    turned = size(sized(LARGE, SMALL))
    assert [turned.theta, turned.lower, turned.upper] == pytest.approx([-found.theta, -found.upper, -found.lower])
    assert turned.p == pytest.approx(found.p)


def test_size_by_pairs_is_the_median_of_the_ratios_of_all_pairs():
    found = size(sized(SMALL, LARGE), size_by="hodges-lehmann")
    assert found.theta == pytest.approx(np.median([np.log(b / a) for a in SMALL for b in LARGE]))
    assert found.statistic == 30
    assert found.details["probability_ahc_smaller"] == 1


def test_sizes_that_are_not_known_are_left_out_and_counted():
    found = size(sized([*SMALL, np.nan], LARGE))
    assert found.n == 11
    assert found.details["unknown_ahc"] == 1
    assert "ahc-6" not in found.records


def test_supporters_count_on_the_day_and_a_state_once():
    spells = sized(SMALL, LARGE)
    assert members_with(spells, MEMBERS, "peak")["ahc-0"] == 3  # A, B (two spells that overlap) and C in February
    assert members_with(spells, MEMBERS, "launch")["ahc-0"] == 2
    assert members_with(spells.assign(operation_ids="z+ahc-0"), MEMBERS, "peak").iloc[0] == 3
    assert size(spells, counted_members="with-supporters").theta == pytest.approx(np.log(12 / 3.5))  # three in the place of two moves no middle
    assert size(spells, counted_members="source-only").theta == pytest.approx(np.log(12 / 7))


def test_comparators_domain_and_year_choose():
    spells = sized(SMALL, LARGE, [3, 4, 4, 5, 9])
    assert size(spells, comparator="regional").theta == pytest.approx(np.log(4 / 3.5))
    assert size(spells, comparator="both").n == 16
    assert size(spells.assign(domain="maritime"), domain="land").reason.startswith("fewer than five")
    assert size(spells, since=2001).reason == "fewer than five operations of known size in a group (0 AHC, 0 comparator)"


@pytest.mark.parametrize(("spells", "spec", "reason"), [
    (sized(SMALL[:4], LARGE), {}, "fewer than five operations of known size in a group (4 AHC, 5 comparator)"),
    (sized([3] * 5, [9] * 5), {}, "all operations of a group are of one size: the ratio has no variance"),
    (sized(SMALL, LARGE), {"size_at": "launch", "counted_members": "source-only"}, "sources give the number of contributors at the peak, not at launch"),
    (sized(SMALL, []), {}, "fewer than five operations of known size in a group (6 AHC, 0 comparator)"),
])  # fmt: skip
def test_sizes_that_cannot_be_compared_come_with_the_reason(spells, spec, reason):
    found = size(spells, **spec)
    assert (found.theta, found.reason) == (None, reason)


def test_composition_has_every_line_or_its_reason():
    spells = sized(SMALL, LARGE)
    table = network.composition(Panels(spells=spells, operations=operations_of(spells), memberships=MEMBERS), ["all"], 0.95)
    assert len(table) == 5 * (3 + 6)
    assert (table["estimate"].notna() ^ table["reason"].notna()).all()
    line = table.query("size_at == 'peak' and counted_members == 'contributors' and term == 'un'").set_index("model")
    assert line.loc["median", "estimate"] == 12
    assert line.loc["ratio of medians", "estimate"] == pytest.approx(3.5 / 12)
    assert line.loc["Hodges-Lehmann shift, Mann-Whitney", "estimate"] < 0
    assert line.loc["Hodges-Lehmann shift, Mann-Whitney", "p"] == pytest.approx(sizes.hodges_lehmann(np.array(SMALL), np.array(LARGE), 0.95).p)


# ---- exclusive


def register(sets, theatres=None):
    """Coalitions of 1995 with these members, each in a theatre of its own."""
    names = [f"c{i}" for i in range(len(sets))]
    operations = pd.DataFrame({"operation_id": names, "theatre": theatres or [f"T{i}" for i in range(len(sets))]}).assign(
        arrangement="ahc", deployed=1, predecessor_id=np.nan, start=pd.Timestamp("1995-07-01"), region="europe", scope_all=1, scope_none=0
    )
    rows = [(name, state) for name, states in zip(names, sets, strict=True) for state in states]
    memberships = pd.DataFrame(rows, columns=["operation_id", "state"]).assign(
        counted=1, role="contributor", joined_later=0, joined=pd.Timestamp("1995-07-01"), duration_days=10, arrangement="ahc"
    )
    return {"operations": operations, "memberships": memberships, "states": STATES, "organisation_members": CLUBS}


def alike(tables, settings=None, **spec):
    return ESTIMANDS_NETWORK["coalition_likeness"](Panels(**tables), ALIKE | spec, SETTINGS | (settings or {}))


FRIENDS = [["AAA", "BBB"], ["AAA", "CCC"], ["AAA", "BBB", "CCC"], ["AAA", "BBB"], ["AAA", "CCC"], ["AAA", "BBB", "DDD"]]
STRANGERS = [["AAA", "DDD"], ["CCC", "FFF"], ["DDD", "EEE", "FFF"], ["BBB", "EEE"], ["CCC", "DDD"], ["BBB", "FFF", "DDD", "AAA"]]


def test_likeness_is_positive_for_friends_and_negative_for_strangers():
    friends, strangers = alike(register(FRIENDS)), alike(register(STRANGERS))
    assert friends.theta > 0.2 > 0 > strangers.theta
    assert friends.lower < friends.theta < friends.upper
    assert (friends.n, friends.details["theatres"]) == (6, 6)
    assert friends.details["share_more_alike"] == friends.events / 6


@pytest.mark.parametrize("spec", [{}, {"standardised_by": "pairs"}, {"eligible_pool": "active"}, {"likeness": "both"}])
def test_the_p_by_lot_is_that_of_the_permutations(spec):
    found = alike(register([["AAA", "BBB"], ["AAA", "DDD"], ["CCC", "DDD"], ["CCC", "FFF"], ["AAA", "BBB", "FFF"], ["BBB", "DDD"]]), {"permutations": 1999}, **spec)
    assert found.details["permutation_p"] == pytest.approx(found.details["p_by_lot"], abs=0.12)  # few coalitions: the draws are coarse


@pytest.mark.parametrize(("tables", "spec", "reason"), [
    (register(FRIENDS[:4]), {}, "fewer than five coalitions that can be compared (4)"),
    (register(FRIENDS), {"scope": "none"}, "fewer than five coalitions that can be compared (0)"),
    (register(FRIENDS), {"since": 2000}, "fewer than five coalitions that can be compared (0)"),
    (register([["AAA"]] * 6), {}, "fewer than five coalitions that can be compared (0)"),
    (register([["AAA", "XXX"]] * 6), {}, "fewer than five coalitions that can be compared (0)"),
    (register(FRIENDS, ["T"] * 6), {}, "coalitions in 1 theatres: too few for a variance by theatre"),
    (register([["AAA", "BBB"]] * 6), {}, "all coalitions are equally alike: the mean has no variance"),
    ({**register(FRIENDS), "operations": register(FRIENDS)["operations"].assign(deployed=0)}, {}, "no coalition deployed"),
])  # fmt: skip
def test_likeness_that_cannot_be_had_comes_with_the_reason(tables, spec, reason):
    found = alike(tables, **spec)
    assert (found.theta, found.reason) == (None, reason)


def test_tables_of_likeness_agree_with_the_estimand():
    tables = register(FRIENDS)
    found = network.likeness_tables(Panels(**tables), ["all", "none"], 0.95, 99, 1)
    line = found["likeness"].query("scope == 'all' and pool == 'world' and likeness == 'organisations'").iloc[0]
    expected = alike(tables)
    assert [line["estimate"], line["lower"], line["upper"], line["p"]] == pytest.approx([expected.theta, expected.lower, expected.upper, expected.p])
    assert found["likeness"].query("scope == 'none'")["reason"].str.startswith("fewer than five").all()
    assert len(found["likeness_coalitions"]) == 6 * 3 * 4


# ---- all


@pytest.mark.parametrize("name", ["size_ratio", "coalition_likeness"])
def test_the_order_of_rows_and_a_second_run_change_nothing(name):
    spells = sized(SMALL, LARGE)
    tables = {"spells": spells, "operations": operations_of(spells), "memberships": MEMBERS} if name == "size_ratio" else register(FRIENDS)
    spec = SIZE | {"counted_members": "with-supporters"} if name == "size_ratio" else ALIKE
    first, second = (ESTIMANDS_NETWORK[name](Panels(**tables), spec, SETTINGS | {"permutations": 99}).as_dict() for _ in range(2))
    assert first == second
    turned = ESTIMANDS_NETWORK[name](Panels(**{key: frame.iloc[::-1].reset_index(drop=True) for key, frame in tables.items()}), spec, SETTINGS | {"permutations": 99}).as_dict()
    assert turned["records"] == first["records"] == sorted(first["records"])
    assert [turned[key] for key in ("theta", "lower", "upper", "p")] == pytest.approx([first[key] for key in ("theta", "lower", "upper", "p")])


@pytest.mark.parametrize("spec", [{}, {"eligible_pool": "active"}, {"eligible_pool": "region", "likeness": "both"}, {"members_at": "ever"}])
def test_panels_that_share_the_world_give_what_each_gives_alone(spec):
    tables = register([*FRIENDS, *STRANGERS])
    whole = Panels(**tables)
    ESTIMANDS_NETWORK["coalition_likeness"](whole, ALIKE | spec, SETTINGS)
    members, operations = tables["memberships"], tables["operations"]
    other = {
        "one coalition fewer": {"operations": operations.drop(2).reset_index(drop=True), "memberships": members[members["operation_id"] != "c2"]},
        "one member fewer": {"memberships": members.drop(members.index[-1])},
        "another day": {"operations": operations.assign(start=operations["start"].where(operations.index != 1, pd.Timestamp("1957-03-01")))},
        "another region": {"operations": operations.assign(region=operations["region"].where(operations.index != 1, "asia"))},
    }
    for change in other.values():
        assert ESTIMANDS_NETWORK["coalition_likeness"](whole.apart(**change), ALIKE | spec, SETTINGS) == alike(tables | change, **spec)


def test_every_estimand_says_what_it_reads():
    assert set(ESTIMANDS_NETWORK) <= set(catalogue.ESTIMANDS)
