"""Notebooks as a reader runs them in Jupyter: opened in their folder, without a variable of the pipeline."""

from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

from coalitions import notebook

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
pytestmark = pytest.mark.xdist_group("notebooks")


@pytest.mark.parametrize("source", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_a_notebook_run_by_hand_gives_the_committed_one_byte_for_byte(source, monkeypatch):
    for name in ("COALITIONS_RAW", "COALITIONS_RESULTS", "COALITIONS_CONFIG", "PYTHONHASHSEED", "SOURCE_DATE_EPOCH", "TZ", "LC_ALL"):
        monkeypatch.delenv(name, raising=False)
    book = notebook.numbered(jupytext.read(source))
    client = NotebookClient(book, timeout=300, kernel_name="python3", record_timing=False, coalesce_streams=True, resources={"metadata": {"path": str(FOLDER)}})
    assert nbformat.writes(notebook.scrubbed(client.execute())) + "\n" == source.with_suffix(".ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_a_committed_notebook_shows_its_pictures(path):
    book = nbformat.read(path, as_version=4)
    outputs = [output.get("data", {}) for cell in book.cells for output in cell.get("outputs", [])]
    pictures = [data for data in outputs if data.get("text/plain", "").startswith(("<Picture", "<Figure"))]
    assert pictures
    assert all("image/png" in data for data in pictures)
