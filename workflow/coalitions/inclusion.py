"""The grammar of inclusion rules: small boolean expressions over the columns of the operations panel.

A rule such as `deployed and not nested and (military or monitoring)` is parsed, never executed: names, `and`, `or`, `not`,
comparisons with constants and `in` with a tuple of constants are allowed, nothing else.
"""

import ast

_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


class ScopeError(ValueError):
    """An inclusion rule that cannot be read or names no column."""


def parse(rule: str) -> ast.expr:
    """Syntax tree of a rule. Raises ScopeError with the offending part if it holds anything but the allowed forms."""
    try:
        tree = ast.parse(rule, mode="eval").body
        _check(tree, rule)
    except ScopeError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # what Python's parser says of text that is no expression, or too deep
        raise ScopeError(f"{rule[:200]!r} does not parse: {getattr(error, 'msg', None) or type(error).__name__}") from None
    return tree


def names(rule: str) -> set[str]:
    """Columns that a rule uses."""
    return {node.id for node in ast.walk(parse(rule)) if isinstance(node, ast.Name)}


def _check(node: ast.AST, rule: str) -> None:
    allowed = False
    if isinstance(node, ast.BoolOp):
        allowed = True
        for value in node.values:
            _check(value, rule)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        allowed = True
        _check(node.operand, rule)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.left, ast.Name):
        right = node.comparators[0]
        constant = isinstance(right, ast.Constant)
        group = isinstance(right, ast.Tuple) and all(isinstance(item, ast.Constant) for item in right.elts)
        allowed = (isinstance(node.ops[0], _COMPARISONS) and constant) or (isinstance(node.ops[0], (ast.In, ast.NotIn)) and group)
    elif isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and isinstance(node.value, bool)):
        allowed = True
    if not allowed:
        raise ScopeError(f"{rule!r}: {ast.unparse(node)!r} is not allowed in an inclusion rule (names, and, or, not, comparisons with constants)")
