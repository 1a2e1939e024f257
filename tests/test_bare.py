"""Installations without an extra: what needs it says so in one sentence, and everything else works.

Each is a new process in which the libraries cannot be found, as if they had never been installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import semap
from semap.errors import MissingExtra

# What is not there without an extra: its library, and those among the others' that cannot be there without it.
INSTALLATIONS = {
    "without encode": {"tokenizers", "transformers", "sentence_transformers"},
    "without torch": {"torch", "transformers", "sentence_transformers"},
    "without contextual": {"transformers", "sentence_transformers", "huggingface_hub"},
    "without zstd": {"zstandard"},
    "without serve": {"starlette", "uvicorn", "msgspec"},
    "without index": {"usearch"},
    "without map": {"umap", "pynndescent", "plotly", "matplotlib"},
    "bare": {"tokenizers", "torch", "transformers", "sentence_transformers", "huggingface_hub", "zstandard", "scipy",
             "safetensors", "sklearn", "model2vec", "gensim", "faiss", "umap", "pynndescent", "plotly", "matplotlib",
             "starlette", "uvicorn", "msgspec", "usearch"},
}  # fmt: skip

HIDE = """
import importlib.machinery, sys
class Hiding(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {absent!r} else super().find_spec(name, path, target)
sys.meta_path[sys.meta_path.index(importlib.machinery.PathFinder)] = Hiding
import importlib.util
found = [name for name in {absent!r} if importlib.util.find_spec(name)]
assert not found, found
"""

# (what it is, the library it needs, the extra that brings it, code)
ENTRIES = [
    ("Tokenizer.train", "tokenizers", "encode", "semap.Tokenizer.train(['dog bites man'] * 3, kind='bpe').encode('dog')"),
    ("Tokenizer.load", "tokenizers", "encode", "semap.Tokenizer.load(here / 'tok.json').encode('dog')"),
    ("Tokenizer.from_json", "tokenizers", "encode", "semap.Tokenizer.from_json((here / 'tok.json').read_text()).encode('dog')"),
    ("Pipeline.load of pieces", "tokenizers", "encode", "semap.Pipeline.load(here / 'pieces-pipeline.semap').encode(['dog'])"),
    ("Pipeline.load of a folder", "tokenizers", "encode", "semap.Pipeline.load(here / 'model2vec').encode(['dog'])"),
    ("a table of pieces", "tokenizers", "encode",
     "semap.Pipeline.from_table(semap.load(here / 'pieces.semap'), pooling='mean').encode(['dog'])"),
    ("torch.EmbeddingLayer", "torch", "torch", "semap.torch.EmbeddingLayer(semap.load(here / 'words.semap'))"),
    ("torch.TextClassifier", "torch", "torch", "semap.torch.TextClassifier()"),
    ("CategoryEmbeddings", "torch", "torch", "semap.CategoryEmbeddings().fit([{'a': 'x', 'y': 1.0}], target='y')"),
    ("ContextualEncoder", "sentence_transformers", "contextual", "semap.ContextualEncoder(here / 'model')"),
    ("read_text of .zst", "zstandard", "zstd", "assert semap.read_text(here / 'text.txt.zst', min_count=1).n_tokens == 15"),
    ("a map by UMAP", "umap", "map", "semap.map.chart_of(semap.load(here / 'words.semap'))"),
    ("a picture of a map", "matplotlib", "map",
     "semap.map.picture_of(semap.map.chart_of(semap.load(here / 'words.semap'), method='pca'), dpi=20)"),
    ("a page of a map", "plotly", "map",
     "semap.map.page_html(semap.map.chart_of(semap.load(here / 'words.semap'), method='pca'))"),
    ("HNSWIndex", "usearch", "index", "semap.HNSWIndex(semap.load(here / 'words.semap'))"),
    ("the service", "starlette", "serve", "from semap.serve.app import build_app; assert callable(build_app)"),
    ("to_scipy", "scipy", None, "semap.one_hot(['dog', 'man'], ['man']).to_scipy()"),
]  # fmt: skip

PLAIN = [
    "corpus = semap.read_text(here / 'text.txt', min_count=1)",
    "assert semap.load(here / 'pieces.semap').dim == 8",
    "semap.SkipGram(dim=8, epochs=1, threads=1).fit(corpus)",
    "semap.CBOW(dim=8, epochs=1, threads=1).fit(corpus)",
    "table = semap.load(here / 'words.semap'); table.save(here / 'again.semap'); assert len(table) == 4",
    "semap.similar(table, 'dog', k=2); semap.analogy(table, 'dog', 'man', 'the', k=1); semap.cosine(table['dog'], table['man'])",
    "assert semap.evaluate.similarity(table, ['dog man 3', 'dog bites 2', 'man the 1']).used == 3",
    "assert semap.one_hot(['dog', 'man'], ['man']).to_dense().tolist() == [[0, 1]]",
    "assert len(semap.pairs('dog bites man', window=1)) == 4",
    "assert semap.positions.sinusoidal(3, 5).shape == (3, 5)",
    "assert semap.positions.rotary([[1.0, 2.0]]).shape == (1, 2)",
    "assert table.reduce(2).dim == 2",
    "chart = semap.map.chart_of(table, method='pca'); semap.map.save_chart(chart, here / 'words.map', table)",
    "assert len(semap.map.open_chart(here / 'words.map', table)) == 4; semap.map.write_projector(chart, table, here / 'tf')",
    "pipe = semap.Pipeline.from_table(table, pooling='mean')",
    "assert pipe.encode(['dog bites man', '']).shape == (2, 8)",
    "assert pipe.embed(['dog bites man'])[0].shape == (1, 3, 8)",
    "assert 'bites' in str(pipe.trace('dog bites man')) and '<svg' in pipe.trace('dog').svg()",
    "pipe.save(here / 'again-pipe.semap'); assert semap.Pipeline.load(here / 'again-pipe.semap').dim == 8",
]

RUN = """
import contextlib, io, json, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import semap
here, names = Path({folder!r}), {{}}
names.update(semap=semap, here=here)
told = []
for code in {codes!r}:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(code, names)
        told.append(None)
    except BaseException as failure:
        told.append([type(failure).__name__, str(failure)])
print(json.dumps(told))
"""

MODULES = """
import importlib, json, pkgutil, semap
told = {}
for module in pkgutil.walk_packages(semap.__path__, "semap."):
    try:
        importlib.import_module(module.name)
    except Exception as failure:
        told[module.name] = [type(failure).__name__, str(failure)]
print(json.dumps(told))
"""

# "the dog bites the man", three times, as zstandard packs it
ZST = "28b52ffd2042ed0000b074686520646f6720626974657320746865206d616e0a01004a733601"


def in_installation(name: str, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process that finds none of the libraries which this installation lacks."""
    hidden = HIDE.format(absent=sorted(INSTALLATIONS[name]))
    return subprocess.run([sys.executable, "-c", hidden + code], capture_output=True, text=True, timeout=300, check=False)


def told_by(name: str, code: str) -> Any:
    done = in_installation(name, code)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files that the entries open, made with every extra there."""
    if absent := [
        name for name in ("tokenizers", "torch", "sentence_transformers", "zstandard", "scipy") if find_spec(name) is None
    ]:
        pytest.skip(f"the full installation is compared with; not installed: {', '.join(absent)}")
    made = tmp_path_factory.mktemp("bare")
    texts = ["the dog bites the man"] * 3
    (made / "text.txt").write_text("\n".join(texts) + "\n")
    (made / "text.txt.zst").write_bytes(bytes.fromhex(ZST))
    learner = semap.SkipGram(dim=8, epochs=1, sample=0, threads=1)
    learner.fit(semap.read_text(texts, min_count=1)).save(made / "words.semap")
    tokenizer = semap.Tokenizer.train(texts, kind="bpe")
    tokenizer.save(made / "tok.json")
    pieces = learner.fit(semap.read_text(texts, min_count=1, tokenizer=tokenizer))
    pieces.save(made / "pieces.semap")
    pipe = semap.Pipeline(tokenizer, pieces)
    pipe.save(made / "pieces-pipeline.semap")
    words = semap.Tokenizer.train(texts, kind="wordpiece", min_count=1)
    semap.Pipeline(words, semap.Table(list(words.tokens), [[n, 1.0] for n in range(len(words))])).save(
        made / "model2vec", to="model2vec"
    )
    _make_model(made / "model")
    return made


def _make_model(folder: Path) -> None:
    """A contextual encoder, as small as can be."""
    from transformers import BertConfig, BertModel

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "dog"]
    BertModel(BertConfig(vocab_size=6, hidden_size=12, num_hidden_layers=1, intermediate_size=8)).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "BertTokenizer"}')


@pytest.mark.parametrize("name", INSTALLATIONS)
def test_what_needs_an_extra_says_so_in_one_sentence_and_the_rest_works(name: str, folder: Path) -> None:
    told = told_by(name, RUN.format(folder=str(folder), codes=[code for _, _, _, code in ENTRIES] + PLAIN))
    for (label, library, extra, _), failure in zip(ENTRIES, told, strict=False):
        if library not in INSTALLATIONS[name]:
            assert failure is None, f"{label}: {failure}"
            continue
        assert failure is not None, f"{label} works without {library}"
        kind, message = failure
        install = f"pip install 'semap[{extra}]'" if extra else f"pip install {library}"
        assert kind == "MissingExtra", f"{label}: {message}"
        assert message.endswith(f" is not installed; it comes with: {install}"), f"{label}: {message}"
        assert "\n" not in message
    for code, failure in zip(PLAIN, told[len(ENTRIES) :], strict=True):
        assert failure is None, f"{code}: {failure}"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("label", "code"), [(label, code) for label, _, _, code in ENTRIES])
def test_everything_is_at_work_in_the_full_installation(label: str, code: str, folder: Path) -> None:
    exec(code, {"semap": semap, "here": folder})


def test_every_name_of_the_face_is_there_in_a_bare_installation() -> None:
    code = "import json, semap; print(json.dumps([getattr(semap, name) is not None for name in semap.__all__]))"
    assert told_by("bare", code) == [True] * len(semap.__all__)


def test_every_module_is_imported_in_a_bare_installation_or_names_its_extra() -> None:
    told = told_by("bare", MODULES)
    for module, (kind, message) in told.items():
        extra = module.split(".")[1]
        assert extra in ("torch", "serve"), told
        assert kind == "MissingExtra", told
        assert f"semap[{extra}]" in message, told


def test_a_command_that_needs_an_extra_says_so_in_one_line(folder: Path) -> None:
    argv = ["semap", "encode", str(folder / "pieces.semap"), str(folder / "text.txt"), "-o", str(folder / "vectors.npy")]
    done = in_installation("bare", f"sys.argv = {argv!r}\nfrom semap.cli.main import main\nmain()")
    assert done.returncode == 1
    *warned, last = done.stderr.splitlines()
    assert last == "semap: error: tokenizers is not installed; it comes with: pip install 'semap[encode]'"
    assert all(line.startswith("semap: warning: ") for line in warned)
    assert not (folder / "vectors.npy").exists()


@pytest.mark.parametrize(
    "argv", [["--help"], ["trace", "english", "dog bites man"], ["similar", "english", "dog"], ["tour", "8"]]
)
def test_commands_that_need_no_extra_work_in_a_bare_installation(argv: list[str]) -> None:
    done = in_installation("bare", f"sys.argv = {['semap', *argv]!r}\nfrom semap.cli.main import main\nmain()")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_error_is_an_import_error_too() -> None:
    assert issubclass(MissingExtra, ImportError)
