"""The printed codebook."""

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
    assert page.count("<h1") == 4
    assert page.count("<tr") == 6
