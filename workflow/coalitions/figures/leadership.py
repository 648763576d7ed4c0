"""Who leads ad hoc coalitions: launches by the first of the kinds of states that lead them, by decade; and launches that European states lead, before and after the Compass."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

CLASSES = {
    "United States": ("#00466E", None, "United States"),
    "United Kingdom, France, Germany": ("#2E86C1", None, "United Kingdom, France\nor Germany"),
    "other members of OECD, EU, NATO": ("#A9D8F4", None, "other OECD, EU, NATO"),
    "others": (style.AMBER, "////", "others"),
    "no recorded lead": ("#E6E6E6", None, "no recorded lead"),
}
EUROPEANS = {"eu": "EU members", "eu-and-neighbours": "and UK, Norway,\nSwitzerland, Iceland", "eu-or-nato": "EU members and\nEuropean NATO"}
LEADS = {"every-lead": (style.INK, "all lead states"), "any-lead": (style.GREEN, "one lead state")}
COLUMNS = ["panel", "decade", "term", "lead", "n", "events", "estimate", "lower", "upper"]


def plot(leadership: pd.DataFrame, european: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Left, stacked shares of launches by decade with their numbers; right, European-led launches per year in two periods with exact limits.

    Parameters: tables leadership and european_led; scope. A launch is of the first class in the order shown that one of its lead states is of. Returns the figure and `COLUMNS`.
    """
    narrow = style.narrow(width)
    figure, (left, right) = style.beside(width, (3.4, 6.2), 2, gridspec_kw={} if narrow else {"width_ratios": [3, 2]})
    shown = leadership[(leadership["scope"] == scope) & (leadership["model"] == "class") & (leadership["decade"] != "all") & (leadership["n"] > 0)]
    decades = style.stacked(left, shown, CLASSES, short=narrow)
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
                right.text(row["upper"], y, f"  {int(row['events'])}", fontsize=style.SMALLEST, va="center", color=style.INK)
        places.append((-number - 0.3, label))
    right.set_yticks([y for y, _ in places], [label for _, label in places], fontsize=6.5)
    right.tick_params(axis="y", length=0)
    right.set_xlim(left=0)
    right.margins(x=0.05)
    right.set_xlabel("Launches per year")
    right.set_title("Led by European states")
    if len(rates):
        dots = [
            ("o", style.INK, style.INK, "all leads, before"),
            ("D", style.INK, "white", "all leads, after"),
            ("o", style.GREEN, style.GREEN, "one lead, before"),
            ("D", style.GREEN, "white", "one lead, after"),
        ]
        handles = [right.plot([], [], mark, color=edge, markerfacecolor=face, markersize=4, label=label)[0] for mark, edge, face, label in dots]
        right.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.4, -0.17), ncols=2, fontsize=6.5, columnspacing=1.2)
    for panel, held in ((left, decades), (right, len(rates))):
        if not held:
            style.say(panel, "no launches")
    data = pd.concat([shown.assign(panel="class"), rates.assign(panel="european", decade="all", term=rates["europeans"] + ", " + rates["term"])])
    return figure, data.reindex(columns=COLUMNS).sort_values(["panel", "decade", "term", "lead"], ignore_index=True)
