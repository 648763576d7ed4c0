"""Survival curves by arrangement with intervals and numbers at risk."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR, at_risk

HORIZON = 25
TICKS = range(0, HORIZON + 1, 5)


def plot(km: pd.DataFrame, spells: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Kaplan-Meier curves to 25 years with log-log intervals; below, how many spells are at risk every five years.

    Parameters: table km; spells panel; scope. Returns the figure and `arrangement, years, survival, ci_lower, ci_upper, n_at_risk`.
    """
    figure = style.new(style.DOUBLE, 4.6)
    upper, table = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [6, 1.3]})
    parts, ends = [], []
    kinds = [kind for kind in style.COLOURS if ((km["scope"] == scope) & (km["arrangement"] == kind)).any()]
    for kind in kinds:
        curve = km[(km["scope"] == scope) & (km["arrangement"] == kind)].sort_values("time_days")
        x = np.concatenate(([0], curve["time_days"] / DAYS_PER_YEAR))
        y, low, high = (np.concatenate(([1], curve[name])) for name in ("survival", "ci_lower", "ci_upper"))
        colour = style.COLOURS[kind]
        upper.step(x, y, where="post", color=colour, linewidth=1.6)
        upper.fill_between(x, low, high, step="post", color=colour, alpha=0.15, linewidth=0)
        censored = curve[curve["n_censored"] > 0]
        upper.plot(censored["time_days"] / DAYS_PER_YEAR, censored["survival"], linestyle="", marker="|", markersize=5, color=colour, markeredgewidth=0.8)
        inside = x <= HORIZON
        ends.append((float(y[inside][-1]), kind))
        part = curve.rename(columns={"time_days": "years"}).assign(years=curve["time_days"] / DAYS_PER_YEAR)
        parts.append(part[["arrangement", "years", "survival", "ci_lower", "ci_upper", "n_at_risk"]])
    for height, (_, kind) in zip(style.place_labels([end for end, _ in ends], 0.06), ends, strict=True):
        upper.annotate(style.NAMES[kind], (HORIZON, height), xytext=(4, 0), textcoords="offset points", color=style.COLOURS[kind], va="center", annotation_clip=False)
    upper.set_xlim(0, HORIZON)
    upper.set_ylim(0, 1.02)
    upper.set_ylabel("Share still at work")
    upper.set_title("How long operations last (line: Kaplan-Meier; band: 95 % log-log interval; ticks: censored)")
    table.set_title("Number at risk", fontsize=8)
    for row, kind in enumerate(kinds):
        group = spells[(spells[f"scope_{scope}"] == 1) & (spells["arrangement"] == kind)]
        numbers = at_risk(group["duration_days"].to_numpy(), [round(t * DAYS_PER_YEAR) for t in TICKS])
        for tick, number in zip(TICKS, numbers, strict=True):
            table.text(tick, -row, str(number), ha="center", va="center", color=style.COLOURS[kind])
        table.annotate(style.NAMES[kind], (HORIZON, -row), xytext=(14, 0), textcoords="offset points", color=style.COLOURS[kind], va="center", annotation_clip=False)
    table.set_ylim(-len(kinds) + 0.4, 0.6)
    table.set_yticks([])
    table.spines["left"].set_visible(False)
    table.set_xticks(list(TICKS))
    table.set_xlabel("Years since the start")
    return figure, pd.concat(parts, ignore_index=True)
