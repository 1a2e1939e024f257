"""Bytes of an array at any place as one number, and how many zero bits stand below the lowest one of a number."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

__all__ = ["load32", "load64", "trailing_zeros"]

_HALF = ir.IntType(32)
_WORD = ir.IntType(64)
_FLAG = ir.IntType(1)


@intrinsic
def load32(typing: Any, array: Any, at: Any) -> Any:
    """array[at : at + 4] of a one-dimensional uint8 array as a number from 0, int64; the first byte is the lowest."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        value = builder.load(builder.bitcast(builder.gep(data, [args[1]]), _HALF.as_pointer()))
        value.align = 1
        return builder.zext(value, _WORD)

    return types.int64(array, types.intp), build


@intrinsic
def load64(typing: Any, array: Any, at: Any) -> Any:
    """array[at : at + 8] of a one-dimensional uint8 array; the first byte is the lowest on little-endian machines."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        value = builder.load(builder.bitcast(builder.gep(data, [args[1]]), _WORD.as_pointer()))
        value.align = 1
        return value

    return types.uint64(array, types.intp), build


@intrinsic
def trailing_zeros(typing: Any, number: Any) -> Any:
    """How many zero bits stand below the lowest one of a uint64; 64 for 0."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_WORD, [_WORD, _FLAG])
        call = cgutils.get_or_insert_function(builder.module, kind, "llvm.cttz.i64")
        return builder.call(call, [args[0], _FLAG(0)])

    return types.intp(types.uint64), build
