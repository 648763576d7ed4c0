"""How fast operations start: the share at work by days since the trigger, the request and the decision."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

TITLES = {"trigger": "since the trigger", "request": "since the request", "decision": "since the decision"}
HORIZON = 365
TICKS = (0, 7, 30, 90, 180, 365)
COLUMNS = ["clock", "arrangement", "first_day", "last_day", "started", "ci_lower", "ci_upper"]


def plot(curves: pd.DataFrame, starts: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Turnbull's curves to one year, a panel per clock; days on a root scale, as most starts come early.

    Parameters: tables start_curves and starts; scope. An imprecise date makes a curve climb along a slope. A clock with too few dates has its panel and says so.
    Returns the figure and `clock, arrangement, first_day, last_day, started, ci_lower, ci_upper`.
    """
    figure, panels = style.beside(width, (2.9, 6.6), len(TITLES), sharey=True)
    mine = curves[curves["scope"] == scope]
    sizes = starts[(starts["scope"] == scope) & (starts["never_deployed"] == "kept") & (starts["model"] == "restricted mean")].set_index(["clock", "term"])["n"]
    for panel, (clock, title) in zip(panels, TITLES.items(), strict=True):
        ends = []
        for kind in style.COLOURS:
            curve = mine[(mine["clock"] == clock) & (mine["arrangement"] == kind)]
            if curve.empty:
                continue
            x, y = drawn(curve["first_day"], curve["last_day"], curve["started"])
            known = curve[curve["ci_lower"].notna() & (curve["last_day"] <= HORIZON)]
            style.band(panel, known["last_day"], known["ci_lower"], known["ci_upper"], style.COLOURS[kind], "post")
            name = f"{style.NAMES[kind]} ({int(sizes.get((clock, kind), 0))})"
            ends += panel.plot(x, y, color=style.COLOURS[kind], linewidth=1.5, linestyle=style.LINES[kind], label=name)
        if ends:  # below the curves, where there is room
            style.key(panel, loc="lower right")
        else:
            style.say(panel, "too few dates")
        panel.set_xscale("function", functions=(lambda v: np.sqrt(np.maximum(v, 0)), np.square))
        panel.set_xlim(0, HORIZON)
        panel.set_xticks(TICKS, [str(tick) for tick in TICKS])
        panel.set_xlabel(f"Days {title}")
        panel.set_ylim(0, 1.02)
    style.name_heights(panels, "Share at work")
    return figure, mine[COLUMNS].sort_values(["clock", "arrangement", "first_day"]).reset_index(drop=True)


def drawn(first: pd.Series, last: pd.Series, started: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Corners of a curve to the horizon: level between intervals, a slope within one, level to the horizon at the end."""
    x, y, level = [0.0], [0.0], 0.0
    for begin, end, after in zip(first, last, started, strict=True):
        if pd.isna(end) or begin > HORIZON:
            break
        x += [begin, min(end, HORIZON)]
        y += [level, after]
        level = after
    return np.array([*x, HORIZON]), np.array([*y, level])
