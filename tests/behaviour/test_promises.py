"""What every learner promises, whatever it learns: one test a promise, run for each of them."""

from __future__ import annotations

import dataclasses
import inspect
import json
import random
import signal
import warnings

import numpy as np
import pytest

import semap
from semap.errors import SemapError, SemapWarning, SettingsError, TrainingInterrupted

NOTHING_TO_DRAW = "no pair of words|.* users have each of"


@pytest.fixture(autouse=True)
def short_calls(monkeypatch):
    """Calls of few rounds, so that small data are cut into many; and threads started for work as small as this."""
    monkeypatch.setattr("semap.learn.training._SECONDS_A_CALL", 1e-9)
    monkeypatch.setattr("semap.recommend.sweep._QUICK", 0.0)


def fit(case, learner=None, **more):
    """The result on the case's own data."""
    return case.fit(learner or case.learner, case.data(), **more)


def test_every_public_class_that_fits_is_among_the_learners(every_case):
    names = dict.fromkeys(semap.__all__, semap) | dict.fromkeys(semap.torch.__all__, semap.torch)
    kinds = {name: getattr(home, name) for name, home in names.items()}
    found = {name for name, kind in kinds.items() if isinstance(kind, type) and {"fit", "train"} & set(dir_of(kind))}
    assert {case.learned_by for case in every_case.values()} == found


def dir_of(kind):
    """What a class has of its own or from other classes of semap."""
    return [name for each in kind.__mro__ if each.__module__.startswith("semap.") for name in vars(each)]


def test_the_same_seed_gives_the_same_bits_and_another_one_others(case):
    once = case.bits(fit(case))
    assert once == case.bits(fit(case))
    if case.seeded:
        assert once != case.bits(fit(case, case.changed(seed=case.learner.seed + 1)))
    else:
        assert case.seedless
        assert not hasattr(case.learner, "seed")


def test_threads_do_not_matter(case):
    found = {threads: fit(case, case.changed(threads=threads)) for threads in (1, 2, 3, 7)}
    if case.threads_change_nothing:
        assert len({case.bits(each) for each in found.values()}) == 1
    else:
        data = case.data()
        for each in found.values():
            np.testing.assert_allclose(case.outputs(each, data), case.outputs(found[1], data), atol=1e-2)
        assert case.bits(fit(case, case.changed(threads=3))) == case.bits(found[3])


def test_saved_and_opened_it_is_the_same(case, tmp_path):
    result = fit(case)
    again = case.reopened(result, tmp_path)
    assert case.bits(again) == case.bits(result)


def test_the_loss_falls(case):
    if not case.has_losses:
        assert not hasattr(fit(case), "losses") or case.losses(fit(case)) == []
        return
    losses = case.losses(fit(case, case.changed(epochs=6)))
    assert len(losses) == 6
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    rest = 1e-5 * losses[0] if case.never_climbs else 0.2 * (losses[0] - losses[-1])
    assert max(np.diff(losses)) <= rest


class StopAt:
    """Progress that presses Ctrl-C once this share is done."""

    def __init__(self, share):
        self.share, self.pressed = share, False

    def start(self, task, total, unit):
        self.total = total

    def update(self, done, **figures):
        if not self.pressed and done >= self.total * self.share:
            self.pressed = True
            signal.raise_signal(signal.SIGINT)

    def finish(self):
        pass


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_stopped_and_resumed_it_is_an_unbroken_run(case, tmp_path, share):
    if "checkpoint" not in case.goes_on:
        assert_nothing_to_resume(case)
        return
    whole = case.bits(fit(case))
    saved = share >= case.first_state
    with pytest.raises(TrainingInterrupted if saved else KeyboardInterrupt, match="resume" if saved else "nothing was saved"):
        fit(case, checkpoint=tmp_path / "state", progress=StopAt(share))
    assert case.bits(fit(case, checkpoint=tmp_path / "state", resume=True)) == whole
    assert case.bits(fit(case, checkpoint=tmp_path / "new", resume=True)) == whole  # begins where nothing was saved


def assert_nothing_to_resume(case):
    """A learner of one step, or of epochs that `init` goes on from, takes no checkpoint."""
    with pytest.raises(TypeError, match="checkpoint"):
        fit(case, checkpoint="state")
    assert "init" in case.goes_on or not case.has_losses


def test_going_on_from_a_model_is_an_unbroken_run(case, tmp_path):
    if "init" not in case.goes_on:
        assert "checkpoint" in case.goes_on or not case.has_losses
        with pytest.raises((TypeError, SettingsError), match=r"init|dim is") if not case.goes_on else _nothing():
            fit(case, init=fit(case)) if not case.goes_on else None
        return
    first = case.reopened(fit(case, case.changed(epochs=1)), tmp_path)
    rest = fit(case, case.changed(epochs=2), init=first)
    assert case.losses(rest) == case.losses(fit(case))
    assert {**rest.settings, "epochs": 3} == case.learner.settings()
    assert rest.users.vectors.tobytes() == fit(case).users.vectors.tobytes()
    assert rest.items.vectors.tobytes() == fit(case).items.vectors.tobytes()
    with pytest.raises(SettingsError, match=f"dim {case.learner.dim}, this is .* with dim 7"):
        fit(case, case.changed(dim=7), init=first)


def test_nothing_to_learn_from_is_an_error_that_names_the_remedy(case):
    for data in case.empty().values():
        with pytest.raises(SemapError, match=case.empty_says):
            case.fit(case.learner, data)


def test_one_thing_alone_is_learned_from_or_refused_with_the_remedy(case):
    for data in case.single().values():
        if isinstance(data, tuple) and isinstance(data[1], str):
            with pytest.raises(SemapError, match=data[1]):
                case.fit(case.learner, data[0])
            continue
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", NOTHING_TO_DRAW, SemapWarning)
            assert case.finite(case.fit(case.learner, data))


@pytest.mark.parametrize("given", [None, 7, "a name", b"bytes", 2.5, object()])
def test_what_is_no_data_is_refused_in_one_line(case, given):
    data = (given, given) if case.learned_by == "TextClassifier" else given
    with pytest.raises(SemapError) as failure:
        case.fit(case.learner, data)
    assert "\n" not in str(failure.value)


def test_fitting_changes_neither_the_learner_nor_the_data(case):
    data, before = case.data(), dataclasses.asdict(case.learner)
    state = case.state(data)
    first = case.bits(case.fit(case.learner, data))
    assert dataclasses.asdict(case.learner) == before
    assert case.state(data) == state
    assert case.bits(case.fit(case.learner, data)) == first


def test_no_global_state_is_read_or_changed(case):
    once = case.bits(fit(case))
    np.random.seed(3)
    random.seed(3)
    states = random.getstate(), np.random.get_state()[1].tobytes(), np.geterr()
    torch_state = torch_state_of(case)
    assert case.bits(fit(case)) == once
    assert (random.getstate(), np.random.get_state()[1].tobytes(), np.geterr()) == states
    assert torch_state_of(case) == torch_state


def torch_state_of(case):
    """Where torch's own generator stands, and its threads; nothing for learners that have nothing to do with it."""
    if case.threads_change_nothing:
        return None
    import torch

    return torch.get_rng_state().numpy().tobytes(), torch.get_num_threads()


def test_settings_are_json_and_make_the_same_learner(case):
    if not case.frozen:
        return
    settings = json.loads(json.dumps(case.learner.settings()))
    assert settings.pop("learner", type(case.learner).__name__) == type(case.learner).__name__
    elsewhere = {field.name for field in dataclasses.fields(case.learner)} - set(settings)
    unused = {"subwords", "buckets", "compact", "hashes"} if getattr(case.learner, "subwords", 0) is None else set()
    assert elsewhere <= {"threads", "memory", "keep_output", "device", "pretrained", "splitter"} | unused
    rest = {name: getattr(case.learner, name) for name in elsewhere}
    assert type(case.learner)(**settings, **rest) == case.learner


def test_numbers_of_numpy_are_kept_as_pythons_own(case):
    kinds = {int: np.int64, float: np.float64, bool: np.bool_}
    plain = dataclasses.asdict(case.learner)
    given = {name: kinds[type(value)](value) if type(value) in kinds else value for name, value in plain.items()}
    learner = type(case.learner)(**given)
    if case.frozen:
        assert learner == case.learner
        for name in given:
            assert type(getattr(learner, name)) is type(getattr(case.learner, name)), name
    assert case.bits(fit(case, learner)) == case.bits(fit(case))


def test_settings_of_another_kind_are_refused_by_name(case):
    for field in dataclasses.fields(case.learner):
        if field.type in ("int", "float"):
            for wrong in ("2", None, True, [1], float("nan")):
                with pytest.raises(SemapError, match=rf"\b{field.name} is|the {field.name}"):
                    fit(case, case.changed(**{field.name: wrong}))


def test_a_learner_is_frozen_and_only_names_settings(case):
    if not case.frozen:
        return
    with pytest.raises(dataclasses.FrozenInstanceError):
        case.learner.seed = 9
    with pytest.raises(TypeError):
        type(case.learner)(no_such_setting=1)
    with pytest.raises(TypeError):
        type(case.learner)(12)  # by name only


class Listener:
    """Progress that remembers."""

    def __init__(self):
        self.started, self.done, self.figures, self.finished = [], [], {}, 0

    def start(self, task, total, unit):
        self.started.append((task, total, unit))
        self.done.append([])

    def update(self, done, **figures):
        self.done[-1].append(done)
        self.figures = figures

    def finish(self):
        self.finished += 1


class Broken(Listener):
    """Progress with a fault of its own."""

    def update(self, done, **figures):
        raise LookupError("mine")


def test_progress_hears_every_step_and_the_end(case):
    if not case.tells_progress:
        assert "progress" not in inspect.signature(case.fit(case.learner, case.data()).__class__).parameters
        with pytest.raises(TypeError, match="progress"):
            fit(case, progress=Listener())
        return
    listener = Listener()
    result = fit(case, progress=listener)
    assert listener.finished == len(listener.started) >= 1
    for (task, total, unit), done in zip(listener.started, listener.done, strict=True):
        assert task
        assert unit
        assert done == sorted(done)
        if total:
            assert all(0 <= each <= total for each in done)
    if case.has_losses:
        assert listener.done[-1][-1] == listener.started[-1][1]
        assert np.isclose(listener.figures["loss"], case.losses(result)[-1], rtol=0.2)


def test_a_fault_of_the_progress_comes_out_and_the_progress_is_ended(case):
    if not case.tells_progress:
        return
    broken = Broken()
    with pytest.raises(LookupError, match="mine"):
        fit(case, progress=broken)
    assert broken.finished == len(broken.started)


def test_the_result_keeps_the_settings_and_a_fingerprint_of_the_data(case):
    if not case.frozen:
        return
    data = case.data()
    settings, fingerprint = case.kept(case.fit(case.learner, data))
    assert settings == case.learner.settings()
    assert "threads" not in settings
    assert len(fingerprint) == 16
    assert int(fingerprint, 16) >= 0
    if case.fingerprint(data) is not None:
        assert fingerprint == case.fingerprint(data)
    other = next(iter(case.single().values()))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", NOTHING_TO_DRAW, SemapWarning)
        assert case.kept(case.fit(case.learner, other))[1] != fingerprint


def _nothing():
    from contextlib import nullcontext

    return nullcontext()
