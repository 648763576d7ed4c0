"""Forest plot of the models of duration: ad hoc coalitions against the United Nations, models and inclusion rules side by side."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from coalitions.figures import style

TERM = "arrangement: ahc"
MEASURES = {"hazard ratio": "Hazard ratio, coalitions to UN\n(right: coalitions end sooner)", "time ratio": "Time ratio, coalitions to UN\n(left: coalitions end sooner)"}
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "<", ">")
COLUMNS = ["measure", "model", "scope", "ratio", "lower", "upper", "n", "events", "reason"]


def compared(cox: pd.DataFrame, discrete: pd.DataFrame, aft: pd.DataFrame) -> pd.DataFrame:
    """Ratios of coalitions to UN operations by measure, model and scope, with their limits, or the reason why there is none."""
    parts = [
        cox.assign(measure="hazard ratio", model="Cox, " + cox["model"]),
        discrete.assign(measure="hazard ratio", model="discrete time, " + discrete["model"]),
        aft.assign(measure="time ratio", model=aft["family"] + ", " + aft["model"]),
    ]
    lines = pd.concat([part[part["term"] == TERM] for part in parts], ignore_index=True)
    lines["ratio"], lines["lower"], lines["upper"] = (np.exp(lines[name].astype(float)) for name in ("estimate", "lower", "upper"))
    return lines[COLUMNS]


def plot(cox: pd.DataFrame, discrete: pd.DataFrame, aft: pd.DataFrame, scope: str, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Ratios with intervals, a row per model, a mark per scope (the primary one filled, the others pale and below it).

    Parameters: tables cox, discrete and aft; primary scope. Returns the figure and `measure, model, scope, ratio, lower, upper, n, events, reason`.
    """
    data = compared(cox, discrete, aft)
    scopes = [scope, *(name for name in dict.fromkeys(data["scope"]) if name != scope)]
    narrow = style.narrow(width)
    figure, panels = style.beside(width, (4.4, 7.6), 2)
    for panel, (measure, words) in zip(panels, MEASURES.items(), strict=True):
        lines = data[data["measure"] == measure]
        models = list(dict.fromkeys(lines["model"]))
        for row, model in enumerate(models):
            for place, name in enumerate(scopes):
                found = lines[(lines["model"] == model) & (lines["scope"] == name)]
                if found.empty:
                    continue
                height, primary, line = -row - 0.17 * (place - (len(scopes) - 1) / 2), name == scope, found.iloc[0]
                colour = style.COLOURS["ahc"] if primary else style.MIDDLE
                if pd.isna(line["ratio"]):
                    panel.text(1, height, " not estimable", va="center", fontsize=style.SMALLEST, color=style.legible(colour))
                    continue
                panel.plot([line["lower"], line["upper"]], [height, height], color=colour, linewidth=1.4 if primary else 0.8)
                marker = MARKERS[place % len(MARKERS)]
                panel.plot([line["ratio"]], [height], marker=marker, markersize=4.5 if primary else 3, color=colour, markerfacecolor=colour if primary else "white", linestyle="")
        panel.axvline(1, color=style.INK, linewidth=0.6, linestyle=":", zorder=0)
        panel.set_xscale("log")
        limits = lines[["lower", "upper"]].to_numpy(dtype=float)
        limits = limits[np.isfinite(limits)]
        low, high = (min(limits.min() / 1.1, 0.5), max(limits.max() * 1.1, 2)) if len(limits) else (0.5, 2)
        panel.set_xlim(low, high)
        ticks = [tick for tick in (0.01, 0.1, 0.25, 0.5, 1, 2, 4, 10, 100) if low <= tick <= high]
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        panel.minorticks_off()
        panel.set_yticks([-row for row in range(len(models))], [model.replace(", ", ",\n", 1) for model in models])
        panel.set_ylim(-max(len(models), 1) + 0.4, 0.6)
        panel.tick_params(axis="y", length=0)
        panel.set_xlabel(words)
    panels[0].set_title("Hazard models")
    panels[1].set_title("Accelerated failure time models")
    handles = []
    for place, name in enumerate(scopes):
        primary = name == scope
        colour = style.COLOURS["ahc"] if primary else style.MIDDLE
        marker = MARKERS[place % len(MARKERS)]
        handles += panels[1].plot([], [], marker=marker, markersize=4.5 if primary else 3.5, color=colour, markerfacecolor=colour if primary else "white", label=name, linewidth=1)
    figure.legend(handles=handles, loc="outside lower center", ncols=2 if narrow else len(handles), fontsize=7)
    return figure, data
