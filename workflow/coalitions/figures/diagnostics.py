"""Diagnostics of the adjusted Cox model: does the effect of arrangement stay, does the model fit, who does not fit, who carries the result."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style
from coalitions.survival import DAYS_PER_YEAR

TERM = "arrangement: ahc"
NAMED = 3  # spells with a label in the lower panels
BAND = 0.35  # of the events under the kernel of the smooth line
COLUMNS = ["kind", "term", "spell_id", "time_days", "value", "expected"]


def plot(table: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Four panels: log hazard ratio of coalitions over time (scaled Schoenfeld, a running mean through it); Cox-Snell residuals against their cumulative hazard;
    deviance residuals; change of the coefficient without each spell.

    Parameters: table diagnostics; scope. Returns the figure and the rows that it shows. A model that was not fitted gives empty panels with the reason.
    """  # fmt: skip
    narrow = style.narrow(width)
    figure = style.new(width, 8.0 if narrow else 5.0)
    panels = figure.subplots(*((4, 1) if narrow else (2, 2))).ravel()
    mine = table[table["scope"] == scope]
    if (mine["kind"] == "none").any() or mine.empty:
        for panel in panels:
            style.say(panel, "not estimable")
        return figure, mine.reindex(columns=COLUMNS)
    kinds = {kind: rows.assign(years=rows["time_days"] / DAYS_PER_YEAR) for kind, rows in mine[mine["term"].isna() | (mine["term"] == TERM)].groupby("kind")}
    dots = {"color": style.COLOURS["ahc"], "markersize": 2.2, "alpha": 0.6, "linestyle": "", "marker": "o", "markeredgewidth": 0}
    if "scaled Schoenfeld" in kinds:
        rows = kinds["scaled Schoenfeld"].sort_values(["time_days", "spell_id"])
        panels[0].plot(rows["years"], rows["value"], **dots)
        panels[0].plot(rows["years"], running_mean(rows["value"].to_numpy()), color=style.INK, linewidth=1.3, label="running mean")
        panels[0].axhline(rows["expected"].iloc[0], color=style.INK, linewidth=1, linestyle="--", label="constant of the model")
        panels[0].legend(fontsize=style.SMALLEST, loc="upper right")
    panels[0].set_title("Does the effect stay?")
    folded = (lambda words: "\n".join(textwrap.wrap(words, 22))) if narrow else str
    panels[0].set_ylabel(folded("Log hazard ratio, coalitions to UN"))
    rows = kinds["Cox-Snell"].sort_values("expected")
    panels[1].step(rows["expected"], rows["value"], where="post", color=style.COLOURS["ahc"], linewidth=1.2)
    top = float(rows["expected"].max())
    panels[1].plot([0, top], [0, top], color=style.INK, linewidth=0.7, linestyle=":")
    panels[1].set_title("Does the model fit?")
    panels[1].set_xlabel("Cox-Snell residual")
    panels[1].set_ylabel("Its cumulative hazard")
    for panel, kind, title, label in (
        (panels[2], "deviance", "Who does not fit?", "Deviance residual"), (panels[3], "dfbeta", "Who carries the result?", "Change of the coefficient without it"),
    ):  # fmt: skip
        rows = kinds.get(kind, mine.iloc[:0].assign(years=0.0))
        panel.axhline(0, color=style.INK, linewidth=0.5, linestyle=":")
        panel.plot(rows["years"], rows["value"], **dots)
        named = rows.assign(size=rows["value"].abs()).sort_values(["size", "spell_id"], ascending=[False, True]).head(NAMED)
        tall = float(rows["value"].max() - rows["value"].min()) if len(rows) else 1.0
        for row, height in zip(named.itertuples(), style.apart(named[["years", "value"]].to_numpy(dtype=float), tall / (11 if narrow else 14), np.inf), strict=True):
            late = row.years > rows["years"].max() / 2
            place = {"xytext": (-4 if late else 4, 0), "textcoords": "offset points", "va": "center", "ha": "right" if late else "left"}
            panel.annotate(row.spell_id, (row.years, height), fontsize=style.SMALLEST, **place)
        panel.margins(y=0.25 if narrow else 0.12)
        panel.set_title(title)
        panel.set_ylabel(folded(label))
    for panel in (panels[0], panels[2], panels[3]):
        panel.set_xlabel("Years at work (root scale)")
        panel.set_xscale("function", functions=(lambda v: np.sqrt(np.maximum(v, 0)), np.square))
        panel.set_xlim(0, right=max(panel.get_xlim()[1], 1))
        panel.set_xticks([year for year in (0, 1, 5, 10, 20, 40, 80) if year <= panel.get_xlim()[1]])
    return figure, mine[COLUMNS].sort_values(["kind", "term", "time_days", "spell_id"]).reset_index(drop=True)


def running_mean(values: np.ndarray) -> np.ndarray:
    """Mean of the neighbours in order, with tricube weights; the window holds `BAND` of the values."""
    width = max(3, round(BAND * len(values)))
    distance = np.abs(np.subtract.outer(np.arange(len(values)), np.arange(len(values)))) / (width / 2)
    weight = np.clip(1 - distance**3, 0, None) ** 3
    return weight @ values / weight.sum(axis=1)
