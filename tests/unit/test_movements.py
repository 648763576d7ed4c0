"""What moved between two states of the project, why, and how it is said."""

import copy
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess

import pytest
import yaml

from coalitions import comparison, movements, reasons
from coalitions.configuration import ConfigError, claim_settings, overridden, overrides

CONFIG = {
    "register": "data/raw", "results": "results", "cutoff": "2026-06-30", "first_year": 1945, "scopes": {"strict": "deployed", "broad": "True"}, "primary_scope": "strict",
    "confidence": 0.95, "seed": 1, "robustness": {"date_draws": 200}, "survival": {"within_years": [1, 3], "permutations": 2000, "tau_years": [5]},
}  # fmt: skip
CLAIMS = {
    "short-lived": {
        "estimand": "rmst_difference", "sesoi": {"value": 1.0, "scale": "absolute", "reason": "a mandate"}, "primary": {"scope": "primary", "tau_years": 10},
        "dimensions": ["scope", "tau_years"], "reading": "AHCs live shorter",
    },
    "small": {"estimand": "size_ratio", "sesoi": {"value": 1.25, "scale": "ratio", "reason": "a fifth"}, "primary": {"scope": "strict"}, "dimensions": ["scope"], "reading": "AHCs are small"},
}  # fmt: skip
MULTIVERSE = {"dimensions": {"scope": {"values": ["strict", "broad"]}, "tau_years": {"values": [5, 10]}}}
OPERATIONS = "operation_id,start,end\nalba-1997,1997-04-15,1997-08-11\nimsc-2019,2019-09,\n"
MEMBERSHIPS = "operation_id,state,joined\nalba-1997,ITA,\nalba-1997,FRA,\n"
VERDICTS = (
    "claim,verdict,reported,grade,theta,lower,upper,sesoi,n,events,p,p_holm\n"
    "short-lived,inconclusive,inconclusive,B,0.51,-0.64,1.66,1,198,156,0.38,0.9\n"
    "small,supported,supported,B,1.53,1.16,1.79,0.22314,100,,0.001,0.01\n"
)
SUMMARY = "scope,arrangement,n,rmst_5,p\nstrict,ahc,129,2.5,0.1\nstrict,un,69,3.1,0.2\n"
KEYS = {
    "register": {"operations": ["operation_id"], "memberships": ["operation_id", "state", "joined"]},
    "results": {"panels/operations.csv": ["operation_id"], "panels/memberships.csv": ["operation_id", "state", "joined"], "duration/summary.csv": ["scope", "arrangement"]},
}
HOMES = {"rmst_difference": "estimands", "size_ratio": "estimands_network"}
CODE = {
    "coalitions/__init__.py": "", "coalitions/claims.py": "from coalitions import registry", "coalitions/registry.py": "from coalitions import estimands, estimands_network",
    "coalitions/estimands.py": "from coalitions import survival", "coalitions/survival.py": "", "coalitions/sizes.py": "", "coalitions/overlap.py": "",
    "coalitions/estimands_network.py": "from coalitions import sizes, estimands", "scripts/stress_claim.py": "from coalitions import claims",
}  # fmt: skip


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def state(config=CONFIG, claims=CLAIMS, results=None, **files: str) -> dict:
    """A tiny project with current results; files by name with __ for the slash and without suffix replace those of it."""
    texts = {
        "register/operations.csv": OPERATIONS, "register/memberships.csv": MEMBERSHIPS, "results/panels/operations.csv": OPERATIONS, "results/panels/memberships.csv": MEMBERSHIPS,
        "results/panels/spells.csv": "", "results/panels/system_years.csv": "", "results/claims/verdicts.csv": VERDICTS, "results/duration/summary.csv": SUMMARY,
        "config/config.yaml": yaml.safe_dump(config), "config/claims.yaml": yaml.safe_dump({"claims": claims}, sort_keys=False), "config/multiverse.yaml": yaml.safe_dump(MULTIVERSE),
        **{f"workflow/{name}": text for name, text in CODE.items()},
    }  # fmt: skip
    texts["results/checks/register.json"] = json.dumps({"tables": {name: {"sha256": sha(texts[f"register/{name}.csv"])} for name in ("operations", "memberships")}})
    for name, claim in (results or claims).items():
        primary = claim["primary"] | ({"scope": config["primary_scope"]} if claim["primary"]["scope"] == "primary" else {})
        settings = {key: config[key] for key in ("cutoff", "confidence", "seed")} | {"permutations": config["survival"]["permutations"]}
        texts[f"results/claims/{name}.json"] = json.dumps(
            {
                "estimand": claim["estimand"],
                "sesoi": claim["sesoi"],
                "primary": primary,
                "settings": settings,
                "date_draws": {"draws": config["robustness"]["date_draws"]},
                "provenance": {"inputs": {"operations": sha(OPERATIONS)}},
            }
        )
    texts |= {next(full for full in texts if full.rsplit(".", 1)[0] == name.replace("__", "/")): text for name, text in files.items()}
    return {"name": "state", "config": config, "files": {name: text.encode() for name, text in texts.items()}}


def compared(before: dict, after: dict) -> dict:
    return comparison.compared(before, after, KEYS, HOMES)


FLIPPED = VERDICTS.replace("inconclusive,inconclusive,B,0.51,-0.64,1.66", "supported,mixed,C,1.51,0.36,2.66")


def test_nothing_moves_between_equal_states():
    found = compared(state(), state())
    assert (found["claims"], found["tables"], found["unexplained"], found["stale"], found["reached_not_moved"]) == ([], [], [], [], {})
    assert found["unmoved"] == ["short-lived", "small"]
    assert "0 claims moved, 0 with another verdict; 2 claims did not move." in comparison.text(found)


def test_a_flipped_verdict_is_measured_in_smallest_effects_and_standard_errors():
    edited = OPERATIONS.replace("1997-08-11", "1998-08-11")
    found = compared(state(), state(results__claims__verdicts=FLIPPED, results__panels__operations=edited, register__operations=edited))
    (claim,) = found["claims"]
    assert (claim["claim"], claim["before"]["verdict"], claim["after"]["verdict"], claim["after"]["grade"], claim["also"]) == ("short-lived", "inconclusive", "supported", "C", [])
    assert claim["shift"] == pytest.approx(1.0)
    assert claim["shift_sesoi"] == pytest.approx(1.0)
    assert claim["shift_se"] == pytest.approx(1.0 / (2.30 / (2 * 1.959963985)))
    assert found["unexplained"] == []
    assert found["why"]["reached"]["short-lived"] == {"tables": ["operations (alba-1997)"]}
    assert found["why"]["register"] == [{"table": "operations", "kind": "changed", "line": "alba-1997", "column": "end", "before": "1997-08-11", "after": "1998-08-11"}]
    said = comparison.text(found)
    assert "1 claim moved, 1 with another verdict; 1 claim did not move." in said
    assert re.search(r"→ +mixed \(supported\) +C +1\.51 +\[0\.36, 2\.66\] +1\.000 +1\.704", said)
    assert "operations.csv, alba-1997: end: 1997-08-11 → 1998-08-11" in said
    assert "REACHED, NOT MOVED\n  small ← tables: operations (alba-1997)" in said


def test_another_adjusted_p_value_and_a_last_digit_move_no_claim():
    found = compared(state(), state(results__claims__verdicts=VERDICTS.replace("0.38,0.9", "0.3800000000001,0.7")))
    assert found["claims"] == []


def test_a_share_of_specifications_that_moved_is_said_though_the_estimate_stays():
    found = compared(state(), state(results__claims__verdicts=VERDICTS.replace("198,156", "197,156")))
    assert [(c["claim"], c["shift"], c["also"]) for c in found["claims"]] == [("short-lived", 0.0, ["n"])]
    assert "short-lived: n moved, too" in comparison.text(found)


def test_a_small_shift_is_printed_with_as_many_digits_as_show_it():
    found = compared(state(), state(results__claims__verdicts=VERDICTS.replace("0.51,-0.64", "0.5104,-0.6396")))
    assert re.search(r"short-lived .* 0\.5100 +\[−0\.6400, 1\.6600\]\n→ .* 0\.5104 +\[−0\.6396, 1\.6600\] +0\.000 +0\.001", comparison.text(found))


def test_a_claim_that_moved_without_a_reason_is_flagged_loudly():
    found = compared(state(), state(results__claims__verdicts=FLIPPED))
    assert found["unexplained"] == ["short-lived"]
    assert "!! MOVED WITHOUT A REASON: short-lived." in comparison.text(found)
    assert "MOVED WITHOUT A REASON" in comparison.markdown(found)


def test_a_panel_that_moved_by_itself_explains_nothing():
    edited = OPERATIONS.replace("1997-08-11", "1998-08-11")
    moved = state(results__claims__verdicts=FLIPPED, results__panels__operations=edited)
    assert compared(state(), moved)["unexplained"] == ["short-lived"]


def test_estimates_that_moved_without_any_input_are_flagged():
    found = compared(state(), state(results__duration__summary=SUMMARY.replace("2.5", "2.6")))
    assert "!! ESTIMATES MOVED WITHOUT A REASON" in comparison.text(found)


def test_claims_that_come_and_go_are_named():
    one = {"short-lived": CLAIMS["short-lived"]}
    less = state(claims=one, results__claims__verdicts="\n".join(VERDICTS.split("\n")[:2]) + "\n")
    added, removed = compared(less, state()), compared(state(), less)
    assert [(c["claim"], c["status"], c["before"]) for c in added["claims"]] == [("small", "added", None)]
    assert [(c["claim"], c["status"], c["after"]) for c in removed["claims"]] == [("small", "removed", None)]
    assert added["why"]["claims"] == [{"claim": "small", "kind": "added"}]
    assert added["unexplained"] == removed["unexplained"] == []
    assert "1 claim added" in comparison.text(added)
    assert "claims.yaml, entries removed: small" in comparison.text(removed)


def test_the_largest_change_of_a_table_is_that_of_an_estimate_not_of_its_p_value():
    moved = SUMMARY.replace("129,2.5,0.1", "128,2.6,0.9") + "broad,un,80,3.2,0.3\n"
    (table,) = compared(state(), state(results__duration__summary=moved))["tables"]
    assert (table["table"], table["lines"], table["moved"], table["added"], table["removed"]) == ("duration/summary.csv", 3, 1, 1, 0)
    assert (table["largest"]["line"], table["largest"]["column"], table["largest"]["after"]) == ("strict | ahc", "rmst_5", "2.6")
    assert table["largest"]["relative"] == pytest.approx(0.1 / 2.6)


def test_rows_of_the_register_are_listed_by_their_key_and_a_long_list_is_cut():
    more = MEMBERSHIPS.replace("alba-1997,FRA,", "alba-1997,FRA,1997-05") + "".join(f"imsc-2019,S{i:02d},\n" for i in range(30))
    found = compared(state(), state(register__memberships=more))
    kinds = [row["kind"] for row in found["why"]["register"]]
    assert (kinds.count("added"), kinds.count("removed")) == (31, 1)  # the day of joining is part of the key
    said = comparison.text(found)
    assert "memberships.csv, alba-1997 | FRA | 1997-05: line added" in said
    assert said.count("line added") <= comparison.ROWS
    assert "and 13 more changes of memberships.csv" in said


def test_lines_with_the_same_key_are_told_apart():
    one, two = movements.text_table(b"a,b\nx,1\nx,2\n"), movements.text_table(b"a,b\nx,1\nx,3\n")
    found = movements.lines(one, two, ["a"])
    assert found.cells[["line", "column", "before", "after"]].to_numpy().tolist() == [["x (2)", "b", "2", "3"]]


def test_columns_that_come_and_go_and_a_key_that_is_gone_do_not_break_the_comparison():
    found = movements.lines(movements.text_table(b"a,b\nx,1\n"), movements.text_table(b"b,c\n1,2\n2,3\n"), ["a"])
    assert (found.columns_added, found.columns_removed, found.added, found.moved) == (["c"], ["a"], ["line 3"], [])


def edited_claims(**fields) -> dict:
    claims = copy.deepcopy(CLAIMS)
    claims["short-lived"] |= fields
    return claims


def test_an_edited_smallest_effect_reaches_its_claim_and_an_edited_word_none():
    other = edited_claims(sesoi={"value": 2.0, "scale": "absolute", "reason": "two mandates"}, reading="Other words")
    found = compared(state(), state(claims=other))
    assert found["reached_not_moved"] == {"short-lived": {"entry": ["sesoi.value 1.0 → 2.0"]}}
    assert {c["key"] for c in found["why"]["claims"]} == {"sesoi.value", "sesoi.reason", "reading"}
    assert compared(state(), state(claims=edited_claims(reading="Other words")))["reached_not_moved"] == {}


def test_another_primary_scope_reaches_the_claims_that_follow_it():
    found = compared(state(), state(config=CONFIG | {"primary_scope": "broad"}))
    assert found["reached_not_moved"] == {"short-lived": {"entry": ["primary.scope strict → broad"]}}
    assert found["why"]["run"] == []
    assert "config, primary_scope: strict → broad" in comparison.text(found)


def test_a_setting_of_one_run_is_read_from_the_results():
    run = state(results=edited_claims(primary={"scope": "broad", "tau_years": 10}), results__claims__verdicts=FLIPPED)
    found = compared(state(), run)
    assert found["why"]["run"] == [{"key": "primary.scope", "before": "strict", "after": "broad", "claims": ["short-lived"]}]
    assert found["unexplained"] == []
    assert found["stale"] == ["primary.scope is broad in the results, strict in config/ (short-lived)"]


def test_a_setting_that_is_in_the_configuration_is_said_once():
    found = compared(state(), state(config=CONFIG | {"robustness": {"date_draws": 20}}))
    assert found["why"]["run"] == []
    assert found["reached_not_moved"]["small"] == {"settings": ["robustness.date_draws"]}
    assert reasons.stale(state() | {"config": CONFIG | {"robustness": {"date_draws": 20}}}) == ["robustness.date_draws is 200 in the results, 20 in config/ (short-lived, small)"]


def test_the_folder_of_the_results_is_no_input():
    assert compared(state(), state(config=CONFIG | {"results": "elsewhere"}))["why"]["config"] == []


@pytest.mark.parametrize(
    ("module", "claims"),
    [("survival", ["short-lived", "small"]), ("sizes", ["small"]), ("estimands_network", ["small"]), ("overlap", []), ("claims", ["short-lived", "small"])],
)
def test_a_module_reaches_the_claims_that_run_through_it(module, claims):
    found = compared(state(), state(**{f"workflow__coalitions__{module}": f"{CODE[f'coalitions/{module}.py']}\nX = 1"}))
    assert found["why"]["code"] == [{"file": f"workflow/coalitions/{module}.py", "kind": "changed"}]
    assert list(found["reached_not_moved"]) == claims


def test_a_claim_reads_the_memberships_as_a_panel_and_only_if_its_estimand_does():
    edited = MEMBERSHIPS.replace("ITA", "ESP")
    found = compared(state(), state(register__memberships=edited, results__panels__memberships=edited))
    assert list(found["reached_not_moved"]) == ["small"]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (state(register__operations=OPERATIONS + "x-2020,2020,\n") | {}, ["register: operations.csv"]),
        (state(results__panels__operations=OPERATIONS + "x-2020,2020,\n"), ["table: panels/operations.csv"]),
        (state(config=CONFIG | {"seed": 2}, claims=CLAIMS), []),
    ],
)
def test_results_that_are_older_than_their_inputs_are_told(after, said):
    if said and said[0].startswith("register"):
        after["files"]["results/checks/register.json"] = state()["files"]["results/checks/register.json"]
    found = compared(state(), after)
    assert found["stale"] == said
    assert ("Rebuild: make" in comparison.text(found)) == bool(said)


def test_an_edited_entry_or_setting_that_was_not_run_is_told():
    edited = state(claims=edited_claims(sesoi={"value": 2.0, "scale": "absolute", "reason": "a mandate"}), results=CLAIMS)
    assert reasons.stale(edited) == ["sesoi.value is 1.0 in the results, 2.0 in config/ (short-lived)"]
    later = state() | {"config": CONFIG | {"cutoff": "2026-12-31"}}
    assert reasons.stale(later) == ["cutoff is 2026-06-30 in the results, 2026-12-31 in config/ (short-lived, small)"]


def test_a_module_that_the_results_were_not_made_with_is_told():
    after = state()
    result = json.loads(after["files"]["results/claims/small.json"])
    result["provenance"]["code"] = {"workflow/coalitions/sizes.py": sha(""), "workflow/coalitions/survival.py": sha("old")}
    after["files"]["results/claims/small.json"] = json.dumps(result).encode()
    assert reasons.stale(after) == ["module: survival.py"]


def test_a_smallest_effect_with_more_digits_than_are_published_is_not_stale():
    third = edited_claims(sesoi={"value": 1 / 3, "scale": "absolute", "reason": "a third"})
    rounded = edited_claims(sesoi={"value": 0.3333333333, "scale": "absolute", "reason": "a third"})
    assert reasons.stale(state(claims=third, results=rounded)) == []


def test_no_line_is_wider_than_the_terminal():
    long = "scope,arrangement,n,rmst_5,p\n" + f"strict,{'a word and ' * 30},1,2.5,0.1\n"
    edited = OPERATIONS + "".join(f"operation-{i}-2020,2020,\n" for i in range(40))
    before = state(results__duration__summary=long)
    after = state(results__duration__summary=long.replace("2.5", "2.7"), results__claims__verdicts=FLIPPED, register__operations=edited, results__panels__operations=edited)
    assert max(map(len, comparison.text(compared(before, after)).split("\n"))) <= 120


def test_text_of_the_register_cannot_become_markup_of_a_change_request():
    edited = OPERATIONS.replace("1997-08-11", "[x](http://example.org) <b>")
    said = comparison.markdown(compared(state(), state(register__operations=edited, results__panels__operations=edited)))
    assert "[x](" not in said
    assert "<b>" not in said


def test_the_settings_that_move_claims_are_those_that_they_are_estimated_with():
    found = claim_settings({"survival": dict.fromkeys(("within_years", "permutations")), "robustness": {"date_draws": None}} | CONFIG)
    assert {key.rpartition(".")[2] for key in reasons.SETTINGS} == set(found)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["robustness.date_draws=50", "primary_scope=broad"], {"robustness": {"date_draws": 50}, "primary_scope": "broad"}),
        (["robustness={'date_draws': 50}"], {"robustness": {"date_draws": 50}}),
        (["cutoff=2025-12-31", "confidence=0.9"], {"cutoff": "2025-12-31", "confidence": 0.9}),
        (["survival.tau_years=[5, 10]", "survival.permutations=0"], {"survival": {"tau_years": [5, 10], "permutations": 0}}),
        (["scopes.mine=deployed and not nested"], {"scopes": {"mine": "deployed and not nested"}}),
    ],
)
def test_settings_for_one_run_keep_their_types(given, read):
    assert overrides(given) == read


@pytest.mark.parametrize("given", [["primary_scope"], ["=broad"], ["primary_scope=broad", "primary_scope.x=1"]])
def test_a_setting_that_cannot_be_read_is_refused(given):
    with pytest.raises(ConfigError, match=r"key=value|already set"):
        overrides(given)


def test_a_nested_setting_leaves_its_neighbours():
    assert overridden(CONFIG, overrides(["survival.permutations=0"]))["survival"] == CONFIG["survival"] | {"permutations": 0}
    assert CONFIG["survival"]["permutations"] == 2000


def test_a_folder_with_the_verdicts_alone_has_lost_no_table():
    alone = state()
    del alone["files"]["results/duration/summary.csv"]
    assert compared(state(), alone)["tables"] == []


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("what-if/claims/verdicts.csv", "results/claims/verdicts.csv"), ("my/register/operations.csv", "register/operations.csv"), ("results/claims/verdicts.csv", None),
        ("what-if/figures/fig01.csv", None), ("what-if/report/report.html", None), ("workflow/coalitions/io.py", "workflow/coalitions/io.py"), ("notebooks/01.py", None),
    ],
)  # fmt: skip
def test_files_are_named_by_the_folders_of_the_configuration(path, known):
    assert movements.known_as({"register": "./my/register", "results": "what-if"})(path) == known


# The command, on a project of a few files under git.


@pytest.fixture
def command(root, tmp_path, monkeypatch):
    """The command with a tiny project of its own in the place of this one."""
    if not shutil.which("git"):
        pytest.skip("git is not installed")
    spec = importlib.util.spec_from_file_location("compare_results", root / "workflow" / "compare_results.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROOT", tmp_path / "repository" / "project")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    shutil.copytree(root / "workflow" / "schemas", module.ROOT / "workflow" / "schemas")
    written(module.ROOT, state())
    return module


def written(folder, content: dict) -> None:
    for name, text in content["files"].items():
        path = folder / (name if not name.startswith("register/") else f"data/raw/{name[9:]}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def git(folder, *arguments: str) -> str:
    done = subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def committed(command):
    """The same, committed; the project is a folder of the repository."""
    git(command.ROOT.parent, "init", "-q")
    git(command.ROOT.parent, "add", "-A")
    git(command.ROOT.parent, "commit", "-qm", "first")
    return command


def test_the_command_compares_the_folder_with_a_revision(committed, capsys, tmp_path):
    edited = OPERATIONS.replace("1997-08-11", "1998-08-11")
    written(committed.ROOT, state(results__claims__verdicts=FLIPPED, results__panels__operations=edited, register__operations=edited))
    assert committed.main(["HEAD", "--json", str(tmp_path / "found.json")]) == 0
    said = capsys.readouterr().out
    assert re.search(r"HEAD \([0-9a-f]{7}\) → now: 1 claim moved, 1 with another verdict; 1 claim did not move\.", said)
    assert "operations.csv, alba-1997: end: 1997-08-11 → 1998-08-11" in said
    assert [c["claim"] for c in json.loads((tmp_path / "found.json").read_text())["claims"]] == ["short-lived"]
    assert committed.main(["--markdown"]) == 0
    assert "### Claims" in capsys.readouterr().out


@pytest.mark.parametrize("revision", ["nosuch", "-x", "HEAD~1", ""])
def test_an_unknown_revision_is_one_line(committed, capsys, revision):
    assert committed.main(["--", revision]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"There is no revision {revision!r} here." in said


def test_a_revision_without_results_is_one_line(command, capsys):
    git(command.ROOT.parent, "init", "-q")
    git(command.ROOT.parent, "add", "project/config")
    git(command.ROOT.parent, "commit", "-qm", "first")
    assert command.main([]) == 2
    assert capsys.readouterr().err == "HEAD holds no results (results/claims/verdicts.csv is not in it).\n"


def test_a_repository_without_the_project_is_one_line(command, capsys):
    git(command.ROOT.parent, "init", "-q")
    git(command.ROOT.parent, "commit", "-qm", "first", "--allow-empty")
    assert command.main([]) == 2
    assert capsys.readouterr().err == "HEAD does not hold this project (config/config.yaml is not in it).\n"


def test_a_project_outside_git_is_one_line(command, capsys):
    assert command.main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("This project is not a git checkout")
    assert said.count("\n") == 1


def test_a_project_without_results_is_one_line(committed, capsys):
    (committed.ROOT / "results" / "claims" / "verdicts.csv").unlink()
    assert committed.main([]) == 2
    assert capsys.readouterr().err == "There are no results yet (results/claims/verdicts.csv is missing): make.\n"


def test_a_shallow_clone_says_how_to_get_the_rest(committed, capsys, tmp_path, monkeypatch):
    git(committed.ROOT.parent, "commit", "-qm", "second", "--allow-empty")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{committed.ROOT.parent}", "shallow")
    monkeypatch.setattr(committed, "ROOT", tmp_path / "shallow" / "project")
    assert committed.main(["HEAD~1"]) == 2
    assert "this clone is shallow: git fetch --unshallow" in capsys.readouterr().err
    assert committed.main(["HEAD"]) == 0
