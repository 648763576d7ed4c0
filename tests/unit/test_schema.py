"""The schemas: what is generated from them, and the check of published tables."""

import json

import numpy as np
import pandas as pd
import pytest
from frictionless import Package, Schema

from coalitions import schema as schemas

TABLE = {
    "key": ["id", "year"],
    "columns": [
        {"name": "id", "type": "string", "description": "Key", "empty": False},
        {"name": "year", "type": "integer", "description": "Year", "empty": False},
        {"name": "kind", "type": "string", "description": "Kind", "empty": True, "labels": {"un": "UN", "ahc": "AHC"}},
        {"name": "rate", "type": "number", "description": "Rate", "empty": True},
        {"name": "day", "type": "date", "description": "Day", "empty": True},
        {"name": "flag", "type": "integer", "description": "Flag", "empty": False, "labels": {0: "no", 1: "yes"}},
    ],
}


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "id": ["a", "a", "b"],
            "year": [2001, 2002, 2001],
            "kind": ["un", None, "ahc"],
            "rate": [0.5, np.nan, 2.0],
            "day": pd.to_datetime(["2003-05-01", None, "2003-05-02"]),
            "flag": [0, 1, 1],
        }
    )


def faults(frame):
    return [(f.file, f.row, f.column, f.value, f.fault) for f in schemas.check_panel(frame, "panels/x.csv", TABLE)]


def test_a_table_as_its_schema_says_has_no_fault(frame):
    assert faults(frame) == []


def test_an_empty_table_with_the_right_columns_has_no_fault(frame):
    assert faults(frame.iloc[:0]) == []


@pytest.mark.parametrize(
    "change", [lambda f: f.drop(columns="rate"), lambda f: f.assign(extra=1), lambda f: f[["year", "id", "kind", "rate", "day", "flag"]]], ids=["missing", "surplus", "order"]
)
def test_other_columns_are_one_fault_of_the_header(frame, change):
    (fault,) = schemas.check_panel(change(frame), "panels/x.csv", TABLE)
    assert (fault.file, fault.row) == ("panels/x.csv", 1)
    assert "columns differ from the schema" in fault.fault
    assert "panels.yaml" in fault.remedy


def test_the_header_fault_names_what_is_missing_and_what_is_too_much(frame):
    (fault,) = schemas.check_panel(frame.rename(columns={"rate": "ratio"}), "panels/x.csv", TABLE)
    assert "missing ['rate']" in fault.fault
    assert "not in the schema ['ratio']" in fault.fault


def test_a_repeated_key_is_a_fault_of_each_of_its_rows(frame):
    frame.loc[1, "year"] = 2001
    assert faults(frame) == [("panels/x.csv", 0, "id+year", "a | 2001", "the key is not unique")] * 2


def test_a_missing_value_where_none_may_be_is_counted(frame):
    frame["flag"] = [np.nan, np.nan, 1]
    assert faults(frame) == [("panels/x.csv", 0, "flag", "", "2 missing value(s)")]


def test_a_word_outside_the_vocabulary_is_named(frame):
    frame.loc[0, "kind"] = "<script>"
    assert faults(frame) == [("panels/x.csv", 0, "kind", "<script>", "not in the vocabulary")]


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [
        ("year", [2001.5, 2002.0, 2001.0], "integer"),
        ("year", ["2001", "2002", "2001"], "integer"),
        ("rate", ["0.5", None, "2"], "number"),
        ("day", ["2003-05-01", None, "x"], "date"),
        ("id", [1, 2, 3], "string"),
    ],
)
def test_a_column_of_another_type_is_a_fault(frame, column, values, kind):
    frame[column] = values
    assert [(c, text) for _, _, c, _, text in faults(frame)] == [(column, f"not of type {kind}")]


def test_nullable_integers_with_gaps_are_integers(frame):
    table = {**TABLE, "columns": [{**c, "empty": True} if c["name"] == "year" else c for c in TABLE["columns"]]}
    frame["year"] = pd.array([2001, None, 2003], dtype="Float64")
    assert schemas.check_panel(frame, "x", table) == []


def test_all_faults_of_a_table_are_reported_at_once(frame):
    frame.loc[0, "kind"] = "nato"
    frame["flag"] = [np.nan, 0, 1]
    frame["rate"] = "many"
    assert {f.column for f in schemas.check_panel(frame, "x", TABLE)} == {"kind", "flag", "rate"}


def test_every_panel_of_the_tiny_register_is_as_its_schema_says(panels, tables):
    assert [str(f) for name, frame in panels.items() for f in schemas.check_panel(frame, name, tables[f"panels/{name}.csv"])] == []


def test_columns_by_scope_arrangement_and_horizon_are_expanded(tables):
    names = {path: [c["name"] for c in table["columns"]] for path, table in tables.items()}
    assert [n for n in names["panels/spells.csv"] if n.startswith("scope_")] == ["scope_strict", "scope_broad"]
    assert {"ahc_launches", "un_launches", "regional_launches"} <= set(names["panels/system_years.csv"])
    assert [n for n in names["duration/summary.csv"] if n.startswith("rmst")] == ["rmst_1", "rmst_1_lower", "rmst_1_upper", "rmst_2.5", "rmst_2.5_lower", "rmst_2.5_upper"]
    assert not any("*" in n or "{" in n for columns in names.values() for n in columns)


def test_every_column_of_panels_yaml_is_described_and_every_key_is_a_column(panel_schema):
    used = {name for table in panel_schema["tables"].values() for name in table["columns"]}
    assert used <= set(panel_schema["columns"])
    assert [path for path, table in panel_schema["tables"].items() if not set(table["key"]) <= set(table["columns"])] == []
    assert [path for path, table in panel_schema["tables"].items() if not set(table.get("empty", [])) <= set(table["columns"])] == []


def test_both_data_packages_are_valid_and_name_their_licence(schema, tables):
    for package in (schemas.register_package(schema), schemas.panels_package(tables)):
        assert [Schema.from_descriptor(r["schema"]).to_descriptor() for r in package["resources"]]
        assert package["licenses"][0]["name"] == "CC-BY-4.0"
        assert len({r["name"] for r in package["resources"]}) == len(package["resources"])
        assert json.loads(schemas.package_text(package)) == package
        assert Package.metadata_validate(package) is not None


def test_a_value_that_must_not_be_missing_is_required_in_the_package(tables):
    fields = {r["path"]: {f["name"]: f for f in r["schema"]["fields"]} for r in schemas.panels_package(tables)["resources"]}["panels/spells.csv"]
    assert fields["spell_id"]["constraints"] == {"required": True}
    assert "constraints" not in fields["end"]
