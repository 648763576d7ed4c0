"""The replication archive: which files go in, what the README for replicators says, and the bytes of the archive.

The README follows the template of the social science data editors (version 1.1); whatever it says of data, programs and results is taken from schemas, rules and results.
"""

import fnmatch
import io
import re
import zipfile
from pathlib import PurePosixPath

import pandas as pd
from jinja2 import DictLoader
from markupsafe import Markup

from coalitions import crate, provenance, report
from coalitions.faults import Fault
from coalitions.quoted import count

# Files that the archive brings along: they are made anew, never archived.
README = ("REPLICATION-README.md", "REPLICATION-README.pdf")
MADE = (*README, "ro-crate-metadata.json", "MANIFEST.sha256")
_RULE = re.compile(r"^\s*rule\b\s*(\w*)\s*:(.*?)(?=^\s*rule\b|\Z)", re.M | re.S)


def ignored(lines: list[str], path: str) -> bool:
    """Whether a path below the project is left out by the lines of .gitignore: a line with a slash before its end (or at its beginning) is a path, any other a name anywhere.

    Raises ValueError for a line that means more than that.
    """
    path = PurePosixPath(path)
    for line in (line.strip().rstrip("/") for line in lines if line.strip() and not line.startswith("#")):
        if line.startswith("!") or "**" in line:
            raise ValueError(f".gitignore: {line!r} is more than the archive understands; use names and paths")
        if "/" in line:
            if fnmatch.fnmatchcase(str(path), line.strip("/")):
                return True
        elif fnmatch.fnmatchcase(path.name, line.strip("/")):
            return True
    return False


def entry_faults(kinds: dict[str, str]) -> list[Fault]:
    """Faults of what was found below the project, by path: `file`, `link` or `other`. Nothing but plain files with plain names goes into an archive."""
    faults = []
    for path, kind in sorted(kinds.items()):
        if kind != "file":
            what = "is not followed and not archived" if kind == "link" else "is neither a file nor a folder"
            faults.append(Fault(path, 0, "kind", kind, what, "Remove it, or name it in .gitignore"))
        else:
            try:
                crate.check_path(path)
                crate.media_type(path)
            except ValueError as error:
                faults.append(Fault(path, 0, "name", PurePosixPath(path).name, str(error), "Rename it, remove it, or name it in .gitignore"))
    return faults


def snapshot_faults(manifest: dict[str, str], found: dict[str, str]) -> list[Fault]:
    """Faults of the published results: checksums by path as the manifest has them, and as the files are."""
    said = dict.fromkeys(set(manifest) - set(found), "is named by the manifest and missing") | dict.fromkeys(set(found) - set(manifest), "is not named by the manifest")
    said |= {path: "is not what the manifest says" for path in set(manifest) & set(found) if manifest[path] != found[path]}
    return [Fault(f"results/{path}", 0, "sha256", found.get(path, ""), fault, "Run make; remove what the pipeline does not make") for path, fault in sorted(said.items())]


def manifest_text(checksums: dict[str, str]) -> str:
    """The lines of a MANIFEST.sha256, as `sha256sum -c` reads them."""
    return "".join(f"{checksums[path]}  {path}\n" for path in sorted(checksums))


def manifest_of(text: str) -> dict[str, str]:
    """Checksums by path of a MANIFEST.sha256."""
    return {line[66:]: line[:64] for line in text.splitlines()}


def zipped(contents: dict[str, bytes], executable: set[str], folder: str, day: str) -> bytes:
    """A zip of files in one folder: sorted, dated `day`, of mode 644 or 755, so that the same files give the same bytes.

    What the pipeline makes is dated noon and everything else midnight: Snakemake takes a result for outdated that is not younger than its script.
    """
    year, month, date = (int(part) for part in day.split("-"))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(contents):
            hour = 12 if path.startswith("results/") or path.endswith(".ipynb") else 0
            entry = zipfile.ZipInfo(f"{folder}/{path}", (year, month, date, hour, 0, 0))
            entry.create_system, entry.compress_type = 3, zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if path in executable else 0o100644) << 16
            archive.writestr(entry, contents[path])
    return target.getvalue()


def crate_of(files: dict[str, tuple[int, str]], results: dict, register: dict, citation: dict) -> dict:
    """The Workflow RO-Crate of the archive.

    Parameters: size and checksum by path; the crate of the results, whose descriptions are taken over; the Frictionless package of the register; content of CITATION.cff.
    """
    said = {f"results/{e['@id']}": _moved(e) for e in results["@graph"] if e.get("@type") == "File"}
    said |= {name: {"about": {"@id": "./"}} for name in ("README.md", *README)}
    said |= {f"data/raw/{r['path']}": {"name": r["title"], "description": r["description"]} for r in register["resources"]}
    parts = []
    for path, (size, checksum) in sorted(files.items()):
        own = {"license": {"@id": crate.CODE_LICENCE["@id"]}, "@type": ["File", "SoftwareSourceCode"]} if path.endswith((".py", ".smk", ".R")) else {}
        parts.append(crate.file_entity(path, size, checksum, own | said.get(path, {})))
    workflow = next(part for part in parts if part["@id"] == "Snakefile")
    workflow |= {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"], "name": citation["title"], "programmingLanguage": {"@id": crate.SNAKEMAKE["@id"]},
        "license": {"@id": crate.CODE_LICENCE["@id"]}, "conformsTo": {"@id": "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"},
    }  # fmt: skip
    parts.append(
        crate.file_entity(
            "MANIFEST.sha256", None, None, {"name": "Checksums of every file of the archive", "description": "Written after this crate, whose own checksum it holds."}
        )
    )
    data = {"@id": crate.DATA_LICENCE["@id"]}
    package = {"@id": "https://specs.frictionlessdata.io/data-package/"}
    folders = {
        "data/raw/": {"name": "Register", "description": register["title"], "license": data, "conformsTo": package},
        "results/": {"name": "Results", "description": "The published snapshot: what the pipeline makes from the register.", "license": data, "conformsTo": package},
    }
    about = {
        "name": citation["title"], "description": " ".join(citation["abstract"].split()), "license": [{"@id": crate.CODE_LICENCE["@id"]}, data],
    }  # fmt: skip
    return crate.graph(about, parts, folders, citation, workflow="Snakefile")


def _moved(entity: dict) -> dict:
    """What the crate of the results says of a file, with paths as they are in the archive."""
    kept = {key: value for key, value in entity.items() if key in {"name", "description", "isBasedOn", "conformsTo"}}
    if "isBasedOn" in kept:
        works = kept["isBasedOn"] if isinstance(kept["isBasedOn"], list) else [kept["isBasedOn"]]
        kept["isBasedOn"] = [{"@id": f"results/{work['@id']}"} for work in works]
    return kept


def programs(rules: dict[str, str], made: dict[str, str], sources: dict[str, str], modules: set[str]) -> list[dict]:
    """The programs in the order of the rules: `stage`, `about`, `rule`, `script`, `modules` that it calls, `outputs` (sorted paths).

    Parameters: texts of workflow/rules by name, in their order; rule by published path; texts of workflow/scripts by name; names of the package's modules.
    """
    found = []
    for stage, text in rules.items():
        about = " ".join(re.search(r'"""(.*?)\n\n|"""(.*?)"""', text, re.S)[1].split())
        for name, block in _RULE.findall(text):
            script = re.search(r'scripts/(\w+)\.py"', block)
            if not script:
                continue
            name = name or re.search(r'name:\s*f?"([^"]+)"', block)[1]
            pattern = re.compile(re.sub(r"\{\w+\}", r"\\w+", name))
            # A rule that nothing published waits for (the study of make validate) is a program as well.
            for rule in sorted({rule for rule in made.values() if pattern.fullmatch(rule)}) or [name]:
                used = sorted(provenance.imported(sources[script[1]], modules) - {"", "io", "schema"})
                outputs = sorted(path for path, maker in made.items() if maker == rule)
                found.append({"stage": stage, "about": about, "rule": rule, "script": f"workflow/scripts/{script[1]}.py", "modules": used, "outputs": outputs})
    return found


def made_by(summary: str) -> dict[str, str]:
    """Rule by output, from the table that `snakemake --summary` prints. Raises ValueError if it is not that table."""
    rows = [line.split("\t") for line in summary.splitlines() if "\t" in line]
    if not rows or rows[0][0] != "output_file" or "rule" not in rows[0]:
        raise ValueError("snakemake --summary did not print the table of outputs and rules")
    column = rows[0].index("rule")
    return {row[0]: row[column] for row in rows[1:]}


def numbered(text: str, kind: str) -> dict[str, tuple[int, str]]:
    """Number and caption of the figures (`fig`) or tables (`tbl`) of the report by label, in the order of its Markdown source, as the report numbers them."""
    pattern = r"^!\[(.*?)\]\([^)]*\)\{#fig:([\w-]+)" if kind == "fig" else r"^: (.*) \{#tbl:([\w-]+)\}"
    return {label: (number, re.sub(r"\\(.)", r"\1", re.sub(r" ?\[[^\]]*@[^\]]*\]", "", caption))) for number, (caption, label) in enumerate(re.findall(pattern, text, re.M), 1)}


def summarised(groups: list[str]) -> str:
    """Paths in a few words: those of one folder are counted if they are more than four, and folders are taken with the one that holds them if there are more than four."""
    if len(groups) <= 4:
        return ", ".join(groups)
    folders = [PurePosixPath(path).parent for path in groups]
    while len(set(folders)) > 4:
        folders = [folder if len(folder.parts) <= 1 else folder.parent for folder in folders]
        if all(len(folder.parts) <= 1 for folder in folders):
            break
    counted = pd.Series([str(folder) for folder in folders]).value_counts(sort=False)
    return "; ".join(f"{folder}/ ({count(number)} {'file' if number == 1 else 'files'})" for folder, number in sorted(counted.items()))


def code(*paths: str) -> Markup:
    """Paths and names of programs as code, separated by commas."""
    return Markup(", ").join(Markup(f"`{report.safe_path(path)}`") for path in paths)


def values(known: dict) -> dict:
    """Everything that the README for replicators may name.

    Parameters, in `known`: `citation` (CITATION.cff), `register` (register.yaml), `checked` (results/checks/register.json), `source_kinds` (kinds of sources.csv, a series),
    `tables` (`schema.panel_tables`), `table_rows` (rows by path), `programs` (as `programs` gives them), `captions`, `drawn` (function by figure), `claims` (config/claims.yaml),
    `estimands` (function by name), `report` (Markdown of the report), `pins` (direct dependencies and versions), `python`, `measured` (benchmarks/measured.yaml), `files` and
    `size` of the archive's contents, `cutoff`, `seed`.
    """
    maker = {path: program for program in known["programs"] for path in program["outputs"]}
    figures, shown = numbered(known["report"], "fig"), numbered(known["report"], "tbl")
    register = known["register"]["tables"]
    order = {name: figures.get(name, (len(figures) + 1, ""))[0] for name in known["drawn"]}
    return {key: known[key] for key in ("citation", "python", "measured", "files", "size", "cutoff", "seed")} | {
        "rows_of_provenance": [[code(f"data/raw/{name}.csv"), t["title"], t["provenance"]] for name, t in register.items()],
        "rows_of_register": [
            [code(f"data/raw/{name}.csv"), count(known["checked"]["tables"][name]["rows"]), t["description"], ", ".join(t["primaryKey"])] for name, t in register.items()
        ],
        "rows_of_kinds": [[kind, count(number)] for kind, number in known["source_kinds"].value_counts().sort_index().items()],
        "rows_of_tables": [
            [code(path), count(known["table_rows"][path]), t["title"], ", ".join(t["key"]), code(maker[f"results/{path}"]["rule"])] for path, t in known["tables"].items()
        ],
        "rows_of_pins": known["pins"],
        "rows_of_programs": [[code(p["rule"]), code(p["script"]), ", ".join(p["modules"]), summarised(p["outputs"])] for p in known["programs"]],
        "stages": list({p["stage"]: p["about"].partition(": ")[2] for p in known["programs"]}.items()),
        "rows_of_figures": [
            [f"Figure {order[name]}" if name in figures else "not in the report", code(name), code(known["drawn"][name]), code(maker[f"results/figures/{name}.svg"]["rule"])]
            for name in sorted(known["drawn"], key=lambda name: (order[name], name))
        ],
        "rows_of_shown": [[f"Table {number}", caption.split(". ")[0].rstrip("."), code(label)] for label, (number, caption) in shown.items()],
        "composer": maker["results/report/report.md"],
        # Programs that call an estimator of a claim, and the one that makes the verdict.
        "estimating": list(dict.fromkeys(p["script"] for p in known["programs"] if "estimands" in p["modules"] and p["outputs"])),
        "judge": maker["results/claims/verdicts.csv"],
        "claims": [
            entry["claim"] | {"id": id_, "function": known["estimands"][entry["estimand"]], "verdict": f"results/claims/{id_}.json", "table": f"results/{entry['table']}",
                              "figure": f"results/figures/{entry['figure']}.svg", "rule": maker[f"results/claims/{id_}.json"]["rule"]}
            for id_, entry in known["claims"].items()
        ],
    }  # fmt: skip


def readme(template: str, known: dict) -> str:
    """The README for replicators in Markdown: the template with `values`; an undefined name fails."""
    env = report.environment(DictLoader({"readme": template}))
    env.filters["safe_path"] = report.safe_path
    return env.get_template("readme").render(values(known))
