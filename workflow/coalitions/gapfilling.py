"""Gaps that coalitions fill: launches into theatres where no operation of an organisation is at work, against permuted start dates.

The expected share is exact, not drawn: over all permutations of the start dates within a stratum a launch meets each date of the stratum equally often. Its permutation variance is
that of a linear statistic of a random permutation (Hoeffding 1951).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from coalitions.entries import Layout, Lines
from coalitions.survival import NotEstimable

FEWEST = 5
YEAR = 365
WINDOWS = {"at-launch": (0, 0), "year-before": (YEAR, 0), "year-around": (YEAR, YEAR)}  # days before and after the date
ERAS = (1990, 2001, 2014)  # first years of the eras after the first


@dataclass(frozen=True)
class Gaps:
    """Share of launches into a gap and the share expected under permuted dates, their difference with its limits, and the permutation's own standard deviation.

    `se`, `df`, `statistic`, `p`: of the sum by theatre; `permutation_sd`, `permutation_z`: of the dates permuted within strata; `moved`: launches whose difference can be other
    than zero; `alone`: launches that were left out.
    """

    observed: float
    expected: float
    difference: float
    se: float
    lower: float
    upper: float
    statistic: float
    p: float
    df: int
    permutation_sd: float
    permutation_z: float
    n: int
    theatres: int
    moved: int
    alone: int


def occupancy(theatre: np.ndarray, start: np.ndarray, last: np.ndarray, dates: np.ndarray, window: tuple[int, int], n_theatres: int) -> np.ndarray:
    """Whether someone is at work in a theatre from `window[0]` days before a date to `window[1]` after it: theatres x dates, True or False.

    Parameters: theatre, first and last day of each presence (whole days); dates in ascending order; days before and after; number of theatres.
    """
    low = np.searchsorted(dates, start - window[1], side="left")
    high = np.searchsorted(dates, last + window[0], side="right")
    seen, width = high > low, len(dates) + 1
    come, gone = (np.bincount(theatre[seen] * width + at[seen], minlength=n_theatres * width) for at in (low, high))
    return (come - gone).reshape(n_theatres, width).cumsum(axis=1)[:, :-1] > 0


def shares(empty: np.ndarray, when: np.ndarray, stratum: np.ndarray, theatre: np.ndarray, confidence: float) -> Gaps | NotEstimable:
    """Share of launches into a gap against permuted dates.

    Parameters: whether the place of each launch is empty at each date (launches x dates); position of the launch's own date; code of the stratum; code of the theatre; confidence.
    Launches that are alone in their stratum have no date to swap with: they are counted (`alone`) and left out. The standard error sums the deviations by theatre, with
    G / (G - 1), limits from t with G - 1 degrees of freedom; it takes the expected share as given.
    Not estimable with fewer than five launches or theatres, if every place is as empty at one date as at the other, or if all theatres differ alike from what is expected.
    """
    sizes = np.bincount(stratum) if len(stratum) else np.zeros(0, dtype=int)
    kept = np.flatnonzero(sizes[stratum] > 1) if len(stratum) else np.zeros(0, dtype=int)
    alone = len(stratum) - len(kept)
    n = len(kept)
    if n < FEWEST:
        return NotEstimable(f"{n} launches with a date to swap: fewer than five")
    codes = np.unique(theatre[kept], return_inverse=True)[1]
    groups = int(codes.max()) + 1
    if groups < FEWEST:
        return NotEstimable(f"launches in {groups} theatres: too few for a variance by theatre")
    own, expected, variance, moved = np.empty(n), np.empty(n), 0.0, np.zeros(n, dtype=bool)
    for code in np.unique(stratum[kept]):
        mine = np.flatnonzero(stratum[kept] == code)
        square = empty[np.ix_(kept[mine], when[kept[mine]])].astype(float)
        m = len(mine)
        own[mine], expected[mine] = np.diag(square), square.mean(axis=1)
        moved[mine] = square.min(axis=1) < square.max(axis=1)
        centred = square - square.mean(axis=1, keepdims=True) - square.mean(axis=0) + square.mean()
        variance += float((centred**2).sum()) / (m - 1)
    difference = own - expected
    theta = float(difference.mean())
    sums = np.bincount(codes, weights=difference - theta)
    se = float(np.sqrt(groups / (groups - 1) * (sums**2).sum()) / n)
    sd = float(np.sqrt(variance)) / n
    if sd < 1e-12:
        return NotEstimable("every place is as empty at one date as at another: the difference has no variance")
    if se < 1e-12:
        return NotEstimable("all theatres differ alike from what is expected: no variance by theatre")
    t = float(stdtrit(groups - 1, 0.5 + confidence / 2))
    return Gaps(
        float(own.mean()), float(expected.mean()), theta, se, theta - t * se, theta + t * se, theta / se, float(2 * stdtr(groups - 1, -abs(theta / se))), groups - 1,
        sd, theta / sd, n, groups, int(moved.sum()), alone,
    )  # fmt: skip


def permuted(empty: np.ndarray, when: np.ndarray, stratum: np.ndarray, draws: int, rng: np.random.Generator) -> float:
    """Two-sided Monte Carlo p of the share under dates permuted within strata, the observed dates counted as a draw (Phipson and Smyth 2010)."""
    rows = np.arange(len(when))
    groups = [np.flatnonzero(stratum == code) for code in np.unique(stratum)]
    expected = sum(float(empty[np.ix_(g, when[g])].mean(axis=1).sum()) for g in groups)
    observed = abs(float(empty[rows, when].sum()) - expected)
    hits, place = 0, when.copy()
    for _ in range(draws):
        for group in groups:
            place[group] = when[group][rng.permutation(len(group))]
        hits += abs(float(empty[rows, place].sum()) - expected) >= observed - 1e-9
    return (hits + 1) / (draws + 1)


def era_of(year: np.ndarray) -> np.ndarray:
    """Code of the era of a year: up to 1989, 1990 to 2000, 2001 to 2013, from 2014 on."""
    return np.searchsorted(ERAS, year, side="right")


@dataclass(frozen=True)
class Launches:
    """Launches with the emptiness of their place at every date: arguments of `shares` by name, and positions of the operations."""

    empty: np.ndarray
    when: np.ndarray
    stratum: np.ndarray
    theatre: np.ndarray
    rows: np.ndarray


def launches(held: Layout, lines: Lines, operations: pd.DataFrame, chosen: np.ndarray, occupants: np.ndarray, window: str, strata: str, place: str) -> Launches:
    """The launches of `chosen` operations, and where `occupants` leave a gap at which of their dates.

    Parameters: layout and dated lines of the operations panel; the panel (`start`, `theatre`, `region`); masks over its rows: who launches, who fills a theatre; a name of
    `WINDOWS`; `region` or `region-era`; `primary` (the primary theatre must be empty) or `all` (each of the theatres). Operations without a theatre or a region are left out.
    """
    known = chosen & (operations["theatre"].notna() & operations["region"].notna()).to_numpy() & np.isin(np.arange(len(operations)), held.row)
    rows = np.flatnonzero(known)
    start = operations["start"].to_numpy().astype("datetime64[D]").astype(np.int64)[rows]
    dates, when = np.unique(start, return_inverse=True)
    there = occupants[held.row]
    taken = occupancy(lines.theatre[there], lines.start[there], lines.last[there], dates, WINDOWS[window], len(held.theatres))
    theatre = np.searchsorted(held.theatres.astype(str), operations["theatre"].to_numpy(dtype=object)[rows].astype(str))
    if place == "primary":
        empty = ~taken[theatre]
    else:
        mine = np.flatnonzero(np.isin(held.row, rows))
        within = np.zeros((len(rows), len(held.theatres)), dtype=np.float32)
        within[np.searchsorted(rows, held.row[mine]), lines.theatre[mine]] = 1
        empty = within @ taken.astype(np.float32) == 0
    stratum = np.unique(operations["region"].to_numpy(dtype=object)[rows].astype(str), return_inverse=True)[1] if len(rows) else np.zeros(0, dtype=np.int64)
    if strata == "region-era":
        year = start.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
        stratum = np.unique(stratum * (len(ERAS) + 1) + era_of(year), return_inverse=True)[1] if len(rows) else stratum
    return Launches(empty, when, stratum, theatre, rows)


def launched(operations: pd.DataFrame, kind: str, scope: str, since: int) -> np.ndarray:
    """Which operations are launches of an arrangement: deployed, of the scope, no new name of an older one, started in `since` or later."""
    frame = operations
    mask = (frame["arrangement"] == kind) & (frame["deployed"] == 1) & (frame[f"scope_{scope}"] == 1) & frame["predecessor_id"].isna() & (frame["start"].dt.year >= since)
    return mask.to_numpy()


def occupying(operations: pd.DataFrame, kinds: tuple[str, ...], scope: str | None) -> np.ndarray:
    """Which operations fill a theatre: deployed, of one of the arrangements, of the scope (None: any operation of the register)."""
    mask = (operations["deployed"] == 1) & operations["arrangement"].isin(kinds)
    return (mask if scope is None else mask & (operations[f"scope_{scope}"] == 1)).to_numpy()
