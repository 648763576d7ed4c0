"""What must hold of shares of a spread and of adjusted p-values whatever the data."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coalitions import spread


def table(sizes: list[int], seed: int, kept: float = 1.0) -> pd.DataFrame:
    """Estimates over a factorial, of which a part is estimable: additive effects, interactions, noise."""
    rng = np.random.default_rng(seed)
    cells = np.array(list(itertools.product(*map(range, sizes))))
    theta = sum(rng.normal(size=size)[cells[:, i]] for i, size in enumerate(sizes)) + rng.normal(size=len(cells))
    theta = np.where(rng.random(len(cells)) < kept, theta, np.nan)
    return pd.DataFrame({"theta": theta, "dimensions": ["; ".join(f"d{i}=v{value}" for i, value in enumerate(cell)) for cell in cells]})


def shares(rows: pd.DataFrame, dimensions: list[str]) -> pd.Series:
    return spread.spread(rows, dimensions).set_index("dimension")["share"]


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=5)


@given(SIZES, st.integers(0, 2**32 - 1), st.floats(0.4, 1))
def test_shares_are_not_negative_sum_to_one_with_interactions_and_to_r2_without(sizes, seed, kept):
    rows, names = table(sizes, seed, kept), [f"d{i}" for i in range(len(sizes))]
    found = shares(rows, names)
    assume(found.notna().all())
    known = rows.dropna()
    design = np.column_stack([np.ones(len(known)), pd.get_dummies(spread.parsed(known["dimensions"])).to_numpy(float)])
    theta = known["theta"].to_numpy()
    residual = theta - design @ np.linalg.lstsq(design, theta, rcond=None)[0]
    assert (found >= 0).all()
    assert found[names].sum() == pytest.approx(1 - residual @ residual / ((theta - theta.mean()) ** 2).sum(), abs=1e-8)
    assert found.sum() == pytest.approx(1, abs=1e-8)


@given(SIZES, st.integers(0, 2**32 - 1), st.floats(0.4, 1), st.randoms(use_true_random=False), st.floats(-1e3, 1e3), st.floats(0.01, 1e3))
def test_order_of_rows_and_of_dimensions_unit_and_origin_do_not_matter(sizes, seed, kept, random, origin, unit):
    rows, names = table(sizes, seed, kept), [f"d{i}" for i in range(len(sizes))]
    found = shares(rows, names)
    assume(found.notna().all())
    shuffled = rows.sample(frac=1, random_state=random.randrange(1000)).assign(theta=lambda frame: origin + unit * frame["theta"])
    other = shares(shuffled, random.sample(names, len(names)))
    np.testing.assert_allclose(other[found.index], found, atol=1e-6)


@given(st.lists(st.integers(2, 4), min_size=2, max_size=4), st.integers(0, 2**32 - 1))
def test_in_a_balanced_factorial_shares_are_eta_squared(sizes, seed):
    rows, names = table(sizes, seed), [f"d{i}" for i in range(len(sizes))]
    found = shares(rows, names)
    assume(found.notna().all())
    chosen = spread.parsed(rows["dimensions"])
    for name in names:
        means = rows["theta"].groupby(chosen[name]).transform("mean")
        assert found[name] == pytest.approx(means.var() / rows["theta"].var(), abs=1e-9)


@given(st.lists(st.one_of(st.floats(0, 1), st.just(np.nan)), max_size=30))
def test_adjusted_p_values_are_larger_in_the_same_order_and_missing_where_they_were(p):
    found, p = spread.benjamini_hochberg(p), np.array(p)
    known = ~np.isnan(p)
    assert (np.isnan(found) == ~known).all()
    assert (found[known] >= p[known] * (1 - 1e-12)).all()
    assert (found[known] <= 1).all()
    assert (np.diff(found[known][np.argsort(p[known], kind="stable")]) >= 0).all()


@given(st.lists(st.tuples(st.sampled_from(["too few", "at 3 of", "no year"]), st.integers(-5, 5000), st.dates().map(str)), min_size=1, max_size=20))
def test_every_specification_that_is_not_estimable_is_counted_once(parts):
    rows = pd.DataFrame({
        "claim": "c", "verdict": "not-estimable", "reason": [f"{word} ({number} before, {day})" for word, number, day in parts], "dimensions": [f"d={i}" for i in range(len(parts))],
    })  # fmt: skip
    found = spread.infeasible(rows)
    assert found["specifications"].sum() == len(parts)
    assert len(found) == len({word for word, _, _ in parts})
