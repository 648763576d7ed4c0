"""Operations beside one another: concurrent pairs, duplication of tasks in a theatre against chance, and the coalitions that worked in the same waters at the same time.

Duplication. A day of an operation is duplicated if another, unrelated operation with one of its tasks works in one of its theatres on that day (the union over all such operations,
so that a day counts once). Related are an umbrella, its task forces and the names of one chain (`panels.family_of`). The share of duplicated days is set against two nulls:

- `starts`: operations of a region and era exchange their starts; theatre, tasks and duration stay. What would run past the cut-off is cut there, as it would have been observed;
- `tasks`: operations of a region and era exchange their lists of tasks; theatre and dates stay. It asks whether those that meet in a theatre share tasks more often than others do.

Both are permutation tests (Good 2005): the interval of the null holds the shares that chance gives, and p counts the observed arrangement as a draw.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import gammaln, ndtri

from coalitions.panels import ARRANGEMENTS, family_of, observed_end
from coalitions.proportions import wilson_limits
from coalitions.survival import DAYS_PER_YEAR

DAYS_PER_MONTH = DAYS_PER_YEAR / 12
PAIRS = ("ahc-ahc", "ahc-un", "ahc-regional", "un-un", "regional-un", "regional-regional")
ERAS = (1990, 2002, 2014)  # those of the duration models
FEWEST = 5
# Tasks that a commander could give to the same force.
GROUPS = {
    "separate": ("ceasefire-monitoring", "interposition", "border-monitoring", "verification", "mediation"),
    "fight": ("territorial-enforcement", "counterterrorism", "counterinsurgency", "no-fly-zone", "deterrence"),
    "protect": ("stabilisation", "civilian-protection", "humanitarian-security", "evacuation", "search-recovery"),
    "sea": ("maritime-security", "counter-piracy", "counter-narcotics", "embargo-enforcement"),
    "clear": ("mine-clearance", "disarmament"),
    "build": ("training-advice", "security-sector-reform", "policing", "electoral-support", "transitional-administration", "rule-of-law"),
}
GROUP_OF = {task: group for group, tasks in GROUPS.items() for task in tasks}
COUNTED = ("lead", "contributor", "staff-only", "host")
NAVIES = {"ever": None, "twenty-years": 20}  # how many years back a maritime operation shows that a state has a navy
# Columns of the operations panel that the layout of a scope is made from.
LAID = ["operation_id", "arrangement", "theatre", "theatres", "tasks", "region", "successor_id"]
# Waters of a crisis, and between which days operations that start there answer it.
CASES = {"hormuz": ("hormuz-gulf", "2019-06-01", "2020-12-31"), "red-sea": ("red-sea-aden", "2023-10-01", "2024-12-31")}
COLUMNS = {
    "overlap": [
        "scope", "pair", "decade", "n", "n_related", "overlap_months", "share_same_task", "share_same_group", "n_jaccard", "mean_jaccard", "n_command",
        "share_common_command", "reason",
    ],
    "duplication": [
        "scope", "model", "same_task", "arrangement", "decade", "n", "operation_months", "estimate", "se", "lower", "upper", "expected", "expected_lower", "expected_upper",
        "excess", "p", "draws", "reason",
    ],
    "gulf_members": ["case", "operation_id", "name", "command", "state", "role", "european", "counted", "joined", "left", "reason"],
    "hormuz": [
        "model", "day", "roles", "overlap_time", "navies", "navy_weights", "n_us_led", "n_european_led", "n_shared", "shared", "n_navies", "estimate", "expected", "expected_lower",
        "expected_upper", "excess", "p", "draws", "reason",
    ],
    "red_sea": [
        "participants", "europe", "us_command", "lists", "us_operations", "joined_until", "n", "events", "estimate", "lower", "upper", "p", "states_out", "states_in", "reason",
    ],
}  # fmt: skip


# ---- Duplication -------------------------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """Operations of a scope that deployed, in alphabetical order, without their dates.

    `row`: position among the operations of the panel; `together`: who shares a theatre with whom and is not related; `tasks`, `groups`: who holds which task or group (operation x
    task); `hands_over`: who hands over to whom, in either direction; `theatre`, `region`: the primary ones.
    """

    row: np.ndarray
    names: np.ndarray
    arrangement: np.ndarray
    theatre: np.ndarray
    region: np.ndarray
    together: np.ndarray
    tasks: np.ndarray
    groups: np.ndarray
    hands_over: np.ndarray

    def where(self, mask: np.ndarray) -> "Layout":
        """The operations of a mask."""
        if mask.all():
            return self
        both = np.ix_(mask, mask)
        square = {name: getattr(self, name)[both] for name in ("together", "hands_over")}
        return Layout(**({name: getattr(self, name)[mask] for name in ("row", "names", "arrangement", "theatre", "region", "tasks", "groups")} | square))


@dataclass(frozen=True)
class Field:
    """Operations of a scope in alphabetical order: their first and last day (days since 1970, both included), and what does not depend on dates (`Layout`).

    `stratum`: region of the primary theatre and era or decade of the start, by name of the division.
    """

    names: np.ndarray
    arrangement: np.ndarray
    theatre: np.ndarray
    start: np.ndarray
    end: np.ndarray
    cutoff: int
    together: np.ndarray
    tasks: np.ndarray
    groups: np.ndarray
    hands_over: np.ndarray
    stratum: dict[str, np.ndarray]
    row: np.ndarray

    def alike(self, same_task: str) -> np.ndarray:
        """Who shares a task (`strict`) or a group of tasks (`broad`) with whom."""
        return _meet(self.tasks if same_task == "strict" else self.groups)

    def pairs(self, same_task: str, counterpart: str = "any", handover_overlap: str = "kept", focal: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Positions (i, j) of operations i that j would duplicate if both were at work, ordered by i.

        Parameters: `strict` or `broad`; who j can be (`any`, `ahc`, `organisation`); `dropped` leaves out whom i hands over to or took over from; the arrangement of i.
        """
        mask = self.together & self.alike(same_task)
        if counterpart != "any":
            mask = mask & ((self.arrangement == "ahc") == (counterpart == "ahc"))[None, :]
        if handover_overlap == "dropped":
            mask = mask & ~self.hands_over
        if focal is not None:
            mask = mask & (self.arrangement == focal)[:, None]
        return np.nonzero(mask)


def layout(operations: pd.DataFrame, scope: str) -> Layout:
    """What the field of a scope is made from and no date changes. Parameters: operations panel, as for `field`; scope."""
    families = family_of(operations[["operation_id", "chain_id", "parent_id"]])
    inside = ((operations[f"scope_{scope}"] == 1) & (operations["deployed"] == 1)).to_numpy()
    frame = operations.loc[inside, LAID].assign(row=np.flatnonzero(inside)).sort_values("operation_id", ignore_index=True)
    ids = frame["operation_id"].tolist()
    family = np.unique(np.array([families[name] for name in ids], dtype=str), return_inverse=True)[1]
    tasks = _words(frame["tasks"])
    position = {name: i for i, name in enumerate(ids)}
    hands_over = np.zeros((len(ids), len(ids)), dtype=bool)
    for i, name in enumerate(frame["successor_id"].tolist()):
        if isinstance(name, str) and name in position:
            hands_over[i, position[name]] = hands_over[position[name], i] = True
    return Layout(
        frame["row"].to_numpy(), np.array(ids, dtype=str), frame["arrangement"].to_numpy(dtype=str), frame["theatre"].fillna("").to_numpy(dtype=str),
        frame["region"].fillna("").to_numpy(dtype=str), _meet(_incidence(_words(frame["theatres"]))) & (family[:, None] != family[None, :]), _incidence(tasks).astype(bool),
        _incidence([sorted({GROUP_OF.get(task, task) for task in row}) for row in tasks]).astype(bool), hands_over,
    )  # fmt: skip


def field(operations: pd.DataFrame, scope: str, cutoff: pd.Timestamp, laid: Layout | None = None) -> Field:
    """The field of a scope.

    Parameters: operations panel (`operation_id`, `arrangement`, `theatre`, `theatres`, `tasks`, `region`, `start`, `end`, `status`, `deployed`, `parent_id`, `chain_id`,
    `successor_id`, `scope_*`); scope; the last day observed; the `layout` of the same operations in the same order, whatever their dates, if it was made before. Operations
    that never deployed, whose start is unknown or later than the cut-off are left out.
    """
    laid = layout(operations, scope) if laid is None else laid
    dated = operations[["start", "end", "status"]].iloc[laid.row]
    begun = (dated["start"] <= cutoff).to_numpy()
    laid, dated = laid.where(begun), dated[begun]
    start, end = _days(dated["start"]), np.minimum(_days(observed_end(dated, cutoff)), _day(cutoff))
    year = dated["start"].dt.year.to_numpy()
    parts = {"region-era": np.searchsorted(ERAS, year, side="right"), "region-decade": year // 10}
    stratum = {name: np.unique([f"{r} {p}" for r, p in zip(laid.region, part, strict=True)], return_inverse=True)[1] for name, part in parts.items()}
    return Field(
        laid.names, laid.arrangement, laid.theatre, start, np.maximum(end, start), _day(cutoff), laid.together, laid.tasks, laid.groups, laid.hands_over, stratum, laid.row
    )


def shuffled(values: np.ndarray, stratum: np.ndarray, draws: int, rng: np.random.Generator) -> np.ndarray:
    """`draws` permutations (rows) of values within strata; a stratum below 0 stays as it is."""
    order = np.argsort(stratum + rng.random((draws, len(stratum))), axis=1, kind="stable") if len(stratum) else np.empty((draws, 0), dtype=np.int64)
    base = np.argsort(stratum, kind="stable")
    result = np.empty((draws, len(values)), dtype=values.dtype)
    result[:, base] = values[order]
    fixed = stratum < 0
    result[:, fixed] = values[fixed]
    return result


def permuted_starts(held: Field, shuffle: str, within: str, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last days (draw x operation) with starts exchanged within strata and durations kept; what runs past the cut-off is cut there.

    Parameters: `all` or `coalitions` (only AHCs exchange theirs); `region-era` or `region-decade`; number of draws; seed.
    """
    stratum = held.stratum[within]
    if shuffle == "coalitions":
        stratum = np.where(held.arrangement == "ahc", stratum, -1)
    start = shuffled(held.start, stratum, draws, np.random.default_rng([seed, 5]))
    return start, np.minimum(start + (held.end - held.start), held.cutoff)


def covered(start: np.ndarray, end: np.ndarray, focal: np.ndarray, other: np.ndarray, match: np.ndarray | None = None, windows: list[tuple[int, int]] | None = None) -> np.ndarray:
    """Days of each operation on which at least one of its others works: the length of the union of their overlaps.

    Parameters: first and last days (draw x operation, both included); positions of pairs, ordered by `focal`; which pairs count (draw x pair; all, if None); windows of days
    (first, last) within which days are counted (all days, if None). Returns window x draw x operation.
    The overlaps of each operation have a stretch of the line of their own, so that one sort and one running maximum serve all (n log n in the pairs).
    """
    draws, n = start.shape
    windows = [(None, None)] if windows is None else windows
    result = np.zeros((len(windows), draws, n), dtype=np.int64)
    if not len(focal) or not draws:
        return result
    origin = int(start.min())
    width = int(end.max()) - origin + 2
    bits = int(width).bit_length()
    first = np.maximum(start[:, focal], start[:, other])
    length = np.maximum(np.minimum(end[:, focal], end[:, other]) - first + 1, 0)
    if match is not None:
        length = np.where(match, length, 0)
    shift = focal.astype(np.int64) * width - origin
    packed = np.sort(((first + shift) << bits) | length, axis=1)
    first, length = packed >> bits, packed & ((1 << bits) - 1)
    last = first + length - 1
    before = np.maximum.accumulate(last, axis=1)[:, :-1]
    first[:, 1:] = np.maximum(first[:, 1:], before + 1)  # what an earlier overlap covers is not counted again
    owner, begin = np.unique(focal, return_index=True)
    for number, (low, high) in enumerate(windows):
        a, b = first, last
        if low is not None:
            a, b = np.maximum(first, low + shift), np.minimum(last, high + shift)
        result[number][:, owner] = np.add.reduceat(np.maximum(b - a + 1, 0), begin, axis=1)
    return result


@dataclass(frozen=True)
class Chance:
    """An observed share beside what chance gives: mean and limits of the null, a two-sided p, the number of draws."""

    observed: float
    expected: float
    lower: float
    upper: float
    p: float
    draws: int


def against_chance(observed: float, null: np.ndarray, confidence: float) -> Chance:
    """The observed value in the null distribution. p: draws at least as far from the mean of the null, the observed value counted as one of them (Phipson and Smyth 2010)."""
    tail = (1 - confidence) / 2
    mean = float(null.mean())
    low, high = np.quantile(null, [tail, 1 - tail])
    p = (1 + int((np.abs(null - mean) >= abs(observed - mean) - 1e-12).sum())) / (1 + len(null))
    return Chance(float(observed), mean, float(low), float(high), float(p), len(null))


def duplication_table(operations: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp, draws: int, seed: int, confidence: float) -> pd.DataFrame:
    """Table `duplication`: the share of operation-months that are duplicated, observed and under both nulls, by scope, arrangement and decade (`all`: every decade).

    Parameters: operations panel; scopes; the last day observed; draws; seed; confidence level. `lower` and `upper` are limits of the observed share from the variance between
    primary theatres (ratio estimator, Cochran 1977); `expected_lower` and `expected_upper` those of the null; `excess` is observed minus expected.
    """
    rows = []
    first_decade = int(operations["start"].dt.year.min() // 10 * 10) if operations["start"].notna().any() else cutoff.year // 10 * 10
    decades = list(range(first_decade, cutoff.year + 1, 10))
    windows = [(_day(pd.Timestamp(first_decade, 1, 1)), _day(cutoff))]
    windows += [(_day(pd.Timestamp(d, 1, 1)), min(_day(pd.Timestamp(d + 9, 12, 31)), _day(cutoff))) for d in decades]
    labels = ["all", *map(str, decades)]
    for scope in scopes:
        held = field(operations, scope, cutoff)
        for same_task in ("strict", "broad"):
            real = (held.start[None, :], held.end[None, :])
            seen = covered(*real, *held.pairs(same_task), windows=windows)[:, 0]
            days = _worked(*real, windows)[:, 0]
            nulls = {"starts": null_of_starts(held, same_task, draws, seed, windows), "tasks": null_of_tasks(held, same_task, draws, seed, windows)}
            for model, (null, null_days) in nulls.items():
                for kind in ARRANGEMENTS:
                    mine = held.arrangement == kind
                    for number, label in enumerate(labels):
                        head = {"scope": scope, "model": model, "same_task": same_task, "arrangement": kind, "decade": label}
                        rows.append(head | _line(seen[number], days[number], null[number], null_days[number], mine, held.theatre, confidence))
    frame = pd.DataFrame(rows, columns=COLUMNS["duplication"])
    floats = ["operation_months", "estimate", "se", "lower", "upper", "expected", "expected_lower", "expected_upper", "excess", "p"]
    return frame.astype(dict.fromkeys(floats, float) | {"n": "int64", "draws": "int64", "reason": object})


def ratio_limits(part: np.ndarray, whole: np.ndarray, cluster: np.ndarray, confidence: float) -> tuple[float, float | None, float | None, float | None]:
    """Share sum(part) / sum(whole), its standard error from the variance between clusters (linearised ratio, Cochran 1977) and its limits, held to [0, 1].

    Without a variance (one cluster, or every cluster has the same share) the last three are None.
    """
    share = float(part.sum() / whole.sum())
    code = np.unique(cluster, return_inverse=True)[1]
    groups = code.max() + 1
    residual = np.bincount(code, weights=part - share * whole)
    if groups < 2 or not (se := float(np.sqrt(groups / (groups - 1) * (residual**2).sum()) / whole.sum())) > 1e-12:
        return share, None, None, None
    z = ndtri(0.5 + confidence / 2)
    return share, se, max(0.0, share - z * se), min(1.0, share + z * se)


def null_of_starts(held: Field, same_task: str, draws: int, seed: int, windows: list) -> tuple[np.ndarray, np.ndarray]:
    """Duplicated days and days at work (window x draw x operation) under permuted starts."""
    start, end = permuted_starts(held, "all", "region-era", draws, seed)
    return covered(start, end, *held.pairs(same_task), windows=windows), _worked(start, end, windows)


def null_of_tasks(held: Field, same_task: str, draws: int, seed: int, windows: list) -> tuple[np.ndarray, np.ndarray]:
    """The same with dates and theatres as they are and lists of tasks exchanged within region and era."""
    focal, other = np.nonzero(held.together & (np.maximum(held.start[:, None], held.start[None, :]) <= np.minimum(held.end[:, None], held.end[None, :])))
    whose = shuffled(np.arange(len(held.names)), held.stratum["region-era"], draws, np.random.default_rng([seed, 6]))
    match = held.alike(same_task)[whose[:, focal], whose[:, other]]
    start, end = (np.broadcast_to(days, (draws, len(days))) for days in (held.start, held.end))
    return covered(start, end, focal, other, match, windows), np.broadcast_to(_worked(held.start[None, :], held.end[None, :], windows), (len(windows), draws, len(held.names)))


def _worked(start: np.ndarray, end: np.ndarray, windows: list) -> np.ndarray:
    """Days at work within windows (window x draw x operation)."""
    return np.stack([np.maximum(np.minimum(end, high) - np.maximum(start, low) + 1, 0) for low, high in windows])


def _line(seen: np.ndarray, days: np.ndarray, null: np.ndarray, null_days: np.ndarray, mine: np.ndarray, theatre: np.ndarray, confidence: float) -> dict:
    """A line of the table of duplication, for the operations that are `mine` and at work in the window."""
    at_work = mine & (days > 0)
    size = {"n": int(at_work.sum()), "operation_months": float(days[at_work].sum() / DAYS_PER_MONTH), "draws": len(null)}
    if size["n"] < FEWEST:
        return size | {"draws": 0, "reason": f"fewer than five operations at work ({size['n']})"}
    share, se, lower, upper = ratio_limits(seen[at_work], days[at_work], theatre[at_work], confidence)
    total = null_days[:, mine].sum(axis=1)
    drawn = null[:, mine].sum(axis=1)[total > 0] / total[total > 0]
    if not len(drawn):
        return size | {"estimate": share, "se": se, "lower": lower, "upper": upper, "draws": 0, "reason": "no permutation was drawn"}
    chance = against_chance(share, drawn, confidence)
    shown = {"expected": chance.expected, "expected_lower": chance.lower, "expected_upper": chance.upper, "excess": share - chance.expected, "p": chance.p}
    return size | shown | {"estimate": share, "se": se, "lower": lower, "upper": upper, "draws": chance.draws, "reason": None}


# ---- Concurrent pairs --------------------------------------------------------------------------------------------------------------------------------------------


def overlap_table(concurrent: pd.DataFrame, operations: pd.DataFrame, members: pd.DataFrame, scopes: list[str], cutoff: pd.Timestamp) -> pd.DataFrame:
    """Table `overlap`: concurrent pairs in a theatre by the arrangements of both, decade and scope.

    Parameters: panel of concurrent pairs; operations panel; memberships panel; scopes; the last day observed.
    A pair counts once, whatever number of theatres it shares, and in each decade in which it overlaps; related pairs (umbrella and task force, names of a chain) are only counted.
    `share_same_task`, `share_same_group`, `share_common_command` are shares of the unrelated pairs; the command is common if the same organisation commands both or a state leads
    both, and known if each has an organisation or a lead state (`n_command`).
    """
    frame = concurrent.drop_duplicates(["operation_a", "operation_b"]).reset_index(drop=True)
    known = operations.set_index("operation_id")
    frame["pair"] = ["-".join(sorted((a, b))) for a, b in zip(frame["arrangement_a"], frame["arrangement_b"], strict=True)]
    groups = known["tasks"].fillna("").map(lambda text: {GROUP_OF.get(t, t) for t in text.split("+") if t}).to_dict()
    frame["group"] = np.array([bool(groups.get(a, set()) & groups.get(b, set())) for a, b in zip(frame["operation_a"], frame["operation_b"], strict=True)], dtype=float)
    commands = commanders(operations, members)
    sides = [(commands.get(a, set()), commands.get(b, set())) for a, b in zip(frame["operation_a"], frame["operation_b"], strict=True)]
    frame["command"] = np.array([float(bool(a & b)) if a and b else np.nan for a, b in sides], dtype=float)
    frame["jaccard"] = frame["members_jaccard"].astype(float)
    first = frame["overlap_start"].dt.year.min()
    decades = list(range(int(first // 10 * 10), cutoff.year + 1, 10)) if len(frame) else []
    windows = {"all": (pd.Timestamp("1900-01-01"), cutoff)} | {str(d): (pd.Timestamp(d, 1, 1), min(pd.Timestamp(d + 9, 12, 31), cutoff)) for d in decades}
    rows = []
    for scope in scopes:
        inside = known[f"scope_{scope}"] == 1
        chosen = frame[frame["operation_a"].map(inside).fillna(False).astype(bool) & frame["operation_b"].map(inside).fillna(False).astype(bool)]
        for label, (low, high) in windows.items():
            days = (chosen["overlap_end"].clip(upper=high) - chosen["overlap_start"].clip(lower=low)).dt.days + 1
            within = chosen.assign(days=days)[days > 0]
            for pair in PAIRS:
                both = within[within["pair"] == pair]
                part = both[both["related"] == 0]
                head = {"scope": scope, "pair": pair, "decade": label, "n": len(part), "n_related": len(both) - len(part), "overlap_months": part["days"].sum() / DAYS_PER_MONTH}
                head |= {"n_jaccard": int(part["jaccard"].notna().sum()), "n_command": int(part["command"].notna().sum())}
                if part.empty:
                    rows.append(head | {"reason": "no unrelated pair"})
                    continue
                shares = {"share_same_task": (part["shared_tasks"] > 0).mean(), "share_same_group": part["group"].mean()}
                rows.append(head | shares | {"mean_jaccard": part["jaccard"].mean(), "share_common_command": part["command"].mean(), "reason": None})
    table = pd.DataFrame(rows, columns=COLUMNS["overlap"])
    floats = ["overlap_months", "share_same_task", "share_same_group", "mean_jaccard", "share_common_command"]
    return table.astype(dict.fromkeys(floats, float) | dict.fromkeys(("n", "n_related", "n_jaccard", "n_command"), "int64") | {"reason": object})


def commanders(operations: pd.DataFrame, members: pd.DataFrame) -> dict[str, set[str]]:
    """Who commands each operation: its organisation, and the states that lead it."""
    held = operations.loc[operations["organisation"].notna(), ["operation_id", "organisation"]]
    found = {name: {organisation} for name, organisation in held.itertuples(index=False) if organisation}
    for name, state in members.loc[members["role"] == "lead", ["operation_id", "state"]].itertuples(index=False):
        found.setdefault(name, set()).add(state)
    return found


# ---- Coalitions in the same waters -------------------------------------------------------------------------------------------------------------------------------


def europeans(states: pd.DataFrame, organisations: pd.DataFrame, europe: str, day: pd.Timestamp) -> set[str]:
    """European states of a day: `region` (region of the register), `eu` (members of the European Union), `eu-or-nato` (also European members of NATO, which leaves out two).

    Parameters: the register's `states` and `organisation_members` (text); definition; day. A state counts from its entry to its exit.
    """
    there = states[present(states, day)]
    if europe == "region":
        return set(there.loc[there["region"] == "europe", "state"])
    wanted = ("EU",) if europe == "eu" else ("EU", "NATO")
    stamp = f"{day:%Y-%m-%d}"
    rows = organisations[organisations["organisation"].isin(wanted) & (organisations["joined"] <= stamp) & ((organisations["left"] == "") | (organisations["left"] > stamp))]
    return (set(rows["state"]) & set(there["state"])) - {"USA", "CAN"}


def present(states: pd.DataFrame, day: pd.Timestamp) -> pd.Series:
    """Which rows of the register's `states` are of the state system on a day (dates as text sort like days; an empty entry is before, an empty exit after every day)."""
    stamp = f"{day:%Y-%m-%d}"
    return (states["entry"] <= stamp) & ((states["exit"] == "") | (states["exit"] >= stamp))


def commanded_by(operations: pd.DataFrame, members: pd.DataFrame, european: set[str]) -> pd.Series:
    """Kind of command by operation: `us-led` (the United States among the leads), `european-led` (the EU or European leads only), `other`, `unknown` (no lead coded)."""
    known = commanders(operations, members)

    def kind(name: str) -> str:
        who = known.get(name, set())
        return "us-led" if "USA" in who else "european-led" if who and who <= european | {"EU", "WEU"} else "other" if who else "unknown"

    return pd.Series([kind(name) for name in operations["operation_id"]], index=operations["operation_id"].to_numpy(), dtype=object)


def last_day(members: pd.DataFrame) -> pd.Series:
    """Last observed day of each membership (`joined` and `duration_days`, both ends counted)."""
    return members["joined"] + pd.to_timedelta(members["duration_days"].astype("Int64") - 1, unit="D")


def gulf_members(operations: pd.DataFrame, members: pd.DataFrame, states: pd.DataFrame, organisations: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Table `gulf_members`: who took part in the operations that started in either waters in answer to the crisis, by role and command; a line with a reason where nobody is coded.

    Parameters: panels of operations and memberships; the register's `states` and `organisation_members`; the last day observed.
    """
    rows = []
    for case, (waters, since, until) in CASES.items():
        day = pd.Timestamp(since)
        there = operations[(operations["deployed"] == 1) & operations["start"].between(day, pd.Timestamp(until))]
        there = there[there["theatres"].map(lambda text, waters=waters: waters in text.split("+")).astype(bool)]
        european = europeans(states, organisations, "region", day)
        command = commanded_by(there, members, european)
        for operation in there.sort_values("operation_id").itertuples():
            head = {"case": case, "operation_id": operation.operation_id, "name": operation.name, "command": command[operation.operation_id]}
            mine = members[members["operation_id"] == operation.operation_id].sort_values(["state", "joined"])
            for row in mine.itertuples():
                shown = {"state": row.state, "role": row.role, "european": int(row.state in european), "counted": row.counted, "joined": row.joined, "left": row.left}
                rows.append(head | shown | {"reason": None})
            if mine.empty:
                rows.append(head | {"reason": "members are not coded"})
    frame = pd.DataFrame(rows, columns=COLUMNS["gulf_members"])
    return frame.astype({"european": "Int64", "counted": "Int64", "joined": "datetime64[ns]", "left": "datetime64[ns]", "state": object, "role": object, "reason": object})


@dataclass(frozen=True)
class Overlap:
    """Members of two coalitions and the overlap that random draws of navies give: sets of states, Jaccard index, distribution of the index and its probabilities."""

    one: set[str]
    other: set[str]
    navies: dict[str, int]
    observed: float
    values: np.ndarray
    weights: np.ndarray
    draws: int

    @property
    def shared(self) -> set[str]:
        """States in both."""
        return self.one & self.other

    @property
    def expected(self) -> float:
        """Mean of the index under the null."""
        return float(self.values @ self.weights)

    def limits(self, confidence: float) -> tuple[float, float]:
        """Central interval of the index under the null."""
        order = np.argsort(self.values)
        mass = np.cumsum(self.weights[order])
        tail = (1 - confidence) / 2
        low, high = (self.values[order][min(int(np.searchsorted(mass, q - 1e-12)), len(order) - 1)] for q in (tail, 1 - tail))
        return float(low), float(high)

    @property
    def p(self) -> float:
        """Probability of an overlap as small or smaller; draws count the observed one."""
        mass = float(self.weights[self.values <= self.observed + 1e-12].sum())
        return min(1.0, mass if not self.draws else (mass * self.draws + 1) / (self.draws + 1))


def hypergeometric(pool: int, one: int, other: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of states that two random sets of a pool share, and their probabilities: (0, 1, ...), exact."""
    shared = np.arange(max(0, one + other - pool), min(one, other) + 1)
    choose = lambda n, k: gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)  # noqa: E731
    mass = np.exp(choose(one, shared) + choose(pool - one, other - shared) - choose(pool, other))
    return shared, mass / mass.sum()


def drawn_overlaps(weights: np.ndarray, one: int, other: int, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Numbers of shared states if both sets are drawn without replacement, state after state in proportion to weights (Gumbel keys; Efraimidis and Spirakis 2006)."""
    keys = [np.log(weights) + rng.gumbel(size=(draws, len(weights))) for _ in range(2)]
    taken = []
    for key, size in zip(keys, (one, other), strict=True):
        mask = np.zeros(key.shape, dtype=bool)
        np.put_along_axis(mask, np.argpartition(-key, size - 1, axis=1)[:, :size], True, axis=1)
        taken.append(mask)
    return (taken[0] & taken[1]).sum(axis=1)


def navies_of(operations: pd.DataFrame, members: pd.DataFrame, states: pd.DataFrame, day: pd.Timestamp, years: float | None = None) -> dict[str, int]:
    """States with a navy on a day: those still in the system that were counted members of a maritime operation that started before, and of how many.

    Parameters: panels of operations and memberships; the register's `states`; day; only operations at work within so many years before it (None: at any time).
    """
    maritime = operations[(operations["domain"] == "maritime") & (operations["deployed"] == 1) & (operations["start"] < day)]
    rows = members[members["operation_id"].isin(maritime["operation_id"]) & (members["counted"] == 1) & (members["joined"] < day)]
    if years is not None:
        rows = rows[last_day(rows) >= day - pd.Timedelta(days=round(years * DAYS_PER_YEAR))]
    count = rows[rows["state"].isin(states.loc[present(states, day), "state"])].groupby("state")["operation_id"].nunique()
    return {str(state): int(n) for state, n in count.items()}


def overlap_of(one: pd.DataFrame, other: pd.DataFrame, navies: dict[str, int], navy_weights: str, draws: int, seed: int) -> Overlap | None:
    """The overlap of two sets of members (tables with `state`) and its null; None if either is empty.

    Members are navies, too, whatever they did before. Weights: `equal` (the distribution is hypergeometric, no draws), `experience` (one more than their earlier operations).
    """
    first, second = set(one["state"]), set(other["state"])
    if not first or not second:
        return None
    pool = {state: navies.get(state, 0) for state in sorted(set(navies) | first | second)}
    if navy_weights == "equal":
        shared, mass, used = *hypergeometric(len(pool), len(first), len(second)), 0
    else:
        found = drawn_overlaps(1.0 + np.array(list(pool.values())), len(first), len(second), draws, np.random.default_rng([seed, 7]))
        shared, count = np.unique(found, return_counts=True)
        mass, used = count / count.sum(), draws
    total = len(first) + len(second)
    return Overlap(first, second, pool, len(first & second) / len(first | second), shared / (total - shared), mass, used)


def both_at_work(operations: pd.DataFrame, names: tuple[str, str], cutoff: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp] | str:
    """First and last day on which both operations work, or why there is none."""
    known = operations.set_index("operation_id")
    for name in names:
        if name not in known.index or known.loc[name, "deployed"] != 1:
            return f"{name} is not an operation of the register that deployed"
    frame = known.loc[list(names)]
    first, last = frame["start"].max(), observed_end(frame, cutoff).min()
    return (first, last) if first <= last else f"{names[0]} and {names[1]} were never at work at the same time"


def members_at(members: pd.DataFrame, name: str, roles: str, window: tuple[pd.Timestamp, pd.Timestamp] | None) -> pd.DataFrame:
    """Memberships of an operation (`with-supporters`: mere supporters, too), only those with a day in the window if there is one."""
    rows = members[(members["operation_id"] == name) & ((members["counted"] == 1) | (roles == "with-supporters"))]
    return rows if window is None else rows[(rows["joined"] <= window[1]) & (last_day(rows) >= window[0])]


def hormuz_table(
    operations: pd.DataFrame, members: pd.DataFrame, states: pd.DataFrame, names: tuple[str, str], cutoff: pd.Timestamp, draws: int, seed: int, confidence: float
) -> pd.DataFrame:
    """Table `hormuz`: members that the two coalitions share, and share by chance: under every specification (model `overlap`), and on the days of half-years (`on the day`).

    Parameters: panels of operations and memberships; the register's `states`; the US-led and the European-led coalition; the last day observed; draws; seed; confidence level.
    """
    window = both_at_work(operations, names, cutoff)
    if isinstance(window, str):
        frame = pd.DataFrame([{"model": "overlap", "reason": window}], columns=COLUMNS["hormuz"])
        return _hormuz_types(frame)
    first = operations.set_index("operation_id").loc[list(names), "start"].min()
    rows = []
    pools = {name: navies_of(operations, members, states, first, years) for name, years in NAVIES.items()}
    for roles, time, navies, weights in itertools.product(("contributors", "with-supporters"), ("while-both", "ever"), NAVIES, ("equal", "experience")):
        head = {"model": "overlap", "day": None, "roles": roles, "overlap_time": time, "navies": navies, "navy_weights": weights}
        sides = [members_at(members, name, roles, window if time == "while-both" else None) for name in names]
        rows.append(head | _overlap_line(sides, pools[navies], weights, draws, seed, confidence))
    halves = [pd.Timestamp(year, month, 1) for year in range(first.year, window[1].year + 2) for month in (1, 7)]
    for day in [day for day in halves if window[0] <= day <= window[1]]:
        head = {"model": "on the day", "day": day, "roles": "contributors", "overlap_time": "while-both", "navies": "ever", "navy_weights": "equal"}
        sides = [members_at(members, name, "contributors", (day, day)) for name in names]
        rows.append(head | _overlap_line(sides, pools["ever"], "equal", draws, seed, confidence))
    return _hormuz_types(pd.DataFrame(rows, columns=COLUMNS["hormuz"]))


def _hormuz_types(frame: pd.DataFrame) -> pd.DataFrame:
    floats = ["estimate", "expected", "expected_lower", "expected_upper", "excess", "p"]
    whole = dict.fromkeys(("n_us_led", "n_european_led", "n_shared", "n_navies", "draws"), "Int64")
    return frame.astype(dict.fromkeys(floats, float) | whole | {"day": "datetime64[ns]", "reason": object})


def _overlap_line(sides: list[pd.DataFrame], navies: dict[str, int], weights: str, draws: int, seed: int, confidence: float) -> dict:
    found = overlap_of(*sides, navies, weights, draws, seed)
    size = {"n_us_led": sides[0]["state"].nunique(), "n_european_led": sides[1]["state"].nunique()}
    if found is None:
        return size | {"reason": "no member of one side is coded"}
    low, high = found.limits(confidence)
    return size | {
        "n_shared": len(found.shared), "shared": "+".join(sorted(found.shared)) or None, "n_navies": len(found.navies), "estimate": found.observed, "expected": found.expected,
        "expected_lower": low, "expected_upper": high, "excess": found.observed - found.expected, "p": found.p, "draws": found.draws, "reason": None,
    }  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """European states by whether they put a vessel under US command; `reason` says why that cannot be told."""

    stayed_out: list[str]
    went_in: list[str]
    reason: str = ""


def command_choice_of(operations: pd.DataFrame, members: pd.DataFrame, states: pd.DataFrame, organisations: pd.DataFrame, spec: dict) -> Choice:
    """European participants in the waters of the US-led operation by command relation.

    Parameters: panels of operations and memberships; the register's `states` and `organisation_members`; a specification of the claim `red-sea`.
    Specification: `us_led`, `european_led` (operations),
    `participants` (`either`: counted members of either; `named`: in the US-led one in whatever role; `navies`: members of a maritime operation before, and those of either),
    `europe`, `us_command` (`vessels`: lead or contributor; `with-staff`: staff officers, too), `lists` (`announced`: supporters did as announced), `us_operations` (`all-us-led`:
    also US-led ones that started after it in one of its theatres), `joined_until` (year).
    """
    known = operations.set_index("operation_id")
    for name in (spec["us_led"], spec["european_led"]):
        if name not in known.index:
            return Choice([], [], f"{name} is not in the register")
    if (spec["participants"], spec["us_command"], spec["lists"]) == ("named", "with-staff", "announced"):
        return Choice([], [], "every state named in the US-led operation counts as under its command: the answer is in the definition")
    start, until = known.loc[spec["us_led"], "start"], pd.Timestamp(int(spec["joined_until"]), 12, 31)
    if pd.isna(start):
        return Choice([], [], f"{spec['us_led']} never deployed")
    european = europeans(states, organisations, spec["europe"], start)
    rows = members[members["state"].isin(european) & (members["joined"] <= until)]
    american = [spec["us_led"]]
    if spec["us_operations"] == "all-us-led":
        waters = set(known.loc[spec["us_led"], "theatres"].split("+"))
        near = operations[(operations["deployed"] == 1) & (operations["start"] > start) & operations["theatres"].map(lambda text: bool(waters & set(text.split("+"))))]
        american += [name for name, kind in commanded_by(near, members, european).items() if kind == "us-led"]
    theirs, ours = rows[rows["operation_id"].isin(american)], rows[(rows["operation_id"] == spec["european_led"]) & (rows["counted"] == 1)]
    if not (members["operation_id"] == spec["us_led"]).any():
        return Choice([], [], f"members of {spec['us_led']} are not coded")
    if spec["participants"] == "either" and not (members["operation_id"] == spec["european_led"]).any():
        return Choice([], [], f"members of {spec['european_led']} are not coded: which European states chose its command cannot be said")
    under = ["lead", "contributor", "host"] + ["staff-only"] * (spec["us_command"] == "with-staff") + ["supporter"] * (spec["lists"] == "announced")
    went_in = set(theirs.loc[theirs["role"].isin(under), "state"])
    if spec["participants"] == "named":
        asked = set(theirs["state"])
    else:
        asked = set(theirs.loc[theirs["role"].isin([*COUNTED, *under]), "state"]) | set(ours["state"])
        if spec["participants"] == "navies":
            asked |= set(navies_of(operations, members, states, start)) & european
    return Choice(sorted(asked - went_in), sorted(went_in & asked))


def exact_half(k: int, n: int) -> float:
    """Two-sided exact probability of so uneven a split of n if both sides are equally likely (sign test)."""
    shared, mass = np.arange(n + 1), np.exp(gammaln(n + 1) - gammaln(np.arange(n + 1) + 1) - gammaln(n - np.arange(n + 1) + 1) - n * np.log(2))
    return float(min(1.0, mass[np.abs(shared - n / 2) >= abs(k - n / 2) - 1e-9].sum()))


def red_sea_table(operations: pd.DataFrame, members: pd.DataFrame, states: pd.DataFrame, organisations: pd.DataFrame, specs: list[dict], confidence: float) -> pd.DataFrame:
    """Table `red_sea`: under every specification the share of European states without a vessel under US command (`estimate`, Wilson limits, sign test against one half).

    Parameters: as in `command_choice_of`; specifications; confidence level. `events` are the states with a vessel under US command.
    """
    rows = []
    for spec in specs:
        found = command_choice_of(operations, members, states, organisations, spec)
        n, k = len(found.stayed_out) + len(found.went_in), len(found.stayed_out)
        head = {name: spec[name] for name in COLUMNS["red_sea"][:6]} | {"n": n, "events": len(found.went_in)}
        head |= {"states_out": "+".join(found.stayed_out) or None, "states_in": "+".join(found.went_in) or None}
        reason = found.reason or (f"fewer than five European states ({n})" if n < FEWEST else None)
        if reason:
            rows.append(head | {"reason": reason})
            continue
        lower, upper = wilson_limits(k, n, confidence)
        rows.append(head | {"estimate": k / n, "lower": lower, "upper": upper, "p": exact_half(k, n), "reason": None})
    frame = pd.DataFrame(rows, columns=COLUMNS["red_sea"])
    return frame.astype(dict.fromkeys(("estimate", "lower", "upper", "p"), float) | {"n": "int64", "events": "int64", "states_out": object, "states_in": object, "reason": object})


# ---- All tables --------------------------------------------------------------------------------------------------------------------------------------------------


def estimates(
    operations: pd.DataFrame, concurrent: pd.DataFrame, members: pd.DataFrame, states: pd.DataFrame, organisations: pd.DataFrame, scopes: list[str],
    cutoff: pd.Timestamp, draws: int, seed: int, confidence: float, hormuz: tuple[str, str], red_sea: list[dict],
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Tables `overlap`, `duplication`, `gulf_members`, `hormuz` and `red_sea`.

    Parameters: panels of operations, concurrent pairs and memberships; the register's `states` and `organisation_members`; names of inclusion rules; the last day observed;
    draws of permutations; seed; confidence level; the two coalitions of Hormuz (`us_led`, `european_led` of the claim); specifications of the claim `red-sea`.
    """
    return {
        "overlap": overlap_table(concurrent, operations, members, scopes, cutoff),
        "duplication": duplication_table(operations, scopes, cutoff, draws, seed, confidence),
        "gulf_members": gulf_members(operations, members, states, organisations, cutoff),
        "hormuz": hormuz_table(operations, members, states, hormuz, cutoff, draws, seed, confidence),
        "red_sea": red_sea_table(operations, members, states, organisations, red_sea, confidence),
    }


def _words(texts: pd.Series) -> list[list[str]]:
    """The words of texts joined by +; an empty or missing text holds none."""
    return [[word for word in text.split("+") if word] if isinstance(text, str) else [] for text in texts.tolist()]


def _incidence(words: list[list[str]]) -> np.ndarray:
    """Row x word (0 or 1) of lists of words, the words in alphabetical order."""
    columns = {word: i for i, word in enumerate(sorted({word for row in words for word in row}))}
    held = np.zeros((len(words), max(len(columns), 1)), dtype=np.int32)
    for i, row in enumerate(words):
        held[i, [columns[word] for word in row]] = 1
    return held


def _meet(held: np.ndarray) -> np.ndarray:
    """Which rows of an incidence matrix have a word in common with which. In floats, in which such counts are exact: products of whole numbers are far slower."""
    held = held.astype(np.float32)
    return held @ held.T > 0


def _days(days: pd.Series) -> np.ndarray:
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)


def _day(day: pd.Timestamp) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))
