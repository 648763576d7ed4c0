"""Published panels in forms that other tools read with their labels: Stata and Parquet."""

import numpy as np
import pandas as pd
from pandas.io.stata import StataWriterUTF8

from coalitions.io import replacing, rounded

STATA_NAME = 32
STATA_LABEL = 80


def stata_frame(frame: pd.DataFrame, columns: list[dict]) -> tuple[pd.DataFrame, dict, dict]:
    """A panel as Stata can hold it: (frame, variable labels, value labels).

    Integers with gaps become floats (Stata's missing value), vocabularies stay text (their meaning is in the codebook), labelled integers get value labels.
    Days become Stata dates. Raises ValueError if a name is longer than Stata allows.
    """
    result = rounded(frame)
    labels, values = {}, {}
    for column in columns:
        name = column["name"]
        if len(name) > STATA_NAME:
            raise ValueError(f"{name!r} is longer than the {STATA_NAME} characters that Stata allows")
        labels[name] = column["description"][:STATA_LABEL]
        if column["type"] == "integer":
            missing = result[name].isna().any()
            result[name] = result[name].astype("float64" if missing else "int32")
            if "labels" in column and not missing:
                values[name] = {int(k): str(v) for k, v in column["labels"].items()}
        elif column["type"] == "number":
            result[name] = result[name].astype("float64")
        elif column["type"] == "string":
            result[name] = result[name].where(result[name].notna(), "").astype(str)
    return result, labels, values


def write_stata(frame: pd.DataFrame, columns: list[dict], title: str, path, stamp: pd.Timestamp) -> None:
    """Write a .dta (version 118, UTF-8). `stamp` is written as the time of the data set, so that bytes do not depend on the clock."""
    result, labels, values = stata_frame(frame, columns)
    days = {c["name"]: "td" for c in columns if c["type"] == "date"}
    long = [c["name"] for c in columns if c["type"] == "string" and result[c["name"]].str.encode("utf-8").str.len().max() > 2045]
    with replacing(path) as partial:
        _Writer(
            partial, result, write_index=False, variable_labels=labels, value_labels=values, convert_dates=days, data_label=title[:STATA_LABEL],
            time_stamp=stamp.to_pydatetime(), convert_strl=long,
        ).write_file()  # fmt: skip


class _Writer(StataWriterUTF8):
    """The writer of pandas, which renames `end` because Mata reserves it; Stata does not reserve it for variables."""

    @property
    def RESERVED_WORDS(self) -> set[str]:  # noqa: N802 (the name is pandas')
        return self._reserved - {"end"}

    @RESERVED_WORDS.setter
    def RESERVED_WORDS(self, words: set[str]) -> None:  # noqa: N802
        self._reserved = words


def write_parquet(frame: pd.DataFrame, columns: list[dict], path) -> None:
    """Write a Parquet file with nullable integers and days as dates."""
    result = rounded(frame)
    for column in columns:
        name = column["name"]
        if column["type"] == "integer":
            result[name] = result[name].astype("Int64")
        elif column["type"] == "number":
            result[name] = result[name].astype("float64")
        elif column["type"] == "date":
            result[name] = result[name].astype("datetime64[ms]")
        else:
            result[name] = result[name].astype(object).where(result[name].notna(), None)
    with replacing(path) as partial:
        result.to_parquet(partial, index=False)


def same(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Whether two readings of one panel agree: same columns, rows and values; missing text and empty text are the same."""
    if list(a.columns) != list(b.columns) or len(a) != len(b):
        return False
    for name in a.columns:
        x, y = a[name], b[name]
        if x.isna().all() and y.isna().all():
            continue
        if x.isna().all() or y.isna().all():  # a column without a value has no kind of its own; empty text is the same as missing
            other = y if x.isna().all() else x
            if other.map(lambda v: isinstance(v, str) and v == "").all():
                continue
            return False
        if pd.api.types.is_numeric_dtype(x) != pd.api.types.is_numeric_dtype(y) or pd.api.types.is_datetime64_any_dtype(x) != pd.api.types.is_datetime64_any_dtype(y):
            return False
        if pd.api.types.is_numeric_dtype(x) or pd.api.types.is_numeric_dtype(y):
            if not np.allclose(x.astype("float64"), y.astype("float64"), rtol=1e-9, atol=0, equal_nan=True):
                return False
        elif pd.api.types.is_datetime64_any_dtype(x):
            if not (x.isna() == y.isna()).all() or not (x.dropna().astype("datetime64[s]").to_numpy() == pd.to_datetime(y.dropna()).astype("datetime64[s]").to_numpy()).all():
                return False
        elif not (x.fillna("").astype(str).to_numpy() == y.fillna("").astype(str).to_numpy()).all():
            return False
    return True
