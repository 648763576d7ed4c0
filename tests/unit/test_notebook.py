"""Executed notebooks with the same bytes for the same results."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from coalitions.notebook import number, numbered, scrubbed, title


def notebook(*outputs):
    cell = new_code_cell("print(1)", outputs=list(outputs), execution_count=1, metadata={"execution": {"iopub.execute_input": "2026-11-22T10:00:00"}})
    return new_notebook(cells=[new_markdown_cell("# Title"), cell], metadata={"kernelspec": {"display_name": "venv", "name": "x", "path": "/opt/me"}, "signature": "s"})


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_two_notebooks_of_the_same_cells_are_the_same_text():
    assert nbformat.writes(numbered(notebook())) == nbformat.writes(numbered(notebook()))


def test_cell_ids_differ_between_cells_and_follow_the_source():
    one, two = numbered(notebook()), notebook()
    two.cells[1].source = "print(2)"
    assert one.cells[0].id == numbered(two).cells[0].id
    assert one.cells[1].id != two.cells[1].id
    twice = numbered(new_notebook(cells=[new_code_cell("a"), new_code_cell("a")]))
    assert twice.cells[0].id != twice.cells[1].id


def test_metadata_of_the_machine_and_the_clock_are_gone():
    result = numbered(notebook())
    assert all(cell.metadata == {} for cell in result.cells)
    assert result.metadata == {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
    nbformat.validate(result)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("<Axes at 0x7f3a2b4c5d60>", "<Axes at 0x0>"),
        ("ipykernel_12345", "ipykernel"),
        ("file '/tmp/abc/x.csv' read", "file '/tmp' read"),
        ("/var/folders/zz/T/x done", "/tmp done"),
        ("0x1f is 31", "0x1f is 31"),
        ("plain", "plain"),
    ],
)
def test_addresses_process_numbers_and_temporary_paths_are_replaced(text, clean):
    result = scrubbed(notebook(stream(text), new_output("execute_result", data={"text/plain": text, "text/html": text}, execution_count=1)))
    outputs = result.cells[1].outputs
    assert outputs[0].text == clean
    assert outputs[1].data == {"text/plain": clean, "text/html": clean}


def test_a_picture_is_left_alone():
    result = scrubbed(notebook(new_output("display_data", data={"image/png": "0x7f3a2b4c5d60/tmp/x"})))
    assert result.cells[1].outputs[0].data["image/png"] == "0x7f3a2b4c5d60/tmp/x"


def test_a_warning_stops_the_run_with_its_text():
    with pytest.raises(ValueError, match="FutureWarning: old"):
        scrubbed(notebook(stream("FutureWarning: old", "stderr")))


def test_a_figure_that_is_not_shown_stops_the_run():
    hidden = new_output("execute_result", data={"text/plain": "<Picture size 2100x960 with 1 Axes>"}, execution_count=1)
    with pytest.raises(ValueError, match=r"a figure of the notebook is not shown: the cell that ends in 'print\(1\)'"):
        scrubbed(notebook(hidden))
    shown = new_output("execute_result", data={"text/plain": "<Picture size 2100x960 with 1 Axes>", "image/png": "x"}, execution_count=1)
    assert scrubbed(notebook(shown)).cells[1].outputs[0].data["image/png"] == "x"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (float("inf"), "inf"),
        (3.0, "3"),
        (-12.0, "-12"),
        (0.5084, "0.508"),
        (0.0005, "0.001"),
        (0.0004999, "5e-04"),
        (-8.4e-14, "-8e-14"),
        (1234.5678, "1234.568"),
    ],
)
def test_numbers_of_tables_are_short_and_never_show_a_small_one_as_zero(value, text):
    assert number(value) == text


def test_the_title_is_the_first_heading():
    assert title(notebook()) == "Title"
