"""The Cox kernel against R's survival package and, where it is right, against statsmodels. Inputs and expected numbers: `Rscript tests/reference/make_reference_cox.R`.

R arbitrates: coefficients, variances, tests and likelihoods to 1e-8 relative, residuals to 1e-9 of their size. statsmodels is right without entry for coefficients and likelihood
under both ties, and for robust variances under Breslow's.
"""

import warnings
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from coalitions import cox
from coalitions.survival import NotEstimable

HERE = Path(__file__).parent
CLOSE = {"rtol": 1e-8, "atol": 0}


@cache
def read(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / folder / f"cox_{name}.csv", float_precision="round_trip", keep_default_na=False, na_values="NA")


@cache
def expected(table: str, model: str) -> pd.DataFrame:
    frame = read("expected", table)
    return frame[frame["model"] == model].reset_index(drop=True)


MODELS = read("expected", "models").set_index("model")
WITH_RESIDUALS = sorted(path.stem.removeprefix("cox_residuals_") for path in (HERE / "expected").glob("cox_residuals_*.csv"))
WITH_BASELINE = read("expected", "baseline")["model"].unique().tolist()


def parts(name: str) -> tuple[pd.DataFrame, dict]:
    """Spells and arguments of a model."""
    model = MODELS.loc[name]
    spells = read("data", model["sample"])
    return spells, {
        "time": spells["time"], "event": spells["event"], "entry": spells["entry"], "design": spells[expected("coefficients", name)["term"]], "ties": model["ties"],
        "strata": spells[model["strata"]] if model["strata"] else None, "cluster": spells[model["cluster"]] if model["cluster"] else None,
        "offset": -0.03 * spells[model["offset"]] if model["offset"] else None,
    }  # fmt: skip


@cache
def fitted(name: str) -> cox.CoxModel:
    model = cox.fit(**parts(name)[1])
    assert isinstance(model, cox.CoxModel), model
    return model


def close_to(ours, theirs, tolerance=1e-9):
    """Equal up to a share of the largest value: residuals sum to zero, so that small ones have no digits of their own."""
    theirs = np.asarray(theirs, dtype=float)
    assert_allclose(np.asarray(ours, dtype=float), theirs, rtol=tolerance, atol=tolerance * np.abs(theirs).max())


@pytest.mark.parametrize("name", MODELS.index)
def test_coefficients_standard_errors_and_tests_are_those_of_r(name):
    ours, coefficients, model = fitted(name), expected("coefficients", name), MODELS.loc[name]
    assert (ours.n, ours.events) == (model["n"], model["events"])
    assert_allclose(ours.coefficients, coefficients["estimate"], **CLOSE)
    assert_allclose(ours.naive_se, coefficients["naive_se"], **CLOSE)
    assert_allclose(ours.se, coefficients["se"], **CLOSE)
    assert_allclose((ours.log_likelihood_null, ours.log_likelihood), (model["loglik_null"], model["loglik"]), rtol=1e-12)
    tests = ours.tests().set_index("test")["statistic"]
    for test, column in (("likelihood ratio", "lr"), ("wald", "wald"), ("score", "score")):
        assert_allclose(tests[test], model[column], **CLOSE, err_msg=test)
    assert ("robust score" in tests) == bool(model["cluster"])
    if model["cluster"] and not np.isnan(model["robust_score"]):
        assert_allclose(tests["robust score"], model["robust_score"], **CLOSE)


@pytest.mark.parametrize("name", MODELS.index)
def test_concordance_counts_the_pairs_of_r(name):
    model, ours = MODELS.loc[name], cox.concordance(fitted(name))
    assert (ours.concordant, ours.discordant, ours.tied_risk) == (model["concordant"], model["discordant"], model["tied_risk"])
    assert_allclose(ours.value, model["concordance"], rtol=1e-12)


@pytest.mark.parametrize("name", MODELS.index)
def test_proportional_hazards_are_tested_by_the_score_test_of_r(name):
    tables = expected("zph", name)
    assert len(tables)
    for transform, table in tables.groupby("transform"):
        ours = cox.ph_test(fitted(name), transform)
        assert ours["term"].tolist() == table["term"].tolist()
        assert_array_equal(ours["df"], table["df"])
        assert_allclose(ours["statistic"], table["statistic"], **CLOSE, err_msg=transform)
        assert_allclose(ours["p"], table["p"], **CLOSE, err_msg=transform)


def test_proportional_hazards_of_a_factor_are_tested_as_a_whole():
    spells = read("data", "veteran")
    cells = ["smallcell", "adeno", "large"]
    model = cox.fit(spells["time"], spells["event"], spells[["treatment", "karno", *cells]])
    for transform, table in expected("zph", "veteran_factor").groupby("transform"):
        ours = cox.ph_test(model, transform, {"treatment": ["treatment"], "karno": ["karno"], "cell": cells})
        assert ours["term"].tolist() == table["term"].tolist()
        assert_array_equal(ours["df"], table["df"])
        assert_allclose(ours["statistic"], table["statistic"], **CLOSE)


@pytest.mark.parametrize("name", WITH_RESIDUALS)
def test_residuals_are_those_of_r(name):
    table, model = read("expected", f"residuals_{name}"), fitted(name)
    for kind in ("martingale", "deviance"):
        close_to(cox.residuals(model, kind), table[kind], 1e-9 if kind == "martingale" else 1e-7)  # a square root of a difference near 0
    for kind in ("score", "dfbeta", "dfbetas"):
        for term in model.terms:
            close_to(cox.residuals(model, kind)[term], table[f"{kind}.{term}"])
    table = read("expected", f"events_{name}")
    for kind in ("schoenfeld", "scaled_schoenfeld"):
        for term in model.terms:
            close_to(cox.residuals(model, kind)[term], table[f"{kind}.{term}"])
    assert abs(cox.residuals(model).sum()) < 1e-9


@pytest.mark.parametrize("name", WITH_BASELINE)
def test_the_baseline_hazard_is_that_of_r(name):
    table, ours = expected("baseline", name), cox.baseline(fitted(name))
    if "stratum" in ours:
        assert ours["stratum"].astype(str).tolist() == table["stratum"].astype(str).str.removeprefix("stratum=").tolist()
    for column in ("time_days", "n_at_risk", "n_event"):
        assert_array_equal(ours[column], table[column], err_msg=column)
    assert_allclose(ours["cumulative_hazard"], table["cumulative_hazard"], rtol=1e-8, atol=1e-300)


def changing(name: str) -> pd.DataFrame:
    return expected("changing", name).assign(term=lambda frame: frame["term"].replace({"tt(karno)": "moved"})).set_index("term")


@pytest.mark.parametrize(
    ("name", "sample", "terms", "moving", "function", "cuts", "cluster"),
    [
        ("veteran_log", "veteran", ["treatment", "karno"], "karno", lambda day: np.log(day + 20), None, None),
        ("veteran_cuts", "veteran", ["treatment", "karno"], "karno", lambda day: day, [60, 180], None),
        ("heart_sqrt", "heart", ["age", "transplant"], "age", np.sqrt, None, "id"),
    ],
)
def test_effects_that_change_with_time_are_those_of_tt_and_survsplit(name, sample, terms, moving, function, cuts, cluster):
    spells = read("data", sample)
    episodes = cox.time_interaction(spells["time"], spells["event"], spells[terms], moving, function, spells["entry"], cuts, "moved")
    units = None if cluster is None else spells[cluster].to_numpy()[episodes.position]
    ours, table = cox.fit(episodes.time, episodes.event, episodes.design, episodes.entry, cluster=units), changing(name)
    assert_allclose(ours.coefficients, table.loc[ours.terms, "estimate"], **CLOSE)
    assert_allclose(ours.se, table.loc[ours.terms, "se"], **CLOSE)
    assert_allclose(ours.log_likelihood, table["loglik"].iloc[0], rtol=1e-11)


def test_spells_are_cut_as_survsplit_cuts_them():
    spells, table = read("data", "veteran"), read("data", "veteran_pieces")
    ours = cox.split(spells["time"], spells["event"], spells[["karno"]], cuts=[60, 180])
    for values, column in ((ours.entry, "from"), (ours.time, "time"), (ours.event, "event"), (ours.interval + 1, "interval"), (ours.design["karno"], "karno")):
        assert_array_equal(values, table[column], err_msg=column)


@pytest.mark.parametrize(
    ("sample", "named"), [("no_event_in_a_group", "z"), ("ordered", "z"), ("all_reference_survive", "z, w"), ("with_entry", "z"), ("fine", "")]
)  # fmt: skip
def test_a_monotone_likelihood_is_refused_where_r_warns(sample, named):
    spells = read("data", "separated").query("sample == @sample")
    table = read("expected", "separated").set_index("sample").loc[sample]
    design = spells[["x", "z", "w"] if spells["w"].any() else ["x", "z"]]
    ours = cox.fit(spells["time"], spells["event"], design, spells["entry"])
    assert isinstance(ours, NotEstimable) == bool(table["warned"])
    if named:
        assert "monotone likelihood" in ours.reason
        assert f" {named} is " in ours.reason or f"with {named}, whose" in ours.reason
    else:
        assert_allclose(ours.params["z"], table["z"], rtol=1e-6)


WITHOUT_ENTRY = [name for name in MODELS.index if not read("data", MODELS.loc[name, "sample"])["entry"].any() and name != "lung_heavy"]


@pytest.mark.parametrize("name", WITHOUT_ENTRY)
def test_statsmodels_agrees_where_it_is_right(name):
    from statsmodels.duration.hazard_regression import PHReg

    spells, arguments = parts(name)
    ours, ties = fitted(name), arguments["ties"]
    model = PHReg(
        spells["time"].astype(float), arguments["design"].astype(float), status=spells["event"], ties=ties, strata=arguments["strata"], offset=arguments["offset"], missing="raise"
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(disp=0)
    assert_allclose(ours.coefficients, theirs.params, **CLOSE)
    assert_allclose(ours.naive_se, theirs.bse, rtol=1e-7)
    assert_allclose(ours.log_likelihood, theirs.llf, rtol=1e-10)


def test_robust_variances_of_statsmodels_agree_under_breslow():
    from statsmodels.duration.hazard_regression import PHReg

    spells = read("data", "kidney")
    spells = spells[spells["time"] >= spells.loc[spells["event"] == 1, "time"].min()]  # one that leaves before the first event makes them NaN there
    design = spells[["age", "female"]]
    theirs = PHReg(spells["time"].astype(float), design.astype(float), status=spells["event"], ties="breslow", missing="raise").fit(disp=0, groups=spells["id"].to_numpy())
    assert_allclose(cox.fit(spells["time"], spells["event"], design, cluster=spells["id"], ties="breslow").se, theirs.bse, rtol=1e-7)


def test_the_samples_hold_what_is_hard():
    assert (MODELS["strata"] != "").sum() >= 5
    assert (MODELS["cluster"] != "").sum() >= 10
    assert (MODELS["ties"] == "breslow").sum() >= 5
    for name in ("heart", "awkward", "bladder"):
        spells = read("data", name)
        assert spells["entry"].isin(spells.loc[spells["event"] == 1, "time"]).any()
    for name in ("lung", "colon", "awkward", "bladder", "kidney", "rats"):
        spells = read("data", name).query("event == 1")
        assert spells["time"].duplicated().any()
