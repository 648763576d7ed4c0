"""What follows an arrangement, on a register made by hand."""

import io

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import gaptimes, proportions, sequels, transitions
from coalitions.survival import NotEstimable
from coalitions.transitions import CHANGE, HANDED, NEXT, NOBODY, OUTSIDE, SHARE, UNKNOWN

CUTOFF = pd.Timestamp("2020-12-31")
# old-1985 is renamed new-1987, which is handed over to blue-1989; lone-1995 to nothing in the register; watch-2016 follows quiet-2015 after a year; late-2018 ends too late to tell.
OPERATIONS = """
operation_id,arrangement,start,end,status,ended_how,predecessor_id,successor_id,deployed,theatre,theatres,chain_id,scope_strict,scope_broad
old-1985,ahc,1985-01-01,1986-12-31,ended,renamed,,,1,AAA,AAA,old-1985,1,1
new-1987,ahc,1987-01-01,1989-03-31,ended,handed-over,old-1985,blue-1989,1,AAA,AAA+BBB,old-1985,0,1
blue-1989,un,1989-03-01,1999-12-31,ended,completed,,,1,AAA,AAA,blue-1989,1,1
lone-1995,ahc,1995-01-01,1996-01-01,ended,handed-over,,,1,CCC,CCC,lone-1995,1,1
quiet-2015,regional,2015-01-01,2015-06-30,ended,completed,,,1,BBB,BBB,quiet-2015,1,1
watch-2016,ahc,2016-06-30,2017-12-31,ended,completed,,green-2018,1,BBB,BBB,watch-2016,1,1
green-2018,regional,2018-01-01,,ongoing,,,,1,BBB,BBB,green-2018,1,1
late-2018,ahc,2018-01-01,2019-12-31,ended,withdrawn,,,1,DDD,DDD,late-2018,1,1
paper-2019,ahc,,,never-deployed,,,blue-1989,0,DDD,DDD,paper-2019,0,1
lost-2000,un,2000-05-01,,unknown,,,,1,AAA,AAA,lost-2000,1,1
"""
SCOPES = ["strict", "broad"]


@pytest.fixture
def operations() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(OPERATIONS.strip()))


@pytest.fixture
def table(operations) -> pd.DataFrame:
    return transitions.transitions_table(operations, SCOPES, CUTOFF, draws=99)


def line(frame: pd.DataFrame, **named) -> pd.Series:
    for name, value in {key.rstrip("_"): value for key, value in named.items()}.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def followers(ends: pd.DataFrame) -> dict:
    return dict(zip(ends["unit"], zip(ends["from"], ends["to"], strict=True), strict=True))


# ---- Ends ----------------------------------------------------------------------------------------------------------------------------------------------------------


def test_handed_over_ends_are_those_with_a_successor_a_younger_name_or_a_word_for_it(operations):
    single = transitions.handed_over(operations, CUTOFF, merge=False)
    assert followers(single) == {"lone-1995": ("ahc", OUTSIDE), "new-1987": ("ahc", "un"), "old-1985": ("ahc", "ahc"), "watch-2016": ("ahc", "regional")}
    merged = transitions.handed_over(operations, CUTOFF)
    assert followers(merged) == {"lone-1995": ("ahc", OUTSIDE), "old-1985": ("ahc", "un"), "watch-2016": ("ahc", "regional")}
    assert merged.set_index("unit").loc["old-1985", ["operation_ids", "end", "next"]].tolist() == ["new-1987+old-1985", pd.Timestamp("1989-03-31"), "blue-1989"]


def test_a_successor_that_never_deployed_or_an_end_after_the_cut_off_is_none(operations):
    other = operations.assign(deployed=operations["deployed"].where(operations["operation_id"] != "green-2018", 0))
    assert "watch-2016" not in set(transitions.handed_over(other, CUTOFF)["unit"])  # it was completed; nobody is at work after it
    assert set(transitions.handed_over(operations, "1988-01-01", merge=False)["unit"]) == {"old-1985"}


def test_the_next_in_the_theatre_starts_within_two_years_or_nobody_does(operations):
    found = followers(transitions.next_in_theatre(operations, CUTOFF))
    assert found == {
        "old-1985": ("ahc", "un"),  # the hand-over successor was there a month before
        "blue-1989": ("un", "un"),
        "lone-1995": ("ahc", NOBODY),
        "quiet-2015": ("regional", "ahc"),
        "watch-2016": ("ahc", "regional"),
        "late-2018": ("ahc", UNKNOWN),
    }
    single = followers(transitions.next_in_theatre(operations, CUTOFF, merge=False))
    assert single == {name: pair for name, pair in found.items() if name != "old-1985"} | {"old-1985": ("ahc", "ahc"), "new-1987": ("ahc", "un")}


def test_an_end_observed_for_two_years_less_a_day_is_in_no_share(operations):
    day = pd.Timestamp("2015-06-30") + pd.Timedelta(days=round(2 * 365.25))
    assert followers(transitions.next_in_theatre(operations, day))["quiet-2015"] == ("regional", "ahc")
    assert followers(transitions.next_in_theatre(operations, day - pd.Timedelta(days=1)))["quiet-2015"] == ("regional", UNKNOWN)


def test_a_start_after_two_years_is_nobody(operations):
    later = operations.assign(start=operations["start"].where(operations["operation_id"] != "watch-2016", "2017-07-05"))
    assert followers(transitions.next_in_theatre(later, CUTOFF))["quiet-2015"] == ("regional", NOBODY)


def test_ends_and_followers_are_those_of_the_gaps_in_theatres(operations):
    pool = operations[operations["deployed"] == 1]
    gaps = gaptimes.gaps_in(sequels.theatre_layout(pool), pool, CUTOFF)
    theirs = sequels.counted(gaps, pool, pool["scope_broad"] == 1).set_index("chain_id")
    ours = transitions.next_in_theatre(operations, CUTOFF).set_index("unit")
    assert sorted(ours.index) == sorted(theirs.index)
    followed = ours[~ours["to"].isin([NOBODY, UNKNOWN])]
    assert (followed["next"] == theirs.loc[followed.index, "next_operation_ids"]).all()
    assert (followed["to"] == theirs.loc[followed.index, "next_arrangement"]).all()


def test_bad_panels_are_refused_by_name(operations):
    with pytest.raises(transitions.TransitionInputError, match="no column ended_how, chain_id"):
        transitions.handed_over(operations.drop(columns=["ended_how", "chain_id"]), CUTOFF)
    with pytest.raises(transitions.TransitionInputError, match="old-1985 occurs twice"):
        transitions.next_in_theatre(pd.concat([operations, operations.head(1)]), CUTOFF)
    with pytest.raises(transitions.TransitionInputError, match="blue-1989 is of no known type: 'alliance'"):
        transitions.handed_over(operations.assign(arrangement="alliance"), CUTOFF)


# ---- Shares --------------------------------------------------------------------------------------------------------------------------------------------------------


def test_every_cell_of_every_matrix_has_a_line_with_a_share_or_a_reason(table):
    assert list(table) == transitions.COLUMNS
    periods = ("all", *transitions.period_names())
    assert periods == ("all", "to 1989", "1990-2013", "from 2014")
    cells = len(SCOPES) * 2 * len(periods) * 3
    shares = table[table["model"] == SHARE]
    assert len(shares) == cells * (4 + 5)
    assert not shares.duplicated(["scope", "chains", "period", "kind", "from", "to"]).any()
    assert (shares["share"].isna() == shares["reason"].notna()).all()
    sums = shares[shares["share"].notna()].groupby(["scope", "chains", "period", "kind", "from"])[["n", "share"]].sum()
    rows = shares[shares["share"].notna()].groupby(["scope", "chains", "period", "kind", "from"])["row_n"].first()
    assert_allclose(sums["share"], 1)
    assert (sums["n"] == rows).all()
    known = shares[shares["share"].notna()]
    assert ((known["lower"] <= known["share"] + 1e-12) & (known["share"] <= known["upper"] + 1e-12)).all()


def test_shares_are_of_the_ends_of_the_type_in_the_period(table):
    cell = line(table, model=SHARE, scope="strict", chains="merged", period="all", kind=HANDED, from_="ahc", to="un")
    assert (cell["n"], cell["row_n"]) == (1, 3)
    assert_allclose((cell["share"], cell["lower"], cell["upper"]), (1 / 3, *proportions.wilson_limits(1, 3)))
    early = line(table, model=SHARE, scope="strict", chains="merged", period="to 1989", kind=HANDED, from_="ahc", to="un")
    assert (early["n"], early["row_n"], early["share"]) == (1, 1, 1)
    none = line(table, model=SHARE, scope="strict", chains="merged", period="to 1989", kind=NEXT, from_="regional", to=NOBODY)
    assert (none["row_n"], none["reason"]) == (0, "no such end")
    late = line(table, model=SHARE, scope="strict", chains="single", period="from 2014", kind=NEXT, from_="ahc", to=UNKNOWN)
    assert (late["n"], late["row_n"]) == (1, 1)


def test_a_chain_is_in_a_scope_if_one_of_its_names_is(table):
    arguments = {"model": SHARE, "period": "all", "kind": HANDED, "from_": "ahc", "to": "un"}
    assert line(table, scope="strict", chains="merged", **arguments)["n"] == 1
    assert line(table, scope="strict", chains="single", **arguments)["n"] == 0  # new-1987 by itself is not
    assert line(table, scope="broad", chains="single", **arguments)["n"] == 1


def test_limits_of_a_share_are_those_of_wilson():
    assert_allclose(proportions.wilson_limits(8, 10), (0.4901624715, 0.9433178485), rtol=1e-8)  # binom::binom.wilson
    assert proportions.wilson_limits(0, 5)[0] == 0
    assert proportions.wilson_limits(5, 5)[1] == 1
    lower, upper = proportions.wilson_limits(3, 20, 0.9)
    for limit in (lower, upper):
        assert_allclose(abs(3 / 20 - limit) / np.sqrt(limit * (1 - limit) / 20), 1.6448536269514722)


# ---- Change --------------------------------------------------------------------------------------------------------------------------------------------------------


def test_the_statistic_is_pearsons_and_p_is_close_to_the_exact_one():
    period, to = np.repeat(["a", "b"], [8, 7]), np.array(["x"] * 7 + ["y"] + ["x"] * 2 + ["y"] * 5)
    found = transitions.change(period, to, 20_000, np.random.default_rng(1))
    assert_allclose((found["statistic"], found["df"]), (15 * (7 * 5 - 1 * 2) ** 2 / (8 * 7 * 9 * 6), 1))
    assert_allclose(found["p"], 0.0405594, atol=0.005)  # Fisher's exact test: hypergeometric, two-sided


def test_p_is_one_if_every_permutation_is_as_extreme_and_never_zero():
    assert transitions.change(["a", "b"], ["x", "y"], 50, np.random.default_rng(1))["p"] == 1
    period = np.repeat(["a", "b"], 30)
    assert transitions.change(period, period, 99, np.random.default_rng(1))["p"] == 1 / 100


@pytest.mark.parametrize(
    ("period", "to", "reason"), [([], [], "no such end"), (["a", "a"], ["x", "y"], "all ends are of one period"), (["a", "b"], ["x", "x"], "the same follows every end")]
)  # fmt: skip
def test_a_change_that_cannot_be_tested_has_its_reason(period, to, reason):
    assert transitions.change(period, to, 10, np.random.default_rng(1)) == NotEstimable(reason)


def test_there_is_a_test_or_a_reason_for_every_type_that_ended(table):
    tests = table[table["model"] == CHANGE]
    assert len(tests) == len(SCOPES) * 2 * 2 * 3
    assert (tests["p"].isna() == tests["reason"].notna()).all()
    assert line(tests, scope="strict", chains="merged", kind=HANDED, from_="un")["reason"] == "no such end"
    tested = line(tests, scope="strict", chains="merged", kind=HANDED, from_="ahc")
    assert (tested["n"], tested["df"], tested["draws"]) == (3, 4, 99)
    assert tested["p"] == 1  # three ends in three periods, each followed by something else


# ---- All -----------------------------------------------------------------------------------------------------------------------------------------------------------


def test_the_table_does_not_depend_on_the_order_of_rows_nor_on_other_scopes(operations, table):
    other = transitions.estimates(operations.sample(frac=1, random_state=5), SCOPES, CUTOFF, draws=99)["transitions"]
    pd.testing.assert_frame_equal(other, table)
    alone = transitions.transitions_table(operations, ["strict"], CUTOFF, draws=99)
    pd.testing.assert_frame_equal(alone, table[table["scope"] == "strict"].reset_index(drop=True))


def test_a_register_without_ends_gives_reasons_only(operations):
    for frame in (operations.head(0), operations.assign(status="ongoing", end=None)):
        found = transitions.transitions_table(frame, SCOPES, CUTOFF, draws=9)
        assert found["n"].sum() == 0
        assert found["reason"].notna().all()


def test_the_panel_of_the_tiny_register_is_read_as_it_is(panels, cutoff):
    found = transitions.estimates(panels["operations"], ["strict", "broad"], cutoff, draws=9)["transitions"]
    arguments = {"model": SHARE, "scope": "broad", "period": "all", "kind": HANDED}
    assert line(found, chains="single", from_="ahc", to="ahc", **arguments)["n"] == 1
    assert line(found, chains="merged", from_="ahc", to="ahc", **arguments)["n"] == 0
    assert line(found, chains="merged", from_="un", to="regional", **arguments)["n"] == 1
