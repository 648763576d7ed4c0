"""Who leaves a coalition that goes on: curves of staying, and rates of joining and leaving by decade."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

GROUPS = {"lead": (style.INK, "-", "lead states"), "others": (style.GREEN, (0, (5, 1.2)), "other members")}
RATES = {"left early": (style.PURPLE, -0.12, "o", "left early"), "joined after the launch": (style.INK, 0.12, "D", "joined later")}
HORIZON = 15
TICKS = range(0, HORIZON + 1, 5)
COLUMNS = ["panel", "group", "decade", "years", "estimate", "lower", "upper", "events", "n_at_risk"]


def plot(staying: pd.DataFrame, turnover: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Left, the share of members that have not left early, by role, with limits clustered by operation; right, joins and early departures per hundred member-years by decade.

    Parameters: tables staying and turnover; scope. Returns the figure and `panel, group, decade, years, estimate, lower, upper, events, n_at_risk`.
    """
    narrow = style.narrow(width)
    figure = style.new(width, 5.0 if narrow else 3.3)
    grid = figure.add_gridspec(3, 1, height_ratios=[5, 0.9, 5]) if narrow else figure.add_gridspec(2, 2, height_ratios=[6, 0.9])
    left, right = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[2, 0] if narrow else grid[:, 1])
    below = figure.add_subplot(grid[1, 0])
    left.set_xlim(0, HORIZON)
    left.set_ylim(0, 1.02)
    curves = staying[(staying["scope"] == scope) & staying["time_days"].notna()].assign(years=lambda rows: rows["time_days"] / DAYS_PER_YEAR)
    ends, rows = [], []
    for group, (colour, line, name) in GROUPS.items():
        whole = curves[curves["group"] == group].sort_values("years")
        curve = whole[whole["years"] <= HORIZON]
        if curve.empty:
            continue
        ends.append((style.stairs(left, curve, ("survival", "ci_lower", "ci_upper"), 1.0, HORIZON, colour, line), name, colour))
        rows.append((name, colour, style.at_risk(whole["years"], whole["n_at_risk"], TICKS)))
    style.label_ends(left, HORIZON, ends)
    style.risk_table(left, below, TICKS, rows)
    left.set_xlabel("Years of membership")
    left.set_ylabel("Share that has not left early")
    rates = turnover[(turnover["scope"] == scope) & (turnover["term"] != "all") & turnover["estimate"].notna()]
    decades = sorted(rates["term"].unique())
    for model, (colour, shift, mark, name) in RATES.items():
        mine = rates[rates["model"] == model].set_index("term").reindex(decades)
        x = np.arange(len(decades)) + shift
        right.errorbar(x, mine["estimate"], [mine["estimate"] - mine["lower"], mine["upper"] - mine["estimate"]], fmt=mark, color=colour, markersize=4, linewidth=1, label=name)
    right.set_xticks(range(len(decades)), [decade[2:] if narrow else decade for decade in decades], fontsize=style.SMALLEST)
    right.set_ylabel("Per hundred member-years")
    right.set_xlabel("Decade")
    right.set_title("Joining and leaving")
    left.set_title("Staying")
    right.set_ylim(bottom=0)
    if decades:
        right.legend(loc="upper right")
    for panel, held, words in ((left, ends, "no membership spells"), (right, decades, "no member-years")):
        if not held:
            style.say(panel, words)
    shown = [
        curves.rename(columns={"survival": "estimate", "ci_lower": "lower", "ci_upper": "upper", "n_event": "events"}).assign(panel="staying"),
        rates.rename(columns={"model": "group", "term": "decade"}).assign(panel="rates"),
    ]
    return figure, pd.concat(shown).reindex(columns=COLUMNS).sort_values(["panel", "group", "decade", "years"]).reset_index(drop=True)
