"""Vetoed drafts and launches of ad hoc coalitions by year, and what regressions of one on the other say."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from coalitions.figures import style

MODELS = {
    ("negative-binomial", "all"): (style.INK, "o", "all drafts"),
    ("negative-binomial", "crisis"): (style.GREEN, "s", "drafts on a crisis"),
    ("theatre constants", "own-theatre"): (style.PURPLE, "D", "drafts on the theatre itself"),
}
VETO, CRISIS = "#C8C8C8", style.GREEN
COLUMNS = ["panel", "year", "exposure_years", "vetoed_drafts", "vetoed_on_crises", "ahc_launches", "model", "drafts", "lag_years", "estimate", "lower", "upper"]


def plot(vetoes: pd.DataFrame, gridlock: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Left, vetoed drafts (above; dark those on a crisis) and AHC launches (below) by year; right, rate ratios per vetoed draft with limits, by years between veto and launch.

    Parameters: tables vetoes and gridlock; scope. Returns the figure and `COLUMNS` (estimates are log rate ratios).
    """
    narrow = style.narrow(width)
    figure = style.new(width, 5.6 if narrow else 3.4)
    grid = figure.add_gridspec(3, 1, height_ratios=[1, 1, 1.7]) if narrow else figure.add_gridspec(2, 2, width_ratios=[3, 2])
    above, right = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[2, 0] if narrow else grid[:, 1])
    below = figure.add_subplot(grid[1, 0], sharex=above)
    years = vetoes[vetoes["scope"] == scope].sort_values("year")
    above.bar(years["year"], years["vetoed_drafts"], color=VETO, width=0.85)
    above.bar(years["year"], years["vetoed_on_crises"], color=CRISIS, width=0.85)
    above.set_title("Vetoed drafts by year")
    above.set_ylabel("Drafts")
    below.set_xlabel("Year")
    above.tick_params(labelbottom=False)
    above.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    below.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    below.bar(years["year"], years["ahc_launches"], color=style.COLOURS["ahc"], width=0.85)
    below.set_title("Launches of ad hoc coalitions by year")
    below.set_ylabel("Launches")
    if len(years):
        place = {"fontsize": 7, "ha": "right", "va": "top", "transform": above.transAxes}
        above.text(0.99, 0.97, "on a crisis", color=style.legible(CRISIS), **place)
        above.text(0.99, 0.8 if narrow else 0.85, "other" if narrow else "other (new members, appointments)", color=style.legible(VETO), **place)
        above.set_xlim(years["year"].min() - 1, years["year"].max() + 1)
    lines = gridlock[(gridlock["scope"] == scope) & (gridlock["term"] == "vetoed draft") & gridlock["estimate"].notna()]
    lags = sorted(lines["lag_years"].dropna().unique())
    for number, ((model, drafts), (colour, mark, label)) in enumerate(MODELS.items()):
        mine = lines[(lines["model"] == model) & (lines["drafts"] == drafts)]
        for row in mine.itertuples():
            y = -lags.index(row.lag_years) - 0.2 * number
            low, middle, high = (np.exp(value) for value in (row.lower, row.estimate, row.upper))
            right.plot([low, high], [y, y], color=colour, linewidth=1.2)
            right.plot(middle, y, mark, color=colour, markersize=4)
            if row.lag_years == lags[0]:
                words = {"xytext": (4, 0), "textcoords": "offset points", "fontsize": style.SMALL, "va": "center", "annotation_clip": False}
                right.annotate(label.replace("the theatre", "the\ntheatre") if narrow else label, (high, y), color=style.legible(colour), **words)
    right.set_xscale("log")
    if len(lines):
        top = np.exp(lines["upper"].clip(upper=np.log(100)).max())  # an interval without an end is cut at the edge
        right.set_xlim(0.75, max(1.6, top * 1.1))
        right.axvline(1, color=style.INK, linewidth=0.6, linestyle=":")
    ticks = [value for value in (0.8, 1, 1.5, 2, 3, 5, 8) if right.get_xlim()[0] <= value <= right.get_xlim()[1]]
    right.set_xticks(ticks, [f"{value:g}" for value in ticks])
    right.set_xticks([], minor=True)
    names = {0: "same year", 1: "one year later", 2: "two years later"}
    right.set_yticks([-number - 0.2 for number in range(len(lags))], [names.get(int(lag), f"{lag:g} years later") for lag in lags], fontsize=7)
    right.tick_params(axis="y", length=0)
    right.set_xlabel("Rate ratio of launches per vetoed draft")
    right.set_title("Launches after vetoes")
    for panel, held in ((above, years), (below, years), (right, lines)):
        if not len(held):
            style.say(panel, "no years" if panel is not right else "not estimable")
    data = pd.concat([years.assign(panel="years"), lines.assign(panel="ratios")])
    return figure, data.reindex(columns=COLUMNS).sort_values(["panel", "year", "model", "drafts", "lag_years"], ignore_index=True)
