"""Questions of many requests in, the answer of each out: what queues while one batch is answered is the next batch."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Generic, NamedTuple, TypeVar

from semap.serve.refusal import Refusal

__all__ = ["Batches"]

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class _Waiting(NamedTuple):
    """A question and who waits for its answer."""

    question: Any
    future: asyncio.Future[Any]


class Batches(Generic[Question, Answer]):
    """Answers questions on one thread of its own, all that wait at a time together.

    An idle thread takes a question at once, so nobody waits for a batch to fill; a busy one finds a batch when it is done.

    answer: questions in, their answers in the same order out; called on the thread. Where it raises for several questions,
        each is asked again alone, so that a bad one spoils no other.
    most: a batch ends with the question that brings the `weight` of all to this.
    weight: how much one question adds to a batch.
    heard: told the weight of every batch, on the thread.
    name: of the thread.
    """

    def __init__(
        self,
        answer: Callable[[list[Question]], Sequence[Answer]],
        *,
        most: int,
        weight: Callable[[Question], int] = lambda _: 1,
        heard: Callable[[int], None] = lambda _: None,
        name: str = "semap batches",
    ) -> None:
        self._answer, self._most, self._weight, self._heard, self._name = answer, most, weight, heard, name
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._door = threading.Lock()  # so that nothing is put behind the end of the queue
        self._thread: threading.Thread | None = None
        self._closed = False

    async def ask(self, question: Question) -> Answer:
        """Return the answer to one question; a caller that is cancelled leaves its place in the queue.

        Raises what `answer` raises for this question alone, and Refusal (503) after `close`.
        """
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        with self._door:
            if self._closed:
                raise Refusal(503, "the service is stopping; ask another one, or again later", code="shutting_down")
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
            self._queue.put(_Waiting(question, future))
        found: Answer = await future
        return found

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._closed

    def close(self, seconds: float = 5.0) -> None:
        """Answer what waits, take nothing more, and wait so many seconds for the thread to end."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        if self._thread is not None:
            self._thread.join(seconds)

    def _work(self) -> None:
        while self._one_batch():
            pass

    def _one_batch(self) -> bool:
        """Wait for a question, answer it with all others that are there; False after the last."""
        batch: list[_Waiting] = []
        going_on, weight = True, 0
        waiting = self._queue.get()
        with suppress(Empty):
            while waiting is not None:
                if not waiting.future.cancelled():
                    batch.append(waiting)
                    weight += self._weight(waiting.question)
                if weight >= self._most:
                    break
                waiting = self._queue.get_nowait()
            else:
                going_on = False
        if batch:
            self._heard(weight)
            _hand_over(batch, self._answers([each.question for each in batch]))
        return going_on

    def _answers(self, questions: list[Question]) -> list[Any]:
        """The answer to each question, or the exception that it raises."""
        try:
            return list(self._answer(questions))
        except Exception as failure:
            if len(questions) == 1:
                return [failure]
        return [self._answers([question])[0] for question in questions]


def _hand_over(batch: list[_Waiting], answers: list[Any]) -> None:
    """Wake the requests of each event loop, with one call for all of them."""
    of_loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
    for waiting, answer in zip(batch, answers, strict=True):
        of_loops.setdefault(waiting.future.get_loop(), []).append((waiting.future, answer))
    for loop, settled in of_loops.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, answer in settled:
        if future.done():  # cancelled while it was answered
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
