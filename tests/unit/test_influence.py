"""What is left of an estimate without one operation or one theatre."""

import pandas as pd
import pytest

from coalitions import build, claims, influence
from coalitions.estimands import Estimate, Panels


def of(panels) -> Panels:
    return Panels(**{name: panels[name] for name in ("operations", "spells", "system_years", "memberships")})


def estimate(theta, records=(), holds=None):
    return Estimate(theta, None if theta is None else theta - 1, None if theta is None else theta + 1, "unit", 3, 1, 1.0, "test", None, None, holds=holds, records=list(records))


@pytest.mark.parametrize("gone", [["alpha-force-2001", "beta-force-2003"], ["unmat-1999"], ["gulf-watch-1987", "eurofor-2002"], []])
def test_what_is_left_is_what_a_register_without_them_would_give(register, panels, rules, cutoff, gone):
    fewer = {name: frame[~frame["operation_id"].isin(gone)] if "operation_id" in frame else frame for name, frame in register.items()}
    for name in ("parent_id", "predecessor_id", "successor_id"):
        fewer["operations"] = fewer["operations"].assign(**{name: fewer["operations"][name].where(~fewer["operations"][name].isin(gone), "")})
    rebuilt = build.all_panels(fewer, rules, 1985, cutoff)
    left = influence.leaver(of(panels), cutoff)(gone)
    assert left.operations["operation_id"].tolist() == rebuilt["operations"]["operation_id"].tolist()
    pd.testing.assert_frame_equal(left.spells, rebuilt["spells"].reset_index(drop=True), check_dtype=False)
    kept = left.system_years.columns
    pd.testing.assert_frame_equal(left.system_years, rebuilt["system_years"][kept], check_dtype=False)
    assert left.memberships["membership_id"].tolist() == rebuilt["memberships"]["membership_id"].tolist()


def test_members_of_system_years_are_not_kept_as_they_would_be_wrong(panels, cutoff):
    left = influence.leaver(of(panels), cutoff)(["gulf-watch-1987"]).system_years
    assert not [name for name in left if "memberships" in name or "distinct" in name]


def test_nobody_succeeds_or_precedes_what_is_left_out(panels, cutoff):
    left = influence.leaver(of(panels), cutoff)(["eurofor-2002"]).operations.set_index("operation_id")
    assert pd.isna(left.loc["unmat-1999", "successor_id"])


def test_a_chain_is_left_out_with_every_name_it_had_whichever_of_them_is_a_record(panels):
    for record in ("alpha-force-2001", "beta-force-2003"):
        assert influence.units(panels["operations"], [record])["operation"] == {"alpha-force-2001": ["alpha-force-2001", "beta-force-2003"]}


def test_a_theatre_takes_every_deployed_operation_whose_main_theatre_it_is(panels):
    found = influence.units(panels["operations"], ["alpha-force-2001"])["theatre"]
    assert found == {"AFG": ["alpha-force-2001", "beta-force-2003"]}  # paper-force-2015 never deployed


def counted(data, spec, settings):
    """The number of spells, so that every one that is left out takes one away."""
    return estimate(float(len(data.spells)), data.spells["spell_id"])


def test_every_record_is_left_out_once_by_operation_and_by_theatre(panels, cutoff):
    data = of(panels)
    rows = influence.left_out(counted, data, {}, counted(data, {}, {}), {"cutoff": str(cutoff.date())})
    frame = pd.DataFrame(rows)
    assert frame.loc[frame["kind"] == "operation", "left_out"].tolist() == ["alpha-force-2001", "eurofor-2002", "gulf-watch-1987", "unmat-1999"]
    assert (frame.loc[frame["kind"] == "operation", "theta"] == len(data.spells) - 1).all()
    assert frame.loc[frame["left_out"] == "TLS", "theta"].tolist() == [len(data.spells) - 2]


def test_nothing_is_left_out_of_what_is_not_estimable(panels, cutoff):
    assert influence.left_out(counted, of(panels), {}, estimate(None, ["unmat-1999"]), {"cutoff": str(cutoff.date())}) == []


def test_the_summary_names_what_moves_most_and_everything_that_flips_the_verdict():
    rows = [
        {"kind": "operation", "left_out": "a", "theta": 1.9, "lower": 1.0, "upper": 3.0, "holds": None, "n": 9, "reason": None},
        {"kind": "operation", "left_out": "b", "theta": 0.5, "lower": -0.5, "upper": 1.5, "holds": None, "n": 9, "reason": None},
        {"kind": "theatre", "left_out": "T", "theta": None, "lower": None, "upper": None, "holds": None, "n": 0, "reason": "too few"},
    ]
    primary = Estimate(2.0, 1.0, 3.0, "unit", 10, 5, 1.0, "test", None, None)
    table = claims.without_each("x", primary, rows, 1.0, {"b": "Operation B"}, 2.0)
    assert table["shift"].tolist()[:2] == pytest.approx([-0.1, -1.5])
    assert table["flips"].tolist() == [0, 1, 0]
    assert table["verdict"].tolist() == ["supported", "inconclusive", "not-estimable"]
    found = claims.summary_of(table)
    assert found["operations"]["most"] == {"left_out": "b", "name": "Operation B", "theta": 0.5, "shift": -1.5}
    assert [flip["left_out"] for flip in found["operations"]["flips"]] == ["b"]
    assert found["theatres"] == {
        "left_out": 1,
        "theta_min": None,
        "theta_max": None,
        "most": None,
        "flips": [],
        "needed": [{"left_out": "T", "name": "T"}],
    }


def test_a_claim_without_an_estimate_has_no_summary():
    assert claims.summary_of(claims.without_each("x", estimate(None), [], 1.0, {}, None)) is None
