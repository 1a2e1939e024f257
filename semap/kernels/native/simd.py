"""Explicit vectors of 16 float32 for kernels; LLVM splits them on CPUs with narrower registers, with the same bits.

Arrays passed to `load` and `store` are one-dimensional float32; `at` is an element index. Both ask for 4-byte alignment
only: users' arrays and mapped files have no more.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

__all__ = ["LANES", "add", "div", "fma", "hsum", "load", "mul", "prefetch", "splat", "store", "sub"]

LANES = 16
_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_INT = ir.IntType(32)


class _Float16Lanes(types.Type):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__(name="float32x16")


lanes_type = _Float16Lanes()


@register_model(_Float16Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, frontend_type: Any) -> None:
        super().__init__(manager, frontend_type, _VECTOR)


def _element(context: Any, builder: Any, array_type: Any, array: Any, at: Any) -> Any:
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [at])


@intrinsic
def load(typing: Any, array: Any, at: Any) -> Any:
    """array[at : at + 16]"""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _element(context, builder, signature.args[0], args[0], args[1])
        value = builder.load(builder.bitcast(pointer, _VECTOR.as_pointer()))
        value.align = 4
        return value

    return lanes_type(array, types.intp), build


@intrinsic
def store(typing: Any, array: Any, at: Any, value: Any) -> Any:
    """array[at : at + 16] = value"""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _element(context, builder, signature.args[0], args[0], args[1])
        builder.store(args[2], builder.bitcast(pointer, _VECTOR.as_pointer())).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes_type), build


@intrinsic
def splat(typing: Any, number: Any) -> Any:
    """The float32 `number` in all 16 places."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        undefined = ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(undefined, args[0], ir.Constant(_INT, 0))
        return builder.shuffle_vector(first, undefined, ir.Constant(ir.VectorType(_INT, LANES), [0] * LANES))

    return lanes_type(types.float32), build


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """a * b + c, rounded once"""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR, _VECTOR])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.fma.v16f32"), args)

    return lanes_type(lanes_type, lanes_type, lanes_type), build


def _elementwise(name: str, instruction: str) -> Any:
    def typer(typing: Any, a: Any, b: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return getattr(builder, instruction)(args[0], args[1])

        return lanes_type(lanes_type, lanes_type), build

    typer.__name__ = typer.__qualname__ = name
    return intrinsic(typer)


add = _elementwise("add", "fadd")
sub = _elementwise("sub", "fsub")
mul = _elementwise("mul", "fmul")
div = _elementwise("div", "fdiv")


def halves(builder: Any, value: Any, width: int) -> tuple[Any, Any]:
    """The lower and the upper half of a vector of `width` floats."""
    undefined = ir.Constant(ir.VectorType(_FLOAT, width), ir.Undefined)
    half = ir.VectorType(_INT, width // 2)
    lower = builder.shuffle_vector(value, undefined, ir.Constant(half, list(range(width // 2))))
    upper = builder.shuffle_vector(value, undefined, ir.Constant(half, list(range(width // 2, width))))
    return lower, upper


@intrinsic
def hsum(typing: Any, value: Any) -> Any:
    """The sum of the 16 places by fixed halving: 8 + 8, then 4 + 4, 2 + 2, 1 + 1."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        total, width = args[0], LANES
        while width > 1:
            lower, upper = halves(builder, total, width)
            total, width = builder.fadd(lower, upper), width // 2
        return builder.extract_element(total, ir.Constant(_INT, 0))

    return types.float32(lanes_type), build


@intrinsic
def prefetch(typing: Any, array: Any, at: Any) -> Any:
    """Ask for the cache line of array[at]."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _element(context, builder, signature.args[0], args[0], args[1])
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, _INT, _INT, _INT])
        call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(call, [builder.bitcast(pointer, byte), _INT(0), _INT(3), _INT(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), build
