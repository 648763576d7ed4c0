"""The printed codebook, generated from the schemas: tables, columns, keys and vocabularies of the register and of the results, and what is found in each column."""

import pandas as pd

from coalitions.quoted import count
from coalitions.report import escaped, pipe_table

KINDS = {
    "text": "free text, UTF-8",
    "word": "a word of the vocabulary that is named under values",
    "id": "identifier of an operation: words, hyphens, the year of the start",
    "date": "a date at the precision of its source: year, year-month or year-month-day (ISO 8601), followed by ~ where the source itself says about",
    "flag": "1 or 0, never missing",
    "count": "whole number from 0",
    "state": "ISO 3166-1 alpha-3 code, ISO 3166-3 for former states",
    "theatre": "state code or name of a sea area",
    "source": "identifier of a work in sources.csv",
}
_UNITS = {"_days": "days", "_years": "years", "_year": "calendar year", "_per_year": "per year"}


def unit(column: dict) -> str:
    """Unit of a published column: the one that the schema gives, else that which its name says; a day for dates; empty for text and pure numbers."""
    if "unit" in column or column["type"] == "date":
        return column.get("unit", "day, YYYY-MM-DD")
    if column["name"] == "year":
        return "calendar year"
    return next((_UNITS[end] for end in sorted(_UNITS, key=len, reverse=True) if column["name"].endswith(end) and column["type"] in ("integer", "number")), "")


def observed(frame: pd.DataFrame) -> dict[str, tuple[str, int]]:
    """What is found in each column of a table as it is in its file: smallest to largest number or day, or how many different texts, and the number of empty cells."""
    found = {}
    for name in frame.columns:
        known = frame[name].replace("", None).dropna() if frame[name].dtype == object else frame[name].dropna()
        if known.empty:
            said = "all empty" if len(frame) else "no rows"
        elif pd.api.types.is_numeric_dtype(known):
            said = f"{known.min():.4g} to {known.max():.4g}"
        elif (written := known.astype(str)).str.fullmatch(r"\d+").all():
            said = f"{written.astype(int).min()} to {written.astype(int).max()}"
        elif written.str.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?~?").all():
            said = f"{known.min()} to {known.max()}"
        else:
            said = f"{count(known.nunique())} different"
        found[name] = (said, len(frame) - len(known))
    return found


def text(register: dict, tables: dict, rules: dict[str, str], seen: dict[str, dict] | None = None) -> str:
    """Markdown of the codebook.

    Parameters: content of register.yaml; published tables as `schema.panel_tables` gives them; inclusion rules by name; what is found in each table by its path (`observed`;
    tables of the register as `operations.csv`), without which the codebook does not say it.
    """
    seen = seen or {}
    parts = [
        "---\ntitle: Codebook of the tables\nlang: en\n---\n",
        "Generated from the schemas and the tables. The rules by which the register is coded are in `data/raw/CODEBOOK.md`.\n",
        "# How to read it\n",
        "Tables are csv files: UTF-8, commas, a header line, a dot in decimal numbers. An empty cell is missing or does not apply (the meaning says which, where both could be); "
        "there is no other code for it, and NA is text. In the Stata files a missing number is `.` and a missing text is empty; in the Parquet files both are null. "
        "Numbers are rounded to ten significant digits. *Values* gives the words that a column may hold with their meaning, or else what is found: smallest to largest, or "
        "the number of different texts. *Missing* is the number of empty cells.\n",
        "Kinds of columns of the register:\n",
        "\n".join(f"- {escaped(kind)}: {escaped(meaning)}" for kind, meaning in KINDS.items()) + "\n",
        "# The register (data/raw)\n",
    ]
    for name, table in register["tables"].items():
        found = seen.get(f"{name}.csv", {})
        rows = [
            [
                f["name"],
                "word" if "vocabulary" in f else f.get("kind", "text"),
                "yes" if f.get("required") else "",
                *_found(f, found, "0; 1" if f.get("kind") == "flag" else f.get("vocabulary", "")),
                f["description"],
            ]
            for f in table["fields"]
        ]
        header = ["Column", "Kind", "Required", "Values", "Missing", "Meaning"]
        parts.append(_section(f"{name}.csv", table["description"], table["primaryKey"], pipe_table(header, rows, "llllrl")))
    parts.append("# Vocabularies\n")
    for name, terms in register["vocabularies"].items():
        parts.append(f"## {escaped(name)}\n\n{pipe_table(['Value', 'Meaning'], [[value, meaning or value] for value, meaning in terms.items()])}\n")
    parts.append(f"# Inclusion rules\n\n{pipe_table(['Rule', 'Expression'], [[name, rule] for name, rule in rules.items()])}\n")
    parts.append("# Published tables (results)\n")
    for path, table in tables.items():
        found = seen.get(path, {})
        rows = []
        for c in table["columns"]:
            words = "; ".join(f"{k}: {v}" if v else str(k) for k, v in c.get("labels", {}).items())
            rows.append([c["name"], c["type"], unit(c), "yes" if c["empty"] else "", *_found(c, found, words), c["description"]])
        header = ["Column", "Type", "Unit", "May be empty", "Values", "Missing", "Meaning"]
        parts.append(_section(path, table["description"], table["key"], pipe_table(header, rows, "lllllrl")))
    return "\n".join(parts)


def _found(column: dict, found: dict, words: str) -> list[str]:
    """The cells Values and Missing of a column: the words that it may hold, or what is found in it."""
    if column["name"] not in found:
        return [words, ""]
    said, missing = found[column["name"]]
    return [words or said, count(missing)]


def _section(name: str, description: str, key: list[str], table: str) -> str:
    return f"## {escaped(name)}\n\n{escaped(description)} Key: {escaped(', '.join(key))}.\n\n{table}\n"
