"""Who launches, and who is at work: launches and operations at work by arrangement over time, and their shares."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions import counts
from coalitions.figures import style
from coalitions.figures.growth import OBSERVED_TO_JULY

DODGE = {"ahc": 0.0, "un": -0.9, "regional": 0.9}  # years by which the points of a period are moved apart
COLUMNS = ["panel", "arrangement", "first_year", "last_year", "n", "events", "value", "lower", "upper"]


def plot(
    shares: pd.DataFrame, system_years: pd.DataFrame, scope: str, breaks: tuple[int, ...] = (1990, 2001, 2011, 2014), confidence: float = 0.95, width: float = style.DOUBLE
) -> tuple[Figure, pd.DataFrame]:
    """Launches per year in five-year periods (exact limits) and their shares (Wilson), operations at work on 1 July and shares at work; dotted, the ends of `breaks`.

    Parameters: table launches; system-years (observed part of each year, operations at work); scope; last years of earlier periods; confidence level.
    Returns the figure and `panel, arrangement, first_year, last_year, n, events, value, lower, upper`.
    """
    narrow = style.narrow(width)
    figure = style.new(width, 7.6 if narrow else 5.0)
    panels = figure.subplots(*((4, 1) if narrow else (2, 2)), sharex=True)
    mine = shares[(shares["scope"] == scope) & (shares["chains"] == "merged") & (shares["span"] == "five-years")]
    years = system_years[system_years["scope"] == scope].sort_values("year")
    data = pd.concat([_rates(mine, years, confidence), _shares(mine, "launches"), _at_work(years), _shares(mine, "active")], ignore_index=True)[COLUMNS]
    titles = {
        "launch rate": ("Launches per year", "Launches per year, five-year periods"), "launch share": ("Share of launches", "Share of launches, five-year periods"),
        "at work": ("Number on 1 July", "Operations at work"), "active share": ("Share of operations", "Share of operations at work"),
    }  # fmt: skip
    for axes, (name, (label, title)) in zip(panels.flat, titles.items(), strict=True):
        part = data[data["panel"] == name]
        ends = []
        for kind, colour in style.COLOURS.items():
            line = part[(part["arrangement"] == kind) & part["value"].notna()]
            if line.empty:
                continue
            if name == "at work":
                axes.step(line["first_year"], line["value"], where="mid", color=colour, linewidth=1.4, linestyle=style.LINES[kind])
            else:
                middle = (line["first_year"] + line["last_year"] + 1) / 2 + DODGE[kind]
                axes.vlines(middle, line["lower"], line["upper"], color=colour, linewidth=0.8, alpha=0.6)
                axes.plot(middle, line["value"], color=colour, marker=style.MARKERS[kind], markersize=3, linewidth=1.2, linestyle=style.LINES[kind], clip_on=False)
            ends.append((float(line["value"].iloc[-1]), style.WRAPPED[kind], colour))
        if not ends:
            style.say(axes, "nothing to show")
        top = 1.0 if "share" in name else max(1.0, float(part["upper"].fillna(part["value"]).max()) * 1.03) if len(part) else 1.0
        axes.set_ylim(0, top)
        right = float(years["year"].max()) if len(years) else 2026.0
        style.label_ends(axes, right + 2, ends, style.SMALL)
        for year in breaks:
            axes.axvline(year + 1, color="#B8B8B8", linestyle=":", linewidth=0.9, zorder=0)
        axes.set_xlim((years["year"].min() if len(years) else 1945) - 1, right + 2)
        axes.set_ylabel(label)
        axes.set_title(title)
    return figure, data


def _rates(shares: pd.DataFrame, years: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Launches per observed year of each period, with exact limits."""
    observed = years.set_index("year")["exposure_years"]
    rows = []
    for row in shares[shares["outcome"] == "launches"].itertuples():
        time = float(observed.loc[row.first_year : row.last_year].sum())
        if time == 0:
            continue
        lower, upper = counts.poisson_limits(row.events, time, confidence)
        rows.append(("launch rate", row.arrangement, row.first_year, row.last_year, row.n, row.events, row.events / time, lower, upper))
    return pd.DataFrame(rows, columns=COLUMNS)


def _shares(shares: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Shares of a period with Wilson's limits."""
    name = {"launches": "launch share", "active": "active share"}[outcome]
    return shares[shares["outcome"] == outcome].assign(panel=name).rename(columns={"estimate": "value"})[COLUMNS]


def _at_work(years: pd.DataFrame) -> pd.DataFrame:
    """Operations at work on 1 July of the years whose 1 July is observed; a count has no interval."""
    seen = years[years["exposure_years"] > OBSERVED_TO_JULY]
    counted = [f"{kind}_active_1_july" for kind in style.COLOURS]
    frame = seen[["year", *counted]].melt("year", var_name="arrangement", value_name="value")
    frame["arrangement"] = frame["arrangement"].str.removesuffix("_active_1_july")
    total = seen.set_index("year")[counted].sum(axis=1)
    frame = frame.assign(
        panel="at work", first_year=frame["year"], last_year=frame["year"], n=frame["year"].map(total), events=frame["value"], lower=float("nan"), upper=float("nan")
    )
    return frame[COLUMNS]
