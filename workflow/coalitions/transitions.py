"""What follows an arrangement: to which type it is handed over, and which type starts next in its theatre.

Said aloud:

- types are those of the arrangement: the United Nations, an ad hoc coalition (AHC), a regional organisation. What ended is of the scope, what follows may be any operation of
  the register that deployed;
- `handed over`: operations that ended and have a successor in the register (`successor_id`), were renamed (`predecessor_id` of the younger name), or ended by hand-over or
  renaming to something that the register does not have at work (`outside the register`: a national force, mostly). A row of the matrix is a type that ended, its shares are of
  all these ends;
- `next in theatre`: all ends; what follows is the first start in the primary theatre of the operation within two years (a hand-over successor that is there already follows at
  once), or nobody. See `coalitions.gaptimes`. Ends that are observed for less than two years are in no share, whatever has followed them: those that something has followed
  would be known sooner than the others. They have a line of their own;
- chains `merged`: names of one chain are one operation, of the type of its youngest name, and a renaming inside a chain is no end; `single`: every name for itself, a renaming
  is an end that is handed over;
- periods are of the year of the end; intervals of shares are Wilson's (1927); ends count as independent, although several may be of one theatre;
- change: within a type that ended, do shares differ between periods? Pearson's chi-square of periods by what follows, p by permutation of the periods (Monte Carlo form of the
  test of Freeman and Halton 1951: given both margins; the observed table counts as one draw, Phipson and Smyth 2010).
"""

import numpy as np
import pandas as pd

from coalitions import gaptimes
from coalitions.proportions import wilson_limits
from coalitions.sequels import theatre_layout
from coalitions.survival import DAYS_PER_YEAR, NotEstimable

TYPES = ("un", "ahc", "regional")
OUTSIDE, NOBODY, UNKNOWN = "outside the register", "nobody", "observed for less than two years"
HANDED, NEXT = "handed over", "next in theatre"
FOLLOWERS = {HANDED: (*TYPES, OUTSIDE), NEXT: (*TYPES, NOBODY)}
CHAINS = ("merged", "single")
BREAKS = (1990, 2014)
OVERALL = "all"
WITHIN = 2  # years
ENDED_INTO = ("handed-over", "renamed")
STREAM = 7  # of the seed: apart from those of other tables

COLUMNS = ["scope", "model", "chains", "period", "kind", "from", "to", "n", "row_n", "share", "lower", "upper", "statistic", "df", "p", "draws", "reason"]
SHARE, CHANGE = "share", "change"
NEEDED = ("operation_id", "arrangement", "start", "end", "status", "ended_how", "predecessor_id", "successor_id", "deployed", "theatre", "theatres", "chain_id")


class TransitionInputError(ValueError):
    """Operations of which nothing should be said to follow."""


# ---- Ends ----------------------------------------------------------------------------------------------------------------------------------------------------------


def period_names(breaks=BREAKS) -> tuple[str, ...]:
    """Names of the periods before, between and after the years of `breaks` (a break year opens its period)."""
    first, *rest = breaks
    return (f"to {first - 1}", *(f"{low}-{high - 1}" for low, high in zip(breaks, rest, strict=False)), f"from {breaks[-1]}")


def handed_over(operations: pd.DataFrame, cutoff, merge: bool = True) -> pd.DataFrame:
    """One row per end that was handed over or renamed: `unit` (operation, or chain if merged), `operation_ids` (of what ended), `end`, `from`, `to`, `next` (operation or None).

    Parameters: panel of operations; the last day observed; whether chains are merged. An end with several younger names has a row for each.
    """
    frame = _checked(operations, cutoff)
    columns = ("operation_id", "arrangement", "chain_id", "predecessor_id", "successor_id", "ended", "ended_how")
    names, kinds, chains, older, heirs, ended, how = (frame[name].tolist() for name in columns)
    row = {name: at for at, name in enumerate(names)}
    pairs = dict.fromkeys((at, row[heir]) for at, heir in enumerate(heirs) if heir in row)  # each once, in the order of names
    succeeded = {at for at, _ in pairs}
    pairs |= dict.fromkeys((row[name], at) for at, name in enumerate(older) if name in row and row[name] not in succeeded)
    left = {at for at, _ in pairs}
    lost = [(at, None) for at in range(len(names)) if ended[at] and how[at] in ENDED_INTO and at not in left]  # to something outside the register
    pairs = [*((old, new) for old, new in pairs if ended[old]), *lost]
    if merge:
        last = _youngest(frame)
        pairs = [(old, new) for old, new in pairs if names[old] in last and (new is None or chains[old] != chains[new])]
    of_chain: dict = {}
    for name, chain in zip(names, chains, strict=True):
        of_chain.setdefault(chain, []).append(name)
    old = [at for at, _ in pairs]
    result = pd.DataFrame(
        {
            "unit": [chains[at] if merge else names[at] for at in old],
            "end": frame["end"].to_numpy()[old],
            "from": [kinds[at] for at in old],
            "to": [OUTSIDE if new is None else kinds[new] for _, new in pairs],
            "next": [None if new is None else names[new] for _, new in pairs],
            "operation_ids": ["+".join(of_chain[chains[at]]) if merge else names[at] for at in old],
        }
    ).astype(dict.fromkeys(("unit", "from", "to", "next", "operation_ids"), object))
    return result.sort_values(["unit", "next"], ignore_index=True)


def next_in_theatre(operations: pd.DataFrame, cutoff, merge: bool = True) -> pd.DataFrame:
    """One row per end: as `handed_over`, with `to` the type of the first start in the primary theatre within two years, `NOBODY`, or `UNKNOWN`.

    Parameters: panel of operations; the last day observed; whether chains are merged. The theatre is the primary one of the youngest name. `next` may be several names of a chain.
    """
    frame = _checked(operations, cutoff)
    pool = frame if merge else frame.assign(chain_id=frame["operation_id"])
    if pool.empty:
        return pd.DataFrame(columns=["unit", "operation_ids", "end", "from", "to", "next"])
    gaps = gaptimes.gaps_in(theatre_layout(pool), pool, cutoff)
    primary = pool.set_index("operation_id")["theatre"]
    gaps = gaps[gaps["theatre"] == gaps["operation_ids"].str.split("+").str[-1].map(primary)]
    days = round(WITHIN * DAYS_PER_YEAR)
    observed = (pd.Timestamp(cutoff) - gaps["end"]).dt.days >= days
    followed = (gaps["followed"] == 1) & (gaps["gap_days"] <= days)
    to = gaps["next_arrangement"].where(followed, NOBODY).where(observed, UNKNOWN)
    result = pd.DataFrame({"unit": gaps["chain_id"], "operation_ids": gaps["operation_ids"], "end": gaps["end"], "from": gaps["arrangement"], "to": to})
    result["next"] = gaps["next_operation_ids"].where(followed, None)
    return result.sort_values("unit", ignore_index=True)


def _checked(operations: pd.DataFrame, cutoff) -> pd.DataFrame:
    """Operations that deployed and started by the cut-off, by name; `ended` is whether an end is known by then. Raises TransitionInputError."""
    missing = [column for column in NEEDED if column not in operations]
    if missing:
        raise TransitionInputError(f"operations has no column {', '.join(missing)}")
    if operations["operation_id"].duplicated().any():
        raise TransitionInputError(f"operation {operations.loc[operations['operation_id'].duplicated(), 'operation_id'].iloc[0]} occurs twice in operations")
    frame = operations.loc[operations["deployed"] == 1, list(NEEDED)].sort_values("operation_id", ignore_index=True)
    strange = ~frame["arrangement"].isin(TYPES)
    if strange.any():
        raise TransitionInputError(f"operation {frame.loc[strange, 'operation_id'].iloc[0]} is of no known type: {frame.loc[strange, 'arrangement'].iloc[0]!r}")
    frame = frame.assign(start=pd.to_datetime(frame["start"]), end=pd.to_datetime(frame["end"]))
    frame = frame[frame["start"] <= pd.Timestamp(cutoff)].reset_index(drop=True)
    return frame.assign(ended=(frame["status"] == "ended") & (frame["end"] <= pd.Timestamp(cutoff)))


def _youngest(frame: pd.DataFrame) -> set:
    """The youngest name of every chain: the one that starts last."""
    ordered = frame[["chain_id", "start", "operation_id"]].sort_values(["chain_id", "start", "operation_id"])
    return set(dict(zip(ordered["chain_id"].tolist(), ordered["operation_id"].tolist(), strict=True)).values())


# ---- Shares and change ---------------------------------------------------------------------------------------------------------------------------------------------


def change(period, to, draws: int, rng: np.random.Generator) -> dict | NotEstimable:
    """Test that what follows does not depend on the period: `statistic` (Pearson's chi-square), `df`, `p` (permutation of the periods), `draws`.

    Parameters: a label per end for each of the two; number of permutations; random generator. Not estimable with fewer than two periods, or if the same follows always.
    """
    rows, columns = pd.factorize(np.asarray(period), sort=True)[0], pd.factorize(np.asarray(to), sort=True)[0]
    if len(rows) == 0:
        return NotEstimable("no such end")
    r, c, n = rows.max() + 1, columns.max() + 1, len(rows)
    if r < 2:
        return NotEstimable("all ends are of one period")
    if c < 2:
        return NotEstimable("the same follows every end")
    expected = np.outer(np.bincount(rows), np.bincount(columns)) / n
    shuffled = rng.permuted(np.tile(rows, (draws, 1)), axis=1)
    cells = (np.arange(draws)[:, None] * r + shuffled) * c + columns
    tables = np.bincount(cells.ravel(), minlength=draws * r * c).reshape(draws, r, c)
    observed = np.bincount(rows * c + columns, minlength=r * c).reshape(r, c)
    statistic = float(((observed - expected) ** 2 / expected).sum())
    drawn = ((tables - expected) ** 2 / expected).sum(axis=(1, 2))
    p = (1 + int((drawn >= statistic - 1e-9).sum())) / (1 + draws)
    return {"statistic": statistic, "df": (r - 1) * (c - 1), "p": p, "draws": draws}


def matrix(ends: pd.DataFrame, kind: str, confidence: float = 0.95, breaks=BREAKS) -> list[dict]:
    """Lines of the transition matrix of `handed_over` or `next_in_theatre`: every period, type that ended and type that follows, counts and shares of the row."""
    period, lines = _period(ends["end"], breaks), []
    for name in (OVERALL, *period_names(breaks)):
        mine = ends if name == OVERALL else ends[period == name]
        for old in TYPES:
            row = mine.loc[mine["from"] == old, "to"]
            head = {"model": SHARE, "period": name, "kind": kind, "from": old}
            n = int(row.isin(FOLLOWERS[kind]).sum())
            for new in FOLLOWERS[kind]:
                count = int((row == new).sum())
                lines.append(head | {"to": new, "n": count, "row_n": n} | _share(count, n, confidence))
            if kind == NEXT:
                lines.append(head | {"to": UNKNOWN, "n": int((row == UNKNOWN).sum()), "row_n": n, "reason": "a count of ends that are in no share"})
    return lines


def _share(count: int, n: int, confidence: float) -> dict:
    if n == 0:
        return {"reason": "no such end"}
    lower, upper = wilson_limits(count, n, confidence)
    return {"share": count / n, "lower": lower, "upper": upper}


def _period(end: pd.Series, breaks) -> np.ndarray:
    names = np.array(period_names(breaks), dtype=object)
    return names[np.searchsorted(np.asarray(breaks), pd.to_datetime(end).dt.year.to_numpy(), side="right")]


# ---- All -----------------------------------------------------------------------------------------------------------------------------------------------------------


def transitions_table(
    operations: pd.DataFrame, scopes: list[str], cutoff, confidence: float = 0.95, draws: int = 2000, seed: int = 0, breaks=BREAKS
) -> pd.DataFrame:  # fmt: skip
    """Transition matrices and tests of their change, under every scope, chains merged and single.

    Parameters: panel of operations (whole: what follows is looked for in all of it); scopes; the last day observed; confidence level; permutations; seed; years that open a period.
    Returns `COLUMNS`. Lines of model `share` have `n` ends of `row_n` and their `share`; lines of model `change` one test per type that ended (period `all`, `to` empty, `n` ends).
    Raises TransitionInputError if a column is missing, an operation occurs twice or is of an unknown type; GapInputError (of `gaptimes`) if it has no start or ends before it.
    """
    rows = []
    for number, chains in enumerate(CHAINS):
        merge = chains == "merged"
        for kind, whole in ((HANDED, handed_over(operations, cutoff, merge)), (NEXT, next_in_theatre(operations, cutoff, merge))):
            for place, scope in enumerate(scopes):
                ends = whole[_inside(whole, operations, scope)]
                head = {"scope": scope, "chains": chains}
                rows += [head | line for line in matrix(ends, kind, confidence, breaks)]
                period = _period(ends["end"], breaks)
                for position, old in enumerate(TYPES):
                    mine = ((ends["from"] == old) & (ends["to"] != UNKNOWN)).to_numpy()
                    rng = np.random.default_rng([seed, STREAM, place, number, int(kind == NEXT), position])
                    found = change(period[mine], ends.loc[mine, "to"], draws, rng)
                    line = head | {"model": CHANGE, "period": OVERALL, "kind": kind, "from": old, "n": int(mine.sum()), "row_n": int(mine.sum())}
                    rows.append(line | ({"reason": found.reason} if isinstance(found, NotEstimable) else found))
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for column in frame:
        text = column in ("scope", "model", "chains", "period", "kind", "from", "to", "reason")
        frame[column] = frame[column].astype(object).where(frame[column].notna(), None) if text else pd.to_numeric(frame[column]).astype(float)
    order = {name: place for place, name in enumerate(scopes)}
    frame = frame.sort_values("scope", key=lambda names: names.map(order), kind="stable", ignore_index=True)
    return frame.astype({"n": "int64", "row_n": "int64"})


def _inside(ends: pd.DataFrame, operations: pd.DataFrame, scope: str) -> np.ndarray:
    """Whether one of the names of what ended is of the scope, as in the panel of spells."""
    members = set(operations.loc[operations[f"scope_{scope}"] == 1, "operation_id"])
    return ends["operation_ids"].map(lambda names: any(name in members for name in names.split("+"))).to_numpy(dtype=bool)


def estimates(operations: pd.DataFrame, scopes: list[str], cutoff, confidence: float = 0.95, draws: int = 2000, seed: int = 0) -> dict[str, pd.DataFrame]:
    """All tables by name: `transitions`. Parameters and errors: `transitions_table`."""
    return {"transitions": transitions_table(operations, scopes, cutoff, confidence, draws, seed)}
