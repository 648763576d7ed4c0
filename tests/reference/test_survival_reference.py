"""Survival kernels against R's survival package and against statsmodels: see README.md."""

import itertools
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from coalitions import survival

HERE = Path(__file__).parent
WHOLE = ("lung", "veteran", "colon", "aml", "heart", "mgus")
ALWAYS_KNOWN = ("time_days", "n_at_risk", "n_event", "n_censored")

# Survival drops from above p to 0 while the lower limit is still above p: R has no lower limit, the kernel takes the time of the drop.
DROPS = ("one_event", "one_time", "drop_to_zero")
# Limits that rise again: print(survfit) and the kernel take the first crossing, quantile(survfit) another.
RISING = ("mgus", "heart_1")


@cache
def read(folder: str, name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / folder / f"{name}.csv", float_precision="round_trip")


@cache
def sample(name: str) -> pd.DataFrame:
    """Spells of a sample: a whole data set, a part of one, or one of the small samples."""
    if name in WHOLE:
        return read("data", name)
    parts = read("expected", "parts").set_index("part")
    if name in parts.index:
        part = parts.loc[name]
        whole = sample(part["sample"])
        return whole[whole[part["column"]].astype(str) == part["value"]]
    small = read("data", "small")
    return small[small["sample"] == name]


@cache
def curve(name: str, confidence: float = 0.95) -> pd.DataFrame:
    spells = sample(name)
    return survival.kaplan_meier(spells["time"], spells["event"], spells["entry"], confidence)


def expected(table: str, name: str) -> pd.DataFrame:
    frame = read("expected", table)
    return frame[frame["sample"] == name].reset_index(drop=True)


def names(table: str) -> list[str]:
    return read("expected", table)["sample"].unique().tolist()


def rows(table: str) -> list:
    return list(read("expected", table).itertuples(index=False))


def strata_of(spells: pd.DataFrame, column: str) -> pd.Series | None:
    return None if column == "none" else spells[column]


@pytest.mark.parametrize("name", names("curves"))
def test_curve_is_that_of_survfit(name):
    ours, theirs = curve(name), expected("curves", name)
    for column in ALWAYS_KNOWN:
        assert_array_equal(ours[column], theirs[column])
    for column in ("survival", "std_err"):
        assert_allclose(ours[column], theirs[column], rtol=1e-10, atol=0)
    whole = theirs["survival"] == 1
    for column in ("ci_lower", "ci_upper"):
        assert theirs.loc[whole, column].isna().all()
        assert (ours.loc[whole, column] == 1).all()  # R has no interval where survival is 1
        assert_allclose(ours.loc[~whole, column], theirs.loc[~whole, column], rtol=1e-10, atol=0)
        assert_array_equal(ours.loc[~whole, column].isna(), theirs.loc[~whole, "survival"] == 0)


def test_only_the_truncated_curve_that_dies_out_is_an_early_zero():
    assert [name for name in names("curves") if survival.early_zero(curve(name))] == ["early_zero"]


@pytest.mark.parametrize("name", names("quantiles"))
def test_quantiles_are_those_of_survfit(name):
    for row in expected("quantiles", name).itertuples():
        own = curve(name, row.level)
        estimate, lower, upper = survival.quantile(own, row.p)
        if name == "flat_to_the_end" and row.p == 0.5 and row.source == "quantile":
            assert (estimate, row.estimate) == (8, 11.5)  # quantile() goes on to the last censored spell, print() and the kernel do not
        else:
            assert_allclose(estimate, row.estimate, rtol=1e-12)
        assert_allclose(upper, row.upper, rtol=1e-12)
        if name in DROPS and np.isnan(row.lower):
            assert lower == own.loc[own["survival"] == 0, "time_days"].iloc[0]
        elif not (name in RISING and row.source == "quantile"):
            assert_allclose(lower, row.lower, rtol=1e-12)


def test_the_quantiles_hold_the_awkward_cases():
    medians = read("expected", "quantiles").query("source == 'print' and level == 0.95").set_index("sample")
    assert medians.loc["flat", "estimate"] == (7 + 11) / 2
    assert medians.loc["flat_to_the_end", "estimate"] == 8
    assert medians.loc[["no_upper_limit", "veteran_squamous"], "upper"].isna().tolist() == [True, False]
    assert np.isnan(medians.loc["no_median", "estimate"])
    for name in RISING:
        assert (curve(name)["ci_lower"].diff() > 0).any()


@pytest.mark.parametrize("name", names("survival_at"))
def test_survival_at_a_time_is_that_of_survfit(name):
    for row in expected("survival_at", name).itertuples():
        ours = survival.survival_at(curve(name), row.days)
        limits = (1, 1) if row.survival == 1 else (row.ci_lower, row.ci_upper)
        assert_allclose(ours, (row.survival, *limits), rtol=1e-10, atol=0)


@pytest.mark.parametrize("name", names("restricted_means"))
def test_restricted_mean_is_that_of_survfit(name):
    spells = sample(name)
    for row in expected("restricted_means", name).itertuples():
        ours = survival.restricted_mean(spells["time"], spells["event"], row.tau_days, spells["entry"])
        if row.known:
            assert_allclose((ours.estimate, ours.se), (row.estimate, row.se), rtol=1e-10, atol=0)
            assert (ours.tau_days, ours.n, ours.events) == (row.tau_days, row.n, row.events)
        else:  # R carries the curve on at its last value
            assert isinstance(ours, survival.NotEstimable)


@pytest.mark.parametrize("row", rows("log_rank"), ids=lambda row: f"{row.sample}-{row.group}-{row.strata}")
def test_log_rank_is_that_of_survdiff_or_coxph(row):
    spells = sample(row.sample)
    ours = survival.log_rank(spells["time"], spells["event"], spells[row.group], spells["entry"], strata_of(spells, row.strata))
    assert_allclose((ours.statistic, ours.p), (row.statistic, row.p), rtol=1e-9, atol=0)
    assert ours.df == row.df
    table = expected("log_rank_groups", row.sample).query("group == @row.group and strata == @row.strata").set_index("label")
    table = table.loc[[str(label) for label in ours.groups]]
    assert len(table) == ours.df + 1
    assert_array_equal(ours.observed, table["observed"])
    assert_allclose(ours.expected, table["expected"], rtol=1e-10, atol=0)


@pytest.mark.parametrize("name", ["early_leavers", "far_apart"])
def test_log_rank_in_awkward_samples(name):
    """A group that leaves before the first event takes no degree of freedom; a tiny p is not rounded to 0."""
    spells, theirs = read("data", name), read("expected", name).iloc[0]
    ours = survival.log_rank(spells["time"], spells["event"], spells["arm"])
    assert ours.df == theirs["df"]
    assert_allclose((ours.statistic, ours.p), (theirs["statistic"], theirs["p"]), rtol=1e-9, atol=0)


class EveryOrder:
    """In place of a random generator: every order of the columns, once."""

    def permuted(self, rows, axis):
        orders = np.array(list(itertools.permutations(range(rows.shape[1]))))
        assert axis == 1
        assert orders.shape == rows.shape
        return orders


@pytest.mark.parametrize("row", rows("permuted_log_rank"), ids=lambda row: f"{row.set}-{row.grouping}")
def test_permutation_p_is_that_of_the_enumeration(row):
    spells = read("data", "seven").query("set == @row.set")
    arguments = spells["time"], spells["event"], spells[row.grouping]
    assert_allclose(survival.permuted_log_rank_p(*arguments, row.orders, EveryOrder()), row.p, rtol=1e-12, atol=0)
    share, draws = row.extreme / row.orders, 10_000
    drawn = survival.permuted_log_rank_p(*arguments, draws, np.random.default_rng(20250101))
    assert abs(drawn - share) < 4 * np.sqrt(share * (1 - share) / draws) + 1 / draws


@pytest.mark.parametrize("name", ["lung", "veteran", "colon", "aml", "heart", "mgus", "no_upper_limit", "event_before_censoring", "entry_at_event"])
def test_curve_is_that_of_statsmodels(name):
    spells = sample(name)
    entry = spells["entry"].to_numpy() if spells["entry"].any() else None
    theirs = SurvfuncRight(spells["time"].to_numpy(), spells["event"].to_numpy(), entry=entry)
    ours = curve(name).query("n_event > 0")
    assert_array_equal(ours["time_days"], theirs.surv_times)
    assert_array_equal(ours["n_at_risk"], theirs.n_risk)
    assert_allclose(ours["survival"], theirs.surv_prob, rtol=1e-10, atol=0)
    assert_allclose(ours["std_err"], theirs.surv_prob_se, rtol=1e-10, atol=0)


# statsmodels does not cut `entry` down to a stratum: no stratified test with entry there.
COMPARABLE = [row for row in rows("log_rank") if row.source == "survdiff" or row.strata == "none"]


@pytest.mark.parametrize("row", COMPARABLE, ids=lambda row: f"{row.sample}-{row.group}-{row.strata}")
def test_log_rank_is_that_of_statsmodels(row):
    spells = sample(row.sample)
    entry = spells["entry"].to_numpy() if spells["entry"].any() else None
    strata = strata_of(spells, row.strata)
    statistic, p = survdiff(spells["time"].to_numpy(), spells["event"].to_numpy(), spells[row.group].to_numpy(), strata=strata, entry=entry)
    ours = survival.log_rank(spells["time"], spells["event"], spells[row.group], spells["entry"], strata)
    assert_allclose(ours.statistic, statistic, rtol=1e-10, atol=0)
    assert_allclose(ours.p, p, rtol=1e-10, atol=1e-14)  # statsmodels subtracts from 1
