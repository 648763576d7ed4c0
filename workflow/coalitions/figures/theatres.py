"""Operations beside one another: chosen theatres with many operations as bars over time, coloured by arrangement."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coalitions.figures import style
from coalitions.figures.timeline import lanes
from coalitions.panels import observed_end

PANELS = {
    "Strait of Hormuz and the Gulf": ("hormuz-gulf",), "Red Sea and Gulf of Aden": ("red-sea-aden",), "Sahel (Mali, Niger, Burkina Faso)": ("MLI", "NER", "BFA"),
    "Lake Chad (Nigeria, Chad, Cameroon)": ("NGA", "TCD", "CMR"), "Somalia": ("SOM",), "Afghanistan": ("AFG",), "Iraq and Syria": ("IRQ", "SYR"),
    "Bosnia and Kosovo": ("BIH", "XKX"), "Solomon Islands": ("SLB",),
}  # fmt: skip
FIRST = 1978  # left edge; bars of older operations begin there
LABEL = 20  # characters of a label
LABEL_YEARS = 1.25  # width of a character of a label on the axis of years
LANE = 0.125  # inches of height per lane
COLUMNS = ["panel", "operation_id", "name", "arrangement", "start", "end", "status", "lane"]


def plot(operations: pd.DataFrame, scope: str, cutoff: pd.Timestamp) -> tuple[Figure, pd.DataFrame]:
    """Bars from start to end in nine places, AHCs labelled.

    Parameters: operations panel; scope; the last day observed. An arrow is an operation still at work, a dotted stub one whose end is unknown. Returns the figure and
    `panel, operation_id, name, arrangement, start, end, status, lane`.
    """
    frame = operations[(operations[f"scope_{scope}"] == 1) & (operations["deployed"] == 1) & operations["start"].notna()].copy()
    last_year = style.decimal_year(cutoff)
    frame["begin"], frame["until"] = style.decimal_year(frame["start"]).clip(lower=FIRST), style.decimal_year(observed_end(frame, cutoff))
    named = frame["acronym"].fillna(frame["name"]).map(lambda text: textwrap.shorten(str(text), LABEL, placeholder="…"))
    frame["label"] = named.where(frame["arrangement"] == "ahc", "").astype(object)
    shown = [_laid_out(frame, title, places, last_year) for title, places in PANELS.items()]
    tallest = [max([6, *(int(part["lane"].max()) + 1 for part in shown[i : i + 3] if len(part))]) for i in (0, 3, 6)]
    figure = style.new(style.DOUBLE, 1.6 + LANE * sum(tallest))
    grid = figure.subplots(3, 3, sharex=True, gridspec_kw={"height_ratios": tallest})
    for number, (axes, mine) in enumerate(zip(grid.flat, shown, strict=True)):
        axes.set_title(list(PANELS)[number], fontsize=7.5)
        for row, ahead in zip(mine.itertuples(), mine["ahead"], strict=True):
            colour = style.COLOURS[row.arrangement]
            if row.status == "unknown":
                axes.plot([row.begin, row.begin + 1.5], [row.lane, row.lane], color=colour, linewidth=2, linestyle=(0, (0.5, 0.5)), solid_capstyle="butt")
            else:
                axes.plot([row.begin, max(row.until, row.begin + 0.35)], [row.lane, row.lane], color=colour, linewidth=2.6, solid_capstyle="butt")
            if row.status == "ongoing":
                axes.plot(row.until + 0.5, row.lane, marker=">", markersize=2.6, color=colour, linestyle="", clip_on=False)
            place, side = (row.begin - 0.4, "right") if ahead else (row.until + 0.9, "left")
            axes.text(place, row.lane, row.label, fontsize=4.6, va="center", ha=side, color=style.INK)
        if mine.empty:
            axes.text(0.5, 0.5, "no operation", ha="center", va="center", transform=axes.transAxes)
        axes.set_ylim(tallest[number // 3] - 0.3, -0.8)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.axvline(last_year, color=style.INK, linewidth=0.5, linestyle=":", zorder=0)
        axes.set_xticks(range(1980, cutoff.year + 1, 10))
        axes.grid(axis="x", color=style.PALE, linewidth=0.3)
        axes.set_axisbelow(True)
        axes.set_xlim(FIRST, last_year + 2)
    handles = [Patch(color=style.COLOURS[kind], label=name) for kind, name in style.NAMES.items()]
    handles += [
        Line2D([], [], marker=">", color=style.INK, linestyle="", markersize=3.5, label="still at work"),
        Line2D([], [], color=style.INK, linestyle=(0, (0.5, 0.5)), linewidth=2, label="end unknown"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=5, fontsize=7)
    return figure, pd.concat(shown)[COLUMNS].reset_index(drop=True)


def _laid_out(frame: pd.DataFrame, title: str, places: tuple[str, ...], last_year: float) -> pd.DataFrame:
    """The operations of some theatres with their lanes; a label stands before its bar where it would run over the right edge."""
    mine = frame[frame["theatres"].map(lambda text: bool(set(places) & set(text.split("+")))).astype(bool) & (frame["until"] >= FIRST)]
    mine = mine.sort_values(["begin", "operation_id"]).assign(panel=title)
    width = LABEL_YEARS * mine["label"].str.len().astype(float)
    mine["ahead"] = (mine["until"] + 0.9 + width > last_year) & (mine["begin"] - width > FIRST)
    room = mine.assign(begin=mine["begin"] - width * mine["ahead"], finish=mine["until"] + 0.8 + width * ~mine["ahead"]).sort_values(["begin", "operation_id"])
    return mine.assign(lane=lanes(room).reindex(mine.index) if len(mine) else pd.Series(dtype="int64"))
