"""Questions that wait together are answered together, and none suffers from another."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref

import pytest

from semap.serve.batching import Batches
from semap.serve.refusal import Refusal


class Held:
    """Doubles numbers, a batch at a time, each only when `go` is set; remembers the batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.taken, self.go = threading.Semaphore(0), threading.Semaphore(0)

    def __call__(self, questions: list[int]) -> list[int]:
        self.batches.append(questions)
        self.taken.release()
        assert self.go.acquire(timeout=10)
        return [2 * question for question in questions]


def doubled(questions):
    return [2 * question for question in questions]


async def asked_while_busy(batches, held, questions):
    """Ask 0, and all others while it is being answered."""
    first = asyncio.ensure_future(batches.ask(0))
    await asyncio.to_thread(held.taken.acquire)
    others = [asyncio.ensure_future(batches.ask(question)) for question in questions]
    await asyncio.sleep(0)
    return first, others


def test_an_idle_thread_answers_at_once_and_a_busy_one_takes_all_that_wait():
    held, sizes = Held(), []
    batches = Batches(held, most=100, heard=sizes.append)

    async def ask():
        first, others = await asked_while_busy(batches, held, [5, 6, 7])
        held.go.release(2)
        return await asyncio.gather(first, *others)

    assert asyncio.run(ask()) == [0, 10, 12, 14]
    assert held.batches == [[0], [5, 6, 7]]
    assert sizes == [1, 3]
    batches.close()


def test_a_batch_ends_where_it_weighs_enough():
    held, weights = Held(), []
    batches = Batches(held, most=10, weight=lambda question: question, heard=weights.append)

    async def ask():
        first, others = await asked_while_busy(batches, held, [4, 5, 3, 2, 30, 1])
        held.go.release(10)
        await asyncio.gather(first, *others)

    asyncio.run(ask())
    assert held.batches == [[0], [4, 5, 3], [2, 30], [1]]
    assert weights == [0, 12, 32, 1]
    batches.close()


def test_a_question_that_fails_spoils_no_other():
    def halved(questions):
        if any(question % 2 for question in questions):
            raise ValueError(f"odd among {questions}")
        return [question // 2 for question in questions]

    held = Held()

    def answer(questions):
        held(questions)
        return halved(questions)

    batches = Batches(answer, most=100)

    async def ask():
        first, others = await asked_while_busy(batches, held, [4, 3, 8])
        held.go.release(10)
        return await asyncio.gather(first, *others, return_exceptions=True)

    found = asyncio.run(ask())
    assert found[:2] == [0, 2]
    assert str(found[2]) == "odd among [3]"
    assert found[3] == 4
    batches.close()


def test_who_goes_away_before_the_answer_is_not_answered():
    held = Held()
    batches = Batches(held, most=100)

    async def ask():
        first, others = await asked_while_busy(batches, held, [5, 6])
        others[0].cancel()
        first.cancel()  # its answer is being made
        await asyncio.sleep(0)
        held.go.release(2)
        return await asyncio.gather(first, *others, return_exceptions=True)

    gone, also_gone, answer = asyncio.run(ask())
    assert isinstance(gone, asyncio.CancelledError)
    assert isinstance(also_gone, asyncio.CancelledError)
    assert answer == 12
    assert held.batches == [[0], [6]]
    batches.close()


def test_a_batch_of_which_all_have_gone_away_is_not_made():
    held = Held()
    batches = Batches(held, most=100)

    async def ask():
        first, others = await asked_while_busy(batches, held, [5])
        others[0].cancel()
        held.go.release(2)
        await first
        return await batches.ask(9)

    assert asyncio.run(ask()) == 18
    assert held.batches == [[0], [9]]
    batches.close()


def test_closing_answers_what_waits_and_refuses_what_comes():
    held = Held()
    batches = Batches(held, most=100)

    async def ask():
        first, others = await asked_while_busy(batches, held, [5, 6])
        closing = asyncio.ensure_future(asyncio.to_thread(batches.close))
        while not batches.closed:
            await asyncio.sleep(0.001)
        with pytest.raises(Refusal, match="stopping") as refusal:
            await batches.ask(7)
        assert refusal.value.status == 503
        held.go.release(2)
        found = await asyncio.gather(first, *others)
        await closing
        return found

    assert asyncio.run(ask()) == [0, 10, 12]
    batches.close()  # again: nothing happens


def test_a_closed_one_that_was_never_asked_has_no_thread():
    before = threading.active_count()
    batches = Batches(doubled, most=100)
    batches.close()
    assert threading.active_count() == before


def test_several_event_loops_may_ask_one_thread():
    batches = Batches(doubled, most=100)

    async def ask(first):
        return await asyncio.gather(*(batches.ask(first + i) for i in range(50)))

    found = {}
    threads = [threading.Thread(target=lambda n=n: found.update({n: asyncio.run(ask(n))})) for n in (0, 1000, 2000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == {n: [2 * (n + i) for i in range(50)] for n in (0, 1000, 2000)}
    batches.close()


def test_a_loop_that_ended_early_does_not_end_the_thread():
    held = Held()
    batches = Batches(held, most=100)

    async def leave():
        task = asyncio.ensure_future(batches.ask(0))
        await asyncio.to_thread(held.taken.acquire)
        task.cancel()

    asyncio.run(leave())
    held.go.release()

    async def ask():
        held.go.release()
        return await batches.ask(4)

    assert asyncio.run(ask()) == 8
    batches.close()


def test_nothing_of_a_batch_is_kept_after_it():
    class Question:
        pass

    batches = Batches(lambda questions: [None for _ in questions], most=100)
    kept = []

    async def ask():
        question = Question()
        kept.append(weakref.ref(question))
        await batches.ask(question)

    asyncio.run(ask())
    asyncio.run(batches.ask(Question()))
    gc.collect()
    assert kept[0]() is None
    batches.close()
