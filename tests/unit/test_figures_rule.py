"""Pictures of the verdict rule: what they show is what the rule says."""

import numpy as np
import pandas as pd
import pytest

from coalitions import whatif
from coalitions.figures import rule


def verdicts(**rows):
    """name=(theta, lower, upper, sesoi), with the verdict of the rule."""
    frame = pd.DataFrame([{"claim": name, "theta": t, "lower": low, "upper": up, "sesoi": s, "n": 9, "events": 3} for name, (t, low, up, s) in rows.items()])
    frame["verdict"] = [rule.verdict_at(*row) if row[0] == row[0] else "not-estimable" for row in frame[["theta", "lower", "upper", "sesoi"]].itertuples(index=False)]
    return frame


CLAIMS = verdicts(
    up=(4, 2, 6, 2), flat=(0.1, -0.2, 0.4, 1), wide=(1, -3, 5, 1), down=(-9, -12, -6, 1), fact=(1, 0, 2, float("nan")), none=(float("nan"),) * 3 + (1,),
    endless=(1, 0.5, float("inf"), 1),
)  # fmt: skip


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_the_zones_are_those_of_the_rule():
    reach, tall = 8.0, 5.0
    zones = {name: (across, up) for name, across, up in rule.areas(reach, tall)}
    rng = np.random.default_rng(1)
    for theta, half in zip(rng.uniform(-reach, reach, 400), rng.uniform(0, tall, 400), strict=True):
        drawn = [name for name, (across, up) in zones.items() if across[0] <= theta <= across[-1] and half < np.interp(theta, across, up)][-1]
        height = np.interp(theta, *zones[drawn])
        if min(abs(abs(theta) - 1), abs(half - height), abs(half - abs(theta))) > 0.05:  # away from the borders
            assert drawn == rule.verdict_at(theta, theta - half, theta + half, 1.0)


def test_the_zones_name_every_claim_that_has_an_estimate_with_limits_and_a_smallest_effect():
    figure = rule.zones(CLAIMS)
    assert sorted(texts(figure)) == ["down", "flat", "up", "wide"]


def test_an_empty_table_gives_the_zones_alone():
    assert texts(rule.zones(CLAIMS[CLAIMS["claim"] == "fact"])) == []


def test_labels_of_points_that_lie_together_do_not_cover_one_another():
    points = np.array([[50.0, 50.0]] * 3 + [[52.0, 51.0]])
    places = rule.free_places(points, [30.0] * 4, 400.0)
    boxes = [(x, y - 4, x + 30, y + 4) for x, y in places]
    assert all(rule._overlap(one, other) == 0 for i, one in enumerate(boxes) for other in boxes[:i])
    assert rule.free_places(np.array([[390.0, 50.0]]), [30.0], 400.0)[0][0] < 390


def test_moves_shows_what_moved_and_nothing_else():
    after = CLAIMS.assign(theta=CLAIMS["theta"] + np.where(CLAIMS["claim"].isin(["up", "none"]), 1.0, 0.0))
    figure = rule.moves(CLAIMS, after)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["up"]
    assert whatif.moved(CLAIMS, CLAIMS).empty
    assert figure.axes[0].get_xlim()[1] > 3
    assert len(rule.moves(CLAIMS, CLAIMS).axes) == 1


def test_a_strip_changes_its_colour_where_the_rule_turns():
    figure = rule.turning(CLAIMS)
    edges = {}
    for bar in figure.axes[0].patches:
        edges.setdefault(round(bar.get_y() + bar.get_height() / 2), []).append(bar.get_x())
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert edges[names.index("up")] == pytest.approx([1 / 4, 2, 3], rel=0.02)  # supported, inconclusive from its size on, negligible from its farther limit on
    assert edges[names.index("flat")] == pytest.approx([1 / 4, 0.4], rel=0.02)
    assert len(edges) == len(whatif.turning_points(CLAIMS.replace(np.inf, np.nan)))


MULTIVERSE = pd.DataFrame(
    {
        "dimensions": [f"a={a}; b={b}" for a in (2, 10) for b in ("x", "y")], "theta": [1.0, 3.0, 5.0, np.nan], "primary": [0, 1, 0, 0],
        "verdict": ["supported", "supported", "negligible", "not-estimable"],
    }
)  # fmt: skip


def test_choices_counts_what_could_be_estimated_and_orders_numbers_as_numbers():
    _, table = rule.choices(MULTIVERSE, 1.0, ["b", "a", "interactions"])
    assert list(zip(table["dimension"], table["value"], strict=True)) == [("b", "x"), ("b", "y"), ("a", "2"), ("a", "10")]
    table = table.set_index("value")
    assert table.loc["10", ["specifications", "estimated"]].tolist() == [2, 1]
    assert table.loc["x", ["theta_min", "theta_median", "theta_max", "same_verdict"]].tolist() == [1.0, 3.0, 5.0, 0.5]


def test_choices_of_a_claim_that_is_nowhere_estimable_are_drawn_empty():
    figure, table = rule.choices(MULTIVERSE.assign(theta=np.nan, verdict="not-estimable"), None, ["a"])
    assert table["estimated"].tolist() == [0, 0]
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_operations_left_out_name_the_farthest_and_share_a_label_where_they_are_alike():
    lines = pd.DataFrame(
        {
            "kind": "operation", "left_out": list("abcde"), "name": ["A", "B", "C", "D", "E"], "theta": [0.2, 0.2, 0.5, 0.51, 0.9], "verdict": ["supported"] * 4 + ["inconclusive"],
            "flips": [0, 0, 0, 0, 1],
        }
    )  # fmt: skip
    assert texts(rule.left_out(lines, 0.5, 1.0)) == ["E", "A and 1 more", "D"]
    assert texts(rule.left_out(lines.iloc[:0], None, None)) == []


def test_a_picture_has_the_same_bytes_twice():
    assert rule.zones(CLAIMS)._repr_png_() == rule.zones(CLAIMS)._repr_png_()
