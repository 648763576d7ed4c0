"""How narrow mandates are: tasks per operation by arrangement, and which operations have a task of each family."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

GROUPINGS = {"listed": "tasks as listed", "families": "families of tasks", "military": "military tasks"}
COLUMNS = ["panel", "task_grouping", "arrangement", "family", "n", "events", "estimate", "lower", "upper"]
STEP = 0.22


def plot(table: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Left, mean number of tasks by arrangement and grouping; right, share of operations with a task of each family; both with limits.

    Parameters: table tasks_per_mandate; scope. Returns the figure and `COLUMNS`.
    """
    figure, (left, right) = style.beside(width, (3.2, 5.6), 2)
    mine = table[(table["scope"] == scope) & table["estimate"].notna()]
    means = mine[mine["model"] == "mean"].assign(arrangement=lambda rows: rows["term"], family=None, panel="mean")
    shares = mine[mine["model"] == "has a task"]
    words = shares["term"].str.split(": ", n=1, expand=True).reindex(columns=[0, 1])
    shares = shares.assign(arrangement=words[0], family=words[1], panel="family")
    families = list(dict.fromkeys(shares["family"]))
    for panel, frame, column, order in ((left, means, "task_grouping", list(GROUPINGS)), (right, shares, "family", families)):
        for number, (kind, colour) in enumerate(style.COLOURS.items()):
            part = frame[frame["arrangement"] == kind].set_index(column)
            rows = [name for name in order if name in part.index]
            y = [-order.index(name) - STEP * (number - 1) for name in rows]
            part = part.loc[rows]
            limits = [part["estimate"] - part["lower"].fillna(part["estimate"]), part["upper"].fillna(part["estimate"]) - part["estimate"]]
            panel.errorbar(part["estimate"], y, xerr=limits, fmt=style.MARKERS[kind], color=colour, markersize=4, linewidth=1.2)
            for at, name in zip(y, rows, strict=True) if panel is left else ():
                words = {"xytext": (4, 0), "textcoords": "offset points", "color": style.legible(colour), "fontsize": style.SMALL, "va": "center", "annotation_clip": False}
                panel.annotate(style.NAMES[kind], (part.loc[name, ["estimate", "upper"]].max(), at), **words)
        panel.set_yticks([-i for i in range(len(order))], [GROUPINGS.get(name, name) for name in order])
        panel.tick_params(axis="y", length=0)
        panel.set_ylim(-len(order) + 0.45, 0.55)
        if frame.empty:
            style.say(panel, "no operations")
    left.set_xlim(left=0)
    left.margins(x=0.04)
    left.set_xlabel("Tasks per operation")
    left.set_title("Mean number of tasks")
    right.set_xlim(0, 1)
    right.set_xlabel("Share of operations")
    right.set_title("With a task of the family")
    return figure, pd.concat([means, shares]).reindex(columns=COLUMNS).sort_values(["panel", "task_grouping", "family", "arrangement"], ignore_index=True)
