"""The rules of the house, read from the sources: layers, declared code, no hidden clock, no number typed into text."""

import ast
import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = sorted((ROOT / "workflow" / "coalitions").rglob("*.py"))
SCRIPTS = sorted(path for path in (ROOT / "workflow" / "scripts").glob("*.py") if path.name != "_bootstrap.py")
RULES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
FILES = {"io.py", "provenance.py"}  # the two modules that may open files


def names(path: Path) -> list[str]:
    """Modules that a file imports."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return found


def ids(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", PACKAGE, ids=ids)
def test_the_package_never_imports_snakemake_nor_reads_the_clock(path):
    assert not [name for name in names(path) if name.split(".")[0] in {"snakemake", "time"}]
    assert not re.search(r"\b(today|now|utcnow)\(", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PACKAGE, ids=ids)
def test_the_package_prints_nothing_and_opens_no_file(path):
    calls = [node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    plain = {call.id for call in calls if isinstance(call, ast.Name)}
    methods = {call.attr for call in calls if isinstance(call, ast.Attribute)}
    assert not plain & {"print", "eval", "exec", "input"}
    if path.name not in FILES | {"style.py", "labelled.py", "compare.py"}:  # these three write into a stream or a partial file that io hands them
        assert not plain & {"open"}
        assert not methods & {"read_text", "write_text", "read_csv", "to_csv", "savefig", "to_stata", "to_parquet"}


@pytest.mark.parametrize("path", PACKAGE, ids=ids)
def test_only_one_module_calls_statsmodels(path):
    assert path.name in {"glm.py", "discrete.py"} or not [name for name in names(path) if name.startswith("statsmodels")]


@pytest.mark.parametrize("path", SCRIPTS, ids=ids)
def test_scripts_are_thin_and_never_import_scripts(path):
    assert not {name.split(".")[0] for name in names(path)} & {script.stem for script in SCRIPTS}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 40
    assert not [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]


@pytest.mark.parametrize("path", RULES, ids=ids)
def test_every_rule_declares_its_code_its_log_and_its_environment_and_none_is_a_run_block(path):
    blocks = re.split(r"^\s*rule\b", path.read_text(encoding="utf-8"), flags=re.M)[1:]
    for block in blocks:
        script = re.search(r'scripts/(\w+)\.py"', block)[1]
        # A rule of the claims declares the modules of its claim's estimand as well (code_of).
        assert re.search(rf'code=(lambda wildcards: |sorted\(\s*{{p for c in CLAIMS for p in )?code(_of\((wildcards\.claim|c), |\()"{script}"', block)
        assert "    log:" in block
        assert "    conda:" in block
        assert not re.search(r"^\s+(run|shell):", block, flags=re.M)


def test_the_snakefile_holds_nothing_but_order():
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    assert text.count("rule ") == 1
    assert "rule all:" in text


TEXTS = [ROOT / "workflow" / "report" / name for name in ("report.md.j2", "captions.yaml", "answers.yaml")]


@pytest.mark.parametrize("path", TEXTS, ids=ids)
def test_no_number_is_typed_into_the_words_of_the_report(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"{[{%].*?[}%]}", "", text, flags=re.S)  # values
    text = re.sub(r"@\w+|\{#[\w:]+|figures/\w+|fig\d\d_\w+|^\w+:$", "", text, flags=re.M)  # citations, labels, names of figures
    assert re.findall(r"\d+", text) == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.py")), ids=ids)
def test_no_number_is_typed_into_the_prose_of_a_notebook(path):
    prose = [line for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"# (?!%%|---|  )", line)]
    prose = prose[prose.index(next(line for line in prose if line.startswith("# # "))) :]
    assert [line for line in prose if re.search(r"\d", line)] == []


def test_a_tracked_file_names_no_place_on_a_machine_and_no_package_index():
    if shutil.which("git") is None or (listed := subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)).returncode or not listed.stdout:
        pytest.skip("not a git checkout")
    bad = re.compile(r"(^|[^A-Za-z0-9._-])/(work|root|home|Users)/|pypi\.org|pythonhosted\.org")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".png", ".pdf", ".docx", ".dta", ".parquet"} or not path.exists() or path == Path(__file__):
            continue
        if bad.search(path.read_text(encoding="utf-8")):
            found.append(name)
    assert found == []


def test_conda_has_exactly_the_pins_of_the_lock():
    lock = (ROOT / "envs" / "requirements.lock").read_text(encoding="utf-8")
    pinned = {line.removesuffix("\\").strip() for line in lock.splitlines() if re.match(r"[A-Za-z0-9]", line)}
    conda = yaml.safe_load((ROOT / "envs" / "coalitions.yaml").read_text(encoding="utf-8"))["dependencies"][-1]["pip"]
    assert set(conda) == pinned
    assert len(conda) == len(pinned)


def test_the_data_package_of_the_register_the_verdicts_in_the_readme_and_the_limitations_are_current():
    describe = runpy.run_path(str(ROOT / "workflow" / "describe.py"))
    assert (ROOT / "data" / "raw" / "datapackage.json").read_text(encoding="utf-8") == describe["data_package"](), "run: make describe"
    assert (ROOT / "README.md").read_text(encoding="utf-8") == describe["readme"](), "run: make describe"
    assert (ROOT / "LIMITATIONS.md").read_text(encoding="utf-8") == describe["limitations"](), "run: make describe"


def test_no_number_is_typed_into_the_limitations_nor_into_the_readme_for_replicators():
    limitations = [line for line in (ROOT / "LIMITATIONS.md").read_text(encoding="utf-8").splitlines() if not line.startswith("|")]
    assert [line for line in limitations if re.search(r"\d", line)] == []
    replication = (ROOT / "workflow" / "report" / "replication.md.j2").read_text(encoding="utf-8")
    assert re.findall(r"\d+", re.sub(r"{[{%].*?[}%]}|`[^`]*`", "", replication, flags=re.S)) == []


def test_results_hold_every_file_of_the_manifest_and_no_orphan():
    results = ROOT / "results"
    listed = {line[66:] for line in (results / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()}
    there = {path.relative_to(results).as_posix() for path in results.rglob("*") if path.is_file() and not path.name.startswith(".partial")}
    assert {name for name in there if not name.startswith(("logs/", "validation/", "claims/estimates/"))} - {
        "MANIFEST.sha256"
    } == listed  # an input with a record of its own; work in between


def test_notebooks_are_committed_as_the_pipeline_executed_them():
    for path in (ROOT / "results" / "notebooks").glob("*.ipynb"):
        assert (ROOT / "notebooks" / path.name).read_bytes() == path.read_bytes(), f"run make: notebooks/{path.name} is not the executed one"


def test_the_version_is_said_once():
    from coalitions import __version__

    package = json.loads((ROOT / "results" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["version"] == __version__
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == __version__
    assert citation["date-released"].isoformat() == str(citation["date-released"])
    register = json.loads((ROOT / "data" / "raw" / "datapackage.json").read_text(encoding="utf-8"))
    assert register["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_estimand_is_used_and_known():
    from coalitions import catalogue
    from coalitions.registry import ESTIMANDS

    claims = yaml.safe_load((ROOT / "config" / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    assert set(catalogue.ESTIMANDS) == set(ESTIMANDS) == {claim["estimand"] for claim in claims.values()}
