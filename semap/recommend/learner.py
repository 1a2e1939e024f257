"""What all learners of users and items share: settings that are kept, and the model made of what was learned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from semap.arrays import FloatMatrix, FloatVector
from semap.errors import SettingsError
from semap.interactions.interactions import Interactions
from semap.progress import Progress, progress_for
from semap.table.table import Table
from semap.vocab.vocab import Vocab

if TYPE_CHECKING:
    from semap.recommend.model import Recommender

__all__ = ["Learner"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Learner:
    """Frozen settings; a learner adds its own and `fit`."""

    dim: int = 64
    epochs: int = 16
    threads: int = 0
    seed: int = 1

    def settings(self) -> dict[str, Any]:
        """Everything that decides the result: all fields but `threads`."""
        fields = dataclasses.asdict(self)
        del fields["threads"]
        return {"learner": type(self).__name__, **fields}

    def _keep(self, field: str, value: object) -> None:
        """Put the checked value in the place of the given one, in spite of being frozen."""
        object.__setattr__(self, field, value)

    @contextmanager
    def _shown(self, progress: bool | Progress) -> Iterator[Progress]:
        bar = progress_for(progress)
        bar.start(type(self).__name__, self.epochs, "epochs")
        try:
            yield bar
        finally:
            bar.finish()

    def _behind(self, init: Recommender | None) -> int:
        """Return how many epochs a model has behind it. Raises SettingsError for one of another learner or length."""
        if init is None:
            return 0
        from semap.recommend.model import Recommender

        if not isinstance(init, Recommender):
            raise SettingsError(f"init is {type(init).__name__}; give a Recommender, as fit returns or Recommender.load opens")
        learner, dim = init.settings["learner"], init.users.dim
        if (learner, dim) != (type(self).__name__, self.dim):
            own = f"{type(self).__name__} with dim {self.dim}"
            raise SettingsError(f"init is a model of {learner} with dim {dim}, this is {own}; they must be equal")
        return len(init.losses)

    def _start(
        self, data: Interactions, init: Recommender | None, scale: float, extra: int = 0
    ) -> tuple[FloatMatrix, FloatMatrix]:
        """The first rows of users and items, with room for `extra` columns; those that `init` has go on from there."""
        from semap.recommend.start import starting_rows

        self._behind(init)
        known = (None, None) if init is None else (init.users, init.items)
        users = starting_rows(data.users, self.dim, scale, (self.seed, 0), known[0], extra)
        return users, starting_rows(data.items, self.dim, scale, (self.seed, 1), known[1], extra)

    def _model(
        self, data: Interactions, users: FloatMatrix, items: FloatMatrix, losses: list[float], init: Recommender | None,
        biases: tuple[FloatVector, FloatVector] | None = None, mean: float = 0.0,
    ) -> Recommender:  # fmt: skip
        """A Recommender of the first `dim` columns of the rows."""
        from semap.recommend.model import Recommender

        if biases is not None:
            biases = (np.ascontiguousarray(biases[0]), np.ascontiguousarray(biases[1]))
        facts = {
            "settings": self.settings(),
            "interactions": data.fingerprint(),
            "losses": [*(init.losses if init else []), *losses],
        }

        def table(vocab: Vocab, rows: FloatMatrix, side: str) -> Table:
            """One side as a Table."""
            return Table(vocab.tokens, rows[:, : self.dim], counts=vocab.counts, metadata={**facts, "side": side})

        return Recommender(table(data.users, users, "users"), table(data.items, items, "items"), data, biases=biases, mean=mean)
