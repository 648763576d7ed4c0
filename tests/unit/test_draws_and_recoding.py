"""Uncertain dates are drawn within their bounds; the second coder's values take the place of the first's."""

import numpy as np
import pandas as pd
import pytest

from coalitions import build, draws, io, recoded
from coalitions.estimands import Panels


def published(frame: pd.DataFrame, days: tuple[str, ...], tmp_path) -> pd.DataFrame:
    io.write_table(frame, tmp_path / "table.csv")
    return io.read_table(tmp_path / "table.csv", dates=days)


@pytest.fixture
def drawn(panels, cutoff):
    return draws.redrawer(Panels(**{name: panels[name] for name in ("operations", "spells", "system_years")}), cutoff)(np.random.default_rng(1))


def test_a_drawn_day_lies_within_what_its_source_supports(panels, drawn, cutoff):
    known = panels["operations"]["start"].notna()
    before, after = panels["operations"][known], drawn.operations[known]
    assert (after["start"] >= before["start_earliest"]).all()
    assert (after["start"] <= before["start_latest"]).all()
    ended = before["end"].notna()
    assert (after["end"][ended] <= before["end_latest"][ended].clip(upper=cutoff)).all()
    assert (after["end"][ended] >= after["start"][ended]).all()


def test_what_is_known_to_the_day_does_not_move(panels, drawn):
    exact = panels["operations"]["start_earliest"] == panels["operations"]["start_latest"]
    assert exact.any()
    assert (drawn.operations.loc[exact, "start"] == panels["operations"].loc[exact, "start"]).all()


def test_durations_follow_the_drawn_days(drawn):
    ended = drawn.spells[drawn.spells["ended"] == 1]
    assert ((ended["end"] - ended["start"]).dt.days + 1 == ended["duration_days"]).all()


def test_launches_are_counted_anew_and_none_is_lost(panels, drawn):
    for kind in ("ahc", "un", "regional"):
        assert drawn.system_years.groupby("scope")[f"{kind}_launches"].sum().equals(panels["system_years"].groupby("scope")[f"{kind}_launches"].sum())


def test_the_same_seed_gives_the_same_draw(panels, cutoff):
    one, two = (draws.redrawer(Panels(**{name: panels[name] for name in ("operations", "spells", "system_years")}), cutoff)(np.random.default_rng(7)).spells for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def coded(register, operation_id, **values):
    rows = [{"coder": "second-x", "operation_id": operation_id, "variable": name, "value": value, "coded_on": "2026-01-01"} for name, value in values.items()]
    register["codings"] = pd.DataFrame(rows, columns=register["codings"].columns)
    return recoded.second(register)["operations"].set_index("operation_id").loc[operation_id]


def test_the_second_value_takes_the_place_of_the_first(register):
    name = register["operations"]["operation_id"].iloc[0]
    before = register["operations"].iloc[0].copy()
    after = coded(register, name, start="2002-01", domain="air")
    assert (after["start"], after["domain"]) == ("2002-01", "air")
    assert after["name"] == before["name"]
    assert register["operations"].iloc[0]["domain"] == before["domain"]


def test_a_value_that_the_second_coder_did_not_find_stays(register):
    name = register["operations"]["operation_id"].iloc[0]
    start = register["operations"]["start"].iloc[0]
    assert coded(register, name, start="")["start"] == start


def test_an_end_without_a_status_is_not_taken_over(register):
    ended = register["operations"][register["operations"]["status"] == "ended"].iloc[0]
    after = coded(register, ended["operation_id"], status="ended", end="", ended_how="completed")
    assert after["end"] == ended["end"]


def both(register, operation_id, **values):
    """An operation as published after a first and a second coding of it: pairs of values by variable."""
    rows = [(coder, operation_id, name, value) for name, pair in values.items() for coder, value in zip(("first", "second-x"), pair, strict=True)]
    register["codings"] = pd.DataFrame(rows, columns=["coder", "operation_id", "variable", "value"]).assign(coded_on="2026-01-01")
    return recoded.second(register)["operations"].set_index("operation_id").loc[operation_id]


def test_what_both_coders_agreed_on_stays_as_a_later_source_has_it(register):
    published = register["operations"].iloc[0]
    after = both(register, published["operation_id"], start=("1999-01", "1999-01"), domain=("air", "maritime"), status=("unknown", "unknown"), end=("", ""))
    assert after["start"] == published["start"]
    assert after["domain"] == "maritime"
    assert (after["status"], after["end"]) == (published["status"], published["end"])


def test_how_a_case_ended_is_taken_as_a_whole_if_a_part_differs(register):
    ended = register["operations"][register["operations"]["status"] == "ended"].iloc[0]
    after = both(register, ended["operation_id"], status=("ended", "ended"), end=(ended["end"], ended["end"]), ended_how=("completed", "withdrawn"))
    assert (after["status"], after["end"], after["ended_how"]) == ("ended", ended["end"], "withdrawn")


def test_members_follow_the_start_that_the_second_coder_found(register, rules, cutoff):
    members = register["memberships"]
    name = members.loc[(members["joined"] == "") & (members["dates"] == "sourced"), "operation_id"].iloc[0]
    start = register["operations"].set_index("operation_id").at[name, "start"]
    earlier = f"{int(start[:4]) - 1}-03-05"
    both(register, name, start=(start, earlier))
    frame = build.all_panels(recoded.second(register), rules, 1985, cutoff)["memberships"]
    assert (frame.loc[frame["operation_id"] == name, "joined"] == pd.Timestamp(earlier)).any()


def test_panels_can_be_made_from_the_second_coding(register, rules, cutoff):
    name = register["operations"]["operation_id"].iloc[0]
    register["codings"] = pd.DataFrame(
        [{"coder": "second-x", "operation_id": name, "variable": "status", "value": "never-deployed", "coded_on": "2026-01-01"}], columns=register["codings"].columns
    )
    frame = build.all_panels(recoded.second(register), rules, 1985, cutoff)["operations"].set_index("operation_id")
    assert frame.loc[name, "deployed"] == 0
