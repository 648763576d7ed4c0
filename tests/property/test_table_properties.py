"""What must hold of pairs, effective numbers, cells of tables and corrections whatever the data."""

import itertools
import json
import re

import numpy as np
import pandas as pd
import pypandoc
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coalitions import claims, io, register, report
from coalitions.diversity import effective_number
from coalitions.figures import timeline
from coalitions.pairs import overlapping

INTERVALS = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 20)), max_size=25)
TEXT = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t |`*_[]()<>\\#$^~@&{}!-+.'\":=%/01a"), max_size=20)

BLANKS = re.compile(r"[ \t\n\r\f\v\u0085\u2028\u2029]+")  # a no-break space is a character of its own: numbers are printed with it


@given(INTERVALS)
def test_overlapping_intervals_are_those_that_looking_at_every_pair_finds(rows):
    start = np.array([first for first, _ in rows], dtype=np.int64)
    end = np.array([first + length for first, length in rows], dtype=np.int64)
    i, j = overlapping(start, end)
    found = [tuple(sorted(pair)) for pair in zip(i.tolist(), j.tolist(), strict=True)]
    assert sorted(found) == [(a, b) for a, b in itertools.combinations(range(len(rows)), 2) if start[a] <= end[b] and start[b] <= end[a]]


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20), st.sampled_from([1, 2]))
def test_an_effective_number_lies_between_one_and_the_number_of_providers(weights, order):
    value = effective_number(weights, order)
    assert 1 - 1e-9 <= value <= len(weights) + 1e-9
    assert effective_number([7 * w for w in weights], order) == pytest.approx(value)
    assert effective_number([*weights, 0.0], order) == pytest.approx(value)
    assert effective_number(weights * 2, order) == pytest.approx(2 * value)


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=20))
def test_the_shannon_number_is_never_below_the_inverse_simpson_index(weights):
    assert effective_number(weights, 1) >= effective_number(weights, 2) - 1e-9


@given(INTERVALS)
def test_bars_of_a_lane_never_overlap(rows):
    frame = pd.DataFrame(sorted((1950.0 + first, 1950.0 + first + length) for first, length in rows), columns=["begin", "finish"])
    frame["lane"] = timeline.lanes(frame)
    for _, lane in frame.groupby("lane"):
        assert (lane["begin"].to_numpy()[1:] > lane["finish"].to_numpy()[:-1]).all()


@given(st.lists(st.floats(0, 1), max_size=15))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p):
    adjusted = claims.holm(p)
    assert all(old <= new <= 1 for old, new in zip(p, adjusted, strict=True))
    order = np.argsort(p, kind="stable")
    assert (np.diff(np.array(adjusted)[order]) >= 0).all()


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(0.01, 3))
def test_a_verdict_turns_round_with_the_estimate(theta, width, sesoi):
    from coalitions.estimands import Estimate

    def verdict(sign):
        lower, upper = sorted((sign * (theta - width), sign * (theta + width)))
        return claims.verdict(Estimate(sign * theta, lower, upper, "", 1, 1, 1.0, "", None, None), sesoi)

    turned = {"supported": "contradicted", "contradicted": "supported"}
    assert verdict(-1) == turned.get(verdict(1), verdict(1))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_changes_a_number_by_less_than_its_tenth_digit(value):
    assume(abs(value) < 1e300)
    rounded = io.rounded(pd.DataFrame({"x": [value]}))["x"][0]
    assert rounded == pytest.approx(value, rel=5.0001e-10, abs=1e-300)
    assert io.rounded(pd.DataFrame({"x": [rounded]}))["x"][0] == rounded


@given(TEXT)
def test_no_cell_is_written_that_a_spreadsheet_would_execute(text):
    cell = io.neutral(text)
    assert cell.removeprefix("'") == text.removeprefix("'")
    if cell[:1] in tuple("=@\t\r"):
        raise AssertionError(cell)
    if cell[:1] in ("+", "-") and cell:
        float(cell)


def inlines(nodes):
    """The text of pandoc's inline elements; anything but words and blanks is an error."""
    words = {"Str": lambda node: node["c"], "Space": lambda _: " ", "SoftBreak": lambda _: " "}
    return "".join(words[node["t"]](node) for node in nodes)


@given(st.lists(st.tuples(TEXT, TEXT), min_size=40, max_size=80))
@settings(max_examples=4)
def test_what_goes_through_a_table_and_pandoc_comes_back_as_the_same_text(rows):
    document = json.loads(pypandoc.convert_text(report.pipe_table(["first", "second"], [list(row) for row in rows], "lr"), "json", "markdown"))
    (table,) = document["blocks"]
    assert table["t"] == "Table"
    cells = [[inlines(block["c"]) for cell in row[1] for block in cell[4] or [{"c": []}]] for row in table["c"][4][0][3]]
    assert cells == [[BLANKS.sub(" ", text).strip(" ") for text in row] for row in rows]


@given(st.lists(TEXT.filter(lambda text: text.strip()), min_size=40, max_size=80))
@settings(max_examples=4)
def test_what_goes_through_a_paragraph_and_pandoc_comes_back_as_the_same_text(texts):
    document = json.loads(pypandoc.convert_text("\n\n".join(f"x {report.escaped(text)}" for text in texts), "json", "markdown"))
    assert [inlines(block["c"]) for block in document["blocks"]] == [BLANKS.sub(" ", f"x {text}").strip(" ") for text in texts]


SCHEMA = {"tables": {"things": {"primaryKey": ["id", "part"]}, "corrections": {}}}


def things(rows, corrections):
    columns = ["table", "key", "column", "expected", "new"]
    table = pd.DataFrame([(f"t{i}", f"p{i % 3}", value) for i, value in enumerate(rows)], columns=["id", "part", "value"], index=range(2, len(rows) + 2))
    return {"things": table, "corrections": pd.DataFrame(corrections, columns=columns, index=range(2, len(corrections) + 2))}


@given(st.lists(TEXT, min_size=1, max_size=6), TEXT, st.integers(0, 5))
def test_a_correction_and_its_inverse_change_nothing(rows, new, position):
    position %= len(rows)
    key = f"t{position}|p{position % 3}"
    raw = things(rows, [("things", key, "value", rows[position], new), ("things", key, "value", new, rows[position])])
    result, faults = register.corrected(raw, SCHEMA)
    assert faults == []
    assert result["things"].equals(raw["things"])


@given(st.lists(TEXT, min_size=1, max_size=6), TEXT, TEXT)
def test_a_correction_that_expects_another_value_changes_nothing_and_says_so(rows, expected, new):
    assume(expected != rows[0])
    raw = things(rows, [("things", "t0|p0", "value", expected, new)])
    result, faults = register.corrected(raw, SCHEMA)
    assert [(f.row, f.column, f.value) for f in faults] == [(2, "expected", expected)]
    assert result["things"].equals(raw["things"])
