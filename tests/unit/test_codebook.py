"""The printed codebook."""

import pandas as pd
import pypandoc
import pytest

from coalitions import codebook


@pytest.fixture
def text(schema, tables, rules):
    return codebook.text(schema, tables, rules)


def test_every_table_and_every_inclusion_rule_has_its_place(text, schema, tables, rules):
    from coalitions.report import escaped

    headings = {line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")}
    assert headings == {escaped(f"{name}.csv") for name in schema["tables"]} | {escaped(path) for path in tables} | {escaped(name) for name in schema["vocabularies"]}
    assert all(escaped(rule) in text for rule in rules.values())


def test_the_table_of_a_register_table_has_a_row_for_each_column(text, schema):
    from coalitions.report import escaped

    section = text.split("## operations\\.csv")[1].split("## ")[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")][2:]
    assert rows == [escaped(field["name"]) for field in schema["tables"]["operations"]["fields"]]


def test_it_converts_and_holds_no_raw_html(text, schema):
    page = pypandoc.convert_text(text, "html5", "markdown", extra_args=["--standalone"])
    assert page.count("<table") == len(schema["tables"]) + len(schema["vocabularies"]) + 1 + text.split("# Published tables")[1].count("\n## ")
    assert "<h2" in page


def test_a_hostile_description_stays_in_its_cell(schema, rules):
    hostile = "a | b <script>alert(1)</script> `c` [d](javascript:e)\n\n# f"
    small = {"tables": {"x": {"description": hostile, "primaryKey": ["k"], "fields": [{"name": "k", "description": hostile}]}}, "vocabularies": {"v": {"w": hostile}}}
    page = pypandoc.convert_text(codebook.text(small, {}, {"rule": hostile}), "html5", "markdown")
    assert "<script" not in page
    assert "<a " not in page
    assert page.count("<h1") == 5
    assert page.count("<tr") == 6


def test_what_is_found_in_a_table_stands_beside_its_columns(schema, tables, rules, panels):
    frame = panels["spells"]
    seen = codebook.observed(frame)
    text = codebook.text(schema, tables, rules, {"panels/spells.csv": seen})
    section = text.split("## panels\\/spells\\.csv")[1].split("## ")[0]
    rows = {line.split(" | ")[0].removeprefix("| ").replace("\\", ""): line.split(" | ") for line in section.splitlines()}
    assert rows["duration_days"][2] == "days"
    assert rows["duration_days"][4] == codebook.escaped(f"{frame['duration_days'].min():.4g} to {frame['duration_days'].max():.4g}")
    assert rows["ended"][4] == r"0\: censored; 1\: ended"
    assert rows["organisation"][5] == str(frame["organisation"].isna().sum())


def test_what_is_found_is_said_for_each_kind_of_column():
    frame = pd.DataFrame(
        {"n": [1.0, None, 2.5], "day": ["2003-05-01", "", "1945-10-24"], "text": ["a", "b", "a"], "none": ["", "", ""], "count": ["12", "", "3"], "raw": ["2003-05~", "1999", ""]}
    )
    assert codebook.observed(frame) == {
        "n": ("1 to 2.5", 1),
        "day": ("1945-10-24 to 2003-05-01", 1),
        "text": ("2 different", 0),
        "none": ("all empty", 3),
        "count": ("3 to 12", 1),
        "raw": ("1999 to 2003-05~", 1),
    }
    assert codebook.observed(frame.iloc[:0])["text"] == ("no rows", 0)


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("duration_days", "integer", "days"),
        ("year", "integer", "calendar year"),
        ("first_year", "integer", "calendar year"),
        ("tau_years", "number", "years"),
        ("start", "date", "day, YYYY-MM-DD"),
        ("n", "integer", ""),
        ("note_days", "string", ""),
    ],
)
def test_the_unit_of_a_column_is_said(name, kind, said):
    assert codebook.unit({"name": name, "type": kind}) == said
