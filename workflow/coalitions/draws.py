"""Uncertain dates: the same panels with every day drawn within the bounds that its source supports."""

import numpy as np
import pandas as pd

from coalitions import dates
from coalitions.panels import DAYS_PER_YEAR, observed_end

ARRANGEMENTS = ("ahc", "un", "regional")


def redrawn(
    operations: pd.DataFrame, spells: pd.DataFrame, system_years: pd.DataFrame, cutoff: pd.Timestamp, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Operations, spells and system-years with starts and ends drawn uniformly between their earliest and latest days.

    Parameters: the published panels; the last day observed; a random generator. An end drawn before its start is moved to the start, one after the cut-off to the cut-off.
    Durations and, in system-years, launches by arrangement and scope are computed anew; operations at work and members by year stay as they are.
    """
    drawn = operations.copy()
    drawn["start"] = dates.draw(operations["start_earliest"], operations["start_latest"], rng)
    end = dates.draw(operations["end_earliest"], operations["end_latest"], rng)
    end = end.where(~(end < drawn["start"]), drawn["start"])
    drawn["end"] = end.where(~(end > cutoff), cutoff)
    drawn["duration_days"] = _days(drawn, cutoff).where(drawn["start"].notna())
    start, end = drawn.set_index("operation_id")["start"], drawn.set_index("operation_id")["end"]
    names = spells["operation_ids"].str.split("+")
    lives = spells.assign(start=names.str[0].map(start), end=names.str[-1].map(end))
    lives["end"] = lives["end"].where(~(lives["end"] < lives["start"]), lives["start"])
    lives["duration_days"] = _days(lives, cutoff)
    lives["duration_years"] = lives["duration_days"] / DAYS_PER_YEAR
    years = system_years.copy()
    born = drawn[drawn["deployed"] == 1].assign(year=drawn["start"].dt.year)
    for scope in years["scope"].unique():
        counted = born[born[f"scope_{scope}"] == 1].groupby(["arrangement", "year"]).size()
        rows = years["scope"] == scope
        for kind in ARRANGEMENTS:
            of_kind = counted[kind] if kind in counted.index.get_level_values(0) else pd.Series(dtype="int64")
            years.loc[rows, f"{kind}_launches"] = years.loc[rows, "year"].map(of_kind).fillna(0).astype("int64").to_numpy()
    return drawn, lives, years


def _days(frame: pd.DataFrame, cutoff: pd.Timestamp) -> pd.Series:
    return (observed_end(frame, cutoff) - frame["start"]).dt.days + 1
