"""Figures of concurrent operations, duplication and the two crises at sea: they draw what the tables hold, and something for an empty table."""

import pandas as pd
import pytest

from coalitions import overlap
from coalitions.figures import duplication, theatres, waters

CUTOFF = pd.Timestamp("2026-06-30")
NAMES = {"FRA": "France", "USA": "United States"}


@pytest.fixture
def operations():
    rows = [
        ("watch-2019", "Watch", "ahc", "hormuz-gulf", "2019-11-07", None, "ongoing"), ("lost-2020", None, "ahc", "hormuz-gulf+AFG", "2020-01-30", None, "unknown"),
        ("un-1970", "UNX", "un", "AFG", "1970-01-01", "1990-01-01", "ended"), ("gone-1960", "GX", "un", "AFG", "1960-01-01", "1961-01-01", "ended"),
        ("paper-2020", "PX", "ahc", "AFG", None, None, "never-deployed"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["operation_id", "acronym", "arrangement", "theatres", "start", "end", "status"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    return frame.assign(name="A Name Of Several Words", deployed=frame["start"].notna().astype(int), scope_strict=1)


@pytest.fixture
def members():
    rows = [
        ("hormuz", "watch-2019", "Watch", "us-led", "USA", "lead", 0, 1, "2019-11-07", None, None), ("hormuz", "lost-2020", "Lost", "european-led", "FRA", "supporter", 1, 0, "2020-01-30", "2021-01-01", None),
        ("hormuz", "bare-2020", "Bare", "unknown", None, None, None, None, None, None, "members are not coded"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=overlap.COLUMNS["gulf_members"]).astype({"joined": "datetime64[ns]", "left": "datetime64[ns]"})
    return frame


def test_theatres_show_each_operation_in_each_of_its_places_once(operations):
    figure, shown = theatres.plot(operations, "strict", CUTOFF)
    assert sorted(zip(shown["panel"], shown["operation_id"], strict=True)) == [
        ("Afghanistan", "lost-2020"), ("Afghanistan", "un-1970"), ("Strait of Hormuz and the Gulf", "lost-2020"), ("Strait of Hormuz and the Gulf", "watch-2019"),
    ]  # fmt: skip
    assert not shown.duplicated(["panel", "lane", "start"]).any()
    assert len(figure.axes) == len(theatres.PANELS) == 10
    assert theatres.plot(operations.iloc[:0], "strict", CUTOFF)[1].empty


def test_waters_show_members_and_operations_without_them(members, operations):
    operations = pd.concat([operations, operations.iloc[[0]].assign(operation_id="bare-2020", start=pd.Timestamp("2020-05-01"))], ignore_index=True)
    _, shown = waters.plot(members, operations, NAMES, "hormuz", CUTOFF)
    assert shown["operation_id"].tolist() == ["watch-2019", "lost-2020", "bare-2020"]
    assert shown["state_name"].tolist()[:2] == ["United States", "France"]
    assert waters.plot(members, operations, NAMES, "red-sea", CUTOFF)[1].empty


def test_duplication_leaves_out_what_has_no_estimate():
    head = {"scope": "strict", "same_task": "strict", "arrangement": "ahc", "n": 9, "operation_months": 100.0, "se": 0.1, "excess": 0.1, "p": 0.5, "draws": 9, "reason": None}
    known = {"estimate": 0.5, "lower": 0.3, "upper": 0.7, "expected": 0.4, "expected_lower": 0.2, "expected_upper": 0.6}
    rows = [head | known | {"model": model, "decade": decade} for model in ("starts", "tasks") for decade in ("all", "1990")]
    rows.append(head | dict.fromkeys(known, float("nan")) | {"model": "starts", "decade": "1940", "reason": "fewer than five operations at work"})
    table = pd.DataFrame(rows)[overlap.COLUMNS["duplication"]]
    figure, shown = duplication.plot(table, "strict")
    assert [text.get_text() for text in figure.axes[3].get_xticklabels()] == ["90s", "all"]
    assert len(shown) == 5
    assert duplication.plot(table.iloc[:0], "strict")[1].empty
