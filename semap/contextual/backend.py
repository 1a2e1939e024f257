"""The one file that imports sentence-transformers, and the torch and hub client that come with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from semap.arrays import AnyArray, Flags, FloatMatrix
from semap.contextual.folder import weight_files
from semap.errors import BadFile, FileMissing, MissingExtra, SettingsError
from semap.parallel.crew import thread_count
from semap.text.given import readable

__all__ = ["Batch", "Opened", "check_library", "hub_folder"]

_NO_LIMIT = 1 << 20  # tokens, for a model whose positions are computed
_WANTED = ["*.json", "*.safetensors", "*.txt", "*.model"]  # of a download: what may be opened, and no pickle


class Batch(NamedTuple):
    """What a model says of some texts: `texts` float32 (B, D), `tokens` float32 (B, T, W), `mask` bool (B, T)."""

    texts: FloatMatrix
    tokens: AnyArray
    mask: Flags


def check_library() -> None:
    """Raise MissingExtra where sentence-transformers or what it needs is not installed."""
    try:
        import sentence_transformers  # noqa: F401 (the import is the check)
    except ModuleNotFoundError as failure:
        raise MissingExtra((failure.name or "sentence-transformers").replace("_", "-"), "contextual") from failure


def hub_folder(name: str, download: bool) -> Path:
    """Return the folder of a model of the Hugging Face hub: fetched before, or with `download` fetched now.

    Raises FileMissing, and says what to do, where it is not there.
    """
    import huggingface_hub

    full = name if "/" in name else f"sentence-transformers/{name}"
    try:
        found = huggingface_hub.snapshot_download(full, local_files_only=not download, allow_patterns=_WANTED)
    except Exception as failure:  # the client's own, those of its transport, and OSError
        if download:
            raise FileMissing(f"{full} could not be downloaded: {_first_line(failure)}") from failure
        raise FileMissing(
            f"{name} is no folder, no installed package with a model and no model that was downloaded before; give the "
            f"folder of a model, or download=True to fetch {full} from the Hugging Face hub"
        ) from None
    return Path(found)


class Opened:
    """A model of sentence-transformers on one device.

    folder: one that `folder.checked` has passed. max_length: tokens of a text that are read, None for the model's own.
    Raises BadFile (what the library cannot open; rows that the file lacks) and SettingsError (device, max_length).
    """

    def __init__(self, folder: Path, device: str, max_length: int | None) -> None:
        self._device = _device(device)
        self._model = _open(folder, self._device)
        self._tokenizer = self._model.tokenizer
        self.longest = _longest(self._model)
        self.max_length = self._limit(max_length)
        self._model.max_seq_length = self.max_length
        self._prompt = (self._model.prompts or {}).get(self._model.default_prompt_name)

    def run(self, texts: Sequence[str], threads: int) -> Batch:
        """Return the vectors of some texts, all at once. `threads`: of torch, during this call only."""
        import torch

        with _torch_threads(thread_count(threads)), torch.inference_mode():
            features = self._features(texts)
            mask = features["attention_mask"].numpy() != 0
            output = self._model({name: self._placed(each) for name, each in features.items()})
            vectors, tokens = (output[name].float().cpu().numpy() for name in ("sentence_embedding", "token_embeddings"))
        return Batch(vectors, tokens, mask)

    def tokens(self, texts: Sequence[str]) -> list[list[str]]:
        """Return the tokens that the model reads of each text."""
        features = self._features(texts)
        kept = zip(features["input_ids"].tolist(), features["attention_mask"].tolist(), strict=True)
        numbers = [[number for number, used in zip(*row, strict=True) if used] for row in kept]
        return [list(self._tokenizer.convert_ids_to_tokens(each)) for each in numbers]

    def n_tokens(self, text: str) -> int:
        """Return how many tokens a text has when nothing is cut off."""
        whole = (self._prompt or "") + readable(text)
        return len(self._tokenizer(whole, truncation=False, verbose=False)["input_ids"])

    def _features(self, texts: Sequence[str]) -> dict[str, Any]:
        whole = [readable(text) for text in texts]
        features: dict[str, Any] = self._model.preprocess(whole, prompt=self._prompt)
        return features

    def _placed(self, feature: Any) -> Any:
        return feature.to(self._device) if hasattr(feature, "to") else feature

    def _limit(self, max_length: int | None) -> int:
        if max_length is None:
            return min(int(self._model.max_seq_length or self.longest), self.longest)
        fewest = int(self._tokenizer.num_special_tokens_to_add()) + 1
        if not isinstance(max_length, int) or not fewest <= max_length <= self.longest:
            raise SettingsError(f"max_length is {max_length!r}; this model reads {fewest} to {self.longest:,} tokens of a text")
        return max_length


def _open(folder: Path, device: Any) -> Any:
    import sentence_transformers
    import torch

    try:
        with _no_bars(), torch.random.fork_rng(devices=[]):  # rows are filled at random before they are read
            model = sentence_transformers.SentenceTransformer(
                str(folder), device=str(device), local_files_only=True, trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            )  # fmt: skip
            missing = _missing_weights(folder, model)
    except MemoryError:
        raise
    except Exception as failure:  # whatever the libraries raise for a damaged folder: KeyError, OSError, RuntimeError, ...
        raise BadFile(folder, f"cannot be opened as a model: {_first_line(failure)}") from failure
    if missing:
        reason = f"its weights lack {len(missing):,} of the arrays that its config.json asks for, the first {missing[0]!r}"
        raise BadFile(folder, f"{reason}; they would be random")
    return model.float().eval()


def _missing_weights(folder: Path, model: Any) -> list[str]:
    """The arrays of the transformer that no file holds; transformers fills them at random and only logs it."""
    from safetensors import safe_open
    from transformers import AutoModel

    stored: set[str] = set()
    for path in weight_files(folder):
        with safe_open(path, "pt") as file:
            for name in file.keys():  # noqa: SIM118 (the file is no dict)
                parts = name.split(".")  # a whole language model stores its encoder under a name of its own
                stored.update(".".join(parts[first:]) for first in range(len(parts)))
    wanted = {name for name, _ in model[0].auto_model.named_parameters() if "pooler" not in name}
    if wanted <= stored:
        return []
    # The library renames the arrays of some models, so it is asked, though it has to open the model once more.
    place = str(weight_files(folder)[0].parent)
    _, told = AutoModel.from_pretrained(place, local_files_only=True, use_safetensors=True, output_loading_info=True)
    return sorted(name for name in told["missing_keys"] if "pooler" not in name)


def _device(name: str) -> Any:
    """Raise SettingsError unless tensors can be made there."""
    import torch

    try:
        device = torch.device(name)
        torch.ones(1, device=device).tolist()
    except Exception as failure:  # RuntimeError, AssertionError or NotImplementedError, by the kind of device
        raise SettingsError(f"device is {name!r}, which torch cannot use here: {_first_line(failure)}") from failure
    return device


def _longest(model: Any) -> int:
    """The most tokens of a text that the model has positions for."""
    transformer = model[0].auto_model
    positions = getattr(transformer.config, "max_position_embeddings", None)
    if not positions:
        return _NO_LIMIT
    rows = getattr(getattr(transformer, "embeddings", None), "position_embeddings", None)
    padding = getattr(rows, "padding_idx", None)  # RoBERTa and its kin count positions from the padding's id + 1
    return int(positions) if padding is None else int(positions) - padding - 1


@contextmanager
def _torch_threads(threads: int) -> Iterator[None]:
    """Give torch so many threads, and what it had before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _no_bars() -> Iterator[None]:
    """Keep transformers' own progress bars off standard error for a while."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def _first_line(failure: BaseException) -> str:
    return (str(failure).strip().splitlines() or [type(failure).__name__])[0]
