"""Objectives: the plain steps follow the true gradient, and a step worked by hand comes out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from semap.kernels.layout import CBOW, SKIPGRAM
from semap.kernels.native import rounds as native
from semap.kernels.reference import cbow, skipgram, softmax
from semap.kernels.reference import rounds as plain
from semap.kernels.reference.targets import signs_of
from semap.learn.tree import huffman_tree

RATE = 1e-7


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def numeric_gradient(loss, matrix, size=1e-5):
    gradient = np.zeros_like(matrix)
    for place in np.ndindex(*matrix.shape):
        kept = matrix[place]
        matrix[place] = kept + size
        above = loss()
        matrix[place] = kept - size
        gradient[place] = (above - loss()) / (2 * size)
        matrix[place] = kept
    return gradient


@pytest.fixture
def matrices():
    rng = np.random.default_rng(11)
    return rng.normal(size=(9, 4)), rng.normal(size=(9, 4))


def check_step(step, loss, inputs, outputs):
    """A step of a small rate moves both matrices by -rate times the gradient of the loss."""
    expected = [-RATE * numeric_gradient(loss, matrix) for matrix in (inputs, outputs)]
    before = inputs.copy(), outputs.copy()
    returned = loss()
    assert step() == pytest.approx(returned)
    for matrix, old, change in zip((inputs, outputs), before, expected, strict=True):
        assert np.abs(change).max() > RATE / 100
        np.testing.assert_allclose(matrix - old, change, rtol=1e-4, atol=RATE * 1e-5)


def test_skipgram_follows_its_gradient(matrices):
    inputs, outputs = matrices
    contexts, slots, signs = [6, 2, 7], [4, 1, 8, 3], np.array([1.0, -1.0, -1.0, -1.0])

    def loss():
        return -sum(math.log(sigmoid(s * outputs[k] @ inputs[i])) for i in contexts for k, s in zip(slots, signs, strict=True))

    check_step(lambda: skipgram.step(contexts, slots, signs, RATE, inputs, outputs), loss, inputs, outputs)


@pytest.mark.parametrize("targets", [[4, 1, 8], [4, 1, 8, 3, 2, 7, 0]], ids=["one-group", "two-groups"])
def test_cbow_follows_its_gradient(matrices, targets):
    inputs, outputs = matrices
    contexts = [6, 2, 7, 5]
    signs = [1.0] + [-1.0] * (len(targets) - 1)

    def loss():
        hidden = inputs[contexts].mean(axis=0)
        return -sum(math.log(sigmoid(s * outputs[k] @ hidden)) for k, s in zip(targets, signs, strict=True))

    check_step(lambda: cbow.step(contexts, targets, signs, RATE, inputs, outputs, False), loss, inputs, outputs)


def test_cbow_as_word2vec_has_it_leaves_the_division_out(matrices):
    inputs, outputs = matrices
    true, old = inputs.copy(), inputs.copy()
    cbow.step([6, 2], [4, 1], [1.0, -1.0], 0.1, true, outputs.copy(), False)
    cbow.step([6, 2], [4, 1], [1.0, -1.0], 0.1, old, outputs.copy(), True)
    np.testing.assert_allclose(old - inputs, 2 * (true - inputs))


def test_softmax_follows_its_gradient(matrices):
    inputs, outputs = matrices
    contexts = [6, 2, 2]

    def loss():
        scores = outputs @ inputs[4]
        return -sum(scores[c] - np.log(np.exp(scores).sum()) for c in contexts)

    check_step(lambda: softmax.step(4, contexts, RATE, inputs, outputs), loss, inputs, outputs)


def test_the_path_of_a_word_follows_its_gradient(matrices):
    """-log P(word | context) over a tree in which the last word has a path of seven nodes, more than a group."""
    inputs, outputs = matrices
    tree = huffman_tree(np.array([21, 13, 8, 5, 3, 2, 1, 1]))
    path = [divmod(step, 2) for step in tree.steps[tree.starts[7] : tree.starts[8]].tolist()]
    assert len(path) == 7
    nodes, signs = [node for node, _ in path], [1.0 - 2.0 * side for _, side in path]

    def loss():
        hidden = inputs[[6, 2]].mean(axis=0)
        return -sum(math.log(sigmoid(outputs[n] @ hidden) if side == 0 else 1 - sigmoid(outputs[n] @ hidden)) for n, side in path)

    check_step(lambda: cbow.step([6, 2], nodes, signs, RATE, inputs, outputs, False), loss, inputs, outputs)


@pytest.mark.parametrize("kernels", [plain, native], ids=["plain", "native"])
@pytest.mark.parametrize("learner", [SKIPGRAM, CBOW], ids=["skipgram", "cbow"])
def test_a_step_down_a_tree_worked_by_hand(make_job, kernels, learner):
    """Text "1 0", two words, one node, word 1 on its side 0. Centre 1, context 0: x = v0 . n = 1 * .5 + 2 * .25 = 1;
    1 - sigmoid(1) = .26894; rate .1: v0 += .026894 n, n += .026894 v0. Centre 0, context 1: v1 = 0, x = 0, sign -1: v1 -= .05 n.
    """
    job = make_job([np.array([1, 0])], 2, 2, learner=learner, window=1, rate=0.1, hierarchical=1)
    job.matrices = job.matrices._replace(tree=huffman_tree(np.array([3, 1])))
    job.rates[:] = 0.1
    inputs, nodes = job.matrices.inputs.reshape(2, -1), job.matrices.outputs.reshape(2, -1)
    inputs[0, :2], inputs[1, :2], nodes[0, :2], nodes[1, :2] = (1, 2), (0, 0), (0.5, 0.25), (7, 8)
    job.run(kernels)
    g = 0.1 * 0.2689414213699951
    n = np.array([0.5 + g * 1, 0.25 + g * 2])
    np.testing.assert_allclose(inputs[0, :2], [1 + g * 0.5, 2 + g * 0.25], rtol=1e-6)
    np.testing.assert_allclose(nodes[0, :2], n, rtol=1e-6)
    np.testing.assert_allclose(inputs[1, :2], -0.05 * n, rtol=1e-6)
    assert nodes[1, :2].tolist() == [7, 8]  # there is one node less than there are words
    assert job.losses[0] == pytest.approx(math.log(1 + math.exp(-1)) + math.log(2), rel=1e-5)
    assert job.pairs[0] == 2


def test_a_drawn_positive_is_not_used_as_a_negative(matrices):
    inputs, outputs = matrices
    one, other = (inputs.copy(), outputs.copy()), (inputs.copy(), outputs.copy())
    cbow.step([6], [4, 1], signs_of([4, 1]), 0.1, *one, False)
    cbow.step([6], [4, 1, 4, 4], signs_of([4, 1, 4, 4]), 0.1, *other, False)
    for a, b in zip(one, other, strict=True):
        np.testing.assert_allclose(a, b)


@pytest.mark.parametrize("kernels", [plain, native], ids=["plain", "native"])
@pytest.mark.parametrize("learner", [SKIPGRAM, CBOW], ids=["skipgram", "cbow"])
def test_a_step_worked_by_hand(make_job, kernels, learner):
    """Text "5 3", every noise word is 5, window 1. Centre 5, context 3: the noise word is the centre itself, so only the
    positive counts. x = v3 . u5 = 1 * .5 + 2 * .25 = 1; 1 - sigmoid(1) = .26894; rate .1: v3 += .026894 u5, u5 += .026894 v3.
    """
    job = make_job([np.array([5, 3])], 7, 2, learner=learner, window=1, negatives=2, rate=0.1)
    job.noise.limits[:] = 0
    job.noise.others[:] = 5
    job.rates[:] = 0.1
    inputs, outputs = job.matrices.inputs.reshape(7, -1), job.matrices.outputs.reshape(7, -1)
    inputs[3, :2], inputs[5, :2] = (1, 2), (0, 0)
    outputs[5, :2], outputs[3, :2] = (0.5, 0.25), (0, 0)
    job.run(kernels)
    g = 0.1 * 0.2689414213699951
    np.testing.assert_allclose(inputs[3, :2], [1 + g * 0.5, 2 + g * 0.25], rtol=1e-6)
    # then centre 3 with context 5: v5 and u3 are 0, so every score is 0; both noise words are 5
    u5 = np.array([0.5 + g * 1, 0.25 + g * 2])
    np.testing.assert_allclose(outputs[5, :2], u5, rtol=1e-6)  # noise gradient is -rate * .5 * v5 = 0
    np.testing.assert_allclose(inputs[5, :2], -2 * 0.1 * 0.5 * u5, rtol=1e-6)  # two noise draws
    np.testing.assert_allclose(outputs[3, :2], [0, 0], atol=1e-9)
    assert job.losses[0] == pytest.approx(math.log(1 + math.exp(-1)) + 3 * math.log(2), rel=1e-5)
