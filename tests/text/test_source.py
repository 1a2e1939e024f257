import bz2
import gzip
import io
import lzma
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard

from semap.errors import BadFile, BadText, EmptyCorpus, FileMissing, MissingExtra, SettingsError
from semap.table.table import Table
from semap.text.binary import HEAD_BYTES
from semap.text.opened import compression, file_chunks
from semap.text.source import Files, Texts, TokenLists, find_source

TEXT = ("The cat sat\n" * 3000).encode()
PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstandard.compress}


def content(source: Files | Texts) -> bytes:
    return b"|".join(chunk.data for chunk in source.chunks())


def files(source: object) -> Files:
    found = find_source(source, "replace")
    assert isinstance(found, Files)
    return found


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("named", [True, False])
def test_compressed_files_are_known_by_their_content(tmp_path: Path, suffix: str, named: bool) -> None:
    path = tmp_path / (f"a.txt.{suffix}" if named else "plain")
    path.write_bytes(PACK[suffix](TEXT))
    heard: list[int] = []
    chunks = list(file_chunks(str(path), heard.append, 1000))
    assert b"".join(chunk.data for chunk in chunks) == TEXT
    assert [chunk.offset for chunk in chunks] == [sum(len(c.data) for c in chunks[:n]) for n in range(len(chunks))]
    assert heard[-1] == path.stat().st_size


@pytest.mark.parametrize("suffix", PACK)
def test_members_that_follow_one_another_are_all_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(PACK[suffix](b"one\n") + PACK[suffix](b"two\n"))
    assert content(files(path)).replace(b"|", b"") == b"one\ntwo\n"


@pytest.mark.parametrize("suffix", PACK)
def test_a_file_that_was_cut_off_is_said_to_be(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    packed = PACK[suffix](TEXT)
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadFile, match="cut off") as caught:
        content(files(path))
    assert caught.value.offset is not None


@pytest.mark.parametrize("suffix", PACK)
def test_a_damaged_file_is_said_to_be(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    packed = bytearray(PACK[suffix](bytes(range(256)) * 400))
    packed[len(packed) // 2 : len(packed) // 2 + 20] = b"\xaa" * 20
    path.write_bytes(packed[:-8] + b"\x55" * 8)
    with pytest.raises(BadFile, match=r"damaged|cut off"):
        content(files(path))


def test_a_name_that_promises_compression_is_held_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_text("plain")
    with pytest.raises(BadFile, match="says gzip"):
        content(files(path))
    path.write_bytes(b"")
    assert content(files(path)) == b""


def test_text_that_begins_like_bzip2_is_text(tmp_path: Path) -> None:
    assert compression(b"BZh9 is how bzip2 begins") is None
    assert compression(b"BZh9" + bytes.fromhex("314159265359")) == "bzip2"


def test_zstd_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zst"
    path.write_bytes(PACK["zst"](TEXT))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingExtra, match=r"pip install 'semap\[zstd\]'"):
        content(files(path))


def test_a_byte_order_mark_is_left_out_and_counted_in_offsets(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfabc\xef\xbb\xbf")
    (chunk,) = files(path).chunks()
    assert (chunk.data, chunk.offset, chunk.begins) == (b"abc\xef\xbb\xbf", 3, True)


def test_a_folder_gives_its_text_files_in_order_and_says_what_it_left_out(tmp_path: Path) -> None:
    contents = {"b.txt": b"B", "a/z.txt": b"Z", ".hidden": b"H", ".git/c": b"C", "pic.png": b"\x89PNG\0"}
    for name, data in {**contents, "e.gz": gzip.compress(b"E")}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    found = files(tmp_path)
    assert content(found) == b"Z|B|E"
    assert [reason.split(" below")[0] for reason in found.left_out] == ["2 hidden files", "1 file that is not text"]


def test_a_folder_without_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\1")
    with pytest.raises(EmptyCorpus, match="1 file that is not text"):
        find_source(tmp_path, "replace")


def table_file(path: Path) -> None:
    Table(["a", "b"], np.eye(2)).save(path)


def array_file(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.ones((4, 3)))


def archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "text")


BINARY = {
    "a table": (table_file, r"is a \.semap or safetensors file, not text; .*--init FILE .*semap info"),
    "an array": (array_file, r"is a NumPy array; .*--init-ids"),
    "an archive": (archive, "is a zip archive .*unpack it"),
    "a program": (lambda path: path.write_bytes(Path(sys.executable).read_bytes()[:4096]), "is a compiled program|is no text"),
    "a PDF": (lambda path: path.write_bytes(b"%PDF-1.7 no zero"), "is a PDF; .*pdftotext"),
    "UTF-16": (lambda path: path.write_text("text", encoding="utf-16"), "is UTF-16, .*iconv"),
    "word2vec .bin": (lambda path: path.write_bytes(b"1 2\na \0\0\0\x3f\0\0\0\xc0"), "is no text: byte 6 is NUL; .*--init FILE"),
    "a late NUL": (lambda path: path.write_bytes(b"x" * (HEAD_BYTES - 1) + b"\0"), "is no text: byte 8,191 is NUL"),
}


@pytest.mark.parametrize("packed", [bytes, gzip.compress, zstandard.compress])
@pytest.mark.parametrize("kind", BINARY)
def test_what_is_plainly_no_text_is_refused_by_name_and_left_out_of_folders(
    tmp_path: Path, kind: str, packed: Callable[[bytes], bytes]
) -> None:
    make, finding = BINARY[kind]
    path = tmp_path / "data"
    make(path)
    path.write_bytes(packed(path.read_bytes()))
    with pytest.raises(BadText, match=rf"{re.escape(str(path))} ({finding})"):
        content(files(path))
    (tmp_path / "a.txt").write_text("text")
    found = files(tmp_path)
    assert found.left_out == [f"1 file that is not text below {tmp_path}"]
    assert content(found) == b"text"


def test_binary_data_on_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(b"ab\0"))))
    with pytest.raises(BadText, match="standard input is no text: byte 2 is NUL"):
        content(files("-"))


def test_text_with_a_nul_deep_inside_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * HEAD_BYTES + b"\0 more")
    assert content(files(path)) == content(files(tmp_path)) == path.read_bytes()


def test_a_damaged_file_in_a_folder_is_not_taken_for_something_else(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(TEXT)[:20])
    with pytest.raises(BadFile, match="cut off"):
        content(files(tmp_path))


def test_globs_give_files_sorted_and_count_folders(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.md"):
        (tmp_path / name).write_text(name[0])
    (tmp_path / "d.txt").mkdir()
    found = files(str(tmp_path / "*.txt"))
    assert content(found) == b"a|b"
    assert found.left_out == ["1 folder that matches the pattern"]
    assert content(files(str(tmp_path / "**"))) == b"a|b|c"
    (tmp_path / "[x].txt").write_text("bracket")
    assert content(files(str(tmp_path / "[x].txt"))) == b"bracket"


@pytest.mark.parametrize("name", ["no/such file", "x" * 5000, "nothing*.here", "nul\0"])
def test_a_string_that_names_no_file_is_refused(name: str) -> None:
    with pytest.raises(FileMissing, match=r"there is no file|matches no file"):
        find_source(name, "replace")


def test_paths_in_an_iterable_are_files_and_their_order_is_kept(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).write_text(name)
    assert content(files(iter([tmp_path / "b", tmp_path / "a"]))) == b"b|a"
    with pytest.raises(FileMissing):
        find_source([tmp_path / "b", tmp_path / "c"], "replace")


def test_standard_input_is_read_and_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(gzip.compress(TEXT)))))
    chunks = list(files("-").chunks())
    assert b"".join(chunk.data for chunk in chunks) == TEXT
    assert chunks[0].name == "standard input"
    assert not sys.stdin.buffer.closed


def test_strings_are_texts_and_line_feeds_in_them_end_none() -> None:
    found = find_source((text for text in ["a\nb", "c"]), "replace")
    assert isinstance(found, Texts)
    assert content(found) == b"a b\nc"


def test_texts_with_lone_surrogates_are_refused_where_asked() -> None:
    with pytest.raises(BadText, match=r"text 1 .*ud800"):
        content(find_source(["fine", "a\ud800"], "strict"))
    assert content(find_source(["a\ud800"], "replace")) == b"a\xed\xa0\x80"


@pytest.mark.parametrize("source", [["a", ["b"]], [["b"], "a"], [["a"], 5], ["a", 5], [Path(), "a"], b"bytes", 5, None])
def test_what_is_no_text_or_a_mixture_is_refused(source: object) -> None:
    def read() -> None:
        found = find_source(source, "replace")
        list(found if isinstance(found, TokenLists) else found.chunks())

    with pytest.raises(SettingsError, match=r"one kind only|give a path"):
        read()


def test_an_iterable_without_items_is_refused() -> None:
    with pytest.raises(EmptyCorpus):
        find_source([], "replace")


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("x")
    found = files(path)
    path.unlink()
    with pytest.raises(FileMissing, match=r"a\.txt"):
        content(found)
