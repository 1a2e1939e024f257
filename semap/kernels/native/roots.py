"""One over the square root of 16 numbers, with the same bits on every CPU and quicker than a root and a division."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from semap.kernels.native.simd import LANES, lanes_type

__all__ = ["inverse_root"]

_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_BITS = ir.VectorType(ir.IntType(32), LANES)
_MAGIC = 0x5F375A86  # Lomont 2003, Fast inverse square root: within 0.0018 of it before the first improvement
_IMPROVEMENTS = 3  # by Newton's method: to 5e-6 after two, within 2 units in the last place after three


@intrinsic
def inverse_root(typing: Any, value: Any) -> Any:
    """1 / sqrt(value) for positive numbers from 1e-37 to 1e38; NaN stays NaN."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR, _VECTOR])
        fused = cgutils.get_or_insert_function(builder.module, kind, "llvm.fma.v16f32")
        half = builder.lshr(builder.bitcast(args[0], _BITS), ir.Constant(_BITS, [1] * LANES))
        guess = builder.bitcast(builder.sub(ir.Constant(_BITS, [_MAGIC] * LANES), half), _VECTOR)
        negative = builder.fmul(args[0], ir.Constant(_VECTOR, [-0.5] * LANES))
        for _ in range(_IMPROVEMENTS):  # y (3/2 - x y^2 / 2) = y + y (1/2 - x y^2 / 2)
            rest = builder.call(fused, [builder.fmul(negative, guess), guess, ir.Constant(_VECTOR, [0.5] * LANES)])
            guess = builder.call(fused, [guess, rest, guess])
        return guess

    return lanes_type(lanes_type), build
