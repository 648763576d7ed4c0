"""Survival of African counterterrorism coalitions beside that of other coalitions."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

GROUPS = {"African counterterrorism": (style.PURPLE, (0, (5, 1.2))), "other coalitions": (style.COLOURS["ahc"], "-")}
HORIZON = 20
TICKS = range(0, HORIZON + 1, 5)
COLUMNS = ["subgroup", "years", "survival", "ci_lower", "ci_upper", "n_at_risk", "n_event"]


def plot(curves: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Kaplan-Meier curves with log-log limits, ticks where a coalition is still at work, numbers at risk below.

    Parameters: table subgroup_km; scope. Returns the figure and `subgroup, years, survival, ci_lower, ci_upper, n_at_risk, n_event`.
    """
    narrow = style.narrow(width)
    figure = style.new(width, 3.0 if narrow else 3.4)
    panel, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [5, 0.9] if narrow else [6, 0.9]})
    panel.set_xlim(0, HORIZON)
    panel.set_ylim(0, 1.02)
    mine = curves[curves["scope"] == scope].assign(years=lambda rows: rows["time_days"] / DAYS_PER_YEAR)
    ends, rows = [], []
    for name, (colour, line) in GROUPS.items():
        curve = mine[mine["subgroup"] == name].sort_values("years")
        if curve.empty:
            continue
        reach = min(float(curve["years"].max()), HORIZON)
        ends.append((style.stairs(panel, curve, ("survival", "ci_lower", "ci_upper"), 1.0, reach, colour, line), name.replace(" ", "\n") if narrow else name, colour))
        last = curve[(curve["n_censored"] > 0) & (curve["years"] <= HORIZON)]
        style.censored(panel, last["years"], last["survival"], colour)
        rows.append((name.split()[0] if narrow else name, colour, style.at_risk(curve["years"], curve["n_at_risk"], TICKS)))
    style.label_ends(panel, HORIZON, ends, points=style.SMALL if narrow else 7.5)
    if not ends:
        style.say(panel, "no coalitions")
    panel.set_xlabel("Years since the start")
    panel.set_ylabel("Share still at work")
    style.risk_table(panel, below, TICKS, rows)
    return figure, mine[COLUMNS].sort_values(["subgroup", "years"]).reset_index(drop=True)
