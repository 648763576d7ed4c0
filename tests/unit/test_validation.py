"""Synthetic registers hold what their world says, the study on them does not depend on how it is divided, and its tables say what they claim to."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from jinja2 import DictLoader

from coalitions import register, report, schema, simulation, validated, validation, worlds
from coalitions.claims import smallest_effect
from coalitions.configuration import checked
from coalitions.figures import validation as figure
from coalitions.registry import ESTIMANDS
from coalitions.simulation import WorldError

ROOT = Path(__file__).resolve().parents[2]


def content(path: str) -> dict:
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def study() -> validation.Study:
    config, names = content("config/config.yaml"), ("config", "claims", "multiverse")
    found = checked(
        config,
        content("config/claims.yaml"),
        content("config/multiverse.yaml"),
        {n: content(f"workflow/schemas/{n}.schema.yaml") for n in names},
        content("workflow/schemas/panels.yaml"),
    )
    kept = {key: config[key] for key in ("scopes", "cutoff", "first_year", "confidence", "seed")}
    return validation.Study.of(kept | {"claims": found.claims} | config["validation"] | {"permutations": 39})


@pytest.fixture(scope="module")
def synthetic(study) -> dict[str, pd.DataFrame]:
    return simulation.drawn(study.worlds["all-true"], np.random.default_rng(1))


@pytest.fixture(scope="module")
def few(study) -> pd.DataFrame:
    return pd.concat([validation.replicates(study, world, range(2)) for world in worlds.NAMES], ignore_index=True)


@pytest.fixture(scope="module")
def tables(study, few) -> dict[str, pd.DataFrame]:
    big = pd.DataFrame([(number, claim, 0.5 + number / 10) for claim in worlds.AVERAGED for number in range(2)], columns=["replicate", "claim", "theta"])
    return validation.tables(study, few, big)


# ---- The registers -----------------------------------------------------------------------------------------------------------------------------------------------


def test_a_synthetic_register_has_the_form_and_passes_the_guards_of_a_real_one(synthetic):
    known = content("workflow/schemas/register.yaml")
    empty = {name: pd.DataFrame(columns=[f["name"] for f in table["fields"]], dtype=str) for name, table in known["tables"].items()}
    source = {"source_id": "synthetic", "title": "Synthetic", "kind": "dataset", "date_read": "2026-01-01"}
    whole = empty | synthetic | {"sources": pd.DataFrame([source]).reindex(columns=empty["sources"].columns).fillna("")}
    whole = {name: frame.set_axis(range(2, len(frame) + 2)) for name, frame in whole.items()}
    assert register.structural_faults(whole, known) == []
    checks = (
        register.check_days_exist,
        register.check_status,
        register.check_order,
        register.check_identifiers,
        register.check_chains,
        register.check_parts,
        register.check_states,
    )
    assert [fault for check in checks for fault in check(whole)] == []
    cutoff = pd.Timestamp("2026-06-30")
    assert [*register.check_nothing_after(whole, cutoff), *register.check_member_spells(whole, cutoff)] == []


def test_its_panels_have_the_published_form(study, synthetic):
    data, panels = study.panels(synthetic), content("workflow/schemas/panels.yaml")
    config = {"scopes": study.settings["scopes"], "survival": {"tau_years": [10]}}
    published = schema.published_tables(panels, content("workflow/schemas/register.yaml"), config)
    from coalitions.build import OPERATION_COLUMNS, _ordered

    flags = [f"scope_{name}" for name in study.settings["scopes"]]
    shown = {
        "operations": data.operations[[*synthetic["operations"].columns, *OPERATION_COLUMNS, *flags, "chain_id"]], "spells": _ordered(data.spells, flags),
        "memberships": data.memberships, "system_years": data.system_years,
    }  # fmt: skip
    for name, frame in shown.items():
        assert schema.check_panel(frame, name, published[f"panels/{name}.csv"]) == []


def test_it_has_the_size_of_the_real_register(study):
    real = pd.read_csv(ROOT / "results" / "panels" / "operations.csv", usecols=["arrangement", "scope_strict"])
    real = real[real["scope_strict"] == 1]["arrangement"].value_counts()
    for world in study.worlds.values():
        for kind in simulation.KINDS:
            assert simulation.expected(world, kind, "1945-01-01", world.cutoff) == pytest.approx(real[kind], rel=0.2)


def test_the_same_seed_gives_the_same_register_and_parts_give_the_same_replicates(study, few):
    world = study.worlds["none-true"]
    one, other, third = (simulation.drawn(world, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert all(one[name].to_csv() == other[name].to_csv() for name in one)
    assert one["operations"].to_csv() != third["operations"].to_csv()
    alone = validation.replicates(study, "none-true", range(1, 2))
    within = few[(few["world"] == "none-true") & (few["replicate"] == 1)].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, within, check_dtype=False)


# ---- What is true in them ----------------------------------------------------------------------------------------------------------------------------------------


def test_every_claim_with_a_smallest_effect_is_true_by_as_many_of_them_as_the_configuration_says(study):
    effect = content("config/config.yaml")["validation"]["effect"]
    for name, (theta, source) in worlds.truths(study.worlds["all-true"], study.claims).items():
        least = smallest_effect(study.claims[name])
        if source == worlds.FORMULA and least is not None:
            assert theta == pytest.approx(effect * least, rel=0.05 if name == "small" else 1e-6), name  # medians are whole numbers


def test_every_effect_of_the_other_world_is_zero(study):
    assert {name: round(theta, 12) for name, (theta, _) in worlds.truths(study.worlds["none-true"], study.claims).items()} == dict.fromkeys(study.claims, 0.0)


TRIED = [
    "growth", "replacement", "short-lived", "easily-dissolved", "fast", "africa-ct", "un-drawdown", "proponents", "legal-ambiguity", "task-specific", "small", "transitions",
]  # fmt: skip
NULL_TRIED = [*TRIED, "stop-gap", "fragmentation", "gap-filling", "exclusive"]


@pytest.mark.parametrize("world", worlds.NAMES)
def test_a_large_register_gives_back_the_truth(study, world):
    times = 5
    data = study.panels(simulation.drawn(simulation.larger(study.worlds[world], times), np.random.default_rng(11)))
    truth = worlds.truths(study.worlds[world], study.claims)
    for name in TRIED if world == "all-true" else NULL_TRIED:
        claim = study.claims[name]
        found = ESTIMANDS[claim["estimand"]](data, claim["primary"], study.settings | {"seed": 1, "permutations": 0, "details": False})
        wanted = truth[name][0] * (times if name == "un-drawdown" else 1)  # a number of operations, not a share
        error = max((found.upper - found.lower) / 2 / 1.96, 1e-9)
        assert abs(found.theta - wanted) < 4 * error, name


def test_leads_are_of_the_wanted_kind_and_members_are_drawn_by_lot(study):
    world, rng, held = study.worlds["none-true"], np.random.default_rng(2), simulation.states()
    draws = 4000
    members = np.array([simulation._coalition(world, 3, world.european_before, rng) for _ in range(draws)])
    kind = held.kind[members[:, 0]]
    for share, wanted in (((kind < 2).mean(), world.western), ((kind == 0).mean(), world.european_before)):
        assert abs(share - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / draws)
    often = np.bincount(members.ravel(), minlength=len(held.code)) / draws
    assert np.abs(often - 3 / len(held.code)).max() < 5 * np.sqrt(3 / len(held.code) / draws)


def test_a_share_that_no_choice_of_leads_can_give_is_refused():
    with pytest.raises(WorldError, match="coalitions of 3 drawn by lot"):
        simulation.lead_rule(3, 0.1, 0.99)


def test_a_claim_of_the_list_that_the_worlds_do_not_know_is_left_out_of_the_study(study):
    content = {"claims": study.claims | {"new-claim": study.claims["growth"]}, "effect": 1.75, "seed": 1, **study.settings}
    assert set(validation.Study.of(content).claims) == set(study.claims)


def test_a_claim_that_the_worlds_do_not_know_is_refused(study):
    with pytest.raises(WorldError, match=r"know nothing of the claims .*new-claim"):
        worlds.worlds(study.claims | {"new-claim": study.claims["growth"]}, {}, "2026-06-30", 1.75)


def test_the_slope_of_operations_at_work_is_that_of_many_draws(study):
    world = study.worlds["all-true"]
    rng, first, last = np.random.default_rng(3), np.datetime64("2014-01-01").astype(int), np.datetime64(world.cutoff).astype(int)
    years = simulation.years_of(world)
    at_work = np.zeros(last - first + 2)
    draws = 2000
    for _ in range(draws):
        count = rng.poisson(simulation.rates(world, "un") * simulation.observed_days(world) / simulation.DAYS_PER_YEAR)
        year = np.repeat(np.arange(len(years)), count)
        start = simulation._new_year(years)[year].astype(int) + np.floor(rng.random(len(year)) * simulation.observed_days(world)[year]).astype(int)
        stop = start + np.minimum(world.of("scale", "un") * rng.exponential(size=len(year)) ** (1 / simulation.SHAPE), simulation.LONGEST).astype(int) + 1
        np.add.at(at_work, np.clip(start - first, 0, len(at_work) - 1), 1)
        np.add.at(at_work, np.clip(stop - first, 0, len(at_work) - 1), -1)
    slope = -np.polyfit(np.arange(len(at_work) - 1), at_work.cumsum()[:-1] / draws, 1)[0] * simulation.DAYS_PER_YEAR
    assert slope == pytest.approx(worlds.un_slope(world, "2014-01-01", world.cutoff), abs=4 * 0.34 / np.sqrt(draws))


def test_members_of_a_bloc_are_alike_and_companions_share_a_task(study):
    world = replace(study.worlds["all-true"], alike=1.0, beside=0.6, twins=0.4, after=0.0)
    held, rng = simulation.states(), np.random.default_rng(6)
    assert all(len(set(held.bloc[simulation._coalition(world, 6, 0.1, rng)])) == 1 for _ in range(50))
    drafts = np.zeros(len(simulation.years_of(world)), dtype=int)
    events = simulation._events(world, drafts, rng)
    simulation._place(world, events, rng)
    names = np.array([f"x-{i}" for i in range(len(events["start"]))], dtype=object)
    tasks = simulation._tasks(world, events, events["kind"], names, rng).groupby("operation_id")["task"].agg(set)
    beside = np.flatnonzero(events["host"] >= 0)
    assert len(beside) > 30
    assert (events["theatre"][beside] == events["theatre"][events["host"][beside]]).all()
    plain = [i for i in beside if not (events["african_ct"][i] or events["african_ct"][events["host"][i]])]  # theirs is counterterrorism
    assert all(tasks[names[i]] & tasks[names[events["host"][i]]] for i in plain)


# ---- The tables --------------------------------------------------------------------------------------------------------------------------------------------------


def rows_of(claim: str, world: str, lines: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["theta", "lower", "upper", "p", "verdict"])
    return frame.assign(world=world, claim=claim, replicate=range(len(frame)), reason=None)[validation.REPLICATE_COLUMNS]


def test_coverage_counts_the_limits_that_hold_the_truth_and_leaves_out_what_cannot_be_estimated():
    lines = [(1.0, 0.5, 1.5, 0.01, "supported"), (2.0, 1.5, 2.5, 0.01, "supported"), (0.0, -1.0, np.nan, 0.5, "inconclusive"), (np.nan, np.nan, np.nan, np.nan, "not-estimable")]
    claims = {"a": {"sesoi": {"value": 1.0, "scale": "absolute"}}}
    truth = pd.DataFrame([{"world": "all-true", "claim": "a", "true_theta": 1.25, "truth_from": "formula", "truth_se": 0.0}])
    row = validation.coverage_table(rows_of("a", "all-true", lines), truth, claims, 0.95).iloc[0]
    assert (row["replicates"], row["estimable"]) == (4, 3)
    assert row["coverage"] == pytest.approx(2 / 3)  # an open limit covers what lies on its side
    assert row["bias"] == pytest.approx(1.0 - 1.25)
    assert row["coverage_lower"] < 2 / 3 < row["coverage_upper"]


def test_a_truth_without_a_number_has_its_reason_and_no_coverage():
    truth = pd.DataFrame([{"world": "all-true", "claim": "hormuz", "true_theta": np.nan, "truth_from": "none", "truth_se": np.nan}])
    row = validation.coverage_table(rows_of("hormuz", "all-true", [(0.1, 0.0, 0.2, 0.3, "supported")]), truth, {"hormuz": {"sesoi": None}}, 0.95).iloc[0]
    assert np.isnan(row["coverage"])
    assert "navy" in row["reason"]


@pytest.mark.parametrize(
    ("world", "verdict", "what"),
    [
        ("all-true", "supported", "right"),
        ("all-true", "negligible", "wrong"),
        ("none-true", "supported", "wrong"),
        ("none-true", "negligible", "right"),
        ("none-true", "inconclusive", "open"),
    ],
)
def test_a_verdict_is_right_false_or_open(world, verdict, what):
    assert validation.reading(world, verdict) == what


def test_the_tables_have_the_form_that_their_schema_describes(tables):
    described = schema.panel_tables(content("workflow/schemas/validation.yaml"), {}, [], [])
    for name, frame in tables.items():
        assert schema.check_panel(frame, name, described[f"validation/{name}.csv"]) == []


def test_the_shares_of_verdicts_add_up_and_a_refused_fact_is_right_where_nothing_is_true(tables):
    verdicts = tables["verdicts"]
    assert verdicts.groupby(["world", "claim"])["share"].sum().to_numpy() == pytest.approx(1.0)
    refused = verdicts[(verdicts["claim"] == "transitions") & (verdicts["world"] == "none-true") & (verdicts["verdict"] == "contradicted")].iloc[0]
    assert (refused["reading"], refused["share"]) == ("right", 1.0)


def test_errors_of_the_family_count_a_register_once_and_holm_is_stricter():
    claims = {name: {"sesoi": {"value": 1.0, "scale": "absolute"}} for name in "ab"}
    p = {"a": [0.03, 0.01, 0.9, np.nan], "b": [0.04, 0.5, 0.9, np.nan]}
    drawn = pd.concat([rows_of(name, world, [(0.0, -1.0, 1.0, value, "inconclusive") for value in values]) for name, values in p.items() for world in worlds.NAMES])
    errors = validation.error_table(drawn, claims, 0.95).set_index(["world", "claim"])
    family = errors.loc[("none-true", "any")]
    assert family["replicates"] == 3
    assert family["rejected"] == pytest.approx(2 / 3)
    assert family["rejected_holm"] == pytest.approx(1 / 3)  # 0.03 doubled is no longer below 0.05, 0.01 doubled is
    assert errors.loc[("none-true", "a"), "rejected"] == pytest.approx(2 / 3)


def test_the_order_of_replicates_does_not_matter(study, few, tables):
    big = pd.DataFrame([(number, claim, 0.5 + number / 10) for number in (1, 0) for claim in worlds.AVERAGED], columns=["replicate", "claim", "theta"])
    again = validation.tables(study, few.sample(frac=1, random_state=1), big)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(frame, again[name])


def test_other_registers_give_the_truth_that_has_no_formula(study):
    found = validation.averaged(study, range(1))
    assert sorted(found["claim"]) == sorted(worlds.AVERAGED)
    assert found["theta"].notna().all()
    truth = validation.truth_table(study.worlds, study.claims, pd.concat([found, found.assign(theta=found["theta"] + 1)])).set_index(["world", "claim"])
    first = found.set_index("claim")["theta"]
    assert truth.loc[("all-true", "stop-gap"), "true_theta"] == pytest.approx(first["stop-gap"] + 0.5)
    assert truth.loc[("all-true", "stop-gap"), "truth_se"] == pytest.approx(0.5)
    assert truth.loc[("none-true", "stop-gap"), "true_theta"] == 0


# ---- The picture, the report, the record -------------------------------------------------------------------------------------------------------------------------


def test_the_figure_has_a_row_for_each_claim_in_both_worlds(tables, study):
    drawn = figure.plot(tables["coverage"], tables["verdicts"])
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()] == list(study.claims)
    assert len(drawn.axes) == 4


def section(machinery) -> str:
    text = (ROOT / "workflow" / "report" / "report.md.j2").read_text(encoding="utf-8")
    part = text[text.index("# Does the machinery find the truth?") : text.index("# The data\n")]
    return report.environment(DictLoader({"part": part})).get_template("part").render(machinery=machinery, config={"results": "results"})


def test_the_report_says_what_was_found_or_that_nothing_was_tried(tables):
    said = section(validated.values(tables))
    assert "maritime\\-steady" in said
    assert "validation/coverage.svg" in said
    assert validated.values({}) is None
    assert "was not made for this report" in section(None)


def test_the_report_names_claims_that_fall_short(tables):
    coverage = tables["coverage"].copy()
    mine = (coverage["claim"] == "growth") & (coverage["world"] == "none-true")
    coverage.loc[mine, ["coverage", "coverage_lower", "coverage_upper"]] = [0.8, 0.75, 0.84]
    verdicts = tables["verdicts"].copy()
    wrong = (verdicts["claim"] == "growth") & (verdicts["world"] == "none-true") & (verdicts["verdict"] == "supported")
    verdicts["replicates"] = 300
    verdicts.loc[wrong, ["share", "share_lower"]] = [0.2, 0.15]
    known = validated.values(tables | {"coverage": coverage, "verdicts": verdicts})
    assert {"claim": "growth", "coverage": 0.8} in known["short_null"]
    assert {"claim": "growth", "world": "none-true", "share": 0.2} in known["misleading"]


def test_a_study_is_current_until_a_setting_a_claim_or_a_module_changes():
    validate = runpy.run_path(str(ROOT / "workflow" / "validate.py"))
    now = validate["made_with"]()
    assert validate["differences"](now, now) == []
    assert "coalitions/estimands.py" in now["code"]
    changed = now | {"code": now["code"] | {"coalitions/estimands.py": "other"}, "claims": {k: v for k, v in now["claims"].items() if k != "growth"}}
    assert validate["differences"](changed, now) == ["claims: growth", "code: coalitions/estimands.py"]
