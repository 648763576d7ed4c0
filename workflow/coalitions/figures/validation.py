"""Does the machinery find the truth: coverage of intervals beside what they promise, and verdicts, in a world where every claim is true and in one where none is."""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from coalitions.figures import style

TITLES = {"all-true": "Every claim true", "none-true": "No claim true"}
LOWEST = 0.6  # left end of the axis of coverage, unless a claim covers less


def plot(coverage: pd.DataFrame, verdicts: pd.DataFrame) -> Figure:
    """For each world coverage with its limits by claim and the shares of verdicts. Parameters: tables `coverage` and `verdicts` of the validation."""
    claims = list(dict.fromkeys(coverage["claim"]))
    figure = style.new(style.DOUBLE, 1.1 + 0.2 * len(claims))
    panels = figure.subplots(1, 4, sharey=True, width_ratios=[1, 1.15, 1, 1.15])
    lowest = min(LOWEST, float(coverage["coverage_lower"].min()) - 0.02)
    for number, (world, title) in enumerate(TITLES.items()):
        cover, bars = panels[2 * number], panels[2 * number + 1]
        mine = coverage[coverage["world"] == world].set_index("claim").reindex(claims)
        nominal = float(mine["nominal"].iloc[0])
        cover.axvline(nominal, color=style.INK, linewidth=0.6, linestyle=(0, (4, 2)))
        for row, line in enumerate(mine.itertuples()):
            if pd.isna(line.coverage):
                cover.text(lowest, row, " no true value", fontsize=6, va="center", color=style.COLOURS["regional"])
                continue
            missed = line.coverage_upper < nominal
            colour = style.COLOURS["ahc"] if missed else style.COLOURS["un"]
            cover.plot([line.coverage_lower, line.coverage_upper], [row, row], color=colour, linewidth=1)
            cover.plot(line.coverage, row, marker="D" if missed else "o", markersize=3.5, color=colour)
        cover.set_xlim(lowest, 1.005)
        cover.set_title(f"{title}:\ncoverage", fontsize=8)
        wide = verdicts[verdicts["world"] == world].pivot(index="claim", columns="verdict", values="share").reindex(claims)
        for row, claim in enumerate(claims):
            left = 0.0
            for name, colour in style.VERDICTS.items():
                if (width := float(wide.loc[claim, name])) > 0:
                    bars.barh(row, width, left=left, height=0.66, color=colour, edgecolor=style.INK, linewidth=0.4, hatch="////" if name == "contradicted" else None)
                    left += width
        bars.set_xlim(0, 1)
        bars.set_xticks([0, 0.5, 1])
        bars.set_title("share of verdicts", fontsize=8)
    for axes in panels:
        axes.set_ylim(len(claims) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    panels[0].set_yticks(range(len(claims)), claims)
    handles = [Patch(facecolor=colour, edgecolor=style.INK, linewidth=0.4, hatch="////" if name == "contradicted" else None, label=name) for name, colour in style.VERDICTS.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure
