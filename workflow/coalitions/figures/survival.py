"""Survival curves by arrangement with intervals and numbers at risk."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR, at_risk

HORIZON = 25
TICKS = range(0, HORIZON + 1, 5)


def plot(km: pd.DataFrame, spells: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Kaplan-Meier curves to 25 years with log-log intervals; below, how many spells are at risk every five years.

    Parameters: table km; spells panel; scope. Returns the figure and `arrangement, years, survival, ci_lower, ci_upper, n_at_risk`.
    """
    narrow = style.narrow(width)
    named, points = (style.WRAPPED, style.SMALL) if narrow else (style.NAMES, 7.5)
    figure = style.new(width, 3.2 if narrow else 4.4)
    upper, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [4, 1] if narrow else [6, 1]})
    upper.set_xlim(0, HORIZON)
    upper.set_ylim(0, 1.02)
    mine = km[km["scope"] == scope].assign(years=lambda rows: rows["time_days"] / DAYS_PER_YEAR)
    parts, ends, rows = [], [], []
    for kind in [kind for kind in style.COLOURS if (mine["arrangement"] == kind).any()]:
        curve, colour = mine[mine["arrangement"] == kind].sort_values("time_days"), style.COLOURS[kind]
        ends.append((style.stairs(upper, curve, ("survival", "ci_lower", "ci_upper"), 1.0, HORIZON, colour, style.LINES[kind]), named[kind], colour))
        last = curve[(curve["n_censored"] > 0) & (curve["years"] <= HORIZON)]
        style.censored(upper, last["years"], last["survival"], colour)
        group = spells[(spells[f"scope_{scope}"] == 1) & (spells["arrangement"] == kind)]
        rows.append(((style.SHORT if narrow else style.NAMES)[kind], colour, at_risk(group["duration_days"].to_numpy(), [round(t * DAYS_PER_YEAR) for t in TICKS])))
        parts.append(curve[["arrangement", "years", "survival", "ci_lower", "ci_upper", "n_at_risk"]])
    style.label_ends(upper, HORIZON, ends, points=points)
    upper.set_ylabel("Share still at work")
    upper.set_xlabel("Years since the start")
    style.risk_table(upper, below, TICKS, rows)
    return figure, pd.concat(parts, ignore_index=True)
