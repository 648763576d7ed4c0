"""Figure 1 of the brief: ad hoc coalitions and their members over time."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

SERIES = {
    "ahc_memberships_1_july": ("Memberships\n(a state counts once\nper coalition)", style.INK, "-"),
    "ahc_distinct_states_1_july": ("Distinct member states\n(a state counts once)", style.GREEN, "--"),
    "ahc_active_1_july": ("Coalitions", style.COLOURS["ahc"], "-"),
}

OBSERVED_TO_JULY = 181.5 / 365  # a year is shown if its 1 July is observed: at least 182 days of it


def plot(system_years: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Coalitions at work on 1 July, their memberships and their distinct member states.

    Parameters: system-years; scope. A year whose 1 July is not observed is left out. Returns the figure and `year, series, value`.
    """
    years = system_years[(system_years["scope"] == scope) & (system_years["exposure_years"] > OBSERVED_TO_JULY)].sort_values("year")
    narrow = style.narrow(width)
    figure = style.new(width, 4.0 if narrow else 4.6)
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 2]})
    for name, (label, colour, line) in SERIES.items():
        axes = lower if name == "ahc_active_1_july" else upper
        axes.step(years["year"], years[name], where="mid", color=colour, linestyle=line, linewidth=1.4)
        words = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "fontsize": style.SMALL if narrow else 8, "annotation_clip": False}
        axes.annotate(label, (years["year"].iloc[-1], years[name].iloc[-1]), color=style.legible(colour), **words)
    upper.set_ylabel("Number on 1 July")
    upper.set_title("Country-members of ad hoc coalitions")
    lower.set_ylabel("Number on 1 July")
    lower.set_title("Ad hoc coalitions at work")
    for axes in (upper, lower):
        axes.margins(x=0.01, y=0.12 if narrow else 0.05)
        axes.set_ylim(bottom=0)
    data = years[["year", *SERIES]].melt("year", var_name="series", value_name="value")
    return figure, data.sort_values(["series", "year"], ignore_index=True)
