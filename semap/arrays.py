"""Names for the arrays that travel between the layers.

Shape letters: V tokens, D dimensions, T corpus length, N texts, K neighbours, B batch.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatMatrix: TypeAlias = npt.NDArray[np.float32]
FloatVector: TypeAlias = npt.NDArray[np.float32]
DoubleVector: TypeAlias = npt.NDArray[np.float64]
HalfMatrix: TypeAlias = npt.NDArray[np.float16]
ByteMatrix: TypeAlias = npt.NDArray[np.int8]
Bytes: TypeAlias = npt.NDArray[np.uint8]
TokenIds: TypeAlias = npt.NDArray[np.int32]
Counts64: TypeAlias = npt.NDArray[np.int64]
Offsets: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
AnyArray: TypeAlias = npt.NDArray[Any]
Integer: TypeAlias = Any  # inside a kernel: a Python or a NumPy whole number, which Numba does not tell apart
Real: TypeAlias = Any  # the same for a floating-point number
