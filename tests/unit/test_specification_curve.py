"""The specification curve shows every specification once, in order, with the choices behind it."""

import itertools

import pandas as pd
import pytest

from coalitions.figures import specification_curve, style

RESULT = {
    "id": "some-claim", "estimate": {"theta": 1.0, "lower": 0.0, "upper": 2.0, "unit": "years of something that takes more than one line to say"}, "verdict": "inconclusive", "grade": "B",
    "sesoi": {"value": 0.5, "scale": "absolute", "reason": "r"}, "primary": {"first_choice": "a", "tau": 5},
    "spread": [{"dimension": "tau", "share": 0.6}, {"dimension": "first_choice", "share": 0.3}, {"dimension": "interactions", "share": 0.1}],
}  # fmt: skip


def multiverse(thetas, verdicts=None) -> pd.DataFrame:
    specs = [f"always=one; first_choice={a}; tau={tau}" for a, tau in itertools.product(("a", "b"), (5, 10, 20))]
    frame = pd.DataFrame({"claim": "some-claim", "specification": range(6), "dimensions": specs, "primary": [1, 0, 0, 0, 0, 0], "theta": thetas, "reason": None}).astype(
        {"theta": float}
    )
    frame["lower"], frame["upper"] = frame["theta"] - 1, frame["theta"] + 1
    return frame.assign(verdict=verdicts or ["not-estimable" if pd.isna(theta) else "supported" if theta > 1 else "inconclusive" for theta in frame["theta"]])


def texts(figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_specifications_stand_in_the_order_of_their_estimates_and_those_without_one_last():
    given = multiverse([1.0, None, -0.5, 3.0, 2.0, None])
    figure, data = specification_curve.plot(RESULT, given)
    assert data["theta"].tolist()[:4] == [-0.5, 1.0, 2.0, 3.0]
    assert data["verdict"].tolist()[4:] == ["not-estimable"] * 2
    assert sorted(data["specification"]) == list(range(6))
    assert data["order"].tolist() == list(range(6))
    pd.testing.assert_frame_equal(data.sort_values("specification", ignore_index=True)[["theta", "lower", "upper", "dimensions"]], given[["theta", "lower", "upper", "dimensions"]])
    assert figure.get_size_inches()[0] == style.DOUBLE


def test_the_primary_specification_is_marked_with_its_verdict():
    figure, _ = specification_curve.plot(RESULT, multiverse([1.0, 0.1, -0.5, 3.0, 2.0, 0.2]))
    assert "primary: inconclusive" in texts(figure)


def test_choices_stand_by_their_share_of_the_spread_and_a_choice_with_one_value_is_no_choice():
    figure, _ = specification_curve.plot(RESULT, multiverse([1.0, 0.1, -0.5, 3.0, 2.0, 0.2]))
    said = texts(figure)
    assert said.index("tau  60 %") < said.index("first choice  30 %")
    assert [text for text in said if text in ("5", "10", "20")] == ["5", "10", "20"]
    assert "always" not in " ".join(said)


def test_what_cannot_be_estimated_is_counted():
    figure, _ = specification_curve.plot(RESULT, multiverse([1.0, None, None, 3.0, 2.0, 0.2]))
    assert "6 specifications, 2 of them not estimable" in figure.axes[1].get_xlabel()


def test_a_claim_without_any_estimate_says_so():
    facts = RESULT | {"sesoi": None, "spread": [{"dimension": "tau", "share": None}, {"dimension": "interactions", "share": None}]}
    figure, data = specification_curve.plot(facts, multiverse([None] * 6, ["supported"] * 4 + ["contradicted"] * 2))
    assert "No specification has an estimate: 4 supported, 2 contradicted" in texts(figure)
    assert "tau" in texts(figure)
    assert data["theta"].isna().all()


@pytest.mark.parametrize("open_side", ["lower", "upper"])
def test_an_interval_without_an_end_does_not_stretch_the_axis(open_side):
    frame = multiverse([1.0, 0.1, -0.5, 3.0, 2.0, 0.2])
    frame.loc[3, open_side] = None
    figure, _ = specification_curve.plot(RESULT, frame)
    assert max(abs(limit) for limit in figure.axes[0].get_ylim()) < 10
