"""Why results moved: what differs in the inputs of two states of the project, which claim reads what of it, and whether the results were made from the inputs beside them.

States are contents of files by name, as in `movements`.
"""

import hashlib
import math
import re

from coalitions import provenance
from coalitions.catalogue import ALWAYS, ESTIMANDS, RECODED, REGISTER_TABLES
from coalitions.io import SIGNIFICANT
from coalitions.movements import document, lines, text_table

# Keys of config.yaml that every claim is estimated with, beside its own entry; a test holds them to the rules of the claims. Results are named by where they record them.
SETTINGS = {
    "cutoff": "settings.cutoff", "confidence": "settings.confidence", "seed": "settings.seed", "survival.within_years": None,
    "survival.permutations": "settings.permutations", "scopes": None, "robustness.date_draws": "date_draws.draws",
}  # fmt: skip
PANEL_SETTINGS = ("scopes", "first_year", "cutoff", "survival")
# Fields of a claim's entry that its estimate follows from; the others are words.
FIELDS = ("estimand", "sesoi", "primary", "dimensions")
SCRIPTS = ("workflow/scripts/estimate_specifications.py", "workflow/scripts/stress_claim.py", "workflow/scripts/judge_claims.py")
RULES = ("workflow/rules/claims.smk", "workflow/rules/common.smk")
PACKAGE, LOCK = "workflow/coalitions/", "envs/requirements.lock"


def flat(value, prefix: str = "") -> dict:
    """A nested mapping as one mapping with dotted keys; lists are values."""
    if isinstance(value, dict) and value:
        return {key: leaf for name, part in value.items() for key, leaf in flat(part, f"{prefix}.{name}" if prefix else str(name)).items()}
    return {prefix: value}


def changes(before: dict, after: dict) -> list[dict]:
    """Keys whose values differ between two nested mappings: `key`, `before`, `after`; a value that is not there is None. Numbers differ in the first ten digits, as published."""
    one, two = flat(before), flat(after)
    return [{"key": k, "before": one.get(k), "after": two.get(k)} for k in dict.fromkeys([*one, *two]) if k and _rounded(one.get(k)) != _rounded(two.get(k))]


def entries(files: dict[str, bytes], config: dict) -> dict[str, dict]:
    """Claims as they are run: entries of claims.yaml, dimensions with their values, the scope `primary` as the one of the configuration."""
    known = document(files, "config/multiverse.yaml").get("dimensions", {})
    result = {}
    for name, claim in document(files, "config/claims.yaml").get("claims", {}).items():
        primary = dict(claim["primary"])
        if primary.get("scope") == "primary":
            primary["scope"] = config["primary_scope"]
        result[name] = claim | {"primary": primary, "dimensions": {d: known.get(d, {}).get("values") for d in claim["dimensions"]}}
    return result


def register_changes(before: dict[str, bytes], after: dict[str, bytes], keys: dict[str, list[str]]) -> list[dict]:
    """Differences of the register: `table`, `kind` (changed, added, removed), `line`, and for a changed cell `column`, `before`, `after`; tables in the order of their keys."""
    found = []
    names = {name for files in (before, after) for name in files if name.startswith("register/") and name.endswith(".csv")}
    for table in [t for t in keys if f"register/{t}.csv" in names] + sorted(n[9:-4] for n in names if n[9:-4] not in keys):
        name = f"register/{table}.csv"
        if before.get(name) == after.get(name):
            continue
        different = lines(text_table(before.get(name, b"")), text_table(after.get(name, b"")), keys.get(table, []))
        found += [{"table": table, "kind": "changed", **{c: row[c] for c in ("line", "column", "before", "after")}} for row in different.cells.to_dict("records")]
        found += [{"table": table, "kind": kind, "line": line} for kind, group in (("added", different.added), ("removed", different.removed)) for line in group]
    return found


def code_changes(before: dict[str, bytes], after: dict[str, bytes]) -> list[dict]:
    """Files of code that differ (modules, scripts, rules, schemas, the lock of the environment): `file` and `kind` (changed, added, removed)."""
    names = sorted(n for n in {*before, *after} if n.startswith(("workflow/", "envs/", "Snakefile")) and before.get(n) != after.get(n))
    return [{"file": n, "kind": "added" if n not in before else "removed" if n not in after else "changed"} for n in names]


def tables_read(estimand: str) -> list[str]:
    """Names of the files of tables that a claim with this estimand reads: panels, panels as the second coder would have them, tables of the register."""
    names = (*ALWAYS, *ESTIMANDS.get(estimand, ()))
    held = [f"register/{name}.csv" if name in REGISTER_TABLES else f"results/panels/{name}.csv" for name in names]
    return held + [f"results/reliability/second_coding/{name}.csv" for name in names if name in RECODED]


def code_read(files: dict[str, bytes], estimand: str, homes: dict[str, str]) -> set[str]:
    """Files of code that a claim runs through: scripts and rules of the claims, and the modules behind them but for those of other estimands.

    Parameters: files of a state; an estimand; the module that holds each estimand.
    """
    sources = {provenance.module_name(name.removeprefix(PACKAGE)): name for name in files if name.startswith(PACKAGE) and name.endswith(".py")}
    texts = {module: files[name].decode("utf-8") for module, name in sources.items()}
    home = homes.get(estimand, "estimands")
    script = "\n".join(files[name].decode("utf-8") for name in SCRIPTS if name in files)
    found = provenance.reached(script, texts, frozenset(homes.values()) - {home, "estimands"})  # all take their types from estimands
    found |= provenance.reached(f"from coalitions import {home}", texts)
    return {sources[module] for module in found} | {*SCRIPTS, *RULES}


def between(before: dict, after: dict, keys: dict[str, dict[str, list[str]]], homes: dict[str, str]) -> dict:
    """What differs in the inputs.

    Parameters: states with `files` and `config`; keys of tables: `register` by name, `results` by path; the module that holds each estimand.
    Returns `config`, `claims` (with `claim` and `kind`: changed, added, removed; words included), `multiverse`, `register`, `code` (lists of changes as above), `run` (settings
    that the results record and the files of neither state explain: `key`, `before`, `after`, `claims`), and `reached`: for each claim the inputs that it reads and that differ,
    in words by kind (`entry`, `settings`, `run`, `tables`, `code`; a kind without any is left out).
    """
    a, b = before["files"], after["files"]
    one, two = entries(a, before["config"]), entries(b, after["config"])
    raw = [document(f, "config/claims.yaml").get("claims", {}) for f in (a, b)]
    found = {
        "config": changes(*({k: v for k, v in state["config"].items() if k != "results"} for state in (before, after))),  # where results lie moves none
        "claims": [{"claim": name, **c} for name in dict.fromkeys([*raw[0], *raw[1]]) for c in _entry_changes(raw[0].get(name), raw[1].get(name))],
        "multiverse": changes(*({d: v["values"] for d, v in document(f, "config/multiverse.yaml").get("dimensions", {}).items()} for f in (a, b))),
        "register": register_changes(a, b, keys["register"]), "code": code_changes(a, b),
    }  # fmt: skip
    tables = {path: _touched(a, b, path, keys["results"]) for entry in (*one.values(), *two.values()) for path in tables_read(entry["estimand"])}
    edited = {c["file"] for c in found["code"]}
    closures: dict[str, set[str]] = {}
    reached, run = {}, {}
    for name in dict.fromkeys([*two, *one]):
        if name not in one or name not in two:
            reached[name] = {"entry": ["a new entry" if name in two else "its entry is gone"]}
            continue
        estimand = two[name]["estimand"]
        own = [c for c in changes(one[name], two[name]) if c["key"].startswith(FIELDS) and c["key"] != "sesoi.reason"]
        settings = [c["key"] for c in found["config"] if _is_setting(c["key"], SETTINGS)]
        recorded = _recorded(a, b, name, {c["key"] for c in own} | {SETTINGS.get(key) for key in settings})
        for c in recorded:
            run.setdefault((c["key"], str(c["before"]), str(c["after"])), []).append(name)
        if edited and estimand not in closures:
            closures[estimand] = code_read(a, estimand, homes) | code_read(b, estimand, homes) | {LOCK}
        kinds = {
            "entry": [f"{c['key']} {c['before']} → {c['after']}" for c in own], "settings": settings, "run": [f"{c['key']} {c['before']} → {c['after']}" for c in recorded],
            "tables": list(dict.fromkeys(tables[path] for path in tables_read(estimand) if tables[path])),
            "code": [file.removeprefix("workflow/").removeprefix("coalitions/") for file in sorted(edited & closures.get(estimand, set()))],
        }  # fmt: skip
        reached[name] = {kind: words for kind, words in kinds.items() if words}
    found["run"] = [{"key": k, "before": old, "after": new, "claims": names} for (k, old, new), names in run.items()]
    return found | {"reached": reached}


def panels_have_reason(why: dict) -> bool:
    """Whether anything differs that panels are made from."""
    settings = any(_is_setting(c["key"], PANEL_SETTINGS) for c in why["config"])
    return bool(why["register"] or why["code"] or settings or any(c["key"] == "settings.cutoff" for c in why["run"]))


def unexplained(moved: list[dict], why: dict) -> list[str]:
    """Claims that moved though nothing that they read differs, or only panels do and nothing that panels are made from: a fault of the pipeline or of its declared inputs."""
    without = {"tables"} if not panels_have_reason(why) else set()
    return [c["claim"] for c in moved if not set(why["reached"].get(c["claim"], {})) - without]


def stale(state: dict) -> list[str]:
    """What the results beside the inputs were not made from, in words; empty if they are current as far as they record it.

    Results record the checksums of the register and of the panels, the claims' entries and settings, and the checksums of modules where they do.
    """
    files, config = state["files"], state["config"]
    verified = document(files, "results/checks/register.json").get("tables", {})
    found = [f"register: {name}.csv" for name, held in verified.items() if _sha(files.get(f"register/{name}.csv")) != held["sha256"]]
    wanted, tables, modules, fields = entries(files, config), set(), set(), {}
    for name, entry in wanted.items():
        result = document(files, f"results/claims/{name}.json")
        if not result:
            fields.setdefault("a claim without a result", []).append(name)
            continue
        origin = result.get("provenance", {})
        for table, sha in origin.get("inputs", {k: v for k, v in origin.items() if isinstance(v, str) and k not in ("config",)}).items():
            path = f"register/{table}.csv" if table in REGISTER_TABLES else f"results/panels/{table}.csv"
            if _sha(files.get(path)) != sha:
                tables.add(path.removeprefix("results/"))
        modules |= {path.removeprefix(PACKAGE) for path, sha in origin.get("code", {}).items() if _sha(files.get(path)) != sha}
        expected = {"estimand": entry["estimand"], "sesoi": entry["sesoi"], "primary": entry["primary"]}
        for change in changes({k: result.get(k) for k in expected}, expected):
            fields.setdefault(f"{change['key']} is {change['before']} in the results, {change['after']} in config/", []).append(name)
        for key, recorded in SETTINGS.items():
            if recorded and flat(result).get(recorded) is not None and flat(result)[recorded] != flat(config).get(key):
                fields.setdefault(f"{key} is {flat(result)[recorded]} in the results, {flat(config).get(key)} in config/", []).append(name)
        held = _dimensions(text_table(files.get(f"results/claims/multiverse/{name}.csv", b"")))
        for dimension, values in entry["dimensions"].items():
            if held and held.get(dimension) != set(map(str, values or ())):
                fields.setdefault(f"the values of the dimension {dimension}", []).append(name)
    found += [f"table: {path}" for path in sorted(tables)] + [f"module: {name}" for name in sorted(modules)]
    return found + [f"{what} ({', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''})" for what, names in fields.items()]


def _rounded(value):
    return float(f"{value:.{SIGNIFICANT}g}") if isinstance(value, float) else value


def _entry_changes(before: dict | None, after: dict | None) -> list[dict]:
    if before is None or after is None:
        return [{"kind": "added" if before is None else "removed"}]
    return [{"kind": "changed", **c} for c in changes(before, after)]


def _is_setting(key: str, settings) -> bool:
    return any(key == name or key.startswith(f"{name}.") for name in settings)


def _recorded(a: dict, b: dict, name: str, explained: set) -> list[dict]:
    """Settings that two results of a claim record differently, beyond what is explained."""
    one, two = (document(files, f"results/claims/{name}.json") for files in (a, b))
    if not one or not two:
        return []
    kept = [{k: r.get(k) for k in ("estimand", "sesoi", "primary", "settings")} | {"date_draws": {"draws": (r.get("date_draws") or {}).get("draws")}} for r in (one, two)]
    return [c for c in changes(*kept) if c["key"] not in explained and c["key"] != "sesoi.reason"]


def _touched(a: dict, b: dict, path: str, keys: dict[str, list[str]]) -> str:
    """How a table that claims read differs, in a few words; empty if it does not. The panels of the second coding are named as their first."""
    if a.get(path) == b.get(path):
        return ""
    stem = path.rsplit("/", 1)[1].removesuffix(".csv")
    key = keys.get(path.removeprefix("results/")) or keys.get(f"panels/{stem}.csv", [])
    different = lines(text_table(a.get(path, b"")), text_table(b.get(path, b"")), key)
    touched = [*different.moved, *(f"{line} added" for line in different.added), *(f"{line} removed" for line in different.removed)]
    return f"{stem} ({'; '.join(touched) if 0 < len(touched) <= 2 else f'{len(touched)} lines'})"


def _dimensions(multiverse) -> dict[str, set[str]]:
    """Values of each dimension among the specifications of a claim."""
    found: dict[str, set[str]] = {}
    for text in multiverse.get("dimensions", ()):
        for part in re.split(r"; ", text):
            name, _, value = part.partition("=")
            found.setdefault(name, set()).add(value)
    return found


def _sha(content: bytes | None) -> str | float:
    return math.nan if content is None else hashlib.sha256(content).hexdigest()
