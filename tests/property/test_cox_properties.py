"""The Cox kernel against plain definitions, under changes that must change nothing, on data with known parameters, and on data that it must refuse."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import linprog

from coalitions import cox
from coalitions.survival import NotEstimable, SurvivalInputError

EXAMPLES = settings(derandomize=True, max_examples=10, deadline=None)
CLOSE = {"rtol": 1e-7, "atol": 1e-9}


def drawn(seed: int, n: int, terms: int = 3, last: int = 15, entries: bool = True, strata: int = 1) -> dict:
    """Spells with ties, entries at event times, censoring, strata; covariates in halves, the first one 0/1."""
    rng = np.random.default_rng(seed)
    time = rng.integers(1, last + 1, n)
    entry = np.minimum(rng.integers(0, last, n) * (rng.random(n) < 0.5), time - 1) if entries else np.zeros(n, dtype=int)
    x = rng.integers(-4, 5, (n, terms)) / 2
    x[:, 0] = rng.random(n) < 0.5
    event = (rng.random(n) < 0.7).astype(int)
    event[0] = 1
    return {
        "time": time,
        "event": event,
        "entry": entry,
        "design": pd.DataFrame(x, columns=list("abcdef"[:terms])),
        "strata": rng.integers(0, strata, n),
        "ties": ("efron", "breslow")[seed % 2],
    }


def spells(n=(25, 60), **settings_of):
    return st.builds(drawn, st.integers(0, 10**6), st.integers(*n), **settings_of)


def same(one, other, coefficients=1.0):
    """Two fits with one result: all numbers, or both not estimable."""
    assert isinstance(one, NotEstimable) == isinstance(other, NotEstimable), (one, other)
    if isinstance(one, NotEstimable):
        return False
    assert_allclose(other.coefficients * coefficients, one.coefficients, **CLOSE)
    assert_allclose(other.se * coefficients, one.se, **CLOSE)
    assert_allclose(other.naive_se * coefficients, one.naive_se, **CLOSE)
    assert_allclose((other.log_likelihood_null, other.log_likelihood), (one.log_likelihood_null, one.log_likelihood), **CLOSE)
    assert_allclose(other.tests()["statistic"], one.tests()["statistic"], rtol=1e-6, atol=1e-8)
    return True


def zph_equal(one, other, transform):
    first, second = cox.ph_test(one, transform), cox.ph_test(other, transform)
    assert first["reason"].isna().tolist() == second["reason"].isna().tolist()
    assert_allclose(second["statistic"], first["statistic"], rtol=1e-5, atol=1e-7)


# ---- Against the definitions ---------------------------------------------------------------------------------------------------------------------------------------


def plainly(data: dict, beta: np.ndarray) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood, score, information, martingale residuals, event by event."""
    x, time, event, entry, strata = data["design"].to_numpy(), data["time"], data["event"], data["entry"], data["strata"]
    risk = np.exp(x @ beta)
    value, score, information, martingale = 0.0, np.zeros(len(beta)), np.zeros((len(beta), len(beta))), event.astype(float)
    for day, stratum in sorted(set(zip(time[event == 1], strata[event == 1], strict=True))):
        inside = (strata == stratum) & (entry < day) & (time >= day)
        dying = inside & (time == day) & (event == 1)
        d = int(dying.sum())
        for step in range(d):
            weight = np.where(dying, 1 - step / d if data["ties"] == "efron" else 1, 1) * inside * risk
            mean = weight @ x / weight.sum()
            value -= np.log(weight.sum())
            score -= mean
            information += (x - mean).T @ ((x - mean) * (weight / weight.sum())[:, None])
            martingale -= weight / weight.sum()
        value += x[dying].sum(axis=0) @ beta
        score += x[dying].sum(axis=0)
    return value, score, information, martingale


@EXAMPLES
@given(spells(strata=st.sampled_from([1, 3])), st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3), st.booleans())
def test_the_likelihood_and_its_derivatives_are_those_of_the_definition_with_and_without_subtraction(data, beta, careful):
    prepared = cox.prepare(data["time"], data["event"], data["entry"], data["strata"])
    z = data["design"].to_numpy()[prepared.order].T.copy()
    point = cox._at(prepared, z, np.array(beta), None, data["ties"] == "efron", careful)
    value, score, information, martingale = plainly(data, np.array(beta))
    assert_allclose(point.log_likelihood, value, rtol=1e-10)
    assert_allclose(point.gradient, score, rtol=1e-8, atol=1e-9)
    assert_allclose(point.information, information, rtol=1e-8, atol=1e-9)
    assert_allclose(prepared.event - point.expected, martingale[prepared.order], rtol=1e-8, atol=1e-10)
    rows = cox._score_rows(prepared, z, point)
    assert_allclose(rows.sum(axis=1), score, rtol=1e-8, atol=1e-9)


@EXAMPLES
@given(spells(strata=st.sampled_from([1, 2])))
def test_dfbeta_is_the_slope_of_the_coefficients_in_the_weight_of_a_spell_under_breslow(data):
    data = data | {"ties": "breslow"}
    model = cox.fit(**data)
    if isinstance(model, NotEstimable):
        return
    # a second copy of all spells but one, and half of the difference to two copies of all: the slope in the weight of that one, to second order
    spell = 3
    twice = {key: np.concatenate([data[key], data[key]]) for key in ("time", "event", "entry", "strata")}
    design = pd.concat([data["design"]] * 200, ignore_index=True)
    many = {key: np.tile(data[key], 200) for key in twice}
    less = {key: np.delete(values, spell) for key, values in many.items()}
    without = cox.fit(**less, design=design.drop(index=spell), ties="breslow")
    slope = (model.coefficients - without.coefficients) * 200
    dfbeta = cox.residuals(model, "dfbeta").to_numpy()[spell]
    assert_allclose(slope, dfbeta, atol=0.05 * np.sqrt(np.diag(model.naive_covariance)).max())


@EXAMPLES
@given(spells(strata=st.sampled_from([1, 3])))
def test_concordance_counts_pairs(data):
    model = cox.fit(**data)
    if isinstance(model, NotEstimable):
        return
    time, event, entry, strata = (data[key] for key in ("time", "event", "entry", "strata"))
    eta = np.round(data["design"].to_numpy() @ model.coefficients, 9)
    first, second = np.nonzero(
        (event[:, None] == 1) & (strata[:, None] == strata) & (entry[None] < time[:, None]) & ((time[None] > time[:, None]) | ((time[None] == time[:, None]) & (event[None] == 0)))
    )  # fmt: skip
    ours = cox.concordance(model)
    assert (ours.concordant, ours.discordant, ours.tied_risk) == ((eta[first] > eta[second]).sum(), (eta[first] < eta[second]).sum(), (eta[first] == eta[second]).sum())


@settings(EXAMPLES, max_examples=60)
@given(spells(n=(7, 18), strata=st.sampled_from([1, 2])))
def test_a_likelihood_is_refused_as_monotone_exactly_if_a_linear_programme_finds_a_direction_in_which_it_rises(data):
    time, event, entry, strata, x = data["time"], data["event"], data["entry"], data["strata"], data["design"].to_numpy()
    model = cox.fit(**data, refused_events_per_parameter=0)
    first, second = np.nonzero((event[:, None] == 1) & (strata[:, None] == strata) & (entry[None] < time[:, None]) & (time[None] >= time[:, None]))
    apart = x[first] - x[second]
    if np.linalg.matrix_rank(apart) < x.shape[1]:
        assert isinstance(model, NotEstimable)
        assert "monotone" not in model.reason
        return
    rising = linprog(-apart.sum(axis=0), A_ub=-apart, b_ub=np.zeros(len(apart)), bounds=(-1, 1))
    monotone = -rising.fun > 1e-7
    assert isinstance(model, NotEstimable) == monotone
    if monotone:
        assert "monotone likelihood" in model.reason
        needed = {name for name, value in zip(data["design"], rising.x, strict=True) if abs(value) > 1e-7}
        assert any(f" {name} " in model.reason or f" {name}," in model.reason for name in needed)


# ---- What must change nothing --------------------------------------------------------------------------------------------------------------------------------------


@EXAMPLES
@given(spells(strata=st.sampled_from([1, 3])), st.integers(0, 10**6))
def test_the_order_of_rows_changes_nothing(data, seed):
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, 12, len(data["time"]))
    order = rng.permutation(len(cluster))
    one = cox.fit(**data, cluster=cluster)
    other = cox.fit(**{key: values if key == "ties" else values.iloc[order] if key == "design" else values[order] for key, values in data.items()}, cluster=cluster[order])
    if same(one, other):
        assert_allclose(cox.residuals(other), cox.residuals(one).iloc[order], **CLOSE)
        assert_allclose(cox.residuals(other, "dfbeta"), cox.residuals(one, "dfbeta").iloc[order], **CLOSE)
        pd.testing.assert_frame_equal(cox.baseline(one), cox.baseline(other), rtol=1e-7)
        zph_equal(one, other, "km")


@EXAMPLES
@given(spells(), st.sampled_from([2, 7, 30, 365, 10**6]))
def test_the_unit_of_time_changes_nothing(data, unit):
    one, other = cox.fit(**data), cox.fit(**data | {"time": data["time"] * unit, "entry": data["entry"] * unit})
    if same(one, other):
        for transform in cox._TRANSFORMS:
            zph_equal(one, other, transform)
        assert_allclose(cox.baseline(other)["cumulative_hazard"], cox.baseline(one)["cumulative_hazard"], **CLOSE)
        assert cox.baseline(other)["time_days"].tolist() == (cox.baseline(one)["time_days"] * unit).tolist()


@EXAMPLES
@given(spells(entries=st.just(False), strata=st.sampled_from([1, 3])))
def test_entry_zero_is_no_entry_and_one_stratum_is_none(data):
    one, other = cox.fit(**data), cox.fit(**data | {"entry": None, "strata": None if not data["strata"].any() else data["strata"]})
    same(one, other)


@EXAMPLES
@given(spells(strata=st.sampled_from([1, 2])), st.lists(st.integers(1, 14), max_size=5))
def test_spells_cut_into_episodes_give_the_same_model(data, cuts):
    episodes = cox.split(data["time"], data["event"], data["design"], data["entry"], cuts or None)
    n = len(data["time"])
    lengths = np.bincount(episodes.position, episodes.time - episodes.entry, n)
    assert lengths.tolist() == (data["time"] - data["entry"]).tolist()
    one = cox.fit(**data, cluster=np.arange(n))
    other = cox.fit(episodes.time, episodes.event, episodes.design, episodes.entry, data["strata"][episodes.position], episodes.position, data["ties"])
    if same(one, other):
        assert_allclose(np.bincount(episodes.position, cox.residuals(other), n), cox.residuals(one), **CLOSE)
        hazards = [cox.baseline(model).query("n_event > 0") for model in (one, other)]
        assert_allclose(hazards[1]["cumulative_hazard"], hazards[0]["cumulative_hazard"], **CLOSE)
        assert hazards[1]["n_at_risk"].tolist() == hazards[0]["n_at_risk"].tolist()
        zph_equal(one, other, "log")
        assert cox.concordance(other) == cox.concordance(one)


@EXAMPLES
@given(spells(), st.sampled_from([1e-6, 0.1, 1e5]), st.sampled_from([-1e3, 0, 7]))
def test_units_of_covariates_only_rescale(data, unit, shift):
    cluster = np.arange(len(data["time"])) // 3
    one, other = cox.fit(**data, cluster=cluster), cox.fit(**data | {"design": (data["design"] + shift) * unit}, cluster=cluster)
    if same(one, other, unit):
        zph_equal(one, other, "km")
        if shift > -100:  # exp(1000 times a coefficient) is beyond a number
            assert_allclose(cox.baseline(other)["cumulative_hazard"] * np.exp(shift * one.coefficients.sum()), cox.baseline(one)["cumulative_hazard"], rtol=1e-6)


@EXAMPLES
@given(spells(strata=st.sampled_from([2, 3])))
def test_martingale_and_score_residuals_sum_to_zero_in_every_stratum_and_in_all(data):
    model = cox.fit(**data)
    if not isinstance(model, NotEstimable):
        assert_allclose(np.bincount(data["strata"], cox.residuals(model)), 0, atol=1e-9)
        assert_allclose(cox.residuals(model, "score").sum(), 0, atol=1e-7)
        assert_allclose(cox.residuals(model, "schoenfeld").sum(), 0, atol=1e-7)


def test_an_offset_at_the_estimate_leaves_nothing_to_estimate():
    data = drawn(11, 60)
    one = cox.fit(**data)
    other = cox.fit(**data, offset=data["design"].to_numpy() @ one.coefficients)
    assert_allclose(other.coefficients, 0, atol=1e-8)
    assert_allclose((other.log_likelihood_null, other.log_likelihood), one.log_likelihood, rtol=1e-12)
    assert_allclose(other.naive_se, one.naive_se, rtol=1e-7)


def test_a_heavy_tail_that_is_not_yet_at_risk_costs_no_digits():
    """Late entrants with risks beyond the early ones by many orders: subtraction would leave nothing of the early risk sets."""
    rng = np.random.default_rng(5)
    n = 60
    x = np.concatenate((rng.normal(size=n), rng.normal(size=n) + 60))
    time = np.concatenate((rng.integers(1, 50, n), rng.integers(101, 150, n)))
    entry = np.repeat([0, 100], n)
    late = (entry == 100).astype(int)
    arguments = time, np.ones(2 * n), pd.DataFrame({"x": x})
    together, apart = cox.fit(*arguments, entry), cox.fit(time, np.ones(2 * n), pd.DataFrame({"x": x - 60 * late}), entry, strata=late)
    assert_allclose(together.coefficients, apart.coefficients, rtol=1e-9)
    data = {"time": time, "event": np.ones(2 * n, dtype=int), "entry": entry, "strata": np.zeros(2 * n), "design": arguments[2], "ties": "efron"}
    for beta in (0.3, 0.6, 1.0):  # the late risks are exp(18) to exp(60) times the early ones
        prepared = cox.prepare(time, data["event"], entry)
        point = cox._at(prepared, x[prepared.order][None], np.array([beta]), None, True, False)
        assert point.careful
        value, score, information, martingale = plainly(data, np.array([beta]))
        assert_allclose(point.log_likelihood, value, rtol=1e-12)
        assert_allclose(point.gradient, score, rtol=1e-9)
        assert_allclose(point.information, information, rtol=1e-8)
        assert_allclose(prepared.event - point.expected, martingale[prepared.order], rtol=1e-8)


def test_prepared_spells_serve_any_number_of_designs():
    data = drawn(21, 50)
    prepared = cox.prepare(data["time"], data["event"], data["entry"], data["strata"])
    for columns in (["a"], ["b", "c"], ["a", "b", "c"]):
        assert same(cox.fit_prepared(prepared, data["design"][columns], data["ties"]), cox.fit(**data | {"design": data["design"][columns]}))


# ---- Known parameters ----------------------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_parameters_of_simulated_spells_are_recovered(ties):
    rng = np.random.default_rng(2026)
    n, truth = 40_000, np.array([0.7, -0.4, 0.25])
    x = np.column_stack([rng.normal(size=n), rng.random(n) < 0.3, rng.lognormal(size=n).clip(0, 5)])
    strata = rng.integers(0, 3, n)
    lives = np.ceil(rng.exponential(1500 / (1 + strata) * np.exp(-x @ truth))).astype(int)
    entry = rng.integers(0, 200, n) * (rng.random(n) < 0.5)
    censored = rng.integers(1, 2000, n)
    seen = np.minimum(lives, censored) > entry
    time, event = np.minimum(lives, censored)[seen], (lives <= censored)[seen].astype(int)
    model = cox.fit(time, event, pd.DataFrame(x[seen], columns=["x", "g", "h"]), entry[seen], strata[seen], np.arange(seen.sum()), ties)
    assert (np.abs(model.coefficients - truth) < 3.5 * model.naive_se + (0.01 if ties == "breslow" else 0)).all()
    assert_allclose(model.se, model.naive_se, rtol=0.05)
    assert cox.ph_test(model).set_index("term").loc["GLOBAL", "p"] > 0.01
    hazard = cox.baseline(model).groupby("stratum").apply(lambda rows: np.interp(400, rows["time_days"], rows["cumulative_hazard"]), include_groups=False)
    assert_allclose(hazard, 400 * np.arange(1, 4) / 1500, rtol=0.06)


def test_an_effect_that_fades_is_found_and_estimated():
    rng = np.random.default_rng(7)
    x = (rng.random(3000) < 0.5).astype(float)
    early = np.ceil(rng.exponential(400 * np.exp(-1.0 * x)))
    time = np.where(early <= 200, early, 200 + np.ceil(rng.exponential(400, 3000))).astype(int)
    design = pd.DataFrame({"x": x})
    model = cox.fit(time, np.ones(3000), design)
    assert cox.ph_test(model)["p"].max() < 1e-6
    episodes = cox.time_interaction(time, np.ones(3000), design, "x", lambda day: (day >= 200).astype(float), cuts=[200])
    changing = cox.fit(episodes.time, episodes.event, episodes.design, episodes.entry)
    assert_allclose(changing.params, [1, -1], atol=0.25)
    assert list(changing.params.index) == ["x", "x:time"]


# ---- What is refused -----------------------------------------------------------------------------------------------------------------------------------------------


def refused(**changes) -> str:
    result = cox.fit(**drawn(11, 60) | changes)
    assert isinstance(result, NotEstimable)
    return result.reason


def test_covariates_without_information_are_named():
    data = drawn(11, 60)
    design, n = data["design"], 60
    assert refused(design=design.assign(k=3.0)).startswith("k does not vary")
    assert refused(design=design.assign(k=data["time"] * 0.1 + 1e9)[["k"]].assign(k=7e9)).startswith("k does not vary")
    assert refused(design=design.assign(sum=design["a"] - 2 * design["c"])) == "sum is a linear combination of a, c"
    assert "does not vary within any risk set" in refused(strata=np.arange(n) % 3, design=design.assign(s=np.arange(n) % 3.0))
    late = (data["time"] > 100).astype(float)
    assert "does not vary" in refused(design=design.assign(late=late))
    before = pd.Series(np.arange(n) == 0).astype(float)
    time, event = np.where(np.arange(n) == 0, 1, data["time"] + 5), np.where(np.arange(n) == 0, 0, data["event"])
    assert refused(time=time, event=event, entry=None, design=design.assign(before=before)) == "before does not vary among the spells that are at risk at some event"


def test_a_dummy_without_events_is_named_before_the_fit():
    data = drawn(11, 60)
    dummy = ((data["event"] == 0) & (np.arange(60) % 2 == 0)).astype(int)
    assert refused(design=data["design"].assign(dummy=dummy)).startswith("monotone likelihood: at every event dummy is smallest")
    assert refused(design=data["design"].assign(dummy=1 - dummy)).startswith("monotone likelihood: at every event dummy is largest")


def test_too_few_events_are_said_or_refused_at_the_stated_minimum():
    data = drawn(11, 60)
    assert refused(event=np.zeros(60)) == "no events"
    events = int(data["event"].sum())
    assert cox.fit(**data).warnings == ((f"{events} events for 3 parameters: fewer than 10 per parameter",) if events < 30 else ())
    assert cox.fit(**data, events_per_parameter=20).warnings == (f"{events} events for 3 parameters: fewer than 20 per parameter",)
    assert cox.fit(**data, events_per_parameter=0).warnings == ()
    assert refused(refused_events_per_parameter=20) == f"{events} events for 3 parameters: fewer than 20 per parameter"
    few = cox.fit(**data, cluster=np.arange(60) % 2)
    assert any("the robust covariance is singular" in words for words in few.warnings)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"design": pd.DataFrame({"a": np.r_[np.nan, np.arange(59)]})}, "a is missing or infinite at position 0"),
        ({"design": pd.DataFrame({"a": [*range(59), None]}, dtype=object)}, "position 59"),
        ({"design": pd.DataFrame({"a": ["x"] * 60})}, "not a number"),
        ({"design": pd.DataFrame({"a": range(59)})}, "59 rows for 60 spells"),
        ({"design": pd.DataFrame(np.zeros((60, 2)), columns=["a", "a"])}, "two columns a"),
        ({"design": pd.DataFrame(index=range(60))}, "no columns"),
        ({"strata": np.r_[np.nan, np.zeros(59)]}, "stratum is missing at position 0"),
        ({"cluster": [None] + ["x"] * 59}, "cluster is missing at position 0"),
        ({"cluster": ["x"]}, "cluster has 1 values"),
        ({"offset": np.full(60, np.nan)}, "offset"),
        ({"event": np.full(60, 2)}, "0 or 1"),
        ({"time": np.full(60, 2.5)}, "whole number of days"),
        ({"time": np.full(60, 3), "entry": np.full(60, 3)}, "not after entry"),
    ],
)
def test_bad_input_is_refused_with_its_place(changes, words):
    with pytest.raises(SurvivalInputError, match=words):
        cox.fit(**drawn(11, 60) | changes)


def test_unknown_words_are_refused():
    data = drawn(11, 60)
    model = cox.fit(**data)
    for call in (
        lambda: cox.fit(**data | {"ties": "exact"}), lambda: cox.fit(**data, confidence=95), lambda: cox.residuals(model, "response"), lambda: cox.ph_test(model, "square"),
        lambda: cox.ph_test(model, groups={"x": ["nothing"]}), lambda: cox.time_interaction(data["time"], data["event"], data["design"], "nothing", np.log),
        lambda: cox.split(data["time"], data["event"], data["design"], cuts=[1.5]),
    ):  # fmt: skip
        with pytest.raises(ValueError):
            call()


def test_a_test_that_the_data_cannot_give_says_why():
    one_time = cox.fit([5, 5, 5, 9, 9, 9], [1, 1, 1, 0, 0, 0], pd.DataFrame({"x": [1.0, 2, 0, 1, 0, 3]}))
    table = cox.ph_test(one_time)
    assert table["statistic"].isna().all()
    assert table["reason"].tolist() == ["all events happen at one time"] * 2


def test_the_table_of_a_model_holds_its_intervals():
    model = cox.fit(**drawn(11, 60), confidence=0.9)
    table = model.table().set_index("term")
    assert_allclose((table["upper"] - table["lower"]) / 2, 1.6448536269514722 * table["se"])
    assert_allclose(np.log(table["hazard_ratio_upper"]), table["upper"])
    assert_allclose(table["estimate"] / table["se"], table["statistic"])
    assert (table["p"] == model.table()["p"].to_numpy()).all()
    assert all(high >= low for low, high in pairwise(sorted(table["p"])))


def test_thousands_of_strata_cost_no_digits(monkeypatch):
    data = drawn(31, 3000, last=400)
    data["strata"] = np.arange(3000) % 500
    one = cox.fit(**data)
    monkeypatch.setattr(cox, "_ONE_BY_ONE", 0)
    other = cox.fit(**data)
    monkeypatch.setattr(cox, "_LOST", 0)
    careful = cox.fit(**data)
    assert careful._careful
    for model in (other, careful):
        assert_allclose(model.coefficients, one.coefficients, rtol=1e-12)
        assert_allclose(model.log_likelihood, one.log_likelihood, rtol=1e-13)
