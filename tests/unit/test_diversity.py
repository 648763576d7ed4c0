"""Effective numbers."""

import numpy as np
import pandas as pd
import pytest

from coalitions import diversity


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("k", [1, 2, 7])
def test_k_equal_providers_count_as_k(k, order):
    assert diversity.effective_number([365.0] * k, order) == pytest.approx(k)


@pytest.mark.parametrize("order", [1, 2])
def test_a_provider_without_weight_does_not_count(order):
    assert diversity.effective_number([3, 1, 0], order) == pytest.approx(diversity.effective_number([3, 1], order))


@pytest.mark.parametrize("order", [1, 2])
def test_nothing_at_work_is_zero_providers(order):
    assert diversity.effective_number([], order) == 0
    assert diversity.effective_number([0, 0], order) == 0


def test_the_indices_are_inverse_simpson_and_exponential_shannon():
    assert diversity.effective_number([3, 1]) == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert diversity.effective_number([3, 1], 1) == pytest.approx(np.exp(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))))


@pytest.mark.parametrize("weights", [[-1, 2], [np.nan, 1], [np.inf, 1]])
def test_a_negative_or_missing_weight_is_refused(weights):
    with pytest.raises(ValueError, match="finite and not negative"):
        diversity.effective_number(weights)


def test_another_order_is_refused():
    with pytest.raises(ValueError, match="order"):
        diversity.effective_number([1, 2], 3)


YEARS = pd.DataFrame(
    {
        "operation_id": ["a", "b", "c", "a", "c"],
        "theatre": ["AFG", "AFG", "AFG", "BIH", "AFG"],
        "year": [2003, 2003, 2003, 2003, 2004],
        "provider": ["UN", "UN", "EU", "UN", "EU"],
        "days_active": [100, 100, 200, 100, 366],
        "scope_broad": 1,
        "scope_strict": [0, 1, 1, 0, 1],
    }
)


def test_operations_of_one_provider_are_one_provider():
    row = diversity.by_theatre_year(YEARS, ["broad"]).query("theatre == 'AFG' and year == 2003").iloc[0]
    assert (row["n_operations"], row["n_providers"]) == (3, 2)
    assert row["operations_simpson"] == pytest.approx(1 / (0.25**2 + 0.25**2 + 0.5**2))
    assert row["providers_simpson"] == pytest.approx(2)


def test_a_scope_leaves_out_what_is_not_in_it():
    rows = diversity.by_theatre_year(YEARS, ["broad", "strict"]).groupby("scope")["n_operations"].sum()
    assert rows.to_dict() == {"broad": 5, "strict": 3}


def test_the_system_counts_an_operation_once_however_many_theatres_it_has():
    row = diversity.by_year(diversity.by_theatre_year(YEARS, ["broad"]), YEARS, ["broad"]).query("year == 2003").iloc[0]
    assert row["n_theatres"] == 2
    assert row["system_providers_simpson"] == pytest.approx(2)
    assert row["share_several_providers"] == 0.5
    assert row["mean_providers_simpson"] == pytest.approx(1.5)
