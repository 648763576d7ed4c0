"""The report: values for its templates, the filters that print numbers, and the escaping of text from the register.

Templates are strict: an undefined name stops the run. Whatever a template prints is escaped for Markdown unless it is marked as safe here.
"""

import re

import pandas as pd
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from coalitions import quoted, validated
from coalitions.catalogue import QUOTED
from coalitions.figures.style import NAMES
from coalitions.quoted import count, interval, number, p_value, percent, year

AFTER_COLD_WAR = 1990
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~^$@&\"':=%/])")


def escaped(text) -> str:
    """Text as Markdown source that means just that text: every punctuation mark is escaped, line breaks become spaces."""
    if isinstance(text, Markup):
        return str(text)
    return _SPECIAL.sub(r"\\\1", re.sub(r"[ \t\n\r\f\v\u0085\u2028\u2029]+", " ", str(text)))


def pipe_table(header: list[str], rows: list[list], align: str = "") -> Markup:
    """A Markdown pipe table; cells are escaped, `align` has l or r for each column."""
    align = align or "l" * len(header)
    # Columns share the width as their dashes do: by the longest cell, within limits that keep short columns legible.
    widths = [min(40, max(8, *(len(str(cell)) for cell in column))) for column in zip(header, *rows, strict=True)]
    marks = [":" + "-" * width if a == "l" else "-" * width + ":" for a, width in zip(align, widths, strict=True)]
    lines = ["| " + " | ".join(escaped(h) for h in header) + " |", "| " + " | ".join(marks) + " |"]
    lines += ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in rows]
    return Markup("\n".join(lines))


def environment(loader) -> Environment:
    """The Jinja environment of the report: strict, everything that is printed escaped for Markdown."""
    env = Environment(
        loader=loader,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        comment_start_string="<#",
        comment_end_string="#>",
        finalize=lambda v: Markup(escaped(v)),
    )
    env.filters |= {"number": number, "count": count, "percent": percent, "p": p_value, "year": year}
    env.globals |= {"interval": interval, "pipe_table": pipe_table, "arrangement_name": NAMES.get}
    return env


def of_scope(table: pd.DataFrame, scope: str) -> list[dict]:
    """The lines of a scope as records; all lines of a table that has no scopes."""
    return (table[table["scope"] == scope] if "scope" in table else table).to_dict("records")


def decomposed(table: pd.DataFrame, scope: str, last: int) -> dict[str, dict]:
    """`decomposition_then` and `decomposition_now`: the effective number split into theatres (inverse Simpson, equal weights) in the first and the last full year
    with two or more theatres."""
    mine = table[(table["scope"] == scope) & (table["index"] == "simpson") & (table["weights"] == "equal") & (table["year"] <= last) & (table["n_theatres"] > 1)].sort_values(
        "year"
    )
    recent = mine[mine["year"] >= AFTER_COLD_WAR] if (mine["year"] >= AFTER_COLD_WAR).any() else mine
    blank = dict.fromkeys(("year", "within_theatres", "between_theatres"))
    return {"decomposition_then": recent.iloc[0].to_dict() if len(recent) else blank, "decomposition_now": recent.iloc[-1].to_dict() if len(recent) else blank}


def values(config: dict, claims: list[dict], tables: dict[str, pd.DataFrame], register: dict, versions: dict, study: dict[str, pd.DataFrame] | None = None) -> dict:
    """Everything that the templates may name.

    Parameters: config; claims' results in order; published tables by path; the checks' register report (rows and checksums by table); version numbers;
    tables of the study on synthetic registers by name, if it was made.
    """
    operations, gaps = tables["panels/operations.csv"], tables["checks/gaps.csv"]
    scope = config["primary_scope"]
    summary = tables["duration/summary.csv"]
    system = tables["panels/system_years.csv"]
    strict = system[system["scope"] == scope].sort_values("year")
    whole = strict[strict["exposure_years"] == 1].iloc[-1]
    verdicts = tables["claims/verdicts.csv"]
    precision = operations["start_text"].dropna().str.rstrip("~").str.len().map({4: "year", 7: "month", 10: "day"}).value_counts()
    sources = register["tables"]["sources"]["rows"]
    return {
        "config": config, "claims": claims, "versions": versions, "cutoff": config["cutoff"], "scope": scope, "rules": config["scopes"],
        "n": {
            "operations": len(operations), "sources": sources, "evidence": register["tables"]["evidence"]["rows"], "memberships": register["tables"]["memberships"]["rows"],
            "states": register["tables"]["states"]["rows"], "vetoes": register["tables"]["vetoes"]["rows"], "excluded": register["tables"]["excluded"]["rows"],
            "corrections": register["corrections"], "unknown_end": int((operations["status"] == "unknown").sum()), "never": int((operations["deployed"] == 0).sum()),
            "theatres": register["tables"]["theatres"]["rows"],
        },
        "by_arrangement": {kind: int((operations["arrangement"] == kind).sum()) for kind in NAMES},
        "by_scope": {name: {kind: int(((operations["arrangement"] == kind) & (operations[f"scope_{name}"] == 1)).sum()) for kind in NAMES} for name in config["scopes"]},
        "start_precision": {name: int(precision.get(name, 0)) for name in ("day", "month", "year")},
        "gaps": gaps.groupby(["field", "gap"]).size().sort_values(ascending=False).reset_index(name="operations").head(12).to_dict("records"),
        "summary": summary[summary["scope"] == scope].to_dict("records"),
        "logrank": tables["duration/logrank.csv"].query("scope == @scope").to_dict("records"),
        **{"models" if part == "duration" else part: {name: of_scope(tables[f"{part}/{name}.csv"], scope) for name in names} for part, names in QUOTED.items()},
        "latest": whole.to_dict(),
        **decomposed(tables["fragmentation/decomposition.csv"], scope, int(whole["year"])),
        "first_year": int(strict["year"].min()),
        "mann_kendall": tables["trends/mann_kendall.csv"].query("scope == @scope").to_dict("records"),
        "un_after": tables["trends/un_launches.csv"][tables["trends/un_launches.csv"]["period"].str.startswith("after")].to_dict("records"),
        "effective": tables["fragmentation/effective_number_by_year.csv"].query("scope == @scope").sort_values("year").iloc[-2].to_dict(),
        "verdicts": verdicts.to_dict("records"),
        "agreement": tables["reliability/agreement.csv"].to_dict("records"),
        "reconciliation": tables["checks/reconciliation.csv"].to_dict("records"),
        "machinery": validated.values(study or {}),
    }  # fmt: skip


def safe_path(text: str) -> Markup:
    """A path of the project inside backticks: nothing but letters, digits, dots, slashes, underscores and hyphens passes."""
    if not re.fullmatch(r"[A-Za-z0-9._/-]+", text):
        raise ValueError(f"{text!r} is no path of the project")
    return Markup(text)


def compose(templates: dict[str, str], captions: dict, answers: dict, known: dict) -> tuple[str, dict]:
    """The report as Markdown, and the rendered captions.

    Parameters: template texts by file name (`report.md.j2`); captions by figure (`caption`, `alt`); sentences by estimand and verdict; the values.
    """
    env = environment(DictLoader(templates))
    env.filters["safe_path"] = safe_path
    rendered = {name: {part: Markup(env.from_string(text).render(known).strip()) for part, text in parts.items()} for name, parts in captions.items()}
    for parts in rendered.values():  # an alternative text is an attribute: Markdown escapes would show, quotes would end it
        parts["alt"] = Markup(re.sub(r"\\(.)", r"\1", str(parts["alt"])).replace('"', "”"))
    said = {}
    for claim in known["claims"]:
        sentences = answers[claim["estimand"]]
        text = sentences.get(claim["verdict"], sentences["default"])
        verdict = claim["verdict"] if claim["grade"] != "C" or claim["verdict"] == "not-estimable" else f"mixed ({claim['verdict']} in the primary specification)"
        said[claim["id"]] = Markup(env.from_string(text).render(known | {"claim": claim, "d": claim["estimate"]["details"], "verdict": verdict}).strip())
    text = env.get_template("report.md.j2").render(known | quoted.rows(known) | {"captions": rendered, "answers": said})
    return text, {name: {part: str(text) for part, text in parts.items()} for name, parts in rendered.items()}
