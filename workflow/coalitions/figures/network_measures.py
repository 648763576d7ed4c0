"""The network of coalitions over time: its size, how dense and connected it is, how alike coalitions are in their members, modules, core and periphery."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

PANELS = {
    "size": "States and coalitions",
    "density": "Density of memberships",
    "largest_share": "Share in the largest component",
    "mean_jaccard": "Members in common (Jaccard)",
    "modularity": "Modularity",
    "core_fit": "Core-periphery fit",
}
COLUMNS = ["year", "states", "operations", "memberships", "density", "largest_share", "mean_jaccard", "modularity", "modularity_by_lot", "modularity_sd", "core_fit"]


def plot(years: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Six measures by year; for modularity also the mean of networks with the same numbers of ties drawn by lot, and two of their standard deviations on both sides.

    Parameters: table network_years; scope. Returns the figure and the columns of the table that it shows.
    """
    mine = years[years["scope"] == scope].sort_values("year")
    figure = style.new(style.DOUBLE, 3.9)
    grid = figure.subplots(2, 3, sharex=True)
    for panel, (name, title) in zip(grid.ravel(), PANELS.items(), strict=True):
        panel.set_title(title, fontsize=8)
        if mine.empty:
            panel.text(0.5, 0.5, "no year", ha="center", va="center", transform=panel.transAxes)
            continue
        last = mine["year"].iloc[-1]
        if name == "size":
            ends = [("states", style.COLOURS["un"]), ("operations", style.COLOURS["ahc"])]
            for column, colour in ends:
                panel.plot(mine["year"], mine[column], color=colour, linewidth=1.3)
            heights = style.place_labels([float(mine[column].iloc[-1]) for column, _ in ends], 0.09 * float(mine["states"].max() or 1))
            for (column, colour), height in zip(ends, heights, strict=True):
                panel.text(last + 1, height, {"states": "states", "operations": "coalitions"}[column], color=colour, fontsize=6.5, va="center", clip_on=False)
        elif name == "modularity":
            low, high = mine["modularity_by_lot"] - 2 * mine["modularity_sd"], mine["modularity_by_lot"] + 2 * mine["modularity_sd"]
            panel.fill_between(mine["year"], low, high, color=style.COLOURS["regional"], alpha=0.25, linewidth=0)
            panel.plot(mine["year"], mine["modularity_by_lot"], color=style.COLOURS["regional"], linewidth=0.9)
            panel.plot(mine["year"], mine["modularity"], color=style.COLOURS["ahc"], linewidth=1.3)
            known = mine.dropna(subset=["modularity", "modularity_by_lot"])
            if len(known):
                heights = style.place_labels([known["modularity_by_lot"].iloc[-1], known["modularity"].iloc[-1]], 0.09)
                for (word, colour), height in zip((("by lot", style.COLOURS["regional"]), ("observed", style.COLOURS["ahc"])), heights, strict=True):
                    panel.text(last + 1, height, word, color=colour, fontsize=6.5, va="center", clip_on=False)
        else:
            panel.plot(mine["year"], mine[name], color=style.COLOURS["ahc"], linewidth=1.3)
        panel.set_ylim(0, None if name == "size" else 1.02)
        panel.set_xlim(mine["year"].iloc[0], last + (0.27 if name in ("size", "modularity") else 0.05) * (last - mine["year"].iloc[0] + 1))
        panel.set_xticks([year for year in range(1950, int(last) + 1, 25) if year >= mine["year"].iloc[0]])
    return figure, mine[COLUMNS].reset_index(drop=True)
