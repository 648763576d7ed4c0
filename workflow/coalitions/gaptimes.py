"""Gap-times in theatres: what follows when an operation ends, how soon, and from which arrangement.

Inputs are the published `panels/operations.csv` and the register's `operation_theatres.csv`. Conventions:

- names of one chain (`chain_id`) that work in the same theatre are one presence: a change of name is neither an end nor a start;
- a gap begins on the last day of a presence and ends on the first day of the next one; a start on the same day counts one day, as the survival kernel takes no shorter gap;
- the next is the presence that starts first on or after that day; others that are still at work then are counted (`n_still_there`), not waited for;
- a presence is a hand-over successor if it is the `successor_id` of a name of the one that ended, in the same theatre. One that was there before the end, and stayed, follows
  at once (one day);
- without a next start up to the cut-off the gap is censored there. A presence with unknown end has no gap but can be a next one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from coalitions import survival
from coalitions.survival import DAYS_PER_YEAR, check_times

NOTHING = "none"  # column of `transitions` for ends that nothing has followed yet
SPAN = 10_000_000  # days between theatres on one line of numbers
COLUMNS = ("operation_id", "chain_id", "arrangement", "start", "end", "status", "successor_id", "deployed")


class GapInputError(ValueError):
    """Spells or places from which no gap should be computed."""


@dataclass(frozen=True)
class Layout:
    """Lines of operation and theatre, coded in whole numbers, and who can take over from whom: all that draws of dates leave as it is.

    By line: `row` (position among the operations), `theatre`, `chain`, `name` (ranks of theatre, chain and operation), `heir` (chain of the successor, -1: none). Texts by code in
    `theatres`, `chains`; by position in `names`, `arrangements`, `successors`.
    """

    row: np.ndarray
    theatre: np.ndarray
    chain: np.ndarray
    name: np.ndarray
    heir: np.ndarray
    theatres: np.ndarray
    chains: np.ndarray
    names: np.ndarray
    arrangements: np.ndarray
    successors: np.ndarray


def layout(spells: pd.DataFrame, places: pd.DataFrame, primary: bool = False) -> Layout:
    """The layout of operations in theatres.

    Parameters: columns of operations.csv; columns of operation_theatres.csv; whether only primary theatres count. Operations that never deployed are left out.
    Raises GapInputError if a column is missing, an operation occurs twice, or has no theatre or one twice.
    """
    for name, frame, columns in (("spells", spells, COLUMNS), ("places", places, ("operation_id", "theatre", "primary"))):
        missing = [column for column in columns if column not in frame]
        if missing:
            raise GapInputError(f"{name} has no column {', '.join(missing)}")
    deployed = spells["deployed"].astype(int).to_numpy() == 1
    names = spells["operation_id"].to_numpy(dtype=object)
    known = spells.loc[deployed, "operation_id"]
    if known.duplicated().any():
        raise GapInputError(f"operation {known[known.duplicated()].iloc[0]} occurs twice in spells")
    if places.duplicated(["operation_id", "theatre"]).any():
        raise GapInputError(f"operation {places.loc[places.duplicated(['operation_id', 'theatre']), 'operation_id'].iloc[0]} has a theatre twice in places")
    homeless = known[~known.isin(places["operation_id"])]
    if len(homeless):
        raise GapInputError(f"operation {homeless.iloc[0]} has no theatre")
    sites = places[places["primary"].astype(int) == 1] if primary else places
    at = pd.Index(known).get_indexer(sites["operation_id"])
    row, place = np.flatnonzero(deployed)[at[at >= 0]], sites["theatre"].to_numpy(dtype=object)[at >= 0]
    chain_ids = spells["chain_id"].to_numpy(dtype=object)
    theatre, theatres = pd.factorize(place, sort=True)
    chain, chains = pd.factorize(chain_ids, sort=True)
    successors = spells["successor_id"].fillna("").to_numpy(dtype=object)
    heir = pd.Series(chain, index=names).groupby(level=0).first().reindex(successors).fillna(-1).to_numpy().astype(np.int64)
    rank = pd.factorize(names, sort=True)[0]
    arrangements = spells["arrangement"].to_numpy(dtype=object)
    return Layout(row, theatre, chain[row], rank[row], heir[row], np.asarray(theatres, dtype=object), np.asarray(chains, dtype=object), names, arrangements, successors)


@dataclass(frozen=True)
class Presences:
    """Chains at work in theatres, by theatre and chain: codes, the line of the youngest name, days of start and last day (`open_end` if there is none), how many names."""

    key: np.ndarray
    theatre: np.ndarray
    chain: np.ndarray
    youngest: np.ndarray
    start: np.ndarray
    last: np.ndarray
    ended: np.ndarray
    unknown: np.ndarray
    lines: np.ndarray
    first: np.ndarray


def present(held: Layout, spells: pd.DataFrame, cutoff: pd.Timestamp) -> Presences:
    """The presences of a layout with the dates of `spells` (its rows in the order of the layout). Starts after the cut-off are left out; an end after it is none.

    Raises GapInputError if an operation has no start or ends before it starts.
    """
    start, end = (_days(pd.to_datetime(spells[name])) for name in ("start", "end"))
    missing = np.iinfo(np.int64).min
    for wrong, what in ((start == missing, "has no start"), ((end != missing) & (end < start), "ends before it starts")):
        wrong = wrong & np.isin(np.arange(len(spells)), held.row)
        if wrong.any():
            raise GapInputError(f"operation {held.names[wrong][0]} {what}")
    status, today = spells["status"].to_numpy(dtype=object), _days(pd.Series([cutoff]))[0]
    lines = np.flatnonzero(start[held.row] <= today)
    lines = lines[np.lexsort((held.name[lines], start[held.row[lines]], held.chain[lines], held.theatre[lines]))]
    keys = held.theatre[lines] * len(held.chains) + held.chain[lines]
    first = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(lines) else np.empty(0, dtype=np.int64)
    youngest = lines[np.append(first[1:], len(lines)) - 1] if len(lines) else lines
    row = held.row[youngest]
    ended = (status[row] == "ended") & (end[row] != missing) & (end[row] <= today)
    unknown = status[row] == "unknown"
    begins = start[held.row[lines[first]]]
    last = np.where(ended, end[row], np.where(unknown, begins, today + 1))
    return Presences(keys[first], held.theatre[youngest], held.chain[youngest], youngest, begins, last, ended, unknown, lines, first)


def _joined(held: Layout, there: Presences, texts: np.ndarray) -> np.ndarray:
    """Texts of the names of each presence that are not empty, joined by +, the oldest first. Nearly all have one name and need no work."""
    ends = np.append(there.first[1:], len(there.lines))
    result = texts[held.row[there.lines[there.first]]].copy()
    for i in np.flatnonzero(ends - there.first > 1):
        result[i] = "+".join(text for text in texts[held.row[there.lines[there.first[i] : ends[i]]]] if text)
    return result


def presences(spells: pd.DataFrame, places: pd.DataFrame, cutoff, primary: bool = False) -> pd.DataFrame:
    """One row per chain and theatre: `theatre, chain_id, operation_ids` (joined by +), `arrangement` (of the youngest name), `start, end, status, successors` (ids, joined by +).

    Parameters: as for `layout`; the last day observed. Operations that never deployed are left out, and so are starts after the cut-off. An end after the cut-off is none.
    """
    held = layout(spells, places, primary)
    there = present(held, spells, pd.Timestamp(cutoff))
    stamps = lambda days: days.astype("datetime64[D]").astype("datetime64[ns]")  # noqa: E731
    return pd.DataFrame(
        {
            "theatre": held.theatres[there.theatre], "chain_id": held.chains[there.chain], "operation_ids": _joined(held, there, held.names),
            "arrangement": held.arrangements[held.row[there.youngest]], "start": stamps(there.start),
            "end": np.where(there.ended, stamps(there.last), np.datetime64("NaT", "ns")),
            "status": np.where(there.ended, "ended", np.where(there.unknown, "unknown", "ongoing")), "successors": _joined(held, there, held.successors),
        }
    )  # fmt: skip


def gaps(spells: pd.DataFrame, places: pd.DataFrame, cutoff, primary: bool = False, handovers: bool = True) -> pd.DataFrame:
    """One row per end of a presence in a theatre: the time to the next start there.

    Parameters: as for `layout`; the last day observed; `handovers`: whether a hand-over successor can be the next one (False passes it over, and waits for a start that is no
    successor). Filter the rows, not the input, to ask about some ends only: what was left out of the input cannot be a next start.
    Returns `theatre, chain_id, operation_ids, arrangement, start, end, gap_days, followed` (1: a next start, 0: censored at the cut-off), `next_chain_id, next_operation_ids,
    next_arrangement, next_start, handed_over` (the next is a successor), `overlap_days` (by how many days the successor came before the end), `n_still_there` (others at work on
    the day after the end, the next one not counted; those with unknown end count on their first day only). Gaps of an end on the cut-off last 0 days: `recurrence` leaves them out.
    """
    return gaps_in(layout(spells, places, primary), spells, cutoff, handovers)


def gaps_in(held: Layout, spells: pd.DataFrame, cutoff, handovers: bool = True) -> pd.DataFrame:
    """The table of `gaps` from a layout that was made before, with the dates of `spells`: the same operations in the same order."""
    cutoff = pd.Timestamp(cutoff)
    there = present(held, spells, cutoff)
    order = np.lexsort((there.chain, there.start, there.theatre))
    place, chain, start, last, youngest = (values[order] for values in (there.theatre, there.chain, there.start, there.last, there.youngest))
    unknown, ended = there.unknown[order], there.ended[order]
    starts, lasts = place * SPAN + start, np.sort(place * SPAN + last)
    ends = np.flatnonzero(ended)
    day, here = last[ends], place[ends] * SPAN
    at, heir = _heirs(held, there, order, ends)
    size = len(order) + 1
    known = at * size + heir
    # the first start on or after the day, of another presence in the theatre
    row = np.searchsorted(starts, here + day, side="left")
    while True:
        inside = row < len(order)
        safe = np.minimum(row, len(order) - 1)
        inside &= place[safe] == place[ends]
        passed = inside & (safe == ends)
        if not handovers:
            passed |= inside & np.isin(np.arange(len(ends)) * size + safe, known)
        if not passed.any():
            break
        row = row + passed
    chosen = np.where(inside, row, -1)
    wait = np.where(inside, start[chosen] - day, np.iinfo(np.int64).max)
    if handovers and len(at):  # a successor that starts first, or is there already and stays
        ahead = start[heir] - day[at]
        stays = (ahead >= 0) | (last[heir] > day[at]) | unknown[heir]
        at, heir, ahead = at[stays], heir[stays], ahead[stays]
        best = np.lexsort((chain[heir], np.maximum(ahead, 0), at))
        best = best[np.append(True, at[best][1:] != at[best][:-1])] if len(best) else best
        at, heir, ahead = at[best], heir[best], ahead[best]
        sooner = np.maximum(ahead, 0) <= wait[at]
        chosen[at[sooner]], wait[at[sooner]] = heir[sooner], ahead[sooner]
    followed = chosen >= 0
    still = np.searchsorted(starts, here + day, side="right") - np.searchsorted(lasts, here + day, side="right")
    names, kinds = _joined(held, there, held.names)[order], held.arrangements[held.row[youngest]]
    chains, stamps = held.chains[chain], start.astype("datetime64[D]").astype("datetime64[ns]")
    result = {
        "theatre": held.theatres[place[ends]], "chain_id": chains[ends], "operation_ids": names[ends], "arrangement": kinds[ends],
        "start": stamps[ends], "end": day.astype("datetime64[D]").astype("datetime64[ns]"),
        "gap_days": np.where(followed, np.maximum(wait, 1), _days(pd.Series([cutoff]))[0] - day), "followed": followed.astype(np.int64),
    }  # fmt: skip
    for name, values in (("chain_id", chains), ("operation_ids", names), ("arrangement", kinds)):
        result[f"next_{name}"] = np.where(followed, values[chosen], np.nan) if len(order) else values
    result["next_start"] = np.where(followed, stamps[chosen], np.datetime64("NaT", "ns")) if len(order) else stamps
    result["handed_over"] = np.isin(np.arange(len(ends)) * size + chosen, known).astype(np.int64)
    result["overlap_days"] = np.where(followed, np.maximum(-wait, 0), 0)
    result["n_still_there"] = still - (followed & (wait <= 0) & (last[chosen] > day)) if len(order) else still
    sequence = np.lexsort((chain[ends], day, place[ends]))
    return pd.DataFrame({name: values[sequence] for name, values in result.items()})


def _days(dates: pd.Series) -> np.ndarray:
    """Days since 1970; a missing date is the smallest whole number."""
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _heirs(held: Layout, there: Presences, order: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of an end (its number among the ends) and the presence in the same theatre that takes over (its place in `order`)."""
    number = np.full(len(order), -1)
    number[order[ends]] = np.arange(len(ends))
    presence = np.repeat(np.arange(len(there.key)), np.diff(np.append(there.first, len(there.lines)))) if len(there.key) else np.empty(0, dtype=np.int64)
    heir = held.heir[there.lines]
    wanted = (heir >= 0) & (heir != there.chain[presence]) & (number[presence] >= 0) if len(presence) else np.empty(0, dtype=bool)
    presence, key = presence[wanted], there.theatre[presence[wanted]] * len(held.chains) + heir[wanted]
    found = np.minimum(np.searchsorted(there.key, key), len(there.key) - 1)
    hit = there.key[found] == key if len(key) else np.empty(0, dtype=bool)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    pairs = np.unique(np.column_stack([number[presence[hit]], place[found[hit]]]), axis=0).astype(np.int64)
    return pairs[:, 0], pairs[:, 1]


def transitions(gaps: pd.DataFrame, within_days: int | None = None) -> pd.DataFrame:
    """From the arrangement that ended to the next one: `arrangement, next_arrangement, n, share` (of the ends of that arrangement), every pair in it, `none` for no next.

    With `within_days` a later start is none, and ends that are not observed so long and have had no start yet are left out. Counts, not probabilities: without a horizon,
    ends shortly before the cut-off have had less time to be followed.
    """
    frame = gaps
    following = frame["next_arrangement"].where(frame["followed"] == 1, NOTHING)
    if within_days is not None:
        known = (frame["followed"] == 1) | (frame["gap_days"] >= within_days)
        following = following.where(frame["gap_days"] <= within_days, NOTHING)[known]
        frame = frame[known]
    kinds = sorted(set(gaps["arrangement"]) | set(gaps["next_arrangement"].dropna()))
    pairs = pd.MultiIndex.from_product([kinds, [*kinds, NOTHING]], names=["arrangement", "next_arrangement"])
    counts = pd.DataFrame({"arrangement": frame["arrangement"], "next_arrangement": following}).value_counts().reindex(pairs, fill_value=0).rename("n").reset_index()
    total = counts.groupby("arrangement")["n"].transform("sum")
    counts["share"] = (counts["n"] / total).where(total > 0)
    return counts


def recurrence(gaps: pd.DataFrame, years=(2, 5, 10), confidence: float = 0.95, by: str = "arrangement", cluster: str | None = "theatre") -> pd.DataFrame:
    """Probability that a next operation has started within so many years, one minus Kaplan-Meier of the gap: a line per value of `by` and horizon.

    Returns `<by>, years, n, events` (in all), `n_at_risk` (still without a next one on that day), `recurrence, std_err, ci_lower, ci_upper, n_clusters`. Intervals are log-log with
    variance summed over `cluster`, as ends in one theatre are not independent (None: every end for itself, which is Greenwood's). Missing where nothing is observed so long.
    """
    rows = []
    frame = gaps[gaps["gap_days"] > 0]
    for label, group in frame.groupby(by, sort=True):
        time, event = group["gap_days"].to_numpy(), group["followed"].to_numpy()
        clusters = group[cluster].to_numpy() if cluster else np.arange(len(group))
        days = [round(horizon * DAYS_PER_YEAR) for horizon in years]
        curve = clustered_survival(time, event, clusters, days, confidence)
        for horizon, line in zip(years, curve.itertuples(), strict=True):
            rows.append(
                {
                    by: label, "years": horizon, "n": len(group), "events": int(event.sum()), "n_at_risk": int((time >= line.days).sum()), "recurrence": 1 - line.survival,
                    "std_err": line.std_err, "ci_lower": 1 - line.ci_upper, "ci_upper": 1 - line.ci_lower, "n_clusters": len(np.unique(clusters)),
                }
            )  # fmt: skip
    names = [by, "years", "n", "events", "n_at_risk", "recurrence", "std_err", "ci_lower", "ci_upper", "n_clusters"]
    return pd.DataFrame(rows, columns=names)


def clustered_survival(time, event, cluster, days, confidence: float = 0.95) -> pd.DataFrame:
    """Kaplan-Meier at given days with infinitesimal jackknife variance summed within clusters, as `survfit(cluster =)`: `days, survival, std_err, ci_lower, ci_upper`.

    With every spell its own cluster the variance is Greenwood's. Log-log interval. Missing after the last exit unless nothing was left; std_err and interval also where
    survival is 0.
    """
    time, event, _ = check_times(time, event)
    cluster = np.asarray(cluster)
    if len(cluster) != len(time) or pd.isna(cluster).any():
        raise survival.SurvivalInputError("every spell needs a cluster")
    code = np.unique(cluster, return_inverse=True)[1]
    curve = survival.kaplan_meier(time, event)
    distinct, alive = curve["time_days"].to_numpy(), curve["survival"].to_numpy()
    n, d = curve["n_at_risk"].to_numpy(float), curve["n_event"].to_numpy(float)
    left = np.where(n > d, n - d, np.inf)
    hazard, own = np.append(0.0, np.cumsum(d / (n * left))), 1 / left
    z, rows = ndtri(0.5 + confidence / 2), []
    position = np.searchsorted(distinct, time)
    for day in np.atleast_1d(np.asarray(days)):
        last = int(np.searchsorted(distinct, day, side="right"))
        value = 1.0 if last == 0 else float(alive[last - 1])
        if day > distinct[-1] and value > 0:
            rows.append((day, *[np.nan] * 4))
            continue
        influence = np.where((event == 1) & (time <= day), own[position], 0.0) - hazard[np.minimum(position + 1, last)]
        se_log = float(np.sqrt((np.bincount(code, weights=influence) ** 2).sum()))
        if value in (0.0, 1.0):
            rows.append((day, value, *((0.0, 1.0, 1.0) if value else [np.nan] * 3)))
            continue
        spread = z * se_log / abs(np.log(value))
        rows.append((day, value, value * se_log, value ** np.exp(spread), value ** np.exp(-spread)))
    return pd.DataFrame(rows, columns=["days", "survival", "std_err", "ci_lower", "ci_upper"])
