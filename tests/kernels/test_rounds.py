"""Rounds of blocks: the compiled kernels do what the plain ones do, on any number of threads."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest

from semap.kernels.layout import CBOW, CBOW_WORD2VEC, CLAIMS, SKIPGRAM, SOFTMAX
from semap.kernels.native import rounds as native
from semap.kernels.reference import rounds as plain

VARIANTS = {
    "skipgram": {"learner": SKIPGRAM},
    "cbow": {"learner": CBOW},
    "cbow-word2vec": {"learner": CBOW_WORD2VEC},
    "softmax": {"learner": SOFTMAX},
    "skipgram-tree": {"learner": SKIPGRAM, "hierarchical": 1},
    "cbow-tree": {"learner": CBOW, "hierarchical": 1},
    "cbow-word2vec-tree": {"learner": CBOW_WORD2VEC, "hierarchical": 1},
}
LEARNERS = pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
LENGTHS = pytest.mark.parametrize("dim", [1, 2, 7, 15, 16, 17, 31, 32, 33, 97])


def some_texts(n_words, n_tokens=150, seed=3):
    rng = np.random.default_rng(seed)
    words = rng.integers(0, n_words, n_tokens)
    borders = sorted({0, n_tokens, *rng.integers(1, n_tokens, 6).tolist(), 48, 49})  # block borders and one-word texts too
    return [words[a:b] for a, b in itertools.pairwise(borders)]


def same(one, other, rtol=2e-4, atol=2e-6):
    for name in ("inputs", "outputs"):
        np.testing.assert_allclose(getattr(one.matrices, name), getattr(other.matrices, name), rtol=rtol, atol=atol)
    np.testing.assert_allclose(one.losses, other.losses, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(one.pairs, other.pairs)


@LEARNERS
@LENGTHS
def test_native_rounds_equal_the_plain_ones(make_job, variant, dim):
    texts = some_texts(41)
    jobs = [make_job(texts, 41, dim, **variant).run(kernels) for kernels in (plain, native)]
    same(*jobs)
    assert jobs[0].pairs.sum() > 100
    assert np.isfinite(jobs[1].matrices.inputs).all()


@LEARNERS
@pytest.mark.parametrize("negatives", [1, 2, 5, 6, 11, 12])
def test_any_number_of_negatives(make_job, variant, negatives):
    texts = some_texts(29, 90)
    jobs = [make_job(texts, 29, 20, **variant, negatives=negatives).run(kernels) for kernels in (plain, native)]
    same(*jobs)


@LEARNERS
@pytest.mark.parametrize("n_tokens", [0, 1, 2, 15, 16, 17, 31, 32, 33, 97])
def test_any_number_of_tokens(make_job, variant, n_tokens):
    texts = [np.arange(n_tokens) % 11 + 2] if n_tokens else []
    jobs = [make_job(texts, 19, 8, **variant).run(kernels) for kernels in (plain, native)]
    same(*jobs)


@LEARNERS
def test_subsampled_words_are_neither_centres_nor_contexts(make_job, variant):
    keep = np.full(23, 2**32 - 1, np.uint32)
    keep[5] = 0  # of 2^32 draws one keeps it
    keep[6] = 2**31
    texts = some_texts(23)
    jobs = [make_job(texts, 23, 12, **variant, keep=keep).run(kernels) for kernels in (plain, native)]
    same(*jobs)
    if variant["learner"] != SOFTMAX:
        fresh = make_job(texts, 23, 12, **variant, keep=keep)
        np.testing.assert_array_equal(jobs[1].matrices.inputs.reshape(23, -1)[5], fresh.matrices.inputs.reshape(23, -1)[5])


def test_rows_of_words_that_are_not_used_keep_their_bits(make_job):
    texts = [np.array([3, 4, 3, 8, 9, 4])]
    job, fresh = make_job(texts, 30, 10), make_job(texts, 30, 10)
    job.noise.limits[:] = 0
    job.noise.others[:] = 9  # all noise is word 9
    job.run(native)
    changed = np.flatnonzero((job.matrices.inputs != fresh.matrices.inputs).reshape(30, -1).any(axis=1))
    assert changed.tolist() == [3, 4, 8, 9]
    assert (job.matrices.inputs.reshape(30, -1)[:, 10:] == 0).all()


def test_rows_of_nodes_that_are_on_no_path_keep_their_bits(make_job):
    texts = [np.array([3, 4, 3, 8])]
    job, fresh = make_job(texts, 30, 10, hierarchical=1), make_job(texts, 30, 10, hierarchical=1)
    tree = job.matrices.tree
    on_path = {int(step) // 2 for word in (3, 4, 8) for step in tree.steps[tree.starts[word] : tree.starts[word + 1]]}
    assert 3 < len(on_path) < 29
    job.run(native)
    for name, expected in (("inputs", {3, 4, 8}), ("outputs", on_path)):
        changed = (getattr(job.matrices, name) != getattr(fresh.matrices, name)).reshape(30, -1).any(axis=1)
        assert set(np.flatnonzero(changed).tolist()) == expected
    assert (job.desk.slots == -1).all()


@pytest.mark.parametrize("hierarchical", [0, 1])
def test_threads_and_parts_do_not_change_a_bit(make_job, hierarchical):
    texts = some_texts(60, 700)

    def trained(threads, parts):
        jobs = [make_job(texts, 60, 24, lanes=5, hierarchical=hierarchical) for _ in range(threads)]
        job = jobs[0]
        desks = [other.desk._replace(number=number) for number, other in enumerate(jobs)]
        shared = (np.zeros(CLAIMS + 5 + parts, np.int64), job.copies, job.losses, job.pairs)

        def work(desk):
            ticket = -1
            while True:
                place = (0, 0, len(job.rates))
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
    assert trained(3, 2) == one
    assert trained(7, 8) == one


def test_rounds_done_in_two_calls_equal_rounds_done_in_one(make_job):
    texts = some_texts(60, 400)
    whole = make_job(texts, 60, 24).run(native)
    halves = make_job(texts, 60, 24)
    all_rates = halves.rates
    for first, stop in ((0, 9), (9, len(all_rates))):
        halves.rates = all_rates[first:stop].copy()
        halves.run(native, 0, first, stop)
    assert whole.matrices.inputs.tobytes() == halves.matrices.inputs.tobytes()


def test_no_pair_is_lost_at_a_border_of_blocks(make_job):
    """With whole windows and nothing sub-sampled, a text of n words has sum over i of min(i, w) + min(n - 1 - i, w) pairs."""
    lengths, window = [40, 1, 33, 2], 4
    texts = [np.arange(n) + 7 for n in lengths]
    expected = sum(min(i, window) + min(n - 1 - i, window) for n in lengths for i in range(n))
    for kernels in (plain, native):
        job = make_job(texts, 50, 8, fixed=1, window=window).run(kernels)
        assert job.pairs.sum() == expected


def test_blocks_and_epochs_draw_their_own_windows_and_noise(make_job):
    text = [np.full(64, 4)]  # four equal blocks: only chance differs between them
    job = make_job(text, 9, 8, lanes=4, window=9, rate=0.0).run(native)
    assert len(set(job.pairs.tolist())) > 1
    assert len(set(np.round(job.losses / job.pairs, 9).tolist())) == 4
    later = make_job(text, 9, 8, lanes=4, window=9, rate=0.0).run(native, epoch=1)
    assert set(later.pairs.tolist()) != set(job.pairs.tolist())
    other = make_job(text, 9, 8, lanes=4, window=9, rate=0.0, seed=8).run(native)
    assert other.losses.tolist() != job.losses.tolist()


@pytest.mark.parametrize("kernels", [plain, native])
def test_equal_blocks_with_equal_windows_still_draw_different_noise(make_job, kernels):
    job = make_job([np.full(64, 4)], 9, 8, lanes=4, window=3, fixed=1, rate=0.0).run(kernels)
    assert job.pairs[1] == job.pairs[2]
    assert job.losses[1] != job.losses[2]


@LEARNERS
def test_wide_scores_are_not_skipped(make_job, variant):
    """A true sigmoid: a confident mistake moves its rows by nearly the whole rate, however large the score."""
    texts = some_texts(12, 40)
    jobs = [make_job(texts, 12, 16, **variant, rate=0.01) for _ in range(2)]
    for job, kernels in zip(jobs, (plain, native), strict=True):
        job.matrices.inputs[:] *= 30
        job.matrices.outputs[:] *= 30
        job.run(kernels)
    same(*jobs, rtol=2e-3, atol=1e-3)


@LEARNERS
def test_windows_wider_than_a_tile(make_job, variant):
    texts = [np.arange(90) * 7 % 37]
    jobs = [make_job(texts, 37, 8, **variant, window=40, fixed=1, rate=0.01).run(kernels) for kernels in (plain, native)]
    same(*jobs)


@LEARNERS
def test_a_row_that_is_not_a_number_shows_in_the_loss(make_job, variant):
    job = make_job(some_texts(12, 40), 12, 8, **variant)
    job.matrices.inputs[:] = np.nan
    job.run(native)
    assert np.isnan(job.losses).any()
