"""What docs/other-tools.md promises: its blocks run and agree with the published tables, and every file and column that it names is there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "other-tools.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.M | re.S)
# Words with an underscore that belong to a tool and name no column.
OF_TOOLS = {"read_dta", "as_factor", "read_csv", "read_stata", "read_parquet", "keep_default_na", "na_values", "parse_dates", "variable_labels"}


def of(language: str) -> list[str]:
    return [code for name, code in BLOCKS if name == language]


def columns(path: str) -> set[str]:
    return set(pd.read_csv(ROOT / Path(path).with_suffix(".csv"), nrows=0).columns)


def test_the_page_has_blocks_for_every_tool():
    assert {name for name, _ in BLOCKS} == {"r", "stata", "python", "sql"}


def test_every_file_that_the_page_names_is_published():
    named = set(re.findall(r"(?:results|data)/[\w./-]+\w", TEXT))
    assert len(named) > 5
    assert {name for name in named if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize(("language", "code"), BLOCKS, ids=[f"{name}-{number}" for number, (name, _) in enumerate(BLOCKS)])
def test_every_column_that_a_block_names_is_in_a_table_that_it_reads(language, code):
    read = re.findall(r"results/[\w/]+\.(?:csv|dta|parquet)", code)
    known = set().union(*(columns(path) for path in read))
    bare = re.sub(r"(?:results|data)/[\w./-]+", "", re.sub(r"#.*", "", code))
    words = set(re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", bare)) | set(re.findall(r"(?<=\$)[a-z]\w*|(?<=\[\")[a-z]\w*(?=\"\])", bare))
    assert words - OF_TOOLS - known == set()


def test_every_column_that_the_prose_names_is_in_a_panel():
    prose = re.sub(r"^```.*?^```$", "", TEXT, flags=re.M | re.S)
    known = set().union(*(columns(str(path.relative_to(ROOT))) for path in (ROOT / "results" / "panels").glob("*.csv")))
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", prose))
    assert {"start_text", "scope_sipri_scope"} <= named
    assert named - known - OF_TOOLS == set()


@pytest.mark.parametrize("code", of("python"), ids=range(len(of("python"))))
def test_python_blocks_run(code):
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_no_cell_is_changed_by_a_tool_that_takes_texts_for_numbers():
    """A code with a zero before it or an exponent in it would come out of a spreadsheet as another one."""
    for path in (*(ROOT / "data" / "raw").glob("*.csv"), *(ROOT / "results").rglob("*.csv")):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        found = [(name, value) for name in frame.columns for value in frame.loc[frame[name].str.fullmatch(r"0\d+|\d+[eE]\d+"), name]]
        assert found == [], path.name


def test_panels_are_published_in_the_forms_that_the_page_says():
    folder = ROOT / "results" / "panels"
    forms = {path.stem: {other.suffix for other in folder.glob(f"{path.stem}.*")} for path in folder.glob("*.csv")}
    assert {name for name, found in forms.items() if found != {".csv", ".dta", ".parquet"}} == {"theatre_operation_years"}


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("code", of("r"), ids=range(len(of("r"))))
def test_r_blocks_run(code):
    libraries = re.findall(r"library\((\w+)\)", code)
    missing = [name for name in libraries if subprocess.run(["Rscript", "-e", f"stopifnot(requireNamespace('{name}', quietly = TRUE))"], capture_output=True).returncode]
    if missing:
        pytest.skip(f"R has no package {missing}")
    done = subprocess.run(["Rscript", "-e", code], cwd=ROOT, capture_output=True, text=True, env=os.environ | {"LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", sorted((ROOT / "results").rglob("*.csv")), ids=lambda path: path.name)
def test_no_published_cell_is_executed_by_a_spreadsheet_and_no_file_begins_with_a_mark(path):
    content = path.read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    for name in frame.columns:
        risky = frame.loc[frame[name].str.match(r"[=+@\t\r-]"), name]
        assert pd.to_numeric(risky, errors="coerce").notna().all(), (path.name, name, risky.iloc[0])
