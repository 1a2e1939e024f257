"""Sixteen rows at a time, one per place of a vector: the instructions that `simd` lacks for it.

A dot product of 16 rows and a query is then `total = fma(column d of the 16 rows, query[d], total)` for each d: no
horizontal sum, and every pair adds up in the order of d, however rows and queries are grouped. `at` is an element
index, as in `simd`.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from semap.kernels.native.simd import LANES, lanes_type

__all__ = ["above", "broadcast", "transpose"]

_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_INT = ir.IntType(32)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [at])


@intrinsic
def broadcast(typing: Any, array: Any, at: Any) -> Any:
    """array[at] in all 16 places; unlike `splat(array[at])` it does not ask whether `at` is negative."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        number = builder.load(_pointer(context, builder, signature.args[0], args[0], args[1]))
        undefined = ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(undefined, number, _INT(0))
        return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_INT, LANES), [0] * LANES))

    return lanes_type(array, types.intp), build


@intrinsic
def above(typing: Any, a: Any, b: Any) -> Any:
    """A number whose bit i says whether a[i] > b[i]; false where either is not a number."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bits = builder.fcmp_ordered(">", args[0], args[1])
        return builder.zext(builder.bitcast(bits, ir.IntType(LANES)), ir.IntType(64))

    return types.int64(lanes_type, lanes_type), build


def _mixed(builder: Any, one: Any, other: Any, width: int) -> tuple[Any, Any]:
    """Exchange the odd groups of `width` places of one vector with the even groups of the other."""
    even = [i if not i & width else i - width + LANES for i in range(LANES)]
    odd = [i + width if not i & width else i + LANES for i in range(LANES)]
    kind = ir.VectorType(_INT, LANES)
    return (
        builder.shuffle_vector(one, other, ir.Constant(kind, even)),
        builder.shuffle_vector(one, other, ir.Constant(kind, odd)),
    )


@intrinsic
def transpose(typing: Any, array: Any, at: Any, stride: Any, out: Any, out_at: Any) -> Any:
    """out[out_at + 16 d + i] = array[at + stride i + d] for i, d in 0 .. 15."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, at, stride, target, out_at = args
        block = []
        for i in range(LANES):
            place = builder.add(at, builder.mul(stride, ir.Constant(at.type, i)))
            pointer = _pointer(context, builder, signature.args[0], source, place)
            value = builder.load(builder.bitcast(pointer, _VECTOR.as_pointer()))
            value.align = 4
            block.append(value)
        for width in (8, 4, 2, 1):
            for i in range(LANES):
                if not i & width:
                    block[i], block[i + width] = _mixed(builder, block[i], block[i + width], width)
        for d in range(LANES):
            place = builder.add(out_at, ir.Constant(out_at.type, LANES * d))
            pointer = _pointer(context, builder, signature.args[3], target, place)
            builder.store(block[d], builder.bitcast(pointer, _VECTOR.as_pointer())).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, out, types.intp), build
