"""Specification curve of a claim: every estimate of its multiverse in order, and below it the choices behind each (Simonsohn, Simmons and Nelson 2020)."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from coalitions import claims, spread
from coalitions.figures import style

LEFT, RIGHT, ROW, CURVE = 0.335, 0.985, 0.118, 2.3  # shares of the width; heights in inches of a row of choices and of the curve
MANY = 300  # with more specifications the marks are drawn as one picture, or the vector file would be as large as a photograph


def ordered(multiverse: pd.DataFrame) -> pd.DataFrame:
    """Specifications in the order in which they are drawn: by theta, without one by their number; those that cannot be estimated last."""
    frame = multiverse.assign(_last=multiverse["verdict"] == "not-estimable").sort_values(["_last", "theta", "specification"], na_position="last", kind="stable", ignore_index=True)
    return frame.drop(columns="_last").assign(order=np.arange(len(frame)))


def choices(frame: pd.DataFrame, shares: list[dict]) -> list[tuple[str, float | None, list[str], np.ndarray]]:
    """Dimension, share of the spread, values, and for each specification the place of its value; the largest share first. Dimensions with one value are left out."""
    values, groups = spread.parsed(frame["dimensions"]), []
    for entry in shares:
        name = entry["dimension"]
        if name in values and values[name].nunique() > 1:
            levels = sorted(values[name].unique(), key=lambda text: (not text.replace(".", "").isdigit(), float(text) if text.replace(".", "").isdigit() else 0, text))
            groups.append((name, entry["share"], levels, values[name].map({level: place for place, level in enumerate(levels)}).to_numpy()))
    return groups


def words(text: str) -> str:
    """A name of the configuration as words."""
    return text.replace("-", " ").replace("_", " ")


def plot(result: dict, multiverse: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """The curve of one claim above the matrix of its choices.

    Parameters: content of `results/claims/<id>.json`; rows of `results/claims/multiverse/<id>.csv`. Returns the figure and the rows in the order drawn:
    `order, specification, primary, theta, lower, upper, verdict, dimensions`.
    """
    frame = ordered(multiverse)
    groups = choices(frame, result["spread"])
    rows = sum(len(levels) for _, _, levels, _ in groups) + len(groups)
    height = 0.65 + CURVE + ROW * (rows + 1.5)
    figure = style.new(style.DOUBLE, height, layout="none")
    matrix_height = ROW * (rows + 1.5)
    curve = figure.add_axes((LEFT, (0.2 + matrix_height + 0.12) / height, RIGHT - LEFT, CURVE / height))
    matrix = figure.add_axes((LEFT, 0.2 / height, RIGHT - LEFT, matrix_height / height))
    _curve(curve, frame, result)
    _matrix(matrix, frame, groups)
    used = [name for name in style.VERDICTS if name in set(frame["verdict"])]
    handles = [Patch(facecolor=style.VERDICTS[name], edgecolor=style.INK, linewidth=0.4, label=words(name)) for name in used]
    figure.legend(handles=handles, loc="upper right", bbox_to_anchor=(RIGHT, 1.0), ncols=len(used), fontsize=7, handlelength=1, columnspacing=1.2, borderaxespad=0.3)
    return figure, frame[["order", "specification", "primary", "theta", "lower", "upper", "verdict", "dimensions"]]


def _curve(axes: Axes, frame: pd.DataFrame, result: dict) -> None:
    """Estimates with their intervals, the smallest effect of interest as a band, the primary specification marked."""
    known = frame[frame["theta"].notna()]
    axes.set_xlim(-0.5, len(frame) - 0.5)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    if known.empty:
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        reasons = frame["verdict"].map(words).value_counts()
        said = "No specification has an estimate: " + ", ".join(f"{count} {verdict}" for verdict, count in reasons.items())
        axes.text(0.5, 0.5, said, transform=axes.transAxes, ha="center", va="center", fontsize=8)
        return
    low, high = _window(known)
    flat = len(known) > MANY
    at = known["order"].to_numpy(dtype=float)
    ends = known[["lower", "upper"]].fillna({"lower": -np.inf, "upper": np.inf}).clip(low - 1, high + 1)
    bare = (known["lower"].isna() & known["upper"].isna()).to_numpy()
    lines = np.stack([np.column_stack([at, ends["lower"]]), np.column_stack([at, ends["upper"]])], axis=1)[~bare]
    colours = np.array([to_rgb(style.VERDICTS[verdict]) for verdict in known["verdict"]])
    width = max(0.35, min(1.6, 200 / len(frame)))
    axes.add_collection(LineCollection(lines, colors=0.45 + 0.55 * colours[~bare], linewidths=width, rasterized=flat, zorder=1))
    axes.scatter(at, known["theta"], s=max(1.2, min(10, 1500 / len(frame))), color=colours, edgecolors=style.INK, linewidths=0.15, rasterized=flat, zorder=2)
    axes.axhline(0, color=style.INK, linewidth=0.6)
    if (sesoi := claims.smallest_effect(result)) is not None:
        axes.axhspan(-sesoi, sesoi, color=style.PALE, alpha=0.55, linewidth=0, zorder=0)
        below = -sesoi > low + 0.12 * (high - low)  # the estimates rise to the right, so that there is room under the band, or at its foot
        place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "ha": "right", "va": "top" if below else "bottom"}
        axes.annotate("smallest effect\nof interest", (1.0, -sesoi if below else low), xytext=(-2, -2 if below else 2), fontsize=6, **place)
    primary = known[known["primary"] == 1]
    for row in primary.itertuples():
        axes.plot([row.order], [row.theta], marker="D", markersize=5, markerfacecolor="white", markeredgecolor=style.INK, markeredgewidth=1.1, zorder=4)
        axes.axvline(row.order, color=style.INK, linewidth=0.5, linestyle=":", zorder=1)
        right = row.order < 0.6 * len(frame)
        text = f"primary: {words(row.verdict)}"
        axes.annotate(
            text,
            (row.order, 0.98),
            xycoords=("data", "axes fraction"),
            xytext=(3 if right else -3, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="top",
            fontsize=7,
        )
    axes.set_ylim(low, high)
    axes.set_ylabel(_folded(result["estimate"]["unit"]), fontsize=7)
    axes.tick_params(labelsize=7)


def _window(known: pd.DataFrame) -> tuple[float, float]:
    """Limits of the vertical axis: every estimate, and the intervals but for the longest twentieth, which are cut at the edge."""
    theta = known["theta"].to_numpy(dtype=float)
    lower, upper = (known[name].to_numpy(dtype=float) for name in ("lower", "upper"))
    lower, upper = lower[np.isfinite(lower)], upper[np.isfinite(upper)]
    low = min(theta.min(), np.percentile(lower, 5) if len(lower) else theta.min(), 0)
    high = max(theta.max(), np.percentile(upper, 95) if len(upper) else theta.max(), 0)
    room = 0.06 * (high - low or 1)
    return low - room, high + 2 * room


def _folded(text: str, width: int = 34) -> str:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def _matrix(axes: Axes, frame: pd.DataFrame, groups: list) -> None:
    """The verdict of each specification, and a row for each value of each dimension, dark where a specification has it."""
    rows = sum(len(levels) for _, _, levels, _ in groups) + len(groups)
    without = (frame["verdict"] == "not-estimable").to_numpy()
    picture = np.ones((rows + 1, len(frame), 3))
    picture[0] = [to_rgb(style.VERDICTS[verdict]) for verdict in frame["verdict"]]
    axes.text(-0.012, 0, "verdict", transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=6.5, fontweight="bold")
    row = 2
    for name, share, levels, places in groups:
        head = words(name) + ("" if share is None else f"  {100 * share:.0f} %")
        axes.text(-0.5, row, head, transform=axes.get_yaxis_transform(), ha="left", va="center", fontsize=6.5, fontweight="bold")
        for place, level in enumerate(levels):
            has = places == place
            picture[row, :] = to_rgb("#F4F4F4")
            picture[row, has & ~without] = to_rgb("#3A3A3A")
            picture[row, has & without] = to_rgb("#A8A8A8")
            axes.text(-0.012, row, words(level), transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=6)
            row += 1
        row += 1
    axes.imshow(picture, aspect="auto", interpolation="nearest", extent=(-0.5, len(frame) - 0.5, rows + 0.5, -0.5))
    for order in frame.loc[frame["primary"] == 1, "order"]:
        axes.plot([order], [0.95], marker="^", markersize=4, color=style.INK, linestyle="")
    axes.set_xlim(-0.5, len(frame) - 0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    said = f"{len(frame):,} specifications".replace(",", "\u202f") + (f", {int(without.sum())} of them not estimable (right, pale)" if without.any() else "")
    axes.set_xlabel(said, fontsize=7, labelpad=2)
