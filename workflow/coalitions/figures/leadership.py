"""Who leads ad hoc coalitions: launches by the first of the kinds of states that lead them, by decade; and launches that European states lead, before and after the Compass."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

CLASSES = {
    "United States": ("#0072B2", "white", "United States"),
    "United Kingdom, France, Germany": ("#56B4E9", style.INK, "United Kingdom, France\nor Germany"),
    "other members of OECD, EU, NATO": ("#009E73", "white", "other OECD, EU, NATO"),
    "others": ("#D55E00", "white", "others"),
    "no recorded lead": ("#E6E6E6", style.INK, "no recorded lead"),
}
EUROPEANS = {"eu": "EU members", "eu-and-neighbours": "and UK, Norway,\nSwitzerland, Iceland", "eu-or-nato": "EU members and\nEuropean NATO"}
LEADS = {"every-lead": ("#0072B2", "all lead states"), "any-lead": ("#56B4E9", "one lead state")}
COLUMNS = ["panel", "decade", "term", "lead", "n", "events", "estimate", "lower", "upper"]
WIDE = 0.07  # a part of a bar that can hold its number


def plot(leadership: pd.DataFrame, european: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Left, stacked shares of launches by decade with their numbers; right, European-led launches per year in two periods with exact limits.

    Parameters: tables leadership and european_led; scope. A launch is of the first class in the order shown that one of its lead states is of. Returns the figure and `COLUMNS`.
    """
    figure = style.new(style.DOUBLE, 3.4)
    left, right = figure.subplots(1, 2, gridspec_kw={"width_ratios": [3, 2]})
    shown = leadership[(leadership["scope"] == scope) & (leadership["model"] == "class") & (leadership["decade"] != "all") & (leadership["n"] > 0)]
    decades = sorted(shown["decade"].unique())
    base = np.zeros(len(decades))
    for name, (colour, ink, label) in CLASSES.items():
        part = shown[shown["term"] == name].set_index("decade").reindex(decades)
        height = part["estimate"].fillna(0).to_numpy(dtype=float)
        left.bar(range(len(decades)), height, bottom=base, color=colour, width=0.85, edgecolor="white", linewidth=0.5, label=label)
        for x, (value, low, number) in enumerate(zip(height, base, part["events"], strict=True)):
            if value >= WIDE:
                left.text(x, low + value / 2, str(int(number)), ha="center", va="center", fontsize=6.5, color=ink)
        base = base + height
    totals = shown.groupby("decade")["n"].first().reindex(decades)
    left.set_xticks(range(len(decades)), [f"{decade}\n({int(n)})" for decade, n in totals.items()], fontsize=6.5)
    left.set_ylim(0, 1)
    left.set_ylabel("Share of launches")
    left.set_title("Led or co-led by")
    if decades:
        left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2, fontsize=6.5, handlelength=1.1, columnspacing=1.2)
    rates = european[(european["scope"] == scope) & european["term"].isin(("rate before", "rate after"))]
    places = []
    for number, (europeans, label) in enumerate(EUROPEANS.items()):
        for lead, (colour, _) in LEADS.items():
            for term, marker in (("rate before", "o"), ("rate after", "D")):
                mine = rates[(rates["europeans"] == europeans) & (rates["lead"] == lead) & (rates["term"] == term)]
                if mine.empty:
                    continue
                row = mine.iloc[0]
                y = -number - (0.0 if lead == "every-lead" else 0.42) - (0.0 if term == "rate before" else 0.17)
                right.plot([row["lower"], row["upper"]], [y, y], color=colour, linewidth=1.1)
                right.plot(row["estimate"], y, marker, color=colour, markersize=4, markerfacecolor=colour if term == "rate before" else "white", clip_on=False, zorder=3)
                right.text(row["upper"], y, f"  {int(row['events'])}", fontsize=6, va="center", color=style.INK)
        places.append((-number - 0.3, label))
    right.set_yticks([y for y, _ in places], [label for _, label in places], fontsize=6.5)
    right.tick_params(axis="y", length=0)
    right.set_xlim(left=0)
    right.margins(x=0.12)
    right.set_xlabel("Launches per year")
    right.set_title("Led by European states")
    if len(rates):
        dots = [
            ("o", "#0072B2", "#0072B2", "all leads, before"),
            ("D", "#0072B2", "white", "all leads, after"),
            ("o", "#56B4E9", "#56B4E9", "one lead, before"),
            ("D", "#56B4E9", "white", "one lead, after"),
        ]
        handles = [right.plot([], [], mark, color=edge, markerfacecolor=face, markersize=4, label=label)[0] for mark, edge, face, label in dots]
        right.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.4, -0.17), ncols=2, fontsize=6.5, columnspacing=1.2)
    for panel, held in ((left, decades), (right, len(rates))):
        if not held:
            panel.text(0.5, 0.5, "no launches", ha="center", va="center", transform=panel.transAxes)
    data = pd.concat([shown.assign(panel="class"), rates.assign(panel="european", decade="all", term=rates["europeans"] + ", " + rates["term"])])
    return figure, data.reindex(columns=COLUMNS).sort_values(["panel", "decade", "term", "lead"], ignore_index=True)
