"""Every operation on one sheet: rows by theatre, colour by arrangement, open ends drawn as open."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from coalitions.figures import style

LANE = 0.108  # inches of height per lane
REGIONS = {"africa": "Africa", "americas": "Americas", "asia": "Asia", "europe": "Europe", "middle-east": "Middle East", "oceania": "Oceania"}
MARGINS = (0.45, 0.1)  # inches above (key) and below
FIRST, WEST = 1945, 1924.5  # first year; left edge, with room for the names of theatres
LABEL = 40  # characters of a label
LABEL_YEARS = 0.72, 0.22  # width of a character of a label on the axis of years, here and in `theatres`, and how much more a capital takes
SHORTEST = 0.15  # years: the least that can be seen
STUB = 1.5  # years: an operation whose end is not known


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


def named(frame: pd.DataFrame) -> pd.Series:
    """The acronym of each operation, or its name without what stands in brackets."""
    return frame["acronym"].fillna(frame["name"]).map(lambda text: str(text).split(" (")[0]).astype(object)


def laid_out(frame: pd.DataFrame, first: float, last: float) -> pd.DataFrame:
    """The operations (`begin`, `until`, `status`, `label`; years) with their `lane` and where the label `stands`.

    It stands `after` the bar, `ahead` of it if it would run over the right edge, or `within` it if there is no room before it either.
    """
    letters, capitals = frame["label"].str.len().astype(float), frame["label"].str.count(r"[A-Z0-9]").astype(float)
    width = LABEL_YEARS[0] * letters + LABEL_YEARS[1] * capitals
    reach = frame["until"].where(frame["status"] != "unknown", frame["begin"] + STUB) + 0.9
    over, free = reach + width > last, frame["begin"] - width > first
    frame = frame.assign(reach=reach, stands=np.select([~over, free], ["after", "ahead"], "within"))
    room = frame.assign(begin=frame["begin"] - (width + 0.6) * (frame["stands"] == "ahead"), finish=reach + width * (frame["stands"] == "after") + 0.3).sort_values(
        ["begin", "operation_id"]
    )
    return frame.assign(lane=lanes(room).reindex(frame.index) if len(frame) else pd.Series(dtype="int64"))


def bars(axes, frame: pd.DataFrame, wide: float) -> None:
    """Operations at their height `y` from `begin` to `until`, with their labels. Hollow, regional organisations; an arrow is an operation still at work, a dotted stub one whose
    end is unknown, an open diamond one that never deployed."""  # fmt: skip
    for kind, colour in style.COLOURS.items():
        mine = frame[frame["arrangement"] == kind]
        never, unknown = mine["deployed"] == 0, mine["status"] == "unknown"
        solid = mine[~never & ~unknown]
        whole = [[(begin, y), (max(until, begin + SHORTEST), y)] for begin, until, y in solid[["begin", "until", "y"]].itertuples(index=False)]
        axes.add_collection(LineCollection(whole, colors=colour, linewidths=wide))
        if kind == "regional":
            axes.add_collection(LineCollection(whole, colors="white", linewidths=0.4 * wide))
        stubs = mine[unknown & ~never]
        dotted = [[(begin, y), (begin + STUB, y)] for begin, y in stubs[["begin", "y"]].itertuples(index=False)]
        axes.add_collection(LineCollection(dotted, colors=colour, linewidths=wide, linestyles=[(0, (0.5, 0.5))]))
        going = mine[mine["status"] == "ongoing"]
        axes.plot(going["until"] + 0.45, going["y"], marker=">", markersize=1.1 * wide, color=colour, linestyle="", markeredgewidth=0, clip_on=False)
        axes.plot(mine.loc[never, "begin"], mine.loc[never, "y"], marker="D", markersize=wide, markerfacecolor="white", markeredgecolor=colour, linestyle="")
    for row in frame[frame["label"] != ""].itertuples():
        place, side = {"after": (row.reach, "left"), "ahead": (row.begin - 0.5, "right"), "within": (row.begin + 2, "left")}[row.stands]
        text = axes.text(place, row.y, row.label, fontsize=style.SMALLEST, va="center", ha=side, color=style.INK, clip_on=False)
        if row.stands == "within":
            text.set_bbox(style.BEHIND | {"alpha": 1})


def key(figure: Figure, never: bool) -> None:
    """The key of `bars` at the top of the figure; `never`: with operations that never deployed."""
    core = Line2D([], [], color="white", linewidth=1.6, solid_capstyle="butt")
    shown = {style.NAMES[kind]: (Line2D([], [], color=colour, linewidth=4, solid_capstyle="butt"),) for kind, colour in style.COLOURS.items()}
    shown[style.NAMES["regional"]] += (core,)
    shown["still at work"] = Line2D([], [], marker=">", color=style.INK, linestyle="", markersize=4)
    shown["end unknown"] = Line2D([], [], color=style.INK, linestyle=(0, (0.5, 0.5)), linewidth=2.6)
    if never:
        shown["never deployed"] = Line2D([], [], marker="D", markerfacecolor="white", markeredgecolor=style.INK, linestyle="", markersize=3.5)
    figure.legend(list(shown.values()), list(shown), loc="upper center", ncols=6, columnspacing=1.0, handletextpad=0.5, fontsize=style.SMALL)


def plot(operations: pd.DataFrame, names: dict[str, str], cutoff: pd.Timestamp) -> tuple[Figure, pd.DataFrame]:
    """Bars from start to end by primary theatre, grouped by region.

    Parameters: operations panel; names of theatres; the last day observed. Drawn as `bars` says; an operation that never deployed stands at its decision. Returns the figure and
    the rows that it shows.
    """
    frame = operations.copy()
    decided = pd.to_datetime(frame["decided"].fillna(frame["triggered"]).astype("string").str.slice(0, 4), format="%Y")
    frame["drawn_from"] = frame["start"].fillna(decided)
    unknown = frame["status"] == "unknown"
    frame["drawn_to"] = frame["end"].fillna(frame["drawn_from"].where(unknown | (frame["deployed"] == 0), cutoff))
    frame = frame[frame["drawn_from"].notna()]
    frame["begin"], frame["until"] = style.decimal_year(frame["drawn_from"]), style.decimal_year(frame["drawn_to"])
    frame["label"] = [text if len(text) <= LABEL else f"{text[: LABEL - 1].rstrip()}…" for text in named(frame)]
    frame = frame.sort_values(["region", "theatre", "begin", "operation_id"])
    last_year = style.decimal_year(cutoff)
    parts, titles, regions, height = [], [], [], 0.0
    for region, inside in frame.groupby("region", sort=True):
        regions.append((region, height))
        height += 2.2
        for theatre, group in inside.groupby("theatre", sort=True):
            group = laid_out(group, FIRST, last_year + 3)
            words = textwrap.wrap(names.get(theatre, theatre), 27)
            titles.append((words, height))
            parts.append(group.assign(y=height + group["lane"]))
            height += max(int(group["lane"].max()) + 1, len(words)) + 0.5
    frame = pd.concat(parts)
    tall = sum(MARGINS) + height * LANE
    figure = style.new(style.DOUBLE, tall, layout="none")  # hundreds of labels: a layout engine would draw them all twice
    axes = figure.add_axes((0.005, MARGINS[1] / tall, 0.985, height * LANE / tall))
    bars(axes, frame, 3.2)
    for words, top in titles:
        for line, text in enumerate(words):
            axes.text(WEST + 0.4, top + line, text, va="center", fontsize=style.SMALLEST)
        axes.axhline(top - 0.75, color=style.PALE, linewidth=0.3, zorder=0)
    ticks = list(range(FIRST, cutoff.year + 1, 10))
    for region, top in regions:
        axes.text(WEST + 0.4, top + 0.5, REGIONS[region], fontsize=8, fontweight="bold", va="center")
        axes.axhline(top - 0.5, color=style.INK, linewidth=0.6, zorder=0)
        for year in ticks:  # a sheet this long needs its years more than once
            axes.text(year, top + 0.5, str(year), fontsize=style.SMALL, ha="center", va="center", color=style.legible(style.MIDDLE))
    axes.set_ylim(height, -1)
    axes.set_xlim(WEST, last_year + 3)
    axes.axvline(last_year, color=style.INK, linewidth=0.5, linestyle=":", zorder=0)
    axes.vlines(ticks, 0, height, color=style.PALE, linewidth=0.3, zorder=0)
    axes.set_axis_off()
    key(figure, never=True)
    columns = ["operation_id", "name", "arrangement", "region", "theatre", "start", "end", "status"]
    return figure, frame[columns].reset_index(drop=True)
