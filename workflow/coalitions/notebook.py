"""Executed notebooks with the same bytes for the same results."""

import hashlib
import re

_CHANGING = [(re.compile(r"0x[0-9a-fA-F]{6,}"), "0x0"), (re.compile(r"ipykernel_\d+"), "ipykernel"), (re.compile(r"(/tmp|/var/folders)/[^\s\"']*"), "/tmp")]


def numbered(notebook):
    """The notebook with cell ids from position and source instead of random ones, and no metadata but the kernel's and the language's name."""
    for index, cell in enumerate(notebook.cells):
        cell.id = hashlib.sha256(f"{index}\n{cell.source}".encode()).hexdigest()[:8]
        cell.metadata = {}
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
    return notebook


def scrubbed(notebook):
    """The executed notebook without addresses, process numbers and temporary paths in its outputs.

    Raises ValueError if a cell wrote to stderr (a warning is not for readers) or has a figure as text only (readers would see no picture).
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise ValueError(f"a cell of the notebook warns: {output['text'][:500]}")
            if re.match(r"<\w+ size ", output.get("data", {}).get("text/plain", "")) and "image/png" not in output["data"]:
                raise ValueError(f"a figure of the notebook is not shown: the cell that ends in {cell.source.splitlines()[-1]!r}")
            if "text" in output:
                output["text"] = _clean(output["text"])
            for kind, value in output.get("data", {}).items():
                if isinstance(value, str) and kind.startswith("text/"):
                    output["data"][kind] = _clean(value)
            output.pop("metadata", None) if output.get("output_type") == "stream" else None
    return numbered(notebook)


def number(value: float) -> str:
    """A number of a table for readers: whole ones without decimals, others with three, and with one digit and its power of ten what three decimals would not show."""
    if float(value).is_integer():
        return f"{value + 0:.0f}"  # + 0: no minus before a zero
    return f"{value:.3f}" if abs(value) >= 0.0005 else f"{value:.0e}"


def title(notebook) -> str:
    """The text of the first heading."""
    return next(line for cell in notebook.cells for line in cell.source.splitlines() if cell.cell_type == "markdown" and line.startswith("# "))[2:]


def _clean(text: str) -> str:
    for pattern, replacement in _CHANGING:
        text = pattern.sub(replacement, text)
    return text
