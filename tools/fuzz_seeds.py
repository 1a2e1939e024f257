"""Small whole files of every format, for `fuzz_formats.py` to damage."""

from __future__ import annotations

import json
import tempfile
import warnings
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

LARGEST = 250_000  # bytes of a seed
LEFT_OUT = (".md", ".json", ".tsv", ".cor", ".gz")

Seed = tuple[str, dict[str, bytes], str, dict[str, Any]]  # name, files by name, the one to open, arguments of load


def all_seeds(data: Path) -> list[Seed]:
    """Every seed there is here."""
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = Path(name)
        return [*own_seeds(folder), *arrow_seeds(folder), *tool_seeds(folder), *given_seeds(data)]


def own_seeds(folder: Path) -> list[Seed]:
    """Files by semap's writers, with and without counts, output vectors and sub-words, of every stored dtype."""
    from semap.formats.save import FORMATS, save
    from semap.table.table import Table

    rng = np.random.default_rng(3)
    tokens = ["the", "queen", "né", "北京", "a1", "b_c", "zebra", "x"]
    rows = rng.standard_normal((len(tokens), 6)).astype(np.float32)
    whole = Table(tokens, rows, counts=np.arange(8)[::-1] + 3, metadata={"note": "seed"}, output_vectors=-rows)
    plain = Table(tokens, rows)
    tables = [("", plain), ("-counted", whole), ("-composing", composing(whole))]
    seeds: list[Seed] = []
    for form in FORMATS:
        for name, table in tables:
            for dtype in ("float32", "float16", "int8") if form in ("semap", "safetensors") else ("float32",):
                place = folder / f"own{len(seeds)}"
                place.mkdir()
                with suppress(NotImplementedError):
                    save(table.quantize(dtype), place / "a", to=form)
                    inner = place / "a" if (place / "a").is_dir() else place
                    files = {file.name: file.read_bytes() for file in inner.iterdir()}
                    opened = "tensors.tsv" if form == "projector" else "a"
                    settings = {"ids": "a.ids.txt"} if form == "numpy" else {}
                    seeds.append((f"{form}{name}-{dtype}", files, opened, settings))
    return seeds + foreign_seeds(rows, tokens)


def composing(table: Any) -> Any:
    """The same table with rows of n-grams."""
    from semap.ngrams.ngrams import NGrams
    from semap.table.rows import StoredRows
    from semap.table.subwords import SubwordRows
    from semap.table.table import Table

    rows = np.random.default_rng(4).standard_normal((20, table.dim)).astype(np.float32)
    subwords = SubwordRows(NGrams(min_n=2, max_n=3, buckets=20), StoredRows(rows))
    return Table(table.tokens, table.vectors, counts=table.counts, output_vectors=table.output_vectors, subwords=subwords)


def foreign_seeds(rows: np.ndarray, tokens: list[str]) -> list[Seed]:
    """Files of shapes that semap's own writers do not make."""
    ids = "\n".join([*tokens, ""]).encode()
    text = b"".join(
        token.encode() + b" " + b" ".join(b"%.4f" % each for each in row) + b" \r\n"
        for token, row in zip(tokens, rows, strict=True)
    )
    gensim = b"8 6\n" + b"".join(token.encode() + b" " + row.tobytes() for token, row in zip(tokens, rows, strict=True))
    seeds: list[Seed] = [
        ("word2vec-text-c", {"a": b"8 6\n" + text}, "a", {}),
        ("glove-spaces", {"a": text.replace(b"b_c", b". . .")}, "a", {}),
        ("word2vec-binary-gensim", {"a": gensim}, "a", {}),
    ]
    for name, array in [("f8", rows.astype(">f8")), ("fortran", np.asfortranarray(rows)), ("f2", rows.astype("<f2"))]:
        with tempfile.TemporaryFile() as file:
            np.save(file, array)
            file.seek(0)
            seeds.append((f"numpy-{name}", {"a": file.read(), "i": ids}, "a", {"ids": "i"}))
    bits = (rows.view(np.uint32) >> 16).astype(np.uint16)
    for name, kind, array in [("bf16", "BF16", bits), ("f64", "F64", rows.astype(np.float64))]:
        entry = {"e": {"dtype": kind, "shape": list(array.shape), "data_offsets": [0, array.nbytes]}}
        head = json.dumps(entry).encode()
        vocab = json.dumps({"model": {"vocab": {token: row for row, token in enumerate(tokens)}}}).encode()
        content = len(head).to_bytes(8, "little") + head + array.tobytes()
        seeds.append((f"safetensors-{name}", {"a": content, "tokenizer.json": vocab}, "a", {}))
    config = b'embeddings {\n tensor_path: "v.bytes"\n tensor_shape: 8\n tensor_shape: 6\n metadata_path: "m.tsv"\n}\n'
    seeds.append(("projector-bytes", {"a": config, "v.bytes": rows.tobytes(), "m.tsv": ids}, "a", {}))
    return seeds


def arrow_seeds(folder: Path) -> list[Seed]:
    """Files by pyarrow, in shapes that semap does not write."""
    if find_spec("pyarrow") is None:
        return []
    import pyarrow as pa
    import pyarrow.parquet

    rows = np.random.default_rng(5).standard_normal((9, 4))
    words = [f"word{number}" for number in range(9)]
    seeds: list[Seed] = []
    for kind in (pa.list_(pa.float32()), pa.large_list(pa.float64()), pa.list_(pa.float16(), 4)):
        vectors = pa.array([list(map(np.float16, row)) for row in rows] if "half" in str(kind) else rows.tolist(), kind)
        table = pa.table({"w": pa.array(words).dictionary_encode(), "e": vectors, "count": range(9, 0, -1)})
        path = folder / "a"
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=4)
        seeds.append((f"arrow-stream {kind}", {"a": path.read_bytes()}, "a", {}))
        with pa.ipc.new_file(path, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
            writer.write_table(table, max_chunksize=4)
        seeds.append((f"arrow-file {kind}", {"a": path.read_bytes()}, "a", {}))
        if "half" not in str(kind):
            pyarrow.parquet.write_table(table, path, row_group_size=4, compression="snappy")
            seeds.append((f"parquet {kind}", {"a": path.read_bytes()}, "a", {}))
    return seeds


def tool_seeds(folder: Path) -> list[Seed]:
    """Files by gensim and fastText, where they are installed."""
    seeds: list[Seed] = []
    texts = [[f"word{(7 * each + line) % 23}" for each in range(8)] for line in range(40)]
    if find_spec("gensim") is not None:
        from gensim.models import FastText, Word2Vec

        plain = Word2Vec(texts, vector_size=5, min_count=1, epochs=1, workers=1)
        composed = FastText(texts, vector_size=5, min_count=1, epochs=1, workers=1, bucket=30)
        for name, model in (("word2vec", plain), ("fasttext", composed)):
            for what, each, settings in (
                ("model", model, {"pickle_protocol": 0}), ("model-2", model, {"pickle_protocol": 2}), ("model-4", model, {}),
                ("kv", model.wv, {"sep_limit": 100}), ("kv-5", model.wv, {"pickle_protocol": 5}),
            ):  # fmt: skip
                place = folder / f"gensim-{name}-{what}"
                place.mkdir()
                each.save(str(place / "a"), **settings)
                files = {file.name: file.read_bytes() for file in place.iterdir()}
                seeds.append((f"gensim-{name}-{what}", files, "a", {}))
    if find_spec("fasttext") is not None:
        import fasttext

        (folder / "t").write_text("\n".join(" ".join(line) for line in texts))
        (folder / "s").write_text("\n".join(f"__label__{len(line[0])} " + " ".join(line) for line in texts))
        quiet: dict[str, Any] = {"dim": 4, "bucket": 40, "epoch": 1, "thread": 1, "verbose": 0}
        fasttext.train_unsupervised(str(folder / "t"), minCount=1, **quiet).save_model(str(folder / "m"))
        seeds.append(("fasttext-skipgram", {"a": (folder / "m").read_bytes()}, "a", {}))
        model = fasttext.train_supervised(str(folder / "s"), minn=2, maxn=3, wordNgrams=2, **quiet)
        model.save_model(str(folder / "m"))
        seeds += [
            (f"fasttext-supervised-{part}", {"a": (folder / "m").read_bytes()}, "a", {"part": part})
            for part in ("words", "labels")
        ]
    return seeds


def given_seeds(data: Path) -> list[Seed]:
    """Small files of the original tools."""
    seeds: list[Seed] = []
    for path in sorted(data.rglob("*")) if data.is_dir() else []:
        if path.is_file() and path.suffix not in LEFT_OUT and path.stat().st_size < LARGEST:
            seeds.append((f"{path.parent.name}/{path.name}", {"a": path.read_bytes()}, "a", {}))
    return seeds
