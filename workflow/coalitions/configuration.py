"""The configuration of a run: validated as a whole, all faults at once, before any job starts."""

from dataclasses import dataclass
from datetime import date

import jsonschema
import yaml

from coalitions import inclusion
from coalitions.catalogue import ADMISSIBLE, ESTIMANDS, FIGURES, LATER, STAGES


class ConfigError(ValueError):
    """A configuration that cannot be run; the message lists every fault."""


@dataclass(frozen=True)
class Study:
    """A checked configuration: claims with their dimensions filled in, what cannot be tested, published tables by path, figures by name with their tables, and by stage."""

    config: dict
    claims: dict
    untestable: dict
    tables: dict
    figures: dict
    stages: dict


def overrides(settings: list[str]) -> dict:
    """Settings for one run, given as `key=value`, as a mapping; a dot leads to a nested key (`robustness.date_draws=50`).

    Numbers, truth values, lists and mappings are read as YAML; everything else, days included, is text. Raises ConfigError naming every setting that has no key or no `=`.
    """
    found: dict = {}
    if faults := [f"{text!r} is not of the form key=value" for text in settings if not text.partition("=")[0].strip(". ") or "=" not in text]:
        raise ConfigError("; ".join(faults))
    for text in settings:
        key, _, value = text.partition("=")
        try:
            read = yaml.safe_load(value)
        except yaml.YAMLError:
            read = value
        *path, last = key.strip().split(".")
        place = found
        for part in path:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise ConfigError(f"{text!r}: {part} is already set to {place!r}")
        place[last] = read if isinstance(read, (bool, int, float, list, dict)) else value
    return found


def overridden(config: dict, changes: dict) -> dict:
    """A configuration with settings in the place of its own, key by key of its nested mappings."""
    nested = {k: overridden(config[k], v) for k, v in changes.items() if isinstance(v, dict) and isinstance(config.get(k), dict)}
    return config | changes | nested


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
    known = formed["config"] and config["primary_scope"] in config["scopes"]  # else that is one fault, not one of every claim
    filled = resolved(claims, multiverse, config["primary_scope"] if known else "primary") if formed["claims"] and formed["multiverse"] else {}
    faults += claim_faults(
        filled or (claims["claims"] if formed["claims"] else {}), set(FIGURES), set(panels["tables"]), config["scopes"] if formed["config"] else None, bool(filled)
    )
    if filled:
        faults += quotation_faults({name: claim["claim"]["quotation"] for part in ("claims", "untestable") for name, claim in claims[part].items()})
        faults += [f"multiverse.yaml, {d}: no claim uses it" for d in multiverse["dimensions"] if not any(d in c["dimensions"] for c in claims["claims"].values())]
    if faults:
        raise ConfigError("\n".join([f"{len(faults)} fault(s) in the configuration:", *(f"  {fault}" for fault in faults)]))
    tables = {path: {"title": t["title"]} for path, t in panels["tables"].items()}
    return Study(config, filled, claims["untestable"], tables, FIGURES, stages_of(FIGURES))


def stages_of(figures: dict[str, list[str]]) -> dict[str, list[str]]:
    """Names of figures by the stage whose tables they wait for: the last of `STAGES` among the folders of their tables."""
    last = {name: max(STAGES.index(path.split("/")[0]) for path in tables) for name, tables in figures.items()}
    return {stage: held for number, stage in enumerate(STAGES) if (held := [name for name in figures if last[name] == number])}


def resolved(claims: dict, multiverse: dict, primary_scope: str) -> dict:
    """Claims with the values of their dimensions filled in from the multiverse, and the scope `primary` by its name.

    An unknown dimension gets no values (see `claim_faults`).
    """
    known, found = multiverse["dimensions"], {}
    for name, claim in claims["claims"].items():
        primary = {key: primary_scope if (key, value) == ("scope", "primary") else value for key, value in claim["primary"].items()}
        found[name] = claim | {"primary": primary, "dimensions": {d: known[d]["values"] if d in known else [] for d in claim["dimensions"]}}
    return found


def claim_settings(config: dict) -> dict:
    """What every claim is estimated with beside its own entry, from the content of config.yaml."""
    return {
        "cutoff": config["cutoff"], "confidence": config["confidence"], "seed": config["seed"], "within_years": config["survival"]["within_years"],
        "permutations": config["survival"]["permutations"], "scopes": config["scopes"], "date_draws": config["robustness"]["date_draws"],
    }  # fmt: skip


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
        faults.append(f"config.yaml, primary_scope: {config['primary_scope']!r} is not one of the scopes {', '.join(config['scopes'])}")
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


def quotation_faults(quotations: dict[str, str]) -> list[str]:
    """Quotations of the brief, by claim, that are longer than the twenty words that this project allows itself."""
    return [f"claims.yaml, {name}.claim.quotation: more than 20 words" for name, words in quotations.items() if len(words.split()) > 20]


def claim_faults(claims: dict, figures: set[str], tables: set[str], scopes: dict | None, filled: bool) -> list[str]:
    """What is wrong with the claims beyond their schema: unknown estimands, figures, tables, dimensions or scopes, a SESOI of the wrong sign.

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
        for dimension, values in claim["dimensions"].items() if filled else ():
            if not values:
                faults.append(f"claims.yaml, {name}.dimensions: {dimension!r} is not in multiverse.yaml")
            elif dimension not in claim["primary"]:
                faults.append(f"claims.yaml, {name}.dimensions.{dimension}: the primary specification does not set it")
            elif claim["primary"][dimension] not in values and (dimension, claim["primary"][dimension]) != ("scope", "primary"):
                faults.append(f"claims.yaml, {name}.dimensions.{dimension}: does not hold the primary value {claim['primary'][dimension]!r}; add it in multiverse.yaml")
        listed = claim["dimensions"].get("scope", []) if filled else []
        for scope in dict.fromkeys([claim["primary"].get("scope"), *listed]) if scopes is not None else ():
            if scope not in (None, "primary", *scopes):
                faults.append(f"claims.yaml, {name}: scope {scope!r} is not in config.yaml")
    return faults
