"""What happens in a theatre when a coalition first enters it: effective numbers by theatre and period, and two estimators of an event study.

- An operation is present in each of its theatres (`theatres` of the operations panel) from its start to its observed end. Names of one chain are one operation; the provider is who
  commands (as in `panels.theatre_operation_years`), a coalition being its family.
- The effective number of a theatre and period without anyone at work is 0.
- A theatre is entered in the year of the first start of an operation of the arrangement in it; theatres that are never entered are controls.
- Of entered theatres the years from `LEADS` before to `LAGS` after the entry are kept, by both estimators. The year before the entry is the reference.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from coalitions import fixedeffects
from coalitions.panels import ARRANGEMENTS, family_of, observed_end
from coalitions.survival import NotEstimable

LEADS, LAGS = 5, 10
FEWEST = 5  # theatres in a group below which nothing is compared
RELATIVE = np.arange(-LEADS, LAGS + 1)


@dataclass(frozen=True)
class Layout:
    """Lines of operation and theatre in whole numbers: all that dates leave as it is.

    By line: `row` (position among the operations), `theatre`, `provider`, `chain` (codes), `kind` (position in `ARRANGEMENTS`). Names by code in `theatres`, `providers`.
    """

    row: np.ndarray
    theatre: np.ndarray
    provider: np.ndarray
    chain: np.ndarray
    kind: np.ndarray
    theatres: np.ndarray
    providers: np.ndarray


@dataclass(frozen=True)
class Lines:
    """Lines of a layout with their days: what effective numbers are made from (`start`, `last`: days since 1970, both at work)."""

    theatre: np.ndarray
    provider: np.ndarray
    chain: np.ndarray
    kind: np.ndarray
    start: np.ndarray
    last: np.ndarray

    def where(self, mask: np.ndarray) -> "Lines":
        """The lines of a mask."""
        return Lines(*(getattr(self, name)[mask] for name in ("theatre", "provider", "chain", "kind", "start", "last")))


@dataclass(frozen=True)
class Effects:
    """Effects by year since the entry (`relative`), their covariance, treated theatres by term, degrees of freedom, numbers of treated theatres, controls and rows.

    `missing` holds the relative years that cannot be estimated.
    """

    relative: np.ndarray
    estimate: np.ndarray
    cov: np.ndarray
    treated: np.ndarray
    df: int
    n_treated: int
    n_controls: int
    n: int
    missing: tuple[int, ...] = ()


def layout(operations: pd.DataFrame) -> Layout:
    """The layout of the operations panel: those that deployed, in every theatre that they have. An operation without a theatre has no line."""
    row = np.flatnonzero((operations["deployed"] == 1).to_numpy())
    families = family_of(operations)
    kinds = operations["arrangement"].to_numpy(dtype=object)
    names, organisations = operations["operation_id"].to_numpy(dtype=object), operations["organisation"].to_numpy(dtype=object)
    provider = np.array([str(families[name] if kind == "ahc" else organisation) for name, kind, organisation in zip(names, kinds, organisations, strict=True)], dtype=object)
    held = [text.split("+") if isinstance(text, str) and text else [] for text in operations["theatres"]]
    row = np.repeat(row, [len(held[i]) for i in row])
    place = np.array([name for i in np.unique(row) for name in held[i]], dtype=str)
    theatres, theatre = np.unique(place, return_inverse=True)
    providers, code = np.unique(provider.astype(str), return_inverse=True)
    chain = np.unique(operations["chain_id"].to_numpy(dtype=str), return_inverse=True)[1]
    kind = pd.Index(ARRANGEMENTS).get_indexer(kinds)
    return Layout(row, theatre, code[row], chain[row], kind[row], theatres.astype(object), providers.astype(object))


def dated(held: Layout, operations: pd.DataFrame, cutoff: pd.Timestamp) -> Lines:
    """The lines with the days of `operations` (its rows in the order of the layout)."""
    start = operations["start"].to_numpy().astype("datetime64[D]").astype(np.int64)[held.row]
    last = np.minimum(observed_end(operations, cutoff).to_numpy().astype("datetime64[D]").astype(np.int64)[held.row], int(np.datetime64(cutoff, "D").astype(np.int64)))
    return Lines(held.theatre, held.provider, held.chain, held.kind, start, np.maximum(start, last))


def effective(lines: Lines, of: str, edges: np.ndarray, n_theatres: int) -> dict[str, np.ndarray]:
    """Effective numbers by theatre and period (`simpson`, `shannon`; the sums of `diversity.effective_number` for all cells at once), and `count`.

    Parameters: lines; `providers` or `operations`; first days of the periods and the day after the last one (days since 1970); number of theatres.
    Weights are days at work in the period. A cell without anyone is 0.
    """
    unit = lines.provider if of == "providers" else lines.chain
    periods = len(edges) - 1
    start, stop = np.maximum(lines.start, edges[0]), np.minimum(lines.last + 1, edges[-1])
    inside = stop > start
    theatre, unit, start, stop = lines.theatre[inside], unit[inside], start[inside], stop[inside]
    begin, finish = np.searchsorted(edges, start, side="right") - 1, np.searchsorted(edges, stop, side="left") - 1
    repeat = finish - begin + 1
    index = np.repeat(np.arange(len(repeat)), repeat)
    period = begin[index] + np.arange(len(index)) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    days = np.minimum(stop[index], edges[period + 1]) - np.maximum(start[index], edges[period])
    width = int(unit.max()) + 1 if len(unit) else 1
    code, where = np.unique((theatre[index] * periods + period) * width + unit[index], return_inverse=True)
    weight, cell = np.bincount(where, weights=days, minlength=len(code)), code // width
    size = n_theatres * periods
    total = np.bincount(cell, weights=weight, minlength=size)
    share = weight / total[cell]
    busy = total > 0
    squares, entropy = np.bincount(cell, weights=share**2, minlength=size), np.bincount(cell, weights=-share * np.log(share), minlength=size)
    numbers = {"simpson": np.where(busy, 1 / np.where(busy, squares, 1), 0.0), "shannon": np.where(busy, np.exp(entropy), 0.0)}
    numbers["count"] = np.bincount(cell, minlength=size).astype(float)
    return {name: values.reshape(n_theatres, periods) for name, values in numbers.items()}


def year_edges(first: int, last: int) -> np.ndarray:
    """First days of the years `first` to `last`, and the day after."""
    return (np.arange(first, last + 2) - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)


def month_edges(first: int, last: int) -> np.ndarray:
    """First days of the months of the years `first` to `last`, and the day after."""
    return np.arange(12 * (first - 1970), 12 * (last - 1969) + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def yearly(lines: Lines, of: str, first: int, last: int, n_theatres: int, resolution: str = "year") -> dict[str, np.ndarray]:
    """Effective numbers by theatre and year; `month`: the mean over the months of the year, in which only those at work in the same month are beside each other."""
    if resolution == "year":
        return effective(lines, of, year_edges(first, last), n_theatres)
    numbers = effective(lines, of, month_edges(first, last), n_theatres)
    return {name: values.reshape(n_theatres, -1, 12).mean(axis=2) for name, values in numbers.items()}


def last_full_year(cutoff: pd.Timestamp) -> int:
    """The last year that is observed to its end."""
    return cutoff.year if (cutoff.month, cutoff.day) == (12, 31) else cutoff.year - 1


def first_entries(lines: Lines, kind: int, n_theatres: int) -> tuple[np.ndarray, np.ndarray]:
    """Year of the first entry of an arrangement by theatre (0: never), and which lines belong to the providers that entered first (all who started on that day)."""
    mine = lines.kind == kind
    first = np.full(n_theatres, np.iinfo(np.int64).max)
    np.minimum.at(first, lines.theatre[mine], lines.start[mine])
    never = first == np.iinfo(np.int64).max
    year = np.where(never, 0, np.where(never, 0, first).astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970)
    width = int(lines.provider.max()) + 1 if len(lines.provider) else 1
    pair = lines.theatre * width + lines.provider
    return year, mine & np.isin(pair, pair[mine & (lines.start == first[lines.theatre])])


def sample(entry: np.ndarray, present: np.ndarray, since: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray, int]:
    """Theatres that are treated (entered from `since` on, with the year before in the panel), controls (never entered), and the first year of the panel.

    Parameters: years of entry by theatre (0: never); theatres that ever had an operation of the scope; first year of entries; first and last year observed.
    Theatres that were entered before `since`, or after the last year, are neither.
    """
    begin = max(first, since - LEADS)
    return present & (entry >= max(since, begin + 1)) & (entry <= last), present & (entry == 0), begin


def interaction_weighted(y: np.ndarray, entry: np.ndarray, treated: np.ndarray, controls: np.ndarray, first: int) -> Effects | NotEstimable:
    """Interaction-weighted effects by year since the entry (Sun and Abraham 2021), never-entered theatres as controls.

    Parameters: outcome by theatre and year; years of entry; which theatres are treated and controls; the first year of `y`.
    In a balanced panel the saturated regression (theatre and year effects, a term for each year of entry and each relative year but -1) gives for each year of entry the
    difference in differences to the controls; their mean, weighted by the theatres observed, is the mean over treated theatres. The variance is summed by theatre from the
    influences of treated theatres and controls (Callaway and Sant'Anna 2021), with n / (n - 1) in each group: the sandwich of the regression takes a year in which one theatre
    alone is entered as known without error.
    """
    n1, n0 = int(treated.sum()), int(controls.sum())
    if min(n1, n0) < FEWEST:
        return NotEstimable(f"fewer than five theatres in a group ({n1} entered, {n0} never entered)")
    years, at = y.shape[1], entry[treated] - first
    base, rest = y[treated], y[controls]
    mean = rest.mean(axis=0)
    deviation = rest - mean
    when = at[:, None] + RELATIVE
    seen = (when >= 0) & (when < years)
    moment = np.clip(when, 0, years - 1)
    effect = (base[np.arange(n1)[:, None], moment] - mean[moment]) - (base[np.arange(n1), at - 1] - mean[at - 1])[:, None]
    size = seen.sum(axis=0)
    enough = (size >= FEWEST) & (RELATIVE != -1)
    relative, size, seen, effect, moment = RELATIVE[enough], size[enough], seen[:, enough], effect[:, enough], moment[:, enough]
    estimate = np.where(seen, effect, 0).sum(axis=0) / size
    influence = np.where(seen, effect - estimate, 0) / size
    weights = np.zeros((years, len(relative)))
    column = np.broadcast_to(np.arange(len(relative)), seen.shape)
    np.add.at(weights, (moment[seen], column[seen]), 1.0)
    np.add.at(weights, (np.broadcast_to((at - 1)[:, None], seen.shape)[seen], column[seen]), -1.0)
    other = -(deviation @ (weights / size)) / n0
    cov = influence.T @ influence * n1 / (n1 - 1) + other.T @ other * n0 / (n0 - 1)
    missing = tuple(int(r) for r in RELATIVE[~enough] if r != -1)
    return Effects(relative, estimate, cov, size, n1 - 1, n1, n0, int(seen.sum()) + n1 + n0 * years, missing)


@dataclass(frozen=True)
class TwoWay:
    """The design of the two-way model with the rows that it takes: what outcomes of one sample share."""

    design: fixedeffects.Design
    rows: np.ndarray
    relative: np.ndarray
    treated: np.ndarray
    missing: tuple[int, ...]
    n_treated: int
    n_controls: int


def two_way_design(entry: np.ndarray, treated: np.ndarray, controls: np.ndarray, first: int, years: int) -> TwoWay | NotEstimable:
    """The design of `two_way_effects`; parameters as there, with the number of years in place of the outcome."""
    n1, n0 = int(treated.sum()), int(controls.sum())
    if min(n1, n0) < FEWEST:
        return NotEstimable(f"fewer than five theatres in a group ({n1} entered, {n0} never entered)")
    theatre, year = np.indices((len(entry), years))
    since = np.where(treated[:, None], year + first - entry[:, None], -1)
    rows = controls[:, None] | (treated[:, None] & (since >= -LEADS) & (since <= LAGS))
    size = np.array([int((rows & (since == r)).sum()) for r in RELATIVE])
    enough = (size >= FEWEST) & (RELATIVE != -1)
    relative = RELATIVE[enough]
    # A relative year of fewer theatres is left out with its rows: in the reference it would bend it.
    rows = rows & (np.isin(since, relative) | (since == -1))
    design = fixedeffects.design(since[rows][:, None] == relative, theatre[rows], year[rows])
    if isinstance(design, NotEstimable):
        return design
    return TwoWay(design, rows, relative, size[enough], tuple(int(r) for r in RELATIVE[~enough] if r != -1), n1, n0)


def two_way_effects(y: np.ndarray, entry: np.ndarray, treated: np.ndarray, controls: np.ndarray, first: int, held: TwoWay | None = None) -> Effects | NotEstimable:
    """Effects by year since the entry from one regression with effects of theatres and years, variance clustered by theatre (CR1); parameters as in `interaction_weighted`.

    With entries at different years and effects that change over time or differ between theatres a term mixes effects of other relative years, with weights that can be negative
    (Goodman-Bacon 2021; Sun and Abraham 2021); leads can differ from zero without a trend before the entry. `held`: the design, if it is already there.
    """
    held = two_way_design(entry, treated, controls, first, y.shape[1]) if held is None else held
    if isinstance(held, NotEstimable):
        return held
    model = fixedeffects.fit(held.design, y[held.rows])
    return Effects(held.relative, model.params, model.cov, held.treated, model.df, held.n_treated, held.n_controls, model.n, held.missing)


ESTIMATORS = {"interaction-weighted": interaction_weighted, "two-way": two_way_effects}


def mean_effect(effects: Effects, begin: int, end: int) -> tuple[float, float] | NotEstimable:
    """Mean of the effects from relative year `begin` to `end`, and its standard error. Not estimable if one of them is not, or without variance."""
    wanted = (effects.relative >= begin) & (effects.relative <= end)
    if wanted.sum() < end - begin + 1:
        return NotEstimable(f"fewer than five theatres are observed in a year from {begin} to {end} after the entry")
    weight = wanted / wanted.sum()
    variance = float(weight @ effects.cov @ weight)
    if variance < 1e-20:
        return NotEstimable("the outcome does not vary: the effect has no variance")
    return float(weight @ effects.estimate), variance**0.5


def pre_trend(effects: Effects) -> tuple[float, int, float] | NotEstimable:
    """Joint test of the years before the entry (F, number of leads, p)."""
    before = effects.relative < -1
    return fixedeffects.joint(effects.estimate[before], effects.cov[np.ix_(before, before)], effects.df)
