"""Launches into gaps: occupancy and permutations by hand."""

import itertools

import numpy as np
import pytest

from coalitions import gapfilling
from coalitions.survival import NotEstimable


def test_occupancy_at_the_edges_of_a_presence_and_of_the_window():
    dates = np.array([9, 10, 20, 21, 25, 26])
    found = gapfilling.occupancy(np.array([0]), np.array([10]), np.array([20]), dates, (0, 0), 2)
    assert found.tolist() == [[False, True, True, False, False, False], [False] * 6]
    assert gapfilling.occupancy(np.array([0]), np.array([10]), np.array([20]), dates, (5, 0), 1)[0].tolist() == [False, True, True, True, True, False]
    assert gapfilling.occupancy(np.array([0]), np.array([10]), np.array([20]), dates, (0, 1), 1)[0].tolist() == [True, True, True, False, False, False]


def test_presences_that_overlap_are_one_occupation():
    dates = np.arange(0, 50, 10)
    found = gapfilling.occupancy(np.array([0, 0]), np.array([0, 10]), np.array([20, 30]), dates, (0, 0), 1)
    assert found[0].tolist() == [True, True, True, True, False]


def launches(n=6, seed=1):
    rng = np.random.default_rng(seed)
    return rng.random((n, n)) < 0.5, np.arange(n), np.array([0] * (n - 2) + [1, 1]), np.arange(n)


def test_expectation_variance_and_p_are_those_of_all_permutations():
    empty, when, stratum, theatre = launches()
    found = gapfilling.shares(empty, when, stratum, theatre, 0.95)
    every = [empty[np.arange(6), [*first, *second]].mean() for first in itertools.permutations(range(4)) for second in itertools.permutations((4, 5))]
    assert found.expected == pytest.approx(np.mean(every))
    assert found.permutation_sd == pytest.approx(np.std(every))
    assert found.observed == pytest.approx(np.diag(empty).mean())
    exact = np.mean(np.abs(np.array(every) - np.mean(every)) >= abs(found.difference) - 1e-12)
    assert gapfilling.permuted(empty, when, stratum, 4000, np.random.default_rng(0)) == pytest.approx(exact, abs=0.03)


def test_coalitions_that_come_when_the_place_is_empty_fill_gaps():
    empty = np.eye(8, dtype=bool)
    empty[0, 1] = True
    found = gapfilling.shares(empty, np.arange(8), np.zeros(8, dtype=int), np.arange(8), 0.95)
    assert found.observed == 1
    assert found.difference == pytest.approx(1 - 9 / 64)
    assert found.lower > 0
    assert gapfilling.shares(~empty, np.arange(8), np.zeros(8, dtype=int), np.arange(8), 0.95).difference == pytest.approx(-found.difference)


def test_order_of_launches_does_not_matter():
    empty, when, stratum, theatre = launches(12)
    order = np.random.default_rng(5).permutation(12)
    one, other = gapfilling.shares(empty, when, stratum, theatre, 0.95), gapfilling.shares(empty[order], when[order], stratum[order], theatre[order], 0.95)
    assert (one.difference, one.se, one.permutation_sd) == pytest.approx((other.difference, other.se, other.permutation_sd))


def test_a_launch_alone_in_its_stratum_is_left_out_and_counted():
    empty, when, _, theatre = launches(8)
    found = gapfilling.shares(empty, when, np.array([0] * 7 + [1]), theatre, 0.95)
    assert (found.n, found.alone) == (7, 1)


@pytest.mark.parametrize(("stratum", "theatre", "empty", "reason"), [
    (np.zeros(0, dtype=int), np.zeros(0, dtype=int), np.zeros((0, 0), dtype=bool), "0 launches with a date to swap: fewer than five"),
    (np.arange(6), np.arange(6), np.eye(6, dtype=bool), "0 launches with a date to swap: fewer than five"),
    (np.zeros(6, dtype=int), np.array([0, 0, 1, 1, 2, 3]), np.eye(6, dtype=bool), "launches in 4 theatres: too few for a variance by theatre"),
    (np.zeros(6, dtype=int), np.arange(6), np.eye(6, dtype=bool), "all theatres differ alike from what is expected: no variance by theatre"),
    (np.zeros(6, dtype=int), np.arange(6), np.ones((6, 6), dtype=bool), "every place is as empty at one date as at another: the difference has no variance"),
])  # fmt: skip
def test_what_cannot_be_had_says_why(stratum, theatre, empty, reason):
    found = gapfilling.shares(empty, np.arange(len(stratum)), stratum, theatre, 0.95)
    assert isinstance(found, NotEstimable)
    assert found.reason == reason


def test_eras():
    assert gapfilling.era_of(np.array([1945, 1989, 1990, 2000, 2001, 2013, 2014])).tolist() == [0, 0, 1, 1, 2, 2, 3]
