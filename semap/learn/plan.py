"""A learner, a corpus and the shape of a round in, the numbers that kernels run by out."""

from __future__ import annotations

from semap.corpus.blocks import Blocks
from semap.kernels.layout import Plan
from semap.learn.learner import Learner
from semap.learn.model import padded_width
from semap.learn.reach import reach
from semap.learn.shape import Shape

__all__ = ["plan_for"]

_CURVATURE = 0.15  # how fast an update relaxes a row, for the fold; see docs/decisions/0003-rounds.md


def plan_for(learner: Learner, corpus: Blocks, shape: Shape) -> Plan:
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
    )
