"""Robust regressions, shares and ratios of rates against R: see make_reference_mandates.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import mandates, robust
from coalitions.proportions import wilson_limits

HERE = Path(__file__).parent


def read(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / folder / f"robust_{name}.csv", float_precision="round_trip")


def rows(name: str) -> list:
    return list(read("expected", name).itertuples(index=False))


def columns(frame, *names):
    return np.column_stack([np.ones(len(frame)), *(frame[name] for name in names)])


def models():
    quine, epil, low = (read("data", name) for name in ("quine", "epil", "low"))
    held = [epil[name].to_numpy(float).reshape(-1, 4) for name in ("y", "after", "period")]
    return {
        "poisson": robust.regression(quine["days"], columns(quine, "male", "slow")),
        "poisson by group": robust.regression(quine["days"], columns(quine, "male", "slow"), groups=quine["group"]),
        "poisson with exposure": robust.regression(epil["y"], columns(epil, "treated"), exposure=epil["weeks"], groups=epil["subject"]),
        "logistic": robust.regression(low["low"], columns(low, "age", "smoke"), "binomial"),
        "within": robust.within(held[0], np.stack(held[1:], axis=2), epil["weeks"].iloc[:4]),
    }


def test_regressions_are_those_of_glm_with_clustered_sandwiches():
    expected = read("expected", "models")
    for name, fit in models().items():
        mine = expected[expected["model"] == name]
        assert_allclose(fit.params, mine["estimate"], rtol=1e-8, err_msg=name)
        assert_allclose(fit.se, mine["se"], rtol=1e-8, err_msg=name)


@pytest.mark.parametrize("row", rows("rate_ratios"), ids=str)
def test_ratios_of_rates_are_exact(row):
    found = mandates.rate_ratio(int(row.before), row.years_before, int(row.after), row.years_after)
    for name in ("estimate", "lower", "upper", "p"):
        assert_allclose(found[name], getattr(row, name), rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("row", rows("shares"), ids=str)
def test_shares_have_wilsons_limits_and_the_score_test_against_one_half(row):
    assert_allclose(wilson_limits(int(row.count), int(row.n)), (row.lower, row.upper), rtol=1e-9, atol=1e-12)
    assert_allclose(mandates.half_test(int(row.count), int(row.n))[1], row.p, rtol=1e-9)


@pytest.mark.parametrize("row", rows("differences"), ids=str)
def test_differences_of_shares_are_newcombes(row):
    found = mandates.share_difference(int(row.count), int(row.n), int(row.count_before), int(row.n_before))
    assert_allclose([found[name] for name in ("lower", "upper", "p")], [row.lower, row.upper, row.p], rtol=1e-9, atol=1e-12)


def test_differences_of_shares_are_those_that_newcombe_printed():
    found = mandates.share_difference(56, 70, 48, 80)
    assert (round(found["lower"], 4), round(found["upper"], 4)) == (0.0524, 0.3339)
