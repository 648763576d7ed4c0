"""Figures: each gives the figure and the numbers that it shows."""

import io
import itertools

import pandas as pd
import pytest
from matplotlib.figure import Figure

from coalitions import (
    build,
    catalogue,
    delays,
    diversity,
    duration,
    fragmentation,
    launches,
    mandates,
    models,
    network,
    overlap,
    sequels,
    subgroups,
    transitions,
    turnover,
)  # fmt: skip
from coalitions.figures import gallery, growth, style, survival, timeline, verdicts, widths

# The tiny register has nothing for these to show; their own tests draw them from larger tables.
THIN = {"fig17_maritime_starts", "fig24_hormuz", "fig25_red_sea", "fig28_simultaneity", "fig23_duplication", "fig27_event_study", "fig30_network", "fig32_sizes"}
NAMES = {"AFG": "Afghanistan", "TLS": "Timor-Leste", "hormuz-gulf": "Gulf"}


@pytest.fixture(scope="module")
def published(_panels, _tiny):
    """The tables that the figures read, of the tiny register."""
    panels, register = _panels, _tiny
    settings = {"tau_years": [1], "permutations": 0}
    km = duration.estimates(panels["spells"], ["broad"], settings, 0.95, 1)["km"]
    spells, years = panels["spells"], panels["operation_years"]
    fitted = {
        "duration/cif.csv": models.cif_table(spells, ["broad"]), "duration/cox.csv": models.cox_table(spells, ["broad"]), "duration/aft.csv": models.aft_table(spells, ["broad"]),
        "duration/rmst.csv": models.rmst_table(spells, ["broad"], settings, 0.95, 1),
        "duration/discrete.csv": models.discrete_table(spells, ["broad"], years, years.assign(theatre="AFG"), pd.DataFrame({"date": ["1980-01-07"], "draft": ["S/1"]})),
    }  # fmt: skip
    rules, cutoff = {"broad": "True"}, pd.Timestamp("2026-06-30")
    with pytest.MonkeyPatch.context() as patch:
        for module in (delays, sequels):  # the tiny register has groups that nothing should be estimated from
            patch.setattr(module, "FEWEST", 1)
        around = delays.estimates(panels["operations"], rules, cutoff, 365, 0.95) | sequels.estimates(panels["operations"], ["broad"], cutoff, [5], 0.95)
    around |= transitions.estimates(panels["operations"], ["broad"], cutoff, draws=0) | turnover.estimates(
        panels["memberships"], panels["operations"], register["states"], ["broad"]
    )
    fitted |= {f"duration/{name}.csv": frame for name, frame in around.items()} | {"duration/diagnostics.csv": models.diagnostics_table(spells, ["broad"])}
    fitted["duration/subgroup_km.csv"] = subgroups.curves(spells, ["broad"], 0.95)
    rest = ["broad"], cutoff
    trends = launches.estimates(panels["operations"], spells, ["broad"], cutoff, 1990, 0.95, 0, 1)
    drafts = pd.DataFrame({"date": ["2001-01-07"], "draft": ["S/1"], "state": ["RUS"], "theatre": ["AFG"], "veto_id": ["veto-2001"]})
    system = panels["system_years"], drafts, register["organisation_members"], register["states"]
    trends |= mandates.estimates(panels["operations"], spells, panels["memberships"], *system, *rest)
    members = panels["memberships"], register["states"], register["organisation_members"]
    apart = overlap.estimates(panels["operations"], panels["concurrent_pairs"], *members, *rest, 19, 1, 0.95, ("imsc-2019", "emasoh-agenor-2020"), [])
    theatre_years = build.theatre_operation_years(register, panels, cutoff)
    apart |= fragmentation.estimates(panels["operations"], theatre_years, panels["concurrent_pairs"], *rest, 0.95)
    numbers = diversity.by_theatre_year(theatre_years, ["broad"])
    apart |= {"effective_number": numbers, "effective_number_by_year": diversity.by_year(numbers, theatre_years, ["broad"])}
    apart |= network.estimates(panels, register, ["broad"], 1990, cutoff, draws=2, permutations=19)
    fitted |= {f"trends/{name}.csv": frame for name, frame in trends.items()} | {f"fragmentation/{name}.csv": frame for name, frame in apart.items()}
    fitted["panels/memberships.csv"] = panels["memberships"]
    table = pd.DataFrame(
        {
            "claim": ["growth", "fact"],
            "quotation": ["more | <b> and more $x$", "none"],
            "verdict": ["contradicted", "supported"],
            "reported": ["mixed", "supported"],
            "grade": ["C", "A"],
        }
    )
    rows = [("growth", "supported"), ("growth", "contradicted"), ("growth", "supported"), ("growth", "not-estimable"), ("fact", "supported")]
    multiverse = pd.DataFrame(rows, columns=["claim", "verdict"])
    return {
        "panels/system_years.csv": panels["system_years"], "panels/spells.csv": panels["spells"], "panels/operations.csv": panels["operations"],
        "duration/km.csv": km, "claims/verdicts.csv": table, "claims/multiverse.csv": multiverse,
    } | fitted  # fmt: skip


def draw(name, published, cutoff, width=widths.DOUBLE):
    return gallery.draw(name, [published[path] for path in catalogue.FIGURES[name]], {"theatres": NAMES, "states": {}}, "broad", cutoff, width)


@pytest.mark.parametrize(("name", "width"), [(name, width) for name in catalogue.FIGURES for width in widths.forms(name).values()])
def test_every_figure_is_drawn_and_gives_its_numbers(name, width, published, cutoff):
    figure, data = draw(name, published, cutoff, width)
    assert isinstance(figure, Figure)
    assert not data.empty or name in THIN
    assert isinstance(data.index, pd.RangeIndex)


def test_figures_of_groups_that_are_too_small_say_so(panels, cutoff):
    around = delays.estimates(panels["operations"], {"broad": "True"}, cutoff, 365, 0.95) | sequels.estimates(panels["operations"], ["broad"], cutoff, [5], 0.95)
    for name, tables, words in (("fig08_starts", ("start_curves", "starts"), "too few dates"), ("fig09_sequels", ("gap_curves",), "too few ends")):
        figure, data = gallery.draw(name, [around[table] for table in tables], {}, "broad", cutoff)
        assert data.empty
        assert words in {text.get_text() for panel in figure.axes for text in panel.texts}


def test_a_figure_that_does_not_exist_is_refused(cutoff):
    with pytest.raises(KeyError):
        gallery.draw("fig99", [], {}, "broad", cutoff)


def test_a_figure_has_the_same_bytes_again_and_leaves_no_partial_file(tmp_path):
    for number in (1, 2):
        figure = style.new(1, 1)
        figure.subplots().plot([1, 2], label="line")
        style.save(figure, *(tmp_path / f"{number}.{form}" for form in ("svg", "png", "pdf")))
    for form in ("svg", "png", "pdf"):
        assert (tmp_path / f"1.{form}").read_bytes() == (tmp_path / f"2.{form}").read_bytes()
    assert len(list(tmp_path.iterdir())) == 6


def test_figure_one_shows_the_series_of_its_scope(published):
    data = growth.plot(published["panels/system_years.csv"], "broad")[1]
    assert list(data.columns) == ["year", "series", "value"]
    assert set(data["series"]) == set(growth.SERIES)
    assert data.query("year == 2010 and series == 'ahc_memberships_1_july'")["value"].tolist() == [3]


def test_figure_one_leaves_out_a_year_whose_first_of_july_is_not_observed(published):
    assert growth.plot(published["panels/system_years.csv"], "broad")[1]["year"].max() == 2025


def test_figure_two_shows_one_curve_for_each_arrangement_with_numbers_at_risk(published):
    data = survival.plot(published["duration/km.csv"], published["panels/spells.csv"], "broad")[1]
    assert list(data.columns) == ["arrangement", "years", "survival", "ci_lower", "ci_upper", "n_at_risk"]
    assert data.groupby("arrangement")["n_at_risk"].max().to_dict() == {"ahc": 2, "regional": 1, "un": 1}


def test_figure_two_does_without_an_arrangement_that_has_no_spells(published):
    km = published["duration/km.csv"].query("arrangement == 'un'")
    assert set(survival.plot(km, published["panels/spells.csv"], "broad")[1]["arrangement"]) == {"un"}


def test_the_timeline_shows_every_operation_also_the_one_that_never_deployed(published, cutoff):
    data = timeline.plot(published["panels/operations.csv"], NAMES, cutoff)[1]
    assert sorted(data["operation_id"]) == sorted(published["panels/operations.csv"]["operation_id"])


def test_the_timeline_does_not_change_the_panel_that_it_reads(published, cutoff):
    before = published["panels/operations.csv"].copy()
    timeline.plot(published["panels/operations.csv"], NAMES, cutoff)
    pd.testing.assert_frame_equal(published["panels/operations.csv"], before)


def drawn_texts(acronym, published, cutoff):
    """The texts of a timeline with one operation of this name, after it has been drawn."""
    frame = published["panels/operations.csv"].iloc[:1].assign(acronym=acronym)
    figure, _ = timeline.plot(frame, NAMES, cutoff)
    figure.savefig(io.BytesIO(), format="png", dpi=50)
    return {text.get_text() for text in figure.axes[0].texts}


@pytest.mark.parametrize("name", ["$x_", "<b>&", "a\nb", "\\alpha", "|", "=cmd", "$\\frac{"])
def test_hostile_names_are_drawn_as_they_stand(name, published, cutoff):
    assert name in drawn_texts(name, published, cutoff)


def test_a_name_with_two_dollar_signs_is_no_mathematics(published, cutoff):
    assert "$x_$" in drawn_texts("$x_$", published, cutoff)


BARS = [
    [(1950.0, 1960.0), (1955.0, 1957.0), (1958.0, 1970.0), (1971.0, 1972.0)],
    [(1950.0, 1950.0)] * 4,
    [(1950.0, 1951.0), (1951.0, 1952.0), (1952.0, 1953.0)],
    [(2000.0 + i / 7, 2000.0 + i / 7 + (i * 5) % 11) for i in range(60)],
]


@pytest.mark.parametrize("bars", BARS)
def test_bars_in_one_lane_never_overlap_and_lanes_are_not_wasted(bars):
    frame = pd.DataFrame(bars, columns=["begin", "finish"], index=[f"op-{i}" for i in range(len(bars))])
    frame["lane"] = timeline.lanes(frame)
    assert frame["lane"].notna().all()
    for _, lane in frame.groupby("lane"):
        assert (lane["begin"].to_numpy()[1:] > lane["finish"].to_numpy()[:-1]).all()
    most = max(((frame["begin"] <= t) & (frame["finish"] >= t)).sum() for t in frame["begin"])
    assert frame["lane"].max() + 1 == most


def test_figure_four_shows_the_shares_of_specifications(published):
    figure, data = verdicts.plot(published["claims/verdicts.csv"], published["claims/multiverse.csv"])
    assert data.groupby("claim")["share"].sum().tolist() == [1, 1]
    assert data.query("claim == 'growth' and verdict == 'supported'")[["specifications", "share"]].to_numpy().tolist() == [[2, 0.5]]
    order = list(style.VERDICTS)
    assert order.index("supported") < order.index("contradicted") < order.index("not-estimable")
    assert [line.get_xydata()[0].tolist() for line in figure.axes[0].lines] == [[0.625, 0], [0.5, 1]]  # the primary specification, in the middle of its verdict


@pytest.mark.parametrize("values", [[0.5, 0.5, 0.5], [0.9, 0.1, 0.12], [0.3], []])
def test_labels_of_lines_are_moved_apart_in_their_order(values):
    placed = style.place_labels(values, 0.06)
    order = sorted(range(len(values)), key=lambda i: values[i])
    assert all(placed[b] - placed[a] >= 0.06 - 1e-12 for a, b in itertools.pairwise(order))
    assert all(new >= old for new, old in zip(placed, values, strict=True))
