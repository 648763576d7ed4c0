"""Estimands on leaders, vetoes, mandates, tasks and transitions, on small made-up panels: the sign of what they give, and every reason why they give nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from coalitions import catalogue, estimands_mandates
from coalitions.estimands import Panels
from coalitions.estimands_mandates import ESTIMANDS_MANDATES

SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 0, "seed": 1, "within_years": [1, 3], "scopes": {"broad": "True"}}
ORGANISATIONS = pd.DataFrame(
    [("EU", "FRA", "1958-01-01", ""), ("EU", "GBR", "1973-01-01", "2020-01-31"), ("NATO", "USA", "1949-08-24", "")], columns=["organisation", "state", "joined", "left"]
)
STATES = pd.DataFrame({"state": ["FRA", "GBR"], "region": ["europe", "europe"]})


def estimate(name, spec, settings=None, **tables):
    found = ESTIMANDS_MANDATES[name](Panels(**tables), spec, SETTINGS | (settings or {}))
    json.dumps(found.as_dict(), allow_nan=False)  # plain values, no NaN
    assert (found.theta is None) == bool(found.reason)
    return found


def coalitions(starts, **columns) -> pd.DataFrame:
    frame = pd.DataFrame({"operation_id": [f"a{i:02d}" for i in range(len(starts))], "start": pd.to_datetime(list(starts))})
    frame = frame.assign(
        chain_id=frame["operation_id"], predecessor_id=None, successor_id=None, arrangement="ahc", deployed=1, legal_basis=None, founding_document=None, status="ended",
        ended_how="completed", theatre=[f"T{i}" for i in range(len(frame))], scope_broad=1, scope_strict=1,
    )  # fmt: skip
    return frame.assign(end=frame["start"] + pd.Timedelta(days=100), theatres=frame["theatre"]).assign(**columns)


def leads(*states) -> pd.DataFrame:
    rows = [(f"a{i:02d}", state, "lead") for i, held in enumerate(states) for state in held.split()]
    return pd.DataFrame(rows, columns=["operation_id", "state", "role"]).assign(counted=1, joined_later=0)


# ---- proponents

PROPONENTS = {"scope": "broad", "proponents": "western", "led": "any-lead", "unknown_lead": "not-led", "since": 1945, "chains": "merged"}


def proponents(states, settings=None, **spec):
    frame = coalitions([f"{1990 + i}-01-01" for i in range(len(states))])
    return estimate("proponent_share", PROPONENTS | spec, settings, operations=frame, memberships=leads(*states), organisation_members=ORGANISATIONS, states=STATES)


def test_the_share_is_positive_if_proponents_lead_the_majority():
    found = proponents(["USA", "FRA", "USA NGA", "GBR", "NGA", ""])
    assert found.theta == pytest.approx(4 / 6 - 0.5)
    assert (found.n, found.events, found.details["unknown"]) == (6, 4, 1)
    assert found.lower < found.theta < found.upper
    assert (found.details["led_usa"], found.details["every_lead"]) == (pytest.approx(2 / 6), pytest.approx(3 / 6))
    assert proponents(["NGA"] * 6).theta == -0.5


@pytest.mark.parametrize(("spec", "events", "n"), [
    ({"led": "every-lead"}, 3, 6), ({"unknown_lead": "dropped"}, 4, 5), ({"proponents": "united-states"}, 2, 6), ({"since": 1991}, 3, 5), ({"led": "any-member"}, 4, 6),
    ({"led": "any-member", "unknown_lead": "dropped"}, 4, 5), ({"proponents": "named"}, 4, 6),
])  # fmt: skip
def test_proponents_are_counted_as_asked(spec, events, n):
    found = proponents(["USA", "FRA", "USA NGA", "GBR", "NGA", ""], **spec)
    assert (found.events, found.n) == (events, n)


def test_too_few_launches_come_with_the_reason():
    assert proponents(["USA"] * 4).reason == "fewer than five launches (4)"


def test_details_are_left_out_if_not_asked_for():
    assert "led_usa" not in proponents(["USA"] * 6, {"details": False}).details


# ---- european-led

EUROPEAN = {"scope": "broad", "base_from": 1999, "later_from": "2022-03-21", "europeans": "eu", "european_lead": "every-lead", "european_per": "year", "chains": "merged"}
STARTS = ["1999-01-01", "2010-06-01", "2022-03-20", "2022-03-21", "2023-01-01", "2024-01-01"]


def european(states, starts=STARTS, **spec):
    return estimate("european_rate_ratio", EUROPEAN | spec, operations=coalitions(starts), memberships=leads(*states), organisation_members=ORGANISATIONS, states=STATES)


def test_the_ratio_is_positive_if_european_led_launches_become_more_frequent():
    found = european(["FRA"] * 6)
    assert found.theta == pytest.approx(np.log((3 / 1563) / (3 / 8480)))
    assert found.lower < found.theta < found.upper
    assert found.details["later"] == ["a03", "a04", "a05"]
    assert european(["FRA"] * 6, european_per="launch").theta == pytest.approx(0)


def test_who_is_european_and_who_leads_are_as_asked():
    states = ["GBR", "GBR", "GBR", "FRA USA", "FRA", "GBR"]
    assert [european(states, europeans=e).events for e in ("eu", "eu-and-neighbours", "eu-or-nato")] == [3, 5, 3]
    assert european(states, european_lead="any-lead").events == 4


def test_a_period_without_a_launch_gives_one_limit_in_the_details_and_the_reason():
    found = european(["FRA", "FRA", "FRA", "USA", "USA", "USA"])
    assert found.reason == "a period has no European-led launch (3 before 2022-03-21, 0 since)"
    assert (found.details["rate_ratio"], found.details["launches_before"], found.details["expected_after"]) == (0, 3, pytest.approx(3 * 1563 / 8480))
    assert found.details["rate_ratio_upper"] > 1
    assert european(["USA"] * 3 + ["FRA"] * 3).details["rate_ratio_upper"] is None


def test_no_european_led_launch_at_all_or_a_period_of_no_length_comes_with_the_reason():
    assert european(["USA"] * 6).reason == "no European-led launch, or none of any AHC in a period (0 and 3 before 2022-03-21)"
    assert "has no length" in european(["FRA"] * 6, base_from=2023).reason


# ---- gridlock

GRIDLOCK = {"scope": "broad", "since": 1945, "family": "poisson", "lag_years": 1, "drafts": "all", "trend": "none"}


def gridlock(vetoed=True, settings=None, **spec):
    """Ten theatres with vetoed drafts now and then (a third on no crisis); in the year after each a theatre has as many launches, and now and then one without."""
    rng = np.random.default_rng(7)
    vetoes, starts = [], []
    for year in range(1946, 2026):
        for place in range(10):
            drafts = int(rng.poisson(0.15))
            vetoes += [(f"veto-{year}-01-01-{place}{i}-suhh", f"{year}-01-01", f"T{place}") for i in range(drafts)]
            vetoes += [(f"veto-{year}-02-01-{place}{i}-suhh", f"{year}-02-01", "") for i in range(int(rng.random() < 0.03))]
            starts += [(f"{year + 1}-05-01", f"T{place}")] * (drafts + int(rng.random() < 0.1))
    frame = coalitions([day for day, _ in starts], theatre=[place for _, place in starts])
    years = pd.DataFrame({"scope": "broad", "year": range(1945, 2027)}).assign(exposure_years=lambda t: np.where(t["year"] == 2026, 0.5, 1.0))
    years["ahc_launches"] = years["year"].map(frame["start"].dt.year.value_counts()).fillna(0).astype(int)
    table = pd.DataFrame(vetoes, columns=["veto_id", "date", "theatre"]).iloc[: None if vetoed else 0]
    return estimate("veto_rate_ratio", GRIDLOCK | spec, settings, operations=frame, system_years=years, vetoes=table)


@pytest.mark.parametrize("drafts", ["all", "crisis", "own-theatre"])
@pytest.mark.parametrize("trend", ["none", "linear"])
def test_the_ratio_is_positive_if_launches_follow_vetoes(drafts, trend):
    found = gridlock(drafts=drafts, trend=trend)
    assert found.lower > 0
    assert found.details["rate_ratio"] == pytest.approx(np.exp(found.theta))
    assert gridlock(drafts=drafts, trend=trend, lag_years=0).theta < found.theta


def test_the_years_of_a_series_depend_on_the_lag():
    assert [gridlock(lag_years=lag).n for lag in (0, 1, 2)] == [80, 80, 79]
    assert gridlock(since=2000).n == 27


def test_theatre_years_have_no_negative_binomial_and_no_vetoes_no_ratio():
    assert gridlock(drafts="own-theatre", family="negative-binomial").reason.startswith("theatre-years have a constant")
    assert gridlock(vetoed=False).reason == "no vetoed draft in the years of the series"
    assert gridlock(vetoed=False, drafts="own-theatre").reason == "no vetoed draft in the years of the series"


def test_vetoes_on_too_few_theatres_come_with_the_reason():
    assert gridlock(drafts="own-theatre", since=2025).reason == "vetoes on 1 of the theatres with launches: too few for a variance by theatre"


# ---- legal-ambiguity

LEGAL = {"scope": "broad", "unclear": "either-declaration", "silent": "dropped", "since": 1945, "chains": "merged"}


def legal(bases, documents, **spec):
    frame = coalitions([f"{1990 + i}-01-01" for i in range(len(bases))], legal_basis=bases, founding_document=documents)
    return estimate("unclear_share", LEGAL | spec, operations=frame)


def test_the_share_is_positive_if_most_mandates_are_unclear_and_has_its_bounds():
    found = legal(["contested", "unsc", "unsc", None, "treaty", "contested", "unsc"], ["mou", "declaration", "none", "treaty", "treaty", "none", None])
    assert found.theta == pytest.approx(4 / 5 - 0.5)
    assert (found.n, found.events, found.details["left_out"]) == (5, 4, 2)
    assert (found.details["share_least"], found.details["share_most"]) == (pytest.approx(4 / 7), pytest.approx(6 / 7))
    assert found.records == ["a00", "a01", "a02", "a04", "a05"]


def test_a_silent_register_gives_nothing_or_what_silence_is_taken_for():
    bases = [None] * 6
    assert legal(bases, bases).reason == "fewer than five AHCs with a known mandate (0)"
    assert legal(bases, bases, silent="unclear").theta == 0.5
    assert legal(bases, bases, silent="clear").theta == -0.5


# ---- task-specific

TASKS = {"scope": "broad", "comparator": "un", "task_grouping": "listed", "multidimensional": "kept", "task_adjust": "none", "chains": "merged"}


def tasks(ahc, un, regional=(), **spec):
    names = ["interposition", "verification", "disarmament", "policing", "rule-of-law"]
    rows = [(kind, "+".join(names[:n]) if n else None) for kind, group in (("ahc", ahc), ("un", un), ("regional", regional)) for n in group]
    frame = pd.DataFrame(rows, columns=["arrangement", "tasks"])
    frame = frame.assign(
        spell_id=[f"s{i:02d}" for i in range(len(frame))], theatre=[f"T{i}" for i in range(len(frame))], domain="land", multidimensional=(frame["tasks"].str.count(r"\+") == 4).astype(int),
        start=pd.to_datetime([f"{1980 + 3 * i}-01-01" for i in range(len(frame))]), duration_days=100, scope_broad=1,
    )  # fmt: skip
    return estimate("task_ratio", TASKS | spec, spells=frame)


def test_the_ratio_is_positive_if_coalitions_have_fewer_tasks():
    found = tasks([1, 2, 1, 2, 1, 1], [3, 4, 5, 3, 4, 2])
    assert found.theta == pytest.approx(np.log(21 / 8))
    assert found.details["ratio"] == pytest.approx(8 / 21)
    assert found.lower > 0
    assert tasks([3, 4, 5, 3, 4, 2], [1, 2, 1, 2, 1, 1]).theta == pytest.approx(-found.theta)


def test_multidimensional_operations_are_dropped_and_mandates_without_a_task_counted():
    assert tasks([1, 2, 1, 2, 1, 1], [3, 4, 5, 3, 4, 2], multidimensional="dropped").n == 11
    found = tasks([1, 2, 1, 2, 1, 1, 0], [3, 4, 5, 3, 4, 2], [1, 1], comparator="both")
    assert (found.n, found.details["without_tasks"]) == (14, 1)


def test_tasks_of_too_few_operations_come_with_the_reason():
    assert tasks([1, 2, 1, 2], [3, 4, 5, 3, 4, 2]).reason == "fewer than five operations in a group (4 AHC, 6 comparator)"


# ---- transitions

TRANSITIONS = {"scope": "broad", "transition": "handed-over", "comparator": "both", "since": 1945, "chains": "merged"}


def moves(*pairs, n=3, **spec):
    """Each pair is a type that is handed over to another, ten years after the one before it; `n` coalitions more end with nothing after them."""
    rows, number = [], 0
    for old, new in pairs:
        for kind, start, heir in ((old, 0, f"o{number + 1:02d}"), (new, 101, None)):
            rows.append((f"o{number:02d}", kind, pd.Timestamp(1960 + 10 * (number // 2), 1, 1) + pd.Timedelta(days=start), f"T{number // 2}", heir))
            number += 1
    rows += [(f"x{i}", "ahc", pd.Timestamp(2020, 1, 1), f"X{i}", None) for i in range(n)]
    frame = pd.DataFrame(rows, columns=["operation_id", "arrangement", "start", "theatre", "successor_id"])
    frame = coalitions(frame["start"]).assign(**{name: frame[name] for name in frame}, chain_id=frame["operation_id"], theatres=frame["theatre"])
    frame["ended_how"] = np.where(frame["successor_id"].notna(), "handed-over", "completed")
    spells = frame.assign(spell_id=frame["operation_id"], operation_ids=frame["operation_id"], ended=1)
    return estimate("transition_share", TRANSITIONS | spec, operations=frame, spells=spells)


def test_the_fact_holds_if_there_is_a_transition_in_each_direction():
    both, one = moves(("ahc", "un"), ("regional", "ahc")), moves(("ahc", "un"), ("un", "un"))
    assert (both.holds, both.theta, both.events, both.n) == (True, pytest.approx(2 / 7), 2, 7)
    assert (both.details["to_organisation"], both.details["from_organisation"], both.p) == (1, 1, None)
    assert (one.holds, one.events) == (False, 1)
    assert both.records == ["o00", "o01", "o02", "o03", "x0", "x1", "x2"]  # every end: one that no transition followed makes the share as well


def test_organisations_kinds_of_transition_and_years_are_those_asked_for():
    pairs = (("ahc", "un"), ("regional", "ahc"), ("ahc", "regional"))
    assert [moves(*pairs, comparator=c).events for c in ("un", "regional", "both")] == [1, 2, 3]
    assert moves(*pairs, since=1975).events == 1
    assert moves(*pairs, transition="next-in-theatre").events == 3


def test_fewer_than_five_ends_come_with_the_reason_and_no_fact():
    found = moves(("ahc", "un"), n=0)
    assert (found.reason, found.holds) == ("fewer than five ends (2)", None)


# ---- all


def test_every_estimand_declares_what_it_reads():
    assert set(ESTIMANDS_MANDATES) <= set(catalogue.ESTIMANDS)
    assert all(getattr(estimands_mandates, name) is function for name, function in ESTIMANDS_MANDATES.items())


@pytest.mark.parametrize("name", ["proponent_share", "european_rate_ratio"])
def test_estimates_do_not_depend_on_the_order_of_rows(name):
    frame, spec = coalitions(STARTS), PROPONENTS if name == "proponent_share" else EUROPEAN
    memberships = leads("FRA", "USA", "FRA GBR", "FRA", "NGA", "GBR")
    there, back = (
        estimate(name, spec, operations=f, memberships=m, organisation_members=ORGANISATIONS, states=STATES)
        for f, m in ((frame, memberships), (frame.iloc[::-1], memberships.sample(frac=1, random_state=3)))
    )
    assert there.as_dict() == back.as_dict()
