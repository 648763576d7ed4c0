"""Applying inclusion rules to the operations panel. Their grammar is in `coalitions.inclusion`."""

import ast
import operator

import numpy as np
import pandas as pd

from coalitions.inclusion import ScopeError, names, parse

_COMPARE = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def select(frame: pd.DataFrame, rule: str) -> pd.Series:
    """Which rows of `frame` the rule includes (bool). A missing value makes a comparison false. Raises ScopeError for a name that is no column."""
    unknown = sorted(names(rule) - set(frame.columns))
    if unknown:
        raise ScopeError(f"{rule!r} names no column of the operations panel: {', '.join(unknown)}")
    value = _evaluate(parse(rule), frame)
    return pd.Series(np.broadcast_to(np.asarray(value, dtype=bool), len(frame)), index=frame.index)


def _evaluate(node: ast.AST, frame: pd.DataFrame):
    if isinstance(node, ast.BoolOp):
        values = [_evaluate(value, frame) for value in node.values]
        combine = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return combine.reduce(np.broadcast_arrays(*values)) if len(values) > 1 else values[0]
    if isinstance(node, ast.UnaryOp):
        return np.logical_not(_evaluate(node.operand, frame))
    if isinstance(node, ast.Compare):
        column, right = frame[node.left.id], node.comparators[0]
        if isinstance(node.ops[0], (ast.In, ast.NotIn)):
            inside = column.isin([item.value for item in right.elts]).to_numpy()
            return inside if isinstance(node.ops[0], ast.In) else ~inside & column.notna().to_numpy()
        try:
            held = _COMPARE[type(node.ops[0])](column, right.value)
        except TypeError:
            raise ScopeError(f"{ast.unparse(node)!r} compares the column {node.left.id} with a value of another kind") from None
        return (held & column.notna()).fillna(False).to_numpy(dtype=bool)
    if isinstance(node, ast.Constant):
        return np.asarray(node.value)
    return frame[node.id].fillna(0).astype(bool).to_numpy()
