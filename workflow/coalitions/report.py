"""The report: values for its templates, the filters that print numbers, and the escaping of text from the register.

Templates are strict: an undefined name stops the run. Whatever a template prints is escaped for Markdown unless it is marked as safe here.
"""

import math
import re

import pandas as pd
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from coalitions import phrases, quoted, validated
from coalitions.catalogue import QUOTED
from coalitions.figures.style import NAMES
from coalitions.quoted import count, counted, escaped, interval, number, p_says, p_value, percent, tested, unreliable, year, years_long

AFTER_COLD_WAR = 1990
WIDEST_SENTENCE = 60  # letters: what is left for the sentences of the brief beside the other columns of the table of verdicts
TALL = ("fig03_timeline",)  # figures that are much higher than wide
WIDEST_CHOICE = 90  # and for the values of a choice in the tables of choices
LARGEST_PARTS, MOST_FLIPS, SPEC_WIDTH = 3, 5, "80%"  # of a claim's page: sources of spread and records that flip it which are named, width of a specification curve in print

# Tables of which the report quotes lines without being one of the tables of an analysis.
MORE = {"choices": "claims/choices.csv", "disagreements": "reliability/disagreements.csv", "network_years": "fragmentation/network_years.csv"}


def pipe_table(header: list[str], rows: list[list], align: str = "", widest: int = 40) -> Markup:
    """A Markdown pipe table; cells are escaped, `align` has l or r for each column, no column counts as wider than `widest` letters."""
    align = align or "l" * len(header)
    # Columns share the width as their dashes do: by the longest cell or the longest word of the heading, with room between them, within limits that keep short columns legible.
    longest = [max(map(len, [*head.split(), *(_printed(cell) for cell in column)])) for head, *column in zip(header, *rows, strict=True)]
    widths = [3 + min(widest, max(5, length)) for length in longest]
    marks = [":" + "-" * width if a == "l" else "-" * width + ":" for a, width in zip(align, widths, strict=True)]
    lines = ["| " + " | ".join(escaped(h) for h in header) + " |", "| " + " | ".join(marks) + " |"]
    lines += ["| " + " | ".join(escaped(cell) for cell in row) + " |" for row in rows]
    return Markup("\n".join(lines))


def _printed(cell) -> str:
    """A cell as it is seen: of a link or a marked word the words, without escapes and the marks of what is bold."""
    return re.sub(r"\\(.)|\*\*", r"\1", re.sub(r"^\[(.*?)\][({].*[)}]$", r"\1", cell)) if isinstance(cell, Markup) else str(cell)


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
    env.filters |= {"number": number, "count": count, "counted": counted, "percent": percent, "p": p_value, "p_says": p_says, "year": year, "years_long": years_long}
    env.filters |= {"log": math.log, "exp": math.exp, "tested": lambda claim: tested(claim["id"], claim["claim"]["quotation"])}
    env.globals |= {"interval": interval, "pipe_table": pipe_table, "arrangement_name": NAMES.get}
    return env


def of_scope(table: pd.DataFrame, scope: str) -> list[dict]:
    """The lines of a scope as records; all lines of a table that has no scopes."""
    return (table[table["scope"] == scope] if "scope" in table else table).to_dict("records")


def of_whom(summary: pd.DataFrame, first_year: int, cutoff: str) -> dict[str, str | int]:
    """`sample` and `coalitions`, the operations of the primary scope with renamed ones merged, in words and the number of coalitions; `window`, the years observed."""
    n = summary.set_index("arrangement")["n"].reindex(list(NAMES), fill_value=0).astype(int)
    words = f"{n['ahc']} ad hoc coalitions, {n['un']} United Nations and {n['regional']} regional operations"
    return {"sample": words, "coalitions": int(n["ahc"]), "window": f"{first_year} to {cutoff[:4]}"}


def decomposed(table: pd.DataFrame, scope: str, last: int) -> dict[str, dict]:
    """`decomposition_then` and `decomposition_now`: the effective number split into theatres (inverse Simpson, equal weights) in the first and the last full year
    with two or more theatres."""
    mine = table[(table["scope"] == scope) & (table["index"] == "simpson") & (table["weights"] == "equal") & (table["year"] <= last) & (table["n_theatres"] > 1)].sort_values(
        "year"
    )
    recent = mine[mine["year"] >= AFTER_COLD_WAR] if (mine["year"] >= AFTER_COLD_WAR).any() else mine
    blank = dict.fromkeys(("year", "within_theatres", "between_theatres"))
    return {"decomposition_then": recent.iloc[0].to_dict() if len(recent) else blank, "decomposition_now": recent.iloc[-1].to_dict() if len(recent) else blank}


def cases_of(details, names: dict[str, str]) -> list[dict]:
    """The operations that the details of an estimate name, by what they are: `what`, `cases` (`operation_id`, `name`). `names`: of all operations by id."""
    found = []
    for what, value in sorted((details or {}).items()):
        ids = [str(one).split(" ")[0] for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
        if cases := [{"operation_id": one, "name": names[one]} for one in ids if one in names]:
            found.append({"what": what.replace("_", " "), "cases": cases})
    return found


def values(
    config: dict,
    claims: list[dict],
    tables: dict[str, pd.DataFrame],
    register: dict,
    versions: dict,
    citation: dict,
    formulas: dict[str, str],
    untestable: dict | None = None,
    study: dict[str, pd.DataFrame] | None = None,
    dimensions: dict[str, str] | None = None,
    afterwards: dict[str, str] | None = None,
) -> dict:
    """Everything that the templates may name.

    Parameters: config; claims' results in order; published tables by path; the checks' register report (rows and checksums by table); version numbers; content of
    CITATION.cff; TeX by name; claims that records cannot test by id (`claim`, `reason`, `needs`); tables of the study on synthetic registers by name, if it
    was made; what each dimension of the multiverse means, by name; what was changed in a claim after a first result had been seen, by id.
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
    names = operations.set_index("operation_id")["name"].to_dict()
    effective = tables["fragmentation/effective_number_by_year.csv"].query("scope == @scope and year <= @whole.year").sort_values("year")
    more = {name: of_scope(tables[path], scope) if path in tables else [] for name, path in MORE.items()}
    known = {
        "citation": citation, "formulas": formulas, "untestable": untestable or {}, "operation_names": names,
        "cases": {claim["id"]: cases_of(claim["estimate"]["details"], names) for claim in claims},
        "tally": [(name, times) for name, times in verdicts["reported"].value_counts().sort_index().sort_values(ascending=False, kind="stable").items()],
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
        **of_whom(summary[summary["scope"] == scope], int(strict["year"].min()), str(config["cutoff"])),
        "logrank": tables["duration/logrank.csv"].query("scope == @scope").to_dict("records"),
        **{"models" if part == "duration" else part: {name: of_scope(tables[f"{part}/{name}.csv"], scope) for name in names} for part, names in QUOTED.items()},
        "latest": whole.to_dict(),
        **decomposed(tables["fragmentation/decomposition.csv"], scope, int(whole["year"])),
        "first_year": int(strict["year"].min()),
        "mann_kendall": tables["trends/mann_kendall.csv"].query("scope == @scope").to_dict("records"),
        "un_after": tables["trends/un_launches.csv"][tables["trends/un_launches.csv"]["period"].str.startswith("after")].to_dict("records"),
        "effective": effective.iloc[-1].to_dict(), "dimensions": dimensions or {}, "afterwards": afterwards or {}, **more,
        "verdicts": verdicts.to_dict("records"),
        "agreement": tables["reliability/agreement.csv"].to_dict("records"),
        "reconciliation": tables["checks/reconciliation.csv"].to_dict("records"),
        "machinery": validated.values(study or {}),
    }  # fmt: skip
    return known | {"said": phrases.values(known, operations, strict), "unreliable": unreliable(known["agreement"])}


def safe_path(text: str) -> Markup:
    """A path of the project inside backticks: nothing but letters, digits, dots, slashes, underscores and hyphens passes."""
    if not re.fullmatch(r"[A-Za-z0-9._/-]+", text):
        raise ValueError(f"{text!r} is no path of the project")
    return Markup(text)


def anchored(text, target: str) -> Markup:
    """A link of the report to a file of the project, or to a place in one."""
    return Markup(f"[{escaped(text)}]({'#'.join(safe_path(part) for part in target.split('#'))})")


def link_to(path: str) -> Markup:
    """A link to a published table or document, named as it lies in the project. The report stands beside the other folders of the results."""
    return anchored(f"results/{path}", f"../{path}")


def source(path: str) -> Markup:
    """What stands under a quoted table: where the whole of it is."""
    return Markup(f"The table: {link_to(path)}.")


def holds(claim: dict, text: str) -> Markup:
    """Numbers of a claim as a link to the document that holds them."""
    return anchored(text, f"../claims/{claim['id']}.json")


def spec_figure(claim: dict) -> Markup:
    """Name of the figure with every specification of a claim."""
    return safe_path(f"spec_{claim['id'].replace('-', '_')}")


def helpers(known: dict) -> dict:
    """Functions and limits that the templates use beside the values."""
    names = known["operation_names"]
    claims = {claim["id"]: claim for claim in known["claims"]}

    def dimension(name) -> str:
        """A choice as part of a sentence: what it means, without what explains its values in brackets or after a colon."""
        text = known["dimensions"].get(name, name.replace("_", " ")).split(": ")[0]
        text = re.sub(r" \(.*?\)", "", text)
        return "several choices together" if name == "interactions" else text[:1].lower() + text[1:] if text[1:2].islower() else text

    def alike(claim) -> list[dict]:
        """Other claims that test the same sentence of the brief."""
        return [other for other in known["claims"] if other["id"] != claim["id"] and other["claim"]["quotation"] == claim["claim"]["quotation"]]

    def un_left_out(rule: str, after: int) -> list[dict]:
        """Operations of the United Nations that began after a year and that an inclusion rule leaves out."""
        return [one for one in known["said"]["un_operations"] if one["year"] > after and rule not in one["scopes"]]

    def case(operation_id, name) -> Markup:
        """An operation as a link to its entry in the explorer; a theatre, or another name, as text."""
        return anchored(name, f"explorer.html#op-{operation_id}") if operation_id in names else Markup(escaped(name))

    return {
        "formula": lambda name: Markup(f"$${known['formulas'][name]}$$"), "file": lambda path: anchored(path, f"../../{path}"), "link_to": link_to, "source": source,
        "holds": holds, "spec_figure": spec_figure, "case": case, "dimension": dimension, "alike": alike, "un_left_out": un_left_out,
        "claim_named": lambda name: Markup(f"[{escaped(name)}](#claim-{safe_path(name)})"), "by_id": claims,
        "changed": [claim for claim in known["claims"] if claim["id"] in known["afterwards"]], "widest_choice": WIDEST_CHOICE, "tall_figures": TALL,
        "largest_parts": LARGEST_PARTS, "most_flips": MOST_FLIPS, "spec_width": Markup(SPEC_WIDTH), "widest_sentence": WIDEST_SENTENCE,
    }  # fmt: skip


def compose(templates: dict[str, str], captions: dict, answers: dict, known: dict) -> tuple[str, dict]:
    """The report as Markdown, and the rendered captions.

    Parameters: template texts by file name (`report.md.j2`); captions by figure (`caption`, `alt`), that of `spec` for the specification curves of all claims;
    sentences by estimand and verdict; the values.
    """
    env = environment(DictLoader(templates))
    env.filters["safe_path"] = safe_path
    every = known | helpers(known)
    shown = {name: (parts, every) for name, parts in captions.items() if name != "spec"}
    shown |= {str(spec_figure(claim)): (captions["spec"], every | {"claim": claim}) for claim in known["claims"] if "spec" in captions}
    rendered = {name: {part: Markup(env.from_string(text).render(of).strip()) for part, text in parts.items()} for name, (parts, of) in shown.items()}
    for parts in rendered.values():  # an alternative text is an attribute: Markdown escapes would show, quotes would end it
        parts["alt"] = Markup(re.sub(r"\\(.)", r"\1", str(parts["alt"])).replace('"', "”"))
    said = {}
    for claim in known["claims"]:
        sentences = answers[claim["estimand"]]
        text = sentences.get(claim["verdict"], sentences["default"])
        verdict = claim["verdict"] if claim["grade"] != "C" or claim["verdict"] == "not-estimable" else f"mixed ({claim['verdict']} in the primary specification)"
        said[claim["id"]] = Markup(env.from_string(text).render(every | {"claim": claim, "d": claim["estimate"]["details"], "verdict": verdict}).strip())
    text = env.get_template("report.md.j2").render(every | quoted.rows(known) | {"captions": rendered, "answers": said})
    return text, {name: {part: str(text) for part, text in parts.items()} for name, parts in rendered.items()}
