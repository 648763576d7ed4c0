"""The specification curve: what it shows is in its numbers, whatever is missing is said, and it stays small."""

import io
import itertools

import numpy as np
import pandas as pd
import pytest

from coalitions import catalogue
from coalitions.claims import specification_text
from coalitions.figures import specification_curve as curve
from coalitions.figures import style
from coalitions.spread import INTERACTIONS
from coalitions.spread import spread as shares_of


def tables(theta, verdicts, dimensions: dict[str, list], sesoi=0.5, fixed: dict | None = None, reason=None) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Published tables with two claims, of which the curve is to draw `fast`."""
    specs = [dict(zip(dimensions, values, strict=True)) | (fixed or {}) for values in itertools.product(*dimensions.values())]
    theta = np.array(theta, dtype=float)
    multiverse = pd.DataFrame({
        "claim": "fast", "specification": range(len(specs)), "dimensions": [specification_text(spec) for spec in specs], "primary": [1, *[0] * (len(specs) - 1)], "theta": theta,
        "lower": theta - 0.4, "upper": theta + 0.4, "verdict": verdicts, "reason": [reason if verdict == "not-estimable" else None for verdict in verdicts],
    })  # fmt: skip
    verdict = {"quotation": "they are fast to set up", "verdict": verdicts[0], "reported": "mixed", "grade": "C", "unit": "days of delay", "sesoi": sesoi, "theta": theta[0]}
    verdicts = pd.DataFrame([{"claim": name, **verdict, "lower": theta[0] - 0.4, "upper": theta[0] + 0.4} for name in ("other", "fast")])
    other = multiverse.assign(claim="other", theta=99.0, verdict="negligible")
    shares = [shares_of(rows, list(dimensions)).assign(claim=name) for name, rows in (("other", other), ("fast", multiverse))]
    return pd.concat([other, multiverse]), verdicts, pd.concat(shares)


def drawn(figure) -> str:
    """The bytes of the SVG, as text."""
    stream = io.BytesIO()
    figure.savefig(stream, format="svg", metadata={"Date": None})
    return stream.getvalue().decode()


def said(figure) -> str:
    return " | ".join(
        text.get_text() for text in [*figure.texts, *[text for axes in figure.axes for text in axes.texts], *[t for legend in figure.legends for t in legend.get_texts()]]
    )


@pytest.fixture
def four():
    dimensions = {"horizon_days": [730, 180], "size_by": ["hodges-lehmann", "median-ratio"]}
    return tables([2, -1, 1, np.nan], ["supported", "contradicted", "inconclusive", "not-estimable"], dimensions, fixed={"us_led": "imsc-2019"}, reason="too few")


def test_the_numbers_are_those_of_the_claim_in_the_order_of_the_curve(four):
    _, data = curve.plot(*four, "fast")
    assert list(data) == curve.COLUMNS
    shown = data[data["part"] == "specification"]
    assert shown["specification"].tolist() == [1, 2, 0, 3]
    assert shown["position"].tolist()[:3] == [0, 1, 2]
    assert pd.isna(shown["position"].iloc[3])
    assert shown["theta"].tolist()[:3] == [-1, 1, 2]
    assert shown["dimensions"].iloc[0] == "horizon_days=730; size_by=median-ratio; us_led=imsc-2019"
    choices = data[data["part"] == "choice"].set_index(["dimension", "value"])
    assert choices.loc[("horizon_days", "730"), ["specifications", "not_estimable", "mean_theta", "primary"]].tolist() == [2, 0, 0.5, 1]
    assert choices.loc[("size_by", "median-ratio"), ["specifications", "not_estimable", "mean_theta", "primary"]].tolist() == [2, 1, -1, 0]
    assert "us_led" not in choices.index.get_level_values(0)


def test_dimensions_stand_by_their_share_and_numbers_in_their_order(four):
    multiverse, verdicts, spread = four
    spread = spread.assign(share=spread["dimension"].map({"size_by": 0.7, "horizon_days": 0.2, INTERACTIONS: 0.1})).sort_values("share", ascending=False)
    figure, data = curve.plot(multiverse, verdicts, spread, "fast")
    choices = data[data["part"] == "choice"]
    assert list(zip(choices["dimension"], choices["value"], strict=True)) == [
        ("size_by", "hodges-lehmann"), ("size_by", "median-ratio"), ("horizon_days", "180"), ("horizon_days", "730"),
    ]  # fmt: skip
    text = said(figure)
    for part in (
        "sizes compared by | 70\u202f%",
        "Hodges-Lehmann",
        "median ratio",
        "horizon, days | 20\u202f%",
        "Interactions of choices have 10\u202f% of the spread",
        "US led imsc-2019",
    ):
        assert part in text


def test_verdict_counts_primary_and_smallest_effect_are_said(four):
    text = said(curve.plot(*four, "fast")[0])
    for part in (
        "fast: mixed (supported in the primary specification), grade C", "they are fast to set up", "4 specifications", "supported 1", "contradicted 1", "inconclusive 1",
        "not-estimable 1", "primary 2.00 [1.60, 2.40]", "± 0.50", "days of delay",
    ):  # fmt: skip
        assert part in text
    assert "negligible" not in text


def test_no_text_lies_on_another_or_beyond_the_paper(four):
    figure, _ = curve.plot(*four, "fast")
    figure.canvas.draw()
    paper = figure.bbox
    boxes = [(text.get_text(), text.get_window_extent()) for text in figure.texts]
    assert [text for text, box in boxes if box.x0 < paper.x0 or box.x1 > paper.x1 or box.y0 < paper.y0 or box.y1 > paper.y1] == []
    assert [(one, other) for (one, a), (other, b) in itertools.combinations(boxes, 2) if a.overlaps(b)] == []


def test_a_claim_of_fact_is_drawn_with_the_verdicts_that_it_has():
    multiverse, verdicts, spread = tables([np.nan, 1, 2, np.nan], ["supported", "contradicted", "contradicted", "supported"], {"kinds": ["a", "b"], "since": [1, 2]}, sesoi=np.nan)
    multiverse.loc[multiverse["theta"].isna(), "lower"] = 0.7
    figure, data = curve.plot(multiverse, verdicts.assign(lower=0.7), spread, "fast")
    assert data[data["part"] == "specification"]["specification"].tolist() == [1, 2, 0, 3]
    assert data[data["part"] == "specification"]["position"].tolist() == [0, 1, 2, 3]
    text = said(figure).replace(" | ", " ")
    assert "2 at the right end have a verdict without a finite estimate" in text
    assert "primary without a finite estimate [0.70, –]" in text
    assert "smallest" not in text
    assert "The spread has no shares: 2 specifications for 3 parameters" in text


def test_verdicts_alone_are_drawn_as_such():
    multiverse, verdicts, spread = tables([np.nan] * 2, ["supported", "inconclusive"], {"kinds": ["a", "b"]}, sesoi=np.nan)
    figure, data = curve.plot(multiverse, verdicts, spread, "fast")
    assert "verdicts without estimates" in said(figure)
    assert data["position"].tolist()[:2] == [0, 1]


def test_where_nothing_is_estimable_the_page_says_why():
    figure, data = curve.plot(*tables([np.nan] * 4, ["not-estimable"] * 4, {"kinds": ["a", "b"], "since": [1, 2]}, reason="fewer than five launches (3)"), "fast")
    assert "None of the 4 specifications can be estimated. | 4: fewer than five launches (3)" in said(figure)
    assert data["part"].value_counts().to_dict() == {"specification": 4, "choice": 4}


def test_a_claim_without_choices_and_infinite_limits_are_drawn():
    multiverse, verdicts, spread = tables([1.0], ["supported"], {"kinds": ["a"]})
    figure, data = curve.plot(multiverse.assign(upper=np.inf), verdicts, spread, "fast")
    assert len(data) == 1
    assert drawn(figure)


def test_a_primary_specification_that_is_not_estimable_is_said_to_be(four):
    multiverse, verdicts, spread = four
    figure, _ = curve.plot(multiverse.assign(primary=(multiverse["specification"] == 3).astype(int)), verdicts, spread, "fast")
    assert "primary specification not estimable" in said(figure)


def test_the_curve_of_many_specifications_is_small_and_the_same_on_every_run():
    rng = np.random.default_rng(1)
    dimensions = {
        "scope": list("abcd"),
        "since": [1, 2, 3],
        "comparator": ["un", "both", "regional"],
        "domain": list("abc"),
        "size_at": ["a", "b"],
        "counted_members": list("abc"),
        "size_by": ["a", "b"],
    }
    theta = rng.normal(size=1296)
    found = tables(theta, np.select([theta > 1, theta < -1], ["supported", "contradicted"], "inconclusive").tolist(), dimensions)
    first, second = (drawn(curve.plot(*found, "fast")[0]) for _ in range(2))
    assert first == second
    assert len(first) < 300_000


@pytest.mark.parametrize(("text", "known", "words"), [
    ("adhocism_like", curve.VALUES, "like ADHOCISM"), ("2022-03-21", curve.VALUES, "2022-03-21"), ("1.5", curve.VALUES, "1.5"), ("eu-or-nato", curve.VALUES, "EU or NATO"),
    ("unclear", curve.VALUES, "unclear"), ("unclear", curve.NAMES, "unclear means"), ("never_deployed", curve.NAMES, "never deployed"), ("european_led", curve.NAMES, "European led"),
])  # fmt: skip
def test_names_and_values_read_as_words(text, known, words):
    assert curve.words(text, known) == words


def test_every_name_that_is_reworded_exists():
    assert set(curve.NAMES) - {"scope"} <= set(catalogue.ADMISSIBLE)
    values = {value for values in catalogue.ADMISSIBLE.values() if isinstance(values, tuple) for value in values}
    assert set(curve.VALUES) - {"adhocism_like", "sipri_scope"} <= values


def test_captions_get_their_numbers(four):
    found = curve.described(*four, "fast")
    assert found["specifications"] == 4
    assert found["not_estimable"] == 1
    assert found["by_verdict"] == {"supported": 1, "inconclusive": 1, "contradicted": 1, "not-estimable": 1}
    assert (found["theta_min"], found["theta_median"], found["theta_max"]) == (-1, 1, 2)
    assert found["quotation"] == "they are fast to set up"
    assert [driver["dimension"] for driver in found["drivers"]] == []  # three estimates for three parameters
    assert found["interactions"] is None


def test_every_verdict_has_a_colour():
    from coalitions.claims import VERDICTS

    assert set(style.VERDICTS) == set(VERDICTS)
