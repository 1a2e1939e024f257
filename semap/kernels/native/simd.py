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

__all__ = [
    "LANES",
    "add",
    "clamp",
    "div",
    "exp",
    "fma",
    "hsum",
    "hsums",
    "load",
    "mul",
    "prefetch",
    "prefetch_to_write",
    "splat",
    "split_exponents",
    "store",
    "sub",
]

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


def _prefetch(name: str, for_writing: int, meaning: str) -> Any:
    def typer(typing: Any, array: Any, at: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            pointer = _element(context, builder, signature.args[0], args[0], args[1])
            byte = ir.IntType(8).as_pointer()
            kind = ir.FunctionType(ir.VoidType(), [byte, _INT, _INT, _INT])
            call = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
            builder.call(call, [builder.bitcast(pointer, byte), _INT(for_writing), _INT(3), _INT(1)])
            return context.get_dummy_value()

        return types.void(array, types.intp), build

    typer.__name__ = typer.__qualname__ = name
    typer.__doc__ = meaning
    return intrinsic(typer)


prefetch = _prefetch("prefetch", 0, "Ask for the cache line of array[at].")
prefetch_to_write = _prefetch("prefetch_to_write", 1, "Ask for the cache line of array[at], for this core alone.")


def _shuffle(builder: Any, a: Any, b: Any, places: list[int]) -> Any:
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(_INT, len(places)), places))


# Two vectors of partial sums -> one that holds both, each half as long: 8 + 8, 4 + 4 (whole 128-bit quarters move),
# then 2 + 2 and 1 + 1 (inside the quarters, where shuffles are cheapest).
_FOLDS = (
    (list(range(8)) + list(range(16, 24)), list(range(8, 16)) + list(range(24, 32))),
    ([*range(4), *range(8, 12), *range(16, 20), *range(24, 28)], [*range(4, 8), *range(12, 16), *range(20, 24), *range(28, 32)]),
    ([q + p for q in range(0, 16, 4) for p in (0, 1, 16, 17)], [q + p for q in range(0, 16, 4) for p in (2, 3, 18, 19)]),
    ([q + p for q in range(0, 16, 4) for p in (0, 2, 16, 18)], [q + p for q in range(0, 16, 4) for p in (1, 3, 17, 19)]),
)


@intrinsic
def hsums(typing: Any, vectors: Any) -> Any:
    """The 16 sums of a tuple of 16 vectors as one vector, in order; each has the same bits as `hsum` of it alone."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        given = cgutils.unpack_tuple(builder, args[0], LANES)
        live = [given[4 * (i % 4) + i // 4] for i in range(LANES)]  # the folds leave a 4 x 4 transpose behind
        for lower, upper in _FOLDS:
            live = [
                builder.fadd(_shuffle(builder, a, b, lower), _shuffle(builder, a, b, upper))
                for a, b in zip(live[::2], live[1::2], strict=True)
            ]
        return live[0]

    return lanes_type(vectors), build


_BITS = ir.VectorType(_INT, LANES)


def _constant(number: float) -> Any:
    return ir.Constant(_VECTOR, [number] * LANES)


def _integers(number: int) -> Any:
    return ir.Constant(_BITS, [number] * LANES)


@intrinsic
def exp(typing: Any, value: Any) -> Any:
    """e ** value for |value| <= 87, within 2 units in the last place: 2^n times a polynomial of degree 6."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(_VECTOR, [_VECTOR, _VECTOR, _VECTOR])
        fused = cgutils.get_or_insert_function(builder.module, kind, "llvm.fma.v16f32")
        magic = 12582912.0  # 1.5 * 2^23: adding it leaves round(x) in the low bits of the mantissa
        shifted = builder.call(fused, [args[0], _constant(1.4426950408889634), _constant(magic)])
        n = builder.fsub(shifted, _constant(magic))
        rest = builder.call(fused, [n, _constant(-0.693359375), args[0]])  # ln 2 in two parts
        rest = builder.call(fused, [n, _constant(2.12194440e-4), rest])
        total = _constant(1 / 720)
        for factor in (1 / 120, 1 / 24, 1 / 6, 1 / 2, 1.0, 1.0):
            total = builder.call(fused, [total, rest, _constant(factor)])
        power = builder.shl(builder.bitcast(shifted, _BITS), _integers(23))
        return builder.bitcast(builder.add(builder.bitcast(total, _BITS), power), _VECTOR)

    return lanes_type(lanes_type), build


@intrinsic
def clamp(typing: Any, value: Any, limit: Any) -> Any:
    """value cut to -limit .. limit; NaN stays NaN"""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        top = builder.fcmp_ordered(">", args[0], args[1])
        value = builder.select(top, args[1], args[0])
        low = builder.fsub(ir.Constant(_VECTOR, [-0.0] * LANES), args[1])
        return builder.select(builder.fcmp_ordered("<", value, low), low, value)

    return lanes_type(lanes_type, lanes_type), build


@intrinsic
def split_exponents(typing: Any, value: Any, exponents: Any, at: Any) -> Any:
    """Add the binary exponents of positive numbers to int32 exponents[at : at + 16]; return mantissas in [1, 2); NaN stays."""

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        bits = builder.bitcast(args[0], _BITS)
        pointer = builder.bitcast(_element(context, builder, signature.args[1], args[1], args[2]), _BITS.as_pointer())
        total = builder.load(pointer)
        total.align = 4
        exponent = builder.sub(builder.lshr(bits, _integers(23)), _integers(127))
        builder.store(builder.add(total, exponent), pointer).align = 4
        mantissa = builder.or_(builder.and_(bits, _integers(0x7FFFFF)), _integers(0x3F800000))
        broken = builder.fcmp_unordered("uno", args[0], args[0])
        return builder.select(broken, args[0], builder.bitcast(mantissa, _VECTOR))

    return lanes_type(lanes_type, exponents, types.intp), build
