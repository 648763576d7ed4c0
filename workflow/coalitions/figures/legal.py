"""On what ad hoc coalitions rest: legal bases and founding documents of launches, by decade."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

PANELS = {
    "legal_basis": (
        "Legal basis",
        {
            "unsc": ("#0072B2", "white", "Security Council"),
            "treaty": ("#56B4E9", style.INK, "agreement of the parties"),
            "host-consent": ("#009E73", "white", "consent of the host"),
            "self-defence": ("#F0E442", style.INK, "self-defence"),
            "contested": ("#D55E00", "white", "contested"),
            "no source": ("#E6E6E6", style.INK, "no source"),
        },
    ),
    "founding_document": (
        "Founding document",
        {
            "treaty": ("#56B4E9", style.INK, "treaty or armistice"),
            "resolution": ("#0072B2", "white", "resolution"),
            "mou": ("#CC79A7", style.INK, "memorandum"),
            "invitation": ("#009E73", "white", "invitation"),
            "declaration": ("#E69F00", style.INK, "declaration"),
            "none": ("#D55E00", "white", "none"),
            "no source": ("#E6E6E6", style.INK, "no source"),
        },
    ),
}
COLUMNS = ["model", "decade", "term", "n", "events", "estimate", "lower", "upper"]
WIDE = 0.07  # a part of a bar that can hold its number


def plot(legal: pd.DataFrame, scope: str) -> tuple[Figure, pd.DataFrame]:
    """Stacked shares of launches by decade, with their numbers: left the legal basis, right the founding document.

    Parameters: table legal; scope. Intervals of the shares are in the data that are returned: `COLUMNS`.
    """
    figure = style.new(style.DOUBLE, 3.5)
    panels = figure.subplots(1, 2, sharey=True)
    mine = legal[(legal["scope"] == scope) & legal["model"].isin(PANELS) & (legal["decade"] != "all") & (legal["n"] > 0)]
    for panel, (model, (title, terms)) in zip(panels, PANELS.items(), strict=True):
        shown = mine[mine["model"] == model]
        decades = sorted(shown["decade"].unique())
        base = np.zeros(len(decades))
        for term, (colour, ink, label) in terms.items():
            part = shown[shown["term"] == term].set_index("decade").reindex(decades)
            height = part["estimate"].fillna(0).to_numpy(dtype=float)
            panel.bar(range(len(decades)), height, bottom=base, color=colour, width=0.85, edgecolor="white", linewidth=0.5, label=label)
            for x, (value, low, number) in enumerate(zip(height, base, part["events"], strict=True)):
                if value >= WIDE:
                    panel.text(x, low + value / 2, str(int(number)), ha="center", va="center", fontsize=6.5, color=ink)
            base = base + height
        totals = shown.groupby("decade")["n"].first().reindex(decades)
        panel.set_xticks(range(len(decades)), [f"{decade}\n({int(n)})" for decade, n in totals.items()], fontsize=6)
        panel.set_title(title)
        if decades:
            panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3, fontsize=6.5, handlelength=1.1, columnspacing=1.0)
        else:
            panel.text(0.5, 0.5, "no launches", ha="center", va="center", transform=panel.transAxes)
    panels[0].set_ylim(0, 1)
    panels[0].set_ylabel("Share of launches")
    return figure, mine[COLUMNS].sort_values(["model", "decade", "term"], ignore_index=True)
