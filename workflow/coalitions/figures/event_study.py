"""The event study: effective providers in a theatre around the first entry of a coalition."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

MARKS = {"others": "o", "all-but-entrant": "s", "all": "D"}
OUTCOMES = {"others": ("UN and\nregional", style.INK), "all-but-entrant": ("all but the\nfirst coalition", style.GREEN), "all": ("all, the\ncoalition too", style.PURPLE)}
SINCE = 1990
COLUMNS = ["outcome", "model", "term", "n_theatres", "estimate", "lower", "upper"]


def plot(table: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Left, the other providers by both estimators (filled, interaction-weighted; open, two-way) with the joint test of the leads; right, with coalitions counted.

    Parameters: table event_study; scope. Returns the figure and `outcome, model, term, n_theatres, estimate, lower, upper`, entries since 1990.
    """
    figure, panels = style.beside(width, (2.9, 4.8), 2, sharex=True, sharey=True)
    mine = table[(table["scope"] == scope) & (table["since"] == SINCE) & (table["entrant"] == "ahc")]
    years = mine[mine["term"].str.fullmatch(r"-?\d+") & mine["estimate"].notna()].assign(at=lambda rows: rows["term"].astype(int)).sort_values("at")
    labels = []
    for panel, shown, title in zip(panels, (["others"], ["all-but-entrant", "all"]), ("Do others come too?", "With coalitions counted"), strict=True):
        panel.axhline(0, color=style.INK, linewidth=0.6)
        panel.axvline(-0.5, color=style.INK, linewidth=0.6, linestyle=":")
        ends = []
        for number, outcome in enumerate(shown):
            label, colour = OUTCOMES[outcome]
            for model, shift, filled in (("interaction-weighted", 0.0, True), ("two-way", 0.28, False)):
                line = years[(years["outcome"] == outcome) & (years["model"] == model)]
                if line.empty or (not filled and len(shown) > 1):
                    continue
                at = line["at"] + shift + 0.3 * number
                panel.vlines(at, line["lower"], line["upper"], color=colour, linewidth=1.1 if filled else 0.6)
                panel.plot(
                    at, line["estimate"], MARKS[outcome], color=colour, markersize=3.2 if filled else 2.6, markerfacecolor=colour if filled else "white", markeredgewidth=0.7
                )
                if filled:
                    ends.append((float(line["estimate"].iloc[-3:].mean()), label, colour))
        labels.append(ends)
        if not ends:
            style.say(panel, "too few theatres")
        panel.set_title(title)
        panel.set_xlabel("Years since the first coalition entered")
    test = mine[(mine["term"] == "leads") & (mine["outcome"] == "others") & (mine["model"] == "interaction-weighted")]
    if len(test) and test["p"].notna().all():
        panels[0].text(0.36, 0.02, f"years before the entry: joint p = {test['p'].iloc[0]:.2f}", transform=panels[0].transAxes, fontsize=6.5)
    if (mine["model"] == "two-way").any() and len(years):
        panels[0].text(0.02, 0.97, "filled: interaction-weighted; open: two-way fixed effects", transform=panels[0].transAxes, fontsize=6.5, va="top")
    panels[0].set_xlim(-5.6, 10.8)
    for panel, ends in zip(panels, labels, strict=True):
        style.label_ends(panel, 10.6, ends)
    panels[0].set_xticks(range(-5, 11, 5))
    style.name_heights(panels, "Change of the effective number\nagainst the year before")
    return figure, years[COLUMNS].reset_index(drop=True)
