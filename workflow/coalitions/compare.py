"""Comparing two sets of published artefacts: same bytes, or every number equal to a tolerance."""

import io
import math
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd

_NUMBER = re.compile(r"[-−+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
TEXT = {".csv", ".json", ".md", ".html", ".svg", ".ipynb"}
PICTURES = {".png", ".pdf"}
_CHECKSUMS = re.compile(rb'"(sha256|contentSize)": "\w+"')


@dataclass(frozen=True)
class Difference:
    """How one artefact differs: `largest` relative difference of a number, and whether it is within the tolerance."""

    path: str
    largest: float
    tolerated: bool
    what: str


def differences(published: dict[str, bytes], rebuilt: dict[str, bytes], tolerance: float = 1e-6) -> list[Difference]:
    """Every artefact whose bytes differ, with how much; a missing or surplus artefact is a difference that is not tolerated.

    Parameters: contents by path. Text and tables are compared number by number. A picture or PDF has no numbers to compare: it is tolerated if the files of the same name that
    hold its numbers or its text are equal or tolerated.
    """
    found = []
    for path in sorted(set(published) | set(rebuilt)):
        if path not in rebuilt or path not in published:
            found.append(Difference(path, math.inf, False, "not made by the rebuild" if path not in rebuilt else "not in the published snapshot"))
        elif PurePosixPath(path).name == "ro-crate-metadata.json" and _CHECKSUMS.sub(b"", published[path]) == _CHECKSUMS.sub(b"", rebuilt[path]):
            continue  # as in the manifest, checksums and sizes follow from the files
        elif published[path] != rebuilt[path] and PurePosixPath(path).suffix not in PICTURES and PurePosixPath(path).name != "MANIFEST.sha256":
            found.append(_compared(path, published[path], rebuilt[path], tolerance))
    failed = {PurePosixPath(d.path).with_suffix("") for d in found if not d.tolerated}
    moved = {PurePosixPath(d.path).with_suffix("") for d in found}
    for path in sorted(set(published) & set(rebuilt)):
        stem = PurePosixPath(path).with_suffix("")
        if published[path] != rebuilt[path] and PurePosixPath(path).suffix in PICTURES:
            explained = stem in moved and stem not in failed
            found.append(Difference(path, math.nan, explained, "follows from its numbers" if explained else "differs although its numbers do not"))
    return sorted(found, key=lambda d: d.path)


def _compared(path: str, a: bytes, b: bytes, tolerance: float) -> Difference:
    suffix = PurePosixPath(path).suffix
    if suffix in {".parquet", ".dta"}:
        read = pd.read_parquet if suffix == ".parquet" else pd.read_stata
        a, b = (read(io.BytesIO(content)).to_csv(index=False).encode() for content in (a, b))
    elif suffix == ".docx":
        a, b = (_document(content) for content in (a, b))
    elif suffix not in TEXT:
        return Difference(path, math.inf, False, "differs")
    one, other = a.decode("utf-8", "replace"), b.decode("utf-8", "replace")
    if _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return Difference(path, math.inf, False, "its text differs")
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    largest = max((relative(float(x.replace("−", "-")), float(y.replace("−", "-"))) for x, y in pairs if x != y), default=0.0)
    return Difference(path, largest, largest <= tolerance, "numbers differ")


def relative(x: float, y: float) -> float:
    """Difference of two numbers relative to the larger of them: 0 if they are equal, at most 2; infinite if only one is finite."""
    if not (math.isfinite(x) and math.isfinite(y)):
        return 0.0 if x == y else math.inf
    return abs(x - y) / max(abs(x), abs(y), 1e-12)


def _document(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in sorted(archive.namelist()) if name.endswith(".xml"))
