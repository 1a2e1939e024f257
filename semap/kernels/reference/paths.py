"""A word's path down the tree in, the slots and signs of its nodes out; plain twin of `native/paths.py`."""

from __future__ import annotations

from semap.kernels.layout import OUTPUT, Copies, Desk, Tree
from semap.kernels.reference.lane import slot_of

__all__ = ["claim_paths", "path_targets"]


def claim_paths(first: int, last: int, tree: Tree, lane: int, desk: Desk, copies: Copies) -> None:
    """Give slots to the nodes on the paths of the centres, entries first .. last - 1."""
    for slot in desk.words[first:last].tolist():
        for node, _ in _path(slot, tree, copies) if slot >= 0 else ():
            slot_of(node, OUTPUT, lane, desk, copies)


def path_targets(centre: int, tree: Tree, desk: Desk, copies: Copies) -> tuple[list[int], list[float]]:
    """The slots of the nodes on the centre's path, and their signs: 1 where it goes to side 0, -1 where to side 1."""
    path = _path(centre, tree, copies)
    return [int(desk.slots[node]) for node, _ in path], [1.0 - 2.0 * side for _, side in path]


def _path(slot: int, tree: Tree, copies: Copies) -> list[tuple[int, int]]:
    word = int(copies.rows[slot])
    return [divmod(step, 2) for step in tree.steps[tree.starts[word] : tree.starts[word + 1]].tolist()]
