"""Models on the disk and checkpoints: the same answers after loading, the same bits after going on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason='needs pip install "semap[torch]"')

import semap  # noqa: E402
from semap.errors import BadFile, CannotWrite, CheckpointError, FileMissing, SettingsError, TrainingInterrupted  # noqa: E402
from semap.storage.container import open_container  # noqa: E402
from semap.torch import TextClassifier, TextModel  # noqa: E402

QUICK = {"epochs": 4, "dropout": 0.2, "threads": 1, "ngram_dim": 4, "patience": None, "batch_size": 16}
BOTH = [
    TextClassifier(**QUICK, architecture="average", dim=12, learning_rate=0.03, char_ngrams=(2, 3)),
    TextClassifier(**QUICK, architecture="transformer", dim=12, heads=3, layers=1, learning_rate=0.01, positions="learned"),
]
architectures = pytest.mark.parametrize("learner", BOTH, ids=["average", "transformer"])


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


def weights(model):
    return b"".join(each.numpy().tobytes() for each in model._network.state_dict().values())


@architectures
@pytest.mark.parametrize("from_table", [False, True], ids=["random", "pretrained"])
def test_a_loaded_model_says_the_same(learner, from_table, kinds, train, held, tmp_path):
    if from_table:
        learner = dataclasses.replace(
            learner, pretrained=kinds, frozen=True, dim=None if learner.architecture == "average" else 12
        )
    model = learner.fit(*train, validation=0.2)
    model.save(tmp_path / "model.semap")
    loaded = TextModel.load(tmp_path / "model.semap", threads=1)
    assert loaded.labels == model.labels
    assert loaded.facts == model.facts
    assert loaded.predict_proba(held[0]).tobytes() == model.predict_proba(held[0]).tobytes()
    assert loaded.table.vectors.tobytes() == model.table.vectors.tobytes()
    assert loaded.table.metadata == model.table.metadata
    loaded.save(tmp_path / "again.semap")
    assert (tmp_path / "again.semap").read_bytes() == (tmp_path / "model.semap").read_bytes()


def test_labels_that_are_numbers_stay_numbers_on_the_disk(tmp_path):
    BOTH[0].fit(["a b", "c d"], [10, 20]).save(tmp_path / "m.semap")
    assert TextModel.load(tmp_path / "m.semap").labels == [10, 20]


@architectures
@pytest.mark.parametrize("updates", [7, 12, 13, 20])
def test_a_cut_training_resumes_to_the_same_bits(learner, train, tmp_path, updates):
    whole = learner.fit(*train, validation=0.2)  # 72 texts: 5 updates an epoch
    stopper = Stopper(updates)
    with pytest.raises(TrainingInterrupted, match="resume=True"):
        learner.fit(*train, validation=0.2, checkpoint=tmp_path / "state", progress=stopper)
    assert stopper.finished
    resumed = learner.fit(*train, validation=0.2, checkpoint=tmp_path / "state", resume=True)
    assert weights(resumed) == weights(whole)
    assert resumed.facts == whole.facts


def test_resume_begins_where_nothing_was_saved(train, tmp_path):
    fresh = BOTH[0].fit(*train, checkpoint=tmp_path / "new", resume=True)
    assert weights(fresh) == weights(BOTH[0].fit(*train))


def test_ctrl_c_before_anything_was_saved_stays_a_keyboard_interrupt(train, tmp_path):
    with pytest.raises(KeyboardInterrupt, match="nothing was saved"):
        BOTH[0].fit(*train, progress=Stopper(20))
    with pytest.raises(KeyboardInterrupt, match="nothing was saved"):
        BOTH[0].fit(*train, checkpoint=tmp_path, progress=Stopper(2))


def test_a_checkpoint_of_other_settings_or_other_texts_is_refused(train, held, tmp_path):
    BOTH[0].fit(*train, checkpoint=tmp_path)
    with pytest.raises(CheckpointError, match=r"dropout \(0.2, now 0.5\)"):
        dataclasses.replace(BOTH[0], dropout=0.5).fit(*train, checkpoint=tmp_path, resume=True)
    with pytest.raises(CheckpointError, match="texts"):
        BOTH[0].fit(*held, checkpoint=tmp_path, resume=True)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_broken_checkpoint_is_said(train, tmp_path, damage):
    BOTH[0].fit(*train, checkpoint=tmp_path)
    (path,) = tmp_path.iterdir()
    _damage(path, damage)
    with pytest.raises(CheckpointError, match="broken"):
        BOTH[0].fit(*train, checkpoint=tmp_path, resume=True)


def test_a_folder_that_is_a_file_is_said(train, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(CannotWrite, match="checkpoint folder"):
        BOTH[0].fit(*train, checkpoint=tmp_path / "file")


def test_resume_needs_a_folder(train):
    with pytest.raises(SettingsError, match="folder"):
        BOTH[0].fit(*train, resume=True)


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_broken_model_is_said(train, tmp_path, damage):
    path = tmp_path / "model.semap"
    BOTH[0].fit(*train).save(path)
    _damage(path, damage)
    with pytest.raises(BadFile):
        TextModel.load(path)


@pytest.mark.parametrize("lacking", ["tokens", "kept", "network.output.bias"])
def test_a_model_that_lacks_an_array_is_said(train, tmp_path, lacking):
    from semap.storage.container import write

    path = tmp_path / "model.semap"
    BOTH[0].fit(*train).save(path)
    container = open_container(path)
    write(tmp_path / "less.semap", {name: each for name, each in container.arrays.items() if name != lacking}, container.metadata)
    with pytest.raises(BadFile, match="no whole text classifier"):
        TextModel.load(tmp_path / "less.semap")


def test_other_files_are_no_models(tmp_path):
    semap.Table(["a"], [[1.0]]).save(tmp_path / "table.semap")
    with pytest.raises(BadFile, match="does not hold a text classifier, but 'table'"):
        TextModel.load(tmp_path / "table.semap")
    with pytest.raises(FileMissing):
        TextModel.load(tmp_path / "nothing.semap")
    (tmp_path / "pickle").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(BadFile):
        TextModel.load(tmp_path / "pickle")


def test_a_device_that_does_not_exist_is_said_when_loading(train, tmp_path):
    BOTH[0].fit(*train).save(tmp_path / "m.semap")
    with pytest.raises(SettingsError, match="cuda:77"):
        TextModel.load(tmp_path / "m.semap", device="cuda:77")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU")
@architectures
def test_a_gpu_learns_about_the_same(learner, train, held):
    on_cpu = learner.fit(*train)
    on_gpu = dataclasses.replace(learner, device="cuda").fit(*train)
    assert abs(on_gpu.score(*held) - on_cpu.score(*held)) < 0.2


def test_the_model_is_a_safetensors_file(train, tmp_path):
    safetensors = pytest.importorskip("safetensors.numpy", reason="needs safetensors")
    model = BOTH[0].fit(*train)
    model.save(tmp_path / "m.semap")
    arrays = safetensors.load_file(tmp_path / "m.semap")
    assert np.array_equal(arrays["network.words.weight"], model.table.vectors)


def _damage(path, damage):
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-100] ^= 4
    path.write_bytes({"cut": content[:-50], "flip": content, "empty": b""}[damage])
