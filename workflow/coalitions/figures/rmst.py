"""Difference of restricted mean survival times over the horizon."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

TITLES = {"ahc minus un": ("un", "Coalitions minus United Nations"), "ahc minus regional": ("regional", "Coalitions minus regional organisations")}
COLUMNS = ["term", "tau_years", "estimate", "lower", "upper", "mean_group", "mean_reference", "reason"]


def plot(rmst: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Years at work that coalitions gain (above zero) or lose within each horizon, with pointwise intervals.

    Parameters: table rmst; scope. Returns the figure and `term, tau_years, estimate, lower, upper, mean_group, mean_reference, reason`.
    """
    figure = style.new(style.DOUBLE, 2.8)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    mine = rmst[(rmst["scope"] == scope) & (rmst["model"] == "curve")].sort_values(["term", "tau_years"])
    for panel, (term, (kind, title)) in zip(panels, TITLES.items(), strict=True):
        curve = mine[(mine["term"] == term) & mine["estimate"].notna()]
        colour = style.COLOURS[kind]
        panel.axhline(0, color=style.INK, linewidth=0.6, linestyle=":")
        panel.fill_between(curve["tau_years"], curve["lower"], curve["upper"], color=colour, alpha=0.18, linewidth=0)
        panel.plot(curve["tau_years"], curve["estimate"], color=colour, linewidth=1.6)
        panel.set_title(title)
        panel.set_xlabel("Horizon, years")
        if curve.empty:
            panel.text(0.5, 0.5, "not estimable", ha="center", va="center", transform=panel.transAxes)
    panels[0].set_ylabel("Difference, years at work")
    panels[0].set_xlim(left=0)
    return figure, mine[COLUMNS].reset_index(drop=True)
