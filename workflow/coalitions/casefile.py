"""A case file: one operation with its tasks, theatres, members and evidence in one YAML document, and the rows of the register that it stands for."""

import re
import unicodedata

import pandas as pd

from coalitions.register import Register

TEMPLATE = """\
# One case. Fill in what your sources say, delete the lines that they do not speak of, then: make add-case CASE=this-file.yaml
# The rules are in data/raw/CODEBOOK.md. Dates: 2003, 2003-05 or 2003-05-01 (quoted), with ~ for about.
operation:
  operation_id: name-2025            # kebab-case, ends in the year of the start (of the decision, if never deployed)
  name: Full name of the operation
  acronym: NAME
  arrangement: ahc                   # ahc, un, regional
  organisation:                      # for un and regional
  triggered: "2025-01-01"
  trigger: what it answers
  decided: "2025-01-15"
  start: "2025-02"
  end:
  status: ongoing                    # ended, ongoing, unknown, never-deployed
  ended_how:
  domain: maritime                   # land, maritime, air, multi, civilian
  military: 1
  legal_basis: host-consent          # unsc, treaty, host-consent, self-defence, contested
  founding_document: declaration     # treaty, resolution, mou, declaration, invitation, none
  contributors_peak:
  personnel_peak:
  confidence: medium                 # high, medium, low
  note:
tasks: [maritime-security]
theatres: [red-sea-aden]             # the first is the primary one
members:                             # role: lead, contributor, staff-only, supporter, host
  - {state: FRA, role: lead}
  - {state: ITA, role: contributor, joined: "2025-03"}
evidence:                            # value: what the source says; start, end (if ended), decided and members need one
  - {field: start, value: "2025-02", source: first, note: first patrol}
  - {field: decided, value: "2025-01-15", source: first}
  - {field: triggered, value: "2025-01-01", source: first}
  - {field: members, value: 2, source: first}
sources:
  first: {author: Ministry of Defence, title: Title of the page, publisher: Site, year: 2025, url: "https://example.org/page", kind: official}
"""
FLAGS = ("military", "multidimensional", "nested", "two_state", "diplomatic", "training_only", "standing_body", "io_umbrella")


def slug(text: str) -> str:
    """Lower-case letters, digits and single hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def rows(case: dict, known: pd.DataFrame, read_on: str) -> dict[str, list[dict]]:
    """The rows of each table that a case file stands for; values are text.

    Parameters: content of a case file; the register's `sources` (a source with the same address is used again); the day on which the sources were read.
    Raises ValueError naming every part of the file that is missing or unknown.
    """
    parts = {"operation", "tasks", "theatres", "members", "evidence", "sources"}
    faults = [f"{name}: no such part" for name in sorted(set(case) - parts)] + [f"{name}: the part is missing" for name in sorted(parts - {"members"} - set(case))]
    cited = {str(item.get("source")) for item in case.get("evidence") or []}
    faults += [f"evidence cites {name!r}, which is not among the sources" for name in sorted(cited - set(map(str, case.get("sources") or {})))]
    if faults:
        raise ValueError("the case file cannot be read: " + "; ".join(faults))
    operation = {key: _text(value) for key, value in case["operation"].items()}
    name = operation.get("operation_id", "")
    operation |= {flag: operation.get(flag) or "0" for flag in FLAGS}
    by_url = dict(zip(known["url"], known["source_id"], strict=True))
    taken, keys, sources = set(known["source_id"]), {}, []
    for label, source in (case["sources"] or {}).items():
        url = _text(source.get("url"))
        if url and url in by_url:
            keys[str(label)] = by_url[url]
            continue
        stem = slug(" ".join([_text(source.get("author"))[:28], _text(source.get("year")) or "nd", " ".join(_text(source.get("title")).split()[:5])]))
        key = next(k for n in range(1, 1000) if (k := stem if n == 1 else f"{stem}-{n}") not in taken)
        taken.add(key)
        keys[str(label)] = key
        sources.append({"source_id": key, **{field: _text(source.get(field)) for field in ("author", "title", "publisher", "year", "url", "kind")}, "date_read": read_on})
    return {
        "operations": [operation],
        "tasks": [{"operation_id": name, "task": _text(task)} for task in case["tasks"]],
        "operation_theatres": [{"operation_id": name, "theatre": _text(place), "primary": str(int(i == 0))} for i, place in enumerate(case["theatres"])],
        "memberships": [{"operation_id": name, "dates": "sourced"} | {key: _text(value) for key, value in member.items()} for member in case.get("members") or []],
        "evidence": [
            {"operation_id": name, "field": _text(item.get("field")), "value": _text(item.get("value")), "source_id": keys[str(item["source"])], "note": _text(item.get("note"))}
            for item in case["evidence"]
        ],
        "sources": sources,
    }


def added(register: Register, new: dict[str, list[dict]], keys: dict[str, list[str]]) -> Register:
    """The register with the rows of a case, each table sorted by its key; lines are counted anew.

    Parameters: register; rows by table; primary keys by table. Raises ValueError for a column that a table does not have.
    """
    result = dict(register)
    for name, items in new.items():
        frame = register[name]
        if unknown := sorted({column for item in items for column in item} - set(frame.columns)):
            raise ValueError(f"{name} has no column {', '.join(unknown)}")
        joined = pd.concat([frame, pd.DataFrame(items, columns=frame.columns).fillna("")]).sort_values(keys[name], kind="stable")
        joined.index = range(2, len(joined) + 2)
        result[name] = joined
    return result


def _text(value) -> str:
    return "" if value is None else re.sub(r"\s+", " ", str(value)).strip()
