"""Operations beside one another: chosen theatres with many operations as bars over time, coloured by arrangement."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.figures.timeline import bars, handles, laid_out
from coalitions.panels import observed_end

PANELS = {
    "Strait of Hormuz and the Gulf": ("hormuz-gulf",), "Red Sea and Gulf of Aden": ("red-sea-aden",), "Sahel (Mali, Niger, Burkina Faso)": ("MLI", "NER", "BFA"),
    "Lake Chad (Nigeria, Chad, Cameroon)": ("NGA", "TCD", "CMR"), "Somalia": ("SOM",), "Afghanistan": ("AFG",), "Iraq": ("IRQ",), "Syria": ("SYR",),
    "Bosnia and Kosovo": ("BIH", "XKX"), "Solomon Islands": ("SLB",),
}  # fmt: skip
FIRST = 1978  # left edge; bars of older operations begin there with an arrow
LABEL = 30  # characters of a label
LANE = 0.115  # inches of height per lane
COLUMNS = ["panel", "operation_id", "name", "arrangement", "start", "end", "status", "lane"]


def plot(operations: pd.DataFrame, scope: str, cutoff: pd.Timestamp) -> tuple[Figure, pd.DataFrame]:
    """Bars from start to end in ten places, drawn as `timeline.bars` says, with their acronyms or names.

    Parameters: operations panel; scope; the last day observed. An arrow to the left is an operation older than the panel. Returns the figure and
    `panel, operation_id, name, arrangement, start, end, status, lane`.
    """
    frame = operations[(operations[f"scope_{scope}"] == 1) & (operations["deployed"] == 1) & operations["start"].notna()].copy()
    last_year = style.decimal_year(cutoff)
    frame["since"], frame["until"] = style.decimal_year(frame["start"]), style.decimal_year(observed_end(frame, cutoff))
    frame["begin"] = frame["since"].clip(lower=FIRST)
    frame["label"] = frame["acronym"].fillna(frame["name"]).map(lambda text: textwrap.shorten(str(text), LABEL, placeholder="…"))
    shown = []
    for title, places in PANELS.items():
        mine = frame[frame["theatres"].map(lambda text, places=places: bool(set(places) & set(text.split("+")))).astype(bool) & (frame["until"] >= FIRST)]
        shown.append(laid_out(mine.sort_values(["begin", "operation_id"]).assign(panel=title), FIRST, last_year + 2))
    tallest = [max([4, *(int(part["lane"].max()) + 1 for part in shown[i : i + 2] if len(part))]) for i in range(0, len(PANELS), 2)]
    figure = style.new(style.DOUBLE, 1.9 + LANE * sum(tallest))
    grid = figure.subplots(len(tallest), 2, sharex=True, gridspec_kw={"height_ratios": tallest})
    for number, (axes, mine) in enumerate(zip(grid.flat, shown, strict=True)):
        axes.set_title(list(PANELS)[number])
        axes.set_xlim(FIRST, last_year + 2)
        bars(axes, mine.assign(y=mine["lane"]), 2.8)
        for row in mine[mine["since"] < FIRST].itertuples():
            axes.plot(FIRST - 0.4, row.lane, marker="<", markersize=3, color=style.COLOURS[row.arrangement], markeredgewidth=0, clip_on=False)
        if mine.empty:
            style.say(axes, "no operation")
        axes.set_ylim(tallest[number // 2] - 0.3, -0.8)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.axvline(last_year, color=style.INK, linewidth=0.5, linestyle=":", zorder=0)
        axes.set_xticks(range(1980, cutoff.year + 1, 10))
        axes.grid(axis="x", color=style.PALE, linewidth=0.3)
        axes.set_axisbelow(True)
    figure.legend(handles=handles(never=False), loc="outside upper center", ncols=5, fontsize=style.SMALL)
    return figure, pd.concat(shown)[COLUMNS].reset_index(drop=True)
