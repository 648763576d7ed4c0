"""What follows: the share of ends after which another operation has started in the same theatre."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

TITLES = {"counted": "Hand-overs counted", "passed-over": "Hand-overs passed over"}
HORIZON = 15
COLUMNS = ["handovers", "arrangement", "years", "followed", "ci_lower", "ci_upper", "n_at_risk"]


def plot(curves: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """One minus Kaplan-Meier of the gap by arrangement that ended, with intervals from the variance by theatre; left with hand-overs, right without.

    Parameters: table gap_curves; scope. Returns the figure and `handovers, arrangement, years, followed, ci_lower, ci_upper, n_at_risk`.
    """
    figure = style.new(style.DOUBLE, 2.9)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    mine = curves[curves["scope"] == scope].assign(years=lambda rows: rows["time_days"] / DAYS_PER_YEAR)
    for panel, (handovers, title) in zip(panels, TITLES.items(), strict=True):
        ends = []
        for kind, colour in style.COLOURS.items():
            curve = mine[(mine["handovers"] == handovers) & (mine["arrangement"] == kind)].sort_values("years")
            inside = curve[curve["years"] <= HORIZON]
            if inside.empty:
                continue
            last = inside["followed"].iloc[-1]
            panel.fill_between(inside["years"], inside["ci_lower"], inside["ci_upper"], step="post", color=colour, alpha=0.12, linewidth=0)
            panel.step(np.concatenate(([0], inside["years"], [HORIZON])), np.concatenate(([0], inside["followed"], [last])), where="post", color=colour, linewidth=1.5)
            ends.append((kind, last))
        for (kind, _), place in zip(ends, style.place_labels([last for _, last in ends], 0.05), strict=True):
            panel.text(HORIZON * 1.01, place, {"ahc": "AHC", "un": "UN", "regional": "Regional"}[kind], color=style.COLOURS[kind], fontsize=7, va="center")
        if not ends:
            panel.text(0.5, 0.5, "too few ends", ha="center", va="center", transform=panel.transAxes)
        panel.set_title(title)
        panel.set_xlabel("Years since the end")
    panels[0].set_xlim(0, HORIZON * 1.13)
    panels[0].set_ylim(0, 1)
    panels[0].set_ylabel("Share followed in the theatre")
    data = mine.sort_values(["handovers", "arrangement", "time_days"])
    return figure, data[COLUMNS].reset_index(drop=True)
