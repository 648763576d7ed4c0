"""The verdict rule as pictures for the notebooks: its zones, what a change moves, and what another smallest effect would make of the same estimate."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from coalitions import claims, whatif
from coalitions.estimands import Estimate
from coalitions.figures import style

# Fillings of the house are too pale for a point or a line on white.
BEFORE = "#4D4D4D"
LINES = style.VERDICTS | {"inconclusive": "#A88B1E", "negligible": "#858585", "not-estimable": style.INK}


def verdict_at(theta: float, lower: float, upper: float, sesoi: float) -> str:
    """What the rule says of an estimate with these limits."""
    return claims.verdict(Estimate(theta, lower, upper, "", 0, 0, 0.0, "", None, None), sesoi)


def in_effects(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Estimates with two finite limits in smallest effects of interest, indexed by claim: `verdict, theta, lower, upper`. Claims of fact and without theta are left out."""
    frame = verdicts.replace([np.inf, -np.inf], np.nan).dropna(subset=["theta", "lower", "upper", "sesoi"]).set_index("claim")
    scaled = frame[["theta", "lower", "upper"]].astype(float).div(frame["sesoi"].astype(float), axis=0)
    return frame[["verdict"]].join(scaled)


def zones(verdicts: pd.DataFrame) -> style.Picture:
    """Where the rule puts an estimate by its size and the half-width of its interval, both in smallest effects of interest, and where the claims lie.

    Parameter: a table with `claim, verdict, theta, lower, upper, sesoi`. The zones are those of an interval that is the same on both sides; a claim is coloured by its own verdict.
    """
    points = in_effects(verdicts)
    points["half"] = (points["upper"] - points["lower"]) / 2
    reach, tall = (1.3 * float(np.max([least, *values])) for least, values in ((3.0, points["theta"].abs()), (2.0, points["half"])))
    figure = style.new(style.DOUBLE, 4.2)
    axes = figure.subplots()
    for name, across, up in areas(reach, tall):
        axes.fill_between(across, 0, up, color=_paler(name), linewidth=0)
    _in_effects_across(axes, reach)
    axes.set_ylim(0, tall)
    axes.set_ylabel("Half-width of the interval, in the same unit")
    figure.legend(handles=_keys(list(style.VERDICTS)[:4], paler=True), loc="outside upper center", ncols=4)
    figure.draw_without_rendering()  # the layout is settled, so that labels can be placed by what they would cover
    figure.set_layout_engine("none")
    at = axes.transData.transform(points[["theta", "half"]].to_numpy(dtype=float).reshape(-1, 2)) * 72 / figure.dpi
    for (name, line), place, (x, y) in zip(points.iterrows(), free_places(at, points.index.str.len() * 3.7, 72 * style.DOUBLE), at, strict=True):
        axes.plot(line["theta"], line["half"], "o", color=LINES[line["verdict"]], markeredgecolor=style.INK, markeredgewidth=0.5, markersize=4.5)
        axes.annotate(name, (line["theta"], line["half"]), (place[0] - x, place[1] - y), textcoords="offset points", fontsize=6.5, ha="left", va="center")
    return figure


def areas(reach: float, tall: float) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """The zones of the rule for intervals that are the same on both sides, as heights over points across: the pale ground first, the others on it.

    Parameters: largest estimate and largest half-width of the picture, in smallest effects of interest. An interval leaves out zero below the diagonal.
    """
    far = np.unique(np.concatenate([np.linspace(1, 3, 41), np.geomspace(3, max(reach, 3.1), 81)]))
    near = np.linspace(-1, 1, 81)
    return [
        ("inconclusive", np.array([-reach, reach]), np.full(2, tall)), ("supported", far, np.minimum(far, tall)), ("contradicted", -far[::-1], np.minimum(far[::-1], tall)),
        ("negligible", near, 1 - np.abs(near)),
    ]  # fmt: skip


def free_places(points: np.ndarray, widths, right_end: float) -> list[tuple[float, float]]:
    """A place (left end, middle) for the label of each point, beside it where nothing else is, else a little farther; in the order of the points, all in points of print.

    No label reaches beyond `right_end`.
    """
    boxes = [(x - 4, y - 4, x + 4, y + 4) for x, y in points]
    places = []
    for (x, y), width in zip(points, widths, strict=True):
        tried = [(x + 6 if right else x - 6 - width, y + up) for up in (0, 7, -7, 12, -12, 18, -18, 24, -24) for right in (True, False)]
        tried = [place for place in tried if place[0] + width <= right_end]
        cost = [sum(_overlap((left, middle - 4, left + width, middle + 4), box) for box in boxes) + 0.01 * number for number, (left, middle) in enumerate(tried)]
        left, middle = tried[int(np.argmin(cost))]
        places.append((float(left), float(middle)))
        boxes.append((left, middle - 4, left + width, middle + 4))
    return places


def _overlap(one: tuple, other: tuple) -> float:
    return max(0.0, min(one[2], other[2]) - max(one[0], other[0])) * max(0.0, min(one[3], other[3]) - max(one[1], other[1]))


def _in_effects_across(axes, reach: float) -> None:
    """The axis of estimates in smallest effects of interest: linear up to three, logarithmic beyond."""
    axes.set_xscale("symlog", linthresh=3, linscale=1.5)
    axes.set_xlim(-reach, reach)
    ticks = [tick for tick in (-100, -30, -10, -3, -2, -1, 0, 1, 2, 3, 10, 30, 100) if abs(tick) <= reach]
    axes.set_xticks(ticks, [f"{tick}".replace("-", "−") for tick in ticks])
    axes.set_xlabel("Estimate, in smallest effects of interest (beyond three: logarithmic)")


def moves(before: pd.DataFrame, after: pd.DataFrame) -> style.Picture:
    """Estimates and intervals that a change moves, in smallest effects of interest: before as a thin line, after in the colour of the verdict.

    Parameters: two tables of `whatif.verdicts_of`. Between the dotted lines an effect is smaller than the smallest of interest.
    """
    old, new = in_effects(before), in_effects(after)
    found = [name for name in whatif.moved(before, after)["claim"] if name in old.index and name in new.index][::-1]
    figure = style.new(style.DOUBLE, 1.1 + 0.26 * len(found))
    axes = figure.subplots()
    for row, name in enumerate(found):
        for line, height, colour, wide in ((old.loc[name], row + 0.17, BEFORE, 0.8), (new.loc[name], row - 0.17, LINES[new.loc[name, "verdict"]], 1.8)):
            axes.plot([line["lower"], line["upper"]], [height] * 2, color=colour, linewidth=wide)
            axes.plot(line["theta"], height, "o", color=colour, markerfacecolor="white" if colour == BEFORE else colour, markersize=4)
    axes.set_yticks(range(len(found)), found)
    limits = pd.concat([frame.loc[found, ["lower", "upper"]] for frame in (old, new)]).abs().to_numpy()
    _in_effects_across(axes, 1.2 * float(np.max([3.0, *limits.ravel()])))
    axes.axvline(0, color=style.INK, linewidth=0.6)
    for border in (-1, 1):
        axes.axvline(border, color=style.INK, linewidth=0.6, linestyle=":")
    said = [name for name in style.VERDICTS if name in set(new.loc[found, "verdict"])]
    keys = [Line2D([], [], color=BEFORE, linewidth=0.8, marker="o", markerfacecolor="white", markersize=4, label="before")]
    keys += [Line2D([], [], color=LINES[name], linewidth=1.8, marker="o", markersize=4, label=f"after: {name}") for name in said]
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
    figure.legend(handles=_keys(shown), loc="outside upper center", ncols=max(1, len(shown)))
    return figure


def _hatch(name: str) -> str | None:
    return "////" if name == "contradicted" else None


def _paler(name: str) -> tuple:
    """The colour of a verdict as a ground for points."""
    return tuple(0.4 * part + 0.6 for part in to_rgb(style.VERDICTS[name]))


def _keys(names: list[str], paler: bool = False) -> list[Patch]:
    shown = {name: {"facecolor": _paler(name)} if paler else {"facecolor": style.VERDICTS[name], "hatch": _hatch(name)} for name in names}
    return [Patch(edgecolor=style.INK, linewidth=0.4, label=name, **look) for name, look in shown.items()]


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
            named = _farthest(mine, theta)
            reach = lines["theta"].max() - lines["theta"].min()
            for (name, rank, _, left), height in zip(named, style.place_labels([value for _, _, value, _ in named], 0.07 * reach), strict=True):
                axes.text(rank + (0.02 if left else -0.02) * len(mine), height, name, fontsize=6, ha="left" if left else "right", va="center")
        axes.set_xticks([])
        axes.set_xlabel(f"One {kind} left out, in the order of the estimate")
        inside = [border for border in (-sesoi, sesoi) if len(mine) and mine["theta"].min() - sesoi / 4 <= border <= mine["theta"].max() + sesoi / 4] if sesoi else []
        for border in inside:
            axes.axhline(border, color=style.INK, linewidth=0.6, linestyle=":")
    panels[0].set_ylabel("Estimate")
    return figure


def _farthest(lines: pd.DataFrame, theta: float) -> list[tuple[str, int, float, bool]]:
    """Label, rank and value of the three estimates that are farthest from `theta`, and whether they lie in the left half; those that are alike share a label at their inner end."""
    alike = []
    for value, group in lines.groupby(lines["theta"].round(6), sort=True):
        left = group.index[0] < len(lines) / 2
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        alike.append((group["name"].iloc[0][:30] + more, int(group.index.max() if left else group.index.min()), float(value), bool(left)))
    return sorted(alike, key=lambda item: (-abs(item[2] - theta), item[2]))[:3]
