"""Who works beside another in the same theatre, by decade."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

UNITS = {"operations": "Operations, by decade of the start", "operation-years": "Operation-years"}
FEWEST = 5
COLUMNS = ["units", "beside", "of", "decade", "n", "events", "estimate", "lower", "upper", "published"]


def plot(table: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Share that runs beside any other operation of the scope, by arrangement and decade, with intervals by theatre; left also Balas (2011) and the number that counts like his.

    Parameters: table simultaneity; scope. Returns the figure and `units, beside, of, decade, n, events, estimate, lower, upper, published`. Decades with fewer than five
    units are not drawn.
    """
    figure, panels = style.beside(width, (2.9, 4.8), 2, sharex=True, sharey=True)
    panels[0].set_xlim(1938, 2030)
    panels[0].set_ylim(0, 1.02)
    mine = table[(table["scope"] == scope) & (table["n"] >= FEWEST)]
    decades = mine[(mine["beside"] == "any") & mine["decade"].str.fullmatch(r"\d{4}") & mine["of"].isin(list(style.COLOURS))]
    balas = table[(table["scope"] == scope) & table["published"].notna()]
    for panel, (unit, title) in zip(panels, UNITS.items(), strict=True):
        ends = []
        for number, (kind, colour) in enumerate(style.COLOURS.items()):
            line = decades[(decades["units"] == unit) & (decades["of"] == kind)].sort_values("decade")
            if line.empty:
                continue
            at = line["decade"].astype(int) + 5 + (number - 1) * 1.6
            known = line["lower"].notna()
            panel.vlines(at[known], line.loc[known, "lower"], line.loc[known, "upper"], color=colour, linewidth=1)
            panel.plot(at, line["estimate"], style.MARKERS[kind], linestyle=style.LINES[kind], color=colour, markersize=3.4, linewidth=0.8, clip_on=False)
            ends.append((float(line["estimate"].iloc[-1]), (style.WRAPPED if style.narrow(width) else style.NAMES)[kind], colour))
        if not ends:
            style.say(panel, "too few operations")
        for row in balas.head(1).itertuples() if unit == "operations" else ():
            first, last = (int(year) for year in row.decade.split("-"))
            for value, text, dashes in ((row.published, "Balas 2011", "--"), (row.estimate, "as Balas counts", "-")):
                if pd.notna(value):
                    panel.hlines(value, first, last, color=style.INK, linewidth=1.4, linestyle=dashes, zorder=3)
                    panel.hlines(value, last, 2030, color=style.PALE, linewidth=0.6, zorder=0)
                    ends.append((float(value), text, style.INK))
        style.label_ends(panel, 2030, ends, style.SMALL)
        panel.set_title(title)
        panel.set_xlabel("Decade")
    panels[0].set_xticks(range(1945, 2030, 20), [f"{year}s" for year in range(1940, 2025, 20)])
    style.name_heights(panels, "Share beside another in its theatre")
    return figure, pd.concat([decades, balas])[COLUMNS].sort_values(["units", "beside", "of", "decade"], ignore_index=True)
