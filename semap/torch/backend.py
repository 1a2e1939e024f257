"""The one file that imports torch, and what semap needs of it without touching its global state for longer than a call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from semap.arrays import AnyArray
from semap.errors import MissingExtra, SettingsError
from semap.parallel.crew import thread_count

try:
    import torch as torch
    from torch import Tensor as Tensor
    from torch import nn as nn
    from torch.nn import functional as functional
except ModuleNotFoundError as failure:
    raise MissingExtra((failure.name or "torch").replace("_", "-"), "torch") from failure

__all__ = ["Tensor", "array_of", "device_of", "functional", "generator", "linear", "nn", "torch", "torch_threads"]


def device_of(name: Any) -> torch.device:
    """Return the device of a name such as "cpu" or "cuda:0". Raises SettingsError unless tensors can be made there."""
    try:
        device = torch.device(name)
        torch.ones(1, device=device).tolist()
    except Exception as failure:  # RuntimeError, AssertionError, TypeError or NotImplementedError, by the kind of device
        reason = (str(failure).strip().splitlines() or [type(failure).__name__])[0]
        raise SettingsError(f'device is {name!r}, which torch cannot use here ({reason}); give device="cpu"') from failure
    return device


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """Give torch so many threads (0: every CPU of this process) for a while, and what it had before afterwards."""
    before = torch.get_num_threads()
    torch.set_num_threads(thread_count(threads))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def generator(device: torch.device, *seeds: int) -> torch.Generator:
    """Return a generator of its own for these numbers: torch's global one is neither read nor moved."""
    made = torch.Generator(device=device)
    made.manual_seed(int(np.random.SeedSequence(seeds).generate_state(1, np.uint64)[0] >> np.uint64(1)))
    return made


def linear(n_inputs: int, n_outputs: int, drawn: torch.Generator) -> nn.Linear:
    """Return a linear layer on the CPU, its weights uniform as Glorot and Bengio 2010, equation 16, have them, its biases 0."""
    layer: nn.Linear = nn.utils.skip_init(nn.Linear, n_inputs, n_outputs)  # type: ignore[no-untyped-call]  # its own start would draw from the global generator
    nn.init.xavier_uniform_(layer.weight, generator=drawn)
    nn.init.zeros_(layer.bias)
    return layer


def array_of(tensor: Tensor) -> AnyArray:
    """Return a tensor's numbers, the caller's own."""
    found: AnyArray = tensor.detach().cpu().numpy().copy()
    return found
