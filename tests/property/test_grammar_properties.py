"""What must hold of inclusion rules whatever they say."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coalitions.inclusion import ScopeError, names, parse
from coalitions.scopes import select

TOKENS = [
    "a",
    "b",
    "and",
    "or",
    "not",
    "in",
    "is",
    "==",
    "!=",
    "<",
    "(",
    ")",
    ",",
    "[",
    "]",
    "{",
    "}",
    ":",
    ".",
    "*",
    "-",
    "~",
    "@",
    "lambda",
    "if",
    "else",
    "for",
    "await",
    "yield",
    "import",
    "1",
    "0x1",
    "1j",
    "'x'",
    "f'{a}'",
    "b''",
    "...",
    ":=",
    "\n",
    "#",
    ";",
    "\\",
    "None",
    "True",
]
FRAME = pd.DataFrame({"a": [0, 1, 0, 1, 2], "b": [1, 1, 0, 0, 5], "k": ["x", "y", "x", "'", "=z"]})


@given(st.text(max_size=40) | st.lists(st.sampled_from(TOKENS), max_size=12).map(" ".join))
@settings(max_examples=300)
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
def test_arbitrary_text_is_a_rule_or_a_scope_error(text):
    try:
        used = names(text)
    except ScopeError:
        return
    assert all(name.isidentifier() for name in used)


def rules():
    """Rules of the grammar, as text."""
    number = st.builds(lambda c, o, n: f"{c} {o} {n}", st.sampled_from("ab"), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), st.integers(0, 3))
    word = st.builds(lambda o, w: f"k {o} {w!r}", st.sampled_from(["==", "!="]), st.sampled_from(["x", "y", "'", "=z"]))
    group = st.builds(lambda o, w: f"k {o} ({''.join(f'{x!r}, ' for x in w)})", st.sampled_from(["in", "not in"]), st.lists(st.sampled_from(["x", "y", "'"]), max_size=3))
    leaf = st.sampled_from(["a", "b", "True", "False"]) | number | word | group
    return st.recursive(leaf, lambda r: st.builds(lambda x, o, y: f"({x}) {o} ({y})", r, st.sampled_from(["and", "or"]), r) | r.map(lambda x: f"not ({x})"), max_leaves=6)


@given(rules())
@settings(max_examples=100)
def test_a_rule_selects_what_python_would_row_by_row(rule):
    expected = [bool(eval(rule, {"__builtins__": {}}, dict(row))) for row in FRAME.to_dict("records")]
    assert select(FRAME, rule).tolist() == expected
    assert names(rule) <= set(FRAME.columns)


@given(rules())
def test_a_rule_and_its_negation_divide_the_rows(rule):
    assert (select(FRAME, rule) ^ select(FRAME, f"not ({rule})")).all()


@given(rules(), st.sampled_from(["open('x')", "a.b", "a[0]", "a + 1", "(lambda: 1)()", "a == b"]))
def test_nothing_forbidden_hides_in_a_larger_rule(rule, part):
    with pytest.raises(ScopeError):
        parse(f"not (({rule}) and (a or {part}))")
