"""The schemas of the register and of the published panels, and what is generated from them."""

import json

import pandas as pd

from coalitions import __version__
from coalitions.faults import Fault

# Column kinds of the register: (Frictionless type, pattern). The pattern is matched against the whole cell.
KINDS = {
    "text": ("string", None),
    "id": ("string", r"[a-z0-9]+(-[a-z0-9]+)*-\d{4}"),
    "date": ("string", r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?~?"),
    "flag": ("integer", None),
    "count": ("integer", None),
    "state": ("string", r"[A-Z]{3,4}"),
    "theatre": ("string", r"[A-Z]{3}|[a-z]+(-[a-z]+)*"),
    "source": ("string", r"[a-z0-9]+(-[a-z0-9]+)*"),
}


def table_schema(table: dict, vocabularies: dict) -> dict:
    """Frictionless Table Schema of one table of the register."""
    fields = []
    for field in table["fields"]:
        kind, pattern = KINDS[field.get("kind", "text")]
        constraints = {}
        if field.get("required"):
            constraints["required"] = True
        if "vocabulary" in field:
            constraints["enum"] = list(vocabularies[field["vocabulary"]])
        elif field.get("kind") == "flag":
            constraints["enum"] = [0, 1]
        elif field.get("kind") == "count":
            constraints["minimum"] = 0
        elif pattern or "pattern" in field:
            constraints["pattern"] = f"(?:{field.get('pattern', pattern)})(?!\\n)"  # grouped, and no line break at the end: the whole cell
        entry = {"name": field["name"], "type": kind, "description": field["description"]}
        fields.append(entry | ({"constraints": constraints} if constraints else {}))
    schema = {"fields": fields, "primaryKey": table["primaryKey"], "missingValues": [""]}
    if "foreignKeys" in table:
        schema["foreignKeys"] = table["foreignKeys"]
    return schema


def register_package(register: dict) -> dict:
    """Frictionless data package of `data/raw`."""
    resources = [
        {
            "name": name,
            "profile": "tabular-data-resource",
            "path": f"{name}.csv",
            "title": table["title"],
            "description": table["description"],
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "sources": [{"title": table["provenance"]}],
            "schema": table_schema(table, register["vocabularies"]),
        }
        for name, table in register["tables"].items()
    ]
    return _package("variable-geometry-register", "Variable Geometry: register of multinational security operations since 1945", resources)


def panel_tables(panels: dict, vocabularies: dict, scopes: list[str], taus: list[float]) -> dict:
    """The published tables by path, each with `title`, `description`, `key` and `columns` (name, type, description, empty, labels).

    Parameters: content of `workflow/schemas/panels.yaml`; vocabularies of the register; names of the inclusion rules; horizons in years.
    `scope_*`, `{kind}_...` and `rmst_*` are expanded; `here` of a table describes a column that means something else in it.
    """
    tables = {}
    for path, table in panels["tables"].items():
        columns = []
        for name in table["columns"]:
            entry = table.get("here", {}).get(name) or panels["columns"][name]
            base = {"type": entry["type"], "empty": name in table.get("empty", ())}
            if "vocabulary" in entry or "labels" in entry:
                base["labels"] = entry.get("labels") or vocabularies[entry["vocabulary"]]
            for expanded, suffix in _expanded(name, scopes, taus):
                columns.append({"name": expanded, "description": entry["description"] + suffix} | base)
        tables[path] = {"title": table["title"], "description": table["description"], "key": table["key"], "columns": columns}
    return tables


def _expanded(name: str, scopes: list[str], taus: list[float]) -> list[tuple[str, str]]:
    if name == "scope_*":
        return [(f"scope_{scope}", f": {scope}") for scope in scopes]
    if name == "rmst_*":
        ends = (("", ""), ("_lower", ", lower limit"), ("_upper", ", upper limit"))
        return [(f"rmst_{tau:g}{end}", f" to {tau:g} years{text}") for tau in taus for end, text in ends]
    if "{kind}" in name:
        return [(name.format(kind=kind), f" ({kind})") for kind in ("ahc", "un", "regional")]
    return [(name, "")]


def published_tables(panels: dict, register: dict, config: dict) -> dict:
    """`panel_tables` for a configuration: contents of panels.yaml, register.yaml and config.yaml."""
    return panel_tables(panels, register["vocabularies"], list(config["scopes"]), config["survival"]["tau_years"])


def panels_package(tables: dict) -> dict:
    """Frictionless data package of the published tables under `results/` (as `panel_tables` gives them)."""
    resources = []
    for path, table in tables.items():
        fields = []
        for column in table["columns"]:
            entry = {"name": column["name"], "type": column["type"], "description": column["description"]}
            if column.get("labels"):
                entry["description"] += " (" + "; ".join(f"{k}: {v}" for k, v in column["labels"].items()) + ")"
            if not column.get("empty", False):
                entry["constraints"] = {"required": True}
            fields.append(entry)
        name = path.replace("/", "-").removesuffix(".csv")
        schema = {"fields": fields, "primaryKey": table["key"], "missingValues": [""]}
        resources.append(
            {
                "name": name,
                "profile": "tabular-data-resource",
                "path": path,
                "title": table["title"],
                "description": table["description"],
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": schema,
            }
        )
    return _package("variable-geometry-results", "Variable Geometry: panels and estimates", resources)


def package_text(package: dict) -> str:
    """JSON text of a data package, in the order in which it was built."""
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def check_panel(frame: pd.DataFrame, path: str, table: dict) -> list[Fault]:
    """Faults of a published table against its schema: columns and their order, key, missing values, vocabularies, types."""
    faults = []
    remedy = "the function that makes this table or its entry in workflow/schemas/panels.yaml must change"
    names = [column["name"] for column in table["columns"]]
    if list(frame.columns) != names:
        extra, missing = [c for c in frame.columns if c not in names], [c for c in names if c not in frame.columns]
        fault = f"columns differ from the schema (missing {missing}, not in the schema {extra}, or another order)"
        return [Fault(path, 1, "", "", fault, remedy)]
    for row in frame.index[frame.duplicated(table["key"], keep=False)]:
        faults.append(Fault(path, 0, "+".join(table["key"]), " | ".join(str(frame.loc[row, k]) for k in table["key"]), "the key is not unique", remedy))
    for column in table["columns"]:
        values = frame[column["name"]]
        if not column.get("empty", False) and values.isna().any():
            faults.append(Fault(path, 0, column["name"], "", f"{int(values.isna().sum())} missing value(s)", remedy))
        known = values.dropna()
        if "labels" in column and column["type"] == "string":
            for value in sorted(set(known) - set(column["labels"])):
                faults.append(Fault(path, 0, column["name"], str(value), "not in the vocabulary", remedy))
        if not _has_type(known, column["type"]):
            faults.append(Fault(path, 0, column["name"], str(known.dtype), f"not of type {column['type']}", remedy))
    return faults


def _has_type(values: pd.Series, kind: str) -> bool:
    if values.empty:
        return True
    if kind == "integer":
        return bool((values.astype(float) % 1 == 0).all()) if pd.api.types.is_numeric_dtype(values) else False
    if kind == "number":
        return pd.api.types.is_numeric_dtype(values)
    if kind == "date":
        return pd.api.types.is_datetime64_any_dtype(values)
    return values.map(lambda v: isinstance(v, str)).all()


def _package(name: str, title: str, resources: list[dict]) -> dict:
    licence = {"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
    return {"profile": "tabular-data-package", "name": name, "title": title, "version": __version__, "licenses": [licence], "resources": resources}
