"""The comparison of two states of the project in words: for a terminal, or as Markdown for a change request."""

import textwrap

from coalitions import movements, reasons
from coalitions.quoted import interval, number
from coalitions.report import escaped, pipe_table

WIDTH = 120
ROWS, FILES = 20, 6  # lines of a list, and inputs of a claim, that are shown
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
    parts = [textwrap.fill(_summary(found), WIDTH, break_on_hyphens=False)] + [
        textwrap.fill(f"!! {line}", WIDTH, subsequent_indent="   ", break_on_hyphens=False) for line in _warnings(found)
    ]
    if found["claims"]:
        parts.append("CLAIMS\n" + _columns([HEADER, *_claim_rows(found["claims"])], "lllrrrr"))
        parts.append("\n".join(_wrapped(line) for line in _because(found)))
    for title, listed in _lists(found):
        parts.append(f"{title.upper()}\n" + "\n".join(_wrapped(line) for line in listed))
    return "\n\n".join(parts) + "\n"


def markdown(found: dict) -> str:
    """The same as Markdown; text of the register is escaped."""
    parts = [escaped(_summary(found))] + [f"> **{escaped(line)}**" for line in _warnings(found)]
    if found["claims"]:
        parts.append(f"### Claims\n\n{pipe_table(HEADER, _claim_rows(found['claims']), 'llllrrr')}")
        parts.append("\n".join(f"- {escaped(line)}" for line in _because(found)))
    for title, listed in _lists(found):
        parts.append(f"### {title}\n\n" + "\n".join(f"- {escaped(line)}" for line in listed))
    return "\n\n".join(parts) + "\n"


def verdicts(table) -> str:
    """A table of verdicts (as text) for a terminal."""
    rows = [[v["claim"], *_row(movements.verdict(v)), v["n"], v["events"]] for v in table.to_dict("records")]
    return _columns([["Claim", "Verdict", "Grade", "Estimate", "95 % interval", "n", "Events"], *rows], "lllrrrr")


def _summary(found: dict) -> str:
    changed = sum(c["status"] == "moved" and c["before"]["reported"] != c["after"]["reported"] for c in found["claims"])
    counts = {status: sum(c["status"] == status for c in found["claims"]) for status in ("moved", "added", "removed")}
    said = [f"{_claims(counts['moved'])} moved, {changed} with another verdict"] + [f"{_claims(n)} {status}" for status, n in counts.items() if n and status != "moved"]
    return f"{found['before']} → {found['after']}: {'; '.join(said)}; {_claims(len(found['unmoved']))} did not move."


def _claims(n: int) -> str:
    return f"{n} claim{'' if n == 1 else 's'}"


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


def _because(found: dict) -> list[str]:
    """What the claims that moved read and that differs, claims with the same in one line; then what else moved in them."""
    groups: dict[str, list[str]] = {}
    for claim in found["claims"]:
        groups.setdefault(_inputs(found["why"]["reached"].get(claim["claim"], {})) or "NOTHING THAT IT READS DIFFERS", []).append(claim["claim"])
    also: dict[str, list[str]] = {}
    for claim in found["claims"]:
        also.setdefault(", ".join(claim["also"]), []).append(claim["claim"])
    return [f"{', '.join(names)} ← {words}" for words, names in groups.items()] + [f"{', '.join(names)}: {what} moved, too" for what, names in also.items() if what]


def _inputs(kinds: dict[str, list[str]]) -> str:
    """Inputs by kind in one line; long lists are cut."""
    named = {"entry": "", "settings": "config: ", "run": "settings of the run: ", "tables": "tables: ", "code": "code: "}
    return "; ".join(f"{named[kind]}{', '.join(words[:FILES])}{_rest(words, FILES)}" for kind, words in kinds.items())


def _row(verdict: dict, digits: int = 2) -> list[str]:
    said = verdict["reported"] if verdict["reported"] == verdict["verdict"] else f"{verdict['reported']} ({verdict['verdict']})"
    return [said, verdict["grade"], number(verdict["theta"], digits), interval(verdict["lower"], verdict["upper"], digits)]


def _claim_rows(moved: list[dict]) -> list[list[str]]:
    """Two rows for each claim that moved, before and after; one for a claim that was added or removed."""
    rows = []
    for c in moved:
        if c["status"] != "moved":
            rows.append([f"{c['claim']} ({c['status']})", *_row(c["after"] or c["before"]), "", ""])
        else:
            digits = next((d for d in range(2, 7) if not c["shift"] or _row(c["before"], d)[2] != _row(c["after"], d)[2]), 2)  # as many as show the shift
            rows += [[c["claim"], *_row(c["before"], digits), "", ""], ["→", *_row(c["after"], digits), number(c["shift_sesoi"], 3), number(c["shift_se"], 3)]]
    return rows


def _lists(found: dict) -> list[tuple[str, list[str]]]:
    """Titles and lines of what follows the claims, without what is empty."""
    parts = {"Other estimates": _tables(found["tables"]), "Why: what differs in the inputs": _reasons(found["why"]), "Reached, not moved": _reached(found)}
    return [(title, listed) for title, listed in parts.items() if listed]


def _tables(tables: list[dict]) -> list[str]:
    said = []
    for t in [t for t in tables if t["status"] == "moved"]:
        counts = [f"{t['moved']} of {t['lines']} lines moved", *(f"{t[kind]} {kind}" for kind in ("added", "removed") if t[kind]), *(f"column {c}" for c in t["columns"])]
        big = t["largest"]
        most = f"; most {big['column']} of {big['line']}: {_short(big['before'])} → {_short(big['after'])} ({_percent(big['relative'])})" if big else ""
        said.append(f"{t['table']}: {', '.join(counts)}{most}")
    return said + [f"{status} tables: {', '.join(names)}" for status in ("added", "removed") if (names := [t["table"] for t in tables if t["status"] == status])]


def _reasons(why: dict) -> list[str]:
    said = _cut([f"config, {_changed(c)}" for c in why["config"]], "keys of the configuration")
    said += [f"settings of the run, {_changed(c)} ({len(c['claims'])} claims)" for c in why["run"]]
    said += [f"claims.yaml, entries {kind}: {', '.join(names)}" for kind in ("added", "removed") if (names := [c["claim"] for c in why["claims"] if c["kind"] == kind])]
    said += _cut([f"claims.yaml, {c['claim']}.{_changed(c)}" for c in why["claims"] if c["kind"] == "changed"], "changes of claims.yaml")
    said += [f"multiverse.yaml, dimensions added: {', '.join(names)}" for names in [[c["key"] for c in why["multiverse"] if c["before"] is None]] if names]
    said += _cut([f"multiverse.yaml, {_changed(c)}" for c in why["multiverse"] if c["before"] is not None], "dimensions of multiverse.yaml")
    for table in dict.fromkeys(c["table"] for c in why["register"]):
        rows = [(c, _changed(c | {"key": c["column"]}) if c["kind"] == "changed" else f"line {c['kind']}") for c in why["register"] if c["table"] == table]
        said += _cut([f"{table}.csv, {c['line']}: {what}" for c, what in rows], f"changes of {table}.csv")
    if why["code"]:
        files = [c["file"].removeprefix("workflow/") + ("" if c["kind"] == "changed" else f" ({c['kind']})") for c in why["code"]]
        said.append(f"code: {', '.join(files[:ROWS])}{_rest(files, ROWS)}")
    return said


def _cut(listed: list[str], what: str) -> list[str]:
    return listed if len(listed) <= ROWS else [*listed[: ROWS - 1], f"and {len(listed) - ROWS + 1} more {what}"]


def _changed(change: dict) -> str:
    return f"{change['key']}: {_value(change['before'])} → {_value(change['after'])}"


def _reached(found: dict) -> list[str]:
    """Claims with the same inputs in one line."""
    groups: dict[str, list[str]] = {}
    for name, kinds in found["reached_not_moved"].items():
        groups.setdefault(_inputs(kinds), []).append(name)
    return [f"{', '.join(names)} ← {words}" for words, names in groups.items()]


def _columns(rows: list[list[str]], align: str) -> str:
    """Rows in columns, the header underlined."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(align))]
    said = ["  ".join(cell.rjust(w) if a == "r" else cell.ljust(w) for cell, w, a in zip(row, widths, align, strict=True)).rstrip() for row in rows]
    return "\n".join([said[0], "-" * max(map(len, said)), *said[1:]])


def _wrapped(line: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="      ", break_long_words=False, break_on_hyphens=False)


def _value(value) -> str:
    said = "nothing" if value in (None, "") else "".join(letter if letter.isprintable() else " " for letter in str(value))
    return said if len(said) <= 100 else said[:99] + "…"


def _short(text: str) -> str:
    return text if len(text) <= 8 else f"{float(text):.4g}".replace("-", "−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"


def _rest(items: list, shown: int) -> str:
    return f" and {len(items) - shown} more" if len(items) > shown else ""
