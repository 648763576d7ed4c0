"""Duplication: the share of the time of operations that another one with the same task in the same theatre duplicates, beside what chance gives."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coalitions.figures import style

TITLES = {"starts": "Chance: starts permuted", "tasks": "Chance: tasks permuted"}
COLUMNS = ["model", "arrangement", "decade", "n", "operation_months", "estimate", "lower", "upper", "expected", "expected_lower", "expected_upper", "p", "reason"]


def plot(duplication: pd.DataFrame, scope: str, same_task: str = "strict", width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Observed shares as points with limits from the variance between theatres, and bands that hold what chance gives, by decade and arrangement.

    Parameters: table duplication; scope; `strict` or `broad`. Above, the null of permuted starts; below, that of permuted tasks. Fewer than five operations are not shown.
    Returns `model, arrangement, decade, n, operation_months, estimate, lower, upper, expected, expected_lower, expected_upper, p, reason`.
    """
    narrow = style.narrow(width)
    figure = style.new(width, 5.2 if narrow else 4.4)
    grid = figure.subplots(*((3, 2) if narrow else (2, 3)), sharex=True, sharey=True)
    grid = grid.T if narrow else grid
    mine = duplication[(duplication["scope"] == scope) & (duplication["same_task"] == same_task)]
    labels = sorted({label for label in mine.loc[mine["estimate"].notna(), "decade"].astype(str) if label != "all"})
    places = {label: i for i, label in enumerate(labels)} | {"all": len(labels) + 0.6}
    for line, (model, title) in zip(grid, TITLES.items(), strict=True):
        for axes, (kind, colour) in zip(line, style.COLOURS.items(), strict=True):
            part = mine[(mine["model"] == model) & (mine["arrangement"] == kind) & mine["estimate"].notna()]
            x = np.array([places[str(label)] for label in part["decade"]], dtype=float)
            axes.bar(x, part["expected_upper"] - part["expected_lower"], bottom=part["expected_lower"], width=0.72, color=style.PALE, zorder=1)
            axes.hlines(part["expected"], x - 0.36, x + 0.36, color=style.MIDDLE, linewidth=1, zorder=2)
            limits = part["lower"].notna().to_numpy()
            axes.vlines(x[limits], part["lower"][limits], part["upper"][limits], color=colour, linewidth=1, zorder=3)
            axes.plot(x, part["estimate"], marker=style.MARKERS[kind], markersize=4, color=colour, linestyle="", zorder=4)
            if part.empty:
                style.say(axes, "too few operations")
            if narrow:
                axes.set_title(f"{title}\n{style.NAMES[kind]}" if kind == "ahc" else style.NAMES[kind], color=style.legible(colour), fontsize=7)
            elif model == "starts":
                axes.set_title(style.NAMES[kind], color=style.legible(colour))
            axes.set_ylim(0, 1)
            axes.set_xticks([places[label] for label in [*labels, "all"]], [*["" if narrow and i % 2 else f"{label[2:]}s" for i, label in enumerate(labels)], "all"], fontsize=6.5)
            axes.set_xlim(-0.7, len(labels) + 1.2)
        style.name_heights(line, "Share of operation-months" if narrow else f"Share of operation-months\n{title}", fontsize=7)
    handles = [
        Line2D([], [], marker="o", markersize=4, color=style.INK, linewidth=1, label="observed, with limits"),
        Patch(color=style.PALE, label="what chance gives"), Line2D([], [], color=style.MIDDLE, linewidth=1, label="its mean"),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside upper center", ncols=2 if narrow else 3, fontsize=7)
    return figure, mine.sort_values(["model", "arrangement", "decade"])[COLUMNS].reset_index(drop=True)
