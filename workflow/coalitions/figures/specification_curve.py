"""Specification curve of one claim (Simonsohn, Simmons and Nelson 2020): every estimate, and the choices that lead to it."""

import re
import textwrap

import numpy as np
import pandas as pd
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from coalitions.figures import style
from coalitions.quoted import count, interval, number, percent
from coalitions.spread import INTERACTIONS, infeasible, parsed

COLUMNS = [
    "part", "position", "specification", "dimensions", "primary", "theta", "lower", "upper", "verdict",
    "dimension", "value", "share", "specifications", "not_estimable", "mean_theta",
]  # fmt: skip
# Names of dimensions, and values, that do not read well once hyphens and underscores are spaces.
NAMES = {
    "base_from": "base rate from", "chains": "renamed chains", "counterpart": "duplicate of", "date_strata": "dates permuted in", "denominator": "counted per",
    "drafts": "vetoed drafts", "ends": "ways of ending", "ends_in": "ends counted in", "europe": "Europeans", "european_lead": "lead states", "european_per": "rate per",
    "exclude": "longest left out", "horizon_days": "horizon, days", "horizon_years": "horizon, years", "host_members": "hosts as members", "kinds": "UN missions",
    "lag_years": "lag, years", "led": "led by", "likeness": "likeness by", "lists": "contributions", "navies": "navies seen", "nested": "task forces", "next_from": "next one from",
    "others": "whose number", "pace_factor": "factor of pace", "pace_since": "series since", "places": "theatres", "post_years": "years after", "recurrence_years": "within years",
    "roles": "members", "scope": "inclusion rule", "shuffled": "starts permuted", "shuffled_within": "permuted within", "silent": "silent sources", "since": "series since",
    "size_by": "sizes compared by", "task_adjust": "adjusted for", "tau_years": "horizon, years", "through": "observed through", "two_state": "two-state AHCs",
    "unclear": "unclear means", "waters_by": "theatre counted",
}  # fmt: skip
VALUES = {
    "adhocism_like": "like ADHOCISM", "as-scope": "by the rule", "gulf-red-sea": "Gulf and Red Sea", "hodges-lehmann": "Hodges-Lehmann", "least-squares-hac": "least squares, HAC",
    "named-eu-nato": "named, EU, NATO", "sipri_scope": "like SIPRI", "theil-sen": "Theil-Sen", "united-states": "United States",
}  # fmt: skip
WORDS = {word.lower(): word for word in ("UN", "EU", "US", "NATO", "AHC", "IO", "European", "Europeans", "July", "Poisson", "Simpson", "Shannon", "Indian", "Ocean")}
SMALL, LINE = 6.3, 0.125  # points of all but the title; inches of a line of text
TOP, BETWEEN, ROW, GAP = 1.75, 0.22, 0.113, 0.05  # inches: the curve, the space below it, a line of the matrix, the space between dimensions
MEAN, STRIP = 0.5, 0.8  # inches of the two columns at the right
_SINK = 0.36 * SMALL / 72  # inches from the middle of a line of text to its base
_ABSENT, _LOST = "#F4F4F4", "#8C8C8C"


def words(text: str, known: dict[str, str] = VALUES) -> str:
    """A value of a dimension as words, or, with `NAMES`, the name of one; numbers and days stay as they are."""
    if text in known or re.fullmatch(r"[\d.-]+", text):
        return known.get(text, text)
    return " ".join(WORDS.get(word, word) for word in re.split(r"[_-]", text))


def described(multiverse: pd.DataFrame, verdicts: pd.DataFrame, spread: pd.DataFrame, claim: str) -> dict:
    """What the caption and the alternative text of a claim's curve may name; what is missing is None.

    Parameters: published tables claims/multiverse, claims/verdicts, claims/spread; claim. Returns `claim, quotation, verdict, reported, grade, unit, sesoi`, `theta, lower, upper`
    of the primary specification, `theta_min, theta_median, theta_max`, `interactions` (share of the spread), `specifications, not_estimable` and `by_verdict` (numbers of
    specifications), `drivers` (each a `dimension` in words with its `share`, largest first).
    """
    mine, row, shares = (table[table["claim"] == claim] for table in (multiverse, verdicts, spread))
    row, known = row.iloc[0], mine["theta"].dropna()
    tally = mine["verdict"].value_counts()
    own = shares[shares["dimension"] != INTERACTIONS].dropna(subset="share")
    rest = shares.loc[shares["dimension"] == INTERACTIONS, "share"]
    found = {
        **{key: row[key] for key in ("claim", "quotation", "verdict", "reported", "grade", "unit", "sesoi", "theta", "lower", "upper")},
        "theta_min": known.min(), "theta_median": known.median(), "theta_max": known.max(), "interactions": rest.sum() if rest.notna().any() else None,
    }  # fmt: skip
    return {name: None if pd.isna(value) else value for name, value in found.items()} | {
        "specifications": len(mine), "not_estimable": int(tally.get("not-estimable", 0)), "by_verdict": {name: int(tally[name]) for name in style.VERDICTS if name in tally},
        "drivers": [{"dimension": words(line.dimension, NAMES), "share": line.share} for line in own.itertuples()],
    }  # fmt: skip


def plot(multiverse: pd.DataFrame, verdicts: pd.DataFrame, spread: pd.DataFrame, claim: str) -> tuple[Figure, pd.DataFrame]:
    """Above, every estimate with its interval, lowest first, coloured by verdict; below, which choices led to it, dimensions by their share of the spread.

    Parameters: published tables claims/multiverse, claims/verdicts, claims/spread; claim. The primary specification is marked, its choices are in bold. Specifications with a
    verdict and no finite estimate stand at the right end, those that are not estimable are counted beside the values that they hold.
    Returns the figure and one line for each specification (`part` is `specification`: `position` in the curve, `specification, dimensions, primary, theta, lower, upper, verdict`)
    and for each value of a choice (`part` is `choice`: `dimension, value, share` of the spread, `specifications, not_estimable, mean_theta`).
    """
    mine, verdict, shares = (table[table["claim"] == claim] for table in (multiverse, verdicts, spread))
    curve, choices = _sorted(mine), _choices(mine, shares)
    estimable = curve[curve["position"].notna()]
    data = pd.concat([curve.assign(part="specification"), choices.assign(part="choice")], ignore_index=True).reindex(columns=COLUMNS)
    if estimable.empty:
        return _silent(verdict.iloc[0], mine), data
    page = _Page(verdict.iloc[0], choices, _notes(curve, choices, mine, shares))
    _curve(page, estimable, verdict.iloc[0])
    _matrix(page, estimable, choices, parsed(mine["dimensions"]))
    return page.figure, data


def _sorted(mine: pd.DataFrame) -> pd.DataFrame:
    """Specifications in the order of the curve: by estimate, then those with a verdict alone; `position` is missing for those that are not estimable, which come last."""
    lost = mine["verdict"] == "not-estimable"
    ordered = mine.assign(lost=lost, bare=mine["theta"].isna()).sort_values(["lost", "bare", "theta", "lower", "specification"], kind="stable")
    return ordered.assign(position=pd.Series(np.arange(len(mine)), ordered.index).where(~ordered["lost"]).astype("Int64")).drop(columns=["lost", "bare"])


def _choices(mine: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    """The values of each dimension that varies, dimensions as in the table of the spread, numbers in their order and words in that of the specifications."""
    chosen, share = parsed(mine["dimensions"]), shares.set_index("dimension")["share"]
    lost, primary = mine["verdict"] == "not-estimable", mine["primary"] == 1
    rows = []
    for name in dict.fromkeys([*share.index.drop(INTERACTIONS, errors="ignore"), *chosen]):
        values = list(chosen[name].unique())
        if len(values) < 2:
            continue
        for value in sorted(values, key=float) if all(value.replace(".", "", 1).isdigit() for value in values) else values:
            held = chosen[name] == value
            rows.append([name, value, share.get(name, np.nan), int(held.sum()), int((held & lost).sum()), mine["theta"][held].mean(), int((held & primary).any())])
    return pd.DataFrame(rows, columns=["dimension", "value", "share", "specifications", "not_estimable", "mean_theta", "primary"])


def _notes(curve: pd.DataFrame, choices: pd.DataFrame, mine: pd.DataFrame, shares: pd.DataFrame) -> list[str]:
    """What stands below the matrix."""
    rest = shares[shares["dimension"] == INTERACTIONS]
    said = "Bold, choices of the primary specification."
    if len(rest):
        share = rest["share"].iloc[0]
        said += f" The spread has no shares: {rest['reason'].iloc[0]}." if np.isnan(share) else f" Interactions of choices have {percent(share)} of the spread."
    chosen = parsed(mine["dimensions"])
    fixed = [f"{words(name, NAMES)} {chosen[name].iloc[0]}" for name in chosen if name not in set(choices["dimension"])]
    open_ended = int((curve["position"].notna() & curve["theta"].isna()).sum())
    notes = [
        said,
        f"The same in all: {', '.join(fixed)}." if fixed else "",
        f"{count(open_ended)} at the right end have a verdict without a finite estimate." if open_ended else "",
    ]
    return textwrap.wrap(" ".join(note for note in notes if note), 145)


def _width(texts: list[str], bold: bool = False) -> float:
    """Inches of the longest of some texts that are not empty."""
    font = FontProperties(family=style.RC["font.family"], weight="bold" if bold else "normal")
    return max((TextPath((0, 0), text, size=SMALL, prop=font, usetex=False).get_extents().width for text in texts), default=0.0) / 72


class _Page:
    """The paper: two drawing areas above one another with columns of text beside them, all placed in inches, so that labels stand where their lines are."""

    def __init__(self, verdict: pd.Series, choices: pd.DataFrame, notes: list[str]):
        names = [words(name, NAMES) for name in choices["dimension"].unique()]
        self.values = 0.05 + _width(names, bold=True) + 0.1
        self.left = max(self.values + _width([words(value) for value in choices["value"]], bold=True) + 0.08, 1.2)
        self.right = style.DOUBLE - MEAN - (STRIP if choices["not_estimable"].any() else 0)
        heads = _quoted(verdict)
        gaps = choices["dimension"].ne(choices["dimension"].shift()).cumsum() - 1 if len(choices) else pd.Series(dtype=float)
        self.rows = (np.arange(len(choices)) * ROW + gaps.to_numpy() * GAP).tolist()
        deep = self.rows[-1] + ROW if self.rows else 0.0
        above, below = 0.2 + LINE * len(heads) + 0.33, 0.08 + LINE * len(notes) + 0.03
        self.height = above + TOP + BETWEEN + deep + below
        self.figure = style.new(style.DOUBLE, self.height)
        self.figure.set_layout_engine("none")
        self.text(0.05, self.height - 0.05, _title(verdict), fontsize=8.5, fontweight="bold", va="top")
        for number_, line in enumerate(heads):
            self.text(0.05, self.height - 0.21 - number_ * LINE, line, va="top")
        for number_, line in enumerate(notes):
            self.text(0.05, below - 0.08 - number_ * LINE, line, va="top", color="#555555")
        self.legend = self.height - 0.23 - LINE * len(heads)  # inches: the upper edge of the line that explains the colours
        self.floor = below + deep + BETWEEN
        self.curve = self.axes(self.left, self.floor, self.right - self.left, TOP)
        self.matrix = self.axes(self.left, below, self.right - self.left, deep) if self.rows else None
        self.base = below + deep  # the upper edge of the matrix

    def text(self, x: float, y: float, text: str, **how):
        """A text at a place in inches."""
        return self.figure.text(x / style.DOUBLE, y / self.height, text, **({"fontsize": SMALL} | how))

    def axes(self, x: float, y: float, width: float, height: float):
        """Axes at a place in inches."""
        return self.figure.add_axes((x / style.DOUBLE, y / self.height, width / style.DOUBLE, height / self.height))


def _title(verdict: pd.Series) -> str:
    own = f" ({verdict['verdict']} in the primary specification)" if verdict["reported"] != verdict["verdict"] else ""
    return f"{verdict['claim']}: {verdict['reported']}{own}, grade {verdict['grade']}"


def _quoted(verdict: pd.Series) -> list[str]:
    return textwrap.wrap(f"“{verdict['quotation']}”", 145)


def _digits(values: pd.Series) -> int:
    """Decimals that tell such values apart."""
    return 2 if (wide := np.ptp(values.dropna())) < 10 else 1 if wide < 100 else 0


def _segments(starts: np.ndarray, ends: np.ndarray, **how) -> PathPatch:
    """Many separate lines as one path, which keeps vector files small."""
    corners = np.stack([starts, ends], axis=1).reshape(-1, 2)
    return PathPatch(Path(corners, np.tile([Path.MOVETO, Path.LINETO], len(starts))), facecolor="none", capstyle="butt", **how)


def _curve(page: _Page, estimable: pd.DataFrame, verdict: pd.Series) -> None:
    """Estimates with intervals, the band of the smallest effect, the primary specification."""
    axes, many = page.curve, len(estimable)
    cell = (page.right - page.left) * 72 / many
    sesoi = verdict["sesoi"] if pd.notna(verdict["sesoi"]) else 0.0
    ends = estimable[["theta", "lower", "upper"]].to_numpy(float)
    ends = ends[np.isfinite(ends)]
    if not len(ends):
        axes.text(0.5, 0.5, "verdicts without estimates", transform=axes.transAxes, ha="center", va="center", fontsize=SMALL)
    low, high = min(ends.min(initial=0.0), -sesoi), max(ends.max(initial=0.0), sesoi)
    room = 0.04 * (high - low or 1)
    axes.set_xlim(-0.5, many - 0.5)
    axes.set_ylim(low - room, high + room)
    if sesoi:
        axes.axhspan(-sesoi, sesoi, color="#EFEFEF", linewidth=0, zorder=0)
        for edge in (-sesoi, sesoi):
            axes.axhline(edge, color=_LOST, linewidth=0.5, linestyle=(0, (3, 2)), zorder=0.5)
        middle = page.floor + TOP * (0 - axes.get_ylim()[0]) / np.ptp(axes.get_ylim())
        page.text(page.right + 0.06, middle, f"smallest\neffect\n± {number(sesoi, _digits(estimable['theta']))}", va="center", color="#555555", linespacing=1.1)
    x = estimable["position"].to_numpy(float)
    for name, colour in style.VERDICTS.items():
        bounded = (estimable["verdict"] == name).to_numpy() & estimable[["lower", "upper"]].notna().any(axis=1).to_numpy()
        if bounded.any():  # a limit that is missing or infinite is beyond the edge
            lower = estimable["lower"].fillna(-np.inf).clip(*axes.get_ylim())[bounded]
            upper = estimable["upper"].fillna(np.inf).clip(*axes.get_ylim())[bounded]
            axes.add_artist(_segments(np.c_[x[bounded], lower], np.c_[x[bounded], upper], edgecolor=colour, linewidth=min(max(0.75 * cell, 0.3), 5), zorder=1))
    axes.axhline(0, color=style.INK, linewidth=0.6, zorder=2)
    known = estimable["theta"].notna().to_numpy()
    theta, half = estimable["theta"].to_numpy(float)[known], min(0.5, 5 / cell)
    if known.any():
        axes.add_artist(_segments(np.c_[x[known] - half, theta], np.c_[x[known] + half, theta], edgecolor=style.INK, linewidth=1.1, zorder=3))
    primary = estimable[estimable["primary"] == 1]
    over = page.floor + TOP + 0.04
    if len(primary):
        own = primary.iloc[0]
        at = float(own["position"])
        axes.axvline(at, color=style.INK, linewidth=0.6, zorder=2.5)
        axes.plot(at, own["theta"], "D", color=style.INK, markerfacecolor="white", markersize=4, markeredgewidth=0.9, zorder=4)
        share, digits = (at + 0.5) / many, _digits(estimable["theta"])
        found = interval(own["lower"], own["upper"], digits)
        said = f"primary {number(own['theta'], digits)} {found}" if pd.notna(own["theta"]) else f"primary without a finite estimate {found}"
        side = "left" if share < 0.25 else "right" if share > 0.75 else "center"
        page.text(page.left + share * (page.right - page.left), over, said, va="bottom", ha=side, fontweight="bold")
    else:
        page.text((page.left + page.right) / 2, over, "primary specification not estimable", va="bottom", ha="center", fontweight="bold")
    axes.set_xticks([])
    axes.locator_params(axis="y", nbins=6)
    axes.tick_params(axis="y", labelsize=SMALL)
    axes.spines["bottom"].set_visible(False)
    page.text(0.05, page.floor + TOP, "\n".join(textwrap.wrap(str(verdict["unit"]), max(int((page.left - 0.45) * 72 / SMALL / 0.56), 8))), va="top", linespacing=1.15)


def _matrix(page: _Page, estimable: pd.DataFrame, choices: pd.DataFrame, chosen: pd.DataFrame) -> None:
    """Which specification holds which value, in the colour of its verdict; names, shares, means and what is not estimable beside it. And the legend, with numbers."""
    lost, specifications = int(choices["not_estimable"].groupby(choices["dimension"]).sum().max()) if len(choices) else 0, len(chosen)
    tally = estimable["verdict"].value_counts().to_dict() | ({"not-estimable": lost} if lost else {})
    used = [name for name in style.VERDICTS if name in tally]
    patches = [
        Patch(facecolor=style.VERDICTS[name], edgecolor=style.INK, linewidth=0.4, hatch="////" if name == "contradicted" else None, label=f"{name} {count(tally[name])}")
        for name in used
    ]
    before = f"{count(specifications)} specifications, lowest estimate first"
    page.text(0.05, page.legend, before, va="top")
    page.figure.legend(
        handles=patches, loc="upper left", bbox_to_anchor=((0.25 + _width([before])) / style.DOUBLE, (page.legend + 0.002) / page.height), ncols=len(used), fontsize=SMALL,
        borderpad=0, borderaxespad=0, handlelength=1.4, columnspacing=1.4,
    )  # fmt: skip
    if page.matrix is None:
        return
    axes = page.matrix
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(estimable) - 0.5)
    axes.set_ylim(page.rows[-1] + ROW, 0)
    colours = np.array([to_rgb(style.VERDICTS[name]) for name in estimable["verdict"]])
    digits = _digits(estimable["theta"])
    page.text(style.DOUBLE - 0.06 - (STRIP if lost else 0), page.base + 0.04, "mean", ha="right", va="bottom", color="#555555")
    if choices["share"].notna().any():
        page.text(0.05, page.base + 0.04, "share of the spread", va="bottom", color="#555555")
    if lost:
        page.text(style.DOUBLE - 0.06, page.base + 0.04, "not estimable", ha="right", va="bottom", color="#555555")
    for name, mine in choices.groupby("dimension", sort=False):
        first, last = page.rows[mine.index[0]], page.rows[mine.index[-1]] + ROW
        held = chosen.loc[estimable.index, name].to_numpy()[None, :] == mine["value"].to_numpy()[:, None]
        axes.imshow(np.where(held[:, :, None], colours[None], to_rgb(_ABSENT)), extent=(-0.5, len(estimable) - 0.5, last, first), aspect="auto", interpolation="nearest")
        page.text(0.05, page.base - first - ROW / 2 - _SINK, words(name, NAMES), fontweight="bold")
        if pd.notna(share := mine["share"].iloc[0]):
            page.text(0.05, page.base - first - 1.5 * ROW - _SINK, percent(share))
        for row in mine.itertuples():
            y = page.base - page.rows[row.Index] - ROW / 2 - _SINK
            page.text(page.left - 0.05, y, words(row.value), ha="right", fontweight="bold" if row.primary else "normal")
            page.text(style.DOUBLE - 0.06 - (STRIP if lost else 0), y, number(row.mean_theta, digits), ha="right")
            if row.not_estimable:
                page.text(style.DOUBLE - 0.06, y, percent(row.not_estimable / row.specifications), ha="right")
    axes.set_xlim(-0.5, len(estimable) - 0.5)
    axes.set_ylim(page.rows[-1] + ROW, 0)
    axes.hlines(page.rows, -0.5, len(estimable) - 0.5, color="white", linewidth=0.8)
    if lost:
        _strip(page, choices)
    if len(primary := estimable[estimable["primary"] == 1]):
        axes.axvline(float(primary["position"].iloc[0]), color=style.INK, linewidth=0.6)


def _strip(page: _Page, choices: pd.DataFrame) -> None:
    """Bars of the share of the specifications with a value that are not estimable."""
    axes = page.axes(style.DOUBLE - STRIP + 0.1, page.base - page.rows[-1] - ROW, STRIP - 0.46, page.rows[-1] + ROW)
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(page.rows[-1] + ROW, 0)
    middles = np.array(page.rows) + ROW / 2
    axes.barh(middles, 1, height=ROW * 0.7, color=_ABSENT)
    axes.barh(middles, choices["not_estimable"] / choices["specifications"], height=ROW * 0.7, color=_LOST)


def _silent(verdict: pd.Series, mine: pd.DataFrame) -> Figure:
    """A page that says why there is no curve."""
    lines = [f"None of the {count(len(mine))} specifications can be estimated."]
    for row in infeasible(mine).itertuples():
        lines += textwrap.wrap(f"{count(row.specifications)}: {row.reason}", 140, subsequent_indent="    ")
    heads = _quoted(verdict)
    height = 0.35 + LINE * (len(heads) + len(lines) + 0.5)
    figure = style.new(style.DOUBLE, height)
    figure.set_layout_engine("none")
    figure.text(0.05 / style.DOUBLE, 1 - 0.05 / height, _title(verdict), fontsize=8.5, fontweight="bold", va="top")
    for number_, line in enumerate([*heads, "", *lines]):
        figure.text(0.05 / style.DOUBLE, 1 - (0.21 + number_ * LINE) / height, line, fontsize=SMALL, va="top")
    return figure
