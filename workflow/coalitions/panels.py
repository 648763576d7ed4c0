"""From the register to panels: operations, spells, memberships, and state, theatre and system years.

Conventions, the same everywhere:

- days are exact; a year is 365.25 days; the cut-off is the last day observed;
- `start` and `end` are the middle days of what the source supports, with the earliest and latest day beside them; where the middle of the end
  would lie before the start (both known to the same month, say) the end is moved to the start;
- an operation is at work on its first and on its last day, so a duration counts both: `end - start + 1`, and is never below one day;
- an operation with unknown end is observed on its first day only: it is censored there, not at the cut-off.
"""

import numpy as np
import pandas as pd

from coalitions import dates, scopes
from coalitions.register import Register

DAYS_PER_YEAR = 365.25
DAY = pd.Timedelta(days=1)
MONITORING = ("ceasefire-monitoring", "border-monitoring", "verification", "interposition")
WAR = ("territorial-enforcement", "counterterrorism", "counterinsurgency", "no-fly-zone", "embargo-enforcement")
PEACE = (
    *MONITORING,
    "stabilisation",
    "civilian-protection",
    "policing",
    "disarmament",
    "electoral-support",
    "transitional-administration",
    "rule-of-law",
    "security-sector-reform",
)
FLAGS = ["military", "multidimensional", "nested", "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella"]
ARRANGEMENTS = ("ahc", "un", "regional")


def operations(register: Register, rules: dict[str, str], cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per operation of the register: its columns, dates as days with bounds, duration, members, scopes, chain.

    Parameters: a verified register; inclusion rules by name; the last day observed. Empty text becomes missing.
    Adds `tasks` and `theatres` (joined by +), `deployed`, `monitoring` (a monitoring task), `peace_operation` (a peace task and no war task), `n_tasks`,
    `theatre` and `region` (primary).
    Raises ScopeError if a rule cannot be read.
    """
    raw = register["operations"].reset_index(drop=True)
    frame = raw.where(raw != "", np.nan)
    for name in FLAGS:
        frame[name] = raw[name].astype("int64")
    for name in ("contributors_peak", "personnel_peak"):
        frame[name] = pd.to_numeric(frame[name]).astype("Float64")
    first, last = dates.expand(raw["start"]), dates.expand(raw["end"])
    frame["start_text"], frame["end_text"] = frame["start"], frame["end"]
    frame["start_earliest"], frame["start"], frame["start_latest"] = first["earliest"], first["point"], first["latest"]
    frame["end_earliest"], frame["end"], frame["end_latest"] = last["earliest"], last["point"].where(~(last["point"] < first["point"]), first["point"]), last["latest"]
    frame["ended"] = (frame["status"] == "ended").astype("int64")
    frame["deployed"] = (frame["status"] != "never-deployed").astype("int64")
    frame["duration_days"] = _duration(frame, cutoff)
    frame["duration_years"] = frame["duration_days"] / DAYS_PER_YEAR
    frame = frame.join(_members(register, frame, cutoff), on="operation_id")
    frame["n_members_peak"] = frame[["n_members_peak", "contributors_peak"]].astype("Float64").max(axis=1)
    tasks = register["tasks"].groupby("operation_id")["task"].agg(set)
    held = frame["operation_id"].map(tasks)
    frame["tasks"] = held.map(lambda s: "+".join(sorted(s)))
    frame["n_tasks"] = held.map(len)
    frame["monitoring"] = held.map(lambda s: int(bool(s & set(MONITORING))))
    frame["peace_operation"] = held.map(lambda s: int(bool(s & set(PEACE)) and not s & set(WAR)))
    places = register["operation_theatres"]
    primary = places[places["primary"] == "1"].set_index("operation_id")["theatre"]
    frame["theatre"] = frame["operation_id"].map(primary)
    frame["theatres"] = frame["operation_id"].map(places.groupby("operation_id")["theatre"].agg(lambda names: "+".join(sorted(names))))
    frame["region"] = frame["theatre"].map(register["theatres"].set_index("theatre")["region"])
    for name, rule in rules.items():
        frame[f"scope_{name}"] = scopes.select(frame, rule).astype("int64")
    frame["chain_id"] = frame["operation_id"].map(chain_of(raw))
    return frame.sort_values("operation_id", ignore_index=True)


def family_of(operations: pd.DataFrame) -> dict[str, str]:
    """For each `operation_id` of the operations panel the oldest name of its topmost umbrella: itself or its chain, if it has none. A task force, its umbrella
    and their older names are one family."""
    chains = dict(zip(operations["operation_id"], operations["chain_id"], strict=True))
    parents = {row.operation_id: row.parent_id for row in operations.itertuples() if isinstance(row.parent_id, str) and row.parent_id}
    families = {}
    for name in operations["operation_id"]:
        top, seen = name, {name}
        while (up := parents.get(top) or parents.get(chains[top])) and up not in seen:
            top = up
            seen.add(top)
        families[name] = chains[top]
    return families


def chain_of(operations: pd.DataFrame) -> dict[str, str]:
    """For each `operation_id` the oldest name of the same arrangement (itself, if it has no `predecessor_id`)."""
    older = {row.operation_id: row.predecessor_id for row in operations.itertuples() if isinstance(row.predecessor_id, str) and row.predecessor_id}
    chains = {}
    for name in operations["operation_id"]:
        oldest = name
        while oldest in older:
            oldest = older[oldest]
        chains[name] = oldest
    return chains


def spells(operations: pd.DataFrame, cutoff: pd.Timestamp, merge: bool = True) -> pd.DataFrame:
    """Units of the primary duration analyses: one row per arrangement that deployed, renamed chains merged into one spell.

    Parameters: the operations panel; the last day observed; whether to merge chains.
    Returns `spell_id` (the oldest name), `operation_ids` (joined by +), arrangement and covariates of the oldest name, `start` of the oldest, `end`, `ended`,
    `ended_how` of the youngest, bounds of both, `duration_days`, `n_members_peak` (largest), and the scopes: a chain is in a scope if one of its names is.
    """
    names = _generation(operations)
    frame = operations[operations["deployed"] == 1]
    frame = frame.assign(_order=frame["operation_id"].map(names)).sort_values(["_order", "start", "operation_id"]).drop(columns="_order")
    frame = frame.assign(spell_id=frame["chain_id"] if merge else frame["operation_id"])
    scope_names = [name for name in frame.columns if name.startswith("scope_")]
    grouped = frame.groupby("spell_id", sort=True)
    oldest, youngest = grouped.head(1).set_index("spell_id"), grouped.tail(1).set_index("spell_id")
    kept = [
        "name", "acronym", "arrangement", "organisation", "domain", "military", "multidimensional", "un_kind", "monitoring", "legal_basis", "theatre", "region",
        "nested", "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella", "start_earliest", "start", "start_latest",
    ]  # fmt: skip
    result = oldest[kept].copy()
    result.insert(0, "operation_ids", grouped["operation_id"].agg("+".join))
    for name in ("end_earliest", "end", "end_latest", "status", "ended", "ended_how"):
        result[name] = youngest[name]
    result["duration_days"] = _duration(result, cutoff)
    result["duration_years"] = result["duration_days"] / DAYS_PER_YEAR
    result["n_members_launch"] = oldest["n_members_launch"]
    result["n_members_peak"] = grouped["n_members_peak"].max()
    result["n_tasks"] = grouped["n_tasks"].max()
    for name in ("tasks", "theatres"):
        result[name] = grouped[name].agg(lambda lists: "+".join(sorted({item for text in lists for item in text.split("+")})))
    for name in scope_names:
        result[name] = grouped[name].max()
    return result.sort_index().reset_index()


def _generation(operations: pd.DataFrame) -> dict[str, int]:
    """How many older names an operation has: the order of names in a chain, which middle dates of coarse precision may not show."""
    older = {row.operation_id: row.predecessor_id for row in operations.itertuples() if isinstance(row.predecessor_id, str) and row.predecessor_id}
    count = {}
    for name in operations["operation_id"]:
        steps, at = 0, name
        while at in older:
            at, steps = older[at], steps + 1
        count[name] = steps
    return count


def memberships(register: Register, operations: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Spells of states in operations that deployed: `membership_id`, state, role, `counted` (not a mere supporter), days with bounds, `left_early`.

    An empty `joined` or `left` of the register is the start or end of the operation; a spell still running is censored at the cut-off (`ended` 0).
    Where the register says that the day is not known (`dates_known` 0) the spell is drawn to the operation's own start or end, its bounds reach over the whole operation.
    """
    frame = register["memberships"].reset_index(drop=True)
    known = operations[operations["deployed"] == 1].set_index("operation_id")
    frame = frame[frame["operation_id"].isin(known.index)].reset_index(drop=True)
    joined, left = dates.expand(frame["joined"]), dates.expand(frame["left"])
    operation = known.loc[frame["operation_id"]].reset_index(drop=True)
    own_join, own_left = frame["joined"] != "", frame["left"] != ""
    result = frame[["operation_id", "state", "role"]].copy()
    result["arrangement"] = operation["arrangement"]
    result["counted"] = (frame["role"] != "supporter").astype("int64")
    for bound, part in (("joined_earliest", "earliest"), ("joined", "point"), ("joined_latest", "latest")):
        result[bound] = joined[part].where(own_join, operation[bound.replace("joined", "start")])
    result["joined"] = result[["joined"]].assign(start=operation["start"]).max(axis=1)
    for bound, part in (("left_earliest", "earliest"), ("left", "point"), ("left_latest", "latest")):
        result[bound] = left[part].where(own_left, operation[bound.replace("left", "end")])
    result["left"] = result["left"].where(~(result["left"] > operation["end"]), operation["end"])
    result["left"] = result["left"].where(~(result["left"] < result["joined"]), result["joined"])
    vague_left, vague_joined = frame["dates"].isin(["left-unknown", "both-unknown"]), frame["dates"].isin(["joined-unknown", "both-unknown"])
    result["left_earliest"] = result["left_earliest"].where(~vague_left, result["joined_earliest"])
    result["left_latest"] = result["left_latest"].where(~vague_left, operation["end_latest"].fillna(cutoff))
    result["joined_latest"] = result["joined_latest"].where(~vague_joined, operation["end_latest"].fillna(cutoff))
    result["dates_known"] = (frame["dates"] == "sourced").astype("int64")
    result["joined_later"] = (own_join & (joined["earliest"] > operation["start_latest"])).astype("int64")
    result["left_early"] = (own_left & (left["latest"] < operation["end_earliest"].fillna(cutoff))).astype("int64")
    result["ended"] = result["left"].notna().astype("int64")
    observed = result["left"].fillna(pd.Series(np.where(operation["status"] == "unknown", result["joined"], cutoff), index=result.index).astype("datetime64[ns]"))
    result["duration_days"] = (observed - result["joined"]).dt.days + 1
    number = result.groupby(["operation_id", "state"]).cumcount() + 1
    result.insert(0, "membership_id", result["operation_id"] + "." + result["state"].str.lower() + "." + number.astype(str))
    for name in [c for c in operations.columns if c.startswith("scope_")]:
        result[name] = operation[name]
    return result.sort_values("membership_id", ignore_index=True)


def operation_years(operations: pd.DataFrame, members: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per operation and calendar year in which it worked: `days_active`, `active_1_july`, `active_year_end`, `launched`, `closed`, `n_members`.

    `n_members` counts the states with a counted spell in that year; it is missing for an operation whose members are not coded.
    """
    years = worked_years(operations, cutoff)
    spells = member_spell_years(members, cutoff)
    count = spells.groupby(["operation_id", "year"])["state"].nunique().rename("n_members")
    years = years.join(count, on=["operation_id", "year"])
    years["n_members"] = years["n_members"].astype("Float64")
    for name in [c for c in operations.columns if c.startswith("scope_")]:  # the members stand before the scopes
        years[name] = years.pop(name)
    return years.sort_values(["operation_id", "year"], ignore_index=True)


def worked_years(operations: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per deployed operation and calendar year in which it worked, as `operation_years` without members."""
    frame = operations[operations["deployed"] == 1]
    years = _years(frame["operation_id"], frame["start"], observed_end(frame, cutoff))
    years = years.join(frame.set_index("operation_id")[["arrangement", "start", "end"]], on="operation_id")
    last = years["end"].fillna(years.pop("last"))
    for name, month, day in (("active_1_july", 7, 1), ("active_year_end", 12, 31)):
        moment = pd.to_datetime({"year": years["year"], "month": month, "day": day})
        years[name] = ((years["start"] <= moment) & (last >= moment)).astype("int64")
    years["launched"] = (years["start"].dt.year == years["year"]).astype("int64")
    years["closed"] = (years["end"].dt.year == years["year"]).astype("int64")
    for name in [c for c in operations.columns if c.startswith("scope_")]:
        years[name] = years["operation_id"].map(operations.set_index("operation_id")[name])
    return years.drop(columns=["start", "end"])


def member_spell_years(members: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Operation, state and year for every year touched by a counted membership spell (columns operation_id, state, role, arrangement, year, scope_*)."""
    counted = members[members["counted"] == 1]
    last = counted["joined"] + pd.to_timedelta(counted["duration_days"] - 1, unit="D")
    years = _years(counted["membership_id"], counted["joined"], last)
    columns = ["membership_id", "operation_id", "state", "role", "arrangement", *[c for c in members.columns if c.startswith("scope_")]]
    return years[["membership_id", "year", "days_active"]].merge(counted[columns], on="membership_id", validate="many_to_one")


def member_years(members: pd.DataFrame, rules: list[str], cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per scope, state and year with at least one AHC membership: `n_ahc`, `n_ahc_led`.

    AHCs only: for other arrangements members are not coded completely, and a count of what happens to be coded would mislead.
    """
    years = member_spell_years(members[members["arrangement"] == "ahc"], cutoff)
    parts = []
    for scope in rules:
        chosen = years[years[f"scope_{scope}"] == 1]
        grouped = chosen.groupby(["state", "year"])
        led = chosen[chosen["role"] == "lead"].groupby(["state", "year"])["operation_id"].nunique()
        part = grouped["operation_id"].nunique().rename("n_ahc").to_frame()
        part["n_ahc_led"] = led.reindex(part.index, fill_value=0)
        parts.append(part.reset_index().assign(scope=scope))
    return pd.concat(parts)[["scope", "state", "year", "n_ahc", "n_ahc_led"]].sort_values(["scope", "state", "year"], ignore_index=True)


def theatre_operation_years(operations: pd.DataFrame, places: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Operation, theatre and year with `days_active`, `arrangement` and `provider`.

    The provider is who commands: the United Nations, the organisation, or for an AHC the coalition itself (its umbrella, if it is a task force).
    Parameters: operations panel; register's `operation_theatres`; the last day observed.
    """
    frame = operations[operations["deployed"] == 1]
    years = _years(frame["operation_id"], frame["start"], observed_end(frame, cutoff)).drop(columns="last")
    coalition = frame["operation_id"].map(family_of(operations))
    provider = pd.Series(np.where(frame["arrangement"] == "ahc", coalition, frame["organisation"]), index=frame["operation_id"])
    columns = ["arrangement", *[c for c in frame.columns if c.startswith("scope_")]]
    years = years.join(frame.set_index("operation_id")[columns], on="operation_id").assign(provider=years["operation_id"].map(provider))
    return years.merge(places[["operation_id", "theatre"]], on="operation_id")


def theatre_years(operations: pd.DataFrame, places: pd.DataFrame, rules: list[str], cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per scope, theatre and year with an operation at work: operations, operation-days and providers, in all and by arrangement."""
    years = theatre_operation_years(operations, places, cutoff)
    parts = []
    for scope in rules:
        chosen = years[years[f"scope_{scope}"] == 1]
        keys = ["theatre", "year"]
        part = chosen.groupby(keys).agg(n_operations=("operation_id", "nunique"), n_providers=("provider", "nunique"), operation_days=("days_active", "sum"))
        for kind in ARRANGEMENTS:
            part[f"n_{kind}"] = chosen[chosen["arrangement"] == kind].groupby(keys)["operation_id"].nunique().reindex(part.index, fill_value=0)
        parts.append(part.reset_index().assign(scope=scope))
    frame = pd.concat(parts)
    return frame[["scope", *[c for c in frame.columns if c != "scope"]]].sort_values(["scope", "theatre", "year"], ignore_index=True)


def system_years(operations: pd.DataFrame, members: pd.DataFrame, states: pd.DataFrame, rules: list[str], first_year: int, cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per scope and year from `first_year` to the cut-off, years without any operation included.

    `states_in_system` on 1 July; `exposure_years` (1, less in the year of the cut-off); for each arrangement launches, closures, operations at work
    on any day, on 1 July and on 31 December; for AHCs `memberships` (state x coalition) and `distinct_states`, on any day and on 1 July.
    """
    years = pd.Index(range(first_year, cutoff.year + 1), name="year")
    worked = operation_years(operations, members, cutoff)
    spells = member_spell_years(members[members["arrangement"] == "ahc"], cutoff)
    joined = spells.join(members.set_index("membership_id")[["joined", "duration_days"]], on="membership_id")
    july = pd.to_datetime({"year": joined["year"], "month": 7, "day": 1})
    on_july = joined[(joined["joined"] <= july) & (joined["joined"] + pd.to_timedelta(joined["duration_days"] - 1, unit="D") >= july)]
    parts = []
    for scope in rules:
        chosen = worked[worked[f"scope_{scope}"] == 1]
        part = pd.DataFrame(index=years)
        part["states_in_system"] = states_in_system(states, years)
        part["exposure_years"] = [min(1.0, ((cutoff - pd.Timestamp(y, 1, 1)).days + 1) / (366 if pd.Timestamp(y, 1, 1).is_leap_year else 365)) for y in years]
        by_year = {kind: chosen[chosen["arrangement"] == kind].groupby("year") for kind in ARRANGEMENTS}
        for name, column in {"launches": "launched", "closures": "closed", "active_any_day": None, "active_1_july": "active_1_july", "active_year_end": "active_year_end"}.items():
            for kind, rows in by_year.items():
                values = rows[column].sum() if column else rows["operation_id"].nunique()
                part[f"{kind}_{name}"] = values.reindex(years, fill_value=0)
        for suffix, frame in (("any_day", spells), ("1_july", on_july)):
            inside = frame[frame[f"scope_{scope}"] == 1]
            pairs = inside.drop_duplicates(["operation_id", "state", "year"]).groupby("year")
            part[f"ahc_memberships_{suffix}"] = pairs.size().reindex(years, fill_value=0)
            part[f"ahc_distinct_states_{suffix}"] = pairs["state"].nunique().reindex(years, fill_value=0)
        parts.append(part.reset_index().assign(scope=scope))
    frame = pd.concat(parts)
    return frame[["scope", *[c for c in frame.columns if c != "scope"]]].sort_values(["scope", "year"], ignore_index=True)


def states_in_system(states: pd.DataFrame, years: pd.Index) -> list[int]:
    """Number of states of the register's `states` in the system on 1 July of each year; entities without a COW or Gleditsch-Ward number are not of the system."""
    states = states[(states["cow_code"] != "") | (states["gw_number"] != "")]
    entry = dates.expand(states["entry"])["point"].fillna(pd.Timestamp("1900-01-01"))
    leave = dates.expand(states["exit"])["point"].fillna(pd.Timestamp("2200-01-01"))
    return [int(((entry <= pd.Timestamp(y, 7, 1)) & (leave >= pd.Timestamp(y, 7, 1))).sum()) for y in years]


def observed_end(frame: pd.DataFrame, cutoff: pd.Timestamp) -> pd.Series:
    """Last day on which an operation is known to have worked: its end, the cut-off if ongoing, its first day if its end is unknown."""
    return frame["end"].fillna(frame["start"].where(frame["status"] == "unknown", cutoff))


def _duration(frame: pd.DataFrame, cutoff: pd.Timestamp) -> pd.Series:
    return ((observed_end(frame, cutoff) - frame["start"]).dt.days + 1).astype("Float64").where(frame["start"].notna())


def _members(register: Register, operations: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """`n_members_launch` and `n_members_peak` by operation, from counted membership spells; the peak is the largest number at one time."""
    frame = memberships(register, operations, cutoff)
    frame = frame[frame["counted"] == 1].sort_values(["operation_id", "state", "joined"], kind="stable")
    start = frame["operation_id"].map(operations.set_index("operation_id")["start"])
    launch = frame[frame["joined"] <= start].groupby("operation_id")["state"].nunique()
    last = frame["joined"] + pd.to_timedelta(frame["duration_days"] - 1, unit="D")
    # A state that left on an unknown day and came back has two spells that overlap; it counts once: its earlier spell is cut where the later one begins.
    again = frame.groupby(["operation_id", "state"])["joined"].shift(-1)
    last = last.where(~(last >= again), again - DAY)
    steps = pd.concat(
        [
            pd.DataFrame({"operation_id": frame["operation_id"], "day": frame["joined"], "step": 1}),
            pd.DataFrame({"operation_id": frame["operation_id"], "day": last + DAY, "step": -1}),
        ]
    )
    running = steps.groupby(["operation_id", "day"])["step"].sum().groupby(level=0).cumsum()
    peak = running.groupby(level=0).max()
    planned = register["memberships"]
    planned = planned[(planned["role"] != "supporter") & ~planned["operation_id"].isin(set(frame["operation_id"]))].groupby("operation_id")["state"].nunique()
    return pd.DataFrame({"n_members_launch": launch.astype("Float64"), "n_members_peak": pd.concat([peak, planned]).astype("Float64")})


def _years(identifier: pd.Series, first: pd.Series, last: pd.Series) -> pd.DataFrame:
    """One row per spell and calendar year touched: the identifier's column, `year`, `days_active`, `last`."""
    begin, finish = first.dt.year.to_numpy(), last.dt.year.to_numpy()
    repeat = finish - begin + 1
    index = np.repeat(np.arange(len(repeat)), repeat)
    offset = np.arange(repeat.sum()) - np.repeat(np.cumsum(repeat) - repeat, repeat)
    year = begin[index] + offset
    new_year = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    next_year = (year - 1969).astype("datetime64[Y]").astype("datetime64[D]")
    start = np.maximum(first.to_numpy().astype("datetime64[D]")[index], new_year)
    stop = np.minimum(last.to_numpy().astype("datetime64[D]")[index] + 1, next_year)
    return pd.DataFrame(
        {identifier.name: identifier.to_numpy()[index], "year": year.astype("int64"), "days_active": (stop - start).astype("int64"), "last": last.to_numpy()[index]}
    )
