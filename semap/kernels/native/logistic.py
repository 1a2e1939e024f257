"""Scores of a centre's outputs in, gradients and loss out: the logistic objective, six outputs at a time.

Outputs are taken in groups of six; each group is one gradient step of its own. Places of unused outputs have sign 0.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from semap.arrays import AnyArray, Integer, Real
from semap.kernels.native.cells import peek, poke
from semap.kernels.native.jit import bare
from semap.kernels.native.simd import add, clamp, div, exp, fma, hsums, load, mul, splat, split_exponents, store, sub

__all__ = [
    "GROUP",
    "LIMIT",
    "PRODUCT",
    "SIGNS",
    "Places",
    "descend",
    "dots_of_one",
    "dots_of_two",
    "group_rows",
    "set_signs",
]

GROUP = 6
LIMIT = 80.0  # e^80 is finite in float32, and the sigmoid is 1 to the last bit long before
PRODUCT, SIGNS = 0, 16  # places in desk.floats: the running loss; signs for two inputs, then for one

Places: TypeAlias = tuple[Integer, Integer, Integer, Integer, Integer, Integer]  # where six rows start


@bare
def set_signs(group: Integer, n_outputs: Integer, signs: AnyArray, floats: AnyArray) -> None:
    """Put the signs of a group's outputs where `descend` reads them; unused places get 0."""
    for k in range(GROUP):
        place = GROUP * group + k
        sign = np.float32(0)
        if place < n_outputs:
            sign = peek(signs, place)
        spot = SIGNS + k + k // 3
        poke(floats, spot, sign)
        poke(floats, spot + 8, sign)
        poke(floats, spot + 16, sign)


@bare
def group_rows(group: Integer, n_outputs: Integer, targets: AnyArray, width: Integer) -> Places:
    """Where the six output rows of a group start; unused places point at the centre's."""
    k = GROUP * group
    return (
        targets[k] * width,
        (targets[k + 1] if k + 1 < n_outputs else targets[0]) * width,
        (targets[k + 2] if k + 2 < n_outputs else targets[0]) * width,
        (targets[k + 3] if k + 3 < n_outputs else targets[0]) * width,
        (targets[k + 4] if k + 4 < n_outputs else targets[0]) * width,
        (targets[k + 5] if k + 5 < n_outputs else targets[0]) * width,
    )


@bare
def dots_of_two(inputs: AnyArray, a: Integer, b: Integer, outputs: AnyArray, o: Places, width: Integer) -> Any:
    """Scores of the input rows at a and b with six output rows: a's in places 0 1 2 4 5 6, b's in 8 9 10 12 13 14.

    Every fourth place is left empty: `hsums` then has a quarter of its work at no cost, since it folds places 4 apart first.
    """
    zero = splat(np.float32(0))
    a0 = a1 = a2 = a3 = a4 = a5 = zero
    b0 = b1 = b2 = b3 = b4 = b5 = zero
    o0, o1, o2, o3, o4, o5 = o
    for t in range(0, width, 16):
        x, y = load(inputs, a + t), load(inputs, b + t)
        v = load(outputs, o0 + t)
        a0, b0 = fma(x, v, a0), fma(y, v, b0)
        v = load(outputs, o1 + t)
        a1, b1 = fma(x, v, a1), fma(y, v, b1)
        v = load(outputs, o2 + t)
        a2, b2 = fma(x, v, a2), fma(y, v, b2)
        v = load(outputs, o3 + t)
        a3, b3 = fma(x, v, a3), fma(y, v, b3)
        v = load(outputs, o4 + t)
        a4, b4 = fma(x, v, a4), fma(y, v, b4)
        v = load(outputs, o5 + t)
        a5, b5 = fma(x, v, a5), fma(y, v, b5)
    return hsums((a0, a1, a2, zero, a3, a4, a5, zero, b0, b1, b2, zero, b3, b4, b5, zero))


@bare
def dots_of_one(inputs: AnyArray, a: Integer, outputs: AnyArray, o: Places, width: Integer) -> Any:
    """Scores of the input row at a with six output rows, in places 0 1 2 4 5 6."""
    zero = splat(np.float32(0))
    a0 = a1 = a2 = a3 = a4 = a5 = zero
    o0, o1, o2, o3, o4, o5 = o
    for t in range(0, width, 16):
        x = load(inputs, a + t)
        a0, a1 = fma(x, load(outputs, o0 + t), a0), fma(x, load(outputs, o1 + t), a1)
        a2, a3 = fma(x, load(outputs, o2 + t), a2), fma(x, load(outputs, o3 + t), a3)
        a4, a5 = fma(x, load(outputs, o4 + t), a4), fma(x, load(outputs, o5 + t), a5)
    return hsums((a0, a1, a2, zero, a3, a4, a5, zero, zero, zero, zero, zero, zero, zero, zero, zero))


@bare
def descend(scores: Any, floats: AnyArray, signs: Integer, rate: Real, exponents: AnyArray) -> Any:
    """Turn scores x with signs s into gradients rate * s * sigmoid(-s x), and add -log sigmoid(s x) to the loss.

    The loss is kept as the product of 1 + e^(-s x), its exponents put aside, so that it costs no logarithm here.
    """
    s = load(floats, signs)
    e = exp(clamp(mul(scores, sub(splat(np.float32(0)), s)), splat(np.float32(LIMIT))))
    e = mul(e, mul(s, s))  # unused places: e = 0, loss 0
    factor = add(splat(np.float32(1)), e)
    store(floats, PRODUCT, split_exponents(mul(load(floats, PRODUCT), factor), exponents, 0))
    return mul(mul(splat(rate), s), div(e, factor))
