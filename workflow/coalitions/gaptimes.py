"""Gap-times in theatres: what follows when an operation ends, how soon, and from which arrangement.

Inputs are the published `panels/operations.csv` and the register's `operation_theatres.csv`. Conventions:

- names of one chain (`chain_id`) that work in the same theatre are one presence: a change of name is neither an end nor a start;
- a gap begins on the last day of a presence and ends on the first day of the next one; a start on the same day counts one day, as the survival kernel takes no shorter gap;
- the next is the presence that starts first on or after that day; others that are still at work then are counted (`n_still_there`), not waited for;
- a presence is a hand-over successor if it is the `successor_id` of a name of the one that ended, in the same theatre. One that was there before the end, and stayed, follows
  at once (one day);
- without a next start up to the cut-off the gap is censored there. A presence with unknown end has no gap but can be a next one.
"""

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


def presences(spells: pd.DataFrame, places: pd.DataFrame, cutoff, primary: bool = False) -> pd.DataFrame:
    """One row per chain and theatre: `theatre, chain_id, operation_ids` (joined by +), `arrangement` (of the youngest name), `start, end, status, successors` (ids, joined by +).

    Parameters: columns of operations.csv; columns of operation_theatres.csv; the last day observed; whether only primary theatres count. Operations that never deployed are
    left out, and so are starts after the cut-off. An end after the cut-off is none.
    Raises GapInputError if a column is missing, an operation occurs twice, has no theatre or no start, or ends before it starts.
    """
    cutoff = pd.Timestamp(cutoff)
    for name, frame, columns in (("spells", spells, COLUMNS), ("places", places, ("operation_id", "theatre", "primary"))):
        missing = [column for column in columns if column not in frame]
        if missing:
            raise GapInputError(f"{name} has no column {', '.join(missing)}")
    frame = spells.loc[spells["deployed"].astype(int) == 1, list(COLUMNS)].copy()
    if frame["operation_id"].duplicated().any():
        raise GapInputError(f"operation {frame.loc[frame['operation_id'].duplicated(), 'operation_id'].iloc[0]} occurs twice in spells")
    frame["start"], frame["end"] = pd.to_datetime(frame["start"]), pd.to_datetime(frame["end"])
    for wrong, what in ((frame["start"].isna(), "has no start"), (frame["end"] < frame["start"], "ends before it starts")):
        if wrong.any():
            raise GapInputError(f"operation {frame.loc[wrong, 'operation_id'].iloc[0]} {what}")
    sites = places[["operation_id", "theatre", "primary"]]
    if sites.duplicated(["operation_id", "theatre"]).any():
        raise GapInputError(f"operation {sites.loc[sites.duplicated(['operation_id', 'theatre']), 'operation_id'].iloc[0]} has a theatre twice in places")
    homeless = ~frame["operation_id"].isin(sites["operation_id"])
    if homeless.any():
        raise GapInputError(f"operation {frame.loc[homeless, 'operation_id'].iloc[0]} has no theatre")
    if primary:
        sites = sites[sites["primary"].astype(int) == 1]
    frame = frame[frame["start"] <= cutoff].merge(sites[["operation_id", "theatre"]], on="operation_id")
    frame["end"] = frame["end"].where((frame["status"] == "ended") & (frame["end"] <= cutoff))
    frame["status"] = frame["status"].where((frame["status"] != "ended") | frame["end"].notna(), "ongoing")
    frame["successor_id"] = frame["successor_id"].fillna("")
    frame = frame.sort_values(["theatre", "chain_id", "start", "operation_id"])
    grouped = frame.groupby(["theatre", "chain_id"], sort=True)
    youngest = grouped.tail(1).set_index(["theatre", "chain_id"])
    result = pd.DataFrame({"operation_ids": _joined(grouped, "operation_id"), "arrangement": youngest["arrangement"], "start": grouped["start"].min()})
    result["end"], result["status"] = youngest["end"], youngest["status"]
    result["successors"] = _joined(grouped, "successor_id")
    return result.reset_index()


def _joined(grouped, column: str) -> pd.Series:
    """Texts of each group that are not empty, joined by +. Nearly all groups have one member and need no work."""
    texts, several = grouped[column].first(), grouped.size() > 1
    if several.any():
        keys = pd.MultiIndex.from_frame(grouped.obj[["theatre", "chain_id"]])
        rest = grouped.obj[several.reindex(keys).to_numpy()]
        texts[several] = rest.groupby(["theatre", "chain_id"])[column].agg(lambda names: "+".join(name for name in names if name)).reindex(texts.index[several])
    return texts


def gaps(spells: pd.DataFrame, places: pd.DataFrame, cutoff, primary: bool = False, handovers: bool = True) -> pd.DataFrame:
    """One row per end of a presence in a theatre: the time to the next start there.

    Parameters: as for `presences`; `handovers`: whether a hand-over successor can be the next one (False passes it over, and waits for a start that is no successor).
    Filter the rows, not the input, to ask about some ends only: what was left out of the input cannot be a next start.
    Returns `theatre, chain_id, operation_ids, arrangement, start, end, gap_days, followed` (1: a next start, 0: censored at the cut-off), `next_chain_id, next_operation_ids,
    next_arrangement, next_start, handed_over` (the next is a successor), `overlap_days` (by how many days the successor came before the end), `n_still_there` (others at work on
    the day after the end, the next one not counted; those with unknown end count on their first day only). Gaps of an end on the cut-off last 0 days: `recurrence` leaves them out.
    """
    cutoff = pd.Timestamp(cutoff)
    there = presences(spells, places, cutoff, primary).sort_values(["theatre", "start", "chain_id"], ignore_index=True)
    start = _days(there["start"])
    last = _days(there["end"].where(there["end"].notna(), there["start"].where(there["status"] == "unknown", cutoff + pd.Timedelta(days=1))))
    place = pd.factorize(there["theatre"])[0]
    starts, lasts = place * SPAN + start, np.sort(place * SPAN + last)
    ends = np.flatnonzero(there["end"].notna())
    day, here, names = last[ends], place[ends] * SPAN, there["chain_id"].to_numpy()
    heirs = _heirs(there, spells, ends)
    known = pd.MultiIndex.from_frame(heirs[["row", "heir"]])
    # the first start on or after the day, of another presence in the theatre
    row = np.searchsorted(starts, here + day, side="left")
    while True:
        inside = row < len(there)
        safe = np.minimum(row, len(there) - 1)
        inside &= place[safe] == place[ends]
        passed = inside & (safe == ends)
        if not handovers:
            passed |= inside & pd.MultiIndex.from_arrays([np.arange(len(ends)), safe]).isin(known)
        if not passed.any():
            break
        row = row + passed
    chosen = np.where(inside, row, -1)
    wait = np.where(inside, start[chosen] - day, np.iinfo(np.int64).max)
    if handovers:  # a successor that starts first, or is there already and stays
        heirs["wait"] = start[heirs["heir"]] - day[heirs["row"]]
        stays = (last[heirs["heir"]] > day[heirs["row"]]) | (there["status"].to_numpy()[heirs["heir"]] == "unknown")
        heirs = heirs[(heirs["wait"] >= 0) | stays]
        order = np.lexsort((names[heirs["heir"]], heirs["wait"].clip(lower=0)))
        heirs = heirs.iloc[order].drop_duplicates("row")
        sooner = heirs[heirs["wait"].clip(lower=0) <= wait[heirs["row"]]]
        chosen[sooner["row"]], wait[sooner["row"]] = sooner["heir"], sooner["wait"]
    followed = chosen >= 0
    still = np.searchsorted(starts, here + day, side="right") - np.searchsorted(lasts, here + day, side="right")
    censored = (_days(pd.Series([cutoff]))[0] - day).astype(np.int64)
    result = there.loc[ends, ["theatre", "chain_id", "operation_ids", "arrangement", "start", "end"]].reset_index(drop=True)
    result["gap_days"] = np.where(followed, np.maximum(wait, 1), censored)
    result["followed"] = followed.astype(np.int64)
    following = there.reindex(np.where(followed, chosen, -1))
    for name in ("chain_id", "operation_ids", "arrangement", "start"):
        result[f"next_{name}"] = following[name].to_numpy()
    result["handed_over"] = pd.MultiIndex.from_arrays([np.arange(len(ends)), chosen]).isin(known).astype(np.int64)
    result["overlap_days"] = np.where(followed, np.maximum(-wait, 0), 0)
    result["n_still_there"] = still - (followed & (wait <= 0) & (last[chosen] > day))
    return result.sort_values(["theatre", "end", "chain_id"], ignore_index=True)


def _days(dates: pd.Series) -> np.ndarray:
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _heirs(there: pd.DataFrame, spells: pd.DataFrame, ends: np.ndarray) -> pd.DataFrame:
    """Pairs of an end (`row`, its number among the ends) and the presence in the same theatre that takes over (`heir`, its row in `there`)."""
    pairs = there.loc[ends, ["theatre", "chain_id", "successors"]].assign(row=np.arange(len(ends)))
    pairs["operation_id"] = pairs["successors"].str.split("+")
    pairs = pairs.explode("operation_id").merge(spells[["operation_id", "chain_id"]], on="operation_id", suffixes=("", "_heir"))
    pairs = pairs[pairs["chain_id"] != pairs["chain_id_heir"]]
    found = there[["theatre", "chain_id"]].assign(heir=np.arange(len(there)))
    pairs = pairs.merge(found, left_on=["theatre", "chain_id_heir"], right_on=["theatre", "chain_id"], suffixes=("", "_found"))
    return pairs[["row", "heir"]].drop_duplicates().astype(np.int64).reset_index(drop=True)


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
