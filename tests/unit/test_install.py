"""The environments that are installed: the kernel of the notebooks is the interpreter of the study."""

import json
import os
import runpy
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def install(root):
    return runpy.run_path(str(root / "envs" / "install.py"))


def test_the_kernel_of_jupyter_is_the_interpreter_that_is_named(install, tmp_path):
    install["write_kernel"](tmp_path, Path("/somewhere/run/bin/python"))
    kernel = json.loads((tmp_path / "share" / "jupyter" / "kernels" / "python3" / "kernel.json").read_text(encoding="utf-8"))
    assert kernel["argv"][0] == "/somewhere/run/bin/python"
    assert kernel["argv"][-1] == "{connection_file}"


def test_a_kernel_that_other_environments_share_is_left_alone(install, tmp_path):
    """uv installs by hard links to its cache: writing into the file would change the kernel of every environment on the machine."""
    cached = tmp_path / "cached.json"
    cached.write_text("{}", encoding="utf-8")
    place = tmp_path / "jupyter" / "share" / "jupyter" / "kernels" / "python3"
    place.mkdir(parents=True)
    os.link(cached, place / "kernel.json")
    install["write_kernel"](tmp_path / "jupyter", Path("/somewhere/python"))
    assert cached.read_text(encoding="utf-8") == "{}"


def test_an_environment_is_made_anew_if_its_lock_changes(install, tmp_path):
    lock = tmp_path / "a.lock"
    lock.write_text("one==1", encoding="utf-8")
    first = install["fingerprint"](lock)
    assert install["fingerprint"](lock) == first
    lock.write_text("one==2", encoding="utf-8")
    assert install["fingerprint"](lock) != first
