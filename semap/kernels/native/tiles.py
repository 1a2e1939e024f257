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

__all__ = ["above", "broadcast", "transpose", "widened"]

_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_QUARTER = ir.VectorType(_FLOAT, 4)
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
def widened(typing: Any, array: Any, at: Any) -> Any:
    """array[at : at + 16] of int8 as floats"""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1])
        codes = builder.load(builder.bitcast(pointer, ir.VectorType(ir.IntType(8), LANES).as_pointer()))
        codes.align = 1
        return builder.sitofp(builder.sext(codes, ir.VectorType(_INT, LANES)), _VECTOR)

    return lanes_type(array, types.intp), build


@intrinsic
def above(typing: Any, a: Any, b: Any) -> Any:
    """A number whose bit i says whether a[i] > b[i]; false where either is not a number."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bits = builder.fcmp_ordered(">", args[0], args[1])
        return builder.zext(builder.bitcast(bits, ir.IntType(LANES)), ir.IntType(64))

    return types.int64(lanes_type, lanes_type), build


@intrinsic
def transpose(typing: Any, array: Any, at: Any, stride: Any, out: Any, out_at: Any) -> Any:
    """out[out_at + 16 d + i] = array[at + stride i + d] for i in 0 .. 15, d in 0 .. 3.

    Four quarters of a vector are loaded from rows 4 apart; what is left are exchanges within the quarters, which every
    CPU does in one step (16 columns at a time, exchanged across the quarters, took twice as long).
    """

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        source, at, stride, target, out_at = args
        quarters = []
        for i in range(LANES):
            place = builder.add(at, builder.mul(stride, ir.Constant(at.type, i)))
            pointer = _pointer(context, builder, signature.args[0], source, place)
            quarters.append(builder.load(builder.bitcast(pointer, _QUARTER.as_pointer())))
            quarters[-1].align = 4
        a, b, c, d = (_whole(builder, [quarters[4 * lane + i] for lane in range(4)]) for i in range(4))
        ab, ab_high, cd, cd_high = (_woven(builder, x, y, high) for x, y in ((a, b), (c, d)) for high in (0, 2))
        columns = [
            _paired(builder, ab, cd, 0), _paired(builder, ab, cd, 2),
            _paired(builder, ab_high, cd_high, 0), _paired(builder, ab_high, cd_high, 2),
        ]  # fmt: skip
        for number, column in enumerate(columns):
            place = builder.add(out_at, ir.Constant(out_at.type, LANES * number))
            pointer = _pointer(context, builder, signature.args[3], target, place)
            builder.store(column, builder.bitcast(pointer, _VECTOR.as_pointer())).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, out, types.intp), build


def _shuffle(builder: Any, one: Any, other: Any, places: list[int]) -> Any:
    return builder.shuffle_vector(one, other, ir.Constant(ir.VectorType(_INT, len(places)), places))


def _whole(builder: Any, quarters: list[Any]) -> Any:
    """Four quarters in their order."""
    lower = _shuffle(builder, quarters[0], quarters[1], list(range(8)))
    upper = _shuffle(builder, quarters[2], quarters[3], list(range(8)))
    return _shuffle(builder, lower, upper, list(range(LANES)))


def _woven(builder: Any, one: Any, other: Any, first: int) -> Any:
    """In each quarter: one[first], other[first], one[first + 1], other[first + 1]."""
    return _shuffle(builder, one, other, [q + first + p + s for q in range(0, LANES, 4) for p in (0, 1) for s in (0, LANES)])


def _paired(builder: Any, one: Any, other: Any, first: int) -> Any:
    """In each quarter: two of one from `first`, two of the other from `first`."""
    return _shuffle(builder, one, other, [q + first + p + s for q in range(0, LANES, 4) for s in (0, LANES) for p in (0, 1)])
