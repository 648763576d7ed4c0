"""Stacked cumulative incidence of the ways of ending, a panel per arrangement."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

HORIZON = 25
TICKS = range(0, HORIZON + 1, 5)
# From the bottom up; told apart by lightness too.
ENDINGS = {"completed": style.GREEN, "handed-over": "#A9D8F4", "withdrawn or collapsed": style.PURPLE, "not told": "#B8B8B8"}
LEFT = "still at work"
COLUMNS = ["arrangement", "ending", "years", "incidence", "ci_lower", "ci_upper", "n_at_risk"]


def plot(cif: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Incidences of each way of ending to 25 years on top of each other: what is left above them is at work still. In a band, its share at 25 years with log-log limits.

    Parameters: table cif; scope. Returns the figure and `arrangement, ending, years, incidence, ci_lower, ci_upper, n_at_risk`.
    """
    narrow = style.narrow(width)
    figure, grid = style.paired(width, (3.5, 7.2), len(style.COLOURS), ([8, 0.6], [5, 0.6]), sharey="row")
    if not narrow:
        figure.get_layout_engine().set(wspace=0.05)
    mine = cif[cif["scope"] == scope]
    for (panel, below), kind in zip(grid.T, style.COLOURS, strict=True):
        curves = mine[mine["arrangement"] == kind]
        panel.set_title(style.NAMES[kind], color=style.legible(style.COLOURS[kind]))
        panel.set_xlim(0, HORIZON)
        panel.set_ylim(0, 1)
        panel.set_xlabel("Years since the start")
        if curves.empty:
            panel.text(HORIZON / 2, 0.5, "no spells", ha="center", va="center")
            style.risk_table(panel, below, TICKS, [], named=False)
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
            end = curve.iloc[max(len(inside) - 1, 0)]
            limits = "" if pd.isna(end["ci_lower"]) else f" ({100 * end['ci_lower']:.0f}–{100 * end['ci_upper']:.0f})"
            name = ending if narrow else ending.replace(" or ", " or\n")
            _label(panel, floor[-1], top[-1], f"{name}\n{100 * y[-1]:.0f}{limits} %")
            floor = top
        _label(panel, floor[-1], 1, f"{LEFT}{' ' if narrow else chr(10)}{100 * (1 - floor[-1]):.0f} %")
        numbers = curves[["time_days", "n_at_risk"]].drop_duplicates("time_days").sort_values("time_days")
        risk = style.at_risk(numbers["time_days"], numbers["n_at_risk"], [tick * DAYS_PER_YEAR for tick in TICKS])
        style.risk_table(panel, below, TICKS, [("", style.COLOURS[kind], risk)], named=False)
    style.name_heights(grid[0], "Share of operations")
    data = mine.assign(years=mine["time_days"] / DAYS_PER_YEAR).sort_values(["arrangement", "ending", "time_days"])
    return figure, data[COLUMNS].reset_index(drop=True)


def _label(panel, low: float, high: float, text: str) -> None:
    """The name of a band and its share at its right end, if the band is high enough to hold them."""
    if high - low > 0.045 * (text.count("\n") + 1):
        panel.text(HORIZON - 0.5, (low + high) / 2, text, ha="right", va="center", fontsize=style.SMALLEST, color=style.INK, linespacing=1.1)
