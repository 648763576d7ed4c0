"""The register: reading it strictly, correcting it by recorded corrections, and every guard over its facts.

A register is a dict of tables (table name -> frame of str cells, index = line in the file). Guards return faults; none stops at the first.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import pandas as pd

from coalitions import dates
from coalitions.faults import Fault
from coalitions.schema import table_schema

Register = dict[str, pd.DataFrame]

DATE_COLUMNS = {
    "operations": ["triggered", "requested", "decided", "start", "end"],
    "memberships": ["joined", "left"],
    "states": ["entry", "exit"],
    "organisation_members": ["joined", "left"],
    "vetoes": ["date"],
    "sources": ["date_read"],
    "codings": ["coded_on"],
    "corrections": ["decided_on"],
}
PLAIN_NUMBER = re.compile(r"0|[1-9][0-9]*")
EVIDENCED = ["start", "end", "decided", "requested", "triggered"]

_REMEDY = {
    "type-error": "Write a whole number",
    "constraint-error": "Use a value that the schema (workflow/schemas/register.yaml) allows",
    "primary-key": "Give each row its own key, or remove the repeated row",
    "foreign-key": "Add the row that it refers to, or correct the reference",
    "blank-row": "Remove the empty line",
    "extra-cell": "Quote the cell that contains a comma, or remove the surplus cell",
    "missing-cell": "Add the missing cells",
    "incorrect-label": "Name the columns as in the schema and in its order",
    "missing-label": "Add the column",
    "extra-label": "Remove the column",
}


def structural_faults(register: Register, schema: dict) -> list[Fault]:
    """Faults of form, found by Frictionless against the schema: labels, types, vocabularies, patterns, keys, references.

    Parameters: the register; the content of `workflow/schemas/register.yaml`.
    """
    faults = []
    for name in schema["tables"]:
        if name not in register:
            faults.append(Fault(f"{name}.csv", 0, "", "", "the table is missing", "Add the file, with a header line at least"))
    for name in sorted(set(register) - set(schema["tables"])):
        faults.append(Fault(f"{name}.csv", 0, "", "", "no such table in the schema", "Remove the file or add the table to the schema"))
    for name, table in schema["tables"].items():
        if name in register:
            faults += _table_faults(name, register[name], table, schema["vocabularies"])
            faults += _reference_faults(name, register, table)
    return faults


def _table_faults(name: str, frame: pd.DataFrame, table: dict, vocabularies: dict) -> Iterator[Fault]:
    descriptor = table_schema(table, vocabularies)
    descriptor.pop("foreignKeys", None)
    labels = [field["name"] for field in descriptor["fields"]]
    if list(frame.columns) != labels:
        fault = f"columns are {list(frame.columns)}, not {labels}"
        yield Fault(f"{name}.csv", 1, "", "", fault, _REMEDY["incorrect-label"])
        return
    if frame.empty:
        return
    from frictionless import Resource, Schema  # a third of a second: panels import this module for its types

    resource = Resource(data=[list(frame.columns), *frame.to_numpy().tolist()], schema=Schema.from_descriptor(descriptor))
    for row, column, value, kind, message in resource.validate(limit_errors=100_000).flatten(["rowNumber", "fieldName", "cell", "type", "note"]):
        line = int(frame.index[row - 2]) if row else 1
        yield Fault(f"{name}.csv", line, column or "+".join(table["primaryKey"]), str(value or ""), message, _REMEDY.get(kind, "Correct the row"))
    for field in table["fields"]:
        if field.get("kind") in ("flag", "count"):
            for line, value in frame[field["name"]].items():
                if value and not PLAIN_NUMBER.fullmatch(value) and _reads_as_integer(value):
                    yield Fault(f"{name}.csv", line, field["name"], value, "not written in plain digits", "Write the digits only: no blank, sign, underscore or leading zero")


def _reads_as_integer(value: str) -> bool:
    try:
        return int(value) >= 0  # a negative number is a fault of its own
    except ValueError:
        return False


def _reference_faults(name: str, register: Register, table: dict) -> Iterator[Fault]:
    for key in table.get("foreignKeys", []):
        target = key["reference"]["resource"]
        (column,), (there,) = key["fields"], key["reference"]["fields"]
        if target not in register or column not in register[name] or there not in register[target]:
            continue
        values = register[name][column]
        for line in values.index[(values != "") & ~values.isin(set(register[target][there]))]:
            yield Fault(f"{name}.csv", line, column, values[line], f"no row of {target}.csv has it", _REMEDY["foreign-key"])


def check_days_exist(register: Register) -> Iterator[Fault]:
    """A date that is well formed must also exist (2003-02-30 does not)."""
    for table, columns in DATE_COLUMNS.items():
        for column in columns:
            values = register[table][column]
            for line, value in values[values != ""].items():
                if dates.PATTERN.match(value) and not dates.is_date(value):
                    fault = f"no such day, or a year before {dates.FIRST_YEAR} or long after the cut-off"
                    yield Fault(f"{table}.csv", line, column, value, fault, "Correct it, or give the month only")


def check_nothing_after(register: Register, cutoff: pd.Timestamp) -> Iterator[Fault]:
    """No start, end or spell lies after the cut-off: what comes later is not yet a fact of the study."""
    for table, columns in {"operations": ["start", "end"], "memberships": ["joined", "left"]}.items():
        for column in columns:
            values = register[table][column]
            late = dates.expand(values)["earliest"] > cutoff
            for line, value in values[late].items():
                yield Fault(f"{table}.csv", line, column, value, f"after the cut-off {cutoff.date()}", "Leave it empty until the cut-off moves")


def check_status(register: Register) -> Iterator[Fault]:
    """Status, start, end and way of ending must agree."""
    for line, row in register["operations"].iterrows():

        def fault(column, text, remedy, line=line, row=row):
            return Fault("operations.csv", line, column, row[column], f"{row.operation_id}: {text}", remedy)

        if row.status == "ended" and not row.end:
            yield fault("end", "ended without an end", "Find the end, or set status to unknown")
        if row.status == "ended" and not row.ended_how:
            yield fault("ended_how", "ended without a way of ending", "Choose one of the vocabulary")
        if row.status != "ended" and row.end:
            yield fault("end", f"has an end but status {row.status}", "Set status to ended, or empty the end")
        if row.status != "ended" and row.ended_how:
            yield fault("ended_how", f"has a way of ending but status {row.status}", "Set status to ended, or empty ended_how")
        if row.status == "never-deployed" and row.start:
            yield fault("start", "never deployed, yet has a start", "Empty the start, or correct the status")
        if row.status != "never-deployed" and not row.start:
            yield fault("start", "deployed without a start", "Find the start, or leave the case out (excluded.csv)")


def check_order(register: Register) -> Iterator[Fault]:
    """An operation cannot end before it starts, nor a spell before it begins, whatever the precision."""
    for table, first, last in [("operations", "start", "end"), ("memberships", "joined", "left"), ("states", "entry", "exit")]:
        frame = register[table]
        begin, finish = dates.expand(frame[first]), dates.expand(frame[last])
        for line in frame.index[finish["latest"] < begin["earliest"]]:
            text = f"{frame.iloc[:, 0][line]}: lies before {first} {frame.loc[line, first]}"
            yield Fault(f"{table}.csv", line, last, frame.loc[line, last], text, "Correct one of the two dates")


def check_identifiers(register: Register) -> Iterator[Fault]:
    """An id ends in the year of the start, or of the decision if never deployed; commander, kind and parent are filled where they must be."""
    for line, row in register["operations"].iterrows():
        year = (row.start or row.decided or row.triggered)[:4]
        if year and row.operation_id[-4:] != year:
            yield Fault("operations.csv", line, "operation_id", row.operation_id, f"does not end in {year}", "Rename it in every table")
        if (row.arrangement != "ahc") != bool(row.organisation):
            text = f"{row.operation_id}: organisation is for un and regional operations, and only for them"
            yield Fault("operations.csv", line, "organisation", row.organisation, text, "Fill or empty it")
        if (row.arrangement == "un") != bool(row.un_kind):
            text = f"{row.operation_id}: un_kind is for UN operations, and only for them"
            yield Fault("operations.csv", line, "un_kind", row.un_kind, text, "Fill or empty it")
        if (row.nested == "1") != bool(row.parent_id):
            text = f"{row.operation_id}: a nested operation has a parent, and only a nested one"
            yield Fault("operations.csv", line, "parent_id", row.parent_id, text, "Fill parent_id or set nested to 0")


def check_chains(register: Register) -> Iterator[Fault]:
    """A chain of names of the same arrangement is a line without forks or circles, and each older name ended as `renamed`."""
    frame = register["operations"]
    ended_how = frame.set_index("operation_id")["ended_how"].to_dict()
    older = {row.operation_id: row.predecessor_id for row in frame.itertuples() if row.predecessor_id}
    seen: dict[str, str] = {}
    for line, row in frame.iterrows():
        if not row.predecessor_id:
            continue
        if row.predecessor_id in seen:
            text = f"{row.operation_id} and {seen[row.predecessor_id]} both continue it"
            yield Fault("operations.csv", line, "predecessor_id", row.predecessor_id, text, "Keep one; use successor_id for the other")
        seen[row.predecessor_id] = row.operation_id
        if ended_how.get(row.predecessor_id, "renamed") != "renamed":
            text = f"{row.operation_id} continues it, but it ended as {ended_how[row.predecessor_id]}"
            yield Fault("operations.csv", line, "predecessor_id", row.predecessor_id, text, "Set its ended_how to renamed, or use successor_id")
        walk, steps = row.operation_id, 0
        while walk in older and steps <= len(older):
            walk, steps = older[walk], steps + 1
        if steps > len(older):
            yield Fault("operations.csv", line, "predecessor_id", row.predecessor_id, "the chain of predecessors is a circle", "Break it")


def check_parts(register: Register) -> Iterator[Fault]:
    """Every operation has a task and exactly one primary theatre; every AHC has members."""
    operations = register["operations"]
    places = register["operation_theatres"]
    primaries = places[places["primary"] == "1"].groupby("operation_id").size()
    with_tasks, with_members = set(register["tasks"]["operation_id"]), set(register["memberships"]["operation_id"])
    members = register["memberships"]
    counted = members[members["role"] != "supporter"].groupby("operation_id")["state"].nunique()
    for line, row in operations.iterrows():
        if (count := primaries.get(row.operation_id, 0)) != 1:
            yield Fault("operation_theatres.csv", 0, "primary", row.operation_id, f"{count} primary theatres", "Mark exactly one theatre as primary")
        if row.operation_id not in with_tasks:
            yield Fault("tasks.csv", 0, "operation_id", row.operation_id, "no task", "Add at least one task")
        if row.arrangement == "ahc" and row.operation_id not in with_members:
            yield Fault("memberships.csv", 0, "operation_id", row.operation_id, "an AHC without members", "Add its members")
        if row.arrangement == "ahc":
            most = max(counted.get(row.operation_id, 0), int(row.contributors_peak) if row.contributors_peak.isdigit() else 0)
            if row.two_state == "1" and most > 2:
                yield Fault("operations.csv", line, "two_state", "1", f"{row.operation_id}: {most} states contributed", "Set two_state to 0")


def check_member_spells(register: Register, cutoff: pd.Timestamp) -> Iterator[Fault]:
    """Spells lie within the operation, do not overlap for one state, and belong to a state that existed then."""
    operations = register["operations"].set_index("operation_id")
    frame = register["memberships"]
    frame = frame[frame["operation_id"].isin(operations.index)]
    begin, finish = dates.expand(operations["start"]), dates.expand(operations["end"])
    joined, left = dates.expand(frame["joined"]), dates.expand(frame["left"])
    first = joined["earliest"].fillna(frame["operation_id"].map(begin["earliest"])).fillna(frame["operation_id"].map(dates.expand(operations["decided"])["earliest"]))
    last = left["latest"].fillna(frame["operation_id"].map(finish["latest"])).fillna(cutoff)
    vague = frame["dates"].isin(["left-unknown", "both-unknown"])
    known_end = left["earliest"].fillna(last.where(~vague, first))
    states = register["states"]
    entry = dates.expand(states["entry"])["earliest"].fillna(pd.Timestamp("1900-01-01"))
    leave = dates.expand(states["exit"])["latest"].fillna(pd.Timestamp("2200-01-01"))
    periods: dict[str, list] = {}
    for state, lower, upper in zip(states["state"], entry, leave, strict=True):
        periods.setdefault(state, []).append((lower, upper))
    for line, row in frame.iterrows():

        def fault(column, text, remedy, line=line, row=row):
            return Fault("memberships.csv", line, column, row[column], f"{row.operation_id}, {row.state}: {text}", remedy)

        if row.joined and joined["latest"][line] < begin["earliest"].get(row.operation_id):
            yield fault("joined", "joined before the operation started", "Correct one of the dates, or leave joined empty")
        if row.left and left["earliest"][line] > (finish["latest"].get(row.operation_id) if operations.loc[row.operation_id, "end"] else cutoff):
            yield fault("left", "left after the operation ended", "Correct one of the dates, or leave left empty")
        if row.state not in periods:
            yield fault("state", "no such state in states.csv", "Use the code of states.csv, or add the state there with its source")
        elif not any(lower <= last[line] and first[line] <= upper for lower, upper in periods[row.state]):
            yield fault("state", "the state did not exist then", "Use the code of the state that existed (former states have four letters)")
    for (operation, state), spells in frame.groupby(["operation_id", "state"]):
        ordered = sorted(zip(first[spells.index], known_end[spells.index], spells.index, strict=True))
        for (_, end_a, _), (start_b, _, line) in pairwise(ordered):
            if joined["latest"][line] < end_a if pd.notna(joined["latest"][line]) else start_b < end_a:
                yield Fault("memberships.csv", line, "joined", frame.loc[line, "joined"], f"{operation}, {state}: two spells overlap", "Correct the dates or merge the rows")


def check_evidence(register: Register) -> Iterator[Fault]:
    """Each start, end and decision (and request and trigger, where given) is the value of a source; each AHC's member list has a source."""
    evidence = register["evidence"]
    said: dict[tuple[str, str], set[str]] = {}
    for row in evidence.itertuples():
        said.setdefault((row.operation_id, row.field), set()).add(row.value)
    for line, row in register["operations"].iterrows():
        for field in EVIDENCED:
            values = said.get((row.operation_id, field), set())
            if row[field] and row[field] not in values:
                text = f"{row.operation_id}: no source in evidence.csv says so" + (f" (they say {', '.join(sorted(values))})" if values else "")
                yield Fault("operations.csv", line, field, row[field], text, "Add the evidence, or take a value that a source gives, or leave it empty")
        if row.arrangement == "ahc" and (row.operation_id, "members") not in said:
            yield Fault("evidence.csv", 0, "field", row.operation_id, "no evidence for the member list", "Add a row with field members")
    cited = set(evidence["source_id"]) | {s for t in ("organisation_members", "vetoes", "corrections", "published_counts") for s in register[t]["source_id"]}
    for line, row in register["sources"].iterrows():
        if row.source_id not in cited and row.kind != "dataset":
            yield Fault("sources.csv", line, "source_id", row.source_id, "nothing cites it", "Cite it or remove it")


def check_states(register: Register) -> Iterator[Fault]:
    """The periods of one key in states.csv do not overlap."""
    frame = register["states"]
    first = dates.expand(frame["entry"])["earliest"].fillna(pd.Timestamp("1900-01-01"))
    last = dates.expand(frame["exit"])["latest"].fillna(pd.Timestamp("2200-01-01"))
    for state, rows in frame.groupby("state"):
        ordered = sorted(zip(first[rows.index], last[rows.index], rows.index, strict=True))
        for (_, end_a, _), (start_b, _, line) in pairwise(ordered):
            if start_b <= end_a:
                yield Fault("states.csv", line, "entry", frame.loc[line, "entry"], f"{state}: two periods overlap", "Correct entry or exit")


def domain_faults(register: Register, cutoff: pd.Timestamp) -> list[Fault]:
    """All faults of content. Requires a register without structural faults.

    Parameters: the register; the last day of the study.
    """
    faults = list(check_days_exist(register))
    if faults:
        return faults
    for check in (check_status, check_order, check_identifiers, check_chains, check_parts, check_evidence, check_states):
        faults += check(register)
    return faults + list(check_nothing_after(register, cutoff)) + list(check_member_spells(register, cutoff))


def corrected(register: Register, schema: dict) -> tuple[Register, list[Fault]]:
    """The register with its recorded corrections applied, and the faults of corrections that match nothing.

    A correction names a table, the key of a row (values of the primary key joined by |), a column, and the old value that it expects there.
    """
    result = {name: frame.copy() for name, frame in register.items()}
    faults = []
    for line, row in register["corrections"].iterrows():

        def fault(column, text, remedy, line=line, row=row):
            return Fault("corrections.csv", line, column, row[column], text, remedy)

        if row.table not in schema["tables"] or row.table == "corrections":
            faults.append(fault("table", "no table of the register", "Name one of its tables"))
            continue
        frame = result[row.table]
        if row.column not in frame.columns:
            faults.append(fault("column", f"{row.table}.csv has no such column", "Name one of its columns"))
            continue
        keys = ["|".join(values) for values in frame[schema["tables"][row.table]["primaryKey"]].itertuples(index=False)]
        hits = frame.index[[key == row.key for key in keys]]
        if len(hits) != 1:
            faults.append(fault("key", f"{len(hits)} rows of {row.table}.csv have this key", "Give the values of the primary key, joined by |"))
        elif frame.loc[hits[0], row.column] != row.expected:
            text = f"{row.table}.csv has {frame.loc[hits[0], row.column]!r} there, not the expected value"
            faults.append(fault("expected", text, "The raw value has changed: check whether the correction is still needed, then remove or renew it"))
        else:
            frame.loc[hits[0], row.column] = row.new
    return result, faults


def verified(register: Register, schema: dict, cutoff: pd.Timestamp) -> tuple[Register, list[Fault]]:
    """The corrected register and every fault found. Use the register only if the list is empty.

    Content is checked only when the form is right: a table with wrong columns has no content to speak of.
    """
    faults = structural_faults(register, schema)
    if faults:
        return register, faults
    register, faults = corrected(register, schema)
    if len(register["corrections"]):
        faults += structural_faults(register, schema)
    return register, faults or domain_faults(register, cutoff)


def gaps(register: Register) -> pd.DataFrame:
    """What is still empty or thin: `operation_id, field, gap`, one row for each.

    A gap is no fault: it says where coding has to go on.
    """
    evidence = register["evidence"].groupby(["operation_id", "field"])["source_id"].nunique()
    members = register["memberships"]
    counted = members[members["role"] != "supporter"].groupby("operation_id")["state"].nunique()
    rows = []
    for row in register["operations"].itertuples():
        wanted = ["decided", "legal_basis", "founding_document", "personnel_peak", "triggered", "requested"]
        rows += [(row.operation_id, field, "empty") for field in wanted if not getattr(row, field)]
        for field in ("start", "end"):
            value = getattr(row, field)
            if value and len(value.rstrip("~")) < 10:
                rows.append((row.operation_id, field, {4: "known to the year", 7: "known to the month"}[len(value.rstrip("~"))]))
            if value and row.arrangement == "ahc" and evidence.get((row.operation_id, field), 0) < 2:
                rows.append((row.operation_id, field, "one source"))
        if row.arrangement == "ahc" and row.two_state == "0" and counted.get(row.operation_id, 0) <= 2:
            rows.append((row.operation_id, "members", "two or fewer named"))
        if row.status == "unknown":
            rows.append((row.operation_id, "end", "end unknown"))
        if row.confidence == "low":
            rows.append((row.operation_id, "confidence", "low"))
    return pd.DataFrame(rows, columns=["operation_id", "field", "gap"])
