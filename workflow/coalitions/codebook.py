"""The printed codebook, generated from the schemas: tables, columns, keys and vocabularies of the register and of the results."""

from coalitions.report import escaped, pipe_table


def text(register: dict, tables: dict, rules: dict[str, str]) -> str:
    """Markdown of the codebook.

    Parameters: content of register.yaml; published tables as `schema.panel_tables` gives them; inclusion rules by name.
    """
    parts = [
        "---\ntitle: Codebook of the tables\nlang: en\n---\n",
        "Generated from the schemas. The rules by which the register is coded are in `data/raw/CODEBOOK.md`.\n",
        "# The register (data/raw)\n",
    ]
    for name, table in register["tables"].items():
        rows = [[f["name"], f.get("vocabulary") or f.get("kind", "text"), "yes" if f.get("required") else "", f["description"]] for f in table["fields"]]
        parts.append(_section(f"{name}.csv", table["description"], table["primaryKey"], pipe_table(["Column", "Kind", "Required", "Meaning"], rows)))
    parts.append("# Vocabularies\n")
    for name, terms in register["vocabularies"].items():
        parts.append(f"## {escaped(name)}\n\n{pipe_table(['Value', 'Meaning'], [[value, meaning or value] for value, meaning in terms.items()])}\n")
    parts.append(f"# Inclusion rules\n\n{pipe_table(['Rule', 'Expression'], [[name, rule] for name, rule in rules.items()])}\n")
    parts.append("# Published tables (results)\n")
    for path, table in tables.items():
        rows = [[c["name"], c["type"], "yes" if c["empty"] else "", c["description"]] for c in table["columns"]]
        parts.append(_section(path, table["description"], table["key"], pipe_table(["Column", "Type", "May be empty", "Meaning"], rows)))
    return "\n".join(parts)


def _section(name: str, description: str, key: list[str], table: str) -> str:
    return f"## {escaped(name)}\n\n{escaped(description)} Key: {escaped(', '.join(key))}.\n\n{table}\n"
