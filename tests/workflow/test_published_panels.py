"""What is published can be read in each form, with its labels, and says the same in all of them."""

import io as stdio
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml
from frictionless import Package

from coalitions import io, labelled, schema

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "results"


def load(path: str):
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


REGISTER = load("workflow/schemas/register.yaml")
TABLES = schema.published_tables(load("workflow/schemas/panels.yaml"), REGISTER, load("config/config.yaml"))
PANELS = [path for path in TABLES if path.startswith("panels/")]


def days(path: str) -> tuple[str, ...]:
    return tuple(column["name"] for column in TABLES[path]["columns"] if column["type"] == "date")


@pytest.mark.parametrize("path", list(TABLES))
def test_every_published_table_fits_its_schema(path):
    frame = io.read_table(RESULTS / path, dates=days(path))
    assert schema.check_panel(frame, path, TABLES[path]) == []


@pytest.mark.parametrize("path", PANELS)
def test_csv_stata_and_parquet_agree(path):
    table = io.read_table(RESULTS / path, dates=days(path))
    parquet = pd.read_parquet(RESULTS / path.replace(".csv", ".parquet"))
    stata, _ = pyreadstat.read_dta(RESULTS / path.replace(".csv", ".dta"))
    for name in days(path):
        stata[name] = pd.to_datetime(stata[name])
    assert labelled.same(parquet, table)
    plain = table.copy()
    for name in [c["name"] for c in TABLES[path]["columns"] if c["type"] == "string"]:
        plain[name] = plain[name].fillna("").map(lambda text: text.removeprefix("'"))
        stata[name] = stata[name].map(lambda text: text.removeprefix("'"))
    assert labelled.same(stata, plain)


@pytest.mark.parametrize("path", PANELS)
def test_stata_files_carry_labels(path):
    _, meta = pyreadstat.read_dta(RESULTS / path.replace(".csv", ".dta"), metadataonly=True)
    wanted = {column["name"]: column["description"][:80] for column in TABLES[path]["columns"]}
    assert meta.column_names_to_labels == wanted
    assert [c["name"] for c in TABLES[path]["columns"] if len(c["description"]) > labelled.STATA_LABEL] == [], "a label would be cut"
    labelled_columns = [c["name"] for c in TABLES[path]["columns"] if c["type"] == "integer" and "labels" in c and not c["empty"]]
    assert set(labelled_columns) <= set(meta.variable_value_labels)


@pytest.mark.parametrize("name", ["data/raw", "results"])
def test_the_data_package_is_valid_and_its_tables_fit_it(name):
    package = Package(str(ROOT / name / "datapackage.json"))
    report = package.validate()
    assert report.valid, [(task.name, [error.message for error in task.errors[:2]]) for task in report.tasks if not task.valid]
    assert {resource.path for resource in package.resources} == {path.relative_to(ROOT / name).as_posix() for path in described(name)}
    assert package.licenses[0]["name"] == "CC-BY-4.0"


def described(name: str) -> list[Path]:
    """The tables that a data package must describe: all of the register, and all that the schema of the published tables has."""
    return list((ROOT / name).glob("*.csv")) if name == "data/raw" else [ROOT / name / path for path in TABLES]


def test_spells_alone_give_the_published_summary():
    """Anyone can refit the primary models from panels/spells.csv."""
    from coalitions import survival

    spells = io.read_table(RESULTS / "panels" / "spells.csv", dates=("start",))
    summary = io.read_table(RESULTS / "duration" / "summary.csv").set_index(["scope", "arrangement"])
    for scope, kind in summary.index:
        group = spells[(spells[f"scope_{scope}"] == 1) & (spells["arrangement"] == kind)]
        fitted = survival.summary(group, load("config/config.yaml")["survival"]["tau_years"], 0.95)
        for name, value in fitted.items():
            assert value == pytest.approx(summary.loc[(scope, kind), name], rel=1e-8, nan_ok=True), (scope, kind, name)


def test_every_record_leads_to_a_source():
    operations = io.read_table(RESULTS / "panels" / "operations.csv")
    evidence = io.read_raw(ROOT / "data" / "raw" / "evidence.csv")
    sources = set(io.read_raw(ROOT / "data" / "raw" / "sources.csv")["source_id"])
    dated = set(evidence.loc[evidence["field"].eq("start") & evidence["source_id"].isin(sources), "operation_id"])
    assert set(operations.loc[operations["deployed"] == 1, "operation_id"]) <= dated


def test_rows_in_are_rows_kept():
    raw = io.read_raw(ROOT / "data" / "raw" / "operations.csv")
    operations = io.read_table(RESULTS / "panels" / "operations.csv")
    spells = io.read_table(RESULTS / "panels" / "spells.csv")
    assert set(raw["operation_id"]) == set(operations["operation_id"])
    merged = [name for names in spells["operation_ids"] for name in names.split("+")]
    assert sorted(merged) == sorted(operations.loc[operations["deployed"] == 1, "operation_id"])


def test_a_cell_that_a_spreadsheet_would_execute_is_published_as_text():
    text = io.to_csv_text(pd.DataFrame({"note": ["=1+1", "-5", "@x"], "value": [1.0, np.nan, 2.0]}))
    back = pd.read_csv(stdio.StringIO(text), dtype=str)
    assert back["note"].tolist() == ["'=1+1", "-5", "'@x"]
