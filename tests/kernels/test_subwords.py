"""Sub-words in rounds of blocks: a word's input is the mean of rows, and each row gets its share of what the word learned."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from semap.kernels.layout import CBOW, CBOW_WORD2VEC, CLAIMS, DIVIDED, SKIPGRAM, SOFTMAX, UNDIVIDED
from semap.kernels.native import rounds as native
from semap.kernels.reference import rounds as plain
from semap.kernels.reference.subwords import stretched

LEARNERS = pytest.mark.parametrize(
    ("learner", "hierarchical"),
    [(SKIPGRAM, 0), (CBOW, 0), (CBOW_WORD2VEC, 0), (SKIPGRAM, 1), (SOFTMAX, 0)],
    ids=["skipgram", "cbow", "cbow-word2vec", "skipgram-hierarchical", "softmax"],
)
GRADIENTS = pytest.mark.parametrize("subwords", [DIVIDED, UNDIVIDED], ids=["divided", "undivided"])


def some_texts(n_words, n_tokens=120):
    words = (np.random.default_rng(3).random(n_tokens) ** 2 * n_words).astype(int)
    return [words[:50], words[50:51], words[51:]]


def same(one, other):
    for name in ("inputs", "outputs"):
        np.testing.assert_allclose(getattr(one.matrices, name), getattr(other.matrices, name), rtol=3e-4, atol=5e-6)
    np.testing.assert_allclose(one.losses, other.losses, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(one.pairs, other.pairs)


@LEARNERS
@GRADIENTS
@pytest.mark.parametrize("dim", [1, 16, 33, 49, 100])
def test_native_rounds_equal_the_plain_ones(make_job, learner, hierarchical, subwords, dim):
    settings = {"learner": learner, "hierarchical": hierarchical, "subwords": subwords}
    jobs = [make_job(some_texts(37), 37, dim, **settings).run(kernels) for kernels in (plain, native)]
    same(*jobs)
    assert jobs[0].pairs.sum() > 50
    assert (jobs[1].matrices.grams.heads == -1).all()


def test_words_that_are_their_own_rows_alone_are_trained_as_whole_words_in_one_lane(make_job):
    """A mean of one row is that row, and one lane with steps of the plain length has nothing to damp."""
    texts = some_texts(23)
    whole = make_job(texts, 23, 20, lanes=1).run(native)
    own = [[row] for row in range(23)]
    parts = make_job(texts, 23, 20, lanes=1, words=own, subwords=DIVIDED, stretch=1.0, crowding=0.0).run(native)
    np.testing.assert_allclose(parts.matrices.inputs, whole.matrices.inputs, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(parts.matrices.outputs, whole.matrices.outputs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("learner", [SKIPGRAM, CBOW, SOFTMAX], ids=["skipgram", "cbow", "softmax"])
def test_rows_follow_the_gradient_of_the_loss(make_job, learner):
    """In float64, by a small rate: each row moves by -rate * stretch * dE/d row, E being the loss of the whole block."""
    words = [[0, 7, 8], [1, 8, 9, 8, 10], [2], [3, 7, 9, 10, 11, 12], [4, 12], [5, 9], [6, 7]]
    settings = {
        "learner": learner, "words": words, "subwords": DIVIDED, "stretch": 3.0, "lanes": 1, "block": 24, "pool": 6,
        "dtype": np.float64,
    }  # fmt: skip
    texts = [np.array([0, 3, 1, 5, 2, 4, 3, 6, 1, 0, 3, 4])]

    def job():
        made = make_job(texts, 7, 3, **settings)
        made.matrices.inputs.reshape(-1, 16)[:, :3] *= 2
        return made

    def loss(inputs):
        made = job()
        made.matrices.inputs[:] = inputs
        made.rates = made.rates.astype(np.float64) * 0
        return made.run(plain).losses.sum()

    start, rate = job().matrices.inputs.copy(), 1e-7
    trained = job()
    trained.rates = np.full(len(trained.rates), rate)
    trained.run(plain)
    moved = (trained.matrices.inputs - start).reshape(-1, 16)[:, :3]
    gradient = np.zeros_like(moved)
    for row in range(13):
        for column in range(3):
            step = np.zeros_like(start)
            step[16 * row + column] = 1e-5
            gradient[row, column] = (loss(start + step) - loss(start - step)) / 2e-5
    assert np.abs(gradient).max() > 0.1
    np.testing.assert_allclose(moved, -rate * 3.0 * gradient, rtol=2e-4, atol=rate * 1e-5)


@pytest.mark.parametrize("kernels", [plain, native], ids=["plain", "native"])
@pytest.mark.parametrize(("subwords", "times"), [(DIVIDED, 6 / 4), (UNDIVIDED, 1.0)], ids=["divided", "undivided"])
def test_a_step_worked_by_hand(make_job, kernels, subwords, times):
    """Text "5 3", noise always 5, window 1. Word 3 is the mean of rows 3, 8, 9, 9: (4, 8) / 4 = (1, 2). Its pair with centre 5:
    1 * .5 + 2 * .25 = 1, 1 - sigmoid(1) = .26894, so at rate .1 the mean should move by .026894 u5. Undivided, each of its rows
    moves by that; divided, by a quarter, times the stretch of 6; row 9, which counts twice, by twice as much.
    """
    words = [[row] for row in range(7)]
    words[3] = [3, 8, 9, 9]
    settings = {"words": words, "subwords": subwords, "stretch": 6.0, "curvature": 0.0, "crowding": 0.0, "lanes": 1}
    job = make_job([np.array([5, 3])], 7, 2, window=1, negatives=2, rate=0.1, **settings)
    job.noise.limits[:] = 0
    job.noise.others[:] = 5
    job.rates[:] = 0.1
    inputs, outputs = job.matrices.inputs.reshape(10, -1), job.matrices.outputs.reshape(7, -1)
    inputs[3, :2], inputs[8, :2], inputs[9, :2], inputs[5, :2] = (1, 5), (1, 1), (1, 1), (0, 0)
    outputs[5, :2], outputs[3, :2] = (0.5, 0.25), (0, 0)
    before = inputs.copy()
    job.run(kernels)
    step = 0.1 * 0.2689414213699951 * np.array([0.5, 0.25]) * times
    np.testing.assert_allclose(inputs[3, :2], before[3, :2] + step, rtol=1e-6)
    np.testing.assert_allclose(inputs[8, :2], before[8, :2] + step, rtol=1e-6)
    np.testing.assert_allclose(inputs[9, :2], before[9, :2] + 2 * step, rtol=1e-6)
    assert job.losses[0] == pytest.approx(math.log(1 + math.exp(-1)) + 3 * math.log(2), rel=1e-5)


@GRADIENTS
def test_rows_that_no_word_of_the_text_has_keep_their_bits(make_job, subwords):
    words = [[row, 40, 41] for row in range(20)] + [[row, 42, 43] for row in range(20, 40)]
    texts = [np.array([3, 4, 3, 8, 19, 4])]
    job, fresh = (make_job(texts, 40, 10, words=words, subwords=subwords) for _ in range(2))
    job.run(native)
    changed = np.flatnonzero((job.matrices.inputs != fresh.matrices.inputs).reshape(44, -1).any(axis=1))
    assert changed.tolist() == [3, 4, 8, 19, 40, 41]
    assert (job.matrices.inputs.reshape(44, -1)[:, 10:] == 0).all()


def test_a_word_without_any_row_is_a_vector_of_zeros_and_harms_nothing(make_job):
    words = [[row] for row in range(11)]
    words[4] = []
    jobs = [
        make_job([np.array([4, 2, 4, 3, 4])], 11, 8, words=words, subwords=DIVIDED).run(kernels) for kernels in (plain, native)
    ]
    same(*jobs)
    assert np.isfinite(jobs[1].matrices.inputs).all()


def test_threads_and_parts_do_not_change_a_bit(make_job):
    texts = some_texts(60, 700)

    def trained(threads, parts):
        jobs = [make_job(texts, 60, 24, lanes=5, subwords=DIVIDED) for _ in range(threads)]
        job = jobs[0]
        desks = [other.desk._replace(number=number) for number, other in enumerate(jobs)]
        shared = (np.zeros(CLAIMS + 5 + parts, np.int64), job.copies, job.losses, job.pairs)

        def work(desk):
            ticket, place = -1, (0, 0, len(job.rates))
            while True:
                ticket = native.work(
                    ticket, parts, place, job.rates, job.reading, job.noise, job.matrices, job.plan, shared, desk
                )
                if ticket < 0:
                    return

        crew = [threading.Thread(target=work, args=(desk,)) for desk in desks]
        for thread in crew:
            thread.start()
        for thread in crew:
            thread.join()
        return job.matrices.inputs.tobytes() + job.matrices.outputs.tobytes()

    one = trained(1, 1)
    assert trained(2, 4) == one
    assert trained(4, 8) == one


def test_longer_steps_stretch_small_changes_by_their_length_and_large_ones_not_at_all():
    assert stretched(0, 2.5, 0.1, 0.15) == 2.5
    assert stretched(1, 2.5, 1e-4, 0.15) == pytest.approx(2.5, rel=1e-3)
    assert stretched(10**6, 2.5, 0.1, 0.15) == 1.0
    assert stretched(10, 0.5, 0.1, 0.15) == pytest.approx((1 - math.exp(-0.075)) / (1 - math.exp(-0.15)))


def test_a_row_that_all_words_share_does_not_run_away(make_job):
    """Every word is the same mean, and 16 blocks move it at once, each far: undamped sums overshoot, damped ones do not."""
    words = [[30, 31, 32]] * 30
    texts = some_texts(30, 600)

    def largest(crowding):
        settings = {"words": words, "subwords": UNDIVIDED, "lanes": 16, "rate": 0.5, "crowding": crowding}
        return np.abs(make_job(texts, 30, 8, **settings).run(native).matrices.inputs).max()

    assert largest(0.15) < 5 < largest(0.0)
