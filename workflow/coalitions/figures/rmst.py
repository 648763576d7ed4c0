"""Difference of restricted mean survival times over the horizon."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

TITLES = {"ahc minus un": ("un", "Ad hoc coalitions minus United Nations"), "ahc minus regional": ("regional", "Ad hoc coalitions minus regional organisations")}
COLUMNS = ["term", "tau_years", "estimate", "lower", "upper", "mean_group", "mean_reference", "reason"]


def plot(rmst: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Years at work that coalitions gain (above zero) or lose within each horizon, with pointwise intervals.

    Parameters: table rmst; scope. Returns the figure and `term, tau_years, estimate, lower, upper, mean_group, mean_reference, reason`.
    """
    figure, panels = style.beside(width, (2.8, 4.6), 2, sharex=True, sharey=True)
    mine = rmst[(rmst["scope"] == scope) & (rmst["model"] == "curve")].sort_values(["term", "tau_years"])
    for panel, (term, (kind, title)) in zip(panels, TITLES.items(), strict=True):
        curve = mine[(mine["term"] == term) & mine["estimate"].notna()]
        colour = style.COLOURS[kind]
        panel.axhline(0, color=style.INK, linewidth=0.6, linestyle=":")
        style.band(panel, curve["tau_years"], curve["lower"], curve["upper"], colour)
        panel.plot(curve["tau_years"], curve["estimate"], color=colour, linewidth=1.6, linestyle=style.LINES[kind])
        panel.set_title(title)
        panel.set_xlabel("Horizon, years")
        if curve.empty:
            style.say(panel, "not estimable")
    style.name_heights(panels, "Difference of mean years at work")
    panels[0].set_xlim(0, float(mine["tau_years"].max()) if len(mine) else 1)
    for words, up, side in (("coalitions longer", 0.97, "top"), ("coalitions shorter", 0.03, "bottom")):
        panels[0].text(0.03, up, words, transform=panels[0].transAxes, fontsize=style.SMALL, va=side, color=style.INK)
    return figure, mine[COLUMNS].reset_index(drop=True)
