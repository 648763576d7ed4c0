"""Competing risks, restricted means of two groups and clustered Kaplan-Meier against R's survival and cmprsk: see make_reference_competing.R."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from coalitions import competing, gaptimes, rmst

HERE = Path(__file__).parent


@cache
def read(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / folder / f"cr_{name}.csv", float_precision="round_trip")


@cache
def curve(name: str, confidence: float, interval: str, variance: str) -> pd.DataFrame:
    spells = read("data", name)
    return competing.cumulative_incidence(spells["time"], spells["cause"], spells["entry"], confidence, variance, interval)


@pytest.mark.parametrize("variance", ["jackknife", "delta"])
@pytest.mark.parametrize(("name", "level", "interval"), read("expected", "curves")[["sample", "level", "interval"]].drop_duplicates().to_numpy().tolist())
def test_incidences_are_those_of_survfit(name, level, interval, variance):
    expected = read("expected", "curves").query("sample == @name and level == @level and interval == @interval").reset_index(drop=True)
    ours = expected[["cause", "time_days"]].merge(curve(name, level, interval, variance), how="left", validate="one_to_one")
    if variance == "delta" and read("data", name)["entry"].any():  # survfit's multi-state jackknife is not Greenwood's with entry
        assert 0.001 < (ours["std_err"] / expected["std_err"] - 1).abs().max() < 0.2
        return
    for column in ("n_at_risk", "n_event"):
        assert_array_equal(ours[column], expected[column])
    for column in ("survival", "incidence"):
        assert_allclose(ours[column], expected[column], rtol=1e-11, atol=1e-14)
    assert_allclose(ours["std_err"], expected["std_err"], rtol=1e-9, atol=1e-14)
    inside = (expected["incidence"] > 0) & (expected["incidence"] < 1)
    assert inside.mean() > 0.7
    for column in ("ci_lower", "ci_upper"):
        assert_allclose(ours.loc[inside, column], expected.loc[inside, column], rtol=1e-9, atol=1e-14)
        assert (ours.loc[expected["incidence"] == 0, column] == 0).all()  # R has no log-log interval where the incidence is 0


@pytest.mark.parametrize("name", read("expected", "curves_cmprsk")["sample"].unique())
def test_the_other_variance_is_that_of_cuminc(name):
    expected = read("expected", "curves_cmprsk").query("sample == @name").reset_index(drop=True)
    for cause, lines in expected.groupby("cause"):
        whole = curve(name, 0.95, "log-log", "aalen")
        ours = competing.at(whole[whole["cause"] == cause], lines["time_days"])
        assert_allclose(ours["incidence"], lines["incidence"], rtol=1e-11, atol=1e-14)
        assert_allclose(ours["std_err"] ** 2, lines["variance"], rtol=1e-9, atol=1e-15)


def test_the_two_variances_differ_in_the_third_digit():
    ratio = curve("transplant", 0.95, "log-log", "aalen")["std_err"] / curve("transplant", 0.95, "log-log", "delta")["std_err"]
    assert 1e-4 < (ratio - 1).abs().median() < 0.05


@pytest.mark.parametrize(("name", "group", "strata", "rho"), read("expected", "gray")[["sample", "group", "strata", "rho"]].drop_duplicates().to_numpy().tolist())
def test_gray_is_that_of_cuminc(name, group, strata, rho):
    spells = read("data", name)
    ours = competing.gray_test(spells["time"], spells["cause"], spells[group], None if strata == "none" else spells[strata], rho)
    expected = read("expected", "gray").query("sample == @name and group == @group and strata == @strata and rho == @rho")
    assert sorted(ours) == expected["cause"].tolist()
    for row in expected.itertuples():
        test = ours[row.cause]
        assert test.df == row.df
        assert_allclose([test.statistic, test.p], [row.statistic, row.p], rtol=1e-9)
        assert sum(test.observed) == (spells["cause"] == row.cause).sum()
        assert_allclose(sum(test.expected), sum(test.observed), rtol=1e-12)


@cache
def model(number: int, clustered: bool):
    rows = read("expected", "fine_gray").query("model == @number")
    spells = read("data", rows["sample"].iloc[0])
    cluster = spells[rows["cluster"].iloc[0]] if clustered else None
    return competing.fine_gray(spells["time"], spells["cause"], spells[rows["term"].tolist()], rows["cause"].iloc[0], cluster, events_per_parameter=1)


@pytest.mark.parametrize("number", read("expected", "fine_gray")["model"].unique())
def test_fine_and_gray_is_that_of_crr(number):
    expected = read("expected", "fine_gray").query("model == @number").reset_index(drop=True)
    ours = model(number, False)
    spells = read("data", expected["sample"].iloc[0])
    assert (ours.n, ours.events, ours.clusters) == (len(spells), (spells["cause"] == ours.of).sum(), None)
    assert ours.table()["term"].tolist() == expected["term"].tolist()
    for column in ("estimate", "se"):
        assert_allclose(ours.table()[column], expected[column], rtol=1e-8)
    assert_allclose([ours.loglik, ours.loglik_null], expected.loc[0, ["loglik", "loglik_null"]].astype(float), rtol=1e-11)
    covariance = read("expected", "fine_gray_covariances").query("model == @number").pivot(index="row", columns="column", values="value")
    assert_allclose(ours.covariance, covariance, rtol=1e-8, atol=1e-9 * np.abs(covariance.to_numpy()).max())
    curve = read("expected", "fine_gray_predictions").query("model == @number")
    at_means = spells[expected["term"].tolist()].mean()
    assert_allclose(competing.predicted_incidence(ours, at_means, curve["days"]), curve["incidence"], rtol=1e-9)


@pytest.mark.parametrize("number", read("expected", "fine_gray").query("cluster != 'none'")["model"].unique())
def test_influences_sum_within_clusters(number):
    expected = read("expected", "fine_gray").query("model == @number")
    ours = model(number, True)
    assert_allclose(ours.table()["se"], expected["cluster_se"], rtol=1e-8)
    assert not np.allclose(expected["se"], expected["cluster_se"], rtol=0.001)


@pytest.mark.parametrize("name", ["lung", "mgus2"])
def test_differences_of_restricted_means_are_those_of_survfit(name):
    spells = read("data", name)
    event = spells["event"] if name == "lung" else (spells["cause"] > 0).astype(int)
    expected = read("expected", "rmst").query("sample == @name")
    ours = rmst.curve_of_differences(spells["time"], event, spells["sex"].astype(str), expected["tau_days"])
    assert (ours["reason"] == "").all()
    for column in ("difference", "se", "lower", "upper", "p", "ratio", "ratio_lower", "ratio_upper"):
        assert_allclose(ours[column], expected[column], rtol=1e-9)
    last = expected.iloc[-1]
    one = rmst.difference(spells["time"], event, spells["sex"].astype(str), last["tau_days"])
    assert (one.group, one.reference) == (last["group"], last["reference"])
    assert_allclose(one.ratio_p, last["ratio_p"], rtol=1e-9)


def test_kaplan_meier_with_clusters_is_that_of_survfit():
    spells, expected = read("data", "lung"), read("expected", "clustered")
    ours = gaptimes.clustered_survival(spells["time"], spells["event"], spells["institution"], expected["days"])
    assert_array_equal(ours["days"], expected["days"])
    assert_allclose(ours["survival"], expected["survival"], rtol=1e-12)
    for column in ("std_err", "ci_lower", "ci_upper"):
        assert_allclose(ours[column], expected[column], rtol=1e-9)
