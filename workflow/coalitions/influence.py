"""Which records carry a result: the estimate without one operation, and without one theatre.

An operation is left out with every name it had (a renamed chain is one arrangement), from every table that the estimand reads; nobody succeeds it, precedes it or stands
under it any more.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from coalitions import panels
from coalitions.estimands import Estimate, Panels

_RELATIONS = ("parent_id", "predecessor_id", "successor_id")
# Of system years, what a left-out operation takes away by counting; the other columns (members, distinct states) would need every membership, and no estimate reads them.
_COUNTED = {"launches": "launched", "closures": "closed", "active_any_day": "any_day", "active_1_july": "active_1_july", "active_year_end": "active_year_end"}


def leaver(data: Panels, cutoff: pd.Timestamp) -> Callable[[Iterable[str]], Panels]:
    """A function that gives the panels without some operations (identifiers); each table is made when it is read.

    Parameters: the published panels; the last day observed. System years keep states, exposure and counts of operations; their counts of members are left out.
    """
    operations, spells, system_years = data.operations, data.spells, data.system_years
    kept = [name for name in system_years.columns if not name.startswith(("ahc_memberships", "ahc_distinct"))]
    counts = [f"{kind}_{name}" for kind in panels.ARRANGEMENTS for name in _COUNTED if f"{kind}_{name}" in kept]
    numbers = system_years[counts].to_numpy(dtype=np.int64)
    taken = _contributions(operations, system_years, counts, cutoff)

    def without(left_out: Iterable[str]) -> Panels:
        gone = set(left_out)

        def fewer_operations() -> pd.DataFrame:
            frame = operations[~operations["operation_id"].isin(gone)].reset_index(drop=True)
            return frame.assign(**{name: frame[name].where(~frame[name].isin(gone)) for name in _RELATIONS})

        def fewer_spells() -> pd.DataFrame:
            return spells[spells["operation_ids"].map(lambda names: gone.isdisjoint(names.split("+")))].reset_index(drop=True)

        def fewer_years() -> pd.DataFrame:
            less = numbers.copy()
            for name in gone & taken.keys():
                rows, columns, values = taken[name]
                np.subtract.at(less, (rows, columns), values)
            return system_years[kept].assign(**dict(zip(counts, less.T, strict=True)))

        def fewer_memberships() -> pd.DataFrame:
            return data.memberships[~data.memberships["operation_id"].isin(gone)].reset_index(drop=True)

        more = {"memberships": fewer_memberships} if data.holds("memberships") else {}
        return data.apart(operations=fewer_operations, spells=fewer_spells, system_years=fewer_years, **more)

    return without


def _contributions(operations: pd.DataFrame, system_years: pd.DataFrame, counts: list[str], cutoff: pd.Timestamp) -> dict[str, tuple]:
    """What each operation adds to the counts of system years: by operation the rows, the places in `counts` and the values."""
    years = panels.worked_years(operations, cutoff).assign(any_day=1)
    row = pd.Series(np.arange(len(system_years)), index=pd.MultiIndex.from_frame(system_years[["scope", "year"]]))
    parts = []
    for scope in system_years["scope"].unique():
        mine = years[years[f"scope_{scope}"] == 1]
        at = row.reindex(pd.MultiIndex.from_arrays([[scope] * len(mine), mine["year"]])).to_numpy()
        for name, column in _COUNTED.items():
            place = (mine["arrangement"] + f"_{name}").map({count: number for number, count in enumerate(counts)}).to_numpy()
            parts.append(pd.DataFrame({"operation_id": mine["operation_id"].to_numpy(), "row": at, "place": place, "value": mine[column].to_numpy()}))
    lines = pd.concat(parts)
    lines = lines[(lines["value"] != 0) & lines["row"].notna() & lines["place"].notna()].astype({"row": "int64", "place": "int64"})
    return {name: tuple(part[column].to_numpy() for column in ("row", "place", "value")) for name, part in lines.groupby("operation_id")}


def units(operations: pd.DataFrame, records: list[str]) -> dict[str, dict[str, list[str]]]:
    """What can be left out: by kind (`operation`, `theatre`) the identifier of each unit with its operations, in alphabetical order.

    Parameters: the operations panel; operations (or spells, by their oldest name) that the estimate rests on. A unit of kind `operation` is a whole chain, named by
    its oldest name; one of kind `theatre` holds every name of each chain of which a deployed one has it as its primary theatre, if one of the records is among them.
    """
    names = operations.groupby("chain_id")["operation_id"].agg(list)  # a chain that moved goes as a whole, or spells and operations would lose different cases
    chains = operations.loc[operations["operation_id"].isin(records) | operations["chain_id"].isin(records), "chain_id"].unique()
    mine = operations[operations["chain_id"].isin(chains)]
    deployed = operations[operations["theatre"].isin(mine["theatre"].dropna()) & (operations["deployed"] == 1)]
    of_theatre = deployed.groupby("theatre")["chain_id"].agg(lambda held: [name for chain in dict.fromkeys(held) for name in names[chain]])
    return {"operation": names[names.index.isin(chains)].to_dict(), "theatre": of_theatre.to_dict()}


def left_out(estimand: Callable, data: Panels, spec: dict, primary: Estimate, settings: dict) -> list[dict]:
    """The estimate without each unit in turn: `kind, left_out` and the columns of an estimate, in the order of `units`; empty if there is no primary estimate."""
    if primary.theta is None and primary.holds is None:
        return []
    found_units, rows = units(data.operations, primary.records), []
    if not any(found_units.values()):
        return []
    without = leaver(data, pd.Timestamp(settings["cutoff"]))
    for kind, names in found_units.items():
        rows += [{"kind": kind, "left_out": name, **estimand(without(theirs), spec, settings).as_row()} for name, theirs in names.items()]
    return rows
