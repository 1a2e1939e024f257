"""A learner, a corpus and the shape of a round in, the numbers that kernels run by out."""

from __future__ import annotations

from semap.corpus.blocks import Blocks
from semap.kernels.layout import DIVIDED, UNDIVIDED, WHOLE, Plan
from semap.learn.composition import Composition
from semap.learn.learner import Learner
from semap.learn.model import padded_width
from semap.learn.reach import reach
from semap.learn.shape import Shape

__all__ = ["plan_for"]

_CURVATURE = 0.15  # how fast an update relaxes a row, for the fold; see docs/decisions/0003-rounds.md
_CROWDING = 0.05  # the same for a row that several words share, and ...
_STRETCH = 3.0  # ... its step, in learning rates times the mean number of rows of a token; see docs/decisions/0005-subwords.md


def plan_for(learner: Learner, corpus: Blocks, shape: Shape, composition: Composition) -> Plan:
    """Return what the kernels are told of a run of `learner` over `corpus` in rounds of `shape`."""
    return Plan(
        width=padded_width(learner.dim),
        window=reach(learner.window, corpus),
        fixed_window=int(learner.fixed_window),
        negatives=learner.negatives,
        pool=shape.pool,
        block=shape.block,
        lanes=shape.lanes,
        learner=learner.kernel,
        seed=learner.seed,
        curvature=_CURVATURE,
        hierarchical=int(learner.objective == "hierarchical"),
        subwords=(UNDIVIDED if learner.undivided else DIVIDED) if composition.n_parts else WHOLE,
        stretch=_STRETCH * composition.mean_rows,
        crowding=_CROWDING,
    )
