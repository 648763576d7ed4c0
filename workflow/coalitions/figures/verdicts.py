"""Verdict strip: one row per claim, how the multiverse divides over the verdicts and which is that of the primary specification."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from coalitions.figures import style
from coalitions.quoted import count

PRIMARY = {"marker": "o", "color": style.INK, "markerfacecolor": "white", "markersize": 4, "markeredgewidth": 0.9}


def plot(verdicts: pd.DataFrame, multiverse: pd.DataFrame, width: float = style.DOUBLE) -> tuple[Figure, pd.DataFrame]:
    """Shares of specifications by verdict, one bar per claim, a dot on the verdict of the primary specification; beside it their number, the reported verdict and the grade.

    Parameters: tables verdicts and multiverse. Returns the figure and `claim, verdict, specifications, share`.
    """
    counts = multiverse.groupby(["claim", "verdict"]).size().rename("specifications").reset_index()
    counts["share"] = counts["specifications"] / counts.groupby("claim")["specifications"].transform("sum")
    narrow = style.narrow(width)
    figure = style.new(width, (1.1 + 0.2 * len(verdicts)) if narrow else (0.9 + 0.27 * len(verdicts)))
    points, number = (style.SMALL, style.SMALLEST) if narrow else (7.5, style.SMALL)
    axes = figure.subplots()
    for row, claim in enumerate(verdicts.itertuples()):
        left = 0.0
        mine, specifications = counts[counts["claim"] == claim.claim].set_index("verdict")["share"], counts.loc[counts["claim"] == claim.claim, "specifications"].sum()
        for name, colour in style.VERDICTS.items():
            if (share := float(mine.get(name, 0.0))) > 0:
                hatch = "////" if name == "contradicted" else None
                axes.barh(row, share, left=left, height=0.66, color=colour, edgecolor=style.INK, linewidth=0.4, hatch=hatch)
                if name == claim.verdict:
                    axes.plot(left + share / 2, row, **PRIMARY)
                left += share
        place = {"textcoords": "offset points", "va": "center"}
        axes.annotate(count(specifications), (0, row), xytext=(-4, 0), ha="right", fontsize=number, color="#555555", **place)
        axes.annotate(claim.claim, (0, row), xytext=(-27, 0), ha="right", fontsize=points, **place)
        axes.annotate(f"{claim.reported} ({claim.grade})", (1, row), xytext=(4, 0), ha="left", fontsize=points, fontweight="bold", **place)
    axes.set_xlim(0, 1)
    axes.set_ylim(len(verdicts) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="\u202f%"))
    axes.set_xlabel("Share of the specifications by verdict;\nbeside a claim, their number" if narrow else "Share of the specifications by verdict; beside a claim, their number")
    used = [name for name in style.VERDICTS if name in set(counts["verdict"])]
    handles = [Patch(facecolor=style.VERDICTS[n], edgecolor=style.INK, linewidth=0.4, hatch="////" if n == "contradicted" else None, label=n) for n in used]
    handles.append(Line2D([], [], linestyle="none", label="primary specification", **PRIMARY))
    figure.legend(handles=handles, loc="outside upper center", ncols=3 if narrow else len(handles), fontsize=style.SMALL if narrow else 7, columnspacing=1.2, handlelength=1.6)
    return figure, counts
