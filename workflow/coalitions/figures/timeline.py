"""Every operation on one sheet: rows by theatre, colour by arrangement, open ends drawn as open."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coalitions.figures import style

LANE = 0.115  # inches of height per lane
REGIONS = {"africa": "Africa", "americas": "Americas", "asia": "Asia", "europe": "Europe", "middle-east": "Middle East", "oceania": "Oceania"}
MARGINS = (0.55, 0.25)  # inches above (legend, years) and below
LABEL_YEARS = 0.62  # width of a character of a label on the axis of years


def lanes(frame: pd.DataFrame) -> pd.Series:
    """Lane of each bar in its theatre so that neither bars nor labels overlap; columns `begin`, `finish` in years, in order of `begin`."""
    last: list[float] = []
    result = {}
    for row in frame.itertuples():
        free = next((i for i, end in enumerate(last) if end < row.begin), len(last))
        if free == len(last):
            last.append(0.0)
        last[free] = row.finish
        result[row.Index] = free
    return pd.Series(result, dtype="int64")


def plot(operations: pd.DataFrame, names: dict[str, str], cutoff: pd.Timestamp) -> tuple[Figure, pd.DataFrame]:
    """Bars from start to end by primary theatre, grouped by region.

    Parameters: operations panel; names of theatres; the last day observed. An arrow is an operation still at work; a dotted stub one whose end is unknown; a hollow
    diamond one that never deployed (at its decision). Returns the figure and the rows that it shows.
    """
    frame = operations.copy()
    decided = pd.to_datetime(frame["decided"].fillna(frame["triggered"]).astype("string").str.slice(0, 4), format="%Y")
    frame["drawn_from"] = frame["start"].fillna(decided)
    unknown = frame["status"] == "unknown"
    frame["drawn_to"] = frame["end"].fillna(frame["drawn_from"].where(unknown | (frame["deployed"] == 0), cutoff))
    frame = frame[frame["drawn_from"].notna()]
    frame["begin"], frame["until"] = style.decimal_year(frame["drawn_from"]), style.decimal_year(frame["drawn_to"])
    frame["label"] = frame["acronym"].fillna(frame["name"]).str.slice(0, 28)
    frame["finish"] = frame["until"] + 0.6 + LABEL_YEARS * frame["label"].str.len()
    frame = frame.sort_values(["region", "theatre", "begin", "operation_id"])
    rows, height = [], 0.0
    for (region, theatre), group in frame.groupby(["region", "theatre"], sort=True):
        lane = lanes(group)
        rows.append((region, theatre, height, int(lane.max()) + 1))
        frame.loc[group.index, "y"] = height + lane
        height += lane.max() + 1.5
    tall = MARGINS[0] + MARGINS[1] + height * LANE
    figure = style.new(11.5, tall, dpi=150)  # a sheet of this height; the vector forms have every detail
    figure.set_layout_engine("none")  # hundreds of labels: a layout engine would draw them all twice
    axes = figure.add_axes((0.005, MARGINS[1] / tall, 0.99, height * LANE / tall))
    for row in frame.itertuples():
        colour = style.COLOURS[row.arrangement]
        if row.deployed == 0:
            axes.plot(row.begin, row.y, marker="D", markersize=3.2, markerfacecolor="white", markeredgecolor=colour, linestyle="")
        elif row.status == "unknown":
            axes.plot([row.begin, row.begin + 1.5], [row.y, row.y], color=colour, linewidth=2.4, linestyle=(0, (0.5, 0.5)), solid_capstyle="butt")
        else:
            axes.plot([row.begin, max(row.until, row.begin + 0.12)], [row.y, row.y], color=colour, linewidth=3.2, solid_capstyle="butt")
        if row.status == "ongoing":
            axes.plot(row.until + 0.35, row.y, marker=">", markersize=3.4, color=colour, linestyle="", clip_on=False)
        shift = {"unknown": 1.5}.get(row.status, 0)
        axes.text(row.until + 0.75 + shift, row.y, row.label, fontsize=4.6, va="center", color=style.INK, clip_on=False)
    last_year = cutoff.year + 0.5
    for _, theatre, top, count in rows:
        axes.text(1942.6, top + (count - 1) / 2, names.get(theatre, theatre), ha="right", va="center", fontsize=5.6)
        axes.axhline(top - 0.75, color=style.PALE, linewidth=0.3, zorder=0)
    for region in frame["region"].unique():
        mine = [r for r in rows if r[0] == region]
        axes.text(1928, mine[0][2] - 0.2, REGIONS[region], fontsize=8, fontweight="bold", va="top")
        axes.axhline(mine[0][2] - 0.75, color=style.INK, linewidth=0.6, zorder=0)
    axes.set_ylim(height, -2.2)
    axes.set_xlim(1927.5, last_year + 9)
    axes.axvline(last_year, color=style.INK, linewidth=0.5, linestyle=":", zorder=0)
    ticks = list(range(1945, cutoff.year + 1, 10))
    axes.set_xticks(ticks)
    axes.tick_params(top=True, labeltop=True)
    axes.grid(axis="x", color=style.PALE, linewidth=0.3)
    axes.set_axisbelow(True)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    handles = [Patch(color=style.COLOURS[kind], label=name) for kind, name in style.NAMES.items()]
    handles += [
        Line2D([], [], marker=">", color=style.INK, linestyle="", markersize=4, label="still at work at the cut-off"),
        Line2D([], [], color=style.INK, linestyle=(0, (0.5, 0.5)), linewidth=2.4, label="end unknown"),
        Line2D([], [], marker="D", markerfacecolor="white", markeredgecolor=style.INK, linestyle="", markersize=4, label="never deployed"),
    ]
    figure.legend(handles=handles, loc="upper center", ncols=6)
    columns = ["operation_id", "name", "arrangement", "region", "theatre", "start", "end", "status"]
    return figure, frame[columns].reset_index(drop=True)
