"""How many effective providers there are: in the whole system, and in the theatres where someone is at work."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.special import stdtrit

from coalitions.figures import style

SYSTEM = {"system_providers_shannon": ("Shannon", style.PURPLE, (0, (5, 1.2))), "system_providers_simpson": ("inverse Simpson", style.INK, "-")}
THEATRES = {"operations_simpson": ("operations", style.GREEN, (0, (5, 1.2))), "providers_simpson": ("providers", style.INK, "-")}
COLUMNS = ["year", "n_theatres", *SYSTEM, *(f"{name}{part}" for name in THEATRES for part in ("_mean", "_lower", "_upper"))]


def plot(by_year: pd.DataFrame, theatre_years: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Left, effective providers of the whole system by year; right, the mean over theatres with an operation at work, with pointwise intervals of 95 % over theatres.

    Parameters: tables effective_number_by_year and effective_number; scope. Returns the figure and year, n_theatres, the system's numbers, and mean and limits of the theatres'.
    """
    figure, panels = style.beside(width, (2.8, 4.6), 2, sharex=True)
    system = by_year[by_year["scope"] == scope].sort_values("year").set_index("year")
    grouped = theatre_years[theatre_years["scope"] == scope].groupby("year")
    data = system[["n_theatres", *SYSTEM]].copy()
    for name in THEATRES:
        mean, n = grouped[name].mean(), grouped.size()
        # One theatre has no spread; few have a wide t.
        half = grouped[name].std() / np.sqrt(n) * stdtrit(np.maximum(n - 1, 1), 0.975)
        data[f"{name}_mean"], data[f"{name}_lower"], data[f"{name}_upper"] = mean, np.maximum(mean - half, 1), mean + half
    last = int(data.index.max()) if len(data) else 2000
    for column, (_, colour, line) in SYSTEM.items():
        panels[0].plot(data.index, data[column], color=colour, linewidth=1.4, linestyle=line)
    for name, (_, colour, line) in THEATRES.items():
        style.band(panels[1], data.index, data[f"{name}_lower"], data[f"{name}_upper"], colour)
        panels[1].plot(data.index, data[f"{name}_mean"], color=colour, linewidth=1.4, linestyle=line)
    for panel, title in zip(panels, ("The whole system", "Mean of the theatres"), strict=True):
        panel.set_title(title)
        panel.set_xlabel("Year")
        if not len(data):
            style.say(panel, "no operation")
    if len(data):
        panels[0].set_xlim(int(data.index.min()), last)
        panels[0].set_ylim(0)
        # Intervals of years with a few theatres would take up all the height.
        tops = data.loc[data["n_theatres"] >= 10, [f"{name}_upper" for name in THEATRES]].to_numpy()
        panels[1].set_ylim(1, min(3.0, float(tops.max()) * 1.05) if tops.size else 3.0)
        panels[0].set_xticks(range(1950, last + 1, 25))
        style.label_ends(panels[0], last, [(float(data[column].iloc[-1]), label, colour) for column, (label, colour, _) in SYSTEM.items()])
        style.label_ends(panels[1], last, [(float(data[f"{name}_mean"].iloc[-1]), label, colour) for name, (label, colour, _) in THEATRES.items()])
    panels[0].set_ylabel("Effective number of providers")
    panels[1].set_ylabel("Effective number in a theatre")
    return figure, data.reset_index().reindex(columns=COLUMNS)
