"""Rows of one side held fast, those of the other solved for by weighted least squares, written to be read."""

from __future__ import annotations

import numpy as np

from semap.arrays import AnyArray

__all__ = ["gram", "solve_rows"]


def solve_rows(
    indptr: AnyArray, others: AnyArray, weights: AnyArray, targets: AnyArray, fixed: AnyArray, square: AnyArray,
    ridges: AnyArray, block: int, tell: bool, start: int, stop: int, rows: AnyArray, losses: AnyArray,
) -> None:  # fmt: skip
    """Lower, for every row w = rows[r] with start <= r < stop, and for one block of coordinates after the other, the function

        L(w) = sum_j weights[j] (targets[j] - w . h_j)^2 + w' square w + ridges[r] |w|^2,    h_j = fixed[others[j]],

    over the entries indptr[r] <= j < indptr[r + 1]. For the coordinates B of a block, the others held fast, its least is at

        w_B - A^-1 g,   A = sum_j weights[j] h_jB h_jB' + square_BB + ridges[r] I,
                        g = sum_j weights[j] (w . h_j - targets[j]) h_jB + (square w)_B + ridges[r] w_B

    (Rendle, Krichene, Zhang, Koren 2021, iALS++, algorithm 2; with one block of all coordinates: Hu, Koren, Volinsky 2008,
    equation 4). A direction in which A is zero is left alone; a row without entries becomes zeros.

    indptr int64 (R + 1,); others int32, weights and targets float32, from 0, (N,); fixed float32 (F, W); square float32
    (W, W); ridges float32 (R,); rows float32 (R, W); losses float64 (R, 2): where `tell`, the sum over j at the end, else 0,
    and ridges[r] |w|^2. W and `block` are multiples of 16.
    """
    width = rows.shape[1]
    for row in range(start, stop):
        entries = slice(indptr[row], indptr[row + 1])
        near, weight, target, w = fixed[others[entries]], weights[entries], targets[entries], rows[row]
        if indptr[row] == indptr[row + 1]:
            rows[row], losses[row] = 0, 0
            continue
        for first in range(0, width, block):
            part = slice(first, first + block)
            a = (near[:, part].T * weight) @ near[:, part] + square[part, part]
            a += ridges[row] * np.eye(len(a), dtype=a.dtype)
            g = (weight * (near @ w - target)) @ near[:, part] + square[part] @ w + ridges[row] * w[part]
            w[part] -= np.linalg.lstsq(a, g, rcond=1e-6)[0]
        gaps = (target - near @ w).astype(np.float64)
        losses[row] = (weight * gaps * gaps).sum() if tell else 0, ridges[row] * (w.astype(np.float64) ** 2).sum()


def gram(rows: AnyArray, start: int, stop: int, out: AnyArray) -> None:
    """Add to the diagonal and what is right of it, of float64 out (W, W), the sum of r r' over rows start <= r < stop."""
    part = rows[start:stop].astype(np.float64)
    out += np.triu(part.T @ part)
