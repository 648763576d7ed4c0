"""How many states contribute, by arrangement: whole distributions, with medians and their intervals."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

from coalitions.figures import style

PANELS = {"peak": ("n_members_peak", "At the peak"), "launch": ("n_members_launch", "At the launch")}
TICKS = (1, 2, 3, 5, 10, 20, 50, 100)
COLUMNS = ["size_at", "arrangement", "contributors", "operations", "share", "median", "lower", "upper"]


def plot(spells: pd.DataFrame, composition: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Share of operations with so many contributing states or fewer, by arrangement, at the peak and at launch; below, medians with their intervals.

    Parameters: panel of spells; table composition; scope. Returns the figure and `size_at, arrangement, contributors, operations` (of this size), `share` (of this size or
    smaller), `median, lower, upper` (of the group).
    """
    figure, grid = style.paired(width, (3.3, 5.6), len(PANELS), ([4, 1], [4, 1]))
    inside = spells[spells[f"scope_{scope}"] == 1]
    medians = composition[
        (composition["scope"] == scope) & (composition["model"] == "median") & (composition["counted_members"] == "contributors") & composition["estimate"].notna()
    ]
    rows = []
    for column, (size_at, (name, title)) in enumerate(PANELS.items()):
        panel, strip = grid[0, column], grid[1, column]
        drawn = 0
        for level, (kind, colour) in enumerate(style.COLOURS.items()):
            sizes = inside.loc[(inside["arrangement"] == kind) & inside[name].notna(), name].astype(float).to_numpy()
            line = medians[(medians["size_at"] == size_at) & (medians["term"] == kind)]
            if len(sizes) == 0 or line.empty:
                panel.plot([], [], color=colour, linestyle=style.LINES[kind], label=f"{style.NAMES[kind]}: not known")
                continue
            value, count = np.unique(sizes, return_counts=True)
            share = np.cumsum(count) / count.sum()
            x, y = np.concatenate(([1], value, [110])), np.concatenate(([0], share, [1]))
            panel.step(x, y, where="post", color=colour, linewidth=1.5, linestyle=style.LINES[kind], label=f"{style.NAMES[kind]} ({len(sizes)})")
            median, lower, upper = (float(line[key].iloc[0]) for key in ("estimate", "lower", "upper"))
            strip.plot([lower, upper], [-level, -level], color=colour, linewidth=1.4, solid_capstyle="butt")
            strip.plot(median, -level, style.MARKERS[kind], color=colour, markersize=4.5)
            drawn += 1
            rows.append(
                pd.DataFrame(
                    {"size_at": size_at, "arrangement": kind, "contributors": value, "operations": count, "share": share, "median": median, "lower": lower, "upper": upper}
                )
            )
        style.key(panel, loc="lower right")
        if not drawn:
            style.say(panel, "no sizes known")
        panel.set_title(title)
        panel.set_ylim(0, 1.02)
        strip.set_ylim(-2.7, 0.7)
        strip.set_yticks([])
        strip.spines["left"].set_visible(False)
        strip.set_xlabel("Contributing states (logarithmic)")
        strip.set_xscale("log")
        strip.set_xlim(1, 110)
        strip.xaxis.set_major_locator(FixedLocator(TICKS))
        strip.xaxis.set_minor_locator(NullLocator())
        strip.xaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    style.name_heights(grid[0], "Share of operations\nwith so many or fewer")
    style.name_heights(grid[1], "Median", rotation=0, ha="right", va="center")
    return figure, (pd.concat(rows) if rows else pd.DataFrame(columns=COLUMNS))[COLUMNS].reset_index(drop=True)
