"""Mann-Whitney, Hodges-Lehmann and the bootstrap of medians against R, and modularity against the published value. Expected: `Rscript tests/reference/make_reference_sizes.R`."""

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import network, sizes

HERE = Path(__file__).parent


def read(table: str) -> pd.DataFrame:
    return pd.read_csv(HERE / "expected" / f"sizes_{table}.csv", float_precision="round_trip")


def numbers(text: str) -> np.ndarray:
    return np.array([float(part) for part in str(text).split("+")])


@pytest.mark.parametrize("row", list(read("wilcox").itertuples()), ids=lambda row: row.name)
def test_mann_whitney_and_hodges_lehmann_are_those_of_r(row):
    found = sizes.hodges_lehmann(numbers(row.one), numbers(row.other), 0.95)
    assert found.method == row.method
    assert found.u == row.u
    assert_allclose(found.p, row.p, rtol=1e-9)
    if row.method == "exact":
        assert_allclose([found.estimate, found.lower, found.upper], [row.estimate, row.lower, row.upper], rtol=1e-9)
    else:  # R searches for a root: the order statistics are next to it
        assert_allclose([found.estimate, found.lower, found.upper], [row.estimate, row.lower, row.upper], atol=1.01)


@pytest.mark.parametrize("name", read("medians")["name"].unique())
def test_the_bootstrap_of_a_median_is_that_of_all_resamples(name):
    expected = read("medians").query("name == @name")
    values, mass = sizes.median_distribution(numbers(expected["sample"].iloc[0]))
    kept = mass > 1e-14
    assert_allclose(values[kept], expected["value"])
    assert_allclose(mass[kept], expected["mass"], rtol=1e-9)
    assert mass.sum() == pytest.approx(1)


def test_modularity_of_the_southern_women_is_the_largest_that_was_published():
    """Davis, Gardner and Gardner (1941): 0.34554 (Liu and Murata 2010); alternating assignment alone gives 0.321 (Barber 2007)."""
    graph = nx.davis_southern_women_graph()
    matrix = nx.bipartite.biadjacency_matrix(graph, row_order=graph.graph["top"], column_order=graph.graph["bottom"]).toarray().astype(np.int64)
    value, women, events = network.modules(matrix)
    assert value == pytest.approx(0.34554, abs=5e-6)
    assert (len(set(women)), len(set(events))) == (4, 4)


def test_eigenvector_centrality_of_a_connected_network_is_that_of_networkx():
    graph = nx.davis_southern_women_graph()
    matrix = nx.bipartite.biadjacency_matrix(graph, row_order=graph.graph["top"], column_order=graph.graph["bottom"]).toarray().astype(np.int64)
    weights = network.projection(matrix)
    theirs = nx.eigenvector_centrality_numpy(nx.from_numpy_array(weights), weight="weight")
    assert_allclose(network.eigenvector(weights, network.components(matrix)), list(theirs.values()), atol=1e-12)
