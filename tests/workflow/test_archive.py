"""The replication archive of this project: complete, true to its manifests, the same bytes wherever it is built, and of use where it is unpacked."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from rocrate.rocrate import ROCrate

from coalitions import replication

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("archive")


def archive(project: Path, target: Path) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(project / "workflow" / "archive.py"), str(target)], cwd="/", capture_output=True, text=True)


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("archive")
    done = archive(ROOT, target)
    assert done.returncode == 0, done.stderr
    (path,) = target.glob("*.zip")
    assert hashlib.sha256(path.read_bytes()).hexdigest() in done.stdout
    return path


@pytest.fixture(scope="module")
def unpacked(packed, tmp_path_factory) -> Path:
    """As unzip unpacks it: with times and modes."""
    folder = tmp_path_factory.mktemp("elsewhere")
    with zipfile.ZipFile(packed) as content:
        for entry in content.infolist():
            path = Path(content.extract(entry, folder))
            path.chmod(entry.external_attr >> 16)
            seconds = 1e9 + entry.date_time[3] * 3600
            os.utime(path, (seconds, seconds))
    return folder / packed.stem


def test_every_file_under_version_control_is_in_it(unpacked):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True) if shutil.which("git") else None
    if listed is None or listed.returncode or not listed.stdout:
        pytest.skip("not a git checkout")
    assert [name for name in listed.stdout.split("\0") if name and (ROOT / name).exists() and not (unpacked / name).exists()] == []


def test_it_holds_what_a_journal_asks_for(unpacked):
    for name in ("LICENSE", "LICENSE-DATA", "CITATION.cff", "LIMITATIONS.md", "REPLICATION-README.md", "REPLICATION-README.pdf", "ro-crate-metadata.json", "MANIFEST.sha256"):
        assert (unpacked / name).stat().st_size > 0
    for name in ("data/raw/datapackage.json", "data/raw/CODEBOOK.md", "results/codebook.md", "results/MANIFEST.sha256", "envs/requirements.lock", "docs/other-tools.md"):
        assert (unpacked / name).read_bytes() == (ROOT / name).read_bytes()
    assert not [path for path in unpacked.rglob("*") if path.name in {".git", ".venv", ".snakemake", "__pycache__"} or path.is_symlink()]
    assert not (unpacked / "results" / "logs").exists()


@pytest.mark.parametrize("folder", [".", "results"])
def test_manifests_name_every_file_and_are_true(unpacked, folder):
    root = unpacked / folder
    manifest = replication.manifest_of((root / "MANIFEST.sha256").read_text(encoding="utf-8"))
    there = {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in root.rglob("*") if path.is_file()}
    del there["MANIFEST.sha256"]
    if folder == "results":  # what `make validate` publishes has a record of its own, and stands in the manifest of the archive
        there = {path: value for path, value in there.items() if not path.startswith("validation/")}
    assert manifest == there


@pytest.mark.parametrize("folder", [".", "results"])
def test_crates_describe_every_file_and_are_read_by_an_independent_reader(unpacked, folder):
    root = unpacked / folder
    manifest = replication.manifest_of((root / "MANIFEST.sha256").read_text(encoding="utf-8"))
    crate = ROCrate(root)
    files = {entity.id: entity for entity in crate.data_entities if not entity.id.endswith("/")}
    assert set(files) == set(manifest) - {"ro-crate-metadata.json"} | {"MANIFEST.sha256"}
    for name, entity in files.items():
        assert entity["encodingFormat"]
        if name != "MANIFEST.sha256":
            assert (entity["sha256"], int(entity["contentSize"])) == (manifest[name], (root / name).stat().st_size)
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (crate.root_dataset["version"], crate.root_dataset["datePublished"]) == (citation["version"], str(citation["date-released"]))
    assert (crate.mainEntity.id, folder) in {("Snakefile", "."), ("claims/verdicts.csv", "results")}


def test_the_readme_names_every_claim_figure_and_published_table(unpacked):
    text = (unpacked / "REPLICATION-README.md").read_text(encoding="utf-8")
    claims = yaml.safe_load((ROOT / "config" / "claims.yaml").read_text(encoding="utf-8"))["claims"]
    captions = json.loads((ROOT / "results" / "figures" / "captions.json").read_text(encoding="utf-8"))
    package = json.loads((ROOT / "results" / "datapackage.json").read_text(encoding="utf-8"))
    assert [claim for claim in claims if f"`results/claims/{claim}.json`" not in text] == []
    assert [figure for figure in captions if f"`{figure}`" not in text] == []
    assert [r["path"] for r in package["resources"] if f"`{r['path']}`" not in text] == []
    named = set(re.findall(r"`((?:workflow|config|data|docs|envs|notebooks|tests)/[\w./-]+)`", text.replace("\\", "")))
    assert len(named) > 20
    assert sorted(path for path in named if not (unpacked / path).exists()) == []
    assert "`workflow/scripts/estimate_specifications.py` and `workflow/scripts/stress_claim.py`; `workflow/scripts/judge_claims.py`" in text
    assert [script.name for script in (ROOT / "workflow" / "scripts").glob("[!_]*.py") if f"workflow/scripts/{script.name}" not in text] == []


def test_where_it_is_unpacked_its_results_are_up_to_date(unpacked):
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "workflow/profiles/default", "--dry-run"]
    done = subprocess.run(command, cwd=unpacked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Nothing to be done" in done.stdout + done.stderr
    shutil.rmtree(unpacked / ".snakemake")


def test_an_archive_of_the_archive_has_the_same_bytes(packed, unpacked, tmp_path):
    done = archive(unpacked, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / packed.name).read_bytes() == packed.read_bytes()


def test_a_link_a_strange_name_and_a_changed_result_are_refused_and_nothing_is_written(unpacked, tmp_path):
    project = tmp_path / "project"
    shutil.copytree(unpacked, project)
    (project / "data" / "outside").symlink_to("/")
    (project / "data" / "a b;$(c).csv").write_text("x")
    (project / "results" / "claims" / "verdicts.csv").write_text("x")
    done = archive(project, tmp_path / "out")
    assert done.returncode == 1
    assert "3 fault(s)" in done.stderr
    for said in ("data/outside", "a b;$(c).csv", "results/claims/verdicts.csv"):
        assert said in done.stderr
    assert not (tmp_path / "out").exists()
