"""Coalitions in the same waters: who took part in which, by time, role and command."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coalitions.figures import style

COLOURS = {"us-led": "#9C5B86", "european-led": style.GREEN, "other": style.MIDDLE, "unknown": style.MIDDLE}
NAMES = {"us-led": "US-led", "european-led": "European-led", "other": "Other", "unknown": "Command not known"}
FILLS = {"lead": 1.0, "contributor": 1.0, "host": 1.0, "staff-only": 0.45, "supporter": 0.0}
COLUMNS = ["case", "operation_id", "name", "command", "state", "state_name", "role", "european", "joined", "left", "reason"]
LANE = 0.135  # inches of height per line
LONGEST = {False: 110, True: 38}  # characters of a line of a name, on a page and in one column


def plot(members: pd.DataFrame, operations: pd.DataFrame, names: dict[str, str], case: str, cutoff: pd.Timestamp, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """A bar per member and operation, from joining to leaving, below the name of the operation; European states in bold.

    Parameters: table gulf_members; operations panel (`operation_id`, `start`, `end`); names of states; `hormuz` or `red-sea`; the last day observed. Full bars sent forces or lead,
    pale ones sent staff only, hollow ones are mere supporters. Operations whose members are not coded have a hatched bar. Returns the rows that it shows.
    """
    mine = members[members["case"] == case].copy()
    mine["state_name"] = mine["state"].map(names).fillna(mine["state"])
    known = operations.set_index("operation_id")
    mine["order"] = mine["operation_id"].map(known["start"])
    mine["weak"] = mine["role"].map({"lead": 0, "contributor": 1, "host": 1, "staff-only": 2, "supporter": 3}).fillna(4)
    mine = mine.sort_values(["order", "operation_id", "weak", "state_name"], ignore_index=True)
    narrow = style.narrow(width)
    heads = mine.drop_duplicates("operation_id").set_index("operation_id")
    heads = (heads["name"] + " (" + heads["command"].map(NAMES) + ")").map(lambda words: textwrap.wrap(words, LONGEST[narrow], break_on_hyphens=False))
    above = (heads.map(len) + 0.6).cumsum()  # lanes that the names of operations take, to each of them
    mine["lane"] = mine.groupby(["operation_id", "state"], sort=False, dropna=False).ngroup() + mine["operation_id"].map(above) if len(mine) else []
    high = float(mine["lane"].max()) + 1 if len(mine) else 8.0
    figure = style.new(width, (1.15 if narrow else 0.9) + LANE * high)
    axes = figure.subplots()
    day = style.decimal_year
    left = min((day(stamp) for stamp in mine["order"]), default=day(cutoff) - 5)
    edge = left - 0.02 * (day(cutoff) - left)
    for row in mine.itertuples():
        colour, first = COLOURS[row.command], row.joined if row.reason is None or pd.isna(row.reason) else row.order
        end = row.left if pd.notna(row.left) else known["end"].get(row.operation_id)
        last = day(end) if pd.notna(end) else day(cutoff)
        if pd.notna(row.state):
            strength = FILLS[row.role]
            axes.barh(row.lane, last - day(first), left=day(first), height=0.62, facecolor=colour if strength else "white", alpha=strength or 1, edgecolor=colour, linewidth=0.6)
            axes.text(edge, row.lane, row.state_name, ha="right", va="center", fontsize=6, fontweight="bold" if row.european == 1 else "normal")
        else:
            axes.barh(row.lane, last - day(first), left=day(first), height=0.62, facecolor="white", edgecolor=colour, hatch="////", linewidth=0.6)
            axes.text(edge, row.lane, "members are not coded", ha="right", va="center", fontsize=6, style="italic")
        if pd.isna(end):
            axes.plot(last + 0.004 * (last - left), row.lane, marker=">", markersize=3, color=colour, linestyle="", clip_on=False)
    for operation, group in mine.groupby("operation_id", sort=False):
        command, lines = group["command"].iloc[0], heads[operation]
        axes.text(left, group["lane"].min() - 0.45 - 0.5 * len(lines), "\n".join(lines), fontsize=7, color=style.legible(COLOURS[command]), va="center", fontweight="bold")
    if mine.empty:
        style.say(axes, "no operation")
    axes.set_ylim(high, -0.2)
    axes.set_xlim(left, day(cutoff))
    axes.set_xticks(range(int(left) + 1, cutoff.year + 1))
    axes.grid(axis="x", color=style.PALE, linewidth=0.3)
    axes.set_axisbelow(True)
    axes.set_xlabel("Year (ticks: 1 January)")
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    grey = style.MIDDLE
    handles = [
        Patch(facecolor=grey, edgecolor=grey, label="lead or forces"), Patch(facecolor=grey, edgecolor=grey, alpha=FILLS["staff-only"], label="staff only"),
        Patch(facecolor="white", edgecolor=grey, label="supporter"), Line2D([], [], marker=">", color=grey, linestyle="", markersize=3.5, label="still at work"),
        Line2D([], [], linestyle="", label="European states in bold"),
    ]  # fmt: skip
    figure.legend(handles=handles, loc="outside upper center", ncols=3 if narrow else 5, fontsize=6.5, handletextpad=0.5)
    return figure, mine[COLUMNS].reset_index(drop=True)
