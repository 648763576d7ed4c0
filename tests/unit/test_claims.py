"""From estimates to verdicts."""

import numpy as np
import pandas as pd
import pytest

from coalitions import claims
from coalitions.configuration import resolved
from coalitions.estimands import Estimate, Panels


def estimate(theta, lower, upper, holds=None, **cells):
    return Estimate(theta, lower, upper, "unit", 10, 5, 100.0, "test", None, cells.pop("p", None), holds=holds, **cells)


@pytest.mark.parametrize(
    ("theta", "lower", "upper", "verdict"),
    [
        (2.0, 0.5, 3.5, "supported"),
        (1.0, 0.01, 1.99, "supported"),
        (0.99, 0.01, 1.97, "inconclusive"),
        (1.0, 0.0, 2.0, "inconclusive"),
        (5.0, -0.1, 10.0, "inconclusive"),
        (-2.0, -3.5, -0.5, "contradicted"),
        (-1.0, -1.99, -0.01, "contradicted"),
        (-1.0, -2.0, 0.0, "inconclusive"),
        (-0.99, -1.97, -0.01, "inconclusive"),
        (0.0, -0.99, 0.99, "negligible"),
        (0.5, 0.1, 0.9, "negligible"),
        (-0.5, -0.9, -0.1, "negligible"),
        (0.0, -1.0, 0.9, "inconclusive"),
        (0.0, -0.9, 1.0, "inconclusive"),
        (0.0, -2.0, 2.0, "inconclusive"),
    ],
)
def test_the_verdict_rule_with_a_smallest_effect_of_one(theta, lower, upper, verdict):
    assert claims.verdict(estimate(theta, lower, upper), 1.0) == verdict


def test_an_estimate_that_the_data_cannot_give_has_no_verdict():
    assert claims.verdict(estimate(None, None, None), 1.0) == "not-estimable"


@pytest.mark.parametrize(("holds", "verdict"), [(True, "supported"), (False, "contradicted")])
def test_a_claim_of_fact_goes_by_the_fact_whatever_theta_is(holds, verdict):
    assert claims.verdict(estimate(None, -1.0, None, holds), None) == verdict
    assert claims.verdict(estimate(-9.0, -10.0, -8.0, holds), None) == verdict


def test_a_fact_that_the_data_cannot_decide_is_inconclusive_and_without_an_estimate_not_estimable():
    # Until 0.2.0 both read not-estimable, which hid that there is an estimate (a steady pace of launches has one, and too few launches to tell).
    assert claims.verdict(estimate(-9.0, -10.0, -8.0, None), None) == "inconclusive"
    assert claims.verdict(estimate(None, -1.0, None, None), None) == "not-estimable"


def test_a_claim_whose_primary_specification_cannot_be_estimated_is_not_reported_as_mixed():
    result = {
        "id": "x", "claim": {"quotation": "q"}, "verdict": "not-estimable", "grade": "C", "sesoi": None, "date_draws": None, "coders": None,
        "estimate": estimate(None, None, None).as_dict(), "multiverse": {"specifications": 1, "same_sign": 0.0, "same_verdict": 0.0, "not_estimable": 1},
    }  # fmt: skip
    assert claims.verdict_table([result, result | {"verdict": "supported"}])["reported"].tolist() == ["not-estimable", "mixed"]


def test_every_verdict_is_one_of_the_list():
    assert {claims.verdict(estimate(t, t - 1, t + 1), 0.5) for t in (-5, -0.2, 5)} | {"negligible", "not-estimable"} == set(claims.VERDICTS)


@pytest.mark.parametrize(
    ("sesoi", "delta"),
    [(None, None), ({"value": 1.5, "scale": "absolute"}, 1.5), ({"value": 1.1, "scale": "ratio"}, np.log(1.1)), ({"value": 2, "scale": "absolute"}, 2.0)],
)
def test_a_ratio_is_compared_on_the_logarithm(sesoi, delta):
    assert claims.smallest_effect({"sesoi": sesoi}) == (delta if delta is None else pytest.approx(delta))


@pytest.mark.parametrize(("sign", "verdict", "grade"), [(1, 1, "A"), (0.9, 0.75, "A"), (0.9, 0.74, "B"), (0.89, 1, "B"), (0.75, 0, "B"), (0.74, 1, "C"), (0, 0, "C")])
def test_grades_at_their_boundaries(sign, verdict, grade):
    assert claims.grade((sign, verdict)) == grade


def test_a_grade_is_that_of_the_weakest_kind_of_variation():
    assert claims.grade((1, 1), (1, 1), (0.8, 1)) == "B"
    assert claims.grade((1, 1), (0.5, 1)) == "C"
    assert claims.grade((1, 1), (1, 0.7)) == "B"


CLAIM = {
    "claim": {"quotation": "words | of the <brief>", "where": "p. 1"}, "reading": "r", "estimand": "rmst_difference", "orientation": "o", "sesoi": {"value": 1.0, "scale": "absolute", "reason": "r"},
    "primary": {"a": 2, "b": "y", "c": 9}, "dimensions": {"a": [1, 2, 3], "b": ["x", "y"]}, "figure": "f", "table": "t", "threats": ["t"], "falsified_if": "f",
}  # fmt: skip


def test_the_primary_specification_comes_first_and_every_other_combination_once():
    found = claims.specifications(CLAIM)
    assert found[0] == CLAIM["primary"]
    assert len(found) == 6
    assert len({claims.specification_text(spec) for spec in found}) == 6
    assert [(s["a"], s["b"]) for s in found] == [(2, "y"), (1, "x"), (1, "y"), (2, "x"), (3, "x"), (3, "y")]
    assert all(s["c"] == 9 for s in found)


def test_a_specification_is_identified_by_its_values_in_alphabetical_order():
    assert claims.specification_text({"b": "y", "a": 2}) == claims.specification_text({"a": 2, "b": "y"}) == "a=2; b=y"


def test_dimensions_of_the_claims_are_filled_in_from_the_multiverse(study_files):
    filled = resolved(study_files["claims"], study_files["multiverse"], "strict")
    known = study_files["multiverse"]["dimensions"]
    assert all(values == known[name]["values"] for claim in filled.values() for name, values in claim["dimensions"].items())
    assert [list(c["dimensions"]) for c in filled.values()] == [c["dimensions"] for c in study_files["claims"]["claims"].values()]


def test_every_claim_of_the_study_has_as_many_specifications_as_its_dimensions_allow(study_files):
    for claim in resolved(study_files["claims"], study_files["multiverse"], "strict").values():
        assert len(claims.specifications(claim)) == np.prod([len(values) for values in claim["dimensions"].values()])


def test_an_unknown_dimension_gets_no_values_and_is_not_lost(study_files):
    study_files["claims"]["claims"]["growth"]["dimensions"] = ["weather"]
    assert resolved(study_files["claims"], study_files["multiverse"], "strict")["growth"]["dimensions"] == {"weather": []}


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [([], []), ([0.03], [0.03]), ([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]), ([0.5, 0.6, 0.9], [1, 1, 1]), ([0.02, 0.02], [0.04, 0.04]), ([0.04, 0.001], [0.04, 0.002])],
)
def test_holm_adjusts_in_the_order_given(p, adjusted):
    assert claims.holm(p) == pytest.approx(adjusted)


def test_holm_agrees_with_statsmodels():
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(1).random(30) ** 3
    assert claims.holm(list(p)) == pytest.approx(list(multipletests(p, method="holm")[1]))


def multiverse(thetas, verdicts):
    return pd.DataFrame({"theta": thetas, "verdict": verdicts}).astype({"theta": float})


def test_robustness_leaves_out_what_is_not_estimable_but_counts_it():
    frame = multiverse([2.0, 1.5, -1.0, None], ["supported", "supported", "inconclusive", "not-estimable"])
    found = claims.robustness(frame, estimate(2.0, 1.0, 3.0), 1.0)
    assert (found["specifications"], found["not_estimable"]) == (4, 1)
    assert found["same_sign"] == found["same_verdict"] == pytest.approx(2 / 3)
    assert (found["theta_min"], found["theta_median"], found["theta_max"]) == (-1.0, 1.5, 2.0)
    assert claims.grade((found["same_sign"], found["same_verdict"])) == "C"


def test_for_a_claim_of_fact_the_sign_is_the_verdict():
    frame = multiverse([None, -2.0, -1.0, -1.0], ["supported", "supported", "supported", "contradicted"])
    found = claims.robustness(frame, estimate(None, None, None, True), None)
    assert found["same_sign"] == found["same_verdict"] == 0.75


def test_a_claim_that_is_nowhere_estimable_is_graded_lowest_without_a_range():
    found = claims.robustness(multiverse([None, None], ["not-estimable"] * 2), estimate(None, None, None), 1.0)
    assert (claims.grade((found["same_sign"], found["same_verdict"])), found["theta_min"], found["not_estimable"]) == ("C", None, 2)


def test_the_minimum_detectable_effect_is_that_of_eighty_per_cent_power():
    assert claims.minimum_detectable(estimate(0.0, -1.959964, 1.959964), 0.95) == pytest.approx(1.959964 + 0.841621, abs=1e-5)
    assert claims.minimum_detectable(estimate(None, None, None), 0.95) is None
    assert claims.minimum_detectable(estimate(1.0, 0.0, None), 0.95) is None


SETTINGS = {"cutoff": "2026-06-30", "confidence": 0.95, "permutations": 50, "seed": 1, "within_years": [1]}
NOTHING = {
    "operation_id": [],
    "chain_id": [],
    "theatre": [],
    "arrangement": [],
    "deployed": [],
    "status": [],
    "start": pd.to_datetime([]),
    "end": pd.to_datetime([]),
    "scope_strict": [],
}
DATA = Panels(operations=pd.DataFrame(NOTHING), spells=pd.DataFrame({"operation_ids": []}), system_years=pd.DataFrame({"scope": [], "year": []}))


@pytest.fixture
def ran():
    """A claim run over an estimand that answers by the value of one dimension and notes its settings."""
    calls = []

    def by_dimension(data, spec, settings):
        calls.append((dict(spec), settings["permutations"]))
        return estimate(None, None, None, reason="too few") if spec["a"] == 3 else estimate(spec["a"] * 1.0, 0.5, 4.0, p=0.01)

    return claims.run("short", CLAIM, by_dimension, DATA, SETTINGS), calls


def test_a_run_has_one_row_for_each_specification_and_the_primary_first(ran):
    (result, frame, _), _ = ran
    assert frame["specification"].tolist() == list(range(6))
    assert frame["primary"].tolist() == [1, 0, 0, 0, 0, 0]
    assert frame["dimensions"][0] == "a=2; b=y; c=9"
    assert result["verdict"] == frame["verdict"][0] == "supported"
    assert result["estimate"]["theta"] == 2.0
    assert frame.query("verdict == 'not-estimable'")["reason"].tolist() == ["too few"] * 2
    assert frame["reason"].isna().sum() == 4


def test_permutations_are_drawn_for_the_primary_specification_only(ran):
    assert [permutations for spec, permutations in ran[1] if spec == CLAIM["primary"]] == [50, 0, 0]
    assert all(permutations == 0 for spec, permutations in ran[1] if spec != CLAIM["primary"])


def test_the_table_of_verdicts_adjusts_over_claims_that_have_a_p_and_reports_grade_c_as_mixed(ran):
    (result, _, _), _ = ran
    mixed = result | {"id": "mixed", "grade": "C", "estimate": result["estimate"] | {"p": 0.03}}
    fact = result | {"id": "fact", "sesoi": None, "estimate": result["estimate"] | {"p": None}}
    table = claims.verdict_table([result | {"grade": "A"}, mixed, fact]).set_index("claim")
    assert table.index.tolist() == ["short", "mixed", "fact"]
    assert table["p_holm"].tolist()[:2] == pytest.approx([0.02, 0.03])
    assert pd.isna(table.loc["fact", "p_holm"])
    assert pd.isna(table.loc["fact", "sesoi"])
    assert table.loc["mixed", ["verdict", "reported"]].tolist() == ["supported", "mixed"]
    assert table.loc["short", "reported"] == "supported"
    assert table.loc["short", "quotation"] == "words | of the <brief>"


@pytest.mark.parametrize("parts", [1, 2, 3, 5, 6])
def test_however_many_jobs_there_are_every_specification_is_estimated_once_in_the_same_order(parts):
    specs = claims.grid(CLAIM)
    assert [spec for number in range(parts) for spec in claims.part(specs, number, parts)] == specs


def by_value(data, spec, settings):
    return estimate(None, None, None, reason="too few") if spec["a"] == 3 else estimate(spec["a"] * 1.0, 0.5, 4.0, p=0.01)


def test_the_judgement_does_not_depend_on_the_jobs_nor_on_their_order():
    stress, whole = claims.stressed(CLAIM, by_value, DATA, SETTINGS), claims.estimated(by_value, claims.grid(CLAIM), DATA, SETTINGS)
    split = pd.concat([claims.estimated(by_value, claims.part(claims.grid(CLAIM), number, 4), DATA, SETTINGS) for number in (3, 1, 0, 2)])
    one, other = (claims.judged("short", CLAIM, stress, frame, SETTINGS) for frame in (whole, split))
    assert one[0] == other[0]
    pd.testing.assert_frame_equal(one[1], other[1])


def test_an_estimate_that_is_missing_or_too_many_is_refused_with_what_to_do():
    stress, frame = claims.stressed(CLAIM, by_value, DATA, SETTINGS), claims.estimated(by_value, claims.grid(CLAIM), DATA, SETTINGS)
    for wrong, said in ((frame.iloc[1:], "1 not estimated, such as a=1; b=x; c=9"), (pd.concat([frame, frame.iloc[:1]]), "1 too many or unknown, such as a=1; b=x; c=9")):
        with pytest.raises(ValueError, match=said):
            claims.judged("short", CLAIM, stress, wrong, SETTINGS)


def test_another_smallest_effect_needs_no_new_estimate():
    stress, frame = claims.stressed(CLAIM, by_value, DATA, SETTINGS), claims.estimated(by_value, claims.grid(CLAIM), DATA, SETTINGS)
    strict = CLAIM | {"sesoi": CLAIM["sesoi"] | {"value": 3.0}}
    assert [claims.judged("short", claim, stress, frame, SETTINGS)[0]["verdict"] for claim in (CLAIM, strict)] == ["supported", "inconclusive"]


def test_an_estimate_that_equals_the_smallest_effect_but_for_its_last_digits_has_reached_it():
    assert claims.verdict(estimate(0.3333333333, 0.2, 0.5), 1 / 3) == "supported"
    assert claims.verdict(estimate(0.25, -0.0, 0.3333333333), 1 / 3) == "inconclusive"
    assert claims.verdict(estimate(-0.3333333333, -0.5, -0.2), 1 / 3) == "contradicted"


def test_the_scope_primary_is_that_of_the_configuration(study_files):
    for scope in ("strict", "broad"):
        found = resolved(study_files["claims"], study_files["multiverse"], scope)
        assert {claim["primary"]["scope"] for claim in found.values() if "scope" in claim["primary"]} == {scope}


def test_there_are_at_least_a_hundred_specifications_of_a_claim_with_a_smallest_effect_and_three_thousand_in_all(study_files):
    filled = resolved(study_files["claims"], study_files["multiverse"], "strict")
    assert all(len(claims.grid(claim)) >= 100 for claim in filled.values() if claim["sesoi"])
    assert sum(len(claims.grid(claim)) for claim in filled.values()) >= 3000


def test_what_the_second_coding_leaves_without_an_estimate_says_nothing_of_robustness():
    row = dict.fromkeys(claims.ESTIMATED)
    assert claims.under_second_coding(estimate(2.0, 1.0, 3.0), row, 1.0)["same_sign"] is None
    stress, frame = claims.stressed(CLAIM, by_value, DATA, SETTINGS), claims.estimated(by_value, claims.grid(CLAIM), DATA, SETTINGS)
    grades = [claims.judged("short", CLAIM, stress | {"coders": coders}, frame, SETTINGS)[0]["grade"] for coders in (None, row)]
    assert grades[0] == grades[1]
