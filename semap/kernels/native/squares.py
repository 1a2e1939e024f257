"""Sums of outer products in tiles of 16 x 16, and the triangular factor of a symmetric matrix: no library, one order of sums.

A matrix of the size S (a multiple of 16) lies row by row in flat float32 (S * S); only the tiles on the diagonal and right of
it are used.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from semap.kernels.native.jit import inlined
from semap.kernels.native.simd import LANES, add, fma, hsums, load, mul, splat, store, sub
from semap.kernels.native.tiles import broadcast

__all__ = ["add_squares", "factor", "solve"]

_LEAST_PIVOT = np.float32(1e-6)  # of what stood there at first; a smaller one is rounding: nothing is left to divide by
_FLOAT = ir.FloatType()
_VECTOR = ir.VectorType(_FLOAT, LANES)
_INT = ir.IntType(32)


@inlined
def _add_tile(matrix: Any, at: Any, size: Any, source: Any, across: Any, down: Any, stride: Any, n: Any, sign: Any) -> None:
    """matrix[at + size r + c] += sign * sum_j source[across + stride j + r] * source[down + stride j + c] for 16 r and 16 c."""
    a, b, c, d = load(matrix, at), load(matrix, at + size), load(matrix, at + 2 * size), load(matrix, at + 3 * size)
    low = at + 4 * size
    e, f, g, h = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    low += 4 * size
    i, j, k, l = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    low += 4 * size
    m, o, p, q = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    for _ in range(n):
        x = mul(load(source, down), sign)
        a = fma(broadcast(source, across), x, a)
        b = fma(broadcast(source, across + 1), x, b)
        c = fma(broadcast(source, across + 2), x, c)
        d = fma(broadcast(source, across + 3), x, d)
        e = fma(broadcast(source, across + 4), x, e)
        f = fma(broadcast(source, across + 5), x, f)
        g = fma(broadcast(source, across + 6), x, g)
        h = fma(broadcast(source, across + 7), x, h)
        i = fma(broadcast(source, across + 8), x, i)
        j = fma(broadcast(source, across + 9), x, j)
        k = fma(broadcast(source, across + 10), x, k)
        l = fma(broadcast(source, across + 11), x, l)
        m = fma(broadcast(source, across + 12), x, m)
        o = fma(broadcast(source, across + 13), x, o)
        p = fma(broadcast(source, across + 14), x, p)
        q = fma(broadcast(source, across + 15), x, q)
        across += stride
        down += stride
    for number, row in enumerate((a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q)):
        store(matrix, at + number * size, row)


@inlined
def add_squares(matrix: Any, size: Any, source: Any, begin: Any, stride: Any, n: Any, first: Any, sign: Any) -> None:
    """Add sign * sum_j s_j s_j' to the tiles from coordinate `first` on; s_j = source[begin + stride j :], n of them."""
    for top in range(first, size, LANES):
        for left in range(top, size, LANES):
            _add_tile(matrix, top * size + left, size, source, begin + top, begin + left, stride, n, splat(np.float32(sign)))


def _called(builder: Any, name: str, kind: Any, arguments: list[Any]) -> Any:
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * len(arguments)), name)
    return builder.call(function, arguments)


def _places(builder: Any, context: Any, array_type: Any, array: Any, at: Any, stride: Any) -> list[Any]:
    """Pointers to 16 vectors, `stride` elements apart."""
    data = context.make_array(array_type)(context, builder, array).data
    steps = [builder.add(at, builder.mul(stride, ir.Constant(at.type, row))) for row in range(LANES)]
    return [builder.bitcast(builder.gep(data, [step]), _VECTOR.as_pointer()) for step in steps]


def _only(builder: Any, row: Any, places: range) -> Any:
    """The row with zeros in all other places."""
    flags = ir.Constant(ir.VectorType(ir.IntType(1), LANES), [int(place in places) for place in range(LANES)])
    return builder.select(flags, row, ir.Constant(_VECTOR, [0.0] * LANES))


def _everywhere(builder: Any, row: Any, place: int) -> Any:
    return builder.shuffle_vector(row, row, ir.Constant(ir.VectorType(_INT, LANES), [place] * LANES))


def _spread(builder: Any, number: Any) -> Any:
    return _everywhere(builder, builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, _INT(0)), 0)


@intrinsic
def _invert_tile(typing: Any, matrix: Any, at: Any, size: Any, least: Any) -> Any:
    """Put L^-1, L L' = the tile at `at` (what is left of its diagonal is not read), in its place, zeros right of the diagonal.

    Row operations turn [tile, 1] into [L', L^-1]; of row k both halves fit into one vector, L' right of place k and L^-1 up to
    it; what a row below has in place k counts as eliminated. All 16 rows stay in registers and are divided by the roots of
    their pivots last, so that from one pivot to the next there is one division. A pivot up to least[k] counts as 0, and so
    does its inverse.
    """

    def build(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        places = _places(builder, context, signature.args[0], args[0], args[1], args[2])
        rows = [builder.load(place) for place in places]
        for row in rows:
            row.align = 4
        zero, one = ir.Constant(_FLOAT, 0.0), ir.Constant(_FLOAT, 1.0)
        for k in range(LANES):
            pivot, bound = (builder.extract_element(vector, _INT(k)) for vector in (rows[k], args[3]))
            good = builder.fcmp_ordered(">", pivot, bound)
            inverse = builder.select(good, builder.fdiv(one, pivot), zero)
            row = builder.insert_element(rows[k], one, _INT(k))
            shares = builder.fmul(rows[k], _spread(builder, builder.fsub(ir.Constant(_FLOAT, -0.0), inverse)))
            for i in range(k + 1, LANES):
                cleared = builder.insert_element(rows[i], zero, _INT(k))
                rows[i] = _called(builder, "llvm.fma.v16f32", _VECTOR, [_everywhere(builder, shares, i), row, cleared])
            rows[k] = builder.fmul(row, _spread(builder, _called(builder, "llvm.sqrt.f32", _FLOAT, [inverse])))
        for k, place in enumerate(places):
            builder.store(_only(builder, rows[k], range(k + 1)), place).align = 4
        return context.get_dummy_value()

    return types.void(matrix, types.intp, types.intp, least), build


@inlined
def _turn_tile(matrix: Any, by: Any, at: Any, size: Any) -> None:
    """Put the product of the tile at `by` and the one at `at` in the latter's place."""
    z = splat(np.float32(0))
    a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q = z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z
    for row in range(LANES):
        x, y = load(matrix, at + size * row), by + row
        a, b = fma(broadcast(matrix, y), x, a), fma(broadcast(matrix, y + size), x, b)
        c, d = fma(broadcast(matrix, y + 2 * size), x, c), fma(broadcast(matrix, y + 3 * size), x, d)
        e, f = fma(broadcast(matrix, y + 4 * size), x, e), fma(broadcast(matrix, y + 5 * size), x, f)
        g, h = fma(broadcast(matrix, y + 6 * size), x, g), fma(broadcast(matrix, y + 7 * size), x, h)
        i, j = fma(broadcast(matrix, y + 8 * size), x, i), fma(broadcast(matrix, y + 9 * size), x, j)
        k, l = fma(broadcast(matrix, y + 10 * size), x, k), fma(broadcast(matrix, y + 11 * size), x, l)
        m, o = fma(broadcast(matrix, y + 12 * size), x, m), fma(broadcast(matrix, y + 13 * size), x, o)
        p, q = fma(broadcast(matrix, y + 14 * size), x, p), fma(broadcast(matrix, y + 15 * size), x, q)
    for number, vector in enumerate((a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q)):
        store(matrix, at + number * size, vector)


@inlined
def factor(matrix: Any, size: Any, diagonal: Any) -> None:
    """Put U with U' U = matrix in its place, 16 rows at a time, but in the tiles on the diagonal the inverses of U's, transposed.

    diagonal float32 (S,) is scratch.
    """
    for k in range(size):
        diagonal[k] = matrix[k * size + k]
    for top in range(0, size, LANES):
        corner = top * size + top
        _invert_tile(matrix, corner, size, mul(load(diagonal, top), splat(_LEAST_PIVOT)))
        for left in range(top + LANES, size, LANES):
            _turn_tile(matrix, corner, top * size + left, size)
        if top + LANES < size:
            add_squares(matrix, size, matrix, top * size, size, LANES, top + LANES, -1)


@inlined
def _dots(matrix: Any, at: Any, size: Any, x: Any) -> Any:
    """The products of 16 rows and x."""
    a, b, c, d = load(matrix, at), load(matrix, at + size), load(matrix, at + 2 * size), load(matrix, at + 3 * size)
    low = at + 4 * size
    e, f, g, h = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    low += 4 * size
    i, j, k, l = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    low += 4 * size
    m, o, p, q = load(matrix, low), load(matrix, low + size), load(matrix, low + 2 * size), load(matrix, low + 3 * size)
    first = mul(a, x), mul(b, x), mul(c, x), mul(d, x), mul(e, x), mul(f, x), mul(g, x), mul(h, x)
    return hsums((*first, mul(i, x), mul(j, x), mul(k, x), mul(l, x), mul(m, x), mul(o, x), mul(p, x), mul(q, x)))


@inlined
def _sum(matrix: Any, at: Any, size: Any, right: Any, top: Any) -> Any:
    """The sum of 16 rows, each times right[top + its number]; four sums, so that none waits for the other."""
    z = splat(np.float32(0))
    a, b, c, d = z, z, z, z
    for row in range(0, LANES, 4):
        low = at + size * row
        a = fma(broadcast(right, top + row), load(matrix, low), a)
        b = fma(broadcast(right, top + row + 1), load(matrix, low + size), b)
        c = fma(broadcast(right, top + row + 2), load(matrix, low + 2 * size), c)
        d = fma(broadcast(right, top + row + 3), load(matrix, low + 3 * size), d)
    return add(add(a, b), add(c, d))


@inlined
def solve(matrix: Any, size: Any, right: Any) -> None:
    """Put x with A x = right in its place; matrix is what `factor` made of A."""
    for top in range(0, size, LANES):
        store(right, top, _dots(matrix, top * size + top, size, load(right, top)))
        for left in range(top + LANES, size, LANES):
            store(right, left, sub(load(right, left), _sum(matrix, top * size + left, size, right, top)))
    for back in range(LANES, size + LANES, LANES):
        top = size - back
        for left in range(top + LANES, size, LANES):
            store(right, top, sub(load(right, top), _dots(matrix, top * size + left, size, load(right, left))))
        store(right, top, _sum(matrix, top * size + top, size, right, top))
