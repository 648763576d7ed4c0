"""The grammar of inclusion rules."""

import sys

import pytest

from coalitions.inclusion import ScopeError, names, parse

REFUSED = {
    "call": "open('x')",
    "method": "name.startswith('a')",
    "attribute": "name.__class__",
    "subscript": "name[0]",
    "arithmetic": "a + 1",
    "negative number": "a == -1",
    "comparison of two columns": "a < b",
    "constant on the left": "1 < a",
    "chained comparison": "a < 1 < 2",
    "list": "a in [1, 2]",
    "membership in a column": "1 in a",
    "nested tuple": "a in (1, (2, 3))",
    "name in a tuple": "a in (b, 1)",
    "identity": "a is None",
    "number alone": "1",
    "text alone": "'a'",
    "conditional": "a if b else c",
    "lambda": "lambda: a",
    "comprehension": "[x for x in a]",
    "formatted text": "f'{a}'",
    "assignment": "(a := 1)",
    "await": "await a",
    "bitwise and": "a & b",
    "minus": "-a",
    "inside a conjunction": "a and b and open('x')",
    "inside a negation": "not exec('x')",
    "inside a comparison": "a == open('x')",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_rule_may_hold_nothing_but_the_allowed_forms(name):
    with pytest.raises(ScopeError, match="not allowed in an inclusion rule"):
        parse(REFUSED[name])


@pytest.mark.parametrize("rule", ["", " ", "a and", "a = 1", "a; b", "import os", "a\nb", "(a", "a ==", "\0", "a == 'x", "9" * 5000, "😀"])
def test_a_rule_that_does_not_parse_is_refused(rule):
    with pytest.raises(ScopeError, match="does not parse"):
        parse(rule)


def test_the_message_names_the_rule_and_the_offending_part():
    with pytest.raises(ScopeError, match=r"'military and len\(name\) > 3': 'len\(name\) > 3' is not allowed"):
        parse("military and len(name) > 3")


@pytest.mark.parametrize(
    ("rule", "used"),
    [
        ("True", set()),
        ("not False", set()),
        ("deployed", {"deployed"}),
        ("deployed and not nested and (military or monitoring) and not un_kind == 'political'", {"deployed", "nested", "military", "monitoring", "un_kind"}),
        ("domain in ('land', 'civilian') or domain not in ('air',)", {"domain"}),
        ("n_tasks >= 2 and n_tasks < 5.5", {"n_tasks"}),
    ],
)
def test_the_columns_of_a_rule_are_known_without_running_it(rule, used):
    assert names(rule) == used


@pytest.mark.parametrize(
    "rule",
    ["\ud800", "not " * (sys.getrecursionlimit() * 3) + "a", "a" + ".b" * 5000, "a + 0x" + "f" * 5000],
    ids=["lone surrogate", "many nots", "many attributes", "huge number"],
)
def test_whatever_is_wrong_with_a_rule_is_a_scope_error(rule):
    with pytest.raises(ScopeError):
        parse(rule)
