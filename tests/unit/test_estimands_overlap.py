"""Estimands on duplication, Hormuz and the Red Sea on small made-up panels: the sign of what they give, and every reason why they give nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from coalitions import catalogue
from coalitions.estimands import Panels
from coalitions.estimands_overlap import ESTIMANDS_OVERLAP

SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 0, "seed": 1}


def estimate(name, spec, settings=None, **tables):
    return ESTIMANDS_OVERLAP[name](Panels(**tables), spec, SETTINGS | (settings or {}))


def panel(rows):
    """Operations panel from (operation, arrangement, theatre, start, end, tasks)."""
    frame = pd.DataFrame(rows, columns=["operation_id", "arrangement", "theatre", "start", "end", "tasks"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    length = (frame["end"].fillna(pd.Timestamp("2026-06-30")) - frame["start"]).dt.days + 1
    return frame.assign(
        name=frame["operation_id"], theatres=frame["theatre"], region="asia", parent_id=None, successor_id=None, organisation=None, chain_id=frame["operation_id"], domain="maritime",
        status=np.where(frame["end"].isna(), "ongoing", "ended"), deployed=frame["start"].notna().astype(int), duration_days=length, scope_strict=1, scope_none=0,
    )  # fmt: skip


# ---- duplication

SPEC = {"scope": "strict", "same_task": "strict", "counterpart": "any", "shuffled": "all", "shuffled_within": "region-era", "handover_overlap": "kept"}


def meeting(together: bool, n: int = 12):
    """In each of n theatres a coalition and a UN operation of a year with the same task, in the same year or in different ones."""
    rows = []
    for i in range(n):
        first = 1950 + 3 * i
        rows += [(f"ahc-{i:02d}", "ahc", f"T{i}", f"{first}-01-01", f"{first}-12-31", "policing")]
        second = first if together else first + 1
        rows += [(f"un-{i:02d}", "un", f"T{i}", f"{second}-01-01", f"{second}-12-31", "policing")]
    return panel(rows)


def test_operations_that_meet_more_often_than_by_chance_have_a_positive_excess():
    found = estimate("duplication_excess", SPEC, operations=meeting(True))
    assert found.theta > 0.5
    assert 0 < found.lower <= found.theta <= found.upper
    assert (found.n, found.events, found.p) == (12, 12, pytest.approx(1 / 200))
    assert found.details["observed_share"] == 1
    assert found.theta == pytest.approx(1 - found.details["expected_share"])
    assert found.records == [f"ahc-{i:02d}" for i in range(12)]


def test_operations_that_never_meet_have_a_negative_excess():
    found = estimate("duplication_excess", SPEC, operations=meeting(False))
    assert found.theta < 0
    assert found.details["observed_share"] == 0


def test_the_details_tell_who_duplicates_and_what_exchanged_tasks_would_give():
    details = estimate("duplication_excess", SPEC, {"permutations": 50}, operations=meeting(True)).details
    assert [details[f"share_with_{kind}"] for kind in ("ahc", "un", "regional")] == [0, 1, 0]
    assert (details["expected_share_tasks"], details["permutation_p_tasks"], details["beside_any_share"], details["draws"]) == (1, 1, 1, 50)
    assert (details["duplicated_operations"], details["observed_se"]) == (12, None)
    assert "share_with_un" not in estimate("duplication_excess", SPEC, {"details": False}, operations=meeting(True)).details


@pytest.mark.parametrize(("frame", "spec", "reason"), [
    (meeting(True, 4), {}, "fewer than five AHCs in the scope (4)"), (meeting(True), {"scope": "none"}, "fewer than five AHCs in the scope (0)"),
    (meeting(True), {"counterpart": "ahc"}, "no AHC shares a theatre and a task with another operation at any time"),
    (meeting(True).assign(tasks=[f"task-{i}" for i in range(24)]), {}, "no AHC shares a theatre and a task with another operation at any time"),
    (meeting(True).assign(start=pd.Timestamp("2000-01-01"), end=pd.Timestamp("2000-12-31")), {}, "every permutation of the starts gives the same share: there is no chance to compare with"),
    (meeting(True).assign(start=pd.NaT, deployed=0), {}, "fewer than five AHCs in the scope (0)"),
])  # fmt: skip
def test_an_excess_that_cannot_be_had_comes_with_the_reason(frame, spec, reason):
    found = estimate("duplication_excess", SPEC | spec, operations=frame)
    assert (found.theta, found.reason) == (None, reason)


# ---- hormuz and red-sea


def states(names, region="europe"):
    return pd.DataFrame({"state": names.split(), "region": region, "entry": "1900-01-01", "exit": ""})


EUROPE = "FRA DEU ITA NLD BEL DNK GRC GBR ESP NOR"
STATES = pd.concat([states(EUROPE), states("USA AUS BHR JPN", "other")], ignore_index=True)
EU = pd.DataFrame({"organisation": "EU", "state": ["FRA", "DEU", "ITA", "NLD", "BEL", "DNK", "GRC", "ESP"], "joined": "1958-01-01", "left": ""})
WATERS = panel([
    ("drill-1990", "ahc", "hormuz-gulf", "1990-01-01", "1991-01-01", "maritime-security"), ("us-2019", "ahc", "hormuz-gulf", "2019-11-07", None, "maritime-security"),
    ("europe-2020", "ahc", "hormuz-gulf", "2020-01-30", "2024-06-27", "maritime-security"), ("strikes-2021", "ahc", "hormuz-gulf", "2021-01-01", "2021-12-31", "maritime-security"),
])  # fmt: skip


def members(**operations):
    """Memberships from operation=`STATE STATE:role`, contributors if no role is given, over the whole operation."""
    rows = []
    for name, text in operations.items():
        known = WATERS.set_index("operation_id").loc[name.replace("_", "-")]
        for word in text.split():
            state, _, role = word.partition(":")
            rows.append((name.replace("_", "-"), state, role or "contributor", known["start"], known["end"], known["duration_days"]))
    frame = pd.DataFrame(rows, columns=["operation_id", "state", "role", "joined", "left", "duration_days"]).astype({"joined": "datetime64[ns]", "left": "datetime64[ns]"})
    return frame.assign(counted=(frame["role"] != "supporter").astype(int))


APART = members(drill_1990="USA FRA DEU ITA NLD JPN", us_2019="USA:lead GBR:lead AUS BHR ESP:supporter", europe_2020="FRA:lead BEL DNK NLD:supporter")
HORMUZ = {"us_led": "us-2019", "european_led": "europe-2020", "roles": "contributors", "overlap_time": "while-both", "navies": "ever", "navy_weights": "equal"}


def together(who=APART, operations=WATERS, settings=None, **spec):
    return estimate("coalition_overlap", HORMUZ | spec, settings, operations=operations, memberships=who, states=STATES, organisation_members=EU)


def test_so_few_common_members_that_chance_hardly_gives_hold_the_fact():
    found = together(members(drill_1990="USA FRA DEU ITA NLD JPN", us_2019="USA:lead GBR:lead AUS BHR JPN", europe_2020="FRA:lead BEL DNK ITA NLD DEU"))
    assert (found.holds, found.details["n_navies"]) == (True, 11)
    assert found.p == pytest.approx(1 / 462)  # six of the eleven, and none of the other five


def test_two_coalitions_that_share_none_as_two_of_their_sizes_often_do_decide_nothing():
    # Until 0.3.0 this held the fact; in simulated registers half of all pairs drawn by lot then held it (results/validation).
    found = together()
    # Navies: six of 1990 and GBR, AUS, BHR, BEL, DNK.
    assert (found.holds, found.n, found.events, found.details["n_navies"]) == (None, 7, 0, 11)
    assert found.p == pytest.approx(35 / 165)
    assert found.theta == pytest.approx(found.details["expected_jaccard"])
    assert found.details["expected_shared"] == pytest.approx(4 * 3 / 11)
    assert found.lower <= found.theta <= found.upper
    assert found.details["europeans_in_us_led"] == ["GBR"]
    assert found.exposure_years == pytest.approx(((pd.Timestamp("2024-06-27") - pd.Timestamp("2020-01-30")).days + 1) / 365.25)


@pytest.mark.parametrize("who", [
    members(us_2019="USA:lead FRA AUS", europe_2020="FRA:lead AUS"), members(us_2019="USA:lead FRA:lead", europe_2020="FRA:lead BEL DNK ITA"),
], ids=["shared members", "a common lead"])  # fmt: skip
def test_shared_members_or_a_common_lead_do_not_hold_it(who):
    assert together(who).holds is False


def test_supporters_and_experience_change_the_null_and_not_the_fact():
    assert together(roles="with-supporters").n == 9
    drawn = together(navy_weights="experience")
    assert (drawn.details["draws"], drawn.holds) == (999, None)
    assert together(navies="twenty-years").details["n_navies"] == 7


def test_coalitions_that_were_never_there_together_contradict_it():
    late = WATERS.assign(start=WATERS["start"].where(WATERS["operation_id"] != "us-2019", pd.Timestamp("2025-01-01")))
    assert together(operations=late).holds is False
    assert "never at work at the same time" in together(operations=late).reason


@pytest.mark.parametrize(("who", "spec", "reason"), [
    (APART, {"us_led": "nowhere-1999"}, "nowhere-1999 is not an operation of the register that deployed"), (members(us_2019="USA:lead"), {}, "no member of europe-2020 is coded"),
])  # fmt: skip
def test_an_overlap_that_cannot_be_had_comes_with_the_reason(who, spec, reason):
    found = together(who, **spec)
    assert (found.theta, found.holds, found.reason) == (None, None, reason)


CHOICE = {
    "us_led": "us-2019", "european_led": "europe-2020", "participants": "either", "europe": "region", "us_command": "vessels", "lists": "verified", "us_operations": "named", "joined_until": 2024,
}  # fmt: skip
SPLIT = members(drill_1990="ESP NOR", us_2019="USA:lead GBR:lead DNK:staff-only NLD:supporter AUS", europe_2020="FRA:lead DEU ITA BEL GRC", strikes_2021="USA:lead NLD")


def chosen(who=SPLIT, **spec):
    return estimate("command_choice", CHOICE | spec, operations=WATERS, memberships=who, states=STATES, organisation_members=EU)


def test_most_europeans_that_stayed_out_give_a_positive_difference():
    found = chosen()
    assert found.details["stayed_out"] == ["BEL", "DEU", "DNK", "FRA", "GRC", "ITA"]
    assert found.details["went_in"] == ["GBR"]
    assert (found.theta, found.n, found.events) == (pytest.approx(5 / 7), 7, 1)
    assert found.p == pytest.approx(2 * (1 + 7) / 2**7)
    assert -1 <= found.lower < found.theta < found.upper <= 1


@pytest.mark.parametrize(("spec", "went_in", "n"), [
    ({"us_command": "with-staff"}, ["DNK", "GBR"], 7), ({"lists": "announced"}, ["GBR", "NLD"], 8), ({"us_operations": "all-us-led"}, ["GBR", "NLD"], 8),
    ({"europe": "eu"}, [], 6), ({"participants": "navies"}, ["GBR"], 9), ({"joined_until": 2020}, ["GBR"], 7),
])  # fmt: skip
def test_each_dimension_does_what_it_says(spec, went_in, n):
    found = chosen(**spec)
    assert (found.details["went_in"], found.n) == (went_in, n)


def test_without_members_of_the_european_operation_the_other_questions_are_still_answered():
    found = chosen(SPLIT[SPLIT["operation_id"] != "europe-2020"])
    assert (found.theta, found.reason) == (None, "members of europe-2020 are not coded: which European states chose its command cannot be said")
    assert (found.details["n_named"], found.details["named_went_in"]) == (3, ["GBR"])
    assert (found.details["n_navies"], found.details["share_stayed_out_navies"]) == (4, 0.75)


@pytest.mark.parametrize(("who", "spec", "reason"), [
    (SPLIT, {"participants": "named"}, "fewer than five European states (3)"), (SPLIT, {"us_led": "nowhere-1999"}, "nowhere-1999 is not in the register"),
    (SPLIT[SPLIT["operation_id"] != "us-2019"], {}, "members of us-2019 are not coded"),
    (SPLIT, {"participants": "named", "us_command": "with-staff", "lists": "announced"}, "every state named in the US-led operation counts as under its command: the answer is in the definition"),
])  # fmt: skip
def test_a_choice_that_cannot_be_told_comes_with_the_reason(who, spec, reason):
    found = chosen(who, **spec)
    assert (found.theta, found.reason) == (None, reason)


# ---- all

CASES = [
    ("duplication_excess", SPEC, {"operations": meeting(True)}),
    ("coalition_overlap", HORMUZ | {"navy_weights": "experience"}, {"operations": WATERS, "memberships": APART, "states": STATES, "organisation_members": EU}),
    ("command_choice", CHOICE, {"operations": WATERS, "memberships": SPLIT, "states": STATES, "organisation_members": EU}),
]


@pytest.mark.parametrize(("name", "spec", "tables"), CASES)
def test_the_order_of_rows_changes_nothing_and_results_are_plain(name, spec, tables):
    first = estimate(name, spec, **tables).as_dict()
    turned = estimate(name, spec, **{key: frame.iloc[::-1].reset_index(drop=True) for key, frame in tables.items()}).as_dict()
    assert first == turned
    json.dumps(first, allow_nan=False)


@pytest.mark.parametrize(("name", "spec", "tables"), CASES)
def test_panels_with_other_dates_give_what_they_give_alone(name, spec, tables):
    whole, frame = Panels(**tables), tables["operations"]
    ESTIMANDS_OVERLAP[name](whole, spec, SETTINGS)
    day, last = pd.Timedelta(days=1), pd.Timestamp(SETTINGS["cutoff"])
    late = frame.assign(start=frame["start"].where(frame.index != 0, last + day), end=frame["end"].where(frame.index != 0, last + 9 * day))  # the first starts after the cut-off
    for drawn in (late, frame, frame.assign(start=frame["start"] + 40 * day, end=frame["end"] + 90 * day)):
        assert ESTIMANDS_OVERLAP[name](whole.redrawn(operations=drawn), spec, SETTINGS) == estimate(name, spec, **(tables | {"operations": drawn}))


@pytest.mark.parametrize(("name", "spec", "tables"), CASES)
def test_only_the_declared_tables_are_read(name, spec, tables):
    assert set(tables) == {"operations", *catalogue.ESTIMANDS[name]}
