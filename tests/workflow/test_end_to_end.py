"""The whole pipeline on a small register cut from the real one: what a user does, and what goes wrong for them.

The runs take most of the time of the test suite; they share two copies of the project. xdist keeps them on one worker.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".snakemake", "__pycache__", ".*_cache", ".hypothesis", "tests", "benchmarks", "out", "what-if")
KEPT = {"imsc-2019", "emasoh-agenor-2020"}  # the notebook shows these two
pytestmark = pytest.mark.xdist_group("pipeline")


def tiny(source: Path, target: Path) -> None:
    """A register with about fifteen operations of each arrangement, closed under references."""
    tables = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in source.glob("*.csv")}
    operations = tables["operations"]
    kept = set(KEPT)
    for _, group in operations.groupby("arrangement"):
        kept |= set(group["operation_id"].iloc[:: max(1, len(group) // 15)])
    while True:
        more = kept | {value for column in ("parent_id", "predecessor_id", "successor_id") for value in operations.loc[operations["operation_id"].isin(kept), column] if value}
        if more == kept:
            break
        kept = more
    for table in tables.values():
        if "operation_id" in table:
            table.drop(table.index[~table["operation_id"].isin(kept)], inplace=True)
    cited = {s for name in ("evidence", "organisation_members", "vetoes", "corrections", "published_counts") for s in tables[name]["source_id"]}
    tables["sources"] = tables["sources"][tables["sources"]["source_id"].isin(cited)]
    for name, table in tables.items():
        table.to_csv(target / f"{name}.csv", index=False, lineterminator="\n")


def copy_of_project(folder: Path) -> Path:
    project = folder / "project"
    shutil.copytree(ROOT, project, ignore=lambda path, names: LEFT_OUT(path, names) | ({"results"} if Path(path) == ROOT else set()))
    tiny(ROOT / "data" / "raw", project / "data" / "raw")
    return project


def build(project: Path, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(project / "workflow" / "build.py"), *arguments], cwd="/", capture_output=True, text=True)


def would_run(project: Path) -> set[str]:
    """Rules that a dry run lists, and `rule:claim` for those that run once for each claim."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "workflow/profiles/default", "--dry-run"]
    out = subprocess.run(command, cwd=project, capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    found = set()
    for block in re.split(r"^(?=rule \w+:)", out.stdout + out.stderr, flags=re.M)[1:]:
        rule, claim = re.match(r"rule (\w+):", block)[1], re.search(r"^    wildcards: claim=([a-z-]+)", block, flags=re.M)
        found |= {rule, f"{rule}:{claim[1]}"} if claim else {rule}
    return found - {"all"}


def manifest(project: Path) -> str:
    return (project / "results" / "MANIFEST.sha256").read_text()


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    folder = copy_of_project(tmp_path_factory.mktemp("first"))
    result = build(folder)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-2000:]
    assert "The report is" in result.stdout
    return folder


def test_a_run_gives_the_report_in_three_forms(project):
    report = project / "results" / "report"
    assert (report / "report.html").read_text(encoding="utf-8").count("<table") >= 4
    assert (report / "report.pdf").read_bytes().startswith(b"%PDF")
    assert (report / "report.docx").read_bytes().startswith(b"PK")


def test_no_line_of_a_table_of_durations_is_silent(project):
    """The tiny register has groups that nothing can be estimated from: each line has an estimate, a statistic or the reason why not, and the report says so."""
    held = {"estimate", "share", "survival", "value", "statistic"}
    refused = 0
    for path in sorted((project / "results" / "duration").glob("*.csv")):
        table = pd.read_csv(path)
        if "reason" in table:
            said = table[[name for name in table if name in held]].notna().any(axis=1)
            assert (said | table["reason"].notna()).all(), path.name
            refused += int((~said).sum())
    assert refused > 0
    assert "What the data could not give" in (project / "results" / "report" / "report.md").read_text(encoding="utf-8")


def test_the_page_loads_nothing_from_elsewhere(project):
    page = (project / "results" / "report" / "report.html").read_text(encoding="utf-8")
    assert re.findall(r"<(?:script|img|link|iframe)[^>]+(?:src|href)=\"(?!data:|#)[^\"]+\"", page) == []


def test_a_second_run_has_nothing_to_do(project):
    result = build(project)
    assert result.returncode == 0
    assert "Nothing is to do" in result.stdout


@pytest.mark.parametrize(
    ("edited", "expected", "spared"),
    [
        (
            "workflow/coalitions/diversity.py",
            {"estimate_fragmentation", "compose_report", "write_manifest"},
            {"build_panels", "estimate_duration", "estimate_trends", "stress_claim", "estimate_specifications", "verify_register"},
        ),
        (
            "workflow/coalitions/duration.py",
            {"estimate_duration", "draw_duration_figures", "compose_report"},
            {"build_panels", "estimate_fragmentation", "estimate_trends", "stress_claim", "estimate_specifications"},
        ),
        (
            "workflow/coalitions/glm.py",
            {"estimate_trends", "stress_claim", "estimate_specifications", "judge_claims"},
            {"build_panels", "estimate_duration", "estimate_fragmentation"},
        ),
        ("workflow/coalitions/overlap.py", {"estimate_overlap", "stress_claim:duplication", "judge_claims"}, {"build_panels", "stress_claim:growth", "stress_claim:short-lived"}),
        (
            "workflow/report/answers.yaml",
            {"compose_report", "convert_report", "write_manifest"},
            {"build_panels", "stress_claim", "judge_claims", "draw_panels_figures", "draw_claims_figures", "execute_notebook"},
        ),
    ],
)
def test_an_edited_file_reruns_what_depends_on_it_and_nothing_else(project, edited, expected, spared):
    path = project / edited
    before = path.read_text(encoding="utf-8")
    path.write_text(before + "\n# edited\n", encoding="utf-8")
    try:
        rules = would_run(project)
        assert expected <= rules
        assert not rules & spared
    finally:
        path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "expected", "spared"),
    [
        ("sesoi: {value: 1.1, scale: ratio", "sesoi: {value: 1.2, scale: ratio", {"judge_claims"}, {"stress_claim", "estimate_specifications"}),
        (
            "primary: {scope: primary, since: 1945, family: poisson,",
            "primary: {scope: primary, since: 1990, family: poisson,",
            {"stress_claim:growth", "judge_claims"},
            {"estimate_specifications", "stress_claim:short-lived"},
        ),
    ],
)
def test_a_changed_decision_reruns_only_what_it_touches(project, old, new, expected, spared):
    path = project / "config" / "claims.yaml"
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")
    try:
        rules = would_run(project)
        assert expected <= rules
        assert not rules & spared
    finally:
        path.write_text(before, encoding="utf-8")


def test_another_primary_scope_estimates_no_specification_again(project):
    path = project / "config" / "config.yaml"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("primary_scope: strict", "primary_scope: broad"), encoding="utf-8")
    try:
        rules = would_run(project)
        assert {"stress_claim:growth", "judge_claims"} <= rules
        assert not rules & {"estimate_specifications", "build_panels", "stress_claim:un-halt"}
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_claim_that_is_added_to_the_list_appears_everywhere_without_a_line_of_code(project):
    path = project / "config" / "claims.yaml"
    before = path.read_text(encoding="utf-8")
    claims = yaml.safe_load(before)
    new = {"claim": {"quotation": "rather than being built to last", "where": "a test"}, "primary": claims["claims"]["short-lived"]["primary"] | {"tau_years": 5}}
    claims["claims"]["built-to-last"] = claims["claims"]["short-lived"] | new
    path.write_text(yaml.safe_dump(claims, sort_keys=False), encoding="utf-8")
    try:
        result = build(project)
        assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-2000:]
        results = project / "results"
        assert "built-to-last" in set(pd.read_csv(results / "claims" / "verdicts.csv")["claim"])
        assert "rather than being built to last" in (results / "report" / "report.html").read_text(encoding="utf-8")
        assert (results / "figures" / "spec_built_to_last.svg").stat().st_size > 0
        assert "built-to-last" in set(pd.read_csv(results / "figures" / "fig04_verdicts.csv")["claim"])
    finally:
        path.write_text(before, encoding="utf-8")
        for left in (project / "results").rglob("*built*to*last*"):
            if left.is_file():
                left.unlink()
    assert build(project).returncode == 0


def test_a_touched_file_reruns_nothing(project):
    (project / "workflow" / "coalitions" / "glm.py").touch()
    (project / "data" / "raw" / "operations.csv").touch()
    assert would_run(project) == set()


def test_a_bad_register_is_refused_with_all_its_faults_and_the_results_stay(project):
    path = project / "data" / "raw" / "operations.csv"
    before, published = path.read_text(encoding="utf-8"), manifest(project)
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame.loc[0, "start"], frame.loc[1, "domain"], frame.loc[2, "nested"] = "2003-13", "space", "yes"
    frame.to_csv(path, index=False, lineterminator="\n")
    try:
        result = build(project)
        said = result.stdout + result.stderr
        assert result.returncode != 0
        for line, column, value in ((2, "start", "2003-13"), (3, "domain", "space"), (4, "nested", "yes")):
            assert f"operations.csv, line {line}, {column}: '{value}'" in said
        assert manifest(project) == published
    finally:
        path.write_text(before, encoding="utf-8")
    assert build(project).returncode == 0
    assert manifest(project) == published


def test_an_unknown_scope_is_refused_with_those_that_there_are_and_touches_nothing(project):
    before = manifest(project)
    result = subprocess.run([sys.executable, str(project / "workflow" / "verdicts.py"), "--scope", "nosuch"], cwd="/", capture_output=True, text=True)
    assert result.returncode == 1
    assert "'nosuch' is not one of the scopes strict, adhocism_like, sipri_scope, broad" in result.stdout
    assert not (project / "what-if").exists()
    assert manifest(project) == before


def test_nested_settings_for_one_run_reach_the_jobs(project):
    assert "Nothing to be done" in build(project, "judge_claims", "--dry-run").stdout
    result = build(project, "judge_claims", "--dry-run", "--config", "robustness.date_draws=50", "seed=2")
    assert result.returncode == 0, result.stdout
    assert "stress_claim" in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("primary_scope: strict", "primary_scope: strickt", "'strickt' is not one of the scopes"),
        ("seed: 20240206", "seed: 20240206\nsed: 1", "'sed' was unexpected"),
        ('broad: "True"', "broad: \"__import__('os')\"", "is not allowed in an inclusion rule"),
        ("register: data/raw", "register: ../elsewhere", "does not match"),
    ],
)
def test_a_bad_config_is_refused_before_any_job_starts(project, old, new, said):
    path = project / "config" / "config.yaml"
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")
    try:
        result = build(project)
        assert result.returncode != 0
        assert said in result.stdout + result.stderr
        assert "verify_register" not in result.stdout
    finally:
        path.write_text(before, encoding="utf-8")


def test_a_killed_run_heals_and_gives_the_same_bytes(project, tmp_path):
    other = copy_of_project(tmp_path)
    running = subprocess.Popen([sys.executable, str(other / "workflow" / "build.py")], cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    for line in running.stdout:
        if "build_panels" in line:
            break
    time.sleep(0.5)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert not (other / "results" / "MANIFEST.sha256").exists()
    healed = build(other)
    assert healed.returncode == 0, healed.stdout[-3000:] + healed.stderr[-2000:]
    assert "A run was killed here" in healed.stdout
    assert manifest(other) == manifest(project)
    assert not list((other / "results").rglob(".partial-*"))
