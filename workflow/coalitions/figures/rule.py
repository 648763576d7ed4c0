"""The verdict rule as pictures for the notebooks: its zones, what a change moves, and what another smallest effect would make of the same estimate."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from coalitions import claims, whatif
from coalitions.estimands import Estimate
from coalitions.figures import style

# Fillings of the house are too pale for a point or a line on white.
LINES = style.VERDICTS | {"inconclusive": "#A88B1E", "negligible": "#858585", "not-estimable": style.INK}


def verdict_at(theta: float, lower: float, upper: float, sesoi: float) -> str:
    """What the rule says of an estimate with these limits."""
    return claims.verdict(Estimate(theta, lower, upper, "", 0, 0, 0.0, "", None, None), sesoi)


def in_effects(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Estimates with both limits in smallest effects of interest, indexed by claim: `verdict, theta, lower, upper`. Claims of fact and without theta are left out."""
    frame = verdicts.dropna(subset=["theta", "lower", "upper", "sesoi"]).set_index("claim")
    scaled = frame[["theta", "lower", "upper"]].astype(float).div(frame["sesoi"].astype(float), axis=0)
    return frame[["verdict"]].join(scaled)


def zones(verdicts: pd.DataFrame) -> style.Picture:
    """Where the rule puts an estimate by its size and the half-width of its interval, both in smallest effects of interest, and where the claims lie.

    Parameter: a table with `claim, verdict, theta, lower, upper, sesoi`. The zones are those of an interval that is the same on both sides; a claim is coloured by its own verdict.
    """
    points = in_effects(verdicts)
    half = (points["upper"] - points["lower"]) / 2
    reach, tall = (1.3 * max(limit, float(values.max())) if len(values) else limit for limit, values in ((3.0, points["theta"].abs()), (2.0, half)))
    across = np.unique(np.concatenate([np.linspace(-3, 3, 241), np.geomspace(3, reach, 60), -np.geomspace(3, reach, 60)]))
    up = np.linspace(0, tall, 181)
    middles = (across[1:] + across[:-1]) / 2, (up[1:] + up[:-1]) / 2
    names = list(style.VERDICTS)
    grid = np.array([[names.index(verdict_at(x, x - y, x + y, 1.0)) for x in middles[0]] for y in middles[1]])
    figure = style.new(style.DOUBLE, 4.2)
    axes = figure.subplots()
    for number, name in enumerate(names[:4]):
        shown = np.ma.masked_where(grid != number, grid)
        axes.pcolormesh(across, up, shown, cmap=style.matplotlib.colors.ListedColormap([style.VERDICTS[name]]), alpha=0.35, linewidth=0, rasterized=True)
    axes.set_xscale("symlog", linthresh=3, linscale=1.5)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(0, tall)
    order = half.sort_values(kind="stable").index
    for name, height in zip(order, style.place_labels(half[order].tolist(), tall / 32), strict=True):
        x, y = points.loc[name, "theta"], half[name]
        axes.plot(x, y, "o", color=LINES[points.loc[name, "verdict"]], markeredgecolor=style.INK, markeredgewidth=0.5, markersize=4.5)
        right = x < reach / 4
        axes.annotate(name, (x, y), (7 if right else -7, (height - y) / tall * 215), textcoords="offset points", fontsize=6.5, ha="left" if right else "right", va="center")
    ticks = [-10, -3, -2, -1, 0, 1, 2, 3, 10]
    axes.set_xticks([tick for tick in ticks if abs(tick) <= reach], [f"{tick}".replace("-", "−") for tick in ticks if abs(tick) <= reach])
    axes.set_xlabel("Estimate, in smallest effects of interest (beyond three: logarithmic)")
    axes.set_ylabel("Half-width of the interval, in the same unit")
    figure.legend(handles=_keys(names[:4], 0.35), loc="outside upper center", ncols=4)
    return figure


def moves(before: pd.DataFrame, after: pd.DataFrame) -> style.Picture:
    """Estimates and intervals that a change moves, in smallest effects of interest: before in grey, after in the colour of the verdict.

    Parameters: two tables of `whatif.verdicts_of`. Between the dotted lines an effect is smaller than the smallest of interest.
    """
    old, new = in_effects(before), in_effects(after)
    found = [name for name in whatif.moved(before, after)["claim"] if name in old.index and name in new.index][::-1]
    figure = style.new(style.DOUBLE, 1.1 + 0.26 * len(found))
    axes = figure.subplots()
    for row, name in enumerate(found):
        for line, height, colour in ((old.loc[name], row + 0.17, "#A9A9A9"), (new.loc[name], row - 0.17, LINES[new.loc[name, "verdict"]])):
            axes.plot([line["lower"], line["upper"]], [height] * 2, color=colour, linewidth=1.6)
            axes.plot(line["theta"], height, "o", color=colour, markersize=4)
    axes.set_yticks(range(len(found)), found)
    axes.set_xscale("symlog", linthresh=3, linscale=1.5)
    axes.set_xticks([-10, -3, -2, -1, 0, 1, 2, 3, 10], ["−10", "−3", "−2", "−1", "0", "1", "2", "3", "10"])
    axes.axvline(0, color=style.INK, linewidth=0.6)
    for border in (-1, 1):
        axes.axvline(border, color=style.INK, linewidth=0.6, linestyle=":")
    axes.set_xlabel("Estimate, in smallest effects of interest (beyond three: logarithmic)")
    keys = [
        Patch(facecolor="#A9A9A9", label="before"),
        *(Patch(facecolor=LINES[name], label=f"after: {name}") for name in style.VERDICTS if name in set(new.loc[found, "verdict"])),
    ]
    figure.legend(handles=keys, loc="outside upper center", ncols=len(keys))
    return figure


def turning(verdicts: pd.DataFrame, times: float = 4.0) -> style.Picture:
    """The verdict of each estimate for smallest effects from 1 / `times` of that of the claim's entry to `times` of it.

    Parameter: a table with `claim, verdict, theta, lower, upper, sesoi`. A colour that changes near the middle line is a verdict that hangs on the number.
    """
    points, names = in_effects(verdicts), list(style.VERDICTS)
    factors = np.geomspace(1 / times, times, 241)
    figure = style.new(style.DOUBLE, 1.0 + 0.24 * len(points))
    axes = figure.subplots()
    used = set()
    for row, (_, line) in enumerate(points.iterrows()):
        said = [verdict_at(line["theta"], line["lower"], line["upper"], factor) for factor in factors[:-1]]
        edges = [0, *(i for i in range(1, len(said)) if said[i] != said[i - 1]), len(said)]
        for first, end in pairwise(edges):
            width = factors[end] - factors[first]
            axes.barh(row, width, left=factors[first], height=0.7, color=style.VERDICTS[said[first]], edgecolor=style.INK, linewidth=0.4, hatch=_hatch(said[first]))
        used |= set(said)
    axes.set_xscale("log")
    axes.set_xlim(1 / times, times)
    axes.set_xticks([1 / times, 1 / np.sqrt(times), 1, np.sqrt(times), times])
    axes.set_xticklabels([f"× {tick:.3g}" for tick in axes.get_xticks()])
    axes.minorticks_off()
    axes.axvline(1, color=style.INK, linewidth=0.9)
    axes.set_yticks(range(len(points)), points.index)
    axes.set_ylim(len(points) - 0.5, -0.5)
    axes.set_xlabel("Smallest effect of interest, as a multiple of that of the entry")
    shown = [name for name in names if name in used]
    figure.legend(handles=_keys(shown, 1.0), loc="outside upper center", ncols=max(1, len(shown)))
    return figure


def _hatch(name: str) -> str | None:
    return "////" if name == "contradicted" else None


def _keys(names: list[str], alpha: float) -> list[Patch]:
    return [Patch(facecolor=style.VERDICTS[name], alpha=alpha, edgecolor=style.INK, linewidth=0.4, hatch=_hatch(name) if alpha == 1 else None, label=name) for name in names]


def choices(multiverse: pd.DataFrame, sesoi: float | None, order: list[str]) -> tuple[style.Picture, pd.DataFrame]:
    """How the estimates of a claim lie under each value of each dimension of its multiverse: range, middle half and median; a ring marks values of the primary specification.

    Parameters: the lines of one claim in the table multiverse (`dimensions`, `theta`, `verdict`, `primary`); its smallest effect of interest; dimensions, from the top down.
    Returns the figure and `dimension, value, specifications, estimated, theta_min, theta_q1, theta_median, theta_q3, theta_max, same_verdict`; the last is the share of those
    estimated that have the verdict of the primary specification. Dimensions with a single value are left out.
    """
    chosen = pd.DataFrame([dict(part.split("=", 1) for part in text.split("; ")) for text in multiverse["dimensions"]], index=multiverse.index)
    usable, primary = multiverse["verdict"] != "not-estimable", multiverse["primary"] == 1
    own = multiverse.loc[primary, "verdict"].iloc[0]
    rows = []
    for dimension in [name for name in order if name in chosen and chosen[name].nunique() > 1]:
        for value in sorted(chosen[dimension].unique(), key=lambda text: (not text.replace(".", "", 1).isdigit(), float(text) if text.replace(".", "", 1).isdigit() else 0, text)):
            mine = chosen[dimension] == value
            known = multiverse.loc[mine & usable, "theta"].dropna()
            spread = np.percentile(known, [0, 25, 50, 75, 100]).tolist() if len(known) else [np.nan] * 5
            same = float((multiverse.loc[mine & usable, "verdict"] == own).mean()) if (mine & usable).any() else np.nan
            rows.append((dimension, value, int(mine.sum()), int((mine & usable).sum()), *spread, same, int((mine & primary).any())))
    columns = ["dimension", "value", "specifications", "estimated", "theta_min", "theta_q1", "theta_median", "theta_q3", "theta_max", "same_verdict", "primary"]
    table = pd.DataFrame(rows, columns=columns)
    figure = style.new(style.DOUBLE, 1.0 + 0.2 * (len(table) + table["dimension"].nunique()))
    axes = figure.subplots()
    height, labels = 0.0, []
    for dimension, lines in table.groupby("dimension", sort=False):
        axes.text(0, height, dimension, transform=axes.get_yaxis_transform(), fontsize=7.5, fontweight="bold", va="center", ha="right")
        for line in lines.itertuples():
            height += 1
            labels.append((height, f"{line.value}  ({line.estimated})"))
            axes.plot([line.theta_min, line.theta_max], [height] * 2, color=style.PALE, linewidth=2)
            axes.plot([line.theta_q1, line.theta_q3], [height] * 2, color="#8A8A8A", linewidth=4)
            axes.plot(line.theta_median, height, "o", color=style.COLOURS["un"], markersize=5, markeredgecolor=style.INK, markeredgewidth=1.4 if line.primary else 0)
        height += 1.4
    axes.set_yticks([at for at, _ in labels], [text for _, text in labels])
    axes.set_ylim(max(height - 0.8, 1), -0.8)
    axes.tick_params(axis="y", length=0)
    axes.axvline(0, color=style.INK, linewidth=0.6)
    for border in (-sesoi, sesoi) if sesoi else ():
        axes.axvline(border, color=style.INK, linewidth=0.6, linestyle=":")
    axes.set_xlabel("Estimates: range, middle half, median (ring: value of the primary specification)")
    return figure, table.drop(columns="primary")


def left_out(lines: pd.DataFrame, theta: float | None, sesoi: float | None) -> style.Picture:
    """Estimates of a claim with each operation, and each theatre, left out in turn, in the order of their size; the three farthest from the full estimate are named.

    Parameters: the lines of one claim in the table leave_one_out (`kind, name, theta, verdict, flips`); the estimate with all; the smallest effect of interest.
    """
    figure = style.new(style.DOUBLE, 2.7)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, kind in zip(panels, ("operation", "theatre"), strict=True):
        mine = lines[(lines["kind"] == kind) & lines["theta"].notna()].sort_values(["theta", "left_out"]).reset_index(drop=True)
        colours = [LINES[name] if flips else "#8A8A8A" for name, flips in zip(mine["verdict"], mine["flips"], strict=True)]
        axes.scatter(mine.index, mine["theta"], s=9, color=colours, linewidths=0)
        if theta is not None and len(mine):
            axes.axhline(theta, color=style.COLOURS["un"], linewidth=0.8)
            for at in (mine["theta"] - theta).abs().nlargest(3).index:
                first = at < len(mine) / 2
                axes.annotate(
                    mine.loc[at, "name"][:34],
                    (at, mine.loc[at, "theta"]),
                    (5 if first else -5, 0),
                    textcoords="offset points",
                    fontsize=6,
                    ha="left" if first else "right",
                    va="center",
                )
        axes.set_xticks([])
        axes.set_xlabel(f"One {kind} left out, in the order of the estimate")
        inside = [border for border in (-sesoi, sesoi) if len(mine) and mine["theta"].min() - sesoi / 4 <= border <= mine["theta"].max() + sesoi / 4] if sesoi else []
        for border in inside:
            axes.axhline(border, color=style.INK, linewidth=0.6, linestyle=":")
    panels[0].set_ylabel("Estimate")
    return figure
