"""The style: sizes and fonts for print, colours that stay apart in grey and for the colour-blind, helpers, saving; captions and alternative texts."""

import itertools
import json
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from PIL import Image

from coalitions import catalogue, io, report
from coalitions.catalogue import QUOTED
from coalitions.figures import gallery, style, widths

SHEETS = {"fig03_timeline"}  # longer than a page, and says so
FORMS = {form: width for figure in catalogue.FIGURES for form, width in widths.forms(figure).items()}
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB
BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@pytest.fixture(scope="module")
def config(root):
    return io.read_yaml(root / "config" / "config.yaml")


@pytest.fixture(scope="module")
def drawn(root, config):
    """Every form of every figure from the published tables, with its layout found, and its numbers."""
    raw, results = root / "data" / "raw", root / "results"
    names = {
        "theatres": io.read_raw(raw / "theatres.csv").set_index("theatre")["name"].to_dict(),
        "states": io.read_raw(raw / "states.csv").drop_duplicates("state", keep="last").set_index("state")["name"].to_dict(),
    }
    read = {path: io.read_table(results / path, dates=gallery.dates(path)) for path in sorted({path for paths in catalogue.FIGURES.values() for path in paths})}
    figures = {}
    for name, paths in catalogue.FIGURES.items():
        for form, width in widths.forms(name).items():
            figures[form], numbers = gallery.draw(name, [read[path] for path in paths], names, config["primary_scope"], pd.Timestamp(config["cutoff"]), width)
            figures[form].numbers = numbers
            style.settle(figures[form])
    return figures


def boxes(figure):
    """The words that are drawn on a figure with the room that they take, in pixels."""
    figure.draw_without_rendering()
    words = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        words += [*axes.texts, axes.title, axes._left_title, *(axes.get_legend().get_texts() if axes.get_legend() else ())]
        for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
            low, high = sorted(axis.get_view_interval())
            words += [axis.label, *(tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high)]  # ticks outside the limits exist, but are not drawn
    return [(text.get_text(), text.get_window_extent()) for text in words if text.get_visible() and text.get_text().strip()]


@pytest.mark.parametrize("name", FORMS)
def test_a_figure_has_the_width_of_its_form_and_fits_a_page(name, drawn):
    width, height = drawn[name].get_size_inches()
    assert width == FORMS[name]
    assert height <= style.PAGE or name in SHEETS
    assert drawn[name].dpi == style.DPI


@pytest.mark.parametrize("name", FORMS)
def test_no_words_of_a_figure_are_smaller_than_six_points(name, drawn):
    words = {text.get_text(): text.get_fontsize() for text in drawn[name].findobj(Text) if text.get_visible() and text.get_text().strip()}
    assert {text: size for text, size in words.items() if size < style.SMALLEST} == {}


@pytest.mark.parametrize("name", sorted(set(FORMS) - SHEETS))
def test_no_words_run_over_the_edge_of_a_figure(name, drawn):
    width, height = drawn[name].bbox.size
    assert {text for text, box in boxes(drawn[name]) if box.x0 < -2 or box.y0 < -2 or box.x1 > width + 2 or box.y1 > height + 2} == set()


@pytest.mark.parametrize("name", sorted(set(FORMS) - SHEETS))
def test_no_words_of_a_figure_lie_on_others(name, drawn):
    found = []
    for (text, one), (other, two) in itertools.combinations(boxes(drawn[name]), 2):
        across, up = min(one.x1, two.x1) - max(one.x0, two.x0), min(one.y1, two.y1) - max(one.y0, two.y0)
        if across > 3 and up > 5:  # a box is a little larger than its letters
            found.append((text, other))
    assert found == []


@pytest.mark.parametrize("name", sorted(set(catalogue.FIGURES) - set(widths.WIDE_ONLY)))
def test_one_column_shows_the_same_numbers_in_the_same_panels(name, drawn):
    wide, single = drawn[name], drawn[f"{name}_single"]
    pd.testing.assert_frame_equal(wide.numbers, single.numbers)
    held = [sorted((len(axes.lines), len(axes.collections), len(axes.patches)) for axes in figure.axes) for figure in (wide, single)]  # panels stand in another order
    assert held[0] == held[1]


def test_a_figure_that_is_not_drawn_for_one_column_says_why():
    assert set(widths.WIDE_ONLY) - {"spec"} < set(catalogue.FIGURES)
    assert widths.forms("spec_growth") == {"spec_growth": style.DOUBLE}
    for name in set(widths.WIDE_ONLY) - {"spec"}:
        with pytest.raises(ValueError, match=re.escape(widths.WIDE_ONLY[name])):
            gallery.draw(name, [], {}, "strict", pd.Timestamp(0), style.SINGLE)


@pytest.mark.parametrize("name", ["fig02_survival", "fig09_sequels", "fig12_turnover", "fig14_africa", "fig05_incidence", "fig02_survival_single", "fig05_incidence_single"])
def test_numbers_at_risk_stand_under_every_curve(name, drawn):
    titles = [axes.get_title("left") for axes in drawn[name].axes]
    assert "Number at risk" in titles
    below = drawn[name].axes[titles.index("Number at risk")]
    numbers = [int(text.get_text()) for text in below.texts if text.get_text().isdigit()]
    assert len(numbers) >= 5
    assert numbers[0] == max(numbers[: len(numbers) // 3 + 1])


def lightness(colour, matrix=None):
    """CIE L* of a colour, as it is or as somebody sees it who lacks a kind of cone."""
    linear = np.array([part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)])
    y = float(np.clip(np.array(matrix) @ linear if matrix else linear, 0, 1) @ [0.2126, 0.7152, 0.0722])
    return 116 * y ** (1 / 3) - 16


@pytest.mark.parametrize("matrix", [None, *BLIND.values()], ids=["grey", *BLIND])
def test_colours_of_arrangements_stay_apart(matrix):
    seen = [lightness(colour, matrix) for colour in style.COLOURS.values()]
    assert min(abs(a - b) for a, b in itertools.combinations(seen, 2)) >= 5


def test_arrangements_differ_by_more_than_colour():
    for channel in (style.LINES, style.MARKERS):
        assert set(channel) == set(style.COLOURS)
        assert len(set(channel.values())) == 3


@pytest.mark.parametrize("colour", [*style.COLOURS.values(), style.GREEN, style.PURPLE, style.SKY, style.AMBER, style.INK, "#FFFF00"])
def test_words_in_a_colour_stand_out_from_white(colour):
    assert 1.05 / (style.luminance(style.legible(colour)) + 0.05) >= 4.5
    assert style.legible(style.INK) == to_rgb(style.INK)


def test_a_figure_is_saved_for_print(tmp_path):
    figure = style.new(style.SINGLE, 2)
    figure.subplots().plot([1, 2], label="line")
    style.save(figure, *(tmp_path / f"x.{form}" for form in ("svg", "png", "pdf")))
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (round(style.SINGLE * 300), 600)
        assert image.mode == "RGB"
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    pdf = (tmp_path / "x.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert figure.get_layout_engine() is None


def test_thinning_an_svg_shortens_names_of_glyphs_alone():
    before = '<path id="DejaVuSans-41"/><use xlink:href="#DejaVuSans-41"/><use xlink:href="#DejaVuSans-Bold-41"/><!-- #DejaVuSans-41 -->'
    assert style.thinned(before) == '<path id="D41"/><use xlink:href="#D41"/><use xlink:href="#DB41"/><!-- #DejaVuSans-41 -->'


def test_thinning_an_svg_touches_places_alone():
    before = (
        '<path d="M 1.23456 -2.00000 \nL 3.5 4 \nz" style="stroke-width: 0.123456"/><use x="7.98765" transform="translate(1.005001 2) scale(0.015625 0.015625)"/><!-- 0.123456 -->'
    )
    after = style.thinned(before)
    assert after == '<path d="M 1.23 -2 L 3.5 4 z" style="stroke-width: 0.123456"/><use x="7.99" transform="translate(1.01 2) scale(0.015625 0.015625)"/><!-- 0.123456 -->'


def test_numbers_at_risk_are_those_of_the_next_time_on_the_curve():
    assert style.at_risk([1, 5, 9], [10, 6, 2], [0, 1, 1.5, 5, 9, 10]) == [10, 10, 6, 6, 2, 0]
    assert style.at_risk([], [], [0, 5]) == [0, 0]


@pytest.mark.parametrize("seed", range(5))
def test_labels_beside_points_never_lie_on_each_other(seed):
    at = np.random.default_rng(seed).random((25, 2))
    wide = np.linspace(0.1, 0.5, 25)
    heights = style.apart(at, 0.05, wide)
    assert (np.array(heights) >= at[:, 1]).all()
    for i, j in itertools.combinations(range(25), 2):
        if at[i, 0] < at[j, 0] + wide[j] and at[j, 0] < at[i, 0] + wide[i]:
            assert abs(heights[i] - heights[j]) >= 0.999 * 0.05
    assert style.apart(np.empty((0, 2)), 1, 1) == []


@pytest.mark.parametrize("ends", [[0.99, 1.0, 0.98], [0.0, 0.01, 0.02], [0.5]])
def test_labels_at_the_ends_of_lines_stay_in_the_panel_and_in_order(ends):
    figure = style.new(style.DOUBLE, 2.5)
    panel = figure.subplots()
    panel.set_ylim(0, 1)
    style.label_ends(panel, 1, [(value, str(value), style.INK) for value in ends])
    placed = [text.xy[1] for text in panel.texts]
    assert np.argsort(placed).tolist() == np.argsort(ends, kind="stable").tolist()
    assert min(placed) >= 0
    assert max(placed) <= 1.03


def test_stairs_and_their_band_reach_the_horizon():
    panel = style.new(style.SINGLE, 2).subplots()
    curve = pd.DataFrame({"years": [1.0, 2.0, 30.0], "s": [0.8, 0.5, 0.1], "lo": [0.7, 0.4, 0.0], "hi": [0.9, 0.6, 0.2]})
    assert style.stairs(panel, curve, ("s", "lo", "hi"), 1.0, 10, "k") == 0.5
    assert panel.lines[0].get_xydata().tolist() == [[0, 1], [1, 0.8], [2, 0.5], [10, 0.5]]
    assert panel.collections[0].get_paths()[0].get_extents().x1 == 10


def rendered(root, config, changed=None):
    """Captions and alternative texts, rendered from the published results; `changed` has other tables by path."""
    results = root / "results"
    reported = json.loads((results / "checks" / "register.json").read_text(encoding="utf-8"))
    paths = [
        "panels/operations.csv", "panels/system_years.csv", "duration/summary.csv", "duration/logrank.csv", "fragmentation/effective_number_by_year.csv", "trends/mann_kendall.csv",
        "trends/un_launches.csv", "claims/verdicts.csv", "checks/gaps.csv", "checks/reconciliation.csv", "reliability/agreement.csv",
        *(f"{part}/{name}.csv" for part, names in QUOTED.items() for name in names),
    ]  # fmt: skip
    words = {"citation": io.read_yaml(root / "CITATION.cff"), "formulas": {}}
    results_of = [io.read_json(path) for path in sorted((results / "claims").glob("*.json"))]
    known = report.values(config, results_of, {path: io.read_table(results / path) for path in paths} | (changed or {}), reported, {}, **words)
    return report.compose({"report.md.j2": ""}, *(io.read_yaml(root / "workflow" / "report" / f"{name}.yaml") for name in ("captions", "answers")), known)[1]


@pytest.fixture(scope="module")
def captions(root, config):
    return rendered(root, config)


def test_every_figure_has_a_caption(captions, root):
    claims = io.read_yaml(root / "config" / "claims.yaml")["claims"]
    assert set(captions) == {*catalogue.FIGURES, *(f"spec_{name.replace('-', '_')}" for name in claims)}


@pytest.mark.parametrize("name", catalogue.FIGURES)
def test_an_alternative_text_says_what_is_seen_in_few_words(name, captions):
    caption, alt = captions[name]["caption"], captions[name]["alt"]
    assert 60 <= len(alt) <= 400
    assert alt != caption
    assert not set(re.split(r"[.;]\s+", alt)) & set(re.split(r"[.;]\s+", caption))
    assert not re.search(r"\bnan\b|not estimable|None|\{|\}", alt)


@pytest.mark.parametrize("name", sorted(set(catalogue.FIGURES) - {"fig03_timeline", "fig04_verdicts"}))
def test_a_caption_says_which_operations_it_is_about(name, captions, config):
    caption = captions[name]["caption"]
    assert f"inclusion rule {config['primary_scope']}" in caption.lower() or name in {"fig06_forest", "fig24_hormuz", "fig25_red_sea"}
    assert str(config["cutoff"])[:4] in caption or "years" in caption or "since" in caption


def test_no_judgement_of_a_picture_is_typed(root):
    """What data can change is a value; of the rest an alternative text says how it is drawn. Panels are named by their order, not by where they stand."""
    for name, parts in io.read_yaml(root / "workflow" / "report" / "captions.yaml").items():
        caption, alt = (re.sub(r"{[{%].*?[}%]}", "", parts[part], flags=re.S) for part in ("caption", "alt"))
        judged = r"\b(nearly|mostly|most of|hardly|few|many|little|climb|rise|fall|peak near|shrink|crowd|cease|level off|steeply|close together|Cold War|score of)\b"
        assert re.findall(judged, alt) == [], name
        if name not in widths.WIDE_ONLY:
            assert re.findall(r"\b(Left,|Right,|; right|left panel|right panel|on the left|on the right,)", caption + alt) == [], name


@pytest.mark.parametrize(
    ("name", "path", "before", "after"),
    [
        ("fig06_forest", "duration/cox.csv", "7 of 7 hazard ratios", "2 of 7 hazard ratios"), ("fig07_rmst", "duration/rmst.csv", "100 of 100 points", "0 of 100 points"),
        ("fig19_vetoes", "trends/gridlock.csv", "2 lie above one and 0 below", "0 lie above one and 2 below"),
        ("fig29_gap_filling", "fragmentation/gap_filling.csv", "9 are below zero, 5 with", "0 are below zero, 0 with"),
    ],
)  # fmt: skip
def test_what_an_alternative_text_says_of_the_data_follows_them(name, path, before, after, captions, root, config):
    table = io.read_table(root / "results" / path)
    turned = table.assign(estimate=-table["estimate"], lower=-table["upper"], upper=-table["lower"])
    assert before in captions[name]["alt"]
    assert after in rendered(root, config, {path: turned})[name]["alt"]


def test_tables_without_rows_leave_every_caption_whole(root, config):
    empty = {f"{part}/{name}.csv": io.read_table(root / "results" / part / f"{name}.csv").iloc[:0] for part, names in QUOTED.items() for name in names}
    for name, parts in rendered(root, config, empty).items():
        assert not re.search(r"\bnan\b|None|\{|\}", parts["alt"]), name
        assert parts["alt"].endswith((".", ")"))
