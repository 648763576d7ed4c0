"""The explorer: every operation of the register with its members, theatres, tasks and evidence, as data for one page that needs no network."""

import numpy as np
import pandas as pd

from coalitions.register import Register

# Days between which the bar of an operation is drawn, region and theatre of its filter, and how many members it had: columns of the operations panel.
DRAWN = ("start_earliest", "start_latest", "end_earliest", "end_latest", "region", "theatre", "n_members_peak")


def content(register: Register, operations: pd.DataFrame, schema: dict, rules: dict[str, str], cutoff: str) -> dict:
    """What the page shows, as plain values.

    Parameters: the register as it was read, corrections applied (all text); the operations panel; content of register.yaml; inclusion rules by name; last day observed.
    Returns `tables` (columns and rows of every table, as written), `drawn` (by operation: the columns of DRAWN and the rules that it meets), `titles` of the tables,
    `words` (meaning of each value of a vocabulary, by table and column), `flags` (columns that are yes or no), `columns` (description by table and column), `rules`,
    `cutoff`. Raises ValueError if the panel and the register do not hold the same operations.
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
    }


def _plain(value):
    """A number without decimals, a day as text, anything else as it is."""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return int(value) if isinstance(value, (float, np.integer)) else value
