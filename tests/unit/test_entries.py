"""Event study around the first entry: effective numbers by hand, the saturated regression, and what cannot be had."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import diversity, entries
from coalitions.survival import NotEstimable

CUTOFF = pd.Timestamp("2020-12-31")


def operations(rows):
    """Operations of (id, arrangement, organisation, theatres, start, end)."""
    frame = pd.DataFrame(rows, columns=["operation_id", "arrangement", "organisation", "theatres", "start", "end"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    frame["status"] = np.where(frame["end"].isna(), "ongoing", "ended")
    return frame.assign(chain_id=frame["operation_id"], parent_id=None, deployed=1)


THREE = [
    ("un-1", "un", "UN", "AFG+BIH", "2001-01-01", "2001-12-31"),
    ("eu-1", "regional", "EU", "AFG", "2001-07-02", "2002-01-10"),
    ("ahc-1", "ahc", None, "AFG", "2003-05-01", None),
]


def lines_of(frame):
    held = entries.layout(frame)
    return held, entries.dated(held, frame, CUTOFF)


def test_effective_numbers_are_those_of_diversity():
    held, lines = lines_of(operations(THREE))
    found = entries.yearly(lines, "providers", 2000, 2004, len(held.theatres))
    assert held.theatres.tolist() == ["AFG", "BIH"]
    assert found["simpson"][0, 1] == pytest.approx(diversity.effective_number([365, 183]))
    assert found["shannon"][0, 1] == pytest.approx(diversity.effective_number([365, 183], 1))
    assert found["count"].tolist() == [[0, 2, 1, 1, 1], [0, 1, 0, 0, 0]]
    assert found["simpson"][1].tolist() == [0, 1, 0, 0, 0]


def test_months_set_apart_what_a_year_puts_together():
    frame = operations([("a", "un", "UN", "AFG", "2001-01-01", "2001-06-30"), ("b", "regional", "EU", "AFG", "2001-07-01", "2001-12-31")])
    _, lines = lines_of(frame)
    year, month = (entries.yearly(lines, "providers", 2001, 2001, 1, resolution)["simpson"][0, 0] for resolution in ("year", "month"))
    assert year > 1.99
    assert month == pytest.approx(1)


def test_operations_of_one_provider_and_names_of_a_chain():
    frame = operations([("a", "un", "UN", "AFG", "2001-01-01", None), ("b", "un", "UN", "AFG", "2001-01-01", None), ("c", "un", "UN", "AFG", "2001-01-01", None)])
    frame["chain_id"] = ["a", "b", "b"]
    _, lines = lines_of(frame)
    assert entries.yearly(lines, "providers", 2002, 2002, 1)["simpson"][0, 0] == pytest.approx(1)
    assert entries.yearly(lines, "operations", 2002, 2002, 1)["count"][0, 0] == 2


def test_an_operation_without_a_theatre_or_never_deployed_has_no_line():
    frame = operations([*THREE, ("x", "ahc", None, None, "2001-01-01", None), ("y", "ahc", None, "AFG", None, None)])
    frame.loc[4, "deployed"] = 0
    held, lines = lines_of(frame)
    assert held.row.tolist() == [0, 0, 1, 2]
    assert not len(lines.where(lines.kind == 9).theatre)


def test_an_unknown_end_counts_on_its_first_day_and_the_cut_off_ends_all():
    frame = operations([("a", "un", "UN", "AFG", "2001-03-01", None), ("b", "regional", "EU", "AFG", "2001-01-01", None)])
    frame["status"] = ["unknown", "ongoing"]
    _, lines = lines_of(frame)
    assert (lines.last - lines.start).tolist() == [0, (CUTOFF - pd.Timestamp("2001-01-01")).days]
    assert [entries.last_full_year(pd.Timestamp(day)) for day in ("2026-06-30", "2025-12-31")] == [2025, 2025]


def test_the_first_entry_and_who_made_it():
    frame = operations([*THREE, ("ahc-2", "ahc", None, "AFG+BIH", "2005-01-01", None), ("ahc-3", "ahc", None, "BIH", "2005-01-01", None)])
    held, lines = lines_of(frame)
    year, first = entries.first_entries(lines, 0, len(held.theatres))
    assert year.tolist() == [2003, 2005]
    assert [(held.theatres[lines.theatre[i]], frame["operation_id"][held.row[i]]) for i in np.flatnonzero(first)] == [("AFG", "ahc-1"), ("BIH", "ahc-2"), ("BIH", "ahc-3")]


def study(treated=8, controls=9, effect=0.5, seed=0, noise=0.3, years=40, first=1985):
    """Outcome with theatre and year effects, noise, and an effect from the year of the entry on."""
    rng = np.random.default_rng(seed)
    entry = np.concatenate([rng.integers(first + 6, first + years - 11, treated), np.zeros(controls, dtype=int)])
    entry[1] = entry[0]  # two theatres of one cohort
    y = rng.normal(size=(treated + controls, 1)) + rng.normal(size=years) + noise * rng.normal(size=(treated + controls, years))
    y += effect * ((np.arange(first, first + years) >= entry[:, None]) & (entry > 0)[:, None])
    return y, entry, entry > 0, entry == 0, first


@pytest.mark.parametrize("estimator", list(entries.ESTIMATORS.values()))
def test_a_constant_effect_without_noise_is_recovered_by_both(estimator):
    y, entry, treated, controls, first = study(noise=0)
    found = estimator(y, entry, treated, controls, first)
    assert_allclose(found.estimate, np.where(found.relative < 0, 0, 0.5), atol=1e-9)
    assert found.relative.tolist() == [r for r in range(-5, 11) if r != -1]


def test_interaction_weights_are_those_of_the_saturated_regression():
    y, entry, treated, controls, first = study()
    found = entries.interaction_weighted(y, entry, treated, controls, first)
    theatre, year = np.indices(y.shape)
    since = np.where(treated[:, None], year + first - entry[:, None], -1)
    cohorts = [e for e in np.unique(entry) if e]
    columns = [(e, r) for e in cohorts for r in np.unique(since[entry == e]) if r != -1]
    design = np.column_stack([*[((entry[:, None] == e) & (since == r)).ravel() for e, r in columns], theatre.ravel()[:, None] == np.arange(len(y)),
                              year.ravel()[:, None] == np.arange(1, y.shape[1])]).astype(float)  # fmt: skip
    beta = dict(zip(columns, np.linalg.lstsq(design, y.ravel(), rcond=None)[0], strict=False))
    size = {e: int((entry == e).sum()) for e in cohorts}
    for r, estimate in zip(found.relative, found.estimate, strict=True):
        assert estimate == pytest.approx(sum(size[e] * beta[e, r] for e in cohorts) / sum(size.values()), abs=1e-8)


def test_the_interval_holds_its_level_in_simulations():
    inside = []
    for seed in range(200):
        y, entry, treated, controls, first = study(effect=0.4, seed=seed, treated=12, controls=15)
        theta, se = entries.mean_effect(entries.interaction_weighted(y, entry, treated, controls, first), 1, 5)
        inside.append(abs(theta - 0.4) <= 2.2 * se)
    assert 0.9 <= np.mean(inside) <= 0.99


def test_effects_that_grow_pull_the_two_way_model_away_from_the_interaction_weights():
    y, entry, treated, controls, first = study(effect=0, noise=0)
    growth = np.where(treated[:, None], np.clip(np.arange(first, first + y.shape[1]) - entry[:, None] + 1, 0, None), 0) * (entry[:, None] - first) / 20
    weighted, two_way = (estimator(y + growth, entry, treated, controls, first) for estimator in entries.ESTIMATORS.values())
    truth = [np.mean([growth[i, entry[i] - first + r] for i in np.flatnonzero(treated)]) for r in weighted.relative]
    assert_allclose(weighted.estimate, truth, atol=1e-9)
    assert np.abs(two_way.estimate - truth).max() > 1e-3


def test_order_of_theatres_does_not_matter():
    y, entry, treated, controls, first = study()
    order = np.random.default_rng(2).permutation(len(y))
    for estimator in entries.ESTIMATORS.values():
        one, other = estimator(y, entry, treated, controls, first), estimator(y[order], entry[order], treated[order], controls[order], first)
        assert_allclose(one.estimate, other.estimate, atol=1e-10)
        assert_allclose(one.cov, other.cov, atol=1e-10)


def test_late_entries_are_observed_for_fewer_years_and_the_rest_is_missing():
    y, entry, treated, controls, first = study()
    entry[treated] = first + 36
    found = entries.interaction_weighted(y, entry, treated, controls, first)
    assert found.missing == tuple(range(4, 11))
    assert entries.mean_effect(found, 1, 3)[0] == pytest.approx(found.estimate[(found.relative >= 1)].mean())
    assert "fewer than five theatres are observed" in entries.mean_effect(found, 1, 5).reason


@pytest.mark.parametrize("estimator", list(entries.ESTIMATORS.values()))
def test_too_few_theatres_have_no_study(estimator):
    found = estimator(*study(treated=4))
    assert isinstance(found, NotEstimable)
    assert found.reason == "fewer than five theatres in a group (4 entered, 9 never entered)"


def test_an_outcome_that_never_varies_has_no_variance_and_no_test():
    y, entry, treated, controls, first = study()
    found = entries.interaction_weighted(y * 0, entry, treated, controls, first)
    assert entries.mean_effect(found, 1, 5).reason == "the outcome does not vary: the effect has no variance"
    assert isinstance(entries.pre_trend(found), NotEstimable)


def test_a_trend_before_the_entry_is_seen():
    y, entry, treated, controls, first = study(noise=0.05)
    drift = np.where(treated[:, None], np.minimum(np.arange(first, first + y.shape[1]) - entry[:, None], 0) * 0.2, 0)
    assert entries.pre_trend(entries.interaction_weighted(y + drift, entry, treated, controls, first))[2] < 0.05


def test_who_is_treated_control_or_neither():
    entry, present = np.array([0, 0, 1950, 1991, 2021, 1990]), np.array([True, False, True, True, True, True])
    treated, controls, begin = entries.sample(entry, present, 1990, 1945, 2020)
    assert (treated.tolist(), controls.tolist(), begin) == ([False, False, False, True, False, True], [True, False, False, False, False, False], 1985)
    assert entries.sample(np.array([1945, 1946]), np.array([True, True]), 1945, 1945, 2020)[0].tolist() == [False, True]
