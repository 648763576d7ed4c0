"""Shares of a spread by dimension, drivers of the verdict, what could not be estimated, false discovery rates."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coalitions import spread

A, B, C = ("x", "y"), ("1", "2", "3"), ("u", "v")


def multiverse(theta, verdicts=None, dropped=()) -> pd.DataFrame:
    specs = [f"a={a}; b={b}; c={c}" for a, b, c in itertools.product(A, B, C)]
    values = [theta(*(part.split("=")[1] for part in spec.split("; "))) for spec in specs]
    values = [None if number in dropped else value for number, value in enumerate(values)]
    verdict = verdicts or ["supported" if value is not None else "not-estimable" for value in values]
    frame = pd.DataFrame({"claim": "k", "specification": range(len(specs)), "dimensions": specs, "theta": values, "verdict": verdict, "reason": None})
    return frame.astype({"theta": float, "reason": object})


def anova_shares(frame: pd.DataFrame) -> dict[str, float]:
    """Eta squared by dimension: the variance of the means of each value, equally many specifications behind each."""
    values = spread.parsed(frame["dimensions"])
    return {name: frame["theta"].groupby(values[name]).mean().var(ddof=0) / frame["theta"].var(ddof=0) for name in values}


def test_in_a_balanced_factorial_the_shares_are_those_of_the_analysis_of_variance():
    frame = multiverse(lambda a, b, c: 3 * (a == "y") + int(b) ** 2 + (a == "y") * (c == "v"))
    found = spread.spread(frame, ["a", "b", "c"]).set_index("dimension")["share"]
    for name, share in anova_shares(frame).items():
        assert found[name] == pytest.approx(share)
    assert found.sum() == pytest.approx(1)
    assert found["interactions"] > 0


def test_an_additive_multiverse_leaves_nothing_to_interactions_even_with_gaps():
    frame = multiverse(lambda a, b, c: 3 * (a == "y") + int(b), dropped=(0, 7))
    found = spread.spread(frame, ["a", "b", "c"]).set_index("dimension")
    assert found.loc["interactions", "share"] == pytest.approx(0, abs=1e-12)
    assert (found["n"] == 10).all()
    assert found["share"].iloc[0] == found["share"].max()


def test_a_choice_that_changes_nothing_has_no_share_and_the_ends_are_named():
    found = spread.spread(multiverse(lambda a, b, c: float(b)), ["a", "b", "c"]).set_index("dimension")
    assert found.loc["b", "share"] == pytest.approx(1)
    assert found.loc[["a", "c"], "share"].tolist() == pytest.approx([0, 0], abs=1e-12)
    assert found.loc["b", ["lowest_value", "lowest_mean", "highest_value", "highest_mean"]].tolist() == ["1", 1, "3", 3]


def test_a_choice_of_which_one_value_has_estimates_has_no_share_and_the_reason():
    found = spread.spread(multiverse(lambda a, b, c: float(b), dropped=range(6)), ["a", "b", "c"]).set_index("dimension")
    assert np.isnan(found.loc["a", "share"])
    assert found.loc["a", "reason"] == "estimates for a single value of it, y"
    assert found.loc["b", "share"] == pytest.approx(1)
    assert found.loc["b", "reason"] is None


@pytest.mark.parametrize(
    ("theta", "dropped", "said"), [(lambda a, b, c: 2.0, (), "same estimate"), (lambda a, b, c: float(b), range(11), "1 specification"), (lambda a, b, c: 1.0, range(12), "0 spec")]
)
def test_without_variance_there_are_no_shares_and_a_reason(theta, dropped, said):
    found = spread.spread(multiverse(theta, dropped=dropped), ["a", "b", "c"])
    assert found["share"].isna().all()
    assert found["reason"].str.contains(said).all()
    assert spread.shares(found) == [{"dimension": name, "share": None} for name in ("a", "b", "c", "interactions")]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=12, max_size=12), st.sets(st.integers(0, 11), max_size=4), st.randoms())
def test_shares_sum_to_the_r_squared_of_the_additive_model_whatever_the_order_of_rows(thetas, dropped, random):
    given_values = iter(thetas)
    frame = multiverse(lambda a, b, c: next(given_values), dropped=dropped)
    known = frame["theta"].dropna()
    if np.ptp(known) < 1e-6:
        return
    values = spread.parsed(frame.loc[known.index, "dimensions"])
    design = np.column_stack([np.ones(len(known)), pd.get_dummies(values, drop_first=True).to_numpy(dtype=float)])
    residual = known - design @ np.linalg.lstsq(design, known, rcond=None)[0]
    r2 = 1 - float(residual @ residual) / float(((known - known.mean()) ** 2).sum())
    found = spread.averaged_shares(known.to_numpy(), [values[name].to_numpy() for name in "abc"])
    assert found.sum() == pytest.approx(r2, abs=1e-6)
    mixed = list(range(len(known)))
    random.shuffle(mixed)
    again = spread.averaged_shares(known.to_numpy()[mixed], [values[name].to_numpy()[mixed] for name in "abc"])
    assert again == pytest.approx(found, abs=1e-8)


def test_the_drivers_of_the_verdict_count_what_can_be_estimated():
    verdicts = ["supported"] * 6 + ["inconclusive"] * 5 + ["not-estimable"]
    frame = multiverse(lambda a, b, c: 1.0 if a == "x" else -1.0, verdicts, dropped=(11,))
    found = spread.verdict_drivers(frame, ["a", "b"]).set_index(["dimension", "value"])
    assert found.loc[("a", "x"), ["specifications", "share_same_sign", "share_same_verdict", "mean_theta"]].tolist() == [6, 1, 1, 1]
    assert found.loc[("a", "y"), ["specifications", "share_same_sign", "share_same_verdict", "mean_theta"]].tolist() == [6, 0, 0, -1]
    assert found.loc["b", "specifications"].sum() == len(frame)


def test_reasons_are_gathered_without_their_numbers_and_none_is_lost():
    frame = multiverse(lambda a, b, c: 1.0, dropped=(0, 1, 2, 3))
    frame.loc[[0, 1, 2], "reason"] = ["fewer than five (0 AHC, 51 other)", "fewer than five (3 AHC, 2 other)", "observed for 5915 days, below 7305 days"]
    found = spread.infeasible(frame)
    assert found["reason"].tolist() == ["fewer than five", "observed for some days, below some days", "no reason given"]
    assert found["specifications"].sum() == 4
    assert found["example"][0] == "a=x; b=1; c=u"


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [([], []), ([0.03], [0.03]), ([0.01, 0.02, 0.03, 0.04], [0.04] * 4), ([0.5, 0.001, 0.02], [0.5, 0.003, 0.03]), ([0.04, np.nan, 0.001], [0.04, np.nan, 0.002])],
)
def test_false_discovery_rates_in_the_order_given(p, adjusted):
    assert spread.benjamini_hochberg(p) == pytest.approx(adjusted, nan_ok=True)


def test_false_discovery_rates_agree_with_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(1).random(50) ** 3
    assert spread.benjamini_hochberg(p) == pytest.approx(multipletests(p, method="fdr_bh")[1])
