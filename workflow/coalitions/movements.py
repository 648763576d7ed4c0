"""What moved between two states of the project: verdicts, estimates, lines of tables.

A state is the contents of the project's files by name (see `known_as`), so that a revision and a folder are read alike. What lies behind a movement is in `reasons`.
"""

import csv
import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import yaml
from scipy.special import ndtri

from coalitions.compare import relative

PARTS = (
    "config/", "register/", "results/claims/", "results/checks/", "results/panels/", "results/reliability/", "results/duration/", "results/fragmentation/", "results/trends/",
    "workflow/coalitions/", "workflow/rules/", "workflow/schemas/", "workflow/scripts/", "envs/requirements.lock", "Snakefile",
)  # fmt: skip
SUFFIXES = {".csv", ".json", ".yaml", ".py", ".smk", ".lock", ""}
VERDICTS = "results/claims/verdicts.csv"
# Folders of published estimates; panels are facts, and are among the reasons.
ESTIMATES = ("duration/", "fragmentation/", "trends/")
# What makes a claim a moved one. The p-value adjusted over all claims is not among it: it moves with those of others.
MOVES = (
    "verdict", "reported", "grade", "theta", "lower", "upper", "n", "events", "p", "specifications", "same_sign", "same_verdict", "not_estimable", "date_draws_same_verdict",
    "second_coding_verdict",
)  # fmt: skip
SHOWN = ("verdict", "reported", "grade", "theta", "lower", "upper")
# Columns of estimate tables that are not what a reader looks for first (limits, counts, statistics): the largest change is sought among the others.
SECONDARY = re.compile(r"(n|events|p|statistic|permutation_[pz]|z|s|se|std_err|variance|df|draws|aic|scale|warning|reason|published)|n_.*|.*lower|.*upper")
TOLERANCE = 1e-6  # relative; numbers are published with ten digits, of which processors differ in the last


@dataclass(frozen=True)
class Lines:
    """Differences of two tables: `cells` (line, column, before, after, relative; one row per cell), keys of the lines added and removed, columns added and removed, lines now."""

    cells: pd.DataFrame
    added: list[str]
    removed: list[str]
    columns_added: list[str]
    columns_removed: list[str]
    total: int

    @property
    def moved(self) -> list[str]:
        """Keys of the lines that are in both tables and differ."""
        return list(dict.fromkeys(self.cells["line"]))

    def __bool__(self) -> bool:
        return bool(len(self.cells) or self.added or self.removed or self.columns_added or self.columns_removed)


def known_as(config: dict) -> Callable[[str], str | None]:
    """The function that names a file of a state by its path: `register/` and `results/` stand for the folders that the configuration names; None for files that are left out."""
    folders = {f"{PurePosixPath(config[name]).as_posix()}/": f"{name}/" for name in ("register", "results")}

    def name(path: str) -> str | None:
        for folder, known in folders.items():
            if path.startswith(folder):
                path = known + path.removeprefix(folder)
                break
        else:
            if path.startswith(tuple(folders.values())):  # a folder of that name which is not the one of the configuration
                return None
        return path if path.startswith(PARTS) and PurePosixPath(path).suffix in SUFFIXES else None

    return name


def document(files: dict[str, bytes], name: str) -> dict:
    """A YAML or JSON file of a state, to be read only; empty if it is not there."""
    return _parsed(files[name], name.endswith(".json")) if name in files else {}


@lru_cache(maxsize=256)  # states share most of their files
def _parsed(content: bytes, as_json: bool) -> dict:
    return json.loads(content) if as_json else yaml.safe_load(content)


def text_table(content: bytes) -> pd.DataFrame:
    """A csv with every cell as text; rows that do not fit its header are cut or filled (the guards of the register name them)."""
    header, *rows = [row for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")) if row] or [[]]
    return pd.DataFrame([(row + [""] * len(header))[: len(header)] for row in rows], columns=header, dtype=str)


def lines(before: pd.DataFrame, after: pd.DataFrame, key: list[str], tolerance: float | None = None) -> Lines:
    """How two tables of text differ, line by line of their key, in the order of the lines now.

    Parameters: tables; names of the key's columns (the lines are counted if a table lacks one); relative difference up to which numbers are equal, None if every letter counts.
    """
    both = [c for c in after.columns if c in before.columns]
    old, new = (_keyed(frame, key if set(key) <= set(both) else []) for frame in (before, after))
    shared = new.index[new.index.isin(old.index)]
    a, b = (frame.loc[shared, both].to_numpy(dtype=object) for frame in (old, new))
    rows = []
    for i, j in zip(*np.nonzero(a != b), strict=True) if len(shared) and both else ():
        change = _relative(a[i, j], b[i, j])
        if tolerance is None or not change <= tolerance:
            rows.append((shared[i], both[j], a[i, j], b[i, j], change))
    return Lines(
        pd.DataFrame(rows, columns=["line", "column", "before", "after", "relative"]).astype({"relative": float}),
        list(new.index[~new.index.isin(old.index)]), list(old.index[~old.index.isin(new.index)]),
        [c for c in after.columns if c not in both], [c for c in before.columns if c not in both], len(after),
    )  # fmt: skip


def claims(before: pd.DataFrame, after: pd.DataFrame, confidence: float = 0.95) -> list[dict]:
    """The claims that moved, in the order of the claims now, those that were removed last.

    Parameters: tables of verdicts as text, before and after; confidence level of the intervals before.
    Each: `claim`, `status` (moved, added, removed), `before` and `after` (verdict, reported, grade, theta, lower, upper; None if the claim is not there), `shift` of theta,
    `shift_sesoi` in units of the smallest effect now, `shift_se` in units of the standard error before (that of a normal interval of the same width), `also`: what else moved.
    """
    different = lines(before, after, ["claim"], TOLERANCE)
    cells = different.cells[different.cells["column"].isin(MOVES)]
    old, new = ({row["claim"]: row for row in frame.to_dict("records")} for frame in (before, after))
    found = []
    for name in [c for c in new if c in different.added or c in set(cells["line"])] + different.removed:
        one, two = old.get(name), new.get(name)
        both = one is not None and two is not None
        shift = _number(two["theta"]) - _number(one["theta"]) if both else math.nan
        sesoi = _number(two.get("sesoi", "")) if two else math.nan
        se = (_number(one["upper"]) - _number(one["lower"])) / (2 * float(ndtri(0.5 + confidence / 2))) if one else math.nan
        also = [c for c in cells.loc[cells["line"] == name, "column"] if c not in SHOWN]
        found.append(
            {
                "claim": name, "status": "moved" if both else "added" if two else "removed", "before": verdict(one), "after": verdict(two), "shift": _finite(shift),
                "shift_sesoi": _finite(shift / sesoi if sesoi else math.nan), "shift_se": _finite(shift / se if se else math.nan), "also": also,
            }
        )  # fmt: skip
    return found


def tables(before: dict[str, bytes], after: dict[str, bytes], keys: dict[str, list[str]]) -> list[dict]:
    """The published tables of estimates that moved, in the order of their declaration; none if a state has no such table (a folder with the verdicts alone).

    Parameters: files of two states; keys of the published tables by path under `results/`.
    Each: `table`, `status` (moved, added, removed), `lines` (now), `moved`, `added`, `removed` (numbers of lines), `columns` added (+) or
    removed (-), `largest` (line, column, before, after, relative; None if no number moved).
    """
    found: list[dict] = []
    estimates = [path for path in keys if path.startswith(ESTIMATES)]
    if not all(any(f"results/{path}" in files for path in estimates) for files in (before, after)):
        return found
    for path in estimates:
        name = f"results/{path}"
        if before.get(name) == after.get(name):
            continue
        one, two = (text_table(files.get(name, b"")) for files in (before, after))
        if different := lines(one, two, keys[path], TOLERANCE):
            found.append(
                {
                    "table": path, "status": "added" if name not in before else "removed" if name not in after else "moved", "lines": different.total,
                    "moved": len(different.moved), "added": len(different.added), "removed": len(different.removed),
                    "columns": [f"+{c}" for c in different.columns_added] + [f"-{c}" for c in different.columns_removed], "largest": _largest(different.cells),
                }
            )  # fmt: skip
    return found


def _keyed(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The table by its key as text; a line with the key of an earlier one is numbered."""
    parts = [frame[c] for c in key]
    label = parts[0].str.cat(parts[1:], sep=" | ") if parts else pd.Series(np.arange(2, len(frame) + 2).astype(str), index=frame.index, dtype=object).radd("line ")
    again = label.groupby(label).cumcount()
    return frame.set_axis(label.where(again == 0, label + " (" + (again + 1).astype(str) + ")"), axis=0)


def _relative(a: str, b: str) -> float:
    try:
        return relative(float(a), float(b))
    except ValueError:
        return math.inf


def _largest(cells: pd.DataFrame) -> dict | None:
    numbers = cells[np.isfinite(cells["relative"])]
    first = numbers[~numbers["column"].map(lambda name: bool(SECONDARY.fullmatch(name))).astype(bool)]
    numbers = first if len(first) else numbers
    return numbers.loc[numbers["relative"].idxmax()].to_dict() if len(numbers) else None


def _number(text: str) -> float:
    return float(text) if text else math.nan


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def verdict(row: dict | None) -> dict | None:
    """A line of a table of verdicts (as text) with its numbers: `verdict`, `reported`, `grade`, `theta`, `lower`, `upper`; None for none."""
    return row and {c: _finite(_number(row[c])) if c in ("theta", "lower", "upper") else row[c] for c in SHOWN}
