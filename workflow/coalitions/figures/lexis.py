"""A Lexis plot: every operation as a line that grows older along the calendar."""

import numpy as np
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

SHOWN = 30  # years of age; older lines leave the panel at its top
COLUMNS = ["spell_id", "arrangement", "start", "age_years", "status"]


def plot(spells: pd.DataFrame, scope: str, cutoff: pd.Timestamp, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Calendar time across, age up in the same unit, a panel per arrangement. A dot ends a life, a line without one reaches the cut-off, a cross at age 0 has an end
    that no source tells.

    Parameters: spells panel; scope; the last day observed. Returns the figure and `spell_id, arrangement, start, age_years, status`.
    """
    narrow = style.narrow(width)
    figure = style.new(width, 4.6 if narrow else 7.4)
    panels = figure.subplots(len(style.COLOURS), 1, sharex=True, sharey=True)
    frame = spells[spells[f"scope_{scope}"] == 1].assign(age_years=lambda rows: rows["duration_days"] / DAYS_PER_YEAR)
    for panel, kind in zip(panels, style.COLOURS, strict=True):
        mine = frame[frame["arrangement"] == kind]
        begin = style.decimal_year(mine["start"]).to_numpy()
        age, status = mine["age_years"].to_numpy(), mine["status"].to_numpy()
        unknown, ended = status == "unknown", (status == "ended") & (age <= SHOWN)
        lines = [np.array([[a, 0.0], [a + b, b]]) for a, b in zip(begin[~unknown], age[~unknown], strict=True)]
        drawn = LineCollection(lines, colors=style.COLOURS[kind], linewidths=0.5 if narrow else 0.8, alpha=0.75)
        drawn.set_in_layout(False)  # lines that leave the panel must not widen the sheet
        panel.add_collection(drawn)
        panel.plot(begin[ended] + age[ended], age[ended], "o", color=style.COLOURS[kind], markersize=1.2 if narrow else 1.8, markeredgewidth=0)
        if unknown.any():
            panel.plot(begin[unknown], np.zeros(unknown.sum()), "x", color=style.INK, markersize=1.8 if narrow else 2.6, markeredgewidth=0.6, clip_on=False)
        panel.axvline(cutoff.year + cutoff.dayofyear / DAYS_PER_YEAR, color=style.INK, linewidth=0.5, linestyle=":")
        panel.set_title(f"{style.NAMES[kind]} ({len(mine)})", color=style.legible(style.COLOURS[kind]))
        panel.set_ylabel("Years since\nthe start" if narrow else "Years since the start")
        panel.set_xlim(1945, cutoff.year + 2)
        panel.set_ylim(0, SHOWN)
        panel.set_aspect("equal")
    panels[-1].set_xlabel("Year")
    return figure, frame[COLUMNS].sort_values(["arrangement", "start", "spell_id"]).reset_index(drop=True)
