"""Rows in, rows out: the two matrices under training, padded and aligned for the kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from semap.arrays import FloatMatrix, FloatVector

__all__ = ["Model", "aligned_floats", "padded_width"]

_CACHE_LINE = 64


@dataclass
class Model:
    """Input and output matrix of V words, each flat float32 (V * P,), P = dim padded to 16 with zeros; changed in place.

    With sub-words there are R input rows, see `Composition`.
    """

    inputs: FloatVector
    outputs: FloatVector
    dim: int

    @classmethod
    def of_zeros(cls, n_words: int, dim: int, n_inputs: int | None = None) -> Model:
        """Return a model of V words, with R = `n_inputs` input rows where they are not V, whose values are all 0."""
        width = padded_width(dim)
        return cls(aligned_floats((n_words if n_inputs is None else n_inputs) * width), aligned_floats(n_words * width), dim)

    @classmethod
    def of_rows(cls, inputs: FloatMatrix, outputs: FloatMatrix) -> Model:
        """Return a model that starts from input rows (V, D), with sub-words (R, D), and output rows (V, D)."""
        model = cls.of_zeros(len(outputs), outputs.shape[1], len(inputs))
        model.input_rows[:] = inputs
        model.output_rows[:] = outputs
        return model

    @property
    def input_rows(self) -> FloatMatrix:
        """A view (V, D), with sub-words (R, D), without the padding."""
        return self._rows(self.inputs)

    @property
    def output_rows(self) -> FloatMatrix:
        """A view (V, D) without the padding."""
        return self._rows(self.outputs)

    def _rows(self, flat: FloatVector) -> FloatMatrix:
        return flat.reshape(-1, padded_width(self.dim))[:, : self.dim]


def padded_width(dim: int) -> int:
    """Return P: dim rounded up to whole vectors of 16."""
    return -(-dim // 16) * 16


def aligned_floats(size: int) -> FloatVector:
    """Return float32 zeros that begin at a cache line."""
    room = np.zeros(size + _CACHE_LINE // 4, np.float32)
    skip = -room.ctypes.data % _CACHE_LINE // 4
    return room[skip : skip + size]
