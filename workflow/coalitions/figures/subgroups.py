"""Survival of African counterterrorism coalitions beside that of other coalitions."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

COLOURS = {"African counterterrorism": "#CC79A7", "other coalitions": style.COLOURS["ahc"]}
HORIZON = 20
COLUMNS = ["subgroup", "years", "survival", "ci_lower", "ci_upper", "n_at_risk", "n_event"]


def plot(curves: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Kaplan-Meier curves with log-log limits, ticks where a coalition is still at work, number of coalitions in brackets.

    Parameters: table subgroup_km; scope. Returns the figure and `subgroup, years, survival, ci_lower, ci_upper, n_at_risk, n_event`.
    """
    figure = style.new(style.DOUBLE, 3.2)
    axes = figure.subplots()
    mine = curves[curves["scope"] == scope].assign(years=lambda rows: rows["time_days"] / DAYS_PER_YEAR)
    ends = []
    for name, colour in COLOURS.items():
        curve = mine[mine["subgroup"] == name].sort_values("years")
        if curve.empty:
            continue
        inside = curve[curve["years"] <= HORIZON]
        last = inside["survival"].iloc[-1] if len(inside) else 1.0
        reach = HORIZON if curve["years"].max() >= HORIZON else curve["years"].max()
        axes.fill_between(inside["years"], inside["ci_lower"], inside["ci_upper"], step="post", color=colour, alpha=0.15, linewidth=0)
        axes.step(np.concatenate(([0], inside["years"], [reach])), np.concatenate(([1], inside["survival"], [last])), where="post", color=colour, linewidth=1.6)
        censored = inside[inside["n_censored"] > 0]
        axes.plot(censored["years"], censored["survival"], linestyle="", marker="|", markersize=5, color=colour, markeredgewidth=0.8)
        ends.append((f"{name} ({int(curve['n_at_risk'].max())})", colour, last))
    for (name, colour, _), place in zip(ends, style.place_labels([last for *_, last in ends], 0.07), strict=True):
        axes.annotate(name, (HORIZON, place), xytext=(4, 0), textcoords="offset points", color=colour, va="center", annotation_clip=False)
    if not ends:
        axes.text(0.5, 0.5, "no coalitions", ha="center", va="center", transform=axes.transAxes)
    axes.set_xlim(0, HORIZON)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("Years since the start")
    axes.set_ylabel("Share still at work")
    return figure, mine[COLUMNS].sort_values(["subgroup", "years"]).reset_index(drop=True)
