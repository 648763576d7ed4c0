"""Who leaves a coalition that goes on: curves of staying, and rates of joining and leaving by decade."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

GROUPS = {"lead": ("#D55E00", "lead states"), "others": ("#7A7A7A", "other members")}
RATES = {"left early": ("#D55E00", -0.12, "left early"), "joined after the launch": ("#0072B2", 0.12, "joined later")}
HORIZON = 15
COLUMNS = ["panel", "group", "decade", "years", "estimate", "lower", "upper", "events", "n_at_risk"]


def plot(staying: pd.DataFrame, turnover: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Left, the share of members that have not left early, by role, with limits clustered by operation; right, joins and early departures per hundred member-years by decade.

    Parameters: tables staying and turnover; scope. Returns the figure and `panel, group, decade, years, estimate, lower, upper, events, n_at_risk`.
    """
    figure = style.new(style.DOUBLE, 2.9)
    left, right = figure.subplots(1, 2)
    curves = staying[(staying["scope"] == scope) & staying["time_days"].notna()].assign(years=lambda rows: rows["time_days"] / DAYS_PER_YEAR)
    ends = []
    for group, (colour, name) in GROUPS.items():
        curve = curves[(curves["group"] == group) & (curves["years"] <= HORIZON)].sort_values("years")
        if curve.empty:
            continue
        last = curve["survival"].iloc[-1]
        left.fill_between(curve["years"], curve["ci_lower"], curve["ci_upper"], step="post", color=colour, alpha=0.15, linewidth=0)
        left.step(np.concatenate(([0], curve["years"], [HORIZON])), np.concatenate(([1], curve["survival"], [last])), where="post", color=colour, linewidth=1.5)
        ends.append((name, colour, last))
    for (name, colour, _), place in zip(ends, style.place_labels([last for *_, last in ends], 0.06), strict=True):
        left.text(HORIZON * 1.02, place, name, color=colour, fontsize=7, va="center")
    left.set_xlim(0, HORIZON * 1.32)
    left.set_ylim(0, 1.02)
    left.set_xticks(range(0, HORIZON + 1, 5))
    left.set_xlabel("Years of membership")
    left.set_ylabel("Share that has not left early")
    rates = turnover[(turnover["scope"] == scope) & (turnover["term"] != "all") & turnover["estimate"].notna()]
    decades = sorted(rates["term"].unique())
    for model, (colour, shift, name) in RATES.items():
        mine = rates[rates["model"] == model].set_index("term").reindex(decades)
        x = np.arange(len(decades)) + shift
        right.errorbar(x, mine["estimate"], [mine["estimate"] - mine["lower"], mine["upper"] - mine["estimate"]], fmt="o", color=colour, markersize=4, linewidth=1, label=name)
    right.set_xticks(range(len(decades)), decades, fontsize=6.5, rotation=45)
    right.set_ylabel("Per hundred member-years")
    right.set_ylim(bottom=0)
    if decades:
        right.legend(loc="upper right")
    for panel, held, words in ((left, ends, "no membership spells"), (right, decades, "no member-years")):
        if not held:
            panel.text(0.5, 0.5, words, ha="center", va="center", transform=panel.transAxes)
    shown = [
        curves.rename(columns={"survival": "estimate", "ci_lower": "lower", "ci_upper": "upper", "n_event": "events"}).assign(panel="staying"),
        rates.rename(columns={"model": "group", "term": "decade"}).assign(panel="rates"),
    ]
    return figure, pd.concat(shown).reindex(columns=COLUMNS).sort_values(["panel", "group", "decade", "years"]).reset_index(drop=True)
