"""Single cells of arrays: read and written without Numba's test for negative numbers, or shared between threads."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["atomic_add", "atomic_load", "atomic_swap", "copy_16", "peek", "poke"]


def _cell(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [at])


@intrinsic
def peek(typing: Any, array: Any, at: Any) -> Any:
    """array[at] for 0 <= at < size, of a flat array."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_cell(context, builder, signature.args[0], args[0], args[1]))

    return array.dtype(array, types.intp), build


@intrinsic
def poke(typing: Any, array: Any, at: Any, value: Any) -> Any:
    """array[at] = value for 0 <= at < size, of a flat array; the value is converted to the array's type."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _cell(context, builder, signature.args[0], args[0], args[1]))
        return context.get_dummy_value()

    return types.void(array, types.intp, array.dtype), build


@intrinsic
def copy_16(typing: Any, source: Any, begin: Any, target: Any, at: Any) -> Any:
    """target[at : at + 16] = source[begin : begin + 16], of flat int32 arrays with room for all 16."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        sixteen = ir.VectorType(ir.IntType(32), 16).as_pointer()
        origin = builder.bitcast(_cell(context, builder, signature.args[0], args[0], args[1]), sixteen)
        place = builder.bitcast(_cell(context, builder, signature.args[2], args[2], args[3]), sixteen)
        value = builder.load(origin)
        value.align = 4
        builder.store(value, place).align = 4
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp), build


@intrinsic
def atomic_swap(typing: Any, array: Any, at: Any, old: Any, new: Any) -> Any:
    """If int64 array[at] is `old`, make it `new`; returns whether it was."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        cell = _cell(context, builder, signature.args[0], args[0], args[1])
        pair = builder.cmpxchg(cell, args[2], args[3], "seq_cst", "seq_cst")
        return builder.extract_value(pair, 1)

    return types.boolean(array, types.intp, types.int64, types.int64), build


@intrinsic
def atomic_add(typing: Any, array: Any, at: Any, amount: Any) -> Any:
    """Add to int64 array[at]; returns the value from before. Earlier writes are seen by whoever reads the new value."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        cell = _cell(context, builder, signature.args[0], args[0], args[1])
        return builder.atomic_rmw("add", cell, args[2], "seq_cst")

    return types.int64(array, types.intp, types.int64), build


@intrinsic
def atomic_load(typing: Any, array: Any, at: Any) -> Any:
    """The value of int64 array[at], with all that was written before it."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        cell = _cell(context, builder, signature.args[0], args[0], args[1])
        return builder.load_atomic(cell, "seq_cst", 8)

    return types.int64(array, types.intp), build
