"""A change in memory, taken to the verdicts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coalitions import configuration, io, whatif
from coalitions.claims import verdict
from coalitions.estimands import Estimate
from coalitions.inclusion import ScopeError
from coalitions.register import corrected


@pytest.fixture(scope="module")
def study(root):
    schemas = {name: io.read_yaml(root / "workflow" / "schemas" / f"{name}.schema.yaml") for name in ("config", "claims", "multiverse")}
    config, claims, multiverse = (io.read_yaml(root / "config" / f"{name}.yaml") for name in ("config", "claims", "multiverse"))
    return configuration.checked(config, claims, multiverse, schemas, io.read_yaml(root / "workflow" / "schemas" / "panels.yaml"))


@pytest.fixture(scope="module")
def records(root):
    return corrected(io.read_register(root / "data" / "raw"), io.read_yaml(root / "workflow" / "schemas" / "register.yaml"))[0]


@pytest.fixture(scope="module")
def before(records, study):
    return whatif.verdicts_of(whatif.panels_of(records, study.config), study.claims, whatif.settings_of(study.config))


def under(records, study, name, **edit):
    claims = {name: study.claims[name]}
    return whatif.verdicts_of(whatif.panels_of(whatif.edited(records, **edit), study.config), claims, whatif.settings_of(study.config))


def test_without_a_change_the_verdicts_are_the_published_ones(root, before):
    published = io.read_table(root / "results" / "claims" / "verdicts.csv")
    assert before["claim"].tolist() == published["claim"].tolist()
    assert before["verdict"].tolist() == published["verdict"].tolist()
    drawn = before["claim"] == "duplication"  # its null is drawn, here less often
    assert np.allclose(before.loc[~drawn, "theta"], published.loc[~drawn, "theta"], rtol=1e-6, equal_nan=True)


def test_a_later_start_of_the_last_multidimensional_mission_turns_the_claim_of_fact(records, study, before):
    operations = records["operations"]
    kinds = operations["un_kind"].isin(["multidimensional", "transitional-administration"]) & (operations["predecessor_id"] == "") & (operations["status"] != "never-deployed")
    last = operations["operation_id"] == operations[kinds].sort_values("start")["operation_id"].iloc[-1]
    moved = whatif.moved(before, under(records, study, "un-halt", table="operations", rows=last, start="2015"))
    assert moved[["claim", "verdict_before", "verdict_after", "turned"]].to_numpy().tolist() == [["un-halt", "supported", "contradicted", 1]]


def test_an_edit_leaves_the_register_that_it_came_from_alone(register):
    kept = register["memberships"].copy()
    changed = whatif.edited(register, "memberships", register["memberships"]["role"] == "supporter", role="contributor")
    assert (changed["memberships"]["role"] == "supporter").sum() == 0
    assert changed["memberships"].shape == kept.shape
    pd.testing.assert_frame_equal(register["memberships"], kept)
    assert changed["operations"] is register["operations"]


def test_an_edit_of_a_column_that_is_not_there_names_it(register):
    with pytest.raises(KeyError, match=r"memberships\.csv has no column rolle"):
        whatif.edited(register, "memberships", register["memberships"]["role"] == "lead", rolle="contributor")


def test_another_inclusion_rule_reaches_the_panels_and_a_bad_one_is_refused(register, study):
    config = study.config | {"scopes": {"strict": "deployed", "narrow": "deployed and military"}}
    frame = whatif.panels_of(register, config).operations.set_index("operation_id")
    assert frame.loc[frame["scope_strict"] == 1, "deployed"].all()
    assert frame.loc["eurofor-2002", ["scope_strict", "scope_narrow"]].tolist() == [1, 0]
    with pytest.raises(ScopeError):
        whatif.panels_of(register, config | {"scopes": {"strict": "__import__('os')"}})


def test_a_scope_changes_the_primary_specification_where_it_has_one(study):
    other = whatif.under_scope(study.claims, "broad")
    assert all(claim["primary"]["scope"] == "broad" for claim in other.values() if "scope" in claim["primary"])
    assert other["un-halt"]["primary"] == study.claims["un-halt"]["primary"]
    assert study.claims["short-lived"]["primary"]["scope"] == study.config["primary_scope"]


def table(**rows):
    """Lines of verdicts_of: name=(verdict, theta, sesoi)."""
    frame = pd.DataFrame([{"claim": name, "verdict": v, "theta": t, "lower": t - 1, "upper": t + 1, "sesoi": s, "n": 9, "events": 3} for name, (v, t, s) in rows.items()])
    return frame.astype({"theta": float, "lower": float, "upper": float, "sesoi": float})


def test_what_moved_lists_turned_verdicts_first_and_leaves_out_what_stayed():
    nothing = float("nan")
    old = table(same=("supported", 3, 1), far=("supported", 9, 2), near=("inconclusive", 1, 1), fact=("supported", nothing, nothing), same_fact=("supported", nothing, nothing))
    new = table(
        same=("supported", 3 + 1e-12, 1), far=("supported", 5, 2), near=("negligible", 1.01, 1), fact=("contradicted", nothing, nothing), same_fact=("supported", nothing, nothing)
    )
    moved = whatif.moved(old, new)
    assert moved["claim"].tolist() == ["near", "fact", "far"]
    assert moved["turned"].tolist() == [1, 1, 0]
    assert moved["shift"].tolist()[::2] == pytest.approx([0.01, -2.0])
    assert pd.isna(moved["shift"][1])


def test_a_change_of_the_number_of_records_alone_counts_as_a_move():
    old = table(a=("supported", 3, 1))
    assert whatif.moved(old, old.assign(n=8))["claim"].tolist() == ["a"]
    assert whatif.moved(old, old).empty


@given(theta=st.floats(-5, 5), down=st.floats(0.01, 5), up=st.floats(0.01, 5), delta=st.floats(0.01, 12))
def test_turning_points_are_those_of_the_rule(theta, down, up, delta):
    estimate = Estimate(theta, theta - down, theta + up, "", 1, 1, 1.0, "", None, None)
    row = pd.DataFrame([{"claim": "a", "verdict": "", "theta": theta, "lower": theta - down, "upper": theta + up, "sesoi": delta}])
    point = whatif.turning_points(row).iloc[0]
    said = verdict(estimate, delta)
    assert (said in ("supported", "contradicted")) == (pd.notna(point["effect_up_to"]) and delta <= point["effect_up_to"])
    if said not in ("supported", "contradicted"):
        assert (said == "negligible") == (delta > point["negligible_above"])


def test_claims_of_fact_and_without_limits_have_no_turning_point():
    frame = pd.concat([table(a=("supported", 3, 1), fact=("supported", 3, float("nan"))), table(b=("supported", 3, 1)).assign(claim="half", upper=np.nan)])
    assert whatif.turning_points(frame)["claim"].tolist() == ["a"]
