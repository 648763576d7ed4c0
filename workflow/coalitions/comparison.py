"""The comparison of two states of the project in words: for a terminal, or as Markdown for a change request."""

import textwrap

from coalitions import movements, reasons
from coalitions.quoted import interval, number
from coalitions.report import escaped, pipe_table

WIDTH, ROWS = 120, 20
HEADER = ["Claim", "Verdict", "Grade", "Estimate", "95 % interval", "Shift/SESOI", "Shift/SE"]


def compared(before: dict, after: dict, keys: dict, homes: dict[str, str]) -> dict:
    """Everything that moved and why, as a mapping that JSON can hold.

    Parameters: states with `files`, `config` and `name`; keys of tables (see `reasons.between`); the module that holds each estimand.
    Returns `before` and `after` (names), `claims`, `unmoved` (names), `reached_not_moved` (claim to inputs), `tables`, `why`, `unexplained` (claims), `stale` (words).
    """
    one, two = (movements.text_table(state["files"][movements.VERDICTS]) for state in (before, after))
    why = reasons.between(before, after, keys, homes)
    moved = movements.claims(one, two, before["config"]["confidence"])
    names = {claim["claim"] for claim in moved}
    unmoved = [name for name in two["claim"] if name not in names]
    return {
        "before": before["name"], "after": after["name"], "claims": moved, "unmoved": unmoved,
        "reached_not_moved": {name: why["reached"][name] for name in unmoved if why["reached"].get(name)},
        "tables": movements.tables(before["files"], after["files"], keys["results"]), "why": why, "unexplained": reasons.unexplained(moved, why), "stale": reasons.stale(after),
    }  # fmt: skip


def text(found: dict) -> str:
    """For a terminal of 120 columns."""
    parts = [_summary(found)]
    parts += [f"!! {line}" for line in _warnings(found)]
    if found["claims"]:
        parts.append("CLAIMS\n" + _columns([HEADER, *_claim_rows(found["claims"])], "lllrrrr"))
        parts.append("\n".join(_wrapped(f"{c['claim']}: {_because(found, c)}") for c in found["claims"]))
    if found["tables"]:
        rows = [["Table", "Lines moved", "+", "−", "Largest change", "At"], *_table_rows(found["tables"])]
        parts.append("OTHER ESTIMATES\n" + _columns(rows, "lrrrll"))
    if reasons_ := _reasons(found["why"]):
        parts.append("WHY: WHAT DIFFERS IN THE INPUTS\n" + "\n".join(_wrapped(line) for line in reasons_))
    if found["reached_not_moved"]:
        parts.append("REACHED, NOT MOVED\n" + "\n".join(_wrapped(line) for line in _reached(found)))
    return "\n\n".join(parts) + "\n"


def markdown(found: dict) -> str:
    """The same as Markdown; text of the register is escaped."""
    parts = [escaped(_summary(found))] + [f"> **{escaped(line)}**" for line in _warnings(found)]
    if found["claims"]:
        parts.append(f"### Claims\n\n{pipe_table(HEADER, _claim_rows(found['claims']), 'llllrrr')}")
        parts.append("\n".join(f"- {escaped(c['claim'])}: {escaped(_because(found, c))}" for c in found["claims"]))
    if found["tables"]:
        parts.append(f"### Other estimates\n\n{pipe_table(['Table', 'Lines moved', 'Added', 'Removed', 'Largest change', 'At'], _table_rows(found['tables']), 'lrrrll')}")
    if listed := _reasons(found["why"]):
        parts.append("### Why: what differs in the inputs\n\n" + "\n".join(f"- {escaped(line)}" for line in listed))
    if found["reached_not_moved"]:
        parts.append("### Reached, not moved\n\n" + "\n".join(f"- {escaped(line)}" for line in _reached(found)))
    return "\n\n".join(parts) + "\n"


def verdicts(table) -> str:
    """A table of verdicts (as text) for a terminal."""
    rows = [[v["claim"], *_row(movements.verdict(v)), v["n"], v["events"]] for v in table.to_dict("records")]
    return _columns([["Claim", "Verdict", "Grade", "Estimate", "95 % interval", "n", "Events"], *rows], "llllrrr")


def _summary(found: dict) -> str:
    changed = sum(c["status"] == "moved" and c["before"]["reported"] != c["after"]["reported"] for c in found["claims"])
    counts = {status: sum(c["status"] == status for c in found["claims"]) for status in ("moved", "added", "removed")}
    said = [f"{counts['moved']} claims moved, {changed} with another verdict"] + [f"{n} claims {status}" for status, n in counts.items() if n and status != "moved"]
    return f"{found['before']} → {found['after']}: {'; '.join(said)}; {len(found['unmoved'])} claims did not move."


def _warnings(found: dict) -> list[str]:
    why = found["why"]
    differ = any(why[part] for part in ("config", "claims", "multiverse", "register", "code", "run"))
    said = []
    if found["unexplained"]:
        said.append(
            f"MOVED WITHOUT A REASON: {', '.join(found['unexplained'])}. Nothing that these claims read differs. Either a run was made with settings that are not in config/ "
            "(give them again: CONFIG=...), or an input is not declared, which is a fault."
        )
    elif found["tables"] and not differ:
        said.append("ESTIMATES MOVED WITHOUT A REASON: no input differs. Either a run was made with settings that are not in config/ (CONFIG=...), or an input is not declared.")
    if found["stale"]:
        what = "; ".join(found["stale"][:ROWS]) + _rest(found["stale"], ROWS)
        said.append(f"THE RESULTS ARE NOT MADE FROM THE INPUTS BESIDE THEM: {what}. Rebuild: make (or only the verdicts: make verdicts).")
    elif differ and not found["claims"] and not found["tables"]:
        said.append("Inputs differ and no estimate does: either they change none, or the results were not rebuilt (make; make verdicts).")
    return said


def _because(found: dict, claim: dict) -> str:
    also = f" (moved, too: {', '.join(claim['also'])})" if claim["also"] else ""
    return ("; ".join(found["why"]["reached"].get(claim["claim"], [])) or "NOTHING THAT IT READS DIFFERS") + also


def _row(verdict: dict | None) -> list[str]:
    if verdict is None:
        return ["–"] * 4
    said = verdict["reported"] if verdict["reported"] == verdict["verdict"] else f"{verdict['reported']} ({verdict['verdict']})"
    return [said, verdict["grade"], number(verdict["theta"]), interval(verdict["lower"], verdict["upper"])]


def _claim_rows(moved: list[dict]) -> list[list[str]]:
    """Two rows for each claim: before and after."""
    rows = []
    for c in moved:
        rows.append([c["claim"], *_row(c["before"]), "", ""])
        rows.append([f"→ {c['status']}" if c["status"] != "moved" else "→", *_row(c["after"]), number(c["shift_sesoi"]), number(c["shift_se"])])
    return rows


def _table_rows(tables: list[dict]) -> list[list[str]]:
    rows = []
    for t in tables:
        change, at = "–", ", ".join(t["columns"])
        if big := t["largest"]:
            change, at = f"{_short(big['before'])} → {_short(big['after'])} ({_percent(big['relative'])})", f"{big['column']} of {big['line']}"
        rows.append([t["table"], f"{t['moved']} of {t['lines']}", str(t["added"]), str(t["removed"]), change, at])
    return rows


def _reasons(why: dict) -> list[str]:
    said = [f"config, {c['key']}: {_value(c['before'])} → {_value(c['after'])}" for c in why["config"]]
    said += [f"settings of the run, {c['key']}: {_value(c['before'])} → {_value(c['after'])} ({len(c['claims'])} claims)" for c in why["run"]]
    said += [f"claims.yaml, {c['claim']}{'.' if c['key'] else ''}{c['key']}: {_value(c['before'])} → {_value(c['after'])}" for c in why["claims"]]
    said += [f"multiverse.yaml, {c['key']}: {_value(c['before'])} → {_value(c['after'])}" for c in why["multiverse"]]
    by_table: dict[str, list[dict]] = {}
    for c in why["register"]:
        by_table.setdefault(c["table"], []).append(c)
    for table, group in by_table.items():
        for c in group[: max(3, ROWS // len(by_table))]:
            said.append(f"{table}.csv, {c['line']}: " + (f"{c['column']}: {_value(c['before'])} → {_value(c['after'])}" if c["kind"] == "changed" else f"line {c['kind']}"))
        left = group[max(3, ROWS // len(by_table)) :]
        if left:
            kinds = [f"{n} {what}" for kind, what in (("changed", "cells"), ("added", "lines added"), ("removed", "lines removed")) if (n := sum(c["kind"] == kind for c in left))]
            said.append(f"{table}.csv: and {', '.join(kinds)} more")
    if why["code"]:
        files = [c["file"].removeprefix("workflow/") + ("" if c["kind"] == "changed" else f" ({c['kind']})") for c in why["code"]]
        said.append(f"code: {', '.join(files[:ROWS])}{_rest(files, ROWS)}")
    return said


def _reached(found: dict) -> list[str]:
    """Claims with the same inputs in one line."""
    groups: dict[str, list[str]] = {}
    for name, words in found["reached_not_moved"].items():
        groups.setdefault("; ".join(words), []).append(name)
    return [f"{', '.join(names)}: {words}" for words, names in groups.items()]


def _columns(rows: list[list[str]], align: str) -> str:
    """Rows in columns, the header underlined; a last column that is too wide is cut."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(align))]
    left = WIDTH - sum(widths[:-1]) - 2 * (len(widths) - 1)
    widths[-1] = min(widths[-1], max(left, 10))
    shaped = [[(cell if len(cell) <= w else cell[: w - 1] + "…").rjust(w) if a == "r" else (cell if len(cell) <= w else cell[: w - 1] + "…").ljust(w)
               for cell, w, a in zip(row, widths, align, strict=True)] for row in rows]  # fmt: skip
    said = ["  ".join(row).rstrip() for row in shaped]
    return "\n".join([said[0], "-" * min(WIDTH, max(map(len, said))), *said[1:]])


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)


def _value(value) -> str:
    said = "nothing" if value in (None, "") else str(value)
    return said if len(said) <= 100 else said[:99] + "…"


def _short(text: str) -> str:
    return text if len(text) <= 8 else f"{float(text):.4g}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def _rest(items: list, shown: int) -> str:
    return f" and {len(items) - shown} more" if len(items) > shown else ""
