"""Research objects: what files are, in the terms of RO-Crate 1.1 (https://w3id.org/ro/crate/1.1), so that an archive or a search engine can read it.

Plain dictionaries: a crate holds no clock, no random identifier and no address that was looked up, so that the same files give the same bytes.
"""

import re
from pathlib import PurePosixPath

from coalitions.figures import widths

CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "http://schema.org/sha256"}]
WORKFLOW_PROFILE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
CODE_LICENCE = {"@id": "https://spdx.org/licenses/MIT", "@type": "CreativeWork", "name": "MIT License", "identifier": "MIT", "description": "Code; the text is in LICENSE"}
DATA_LICENCE = {
    "@id": "https://creativecommons.org/licenses/by/4.0/", "@type": "CreativeWork", "name": "Creative Commons Attribution 4.0 International", "identifier": "CC-BY-4.0",
    "description": "Register and results; see LICENSE-DATA",
}  # fmt: skip
SNAKEMAKE = {
    "@id": "https://w3id.org/workflowhub/workflow-ro-crate#snakemake", "@type": "ComputerLanguage", "name": "Snakemake",
    "identifier": {"@id": "https://snakemake.github.io"}, "url": {"@id": "https://snakemake.github.io"},
}  # fmt: skip
# Kinds of files by suffix. A suffix that is not here is refused: an archive must say what each file is.
MEDIA_TYPES = {
    ".bib": "application/x-bibtex", ".cff": "application/yaml", ".css": "text/css", ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".dta": "application/x-stata-dta", ".html": "text/html", ".in": "text/plain", ".ipynb": "application/x-ipynb+json", ".j2": "text/plain", ".json": "application/json",
    ".lock": "text/plain", ".lua": "text/x-lua", ".js": "text/javascript", ".md": "text/markdown", ".mjs": "text/javascript",
    ".parquet": "application/vnd.apache.parquet", ".pdf": "application/pdf", ".png": "image/png", ".py": "text/x-python",
    ".r": "text/x-r", ".sha256": "text/plain", ".smk": "text/x-python", ".svg": "image/svg+xml", ".toml": "application/toml", ".txt": "text/plain", ".yaml": "application/yaml",
    ".yml": "application/yaml", ".csl": "application/xml", ".do": "text/plain", ".sh": "text/x-shellscript", ".rst": "text/x-rst", ".typ": "text/plain", "": "text/plain",
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")


def media_type(path: str) -> str:
    """Media type of a file by its suffix. Raises ValueError for one that is not known."""
    name = PurePosixPath(path).name
    suffix = "" if name.startswith(".") else PurePosixPath(path).suffix.lower()
    if suffix not in MEDIA_TYPES:
        raise ValueError(f"{path}: no media type is known for {suffix!r}; add it to MEDIA_TYPES in workflow/coalitions/crate.py")
    return MEDIA_TYPES[suffix]


def check_path(path: str) -> None:
    """A path below the crate, of letters, digits, dots, hyphens, underscores and slashes; else ValueError."""
    if not _NAME.fullmatch(path) or ".." in path.split("/"):
        raise ValueError(f"{path!r}: a file of a crate may have letters, digits, dots, hyphens and underscores in its path only; rename it")


def file_entity(path: str, size: int | None, sha256: str | None, said: dict | None = None) -> dict:
    """The entity of a file: media type, size in bytes, checksum (both None for a file that is written after the crate), and whatever `said` adds or replaces."""
    check_path(path)
    entity = {"@id": path, "@type": "File", "name": path, "encodingFormat": media_type(path)}
    if sha256 is not None:
        entity |= {"contentSize": str(size), "sha256": sha256}
    return entity | (said or {})


def published(tables: dict, figures: dict, captions: dict, claims: dict) -> dict[str, dict]:
    """What is said of published files, by path under results/: name, description and what they are made from.

    Parameters: published tables as `schema.panel_tables` gives them; figures with the tables that they show; rendered captions by figure;
    where each claim is in the brief and in which words, by name (`quotation`).
    """
    said = {}
    for path, table in tables.items():
        for form, kind in (("csv", ""), ("dta", " (Stata)"), ("parquet", " (Parquet)")) if path.startswith("panels/") else (("csv", ""),):
            said[path.removesuffix("csv") + form] = {"name": table["title"] + kind, "description": table["description"]}
    for figure, shown in figures.items():
        caption = re.sub(r"\\(.)", r"\1", captions[figure]["caption"])
        for drawn in widths.forms(figure):
            name = f"Figure {figure}" + (", for one column" if drawn != figure else "")
            for form in ("svg", "png", "pdf"):
                said[f"figures/{drawn}.{form}"] = {"name": name, "description": caption, "isBasedOn": [{"@id": path} for path in shown]}
        said[f"figures/{figure}.csv"] = {"name": f"Numbers that {figure} shows", "isBasedOn": [{"@id": path} for path in shown]}
    for claim, entry in claims.items():
        said[f"claims/{claim}.json"] = {"name": f"Verdict on the claim {claim}", "description": "The brief says: " + entry["quotation"]}
        said[f"claims/multiverse/{claim}.csv"] = {"name": f"Every specification of the claim {claim}"}
    fixed = {
        "claims/verdicts.csv": {"isBasedOn": [{"@id": f"claims/{claim}.json"} for claim in claims]},
        "datapackage.json": {"name": "Frictionless data package of the published tables", "conformsTo": {"@id": "https://specs.frictionlessdata.io/tabular-data-package/"}},
        "codebook.md": {"name": "Codebook of every table and column"},
        "codebook.html": {"name": "Codebook of every table and column, as a page"},
        "report/report.pdf": {"name": "Report"},
        "MANIFEST.sha256": {"name": "Checksums of every published file", "description": "Written after this crate, whose own checksum it holds."},
    }
    return said | {path: said.get(path, {}) | entry for path, entry in fixed.items()}


def graph(root: dict, parts: list[dict], folders: dict[str, dict], citation: dict, workflow: str | None = None) -> dict:
    """A crate: descriptor, root, folders, files, and the people, licences and works that they refer to.

    Parameters: `root`, properties of the whole (name, description, license ...); entities of files; entities of folders by path (each ends in a slash), to which a file
    belongs by its path; content of CITATION.cff; the path of the main workflow, if the crate is to be a Workflow RO-Crate.
    """
    names = [person.get("name") or f"{person['given-names']} {person['family-names']}" for person in citation["authors"]]
    authors = [
        {"@id": f"#author-{i}", "@type": "Person" if "family-names" in person else "Organization", "name": name}
        for i, (person, name) in enumerate(zip(citation["authors"], names, strict=True), 1)
    ]
    works = [_work(reference, number) for number, reference in enumerate(citation.get("references", []), 1)]
    conforms = [{"@id": "https://w3id.org/ro/crate/1.1"}, *([{"@id": WORKFLOW_PROFILE}] if workflow else [])]
    inside = {folder: [{"@id": part["@id"]} for part in parts if part["@id"].startswith(folder)] for folder in folders}
    loose = [{"@id": part["@id"]} for part in parts if not part["@id"].startswith(tuple(folders))]
    whole = {
        "@id": "./", "@type": "Dataset", "version": citation["version"], "datePublished": str(citation["date-released"]), "author": [{"@id": a["@id"]} for a in authors],
        "publisher": {"@id": authors[0]["@id"]}, "keywords": ", ".join(citation["keywords"]), **({"citation": [{"@id": w["@id"]} for w in works]} if works else {}),
        **root, **({"mainEntity": {"@id": workflow}} if workflow else {}), "hasPart": [{"@id": folder} for folder in folders] + loose,
    }  # fmt: skip
    entities = [
        {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": conforms if workflow else conforms[0]},
        whole,
        *({"@id": folder, "@type": "Dataset", **said, "hasPart": inside[folder]} for folder, said in folders.items()),
        *parts, *authors, *works, CODE_LICENCE, DATA_LICENCE, *([SNAKEMAKE] if workflow else []),
    ]  # fmt: skip
    check_graph(entities)
    return {"@context": CONTEXT, "@graph": [{key: held[0] if isinstance(held, list) and len(held) == 1 else held for key, held in entity.items()} for entity in entities]}


def _work(reference: dict, number: int) -> dict:
    """A reference of CITATION.cff as a creative work."""
    authors = "; ".join(f"{person['family-names']}, {person['given-names']}" if "family-names" in person else person["name"] for person in reference["authors"])
    entity = {"@id": f"#reference-{number}", "@type": "CreativeWork", "name": reference["title"], "creditText": authors}
    return entity | ({"datePublished": str(reference["year"])} if "year" in reference else {}) | ({"abstract": reference["notes"]} if "notes" in reference else {})


def check_graph(entities: list[dict]) -> None:
    """Every identifier once, and every reference to something in the crate is answered; else ValueError naming them."""
    known = [entity["@id"] for entity in entities]
    twice = sorted({name for name in known if known.count(name) > 1})
    here = {value["@id"] for entity in entities for held in entity.values() for value in (held if isinstance(held, list) else [held]) if isinstance(value, dict) and "@id" in value}
    lost = sorted(name for name in here - set(known) if not name.startswith("https://"))
    if twice or lost:
        raise ValueError(f"the crate names {twice} more than once and refers to {lost}, which it does not describe")
