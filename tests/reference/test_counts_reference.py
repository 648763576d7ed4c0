"""Kernels of counts, rates, diversity and multiple testing against R: see README.md."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from coalitions.claims import holm
from coalitions.counts import mann_kendall, poisson_limits, so_few
from coalitions.diversity import effective_number
from coalitions.glm import count_model, newey_west_lags

HERE = Path(__file__).parent


@cache
def read(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / folder / f"{name}.csv", float_precision="round_trip")


def rows(table: str) -> list:
    return list(read("expected", table).itertuples(index=False))


@pytest.mark.parametrize("row", rows("mann_kendall"), ids=lambda row: row.series)
def test_mann_kendall(row):
    values = read("data", f"series_{row.series}")["value"]
    ours = mann_kendall(values)
    assert len(values) == row.n
    assert ours.s == row.s
    for field in ("tau", "slope", "correction", "variance", "z", "p"):
        assert_allclose(getattr(ours, field), getattr(row, field), rtol=1e-9, atol=0, err_msg=field)
    assert_allclose(ours.variance / ours.correction, row.plain_variance, rtol=1e-9, atol=0)


def test_mann_kendall_series_hold_ties_and_autocorrelation():
    table = read("expected", "mann_kendall").set_index("series")
    assert (table["ties"] > 0).sum() >= 5
    assert (table["correction"] > 1.5).sum() >= 3
    assert (table["correction"] < 0.5).any()


@pytest.mark.parametrize("row", rows("so_few"), ids=lambda row: f"{row.before}-{row.after}-{row.level}")
def test_so_few(row):
    ours = so_few(row.before, row.years_before, row.after, row.years_after, row.level)
    assert_allclose((ours.rate_before, ours.rate_after), (row.before / row.years_before, row.after / row.years_after), rtol=1e-14)
    for field in ("ratio", "lower", "upper", "p_conditional", "p_plug_in"):
        assert_allclose(getattr(ours, field), getattr(row, field), rtol=1e-9, atol=0, err_msg=field)


def test_poisson_limits():
    table = read("expected", "poisson_limits")
    ours = [poisson_limits(row.events, row.years, row.level) for row in table.itertuples()]
    assert_allclose(ours, table[["lower", "upper"]], rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", read("expected", "count_models")["model"].unique())
@pytest.mark.parametrize("family", ["poisson", "negative-binomial"])
def test_count_model(name, family):
    """Estimates of glm and glm.nb; standard errors of sandwich for the Poisson model, with the observed information as bread for the negative binomial."""
    data = read("data", f"model_{name}")
    design = data.drop(columns=["count", "exposure"])
    table = read("expected", "count_models").query("model == @name and family == @family")
    assert table["lags"].nunique() >= 3
    for lags, theirs in table.groupby("lags"):
        theirs = theirs.set_index("term")
        by_default = lags == theirs["default_lags"].iloc[0]
        ours = count_model(data["count"], design, data["exposure"], family, None if by_default else lags)
        assert ours.params.index.tolist() == theirs.index.tolist()
        exact = (theirs["alpha"] == 0).all()
        assert_allclose(ours.alpha, theirs["alpha"].iloc[0], rtol=1e-6, atol=0)
        assert_allclose(ours.params, theirs["estimate"], rtol=1e-8 if exact else 1e-6, atol=0)
        assert_allclose(ours.hac_se, theirs["se" if exact else "se_observed"], rtol=1e-8 if exact else 1e-6, atol=0)
        assert_array_equal(ours.se, np.maximum(ours.hac_se, ours.model_se))
        assert (ours.lags, ours.n, ours.events) == (lags, theirs["n"].iloc[0], theirs["events"].iloc[0])


def test_negative_binomial_is_the_poisson_model_without_overdispersion():
    data = read("data", "model_fall")
    poisson, negative = (count_model(data["count"], data[["trend"]], data["exposure"], family) for family in ("poisson", "negative-binomial"))
    assert negative.alpha == 0
    assert_array_equal(negative.params, poisson.params)
    assert_array_equal(negative.se, poisson.se)


@pytest.mark.parametrize("family", ["poisson", "negative-binomial"])
def test_the_standard_errors_of_the_model_are_those_of_statsmodels_own(family):
    from statsmodels.genmod import families
    from statsmodels.genmod.generalized_linear_model import GLM

    data = read("data", f"model_{read('expected', 'count_models')['model'].iloc[0]}")
    design = data.drop(columns=["count", "exposure"])
    ours = count_model(data["count"], design, data["exposure"], family)
    kind = families.NegativeBinomial(alpha=ours.alpha) if ours.alpha else families.Poisson()
    theirs = GLM(data["count"], np.column_stack([np.ones(len(data)), design]), family=kind, offset=np.log(data["exposure"])).fit(tol=1e-12)
    assert_allclose(ours.model_se, theirs.bse, rtol=1e-8)


def test_newey_west_lags():
    table = read("expected", "newey_west_lags")
    assert [newey_west_lags(n) for n in table["n"]] == table["lags"].tolist()


@pytest.mark.parametrize("name", read("expected", "holm")["set"].unique())
def test_holm(name):
    table = read("expected", "holm").query("set == @name")
    assert_allclose(holm(table["p"].tolist()), table["adjusted"], rtol=1e-12, atol=0)


@pytest.mark.parametrize("name", read("expected", "effective_numbers")["set"].unique())
def test_effective_number(name):
    weights = read("data", "weights").query("set == @name")["weight"]
    table = read("expected", "effective_numbers").query("set == @name")
    assert_allclose([effective_number(weights, order) for order in table["order"]], table["effective"], rtol=1e-12, atol=0)
    assert_allclose(effective_number(7 * weights), effective_number(weights), rtol=1e-12)
    assert np.all(np.diff(table["effective"]) <= 1e-12)  # a higher order weighs the large more
