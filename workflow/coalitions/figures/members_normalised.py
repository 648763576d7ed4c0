"""The brief's Figure 1 in a world of more and more states: coalitions, memberships and member states per state of the system."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.figures.growth import OBSERVED_TO_JULY

COLOURS = {"memberships_per_state": style.INK, "share_of_states": style.GREEN, "ahc_per_hundred_states": style.COLOURS["ahc"]}
LINES = {"memberships_per_state": "-", "share_of_states": "--", "ahc_per_hundred_states": "-"}
LABELS = {"memberships_per_state": "Memberships\nper state", "share_of_states": "Share of states\nin a coalition", "ahc_per_hundred_states": "Coalitions per\nhundred states"}


def plot(system_years: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Figure 1 divided by the number of states in the system on 1 July; the number of states below.

    Parameters: system-years; scope. A year whose 1 July is not observed is left out. Returns the figure and `year, series, value`.
    """
    years = system_years[(system_years["scope"] == scope) & (system_years["exposure_years"] > OBSERVED_TO_JULY) & (system_years["states_in_system"] > 0)].sort_values("year")
    states = years["states_in_system"]
    years = years.assign(
        memberships_per_state=years["ahc_memberships_1_july"] / states, share_of_states=years["ahc_distinct_states_1_july"] / states,
        ahc_per_hundred_states=100 * years["ahc_active_1_july"] / states,
    )  # fmt: skip
    narrow = style.narrow(width)
    figure = style.new(width, 4.6 if narrow else 5.4)
    upper, middle, lower = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": [3, 2, 1.3]})
    beside = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "annotation_clip": False, "fontsize": style.SMALL if narrow else 8}
    groups = ((upper, ("memberships_per_state", "share_of_states")), (middle, ("ahc_per_hundred_states",)))
    for axes, names in groups:
        if years.empty:
            style.say(axes, "no year is observed")
            continue
        axes.margins(y=0.12 if narrow else 0.05)
        top = float(years[list(names)].to_numpy().max()) or 1.0
        places = style.place_labels([float(years[name].iloc[-1]) for name in names], top * 0.2)
        for name, place in zip(names, places, strict=True):
            axes.step(years["year"], years[name], where="mid", color=COLOURS[name], linestyle=LINES[name], linewidth=1.4)
            axes.annotate(LABELS[name], (years["year"].iloc[-1], place), color=style.legible(COLOURS[name]), **beside)
    if len(years):
        lower.step(years["year"], states, where="mid", color=style.INK, linewidth=1.2)
        lower.annotate("States", (years["year"].iloc[-1], states.iloc[-1]), color=style.INK, **beside)
    upper.set_title("Country-members per state of the system" if narrow else "Country-members of ad hoc coalitions, per state of the system")
    middle.set_title("Ad hoc coalitions at work, per hundred states")
    lower.set_title("States in the system")
    for axes, label in ((upper, "On 1 July, per state"), (middle, "Per hundred states"), (lower, "Number")):
        axes.set_ylim(bottom=0)
        axes.margins(x=0.01)
        axes.set_ylabel(label)
    data = years[["year", "states_in_system", *COLOURS]].melt("year", var_name="series", value_name="value")
    return figure, data.sort_values(["series", "year"], ignore_index=True)
