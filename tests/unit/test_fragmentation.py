"""Tables and figures on fragmentation: small systems by hand, and lines that cannot be estimated."""

import numpy as np
import pandas as pd
import pytest

from coalitions import diversity, entries, fragmentation, pairs, panels
from coalitions.figures import effective_numbers, event_study, gap_filling, simultaneity

CUTOFF = pd.Timestamp("2010-12-31")


def operations(rows):
    """Operations of (id, arrangement, organisation, theatres, start, end); the first theatre is primary."""
    frame = pd.DataFrame(rows, columns=["operation_id", "arrangement", "organisation", "theatres", "start", "end"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    frame["status"] = np.where(frame["end"].isna(), "ongoing", "ended")
    frame["theatre"] = frame["theatres"].str.split("+").str[0]
    return frame.assign(chain_id=frame["operation_id"], parent_id=None, predecessor_id=np.nan, deployed=1, region="africa", scope_all=1, scope_none=0)


def made(frame):
    """Theatre-years and concurrent pairs of operations."""
    places = frame.assign(theatre=frame["theatres"].str.split("+")).explode("theatre")[["operation_id", "theatre"]]
    years = panels.theatre_operation_years(frame, places, CUTOFF)
    spells = places.merge(frame.assign(end=panels.observed_end(frame, CUTOFF))[["operation_id", "start", "end"]], on="operation_id")
    nothing = pd.DataFrame({"operation_id": [], "task": [], "state": [], "counted": []})
    return years, pairs.described(pairs.concurrent(spells), frame, nothing, nothing)


SMALL = operations([
    ("un-1", "un", "UN", "AFG+BIH", "2001-01-01", "2001-12-31"),
    ("eu-1", "regional", "EU", "BIH", "2001-01-01", "2001-12-31"),
    ("ahc-1", "ahc", None, "AFG", "2003-05-01", None),
])  # fmt: skip


def tables(frame=SMALL, scopes=("all", "none")):
    years, beside = made(frame)
    return fragmentation.estimates(frame, years, beside, list(scopes), CUTOFF, 0.95)


def test_every_table_has_its_columns_and_a_reason_for_every_missing_estimate():
    found = tables()
    assert set(found) == set(fragmentation.COLUMNS)
    for name, frame in found.items():
        assert frame.columns.tolist() == fragmentation.COLUMNS[name]
        if "reason" in frame:
            lacking = frame["se"].isna() & ~(frame.get("term", pd.Series("", index=frame.index)) == "leads")
            assert frame.loc[lacking, "reason"].notna().all()
            assert frame.loc[~lacking & (frame.get("term", pd.Series("", index=frame.index)) != "leads"), "reason"].isna().all()


def test_months_count_an_operation_once_in_the_system_and_in_each_of_its_theatres():
    month = tables()["effective_number_monthly"].query("scope == 'all'").set_index("month")
    row = month.loc["2001-02"]
    assert (row["n_theatres"], row["n_operations"], row["n_providers"]) == (2, 2, 2)
    assert row["system_providers_simpson"] == pytest.approx(2)
    assert row["mean_providers_simpson"] == pytest.approx(1.5)
    assert month.loc["2002-06", "n_theatres"] == 0
    assert np.isnan(month.loc["2002-06", "mean_providers_simpson"])
    assert month.index[-1] == "2010-12"
    assert (tables()["effective_number_monthly"].query("scope == 'none'")["n_operations"] == 0).all()


def test_the_system_is_the_product_of_within_and_between():
    frame = tables()["decomposition"]
    assert np.allclose(frame["within_theatres"] * frame["between_theatres"], frame["whole_system"])
    year = frame.query("year == 2001").set_index(["index", "weights"])
    # AFG: UN alone; BIH: UN and EU in halves. Shares of the pooled system 3/4 and 1/4; concentrations 1 and 1/2.
    assert year.loc[("simpson", "equal"), "within_theatres"] == pytest.approx(1 / 0.75)
    assert year.loc[("simpson", "equal"), "whole_system"] == pytest.approx(1 / (0.75**2 + 0.25**2))
    assert year.loc[("shannon", "equal"), "within_theatres"] == pytest.approx(np.sqrt(2))
    # Weighted by days BIH counts twice: the pool has two thirds UN and one third EU.
    assert year.loc[("shannon", "days"), "within_theatres"] == pytest.approx(2 ** (2 / 3))
    assert year.loc[("shannon", "days"), "whole_system"] == pytest.approx(3 / 2 ** (2 / 3))


def apart(n):
    return operations([(f"ahc-{i}", "ahc", None, f"T{i}", "2001-01-01", "2001-12-31") for i in range(n)])


def test_theatres_without_a_common_provider_are_all_distinct_and_alike_ones_are_one():
    frame = tables(apart(4))["decomposition"].query("scope == 'all'")
    assert np.allclose(frame["between_theatres"], 4)
    alike = operations([(f"un-{i}", "un", "UN", f"T{i}", "2001-01-01", "2001-12-31") for i in range(4)])
    assert np.allclose(tables(alike)["decomposition"]["between_theatres"], 1)


def test_the_trend_is_the_slope_within_theatres():
    rows = [(f"un-{i}", "un", "UN", f"T{i}", f"{1991 + i % 3}-01-01", None) for i in range(6)]
    rows += [(f"eu-{i}", "regional", "EU", f"T{i}", f"{2000 + i}-01-01", None) for i in range(6)]
    frame = operations(rows)
    found = tables(frame)["trend"].query("scope == 'all' and outcome == 'providers_simpson' and since == 1990").set_index("model")
    years = diversity.by_theatre_year(made(frame)[0], ["all"])
    centred = years[["providers_simpson", "year"]] - years.groupby("theatre")[["providers_simpson", "year"]].transform("mean")
    slope = 10 * (centred["providers_simpson"] * centred["year"]).sum() / (centred["year"] ** 2).sum()
    assert found.loc["at-work", "estimate"] == pytest.approx(slope)
    assert found.loc["all-years", "n"] == 6 * 21
    assert found.loc["at-work", "lower"] < slope < found.loc["at-work", "upper"]


def test_who_runs_beside_another():
    frame = tables()["simultaneity"].query("scope == 'all' and decade == 'all'").set_index(["units", "beside", "of"])
    assert frame.loc[("operations", "any", "all"), ["n", "events"]].tolist() == [3, 2]
    assert frame.loc[("operations", "organisations", "organisations"), ["n", "events"]].tolist() == [2, 2]
    assert frame.loc[("operation-years", "any", "ahc"), ["n", "events"]].tolist() == [8, 0]
    assert frame.loc[("operations", "any", "ahc"), "reason"].startswith("fewer than five")
    published = tables()["simultaneity"].query("scope == 'all'").dropna(subset="published")
    assert published[["units", "beside", "of", "decade"]].to_numpy().tolist() == [["operations", "organisations", "organisations", "1978-2009"]]


def test_an_umbrella_and_its_task_force_are_not_beside_each_other():
    frame = operations([("ahc-1", "ahc", None, "AFG", "2001-01-01", None), ("ahc-2", "ahc", None, "AFG", "2002-01-01", None)])
    frame["parent_id"] = [None, "ahc-1"]
    assert (tables(frame)["simultaneity"]["events"] == 0).all()


def test_a_share_has_limits_within_zero_and_one():
    found = fragmentation._share(np.array([True] * 9 + [False]), np.arange(10), 0.95)
    assert 0 < found["lower"] < 0.9 < found["upper"] < 1
    assert fragmentation._share(np.ones(9, dtype=bool), np.arange(9), 0.95)["reason"] == "all or none: no variance"
    assert np.isnan(fragmentation._share(np.zeros(0, dtype=bool), np.zeros(0, dtype=str), 0.95)["estimate"])


def test_the_event_study_has_a_line_for_each_year_and_says_which_cannot_be_had():
    rng = np.random.default_rng(4)
    rows = [(f"un-{i}", "un", "UN", f"T{i}", f"{1988 + rng.integers(20)}-01-01", None) for i in range(20)]
    rows += [(f"ahc-{i}", "ahc", None, f"T{i}", f"{1992 + rng.integers(16)}-06-01", None) for i in range(9)]
    found = tables(operations(rows))["event_study"].query("scope == 'all' and since == 1990 and entrant == 'ahc' and model == 'interaction-weighted'")
    others = found[found["outcome"] == "others"].set_index("term")
    assert others.index.tolist() == [*map(str, range(-5, 11)), "mean after", "leads"]
    assert others.loc["-1", "reason"] == "reference"
    assert others.loc["0", "events"] == 9
    counted = found[found["outcome"] == "all"].set_index("term")
    assert counted.loc["mean after", "estimate"] > others.loc["mean after", "estimate"]
    assert found["reason"].isin([None, "reference", "fewer than five theatres are observed in this year"]).mean() > 0.9


def test_rows_in_another_order_give_the_same_tables():
    rows = [(f"un-{i}", "un", "UN", f"T{i % 7}", f"{1990 + i % 13}-02-01", f"{1999 + i}-03-01") for i in range(9)]
    rows += [(f"ahc-{i}", "ahc", None, f"T{i}+T{i + 1}", f"{1993 + i}-06-01", None) for i in range(7)]
    frame = operations(rows)
    one, other = tables(frame, ["all"]), tables(frame.sample(frac=1, random_state=3).reset_index(drop=True), ["all"])
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name], check_exact=False, rtol=1e-9, atol=1e-12)


def test_nothing_that_deployed_gives_tables_without_estimates():
    frame = SMALL.assign(scope_all=0)
    found = tables(frame, ["all"])
    assert found["decomposition"].empty
    assert found["trend"]["reason"].eq("no observation").all()
    assert found["event_study"]["reason"].str.contains("fewer than five theatres in a group").all()
    assert found["gap_filling"]["reason"].eq("0 launches with a date to swap: fewer than five").all()


def test_layout_knows_its_theatres():
    assert entries.layout(SMALL).theatres.tolist() == ["AFG", "BIH"]


# ---- figures


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(4)
    rows = [(f"un-{i}", "un", "UN", f"T{i}", f"{1970 + rng.integers(30)}-01-01", None) for i in range(20)]
    rows += [(f"ahc-{i}", "ahc", None, f"T{i}", f"{1992 + rng.integers(14)}-06-01", None) for i in range(9)]
    rows += [(f"eu-{i}", "regional", "EU", f"T{i}", f"{1992 + rng.integers(14)}-06-01", "2008-01-01") for i in range(3, 16)]
    frame = operations(rows)
    years, beside = made(frame)
    found = fragmentation.estimates(frame, years, beside, ["all", "none"], CUTOFF, 0.95)
    found["effective_number"] = diversity.by_theatre_year(years, ["all"])
    return found | {"effective_number_by_year": diversity.by_year(found["effective_number"], years, ["all"])}


FIGURES = {
    effective_numbers: ("effective_number_by_year", "effective_number"), event_study: ("event_study",), simultaneity: ("simultaneity",), gap_filling: ("gap_filling",),
}  # fmt: skip


@pytest.mark.parametrize(("module", "names"), FIGURES.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_it_draws_its_table_and_an_empty_one(module, names, drawn, tmp_path):
    figure, data = module.plot(*(drawn[name] for name in names), "all")
    figure.savefig(tmp_path / "figure.png", dpi=50)
    assert len(data)
    assert len(figure.axes) == 2
    empty, nothing = module.plot(*(drawn[name].iloc[:0] for name in names), "all")
    empty.savefig(tmp_path / "empty.png", dpi=50)
    assert nothing.empty
    assert nothing.columns.tolist() == data.columns.tolist()


@pytest.mark.parametrize("module", [event_study, gap_filling], ids=lambda module: module.__name__)
def test_a_scope_without_operations_says_so(module, drawn):
    figure, _ = module.plot(drawn[module.__name__.split(".")[-1]], "none")
    assert "too few" in " ".join(text.get_text() for panel in figure.axes for text in panel.texts)


def test_the_event_study_shows_the_joint_test(drawn):
    figure, data = event_study.plot(drawn["event_study"], "all")
    assert "joint p" in " ".join(text.get_text() for text in figure.axes[0].texts)
    assert set(data["outcome"]) == set(event_study.OUTCOMES)


def test_decades_of_fewer_than_five_are_not_drawn(drawn):
    _, data = simultaneity.plot(drawn["simultaneity"], "all")
    assert (data.loc[data["published"].isna(), "n"] >= 5).all()


def test_numbers_of_the_mean_are_those_of_the_theatres(drawn):
    _, data = effective_numbers.plot(drawn["effective_number_by_year"], drawn["effective_number"], "all")
    year = drawn["effective_number"].query("year == 2005")
    assert data.set_index("year").loc[2005, "providers_simpson_mean"] == pytest.approx(year["providers_simpson"].mean())
    assert isinstance(data, pd.DataFrame)
