"""The configuration: checked as a whole before any job starts."""

import pytest

from coalitions import catalogue, registry
from coalitions.configuration import ConfigError, checked


def faults(files):
    with pytest.raises(ConfigError) as caught:
        checked(**files)
    first, *lines = str(caught.value).splitlines()
    assert first == f"{len(lines)} fault(s) in the configuration:"
    return [line.strip() for line in lines]


def test_the_study_as_it_stands_is_without_fault(study_files):
    study = checked(**study_files)
    assert set(study.claims) == set(study_files["claims"]["claims"])
    assert set(study.figures) == set(catalogue.FIGURES)
    assert set(study.tables) == set(study_files["panels"]["tables"])


def test_the_names_of_estimands_are_those_of_the_functions():
    assert sorted(catalogue.ESTIMANDS) == sorted(registry.ESTIMANDS)


def test_every_figure_shows_published_tables(study_files):
    assert {path for paths in catalogue.FIGURES.values() for path in paths} <= set(study_files["panels"]["tables"])


def _config(**changes):
    return lambda f: f["config"].update(changes)


def _claim(**changes):
    return lambda f: f["claims"]["claims"]["growth"].update(changes)


def _sesoi(value, scale):
    return _claim(sesoi={"value": value, "scale": scale, "reason": "r"})


def _primary(**changes):
    return lambda f: f["claims"]["claims"]["growth"]["primary"].update(changes)


def _rule(rule):
    return lambda f: f["config"]["scopes"].update(new=rule)


FORM = {
    "unknown key": (_config(colour="red"), "config.yaml, (top)", "'colour' was unexpected"),
    "unknown key below": (lambda f: f["config"]["survival"].update(tau=[1]), "config.yaml, survival", "'tau' was unexpected"),
    "missing key": (lambda f: f["config"].pop("seed"), "config.yaml, (top)", "'seed' is a required property"),
    "confidence above one": (_config(confidence=95), "config.yaml, confidence", "95"),
    "cut-off that is no day": (_config(cutoff="today"), "config.yaml, cutoff", "'today'"),
    "absolute path": (_config(results="/etc"), "config.yaml, results", "'/etc'"),
    "path that leaves the project": (_config(register="../elsewhere"), "config.yaml, register", "'../elsewhere'"),
    "path that leaves the project on the way": (_config(results="results/../../x"), "config.yaml, results", "'results/../../x'"),
    "path with a command": (_config(results="results; rm"), "config.yaml, results", "'results; rm'"),
    "path from home": (_config(results="~/results"), "config.yaml, results", "'~/results'"),
    "empty path": (_config(register=""), "config.yaml, register", "''"),
    "no broad scope": (lambda f: f["config"]["scopes"].pop("broad"), "config.yaml, scopes", "'broad' is a required property"),
    "name of a scope that is no name": (lambda f: f["config"]["scopes"].update({"My scope": "True"}), "config.yaml, scopes", "'My scope'"),
    "rule that is no text": (lambda f: f["config"]["scopes"].update(new=True), "config.yaml, scopes.new", "True is not of type 'string'"),
    "claim without a reading": (lambda f: f["claims"]["claims"]["growth"].pop("reading"), "claims.yaml, claims.growth", "'reading' is a required property"),
    "scale of an effect": (_sesoi(1.1, "log"), "claims.yaml, claims.growth.sesoi", "not valid"),
    "value twice in a dimension": (lambda f: f["multiverse"]["dimensions"]["since"].update(values=[1945, 1945]), "multiverse.yaml, dimensions.since.values", "non-unique"),
    "dimension without a value": (lambda f: f["multiverse"]["dimensions"]["since"].update(values=[]), "multiverse.yaml, dimensions.since.values", "[]"),
}

CONTENT = {
    "rule that calls": (_rule("open('x')"), "config.yaml, scopes.new", "not allowed in an inclusion rule"),
    "rule that does not parse": (_rule("deployed and"), "config.yaml, scopes.new", "does not parse"),
    "rule that names no column": (_rule("colour == 'red'"), "config.yaml, scopes.new", "colour is no column"),
    "primary scope": (_config(primary_scope="narrow"), "config.yaml, primary_scope", "'narrow' is not one of the scopes"),
    "unknown estimand": (_claim(estimand="hazard"), "claims.yaml, growth.estimand", "there are active_slope, coalition_likeness"),
    "unknown figure": (_claim(figure="fig99"), "claims.yaml, growth.figure", "no figure 'fig99'"),
    "unknown table": (_claim(table="trends/other.csv"), "claims.yaml, growth.table", "no published table 'trends/other.csv'"),
    "effect of zero": (_sesoi(0, "absolute"), "claims.yaml, growth.sesoi.value", "wrong sign"),
    "negative effect": (_sesoi(-1, "absolute"), "claims.yaml, growth.sesoi.value", "wrong sign"),
    "ratio of one": (_sesoi(1, "ratio"), "claims.yaml, growth.sesoi.value", "wrong sign"),
    "ratio below one": (_sesoi(0.9, "ratio"), "claims.yaml, growth.sesoi.value", "wrong sign"),
    "long quotation": (_claim(claim={"quotation": "word " * 21, "where": "p. 1"}), "claims.yaml, growth.claim.quotation", "more than 20 words"),
    "unknown dimension": (lambda f: f["claims"]["claims"]["growth"]["dimensions"].append("weather"), "claims.yaml, growth.dimensions", "'weather' is not in multiverse.yaml"),
    "dimension without a primary value": (lambda f: f["claims"]["claims"]["growth"]["primary"].pop("since"), "claims.yaml, growth.dimensions.since", "does not set it"),
    "primary value outside its dimension": (_primary(since=1946), "claims.yaml, growth.dimensions.since", "1946"),
    "dimension that no claim uses": (lambda f: f["multiverse"]["dimensions"].update(idle={"description": "d", "values": [1]}), "multiverse.yaml, idle", "no claim uses it"),
}


@pytest.mark.parametrize("name", [*FORM, *CONTENT])
def test_a_fault_is_reported_alone_with_its_place(name, study_files):
    change, place, words = (FORM | CONTENT)[name]
    change(study_files)
    (line,) = faults(study_files)
    assert line.startswith(f"{place}: ")
    assert words in line


def test_an_unknown_scope_of_a_claim_is_reported(study_files):
    study_files["claims"]["claims"]["growth"]["primary"]["scope"] = "narrow"
    assert any("growth: scope 'narrow' is not in config.yaml" in line for line in faults(study_files))


def _all(files, cases):
    for name in cases:
        cases[name][0](files)


def test_all_faults_of_form_are_reported_at_once(study_files):
    cases = {name: FORM[name] for name in ("unknown key", "confidence above one", "absolute path", "claim without a reading", "value twice in a dimension")}
    _all(study_files, cases)
    lines = faults(study_files)
    assert len(lines) == len(cases)
    assert all(any(line.startswith(place) and words in line for line in lines) for _, place, words in cases.values())


def test_all_faults_of_content_are_reported_at_once(study_files):
    cases = {
        name: CONTENT[name]
        for name in ("rule that calls", "primary scope", "unknown estimand", "unknown figure", "ratio below one", "unknown dimension", "dimension that no claim uses")
    }
    _all(study_files, cases)
    lines = faults(study_files)
    assert len(lines) == len(cases)
    assert all(any(line.startswith(place) and words in line for line in lines) for _, place, words in cases.values())


def test_faults_of_form_in_one_file_do_not_hide_faults_of_content_in_another(study_files):
    _all(study_files, {"a": FORM["unknown key"], "b": CONTENT["unknown estimand"]})
    assert len(faults(study_files)) == 2


@pytest.mark.parametrize("cutoff", ["2026-13-45", "2026-02-30"])
def test_a_cut_off_that_does_not_exist_is_a_fault(cutoff, study_files):
    study_files["config"]["cutoff"] = cutoff
    assert faults(study_files)


def test_a_cut_off_before_the_first_year_is_a_fault(study_files):
    study_files["config"]["cutoff"] = "1940-01-01"
    assert faults(study_files)


def test_a_rule_over_a_column_that_does_not_exist_yet_is_a_fault(study_files):
    study_files["config"]["scopes"]["new"] = "chain_id == 'a'"
    assert faults(study_files)


def test_a_value_that_an_estimand_does_not_know_is_a_fault(study_files):
    study_files["multiverse"]["dimensions"]["family"]["values"].append("quasi")
    assert faults(study_files)


def test_a_hostile_value_is_quoted_in_the_message(study_files):
    study_files["config"]["results"] = "a\nb"
    (line,) = faults(study_files)
    assert "'a\\nb'" in line
