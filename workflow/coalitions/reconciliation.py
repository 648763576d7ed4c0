"""Our counts beside those that others published, under a rule that comes as near to theirs as the register allows."""

import numpy as np
import pandas as pd

from coalitions import panels, scopes


def table(counts: pd.DataFrame, operations: pd.DataFrame, operation_years: pd.DataFrame, members: pd.DataFrame, pairs: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """One row per published count: theirs, ours, the difference, and the reason given in the register.

    Parameters: register's `published_counts`; panels operations, operation_years, memberships and concurrent_pairs; the last day observed. Measures:

    - `at-work`: operations of the rule at work on any day from `first_year` to `last_year`;
    - `launched`: operations of the rule that started in those years;
    - `operation-years`: operations times calendar years in which they worked;
    - `coalitions-of-state`: operations of the rule in which `state` is a counted member in those years;
    - `share-beside-another`: per cent of the operations of the rule at work in those years that share a theatre and a day with another one of the rule.
    """
    rows = []
    for row in counts.itertuples():
        chosen = operations[scopes.select(operations, row.rule) & (operations["deployed"] == 1)]
        first, last = int(row.first_year), int(row.last_year)
        years = operation_years[operation_years["operation_id"].isin(chosen["operation_id"]) & operation_years["year"].between(first, last)]
        working = set(years["operation_id"])
        if row.measure == "at-work":
            ours = len(working)
        elif row.measure == "launched":
            ours = int(chosen["start"].dt.year.between(first, last).sum())
        elif row.measure == "operation-years":
            ours = len(years)
        elif row.measure == "coalitions-of-state":
            spells = panels.member_spell_years(members, cutoff)
            mine = spells[(spells["state"] == row.state) & spells["year"].between(first, last) & spells["operation_id"].isin(working)]
            ours = mine["operation_id"].nunique()
        else:
            inside = pairs[pairs["operation_a"].isin(working) & pairs["operation_b"].isin(working) & (pairs["related"] == 0)]
            inside = inside[(inside["overlap_end"].dt.year >= first) & (inside["overlap_start"].dt.year <= last)]
            ours = 100 * len(set(inside["operation_a"]) | set(inside["operation_b"])) / len(working) if working else np.nan
        theirs = float(row.value)
        rows.append(
            {
                "count_id": row.count_id, "what": row.what, "first_year": first, "last_year": last, "theirs": theirs, "ours": float(ours), "difference": float(ours) - theirs,
                "measure": row.measure, "rule": row.rule, "source_id": row.source_id, "reason_for_difference": row.reason,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
