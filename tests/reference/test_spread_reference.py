"""Shares of a variance and p-values adjusted for false discoveries against R. Expected: `Rscript tests/reference/make_reference_spread.R`."""

from pathlib import Path

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import spread

HERE = Path(__file__).parent


def read(folder: str, table: str) -> pd.DataFrame:
    return pd.read_csv(HERE / folder / f"spread_{table}.csv", float_precision="round_trip")


@pytest.mark.parametrize("name", read("expected", "shares")["set"].unique())
def test_shares_are_sums_of_squares_averaged_over_all_orders(name):
    expected = read("expected", "shares").query("set == @name").set_index("dimension")["share"]
    data = read("data", "warpbreaks" if name == "warpbreaks" else "quine")
    if name == "fewer":
        data = data[~((data["Sex"] == "M") & (data["Age"] == "F1"))]
    factors = [column for column in data if column != "theta"]
    texts = ["; ".join(f"{column}={row[column]}" for column in factors) for row in data.to_dict("records")]
    found = spread.spread(pd.DataFrame({"theta": data["theta"], "dimensions": texts}), factors).set_index("dimension")["share"]
    assert_allclose(found[expected.index], expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("name", read("expected", "benjamini_hochberg")["set"].unique())
def test_benjamini_hochberg(name):
    table = read("expected", "benjamini_hochberg").query("set == @name")
    assert_allclose(spread.benjamini_hochberg(table["p"].tolist()), table["adjusted"], rtol=1e-12, atol=0)
