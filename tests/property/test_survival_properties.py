"""What must hold of survival estimates whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coalitions import survival
from coalitions.survival import Mean, NotEstimable

SPELLS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 1)), min_size=1, max_size=40)
GROUPED = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 1), st.sampled_from("abc")), min_size=2, max_size=40)


def columns(rows):
    return tuple(np.array(column) for column in zip(*rows, strict=True))


@given(SPELLS)
def test_a_survival_curve_falls_from_one_and_never_leaves_its_limits(rows):
    curve = survival.kaplan_meier(*columns(rows))
    values = np.concatenate(([1.0], curve["survival"]))
    assert (np.diff(values) <= 0).all()
    assert ((values >= 0) & (values <= 1)).all()
    known = curve.dropna()
    assert (known["ci_lower"] <= known["survival"] + 1e-12).all()
    assert (known["survival"] <= known["ci_upper"] + 1e-12).all()
    assert curve[["n_event", "n_censored"]].to_numpy().sum() == len(rows)
    assert curve["n_at_risk"].iloc[0] == len(rows)


@given(SPELLS, st.randoms(use_true_random=False))
def test_the_order_of_spells_does_not_matter(rows, random):
    mixed = random.sample(rows, len(rows))
    assert survival.kaplan_meier(*columns(rows)).equals(survival.kaplan_meier(*columns(mixed)))


@given(SPELLS)
def test_every_spell_twice_is_the_same_curve_with_twice_the_numbers(rows):
    one, two = survival.kaplan_meier(*columns(rows)), survival.kaplan_meier(*columns(rows * 2))
    assert two["survival"].to_numpy() == pytest.approx(one["survival"].to_numpy())
    assert (two["n_at_risk"] / 2).tolist() == one["n_at_risk"].tolist()
    known = one["std_err"].notna().to_numpy()
    assert two["std_err"][known].to_numpy() * np.sqrt(2) == pytest.approx(one["std_err"][known].to_numpy())


@given(SPELLS)
def test_entry_at_zero_is_no_entry(rows):
    time, event = columns(rows)
    assert survival.kaplan_meier(time, event).equals(survival.kaplan_meier(time, event, np.zeros(len(time))))


@given(SPELLS, st.lists(st.integers(0, 59), min_size=40, max_size=40))
def test_a_spell_in_two_episodes_is_the_same_spell(rows, cuts):
    episodes = []
    for (time, event), cut in zip(rows, cuts, strict=False):
        inner = cut % time
        episodes += [(inner, 0, 0), (time, event, inner)] if inner else [(time, event, 0)]
    whole, split = survival.kaplan_meier(*columns(rows)), survival.kaplan_meier(*columns(episodes)).set_index("time_days")
    assert split.loc[whole["time_days"], "survival"].to_numpy() == pytest.approx(whole["survival"].to_numpy())
    assert split.loc[whole["time_days"], "n_at_risk"].tolist() == whole["n_at_risk"].tolist()


@given(GROUPED, st.lists(st.integers(0, 39), min_size=40, max_size=40))
def test_splitting_into_episodes_does_not_change_the_log_rank_test(rows, cuts):
    episodes = []
    for (time, event, group), cut in zip(rows, cuts, strict=False):
        inner = cut % time
        episodes += [(inner, 0, group, 0), (time, event, group, inner)] if inner else [(time, event, group, 0)]
    one, two = survival.log_rank(*columns(rows)), survival.log_rank(*columns(episodes))
    assert type(one) is type(two)
    assume(not isinstance(one, NotEstimable))
    assert two.statistic == pytest.approx(one.statistic, abs=1e-9)


@given(SPELLS, st.integers(1, 80))
def test_a_restricted_mean_lies_between_zero_and_its_horizon_and_is_the_sum_of_survival_over_days(rows, tau):
    time, event = columns(rows)
    mean = survival.restricted_mean(time, event, tau)
    assume(isinstance(mean, Mean))
    curve = survival.kaplan_meier(time, event)
    assert 0 < mean.estimate <= tau + 1e-9
    assert mean.estimate == pytest.approx(sum(survival.survival_at(curve, day)[0] for day in range(tau)))
    assert mean.se >= 0


@given(SPELLS, st.integers(1, 30), st.integers(1, 30))
def test_restricted_means_add_up_over_adjoining_stretches(rows, first, more):
    time, event = columns(rows)
    near, far = survival.restricted_mean(time, event, first), survival.restricted_mean(time, event, first + more)
    assume(isinstance(far, Mean))
    curve = survival.kaplan_meier(time, event)
    assert isinstance(near, Mean)
    assert far.estimate - near.estimate == pytest.approx(sum(survival.survival_at(curve, day)[0] for day in range(first, first + more)))


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30))
def test_without_censoring_the_mean_to_the_longest_spell_is_the_plain_mean(times):
    assert survival.restricted_mean(times, [1] * len(times), max(times)).estimate == pytest.approx(np.mean(times))


@given(GROUPED, st.randoms(use_true_random=False), st.permutations("xyz"))
def test_the_log_rank_test_knows_neither_order_nor_names_of_groups(rows, random, names):
    renamed = [(time, event, dict(zip("abc", names, strict=True))[group]) for time, event, group in random.sample(rows, len(rows))]
    one, two = survival.log_rank(*columns(rows)), survival.log_rank(*columns(renamed))
    assert type(one) is type(two)
    assume(not isinstance(one, NotEstimable))
    assert two.statistic == pytest.approx(one.statistic, abs=1e-9)
    assert two.df == one.df
    assert 0 <= one.p <= 1
    assert sum(one.observed) == pytest.approx(sum(one.expected))


@given(SPELLS)
def test_a_median_is_where_the_curve_falls_to_one_half(rows):
    curve = survival.kaplan_meier(*columns(rows))
    median = survival.quantile(curve)[0]
    if np.isnan(median):
        assert curve["survival"].iloc[-1] > 0.5
    else:
        assert survival.survival_at(curve, median)[0] <= 0.5 + 1e-7
        assert survival.survival_at(curve, curve["time_days"].iloc[0] - 1)[0] == 1


@pytest.mark.parametrize("seed", range(6))
def test_counting_by_day_and_sorting_give_the_same_bits(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    n, days = int(rng.integers(5, 400)), int(rng.integers(3, 60))
    entry = rng.integers(0, days // 2 + 1, n)
    time, event, group = entry + rng.integers(1, days, n), rng.integers(0, 2, n), rng.integers(0, 3, n)
    found = []
    for by_day in (True, False):
        monkeypatch.setattr(survival, "_by_day", lambda days, n, by_day=by_day: by_day)
        test = survival.log_rank(time, event, group, entry)
        found.append((survival.kaplan_meier(time, event, entry), test))
    pd.testing.assert_frame_equal(found[0][0], found[1][0], check_exact=True)
    assert found[0][1] == found[1][1]
