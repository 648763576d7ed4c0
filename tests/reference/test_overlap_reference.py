"""Kernels of duplication and overlap against R: see README.md and make_reference_overlap.R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import overlap, proportions

HERE = Path(__file__).parent


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / "expected" / f"{name}.csv", float_precision="round_trip")


@pytest.mark.parametrize("case", list(read("overlap_hypergeometric").groupby(["pool", "one", "other"])), ids=lambda case: str(case[0]))
def test_shared_members_of_two_draws(case):
    (pool, one, other), rows = case
    shared, mass = overlap.hypergeometric(int(pool), int(one), int(other))
    assert shared.tolist() == rows["shared"].tolist()
    assert_allclose(mass, rows["mass"], rtol=1e-9)


@pytest.mark.parametrize("row", list(read("overlap_shares").itertuples(index=False)), ids=lambda row: f"{row.k:.0f} of {row.n:.0f}")
def test_limits_and_p_of_a_share(row):
    assert_allclose(proportions.wilson_limits(int(row.k), int(row.n), 0.95), (row.lower, row.upper), rtol=1e-9, atol=1e-12)
    assert_allclose(overlap.exact_half(int(row.k), int(row.n)), row.p, rtol=1e-9)


def test_draws_in_proportion_to_weights():
    row = read("overlap_weighted").iloc[0]
    draws = 200_000
    found = overlap.drawn_overlaps(np.array([5.0, 4, 2, 1, 1, 1]), int(row["one"]), int(row["other"]), draws, np.random.default_rng(1))
    assert found.mean() == pytest.approx(row["expected"], abs=5 * found.std() / np.sqrt(draws))
