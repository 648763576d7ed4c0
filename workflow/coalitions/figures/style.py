"""One style for every figure: colours with a second channel, the helpers that draw what several figures need, and saving with reproducible bytes."""

import io
import re
from contextlib import contextmanager
from functools import cache
from itertools import pairwise

import matplotlib
import numpy as np
from fontTools import subset
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from coalitions.figures.widths import DOUBLE, SINGLE, narrow  # noqa: F401 (the names of the style)
from coalitions.io import replacing

# Orange and blue after Okabe and Ito, the blue darker and the grey paler than theirs: the three stay apart in grey and for every common kind of colour blindness.
COLOURS = {"ahc": "#D55E00", "un": "#00558B", "regional": "#999999"}
# Lines, points and areas of an arrangement differ by more than colour.
LINES = {"ahc": "-", "un": (0, (5, 1.2)), "regional": (0, (2, 0.8))}
HATCHES = {"regional": "\\\\\\"}
MARKERS = {"ahc": "o", "un": "s", "regional": "^"}
NAMES = {"ahc": "Ad hoc coalitions", "un": "United Nations", "regional": "Regional organisations"}
SHORT = {"ahc": "Ad hoc", "un": "UN", "regional": "Regional"}  # where there is no room for two lines either
WRAPPED = {kind: name.replace(" ", "\n").replace("Ad\nhoc", "Ad hoc") for kind, name in NAMES.items()}  # where a panel is narrow
# For what is no arrangement (Okabe and Ito).
GREEN, PURPLE, SKY, AMBER = "#009E73", "#CC79A7", "#56B4E9", "#E69F00"
VERDICTS = {"supported": "#0072B2", "negligible": "#B8B8B8", "inconclusive": "#E5D5A0", "contradicted": "#D55E00", "not-estimable": "#FFFFFF"}
INK, MIDDLE, PALE = "#222222", "#7A7A7A", "#D9D9D9"
PAGE = 9.5  # inches: the height of a page
SMALL, SMALLEST = 6.5, 6.0  # points
BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.75}  # the ground of words on lines and maps; a rim around letters is ten times the bytes
DPI = 300

RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "text.parse_math": False,  # names of operations are text, whatever signs they hold
    "axes.titlesize": 8.5,
    "axes.titley": 1.0,  # a title that looks for its place costs a third of the drawing
    "axes.labelsize": 7.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "axes.titlelocation": "left",
    "axes.grid": False,
    "hatch.linewidth": 0.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "svg.hashsalt": "variable-geometry",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "savefig.dpi": "figure",
}
# Tables of a font that set text; in a PDF the glyphs are set already.
SETTING = ["GSUB", "GPOS", "GDEF", "kern"]
_PLACES = re.compile(r' (?:d|x|y)="[^"]*"|translate\([^)]*\)')
_GLYPH = re.compile(r'( id="|href="#)(DejaVuSans(?:-[A-Z][a-z]+)*)-')
_NUMBER = re.compile(r"-?\d+\.\d+")


class Picture(Figure):
    """A figure that a notebook shows: Jupyter asks for its bitmap, and no drawing backend has to be set up for it."""

    def _repr_png_(self) -> bytes:
        """The figure as PNG, half as fine as in print, with the same bytes on every run."""
        target = io.BytesIO()
        self.savefig(target, format="png", dpi=self.dpi / 2, metadata={"Software": None})
        return target.getvalue()


def new(width: float, height: float, layout: str = "constrained") -> Picture:
    """An empty figure in the style; sizes in inches. `layout` is "none" where a module gives every panel its place."""
    matplotlib.rcParams.update(RC)
    return Picture(figsize=(width, height), dpi=DPI, layout=layout)


def beside(width: float, heights: tuple[float, float], number: int, **options) -> tuple[Picture, np.ndarray]:
    """A figure of `number` panels, beside one another on a page and below one another in one column, and the panels in their order.

    Parameters: width; height on a page and in one column; number of panels; options of `Figure.subplots`.
    """
    below = narrow(width)
    figure = new(width, heights[below])
    panels = np.atleast_1d(figure.subplots(*((number, 1) if below else (1, number)), **options))
    for panel in panels if below else ():
        panel.tick_params(labelbottom=True)
    return figure, panels


def paired(width: float, heights: tuple[float, float], number: int, ratios: tuple[list[float], list[float]], **options) -> tuple[Picture, np.ndarray]:
    """A figure of `number` panels with a strip below each, beside one another on a page and below one another in one column, and the panels and strips as the two rows of a grid.

    Parameters: width; height on a page and in one column; number of panels; heights of a panel and its strip in either; options of `Figure.subplots`.
    """
    below = narrow(width)
    figure, pair = new(width, heights[below]), list(ratios[below])
    shape, tall = ((2 * number, 1), pair * number) if below else ((2, number), pair)
    grid = figure.subplots(*shape, sharex=True, gridspec_kw={"height_ratios": tall}, **options)
    return figure, grid.reshape(number, 2).T if below else grid


def name_heights(panels, words: str, **look) -> None:
    """Name the vertical axis of every panel that is the first in its row."""
    for panel in panels:
        if panel.get_subplotspec().is_first_col():
            panel.set_ylabel(words, **look)


def save(figure: Figure, svg, png, pdf) -> None:
    """Write the three forms of a figure without a time stamp, so that the same figure has the same bytes. Its layout is found once and kept for all of them."""
    settle(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    with replacing(png) as partial:
        Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").save(partial, dpi=(figure.dpi, figure.dpi), compress_level=6)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    with replacing(svg) as partial:
        partial.write_bytes(thinned(text.getvalue()).encode("utf-8"))
    with replacing(pdf) as partial, _glyphs_alone():
        figure.savefig(partial, metadata={"CreationDate": None, "ModDate": None})


def settle(figure: Figure) -> None:
    """Find the layout and keep it. Places are rounded: the last bits of the solver's differ from run to run."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    engine.execute(figure)
    figure.set_layout_engine(None)  # "none" would leave a placeholder, for which every saving draws twice
    for panel in figure.axes:
        panel.set_position(np.round(panel.get_position(original=True).bounds, 4))


def thinned(svg: str) -> str:
    """The text of an SVG with places to a hundredth of a point, more cannot be seen, and short names of glyphs, which stand at every letter: a quarter fewer bytes."""

    def places(found: re.Match) -> str:
        return _NUMBER.sub(lambda number: f"{float(number[0]):.2f}".rstrip("0").rstrip("."), found[0]).replace(" \n", " ")

    return _GLYPH.sub(lambda found: found[1] + "".join(word[0] for word in found[2].split("-")), _PLACES.sub(places, svg))


@contextmanager
def _glyphs_alone():
    """Fonts are embedded without the tables that set text: reading these takes longer than all the rest of a PDF."""
    before = subset.Options._drop_tables_default
    subset.Options._drop_tables_default = [*before, *SETTING]
    try:
        yield
    finally:
        subset.Options._drop_tables_default = before


def luminance(colour: str) -> float:
    """Relative luminance of a colour, 0 to 1 (WCAG 2)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@cache
def legible(colour: str) -> tuple[float, float, float]:
    """The colour, darkened until words in it stand out from white by 4.5 to 1 (WCAG 2, AA)."""
    shade = to_rgb(colour)
    while luminance(shade) > 1.05 / 4.5 - 0.05:
        shade = tuple(round(0.97 * part, 4) for part in shade)
    return shade


def ink_on(colour: str) -> str:
    """White or ink, whichever is easier to read on the colour."""
    return "white" if luminance(colour) < 0.18 else INK


def decimal_year(days):
    """Days as years with decimals: of a series of days, or of one day."""
    parts = days.dt if hasattr(days, "dt") else days
    return parts.year + (parts.dayofyear - 1) / 365.25


def place_labels(values: list[float], gap: float) -> list[float]:
    """Heights for direct labels at line ends, moved apart until neighbours are `gap` from each other, order kept."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    placed = list(values)
    for before, after in pairwise(order):
        placed[after] = max(placed[after], placed[before] + gap)
    return placed


def label_ends(panel, x: float, ends: list[tuple[float, str, str]], points: float = SMALL, offset: float = 4) -> None:
    """Direct labels right of line ends: `ends` are (height, words, colour). They are moved apart by the height of their lines and kept below the top of the panel, whose limits and
    size must be set before."""  # fmt: skip
    low, high = panel.get_ylim()
    tall = panel.get_figure().get_figheight() * 72 * (panel.get_subplotspec().get_position(panel.get_figure()).height if panel.get_subplotspec() else panel.get_position().height)
    line = 1.4 * points / tall * (high - low)
    gap = line * max((text.count("\n") + 1 for _, text, _ in ends), default=1)
    middles = [value - low for value, *_ in ends]
    placed = np.array(place_labels(middles, gap))
    if len(placed):
        placed = placed - (np.sort(placed) - np.sort(middles)).max() / 2  # half of the way down again, so that the group is centred on its lines
        placed = np.maximum(placed - max(0.0, placed.max() + gap / 2 - (high - low) * 1.03), 0)
    for place, (_, text, colour) in zip(place_labels(placed.tolist(), gap), ends, strict=True):
        panel.annotate(
            text, (x, low + place), xytext=(offset, 0), textcoords="offset points", color=legible(colour), fontsize=points, va="center", linespacing=1.1, annotation_clip=False
        )


def key(panel, **place) -> None:
    """A key whose words have the colours of their lines, for panels where lines end too close to each other for labels there."""
    legend = panel.legend(fontsize=SMALLEST, handlelength=1.8, handletextpad=0.5, borderaxespad=0.3, labelspacing=0.35, **place)
    for words, line in zip(legend.get_texts(), legend.get_lines(), strict=True):
        words.set_color(legible(line.get_color()))


def apart(at: np.ndarray, gap: float, wide) -> list[float]:
    """Heights of labels that begin at points (columns x, y) and are `wide` (one number, or one for each): from below, each moved up until none lies on another."""
    wide = np.broadcast_to(np.asarray(wide, dtype=float), len(at))
    heights: dict[int, float] = {}
    for i in sorted(range(len(at)), key=lambda k: (at[k, 1], at[k, 0])):
        height = float(at[i, 1])
        beside = [other for j, other in heights.items() if at[j, 0] < at[i, 0] + wide[i] and at[i, 0] < at[j, 0] + wide[j]]
        while near := [other for other in beside if abs(other - height) < 0.999 * gap]:
            height = max(near) + gap
        heights[i] = height
    return [heights[i] for i in range(len(at))]


def say(panel, words: str) -> None:
    """Words in the middle of a panel that has nothing to show."""
    panel.text(0.5, 0.5, words, ha="center", va="center", transform=panel.transAxes)


def band(panel, x, low, high, colour, step: str | None = None) -> None:
    """An interval around a line."""
    panel.fill_between(x, low, high, step=step, color=colour, alpha=0.16, linewidth=0)


def stairs(panel, curve, columns: tuple[str, str, str], start: float, reach: float, colour: str, line="-") -> float:
    """A step curve with its band from time 0, where it is `start`, to `reach`; `curve` has `years` and the columns of the value and its limits. Returns the last height."""
    shown = curve[curve["years"] <= reach].sort_values("years")
    x = np.concatenate(([0.0], shown["years"], [reach]))
    value, low, high = (np.concatenate(([start], shown[name], [shown[name].iloc[-1] if len(shown) else start])).astype(float) for name in columns)
    band(panel, x, low, high, colour, "post")
    panel.step(x, value, where="post", color=colour, linewidth=1.5, linestyle=line)
    return float(value[-1])


def censored(panel, x, y, colour: str) -> None:
    """Ticks on a curve where an operation that is still at work is last seen."""
    panel.plot(x, y, linestyle="", marker="|", markersize=5, color=colour, markeredgewidth=0.8)


def at_risk(times, numbers, ticks) -> list[int]:
    """Number at risk at each tick: that of the first time on the curve that is not before it, 0 after the last. Times in the order of a curve."""
    numbers = np.append(np.asarray(numbers, dtype=float), 0)
    return [int(numbers[i]) for i in np.searchsorted(np.asarray(times, dtype=float), np.asarray(list(ticks), dtype=float) - 1e-9)]


def risk_table(panel, below, ticks, rows: list[tuple[str, str, list[int]]], named: bool = True) -> None:
    """Numbers at risk in `below`, under the ticks of the curve panel; `rows` are (name, colour, numbers), the names stand on the right."""
    panel.set_xticks(list(ticks))
    panel.tick_params(labelbottom=True)
    below.set_title("Number at risk", fontsize=SMALL, color=INK, pad=1)
    below.set_xlim(panel.get_xlim())
    for row, (_, colour, numbers) in enumerate(rows):
        for tick, number in zip(ticks, numbers, strict=True):
            below.text(tick, -row, str(number), ha="center", va="center", color=legible(colour), fontsize=SMALL)
        if named:
            place = {"xytext": (12, 0), "textcoords": "offset points", "va": "center", "annotation_clip": False}
            below.annotate(rows[row][0], (panel.get_xlim()[1], -row), color=legible(colour), fontsize=SMALL, **place)
    below.set_ylim(-max(len(rows), 1) + 0.4, 0.6)
    below.tick_params(axis="both", length=0, labelbottom=False, labelleft=False)
    for spine in below.spines.values():
        spine.set_visible(False)


def stacked(panel, shown, terms: dict[str, tuple[str, str | None, str]], wide: float = 0.07, short: bool = False) -> list[str]:
    """Stacked shares of launches by decade with their numbers in the parts that can hold them.

    `shown` has `decade, term, n, events, estimate`; `terms` gives colour, hatch and label of a term. Below a decade, `short` without its century, stands its number of launches.
    Returns the decades.
    """
    decades = sorted(shown["decade"].unique())
    base = np.zeros(len(decades))
    for term, (colour, hatch, label) in terms.items():
        part = shown[shown["term"] == term].set_index("decade").reindex(decades)
        height = part["estimate"].fillna(0).to_numpy(dtype=float)
        panel.bar(range(len(decades)), height, bottom=base, color=colour, width=0.85, edgecolor="white", linewidth=0.5, hatch=hatch, label=label)
        for x, (value, low, number) in enumerate(zip(height, base, part["events"], strict=True)):
            if value >= wide:
                text = panel.text(x, low + value / 2, str(int(number)), ha="center", va="center", fontsize=SMALL, color=INK if hatch else ink_on(colour))
                if hatch:
                    text.set_bbox(BEHIND)
        base = base + height
    totals = shown.groupby("decade")["n"].first().reindex(decades)
    panel.set_xticks(range(len(decades)), [f"{decade[2:] if short else decade}\n({int(n)})" for decade, n in totals.items()], fontsize=SMALLEST)
    panel.tick_params(axis="x", length=0)
    panel.set_ylim(0, 1)
    return decades
