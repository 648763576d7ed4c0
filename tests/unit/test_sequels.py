"""What follows an end: who counts, how often it is followed, and what cannot be said."""

import numpy as np
import pandas as pd
import pytest

from coalitions import sequels

CUTOFF = pd.Timestamp("2020-12-31")


def operations(n: int = 8) -> pd.DataFrame:
    """`n` coalitions that end in 2000 in theatres of their own; every second one is followed two years later by a UN operation that still works."""
    first = pd.DataFrame(
        {"operation_id": [f"ahc-{i}-1999" for i in range(n)], "arrangement": "ahc", "theatre": [f"T{i}" for i in range(n)], "start": "1999-01-01", "end": "2000-01-01"}
    )
    second = pd.DataFrame({"operation_id": [f"un-{i}-2002" for i in range(0, n, 2)], "arrangement": "un", "theatre": [f"T{i}" for i in range(0, n, 2)], "start": "2002-01-01"})
    frame = pd.concat([first, second], ignore_index=True)
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    return frame.assign(
        chain_id=frame["operation_id"], theatres=frame["theatre"], status=np.where(frame["end"].isna(), "ongoing", "ended"), successor_id=np.nan, deployed=1,
        scope_all=1, scope_first=(frame["arrangement"] == "ahc").astype(int),
    )  # fmt: skip


def test_half_are_followed_within_five_years_and_none_within_one():
    table = sequels.estimates(operations(10), ["all"], CUTOFF, [1, 5], 0.95)["recurrence"].set_index(["handovers", "arrangement", "within_years"])
    line = table.loc[("counted", "ahc", 5)]
    assert line["estimate"] == pytest.approx(0.5)
    assert line["lower"] < 0.5 < line["upper"]
    assert table.loc[("counted", "ahc", 1), "estimate"] == 0
    assert table.loc[("counted", "ahc", 1), "reason"] == "all or none are followed: no variance"


def test_a_group_without_ends_has_its_lines_with_the_reason():
    tables = sequels.estimates(operations(), ["all"], CUTOFF, [2, 5], 0.95)
    mute = tables["recurrence"].query("arrangement != 'ahc'")
    assert len(mute) == 2 * 2 * 2
    assert mute["estimate"].isna().all()
    assert mute["reason"].str.contains("fewer than five ends").all()
    assert set(tables["gap_curves"]["arrangement"]) == {"ahc"}


def test_a_scope_filters_the_ends_and_not_who_can_be_next():
    tables = sequels.estimates(operations(10), ["all", "first"], CUTOFF, [5], 0.95)["recurrence"].query("arrangement == 'ahc' and handovers == 'counted'")
    assert tables["estimate"].nunique() == 1


def test_a_successor_by_hand_over_is_passed_over_where_it_does_not_count():
    frame = operations(10)
    frame["successor_id"] = [f"un-{i}-2002" if i % 2 == 0 else np.nan for i in range(10)] + [np.nan] * 5
    table = sequels.estimates(frame, ["all"], CUTOFF, [5], 0.95)["recurrence"].query("arrangement == 'ahc'").set_index("handovers")
    assert table.loc["counted", "handed_over"] == 5
    assert table.loc["passed-over", "estimate"] == 0
