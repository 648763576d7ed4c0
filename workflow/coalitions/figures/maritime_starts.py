"""Maritime coalitions of the Middle East: when each began, beside a steady pace."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.dates import YearLocator
from matplotlib.figure import Figure
from scipy.special import bdtr

from coalitions.figures import style

TITLES = {"one": "An umbrella with its task forces is one launch", "several": "Task forces are launches of their own"}
SINCE = 1987
LONGEST = 38  # characters of a line of a name beside a point
COLUMNS = ["task_forces", "operation_id", "start", "launches", "steady", "steady_lower", "steady_upper"]


def plot(starts: pd.DataFrame, arrivals: pd.DataFrame, scope: str, cutoff: pd.Timestamp, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Launches so far at each launch since 1987 in the Gulf, the Red Sea and the Gulf of Aden; dashed, what a steady pace would give, with the limits that it keeps at any time.

    Parameters: tables maritime_starts and arrivals; scope; the last day observed. Given their number n, launches at a steady pace fall anywhere in the window alike, so that
    those by a time are binomial; the band holds their number with a probability of at least 95 per cent at each time on its own.
    Returns the figure and `task_forces, operation_id, start, launches, steady, steady_lower, steady_upper`.
    """
    figure, panels = style.beside(width, (3.6, 6.4), 2, sharex=True)
    origin = pd.Timestamp(SINCE, 1, 1)
    parts = []
    for axes, (task_forces, title) in zip(panels, TITLES.items(), strict=True):
        mine = starts[(starts["scope"] == scope) & (starts["waters"] == "gulf-red-sea") & (starts["task_forces"] == task_forces)]
        mine = mine.assign(start=pd.to_datetime(mine["start"]))
        mine = mine[(mine["start"] >= origin) & (mine["start"] <= cutoff)].sort_values(["start", "operation_id"])
        n = len(mine)
        axes.set_title(title, fontsize=8)
        axes.set_xlim(origin - pd.Timedelta(days=300), cutoff + pd.Timedelta(days=300))
        axes.set_ylim(-0.04 * n, n + 1.2)  # room for two lines beside the first point
        axes.xaxis.set_major_locator(YearLocator(10))
        axes.set_ylabel("Launches so far")
        axes.set_xlabel("Year")
        if not n:
            style.say(axes, "no launch")
            continue
        grid = pd.date_range(origin, cutoff, periods=400)
        low, high = _band(n, (grid - origin) / (cutoff - origin))
        axes.fill_between(grid, low, high, step="post", color=style.PALE, alpha=0.5, linewidth=0)
        axes.plot([origin, cutoff], [0, n], color=style.MIDDLE, linestyle="--", linewidth=1)
        so_far = np.arange(1, n + 1)
        axes.step([origin, *mine["start"], cutoff], [0, *so_far, n], where="post", color=style.COLOURS["ahc"], linewidth=1.4)
        axes.plot(mine["start"], so_far, "o", color=style.COLOURS["ahc"], markersize=3.5, zorder=5)
        for row, number in zip(mine.itertuples(), so_far, strict=True):
            late = row.start > origin + (cutoff - origin) / 2
            place = {"xytext": (-5, 3), "ha": "right", "va": "bottom"} if late else {"xytext": (5, -3), "ha": "left", "va": "top"}
            axes.annotate(_short(row), (row.start, number), textcoords="offset points", fontsize=6, zorder=4, bbox=style.BEHIND, **place)
        pace = arrivals[(arrivals["scope"] == scope) & (arrivals["waters"] == "gulf-red-sea") & (arrivals["task_forces"] == task_forces) & (arrivals["since"] == SINCE)]
        test = pace.loc[pace["model"] == "laplace", "p"]
        if len(test) and test.notna().any():
            axes.text(0.02, 0.97, f"Laplace's test p = {test.iloc[0]:.2f}", transform=axes.transAxes, fontsize=7, va="top")
        share = (mine["start"] - origin) / (cutoff - origin)
        lower, upper = _band(n, share)
        parts.append(mine[["task_forces", "operation_id", "start"]].assign(launches=so_far, steady=n * share, steady_lower=lower, steady_upper=upper))
    return figure, pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def _band(n: int, share) -> tuple[np.ndarray, np.ndarray]:
    """Smallest and largest count that a binomial of size n keeps with 95 per cent, for each share of the window."""
    p = np.clip(np.asarray(share, dtype=float), 0, 1)[:, None]
    below = bdtr(np.arange(n + 1.0), n, p)
    return (below < 0.025).sum(axis=1), (below < 0.975).sum(axis=1)


def _short(row) -> str:
    """The acronym of an operation, or its name in lines."""
    text = row.acronym if isinstance(row.acronym, str) and row.acronym else str(row.name)
    return textwrap.fill(text.split(" (")[0], LONGEST)
