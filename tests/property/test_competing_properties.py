"""Invariances of competing risks, restricted means of two groups and gap-times."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from coalitions import competing, gaptimes, rmst, survival
from coalitions.survival import NotEstimable, SurvivalInputError

quick = settings(derandomize=True, deadline=None, max_examples=25)


@st.composite
def samples(draw, most_causes=3, truncated=True, least=2):
    """Spells as a data frame: entry, time, cause, two groups, a covariate. Few distinct times, so that ties are common."""
    n = draw(st.integers(least, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    longest = draw(st.sampled_from([4, 12, 2000]))
    entry = rng.integers(0, longest, n) if truncated and draw(st.booleans()) else np.zeros(n, dtype=int)
    frame = pd.DataFrame({"entry": entry, "time": entry + rng.integers(1, longest, n), "cause": rng.integers(0, draw(st.integers(1, most_causes)) + 1, n)})
    frame["group"] = rng.permutation(np.arange(n) % 2)
    frame["x"], frame["z"] = rng.normal(size=n).round(2), rng.normal(size=n)
    return frame


def incidences(frame, **options):
    return competing.cumulative_incidence(frame["time"], frame["cause"], frame["entry"], **options)


@quick
@given(samples())
def test_incidences_sum_to_one_minus_kaplan_meier(frame):
    curve = incidences(frame, causes=3)
    whole = survival.kaplan_meier(frame["time"], (frame["cause"] > 0).astype(int), frame["entry"])
    total = curve.groupby("time_days")["incidence"].sum()
    assert_allclose(total, 1 - whole["survival"], atol=1e-12)
    assert_allclose(curve.query("cause == 1")["survival"], whole["survival"])
    assert (curve.groupby("cause")["incidence"].diff().dropna() >= 0).all()
    inside = curve.query("0 < incidence < 1 - 1e-9")
    assert ((inside["ci_lower"] <= inside["incidence"]) & (inside["incidence"] <= inside["ci_upper"])).all()


@quick
@given(samples(most_causes=1))
def test_one_cause_is_one_minus_kaplan_meier(frame):
    whole = survival.kaplan_meier(frame["time"], frame["cause"], frame["entry"])
    curve = incidences(frame, interval="plain")
    alive = whole["survival"] > 0
    assert_allclose(curve["incidence"], 1 - whole["survival"], atol=1e-12)
    assert_allclose(curve.loc[alive, "std_err"], whole.loc[alive, "std_err"], rtol=1e-6, atol=1e-8)


@quick
@given(samples(truncated=False), st.sampled_from(["jackknife", "aalen"]))
def test_variances_agree_as_they_should(frame, variance):
    one, other = incidences(frame), incidences(frame, variance=variance)
    if variance == "jackknife":  # the same number without entry
        assert_allclose(one["std_err"] ** 2, other["std_err"] ** 2, rtol=1e-7, atol=1e-13)
    else:
        assert_allclose(one["incidence"], other["incidence"])


@quick
@given(samples(), st.sampled_from(["delta", "jackknife", "aalen"]), st.integers(0, 2**32 - 1), st.sampled_from([2, 7, 365]))
def test_row_order_and_unit_of_time_change_no_incidence(frame, variance, seed, unit):
    curve = incidences(frame, variance=variance)
    pd.testing.assert_frame_equal(incidences(frame.sample(frac=1, random_state=seed), variance=variance), curve, rtol=1e-9, atol=1e-10)
    other = incidences(frame.assign(time=unit * frame["time"], entry=unit * frame["entry"]), variance=variance)
    pd.testing.assert_frame_equal(other.assign(time_days=other["time_days"] // unit), curve)


def gray_numbers(frame, **options):
    tests = competing.gray_test(frame["time"], frame["cause"], frame["group"], **options)
    return [np.nan if isinstance(test, NotEstimable) else test.statistic for test in tests.values()]


@quick
@given(samples(truncated=False, least=10), st.sampled_from([0, 1]), st.integers(0, 2**32 - 1))
def test_gray_heeds_neither_row_order_nor_unit_nor_names(frame, rho, seed):
    first = gray_numbers(frame, rho=rho)
    assert_allclose(gray_numbers(frame.sample(frac=1, random_state=seed), rho=rho), first, rtol=1e-7, atol=1e-9)
    assert_allclose(gray_numbers(frame.assign(time=frame["time"] * 30), rho=rho), first, rtol=1e-9)
    assert_allclose(gray_numbers(frame.assign(group=1 - frame["group"]), rho=rho), first, rtol=1e-7, atol=1e-9)
    assert_allclose(gray_numbers(frame, rho=rho, strata=np.ones(len(frame))), first, rtol=1e-12)


def fitted(frame, **options):
    return competing.fine_gray(frame["time"], frame["cause"], frame[["x", "z"]], 1, events_per_parameter=1, **options)


@quick
@given(samples(truncated=False, least=25), st.integers(0, 2**32 - 1))
def test_fine_gray_heeds_neither_row_order_nor_unit_nor_scale(frame, seed):
    model = fitted(frame)
    assume(not isinstance(model, NotEstimable))
    others = [
        (fitted(frame.sample(frac=1, random_state=seed)), 1),
        (fitted(frame.assign(time=frame["time"] * 30)), 1),
        (fitted(frame.assign(x=frame["x"] * 1000 + 5e4)), 1000),
        (fitted(frame, cluster=np.arange(len(frame))), 1),
    ]
    for other, scale in others:
        assert_allclose(other.coefficients * [scale, 1], model.coefficients, rtol=1e-6, atol=1e-8)
        assert_allclose(other.table()["se"] * [scale, 1], model.table()["se"], rtol=1e-6)
        assert_allclose(other.loglik, model.loglik, rtol=1e-9)


def test_fine_gray_without_competing_ends_is_cox():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 2))
    time, event = rng.integers(1, 150, 200), rng.integers(0, 2, 200)
    model = competing.fine_gray(time, event, x, 1)
    effect = np.exp(x @ model.coefficients.to_numpy())
    loglik, score = 0.0, np.zeros(2)
    for i in np.flatnonzero(event):  # Breslow's partial likelihood, term by term
        risk = time >= time[i]
        loglik += np.log(effect[i] / effect[risk].sum())
        score += x[i] - effect[risk] @ x[risk] / effect[risk].sum()
    assert_allclose(model.loglik, loglik, rtol=1e-12)
    assert_allclose(score, 0, atol=1e-7)


def test_fine_gray_finds_what_was_put_in():
    rng = np.random.default_rng(11)
    n, beta, p = 20_000, np.array([0.5, -0.7]), 0.4
    x = np.column_stack([rng.normal(size=n), rng.integers(0, 2, n)])
    effect = np.exp(x @ beta)
    first = rng.random(n) < 1 - (1 - p) ** effect  # the mixture of Fine and Gray (1999), section 5
    u = rng.random(n)
    inverse = -np.log(1 - (1 - (1 - u * (1 - (1 - p) ** effect)) ** (1 / effect)) / p)
    exact = np.where(first, inverse, rng.exponential(size=n) / effect)
    gone = rng.uniform(0.5, 4, n)
    time = np.ceil(1000 * np.minimum(exact, gone))
    model = competing.fine_gray(time, np.where(exact < gone, 2 - first, 0), x, 1)
    assert (np.abs(model.coefficients.to_numpy() - beta) < 3 * model.table()["se"]).all()
    assert (model.table()["se"] < 0.03).all()
    assert_allclose(competing.predicted_incidence(model, [0, 0], [500, 1000, 2000]), p * -np.expm1([-0.5, -1, -2]), atol=0.015)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda f: f.assign(x=1.0), "constant"),
        (lambda f: f.assign(x=2 * f["z"] + 1), "combination"),
        (lambda f: f.assign(cause=2), "no events"),
        (lambda f: f.assign(x=((f["cause"] != 1) & (f["time"] > 3)).astype(int)), "no events of cause 1 where x is 1"),
        (lambda f: f.assign(x=np.where(f["cause"] == 1, 100 - f["time"], 1.0)), "rises without end"),
        (lambda f: f.assign(cause=np.where(np.arange(len(f)) < 9, f["cause"], 0)), "fewer than 5 each"),
    ],
)
def test_what_cannot_be_estimated_says_why(change, reason):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"time": rng.integers(1, 40, 120), "cause": rng.integers(0, 3, 120), "x": rng.normal(size=120), "z": rng.normal(size=120)})
    assert isinstance(competing.fine_gray(frame["time"], frame["cause"], frame[["x", "z"]], 1), competing.FineGray)
    frame = change(frame)
    model = competing.fine_gray(frame["time"], frame["cause"], frame[["x", "z"]], 1)
    assert isinstance(model, NotEstimable)
    assert reason in model.reason


@pytest.mark.parametrize(
    ("cause", "group", "reason"),
    [
        ([1, 2] * 6, [0] * 12, "only one group"),
        ([1] * 12, [0] * 4 + [1, 2] * 4, "hardly overlap"),
        ([2] * 6 + [1] * 6, [0] * 6 + [1] * 6, "fewer than two groups"),
        ([2, 0] * 6, [0, 1] * 6, "no events"),
    ],
)
def test_what_gray_cannot_test_says_why(cause, group, reason):
    test = competing.gray_test(np.arange(1, 13), cause, group)[1]
    assert isinstance(test, NotEstimable)
    assert reason in test.reason


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        ([0, 1, -1], "position 2"),
        ([0, 1.5, 1], "position 1"),
        ([0, 1, np.nan], "position 2"),
        (["a", "b", "c"], "not a number"),
        ([1, 2], "2 values for 3"),
        ([0, 1, 4], "above 3"),
    ],
)
def test_bad_causes_are_refused(cause, message):
    with pytest.raises(SurvivalInputError, match=message):
        competing.cumulative_incidence([3, 4, 5], cause, causes=3)


def test_incidence_is_not_carried_beyond_the_last_spell():
    curve = competing.cumulative_incidence([2, 4, 6], [1, 2, 0], causes=3)
    line = competing.at(curve, [1, 2, 6, 7]).set_index(["cause", "days"])["incidence"]
    assert line[1].tolist()[:3] == pytest.approx([0, 1 / 3, 1 / 3])
    assert line[3].tolist()[:3] == [0, 0, 0]
    assert line.xs(7, level="days").isna().all()
    assert isinstance(competing.difference_at(curve, curve, 7, 1), NotEstimable)
    assert competing.difference_at(curve, curve, 4, 2).estimate == 0


# ---- Restricted means of two groups ------------------------------------------------------------------------------------------------------------------------------


@quick
@given(samples(most_causes=1, truncated=False), st.integers(0, 2**32 - 1), st.floats(0.2, 1.3), st.booleans())
def test_shuffled_statistics_are_those_of_the_estimator(frame, seed, part, studentised):
    time, event = frame["time"].to_numpy(), frame["cause"].to_numpy()
    tau = max(1, int(part * time.max()))
    rng = np.random.default_rng(seed)
    members = rng.permuted(np.broadcast_to(frame["group"].to_numpy(bool), (5, len(frame))), axis=1)
    order = np.lexsort((1 - event, time))
    ours = rmst._statistics(time[order], event[order], members[:, order], tau, studentised)
    for mine, value in zip(members, ours, strict=True):
        one, other = (survival.restricted_mean(time[mask], event[mask], tau) for mask in (mine, ~mine))
        if isinstance(one, NotEstimable) or isinstance(other, NotEstimable):
            assert np.isnan(value)
            continue
        expected, se = one.estimate - other.estimate, np.hypot(one.se, other.se)
        if not studentised:
            assert_allclose(value, expected, rtol=1e-9, atol=1e-9)
        elif se > 0 and abs(expected) > 1e-9:
            assert_allclose(value, expected / se, rtol=1e-7)


@quick
@given(samples(most_causes=1, truncated=False, least=12), st.integers(0, 2**32 - 1))
def test_differences_heed_neither_row_order_nor_unit_nor_side(frame, seed):
    def of(frame, tau, **options):
        return rmst.difference(frame["time"], frame["cause"], frame["group"], tau, **options)

    tau = int(frame.groupby("group")["time"].max().min())
    first = of(frame, tau)
    assume(not isinstance(first, NotEstimable))
    again, scaled, turned = of(frame.sample(frac=1, random_state=seed), tau), of(frame.assign(time=frame["time"] * 30), tau * 30), of(frame, tau, reference=0)
    assert_allclose([again.difference, again.se, again.ratio], [first.difference, first.se, first.ratio], rtol=1e-9, atol=1e-12)
    assert_allclose([scaled.difference / 30, scaled.se / 30, scaled.ratio_upper], [first.difference, first.se, first.ratio_upper], rtol=1e-9, atol=1e-12)
    assert_allclose([-turned.difference, turned.se, 1 / turned.ratio], [first.difference, first.se, first.ratio], rtol=1e-9, atol=1e-12)
    assert (turned.group, turned.reference) == (first.reference, first.group) == (1, 0)
    curve = rmst.curve_of_differences(frame["time"], frame["cause"], frame["group"], [1, tau, 10**6])
    assert_allclose(curve.loc[1, "difference"], first.difference)
    dropped = rmst.dropping(frame["time"], frame["cause"], frame["group"], tau, 2, of=1)
    assert_allclose(dropped.loc[0, "difference"], first.difference)
    assert frame["group"].iloc[dropped["position"][1:]].eq(1).all()
    assert frame["time"].iloc[dropped["position"][1]] == frame.loc[frame["group"] == 1, "time"].max()


def test_permutation_p_is_uniform_if_nothing_differs():
    rng = np.random.default_rng(5)
    values = []
    for _ in range(300):
        true, gone = rng.exponential(900, 60), rng.uniform(200, 4000, 60)
        time, event = np.ceil(np.minimum(true, gone)), (true <= gone).astype(int)
        result = rmst.difference(time, event, rng.permutation(60) < 25, 400, draws=199, rng=rng)
        values.append(result.permutation_p)
        assert result.undefined < 199
    for level in (0.05, 0.25, 0.5, 0.75):
        assert abs(np.mean(np.array(values) <= level) - level) < 3 * np.sqrt(level * (1 - level) / len(values))


def test_permutation_p_is_that_of_all_labellings_and_counts_undefined_draws():
    time, event, group = np.array([3, 5, 8, 9, 14, 20, 21, 30]), np.array([1, 1, 0, 1, 1, 0, 1, 1]), np.array([1, 1, 1, 0, 1, 0, 0, 0])
    result = rmst.difference(time, event, group, 20, draws=20_000, rng=np.random.default_rng(2), studentised=False)
    masks = np.array([[bool(code >> i & 1) for i in range(8)] for code in range(256) if bin(code).count("1") == 4])
    values = np.abs(rmst._statistics(time, event, masks, 20, False))
    exact = np.mean(np.isnan(values) | (values >= abs(result.difference) - 1e-9))
    assert result.permutation_p == pytest.approx(exact, abs=0.012)
    assert result.undefined / 20_000 == pytest.approx(np.isnan(values).mean(), abs=0.012)
    again = rmst.difference(time, event, group, 20, draws=20_000, rng=np.random.default_rng(2), studentised=False)
    assert again == result


def test_shares_over_are_one_minus_kaplan_meier():
    time, event, group = [10, 20, 20, 30, 5, 40, 50, 60], [1, 1, 0, 1, 1, 0, 1, 0], ["a"] * 4 + ["b"] * 4
    shares = rmst.shares_over(time, event, group, [4, 20, 55, 70])
    assert_allclose(shares["share"], [0, 0.5, 1, 1, 0, 0.25, 0.625, np.nan])
    assert shares["n_at_risk"].tolist() == [4, 3, 0, 0, 4, 3, 1, 0]
    difference = rmst.share_differences(time, event, group, [4, 20, 55, 70])
    assert_allclose(difference["difference"], [0, 0.25, 0.375, np.nan])
    assert difference["p"].isna().tolist() == [True, False, True, True]
    with pytest.raises(SurvivalInputError, match="3 groups"):
        rmst.difference(time, event, ["a", "b", "c", "a"] * 2, 20)


# ---- Clusters and gap-times --------------------------------------------------------------------------------------------------------------------------------------


@quick
@given(samples(most_causes=1, truncated=False))
def test_every_spell_its_own_cluster_gives_greenwood(frame):
    whole = survival.kaplan_meier(frame["time"], frame["cause"])
    ours = gaptimes.clustered_survival(frame["time"], frame["cause"], np.arange(len(frame)), whole["time_days"])
    assert_allclose(ours["survival"], whole["survival"])
    assert_allclose(ours["std_err"], whole["std_err"], rtol=1e-9)
    assert_allclose(ours["ci_lower"], whole["ci_lower"], rtol=1e-9)


@st.composite
def theatres(draw):
    """Operations in theatres, with chains, successors and unknown ends, and what is still to be worked out: the cut-off."""
    n = draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    names = np.array([f"op-{i:02}" for i in range(n)])
    start = rng.integers(0, 40, n)
    status = rng.choice(["ended", "ongoing", "unknown"], n, p=[0.7, 0.2, 0.1])
    day = pd.Timestamp("2000-01-01")
    frame = pd.DataFrame({"operation_id": names, "chain_id": names, "arrangement": rng.choice(["ahc", "un"], n), "start": day + pd.to_timedelta(start, unit="D"), "status": status})
    frame["end"] = (frame["start"] + pd.to_timedelta(rng.integers(0, 15, n), unit="D")).where(status == "ended")
    frame["successor_id"] = np.where(rng.random(n) < 0.4, rng.choice(names, n), "")
    frame["deployed"] = 1
    places = [{"operation_id": name, "theatre": place, "primary": 1} for name in names for place in "AB" if rng.random() < 0.7 or place == "A"]
    return frame, pd.DataFrame(places), day + pd.Timedelta(days=60)


def slow_gaps(frame, places, cutoff, handovers):
    """The definition, one end after the other."""
    rows = []
    for theatre, group in frame.merge(places, on="operation_id").groupby("theatre"):
        for one in group[group["status"] == "ended"].itertuples():
            found, still = [], 0
            for other in group[group["operation_id"] != one.operation_id].itertuples():
                heir = other.operation_id == one.successor_id
                at_work = {"ended": other.status == "ended" and other.end > one.end, "ongoing": True, "unknown": False}[other.status]
                there = other.start <= one.end and at_work
                still += there
                takes_over = heir and handovers and (at_work or other.status == "unknown")
                if takes_over or (other.start >= one.end and (handovers or not heir)):
                    found.append((max((other.start - one.end).days, 0), not heir, other.operation_id, there))
            first = min(found) if found else None
            wait = max(first[0], 1) if first else (cutoff - one.end).days
            rows.append(
                (theatre, one.operation_id, wait, int(first is not None), first[2] if first else None, int(first is not None and not first[1]), still - (first[3] if first else 0))
            )
    return sorted(rows)


@settings(derandomize=True, deadline=None, max_examples=15)
@given(theatres(), st.booleans(), st.integers(0, 2**32 - 1))
def test_gaps_are_those_of_the_definition(drawn, handovers, seed):
    frame, places, cutoff = drawn
    ours = gaptimes.gaps(frame.sample(frac=1, random_state=seed), places.sample(frac=1, random_state=seed), cutoff, handovers=handovers)
    columns = ["theatre", "chain_id", "gap_days", "followed", "next_chain_id", "handed_over", "n_still_there"]
    table = ours[columns].astype(object).where(ours[columns].notna(), None)
    assert sorted(table.itertuples(index=False, name=None)) == slow_gaps(frame, places, cutoff, handovers)
    if len(ours):
        matrix = gaptimes.transitions(ours)
        assert matrix["n"].sum() == len(ours)
        assert matrix.groupby("arrangement")["share"].sum().round(12).isin([0, 1]).all()
