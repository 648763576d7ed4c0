"""Gap-times on a table made by hand."""

import io

import numpy as np
import pandas as pd
import pytest

from coalitions import gaptimes

CUTOFF = "2020-12-31"
OPERATIONS = """
operation_id,chain_id,arrangement,start,end,status,successor_id,deployed
first-2000,first-2000,ahc,2000-01-01,2001-12-31,ended,blue-2001,1
blue-2001,blue-2001,un,2001-12-01,2005-06-30,ended,,1
watch-2003,watch-2003,regional,2003-01-01,,ongoing,,1
old-2006,old-2006,ahc,2006-06-30,2008-01-01,ended,,1
new-2008,old-2006,ahc,2008-01-02,2010-03-31,ended,heir-2010,1
same-day-2010,same-day-2010,ahc,2010-03-31,2010-05-01,ended,,1
heir-2010,heir-2010,regional,2010-03-31,2020-12-31,ended,,1
lost-2012,lost-2012,ahc,2012-02-01,,unknown,,1
paper-2015,paper-2015,ahc,,,never-deployed,,0
future-2021,future-2021,un,2021-03-01,,ongoing,,1
"""
PLACES = """
operation_id,theatre,primary
first-2000,AAA,1
first-2000,BBB,0
blue-2001,AAA,1
watch-2003,AAA,1
old-2006,AAA,1
new-2008,AAA,1
same-day-2010,AAA,1
heir-2010,AAA,1
lost-2012,AAA,1
paper-2015,AAA,1
future-2021,AAA,1
"""


@pytest.fixture
def operations() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(OPERATIONS.strip()))


@pytest.fixture
def places() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(PLACES.strip()))


def row(table: pd.DataFrame, chain: str, theatre: str = "AAA") -> pd.Series:
    return table[(table["chain_id"] == chain) & (table["theatre"] == theatre)].squeeze()


def test_names_of_a_chain_are_one_presence(operations, places):
    there = row(gaptimes.presences(operations, places, CUTOFF), "old-2006")
    assert (there["operation_ids"], there["start"], there["end"], there["successors"]) == ("old-2006+new-2008", pd.Timestamp("2006-06-30"), pd.Timestamp("2010-03-31"), "heir-2010")


def test_every_end_has_a_row_and_nothing_else_has(operations, places):
    table = gaptimes.gaps(operations, places, CUTOFF)
    assert table["chain_id"].tolist() == ["first-2000", "blue-2001", "old-2006", "same-day-2010", "heir-2010", "first-2000"]
    assert table["theatre"].tolist() == ["AAA"] * 5 + ["BBB"]


def test_a_successor_that_was_there_before_the_end_follows_at_once(operations, places):
    gap = row(gaptimes.gaps(operations, places, CUTOFF), "first-2000")
    assert (gap["gap_days"], gap["followed"], gap["next_chain_id"], gap["next_arrangement"]) == (1, 1, "blue-2001", "un")
    assert (gap["handed_over"], gap["overlap_days"], gap["n_still_there"]) == (1, 30, 0)


def test_the_next_start_is_that_of_no_one_who_is_there_already(operations, places):
    gap = row(gaptimes.gaps(operations, places, CUTOFF), "blue-2001")
    assert (gap["gap_days"], gap["next_chain_id"], gap["next_operation_ids"]) == (365, "old-2006", "old-2006+new-2008")
    assert (gap["handed_over"], gap["n_still_there"]) == (0, 1)  # the watch


def test_on_one_day_a_successor_comes_before_others(operations, places):
    gap = row(gaptimes.gaps(operations, places, CUTOFF), "old-2006")
    assert (gap["gap_days"], gap["next_chain_id"], gap["handed_over"], gap["overlap_days"], gap["n_still_there"]) == (1, "heir-2010", 1, 0, 2)


def test_a_successor_can_be_passed_over(operations, places):
    table = gaptimes.gaps(operations, places, CUTOFF, handovers=False)
    assert table["handed_over"].eq(0).all()
    assert row(table, "old-2006")["next_chain_id"] == "same-day-2010"
    first = row(table, "first-2000")
    assert (first["next_chain_id"], first["gap_days"]) == ("watch-2003", 366)


def test_an_unknown_end_is_a_start_but_no_end(operations, places):
    gap = row(gaptimes.gaps(operations, places, CUTOFF), "same-day-2010")
    assert (gap["next_chain_id"], gap["gap_days"]) == ("lost-2012", (pd.Timestamp("2012-02-01") - pd.Timestamp("2010-05-01")).days)


def test_without_a_next_start_the_gap_is_censored_at_the_cut_off(operations, places):
    table = gaptimes.gaps(operations, places, CUTOFF)
    elsewhere = row(table, "first-2000", "BBB")
    assert (elsewhere["gap_days"], elsewhere["followed"], elsewhere["next_chain_id"]) == ((pd.Timestamp(CUTOFF) - pd.Timestamp("2001-12-31")).days, 0, None) or pd.isna(
        elsewhere["next_chain_id"]
    )
    last = row(table, "heir-2010")
    assert (last["gap_days"], last["followed"], last["n_still_there"]) == (0, 0, 1)  # the start of 2021 lies behind the cut-off
    assert row(gaptimes.gaps(operations, places, "2021-06-30"), "heir-2010")["gap_days"] == 60


def test_only_primary_theatres(operations, places):
    assert gaptimes.gaps(operations, places.astype(str), CUTOFF, primary=True)["theatre"].unique().tolist() == ["AAA"]


def test_transitions_count_every_end_once(operations, places):
    table = gaptimes.gaps(operations, places, CUTOFF)
    matrix = gaptimes.transitions(table).set_index(["arrangement", "next_arrangement"])
    assert matrix["n"].sum() == len(table)
    assert matrix.loc["ahc", "n"].to_dict() == {"ahc": 1, "regional": 1, "un": 1, "none": 1}
    assert matrix.loc[("ahc", "un"), "share"] == 0.25
    within = gaptimes.transitions(table, within_days=365).set_index(["arrangement", "next_arrangement"])["n"]
    assert within["ahc"].to_dict() == {"ahc": 0, "regional": 1, "un": 1, "none": 2}
    assert within["regional"].sum() == 0  # not observed for a year


def test_recurrence_is_one_minus_kaplan_meier_of_the_gap(operations, places):
    table = gaptimes.gaps(operations, places, CUTOFF)
    result = gaptimes.recurrence(table, years=(1, 5, 30)).set_index(["arrangement", "years"])
    assert result.loc[("ahc", 1), ["n", "events", "n_at_risk", "n_clusters"]].tolist() == [4, 3, 2, 2]
    assert result.loc["ahc", "recurrence"].tolist()[:2] == pytest.approx([0.5, 0.75])
    assert np.isnan(result.loc[("ahc", 30), "recurrence"])
    assert "regional" not in result.index  # its only end is on the cut-off
    assert (result["ci_lower"] <= result["recurrence"])[result["ci_lower"].notna()].all()


def test_no_ends_no_rows(operations, places):
    running = operations.assign(status="ongoing")
    table = gaptimes.gaps(running, places, CUTOFF)
    assert len(table) == 0
    assert len(gaptimes.recurrence(table)) == 0
    assert len(gaptimes.gaps(operations[operations["deployed"] == 0], places, CUTOFF)) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda o, p: (o.drop(columns="status"), p), "spells has no column status"),
        (lambda o, p: (pd.concat([o, o.head(1)]), p), "first-2000 occurs twice"),
        (lambda o, p: (o.assign(start=None), p), "has no start"),
        (lambda o, p: (o.assign(end="1999-01-01"), p), "ends before it starts"),
        (lambda o, p: (o, pd.concat([p, p.head(1)])), "theatre twice"),
        (lambda o, p: (o, p[p["operation_id"] != "watch-2003"]), "watch-2003 has no theatre"),
    ],
)
def test_what_cannot_be_right_is_refused(operations, places, change, message):
    with pytest.raises(gaptimes.GapInputError, match=message):
        gaptimes.gaps(*change(operations, places), CUTOFF)
