"""The configuration of a run: validated as a whole, all faults at once, before any job starts."""

from dataclasses import dataclass
from datetime import date

import jsonschema

from coalitions import inclusion

# What a claim can be estimated by, with the tables that it reads beside operations, spells and system years; the functions are in coalitions.registry, whose libraries are too slow
# to load for every parse of the Snakefile.
ESTIMANDS = {
    "incidence_difference": (), "launch_halt": (), "launch_trend": (), "recurrence_difference": (), "restricted_subgroup_difference": (), "rmst_difference": (), "start_delay": (),
}  # fmt: skip
# Tables that every estimand can read: they are made anew in draws of dates and under the second coding.
ALWAYS = ("operations", "spells", "system_years")
# Columns that hold days, of the tables that estimands read.
DAYS = {
    "operations": ("start", "end", "start_earliest", "start_latest", "end_earliest", "end_latest"), "spells": ("start", "end"),
    "memberships": ("joined", "left"), "concurrent_pairs": ("overlap_start", "overlap_end"),
}  # fmt: skip
# What the dimensions of the multiverse may hold: words that estimands know, or the smallest number allowed.
ADMISSIBLE = {
    "comparator": ("un", "regional", "both"), "chains": ("merged", "single"), "nested": ("as-scope", "included"), "family": ("poisson", "negative-binomial"),
    "denominator": ("year", "state-year"), "outcome": ("launches", "active_any_day", "active_1_july", "active_year_end"),
    "kinds": ("multidimensional", "with-police", "any-peacekeeping", "with-political"), "tau_years": 0.1,
    "exclude": 0, "since": 1945, "base_from": 1945, "halt_since": 1946,
    "ends": ("completed", "completed-or-withdrawn", "any-but-handed-over"), "horizon_years": 0.1, "clock": ("decision", "request", "trigger"),
    "domain": ("all", "land", "maritime"),
    "never_deployed": ("kept", "dropped"), "horizon_days": 1, "two_state": ("kept", "dropped"), "io_umbrella": ("kept", "dropped"), "sea_based": ("kept", "dropped"),
    "counter_tasks": ("counterterrorism", "counterterrorism-or-insurgency"), "recurrence_years": 0.1, "handovers": ("counted", "passed-over"), "ends_in": ("primary", "all"),
    "next_from": ("register", "scope"),
}  # fmt: skip
# Columns of the operations panel that are made after the rules are applied.
LATER = {"chain_id", "scope_*"}
# Figures by name, with the published tables that they show.
FIGURES = {
    "fig01_members_and_ahcs_over_time": ["panels/system_years.csv"],
    "fig02_survival": ["duration/km.csv", "panels/spells.csv"],
    "fig03_timeline": ["panels/operations.csv"],
    "fig04_verdicts": ["claims/verdicts.csv", "claims/multiverse.csv"],
    "fig05_incidence": ["duration/cif.csv"],
    "fig06_forest": ["duration/cox.csv", "duration/discrete.csv", "duration/aft.csv"],
    "fig07_rmst": ["duration/rmst.csv"],
    "fig08_starts": ["duration/start_curves.csv", "duration/starts.csv"],
    "fig09_sequels": ["duration/gap_curves.csv"],
    "fig10_lexis": ["panels/spells.csv"],
    "fig11_diagnostics": ["duration/diagnostics.csv"],
    "fig12_turnover": ["duration/staying.csv", "duration/turnover.csv"],
    "fig13_transitions": ["duration/transitions.csv"],
    "fig14_africa": ["duration/subgroup_km.csv"],
}
# Folders of published tables in the order in which they are made.
STAGES = ("panels", "duration", "fragmentation", "trends", "claims")


class ConfigError(ValueError):
    """A configuration that cannot be run; the message lists every fault."""


@dataclass(frozen=True)
class Study:
    """A checked configuration: claims with their dimensions filled in, published tables by path, figures by name with their tables, names of figures by stage."""

    config: dict
    claims: dict
    tables: dict
    figures: dict
    stages: dict


def checked(config: dict, claims: dict, multiverse: dict, schemas: dict, panels: dict) -> Study:
    """The study, or ConfigError with every fault of the three files.

    Parameters: contents of config.yaml (with overrides), claims.yaml and multiverse.yaml; their JSON schemas by name; content of panels.yaml.
    """
    faults, formed = [], {}
    for name, content in (("config", config), ("claims", claims), ("multiverse", multiverse)):
        errors = sorted(jsonschema.Draft202012Validator(schemas[name]).iter_errors(content), key=lambda e: list(map(str, e.absolute_path)))
        formed[name] = not errors
        faults += [f"{name}.yaml, {'.'.join(str(part) for part in error.absolute_path) or '(top)'}: {error.message}" for error in errors]
    if formed["config"]:
        faults += study_faults(config, set(panels["tables"]["panels/operations.csv"]["columns"]) - LATER)
    if formed["multiverse"]:
        used = {d for claim in claims["claims"].values() for d in claim["dimensions"]} if formed["claims"] else set()
        faults += dimension_faults(multiverse["dimensions"], used)
    filled = resolved(claims, multiverse) if formed["claims"] and formed["multiverse"] else {}
    faults += claim_faults(
        filled or (claims["claims"] if formed["claims"] else {}), set(FIGURES), set(panels["tables"]), config["scopes"] if formed["config"] else None, bool(filled)
    )
    if filled:
        faults += [f"multiverse.yaml, {d}: no claim uses it" for d in multiverse["dimensions"] if not any(d in c["dimensions"] for c in claims["claims"].values())]
    if faults:
        raise ConfigError("\n".join([f"{len(faults)} fault(s) in the configuration:", *(f"  {fault}" for fault in faults)]))
    tables = {path: {"title": t["title"]} for path, t in panels["tables"].items()}
    return Study(config, filled, tables, FIGURES, stages_of(FIGURES))


def stages_of(figures: dict[str, list[str]]) -> dict[str, list[str]]:
    """Names of figures by the stage whose tables they wait for: the last of `STAGES` among the folders of their tables."""
    last = {name: max(STAGES.index(path.split("/")[0]) for path in tables) for name, tables in figures.items()}
    return {stage: held for number, stage in enumerate(STAGES) if (held := [name for name in figures if last[name] == number])}


def resolved(claims: dict, multiverse: dict) -> dict:
    """Claims with the values of their dimensions filled in from the multiverse; an unknown dimension gets none (see `config_faults`)."""
    known = multiverse["dimensions"]
    return {name: claim | {"dimensions": {d: known[d]["values"] if d in known else [] for d in claim["dimensions"]}} for name, claim in claims["claims"].items()}


def study_faults(config: dict, columns: set[str]) -> list[str]:
    """What is wrong with config.yaml beyond its schema: rules that cannot be read or name no column, a scope that is not there, a cut-off that no calendar has."""
    faults = []
    for name, rule in config["scopes"].items():
        try:
            unknown = sorted(inclusion.names(rule) - columns)
            if unknown:
                faults.append(f"config.yaml, scopes.{name}: {', '.join(unknown)} is no column of the operations panel that a rule can use")
        except inclusion.ScopeError as error:
            faults.append(f"config.yaml, scopes.{name}: {error}")
    if config["primary_scope"] not in config["scopes"]:
        faults.append(f"config.yaml, primary_scope: {config['primary_scope']!r} is not one of the scopes")
    try:
        if date.fromisoformat(config["cutoff"]).year <= config["first_year"]:
            faults.append(f"config.yaml, cutoff: {config['cutoff']} is not after the first year of the series, {config['first_year']}")
    except ValueError:
        faults.append(f"config.yaml, cutoff: there is no day {config['cutoff']}")
    return faults


def dimension_faults(dimensions: dict, used: set[str]) -> list[str]:
    """Dimensions that a claim uses and no estimand knows, and values that no estimand knows. The values of `scope` are checked against config.yaml with the claims."""
    faults = []
    for name, dimension in dimensions.items():
        allowed = ADMISSIBLE.get(name)
        for value in dimension["values"]:
            if allowed is None and name != "scope" and name in used:
                faults.append(f"multiverse.yaml, {name}: no estimand knows this dimension")
                break
            if isinstance(allowed, tuple) and value not in allowed:
                faults.append(f"multiverse.yaml, {name}: {value!r} is not one of {', '.join(allowed)}")
            elif isinstance(allowed, (int, float)) and (not isinstance(value, (int, float)) or value < allowed):
                faults.append(f"multiverse.yaml, {name}: {value!r} is not a number of at least {allowed}")
    return faults


def claim_faults(claims: dict, figures: set[str], tables: set[str], scopes: dict | None, filled: bool) -> list[str]:
    """What is wrong with the claims beyond their schema: unknown estimands, figures, tables, dimensions or scopes, a SESOI of the wrong sign, a quotation that is too long.

    Parameters: claims (with the values of their dimensions if `filled`); known figures and tables; inclusion rules, None if config.yaml is malformed.
    """
    faults = []
    for name, claim in claims.items():
        if claim["estimand"] not in ESTIMANDS:
            faults.append(f"claims.yaml, {name}.estimand: {claim['estimand']!r} is unknown; there are {', '.join(sorted(ESTIMANDS))}")
        if claim["figure"] not in figures:
            faults.append(f"claims.yaml, {name}.figure: no figure {claim['figure']!r}")
        if claim["table"] not in tables:
            faults.append(f"claims.yaml, {name}.table: no published table {claim['table']!r}")
        if claim["sesoi"] and claim["sesoi"]["value"] <= (1 if claim["sesoi"]["scale"] == "ratio" else 0):
            faults.append(f"claims.yaml, {name}.sesoi.value: {claim['sesoi']['value']} has the wrong sign; theta is oriented, so it must exceed 0 (1 for a ratio)")
        if len(claim["claim"]["quotation"].split()) > 20:
            faults.append(f"claims.yaml, {name}.claim.quotation: more than 20 words")
        for dimension, values in claim["dimensions"].items() if filled else ():
            if not values:
                faults.append(f"claims.yaml, {name}.dimensions: {dimension!r} is not in multiverse.yaml")
            elif dimension not in claim["primary"]:
                faults.append(f"claims.yaml, {name}.dimensions.{dimension}: the primary specification does not set it")
            elif claim["primary"][dimension] not in values:
                faults.append(f"claims.yaml, {name}.dimensions.{dimension}: does not hold the primary value {claim['primary'][dimension]!r}")
        listed = claim["dimensions"].get("scope", []) if filled else []
        for scope in dict.fromkeys([claim["primary"].get("scope"), *listed]) if scopes is not None else ():
            if scope is not None and scope not in scopes:
                faults.append(f"claims.yaml, {name}: scope {scope!r} is not in config.yaml")
    return faults
