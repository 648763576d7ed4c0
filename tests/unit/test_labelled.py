"""Stata and Parquet forms of the panels, read back by other tools."""

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from coalitions import io, labelled

STAMP = pd.Timestamp("2026-06-30")
COLUMNS = [
    {"name": "id", "type": "string", "description": "Key", "empty": False},
    {"name": "text", "type": "string", "description": "Text " * 40, "empty": True},
    {"name": "flag", "type": "integer", "description": "Flag", "empty": False, "labels": {0: "no", 1: "yes"}},
    {"name": "count", "type": "integer", "description": "Count", "empty": True, "labels": {0: "none"}},
    {"name": "rate", "type": "number", "description": "Rate", "empty": True},
    {"name": "day", "type": "date", "description": "Day", "empty": True},
]


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "id": ["NA", "b", "c"], "text": ["=cmd | <b>é😀", None, ""], "flag": [0, 1, 1], "count": pd.array([3, None, 5], dtype="Float64"), "rate": [1 / 3, np.nan, -2.0],
            "day": pd.to_datetime(["2003-05-01", None, "1945-10-24"]),
        }
    )  # fmt: skip


def stata(frame, tmp_path, columns=COLUMNS):
    labelled.write_stata(frame, columns, "Title", tmp_path / "a.dta", STAMP)
    return pyreadstat.read_dta(tmp_path / "a.dta")


def test_labels_of_variables_and_values_are_read_by_other_tools(frame, tmp_path):
    _, meta = stata(frame, tmp_path)
    assert meta.column_names == ["id", "text", "flag", "count", "rate", "day"]
    assert meta.column_names_to_labels["id"] == "Key"
    assert meta.variable_value_labels == {"flag": {0: "no", 1: "yes"}}
    assert meta.file_label == "Title"


def test_a_long_description_is_cut_to_what_stata_holds(frame, tmp_path):
    _, meta = stata(frame, tmp_path)
    assert meta.column_names_to_labels["text"] == ("Text " * 40)[:80].strip() or len(meta.column_names_to_labels["text"]) == 80


def test_stata_holds_days_as_days_gaps_as_missing_and_text_as_it_stands(frame, tmp_path):
    read, meta = stata(frame, tmp_path)
    assert meta.original_variable_types["day"].startswith("%td")
    assert [str(d)[:10] for d in read["day"].dropna()] == ["2003-05-01", "1945-10-24"]
    assert read["count"].isna().tolist() == [False, True, False]
    assert read["text"].tolist() == ["=cmd | <b>é😀", "", ""]
    assert read["id"].tolist()[0] == "NA"


@pytest.mark.parametrize("name", ["operations", "spells", "memberships", "operation_years", "member_years", "theatre_years", "system_years"])
def test_the_three_forms_of_a_panel_agree(name, panels, tables, tmp_path):
    frame, columns = panels[name], tables[f"panels/{name}.csv"]["columns"]
    days, text = tuple(c["name"] for c in columns if c["type"] == "date"), {c["name"]: object for c in columns if c["type"] == "string"}
    io.write_table(frame, tmp_path / "a.csv")
    labelled.write_stata(frame, columns, name, tmp_path / "a.dta", STAMP)
    labelled.write_parquet(frame, columns, tmp_path / "a.parquet")
    csv, parquet, dta = (
        io.read_table(tmp_path / "a.csv", dates=days).astype(text),
        pd.read_parquet(tmp_path / "a.parquet"),
        pd.read_stata(tmp_path / "a.dta", convert_categoricals=False),
    )
    assert labelled.same(parquet, csv)
    assert labelled.same(parquet, dta)
    assert labelled.same(csv, dta)


@pytest.mark.parametrize("text", ["x" * 2045, "x" * 2046, "é" * 1022, "é" * 1023, "x" * 10_000], ids=["2045", "2046", "2044 in é", "2046 in é", "10000"])
def test_text_longer_than_a_fixed_string_of_stata_is_not_cut(text, frame, tmp_path):
    frame.loc[1, "text"] = text
    assert stata(frame, tmp_path)[0]["text"][1] == text


def test_a_name_longer_than_stata_allows_is_refused_and_leaves_no_file(frame, tmp_path):
    name = "n" * 33
    columns = [{**COLUMNS[0], "name": name}, *COLUMNS[1:]]
    with pytest.raises(ValueError, match="longer than the 32 characters"):
        labelled.write_stata(frame.rename(columns={"id": name}), columns, "Title", tmp_path / "a.dta", STAMP)
    assert list(tmp_path.iterdir()) == []


def test_every_published_name_fits_stata(tables):
    assert [c["name"] for t in tables.values() for c in t["columns"] if len(c["name"]) > labelled.STATA_NAME] == []


def test_the_same_panel_has_the_same_bytes(frame, tmp_path):
    for name in ("a", "b"):
        labelled.write_stata(frame, COLUMNS, "Title", tmp_path / f"{name}.dta", STAMP)
        labelled.write_parquet(frame, COLUMNS, tmp_path / f"{name}.parquet")
    assert (tmp_path / "a.dta").read_bytes() == (tmp_path / "b.dta").read_bytes()
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_parquet_has_nullable_integers_and_days(frame, tmp_path):
    labelled.write_parquet(frame, COLUMNS, tmp_path / "a.parquet")
    read = pd.read_parquet(tmp_path / "a.parquet")
    assert str(read["count"].dtype) == "Int64"
    assert pd.api.types.is_datetime64_any_dtype(read["day"])
    assert read["text"].isna().tolist() == [False, True, False]


def test_an_empty_panel_can_be_written(frame, tmp_path):
    assert stata(frame.iloc[:0], tmp_path)[0].empty


def test_missing_and_empty_text_are_the_same_to_the_comparison(frame):
    assert labelled.same(frame, frame.assign(text=frame["text"].fillna("")))


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.iloc[:2],
        lambda f: f[f.columns[::-1]],
        lambda f: f.assign(id=["NA", "b", "d"]),
        lambda f: f.assign(rate=[0.34, np.nan, -2.0]),
        lambda f: f.assign(rate=[1 / 3, 0.0, -2.0]),
        lambda f: f.assign(day=pd.to_datetime(["2003-05-02", None, "1945-10-24"])),
        lambda f: f.assign(day=pd.to_datetime(["2003-05-01", "2003-05-01", "1945-10-24"])),
    ],
    ids=["rows", "order of columns", "text", "number", "number for a gap", "day", "day for a gap"],
)
def test_a_difference_is_seen(change, frame):
    assert not labelled.same(frame, change(frame))


@pytest.mark.parametrize("column", ["rate", "day"])
def test_a_column_of_another_kind_is_a_difference(column, frame):
    whole = frame.iloc[[0, 2]]
    assert not labelled.same(whole, whole.assign(**{column: ["x", "y"]}))


def test_a_text_column_without_any_text_is_the_same_in_every_form(tmp_path):
    frame = pd.DataFrame({"id": ["a", "b"], "parent_id": [None, None]})
    columns = [{"name": name, "type": "string", "description": name} for name in frame]
    io.write_table(frame, tmp_path / "a.csv")
    labelled.write_stata(frame, columns, "Title", tmp_path / "a.dta", STAMP)
    assert labelled.same(io.read_table(tmp_path / "a.csv"), pd.read_stata(tmp_path / "a.dta"))
