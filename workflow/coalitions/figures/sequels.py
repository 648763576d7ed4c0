"""What follows: the share of ends after which another operation has started in the same theatre."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

TITLES = {"counted": "Hand-overs counted", "passed-over": "Hand-overs passed over"}
HORIZON = 15
TICKS = range(0, HORIZON + 1, 5)
COLUMNS = ["handovers", "arrangement", "years", "followed", "ci_lower", "ci_upper", "n_at_risk"]


def plot(curves: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """One minus Kaplan-Meier of the gap by arrangement that ended, with intervals from the variance by theatre; left with hand-overs, right without; below, ends at risk.

    Parameters: table gap_curves; scope. Returns the figure and `handovers, arrangement, years, followed, ci_lower, ci_upper, n_at_risk`.
    """
    narrow = style.narrow(width)
    figure, grid = style.paired(width, (3.5, 5.8), len(TITLES), ([6, 1.2], [4.5, 1.2]), sharey="row")
    mine = curves[curves["scope"] == scope].assign(years=lambda rows: rows["time_days"] / DAYS_PER_YEAR)
    for number, (handovers, title) in enumerate(TITLES.items()):
        panel, below = grid[:, number]
        panel.set_xlim(0, HORIZON)
        panel.set_ylim(0, 1)
        ends, rows = [], []
        for kind, colour in style.COLOURS.items():
            curve = mine[(mine["handovers"] == handovers) & (mine["arrangement"] == kind)].sort_values("years")
            if (curve["years"] > HORIZON).all():
                continue
            ends.append((style.stairs(panel, curve, ("followed", "ci_lower", "ci_upper"), 0.0, HORIZON, colour, style.LINES[kind]), style.WRAPPED[kind], colour))
            rows.append(((style.SHORT if narrow else style.NAMES)[kind], colour, style.at_risk(curve["years"], curve["n_at_risk"], TICKS)))
        style.label_ends(panel, HORIZON, ends, style.SMALLEST)
        if not ends:
            style.say(panel, "too few ends")
        panel.set_title(title)
        panel.set_xlabel("Years since the end")
        style.risk_table(panel, below, TICKS, rows, named=narrow or number == 1)
    style.name_heights(grid[0], "Share followed in the theatre")
    data = mine.sort_values(["handovers", "arrangement", "time_days"])
    return figure, data[COLUMNS].reset_index(drop=True)
