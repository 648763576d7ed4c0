"""Concurrent pairs: operations at work in the same theatre at the same time, found in n log n plus output."""

import numpy as np
import pandas as pd

from coalitions.panels import family_of


def overlapping(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions (i, j) of all pairs of closed intervals of whole days that share a day, each pair once.

    Intervals are sorted by start; those that overlap interval i and begin no earlier are the run up to the last start <= end[i]: a binary search.
    """
    order = np.lexsort((np.arange(len(start)), start))
    first, last = start[order], end[order]
    reach = np.searchsorted(first, last, side="right")
    position = np.arange(len(order))
    count = reach - position - 1
    left = np.repeat(position, count)
    right = left + 1 + np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return order[left], order[right]


def concurrent(spells: pd.DataFrame) -> pd.DataFrame:
    """Pairs of operations that share a theatre and a day.

    Parameters: one row per operation and theatre with `operation_id`, `theatre`, `start`, `end` (days, both included).
    Returns `operation_a`, `operation_b` (in alphabetical order), `theatre`, `overlap_start`, `overlap_end`, `overlap_days`; empty if nothing overlaps.
    """
    theatre, theatres = pd.factorize(spells["theatre"], sort=True)
    name, names = pd.factorize(spells["operation_id"], sort=True)
    start = spells["start"].to_numpy().astype("datetime64[D]").astype(np.int64)
    end = spells["end"].to_numpy().astype("datetime64[D]").astype(np.int64)
    # One sweep for all theatres: each theatre gets its own stretch of the line, so that intervals of two theatres never meet.
    width = int(end.max() - start.min()) + 2 if len(spells) else 1
    shift = theatre.astype(np.int64) * width - (start.min() if len(spells) else 0)
    i, j = overlapping(start + shift, end + shift)
    a, b = np.minimum(name[i], name[j]), np.maximum(name[i], name[j])
    order = np.argsort(a * len(names) + b, kind="stable")  # the sweep gives pairs in the order of theatres, and a stable sort keeps it
    i, j, a, b = i[order], j[order], a[order], b[order]
    first, last = np.maximum(start[i], start[j]), np.minimum(end[i], end[j])
    day = lambda days: days.astype("datetime64[D]").astype("datetime64[ns]")  # noqa: E731
    return pd.DataFrame(
        {
            "operation_a": names.take(a), "operation_b": names.take(b), "theatre": theatres.take(theatre[i]), "overlap_start": day(first), "overlap_end": day(last),
            "overlap_days": last - first + 1,
        }
    )  # fmt: skip


def described(pairs: pd.DataFrame, operations: pd.DataFrame, tasks: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Pairs with the arrangement of each side, `related` (umbrella and task force, or names of one chain), `shared_tasks` and `members_jaccard`.

    Jaccard: states counted in both over states counted in either, at any time; missing if the members of one side are not coded.
    """
    frame = pairs.copy()
    known = operations.set_index("operation_id")
    for side in ("a", "b"):
        frame[f"arrangement_{side}"] = frame[f"operation_{side}"].map(known["arrangement"])
    family = family_of(operations)
    frame["related"] = (frame["operation_a"].map(family) == frame["operation_b"].map(family)).astype("int64")
    task_sets = tasks.groupby("operation_id")["task"].agg(set).to_dict()
    member_sets = members[members["counted"] == 1].groupby("operation_id")["state"].agg(set).to_dict()
    sides = list(zip(frame["operation_a"], frame["operation_b"], strict=True))
    frame["shared_tasks"] = pd.Series([len(task_sets.get(a, set()) & task_sets.get(b, set())) for a, b in sides], dtype="int64")
    jaccard = [len(x & y) / len(x | y) if (x := member_sets.get(a)) and (y := member_sets.get(b)) else None for a, b in sides]
    frame["members_jaccard"] = pd.Series(jaccard, dtype="Float64")
    return frame
