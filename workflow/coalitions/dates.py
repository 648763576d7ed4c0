"""Dates as precise as their source: `2003`, `2003-05`, `2003-05-01`, each with `~` for "about".

The notation is the level-1 subset of EDTF (ISO 8601-2) that the codebook allows. A date stands for an interval of days:

- `2003-05` is 2003-05-01 to 2003-05-31;
- `~` widens the interval by one unit of its own precision on both sides: `2003-05~` is 2003-04-01 to 2003-06-30.

The point that stands for an interval in an analysis is its middle day (the earlier of two). It is the same with and without `~`.
"""

import re

import numpy as np
import pandas as pd

PATTERN = re.compile(r"^(?P<year>\d{4})(-(?P<month>0[1-9]|1[0-2])(-(?P<day>0[1-9]|[12]\d|3[01]))?)?(?P<about>~)?$")
FIRST_YEAR, LAST_YEAR = 1700, 2200  # nanoseconds, in which pandas counts, reach from 1678 to 2261
_UNIT = {4: "Y", 7: "M", 10: "D"}


def is_date(text: str) -> bool:
    """Whether `text` is written in the notation and names days that exist (2003-02-30 does not) between 1700 and 2200."""
    if not PATTERN.match(text):
        return False
    try:
        day = np.datetime64(text.rstrip("~"))
    except ValueError:
        return False
    return FIRST_YEAR <= day.astype("datetime64[Y]").astype(int) + 1970 <= LAST_YEAR


def bounds(text: str) -> tuple[np.datetime64, np.datetime64]:
    """First and last day that `text` can mean.

    Raises ValueError if it is not in the notation.
    """
    if not is_date(text):
        raise ValueError(f"{text!r} is not a date like 2003, 2003-05 or 2003-05-01 (with ~ for about)")
    stem = text.rstrip("~")
    unit = np.datetime64(stem, _UNIT[len(stem)])
    wide = 1 if text.endswith("~") else 0
    first = (unit - wide).astype("datetime64[D]")
    last = (unit + wide + 1).astype("datetime64[D]") - 1
    return first, last


def middle(text: str) -> np.datetime64:
    """Middle day of the interval that `text` names, leaving `~` aside; the earlier of two middles."""
    bounds(text)  # refuses what is no date before the mark is taken off
    first, last = bounds(text.removesuffix("~"))
    return first + (last - first) // 2


def expand(texts: pd.Series) -> pd.DataFrame:
    """Columns `earliest`, `point`, `latest` (datetime64[ns]) for a column of dates; an empty text gives NaT in all three.

    Raises ValueError at the first text that is not a date: the guards of the register come first and name every one.
    """
    known = {}
    for text in texts.unique():
        if text:
            first, last = bounds(text)
            known[text] = (first, middle(text), last)
    nat = (np.datetime64("NaT"),) * 3
    rows = np.array([known.get(text, nat) for text in texts], dtype="datetime64[D]").reshape(len(texts), 3)
    frame = pd.DataFrame(rows.astype("datetime64[ns]"), index=texts.index, columns=["earliest", "point", "latest"])
    return frame


def draw(earliest: pd.Series, latest: pd.Series, rng: np.random.Generator) -> pd.Series:
    """A day drawn uniformly between two days (both included) for each row; NaT where a bound is missing."""
    known = earliest.notna() & latest.notna()
    width = (latest - earliest).dt.days.where(known, 0).to_numpy(dtype=np.int64)
    shift = np.floor(rng.random(len(width)) * (width + 1)).astype("int64")
    return (earliest + pd.to_timedelta(shift, unit="D")).where(known)
