"""The replication archive: what goes in, what is refused, and bytes that do not depend on when and where it is built."""

import io
import zipfile

import pytest

from coalitions import replication

IGNORED = ["# comment", "", ".venv/", "__pycache__/", "*.tmp", "results/logs/", "/case.yaml"]


@pytest.mark.parametrize("path", [".venv", "a/b/__pycache__", "x/y.tmp", "results/logs", "case.yaml"])
def test_what_gitignore_names_is_left_out(path):
    assert replication.ignored(IGNORED, path)


@pytest.mark.parametrize("path", ["venv", "a/results/logs", "results/log", "a/tmp", "other.yaml"])
def test_nothing_else_is_left_out(path):
    assert not replication.ignored(IGNORED, path)


@pytest.mark.parametrize("line", ["!keep.tmp", "a/**/b"])
def test_a_line_that_means_more_is_refused(line):
    with pytest.raises(ValueError, match="more than the archive understands"):
        replication.ignored([line], "a")


def test_links_strange_names_and_unknown_kinds_are_refused_all_at_once():
    faults = replication.entry_faults({"a.csv": "file", "b": "link", "c d.csv": "file", "e.exe": "file", "f": "other"})
    assert [fault.file for fault in faults] == ["b", "c d.csv", "e.exe", "f"]
    assert "is not followed" in str(faults[0])


def test_a_snapshot_that_is_not_its_manifest_is_refused():
    manifest = {"a.csv": "1", "b.csv": "2", "c.csv": "3"}
    faults = replication.snapshot_faults(manifest, {"a.csv": "1", "b.csv": "9", "d.csv": "4"})
    assert {fault.file: fault.fault for fault in faults} == {
        "results/b.csv": "is not what the manifest says", "results/c.csv": "is named by the manifest and missing", "results/d.csv": "is not named by the manifest",
    }  # fmt: skip
    assert replication.snapshot_faults(manifest, manifest) == []


def test_a_manifest_can_be_read_back():
    sums = {"b/c.csv": "1" * 64, "a.csv": "2" * 64}
    assert replication.manifest_of(replication.manifest_text(sums)) == sums


def test_the_same_files_give_the_same_bytes_in_whatever_order_they_come():
    contents = {"b.py": b"1", "a.csv": b"2", "results/c.csv": b"3"}
    first = replication.zipped(contents, {"b.py"}, "study-1", "2026-01-02")
    assert first == replication.zipped(dict(reversed(contents.items())), {"b.py"}, "study-1", "2026-01-02")
    assert first != replication.zipped(contents, {"b.py"}, "study-1", "2026-01-03")


def test_files_stand_in_one_folder_with_modes_and_with_results_younger_than_programs():
    content = replication.zipped({"run": b"1", "a.csv": b"2", "results/c.csv": b"3", "notebooks/n.ipynb": b"4"}, {"run"}, "study-1", "2026-01-02")
    entries = {entry.filename: entry for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()}
    assert list(entries) == sorted(entries)
    assert {name.split("/")[0] for name in entries} == {"study-1"}
    assert {name: oct(entry.external_attr >> 16) for name, entry in entries.items()} == {
        "study-1/run": "0o100755", "study-1/a.csv": "0o100644", "study-1/results/c.csv": "0o100644", "study-1/notebooks/n.ipynb": "0o100644",
    }  # fmt: skip
    assert entries["study-1/results/c.csv"].date_time > entries["study-1/a.csv"].date_time
    assert entries["study-1/notebooks/n.ipynb"].date_time > entries["study-1/a.csv"].date_time


RULES = '''"""Durations: of spells.

Inputs: none.
"""


rule first:
    output:
        "results/a.csv",
    script:
        "../scripts/one.py"


for _stage in ("x", "y"):

    rule:
        name:
            f"draw_{_stage}_figures"
        script:
            "../scripts/two.py"
'''


def test_programs_are_read_from_the_rules():
    made = {"results/a.csv": "first", "results/f.svg": "draw_x_figures", "results/g.svg": "draw_y_figures"}
    sources = {"one": "from coalitions import io, survival", "two": "from coalitions.figures import style"}
    found = replication.programs({"duration": RULES}, made, sources, {"io", "survival", "figures", "figures.style"})
    assert [(p["rule"], p["script"], p["modules"], p["outputs"]) for p in found] == [
        ("first", "workflow/scripts/one.py", ["survival"], ["results/a.csv"]),
        ("draw_x_figures", "workflow/scripts/two.py", ["figures", "figures.style"], ["results/f.svg"]),
        ("draw_y_figures", "workflow/scripts/two.py", ["figures", "figures.style"], ["results/g.svg"]),
    ]
    assert found[0]["about"] == "Durations: of spells."


def test_who_makes_what_is_read_from_the_table_of_snakemake():
    assert replication.made_by("noise\noutput_file\tdate\trule\tplan\nresults/a.csv\tMon\tfirst\tno update\n") == {"results/a.csv": "first"}
    with pytest.raises(ValueError, match="did not print the table"):
        replication.made_by("something else")


def test_figures_and_tables_are_numbered_as_the_report_numbers_them():
    text = '![One \\% of it](figures/b.svg){#fig:b alt="x"}\n\n: Rates [limits of @wilson1927]. {#tbl:rates}\n\n![Two](figures/a.svg){#fig:a alt="y"}\n'
    assert replication.numbered(text, "fig") == {"b": (1, "One % of it"), "a": (2, "Two")}
    assert replication.numbered(text, "tbl") == {"rates": (1, "Rates.")}


def test_many_files_are_counted_by_folder():
    assert replication.summarised(["a/1", "a/2"]) == "a/1, a/2"
    assert replication.summarised(["a/1", "a/2", "b/1", "b/2", "b/3"]) == "a/ (2 files); b/ (3 files)"
    assert replication.summarised(["a/1", "a/2", "a/3", "a/4", "b/1"]) == "a/ (4 files); b/ (1 file)"
    assert replication.summarised([f"a/b/{number}/x" for number in range(5)]) == "a/b/ (5 files)"
    assert replication.summarised([f"{number}/x" for number in range(5)]).count("file") == 5
