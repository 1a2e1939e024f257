"""Two-byte floats at any place as 16 float32, and vectors of 16 cut to their first places."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from semap.kernels.native.simd import LANES, lanes_type

__all__ = ["from_halves", "leading"]

_INT = ir.IntType(32)
_INTS = ir.VectorType(_INT, LANES)
_VECTOR = ir.VectorType(ir.FloatType(), LANES)


def _all(number: int) -> Any:
    return ir.Constant(_INTS, [number] * LANES)


@intrinsic
def from_halves(typing: Any, array: Any, at: Any) -> Any:
    """The 16 finite float16 that begin at element `at` of an array of bytes.

    By moving bits, as `semap.table.rows` does: not every CPU converts, and where LLVM would call a library there is none.
    """

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        pointer = builder.bitcast(builder.gep(data, [args[1]]), ir.VectorType(ir.IntType(16), LANES).as_pointer())
        halves = builder.load(pointer)
        halves.align = 1
        bits = builder.zext(halves, _INTS)
        sign = builder.shl(builder.and_(bits, _all(0x8000)), _all(16))
        size = builder.shl(builder.and_(bits, _all(0x7FFF)), _all(13))
        raised = builder.fmul(builder.bitcast(size, _VECTOR), ir.Constant(_VECTOR, [2.0**112] * LANES))
        return builder.bitcast(builder.or_(builder.bitcast(raised, _INTS), sign), _VECTOR)

    return lanes_type(array, types.intp), build


@intrinsic
def leading(typing: Any, value: Any, n: Any) -> Any:
    """The first n of 16 places, and zeros after them whatever stood there."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        undefined = ir.Constant(_INTS, ir.Undefined)
        one = builder.insert_element(undefined, builder.trunc(args[1], _INT), _INT(0))
        limit = builder.shuffle_vector(one, undefined, _all(0))
        inside = builder.icmp_signed("<", ir.Constant(_INTS, list(range(LANES))), limit)
        return builder.select(inside, args[0], ir.Constant(_VECTOR, [0.0] * LANES))

    return lanes_type(lanes_type, types.intp), build
