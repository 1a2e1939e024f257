"""Checkpoints: a training that was cut ends with the bits of one that was not."""

from __future__ import annotations

import dataclasses
import os
import signal

import numpy as np
import pytest

from semap.errors import CannotWrite, CheckpointError, SemapWarning, SettingsError, TrainingInterrupted
from semap.learn.skipgram import SkipGram

LEARNER = SkipGram(dim=16, epochs=3, threads=2, lanes=4, block=32, keep_output=True)


class Stopper:
    """A progress that presses Ctrl-C at its n-th update."""

    def __init__(self, updates):
        self.updates, self.finished = updates, False

    def start(self, task, total, unit):
        pass

    def update(self, done, **figures):
        self.updates -= 1
        if self.updates == 0:
            raise KeyboardInterrupt

    def finish(self):
        self.finished = True


@pytest.fixture(autouse=True)
def short_calls(monkeypatch):
    """Let every call run few rounds, so that small corpora can be cut anywhere."""
    monkeypatch.setattr("semap.learn.training._SECONDS_A_CALL", 1e-9)


@pytest.fixture(scope="module")
def unbroken(topics):
    table = LEARNER.fit(topics)
    return table.vectors.tobytes() + table.output_vectors.tobytes(), table.metadata


@pytest.mark.parametrize("updates", [1, 5, 21, 22, 23, 64, 65, 66])
def test_a_cut_training_resumes_to_the_same_bits(topics, unbroken, tmp_path, updates):
    stopper = Stopper(updates)
    with pytest.raises(TrainingInterrupted, match="--resume"):
        LEARNER.fit(topics, checkpoint=tmp_path / "state", progress=stopper)
    assert stopper.finished
    table = dataclasses.replace(LEARNER, threads=1).fit(topics, checkpoint=tmp_path / "state", resume=True)
    assert table.vectors.tobytes() + table.output_vectors.tobytes() == unbroken[0]
    assert table.metadata == unbroken[1]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timers that send signals")
@pytest.mark.parametrize("milliseconds", [5, 20, 35, 50])
def test_a_real_ctrl_c_at_any_moment_resumes_to_the_same_bits(topics, unbroken, tmp_path, milliseconds):
    """A signal, not a polite progress: it must not fall between what the threads did and what is noted."""
    previous = signal.signal(signal.SIGALRM, lambda number, frame: signal.raise_signal(signal.SIGINT))
    try:
        signal.setitimer(signal.ITIMER_REAL, milliseconds / 1000)
        try:
            LEARNER.fit(topics, checkpoint=tmp_path)
        except (TrainingInterrupted, KeyboardInterrupt):  # the latter before the first round: kernels may still be compiling
            pass
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, previous)
    table = LEARNER.fit(topics, checkpoint=tmp_path, resume=True)
    assert table.vectors.tobytes() + table.output_vectors.tobytes() == unbroken[0]


def test_resume_begins_where_nothing_was_saved(topics, unbroken, tmp_path):
    table = LEARNER.fit(topics, checkpoint=tmp_path / "new", resume=True)
    assert table.vectors.tobytes() + table.output_vectors.tobytes() == unbroken[0]


def test_states_are_saved_as_often_as_asked(topics, tmp_path, monkeypatch):
    saved = []
    from semap.learn import training

    real = training.save_checkpoint
    monkeypatch.setattr(training, "save_checkpoint", lambda *given: (saved.append(vars(given[3]).copy()), real(*given)))
    LEARNER.fit(topics, checkpoint=tmp_path, every=1e-9)
    assert len(saved) > 60
    assert any(state["block"] > 0 for state in saved)


def test_ctrl_c_without_a_folder_stays_a_keyboard_interrupt(topics):
    with pytest.raises(KeyboardInterrupt, match="nothing was saved"):
        LEARNER.fit(topics, progress=Stopper(3))


def test_a_checkpoint_of_other_settings_or_another_corpus_is_refused(topics, make_corpus, tmp_path):
    with pytest.raises(TrainingInterrupted):
        LEARNER.fit(topics, checkpoint=tmp_path, progress=Stopper(3))
    with pytest.raises(CheckpointError, match=r"window \(5, now 6\)"):
        dataclasses.replace(LEARNER, window=6).fit(topics, checkpoint=tmp_path, resume=True)
    with pytest.raises(CheckpointError, match="corpus"):
        LEARNER.fit(make_corpus([["w0_1", "w0_2"] * 9]), checkpoint=tmp_path, resume=True)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_broken_checkpoint_is_said(topics, tmp_path, damage):
    with pytest.raises(TrainingInterrupted):
        LEARNER.fit(topics, checkpoint=tmp_path, progress=Stopper(3))
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-100] ^= 4
    path.write_bytes({"cut": content[:-50], "flip": content, "empty": b""}[damage])
    with pytest.raises(CheckpointError, match="broken"):
        LEARNER.fit(topics, checkpoint=tmp_path, resume=True)


def test_a_disk_that_takes_nothing_leaves_the_last_state_whole(topics, unbroken, tmp_path, monkeypatch):
    with pytest.raises(TrainingInterrupted):
        LEARNER.fit(topics, checkpoint=tmp_path, progress=Stopper(5))
    (path,) = tmp_path.iterdir()
    before = path.read_bytes()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match="No space left"):
        LEARNER.fit(topics, checkpoint=tmp_path, resume=True, every=1e-9)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_folder_that_is_a_file_is_said(topics, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CannotWrite, match="checkpoint folder"):
        LEARNER.fit(topics, checkpoint=tmp_path / "file", every=1e-9)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("every", [0, -1, float("nan"), float("inf")])
def test_every_must_be_a_time(topics, tmp_path, every):
    with pytest.raises(SettingsError, match="every"):
        LEARNER.fit(topics, checkpoint=tmp_path, every=every)


def test_resume_needs_a_folder(topics):
    with pytest.raises(SettingsError, match="folder"):
        LEARNER.fit(topics, resume=True)


def test_an_exception_of_the_progress_does_not_leave_threads_behind(topics):
    class Broken(Stopper):
        def update(self, done, **figures):
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        LEARNER.fit(topics, progress=Broken(1))
    assert np.isfinite(LEARNER.fit(topics).vectors).all()


def test_a_checkpoint_that_will_be_replaced_is_said(topics, tmp_path):
    with pytest.raises(TrainingInterrupted):
        LEARNER.fit(topics, checkpoint=tmp_path, progress=Stopper(3))
    with pytest.warns(SemapWarning, match="will replace"):
        LEARNER.fit(topics, checkpoint=tmp_path)
