"""On what ad hoc coalitions rest: legal bases and founding documents of launches, by decade."""

import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

PANELS = {
    "legal_basis": (
        "Legal basis",
        {
            "unsc": (style.COLOURS["un"], None, "Security Council"),
            "treaty": (style.SKY, None, "agreement of the parties"),
            "host-consent": (style.GREEN, None, "consent of the host"),
            "self-defence": ("#F0E442", None, "self-defence"),
            "contested": (style.PURPLE, "////", "contested"),
            "no source": ("#E6E6E6", None, "no source"),
        },
    ),
    "founding_document": (
        "Founding document",
        {
            "treaty": (style.SKY, None, "treaty or armistice"),
            "resolution": (style.COLOURS["un"], None, "resolution"),
            "mou": ("#F0E442", None, "memorandum"),
            "invitation": (style.GREEN, None, "invitation"),
            "declaration": (style.AMBER, "\\\\\\", "declaration"),
            "none": (style.PURPLE, "////", "none"),
            "no source": ("#E6E6E6", None, "no source"),
        },
    ),
}  # fmt: skip
COLUMNS = ["model", "decade", "term", "n", "events", "estimate", "lower", "upper"]


def plot(legal: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Stacked shares of launches by decade, with their numbers: left the legal basis, right the founding document.

    Parameters: table legal; scope. Intervals of the shares are in the data that are returned: `COLUMNS`.
    """
    narrow = style.narrow(width)
    figure, panels = style.beside(width, (3.5, 6.0), 2, sharey=True)
    mine = legal[(legal["scope"] == scope) & legal["model"].isin(PANELS) & (legal["decade"] != "all") & (legal["n"] > 0)]
    for panel, (model, (title, terms)) in zip(panels, PANELS.items(), strict=True):
        shown = mine[mine["model"] == model]
        decades = style.stacked(panel, shown, terms)
        panel.set_title(title)
        if decades:
            panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2 if narrow else 3, fontsize=style.SMALL, handlelength=1.1, columnspacing=1.0)
        else:
            style.say(panel, "no launches")
    style.name_heights(panels, "Share of launches")
    return figure, mine[COLUMNS].sort_values(["model", "decade", "term"], ignore_index=True)
