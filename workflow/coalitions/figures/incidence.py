"""Stacked cumulative incidence of the ways of ending, a panel per arrangement."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

HORIZON = 25
# From the bottom up; Okabe and Ito's palette, told apart by lightness too.
ENDINGS = {"completed": "#009E73", "handed-over": "#56B4E9", "withdrawn or collapsed": "#CC79A7", "not told": "#B8B8B8"}
LEFT = "still at work"
COLUMNS = ["arrangement", "ending", "years", "incidence", "ci_lower", "ci_upper", "n_at_risk"]


def plot(cif: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Incidences of each way of ending to 25 years on top of each other: what is left above them is at work still.

    Parameters: table cif; scope. Returns the figure and `arrangement, ending, years, incidence, ci_lower, ci_upper, n_at_risk` (log-log limits are not drawn).
    """
    figure = style.new(style.DOUBLE, 3.0)
    panels = figure.subplots(1, len(style.COLOURS), sharex=True, sharey=True)
    mine = cif[cif["scope"] == scope]
    for panel, kind in zip(panels, style.COLOURS, strict=True):
        curves = mine[mine["arrangement"] == kind]
        panel.set_title(style.NAMES[kind], color=style.COLOURS[kind])
        panel.set_xlim(0, HORIZON)
        panel.set_ylim(0, 1)
        panel.set_xlabel("Years since the start")
        if curves.empty:
            panel.text(HORIZON / 2, 0.5, "no spells", ha="center", va="center")
            continue
        times = np.sort(curves["time_days"].unique())
        inside = times[times <= HORIZON * DAYS_PER_YEAR]
        x = np.concatenate(([0], inside / DAYS_PER_YEAR, [max(HORIZON, 0)]))
        floor = np.zeros(len(x))
        for ending, colour in ENDINGS.items():
            curve = curves[curves["ending"] == ending].sort_values("time_days")
            if curve.empty:
                continue
            y = np.concatenate(([0], curve["incidence"].to_numpy()[: len(inside)]))
            top = floor + np.append(y, y[-1])
            panel.fill_between(x, floor, top, step="post", color=colour, linewidth=0)
            panel.step(x, top, where="post", color="white", linewidth=0.6)
            _label(panel, floor[-1], top[-1], ending)
            floor = top
        _label(panel, floor[-1], 1, LEFT)
    panels[0].set_ylabel("Share of operations")
    data = mine.assign(years=mine["time_days"] / DAYS_PER_YEAR).sort_values(["arrangement", "ending", "time_days"])
    return figure, data[COLUMNS].reset_index(drop=True)


def _label(panel, low: float, high: float, text: str) -> None:
    """The name of a band at its right end, if the band is high enough to hold it."""
    if high - low > 0.05:
        panel.text(HORIZON - 0.5, (low + high) / 2, text.replace(" or ", " or\n"), ha="right", va="center", fontsize=6, color=style.INK)
