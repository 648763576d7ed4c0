"""Uncertain dates: the same panels with every day drawn within the bounds that its source supports."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from coalitions.estimands import Panels
from coalitions.panels import ARRANGEMENTS, DAYS_PER_YEAR


def redrawer(data: Panels, cutoff: pd.Timestamp) -> Callable[[np.random.Generator], Panels]:
    """A function that gives panels with starts and ends drawn uniformly between their earliest and latest days; each panel is made when it is read.

    Parameters: the published panels; the last day observed. An end drawn before its start is moved to the start, one after the cut-off to the cut-off.
    Durations and, in system-years, launches by arrangement and scope are computed anew; operations at work and members by year stay as they are.
    """
    operations, spells, system_years = data.operations, data.spells, data.system_years
    last = _days(pd.Series([cutoff]))[0]
    bounds = {name: _days(operations[name]) for name in ("start_earliest", "start_latest", "end_earliest", "end_latest")}
    deployed = (operations["deployed"] == 1).to_numpy()
    position = pd.Series(np.arange(len(operations)), index=operations["operation_id"])
    names = spells["operation_ids"].str.split("+")
    oldest, youngest = position[names.str[0]].to_numpy(), position[names.str[-1]].to_numpy()
    first_year = int(system_years["year"].min())
    span = int(system_years["year"].max()) - first_year + 1
    kinds = {kind: deployed & (operations["arrangement"] == kind).to_numpy() for kind in ARRANGEMENTS}
    scopes = {scope: (operations[f"scope_{scope}"] == 1).to_numpy() for scope in system_years["scope"].unique()}
    rows = {scope: np.flatnonzero(system_years["scope"] == scope) for scope in scopes}
    offsets = {scope: system_years["year"].to_numpy()[at] - first_year for scope, at in rows.items()}

    def draw(rng: np.random.Generator) -> Panels:
        start = _between(bounds["start_earliest"], bounds["start_latest"], rng)
        end = _between(bounds["end_earliest"], bounds["end_latest"], rng)
        end = np.fmin(np.where(np.isnan(end), np.nan, np.fmax(end, start)), np.where(np.isnan(end), np.nan, last))

        def drawn_operations() -> pd.DataFrame:
            return operations.assign(start=_stamps(start), end=_stamps(end), duration_days=_length(start, end, operations["status"], last))

        def drawn_spells() -> pd.DataFrame:
            begin, finish = start[oldest], end[youngest]
            finish = np.where(np.isnan(finish), np.nan, np.fmax(finish, begin))
            length = _length(begin, finish, spells["status"], last)
            return spells.assign(start=_stamps(begin), end=_stamps(finish), duration_days=length, duration_years=length / DAYS_PER_YEAR)

        def drawn_years() -> pd.DataFrame:
            year = np.where(np.isnan(start), -1, pd.Series(_stamps(start)).dt.year.fillna(0) - first_year).astype(int)
            years = {}
            for kind, of_kind in kinds.items():
                launches = np.zeros(len(system_years), dtype=np.int64)
                for scope, inside in scopes.items():
                    born = year[of_kind & inside]
                    launches[rows[scope]] = np.bincount(born[(born >= 0) & (born < span)], minlength=span)[offsets[scope]]
                years[f"{kind}_launches"] = launches
            return system_years.assign(**years)

        return data.redrawn(operations=drawn_operations, spells=drawn_spells, system_years=drawn_years)

    return draw


def _days(values: pd.Series) -> np.ndarray:
    """Days since 1970, NaN where missing."""
    known = values.notna().to_numpy()
    return np.where(known, values.to_numpy().astype("datetime64[D]").astype(np.int64).astype(float), np.nan)


def _stamps(days: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(days), np.datetime64("NaT", "ns"), np.nan_to_num(days).astype("int64").astype("datetime64[D]").astype("datetime64[ns]"))


def _between(lower: np.ndarray, upper: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return lower + np.floor(rng.random(len(lower)) * (upper - lower + 1))


def _length(start: np.ndarray, end: np.ndarray, status: pd.Series, last: float) -> np.ndarray:
    """Days at work, first and last counted: to the end, to the cut-off if ongoing, one day if the end is unknown."""
    stop = np.where(np.isnan(end), np.where((status == "unknown").to_numpy(), start, last), end)
    return stop - start + 1
