"""The explorer: every operation of the register with its members, theatres, tasks and evidence, as data for one page that needs no network."""

import numpy as np
import pandas as pd

from coalitions import dates
from coalitions.register import Register

# Days between which the bar of an operation is drawn, region and theatre of its filter, and how many members it had: columns of the operations panel.
DRAWN = ("start_earliest", "start_latest", "end_earliest", "end_latest", "region", "theatre", "n_members_peak")


def content(register: Register, operations: pd.DataFrame, schema: dict, rules: dict[str, str], cutoff: str) -> dict:
    """What the page shows, as plain values.

    Parameters: the register as it was read, corrections applied (all text); the operations panel; content of register.yaml; inclusion rules by name; last day observed.
    Returns `tables` (columns and rows of every table, as written), `drawn` (by operation: the columns of DRAWN and the rules that it meets), `titles` of the tables,
    `words` (meaning of each value of a vocabulary, by table and column), `flags` (columns that are yes or no), `columns` (description by table and column), `rules`,
    `cutoff`, `seen` (see `last_seen`). Raises ValueError if the panel and the register do not hold the same operations.
    """
    if missing := sorted(set(register["operations"]["operation_id"]) ^ set(operations["operation_id"])):
        raise ValueError(f"panel and register do not hold the same operations: {', '.join(missing[:5])}")
    panel = operations.sort_values("operation_id")
    drawn = {
        row["operation_id"]: [None if pd.isna(row[name]) else _plain(row[name]) for name in DRAWN] + [[rule for rule in rules if row[f"scope_{rule}"] == 1]]
        for row in panel.to_dict("records")
    }
    fields = {name: schema["tables"][name]["fields"] for name in register}
    return {
        "tables": {name: {"columns": list(frame.columns), "rows": frame.to_numpy(dtype=str).tolist()} for name, frame in register.items()},
        "drawn": drawn,
        "titles": {name: schema["tables"][name]["title"] for name in register},
        "columns": {name: {field["name"]: field["description"] for field in fields[name]} for name in register},
        "words": {name: {field["name"]: schema["vocabularies"][field["vocabulary"]] for field in fields[name] if "vocabulary" in field} for name in register},
        "flags": [field["name"] for field in fields["operations"] if field.get("kind") == "flag"],
        "rules": rules,
        "cutoff": cutoff,
        "seen": last_seen(register, cutoff),
    }


def last_seen(register: Register, cutoff: str) -> dict[str, list[str]]:
    """When an operation without an end was last seen at work, by its evidence of `status`: `[value, how, source_id, day]` by operation; absent where nothing is recorded.

    `how` is `day` if the line of evidence is dated (`value` as it is written there) and `source` if it says `ongoing` without a date: then `value` is the year of the source. `day`
    is the last that `value` can mean. A date later than its source or than the cut-off is a plan and no sign of life. The latest counts; of a year and a date in it, the date.

    Parameters: register with corrections applied (all text); last day observed.
    """
    status = register["operations"].set_index("operation_id")["status"]
    lines = register["evidence"].merge(register["sources"][["source_id", "year"]], on="source_id")
    lines = lines[(lines["field"] == "status") & lines["operation_id"].map(status).isin(["ongoing", "unknown"])]
    found = {}
    for line in lines.sort_values(["operation_id", "source_id", "value"]).itertuples():
        if dates.is_date(line.value):
            first, last = dates.bounds(line.value)
            plan = first > np.datetime64(cutoff) or (line.year and line.value[:4] > line.year)
            mark = None if plan else (str(min(last, np.datetime64(cutoff))), line.value, "day", line.source_id)
        else:
            # The year alone sorts before every day of it.
            mark = (line.year, line.year, "source", line.source_id) if line.value == "ongoing" and dates.is_date(line.year) else None
        if mark and mark > found.get(line.operation_id, ("",)):
            found[line.operation_id] = mark
    return {operation: [*mark[1:], str(min(dates.bounds(mark[1])[1], np.datetime64(cutoff)))] for operation, mark in sorted(found.items())}


def _plain(value):
    """A number without decimals, a day as text, anything else as it is."""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return int(value) if isinstance(value, (float, np.integer)) else value
