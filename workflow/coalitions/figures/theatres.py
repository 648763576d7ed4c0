"""Operations beside one another: chosen theatres with many operations as bars over time, coloured by arrangement."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.figures.timeline import bars, key, laid_out, named
from coalitions.panels import observed_end

PANELS = {
    "Strait of Hormuz and the Gulf": ("hormuz-gulf",), "Red Sea and Gulf of Aden": ("red-sea-aden",), "Sahel (Mali, Niger, Burkina Faso)": ("MLI", "NER", "BFA"),
    "Lake Chad (Nigeria, Chad, Cameroon)": ("NGA", "TCD", "CMR"), "Somalia": ("SOM",), "Afghanistan": ("AFG",), "Iraq": ("IRQ",), "Syria": ("SYR",),
    "Bosnia and Kosovo": ("BIH", "XKX"), "Solomon Islands": ("SLB",),
}  # fmt: skip
FIRST = 1978  # left edge; bars of older operations begin there with an arrow
LABEL = 44  # characters of a label
LANE = 0.115  # inches of height per lane
MARGINS = (0.32, 0.28, 0.07)  # inches above (key), below (years) and beside
HEAD = 0.24  # inches for the title of a panel
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
    frame["label"] = named(frame).map(lambda text: textwrap.shorten(text, LABEL, placeholder="…"))
    shown = []
    for title, places in PANELS.items():
        mine = frame[frame["theatres"].map(lambda text, places=places: bool(set(places) & set(text.split("+")))).astype(bool) & (frame["until"] >= FIRST)]
        shown.append(laid_out(mine.sort_values(["begin", "operation_id"]).assign(panel=title), FIRST, last_year + 2))
    tallest = [max([4, *(int(part["lane"].max()) + 1 for part in shown[i : i + 2] if len(part))]) for i in range(0, len(PANELS), 2)]
    tall = MARGINS[0] + MARGINS[1] + sum(HEAD + LANE * lanes for lanes in tallest)
    figure = style.new(style.DOUBLE, tall, layout="none")  # the heights are known, and labels may stand over the edge of a panel
    wide = (style.DOUBLE - 4 * MARGINS[2]) / 2
    for number, mine in enumerate(shown):
        row, column = divmod(number, 2)
        left, top = MARGINS[2] + column * (wide + 2 * MARGINS[2]), MARGINS[0] + HEAD + sum(HEAD + LANE * lanes for lanes in tallest[:row])
        axes = figure.add_axes((left / style.DOUBLE, 1 - (top + LANE * tallest[row]) / tall, wide / style.DOUBLE, LANE * tallest[row] / tall))
        axes.set_title(list(PANELS)[number])
        axes.set_xlim(FIRST, last_year + 2)
        bars(axes, mine.assign(y=mine["lane"]), 2.8)
        for older in mine[mine["since"] < FIRST].itertuples():
            axes.plot(FIRST, older.lane, marker="<", markersize=4, color=style.COLOURS[older.arrangement], markeredgewidth=0, clip_on=False)
        if mine.empty:
            style.say(axes, "no operation")
        axes.set_ylim(tallest[row] - 0.4, -0.6)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.axvline(last_year, color=style.INK, linewidth=0.5, linestyle=":", zorder=0)
        axes.set_xticks(range(1980, cutoff.year + 1, 10))
        axes.tick_params(labelbottom=row == len(tallest) - 1)
        axes.grid(axis="x", color=style.PALE, linewidth=0.3)
        axes.set_axisbelow(True)
    key(figure, never=False)
    return figure, pd.concat(shown)[COLUMNS].reset_index(drop=True)
