"""What drives the spread of a multiverse: shares, choices that flip the verdict, what is not estimable, false discoveries."""

import itertools

import numpy as np
import pandas as pd
import pytest

from coalitions import spread
from coalitions.claims import specification_text


def multiverse(theta, dimensions: dict[str, list], verdicts=None, reasons=None) -> pd.DataFrame:
    """A claim's multiverse over all combinations of the dimensions."""
    specs = [dict(zip(dimensions, values, strict=True)) for values in itertools.product(*dimensions.values())]
    theta = np.array([theta(**spec) for spec in specs] if callable(theta) else theta, dtype=float)
    return pd.DataFrame({
        "claim": "growth", "specification": range(len(specs)), "dimensions": [specification_text(spec) for spec in specs], "primary": [1, *[0] * (len(specs) - 1)], "theta": theta,
        "lower": theta - 1, "upper": theta + 1, "verdict": verdicts or np.where(np.isnan(theta), "not-estimable", "inconclusive").tolist(), "reason": reasons or [None] * len(specs),
    })  # fmt: skip


DIMENSIONS = {"scope": ["strict", "broad"], "since": [1945, 1990, 2000], "later_from": ["2022-03-21", "2020-01-01"]}


def test_parsing_is_the_reverse_of_writing_a_specification():
    specs = [{"scope": "strict", "since": 1945, "pace_factor": 1.5, "later_from": "2022-03-21"}, {"scope": "as-scope", "since": 1990, "pace_factor": 2, "later_from": "a=b"}]
    found = spread.parsed(pd.Series([specification_text(spec) for spec in specs], index=[7, 3]))
    assert found.index.tolist() == [7, 3]
    assert found.to_dict("records") == [{name: str(value) for name, value in spec.items()} for spec in specs]


@pytest.mark.parametrize("text", ["", "strict", "scope=strict;since=1945; =2", "scope=strict; scope=broad"])
def test_a_text_that_is_no_specification_is_refused_by_name(text):
    with pytest.raises(ValueError, match=r"column dimensions: '.*' is no list of name=value"):
        spread.parsed(pd.Series(["scope=strict", text]))


def test_shares_order_ends_and_what_interacts():
    effect = {"strict": 0.0, "broad": 1.0, 1945: 0.0, 1990: 4.0, 2000: 2.0}
    table = spread.spread(multiverse(lambda scope, since, later_from: effect[scope] + effect[since], DIMENSIONS), list(DIMENSIONS))
    assert table["dimension"].tolist() == ["since", "scope", "later_from", "interactions"]
    between = np.array([(0 - 2) ** 2 + (4 - 2) ** 2 + 0, 3 * 0.25, 0.0, 0.0]) / np.array([3, 3, 1, 1])  # variances of the means of the values
    assert table["share"].tolist() == pytest.approx(between / between.sum())
    assert table.iloc[0][["lowest_value", "lowest_mean", "highest_value", "highest_mean", "n"]].tolist() == ["1945", 0.5, "1990", 4.5, 12]
    assert table.iloc[2][["lowest_value", "lowest_mean", "highest_value", "highest_mean"]].tolist() == [None, 2.5, None, 2.5]
    assert table["reason"].isna().all()


def test_a_pure_interaction_is_all_of_the_rest():
    table = spread.spread(multiverse(lambda one, other: one == other, {"one": ["a", "b"], "other": ["a", "b"]}), ["one", "other"])
    assert table["share"].tolist() == [0.0, 0.0, 1.0]
    assert not np.signbit(table["share"]).any()


def test_dimensions_that_always_change_together_share_equally():
    theta = np.where([one == other for one, other in itertools.product("ab", "ab")], [1, 0, 0, 3], np.nan).repeat(3) + np.tile([0, 0.1, 0.2], 4)
    table = spread.spread(multiverse(theta, {"one": ["a", "b"], "other": ["a", "b"], "third": ["x", "y", "z"]}), ["one", "other", "third"]).set_index("dimension")
    assert table.loc["one", "share"] == pytest.approx(table.loc["other", "share"])
    assert table.loc["one", "share"] == pytest.approx(0.5 / (1 + 0.02 / 3))  # of the variances 1 and 0.02 / 3
    assert table.loc["interactions", "share"] == pytest.approx(0, abs=1e-9)


def test_one_dimension_has_what_its_means_explain():
    theta = [1.0, 2.0, 4.0]
    rows = pd.concat([multiverse(theta, {"one": list("abc")}), multiverse([2.0, 2.0, 6.0], {"one": list("abc")})])
    table = spread.spread(rows, ["one"])
    means, total = np.array([1.5, 2, 5]), np.array([1, 2, 4, 2, 2, 6])
    assert table["share"].tolist() == pytest.approx([means.var() / total.var(), 1 - means.var() / total.var()])


def test_a_dimension_of_which_one_value_is_left_has_no_share_and_says_so():
    rows = multiverse(lambda one, other: np.nan if one == "b" else float(ord(other)), {"one": ["a", "b"], "other": ["x", "y", "z"]})
    rows = pd.concat([rows, rows.assign(theta=rows["theta"] + [0.1, -0.1, 0.2] * 2)])
    table = spread.spread(rows, ["one", "other"]).set_index("dimension")
    assert table.loc["one", ["share", "lowest_value", "highest_value", "n", "reason"]].tolist() == [0.0, "a", "a", 6, "a single value is left"]
    assert table.loc["other", "share"] > 0.9


@pytest.mark.parametrize(("theta", "reason"), [
    ([np.nan] * 4, "no specification has an estimate"), ([1, np.nan, np.nan, np.nan], "a single specification has an estimate"),
    ([0.3, 0.3, 0.3, 0.3 + 1e-12], "the estimate is the same in all 4 specifications"), ([1, 2, 3, np.nan], "3 specifications for 3 parameters of the additive model"),
])  # fmt: skip
def test_a_spread_without_shares_says_why(theta, reason):
    table = spread.spread(multiverse(theta, {"one": ["a", "b"], "other": ["a", "b"]}), ["one", "other"])
    assert table["dimension"].tolist() == ["one", "other", "interactions"]
    assert table["share"].isna().all()
    assert table["reason"].tolist() == [reason] * 3
    assert table["n"].tolist() == [np.isfinite(theta).sum()] * 3


def test_which_choice_flips_the_verdict():
    theta = [1, 2, -1, np.nan]
    rows = multiverse(theta, {"one": ["a", "b"], "other": ["x", "y"]}, ["supported", "inconclusive", "contradicted", "not-estimable"])
    found = spread.verdict_drivers(rows, ["one", "other"], sesoi=0.5)
    assert list(found) == spread.DRIVERS
    assert found[["dimension", "value", "specifications", "not_estimable"]].values.tolist() == [["one", "a", 2, 0], ["one", "b", 2, 1], ["other", "x", 2, 0], ["other", "y", 2, 1]]
    assert found["share_same_sign"].tolist() == [1, 0, 0.5, 1]
    assert found["share_same_verdict"].tolist() == [0.5, 0, 0.5, 0]
    assert found["mean_theta"].tolist() == [1.5, -1, 0, 2]
    fact = spread.verdict_drivers(rows, ["one"], sesoi=None)
    assert fact["share_same_sign"].tolist() == fact["share_same_verdict"].tolist() == [0.5, 0]


def test_nothing_agrees_with_a_primary_specification_that_is_not_estimable():
    found = spread.verdict_drivers(multiverse([np.nan, 1], {"one": ["a", "b"]}), ["one"], sesoi=0.5)
    assert found[["share_same_sign", "share_same_verdict"]].isna().all(axis=None)
    assert found["not_estimable"].tolist() == [1, 0]


def test_reasons_that_differ_in_numbers_are_one_and_no_specification_is_lost():
    reasons = [
        "fewer than five in a group (0 AHC, 51 other)", "fewer than five in a group (3 AHC, 51 other)", None, "below tau of 1826.5 days since 2022-03-21", "below tau of 365 days since 2020-01-01",
        "fewer than five in a group (12 AHC, 51 other)", "sizes of UN-2 at launch", "sizes of UN-3 at launch",
    ]  # fmt: skip
    verdicts = ["not-estimable"] * 8
    rows = multiverse([np.nan] * 8, {"one": list("abcdefgh")}, verdicts, reasons)
    rows = pd.concat([rows, multiverse([1.0], {"one": ["i"]}, ["supported"], ["a remark"])])
    found = spread.infeasible(rows)
    assert found.values.tolist() == [
        ["growth", "fewer than five in a group (0 to 12 AHC, 51 other)", 3, "one=a"],
        ["growth", "below tau of 365 to 1826.5 days since 2020-01-01 to 2022-03-21", 2, "one=d"],
        ["growth", spread.NO_REASON, 1, "one=c"],
        ["growth", "sizes of UN-2 at launch", 1, "one=g"],
        ["growth", "sizes of UN-3 at launch", 1, "one=h"],
    ]
    assert list(found) == ["claim", "reason", "specifications", "example"]


def test_where_everything_is_estimable_no_reason_is_listed():
    found = spread.infeasible(multiverse([1.0, 2.0], {"one": ["a", "b"]}))
    assert found.empty
    assert list(found) == ["claim", "reason", "specifications", "example"]


def test_false_discoveries_of_nothing():
    assert spread.benjamini_hochberg([]).tolist() == []
    assert np.isnan(spread.benjamini_hochberg([np.nan, np.nan])).all()
