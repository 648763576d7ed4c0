"""The register as the second coder would have it: where two independent codings of a case differ, the second takes the place of what is published."""

import pandas as pd

from coalitions.register import Register

# Variables of the codings that are columns of the table of operations and that panels are made from.
VARIABLES = (
    "arrangement", "start", "end", "status", "ended_how", "domain", "military", "multidimensional", "un_kind", "legal_basis", "founding_document", "decided",
    "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella",
)  # fmt: skip
# How and when a case ended is one answer: an operation is not ended without an end.
OVER = ("status", "end", "ended_how")


def second(register: Register) -> Register:
    """The register with the values of the second codings where they differ from the first ones.

    What both coders agreed on stays as published, also if a source that was found later has moved it since: that is no disagreement. A value that the second coder did not find
    stays as well. Status, end and way of ending are taken together if any of them differs; a start is kept where the second coder found none. Members that are with their
    operation follow its dates when panels are made.
    """
    codings = register["codings"]
    first, theirs = _wide(codings, codings["coder"] == "first"), _wide(codings, codings["coder"].str.startswith("second-"))
    first = first.reindex(index=theirs.index)
    result = dict(register)
    operations = register["operations"].copy()
    at = pd.Series(operations.index, index=operations["operation_id"])
    for name, row in theirs.iterrows():
        line, differs = at[name], row != first.loc[name]
        for variable in VARIABLES:
            if variable not in OVER and row[variable] and differs[variable]:
                operations.loc[line, variable] = row[variable]
        whole = row["status"] and (row["status"] != "ended" or row["end"]) and (row["status"] != "never-deployed" or not row["start"])
        if whole and differs[list(OVER)].any():
            for variable in OVER:
                operations.loc[line, variable] = row[variable]
        if operations.loc[line, "status"] == "never-deployed":
            operations.loc[line, "start"] = ""
        elif not operations.loc[line, "start"]:
            operations.loc[line, "status"] = "never-deployed"
    result["operations"] = operations
    return result


def _wide(codings: pd.DataFrame, mine: pd.Series) -> pd.DataFrame:
    """Values of some coders, a row per operation; empty where there is none."""
    return codings[mine].pivot(index="operation_id", columns="variable", values="value").reindex(columns=list(VARIABLES)).fillna("")
