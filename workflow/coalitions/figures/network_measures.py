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


def plot(years: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Six measures by year; for modularity also the mean of networks with the same numbers of ties drawn by lot, and two of their standard deviations on both sides.

    Parameters: table network_years; scope. Returns the figure and the columns of the table that it shows.
    """
    mine = years[years["scope"] == scope].sort_values("year")
    narrow = style.narrow(width)
    figure = style.new(width, 5.0 if narrow else 3.9)
    grid = figure.subplots(*((3, 2) if narrow else (2, 3)), sharex=True)
    for panel, (name, title) in zip(grid.ravel(), PANELS.items(), strict=True):
        panel.set_title(title.replace(" in ", "\nin ").replace(" of ", "\nof ") if narrow else title, fontsize=7 if narrow else 8)
        if mine.empty:
            style.say(panel, "no year")
            continue
        last, ends = mine["year"].iloc[-1], []
        if name == "size":
            ends = [("states", style.INK), ("operations", style.COLOURS["ahc"])]
            for column, colour in ends:
                panel.plot(mine["year"], mine[column], color=colour, linewidth=1.3, linestyle="--" if column == "states" else "-")
            ends = [(float(mine[column].iloc[-1]), {"states": "states", "operations": "coalitions"}[column], colour) for column, colour in ends]
        elif name == "modularity":
            low, high = mine["modularity_by_lot"] - 2 * mine["modularity_sd"], mine["modularity_by_lot"] + 2 * mine["modularity_sd"]
            style.band(panel, mine["year"], low, high, style.INK)
            panel.plot(mine["year"], mine["modularity_by_lot"], color=style.INK, linewidth=0.9, linestyle="--")
            panel.plot(mine["year"], mine["modularity"], color=style.COLOURS["ahc"], linewidth=1.3)
            known = mine.dropna(subset=["modularity", "modularity_by_lot"])
            if len(known):
                ends = [(float(known["modularity_by_lot"].iloc[-1]), "by lot", style.INK), (float(known["modularity"].iloc[-1]), "observed", style.COLOURS["ahc"])]
        else:
            panel.plot(mine["year"], mine[name], color=style.COLOURS["ahc"], linewidth=1.3)
        panel.set_ylim(0, None if name == "size" else 1.02)
        panel.set_xlim(mine["year"].iloc[0], last + 1)
        style.label_ends(panel, last, ends)
        panel.set_xticks([year for year in range(1950, int(last) + 1, 25) if year >= mine["year"].iloc[0]])
    return figure, mine[COLUMNS].reset_index(drop=True)
