"""The work of the pipeline in one process, without Snakemake: what a cold run is compared with.

`python benchmarks/one_process.py FOLDER` writes into FOLDER and prints seconds by stage as JSON.

Every stage calls the functions that the scripts call, on the same inputs; tables are handed on in memory.
"""

import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "workflow"))
began = time.perf_counter()

import jupytext
import numpy as np  # noqa: F401
import pandas as pd
import pypandoc
import typst
from nbclient import NotebookClient

from coalitions import (
    build,
    catalogue,
    claims,
    codebook,
    configuration,
    delays,
    diversity,
    duration,
    estimands,
    explorer,
    fragmentation,
    io,
    labelled,
    launches,
    mandates,
    models,
    network,
    overlap,
    page,
    recoded,
    reconciliation,
    register,
    reliability,
    report,
    schema,
    sequels,
    subgroups,
    transitions,
    trends,
    turnover,
)
from coalitions.figures import gallery, specification_curve, style, widths

SECONDS = {"import": time.perf_counter() - began}


@contextmanager
def stage(name: str):
    """Adds the seconds of a block to its stage."""
    start = time.perf_counter()
    yield
    SECONDS[name] = SECONDS.get(name, 0.0) + time.perf_counter() - start


def main(out: Path) -> None:
    """Do everything once."""
    config, claim_file, multiverse = (io.read_yaml(ROOT / "config" / f"{name}.yaml") for name in ("config", "claims", "multiverse"))
    fields, published = (io.read_yaml(ROOT / "workflow" / "schemas" / f"{name}.yaml") for name in ("register", "panels"))
    words = ROOT / "workflow" / "report"
    cutoff, scopes = pd.Timestamp(config["cutoff"]), list(config["scopes"])
    tables = schema.published_tables(published, fields, config)
    with stage("verify"):
        raw, faults = register.verified({name: io.read_raw(ROOT / "data" / "raw" / f"{name}.csv") for name in fields["tables"]}, fields, cutoff)
        assert not faults
        gaps = register.gaps(raw)
    with stage("panels"):
        panels = build.all_panels(raw, config["scopes"], config["first_year"], cutoff)
        for name, frame in panels.items():
            table = tables[f"panels/{name}.csv"]
            schema.check_panel(frame, name, table)
            io.write_table(frame, out / f"{name}.csv")
            labelled.write_stata(frame, table["columns"], table["title"], out / f"{name}.dta", cutoff)
            labelled.write_parquet(frame, table["columns"], out / f"{name}.parquet")
        years = build.theatre_operation_years(raw, panels, cutoff)
        bounds = ("start", "end", "start_earliest", "start_latest", "end_earliest", "end_latest")
        operations, spells = (io.read_table(out / f"{name}.csv", dates=bounds) for name in ("operations", "spells"))
        second = build.all_panels(recoded.second(raw), config["scopes"], config["first_year"], cutoff)
        system_years = io.read_table(out / "system_years.csv")
    results = {"panels/operations.csv": operations, "panels/system_years.csv": system_years, "panels/spells.csv": spells, "checks/gaps.csv": gaps}
    with stage("duration"):
        results |= {f"duration/{k}.csv": v for k, v in duration.estimates(spells, scopes, config["survival"], config["confidence"], config["seed"]).items()}
    with stage("models"):
        operation_years = io.read_table(out / "operation_years.csv")
        results |= {f"duration/{k}.csv": v for k, v in models.estimates(spells, operation_years, years, raw["vetoes"], config).items()}
        results["duration/subgroup_km.csv"] = subgroups.curves(spells, scopes, config["confidence"])
    with stage("histories"):
        around = delays.estimates(operations, config["scopes"], cutoff, config["survival"]["start_horizon_days"], config["confidence"])
        around |= sequels.estimates(operations, scopes, cutoff, config["survival"]["recurrence_years"], config["confidence"])
        around |= transitions.estimates(operations, scopes, cutoff, config["confidence"], config["survival"]["permutations"], config["seed"])
        around |= turnover.estimates(io.read_table(out / "memberships.csv", dates=("joined",)), operations, raw["states"], scopes, config["confidence"])
        results |= {f"duration/{k}.csv": v for k, v in around.items()}
    with stage("assessment"):
        results["reliability/agreement.csv"] = reliability.agreement(raw["codings"], config["reliability"]["draws"], config["confidence"], config["seed"])
        years_of = (panels[name] for name in ("operation_years", "memberships", "concurrent_pairs"))
        results["checks/reconciliation.csv"] = reconciliation.table(raw["published_counts"], panels["operations"], *years_of, cutoff)
    study = configuration.resolved(claim_file, multiverse, config["primary_scope"])
    draws, level, seed = config["fragmentation"], config["confidence"], config["seed"]
    read = {name: io.read_table(out / f"{name}.csv", dates=catalogue.DAYS.get(name, ())) for name in ("memberships", "concurrent_pairs", "member_years", "operation_years")}
    members, pairs, organisations = read["memberships"], read["concurrent_pairs"], raw["organisation_members"]
    with stage("fragmentation"):
        numbers = diversity.by_theatre_year(years, scopes)
        apart = {"effective_number": numbers, "effective_number_by_year": diversity.by_year(numbers, years, scopes)}
        apart |= fragmentation.estimates(operations, years, pairs, scopes, cutoff, level)
    with stage("overlap"):
        hormuz = tuple(study["hormuz"]["primary"][name] for name in ("us_led", "european_led"))
        red_sea = claims.specifications(study["red-sea"])
        apart |= overlap.estimates(operations, pairs, members, raw["states"], organisations, scopes, cutoff, draws["permutations"], seed, level, hormuz, red_sea)
    with stage("network"):
        mine = {"operations": operations, "spells": spells, "memberships": members}
        apart |= network.estimates(mine, raw, scopes, config["first_year"], cutoff, level, draws["networks"], draws["permutations"], seed)
        results |= {f"fragmentation/{k}.csv": v for k, v in apart.items()} | {"panels/memberships.csv": members}
    with stage("trends"):
        series = trends.estimates(operations, system_years, scopes, level, 2014)
        series |= launches.estimates(operations, spells, scopes, cutoff, config["first_year"], level, config["survival"]["permutations"], seed)
        series |= mandates.estimates(operations, spells, members, system_years, raw["vetoes"], organisations, raw["states"], scopes, cutoff, level)
        results |= {f"trends/{k}.csv": v for k, v in series.items()}
    with stage("claims"):
        panels_and_raw = {name: raw[name] for name in ("states", "vetoes", "theatres", "organisation_members")} | read
        data = estimands.Panels(operations=operations, spells=spells, system_years=system_years, **panels_and_raw)
        settings = configuration.claim_settings(config)
        other = data.apart(**{name: second[name] for name in catalogue.RECODED})
        functions = {name: estimands.load(claim["estimand"]) for name, claim in study.items()}
        stresses = {name: claims.stressed(claim, functions[name], data, settings, other) for name, claim in study.items()}
    with stage("multiverse"):
        specified = {name: claims.estimated(functions[name], claims.grid(claim), data, settings) for name, claim in study.items()}
        found, judged = claims.family(study, stresses, specified, settings, {})
        results |= {f"claims/{name}.csv": frame for name, frame in judged.items()}
    with stage("figures"):
        names = {"theatres": raw["theatres"].set_index("theatre")["name"].to_dict()}
        names["states"] = raw["states"].drop_duplicates("state", keep="last").set_index("state")["name"].to_dict()
        for name, shown in catalogue.FIGURES.items():
            for drawn, width in widths.forms(name).items():
                figure, _ = gallery.draw(name, [results[path] for path in shown], names, config["primary_scope"], cutoff, width)
                style.save(figure, *(out / "figures" / f"{drawn}.{form}" for form in ("svg", "png", "pdf")))
        for name, result in found.items():
            figure, _ = specification_curve.plot(result, results["claims/multiverse.csv"].query("claim == @name"))
            style.save(figure, *(out / "figures" / f"spec_{name.replace('-', '_')}.{form}" for form in ("svg", "png", "pdf")))
    with stage("report"):
        counted = {"corrections": 0, "tables": {name: {"rows": len(frame)} for name, frame in raw.items()}}
        plain = [json.loads(json.dumps(io._plain(result))) for result in found.values()]
        known = report.values(config, plain, results, counted, {"project": "0"}, io.read_yaml(ROOT / "CITATION.cff"), io.read_yaml(words / "formulas.yaml"))
        text, _ = report.compose({"report.md.j2": (words / "report.md.j2").read_text()}, io.read_yaml(words / "captions.yaml"), io.read_yaml(words / "answers.yaml"), known)
        common = ["--citeproc", f"--lua-filter={words / 'number.lua'}", f"--resource-path={out}:{words}", "--standalone"]
        shown = {path.stem: path.read_text() for path in (out / "figures").glob("*.svg")}
        html = pypandoc.convert_text(text, "html5", "markdown", extra_args=[*common, f"--template={words / 'page.html'}", "--section-divs", "--toc", "--mathml"])
        html = page.filled(page.scoped(html), {name: (words / name).read_text() for name in ("style.css", "report.js")})
        (out / "report.html").write_text(page.pictured(html, shown, {name: page.lean_png((out / "figures" / f"{name}.png").read_bytes()) for name in shown}))
        pypandoc.convert_text(text, "docx", "markdown", outputfile=str(out / "report.docx"), extra_args=common)
        page.inert(explorer.content(raw, operations, fields, config["scopes"], config["cutoff"]))
        typesetting = out / "report.typ"
        typesetting.write_text(pypandoc.convert_text(text, "typst", "markdown", extra_args=common))
        typst.compile(str(typesetting), output=str(out / "report.pdf"), root=str(out), ignore_system_fonts=True)
    with stage("codebook"):
        seen = {f"{name}.csv": codebook.observed(frame) for name, frame in raw.items()} | {path: codebook.observed(frame) for path, frame in results.items()}
        pypandoc.convert_text(codebook.text(fields, tables, config["scopes"], seen), "html5", "markdown", extra_args=["--standalone"])
    with stage("notebook"):
        for source in sorted((ROOT / "notebooks").glob("*.py")):
            where = {"metadata": {"path": str(source.parent)}}
            NotebookClient(jupytext.read(source), timeout=300, kernel_name="python3", resources=where).execute()


if __name__ == "__main__":
    target = Path(sys.argv[1])
    main(target)
    SECONDS["all"] = time.perf_counter() - began
    print(json.dumps(SECONDS))
