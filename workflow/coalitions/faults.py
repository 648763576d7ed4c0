"""Faults of input: collected first, reported all at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the input, and what to do about it.

    `row` is the line of the file as an editor counts it (the header is line 1); 0 means the whole file.
    """

    file: str
    row: int
    column: str
    value: str
    fault: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.row}" if self.row else self.file
        return f"{where}, {self.column}: {self.value!r}: {self.fault}. {self.remedy}"


class InputError(ValueError):
    """The input cannot be used. `faults` holds every fault that was found, not only the first."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = sorted(set(faults), key=lambda f: (f.file, f.row, f.column, f.fault))
        lines = [f"{len(self.faults)} fault(s) in the input:", *(f"  {fault}" for fault in self.faults)]
        super().__init__("\n".join(lines))


def raise_all(faults: Iterable[Fault]) -> None:
    """Raise one `InputError` with all faults; return silently if there is none."""
    faults = list(faults)
    if faults:
        raise InputError(faults)
