"""Panel regression with clustered variance against R: `lm` with dummies and `sandwich::vcovCL`, see make_reference_panel.R."""

from pathlib import Path

import pandas as pd
import pytest
from numpy.testing import assert_allclose

from coalitions import fixedeffects

HERE = Path(__file__).parent
MODELS = list(pd.read_csv(HERE / "expected" / "panel_models.csv", float_precision="round_trip").itertuples(index=False))


@pytest.mark.parametrize("row", MODELS, ids=lambda row: f"{row.data}, {row.effects}")
def test_two_way(row):
    frame = pd.read_csv(HERE / "data" / f"panel_{row.data}.csv", float_precision="round_trip")
    found = fixedeffects.two_way(frame["y"], frame[["x", "z"]], frame["unit"], frame["period"] if row.effects == "unit+period" else None)
    assert (found.n, found.rank, found.clusters) == (row.n, row.rank, row.clusters)
    assert_allclose(found.params, [row.x, row.z], rtol=1e-8)
    assert_allclose(found.cov, [[row.var_x, row.cov_xz], [row.cov_xz, row.var_z]], rtol=1e-7)
    assert_allclose(fixedeffects.limits(found.params[0], found.cov[0, 0] ** 0.5, found.df, 0.95)["p"], row.p_x, rtol=1e-6)
    f, q, p = fixedeffects.joint(found.params, found.cov, found.df)
    assert q == 2
    assert_allclose([f, p], [row.f, row.p_f], rtol=1e-6)
