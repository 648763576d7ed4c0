"""From type to type: what the ends of each arrangement were handed over to, and what came next in the theatre, by period."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from coalitions.figures import style

KINDS = {"handed over": "Handed over to", "next in theatre": "Next in the theatre within two years"}
COLOURS = style.COLOURS | {"outside the register": "#E4E4E4", "nobody": "#F6F6F6"}
HATCHES = style.HATCHES | {"outside the register": "////"}
LABELS = style.NAMES | {"outside the register": "outside the register", "nobody": "nobody"}
COLUMNS = ["kind", "from", "period", "to", "n", "row_n", "share", "lower", "upper"]
WIDE = 0.09  # a part of a bar that can hold its number


def plot(table: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Bars of shares, a bar per type that ended and period of the end; numbers are ends. Chains are merged.

    Parameters: table transitions; scope. Returns the figure and `kind, from, period, to, n, row_n, share, lower, upper`.
    """
    narrow = style.narrow(width)
    figure, panels = style.beside(width, (3.6, 6.0), 2, sharey=True)
    shown = table[(table["scope"] == scope) & (table["model"] == "share") & (table["chains"] == "merged") & table["share"].notna() & (table["period"] != "all")]
    periods = list(dict.fromkeys(shown["period"]))
    bars = [(kind, period) for kind in style.COLOURS for period in periods]
    for panel, (kind, title) in zip(panels, KINDS.items(), strict=True):
        mine = shown[shown["kind"] == kind]
        for row, (old, period) in enumerate(bars):
            parts = mine[(mine["from"] == old) & (mine["period"] == period)].set_index("to")
            at, y = 0.0, -row - row // len(periods)
            for to in [name for name in COLOURS if name in parts.index and parts.loc[name, "n"] > 0]:
                share, edge = parts.loc[to, "share"], "white" if to in style.COLOURS else "#BBBBBB"
                panel.barh(y, share, left=at, color=COLOURS[to], height=0.8, edgecolor=edge, linewidth=0.5, hatch=HATCHES.get(to))
                if share >= WIDE:
                    words = panel.text(at + share / 2, y, str(int(parts.loc[to, "n"])), ha="center", va="center", fontsize=style.SMALLEST, color=style.ink_on(COLOURS[to]))
                    if HATCHES.get(to):
                        words.set_bbox(style.BEHIND | {"facecolor": COLOURS[to], "alpha": 1})
                at += share
            if len(parts):
                panel.text(1.02, y, f"{int(parts['n'].sum())}", va="center", fontsize=style.SMALLEST, clip_on=False)
        panel.set_title(title)
        panel.set_xlim(0, 1)
        panel.set_xlabel("Share of ends")
    panels[0].set_yticks([-row - row // max(len(periods), 1) for row in range(len(bars))], [f"{(style.SHORT if narrow else style.NAMES)[old]}, {period}" for old, period in bars])
    panels[0].tick_params(axis="y", length=0)
    handles = [Patch(facecolor=colour, edgecolor="#BBBBBB", linewidth=0.4, hatch=HATCHES.get(name), label=LABELS[name]) for name, colour in COLOURS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=2 if narrow else len(COLOURS), fontsize=7)
    return figure, shown[COLUMNS].reset_index(drop=True)
