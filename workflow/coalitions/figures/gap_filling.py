"""Whether operations are launched where nobody is, and whether more often than their dates would give by chance."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

WINDOWS = {"at-launch": "on the day", "year-before": "year before", "year-around": "year around"}
STRATA = "region"
COLUMNS = ["arrangement", "occupants", "gap_window", "n", "observed", "expected", "estimate", "lower", "upper", "reason"]


def plot(table: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Left, the share launched into a theatre without another arrangement (filled) beside the share expected under permuted dates (open); right, the difference with its interval.

    Parameters: table gap_filling; scope. Returns the figure and `arrangement, occupants, gap_window, n, observed, expected, estimate, lower, upper, reason`; dates are permuted
    within regions.
    """
    figure, (left, right) = style.beside(width, (2.9, 5.2), 2, sharey=True)
    mine = table[(table["scope"] == scope) & (table["date_strata"] == STRATA) & (table["occupants"] == "others")]
    mine = mine.assign(kind=pd.Categorical(mine["arrangement"], list(style.COLOURS)), window=pd.Categorical(mine["gap_window"], list(WINDOWS))).sort_values(["kind", "window"])
    labels, heights = [], []
    for number, row in enumerate(mine.itertuples()):
        y = -(number + 0.8 * (number // len(WINDOWS)))
        colour = style.COLOURS[row.arrangement]
        labels.append(WINDOWS[row.gap_window])
        heights.append(y)
        if number % len(WINDOWS) == 0:
            for panel in (left, right) if style.narrow(width) else (left,):  # panels below one another are read one by one
                words = {"transform": panel.get_yaxis_transform(), "color": style.legible(colour), "fontsize": 7.5, "va": "center"}
                panel.text(0.01, y + 0.75, f"{style.NAMES[row.arrangement]} ({int(row.n)})", **words)
        if pd.isna(row.estimate):
            left.text(0.5, y, "too few launches", fontsize=6.5, va="center", ha="center")
            continue
        left.hlines(y, min(row.observed, row.expected), max(row.observed, row.expected), color=colour, linewidth=1)
        left.plot(row.expected, y, style.MARKERS[row.arrangement], color=colour, markerfacecolor="white", markersize=4.5)
        left.plot(row.observed, y, style.MARKERS[row.arrangement], color=colour, markersize=4.5)
        right.hlines(y, row.lower, row.upper, color=colour, linewidth=1.2)
        right.plot(row.estimate, y, style.MARKERS[row.arrangement], color=colour, markersize=4)
    left.set_yticks(heights, labels)
    left.tick_params(axis="y", length=0)
    if heights:
        left.set_ylim(min(heights) - 0.6, 1.3)
    else:
        style.say(left, "no launch")
    left.set_xlim(0, 1)
    right.axvline(0, color=style.INK, linewidth=0.6)
    left.set_title("Share launched into an empty theatre")
    left.set_xlabel("Share (filled: launches; open: permuted dates)")
    right.set_title("Difference from permuted dates")
    right.set_xlabel("Difference of shares (right: more often than by chance)")
    right.tick_params(axis="y", length=0)
    return figure, mine[COLUMNS].reset_index(drop=True)
