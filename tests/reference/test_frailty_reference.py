"""The shared gamma frailty against R's `coxph` with `frailty()`. Expected numbers: `Rscript tests/reference/make_reference_frailty.R`; inputs are those of the Cox models.

At a given variance everything agrees to 1e-8. R's own search for the variance stops on the change of the likelihood, which is flat at its maximum, and reports a variance one step
past the last fit: six digits, at best, are R's. The maximum over fits at fixed variance (`profile`) has as many.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import cox, frailty

HERE = Path(__file__).parent
CLOSE = {"rtol": 1e-8, "atol": 1e-12}


@cache
def read(table: str) -> pd.DataFrame:
    return pd.read_csv(HERE / "expected" / f"frailty_{table}.csv", float_precision="round_trip", keep_default_na=False, na_values="NA")


MODELS = read("models")
NAMES = MODELS["model"].unique().tolist()
ZERO = ("kidney_disease", "bladder_strata")  # the variance is estimated as 0


def fitted(name: str, **named) -> frailty.FrailtyModel:
    model = MODELS[MODELS["model"] == name].iloc[0]
    spells = pd.read_csv(HERE / "data" / f"cox_{model['sample']}.csv", float_precision="round_trip")
    terms = read("coefficients").query("model == @name")["term"].unique()
    strata = spells[model["strata"]] if model["strata"] else None
    result = frailty.fit(spells["time"], spells["event"], spells[terms], spells[model["cluster"]], spells["entry"], strata, model["ties"], **named)
    assert isinstance(result, frailty.FrailtyModel), result
    return result


estimated = cache(fitted)


def expected(table: str, name: str, way: str) -> pd.DataFrame:
    frame = read(table)
    return frame[(frame["model"] == name) & (frame["way"] == way)].reset_index(drop=True)


@pytest.mark.parametrize("name", NAMES)
def test_at_a_fixed_variance_all_numbers_are_those_of_r(name):
    for _, model in expected("models", name, "fixed").iterrows():
        theta = model["theta"]
        ours, sparse = fitted(name, theta=theta), fitted(name, theta=theta, information="sparse")
        table = expected("coefficients", name, "fixed").query("theta == @theta")
        assert (ours.n, ours.events, ours.theta) == (model["n"], model["events"], theta)
        assert_allclose(ours.coefficients, table["estimate"], **CLOSE)
        assert_allclose(ours.se, table["full_se"], **CLOSE)
        assert_allclose(sparse.se, table["se"], **CLOSE)
        assert_allclose(sparse.coefficients, ours.coefficients, rtol=1e-13)
        assert_allclose(ours.log_likelihood, model["integrated"], rtol=1e-11)
        factors = read("frailties").query("model == @name and theta == @theta")
        assert_allclose(ours.frailties, factors["frailty"], **CLOSE)
        assert_allclose(ours.frailties.index, factors["cluster"])
        assert_allclose(ours.frailties.mean(), 1, rtol=1e-10)


@pytest.mark.parametrize("way", ["em", "profile"])
@pytest.mark.parametrize("name", NAMES)
def test_the_estimated_variance_is_that_of_r(name, way):
    model, table, ours = expected("models", name, way).iloc[0], expected("coefficients", name, way), estimated(name)
    assert_allclose(ours.theta, model["theta"], rtol=1e-4, atol=1e-7)
    assert_allclose(ours.coefficients, table["estimate"], rtol=1e-5, atol=1e-7)
    assert_allclose(ours.se, table["full_se"], rtol=1e-5)
    assert_allclose(fitted(name, theta=ours.theta, information="sparse").se, table["se"], rtol=1e-5)
    assert_allclose(ours.log_likelihood, model["integrated"], rtol=2e-8 if name in ZERO else 1e-10)


@pytest.mark.parametrize("name", NAMES)
def test_no_variance_that_r_tried_is_likelier(name):
    ours = estimated(name)
    rows = MODELS[(MODELS["model"] == name) & (MODELS["way"] != "em")]
    assert (rows["integrated"] <= ours.log_likelihood + 1e-9 * abs(ours.log_likelihood)).all()
    assert_allclose(ours.profile(rows["theta"])["log_likelihood"], rows["integrated"], rtol=1e-9)


@pytest.mark.parametrize("name", ZERO)
def test_a_variance_of_zero_is_the_plain_model(name):
    ours = estimated(name)
    assert (ours.theta, ours.theta_lower, ours.ratio, ours.p) == (0, 0, 0, 1)
    assert isinstance(ours.plain, cox.CoxModel)
    assert np.array_equal(ours.coefficients, ours.plain.coefficients)
    assert np.array_equal(ours.se, ours.plain.naive_se)


def test_the_samples_hold_what_is_hard():
    assert {"efron", "breslow"} == set(MODELS["ties"])
    assert (MODELS["strata"] != "").any()
    for name in ("cox_cgd", "cox_bladder"):
        spells = pd.read_csv(HERE / "data" / f"{name}.csv")
        assert spells["entry"].any()
        assert spells.loc[spells["event"] == 1, "time"].duplicated().any()
