"""The configuration of a run: validated as a whole, all faults at once, before any job starts."""

from dataclasses import dataclass

import jsonschema

from coalitions import inclusion

# What a claim can be estimated by; the functions are in coalitions.estimands, whose libraries are too slow to load for every parse of the Snakefile.
ESTIMANDS = ("launch_halt", "launch_trend", "rmst_difference")
# Figures by name, with the published tables that they show.
FIGURES = {
    "fig01_members_and_ahcs_over_time": ["panels/system_years.csv"],
    "fig02_survival": ["duration/km.csv", "panels/spells.csv"],
    "fig03_timeline": ["panels/operations.csv"],
    "fig04_verdicts": ["claims/verdicts.csv", "claims/multiverse.csv"],
}


class ConfigError(ValueError):
    """A configuration that cannot be run; the message lists every fault."""


@dataclass(frozen=True)
class Study:
    """A checked configuration: claims with their dimensions filled in, published tables by path, figures by name."""

    config: dict
    claims: dict
    tables: dict
    figures: dict


def checked(config: dict, claims: dict, multiverse: dict, schemas: dict, panels: dict) -> Study:
    """The study, or ConfigError with every fault of the three files.

    Parameters: contents of config.yaml (with overrides), claims.yaml and multiverse.yaml; their JSON schemas by name; content of panels.yaml.
    """
    faults = []
    for name, content in (("config", config), ("claims", claims), ("multiverse", multiverse)):
        validator = jsonschema.Draft202012Validator(schemas[name])
        for error in sorted(validator.iter_errors(content), key=lambda e: list(map(str, e.absolute_path))):
            place = ".".join(str(part) for part in error.absolute_path) or "(top)"
            faults.append(f"{name}.yaml, {place}: {error.message}")
    if not faults:
        columns = set(panels["tables"]["panels/operations.csv"]["columns"])
        filled = resolved(claims, multiverse)
        faults = config_faults(config, filled, set(FIGURES), columns)
        faults += [f"claims.yaml, {n}.table: no published table {c['table']!r}" for n, c in filled.items() if c["table"] not in panels["tables"]]
        faults += [f"multiverse.yaml, {d}: no claim uses it" for d in multiverse["dimensions"] if not any(d in c["dimensions"] for c in claims["claims"].values())]
    if faults:
        raise ConfigError("\n".join([f"{len(faults)} fault(s) in the configuration:", *(f"  {fault}" for fault in faults)]))
    tables = {path: {"title": t["title"]} for path, t in panels["tables"].items()}
    return Study(config, filled, tables, FIGURES)


def resolved(claims: dict, multiverse: dict) -> dict:
    """Claims with the values of their dimensions filled in from the multiverse; an unknown dimension gets none (see `config_faults`)."""
    known = multiverse["dimensions"]
    return {name: claim | {"dimensions": {d: known[d]["values"] if d in known else [] for d in claim["dimensions"]}} for name, claim in claims["claims"].items()}


def config_faults(config: dict, claims: dict, figures: set[str], columns: set[str]) -> list[str]:
    """What is wrong with the study's config beyond its schema, all at once: unknown estimands, figures or scopes, rules that cannot be read, a SESOI that is not positive."""
    faults = []
    for name, rule in config["scopes"].items():
        try:
            unknown = sorted(inclusion.names(rule) - columns)
            if unknown:
                faults.append(f"config.yaml, scopes.{name}: {', '.join(unknown)} is no column of the operations panel")
        except inclusion.ScopeError as error:
            faults.append(f"config.yaml, scopes.{name}: {error}")
    if config["primary_scope"] not in config["scopes"]:
        faults.append(f"config.yaml, primary_scope: {config['primary_scope']!r} is not one of the scopes")
    for name, claim in claims.items():
        if claim["estimand"] not in ESTIMANDS:
            faults.append(f"claims.yaml, {name}.estimand: {claim['estimand']!r} is unknown; there are {', '.join(sorted(ESTIMANDS))}")
        if claim["figure"] not in figures:
            faults.append(f"claims.yaml, {name}.figure: no figure {claim['figure']!r}")
        if claim["sesoi"] and claim["sesoi"]["value"] <= (1 if claim["sesoi"]["scale"] == "ratio" else 0):
            faults.append(f"claims.yaml, {name}.sesoi.value: {claim['sesoi']['value']} has the wrong sign; theta is oriented, so it must exceed 0 (1 for a ratio)")
        if len(claim["claim"]["quotation"].split()) > 20:
            faults.append(f"claims.yaml, {name}.claim.quotation: more than 20 words")
        for dimension, values in claim["dimensions"].items():
            if not values:
                faults.append(f"claims.yaml, {name}.dimensions: {dimension!r} is not in multiverse.yaml")
            elif dimension not in claim["primary"]:
                faults.append(f"claims.yaml, {name}.dimensions.{dimension}: the primary specification does not set it")
            elif claim["primary"][dimension] not in values:
                faults.append(f"claims.yaml, {name}.dimensions.{dimension}: does not hold the primary value {claim['primary'][dimension]!r}")
        for spec in [claim["primary"].get("scope"), *claim["dimensions"].get("scope", [])]:
            if spec is not None and spec not in config["scopes"]:
                faults.append(f"claims.yaml, {name}: scope {spec!r} is not in config.yaml")
    return faults
