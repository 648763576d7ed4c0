"""Reading and writing of tables and documents. The only module of the package that opens files.

Every file is written beside its place and renamed into it, so that a reader never sees half a file.
"""

import contextlib
import csv
import hashlib
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from coalitions.catalogue import DAYS, REGISTER_TABLES
from coalitions.faults import Fault, raise_all

SIGNIFICANT = 10
# A spreadsheet executes a cell that begins with one of these (OWASP, "CSV injection"); a leading ' makes it text. A plain negative number is left alone.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@contextlib.contextmanager
def replacing(path):
    """A temporary path in the same folder, renamed onto `path` if the block succeeds and removed if it does not.

    The temporary file keeps the suffix, for writers that choose a format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".partial-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def read_raw(path) -> pd.DataFrame:
    """A table of the register as text: every cell a str, an empty cell ''. The index is the line on which a row begins (header = 1).

    Raises InputError naming every row that has more or fewer cells than the header, or that cannot be read as csv.
    """
    name, rows, lines, faults = Path(path).name, [], [], []
    with Path(path).open(encoding="utf-8-sig", newline="") as handle:
        reader = csv.reader(handle, strict=True)
        header, begins = next(reader, []), reader.line_num + 1
        try:
            for row in reader:
                if row and len(row) != len(header):
                    fault = f"{len(row)} cells in a table of {len(header)} columns"
                    faults.append(Fault(name, begins, "", row[0], fault, "Quote the cell that contains a comma, or add or remove cells"))
                elif row:
                    rows.append(row)
                    lines.append(begins)
                begins = reader.line_num + 1
        except csv.Error as error:
            faults.append(Fault(name, begins, "", "", f"cannot be read as csv: {error}", "Close the quotation marks"))
    raise_all(faults)
    return pd.DataFrame(rows, columns=header, index=lines, dtype=str)


def read_register(folder) -> dict[str, pd.DataFrame]:
    """Every csv of a folder by name, as `read_raw` reads it; the guards of the register say if one is missing or too many."""
    return {path.stem: read_raw(path) for path in sorted(Path(folder).glob("*.csv"))}


def read_table(path, dates: tuple[str, ...] = ()) -> pd.DataFrame:
    """A published csv; `dates` names the columns that hold days. Only an empty cell is missing (NA, the country code of no state, is text)."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""], parse_dates=list(dates), encoding="utf-8")


def read_panels(names, paths) -> dict[str, pd.DataFrame]:
    """Tables that estimands read, by name: panels with their days, tables of the register as text. `paths` in the order of `names`."""
    return {name: read_raw(path) if name in REGISTER_TABLES else read_table(path, dates=DAYS.get(name, ())) for name, path in zip(names, paths, strict=True)}


def rounded(frame: pd.DataFrame, digits: int = SIGNIFICANT) -> pd.DataFrame:
    """Floats to `digits` significant digits: processors differ in the last bits, published numbers must not."""
    frame = frame.copy()
    for name in frame.select_dtypes("float").columns:
        values = frame[name].to_numpy(dtype=float)
        finite = np.isfinite(values)
        frame[name] = [float(f"{v:.{digits}g}") if ok else v for v, ok in zip(values, finite, strict=True)]
    return frame


def neutral(value):
    """Text that a spreadsheet would execute, made inert with a leading apostrophe; everything else unchanged."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        try:
            float(value)
        except ValueError:
            return "'" + value
    return value


def to_csv_text(frame: pd.DataFrame) -> str:
    """The csv text of a table: rounded floats, ISO days, neutral cells, LF."""
    frame = rounded(frame)
    for name in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].dt.strftime("%Y-%m-%d")
        elif not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = frame[name].astype(object).map(neutral)
    return frame.to_csv(index=False, lineterminator="\n", float_format=f"%.{SIGNIFICANT}g", quoting=csv.QUOTE_MINIMAL)


def write_text(text: str, path) -> None:
    """Write UTF-8 text with LF line ends."""
    with replacing(path) as partial:
        partial.write_bytes(text.encode("utf-8"))


def write_table(frame: pd.DataFrame, path) -> None:
    """Write a csv."""
    write_text(to_csv_text(frame), path)


def write_json(value, path) -> None:
    """Write JSON with sorted keys and rounded floats. NaN and infinity are refused: they are not JSON."""
    write_text(json.dumps(_plain(value), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n", path)


def read_json(path):
    """Read JSON."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def read_yaml(path):
    """Read YAML safely: no tag of it can build an object."""
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def read_files(root, folders, known_as) -> dict[str, bytes]:
    """Contents of files by name.

    Parameters: a folder; files and folders below it; function from a path relative to it to the name of the file, None for one that is left out.
    """
    root, found = Path(root), {}
    for folder in sorted(folders):
        paths = [root / folder] if (root / folder).is_file() else sorted(path for path in (root / folder).rglob("*") if path.is_file())
        for path in paths:
            if name := known_as(Path(folder, path.relative_to(root / folder)).as_posix()):
                found[name] = path.read_bytes()
    return found


def sha256(path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def digest(value) -> str:
    """SHA-256 of plain values, whatever the order of their keys."""
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()


def _plain(value):
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{SIGNIFICANT}g}") if np.isfinite(value) else float(value)
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return str(pd.Timestamp(value).date())
    return value
