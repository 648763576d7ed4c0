"""The shared frailty under changes that must change nothing, on data with a known variance, against plain definitions, and on data that it must refuse."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import gammaln

from coalitions import cox, frailty
from coalitions.survival import NotEstimable, SurvivalInputError

EXAMPLES = settings(derandomize=True, max_examples=6, deadline=None)
CLOSE = {"rtol": 1e-6, "atol": 1e-8}


def drawn(seed: int, clusters: int = 25, members: int = 4, theta: float = 0.8, entries: bool = True, last: int = 60) -> dict:
    """Clustered spells with ties, late entries and censoring; hazard times a gamma frailty."""
    rng = np.random.default_rng(seed)
    n = clusters * members
    cluster = np.repeat(np.arange(clusters), members)
    x = pd.DataFrame({"a": (rng.random(n) < 0.5).astype(float), "b": rng.normal(size=n).round(1)})
    factor = rng.gamma(1 / theta, theta, clusters)[cluster] if theta else np.ones(n)
    exact = rng.exponential(size=n) / (factor * np.exp(0.7 * x["a"] - 0.4 * x["b"]) * 2 / last)
    censored = rng.uniform(last / 3, last, n)
    time = np.maximum(np.ceil(np.minimum(exact, censored)).astype(int), 1)
    event = (exact <= censored).astype(int)
    entry = np.minimum(rng.integers(0, last // 4, n) * (rng.random(n) < 0.4), time - 1) if entries else np.zeros(n, dtype=int)
    return {"time": time, "event": event, "design": x, "cluster": cluster, "entry": entry}


spells = st.builds(drawn, st.integers(0, 10**6), st.integers(8, 25), st.integers(2, 5))


def same(one, other):
    assert isinstance(one, NotEstimable) == isinstance(other, NotEstimable), (one, other)
    if isinstance(one, NotEstimable):
        return
    assert_allclose(other.coefficients, one.coefficients, **CLOSE)
    assert_allclose(other.se, one.se, **CLOSE)
    assert_allclose((other.theta, other.theta_lower, other.theta_upper), (one.theta, one.theta_lower, one.theta_upper), rtol=1e-5, atol=1e-7)
    assert_allclose(other.ratio, one.ratio, rtol=1e-6, atol=1e-8)


@EXAMPLES
@given(spells, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(data, random):
    order = list(range(len(data["time"])))
    random.shuffle(order)
    other = {name: values.iloc[order] if name == "design" else values[order] for name, values in data.items()}
    one, two = frailty.fit(**data), frailty.fit(**other)
    same(one, two)
    if isinstance(one, frailty.FrailtyModel):
        assert_allclose(two.frailties, one.frailties, **CLOSE)


@EXAMPLES
@given(spells, st.integers(2, 40))
def test_the_unit_of_time_does_not_matter(data, unit):
    same(frailty.fit(**data), frailty.fit(**data | {"time": data["time"] * unit, "entry": data["entry"] * unit}))


@EXAMPLES
@given(spells)
def test_names_of_clusters_do_not_matter(data):
    names = np.array([f"cluster {(code * 7919) % 1000:03d}" for code in data["cluster"]], dtype=object)
    one, other = frailty.fit(**data), frailty.fit(**data | {"cluster": names})
    same(one, other)
    if isinstance(one, frailty.FrailtyModel):
        assert_allclose(other.frailties[names], one.frailties[data["cluster"]], **CLOSE)


@EXAMPLES
@given(spells)
def test_scale_and_origin_of_a_covariate_change_nothing_but_its_coefficient(data):
    one, other = frailty.fit(**data), frailty.fit(**data | {"design": data["design"].assign(b=data["design"]["b"] * 100 - 3)})
    if isinstance(one, frailty.FrailtyModel):
        assert_allclose(other.coefficients * [1, 100], one.coefficients, **CLOSE)
        assert_allclose(other.theta, one.theta, rtol=1e-5, atol=1e-7)


@EXAMPLES
@given(spells)
def test_a_variance_of_zero_is_the_plain_model_and_a_small_one_is_close_to_it(data):
    plain = cox.fit(data["time"], data["event"], data["design"], data["entry"])
    zero, small = (frailty.fit(**data, theta=theta) for theta in (0, 1e-7))
    if isinstance(plain, NotEstimable):
        assert isinstance(zero, NotEstimable)
        return
    assert np.array_equal(zero.coefficients, plain.coefficients)
    assert np.array_equal(zero.se, plain.se)
    assert (zero.frailties == 1).all()
    assert_allclose(small.coefficients, plain.coefficients, rtol=1e-4, atol=1e-5)
    assert_allclose(small.log_likelihood, plain.log_likelihood, atol=1e-4)
    slope = (small.log_likelihood - plain.log_likelihood) / 1e-7
    assert_allclose(small._profile.slope_at_zero, slope, rtol=0.01, atol=0.01)


@EXAMPLES
@given(spells)
def test_frailties_are_those_of_the_em_algorithm_and_the_likelihood_is_the_integrated_one(data):
    theta = 0.6
    model = frailty.fit(**data, theta=theta)
    if isinstance(model, NotEstimable):
        return
    codes, effects, nu = data["cluster"], np.log(model.frailties.to_numpy()), 1 / theta
    deaths = np.bincount(codes, data["event"])
    offset = effects[codes]
    # the M step: a plain model with the effects as offset has these coefficients; the E step: (nu + events) / (nu + hazard) are these frailties
    step = cox.fit(data["time"], data["event"], data["design"], data["entry"], offset=offset)
    assert_allclose(step.coefficients, model.coefficients, **CLOSE)
    hazard = np.bincount(codes, data["event"] - cox.residuals(step)) / np.exp(effects)
    assert_allclose((nu + deaths) / (nu + hazard), model.frailties, **CLOSE)
    # log integral over gamma frailties, less that part of the full likelihood (minus the events) that the partial one leaves out
    full = step.log_likelihood - deaths @ effects + deaths.sum()
    integral = gammaln(nu + deaths) - gammaln(nu) + nu * np.log(nu) - (nu + deaths) * np.log(nu + hazard)
    assert_allclose(model.log_likelihood, full + integral.sum(), rtol=1e-8)


@EXAMPLES
@given(spells)
def test_the_profile_is_highest_at_the_estimate_and_falls_by_the_quantile_at_its_limits(data):
    model = frailty.fit(**data)
    if isinstance(model, NotEstimable):
        return
    around = model.profile([0, model.theta / 2, model.theta * 0.99, model.theta * 1.01, model.theta * 2 + 0.01])["log_likelihood"]
    assert (around <= model.log_likelihood + 1e-9).all()
    for limit in (model.theta_lower, model.theta_upper):
        if limit > 0:
            assert_allclose(2 * (model.log_likelihood - model.profile(limit)["log_likelihood"][0]), 3.841458820694124, rtol=1e-5)


@pytest.mark.parametrize("theta", [0.5, 1.5])
def test_variance_and_coefficients_are_recovered_in_simulated_data(theta):
    model = frailty.fit(**drawn(11, clusters=250, members=6, theta=theta, last=4000))
    assert model.theta_lower < theta < model.theta_upper
    assert (np.abs(model.coefficients - [0.7, -0.4]) < 2.6 * model.se).all()
    assert model.p < 1e-6
    plain = model.plain.coefficients
    assert (np.abs(plain) < np.abs(model.coefficients)).all()  # without the frailty effects shrink towards 0


def test_without_a_frailty_the_test_keeps_its_level():
    p = [frailty.fit(**drawn(seed, clusters=30, theta=0)).p for seed in range(40)]
    assert np.mean(np.array(p) < 0.05) <= 0.15
    assert 0.2 < np.mean(np.array(p) == 1) < 0.85


def test_the_table_has_the_columns_of_the_plain_model():
    data = drawn(3)
    ours, plain = frailty.fit(**data).table(), cox.fit(data["time"], data["event"], data["design"]).table()
    assert ours.columns.tolist() == plain.columns.tolist()
    assert ours["term"].tolist() == plain["term"].tolist()
    assert np.isfinite(ours.drop(columns="term").to_numpy()).all()


# ---- Refusals ------------------------------------------------------------------------------------------------------------------------------------------------------


def refused(data: dict) -> str:
    result = frailty.fit(**data)
    assert isinstance(result, NotEstimable)
    return result.reason


def test_what_cannot_be_estimated_has_its_reason():
    data = drawn(5)
    assert refused(data | {"event": np.zeros_like(data["event"])}) == "no events"
    assert refused(data | {"cluster": data["cluster"] % 4}) == "4 clusters: a frailty needs at least 5"
    assert "no cluster has two spells" in refused(data | {"cluster": np.arange(100)})
    assert refused(data | {"design": data["design"].assign(a=1.0)}).startswith("a does not vary")
    assert "monotone likelihood" in refused(data | {"design": data["design"].assign(a=data["event"] / 1.0), "entry": None})
    few = data | {"event": np.where(np.arange(100) == np.argmax(data["event"]), 1, 0)}
    assert refused(few).startswith("1 events for 2 parameters")


def test_members_that_are_never_at_risk_make_no_cluster_of_two():
    data = drawn(5, entries=False)
    first = data["time"][data["event"] == 1].min()
    early = {"time": np.full(100, first), "event": np.zeros(100, dtype=int), "cluster": np.arange(100), "entry": np.zeros(100, dtype=int)}
    early["time"] = np.maximum(early["time"] - 1, 1)
    if first == 1:
        data["time"], early["time"] = data["time"] + 1, np.ones(100, dtype=int)
    whole = {name: np.concatenate((values, early[name])) for name, values in (data | {"cluster": np.arange(100)}).items() if name != "design"}
    assert "no cluster has two spells" in refused(whole | {"design": pd.concat([data["design"]] * 2, ignore_index=True)})


def test_information_that_leaves_clusters_apart_may_have_no_variance_where_the_full_one_has():
    rng = np.random.default_rng(0)
    cluster = np.repeat(np.arange(18), [40, 40, *[8] * 16])
    quiet = cluster >= 2
    time = np.where(quiet, rng.integers(1, 400, len(cluster)), rng.integers(200, 260, len(cluster)))
    event = (rng.random(len(cluster)) < np.where(quiet, 0.1, 0.9)).astype(int)
    design = pd.DataFrame({"of cluster": (cluster % 3 == 0).astype(float), "x": rng.normal(size=len(cluster))})
    full, sparse = (frailty.fit(time, event, design, cluster, theta=4.0, information=kind) for kind in ("full", "sparse"))
    assert (full.se > 0).all()
    assert isinstance(sparse, NotEstimable)
    assert "sparse penalised information" in sparse.reason


def test_bad_input_is_refused():
    data = drawn(5)
    for wrong in ({"theta": -1.0}, {"theta": float("nan")}, {"cluster": np.where(data["cluster"] == 3, np.nan, data["cluster"])}, {"cluster": data["cluster"][1:]}):
        with pytest.raises(SurvivalInputError):
            frailty.fit(**data | wrong)
    for wrong in ({"ties": "exact"}, {"information": "observed"}):
        with pytest.raises(ValueError):
            frailty.fit(**data | wrong)
    with pytest.raises(SurvivalInputError):
        frailty.fit(**data).profile(-0.1)


def test_a_variance_without_limit_is_refused():
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(60), 10)
    sick = cluster < 2  # all events of many quiet clusters in two
    time, event = np.where(sick, rng.integers(1, 900, 600), 1000), sick.astype(int)
    result = frailty.fit(time, event, pd.DataFrame({"x": rng.normal(size=600)}), cluster)
    assert isinstance(result, NotEstimable) or result.theta > 5
