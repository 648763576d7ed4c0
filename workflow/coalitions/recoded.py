"""The register as the second coder would have it: a coding of its own put in the place of the first, for the cases that were coded twice."""

import pandas as pd

from coalitions.register import Register

# Variables of the codings that are columns of the table of operations and that panels are made from.
VARIABLES = (
    "arrangement", "start", "end", "status", "ended_how", "domain", "military", "multidimensional", "un_kind", "legal_basis",
    "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella",
)  # fmt: skip


def second(register: Register) -> Register:
    """The register with the values of the second codings; a value that the second coder did not find stays as it is.

    Status, end and way of ending are taken together, so that an operation is not ended without an end; a start is kept where the second coder found none.
    """
    codings = register["codings"]
    theirs = codings[codings["coder"].str.startswith("second-")]
    wide = theirs.pivot(index="operation_id", columns="variable", values="value").reindex(columns=list(VARIABLES)).fillna("")
    result = dict(register)
    operations = register["operations"].copy()
    at = pd.Series(operations.index, index=operations["operation_id"])
    for name, row in wide.iterrows():
        line = at[name]
        for variable in VARIABLES:
            if variable not in ("status", "end", "ended_how", "start") and row[variable]:
                operations.loc[line, variable] = row[variable]
        if row["start"]:
            operations.loc[line, "start"] = row["start"]
        whole = row["status"] and (row["status"] != "ended" or row["end"]) and (row["status"] != "never-deployed" or not row["start"])
        if whole:
            for variable in ("status", "end", "ended_how"):
                operations.loc[line, variable] = row[variable]
            if row["status"] == "never-deployed":
                operations.loc[line, "start"] = ""
        if operations.loc[line, "status"] == "never-deployed":
            operations.loc[line, "start"] = ""
        elif not operations.loc[line, "start"]:
            operations.loc[line, "status"] = "never-deployed"
    result["operations"] = operations
    return result
