"""Tables of launches, ends and the pace of maritime ones, and their figures, on small made-up panels."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from coalitions import glm, launches, panels
from coalitions.figures import launches as launches_figure
from coalitions.figures import maritime_starts, members_normalised
from coalitions.survival import NotEstimable

CUTOFF = pd.Timestamp("2020-12-31")


def operations(rows) -> pd.DataFrame:
    """Operations from (id, arrangement, start, end) and further columns by name; no end: ongoing."""
    frame = pd.DataFrame([dict(zip(("operation_id", "arrangement", "start", "end"), row, strict=False)) | (row[4] if len(row) > 4 else {}) for row in rows])
    defaults = {
        "deployed": 1, "nested": 0, "domain": "land", "theatre": "AAA", "parent_id": np.nan, "predecessor_id": np.nan, "un_kind": np.nan, "name": "An operation", "acronym": np.nan,
        "scope_all": 1, "ended_how": np.nan,
    }  # fmt: skip
    for name, value in defaults.items():
        frame[name] = frame[name].where(frame[name].notna(), value) if name in frame else value
    if "theatres" not in frame:
        frame["theatres"] = frame["theatre"]
    frame["theatres"] = frame["theatres"].where(frame["theatres"].notna(), frame["theatre"])
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    usual = pd.Series(np.where(frame["end"].isna(), "ongoing", "ended"), index=frame.index)
    frame["status"] = frame["status"].where(frame["status"].notna(), usual) if "status" in frame else usual
    frame["ended"] = (frame["status"] == "ended").astype(int)
    frame["chain_id"] = frame["operation_id"].map(panels.chain_of(frame))
    frame["duration_days"] = (panels.observed_end(frame, CUTOFF) - frame["start"]).dt.days + 1
    return frame


def spells(frame: pd.DataFrame) -> pd.DataFrame:
    """Each operation as a spell of its own."""
    return frame[frame["deployed"] == 1].assign(spell_id=lambda f: f["operation_id"])


MIXED = [
    *[(f"un-{i}", "un", f"{1992 + i}-03-01", f"{1996 + i}-03-01", {"un_kind": "traditional"}) for i in range(8)],
    *[(f"ahc-{i}", "ahc", f"{1993 + 3 * i}-06-01", None, {"domain": "maritime", "theatre": "hormuz-gulf"}) for i in range(9)],
    *[(f"reg-{i}", "regional", f"{1991 + 2 * i}-06-01", f"{1992 + 2 * i}-06-01") for i in range(12)],
]


def tables(monkeypatch, rows=MIXED, first_year=1990) -> dict:
    frame = operations(rows)
    monkeypatch.setattr(launches.panels, "spells", lambda operations, cutoff, merge: spells(operations))
    return launches.estimates(frame, spells(frame), ["all"], CUTOFF, first_year, 0.95, 99, 1)


def test_every_table_has_its_columns_and_a_reason_or_a_number(monkeypatch):
    found = tables(monkeypatch)
    assert set(found) == set(launches.COLUMNS)
    for name, frame in found.items():
        assert list(frame.columns) == launches.COLUMNS[name]
        if "reason" in frame:
            silent = frame["reason"].notna()
            assert frame.loc[silent, "estimate"].isna().all()
            numbers = [column for column in ("estimate", "statistic") if column in frame]
            assert frame.loc[~silent, numbers].notna().any(axis=1).all()


def test_the_order_of_rows_does_not_matter(monkeypatch):
    one, other = tables(monkeypatch), tables(monkeypatch, MIXED[::-1])
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


def test_shares_by_hand_and_a_year_without_a_launch(monkeypatch):
    shares = tables(monkeypatch)["launches"].query("chains == 'merged' and outcome == 'launches' and span == 'year'").set_index(["first_year", "arrangement"])
    assert shares.loc[(1993, "ahc"), ["n", "events", "estimate"]].tolist() == [3, 1, pytest.approx(1 / 3)]
    empty = shares.loc[(2020, "ahc")]
    assert (empty["n"], empty["reason"]) == (0, "no launch")
    assert np.isnan(empty["estimate"])
    total = shares["estimate"].groupby(level=0).sum(min_count=3).dropna()
    assert total.to_numpy() == pytest.approx(np.ones(len(total)))


def test_periods_of_five_years_begin_with_the_series_and_end_with_the_cutoff(monkeypatch):
    shares = tables(monkeypatch, first_year=1993)["launches"].query("span == 'five-years' and arrangement == 'ahc' and chains == 'merged' and outcome == 'active'")
    assert shares[["first_year", "last_year"]].to_numpy().tolist()[0] == [1993, 1994]
    assert shares[["first_year", "last_year"]].to_numpy().tolist()[-1] == [2020, 2020]


def test_a_younger_name_is_no_launch_unless_names_are_single():
    frame = operations([("old-2000", "ahc", "2000-01-01", "2001-01-01", {"status": "ended"}), ("new-2001", "ahc", "2001-01-02", None, {"predecessor_id": "old-2000"})])
    full = frame.assign(**dict.fromkeys(("organisation", "military", "multidimensional", "monitoring", "legal_basis", "region", "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella", "start_earliest", "start_latest", "end_earliest", "end_latest", "n_members_launch", "n_members_peak", "n_tasks"), np.nan), tasks="policing")  # fmt: skip
    merged = panels.spells(full, CUTOFF)
    found = launches.estimates(full, merged, ["all"], CUTOFF, 1995, 0.95, 0, 1)["launches"].query("outcome == 'launches' and span == 'year' and arrangement == 'ahc'")
    assert found.groupby("chains")["events"].sum().to_dict() == {"merged": 1, "single": 2}


def test_the_step_is_the_poisson_model_with_a_dummy():
    rng = np.random.default_rng(1)
    values, after = rng.poisson(3, 40), np.arange(40) >= 25
    exposure = np.append(np.ones(39), 0.5)
    ours = launches.step((values,), exposure, after)
    model = glm.count_model(pd.Series(values), pd.DataFrame({"after": after.astype(float)}), pd.Series(exposure))
    assert (ours.estimate, ours.se) == pytest.approx((model.params["after"], model.hac_se["after"]), rel=1e-8)
    twice = launches.step((values, values), exposure, after)
    assert isinstance(twice, NotEstimable)  # a series against itself has no variance


@pytest.mark.parametrize(("after", "values", "reason"), [
    ([False] * 12, [1] * 12, "fewer than five years in a period (12 before, 0 after)"),
    ([False] * 9 + [True] * 3, [1] * 12, "fewer than five years in a period (9 before, 3 after)"),
    ([False] * 6 + [True] * 6, [0] * 6 + [1] * 6, "no launch in one of the periods"),
])  # fmt: skip
def test_steps_that_cannot_be_had_come_with_the_reason(after, values, reason):
    found = launches.step((np.array(values),), np.ones(12), np.array(after))
    assert isinstance(found, NotEstimable)
    assert found.reason == reason


def test_the_rate_ratio_turns_with_its_periods():
    one, other = launches.rate_ratio(4, 10.0, 9, 8.0), launches.rate_ratio(9, 8.0, 4, 10.0)
    assert one[0] == pytest.approx(9 / 8 / (4 / 10))
    assert one[:3] == pytest.approx((1 / other[0], 1 / other[2], 1 / other[1]))
    assert one[3] == pytest.approx(other[3])
    none = launches.rate_ratio(4, 10.0, 0, 8.0)
    assert none[:2] == (0, 0)
    assert 0 < none[3] <= 1


def test_closing_counts_ends_and_time_inside_the_period():
    frame = spells(operations([("a", "un", "2000-01-01", "2001-12-31"), ("b", "un", "1999-07-01", None), ("c", "un", "2010-01-01", None, {"status": "unknown"})]))
    events, years = launches.at_risk(launches.of_kind(frame, "with-political"), launches.day("2001-01-01"), launches.day("2002-12-31"))
    assert events == 1
    assert years == pytest.approx((365 + 730) / 365.25)
    assert len(launches.of_kind(frame, "with-political")) == 2  # an unknown end has no time at risk
    assert len(launches.of_kind(frame, "multidimensional")) == 0


def test_first_responders_wait_for_a_calm_theatre_and_do_not_count_their_own_family():
    frame = operations([
        ("early", "un", "2000-01-01", "2001-01-01"), ("next", "ahc", "2002-01-01", "2002-06-01"), ("later", "ahc", "2005-01-01", None), ("part", "ahc", "2006-01-01", None, {"parent_id": "later"}),
        ("elsewhere", "regional", "2005-06-01", None, {"theatre": "BBB", "theatres": "AAA+BBB"}), ("paper", "ahc", None, None, {"deployed": 0, "status": "never-deployed"}),
        ("second", "ahc", "2007-01-01", None, {"theatre": "BBB"}),
    ])  # fmt: skip
    assert launches.first_responders(frame) == {"early", "later", "elsewhere"}
    assert launches.first_responders(frame, calm=300) == {"early", "next", "later", "elsewhere"}
    assert launches.first_responders(frame.iloc[::-1]) == {"early", "later", "elsewhere"}
    # The task force answers with its umbrella, but another operation works in the theatre since.
    assert "part" in launches.first_responders(frame[frame["operation_id"].isin(["later", "part"])])


SEA = {"domain": "maritime", "theatre": "hormuz-gulf"}
FLEET = [
    ("umbrella", "ahc", "2002-01-01", None, {"domain": "maritime", "theatre": "western-indian-ocean", "theatres": "hormuz-gulf+western-indian-ocean"}),
    ("force-1", "ahc", "2003-01-01", None, SEA | {"parent_id": "umbrella", "nested": 1, "scope_all": 0}), ("alone", "ahc", "2005-01-01", None, SEA),
    ("renamed", "ahc", "2008-01-01", None, SEA | {"predecessor_id": "alone"}), ("land", "ahc", "2009-01-01", None, {"theatre": "hormuz-gulf"}),
    ("un-sea", "un", "2009-01-01", None, SEA), ("paper", "ahc", None, None, SEA | {"deployed": 0, "status": "never-deployed"}),
    ("far", "ahc", "2010-01-01", None, {"domain": "maritime", "theatre": "caribbean-sea"}),
]  # fmt: skip


@pytest.mark.parametrize(("waters_by", "task_forces", "expected"), [
    ("any", "one", ["umbrella", "alone"]), ("any", "several", ["umbrella", "force-1", "alone"]), ("primary", "one", ["force-1", "alone"]),
])  # fmt: skip
def test_maritime_starts_count_an_umbrella_once_or_its_forces(waters_by, task_forces, expected):
    assert launches.maritime_starts(operations(FLEET), "all", "gulf-red-sea", waters_by, task_forces)["operation_id"].tolist() == expected


def test_few_maritime_launches_have_a_rate_and_a_reason():
    rows = launches.arrival_rows(pd.to_datetime(pd.Series(["2001-01-01", "2005-01-01"])), 2000, CUTOFF, 0.95, 50, 1, {})
    assert rows[0]["n"] == 2
    assert rows[0]["lower"] < rows[0]["estimate"] < rows[0]["upper"]
    assert {row["reason"] for row in rows[1:]} == {"fewer than five launches (2)"}


def test_unevenness_without_draws_has_no_p():
    starts = pd.Series(pd.date_range("2001-01-01", periods=6, freq="YS"))
    drawn, bare = (launches.arrival_rows(starts, 2000, CUTOFF, 0.95, draws, 1, {})[-1] for draws in (50, 0))
    assert 0 < drawn["p"] <= 1
    assert np.isnan(bare["p"])
    assert bare["statistic"] == drawn["statistic"]


def test_a_scope_without_any_operation_has_its_lines_with_reasons(monkeypatch):
    frame = operations(MIXED).assign(scope_none=0)
    monkeypatch.setattr(launches.panels, "spells", lambda operations, cutoff, merge: spells(operations))
    found = launches.estimates(frame, spells(frame), ["none"], CUTOFF, 1990, 0.95, 9, 1)
    assert found["launches"]["reason"].notna().all()
    assert found["launch_rates"]["reason"].notna().all()
    assert found["breaks"]["reason"].notna().all()
    assert found["closing_hazard"]["reason"].notna().all()
    assert len(found["maritime_starts"]) == 0


# ---- figures


def system_years(years=range(1990, 2021)) -> pd.DataFrame:
    frame = pd.DataFrame({"year": list(years)})
    counted = {f"{kind}_active_1_july": frame["year"] % 7 for kind in launches.ARRANGEMENTS}
    return frame.assign(scope="all", exposure_years=1.0, states_in_system=100, ahc_memberships_1_july=50, ahc_distinct_states_1_july=20, **counted)


def test_the_figure_of_launches_shows_rates_and_shares(monkeypatch):
    found = tables(monkeypatch)
    figure, data = launches_figure.plot(found["launches"], system_years(), "all")
    assert isinstance(figure, Figure)
    assert set(data["panel"]) == {"launch rate", "launch share", "at work", "active share"}
    rate = data.query("panel == 'launch rate' and arrangement == 'ahc' and first_year == 1990")
    assert rate["value"].iloc[0] == pytest.approx(1 / 5)
    assert (data["lower"].isna() | (data["lower"] <= data["value"])).all()


def test_figure_one_is_divided_by_the_number_of_states():
    _, data = members_normalised.plot(system_years(), "all")
    values = data[data["year"] == 2000].set_index("series")["value"]
    assert values["memberships_per_state"] == 0.5
    assert values["share_of_states"] == 0.2
    assert values["ahc_per_hundred_states"] == 2000 % 7


def test_the_figure_of_maritime_launches_has_a_band_around_a_steady_pace(monkeypatch):
    found = tables(monkeypatch)
    _, data = maritime_starts.plot(found["maritime_starts"], found["arrivals"], "all", CUTOFF)
    assert data["launches"].tolist() == [*range(1, 10)] * 2
    assert ((data["steady_lower"] <= data["steady"]) & (data["steady"] <= data["steady_upper"])).all()
    text = found["maritime_starts"].assign(start=found["maritime_starts"]["start"].astype(str))  # as read from a file
    pd.testing.assert_frame_equal(maritime_starts.plot(text, found["arrivals"], "all", CUTOFF)[1], data)


def test_figures_without_rows_say_so(monkeypatch):
    found = tables(monkeypatch)
    drawn = [
        (launches_figure.plot(found["launches"], system_years(), "none"), "nothing to show"), (members_normalised.plot(system_years(), "none"), "no year is observed"),
        (maritime_starts.plot(found["maritime_starts"], found["arrivals"], "none", CUTOFF), "no launch"),
    ]  # fmt: skip
    for (figure, data), words in drawn:
        assert data.empty
        assert words in {text.get_text() for axes in figure.axes for text in axes.texts}
